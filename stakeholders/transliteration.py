"""Names across alphabets: Cyrillic (Russian, Kazakh, Kyrgyz, Tajik, Uzbek) and Latin, for searching and matching.

There is no one romanisation: Көркем is Korkem, Kórkem or Corkem, Қорғау is Qorghau, Qorğau or Korgau. ``latin`` writes
one of them; ``key`` goes on to drop what romanisations disagree on, so that all of them meet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_LETTERS: Final = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "ә": "a", "ғ": "gh", "қ": "q", "ң": "ng", "ө": "o", "ұ": "u", "ү": "u", "һ": "h", "і": "i",
    "ӣ": "i", "ӯ": "u", "ҳ": "h", "ҷ": "j", "ў": "o", "ї": "i", "є": "ye", "ґ": "g",
}  # fmt: skip

# Latin letters that lose nothing but a mark do not stand here.
_SPECIAL: Final = {
    "ı": "i",
    "ŋ": "ng",
    "ß": "ss",
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "đ": "d",
    "ł": "l",
    "ə": "a",
    "þ": "th",
}

_TABLE: Final = str.maketrans(
    {**_LETTERS, **{cyrillic.upper(): letters.capitalize() for cyrillic, letters in _LETTERS.items()}, **_SPECIAL}
)

# In this order: what romanisations write in several ways, and the one that is kept.
_VARIANTS: Final = tuple(
    (re.compile(pattern), kept)
    for pattern, kept in (
        (r"['’‘ʼʻ`´]", ""),
        (r"shch|sch|tsch", "sh"),
        (r"kh|gh|qh", lambda match: match[0][0].replace("q", "k")),
        (r"tch", "ch"),
        (r"c(?![h])|q|ck", "k"),
        (r"ks|x", "ks"),
        (r"ph", "f"),
        (r"w", "v"),
        # Korolyov is Королёв, which is mostly written Королев; Tokyo and Yong have no such letter.
        (r"(?:\b(?=yo(?![nu]))|(?<=[bdfjlmnprstvz])|(?<=[csz]h))yo", "e"),
        (r"dzh|dj|zh|j", "j"),
        (r"(?:iy|yi|yy|ii|y)\b", "i"),
        (r"[yi](?=[aeou])", "i"),
        (r"y", "i"),
        (r"(.)\1+", r"\1"),
    )
)


_BLOCK: Final = 65536


@lru_cache(maxsize=16384)
def latin(text: str) -> str:
    """A text in Latin letters without marks; letters of other scripts stay as they are.

    Examples
    --------
    >>> latin("Қазақтелеком"), latin("Министерство юстиции")
    ('Qazaqtelekom', 'Ministerstvo yustitsii')
    """
    return _latin(text)


@lru_cache(maxsize=16384)
def key(text: str) -> str:
    """What a text has in common with its other spellings: words of plain small letters and digits.

    Examples
    --------
    >>> key("Көркем Телеком") == key("Korkem Telecom") == key("Kórkem Telekom") == key("Corkem Telecom")
    True
    >>> key("Қорғау") == key("Qorghau") == key("Qorğau") == key("Korgau")
    True
    >>> key("Сергек") == key("Sergek")
    True
    >>> key("Королёв") == key("Королев") == key("Korolyov")
    True
    """
    words = re.sub(r"[^\w'’‘ʼʻ`´]+|_", " ", latin(_undotted(text)).casefold()).strip()
    for pattern, kept in _VARIANTS:
        words = pattern.sub(kept, words)
    return words


def keys(texts: Sequence[str]) -> list[str]:
    r"""The keys of many texts, sooner than one by one.

    Examples
    --------
    >>> keys(["Сергек", "", "two\nlines"])
    ['sergek', '', 'tvo lines']
    """
    found: list[str] = []
    for start in range(0, len(texts), _BLOCK):
        found += _keys([text.replace("\n", " ") for text in texts[start : start + _BLOCK]])
    return found


def _keys(texts: Sequence[str]) -> list[str]:
    """All are one text, a line each, since no rule reaches beyond the end of a line."""
    lines = re.sub(r"[^\w'’‘ʼʻ`´\n]+|_", " ", _latin(_undotted("\n".join(texts))).casefold()).strip(" ")
    for blank in (" \n", "\n "):
        while blank in lines:
            lines = lines.replace(blank, "\n")
    for pattern, kept in _VARIANTS[:-1]:
        lines = pattern.sub(kept, lines)
    for letter in {*lines} - {"\n"}:  # the last rule, which a pattern is slow to find
        while letter * 2 in lines:
            lines = lines.replace(letter * 2, letter)
    return lines.split("\n")


def _undotted(text: str) -> str:
    """A text with е for ё, as most of Russian is written."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text).replace("ё", "е").replace("Ё", "Е")


def _latin(text: str) -> str:
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text)
    plain = unicodedata.normalize("NFD", composed.translate(_TABLE))
    return "".join([letter for letter in plain if not unicodedata.combining(letter)])

"""What must not be said: the names of some entities in every form in which a text is likely to bear them.

An exact name is the least of it. A text has the name without its legal form or without what stands in brackets, in
another grammatical case, as an acronym, in another alphabet by its sound, in the address of an article or inside
another's id. Where in doubt more is taken out than would be needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import unquote

from graphs.map.hearing import Hearing, words

WITHHELD: Final = "(withheld)"

_SHORTEST: Final = 4  # letters that a name needs before it is looked for within words
_STEM: Final = 5  # letters from which a Cyrillic word is looked for without its ending
_FORMS: Final = (
    "LLP", "LLC", "Ltd.", "Ltd", "Limited", "Co.", "Inc.", "Inc", "Corp.", "JSC", "PJSC", "OJSC", "GmbH", "AG", "plc",
    "ТОО", "ООО", "АО", "ПАО", "ОАО", "ЗАО", "РГП", "ЖШС", "АҚ", "РМК", "ОсОО",
)  # fmt: skip
_CYRILLIC: Final = re.compile(r"[Ѐ-ӿ]")
_ENDING: Final = re.compile(r"(?:[ыиоаяуюе][йяеюхм]|[аеёиоуыэюяійь])$", re.IGNORECASE)
_BRACKETED: Final = re.compile(r"\s*\(([^()]*)\)")
_QUOTED: Final = re.compile(r"[«“\"]([^«»“”\"]+)[»”\"]")


@dataclass(frozen=True)
class Silence:
    """Names and ids that are taken out of texts.

    Attributes
    ----------
    names : tuple of str
        As they are spoken, in any language.
    ids : tuple of str
    plain : tuple of str
        Of these the ones that without their country are a common word, which tells nobody from others.

    Examples
    --------
    >>> silence = Silence(("Dahua Technology Co., Ltd.", "Министерство внутренних дел", "МВД"), ("cn-dahua",))
    >>> silence.of("Cameras of Dahua Technology for the МВД")
    'Cameras of (withheld) for the (withheld)'
    >>> silence.of("по сообщению Министерства внутренних дел")
    'по сообщению (withheld)'
    >>> silence.tells_id("cn-dahua-supplies-kz"), silence.tells_id("cn-dahuang")
    (True, False)
    """

    names: tuple[str, ...]
    ids: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()

    def of(self, text: str) -> str:
        """The text without the names.

        A name may be part of another's ("Ministry of Justice of …"), so nothing is put in its place that would say who.
        """
        return self._unheard(self._pattern.sub(WITHHELD, text)) if text and self.names else text

    def hears(self, text: str) -> bool:
        """Whether a name is found in a text by its sound alone.

        Examples
        --------
        >>> silence = Silence(("Huawei Technologies Co., Ltd.",))
        >>> silence.hears("Хуавэй технолоджис"), silence.hears("Huawei Technologies")
        (True, False)
        """
        spelt = self._pattern.sub(WITHHELD, text) if text and self.names else ""
        return self._unheard(spelt) != spelt

    def _unheard(self, text: str) -> str:
        """A text without what sounds like a name."""
        out, at = [], 0
        for start, end in self._hearing.places(text):
            out += [text[at:start], WITHHELD]
            at = end
        return "".join([*out, text[at:]])

    def tells_id(self, name: str) -> bool:
        """Whether an id has one of these ids, or one of these names as ids are written, as a part."""
        if self._parts is not None and self._parts.search(name.casefold()) is not None:
            return True
        return bool(self._hearing.places(" ".join(words(name))))

    def tells_address(self, url: str) -> bool:
        """Whether an address gives a name away."""
        plain = unquote(url)
        return self.of(plain) != plain or self.tells_id(slug(plain))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        spoken = {form for name in self.names for form in _forms(name)}
        patterns = [_as_pattern(form) for form in sorted(spoken, key=lambda text: (-len(text), text))]
        ids = [rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in self.ids]
        return re.compile("|".join([*ids, *patterns]) or r"(?!)", re.IGNORECASE)

    @cached_property
    def _hearing(self) -> Hearing:
        return Hearing(form for name in self.names for form in _forms(name))

    @cached_property
    def _parts(self) -> re.Pattern[str] | None:
        parts = {name.casefold() for name in self.ids}
        named = [name for name in self.ids if name not in self.plain]
        parts |= {rest for name in named if len(rest := without_country(name.casefold())) >= _SHORTEST}
        slugs = {slug(form) for name in self.names for form in _forms(name)}
        parts |= {text for text in slugs if len(text) >= _SHORTEST}
        if not parts:
            return None
        return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, sorted(parts)))})(?![a-z0-9])")


def _forms(name: str) -> Iterator[str]:
    """A name as it is, without brackets, out of them, out of its quotation marks, and without its legal form."""
    candidates = [name, _BRACKETED.sub("", name), *_QUOTED.findall(name)]
    candidates += [inside for inside in _BRACKETED.findall(name) if inside[:1].isupper()]
    for form in [*candidates]:
        candidates.append(_without_form(form))
    for form in (each.strip(" ,") for each in candidates):
        if len(form) >= _SHORTEST or (len(form) > 1 and form.isupper()):
            yield form


def _without_form(name: str) -> str:
    words = name.split()
    while words and words[-1].strip(",") in _FORMS:
        words.pop()
    while words and words[0] in _FORMS:
        words.pop(0)
    return " ".join(words).strip('«»“”" ,')


def _as_pattern(form: str) -> str:
    if len(form) < _SHORTEST:
        return rf"(?-i:\b{re.escape(form)}\b)"  # an acronym, which in small letters may be any word's beginning
    return r"\s+".join(_word(word) for word in form.split())


def _word(word: str) -> str:
    """A word, in Cyrillic letters with whatever ending a sentence gives it."""
    if len(word) < _STEM or not re.fullmatch(r"\w+", word) or not _CYRILLIC.match(word):
        return re.escape(word)
    stem = _ENDING.sub("", word)
    return rf"{re.escape(stem if len(stem) >= _SHORTEST else word)}\w{{0,5}}"


def slug(text: str) -> str:
    """A text as ids are written."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")


def without_country(name: str) -> str:
    """An id without the country that it begins with; nothing where it begins with none."""
    head, _, rest = name.partition("-")
    return rest if len(head) == 2 else ""


def spoken(cells: Iterable[str]) -> tuple[str, ...]:
    """Names that are worth looking for, without doubles."""
    return tuple(dict.fromkeys(text for text in (cell.strip() for cell in cells) if len(text) > 1))

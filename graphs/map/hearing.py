"""Names by their sound: «Хуавэй» is Huawei, whichever alphabet a text has it in and whatever ending it bears there.

There is no one way to write a name in another alphabet, so the words of a text are compared as a search compares them,
by what their spellings have in common (`stakeholders.transliteration`), and a slip or two apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Final, NamedTuple

from stakeholders.transliteration import key, latin

_WORD: Final = re.compile(r"[^\W_](?:['’ʼ`\u0300-\u036f\u00ad\u200b-\u200d\u2060]*[^\W_])*")
_CYRILLIC: Final = re.compile(r"[Ѐ-ӿ]")
_HEARD: Final = 4  # letters of a name that is listened for
_SLIPPING: Final = 5  # letters of a word that may bear a slip in another alphabet
_MISSPELT: Final = 7  # and in its own, in which names of living people are as near as that
_PER_SLIP: Final = 4  # letters for each slip
_CONSONANTS: Final = 4  # so many tell a name without its vowels
_ENDING: Final = 5  # letters that a case may add

# What alphabets disagree on beyond what a search leaves out: Хуавэй has kh, Huawei h; Селлебрайт has s, Cellebrite c.
_LOOSE: Final = ((re.compile(r"kh"), "h"), (re.compile(r"c(?=[eiy])"), "s"), (re.compile(r"(.)\1+"), r"\1"))
_HISSING: Final = re.compile(r"[sc]h|[jzsc]")


class _Said(NamedTuple):
    """A word: its spelling in small letters, its sounds, what is left of them without vowels, and its alphabet."""

    sounds: tuple[str, ...]
    bare: str
    cyrillic: bool


@lru_cache(maxsize=65536)
def _said(word: str) -> _Said:
    loose = latin(word.casefold())
    for pattern, kept in _LOOSE:
        loose = pattern.sub(kept, loose)
    sounds = tuple(dict.fromkeys(each.replace(" ", "") for each in (key(loose), key(word))))
    bare = re.sub(r"[aeiou]", "", _HISSING.sub("s", sounds[0])).replace("h", "k").replace("g", "k")
    return _Said(sounds, "".join(letter for letter, _ in groupby(bare)), _CYRILLIC.search(word) is not None)


def words(text: str) -> list[str]:
    """The words of a text.

    Examples
    --------
    >>> words("«Хуавэй технолоджи»: 5G/4G")
    ['Хуавэй', 'технолоджи', '5G', '4G']
    """
    return _WORD.findall(text)


class Hearing:
    """Finds names in texts by their sound.

    Parameters
    ----------
    names : iterable of str
        In as many languages as they are known in: of a name that is known in Cyrillic letters too, no likeness in these
        is taken for it.

    Examples
    --------
    >>> hearing = Hearing(["Huawei Technologies", "Huawei", "Sergek", "Сергек"])
    >>> text = "«Хуавэй» и ХуаВэем, but Сергей"
    >>> [text[start:end] for start, end in hearing.places(text)]
    ['Хуавэй', 'ХуаВэем']
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names: tuple[tuple[_Said, ...], ...] = tuple(self._telling(names))
        self.known: dict[str, list[tuple[_Said, ...]]] = {}

    @staticmethod
    def _telling(names: Iterable[str]) -> Iterator[tuple[_Said, ...]]:
        for name in dict.fromkeys(names):
            said = tuple(map(_said, words(name)))
            if said and len(re.sub(r"\W", "", name)) >= _HEARD and not all(word.sounds == ("",) for word in said):
                yield said
                if len(said) > 1:
                    yield (_said("".join(words(name))),)

    @cached_property
    def longest(self) -> int:
        """Of how many words a name is."""
        return max((len(name) for name in self.names), default=0) + 1

    @cached_property
    def _whole(self) -> frozenset[str]:
        """Names of one word."""
        return frozenset(sound for name in self.names if len(name) == 1 for sound in name[0].sounds)

    @cached_property
    def _spelt(self) -> dict[bool, list[str]]:
        """Words of the names, by whether they are in Cyrillic letters."""
        every = {word for name in self.names for word in name}
        return {cyrillic: [word.sounds[0] for word in every if word.cyrillic is cyrillic] for cyrillic in (True, False)}

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where in a text names stand, one after another."""
        found = list(_WORD.finditer(text))
        spans: list[tuple[int, int]] = []
        at = 0
        while at < len(found):
            rest = [each[0] for each in found[at : at + self.longest]]
            length = self._length(rest)
            if length:
                spans.append((found[at].start(), found[at + length - 1].end()))
            at += max(1, length)
        return spans

    def _length(self, rest: list[str]) -> int:
        """Of how many words at the beginning of some a name is; 0 if they begin with none."""
        first = rest[0]
        if first not in self.known:
            said = _said(first)
            self.known[first] = [name for name in self.names if self._sounds(said, name[0])]
        longest = 0
        for name in self.known[first]:
            if longest < len(name) <= len(rest) and all(
                self._sounds(_said(word), heard) for word, heard in zip(rest[1:], name[1:], strict=False)
            ):
                longest = len(name)
        if not longest and len(rest) > 1 and first[:1].isupper() and rest[1][:1].isupper():  # Hua Wei
            return 0 if self._whole.isdisjoint(_said(first + rest[1]).sounds) else 2
        return longest

    def _sounds(self, word: _Said, name: _Said) -> bool:
        if not {*word.sounds}.isdisjoint(name.sounds):
            return True
        if any(_ended(one, other) for one in word.sounds for other in name.sounds if word.cyrillic):
            return True
        one, other = word.sounds[0], name.sounds[0]
        if len(one) < _HEARD or len(other) < _SLIPPING:
            return False
        if word.cyrillic is name.cyrillic:
            mixed = one[0] == other[0] and sorted(one) == sorted(other)
            return mixed or (min(len(one), len(other)) >= _MISSPELT and _slips(one, other) <= 1)
        if any(_slips(other, known) <= 1 for known in self._spelt[word.cyrillic]):
            return False  # how it is written in this alphabet is known
        most = max(1, len(other) // _PER_SLIP)
        if one[0] == other[0] and (_slips(one, other) <= most or (word.cyrillic and _declined(one, other, most))):
            return True
        return len(name.bare) >= _CONSONANTS and (
            word.bare == name.bare or (word.cyrillic and word.bare.startswith(name.bare) and len(one) <= len(other) + 3)
        )


def _ended(word: str, name: str) -> bool:
    """Whether a word is a name with the ending of a grammatical case."""
    stem = name.rstrip("aeiou")
    stem = stem if len(stem) >= _HEARD else name
    return len(stem) >= _HEARD and word.startswith(stem) and len(word) - len(stem) <= _ENDING


def _declined(word: str, name: str, most: int) -> bool:
    """Whether a word is a name, some slips away, with the ending of a case; by its last letters it would be another."""
    stem = name.rstrip("aeiou")
    cut = word[: len(stem)]
    if len(stem) < _SLIPPING or len(word) - len(cut) > _ENDING:
        return False
    return cut[-1] == stem[-1] and _slips(cut, stem) <= most


def _slips(one: str, other: str) -> int:
    from rapidfuzz.distance import OSA

    return int(OSA.distance(one, other))

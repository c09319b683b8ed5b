"""What words of a question mention: entities and data categories by their names, and places where data is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from graphs.phrasebook import EMPTY, SAID, kinds_of
from stakeholders.countries import country_of
from stakeholders.dataset import Dataset, split
from stakeholders.transliteration import key

# What inflection adds: Kazakh plural, possessive and case; Russian case; English plural and possessive.
_ENDING = re.compile(
    r"(?:лар|лер|дар|дер|тар|тер)?(?:ы|і|сы|сі)?(?:н?[ыі]ң|[дт][ыі]ң|н?[аеқғгк]?[ае]|нда|нде|[дт][ае]н?|[ндт][ыі])?"
    r"|и?(?:ами|ями|ах|ях|ам|ям|ом|ем|ой|ей|й|я|ю|е|и)|ого|его|ому|ему|ыми|ими|ую|юю|ая|яя|ые|ие|ый|ое|ее|ых|их|ов|ев"
    r"|ым|им|[аыуоь]|'s|es|s|'"
)
_STEM = 3  # letters that an ending must leave

# Of several words that are nearly a name, so much of it must be said; words that say little are not counted.
_NEARLY: Final = 3 / 4
_OWN: Final = 2 / 3
_ROUNDING: Final = 1e-9
_LIGHT: Final = """
    department departments city town company co ltd limited technology technologies group joint stock jsc llp llc
    департамент города городской области қаласы қаласының облысы департаменті
"""
_SHORT: Final = 4  # letters of a place's name of which others are no form
_FORM: Final = 5  # letters that a case may add to a place's name, as -дағы does


class Meant(NamedTuple):
    """Names that words may mean, and how many words these have beside.

    ``whole`` says whether the words are all of the name, or so nearly that nothing else can be meant by them.
    """

    beside: int
    names: list[str]
    whole: bool

    @property
    def one(self) -> str | None:
        """What is meant, if it is one thing without doubt."""
        return self.names[0] if self.whole and len(self.names) == 1 else None


class Names:
    """Everything that a dataset's entities and categories go by, as sets of word stems."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.known: dict[frozenset[str], list[str]] = {}
        for code, words in SAID.items():
            if code in dataset.tree:
                self._add(code, words)
        for code, category in dataset.tree.categories.items():
            self._add(code, (code.replace("_", " "), category.name, *category.names.values()))
        entities = dataset.entities
        columns = [name for name in entities.header if name in ("id", "name") or name.startswith("name_")]
        for row, entity in enumerate(entities.column("id")):
            self._add(entity, [entities.column(name)[row] for name in columns])
            self._add(entity, split(entities.column("aliases")[row]))

    def _add(self, name: str, texts: Sequence[str]) -> None:
        # What stands in brackets explains a name, which is whole without it.
        for text in dict.fromkeys([*texts, *(re.sub(r"\s*\([^)]*\)", "", each) for each in texts)]):
            if (stems := stems_of(re.findall(r"[\w'-]+", text.casefold()))) and name not in self.known.get(stems, ()):
                self.known.setdefault(stems, []).append(name)

    def meant(self, words: Sequence[str], kind: str | None) -> Meant:
        """What words may mean: names of just these words, else those that have the fewest beside."""
        if len(words) == 1 and (words[0] in self.dataset.tree or words[0] in self.dataset.entities.index):
            return Meant(0, [words[0]] if self._fits(words[0], kind) else [], whole=True)
        asked = stems_of(words)
        if not asked:
            return Meant(0, [], whole=False)
        same = [name for name in self.known.get(asked, ()) if self._fits(name, kind)]
        if same:
            return Meant(0, [name for name in same if name in self.dataset.tree] or same, whole=True)
        own = any(not self.known.get(stems_of([word])) and not self.said(word) for word in words)
        larger = sorted(
            (len(stems - asked), name not in self.dataset.tree and not _nearly(asked, stems, own=own), name)
            for stems, names in self.known.items()
            if asked < stems
            for name in names
            if self._fits(name, kind)
        )
        beside = larger[0][0] if larger else 0
        found = [(name, far) for extra, far, name in larger if extra == beside]
        # One word that says nothing but a place, a country or a kind of body is the name of nobody.
        far = self.said(words[0]) if len(asked) == len(words) == 1 else all(far for _, far in found)
        return Meant(beside, list(dict.fromkeys(name for name, _ in found)), whole=not far)

    def said(self, word: str) -> bool:
        """Whether a word is known that is no name of its own: a kind of body, a country or a place."""
        return bool(kinds_of(word) is not None or country_of(word) or self.places.of(word))

    def known_as(self, word: str) -> str | None:
        """What a word alone stands for, as one may write it: a category's code, a test of a selector, or nothing."""
        found = self.meant([word], None)
        if found.names and not found.beside:
            return found.names[0]
        if country := country_of(word):
            return f"country={country}"
        if kinds := kinds_of(word):
            return " / ".join(f"kind={kind}" for kind in kinds)
        if cells := self.places.of(word):
            return f"location={cells[0]}"
        return found.one

    @cached_property
    def places(self) -> Places:
        """Where stores and systems are."""
        return Places(self.dataset)

    def _fits(self, name: str, kind: str | None) -> bool:
        return kind is None or (name not in self.dataset.tree and self.dataset.type_of(name) == kind)


def stems_of(words: Sequence[str]) -> frozenset[str]:
    """Words that say something, without their endings.

    Examples
    --------
    >>> sorted(stems_of(["who", "sees", "the", "archives"]))
    ['archiv']
    """
    return frozenset(stem_of(word) for word in words if word not in EMPTY and not word.isdigit())


@lru_cache(maxsize=16384)
def stem_of(word: str) -> str:
    """A word without its ending, in letters that all alphabets share.

    Examples
    --------
    >>> stem_of("отпечаткам") == stem_of("отпечатки")
    True
    >>> stem_of("деректерге") == stem_of("деректер")
    True
    """
    before, stem = "", word
    while stem != before:  # an ending may stand on another
        before = stem
        stem = before[: next((end for end in range(_STEM, len(before)) if _ENDING.fullmatch(before, end)), len(before))]
    return key(stem) or stem


def _nearly(asked: frozenset[str], stems: frozenset[str], *, own: bool) -> bool:
    """Whether words are nearly all of a name, less of it if one is its own; what is one word stands for the whole."""
    missing = stems - asked - _light()
    return len(asked) == 1 or len(missing) <= (1 - (_OWN if own else _NEARLY)) * len(stems) + _ROUNDING


@lru_cache(maxsize=1)
def _light() -> frozenset[str]:
    return stems_of(_LIGHT.split())


class Places:
    """Where a dataset's stores and systems are, by names as people write them."""

    def __init__(self, dataset: Dataset) -> None:
        cells = dict.fromkeys(part for cell in dataset.entities.codes("location")[1] for part in split(cell))
        self.cells = list(cells)
        pieces = (piece for cell in cells for piece in re.split(r"[,()]| and ", cell))
        named = (re.fullmatch(r"\s*([^\W\d_][\w-]+)(?: region| district| pilot)?\s*", piece) for piece in pieces)
        self.names = {match[1] for match in named if match and match[1][0].isupper() and not match[1].isupper()}

    def of(self, word: str) -> list[str]:
        """Cells of the column ``location`` that name the place which a word names, if one does.

        Examples
        --------
        >>> from stakeholders.tables import read
        >>> Places(read("central-asia")).of("Ташкенте")
        ['Tashkent']
        """
        folded = word.casefold().removesuffix("'s")
        spelt, exactly = key(folded), folded.isascii()
        away = {name: _away(spelt, key(name), exactly=exactly) for name in self.names}
        near = min((each for each in away.values() if each is not None), default=None)
        found = [name for name, each in away.items() if each == near is not None]
        if len(found) != 1:
            return []
        place = re.compile(rf"(?<!\w){re.escape(found[0])}(?![\w-])")
        return [cell for cell in self.cells if place.search(cell)]


def _away(spelt: str, name: str, *, exactly: bool) -> int | None:
    """How many letters a form is from a place's name; nothing where it is none of it. English has but one form."""
    if spelt == name:
        return 0
    shared = next((at for at, (one, other) in enumerate(zip(spelt, name, strict=False)) if one != other), len(name))
    if exactly or shared < max(_SHORT, len(name) - 1) or len(spelt) - shared > _FORM:
        return None
    return len(name) + len(spelt) - 2 * shared

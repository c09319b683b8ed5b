"""Searching: what in a dataset fits the words of a text, in any alphabet, spelling mistakes allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from stakeholders.columns import EncodedColumn
from stakeholders.countries import country_of
from stakeholders.dataset import split
from stakeholders.lookup import TELLING, naming, resemblance
from stakeholders.progress import Watch, unwatched
from stakeholders.transliteration import key, keys

if TYPE_CHECKING:
    import numpy as np

    from stakeholders.dataset import Dataset, Table

    Scores = np.ndarray[Any, np.dtype[np.float64]]
    Columns = np.ndarray[Any, np.dtype[np.int8]]

# A search, which nobody asked to guess, wants more resemblance than a suggestion.
_FOUND: Final = 80
_IN_ANY_ORDER: Final = 0.95  # what `resemblance` gives for words in another order
_ALIKE_FROM: Final = (
    0.66  # of two texts that resemble each other so much the shorter has so much of the longer's length
)
_A_WORD: Final = 75  # a text of which the search is but a word
_SHORT, _LONG = 4, 80  # a word of fewer letters, a text of more, is not searched for slips

# What is said in full of a body of a country may be called by its first letters; so many words tell something.
_FOR_INITIALS: Final = 3
_OF_COUNTRY: Final = 0.9  # what a body weighs that fits but for the country's name

# So many letters of a word searched for may bear one slip.
_PER_SLIP: Final = 4

_BLOCK: Final = 65536

# Tables that a search looks into, what a hit there weighs, what it looks at, and what an entry is called.
_SEARCHED: Final = (
    ("entities", 1.0, ("id", "name", "aliases", "note"), "name"),
    ("listings", 0.8, ("id", "list", "program", "claim"), "list"),
    ("sources", 0.7, ("id", "title", "publisher", "author"), "title"),
    ("relations", 0.6, ("id", "claim"), "claim"),
)


class Hit(NamedTuple):
    """Something that a search found: where it stands, its name, how well it fits (0 to 100), and in which column."""

    id: str
    table: str
    name: str
    score: float
    why: str


def find(dataset: Dataset, text: str, limit: int | None = 20) -> list[Hit]:
    """What fits a text, best first: entities, categories, listings, sources and relations.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> [hit.id for hit in find(read("cabar-2020"), "прокуратура", limit=1)]
    ['kz-gpo']
    """
    return found(dataset, text, limit)[0]


def found(dataset: Dataset, text: str, limit: int | None = 20, watch: Watch = unwatched) -> tuple[list[Hit], int]:
    """The best of what fits a text, and how many fit in all.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> hits, count = found(read("cabar-2020"), "прокуратура", limit=1)
    >>> len(hits), count > 1
    (1, True)
    """
    wanted, plain = key(text), " ".join(text.casefold().split())
    if not plain:
        return [], 0
    # Letters that all fall together, as those of "FCC", tell nothing from anything: as they are written they may.
    letters = plain if len(wanted) < min(TELLING, len(plain)) else ""
    hits = [] if letters else list(_categories(dataset, wanted))
    tables = []
    for name, weight, columns, called in _SEARCHED:
        table = dataset.tables.get(name)
        if table is not None and len(table):
            searched = _Searched(table, weight, columns, called, wanted, watch, letters)
            if name == "entities" and not letters:
                for country, others in _of_countries(text):
                    searched.admit(country, others, watch)
            tables.append(searched)
    total = len(hits) + sum(each.count for each in tables)
    for each in tables:
        hits += each.best(limit)
    return (sorted(hits, key=_order) if limit is None else nsmallest(limit, hits, key=_order)), total


def _order(hit: Hit) -> tuple[float, str, str]:
    return -hit.score, hit.id, hit.table


def _of_countries(text: str) -> Iterator[tuple[str, list[str]]]:
    """Countries that a text names, and what else it says: in full, and by first letters, as ministries go by them."""
    words = text.split()
    for country in dict.fromkeys(filter(None, map(country_of, map(str.casefold, words)))):
        others = [word for word in words if country_of(word.casefold()) != country]
        said = [" ".join(others)]
        if len(others) >= _FOR_INITIALS:
            said.append("".join(word[0] for word in others))
        if found := [each for each in map(key, said) if len(each) >= TELLING]:
            yield country, found


def _categories(dataset: Dataset, wanted: str) -> Iterator[Hit]:
    tree = dataset.tree
    for code, category in tree.categories.items():
        texts = (code, category.name, *category.names.values())
        score, place = max((round(_fit(wanted, key(each)), 1), -place) for place, each in enumerate(texts))
        if score:
            yield Hit(code, "categories", tree.name_of(code), score, "code" if texts[-place] == code else "name")


class _Searched:
    """One table: how well each of its rows fits, and in which of its columns."""

    def __init__(  # noqa: PLR0917  one entry of the list above
        self,
        table: Table,
        weight: float,
        columns: Sequence[str],
        called: str,
        wanted: str,
        watch: Watch,
        letters: str = "",
    ) -> None:
        import numpy as np

        self.table, self.called, self.weight, self.asked = table, called, weight, columns
        self.columns = [
            each for column in columns for each in (naming(table.header) if column == "name" else (column,))
            if each in table.columns
        ]  # fmt: skip
        self.scores: Scores = np.zeros(len(table))
        self.column: Columns = np.zeros(len(table), dtype=np.int8)
        for number, column in enumerate(self.columns):
            cells = table.columns[column]
            # Ids occur once each; of what occurs often each text is looked at once.
            values, codes = (cells, None) if not number and not isinstance(cells, EncodedColumn) else (
                (encoded := table.encoded(column)).values, encoded.codes)  # fmt: skip
            several = column == "aliases"
            fits = (_literal(letters, values, several=several) if letters else
                    _fits(wanted, values, f"searching {table.name}", watch, several=several))  # fmt: skip
            fits = np.array([round(fit * weight, 1) for fit in fits.tolist()]) if fits.any() else fits
            if codes is not None:
                fits = fits[codes]
            better = fits > self.scores
            self.scores[better], self.column[better] = fits[better], number

    def admit(self, country: str, wanted: Sequence[str], watch: Watch) -> None:
        """Let in what fits one of some searches among the entries of a country."""
        rows = [row for row, each in enumerate(self.table.column("country")) if each == country]
        if not rows:
            return
        of_country = self.table.select(rows)
        for each in wanted:
            found = _Searched(of_country, self.weight * _OF_COUNTRY, self.asked, self.called, each, watch)
            for place in found.scores.nonzero()[0].tolist():
                if found.scores[place] > self.scores[rows[place]]:
                    self.scores[rows[place]] = found.scores[place]
                    self.column[rows[place]] = found.column[place]

    @property
    def count(self) -> int:
        """How many entries fit."""
        import numpy as np

        rows = np.flatnonzero(self.scores)
        if len(self.table.index) == len(self.table):
            return len(rows)
        ids = self.table.columns[self.table.header[0]]
        return len({ids[row] for row in rows.tolist()})

    def best(self, limit: int | None) -> list[Hit]:
        """At least as many of the best as are asked for, each entry once."""
        import numpy as np

        rows = np.flatnonzero(self.scores)
        alone = len(self.table.index) == len(self.table)
        if limit is not None and alone and len(rows) > limit > 0:
            rows = rows[self.scores[rows] >= np.partition(self.scores[rows], -limit)[-limit]]
        ids, names = self.table.columns[self.table.header[0]], self.table.column(self.called)
        fit = zip((-self.scores[rows]).tolist(), map(ids.__getitem__, rows.tolist()), self.column[rows].tolist(),
                  rows.tolist(), strict=True)  # fmt: skip
        first = nsmallest(limit, fit) if limit is not None and alone else sorted(fit)
        hits: dict[str, Hit] = {}
        for score, entry, column, row in first:
            hits.setdefault(entry, Hit(entry, self.table.name, names[row], -score, self.columns[column]))
        return list(hits.values())


def _fits(wanted: str, texts: Sequence[str], step: str, watch: Watch, *, several: bool = False) -> Scores:
    """How well each of many texts answers to a search; of a cell of several the one that does best."""
    import numpy as np

    fits = np.zeros(len(texts))
    for start in range(0, len(texts), _BLOCK):
        watch(step, start, len(texts), "texts")
        cells = texts[start : start + _BLOCK]
        at = np.arange(len(cells))
        if several:
            parts = [split(cell) for cell in cells]
            at = np.repeat(at, [len(each) for each in parts])
            cells = [part for each in parts for part in each]
        spelt = keys(cells)
        for place in _plausible(wanted, spelt):
            row = start + int(at[place])
            fits[row] = max(fits[row], _fit(wanted, spelt[place]))
    return fits


def _literal(letters: str, cells: Sequence[str], *, several: bool = False) -> Scores:
    """Which texts are, or say as a word of their own, just the letters of a search."""
    import numpy as np

    word = re.compile(rf"(?<!\w){re.escape(letters)}(?!\w)")
    fits = np.zeros(len(cells))
    for place, cell in enumerate(cells):
        if letters in (folded := cell.casefold()) and word.search(folded):
            fits[place] = 100 if letters in (split(folded) if several else (folded,)) else _A_WORD
    return fits


def _plausible(wanted: str, texts: Sequence[str]) -> Iterator[int]:
    """Which of some keys may answer to a search at all: whatever else is said of the others, `_fit` gives 0."""
    asked = wanted.split()
    if len(wanted) < TELLING - 1:
        yield from (place for place, text in enumerate(texts) if text == wanted)
        return
    first, *others = sorted(asked, key=len, reverse=True)
    within = {place for place, text in enumerate(texts) if first in text and all(part in text for part in others)}
    yield from sorted(within)
    if len(wanted) < _SHORT:
        return
    slips = max(1, len(wanted) // _PER_SLIP)
    least, most = len(wanted) - slips, len(wanted) + slips
    shortest = min(least, len(wanted) * _ALIKE_FROM)
    short = [place for place, text in enumerate(texts) if shortest <= len(text) <= _LONG and place not in within]
    near = _near_words(wanted, {word for place in short for word in texts[place].split() if least <= len(word) <= most})
    alike = _alike(wanted, [texts[place] for place in short])
    for place, resembles in zip(short, alike, strict=True):
        if resembles or (near and not near.isdisjoint(texts[place].split())):
            yield place


def _near_words(wanted: str, words: set[str]) -> set[str]:
    """Words so few slips away that they are one that was meant."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    listed, most = list(words), max(1, len(wanted) // _PER_SLIP)
    if not listed:
        return set()
    away = process.cdist([wanted], listed, scorer=OSA.distance, score_cutoff=most)[0]
    return {listed[place] for place in (away <= most).nonzero()[0].tolist()}


def _alike(wanted: str, texts: Sequence[str]) -> list[bool]:
    """Which texts as a whole resemble one enough, give or take a rounding."""
    import numpy as np
    from rapidfuzz import fuzz, process

    shortest, longest = len(wanted) * _ALIKE_FROM, len(wanted) / _ALIKE_FROM
    fair = [place for place, text in enumerate(texts) if shortest <= len(text) <= longest]
    resembles = np.zeros(len(texts), dtype=bool)
    if fair:
        chosen = [texts[place] for place in fair]
        for scorer, least in ((fuzz.ratio, _FOUND), (fuzz.token_sort_ratio, _FOUND / _IN_ANY_ORDER)):
            resembles[fair] |= process.cdist([wanted], chosen, scorer=scorer, score_cutoff=least - 0.1)[0] > 0
    return resembles.tolist()


def _fit(wanted: str, text: str) -> float:
    """How well a text answers to a search, 0 to 100; both are keys."""
    if wanted == text:
        return 100
    if len(wanted) < TELLING - 1:
        return 0
    if text.startswith(wanted):
        return 90 + 5 * len(wanted) / len(text)
    words, asked = text.split(), wanted.split()
    if all(any(word.startswith(part) for word in words) for part in asked):
        # The more of the text was asked for, the better.
        return 75 + 15 * min(1.0, len(wanted) / len(text))
    if wanted in text:
        return 70
    if len(text) > _LONG or len(wanted) < _SHORT:
        return 0
    whole = resemblance(wanted, text)
    word = max((resemblance(wanted, word) for word in words if _a_slip_away(wanted, word)), default=0.0)
    return max((0.8 * whole if whole >= _FOUND else 0), (0.7 * word if word >= _FOUND else 0))


def _a_slip_away(one: str, other: str) -> bool:
    """Whether words differ by no more slips than their length allows."""
    from rapidfuzz.distance import OSA

    most = max(1, len(one) // _PER_SLIP)
    return abs(len(one) - len(other)) <= most and OSA.distance(one, other, score_cutoff=most) <= most

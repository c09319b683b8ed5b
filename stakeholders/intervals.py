"""When relations and listings hold, and since when their sources tell of them.

Days are ordinals of :mod:`stakeholders.dates`. A relation holds from its ``valid_from``; without one from the earliest
date of its sources (the day is then *assumed*), except that ``part_of`` and ``member_of`` state a structure, which is
*undated*; so is what has no dated source. An entity's own interval bounds its relations and listings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stakeholders.columns import looked_up
from stakeholders.dates import ALWAYS, FOREVER, first_day, last_day

if TYPE_CHECKING:
    from stakeholders.dataset import Dataset, Table

Days = np.ndarray[Any, np.dtype[np.int32]]

# What a start is worth; the greater the less is known. Their names are the keys of vocabulary.DATE_WORDS.
KNOWN, ASSUMED, UNDATED = 0, 1, 2
WORDS: Final = ("known", "assumed", "undated")

# These say how things are ordered, not that something happened.
STRUCTURAL: Final = ("part_of", "member_of")


@dataclass(frozen=True, eq=False)
class Intervals:
    """For each row of a table when it holds and what its sources date it to; arrays of one length.

    Attributes
    ----------
    start, end : int32 days
        First and last day, both inside; ``ALWAYS`` and ``FOREVER`` where open.
    word : uint8
        ``KNOWN``, ``ASSUMED`` or ``UNDATED``: where the row's own start comes from.
    known : int32 days
        Day from which its sources could tell; ``ALWAYS`` if one of them is undated.
    newest : int32 days
        Date of its newest source, ``ALWAYS`` if none is dated.
    since_code, newest_code : int32
        Places in ``texts`` of the date that set ``start``, and of the newest source's. As ``texts`` is sorted by day,
        the shorter (coarser) text first, the greatest code is the latest date. 0: no date.
    texts : list of str
        Dates as written in the data; the first is empty.
    """

    start: Days
    end: Days
    word: np.ndarray[Any, np.dtype[np.uint8]]
    known: Days
    newest: Days
    since_code: Days
    newest_code: Days
    texts: list[str] = field(repr=False)

    def since(self, row: int) -> str:
        """Start of a row as written in the data, empty if open."""
        return self.texts[int(self.since_code[row])]

    def newest_text(self, row: int) -> str:
        """Date of a row's newest source as written in the data, empty if none is dated."""
        return self.texts[int(self.newest_code[row])]

    def in_force(self, day: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which rows hold on a day."""
        return (self.start <= day) & (day <= self.end)


def relation_intervals(dataset: Dataset) -> Intervals:
    """Interval of every relation, with where it comes from; see the module for the rules."""
    relations = dataset.relations
    structural = _matching(relations, "predicate", STRUCTURAL)
    denial = _matching(relations, "status", ("denied",))
    return _intervals(dataset, relations, ("valid_from", "valid_until"), ("subject", "object"), structural & ~denial)


def listing_intervals(dataset: Dataset) -> Intervals:
    """Interval of every listing, by the same rules: without ``listed_from`` it starts with its earliest source."""
    listings = dataset.listings
    undated = np.zeros(len(listings), np.bool_)
    return _intervals(dataset, listings, ("listed_from", "listed_until"), ("entity", "authority"), undated)


def entity_intervals(dataset: Dataset) -> tuple[Days, Days]:
    """First and last day of every entity, both inside."""
    entities = dataset.entities
    return _each(entities, "valid_from", _first, np.int32), _each(entities, "valid_until", _last, np.int32)


def _intervals(
    dataset: Dataset,
    table: Table,
    bounds: tuple[str, str],
    ends: tuple[str, str],
    structural: np.ndarray[Any, np.dtype[np.bool_]],
) -> Intervals:
    dates = _Dates(dataset, table, bounds[0])
    own = _each(table, bounds[0], dates.code, np.int32)
    end = _each(table, bounds[1], _last, np.int32)
    earliest, newest, known = dates.of_sources(dataset, table)
    start_code = np.where(own > 0, own, np.where(structural | (dates.days[earliest] > end), 0, earliest))
    word = np.where(own > 0, KNOWN, np.where(start_code > 0, ASSUMED, UNDATED)).astype(np.uint8)
    start = dates.days[start_code]
    entity_start, entity_end = entity_intervals(dataset)
    bounded = (entity_start > ALWAYS).any() or (entity_end < FOREVER).any()
    born = np.zeros(len(table), np.int32)
    for column in ends if bounded else ():
        rows = dataset.entity_rows(table.name, column)
        # Of two ends that begin on one day the longer text counts, whichever stands first.
        born = np.maximum(born, np.append(_each(dataset.entities, "valid_from", dates.code, np.int32), 0)[rows])
        end = np.minimum(end, np.append(entity_end, FOREVER)[rows])
    later = dates.days[born] > start
    start_code = np.where(later, born, start_code)
    start = np.where(later, dates.days[born], start)
    return Intervals(
        start.astype(np.int32),
        end.astype(np.int32),
        word,
        known,
        dates.days[newest],
        start_code.astype(np.int32),
        newest,
        dates.texts,
    )


class _Dates:
    """Every date text that can set a start or date a source, in order of time, then of length."""

    def __init__(self, dataset: Dataset, table: Table, column: str) -> None:
        found = set(table.codes(column)[1]) | set(dataset.entities.codes("valid_from")[1])
        found |= set(dataset.sources.codes("date")[1])
        ordered = sorted((_first(text), len(text), text) for text in found if _first(text) > ALWAYS)
        self.texts = ["", *(text for _, _, text in ordered)]
        self.days = np.array([ALWAYS, *(day for day, _, _ in ordered)], np.int32)
        self._codes = {text: code for code, text in enumerate(self.texts)}

    def code(self, text: str) -> int:
        return self._codes.get(text, 0)

    def of_sources(self, dataset: Dataset, table: Table) -> tuple[Days, Days, Days]:
        """Codes of the earliest and the newest date of each row's sources, and the day from which the row is known."""
        cites = dataset.citations(table.name)
        # A source that is defined nowhere (-1) has no date, like the one appended.
        dates = np.append(_each(dataset.sources, "date", self.code, np.int32), 0)[cites.cited].astype(np.int32)
        newest = cites.greatest(dates, 0)
        undated = cites.least(dates, 0) == 0
        first = self.days[cites.least(np.where(dates > 0, dates, len(self.texts) - 1).astype(np.int32), 0)]
        # Of dates that start on one day the longer text is the more exact.
        on_first = (self.days[dates] == cites.spread(first)) & (dates > 0)
        earliest = cites.greatest(np.where(on_first, dates, 0).astype(np.int32), 0)
        known = np.where(undated, ALWAYS, first).astype(np.int32)
        return looked_up(earliest, cites.codes), looked_up(newest, cites.codes), looked_up(known, cites.codes)


def _each(table: Table, column: str, value: Callable[[str], int], dtype: type[np.int32]) -> Days:
    """A number for each cell of a column, computed once for each distinct cell."""
    codes, cells = table.codes(column)
    return looked_up(np.array([value(cell) for cell in cells], dtype), codes)


def _matching(table: Table, column: str, words: Sequence[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    codes, cells = table.codes(column)
    return looked_up(np.array([cell in words for cell in cells], np.bool_), codes)


def _first(text: str) -> int:
    try:
        return first_day(text) if text else ALWAYS
    except ValueError:
        return ALWAYS


def _last(text: str) -> int:
    try:
        return last_day(text) if text else FOREVER
    except ValueError:
        return FOREVER

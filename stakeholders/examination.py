"""Looking at a table by its distinct cells, so that millions of rows cost as little as their vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stakeholders.columns import ArrowColumn, EncodedColumn, looked_up
from stakeholders.dataset import Dataset, Table
from stakeholders.errors import Problem

if TYPE_CHECKING:
    Flags = np.ndarray[Any, np.dtype[np.bool_]]

# Problems of one column that differ in nothing but their line are listed up to here, then counted.
LISTED: Final = 100_000

# A column of more distinct texts is looked into only if asked for.
_MANY: Final = 200_000

# Up to so many combinations of cells are counted in an array, more are sorted.
_COUNTED: Final = 1 << 22

_PIECE: Final = 1 << 16


@dataclass(frozen=True)
class Examination:
    """A dataset under examination, rows whose cells may have shifted, and how closely large tables are looked at."""

    dataset: Dataset
    damaged: Mapping[str, Collection[int]]
    thorough: bool

    def has(self, table: str, column: str) -> bool:
        return table in self.dataset.tables and column in self.dataset.tables[table].columns

    def problems(
        self, table: Table, column: str, bad: Flags, say: Callable[[int], str], *, warning: bool = False
    ) -> Iterator[Problem]:
        """A problem for each row that is bad, in the words that ``say`` finds for it."""
        if damaged := self.damaged.get(table.name):
            bad = bad.copy()
            bad[list(damaged)] = False
        rows = np.flatnonzero(bad)
        for row in rows[:LISTED].tolist():
            yield Problem(table.file, table.lines[row], column, say(row), warning)
        if len(rows) > LISTED:
            message = f"{len(rows) - LISTED:,} more rows have problems of this kind"
            yield Problem(table.file, 0, column, message, warning)

    def by_cell(
        self, table: Table, column: str, check: Callable[[str], str], *, warning: bool = False
    ) -> Iterator[Problem]:
        """A problem for each row whose cell does not pass a check."""
        if _is_large(table, column):
            if self.thorough:
                yield from self._by_text(table, column, check, warning)
            return
        codes, distinct = table.codes(column)
        messages = {place: message for place, cell in enumerate(distinct) if (message := check(cell))}
        if messages:
            bad = np.zeros(len(distinct), np.bool_)
            bad[list(messages)] = True
            rows = looked_up(bad, codes)
            yield from self.problems(table, column, rows, lambda row: messages[int(codes[row])], warning=warning)

    def _by_text(self, table: Table, column: str, check: Callable[[str], str], warning: bool) -> Iterator[Problem]:
        """The same for a large column, a batch at a time."""
        found = 0
        for row, cell in enumerate(table.columns[column]):
            if message := check(cell):
                found += 1
                if found <= LISTED:
                    yield Problem(table.file, table.lines[row], column, message, warning)
        if found > LISTED:
            yield Problem(table.file, 0, column, f"{found - LISTED:,} more rows have problems of this kind", warning)

    def by_cells(
        self, table: Table, columns: tuple[str, str], place: str, check: Callable[[str, str], str]
    ) -> Iterator[Problem]:
        """A problem for each row whose cells in two columns do not go together, reported at one of them."""
        (one, cells_one), (other, cells_other) = (table.codes(column) for column in columns)
        rows = Combinations((one, len(cells_one)), (other, len(cells_other)))
        messages = {
            found: message
            for found in rows.occurring()
            if (message := check(cells_one[found[0]], cells_other[found[1]]))
        }
        if messages:
            bad = rows.having(messages)
            yield from self.problems(table, place, bad, lambda row: messages[int(one[row]), int(other[row])])


class Combinations:
    """Which codes stand together in the rows of several columns; no array of all rows is made to find out.

    Parameters
    ----------
    *columns : pair of array and int
        The codes of each row, and how many different ones there may be.

    Examples
    --------
    >>> rows = Combinations((np.array([1, 0, 1]), 2), (np.array([2, 2, 2]), 3))
    >>> rows.occurring(), rows.having([(1, 2)]).tolist()
    ([(0, 2), (1, 2)], [True, False, True])
    """

    def __init__(self, *columns: tuple[np.ndarray[Any, Any], int]) -> None:
        self._codes = [codes for codes, _ in columns]
        self._sizes = [max(size, 1) for _, size in columns]

    def occurring(self) -> list[tuple[int, ...]]:
        """The combinations that a row has, in order."""
        if (size := prod(self._sizes)) < _COUNTED:
            met = np.zeros(size, np.bool_)
            for keys in self._keys():
                met[keys] = True
            found = np.flatnonzero(met)
        else:
            found = np.unique(np.concatenate([np.unique(keys) for keys in self._keys()]))
        return [tuple(map(int, each)) for each in zip(*np.unravel_index(found, self._sizes), strict=True)]

    def having(self, wanted: Iterable[tuple[int, ...]]) -> Flags:
        """Which rows have one of some combinations."""
        places = np.array(list(wanted), np.int64).reshape(-1, len(self._sizes))
        keys = np.ravel_multi_index(tuple(places.T), self._sizes)
        return np.concatenate([np.isin(piece, keys) for piece in self._keys()])

    def _keys(self) -> Iterator[np.ndarray[Any, np.dtype[np.int64]]]:
        """Each row's combination as one number, so many rows at a time as a processor keeps at hand."""
        for start in range(0, max(len(self._codes[0]), 1), _PIECE):
            keys = self._codes[0][start : start + _PIECE].astype(np.int64)
            for codes, size in zip(self._codes[1:], self._sizes[1:], strict=True):
                keys *= size
                keys += codes[start : start + _PIECE]
            yield keys


def _is_large(table: Table, column: str) -> bool:
    """Whether a column holds so many distinct texts that they must not become Python objects."""
    found = table.columns[column]
    if isinstance(found, EncodedColumn):
        found = found.values
    return isinstance(found, ArrowColumn) and len(found) > _MANY

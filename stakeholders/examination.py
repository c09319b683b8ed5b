"""Looking at a table by its distinct cells, so that millions of rows cost as little as their vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stakeholders.columns import ArrowColumn, EncodedColumn
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
            yield from self.problems(table, column, bad[codes], lambda row: messages[int(codes[row])], warning=warning)

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
        joint = one.astype(np.int64) * len(cells_other) + other
        width = max(len(cells_other), 1)
        messages = {
            key: message
            for key in occurring(joint, len(cells_one) * width)
            if (message := check(cells_one[key // width], cells_other[key % width]))
        }
        if messages:
            bad = np.isin(joint, list(messages))
            yield from self.problems(table, place, bad, lambda row: messages[int(joint[row])])


def occurring(keys: np.ndarray[Any, np.dtype[np.int64]], size: int) -> list[int]:
    """The distinct keys, all below a size."""
    found = np.flatnonzero(np.bincount(keys, minlength=size)) if size < _COUNTED else np.unique(keys)
    return [int(key) for key in found]


def _is_large(table: Table, column: str) -> bool:
    """Whether a column holds so many distinct texts that they must not become Python objects."""
    found = table.columns[column]
    if isinstance(found, EncodedColumn):
        found = found.values
    return isinstance(found, ArrowColumn) and len(found) > _MANY

"""Which sources each row of a table cites, as numbers: once for each distinct ``sources`` cell."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from stakeholders.columns import ArrowColumn, arrow_numbers, numbers_of
from stakeholders.dataset import split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stakeholders.dataset import Dataset, Table

Numbers = np.ndarray[Any, np.dtype[np.int32]]


class Citations(NamedTuple):
    """What the distinct cells of a ``sources`` column cite.

    Attributes
    ----------
    codes : int32
        For each row of the table the place of its cell.
    first : int64
        For each cell where its citations start in ``cited``; one more entry than there are cells.
    cited : int32
        Rows of the ``sources`` table, -1 for what is defined nowhere.
    """

    codes: Numbers
    first: np.ndarray[Any, np.dtype[np.int64]]
    cited: Numbers

    def least(self, values: Numbers, default: int) -> Numbers:
        """The least of the values (one for each citation) of each cell, a default for cells that cite nothing."""
        return self._reduced(np.minimum, values, default)

    def greatest(self, values: Numbers, default: int) -> Numbers:
        """The greatest of the values (one for each citation) of each cell, a default for cells that cite nothing."""
        return self._reduced(np.maximum, values, default)

    def spread(self, values: Numbers) -> Numbers:
        """A value of each cell, repeated for each of its citations."""
        return np.repeat(values, np.diff(self.first))

    def _reduced(self, operation: np.ufunc, values: Numbers, default: int) -> Numbers:
        found = np.full(len(self.first) - 1, default, np.int32)
        filled = np.flatnonzero(np.diff(self.first))
        if len(filled):
            found[filled] = operation.reduceat(values, self.first[filled])
        return found


def citations(dataset: Dataset, table: Table) -> Citations:
    """What each row of a table cites.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> dataset = read("cabar-2020")
    >>> cites = citations(dataset, dataset.relations)
    >>> ids = dataset.sources.column("id")
    >>> [ids[row] for row in cites.cited[cites.first[0] : cites.first[1]]]
    ['cabar-2020', 'asianews-2019-12']
    """
    column = table.encoded("sources")
    cells = column.values
    if isinstance(cells, ArrowColumn) or isinstance(dataset.sources.column("id"), ArrowColumn):
        first, cited = _split_arrow(ArrowColumn.of(cells), dataset.sources)
    else:
        first, cited = _split(cells, dataset.sources)
    return Citations(column.codes, first, cited)


def _split(cells: Sequence[str], sources: Table) -> tuple[np.ndarray[Any, np.dtype[np.int64]], Numbers]:
    values = [split(cell) for cell in cells]
    first = np.zeros(len(values) + 1, np.int64)
    np.cumsum([len(each) for each in values], out=first[1:])
    index = sources.index if len(sources) else {}
    cited = [index.get(value, -1) for value in chain.from_iterable(values)]
    return first, np.array(cited, np.int32)


def _split_arrow(cells: ArrowColumn, sources: Table) -> tuple[np.ndarray[Any, np.dtype[np.int64]], Numbers]:
    """The same without a Python object for each citation."""
    import pyarrow.compute as pc

    parts = pc.split_pattern(cells.array, ";")
    owners = numbers_of(pc.list_parent_indices(parts))
    values = pc.utf8_trim_whitespace(pc.list_flatten(parts))
    full = np.flatnonzero(numbers_of(pc.binary_length(values)))
    counts = np.bincount(owners[full], minlength=len(cells))
    first = np.zeros(len(cells) + 1, np.int64)
    np.cumsum(counts, out=first[1:])
    return first, ArrowColumn(values.take(arrow_numbers(full))).places_in(ArrowColumn.of(sources.column("id")))

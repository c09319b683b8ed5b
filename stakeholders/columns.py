"""Columns of text that need no Python object for each cell, for tables of millions of rows.

A column is any sequence of text. A curated table's columns are plain tuples; a large one's are of these classes, which
keep each distinct text once, or all texts in one Arrow buffer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Codes = np.ndarray[Any, np.dtype[np.int32]]
    Kind = TypeVar("Kind", bound=np.generic)

_BATCH = 65536
_FEWER = 8


def numbers_of(array: pa.Array) -> np.ndarray[Any, Any]:
    """An Arrow array of numbers, without nulls, as one of numpy; pyarrow's own way loads pandas first."""
    import numpy as np

    kind = np.dtype(str(array.type))
    found: np.ndarray[Any, Any] = np.frombuffer(array.buffers()[1] or b"", kind)
    return found[array.offset : array.offset + len(array)]


def arrow_numbers(numbers: np.ndarray[Any, Any]) -> pa.Array:
    """The other way round, over the same memory."""
    import numpy as np
    import pyarrow as pa

    numbers = np.ascontiguousarray(numbers)
    return pa.Array.from_buffers(getattr(pa, numbers.dtype.name)(), len(numbers), [None, pa.py_buffer(numbers)])


def arrow_texts(texts: Sequence[str]) -> pa.Array:
    """Texts as an Arrow array.

    Examples
    --------
    >>> arrow_texts(["kz-mia", "", "я"]).to_pylist()
    ['kz-mia', '', 'я']
    """
    import numpy as np
    import pyarrow as pa

    pieces = [text.encode() for text in texts]
    ends = np.zeros(len(pieces) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, pieces), np.int64, len(pieces)), out=ends[1:])
    small = ends[-1] < 1 << 31
    offsets = pa.py_buffer(ends.astype(np.int32) if small else ends)
    kind = pa.string() if small else pa.large_string()
    return pa.Array.from_buffers(kind, len(pieces), [None, offsets, pa.py_buffer(b"".join(pieces))])


class ArrowColumn(Sequence[str]):
    """Text in an Arrow array without nulls; cells become Python text as they are asked for."""

    __slots__ = ("array",)

    def __init__(self, array: pa.Array) -> None:
        self.array = array

    @classmethod
    def of(cls, texts: Sequence[str]) -> ArrowColumn:
        """The same texts as an Arrow column."""
        if isinstance(texts, ArrowColumn):
            return texts
        return cls(arrow_texts(texts))

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        if isinstance(row, slice):
            return tuple(self.array[row].to_pylist())
        return str(self.array[row].as_py())

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self.array), _BATCH):
            yield from self.array.slice(start, _BATCH).to_pylist()

    def __reversed__(self) -> Iterator[str]:
        for start in range(len(self.array) - 1 - (len(self.array) - 1) % _BATCH, -1, -_BATCH):
            yield from reversed(self.array.slice(start, _BATCH).to_pylist())

    def all_distinct(self) -> bool:
        """Whether no text occurs twice."""
        import pyarrow.compute as pc

        size = len(self.array)
        # Ids mostly come sorted, which is quick to see.
        if size < 2 or pc.all(pc.less(self.array[: size - 1], self.array[1:])).as_py():
            return True
        return int(pc.count_distinct(self.array).as_py()) == size

    def places_in(self, other: ArrowColumn) -> Codes:
        """For each text its first place in another column, -1 where it is not there."""
        import numpy as np

        if self.array is other.array or self.array.equals(other.array):
            return np.arange(len(self.array), dtype=np.int32)
        if len(self) * _FEWER > len(other):
            return _places(self.array, other.array)
        # A table of the few finds the many sooner than one of the many would be made.
        first = np.full(len(self) + 1, -1, np.int32)
        met = _places(other.array, self.array)
        rows = np.flatnonzero(met >= 0)[::-1]
        first[met[rows]] = rows
        return first[_places(self.array, self.array)]

    def take(self, rows: Any) -> ArrowColumn:
        """Column of some rows, in the order given."""
        return ArrowColumn(self.array.take(arrow_numbers(rows)))

    def encoded(self) -> EncodedColumn:
        """The same column with each distinct cell kept once, in order of appearance."""
        import numpy as np

        encoded = self.array.dictionary_encode()
        return EncodedColumn(numbers_of(encoded.indices).astype(np.int32, copy=False), ArrowColumn(encoded.dictionary))


class EncodedColumn(Sequence[str]):
    """A column as places (``codes``) in a list of distinct cells (``values``).

    Examples
    --------
    >>> import numpy as np
    >>> list(EncodedColumn(np.array([1, 0, 1], np.int32), ["feeds", "holds"]))
    ['holds', 'feeds', 'holds']
    """

    __slots__ = ("codes", "values")

    def __init__(self, codes: Codes, values: Sequence[str]) -> None:
        self.codes = codes
        self.values = values

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        if isinstance(row, slice):
            values = self.values
            return tuple(values[code] for code in self.codes[row].tolist())
        return self.values[int(self.codes[row])]

    def __iter__(self) -> Iterator[str]:
        values = list(self.values)
        for start in range(0, len(self.codes), _BATCH):
            yield from (values[code] for code in self.codes[start : start + _BATCH].tolist())

    def take(self, rows: Any) -> EncodedColumn:
        """Column of some rows, in the order given, over the same distinct cells."""
        return EncodedColumn(self.codes[rows], self.values)

    def tight(self) -> EncodedColumn:
        """The column over those distinct cells alone that a row has.

        Examples
        --------
        >>> import numpy as np
        >>> EncodedColumn(np.array([1, 1], np.int32), ["feeds", "holds"]).tight().values
        ['holds']
        """
        import numpy as np

        had = np.zeros(len(self.values), np.bool_)
        for start in range(0, len(self.codes), _BATCH):
            had[self.codes[start : start + _BATCH]] = True
            if had.all():  # mostly seen in the first rows
                return self
        if had.all():
            return self
        places = np.cumsum(had, dtype=self.codes.dtype) - 1
        return EncodedColumn(
            looked_up(places, self.codes), [self.values[place] for place in np.flatnonzero(had).tolist()]
        )


def taken(column: Sequence[str], rows: Any) -> Sequence[str]:
    """Cells of some rows of any column, in the order given.

    Examples
    --------
    >>> taken(["a", "b", "c"], [2, 0])
    ('c', 'a')
    """
    if isinstance(column, ArrowColumn | EncodedColumn):
        import numpy as np

        return column.take(np.asarray(rows, np.int64))
    return tuple([column[row] for row in rows])


def _places(texts: pa.Array, among: pa.Array) -> Codes:
    """For each text its first place among others, -1 where it is not there."""
    import numpy as np
    import pyarrow.compute as pc

    found = pc.index_in(texts, value_set=among.cast(texts.type))
    places = numbers_of(found)
    if not found.null_count:
        return places
    return np.where(numbers_of(found.is_valid().cast("uint8")) != 0, places, np.int32(-1))


def looked_up(values: np.ndarray[Any, np.dtype[Kind]], places: Codes) -> np.ndarray[Any, np.dtype[Kind]]:
    """Values at places, -1 for the last of them; in pieces, as numpy first makes 64-bit numbers of all places.

    Examples
    --------
    >>> import numpy as np
    >>> looked_up(np.array([7, 8, 9]), np.array([1, -1], np.int32)).tolist()
    [8, 9]
    """
    import numpy as np

    found = np.empty(len(places), values.dtype)
    for start in range(0, len(places), _BATCH):
        # What is out of bounds would raise in another mode, which takes a copy to be sure.
        np.take(values, places[start : start + _BATCH], out=found[start : start + _BATCH], mode="wrap")
    return found


def joined(one: Sequence[str], other: Sequence[str]) -> ArrowColumn | EncodedColumn:
    """A column with another one below it.

    Examples
    --------
    >>> list(joined(["feeds", "holds"], ["holds", "owns"]))
    ['feeds', 'holds', 'holds', 'owns']
    """
    import numpy as np
    import pyarrow as pa

    if isinstance(one, ArrowColumn) and isinstance(other, ArrowColumn):
        arrays = (one.array, other.array)
        wide = sum(array.nbytes for array in arrays) > 2**31 - 2 or len({array.type for array in arrays}) > 1
        return ArrowColumn(pa.concat_arrays([array.cast(pa.large_string()) if wide else array for array in arrays]))
    above, below = encoded(one), encoded(other)
    values = ArrowColumn.of(above.values)
    places = ArrowColumn.of(below.values).places_in(values).copy()
    new = np.flatnonzero(places < 0)
    places[new] = len(values) + np.arange(len(new))
    more = ArrowColumn.of(below.values).take(new).array.cast(values.array.type)
    both = ArrowColumn(pa.concat_arrays([values.array, more]))
    return EncodedColumn(np.concatenate([above.codes, places[below.codes]]), both)


def encoded(column: Sequence[str]) -> EncodedColumn:
    """A column as places in a list of distinct cells.

    Every cell of the list occurs in the column unless the column was cut from a longer one.

    Examples
    --------
    >>> column = encoded(("feeds", "holds", "feeds"))
    >>> column.codes.tolist(), column.values
    ([0, 1, 0], ['feeds', 'holds'])
    """
    import numpy as np

    if isinstance(column, EncodedColumn):
        return column
    if isinstance(column, ArrowColumn):
        return column.encoded()
    places: dict[str, int] = {}
    codes = np.fromiter((places.setdefault(cell, len(places)) for cell in column), np.int32, len(column))
    return EncodedColumn(codes, list(places))

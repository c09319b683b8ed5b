"""Tables as Parquet files, through pyarrow (the optional extra ``accessmap[parquet]``).

Columns of few distinct texts come as codes into those texts, the others as Arrow text, so that a table of ten million
rows is read in seconds and holds no Python object for each row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stakeholders.columns import ArrowColumn, EncodedColumn, arrow_numbers, arrow_texts, numbers_of
from stakeholders.dataset import PARQUET, Table
from stakeholders.errors import AccessMapError, Problem

if TYPE_CHECKING:
    import pyarrow as pa

# Columns of few distinct texts whatever the size of the table: read as codes even if another program wrote the file.
# Our own files say themselves which columns are encoded.
FEW: Final = (
    "type", "kind", "country", "collective", "categories", "predicate", "mode", "status", "valid_from", "valid_until",
    "percent", "legal_basis", "authority", "list", "program", "listed_from", "listed_until", "effect", "publisher",
    "date", "language", "seen", "broader", "special", "unit", "year",
)  # fmt: skip

# One dictionary for a whole column keeps reading to one copy of it.
_DICTIONARY_BYTES: Final = 1 << 30
_ROW_GROUP: Final = 1 << 24

_BATCH: Final = 1 << 20


def read_table(name: str, path: Path) -> tuple[Table | None, list[Problem]]:
    """Table of a Parquet file, or what keeps it from being one."""
    arrow = pyarrow()
    path = path.absolute()  # pyarrow takes a:b/c for an address

    try:
        schema = arrow.parquet.read_schema(path)
        encoded = [column for column in schema.names if column in FEW]
        # Its read_table does the same, but loads pandas first.
        with arrow.parquet.ParquetFile(path, read_dictionary=encoded) as file:
            read = file.read()
    except arrow.ArrowInvalid as error:
        return None, [Problem(path.name, 0, "", f"is no Parquet file: {str(error).split('.', 1)[0]}")]
    columns: dict[str, Any] = {}
    problems = []
    for column in read.column_names:
        if column in columns:
            problems.append(Problem(path.name, 0, column, "is the name of two columns"))
            continue
        try:
            columns[column] = column_of(read.column(column))
        except (arrow.ArrowInvalid, arrow.ArrowNotImplementedError):
            kind = read.schema.field(column).type
            problems.append(Problem(path.name, 0, column, f"holds {kind}, which is no text"))
            columns[column] = EncodedColumn(_zeros(len(read)), [""])
    return Table(name, tuple(columns), columns, range(1, len(read) + 1), style=PARQUET), problems


def write_table(table: Table, path: Path) -> None:
    """A table as a Parquet file that ``read_table`` reads back the same."""
    whole = filled({column: _arrow(table.columns[column]) for column in table.header})
    with writer(path, whole.schema) as file:
        file.write_table(whole, row_group_size=_ROW_GROUP)


def filled(columns: Mapping[str, pa.Array]) -> pa.Table:
    """Columns as a table which says that nothing in it is null, so that who reads it need not look."""
    arrow = pyarrow()
    fields = [arrow.field(name, column.type, nullable=False) for name, column in columns.items()]
    return arrow.Table.from_arrays(list(columns.values()), schema=arrow.schema(fields))


def writer(path: Path, schema: pa.Schema) -> Any:
    """A writer of tables that ``read_table`` reads soonest: columns of codes with one dictionary in each row group."""
    arrow = pyarrow()
    return arrow.parquet.ParquetWriter(
        path,
        schema,
        compression="zstd",
        use_dictionary=[field.name for field in schema if arrow.types.is_dictionary(field.type)],
        dictionary_pagesize_limit=_DICTIONARY_BYTES,
        write_statistics=False,
    )


def digest_parts(table: Table) -> Iterator[bytes]:
    """Bytes that tell a table's content: its header, then each column's texts, or distinct texts and codes."""
    yield "\0".join(table.header).encode()
    for name in table.header:
        column = table.columns[name]
        if isinstance(column, EncodedColumn):
            yield column.codes.tobytes()
            column = column.values
        yield from _texts(column)


def _texts(column: Sequence[str]) -> Iterator[bytes]:
    """All texts of a column, a batch at a time."""
    if not isinstance(column, ArrowColumn):
        yield "\0".join(column).encode()
        return
    import pyarrow as pa
    import pyarrow.compute as pc

    for start in range(0, len(column), _BATCH):
        texts = column.array.slice(start, _BATCH)
        lists = pa.LargeListArray if pa.types.is_large_string(texts.type) else pa.ListArray
        joined = pc.binary_join(lists.from_arrays([0, len(texts)], texts), "\0")
        yield joined[0].as_py().encode()


def pyarrow() -> Any:
    """The package of that name, with its ``parquet``, or a word on how to get it."""
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError:
        raise AccessMapError(
            "Parquet tables need pyarrow. Install the extra: pip install 'accessmap[parquet]', or use CSV tables."
        ) from None
    return pa


def column_of(chunked: pa.ChunkedArray) -> ArrowColumn | EncodedColumn:
    """A column read by pyarrow as one of ours; what is null is an empty cell."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(chunked.type):
        text = pa.types.is_string(chunked.type.value_type) or pa.types.is_large_string(chunked.type.value_type)
        met = sum(len(chunk.dictionary) for chunk in chunked.chunks)
        # Codes for what is met once or twice take more than they save.
        if not text or (met > _BATCH and met * 2 > len(chunked) and not _shared(chunked.chunks)):
            chunked = chunked.cast(chunked.type.value_type)
        else:
            values, indices = _dictionary(chunked)
            if indices.null_count:  # an empty cell, however it is written
                values = pa.concat_arrays([values, arrow_texts([""]).cast(values.type)])
                indices = indices.fill_null(len(values) - 1)
            return EncodedColumn(numbers_of(indices).astype(np.int32, copy=False), ArrowColumn(values))
    array = _one(chunked)
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        array = pc.cast(array, pa.string())
    return ArrowColumn(array.fill_null("") if array.null_count else array)


def _dictionary(chunked: pa.ChunkedArray) -> tuple[Any, Any]:
    """Distinct texts of an encoded column, and each row's place in them."""
    import pyarrow as pa

    chunks = chunked.chunks
    if not chunks:
        return pa.nulls(0, pa.string()), pa.nulls(0, pa.int32())
    # One writer's chunks share one dictionary, that may have grown; to unify copies of a long one would take minutes.
    values = chunks[-1].dictionary
    if not _shared(chunks):
        if sum(len(chunk.dictionary) for chunk in chunks) < _BATCH:
            array = _one(chunked.unify_dictionaries())
            return array.dictionary, array.indices
        array = _one(chunked.cast(chunked.type.value_type)).dictionary_encode()
        return array.dictionary, array.indices
    return values, _one(pa.chunked_array([chunk.indices for chunk in chunks]))


def _shared(chunks: Any) -> bool:
    """Whether chunks have one dictionary, that grew."""
    values = chunks[-1].dictionary
    place = _place(values)
    return all(
        _place(chunk.dictionary) == place or chunk.dictionary.equals(values[: len(chunk.dictionary)])
        for chunk in chunks[:-1]
    )


def _place(texts: Any) -> tuple[int, ...]:
    """Where in memory an array's texts lie: at one place there is one text."""
    return (texts.offset, *(buffer.address if buffer else 0 for buffer in texts.buffers()))


def _one(chunked: pa.ChunkedArray) -> Any:
    """The chunks as one array."""
    import pyarrow as pa

    if chunked.num_chunks == 1:
        return chunked.chunk(0)
    # More than 2 GiB of text do not fit the offsets of plain strings.
    if pa.types.is_string(chunked.type) and chunked.nbytes > 2**31 - 2:
        chunked = chunked.cast(pa.large_string())
    return chunked.combine_chunks()


def _arrow(column: Any) -> Any:
    import pyarrow as pa

    if isinstance(column, ArrowColumn):
        return column.array
    if isinstance(column, EncodedColumn):
        values = column.values
        texts = values.array if isinstance(values, ArrowColumn) else arrow_texts(values)
        return pa.DictionaryArray.from_arrays(arrow_numbers(column.codes), texts)
    return arrow_texts(column)


def _zeros(length: int) -> Any:
    import numpy as np

    return np.zeros(length, np.int32)

"""Tables as Parquet files, through pyarrow (the optional extra ``accessmap[parquet]``).

Columns of few distinct texts come as codes into those texts, the others as Arrow text, so that a table of ten million
rows is read in seconds and holds no Python object for each row.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stakeholders.columns import ArrowColumn, EncodedColumn, arrow_numbers, arrow_texts, numbers_of
from stakeholders.dataset import PARQUET, Table
from stakeholders.errors import AccessMapError, Problem
from stakeholders.values import texts_of

if TYPE_CHECKING:
    import pyarrow as pa

    from stakeholders.columns import Codes

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
_MARK: Final = b"PAR1"  # at both ends of a file


def read_table(name: str, path: Path) -> tuple[Table | None, list[Problem]]:
    """Table of a Parquet file, or what keeps it from being one."""
    arrow = pyarrow()
    path = path.absolute()  # pyarrow takes a:b/c for an address
    if path.is_dir():
        return None, [Problem(path.name, 0, "", "is a folder; a table is one file")]
    try:
        schema = arrow.parquet.read_schema(path)
        encoded = [field.name for field in schema if field.name in FEW and not arrow.types.is_nested(field.type)]
        # Its read_table does the same, but loads pandas first.
        with arrow.parquet.ParquetFile(path, read_dictionary=encoded, page_checksum_verification=True) as file:
            read = file.read()
    except arrow.ArrowInvalid as error:
        return None, [Problem(path.name, 0, "", _no_parquet(path, error))]
    except OSError as error:
        if error.errno:
            raise
        return None, [Problem(path.name, 0, "", f"is damaged: {_first_line(error)}; copy it, or make it, again")]
    columns: dict[str, Any] = {}
    problems = [] if read.num_columns else [Problem(path.name, 0, "", "has no column")]
    for number, column in enumerate(read.column_names):
        if not column.strip():
            problems.append(Problem(path.name, 0, "", f"column {number + 1} has no name"))
        elif column in columns:
            problems.append(Problem(path.name, 0, column, "is the name of two columns"))
        else:
            columns[column], fault = _column(path.name, column, read.column(number))
            problems += fault
    return Table(name, tuple(columns), columns, range(1, len(read) + 1), style=PARQUET), problems


def _no_parquet(path: Path, error: Exception) -> str:
    """Why a file is none, in words of what may have happened to it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(len(_MARK))
        file.seek(-min(size, len(_MARK)), os.SEEK_END)
        end = file.read()
    if not size:
        return "is no Parquet file: it is empty"
    if start == _MARK and (end != _MARK or size <= 2 * len(_MARK)):
        return "is no Parquet file: it is cut short; copy it, or make it, again"
    return f"is no Parquet file: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].split(". ", 1)[0].rstrip(".: ")


def _column(file: str, name: str, chunked: pa.ChunkedArray) -> tuple[ArrowColumn | EncodedColumn, list[Problem]]:
    """A column as one of ours, or an empty one and why it cannot be read."""
    import numpy as np
    import pyarrow as pa

    problem = Problem(file, 0, name, f"holds {chunked.type}, which is no text")
    try:
        column = column_of(chunked, name)
        values = ArrowColumn.of(column.values if isinstance(column, EncodedColumn) else column)
        values.array.validate(full=True)  # pyarrow reads any bytes as text
        if not isinstance(column, EncodedColumn) or _inside(column.codes, len(values)):
            return column, []
        problem = Problem(file, 0, name, "is damaged: a row has what its dictionary lacks")
    except pa.ArrowNotImplementedError:
        pass
    except pa.ArrowInvalid:
        found = _first_no_text(chunked)
        if found is not None:
            problem = Problem(file, found[0] + 1, name, f"is not UTF-8 (byte {found[1]:#04x})")
    return EncodedColumn(np.zeros(len(chunked), np.int32), ArrowColumn(pa.array([""]))), [problem]


def _inside(codes: Codes, size: int) -> bool:
    """Whether all codes are those of some of so many texts."""
    import numpy as np

    return not len(codes) or int(codes.view(np.uint32).max()) < size


def _first_no_text(chunked: pa.ChunkedArray) -> tuple[int, int] | None:
    """The first row whose bytes are no UTF-8, and the byte; none if it is something else that is wrong."""
    import pyarrow as pa

    row = 0
    for chunk in chunked.chunks:
        try:
            plain = chunk.cast(chunk.type.value_type) if pa.types.is_dictionary(chunk.type) else chunk
            cells = plain.cast(pa.large_binary())
        except pa.ArrowException:
            return None
        for start in range(0, len(cells), _BATCH):
            for cell in cells[start : start + _BATCH].to_pylist():
                try:
                    (cell or b"").decode()
                except UnicodeDecodeError as error:
                    return row, error.object[error.start]
                row += 1
    return None


def write_table(table: Table, path: Path) -> None:
    """A table as a Parquet file that ``read_table`` reads back the same."""
    pyarrow()
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
        write_page_checksum=True,
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
        joined = pc.binary_join(lists.from_arrays([0, len(texts)], texts), pa.scalar("\0", texts.type))
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


def column_of(chunked: pa.ChunkedArray, name: str = "") -> ArrowColumn | EncodedColumn:
    """A column read by pyarrow as one of ours; what is null is an empty cell."""
    import numpy as np
    import pyarrow as pa

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
    if not (pa.types.is_string(chunked.type) or pa.types.is_large_string(chunked.type)):
        chunked = pa.chunked_array([texts_of(name, chunk) for chunk in chunked.chunks], pa.string())
    array = _one(chunked)
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

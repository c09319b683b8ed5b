"""Datasets from CSV to Parquet and back, files of any size in bounded memory, and nothing half-written.

The new folder is made beside its place under a name that starts with a dot, and gets its own name when it is complete.
What a killed process left behind is cleared away by the next one that writes to the same place.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stakeholders.addresses import is_address, require_folder
from stakeholders.dataset import PARQUET, Dataset, Table
from stakeholders.decoding import LARGE, parse
from stakeholders.errors import AccessMapError, InvalidDataset, UnknownTerm
from stakeholders.files import clear_parts, part_of, reason, settle
from stakeholders.memory import require, size
from stakeholders.progress import Watch, unwatched
from stakeholders.schema import FILES, TABLES, file_name
from stakeholders.tables import bundled, read, read_files, write
from stakeholders.writing import finish

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS: Final = ("parquet", "csv")

# Text that is gathered before a piece is written, and distinct texts of a column that are kept to tell them by number.
_PIECE: Final = 1 << 28
_DISTINCT: Final = 1 << 21

# What a row takes in memory, to a byte of CSV, when Python's own csv module has to read it.
_FACTOR: Final = 10

# What pieces take in memory at most, and to a byte of small tables.
_NEEDED: Final = 1 << 30
_STREAMED: Final = 4


def convert(
    source: str | Path,
    target: str | Path,
    *,
    format: str = "parquet",  # noqa: A002  its name
    watch: Watch = unwatched,
) -> list[Path]:
    """A dataset in another format, in a folder of its own.

    Parameters
    ----------
    source : str or Path
        A folder, the name of a bundled dataset, or the address of a database.
    target : str or Path
        The folder to make; it may be there if it is empty.
    format : {'parquet', 'csv'}
        Of the tables. Its rules, policies, regimes, matches and description are taken along; what else lies in the
        folder is not.
    watch : Watch
        Told how far it is.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InvalidDataset
        If something is wrong with the source. Of CSV tables too large to be read at once only the form is checked:
        whether each row has its cells; the rules are checked when the new folder is read.
    AccessMapError
        If the target is taken, or cannot be written to.

    Notes
    -----
    Large CSV tables become Parquet a piece at a time, in about 1 GB of memory whatever their size; with less that is
    free it is refused. Tables that become CSV are read whole, and written some rows at a time.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(path.name for path in convert("cabar-2020", f"{folder}/new"))[:2]
    ['categories.parquet', 'datapackage.json']
    """
    if format not in FORMATS:
        raise UnknownTerm("format of tables", format, FORMATS)
    require_folder(target)
    place = Path(target).expanduser().resolve()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise AccessMapError(f"{str(target)!r} is there already; name a new folder.")
    large = _large(source) if format == "parquet" else {}
    if large:
        total = sum(path.stat().st_size for path in large.values())
        require(
            min(_NEEDED, total * _STREAMED),
            f"Converting {size(total)} of tables",
            "What helps: close other programs, or use a larger machine.",
        )
    names: list[str] = []
    with _made_whole(place) as part:
        write(_rest(Path(source).expanduser(), large) if large else read(source), part, format=format)
        for table, path in large.items():
            _stream(path, part / f"{table}.parquet", watch)
        names += sorted(path.name for path in part.iterdir())
    return [place / name for name in names]


def _large(source: str | Path) -> dict[str, Path]:
    """The CSV tables of a folder that are read piece by piece."""
    folder = Path(source).expanduser()
    if source in bundled() or is_address(source) or not folder.is_dir():
        return {}
    finish(folder)
    if any((folder / f"{table}.parquet").exists() for table in TABLES):
        return {}
    paths = {table: folder / file_name(table) for table in TABLES}
    return {table: path for table, path in paths.items() if path.is_file() and path.stat().st_size > LARGE}


def _rest(folder: Path, large: Mapping[str, Path]) -> Dataset:
    """A folder's dataset with its large tables emptied."""
    known = {*map(file_name, TABLES), *FILES}
    files = {}
    for path in folder.iterdir():
        if path.name in known and path.is_file():
            with path.open("rb") as file:
                files[path.name] = file.readline() if path in large.values() else file.read()
    return read_files(folder.resolve().name, files, folder, check=False)


@contextmanager
def _made_whole(place: Path) -> Iterator[Path]:
    """A folder to write to that gets its name when all is done, or is gone."""
    part = part_of(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        clear_parts(place)
        part.mkdir()
        yield part
        for path in (*part.iterdir(), part):
            settle(path)
        part.rename(place)
        settle(place.parent)
    except OSError as error:
        raise AccessMapError(f"cannot write {str(place)!r}: {reason(error)}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _stream(source: Path, target: Path, watch: Watch) -> None:
    """A large CSV table as Parquet, piece by piece."""
    from stakeholders.parquet import pyarrow
    from stakeholders.streams import batches, header_of, scan_file

    pa = pyarrow()
    with source.open("rb") as file:
        header = header_of(file.read(1 << 16))
    scan = scan_file(source, watch)
    if header is None or not scan.sound:
        _slowly(source, target)
        return
    pieces, count = _Pieces(target, header), 0
    watch(f"converting {source.name}", 0, scan.rows, "rows")
    try:
        with pieces:
            for batch in batches(source, header, scan.spanning):
                pieces.add(batch)
                count += len(batch)
                watch(f"converting {source.name}", count, scan.rows, "rows")
    except pa.ArrowInvalid:
        _slowly(source, target)
        return
    if count != scan.rows:
        raise AccessMapError(f"{source.name} changed while it was read; run it again.")


def _slowly(source: Path, target: Path) -> None:
    """A CSV table that Python's own csv module has to read, as Parquet, or what is wrong with it."""
    from stakeholders.parquet import write_table

    require(
        source.stat().st_size * _FACTOR,
        f"{source.name} ({size(source.stat().st_size)}) is not plain CSV: lines end in CR, or a quote stands inside an "
        "unquoted cell. Reading it",
        "Write it anew with quoted cells and LF line ends.",
    )
    parsed = parse(source.name, source.read_bytes())
    if parsed.problems:
        raise InvalidDataset(parsed.problems)
    write_table(Table(source.stem, parsed.header, parsed.columns, parsed.lines, style=PARQUET), target)


class _Pieces:
    """Writes batches of text as row groups; a column of few distinct texts as codes into one growing dictionary."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path, self.header = path, header
        self.waiting: list[pa.RecordBatch] = []
        self.bytes = 0
        self.file: Any = None
        self.distinct: dict[str, pa.Array] = {}

    def __enter__(self) -> _Pieces:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and (self.waiting or self.file is None):
            self._write()
        if self.file is not None:
            self.file.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take some rows; write when they are many."""
        self.waiting.append(batch)
        self.bytes += batch.nbytes
        if self.bytes >= _PIECE:
            self._write()

    def _write(self) -> None:
        import pyarrow as pa

        from stakeholders.parquet import filled, writer

        schema = pa.schema([(name, pa.string()) for name in self.header])
        table = pa.Table.from_batches(self.waiting, schema)
        self.waiting, self.bytes = [], 0
        arrays = {}
        for name in self.header:
            column = table.column(name).combine_chunks()
            table = table.drop_columns([name])
            arrays[name] = column if self.file is not None and name not in self.distinct else self._coded(name, column)
        piece = filled(arrays)
        if self.file is None:
            self.file = writer(self.path, piece.schema)
        self.file.write_table(piece, row_group_size=max(len(piece), 1))

    def _coded(self, name: str, column: pa.Array) -> pa.Array:
        """A column as codes into the texts met so far; as it is if most of its texts are met once."""
        import pyarrow as pa
        import pyarrow.compute as pc

        coded = column.dictionary_encode()
        known = self.distinct.get(name)
        if known is None and len(coded.dictionary) * 2 > len(column):
            return column
        if known is None or len(known) + len(coded.dictionary) > _DISTINCT:
            self.distinct[name] = coded.dictionary
            return coded
        new = coded.dictionary.filter(pc.is_null(pc.index_in(coded.dictionary, value_set=known)))
        self.distinct[name] = known = pa.concat_arrays([known, new])
        places = pc.index_in(coded.dictionary, value_set=known)
        return pa.DictionaryArray.from_arrays(places.take(coded.indices), known)

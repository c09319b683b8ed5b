"""Writing a dataset's folder.

An unedited table is written back byte for byte. Files of the folder that are no part of a dataset are left alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from stakeholders.addresses import require_folder
from stakeholders.dataset import CSV, PARQUET, Dataset, Table
from stakeholders.errors import AccessMapError
from stakeholders.files import Stored, reason
from stakeholders.packages import PACKAGE, described
from stakeholders.schema import TABLES, file_name

_QUOTABLE: Final = re.compile(r'[",\r\n]')


def write(dataset: Dataset, folder: str | Path, *, format: str | None = None) -> list[Path]:  # noqa: A002  its name
    """Write a dataset into a folder; each file is either written whole or not at all.

    Parameters
    ----------
    dataset : Dataset
        What to write. Tables that were not edited come out as they were read, byte for byte.
    folder : str or Path
        Made if it is not there. Files in it that are no part of a dataset are left alone.
    format : {"csv", "parquet"}, optional
        Of the tables; default: each as it was read.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    AccessMapError
        If it is an address, or holds a table that would be read together with, or instead of, one that is written.
    """
    require_folder(folder)
    target = Path(folder).expanduser()
    styles = {None: None, "csv": CSV, "parquet": PARQUET}
    if format not in styles:
        from stakeholders.errors import UnknownTerm

        raise UnknownTerm("format of tables", str(format), ("csv", "parquet"))
    tables = [_styled(table, styles[format]) for table in dataset.tables.values()]
    try:
        target.mkdir(parents=True, exist_ok=True)
        _refuse_mixture(target, tables)
        return _write_all(target, tables, _other_files(dataset, tables))
    except OSError as error:
        raise AccessMapError(f"cannot write {error.filename or str(target)!r}: {reason(error)}") from None


def new(folder: str | Path) -> list[Path]:
    """Start a dataset: a folder with a small example, valid and ready to be edited.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there; must be empty but for hidden files, so that nothing is ever overwritten.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    AccessMapError
        If there is something in the folder already, it cannot be written to, or it is an address.
    """
    from stakeholders.samples import starter
    from stakeholders.transliteration import latin

    require_folder(folder)
    target = Path(folder).expanduser()
    name = re.sub(r"[^a-z0-9]+", "-", latin(target.resolve().name).casefold()).strip("-")
    try:
        target.mkdir(parents=True, exist_ok=True)
        if any(not path.name.startswith(".") for path in target.iterdir()):
            raise AccessMapError(f"{str(folder)!r} is not empty; a dataset starts in a folder of its own.")
        return _write_all(target, (), starter(name or "dataset"))
    except OSError as error:
        raise AccessMapError(f"cannot write to {str(folder)!r}: {reason(error)}") from None


def table_bytes(table: Table) -> bytes:
    """A table as a CSV file: as it was read if it was not edited."""
    if (content := table.content) is not None:
        return content
    end = table.style.newline
    columns = [[quoted(cell) for cell in (name, *table.columns[name])] for name in table.header]
    lines = [",".join(row) for row in zip(*columns, strict=True)]
    if len(columns) == 1:  # an empty line would be no row
        lines = [line or '""' for line in lines]
    text = end.join([*lines, ""])
    return text.encode("utf-8-sig" if table.style.bom else "utf-8")


def quoted(cell: str) -> str:
    """A cell as CSV writes it; the csv module of Python 3.11 leaves a lone carriage return unquoted."""
    return '"' + cell.replace('"', '""') + '"' if _QUOTABLE.search(cell) else cell


def digest_parts(dataset: Dataset) -> list[tuple[str, Iterable[bytes]]]:
    """Name and content of every file that a dataset is made of, sorted by name."""
    parts: dict[str, Iterable[bytes]] = {name: [raw] for name, raw in dataset.extras.items()}
    for table in dataset.tables.values():
        if table.style.format == "parquet":
            from stakeholders import parquet

            parts[table.file] = parquet.digest_parts(table)
        else:
            parts[table.file] = table.raw.pieces() if isinstance(table.raw, Stored) else [table_bytes(table)]
    return sorted(parts.items())


def _styled(table: Table, style: Any) -> Table:
    if style is None or style.format == table.style.format:
        return table
    return replace(table, style=style, raw=None)


def _refuse_mixture(folder: Path, tables: Sequence[Table]) -> None:
    written = {table.file for table in tables}
    for table in TABLES:
        for name in (file_name(table), f"{table}.parquet"):
            if name not in written and (folder / name).exists():
                raise AccessMapError(
                    f"the folder {str(folder)!r} holds {name!r}, which would be mixed with what is written. "
                    "Write to another folder, or move that file away."
                )


def _other_files(dataset: Dataset, tables: Sequence[Table]) -> dict[str, bytes]:
    """The files beside the tables."""
    package = described(dataset.extras.get(PACKAGE), dataset.package, tables)
    return {**dataset.extras, **({} if package is None else {PACKAGE: package})}


def _write_all(folder: Path, tables: Sequence[Table], files: Mapping[str, bytes]) -> list[Path]:
    """Write everything beside its place, then move all of it there, so that a failure leaves nothing half-written."""
    ready: list[tuple[Path, Path]] = []
    try:
        for name in (*(table.file for table in tables), *files):
            path = Path(os.path.realpath(folder / name))  # a link stays a link
            ready.append((path.with_name(f".{path.name}.{os.getpid()}.part"), path))
        for table, (part, path) in zip(tables, ready, strict=False):
            if isinstance(table.raw, Stored) and table.raw.lies_at(path):
                continue
            if table.style.format == "parquet":
                from stakeholders.parquet import write_table

                write_table(table, part)
            else:
                _store(part, path, table.raw.pieces() if isinstance(table.raw, Stored) else [table_bytes(table)])
        for content, (part, path) in zip(files.values(), ready[len(tables) :], strict=True):
            _store(part, path, [content])
        for part, path in ready:
            if part.exists():
                part.replace(path)
    finally:
        for part, _ in ready:
            part.unlink(missing_ok=True)
    return [folder / name for name in (*(table.file for table in tables), *files)]


def _store(part: Path, path: Path, pieces: Iterable[bytes]) -> None:
    with part.open("wb") as file:
        if path.exists():
            os.fchmod(file.fileno(), path.stat().st_mode & 0o7777)
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())

"""Writing a dataset's folder.

An unedited table is written back byte for byte. Files of the folder that are no part of a dataset are left alone.

All files are first written beside their places, then a note of them (``.unfinished``), then each is renamed; the note
goes last. Ctrl-C waits for the renames. Whoever is killed, or fails, among them leaves the note, and what next reads or
writes the folder does the rest of them first (`finish`). Only who reads while the renames are being done, which takes
no longer than they do, and began before the first of them, may still meet files of both.
"""

from __future__ import annotations

import errno
import json
import os
import platform
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from stakeholders.addresses import require_folder
from stakeholders.dataset import CSV, PARQUET, Dataset, Table
from stakeholders.errors import AccessMapError
from stakeholders.files import Stored, clear_parts, held_back, part_of, reason, runs, settle
from stakeholders.packages import PACKAGE, described
from stakeholders.schema import FILES, TABLES

_QUOTABLE: Final = re.compile(r'[",\r\n]')
_BOM: Final = b"\xef\xbb\xbf"
_ROWS: Final = 1 << 14  # of CSV that are made at once
UNFINISHED: Final = ".unfinished"
_RENAMED_IN: Final = 60_000_000_000  # nanoseconds; what bears the writer's number after that is another program


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
        If it is an address, or holds a table, or rules or the like, that would be read together with, or instead of,
        what is written.
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
        files = _other_files(dataset, tables)
        _refuse_mixture(target, {*(table.file for table in tables), *files})
        return _write_all(target, tables, files)
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
    return b"".join(_made(table))


def _made(table: Table) -> Iterator[bytes]:
    """A table as CSV, some rows at a time."""
    if table.style.bom:
        yield _BOM
    if not table.header:
        return
    yield _lines(table, [[quoted(name) for name in table.header]])
    rows = zip(*(map(quoted, table.columns[name]) for name in table.header), strict=True)
    while block := list(islice(rows, _ROWS)):
        yield _lines(table, block)


def _lines(table: Table, rows: Iterable[Sequence[str]]) -> bytes:
    lines = [",".join(row) for row in rows]
    if len(table.header) == 1:  # an empty line would be no row
        lines = [line or '""' for line in lines]
    return table.style.newline.join([*lines, ""]).encode()


def _content(table: Table) -> Iterable[bytes]:
    """A table as a CSV file, piece by piece."""
    if isinstance(table.raw, Stored):
        return table.raw.pieces()
    return [content] if (content := table.content) is not None else _made(table)


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
            parts[table.file] = _content(table)
    return sorted(parts.items())


def _styled(table: Table, style: Any) -> Table:
    if style is None or style.format == table.style.format:
        return table
    return replace(table, style=style, raw=None)


def _refuse_mixture(folder: Path, written: set[str]) -> None:
    for name in (*(f"{table}.{ending}" for table in TABLES for ending in ("csv", "parquet")), *FILES):
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
    finish(folder)
    names = [*(table.file for table in tables), *files]
    ready: list[tuple[Path, Path]] = []
    try:
        for name in names:
            path = Path(os.path.realpath(folder / name))  # a link stays a link
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(folder / name))
            clear_parts(path)
            ready.append((part_of(path), path))
        for table, (part, path) in zip(tables, ready, strict=False):
            if isinstance(table.raw, Stored) and table.raw.lies_at(path):
                continue
            if table.style.format == "parquet":
                from stakeholders.parquet import write_table

                write_table(table, part)
                _readable_as(path, part)
                settle(part)
            else:
                _store(part, path, _content(table))
        for content, (part, path) in zip(files.values(), ready[len(tables) :], strict=True):
            _store(part, path, [content])
        with held_back():
            made = [(name, part, path) for name, (part, path) in zip(names, ready, strict=True) if part.exists()]
            if len(made) > 1:
                _note(folder, {name: part.name for name, part, _ in made})
            ready = []  # from here on what is there is kept, for it to be finished
            for _, part, path in made:
                part.replace(path)
            if len(made) > 1:
                settle(folder)
                (folder / UNFINISHED).unlink()
    finally:
        for part, _ in ready:
            part.unlink(missing_ok=True)
    return [folder / name for name in names]


def finish(folder: Path) -> None:
    """Do what is left of a write that was broken off among its renames.

    Parameters
    ----------
    folder : Path
        Nothing is done to one that holds no such write.

    Raises
    ------
    AccessMapError
        If it is still being written, a file was changed since, or the folder cannot be written to: what it holds is
        then in part new and in part old.
    """
    note = folder / UNFINISHED
    try:
        told = json.loads(note.read_bytes())
        since = note.stat().st_mtime_ns
        written = [_pair(folder, name, part) for name, part in told["files"].items()]
        fresh = time.time_ns() - since < _RENAMED_IN
        busy = fresh and told["node"] == platform.node() and runs(told["process"])
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise AccessMapError(f"{str(note)!r} cannot be read: {error}") from None
    if busy:
        raise AccessMapError(f"{str(folder)!r} is being written by another program; run it again.")
    left = [(part, path) for part, path in written if part.exists()]
    mixed = f"{str(folder)!r} was being written when that was broken off, and holds new files and old ones"
    for part, path in left:
        if path.exists() and path.stat().st_mtime_ns > since:
            raise AccessMapError(
                f"{mixed}; {path.name!r} was changed since. Put {part.name!r} in its place, or delete it; "
                "then run it again."
            )
    try:
        with held_back():
            for part, path in left:
                with suppress(FileNotFoundError):  # another reader does the same
                    part.replace(path)
    except OSError as error:
        raise AccessMapError(f"{mixed}; the rest cannot be put in place: {reason(error)}.") from None
    with suppress(OSError):  # nothing is left to do, where one may only read as well
        note.unlink(missing_ok=True)


def _pair(folder: Path, name: str, part: str) -> tuple[Path, Path]:
    """What is renamed to what; a note that came from elsewhere moves no other file."""
    path = Path(os.path.realpath(folder / name))  # a link stays a link
    for each in (name, part):
        if Path(each).name != each:
            raise ValueError(f"{each!r} is no name of a file")
    if not (part.startswith(f".{path.name}.") and part.endswith(".part")):
        raise ValueError(f"{part!r} is no part of {name!r}")
    return path.with_name(part), path


def _note(folder: Path, files: Mapping[str, str]) -> None:
    """Keep what is about to be renamed to what."""
    told = {"node": platform.node(), "process": os.getpid(), "files": files}
    note = folder / UNFINISHED
    part = part_of(note)
    clear_parts(note)
    try:
        _store(part, note, [json.dumps(told, indent=1).encode()])
        part.replace(note)
    finally:
        part.unlink(missing_ok=True)
    settle(folder)


def _store(part: Path, path: Path, pieces: Iterable[bytes]) -> None:
    with part.open("wb") as file:
        _readable_as(path, part)
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())


def _readable_as(path: Path, part: Path) -> None:
    """Let a file be read by whom that may be read whose place it takes."""
    if path.exists():
        part.chmod(path.stat().st_mode & 0o7777)

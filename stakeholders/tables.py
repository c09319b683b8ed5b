"""Reading and writing a dataset's folder.

An unedited table is written back byte for byte. Every problem of a folder is found at once, each with its file, line
and column. Files of the folder that are no part of a dataset are left alone.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from stakeholders.categories import Category
from stakeholders.dataset import CSV, PARQUET, Dataset, Table, categories_of
from stakeholders.decoding import LARGE, decoded, parse
from stakeholders.errors import AccessMapError, DatasetNotFound, InvalidDataset, Problem, nearest
from stakeholders.files import Stored
from stakeholders.memory import require_for_tables
from stakeholders.progress import unwatched
from stakeholders.schema import COMPANIONS, REQUIRED_TABLES, TABLES, file_name
from stakeholders.settings import toml_of

DATA: Final = Path(__file__).parent / "data"

_PACKAGE: Final = "datapackage.json"
_RULES: Final = "rules.toml"
_QUOTABLE: Final = re.compile(r'[",\r\n]')


class _Read(NamedTuple):
    """A dataset as read, whatever is wrong with it, and what was found wrong on the way."""

    dataset: Dataset
    problems: list[Problem]
    damaged: dict[str, Collection[int]]


def bundled() -> list[str]:
    """Names of the datasets that come with the package, sorted.

    Examples
    --------
    >>> bundled()
    ['cabar-2020', 'central-asia']
    """
    return sorted(path.name for path in DATA.iterdir() if (path / "entities.csv").is_file())


def read(place: str | Path, *, check: bool = True) -> Dataset:
    """Dataset of a folder, a bundled one by its name, or a database's by its address.

    Parameters
    ----------
    place : str or Path
        Name of a bundled dataset, a folder, or an address such as ``postgresql://host/name``.
    check : bool
        Whether to look for every problem; bundled datasets are known to have none. Without it only what cannot be
        read at all is refused.

    Raises
    ------
    DatasetNotFound
        If there is neither.
    InvalidDataset
        If something is wrong with it; its ``problems`` are all there are.

    Examples
    --------
    >>> dataset = read("cabar-2020")
    >>> dataset.version, dataset.entities.row(0)["name"]
    ('2026.11', 'Dahua Technology')
    """
    if isinstance(place, str) and place in bundled():
        return _accepted(_read_folder(DATA / place), check=False)
    if isinstance(place, str) and "://" in place:
        from stakeholders.databases import read_database

        return read_database(place, check=check)
    return _accepted(_read_folder(_folder(place)), check)


def read_files(name: str, files: Mapping[str, bytes], folder: Path | None = None, *, check: bool = True) -> Dataset:
    r"""Dataset of files given as bytes, by file name, such as those of a git revision.

    Examples
    --------
    >>> files = {
    ...     "entities.csv": b"id,type,name,sources\na,body,A,s\n",
    ...     "relations.csv": b"id,subject,predicate,object,status,claim,sources\n",
    ...     "sources.csv": b"id,title\ns,S\n",
    ... }
    >>> read_files("small", files).name_of("a")
    'A'
    """
    return _accepted(_read_files(name, files, folder), check)


def read_over(dataset: Dataset, place: str | Path) -> Dataset:
    """A dataset with the tables of a folder laid over it: what if this were so, too.

    The folder need not be a dataset by itself: any of the tables will do, and its rows may name what is in the dataset.

    Raises
    ------
    DatasetNotFound
        If there is no such folder, or no table in it.
    InvalidDataset
        If something would be wrong with the two together.
    """
    found = _read_folder(DATA / place if isinstance(place, str) and place in bundled() else _folder(place), whole=False)
    sound = {
        name: table.select([row for row in range(len(table)) if row not in found.damaged.get(name, ())])
        for name, table in found.dataset.tables.items()
    }
    laid = _Read(dataset.overlay(replace(found.dataset, tables=sound)), found.problems, {})
    return _accepted(laid, check=True, where=f"the rows of {str(place)!r}, laid over the dataset")


def inspect(place: str | Path) -> list[Problem]:
    """Everything that is wrong with a folder, in the order of its files, lines and columns; warnings too.

    Raises
    ------
    DatasetNotFound
        If there is no such folder.
    """
    return examine(place)[1]


def examine(place: str | Path) -> tuple[Dataset, list[Problem]]:
    """What can be read of a folder or a database, and everything that is wrong with it, as `inspect` tells it."""
    if isinstance(place, str) and "://" in place:
        from stakeholders.databases import examine_database

        return examine_database(place)
    found = _read_folder(DATA / place if isinstance(place, str) and place in bundled() else _folder(place))
    return found.dataset, _problems(found, thorough=True)


def _accepted(found: _Read, check: bool, where: str = "the dataset") -> Dataset:
    problems = _problems(found) if check else found.problems
    errors = [problem for problem in problems if not problem.warning]
    if errors:
        raise InvalidDataset(errors, where)
    return found.dataset


def _problems(found: _Read, *, thorough: bool = False) -> list[Problem]:
    from stakeholders.rules import in_order, validate

    missing = {problem.file for problem in found.problems if not problem.line}
    judged = validate(found.dataset, found.damaged, thorough=thorough)
    more = [problem for problem in judged if problem.line or problem.column or problem.file not in missing]
    return in_order(found.dataset, [*found.problems, *more])


# ------------------------------------------------------------------------------------------------------------ reading


def _folder(place: str | Path) -> Path:
    folder = Path(place).expanduser()
    known = ", ".join(bundled())
    if not folder.exists():
        near = nearest(str(place), bundled())
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise DatasetNotFound(f"there is no dataset or folder {str(place)!r}.{hint} Bundled: {known}.")
    if not folder.is_dir():
        raise DatasetNotFound(f"{str(place)!r} is a file; name the folder that holds the tables.")
    return folder


def _read_folder(folder: Path, *, whole: bool = True) -> _Read:
    """Read what a folder holds; unless it is ``whole`` it may lack tables that a dataset needs."""
    try:
        present = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise DatasetNotFound(f"the folder {str(folder)!r} cannot be read: {_reason(error)}.") from None
    problems: list[Problem] = []
    files: dict[str, bytes] = {}
    stored: dict[str, Table] = {}
    readable = {f"{table}.{ending}" for table in TABLES for ending in ("csv", "parquet")} & present
    require_for_tables([folder / name for name in sorted(readable)])
    for number, table in enumerate(TABLES):
        if f"{table}.parquet" in present:
            unwatched("reading tables", number, len(TABLES), "tables")
            read_one, faults = _parquet_table(table, folder / f"{table}.parquet")
            problems += faults
            if file_name(table) in present:
                message = f"is not read, as {table}.parquet stands beside it"
                problems.append(Problem(file_name(table), 0, "", message, warning=True))
        else:
            read_one = _large_table(table, folder / file_name(table))
        if read_one is not None:
            stored[table] = read_one
    wanted = [*(file_name(table) for table in TABLES if table not in stored), _PACKAGE, _RULES, *COMPANIONS]
    for name in wanted:
        if name in present:
            try:
                files[name] = (folder / name).read_bytes()
            except OSError as error:
                problems.append(Problem(name, 0, "", f"cannot be read: {_reason(error)}"))
    if whole:
        problems += _missing(folder, present)
    elif not present.intersection(f"{table}.{ending}" for table in TABLES for ending in ("csv", "parquet")):
        raise DatasetNotFound(f"the folder {str(folder)!r} holds none of {', '.join(map(file_name, TABLES))}.")
    found = _read_files(folder.resolve().name, files, folder, stored)
    return found._replace(problems=[*problems, *found.problems])


def _parquet_table(name: str, path: Path) -> tuple[Table | None, list[Problem]]:
    from stakeholders.parquet import read_table

    try:
        return read_table(name, path)
    except OSError as error:
        return None, [Problem(path.name, 0, "", f"cannot be read: {_reason(error)}")]


def _large_table(name: str, path: Path) -> Table | None:
    """Table of a sound CSV file that is too large to be in memory beside what it says; ``None`` of any other."""
    try:
        if path.stat().st_size <= LARGE:
            return None
        from stakeholders.streams import read_large

        found = read_large(path)
    except OSError:  # if it is there, it is said when it is read as any other
        return None
    if found is None:
        return None
    parsed, stored = found
    return Table(name, parsed.header, parsed.columns, parsed.lines, stored, parsed.style)


def _missing(folder: Path, present: Collection[str]) -> list[Problem]:
    """Tables that no dataset can do without, and what may have been meant for them."""
    needed = [table for table in REQUIRED_TABLES if not {file_name(table), f"{table}.parquet"} & set(present)]
    if len(needed) == len(REQUIRED_TABLES) and not any(_meant(table, present) for table in needed):
        files = ", ".join(map(file_name, REQUIRED_TABLES))
        raise DatasetNotFound(f"the folder {str(folder)!r} is no dataset: it has none of {files}.")
    problems = []
    for table in needed:
        other = _meant(table, present)
        if not other:
            continue
        hint = "rename it" if other.casefold() == file_name(table) else "save it as 'CSV UTF-8'"
        problems.append(Problem(file_name(table), 0, "", f"is missing; there is {other!r}: {hint}"))
    return problems


def _meant(table: str, present: Collection[str]) -> str:
    stems = {name.rpartition(".")[0].casefold(): name for name in sorted(present)}
    return stems.get(table, "")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _read_files(
    name: str, files: Mapping[str, bytes], folder: Path | None = None, stored: Mapping[str, Table] | None = None
) -> _Read:
    problems: list[Problem] = []
    damaged: dict[str, Collection[int]] = {}
    tables: dict[str, Table] = {}
    for table in TABLES:
        if stored and table in stored:
            tables[table] = stored[table]
        elif (raw := files.get(file_name(table))) is not None:
            parsed = parse(file_name(table), raw)
            problems += parsed.problems
            if parsed.damaged:
                damaged[table] = parsed.damaged
            tables[table] = Table(table, parsed.header, parsed.columns, parsed.lines, raw, parsed.style)
    package = _json(files[_PACKAGE], problems) if _PACKAGE in files else {}
    rules = toml_of(_RULES, files[_RULES], problems) if _RULES in files else {}
    extras = {file: content for file, content in files.items() if file.rpartition(".")[0] not in TABLES}
    title = package.get("name")
    dataset = Dataset(title if isinstance(title, str) and title else name, tables, package, rules, extras, folder)
    return _Read(dataset, problems, damaged)


def _json(raw: bytes, problems: list[Problem]) -> dict[str, Any]:
    text, faults = decoded(_PACKAGE, raw)
    problems += faults
    try:
        package = json.loads(text)
    except json.JSONDecodeError as error:
        problems.append(Problem(_PACKAGE, error.lineno, "", f"is no JSON: {error.msg} at column {error.colno}"))
        return {}
    except RecursionError:
        package = None
    if not isinstance(package, dict):
        problems.append(Problem(_PACKAGE, 0, "", 'should be one object: {"name": …, "title": …}'))
        return {}
    return package


@lru_cache(maxsize=1)
def standard_categories() -> list[Category]:
    """The data categories that every dataset has."""
    name = file_name("categories")
    parsed = parse(name, (DATA / "central-asia" / name).read_bytes())
    return categories_of(Table("categories", parsed.header, parsed.columns, parsed.lines))


# ------------------------------------------------------------------------------------------------------------ writing


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
        If the folder holds a table that would be read together with, or instead of, one that is written.
    """
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
        raise AccessMapError(f"cannot write {error.filename or str(target)!r}: {_reason(error)}") from None


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
        If there is something in the folder already, or it cannot be written to.
    """
    from stakeholders.samples import starter
    from stakeholders.transliteration import latin

    target = Path(folder).expanduser()
    name = re.sub(r"[^a-z0-9]+", "-", latin(target.resolve().name).casefold()).strip("-")
    try:
        target.mkdir(parents=True, exist_ok=True)
        if any(not path.name.startswith(".") for path in target.iterdir()):
            raise AccessMapError(f"{str(folder)!r} is not empty; a dataset starts in a folder of its own.")
        return _write_all(target, (), starter(name or "dataset"))
    except OSError as error:
        raise AccessMapError(f"cannot write to {str(folder)!r}: {_reason(error)}") from None


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
    """The files beside the tables; ``datapackage.json`` anew only where it must differ from what was read."""
    files = dict(dataset.extras)
    package = _described(dataset.package, tables)
    raw = files.get(_PACKAGE)
    if package and (raw is None or _json(raw, []) != package):
        files[_PACKAGE] = (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()
    return files


def _described(package: Mapping[str, Any], tables: Sequence[Table]) -> dict[str, Any]:
    """A data package whose resources name the files as they are written."""
    files = {table.name: table for table in tables}
    resources = package.get("resources")
    if not isinstance(resources, list):
        return dict(package)
    described = []
    for resource in resources:
        table = files.get(str(resource.get("name"))) if isinstance(resource, dict) else None
        if table is None or resource.get("path") == table.file:
            described.append(resource)
        elif table.style.format == "parquet":
            kept = {name: value for name, value in resource.items() if name not in {"encoding", "dialect"}}
            media = "application/vnd.apache.parquet"
            described.append({**kept, "path": table.file, "format": "parquet", "mediatype": media})
        else:
            described.append(
                {**resource, "path": table.file, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
            )
    return {**package, "resources": described}


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

"""Reading a dataset: of a folder, of files, of a database.

Every problem is found at once, each with its file, line and column. How one is written is told in
`stakeholders.writing`.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from stakeholders.addresses import meant_address, shown
from stakeholders.categories import Category
from stakeholders.dataset import Dataset, Table, categories_of
from stakeholders.decoding import LARGE, parse
from stakeholders.errors import DatasetNotFound, FileNotRead, InvalidDataset, Problem, nearest
from stakeholders.files import reason
from stakeholders.memory import require_for_tables
from stakeholders.packages import PACKAGE, package_of
from stakeholders.progress import unwatched
from stakeholders.schema import COMPANIONS, REQUIRED_TABLES, TABLES, file_name
from stakeholders.settings import toml_of
from stakeholders.writing import UNFINISHED, finish, new, write

__all__ = (
    "DATA", "bundled", "examine", "inspect", "new", "read", "read_files", "read_over", "standard_categories",
    "warn_of_unread", "write",
)  # fmt: skip

DATA: Final = Path(__file__).parent / "data"

_RULES: Final = "rules.toml"


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

    Warns
    -----
    FileNotRead
        If a table is there twice, in CSV and Parquet.

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
    folder = _folder(place)
    found = _read_folder(folder)
    warn_of_unread(folder)
    return _accepted(found, check)


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
    folder = DATA / place if isinstance(place, str) and place in bundled() else _folder(place)
    found = _read_folder(folder, whole=False)
    warn_of_unread(folder)
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


def warn_of_unread(folder: str | Path, present: Collection[str] | None = None) -> None:
    """Warn of each CSV table of a folder that is not read, as the same in Parquet stands beside it.

    ``present`` are the names of the files in it, if it is not to be looked into.
    """
    for problem in _unread({path.name for path in Path(folder).iterdir()} if present is None else present):
        warnings.warn(FileNotRead(f"{folder}/{problem.file}: {problem.message}"), stacklevel=3)


def _unread(present: Collection[str]) -> Iterator[Problem]:
    for table in TABLES:
        if f"{table}.parquet" in present and file_name(table) in present:
            message = f"is not read, as {table}.parquet stands beside it"
            yield Problem(file_name(table), 0, "", message, warning=True)


def _accepted(found: _Read, check: bool, where: str = "the dataset") -> Dataset:
    problems = _problems(found) if check else found.problems
    errors = [problem for problem in problems if not problem.warning]
    if errors:
        raise InvalidDataset(errors, where)
    return found.dataset


def _problems(found: _Read, *, thorough: bool = False) -> list[Problem]:
    from stakeholders.rules import in_order, validate

    missing = {_stem(problem.file) for problem in found.problems if not problem.line}
    # Of cells that could not be read nothing more is said.
    unread = {(problem.file, problem.column) for problem in found.problems if problem.column}
    judged = validate(found.dataset, found.damaged, thorough=thorough)
    more = [
        problem
        for problem in judged
        if (problem.line or problem.column or _stem(problem.file) not in missing)
        and (problem.file, problem.column) not in unread
    ]
    return in_order(found.dataset, [*found.problems, *more])


def _stem(file: str) -> str:
    return file.rpartition(".")[0]


# ------------------------------------------------------------------------------------------------------------ reading


def _folder(place: str | Path) -> Path:
    folder = Path(place).expanduser()
    known = ", ".join(bundled())
    if not folder.exists():
        meant = meant_address(str(place)) or next(iter(nearest(str(place), bundled())), "")
        hint = f" Did you mean {meant!r}?" if meant else ""
        raise DatasetNotFound(f"there is no dataset or folder {shown(place)!r}.{hint} Bundled: {known}.")
    if not folder.is_dir():
        meant = meant_address(str(place))
        hint = f"did you mean {meant!r}?" if meant else "name the folder that holds the tables."
        raise DatasetNotFound(f"{str(place)!r} is a file; {hint}")
    return folder


def _read_folder(folder: Path, *, whole: bool = True) -> _Read:
    """Read what a folder holds; unless it is ``whole`` it may lack tables that a dataset needs."""
    try:
        present = {path.name for path in folder.iterdir()}
        if UNFINISHED in present:
            finish(folder)
            present = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise DatasetNotFound(f"the folder {str(folder)!r} cannot be read: {reason(error)}.") from None
    problems = list(_unread(present))
    files: dict[str, bytes] = {}
    stored: dict[str, Table] = {}
    readable = {f"{table}.{ending}" for table in TABLES for ending in ("csv", "parquet")} & present
    require_for_tables([folder / name for name in sorted(readable)])
    for number, table in enumerate(TABLES):
        if f"{table}.parquet" in present:
            unwatched("reading tables", number, len(TABLES), "tables")
            read_one, faults = _parquet_table(table, folder / f"{table}.parquet")
            problems += faults
        else:
            read_one = _large_table(table, folder / file_name(table))
        if read_one is not None:
            stored[table] = read_one
    wanted = [*(file_name(table) for table in TABLES if table not in stored), PACKAGE, _RULES, *COMPANIONS]
    for name in wanted:
        if name in present:
            try:
                files[name] = (folder / name).read_bytes()
            except OSError as error:
                problems.append(Problem(name, 0, "", f"cannot be read: {reason(error)}"))
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
        return None, [Problem(path.name, 0, "", f"cannot be read: {reason(error)}")]


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
    package = package_of(files[PACKAGE], problems) if PACKAGE in files else {}
    rules = toml_of(_RULES, files[_RULES], problems) if _RULES in files else {}
    extras = {file: content for file, content in files.items() if file.rpartition(".")[0] not in TABLES}
    title = package.get("name")
    dataset = Dataset(title if isinstance(title, str) and title else name, tables, package, rules, extras, folder)
    return _Read(dataset, problems, damaged)


@lru_cache(maxsize=1)
def standard_categories() -> list[Category]:
    """The data categories that every dataset has."""
    name = file_name("categories")
    parsed = parse(name, (DATA / "central-asia" / name).read_bytes())
    return categories_of(Table("categories", parsed.header, parsed.columns, parsed.lines))

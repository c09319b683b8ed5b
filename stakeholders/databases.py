"""Datasets out of a database, through SQLAlchemy (the optional extra ``accessmap[sql]``).

A database that has tables or views named as a dataset's tables, with the columns of those tables, is a dataset. It is
only ever read, all tables as they stood at one moment where the database can tell. Cells may be text, numbers, dates,
truth values or arrays; each is read as the text that a CSV table would hold. Of a time only its day is taken, as of
one in Parquet: also of one that is text, as SQLite has no other.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from uuid import UUID

from stakeholders.addresses import is_secret, shown
from stakeholders.columns import EncodedColumn
from stakeholders.dataset import Dataset, Table
from stakeholders.errors import AccessMapError, DatasetNotFound, InvalidDataset, Problem
from stakeholders.progress import Watch, unwatched
from stakeholders.schema import HEADERS, REQUIRED_TABLES, TABLES

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine, Select

# Drivers that the extra brings; any other that SQLAlchemy knows will do as well.
_DRIVERS: Final = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_CLUSTERS: Final = ("hdfs", "webhdfs", "viewfs", "s3", "s3a", "gs", "abfs", "abfss", "wasbs", "file")

# A file that is none of its own it would open with what it downloads.
_OFFLINE: Final = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_DUCKDB: Final = {"read_only": True, "config": _OFFLINE}

_DATES: Final = frozenset(("valid_from", "valid_until", "listed_from", "listed_until", "date"))
_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[ Tt]((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?) ?"
    r"(?:[Zz]|UTC|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?",
    re.ASCII,
)

# Rows fetched at a time; a table of more keeps each distinct cell once.
_BATCH: Final = 50_000


def read_database(address: str, *, check: bool = True, watch: Watch = unwatched) -> Dataset:
    """Dataset of a database.

    Parameters
    ----------
    address : str
        As SQLAlchemy takes it: ``postgresql://user@host/name``, ``sqlite:///file.db``, ``duckdb:///file.duckdb``.
        ``?schema=registry`` names the schema that the tables are in.
    check : bool
        Whether to look for every problem.
    watch : Watch
        Told of each batch of rows.

    Returns
    -------
    Dataset
        Named after the database; its rows by id, so that equal content is an equal dataset.

    Raises
    ------
    DatasetNotFound
        If there is no such database, or one of the tables that a dataset needs is not in it.
    InvalidDataset
        If something is wrong with it; problems name rows by their ids.
    AccessMapError
        If SQLAlchemy or a driver is missing, or the database refuses.

    Examples
    --------
    >>> import sqlite3, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     database = sqlite3.connect(f"{folder}/small.db")
    ...     _ = database.executescript('''
    ...         CREATE TABLE entities (id, type, name, sources);
    ...         CREATE TABLE relations (id, subject, predicate, object, status, claim, sources);
    ...         CREATE TABLE sources (id, title);
    ...         INSERT INTO entities VALUES ('a', 'body', 'A', 's');
    ...         INSERT INTO sources VALUES ('s', 'S');
    ...     ''')
    ...     database.close()
    ...     read_database(f"sqlite:///{folder}/small.db").name_of("a")
    'A'
    """
    dataset, problems = _fetched(address, watch)
    if check and not problems:
        problems = [problem for problem in _named(dataset) if not problem.warning]
    if problems:
        raise InvalidDataset(problems)
    return dataset


def examine_database(address: str) -> tuple[Dataset, list[Problem]]:
    """Dataset of a database, and everything that is wrong with it, warnings too; raises as `read_database` does."""
    dataset, problems = _fetched(address, unwatched)
    return dataset, problems or _named(dataset, thorough=True)


def _fetched(address: str, watch: Watch) -> tuple[Dataset, list[Problem]]:
    """All tables of a database, and cells that are no text."""
    with _connected(address) as (connection, url):
        schema = _schema(url)
        present = [name for name in TABLES if _has(connection, name, schema)]
        if missing := [name for name in REQUIRED_TABLES if name not in present]:
            where = f" in the schema {schema!r}" if schema else ""
            raise DatasetNotFound(
                f"the database {shown(url)!r} has no table or view {' and no '.join(map(repr, missing))}{where}; "
                f"a dataset needs {', '.join(REQUIRED_TABLES)}."
            )
        problems: list[Problem] = []
        tables = {name: _table(connection, name, schema, problems, watch) for name in present}
    return Dataset(Path(url.database or "").stem or url.drivername, tables), problems


@contextmanager
def _connected(address: str) -> Iterator[tuple[Connection, URL]]:
    """A connection that can only read, in one transaction."""
    try:
        from sqlalchemy import exc, make_url
    except ImportError:
        raise AccessMapError(
            "reading a database needs SQLAlchemy. Install the extra: pip install 'accessmap[sql]'."
        ) from None
    try:
        url = make_url(address)
    except (exc.ArgumentError, ValueError):  # a port of letters is no number
        raise DatasetNotFound(
            f"{shown(address)!r} is no address of a database; write one such as "
            "postgresql://user@host/name, sqlite:///file.db or duckdb:///file.duckdb."
        ) from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.drivername in _CLUSTERS:
        raise DatasetNotFound(f"{shown(url)!r} is a folder that only Spark can read: add --engine spark.")
    try:
        engine = _engine(url)
        with engine.connect() as opened:
            yield _read_only(opened), url
    except exc.NoSuchModuleError:
        raise DatasetNotFound(
            f"{url.drivername!r} is no database that is known here. Known: postgresql, sqlite, duckdb, and every other "
            "whose SQLAlchemy dialect is installed."
        ) from None
    except ImportError as error:
        backend = url.get_backend_name()
        ours = url.drivername in {*_DRIVERS.values(), "duckdb"}
        advice = "Install the extra: pip install 'accessmap[sql]'" if ours else "Install it beside accessmap"
        raise AccessMapError(f"{backend} needs the package {error.name!r}. {advice}.") from None
    except (exc.SQLAlchemyError, UnicodeError) as error:  # a host's name may be none
        raise AccessMapError(f"the database {shown(url)!r} cannot be read: {_reason(error, url)}") from None


def _reason(error: Exception, url: URL) -> str:
    """What a driver says is wrong, without what nobody else should read."""
    said = (str(getattr(error, "orig", None) or error).strip() or type(error).__name__).splitlines()[0].rstrip(":")
    for secret in filter(None, (url.password, *(str(url.query[name]) for name in url.query if is_secret(name)))):
        for written in {str(secret), quote(str(secret)), quote(str(secret), safe="")}:
            said = said.replace(written, "***")
    return said


def _engine(url: URL) -> Engine:
    from sqlalchemy import NullPool, create_engine

    backend = url.get_backend_name()
    plain = url.difference_update_query(["schema"])
    if backend not in {"sqlite", "duckdb"}:
        return create_engine(plain, poolclass=NullPool)
    if url.database in {None, "", ":memory:"}:
        meant = url.host if url.host and not url.database else f"FILE.{'db' if backend == 'sqlite' else backend}"
        raise DatasetNotFound(f"{shown(url)!r} names no database file; write three slashes: {backend}:///{meant}.")
    file = Path(str(url.database)).expanduser()
    if not file.is_file():
        raise DatasetNotFound(f"there is no database file {str(file)!r}.")
    if backend == "duckdb":
        return create_engine(plain.set(database=str(file)), poolclass=NullPool, connect_args=_DUCKDB)

    def opened() -> Any:
        import sqlite3

        return sqlite3.connect(f"file:{quote(str(file.resolve()))}?mode=ro", uri=True, isolation_level=None)

    return create_engine(plain.set(query={}), poolclass=NullPool, creator=opened)


def _read_only(connection: Connection) -> Connection:
    """One snapshot for all tables, and nothing written."""
    from sqlalchemy import text

    backend = connection.dialect.name
    if backend == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    if backend == "sqlite":
        connection.execute(text("BEGIN"))
    return connection


def _schema(url: URL) -> str | None:
    found = url.query.get("schema")
    return found if isinstance(found, str) else None


def _has(connection: Connection, name: str, schema: str | None) -> bool:
    from sqlalchemy import inspect, text

    if connection.dialect.name != "duckdb":
        return inspect(connection).has_table(name, schema)
    # Its dialect asks PostgreSQL's catalogue for what DuckDB's has not.
    found = connection.execute(
        text(
            "SELECT count(*) FROM information_schema.tables"
            " WHERE table_name = :name AND table_schema = coalesce(:schema, current_schema())"
        ),
        {"name": name, "schema": schema},
    )
    return bool(found.scalar())


def _table(connection: Connection, name: str, schema: str | None, problems: list[Problem], watch: Watch) -> Table:
    from sqlalchemy import column, literal_column, select, table

    origin = table(name, schema=schema)
    key = HEADERS[name][0]
    # A table is looked up by its first column.
    header = sorted(connection.execute(select(literal_column("*")).select_from(origin).limit(0)).keys(), key=key.__ne__)
    # What no order is asked for may come in another each time.
    order = [key] if header[0] == key and name != "statistics" else header
    query: Select[*tuple[Any, ...]] = select(*map(column, header)).select_from(origin).order_by(*map(column, order))
    pile = _Pile(name, header, problems)
    watch(f"reading {name}", 0, 0, "rows")
    streamed = query.execution_options(stream_results=True, max_row_buffer=_BATCH)
    for batch in connection.execute(streamed).partitions(_BATCH):
        pile.add(batch)
        watch(f"reading {name}", len(pile), 0, "rows")
    return pile.table()


class _Pile:
    """Rows as they come, kept by column; once they are many, each distinct cell is kept once."""

    def __init__(self, name: str, header: Sequence[str], problems: list[Problem]) -> None:
        self.name, self.header, self.problems = name, tuple(header), problems
        self.codes = [array("i") for _ in header]
        self.places: list[dict[str, int]] = [{} for _ in header]

    def __len__(self) -> int:
        return len(self.codes[0]) if self.codes else 0

    def add(self, rows: Sequence[Any]) -> None:
        for column, codes, places, cells in zip(
            self.header, self.codes, self.places, zip(*rows, strict=True), strict=True
        ):
            try:
                codes.extend([places.setdefault(_text(column, cell), len(places)) for cell in cells])
            except TypeError as error:
                if (problem := Problem(self.name, 0, column, str(error))) not in self.problems:
                    self.problems.append(problem)
                codes.extend([places.setdefault("", len(places))] * len(rows))

    def table(self) -> Table:
        import numpy as np

        columns: dict[str, Sequence[str]] = {}
        for name, codes, places in zip(self.header, self.codes, self.places, strict=True):
            found = EncodedColumn(np.array(codes, np.int32), list(places))
            columns[name] = found if len(codes) > _BATCH else tuple(found)
        return Table(self.name, self.header, columns, range(1, len(self) + 1))


def _text(column: str, cell: Any) -> str:
    """What a CSV table would hold.

    Examples
    --------
    >>> _text("percent", Decimal("100.00")), _text("collective", True), _text("valid_from", date(2020, 2, 19))
    ('100', 'true', '2020-02-19')
    >>> _text("valid_until", "2020-02-19T00:00:00Z"), _text("note", "2020-02-19 00:00:00")
    ('2020-02-19', '2020-02-19 00:00:00')
    """
    if isinstance(cell, str):
        return _day_of(cell) if column in _DATES else cell
    if cell is None or (isinstance(cell, float | Decimal) and isnan(cell)):
        return ""
    if isinstance(cell, int):
        flag = ("false", "true")[cell] if isinstance(cell, bool) else str(cell)
        return {"false": "", "0": "", "1": "true"}.get(flag, flag) if column == "collective" else flag
    if isinstance(cell, float | Decimal):
        digits = f"{Decimal(str(cell)):f}"
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    if isinstance(cell, date):
        return (cell.date() if isinstance(cell, datetime) else cell).isoformat()
    if isinstance(cell, list | tuple):
        return ";".join(_text("", part) for part in cell)
    if isinstance(cell, UUID):
        return str(cell)
    raise TypeError(f"holds {type(cell).__name__}, which is no text")


def _day_of(text: str) -> str:
    """The day, as written, of a text that names a day and a time of day; any other text as it is."""
    found = _TIME.fullmatch(text.strip()) if len(text) > len("2020-02-19") else None
    return found[1] if found else text


def _named(dataset: Dataset, *, thorough: bool = False) -> list[Problem]:
    """What is wrong with a dataset; rows by their ids, as a database has no lines."""
    from stakeholders.rules import in_order, validate

    found = []
    for problem in in_order(dataset, validate(dataset, thorough=thorough)):
        table = dataset.tables.get(problem.file.partition(".")[0])
        if table is None or not problem.line or not len(table):
            found.append(replace(problem, file=problem.file.partition(".")[0], line=0))
        else:
            key = table.columns[table.header[0]][problem.line - 1]
            found.append(replace(problem, file=f"{table.name}[{key}]", line=0))
    return found

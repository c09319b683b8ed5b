"""A database is a dataset like any other: the same answers, only ever read, one moment for all tables."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from sqlalchemy import make_url, text

from graphs.access import build
from graphs.reachability import who_can_reach
from stakeholders import databases
from stakeholders.databases import read_database
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, DatasetNotFound, InvalidDataset
from stakeholders.revisions import read_version
from stakeholders.tables import read

TABLES = ("entities", "relations", "listings", "sources", "categories", "statistics")
SMALL = (
    "CREATE TABLE entities (id text, type text, name text, categories text, sources text)",
    """CREATE TABLE relations (id text, subject text, predicate text, object text, status text, claim text,
       sources text)""",
    "CREATE TABLE sources (id text, title text)",
    "INSERT INTO sources VALUES ('s', 'S')",
    "INSERT INTO entities VALUES ('a', 'body', 'A', '', 's')",
    "INSERT INTO entities VALUES ('b', 'store', 'B', 'face', 's')",
    "INSERT INTO relations VALUES ('r', 'a', 'holds', 'b', 'confirmed', 'A holds B.', 's')",
)

Run = Callable[[str], None]


def loaded(dataset: Dataset, cursor: Any, mark: str, schema: str = "") -> None:
    """Every table of a dataset, all columns text, the rows in no good order."""
    for name in TABLES:
        if (table := dataset.tables.get(name)) is not None and len(table):
            columns = ", ".join(f'"{column}" text' for column in table.header)
            cursor.execute(f'CREATE TABLE {schema}"{name}" ({columns})')
            marks = ", ".join([mark] * len(table.header))
            rows = list(zip(*(table.columns[column] for column in table.header), strict=True))
            cursor.executemany(f'INSERT INTO {schema}"{name}" VALUES ({marks})', rows[::-1])


def sqlite_of(path: Path, dataset: Dataset | None = None) -> str:
    with sqlite3.connect(path) as database:
        if dataset is not None:
            loaded(dataset, database, "?")
        else:
            database.executescript(";".join(SMALL))
    database.close()
    return f"sqlite:///{path}"


def duckdb_of(path: Path, dataset: Dataset) -> str:
    with duckdb.connect(str(path)) as database:
        loaded(dataset, database, "?")
    return f"duckdb:///{path}"


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """The address, without a database's name, of a PostgreSQL of its own that listens on a socket in a folder."""
    found = shutil.which("initdb") or next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), None)
    assert found, "PostgreSQL is not installed: run .ci/prepare .venv/bin/python postgresql"
    programs = Path(found).parent
    # It refuses to be run by root; the names of sockets may be no longer than a hundred letters.
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, user)
    settings = {"user": user, "cwd": folder} if os.geteuid() == 0 else {"cwd": folder}
    made = [programs / "initdb", "-D", folder / "data", "-A", "trust", "-U", "tester", "--no-sync", "-E", "UTF8"]
    subprocess.run([*made, "--locale=C.UTF-8"], check=True, capture_output=True, **settings)
    options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    server = subprocess.Popen(
        [programs / "postgres", "-D", folder / "data", *options], stderr=subprocess.DEVNULL, **settings
    )
    try:
        for _ in range(200):
            if (folder / ".s.PGSQL.5432").exists():
                break
            time.sleep(0.05)
        for _ in range(100):
            try:
                psycopg.connect(f"postgresql://tester@/postgres?host={folder}").close()
                break
            except psycopg.OperationalError:  # it has a socket before it answers
                time.sleep(0.05)
        yield f"postgresql://tester@/DATABASE?host={folder}"
    finally:
        server.send_signal(signal.SIGINT)  # as soon as may be
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def made(postgresql: str, request: pytest.FixtureRequest) -> Iterator[tuple[str, psycopg.Connection]]:
    """A database of a test's own: its address, and a connection that may write."""
    name = f"t{abs(hash(request.node.name))}"
    with psycopg.connect(postgresql.replace("DATABASE", "postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    address = postgresql.replace("DATABASE", name)
    with psycopg.connect(address, autocommit=True) as connection:
        yield address, connection


def rows_of(dataset: Dataset) -> dict[str, list[dict[str, str]]]:
    return {
        name: sorted(table.rows(), key=lambda row: list(row.values()))
        for name, table in dataset.tables.items()
        if len(table)
    }


def assert_same(dataset: Dataset, other: Dataset) -> None:
    assert rows_of(dataset) == rows_of(other)
    for target in ("biometric", "video"):
        answers = [who_can_reach(build(each), target, by="pair", as_of="2020-04-15") for each in (dataset, other)]
        assert answers[0].rows
        assert answers[0].rows == answers[1].rows


# ------------------------------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize("name", ["cabar-2020", "central-asia"])
def test_sqlite_and_duckdb_give_the_answers_of_the_folder(name: str, tmp_path: Path) -> None:
    dataset = read(name)
    assert_same(dataset, read(sqlite_of(tmp_path / "one.db", dataset)))
    assert_same(dataset, read(duckdb_of(tmp_path / "two.duckdb", dataset)))


@pytest.mark.database
def test_postgresql_gives_the_answers_of_the_folder(
    made: tuple[str, psycopg.Connection], central_asia: Dataset
) -> None:
    address, connection = made
    with connection.cursor() as cursor:
        loaded(central_asia, cursor, "%s")
    assert_same(central_asia, read(address))


@pytest.mark.database
def test_equal_content_is_an_equal_dataset_whatever_the_order_of_its_rows(
    made: tuple[str, psycopg.Connection], tmp_path: Path, cabar: Dataset
) -> None:
    address, connection = made
    connection.execute("CREATE SCHEMA registry")
    with connection.cursor() as cursor:
        loaded(cabar, cursor, "%s", "registry.")
    there = read(f"{address}&schema=registry")
    here = read(sqlite_of(tmp_path / "one.db", cabar))
    assert there.sha256 == here.sha256
    with pytest.raises(DatasetNotFound, match="no table or view 'entities' and no 'relations' and no 'sources'"):
        read(address)
    with pytest.raises(DatasetNotFound, match="in the schema 'nowhere'"):
        read(f"{address}&schema=nowhere")


@pytest.mark.database
def test_typed_columns_views_and_extra_columns_are_read_as_a_csv_table_would_hold_them(
    made: tuple[str, psycopg.Connection],
) -> None:
    address, connection = made
    for statement in (
        """CREATE TABLE register (nr int, id text, type text, name text, collective boolean, categories text[],
           valid_from date, area numeric(8,2), share double precision, note text, sources text)""",
        "INSERT INTO register VALUES (7, 'b', 'store', 'B', NULL, '{face,voice}', '2020-02-19', 12.50, 0.1, NULL, 's')",
        "INSERT INTO register VALUES (8, 'a', 'body', 'A', true, '{}', NULL, 100, 'NaN', '', 's')",
        "CREATE VIEW entities AS SELECT * FROM register",
        """CREATE TABLE relations (id uuid, subject text, predicate text, object text, status text, claim text,
           valid_until timestamp, sources text)""",
        """INSERT INTO relations VALUES ('12345678123456781234567812345678', 'a', 'holds', 'b', 'confirmed', 'So.',
           '2021-05-01 10:00', 's')""",
        "CREATE MATERIALIZED VIEW sources AS SELECT 's' AS id, 'S' AS title",
    ):
        connection.execute(statement)
    dataset = read(address)
    assert list(dataset.entities.rows()) == [
        {"id": "a", "nr": "8", "type": "body", "name": "A", "collective": "true", "categories": "", "valid_from": "",
         "area": "100", "share": "", "note": "", "sources": "s"},
        {"id": "b", "nr": "7", "type": "store", "name": "B", "collective": "", "categories": "face;voice",
         "valid_from": "2020-02-19", "area": "12.5", "share": "0.1", "note": "", "sources": "s"},
    ]  # fmt: skip
    relation = dataset.relations.row(0)
    assert relation["id"] == "12345678-1234-5678-1234-567812345678"
    assert relation["valid_until"] == "2021-05-01"
    (row,) = who_can_reach(build(dataset), "face", as_of="2020-06-01").rows
    assert (row["body"], row["store"], row["since"]) == ("a", "b", "2020-02-19")


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("year", 2020, "2020"),
        ("value", 2020.0, "2020"),
        ("value", 1e21, "1" + "0" * 21),
        ("value", 1e-7, "0.0000001"),
        ("percent", Decimal("1E+2"), "100"),
        ("seen", date(2020, 2, 9), "2020-02-09"),
        ("collective", 0, ""),
        ("collective", 1, "true"),
        ("collective", False, ""),
        ("other", False, "false"),
        ("aliases", ["a", None, 3], "a;;3"),
        ("note", None, ""),
        ("valid_from", "2020-04-15 00:00:00", "2020-04-15"),
        ("valid_until", "2020-04-15T00:00:00Z", "2020-04-15"),
        ("listed_from", "2020-04-15 23:59:59.999999", "2020-04-15"),
        ("listed_until", "2020-04-15T23:30:00+06:00", "2020-04-15"),
        ("date", "2020-04-15 10:00", "2020-04-15"),
        ("date", "2020-04-15 10:00:00 UTC", "2020-04-15"),
        ("date", "2020-02-30 00:00:00", "2020-02-30"),
        *(
            ("date", text, text)
            for text in (
                "",
                "2020",
                "2020-04",
                "2020-04-15",
                "2020-04-15 ",
                "2020-04-15 24:00:00",
                "2020-04-15 10:00 about",
                "soon",
                "2020-04-15 / 2020-04-16",
                "2020-04-15T",
                "2020-04-15T00:00:00+99:00",
            )
        ),
        ("name", "2020-04-15 00:00:00", "2020-04-15 00:00:00"),
    ],
)
def test_a_cell_of_any_type_is_the_text_of_a_csv_table(column: str, cell: object, said: str) -> None:
    assert databases._text(column, cell) == said


@pytest.mark.parametrize("backend", ["sqlite", "duckdb"])
def test_a_time_that_is_text_is_its_day_as_a_time_of_a_type_is(backend: str, tmp_path: Path) -> None:
    statements = [
        "CREATE TABLE entities (id text, type text, name text, categories text, valid_from text, sources text)",
        """CREATE TABLE relations (id text, subject text, predicate text, object text, status text, claim text,
           valid_from text, valid_until text, sources text)""",
        "CREATE TABLE sources (id text, title text, date text)",
        "INSERT INTO entities VALUES ('a', 'body', 'A', '', '', 's'), ('b', 'store', 'B', 'face', '2018', 's')",
        """INSERT INTO relations VALUES ('r', 'a', 'holds', 'b', 'confirmed', 'So.', '2020-04-15 00:00:00',
           '2021-05-01T10:00:00Z', 's')""",
        "INSERT INTO sources VALUES ('s', 'S', '2020-04-15T00:00:00Z')",
    ]
    file = tmp_path / f"one.{backend}"
    with (sqlite3.connect if backend == "sqlite" else duckdb.connect)(file) as database:
        for statement in statements:
            database.execute(statement)
    database.close()
    dataset = read(f"{backend}:///{file}")
    relation = dataset.relations.row(0)
    assert (relation["valid_from"], relation["valid_until"]) == ("2020-04-15", "2021-05-01")
    assert dataset.sources.row(0)["date"] == "2020-04-15"
    (row,) = who_can_reach(build(dataset), "face", as_of="2021-05-01").rows
    assert (row["since"], row["last_evidence"]) == ("2020-04-15", "2020-04-15")


def test_a_day_that_no_calendar_has_is_a_problem_with_a_time_too(tmp_path: Path) -> None:
    address = sqlite_of(tmp_path / "one.db")
    with sqlite3.connect(tmp_path / "one.db") as database:
        database.execute("ALTER TABLE sources ADD COLUMN date text")
        database.execute("UPDATE sources SET date = '2020-02-30 00:00:00'")
    database.close()
    with pytest.raises(InvalidDataset, match=r"sources\[s\]: date: '2020-02-30' is no day of the calendar"):
        read(address)


def test_large_tables_keep_each_distinct_cell_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = read("cabar-2020")
    address = sqlite_of(tmp_path / "one.db", dataset)
    plain = read(address)
    monkeypatch.setattr(databases, "_BATCH", 7)
    seen = []
    batched = read_database(address, watch=lambda *told: seen.append(told))
    assert_same(plain, batched)
    assert type(batched.relations.columns["predicate"]).__name__ == "EncodedColumn"
    reading = [done for step, done, _, _ in seen if step == "reading relations"]
    assert reading == [*range(0, len(dataset.relations), 7), len(dataset.relations)]


# ------------------------------------------------------------------------------------------------------------ reading


def test_a_database_file_is_neither_changed_nor_made(tmp_path: Path) -> None:
    dataset = read("cabar-2020")
    for address, path in (
        (sqlite_of(tmp_path / "one.db", dataset), tmp_path / "one.db"),
        (duckdb_of(tmp_path / "two.duckdb", dataset), tmp_path / "two.duckdb"),
    ):
        before = path.read_bytes()
        read(address)
        with pytest.raises(AccessMapError, match=r"read.?only"), databases._connected(address) as (connection, _):
            connection.execute(text("DELETE FROM relations"))
        assert path.read_bytes() == before
        with pytest.raises(DatasetNotFound, match="there is no database file"):
            read(address.replace(path.name, "other.db"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.db", "two.duckdb"]


@pytest.mark.database
def test_postgresql_itself_refuses_to_write_for_us(made: tuple[str, psycopg.Connection]) -> None:
    address, connection = made
    connection.execute("CREATE TABLE entities (id text)")
    with pytest.raises(AccessMapError, match="read-only transaction"), databases._connected(address) as (reader, _):
        reader.execute(text("INSERT INTO entities VALUES ('x')"))
    assert connection.execute("SELECT count(*) FROM entities").fetchone() == (0,)


def grow(execute: Run) -> Callable[[str, int, int, str], None]:
    """Adds an entity and a relation once all entities are read: seen by halves, the relation would lead nowhere."""

    def watch(step: str, done: int, total: int, unit: str) -> None:
        if step == "reading entities" and done:
            execute("INSERT INTO entities VALUES ('late', 'store', 'Late', 'face', 's')")
            execute("INSERT INTO relations VALUES ('late', 'a', 'holds', 'late', 'confirmed', 'Late.', 's')")

    return watch


@pytest.mark.database
def test_all_tables_are_read_as_of_one_moment(made: tuple[str, psycopg.Connection], tmp_path: Path) -> None:
    address, connection = made
    for statement in SMALL:
        connection.execute(statement)
    assert len(read_database(address, watch=grow(connection.execute)).relations) == 1
    assert len(read_database(address).relations) == 2
    file = tmp_path / "one.db"
    sqlite = sqlite_of(file)
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("PRAGMA journal_mode=WAL")
    assert len(read_database(sqlite, watch=grow(writer.execute)).relations) == 1
    assert len(read_database(sqlite).relations) == 2
    writer.close()


# ------------------------------------------------------------------------------------------------------------- faults


def test_what_is_wrong_is_told_with_the_ids_of_the_rows(tmp_path: Path) -> None:
    address = sqlite_of(tmp_path / "one.db")
    with sqlite3.connect(tmp_path / "one.db") as database:
        database.execute("INSERT INTO relations VALUES ('wrong', 'a', 'opperates', 'c', 'confirmed', 'X.', '')")
    database.close()
    with pytest.raises(InvalidDataset) as caught:
        read(address)
    assert str(caught.value).splitlines() == [
        "3 problems in the dataset",
        "  relations[wrong]: predicate: 'opperates' is not in the vocabulary (did you mean 'operates'?)",
        "  relations[wrong]: object: 'c' is defined nowhere",
        "  relations[wrong]: sources: a claim needs at least one source",
    ]


def test_a_database_is_validated_as_a_folder_is(
    accessmap: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    address = sqlite_of(tmp_path / "one.db")
    good = accessmap("validate", address)
    assert (good.returncode, good.stdout.splitlines()[0]) == (0, "No problem found in one."), good.stderr
    with sqlite3.connect(tmp_path / "one.db") as database:
        database.execute("UPDATE relations SET object = 'c'")
    database.close()
    bad = accessmap("validate", address)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr == "error: 1 problem in the dataset\n  relations[r]: object: 'c' is defined nowhere\n"


def test_a_column_of_what_is_no_text_is_a_problem(tmp_path: Path) -> None:
    address = sqlite_of(tmp_path / "one.db")
    with sqlite3.connect(tmp_path / "one.db") as database:
        database.execute("UPDATE entities SET name = x'00ff'")
    database.close()
    with pytest.raises(
        InvalidDataset, match=r"1 problem in the dataset\n  entities: name: holds bytes, which is no text"
    ):
        read(address)


@pytest.mark.database
def test_the_wrong_password_and_a_missing_table_are_told_without_the_right_one(
    made: tuple[str, psycopg.Connection],
) -> None:
    address, connection = made
    with_password = address.replace("tester@", "tester:hush-hush@")
    with pytest.raises(AccessMapError, match="has no table or view 'entities'") as caught:
        read(with_password)
    assert "hush" not in str(caught.value)
    with pytest.raises(AccessMapError, match=r'role "nobody" does not exist') as caught:
        read(with_password.replace("tester:", "nobody:"))
    assert "hush" not in str(caught.value)
    for statement in SMALL:
        connection.execute(statement)
    with pytest.raises(AccessMapError, match="in the schema 'hidden'") as caught:
        read(f"{with_password}&schema=hidden")
    assert "hush" not in str(caught.value)


def test_columns_in_capitals_are_told_of_the_table_not_of_a_row(tmp_path: Path) -> None:
    for rows in ("", "INSERT INTO entities VALUES ('a', 'body', 'A', 's');"):
        path = tmp_path / f"{len(rows)}.db"
        with sqlite3.connect(path) as database:
            tables = "CREATE TABLE entities (ID, type, name, sources);".join(("", ";".join(SMALL[1:3]) + ";"))
            database.executescript(tables + rows)
        database.close()
        with pytest.raises(InvalidDataset, match=r"\n  entities: id: this column is missing \(is 'ID' meant\?\)"):
            read(f"sqlite:///{path}")


def test_duckdb_fetches_nothing_to_open_a_file_that_is_not_its_own(tmp_path: Path) -> None:
    sqlite_of(tmp_path / "one.db")
    with pytest.raises(AccessMapError, match="cannot be read") as caught:
        read(f"duckdb:///{tmp_path}/one.db")
    assert "http" not in str(caught.value)


def test_options_that_sqlite_does_not_know_are_no_matter(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    assert len(read(f"{sqlite_of(tmp_path / 'one.db')}?mode=ro").relations) == 1
    assert not recwarn.list


def test_an_address_with_an_at_sign_is_no_revision_of_git(tmp_path: Path) -> None:
    folder = tmp_path / "a@b"
    folder.mkdir()
    assert read_version(sqlite_of(folder / "one.db")).name == "one"


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(AccessMapError, match=r"pip install 'accessmap\[sql\]'"):
        read("sqlite:///one.db")


def test_the_command_line_asks_a_database(
    accessmap: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    address = sqlite_of(tmp_path / "one.db", read("cabar-2020"))
    options = ("who", "video", "--as-of", "2020-04-15", "--format", "csv")
    there = accessmap(*options, "-d", address)
    assert there.returncode == 0, there.stderr
    assert there.stdout == accessmap(*options, "-d", "cabar-2020").stdout
    missing = accessmap(*options, "-d", "sqlite:///nowhere.db", cwd=tmp_path)
    assert (missing.returncode, missing.stderr) == (2, "error: there is no database file 'nowhere.db'.\n")


@pytest.mark.parametrize("written", ["hu/sh", "hu%2Fsh"])
def test_a_driver_that_tells_the_password_is_not_quoted_in_whatever_form(written: str) -> None:
    url = make_url("postgresql://me@host/x").set(password="hu/sh")
    assert databases._reason(RuntimeError(f"no {written}!"), url) == "no ***!"

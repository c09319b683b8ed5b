"""Addresses of databases: refused where a folder is written, and shown without their passwords."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from test_databases import sqlite_of

from stakeholders.errors import AccessMapError, DatasetNotFound
from stakeholders.tables import read


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("index", "ADDRESS"), "is no folder; only a folder's index can be saved"),
        (("index", "ADDRESS", "--clean"), "is no folder; only a folder's index can be saved"),
        (("convert", "cabar-2020", "ADDRESS"), "is an address; name a folder: databases are only read"),
        (("new", "ADDRESS"), "is an address; name a folder: databases are only read"),
        (("import", "csl", "list.csv", "ADDRESS"), "is an address; name a folder: databases are only read"),
    ],
)
def test_what_needs_a_folder_refuses_an_address_and_hides_its_password(
    run: Callable[..., tuple[int, str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    status, _, err = run(*(word.replace("ADDRESS", "postgresql://me:hush@h/x") for word in command))
    assert status == 2
    assert f"'postgresql://me:***@h/x' {said}" in err
    assert not any(tmp_path.iterdir())


def test_a_password_is_not_among_what_was_asked(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    address = sqlite_of(tmp_path / "one.db")
    status, out, _ = run("convert", f"{address}?password=hush", str(tmp_path / "new"), "--format", "json")
    assert status == 0
    assert "hush" not in out
    assert "password=***" in out


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("oracel://host/x", "'oracel' is no database that is known here. Known: postgresql, sqlite, duckdb"),
        ("://", "write one such as postgresql://"),
        ("s3a://bucket/folder", "is a folder that only Spark can read: add --engine spark"),
        ("viewfs:///folder", "is a folder that only Spark can read: add --engine spark"),
        ("mysql://root:secret@localhost/x", "mysql needs the package 'MySQLdb'. Install it beside accessmap."),
        ("postgresql://me@host:port/x", "'postgresql://me@host:port/x' is no address of a database"),
        ("sqlite://", "'sqlite://' names no database file; write three slashes: sqlite:///FILE.db."),
        ("sqlite:///", "'sqlite:///' names no database file; write three slashes: sqlite:///FILE.db."),
        ("sqlite://one.db", "'sqlite://one.db' names no database file; write three slashes: sqlite:///one.db."),
        ("sqlite:///:memory:", "names no database file; write three slashes: sqlite:///FILE.db."),
        ("duckdb://", "'duckdb://' names no database file; write three slashes: duckdb:///FILE.duckdb."),
        ("sqlite:one.db", "there is no dataset or folder 'sqlite:one.db'. Did you mean 'sqlite:///one.db'?"),
        ("postgresql//me:hush@h/x", "'postgresql//me:***@h/x'. Did you mean 'postgresql://me:***@h/x'?"),
    ],
)
def test_an_address_that_leads_nowhere_says_why(address: str, said: str) -> None:
    with pytest.raises(AccessMapError) as caught:
        read(address)
    assert said in str(caught.value)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(AccessMapError) as caught:
        read("postgresql://me:hush-hush@127.0.0.1:1/x")
    assert "hush" not in str(caught.value)
    assert "postgresql+psycopg://me:***@127.0.0.1:1/x" in str(caught.value)
    assert "refused" in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://127.0.0.1:1/x?user=me&password=hush-hush",
        "postgresql://me:hush-hush@127.0.0.1:port/x",
        "postgresql://me:hush@hush@127.0.0.1:1/x",
        "postgresql://me:hush/hush@127.0.0.1:1/x",
        "://me:hush-hush@host/x",
        "s3a://key:hush-hush@bucket/x",
        "postgresql:/me:hush-hush@127.0.0.1:1/x",
        "postgresql//me:hush-hush@127.0.0.1:1/x",
        "postgresql:me:hush-hush@127.0.0.1:1/x",
        "postgresql:/host/x?password=not hush-hush",
        "oracel://me:hush-hush@host/x",
        "mysql://me:hush-hush@host/x",
        "duckdb:///md:x?motherduck_token=hush-hush",
        "postgresql://127.0.0.1:1/x?sslpassword=hush-hush&nonsense=1",
    ],
)
def test_a_password_is_not_shown_however_the_address_is_written(address: str) -> None:
    with pytest.raises(AccessMapError) as caught:
        read(address)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("option", ["-o", "--output"])
def test_a_password_is_not_shown_of_an_address_in_a_files_place(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (
        ("map", option, "postgresql://me:hush@h/x"),
        ("who", "video", option, "postgresql://me:hush@h/x.csv"),
        ("screen", "postgresql://me:hush@h/x"),
        ("import", "csl", "postgresql://me:hush@h/x", str(tmp_path)),
        ("check", "postgresql://me:hush@h/x"),
        ("diff", "postgresql//me:hush@h/x", "cabar-2020"),
        ("validate", "postgresql:/me:hush@h/x"),
    ):
        status, out, err = run(*words)
        assert (status, out) == (2, ""), words
        assert "hush" not in err, words


def test_a_database_file_given_by_its_name_alone_is_told_its_address(tmp_path: Path) -> None:
    sqlite_of(tmp_path / "one.db")
    with pytest.raises(DatasetNotFound, match=rf"is a file; did you mean 'sqlite:///{tmp_path}/one.db'"):
        read(tmp_path / "one.db")


def test_a_host_whose_name_is_too_long_is_told_without_the_password() -> None:
    with pytest.raises(AccessMapError, match="cannot be read: encoding with 'idna' codec failed") as caught:
        read(f"postgresql://me:hush@{'a' * 300}/x")
    assert "hush" not in str(caught.value)

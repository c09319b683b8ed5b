"""Sanctions lists that are damaged, in other encodings or enormous: what is wrong is said with file and line."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pytest

from stakeholders.errors import AccessMapError
from stakeholders.formats.csl import read_csl
from stakeholders.formats.followthemoney import read_followthemoney
from stakeholders.formats.list_files import ListFile
from stakeholders.formats.opensanctions import read_opensanctions
from stakeholders.screening import open_list

CSL = "source,name,alt_names,start_date,source_list_url\n"
SIMPLE = "id,schema,name,aliases,countries,identifiers,dataset\n"


def entries(path: Path, reader=read_csl) -> list:
    with ListFile(path) as file:
        return list(reader(file))


def written(folder: Path, content: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (CSL + "EL,A,,,\nEL,B\n", r"list\.csv:3: 2 cells under a header of 5"),
        (CSL + "EL,A,,,\nEL,B,,,,,\n", r"list\.csv:3: 7 cells"),
        (CSL + 'EL,A,,,\nEL,"B,,,\nEL,C,,,\n', r"list\.csv:3: no valid CSV.*quote left open"),
        ("source,name\nEL,A\n", r"list\.csv:1: the header has no 'alt_names', 'start_date', 'source_list_url'"),
        ("", r"list\.csv:1: the header has no 'source'"),
        (CSL.encode() + b"EL,A,,,\nEL,\xcf\xe0\xef\xe8\xeb\xee\xed,,,\n", r"list\.csv:3: the file is not UTF-8"),
        ((CSL + "EL,A,,,\n").encode("utf-16"), r"list\.csv:1: the file is UTF-16"),
    ],
)
def test_a_damaged_table_is_refused_with_its_line(tmp_path: Path, content: str | bytes, says: str) -> None:
    with pytest.raises(AccessMapError, match=says):
        entries(written(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"id": "a", "schema": "Company", "properties": {}}\n{"id": \n', r":2: no valid JSON"),
        ('{"id": "a", "schema": "Company", "properties": {}}\n\n[1]\n', r":3: no entity of FollowTheMoney"),
        ('{"id": "a", "properties": {}}\n', r":1: an entity needs an id and a schema"),
        ('{"id": "", "schema": "Company", "properties": {}}\n', r":1: an entity needs an id"),
        ('{"id": "a", "schema": "Company", "properties": []}\n', r":1: no entity of FollowTheMoney"),
        ("[" * 100_000 + "\n", r":1: no valid JSON"),
        (b'{"id": "\xcf\xe0", "schema": "Company", "properties": {}}\n', r":1: no valid JSON.*utf-8"),
    ],
)
def test_a_damaged_line_is_refused_with_its_number(tmp_path: Path, content: str | bytes, says: str) -> None:
    with pytest.raises(AccessMapError, match=says):
        entries(written(tmp_path, content, "entities.ftm.json"), read_followthemoney)


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = written(tmp_path, b'{"id": "' + b"a" * (20 << 20), "entities.ftm.json")
    with pytest.raises(AccessMapError, match="longer than 16 MB"):
        entries(path, read_followthemoney)


def test_an_open_quote_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = written(tmp_path, CSL + 'EL,"' + "a\n" * (10 << 20))
    with pytest.raises(AccessMapError, match="quote left open"):
        entries(path)


def test_a_byte_order_mark_and_other_line_ends_are_no_matter(tmp_path: Path) -> None:
    table = b"\xef\xbb\xbf" + (CSL + "EL,A,,,\n").replace("\n", "\r\n").encode()
    assert [entry.names for entry in entries(written(tmp_path, table))] == [("A",)]
    lines = b'\xef\xbb\xbf{"id": "a", "schema": "Company", "properties": {"name": ["A"]}}\r\n\r\n'
    assert [entry.id for entry in entries(written(tmp_path, lines, "e.json"), read_followthemoney)] == ["a"]


def test_a_compressed_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress((CSL + "EL,A,,,\n").encode()), "list.csv.gz")
    assert [entry.names for entry in entries(path)] == [("A",)]
    cut = written(tmp_path, gzip.compress((CSL + "EL,A,,,\n" * 99).encode())[:-20], "cut.csv.gz")
    with pytest.raises(AccessMapError, match="cannot be read"):
        entries(cut)


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, SIMPLE + "".join(f"{n},Company,Name {n},,,,\n" for n in range(20_000)))
    told: list[tuple[int, int]] = []
    with ListFile(path, lambda done, size: told.append((done, size))) as file:
        assert sum(1 for _ in read_opensanctions(file)) == 20_000
    assert told[-1] == (path.stat().st_size, path.stat().st_size)
    assert len(told) > 3
    assert told == sorted(told)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = written(tmp_path, SIMPLE + "".join(f"{n},Company,{'Name ' * 40},,,,\n" for n in range(rows)))
        tracemalloc.start()
        with ListFile(path) as file:
            for _ in read_opensanctions(file):
                pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(40_000) < 2 * peak(2_000)


def test_formats_are_told_apart_by_their_beginning(tmp_path: Path) -> None:
    listing = "id,entity,authority,list\n"
    for content, form in (
        (CSL, "csl"),
        (SIMPLE, "opensanctions"),
        (listing, "listings"),
        ('{"id": "a", "schema": "Company", "properties": {}}\n', "followthemoney"),
    ):
        assert open_list(written(tmp_path, content))[0] == form
        assert open_list(written(tmp_path, gzip.compress(content.encode())))[0] == form


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("<xml/>", "neither lines of JSON nor a known header"),
        ("id,name,aliases\n", "lacks 'schema', 'countries', 'identifiers', 'dataset'"),
        ("id,name\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, content: str | bytes, says: str) -> None:
    with pytest.raises(AccessMapError, match=says):
        open_list(written(tmp_path, content))


def test_a_missing_file_is_an_error_not_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(AccessMapError, match="No such file"):
        open_list(tmp_path / "nowhere.csv")
    with pytest.raises(AccessMapError, match="directory"):
        open_list(tmp_path)

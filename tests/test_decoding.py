"""Files that are no CSV, or not in UTF-8, are told by what they are."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from stakeholders import decoding
from stakeholders.decoding import decoded, parse
from stakeholders.samples import starter
from stakeholders.tables import inspect, read

RELATIONS = starter("city")["relations.csv"]


def told(folder: Path, raw: bytes) -> list[str]:
    for name, content in {**starter("city"), "relations.csv": raw}.items():
        (folder / name).write_bytes(content)
    return [str(problem) for problem in inspect(folder)]


@pytest.mark.parametrize("limit", [1 << 24, 10])
@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (gzip.compress(RELATIONS), "is packed by gzip: unpack it"),
        (b"PK\x03\x04\x14", "is a workbook or a ZIP archive, no CSV: save the sheet as 'CSV UTF-8'"),
        (b"\xd0\xcf\x11\xe0\xa1", "is a workbook of an old spreadsheet, no CSV: save the sheet as 'CSV UTF-8'"),
        (b"PAR1\x15\x04PAR1", "is a Parquet file: let its name end in .parquet"),
        (b"SQLite format 3\0\x10", "is a database: name it as sqlite:///FILE"),
        (b"%PDF-1.7", "is a PDF, no table"),
        (b"\n<!DOCTYPE html>\n<p>Not found, sorry", "is a web page or XML, no table"),
        (b'[{"id": "a"}]', "is JSON, no table"),
        (b'{"id": "a"}\n{"id": "b"}', "is JSON, no table"),
        (b"<<<<<<< HEAD\nid,type\n=======\nid,kind\n", "starts with git's mark of a conflict: settle it"),
        (b"version https://git-lfs.github.com/", "is a pointer of Git LFS: fetch the file with 'git lfs pull'"),
    ],
)  # fmt: skip
def test_what_is_another_format_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes, said: str, limit: int
) -> None:
    monkeypatch.setattr(decoding, "LARGE", limit)
    monkeypatch.setattr("stakeholders.tables.LARGE", limit)
    assert told(tmp_path, raw) == [f"relations.csv: {said}"]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_told_and_read(tmp_path: Path, codec: str) -> None:
    text = RELATIONS.decode().replace("The city", "Қала")
    assert decoded("relations.csv", text.encode(codec))[0] == text
    looks = f"it looks like {codec[:6].upper()}: save the file as UTF-8 (a spreadsheet calls it 'CSV UTF-8')"
    assert told(tmp_path, text.encode(codec)) == [f"relations.csv: is not UTF-8; {looks}"]


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        ("id,name\na,Полиция города\n", "cp1251", "CP1251 (Windows Cyrillic)"),
        ("id,name\na,Полиция города\n", "koi8-r", "KOI8-R (Unix Cyrillic)"),
        ("id,name\na,Полиция города\n", "cp866", "CP866 (DOS Cyrillic)"),
        ("id,name\na,Müller Überwachung GmbH\nb,Société générale\n", "cp1252", "CP1252 (Windows Western)"),
    ],
)
def test_other_encodings_are_told_by_their_letters(text: str, codec: str, name: str) -> None:
    found, (problem,) = decoded("entities.csv", text.encode(codec))
    assert found == text
    assert name in problem.message


@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "=======", ">>>>>>> other"])
def test_marks_of_a_conflict_are_known(tmp_path: Path, mark: str) -> None:
    raw = RELATIONS.replace(b"\n", f"\n{mark}\n".encode(), 1)
    assert told(tmp_path, raw) == [f"relations.csv:2: {mark[:7]!r} is git's mark of a conflict; settle it"]


@pytest.mark.parametrize("ends", ["\r\n", "\r", "mixed", "bom"])
def test_line_ends_and_byte_order_marks_change_no_cell(tmp_path: Path, ends: str) -> None:
    sound = parse("relations.csv", RELATIONS).columns
    lines = RELATIONS.decode().splitlines()
    mixed = "".join(line + end for line, end in zip(lines, ("\n", "\r\n", "\r") * len(lines), strict=False))
    text = {"mixed": mixed, "bom": "\ufeff" + RELATIONS.decode()}.get(ends, "".join(line + ends for line in lines))
    assert told(tmp_path, text.encode()) == []
    assert read(tmp_path).relations.columns == sound


def test_a_cell_of_two_hundred_thousand_characters_is_whole_and_told(tmp_path: Path) -> None:
    claim = parse("relations.csv", RELATIONS).columns["claim"][0]
    raw = RELATIONS.replace(claim.encode(), b"x" * 200_000, 1)
    assert told(tmp_path, raw) == [
        "relations.csv:2: claim: is 200,000 characters long; a spreadsheet cuts a cell after 32,767"
    ]
    assert len(read(tmp_path, check=False).relations.column("claim")[0]) == 200_000

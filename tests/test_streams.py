"""Large CSV files mean what they mean to Python's csv module, or are left to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stakeholders import decoding, streams
from stakeholders.decoding import parse
from stakeholders.streams import Scan, batches, header_of, parse_large, scan_file
from stakeholders.tables import table_bytes

HEAD = b"id,type,note\n"
PIECES = ("a", "b c", "é", ",", ",", ",", '"', '"', '""', "\n", "\n", "\r\n", "\r", "\x00", ";", " ", "\ufeff", "я")


def scanned(raw: bytes, block: int) -> Scan:
    scan = Scan()
    for start in range(0, len(raw), block):
        scan.feed(raw[start : start + block])
    scan.close()
    return scan


@given(st.lists(st.sampled_from(PIECES), max_size=24), st.integers(1, 7))
@example(["a", ",", '"', "b c", '""', "\n", '"', ",", "\n", "\n", "a", ",", ",", "\r\n"], 1)
@example(["a", ",", "b c", ",", '"', "é", '"', "\r\n", "\r\n", "a", ",", '"', '"', ",", "a"], 2)
def test_what_pyarrow_reads_is_what_the_csv_module_reads(pieces: list[str], block: int) -> None:
    raw = HEAD + "".join(pieces).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "_BLOCK", block)
        quick = parse_large(raw)
    slow = parse("entities.csv", raw)
    if quick is None:
        return
    assert not slow.problems
    assert {name: tuple(cells) for name, cells in quick.columns.items()} == slow.columns
    assert (list(quick.lines), quick.header, quick.style) == (slow.lines, slow.header, slow.style)


@pytest.mark.parametrize(
    "raw",
    [
        b'a,body,"one, two"\nb,body,\n',
        b'a,body,"say ""so"""\n"b","",""""\n',
        b'a,body,"two\nlines"\n\nb,store,x',
        b'a,body,x\r\nb,store,"y\r\nz"\r\n',
        "a,body,я\n".encode(),
        b'a,body,""\n',
    ],
)
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_sound_files_are_read_by_pyarrow(raw: bytes, bom: bytes) -> None:
    quick, slow = parse_large(bom + HEAD + raw), parse("entities.csv", bom + HEAD + raw)
    assert quick is not None
    assert {name: tuple(cells) for name, cells in quick.columns.items()} == slow.columns
    assert (list(quick.lines), quick.style) == (slow.lines, slow.style)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'a,body,"one" two\n', "closes before the end of the cell"),
        (b"a,body\n", "has 2 cells, the header has 3"),
        (b'a,body,"never closed\n', "is never closed"),
        (b"a,body,\xcf\xf0\xe8\n", "is not UTF-8"),
    ],
)
def test_what_is_wrong_is_said_as_of_a_small_file(raw: bytes, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "LARGE", 4)
    good = b"b,body,x\n" * 50
    assert said in str(parse("entities.csv", HEAD + good + raw + good).problems[0])
    assert parse_large(HEAD + good + raw + good) is None


@pytest.mark.parametrize("block", range(1, 9))
@pytest.mark.parametrize(
    ("raw", "sound"),
    [
        (b'i,n\na,"A"\n', True),
        (b'i,n\na,"A" \n', False),
        (b'i,n\na, "A"\n', False),
        (b'i,n\na,"A"",b"\n', True),
        (b'i,n\na,""A\n', False),
        (b'i,n\na,"A', False),
        (b"i,n\ra,A\n", False),
        (b"i,n\na,A\r", False),
        (b"i,n\na,A\x00\n", False),
        (b"\ni,n\na,A\n", False),
    ],
)
def test_a_scan_finds_the_same_wherever_a_block_ends(raw: bytes, sound: bool, block: int) -> None:
    assert scanned(raw, block).sound == sound


@pytest.mark.parametrize("block", range(1, 12))
def test_a_scan_knows_the_line_of_every_row(block: int) -> None:
    scan = scanned(b'i,n\na,"A\nB"\n\r\n\nb,B\nc,"""\n"""', block)
    assert (scan.sound, scan.spanning, scan.rows) == (True, True, 3)
    assert list(scan.lines()) == [2, 6, 7]


def test_a_large_table_is_written_back_byte_for_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    from stakeholders.samples import starter
    from stakeholders.tables import read_files

    monkeypatch.setattr(decoding, "LARGE", 4)
    files = {**starter("city")}
    files["entities.csv"] = files["entities.csv"].replace(b"\n", b"\r\n")
    dataset = read_files("city", files)
    assert type(dataset.entities.columns["type"]).__name__ == "EncodedColumn"
    assert {table.file: table_bytes(table) for table in dataset.tables.values()}.items() <= files.items()
    monkeypatch.setattr(decoding, "LARGE", 1 << 30)
    plain = read_files("city", files)
    for name, table in plain.tables.items():
        assert list(table.rows()) == list(dataset.tables[name].rows())
        assert list(table.lines) == list(dataset.tables[name].lines)


def test_a_file_is_scanned_and_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_BLOCK", 1000)
    monkeypatch.setattr(streams, "_PARSED", 2000)
    path = tmp_path / "entities.csv"
    path.write_bytes(b"\xef\xbb\xbf" + HEAD + b"".join(b'a%d,body,"n, %d"\n' % (row, row) for row in range(999)))
    seen = []
    scan = scan_file(path, watch=lambda *told: seen.append(told))
    assert (scan.sound, scan.rows) == (True, 999)
    assert seen[-1] == ("checking entities.csv", path.stat().st_size, path.stat().st_size, "bytes")
    header = header_of(path.read_bytes()[:100])
    assert header == ["id", "type", "note"]
    pieces = list(batches(path, header, scan.spanning))
    assert len(pieces) > 5
    assert sum(len(piece) for piece in pieces) == 999
    assert pieces[-1].to_pylist()[-1] == {"id": "a998", "type": "body", "note": "n, 998"}

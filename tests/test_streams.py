"""Large CSV files mean what they mean to Python's csv module, or are left to it."""

from __future__ import annotations

import csv
import io
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stakeholders import decoding, examination, parquet, streams, tables
from stakeholders.decoding import parse
from stakeholders.errors import AccessMapError
from stakeholders.files import Stored
from stakeholders.progress import Meter
from stakeholders.streams import Scan, batches, header_of, parse_large, scan_file
from stakeholders.writing import table_bytes

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


LINES = ('a,"b",c', '"a, a",b,"c', 'd"""",e', "a,b,c", "", "\r", 'é,"""",""', '"', 'a,"b"x,c')


@given(st.lists(st.sampled_from(LINES), min_size=12, max_size=80), st.sampled_from([64, 128, 192, 1 << 18]))
def test_a_scan_finds_the_same_however_many_bytes_it_looks_at_together(lines: list[str], cached: int) -> None:
    raw = HEAD + "\n".join(lines).encode()
    one, all_at_once = scanned(raw, 1), Scan()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "_CACHED", cached)
        all_at_once.feed(raw)
        all_at_once.close()
    assert one.sound == all_at_once.sound
    if one.sound:
        assert (one.spanning, one.rows) == (all_at_once.spanning, all_at_once.rows)
        assert list(one.lines()) == list(all_at_once.lines())


class _Told(Meter):
    """A watch over all that is done which hands on what it is told."""

    def __init__(self, told: Callable[..., object]) -> None:
        super().__init__(str)
        self._told = told

    def __call__(self, step: str, done: int, total: int, unit: str) -> None:
        self._told(step, done, total, unit)


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose entities are read as a large file is."""
    from stakeholders.samples import starter

    monkeypatch.setattr(decoding, "LARGE", 500)
    monkeypatch.setattr(tables, "LARGE", 500)
    folder = tmp_path / "city"
    folder.mkdir()
    for name, content in starter("city").items():
        (folder / name).write_bytes(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n") if name[0] == "e" else content)
    return folder


def test_a_large_file_is_not_kept_and_comes_out_byte_for_byte(large: Path, tmp_path: Path) -> None:
    dataset = tables.read(large)
    assert isinstance(dataset.entities.raw, Stored)
    assert tables.read_files("city", {path.name: path.read_bytes() for path in large.iterdir()}).sha256 == (
        dataset.sha256
    )
    tables.write(dataset, tmp_path / "copy")
    for path in large.iterdir():
        assert (tmp_path / "copy" / path.name).read_bytes() == path.read_bytes()
    # Where it lies already it is left, so that it can be written again and again.
    before = (large / "entities.csv").stat()
    for note in ("x", "y"):
        edited = dataset.with_tables(sources=dataset.sources.with_column("note", [note] * len(dataset.sources)))
        tables.write(edited, large)
    assert (large / "entities.csv").stat() == before
    assert tables.read(large).sources.column("note")[0] == "y"


def test_a_large_file_that_changed_since_it_was_read_is_not_taken_for_what_it_was(large: Path, tmp_path: Path) -> None:
    dataset = tables.read(large)
    with (large / "entities.csv").open("ab") as file:
        file.write(b"\r\n")
    with pytest.raises(AccessMapError, match=r"entities\.csv' changed since it was read; run it again"):
        tables.write(dataset, tmp_path / "copy")
    assert not any((tmp_path / "copy").iterdir())
    dataset = tables.read(large)
    (large / "entities.csv").unlink()
    with pytest.raises(AccessMapError, match="changed since it was read"):
        assert dataset.sha256


def test_a_large_file_that_changes_while_it_is_read_is_refused(large: Path) -> None:
    size = (large / "entities.csv").stat().st_size

    def meddle(step: str, done: int, total: int, unit: str) -> None:
        if (step, done) == ("checking entities.csv", size):
            with (large / "entities.csv").open("ab") as file:
                file.write(b"\r\n")

    with _Told(meddle), pytest.raises(AccessMapError, match=r"entities\.csv' changed since it was read"):
        tables.read(large)


def test_whoever_watches_is_told_of_a_large_file_though_nobody_passed_the_watch_on(large: Path) -> None:
    told: dict[str, tuple[int, int, str]] = {}
    with _Told(lambda step, *how_far: told.update({step: how_far})):
        tables.read(large)
    size = (large / "entities.csv").stat().st_size
    assert told["checking entities.csv"] == told["reading entities.csv"] == (size, size, "bytes")


def test_a_column_of_few_cells_keeps_each_once_unless_it_turns_out_to_have_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "_PARSED", 2000)
    monkeypatch.setattr(parquet, "_BATCH", 600)
    path = tmp_path / "relations.csv"
    rows = [f"r{row},Said.,{'' if row < 100 else row},{row % 3}" for row in range(1000)]
    path.write_text("id,claim,note,own\n" + "\n".join(rows) + "\n", "utf-8")
    monkeypatch.setattr(streams, "_HEAD", 1500)
    found = streams.read_large(path)
    assert found is not None
    columns = found[0].columns
    kinds = {name: type(column).__name__ for name, column in columns.items()}
    assert kinds == {"id": "ArrowColumn", "claim": "EncodedColumn", "note": "ArrowColumn", "own": "EncodedColumn"}
    assert [",".join(cells) for cells in zip(*columns.values(), strict=True)] == rows


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


CORRUPTIONS = (
    "", " ", "nobody-known", "opperates", "2020-13", "2020-02-30", "face;;voise", "=1+1", "KZZ", "-5", "x,y", "ÐšÐ°Ð·",
)  # fmt: skip


@given(st.randoms(use_true_random=False))
def test_the_same_is_wrong_with_a_large_folder_as_with_a_small_one(rng: random.Random) -> None:
    from stakeholders.samples import starter

    files = dict(starter("city"))
    for _ in range(rng.randint(1, 4)):
        name = rng.choice(("entities.csv", "relations.csv", "sources.csv"))
        rows = list(csv.reader(io.StringIO(files[name].decode())))
        row, place = rng.randrange(1, len(rows)), rng.randrange(len(rows[0]))
        rows[row][place] = rng.choice((*CORRUPTIONS, rng.choice(rows)[place]))
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        files[name] = text.getvalue().encode()
    said = []
    with tempfile.TemporaryDirectory() as place:
        for name, content in files.items():
            (Path(place) / name).write_bytes(content)
        for limit in (1 << 30, 10):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(decoding, "LARGE", limit)
                patch.setattr(tables, "LARGE", limit)
                patch.setattr(examination, "_MANY", limit // 10)
                said.append([str(problem) for problem in tables.inspect(place)])
    assert said[0] == said[1]

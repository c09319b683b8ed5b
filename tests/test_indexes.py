"""A saved index: the same graph, never a wrong one, whoever writes, reads, changes files or is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cli
from benchmarks.generate import landscape
from benchmarks.generate import write as write_generated
from graphs.access import AccessGraph, build
from graphs.explanations import how
from graphs.indexes import clean_index, load_index, save_index
from graphs.reachability import reachable_from, who_can_reach
from stakeholders import packing, snapshots
from stakeholders.columns import ArrowColumn
from stakeholders.conversion import convert
from stakeholders.errors import AccessMapError, DatasetNotFound
from stakeholders.packing import Sorted, StoredTexts, packed
from stakeholders.tables import read, write

ROOT = Path(__file__).resolve().parent.parent


def loaded(folder: Path) -> AccessGraph:
    graph = load_index(folder)
    assert graph is not None
    return graph


def assert_same(one: AccessGraph, other: AccessGraph) -> None:
    for name in ("arcs", "denials", "keeping", "intervals"):
        mine, theirs = getattr(one, name), getattr(other, name)
        for field in fields(mine):
            a, b = getattr(mine, field.name), getattr(theirs, field.name)
            assert np.array_equal(a, b), f"{name}.{field.name}"
            assert getattr(a, "dtype", None) == getattr(b, "dtype", None)
    for name in ("types", "node_masks", "passes", "indptr", "deniable"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert list(one.ids) == list(other.ids)
    assert dict(one.position) == dict(other.position)
    assert (one.rules, dict(one.unruled)) == (other.rules, dict(other.unruled))
    assert one.dataset.sha256 == other.dataset.sha256
    assert (one.dataset.name, one.dataset.package, one.dataset.extras) == (
        other.dataset.name, other.dataset.package, other.dataset.extras,
    )  # fmt: skip
    for name, table in one.dataset.tables.items():
        same = other.dataset.tables[name]
        assert (table.header, table.style, list(table.lines)) == (same.header, same.style, list(same.lines))
        assert list(table.rows()) == list(same.rows())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(read("cabar-2020"), tmp_path / "cabar")
    return tmp_path / "cabar"


@pytest.mark.parametrize("name", ["cabar-2020", "central-asia"])
def test_what_is_loaded_is_what_was_built_and_answers_alike(name: str, tmp_path: Path) -> None:
    write(read(name), tmp_path / "data")
    (made,) = save_index(tmp_path / "data").rows
    built, index = build(read(tmp_path / "data")), loaded(tmp_path / "data")
    assert made["arcs"] == len(built.arcs)
    assert made["bytes"] == Path(made["path"]).stat().st_size
    assert_same(index, built)
    for stance in ("direct", "documented", "assumed"):
        options = {"stance": stance, "as_of": "2020-04-15"}
        for question in (
            lambda graph, options=options: who_can_reach(graph, "biometric", by="pair", **options),
            lambda graph, options=options: reachable_from(graph, "kz-mia", **options),
            lambda graph, options=options: how(graph, "kz-mia", "video", **options),
        ):
            assert question(index).to_dict() == question(built).to_dict()


def test_generated_and_converted_folders_too(tmp_path: Path) -> None:
    write_generated(landscape(300), tmp_path / "csv")
    convert(tmp_path / "csv", tmp_path / "parquet")
    for name in ("csv", "parquet"):
        save_index(tmp_path / name)
        assert_same(loaded(tmp_path / name), build(read(tmp_path / name)))


def test_saved_arrays_cannot_be_written_to(folder: Path) -> None:
    save_index(folder)
    with pytest.raises(ValueError, match="read-only"):
        loaded(folder).arcs.level[0] = 3


# --------------------------------------------------------------------------------------------- never a wrong answer


def test_after_any_change_of_any_file_there_is_no_index(folder: Path) -> None:
    assert load_index(folder) is None
    save_index(folder)
    for name in ("entities.csv", "relations.csv", "sources.csv", "datapackage.json"):
        raw = (folder / name).read_bytes()
        times = (folder / name).stat()
        (folder / name).write_bytes(raw.replace(b"a", b"e", 1))  # as long as it was, and of the same time
        os.utime(folder / name, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert load_index(folder) is None, name
        (folder / name).write_bytes(raw)
        assert load_index(folder) is not None
    (folder / "rules.toml").write_text('[predicates.supplies]\narc = "none"\n', "utf-8")
    assert load_index(folder) is None
    (folder / "rules.toml").unlink()
    (folder / "notes.txt").write_text("no part of a dataset", "utf-8")
    assert load_index(folder) is not None
    (folder / "sources.csv").rename(folder / "away.csv")
    assert load_index(folder) is None


def test_another_version_of_the_program_makes_another_index(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_index(folder)
    monkeypatch.setattr("graphs.indexes._maker", lambda: "another")
    assert load_index(folder) is None
    save_index(folder)
    assert load_index(folder) is not None
    assert len(list((folder / ".accessmap").glob("*.index"))) == 1


def test_files_are_looked_through_once_and_again_if_they_might_have_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_index(folder)
    looked = []
    plain = snapshots._looked_at
    monkeypatch.setattr(snapshots, "_looked_at", lambda path, watch: looked.append(path.name) or plain(path, watch))
    loaded(folder)
    assert "relations.csv" in looked, "what was written this very second may be written again within it"
    monkeypatch.setattr(snapshots, "_SETTLED", 1_000_000)
    time.sleep(0.02)
    loaded(folder)
    looked.clear()
    loaded(folder)
    assert not looked
    (folder / "relations.csv").touch()
    loaded(folder)
    assert looked == ["relations.csv"]
    (folder / ".accessmap" / "seen.json").write_text('{"relations.csv": 3, "entities.csv": {}}', "utf-8")
    loaded(folder)


def test_what_changes_while_it_is_read_is_not_saved(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def changing(place: Path) -> object:
        dataset = read(place)
        with (folder / "relations.csv").open("ab") as file:
            file.write(b"\n")
        return dataset

    monkeypatch.setattr(snapshots, "read", changing)
    with pytest.raises(AccessMapError, match="changed while it was read; run it again"):
        save_index(folder)
    assert not (folder / ".accessmap").exists()


def test_a_folder_that_may_only_be_read_still_answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_index(folder)

    def refuse(path: Path, content: bytes) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(snapshots, "write_whole", refuse)
    (folder / "relations.csv").touch()
    assert load_index(folder) is not None
    with pytest.raises(AccessMapError, match=r"cannot write '.*\.accessmap': permission denied"):
        save_index(folder)


def test_a_full_disk_is_said_before_anything_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 1000))
    with pytest.raises(AccessMapError, match="the index takes 1 MB, for which the disk has no room"):
        save_index(folder)
    assert not list((folder / ".accessmap").glob("*.index"))


def test_only_a_folder_of_ones_own_has_an_index(tmp_path: Path) -> None:
    for place in ("cabar-2020", "sqlite:///x.db"):
        with pytest.raises(AccessMapError, match="only a folder's index can be saved"):
            save_index(place)
        assert load_index(place) is None
    with pytest.raises(DatasetNotFound, match="there is no folder"):
        save_index(tmp_path / "none")
    assert load_index(tmp_path / "none") is None


def test_interrupted_it_leaves_the_index_that_was(folder: Path) -> None:
    before = Path(save_index(folder).rows[0]["path"])

    def interrupt(step: str, *told: object) -> None:
        if step == "writing the index":
            raise KeyboardInterrupt

    (folder / "relations.csv").write_bytes((folder / "relations.csv").read_bytes() + b"\n")
    with pytest.raises(KeyboardInterrupt):
        save_index(folder, watch=interrupt)
    assert [path.name for path in (folder / ".accessmap").glob("*.*index*")] == [before.name]


def test_clean_takes_away_what_was_saved_and_nothing_else(folder: Path) -> None:
    assert clean_index(folder).rows == ()
    before = {path.name for path in folder.iterdir()}
    path = save_index(folder).rows[0]["path"]
    assert {"path": path} in clean_index(folder).rows
    assert {path.name for path in folder.iterdir()} == before
    save_index(folder)
    (folder / ".accessmap" / "mine.txt").write_text("mine", "utf-8")
    clean_index(folder)
    assert [path.name for path in (folder / ".accessmap").iterdir()] == ["mine.txt"]


KILLED = """
import os, random, signal, sys, time
from pathlib import Path
from graphs.access import build
from graphs.indexes import load_index, save_index
from graphs.reachability import who_can_reach
from stakeholders import snapshots
from stakeholders.tables import read

snapshots._PIECE = 4096
folder = Path(sys.argv[1])
relations = (folder / "relations.csv").read_text("utf-8").splitlines(keepends=True)

def start():
    child = os.fork()
    if not child:
        save_index(folder, watch=lambda *told: time.sleep(0.002))  # so that most of the time it is being written
        os._exit(0)
    return child

def answer(graph):
    return who_can_reach(graph, "video", by="pair", as_of="2020-04-15").rows

takes = 60.0
for _ in range(3):
    began = time.monotonic()
    os.waitpid(start(), 0)
    takes = min(takes, time.monotonic() - began)
found = []
for moment in range(20):
    # One relation less each time, so that every earlier index is a wrong one.
    (folder / "relations.csv").write_text("".join(relations[: len(relations) - moment]), "utf-8")
    child = start()
    time.sleep((moment + random.Random(moment).random()) / 20 * takes)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    graph = load_index(folder)
    right = build(read(folder))
    found.append(graph is not None)
    if graph is not None:
        assert graph.dataset.sha256 == right.dataset.sha256
        assert answer(graph) == answer(right)
save_index(folder)
assert answer(load_index(folder)) == answer(build(read(folder)))
print(found.count(False), len([path for path in (folder / ".accessmap").iterdir() if path.suffix == ".part"]))
"""


def test_killed_at_20_moments_it_gives_the_right_answer_or_none(folder: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    missed, left = map(int, run.stdout.split())
    assert missed >= 5, "hardly one was killed in time"
    assert left == 0


def test_two_writers_and_a_reader_get_along(folder: Path) -> None:
    program = "import sys\nfrom graphs.indexes import save_index\nfor _ in range(12):\n    save_index(sys.argv[1])\n"
    writers = [subprocess.Popen([sys.executable, "-c", program, str(folder)], cwd=ROOT) for _ in range(2)]
    built = build(read(folder))
    expected = who_can_reach(built, "video", as_of="2020-04-15").rows
    met = 0
    while any(writer.poll() is None for writer in writers):
        if (graph := load_index(folder)) is not None:
            met += 1
            assert who_can_reach(graph, "video", as_of="2020-04-15").rows == expected
    assert [writer.wait() for writer in writers] == [0, 0]
    assert met > 3
    assert_same(loaded(folder), built)


# ------------------------------------------------------------------------------------------------------------ its parts


@given(st.lists(st.text(max_size=4), max_size=12))
def test_stored_texts_are_a_column_like_any_other(texts: list[str]) -> None:
    for given_as in (texts, ArrowColumn(pa.array(["x", *texts], pa.string())[1:])):
        arrays = packed("t", given_as)
        stored = StoredTexts(arrays["t.ends"], arrays["t.text"])
        assert list(stored) == texts
        assert list(reversed(stored)) == texts[::-1]
        assert stored.array.to_pylist() == texts
        assert list(stored[1:4]) == texts[1:4]
        assert [stored[row] for row in range(-len(texts), len(texts))] == texts * 2
        assert list(stored.take(np.arange(len(texts))[::-1])) == texts[::-1]
        coded = stored.encoded()
        assert list(coded) == texts
        with pytest.raises(IndexError):
            stored[len(texts)]
        again = packed("t", stored)
        assert all(np.array_equal(again[name], arrays[name]) for name in arrays)


@given(st.lists(st.text(max_size=3), max_size=20), st.text(max_size=3), st.booleans())
def test_a_sorted_column_is_looked_up_like_a_dictionary(texts: list[str], other: str, arrow: bool) -> None:
    column = ArrowColumn(pa.array(texts, pa.string())) if arrow else texts
    order = packing._order(column)
    if len(set(texts)) < len(texts):
        assert order is None
        return
    found = Sorted(texts, order)
    expected = {text: row for row, text in enumerate(texts)}
    assert dict(found) == expected
    assert len(found) == len(expected)
    assert found.get(other, -1) == expected.get(other, -1)
    assert (other in found) == (other in expected)


# ------------------------------------------------------------------------------------------------------ command line


def test_a_sorted_column_that_is_asked_often_is_made_a_dictionary() -> None:
    texts = _Counted([f"e{number:04}" for number in range(2000)])
    column = Sorted(texts, np.zeros(0, np.int32))
    for _ in range(3):
        assert [column[text] for text in list(texts)] == list(range(2000))
        with pytest.raises(KeyError):
            column["e"]
    assert texts.asked < 1000


class _Counted(list[str]):
    """Texts that count how often one of them is asked for."""

    asked = 0

    def __getitem__(self, row: Any) -> Any:
        self.asked += 1
        return super().__getitem__(row)


def test_the_command_saves_tells_and_cleans(
    accessmap: Callable[..., subprocess.CompletedProcess[str]], folder: Path
) -> None:
    run = accessmap("index", str(folder), "--format", "json")
    assert run.returncode == 0, run.stderr
    assert '"entities": 43' in run.stdout
    assert list((folder / ".accessmap").glob("*.index"))
    answer = accessmap("who", "video", "-d", str(folder), "--as-of", "2020-04-15", "--format", "json")
    clear = accessmap("index", "--clean", str(folder))
    assert clear.returncode == 0, clear.stderr
    assert not (folder / ".accessmap").exists()
    assert (
        accessmap("who", "video", "-d", str(folder), "--as-of", "2020-04-15", "--format", "json").stdout
        == answer.stdout
    )


@pytest.mark.parametrize(
    ("place", "said"),
    [("cabar-2020", "'cabar-2020' is no folder; only a folder's index"), ("nowhere", "there is no folder 'nowhere'")],
)
@pytest.mark.parametrize("clean", [(), ("--clean",)])
def test_what_is_no_folder_of_ones_own_is_neither_indexed_nor_cleaned(
    capsys: pytest.CaptureFixture[str], place: str, said: str, clean: tuple[str, ...]
) -> None:
    assert cli.main(["index", place, *clean]) == 2
    assert said in capsys.readouterr().err


def test_questions_are_answered_from_the_index_without_reading_the_tables(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["who", "video", "-d", str(folder), "--as-of", "2020-04-15"]
    assert cli.main(arguments) == 0
    plain = capsys.readouterr().out
    save_index(folder)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the tables were read")

    monkeypatch.setattr("stakeholders.tables._read_folder", never)
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out == plain


def test_ctrl_c_leaves_nothing(folder: Path) -> None:
    program = (
        "import sys, os, signal, threading, time\nimport cli\nfrom graphs import indexes\n"
        "def slow(*_, **__):\n    os.kill(os.getpid(), signal.SIGINT)\n    time.sleep(5)\n"
        "indexes.build = slow\nsys.exit(cli.main(['index', sys.argv[1]]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (128 + signal.SIGINT, "")
    assert not list(folder.glob(".accessmap/*.index"))

"""Damage to a saved index is noticed before anything of it is used, said, and answered around."""

from __future__ import annotations

import errno
import json
import shutil
from collections import namedtuple
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cli
from graphs.access import AccessGraph
from graphs.indexes import clean_index, load_index, save_index
from stakeholders import snapshots
from stakeholders.errors import AccessMapError, DamagedIndex
from stakeholders.tables import read, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(read("cabar-2020"), tmp_path / "cabar")
    return tmp_path / "cabar"


def loaded(folder: Path) -> AccessGraph:
    graph = load_index(folder)
    assert graph is not None
    return graph


def use_all(graph: AccessGraph) -> None:
    for part in (graph.arcs, graph.denials, graph.keeping, graph.intervals):
        for field in fields(part):
            getattr(part, field.name)
    dict(graph.position)
    for table in graph.dataset.tables.values():
        list(table.rows())
        table.index.get("")


def test_a_damaged_index_is_no_index(folder: Path) -> None:
    path = Path(save_index(folder).rows[0]["path"])
    raw = path.read_bytes()
    length = int.from_bytes(raw[24:32], "little")
    for place in (0, 20, 24, 28, 31, 32, 32 + length // 2, 31 + length, 32 + length, len(raw) - 1, len(raw) - 6):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        with pytest.raises(DamagedIndex, match="is damaged and is not used; save it again: accessmap index"):
            load_index(folder)
        assert not path.exists()
        assert load_index(folder) is None
        save_index(folder)
    for damaged in (
        b"",
        raw[:10],
        raw[:5000],
        raw[:-1],
        raw + b"\0",
        b"x" + raw[1:],
        raw[:24] + b"\xff" * 8 + raw[32:],
    ):
        path.write_bytes(damaged)
        with pytest.raises(DamagedIndex):
            load_index(folder)
        assert load_index(folder) is None
        save_index(folder)
    assert path.read_bytes() == raw
    assert load_index(folder) is not None


def test_a_damaged_note_of_the_files_lets_them_be_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_SETTLED", 0)
    save_index(folder)
    note = folder / snapshots.FOLDER / "seen.json"
    sound = json.loads(note.read_bytes())
    for key in ("mark", "at", "sha256"):
        for damaged in ({}, {key: None}):
            kept = {name: value for name, value in sound["sources.csv"].items() if name != key}
            note.write_text(json.dumps(sound | {"sources.csv": kept | damaged}), "utf-8")
            assert load_index(folder) is not None
            assert json.loads(note.read_bytes())["sources.csv"]["sha256"] == sound["sources.csv"]["sha256"]


def regions(path: Path) -> dict[str, tuple[int, int]]:
    """Where in the file the bytes of each array lie."""
    raw = path.read_bytes()
    length = int.from_bytes(raw[24:32], "little")
    begin = -(-(32 + length) // 64) * 64
    return {
        name: (begin + offset, begin + offset + int(np.prod(shape)) * np.dtype(kind).itemsize)
        for name, (kind, shape, offset) in json.loads(raw[32 : 32 + length])["arrays"].items()
    }


def test_no_byte_of_a_damaged_array_is_used(folder: Path) -> None:
    path = Path(save_index(folder).rows[0]["path"])
    raw = path.read_bytes()
    arrays = {name: place for name, place in regions(path).items() if place[0] < place[1]}
    assert len(arrays) > 80
    for name, (start, end) in arrays.items():
        for damaged in (start, (start + end) // 2, end - 1):
            path.write_bytes(raw[:damaged] + bytes([raw[damaged] ^ 0x10]) + raw[damaged + 1 :])
            with pytest.raises(DamagedIndex):
                use_all(loaded(folder))
            assert not path.exists(), name


def test_only_the_blocks_that_are_used_are_compared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_BLOCK", 256)
    path = Path(save_index(folder).rows[0]["path"])
    raw = path.read_bytes()
    start, end = regions(path)["relations.0.text"]
    assert end - start > 3 * 256
    middle = (start + end) // 2
    path.write_bytes(raw[:middle] + b"?" + raw[middle + 1 :])
    ids = loaded(folder).dataset.relations.columns["id"]
    assert ids[-1] == list(read(folder).relations.columns["id"])[-1]
    with pytest.raises(DamagedIndex):
        list(ids)


def test_blocks_that_changed_places_are_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "_BLOCK", 64)
    path = Path(save_index(folder).rows[0]["path"])
    raw = path.read_bytes()
    start, _ = regions(path)["arcs.source"]
    one, other = raw[start : start + 64], raw[start + 64 : start + 128]
    assert one != other
    path.write_bytes(raw[:start] + other + one + raw[start + 128 :])
    with pytest.raises(DamagedIndex):
        len(loaded(folder).arcs)


@pytest.mark.parametrize("writable", [True, False])
def test_the_command_drops_a_damaged_index_says_so_and_answers_from_the_tables(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, writable: bool
) -> None:
    arguments = ["who", "video", "-d", str(folder), "--as-of", "2020-04-15", "--format", "json"]
    assert cli.main(arguments) == 0
    plain = capsys.readouterr().out
    path = Path(save_index(folder).rows[0]["path"])
    start, end = regions(path)["arcs.level"]
    raw = path.read_bytes()
    assert any(raw[start:end])
    path.write_bytes(raw[:start] + bytes(end - start) + raw[end:])
    if not writable:
        monkeypatch.setattr(Path, "unlink", lambda *_, **__: refuse_all())
    assert cli.main(arguments) == 0
    told = capsys.readouterr()
    assert told.out == plain
    assert told.err.startswith(f"note: the saved index of '{folder}' is damaged and is not used; save it again: ")
    assert path.exists() != writable
    assert cli.main(arguments) == 0
    assert capsys.readouterr() == (plain, "")


def refuse_all() -> None:
    raise OSError(errno.EROFS, "Read-only file system")


def test_a_renamed_folder_is_called_by_its_new_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(read("cabar-2020"), tmp_path / "old")
    (tmp_path / "old" / "datapackage.json").unlink(missing_ok=True)
    save_index(tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    arguments = ["who", "video", "-d", str(tmp_path / "new"), "--as-of", "2020-04-15", "--format", "json"]
    assert loaded(tmp_path / "new").dataset.name == "new"
    assert cli.main(arguments) == 0
    saved = capsys.readouterr().out
    clean_index(tmp_path / "new")
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out == saved


@pytest.mark.parametrize("clean", [(), ("--clean",)])
def test_a_disk_that_takes_nothing_is_named_by_the_folder_that_is_saved_in(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, clean: tuple[str, ...]
) -> None:
    save_index(folder)
    (folder / "relations.csv").touch()
    for name in ("unlink", "open", "mkdir", "replace", "rename", "write_bytes"):
        plain = getattr(Path, name)

        def refuse(path: Path, *given: Any, plain: Any = plain, **named: Any) -> Any:
            if plain.__name__ == "open" and (given or ("r",))[0][:1] == "r":
                return plain(path, *given, **named)
            raise OSError(errno.EROFS, "Read-only file system", str(path))

        monkeypatch.setattr(Path, name, refuse)
    assert cli.main(["index", str(folder), *clean]) == 2
    verb = "remove" if clean else "write"
    assert capsys.readouterr().err == f"error: cannot {verb} '{folder / '.accessmap'}': read-only file system.\n"


def test_a_disk_without_room_is_left_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 1000))
    before = sorted(folder.iterdir())
    with pytest.raises(AccessMapError, match="for which the disk has no room"):
        save_index(folder)
    assert sorted(folder.iterdir()) == before

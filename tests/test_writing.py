"""A folder is written as a whole: what breaks a write off among its renames leaves nothing mixed for a reader."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from stakeholders import files, memory, writing
from stakeholders.conversion import convert
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError
from stakeholders.memory import TooLarge
from stakeholders.tables import read, write
from stakeholders.writing import finish, table_bytes

ROOT = Path(__file__).resolve().parent.parent

BROKEN = """
import os, signal, sys
from pathlib import Path
from stakeholders.tables import read, write
sys.path.insert(0, "tests")
from test_writing import edited

plain, left = Path.replace, int(sys.argv[2])

def replace(path, target):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), int(sys.argv[3]))
    return plain(path, target)

dataset = edited(read(sys.argv[1]))
Path.replace = replace
write(dataset, sys.argv[1])
"""


def edited(dataset: Dataset) -> Dataset:
    return dataset.with_tables(
        **{name: table.with_column("note", ["new"] * len(table)) for name, table in dataset.tables.items()}
    )


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def broken(folder: Path, after: int, sign: int) -> int:
    """Write the folder anew in another process, which is sent a signal at a rename."""
    arguments = [sys.executable, "-c", BROKEN, str(folder), str(after), str(sign)]
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, check=False).returncode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(read("cabar-2020"), tmp_path / "data")
    return tmp_path / "data"


def test_killed_at_any_rename_the_folder_is_read_as_it_was_or_as_it_was_to_be(folder: Path, tmp_path: Path) -> None:
    old = content(folder)
    write(edited(read(folder)), tmp_path / "new")
    new, met = content(tmp_path / "new"), set()
    for after in range(20):
        for path in folder.iterdir():
            path.unlink()
        for name, raw in old.items():
            (folder / name).write_bytes(raw)
        status = broken(folder, after, signal.SIGKILL)
        assert status in (0, -signal.SIGKILL)
        found = read(folder)
        now = content(folder)
        shown = {name: raw for name, raw in now.items() if not name.startswith(".")}
        assert shown in (old, new), after
        met.add(shown == new)
        assert found.sha256 == read(tmp_path / "new" if shown == new else "cabar-2020").sha256
        assert ".unfinished" not in now
        write(edited(found), folder)
        assert content(folder) == new, "what was left is gone with the next write"
        if status == 0:
            break
    assert after >= 4
    assert met == {False, True}


def test_ctrl_c_among_the_renames_waits_for_the_last(folder: Path, tmp_path: Path) -> None:
    write(edited(read(folder)), tmp_path / "new")
    for after in (1, 3):
        assert broken(folder, after, signal.SIGINT) not in (0, 2)
        assert content(folder) == content(tmp_path / "new")
        write(read("cabar-2020"), folder)


def test_ctrl_c_takes_effect_when_the_step_is_done() -> None:
    done = []
    before = signal.getsignal(signal.SIGINT)

    def step() -> None:
        with files.held_back():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
            done.append(True)

    with pytest.raises(KeyboardInterrupt):
        step()
    assert done
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_writes_too(folder: Path) -> None:
    dataset = edited(read(folder))
    writer = threading.Thread(target=lambda: write(dataset, folder))
    writer.start()
    writer.join()
    assert read(folder).relations.column("note")[0] == "new"


def test_what_was_changed_after_a_write_was_broken_off_is_not_overwritten(folder: Path) -> None:
    broken(folder, 3, signal.SIGKILL)
    left = json.loads((folder / ".unfinished").read_text("utf-8"))["files"]
    (name,) = [name for name in left if (folder / left[name]).exists()][:1]
    later = (folder / ".unfinished").stat().st_mtime_ns + 1_000_000_000
    os.utime(folder / name, ns=(later, later))
    before = content(folder)
    with pytest.raises(AccessMapError, match=f"holds new files and old ones; '{name}' was changed since. Put '.{name}"):
        read(folder)
    assert content(folder) == before
    (folder / left[name]).unlink()
    read(folder)


def test_while_another_program_writes_a_folder_it_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(folder, 3, signal.SIGKILL)
    monkeypatch.setattr(writing, "runs", lambda _: True)
    for use in (lambda: read(folder), lambda: write(read("cabar-2020"), folder)):
        with pytest.raises(AccessMapError, match="is being written by another program; run it again"):
            use()


@pytest.mark.parametrize(
    "pair", [("../mine.csv", ".mine.csv.x.part"), ("sources.csv", "../x.part"), ("sources.csv", "a")]
)
def test_a_note_that_came_from_elsewhere_moves_no_other_file(folder: Path, pair: tuple[str, str]) -> None:
    (folder.parent / "mine.csv").write_bytes(b"mine")
    (folder.parent / ".mine.csv.x.part").write_bytes(b"theirs")
    (folder / "a").write_bytes(b"theirs")
    (folder / ".unfinished").write_text(json.dumps({"node": "", "process": 1, "files": dict([pair])}), "utf-8")
    with pytest.raises(AccessMapError, match="cannot be read"):
        finish(folder)
    assert (folder.parent / "mine.csv").read_bytes() == b"mine"
    assert (folder / "a").exists()


# ----------------------------------------------------------------------------------------------------- in little memory


def test_a_long_table_is_made_some_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    table = edited(read("central-asia")).relations
    whole = table_bytes(table)
    monkeypatch.setattr(writing, "_ROWS", 50)
    pieces = list(writing._content(table))
    assert b"".join(pieces) == whole
    assert len(pieces) == 1 + -(-len(table) // 50)
    assert max(map(len, pieces)) < len(whole) / 4


def test_a_conversion_that_does_not_fit_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stakeholders.conversion.LARGE", 4)
    monkeypatch.setattr(memory, "available", lambda: 10_000)
    with pytest.raises(TooLarge, match=r"Converting 1 MB of tables takes about .* What helps: close other programs"):
        convert(folder, folder.parent / "new")
    assert not (folder.parent / "new").exists()

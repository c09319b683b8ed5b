"""A folder is written as a whole: what breaks a write off among its renames leaves nothing mixed for a reader."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest

from stakeholders import files, memory, writing
from stakeholders.clusters import open_tables
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


def test_whoever_bears_the_number_of_a_writer_long_gone_holds_nobody_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(folder, 3, signal.SIGKILL)
    monkeypatch.setattr(writing, "runs", lambda _: True)
    note = folder / ".unfinished"
    for path in folder.iterdir():
        os.utime(path, ns=(note.stat().st_mtime_ns - 120_000_000_000,) * 2)
    assert read(folder).relations.column("note")[0] == "new"
    assert not note.exists()


def test_two_who_open_a_folder_finish_the_same_write(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(folder, 3, signal.SIGKILL)
    plain = Path.replace

    def replace(path: Path, target: Path) -> Path:
        plain(path, target)  # the other was sooner
        return plain(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    assert read(folder).relations.column("note")[0] == "new"


def test_a_write_of_which_only_the_note_is_left_is_done(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".unfinished").write_text(json.dumps({"node": "", "process": 1, "files": {}}), "utf-8")

    def unlink(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", unlink)
    assert read(folder).sha256 == read("cabar-2020").sha256


def test_a_conversion_finishes_a_write_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stakeholders.conversion.LARGE", 4)
    broken(folder, 3, signal.SIGKILL)
    convert(folder, folder.parent / "new")
    for table in read(folder.parent / "new").tables.values():
        assert set(table.column("note")) <= {"new"}, table.name


def test_spark_is_given_a_folder_that_is_finished(folder: Path) -> None:
    class Spark:
        @property
        def read(self) -> NoReturn:
            raise InterruptedError

    broken(folder, 3, signal.SIGKILL)
    spark: Any = Spark()
    with pytest.raises(InterruptedError):
        open_tables(spark, folder)
    assert not list(folder.glob(".*"))
    assert all(set(table.column("note")) <= {"new"} for table in read(folder).tables.values())


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_a_file_written_anew_is_on_the_disk_before_it_takes_its_place_and_no_more_may_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    write(read("cabar-2020"), tmp_path, format=format_)
    files_there = [path for path in tmp_path.iterdir() if path.suffix == f".{format_}"]
    for path in files_there:
        path.chmod(0o600)
    settled, placed = set(), set()
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (settled.add(os.fstat(handle).st_ino), sync(handle)))
    monkeypatch.setattr(Path, "replace", lambda path, to: (placed.add(path.stat().st_ino), replace(path, to)))
    write(edited(read(tmp_path)), tmp_path)
    assert len(placed) > len(files_there)
    assert placed <= settled
    assert {path.stat().st_mode & 0o777 for path in files_there} == {0o600}


def test_where_a_folder_cannot_be_put_on_the_disk_its_files_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        sync(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.delattr(os, "fchmod")  # which Windows lacks
    write(read("cabar-2020"), tmp_path)
    write(edited(read(tmp_path)), tmp_path)
    assert read(tmp_path).relations.column("note")[0] == "new"


def test_a_note_that_cannot_be_written_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, replace = content(folder), Path.replace

    def full(path: Path, target: Path) -> Path:
        if target.name == ".unfinished":
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(AccessMapError, match="no space left"):
        write(edited(read(folder)), folder)
    assert content(folder) == before


@pytest.mark.parametrize("name", ["rules.toml", "checks.toml", "datapackage.json", "matches.csv"])
def test_what_would_be_read_together_with_what_is_written_is_not_there(tmp_path: Path, name: str) -> None:
    dataset = read("cabar-2020")
    (tmp_path / name).write_bytes(b"{}")
    bare = Dataset(dataset.name, dataset.tables, {}, {}, {})
    with pytest.raises(AccessMapError, match=f"holds '{name}', which would be mixed with what is written"):
        write(bare, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_part_of_another_machine_stays(tmp_path: Path) -> None:
    other = files.part_of(tmp_path / "a.csv").name.replace(str(os.getpid()), "example.org.1")
    huge = files.part_of(tmp_path / "a.csv").name.replace(str(os.getpid()), "9" * 30)
    for name in (other, huge):
        (tmp_path / name).write_bytes(b"")
    files.clear_parts(tmp_path / "a.csv")
    assert [path.name for path in tmp_path.iterdir()] == [other]


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

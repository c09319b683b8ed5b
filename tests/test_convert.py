"""Converting a dataset: the same tables, in little memory, whole or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graphs.access import build
from graphs.reachability import who_can_reach
from stakeholders import conversion, memory
from stakeholders.conversion import convert
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, InvalidDataset, UnknownTerm
from stakeholders.memory import TooLarge
from stakeholders.tables import DATA, read, write

ROOT = Path(__file__).resolve().parent.parent


def cells(dataset: Dataset) -> dict[str, list[dict[str, str]]]:
    return {name: list(table.rows()) for name, table in dataset.tables.items()}


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table counts as large, and a piece is written every few kilobytes."""
    monkeypatch.setattr(conversion, "LARGE", 4)
    monkeypatch.setattr(conversion, "_PIECE", 20_000)
    monkeypatch.setattr("stakeholders.streams._PARSED", 8_000)
    monkeypatch.setattr("stakeholders.streams._BLOCK", 5_000)


@pytest.mark.parametrize("name", ["cabar-2020", "central-asia"])
def test_there_and_back_nothing_is_lost(name: str, tmp_path: Path) -> None:
    made = convert(name, tmp_path / "parquet")
    assert {path.suffix for path in made if path.stem in {"entities", "relations", "sources"}} == {".parquet"}
    convert(tmp_path / "parquet", tmp_path / "csv", format="csv")
    assert cells(read(name)) == cells(read(tmp_path / "parquet")) == cells(read(tmp_path / "csv"))
    assert sorted(path.name for path in (tmp_path / "csv").iterdir()) == sorted(
        path.name for path in (DATA / name).iterdir()
    )


@pytest.mark.parametrize("name", ["cabar-2020", "central-asia"])
def test_large_tables_go_piece_by_piece_and_come_out_the_same(name: str, tmp_path: Path, streamed: None) -> None:
    import pyarrow.parquet

    seen = []
    convert(DATA / name, tmp_path / "parquet", watch=lambda *told: seen.append(told))
    dataset, other = read(name), read(tmp_path / "parquet")
    assert cells(dataset) == cells(other)
    assert pyarrow.parquet.ParquetFile(tmp_path / "parquet" / "relations.parquet").num_row_groups > (
        3 if len(dataset.relations) > 200 else 0
    )
    answers = [who_can_reach(build(each), "biometric", as_of="2026-11-01").rows for each in (dataset, other)]
    assert answers[0] == answers[1]
    rows = len(dataset.relations)
    assert ("converting relations.csv", rows, rows, "rows") in seen
    package = json.loads((tmp_path / "parquet" / "datapackage.json").read_text("utf-8"))
    paths = {resource["path"] for resource in package["resources"] if resource["name"] in dataset.tables}
    assert paths
    assert all(path.endswith(".parquet") for path in paths)


def test_texts_met_often_become_codes_into_one_growing_dictionary(tmp_path: Path, streamed: None) -> None:
    convert(DATA / "central-asia", tmp_path / "parquet")
    relations = read(tmp_path / "parquet").relations
    kinds = {name: type(relations.columns[name]).__name__ for name in ("predicate", "subject", "id", "claim")}
    assert kinds == {
        "predicate": "EncodedColumn",
        "subject": "EncodedColumn",
        "id": "ArrowColumn",
        "claim": "ArrowColumn",
    }
    codes = relations.encoded("predicate")
    assert len(set(codes.values)) == len(codes.values)


def test_a_column_that_outgrows_its_dictionary_stays_right(
    tmp_path: Path, streamed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversion, "_DISTINCT", 12)
    convert(DATA / "central-asia", tmp_path / "parquet")
    assert cells(read(tmp_path / "parquet")) == cells(read("central-asia"))


def test_what_is_wrong_with_a_large_table_is_said_as_of_a_small_one(tmp_path: Path, streamed: None) -> None:
    folder = tmp_path / "wrong"
    write(read("cabar-2020"), folder)
    lines = (folder / "relations.csv").read_text("utf-8").splitlines(keepends=True)
    lines.insert(5, "short,row\n")
    (folder / "relations.csv").write_text("".join(lines), "utf-8")
    with pytest.raises(InvalidDataset) as caught:
        convert(folder, tmp_path / "new")
    assert [str(problem) for problem in caught.value.problems] == ["relations.csv:6: has 2 cells, the header has 13"]
    assert [path.name for path in tmp_path.iterdir()] == ["wrong"]


def test_csv_that_only_python_reads_is_converted_too(tmp_path: Path, streamed: None) -> None:
    folder = tmp_path / "odd"
    write(read("cabar-2020"), folder)
    raw = (folder / "sources.csv").read_bytes()
    (folder / "sources.csv").write_bytes(raw.replace(b"\n", b"\r").replace(b"\r\r", b"\r"))
    convert(folder, tmp_path / "new")
    assert len(read(tmp_path / "new").sources) == len(read("cabar-2020").sources)


def test_a_folder_that_is_there_is_never_written_to(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine", "utf-8")
    (tmp_path / "file").write_text("", "utf-8")
    (tmp_path / "empty").mkdir()
    for name in ("taken", "file"):
        with pytest.raises(AccessMapError, match="is there already; name a new folder"):
            convert("cabar-2020", tmp_path / name)
    assert len(convert("cabar-2020", tmp_path / "empty")) > 3
    with pytest.raises(UnknownTerm, match="'xlsx' is no format of tables"):
        convert("cabar-2020", tmp_path / "other", format="xlsx")


def test_interrupted_at_any_moment_nothing_is_left(tmp_path: Path, streamed: None) -> None:
    moments = 0

    def count(*told: object) -> None:
        nonlocal moments
        moments += 1

    convert(DATA / "cabar-2020", tmp_path / "whole", watch=count)
    assert moments > 10

    for moment in range(0, moments, 4):
        left = iter(range(moment))

        def interrupt(*told: object, left: object = left) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            convert(DATA / "cabar-2020", tmp_path / "new", watch=interrupt)
        assert [path.name for path in tmp_path.iterdir()] == ["whole"]


KILLED = """
import os, random, signal, sys, time
from pathlib import Path
from stakeholders import conversion, streams
from stakeholders.conversion import convert
from stakeholders.tables import DATA, read

conversion.LARGE, conversion._PIECE = 4, 20_000
streams._PARSED, streams._BLOCK = 8_000, 5_000
folder = Path(sys.argv[1])
whole = {name: list(table.rows()) for name, table in read("cabar-2020").tables.items()}

def start():
    child = os.fork()
    if not child:
        convert(DATA / "cabar-2020", folder / "new")
        os._exit(0)
    return child

takes = 60.0
for _ in range(3):
    began = time.monotonic()
    os.waitpid(start(), 0)
    takes = min(takes, time.monotonic() - began)
    (folder / "new").rename(folder / f"old{began}")
outcomes = []
for moment in range(20):
    if (folder / "new").exists():
        (folder / "new").rename(folder / f"old-{moment}")
    child = start()
    time.sleep((moment + random.Random(moment).random()) / 20 * takes)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if (folder / "new").exists():
        assert {name: list(table.rows()) for name, table in read(folder / "new").tables.items()} == whole
    outcomes.append((folder / "new").exists())
    visible = [path.name for path in folder.iterdir() if not path.name.startswith((".", "old"))]
    assert visible in ([], ["new"]), visible
print(outcomes.count(False))
"""


def test_killed_at_20_moments_the_new_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) >= 5, "hardly one was killed in time"
    if (tmp_path / "new").exists():
        (tmp_path / "new").rename(tmp_path / "moved")
    convert("cabar-2020", tmp_path / "new")  # the next to write there clears up
    assert not [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")]


BOUNDED = """
import sys
import pyarrow
from pathlib import Path
from stakeholders import conversion
conversion._PIECE = 4_000_000
from stakeholders import streams
streams._PARSED = 1 << 18
folder = Path(sys.argv[1])
conversion.convert(folder, folder.parent / "new")
print(pyarrow.default_memory_pool().max_memory())
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    import pyarrow.parquet

    folder = tmp_path / "long"
    write(read("cabar-2020"), folder)
    head, *rows = (folder / "relations.csv").read_text("utf-8").splitlines(keepends=True)
    with (folder / "relations.csv").open("w", encoding="utf-8") as file:
        file.write(head)
        for number in range(5_000):
            file.writelines(f"{number}-{row}" for row in rows)
    size = (folder / "relations.csv").stat().st_size
    assert size > 40_000_000
    run = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < size // 2
    assert pyarrow.parquet.ParquetFile(tmp_path / "new" / "relations.parquet").metadata.num_rows == 5_000 * len(rows)


# ------------------------------------------------------------------------------------------------------- what fits


def test_what_does_not_fit_is_said_before_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "large"
    write(read("cabar-2020"), folder)
    monkeypatch.setattr(memory, "_UNDOUBTED", 1000)
    assert read(folder).relations
    monkeypatch.setattr(memory, "available", lambda: 100_000)
    with pytest.raises(TooLarge) as caught:
        read(folder)
    assert str(caught.value).startswith("Reading 1 MB of tables takes about 1 MB of memory, of which 1 MB are free.")
    assert f"accessmap convert '{folder}' NEW" in str(caught.value)
    assert "use a larger machine" in str(caught.value)
    monkeypatch.setattr(memory, "available", lambda: 0)  # where the system does not tell
    convert(folder, tmp_path / "parquet")
    monkeypatch.setattr(memory, "available", lambda: 1000)
    with pytest.raises(TooLarge, match=r"What helps: read a part of it; use a larger machine"):
        read(tmp_path / "parquet")


def test_limits_of_a_container_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = memory.available()
    assert 1e8 < free < 1e14
    (tmp_path / "max").write_text("5000000\n", "ascii")
    (tmp_path / "now").write_text("2000000\n", "ascii")
    monkeypatch.setattr(memory, "_LIMITS", ((tmp_path / "max", tmp_path / "now"),))
    assert memory.available() == 3_000_000
    (tmp_path / "now").write_text((tmp_path / "max").read_text("ascii"), "ascii")
    with pytest.raises(TooLarge, match="of which 1 MB are free"):  # all is used: that is not "not told"
        memory.require(5_000_000, "It", "Do not.")
    (tmp_path / "memory.stat").write_text("anon 1000000\ninactive_file 4000000\nactive_file 0\n", "ascii")
    assert memory.available() == 4_000_000
    (tmp_path / "max").write_text("max\n", "ascii")
    assert memory.available() > 3_000_000
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "none")
    assert memory.available() > 3_000_000


def test_the_command_converts(accessmap: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    run = accessmap("convert", "cabar-2020", "new", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert "relations.parquet" in run.stdout
    again = accessmap("convert", "cabar-2020", "new", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (2, "error: 'new' is there already; name a new folder.\n")
    back = accessmap("convert", "new", "csv", "--to", "csv", cwd=tmp_path)
    assert back.returncode == 0, back.stderr
    assert (tmp_path / "csv" / "relations.csv").is_file()


def test_a_folder_whose_name_looks_like_an_address_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    convert("cabar-2020", "data:2026")
    assert len(read("data:2026").relations) == len(read("cabar-2020").relations)


def test_parquet_tables_are_read_and_checked_without_pandas(tmp_path: Path) -> None:
    convert("central-asia", tmp_path / "new")
    code = (
        "import sys; from stakeholders.tables import read; read(sys.argv[1]); "
        "sys.exit(any(name in sys.modules for name in ('pandas', 'pyarrow.dataset')))"
    )
    run = subprocess.run([sys.executable, "-c", code, str(tmp_path / "new")], cwd=ROOT, check=False)
    assert run.returncode == 0

"""Parquet tables: the same cells, the same words about what is wrong, whoever wrote the file."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from stakeholders import memory, parquet
from stakeholders.conversion import convert
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, FileNotRead
from stakeholders.samples import starter
from stakeholders.tables import DATA, examine, inspect, read, read_files, write

NAMES = ("cabar-2020", "central-asia")


def same(one: Dataset, other: Dataset) -> None:
    assert set(one.tables) == set(other.tables)
    for name, table in one.tables.items():
        assert table.header == other.tables[name].header
        for column in table.header:
            assert list(table.columns[column]) == list(other.tables[name].columns[column]), (name, column)


@pytest.mark.parametrize("name", NAMES)
def test_parquet_tables_hold_the_same(name: str, tmp_path: Path) -> None:
    dataset = read(name)
    write(dataset, tmp_path / "p", format="parquet")
    stored = read(tmp_path / "p")
    same(dataset, stored)
    assert not list((tmp_path / "p").glob("*.csv"))
    package = json.loads((tmp_path / "p" / "datapackage.json").read_bytes())
    assert {resource["path"] for resource in package["resources"]} == {f"{table}.parquet" for table in dataset.tables}
    write(stored, tmp_path / "c", format="csv")
    for path in (DATA / name).glob("*.csv"):
        assert (tmp_path / "c" / path.name).read_bytes() == path.read_bytes()
    assert json.loads((tmp_path / "c" / "datapackage.json").read_bytes()) == dataset.package


def test_rows_of_a_parquet_table_keep_their_numbers(tmp_path: Path) -> None:
    write(read("cabar-2020"), tmp_path, format="parquet")
    entities = read(tmp_path).entities
    assert list(entities.lines) == list(range(1, 44))
    assert list(entities.select([2, 40, 0]).lines) == [3, 41, 1]
    assert list(entities.select([2, 40, 0]).select([1]).lines) == [41]


def test_parquet_tables_are_checked_with_the_same_words(tmp_path: Path) -> None:
    dataset = read_files("city", starter("city"))
    predicates = list(dataset.relations.column("predicate"))
    predicates[1] = "opperates"
    sources = list(dataset.relations.column("sources"))
    sources[2] = "nobody"
    relations = dataset.relations.with_column("predicate", predicates).with_column("sources", sources)
    write(dataset.with_tables(relations=relations), tmp_path, format="parquet")
    assert [str(problem) for problem in inspect(tmp_path)] == [
        "relations.parquet:2: predicate: 'opperates' is not in the vocabulary (did you mean 'operates'?)",
        "relations.parquet:3: sources: 'nobody' is defined nowhere",
    ]


def test_parquet_of_other_programs_is_read(tmp_path: Path) -> None:
    import pandas as pd

    dataset = read("cabar-2020")
    write(dataset, tmp_path)
    (tmp_path / "relations.csv").unlink()
    frame = dataset.frame("relations").replace({"": None})
    frame["percent"] = 12.5
    frame.to_parquet(tmp_path / "relations.parquet", row_group_size=7)
    stored = read(tmp_path, check=False)
    assert list(stored.relations.column("claim")) == list(dataset.relations.column("claim"))
    assert list(stored.relations.column("valid_until")) == list(dataset.relations.column("valid_until"))
    assert set(stored.relations.column("percent")) == {"12.5"}
    pd.DataFrame({"id": [{"a": 1}]}).to_parquet(tmp_path / "relations.parquet")
    assert "relations.parquet: id: holds struct" in "\n".join(map(str, inspect(tmp_path)))
    (tmp_path / "relations.parquet").write_bytes(b"PAR1 no")
    assert "relations.parquet: is no Parquet file" in "\n".join(map(str, inspect(tmp_path)))


def test_a_csv_table_hidden_by_a_parquet_one_is_warned_of(tmp_path: Path) -> None:
    write(read("cabar-2020"), tmp_path, format="parquet")
    (tmp_path / "sources.csv").write_bytes(b"id\n")
    (warning,) = inspect(tmp_path)
    assert str(warning) == "sources.csv: warning: is not read, as sources.parquet stands beside it"


def test_whoever_reads_a_csv_table_hidden_by_a_parquet_one_is_told(run: Run, tmp_path: Path) -> None:
    for name in ("twice", "more"):
        write(read("cabar-2020"), tmp_path / name, format="parquet")
        for table in ("entities", "sources"):
            (tmp_path / name / f"{table}.csv").write_bytes(b"id\n")
    with pytest.warns(FileNotRead) as heard:
        read(tmp_path / "twice")
    assert [Path(str(each.message).partition(":")[0]) for each in heard] == [
        tmp_path / "twice" / "entities.csv", tmp_path / "twice" / "sources.csv",
    ]  # fmt: skip

    def notes(*folders: str) -> list[str]:
        return [
            f"note: {folder}/{table}.csv: is not read, as {table}.parquet stands beside it"
            for folder in folders for table in ("entities", "sources")
        ]  # fmt: skip

    for words in (
        "who face -d twice", "show kz-mia -d twice", "find sergek -d twice", "gaps -d twice", "export dot -d twice",
        "map -d twice -o map.html", "convert twice new", "check --baseline twice", "who face --with twice",
        "index twice", "who face -d twice", "who face -d twice --without kz-mia",
    ):  # fmt: skip
        status, out, err = run(*words.split())
        assert (status in (0, 1), err.splitlines()) == (True, notes("twice")), words
        assert "is not read" not in out
    assert (tmp_path / "twice" / ".accessmap").is_dir(), "the last two asked the index"
    assert run("diff", "twice", "more")[2].splitlines() == notes("twice", "more")
    (tmp_path / "twice" / "relations.csv").write_bytes(b"id\n")
    _, out, err = run("validate", "twice")
    assert (out.count("is not read"), err) == (3, "")


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(read("cabar-2020"), tmp_path, format="parquet")
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    for use in (
        lambda: read(tmp_path),
        lambda: write(read("cabar-2020"), tmp_path / "other", format="parquet"),
        lambda: convert("cabar-2020", tmp_path / "other"),
    ):
        with pytest.raises(AccessMapError, match=r"pip install 'accessmap\[parquet\]'"):
            use()
    assert not list(tmp_path.glob("other*/*"))


def test_a_missing_table_has_the_form_of_the_others(tmp_path: Path) -> None:
    write(read("cabar-2020"), tmp_path, format="parquet")
    (tmp_path / "sources.parquet").unlink()
    (problem,) = [each for each in inspect(tmp_path) if "is missing" in each.message]
    assert str(problem).startswith("sources.parquet: is missing; its columns should be id, title, ")


# ------------------------------------------------------------------------------------------------- others' files


def with_relations(folder: Path, **columns: Callable[[list[str]], pa.Array]) -> Path:
    """A small sound dataset whose relations are Parquet, some columns made of what stands there otherwise."""
    for name, content in starter("city").items():
        (folder / name).write_bytes(content)
    table = read(folder).relations
    made = {name: columns.get(name, pa.array)(list(table.column(name))) for name in table.header}
    pq.write_table(pa.table(made), folder / "relations.parquet")
    (folder / "relations.csv").unlink()
    return folder


def filled(value: object, kind: pa.DataType | None = None) -> Callable[[list[str]], pa.Array]:
    return lambda cells: pa.array([value] * len(cells), kind)


NOON = datetime(2020, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("column", "cells", "text"),
    [
        ("valid_from", filled(date(2020, 1, 5)), "2020-01-05"),
        ("valid_from", filled(date(2020, 1, 5), pa.date64()), "2020-01-05"),
        ("valid_from", filled(datetime(2020, 1, 5, tzinfo=UTC), pa.timestamp("us")), "2020-01-05"),
        ("valid_from", filled(datetime(1960, 1, 5, 23, tzinfo=UTC), pa.timestamp("ns")), "1960-01-05"),
        ("valid_from", filled(NOON), "2020-01-05"),
        ("valid_from", filled(datetime(2020, 1, 5, 22, tzinfo=UTC), pa.timestamp("s", "Asia/Almaty")), "2020-01-06"),
        ("valid_from", filled(2020), "2020"),
        ("valid_from", filled(2020, pa.uint16()), "2020"),
        ("valid_from", filled(2020.0), "2020"),
        ("valid_from", filled(float("nan")), ""),
        ("valid_from", filled(None), ""),
        ("valid_from", lambda cells: pa.array(["2020"] * len(cells)).dictionary_encode(), "2020"),
        ("valid_from", lambda cells: pa.array([2020] * len(cells)).dictionary_encode(), "2020"),
        ("valid_from", lambda cells: pa.array([None] * len(cells), pa.string()).dictionary_encode(), ""),
        ("id", lambda cells: pa.array(range(len(cells))), "0"),
        ("claim", filled(Decimal("68.50")), "68.5"),
        ("claim", filled(Decimal("-100.00")), "-100"),
        ("claim", filled(1000, pa.int64()), "1000"),
        ("claim", filled(0.125, pa.float32()), "0.125"),
        ("claim", filled(12345678901.5), "12345678901.5"),
        ("claim", filled(-3e10, pa.float32()), "-30000000000"),
        ("claim", filled(1e-7), "0.0000001"),
        ("claim", filled(Decimal("1E-8")), "0.00000001"),
        ("claim", filled(True), "true"),
        ("claim", filled("Said.", pa.large_string()), "Said."),
        ("claim", filled("Said.", pa.string_view()), "Said."),
        ("claim", filled(b"Said."), "Said."),
        ("claim", filled(b"Said.", pa.binary(5)), "Said."),
        ("claim", filled(UUID(int=1), pa.uuid()), "00000000-0000-0000-0000-000000000001"),
        ("sources", lambda cells: pa.array([cell.split(";") for cell in cells]), None),
        (
            "sources",
            lambda cells: pa.array([[*cell.split(";"), None] for cell in cells], pa.large_list(pa.string())),
            None,
        ),
        ("categories", filled(None, pa.list_(pa.string())), ""),
        ("categories", lambda cells: pa.array([["face", "voice"]] * len(cells)), "face;voice"),
    ],
)
def test_cells_of_other_types_are_the_text_that_a_csv_table_would_hold(
    tmp_path: Path, column: str, cells: Callable[[list[str]], pa.Array], text: str | None
) -> None:
    folder = with_relations(tmp_path, **{column: cells})
    assert [str(problem) for problem in inspect(folder) if "mode of" not in str(problem)] == []
    found = read(folder).relations.column(column)[0]
    assert found.rstrip(";") == (
        read_files("city", starter("city")).relations.column(column)[0] if text is None else text
    )


def test_a_flag_may_be_a_truth_value(tmp_path: Path) -> None:
    for name, content in starter("city").items():
        (tmp_path / name).write_bytes(content)
    table = read(tmp_path).entities
    (tmp_path / "entities.csv").unlink()
    for flags in (
        [True] + [False] * (len(table) - 1),
        [1] + [0] * (len(table) - 1),
        [True] + [None] * (len(table) - 1),
    ):
        made = {name: pa.array(list(table.column(name))) for name in table.header}
        pq.write_table(pa.table({**made, "collective": pa.array(flags)}), tmp_path / "entities.parquet")
        assert inspect(tmp_path) == []
        assert list(read(tmp_path).entities.column("collective")) == ["true"] + [""] * (len(table) - 1)


def no_utf8(cells: list[str]) -> pa.Array:
    raw = pa.array([*(cell.encode() for cell in cells[:2]), b"a\xff", *(cell.encode() for cell in cells[3:])])
    return pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"claim": no_utf8}, "relations.parquet:3: claim: is not UTF-8 (byte 0xff)"),
        ({"predicate": no_utf8}, "relations.parquet:3: predicate: is not UTF-8 (byte 0xff)"),
        ({"claim": filled({"a": 1})}, "relations.parquet: claim: holds struct<a: int64>, which is no text"),
        ({"mode": filled({"id": "x"})}, "relations.parquet: mode: holds struct<id: string>, which is no text"),
        (
            {"categories": filled([{"a": 1}])},
            "relations.parquet: categories: holds list<element: struct<a: int64>>, which is no text",
        ),
        ({"mode": filled(time(1, 2))}, "relations.parquet: mode: holds time64[us], which is no text"),
        ({"claim": filled(timedelta(1))}, "relations.parquet: claim: holds duration[us], which is no text"),
    ],
)
def test_a_column_that_is_no_text_is_told_once(
    tmp_path: Path, columns: dict[str, Callable[[list[str]], pa.Array]], said: str
) -> None:
    assert [str(problem) for problem in inspect(with_relations(tmp_path, **columns))] == [said]


def test_columns_that_cannot_be_told_apart_are_named(tmp_path: Path) -> None:
    folder = with_relations(tmp_path)
    stored = pq.read_table(folder / "relations.parquet")
    for more, said in (
        ("claim", "claim: is the name of two columns"),
        ("predicate", "predicate: is the name of two columns"),
        ("", f"column {stored.num_columns + 1} has no name"),
    ):
        columns = [*stored.columns, stored.column("claim")]
        pq.write_table(pa.Table.from_arrays(columns, names=[*stored.column_names, more]), folder / "relations.parquet")
        assert [str(problem) for problem in inspect(folder)] == [f"relations.parquet: {said}"]
    pq.write_table(pa.table({}), folder / "relations.parquet")
    assert str(inspect(folder)[0]) == "relations.parquet: has no column"


def test_a_missing_column_is_told_of_the_file_not_of_its_first_row(tmp_path: Path) -> None:
    folder = with_relations(tmp_path)
    pq.write_table(pq.read_table(folder / "relations.parquet").drop_columns(["status"]), folder / "relations.parquet")
    assert [str(problem) for problem in inspect(folder)] == ["relations.parquet: status: this column is missing"]


def test_a_table_without_rows_is_one(tmp_path: Path) -> None:
    folder = with_relations(tmp_path)
    pq.write_table(pq.read_table(folder / "relations.parquet")[:0], folder / "relations.parquet")
    assert inspect(folder) == []
    assert len(read(folder).relations) == 0


def test_a_file_cut_short_or_changed_anywhere_is_never_taken_for_a_sound_one(tmp_path: Path) -> None:
    dataset = read_files("city", starter("city"))
    write(dataset, tmp_path, format="parquet")
    raw = (tmp_path / "relations.parquet").read_bytes()
    rng = random.Random(1)
    for size in (0, 1, 4, 10, *(rng.randrange(len(raw)) for _ in range(5)), len(raw) - 1):
        (tmp_path / "relations.parquet").write_bytes(raw[:size])
        (problem,) = inspect(tmp_path)
        assert str(problem).startswith("relations.parquet: is no Parquet file: "), (size, problem)
        assert size < 4 or "it is cut short" in problem.message
    for place in [rng.randrange(len(raw)) for _ in range(60)]:
        changed = bytearray(raw)
        changed[place] ^= 1 << rng.randrange(8)
        (tmp_path / "relations.parquet").write_bytes(changed)
        stored, problems = examine(tmp_path)
        if not problems:
            same(dataset, stored)
    (tmp_path / "relations.parquet").unlink()
    (tmp_path / "relations.parquet").mkdir()
    assert [str(problem) for problem in inspect(tmp_path)] == ["relations.parquet: is a folder; a table is one file"]


def test_a_large_file_that_is_none_is_told_as_a_small_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_UNDOUBTED", 1)
    write(read_files("city", starter("city")), tmp_path, format="parquet")
    (tmp_path / "relations.parquet").write_bytes(b"PAR1" + b"x" * 100)
    assert [problem.message for problem in inspect(tmp_path)] == [
        "is no Parquet file: it is cut short; copy it, or make it, again"
    ]


def test_codes_that_lead_out_of_their_dictionary_are_damage() -> None:
    codes = pa.DictionaryArray.from_arrays(pa.array([0, 5], pa.int32()), pa.array(["a", "b"]), safe=False)
    column, (problem,) = parquet._column("f.parquet", "note", pa.chunked_array([codes]))
    assert str(problem) == "f.parquet: note: is damaged: a row has what its dictionary lacks"
    assert list(column) == ["", ""]


DAMAGES = (
    "", " ", "nobody-known", "KZ MIA", "opperates", "2020-13", "02.03.2020", "43512", "face;;voise", "=1+1", "KZZ",
    "x,y", "1.2E+05", "a\x07b", "NUL\x00", "TRUE", "60..20", "ÐšÐ°Ð·", "part_of", "store", "denied", "x" * 40_000,
    "two\nlines",
)  # fmt: skip


@given(st.randoms(use_true_random=False))
def test_the_same_is_wrong_with_parquet_tables_as_with_csv_ones(rng: random.Random) -> None:
    files = dict(starter("city"))
    for _ in range(rng.randint(1, 5)):
        name = rng.choice(("entities.csv", "relations.csv", "sources.csv"))
        rows = list(csv.reader(io.StringIO(files[name].decode(), newline="")))
        row, place = rng.randrange(1, len(rows)), rng.randrange(len(rows[0]))
        rows[row][place] = rng.choice((*DAMAGES, rng.choice(rows)[place]))
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        files[name] = text.getvalue().encode()
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        dataset, problems = examine(folder)
        write(dataset, Path(folder) / "parquet", format="parquet")
        stored, found = examine(Path(folder) / "parquet")
    same(dataset, stored)
    rows_of = {name: {line: row for row, line in enumerate(table.lines, 1)} for name, table in dataset.tables.items()}

    def of_parquet(problem: str) -> str:
        name = problem.partition(".csv:")[0]
        numbers = rows_of.get(name, {})
        moved = re.sub(r"^(\w+\.csv:)(\d+)", lambda said: said[1] + str(numbers.get(int(said[2]), said[2])), problem)
        moved = re.sub(r"of line (\d+)$", lambda said: f"of line {numbers[int(said[1])]}", moved)
        return moved.replace(".csv", ".parquet", 1)

    assert [str(problem) for problem in found] == [of_parquet(str(problem)) for problem in problems]

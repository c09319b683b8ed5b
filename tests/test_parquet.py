"""Parquet tables: the same cells, the same words about what is wrong, whoever wrote the file."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError
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
    pd.DataFrame({"id": [["a"]]}).to_parquet(tmp_path / "relations.parquet")
    assert "relations.parquet: id: holds list" in str(inspect(tmp_path)[0])
    (tmp_path / "relations.parquet").write_bytes(b"PAR1 no")
    assert "relations.parquet: is no Parquet file" in "\n".join(map(str, inspect(tmp_path)))


def test_a_csv_table_hidden_by_a_parquet_one_is_warned_of(tmp_path: Path) -> None:
    write(read("cabar-2020"), tmp_path, format="parquet")
    (tmp_path / "sources.csv").write_bytes(b"id\n")
    (warning,) = inspect(tmp_path)
    assert str(warning) == "sources.csv: warning: is not read, as sources.parquet stands beside it"


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(read("cabar-2020"), tmp_path, format="parquet")
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(AccessMapError, match=r"pip install 'accessmap\[parquet\]'"):
        read(tmp_path)


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

"""Row by row: however two datasets are written, their differences applied to one give the other, byte for byte."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given

from stakeholders.columns import ArrowColumn, encoded
from stakeholders.dataset import PARQUET, Dataset, Table
from stakeholders.differences import apply, changes_between, row_keys
from stakeholders.errors import AccessMapError
from stakeholders.tables import read, read_files, write
from stakeholders.writing import digest_parts

CELLS = ("", "a", "b,c", 'd"e', "f\ng", "x\ry", "ж", " spaced ")


def random_file(rng: random.Random, header: list[str], rows: list[list[str]]) -> bytes:
    """A CSV file with the freedom that the format leaves: line ends, a mark, needless quotes, blank lines."""
    end = rng.choice(("\n", "\r\n"))

    def quoted(cell: str) -> str:
        needed = any(letter in cell for letter in ',"\r\n')
        return '"' + cell.replace('"', '""') + '"' if needed or rng.random() < 0.2 else cell

    lines = [",".join(header) + end]
    for row in rows:
        lines.append((",".join(map(quoted, row)) or '""') + end)
        lines += [end] if rng.random() < 0.1 else []
    text = "".join(lines)
    text = text.removesuffix(end) if rng.random() < 0.2 else text
    return text.encode("utf-8-sig" if rng.random() < 0.2 else "utf-8")


def random_dataset(rng: random.Random) -> Dataset:
    files = {}
    for table in ("entities", "relations", "sources", "statistics", "listings"):
        if table in ("statistics", "listings") and rng.random() < 0.4:
            continue
        header = ["country", "measure", "value", "year"] if table == "statistics" else ["id", "type", "name", "claim"]
        header += ["extra"] if rng.random() < 0.3 else []
        header = header[:1] + header[:0:-1] if rng.random() < 0.2 else header
        names = [f"r{rng.randint(0, 7)}" for _ in range(rng.randint(0, 6))]
        names = list(dict.fromkeys(names)) if rng.random() < 0.8 else names
        files[f"{table}.csv"] = random_file(
            rng, header, [[name, *rng.choices(CELLS, k=len(header) - 1)] for name in names]
        )
    if rng.random() < 0.5:
        files["checks.toml"] = rng.choice((b"a = 1\n", b"b = 2\r\n", b"\xff\xfe"))
    if rng.random() < 0.5:
        files["datapackage.json"] = rng.choice((b'{"name": "x"}', b'{"name": "y"}\n'))
    return read_files("random", files, check=False)


def contents(dataset: Dataset) -> list[tuple[str, bytes]]:
    return [(name, b"".join(parts)) for name, parts in digest_parts(dataset)]


@given(st.randoms(use_true_random=False), st.booleans())
def test_changes_applied_give_the_other_byte_for_byte(rng: random.Random, edited: bool) -> None:
    before, after = random_dataset(rng), random_dataset(rng)
    if edited:
        relations = after.relations
        tables = {**after.tables, "relations": relations.select(range(len(relations) - 1, -1, -1))}
        after = replace(after, tables=tables)
    found = json.loads(json.dumps(changes_between(before, after)))
    made = apply(before, found)
    assert contents(made) == contents(after)
    assert changes_between(made, after) == []
    for name, table in after.tables.items():
        assert list(made.tables[name].rows()) == list(table.rows())
        if table.raw is not None and made.tables[name].raw is not None:
            assert list(made.tables[name].lines) == list(table.lines)


@given(st.randoms(use_true_random=False))
def test_turned_round_what_was_added_was_removed(rng: random.Random) -> None:
    before, after = random_dataset(rng), random_dataset(rng)
    turned = {"added": "removed", "removed": "added", "changed": "changed"}

    def rows(one: Dataset, other: Dataset) -> list[tuple[str, str, str, object, object]]:
        """Rows whose cells differ, not merely how they are written."""
        found = (tuple(change[key] for key in ("table", "id", "change", "before", "after"))
                 for change in changes_between(one, other))  # fmt: skip
        return sorted((row for row in found if row[1] is not None and row[3] != row[4]), key=str)

    there = [(table, name, turned[change], now, was) for table, name, change, was, now in rows(before, after)]
    assert sorted(there, key=str) == rows(after, before)


def test_a_bundled_dataset_can_be_made_of_the_other(cabar: Dataset, central_asia: Dataset) -> None:
    assert contents(apply(cabar, changes_between(cabar, central_asia))) == contents(central_asia)


def test_what_is_applied_can_be_written(cabar: Dataset, tmp_path: Path) -> None:
    after = cabar.without(["cn-dahua-supplies-kz-sergek"])
    write(after, tmp_path / "after")
    write(apply(cabar, changes_between(cabar, after)), tmp_path / "made")
    files = sorted(path.name for path in (tmp_path / "after").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "made").iterdir())
    for name in files:
        assert (tmp_path / "after" / name).read_bytes() == (tmp_path / "made" / name).read_bytes()
    assert read(tmp_path / "made").sha256 == read(tmp_path / "after").sha256


def test_a_changed_row_tells_only_the_cells_that_differ(cabar: Dataset) -> None:
    old = cabar.relations
    cells = tuple("2021" if name == "cn-dahua-supplies-kz-sergek" else cell
                  for name, cell in zip(old.column("id"), old.column("valid_until"), strict=True))  # fmt: skip
    after = replace(cabar, tables={**cabar.tables, "relations": old.with_column("valid_until", cells)})
    (change,) = changes_between(cabar, after)
    assert (change["change"], change["before"], change["after"]) == (
        "changed", {"valid_until": ""}, {"valid_until": "2021"},
    )  # fmt: skip


def test_rows_in_another_order_are_no_rows_changed() -> None:
    header, rows = ("id", "name"), {"id": ("a", "b", "c"), "name": ("A", "B", "C")}
    before = Table("sources", header, rows)
    after = Table("sources", header, {"id": ("c", "a", "b"), "name": ("C", "A", "B")})
    one, other = (Dataset("small", {"sources": table}) for table in (before, after))
    (change,) = changes_between(one, other)
    assert (change["id"], change["after"]) == (None, {"order": ["c", "a", "b"]})
    assert apply(one, [change]).sources.column("id") == ("c", "a", "b")


def test_changes_of_another_dataset_are_refused(cabar: Dataset) -> None:
    change = {"table": "relations", "id": "nowhere", "change": "changed", "before": {}, "after": {"claim": "x"}}
    with pytest.raises(AccessMapError, match="nowhere"):
        apply(cabar, [change])


def test_figures_without_ids_are_told_apart_by_country_measure_and_year(central_asia: Dataset) -> None:
    keys = row_keys(central_asia.statistics)
    assert len(set(keys)) == len(keys)
    assert all(" / " in key for key in keys)


# ----------------------------------------------------------------------------------- tables that hold no Python objects


def random_table(rng: random.Random) -> Table:
    """A table as a program may write it: columns missing, more of them, or in another order, ids that come again."""
    size = rng.choice((0, 1, rng.randint(2, 9)))
    ids = rng.sample([f"r{number}" for number in range(12)], size)
    if rng.random() < 0.3:
        ids = [rng.choice(("a", "a#2", "a#3", "b")) for _ in ids]
    if rng.random() < 0.3:
        ids.sort()
    cells = {"id": ids} | {name: rng.choices(CELLS[:4], k=size) for name in ("name", "kind", "claim", "extra")}
    header = ["id", *rng.sample(["name", "kind", "claim", "extra"], rng.randint(1, 4))]
    if rng.random() < 0.1:
        rng.shuffle(header)
    return Table("entities", tuple(header), {name: tuple(cells[name]) for name in header}, style=PARQUET)


def in_arrays(table: Table, rng: random.Random) -> Table:
    """The same table over Arrow arrays and codes."""

    def column(cells: tuple[str, ...]) -> ArrowColumn:
        kind = rng.choice((pa.string(), pa.large_string()))
        return ArrowColumn(pa.array(["cut off", *cells], kind)[1:])

    columns: dict[str, object] = {}
    for name in table.header:
        cells = tuple(table.columns[name])
        plain = column(cells)
        columns[name] = plain if name == "id" or rng.random() < 0.5 else rng.choice((plain.encoded(), encoded(cells)))
    return replace(table, columns=columns, lines=np.arange(1, len(table) + 1))


@given(st.randoms(use_true_random=False), st.booleans())
def test_arrays_differ_in_what_the_same_cells_as_text_differ_in(rng: random.Random, akin: bool) -> None:
    before = random_table(rng)
    after = random_table(rng)
    if akin:
        kept = [row for row in range(len(before)) if rng.random() < 0.8]
        after = before.select(kept).with_column("name", tuple(rng.choices(CELLS[:3], k=len(kept))))
    told = changes_between(*(Dataset("plain", {"entities": table}) for table in (before, after)))
    arrays = [Dataset("arrays", {"entities": in_arrays(table, rng)}) for table in (before, after)]
    assert changes_between(*arrays) == told
    made = apply(arrays[0], told)
    table = made.tables["entities"]
    assert table.header == after.header
    assert list(table.rows()) == list(after.rows())


@given(st.lists(st.sampled_from(("a", "a#2", "a#3", "a#2#2", "b"))))
def test_no_two_rows_are_called_the_same(ids: list[str]) -> None:
    keys = row_keys(Table("sources", ("id",), {"id": tuple(ids)}))
    assert len(set(keys)) == len(keys) == len(ids)
    assert all(key == name or key.startswith(f"{name}#") for key, name in zip(keys, ids, strict=True))

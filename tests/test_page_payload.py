"""What the page carries: column by column the same as row by row, whatever the tables are read from."""

from __future__ import annotations

import base64
import gzip
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import cases, dataset

from benchmarks.generate import landscape
from benchmarks.generate import write as write_generated
from graphs.access import AccessGraph, build
from graphs.indexes import load_index, save_index
from graphs.map import payload as made
from graphs.map.payload import Ragged, columnar, decode, encode, payload
from stakeholders.columns import ArrowColumn, encoded
from stakeholders.conversion import convert
from stakeholders.dataset import Table, split
from stakeholders.progress import Meter
from stakeholders.tables import read, write

TABLES = ("entities", "relations", "listings", "sources")


def unpacked(column: Any) -> list[str]:
    """The cells of a column of text."""
    if isinstance(column, list):
        return column
    if "values" in column:
        return [column["values"][code] for code in column["codes"]]
    rows = range(column["first"], column["first"] + column["count"])
    return [column["prefix"] + str(row).zfill(column["width"]) for row in rows]


def cited(table: Table, sources: Table) -> list[int | list[int]]:
    """Which sources each row cites, one row after another."""
    rows = [[sources.index[name] for name in split(cell) if name in sources.index] for cell in table.column("sources")]
    return [found[0] if len(found) == 1 else found for found in rows]


def kinds(graph: AccessGraph) -> list[list[Any]]:
    """What kinds of arcs there are, one arc after another."""
    relations, types, arcs = graph.dataset.relations, graph.types, graph.arcs
    names = ("predicate", "mode", "status")
    words = {name: {word: code for code, word in enumerate(relations.codes(name)[1])} for name in names}
    found = set()
    for arc in np.flatnonzero(arcs.holding < 0).tolist():
        cells, ends = relations.row(int(arcs.relation[arc])), [int(arcs.source[arc]), int(arcs.target[arc])]
        reverse = ends[0] != graph.position[cells["subject"]]
        subject, target = reversed(ends) if reverse else ends
        traits = (arcs.level, arcs.certainty, arcs.stance, arcs.terminal, arcs.feed)
        coded = [words[name][cells[name]] for name in names]
        found.add((*coded, int(types[subject]), int(types[target]), int(reverse), *(int(each[arc]) for each in traits)))
    return [[*(relations.codes(name)[1][code] for name, code in zip(names, kind, strict=False)), *kind[3:]]
            for kind in sorted(found)]  # fmt: skip


def assert_row_by_row(graph: AccessGraph) -> None:
    data, tables = payload(graph), graph.dataset.tables
    for name in TABLES:
        table, told = graph.dataset._table(name), data[name]
        for column in ("id", "claim", "mode", "status", "valid_from", "aliases", "location", "publisher", "list"):
            if column in told:
                assert unpacked(told[column]) == list(table.column(column)), (name, column)
        if "sources" in told and name in tables:
            assert told["sources"] == cited(table, graph.dataset.sources)
    relations = graph.dataset.relations
    for end in ("subject", "object"):
        assert data["relations"][end] == [graph.position[name] for name in relations.column(end)]
    assert data["arcs"]["kinds"] == kinds(graph)
    cells = relations.column("categories")
    masks: dict[str, int] = {}
    for claims in (graph.arcs, graph.keeping):
        masks |= {cells[row]: mask for row, mask in zip(claims.relation.tolist(), claims.mask.tolist(), strict=True)}
    assert data["arcs"]["masks"] == masks
    assert encode(columnar(graph)) == encode(data)
    assert decode(encode(data)) == data


@pytest.mark.parametrize("name", ["cabar-2020", "central-asia"])
def test_it_says_of_each_row_what_the_tables_say(name: str) -> None:
    assert_row_by_row(build(read(name)))


def test_it_does_so_of_a_large_one() -> None:
    graph = build(landscape(300))
    assert_row_by_row(graph)
    assert {type(cell) for cell in payload(graph)["relations"]["sources"]} == {int, list}


@given(cases(loops=True))
def test_it_does_so_of_random_tables(case: tuple[Any, random.Random]) -> None:
    assert_row_by_row(build(dataset(case[0])))


@pytest.mark.parametrize("name", ["central-asia", "generated"])
def test_it_is_the_same_text_from_csv_from_parquet_and_from_a_saved_index(name: str, tmp_path: Path) -> None:
    if name == "generated":
        write_generated(landscape(300), tmp_path / "csv")
    else:
        write(read(name), tmp_path / "csv")
    convert(tmp_path / "csv", tmp_path / "parquet")
    expected = columnar(build(read(tmp_path / "csv")))
    for folder in (tmp_path / "csv", tmp_path / "parquet"):
        save_index(folder)
        for graph in (build(read(folder)), load_index(folder)):
            assert graph is not None
            assert encode(columnar(graph) | {"dataset": expected["dataset"]}) == encode(expected)


TEXTS = st.lists(st.sampled_from(["", "a", "b", "я", "a;b"]), max_size=12)


@given(TEXTS, st.sampled_from(["r", "", "кз-"]), st.integers(0, 999), st.integers(1, 4), st.booleans())
def test_a_column_is_packed_alike_whatever_it_is_made_of(
    cells: list[str], prefix: str, first: int, width: int, numbered: bool
) -> None:
    if numbered:
        cells = [f"{prefix}{first + row:0{width}d}" for row in range(len(cells))]
    distinct = list(dict.fromkeys(cells))
    more = encoded([*cells, "gone"]).take(np.arange(len(cells)))
    for column in (tuple(cells), ArrowColumn.of(cells), encoded(cells), more):
        told = made._plain(made._packed(Table("entities", ("note",), {"note": column}), "note"))
        assert unpacked(told) == cells
        if len(distinct) * 2 < len(cells):
            assert told == {"values": distinct, "codes": [distinct.index(cell) for cell in cells]}
        elif cells and numbered:
            assert told["count"] == len(cells)
        else:
            assert told == cells


def test_one_id_out_of_line_is_enough_for_all_to_be_written() -> None:
    ids = [f"e{row:03d}" for row in range(100)]
    ids[50] = "e0x0"
    for column in (tuple(ids), ArrowColumn.of(ids)):
        assert made._packed(Table("entities", ("id",), {"id": column}), "id") == ids


def test_numbers_and_lists_of_them_are_read_as_they_were_written() -> None:
    lists: list[int | list[int]] = [7, [8, 9], [], [300]] * 20
    lengths, flat = [0, 3, 1, 2] * 20, [7, 8, 9, 300] * 20
    ragged = Ragged(np.array(lengths), np.array(flat))
    assert ragged.listed() == lists
    assert encode({"a": ragged, "b": np.arange(70), "c": np.array([-1, 2])}) == encode(
        {"a": lists, "b": list(range(70)), "c": [-1, 2]}
    )
    assert decode(encode({"a": ragged}))["a"] == lists


@pytest.mark.parametrize("code", ["ints", "ragged"])
def test_a_category_may_be_called_as_packed_numbers_are(code: str) -> None:
    content = {"masks": {code: 1}, "unruled": {code: 2, "other": 3}}
    assert decode(encode(content)) == content


def test_what_is_large_is_packed_in_pieces_and_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    content = {"a": np.random.default_rng(1).integers(0, 1 << 20, 500_000)}
    small, lines = encode(content), []
    monkeypatch.setattr(made, "_LARGE", 1 << 10)
    clock = iter(range(1000))
    with Meter(lines.append, clock=lambda: float(next(clock))):
        large = encode(content)
    assert decode(large) == decode(small) == {"a": content["a"].tolist()}
    assert any(line.startswith("packing the page: ") for line in lines)


def test_what_is_not_large_is_packed_as_gzip_packs_hardest() -> None:
    packed = base64.b64decode(encode({"a": np.arange(900_000) % 977}))
    assert packed == gzip.compress(gzip.decompress(packed), compresslevel=9, mtime=0)

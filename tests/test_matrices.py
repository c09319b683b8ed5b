"""The table of all bodies and categories says what asking for each category says; compiled or not, it is the same."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import numpy as np
import oracle
import pytest
import strategies
from conftest import Run
from worlds import DAY, graph_of, options

from benchmarks.generate import AS_OF, CATEGORIES, landscape
from graphs.access import BODY, AccessGraph, build
from graphs.engines import frontier, matrix
from graphs.engines.frontier import UNREACHED, Frontier
from graphs.engines.matrix import categories_reached
from graphs.matrices import matrix_changes, reach_matrix
from graphs.scope import Scope
from graphs.views import places_of
from stakeholders.tables import read

LEAVES = ("face_3d", "gait", "identity")  # nothing is narrower, so `who` asks for just these


def test_on_random_datasets_it_is_what_brute_force_says_of_each_category() -> None:
    reached = 0
    for seed in range(400):
        rng = random.Random(seed)
        tables = strategies.random_tables(rng)
        question = strategies.random_question(rng, tables)
        answer = reach_matrix(build(strategies.dataset(tables)), **options(question))
        for code in LEAVES:
            expected = {row["body"] for row in oracle.who(tables, code, replace(question))}
            assert {row["body"] for row in answer.rows if code in row["categories"]} == expected, (seed, code)
            reached += len(expected)
    assert reached > 100


@pytest.fixture(scope="module")
def generated() -> AccessGraph:
    return build(landscape(2000, openness=0.7, seed=4))


@pytest.mark.parametrize("stance", ["direct", "documented", "assumed"])
@pytest.mark.parametrize("day", ["2010-01-01", AS_OF])
def test_on_a_generated_graph_each_column_is_a_search(generated: AccessGraph, stance: str, day: str) -> None:
    scope = Scope.of(stance=stance, as_of=day, certainty="reported")
    plain = categories_reached(generated, scope, compiled=False)
    assert np.array_equal(categories_reached(generated, scope, compiled=True), plain)
    bodies = generated.types == BODY
    for code in CATEGORIES:
        layer = generated.categories.position[code]
        front = Frontier.of(generated, scope, layer, compiled=False).search(places_of(generated, scope, layer))
        best, _ = front.best()
        assert np.array_equal(plain[bodies, layer], best[bodies] != UNREACHED), code


def test_more_categories_than_a_word_holds(generated: AccessGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = Scope.of(as_of=AS_OF)
    whole = categories_reached(generated, scope)
    monkeypatch.setattr(matrix, "_AT_ONCE", 10)
    for compiled in (False, True):
        assert np.array_equal(categories_reached(generated, scope, compiled=compiled), whole)


@pytest.mark.parametrize("compiled", [False, True])
def test_along_a_chain_against_the_order_of_the_nodes(compiled: bool) -> None:
    length = 200
    # The store comes last, and each body before the one that commands it.
    graph = graph_of(*(f"b{at + 1} controls b{at}" for at in range(length)), "b0 holds s1", categories={"s1": "face"})
    scope, layer = Scope.of(as_of=DAY), graph.categories.position["face"]
    assert categories_reached(graph, scope, compiled=compiled)[graph.types == BODY, layer].all()


def test_parts_of_any_size_give_the_same(generated: AccessGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = Scope.of(as_of=AS_OF)
    whole = categories_reached(generated, scope, compiled=False)
    for size in (1, 7, 1000):
        monkeypatch.setattr(frontier, "_PART", size)
        assert np.array_equal(categories_reached(generated, scope, compiled=False), whole)


def test_a_frozen_copy_is_the_last_arc() -> None:
    graph = graph_of("s1 leaked_to b1", "b3 holds s1", "s2 feeds s1", categories={"s1": "face", "s2": "identity"})
    table = reach_matrix(graph, as_of=DAY).frame
    assert table["face"].to_dict() == {"b1": True, "b3": True}
    assert table["identity"].to_dict() == {"b1": False, "b3": True}


def test_changes_are_the_difference_of_what_brute_force_says() -> None:
    moved = 0
    for seed in range(200):
        rng = random.Random(seed)
        tables = strategies.random_tables(rng)
        question = replace(strategies.random_question(rng, tables), bodies=None, stores=None)
        gone = [row["id"] for row in rng.sample(tables.relations, min(2, len(tables.relations)))]
        fewer = oracle.without(tables, gone)
        graphs = [build(strategies.dataset(each)) for each in (tables, fewer)]
        rows = {row["body"]: row for row in matrix_changes(*graphs, **options(question)).rows}
        for code in LEAVES:
            before, after = ({row["body"] for row in oracle.who(each, code, question)} for each in (tables, fewer))
            assert {body for body, row in rows.items() if code in row["lost"]} == before - after, (seed, code)
            assert {body for body, row in rows.items() if code in row["gained"]} == after - before, (seed, code)
            moved += len(before ^ after)
    assert moved > 10


def test_who_without_a_target_tells_of_every_category(run: Run) -> None:
    asked = ("who", "-d", "cabar-2020", "--as-of", "2020-04-15")
    status, out, err = run(*asked, "--level", "granted", "--format", "json")
    found, expected = json.loads(out), reach_matrix(build(read("cabar-2020")), as_of="2020-04-15", level="granted")
    assert (status, err) == (0, "")
    assert found["rows"] == list(expected.rows)
    assert {"body": "kz-police-atyrau", "categories": ["video"], "count": 1} in found["rows"]
    told = run(*asked, "--from", "kz-police-atyrau")[1].splitlines()
    assert told[0].startswith("1 body can reach data of a known category, claims and plans included")
    assert any("Atyrau" in line and line.rstrip().endswith("video") for line in told)
    assert "claims" not in run(*asked, "--certainty", "reported")[1]
    gone = json.loads(run(*asked, "--without", "kz-sergek-atyrau-archive", "--format", "json")[1])
    assert not [row for row in gone["rows"] if row["body"] == "kz-police-atyrau"]


def test_nobody_reaches_anything_where_there_is_nothing() -> None:
    answer = reach_matrix(graph_of())
    assert answer.rows == ()
    assert answer.frame.shape == (0, len(answer.columns))


def test_pairs_are_asked_of_one_target(run: Run) -> None:
    assert run("who", "--by", "pair")[::2] == (
        2, "error: --by pair is about one TARGET: name it, or leave out --by\n",
    )  # fmt: skip

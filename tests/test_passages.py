"""Chokepoints: every figure against deletion, laws, and what people read."""

from __future__ import annotations

import datetime
import random
from typing import Any

import oracle
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import cases, dataset, random_question, random_tables, random_targets
from test_dominators import PUBLISHED
from worlds import DAY, asked_bodies, asked_layers, graph_of, masked, options, pairs

from graphs.access import AccessGraph, build
from graphs.answers import Row
from graphs.engines.kernels import installed
from graphs.losses import losses
from graphs.passages import chokepoints, pair_losses
from graphs.reachability import asked_bodies as asking
from graphs.reachability import target_of, who_can_reach
from graphs.scope import Scope
from graphs.views import View
from stakeholders.dataset import Dataset

TODAY = "2026-11-24"


def expected(tables: oracle.Tables, target: str, question: oracle.Question) -> dict[str, tuple[int, int, set[str]]]:
    """For each entity and relation the pairs lost without it, those that count, and the bodies that lose all."""
    layers, bodies = asked_layers(tables, target, question), asked_bodies(tables, target, question)
    before = pairs(tables, layers, question, bodies)
    found = {}
    for name in [row["id"] for row in (*tables.entities, *tables.relations)]:
        counted = {pair for pair in before if name not in pair}
        lost = counted - pairs(oracle.without(tables, [name]), layers, question, bodies)
        keeps = {body for body, _ in counted - lost}
        if lost:
            found[name] = (len(lost), len(counted), {body for body, _ in lost} - keeps)
    return found


def told(rows: tuple[Row, ...]) -> dict[str, tuple[int, int, set[str]]]:
    return {row["id"]: (row["pairs_lost"], row["pairs_total"], set(row["mandatory_for"])) for row in rows}


def check(tables: oracle.Tables, rng: random.Random) -> None:
    for target in random_targets(rng, tables):
        compare(tables, target, random_question(rng, tables))


def compare(tables: oracle.Tables, target: str, question: oracle.Question) -> None:
    answer = chokepoints(build(dataset(tables)), target, **options(question))
    assert told(answer.rows) == expected(tables, target, question)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_pairs_lost_are_those_that_deletion_loses(case: tuple[oracle.Tables, random.Random]) -> None:
    check(*case)


@pytest.mark.parametrize("seed", range(120))
def test_pairs_lost_are_those_that_deletion_loses_in_larger_worlds(seed: int) -> None:
    rng = random.Random(f"passages {seed}")
    check(random_tables(rng, entities=11, relations=20), rng)


@pytest.mark.parametrize("stance", ["documented", "assumed"])
@pytest.mark.parametrize("seed", range(60))
def test_pairs_lost_are_those_that_deletion_loses_where_categories_matter(seed: int, stance: str) -> None:
    tables, target = masked(random.Random(f"masks {seed}"))
    compare(tables, target, oracle.Question(datetime.date(2020, 4, 15), stance=stance))


@pytest.mark.parametrize("masks", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_the_compiled_engine_counts_the_same(seed: int, masks: bool) -> None:
    assert installed()
    rng = random.Random(f"compiled {seed}")
    tables, *asked = masked(rng) if masks else (random_tables(rng, entities=11, relations=20),)
    question = oracle.Question(datetime.date(2020, 4, 15)) if masks else random_question(rng, tables)
    graph, scope = build(dataset(tables)), Scope.of(**options(question))
    view = View.of(graph, scope)
    for target in asked or random_targets(rng, tables):
        columns, bodies = target_of(view, target).columns, asking(graph, scope, target)
        plain, fast = (losses(view, columns, bodies, compiled=flag) for flag in (False, True))
        for name in ("pairs", "ends", "nodes", "relations", "needed_by_nodes", "needed_by_relations", "direct"):
            assert getattr(plain, name) == getattr(fast, name), name


# laws


@pytest.mark.parametrize("target", ["biometric", "face", "genomic", "kz-sergek-almaty-archive", "kz-sergek-archives"])
def test_pairs_lost_on_the_bundled_data_are_those_of_asking_anew_without(
    central_asia: Dataset, central_asia_graph: AccessGraph, target: str
) -> None:
    def reached(graph: AccessGraph) -> set[tuple[str, str]]:
        rows = who_can_reach(graph, target, by="pair", as_of=TODAY, certainty="reported").rows
        return {(row["body"], row["store"]) for row in rows}

    before = reached(central_asia_graph)
    rows = [row for row in chokepoints(central_asia_graph, target, as_of=TODAY).rows if row["id"] != target]
    for row in [*rows[:12], *rows[12::9]]:
        after = reached(build(central_asia.without([row["id"]])))
        assert len({pair for pair in before - after if row["id"] not in pair}) == row["pairs_lost"], row["id"]


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_a_body_must_pass_are_the_published_dominators(name: str) -> None:
    told, above = PUBLISHED[name]
    arcs = [tuple(map(int, arc.split("-"))) for arc in told.split()]
    # Whoever commands a system gets at what feeds it; nothing leads back to the body that asks.
    lines = [f"b0 has_access y{far}" if not near else f"y{far} feeds y{near}" for near, far in arcs if far]
    graph = graph_of(*lines)
    for node, parent in enumerate(above, 1):
        rows = chokepoints(graph, f"y{node}", as_of=DAY).rows
        chain = set()
        while parent > 0:
            chain.add(f"y{parent}")
            parent = above[parent - 1]  # noqa: PLW2901  up the tree
        assert {row["id"] for row in rows if row["kind"] == "node" and row["mandatory_for"] == ["b0"]} == chain, node


def test_what_all_bodies_must_pass_costs_all_pairs(central_asia_graph: AccessGraph) -> None:
    answer = chokepoints(central_asia_graph, "kz-sergek-archives", as_of=TODAY, bodies=["kz-police-almaty", "kz-mia"])
    everyone = [row for row in answer.rows if len(row["mandatory_for"]) == answer.beside["bodies"]]
    assert everyone
    assert all(row["pairs_lost"] == row["pairs_total"] for row in everyone)


def test_rows_come_in_order_and_only_where_something_is_lost(central_asia_graph: AccessGraph) -> None:
    rows = chokepoints(central_asia_graph, "biometric", as_of=TODAY).rows
    keys = [(-row["pairs_lost"], row["kind"], row["id"]) for row in rows]
    assert keys == sorted(keys)
    assert all(row["pairs_lost"] >= 1 for row in rows)


def test_the_figures_alone_are_those_of_the_rows(central_asia_graph: AccessGraph) -> None:
    answer = chokepoints(central_asia_graph, "face", as_of=TODAY)
    figures = pair_losses(central_asia_graph, "face", as_of=TODAY)
    assert {**figures.nodes, **figures.relations} == {row["id"]: row["pairs_lost"] for row in answer.rows}
    assert figures.pairs == answer.beside["pairs"]
    assert all(figures.counting(row["id"]) == row["pairs_total"] for row in answer.rows)


def test_pairs_that_something_is_an_end_of_do_not_count_for_it(central_asia_graph: AccessGraph) -> None:
    figures = pair_losses(central_asia_graph, "face", as_of=TODAY)
    found = who_can_reach(central_asia_graph, "face", by="pair", as_of=TODAY, certainty="reported").rows
    assert len(found) == figures.pairs
    for name in central_asia_graph.ids:
        assert figures.counting(name) == sum(name not in (row["body"], row["store"]) for row in found)


# what counts


def row_of(graph: AccessGraph, name: str, target: str = "face", **given: Any) -> Row | None:
    rows = chokepoints(graph, target, as_of=DAY, **given).rows
    return next((row for row in rows if row["id"] == name), None)


def test_by_default_only_reported_ways_count() -> None:
    graph = graph_of("b1 holds s1", "b2 part_of b1 status=alleged", "b1 part_of b3 status=reported")
    assert chokepoints(graph, "face", as_of=DAY).question["certainty"] == "reported"
    row = row_of(graph, "b1")
    assert row is not None
    assert row["mandatory_for"] == ["b3"]


def test_a_pair_that_two_categories_carry_is_lost_only_with_what_both_need() -> None:
    # b1 has a way for faces by y1 and one for gaits by y2; b2 has the first alone.
    graph = graph_of(
        "b1 operates y1 categories=face", "y1 keeps_data_in s1 categories=face",
        "b1 operates y2 categories=gait", "y2 keeps_data_in s1 categories=gait",
        "b2 operates y1 categories=face",
        categories={"s1": "face;gait", "y1": "", "y2": ""},
    )  # fmt: skip
    rows = {row["id"]: row["mandatory_for"] for row in chokepoints(graph, "biometric", as_of=DAY).rows}
    assert rows == {"y1": ["b2"], "r2": ["b2"], "r5": ["b2"]}


def test_a_body_whose_only_pair_is_with_the_removed_store_does_not_need_it() -> None:
    graph = graph_of("b1 holds s1", "b2 holds s2", "s1 feeds s2")
    # b2 reaches s1 only by way of the feed into s2, and s2 itself.
    needed = {row["id"]: row["mandatory_for"] for row in chokepoints(graph, "face", as_of=DAY).rows}
    assert needed["s2"] == ["b2"]
    assert "s1" not in needed
    # b1 reaches s1 alone, b3 also what it is fed from.
    kept = {"s1": "face;gait", "s2": "gait"}
    graph = graph_of("b1 has_access s1 categories=face", "b3 has_access s1", "s2 feeds s1", categories=kept)
    needed = {row["id"]: row["mandatory_for"] for row in chokepoints(graph, "biometric", as_of=DAY).rows}
    assert needed["s1"] == ["b3"]


def test_a_leak_is_a_last_arc_only() -> None:
    # Who has the leaked copy of s1 does not thereby reach what feeds s1.
    graph = graph_of("s1 leaked_to b1", "s2 feeds s1", "b2 holds s1")
    answer = chokepoints(graph, "face", as_of=DAY)
    assert answer.beside["pairs"] == 3
    assert {row["id"]: row["pairs_lost"] for row in answer.rows} == {"s1": 1, "r1": 1, "r2": 1, "r3": 2}


def test_an_assumed_copy_goes_with_the_grant_with_the_holding_and_with_the_body() -> None:
    # b1 may export s2 into s1, which b2 holds too: b2 reaches s2 by what b1 is assumed to do.
    graph = graph_of("b1 holds s1", "b1 has_access s2 mode=export", "b2 holds s1")
    lost = {row["id"]: row["pairs_lost"] for row in chokepoints(graph, "face", as_of=DAY, stance="assumed").rows}
    assert lost["b1"] == 1
    assert lost["s1"] == 1
    assert lost["r1"] == 2  # b1's own holding, and b2's way to s2
    assert lost["r2"] == 2  # b1's way to s2 and b2's
    assert lost["r3"] == 2


def test_taking_a_store_away_makes_no_system_a_new_place() -> None:
    graph = graph_of("b1 operates y1", "y1 keeps_data_in s1")
    lost = {row["id"]: row["pairs_lost"] for row in chokepoints(graph, "face", as_of=DAY).rows}
    assert lost == {"y1": 1, "r1": 1, "r2": 1}


# what people read


def test_a_passage_is_said_in_three_languages() -> None:
    graph = graph_of("b1 holds s1", "b1 part_of b2", "b1 part_of b3", b1={"name_ru": "Первый"})
    row = row_of(graph, "b1", "s1")
    assert row is not None
    sentence = row["sentence"]
    assert sentence.text() == (
        "Every confirmed or reported way from Name of b2 and Name of b3 to Name of s1 passes Name of b1."
    )
    assert sentence.text("ru").startswith("Первый: здесь проходят все пути, подтверждённые или о которых сообщалось.")
    assert "осы арқылы өтеді" in sentence.text("kk")


def test_a_relation_is_told_by_its_ends() -> None:
    graph = graph_of("b1 holds s1", "b1 part_of b2")
    row = row_of(graph, "r1")
    assert row is not None
    assert row["sentence"].text() == (
        "Every confirmed or reported way from Name of b1 and Name of b2 to face data rests on one relation: "
        "“Name of b1” holds “Name of s1”."
    )


def test_many_bodies_are_told_as_all_where_they_are_all() -> None:
    graph = graph_of("b1 holds s1", *(f"b1 part_of b{number}" for number in range(2, 9)))
    rows = {row["id"]: row["sentence"].text() for row in chokepoints(graph, "face", as_of=DAY).rows}
    assert rows["b1"] == (
        "Every confirmed or reported way from all 7 others that reach it to face data passes Name of b1."
    )
    assert rows["r1"].startswith(
        "Every confirmed or reported way from all 8 bodies that reach it to face data rests on one relation:"
    )


@pytest.mark.parametrize(
    ("given", "begins"),
    [
        ({}, "Every confirmed or reported way from"),
        ({"certainty": "confirmed"}, "Every confirmed way from"),
        ({"certainty": "alleged"}, "Every known or alleged way from"),
        ({"certainty": "prospective"}, "Every known way from"),
        ({"level": "indirect"}, "Every confirmed or reported way at level indirect or stronger from"),
        (
            {"bodies": [f"b{number}" for number in range(2, 9)]},
            "Every confirmed or reported way from all 7 asking bodies",
        ),
    ],
)
def test_a_sentence_says_which_ways_and_whose_it_speaks_of(given: dict[str, Any], begins: str) -> None:
    graph = graph_of("b1 holds s1", *(f"b1 part_of b{number}" for number in range(2, 9)))
    row = next(row for row in chokepoints(graph, "face", as_of=DAY, **given).rows if row["id"] == "b1")
    assert row["sentence"].text().startswith(begins)


def test_a_place_that_is_passed_on_the_way_to_others_is_said_to_end_ways_too() -> None:
    graph = graph_of("b1 has_access s1", "s2 feeds s1", "s2 feeds y1", "b2 has_access y1", categories={"y1": ""})
    said = {row["id"]: row["sentence"].text() for row in chokepoints(graph, "face", as_of=DAY).rows}
    assert said["s1"] == "Every confirmed or reported way from Name of b1 to face data ends in Name of s1 or passes it."
    assert said["y1"] == "Every confirmed or reported way from Name of b2 to face data passes Name of y1."


def test_what_not_everybody_needs_is_told_in_numbers() -> None:
    graph = graph_of("b1 holds s1", "b1 holds s2", "b2 holds s2", "b1 part_of b3", "b2 part_of b3")
    row = row_of(graph, "b1")
    assert row is not None
    assert row["mandatory_for"] == []
    assert row["sentence"].text() == "Without Name of b1, 1 of 3 known pairs of a body and a store are lost."


def test_direct_holders_are_said_to_be_direct() -> None:
    answer = chokepoints(graph_of("b1 holds s1", "b1 part_of b2"), "face", as_of=DAY)
    assert answer.beside["direct"] == ["b1"]
    assert any("nobody in between (1): Name of b1." in note.text() for note in answer.notes)


def test_a_target_that_nobody_reaches_has_no_rows() -> None:
    answer = chokepoints(graph_of("b1 holds s1", "b2 holds s2 status=planned"), "s2", as_of=DAY)
    assert (answer.rows, answer.beside["pairs"]) == ((), 0)


@pytest.mark.parametrize("given", [{}, {"certainty": "alleged"}, {"certainty": "prospective", "level": "granted"}])
def test_what_counts_is_told_by_verdict(central_asia_graph: AccessGraph, given: dict[str, Any]) -> None:
    answer = chokepoints(central_asia_graph, "biometric", as_of=TODAY, **given)
    options = {"certainty": "reported", **given}
    pairs = who_can_reach(central_asia_graph, "biometric", by="pair", as_of=TODAY, **options).rows
    told = answer.beside["verdicts"]
    seen: dict[str, set[str]] = {"body": set(), "store": set()}
    for verdict in ("reaches", "claimed", "prospective"):
        mine = [row for row in pairs if row["verdict"] == verdict]
        assert told[verdict]["pairs"] == len(mine)
        for end, name in (("body", "bodies"), ("store", "stores")):
            found = {row[end] for row in mine}
            assert told[verdict][name] == len(found - seen[end])
            seen[end] |= found
    assert sum(figures["pairs"] for figures in told.values()) == answer.beside["pairs"] == len(pairs)

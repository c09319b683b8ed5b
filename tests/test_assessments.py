"""Scores of stores: for all at once the same as store by store, relation by relation."""

from __future__ import annotations

import random

import oracle_assessments
import pytest
import strategies
from hypothesis import given
from oracle import Tables
from registers import SDN, entity, listing, register, relation
from worlds import graph_of

from benchmarks.generate import landscape
from graphs.access import AccessGraph, build
from graphs.assessments import CRITERIA, assess
from graphs.scope import Scope
from stakeholders.progress import Meter
from stakeholders.tables import read


def assert_store_by_store(graph: AccessGraph, scope: Scope) -> None:
    assert list(assess(graph, scope)) == list(oracle_assessments.assess(graph, scope))


@pytest.mark.parametrize("name", ["cabar-2020", "central-asia"])
@pytest.mark.parametrize("day", ["2020-02-19", "2020-04-15", "2024-03-01", "2026-11-24"])
def test_bundled_data_score_as_store_by_store(name: str, day: str) -> None:
    graph = build(read(name))
    assert_store_by_store(graph, Scope.of(as_of=day))
    assert_store_by_store(graph, Scope.of(as_of=day, known_by="2020-06-30"))


def test_every_criterion_is_asked_of_some_bundled_store_and_most_are_missed_by_one() -> None:
    rows = list(assess(build(read("central-asia")), Scope.of(as_of="2026-11-24")))
    criteria = [(name, met, asked) for row in rows for name, (met, asked) in row["criteria"].items()]
    assert {name for name, _, _ in criteria} == set(CRITERIA)
    assert len({name for name, met, asked in criteria if met < asked}) >= len(CRITERIA) - 2


@given(strategies.cases(loops=True))
def test_random_tables_do(case: tuple[Tables, random.Random]) -> None:
    tables, rng = case
    graph = build(strategies.dataset(tables))
    stores = [name for name, kind in zip(graph.ids, graph.types.tolist(), strict=True) if kind == 2]
    some = rng.choice([None, None, rng.sample(stores, rng.randint(0, len(stores)))])
    assert_store_by_store(graph, Scope.of(as_of=strategies.random_day(rng, tables), stores=some))


def test_a_generated_landscape_does() -> None:
    assert_store_by_store(build(landscape(400)), Scope.of(as_of="2025-06-30"))


def test_a_relation_between_a_store_and_its_system_counts_once() -> None:
    graph = graph_of("y1 keeps_data_in s1", "s1 feeds y1", "y1 feeds s1", "b1 operates y1", "b2 supervises b1")
    found = {row["principle"]: row for row in assess(graph, Scope.of(as_of="2020-04-15"))}
    assert found["purpose-limitation"]["criteria"] == {"onward_feeds_have_legal_basis": [0, 2]}
    assert found["purpose-limitation"]["missing"] == ["r2", "r3"]
    assert [row["criteria"]["oversight_is_known"] for row in found.values() if "oversight_is_known" in row["criteria"]]
    assert_store_by_store(graph, Scope.of(as_of="2020-04-15"))


def test_how_far_it_has_come_is_told() -> None:
    lines: list[str] = []
    clock = iter(range(10_000))
    with Meter(lines.append, clock=lambda: float(next(clock))):
        list(assess(build(landscape(9_000)), Scope.of(as_of="2025-06-30")))
    assert any(line.startswith("scoring stores: ") for line in lines)


def test_a_listing_that_nobody_could_know_yet_counts_against_no_store() -> None:
    held = [relation("a", "supplies", "y"), relation("y", "keeps_data_in", "s")]
    things = [entity("y", "system", categories="video"), entity("s", "store", categories="video")]
    graph = build(register(held, [listing("a", SDN, sources="late")], things, [{"id": "late", "date": "2021"}]))

    def unlisted(known_by: str | None) -> list[int]:
        rows = assess(graph, Scope.of(as_of="2022", known_by=known_by))
        (found,) = (
            row["criteria"][name] for row in rows for name in row["criteria"] if name == "no_listed_vendor_is_behind"
        )
        return found

    assert unlisted("2019") == [1, 1]
    assert unlisted(None) == [0, 1]

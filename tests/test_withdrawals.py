"""Sensitivity: equal to asking anew without each id, one by one."""

from __future__ import annotations

import random
from collections.abc import Sequence

import oracle
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import cases, dataset, random_question, random_tables, random_targets
from worlds import DAY, graph_of, masked, options, tables

from graphs.access import AccessGraph, build
from graphs.effects import kinds_of
from graphs.engines.arrays import RANKED, UNREACHED
from graphs.reachability import who_can_reach
from graphs.scope import Options
from graphs.withdrawals import sensitivity
from stakeholders.dataset import Dataset
from stakeholders.vocabulary import CERTAINTIES, LEVELS

TODAY = "2026-11-24"

Verdicts = dict[tuple[str, str], int]


def verdicts(graph: AccessGraph, target: str, given: Options) -> Verdicts:
    return {
        (row["body"], row["store"]): RANKED.index((LEVELS.index(row["level"]), CERTAINTIES.index(row["certainty"])))
        for row in who_can_reach(graph, target, by="pair", **given).rows
    }


def changes(before: Verdicts, after: Verdicts) -> list[tuple[str, str, str]]:
    return [
        (*pair, kind.name)
        for pair in sorted({*before, *after})
        for kind in kinds_of(before.get(pair, UNREACHED), after.get(pair, UNREACHED))
    ]


def check(rows: oracle.Tables, rng: random.Random) -> None:
    given: Options = options(random_question(rng, rows))  # type: ignore[assignment]  # as the oracle has them
    compare(rows, random_targets(rng, rows), given)


def compare(rows: oracle.Tables, targets: Sequence[str], given: Options) -> None:
    data = dataset(rows)
    graph = build(data)
    for target in targets:
        found = {row["id"]: row for row in sensitivity(graph, target, **given).rows}
        before = verdicts(graph, target, given)
        for name in [row["id"] for row in (*rows.sources, *rows.relations)]:
            expected = changes(before, verdicts(build(data.without([name])), target, given))
            told = found.get(name, {"changes": []})["changes"]
            assert [(change["body"], change["store"], change["change"]) for change in told] == expected, name


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(cases())
def test_sensitivity_is_asking_anew_without_each_source_and_relation(case: tuple[oracle.Tables, random.Random]) -> None:
    check(*case)


@pytest.mark.parametrize("seed", range(40))
def test_sensitivity_is_asking_anew_in_larger_worlds(seed: int) -> None:
    rng = random.Random(f"sensitivity {seed}")
    check(random_tables(rng, entities=10, relations=16), rng)


@pytest.mark.parametrize("seed", range(15))
def test_sensitivity_is_asking_anew_where_categories_matter(seed: int) -> None:
    rows, target = masked(random.Random(f"withdrawn {seed}"), relations=11)
    compare(rows, [target, "biometric"], {"as_of": DAY, "stance": "assumed"})


def test_an_assumed_copy_is_as_fresh_as_the_grant_and_the_holding_are() -> None:
    rows = tables(
        "b1 has_access s1 mode=export sources=on-2019-06-01", "b1 holds s2 sources=on-2010-01-01;on-2019-08-01",
        "b2 has_access s2 sources=on-2019-09-01",
    )  # fmt: skip
    given: Options = {"as_of": DAY, "stance": "assumed", "fresh": "3y"}
    compare(rows, ["s1"], given)
    found = {row["id"]: row for row in sensitivity(build(dataset(rows)), "s1", **given).rows}
    assert [(change["body"], change["change"]) for change in found["on-2019-08-01"]["changes"]] == [("b2", "lost")]


def test_sensitivity_of_the_bundled_data_is_asking_anew(central_asia: Dataset, central_asia_graph: AccessGraph) -> None:
    given: Options = {"as_of": TODAY}
    for target in ("genomic", "kz-sergek-almaty-archive"):
        rows = sensitivity(central_asia_graph, target, **given).rows
        before = verdicts(central_asia_graph, target, given)
        for row in rows[::3]:
            after = verdicts(build(central_asia.without([row["id"]])), target, given)
            told = [(change["body"], change["store"], change["change"]) for change in row["changes"]]
            assert told == changes(before, after), row["id"]


@pytest.mark.parametrize("kind", ["source", "relation"])
def test_one_kind_alone_gives_its_rows_of_both(central_asia_graph: AccessGraph, kind: str) -> None:
    both = sensitivity(central_asia_graph, "genomic", as_of=TODAY)
    alone = sensitivity(central_asia_graph, "genomic", kinds=[kind], as_of=TODAY)
    assert list(alone.rows) == [row for row in both.rows if row["kind"] == kind] != []
    assert alone.beside["findings"] == both.beside["findings"]


def test_only_what_would_change_a_verdict_is_told_and_the_heaviest_first(central_asia_graph: AccessGraph) -> None:
    rows = sensitivity(central_asia_graph, "face", as_of=TODAY).rows
    assert all(row["changes"] for row in rows)
    lost = [row["verdicts_lost"] for row in rows]
    assert lost == sorted(lost, reverse=True)
    assert {row["kind"] for row in rows} == {"source", "relation"}


# what a source does beside carrying relations


def found(graph: AccessGraph, name: str, target: str = "s1") -> list[str]:
    rows = {row["id"]: row for row in sensitivity(graph, target, as_of=DAY).rows}
    return [change["change"] for change in rows[name]["changes"]] if name in rows else []


def test_a_relation_falls_with_its_last_source_only() -> None:
    assert found(graph_of("b1 holds s1 sources=a;b"), "a") == []
    assert found(graph_of("b1 holds s1 sources=a"), "a") == ["lost"]


def test_without_its_early_source_a_relation_may_not_hold_yet() -> None:
    graph = graph_of("b1 holds s1 sources=on-2020-01-01;on-2020-06-01")
    assert found(graph, "on-2020-01-01") == ["lost"]
    assert found(graph, "on-2020-06-01") == []


def test_with_a_denial_s_source_goes_the_doubt() -> None:
    graph = graph_of("b1 holds s1", "b1 holds s1 status=denied sources=press")
    assert found(graph, "press") == ["gained", "no longer claimed"]


def test_a_system_whose_store_is_forgotten_becomes_a_place() -> None:
    graph = graph_of("b1 operates y1", "y1 keeps_data_in s1 sources=press")
    rows = {row["id"]: row for row in sensitivity(graph, "face", as_of=DAY).rows}
    told = [(change["store"], change["change"]) for change in rows["press"]["changes"]]
    assert told == [("s1", "lost"), ("y1", "gained")]
    assert rows["press"]["new_places"] == ["y1"]


def test_findings_on_a_single_source_are_named() -> None:
    answer = sensitivity(graph_of("b1 holds s1 sources=a", "b2 holds s1 sources=a;b"), "s1", as_of=DAY)
    assert answer.beside["findings"] == 2
    assert answer.beside["single_source"] == [{"body": "b1", "store": "s1", "sources": ["a"]}]


def test_a_denial_s_source_carries_no_finding_and_costs_none() -> None:
    graph = graph_of("b1 holds s1 status=reported sources=a;b", "b1 holds s1 status=denied sources=press")
    answer = sensitivity(graph, "s1", as_of=DAY)
    assert {row["id"]: row["verdicts_lost"] for row in answer.rows} == {"press": 0, "r1": 1, "r2": 0}
    assert answer.beside["single_source"] == []


def test_a_verdict_that_becomes_a_lesser_one_is_lost() -> None:
    graph = graph_of("b1 holds s1 sources=a", "b1 has_access s1 status=alleged sources=b")
    answer = sensitivity(graph, "s1", as_of=DAY)
    assert {row["id"]: row["verdicts_lost"] for row in answer.rows} == {"a": 1, "r1": 1}
    assert answer.beside["single_source"] == [{"body": "b1", "store": "s1", "sources": ["a"]}]


def test_a_weaker_way_that_remains_is_told_as_weaker() -> None:
    graph = graph_of("b1 holds s1", "b1 has_access s1", "b2 has_access s1", "b2 has_access s1 status=reported")
    rows = {row["id"]: row for row in sensitivity(graph, "s1", as_of=DAY).rows}
    assert (rows["r1"]["weaker"], rows["r1"]["lost"]) == (1, 0)
    assert rows["r3"]["less_certain"] == 1
    assert rows["r1"]["changes"][0]["after"] == {"verdict": "reaches", "level": "granted", "certainty": "confirmed"}


def test_the_tables_are_never_touched() -> None:
    written = tables("b1 holds s1 sources=a")
    data = dataset(written)
    before = data.sha256
    sensitivity(build(data), "s1", as_of=DAY)
    assert data.sha256 == before

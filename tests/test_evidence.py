"""Supports: the smallest sets of sources that carry a finding, against trying every set."""

from __future__ import annotations

import itertools
import random
from collections.abc import Collection
from dataclasses import replace

import oracle
import oracle_arcs as evidence
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import cases, dataset, random_question, random_tables, random_targets
from worlds import DAY, asked_layers, graph_of, options

import graphs
from graphs.access import build
from graphs.evidence import supports
from stakeholders.errors import UnknownId

WEAKEST = {"reaches": "reported", "claimed": "alleged", "prospective": "prospective"}


def carries(tables: oracle.Tables, relation: str, sources: Collection[str], question: oracle.Question) -> bool:
    """Whether some of the sources have a relation in force, known and fresh by themselves."""
    row = next(row for row in tables.relations if row["id"] == relation)
    own = [source for source in oracle.cell(row["sources"]) if source in sources]
    for size in range(1, len(own) + 1):
        for chosen in itertools.combinations(own, size):
            alone = {**row, "sources": ";".join(chosen)}
            newest = evidence.newer(*evidence.source_dates(tables, alone))
            fresh = question.fresh is None or (
                bool(newest) and oracle.first_day(newest) >= evidence.years_before(question.as_of, question.fresh)
            )
            in_force = evidence.in_force(evidence.interval(tables, alone), question.as_of)
            if in_force and evidence.is_known(tables, alone, question.known_by) and fresh:
                return True
    return False


def smallest(tables: oracle.Tables, body: str, target: str, question: oracle.Question) -> set[frozenset[str]]:
    paths = [
        path
        for category, places in asked_layers(tables, target, question)
        for path in oracle.simple_paths(oracle.passing(oracle.arcs(tables, question), category), body, places - {body})
    ]
    found: set[frozenset[str]] = set()
    ids = [row["id"] for row in tables.sources]
    for size in range(len(ids) + 1):
        for chosen in map(frozenset, itertools.combinations(ids, size)):
            if any(known <= chosen for known in found):
                continue
            if any(
                all(
                    carries(tables, name, chosen, question)
                    for arc in path
                    for name in (arc.relation, arc.holding)
                    if name
                )
                for path in paths
            ):
                found.add(chosen)
    return found


def check(tables: oracle.Tables, rng: random.Random) -> None:
    graph = build(dataset(tables))
    question = replace(random_question(rng, tables), certainty="prospective", bodies=None)
    given = {key: value for key, value in options(question).items() if key not in ("certainty", "bodies")}
    for target in random_targets(rng, tables):
        best: dict[str, str] = {}
        for row in oracle.who(tables, target, question, by="pair"):
            best.setdefault(row["body"], row["verdict"])
        for body, verdict in best.items():
            answer = supports(graph, body, target, **given)  # type: ignore[arg-type]  # as the oracle has them
            assert answer.complete
            assert answer.beside["verdict"] == verdict
            expected = smallest(tables, body, target, replace(question, certainty=WEAKEST[verdict]))
            assert {frozenset(row["sources"]) for row in answer.rows} == expected
            assert set(answer.beside["indispensable"]) == frozenset.intersection(*expected)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(cases())
def test_supports_are_the_smallest_sets_that_carry_a_path(case: tuple[oracle.Tables, random.Random]) -> None:
    check(*case)


@pytest.mark.parametrize("seed", range(30))
def test_supports_are_the_smallest_sets_in_larger_worlds(seed: int) -> None:
    rng = random.Random(f"supports {seed}")
    check(random_tables(rng, entities=9, relations=16), rng)


def test_each_set_comes_with_a_path_that_it_carries() -> None:
    graph = graph_of("b1 operates y1 sources=a", "y1 keeps_data_in s1 sources=b;c", "b1 holds s1 sources=d")
    rows = supports(graph, "b1", "s1", as_of=DAY).rows
    assert [(row["sources"], row["path"]) for row in rows] == [
        (["d"], ["r3"]), (["a", "b"], ["r1", "r2"]), (["a", "c"], ["r1", "r2"]),
    ]  # fmt: skip


def test_a_source_that_every_set_needs_is_named() -> None:
    graph = graph_of("b1 operates y1 sources=a", "y1 keeps_data_in s1 sources=b;c")
    answer = supports(graph, "b1", "s1", as_of=DAY)
    assert answer.beside["indispensable"] == ["a"]
    assert "needs these sources: a." in answer.notes[0].text()


def test_a_relation_may_need_a_source_to_be_known_another_to_have_begun_and_a_third_to_be_fresh() -> None:
    graph = graph_of("b1 holds s1 sources=undated;on-2018-01-01;on-2021-01-01;on-2022-01-01")
    given = {"as_of": DAY, "fresh": "1y"}
    assert [row["sources"] for row in supports(graph, "b1", "s1", **given).rows] == [
        ["on-2018-01-01", "on-2021-01-01"], ["on-2018-01-01", "on-2022-01-01"],
    ]  # fmt: skip
    assert [row["sources"] for row in supports(graph, "b1", "s1", known_by="2017", **given).rows] == [
        ["on-2018-01-01", "on-2021-01-01", "undated"], ["on-2018-01-01", "on-2022-01-01", "undated"],
    ]  # fmt: skip


def test_no_path_has_no_supports() -> None:
    answer = supports(graph_of("b1 holds s1", "b2 holds s2"), "b1", "s2", as_of=DAY)
    assert (answer.rows, answer.beside["verdict"]) == ((), "no known path")


def test_a_search_cut_short_says_so() -> None:
    graph = graph_of("b1 operates y1 sources=a", "y1 keeps_data_in s1 sources=b;c")
    answer = supports(graph, "b1", "s1", steps=2, as_of=DAY)
    assert not answer.complete
    assert answer.beside["indispensable"] == []
    assert not any("needs these" in note.text() or "No single source" in note.text() for note in answer.notes)


def test_the_sentence_says_of_which_ways_it_speaks() -> None:
    graph = graph_of("b1 holds s1 sources=a", "b1 has_access s1 status=alleged sources=b")
    (note,) = supports(graph, "b1", "s1", as_of=DAY).notes  # of the finding, which an alleged way does not carry
    assert note.text() == "Every confirmed or reported way from Name of b1 to Name of s1 needs these sources: a."
    doubtful = graph_of("b1 holds s1 status=alleged sources=a", "b1 has_access s1 status=alleged sources=b")
    (note,) = supports(doubtful, "b1", "s1", as_of=DAY).notes
    assert note.text() == (
        "No single source is behind every known or alleged way from Name of b1 to Name of s1; "
        "2 sets of sources carry the finding."
    )


def test_how_gives_them_beside_its_paths() -> None:
    graph = graph_of("b1 operates y1 sources=a", "y1 keeps_data_in s1 sources=b;c")
    answer = graphs.with_supports(graph, graphs.how(graph, "b1", "s1", as_of=DAY), as_of=DAY)
    assert [each["sources"] for each in answer.beside["supports"]] == [["a", "b"], ["a", "c"]]
    assert answer.rows[0]["path"] == ["r1", "r2"]


def test_an_unknown_body_is_an_error() -> None:
    with pytest.raises(UnknownId):
        supports(graph_of("b1 holds s1"), "b2", "s1", as_of=DAY)

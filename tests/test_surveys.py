"""A large graph's answers are the plain ones, row by row: only the way to them differs."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import oracle
import pytest
import strategies
from worlds import DAY, graph_of, options

from benchmarks.generate import AS_OF, landscape
from graphs import explanations, reachability
from graphs.access import BODY, AccessGraph, build
from graphs.engines import witnesses
from graphs.explanations import how, whynot
from graphs.reachability import Reach, reachable_from, who_can_reach
from stakeholders.dataset import Table
from stakeholders.memory import TooLarge
from stakeholders.tables import read


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Every graph counts as a large one."""
    monkeypatch.setattr(reachability, "LARGE", -1)
    return monkeypatch


def both(patch: pytest.MonkeyPatch, graph: AccessGraph, target: str, **given: Any) -> tuple[Reach, Reach]:
    """The answer of a large graph, and the plain one."""
    patch.setattr(reachability, "LARGE", -1)
    ours = who_can_reach(graph, target, **given)
    patch.setattr(reachability, "LARGE", 1 << 60)
    return ours, who_can_reach(graph, target, **given)


def same(ours: Reach, plain: Reach) -> None:
    assert ours.to_dict() == plain.to_dict()
    assert ours.folds == plain.folds
    assert ours.places == plain.places


def test_on_random_datasets_rows_are_those_of_brute_force(large: pytest.MonkeyPatch) -> None:
    rows = also = 0
    for seed in range(800):
        large.setattr(witnesses, "_FEW", 32 * (seed % 2))  # 0: whoever asks is one of few
        rng = random.Random(seed)
        tables = strategies.random_tables(rng)
        question = strategies.random_question(rng, tables)
        graph = build(strategies.dataset(tables))
        for target in strategies.random_targets(rng, tables):
            answer = who_can_reach(graph, target, **options(question))
            assert list(answer.rows) == oracle.who(tables, target, question), (seed, target)
            rows += len(answer.rows)
            also += sum(len(row["also"]) for row in answer.rows)
    assert rows > 500
    assert also > 10


def test_on_random_datasets_folds_notes_and_steps_are_the_plain_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    folds = 0
    for seed in range(300):
        rng = random.Random(seed)
        tables = strategies.random_tables(rng, loops=seed % 10 == 0)
        question = replace(strategies.random_question(rng, tables), stores=None)
        graph = build(strategies.dataset(tables))
        for target in strategies.random_targets(rng, tables):
            ours, plain = both(monkeypatch, graph, target, **options(question))
            same(ours, plain)
            assert [ours.path(row) for row in range(len(ours))] == [plain.path(row) for row in range(len(plain))]
            folds += len(ours.folds)
    assert folds > 15


@pytest.fixture(scope="module")
def generated() -> AccessGraph:
    return build(landscape(700, openness=0.8, seed=3))


@pytest.mark.parametrize("stance", ["direct", "documented", "assumed"])
@pytest.mark.parametrize("day", ["2010-01-01", "2018-06", AS_OF])
def test_on_a_generated_graph_rows_are_the_plain_ones(
    monkeypatch: pytest.MonkeyPatch, generated: AccessGraph, stance: str, day: str
) -> None:
    ours, plain = both(monkeypatch, generated, "biometric", stance=stance, as_of=day)
    same(ours, plain)
    assert len(ours) > 50


def test_the_strength_asked_for_counts(monkeypatch: pytest.MonkeyPatch, generated: AccessGraph) -> None:
    for given in ({"level": "indirect"}, {"certainty": "reported"}, {"fresh": "10y"}, {"known_by": "2015"}):
        same(*both(monkeypatch, generated, "video", as_of=AS_OF, **given))


def test_more_places_than_a_block_holds_are_all_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"b0 holds s{number}" for number in range(1200)]
    lines += [f"b1 has_access s{number}" for number in range(0, 1200, 3)]
    ours, plain = both(monkeypatch, graph_of(*lines, "b0 part_of b2"), "face", as_of="2020")
    same(ours, plain)
    assert {row["body"]: row["stores"] for row in ours.rows} == {"b0": 1200, "b1": 400, "b2": 1200}


def test_too_many_pairs_are_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch, generated: AccessGraph) -> None:
    monkeypatch.setattr(reachability, "LARGE", 1000)
    monkeypatch.setattr(reachability, "_MOST_PAIRS", 1000)
    with pytest.raises(TooLarge, match=r"each pair of [\d,]+ bodies and [\d,]+ stores .*--by body"):
        who_can_reach(generated, "video", by="pair", as_of=AS_OF)


def test_a_stronger_way_of_a_thousand_steps_and_more_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"b{number} controls b{number + 1}" for number in range(1200)]
    graph = graph_of(*lines, "b1200 holds s status=alleged", "b0 governs s")
    monkeypatch.setattr(reachability, "LARGE", -1)
    row = next(row for row in who_can_reach(graph, "face", as_of=DAY).rows if row["body"] == "b0")
    assert (row["verdict"], row["level"]) == ("reaches", "possible")
    assert row["also"][0]["path"] == [f"r{number}" for number in range(1, 1202)]


def test_steps_are_watched(monkeypatch: pytest.MonkeyPatch, generated: AccessGraph) -> None:
    monkeypatch.setattr(reachability, "LARGE", -1)
    told: list[str] = []

    def watch(step: str, done: int, total: int, unit: str) -> None:
        told.append(step)

    who_can_reach(generated, "video", as_of=AS_OF, watch=watch)
    assert list(dict.fromkeys(told)) == ["searching", "finding ways", "comparing categories", "writing rows",
                                         "counting stores"]  # fmt: skip


def test_what_a_body_reaches_is_what_brute_force_says(large: pytest.MonkeyPatch) -> None:
    rows = also = 0
    for seed in range(500):
        rng = random.Random(seed)
        tables = strategies.random_tables(rng)
        question = replace(strategies.random_question(rng, tables), bodies=None)
        graph = build(strategies.dataset(tables))
        given = {name: value for name, value in options(question).items() if name != "bodies"}
        for body in tables.bodies():
            answer = reachable_from(graph, body, **given)
            assert list(answer.rows) == oracle.what(tables, body, question), (seed, body)
            rows += len(answer.rows)
            also += sum(len(row["also"]) for row in answer.rows)
    assert rows > 400
    assert also > 5


@pytest.mark.parametrize("stance", ["direct", "documented", "assumed"])
def test_what_a_body_reaches_in_a_generated_graph_is_the_plain_answer(
    monkeypatch: pytest.MonkeyPatch, generated: AccessGraph, stance: str
) -> None:
    bodies = [name for name, kind in zip(generated.ids, generated.types, strict=True) if kind == BODY]
    for body in bodies[:4]:
        monkeypatch.setattr(reachability, "LARGE", -1)
        ours = reachable_from(generated, body, stance=stance, as_of=AS_OF)
        monkeypatch.setattr(reachability, "LARGE", 1 << 60)
        plain = reachable_from(generated, body, stance=stance, as_of=AS_OF)
        assert ours.to_dict() == plain.to_dict()
        assert [ours.path(row) for row in range(len(ours))] == [plain.path(row) for row in range(len(plain))]


def test_paths_one_by_one_are_the_plain_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    found = 0
    for seed in range(300):
        rng = random.Random(seed)
        tables = strategies.random_tables(rng)
        question = replace(strategies.random_question(rng, tables), bodies=None)
        graph, body = build(strategies.dataset(tables)), rng.choice(tables.bodies())
        given = {name: value for name, value in options(question).items() if name != "bodies"}
        for target in strategies.random_targets(rng, tables):
            if target == body:
                continue
            monkeypatch.setattr(explanations, "LARGE", -1)
            ours = [each(graph, body, target, **given).to_dict() for each in (how, whynot)]
            monkeypatch.setattr(explanations, "LARGE", 1 << 60)
            assert ours == [each(graph, body, target, **given).to_dict() for each in (how, whynot)], (seed, target)
            found += len(ours[0]["rows"])
    assert found > 100


def test_what_comes_nearest_is_found_without_reading_every_relation(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = build(read("central-asia"))
    monkeypatch.setattr(Table, "rows", None)
    answer = whynot(graph, "kz-korkem-telecom", "kz-sergek-kostanay", as_of="2026-11-01")
    assert not answer.rows
    assert "denied" in {near["why"] for near in answer.beside["near"]}

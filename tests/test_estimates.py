"""Counting on large graphs: exact parts against the exact engine, estimates within their margins."""

from __future__ import annotations

import random

import numpy as np
import pytest
from strategies import dataset, random_question, random_tables, random_targets
from worlds import DAY, graph_of, options

from benchmarks.generate import AS_OF, landscape
from graphs.access import AccessGraph, build
from graphs.engines.counting import places_reached
from graphs.estimates import estimated
from graphs.losses import losses
from graphs.passages import chokepoints
from graphs.reachability import asked_bodies, target_of
from graphs.scope import Scope
from graphs.views import View
from stakeholders.errors import AccessMapError


@pytest.mark.parametrize("seed", range(200))
def test_places_are_counted_as_by_searching_from_each(seed: int) -> None:
    rng = random.Random(seed)
    nodes, count = rng.randint(1, 10), rng.randint(0, 24)
    source, target = ([rng.randrange(nodes) for _ in range(count)] for _ in "st")
    terminal = [rng.random() < 0.2 for _ in range(count)]
    layers = [
        ([rng.random() < 0.8 for _ in range(count)], rng.sample(range(nodes), rng.randint(0, nodes)))
        for _ in range(rng.randint(1, 3))
    ]
    asks = [rng.random() < 0.6 for _ in range(nodes)]
    reached: dict[int, set[int]] = {}
    for passing, places in layers:
        for place in places:
            found, waiting = {place}, [place]
            while waiting:
                here = waiting.pop()
                for arc in range(count):
                    if (
                        target[arc] == here
                        and passing[arc]
                        and (not terminal[arc] or here == place)
                        and source[arc] not in found
                    ):
                        found.add(source[arc])
                        waiting.append(source[arc])
            reached.setdefault(place, set()).update(node for node in found if asks[node] and node != place)
    arcs = np.array(source, dtype=np.int32), np.array(target, dtype=np.int32), np.array(terminal, dtype=bool)
    of_node, of_place = places_reached(
        nodes, arcs, [(np.array(p, dtype=bool), places) for p, places in layers], np.array(asks)
    )
    assert of_place == {place: len(found) for place, found in reached.items()}
    assert of_node.tolist() == [sum(node in found for found in reached.values()) for node in range(nodes)]


@pytest.mark.parametrize("seed", range(80))
def test_what_an_estimate_calls_exact_is(seed: int) -> None:
    rng = random.Random(f"estimates {seed}")
    tables = random_tables(rng, entities=11, relations=20)
    graph, question = build(dataset(tables)), random_question(rng, tables)
    scope = Scope.of(**options(question))
    view = View.of(graph, scope)
    for target in random_targets(rng, tables):
        columns, bodies = target_of(view, target).columns, asked_bodies(graph, scope, target)
        exact = losses(view, columns, bodies)
        sampled = estimated(view, columns, bodies, 1, recounted=1000)
        for name in ("pairs", "ends", "places", "direct", "needed_by_nodes", "needed_by_relations"):
            assert getattr(sampled, name) == getattr(exact, name), name
        # All were recounted, so none is an estimate.
        assert all(count == exact.nodes.get(key, 0) for key, count in sampled.nodes.items())
        assert all(count == exact.relations.get(key, 0) for key, count in sampled.relations.items())


@pytest.mark.parametrize("seed", range(80))
def test_a_figure_without_a_margin_is_exact_however_few_are_counted(seed: int) -> None:
    rng = random.Random(f"margins {seed}")
    tables = random_tables(rng, entities=11, relations=20)
    graph, question = build(dataset(tables)), random_question(rng, tables)
    view = View.of(graph, Scope.of(**options(question)))
    for target in random_targets(rng, tables):
        columns, bodies = target_of(view, target).columns, asked_bodies(graph, view.scope, target)
        exact, sampled = (
            losses(view, columns, bodies),
            estimated(view, columns, bodies, 1, recounted=rng.choice((0, 3))),
        )
        for name in ("node", "relation"):
            figures, sure, margins = (getattr(each, f"{name}{end}") for each, end in (
                (sampled, "s"), (exact, "s"), (sampled, "_margins")))  # fmt: skip
            wrong = {key for key, lost in figures.items() if lost != sure.get(key, 0)}
            assert all(margins.get(key) for key in wrong)
            assert all(abs(figures[key] - sure.get(key, 0)) <= margins[key] for key in wrong)


def test_less_than_no_place_cannot_be_counted(generated: AccessGraph) -> None:
    with pytest.raises(AccessMapError, match="sample: -1"):
        chokepoints(generated, "face", sample=-1, as_of=AS_OF)


@pytest.fixture(scope="module")
def generated() -> AccessGraph:
    return build(landscape(2000, openness=0.9, seed=3))


def test_estimates_lie_within_their_margins(generated: AccessGraph) -> None:
    exact = {row["id"]: row["pairs_lost"] for row in chokepoints(generated, "face", sample=0, as_of=AS_OF).rows}
    answer = chokepoints(generated, "face", sample=30, as_of=AS_OF)
    rows = [row for row in answer.rows if row["margin"]]
    assert len(rows) > 20
    within = sum(abs(row["pairs_lost"] - exact.get(row["id"], 0)) <= row["margin"] for row in rows)
    assert within >= 0.85 * len(rows)
    assert all(row["pairs_lost"] == exact[row["id"]] for row in answer.rows[:10])


def test_a_sample_says_that_it_is_one(generated: AccessGraph) -> None:
    answer = chokepoints(generated, "face", sample=30, as_of=AS_OF)
    assert not answer.complete
    assert any(note.text().startswith("Counted at 30 of ") for note in answer.notes)
    assert any("±" in row["sentence"].text() for row in answer.rows if row["margin"] and not row["mandatory_for"])


def test_where_all_places_are_counted_nothing_is_estimated() -> None:
    answer = chokepoints(graph_of("b1 holds s1", "b1 part_of b2"), "face", sample=50, as_of=DAY)
    assert answer.complete
    assert [row["margin"] for row in answer.rows] == [0, 0, 0]

"""What moves when arcs fall away, many trials at once, against searching anew without them."""

from __future__ import annotations

import random

import numpy as np
import pytest
from strategies import dataset, random_question, random_tables
from worlds import graph_of, options

from graphs import weights
from graphs.access import build
from graphs.engines import supports
from graphs.engines.supports import Supports
from graphs.reachability import asked_bodies, every_column
from graphs.scope import Scope
from graphs.unknowns import gaps
from graphs.verdicts import Verdicts
from graphs.views import View

Pairs = set[tuple[int, int]]


def both_ways(view: View, trials: list[list[int]]) -> tuple[list[Pairs], list[Pairs]]:
    columns, bodies = every_column(view), asked_bodies(view.graph, view.scope)
    verdicts = Verdicts(view, columns, bodies)
    found: list[Pairs] = [set() for _ in trials]
    number = np.repeat(np.arange(len(trials)), [len(arcs) for arcs in trials])
    arcs = np.array([arc for arcs in trials for arc in arcs], dtype=np.int64)
    for moved in Supports(view, columns, bodies).without(number, arcs):
        for trial, body, place in zip(*(each.tolist() for each in moved), strict=True):
            assert (int(bodies[body]), place) not in found[trial]
            found[trial].add((int(bodies[body]), place))
    return found, [{(move.body, move.place) for move in verdicts.without(arcs)} for arcs in trials]


@pytest.mark.parametrize("scratch", [1, 1 << 23])
@pytest.mark.parametrize("seed", range(12))
def test_what_many_trials_lose_is_what_each_loses_alone(
    seed: int, scratch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supports, "_SCRATCH", scratch)
    monkeypatch.setattr(supports, "_ROWS", scratch)
    rng = random.Random(f"supports {seed}")
    tables = random_tables(rng, entities=9, relations=30)
    view = View.of(build(dataset(tables)), Scope.of(**options(random_question(rng, tables))))
    arcs = range(len(view))
    trials = [[arc] for arc in arcs]
    trials += [sorted(rng.sample(arcs, min(len(arcs), rng.randint(2, 5)))) for _ in range(15 if arcs else 0)]
    if every_column(view):
        found, expected = both_ways(view, trials)
        assert found == expected


def test_a_way_over_both_ends_of_what_falls_is_no_way() -> None:
    """Both arcs that lead on from b1 and b2 fall together: neither may be sought again by way of the other."""
    graph = graph_of("b1 holds s1", "b2 holds s1", "b1 controls b2", "b2 controls b1", "b3 controls b1")
    view = View.of(graph, Scope.of(as_of="2020-04-15"))
    holding = np.flatnonzero(view.target == graph.position["s1"]).tolist()
    found, expected = both_ways(view, [holding, holding[:1]])
    assert found == expected
    assert len(found[0]) == 3


def test_places_some_at_a_time_weigh_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random("chunks")
    tables = random_tables(rng, entities=9, relations=30)
    graph = build(dataset(tables))
    expected = gaps(graph).rows
    monkeypatch.setattr(weights, "CHUNK", 1)
    assert gaps(graph).rows == expected
    assert sum(row["verdicts_at_stake"] for row in expected) > 0

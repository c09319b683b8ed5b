"""The search for graphs of any size finds what the searches place by place find, and its paths can be walked."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import oracle
import pytest
import strategies

from benchmarks.generate import AS_OF, landscape
from graphs.access import BODY, AccessGraph, build
from graphs.engines.arrays import RANKED, Sweeper, best_rank, threshold
from graphs.engines.frontier import UNREACHED, Front, Frontier, ordered
from graphs.scope import Scope
from graphs.views import View, places_of
from stakeholders.vocabulary import CERTAINTIES, LEVELS

LEAVES = ("face_3d", "gait", "identity")
MARKED = tuple(threshold(level, 0) for level in range(len(LEVELS)))


def searched(graph: AccessGraph, scope: Scope, layer: int) -> Front:
    return Frontier.of(graph, scope, layer).search(places_of(graph, scope, layer), MARKED)


def test_every_body_has_the_level_certainty_and_hops_of_brute_force() -> None:
    reached = 0
    for seed in range(600):
        rng = random.Random(seed)
        tables = strategies.random_tables(rng)
        question = replace(strategies.random_question(rng, tables), bodies=None, stores=None)
        graph = build(strategies.dataset(tables))
        scope = Scope.of(
            stance=question.stance,
            as_of=question.as_of,
            known_by=question.known_by,
            level=question.level,
            certainty=question.certainty,
            fresh=f"{question.fresh}y" if question.fresh else None,
        )
        for code in LEAVES:
            best, hops = searched(graph, scope, graph.categories.position[code]).best()
            found = {
                graph.ids[node]: (*RANKED[best[node]], int(hops[node]))
                for node in np.flatnonzero((graph.types == BODY) & (best != UNREACHED)).tolist()
            }
            expected = {
                row["body"]: (LEVELS.index(row["level"]), CERTAINTIES.index(row["certainty"]), row["hops"])
                for row in oracle.who(tables, code, question)
            }
            assert found == expected, (seed, code)
            reached += len(found)
    assert reached > 300


@pytest.fixture(scope="module")
def generated() -> AccessGraph:
    return build(landscape(3000, seed=5))


@pytest.mark.parametrize("stance", ["direct", "documented", "assumed"])
@pytest.mark.parametrize("day", ["2010-01-01", AS_OF])
def test_on_a_generated_graph_it_is_the_best_of_the_searches_from_each_place(
    generated: AccessGraph, stance: str, day: str
) -> None:
    scope = Scope.of(stance=stance, as_of=day)
    view = View.of(generated, scope)
    layer = generated.categories.position["video"]
    best, hops = searched(generated, scope, layer).best()
    rank = np.full(generated.n_nodes, UNREACHED, dtype=np.uint8)
    fewest = np.full(generated.n_nodes, np.iinfo(np.int32).max, dtype=np.int32)
    nodes = np.arange(generated.n_nodes)
    for sweep in Sweeper(view).sweeps(view.columns([layer])):
        ranks = best_rank(sweep.bits)
        arcs = sweep.hops(nodes, ranks)
        for column in range(ranks.shape[1]):
            here = np.where(ranks[:, column] == len(RANKED), UNREACHED, ranks[:, column])
            better = (here < rank) | ((here == rank) & (here != UNREACHED) & (arcs[:, column] < fewest))
            rank[better], fewest[better] = here[better], arcs[better, column]
    assert np.array_equal(best, rank)
    assert np.array_equal(hops, np.where(rank == UNREACHED, -1, fewest))


def test_every_witness_walks(generated: AccessGraph) -> None:
    scope = Scope.of(as_of=AS_OF)
    layer = generated.categories.position["video"]
    front = searched(generated, scope, layer)
    arcs, view = generated.arcs, View.of(generated, scope)
    counted = np.zeros(len(arcs), dtype=bool)
    counted[view.arc[view.passing(layer)]] = True
    for level, marked in enumerate(MARKED):
        best, hops = front.best([marked])
        at = np.flatnonzero((best == 0) & (hops > 0))
        assert len(at) > 100
        length = np.zeros(generated.n_nodes, dtype=np.int32)
        walking, here = at, at
        while len(walking):
            arc = front.ahead[marked][here]
            assert (arc >= 0).all()
            assert (arcs.source[arc] == here).all()
            assert counted[arc].all()
            assert (arcs.level[arc] >= level).all()
            length[walking] += 1
            here = arcs.target[arc]
            on = hops[here] > 0
            assert not (arcs.terminal[arc] & on).any()
            walking, here = walking[on], here[on]
        assert np.array_equal(length[at], hops[at])


@pytest.mark.parametrize("most", [3, 60_000, 1_000_000])
def test_positions_in_order_are_those_of_a_stable_sort(most: int) -> None:
    keys = np.random.default_rng(most).integers(0, most, 20_000).astype(np.int32)
    assert np.array_equal(ordered(keys), np.argsort(keys, kind="stable"))


def test_arcs_out_of_a_node_are_its_own_in_their_order(generated: AccessGraph) -> None:
    frontier = Frontier.of(generated, Scope.of(as_of=AS_OF), generated.categories.position["video"])
    begin, arcs = frontier.out
    for node in range(0, generated.n_nodes, 7):
        assert np.array_equal(arcs[begin[node] : begin[node + 1]], np.flatnonzero(frontier.source == node))

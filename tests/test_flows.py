"""Minimum cuts of labelled networks: against enumeration, published connectivities, Menger's law."""

from __future__ import annotations

import itertools
import random
from collections.abc import Collection
from time import monotonic

import networkx as nx
import numpy as np
import pytest

from graphs.engines.covers import Coverer, packed
from graphs.engines.flows import UNBOUNDED, Network, decomposed, maximum_flow, minimum_cut
from stakeholders.errors import AccessMapError


def network(edges: list[tuple[int, int, int]], costs: list[int], nodes: int) -> Network:
    tail, head, label = np.array(edges, dtype=np.int64).reshape(-1, 3).T
    return Network(nodes, 0, 1, tail, head, label, costs)


def random_network(rng: random.Random, *, plain: bool) -> Network:
    nodes, count = rng.randint(3, 8), rng.randint(3, 16)
    labels = rng.randint(1, 8)
    edges = []
    for edge in range(count):
        label = edge if plain else rng.randrange(labels)
        edges.append((rng.randrange(nodes), rng.randrange(nodes), UNBOUNDED if rng.random() < 0.3 else label))
    return network(edges, [rng.choice((1, 1, 2, 3)) for _ in range(max(count, labels))], nodes)


def cheapest(case: Network) -> tuple[int, list[frozenset[int]]] | None:
    """The least cost of a cut, and every cut of it, by trying all."""
    used = sorted({int(label) for label in case.label if label != UNBOUNDED})
    cuts = [
        frozenset(chosen)
        for size in range(len(used) + 1)
        for chosen in itertools.combinations(used, size)
        if case.is_cut(chosen)
    ]
    if not cuts:
        return None
    least = min(map(case.cost, cuts))
    return least, [labels for labels in cuts if case.cost(labels) == least]


def capacities(case: Network) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.append(np.array(case.costs, dtype=np.int64), sum(case.costs) + 1)[case.label]


@pytest.mark.parametrize("seed", range(300))
def test_a_minimum_cut_is_the_cheapest_and_of_these_the_smallest(seed: int) -> None:
    case = random_network(random.Random(seed), plain=True)
    assert case.is_plain
    found, expected = minimum_cut(case), cheapest(case)
    if expected is None:
        assert found is None
        return
    assert found is not None
    assert found[0] == expected[0]
    assert found[1] in expected[1]
    assert len(found[1]) == min(map(len, expected[1]))


@pytest.mark.parametrize("seed", range(300))
def test_a_flow_falls_apart_into_paths_worth_as_much_as_the_cut(seed: int) -> None:
    case = random_network(random.Random(f"flow {seed}"), plain=True)
    expected = cheapest(case)
    if expected is None:
        return
    capacity = capacities(case)
    flow = maximum_flow(case, capacity)
    paths = list(decomposed(flow))
    assert flow.value == expected[0] == sum(amount for _, amount in paths)
    used = np.zeros(len(capacity), dtype=np.int64)
    for edges, amount in paths:
        assert case.tail[edges[0]] == case.source
        assert case.head[edges[-1]] == case.sink
        assert (case.head[edges[:-1]] == case.tail[edges[1:]]).all()
        assert len(set(case.head[edges].tolist())) == len(edges), "a path visits no node twice"
        used[edges] += amount
    assert (used <= capacity).all()


@pytest.mark.parametrize("seed", range(300))
def test_labels_on_several_edges_count_once(seed: int) -> None:
    case = random_network(random.Random(f"labels {seed}"), plain=False)
    coverer = Coverer(case, monotonic() + 60)
    found, expected = coverer.cheapest(), cheapest(case)
    if expected is None:
        assert found is None
        return
    assert found is not None
    assert found.low == found.high == expected[0]
    assert found.labels in expected[1]
    assert len(found.labels) == min(map(len, expected[1]))
    if coverer.ways:
        assert sum(packed([labels for labels, _ in coverer.ways], case.costs)) <= expected[0] + 1e-6


@pytest.mark.parametrize("seed", range(60))
def test_a_search_without_time_still_gives_true_bounds(seed: int) -> None:
    case = random_network(random.Random(f"late {seed}"), plain=False)
    found, expected = Coverer(case, monotonic() - 1).cheapest(), cheapest(case)
    if expected is None:
        assert found is None
        return
    assert found is not None
    assert found.low <= expected[0] <= found.high
    assert case.is_cut(found.labels)
    assert case.cost(found.labels) == found.high


@pytest.mark.parametrize("seed", range(100))
def test_labels_that_are_kept_or_gone_are(seed: int) -> None:
    rng = random.Random(f"kept {seed}")
    plain = seed % 2 == 0
    case = random_network(rng, plain=plain)
    expected = cheapest(case)
    if expected is None or not expected[1][0]:
        return
    label = rng.choice(sorted(expected[1][0]))

    def solve(kept: Collection[int], removed: Collection[int]) -> frozenset[int] | None:
        if plain:
            found = minimum_cut(case, kept, removed)
            return found[1] if found else None
        cover = Coverer(case, monotonic() + 60).cheapest(None, kept, removed)
        return cover.labels if cover else None

    spared = solve([label], [])
    assert spared is None or (label not in spared and case.is_cut(spared))
    taken = solve([], [label])
    assert taken is not None
    assert case.cost(taken) == expected[0]


def split(graph: nx.Graph, source: int, sink: int) -> Network:
    """A graph whose nodes can be cut, source and sink apart, and whose edges cannot."""
    number = {source: 0, sink: 1}
    inner = [node for node in graph if node not in number]
    edges = []
    for place, node in enumerate(inner):
        number[node] = 2 + 2 * place
        edges.append((2 + 2 * place, 3 + 2 * place, place))
    leave = {node: number[node] + (node not in (source, sink)) for node in graph}
    for one, other in graph.edges:
        edges += [(leave[one], number[other], UNBOUNDED), (leave[other], number[one], UNBOUNDED)]
    return network(edges, [1] * len(inner), 2 + 2 * len(inner))


# Connectivities that are textbook knowledge: Petersen 3, icosahedron 5, dodecahedron 3, octahedron 4, cube 3, cycle 2.
@pytest.mark.parametrize(
    ("graph", "connectivity"),
    [
        (nx.petersen_graph(), 3), (nx.icosahedral_graph(), 5), (nx.dodecahedral_graph(), 3),
        (nx.octahedral_graph(), 4), (nx.hypercube_graph(3), 3), (nx.cycle_graph(7), 2), (nx.path_graph(5), 1),
        (nx.complete_bipartite_graph(3, 5), 3),
    ],
)  # fmt: skip
def test_connectivity_is_the_least_cut_between_any_two_nodes_apart(graph: nx.Graph, connectivity: int) -> None:
    graph = nx.convert_node_labels_to_integers(graph)
    found = []
    for source, sink in itertools.combinations(graph, 2):
        if not graph.has_edge(source, sink):
            case = split(graph, source, sink)
            cut = minimum_cut(case)
            assert cut is not None
            # Menger: as many disjoint paths as the cut is large.
            assert len(list(decomposed(maximum_flow(case, capacities(case))))) == cut[0] == len(cut[1])
            found.append(cut[0])
    assert min(found) == connectivity


def test_the_cut_that_networkx_misses() -> None:
    # A triangle 0 → 1 → 2 → 0: between 0 and 2 node 1 is the cut; networkx 3.6.1 finds none.
    case = network([(0, 2, UNBOUNDED), (2, 3, 0), (3, 1, UNBOUNDED), (1, 0, UNBOUNDED)], [1], 4)
    assert minimum_cut(case) == (1, frozenset({0}))


def test_parallel_edges_are_cut_each_by_itself() -> None:
    case = network([(0, 1, 0), (0, 1, 1), (0, 1, 2)], [1, 2, 3], 2)
    assert minimum_cut(case) == (6, frozenset({0, 1, 2}))


def test_of_equal_cuts_that_nearest_the_source_is_taken() -> None:
    case = network([(0, 2, 0), (2, 3, 1), (3, 1, 2)], [1, 1, 1], 4)
    assert minimum_cut(case) == (1, frozenset({0}))


def test_nothing_to_cut_and_what_cannot_be_cut_are_told_apart() -> None:
    assert minimum_cut(network([(0, 2, 0), (1, 2, 1)], [1, 1], 3)) == (0, frozenset())
    assert minimum_cut(network([(0, 2, UNBOUNDED), (2, 1, UNBOUNDED)], [], 3)) is None


def test_costs_beyond_what_can_be_counted_are_refused() -> None:
    case = network([(0, 1, 0), (0, 1, 1)], [2**30, 2**30 + 5], 2)
    with pytest.raises(AccessMapError, match="too large"):
        minimum_cut(case)


def pruned_one_by_one(case: Network, labels: Collection[int]) -> frozenset[int]:
    kept = set(labels)
    for label in sorted(labels, key=lambda each: (-case.costs[each], each)):
        if case.is_cut(kept - {label}):
            kept.discard(label)
    return frozenset(kept)


@pytest.mark.parametrize("seed", range(200))
def test_a_cut_is_pruned_as_if_every_label_were_tried(seed: int) -> None:
    case = random_network(random.Random(f"pruned {seed}"), plain=False)
    every = frozenset(label for label in case.label.tolist() if label != UNBOUNDED)
    if case.is_cut(every):
        assert case.pruned(every) == pruned_one_by_one(case, every)
        assert case.is_cut(case.pruned(every, deadline=0.0))


@pytest.mark.parametrize("seed", range(200))
def test_what_is_forced_is_in_every_cheapest_cut_and_nothing_else_is(seed: int) -> None:
    case = random_network(random.Random(f"forced {seed}"), plain=True)
    expected = cheapest(case)
    if expected is not None:
        forced = maximum_flow(case, capacities(case)).in_every_cut
        assert forced == frozenset.intersection(*expected[1])


@pytest.mark.parametrize("seed", range(200))
def test_a_barrier_is_a_cut_that_spares_what_it_should(seed: int) -> None:
    rng = random.Random(f"barrier {seed}")
    case = random_network(rng, plain=False)
    every = sorted({label for label in case.label.tolist() if label != UNBOUNDED})
    kept = {label for label in every if rng.random() < 0.3}
    removed = {label for label in every if rng.random() < 0.2} - kept
    found = case.barrier(removed, kept)
    if found is None:
        assert not case.is_cut({*every} - kept)
    else:
        assert case.is_cut(found)
        assert removed <= found
        assert not found & kept


def test_a_search_whose_time_is_over_still_gives_a_cut_and_bounds() -> None:
    for seed in range(100):
        case = random_network(random.Random(f"late {seed}"), plain=False)
        expected = cheapest(case)
        cover = Coverer(case, deadline=monotonic() - 1).cheapest()
        if expected is None:
            assert cover is None
        else:
            assert cover is not None
            assert case.is_cut(cover.labels)
            assert cover.low <= expected[0] <= cover.high == case.cost(cover.labels)

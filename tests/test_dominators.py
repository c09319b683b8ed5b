"""Dominator trees: the engines against deletion, against each other and against published flowgraphs."""

from __future__ import annotations

import random
from collections.abc import Sequence

import networkx as nx
import numpy as np
import pytest

from graphs.engines import semi_nca
from graphs.engines.dominators import NO_ARC, UNREACHED, Forest, Tree

ENGINES = pytest.mark.parametrize("compiled", [False, True], ids=["arrays", "compiled"])

# Published flowgraphs: arcs, and the immediate dominator of each node from 1 on (-1: not reached).
PUBLISHED = {
    "Lengauer and Tarjan 1979, figure 1": (
        "0-1 0-2 0-3 1-4 2-1 2-4 2-5 3-6 3-7 4-12 5-8 6-9 7-9 7-10 8-5 8-11 9-11 10-9 11-0 11-9 12-8",
        [0, 0, 0, 0, 0, 3, 3, 0, 0, 7, 0, 4],
    ),
    "Appel, figure 19.4": ("0-1 1-2 1-3 2-4 2-5 4-6 5-6 6-1", [0, 1, 1, 2, 2, 2]),
    "Appel, figure 19.8": (
        "0-1 0-2 1-3 1-6 2-4 2-7 3-5 3-6 4-7 4-2 5-8 5-10 6-9 7-12 8-11 9-8 10-11 11-1 11-12",
        [0, 0, 1, 2, 3, 1, 2, 1, 6, 5, 1, 0],
    ),
    "Muchnick, figure 8.21": ("0-1 1-2 2-3 2-4 3-2 4-5 4-6 5-7 6-7", [0, 1, 2, 2, 4, 4, 4]),
    "Muchnick, figure 8.18": ("0-1 0-2 1-6 2-3 2-4 3-7 5-7 6-7", [0, 0, 2, 2, -1, 1, 0]),
    "Cytron and others 1991, figure 9": (
        "0-1 0-13 1-2 2-3 2-7 3-4 3-5 4-6 5-6 6-8 7-8 8-9 9-10 9-11 10-11 11-9 11-12 12-2 12-13",
        [0, 1, 2, 3, 3, 3, 2, 2, 8, 9, 9, 11, 0],
    ),
}  # fmt: skip


def forest(arcs: Sequence[tuple[int, int]], nodes: int, terminal: Sequence[bool] = (), *, compiled: bool) -> Forest:
    """Arcs from whoever can get at the other to what they get at."""
    source, target = np.array(arcs, dtype=np.int32).reshape(-1, 2).T
    return Forest(nodes, source, target, np.array(terminal or [False] * len(arcs), dtype=bool), compiled=compiled)


def reached(
    arcs: Sequence[tuple[int, int]], terminal: Sequence[bool], root: int, node: int = -1, arc: int = -1
) -> set[int]:
    """Who gets at the root when a node or an arc is gone."""
    found = {root} - {node}
    waiting = list(found)
    while waiting:
        here = waiting.pop()
        for number, (source, target) in enumerate(arcs):
            fine = number != arc and source != node and (not terminal[number] or target == root)
            if target == here and fine and source not in found:
                found.add(source)
                waiting.append(source)
    return found


def members(tree: Tree, above: int) -> set[int]:
    """Nodes that a node dominates."""
    nodes = np.flatnonzero(tree.first != UNREACHED)
    return set(nodes[tree.dominates(np.full(len(nodes), above), nodes)].tolist())


@ENGINES
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_flowgraph_has_its_published_dominators(name: str, compiled: bool) -> None:
    text, expected = PUBLISHED[name]
    flow = [tuple(map(int, arc.split("-"))) for arc in text.split()]
    # The papers' arcs lead away from the root, ours towards the place.
    tree = forest([(head, tail) for tail, head in flow], len(expected) + 1, compiled=compiled).tree(0)
    assert tree.parent[1:].tolist() == expected


@ENGINES
@pytest.mark.parametrize("seed", range(400))
def test_what_a_node_or_an_arc_dominates_is_what_its_deletion_cuts_off(seed: int, compiled: bool) -> None:
    rng = random.Random(seed)
    nodes = rng.randint(1, 11)
    arcs = [(rng.randrange(nodes), rng.randrange(nodes)) for _ in range(rng.randint(0, 26))]
    arcs = [(source, target) for source, target in arcs if source != target]
    terminal = [rng.random() < 0.15 for _ in arcs]
    root = rng.randrange(nodes)
    tree = forest(arcs, nodes, terminal, compiled=compiled).tree(root)
    everyone = reached(arcs, terminal, root)
    assert set(np.flatnonzero(tree.first != UNREACHED).tolist()) == everyone
    weight = np.array([rng.randint(0, 9) for _ in range(nodes)], dtype=np.int64)
    for node in everyone:
        lost = everyone - reached(arcs, terminal, root, node=node)
        assert members(tree, node) == lost
        assert tree.below(weight)[node] == sum(int(weight[each]) for each in lost)
    behind = {int(tree.entry[node]): members(tree, node) for node in everyone if tree.entry[node] != NO_ARC}
    for number in range(len(arcs)):
        assert behind.get(number, set()) == everyone - reached(arcs, terminal, root, arc=number)


@ENGINES
@pytest.mark.parametrize(("nodes", "arcs"), [(1000, 1500), (1000, 6000), (10_000, 25_000)])
def test_the_engines_agree_with_networkx(nodes: int, arcs: int, compiled: bool) -> None:
    rng = np.random.default_rng(nodes + arcs)
    # The square leans the arcs towards small numbers, so that some trees get deep.
    source = rng.integers(0, nodes, arcs)
    target = (source * rng.random(arcs) ** 2).astype(np.int64)
    pairs = sorted({(s, t) for s, t in zip(source.tolist(), target.tolist(), strict=True) if s != t})
    tree = forest(pairs, nodes, compiled=compiled).tree(0)
    graph: nx.DiGraph[int] = nx.DiGraph((head, tail) for tail, head in pairs)
    graph.add_node(0)
    expected = np.full(nodes, UNREACHED)
    for node, parent in nx.immediate_dominators(graph, 0).items():
        expected[node] = parent
    expected[0] = 0
    assert (tree.parent == expected).all()


@ENGINES
def test_a_chain_as_long_as_the_graph_is_no_trouble(compiled: bool) -> None:
    nodes = 2000
    tree = forest([(node, node - 1) for node in range(1, nodes)], nodes, compiled=compiled).tree(0)
    assert tree.parent.tolist() == [0, *range(nodes - 1)]
    assert tree.size.tolist() == list(range(nodes, 0, -1))


def test_without_numba_the_compiled_engine_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    semi_nca.semi_nca.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "numba", None)
    with pytest.raises(ModuleNotFoundError, match=r"accessmap\[fast\]"):
        forest([(1, 0)], 2, compiled=True)

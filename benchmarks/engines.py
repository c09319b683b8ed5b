"""The same question put to other engines: who reaches a category, at what level, over how few arcs, by which way.

Every engine gets the arcs in memory as arrays, with the same arrays to filter them by, and builds its own graph in the
query. From the strongest level down it searches backwards from a node that stands before all places; a node's level is
the first at which it is found. Leaked copies count only into a place, which is what *only the last arc* comes to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.access import AccessGraph
from graphs.engines.arrays import threshold
from graphs.engines.frontier import Frontier
from graphs.scope import Scope
from graphs.views import places_of
from stakeholders.vocabulary import CERTAINTIES, LEVELS

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Answer:
    """Of every node: its level (-1 without a path), arcs, and for each level the next node on the way (-1 for none)."""

    level: NDArray[np.int8]
    hops: NDArray[np.int32]
    ahead: Any  # arrays by level

    @classmethod
    def empty(cls, nodes: int) -> Answer:
        return cls(
            np.full(nodes, -1, np.int8), np.full(nodes, -1, np.int32), np.full((len(LEVELS), nodes), -1, np.int64)
        )

    def found(self, level: int, nodes: Ints, hops: Ints, ahead: Ints) -> None:
        """Note what a search at a level found; what was found at a stronger one stays."""
        self.ahead[level, nodes] = ahead
        new = self.level[nodes] < 0
        self.level[nodes[new]] = level
        self.hops[nodes[new]] = hops[new]


@dataclass(frozen=True)
class Task:
    """A question of a graph: a category on a day, counting what is reported or better."""

    graph: AccessGraph
    scope: Scope
    layer: int


Engine = Callable[[Task], Answer]


def task(graph: AccessGraph, category: str, day: str) -> Task:
    return Task(graph, Scope.of(as_of=day, certainty="reported"), graph.categories.position[category])


def ours(asked: Task, *, compiled: bool = False) -> Answer:
    """The library's own search, on numpy alone or by the extra ``fast``."""
    graph, scope, layer = asked.graph, asked.scope, asked.layer
    marked = [threshold(level, CERTAINTIES.index("reported")) for level in range(len(LEVELS) - 1, -1, -1)]
    front = Frontier.of(graph, scope, layer, compiled=compiled).search(
        places_of(graph, scope, layer), marked, others=False
    )
    best, hops = front.best(marked)
    level = np.where(best < len(marked), len(LEVELS) - 1 - best.astype(np.int8), -1).astype(np.int8)
    ahead = [front.ahead[mark] for mark in reversed(marked)]
    return Answer(level, hops, ahead)  # arcs, not nodes: `walked` knows


def read_once(asked: Task) -> int:
    """Look once at every byte that says which arcs count: what memory alone takes."""
    arcs, seen = asked.graph.arcs, 0
    small = (arcs.level, arcs.certainty, arcs.stance, arcs.terminal)
    for column in (arcs.source, arcs.mask, arcs.start, arcs.end, *small):
        words = np.ascontiguousarray(column).view(np.uint8)
        seen |= int(np.bitwise_or.reduce(words[: len(words) // 8 * 8].view(np.uint64)))
    return seen


def with_networkx(asked: Task) -> Answer:
    import networkx as nx

    arcs = _Arcs.of(asked)
    graph: nx.DiGraph[int] = nx.DiGraph()
    answer, root = Answer.empty(arcs.nodes), arcs.nodes
    graph.add_edges_from((root, place) for place in arcs.places.tolist())
    for level, source, target in arcs.by_level():
        graph.add_edges_from(zip(target.tolist(), source.tolist(), strict=True))
        pairs = np.array(list(nx.bfs_predecessors(graph, root)), dtype=np.int64).reshape(-1, 2)
        _note(answer, level, root, pairs[:, 0], pairs[:, 1])
    return answer


def with_rustworkx(asked: Task) -> Answer:
    import rustworkx as rx

    arcs = _Arcs.of(asked)
    answer, graph, root = Answer.empty(arcs.nodes), rx.PyDiGraph(multigraph=True), arcs.nodes
    graph.add_nodes_from(range(arcs.nodes + 1))
    graph.add_edges_from_no_data([(root, place) for place in arcs.places.tolist()])
    for level, source, target in arcs.by_level():
        graph.add_edges_from_no_data(list(zip(target.tolist(), source.tolist(), strict=True)))
        found = rx.bfs_successors(graph, root)
        children = np.array([child for _, nodes in found for child in nodes], dtype=np.int64)
        parents = np.repeat([node for node, _ in found], [len(nodes) for _, nodes in found]).astype(np.int64)
        # It names a node under each neighbour that comes before it; the first is the one that discovered it.
        nodes, first = np.unique(children, return_index=True)
        _note(answer, level, root, nodes, parents[first])
    return answer


def with_igraph(asked: Task) -> Answer:
    import igraph

    arcs = _Arcs.of(asked)
    answer, root = Answer.empty(arcs.nodes), arcs.nodes
    places = np.stack([np.full(len(arcs.places), root), arcs.places], axis=1)
    graph = igraph.Graph(n=arcs.nodes + 1, edges=places, directed=True)
    for level, source, target in arcs.by_level():
        graph.add_edges(np.stack([target, source], axis=1))
        order, _, parents = graph.bfs(root)
        nodes = np.array(order[1:], dtype=np.int64)
        _note(answer, level, root, nodes, np.array(parents, dtype=np.int64)[nodes])
    return answer


def with_scipy(asked: Task) -> Answer:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    arcs = _Arcs.of(asked)
    answer, root = Answer.empty(arcs.nodes), arcs.nodes
    heads, tails = [np.full(len(arcs.places), root)], [arcs.places]
    for level, source, target in arcs.by_level():
        heads.append(target)
        tails.append(source)
        head, tail = np.concatenate(heads), np.concatenate(tails)
        weight = np.ones(len(head), dtype=np.int8)
        matrix = csr_array((weight, (head, tail)), shape=(root + 1, root + 1))
        order, parents = breadth_first_order(matrix, root, directed=True, return_predecessors=True)
        nodes = order[1:].astype(np.int64)
        _note(answer, level, root, nodes, parents[nodes].astype(np.int64))
    return answer


def with_duckdb(asked: Task) -> Answer:
    """Round by round, each an anti-join, as a recursive query cannot forget what it has seen."""
    import duckdb

    arcs = _Arcs.of(asked)
    answer = Answer.empty(arcs.nodes)
    with duckdb.connect() as base:
        base.execute("set threads = 1")  # each side has one core
        base.execute("create table arcs (source bigint, target bigint)")
        for level, source, target in arcs.by_level():
            places = arcs.places
            base.execute("insert into arcs select source, target from (select unnest($s) source, unnest($t) target)",
                         {"s": source, "t": target})  # fmt: skip
            base.execute(
                "create or replace table seen as select unnest($p) node, -1::bigint ahead, 0 hops", {"p": places}
            )
            hops = 0
            while True:
                hops += 1
                base.execute(
                    "insert into seen select source, min(target), $h from arcs join seen on target = node "
                    "where hops = $h - 1 and source not in (select node from seen) group by source",
                    {"h": hops},
                )
                if not base.fetchall()[0][0]:
                    break
            found = base.execute("select node, hops, ahead from seen").fetchnumpy()
            answer.found(level, *(np.asarray(found[name], dtype=np.int64) for name in ("node", "hops", "ahead")))
    return answer


OTHERS: dict[str, Engine] = {
    "scipy": with_scipy,
    "igraph": with_igraph,
    "rustworkx": with_rustworkx,
    "duckdb": with_duckdb,
    "networkx": with_networkx,
}


def walked(asked: Task, answer: Answer, *, arcs_ahead: bool) -> None:
    """Walk every body's way at its own level; an AssertionError says where one is not what the answer says it is."""
    graph = asked.graph
    nodes = np.flatnonzero((answer.level >= 0) & (answer.hops > 0))
    level, here, steps = answer.level[nodes], nodes, np.asarray(answer.ahead)
    length = np.zeros(len(answer.hops), dtype=np.int32)
    walking = nodes
    while len(walking):
        ahead = steps[level, here]
        assert (ahead >= 0).all()
        if arcs_ahead:
            assert (graph.arcs.source[ahead] == here).all()
            assert (graph.arcs.level[ahead] >= level).all()
            ahead = graph.arcs.target[ahead]
        length[walking] += 1
        assert length.max() <= len(length)
        on = answer.hops[ahead] != 0
        walking, here, level = walking[on], ahead[on], level[on]
    assert np.array_equal(length[nodes], answer.hops[nodes])


@dataclass(frozen=True)
class _Arcs:
    """What is left of a graph's arcs for one question, and where the category is found."""

    nodes: int
    places: Ints
    source: Ints
    target: Ints
    level: NDArray[np.uint8]

    @classmethod
    def of(cls, asked: Task) -> _Arcs:
        graph, scope, arcs = asked.graph, asked.scope, asked.graph.arcs
        places = places_of(graph, scope, asked.layer)
        found_at = np.zeros(graph.n_nodes, dtype=bool)
        found_at[places] = True
        counts = graph.passes[:, asked.layer][arcs.mask]
        counts &= (arcs.start <= scope.as_of) & (arcs.end >= scope.as_of)
        counts &= (arcs.stance <= scope.stance) & (arcs.certainty >= scope.certainty)
        denials = graph.denials
        denied = np.zeros(len(graph.dataset.relations), dtype=bool)
        denied[denials.relation[(denials.start <= scope.as_of) & (denials.end >= scope.as_of)]] = True
        counts &= ~denied[arcs.relation]
        rows = np.flatnonzero(counts)
        rows = rows[~arcs.terminal[rows] | found_at[arcs.target[rows]]]
        source, target = arcs.source[rows].astype(np.int64), arcs.target[rows].astype(np.int64)
        return cls(graph.n_nodes, places.astype(np.int64), source, target, arcs.level[rows])

    def by_level(self) -> Iterator[tuple[int, Ints, Ints]]:
        """The arcs that each level adds, the strongest first."""
        for level in range(len(LEVELS) - 1, -1, -1):
            here = self.level == level
            yield level, self.source[here], self.target[here]


def _note(answer: Answer, level: int, root: int, nodes: Ints, parents: Ints) -> None:
    """Note a search tree, given as nodes and parents in the order of discovery."""
    depth = np.full(root + 1, -1, dtype=np.int64)
    depth[root] = -1
    left_nodes, left_parents, rounds = nodes, parents, 0
    done = np.zeros(root + 1, dtype=bool)
    done[root] = True
    while len(left_nodes):
        ready = done[left_parents]
        depth[left_nodes[ready]] = rounds
        newly = left_nodes[ready]
        left_nodes, left_parents = left_nodes[~ready], left_parents[~ready]
        done[newly] = True
        rounds += 1
    answer.found(level, nodes, depth[nodes], np.where(parents == root, -1, parents))

"""One state of a large graph, searched layer by layer from a few nodes: from places backwards, or from bodies ahead.

What `graphs.engines.arrays` carries for all columns together touches every arc in every round; here each arc is touched
about once a search, so that few bodies, or few places, are asked quickly however large the graph is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphs.access import Flags, Ints, Nodes
from graphs.engines.arrays import RANK_BITS, best_rank, bits_of
from graphs.engines.frontier import Frontier
from graphs.engines.kernels import worth
from graphs.engines.outward import Outward
from graphs.paths import Path
from graphs.views import View

Column = tuple[int, int]
Ranks = np.ndarray[tuple[int, int], np.dtype[np.uint8]]

LARGE = 1 << 14  # arcs, from which on a graph is searched layer by layer


@dataclass(frozen=True)
class Layers:
    """The layers of a view, each made ready when it is first asked about.

    Attributes
    ----------
    view : View
    """

    view: View

    @cached_property
    def _made(self) -> dict[int, Frontier]:
        return {}

    @cached_property
    def _bits(self) -> np.ndarray[tuple[int], np.dtype[np.uint16]]:
        return bits_of(self.view.level, self.view.certainty)

    @cached_property
    def relation(self) -> Ints:
        """Row of the relation of each arc of the view."""
        return self.view.graph.arcs.relation[self.view.arc]

    def frontier(self, layer: int) -> Frontier:
        """The arcs that pass a layer; its rows are positions in the view."""
        if layer not in self._made:
            view, n_nodes = self.view, self.view.graph.n_nodes
            rows = np.flatnonzero(view.passing(layer))
            indptr = np.zeros(n_nodes + 1, dtype=np.int32)
            np.cumsum(np.bincount(view.target[rows], minlength=n_nodes), out=indptr[1:])
            terminal = view.graph.arcs.terminal[view.arc[rows]]
            compiled = worth(len(view.graph.arcs))
            self._made[layer] = Frontier(
                rows.astype(np.int32), indptr, view.source[rows], self._bits[rows], terminal, compiled
            )
        return self._made[layer]

    def ranks(self, columns: Sequence[Column], bodies: Nodes) -> Ranks:
        """Ranks of the best answers of bodies (rows) at columns, wherever the data may be."""
        found = np.empty((len(bodies), len(columns)), dtype=np.uint8)
        numbers: dict[int, list[int]] = {}
        for number, (_, layer) in enumerate(columns):
            numbers.setdefault(layer, []).append(number)
        for layer, at in numbers.items():
            frontier = self.frontier(layer)
            places = np.array([columns[number][0] for number in at], dtype=np.intp)
            if len(bodies) < len(places):
                for row, body in enumerate(bodies.tolist()):
                    found[row, at] = best_rank(Outward(frontier, body).bits[places])
            else:
                for number, place in zip(at, places.tolist(), strict=True):
                    found[:, number] = best_rank(frontier.search(np.array([place], dtype=np.intp)).bits[bodies])
        return found


def searches(columns: Iterable[Column], bodies: int) -> int:
    """How many searches `Layers.ranks` takes.

    Examples
    --------
    >>> searches([(7, 0), (8, 0), (9, 0), (7, 1)], bodies=2)
    3
    """
    widths: dict[int, int] = {}
    for _, layer in columns:
        widths[layer] = widths.get(layer, 0) + 1
    return sum(min(width, bodies) for width in widths.values())


class Shortest:
    """The best paths to some places of a layer, which count as one: of fewest arcs, then of smallest relation ids.

    Parameters
    ----------
    frontier : Frontier
    places : int array
    relation : int array
        Row of the relation of each of the arcs that ``frontier.rows`` are positions among.
    names : sequence of str
        Relation ids.
    """

    def __init__(self, frontier: Frontier, places: Nodes, relation: Ints, names: Sequence[str]) -> None:
        self.frontier, self._relation, self._names = frontier, relation, names
        self._front = frontier.search(places)
        self._hops: dict[int, Ints] = {}
        self._found: dict[tuple[int, int], Path] = {}

    def path(self, body: int, rank: int) -> Path | None:
        """The path under the threshold of a rank, if there is one; its arcs are what ``frontier.rows`` says."""
        threshold = int(RANK_BITS[rank])
        if threshold not in self._hops:
            hops = np.full(len(self._front.bits), -1, dtype=np.int32)
            for distance, (nodes, fresh) in enumerate(self._front.rounds):
                hops[nodes[(fresh >> threshold) & 1 == 1]] = distance
            self._hops[threshold] = hops
        return self._walk(body, threshold) if self._hops[threshold][body] > 0 else None

    def _walk(self, node: int, threshold: int) -> Path:
        hops, known = self._hops[threshold], self._found
        path = Path((), ())
        passed: list[tuple[int, str, int]] = []
        while hops[node]:
            if (node, threshold) in known:
                path = known[node, threshold]
                break
            name, ways = self._onward(node, threshold)
            if len(ways) > 1:  # arcs of one relation, which an implied feed may have
                ends = [(arc, self._walk(target, threshold)) for target, arc in ways]
                arc, path = min(ends, key=lambda end: end[1].relations)
                path = known[node, threshold] = path.preceded(arc, name)
                break
            passed.append((node, name, ways[0][1]))
            node = ways[0][0]
        for start, name, arc in reversed(passed):
            path = known[start, threshold] = path.preceded(arc, name)
        return path

    def _onward(self, node: int, threshold: int) -> tuple[str, list[tuple[int, int]]]:
        """The smallest relation that leads nearer, and where by which arcs."""
        hops, frontier = self._hops[threshold], self.frontier
        begin, out = frontier.out
        arcs = out[begin[node] : begin[node + 1]]
        counts: Flags = (frontier.bits[arcs] >> threshold) & 1 == 1
        counts &= hops[frontier.target[arcs]] == hops[node] - 1
        if hops[node] > 1:
            counts &= ~frontier.terminal[arcs]
        arcs = arcs[counts]
        rows = frontier.rows[arcs]
        names = [self._names[row] for row in self._relation[rows].tolist()]
        if not names:
            raise AssertionError(f"a search and its witness disagree at node {node}")
        first = min(names)
        found = zip(names, frontier.target[arcs].tolist(), rows.tolist(), strict=True)
        return first, sorted((target, row) for name, target, row in found if name == first)


class Ways:
    """Best paths to one column at a time, in one state.

    Parameters
    ----------
    layers : Layers
    """

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self._names = layers.view.graph.dataset.relations.column("id")
        self._last: tuple[Column, Shortest] | None = None

    def path(self, body: int, column: Column, rank: int) -> Path:
        """The path of fewest arcs, then of smallest relation ids, under the threshold of a rank."""
        if self._last is None or self._last[0] != column:
            place, layer = np.array([column[0]], dtype=np.intp), column[1]
            self._last = column, Shortest(self._layers.frontier(layer), place, self._layers.relation, self._names)
        found = self._last[1].path(body, rank)
        if found is None:
            raise AssertionError("a search and its witness disagree")
        return found

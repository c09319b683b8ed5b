"""One state of a large graph, searched layer by layer from a few nodes: from places backwards, or from bodies ahead.

What `graphs.engines.arrays` carries for all columns together touches every arc in every round; here each arc is touched
about once a search, so that few bodies, or few places, are asked quickly however large the graph is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphs.access import Flags, Nodes
from graphs.engines.arrays import RANK_BITS, best_rank, bits_of
from graphs.engines.frontier import Front, Frontier
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


class Ways:
    """Best paths to one column at a time, in one state.

    Parameters
    ----------
    layers : Layers
    """

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self._names = layers.view.graph.dataset.relations.column("id")
        self._column: Column = (-1, -1)
        self._front = Front(np.zeros(0, dtype=np.uint16), [], {})
        self._hops: dict[int, np.ndarray[tuple[int], np.dtype[np.int32]]] = {}
        self._found: dict[tuple[int, int], Path] = {}

    def path(self, body: int, column: Column, rank: int) -> Path:
        """The path of fewest arcs, then of smallest relation ids, under the threshold of a rank."""
        if column != self._column:
            self._column, self._hops, self._found = column, {}, {}
            self._front = self._layers.frontier(column[1]).search(np.array([column[0]], dtype=np.intp))
        threshold = int(RANK_BITS[rank])
        if threshold not in self._hops:
            hops = np.full(self._layers.view.graph.n_nodes, -1, dtype=np.int32)
            for distance, (nodes, fresh) in enumerate(self._front.rounds):
                hops[nodes[(fresh >> threshold) & 1 == 1]] = distance
            self._hops[threshold] = hops
        return self._walk(body, threshold)

    def _walk(self, node: int, threshold: int) -> Path:
        hops = self._hops[threshold]
        left = int(hops[node])
        if left == 0:
            return Path((), ())
        if (node, threshold) in self._found:
            return self._found[node, threshold]
        frontier, view = self._layers.frontier(self._column[1]), self._layers.view
        begin, out = frontier.out
        arcs = out[begin[node] : begin[node + 1]]
        counts: Flags = (frontier.bits[arcs] >> threshold) & 1 == 1
        counts &= hops[frontier.target[arcs]] == left - 1
        if left > 1:
            counts &= ~frontier.terminal[arcs]
        relation = view.graph.arcs.relation[view.arc[frontier.rows[arcs[counts]]]].tolist()
        onward = zip(
            relation, frontier.target[arcs[counts]].tolist(), frontier.rows[arcs[counts]].tolist(), strict=True
        )
        best: Path | None = None
        for name, target, arc in sorted((self._names[row], target, arc) for row, target, arc in onward):
            if best is not None and name > best.relations[0]:
                break
            rest = self._walk(target, threshold)
            path = Path((arc, *rest.arcs), (name, *rest.relations))
            if best is None or path.relations < best.relations:
                best = path
        if best is None:
            raise AssertionError(f"a search and its witness disagree at node {node}")
        self._found[node, threshold] = best
        return best

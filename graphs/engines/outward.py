"""What one node reaches in one layer, searched forwards: thresholds as bits, and the ways of fewest arcs.

The counterpart of `graphs.engines.frontier`, for the questions that one body asks. A frozen copy ends a path: where it
leads to is reached, but nothing is gone on from.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from graphs.access import Flags, Ints, Nodes
from graphs.engines.arrays import ALL_BITS, Bits
from graphs.engines.frontier import Frontier, arcs_into, ordered
from graphs.engines.witnesses import ranked

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Outward:
    """A search from one node.

    Parameters
    ----------
    frontier : Frontier
        The arcs of a layer.
    start : int
    kept : bool array, optional
        Which of the arcs count; default all.
    out : (int64 array, int array), optional
        The arcs out of each node, as `Frontier.out` has them, where it is known without sorting.

    Attributes
    ----------
    bits : uint16 array, one a node
        Thresholds under which it is reached.
    """

    def __init__(
        self,
        frontier: Frontier,
        start: int,
        kept: Flags | None = None,
        out: tuple[NDArray[np.int64], Nodes] | None = None,
    ) -> None:
        self.frontier, self.start, n_nodes = frontier, start, len(frontier.indptr) - 1
        begin, out_arcs = frontier.out if out is None else out
        self._bits = frontier.bits if kept is None else frontier.bits * kept  # what meets no threshold leads nowhere
        found, ended = np.zeros(n_nodes, dtype=np.uint16), np.zeros(n_nodes, dtype=np.uint16)
        nodes, fresh = np.array([start]), np.array([ALL_BITS])
        found[start] = ALL_BITS
        self._rounds: list[tuple[Nodes, Bits]] = []
        self._ends: list[tuple[Nodes, Bits]] = [(nodes[:0], fresh[:0])]
        while len(nodes):
            self._rounds.append((nodes, fresh))
            first = begin.take(nodes)
            sizes = begin.take(nodes + 1) - first
            arcs = out_arcs.take(np.repeat(first - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum()))
            target, last = frontier.target.take(arcs), frontier.terminal.take(arcs)
            carried = np.repeat(fresh, sizes) & self._bits.take(arcs)
            self._ends.append(_new(target[last], carried[last], ended))
            nodes, fresh = _new(target[~last], carried[~last], found)
        self.bits = found | ended

    def hops(self, nodes: Nodes, thresholds: Bits) -> Ints:
        """Fewest arcs to nodes, each under its own threshold, a bit number; -1 where it is not reached."""
        hops = np.full(len(nodes), -1, dtype=np.int32)
        at = np.full(len(self.bits), -1, dtype=np.int64)
        at[nodes] = np.arange(len(nodes))
        for rounds in (self._rounds, self._ends):
            for distance, (reached, fresh) in enumerate(rounds):
                number = at.take(reached)
                here = number >= 0
                number, fresh_here = number[here], fresh[here]
                met = (fresh_here >> thresholds[number].astype(np.uint16)) & np.uint16(1) != 0
                number = number[met]
                sooner = (hops[number] < 0) | (hops[number] > distance)
                hops[number[sooner]] = distance
        return hops

    def ways(self, places: Nodes, threshold: int, hops: Ints, ids: Sequence[str], relation: Ints) -> Ints:
        """The ways of fewest arcs, then of smallest relation ids, to some places under one threshold.

        Parameters
        ----------
        places : int array
            Nodes, each once.
        threshold : int
            Bit number.
        hops : int32 array
            Fewest arcs to each of them.
        ids : sequence of str
            Relation ids.
        relation : int32 array
            Row of the relation of every arc of the frontier.

        Returns
        -------
        int32 array, places × arcs
            Positions in ``graph.arcs``, -1 after the last.
        """
        frontier, bit, n_nodes = self.frontier, np.uint16(1 << threshold), len(self.bits)
        distance = np.full(n_nodes, -1, dtype=np.int32)
        for number, (nodes, fresh) in enumerate(self._rounds):
            distance[nodes[(fresh & bit) != 0]] = number
        # Back from the places: a place at the end of a way is another node than the same place on the way of another.
        inner, layers = places[:0], []
        for step in range(int(hops.max(initial=0)), 0, -1):
            ends = np.flatnonzero(hops == step)
            last, widths = arcs_into(frontier.indptr, places[ends])
            onward, inner_widths = arcs_into(frontier.indptr, inner)
            heads = np.concatenate([np.repeat(n_nodes + ends, widths), np.repeat(inner, inner_widths)])
            arcs = np.concatenate([last, onward])
            tails = frontier.source.take(arcs).astype(np.intp)
            counts = distance.take(tails) == step - 1
            counts[len(last) :] &= ~frontier.terminal.take(onward)
            counts &= (self._bits.take(arcs) & bit) != 0
            layers.append((arcs[counts], tails[counts], heads[counts]))
            inner = np.unique(tails[counts])
        layers.append((places[:0], places[:0], places[:0]))
        arcs, tails, heads = (np.concatenate(columns[::-1]) for columns in zip(*layers, strict=True))
        edges = np.cumsum([len(each[0]) for each in reversed(layers)]).tolist()
        parts = [slice(*pair) for pair in pairwise(edges)]
        first = self._first(arcs, tails, heads, parts, ids, relation)
        found = np.full((len(places), len(parts)), -1, dtype=np.int32)
        here = np.arange(n_nodes, n_nodes + len(places))
        for column in range(len(parts) - 1, -1, -1):
            on = np.flatnonzero(hops > column)
            at = first[here[on]]
            found[on, column] = frontier.rows[arcs[at]]
            here[on] = tails[at]
        return found

    @staticmethod
    def _first(  # noqa: PLR0917  parallel arrays, in the order in which they are gathered
        arcs: Nodes, tails: Nodes, heads: Nodes, parts: Sequence[slice], ids: Sequence[str], relation: Ints
    ) -> Nodes:
        """For every node the last arc of its best way, step by step: a way is as good as its beginning."""
        name = ranked(ids, relation[arcs])
        size = int(max(heads.max(initial=0), tails.max(initial=0))) + 1
        order, tie = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        first = np.full(size, -1, dtype=np.int64)
        for part in parts:
            if part.start == part.stop:
                continue
            rows = np.arange(part.start, part.stop)
            tail = tails[rows]
            rows = rows[np.lexsort((arcs[rows], tie[tail], name[rows], order[tail], heads[rows]))]
            rows = rows[np.append(True, heads[rows][1:] != heads[rows][:-1])]
            head, tail = heads[rows], tails[rows]
            first[head] = rows
            _, number = np.unique(np.stack([order[tail], name[rows]]), axis=1, return_inverse=True)
            ties = np.empty(len(rows), dtype=np.int64)
            ties[np.lexsort((arcs[rows], tie[tail]))] = np.arange(len(rows))
            order[head], tie[head] = number.ravel(), ties
        return first


def leaving(frontier: Frontier, by_source: Nodes) -> tuple[NDArray[np.int64], Nodes]:
    """What `Frontier.out` has, from all arcs of the graph in the order of their sources."""
    number = np.full(len(by_source), -1, dtype=np.int32)
    number[frontier.rows] = np.arange(len(frontier.rows), dtype=np.int32)
    number = number.take(by_source)
    begin = np.zeros(len(frontier.indptr), dtype=np.int64)
    np.cumsum(np.bincount(frontier.source, minlength=len(begin) - 1), out=begin[1:])
    return begin, number[number >= 0].astype(np.intp)


def _new(nodes: Nodes | Ints, bits: Bits, found: Bits) -> tuple[Nodes, Bits]:
    """Bits that nodes lacked, each node once, ascending; noted as found."""
    bits = bits & ~found.take(nodes)
    some = np.flatnonzero(bits)
    nodes, bits = nodes[some], bits[some]
    order = ordered(nodes)
    nodes, bits = nodes[order], bits[order]
    starts = np.flatnonzero(np.append(True, nodes[1:] != nodes[:-1])[: len(nodes)])
    distinct = nodes[starts].astype(np.intp)
    bits = np.bitwise_or.reduceat(bits, starts) if len(starts) else bits
    found[distinct] |= bits
    return distinct, bits

"""Maximum flow and minimum cut in a network whose edges bear labels, each with a cost.

A cut is a set of labels whose edges, taken away, leave no way from the source to the sink. Where every label stands on
one edge, the cheapest is a minimum cut, found by a maximum flow, whose decomposition into paths proves it. (networkx
3.6.1 is not used here: its node cuts come out empty on some directed graphs.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.access import Flags
from stakeholders.errors import AccessMapError

Edges = NDArray[np.int64]

UNBOUNDED = -1  # the label of an edge that cannot be cut
_MOST = 2**31 - 2  # what scipy's flows can count to


@dataclass(frozen=True)
class Network:
    """A network with labelled edges.

    Attributes
    ----------
    n_nodes, source, sink : int
    tail, head : int arrays, one an edge
    label : int array, one an edge
        Position in ``costs``, or ``UNBOUNDED``.
    costs : sequence of int
        Cost of each label, at least 1.
    """

    n_nodes: int
    source: int
    sink: int
    tail: Edges
    head: Edges
    label: Edges
    costs: Sequence[int]

    @cached_property
    def is_plain(self) -> bool:
        """Whether every label stands on one edge, so that a minimum cut of edges is one of labels."""
        return bool(np.bincount(self.label[self.label >= 0], minlength=1).max(initial=0) <= 1)

    def cost(self, labels: Collection[int]) -> int:
        """What some labels cost together."""
        return sum(self.costs[label] for label in labels)

    def reached(self, without: Collection[int]) -> Flags:
        """Nodes that the source still reaches when some labels are gone."""
        gone = np.zeros(len(self.costs) + 1, dtype=bool)
        gone[list(without)] = True
        gone[UNBOUNDED] = False
        rows = np.flatnonzero(~gone[self.label])
        reached = np.zeros(self.n_nodes, dtype=bool)
        reached[self.source] = True
        while len(rows):
            fresh = reached[self.tail[rows]]
            if not fresh.any():
                break
            reached[self.head[rows[fresh]]] = True
            rows = rows[~reached[self.head[rows]]]
        return reached

    def is_cut(self, labels: Collection[int]) -> bool:
        """Whether nothing leads from the source to the sink without some labels."""
        return not self.reached(labels)[self.sink]

    def pruned(self, labels: Collection[int], deadline: float | None = None) -> frozenset[int]:
        """A cut without what it does not need, the dearest left out first; as far as it comes until the deadline."""
        kept = set(labels)
        needed = self._needed(kept)
        for label in sorted(labels, key=lambda each: (-self.costs[each], each)):
            if label in needed:
                continue
            if deadline is not None and monotonic() > deadline:
                break
            if self.is_cut(kept - {label}):
                kept.discard(label)
                needed = self._needed(kept)
        return frozenset(kept)

    def barrier(self, removed: Collection[int], kept: Collection[int]) -> frozenset[int] | None:
        """Some cut that spares some labels and has others, found at once: all that can be cut first, or last.

        Nothing if what is kept already leads from source to sink.
        """
        free = np.ones(len(self.costs), dtype=bool)
        free[list(kept)] = False
        found = []
        for network in (self, self.reversed):
            near = network.reached(np.flatnonzero(free).tolist())
            if near[network.sink]:
                return None
            found.append(frozenset({*network.label[near[network.tail] & ~near[network.head]].tolist(), *removed}))
        return min(found, key=self.cost)

    @cached_property
    def reversed(self) -> Network:
        """The same with every edge turned round."""
        return replace(self, source=self.sink, sink=self.source, tail=self.head, head=self.tail)

    def _needed(self, cut: Collection[int]) -> frozenset[int]:
        """Labels of a cut an edge of which joins by itself what the source reaches to what reaches the sink."""
        near, far = self.reached(cut), self.reversed.reached(cut)
        joins = near[self.tail] & far[self.head]
        return frozenset(self.label[joins].tolist())


@dataclass(frozen=True)
class Flow:
    """A maximum flow.

    Attributes
    ----------
    network : Network
    capacity : int array, one an edge
    value : int
    net : scipy.sparse.csr_array, nodes × nodes
        How much runs from each node to each other.
    left : scipy.sparse.csr_array, nodes × nodes
        What is left free between each node and each other.
    near : bool array
        Nodes that the source reaches over what is left free: the smallest source side of a minimum cut.
    """

    network: Network
    capacity: Edges
    value: int
    net: Any
    left: Any
    near: Flags

    @cached_property
    def far(self) -> Flags:
        """Nodes that reach the sink over what is left free: the smallest sink side of a minimum cut."""
        from scipy.sparse.csgraph import breadth_first_order

        far = np.zeros(self.network.n_nodes, dtype=bool)
        far[breadth_first_order(self.left.T.tocsr(), self.network.sink, return_predecessors=False)] = True
        return far

    @property
    def in_every_cut(self) -> frozenset[int]:
        """Labels that every minimum cut has: their edges lead from the one side to the other, wherever one cuts.

        (Picard and Queyranne 1980: the minimum cuts are the sets that what is left free does not leave.)
        """
        crossing = self.near[self.network.tail] & self.far[self.network.head] & (self.capacity > 0)
        return frozenset(self.network.label[crossing].tolist())

    @cached_property
    def amount(self) -> Edges:
        """How much runs along each edge; what runs between two nodes is dealt out to their edges in order."""
        return _shared_out(self.network, self.capacity, self.net)


def minimum_cut(
    network: Network, kept: Collection[int] = (), removed: Collection[int] = ()
) -> tuple[int, frozenset[int]] | None:
    """The cheapest cut of a plain network, of equally cheap ones that of fewest labels, nearest to the source.

    Parameters
    ----------
    network : Network
    kept : collection of int
        Labels that may not be cut.
    removed : collection of int
        Labels that are in the cut from the start.

    Returns
    -------
    (int, frozenset of int) or None
        Cost and labels, or nothing if what is kept already leads from source to sink.
    """
    costs = np.array(network.costs, dtype=np.int64)
    free = np.ones(len(costs), dtype=bool)
    free[list(kept)] = False
    free[list(removed)] = False
    total = int(costs[free].sum())
    # A bit on top of each cost makes the flow prefer few labels; left out where the numbers would grow too large.
    unit = len(costs) + 1 if (total + 1) * (len(costs) + 1) < _MOST else 1
    weights = costs * unit + (unit > 1)
    boundless = int(weights[free].sum()) + 1
    if boundless > _MOST:
        raise AccessMapError("costs: their sum is too large; use smaller numbers with fewer digits")
    weights[list(kept)] = boundless
    weights[list(removed)] = 0
    capacity = np.append(weights, boundless)[network.label]
    flow = maximum_flow(network, capacity)
    if flow.value >= boundless:
        return None
    crossing = flow.near[network.tail] & ~flow.near[network.head] & (capacity > 0)
    labels = frozenset({*network.label[crossing].tolist(), *removed})
    return network.cost(labels), labels


def maximum_flow(network: Network, capacity: Edges) -> Flow:
    """A maximum flow from source to sink, by Dinic's algorithm."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order
    from scipy.sparse.csgraph import maximum_flow as dinic

    shape = (network.n_nodes, network.n_nodes)
    total = csr_array((capacity, (network.tail, network.head)), shape=shape)
    total.sum_duplicates()
    total.data = np.minimum(total.data, _MOST).astype(np.int32)
    found = dinic(total, network.source, network.sink)
    left = (total.astype(np.int64) - found.flow.astype(np.int64)).tocsr()
    left.data = np.maximum(left.data, 0)
    left.eliminate_zeros()
    near = np.zeros(network.n_nodes, dtype=bool)
    near[breadth_first_order(left, network.source, return_predecessors=False)] = True
    return Flow(network, capacity, int(found.flow_value), found.flow, left, near)


def _shared_out(network: Network, capacity: Edges, flow: Any) -> Edges:
    from scipy.sparse import coo_array

    net = coo_array(flow)
    forward = net.data > 0
    key = net.row[forward].astype(np.int64) * network.n_nodes + net.col[forward]
    order = np.argsort(key, kind="stable")
    key, amount = key[order], net.data[forward][order].astype(np.int64)
    edge_key = network.tail * network.n_nodes + network.head
    edges = np.argsort(edge_key, kind="stable")
    at = np.searchsorted(key, edge_key[edges])
    some = at < len(key)
    some[some] = key[at[some]] == edge_key[edges[some]]
    edges, at = edges[some], at[some]
    before = np.cumsum(capacity[edges]) - capacity[edges]
    first = np.searchsorted(at, at, side="left")
    dealt = np.zeros(len(capacity), dtype=np.int64)
    dealt[edges] = np.clip(amount[at] - (before - before[first]), 0, capacity[edges])
    return dealt


def decomposed(flow: Flow) -> Iterator[tuple[list[int], int]]:
    """A flow as paths from source to sink: edges, and how much runs along them."""
    network = flow.network
    amount = flow.amount.copy()
    rows = np.flatnonzero(amount)
    rows = rows[np.argsort(network.tail[rows], kind="stable")]
    out: dict[int, list[int]] = {}
    for edge in rows.tolist():
        out.setdefault(int(network.tail[edge]), []).append(edge)
    first = out.get(network.source, [])
    while True:
        while first and not amount[first[-1]]:
            first.pop()
        if not first:
            return
        path: list[int] = []
        entered: dict[int, int] = {network.source: 0}
        node = network.source
        while node != network.sink:
            while not amount[out[node][-1]]:
                out[node].pop()
            edge = out[node][-1]
            path.append(edge)
            node = int(network.head[edge])
            if node in entered:  # round in a circle, which carries nothing to the sink
                circle = path[entered[node] :]
                amount[circle] -= amount[circle].min()
                del path[entered[node] :]
                for each in [met for met, length in entered.items() if length > entered[node]]:
                    del entered[each]
            else:
                entered[node] = len(path)
        least = int(amount[path].min())
        amount[path] -= least
        yield path, least


def rounded_up(bound: float) -> int:
    """A lower bound of a whole number as one, forgiving the solver's last digits.

    Examples
    --------
    >>> rounded_up(3.0000000004), rounded_up(3.2)
    (3, 4)
    """
    return ceil(bound - 1e-6)

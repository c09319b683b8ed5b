"""The cheapest cut of labels where a label stands on several edges: exact, or between two bounds when time runs out.

Every way from source to sink must lose a label, so a cut is a set that meets the labels of every way: a minimum
hitting set. The ways are too many to list. So the cheapest set that meets the ways known so far is found (an integer
programme), the network is asked for a way that it misses, and so on until there is none. What meets a part of the ways
costs no more than what meets all: every round is a lower bound. (Implicit hitting sets: Moreno-Centeno and Karp 2013,
doi 10.1287/opre.1120.1139.)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from time import monotonic

from graphs.engines.flows import UNBOUNDED, Network, rounded_up


@dataclass(frozen=True)
class Cover:
    """What a search for the cheapest cut has found.

    Attributes
    ----------
    labels : frozenset of int
        The cheapest cut that is known.
    low, high : int
        Bounds of the cost of the cheapest; equal when it is found.
    """

    labels: frozenset[int]
    low: int
    high: int


class Coverer:
    """Looks for cheapest cuts of one network, and remembers the ways that it met.

    Parameters
    ----------
    network : Network
    deadline : float
        When to stop, on the clock of `time.monotonic`.
    """

    def __init__(self, network: Network, deadline: float) -> None:
        self.network, self.deadline = network, deadline
        self.ways: list[tuple[frozenset[int], list[int]]] = []  # labels and edges

    def cheapest(
        self, known: frozenset[int] | None = None, kept: Collection[int] = (), removed: Collection[int] = ()
    ) -> Cover | None:
        """The cheapest cut that spares some labels and has others; nothing if there is none.

        Parameters
        ----------
        known : frozenset of int, optional
            A cut that is known already.
        kept, removed : collections of int
            Labels that may not be cut; labels that are in the cut from the start.
        """
        network = self.network
        if not self._meet(removed, kept):
            return None
        best = known
        low = network.cost(removed)
        while True:
            met, bound = self._hitting(kept, removed)
            low = max(low, bound)
            if met is not None and not self._meet(met, kept):
                return None
            if met is not None and network.is_cut(met):
                return Cover(met, network.cost(met), network.cost(met))
            # A cut, though not the cheapest: what is missed goes too.
            complete = self._completed(met or frozenset(removed), kept)
            if complete is None:
                return None
            full = network.pruned(complete, self.deadline)
            if best is None or network.cost(full) < network.cost(best):
                best = full
            if low >= network.cost(best) or met is None or monotonic() > self.deadline:
                return Cover(best, min(low, network.cost(best)), network.cost(best))

    @cached_property
    def _out(self) -> list[list[tuple[int, int, int]]]:
        """Edges out of each node: head, label, edge."""
        network = self.network
        out: list[list[tuple[int, int, int]]] = [[] for _ in range(network.n_nodes)]
        ends = zip(network.tail.tolist(), network.head.tolist(), network.label.tolist(), strict=True)
        for edge, (tail, head, label) in enumerate(ends):
            out[tail].append((head, label, edge))
        return out

    def _meet(self, without: Collection[int], kept: Collection[int]) -> bool:
        """Remember ways that a set misses, each disjoint from those before; false if one cannot be cut.

        When time runs out, those found so far are what is known.
        """
        gone = set(without)
        while monotonic() <= self.deadline and (way := self._way(gone, kept)) is not None:
            self.ways.append(way)
            if way[0].issubset(kept):
                return False
            gone |= way[0].difference(kept)
        return True

    def _completed(self, without: frozenset[int], kept: Collection[int]) -> frozenset[int] | None:
        """A set with the labels of every way that it misses, or some other cut when time runs out; nothing if none."""
        gone = set(without)
        while True:
            if monotonic() > self.deadline:
                return self.network.barrier(without, kept)
            way = self._way(gone, kept)
            if way is None:
                break
            gone |= way[0].difference(kept)
        return frozenset(gone)

    def _way(self, gone: Collection[int], kept: Collection[int]) -> tuple[frozenset[int], list[int]] | None:
        """A way with as few labels as can be, none of them gone; those that are kept do not count. Labels and edges."""
        network, spared = self.network, {UNBOUNDED, *kept}
        came: dict[int, tuple[int, int, int]] = {}
        closed: set[int] = set()
        distance = {network.source: 0}
        waiting = deque([network.source])
        while waiting:
            node = waiting.popleft()
            if node in closed:
                continue
            closed.add(node)
            if node == network.sink:
                break
            for head, label, edge in self._out[node]:
                if label in gone:
                    continue
                step = distance[node] + (label not in spared)
                if step < distance.get(head, step + 1):
                    distance[head] = step
                    came[head] = node, label, edge
                    if step > distance[node]:
                        waiting.append(head)
                    else:
                        waiting.appendleft(head)
        if network.sink not in closed:
            return None
        labels, edges, node = set(), [], network.sink
        while node != network.source:
            node, label, edge = came[node]
            labels.add(label)
            edges.append(edge)
        return frozenset(labels - {UNBOUNDED}), edges[::-1]

    def _hitting(self, kept: Collection[int], removed: Collection[int]) -> tuple[frozenset[int] | None, int]:
        """The cheapest set that meets every way known so far, and the least that it can cost."""
        costs = self.network.costs
        known = [labels for labels, _ in self.ways]
        names = sorted({label for labels in known for label in labels} - {*kept, *removed})
        ways = [labels - {*kept} for labels in known if labels.isdisjoint(removed)]
        if not ways:
            return frozenset(removed), self.network.cost(removed)
        forced = frozenset().union(*(way for way in ways if len(way) == 1))
        if not any(forced.isdisjoint(way) for way in ways):  # which every set that meets them has, and it is enough
            return forced.union(removed), self.network.cost(forced.union(removed))
        unit = len(names) + 1  # a bit on top of each cost, for few labels among equal costs
        left = self.deadline - monotonic()
        if left <= 0:
            return None, 0
        found, bound = _programme([costs[name] * unit + 1 for name in names], ways, names, left)
        # Of the bound at most one bit for each label is not cost.
        low = rounded_up((bound - len(names)) / unit) + self.network.cost(removed)
        return None if found is None else frozenset({*found, *removed}), low


def _programme(
    weights: Sequence[int], ways: Sequence[frozenset[int]], names: Sequence[int], seconds: float
) -> tuple[frozenset[int] | None, float]:
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    place = {name: number for number, name in enumerate(names)}
    rows = [number for number, way in enumerate(ways) for _ in way]
    columns = [place[label] for way in ways for label in sorted(way)]
    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(ways), len(names)))
    solved = milp(
        c=np.array(weights, dtype=float),
        constraints=LinearConstraint(matrix, lb=1),
        integrality=np.ones(len(names)),
        bounds=Bounds(0, 1),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    bound = solved.mip_dual_bound
    if solved.status != 0 or solved.x is None:
        return None, 0.0 if bound is None or not np.isfinite(bound) else float(bound)
    return frozenset(names[number] for number in np.flatnonzero(solved.x > 0.5).tolist()), float(solved.fun)


def packed(ways: Sequence[frozenset[int]], costs: Sequence[int]) -> list[float]:
    """How much can run along each of some ways at once when no label bears more than its cost: a bound from below."""
    if sum(map(len, ways)) == len(frozenset().union(*ways)):  # no two share a label
        return [float(min(costs[name] for name in way)) for way in ways]
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    names = sorted({label for way in ways for label in way})
    place = {name: number for number, name in enumerate(names)}
    rows = [place[label] for way in ways for label in sorted(way)]
    columns = [number for number, way in enumerate(ways) for _ in way]
    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(names), len(ways)))
    solved = linprog(-np.ones(len(ways)), A_ub=matrix, b_ub=[costs[name] for name in names])
    return [float(amount) for amount in solved.x]

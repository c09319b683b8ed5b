"""Ways: the arcs on which reach from asking bodies to places can run at all, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from graphs.access import NO_MASK, AccessGraph, Flags, Ints, Nodes
from graphs.engines.removals import Thing
from graphs.reachability import Column
from graphs.views import NO_CATEGORY, View


class Ways:
    """The arcs that may stand on a way from an asking body to a place, and the nodes on them, numbered anew.

    Parameters
    ----------
    view : View
    columns : sequence of (place, layer)
        Where the data are; layers that the same arcs pass are one set.
    bodies : int array
        Nodes of the bodies that ask.

    Attributes
    ----------
    node : int32 array
        The graph's node of each of ours.
    number : int32 array
        Ours of each of the graph's; -1 for those on no way.
    source, target, terminal, relation, holding : arrays, one an arc
        As in `graphs.access.Arcs`; the ends are our nodes.
    passing : list of bool arrays
        For each set of layers the arcs that pass. A terminal arc passes only into a place of the set.
    places : dict of int to list of int
        For each place the sets in which it is one.
    asks : bool array
        Which nodes are bodies that ask.
    """

    def __init__(self, view: View, columns: Sequence[Column], bodies: Nodes) -> None:
        graph, arcs = view.graph, view.graph.arcs
        mask = arcs.mask[view.arc]
        present = np.flatnonzero(np.bincount(mask, minlength=1))
        terminal = arcs.terminal[view.arc]
        self.places: dict[int, list[int]] = {}  # place → sets of arcs that lead to it
        sets: dict[bytes, int] = {}
        members: list[tuple[Flags, list[int]]] = []
        for place, layer in columns:
            # Layers that the same arcs pass are one.
            passed = _passing(graph, layer)
            one = sets.setdefault(passed[present].tobytes(), len(sets))
            if one == len(members):
                members.append((passed[mask], []))
            members[one][1].append(place)
            if one not in (known := self.places.setdefault(place, [])):
                known.append(one)
        useful = np.zeros(len(view), dtype=bool)
        passing = []
        for passed, roots in members:
            passing.append(_leading(view, passed, terminal, bodies, roots))
            useful |= passing[-1]
        kept = np.flatnonzero(useful)
        ends = np.zeros(graph.n_nodes, dtype=bool)
        for nodes in (view.source[kept], view.target[kept], [*self.places]):
            ends[nodes] = True
        self.view, self.node = view, np.flatnonzero(ends).astype(np.int32)
        number = np.full(graph.n_nodes, -1, dtype=np.int32)
        number[self.node] = np.arange(len(self.node), dtype=np.int32)
        self.source, self.target = number[view.source[kept]], number[view.target[kept]]
        self.terminal = terminal[kept]
        self.relation, self.holding = arcs.relation[view.arc[kept]], arcs.holding[view.arc[kept]]
        self.passing = [flags[kept] for flags in passing]
        self.places = {int(number[place]): sets for place, sets in self.places.items()}
        self.asks = np.zeros(len(self.node), dtype=bool)
        self.asks[number[bodies][number[bodies] >= 0]] = True
        self.number = number

    @cached_property
    def several(self) -> tuple[list[int], list[int]]:
        """Relations behind more than one arc, and bodies whose copying is assumed: they go in several parts."""
        implied = self.holding >= 0
        if not implied.any():
            return [], []
        rows = np.concatenate([self.relation[implied], self.holding[implied]])
        subject = self.view.graph.dataset.entity_rows("relations", "subject")
        return np.unique(rows).tolist(), np.unique(subject[self.holding[implied]]).tolist()

    @cached_property
    def direct(self) -> tuple[int, ...]:
        """Asking bodies, as the graph's nodes, with an arc of their own to a place."""
        found = np.zeros(len(self.node), dtype=bool)
        for number, passing in enumerate(self.passing):
            place = np.zeros(len(self.node), dtype=bool)
            place[[node for node, sets in self.places.items() if number in sets]] = True
            found[self.source[passing & place[self.target]]] = True
        return tuple(self.node[found & self.asks].tolist())

    @cached_property
    def between(self) -> Ints:
        """The graph's nodes that some way passes: with an arc in and an arc out."""
        between: Ints = self.node[np.intersect1d(self.source, self.target)]
        return between

    def layers(self) -> list[tuple[Flags, list[int]]]:
        """The arcs and places of each set of layers."""
        return [
            (passing, [place for place, sets in self.places.items() if number in sets])
            for number, passing in enumerate(self.passing)
        ]

    def thing_of_relation(self, row: int) -> Thing:
        return Thing(arcs=tuple(np.flatnonzero((self.relation == row) | (self.holding == row)).tolist()))

    def thing_of_body(self, body: int) -> Thing:
        subject = self.view.graph.dataset.entity_rows("relations", "subject")
        arcs = np.flatnonzero((self.holding >= 0) & (subject[self.holding] == body))
        node = int(self.number[body])
        return Thing(nodes=(node,) if node >= 0 else (), arcs=tuple(arcs.tolist()))


def _passing(graph: AccessGraph, layer: int) -> Flags:
    """Which masks let a layer through."""
    if layer == NO_CATEGORY:
        bare: Flags = np.arange(len(graph.passes)) == NO_MASK
        return bare
    passing: Flags = graph.passes[:, layer]
    return passing


def _leading(view: View, passed: Flags, terminal: Flags, bodies: Nodes, places: list[int]) -> Flags:
    """Arcs of one layer that stand on a walk from a body to a place; of terminal ones those that end at a place."""
    root = np.zeros(view.graph.n_nodes, dtype=bool)
    root[places] = True
    passed = passed & (~terminal | root[view.target])
    ahead = np.zeros(view.graph.n_nodes, dtype=bool)
    ahead[bodies] = True
    rows = np.flatnonzero(passed & ~terminal)
    _spread(ahead, view.source[rows], view.target[rows])
    rows = np.flatnonzero(passed)
    _spread(root, view.target[rows], view.source[rows])
    leading: Flags = passed & ahead[view.source] & root[view.target]
    return leading


def _spread(found: Flags, source: Ints, target: Ints) -> None:
    """Add everything that the found nodes lead to."""
    rows = np.flatnonzero(~found[target])
    while len(rows):
        fresh = found[source[rows]]
        if not fresh.any():
            return
        found[target[rows[fresh]]] = True
        rows = rows[~found[target[rows]]]

"""Pairs lost: how many (body, store) pairs hang on each entity and each relation, counted exactly.

A pair is reached where some asked category's layer leads from the body to the place. In one layer of one place the pair
hangs on exactly what dominates the body in the place's dominator tree, so one tree counts the losses of everything.
Where several layers carry a pair it is lost only with what dominates the body in all of them. A relation that stands
behind several arcs, and a body whose copying is assumed, are no single node or arc of a tree: these few are taken away
one by one, as bits of one search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.access import NO_MASK, Flags, Ints, Nodes
from graphs.engines.dominators import NO_ARC, Forest, Tree, compiled_engine
from graphs.engines.removals import Removals, Thing
from graphs.reachability import Column
from graphs.views import NO_CATEGORY, View

Counts = NDArray[np.int64]
_Found = dict[int, int]
_Needed = dict[int, tuple[int, ...]]

_UNASKED = -2

_WORTH_COMPILING = 3_000_000  # arcs × places, below which numba's start costs more than it saves


@dataclass(frozen=True)
class Losses:
    """What hangs on what.

    Attributes
    ----------
    bodies : int array
        Asking bodies that reach a place, as nodes.
    places : tuple of int
        Places that some of them reach.
    pairs : int
        Pairs of body and place.
    ends : mapping of int to int
        For each of the bodies and places how many pairs it is an end of.
    nodes, relations : mappings of int to int
        Pairs lost without a node (its own pairs not counted), without a relation (by its row); only where there are any.
    needed_by_nodes : mapping of int to tuple of int
        Nodes without which some bodies lose every pair of theirs, and these bodies.
    needed_by_relations : mapping of int to tuple of int
        The same of relations.
    direct : tuple of int
        Bodies with an arc of their own to a place that they reach.
    """

    bodies: Nodes
    places: tuple[int, ...]
    pairs: int
    ends: dict[int, int]
    nodes: dict[int, int]
    relations: dict[int, int]
    needed_by_nodes: dict[int, tuple[int, ...]]
    needed_by_relations: dict[int, tuple[int, ...]]
    direct: tuple[int, ...]


def losses(view: View, columns: Sequence[Column], bodies: Nodes, *, compiled: bool | None = None) -> Losses:
    """Count the pairs that every entity and every relation carries alone.

    Parameters
    ----------
    view : View
        Arcs of the asked level and certainty or better.
    columns : sequence of (place, layer)
        The places as they are; taking something away makes no new ones.
    bodies : int array
        Nodes of the bodies that ask.
    compiled : bool, optional
        Whether numba grows the trees; default where it is installed and there is enough to do.
    """
    return _Count(_Ways(view, columns, bodies), compiled=compiled).losses()


class _Ways:
    """The arcs that may stand on a way from an asking body to a place, and the nodes on them, numbered anew."""

    def __init__(self, view: View, columns: Sequence[Column], bodies: Nodes) -> None:
        graph, arcs = view.graph, view.graph.arcs
        masks, used = np.unique(arcs.mask[view.arc], return_inverse=True)
        terminal = arcs.terminal[view.arc]
        self.places: dict[int, list[int]] = {}  # place → sets of arcs that lead to it
        sets: dict[bytes, int] = {}
        members: list[tuple[Flags, list[int]]] = []
        for place, layer in columns:
            # Layers that the same arcs pass are one.
            passed = masks == NO_MASK if layer == NO_CATEGORY else graph.passes[masks, layer]
            number = sets.setdefault(passed.tobytes(), len(sets))
            if number == len(members):
                members.append((passed[used], []))
            members[number][1].append(place)
            if number not in (known := self.places.setdefault(place, [])):
                known.append(number)
        useful = np.zeros(len(view), dtype=bool)
        passing = []
        for passed, roots in members:
            passing.append(_leading(view, passed, terminal, bodies, roots))
            useful |= passing[-1]
        kept = np.flatnonzero(useful)
        ends = np.union1d(np.union1d(view.source[kept], view.target[kept]), np.array([*self.places], dtype=np.int64))
        self.view, self.node = view, ends.astype(np.int32)
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

    def thing_of_relation(self, row: int) -> Thing:
        return Thing(arcs=tuple(np.flatnonzero((self.relation == row) | (self.holding == row)).tolist()))

    def thing_of_body(self, body: int) -> Thing:
        subject = self.view.graph.dataset.entity_rows("relations", "subject")
        arcs = np.flatnonzero((self.holding >= 0) & (subject[self.holding] == body))
        node = int(self.number[body])
        return Thing(nodes=(node,) if node >= 0 else (), arcs=tuple(arcs.tolist()))


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


class _Count:
    """Goes from place to place and adds up what hangs on what."""

    def __init__(self, ways: _Ways, *, compiled: bool | None) -> None:
        self.ways = ways
        if compiled is None:
            work = len(ways.source) * sum(map(len, ways.places.values()))
            compiled = work >= _WORTH_COMPILING and compiled_engine() is not None
        n_nodes = len(ways.node)
        self.arcs = [np.flatnonzero(passing).astype(np.int32) for passing in ways.passing]
        self.forests = [
            Forest(n_nodes, ways.source[arcs], ways.target[arcs], ways.terminal[arcs], compiled=compiled)
            for arcs in self.arcs
        ]
        self.asks = ways.asks.astype(np.int64)
        self.node_losses = np.zeros(n_nodes, dtype=np.int64)
        self.relation_losses: Counts = np.zeros(len(ways.view.graph.dataset.relations), dtype=np.int64)
        self.of_body = np.zeros(n_nodes, dtype=np.int64)
        self.of_place: dict[int, int] = {}
        self.first_place = np.full(n_nodes, -1, dtype=np.int64)
        # Candidates for what every pair of a body hangs on: (body, node), and (body, node, relation of its only arc).
        self.passages = np.zeros((2, 0), dtype=np.int64)
        self.links = np.zeros((3, 0), dtype=np.int64)

    def losses(self) -> Losses:
        direct: set[int] = set()
        for place, sets in self.ways.places.items():
            self._add(place, [self._tree(place, number) for number in sets])
            for arcs in (self.arcs[number] for number in sets):
                sources = self.ways.source[arcs[self.ways.target[arcs] == place]]
                direct.update(sources[self.ways.asks[sources]].tolist())
        node = self.ways.node
        relations = {int(row): int(self.relation_losses[row]) for row in np.flatnonzero(self.relation_losses)}
        nodes = {int(node[at]): int(self.node_losses[at]) for at in np.flatnonzero(self.node_losses)}
        needed_by_nodes, needed_by_relations = self._needed()
        several = self._several()
        for found, ours in zip(several, (nodes, needed_by_nodes, relations, needed_by_relations), strict=True):
            for key, value in found.items():
                ours.pop(key, None)
                if value:
                    ours[key] = value
        bodies = np.flatnonzero(self.of_body)
        ends = {int(node[at]): int(self.of_body[at]) for at in bodies}
        ends |= {int(node[at]): count for at, count in self.of_place.items()}
        return Losses(
            bodies=node[bodies].astype(np.intp),
            places=tuple(int(node[at]) for at in sorted(self.of_place)),
            pairs=sum(self.of_place.values()),
            ends=ends,
            nodes=nodes,
            relations=relations,
            needed_by_nodes=needed_by_nodes,
            needed_by_relations=needed_by_relations,
            direct=tuple(int(node[at]) for at in sorted(direct)),
        )

    def _tree(self, place: int, number: int) -> Tree:
        tree = self.forests[number].tree(place)
        # From the arcs of the set to all.
        entry = np.append(self.arcs[number], NO_ARC)[tree.entry].astype(np.int32)
        return Tree(tree.root, tree.parent, tree.first, tree.size, entry)

    def _add(self, place: int, trees: list[Tree]) -> None:
        """Count one place, over all the sets of arcs that lead to it."""
        reached = np.stack([(tree.first >= 0) & self.ways.asks for tree in trees])
        times = reached.sum(axis=0)
        bodies = np.flatnonzero(times)
        if not len(bodies):
            return
        self.of_place[place] = len(bodies)
        for tree, flags in zip(trees, reached, strict=True):
            self._add_subtrees(tree, (flags & (times == 1)).astype(np.int64))
        for body, node, relation in self._chains(trees, reached, np.flatnonzero(times > 1)):
            inner = (node != body) & (node != place)
            np.add.at(self.node_losses, node[inner], 1)
            np.add.at(self.relation_losses, relation[relation >= 0], 1)
        self._narrow(trees, reached)
        new = bodies[self.of_body[bodies] == 0]
        self.of_body[bodies] += 1
        self.first_place[new] = place
        passages, links = [self.passages], [self.links]
        for body, node, relation in self._chains(trees, reached, new):
            inner, known = node != body, relation >= 0
            passages.append(np.stack([body[inner], node[inner]]))
            links.append(np.stack([body[known], node[known], relation[known]]))
        self.passages, self.links = np.concatenate(passages, axis=1), np.concatenate(links, axis=1)

    def _add_subtrees(self, tree: Tree, weight: Counts) -> None:
        """Bodies that one tree alone carries: everything costs what it dominates."""
        if not weight.any():
            return
        below = tree.below(weight)
        lost = below - weight
        lost[tree.root] = 0
        self.node_losses += lost
        links = np.flatnonzero((tree.entry != NO_ARC) & (below > 0))
        np.add.at(self.relation_losses, self.ways.relation[tree.entry[links]], below[links])

    def _chains(self, trees: list[Tree], reached: Flags, bodies: Nodes) -> Iterator[tuple[Counts, Counts, Counts]]:
        """Everything that bodies pass in all the trees that carry them, the body and the place included.

        Yields arrays of body, node, and the relation of the only arc that leads on from the node (-1 if there is a choice).
        """
        for number, tree in enumerate(trees):
            # Each body climbs the first tree that carries it; the others are asked whether they agree.
            node = bodies[reached[number, bodies] & ~reached[:number, bodies].any(axis=0)]
            body = node.copy()
            while len(body):
                passed, only = self._agreed(trees[number:], reached[number:], body, node)
                yield body[passed], node[passed], only[passed]
                on = node != tree.root
                body, node = body[on], tree.parent[node[on]].astype(np.intp)

    def _agreed(self, trees: list[Tree], reached: Flags, body: Nodes, node: Nodes) -> tuple[Flags, Counts]:
        """Whether all the trees that carry a body have it pass a node, and which one relation leads on in all of them."""
        passed: Flags = np.ones(len(body), dtype=bool)
        only = np.full(len(body), _UNASKED, dtype=np.int64)
        relation = np.append(self.ways.relation, -1).astype(np.int64)
        for tree, flags in zip(trees, reached, strict=True):
            carried = flags[body]
            passed &= ~carried | ((tree.first[node] >= 0) & tree.dominates(node, body))
            here = relation[tree.entry[node]]
            only = np.where(~carried, only, np.where((only == _UNASKED) | (only == here), here, -1))
        return passed, np.where(passed, only, -1)

    def _narrow(self, trees: list[Tree], reached: Flags) -> None:
        """Drop candidates that some pair of their body at this place does not hang on."""
        body, node = self.passages
        passed, _ = self._agreed(trees, reached, body, node)
        self.passages = self.passages[:, passed]
        body, node, relation = self.links
        passed, only = self._agreed(trees, reached, body, node)
        free = ~reached[:, body].any(axis=0)
        self.links = self.links[:, free | (passed & (only == relation))]

    def _needed(self) -> tuple[dict[int, tuple[int, ...]], dict[int, tuple[int, ...]]]:
        body, node = self.passages
        # A body whose only pair is with the place itself has no pair that counts for it.
        counts = (self.of_body[body] > 1) | (self.first_place[body] != node)
        number = self.ways.node
        passages = _gathered(number[node[counts]], number[body[counts]])
        return passages, _gathered(self.links[2], number[self.links[0]])

    def _several(self) -> tuple[_Found, _Needed, _Found, _Needed]:
        """Losses of what goes in several parts, taken away thing by thing."""
        ways = self.ways
        relations, bodies = ways.several
        things = [*map(ways.thing_of_relation, relations), *map(ways.thing_of_body, bodies)]
        found = self._taken_away(things)
        of_relations, of_bodies = found[: len(relations)], found[len(relations) :]
        return (
            {body: lost for body, (lost, _) in zip(bodies, of_bodies, strict=True)},
            {body: needed for body, (_, needed) in zip(bodies, of_bodies, strict=True)},
            {row: lost for row, (lost, _) in zip(relations, of_relations, strict=True)},
            {row: needed for row, (_, needed) in zip(relations, of_relations, strict=True)},
        )

    def _taken_away(self, things: list[Thing]) -> list[tuple[int, tuple[int, ...]]]:
        """For each thing the pairs lost without it, and the bodies that lose every pair."""
        ways = self.ways
        if not things:
            return []
        removals = Removals(len(ways.node), ways.source, ways.target, ways.terminal, things)
        asks = np.flatnonzero(ways.asks)
        lost: list[list[Nodes]] = [[] for _ in things]  # bodies, as often as they lose a pair
        for place, sets in ways.places.items():
            passing = [ways.passing[number] for number in sets]
            if suspects := removals.suspects(place, passing):
                left = removals.survivors(place, passing, suspects)[asks]
                gone = left[:, -1:] & ~left[:, :-1]
                for column in np.flatnonzero(gone.any(axis=0)).tolist():
                    nodes = things[suspects[column]].nodes
                    bodies = asks[gone[:, column]]
                    if place not in nodes:
                        lost[suspects[column]].append(bodies[bodies != nodes[0]] if nodes else bodies)
        found = []
        for parts in lost:
            body, times = np.unique(np.concatenate([asks[:0], *parts]), return_counts=True)
            found.append((int(times.sum()), tuple(ways.node[body[times == self.of_body[body]]].tolist())))
        return found


def _gathered(keys: NDArray[np.integer[Any]], bodies: NDArray[np.integer[Any]]) -> _Needed:
    """Bodies of each key, ascending."""
    gathered: dict[int, list[int]] = {}
    for key, body in sorted(zip(keys.tolist(), bodies.tolist(), strict=True)):
        gathered.setdefault(key, []).append(body)
    return {key: tuple(found) for key, found in gathered.items()}

"""Pairs lost: how many (body, store) pairs hang on each entity and each relation, counted exactly.

A pair is reached where some asked category's layer leads from the body to the place. In one layer of one place the pair
hangs on exactly what dominates the body in the place's dominator tree, so one tree counts the losses of everything.
Where several layers carry a pair it is lost only with what dominates the body in all of them. A relation that stands
behind several arcs, and a body whose copying is assumed, are no single node or arc of a tree: these few are taken away
one by one, as bits of one search.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.access import Flags, Nodes
from graphs.engines.dominators import NO_ARC, Forest, Tree
from graphs.engines.kernels import installed
from graphs.engines.removals import Removals
from graphs.reachability import Column
from graphs.views import View
from graphs.ways import Ways

Counts = NDArray[np.int64]
_Needed = dict[int, tuple[int, ...]]

_NO_RELATION, _UNASKED = -1, -2

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
        Pairs lost without a node (its own pairs not counted), without a relation (by its row), where there are any.
    needed_by_nodes : mapping of int to tuple of int
        Nodes without which some bodies lose every pair of theirs, and these bodies.
    needed_by_relations : mapping of int to tuple of int
        The same of relations.
    direct : tuple of int
        Bodies with an arc of their own to a place that they reach.
    spare_nodes, spare_relations : int
        What stands on some way though no pair hangs on it alone; bodies at the start and places at the end apart.
    counted : int
        Places of a sample; 0 where all were counted.
    node_margins, relation_margins : mappings of int to int
        Of a sample: how far the pairs lost may be from the figure, 19 times of 20; those recounted are left out.
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
    spare_nodes: int
    spare_relations: int
    counted: int = 0
    node_margins: Mapping[int, int] = field(default_factory=dict)
    relation_margins: Mapping[int, int] = field(default_factory=dict)


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
    return Counter(Ways(view, columns, bodies), compiled=compiled).losses()


class Counter:
    """Goes from place to place and adds up what hangs on what."""

    def __init__(self, ways: Ways, *, compiled: bool | None) -> None:
        self.ways = ways
        if compiled is None:
            work = len(ways.source) * sum(map(len, ways.places.values()))
            compiled = work >= _WORTH_COMPILING and installed()
        n_nodes = len(ways.node)
        self.arcs = [np.flatnonzero(passing).astype(np.int32) for passing in ways.passing]
        self._of_all = [np.append(arcs, NO_ARC).astype(np.int32) for arcs in self.arcs]
        self._relation = np.append(ways.relation, _NO_RELATION).astype(np.int64)
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
        # What goes in several parts is taken away thing by thing; what the trees know of it is not all.
        relations, bodies = ways.several
        self.things = [*map(ways.thing_of_relation, relations), *map(ways.thing_of_body, bodies)]
        self.several = [*(("relation", row) for row in relations), *(("node", body) for body in bodies)]
        self.thing_losses: Counts = np.zeros(len(self.things), dtype=np.int64)
        self._losing: list[list[Nodes]] = [[] for _ in self.things]  # bodies, as often as they lose a pair
        self._removals = Removals(n_nodes, ways.source, ways.target, ways.terminal, self.things)

    def losses(self) -> Losses:
        """Count every place."""
        for place in self.ways.places:
            self.add(place)
        node = self.ways.node
        relations = {int(row): int(self.relation_losses[row]) for row in np.flatnonzero(self.relation_losses)}
        nodes = {int(node[at]): int(self.node_losses[at]) for at in np.flatnonzero(self.node_losses)}
        needed_by_nodes, needed_by_relations = self.needed()
        for (kind, key), lost, bodies in zip(self.several, self.thing_losses.tolist(), self.needing(), strict=True):
            if kind == "node":
                _correct(key, (nodes, lost), (needed_by_nodes, bodies))
            else:
                _correct(key, (relations, lost), (needed_by_relations, bodies))
        asking = np.flatnonzero(self.of_body)
        ends = {int(node[at]): int(self.of_body[at]) for at in asking}
        ends |= {int(node[at]): count for at, count in self.of_place.items()}
        return Losses(
            bodies=node[asking].astype(np.intp),
            places=tuple(int(node[at]) for at in sorted(self.of_place)),
            pairs=sum(self.of_place.values()),
            ends=ends,
            nodes=nodes,
            relations=relations,
            needed_by_nodes=needed_by_nodes,
            needed_by_relations=needed_by_relations,
            direct=self.ways.direct,
            spare_nodes=int((~np.isin(self.ways.between, [*nodes])).sum()),
            spare_relations=int((~np.isin(np.unique(self.ways.relation), [*relations])).sum()),
        )

    def _tree(self, place: int, number: int) -> Tree:
        tree = self.forests[number].tree(place)
        # From the arcs of the set to all.
        return Tree(tree.root, tree.parent, tree.first, tree.size, self._of_all[number][tree.entry])

    def add(self, place: int) -> None:
        """Count one place, over all the sets of arcs that lead to it."""
        trees = [self._tree(place, number) for number in self.ways.places[place]]
        reached = np.stack([(tree.first >= 0) & self.ways.asks for tree in trees])
        times = reached.sum(axis=0)
        bodies = np.flatnonzero(times)
        if not len(bodies):
            return
        self.of_place[place] = len(bodies)
        if self.things:
            self._take_away(place)
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
        links = np.flatnonzero((self._relation[tree.entry] != _NO_RELATION) & (below > 0))
        np.add.at(self.relation_losses, self._relation[tree.entry[links]], below[links])

    def _chains(self, trees: list[Tree], reached: Flags, bodies: Nodes) -> Iterator[tuple[Counts, Counts, Counts]]:
        """Everything that bodies pass in all the trees that carry them, the body and the place included.

        Yields arrays of body, node, and the relation of the only arc that leads on from it (-1 if there is a choice).
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
        """Whether all trees that carry a body have it pass a node, and which one relation leads on in all of them."""
        passed: Flags = np.ones(len(body), dtype=bool)
        only = np.full(len(body), _UNASKED, dtype=np.int64)
        for tree, flags in zip(trees, reached, strict=True):
            carried = flags[body]
            passed &= ~carried | ((tree.first[node] >= 0) & tree.dominates(node, body))
            here = self._relation[tree.entry[node]]
            only = np.where(~carried, only, np.where((only == _UNASKED) | (only == here), here, _NO_RELATION))
        return passed, np.where(passed, only, _NO_RELATION)

    def _narrow(self, trees: list[Tree], reached: Flags) -> None:
        """Drop candidates that some pair of their body at this place does not hang on."""
        body, node = self.passages
        passed, _ = self._agreed(trees, reached, body, node)
        self.passages = self.passages[:, passed]
        body, node, relation = self.links
        passed, only = self._agreed(trees, reached, body, node)
        free = ~reached[:, body].any(axis=0)
        self.links = self.links[:, free | (passed & (only == relation))]

    def needed(self) -> tuple[dict[int, tuple[int, ...]], dict[int, tuple[int, ...]]]:
        body, node = self.passages
        # A body whose only pair is with the place itself has no pair that counts for it.
        counts = (self.of_body[body] > 1) | (self.first_place[body] != node)
        self.passages = self.passages[:, counts]
        number = self.ways.node
        passages = _gathered(number[node[counts]], number[body[counts]])
        return passages, _gathered(self.links[2], number[self.links[0]])

    def _take_away(self, place: int) -> None:
        """Take the things away one by one that may cost somebody a place."""
        ways = self.ways
        passing = [ways.passing[number] for number in ways.places[place]]
        suspects = self._removals.suspects(place, passing)
        if not suspects:
            return
        asks = np.flatnonzero(ways.asks)
        left = self._removals.survivors(place, passing, suspects)[asks]
        gone = left[:, -1:] & ~left[:, :-1]
        for column in np.flatnonzero(gone.any(axis=0)).tolist():
            number, bodies = suspects[column], asks[gone[:, column]]
            nodes = self.things[number].nodes
            if place not in nodes:
                lost = bodies[bodies != nodes[0]] if nodes else bodies
                self.thing_losses[number] += len(lost)
                self._losing[number].append(lost)

    def needing(self) -> Iterator[tuple[int, ...]]:
        """For each thing the bodies that lose every pair without it."""
        for parts in self._losing:
            body, times = np.unique(np.concatenate([self.first_place[:0], *parts]), return_counts=True)
            yield tuple(self.ways.node[body[times == self.of_body[body]]].tolist())


def _correct(key: int, lost: tuple[dict[int, int], int], needed: tuple[_Needed, tuple[int, ...]]) -> None:
    """Put what was counted by taking a thing away in place of what the trees know of it."""
    for ours, value in (lost, needed):
        ours.pop(key, None)
        if value:
            ours[key] = value  # type: ignore[assignment]  # each value is of its dict's kind


def _gathered(keys: NDArray[np.integer[Any]], bodies: NDArray[np.integer[Any]]) -> _Needed:
    """Bodies of each key, ascending."""
    gathered: dict[int, list[int]] = {}
    for key, body in sorted(zip(keys.tolist(), bodies.tolist(), strict=True)):
        gathered.setdefault(key, []).append(body)
    return {key: tuple(found) for key, found in gathered.items()}

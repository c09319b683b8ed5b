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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphs.access import Flags, Ints, Nodes
from graphs.engines.dominators import NO_ARC, Forest, Tree, compiled_engine
from graphs.engines.removals import Removals, Thing
from graphs.reachability import Column
from graphs.views import View
from graphs.ways import Ways

Counts = NDArray[np.int64]
_Needed = dict[int, tuple[int, ...]]
_Corrections = dict[int, tuple[int, tuple[int, ...]]]

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
        Pairs lost without a node (its own pairs not counted), without a relation (by its row), where there are any.
    needed_by_nodes : mapping of int to tuple of int
        Nodes without which some bodies lose every pair of theirs, and these bodies.
    needed_by_relations : mapping of int to tuple of int
        The same of relations.
    direct : tuple of int
        Bodies with an arc of their own to a place that they reach.
    spare_nodes, spare_relations : int
        What stands on some way though no pair hangs on it alone; bodies at the start and places at the end apart.
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
    return _Count(Ways(view, columns, bodies), compiled=compiled).losses()


class _Count:
    """Goes from place to place and adds up what hangs on what."""

    def __init__(self, ways: Ways, *, compiled: bool | None) -> None:
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
        of_nodes, of_relations = self._several()
        _correct(nodes, needed_by_nodes, of_nodes)
        _correct(relations, needed_by_relations, of_relations)
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
            spare_nodes=int((~np.isin(self._between(), [*nodes])).sum()),
            spare_relations=int((~np.isin(np.unique(self.ways.relation), [*relations])).sum()),
        )

    def _between(self) -> Ints:
        """Nodes that some way passes: with an arc in and an arc out."""
        ways = self.ways
        between: Ints = ways.node[np.intersect1d(ways.source, ways.target)]
        return between

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

    def _several(self) -> tuple[_Corrections, _Corrections]:
        """Losses of the bodies and the relations that go in several parts, taken away thing by thing."""
        ways = self.ways
        relations, bodies = ways.several
        things = [*map(ways.thing_of_relation, relations), *map(ways.thing_of_body, bodies)]
        found = self._taken_away(things)
        of_bodies = dict(zip(bodies, found[len(relations) :], strict=True))
        return of_bodies, dict(zip(relations, found[: len(relations)], strict=True))

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


def _correct(lost: dict[int, int], needed: _Needed, found: _Corrections) -> None:
    """Put what was counted by taking things away in place of what the trees know of them."""
    for key, (count, bodies) in found.items():
        for ours in (lost, needed):
            ours.pop(key, None)
        if count:
            lost[key] = count
        if bodies:
            needed[key] = bodies


def _gathered(keys: NDArray[np.integer[Any]], bodies: NDArray[np.integer[Any]]) -> _Needed:
    """Bodies of each key, ascending."""
    gathered: dict[int, list[int]] = {}
    for key, body in sorted(zip(keys.tolist(), bodies.tolist(), strict=True)):
        gathered.setdefault(key, []).append(body)
    return {key: tuple(found) for key, found in gathered.items()}

"""Pairs lost where there are too many places to count each: a sample of places, and what can be counted exactly.

Exact at any size are how many pairs there are, what every pair of a body hangs on (one tree over all places at once),
and the losses of the few things that matter most, which are taken away and counted again.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from graphs.access import Flags, Ints, Nodes
from graphs.engines.counting import places_reached
from graphs.engines.removals import Thing
from graphs.losses import Counter, Counts, Losses
from graphs.reachability import Column
from graphs.views import View
from graphs.ways import Ways

RECOUNTED = 10
_Figures = dict[int, tuple[int, int]]  # estimate and margin

_NOTHING = 1e-9  # a spread that rounding alone leaves

_SEED = 20_261_124  # the same places each time


def estimated(
    view: View, columns: Sequence[Column], bodies: Nodes, sample: int, *, recounted: int = RECOUNTED,
    compiled: bool | None = None,
) -> Losses:  # fmt: skip
    """Estimate the pairs that every entity and every relation carries alone.

    Parameters
    ----------
    view, columns, bodies, compiled
        As of `graphs.losses.losses`.
    sample : int
        How many places to count.
    recounted : int
        How many of the entities and relations with the greatest losses to count exactly.
    """
    ways = Ways(view, columns, bodies)
    arcs = ways.source, ways.target, ways.terminal
    of_body, of_place = places_reached(len(ways.node), arcs, ways.layers(), ways.asks)
    reached = [place for place, count in of_place.items() if count]
    if len(reached) <= sample:
        return Counter(ways, compiled=compiled).losses()
    every = _every(ways, of_body, compiled=compiled)
    pairs = int(of_body.sum())
    chosen = np.random.default_rng(_SEED).permutation(reached)[:sample].tolist()
    counter = Counter(ways, compiled=compiled)
    totals = counter.node_losses, counter.relation_losses, counter.thing_losses
    moments = [_Moments(len(total)) for total in totals]
    for place in chosen:
        before = [total.copy() for total in totals]
        counter.add(place)
        for moment, now, then in zip(moments, totals, before, strict=True):
            moment.take(now - then)
    # Of what no counted place shows to vary, up to three places in as many as were counted may differ (19 times of 20).
    unseen = min(pairs, math.ceil(3 * len(reached) / len(chosen) * max(of_place[place] for place in reached)))
    of_nodes, of_relations, of_things = (moment.figures(len(chosen), len(reached), unseen) for moment in moments)
    node = ways.node.tolist()
    of_nodes = {node[at]: figure for at, figure in of_nodes.items()}
    for number, (kind, key) in enumerate(counter.several):
        ours = of_nodes if kind == "node" else of_relations
        ours.pop(key, None)
        if number in of_things:
            ours[key] = of_things[number]
    found = replace(
        every,
        places=tuple(node[place] for place in reached),
        pairs=pairs,
        ends={node[at]: int(of_body[at]) for at in np.flatnonzero(of_body)}
        | {node[at]: of_place[at] for at in reached},
        nodes=_at_least(of_nodes, every.nodes),
        relations=_at_least(of_relations, every.relations),
        counted=len(chosen),
        node_margins=dict.fromkeys(every.nodes, unseen) | {key: margin for key, (_, margin) in of_nodes.items()},
        relation_margins=dict.fromkeys(every.relations, unseen)
        | {key: margin for key, (_, margin) in of_relations.items()},
    )
    return _recounted(found, every, ways, recounted)


class _Moments:
    """Sums and sums of squares of what is lost place by place."""

    def __init__(self, size: int) -> None:
        self.total, self.squares = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.float64)

    def take(self, lost: Counts) -> None:
        """Add one place."""
        self.total += lost
        self.squares += lost.astype(np.float64) ** 2

    def figures(self, counted: int, places: int, unseen: int) -> _Figures:
        """Estimates over all places with their margins, where there are any; that of what does not vary is given."""
        some = np.flatnonzero(self.total)
        mean = self.total[some] / counted
        spread = (self.squares[some] - counted * mean**2) / max(1, counted - 1)
        margin = 1.96 * places * np.sqrt(np.maximum(spread, 0) / counted * (1 - counted / places))
        estimates = np.rint(mean * places).astype(np.int64)
        margins = np.where(spread > _NOTHING, np.ceil(margin), unseen).astype(np.int64)
        return dict(zip(some.tolist(), zip(estimates.tolist(), margins.tolist(), strict=True), strict=True))


def _at_least(figures: _Figures, least: Mapping[int, int]) -> dict[int, int]:
    return {key: max(figures.get(key, (0, 0))[0], least.get(key, 0)) for key in {*figures, *least}}


class _AllPlaces(Ways):
    """Ways to one node behind all places: what every way to it passes, every way to every place passes."""

    def __init__(self, ways: Ways) -> None:
        self.__dict__ |= copy.copy(ways.__dict__)
        end, places = len(ways.node), np.array([*ways.places], dtype=np.int32)
        count, joined = len(ways.source), len(ways.places)
        self.leaks = np.flatnonzero(ways.terminal), ways.target[ways.terminal].tolist()
        self.node = np.append(ways.node, -1).astype(np.int32)
        self.asks = np.append(ways.asks, False)
        self.source = np.append(ways.source, places)
        self.target = np.append(np.where(ways.terminal, end, ways.target), np.full(joined, end)).astype(np.int32)
        self.terminal = np.zeros(count + joined, dtype=bool)
        self.relation = np.append(ways.relation, np.full(joined, -1)).astype(np.int32)
        self.holding = np.append(ways.holding, np.full(joined, -1)).astype(np.int32)
        self.passing = [
            np.append(passing, [number in sets for sets in ways.places.values()]).astype(bool)
            for number, passing in enumerate(ways.passing)
        ]
        self.places = {end: [*range(len(ways.passing))]}
        self.many = ways.several[0], sorted({*ways.several[1], *(int(ways.node[at]) for at in self.leaks[1])})

    @property
    def several(self) -> tuple[list[int], list[int]]:
        """Also places with leaks: these go around the place, but fall with it."""
        return self.many

    def thing_of_body(self, body: int) -> Thing:
        """The node, what it is assumed to copy, and the leaks that fall with it."""
        thing = super().thing_of_body(body)
        leaks = [int(arc) for arc, place in zip(*self.leaks, strict=True) if place == int(self.number[body])]
        return Thing(thing.nodes, (*thing.arcs, *leaks))


def _every(ways: Ways, of_body: Counts, *, compiled: bool | None) -> Losses:
    """What every pair of a body hangs on. The pairs lost are those of these bodies, so bounds from below."""
    counter = Counter(_AllPlaces(ways), compiled=compiled)
    found = counter.losses()
    alone = _only_places(ways, of_body)
    node = ways.node
    number = {int(each): at for at, each in enumerate(node.tolist())}
    needed = {}
    for passed, bodies in found.needed_by_nodes.items():
        kept = tuple(body for body in bodies if alone.get(number[body]) != number[passed])
        if passed >= 0 and kept:
            needed[passed] = kept
    places = set(node[[*ways.places]].tolist())
    least = {
        passed: sum(int(of_body[number[body]]) - (passed in places) for body in bodies)
        for passed, bodies in needed.items()
    }
    relations = {
        row: sum(int(of_body[number[body]]) for body in bodies) for row, bodies in found.needed_by_relations.items()
    }
    return replace(
        found,
        direct=ways.direct,
        nodes={passed: count for passed, count in least.items() if count > 0},
        relations=relations,
        needed_by_nodes=needed,
        spare_nodes=0,
        spare_relations=0,
    )


def _only_places(ways: Ways, of_body: Counts) -> dict[int, int]:
    """For bodies with one pair its place."""
    single = of_body == 1
    found: dict[int, int] = {}
    for passing, places in ways.layers():
        # One place is what a body with one pair gets at, so any place that it gets at is the one.
        owner = np.full(len(ways.node), -1, dtype=np.int64)
        owner[places] = places
        frozen = passing & ways.terminal
        _spread_owner(owner, ways.source[frozen], ways.target[frozen], fixed=True)
        _spread_owner(owner, ways.source[passing & ~ways.terminal], ways.target[passing & ~ways.terminal])
        for body in np.flatnonzero(single & (owner >= 0)).tolist():
            found[body] = int(owner[body])
    return found


def _spread_owner(owner: Counts, source: Ints, target: Ints, *, fixed: bool = False) -> None:
    while len(rows := np.flatnonzero((owner[source] < 0) & (owner[target] >= 0))):
        owner[source[rows]] = owner[target[rows]] if not fixed else target[rows]
        if fixed:
            return


def _recounted(found: Losses, least: Losses, ways: Ways, count: int) -> Losses:
    """The losses with the greatest of them counted exactly; the greatest are those that are large for certain."""
    nodes, relations = dict(found.nodes), dict(found.relations)
    node_margins, relation_margins = dict(found.node_margins), dict(found.relation_margins)
    ranked = [
        (max(lost - node_margins.get(key, 0), least.nodes.get(key, 0)), "node", key) for key, lost in nodes.items()
    ]
    ranked += [
        (max(lost - relation_margins.get(key, 0), least.relations.get(key, 0)), "relation", key)
        for key, lost in relations.items()
    ]
    for _, kind, key in sorted(ranked, key=lambda each: (-each[0], *each[1:]))[:count]:
        if kind == "node":
            nodes[key] = found.pairs - found.ends.get(key, 0) - _pairs(ways, ways.thing_of_body(key))
            node_margins.pop(key, None)
        else:
            relations[key] = found.pairs - _pairs(ways, ways.thing_of_relation(key))
            relation_margins.pop(key, None)
    return replace(
        found, nodes=nodes, relations=relations, node_margins=node_margins, relation_margins=relation_margins
    )


def _pairs(ways: Ways, thing: Thing) -> int:
    """Pairs that are left without something."""
    kept: Flags = np.ones(len(ways.source), dtype=bool)
    kept[list(thing.arcs)] = False
    kept &= ~(np.isin(ways.source, thing.nodes) | np.isin(ways.target, thing.nodes))
    asks = ways.asks.copy()
    asks[list(thing.nodes)] = False
    layers = [(passing & kept, [p for p in places if p not in thing.nodes]) for passing, places in ways.layers()]
    of_body, _ = places_reached(len(ways.node), (ways.source, ways.target, ways.terminal), layers, asks)
    return int(of_body.sum())

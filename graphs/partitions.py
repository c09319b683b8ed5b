"""From ways to a network that can be cut: askers on one side, places on the other, relations as labels in between."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphs.access import Flags
from graphs.costs import Costs
from graphs.engines.flows import UNBOUNDED, Network
from graphs.ways import Ways

SOURCE, SINK = 0, 1

Ints = NDArray[np.int64]
Numbers = NDArray[np.signedinteger[Any]]


class Item(NamedTuple):
    """What can be ended: a relation by its row, or an entity by the graph's node."""

    kind: str
    key: int


@dataclass(frozen=True)
class Walk:
    """A way in a network: who asks, where it ends, over which relations."""

    body: int
    place: int
    relations: tuple[int, ...]


class Partition:
    """The networks of some ways.

    Parameters
    ----------
    ways : Ways
    costs : Costs
    spared : bool array, optional
        Whether entities in between can be taken away too: all but these of the graph's nodes, and the places.
    """

    def __init__(self, ways: Ways, costs: Costs, spared: Flags | None = None) -> None:
        self.ways, self.n_nodes = ways, len(ways.node)
        self.rows, which, prices = _relation_prices(ways, costs)
        self.nodes = [] if spared is None else _removable(ways, costs, spared)
        self.scale = lcm(*(price.denominator for price in (*prices, *(price for _, price in self.nodes))))
        of_rows = np.array([int(price * self.scale) for price in prices], dtype=np.int64)[which]
        self.costs = [*of_rows.tolist(), *(int(price * self.scale) for _, price in self.nodes)]
        rows = len(ways.view.graph.dataset.relations)
        self.of_relation = np.full(rows + 1, UNBOUNDED, dtype=np.int64)
        self.of_node = np.full(ways.view.graph.n_nodes, UNBOUNDED, dtype=np.int64)
        self.of_relation[self.rows] = np.arange(len(self.rows))
        self.of_node[[node for node, _ in self.nodes]] = len(self.rows) + np.arange(len(self.nodes))

    def item(self, label: int) -> Item:
        """What a label stands for."""
        if label < len(self.rows):
            return Item("relation", int(self.rows[label]))
        return Item("node", self.nodes[label - len(self.rows)][0])

    def cost(self, labels: Collection[int]) -> Fraction:
        """What labels cost, in the units that were asked for."""
        return Fraction(sum(self.costs[label] for label in labels), self.scale)

    def merged(self) -> list[tuple[Flags, list[int]]]:
        """All sets as one: a cut of it cuts each, if not always most cheaply."""
        return [(np.logical_or.reduce(self.ways.passing), list(self.ways.places))]

    def network(self, layers: Sequence[tuple[Flags, list[int]]]) -> Plan:
        """A network in which each of some sets has nodes of its own."""
        return _Draft(self).plan(layers)


def _relation_prices(ways: Ways, costs: Costs) -> tuple[Ints, Ints, list[Fraction]]:
    """Rows of the relations that can be ended, for each the place of its price, and the prices."""
    dataset = ways.view.graph.dataset
    rows = np.unique(np.append(ways.relation, ways.holding[ways.holding >= 0])).astype(np.int64)
    codes, predicates = dataset.relations.codes("predicate")
    kind_codes, kinds = dataset.entities.codes("kind")
    subject = dataset.entity_rows("relations", "subject")[rows]
    alike, which = np.unique(codes[rows].astype(np.int64) * len(kinds) + kind_codes[subject], return_inverse=True)
    found = [costs.of_relation("", predicates[each // len(kinds)], kinds[each % len(kinds)]) for each in alike.tolist()]
    index = dataset.relations.index if costs.relation else {}
    for name, price in costs.relation.items():
        at = int(np.searchsorted(rows, index[name]))
        if at < len(rows) and rows[at] == index[name]:
            which[at] = len(found)
            found.append(price)
    kept = np.array([price is not None for price in found], dtype=bool)
    place = np.cumsum(kept) - 1
    ends = kept[which]
    return rows[ends], place[which[ends]], [price for price in found if price is not None]


def _removable(ways: Ways, costs: Costs, spared: Flags) -> list[tuple[int, Fraction]]:
    """What lies between askers and places, and the bodies whose copying is assumed: nodes and what each costs."""
    places = ways.node[[*ways.places]].tolist()
    between = {*ways.between.tolist(), *ways.several[1]}
    ids = ways.view.graph.ids
    found = [
        (node, costs.of_entity(ids[node])) for node in sorted(between - {*places, *np.flatnonzero(spared).tolist()})
    ]
    return [(node, price) for node, price in found if price is not None]


@dataclass(frozen=True)
class Plan:
    """A network, and what its edges stand for.

    Attributes
    ----------
    network : Network
    relation, end : int arrays, one an edge
        Row of the relation whose arc ends with the edge, and the node (of the ways) that it leads to; -1 for none.
    """

    network: Network
    relation: Ints
    end: Ints

    def walk(self, edges: Sequence[int]) -> Walk:
        """What a path from source to sink means."""
        ends = [int(self.end[edge]) for edge in edges if self.end[edge] >= 0]
        rows = tuple(int(self.relation[edge]) for edge in edges if self.relation[edge] >= 0)
        return Walk(ends[0], ends[-1], rows)

    def fixed(self) -> dict[int, Walk]:
        """Bodies from which a way leads that nothing can cut, each with one of the fewest relations."""
        network = self.network
        rows = np.flatnonzero(network.label == UNBOUNDED)
        rows = rows[np.argsort(network.head[rows], kind="stable")]
        begin = np.searchsorted(network.head[rows], np.arange(network.n_nodes + 1))
        on: dict[int, int] = {network.sink: -1}
        level = [network.sink]
        while level:
            following = []
            for head in level:
                for edge in rows[begin[head] : begin[head + 1]].tolist():
                    tail = int(network.tail[edge])
                    if tail not in on and tail != network.source:
                        on[tail] = edge
                        following.append(tail)
            level = following
        found: dict[int, Walk] = {}
        for edge in rows[network.tail[rows] == network.source].tolist():
            edges, node = [edge], int(network.head[edge])
            if node not in on:
                continue
            while node != network.sink:
                edges.append(on[node])
                node = int(network.head[on[node]])
            walk = self.walk(edges)
            if walk.body not in found or len(walk.relations) < len(found[walk.body].relations):
                found[walk.body] = walk
        return found


class _Draft:
    """Gathers the edges of a network."""

    def __init__(self, partition: Partition) -> None:
        self.partition, self.ways = partition, partition.ways
        self.count = 2
        self.parts: list[tuple[Ints, Ints, Ints, Ints, Ints]] = []

    def plan(self, layers: Sequence[tuple[Flags, list[int]]]) -> Plan:
        for passing, places in layers:
            self._layer(passing, places)
        tail, head, label, relation, end = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        network = Network(self.count, SOURCE, SINK, tail, head, label, self.partition.costs)
        return Plan(network, relation, end)

    def _layer(self, passing: Flags, places: list[int]) -> None:
        ways, size = self.ways, self.partition.n_nodes
        enter = np.arange(self.count, self.count + size, dtype=np.int64)
        self.count += size
        leave = enter.copy()
        of_node = self.partition.of_node[ways.node]
        removable = np.flatnonzero(of_node != UNBOUNDED)
        leave[removable] = np.arange(self.count, self.count + len(removable))
        self.count += len(removable)
        self._add(enter[removable], leave[removable], of_node[removable])
        asks = np.flatnonzero(ways.asks)
        self._add(np.full(len(asks), SOURCE), enter[asks], UNBOUNDED, end=asks)
        self._add(leave[places], np.full(len(places), SINK), UNBOUNDED)
        shared = np.isin(ways.relation, ways.relation[passing & (ways.holding >= 0)])
        arcs = np.flatnonzero(passing & ~shared)
        heads = np.where(ways.terminal[arcs], SINK, enter[ways.target[arcs]])
        rows = ways.relation[arcs]
        self._add(leave[ways.source[arcs]], heads, self.partition.of_relation[rows], rows, ways.target[arcs])
        for row in np.unique(ways.relation[passing & shared]).tolist():
            self._several(row, np.flatnonzero(passing & (ways.relation == row)).tolist(), enter, leave)

    def _several(self, row: int, arcs: list[int], enter: Ints, leave: Ints) -> None:
        """A grant's own arc and those that it implies: all run through one edge, so that ending the grant ends each."""
        ways, partition = self.ways, self.partition
        subject = ways.view.graph.dataset.entity_rows("relations", "subject")
        gate = self._node()
        target = int(ways.target[arcs[0]])
        self._add(np.array([gate]), enter[[target]], partition.of_relation[[row]], np.array([row]), np.array([target]))
        for arc in arcs:
            at = int(leave[ways.source[arc]])
            holding = int(ways.holding[arc])
            if holding >= 0:
                # What is assumed to be copied needs the holding, and the body that holds.
                at = self._through(at, int(partition.of_relation[holding]))
                at = self._through(at, int(partition.of_node[subject[holding]]))
            self._add(np.array([at]), np.array([gate]), UNBOUNDED)

    def _through(self, at: int, label: int) -> int:
        if label == UNBOUNDED:
            return at
        node = self._node()
        self._add(np.array([at]), np.array([node]), label)
        return node

    def _node(self) -> int:
        self.count += 1
        return self.count - 1

    def _add(
        self,
        tail: Numbers,
        head: Numbers,
        label: Numbers | int,
        relation: Numbers | None = None,
        end: Numbers | None = None,
    ) -> None:
        nothing = np.full(len(tail), -1, dtype=np.int64)
        self.parts.append((
            tail.astype(np.int64), head.astype(np.int64), np.broadcast_to(label, len(tail)).astype(np.int64),
            nothing if relation is None else relation.astype(np.int64),
            nothing if end is None else end.astype(np.int64),
        ))  # fmt: skip

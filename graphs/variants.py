"""All states between two versions of one large graph, searched from whatever they have in common.

The states differ in a few arcs only, so that the layers are laid down once, and to turn to another state is to set the
strengths of these few. What is asked are pairs of a body and a *goal*: a place in a layer, or several that count as
one. Pairs that share a body or a goal share a search, ahead from the body or back from the goal, whichever serves more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from graphs.access import NO_MASK, STORE, SYSTEM, AccessGraph, Flags, Ints, Nodes, Small
from graphs.engines.arrays import RANK_BITS, UNREACHED, Bits, best_rank, bits_of
from graphs.engines.frontier import Frontier, ordered
from graphs.engines.kernels import installed
from graphs.engines.outward import Outward
from graphs.layers import Shortest
from graphs.paths import Path
from graphs.reachability import Column
from graphs.versions import Choice, Versions
from graphs.views import ALLEGED, NO_CATEGORY

Goal = tuple[Column, ...]
Asked = tuple[int, Goal]  # a body and what it is asked about
Wanted = tuple[int, Goal, int]  # and the rank under which it gets there

Rows = np.ndarray[tuple[int], np.dtype[np.int64]]

_MANY_ARCS = 1 << 18  # from which on so many searches make up for the start of numba


class Pool:
    """Arcs that may count in some state, layer by layer, with strengths that can be set.

    Parameters
    ----------
    graph : AccessGraph
    arc : int array
        Positions in ``graph.arcs``, ascending.
    """

    def __init__(self, graph: AccessGraph, arc: Nodes) -> None:
        self.graph, self.arc = graph, arc
        self.strength: Bits = np.zeros(len(graph.arcs), dtype=np.uint16)
        self.compiled = len(arc) >= _MANY_ARCS and installed()
        self._back: dict[int, Frontier] = {}
        self._ahead: dict[int, tuple[Frontier, Ints]] = {}

    def set(self, arc: Nodes, strength: Bits) -> None:
        """Give some arcs the thresholds that they meet from now on."""
        self.strength[arc] = strength
        for frontier in self._back.values():
            at = np.searchsorted(frontier.rows, arc)
            at = at[np.append(frontier.rows, -1)[at] == arc]
            frontier.bits[at] = self.strength[frontier.rows[at]]
        for ahead, place in self._ahead.values():
            there = place[arc]
            there = there[there >= 0]
            ahead.bits[there] = self.strength[ahead.rows[there]]

    def passing(self, arc: Nodes, layer: int) -> Flags:
        """Which arcs let a layer through, whatever their strength."""
        masks = self.graph.arcs.mask[arc]
        passing: Flags = masks == NO_MASK if layer == NO_CATEGORY else self.graph.passes[masks, layer]
        return passing

    def back(self, layer: int) -> Frontier:
        """The arcs of a layer, to be searched against their direction."""
        if layer not in self._back:
            rows, arcs = self.arc[self.passing(self.arc, layer)], self.graph.arcs
            indptr = self._pointers(arcs.target[rows])
            self._back[layer] = Frontier(
                rows.astype(np.int32), indptr, arcs.source[rows], self.strength[rows], arcs.terminal[rows],
                self.compiled,
            )  # fmt: skip
        return self._back[layer]

    def ahead(self, layer: int) -> Frontier:
        """The same along their direction, without frozen copies, which only end a path."""
        if layer not in self._ahead:
            back = self.back(layer)
            order = ordered(back.source)
            order = order[~back.terminal[order]]
            rows, source, target = back.rows[order], back.source[order], back.target[order]
            frontier = Frontier(
                rows, self._pointers(source), target, self.strength[rows], np.zeros(len(rows), dtype=bool),
                self.compiled,
            )  # fmt: skip
            place = np.full(len(self.graph.arcs), -1, dtype=np.int32)
            place[rows] = np.arange(len(rows), dtype=np.int32)
            self._ahead[layer] = frontier, place
        return self._ahead[layer][0]

    def from_body(self, layer: int, body: int) -> Bits:
        """Thresholds under which a body reaches every node of a layer."""
        back = self.back(layer)
        bits = self.ahead(layer).search(np.array([body])).bits
        last = np.flatnonzero(back.terminal)
        if len(last):
            carried = bits[back.source[last]] & back.bits[last]
            np.bitwise_or.at(bits, back.target[last], carried)
        return bits

    @cached_property
    def keeping(self) -> tuple[Nodes, Rows]:
        """Entries of what keeps a system's data, by system, and where those of each begin."""
        system, begin = self.graph.keeping.system, np.zeros(self.graph.n_nodes + 1, dtype=np.int64)
        np.cumsum(np.bincount(system, minlength=self.graph.n_nodes), out=begin[1:])
        return np.argsort(system, kind="stable"), begin

    def _pointers(self, ends: Ints | Nodes) -> Ints:
        indptr = np.zeros(self.graph.n_nodes + 1, dtype=np.int32)
        np.cumsum(np.bincount(ends, minlength=self.graph.n_nodes), out=indptr[1:])
        return indptr


class _Group(NamedTuple):
    """Pairs of one layer that share a search: ``at`` are their numbers among those asked."""

    layer: int
    body: int  # from which to search, -1 if it is from the places
    places: Nodes
    at: Rows


@dataclass(frozen=True)
class Variants:
    """The states between two versions that share one graph.

    Attributes
    ----------
    versions : Versions
        Of one graph, see `graphs.versions.Versions.one_graph`.
    graph : AccessGraph
    pool : Pool
        All arcs that may count, as strong as they are in one of the states.
    volatile : int array
        Those of them that a cause bears on, positions in ``graph.arcs``.
    """

    versions: Versions
    graph: AccessGraph
    pool: Pool
    volatile: Nodes

    @classmethod
    def of(cls, versions: Versions) -> Variants:
        """Choose the arcs that count in any state."""
        before, scope = versions.before, versions.scopes[1]
        graph, arcs, touched = before.graph, before.graph.arcs, versions.touched(before.graph)
        volatile = touched[arcs.relation]
        implied = np.flatnonzero(arcs.holding >= 0)
        volatile[implied] |= touched[arcs.holding[implied]]
        volatile &= (arcs.stance <= scope.stance) & (arcs.level >= scope.level)
        steady, changing = before.arc[~volatile[before.arc]], np.flatnonzero(volatile)
        pool = Pool(graph, np.union1d(steady, changing))
        pool.strength[before.arc] = bits_of(before.level, before.certainty)
        return cls(versions, graph, pool, changing)

    # ------------------------------------------------------------------------------------------------------ one state

    def turn(self, chosen: Choice) -> None:
        """Let just these causes have taken place."""
        self.pool.set(self.volatile, self.strengths(chosen)[0])

    def strengths(self, chosen: Choice) -> tuple[Bits, Small]:
        """Thresholds that each volatile arc meets in a state, none where it does not count; and its certainty."""
        if chosen not in self._known:
            self._known[chosen] = self._strengths_in(chosen)
        return self._known[chosen]

    @cached_property
    def _known(self) -> dict[Choice, tuple[Bits, Small]]:
        return {}

    def _strengths_in(self, chosen: Choice) -> tuple[Bits, Small]:
        rows, counting, denied = self._rows(chosen)
        arcs, volatile, scope = self.graph.arcs, self.volatile, self.versions.scopes[1]
        relation, holding = np.searchsorted(rows, arcs.relation[volatile]), arcs.holding[volatile]
        held = np.searchsorted(rows, np.maximum(holding, rows[0] if len(rows) else 0))
        counts = counting[relation] & ((holding < 0) | counting[held])
        contested = denied[relation] | ((holding >= 0) & denied[held])
        certainty = np.where(contested, np.minimum(arcs.certainty[volatile], ALLEGED), arcs.certainty[volatile])
        certainty = certainty.astype(np.uint8)
        counts &= certainty >= scope.certainty
        return np.where(counts, bits_of(arcs.level[volatile], certainty), np.uint16(0)), certainty

    def _rows(self, chosen: Choice) -> tuple[Ints, Flags, Flags]:
        """The relations behind volatile arcs, which of them count in a state, and which are denied."""
        rows = self._behind
        _, counting = self.versions.standing(self.graph, chosen, rows)
        denials, denied = self.graph.denials, np.zeros(len(rows), dtype=bool)
        entries = self._denials
        standing, _ = self.versions.standing(self.graph, chosen, denials.denial[entries])
        denied[np.searchsorted(rows, denials.relation[entries[standing]])] = True
        return rows, counting, denied

    @cached_property
    def _behind(self) -> Ints:
        arcs = self.graph.arcs
        rows = np.union1d(arcs.relation[self.volatile], arcs.holding[self.volatile])
        return rows[rows >= 0]

    @cached_property
    def _denials(self) -> Nodes:
        """Entries of the denials that bear on them."""
        return np.flatnonzero(np.isin(self.graph.denials.relation, self._behind))

    def is_column(self, chosen: Choice, place: int, layer: int) -> bool:
        """Whether the data of a layer are found at a place in a state."""
        if layer == NO_CATEGORY:
            return bool(self.graph.types[place] == STORE and self.graph.node_masks[place] == NO_MASK)
        if self.graph.types[place] == STORE:
            return bool(self.graph.node_categories[place, layer])
        key = chosen if self._turning[place] else frozenset[int](), place, layer
        if key not in self._there:
            holds = self.graph.types[place] == SYSTEM and self.graph.node_categories[place, layer]
            self._there[key] = bool(holds) and not self._known_store(*key)
        return self._there[key]

    def _known_store(self, chosen: Choice, system: int, layer: int) -> bool:
        """Whether a store of a system's data is known in a state."""
        keeping, graph = self.graph.keeping, self.graph
        order, begin = self.pool.keeping
        rows = order[begin[system] : begin[system + 1]]
        rows = rows[graph.passes[keeping.mask[rows], layer] & graph.node_categories[keeping.store[rows], layer]]
        return len(rows) > 0 and bool(self.versions.standing(graph, chosen, keeping.relation[rows])[0].any())

    @cached_property
    def _turning(self) -> Flags:
        """Systems of which a cause may make a store known."""
        keeping, turning = self.graph.keeping, np.zeros(self.graph.n_nodes, dtype=bool)
        turning[keeping.system[self.versions.touched(self.graph)[keeping.relation]]] = True
        return turning

    @cached_property
    def _there(self) -> dict[tuple[Choice, int, int], bool]:
        return {}

    # ---------------------------------------------------------------------------------------------------------- asking

    def best(self, chosen: Choice, places: Mapping[int, Nodes], bodies: Nodes) -> Small:
        """The rank of each body's best answer at the nearest of all places, by layer, in a state."""
        self.turn(chosen)
        ranks = np.full(len(bodies), UNREACHED, dtype=np.uint8)
        for layer, nodes in places.items():
            if len(nodes):
                ranks = np.minimum(ranks, best_rank(self.pool.back(layer).search(nodes).bits[bodies]))
        return ranks

    def ranks(self, chosen: Choice, asked: Sequence[Asked]) -> list[int]:
        """The rank of each body's best answer at its goal, in a state."""
        self.turn(chosen)
        found = np.full(len(asked), UNREACHED, dtype=np.uint8)
        bodies = np.array([body for body, _ in asked], dtype=np.intp)
        for group in self._groups(chosen, asked):
            if group.body < 0:
                bits = self.pool.back(group.layer).search(group.places).bits[bodies[group.at]]
            else:
                bits = self.pool.from_body(group.layer, group.body)[group.places]
            found[group.at] = np.minimum(found[group.at], best_rank(bits))
        ranks: list[int] = found.tolist()
        return ranks

    def paths(self, chosen: Choice, wanted: Sequence[Wanted]) -> list[tuple[Column, Path]]:
        """The best path of each body under its rank, and the column that it leads to.

        Of several columns that which is reached in the fewest arcs, then by the smallest relation ids. Arcs are
        positions in ``graph.arcs``.
        """
        self.turn(chosen)
        best: list[tuple[Column, Path] | None] = [None] * len(wanted)
        for group in self._groups(chosen, [(body, goal) for body, goal, _ in wanted]):
            if group.body < 0:
                ways = Shortest(self.pool.back(group.layer), group.places, self.graph.arcs.relation, self.names)
                found = [ways.path(wanted[at][0], wanted[at][2]) for at in group.at.tolist()]
            else:
                found = self._ways_ahead(group, [wanted[at][2] for at in group.at.tolist()])
            for at, path in zip(group.at.tolist(), found, strict=True):
                if path is None:
                    continue
                column = int(self.graph.arcs.target[path.arcs[-1]]), group.layer
                known = best[at]
                if known is None or _order(column, path) < _order(*known):
                    best[at] = column, path
        if None in best:
            raise AssertionError("a search and its witness disagree")
        return [each for each in best if each is not None]

    def searches(self, chosen: Choice, asked: Sequence[Asked]) -> int:
        """How many searches it takes to ask."""
        return sum(1 for _ in self._groups(chosen, asked))

    def _groups(self, chosen: Choice, asked: Sequence[Asked]) -> Iterator[_Group]:
        """What is asked, search by search; goals that are none in this state are left out."""
        goals: dict[Goal, int] = {}
        number = np.array([goals.setdefault(goal, len(goals)) for _, goal in asked], dtype=np.int64)
        bodies = np.array([body for body, _ in asked], dtype=np.int64)
        layers: dict[int, dict[int, list[int]]] = {}
        for columns, at in goals.items():
            for place, layer in columns:
                if self.is_column(chosen, place, layer):
                    layers.setdefault(layer, {}).setdefault(at, []).append(place)
        for layer in sorted(layers):
            places = layers[layer]
            here = np.zeros(len(goals), dtype=bool)
            here[list(places)] = True
            pairs = np.flatnonzero(here[number])
            of_goal = np.bincount(number[pairs], minlength=len(goals))
            of_body = np.bincount(bodies[pairs], minlength=self.graph.n_nodes)
            single = np.zeros(len(goals), dtype=np.int64)
            for at, found in places.items():
                single[at] = found[0] if len(found) == 1 else -1
            ahead = (of_body[bodies[pairs]] > of_goal[number[pairs]]) & (single[number[pairs]] >= 0)
            for body, some in _by(bodies, pairs[ahead]):
                yield _Group(layer, body, single[number[some]].astype(np.intp), some)
            for goal, some in _by(number, pairs[~ahead]):
                yield _Group(layer, -1, np.array(places[goal], dtype=np.intp), some)

    def _ways_ahead(self, group: _Group, ranks: Sequence[int]) -> list[Path | None]:
        """Best paths of one body to several places."""
        frontier, names = self.pool.back(group.layer), self.names
        outward = Outward(frontier, group.body)
        thresholds = RANK_BITS[np.array(ranks)]
        relation = self.graph.arcs.relation[frontier.rows]
        paths: list[Path | None] = [None] * len(ranks)
        for threshold in np.unique(thresholds).tolist():
            some = np.flatnonzero(thresholds == threshold)
            places, number = np.unique(group.places[some], return_inverse=True)  # one may be asked for more than once
            hops = outward.hops(places, np.full(len(places), threshold, dtype=thresholds.dtype))
            found = outward.ways(places, threshold, hops, names, relation)
            rows = self.graph.arcs.relation[found]
            ways = [
                Path(tuple(arcs[:count]), tuple([names[row] for row in of[:count]])) if count > 0 else None
                for arcs, of, count in zip(found.tolist(), rows.tolist(), hops.tolist(), strict=True)
            ]
            for at, way in zip(some.tolist(), number.ravel().tolist(), strict=True):
                paths[at] = ways[way]
        return paths

    @cached_property
    def names(self) -> Sequence[str]:
        """Relation ids."""
        return self.graph.dataset.relations.column("id")


def _order(column: Column, path: Path) -> tuple[int, tuple[str, ...], Column]:
    return len(path.arcs), path.relations, column


def _by(keys: Rows, at: Rows) -> Iterator[tuple[int, Rows]]:
    """Some positions, those of one key together."""
    at = at[np.argsort(keys[at], kind="stable")]
    starts = np.flatnonzero(np.append(True, keys[at][1:] != keys[at][:-1])[: len(at)])
    for some in np.split(at, starts[1:]) if len(at) else ():
        yield int(keys[some[0]]), some


def in_view(paths: Sequence[Path], arc: Nodes, size: int) -> Iterator[Path]:
    """Paths whose arcs are positions in a graph, with these as positions in a view of it."""
    place = np.full(size, -1, dtype=np.int64)
    place[arc] = np.arange(len(arc))
    for path in paths:
        yield Path(tuple(place[list(path.arcs)].tolist()), path.relations)

"""What moved between two states of one large graph, found from what changed instead of from everything.

Of the changed arcs on a way to a place, the last one matters only if the arcs that both states share do not lead from
its source to the place anyway, as strong and as sure: else the way could leave it out. So what moved are pairs of a
body that reaches such an arc's source and a place that its target reaches and its source does not; less those that have
another way through one of a few hubs. What is left is asked again on both sides: from the places backwards, or from the
bodies forwards, whichever are fewer. Exact, and equal to asking everything (Ramalingam and Reps, doi
10.1006/jagm.1996.0046, do the like for shortest paths).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphs.access import STORE, SYSTEM, Flags, Ints, Nodes
from graphs.engines.arrays import UNREACHED, Bits, best_rank, bits_of
from graphs.engines.frontier import Frontier
from graphs.engines.kernels import installed
from graphs.reachability import Column
from graphs.versions import State
from graphs.views import NO_CATEGORY

FEW = 2000  # changed arcs, above which asking everything is the simpler and no dearer way
HUBS = 3  # nodes by which most pairs are told to have another way
_MANY_ARCS = 1 << 18  # arcs of a layer, from which on so many searches make up for the start of numba
_LARGE = 1 << 27  # arcs × columns, below which everything is asked at once anyway


def worth_it(before: State, after: State, columns: Sequence[Column]) -> bool:
    """Whether two states are so large, and so alike, that what changed is the place to look."""
    if before.graph is not after.graph or len(columns) * len(after) < _LARGE:
        return False
    return len(np.setxor1d(before.arc, after.arc, assume_unique=True)) <= FEW


@dataclass(frozen=True)
class Pair:
    """A body and a column whose best answer moved, with its ranks."""

    body: int
    column: Column
    before: int
    after: int


def moved_pairs(before: State, after: State, bodies: Nodes, columns: Iterable[Column]) -> Iterator[Pair]:
    """Every body and column whose best answer differs between two states of one graph.

    Parameters
    ----------
    before, after : State
    bodies : int array
        Nodes that ask.
    columns : iterable of (place, layer)
        What is looked at.
    """
    places: dict[int, list[int]] = {}
    for place, layer in columns:
        places.setdefault(layer, []).append(place)
    change = _Change(before, after)
    for layer in sorted(places):
        wanted = np.zeros(before.graph.n_nodes, dtype=bool)
        wanted[places[layer]] = True
        yield from _Layer(change, layer, bodies, wanted).pairs()


class _Change:
    """Two states, as the arcs that they share and those that only one has."""

    def __init__(self, before: State, after: State) -> None:
        self.before, self.after = before, after
        strength = np.full((2, len(before.graph.arcs)), -1, dtype=np.int16)
        for side, state in enumerate((before, after)):
            strength[side, state.arc] = state.certainty
        present = strength.max(axis=0) >= 0
        self.rows = np.flatnonzero(present)
        level = before.graph.arcs.level
        self.bits = np.zeros((2, len(self.rows)), dtype=np.uint16)
        for side in (0, 1):
            there = strength[side, self.rows] >= 0
            rows = self.rows[there]
            self.bits[side, there] = bits_of(level[rows], strength[side, rows].astype(np.uint8))
        self.common = self.bits[0] & self.bits[1]
        self.union = self.bits[0] | self.bits[1]
        self.changed = np.flatnonzero(self.bits[0] != self.bits[1])


class _Layer:
    """One layer of both states."""

    def __init__(self, change: _Change, layer: int, bodies: Nodes, places: Flags) -> None:
        self.change, self.layer, self.bodies, self.places = change, layer, bodies, places
        graph = change.before.graph
        masks = graph.arcs.mask[change.rows]
        self.passing = np.flatnonzero(masks == 0 if layer == NO_CATEGORY else graph.passes[masks, layer])
        self.rows = change.rows[self.passing]
        self.source, self.target = graph.arcs.source[self.rows], graph.arcs.target[self.rows]
        self.terminal = graph.arcs.terminal[self.rows]
        self.n_nodes = graph.n_nodes

    def pairs(self) -> Iterator[Pair]:
        """What moved in this layer."""
        here = [self._holds(state) for state in (self.change.before, self.change.after)]
        turned = (here[0] != here[1]) & self.places
        among = np.zeros(self.n_nodes, dtype=bool)
        among[self.bodies] = True
        everybody = {place: among.copy() for place in np.flatnonzero(turned).tolist()}
        backwards: dict[int, Flags] = everybody  # place → bodies to ask about
        forwards: dict[int, Flags] = {}  # body → places to ask about
        for asking, asked in self._touched(np.flatnonzero(np.isin(self.passing, self.change.changed))):
            bodies, places = np.flatnonzero(asking & among), np.flatnonzero(asked & (here[0] | here[1]) & ~turned)
            few, many, found = (places, bodies, backwards) if len(places) <= len(bodies) else (bodies, places, forwards)
            for one in few.tolist() if len(many) else ():
                found.setdefault(one, np.zeros(self.n_nodes, dtype=bool))[many] = True
        told: set[tuple[int, int]] = set()
        for place in sorted(backwards):
            for pair in self._of_place(place, np.flatnonzero(backwards[place]), here):
                told.add((pair.body, place))
                yield pair
        for body in sorted(forwards):
            for pair in self._of_body(body, np.flatnonzero(forwards[body]), here):
                if (body, pair.column[0]) not in told:
                    yield pair

    def _holds(self, state: State) -> Flags:
        """Where the layer's data are found."""
        graph = state.graph
        if self.layer == NO_CATEGORY:
            bare: Flags = (graph.types == STORE) & (graph.node_masks == 0)
            return bare
        holds: Flags = state.places[:, self.layer] & np.isin(graph.types, (SYSTEM, STORE))
        return holds

    def _touched(self, live: Nodes) -> Iterator[tuple[Flags, Flags]]:
        """For each changed arc that matters: the nodes that reach it, and the places that it leads to.

        Of the changed arcs on a way, the last one matters only for places that its source does not reach by what both
        states share: else the way could leave it out.
        """
        for arc in live.tolist():
            tail, head = int(self.source[arc]), int(self.target[arc])
            strength = self.change.union[self.passing[arc]]
            if self.terminal[arc]:
                bits = np.zeros(self.n_nodes, dtype=np.uint16)
                bits[head] = strength
            else:
                bits = self._along(self._common_ahead, head, self.change.common) & strength
            bits[~self.places] = 0
            if bits.any():
                bits &= ~self._along(self._common_ahead, tail, self.change.common)
            if not bits.any():
                continue
            asking = self._union_back.search(np.array([tail])).bits
            for threshold in _thresholds(np.bitwise_or.reduce(bits) & np.bitwise_or.reduce(asking)):
                yield from self._by_no_hub(threshold, (asking >> threshold) & 1 == 1, (bits >> threshold) & 1 == 1)

    def _by_no_hub(self, threshold: int, asking: Flags, asked: Flags) -> Iterator[tuple[Flags, Flags]]:
        """Pairs that do not lead through a hub on both sides anyway, as nodes that ask by places asked for."""
        left = [(asking, asked)]
        for back, along in self._hubs:
            to_hub, from_hub = (back >> threshold) & 1 == 1, (along >> threshold) & 1 == 1
            left = [
                (some, others)
                for askers, places in left
                for some, others in ((askers & ~to_hub, places), (askers & to_hub, places & ~from_hub))
                if some.any() and others.any()
            ]
        yield from left

    @cached_property
    def _hubs(self) -> list[tuple[Bits, Bits]]:
        """For some nodes that many ways pass: who reaches each, and what each reaches, by what both states share."""
        shared = self.change.common[self.passing] != 0
        into = np.bincount(self.target[shared], minlength=self.n_nodes)
        out = np.bincount(self.source[shared], minlength=self.n_nodes)
        order = np.argsort(-np.minimum(into, out), kind="stable")[:HUBS]
        back = self._frontier(self.change.common, steady=True)
        return [
            (back.search(np.array([hub])).bits, self._along(self._common_ahead, int(hub), self.change.common))
            for hub in order
        ]

    def _along(self, frontier: Frontier, node: int, strengths: Bits) -> Bits:
        """Thresholds under which a node reaches every other; a frozen copy ends a path."""
        bits = frontier.search(np.array([node])).bits
        last = np.flatnonzero(self.terminal)
        np.bitwise_or.at(bits, self.target[last], bits[self.source[last]] & strengths[self.passing[last]])
        return bits

    def _of_place(self, place: int, bodies: Nodes, here: Sequence[Flags]) -> Iterator[Pair]:
        """Moves of some bodies at a place, asked backwards from it."""
        sides = []
        for side in (0, 1):
            bits = self._back[side].search(np.array([place])).bits[bodies]
            sides.append(best_rank(bits) if here[side][place] else np.full(len(bodies), UNREACHED, dtype=np.uint8))
        for at in np.flatnonzero(sides[0] != sides[1]).tolist():
            yield Pair(int(bodies[at]), (place, self.layer), int(sides[0][at]), int(sides[1][at]))

    def _of_body(self, body: int, places: Nodes, here: Sequence[Flags]) -> Iterator[Pair]:
        """Moves of a body at some places, asked forwards from it."""
        sides = []
        for side in (0, 1):
            bits = self._along(self._ahead[side], body, self.change.bits[side])[places]
            sides.append(np.where(here[side][places], best_rank(bits), UNREACHED))
        for at in np.flatnonzero(sides[0] != sides[1]).tolist():
            yield Pair(body, (int(places[at]), self.layer), int(sides[0][at]), int(sides[1][at]))

    @cached_property
    def _common_ahead(self) -> Frontier:
        return self._frontier(self.change.common, steady=True, ahead=True)

    @cached_property
    def _union_back(self) -> Frontier:
        return self._frontier(self.change.union, steady=True)

    @cached_property
    def _back(self) -> tuple[Frontier, Frontier]:
        return self._frontier(self.change.bits[0]), self._frontier(self.change.bits[1])

    @cached_property
    def _ahead(self) -> tuple[Frontier, Frontier]:
        first, last = (self._frontier(self.change.bits[side], steady=True, ahead=True) for side in (0, 1))
        return first, last

    def _frontier(self, strengths: Bits, *, steady: bool = False, ahead: bool = False) -> Frontier:
        """The layer's arcs, to be searched against or along their direction; ``steady``: without frozen copies."""
        bits = strengths[self.passing]
        kept = np.flatnonzero((bits != 0) & ~self.terminal) if steady else np.flatnonzero(bits != 0)
        source, target = (self.target, self.source) if ahead else (self.source, self.target)
        kept = kept[np.argsort(target[kept], kind="stable")]
        indptr = np.zeros(self.n_nodes + 1, dtype=np.int32)
        np.cumsum(np.bincount(target[kept], minlength=self.n_nodes), out=indptr[1:])
        compiled = len(self.rows) >= _MANY_ARCS and installed()
        rows = self.rows[kept].astype(np.int32)
        tails: Nodes | Ints = source[kept].astype(np.int32) if compiled else source[kept].astype(np.intp)
        return Frontier(rows, indptr, tails, bits[kept], self.terminal[kept], compiled)


def _thresholds(bits: int) -> list[int]:
    """Numbers of the bits that are set."""
    return [number for number in range(16) if int(bits) >> number & 1]

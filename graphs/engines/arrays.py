"""Reach by thresholds carried as bits, on numpy arrays.

The order of best answers is not isotone: the best prefix need not extend to the best path. So every (level, certainty)
threshold is a bit of its own, and one level-synchronous search carries all sixteen: a node's bits say under which
thresholds it reaches the place, and the round in which a bit first appears is the fewest arcs under that threshold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from graphs.access import Flags, Nodes
from graphs.views import View
from stakeholders.vocabulary import CERTAINTIES, LEVELS

Bits = NDArray[np.uint16]

ALL_BITS = np.uint16(0xFFFF)
UNREACHED = 16  # the rank that no threshold has
_CELLS = 1 << 25  # arcs × columns that one sweep may hold at once


def verdict_of(certainty: int) -> int:
    """The verdict of a certainty, both by strength: 0 prospective, 1 claimed, 2 reaches."""
    return min(certainty, 2)


def threshold(level: int, certainty: int) -> int:
    """The bit number of a threshold."""
    return level * len(CERTAINTIES) + certainty


# Every threshold, best answer first: by verdict, then level, then certainty.
RANKED: tuple[tuple[int, int], ...] = tuple(
    sorted(
        ((level, certainty) for level in range(len(LEVELS)) for certainty in range(len(CERTAINTIES))),
        key=lambda pair: (verdict_of(pair[1]), pair[0], pair[1]),
        reverse=True,
    )
)
RANK_BITS = np.array([threshold(*pair) for pair in RANKED], dtype=np.uint16)


@cache
def bits_table() -> Bits:
    """Bits of every threshold that an arc meets, by level and certainty."""
    table = np.zeros((len(LEVELS), len(CERTAINTIES)), dtype=np.uint16)
    for level in range(len(LEVELS)):
        for certainty in range(len(CERTAINTIES)):
            for lower in range(level + 1):
                for weaker in range(certainty + 1):
                    table[level, certainty] |= np.uint16(1 << threshold(lower, weaker))
    return table


def bits_of(level: NDArray[np.uint8], certainty: NDArray[np.uint8]) -> Bits:
    """Bits of the thresholds that arcs of these levels and certainties meet."""
    return bits_table().ravel().take(level * np.uint8(len(CERTAINTIES)) + certainty)


@cache
def _best() -> NDArray[np.uint8]:
    words = np.arange(1 << 16, dtype=np.uint32)
    rank = np.full(1 << 16, UNREACHED, dtype=np.uint8)
    for index in range(len(RANKED) - 1, -1, -1):
        rank[(words >> RANK_BITS[index]) & 1 == 1] = index
    return rank


def best_rank(bits: Bits) -> NDArray[np.uint8]:
    """Position in ``RANKED`` of the best threshold among the bits, ``UNREACHED`` where there is none."""
    return _best()[bits]


@dataclass(frozen=True)
class Sweep:
    """The outcome of one search: which node reaches which column, under which thresholds, in how many arcs.

    Attributes
    ----------
    columns : sequence of (place, layer)
    bits : uint16 array, nodes × columns
        Thresholds under which the node reaches the place; all bits at the place itself.
    rounds : list of uint16 arrays, nodes × columns
        ``rounds[d]`` holds the bits that first appeared after d arcs.
    """

    columns: Sequence[tuple[int, int]]
    bits: Bits
    rounds: Sequence[Bits]

    def hops(self, nodes: Nodes, ranks: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Fewest arcs from nodes to every column under given thresholds; -1 where unreached.

        Parameters
        ----------
        nodes : int array
        ranks : uint8 array, nodes × columns
        """
        shift = np.append(RANK_BITS, 0).astype(np.uint16)[ranks]
        hops = np.full(ranks.shape, -1, dtype=np.int32)
        for distance, fresh in enumerate(self.rounds):
            hops[((fresh[nodes] >> shift) & 1 == 1) & (ranks != UNREACHED)] = distance
        return hops

    def fewest(self, node: int, column: int, rank: int) -> int:
        """As ``hops``, of one node, column and rank: where paths are gone through one by one."""
        number = int(RANK_BITS[rank])
        found = (distance for distance, fresh in enumerate(self.rounds) if fresh[node, column] >> number & 1)
        return next(found, -1)


class Sweeper:
    """Searches backwards from places over the arcs of a view, many columns at once.

    Parameters
    ----------
    view : View
    kept : bool array, optional
        Arcs of the view that count; default all.
    """

    def __init__(self, view: View, kept: Flags | None = None) -> None:
        arcs, graph = view.graph.arcs, view.graph
        rows = np.arange(len(view)) if kept is None else np.flatnonzero(kept)
        rows = rows[np.argsort(view.source[rows], kind="stable")]
        self.view, self.rows = view, rows
        self.source, self.target = view.source[rows], view.target[rows]
        self.bits = bits_of(view.level[rows], view.certainty[rows])
        self.terminal = arcs.terminal[view.arc[rows]]
        self.n_nodes = graph.n_nodes
        self._passing: dict[int, Flags] = {}

    def sweeps(self, columns: Sequence[tuple[int, int]]) -> Iterator[Sweep]:
        """Search from every column, as many at a time as memory allows."""
        width = max(1, _CELLS // max(1, len(self.rows) + self.n_nodes))
        for first in range(0, len(columns), width):
            yield self.sweep(columns[first : first + width])

    def sweep(self, columns: Sequence[tuple[int, int]]) -> Sweep:
        """Search from a few columns together."""
        allowed = self.allowed(columns)
        fresh = np.zeros((self.n_nodes, len(columns)), dtype=np.uint16)
        fresh[[place for place, _ in columns], np.arange(len(columns))] = ALL_BITS
        found = fresh.copy()
        rounds = [fresh]
        while True:
            active: Flags = np.any(fresh, axis=1)
            rows = np.flatnonzero(active[self.target])
            if len(rounds) > 1:  # a frozen copy is only the last arc of a path, so only the first of a search
                rows = rows[~self.terminal[rows]]
            if not len(rows):
                break
            carried = fresh[self.target[rows]] & allowed[rows]
            source = self.source[rows]
            starts = np.flatnonzero(np.append(True, source[1:] != source[:-1]))
            nodes = source[starts]
            fresh = np.zeros_like(found)
            fresh[nodes] = np.bitwise_or.reduceat(carried, starts, axis=0) & ~found[nodes]
            if not fresh.any():
                break
            found |= fresh
            rounds.append(fresh)
        return Sweep(columns, found, rounds)

    def leading(self, sweep: Sweep) -> Flags:
        """Which of the sweeper's arcs stand on some way to a place of the sweep."""
        allowed = self.allowed(sweep.columns)
        allowed[self.terminal] = np.where(
            sweep.rounds[0][self.target[self.terminal]] == ALL_BITS, allowed[self.terminal], 0
        )
        return np.asarray((sweep.bits[self.target] & allowed).any(axis=1))

    def allowed(self, columns: Sequence[tuple[int, int]]) -> Bits:
        """Bits that each arc carries in each column: arcs × columns."""
        for _, layer in columns:
            if layer not in self._passing:
                self._passing[layer] = self.view.passing(layer)[self.rows]
        passing = np.stack([self._passing[layer] for _, layer in columns], axis=1)
        return np.where(passing, self.bits[:, None], np.uint16(0))

"""How many places each node gets at, exactly and without asking pair by pair.

What gets at each other gets at the same places, so strongly connected nodes are one. Between these runs no circle:
each block of 64 places is a word of bits, handed up from what is got at to whoever gets at it, every arc once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from graphs.access import Flags, Ints

Counts = NDArray[np.int64]

WORD = 64
_CELLS = 1 << 22  # words that a block may hold


def places_reached(
    n_nodes: int, arcs: tuple[Ints, Ints, Flags], layers: Sequence[tuple[Flags, Sequence[int]]], asks: Flags
) -> tuple[Counts, dict[int, int]]:
    """How many places each asking node gets at, and how many asking nodes get at each place.

    Parameters
    ----------
    n_nodes : int
    arcs : (source, target, terminal)
        Whoever commands a source can get at the target; a terminal arc only as the last of a path.
    layers : sequence of (bool array, places)
        Sets of arcs with the places that they lead to; a place may be in several and counts once.
    asks : bool array
        The nodes that ask.

    Returns
    -------
    (int64 array, dict of int to int)
        By node, 0 for those that do not ask; by place.
    """
    sets = [_Condensed(n_nodes, arcs, passing) for passing, _ in layers]
    places = sorted({place for _, found in layers for place in found})
    members = [set(found) for _, found in layers]
    asking = np.flatnonzero(asks)
    counts = np.zeros(n_nodes, dtype=np.int64)
    of_place: dict[int, int] = {}
    words = max(1, _CELLS // max(1, n_nodes))
    for first in range(0, len(places), words * WORD):
        block = places[first : first + words * WORD]
        bits = np.zeros((len(asking), -(-len(block) // WORD)), dtype=np.uint64)
        for each, found in zip(sets, members, strict=True):
            bits |= each.reach([place if place in found else -1 for place in block])[each.part[asking]]
        for number, place in enumerate(block):
            if asks[place]:  # nobody is an answer to themselves
                bits[np.searchsorted(asking, place), number // WORD] &= ~np.uint64(1 << (number % WORD))
        counts[asking] += np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
        of_place.update(zip(block, _columns(bits, len(block)), strict=True))
    return counts, of_place


def _columns(bits: NDArray[np.uint64], count: int) -> Iterator[int]:
    """How often each bit is set."""
    for number in range(count):
        yield int(((bits[:, number // WORD] >> np.uint64(number % WORD)) & np.uint64(1)).sum())


class _Condensed:
    """Strongly connected parts of one set of arcs, and the arcs between them by level: sinks are level 0."""

    def __init__(self, n_nodes: int, arcs: tuple[Ints, Ints, Flags], passing: Flags) -> None:
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        source, target, terminal = arcs
        lasting = np.flatnonzero(passing & ~terminal)
        graph = csr_array(
            (np.ones(len(lasting), dtype=np.int8), (source[lasting], target[lasting])), shape=(n_nodes, n_nodes)
        )
        count, part = connected_components(graph, directed=True, connection="strong")
        self.count, self.part = int(count), part.astype(np.int64)
        tail, head = self.part[source[lasting]], self.part[target[lasting]]
        key = np.unique((tail * count + head)[tail != head])
        self.steps = _by_level(key // count, key % count, self.count)
        frozen = np.flatnonzero(passing & terminal)
        self.frozen = self.part[source[frozen]], target[frozen]

    def reach(self, places: Sequence[int]) -> NDArray[np.uint64]:
        """Bits of the places that each part gets at, by their number in the sequence; -1 for none."""
        bits = np.zeros((self.count, -(-len(places) // WORD)), dtype=np.uint64)
        where = {place: number for number, place in enumerate(places) if place >= 0}
        for place, number in where.items():
            bits[self.part[place], number // WORD] |= np.uint64(1 << (number % WORD))
        for part, place in zip(*(column.tolist() for column in self.frozen), strict=True):
            if place in where:
                bits[part, where[place] // WORD] |= np.uint64(1 << (where[place] % WORD))
        for tails, starts, heads in self.steps:
            bits[tails] |= np.bitwise_or.reduceat(bits[heads], starts, axis=0)
        return bits


def _by_level(tail: Counts, head: Counts, count: int) -> list[tuple[Counts, NDArray[np.intp], Counts]]:
    """Arcs in an order in which every head is done before its tails: for each step tails, where theirs begin, heads."""
    waiting = np.bincount(tail, minlength=count)
    by_head = np.argsort(head, kind="stable")
    begin = np.searchsorted(head[by_head], np.arange(count + 1))
    level = np.zeros(count, dtype=np.int64)
    done = np.flatnonzero(waiting == 0)
    depth = 0
    while len(done):
        level[done] = depth
        depth += 1
        sizes = begin[done + 1] - begin[done]
        offset = np.repeat(begin[done] - (np.cumsum(sizes) - sizes), sizes)
        freed = tail[by_head[offset + np.arange(sizes.sum())]]
        np.subtract.at(waiting, freed, 1)
        done = np.unique(freed)
        done = done[waiting[done] == 0]
    order = np.lexsort((tail, level[tail]))
    tail, head = tail[order], head[order]
    steps = []
    for part in np.split(np.arange(len(tail)), np.flatnonzero(np.diff(level[tail])) + 1):
        if len(part):
            tails, starts = np.unique(tail[part], return_index=True)
            steps.append((tails, starts, head[part]))
    return steps

"""What reach is left when one thing at a time is taken away, many things in one search.

A thing may be more than one node or one arc, so that no dominator tree knows it: a relation that stands behind several
arcs, a body whose copying is assumed. Each thing is a bit: a node's bits say without which things it still gets at a
place, and one search carries 64 of them in each word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.access import Flags, Ints
from graphs.engines.dominators import breadth_first

Words = NDArray[np.uint64]

WORD = 64


@dataclass(frozen=True)
class Thing:
    """What is taken away together: nodes, and arcs beside those that go with the nodes."""

    nodes: tuple[int, ...] = ()
    arcs: tuple[int, ...] = ()


class Removals:
    """Searches backwards from places for what is left without each of some things.

    Parameters
    ----------
    n_nodes : int
    source, target : int32 arrays
        The arcs; whoever commands the source can get at the target.
    terminal : bool array
        Arcs that can only be the last of a path.
    things : sequence of Thing
        What is taken away, one at a time.
    """

    def __init__(self, n_nodes: int, source: Ints, target: Ints, terminal: Flags, things: Sequence[Thing]) -> None:
        self.order = np.argsort(source, kind="stable")
        self.n_nodes, self.things = n_nodes, things
        self.source, self.target, self.terminal = source[self.order], target[self.order], terminal[self.order]
        where = np.empty_like(self.order)
        where[self.order] = np.arange(len(self.order))
        into: dict[int, list[int]] = {node: [] for thing in things for node in thing.nodes}
        for arc in np.flatnonzero(np.isin(self.target, list(into))).tolist():
            into[int(self.target[arc])].append(arc)
        self.parts = [where[list(thing.arcs)].tolist() for thing in things]
        self._cut = [
            (number, arc)
            for number, thing in enumerate(things)
            for arc in {*self.parts[number], *(arc for node in thing.nodes for arc in into[node])}
        ]

    def suspects(self, place: int, passing: Sequence[Flags]) -> list[int]:
        """Things that may cost some node a place; all others cost nobody anything.

        Along the order of a search every node has an arc to an earlier one. While each keeps such an arc, all still get
        at the place, step by step down the order.
        """
        if not self._cut:
            return []
        things, arcs = np.array(self._cut, dtype=np.int64).T
        found: set[int] = set()
        for passed in passing:
            rows = self._rows(place, passed)
            _, number, _ = breadth_first(self.n_nodes, place, self.target[rows], self.source[rows])
            down = np.zeros(len(self.source), dtype=bool)
            down[rows] = (number[self.target[rows]] >= 0) & (number[self.target[rows]] < number[self.source[rows]])
            ways = np.bincount(self.source[down], minlength=self.n_nodes)
            cut = down[arcs]
            keys, lost = np.unique(things[cut] * self.n_nodes + self.source[arcs[cut]], return_counts=True)
            found.update((keys[lost == ways[keys % self.n_nodes]] // self.n_nodes).tolist())
        return sorted(found)

    def survivors(self, place: int, passing: Sequence[Flags], chosen: Sequence[int]) -> Flags:
        """Which nodes still get at a place without each thing: nodes × chosen things, and last without taking any away.

        Parameters
        ----------
        place : int
        passing : sequence of bool arrays
            The arcs that pass; of several sets, the place is reached over any one of them.
        chosen : sequence of int
            Positions of the things.
        """
        words = len(chosen) // WORD + 1
        nodes = np.full((self.n_nodes, words), np.iinfo(np.uint64).max)
        arcs = np.full((len(self.source), words), np.iinfo(np.uint64).max)
        for bit, number in enumerate(chosen):
            word, mask = bit // WORD, ~np.uint64(1 << (bit % WORD))
            nodes[list(self.things[number].nodes), word] &= mask
            arcs[self.parts[number], word] &= mask
        left = np.zeros_like(nodes)
        for passed in passing:
            left |= self._search(place, self._rows(place, passed), nodes, arcs)
        return unpacked(left, len(chosen) + 1)

    def _rows(self, place: int, passed: Flags) -> NDArray[np.intp]:
        return np.flatnonzero(passed[self.order] & (~self.terminal | (self.target == place)))

    def _search(self, place: int, rows: NDArray[np.intp], nodes: Words, arcs: Words) -> Words:
        source, target = self.source[rows], self.target[rows]
        found = np.zeros_like(nodes)
        found[place] = nodes[place]
        fresh = found.copy()
        while True:
            active: Flags = np.any(fresh, axis=1)
            some = np.flatnonzero(active[target])
            if not len(some):
                return found
            carried = fresh[target[some]] & arcs[rows[some]]
            heads, starts = np.unique(source[some], return_index=True)
            fresh = np.zeros_like(found)
            fresh[heads] = np.bitwise_or.reduceat(carried, starts, axis=0) & nodes[heads] & ~found[heads]
            found |= fresh


def unpacked(words: Words, count: int) -> Flags:
    """Bits as flags: nodes × things.

    Examples
    --------
    >>> unpacked(np.array([[5]], dtype=np.uint64), 3).tolist()
    [[True, False, True]]
    """
    little = np.ascontiguousarray(words.astype("<u8")).view(np.uint8)
    return np.unpackbits(little, axis=1, bitorder="little")[:, :count].astype(bool)

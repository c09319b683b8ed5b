"""Exactly which node reaches which place, in graphs where a table of both would not fit.

Places are taken in blocks, each place a bit, and the bits spread against the arcs until nothing changes. What spares
nearly all the work is a *pivot*: whoever reaches the pivot reaches all that the pivot reaches, so between those two
groups no arc need be looked at. In a graph where most things hang together little is left beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphs.access import Flags, Ints, Nodes
from graphs.engines.arrays import Bits
from graphs.engines.frontier import Frontier
from stakeholders.progress import Watch, unwatched

Words = NDArray[np.uint64]

WORDS = 8  # 64-bit words a block
BLOCK = WORDS * 64
_FEW = 32


@dataclass(frozen=True)
class Block:
    """What reaches some places.

    Attributes
    ----------
    nodes : int array
        Nodes that reach some of the places beside what the pivot reaches; ascending.
    words : uint64 array, nodes × words
        Which places, a bit each.
    pivot : uint64 array
        Places that the pivot reaches, and everything that reaches the pivot.
    """

    nodes: Nodes
    words: Words
    pivot: Words


@dataclass(frozen=True)
class Hub:
    """A pivot of one layer under all thresholds at once.

    Attributes
    ----------
    inward, outward : uint16 arrays, one a node
        Thresholds under which a node reaches the pivot, and under which it is reached from there; all at the pivot.
    """

    inward: Bits
    outward: Bits

    @classmethod
    def of(cls, frontier: Frontier) -> Hub:
        """Search both ways from the node through which most ways of two arcs lead."""
        n_nodes, lasting = len(frontier.indptr) - 1, ~frontier.terminal
        ways = np.bincount(frontier.source[lasting], minlength=n_nodes).astype(np.float64)
        ways *= np.bincount(frontier.target[lasting], minlength=n_nodes)
        pivot = np.array([ways.argmax()], dtype=np.intp)
        bits = frontier.bits * lasting
        inward = Frontier(frontier.rows, frontier.indptr, frontier.source, bits, frontier.terminal, frontier.compiled)
        begin, out = frontier.out
        outward = Frontier(
            frontier.rows[out], begin.astype(np.int32), frontier.target[out], bits[out], frontier.terminal[out],
            frontier.compiled,
        )  # fmt: skip
        return cls(inward.search(pivot).bits, outward.search(pivot).bits)

    def under(self, threshold: int) -> tuple[Flags, Flags]:
        """Which nodes the pivot reaches, and which reach it, under one threshold, a bit number."""
        bit = np.uint16(1 << threshold)
        return (self.outward & bit) != 0, (self.inward & bit) != 0


class Pairs:
    """The arcs of one layer that meet a threshold, ready to tell who reaches which place.

    Parameters
    ----------
    frontier : Frontier
    hub : Hub
        Of the same layer.
    threshold : int
        Bit number.

    Attributes
    ----------
    within, beyond : bool arrays
        Nodes that the pivot reaches, and nodes that reach it, itself included.
    """

    def __init__(self, frontier: Frontier, hub: Hub, threshold: int) -> None:
        self.n_nodes = n_nodes = len(frontier.indptr) - 1
        rows = np.flatnonzero((frontier.bits >> np.uint16(threshold)) & np.uint16(1))
        source, target, terminal = frontier.source[rows], frontier.target[rows], frontier.terminal[rows]
        frozen = np.flatnonzero(terminal)
        self.leak_source, self.leak_target = source[frozen], target[frozen]
        if len(frozen):
            source, target = source[~terminal], target[~terminal]
        self.within, self.beyond = hub.under(threshold)
        left = ~(self.beyond.take(source) & self.within.take(target))
        self.source = source[left].astype(np.intp)
        self.indptr = np.zeros(n_nodes + 1, dtype=np.int64)
        np.cumsum(np.bincount(target[left], minlength=n_nodes), out=self.indptr[1:])
        self._found = np.zeros((n_nodes, WORDS), dtype=np.uint64)

    def block(self, places: Nodes) -> Block:
        """Who reaches some places, at most `BLOCK`; -1 stands for a place that is not there, its bit unused."""
        found = self._found
        bit = np.flatnonzero(places >= 0)
        at = places[bit]
        number = np.full(self.n_nodes, -1, dtype=np.int32)
        number[at] = bit
        leaks = number.take(self.leak_target)
        held = leaks >= 0
        nodes = np.concatenate([at, self.leak_source[held]])
        bits = np.concatenate([bit, leaks[held]])
        words = np.zeros((len(nodes), WORDS), dtype=np.uint64)
        words[np.arange(len(nodes)), bits >> 6] = np.uint64(1) << (bits & 63).astype(np.uint64)
        pivot = np.bitwise_or.reduce(words[self.within[nodes]], axis=0, initial=0)
        nodes, fresh = _merged(nodes, words)
        found[nodes] = fresh
        touched = [nodes]
        while len(nodes):
            first = self.indptr.take(nodes)
            counts = self.indptr.take(nodes + 1) - first
            arcs = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
            sources = self.source.take(arcs)
            carried = np.repeat(fresh, counts, axis=0)
            carried &= ~found.take(sources, axis=0)
            live = np.flatnonzero(carried.any(axis=1))
            nodes, fresh = _merged(sources.take(live), carried.take(live, axis=0))
            found[nodes] |= fresh
            touched.append(nodes)
        everyone = np.unique(np.concatenate(touched))
        block = Block(everyone, found[everyone], pivot)
        found[everyone] = 0
        return block

    def member(self, nodes: Nodes, places: Nodes) -> Flags:
        """Whether each node reaches the place beside it."""
        reached = np.zeros(len(nodes), dtype=bool)
        distinct, number = np.unique(places, return_inverse=True)
        order = np.argsort(number, kind="stable")
        edges = np.searchsorted(number[order], np.arange(0, len(distinct) + BLOCK, BLOCK))
        for first in range(0, len(distinct), BLOCK):
            asked = order[edges[first // BLOCK] : edges[first // BLOCK + 1]]
            block = self.block(distinct[first : first + BLOCK])
            bit = number[asked] - first
            words = _rows_of(block, nodes[asked])
            words |= np.where(self.beyond[nodes[asked]][:, None], block.pivot, np.uint64(0))
            word = words[np.arange(len(asked)), bit >> 6]
            reached[asked] = (word >> (bit & 63).astype(np.uint64)) & np.uint64(1) != 0
        return reached


def counts(layers: Sequence[tuple[Pairs, Nodes]], nodes: Nodes, watch: Watch = unwatched) -> NDArray[np.int64]:
    """How many places each node reaches in one layer or another, a place counted once.

    Parameters
    ----------
    layers : sequence of (Pairs, int array)
        The arcs of each layer, and where its category is found.
    nodes : int array
        Nodes asked about, ascending.
    watch : Watch
        Told how far it is.
    """
    total = np.zeros(len(nodes), dtype=np.int64)
    if not layers or not len(nodes):
        return total
    places = np.unique(np.concatenate([found for _, found in layers]))
    # Nodes that reach the pivots of the same layers, and nothing beside, reach as many.
    groups, group = np.unique(
        np.stack([pairs.beyond[nodes] for pairs, _ in layers], axis=1), axis=0, return_inverse=True
    )
    group = group.ravel()
    of_group = np.zeros(len(groups), dtype=np.int64)
    in_layer = [np.where(np.isin(places, found), places, -1) for _, found in layers]
    for first in range(0, len(places), BLOCK):
        watch("counting stores", first, len(places), "stores")
        here = slice(first, first + BLOCK)
        blocks = [pairs.block(found[here]) for (pairs, _), found in zip(layers, in_layer, strict=True)]
        pivots = np.array([block.pivot for block in blocks])
        bases = np.array([np.bitwise_or.reduce(pivots[flags], axis=0, initial=0) for flags in groups])
        base = np.bitwise_count(bases).sum(axis=1, dtype=np.int64)
        of_group += base
        touched = np.unique(np.concatenate([block.nodes for block in blocks]))
        at = np.searchsorted(nodes, touched)
        at = at[(at < len(nodes)) & (nodes[np.minimum(at, len(nodes) - 1)] == touched)] if len(nodes) else at[:0]
        words = bases[group[at]]
        for block in blocks:
            words |= _rows_of(block, nodes[at])
        total[at] += np.bitwise_count(words).sum(axis=1, dtype=np.int64) - base[group[at]]
    return total + of_group[group]


def spread(n_nodes: int, start: Nodes, tail: Nodes | Ints, head: Nodes | Ints) -> Flags:
    """Everything that is met on arcs from tails to heads, the start included."""
    seen = np.zeros(n_nodes, dtype=bool)
    seen[start] = True
    while len(tail):
        reached = seen.take(tail)
        ends = head[reached]
        ends = ends[~seen.take(ends)]
        if not len(ends):
            break
        seen[ends] = True
        if len(ends) * _FEW < n_nodes:  # too few to look at all arcs again
            continue
        live = np.flatnonzero(~(reached | seen.take(head)))
        tail, head = tail.take(live), head.take(live)
    return seen


def _merged(nodes: Nodes, words: Words) -> tuple[Nodes, Words]:
    """Nodes ascending, each once, with all its bits."""
    if not len(nodes):
        return nodes, words
    order = np.argsort(nodes, kind="stable")
    nodes, words = nodes[order], words[order]
    starts = np.flatnonzero(np.append(True, nodes[1:] != nodes[:-1]))
    return nodes[starts], np.bitwise_or.reduceat(words, starts, axis=0)


def _rows_of(block: Block, nodes: Nodes) -> Words:
    """The bits of some nodes in a block; none for those that it does not touch."""
    words = np.zeros((len(nodes), WORDS), dtype=np.uint64)
    if len(block.nodes):
        at = np.minimum(np.searchsorted(block.nodes, nodes), len(block.nodes) - 1)
        there = block.nodes[at] == nodes
        words[there] = block.words[at[there]]
    return words

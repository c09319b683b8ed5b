"""The ways behind a search: to which place each node gets in the fewest arcs, and by which arc it begins.

Of several places at the same distance the first in the given order counts; of several ways there the one of the
smallest relation ids, compared one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from graphs.access import Flags, Ints, Nodes
from graphs.engines.frontier import Front, Frontier, ordered
from stakeholders.columns import taken

FAR = np.iinfo(np.int32).max
_FEW = 32  # nodes to one asked about, from which on the rest are left out first


@dataclass(frozen=True)
class Ways:
    """Of every node under one threshold.

    Attributes
    ----------
    place : int32 array
        Number of the first of the nearest places in their order, ``FAR`` without a path or where it was not asked for.
    first : int32 array
        Arc that the way begins with, a position among the frontier's; -1 where it was not asked for.
    """

    place: Ints
    first: Ints


class Choices(NamedTuple):
    """Arcs on ways to the chosen places, nearer ones first and those of a node together."""

    arcs: Nodes
    source: Nodes | Ints
    heads: Ints
    steps: Ints


@dataclass(frozen=True)
class Witnesses:
    """The ways behind one search.

    Parameters
    ----------
    frontier, front : Frontier, Front
        What was searched, and what was found.
    order : int32 array, one a node
        Which place comes first; used where there are places.
    ids : sequence of str
        Relation ids.
    relation : int32 array
        Row of the relation of every arc of the frontier.
    """

    frontier: Frontier
    front: Front
    order: Ints
    ids: Sequence[str]
    relation: Ints

    def under(self, threshold: int, asked: Nodes) -> Ways:
        """Nearest places, and the ways to them of the nodes asked about.

        Parameters
        ----------
        threshold : int
            Bit number.
        asked : int array
            Nodes.
        """
        n_nodes, bit = len(self.frontier.indptr) - 1, np.uint16(1 << threshold)
        distance = np.full(n_nodes, -1, dtype=np.int32)
        for number, (nodes, fresh) in enumerate(self.front.rounds):
            distance[nodes[(fresh & bit) != 0]] = number
        place = np.full(n_nodes, FAR, dtype=np.int32)
        seeds = self.front.rounds[0][0] if self.front.rounds else asked[:0]
        place[seeds] = self.order[seeds]
        arcs = np.flatnonzero((self.frontier.bits & bit) != 0)
        source, heads = self.frontier.source.take(arcs), self.frontier.target.take(arcs)
        steps = distance.take(source)
        on_way = (steps > 0) & (distance.take(heads) == steps - 1)
        on_way &= ~self.frontier.terminal.take(arcs) | (steps == 1)
        arcs, source, heads, steps = arcs[on_way], source[on_way], heads[on_way], steps[on_way]
        if len(asked) * _FEW < n_nodes:  # most of them are on nobody's way, and need not be put in order
            wanted = _from(asked, source, heads, steps, n_nodes)
            arcs, source, heads, steps = arcs[wanted], source[wanted], heads[wanted], steps[wanted]
        # Farther nodes later; the arcs of a node together.
        by_step = ordered(source)
        by_step = by_step.take(ordered(steps.take(by_step)))
        arcs, source, heads, steps = arcs[by_step], source[by_step], heads[by_step], steps[by_step]
        edges = np.searchsorted(steps, np.arange(1, (int(steps[-1]) if len(steps) else 0) + 2))
        for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            if begin < end:
                tails, starts = _runs(source[begin:end])
                place[tails] = np.minimum.reduceat(place[heads[begin:end]], starts)
        # What leads to the place chosen, as far as it is asked for.
        wanted = np.zeros(n_nodes, dtype=bool)
        wanted[asked] = True
        kept = place[heads] == place[source]
        for begin, end in zip(edges[-2::-1].tolist(), edges[:0:-1].tolist(), strict=True):
            kept[begin:end] &= wanted[source[begin:end]]
            wanted[heads[begin:end][kept[begin:end]]] = True
        arcs, source, heads, steps = arcs[kept], source[kept], heads[kept], steps[kept]
        first = np.full(n_nodes, -1, dtype=np.int32)
        several = _several(source)
        first[source[~several]] = arcs[~several]
        if several.any():
            self._choose(first, Choices(arcs, source, heads, steps), several)
        return Ways(place, first)

    def _choose(self, first: Ints, choices: Choices, several: Flags) -> None:
        """Note the arc of the smallest ids of every node that has a choice."""
        arcs, source, heads, steps = choices
        rows = self.relation[arcs]
        key = source.astype(np.int64) * (int(rows.max()) + 1) + rows
        if len(np.unique(key[several])) == int(several.sum()):
            at = np.flatnonzero(several)
            chosen = at[np.lexsort((ranked(self.ids, rows[at]), source[at]))]
            nodes, starts = _runs(source[chosen])
            first[nodes] = arcs[chosen[starts]]
            return
        # One relation stands behind several arcs, so the rest of the way decides: nearer nodes first.
        rank, rest = ranked(self.ids, rows), np.zeros(len(first), dtype=np.int64)
        edges = np.searchsorted(steps, np.arange(1, int(steps[-1]) + 2))
        for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            if begin == end:
                continue
            part = slice(begin, end)
            by_rest = np.lexsort((arcs[part], heads[part], rest[heads[part]], rank[part], source[part])) + begin
            nodes, starts = _runs(source[by_rest])
            chosen = by_rest[starts]
            first[nodes] = arcs[chosen]
            _, number = np.unique(np.stack([rank[chosen], rest[heads[chosen]]]), axis=1, return_inverse=True)
            rest[nodes] = number.ravel()


def walked(frontier: Frontier, first: Ints, nodes: Nodes, hops: Ints) -> Ints:
    """The ways of some nodes, a row each: positions in ``graph.arcs``, -1 after the last."""
    length = int(hops.max(initial=0))
    steps = np.full((len(nodes), length), -1, dtype=np.int32)
    here = nodes.copy()
    for number in range(length):
        on = np.flatnonzero(hops > number)
        arcs = first[here[on]]
        steps[on, number] = frontier.rows[arcs]
        here[on] = frontier.target[arcs]
    return steps


def ranked(ids: Sequence[str], rows: Ints) -> Nodes:
    """Relations by their ids' order: equal numbers for equal rows, smaller for smaller ids."""
    distinct, number = np.unique(rows, return_inverse=True)
    names = np.array(taken(ids, distinct), dtype=np.str_)
    rank = np.empty(len(distinct), dtype=np.intp)
    rank[np.argsort(names, kind="stable")] = np.arange(len(distinct))
    return rank[number]


def _from(asked: Nodes, source: Nodes | Ints, heads: Ints, steps: Ints, n_nodes: int) -> Flags:
    """Which arcs, each leading a step nearer, lie on some way of the nodes asked about."""
    wanted, met = np.zeros(n_nodes, dtype=bool), np.zeros(len(source), dtype=bool)
    wanted[asked] = True
    for step in range(int(steps[wanted.take(source)].max(initial=0)), 0, -1):
        here = np.flatnonzero(steps == step)
        here = here[wanted.take(source[here])]
        met[here] = True
        wanted[heads[here]] = True
    return met


def _runs(nodes: Nodes | Ints) -> tuple[Nodes | Ints, Nodes]:
    """Distinct nodes of a sorted array, and where each begins."""
    starts = np.flatnonzero(np.append(True, nodes[1:] != nodes[:-1]))
    return nodes[starts], starts


def _several(nodes: Nodes | Ints) -> Flags:
    """Which entries, equal ones together, have a neighbour of the same value."""
    same = nodes[1:] == nodes[:-1]
    several = np.zeros(len(nodes), dtype=bool)
    several[1:] |= same
    several[:-1] |= same
    return several

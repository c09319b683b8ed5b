"""Who reaches a category at all, in a graph of any size: level, certainty and fewest arcs of every node.

The thresholds are those of `graphs.engines.arrays`, carried as bits in one search from all places together. Arcs are
filtered once, by day, stance, category and strength; then each is touched about once, since a node is gone on from only
when a threshold appears there for the first time.

Arcs are chosen block by block and searched part by part, so that what is noted of them in between is small. Indices are
of numpy's own width where they are used more than once: any other is converted at each use, which costs more than the
look-up itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from graphs.access import ASSUMED, NO_MASK, AccessGraph, Flags, Ints, Nodes, Small
from graphs.engines.arrays import ALL_BITS, RANK_BITS, Bits, bits_of, bits_table
from graphs.engines.kernels import kernels, worth
from graphs.scope import Scope
from graphs.views import ALLEGED, NO_CATEGORY, denied_relations
from stakeholders.dates import FOREVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Word = TypeVar("_Word", np.uint16, np.uint64)

UNREACHED = 255
_BLOCK = 1 << 18  # arcs that are chosen from together
_PART = 1 << 16  # arcs that are searched together
_MANY = 32  # nodes to one found, from which on sorting the few is cheaper than looking at all


@dataclass(frozen=True)
class Front:
    """The outcome of one search.

    Attributes
    ----------
    bits : uint16 array, one a node
        Thresholds under which a node reaches some place; all that were asked about at the places themselves.
    rounds : list of (nodes, uint16 array)
        What first appeared after each number of arcs; nodes ascending.
    ahead : mapping of int to int32 array
        For each threshold that was marked: every node's first arc, a position in ``graph.arcs``, on a path of fewest
        arcs; -1 at places and where there is no path.
    compiled : bool
        Whether numba sums it up.
    """

    bits: Bits
    rounds: Sequence[tuple[Nodes, Bits]]
    ahead: Mapping[int, Ints]
    compiled: bool = False

    def best(self, thresholds: Sequence[int] = RANK_BITS.tolist()) -> tuple[Small, Ints]:
        """The best threshold of every node, and the fewest arcs under it.

        Parameters
        ----------
        thresholds : sequence of int
            Bit numbers, best first; default all, in the contract's order.

        Returns
        -------
        best : uint8 array
            Position among the thresholds, ``UNREACHED`` without a path.
        hops : int32 array
            Arcs; -1 without a path, 0 at a place.
        """
        table, bits = _best_among(tuple(thresholds))
        hops = np.full(len(self.bits), -1, dtype=np.int32)
        if self.compiled:
            best, wanted = np.empty(len(hops), dtype=np.uint8), np.empty(len(hops), dtype=np.uint16)
            kernels().rank(self.bits, table, bits, best, wanted)
            for distance, (nodes, fresh) in enumerate(self.rounds):
                kernels().arrive(hops, distance, nodes, fresh, wanted)
            return best, hops
        best = table.take(self.bits)
        wanted = bits.take(best, mode="clip")
        for distance, (nodes, fresh) in enumerate(self.rounds):
            hops[nodes[(fresh & wanted.take(nodes)) != 0]] = distance
        return best, hops


@dataclass(frozen=True)
class Frontier:
    """The arcs that pass one layer in a scope, by target, ready to be searched backwards.

    Attributes
    ----------
    rows : int array
        Positions in ``graph.arcs``, ascending.
    indptr : int32 array
        Arcs into node v are those from ``indptr[v]`` to ``indptr[v + 1]``.
    source : int array
    bits : uint16 array
        Thresholds that each arc meets.
    terminal : bool array
    compiled : bool
        Whether numba searches them.
    """

    rows: Nodes | Ints
    indptr: Ints
    source: Nodes | Ints
    bits: Bits
    terminal: Flags
    compiled: bool = False

    @cached_property
    def target(self) -> Ints:
        """The node that each arc leads to."""
        return np.repeat(np.arange(len(self.indptr) - 1, dtype=np.int32), np.diff(self.indptr))

    @cached_property
    def out(self) -> tuple[NDArray[np.int64], Nodes]:
        """Where the arcs out of each node begin, and the arcs, as they stand one after another."""
        begin = np.zeros(len(self.indptr), dtype=np.int64)
        np.cumsum(np.bincount(self.source, minlength=len(begin) - 1), out=begin[1:])
        return begin, ordered(self.source)

    @classmethod
    def of(cls, graph: AccessGraph, scope: Scope, layer: int, *, compiled: bool | None = None) -> Frontier:
        """Choose the arcs that count and pass a category's position, or ``NO_CATEGORY``.

        By compiled code where numba is installed and there are enough of them, unless ``compiled`` says otherwise.
        """
        arcs = graph.arcs
        passing = np.arange(len(graph.passes)) == NO_MASK if layer == NO_CATEGORY else graph.passes[:, layer]
        if worth(len(arcs)) if compiled is None else compiled:
            return cls._compiled(graph, scope, passing)
        indptr = np.empty(graph.n_nodes + 1, dtype=np.int32)
        contested, count, parts = contested_arcs(graph, scope), 0, []
        for part in blocks(len(arcs)):
            certainty = _certainty(graph, contested, part)
            counts = _counting(graph, scope, part, certainty)
            counts &= passing.take(arcs.mask[part])
            here = np.flatnonzero(counts)
            before = np.zeros(len(counts) + 1, dtype=np.int32)
            np.cumsum(counts, out=before[1:], dtype=np.int32)
            first, last = np.searchsorted(graph.indptr, (part.start, part.stop)).tolist()
            indptr[first:last] = before.take(graph.indptr[first:last] - part.start) + np.int32(count)
            parts.append((
                (here + part.start).astype(np.int32), arcs.source[part].take(here),
                bits_of(arcs.level[part].take(here), certainty.take(here)), arcs.terminal[part].take(here),
            ))  # fmt: skip
            count += len(here)
        indptr[np.searchsorted(graph.indptr, len(arcs)) :] = count
        rows, source, bits, terminal = (_joined(columns) for columns in zip(*parts, strict=True))
        return cls(rows, indptr, source, bits, terminal)

    @classmethod
    def _compiled(cls, graph: AccessGraph, scope: Scope, passing: Flags) -> Frontier:
        arcs, size = graph.arcs, len(graph.arcs) + 1
        rows, source = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int32)
        bits, terminal = np.empty(size, dtype=np.uint16), np.empty(size, dtype=bool)
        begin = np.empty(graph.n_nodes + 1, dtype=np.int32)
        met = bits_table().copy()
        met[: scope.level] = 0
        met[:, : scope.certainty] = 0
        stances = np.where(np.arange(ASSUMED + 1) <= scope.stance, ALL_BITS, np.uint16(0))
        by_kind = np.tile((stances[:, None] & met.ravel()).ravel(), 2)  # terminal or not
        kinds, contested = graph.kinds, contested_arcs(graph, scope)
        if len(contested):
            kinds, certainty = kinds.copy(), arcs.certainty.take(contested)
            kinds[contested] -= certainty - np.minimum(certainty, np.uint8(ALLEGED))
        unasked = np.zeros(0, dtype=np.int32)
        count = kernels().choose(
            np.where(passing, ALL_BITS, np.uint16(0)), by_kind, np.int32(scope.as_of), np.int32(scope.known_by),
            np.int32(scope.evidence_since), graph.indptr, arcs.source, kinds, arcs.mask, arcs.start, arcs.end,
            arcs.known if scope.known_by < FOREVER else unasked,
            arcs.newest if scope.evidence_since >= 0 else unasked, rows, begin, source, bits, terminal,
        )  # fmt: skip
        return cls(rows[:count], begin, source[:count], bits[:count], terminal[:count], compiled=True)

    def search(self, places: Nodes, marked: Sequence[int] = (), *, others: bool = True) -> Front:
        """Who reaches any of the places.

        Parameters
        ----------
        places : int array
            Nodes.
        marked : sequence of int
            Thresholds for which a first arc is kept, so that their paths can be walked.
        others : bool
            Whether the thresholds that are not marked are asked about too.
        """
        asked = ALL_BITS if others else np.uint16(sum(1 << number for number in {*marked}))
        if self.compiled:
            return self._search_compiled(places, marked, asked)
        n_nodes = len(self.indptr) - 1
        bits, found = self.bits, np.zeros(n_nodes, dtype=np.uint16)
        gathered = np.zeros(n_nodes, dtype=np.uint16)
        ahead = {threshold: np.full(n_nodes, -1, dtype=np.int32) for threshold in marked}
        nodes = _ascending(places)
        fresh = np.full(len(nodes), asked, dtype=np.uint16)
        found[nodes] = asked
        rounds = []
        while len(nodes):
            rounds.append((nodes, fresh))
            met = [nodes[:0]]
            # From the last to the first, so that later ones need not look at what is found.
            for part in reversed(parts_of(self.indptr, nodes)):
                arcs, counts = arcs_into(self.indptr, nodes[part])
                sources = self.source.take(arcs).astype(np.intp)
                carried = np.repeat(fresh[part], counts)
                carried &= bits.take(arcs)
                carried &= ~found.take(sources)
                live = _nonzero(carried)
                arcs, sources, carried = arcs.take(live), sources.take(live), carried.take(live)
                or_at(gathered, sources, carried)
                found[sources] |= gathered.take(sources)
                met.append(sources)
                rows = self.rows.take(arcs)
                for threshold, first in ahead.items():
                    marks = _nonzero(carried & np.uint16(1 << threshold))
                    first[sources.take(marks)] = rows.take(marks)
            if len(rounds) == 1:  # a frozen copy is only the last arc of a path, so only the first of a search
                bits = self._lasting
            few = sum(map(len, met)) < n_nodes // _MANY
            nodes = np.unique(np.concatenate(met)) if few else _nonzero(gathered)
            fresh = gathered.take(nodes)
            gathered[nodes] = 0
        return Front(found, rounds, ahead)

    def _search_compiled(self, places: Nodes, marked: Sequence[int], asked: np.uint16) -> Front:
        n_nodes = len(self.indptr) - 1
        found, gathered = np.zeros(n_nodes, dtype=np.uint16), np.zeros(n_nodes, dtype=np.uint16)
        reached = np.empty(n_nodes + 1, dtype=np.int32)
        ahead = np.full((n_nodes, len(marked)), -1, dtype=np.int32)
        nodes = _ascending(places)
        fresh = np.full(len(nodes), asked, dtype=np.uint16)
        found[nodes] = asked
        rounds: list[tuple[Nodes, Bits]] = []
        expand, marks = kernels().expand, np.array([1 << number for number in marked], dtype=np.uint16)
        widest, bits = int(np.diff(self.indptr).max(initial=0)), self.bits
        while len(nodes):
            rounds.append((nodes, fresh))
            count = expand(nodes, fresh, widest, self.indptr, self.source, bits, found, gathered, reached, marks,
                           ahead.ravel(), self.rows)  # fmt: skip
            if len(rounds) == 1:
                bits = self._lasting
            if count < n_nodes // _MANY:
                nodes = np.sort(reached[:count]).astype(np.intp)
                fresh = gathered.take(nodes)
                gathered[nodes] = 0
            else:
                nodes, fresh = np.empty(count + 1, dtype=np.intp), np.empty(count + 1, dtype=np.uint16)
                kernels().collect(gathered, nodes, fresh)
                nodes, fresh = nodes[:count], fresh[:count]
        return Front(found, rounds, dict(zip(marked, ahead.T, strict=True)), compiled=True)

    @property
    def _lasting(self) -> Bits:
        """Thresholds that each arc meets where it is not the last of a path."""
        lasting = self.bits.copy()
        lasting[self.terminal] = 0
        return lasting


def arcs_into(indptr: NDArray[np.integer[Any]], nodes: Nodes) -> tuple[Nodes, NDArray[np.integer[Any]]]:
    """The arcs into some nodes, and how many there are into each."""
    first = indptr.take(nodes)
    counts = indptr.take(nodes + 1) - first
    ends = np.cumsum(counts, dtype=indptr.dtype)
    arcs = np.repeat(first - ends + counts, counts)
    arcs += np.arange(len(arcs), dtype=indptr.dtype)
    return arcs.astype(np.intp, copy=False), counts


@lru_cache(maxsize=8)
def _best_among(thresholds: tuple[int, ...]) -> tuple[Small, Bits]:
    """For every word the position of the best of some thresholds, and for every position its bit, last none."""
    words = np.arange(1 << 16, dtype=np.uint32)
    best = np.full(1 << 16, UNREACHED, dtype=np.uint8)
    for position in range(len(thresholds) - 1, -1, -1):
        best[(words >> np.uint32(thresholds[position])) & 1 == 1] = position
    return best, np.array([*(1 << number for number in thresholds), 0], dtype=np.uint16)


def ordered(keys: NDArray[np.integer[Any]]) -> Nodes:
    """Positions of small numbers in ascending order, equal ones as they stand.

    By their lower half, then by their upper: numpy counts numbers of 16 bits, and compares longer ones.
    """
    order: Nodes = np.argsort(keys.astype(np.uint16), kind="stable")
    upper = (keys >> 16).astype(np.uint16)
    return order.take(np.argsort(upper.take(order), kind="stable")) if upper.any() else order


def _ascending(nodes: Nodes) -> Nodes:
    """Nodes, each once; most often they are in order, which is seen sooner than they are sorted."""
    return nodes if np.all(nodes[1:] > nodes[:-1]) else np.unique(nodes)


def _nonzero(bits: Bits) -> Nodes:
    """Positions of what is not 0; numpy is at its fastest when it looks for truth."""
    return np.flatnonzero(bits != 0)


def parts_of(indptr: NDArray[np.integer[Any]], nodes: Nodes) -> list[slice]:
    """Nodes in parts of so few arcs that what is noted of them stays close to the processor."""
    upto = np.cumsum(indptr.take(nodes + 1) - indptr.take(nodes))
    edges = np.searchsorted(upto, np.arange(_PART, int(upto[-1]), _PART)).tolist() if len(nodes) else []
    return [slice(begin, end) for begin, end in pairwise([0, *edges, len(nodes)]) if begin < end]


def blocks(size: int) -> Iterator[slice]:
    """All arcs in parts; one without any where there are none."""
    for low in range(0, max(size, 1), _BLOCK):
        yield slice(low, min(low + _BLOCK, size))


def counted_arcs(graph: AccessGraph, scope: Scope) -> Flags:
    """Which arcs count in a scope, whatever they let through."""
    contested, counts = contested_arcs(graph, scope), np.empty(len(graph.arcs), dtype=bool)
    for part in blocks(len(counts)):
        counts[part] = _counting(graph, scope, part, _certainty(graph, contested, part))
    return counts


def _counting(graph: AccessGraph, scope: Scope, part: slice, certainty: Small) -> Flags:
    """Which of some arcs count in a scope."""
    arcs = graph.arcs
    counts: Flags = arcs.start[part] <= scope.as_of
    counts &= arcs.end[part] >= scope.as_of
    if scope.known_by < FOREVER:
        counts &= arcs.known[part] <= scope.known_by
    if scope.stance < ASSUMED:
        counts &= arcs.stance[part] <= scope.stance
    if scope.level:
        counts &= arcs.level[part] >= scope.level
    if scope.certainty:
        counts &= certainty >= scope.certainty
    if scope.evidence_since >= 0:
        counts &= arcs.newest[part] >= scope.evidence_since
    return counts


def _certainty(graph: AccessGraph, contested: Nodes, part: slice) -> Small:
    """How certain some arcs are, as denials leave them."""
    certainty = graph.arcs.certainty[part]
    here = contested[slice(*np.searchsorted(contested, (part.start, part.stop)).tolist())] - part.start
    if len(here):
        certainty = certainty.copy()
        certainty[here] = np.minimum(certainty[here], ALLEGED)
    return certainty


def _joined(columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return columns[0] if len(columns) == 1 else np.concatenate(columns)


def contested_arcs(graph: AccessGraph, scope: Scope) -> Nodes:
    """Positions of the arcs that a denial contests in a scope."""
    denied = denied_relations(graph, scope)
    positions = graph.deniable
    holdings = graph.arcs.holding[positions]
    return positions[denied[graph.arcs.relation[positions]] | ((holdings >= 0) & denied[holdings])]


def or_at(gathered: NDArray[_Word], nodes: Nodes | Ints, bits: NDArray[_Word]) -> None:
    """``gathered[nodes] |= bits`` where a node may stand several times.

    An assignment keeps the last of several, so what it dropped is assigned again: every pass sets a new bit at each
    node that lacks one, and there are few bits.
    """
    while len(bits):
        gathered[nodes] |= bits
        bits = bits & ~gathered.take(nodes)
        new = np.flatnonzero(bits != 0)
        nodes, bits = nodes.take(new), bits.take(new)

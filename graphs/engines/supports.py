"""What falls when things are taken away, and what rises when arcs are added, for many such trials at once.

A bit of a node is *supported* by the arcs over which it came first: those that lead to a node where it stood a round
before. Supports run in no circle. So what a trial takes away loosens first the bits all of whose supports are gone,
then those that these supported; what is left has a way still. The loose bits are then sought again by longer ways.
All trials are followed together: an element of the work is a node in one column of one trial.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphs.access import Nodes, Small
from graphs.engines.arrays import RANK_BITS, Bits, Sweeper, best_rank
from graphs.views import View

_SCRATCH = 1 << 23  # cells (nodes × columns of trials) at a time
_ROWS = 1 << 24  # cells (arcs taken away × columns) at a time

Long = NDArray[np.int64]


class Moved(NamedTuple):
    """Pairs whose best answer is another one: the trial, the position among the bodies and the place of each."""

    trial: Long
    body: Long
    place: Long


class Added(NamedTuple):
    """Arcs added: the trial, ends, which bits each carries in every column, and whether it may only be the last."""

    trial: Long
    source: Long
    target: Long
    bits: Bits
    terminal: NDArray[np.bool_]


class Supports:
    """A search from some columns, and what each of its bits rests on.

    Parameters
    ----------
    view : View
    columns : sequence of (place, layer)
        Columns of one place stand together.
    bodies : int array
        Nodes whose best answers count.
    sweeper : Sweeper
        Over all arcs of the view.
    """

    def __init__(
        self, view: View, columns: Sequence[tuple[int, int]], bodies: Nodes, sweeper: Sweeper | None = None
    ) -> None:
        self.sweeper = sweeper or Sweeper(view)
        self.source, self.target = self.sweeper.source, self.sweeper.target
        self.n_nodes, self.n_columns, self.n_arcs = self.sweeper.n_nodes, len(columns), len(self.source)
        self.place = np.array([place for place, _ in columns], dtype=np.int64)
        self.first = np.flatnonzero(np.append(True, self.place[1:] != self.place[:-1]))
        self.group = np.cumsum(np.append(True, self.place[1:] != self.place[:-1])) - 1
        self.bodies = bodies
        self.body = np.full(self.n_nodes, -1, dtype=np.int64)
        self.body[bodies] = np.arange(len(bodies))
        self.out = np.searchsorted(self.source, np.arange(self.n_nodes + 1))
        self.by_target = np.argsort(self.target, kind="stable")
        self.into = np.searchsorted(self.target[self.by_target], np.arange(self.n_nodes + 1))
        sweep = self.sweeper.sweep(columns)
        self.found = sweep.bits
        self.allowed = self.sweeper.allowed(columns)
        self._rest(sweep.rounds)

    def _rest(self, rounds: Sequence[Bits]) -> None:
        """Which bits each arc supports, which have two supports, and on which some best answer rests."""
        self.supports = np.zeros_like(self.allowed)
        active = []
        for distance, (before, after) in enumerate(pairwise(rounds)):
            first, later = np.asarray(np.any(before, axis=1)), np.asarray(np.any(after, axis=1))
            leading = first[self.target] & later[self.source]
            if distance:
                leading &= ~self.sweeper.terminal
            rows = np.flatnonzero(leading)
            active.append(rows)
            self.supports[rows] |= after[self.source[rows]] & before[self.target[rows]] & self.allowed[rows]
        self.twice = np.zeros_like(self.found)
        once = np.zeros_like(self.found)
        turn = np.arange(self.n_arcs) - self.out[self.source]
        order = np.argsort(turn, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(turn[order])) + 1):
            nodes = self.source[rows]
            self.twice[nodes] |= once[nodes] & self.supports[rows]
            once[nodes] |= self.supports[rows]
        self.used = np.zeros_like(self.found)
        self.used[self.bodies] = self.found[self.bodies] & self.best_bit[:, self.group]
        for some, after in zip(reversed(active), reversed(rounds[1 : len(active) + 1]), strict=True):
            rows = some[np.argsort(self.target[some], kind="stable")]
            source, target = self.source[rows], self.target[rows]
            if len(rows):
                starts = np.flatnonzero(np.append(True, target[1:] != target[:-1]))
                carried = self.used[source] & after[source] & self.supports[rows]
                self.used[target[starts]] |= np.bitwise_or.reduceat(carried, starts, axis=0)

    @cached_property
    def ranks(self) -> Small:
        """Best ranks, bodies × places."""
        found = best_rank(self.found[self.bodies])
        ranks: Small = np.minimum.reduceat(found, self.first, axis=1)
        return ranks

    @cached_property
    def best_bit(self) -> Bits:
        """The bit of the best rank, bodies × places; none where nothing is reached."""
        words = np.append(np.uint16(1) << RANK_BITS, 0).astype(np.uint16)
        bits: Bits = words[self.ranks]
        return bits

    @cached_property
    def _needed(self) -> NDArray[np.int64]:
        """In how many columns of a place a body has its best rank there."""
        best = (self.found[self.bodies] & self.best_bit[:, self.group]) != 0
        needed: NDArray[np.int64] = np.add.reduceat(best, self.first, axis=1, dtype=np.int64)
        return needed

    def without(self, trial: Long, arc: Nodes) -> Iterator[Moved]:
        """What moves when each trial's arcs fall away.

        Parameters
        ----------
        trial, arc : int arrays
            For each arc that falls away, a position in the view, the trial that it falls in, ascending.
        """
        where = np.empty(self.n_arcs, dtype=np.int64)
        where[self.sweeper.rows] = np.arange(self.n_arcs)
        arc = where[arc]
        starts = np.flatnonzero(np.append(True, trial[1:] != trial[:-1])) if len(trial) else np.zeros(0, np.int64)
        ends = np.append(starts[1:], len(trial))
        most = max(1, _ROWS // max(1, self.n_columns))
        at = 0
        while at < len(starts):
            last = max(at + 1, int(np.searchsorted(ends, starts[at] + most, side="right")))
            some = slice(int(starts[at]), int(ends[last - 1]))
            yield from self._loosened(trial[some], arc[some])
            at = last

    def _loosened(self, trial: Long, arc: Nodes) -> Iterator[Moved]:
        key = trial * self.n_nodes + self.source[arc]
        _, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
        alone = counts[inverse] == 1
        fall = self.supports[arc]
        fall[alone] &= ~self.twice[self.source[arc[alone]]]
        # A bit that no best answer rests on is followed only where it falls at another node on which one rests.
        starts = np.flatnonzero(np.append(True, trial[1:] != trial[:-1]))
        bearing = np.bitwise_or.reduceat(fall & self.used[self.source[arc]], starts, axis=0)
        fall &= np.repeat(bearing, np.diff(np.append(starts, len(trial))), axis=0)
        row, column = np.nonzero(fall)
        slot_key = trial[row] * self.n_columns + column
        order = np.argsort(slot_key, kind="stable")
        row, column, slot_key = row[order], column[order], slot_key[order]
        slots, slot = np.unique(slot_key, return_inverse=True)
        if not len(slots):
            return
        slot_trial, slot_column = slots // self.n_columns, slots % self.n_columns
        seen = Elements(slot, self.source[arc[row]].astype(np.int64), fall[row, column])
        distinct = np.cumsum(np.append(True, slot_trial[1:] != slot_trial[:-1]))
        for low, high in self._batches(slot_trial, self.group[slot_column], distinct):
            one, two = np.searchsorted(slot, [low, high])
            trials, local = np.unique(slot_trial[low:high], return_inverse=True)
            gone = np.zeros((len(trials), self.n_arcs), dtype=bool)
            at = np.searchsorted(trials, trial)
            theirs = (at < len(trials)) & (trials[np.minimum(at, len(trials) - 1)] == trial)
            gone[at[theirs], arc[theirs]] = True
            start = Elements(seen.slot[one:two] - low, seen.node[one:two], seen.bits[one:two])
            batch = _Batch(self, slot_column[low:high], local, gone)
            yield self._lost(batch.lost(start, bool(alone[row[one:two]].all())), trials[local], batch.column)

    def _batches(self, trial: Long, group: Long, distinct: Long) -> Iterator[tuple[int, int]]:
        """Slices of the slots, each place of a trial whole."""
        edges = np.flatnonzero(np.append(True, (trial[1:] != trial[:-1]) | (group[1:] != group[:-1])))
        edges = np.append(edges, len(trial))
        most = max(1, _SCRATCH // max(1, self.n_nodes))
        trials = max(1, _SCRATCH // max(1, self.n_arcs))
        at = 0
        while at < len(edges) - 1:
            low = int(edges[at])
            limit = min(low + most, int(np.searchsorted(distinct, distinct[low] + trials)))
            last = max(at + 1, int(np.searchsorted(edges, limit, side="right")) - 1)
            yield low, int(edges[last])
            at = last

    def _lost(self, lost: Elements, trial: Long, column: Long) -> Moved:
        body, group = self.body[lost.node], self.group[column[lost.slot]]
        kept = body >= 0
        kept[kept] = (lost.bits[kept] & self.best_bit[body[kept], group[kept]]) != 0
        body, group, trial = body[kept], group[kept], trial[lost.slot[kept]]
        n_groups = len(self.first)
        keys, times = np.unique((trial * n_groups + group) * len(self.bodies) + body, return_counts=True)
        body, rest = keys % max(1, len(self.bodies)), keys // max(1, len(self.bodies))
        group, trial = rest % n_groups, rest // n_groups
        all_of_them = times == self._needed[body, group]
        return Moved(trial[all_of_them], body[all_of_them], self.place[self.first[group[all_of_them]]])

    def beside(self, added: Added) -> Iterator[Moved]:
        """What moves when each trial's arcs are added; the trials ascend."""
        seeds = self.found[added.target] & added.bits & ~self.found[added.source]
        seeds[added.terminal] &= np.where(self.place == added.target[added.terminal, None], seeds[added.terminal], 0)
        row, column = np.nonzero(seeds)
        if not len(row):
            return
        key = added.trial[row] * self.n_columns + column
        order = np.argsort(key, kind="stable")
        row, column, key = row[order], column[order], key[order]
        slots, slot = np.unique(key, return_inverse=True)
        slot_trial, slot_column = slots // self.n_columns, slots % self.n_columns
        most = max(1, _SCRATCH // max(1, self.n_nodes))
        for low in range(0, len(slots), most):
            high = min(low + most, len(slots))
            one, two = np.searchsorted(slot, [low, high])
            some = row[one:two]
            start = Elements(slot[one:two] - low, added.source[some], seeds[some, column[one:two]])
            trial = slot_trial[low:high]
            batch = _Batch(self, slot_column[low:high])
            from_arc, to_arc = np.searchsorted(added.trial, trial), np.searchsorted(added.trial, trial, side="right")
            at, arc = spread(from_arc, to_arc)
            gained = batch.gained(start, at, arc, added)
            body = self.body[gained.node]
            group = self.group[batch.column[gained.slot]]
            better = body >= 0
            better[better] = best_rank(gained.bits[better]) < self.ranks[body[better], group[better]]
            yield Moved(trial[gained.slot[better]], body[better], self.place[self.first[group[better]]])


class Elements(NamedTuple):
    """Bits at nodes, each in one column of one trial."""

    slot: Long
    node: Long
    bits: Bits


class _Batch:
    """Some columns of some trials, followed together."""

    def __init__(
        self, on: Supports, column: Long, trial: Long | None = None, gone: NDArray[np.bool_] | None = None
    ) -> None:
        self.on, self.column, self.trial, self.gone = on, column, trial, gone
        self.state = np.zeros(len(column) * on.n_nodes, dtype=np.uint16)
        self.touched: list[Long] = []

    def lost(self, start: Elements, alone: bool) -> Elements:
        """What is lost for good; ``alone`` if the bits to start from have no other support."""
        on, state = self.on, self.state
        found = together(start, on.n_nodes)
        if not alone:
            found = found._replace(bits=found.bits & ~self._supported(found))
        while len(found.slot):
            found = some_of(found, found.bits != 0)
            key = found.slot * on.n_nodes + found.node
            state[key] |= found.bits
            self.touched.append(key)
            at, arc = self._into(found)
            slot = found.slot[at]
            column, source = self.column[slot], on.source[arc].astype(np.int64)
            bits = on.supports[arc, column] & found.bits[at]
            kept = np.flatnonzero(bits)
            slot, source, column, bits = slot[kept], source[kept], column[kept], bits[kept]
            bits &= ~state[slot * on.n_nodes + source]
            found = together(some_of(Elements(slot, source, bits), bits != 0), on.n_nodes)
            doubt = np.flatnonzero(found.bits & on.twice[found.node, self.column[found.slot]])
            if len(doubt):
                found.bits[doubt] &= ~self._supported(some_of(found, doubt))
        return self._regained()

    def _all_touched(self) -> Long:
        keys = np.sort(np.concatenate([np.full(1, -1, np.int64), *self.touched]))  # quicker than np.unique
        touched: Long = keys[1:][keys[1:] != keys[:-1]]
        return touched

    def _into(self, found: Elements) -> tuple[Long, Long]:
        at, arc = spread(self.on.into[found.node], self.on.into[found.node + 1])
        return at, self.on.by_target[arc]

    def _supported(self, found: Elements) -> Bits:
        return self._carried(found, self.on.supports)

    def _carried(self, found: Elements, over: Bits, known: Bits | None = None) -> Bits:
        """Bits that each element gets from nodes that keep them, over arcs that are there."""
        on = self.on
        at, arc = spread(on.out[found.node], on.out[found.node + 1])
        slot, target = found.slot[at], on.target[arc]
        column = self.column[slot]
        bits = over[arc, column] & ~self.state[slot * on.n_nodes + target]
        if known is not None:
            bits &= known[target, column]
            bits[on.sweeper.terminal[arc] & (target != on.place[column])] = 0
        if self.gone is not None and self.trial is not None:
            bits[self.gone[self.trial[slot], arc]] = 0
        starts = np.flatnonzero(np.append(True, at[1:] != at[:-1]))
        carried: Bits = np.bitwise_or.reduceat(bits, starts)
        return carried

    def _regained(self) -> Elements:
        """Seek the loose bits again by longer ways."""
        on, state = self.on, self.state
        keys = self._all_touched()
        if not len(keys):
            return Elements(keys, keys, np.zeros(0, np.uint16))
        loose = Elements(keys // on.n_nodes, keys % on.n_nodes, state[keys])
        found = loose._replace(bits=loose.bits & self._carried(loose, on.allowed, on.found))
        while True:
            found = some_of(found, found.bits != 0)
            if not len(found.slot):
                break
            state[found.slot * on.n_nodes + found.node] &= ~found.bits
            at, arc = self._into(found)
            slot, source = found.slot[at], on.source[arc].astype(np.int64)
            bits = state[slot * on.n_nodes + source] & found.bits[at]
            kept = np.flatnonzero((bits != 0) & ~on.sweeper.terminal[arc])
            slot, source, arc = slot[kept], source[kept], arc[kept]
            bits = bits[kept] & on.allowed[arc, self.column[slot]]
            if self.gone is not None and self.trial is not None:
                bits[self.gone[self.trial[slot], arc]] = 0
            found = together(some_of(Elements(slot, source, bits), bits != 0), on.n_nodes)
        bits = state[keys]
        return some_of(Elements(loose.slot, loose.node, bits), bits != 0)

    def gained(self, start: Elements, at_slot: Long, at_arc: Long, added: Added) -> Elements:
        """What rises; for each slot the arcs that its trial adds."""
        on, state = self.on, self.state
        found = together(start, on.n_nodes)
        again = np.flatnonzero(~added.terminal[at_arc])
        slot_of, source_of, target_of = at_slot[again], added.source[at_arc[again]], added.target[at_arc[again]]
        carrying = added.bits[at_arc[again], self.column[slot_of]] & ~on.found[source_of, self.column[slot_of]]
        while len(found.slot):
            key = found.slot * on.n_nodes + found.node
            state[key] |= found.bits
            self.touched.append(key)
            at, arc = self._into(found)
            slot, source = found.slot[at], on.source[arc].astype(np.int64)
            column = self.column[slot]
            bits = on.allowed[arc, column] & found.bits[at] & ~on.found[source, column]
            bits &= ~state[slot * on.n_nodes + source]
            bits[on.sweeper.terminal[arc]] = 0
            more = carrying & state[slot_of * on.n_nodes + target_of] & ~state[slot_of * on.n_nodes + source_of]
            every = Elements(
                np.concatenate([slot, slot_of]), np.concatenate([source, source_of]), np.concatenate([bits, more])
            )
            found = together(some_of(every, every.bits != 0), on.n_nodes)
        keys = self._all_touched()
        return Elements(keys // on.n_nodes, keys % on.n_nodes, state[keys])


def spread(first: Long, last: Long) -> tuple[Long, Long]:
    """The members of several ranges: which range each belongs to, and its number."""
    sizes = last - first
    which = np.repeat(np.arange(len(first)), sizes)
    number = np.arange(len(which)) - np.repeat(np.cumsum(sizes) - sizes - first, sizes)
    return which, number


def some_of(found: Elements, kept: NDArray[np.bool_] | Long) -> Elements:
    """Some of the elements."""
    return Elements(found.slot[kept], found.node[kept], found.bits[kept])


def together(found: Elements, n_nodes: int) -> Elements:
    """Each node in a column of a trial once, with the bits of all its elements."""
    if len(found.slot) < 2:
        return found
    key = found.slot * n_nodes + found.node
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    key = key[starts]
    return Elements(key // n_nodes, key % n_nodes, np.bitwise_or.reduceat(found.bits[order], starts))

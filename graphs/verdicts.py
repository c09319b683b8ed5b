"""Verdicts at stake: the best answer of every body and place, and which of them move when arcs fall away."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from graphs.access import Nodes, Small
from graphs.engines.arrays import UNREACHED, Sweep, Sweeper, best_rank
from graphs.paths import Walker
from graphs.reachability import Column
from graphs.views import View


class Move(NamedTuple):
    """A body and a place whose best answer is another one; ranks as positions in ``RANKED``, ``UNREACHED`` for none."""

    body: int
    place: int
    before: int
    after: int


@dataclass(frozen=True, eq=False)
class Verdicts:
    """The best answer of every asking body at every place.

    Attributes
    ----------
    view : View
    columns : sequence of (place, layer)
    bodies : int array
        Nodes of the bodies that ask.
    """

    view: View
    columns: Sequence[Column]
    bodies: Nodes

    @cached_property
    def places(self) -> list[int]:
        """The places, as nodes."""
        return list(dict.fromkeys(place for place, _ in self.columns))

    @cached_property
    def _of_place(self) -> dict[int, list[Column]]:
        grouped: dict[int, list[Column]] = {place: [] for place in self.places}
        for column in self.columns:
            grouped[column[0]].append(column)
        return grouped

    @cached_property
    def _sweeps(self) -> list[Sweep]:
        return list(Sweeper(self.view).sweeps(self.columns))

    @cached_property
    def ranks(self) -> Small:
        """Best ranks, bodies × places."""
        return self._best(self._sweeps, self.places)

    def _best(self, sweeps: Sequence[Sweep], places: Sequence[int]) -> Small:
        at = {place: number for number, place in enumerate(places)}
        ranks = np.full((len(self.bodies), len(places)), UNREACHED, dtype=np.uint8)
        for sweep in sweeps:
            found = best_rank(sweep.bits[self.bodies])
            for number, (place, _) in enumerate(sweep.columns):
                ranks[:, at[place]] = np.minimum(ranks[:, at[place]], found[:, number])
        return ranks

    @cached_property
    def _resting_on(self) -> dict[int, set[int]]:
        """For each arc that a pair's witness uses the places of such pairs."""
        walker, at = Walker(self.view), {place: number for number, place in enumerate(self.places)}
        resting: dict[int, set[int]] = {}
        for place, arcs in self._witnesses(walker, at):
            for arc in arcs:
                resting.setdefault(arc, set()).add(place)
        return resting

    def _witnesses(self, walker: Walker, at: dict[int, int]) -> Iterator[tuple[int, tuple[int, ...]]]:
        """For every pair one path as good as its best answer."""
        done = np.zeros(self.ranks.shape, dtype=bool)
        for sweep in self._sweeps:
            found = best_rank(sweep.bits[self.bodies])
            hops = sweep.hops(self.bodies, found)
            for column, (place, _) in enumerate(sweep.columns):
                number = at[place]
                best = (found[:, column] == self.ranks[:, number]) & (found[:, column] != UNREACHED) & ~done[:, number]
                for row in np.flatnonzero(best).tolist():
                    done[row, number] = True
                    body, rank = int(self.bodies[row]), int(found[row, column])
                    yield place, walker.walk(sweep, column, body, rank, int(hops[row, column])).arcs

    def without(self, arcs: Collection[int]) -> list[Move]:
        """What moves when some arcs of the view fall away.

        A pair whose witness keeps all its arcs keeps its answer, since fewer arcs give no better one; so only the
        places of the others are searched again.
        """
        places = sorted(set().union(*(self._resting_on.get(arc, ()) for arc in arcs)))
        if not places:
            return []
        kept = np.ones(len(self.view), dtype=bool)
        kept[list(arcs)] = False
        columns = [column for place in places for column in self._of_place[place]]
        after = self._best(list(Sweeper(self.view, kept).sweeps(columns)), places)
        at = {place: number for number, place in enumerate(self.places)}
        before = self.ranks[:, [at[place] for place in places]]
        return [
            Move(int(self.bodies[row]), places[number], int(before[row, number]), int(after[row, number]))
            for row, number in np.argwhere(before != after).tolist()
        ]


def moved(before: Verdicts, after: Verdicts) -> list[Move]:
    """Every pair whose best answer differs between two views of the same nodes."""
    ranks: list[dict[tuple[int, int], int]] = []
    for verdicts in (before, after):
        reached = np.argwhere(verdicts.ranks != UNREACHED).tolist()
        ranks.append({
            (int(verdicts.bodies[row]), verdicts.places[number]): int(verdicts.ranks[row, number])
            for row, number in reached
        })  # fmt: skip
    was, now = ranks
    return [
        Move(*pair, was.get(pair, UNREACHED), now.get(pair, UNREACHED))
        for pair in sorted({*was, *now})
        if was.get(pair, UNREACHED) != now.get(pair, UNREACHED)
    ]

"""Verdicts at stake: the best answer of every body and place, and which of them move when arcs fall away."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from graphs.access import Nodes, Small
from graphs.engines.arrays import UNREACHED, Sweep, Sweeper, best_rank
from graphs.paths import Walker
from graphs.reachability import Column
from graphs.views import View
from stakeholders.memory import TooLarge, require

# Up to here a machine has room and a reader patience: for pairs, and for arcs looked at again and again.
_MOST_PAIRS = 1 << 22
_MOST_STEPS = 1 << 33
_FEW_CELLS = 1 << 22
# Bytes of a node and column: thresholds at the end, and those that came with each further arc; and of a pair's way.
_CELL = 2 * 12
_PAIR = 100

CHUNK = 1 << 24  # nodes and arcs × columns that are looked at together where not all are
_CHUNK_CELL = 32
_MOST_CELLS = 1 << 29

# Nodes × columns that are searched at once: 6 GB.
_MOST_AT_ONCE = 1 << 28
# Where fewer things than this can be tried, those that bear on every question (denials, for one) are too many already.
_MANY_TRIALS = 1 << 16

_LESS = "Ask about a single store or system (TARGET), or for some bodies and stores (--from, --in)."
_INSTEAD = (
    "`chokepoints STORE` tells quickly what reach hangs on; `who STORE --without ID`, what one source or relation "
    "changes."
)


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
    chunked : bool
        Whether some columns at a time are looked at, once for everything that may fall away.
    """

    view: View
    columns: Sequence[Column]
    bodies: Nodes
    chunked: bool = False

    def __post_init__(self) -> None:
        """Say what is too large before it begins."""
        cells, pairs = self.view.graph.n_nodes * len(self.columns), len(self.bodies) * len(self.places)
        told = (
            f"The best answer of each of {len(self.bodies):,} bodies at each of {len(self.places):,} places over "
            f"{len(self.view):,} relations"
        )
        looked_at = cells + len(self.view) * len(self.columns)
        much = pairs > _MOST_PAIRS or cells > _MOST_AT_ONCE
        if self.chunked:
            much = pairs > 8 * _MOST_PAIRS or looked_at > _MOST_CELLS
        if much:
            raise TooLarge(f"{told} takes hours. {instead(self.view)}")
        if cells > _FEW_CELLS:
            size = min(looked_at, CHUNK) * _CHUNK_CELL + pairs if self.chunked else cells * _CELL + pairs * _PAIR
            require(size, told, instead(self.view))

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
    def resting(self) -> Mapping[int, list[int]]:
        """For each relation on which a pair's witness rests, a holding for an implied arc too, its arcs of the view."""
        arcs, found = self.view.graph.arcs, dict[int, list[int]]()
        used = np.array(sorted(self._resting_on), dtype=np.intp)
        for column in (arcs.relation, arcs.holding):
            for arc, row in zip(used.tolist(), column[self.view.arc[used]].tolist(), strict=True):
                if row >= 0:
                    found.setdefault(row, []).append(arc)
        return found

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


def require_time(view: View, trials: int, what: str, *, fewer: bool = True) -> None:
    """Refuse to try one thing after another where each takes a search over everything, and they are many.

    Parameters
    ----------
    view : View
    trials : int
    what : str
        What is tried.
    fewer : bool
        Whether there would be fewer of them for less of the question.

    Raises
    ------
    TooLarge
        With what to do instead.
    """
    if trials * len(view) > _MOST_STEPS:
        advice = instead(view) if fewer else _INSTEAD
        raise TooLarge(
            f"Looking at {what} in turn, {trials:,} times over {len(view):,} relations, takes hours. {advice}"
        )


def instead(view: View) -> str:
    """What to ask where a question is too large: less of it, where that helps."""
    return f"{_LESS} {_INSTEAD}" if len(view) * _MANY_TRIALS <= _MOST_STEPS else _INSTEAD


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

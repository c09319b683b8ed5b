"""What a difference between two states means for reach: who gained it, who lost it, whose became stronger or surer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from graphs.access import Flags, Nodes
from graphs.engines.arrays import RANKED, UNREACHED, Sweeper, best_rank, verdict_of
from graphs.increments import Pair, moved_pairs, worth_it
from graphs.layers import LARGE, Layers, searches
from graphs.reachability import Column, asked_bodies, every_column
from graphs.versions import State
from stakeholders.memory import TooLarge
from stakeholders.vocabulary import CERTAINTIES, LEVELS, VERDICTS

# In the order in which they are told.
KINDS: Final = (
    "gained", "lost", "stronger", "weaker", "more certain", "less certain", "newly claimed", "no longer claimed",
    "newly prospective", "no longer prospective",
)  # fmt: skip
# The same change seen from its other end.
REVERSED: Final = {
    **{kind: KINDS[place ^ 1] for place, kind in enumerate(KINDS)},
}

Ranks = np.ndarray[tuple[int, int], np.dtype[np.uint8]]

MOST_STEPS = 1 << 30  # arcs × searches on each side, about a minute of one core: more is refused
MOST_MOVES = 1 << 18  # moves that are told; more is refused in a large graph

_FEW_STEPS = 1 << 26  # arcs × searches, up to which asking everything is the simpler way
LESS = "Ask for some of them: bodies (--from), stores (--in), or only strong reach (--level granted)."

_REACHES, _CLAIMED, _PROSPECTIVE = 2, 1, 0
_VERDICT: Final = [*(verdict_of(certainty) for _, certainty in RANKED), -1]
_LEVEL: Final = [*(level for level, _ in RANKED), -1]
_CERTAINTY: Final = [*(certainty for _, certainty in RANKED), -1]
_BEGUN: Final = {_REACHES: "gained", _CLAIMED: "newly claimed", _PROSPECTIVE: "newly prospective"}
_OVER: Final = {_REACHES: "lost", _CLAIMED: "no longer claimed", _PROSPECTIVE: "no longer prospective"}


class Kind(NamedTuple):
    """A kind of effect, with the ranks that show that it has come about."""

    name: str
    shown: tuple[bool, ...]


@cache
def kinds_of(before: int, after: int) -> tuple[Kind, ...]:
    """What it means that the best answer of a body and a place moved from one rank to another.

    ``gained`` and ``lost`` speak of the verdict *reaches*, the others of theirs; a pair that falls from one verdict to
    another has two effects, and so has one whose level and certainty both move.

    Examples
    --------
    >>> reported_grant, alleged_custody = RANKED.index((2, 2)), RANKED.index((3, 1))
    >>> [kind.name for kind in kinds_of(reported_grant, alleged_custody)]
    ['lost', 'newly claimed']
    """
    if before == after:
        return ()
    was, now = _VERDICT[before], _VERDICT[after]
    found = []
    if was != now:
        if now >= 0:
            found.append(Kind(_BEGUN[now], tuple(verdict == now for verdict in _VERDICT)))
        if was >= 0:
            found.append(Kind(_OVER[was], tuple(verdict != was for verdict in _VERDICT)))
    else:
        for words, scale in (("stronger", "weaker"), _LEVEL), (("more certain", "less certain"), _CERTAINTY):
            if scale[after] != scale[before]:
                up = scale[after] > scale[before]
                far = [step >= scale[after] if up else step <= scale[after] for step in scale]
                shown = tuple(verdict == now and enough for verdict, enough in zip(_VERDICT, far, strict=True))
                found.append(Kind(words[0 if up else 1], shown))
    return tuple(sorted(found, key=lambda kind: KINDS.index(kind.name)))


def ranks_of(state: State, columns: Sequence[Column], bodies: Nodes, layers: Layers | None = None) -> Ranks:
    """Ranks of the best answers of bodies (rows) at columns, as they are in a state.

    Parameters
    ----------
    state : State
    columns : sequence of (place, layer)
    bodies : int array
        Nodes.
    layers : Layers, optional
        The layers of the state, if they are at hand.
    """
    if layers is not None or len(state) >= LARGE:
        ranks = (layers or Layers(state)).ranks(columns, bodies)
    else:
        parts = [best_rank(sweep.bits[bodies]) for sweep in Sweeper(state).sweeps(columns)]
        ranks = np.concatenate(parts, axis=1) if parts else np.zeros((len(bodies), 0), dtype=np.uint8)
    ranks[:, ~_there(state, columns)] = UNREACHED
    return ranks


def _there(state: State, columns: Sequence[Column]) -> Flags:
    return np.array([state.is_column(*column) for column in columns], dtype=bool)


@dataclass(frozen=True)
class Moves:
    """Bodies and columns whose best answer differs between two states; arrays of one length.

    Attributes
    ----------
    columns : sequence of (place, layer)
        What ``column`` points to.
    body : int array
        Nodes.
    column : int array
    before, after : uint8 arrays
        Ranks.
    """

    columns: Sequence[Column]
    body: Nodes
    column: Nodes
    before: np.ndarray[tuple[int], np.dtype[np.uint8]]
    after: np.ndarray[tuple[int], np.dtype[np.uint8]]

    def __len__(self) -> int:
        return len(self.body)


def columns_of(*states: State) -> list[Column]:
    """Every place with each of its categories in any of some states, less what their scope leaves out."""
    columns = sorted({column for state in states for column in every_column(state)})
    counted = states[0].scope.places(states[0].graph)
    return columns if counted is None else [column for column in columns if column[0] in counted]


def moves(before: State, after: State, columns: Sequence[Column]) -> Moves:
    """Everything that differs in reach between two states, at some columns.

    Raises
    ------
    TooLarge
        If it would take hours to find, or is more than anybody reads; which is said before, or as soon as it shows.
    """
    bodies = asked_bodies(before.graph, before.scope)
    places = len({place for place, _ in columns})
    asked = f"Between the two sides, the reach of {len(bodies):,} bodies to data in {places:,} places"
    steps = max(len(before), len(after)) * searches(columns, len(bodies))
    if steps > _FEW_STEPS and worth_it(before, after, columns):
        return _gathered(_counted(moved_pairs(before, after, bodies, columns), asked))
    if len(after) >= LARGE and steps > MOST_STEPS:
        changed = len(np.setxor1d(before.arc, after.arc, assume_unique=True)) if before.graph is after.graph else 0
        because = f", of which {changed:,} differ" if changed else ""
        raise TooLarge(f"{asked} over {len(after):,} relations{because}, takes hours to compare. {LESS}")
    was, now = (ranks_of(state, columns, bodies) for state in (before, after))
    body, column = np.nonzero(was != now)
    if len(after) >= LARGE and len(body) > MOST_MOVES:
        raise TooLarge(f"{asked} moved in {len(body):,} cases. {LESS}")
    return Moves(columns, bodies[body], column, was[body, column], now[body, column])


def _counted(pairs: Iterable[Pair], asked: str) -> Iterator[Pair]:
    """Moves one after another, as long as they are not too many to be told."""
    for number, pair in enumerate(pairs):
        if number == MOST_MOVES:
            raise TooLarge(f"{asked} moved in more than {MOST_MOVES:,} cases. {LESS}")
        yield pair


def _gathered(pairs: Iterable[Pair]) -> Moves:
    """Moves found pair by pair."""
    found = sorted(pairs, key=lambda pair: (pair.body, pair.column))
    columns = sorted({pair.column for pair in found})
    number = {column: place for place, column in enumerate(columns)}
    return Moves(
        columns,
        np.array([pair.body for pair in found], dtype=np.intp),
        np.array([number[pair.column] for pair in found], dtype=np.intp),
        np.array([pair.before for pair in found], dtype=np.uint8),
        np.array([pair.after for pair in found], dtype=np.uint8),
    )


def word_of(rank: int) -> dict[str, str] | None:
    """A rank as an answer tells it; nothing where there is no path."""
    if rank == UNREACHED:
        return None
    return {
        "verdict": VERDICTS[_VERDICT[rank]],
        "level": LEVELS[_LEVEL[rank]],
        "certainty": CERTAINTIES[_CERTAINTY[rank]],
    }

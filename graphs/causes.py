"""Why reach changed: the least of what changed that brings an effect about, and what would have done it as well.

A set of causes *suffices* for an effect if it shows once these, and no others, have taken place; it is *irreducible*
if no one of them can be left out. An effect is explained by one irreducible set, and for each member by another set
without it where there is one: so taking back a named cause takes back the effect, or an alternative says why not. (In
Halpern and Pearl's terms: but-for causes under the contingency that the alternatives had not come about.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from graphs.access import AccessGraph, Nodes
from graphs.effects import Kind, ranks_of
from graphs.engines.arrays import UNREACHED, Sweep, Sweeper
from graphs.layers import LARGE, Layers, Ways
from graphs.paths import Path, Walker
from graphs.reachability import Column
from graphs.versions import Choice, State, Versions
from stakeholders.dataset import split

_KEPT = 4  # states of a large graph that are kept to be asked again, beside the first and the last


class Effect(NamedTuple):
    """One thing that happened to the reach of a body, with its ranks before and after.

    Where there are several columns, the best answer over all of them counts.
    """

    body: int
    columns: tuple[Column, ...]
    before: int
    after: int
    kind: Kind


class Explanation(NamedTuple):
    """Causes, as numbers of the versions' list: one irreducible set, and others that would have done."""

    because: tuple[int, ...]
    alternatives: tuple[tuple[int, ...], ...]


class Witnesses:
    """Best paths in one state; cheap if asked column by column.

    Parameters
    ----------
    state : State
    columns : sequence of (place, layer)
        All that will be asked about.
    layers : Layers, optional
        The layers of the state, if they are at hand.
    """

    def __init__(self, state: State, columns: Iterable[Column], layers: Layers | None = None) -> None:
        self.state = state
        self.columns = list(dict.fromkeys(columns))
        self.number = {column: number for number, column in enumerate(self.columns)}
        self._ways = Ways(layers or Layers(state)) if layers is not None or len(state) >= LARGE else None
        self._first, self._sweep, self._walker = 0, Sweep([], np.zeros((0, 0), np.uint16), []), Walker(state)

    @cached_property
    def _sweeper(self) -> Sweeper:
        return Sweeper(self.state)

    def best(self, body: int, columns: Iterable[Column], rank: int) -> tuple[Column, Path]:
        """The best path to any of several columns that are reached under a rank, and which."""
        found = [(column, self.path(body, column, rank)) for column in columns]
        return min(found, key=lambda item: (len(item[1].arcs), item[1].relations, item[0]))

    def path(self, body: int, column: Column, rank: int) -> Path:
        """The path of fewest arcs, then of smallest relation ids, under the threshold of a rank."""
        if self._ways is not None:
            return self._ways.path(body, column, rank)
        number = self.number[column] - self._first
        if not 0 <= number < len(self._sweep.columns):
            self._first = self.number[column]
            self._sweep = next(self._sweeper.sweeps(self.columns[self._first :]))
            self._walker, number = Walker(self.state), 0
        return self._walker.walk(self._sweep, number, body, rank, self._sweep.fewest(body, number, rank))


@dataclass(frozen=True)
class Explainer:
    """Finds the causes of many effects together: effects that share causes share the work.

    Attributes
    ----------
    versions : Versions
    bodies : int array
        Bodies of all effects that will be asked about.
    """

    versions: Versions
    bodies: Nodes

    def explain(
        self, effects: Sequence[Effect], paths: Sequence[Path | None] | None = None, within: Choice | None = None
    ) -> list[Explanation]:
        """Causes of each effect.

        Parameters
        ----------
        effects : sequence of Effect
        paths : sequence of Path or None, optional
            For each effect the best path afterwards, where there is one, as found before.
        within : set of int, optional
            The causes that have taken place afterwards; default all.
        """
        everything = self.versions.everything if within is None else within
        self._shown(everything, effects)
        paths = self._paths(everything, effects) if paths is None else paths
        because = self._least(effects, self._openings(everything, effects, paths), everything)
        others: list[dict[tuple[int, ...], None]] = [{} for _ in effects]
        of_cause: dict[int, list[int]] = {}
        for number, causes in enumerate(because):
            for cause in causes:
                of_cause.setdefault(cause, []).append(number)
        for cause, numbers in sorted(of_cause.items()):
            rest = everything - {cause}
            shown = self._shown(rest, [effects[number] for number in numbers])
            still = [number for number, done in zip(numbers, shown, strict=True) if done]
            asked = [effects[number] for number in still]
            found = self._least(asked, self._openings(rest, asked, self._paths(rest, asked)), rest)
            for number, causes in zip(still, found, strict=True):
                others[number][causes] = None
        return [Explanation(causes, tuple(more)) for causes, more in zip(because, others, strict=True)]

    # ------------------------------------------------------------------------------------------------ least causes

    def _least(self, effects: Sequence[Effect], guesses: Sequence[Choice], within: Choice) -> list[tuple[int, ...]]:
        """An irreducible set for each effect out of some causes that together suffice."""
        enough: list[Choice] = [within] * len(effects)
        waiting: dict[Choice, list[int]] = {}
        for number, guess in enumerate(guesses):
            waiting.setdefault(guess & within, []).append(number)
        while waiting:
            chosen, numbers = waiting.popitem()
            shown = self._shown(chosen, [effects[number] for number in numbers])
            for number, done in zip(numbers, shown, strict=True):
                if done or chosen == within:
                    enough[number] = chosen
            left = [number for number, done in zip(numbers, shown, strict=True) if not done and chosen != within]
            for number, more in zip(left, self._blocking(chosen, [effects[n] for n in left], within), strict=True):
                waiting.setdefault(chosen | more if more else within, []).append(number)
        return self._reduced(effects, enough)

    def _reduced(self, effects: Sequence[Effect], enough: Sequence[Choice]) -> list[tuple[int, ...]]:
        """What is left of each set when whatever the effect does without is taken out, one by one."""
        least: list[tuple[int, ...]] = [()] * len(effects)
        groups: dict[Choice, list[int]] = {}
        for number, chosen in enumerate(enough):
            groups.setdefault(chosen, []).append(number)
        # An effect that another cause can hide may do without one only once that is gone: passes until nothing goes.
        work = [(chosen, tuple(sorted(chosen)), False, numbers) for chosen, numbers in groups.items()]
        while work:
            chosen, untried, fewer, numbers = work.pop()
            if len(chosen) == 1 or not (untried or fewer):  # nothing happens without a cause
                for number in numbers:
                    least[number] = tuple(sorted(chosen))
                continue
            if not untried:
                work.append((chosen, tuple(sorted(chosen)), False, numbers))
                continue
            first, rest = untried[0], untried[1:]
            shown = self._shown(chosen - {first}, [effects[number] for number in numbers])
            spared = [number for number, done in zip(numbers, shown, strict=True) if done]
            needing = [number for number, done in zip(numbers, shown, strict=True) if not done]
            work += [(chosen - {first}, rest, True, spared)] if spared else []
            work += [(chosen, rest, fewer, needing)] if needing else []
        return least

    # -------------------------------------------------------------------------------------------------- first guesses

    def _openings(self, within: Choice, effects: Sequence[Effect], paths: Sequence[Path | None]) -> list[Choice]:
        """For each effect the causes of whatever is new on its best path once some causes have taken place."""
        start: Choice = frozenset()
        return [
            frozenset() if path is None else self._unlike(within, path, effect.columns, start, nearest=False)
            for effect, path in zip(effects, paths, strict=True)
        ]

    def _blocking(self, chosen: Choice, effects: Sequence[Effect], within: Choice) -> Iterator[Choice]:
        """For effects that do not show yet: the causes of the last break in a path that stands in their way."""
        paths = self._paths(chosen, effects)
        for effect, path in zip(effects, paths, strict=True):
            more = self._unlike(chosen, path, effect.columns, within, nearest=True) if path is not None else frozenset()
            yield (more & within) - chosen

    def _paths(self, chosen: Choice, effects: Sequence[Effect]) -> list[Path | None]:
        """The best path of each effect's body in a state, where there is one."""
        wanted = [self._best(chosen, effect) for effect in effects]
        asked = sorted({column for _, columns in wanted for column in columns})
        ways = Witnesses(self._state(chosen), asked, self._layers(chosen))
        found: list[Path | None] = [None] * len(effects)
        for number in sorted(range(len(effects)), key=lambda number: wanted[number][1]):
            rank, columns = wanted[number]
            if columns:
                found[number] = ways.best(effects[number].body, columns, rank)[1]
        return found

    def _unlike(
        self, chosen: Choice, path: Path, columns: Sequence[Column], without: Choice, *, nearest: bool
    ) -> Choice:
        """Causes of what a path of one state lacks in another: of all of it, or of what lies nearest to the data."""
        state, other = self._state(chosen), self._state(without)
        place = int(state.target[path.arcs[-1]])
        layers = [layer for at, layer in columns if at == place and state.passing(layer)[list(path.arcs)].all()]
        found: list[Choice] = []
        if not any(other.is_column(place, layer) for layer in layers):
            found.append(self._of_place(state.graph, place))
        lacking = (self._of_arc(state, int(state.arc[arc]), arc, layers, other) for arc in reversed(path.arcs))
        found += filter(None, lacking)
        return frozenset().union(*found[:1] if nearest else found)

    def _of_arc(self, state: State, position: int, arc: int, layers: Sequence[int], other: State) -> Choice:
        """Causes that bear on an arc, if the other state has none like it."""
        graph = state.graph
        rows = [int(graph.arcs.relation[position]), int(graph.arcs.holding[position])]
        candidates = self._candidates(graph, tuple(row for row in rows if row >= 0))
        if not candidates:
            return candidates
        alike = (other.source == state.source[arc]) & (other.target == state.target[arc])
        alike &= (other.level == state.level[arc]) & (other.certainty == state.certainty[arc])
        names = graph.dataset.relations.column("id")
        for match in np.flatnonzero(alike).tolist():
            there = int(other.arc[match])
            same = [names[row] if row >= 0 else "" for row in rows] == [
                names[row] if row >= 0 else ""
                for row in (int(other.graph.arcs.relation[there]), int(other.graph.arcs.holding[there]))
            ]
            if same and (not self._masked or all(bool(other.passing(layer)[match]) for layer in layers)):
                return frozenset()
        return candidates

    @cached_property
    def _masked(self) -> bool:
        """Whether what an arc passes may differ between states."""
        return any(
            cause.table == "categories" or {"categories"} & {*cause.before, *cause.after}
            for cause in self.versions.causes
        )

    def _candidates(self, graph: AccessGraph, rows: tuple[int, ...]) -> Choice:
        """Causes that bear on what some relations give: themselves, denials, ends, sources, rules, categories."""
        if rows not in self._known:
            numbers, of_relation = self.versions.numbers, self.versions.of_relation
            denials = graph.denials.denial[np.isin(graph.denials.relation, rows)].tolist()
            found = {of_relation[row] for row in (*rows, *denials) if row in of_relation}
            for row in (*rows, *denials) if self._general else ():
                cells = graph.dataset.relations.row(row)
                names = [("entities", cells["subject"]), ("entities", cells["object"]), ("rules", cells["predicate"])]
                names += [("sources", source) for source in split(cells["sources"])]
                found |= {numbers[name] for name in names if name in numbers} | self._of_categories
            self._known[rows] = frozenset(found)
        return self._known[rows]

    def _of_place(self, graph: AccessGraph, place: int) -> Choice:
        """Causes that bear on whether data are found at a place: what keeps its data, what each of them holds."""
        numbers = self.versions.numbers
        rows = np.flatnonzero(graph.keeping.system == place)
        found: set[int] = set()
        for row in graph.keeping.relation[rows].tolist():
            found |= self._candidates(graph, (row,))
        for node in (place, *graph.keeping.store[rows].tolist()):
            name = ("entities", graph.ids[node])
            found |= {numbers[name]} if name in numbers else set()
        return frozenset(found) | self._of_categories

    @cached_property
    def _known(self) -> dict[tuple[int, ...], Choice]:
        return {}

    @cached_property
    def _general(self) -> bool:
        return any(cause.table != "relations" for cause in self.versions.causes)

    @cached_property
    def _of_categories(self) -> Choice:
        return frozenset(n for n, cause in enumerate(self.versions.causes) if cause.table == "categories")

    # ------------------------------------------------------------------------------------------------------ trying out

    @cached_property
    def _states(self) -> dict[Choice, State]:
        return {frozenset(): self.versions.before, self.versions.everything: self.versions.after}

    @cached_property
    def _ranks(self) -> dict[Choice, dict[Column, np.ndarray[tuple[int], np.dtype[np.uint8]]]]:
        return {}

    @cached_property
    def _place_of(self) -> dict[int, int]:
        return {body: place for place, body in enumerate(self.bodies.tolist())}

    def _state(self, chosen: Choice) -> State:
        if chosen not in self._states:
            if len(self.versions.after) >= LARGE:
                for old in [old for old in self._states if old and old != self.versions.everything][:-_KEPT]:
                    del self._states[old]
                    self._layered.pop(old, None)
            self._states[chosen] = self.versions.state(chosen)
        return self._states[chosen]

    def _layers(self, chosen: Choice) -> Layers | None:
        """The layers of a state of a large graph."""
        if len(self.versions.after) < LARGE:
            return None
        state = self._state(chosen)
        if chosen not in self._layered:
            self._layered[chosen] = Layers(state)
        return self._layered[chosen]

    @cached_property
    def _layered(self) -> dict[Choice, Layers]:
        return {}

    def _rank(self, chosen: Choice, effect: Effect) -> int:
        known, place = self._ranks[chosen], self._place_of[effect.body]
        return min(int(known[column][place]) for column in effect.columns)

    def _best(self, chosen: Choice, effect: Effect) -> tuple[int, tuple[Column, ...]]:
        """The rank of an effect's body in a state, and the columns that have it."""
        known, place, rank = self._ranks[chosen], self._place_of[effect.body], self._rank(chosen, effect)
        if rank == UNREACHED:
            return rank, ()
        return rank, tuple(column for column in effect.columns if known[column][place] == rank)

    def _shown(self, chosen: Choice, effects: Sequence[Effect]) -> list[bool]:
        """Which effects show in a state."""
        known = self._ranks.setdefault(chosen, {})
        wanted = sorted({column for effect in effects for column in effect.columns} - set(known))
        if wanted:
            ranks = ranks_of(self._state(chosen), wanted, self.bodies, self._layers(chosen))
            known |= {column: ranks[:, number] for number, column in enumerate(wanted)}
        return [effect.kind.shown[self._rank(chosen, effect)] for effect in effects]

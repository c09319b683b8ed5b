"""One day and the day before it, as seen from one target: who came, who went, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from graphs.access import NO_MASK, STORE, AccessGraph, Flags, Nodes
from graphs.answers import Row
from graphs.attributions import Attributor
from graphs.causes import Effect, Explainer, Explanation, Witnesses
from graphs.changes import PLACES, cause_row
from graphs.effects import KINDS, Ranks, kinds_of, ranks_of, word_of
from graphs.engines.arrays import RANKED, UNREACHED, bits_of, verdict_of
from graphs.paths import Path, summary
from graphs.reachability import Column, asked_bodies, target_of
from graphs.scope import Scope
from graphs.variants import Pool, Variants
from graphs.versions import State, Versions
from graphs.views import ALLEGED, NO_CATEGORY, View, denied_relations, places_of
from stakeholders.dates import FOREVER
from stakeholders.vocabulary import VERDICTS


class Moment:
    """One day and the day before it, as seen from one target."""

    def __init__(self, graph: AccessGraph, eve: Scope, day: Scope, target: str, previous: Moment | None = None) -> None:
        self.graph, self.versions = graph, Versions.between(graph, eve, day)
        self.bodies = asked_bodies(graph, day, target)
        self.last = target_of(self.versions.after, target).columns
        first = target_of(self.versions.before, target).columns if previous is None else previous.last
        self.columns = sorted({*first, *self.last})
        self.causes: dict[str, Row] = {}
        known = previous is not None and previous.columns == self.columns
        was = previous.each[1] if previous is not None and known else self._each(self.versions.before)
        self.each: tuple[Ranks, Ranks] = was, self._each(self.versions.after)
        self.best = was.min(axis=1), self.each[1].min(axis=1)

    def _each(self, state: State) -> Ranks:
        ranks = ranks_of(state, self.columns, self.bodies)
        return ranks if ranks.size else np.full((len(self.bodies), 1), UNREACHED, dtype=np.uint8)

    @property
    def moved(self) -> int:
        """How many bodies have another best answer than on the day before."""
        return int((self.best[0] != self.best[1]).sum())

    def counts(self) -> dict[str, int]:
        """How many bodies have each best verdict."""
        found = np.bincount(self.best[1], minlength=UNREACHED)[:UNREACHED].tolist()
        best: Counter[str] = Counter()
        for (_, certainty), count in zip(RANKED, found, strict=True):
            best[VERDICTS[verdict_of(certainty)]] += count
        return {verdict: best[verdict] for verdict in reversed(VERDICTS)}

    def events(self) -> Iterator[Row]:
        """What happened to the best answers of bodies, in the contract's order."""
        was, now = self.best
        moved = np.flatnonzero(was != now)
        if not len(moved):
            return
        goal = self._goal()
        effects = [
            Effect(int(self.bodies[at]), goal, int(was[at]), int(now[at]), kind)
            for at in moved.tolist()
            for kind in kinds_of(int(was[at]), int(now[at]))
        ]
        explained = self._explained(effects, self.bodies[moved])
        sides = [self._witnesses(effects, side) for side in (0, 1)]
        rows = [self._event(*each) for each in zip(effects, explained, *sides, strict=True)]
        yield from sorted(rows, key=lambda row: (KINDS.index(row["change"]), row["body"]))

    def _goal(self) -> tuple[Column, ...]:
        """The columns that count on either day."""
        return tuple(self.columns)

    def _explained(self, effects: Sequence[Effect], bodies: Nodes) -> list[Explanation]:
        return Explainer(self.versions, bodies).explain(effects)

    def _view(self, side: int) -> View:
        """The day before, or the day, as the paths of the witnesses are told in."""
        return self.versions.after if side else self.versions.before

    def _is_column(self, side: int, column: Column) -> bool:
        state = self.versions.after if side else self.versions.before
        return state.is_column(*column)

    def _witnesses(self, effects: Sequence[Effect], side: int) -> list[tuple[Column, Path] | None]:
        state, ranks = self.versions.after if side else self.versions.before, self.each[side]
        place_of = {int(body): at for at, body in enumerate(self.bodies)}
        ways = Witnesses(state, self.columns)
        found: list[tuple[Column, Path] | None] = []
        for effect in effects:
            own = ranks[place_of[effect.body]]
            best = int(own.min())
            columns = (
                [self.columns[number] for number in np.flatnonzero(own == best).tolist()] if best < UNREACHED else []
            )
            found.append(ways.best(effect.body, columns, best) if columns else None)
        return found

    def _event(
        self, effect: Effect, why: Explanation, was: tuple[Column, Path] | None, now: tuple[Column, Path] | None
    ) -> Row:
        told, references = now or was, [cause.reference for cause in self.versions.causes]
        for causes in (why.because, *why.alternatives):
            for number in causes:
                self.causes[references[number]] = cause_row(self.versions, self.versions.causes[number])
        place, layer = told[0] if told else (0, NO_CATEGORY)
        return {
            "body": self.graph.ids[effect.body],
            "change": effect.kind.name,
            "before": self._side(0, effect, was, effect.before),
            "after": self._side(1, effect, now, effect.after),
            "store": self.graph.ids[place],
            "category": None if layer == NO_CATEGORY else self.graph.categories.codes[layer],
            "place": PLACES[tuple(self._is_column(side, (place, layer)) for side in (0, 1))],
            "because": [references[number] for number in why.because],
            "alternatives": sorted(sorted(references[number] for number in causes) for causes in why.alternatives),
            "path": list(now[1].relations) if now else [],
            "path_before": list(was[1].relations) if was else [],
        }

    def _side(self, side: int, effect: Effect, found: tuple[Column, Path] | None, rank: int) -> Row | None:
        if found is None:
            return None
        whole: dict[str, Any] = summary(self._view(side), found[1], effect.body, found[0][0])
        return {**(word_of(rank) or {}), **{name: whole[name] for name in ("contested", "at", "since", "date")}}


class Course:
    """What many days of one target share: the arcs that ever bear on it, and which of them turn on which day.

    Parameters
    ----------
    graph : AccessGraph
    scope : Scope
        The assumptions; its day does not matter.
    target : str
    layers : sequence of int
        The layers of the target.
    bearing : bool array
        Relations that bear on the target at whatever time; none of the others is on any way to it.
    """

    def __init__(self, graph: AccessGraph, scope: Scope, target: str, layers: Sequence[int], bearing: Flags) -> None:
        self.graph, self.target, self.layers = graph, target, layers
        self.bodies = asked_bodies(graph, scope, target)
        self._counted = scope.places(graph)
        arcs, spans = graph.arcs, graph.intervals
        counts = bearing[arcs.relation] & ((arcs.holding < 0) | bearing[arcs.holding])
        counts &= (arcs.stance <= scope.stance) & (arcs.level >= scope.level) & (arcs.known <= scope.known_by)
        self.pool = Pool(graph, np.flatnonzero(counts))
        rows = np.flatnonzero(bearing)
        day = np.concatenate([spans.start[rows], spans.end[rows] + (spans.end[rows] < FOREVER)])
        order = np.argsort(day, kind="stable")
        self._day, self._row = day[order], np.concatenate([rows, rows])[order]
        behind = [column[self.pool.arc] for column in (arcs.relation, arcs.holding)]
        self._behind = [(column[order], self.pool.arc[order]) for column in behind
                        for order in [np.argsort(column, kind="stable")]]  # fmt: skip

    def moved(self, day: int) -> Nodes:
        """Relations that hold on a day and not on the day before, or the other way round, ascending."""
        spans = self.graph.intervals
        rows = np.unique(self._row[np.searchsorted(self._day, day) : np.searchsorted(self._day, day + 1)])
        was, now = ((spans.start[rows] <= at) & (spans.end[rows] >= at) for at in (day - 1, day))
        found: Nodes = rows[was != now]
        return found

    def volatile(self, rows: Nodes) -> Nodes:
        """Arcs on which some relations bear, themselves or as denials."""
        denials = self.graph.denials
        touched = np.union1d(rows, denials.relation[np.isin(denials.denial, rows)])
        found = [
            arc[np.isin(column, touched)] if len(touched) > len(column) >> 6 else _matching(column, arc, touched)
            for column, arc in self._behind
        ]
        return np.unique(np.concatenate(found)).astype(np.intp)

    def counts(self, place: int) -> bool:
        """Whether a place is among those that are asked about."""
        return self._counted is None or place in self._counted

    def places(self, scope: Scope) -> dict[int, Nodes]:
        """Where the data of each layer are found on a day."""
        return {layer: self._places(scope, layer) for layer in self.layers}

    def _places(self, scope: Scope, layer: int) -> Nodes:
        graph, only = self.graph, self.graph.position.get(self.target)
        if layer != NO_CATEGORY:
            found = places_of(graph, scope, layer)
            found = found if only is None else found[found == only]
        else:
            bare = only is not None and graph.types[only] == STORE and graph.node_masks[only] == NO_MASK
            found = np.array([only] if bare else [], dtype=np.intp)
        return found if self._counted is None else found[np.isin(found, list(self._counted))]


def _matching(column: np.ndarray[Any, Any], arc: Nodes, wanted: np.ndarray[Any, Any]) -> Nodes:
    """Arcs that have one of a few numbers in a sorted column."""
    edges = zip(np.searchsorted(column, wanted).tolist(), np.searchsorted(column, wanted, side="right").tolist(),
                strict=True)  # fmt: skip
    return np.concatenate([arc[:0], *(arc[low:high] for low, high in edges if low < high)])


class Goal(tuple[Column, ...]):
    """Many columns that count as one, and stand in many keys."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash((len(self), *self[:1], *self[-1:]))


class SharedMoment(Moment):
    """A moment of a course; the moments of one follow each other."""

    def __init__(self, course: Course, eve: Scope, day: Scope, previous: SharedMoment | None = None) -> None:
        self.course, self.graph, self.bodies = course, course.graph, course.bodies
        self.versions = Versions.between(course.graph, eve, day, course.moved(day.as_of))
        volatile = course.volatile(np.fromiter(self.versions.of_relation, np.intp))
        self.variants = Variants(self.versions, course.graph, course.pool, volatile)
        self.causes: dict[str, Row] = {}
        first = course.places(eve) if previous is None else previous.places[1]
        self.places: tuple[dict[int, Nodes], dict[int, Nodes]] = first, course.places(day)
        if previous is None:
            before = self.versions.before
            course.pool.set(before.arc, bits_of(before.level, before.certainty))
            was = self.variants.best(frozenset(), self.places[0], self.bodies)
        else:
            was = previous.best[1]
        self.best = was, self.variants.best(self.versions.everything, self.places[1], self.bodies)

    def events(self) -> Iterator[Row]:
        """What happened to the best answers of bodies, in the contract's order."""
        yield from super().events()
        self.variants.turn(self.versions.everything)

    def _goal(self) -> Goal:
        graph, target = self.graph, self.course.target
        if target in graph.position:
            only = graph.position[target]
            return Goal((only, layer) for layer in self.course.layers if self.course.counts(only))
        found = {(int(node), layer) for places in self.places for layer, nodes in places.items() for node in nodes}
        return Goal(sorted(found))

    def _explained(self, effects: Sequence[Effect], bodies: Nodes) -> list[Explanation]:
        attributor = Attributor(self.versions, bodies, self.variants)
        attributor.know(self.versions.everything, effects)
        return attributor.explain(effects)

    def _witnesses(self, effects: Sequence[Effect], side: int) -> list[tuple[Column, Path] | None]:
        chosen: frozenset[int] = self.versions.everything if side else frozenset()
        ranks = [effect.after if side else effect.before for effect in effects]
        reached = [number for number, rank in enumerate(ranks) if rank != UNREACHED]
        wanted = [(effects[number].body, effects[number].columns, ranks[number]) for number in reached]
        paths = self.variants.paths(chosen, wanted)
        view = self._views[side] = self._of(side, [arc for _, path in paths for arc in path.arcs])
        found: list[tuple[Column, Path] | None] = [None] * len(effects)
        for number, (column, path) in zip(reached, paths, strict=True):
            at = np.searchsorted(view.arc, path.arcs).tolist()
            found[number] = column, Path(tuple(at), path.relations)
        return found

    @cached_property
    def _views(self) -> dict[int, View]:
        return {}

    def _view(self, side: int) -> View:
        return self._views[side]

    def _of(self, side: int, found: Sequence[int]) -> View:
        """Some arcs as they are on a day."""
        scope, arcs, rows = self.versions.scopes[side], self.graph.arcs, np.unique(np.array(found, dtype=np.intp))
        denied, relation, holding = denied_relations(self.graph, scope), arcs.relation[rows], arcs.holding[rows]
        contested = denied[relation] | ((holding >= 0) & denied[holding])
        certainty = np.where(contested, np.minimum(arcs.certainty[rows], ALLEGED), arcs.certainty[rows])
        ends = arcs.source[rows], arcs.target[rows]
        return View(self.graph, scope, rows, *ends, arcs.level[rows], certainty.astype(np.uint8), contested)

    def _is_column(self, side: int, column: Column) -> bool:
        chosen: frozenset[int] = self.versions.everything if side else frozenset()
        return self.variants.is_column(chosen, *column)

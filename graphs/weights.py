"""How many best answers move when relations or entities fall away, or doubtful relations are settled, all at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graphs.access import SYSTEM, AccessGraph, Nodes, Small
from graphs.engines.arrays import UNREACHED, Sweeper, best_rank, bits_of
from graphs.engines.supports import Added, Long, Moved, Supports
from graphs.reachability import Column
from graphs.verdicts import CHUNK, Verdicts
from graphs.views import NO_CATEGORY, View
from stakeholders.vocabulary import CERTAINTIES

_CONFIRMED = CERTAINTIES.index("confirmed")


class Weights:
    """Counts of the pairs of body and place that depend on each of many things.

    Parameters
    ----------
    verdicts : Verdicts
        The best answers now.
    growing : collection of int
        Layers in which a system whose store is no longer known is a place too.
    relations : sequence of int
        Rows of relations that may not hold.
    doubtful : sequence of int
        Rows of relations, of these, that may be confirmed or not hold.
    nodes : sequence of int
        Nodes of entities that may be none.

    Attributes
    ----------
    without, settled, nodes : mapping of int to int
        The number of pairs, by row or node.
    ranks : uint8 array, bodies × places
        The best ranks now.
    """

    def __init__(
        self,
        verdicts: Verdicts,
        growing: Collection[int],
        relations: Sequence[int],
        doubtful: Sequence[int],
        nodes: Sequence[int],
    ) -> None:
        self.verdicts, self.view, self.graph = verdicts, verdicts.view, verdicts.view.graph
        self.growing = sorted({*growing} - {NO_CATEGORY})
        self.relations = np.unique(np.array(relations, np.int64))
        self.doubtful = np.unique(np.array(doubtful, np.int64))
        self.gone = np.unique(np.array(nodes, np.int64))
        self._known = self.view.known_stores
        self._places = self._new_places()
        self._settling = self._confirmed()
        self.ranks: Small = np.full((len(verdicts.bodies), len(verdicts.places)), UNREACHED, dtype=np.uint8)
        counts = self._counted()
        self.without: Mapping[int, int] = dict(zip(self.relations.tolist(), counts[0].tolist(), strict=True))
        self.settled: Mapping[int, int] = dict(zip(self.doubtful.tolist(), counts[1].tolist(), strict=True))
        self.nodes: Mapping[int, int] = dict(zip(self.gone.tolist(), counts[2].tolist(), strict=True))

    def _counted(self) -> tuple[Long, Long, Long]:
        without, settled = np.zeros(len(self.relations), np.int64), np.zeros(len(self.doubtful), np.int64)
        nodes = np.zeros(len(self.gone), np.int64)
        removed, ends = self._removed(), self._ends()
        is_doubtful = np.isin(self.relations, self.doubtful)
        settling = np.searchsorted(self.doubtful, self.relations)
        number = {place: at for at, place in enumerate(self.verdicts.places)}
        for columns in self._chunks():
            supports = Supports(self.view, columns, self.verdicts.bodies, self._sweeper)
            places = [number[place] for place in dict.fromkeys(place for place, _ in columns)]
            self.ranks[:, places] = supports.ranks
            fallen: list[Moved] = []
            for moved in supports.without(*removed):
                kept = self._elsewhere(self.relations, moved)
                without += np.bincount(kept.trial, minlength=len(without))
                some = is_doubtful[kept.trial]
                fallen.append(Moved(settling[kept.trial[some]], kept.body[some], kept.place[some]))
            if len(self.doubtful):
                arcs = self._added(columns)
                fallen += [self._elsewhere(self.doubtful, moved) for moved in supports.beside(arcs)]
                settled += self._distinct(fallen, len(settled))
            for moved in supports.without(*ends):
                nodes += np.bincount(moved.trial, minlength=len(nodes))
        for rows, counts, confirmed in ((self.relations, without, False), (self.doubtful, settled, True)):
            for at in np.flatnonzero(np.isin(rows, list(self._places))).tolist():
                counts[at] += self._at_new_places(int(rows[at]), confirmed=confirmed)
        return without, settled, nodes

    def _added(self, columns: Sequence[Column]) -> Added:
        trial, view = self._settling
        passing = np.stack([view.passing(layer) for _, layer in columns], axis=1)
        bits = np.where(passing, bits_of(view.level, view.certainty)[:, None], np.uint16(0))
        terminal = self.graph.arcs.terminal[view.arc]
        return Added(trial, view.source.astype(np.int64), view.target.astype(np.int64), bits, terminal)

    def _chunks(self) -> Iterator[Sequence[Column]]:
        """The columns, some at a time, each place whole."""
        columns = sorted(self.verdicts.columns)
        self._sweeper = Sweeper(self.view)
        most = max(1, CHUNK // max(1, len(self.view) + self.graph.n_nodes))
        first = 0
        while first < len(columns):
            last = min(first + most, len(columns))
            while last < len(columns) and columns[last][0] == columns[last - 1][0]:
                last += 1
            yield columns[first:last]
            first = last

    def _removed(self) -> tuple[Long, Nodes]:
        """The arcs that fall with each relation: its number and the arc's position in the view."""
        arcs, view = self.graph.arcs, self.view
        trial, arc = [], []
        for column in (arcs.relation, arcs.holding):
            row = column[view.arc].astype(np.int64)
            at = np.minimum(np.searchsorted(self.relations, row), max(0, len(self.relations) - 1))
            theirs = np.flatnonzero(self.relations[at] == row) if len(self.relations) else np.zeros(0, np.int64)
            trial.append(at[theirs])
            arc.append(theirs)
        key = np.unique(np.concatenate(trial) * max(1, len(view)) + np.concatenate(arc))
        return key // max(1, len(view)), key % max(1, len(view))

    def _ends(self) -> tuple[Long, Nodes]:
        """The arcs that fall with each entity, those implied by its holding too."""
        view, holding = self.view, self.graph.arcs.holding[self.view.arc]
        subject = self.graph.dataset.entity_rows("relations", "subject")
        holder = np.where(holding >= 0, subject[holding], -1)
        found = [
            np.flatnonzero((view.source == node) | (view.target == node) | (holder == node))
            for node in self.gone.tolist()
        ]
        trial = np.repeat(np.arange(len(found)), [len(each) for each in found])
        return trial, np.concatenate([np.zeros(0, np.int64), *found])

    def _confirmed(self) -> tuple[Long, View]:
        """The arcs of each doubtful relation if it were confirmed and nobody denied it, as a view of them all."""
        graph, arcs, scope = self.graph, self.graph.arcs, self.view.scope
        own = np.full(len(graph.dataset.relations) + 1, _CONFIRMED, dtype=np.uint8)
        plain = arcs.holding < 0
        own[arcs.relation[plain]] = arcs.certainty[plain]
        trial, parts = [np.zeros(0, np.int64)], [View.of(_only(graph, np.zeros(0, np.int64)), scope)]
        for number, row in enumerate(self.doubtful.tolist()):
            touched = np.flatnonzero((arcs.relation == row) | (arcs.holding == row))
            before, own[row] = own[row], _CONFIRMED
            part = _only(graph, touched)
            certainty = np.minimum(own[part.arcs.relation], own[part.arcs.holding])
            own[row] = before
            kept = np.flatnonzero(graph.denials.relation != row)
            denials = {name: getattr(graph.denials, name)[kept] for name in graph.denials.__dataclass_fields__}
            part = replace(
                part, arcs=replace(part.arcs, certainty=certainty), denials=replace(graph.denials, **denials)
            )
            view = View.of(part, scope)
            parts.append(replace(view, arc=touched[view.arc]))
            trial.append(np.full(len(view), number, np.int64))
        return np.concatenate(trial), _joined(self.view, parts)

    def _distinct(self, found: Sequence[Moved], trials: int) -> Long:
        """How many different pairs each trial moves."""
        n_bodies, n_nodes = max(1, len(self.verdicts.bodies)), self.graph.n_nodes
        keys = [(moved.trial * n_nodes + moved.place) * n_bodies + moved.body for moved in found]
        key = np.unique(np.concatenate([np.zeros(0, np.int64), *keys]))
        return np.bincount(key // n_bodies // n_nodes, minlength=trials)

    def _elsewhere(self, rows: Long, moved: Moved) -> Moved:
        """Moves but those at systems that are places anew without the relation: these are counted by themselves."""
        n_nodes = self.graph.n_nodes
        apart = [row * n_nodes + place for row, places in self._places.items() for place in places]
        if not apart:
            return moved
        kept = ~np.isin(rows[moved.trial] * n_nodes + moved.place, apart)
        return Moved(moved.trial[kept], moved.body[kept], moved.place[kept])

    def _new_places(self) -> dict[int, list[int]]:
        """For each relation, of those that keep data, systems the store of which is no longer known without it."""
        graph, scope, keeping = self.graph, self.view.scope, self.graph.keeping
        holds = (keeping.start <= scope.as_of) & (keeping.end >= scope.as_of) & (keeping.known <= scope.known_by)
        at = np.flatnonzero(holds)
        kept = graph.passes[keeping.mask[at]] & graph.node_categories[keeping.store[at]]
        times = np.zeros((graph.n_nodes, kept.shape[1]), dtype=np.int64)
        np.add.at(times, keeping.system[at], kept)
        self._times = times
        theirs = kept & (times[keeping.system[at]] == 1) & graph.node_categories[keeping.system[at]]
        theirs &= (graph.types[keeping.system[at]] == SYSTEM)[:, None]
        found: dict[int, list[int]] = {}
        for number in np.flatnonzero(theirs[:, self.growing].any(axis=1)).tolist():
            found.setdefault(int(keeping.relation[at[number]]), []).append(int(keeping.system[at[number]]))
        if scope.stores is not None:
            found = {row: [node for node in nodes if graph.ids[node] in scope.stores] for row, nodes in found.items()}
        return {row: sorted(set(nodes)) for row, nodes in found.items() if nodes}

    def _at_new_places(self, row: int, *, confirmed: bool) -> int:
        """Pairs at systems that are places anew without a relation, whose answer moves there or at the new place."""
        view, graph, systems = self.view, self.graph, self._places[row]
        touched = (graph.arcs.relation[view.arc] == row) | (graph.arcs.holding[view.arc] == row)
        without = _taken(view, np.flatnonzero(~touched))
        before = view
        if confirmed:
            trial, added = self._settling
            theirs = _taken(added, np.flatnonzero(self.doubtful[trial] == row))
            before = _joined(view, [without, theirs])
        keeping = graph.keeping
        known = self._known
        own = np.flatnonzero(keeping.relation == row)
        columns: dict[int, list[Column]] = {}
        old: dict[int, list[Column]] = {}
        for system in systems:
            kept = graph.passes[keeping.mask[own]] & graph.node_categories[keeping.store[own]]
            anew = kept[keeping.system[own] == system].any(axis=0) & (self._times[system] == 1)
            layers = [layer for layer in self.growing if graph.node_categories[system, layer]]
            columns[system] = [(system, layer) for layer in layers if anew[layer] or not known[system, layer]]
            old[system] = [(system, layer) for layer in layers if not known[system, layer]]
        was = _ranks(before, old, self.verdicts.bodies)
        less, more = (_ranks(without, some, self.verdicts.bodies) for some in (old, columns))
        return int(((was != less) | (was != more)).sum())


_COLUMNS = ("arc", "source", "target", "level", "certainty", "contested")


def _taken(view: View, rows: Nodes) -> View:
    columns: dict[str, Any] = {name: getattr(view, name)[rows] for name in _COLUMNS}
    return replace(view, **columns)


def _joined(view: View, parts: Sequence[View]) -> View:
    columns: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS}
    return replace(view, **columns)


def _only(graph: AccessGraph, rows: Nodes) -> AccessGraph:
    """Some arcs of a graph; its index by node is not theirs."""
    return replace(graph, arcs=graph.arcs.take(rows))


def _ranks(view: View, columns: Mapping[int, Sequence[Column]], bodies: Nodes) -> Small:
    """Best ranks at a few places, bodies × places."""
    flat = [column for some in columns.values() for column in some]
    ranks = np.full((len(bodies), len(columns)), UNREACHED, dtype=np.uint8)
    if flat:
        found = best_rank(Sweeper(view).sweep(flat).bits[bodies])
        at = {place: number for number, place in enumerate(columns)}
        for number, (place, _) in enumerate(flat):
            ranks[:, at[place]] = np.minimum(ranks[:, at[place]], found[:, number])
    return ranks

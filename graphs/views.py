"""The access graph on one day, under one set of assumptions: which arcs count, how certain they are, where data are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphs.access import NO_MASK, STORE, SYSTEM, AccessGraph, Flags, Ints, Nodes, Small
from graphs.scope import Scope
from stakeholders.vocabulary import CERTAINTIES

ALLEGED = CERTAINTIES.index("alleged")
NO_CATEGORY = -1  # the layer of arcs without a mask: command over a body, a store without categories


@dataclass(frozen=True)
class View:
    """The arcs of a graph that count in a scope.

    Attributes
    ----------
    graph : AccessGraph
    scope : Scope
    arc : int array
        Positions in ``graph.arcs``, ascending, so still sorted by target.
    source, target : int32 arrays
        The arcs' nodes.
    level, certainty : uint8 arrays
        Strengths; certainty as denials leave it on this day.
    contested : bool array
        Whether a denial stands against the arc on this day.
    """

    graph: AccessGraph
    scope: Scope
    arc: Nodes
    source: Ints
    target: Ints
    level: Small
    certainty: Small
    contested: Flags

    @classmethod
    def of(cls, graph: AccessGraph, scope: Scope) -> View:
        """Choose the arcs of a graph that count in a scope."""
        arcs = graph.arcs
        counts = (arcs.start <= scope.as_of) & (arcs.end >= scope.as_of) & (arcs.known <= scope.known_by)
        if scope.stance < 2:
            counts &= arcs.stance <= scope.stance
        if scope.level:
            counts &= arcs.level >= scope.level
        if scope.evidence_since >= 0:
            counts &= arcs.newest >= scope.evidence_since
        rows = np.flatnonzero(counts)
        certainty, contested = arcs.certainty[rows], np.zeros(len(rows), dtype=bool)
        if (denied := denied_relations(graph, scope)).any():
            contested = denied[arcs.relation[rows]] | ((arcs.holding[rows] >= 0) & denied[arcs.holding[rows]])
            certainty = np.where(contested, np.minimum(certainty, ALLEGED), certainty).astype(np.uint8)
        if scope.certainty:
            enough = certainty >= scope.certainty
            rows, certainty, contested = rows[enough], certainty[enough], contested[enough]
        return cls(graph, scope, rows, arcs.source[rows], arcs.target[rows], arcs.level[rows], certainty, contested)

    def __len__(self) -> int:
        return len(self.arc)

    def passing(self, layer: int) -> Flags:
        """Which arcs let a layer through: a category's position, or ``NO_CATEGORY``."""
        masks = self.graph.arcs.mask[self.arc]
        passing: Flags = masks == NO_MASK if layer == NO_CATEGORY else self.graph.passes[masks, layer]
        return passing

    @cached_property
    def known_stores(self) -> Flags:
        """Systems whose store is known, by category: bool, nodes × categories."""
        keeping, graph = self.graph.keeping, self.graph
        in_force = keeping.start <= self.scope.as_of
        in_force &= (keeping.end >= self.scope.as_of) & (keeping.known <= self.scope.known_by)
        rows = np.flatnonzero(in_force)
        kept = graph.passes[keeping.mask[rows]] & graph.node_categories[keeping.store[rows]]
        known = np.zeros((graph.n_nodes, len(graph.categories.codes)), dtype=bool)
        np.logical_or.at(known, keeping.system[rows], kept)
        return known

    @cached_property
    def places(self) -> Flags:
        """Where each category is found: bool, nodes × categories."""
        graph = self.graph
        stores = (graph.types == STORE)[:, None]
        systems = (graph.types == SYSTEM)[:, None]
        places: Flags = graph.node_categories & (stores | (systems & ~self.known_stores))
        return places

    def places_of(self, layer: int) -> Nodes:
        """Where one category is found, ascending; cheaper than ``places`` where only a few are asked for."""
        return places_of(self.graph, self.scope, layer)

    def columns(self, layers: Sequence[int]) -> list[tuple[int, int]]:
        """Every (place, layer) where the data of some categories are found, by place."""
        found = [self.places_of(layer) for layer in layers]
        places = np.concatenate([np.zeros(0, dtype=np.intp), *found])
        number = np.repeat(np.arange(len(found)), [len(part) for part in found])
        order = np.lexsort((number, places))
        wanted = np.asarray(layers, dtype=np.intp)
        return list(zip(places[order].tolist(), wanted[number[order]].tolist(), strict=True))


def denied_relations(graph: AccessGraph, scope: Scope) -> Flags:
    """Which relations a denial contests on the scope's day: bool, one a relation."""
    denials = graph.denials
    holds = (denials.start <= scope.as_of) & (denials.end >= scope.as_of) & (denials.known <= scope.known_by)
    denied = np.zeros(len(graph.dataset.relations), dtype=bool)
    denied[denials.relation[holds]] = True
    return denied


def places_of(graph: AccessGraph, scope: Scope, layer: int) -> Nodes:
    """Nodes where one category is found, ascending: its stores, and systems no store of which is known on the day."""
    keeping, passing = graph.keeping, graph.passes[:, layer].copy()
    held = passing.copy()
    held[NO_MASK] = False
    places = graph.holders
    places = places[held.take(graph.node_masks.take(places))]
    holding = np.zeros(graph.n_nodes, dtype=bool)
    holding[places] = True
    # Few hold a category, so that what else counts is asked of few.
    rows = np.flatnonzero(holding.take(keeping.system))
    rows = rows[holding.take(keeping.store.take(rows))]
    rows = rows[passing.take(keeping.mask.take(rows)) & (keeping.start.take(rows) <= scope.as_of)]
    rows = rows[(keeping.end.take(rows) >= scope.as_of) & (keeping.known.take(rows) <= scope.known_by)]
    holding[keeping.system.take(rows)] = False
    return places[holding.take(places)]

"""Vendors: who stands behind which systems, stores and operators on a day, and by which route.

A route leads from a vendor over what it supplies, integrates, maintains or operates to a system, on to that system's
parts and to the stores that keep its data, and ends, if it does, at a body that operates one of these systems. Every
arc must let one of the place's categories through; a place without categories takes any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from graphs.access import BODY, NO_MASK, SYSTEM, AccessGraph, Flags
from graphs.scope import Scope
from graphs.views import View
from stakeholders.dates import ALWAYS
from stakeholders.intervals import ASSUMED, entity_intervals
from stakeholders.vocabulary import CERTAINTIES

SUPPLY = ("supplies", "integrates", "maintains", "operates")
ROUTE = (*SUPPLY, "keeps_data_in", "part_of")

# Equipment that is reported in place was put there before: without a date of its own such a relation holds on every
# earlier day, and the answer says that its date is assumed.
FOUND_IN_PLACE = (*SUPPLY, "keeps_data_in")

_ALLEGED = CERTAINTIES.index("alleged")


@dataclass(frozen=True, slots=True)
class Route:
    """The best way from a vendor to a place or an operator.

    Attributes
    ----------
    relations : tuple of int
        Rows of the relations table, from the vendor's end.
    nodes : tuple of int
        Nodes on the way, the vendor first and the end last.
    certainty : int
        The weakest relation's, as a position in ``CERTAINTIES``.
    categories : int
        Bits of the categories that some route of this kind lets through to the end.
    weaker : bool
        Whether it begins with a partnership, which shows no supply.
    """

    relations: tuple[int, ...]
    nodes: tuple[int, ...]
    certainty: int
    categories: int
    weaker: bool = False


@dataclass(frozen=True, slots=True)
class _Arc:
    name: str
    row: int
    target: int
    bits: int
    certainty: int


class Vendors:
    """The supply relations of a graph that count in a scope.

    Parameters
    ----------
    graph : AccessGraph
    scope : Scope
    supply : AccessGraph, optional
        The graph's `supply_graph`, where it serves several scopes.
    """

    def __init__(self, graph: AccessGraph, scope: Scope, supply: AccessGraph | None = None) -> None:
        self.graph, self.scope = graph, scope
        self.supply = supply or supply_graph(graph)
        self.view = View.of(self.supply, scope)
        self.size = len(graph.categories.codes)
        self._any = 1 << self.size
        self._mask_bits = [_bits(row) | self._any for row in graph.passes]
        self._own = [_bits(graph.passes[row]) for row in range(len(graph.passes))]
        self._routes: dict[int, dict[int, Route]] = {}

    @cached_property
    def contested(self) -> Mapping[int, bool]:
        """Whether a relation is contested on the day, by its row."""
        rows = self.view.graph.arcs.relation[self.view.arc].tolist()
        return dict(zip(rows, self.view.contested.tolist(), strict=True))

    @cached_property
    def certainties(self) -> Mapping[int, int]:
        """How certain a relation is on the day, by its row."""
        rows = self.view.graph.arcs.relation[self.view.arc].tolist()
        return dict(zip(rows, self.view.certainty.tolist(), strict=True))

    @cached_property
    def _out(self) -> Mapping[int, list[_Arc]]:
        view, names = self.view, self.graph.dataset.relations.column("id")
        out: dict[int, list[_Arc]] = {}
        rows = view.graph.arcs.relation[view.arc].tolist()
        masks = view.graph.arcs.mask[view.arc].tolist()
        for source, target, row, mask, certainty in zip(
            view.source.tolist(), view.target.tolist(), rows, masks, view.certainty.tolist(), strict=True
        ):
            arc = _Arc(names[row], row, target, self._mask_bits[mask], certainty)
            out.setdefault(source, []).append(arc)
        for arcs in out.values():
            arcs.sort(key=lambda arc: arc.name)
        return out

    @cached_property
    def _operators(self) -> Mapping[int, list[_Arc]]:
        """For each system the bodies that operate it, as arcs that end there."""
        found: dict[int, list[_Arc]] = {}
        operates = self._predicate == "operates"
        for source, arcs in self._out.items():
            for arc in arcs:
                if operates[arc.row]:
                    back = replace(arc, target=source)
                    found.setdefault(arc.target, []).append(back)
        for arcs in found.values():
            arcs.sort(key=lambda arc: arc.name)
        return found

    @cached_property
    def _predicate(self) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        codes, words = self.graph.dataset.relations.codes("predicate")
        return np.array(words, dtype=object)[codes]

    @cached_property
    def _wholes(self) -> Mapping[int, list[int]]:
        found: dict[int, list[int]] = {}
        for source, arcs in self._out.items():
            for arc in arcs:
                if self._predicate[arc.row] == "part_of":
                    found.setdefault(arc.target, []).append(source)
        return found

    @cached_property
    def _direct(self) -> Mapping[int, Mapping[str, frozenset[int]]]:
        """Bodies with a relation of their own to each system, by predicate."""
        found: dict[int, dict[str, set[int]]] = {}
        for source, arcs in self._out.items():
            for arc in arcs:
                if (predicate := str(self._predicate[arc.row])) in SUPPLY:
                    found.setdefault(arc.target, {}).setdefault(predicate, set()).add(source)
        return {
            system: {predicate: frozenset(bodies) for predicate, bodies in by.items()} for system, by in found.items()
        }

    @property
    def systems(self) -> tuple[int, ...]:
        """Systems with a vendor or an operator, in order of the entities table."""
        return tuple(sorted(self._direct))

    def suppliers(self, system: int) -> frozenset[int]:
        """Who supplies a system or a whole that it is part of; where nobody does, who integrates or maintains it."""
        for predicates in (("supplies",), ("integrates", "maintains")):
            found = frozenset[int]().union(
                *(self._direct.get(each, {}).get(predicate, frozenset()) for each in self._with_wholes(system)
                  for predicate in predicates)
            )  # fmt: skip
            if found:
                return found
        return frozenset()

    def behind(self, system: int) -> frozenset[int]:
        """Bodies with any relation of supply or operation of their own to a system."""
        return frozenset[int]().union(*self._direct.get(system, {}).values())

    def suppliers_at(self, system: int) -> frozenset[int]:
        """Bodies that supply, integrate or maintain a system itself."""
        direct = self._direct.get(system, {})
        return frozenset[int]().union(*(bodies for predicate, bodies in direct.items() if predicate != "operates"))

    def start_of(self, row: int) -> int:
        """Day since when a relation counts here, ``ALWAYS`` where that is open."""
        return self._starts.get(row, int(self.graph.intervals.start[row]))

    @cached_property
    def _starts(self) -> Mapping[int, int]:
        return supply_starts(self.supply)

    def operators(self, system: int) -> frozenset[int]:
        """Bodies that operate a system."""
        return self._direct.get(system, {}).get("operates", frozenset())

    def stores(self, system: int) -> tuple[int, ...]:
        """Stores that keep the data of a system."""
        arcs = self._out.get(system, ())
        return tuple(sorted({arc.target for arc in arcs if self._predicate[arc.row] == "keeps_data_in"}))

    def systems_of(self, node: int) -> frozenset[int]:
        """Systems that an entity means: itself and its parts, what keeps data in it, or what it operates."""
        kind = self.graph.types[node]
        if kind == SYSTEM:
            found, queue = {node}, [node]
            while queue:
                arcs = self._out.get(queue.pop(), ())
                parts = {arc.target for arc in arcs if self._predicate[arc.row] == "part_of"} - found
                found |= parts
                queue.extend(parts)
            return frozenset(found)
        if kind == BODY:
            return frozenset(system for system in self.systems if node in self.operators(system))
        keepers = (source for source, arcs in self._out.items() for arc in arcs if arc.target == node)
        return frozenset(source for source in keepers if self.graph.types[source] == SYSTEM)

    def _with_wholes(self, system: int) -> list[int]:
        found, queue = [system], [system]
        while queue:
            for whole in self._wholes.get(queue.pop(), ()):
                if whole not in found:
                    found.append(whole)
                    queue.append(whole)
        return found

    def required(self, node: int) -> int:
        """Bits of which a route must let one through: a place's categories and narrower ones, or any."""
        mask = int(self.graph.node_masks[node])
        if mask not in self._required:
            tree = self.graph.categories
            codes = [code for code in tree.codes if self._own[mask] >> tree.position[code] & 1]
            self._required[mask] = _bits_of(tree.closed(codes), tree.position)
        return self._required[mask]

    @cached_property
    def _required(self) -> dict[int, int]:
        """The same by the row of the graph's ``passes``."""
        return {NO_MASK: self._any}

    def categories(self, node: int, bits: int) -> list[str]:
        """Codes of a place's own categories that bits let through; if only narrower ones pass, these."""
        tree, own = self.graph.categories, self._own[int(self.graph.node_masks[node])]
        if int(self.graph.node_masks[node]) == NO_MASK:
            own = 0
        named = own & bits or self.required(node) & bits & ~self._any
        return [code for code in tree.codes if named >> tree.position[code] & 1]

    def codes(self, bits: int) -> list[str]:
        """Codes of the categories among bits."""
        tree = self.graph.categories
        return [code for code in tree.codes if bits >> tree.position[code] & 1]

    def routes(self, vendor: int) -> Mapping[int, Route]:
        """The best route from a vendor to each system, store and operator that it stands behind.

        Best is the most certain, then the one of fewest relations, then of smallest ids. What begins with a
        partnership stands only where nothing else does.
        """
        if vendor not in self._routes:
            found = self._own_routes(vendor)
            for arc in self._partners.get(vendor, ()):
                start = Route((arc.row,), (vendor, arc.target), arc.certainty, 0, weaker=True)
                self._keep(found, arc.target, start)
                for node, route in self._own_routes(arc.target).items():
                    if node != vendor:
                        longer = Route(
                            (arc.row, *route.relations), (vendor, *route.nodes), min(arc.certainty, route.certainty),
                            route.categories, weaker=True,
                        )  # fmt: skip
                        self._keep(found, node, longer)
            self._routes[vendor] = found
        return self._routes[vendor]

    def _keep(self, found: dict[int, Route], node: int, route: Route) -> None:
        known = found.get(node)
        if known is None or (known.weaker and self._key(route) < self._key(known)):
            found[node] = route

    def _key(self, route: Route) -> tuple[int, int, tuple[str, ...]]:
        names = self.graph.dataset.relations.column("id")
        return -route.certainty, len(route.relations), tuple(names[row] for row in route.relations)

    def _own_routes(self, vendor: int) -> dict[int, Route]:
        found: dict[int, Route] = {}
        bits: dict[int, int] = {}
        for certainty in range(len(CERTAINTIES) - 1, self.scope.certainty - 1, -1):
            for node, route, passed in self._search(vendor, certainty):
                found.setdefault(node, route)
                bits[node] = bits.get(node, 0) | passed
        return {node: replace(route, categories=bits[node]) for node, route in found.items()}

    def _search(self, vendor: int, certainty: int) -> list[tuple[int, Route, int]]:
        """Routes over relations of a certainty or better, breadth first: ends, their best routes, what passes there."""
        level: list[tuple[tuple[str, ...], Route, int]] = [((), Route((), (vendor,), len(CERTAINTIES) - 1, 0), -1)]
        covered: dict[int, int] = {}
        best: dict[int, Route] = {}
        passed: dict[int, int] = {}

        def reach(node: int, route: Route, bits: int) -> None:
            best.setdefault(node, route)
            passed[node] = passed.get(node, 0) | bits

        while level:
            following: list[tuple[tuple[str, ...], Route, int]] = []
            for names, route, bits in level:
                at = route.nodes[-1]
                for arc in self._out.get(at, ()):
                    through = bits & arc.bits & ~covered.get(arc.target, 0)
                    if arc.certainty >= certainty and through and arc.target not in route.nodes:
                        following.append(((*names, arc.name), _longer(route, arc), through))
            following.sort(key=lambda item: item[0])
            for _, route, bits in following:
                node = route.nodes[-1]
                if bits & self.required(node):
                    reach(node, route, bits & self.required(node))
            # Operators end a route one relation later than their system is reached; the next level comes after them.
            for _, route, bits in sorted(level, key=lambda item: item[0]):
                at = route.nodes[-1]
                if len(route.nodes) > 1 and bits & self.required(at):
                    for arc in self._operators.get(at, ()):
                        through = bits & arc.bits & self.required(at)
                        if arc.certainty >= certainty and through and arc.target not in route.nodes:
                            reach(arc.target, _longer(route, arc), through)
            for _, route, bits in following:
                covered[route.nodes[-1]] = covered.get(route.nodes[-1], 0) | bits
            level = following
        return [(node, route, passed[node]) for node, route in best.items()]

    @cached_property
    def _partners(self) -> Mapping[int, list[_Arc]]:
        """Partnerships of the day, each from both of its ends."""
        dataset, spans, scope = self.graph.dataset, self.graph.intervals, self.scope
        statuses, names = dataset.relations.column("status"), dataset.relations.column("id")
        rows: list[int] = np.flatnonzero(self._predicate == "partner_of").tolist()
        subject, target = dataset.entity_rows("relations", "subject"), dataset.entity_rows("relations", "object")
        denied = {
            (int(subject[row]), int(target[row])) for row in rows if statuses[row] == "denied" and self._holds(row)
        }
        found: dict[int, list[_Arc]] = {}
        for row in rows:
            one, two, status = int(subject[row]), int(target[row]), statuses[row]
            if status == "denied" or not self._holds(row) or one == two or spans.newest[row] < scope.evidence_since:
                continue
            certainty = CERTAINTIES.index({"planned": "prospective", "under_review": "prospective"}.get(status, status))
            certainty = min(certainty, _ALLEGED) if (one, two) in denied else certainty
            if certainty >= scope.certainty:
                for here, there in ((one, two), (two, one)):
                    found.setdefault(here, []).append(_Arc(names[row], row, there, -1, certainty))
        for arcs in found.values():
            arcs.sort(key=lambda arc: (-arc.certainty, arc.name))
        return found

    def _holds(self, row: int) -> bool:
        spans, day = self.graph.intervals, self.scope.as_of
        return bool(spans.start[row] <= day <= spans.end[row] and spans.known[row] <= self.scope.known_by)


def supply_starts(supply: AccessGraph) -> Mapping[int, int]:
    """Since when each relation of a supply graph counts, by its row: ``ALWAYS`` where its date is assumed."""
    arcs = supply.arcs
    return dict(zip(arcs.relation.tolist(), arcs.start.tolist(), strict=True))


def supply_graph(graph: AccessGraph) -> AccessGraph:
    """The graph's arcs of supply, those without a date of their own from the start."""
    codes, words = graph.dataset.relations.codes("predicate")
    predicate = codes[graph.arcs.relation]
    wanted = np.isin(predicate, [words.index(word) for word in ROUTE if word in words]) & (graph.arcs.holding < 0)
    if "part_of" in words:
        systems: Flags = (graph.types[graph.arcs.source] == SYSTEM) & (graph.types[graph.arcs.target] == SYSTEM)
        wanted &= systems | (predicate != words.index("part_of"))
    arcs = graph.arcs.take(np.flatnonzero(wanted))
    in_place = np.isin(codes[arcs.relation], [words.index(word) for word in FOUND_IN_PLACE if word in words])
    begins, _ = entity_intervals(graph.dataset)
    earliest = np.maximum(begins[arcs.source], begins[arcs.target]).clip(min=ALWAYS)
    start = np.where(in_place & (arcs.word == ASSUMED), earliest, arcs.start).astype(np.int32)
    return replace(graph, arcs=replace(arcs, start=start))


def _longer(route: Route, arc: _Arc) -> Route:
    return Route(
        (*route.relations, arc.row), (*route.nodes, arc.target), min(route.certainty, arc.certainty), route.categories
    )


def _bits(row: Flags) -> int:
    return int(sum(1 << int(position) for position in np.flatnonzero(row)))


def _bits_of(codes: frozenset[str], position: Mapping[str, int]) -> int:
    return sum(1 << position[code] for code in codes)

"""Two versions of a dataset as one graph, with every state between them: any part of what changed, made by itself.

Relations that changed stand in one table twice, as they were and as they are, so that one graph has the arcs of both; a
state is the choice of which count. Two dates of one dataset are the same thing: each relation has a clock of its own.
What else bears on arcs (an entity's dates or categories, a source's date, a rule, the tree of categories) is rare and
bears on many, so a choice of these makes a graph of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from graphs.access import NO_MASK, STORE, AccessGraph, Flags, Ints, Nodes, build
from graphs.scope import Scope
from graphs.traversal import rules_of
from graphs.views import ALLEGED, NO_CATEGORY, View
from stakeholders.categories import CategoryTree
from stakeholders.columns import ArrowColumn, EncodedColumn, joined
from stakeholders.dataset import Dataset, Table, empty_table
from stakeholders.differences import Change

Numbers = np.ndarray[Any, np.dtype[np.int64]]
Choice = frozenset[int]  # causes that have taken place

# Columns by which a row bears on reach; whatever else changes is told, but explains nothing.
RELEVANT: Mapping[str, frozenset[str]] = {
    "relations": frozenset({
        "subject", "predicate", "object", "categories", "mode", "status", "valid_from", "valid_until", "percent",
        "sources",
    }),
    "entities": frozenset({"type", "categories", "valid_from", "valid_until"}),
    "sources": frozenset({"date"}),
}  # fmt: skip


class Cause(NamedTuple):
    """What may explain a change of reach: a row of a table; for ``rules`` the id is a predicate.

    ``change`` says what happened to it: ``added``, ``removed`` or ``changed`` between two datasets; ``began``,
    ``ended`` or ``stale`` (its evidence is too old now) between two dates. ``before`` and ``after`` are the cells that
    differ.
    """

    table: str
    id: str
    change: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def reference(self) -> str:
        """How an answer names it: a relation by its id, all else with its table before it."""
        return self.id if self.table == "relations" else f"{self.table}:{self.id}"


@dataclass(frozen=True)
class State(View):
    """A view in which some of the causes have taken place and the others have not.

    Attributes
    ----------
    in_force : bool array
        Which rows of the relations table hold, each on its own day.
    """

    in_force: Flags

    @cached_property
    def known_stores(self) -> Flags:
        """Systems whose store is known, by category: bool, nodes × categories."""
        graph, keeping = self.graph, self.graph.keeping
        rows = np.flatnonzero(self.in_force[keeping.relation])
        kept = graph.passes[keeping.mask[rows]] & graph.node_categories[keeping.store[rows]]
        known = np.zeros((graph.n_nodes, len(graph.categories.codes)), dtype=bool)
        np.logical_or.at(known, keeping.system[rows], kept)
        return known

    def places_of(self, layer: int) -> Nodes:
        """Where one category is found, ascending."""
        return np.flatnonzero(self.places[:, layer])

    def is_column(self, place: int, layer: int) -> bool:
        """Whether the data of a layer are found at a place: a store without categories is found by none."""
        if layer != NO_CATEGORY:
            return bool(self.places[place, layer])
        return bool(self.graph.types[place] == STORE and self.graph.node_masks[place] == NO_MASK)


@dataclass(frozen=True)
class Versions:
    """Two versions of a dataset, or one at two dates, and the states between them.

    Attributes
    ----------
    union : Dataset
        Everything that either version has; what both have as it is in the later.
    scopes : (Scope, Scope)
        The assumptions before and after; only their days may differ.
    causes : tuple of Cause
        Everything that changed and bears on reach.
    """

    union: Dataset
    scopes: tuple[Scope, Scope]
    causes: tuple[Cause, ...]
    _of_row: Numbers  # cause of a row of the relations table, -1 for none
    _in_first: Flags  # whether a row is there as long as its cause has not taken place
    _in_last: Flags  # … once it has
    _general: Mapping[int, Mapping[str, Any]]  # causes that make a graph of their own, with how a version is made
    _graphs: dict[Choice, AccessGraph]
    _base_rules: Mapping[str, Any]

    @classmethod
    def of(cls, before: Dataset, after: Dataset, scope: Scope, found: Sequence[Change]) -> Versions:
        """Two datasets under the same assumptions, with all that differs between them."""
        causes: list[Cause] = []
        general: dict[int, Mapping[str, Any]] = {}
        for change in found:
            columns = RELEVANT.get(change["table"])
            if columns is None or change["id"] is None or "#" in change["id"]:
                continue
            was, now = change["before"] or {}, change["after"] or {}
            if change["change"] == "changed":
                was, now = ({k: v for k, v in side.items() if k in columns} for side in (was, now))
                if not (was or now):
                    continue
            elif change["table"] != "relations":
                continue  # by itself nobody reaches it: what joins it to others explains
            if change["table"] != "relations":
                general[len(causes)] = was
            causes.append(Cause(change["table"], change["id"], change["change"], was, now))
        for code, was, now in _broader(before, after):
            general[len(causes)] = {"broader": was}
            causes.append(Cause("categories", code, "changed", {"broader": was}, {"broader": now}))
        rules = rules_of(before.rules).predicates, rules_of(after.rules).predicates
        for name in sorted({*rules[0], *rules[1]}):
            if rules[0].get(name) != rules[1].get(name):
                raw = [dict(dataset.rules.get("predicates", {})).get(name) for dataset in (before, after)]
                general[len(causes)] = {"rule": raw[0]}
                causes.append(Cause("rules", name, "changed", {"rule": raw[0]}, {"rule": raw[1]}))
        union, of_row, in_first, in_last = _united(before, after, causes)
        return cls(union, (scope, scope), tuple(causes), of_row, in_first, in_last, general, {}, after.rules)

    @classmethod
    def between(cls, graph: AccessGraph, first: Scope, last: Scope, moved: Nodes | None = None) -> Versions:
        """One dataset at two dates; all that differs, or, where they are known, the relations that do and matter."""
        dataset, spans = graph.dataset, graph.intervals
        at = [(spans.start <= scope.as_of) & (spans.end >= scope.as_of) for scope in (first, last)]
        if moved is None:
            fresh = [_fresh(graph, scope.evidence_since) for scope in (first, last)]
            moved = np.flatnonzero((at[0] != at[1]) | (at[0] & at[1] & (fresh[0] != fresh[1])))
        of_row = np.full(len(dataset.relations), -1, dtype=np.int64)
        of_row[moved] = np.arange(len(moved))
        ids = dataset.relations.column("id")
        causes = []
        for row in moved.tolist():
            change = "began" if at[1][row] and not at[0][row] else "ended" if at[0][row] and not at[1][row] else "stale"
            causes.append(Cause("relations", ids[row], change, {}, {}))
        there = np.ones(len(dataset.relations), dtype=bool)
        return cls(dataset, (first, last), tuple(causes), of_row, there, there, {}, {frozenset(): graph}, {})

    @cached_property
    def everything(self) -> Choice:
        """All causes."""
        return frozenset(range(len(self.causes)))

    @cached_property
    def before(self) -> State:
        """Nothing has taken place yet."""
        return self.state(frozenset())

    @cached_property
    def after(self) -> State:
        """All has taken place."""
        return self.state(self.everything)

    @cached_property
    def of_relation(self) -> Mapping[int, int]:
        """Row of the relations table → its cause, where it has one."""
        return {row: int(self._of_row[row]) for row in np.flatnonzero(self._of_row >= 0).tolist()}

    @cached_property
    def references(self) -> list[str]:
        """How answers name the causes."""
        return [cause.reference for cause in self.causes]

    @cached_property
    def numbers(self) -> Mapping[tuple[str, str], int]:
        """Table and id → cause."""
        return {(cause.table, cause.id): number for number, cause in enumerate(self.causes)}

    def state(self, chosen: Choice) -> State:
        """The view in which just these causes have taken place."""
        graph = self._graph(frozenset(number for number in chosen if number in self._general))
        last, arcs = self.scopes[1], graph.arcs
        in_force, counting = self.standing(graph, chosen)
        counts = counting[arcs.relation]
        implied = np.flatnonzero(arcs.holding >= 0)
        counts[implied] &= counting[arcs.holding[implied]]
        counts &= (arcs.stance <= last.stance) & (arcs.level >= last.level)
        denied = np.zeros(len(in_force), dtype=bool)
        denied[graph.denials.relation[in_force[graph.denials.denial]]] = True
        rows = np.flatnonzero(counts)
        contested = denied[arcs.relation[rows]] | ((arcs.holding[rows] >= 0) & denied[arcs.holding[rows]])
        certainty = np.where(contested, np.minimum(arcs.certainty[rows], ALLEGED), arcs.certainty[rows])
        certain = certainty >= last.certainty
        rows, certainty, contested = rows[certain], certainty[certain].astype(np.uint8), contested[certain]
        return State(
            graph, last, rows, arcs.source[rows], arcs.target[rows], arcs.level[rows], certainty, contested, in_force
        )

    @property
    def one_graph(self) -> bool:
        """Whether every state is a choice among the arcs of one graph."""
        return not self._general

    def standing(
        self, graph: AccessGraph, chosen: Choice, rows: Numbers | Ints | slice = slice(None)
    ) -> tuple[Flags, Flags]:
        """Which relations are in force once just these causes have taken place, each on its own day, and count.

        Parameters
        ----------
        graph : AccessGraph
        chosen : set of int
        rows : int array, optional
            Rows of the relations table to tell it of; default all.

        Returns
        -------
        in_force, counting : bool arrays
            The second are those of the first whose evidence is new enough.
        """
        (first, last), spans = self.scopes, graph.intervals
        done = np.zeros(len(self.causes) + 1, dtype=bool)
        done[list(chosen)] = True
        later = done[self._of_row[rows]]  # a row without a cause looks at the last place, which stays False
        in_force = np.where(later, self._in_last[rows], self._in_first[rows])
        day = np.where(later, last.as_of, first.as_of)
        in_force &= (spans.start[rows] <= day) & (spans.end[rows] >= day) & (spans.known[rows] <= last.known_by)
        if first.evidence_since < 0 and last.evidence_since < 0:
            return in_force, in_force
        since = np.where(later, last.evidence_since, first.evidence_since)
        return in_force, in_force & ((since < 0) | (spans.newest[rows] >= since))

    def touched(self, graph: AccessGraph) -> Flags:
        """Relations that a cause bears on, itself or as a denial."""
        touched: Flags = self._of_row >= 0
        touched[graph.denials.relation[touched[graph.denials.denial]]] = True
        return touched

    def _graph(self, chosen: Choice) -> AccessGraph:
        """The graph with these of the general causes."""
        if chosen not in self._graphs:
            dataset, rules = self.union, self._base_rules
            for number, was in self._general.items():
                if number in chosen:
                    continue
                cause = self.causes[number]
                if cause.table == "rules":
                    predicates = {**rules.get("predicates", {}), cause.id: was["rule"]}
                    kept = {name: rule for name, rule in predicates.items() if rule is not None}
                    rules = {**rules, "predicates": kept}
                else:
                    dataset = _with_cells(dataset, cause, was)
            self._graphs[chosen] = build(dataset, rules)
        return self._graphs[chosen]


def _fresh(graph: AccessGraph, since: int) -> Flags:
    """Rows of the relations table whose newest source is of a day or later."""
    fresh: Flags = graph.intervals.newest >= since if since >= 0 else np.ones(len(graph.intervals.newest), dtype=bool)
    return fresh


def _broader(before: Dataset, after: Dataset) -> Iterable[tuple[str, str, str]]:
    """Categories whose broader ones differ, with both as cells."""
    trees = before.tree, after.tree
    for code in sorted({*trees[0].codes, *trees[1].codes}):
        was, now = (_broader_cell(tree, code) for tree in trees)
        if was != now:
            yield code, was, now


def _broader_cell(tree: CategoryTree, code: str) -> str:
    return ";".join(sorted(tree[code].broader)) if code in tree else ""


def _with_cells(dataset: Dataset, cause: Cause, cells: Mapping[str, str]) -> Dataset:
    table = dataset.tables[cause.table]
    row = table.index[cause.id]
    for column, cell in cells.items():
        changed = list(table.column(column))
        changed[row] = cell
        table = table.with_column(column, tuple(changed))
    return replace(dataset, tables={**dataset.tables, cause.table: table})


def _united(before: Dataset, after: Dataset, causes: Sequence[Cause]) -> tuple[Dataset, Numbers, Flags, Flags]:
    """A dataset with the rows of both, changed relations twice; the cause of each relation, and in which it stands."""
    tables = {name: overlaid(before, after, name) for name in ("entities", "sources", "listings")}
    number_of = {cause.id: number for number, cause in enumerate(causes) if cause.table == "relations"}
    old, new = before.relations, after.relations
    newer = new.places([cause.id for cause in causes if cause.table == "relations" and cause.change != "removed"])
    tables["relations"] = _stacked(old, new.select(newer))
    of_row = np.full(len(tables["relations"]), -1, dtype=np.int64)
    in_first, in_last = np.ones(len(of_row), dtype=bool), np.ones(len(of_row), dtype=bool)
    numbers, places = np.array([*number_of.values()], dtype=np.int64), old.places([*number_of])
    there = places >= 0
    of_row[places[there]] = numbers[there]
    in_last[places[there]] = False
    for place, row in enumerate(newer.tolist()):
        of_row[len(old) + place] = number_of[new.column("id")[row]]
        in_first[len(old) + place] = False
    tables["categories"] = _all_categories(before, after)
    union = replace(after, tables={**after.tables, **tables}, rules=after.rules)
    return union, of_row, in_first, in_last


def overlaid(before: Dataset, after: Dataset, name: str) -> Table:
    """A table as it is after, and below it the rows that were only before."""
    old, new = (dataset.tables.get(name, empty_table(name)) for dataset in (before, after))
    return _stacked(new, old.select(np.flatnonzero(new.places(old.columns[old.header[0]]) < 0)))


def _all_categories(before: Dataset, after: Dataset) -> Table:
    """The categories of both, with the broader ones of the later."""
    table = empty_table("categories")
    old, new = before.tree, after.tree
    codes = [*new.codes, *(code for code in old.codes if code not in new)]
    columns: dict[str, list[str]] = {name: [] for name in table.header}
    for code in codes:
        tree = new if code in new else old
        cells = {"code": code, "special": tree.special(code) or ""}
        cells |= {"name" if lang == "en" else f"name_{lang}": tree.name_of(code, lang) for lang in ("en", "ru", "kk")}
        cells["broader"] = _broader_cell(new, code)
        for name, column in columns.items():
            column.append(cells.get(name, ""))
    return replace(table, columns={name: tuple(cells) for name, cells in columns.items()}, lines=[0] * len(codes))


def _stacked(upper: Table, lower: Table) -> Table:
    """The rows of two tables, one below the other."""
    if not len(lower):
        return upper
    header = (*upper.header, *(name for name in lower.header if name not in upper.columns))
    columns = {name: _joined(upper.column(name), lower.column(name)) for name in header}
    return Table(upper.name, header, columns, [0] * (len(upper) + len(lower)))


def _joined(upper: Sequence[str], lower: Sequence[str]) -> Sequence[str]:
    if isinstance(upper, ArrowColumn):
        return joined(upper, ArrowColumn.of(lower))
    if not isinstance(upper, EncodedColumn):
        return (*upper, *lower)
    places = {value: place for place, value in enumerate(upper.values)}
    codes = [places.setdefault(cell, len(places)) for cell in lower]
    values = [*upper.values, *list(places)[len(upper.values) :]]
    return EncodedColumn(np.concatenate([upper.codes, np.array(codes, dtype=np.int32)]), values)

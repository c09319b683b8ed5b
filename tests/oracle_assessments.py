"""Stores scored one after another, relation by relation: what `graphs.assessments` must say, written to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from graphs.access import AccessGraph
from graphs.answers import Row
from graphs.assessments import FRESH, gdpr
from graphs.scope import Scope, later
from stakeholders.dataset import split
from stakeholders.intervals import listing_intervals


class Met(NamedTuple):
    """How a criterion is met: out of how many, by how many, and what stands against it."""

    asked: int
    met: int
    missing: tuple[str, ...] = ()


def assess(graph: AccessGraph, scope: Scope) -> Iterator[Row]:
    """Every store by every principle."""
    facts = _Facts(graph, scope)
    for store in facts.stores():
        for principle in gdpr().principles:
            asked = {name: met for name in principle.criteria if (met := CRITERIA[name](facts, store)).asked}
            score = sum(met.met / met.asked for met in asked.values()) / len(asked) if asked else None
            yield {
                "store": store,
                "principle": principle.id,
                "article": principle.article,
                "score": None if score is None else round(score, 2),
                "criteria": {name: [met.met, met.asked] for name, met in asked.items()},
                "missing": sorted({name for met in asked.values() for name in met.missing}),
            }


@dataclass(frozen=True)
class _Store:
    """Relations in force around a store, by what they are to it."""

    access: tuple[Row, ...]
    keeping: tuple[Row, ...]
    onward: tuple[Row, ...]
    leaks: tuple[Row, ...]
    vendors: tuple[Row, ...]
    oversight: tuple[Row, ...]

    @property
    def all(self) -> tuple[Row, ...]:
        return (*self.access, *self.keeping, *self.onward)


_ON_RECORD = ("confirmed", "reported", "alleged")
_TELLING = (
    "holds", "operates", "keeps_data_in", "has_access", "feeds", "leaked_to", "supplies", "maintains", "integrates",
    "supervises",
)  # fmt: skip
_KINDS = {
    "has_access": "access", "holds": "keeping", "operates": "keeping", "feeds": "onward", "leaked_to": "leaks",
    "supplies": "vendors", "maintains": "vendors", "integrates": "vendors",
}  # fmt: skip


class _Facts:
    """What is on record on a day, looked up by store."""

    def __init__(self, graph: AccessGraph, scope: Scope) -> None:
        self.graph, self.dataset, self.scope = graph, graph.dataset, scope
        spans = graph.intervals
        self.newest: dict[str, int] = {}
        self._around: dict[str, list[Row]] = {}
        self._watched: dict[str, list[Row]] = {}  # by whom is supervised
        self.fresh_since = later(scope.as_of, FRESH, back=True)
        for number, cells in enumerate(self.dataset.relations.rows()):
            if not spans.start[number] <= scope.as_of <= spans.end[number] or spans.known[number] > scope.known_by:
                continue
            if cells["status"] not in _ON_RECORD or cells["predicate"] not in _TELLING:
                continue
            self.newest[cells["id"]] = int(spans.newest[number])
            for end in {cells["subject"], cells["object"]}:
                self._around.setdefault(end, []).append(cells)
            if cells["predicate"] == "supervises":
                self._watched.setdefault(cells["object"], []).append(cells)
        names = self.dataset.relations.column("id")
        denials = graph.denials
        holds = (denials.start <= scope.as_of) & (denials.end >= scope.as_of) & (denials.known <= scope.known_by)
        self.contested = {names[row] for row in denials.relation[holds].tolist()}
        spans = listing_intervals(self.dataset)
        listed = spans.in_force(scope.as_of) & (spans.known <= scope.known_by)
        self.listed = {
            entity for entity, now in zip(self.dataset.listings.column("entity"), listed.tolist(), strict=True) if now
        }
        self._known: dict[str, _Store] = {}  # the last one asked about

    def stores(self) -> list[str]:
        """Stores to look at, in the order of the table."""
        asked = None if self.scope.stores is None else set(self.scope.stores)
        entities = self.dataset.entities
        found = zip(entities.column("id"), entities.column("type"), strict=True)
        return [store for store, kind in found if kind == "store" and (asked is None or store in asked)]

    def of(self, store: str) -> _Store:
        """What is on record around a store."""
        if store not in self._known:
            systems = {row["subject"] for row in self._around.get(store, ()) if row["predicate"] == "keeps_data_in"}
            near = {row["id"]: row for place in (store, *sorted(systems)) for row in self._around.get(place, ())}
            kinds: dict[str, list[Row]] = {kind: [] for kind in ("access", "keeping", "onward", "leaks", "vendors")}
            for name in sorted(near):
                row = near[name]
                kind = _KINDS.get(row["predicate"])
                if kind is not None and (kind != "onward" or row["subject"] == store or row["subject"] in systems):
                    kinds[kind].append(row)
            keepers = {row["subject"] for row in kinds["keeping"]}
            seen = [row for place in (store, *systems, *keepers) for row in self._watched.get(place, ())]
            self._known = {store: _Store(**{kind: tuple(rows) for kind, rows in kinds.items()}, oversight=tuple(seen))}
        return self._known[store]


Criterion = Callable[[_Facts, str], Met]


def _share(rows: tuple[Row, ...], fine: Callable[[Row], bool]) -> Met:
    missing = tuple([row["id"] for row in rows if not fine(row)])
    return Met(len(rows), len(rows) - len(missing), missing)


def _yes(fine: bool, missing: str) -> Met:
    return Met(1, int(fine), () if fine else (missing,))


def _newest_is_recent(facts: _Facts, row: Row) -> bool:
    return facts.newest.get(row["id"], 0) >= facts.fresh_since


CRITERIA: Final[Mapping[str, Criterion]] = {
    "access_has_legal_basis": lambda facts, store: _share(
        facts.of(store).access, lambda row: bool(row.get("legal_basis"))
    ),
    "keeping_has_legal_basis": lambda facts, store: _share(
        facts.of(store).keeping, lambda row: bool(row.get("legal_basis"))
    ),
    # Of data that nobody is on record to keep or use lawfully, to name the people in them documents nothing lawful.
    "subjects_are_named": lambda facts, store: _yes(
        bool(facts.dataset.entities.column("subjects")[facts.dataset.entities.index[store]]), store
    ) if facts.of(store).access or facts.of(store).keeping else Met(0, 0, ()),
    "onward_feeds_have_legal_basis": lambda facts, store: _share(
        facts.of(store).onward, lambda row: bool(row.get("legal_basis"))
    ),
    "access_says_how": lambda facts, store: _share(facts.of(store).access, lambda row: bool(row.get("mode"))),
    "access_is_to_named_categories": lambda facts, store: _share(
        facts.of(store).access, lambda row: bool(row.get("categories"))
    ),
    "no_bulk_access": lambda facts, store: _share(
        facts.of(store).access, lambda row: not {"export", "admin"} & set(split(row.get("mode", "")))
    ),
    "nothing_is_contested": lambda facts, store: _share(
        facts.of(store).all, lambda row: row["id"] not in facts.contested
    ),
    "evidence_is_recent": lambda facts, store: _share(
        facts.of(store).all, lambda row: _newest_is_recent(facts, row)
    ),
    "access_ends": lambda facts, store: _share(facts.of(store).access, lambda row: bool(row.get("valid_until"))),
    "onward_feeds_keep_nothing": lambda facts, store: _share(
        facts.of(store).onward, lambda row: split(row.get("mode", "")) == ("query",)
    ),
    # That no leak is known documents no protection, so it only ever counts against a store.
    "no_leak_is_known": lambda facts, store: Met(
        int(bool(facts.of(store).leaks)), 0, tuple(row["id"] for row in facts.of(store).leaks)
    ),
    "no_listed_vendor_is_behind": lambda facts, store: _share(
        facts.of(store).vendors, lambda row: row["subject"] not in facts.listed
    ),
    "keeper_is_known": lambda facts, store: _yes(bool(facts.of(store).keeping), store),
    "oversight_is_known": lambda facts, store: _yes(bool(facts.of(store).oversight), store),
}  # fmt: skip

"""Stores scored on what is documented about them: the seven principles of the GDPR as questions to the tables.

A criterion looks at relations in force that touch a store or the systems that keep their data in it, and says how many
satisfy it. A principle's score is the mean over its criteria that apply. What a score can and cannot say stands in the
pack itself and goes with every answer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from graphs.access import AccessGraph
from graphs.answers import Row
from graphs.policies import pack_text
from graphs.scope import Scope, later
from stakeholders.columns import taken
from stakeholders.dataset import split
from stakeholders.intervals import listing_intervals
from stakeholders.progress import unwatched
from stakeholders.vocabulary import Label

FRESH: Final = "3y"  # evidence older than this says little about today
_OFTEN: Final = 1000


class Principle(NamedTuple):
    """One principle: its article, its name, the criteria that it is asked by."""

    id: str
    article: str
    title: Label
    criteria: tuple[str, ...]


class Pack(NamedTuple):
    """A pack of principles, with the limits of what its scores can say."""

    title: Label
    limits: Label
    principles: tuple[Principle, ...]


class Met(NamedTuple):
    """How a criterion is met: out of how many, by how many, and what stands against it."""

    asked: int
    met: int
    missing: tuple[str, ...] = ()


@cache
def gdpr() -> Pack:
    """The seven principles of article 5.

    Examples
    --------
    >>> [principle.article for principle in gdpr().principles][:2]
    ['5(1)(a), 6, 9', '5(1)(b)']
    """
    table = tomllib.loads(pack_text("gdpr"))
    principles = (
        Principle(one["id"], one["article"], _label(one, "title"), tuple(one["criteria"])) for one in table["principle"]
    )
    return Pack(_label(table, "title"), _label(table, "limits"), tuple(principles))


def _label(entry: Mapping[str, str], key: str) -> Label:
    return Label(entry[key], entry[f"{key}_ru"], entry[f"{key}_kk"])


def assess(graph: AccessGraph, scope: Scope) -> Iterator[Row]:
    """Every store by every principle.

    Parameters
    ----------
    graph : AccessGraph
    scope : Scope
        Day, knowledge and, where given, the stores to look at.

    Yields
    ------
    dict
        ``store``, ``principle``, ``article``, ``score`` (0 to 1 with two digits, ``None`` where nothing applies),
        ``criteria`` (for each that applies how many of how many), ``missing`` (relations, or the store itself, that
        stand against a criterion; sorted).
    """
    facts = _Facts(graph, scope)
    stores, criteria = facts.stores(), {name: CRITERIA[name] for each in gdpr().principles for name in each.criteria}
    for done, store in enumerate(stores):
        if not done % _OFTEN:
            unwatched("scoring stores", done, len(stores), "stores")
        judged = {name: criterion(facts, store) for name, criterion in criteria.items()}
        for principle in gdpr().principles:
            found = {name: judged[name] for name in principle.criteria}
            asked = {name: met for name, met in found.items() if met.asked}
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
_ASKED = ("id", "subject", "predicate", "object", "categories", "mode", "valid_until", "legal_basis")


class _Facts:
    """What is on record on a day, looked up by store."""

    def __init__(self, graph: AccessGraph, scope: Scope) -> None:
        self.graph, self.dataset, self.scope = graph, graph.dataset, scope
        spans = graph.intervals
        self.newest: dict[str, int] = {}
        self._around: dict[str, list[Row]] = {}
        self._watched: dict[str, list[Row]] = {}  # by whom is supervised
        relations = self.dataset.relations
        holds = (spans.start <= scope.as_of) & (spans.end >= scope.as_of) & (spans.known <= scope.known_by)
        for column, wanted in (("status", _ON_RECORD), ("predicate", _TELLING)):
            codes, words = relations.codes(column)
            holds &= np.array([word in wanted for word in words], dtype=bool)[codes]
        self.fresh_since = later(scope.as_of, FRESH, back=True)
        rows = np.flatnonzero(holds)
        columns = [taken(relations.column(name), rows) for name in _ASKED]
        for number, *found in zip(rows.tolist(), *columns, strict=True):
            cells = dict(zip(_ASKED, found, strict=True))
            self.newest[cells["id"]] = int(spans.newest[number])
            for end in {cells["subject"], cells["object"]}:
                self._around.setdefault(end, []).append(cells)
            if cells["predicate"] == "supervises":
                self._watched.setdefault(cells["object"], []).append(cells)
        names = self.dataset.relations.column("id")
        denials = graph.denials
        holds = (denials.start <= scope.as_of) & (denials.end >= scope.as_of) & (denials.known <= scope.known_by)
        self.contested = {names[row] for row in denials.relation[holds].tolist()}
        listed = listing_intervals(self.dataset).in_force(scope.as_of)
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

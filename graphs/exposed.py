"""What is exposed on a day: each system, store and operator with the listed entities that stand behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphs.access import BODY, AccessGraph
from graphs.answers import Row
from graphs.scope import Scope, later
from graphs.vendors import Route, Vendors, supply_starts
from stakeholders.dates import ALWAYS, FOREVER, iso
from stakeholders.errors import UnknownId, nearest
from stakeholders.intervals import UNDATED, WORDS
from stakeholders.listings import Listing, listings
from stakeholders.ownership import Step, Verdict, ownership_verdicts
from stakeholders.regimes import regimes_of
from stakeholders.tenures import Tenures
from stakeholders.vocabulary import CERTAINTIES

RULES = ("listed", "owned", "undetermined")

_BEARING = (
    "supplies", "integrates", "maintains", "operates", "keeps_data_in", "part_of", "owns", "controls", "member_of",
)  # fmt: skip


@dataclass(frozen=True)
class Exposure:
    """One row with its witness.

    Attributes
    ----------
    row : dict
        As in the answer.
    vendor : str
        The body at the beginning of the supply route: the listed entity, or a company that it owns.
    listing : Listing
    verdict : Verdict or None
        Of the ownership rule, where the vendor is not listed itself.
    owned : tuple of Step
        Ownership from the listed entity to the vendor.
    route : Route or None
        Supply from the vendor on; ``None`` where the entity is the vendor.
    certainty : int
        The weakest link's, as a position in ``CERTAINTIES``.
    word : str
        ``known``, ``assumed`` or ``undated``: the worst date among the links.
    """

    row: Row
    vendor: str
    listing: Listing
    verdict: Verdict | None
    owned: tuple[Step, ...]
    route: Route | None
    certainty: int
    word: str

    @property
    def weaker(self) -> bool:
        """Whether a partnership is all that links them."""
        return self.route is not None and self.route.weaker

    @property
    def affiliated(self) -> bool:
        """Whether the vendor counts because it is recorded as controlled by, or part of, somebody listed."""
        return self.row["rule"] == "owned" and self.verdict is not None and self.verdict.tied

    @property
    def hops(self) -> int:
        """Relations from the listed entity to the end."""
        return len(self.row["route"])


@dataclass(frozen=True)
class Wanted:
    """What an answer is about: an entity, the places of some categories, or everything."""

    node: str | None = None
    codes: frozenset[str] | None = None
    code: str = ""

    @classmethod
    def of(cls, graph: AccessGraph, target: str | None) -> Wanted:
        """What a target means: an entity by its id, a category by its code.

        Raises
        ------
        UnknownId
            If nothing has the id or code.
        """
        tree = graph.categories
        if target is None:
            return cls()
        if target in tree:
            return cls(codes=frozenset(tree.narrower(target)), code=target)
        if target in graph.position:
            return cls(node=target)
        near = nearest(target, [*tree.codes, *graph.ids])
        hint = f" Did you mean {', '.join(map(repr, near))}?" if near else ""
        raise UnknownId(f"nothing has the id {target!r}, and no data category the code.{hint}", near)

    def has(self, each: Exposure) -> bool:
        if self.node is not None:
            return bool(each.row["entity"] == self.node)
        if each.row["entity"] == each.listing.entity:
            return False
        return self.codes is None or not self.codes.isdisjoint(each.row["categories"])


@dataclass(frozen=True)
class _Vendor:
    """A body under one listing: itself listed, or owned."""

    body: str
    listing: Listing
    rule: str
    verdict: Verdict | None = None
    steps: tuple[Step, ...] = ()


class Search:
    """Everything exposed in a scope, under some lists; ``dated`` where it matters since when."""

    def __init__(
        self,
        graph: AccessGraph,
        scope: Scope,
        regime: str | None,
        lists: Sequence[str],
        supply: AccessGraph | None = None,
        *,
        dated: bool = True,
    ) -> None:
        self.graph, self.scope, self.dated = graph, scope, dated
        self.vendors = Vendors(graph, scope, supply)
        self.regimes = regimes_of(graph.dataset)
        self.certainty = CERTAINTIES[scope.certainty]
        self.listings = listings(graph.dataset, as_of=scope.as_of, known_by=self.known_by, regime=regime, lists=lists)
        self.verdicts = {
            key: ownership_verdicts(
                graph.dataset,
                key,
                as_of=scope.as_of,
                known_by=self.known_by,
                certainty=self.certainty,
                evidence_since=scope.evidence_since,
            )
            for key in sorted({each.program.ownership for each in self.listings} & set(self.regimes.rules))
        }
        self.tenures = Tenures(
            graph.dataset,
            scope.as_of,
            known_by=self.known_by,
            certainty=self.certainty,
            evidence_since=scope.evidence_since,
        )

    @property
    def known_by(self) -> int | None:
        """The day of knowledge asked for, if any."""
        return None if self.scope.known_by >= FOREVER else self.scope.known_by

    def listed_vendors(self) -> Iterator[_Vendor]:
        """Bodies under each listing."""
        on = {(each.entity, each.authority, each.list) for each in self.listings}
        by_entity: dict[str, list[Listing]] = {}
        for listing in self.listings:
            by_entity.setdefault(listing.entity, []).append(listing)
            yield _Vendor(listing.entity, listing, "listed")
        for key, verdicts in self.verdicts.items():
            for company, verdict in verdicts.items():
                owned = verdict.besides if verdict.verdict == "listed" else verdict
                if owned is None or owned.verdict == "below":
                    continue
                for owner, steps in owned.steps.items():
                    for listing in by_entity.get(owner, ()):
                        # On the list itself it needs no owner to be reached by it.
                        same = (company, listing.authority, listing.list) in on
                        if listing.program.ownership == key and not same:
                            yield _Vendor(company, listing, owned.verdict, owned, steps)

    def exposures(self) -> list[Exposure]:
        """Every exposure, in the answer's order; one for each entity, listed entity and listing."""
        best: dict[tuple[str, str, str], tuple[Any, Exposure]] = {}
        for vendor in self.listed_vendors():
            node = self.graph.position[vendor.body]
            routes: list[tuple[int, Route | None]] = [(node, None), *self.vendors.routes(node).items()]
            for end, route in routes:
                entity = self.graph.ids[end]
                if route is not None and entity == vendor.listing.entity:
                    continue
                each = self._exposure(vendor, entity, route)
                place = (entity, vendor.listing.entity, vendor.listing.id)
                key = self._order(each)
                if place not in best or key < best[place][0]:
                    best[place] = (key, each)
        return [each for _, each in sorted(best.values(), key=lambda item: item[0])]

    def _order(self, each: Exposure) -> Any:
        row = each.row
        return (
            each.weaker, RULES.index(row["rule"]), -each.certainty, each.hops, row["entity"], row["listed_entity"],
            row["listing"], row["route"],
        )  # fmt: skip

    def _exposure(self, vendor: _Vendor, entity: str, route: Route | None) -> Exposure:
        listing, graph, spans = vendor.listing, self.graph, self.graph.intervals
        owned = [step.relations[0] for step in vendor.steps]
        rows = route.relations if route else ()
        names = graph.dataset.relations.column("id")
        starts = [(listing.start, listing.since), *((step.start, step.since) for step in vendor.steps)]
        words = [listing.word, *(self._word(step.relations[0]) for step in vendor.steps)]
        for row in rows:
            started = self.vendors.start_of(row)
            words.append(int(spans.word[row]))
            starts.append((started, spans.since(row) if started == int(spans.start[row]) else iso(started)))
        certainty = min(
            vendor.verdict.certainty if vendor.verdict else len(CERTAINTIES) - 1,
            route.certainty if route else len(CERTAINTIES) - 1,
        )
        latest = max(starts, key=lambda start: (start[0], len(start[1])))
        if (owned_since := self._owned_since(vendor))[0] > latest[0]:
            latest = owned_since
        # A supply of 2013 says nothing of a listing whose day nobody has written down.
        told = latest[0] > ALWAYS and listing.word != UNDATED
        return Exposure(
            row={
                "entity": entity,
                "listed_entity": listing.entity,
                "listing": listing.id,
                "authority": listing.authority,
                "list": listing.list,
                "effect": listing.effect,
                "since": (latest[1] or None) if told else None,
                "date": WORDS[max(words)],
                "listing_date": WORDS[listing.word],
                "rule": vendor.rule,
                "share": [rounded(end) for end in vendor.verdict.share] if vendor.verdict else [],
                "route": [*owned, *(names[row] for row in rows)],
                "categories": self._categories(entity, route),
                "sole_supplier": self._sole(vendor.body, route),
            },
            vendor=vendor.body,
            listing=listing,
            verdict=vendor.verdict,
            owned=vendor.steps,
            route=route,
            certainty=certainty,
            word=WORDS[max(words)],
        )

    def _owned_since(self, vendor: _Vendor) -> tuple[int, str]:
        """Day since when an ownership rule reaches a vendor; where one owner holds enough alone, that of the rule."""
        verdict, rule = vendor.verdict, vendor.listing.program.ownership
        period = self.regimes.rules[rule].on(self.scope.as_of) if verdict is not None else None
        if verdict is None or period is None:
            return ALWAYS, ""
        predicates, table = self.graph.dataset.relations.column("predicate"), self.graph.dataset.relations
        alone = all(
            period.meets(step.low if vendor.rule == "owned" else step.high)
            or predicates[table.index[step.relations[0]]] != "owns"
            for step in vendor.steps
        )
        if alone or not self.dated:
            return verdict.start, iso(verdict.start)
        return self.tenures.since(rule, vendor.body)

    def _word(self, relation: str) -> int:
        return int(self.graph.intervals.word[self.graph.dataset.relations.index[relation]])

    def _categories(self, entity: str, route: Route | None) -> list[str]:
        node = self.graph.position[entity]
        if route is None:
            return []
        if self.graph.types[node] == BODY:
            return self.vendors.codes(route.categories)
        return self.vendors.categories(node, route.categories)

    def _sole(self, vendor: str, route: Route | None) -> bool:
        """Whether nobody else supplies the system at which the vendor's own relation ends."""
        if route is None or route.weaker:
            return False
        return self.vendors.suppliers(route.nodes[1]) == {self.graph.position[vendor]}


def counts(each: Exposure, scope: Scope) -> bool:
    """Whether an exposure is among the listed entities and the exposed ones that a scope asks about."""
    return (scope.bodies is None or each.listing.entity in scope.bodies) and (
        scope.stores is None or each.row["entity"] in scope.stores
    )


def place_of(each: Exposure) -> tuple[str, str, str, str]:
    """What makes two exposures of different days the same one."""
    return each.row["entity"], each.listing.entity, each.listing.id, each.row["rule"]


def turning_days(
    graph: AccessGraph, supply: AccessGraph, scope: Scope, regime: str | None, lists: Sequence[str]
) -> list[int]:
    """Days up to the asked one on which something that bears on exposure begins, or has just ended.

    Only of entities that were ever listed, companies that they ever held something in, and what these supply.
    """
    dataset, spans, table = graph.dataset, graph.intervals, graph.dataset.relations
    found = listings(dataset, regime=regime, lists=lists)
    days = {day for each in found for day in (each.start, each.end + 1)}
    rules = regimes_of(dataset).rules
    for key in {each.program.ownership for each in found} & set(rules):
        days |= {day for period in rules[key].periods for day in (period.start, period.end + 1)}
    subjects, predicates, objects = (table.column(name) for name in ("subject", "predicate", "object"))
    # Command runs from the whole to its part and from the class to its member, all else from the subject on.
    ways = {
        row: (objects[row], subjects[row]) if predicate in ("part_of", "member_of") else (subjects[row], objects[row])
        for row, predicate in enumerate(predicates)
        if predicate in _BEARING
    }
    concerned = {each.entity for each in found}
    while more := {end for start, end in ways.values() if start in concerned} - concerned:
        concerned |= more
    for each in regimes_of(dataset).jointly:
        if not concerned.isdisjoint(each.owners):
            days |= {each.start, each.end + 1}
    starts = supply_starts(supply)
    for row, ends in ways.items():
        if not concerned.isdisjoint(ends):
            days |= {int(spans.start[row]), starts.get(row, int(spans.start[row])), int(spans.end[row]) + 1}
            days |= {_stale_from(int(spans.newest[row]), scope.fresh)} if scope.fresh else set()
    return sorted(day for day in days if day <= scope.as_of)


def _stale_from(newest: int, fresh: str) -> int:
    """The first day on which evidence of a day is too old; by the calendar, so months and years differ in length."""
    day = max(later(newest, fresh) - 3, newest, 1)
    while day < FOREVER and later(day, fresh, back=True) <= newest:
        day += 1
    return day


def rounded(percent: float) -> float:
    """A percentage with a fixed number of digits."""
    return round(percent, 4)

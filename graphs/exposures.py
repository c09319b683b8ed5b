"""Exposure: which listed entities stand behind which systems, stores and operators, under which list, since when.

A vendor counts when it is on a list itself, or when the list's ownership rule reaches it through its owners. What
stands behind it in turn is a matter of supply, not of law: no list forbids anything to a system that a listed company
equipped, and the sentences say so only as far as the data do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Unpack

from graphs.access import BODY, AccessGraph
from graphs.answers import Answer, Row, stamp
from graphs.exposed import RULES, Exposure, Search, Wanted, counts, place_of, rounded, turning_days
from graphs.paths import source_of
from graphs.quotations import broader_places, notes_of, sentence_of
from graphs.scope import Options, Scope, later
from graphs.vendors import supply_graph
from stakeholders.dataset import split
from stakeholders.dates import ALWAYS, first_day, iso
from stakeholders.errors import AccessMapError
from stakeholders.intervals import UNDATED, WORDS
from stakeholders.regimes import slug
from stakeholders.vocabulary import CERTAINTIES, LEVELS


@dataclass(frozen=True)
class Exposures(Answer):
    """An answer about exposure; ``exposed`` has the witness of each row, ``weaker`` what partnerships alone link."""

    exposed: tuple[Exposure, ...] = ()
    weaker: tuple[Exposure, ...] = ()
    graph: AccessGraph | None = field(default=None, repr=False, compare=False)

    def sentence(self, row: int, lang: str = "en") -> str:
        """A row as a sentence to quote: what rests on whom, on which list, with which effect, since when."""
        if self.graph is None:
            raise ValueError("an answer without its graph has no sentences")
        return sentence_of(self.graph, self.exposed[row], lang)

    def effect_of(self, listing: str, lang: str = "en") -> str:
        """The kind of measure of a listing in the rows, by its id."""
        return next(
            (each.listing.program.effect.name.of(lang) for each in self.exposed if each.listing.id == listing), ""
        )

    def affiliated(self, row: Row) -> bool:
        """Whether the vendor of a row counts as a subsidiary or affiliate, whatever is held in it."""
        return id(row) in self._affiliated

    @cached_property
    def _affiliated(self) -> frozenset[int]:
        return frozenset(id(each.row) for each in self.exposed if each.affiliated)

    def matrix(self) -> list[Row]:
        """Bodies by lists: what of each list stands behind what each body operates, owns or is.

        Returns
        -------
        list of dict
            For each body and list that meet: ``body``, ``list`` (slug of authority and list), ``rule`` (the
            strongest), ``since`` (the earliest) with the ``listing_date`` word of that listing, ``vendors``; by body,
            then list.
        """
        cells: dict[tuple[str, str], list[Exposure]] = {}
        for each in self.exposed if self.graph is not None else ():
            if self.graph is not None and self.graph.types[self.graph.position[each.row["entity"]]] == BODY:
                place = (each.row["entity"], slug(each.listing.authority, each.listing.list))
                cells.setdefault(place, []).append(each)
        return [{"body": body, "list": name, **_cell(cells[body, name])} for body, name in sorted(cells)]

    def to_dict(self, lang: str = "en") -> Row:
        """The answer as one JSON object, with a sentence for each row and the matrix of bodies by lists."""
        return {
            **super().to_dict(lang),
            "sentences": [self.sentence(row, lang) for row in range(len(self.rows))],
            "matrix": self.matrix(),
        }


def exposure(
    graph: AccessGraph,
    target: str | None = None,
    *,
    regime: str | None = None,
    lists: Sequence[str] = (),
    **options: Unpack[Options],
) -> Exposures:
    """Listed vendors and owners behind systems, stores and bodies.

    Parameters
    ----------
    graph : AccessGraph
    target : str, optional
        An entity's id or a data category's code; default everything that rests on somebody listed.
    regime : str, optional
        Key of a regime, such as ``"us-bis"``.
    lists : sequence of str
        Names of lists: id, list, authority, program or slug (``"us-bis-entity-list"``).
    **options : Options
        The assumptions; the default of ``certainty`` is ``reported``. ``bodies`` are the listed entities that count,
        ``stores`` the entities exposed.

    Returns
    -------
    Exposures
        A row for each entity, listed entity and listing, with the best route: listed before owned before
        undetermined, then the most certain, the shortest, by ids. A body that is listed itself has a row when it is
        the target. ``share`` is empty for ``listed``. ``below`` gives no row. What a partnership alone links is in
        ``weaker``, not in the rows.

    Raises
    ------
    UnknownId, UnknownTerm
        If nothing has the target's id, or a regime or list does not exist.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = exposure(build(read("cabar-2020")), "kz-sergek", as_of="2019-10-09")
    >>> [(row["listed_entity"], row["list"], row["since"]) for row in answer.rows]
    [('cn-dahua', 'Entity List', '2019-10-09')]
    """
    refuse_level(options)
    options.setdefault("certainty", "reported")
    scope = Scope.of(**options)
    wanted = Wanted.of(graph, target)
    search = Search(graph, scope, regime, lists)
    everything = search.exposures()
    about = [each for each in everything if wanted.has(each)]
    kept = [each for each in about if counts(each, scope)]
    found = [each for each in kept if not each.weaker]
    weaker = [each for each in kept if each.weaker]
    names = {"regime": regime, "lists": list(lists)}
    return Exposures(
        command="exposure",
        question={"target": target, **names, **scope.question()},
        dataset=stamp(graph.dataset),
        rows=tuple(each.row for each in found),
        notes=(
            *notes_of(search, wanted, found, weaker, [each for each in about if not counts(each, scope)]),
            *broader_places(graph, wanted, [each for each in everything if counts(each, scope) and not each.weaker]),
        ),
        beside={"weaker": [each.row for each in weaker]},
        _steps=lambda row: _witness(search, found[row]),
        exposed=tuple(found),
        weaker=tuple(weaker),
        graph=graph,
    )


def exposure_history(
    graph: AccessGraph,
    target: str | None = None,
    *,
    regime: str | None = None,
    lists: Sequence[str] = (),
    **options: Unpack[Options],
) -> Answer:
    """When exposures began and ended, up to the asked day.

    Parameters
    ----------
    graph, target, regime, lists, **options
        As for `exposure`; ``as_of`` is the last day looked at.

    Returns
    -------
    Answer
        A row for each unbroken run of an exposure: ``entity``, ``listed_entity``, ``listing``, ``authority``, ``list``,
        ``rule``, ``listing_date`` (whether the listing's day is known, assumed or undated), ``first`` and ``last``
        (ISO days; ``None`` where open or, of a listing, not recorded), ``route``; by first day, then by ids. In
        ``beside``, ``first_exposed`` has the first known day of each entity that is exposed for certain, ``changes``
        what ``began`` or ``ended`` on which ``date``.

    Notes
    -----
    Nothing changes between the days on which a listing, a relation, a denial or a wording of a rule begins or ends,
    so only these are asked about.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = exposure_history(build(read("cabar-2020")), "kz-sergek", as_of="2020-04-15")
    >>> [(row["listed_entity"], row["first"], row["last"]) for row in answer.rows]
    [('cn-dahua', '2019-10-09', None)]
    """
    refuse_level(options)
    options.setdefault("certainty", "reported")
    scope = Scope.of(**options)
    wanted = Wanted.of(graph, target)
    open_runs: dict[tuple[str, str, str, str], Row] = {}
    runs: list[Row] = []
    supply = supply_graph(graph)
    for day in [*turning_days(graph, supply, scope, regime, lists), scope.as_of + 1]:
        here: dict[tuple[str, str, str, str], Exposure] = {}
        if day <= scope.as_of:
            search = Search(graph, _on(scope, day), regime, lists, supply, dated=False)
            here = {place_of(each): each for each in search.exposures()
                    if not each.weaker and wanted.has(each) and counts(each, scope)}  # fmt: skip
        for place in [place for place in open_runs if place not in here]:
            run = open_runs.pop(place)
            runs.append({**run, "last": iso(day - 1) if day <= scope.as_of else None})
        for place, each in here.items():
            if place not in open_runs:
                names = ("entity", "listed_entity", "listing", "authority", "list", "rule", "listing_date")
                run = {name: each.row[name] for name in names}
                began = None if each.listing.word == UNDATED else iso(day) or None
                open_runs[place] = {**run, "first": began, "last": None, "route": each.row["route"]}
    runs.sort(key=lambda run: (run["first"] or "", run["entity"], run["listed_entity"], run["listing"], run["rule"]))
    first: dict[str, str | None] = {}
    for run in runs:
        if run["rule"] != "undetermined":
            first[run["entity"]] = first.get(run["entity"]) or run["first"]
    return Answer(
        command="exposure",
        question={"target": target, "regime": regime, "lists": list(lists), **scope.question(), "history": True},
        dataset=stamp(graph.dataset),
        rows=tuple(runs),
        beside={"first_exposed": first, "changes": _changes(runs)},
    )


def exposure_matrix(
    graph: AccessGraph,
    target: str | None = None,
    *,
    regime: str | None = None,
    lists: Sequence[str] = (),
    **options: Unpack[Options],
) -> Answer:
    """Bodies by lists: what of each list stands behind what each body operates, owns or is.

    Parameters
    ----------
    graph, target, regime, lists, **options
        As for `exposure`.

    Returns
    -------
    Answer
        A row for each body and list that meet, as of `Exposures.matrix`.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = exposure_matrix(build(read("central-asia")), lists=["SDN"], as_of="2026-11-24")
    >>> {row["list"] for row in answer.rows}
    {'us-ofac-sdn'}
    """
    found = exposure(graph, target, regime=regime, lists=lists, **options)
    return replace(_plain(found), question={"matrix": True, **found.question}, rows=tuple(found.matrix()))


def _plain(found: Exposures) -> Answer:
    return Answer(found.command, found.question, found.dataset, found.rows, found.complete, found.notes)


def _on(scope: Scope, day: int) -> Scope:
    """The same question on another day."""
    since = later(day, scope.fresh, back=True) if scope.fresh else scope.evidence_since
    return replace(scope, as_of=day, evidence_since=since)


def _cell(exposed: Sequence[Exposure]) -> Row:
    """What of one list stands behind one body."""
    # Without a day it has always been so.
    first = min(exposed, key=lambda each: first_day(each.row["since"]) if each.row["since"] else ALWAYS)
    return {
        "rule": min((each.row["rule"] for each in exposed), key=RULES.index),
        "since": first.row["since"],
        "listing_date": first.row["listing_date"],
        "vendors": sorted({each.vendor for each in exposed}),
    }


def supply_options(options: Options) -> Options:
    """The assumptions that bear on exposure: all but the level, which supply and listing do not have."""
    kept: Options = {**options}
    kept.pop("level", None)
    return kept


def refuse_level(options: Options) -> None:
    """Refuse a level other than the default, which would leave out supply and keep ownership.

    Raises
    ------
    AccessMapError
        If a level is asked for.
    """
    if options.get("level", LEVELS[0]) != LEVELS[0]:
        raise AccessMapError("level: supply and listing have none; only --cut-off takes one, for who still reaches")


def _changes(runs: Sequence[Row]) -> list[Row]:
    """What began and what ended, day by day; an end bears the last day."""
    names = ("entity", "listed_entity", "listing", "authority", "list", "rule", "listing_date")
    told = [
        {"date": run[end], "change": change, **{name: run[name] for name in names}}
        for run in runs
        for end, change in (("first", "began"), ("last", "ended"))
        if run[end]
    ]
    return sorted(told, key=lambda each: (each["date"], each["change"], *(each[name] for name in names)))


def _witness(search: Search, each: Exposure) -> list[Row]:
    """Steps from the listed entity to the end: ownership first, then supply."""
    graph, table = search.graph, search.graph.dataset.relations
    steps = []
    for owned in each.owned:
        row = table.index[owned.relations[0]]
        step = _step(search, row, owned.owner, owned.company, owned.certainty)
        steps.append({**step, "percent": [rounded(owned.low), rounded(owned.high)], "claims": list(owned.relations)})
    if each.route is not None:
        for row, source, target in zip(each.route.relations, each.route.nodes, each.route.nodes[1:], strict=False):
            certainty = search.vendors.certainties.get(row, each.route.certainty)
            steps.append(_step(search, row, graph.ids[source], graph.ids[target], certainty))
    return steps


def _step(search: Search, row: int, source: str, target: str, certainty: int) -> Row:
    graph = search.graph
    cells = graph.dataset.relations.row(row)
    rule = graph.rules.predicates.get(cells["predicate"])
    level = rule.level if rule is not None and rule.arc != "none" else None
    return {
        "relation": cells["id"],
        "source": source,
        "target": target,
        "predicate": cells["predicate"],
        "level": level if level in LEVELS else None,
        "certainty": CERTAINTIES[certainty],
        "status": cells["status"],
        "contested": search.vendors.contested.get(row, False),
        "valid_from": cells.get("valid_from") or None,
        "valid_until": cells.get("valid_until") or None,
        "date": WORDS[int(graph.intervals.word[row])],
        "categories": list(split(cells.get("categories", ""))),
        "legal_basis": cells.get("legal_basis") or None,
        "claim": cells.get("claim", ""),
        "sources": [source_of(graph, name) for name in split(cells["sources"])],
    }

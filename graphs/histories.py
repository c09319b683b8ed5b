"""Reach over time: on which days the bodies that reach a target changed, who came, who went and why; what ends soon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Unpack

import numpy as np

from graphs.access import STORE, SYSTEM, AccessGraph, Flags, Nodes
from graphs.answers import Answer, Note, Row, stamp
from graphs.changes import cause_row, effects_between
from graphs.effects import MOST_STEPS
from graphs.engines.arrays import Sweeper
from graphs.layers import LARGE, Layers
from graphs.moments import Course, Moment, SharedMoment
from graphs.reachability import Column, asked_bodies, target_of
from graphs.scope import Options, Scope, later
from graphs.timelines import timeline
from graphs.versions import Versions
from graphs.views import View
from stakeholders.dataset import Dataset
from stakeholders.dates import ALWAYS, FOREVER, iso
from stakeholders.intervals import UNDATED
from stakeholders.memory import TooLarge
from stakeholders.progress import unwatched
from stakeholders.vocabulary import Label

_MOST_DAYS = 1 << 33  # days × layers × arcs, about a minute of one core: more is refused
_AT_ONCE = 1 << 11  # moves of one day that are told body by body in a large graph
_MOST_EVENTS = 1 << 15  # moves that are told so in all

_BEFORE = Label(
    "Nothing dated is known before {date}; what is counted there rests on relations without a date.",
    "До {date} датированных сведений нет; учтённое раньше основано на связях без даты.",
    "{date} дейін күні белгілі мәлімет жоқ; одан бұрын есептелгені күні жоқ байланыстарға негізделген.",
)
_AFTER = Label(
    "The newest source is of {date}: what has changed since is not known.",
    "Последний источник – {date}: что изменилось с тех пор, неизвестно.",
    "Соңғы дереккөз – {date}: одан бері не өзгергені белгісіз.",
)
_NEVER = Label(
    "Nothing about it is dated.", "Датированных сведений об этом нет.", "Бұл туралы күні белгілі мәлімет жоқ."
)
_CROWDED = Label(
    "On {count} days the reach of more bodies moved than are told one by one (most on {date}: {bodies}): their counts "
    "are told alone; ask for some bodies (--from).",
    "Дней, когда доступ изменился у слишком многих органов, чтобы назвать каждый: {count} (больше всего {date}: "
    "{bodies}); за эти дни приведено только их число; задайте некоторые органы (--from).",
    "Қолжетімділігі өзгерген органдары бір-бірлеп аталмайтындай көп күндер: {count} (ең көбі {date}: {bodies}); бұл "
    "күндердің тек саны берілген; кейбір органдарды көрсетіңіз (--from).",
)


@dataclass(frozen=True)
class History(Answer):
    """An answer about time.

    Attributes
    ----------
    union : Dataset
        Knows the names, and the relations that are named as causes.
    """

    union: Dataset | None = field(default=None, repr=False, compare=False)

    @property
    def causes(self) -> Mapping[str, Row]:
        """What the rows name as causes."""
        found: Mapping[str, Row] = self.beside.get("causes", {})
        return found


def reach_over_time(graph: AccessGraph, target: str, **options: Unpack[Options]) -> History:
    """Each day on which the bodies that reach a target changed, with who came, who went, and why.

    Parameters
    ----------
    graph : AccessGraph
    target : str
        An entity's id, or the code of a data category, which asks for all its narrower ones too.
    **options : Options
        The assumptions; ``as_of`` is the last day looked at, by default today.

    Returns
    -------
    History
        A row for each such day, in order: ``date`` (ISO; ``None`` for what holds before any date), ``known`` (whether
        anything dated that touches a place of the target is in force), ``reaches``, ``claimed``, ``prospective`` (how
        many bodies have each best verdict from that day on) and ``events``: ``body``, ``change`` (one of
        `graphs.effects.KINDS`, said of the body's best answer over all places), ``before``, ``after``, ``store``,
        ``category``, ``place`` (``before`` where the store is no longer looked at, as for a system whose store became
        known), ``because``, ``alternatives``, ``path``, ``path_before``; and ``causes``, what happened to each on that
        day. Beside the rows ``first_known`` and ``last_known`` (date of the newest source that bears on the target).

    Raises
    ------
    UnknownId
        If the target is neither an entity nor a category.
    TooLarge
        If so much bears on the target that to go through its days takes hours.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = reach_over_time(build(read("cabar-2020")), "kz-sergek-atyrau-archive", as_of="2020-04-15",
    ...                          level="granted")
    >>> [(row["date"], row["reaches"], [event["body"] for event in row["events"]]) for row in answer.rows][-1]
    ('2020-02-19', 2, ['kz-korkem-telecom', 'kz-police-atyrau'])
    """
    scope = Scope.of(**options)
    bearing, touching = _bearing(graph, scope, target)
    dated = touching & (graph.intervals.word != UNDATED) & (graph.intervals.start > ALWAYS)
    days = [ALWAYS + 1, *(day for day in _turns(graph, bearing) if day <= scope.as_of)]
    _refuse_many(graph, scope, target, len(days))
    spans = graph.intervals
    rows: list[Row] = []
    crowded: list[tuple[int, int]] = []  # how many moved on days that are told by their counts alone, and the days
    left = _MOST_EVENTS
    for number, (day, moment) in enumerate(_moments(graph, scope, target, days, bearing)):
        many = moment.moved > min(_AT_ONCE, left) and len(graph.arcs) >= LARGE and number > 0
        crowded += [(moment.moved, day)] if many else []
        events = list(moment.events()) if number and not many else []
        left = max(left - len(events), 0)  # of one body's move there may be several
        known = bool((dated & (spans.start <= day) & (spans.end >= day)).any())
        if number and not events and not many and rows[-1]["known"] == known:
            continue
        told = {"known": known, **moment.counts(), "events": events, "causes": dict(sorted(moment.causes.items()))}
        rows.append({"date": iso(day) if number else None, **told})
    notes = []
    first = next((row["date"] for row in rows if row["known"]), None)
    newest = max((int(code) for code in spans.newest_code[bearing].tolist()), default=0)
    last = spans.texts[newest] or None
    if first is None:
        notes.append(Note(_NEVER))
    elif rows[0]["reaches"] + rows[0]["claimed"] + rows[0]["prospective"]:
        notes.append(Note(_BEFORE, {"date": first}))
    if last:
        notes.append(Note(_AFTER, {"date": last}))
    if crowded:
        most, day = max(crowded)
        notes.append(Note(_CROWDED, {"count": len(crowded), "date": iso(day), "bodies": most}))
    view = View.of(graph, scope)
    return History(
        command="timeline",
        question={"target": target, "expiring": None, **scope.question()},
        dataset=stamp(graph.dataset),
        rows=tuple(rows),
        complete=not crowded,
        notes=(*target_of(view, target).notes, *notes),
        beside={"first_known": first, "last_known": last},
        union=graph.dataset,
    )


def expiring(graph: AccessGraph, span: str, target: str | None = None, **options: Unpack[Options]) -> History:
    """Who loses reach when contracts, laws and terms that are in force run out, and nothing new begins.

    Parameters
    ----------
    graph : AccessGraph
    span : str
        How far to look ahead: ``180d``, ``6w``, ``18m``, ``3y``.
    target : str, optional
        An entity's id or a category's code; default everything.
    **options : Options
        The assumptions; ``as_of`` is the day to look from, by default today.

    Returns
    -------
    History
        Rows as those of `graphs.changes.diff`, each with ``date``, the last day on which its causes still hold; by
        date. Beside them ``causes``, each with its ``legal_basis``.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = expiring(build(read("central-asia")), "60d", as_of="2026-11-24")
    >>> [(row["date"], row["body"], row["change"]) for row in answer.rows][:1]
    [('2026-12-31', 'kz-korkem-telecom', 'weaker')]
    """
    scope = Scope.of(**options)
    versions = Versions.between(graph, scope, _on(scope, later(scope.as_of, span)))
    ends = graph.intervals.end
    ending = {number: int(ends[row]) for row, number in versions.of_relation.items()
              if versions.causes[number].change == "ended"}  # fmt: skip
    columns = None if target is None else set(target_of(versions.before, target).columns)
    rows: list[Row] = []
    named: set[int] = set()
    for told, row, explanation in effects_between(versions, frozenset(ending)):
        if columns is not None and not columns.intersection(told.effect.columns):
            continue
        sets = (explanation.because, *explanation.alternatives)
        named |= {number for causes in sets for number in causes}
        rows.append({"date": iso(min(max(ending[number] for number in causes) for causes in sets)), **row})
    relations = graph.dataset.relations
    causes = {}
    for number in sorted(named):
        row = cause_row(versions, versions.causes[number])
        basis = relations.row(relations.index[row["id"]]).get("legal_basis")
        what = "denial ends" if row["status"] == "denied" else "ends"
        causes[versions.causes[number].reference] = {**row, "what": what, "legal_basis": basis or None}
    return History(
        command="timeline",
        question={"target": target, "expiring": span, **scope.question()},
        dataset=stamp(graph.dataset),
        rows=tuple(sorted(rows, key=lambda row: row["date"])),
        beside={"causes": dict(sorted(causes.items()))},
        union=graph.dataset,
    )


def history_view(
    graph: AccessGraph,
    target: str | None = None,
    *,
    expires: str | None = None,
    dated: bool = False,
    **options: Unpack[Options],
) -> Answer:
    """The view of time that is asked for: what runs out, what began and ended, or who came and who went.

    Parameters
    ----------
    graph : AccessGraph
    target, **options
        As for `reach_over_time`; without a target, and of a body, only what began and ended is told.
    expires : str, optional
        How far to look ahead, see `graphs.histories.expiring`.
    dated : bool
        Only what began and ended, see `graphs.timelines.timeline`.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> graph = build(read("cabar-2020"))
    >>> len(history_view(graph, "kz-sergek", as_of="2020-04-15")), len(history_view(graph, "kz-sergek", dated=True))
    (3, 6)
    """
    if expires:
        return expiring(graph, expires, target, **options)
    if dated or target is None or graph.dataset.is_body(target):
        return timeline(graph.dataset, target)
    return reach_over_time(graph, target, **options)


def _moments(
    graph: AccessGraph, scope: Scope, target: str, days: Sequence[int], bearing: Flags
) -> Iterator[tuple[int, Moment]]:
    """Each of some days with what moved on it; days from which nothing that bears on the target moves to the next."""
    if len(graph.arcs) >= LARGE and not scope.fresh:
        course = Course(graph, scope, target, _layers_of(graph, scope, target), bearing)
        shared: SharedMoment | None = None
        for number, day in enumerate(days):
            unwatched("going through the days", number, len(days), "days")
            shared = SharedMoment(course, _on(scope, day - 1), _on(scope, day), shared)
            yield day, shared
        return
    moment: Moment | None = None
    for day in days:
        # Sources grow too old on any day.
        moment = Moment(graph, _on(scope, day - 1), _on(scope, day), target, None if scope.fresh else moment)
        yield day, moment


def _refuse_many(graph: AccessGraph, scope: Scope, target: str, days: int) -> None:
    """Say that a history is too long, before hours are spent on it."""
    if len(graph.arcs) < LARGE:
        return
    bodies, layers = len(asked_bodies(graph, scope, target)), _layers_of(graph, scope, target)
    if scope.fresh:  # every day is then searched for itself
        long = days * len(_ever(graph, layers, target)) * len(graph.arcs) > MOST_STEPS
    else:
        long = days * len(layers) * len(graph.arcs) > _MOST_DAYS
    if not long:
        return
    raise TooLarge(
        f"On {days:,} days something began or ended that bears on the reach of {bodies:,} bodies to {target}; over "
        f"{len(graph.arcs):,} relations that takes hours to go through. Ask what moved between two days (`diff "
        "--between D1 D2 --in STORE`), or only what began and ended (--dated)."
    )


def _layers_of(graph: AccessGraph, scope: Scope, target: str) -> list[int]:
    return target_of(View.of(graph, scope), target).layers


def _on(scope: Scope, day: int) -> Scope:
    """The same question on another day."""
    since = scope.evidence_since
    if scope.fresh:
        since = later(day, scope.fresh, back=True)
    return replace(scope, as_of=day, evidence_since=since)


# --------------------------------------------------------------------------------------------------- what bears on it


def _bearing(graph: AccessGraph, scope: Scope, target: str) -> tuple[Flags, Flags]:
    """Relations that stand, at whatever time, on some way to the target, or bear on where its data are.

    The second are those of them that touch a place of the target.
    """
    arcs = graph.arcs
    rows = np.flatnonzero((arcs.stance <= scope.stance) & (arcs.level >= scope.level) & (arcs.known <= scope.known_by))
    calm = np.zeros(len(rows), dtype=bool)
    view = View(graph, scope, rows, arcs.source[rows], arcs.target[rows], arcs.level[rows], arcs.certainty[rows], calm)
    columns = _ever(graph, target_of(view, target).layers, target)
    used = np.zeros(len(rows), dtype=bool)
    if len(rows) >= LARGE:
        for layer, places in _by_layer(columns).items():
            frontier = Layers(view).frontier(layer)
            leads = (frontier.search(places).bits[frontier.target] & frontier.bits) != 0
            leads &= ~frontier.terminal | np.isin(frontier.target, places)
            used[frontier.rows[leads]] = True
    else:
        sweeper = Sweeper(view)
        for sweep in sweeper.sweeps(columns):
            used[sweeper.rows] |= sweeper.leading(sweep)
    bearing = np.zeros(len(graph.dataset.relations), dtype=bool)
    bearing[arcs.relation[rows[used]]] = True
    implied = arcs.holding[rows[used]]
    bearing[implied[implied >= 0]] = True
    places = np.zeros(graph.n_nodes, dtype=bool)
    places[[place for place, _ in columns]] = True
    bearing[graph.keeping.relation[places[graph.keeping.system]]] = True
    bearing[graph.denials.denial[bearing[graph.denials.relation]]] = True
    ends = [graph.dataset.entity_rows("relations", end) for end in ("subject", "object")]
    return bearing, bearing & (places[ends[0]] | places[ends[1]])


def _ever(graph: AccessGraph, layers: Sequence[int], target: str) -> list[Column]:
    """Every place that may at some time be asked about."""
    if target in graph.position:
        return [(graph.position[target], layer) for layer in layers]
    holds = graph.node_categories & np.isin(graph.types, (SYSTEM, STORE))[:, None]
    return [(int(node), layer) for layer in layers for node in np.flatnonzero(holds[:, layer])]


def _by_layer(columns: Sequence[Column]) -> dict[int, Nodes]:
    """The places of some columns, layer by layer."""
    found: dict[int, list[int]] = {}
    for place, layer in columns:
        found.setdefault(layer, []).append(place)
    return {layer: np.unique(np.array(places, dtype=np.intp)) for layer, places in found.items()}


def _turns(graph: AccessGraph, bearing: Flags) -> list[int]:
    """Days on which one of some relations begins, or is over, or may have grown too old."""
    spans = graph.intervals
    starts, ends = spans.start[bearing], spans.end[bearing]
    days = {*starts[starts > ALWAYS].tolist(), *(end + 1 for end in ends.tolist() if end < FOREVER)}
    return sorted(day for day in days if day > ALWAYS + 1)

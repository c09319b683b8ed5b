"""Gaps: what is not known, as questions that one could send, ranked by the verdicts that an answer could change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cached_property, partial
from typing import NamedTuple, Unpack

import numpy as np

from graphs.access import BODY, STORE, SYSTEM, AccessGraph, Flags, Ints, Nodes
from graphs.answers import Answer, Note, Row, stamp
from graphs.engines.arrays import RANKED
from graphs.inquiries import standing_of, wording
from graphs.naming import name_of, quoted, relation_of
from graphs.reachability import Column, asked_bodies, caveats, every_column, target_of
from graphs.scope import Options, Scope
from graphs.stakes import Stakes
from graphs.verdicts import require_time
from graphs.views import ALLEGED, View
from stakeholders.dataset import split
from stakeholders.intervals import STRUCTURAL, UNDATED, entity_intervals
from stakeholders.vocabulary import LEVELS, Label

# In the order in which gaps of equal weight are told.
GAPS = (
    "no_holder", "store_unknown", "no_legal_basis", "open_question", "collective", "undated", "old_evidence",
    "single_source",
)  # fmt: skip
OPEN_AFTER, OLD_AFTER = "1y", "3y"

_CUSTODY = LEVELS.index("custody")


def gaps(graph: AccessGraph, target: str | None = None, **options: Unpack[Options]) -> Answer:
    """What is not known, as questions, ranked by how many verdicts an answer could change.

    Parameters
    ----------
    graph : AccessGraph
    target : str, optional
        Only what bears on an entity or a category; default everything.
    **options : Options
        The assumptions.

    Returns
    -------
    Answer
        A row for each gap: ``gap`` (one of `GAPS`), ``entity`` or ``relation`` (its id; the other is ``None``),
        ``question`` (a sentence that one could send as a records request), ``verdicts_at_stake``. Most verdicts first,
        then by kind of gap, then by id.

    Raises
    ------
    UnknownId
        If the target is neither an entity nor a category.
    TooLarge
        If it would take hours, or more memory than there is.

    Notes
    -----
    At stake are the pairs of body and place whose best answer would be another one: for a doubtful relation, if it did
    not hold; for one that is planned, under review or contested, between holding for certain and not at all; for a
    place that nobody is known to hold, the most bodies that would reach it better if some one of its country held it
    (where that stands denied, by a contested holding);
    for a system whose store is unknown, the pairs that stand at the system for want of a store; for an entity that
    stands for many, the pairs that end at it or lead through it.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = gaps(build(read("cabar-2020")), as_of="2020-04-15")
    >>> sorted({row["gap"] for row in answer.rows} - set(GAPS))
    []
    """
    scope = Scope.of(**options)
    view = View.of(graph, scope)
    notes: tuple[Note, ...] = ()
    if target is None:
        columns, bodies = _counted(view, every_column(view)), asked_bodies(graph, scope)
    else:
        asked = target_of(view, target)
        columns, bodies, notes = asked.columns, asked_bodies(graph, scope, asked.name), asked.notes
    growing = target is None or target in graph.categories
    found = _Search(view, columns, bodies, growing=growing, every=target is None).gaps()
    rows = [gap.row() for gap in found if target is None or gap.stake]
    rows.sort(key=lambda row: (-row["verdicts_at_stake"], GAPS.index(row["gap"]), row["entity"] or row["relation"]))
    return Answer(
        command="gaps",
        question={"target": target, **scope.question()},
        dataset=stamp(graph.dataset),
        rows=tuple(rows),
        notes=(*notes, *caveats(view, [])),
        beside={"counts": {kind: sum(row["gap"] == kind for row in rows) for kind in GAPS}},
    )


def _counted(view: View, columns: list[Column]) -> list[Column]:
    counted = view.scope.places(view.graph)
    return columns if counted is None else [column for column in columns if column[0] in counted]


class Gap(NamedTuple):
    """Something that is not known."""

    kind: str
    entity: str | None
    relation: str | None
    question: Note
    stake: int

    def row(self) -> Row:
        """As it stands in an answer."""
        return {
            "gap": self.kind,
            "entity": self.entity,
            "relation": self.relation,
            "question": self.question,
            "verdicts_at_stake": self.stake,
        }


class _Search:
    """What is not known: ``every`` gap, or, of relations, those that could change a verdict."""

    def __init__(self, view: View, columns: list[Column], bodies: Nodes, *, growing: bool, every: bool) -> None:
        self.view, self.graph, self.dataset = view, view.graph, view.graph.dataset
        self.columns, self.bodies = columns, bodies
        self.growing, self.every = growing, every
        start, end = entity_intervals(self.dataset)
        self.present: Flags = (start <= view.scope.as_of) & (end >= view.scope.as_of)
        spans = self.graph.intervals
        self.holds: Flags = spans.in_force(view.scope.as_of) & (spans.known <= view.scope.known_by)

    def gaps(self) -> Iterator[Gap]:
        """Every gap, in no order."""
        doubtful = self._doubtful
        relations = self._claimed
        many = np.flatnonzero(_is_one_of(self.dataset.entities.codes("collective"), ("true",)) & self.present)
        trials = int(relations.sum() + doubtful.sum()) + len(many)
        require_time(self.view, trials, "what is doubtful", fewer=False)
        self.stakes.weigh(np.flatnonzero(relations).tolist(), np.flatnonzero(doubtful).tolist(), many.tolist())
        yield from self._places()
        yield from self._collectives()
        yield from filter(None, self._relations())

    @cached_property
    def stakes(self) -> Stakes:
        """What an answer would change."""
        return Stakes(self.view, self.columns, self.bodies, growing=self.growing)

    def _entity(self, kind: str, node: int, label: Label, stake: int) -> Gap:
        names = quoted(name_of(self.dataset, self.graph.ids[node]))
        return Gap(kind, self.graph.ids[node], None, Note(label, {"name": names}), stake)

    def _places(self) -> Iterator[Gap]:
        """Places nobody is known to hold, and systems whose store is not known."""
        graph, ranks = self.graph, self.stakes.ranks
        keeps = [level == _CUSTODY and certainty >= ALLEGED for level, certainty in RANKED]
        held: Flags = np.any(np.array([*keeps, False])[ranks], axis=0)
        for number, place in enumerate(self.stakes.verdicts.places):
            if not self.present[place] or graph.types[place] == BODY:
                continue
            if not held[number]:
                label = _NO_HOLDER if graph.types[place] == STORE else _NO_OPERATOR
                stake = self.stakes.with_holder(place, self._candidates(place), self._denied(place))
                yield self._entity("no_holder", place, label, stake)
            if graph.types[place] == SYSTEM and self.view.places[place].any():
                yield self._entity("store_unknown", place, _NO_STORE, self.stakes.at_place(place))

    def _candidates(self, place: int) -> Nodes:
        """Bodies of the place's country, else all; only those that there are on the day can hold it then."""
        codes = self._countries
        bodies = self.graph.types == BODY
        same = bodies & (codes[0] == codes[0][place])
        return np.flatnonzero((same if codes[1][codes[0][place]] and same.any() else bodies) & self.present)

    @cached_property
    def _countries(self) -> tuple[Ints, list[str]]:
        return self.dataset.entities.codes("country")

    def _denied(self, place: int) -> list[int]:
        """Bodies of whom it stands denied, on the day, that they hold a store or operate a system."""
        verb = "holds" if self.graph.types[place] == STORE else "operates"
        return self._denials.get((verb, self.graph.ids[place]), [])

    @cached_property
    def _denials(self) -> dict[tuple[str, str], list[int]]:
        """Subjects of the denials in force, by predicate and object."""
        relations, found = self.dataset.relations, dict[tuple[str, str], list[int]]()
        denied = _is_one_of(relations.codes("status"), ("denied",)) & self.holds
        for row in np.flatnonzero(denied).tolist():
            cells = relations.row(row)
            found.setdefault((cells["predicate"], cells["object"]), []).append(self.graph.position[cells["subject"]])
        return found

    def _collectives(self) -> Iterator[Gap]:
        labels = {BODY: _WHICH_BODIES, SYSTEM: _WHICH_SYSTEMS, STORE: _WHICH_STORES}
        for node, flag in enumerate(self.dataset.entities.column("collective")):
            if flag == "true" and self.present[node]:
                label = labels[int(self.graph.types[node])]
                yield self._entity("collective", node, label, self.stakes.without_node(node))

    def _relations(self) -> Iterator[Gap | None]:
        relations, spans = self.dataset.relations, self.graph.intervals
        contested = self._contested
        year, three = (Scope.of(as_of=_iso(self.view), fresh=span).evidence_since for span in (OPEN_AFTER, OLD_AFTER))
        stake, doubtful = self.stakes.without_relation, self._doubtful.tolist()
        for row in np.flatnonzero(self._claimed).tolist():
            if not (self.every or doubtful[row] or stake(row)):
                continue
            cells = relations.row(row)
            status, sources = cells["status"], tuple(dict.fromkeys(split(cells["sources"])))
            rule = self.graph.rules.predicates.get(cells["predicate"])
            event = rule is not None and rule.terminal  # a leak happened; it does not last
            asked = partial(wording, standing=standing_of(status, contested=row in contested), event=event)
            if cells["predicate"] == "has_access" and not cells.get("legal_basis"):
                yield self._relation("no_legal_basis", row, asked("no_legal_basis"), stake)
            if spans.word[row] == UNDATED and cells["predicate"] not in STRUCTURAL:
                yield self._relation("undated", row, asked("undated"), stake)
            if status in _OPEN and spans.start[row] < year:
                since = spans.since(row)
                label = (_OPEN if since else _OPEN_UNDATED)[status]
                yield self._relation("open_question", row, label, self.stakes.settled, since)
            elif row in contested and spans.start[contested[row]] < year:
                since = spans.since(contested[row])
                label = _CONTESTED if since else _CONTESTED_UNDATED
                yield self._relation("open_question", row, label, self.stakes.settled, since)
            if status not in _OPEN and 0 < spans.newest[row] < three:
                yield self._relation("old_evidence", row, asked("old_evidence"), stake, spans.newest_text(row))
            if len(sources) == 1:
                yield self._relation("single_source", row, asked("single_source"), stake, self._source(sources[0]))

    def _relation(self, kind: str, row: int, label: Label, stake: Callable[[int], int], detail: str = "") -> Gap | None:
        at_stake = stake(row)
        if not (self.every or at_stake):  # most are, and each would be put in words
            return None
        cells = self.dataset.relations.row(row)
        ends = {end: quoted(name_of(self.dataset, cells[end])) for end in ("subject", "object")}
        values = {"what": relation_of(self.dataset, row), "detail": detail, **ends}
        return Gap(kind, None, self.graph.relation_id(row), Note(label, values), at_stake)

    @cached_property
    def _claimed(self) -> Flags:
        """Relations in force that somebody says there are."""
        return self.holds & ~_is_one_of(self.dataset.relations.codes("status"), ("denied",))

    @cached_property
    def _doubtful(self) -> Flags:
        """Relations in force that are only planned, under review, or contested."""
        doubtful = _is_one_of(self.dataset.relations.codes("status"), _OPEN) & self.holds
        doubtful[[*self._contested]] |= self.holds[[*self._contested]]
        return doubtful

    @cached_property
    def _contested(self) -> dict[int, int]:
        """Relations that a denial stands against on the day, each with the earliest such denial."""
        denials, scope, starts = self.graph.denials, self.view.scope, self.graph.intervals.start
        holds = (denials.start <= scope.as_of) & (denials.end >= scope.as_of) & (denials.known <= scope.known_by)
        pairs = zip(denials.relation[holds].tolist(), denials.denial[holds].tolist(), strict=True)
        found: dict[int, int] = {}
        for relation, denial in sorted(pairs, key=lambda pair: (starts[pair[1]], pair[1])):
            found.setdefault(relation, denial)
        return found

    def _source(self, name: str) -> str:
        table = self.dataset.sources
        row = table.index.get(name)
        cells = {} if row is None else table.row(row)
        by = ", ".join(cells[key].rstrip(".") for key in ("publisher", "date") if cells.get(key))
        # A title may end in a question mark, which no full stop should follow.
        return " – ".join(filter(None, ((cells.get("title") or "").rstrip("."), by or name)))


def _is_one_of(codes: tuple[Ints, list[str]], words: Collection[str]) -> Flags:
    flags: Flags = np.array([word in words for word in codes[1]], dtype=bool)[codes[0]]
    return flags


def _iso(view: View) -> str:
    from stakeholders.dates import iso

    return iso(view.scope.as_of)


_NO_HOLDER = Label(
    "Which body holds the store {name}, and under which legal act?",
    "Какой орган держит хранилище {name} и на основании какого правового акта?",
    "{name} дерекқорын қай орган ұстайды және қандай құқықтық актінің негізінде?",
)
_NO_OPERATOR = Label(
    "Which body operates the system {name}, and under which legal act?",
    "Какой орган эксплуатирует систему {name} и на основании какого правового акта?",
    "{name} жүйесін қай орган пайдаланады және қандай құқықтық актінің негізінде?",
)
_NO_STORE = Label(
    "Where are the data of the system {name} kept, which body holds them, and for how long?",
    "Где хранятся данные системы {name}, какой орган их держит и каков срок хранения?",
    "{name} жүйесінің деректері қайда сақталады, оларды қай орган ұстайды және сақтау мерзімі қандай?",
)
_OPEN = {
    "planned": Label(
        "A plan on record since {detail}: {what}. Has it been carried out, dropped or replaced, and when?",
        "Известен план ({detail}): {what}. Выполнен ли он, отменён или заменён, и когда?",
        "Белгілі жоспар ({detail}): {what}. Ол орындалды ма, тоқтатылды ма, әлде алмастырылды ма және қашан?",
    ),
    "under_review": Label(
        "Under review since {detail}: {what}. What was decided, and when?",
        "На рассмотрении ({detail}): {what}. Какое решение принято и когда?",
        "Қаралуда ({detail}): {what}. Қандай шешім қабылданды және қашан?",
    ),
}
_OPEN_UNDATED = {
    "planned": Label(
        "A plan on record, without a date: {what}. Has it been carried out, dropped or replaced, and when?",
        "Известен план, без даты: {what}. Выполнен ли он, отменён или заменён, и когда?",
        "Белгілі жоспар, күні жоқ: {what}. Ол орындалды ма, тоқтатылды ма, әлде алмастырылды ма және қашан?",
    ),
    "under_review": Label(
        "Under review, without a date: {what}. What was decided, and when?",
        "На рассмотрении, без даты: {what}. Какое решение принято и когда?",
        "Қаралуда, күні жоқ: {what}. Қандай шешім қабылданды және қашан?",
    ),
}
_CONTESTED_UNDATED = Label(
    "It has been stated, and denied, that {what}. Which is right, and since when?",
    "Заявлялось и отрицалось: {what}. Что верно и с какой даты?",
    "Мәлімделген әрі жоққа шығарылған: {what}. Қайсысы дұрыс және қай күннен бастап?",
)
_CONTESTED = Label(
    "It has been stated, and denied since {detail}, that {what}. Which is right, and since when?",
    "Заявлялось и отрицалось ({detail}): {what}. Что верно и с какой даты?",
    "Мәлімделген әрі жоққа шығарылған ({detail}): {what}. Қайсысы дұрыс және қай күннен бастап?",
)
_WHICH_BODIES = Label(
    "Which bodies exactly does {name} stand for? Please name each.",
    "Какие именно органы и организации охватывает обозначение {name}? Просим назвать каждый.",
    "{name} деген атау нақты қай органдар мен ұйымдарды қамтиды? Әрқайсысын атауды сұраймыз.",
)
_WHICH_SYSTEMS = Label(
    "Which systems exactly does {name} stand for? Please name each.",
    "Какие именно системы охватывает обозначение {name}? Просим назвать каждую.",
    "{name} деген атау нақты қай жүйелерді қамтиды? Әрқайсысын атауды сұраймыз.",
)
_WHICH_STORES = Label(
    "Which stores of data exactly does {name} stand for? Please name each.",
    "Какие именно хранилища данных охватывает обозначение {name}? Просим назвать каждое.",
    "{name} деген атау нақты қай дерекқорларды қамтиды? Әрқайсысын атауды сұраймыз.",
)

"""Checks: rules that must hold of who can reach what, with dated exceptions; no new reach against a baseline."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path as Folder
from typing import Final, Unpack

from graphs.access import AccessGraph
from graphs.answers import Answer, Note, Row, stamp
from graphs.assessments import assess
from graphs.assessments import gdpr as gdpr_pack
from graphs.changes import diff
from graphs.judges import Finding, Judge
from graphs.naming import Names, name_of
from graphs.paths import Path, steps
from graphs.policies import Policies, Rule, pack
from graphs.scope import Options, Scope
from graphs.views import View
from stakeholders.dataset import Dataset
from stakeholders.dates import last_day
from stakeholders.errors import AccessMapError
from stakeholders.vocabulary import LANGUAGES, LEVEL_LABELS, Label

BASELINE: Final = "no-new-reach"
NEW: Final = ("gained", "stronger", "newly claimed", "newly prospective")

_NEWLY = {
    "gained": Label("{body} gained reach to {store} ({what}): {level}.",
                    "{body}: появился доступ к «{store}» ({what}), уровень – {level}.",
                    "{body}: «{store}» ({what}) деректеріне қолжетімділік пайда болды, деңгейі – {level}."),
    "stronger": Label("{body}: the reach to {store} ({what}) became stronger: {level}.",
                      "{body}: доступ к «{store}» ({what}) усилился, уровень – {level}.",
                      "{body}: «{store}» ({what}) деректеріне қолжетімділік күшейді, деңгейі – {level}."),
    "newly claimed": Label("{body}: reach to {store} ({what}) is newly claimed: {level}.",
                           "{body}: впервые утверждается доступ к «{store}» ({what}), уровень – {level}.",
                           "{body}: «{store}» ({what}) қолжетімділігі алғаш мәлімделді, деңгейі – {level}."),
    "newly prospective": Label("{body}: reach to {store} ({what}) is newly planned: {level}.",
                               "{body}: доступ к «{store}» ({what}) теперь в планах, уровень – {level}.",
                               "{body}: «{store}» ({what}) қолжетімділігі енді жоспарда, деңгейі – {level}."),
}  # fmt: skip
_NO_NEW = Label(
    "No reach that the baseline does not have", "Никакого доступа, которого нет в исходных данных",
    "Бастапқы деректерде жоқ қолжетімділік болмауы тиіс",
)  # fmt: skip
_EXPIRED = Label(
    "The exception to {rule} ran out on {until}; {owner} answers for it: {reason}",
    "Исключение из правила {rule} истекло {until}; ответственный – {owner}: {reason}",
    "{rule} ережесінің ерекшелік мерзімі {until} өтті; жауапты – {owner}: {reason}",
)
_UNUSED = Label(
    "An exception to {rule} excepts nothing; {owner} may take it out: {reason}",
    "Исключение из правила {rule} ничего не исключает; {owner} может его убрать: {reason}",
    "{rule} ережесінің ерекшелігі ештеңені қамтымайды; {owner} оны алып тастай алады: {reason}",
)
_DORMANT = Label(
    "Not in force on that day: {rules}.", "В этот день не действуют: {rules}.", "Бұл күні күшінде емес: {rules}."
)


@dataclass(frozen=True)
class Checked(Answer):
    """What a check found.

    Attributes
    ----------
    rules : tuple of dict
        Every rule that was asked: ``id``, ``title`` and ``why`` (a `Note` each), ``policies`` (file or pack),
        ``severity``, ``violated`` and ``excepted`` (how many findings).
    """

    rules: tuple[Row, ...] = ()
    _dataset: Dataset | None = field(default=None, repr=False, compare=False)

    @property
    def found(self) -> bool:
        """Whether anything violates a rule that is more than a note."""
        return any(row["verdict"] == "violated" and row["severity"] != "note" for row in self.rows)

    @property
    def folder(self) -> Folder | None:
        """Where the dataset was read from, as it was named."""
        return self._dataset.folder if self._dataset else None

    def line_of(self, row: Row) -> tuple[str, int]:
        """File and line of the relation or entity that a finding begins with; line 0 where it stands in no file."""
        for table, name in (("relations", row["relation"] or next(iter(row["path"]), None)), ("entities", row["store"]),
                            ("entities", row["body"])):  # fmt: skip
            rows = self._dataset.tables.get(table) if self._dataset else None
            if name and rows is not None and name in rows.index:
                lines = rows.lines
                return rows.file, int(lines[rows.index[name]]) if len(lines) else 0
        return "relations.csv", 0

    def to_dict(self, lang: str = "en") -> Row:
        """The answer as one JSON object; equal input gives equal bytes."""
        rules = [{**rule, **{key: rule[key].text(lang) for key in ("title", "why")}} for rule in self.rules]
        return {**super().to_dict(lang), "rules": rules}


def check(
    graph: AccessGraph,
    policies: Sequence[Policies] | None = None,
    *,
    baseline: Dataset | None = None,
    gdpr: bool = False,
    **options: Unpack[Options],
) -> Checked:
    """Whether rules hold.

    Parameters
    ----------
    graph : AccessGraph
    policies : sequence of Policies, optional
        As `graphs.policies.parse_policies` gives them; default the pack ``default``, unless something else is asked.
    baseline : Dataset, optional
        No body may reach more than it does there, under the same options.
    gdpr : bool
        Score each store on what is documented of the seven principles; see `graphs.assessments`.
    **options : Options
        The assumptions; a rule's own come first. The default of ``certainty`` is ``reported``.

    Returns
    -------
    Checked
        A row for each finding: ``id`` (stable: the same finding has the same id in every run), ``rule``, ``severity``,
        ``verdict`` (``violated`` or ``excepted``), ``body``, ``store``, ``category`` (as asked for), ``relation``,
        ``path``, ``sentence``, ``excepted_until``, ``reason``, ``owner``; and for a principle of the GDPR, whose
        verdict is ``documented``, ``partly``, ``undocumented`` or ``not applicable``, ``score``, ``article``,
        ``criteria`` and ``missing``. By rule, then violated first, then as the question behind it orders them.

    Raises
    ------
    UnknownTerm, UnknownId
        If a rule names a body, store, category or word that does not exist.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> from graphs.policies import parse_policies
    >>> rules = parse_policies('rule = [{id = "x", who = ["kind=manufacturer"], must_not = "reach", what = ["video"]}]')
    >>> answer = check(build(read("cabar-2020")), [rules], as_of="2020-04-15")
    >>> sorted({row["body"] for row in answer.rows})
    ['cn-dahua', 'cn-hikvision']
    """
    options.setdefault("certainty", "reported")
    if policies is None:
        policies = [] if baseline is not None or gdpr else [pack("default")]
    scope = Scope.of(**options)
    scope.places(graph)  # refused before rules are asked that ask nothing of a place
    rows: list[Row] = []
    told: list[Row] = []
    notes: list[Note] = []
    dormant: list[str] = []
    of_rule: dict[str, Options] = {}
    own = [BASELINE] if baseline is not None else []
    _alone(policies, [*own, *(_principle(each.id) for each in gdpr_pack().principles if gdpr)])
    for source in policies:
        for rule in source.rules:
            if not rule.holds_on(scope.as_of):
                dormant.append(rule.id)
                continue
            judge = Judge(graph, rule, source.name, options)
            of_rule[rule.id] = judge.options
            findings = [_row(rule, finding) for finding in judge.findings()]
            rows += _excepted(findings, rule, judge, scope.as_of, notes)
            told.append(_told(rule.id, Note(rule.title), source.name, rule.severity, rule.why))
    if baseline is not None:
        rule = Rule(BASELINE, _NO_NEW, "must_not", "reach")
        rows += [_row(rule, finding) for finding in _new_reach(graph, baseline, options)]
        told.append(_told(BASELINE, Note(_NO_NEW), "baseline", rule.severity, rule.why))
    if gdpr:
        rows += _assessed(graph, scope)
        told += [
            _told(
                _principle(each.id), Note(each.title), "gdpr", "note", Label(*[f"GDPR {each.article}"] * len(LANGUAGES))
            )
            for each in gdpr_pack().principles
        ]
        notes.append(Note(gdpr_pack().limits))
    counts = Counter((row["rule"], row["verdict"]) for row in rows)
    for entry in told:
        entry |= {verdict: counts[entry["id"], verdict] for verdict in ("violated", "excepted")}
    if dormant:
        notes.append(Note(_DORMANT, {"rules": ", ".join(dormant)}))
    return Checked(
        command="check",
        question={
            "policies": [*(source.name for source in policies), *(["gdpr"] if gdpr else [])],
            "baseline": stamp(baseline) if baseline is not None else None,
            **scope.question(),
        },
        dataset=stamp(graph.dataset),
        rows=tuple(rows),
        notes=tuple(notes),
        _steps=lambda number: _steps(graph, rows[number], {**options, **of_rule.get(rows[number]["rule"], {})}),
        rules=tuple(told),
        _dataset=graph.dataset,
    )


def _alone(policies: Sequence[Policies], own: Collection[str]) -> None:
    """Refuse two rules of one id: their findings could not be told apart, and would be counted for both."""
    places = dict.fromkeys(own, "accessmap itself")
    for source in policies:
        for rule in source.rules:
            if rule.id in places:
                raise AccessMapError(
                    f"two rules have the id {rule.id!r}: one in {places[rule.id]}, one in {source.name}"
                )
            places[rule.id] = source.name


def finding_id(rule: str, *about: str | None) -> str:
    """The id of a finding: of what it is about, whatever the path, the level or the day.

    Examples
    --------
    >>> finding_id("x", "cn-dahua", "kz-sergek-almaty-archive", None)
    'x-ce4e40b75a'
    """
    digest = hashlib.sha256("\x1f".join(one or "" for one in (rule, *about)).encode()).hexdigest()
    return f"{rule}-{digest[:10]}"


def _told(name: str, title: Note, source: str, severity: str, why: Label) -> Row:
    return {"id": name, "title": title, "policies": source, "severity": severity, "why": Note(why)}


def _row(rule: Rule, finding: Finding) -> Row:
    about = finding.body, finding.store, finding.category, finding.relation
    return {
        "id": finding_id(rule.id, *about),
        "rule": rule.id,
        "severity": rule.severity,
        "verdict": "violated",
        "body": finding.body,
        "store": finding.store,
        "category": finding.category,
        "relation": finding.relation,
        "path": list(finding.path),
        "sentence": finding.sentence,
        "excepted_until": None,
        "reason": None,
        "owner": None,
        "score": None,
        "article": None,
        "criteria": {},
        "missing": [],
    }


def _steps(graph: AccessGraph, row: Row, options: Options) -> list[Row]:
    """The hops of a finding's path, each with claim and sources."""
    asked: Options = {**options, "certainty": "prospective", "level": "possible", "fresh": None}
    view = View.of(graph, Scope.of(**asked))
    names = graph.dataset.relations.column("id")
    arcs: dict[str, list[int]] = {}
    for arc, position in enumerate(view.arc.tolist()):
        arcs.setdefault(names[int(graph.arcs.relation[position])], []).append(arc)
    found: list[int] = []
    for name in row["path"]:
        candidates = arcs.get(name, [])
        at = view.target[found[-1]] if found else graph.position.get(row["body"] or "", -1)
        # A grant and what is assumed to be copied under it bear one id: the hop is the one that goes on from here.
        found += [next((arc for arc in candidates if view.source[arc] == at), candidates[0])] if candidates else []
    return steps(view, Path(tuple(found), tuple(row["path"])))


# -------------------------------------------------------------------------------------------------------- exceptions


def _excepted(rows: Sequence[Row], rule: Rule, judge: Judge, day: int, notes: list[Note]) -> list[Row]:
    """Findings with their exceptions; one that ran out excepts nothing and is told, so is one that fits nothing."""
    used: set[int] = set()
    chosen = [(number, each, judge.excepted(each)) for number, each in enumerate(rule.exemptions)]
    found = []
    for row in rows:
        fitting = [(number, each) for number, each, fits in chosen if fits(row)]
        used |= {number for number, _ in fitting}
        valid = [each for _, each in fitting if not each.until or day <= last_day(each.until)]
        if valid:
            each = valid[0]
            told = {"excepted_until": each.until or None, "reason": each.reason, "owner": each.owner}
            found.append({**row, "verdict": "excepted", **told})
        else:
            found.append(row)
    for number, each in enumerate(rule.exemptions):
        values = {"rule": rule.id, "until": each.until, "owner": each.owner, "reason": each.reason}
        if number not in used:
            notes.append(Note(_UNUSED, values))
        elif each.until and day > last_day(each.until):
            notes.append(Note(_EXPIRED, values))
    return sorted(found, key=lambda row: row["verdict"] != "violated")


def _new_reach(graph: AccessGraph, baseline: Dataset, options: Options) -> Iterator[Finding]:
    """Reach that the baseline does not have."""
    answer = diff(baseline, graph.dataset, also=(), **options)
    for row in answer.rows:
        if row["change"] in NEW and row["place"] != "after":
            category = row["category"]
            values = {
                "body": name_of(graph.dataset, row["body"]),
                "store": name_of(graph.dataset, row["store"]),
                "what": name_of(graph.dataset, category) if category else "–",
                "level": LEVEL_LABELS[row["after"]["level"]]._asdict(),
            }
            yield Finding(
                Note(_NEWLY[row["change"]], values), row["body"], row["store"], category, None, tuple(row["path"])
            )


# ------------------------------------------------------------------------------------------------------------ the GDPR

_ASSESSED = {
    "documented": Label("{store}: {principle} – documented.", "{store}: {principle} – задокументировано.",
                        "{store}: {principle} – құжатталған."),
    "partly": Label("{store}: {principle} – partly documented ({score}).",
                    "{store}: {principle} – задокументировано частично ({score}).",
                    "{store}: {principle} – ішінара құжатталған ({score})."),
    "undocumented": Label("{store}: {principle} – not documented.", "{store}: {principle} – не задокументировано.",
                          "{store}: {principle} – құжатталмаған."),
    "not applicable": Label("{store}: {principle} – nothing on record that it could be asked of.",
                            "{store}: {principle} – нет сведений, к которым вопрос применим.",
                            "{store}: {principle} – сұрақ қоюға болатын мәлімет жоқ."),
}  # fmt: skip


def _principle(name: str) -> str:
    return f"gdpr-{name}"


def _assessed(graph: AccessGraph, scope: Scope) -> Iterator[Row]:
    """Stores by principles, as rows of a check."""
    principles = {each.id: each for each in gdpr_pack().principles}
    place = {name: number for number, name in enumerate(principles)}
    titles = {name: each.title._asdict() for name, each in principles.items()}
    rules = {
        name: Rule(_principle(name), each.title, "must", "be documented", severity="note")
        for name, each in principles.items()
    }
    names: dict[str, Names] = {}
    for each in sorted(assess(graph, scope), key=lambda each: place[each["principle"]]):
        score, store, principle = each["score"], each["store"], each["principle"]
        verdict = ("not applicable" if score is None else "documented" if score == 1 else "partly" if score else
                   "undocumented")  # fmt: skip
        if store not in names:
            names[store] = name_of(graph.dataset, store)
        values = {"store": names[store], "principle": titles[principle], "score": score}
        row = _row(rules[principle], Finding(Note(_ASSESSED[verdict], values), store=store))
        row |= {"verdict": verdict, **{key: each[key] for key in ("score", "article", "criteria", "missing")}}
        yield row

"""What changed, and what it means: who gained and who lost reach to which data, through which changed relation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Unpack

import numpy as np

from graphs.access import AccessGraph, build
from graphs.answers import Answer, Note, Row, stamp
from graphs.attributions import Attributor
from graphs.causes import Effect, Explainer, Explanation, Witnesses
from graphs.effects import KINDS, columns_of, kinds_of, moves, word_of
from graphs.engines.arrays import RANKED, UNREACHED
from graphs.layers import LARGE as LARGE_GRAPH
from graphs.layers import searches
from graphs.movements import ALSO, Sides, moved_chokepoints, moved_exposures
from graphs.paths import Path, steps, summary
from graphs.reachability import Column
from graphs.scope import Options, Scope
from graphs.variants import Variants, in_view
from graphs.versions import Cause, Choice, State, Versions
from graphs.views import NO_CATEGORY
from stakeholders.categories import CategoryTree
from stakeholders.dataset import Dataset
from stakeholders.dates import iso
from stakeholders.differences import Change, apply, changes_between
from stakeholders.errors import AccessMapError, UnknownTerm
from stakeholders.intervals import WORDS
from stakeholders.vocabulary import Label

EXPLAINED = 1 << 35  # places × arcs × causes, above which causes are not looked for
SEARCHED = 1 << 31  # searches × arcs, above which the states of a large graph are not gone through
TRIALS = 4  # states that are tried for an effect, about

__all__ = ["Difference", "apply", "between", "diff"]


@dataclass(frozen=True)
class Difference(Answer):
    """An answer about a change.

    Attributes
    ----------
    union : Dataset
        Everything that either side has; knows the names of both.
    """

    union: Dataset | None = field(default=None, repr=False, compare=False)

    @property
    def changes(self) -> Sequence[Change]:
        """The rows that differ; applied to the side before they give the side after."""
        found: Sequence[Change] = self.beside["changes"]
        return found

    @property
    def found(self) -> bool:
        """Whether anything differs at all."""
        return bool(self.changes or self.rows)

    @property
    def causes(self) -> Mapping[str, Row]:
        """What the rows name as causes: what happened to each, when, and what it says."""
        found: Mapping[str, Row] = self.beside["causes"]
        return found

    def summary(self, lang: str = "en") -> str:
        """What it comes to, in one paragraph."""
        from graphs.reports.digests import paragraph

        return paragraph(self, lang)

    def to_dict(self, lang: str = "en") -> Row:
        """The answer as one JSON object; equal input gives equal bytes."""
        told = super().to_dict(lang)
        return {**{key: told[key] for key in ("command", "question", "dataset")}, "summary": self.summary(lang), **told}


def diff(
    before: Dataset, after: Dataset, *, also: Sequence[str] | None = None, **options: Unpack[Options]
) -> Difference:
    """What changed between two datasets, and what it means for reach.

    Parameters
    ----------
    before, after : Dataset
        Two versions, such as two folders, or two revisions of one.
    also : sequence of {'chokepoints', 'exposure'}, optional
        What else is compared; default both, on a very large graph neither.
    **options : Options
        The assumptions, the same on both sides; see `graphs.scope.Options`.

    Returns
    -------
    Difference
        A row for each body, store and category whose best answer moved, and each thing that this means: ``change`` is
        one of `graphs.effects.KINDS`, in that order; then by level, certainty, hops, body, store, category.
        ``because`` names causes that together bring it about and none of which can be left out; ``alternatives`` are
        other sets that would have done by themselves. ``path`` is the best path after, ``path_before`` the one before.
        Beside them ``causes``, ``chokepoints`` and ``exposure`` that moved (see `graphs.movements`), and ``changes``:
        `apply` gives AFTER from BEFORE and these. Where very much moved in a very large graph, causes and paths are not
        looked for, and the answer is not ``complete``.

    Raises
    ------
    UnknownId
        If a body or store that is asked about is on neither side.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> before = read("cabar-2020")
    >>> after = before.without(["kz-police-atyrau-has-access-kz-sergek-atyrau-archive"])
    >>> answer = diff(before, after, as_of="2020-04-15", bodies=["kz-police-atyrau"])
    >>> [(row["body"], row["change"], row["because"]) for row in answer.rows][:1]
    [('kz-police-atyrau', 'lost', ['kz-police-atyrau-has-access-kz-sergek-atyrau-archive'])]
    """
    scope = Scope.of(**options)
    found = changes_between(before, after)
    versions = Versions.of(before, after, scope, found)
    question = {"before": stamp(before), "after": stamp(after), "between": None, **scope.question()}
    return answer_of(versions, question, found, also, Sides((before, after), (options, options)))


def between(
    dataset: Dataset | AccessGraph,
    first: str | date,
    last: str | date,
    *,
    also: Sequence[str] | None = None,
    **options: Unpack[Options],
) -> Difference:
    """What changed in the world between two days, as one dataset tells it.

    Parameters
    ----------
    dataset : Dataset or AccessGraph
    first, last : str or datetime.date
        The days; a partial date means its last day.
    also : sequence of {'chokepoints', 'exposure'}, optional
        What else is compared; default both, on a very large graph neither.
    **options : Options
        The other assumptions; ``as_of`` is not among them.

    Returns
    -------
    Difference
        As `diff`; causes are relations that began, ended or were denied. ``changes`` lead from what was in force on
        the first day to what is on the last.

    Raises
    ------
    AccessMapError
        If the last day comes before the first.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> answer = between(read("central-asia"), "2025-06-29", "2025-07-01", bodies=["kz-nsc-anticorruption"])
    >>> {row["change"] for row in answer.rows}
    {'gained'}
    """
    asked, scopes = two_days(first, last, options)
    graph = dataset if isinstance(dataset, AccessGraph) else build(dataset)
    versions = Versions.between(graph, *scopes)
    known = graph.dataset
    if scopes[1].question()["known_by"]:
        known = known.known_by(date.fromordinal(scopes[1].known_by))
    days = [date.fromordinal(scope.as_of) for scope in scopes]
    found = changes_between(known.as_of(days[0]), known.as_of(days[1]))
    return answer_of(versions, question_between(graph.dataset, scopes), found, also, Sides((graph, graph), asked))


def two_days(
    first: str | date, last: str | date, options: Options
) -> tuple[tuple[Options, Options], tuple[Scope, Scope]]:
    """The assumptions on each of two days.

    Raises
    ------
    AccessMapError
        If they name a day themselves, or the last day comes before the first.
    """
    if options.get("as_of") is not None:
        raise AccessMapError("as_of: the two dates say it; leave it out")
    was: Options = {**options, "as_of": first}
    now: Options = {**options, "as_of": last}
    scopes = Scope.of(**was), Scope.of(**now)
    if scopes[0].as_of > scopes[1].as_of:
        raise AccessMapError(f"{last} comes before {first}: give the earlier day first, `--between {last} {first}`")
    return (was, now), scopes


def question_between(dataset: Dataset, scopes: tuple[Scope, Scope]) -> Row:
    """What is asked about two days of a dataset."""
    days = [date.fromordinal(scope.as_of).isoformat() for scope in scopes]
    return {"before": stamp(dataset), "after": stamp(dataset), "between": days, **scopes[1].question()}


def answer_of(
    versions: Versions, question: Row, found: Sequence[Change], also: Sequence[str] | None, sides: Sides, *,
    unruled: Mapping[str, int] | None = None,
) -> Difference:  # fmt: skip
    """What the versions mean; ``unruled`` where they are only a part of the data."""
    for word in also or ():
        if word not in ALSO:
            raise UnknownTerm("thing to compare", word, ALSO)
    told = effects_between(versions)
    rows = [row for _, row, _ in told]
    named = {number for *_, explanation in told for causes in (explanation.because, *explanation.alternatives)
             for number in causes}  # fmt: skip
    causes = {
        versions.causes[number].reference: cause_row(versions, versions.causes[number]) for number in sorted(named)
    }
    moved: dict[str, list[Row]] = {}
    notes = list(_notes(versions, unruled))
    explained = all(row["because"] for row in rows)
    if not explained:
        notes.append(Note(_UNEXPLAINED, {"count": len(rows)}))
    if also is None:
        also = () if sides.large() else ALSO
        notes += [] if also else [Note(_NOT_COMPARED)]
    asked = sides.asked() if also else None
    if asked and "chokepoints" in also:
        tree = versions.union.tree
        targets = sorted({topmost(tree, row["category"]) for row in rows if row["category"]})
        moved["chokepoints"] = moved_chokepoints(*asked, targets)
    if asked and "exposure" in also:
        moved["exposure"] = moved_exposures(*asked)
    return Difference(
        command="diff",
        question=question,
        dataset=question["after"],
        rows=tuple(rows),
        complete=explained,
        notes=tuple(notes),
        beside={"causes": dict(sorted(causes.items())), **moved, "changes": list(found)},
        _steps=lambda number: _steps(versions, told[number][0]),
        union=versions.union,
    )


# --------------------------------------------------------------------------------------------------------- the effects


@dataclass(frozen=True)
class Told:
    """An effect with its witnesses."""

    effect: Effect
    before: Path | None
    after: Path | None


def effects_between(versions: Versions, within: Choice | None = None) -> list[tuple[Told, Row, Explanation]]:
    """Every effect with its row and its explanation, in the contract's order.

    Parameters
    ----------
    versions : Versions
    within : set of int, optional
        The causes that have taken place afterwards; default all.
    """
    before, after = versions.before, versions.after if within is None else versions.state(within)
    moved = moves(before, after, columns_of(before, after))
    order = np.argsort(moved.column, kind="stable")
    pairs = [
        (moved.columns[int(moved.column[n])], int(moved.body[n]), int(moved.before[n]), int(moved.after[n]))
        for n in order
    ]
    told, explained = _told_shared(versions, pairs, within) if _shared(versions) else _told(versions, pairs, within)
    found = [(one, _row(versions, (before, after), one, why), why) for one, why in zip(told, explained, strict=True)]
    return sorted(found, key=lambda item: _order(item[0], item[1]))


_Moved = tuple[Column, int, int, int]  # a column, a body, and its ranks before and after


def _shared(versions: Versions) -> bool:
    """Whether the states between two versions are searched from what they have in common."""
    return versions.one_graph and len(versions.after) >= LARGE_GRAPH


def _told(versions: Versions, pairs: Sequence[_Moved], within: Choice | None) -> tuple[list[Told], list[Explanation]]:
    """Every effect with its witnesses, and its causes."""
    before, after = versions.before, versions.after if within is None else versions.state(within)
    # So many places in so large a graph cannot be asked again for every cause; the rows then say so.
    columns, bodies = sorted({pair[0] for pair in pairs}), np.unique([pair[1] for pair in pairs]).astype(np.intp)
    trials = min(len(versions.causes), len(pairs) * TRIALS) + 3
    width = searches(columns, len(bodies)) if len(after) >= LARGE_GRAPH else len(columns)
    explicable = width * len(after) * trials <= EXPLAINED
    sides: list[dict[tuple[Column, int], Path]] = []
    for state, ranks in ((before, [pair[2] for pair in pairs]), (after, [pair[3] for pair in pairs])):
        kept = zip(pairs, ranks, strict=True) if explicable else ()
        reached = [(*pair[:2], rank) for pair, rank in kept if rank != UNREACHED]
        ways = Witnesses(state, (pair[0] for pair in reached))
        sides.append({(column, body): ways.path(body, column, rank) for column, body, rank in reached})
    told = _with_paths(pairs, sides[0], sides[1])
    if not explicable:
        return told, [Explanation((), ())] * len(told)
    explainer = Explainer(versions, bodies)
    return told, explainer.explain([one.effect for one in told], [one.after for one in told], within)


def _told_shared(
    versions: Versions, pairs: Sequence[_Moved], within: Choice | None
) -> tuple[list[Told], list[Explanation]]:
    """The same in a large graph: searches are shared by pairs of one body or one place."""
    variants, end = Variants.of(versions), versions.everything if within is None else within
    if variants.searches(end, [(body, (column,)) for column, body, *_ in pairs]) * len(versions.after) > SEARCHED:
        told = _with_paths(pairs, {}, {})
        return told, [Explanation((), ())] * len(told)
    sides: list[dict[tuple[Column, int], Path]] = []
    for chosen, ranks in ((frozenset[int](), [pair[2] for pair in pairs]), (end, [pair[3] for pair in pairs])):
        kept = zip(pairs, ranks, strict=True)
        reached = [(column, body, rank) for (column, body, *_), rank in kept if rank != UNREACHED]
        paths = variants.paths(chosen, [(body, (column,), rank) for column, body, rank in reached])
        keys = [(column, body) for column, body, _ in reached]
        sides.append(dict(zip(keys, (path for _, path in paths), strict=True)))
    told = _with_paths(pairs, sides[0], sides[1])
    effects = [one.effect for one in told]
    attributor = Attributor(versions, np.unique([pair[1] for pair in pairs]).astype(np.intp), variants)
    attributor.know(end, effects)
    explained = attributor.explain(effects, [one.after for one in told], within)
    states = versions.before, versions.after if within is None else versions.state(within)
    for state, side in zip(states, sides, strict=True):
        side.update(zip(side, in_view(list(side.values()), state.arc, len(state.graph.arcs)), strict=True))
    return _with_paths(pairs, sides[0], sides[1]), explained


def _with_paths(
    pairs: Sequence[_Moved], before: Mapping[tuple[Column, int], Path], after: Mapping[tuple[Column, int], Path]
) -> list[Told]:
    return [
        Told(Effect(body, (column,), was, now, kind), before.get((column, body)), after.get((column, body)))
        for column, body, was, now in pairs
        for kind in kinds_of(was, now)
    ]


def _order(told: Told, row: Row) -> tuple[object, ...]:
    rank = told.effect.after if told.effect.after != UNREACHED else told.effect.before
    hops = len(row["path"]) or len(row["path_before"])
    level, certainty = RANKED[rank]
    return (
        KINDS.index(row["change"]), -level, -certainty, hops, row["body"], row["store"], row["category"] or "",
    )  # fmt: skip


def _row(versions: Versions, states: tuple[State, State], told: Told, explanation: Explanation) -> Row:
    effect, graph = told.effect, versions.after.graph
    place, layer = effect.columns[0]
    sides: dict[str, Any] = {}
    for name, state, path, rank in (
        ("before", states[0], told.before, effect.before),
        ("after", states[1], told.after, effect.after),
    ):
        whole = summary(state, path, effect.body, place) if path is not None else {}
        said = {key: whole.get(key) for key in ("contested", "at", "since", "date")}
        sides[name] = None if rank == UNREACHED else {**(word_of(rank) or {}), **said}
    references = versions.references
    because = [references[number] for number in explanation.because]
    place_in = {
        name: number
        for number, name in enumerate((*(told.after or _NONE).relations, *(told.before or _NONE).relations))
    }
    because.sort(key=lambda name: (place_in.get(name, len(place_in)), name))
    return {
        "body": graph.ids[effect.body],
        "store": graph.ids[place],
        "category": None if layer == NO_CATEGORY else graph.categories.codes[layer],
        "change": effect.kind.name,
        "place": PLACES[states[0].is_column(place, layer), states[1].is_column(place, layer)],
        **sides,
        "because": because,
        "alternatives": sorted(sorted(references[number] for number in causes) for causes in explanation.alternatives),
        "path": list((told.after or _NONE).relations),
        "path_before": list((told.before or _NONE).relations),
    }


_NONE = Path((), ())
PLACES: Mapping[tuple[bool, ...], str] = {(True, True): "both", (True, False): "before", (False, True): "after"}


def _steps(versions: Versions, told: Told) -> list[Row]:
    """The hops after, or those before where nothing is left."""
    if told.after is not None:
        return steps(versions.after, told.after)
    return steps(versions.before, told.before) if told.before is not None else []


# ---------------------------------------------------------------------------------------------------------- the causes

_DATES = frozenset({"valid_from", "valid_until", "date"})


def cause_row(versions: Versions, cause: Cause) -> Row:
    """What happened: in a word, when, and what the row says of it."""
    fields = sorted(name for name in {*cause.before, *cause.after} if cause.before.get(name) != cause.after.get(name))
    row: Row = {"table": cause.table, "id": cause.id, "what": cause.change, "fields": [], "date": None, "word": None,
                "status": None}  # fmt: skip
    if cause.table == "relations":
        number = _relation_row(versions, cause)
        cells = versions.union.relations.row(number)
        row["status"], row["claim"] = cells["status"], cells["claim"]
        if cells["status"] == "denied":
            row["what"] = _DENIED.get(cause.change, cause.change)
        spans = versions.after.graph.intervals
        if cause.change == "ended":
            row["date"] = cells["valid_until"] or iso(int(spans.end[number])) or None
        else:
            row["date"], row["word"] = spans.since(number) or None, WORDS[spans.word[number]]
    if cause.change == "changed":
        row["fields"] = fields
        if set(fields) <= _DATES:
            row["what"] = "re-dated"
        elif fields == ["sources"]:
            row["what"] = "re-sourced"
        row["before"] = {name: cause.before.get(name, "") for name in fields}
        row["after"] = {name: cause.after.get(name, "") for name in fields}
    return row


_DENIED = {"began": "denied", "added": "denied", "ended": "denial ended", "removed": "denial withdrawn"}


def _relation_row(versions: Versions, cause: Cause) -> int:
    """The row of the union that tells of a relation as it is last."""
    number = versions.numbers[cause.table, cause.id]
    return max(row for row, of in versions.of_relation.items() if of == number)


# ----------------------------------------------------------------------------------------------------------- the notes

_UNRULED = Label(
    "{count} relations with the predicate {predicate} have no traversal rule and give no arc.",
    "Связей вида {predicate}, для которых нет правила обхода: {count}; в графе они не учтены.",
    "Өту ережесі жоқ {predicate} байланыстары: {count}; олар есепке алынбады.",
)
_RULES = Label(
    "The traversal rules differ between the sides: {entries}.",
    "Правила обхода на двух сторонах различаются: {entries}.",
    "Екі жақтың өту ережелері әртүрлі: {entries}.",
)


_UNEXPLAINED = Label(
    "Too much moved in too large a graph to look for causes and paths ({count} effects): ask for fewer bodies or "
    "stores.",
    "В столь большом графе изменилось слишком много (изменений: {count}), поэтому причины и пути не найдены: задайте "
    "меньше органов или хранилищ.",
    "Тым үлкен графта тым көп нәрсе өзгерген (өзгеріс: {count}), сондықтан себептер мен жолдар ізделмеді: азырақ "
    "орган не дерекқор беріңіз.",
)
_NOT_COMPARED = Label(
    "Chokepoints and exposure are not compared in a graph of this size unless asked for.",
    "В графе такого размера узловые точки и зависимость от поставщиков сравниваются лишь по запросу.",
    "Мұндай көлемдегі графта түйінді нүктелер мен жеткізушілерге тәуелділік тек сұралса салыстырылады.",
)


def _notes(versions: Versions, unruled: Mapping[str, int] | None) -> tuple[Note, ...]:
    counts = versions.after.graph.unruled if unruled is None else unruled
    notes = [Note(_UNRULED, {"predicate": name, "count": count}) for name, count in sorted(counts.items())]
    rules = [cause.id for cause in versions.causes if cause.table == "rules"]
    return (*notes, *([Note(_RULES, {"entries": ", ".join(rules)})] if rules else []))


def topmost(tree: CategoryTree, code: str) -> str:
    """The broadest category that a category is part of."""
    seen = {code}
    while (broader := tree.broader(code)) and broader not in seen:
        seen.add(broader)
        code = broader
    return code

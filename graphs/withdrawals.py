"""Sensitivity: which verdicts change when one source, or one relation, is withdrawn, and what carries a finding."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Unpack
from weakref import WeakKeyDictionary

import numpy as np

from graphs.access import AccessGraph, Flags
from graphs.answers import Answer, Note, Row, stamp
from graphs.effects import KINDS, kinds_of, word_of
from graphs.engines.arrays import UNREACHED
from graphs.patches import without_relations
from graphs.reachability import Target, asked_bodies, caveats, target_of
from graphs.scope import Options, Scope
from graphs.verdicts import Move, Verdicts, moved, require_time
from graphs.views import View
from stakeholders.dataset import Dataset, split
from stakeholders.intervals import Intervals, relation_intervals
from stakeholders.progress import Watch, unwatched
from stakeholders.vocabulary import VERDICTS, Label

WITHDRAWN: Final = ("source", "relation")

_ENDS = ("lost", "no longer claimed", "no longer prospective")


def sensitivity(
    graph: AccessGraph, target: str, *, kinds: Collection[str] = WITHDRAWN, watch: Watch = unwatched,
    **options: Unpack[Options],
) -> Answer:  # fmt: skip
    """Sources and relations by what changes when each is withdrawn alone.

    Parameters
    ----------
    graph : AccessGraph
    target : str
        An entity's id or a category's code.
    kinds : collection of {'source', 'relation'}, optional
        What is withdrawn; by default both.
    watch : Watch, optional
        Told how far it is.
    **options : Options
        The assumptions.

    Returns
    -------
    Answer
        A row for each source and relation whose withdrawal changes a verdict: ``id``, ``kind`` (``source`` or
        ``relation``), ``relations`` (that fall with it), a count for each kind of change (``lost``, ``weaker``, ``less
        certain`` …; ``gained`` and such too: without a denial what it contests counts again) and ``changes``, each
        with ``body``, ``store``, ``change``, ``before``, ``after``; ``new_places`` are systems whose store is no longer
        known, so that what was lost at the store is gained there. Those that cost most verdicts come first, then by all
        changes, then by id. Beside the rows ``findings`` (how many pairs have a verdict) and ``single_source``:
        findings whose verdict some one source carries, with these sources.

    Raises
    ------
    UnknownId
        If the target is neither an entity nor a category.
    TooLarge
        If it would take hours, or more memory than there is.

    Notes
    -----
    The same as asking anew without the id (``--without``), one by one. A source is more than the relations that fall
    with it: it may set an assumed start, make a relation known by a day or fresh, or carry a denial. What only takes
    arcs away is answered from the paths that use them; the few others are asked anew.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = sensitivity(build(read("cabar-2020")), "kz-sergek-atyrau-archive", as_of="2020-04-15")
    >>> sorted({row["kind"] for row in answer.rows})
    ['relation', 'source']
    """
    scope = Scope.of(**options)
    trial = _Trial(graph, scope, target)
    rows = []
    single: dict[tuple[str, str], list[str]] = {}
    require_time(trial.base.view, len(trial.base.resting), "sources and relations")
    trials = trial.trials(kinds)
    # One asked anew costs as much as some dozen others.
    require_time(trial.base.view, sum(12 if anew else 1 for _, _, anew in trials), "sources and relations")
    for number, (withdrawal, lost, anew) in enumerate(trials):
        watch("withdrawing", number, len(trials), "sources and relations")
        changes, places = trial.changes(withdrawal, lost, anew=anew)
        if not changes:
            continue
        rows.append(_row(withdrawal, changes, places, graph))
        if withdrawal.kind == "source":
            for change in changes:
                if _falls(change):
                    single.setdefault((change["body"], change["store"]), []).append(withdrawal.id)
    rows.sort(key=lambda row: (-row["verdicts_lost"], -len(row["changes"]), row["kind"] != "source", row["id"]))
    findings = int((trial.base.ranks != UNREACHED).sum())
    told = Note(_SINGLE, {"single": len(single), "findings": findings})
    return Answer(
        command="sensitivity",
        question={"target": trial.asked.name, **scope.question()},
        dataset=stamp(graph.dataset),
        rows=tuple(rows),
        notes=(*trial.asked.notes, *([told] if findings else []), *caveats(trial.base.view, [])),
        beside={
            "findings": findings,
            "single_source": [
                {"body": body, "store": store, "sources": sorted(set(sources))}
                for (body, store), sources in sorted(single.items())
            ],
        },
    )


@dataclass(frozen=True)
class Withdrawal:
    """What is taken back, and what it does to relations.

    Attributes
    ----------
    kind : {'source', 'relation'}
    id : str
    falls : tuple of int
        Rows of the relations that fall.
    moves : tuple of (int, int)
        Rows of relations that stay on fewer sources, each with its row among the intervals of such.
    """

    kind: str
    id: str
    falls: tuple[int, ...]
    moves: tuple[tuple[int, int], ...] = ()


class Citations:
    """Which source stands behind which relation, and when each relation would hold without one of its sources."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.cells = [split(cell) for cell in dataset.relations.column("sources")]

    @cached_property
    def citing(self) -> Mapping[str, list[int]]:
        """Rows of the relations that cite each source."""
        citing: dict[str, list[int]] = {name: [] for name in self.dataset.sources.column("id")}
        for row, cell in enumerate(self.cells):
            for source in dict.fromkeys(cell):
                citing.setdefault(source, []).append(row)
        return citing

    @cached_property
    def withdrawals(self) -> tuple[list[Withdrawal], Intervals]:
        """One withdrawal for each source that some relation cites, and the intervals of what is left."""
        found: list[Withdrawal] = []
        rows: list[int] = []
        cells: list[str] = []
        for source, citing in self.citing.items():
            falls, moves = [], []
            for row in citing:
                if left := [other for other in self.cells[row] if other != source]:
                    moves.append((row, len(rows)))
                    rows.append(row)
                    cells.append(";".join(left))
                else:
                    falls.append(row)
            if citing:
                found.append(Withdrawal("source", source, tuple(falls), tuple(moves)))
        return found, self.intervals(rows, cells)

    def intervals(self, rows: Sequence[int], cells: Sequence[str]) -> Intervals:
        """When relations would hold on other sources."""
        table = self.dataset.relations.select(np.array(rows, dtype=np.int64)).with_column("sources", tuple(cells))
        return relation_intervals(replace(self.dataset, tables={**self.dataset.tables, "relations": table}))


_KEPT: WeakKeyDictionary[Dataset, Citations] = WeakKeyDictionary()


def _citations(dataset: Dataset) -> Citations:
    """Those of a dataset, which many questions ask for."""
    if (found := _KEPT.get(dataset)) is None:
        found = _KEPT[dataset] = Citations(dataset)
    return found


class _Trial:
    """One question, asked again without one thing after another."""

    def __init__(self, graph: AccessGraph, scope: Scope, target: str) -> None:
        self.graph, self.scope, self.target = graph, scope, target
        self.base, self.asked = self._ask(graph)
        self.citations = _citations(graph.dataset)

    def _ask(self, graph: AccessGraph) -> tuple[Verdicts, Target]:
        view = View.of(graph, self.scope)
        asked = target_of(view, self.target)
        return Verdicts(view, asked.columns, asked_bodies(graph, self.scope, asked.name)), asked

    def withdrawals(self, kinds: Collection[str]) -> Iterator[Withdrawal]:
        """Every source and every relation."""
        if "source" in kinds:
            yield from self.citations.withdrawals[0]
        if "relation" in kinds:
            for row, name in enumerate(self.graph.dataset.relations.column("id")):
                yield Withdrawal("relation", name, (row,))

    def trials(self, kinds: Collection[str]) -> list[tuple[Withdrawal, list[int], bool]]:
        """What may change a verdict: with the relations that no longer count, and whether it is to be asked anew.

        It is to be asked anew if anything else changes: places, denials, or what newly counts.
        """
        withdrawals = list(self.withdrawals(kinds))
        parts = [
            (number, row, at)
            for number, withdrawal in enumerate(withdrawals)
            for row, at in (*((row, -1) for row in withdrawal.falls), *withdrawal.moves)
        ]
        owner, row, at = np.array(parts, dtype=np.int64).reshape(-1, 3).T
        holds, counts = (np.append(left, False)[at] for left in self._left)  # what falls has no row there
        lost = self._has_arc[row] & (counts != self._now[1][row])
        resting = np.zeros(len(self._has_arc), dtype=bool)
        resting[list(self.base.resting)] = True
        anew, tried = np.zeros(len(withdrawals), dtype=bool), np.zeros(len(withdrawals), dtype=bool)
        anew[owner[(lost & counts) | (self._bears[row] & (holds != self._now[0][row]))]] = True
        tried[owner[lost & resting[row]]] = True
        wanted = np.flatnonzero(anew | tried)
        owner, row = owner[lost], row[lost]
        ends = zip(np.searchsorted(owner, wanted).tolist(), np.searchsorted(owner, wanted + 1).tolist(), strict=True)
        return [
            (withdrawals[number], row[first:last].tolist(), bool(anew[number]))
            for number, (first, last) in zip(wanted.tolist(), ends, strict=True)
        ]

    def changes(self, withdrawal: Withdrawal, lost: Sequence[int], *, anew: bool) -> tuple[list[Row], list[str]]:
        """Pairs whose verdict changes, and how; and the places that were none before."""
        ids = self.graph.ids
        moves, places = self._moves(withdrawal, lost, anew=anew)
        changes = [
            {"body": ids[move.body], "store": ids[move.place], "change": kind.name, "before": word_of(move.before),
             "after": word_of(move.after)}
            for move in sorted(moves, key=lambda move: (ids[move.body], ids[move.place]))
            for kind in kinds_of(move.before, move.after)
        ]  # fmt: skip
        return changes, sorted(ids[place] for place in places)

    def _moves(self, withdrawal: Withdrawal, lost: Sequence[int], *, anew: bool) -> tuple[Sequence[Move], set[int]]:
        arcs = self.graph.arcs
        if anew:
            after, _ = self._ask(self._without(withdrawal))
            return moved(self.base, after), {*after.places} - {*self.base.places}
        fallen = np.zeros(len(self.graph.dataset.relations) + 1, dtype=bool)
        fallen[lost] = True
        view = self.base.view
        gone = fallen[arcs.relation[view.arc]] | fallen[arcs.holding[view.arc]]
        return self.base.without(np.flatnonzero(gone).tolist()), set()

    @cached_property
    def _now(self) -> tuple[Flags, Flags]:
        """Relations in force and known, and of these the ones with evidence fresh enough."""
        return self._standing(self.graph.intervals)

    @cached_property
    def _left(self) -> tuple[Flags, Flags]:
        """The same of relations without one of their sources."""
        return self._standing(self.citations.withdrawals[1])

    def _standing(self, spans: Intervals) -> tuple[Flags, Flags]:
        scope = self.scope
        holds = (spans.start <= scope.as_of) & (spans.end >= scope.as_of) & (spans.known <= scope.known_by)
        return holds, holds & (spans.newest >= scope.evidence_since)

    @cached_property
    def _has_arc(self) -> Flags:
        arcs = self.graph.arcs
        found = np.zeros(len(self.graph.dataset.relations) + 1, dtype=bool)
        found[arcs.relation] = True
        found[arcs.holding] = True
        return found[:-1]

    @cached_property
    def _bears(self) -> Flags:
        """Relations that bear on more than their own arcs: what denies, and what makes the store of a system known."""
        graph, layers = self.graph, self.asked.layers
        found = np.zeros(len(graph.dataset.relations), dtype=bool)
        found[graph.denials.denial] = True
        if self.target in graph.categories:
            keeping = graph.keeping
            kept = (
                graph.passes[keeping.mask]
                & graph.node_categories[keeping.store]
                & graph.node_categories[keeping.system]
            )
            found[keeping.relation[kept[:, layers].any(axis=1)]] = True
        return found

    def _without(self, withdrawal: Withdrawal) -> AccessGraph:
        return without_relations(self.graph, withdrawal.falls, dict(withdrawal.moves), self.citations.withdrawals[1])


def _falls(change: Row) -> bool:
    """Whether a verdict ends with none or a lesser one in its place; without a denial it may end in a better one."""
    if change["change"] not in _ENDS:
        return False
    before, after = change["before"]["verdict"], change["after"] and change["after"]["verdict"]
    return after is None or VERDICTS.index(after) < VERDICTS.index(before)


def _row(withdrawal: Withdrawal, changes: list[Row], places: list[str], graph: AccessGraph) -> Row:
    kinds = [change["change"] for change in changes]
    return {
        "id": withdrawal.id,
        "kind": withdrawal.kind,
        "relations": [graph.relation_id(row) for row in withdrawal.falls],
        "verdicts_lost": sum(map(_falls, changes)),
        **{kind.replace(" ", "_"): kinds.count(kind) for kind in KINDS},
        "new_places": places,
        "changes": changes,
    }


_SINGLE = Label(
    "{single} of {findings} findings rest on a single source: without it their verdict falls.",
    "Держатся на единственном источнике, без которого вывод отпадает: {single} из {findings}.",
    "Жалғыз дереккөзге сүйенеді, онсыз қорытынды жойылады: {findings} қорытындыдан {single}.",
)

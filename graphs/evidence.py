"""Supports: the smallest sets of sources that by themselves carry a finding."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import NamedTuple, Unpack

import numpy as np

from graphs.access import AccessGraph
from graphs.answers import Answer, Note, Row, stamp
from graphs.effects import word_of
from graphs.engines.arrays import RANKED, UNREACHED, verdict_of
from graphs.naming import data_of, name_of, ways_of
from graphs.reachability import Target, body_node, target_of
from graphs.scope import Options, Scope
from graphs.verdicts import Verdicts
from graphs.views import View
from graphs.ways import Ways
from graphs.withdrawals import Citations
from stakeholders.vocabulary import CERTAINTIES, LEVELS, Label

MOST_STEPS = 20_000  # of the search, before it ends unfinished

Sources = frozenset[str]

_WEAKEST = {verdict_of(certainty): CERTAINTIES[certainty] for certainty in range(len(CERTAINTIES) - 1, -1, -1)}


def supports(
    graph: AccessGraph, body: str, target: str, *, steps: int = MOST_STEPS, **options: Unpack[Options]
) -> Answer:
    """The smallest sets of sources that carry the finding that a body reaches a target.

    Parameters
    ----------
    graph : AccessGraph
    body : str
        The body's id.
    target : str
        An entity's id or a category's code.
    steps : int
        How far to search; what remains unseen then makes the answer incomplete.
    **options : Options
        The assumptions; ``certainty`` is by default the weakest that keeps the finding's verdict.

    Returns
    -------
    Answer
        A row for each set: ``sources``, ``path`` (relation ids of a path that they carry), ``store``; fewest sources
        first. No source of a set can be spared. Beside the rows the ``verdict``, ``level`` and ``certainty`` of the
        finding, and ``indispensable``: sources that are in every set, without which the finding falls.

    Raises
    ------
    UnknownId
        If no body has the id, or nothing answers to the target.

    Notes
    -----
    Sources carry a relation when by themselves they have it in force, known and fresh enough; they carry a finding when
    they carry every relation of a path. Denials stay: a set says what speaks for a finding, not what speaks against it.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = supports(build(read("cabar-2020")), "kz-mia", "kz-sergek-atyrau-archive", as_of="2020-04-15")
    >>> len(answer.rows[0]["path"]), answer.rows[0]["sources"] == answer.beside["indispensable"]
    (2, True)
    """
    options["bodies"] = [body]
    node = body_node(graph, body)
    rank = _best(graph, node, target, options)
    if rank != UNREACHED:
        options.setdefault("certainty", _WEAKEST[verdict_of(RANKED[rank][1])])
    scope = Scope.of(**options)
    view = View.of(graph, scope)
    asked = target_of(view, target)
    search = _Search(view, asked, node)
    found, complete = search.sets(steps)
    found.sort(key=lambda step: (len(step.sources), sorted(step.sources)))
    rows = [_row(view, search.ways, step) for step in found]
    every = sorted(frozenset.intersection(*(step.sources for step in found))) if found and complete else []
    values = {"body": name_of(graph.dataset, body), "target": data_of(graph.dataset, asked.name), "count": len(rows)}
    values |= {"ways": ways_of(CERTAINTIES[scope.certainty], LEVELS[scope.level]), "sources": ", ".join(every)}
    # What every set needs is known only when all sets are.
    told = [Note(_NEEDS if every else _SEVERAL, values)] if rows and complete else []
    return Answer(
        command="supports",
        question={"body": body, "target": asked.name, **scope.question()},
        dataset=stamp(graph.dataset),
        rows=tuple(rows),
        complete=complete,
        notes=(*asked.notes, *told, *([] if complete else [Note(_UNFINISHED, {"steps": steps})])),
        beside={
            **(word_of(rank) or {"verdict": "no known path", "level": None, "certainty": None}),
            "indispensable": every,
        },
    )


def with_supports(graph: AccessGraph, answer: Answer, **options: Unpack[Options]) -> Answer:
    """An answer of `graphs.explanations.how` with the sets of sources that carry its finding beside it.

    Parameters
    ----------
    graph : AccessGraph
    answer : Answer
    **options : Options
        The assumptions that it was asked under.

    Returns
    -------
    Answer
        Beside its rows also ``supports`` (each with ``sources``, ``store``, ``path``) and ``indispensable``.
    """
    found = supports(graph, answer.question["body"], answer.question["target"], **options)
    return replace(
        answer,
        complete=answer.complete and found.complete,
        notes=(*answer.notes, *(note for note in found.notes if note not in answer.notes)),
        beside={
            **answer.beside,
            "supports": list(found.rows),
            "indispensable": found.beside["indispensable"],
        },
    )


def _best(graph: AccessGraph, node: int, target: str, options: Options) -> int:
    scope = Scope.of(**options)
    view = View.of(graph, scope)
    asked = target_of(view, target)
    columns = [column for column in asked.columns if column[0] != node]
    verdicts = Verdicts(view, columns, np.array([node], dtype=np.intp))
    return int(verdicts.ranks.min(initial=UNREACHED))


class _Step(NamedTuple):
    """How far a search has come: sources used so far, the arcs, and where it stands."""

    sources: Sources
    arcs: tuple[int, ...]
    node: int
    layer: int

    @property
    def order(self) -> tuple[int, int, list[str]]:
        """Fewest sources first, then fewest arcs."""
        return len(self.sources), len(self.arcs), sorted(self.sources)


class _Search:
    """Walks from the body with the sources used so far, fewest first; needing more than before leads nowhere."""

    def __init__(self, view: View, asked: Target, body: int) -> None:
        columns = [column for column in asked.columns if column[0] != body]
        self.ways = Ways(view, columns, np.array([body], dtype=np.intp))
        self.body = int(self.ways.number[body])
        self.view, self.graph, self.scope = view, view.graph, view.scope
        self.citations = Citations(view.graph.dataset)
        used = {*self.ways.relation.tolist(), *self.ways.holding[self.ways.holding >= 0].tolist()}
        self.carrying = self._carrying(sorted(used))
        self.out: dict[int, list[int]] = {}
        for arc, source in enumerate(self.ways.source.tolist()):
            self.out.setdefault(source, []).append(arc)

    def sets(self, steps: int) -> tuple[list[_Step], bool]:
        """The last step of a path for every smallest set, and whether the search came to its end."""
        found: list[_Step] = []
        seen: dict[tuple[int, int], list[Sources]] = {}
        waiting: list[tuple[tuple[int, int, list[str]], int, _Step]] = []
        if self.body < 0:
            return [], True
        for layer in range(len(self.ways.passing)):
            start = _Step(frozenset(), (), self.body, layer)
            waiting.append((start.order, layer, start))
        pushed = len(waiting)
        while waiting:
            steps -= 1
            if steps < 0:
                return found, False
            step = heapq.heappop(waiting)[2]
            if any(other.sources <= step.sources for other in found):
                continue
            known = seen.setdefault((step.node, step.layer), [])
            if any(sources <= step.sources for sources in known):
                continue
            known.append(step.sources)
            if step.layer in self.ways.places.get(step.node, ()) and step.arcs:
                found.append(step)
                continue
            for following in self._onward(step):
                pushed += 1
                heapq.heappush(waiting, (following.order, pushed, following))
        return found, True

    def _onward(self, step: _Step) -> Iterator[_Step]:
        ways = self.ways
        if step.arcs and ways.terminal[step.arcs[-1]]:
            return
        for arc in self.out.get(step.node, ()):
            if not ways.passing[step.layer][arc]:
                continue
            holding = int(ways.holding[arc])
            choices: Sequence[Sequence[Sources]] = [self.carrying[int(ways.relation[arc])]]
            if holding >= 0:
                choices = [*choices, self.carrying[holding]]
            for chosen in product(*choices):
                sources = step.sources.union(*chosen)
                yield _Step(sources, (*step.arcs, arc), int(ways.target[arc]), step.layer)

    def _carrying(self, rows: Sequence[int]) -> Mapping[int, list[Sources]]:
        """For each relation the smallest sets of its own sources that carry it.

        One source may set the start, another be known in time, a third be fresh; more than three are never needed.
        """
        trials = [
            (row, frozenset(chosen))
            for row in rows
            for size in (1, 2, 3)
            for chosen in combinations(dict.fromkeys(self.citations.cells[row]), size)
        ]
        spans = self.citations.intervals(
            [row for row, _ in trials], [";".join(sorted(sources)) for _, sources in trials]
        )
        scope = self.scope
        holds = (spans.start <= scope.as_of) & (spans.end >= scope.as_of) & (spans.known <= scope.known_by)
        holds &= spans.newest >= scope.evidence_since
        carrying: dict[int, list[Sources]] = {row: [] for row in rows}
        for (row, sources), fine in zip(trials, holds.tolist(), strict=True):
            if fine and not any(smaller <= sources for smaller in carrying[row]):
                carrying[row].append(sources)
        return carrying


def _row(view: View, ways: Ways, step: _Step) -> Row:
    return {
        "sources": sorted(step.sources),
        "store": view.graph.ids[int(ways.node[step.node])],
        "path": [view.graph.relation_id(int(ways.relation[arc])) for arc in step.arcs],
    }


_NEEDS = Label(
    "Every {ways} from {body} to {target} needs these sources: {sources}.",
    "{body} – {target}: на этих источниках держатся все {ways}: {sources}.",
    "{body} – {target}: {ways} мына дереккөздерге сүйенеді: {sources}.",
)
_SEVERAL = Label(
    "No single source is behind every {ways} from {body} to {target}; {count} sets of sources carry the finding.",
    "{body} – {target}: нет источника, на котором держались бы все {ways}; наборов источников: {count}.",
    "{body} – {target}: {ways} сүйенетін жалғыз дереккөз жоқ; дереккөз жиынтықтары: {count}.",
)
_UNFINISHED = Label(
    "The search ended after {steps} steps; there may be more sets.",
    "Поиск остановлен, шагов: {steps}; возможны и другие наборы.",
    "Іздеу {steps} қадамнан кейін тоқтады; басқа жиынтықтар болуы мүмкін.",
)

"""How a body reaches a target, and why no way is known: paths by strength, or the closed set that proves it."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Unpack

import numpy as np

from graphs.access import NO_MASK, AccessGraph, Flags, Ints, Nodes
from graphs.answers import Answer, Note, Row, stamp
from graphs.engines.arrays import RANK_BITS, UNREACHED, Bits, Sweeper, best_rank, bits_of
from graphs.paths import Path, Walker, source_of, steps, store_unknown, summary
from graphs.reachability import LARGE, Column, Target, body_node, caveats, target_of
from graphs.scope import Options, Scope
from graphs.views import NO_CATEGORY, View
from stakeholders.columns import taken
from stakeholders.dataset import split
from stakeholders.errors import AccessMapError
from stakeholders.intervals import WORDS
from stakeholders.stakes import WHOLE, percent_of
from stakeholders.vocabulary import Label

if TYPE_CHECKING:
    from graphs.engines.frontier import Frontier

Key = tuple[tuple[int, int], tuple[str, ...]]

_KEPT = 1 << 25  # arcs of layers that are kept for one question, about a gigabyte; of more they are chosen anew


def how(graph: AccessGraph, body: str, target: str, *, paths: int = 3, **options: Unpack[Options]) -> Answer:
    """The paths from a body to a target, strongest first.

    Parameters
    ----------
    graph : AccessGraph
    body : str
        The body's id.
    target : str
        An entity's id or a category's code.
    paths : int
        How many at most; the answer is ``complete`` when there are no more.
    **options : Options
        The assumptions; ``bodies`` is the body itself.

    Returns
    -------
    Answer
        A row for each path, by verdict, level, certainty, hops, relation ids; ``steps`` has the evidence.

    Raises
    ------
    UnknownId
        If no body has the id, or nothing answers to the target.

    Notes
    -----
    Yen's algorithm for loopless shortest paths (Management Science 17, 1971, doi 10.1287/mnsc.17.11.712), with the
    order of best answers in place of a length. Only simple paths count.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = how(build(read("cabar-2020")), "kz-mia", "kz-sergek-atyrau-archive", as_of="2020-04-15")
    >>> [step["predicate"] for step in answer.path(0)]
    ['part_of', 'has_access']
    """
    if paths < 1:
        raise AccessMapError(f"paths: {paths}: ask for at least one")
    options["bodies"] = [body]
    scope = Scope.of(**options)
    view = View.of(graph, scope)
    node = body_node(graph, body)
    asked = target_of(view, target)
    return _answer("how", view, node, asked, paths)


def whynot(graph: AccessGraph, body: str, target: str, **options: Unpack[Options]) -> Answer:
    """Why no path is known from a body to a target; the best path where there is one.

    Parameters
    ----------
    graph : AccessGraph
    body, target : str
        Ids; the target may be a category's code.
    **options : Options
        The assumptions; ``bodies`` is the body itself.

    Returns
    -------
    Answer
        With a path, rows as of `how`. Without one, no row, and beside it ``verdict`` (``no known path``), ``closed``
        (ids of everything that the body reaches over arcs that pass an asked category: no counted arc leaves this set,
        which is the proof) and ``near`` (relations that lead out of it but do not count, each with why, and whether it
        would by itself lead to the target; those that would come first).

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = whynot(build(read("cabar-2020")), "kz-police-almaty", "kz-sergek-almaty-archive", as_of="2020-04-15",
    ...                 certainty="reported")
    >>> [(near["relation"][-1], near["why"]) for near in answer.beside["near"]]
    [('e', 'certainty'), ('2', 'denied')]
    """
    options["bodies"] = [body]
    scope = Scope.of(**options)
    view = View.of(graph, scope)
    node = body_node(graph, body)
    asked = target_of(view, target)
    answer = _answer("whynot", view, node, asked, 3)
    return answer if answer.rows else _no_path(view, node, asked, answer)


def _answer(command: str, view: View, body: int, asked: Target, count: int) -> Answer:
    graph = view.graph
    found: list[tuple[int, Path]] = []
    told: set[tuple[str, ...]] = set()
    for place, path in _strongest(view, body, asked.columns):
        if path.relations in told:  # the same relations by way of another holding of the same store
            continue
        told.add(path.relations)
        found.append((place, path))
        if len(found) > count:
            break
    complete, found = len(found) <= count, found[:count]
    rows = [_row(view, body, place, path, asked.columns) for place, path in found]
    notes = () if complete else (Note(_MORE, {"count": count}),)
    paths = [path for _, path in found]
    return Answer(
        command=command,
        question={"body": graph.ids[body], "target": asked.name, **view.scope.question()},
        dataset=stamp(graph.dataset),
        rows=tuple(rows),
        complete=complete,
        notes=(*asked.notes, *notes, *caveats(view, paths)),
        _steps=lambda row: steps(view, paths[row]),
    )


def _row(view: View, body: int, place: int, path: Path, columns: list[Column]) -> Row:
    graph = view.graph
    layers = [layer for at, layer in columns if at == place]
    arcs = list(path.arcs)
    passed = [layer for layer in layers if view.passing(layer)[arcs].all()]
    return {
        "body": graph.ids[body],
        "store": graph.ids[place],
        "stores": 1,
        "categories": [graph.categories.codes[layer] for layer in sorted(passed) if layer != NO_CATEGORY],
        "store_unknown": store_unknown(view, place, passed),
        **summary(view, path, body, place),
        "also": [],
        "path": list(path.relations),
        "steps": steps(view, path),
    }


def _strongest(view: View, body: int, columns: list[Column]) -> Iterator[tuple[int, Path]]:
    """Simple paths from a body to the places of the columns, best first, each once."""
    columns = [column for column in columns if column[0] != body]
    waiting: list[tuple[Key, int, Path]] = []
    queued: set[tuple[int, ...]] = set()
    found: list[Path] = []
    onwards = _Onwards(view)

    def branch(prefix: Path, barred: frozenset[int]) -> None:
        best = _best_with_prefix(onwards, body, columns, prefix, barred)
        if best is not None and best[2].arcs not in queued:
            queued.add(best[2].arcs)
            heapq.heappush(waiting, best)

    branch(Path((), ()), frozenset())
    while waiting:
        _, place, path = heapq.heappop(waiting)
        found.append(path)
        yield place, path
        for length in range(len(path.arcs) + 1):
            prefix = Path(path.arcs[:length], path.relations[:length])
            taken = {other.arcs[length] for other in found if len(other.arcs) > length
                     and other.arcs[:length] == prefix.arcs}  # fmt: skip
            branch(prefix, frozenset(taken))


def _best_with_prefix(
    onwards: _Onwards, body: int, columns: list[Column], prefix: Path, barred: frozenset[int]
) -> tuple[Key, int, Path] | None:
    """The best path that begins with a prefix, goes on by none of the barred arcs, and visits no node twice."""
    view = onwards.view
    arcs = list(prefix.arcs)
    visited = [body, *view.target[arcs].tolist()]
    spur = visited[-1]
    terminal = view.graph.arcs.terminal[view.arc]
    if arcs and terminal[arcs].any():
        return None
    barring = {layer for layer in {layer for _, layer in columns} if arcs and not view.passing(layer)[arcs].all()}
    live = [column for column in columns if column[0] not in visited and column[1] not in barring]
    if not live:
        return None
    kept: Flags = np.ones(len(view), dtype=bool)
    kept[list(barred)] = False
    earlier = np.zeros(view.graph.n_nodes, dtype=bool)
    earlier[visited[:-1]] = True
    kept &= ~(earlier[view.source] | earlier[view.target])
    ceiling = bits_of(view.level[arcs].min(keepdims=True), view.certainty[arcs].min(keepdims=True)) if arcs else None
    if len(view) * len(live) > LARGE:
        return onwards.best(live, prefix, spur, kept=kept, ceiling=ceiling)
    unused = frozenset(np.flatnonzero(~kept).tolist())
    best: tuple[Key, int, Path] | None = None
    for sweep in Sweeper(view, kept).sweeps(live):
        walker = Walker(view, unused)  # which tells sweeps apart only as long as they are kept
        bits = sweep.bits[[spur]]
        ranks = best_rank(bits if ceiling is None else bits & ceiling)
        hops = sweep.hops(np.array([spur]), ranks)
        rank, fewest = min(zip(ranks[0].tolist(), hops[0].tolist(), strict=True))
        if rank == UNREACHED or (best is not None and (rank, fewest + len(arcs)) > best[0][0]):
            continue
        for number in np.flatnonzero((ranks[0] == rank) & (hops[0] == fewest)).tolist():
            rest = walker.walk(sweep, number, spur, rank, fewest)
            path = Path((*prefix.arcs, *rest.arcs), (*prefix.relations, *rest.relations))
            key: Key = ((rank, len(path.arcs)), path.relations)
            if best is None or key < best[0]:
                best = (key, sweep.columns[number][0], path)
    return best


class _Onwards:
    """The same in a large graph: searched from the last node of a prefix, not from each place."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._frontiers: dict[int, tuple[Frontier, Nodes]] = {}

    def _frontier(self, layer: int) -> tuple[Frontier, Nodes]:
        """The arcs of a layer, which every prefix is followed by, and where they stand in the view."""
        if layer in self._frontiers:
            return self._frontiers[layer]
        from graphs.engines.frontier import Frontier

        frontier = Frontier.of(self.view.graph, self.view.scope, layer)
        found = frontier, np.searchsorted(self.view.arc, frontier.rows)
        if sum(len(each.rows) for each, _ in self._frontiers.values()) + len(frontier.rows) <= _KEPT:
            self._frontiers[layer] = found
        return found

    def best(
        self, live: list[Column], prefix: Path, spur: int, *, kept: Flags, ceiling: Bits | None
    ) -> tuple[Key, int, Path] | None:
        """The best way on from the last node of a prefix over arcs that are kept."""
        from graphs.engines.outward import Outward

        graph = self.view.graph
        ids = graph.dataset.relations.column("id")
        best: tuple[Key, int, Path] | None = None
        for layer in dict.fromkeys(layer for _, layer in live):
            places = np.array([place for place, other in live if other == layer], dtype=np.intp)
            frontier, rows = self._frontier(layer)
            search = Outward(frontier, spur, kept.take(rows))
            bits = search.bits[places] if ceiling is None else search.bits[places] & ceiling
            ranks = best_rank(bits)
            rank = int(ranks.min(initial=UNREACHED))
            if rank == UNREACHED:
                continue
            places = places[ranks == rank]
            hops = search.hops(places, np.full(len(places), RANK_BITS[rank]))
            fewest = int(hops.min())
            if best is not None and (rank, fewest + len(prefix.arcs)) > best[0][0]:
                continue
            places = places[hops == fewest]
            relation = graph.arcs.relation[frontier.rows]
            ways = search.ways(places, int(RANK_BITS[rank]), hops[hops == fewest], ids, relation)
            for place, way in zip(places.tolist(), ways, strict=True):
                relations = (*prefix.relations, *taken(ids, graph.arcs.relation[way]))
                path = Path((*prefix.arcs, *np.searchsorted(self.view.arc, way).tolist()), relations)
                key: Key = ((rank, len(path.arcs)), path.relations)
                if best is None or key < best[0]:
                    best = (key, place, path)
        return best


_MORE = Label(
    "Only the strongest paths are shown ({count}); there are more.",
    "Показаны самые сильные пути: {count}; есть и другие.",
    "Ең күшті жолдар көрсетілді: {count}; басқалары да бар.",
)
_CLOSED = Label(
    "No known path: no relation that counts here leads out of what this body reaches (entities, with itself: {count}).",
    "Путь неизвестен: ни одна связь, которая здесь учитывается, не выводит за пределы достижимого для этого органа "
    "(объектов вместе с ним: {count}).",
    "Белгілі жол жоқ: мұнда ескерілетін ешбір байланыс бұл орган жететін нысандардан тыс шығармайды (өзін қоса нысан "
    "саны: {count}).",
)


def _no_path(view: View, body: int, asked: Target, answer: Answer) -> Answer:
    graph = view.graph
    closed = np.zeros(graph.n_nodes, dtype=bool)
    near: dict[str, Row] = {}
    for layer in asked.layers:
        reached, copied = _closure(view, body, layer)
        closed |= reached | copied
        places = [place for place, of in asked.columns if of == layer]
        for entry in _near(view, reached, copied, _Beyond(_leads(view, places, layer), places, layer)):
            if entry["relation"] not in near or entry["leads_to_target"]:
                near[entry["relation"]] = entry
    members = sorted(graph.ids[node] for node in np.flatnonzero(closed).tolist())
    return Answer(
        command=answer.command,
        question=answer.question,
        dataset=answer.dataset,
        rows=(),
        notes=(Note(_CLOSED, {"count": len(members)}), *answer.notes),
        beside={
            "verdict": "no known path",
            "closed": members,
            "near": sorted(near.values(), key=lambda entry: (not entry["leads_to_target"], entry["relation"])),
        },
    )


def _closure(view: View, body: int, layer: int) -> tuple[Flags, Flags]:
    """Nodes that a body reaches over arcs that pass a layer, itself included, and those met only as a frozen copy."""
    passing = view.passing(layer)
    source, target = view.source[passing], view.target[passing]
    terminal = view.graph.arcs.terminal[view.arc[passing]]
    reached = _grown([body], source[~terminal], target[~terminal], view.graph.n_nodes)
    copied = np.zeros_like(reached)
    copied[target[reached[source] & terminal]] = True
    return reached, copied & ~reached


def _leads(view: View, places: list[int], layer: int) -> Flags:
    """Nodes from which a place is reached over counted arcs that pass a layer, the places included."""
    passing = view.passing(layer)
    source, target = view.source[passing], view.target[passing]
    frozen = view.graph.arcs.terminal[view.arc[passing]] & ~np.isin(target, places)
    return _grown(places, target[~frozen], source[~frozen], view.graph.n_nodes)


def _grown(seeds: list[int], source: Ints, target: Ints, n_nodes: int) -> Flags:
    """Nodes that are reached from the seeds, these included."""
    reached = np.zeros(n_nodes, dtype=bool)
    reached[seeds] = True
    while len(more := target[reached[source] & ~reached[target]]):
        reached[more] = True
    return reached


class _Beyond(NamedTuple):
    """What lies between the end of a relation and a target: nodes that lead there, the places, the layer."""

    nodes: Flags
    places: list[int]
    layer: int

    def opened(self, target: int, *, passes: bool, terminal: bool) -> bool:
        """Whether a relation that ends at a node would open a path if nothing else shut it out."""
        return passes and bool(self.nodes[target]) and (not terminal or target in self.places)


def _near(view: View, reached: Flags, copied: Flags, beyond: _Beyond) -> Iterator[Row]:
    """Relations that lead out of what a body reaches but do not count, each with what shuts it out."""
    graph, arcs, layer = view.graph, view.graph.arcs, beyond.layer
    counted = np.zeros(len(arcs), dtype=bool)
    counted[view.arc] = True
    inside = reached | copied
    for arc in np.flatnonzero(inside[arcs.source] & ~inside[arcs.target]).tolist():
        source, target = int(arcs.source[arc]), int(arcs.target[arc])
        reasons = ["category"] if counted[arc] else _reasons(view, arc)
        why = "frozen copy" if copied[source] else reasons[0]
        mask = int(arcs.mask[arc])
        passes = mask == NO_MASK or (layer != NO_CATEGORY and bool(graph.passes[mask, layer]))
        # What lets other data through does not lead to these, whatever else shuts it out.
        leads = beyond.opened(target, passes=passes or why == "category", terminal=bool(arcs.terminal[arc]))
        # Another stance opens one if nothing else shuts it; an assumed copy hangs on two relations.
        leads &= reasons == ["stance"] or not ("stance" in reasons or arcs.holding[arc] >= 0)
        yield _near_row(graph, int(arcs.relation[arc]), source, target, why, leads=leads)
    tree, cells = graph.categories, graph.dataset.relations.column("categories")
    for row, source, target, why in _without_arc(graph):
        if reached[source] and not inside[target]:
            named = split(cells[row])
            passes = not named or (layer != NO_CATEGORY and tree.codes[layer] in tree.closed(named))
            rule = graph.rules.predicates[graph.dataset.relations.column("predicate")[row]]
            leads = beyond.opened(target, passes=passes, terminal=rule.terminal)
            yield _near_row(graph, row, source, target, why, leads=leads)


def _without_arc(graph: AccessGraph) -> Iterator[tuple[int, int, int, str]]:
    """Relations that would give an arc if they were not denied, or if the stake were known to be half or more."""
    dataset = graph.dataset
    codes, words = dataset.relations.codes("predicate")
    rules = [graph.rules.predicates.get(word) for word in words]
    wanted: Flags = np.array([rule is not None and rule.arc != "none" for rule in rules], dtype=bool)[codes]
    wanted[graph.arcs.relation] = False
    subject, target = dataset.entity_rows("relations", "subject"), dataset.entity_rows("relations", "object")
    statuses, percents = dataset.relations.column("status"), dataset.relations.column("percent")
    for row in np.flatnonzero(wanted).tolist():
        rule, ends = rules[codes[row]], (int(subject[row]), int(target[row]))
        source, reached = ends if rule is not None and rule.arc == "forward" else ends[::-1]
        least = rule.percent if rule is not None and rule.percent is not None else WHOLE
        stake = "minority stake" if percent_of(percents[row])[1] <= least else "unknown stake"
        yield row, source, reached, "denied" if statuses[row] == "denied" else stake


def _reasons(view: View, arc: int) -> list[str]:
    """What shuts an arc out of a view; of several the one that is told first."""
    arcs, scope = view.graph.arcs, view.scope
    found = {
        "stance": arcs.stance[arc] > scope.stance,
        "not yet known": arcs.known[arc] > scope.known_by,
        "time": not arcs.start[arc] <= scope.as_of <= arcs.end[arc],
        "level": arcs.level[arc] < scope.level,
        "evidence too old": arcs.newest[arc] < scope.evidence_since,
    }
    return [reason for reason, shut in found.items() if shut] or ["certainty"]


def _near_row(graph: AccessGraph, row: int, source: int, target: int, why: str, *, leads: bool) -> Row:
    cells = graph.dataset.relations.row(row)
    return {
        "relation": cells["id"],
        "source": graph.ids[source],
        "target": graph.ids[target],
        "why": why,
        "status": cells["status"],
        "valid_from": cells.get("valid_from") or None,
        "valid_until": cells.get("valid_until") or None,
        "date": WORDS[int(graph.intervals.word[row])],
        "categories": list(split(cells.get("categories", ""))),
        "claim": cells.get("claim", ""),
        "sources": [source_of(graph, name) for name in split(cells["sources"])],
        "leads_to_target": leads,
    }

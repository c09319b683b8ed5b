"""Who can reach what: the best answer for each body and store, with its witness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Unpack

import numpy as np

from graphs.access import BODY, STORE, SYSTEM, AccessGraph, Flags, Nodes
from graphs.answers import Answer, Note, Row, listed, stamp
from graphs.engines.arrays import RANKED, UNREACHED, Sweep, Sweeper, best_rank, threshold, verdict_of
from graphs.paths import Path, Walker, ordered, steps, summary
from graphs.scope import Options, Scope
from graphs.views import NO_CATEGORY, View
from stakeholders.dates import iso
from stakeholders.errors import UnknownId, UnknownTerm, nearest
from stakeholders.vocabulary import CERTAINTIES, LANGUAGES, LEVELS, PREDICATES, VERDICTS, Label

Column = tuple[int, int]

COMMANDS = ("part_of", "owns", "controls")


@dataclass(frozen=True)
class Target:
    """What is asked about, as the columns of a search.

    Attributes
    ----------
    name : str
        The id or category code asked for.
    columns : list of (place, layer)
        Every place and category that counts, by place.
    layers : list of int
        Every category asked for, found somewhere or not.
    notes : tuple of Note
        What a reader must know about the target.
    """

    name: str
    columns: list[Column]
    layers: list[int]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Reach(Answer):
    """An answer about reach.

    Attributes
    ----------
    folds : mapping of int to (str, str)
        For people: rows whose body reaches only through a body listed already, with how (``above``: it commands that
        body; ``member``: it belongs to that class) and that body's id.
    places : int
        How many stores are reached by some body, under the verdict ``reaches``.
    """

    folds: dict[int, tuple[str, str]] = field(default_factory=dict, compare=False)
    places: int = field(default=0, compare=False)


def who_can_reach(graph: AccessGraph, target: str, *, by: str = "body", **options: Unpack[Options]) -> Reach:
    """Every body that can reach a data category, store, system or body, with the best path of each.

    Parameters
    ----------
    graph : AccessGraph
    target : str
        An entity's id, or the code of a data category, which asks for all its narrower ones too.
    by : {'body', 'pair'}
        A row for each body (its best store, and how many), or for each body and store.
    **options : Options
        The assumptions; see `graphs.scope.Options`.

    Returns
    -------
    Reach
        Rows by verdict, level, certainty, hops, body id, store id. No row means that no path is known.

    Raises
    ------
    UnknownId
        If the target is neither an entity nor a category.

    Notes
    -----
    A path is as strong as its weakest arc. The order of best answers is not isotone, hence a search under all
    thresholds at once: see `graphs.engines.arrays`.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = who_can_reach(build(read("cabar-2020")), "kz-sergek-atyrau-archive", as_of="2020-04-15")
    >>> [(row["body"], row["level"]) for row in answer.rows if row["level"] == "granted"]
    [('kz-police-atyrau', 'granted')]
    """
    if by not in ("body", "pair"):
        raise UnknownTerm("way of counting", by, ("body", "pair"))
    scope = Scope.of(**options)
    view = View.of(graph, scope)
    asked = target_of(view, target)
    search = _Search(view, asked.columns, asked_bodies(graph, scope, asked.name))
    pairs = search.best_pairs() if by == "body" else search.pairs()
    rows, paths = [], []
    for pair in pairs:
        row, path = search.row(pair)
        rows.append(row)
        paths.append(path)
    return Reach(
        command="who",
        question={"target": asked.name, "by": by, **scope.question()},
        dataset=stamp(graph.dataset),
        rows=tuple(rows),
        notes=(*asked.notes, *caveats(view, paths)),
        _steps=lambda row: steps(view, paths[row]),
        folds=search.folds(pairs, paths) if by == "body" else {},
        places=search.places_reached(),
    )


def reachable_from(graph: AccessGraph, body: str, **options: Unpack[Options]) -> Reach:
    """Everything that a body can reach, store by store.

    Parameters
    ----------
    graph : AccessGraph
    body : str
        The body's id.
    **options : Options
        The assumptions; ``bodies`` is the body itself.

    Returns
    -------
    Reach
        A row for each store, and for each system whose store is unknown, in the contract's order.

    Raises
    ------
    UnknownId
        If no body has the id.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = reachable_from(build(read("cabar-2020")), "cn-dahua", as_of="2020-04-15")
    >>> {row["level"] for row in answer.rows}
    {'possible'}
    """
    options["bodies"] = [body]
    scope = Scope.of(**options)
    view = View.of(graph, scope)
    node = body_node(graph, body)
    reached, kept = _ahead(view, node)
    columns = [column for column in every_column(view) if reached[column[0]]]
    search = _Search(view, _counted(graph, scope, columns), np.array([node], dtype=np.intp), kept)
    pairs = search.pairs()
    rows, paths = [], []
    for pair in pairs:
        row, path = search.row(pair)
        rows.append(row)
        paths.append(path)
    return Reach(
        command="what",
        question={"body": body, **scope.question()},
        dataset=stamp(graph.dataset),
        rows=tuple(rows),
        notes=caveats(view, paths),
        _steps=lambda row: steps(view, paths[row]),
    )


def target_of(view: View, name: str) -> Target:
    """The columns that an id or a category code asks for.

    Raises
    ------
    UnknownId
        If it is neither.
    """
    graph, tree = view.graph, view.graph.categories
    if name in tree:
        codes = tree.narrower(name)
        layers = [tree.position[code] for code in codes]
        columns = _counted(graph, view.scope, view.columns(layers))
        return Target(name, columns, layers, _broader_places(view, name, codes))
    if name not in graph.position:
        near = nearest(name, [*tree.codes, *graph.ids])
        hint = f" Did you mean {', '.join(map(repr, near))}?" if near else ""
        raise UnknownId(f"nothing has the id {name!r}, and no data category the code.{hint}", near)
    node = graph.position[name]
    layers = np.flatnonzero(graph.node_categories[node]).tolist() if graph.types[node] != BODY else []
    layers = layers or [NO_CATEGORY]
    return Target(name, _counted(graph, view.scope, [(node, layer) for layer in layers]), layers)


def every_column(view: View) -> list[Column]:
    """Every place with each of its categories, and every store without categories, by place."""
    graph = view.graph
    bare = np.flatnonzero((graph.types == STORE) & ~graph.node_categories.any(axis=1)).tolist()
    columns = view.columns(range(len(graph.categories.codes)))
    return sorted([*columns, *((node, NO_CATEGORY) for node in bare)])


def asked_bodies(graph: AccessGraph, scope: Scope, target: str = "") -> Nodes:
    """Nodes of the bodies that ask: those of the scope, or all; never the target itself."""
    if scope.bodies is None:
        nodes = np.flatnonzero(graph.types == BODY)
    else:
        nodes = np.unique(np.array([body_node(graph, name) for name in scope.bodies], dtype=np.intp))
    others: Nodes = nodes[nodes != graph.position.get(target, -1)]
    return others


def body_node(graph: AccessGraph, name: str) -> int:
    """The node of a body.

    Raises
    ------
    UnknownId
        If no entity has the id, or the entity is no body.
    """
    node = graph.node(name)
    if graph.types[node] != BODY:
        kind = "system" if graph.types[node] == SYSTEM else "store"
        raise UnknownId(f"{name!r} is a {kind}; a body asks. Who can reach it is the question `who`.")
    return node


def _counted(graph: AccessGraph, scope: Scope, columns: list[Column]) -> list[Column]:
    if scope.stores is None:
        return columns
    counted = {graph.node(name) for name in scope.stores}
    return [column for column in columns if column[0] in counted]


def _ahead(view: View, node: int) -> tuple[Flags, Flags]:
    """Nodes that a node may reach when categories are left aside, and the arcs among them."""
    reached = np.zeros(view.graph.n_nodes, dtype=bool)
    reached[node] = True
    count = 0
    while (now := int(reached.sum())) > count:
        count = now
        reached[view.target[reached[view.source]]] = True
    return reached, reached[view.source]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A body and a place that it reaches: where its best answer stands."""

    body: int
    place: int
    rank: int
    hops: int
    stores: int
    categories: tuple[int, ...]
    also: tuple[int, ...]


class _Search:
    """Reach of some bodies to some columns, computed once, with everything that a row needs."""

    def __init__(self, view: View, columns: list[Column], bodies: Nodes, kept: Flags | None = None) -> None:
        self.view, self.columns, self.bodies = view, columns, bodies
        self.graph = view.graph
        self.walker = Walker(view)
        self.sweeper = Sweeper(view, kept)
        self.sweeps: list[tuple[int, Sweep]] = []  # with the number of its first column
        self.places = list(dict.fromkeys(place for place, _ in columns))
        first, bits, rank, hops = 0, [], [], []
        for sweep in self.sweeper.sweeps(columns):
            self.sweeps.append((first, sweep))
            first += len(sweep.columns)
            bits.append(sweep.bits[bodies])
            rank.append(best_rank(bits[-1]))
            hops.append(sweep.hops(bodies, rank[-1]))
        none = np.zeros((len(bodies), 0))
        self.bits = np.concatenate(bits, axis=1) if bits else none.astype(np.uint16)
        self.rank = np.concatenate(rank, axis=1) if rank else none.astype(np.uint8)
        self.hops = np.concatenate(hops, axis=1) if hops else none.astype(np.int32)
        self.of_place: dict[int, list[int]] = {}
        for number, (place, _) in enumerate(columns):
            self.of_place.setdefault(place, []).append(number)
        codes = np.array(self.graph.ids, dtype=object)
        self.order = {int(node): n for n, node in enumerate(np.argsort(codes, kind="stable"))} if columns else {}

    def pairs(self) -> list[_Pair]:
        """Every body and place with a path, in the contract's order."""
        found = [pair for at in range(len(self.bodies)) for pair in self._of_body(at)]
        return sorted(found, key=self._order)

    def best_pairs(self) -> list[_Pair]:
        """Each body's best place, in the contract's order."""
        best = []
        for at in range(len(self.bodies)):
            if pairs := list(self._of_body(at)):
                first = min(pairs, key=self._order)
                best.append(_Pair(first.body, first.place, first.rank, first.hops, len(pairs), first.categories,
                                  first.also))  # fmt: skip
        return sorted(best, key=self._order)

    def places_reached(self) -> int:
        """How many places some body reaches under the best verdict."""
        best = [rank for rank in range(len(RANKED)) if _verdict(rank) == len(VERDICTS) - 1]
        reached = np.flatnonzero(np.isin(self.rank, best).any(axis=0))
        return len({self.columns[number][0] for number in reached.tolist()})

    def _order(self, pair: _Pair) -> tuple[int, int, int, int]:
        return pair.rank, pair.hops, self.order[int(self.bodies[pair.body])], self.order[pair.place]

    def _of_body(self, at: int) -> Iterator[_Pair]:
        reached = np.flatnonzero(self.rank[at] != UNREACHED)
        for place in dict.fromkeys(self.columns[number][0] for number in reached.tolist()):
            numbers = [number for number in self.of_place[place] if self.rank[at, number] != UNREACHED]
            rank, hops = min((int(self.rank[at, number]), int(self.hops[at, number])) for number in numbers)
            verdict = _verdict(rank)
            layers = tuple(
                self.columns[number][1] for number in numbers if _verdict(int(self.rank[at, number])) == verdict
            )
            yield _Pair(at, place, rank, hops, 1, layers, self._also(at, numbers, rank))

    def _also(self, at: int, numbers: Sequence[int], rank: int) -> tuple[int, ...]:
        """Ranks of stronger levels that stand only under a weaker verdict, better verdict first."""
        together = int(np.bitwise_or.reduce(self.bits[at, numbers]))
        level, also = RANKED[rank][0], []
        for certainty in range(verdict_of(RANKED[rank][1]) - 1, -1, -1):
            stronger = [step for step in range(level + 1, len(LEVELS)) if together >> threshold(step, certainty) & 1]
            if stronger:
                level = stronger[-1]
                also.append(RANKED.index((level, certainty)))
        return tuple(also)

    def row(self, pair: _Pair) -> tuple[Row, Path]:
        """A pair as it stands in an answer, and its witness."""
        body = int(self.bodies[pair.body])
        path = self._path(pair.body, pair.place, pair.rank)
        codes, ids = self.graph.categories.codes, self.graph.ids
        also = []
        for rank in pair.also:
            level, certainty = RANKED[rank]
            weaker = self._path(pair.body, pair.place, rank)
            also.append({
                "level": LEVELS[level], "certainty": CERTAINTIES[certainty],
                "verdict": VERDICTS[verdict_of(certainty)], "path": list(weaker.relations),
            })  # fmt: skip
        return {
            "body": ids[body],
            "store": ids[pair.place],
            "stores": pair.stores,
            "categories": [codes[layer] for layer in sorted(pair.categories) if layer != NO_CATEGORY],
            "store_unknown": store_unknown(self.view, pair.place, pair.categories),
            **summary(self.view, path, body, pair.place),
            "also": also,
            "path": list(path.relations),
        }, path

    def _path(self, at: int, place: int, rank: int) -> Path:
        """The best path under a threshold over all columns of a place."""
        body = int(self.bodies[at])
        found = []
        for number in self.of_place[place]:
            first, sweep = next(item for item in reversed(self.sweeps) if item[0] <= number)
            ranks = np.full((1, len(sweep.columns)), rank, dtype=np.uint8)
            hops = int(sweep.hops(np.array([body]), ranks)[0, number - first])
            if hops >= 0:
                found.append(((rank, hops), partial(self.walker.walk, sweep, number - first, body, rank, hops)))
        fewest = min(key for key, _ in found)
        return ordered([(key, walk()) for key, walk in found if key == fewest])[1]

    def folds(self, pairs: Sequence[_Pair], paths: Sequence[Path]) -> dict[int, tuple[str, str]]:
        """Rows to fold for people: whose every way leads through command over, or membership in, a listed body."""
        view, ids = self.view, self.graph.ids
        useful = np.zeros(len(view), dtype=bool)
        for _, sweep in self.sweeps:
            useful[self.sweeper.rows] |= self.sweeper.leading(sweep)
        predicates = self.graph.dataset.relations.column("predicate")
        rows = self.graph.arcs.relation[view.arc]
        ways: dict[int, set[str]] = {}
        for arc in np.flatnonzero(useful).tolist():
            ways.setdefault(int(view.source[arc]), set()).add(predicates[int(rows[arc])])
        shown = {int(self.bodies[pair.body]) for pair in pairs}
        folds = {}
        for number, (pair, path) in enumerate(zip(pairs, paths, strict=True)):
            next_body = int(view.target[path.arcs[0]])
            kinds = ways.get(int(self.bodies[pair.body]), set())
            if next_body in shown and kinds <= {*COMMANDS, "member_of"}:
                first = predicates[int(rows[path.arcs[0]])]
                folds[number] = ("member" if first == "member_of" else "above", ids[next_body])
        return folds


def _verdict(rank: int) -> int:
    return verdict_of(RANKED[rank][1])


def store_unknown(view: View, place: int, layers: Sequence[int]) -> bool:
    """Whether a place stands for itself because no store is known of one of the categories reached there."""
    named = [layer for layer in layers if layer != NO_CATEGORY]
    return bool(view.graph.types[place] == SYSTEM and view.places[place, named].any())


_BROADER = Label(
    "{places} hold only the broader {category}; whether it includes {asked} is not known, so they are not counted.",
    "Только более широкая категория ({category}): {places}. Входит ли в неё {asked}, неизвестно, поэтому не учтено.",
    "Тек кеңірек санат ({category}): {places}. Оған {asked} кіретіні белгісіз, сондықтан есепке алынбады.",
)
_UNRULED = Label(
    "{count} relations with the predicate {predicate} have no traversal rule and give no arc.",
    "Связей вида {predicate}, для которых нет правила обхода: {count}; в графе они не учтены.",
    "Өту ережесі жоқ {predicate} байланыстары: {count}; олар есепке алынбады.",
)
_CHANGED = Label(
    "The dataset changes the traversal rules of: {entries}.",
    "Набор данных меняет правила обхода: {entries}.",
    "Деректер жинағы өту ережелерін өзгертеді: {entries}.",
)
_CONTESTED = Label(
    "Contested: {told} [{relation}]. Denied in [{denial}]: {claim}",
    "Оспаривается: {told} [{relation}]. Отрицается в [{denial}]: {claim}",
    "Даулы: {told} [{relation}]. Мұнда жоққа шығарылады [{denial}]: {claim}",
)
_DENIED_THEN = Label(
    "Earlier denied, from {start} until {end}: {told} [{relation}]. Denied in [{denial}]: {claim}",
    "Раньше отрицалось, с {start} по {end}: {told} [{relation}]. Отрицалось в [{denial}]: {claim}",
    "Бұрын жоққа шығарылған, {start} – {end}: {told} [{relation}]. Мұнда жоққа шығарылды [{denial}]: {claim}",
)


def _broader_places(view: View, name: str, codes: Sequence[str]) -> tuple[Note, ...]:
    graph, tree = view.graph, view.graph.categories
    asked = view.places[:, [tree.position[code] for code in codes]].any(axis=1)
    notes, broad = [], tree.broader(name)
    seen = {name}
    while broad and broad not in seen:
        seen.add(broad)
        held = view.places[:, tree.position[broad]] & ~asked
        if held.any():
            places = listed([graph.ids[node] for node in np.flatnonzero(held).tolist()])
            notes.append(Note(_BROADER, {"places": places, "category": broad, "asked": name}))
        broad = tree.broader(broad)
    return tuple(notes)


def caveats(view: View, paths: Sequence[Path]) -> tuple[Note, ...]:
    """What a reader must know of the rules and of the denials behind some paths."""
    graph = view.graph
    notes = [Note(_UNRULED, {"predicate": name, "count": count}) for name, count in sorted(graph.unruled.items())]
    if graph.rules.changed:
        notes.append(Note(_CHANGED, {"entries": ", ".join(graph.rules.changed)}))
    arcs = sorted({arc for path in paths for arc in path.arcs})
    used = {int(row) for column in (graph.arcs.relation, graph.arcs.holding) for row in column[view.arc[arcs]]}
    denials, scope, relations = graph.denials, view.scope, graph.dataset.relations
    for number in np.argsort(denials.relation, kind="stable").tolist():
        start, end = int(denials.start[number]), int(denials.end[number])
        if int(denials.relation[number]) not in used or denials.known[number] > scope.known_by or start > scope.as_of:
            continue
        denial = relations.row(int(denials.denial[number]))
        values = {
            "relation": graph.relation_id(int(denials.relation[number])), "denial": denial["id"],
            "told": _told(graph, denial), "claim": denial["claim"], "start": iso(start), "end": iso(end),
        }  # fmt: skip
        notes.append(Note(_CONTESTED if end >= scope.as_of else _DENIED_THEN, values))
    return tuple(notes)


def _told(graph: AccessGraph, cells: Mapping[str, str]) -> dict[str, str]:
    """What a relation says of whom, in names, by language."""
    label, name = PREDICATES[cells["predicate"]].label, graph.dataset.name_of
    return {
        lang: f"{name(cells['subject'], lang)} – {label.of(lang)} – {name(cells['object'], lang)}" for lang in LANGUAGES
    }

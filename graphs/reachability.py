"""Who can reach what: the best answer for each body and store, with its witness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Unpack

import numpy as np

from graphs.access import BODY, STORE, SYSTEM, AccessGraph, Flags, Nodes
from graphs.answers import Answer, Note, listed, stamp
from graphs.paths import Path, steps
from graphs.placewise import FOLDING, Search
from graphs.scope import Options, Scope
from graphs.views import NO_CATEGORY, View
from stakeholders.dates import ALWAYS, iso
from stakeholders.errors import UnknownId, UnknownTerm, nearest
from stakeholders.memory import TooLarge
from stakeholders.progress import Watch, unwatched
from stakeholders.vocabulary import LANGUAGES, PREDICATES, Label

Column = tuple[int, int]

LARGE = 1 << 19  # arcs × columns, from which on a search from each column is no longer the quickest
_MOST_CELLS, _MOST_PAIRS = 1 << 28, 1 << 22  # some minutes' work


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


def who_can_reach(
    graph: AccessGraph, target: str, *, by: str = "body", watch: Watch = unwatched, **options: Unpack[Options]
) -> Reach:
    """Every body that can reach a data category, store, system or body, with the best path of each.

    Parameters
    ----------
    graph : AccessGraph
    target : str
        An entity's id, or the code of a data category, which asks for all its narrower ones too.
    by : {'body', 'pair'}
        A row for each body (its best store, and how many), or for each body and store.
    watch : Watch, optional
        Told how far a large graph's answer is.
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
    TooLarge
        If a row for each pair is asked for, and there may be more pairs than anybody reads.

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
    bodies = asked_bodies(graph, scope, asked.name)
    if len(view) * len(asked.columns) > LARGE:
        if by == "body":
            return _surveyed(view, asked, bodies, watch)
        _refuse_many(view, asked, bodies)
    search = Search(view, asked.columns, bodies)
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


def _surveyed(view: View, asked: Target, bodies: Nodes, watch: Watch) -> Reach:
    """The same answer in a large graph: everybody's best place, without a search from each."""
    from graphs.surveys import Survey  # only where it is needed, since a curated dataset never does

    survey = Survey(view, asked.columns, asked.layers, bodies, watch)
    return Reach(
        command="who",
        question={"target": asked.name, "by": "body", **view.scope.question()},
        dataset=stamp(view.graph.dataset),
        rows=tuple(survey.rows()),
        notes=(*asked.notes, *caveats(view, [survey.used()])),
        _steps=lambda row: steps(view, survey.path(row)),
        folds=survey.folds(FOLDING),
        places=survey.places_reached(),
    )


def _refuse_many(view: View, asked: Target, bodies: Nodes) -> None:
    """Say that a row for each pair is too much, before hours are spent on it."""
    places = len({place for place, _ in asked.columns})
    if len(view) * len(asked.columns) > _MOST_CELLS or len(bodies) * places > _MOST_PAIRS:
        raise TooLarge(
            f"A row for each pair of {len(bodies):,} bodies and {places:,} stores is too much over {len(view):,} "
            "relations. Ask for some of them (--from, --in), or for a row for each body (--by body)."
        )


def reachable_from(graph: AccessGraph, body: str, *, watch: Watch = unwatched, **options: Unpack[Options]) -> Reach:
    """Everything that a body can reach, store by store.

    Parameters
    ----------
    graph : AccessGraph
    body : str
        The body's id.
    watch : Watch, optional
        Told how far a large graph's answer is.
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
    columns = _counted(graph, scope, columns)
    if int(kept.sum()) * len(columns) > LARGE:
        return _overlooked(view, columns, node, watch)
    search = Search(view, columns, np.array([node], dtype=np.intp), kept)
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


def _overlooked(view: View, columns: list[Column], node: int, watch: Watch) -> Reach:
    """The same answer in a large graph: one search from the body, not one from each place."""
    from graphs.outlooks import Outlook

    outlook = Outlook(view, columns, node, watch)
    return Reach(
        command="what",
        question={"body": view.graph.ids[node], **view.scope.question()},
        dataset=stamp(view.graph.dataset),
        rows=tuple(outlook.rows()),
        notes=caveats(view, [outlook.used()]),
        _steps=lambda row: steps(view, outlook.path(row)),
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
    counted = scope.places(graph)
    return columns if counted is None else [column for column in columns if column[0] in counted]


def _ahead(view: View, node: int) -> tuple[Flags, Flags]:
    """Nodes that a node may reach when categories are left aside, and the arcs among them."""
    reached = np.zeros(view.graph.n_nodes, dtype=bool)
    reached[node] = True
    count = 0
    while (now := int(reached.sum())) > count:
        count = now
        reached[view.target[reached[view.source]]] = True
    return reached, reached[view.source]


BROADER = Label(
    "{places} hold only the broader {category}; whether it includes {asked} is not known, so they are not counted.",
    "Только более широкая категория ({category}): {places}. Входит ли в неё {asked}, неизвестно, поэтому не учтено.",
    "Тек кеңірек санат ({category}): {places}. Оған {asked} кіретіні белгісіз, сондықтан есепке алынбады.",
)
UNRULED = Label(
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
_DENIED_ONCE = Label(
    "Earlier denied, until {end}: {told} [{relation}]. Denied in [{denial}]: {claim}",
    "Раньше отрицалось, по {end}: {told} [{relation}]. Отрицалось в [{denial}]: {claim}",
    "Бұрын жоққа шығарылған, {end} дейін: {told} [{relation}]. Мұнда жоққа шығарылды [{denial}]: {claim}",
)
_DENIED_THEN = Label(
    "Earlier denied, from {start} until {end}: {told} [{relation}]. Denied in [{denial}]: {claim}",
    "Раньше отрицалось, с {start} по {end}: {told} [{relation}]. Отрицалось в [{denial}]: {claim}",
    "Бұрын жоққа шығарылған, {start} – {end}: {told} [{relation}]. Мұнда жоққа шығарылды [{denial}]: {claim}",
)


def _broader_places(view: View, name: str, codes: Sequence[str]) -> tuple[Note, ...]:
    graph, tree = view.graph, view.graph.categories
    asked = np.concatenate([view.places_of(tree.position[code]) for code in codes])
    notes = []
    for broad in tree.wider(name):
        held = np.setdiff1d(view.places_of(tree.position[broad]), asked)
        if len(held):
            places = listed([graph.ids[node] for node in held.tolist()])
            notes.append(Note(BROADER, {"places": places, "category": broad, "asked": name}))
    return tuple(notes)


def caveats(view: View, paths: Sequence[Path]) -> tuple[Note, ...]:
    """What a reader must know of the rules and of the denials behind some paths."""
    graph = view.graph
    notes = [Note(UNRULED, {"predicate": name, "count": count}) for name, count in sorted(graph.unruled.items())]
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
        over = _DENIED_THEN if start > ALWAYS else _DENIED_ONCE
        notes.append(Note(_CONTESTED if end >= scope.as_of else over, values))
    return tuple(notes)


def _told(graph: AccessGraph, cells: Mapping[str, str]) -> dict[str, str]:
    """What a relation says of whom, in names, by language."""
    word, name = cells["predicate"], graph.dataset.name_of
    said = {lang: PREDICATES[word].label.of(lang) if word in PREDICATES else word for lang in LANGUAGES}
    return {
        lang: f"{name(cells['subject'], lang)} – {said[lang]} – {name(cells['object'], lang)}" for lang in LANGUAGES
    }

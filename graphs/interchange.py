"""The access graph as a graph of networkx, and back.

An edge bears the cells of its relation under the names of the table's columns, and what follows from them under other
names (``level``, ``certainty``, ``start`` …), which the way back leaves aside. ``certainty`` is as claimed: on the days
of ``denied`` it is at most ``alleged``. What is no arc, such as a denial or a minority stake, and the other tables
travel as JSON in the attribute ``accessmap`` of the graph.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import networkx as nx
import numpy as np

from graphs.access import ASSUMED, NO_MASK, AccessGraph, build
from graphs.traversal import rules_of
from stakeholders.cells import did_you_mean, one_of
from stakeholders.dataset import Dataset, Table
from stakeholders.dates import iso
from stakeholders.errors import AccessMapError, InvalidDataset, Problem
from stakeholders.rules import validate
from stakeholders.schema import HEADERS
from stakeholders.vocabulary import CERTAINTIES, LEVELS, STANCES, STATUSES

_TYPES = ("body", "system", "store")
_ENDS = ("id", "subject", "object")
_TABLES = ("listings", "sources", "categories", "statistics")
_NEEDED = ("listings", "sources")
_NEEDED_CELLS = {"relations": {*_ENDS}, "listings": {"entity", "authority"}}
# What a graph made by hand may lack or spell its own way, as no answer rests on it.
_FREE = frozenset({"id", "name", "title", "claim", "sources"})
# What follows from a relation, and the words for it.
_WORDS = {"level": LEVELS, "certainty": CERTAINTIES, "stance": STANCES}
_DERIVED = frozenset({
    "relation", "level", "certainty", "stance", "terminal", "feed", "start", "end", "passes", "date", "contested",
    "denied", "denied_by",
})  # fmt: skip


def to_networkx(graph: AccessGraph, arcs: Iterable[int] | None = None, *, whole: bool = True) -> nx.MultiDiGraph[str]:
    """See `graphs.access.AccessGraph.to_networkx`.

    Parameters
    ----------
    graph : AccessGraph
    arcs : iterable of int, optional
        Positions of the arcs wanted; default all. Nodes without an arc are left out if they are given.
    whole : bool
        Whether what is no arc is packed into the graph's attribute ``accessmap``.
    """
    dataset = graph.dataset
    result: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=dataset.name)
    chosen = range(len(graph.arcs)) if arcs is None else list(arcs)
    met = {int(end) for arc in chosen for end in (graph.arcs.source[arc], graph.arcs.target[arc])}
    for node, cells in enumerate(dataset.entities.rows()):
        if arcs is None or node in met:
            words = {name: cell for name, cell in cells.items() if cell and name != "id"}
            result.add_node(graph.ids[node], **{**words, "type": _TYPES[graph.types[node]]})
    denials: dict[int, list[int]] = {}
    for place, relation in enumerate(graph.denials.relation.tolist()):
        denials.setdefault(relation, []).append(place)
    for arc in chosen:
        data = _edge(graph, arc) | _disputed(graph, arc, denials)
        result.add_edge(graph.ids[graph.arcs.source[arc]], graph.ids[graph.arcs.target[arc]], **data)
    if whole:
        result.graph["accessmap"] = _rest(graph)
    return result


def from_networkx(graph: nx.MultiDiGraph[Any] | nx.DiGraph[Any]) -> AccessGraph:
    """An access graph of a graph of networkx, be it made by ``to_networkx`` or by hand.

    Parameters
    ----------
    graph : networkx.MultiDiGraph or networkx.DiGraph
        An edge leads from who commands to what can thereby be got at. Nodes may bear ``type`` (``body`` if missing),
        ``name``, ``categories`` and the other columns of the table of entities; edges must bear ``predicate`` and may
        bear ``status`` (``confirmed`` if missing), ``categories``, ``valid_from``, ``sources`` and the other columns
        of the table of relations. Lists may be lists or joined by ``;``. An edge's key is its relation's id if it is
        text, or its attribute ``relation``. ``level``, ``certainty`` and ``stance`` follow from these and the rules.

    Returns
    -------
    AccessGraph
        Built under the traversal rules, so a graph from ``to_networkx`` comes back with the same answers.

    Raises
    ------
    AccessMapError
        If an edge has no predicate, or one that the rules turn into no arc, or speaks of a certainty without the
        status that it follows from.
    InvalidDataset
        If a cell is not what the tables allow: a type, kind, status, mode, category, date or share of ownership that
        means nothing, or a predicate between things that it does not join. Ids and claims may be any text, and sources
        may be missing.

    Examples
    --------
    >>> by_hand = nx.DiGraph()
    >>> by_hand.add_node("registry", type="store", categories=["address", "identity"])
    >>> by_hand.add_edge("ministry", "registry", predicate="holds", valid_from=2019)
    >>> from graphs.reachability import who_can_reach
    >>> [row["body"] for row in who_can_reach(from_networkx(by_hand), "identity").rows]
    ['ministry']
    """
    if not isinstance(graph, nx.DiGraph):
        raise AccessMapError("an edge must say who commands what: give a networkx.MultiDiGraph or DiGraph.")
    rest = _told(graph.graph.get("accessmap") or "{}")
    rules = rules_of(rest.get("rules", {}))
    entities = [
        {"type": "body", "name": str(node), **_cells(data), "id": str(node)} for node, data in graph.nodes.items()
    ]
    met: set[str] = set()
    for row in entities:
        if row["id"] in met:
            raise AccessMapError(f"two nodes are both {row['id']!r} as text.")
        met.add(row["id"])
    relations: dict[str, dict[str, str]] = {}
    places: dict[str, str] = {}
    for number, (source, target, *key, data) in enumerate(_edges(graph)):
        where = f"the edge {source!r} → {target!r}"
        _worked_out(data, where)
        if data.get("stance") == STANCES[ASSUMED]:  # follows from the others
            continue
        cells = {"status": "confirmed", "claim": "", **_cells(data)}
        predicate = cells.get("predicate", "")
        if predicate not in rules.predicates or rules.predicates[predicate].arc == "none":
            known = [name for name in rules.predicates if rules.predicates[name].arc != "none"]
            near = did_you_mean(predicate, known) if predicate else ""
            gives = f"has the predicate {predicate!r}, which gives no arc{near}; known: {', '.join(known)}"
            raise AccessMapError(f"{where} {gives}.")
        ends = (source, target) if rules.predicates[predicate].arc == "forward" else (target, source)
        name = str(data.get("relation") or (key[0] if key and isinstance(key[0], str) else f"edge-{number}"))
        row = {**cells, "id": name, "subject": str(ends[0]), "object": str(ends[1])}
        if relations.setdefault(name, row) != row:
            raise AccessMapError(f"{where} has the id {name!r} of another edge.")
        places[name] = where
    # A node that was taken away takes along what is said of it.
    relations |= {row["id"]: row for row in rest.get("relations", []) if {row["subject"], row["object"]} <= met}
    rest["listings"] = [row for row in rest.get("listings", []) if {row["entity"], row["authority"]} <= met]
    rest["sources"] = rest.get("sources") or _cited([*entities, *relations.values()])
    tables = {"entities": _table("entities", entities), "relations": _table("relations", [*relations.values()])}
    tables |= {name: _table(name, rest[name]) for name in _TABLES if rest.get(name) or name in _NEEDED}
    name = str(graph.graph.get("name") or "networkx")
    dataset = Dataset(name, tables, {**rest.get("package", {}), "name": name}, rest.get("rules", {}))
    if found := [each for each in validate(dataset) if each.column not in _FREE and not each.warning]:
        raise InvalidDataset([_placed(dataset, each, places) for each in found], "the graph")
    return build(dataset)


def _worked_out(data: Mapping[str, Any], where: str) -> None:
    """Refuse what an edge says of the outcome in words that there are not, or instead of what it follows from."""
    for name, words in _WORDS.items():
        if (cell := _cells({f"its {name}": data.get(name)})) and (wrong := one_of(words)(*cell.values())):
            raise AccessMapError(f"{where}: {name}: {wrong}.")
    if data.get("certainty") and not _cells(data).get("status"):
        told = f"how certain it is follows from its status ({', '.join(STATUSES)}), which it does not say"
        raise AccessMapError(f"{where}: certainty: {told}.")


def _told(text: object) -> dict[str, Any]:
    """What ``to_networkx`` packed into the graph's attribute."""
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        found = None
    if not (isinstance(found, dict) and _is_ours(found)):
        raise AccessMapError("the graph's attribute 'accessmap' is not what to_networkx wrote; take it away.")
    return found


def _is_ours(found: Mapping[str, Any]) -> bool:
    """Whether each part is of the kind that it is written as."""
    if not all(isinstance(found.get(name, {}), dict) for name in ("rules", "package")):
        return False
    for name in ("relations", *_TABLES):
        rows, needed = found.get(name, []), _NEEDED_CELLS.get(name, set())
        if not isinstance(rows, list) or not all(isinstance(row, dict) and needed <= row.keys() for row in rows):
            return False
        if not all(isinstance(cell, str) for row in rows for cell in row.values()):
            return False
    return True


def _placed(dataset: Dataset, problem: Problem, places: Mapping[str, str]) -> Problem:
    """A problem of a row, told by its node or edge."""
    name = problem.file.partition(".")[0]
    if problem.line:
        table = dataset.tables[name]
        row = table.column(table.header[0])[problem.line - 1]
        edge = places.get(row) if name == "relations" else None
        name = f"{edge} ({row})" if edge else f"the node {row!r}" if name == "entities" else f"{name}[{row}]"
    return replace(problem, file=name, line=0)


def _edge(graph: AccessGraph, arc: int) -> dict[str, Any]:
    """Attributes of an edge; ``key`` among them."""
    arcs = graph.arcs
    cells = graph.dataset.relations.row(int(arcs.relation[arc]))
    holding, mask = int(arcs.holding[arc]), int(arcs.mask[arc])
    passes = np.array(graph.categories.codes, dtype=object)[graph.passes[mask]]
    data = {
        **{name: cell for name, cell in cells.items() if name not in _ENDS},
        "relation": cells["id"],
        "level": LEVELS[arcs.level[arc]],
        "certainty": CERTAINTIES[arcs.certainty[arc]],
        "stance": STANCES[arcs.stance[arc]],
        "terminal": bool(arcs.terminal[arc]),
        "feed": bool(arcs.feed[arc]),
        "start": iso(int(arcs.start[arc])),
        "end": iso(int(arcs.end[arc])),
        "passes": "" if mask == NO_MASK else ";".join(passes),
    }
    key = cells["id"] if holding < 0 else f"{cells['id']}+{graph.relation_id(holding)}"
    return {"key": key, **{name: value for name, value in data.items() if value != ""}}


def _disputed(graph: AccessGraph, arc: int, denials: Mapping[int, Sequence[int]]) -> dict[str, str]:
    """When what an edge says was denied, as intervals of days with ``..`` for an open end, and by which relations."""
    both = (int(graph.arcs.relation[arc]), int(graph.arcs.holding[arc]))
    found = sorted(
        {
            (int(graph.denials.start[place]), int(graph.denials.end[place]), int(graph.denials.denial[place]))
            for relation in both
            for place in denials.get(relation, ())
        }
    )
    if not found:
        return {}
    intervals = dict.fromkeys(f"{iso(start) or '..'}/{iso(end) or '..'}" for start, end, _ in found)
    names = dict.fromkeys(graph.relation_id(row) for _, _, row in found)
    return {"denied": ";".join(intervals), "denied_by": ";".join(names)}


def _rest(graph: AccessGraph) -> str:
    """What of the dataset no node and no edge tells, as JSON."""
    dataset = graph.dataset
    told = np.zeros(len(dataset.relations), dtype=bool)
    told[graph.arcs.relation[graph.arcs.holding < 0]] = True
    rest = {
        "relations": [_filled(dataset.relations.row(row)) for row in np.flatnonzero(~told).tolist()],
        **{name: [_filled(row) for row in getattr(dataset, name).rows()] for name in _TABLES},
        "rules": dataset.rules,
        "package": {name: part for name, part in dataset.package.items() if name not in {"name", "resources"}},
    }
    return json.dumps({name: part for name, part in rest.items() if part}, ensure_ascii=False)


def _filled(row: Mapping[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in row.items() if cell}


def _edges(graph: nx.MultiDiGraph[Any] | nx.DiGraph[Any]) -> Iterable[Any]:
    return graph.edges(keys=True, data=True) if isinstance(graph, nx.MultiDiGraph) else graph.edges(data=True)


def _cells(data: Mapping[str, Any]) -> dict[str, str]:
    """Attributes as cells of a table: lists joined, absent values left out."""
    cells = {}
    for name, value in data.items():
        if value is None or name in _DERIVED or not isinstance(name, str):  # what has no name is no column
            continue
        if not isinstance(value, Collection) and value != value:  # noqa: PLR0124  NaN or NaT, as of pandas: absent
            continue
        if isinstance(value, list | tuple | set | frozenset):
            cells[name] = ";".join(map(str, sorted(value) if isinstance(value, set | frozenset) else value))
        elif isinstance(value, bool):
            cells[name] = "true" if value else ""
        elif isinstance(value, float | np.floating) and float(value).is_integer():  # a year, in a column with blanks
            cells[name] = str(int(value))
        elif isinstance(value, datetime):
            cells[name] = value.date().isoformat()
        else:
            cells[name] = str(value)
    return cells


def _cited(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Sources that are cited and told nothing of."""
    found = {name.strip() for row in rows for name in row.get("sources", "").split(";") if name.strip()}
    return [{"id": name, "title": name} for name in sorted(found)]


def _table(name: str, rows: Sequence[Mapping[str, str]]) -> Table:
    header = tuple(dict.fromkeys((*HEADERS[name], *(column for row in rows for column in row))))
    columns = {column: tuple(row.get(column, "") for row in rows) for column in header}
    return Table(name, header, columns, range(1, len(rows) + 1))

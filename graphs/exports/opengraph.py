"""BloodHound OpenGraph: nodes with kinds, edges that lead from who can get at something to what can be got at."""

from __future__ import annotations

import json
from typing import Any

from graphs.exports.selection import Selection
from stakeholders.dataset import split
from stakeholders.dates import iso
from stakeholders.vocabulary import CERTAINTIES, LEVELS

_LISTS = ("categories", "aliases", "sources", "mode")
_RESERVED = ("id", "objectid", "kinds")


def opengraph(selection: Selection) -> str:
    """A payload for BloodHound's file ingest. Path finding over its edges needs an extension schema there."""
    graph, dataset = selection.graph, selection.graph.dataset
    nodes = []
    for node in selection.nodes.tolist():
        cells = dataset.entities.row(node)
        kinds = [_kind(cells[column]) for column in ("type", "kind") if cells.get(column)]
        properties = {**_properties(cells), "displayname": selection.name(node)}
        nodes.append({"id": _id(graph.ids[node]), "kinds": kinds, "properties": properties})
    edges = []
    for arc, certainty, contested in zip(
        selection.arcs.tolist(), selection.certainty.tolist(), selection.contested.tolist(), strict=True
    ):
        cells = selection.cells(arc)
        source, target = selection.ends(arc)
        implied = int(graph.arcs.holding[arc]) >= 0
        properties = {
            **{name: cell for name, cell in _properties(cells).items() if name not in {"subject", "object"}},
            "relation": cells["id"],
            "level": LEVELS[graph.arcs.level[arc]],
            "certainty": CERTAINTIES[certainty],
            "contested": contested,
            "start": iso(int(graph.arcs.start[arc])),
            "end": iso(int(graph.arcs.end[arc])),
        }
        edges.append({
            "kind": "AssumedCopy" if implied else _kind(cells["predicate"]),
            "start": {"match_by": "id", "value": _id(graph.ids[source])},
            "end": {"match_by": "id", "value": _id(graph.ids[target])},
            "properties": {name: value for name, value in properties.items() if value != ""},
        })  # fmt: skip
    payload = {"metadata": {"source_kind": "AccessMap"}, "graph": {"nodes": nodes, "edges": edges}}
    return json.dumps(payload, ensure_ascii=False, indent=1) + "\n"


def _kind(word: str) -> str:
    """A word as the format names kinds.

    Examples
    --------
    >>> _kind("security_service")
    'SecurityService'
    """
    letters = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in word)
    return "".join(part[:1].upper() + part[1:] for part in letters.split()) or "Other"


def _id(name: str) -> str:
    return name.replace("%", "%25").replace(":", "%3A")


def _properties(cells: dict[str, str]) -> dict[str, Any]:
    """Cells as the format takes them: texts and lists of texts, never nothing."""
    filled = {name.lower(): cell for name, cell in cells.items() if cell and name.lower() not in _RESERVED}
    return {name: list(split(cell)) if name in _LISTS else cell for name, cell in filled.items()}

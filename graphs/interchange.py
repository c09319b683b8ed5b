"""The access graph as a graph of networkx, and back."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np

from graphs.access import NO_MASK, AccessGraph
from stakeholders.dates import iso
from stakeholders.vocabulary import CERTAINTIES, LEVELS, STANCES

_TYPES = ("body", "system", "store")
_ROW_WORDS = ("predicate", "status", "mode", "percent", "legal_basis", "claim", "sources")


def to_networkx(graph: AccessGraph) -> nx.MultiDiGraph[str]:
    """See `graphs.access.AccessGraph.to_networkx`."""
    result: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=graph.dataset.name)
    entities, relations, arcs = graph.dataset.entities, graph.dataset.relations, graph.arcs
    for node, cells in enumerate(entities.rows()):
        words = {name: cell for name, cell in cells.items() if cell and name != "id"}
        result.add_node(graph.ids[node], **{**words, "type": _TYPES[graph.types[node]]})
    codes = np.array(graph.categories.codes, dtype=object)
    for arc in range(len(arcs)):
        row, holding = int(arcs.relation[arc]), int(arcs.holding[arc])
        cells = relations.row(row)
        key = cells["id"] if holding < 0 else f"{cells['id']}+{graph.relation_id(holding)}"
        mask = int(arcs.mask[arc])
        data: dict[str, Any] = {
            "relation": cells["id"],
            "level": LEVELS[arcs.level[arc]],
            "certainty": CERTAINTIES[arcs.certainty[arc]],
            "stance": STANCES[arcs.stance[arc]],
            "terminal": bool(arcs.terminal[arc]),
            "feed": bool(arcs.feed[arc]),
            "valid_from": iso(int(arcs.start[arc])),
            "valid_until": iso(int(arcs.end[arc])),
            "categories": "" if mask == NO_MASK else ";".join(codes[graph.passes[mask]]),
            **{name: cells.get(name, "") for name in _ROW_WORDS},
        }
        result.add_edge(
            graph.ids[int(arcs.source[arc])],
            graph.ids[int(arcs.target[arc])],
            key=key,
            **{name: value for name, value in data.items() if value != ""},
        )
    return result

"""GraphML and GEXF, through networkx."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from graphs.exports.selection import Selection
from graphs.interchange import to_networkx
from stakeholders.memory import require
from stakeholders.vocabulary import CERTAINTIES

if TYPE_CHECKING:
    import networkx as nx

# What XML cannot hold, not even escaped.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_BYTES_AN_ARC = 4000  # what networkx and the text of the file take


def graphml(selection: Selection) -> str:
    """GraphML; a whole graph comes back through ``from_networkx`` with the same answers."""
    import networkx as nx

    file = io.BytesIO()
    nx.write_graphml_xml(_network(selection, whole=selection.whole), file, encoding="utf-8")
    return file.getvalue().decode()


def gexf(selection: Selection) -> str:
    """GEXF 1.2 with a label for each node; an arc's days are its attributes."""
    import networkx as nx

    network = _network(selection, whole=False)
    for name, data in network.nodes.items():
        data["label"] = data.get("name", name)
    # The format has uses of its own for these, which want other values.
    for _, _, data in network.edges(data=True):
        for name in ("start", "end"):
            if name in data:
                data[f"{name}_day"] = data.pop(name)
    text = "\n".join(nx.generate_gexf(network, encoding="utf-8", version="1.2draft"))
    # Without the day of writing, equal graphs give equal files.
    return re.sub(r' lastmodifieddate="[^"]*"', "", text) + "\n"


def _network(selection: Selection, *, whole: bool) -> nx.MultiDiGraph[str]:
    """The selection for networkx, fit to be written as XML."""
    require(
        len(selection.arcs) * _BYTES_AN_ARC,
        f"Writing {len(selection.arcs):,} arcs through networkx",
        "Choose a target, a day or a level.",
    )
    network = to_networkx(selection.graph, selection.arcs.tolist(), whole=whole)
    for node in selection.nodes.tolist():
        if (name := selection.graph.ids[node]) not in network:
            cells = selection.graph.dataset.entities.row(node)
            network.add_node(name, **{key: cell for key, cell in cells.items() if cell and key != "id"})
    for number, (_, _, data) in enumerate(_in_order(network, selection)):
        data["certainty"] = CERTAINTIES[selection.certainty[number]]
        if selection.contested[number]:
            data["contested"] = True
    for data in (network.graph, *network.nodes.values(), *(data for *_, data in network.edges(data=True))):
        for key, value in data.items():
            if isinstance(value, str):
                data[key] = _UNSPEAKABLE.sub("\ufffd", value)
    return network


def _in_order(network: nx.MultiDiGraph[str], selection: Selection) -> list[tuple[str, str, dict[str, object]]]:
    """The edges in the order of the selection's arcs."""
    found = []
    for arc in selection.arcs.tolist():
        source, target = (selection.graph.ids[end] for end in selection.ends(arc))
        name, holding = selection.cells(arc)["id"], int(selection.graph.arcs.holding[arc])
        key = name if holding < 0 else f"{name}+{selection.graph.relation_id(holding)}"
        found.append((source, target, network.edges[source, target, key]))
    return found

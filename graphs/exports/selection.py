"""Which arcs and nodes of a graph are exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np

from graphs.access import AccessGraph, Flags, Nodes, Small
from graphs.engines.arrays import Sweeper
from graphs.reachability import target_of
from graphs.scope import Options, Scope
from graphs.views import View


@dataclass(frozen=True)
class Selection:
    """Some arcs of a graph, with their ends.

    Attributes
    ----------
    graph : AccessGraph
    arcs : int array
        Positions in ``graph.arcs``, ascending.
    certainty : uint8 array
        Of each of the arcs; as denials leave it if a day was chosen.
    contested : bool array
    nodes : int array
        Nodes, ascending: all, unless a day or a target was chosen; then those that have an arc.
    lang : str
    whole : bool
        Whether nothing was left out.
    """

    graph: AccessGraph
    arcs: Nodes
    certainty: Small
    contested: Flags
    nodes: Nodes
    lang: str
    whole: bool

    @classmethod
    def of(cls, graph: AccessGraph, target: str | None, lang: str, **options: Unpack[Options]) -> Selection:
        """The arcs that count under the options, on every day if none is given, on some way to the target if one is."""
        scope = Scope.of(**options)
        if target is None and options.get("as_of") is None:
            return cls._of_all_days(graph, scope, lang)
        view = View.of(graph, scope)
        kept = np.arange(len(view))
        if target is not None:
            kept = _leading(view, target)
        arcs = view.arc[kept]
        nodes = np.union1d(view.source[kept], view.target[kept]).astype(np.intp)
        return cls(graph, arcs, view.certainty[kept], view.contested[kept], nodes, lang, whole=False)

    @classmethod
    def _of_all_days(cls, graph: AccessGraph, scope: Scope, lang: str) -> Selection:
        arcs = graph.arcs
        counts = (arcs.stance <= scope.stance) & (arcs.level >= scope.level) & (arcs.certainty >= scope.certainty)
        counts &= (arcs.known <= scope.known_by) & (arcs.newest >= scope.evidence_since)
        rows = np.flatnonzero(counts)
        whole = scope == Scope.of(stance="documented")
        everyone = np.arange(graph.n_nodes)
        return cls(graph, rows, arcs.certainty[rows], np.zeros(len(rows), bool), everyone, lang, whole=whole)

    def name(self, node: int) -> str:
        """Name of a node in the language chosen."""
        return self.graph.dataset.name_of(self.graph.ids[node], self.lang)

    def ends(self, arc: int) -> tuple[int, int]:
        """Source and target of one of the graph's arcs."""
        return int(self.graph.arcs.source[arc]), int(self.graph.arcs.target[arc])

    def cells(self, arc: int) -> dict[str, str]:
        """The relation behind an arc."""
        return self.graph.dataset.relations.row(int(self.graph.arcs.relation[arc]))


def _leading(view: View, target: str) -> Nodes:
    """Positions in a view of the arcs on some way to a target."""
    sweeper = Sweeper(view)
    leading = np.zeros(len(view), dtype=bool)
    for sweep in sweeper.sweeps(target_of(view, target).columns):
        leading[sweeper.rows] |= sweeper.leading(sweep)
    return np.flatnonzero(leading)

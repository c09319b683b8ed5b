"""What one body reaches in a graph of any size: a search from it in each category, and the ways it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from graphs.access import SYSTEM, Ints, Nodes
from graphs.answers import Row
from graphs.engines.arrays import RANK_BITS, RANKED, UNREACHED, best_rank, threshold, verdict_of
from graphs.engines.frontier import Frontier, ordered
from graphs.engines.outward import Outward, leaving
from graphs.engines.witnesses import ranked
from graphs.paths import Path
from graphs.surveys import Facts, arcs_together, path_along
from graphs.views import NO_CATEGORY, View
from stakeholders.columns import taken
from stakeholders.progress import Watch, unwatched
from stakeholders.vocabulary import CERTAINTIES, LEVELS, VERDICTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KEPT = 1 << 25  # arcs of searches that are kept, about a gigabyte; of more they are made anew when they are needed
_STEP = 1 << 20
_NONE = np.iinfo(np.int64).max


class Outlook:
    """Everything that a body reaches, with the best way to each place.

    Parameters
    ----------
    view : View
    columns : sequence of (place, layer)
    body : int
        Node.
    watch : Watch
        Told how far it is.
    """

    def __init__(self, view: View, columns: Sequence[tuple[int, int]], body: int, watch: Watch = unwatched) -> None:
        self.view, self.graph, self.body, self.watch = view, view.graph, body, watch
        pairs = np.array(columns, dtype=np.intp).reshape(-1, 2)
        layers = np.unique(pairs[:, 1]).tolist()
        self.layers: Mapping[int, Nodes] = {layer: pairs[pairs[:, 1] == layer, 0] for layer in layers}
        self._ids: Sequence[str] = self.graph.dataset.relations.column("id")
        self._searches: dict[int, Outward] = {}
        self._relations: dict[int, Ints] = {}
        self._search(np.unique(pairs[:, 0]))

    def _searched(self, layer: int) -> Outward:
        if layer in self._searches:
            return self._searches[layer]
        frontier = Frontier.of(self.graph, self.view.scope, layer)
        search = Outward(frontier, self.body, out=leaving(frontier, self._by_source))
        kept = sum(len(each.frontier.rows) for each in self._searches.values())
        while self._searches and kept + len(search.frontier.rows) > _KEPT:
            gone = next(reversed(self._searches))
            kept -= len(self._searches.pop(gone).frontier.rows)
            self._relations.pop(gone, None)
        self._searches[layer] = search
        return search

    @cached_property
    def _by_source(self) -> Nodes:
        """All arcs of the graph in the order of their sources, which is that of each layer's arcs too."""
        return ordered(self.graph.arcs.source)

    def _search(self, places: Nodes) -> None:
        number = np.full(self.graph.n_nodes, -1, dtype=np.int64)
        number[places] = np.arange(len(places))
        self.key = np.full(len(places), _NONE, dtype=np.int64)
        self.bits = {layer: np.zeros(len(places), dtype=np.uint16) for layer in self.layers}
        ways: list[tuple[int, Nodes, NDArray[np.int64]]] = []
        for done, (layer, found) in enumerate(self.layers.items()):
            self.watch("searching", done, len(self.layers), "categories")
            search = self._searched(layer)
            bits = search.bits[found]
            some = np.flatnonzero(bits)
            rank = best_rank(bits[some])
            hops = search.hops(found[some], RANK_BITS[rank])
            at, key = number[found[some]], rank.astype(np.int64) * _STEP + hops
            self.bits[layer][at] = bits[some]
            self.key[at] = np.minimum(self.key[at], key)
            ways.append((layer, at, key))
        self.places = places
        reached = self.key != _NONE
        self.rank = np.where(reached, self.key // _STEP, UNREACHED)
        self.hops = np.where(reached, self.key % _STEP, 0).astype(np.int32)
        self.steps = np.full((len(places), int(self.hops.max(initial=0))), -1, dtype=np.int32)
        for layer, at, key in ways:
            self.watch("finding ways", layer, len(self.layers), "categories")
            best = at[key == self.key[at]]
            for rank in np.unique(self.rank[best]).tolist():
                asked = best[self.rank[best] == rank]
                self._note(asked, self._ways(layer, asked, int(RANK_BITS[rank]), self.hops[asked]))

    def _ways(self, layer: int, asked: Nodes, bit: int, hops: Ints) -> Ints:
        search = self._searched(layer)
        if layer not in self._relations:
            self._relations[layer] = self.graph.arcs.relation[search.frontier.rows]
        relation = self._relations[layer]
        return search.ways(self.places[asked], bit, hops, self._ids, relation)

    def _note(self, asked: Nodes, steps: Ints) -> None:
        """Keep the ways that are the first to their places, or of smaller relation ids."""
        wide = np.full((len(asked), self.steps.shape[1]), -1, dtype=np.int32)
        wide[:, : steps.shape[1]] = steps
        theirs = self.steps[asked]
        better = theirs[:, 0] < 0
        relation = np.append(self.graph.arcs.relation, -1)
        one, other = relation[wide], relation[theirs]
        rows = np.flatnonzero(~better & (one != other).any(axis=1))
        at = (one[rows] != other[rows]).argmax(axis=1)
        rank = ranked(self._ids, np.concatenate([one[rows, at], other[rows, at]]))
        better[rows] = rank[: len(rows)] < rank[len(rows) :]
        self.steps[asked[better]] = wide[better]

    def _also(self) -> dict[int, list[Row]]:
        """Stronger levels under weaker verdicts, by place."""
        together = np.bitwise_or.reduce([*self.bits.values(), np.zeros(len(self.places), dtype=np.uint16)], axis=0)
        asked: dict[int, list[int]] = {}
        order: list[tuple[int, int]] = []
        for at in np.flatnonzero(self.rank != UNREACHED).tolist():
            level, own = RANKED[int(self.rank[at])]
            for certainty in range(verdict_of(own) - 1, -1, -1):
                stronger = [
                    step for step in range(level + 1, len(LEVELS)) if together[at] >> threshold(step, certainty) & 1
                ]
                if stronger:
                    level = stronger[-1]
                    rank = RANKED.index((level, certainty))
                    asked.setdefault(rank, []).append(at)
                    order.append((at, rank))
        best: dict[tuple[int, int], tuple[int, tuple[str, ...]]] = {}
        for layer, bits in self.bits.items():
            for rank, places in asked.items():
                bit = int(RANK_BITS[rank])
                some = np.array([at for at in places if bits[at] >> bit & 1], dtype=np.intp)
                if not len(some):
                    continue
                hops = self._searched(layer).hops(self.places[some], np.full(len(some), bit, dtype=np.uint16))
                for at, steps in zip(some.tolist(), self._ways(layer, some, bit, hops), strict=True):
                    names = tuple(taken(self._ids, self.graph.arcs.relation[steps[steps >= 0]]))
                    found = (len(names), names)
                    best[at, rank] = min(best.get((at, rank), found), found)
        rows: dict[int, list[Row]] = {}
        for at, rank in order:
            level, certainty = RANKED[rank]
            rows.setdefault(at, []).append({
                "level": LEVELS[level], "certainty": CERTAINTIES[certainty],
                "verdict": VERDICTS[verdict_of(certainty)], "path": list(best[at, rank][1]),
            })  # fmt: skip
        return rows

    def rows(self) -> list[Row]:
        """The answer's rows, in the contract's order."""
        graph = self.graph
        reached = np.flatnonzero(self.rank != UNREACHED)
        names = np.array(taken(graph.ids, self.places[reached]), dtype=np.str_)
        self.order = reached[np.lexsort((names, self.key[reached]))]
        order, also = self.order, self._also()
        facts = Facts.of(self.view, np.full(len(order), self.body), self.places[order], self.steps[order])
        verdict = np.array([verdict_of(RANKED[rank][1]) for rank in self.rank[order].tolist()], dtype=np.uint16)
        codes = graph.categories.codes
        categories: list[list[str]] = [[] for _ in range(len(order))]
        for layer, bits in self.bits.items():
            if layer != NO_CATEGORY:
                for at in np.flatnonzero((bits[order] >> verdict) & np.uint16(1)).tolist():
                    categories[at].append(codes[layer])
        stores = taken(graph.ids, self.places[order])
        unknown = (graph.types[self.places[order]] == SYSTEM).tolist()
        rows = []
        for at, store, found, alone, fact, path in zip(
            order.tolist(), stores, categories, unknown, facts.rows(), facts.paths(), strict=True
        ):
            rows.append({
                "body": graph.ids[self.body], "store": store, "stores": 1, "categories": found,
                "store_unknown": alone, **fact, "also": also.get(at, []), "path": path,
            })  # fmt: skip
        return rows

    def path(self, row: int) -> Path:
        """The witness of a row."""
        return path_along(self.view, self.steps[self.order[row]])

    def used(self) -> Path:
        """All arcs of all witnesses, as if they were one path."""
        return arcs_together(self.view, self.steps)

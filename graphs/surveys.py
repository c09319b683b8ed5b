"""Who can reach what in a graph of any size: the best answer of every body at once.

The same rows as place by place, got otherwise: one search a category from all its places together gives everybody's
verdict, level and number of arcs; the smallest of the nearest stores and the way to it follow along the arcs that
search has left; what is said of that one store, and how many stores there are, is counted exactly in blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from graphs.access import SYSTEM, AccessGraph, Flags, Ints, Nodes
from graphs.answers import Row
from graphs.engines.arrays import RANK_BITS, RANKED, threshold, verdict_of
from graphs.engines.frontier import UNREACHED, Front, Frontier, contested_arcs
from graphs.engines.pairs import Hub, Pairs, counts, spread
from graphs.engines.shortest import Shortest
from graphs.engines.witnesses import FAR, Witnesses, ranked, walked
from graphs.paths import Path
from graphs.views import NO_CATEGORY, View, places_of
from stakeholders.columns import taken
from stakeholders.progress import Watch, unwatched
from stakeholders.vocabulary import CERTAINTIES, DATE_WORDS, LEVELS, VERDICTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KEPT = 8  # layers whose arcs are kept; of more they are chosen anew when they are needed
_STEP = 1 << 20  # more arcs than any way has
_NONE = np.iinfo(np.int64).max


def path_along(view: View, steps: Ints) -> Path:
    """The path of one row of steps: arcs of the graph, -1 where there is none."""
    arcs, relations = steps[steps >= 0], view.graph.dataset.relations.column("id")
    names = tuple(taken(relations, view.graph.arcs.relation[arcs]))
    return Path(tuple(np.searchsorted(view.arc, arcs).tolist()), names)


def arcs_together(view: View, steps: Ints) -> Path:
    """All arcs of many rows of steps, as if they were one path."""
    return Path(tuple(np.searchsorted(view.arc, np.unique(steps[steps >= 0])).tolist()), ())


class Survey:
    """Everybody's best answer about a target.

    Parameters
    ----------
    view : View
    columns : sequence of (place, layer)
    layers : sequence of int
        In the order in which equal ways are compared.
    bodies : int array
        Nodes of the bodies that ask, ascending.
    watch : Watch
        Told how far it is.
    """

    def __init__(
        self,
        view: View,
        columns: Sequence[tuple[int, int]],
        layers: Sequence[int],
        bodies: Nodes,
        watch: Watch = unwatched,
    ) -> None:
        self.view, self.graph, self.scope, self.bodies, self.watch = view, view.graph, view.scope, bodies, watch
        pairs = np.array(columns, dtype=np.intp).reshape(-1, 2)
        self.places = {layer: pairs[pairs[:, 1] == layer, 0] for layer in layers}
        self.places = {layer: found for layer, found in self.places.items() if len(found)}
        self._frontiers: dict[int, Frontier] = {}
        self._hubs: dict[int, Hub] = {}
        self._ids: Sequence[str] = self.graph.dataset.relations.column("id")
        self._search()
        self._choose()
        self._judge()

    # ------------------------------------------------------------------------------------------------ the searches

    def _frontier(self, layer: int) -> Frontier:
        if layer in self._frontiers:
            return self._frontiers[layer]
        frontier = Frontier.of(self.graph, self.scope, layer)
        if len(self._frontiers) < _KEPT:
            self._frontiers[layer] = frontier
        return frontier

    def _search(self) -> None:
        """Everybody's best threshold and number of arcs, in each layer and in all."""
        self.fronts: dict[int, Front] = {}
        self.keys: dict[int, NDArray[np.int64]] = {}
        best = np.full(len(self.bodies), _NONE, dtype=np.int64)
        for number, (layer, places) in enumerate(self.places.items()):
            self.watch("searching", number, len(self.places), "categories")
            front = self._frontier(layer).search(places)
            rank, hops = front.best()
            rank, hops = rank[self.bodies], hops[self.bodies]
            key = np.where(rank != UNREACHED, rank.astype(np.int64) * _STEP + hops, _NONE)
            self.fronts[layer], self.keys[layer] = front, key
            best = np.minimum(best, key)
        found = best != _NONE
        self.bodies, self.key = self.bodies[found], best[found]
        self.keys = {layer: key[found] for layer, key in self.keys.items()}
        self.rank, self.hops = self.key // _STEP, (self.key % _STEP).astype(np.int32)

    @cached_property
    def _order(self) -> tuple[Nodes, Ints]:
        """All places by their ids, and of every node its place among them."""
        nodes = np.unique(np.concatenate([np.zeros(0, np.intp), *self.places.values()]))
        nodes = nodes[np.argsort(np.array(taken(self.graph.ids, nodes), dtype=np.str_), kind="stable")]
        order = np.full(self.graph.n_nodes, FAR, dtype=np.int32)
        order[nodes] = np.arange(len(nodes), dtype=np.int32)
        return nodes, order

    def _choose(self) -> None:
        """The first of everybody's nearest places, and the way there."""
        nodes, order = self._order
        count = len(self.bodies)
        chosen = np.full(count, FAR, dtype=np.int32)
        self.steps = np.full((count, int(self.hops.max(initial=0))), -1, dtype=np.int32)
        for layer in self.places:
            frontier, here = self._frontier(layer), self.keys[layer] == self.key
            relation = self.graph.arcs.relation[frontier.rows]
            witnesses = Witnesses(frontier, self.fronts[layer], order, self._ids, relation)
            for rank in np.unique(self.rank[here]).tolist():
                self.watch("finding ways", int((chosen != FAR).sum()), count, "bodies")
                asked = np.flatnonzero(here & (self.rank == rank))
                found = witnesses.under(int(RANK_BITS[rank]), self.bodies[asked])
                steps = np.full((len(asked), self.steps.shape[1]), -1, dtype=np.int32)
                taken_steps = walked(frontier, found.first, self.bodies[asked], self.hops[asked])
                steps[:, : taken_steps.shape[1]] = taken_steps
                place = found.place[self.bodies[asked]]
                better = place < chosen[asked]
                same = np.flatnonzero(place == chosen[asked])
                better[same] = self._smaller(steps[same], self.steps[asked[same]])
                chosen[asked[better]] = place[better]
                self.steps[asked[better]] = steps[better]
        self.place = nodes[chosen] if count else nodes[:0]

    def _smaller(self, ours: Ints, theirs: Ints) -> Flags:
        """Which ways have smaller relation ids than others to the same places."""
        smaller = np.zeros(len(ours), dtype=bool)
        if not len(ours) or not ours.shape[1]:
            return smaller
        relation = np.append(self.graph.arcs.relation, -1)
        one, other = relation[ours], relation[theirs]
        differs = one != other
        rows = np.flatnonzero(differs.any(axis=1))
        at = differs[rows].argmax(axis=1)
        rank = ranked(self._ids, np.concatenate([one[rows, at], other[rows, at]]))
        smaller[rows] = rank[: len(rows)] < rank[len(rows) :]
        return smaller

    # ---------------------------------------------------------------------------------- what is said of the best place

    def _pairs(self, layer: int, bit: int) -> Pairs:
        """The arcs of a layer that meet a threshold."""
        frontier = self._frontier(layer)
        if layer not in self._hubs:
            self._hubs[layer] = Hub.of(frontier)
        return Pairs(frontier, self._hubs[layer], bit)

    def _reach(self, layer: int, bit: int, asked: Flags) -> Flags:
        """Which of the bodies asked about reach their place in a layer under a threshold."""
        bits = self.fronts[layer].bits[self.bodies]
        found_at = np.zeros(self.graph.n_nodes, dtype=bool)
        found_at[self.places[layer]] = True
        maybe = np.flatnonzero(asked & ((bits >> np.uint16(bit)) & np.uint16(1) != 0) & found_at[self.place])
        reached = np.zeros(len(self.bodies), dtype=bool)
        if len(maybe):
            reached[maybe] = self._pairs(layer, bit).member(self.bodies[maybe], self.place[maybe])
        return reached

    def _judge(self) -> None:
        """Categories of the row's own verdict, and stronger levels under weaker ones."""
        certainty = np.array([pair[1] for pair in RANKED])[self.rank]
        level = np.array([pair[0] for pair in RANKED])[self.rank]
        verdict = np.minimum(certainty, 2)
        self.categories: dict[int, Flags] = {}
        for number, layer in enumerate(self.places):
            self.watch("comparing categories", number, len(self.places), "categories")
            if len(self.places) == 1:
                self.categories[layer] = np.ones(len(self.bodies), dtype=bool)
                continue
            flags = np.zeros(len(self.bodies), dtype=bool)
            for word in np.unique(verdict).tolist():
                flags |= self._reach(layer, threshold(0, word), verdict == word)
            self.categories[layer] = flags
        self.also: dict[int, list[int]] = {}
        strongest = level.copy()
        for weaker in (1, 0):
            asked, gained = verdict > weaker, np.zeros(len(self.bodies), dtype=np.int64)
            for stronger in range(len(LEVELS) - 1, 0, -1):
                open_still = asked & (strongest < stronger) & (gained == 0)
                for layer in self.places:
                    if open_still.any():
                        gained[self._reach(layer, threshold(stronger, weaker), open_still)] = stronger
            for at in np.flatnonzero(gained).tolist():
                self.also.setdefault(at, []).append(RANKED.index((int(gained[at]), weaker)))
            strongest = np.maximum(strongest, gained)

    @cached_property
    def stores(self) -> NDArray[np.int64]:
        """How many places each body reaches, under any verdict."""
        layers = [(self._pairs(layer, 0), found) for layer, found in self.places.items()]
        return counts(layers, self.bodies, self.watch)

    def places_reached(self) -> int:
        """How many places some body reaches under the best verdict."""
        reached: set[int] = set()
        bit = threshold(0, verdict_of(len(CERTAINTIES) - 1))
        for layer, places in self.places.items():
            frontier = self._frontier(layer)
            rows = np.flatnonzero((frontier.bits >> np.uint16(bit)) & np.uint16(1))
            source, target, terminal = frontier.source[rows], frontier.target[rows], frontier.terminal[rows]
            met = spread(self.graph.n_nodes, self.bodies, source[~terminal], target[~terminal])
            ends = met.copy()
            ends[target[terminal & met[source]]] = True
            reached.update(places[ends[places]].tolist())
        return len(reached)

    # -------------------------------------------------------------------------------------------------------- the rows

    @cached_property
    def in_order(self) -> Nodes:
        """The bodies in the contract's order, as positions among those of the survey."""
        names = np.array(taken(self.graph.ids, self.bodies), dtype=np.str_)
        order: Nodes = np.lexsort((names, self.key))
        return order

    def rows(self) -> list[Row]:
        """The answer's rows, in the contract's order."""
        order, graph = self.in_order, self.graph
        self.watch("writing rows", 0, len(order), "bodies")
        facts = Facts.of(self.view, self.bodies[order], self.place[order], self.steps[order])
        bodies, places = (taken(graph.ids, nodes[order]) for nodes in (self.bodies, self.place))
        stores, unknown = self.stores[order].tolist(), self._store_unknown()[order].tolist()
        categories = self._category_lists(order)
        rows = []
        for at, body, place, count, codes, alone, fact, path in zip(
            order.tolist(), bodies, places, stores, categories, unknown, facts.rows(), facts.paths(), strict=True
        ):
            rows.append({
                "body": body, "store": place, "stores": count, "categories": list(codes), "store_unknown": alone,
                **fact, "also": self._also_rows(at) if at in self.also else [], "path": path,
            })  # fmt: skip
        return rows

    def _category_lists(self, order: Nodes) -> Iterator[tuple[str, ...]]:
        codes = self.graph.categories.codes
        layers = sorted(layer for layer in self.places if layer != NO_CATEGORY)
        if not layers:
            return iter([()] * len(order))
        flags = np.stack([self.categories[layer] for layer in layers], axis=1)[order]
        distinct, number = np.unique(flags, axis=0, return_inverse=True)
        words = [tuple(codes[layers[at]] for at in np.flatnonzero(row).tolist()) for row in distinct]
        return (words[at] for at in number.ravel().tolist())

    def _store_unknown(self) -> Flags:
        unknown = np.zeros(len(self.bodies), dtype=bool)
        systems = self.graph.types[self.place] == SYSTEM
        for layer in self.places:
            if layer != NO_CATEGORY:
                found = np.zeros(self.graph.n_nodes, dtype=bool)
                found[places_of(self.graph, self.scope, layer)] = True
                unknown |= systems & self.categories[layer] & found[self.place]
        return unknown

    @cached_property
    def _shortest(self) -> Mapping[int, Shortest]:
        relation = self.graph.arcs.relation
        frontiers = {layer: self._frontier(layer) for layer in self.places}
        return {layer: Shortest(each, self._ids, relation[each.rows]) for layer, each in frontiers.items()}

    def _also_rows(self, at: int) -> list[Row]:
        rows = []
        for rank in self.also[at]:
            level, certainty = RANKED[rank]
            body, place = int(self.bodies[at]), int(self.place[at])
            found = [
                way
                for layer, search in self._shortest.items()
                if (way := search.way(body, place, threshold(level, certainty))) is not None
            ]
            names, _ = min(found, key=lambda way: (len(way[0]), way[0]))
            rows.append({
                "level": LEVELS[level], "certainty": CERTAINTIES[certainty],
                "verdict": VERDICTS[verdict_of(certainty)], "path": list(names),
            })  # fmt: skip
        return rows

    def path(self, row: int) -> Path:
        """The witness of a row."""
        return path_along(self.view, self.steps[self.in_order[row]])

    def used(self) -> Path:
        """All arcs of all witnesses, as if they were one path."""
        return arcs_together(self.view, self.steps)

    def folds(self, folding: Sequence[str]) -> dict[int, tuple[str, str]]:
        """Rows to fold for people, as `graphs.reachability.Reach` has them.

        Parameters
        ----------
        folding : sequence of str
            Predicates of command and membership.
        """
        graph, order = self.graph, self.in_order
        column, words = graph.dataset.relations.codes("predicate")
        folded = np.array([word in folding for word in words], dtype=bool)
        other_ways = np.zeros(graph.n_nodes, dtype=bool)
        for layer, places in self.places.items():
            frontier = self._frontier(layer)
            reached = self.fronts[layer].bits != 0
            at_place = np.zeros(graph.n_nodes, dtype=bool)
            at_place[places] = True
            leads = reached[frontier.target] & (~frontier.terminal | at_place[frontier.target])
            leads &= ~folded[column[graph.arcs.relation[frontier.rows]]]
            other_ways[frontier.source[leads]] = True
        shown = np.zeros(graph.n_nodes, dtype=bool)
        shown[self.bodies] = True
        if not len(order):
            return {}
        first = self.steps[order, 0]
        heads = graph.arcs.target[first]
        rows = np.flatnonzero(shown[heads] & ~other_ways[self.bodies[order]])
        member = words.index("member_of") if "member_of" in words else -1
        kinds = (column[graph.arcs.relation[first[rows]]] == member).tolist()
        names = taken(graph.ids, heads[rows])
        return {
            row: ("member" if kind else "above", name)
            for row, kind, name in zip(rows.tolist(), kinds, names, strict=True)
        }


@dataclass(frozen=True)
class Facts:
    """What many paths amount to, column by column; see `graphs.paths.summary`."""

    graph: AccessGraph
    steps: Ints
    columns: dict[str, list[object]]

    @classmethod
    def of(cls, view: View, bodies: Nodes, places: Nodes, steps: Ints) -> Facts:
        """Sum up paths.

        Parameters
        ----------
        view : View
        bodies, places : int arrays
            The ends of each path.
        steps : int32 array, paths × arcs
            Positions in ``graph.arcs``, -1 after the last.
        """
        graph, arcs = view.graph, view.graph.arcs
        there = steps >= 0
        level = _over(np.minimum, arcs.level, steps, there, len(LEVELS) - 1)
        contested = np.zeros(len(arcs), dtype=bool)
        contested[contested_arcs(graph, view.scope)] = True
        disputed = _over(np.maximum, contested, steps, there, 0).astype(bool)
        alleged = CERTAINTIES.index("alleged")
        certainty = _over(np.minimum, arcs.certainty, steps, there, len(CERTAINTIES) - 1)
        certainty = np.where(disputed, np.minimum(certainty, alleged), certainty)
        copied = arcs.feed | arcs.terminal
        met = there & copied[steps]
        at, first = places.copy(), met.argmax(axis=1) if steps.shape[1] else np.zeros(len(steps), np.intp)
        some = np.flatnonzero(met.any(axis=1))
        at[some] = arcs.source[steps[some, first[some]]]
        texts, spans = graph.intervals.texts, graph.intervals
        since = _dated(np.maximum, spans.since_code, graph, steps, there)
        newest = _dated(np.minimum, spans.newest_code, graph, steps, there)
        codes, words = graph.dataset.entities.codes("collective")
        many = np.array([word == "true" for word in words], dtype=bool)[codes]
        collective = many[bodies] | _over(np.maximum, many, arcs.target[steps], there, 0).astype(bool)
        date = _over(np.maximum, arcs.word, steps, there, 0)
        date_words, said = tuple(DATE_WORDS), [text or None for text in texts]
        columns: dict[str, list[object]] = {
            "at": list(taken(graph.ids, at)),
            "verdict": [VERDICTS[verdict_of(code)] for code in certainty.tolist()],
            "level": [LEVELS[code] for code in level.tolist()],
            "certainty": [CERTAINTIES[code] for code in certainty.tolist()],
            "contested": disputed.tolist(),
            "hops": there.sum(axis=1).tolist(),
            "since": [said[code] for code in since.tolist()],
            "date": [date_words[code] for code in date.tolist()],
            "last_evidence": [said[code] for code in newest.tolist()],
            "collective": collective.tolist(),
        }
        return cls(graph, steps, columns)

    def rows(self) -> Iterator[Row]:
        """A summary a path."""
        names = tuple(self.columns)
        return (dict(zip(names, values, strict=True)) for values in zip(*self.columns.values(), strict=True))

    def paths(self) -> Iterator[list[str]]:
        """The relation ids of each path."""
        there = self.steps >= 0
        rows = self.graph.arcs.relation[self.steps[there]]
        distinct, number = np.unique(rows, return_inverse=True)
        names = list(taken(self.graph.dataset.relations.column("id"), distinct))
        flat = [names[at] for at in number.tolist()]
        ends = np.cumsum(there.sum(axis=1)).tolist()
        for begin, end in pairwise([0, *ends]):
            yield flat[begin:end]


def _over(reduce: np.ufunc, values: NDArray[np.generic], steps: Ints, there: Flags, neutral: int) -> NDArray[np.int64]:
    """Of each path the least, or the most, of its arcs' values."""
    wide = np.where(there, values[steps], neutral).astype(np.int64)
    reduced: NDArray[np.int64] = reduce.reduce(wide, axis=1, initial=neutral)
    return reduced


def _dated(reduce: np.ufunc, codes: Ints, graph: AccessGraph, steps: Ints, there: Flags) -> NDArray[np.int64]:
    """Of each path the least, or the most, of its relations' dates, those of holdings included."""
    relation, holding = graph.arcs.relation[steps], graph.arcs.holding[steps]
    values = codes[relation]
    values = np.where(holding >= 0, reduce(values, codes[holding]), values).astype(np.int64)
    neutral = FAR if reduce is np.minimum else -1
    reduced: NDArray[np.int64] = reduce.reduce(np.where(there, values, neutral), axis=1, initial=neutral)
    return reduced

"""Place by place: a search from every place, which gives everything about every body and place.

The quickest way in a small graph, and the plainest in any; `graphs.surveys` has the same answers for large ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from graphs.access import Flags, Nodes
from graphs.answers import Row
from graphs.engines.arrays import RANKED, UNREACHED, Sweep, Sweeper, best_rank, threshold, verdict_of
from graphs.paths import Path, Walker, ordered, store_unknown, summary
from graphs.views import NO_CATEGORY, View
from stakeholders.vocabulary import CERTAINTIES, LEVELS, VERDICTS

FOLDING = ("part_of", "owns", "controls", "member_of")  # command and membership


@dataclass(frozen=True, slots=True)
class Pair:
    """A body and a place that it reaches: where its best answer stands."""

    body: int
    place: int
    rank: int
    hops: int
    stores: int
    categories: tuple[int, ...]
    also: tuple[int, ...]


class Search:
    """Reach of some bodies to some columns, computed once, with everything that a row needs."""

    def __init__(self, view: View, columns: list[tuple[int, int]], bodies: Nodes, kept: Flags | None = None) -> None:
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

    def pairs(self) -> list[Pair]:
        """Every body and place with a path, in the contract's order."""
        found = [pair for at in range(len(self.bodies)) for pair in self._of_body(at)]
        return sorted(found, key=self._order)

    def best_pairs(self) -> list[Pair]:
        """Each body's best place, in the contract's order."""
        best = []
        for at in range(len(self.bodies)):
            if pairs := list(self._of_body(at)):
                first = min(pairs, key=self._order)
                best.append(Pair(first.body, first.place, first.rank, first.hops, len(pairs), first.categories,
                                  first.also))  # fmt: skip
        return sorted(best, key=self._order)

    def places_reached(self) -> int:
        """How many places some body reaches under the best verdict."""
        best = [rank for rank in range(len(RANKED)) if _verdict(rank) == len(VERDICTS) - 1]
        reached = np.flatnonzero(np.isin(self.rank, best).any(axis=0))
        return len({self.columns[number][0] for number in reached.tolist()})

    def _order(self, pair: Pair) -> tuple[int, int, int, int]:
        return pair.rank, pair.hops, self.order[int(self.bodies[pair.body])], self.order[pair.place]

    def _of_body(self, at: int) -> Iterator[Pair]:
        reached = np.flatnonzero(self.rank[at] != UNREACHED)
        for place in dict.fromkeys(self.columns[number][0] for number in reached.tolist()):
            numbers = [number for number in self.of_place[place] if self.rank[at, number] != UNREACHED]
            rank, hops = min((int(self.rank[at, number]), int(self.hops[at, number])) for number in numbers)
            verdict = _verdict(rank)
            layers = tuple(
                self.columns[number][1] for number in numbers if _verdict(int(self.rank[at, number])) == verdict
            )
            yield Pair(at, place, rank, hops, 1, layers, self._also(at, numbers, rank))

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

    def row(self, pair: Pair) -> tuple[Row, Path]:
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
            hops = sweep.fewest(body, number - first, rank)
            if hops >= 0:
                found.append(((rank, hops), partial(self.walker.walk, sweep, number - first, body, rank, hops)))
        fewest = min(key for key, _ in found)
        return ordered([(key, walk()) for key, walk in found if key == fewest])[1]

    def folds(self, pairs: Sequence[Pair], paths: Sequence[Path]) -> dict[int, tuple[str, str]]:
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
            if next_body in shown and kinds <= set(FOLDING):
                first = predicates[int(rows[path.arcs[0]])]
                folds[number] = ("member" if first == "member_of" else "above", ids[next_body])
        return folds


def _verdict(rank: int) -> int:
    return verdict_of(RANKED[rank][1])

"""The way from one node to one place in a large graph, searched from both ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphs.access import Ints, Nodes
from graphs.engines.frontier import Frontier

Found = tuple[tuple[str, ...], tuple[int, ...]]
_Link = tuple[int, "_Link | None"]  # an arc, and what came before it


class Shortest:
    """Finds ways of fewest arcs in one layer, then of smallest relation ids.

    Parameters
    ----------
    frontier : Frontier
    ids : sequence of str
        Relation ids.
    relation : int32 array
        Row of the relation of every arc of the frontier.
    """

    def __init__(self, frontier: Frontier, ids: Sequence[str], relation: Ints) -> None:
        self.frontier, self.ids, self.relation = frontier, ids, relation

    def way(self, start: int, place: int, threshold: int) -> Found | None:
        """The best way under a threshold, as relation ids and arcs of ``graph.arcs``; ``None`` if there is none."""
        ahead, behind = {start: 0}, {place: 0}
        front, back = [start], [place]
        meeting: set[int] = set()
        while front and back and not meeting:
            if self._width(front, outwards=True) <= self._width(back, outwards=False):
                front = self._next(front, ahead, threshold, place, outwards=True)
                meeting = behind.keys() & set(front)
            else:
                back = self._next(back, behind, threshold, place, outwards=False)
                meeting = ahead.keys() & set(back)
        if not meeting:
            return None
        left = behind
        layer = meeting
        while start not in left:
            some = next(iter(layer))
            arcs = self._arcs(sorted(layer), threshold, place, outwards=False)
            others = np.unique(self.frontier.source[arcs]).tolist()
            nearer = {other for other in others if ahead.get(other) == ahead[some] - 1}
            left.update(dict.fromkeys(nearer, left[some] + 1))
            layer = nearer
        names, way = self._smallest(start, left, threshold, place)
        return names, tuple(self.frontier.rows[list(way)].tolist())

    def _smallest(self, start: int, left: dict[int, int], threshold: int, place: int) -> Found:
        """Of the ways of fewest arcs that of the smallest ids, then nodes: implied arcs may share an id."""
        target, names = self.frontier.target, list[str]()
        front: dict[int, _Link | None] = {start: None}  # ends of ways alike, the smallest nodes first
        for hops in range(left[start] - 1, -1, -1):
            choices = [
                (self.ids[int(self.relation[arc])], number, int(target[arc]), arc, link)
                for number, (node, link) in enumerate(front.items())
                for arc in self._arcs([node], threshold, place, outwards=True).tolist()
                if left.get(int(target[arc])) == hops
            ]
            if not choices:
                raise AssertionError(f"a search and its way disagree at nodes {sorted(front)}")
            names.append(min(name for name, *_ in choices))
            front = {}
            for name, _, other, arc, link in sorted(choices, key=lambda choice: choice[:4]):
                if name == names[-1]:
                    front.setdefault(other, (arc, link))
        arcs, last = list[int](), front[place]
        while last is not None:
            arcs.append(last[0])
            last = last[1]
        return tuple(names), tuple(reversed(arcs))

    def _next(self, nodes: list[int], seen: dict[int, int], threshold: int, place: int, *, outwards: bool) -> list[int]:
        ends = self.frontier.target if outwards else self.frontier.source
        arcs = self._arcs(nodes, threshold, place, outwards=outwards)
        distance = seen[nodes[0]] + 1
        found = [other for other in np.unique(ends[arcs]).tolist() if other not in seen]
        seen.update(dict.fromkeys(found, distance))
        return found

    def _width(self, nodes: list[int], *, outwards: bool) -> int:
        begin = self.frontier.out[0] if outwards else self.frontier.indptr
        return int((begin[np.array(nodes) + 1] - begin[nodes]).sum())

    def _arcs(self, nodes: list[int], threshold: int, place: int, *, outwards: bool) -> Nodes:
        """Arcs of some nodes that count; a frozen copy only into the place."""
        frontier = self.frontier
        begin = frontier.out[0] if outwards else frontier.indptr
        first = begin[nodes].astype(np.int64)
        sizes = begin[np.array(nodes) + 1] - first
        arcs = np.repeat(first - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        if outwards:
            arcs = frontier.out[1][arcs]
        counts = (frontier.bits[arcs] >> np.uint16(threshold)) & np.uint16(1) != 0
        counts &= ~frontier.terminal[arcs] | (frontier.target[arcs] == place)
        chosen: Nodes = arcs[counts]
        return chosen

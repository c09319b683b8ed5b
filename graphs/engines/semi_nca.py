"""Dominator trees by semi-NCA, compiled by numba.

Georgiadis, Tarjan and Werneck 2006, *Finding Dominators in Practice*, doi 10.7155/jgaa.00119: semidominators with path
compression, as Lengauer and Tarjan have them, then for each node the nearest ancestor of its parent that is no deeper
than its semidominator. Nodes are numbered by a depth-first walk, and all that follows is done on these numbers: what
stands close in the walk stands close in memory, and whatever comes before a node in it needs no look at the forest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from graphs.access import Ints
from graphs.engines.kernels import ONE, Index, compiler

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grouped = tuple[NDArray[np.int64], Ints, Ints]


@dataclass(frozen=True)
class SemiNca:
    """The compiled functions, and how they make a tree."""

    grouped: Callable[..., Grouped]
    walk: Callable[..., int]
    renumber: Callable[..., None]
    dominators: Callable[..., None]
    number_tree: Callable[..., None]
    entries: Callable[..., None]

    def tree(self, root: int, frozen: Ints, leaks: Ints, into: Grouped, out: Grouped) -> tuple[Ints, Ints, Ints, Ints]:
        """The last four columns of a `graphs.engines.dominators.Tree`.

        Parameters
        ----------
        root : int
        frozen, leaks : int32 arrays
            Arcs that count for this root alone, and the nodes that they lead from.
        into, out : (int64 array, int32 array, int32 array)
            All other arcs by their target and by their source: where each node's begin, the other ends, the arcs.
        """
        n_nodes = len(into[0]) - 1
        parent, first, size, entry = (np.full(n_nodes, fill, dtype=np.int32) for fill in (-1, -1, 0, -1))
        number, order, spanning = np.full(n_nodes, -1, np.int32), *(np.empty(n_nodes, np.int32) for _ in range(2))
        count = self.walk(root, leaks, into[0], into[1], number, order, spanning)
        order, spanning = order[:count], spanning[:count]
        leaked = np.bincount(number[leaks], minlength=count).astype(np.int32)
        entry[leaks] = frozen
        begin, before = np.empty(count + 1, np.int64), np.empty(len(out[1]), np.int32)
        self.renumber(order, number, out[0], out[1], begin, before)
        above = spanning.copy()
        self.dominators(begin, before, leaked, spanning, above)
        place, wide = np.zeros(count, np.int32), np.ones(count, np.int32)
        self.number_tree(order, above, place, wide, parent, first, size)
        self.entries(order, begin, before, leaked, place, wide, out[0], out[1], out[2], number, entry)
        return parent, first, size, entry


@cache
def semi_nca() -> SemiNca:
    """The compiled functions.

    Raises
    ------
    ModuleNotFoundError
        Without numba; it comes with ``accessmap[fast]``.
    """
    compiled = compiler()
    return SemiNca(
        compiled(_grouped), compiled(_walk), compiled(_renumber), compiled(_dominators), compiled(_number_tree),
        compiled(_entries),
    )  # fmt: skip


def _grouped(key, other, arc, n_nodes):  # type: ignore[no-untyped-def]  # numba infers the types
    """Arcs by the node at one end: where each node's begin, the other ends, the arcs."""
    begin = np.zeros(n_nodes + 1, np.int64)
    for at in range(len(key)):
        begin[Index(key[at]) + ONE] += 1
    for before in range(n_nodes):
        begin[before + 1] += begin[before]
    place = begin[:-1].copy()
    ends, arcs = np.empty(len(key), np.int32), np.empty(len(key), np.int32)
    for at in range(len(key)):
        node = Index(key[at])
        here = Index(place[node])
        ends[here], arcs[here] = other[at], arc[at]
        place[node] += 1
    return begin, ends, arcs


def _walk(root, leaks, begin, into, number, order, spanning):  # type: ignore[no-untyped-def]  # noqa: PLR0917  as above
    """Walk depth first from the root, against the arcs: numbers of nodes, nodes by number, numbers of their parents.

    The root's frozen copies come first, since they lead out of nothing else.
    """
    met = np.zeros(len(number), np.bool_)
    stack, at, end = np.empty(len(number), np.int32), np.empty(len(number), np.int64), np.empty(len(number), np.int64)
    met[root], number[root], order[0], spanning[0], count = True, 0, root, 0, Index(1)
    for turn in range(len(leaks) + 1):
        node, depth = root, Index(0)
        if turn < len(leaks):
            node = leaks[turn]
            if met[node]:
                continue
            met[node], number[node], order[count], spanning[count] = True, count, node, 0
            count += ONE
        stack[0], at[0], end[0], depth = number[node], begin[node], begin[node + 1], ONE
        while depth:
            top = depth - ONE
            step, last = Index(at[top]), Index(end[top])
            while step < last and met[Index(into[step])]:
                step += ONE
            if step == last:
                depth -= ONE
                continue
            other = Index(into[step])
            at[top] = step + ONE
            met[other], number[other], order[count], spanning[count] = True, count, into[step], stack[top]
            stack[depth], at[depth], end[depth] = count, begin[other], begin[other + ONE]
            count += ONE
            depth += ONE
    return count


def _renumber(order, number, out_begin, out, begin, before):  # type: ignore[no-untyped-def]  # noqa: PLR0917  as above
    """By a node's number the numbers of those that it gets at, in one go; those that were not met are left out."""
    count = Index(0)
    for here in range(len(order)):
        begin[here] = count
        node = Index(order[here])
        for at in range(Index(out_begin[node]), Index(out_begin[node + ONE])):
            before[count] = number[Index(out[at])]
            count += Index(before[count] >= 0)
    begin[len(order)] = count


def _dominators(begin, before, leaked, spanning, above):  # type: ignore[no-untyped-def]  # as above
    """Put each node's immediate dominator in place of its parent in ``above``."""
    size = Index(len(spanning))
    semi, stack = np.empty(size, np.int32), np.empty(size, np.int32)
    # Of each node an ancestor, and the least semidominator on the way to it, side by side.
    link = np.empty((size, 2), np.int32)
    for each in range(size):
        link[each, 0], link[each, 1] = spanning[each], each
    for back in range(size - ONE):
        here = size - ONE - back
        self = np.int32(here)
        best = spanning[here]
        if leaked[here]:
            best = np.int32(0)
        for at in range(Index(begin[here]), Index(begin[here + ONE])):
            start = before[at]
            if start <= self:
                best = min(best, start)
                continue
            if link[Index(start), 0] > self:
                depth, top = Index(0), start
                while link[Index(top), 0] > self:
                    stack[depth] = top
                    depth += ONE
                    top = link[Index(top), 0]
                least, ancestor = link[Index(top), 1], link[Index(top), 0]
                while depth:
                    depth -= ONE
                    step = Index(stack[depth])
                    least = min(least, link[step, 1])
                    link[step, 0], link[step, 1] = ancestor, least
            best = min(best, link[Index(start), 1])
        semi[here], link[here, 1] = best, best
    for each in range(ONE, size):
        up = above[each]
        while up > semi[each]:
            up = above[Index(up)]
        above[each] = up


def _number_tree(  # type: ignore[no-untyped-def]  # noqa: PLR0917  as above
    order, above, place, wide, parent, first, size
):
    """Number the dominator tree from the root down; children come after their parents in the walk."""
    count = Index(len(order))
    for back in range(count - ONE):
        low = count - ONE - back
        wide[Index(above[low])] += wide[low]
    used = np.ones(count, np.int32)
    for here in range(ONE, count):
        up = Index(above[here])
        place[here] = place[up] + used[up]
        used[up] += wide[here]
    for here in range(Index(0), count):
        node = Index(order[here])
        parent[node], first[node], size[node] = order[Index(above[here])], place[here], wide[here]


def _entries(  # type: ignore[no-untyped-def]  # noqa: PLR0917  as above
    order, begin, before, leaked, place, wide, out_begin, out, out_arc, number, entry
):
    """Note the arc that a node's every path begins with; frozen copies of the root are noted already."""
    for here in range(1, len(order)):
        ways, node = leaked[here], Index(order[here])
        for at in range(Index(begin[here]), Index(begin[here + 1])):
            start = before[at]
            # An arc is a way unless it leads to what the node itself dominates; that comes later in the walk.
            ways += start < here or not (0 <= place[Index(start)] - place[here] < wide[here])
            if ways > 1:
                break
        if ways > 1:
            entry[node] = -1
        elif leaked[here] == 0:
            for at in range(Index(out_begin[node]), Index(out_begin[node + ONE])):
                start = number[Index(out[at])]
                if start >= 0 and (start < here or not (0 <= place[Index(start)] - place[here] < wide[here])):
                    entry[node] = out_arc[at]

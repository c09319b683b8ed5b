"""Dominator trees: what every way to a place must pass.

The flow graph runs against the arcs: from a place to whatever gets at it. A node or arc that dominates a body in the
tree of a place stands on every path from that body to the place, so all bodies that it costs are its subtree.

Two engines give the same trees: whole arrays at once (numpy, the default), and semi-NCA compiled by numba, the extra
``fast``, for large graphs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from graphs.access import Flags, Ints

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNREACHED = -1
NO_ARC = -1


@dataclass(frozen=True)
class Tree:
    """The dominator tree of one place.

    Attributes
    ----------
    root : int
        The place.
    parent : int32 array, one a node
        Immediate dominator; the root's is itself, ``UNREACHED`` for nodes that do not get at the place.
    first, size : int32 arrays, one a node
        Number of the node in a walk of the tree from the root down, and how many nodes it dominates, itself included:
        x dominates y exactly if ``first[x] <= first[y] < first[x] + size[x]``. ``UNREACHED`` and 0 elsewhere.
    entry : int32 array, one a node
        The arc that every path from the node to the place begins with; ``NO_ARC`` where there is a choice.
    """

    root: int
    parent: Ints
    first: Ints
    size: Ints
    entry: Ints

    def dominates(self, above: NDArray[Any], below: NDArray[Any]) -> Flags:
        """Whether nodes stand on every path from others to the place; pairwise, for nodes that get at it."""
        offset = self.first[below] - self.first[above]
        inside: Flags = (offset >= 0) & (offset < self.size[above])
        return inside

    def below(self, weight: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each node the weight of everything that it dominates, itself included; 0 for nodes not in the tree."""
        members = np.flatnonzero(self.first >= 0)
        up_to = np.zeros(len(members) + 1, dtype=np.int64)
        up_to[self.first[members] + 1] = weight[members]
        np.cumsum(up_to, out=up_to)
        totals = np.zeros(len(self.first), dtype=np.int64)
        begin = self.first[members]
        totals[members] = up_to[begin + self.size[members]] - up_to[begin]
        return totals


class Forest:
    """Grows dominator trees over one set of arcs.

    Parameters
    ----------
    n_nodes : int
    source, target : int32 arrays
        The arcs; whoever commands the source can get at the target.
    terminal : bool array
        Arcs that can only be the last of a path: they count for the tree of their target alone.
    compiled : bool
        Whether numba's engine grows them; see `compiled_engine`.
    """

    def __init__(self, n_nodes: int, source: Ints, target: Ints, terminal: Flags, *, compiled: bool = False) -> None:
        self.n_nodes, self.source, self.target, self.terminal = n_nodes, source, target, terminal
        self.lasting = np.flatnonzero(~terminal)
        self.frozen = np.flatnonzero(terminal)
        self.engine = compiled_engine() if compiled else None
        if compiled and self.engine is None:
            raise ModuleNotFoundError("numba is not installed; it comes with accessmap[fast]")
        if compiled:
            source, target = source[self.lasting], target[self.lasting]
            lasting = self.lasting.astype(np.int32)
            into_begin, into, _ = _compiled(_grouped)(target, source, lasting, n_nodes)
            self._columns = into_begin, into, *_compiled(_grouped)(source, target, lasting, n_nodes)

    def tree(self, root: int) -> Tree:
        """The dominator tree of a place."""
        frozen = self.frozen[self.target[self.frozen] == root]
        if self.engine is None:
            arcs = np.concatenate([self.lasting, frozen])
            return _array_tree(self.n_nodes, root, arcs, self.target[arcs], self.source[arcs])
        parent, first, size, entry = (np.full(self.n_nodes, fill, dtype=np.int32) for fill in (-1, -1, 0, -1))
        self.engine(root, frozen.astype(np.int32), self.source[frozen], *self._columns, parent, first, size, entry)
        return Tree(root, parent, first, size, entry)


def _grouped(key, other, arc, n_nodes):  # type: ignore[no-untyped-def]  # numba infers the types
    """Arcs by the node at one end: where each node's begin, the other ends, the arcs."""
    begin = np.zeros(n_nodes + 1, np.int64)
    for node in key:
        begin[node + 1] += 1
    for node in range(n_nodes):
        begin[node + 1] += begin[node]
    place = begin[:-1].copy()
    ends, arcs = np.empty(len(key), np.int32), np.empty(len(key), np.int32)
    for at in range(len(key)):
        node = key[at]
        ends[place[node]], arcs[place[node]] = other[at], arc[at]
        place[node] += 1
    return begin, ends, arcs


def _array_tree(n_nodes: int, root: int, arcs: NDArray[np.intp], tail: Ints, head: Ints) -> Tree:
    """A tree by arrays: breadth-first, then every node moved up to the nearest common ancestor of all its ways.

    A node's dominators are among its ancestors in any spanning tree. Moving each node below the nearest common ancestor
    of its parent and of all nodes with an arc to it keeps that true, so the tree that no more changes is the dominator
    tree (Cooper, Harvey and Kennedy 2001, all nodes at once).
    """
    order, number, parent = breadth_first(n_nodes, root, tail, head)
    inner = (number[tail] >= 0) & (head != root) & (tail != head)
    arcs, above, below = arcs[inner], number[tail[inner]], number[head[inner]]
    by_head = np.argsort(below, kind="stable")
    arcs, above, below = arcs[by_head], above[by_head], below[by_head]
    heads, starts = np.unique(below, return_index=True)
    while len(heads):
        meeting = np.minimum.reduceat(_common(parent, above, parent[below]), starts)
        if not (meeting < parent[heads]).any():
            break
        parent[heads] = np.minimum(meeting, parent[heads])
    first, size = _walked(parent)
    # An arc is a way in for its head unless it starts below the head; the only way in is on every path.
    offset = first[above] - first[below]
    entering = (offset < 0) | (offset >= size[below])
    ways = np.bincount(below[entering], minlength=len(order))
    only = entering & (ways[below] == 1)
    entry = np.full(n_nodes, NO_ARC, dtype=np.int32)
    entry[order[below[only]]] = arcs[only]
    up, begin, wide = (np.full(n_nodes, fill, dtype=np.int32) for fill in (UNREACHED, UNREACHED, 0))
    up[order], begin[order], wide[order] = order[parent], first, size
    return Tree(root, up, begin, wide, entry)


def breadth_first(n_nodes: int, root: int, tail: Ints, head: Ints) -> tuple[Ints, Ints, Ints]:
    """Nodes in the order in which they are met, the number of each node in it, and the number of its parent."""
    number = np.full(n_nodes, UNREACHED, dtype=np.int32)
    number[root] = 0
    layers, parents = [np.array([root], dtype=np.int32)], [np.zeros(1, dtype=np.int32)]
    count = 1
    active = np.zeros(n_nodes, dtype=bool)
    while len(layers[-1]):
        active[layers[-1]] = True
        rows = np.flatnonzero(active[tail] & (number[head] < 0))
        active[layers[-1]] = False
        found, at = np.unique(head[rows], return_index=True)
        number[found] = np.arange(count, count + len(found), dtype=np.int32)
        count += len(found)
        layers.append(found.astype(np.int32))
        parents.append(number[tail[rows[at]]])
    return np.concatenate(layers), number, np.concatenate(parents).astype(np.int32)


def _common(parent: Ints, one: Ints, other: Ints) -> Ints:
    """Nearest common ancestors, pairwise; a parent's number is smaller than its child's."""
    one, other = one.copy(), other.copy()
    live = np.flatnonzero(one != other)
    while len(live):
        left, right = one[live], other[live]
        deeper = left > right
        left[deeper] = parent[left[deeper]]
        right[~deeper] = parent[right[~deeper]]
        one[live], other[live] = left, right
        live = live[left != right]
    return one


def _walked(parent: Ints) -> tuple[Ints, Ints]:
    """Numbers of a walk from the root down, and sizes of subtrees."""
    count = len(parent)
    depth = np.zeros(count, dtype=np.int32)
    above = parent.copy()
    live = np.arange(1, count)
    while len(live):
        depth[live] += 1
        live = live[above[live] != 0]
        above[live] = parent[above[live]]
    by_depth = np.argsort(depth, kind="stable")
    cuts = np.flatnonzero(np.diff(depth[by_depth])) + 1
    floors = np.split(by_depth, cuts)[1:]
    size = np.ones(count, dtype=np.int32)
    for floor in reversed(floors):
        np.add.at(size, parent[floor], size[floor])
    siblings = np.argsort(parent[1:], kind="stable") + 1
    before = np.cumsum(size[siblings]) - size[siblings]
    eldest = np.append(True, np.diff(parent[siblings]) != 0) if len(siblings) else np.zeros(0, dtype=bool)
    base = np.repeat(before[eldest], np.diff(np.append(np.flatnonzero(eldest), len(siblings))))
    offset = np.zeros(count, dtype=np.int32)
    offset[siblings] = before - base
    first = np.zeros(count, dtype=np.int32)
    for floor in floors:
        first[floor] = first[parent[floor]] + 1 + offset[floor]
    return first, size


def compiled_engine() -> Callable[..., None] | None:
    """The compiled engine, or nothing without numba."""
    try:
        return _compiled(_semi_nca)
    except ModuleNotFoundError:
        return None


@cache
def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    import numba

    compiled: Callable[..., Any] = numba.njit(cache=True, nogil=True)(function)
    return compiled


def _semi_nca(  # type: ignore[no-untyped-def]  # numba infers types  # noqa: C901, PLR0917  and wants one loop on another
    root, frozen, leaks, into_begin, into, out_begin, out, out_arc, parent, first, size, entry
):
    """Semi-NCA (Georgiadis, Tarjan and Werneck 2006, doi 10.7155/jgaa.00119); fills the last four arrays."""
    n_nodes = len(parent)
    number = np.full(n_nodes, -1, np.int32)
    order = np.empty(n_nodes, np.int32)
    spanning = np.empty(n_nodes, np.int32)
    stack = np.empty(n_nodes, np.int32)
    cursor = np.empty(n_nodes, np.int64)
    # Depth first from the root, against the arcs; the root's frozen copies first, since they lead out of nothing else.
    number[root], order[0], spanning[0], count, depth = 0, root, 0, 1, 1
    stack[0], cursor[root] = root, into_begin[root]
    for at in range(len(leaks) + 1):
        if at < len(leaks):
            other = leaks[at]
            if number[other] >= 0:
                continue
            number[other], order[count], spanning[count] = count, other, 0
            count += 1
            stack[depth], cursor[other] = other, into_begin[other]
            depth += 1
        while depth > 1 or (depth == 1 and at == len(leaks)):
            node = stack[depth - 1]
            step, end = cursor[node], into_begin[node + 1]
            while step < end and number[into[step]] >= 0:
                step += 1
            if step == end:
                depth -= 1
                continue
            other = into[step]
            cursor[node] = step + 1
            number[other], order[count], spanning[count] = count, other, number[node]
            count += 1
            stack[depth], cursor[other] = other, into_begin[other]
            depth += 1
    leaked = np.zeros(count, np.int32)  # how many frozen copies of the root a node has
    for at in range(len(leaks)):
        leaked[number[leaks[at]]] += 1
        entry[leaks[at]] = frozen[at]
    # Semidominators, with path compression.
    semi = np.arange(count).astype(np.int32)
    label = np.arange(count).astype(np.int32)
    above = spanning[:count].copy()
    idom = spanning[:count].copy()
    for here in range(count - 1, 0, -1):
        best = spanning[here]
        node = order[here]
        if leaked[here]:
            best = 0
        for at in range(out_begin[node], out_begin[node + 1]):
            start = number[out[at]]
            if start < 0:
                continue
            if above[start] > here:
                depth, top = 0, start
                while above[top] > here:
                    stack[depth] = top
                    depth += 1
                    top = above[top]
                low = label[top]
                while depth:
                    depth -= 1
                    step = stack[depth]
                    above[step] = above[top]
                    if semi[low] < semi[label[step]]:
                        label[step] = low
                    else:
                        low = label[step]
                    top = step
            best = min(best, semi[label[start]])
        semi[here] = best
    for here in range(1, count):
        up = idom[here]
        while up > semi[here]:
            up = idom[up]
        idom[here] = up
    # A walk of the tree: children come after their parents in the order, so sizes add up from its end.
    wide = np.ones(count, np.int32)
    for here in range(count - 1, 0, -1):
        wide[idom[here]] += wide[here]
    place = np.zeros(count, np.int32)
    used = np.ones(count, np.int32)
    for here in range(1, count):
        up = idom[here]
        place[here] = place[up] + used[up]
        used[up] += wide[here]
    for here in range(count):
        node = order[here]
        parent[node], first[node], size[node] = order[idom[here]], place[here], wide[here]
    for here in range(1, count):
        node = order[here]
        ways, only = leaked[here], entry[node]
        for at in range(out_begin[node], out_begin[node + 1]):
            start = number[out[at]]
            if start < 0 or 0 <= place[start] - place[here] < wide[here]:
                continue
            ways += 1
            only = out_arc[at]
            if ways > 1:
                break
        entry[node] = only if ways == 1 else -1

"""Dominator trees: what every way to a place must pass.

The flow graph runs against the arcs: from a place to whatever gets at it. A node or arc that dominates a body in the
tree of a place stands on every path from that body to the place, so all bodies that it costs are its subtree.

Two engines give the same trees: whole arrays at once (numpy, the default), and semi-NCA compiled by numba, the extra
``fast``, for large graphs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphs.access import Flags, Ints
from graphs.engines.semi_nca import SemiNca, semi_nca

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
        Whether numba grows them; see `graphs.engines.semi_nca`.
    """

    def __init__(self, n_nodes: int, source: Ints, target: Ints, terminal: Flags, *, compiled: bool = False) -> None:
        self.n_nodes, self.source, self.target, self.terminal = n_nodes, source, target, terminal
        self.lasting = np.flatnonzero(~terminal)
        self.frozen = np.flatnonzero(terminal)
        self.engine = semi_nca() if compiled else None
        if self.engine:
            lasting = self.lasting.astype(np.int32)
            source, target = source.take(self.lasting), target.take(self.lasting)
            self._into = _by_target(self.engine, n_nodes, source, target, lasting)
            self._out = self.engine.grouped(source, target, lasting, n_nodes)

    def tree(self, root: int) -> Tree:
        """The dominator tree of a place."""
        frozen = self.frozen[self.target[self.frozen] == root]
        if self.engine is None:
            arcs = np.concatenate([self.lasting, frozen])
            return _array_tree(self.n_nodes, root, arcs, self.target[arcs], self.source[arcs])
        return Tree(root, *self.engine.tree(root, frozen.astype(np.int32), self.source[frozen], self._into, self._out))


def _by_target(
    engine: SemiNca, n_nodes: int, source: Ints, target: Ints, arcs: Ints
) -> tuple[NDArray[np.int64], Ints, Ints]:
    """Arcs by the node that they lead to; an access graph has them in this order."""
    if (target[1:] < target[:-1]).any():
        return engine.grouped(target, source, arcs, n_nodes)
    begin = np.zeros(n_nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(target, minlength=n_nodes), out=begin[1:])
    return begin, source, arcs


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

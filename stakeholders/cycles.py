"""Circles in a hierarchy: things that are, some days, above themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    Numbers = np.ndarray[Any, np.dtype[np.int32]]


def cycles(source: Numbers, target: Numbers, start: Numbers, end: Numbers) -> Iterator[list[int]]:
    """Circles of arcs that hold on a common day, each as its arcs in order; every arc on a circle is in one of them.

    Parameters
    ----------
    source, target : int32
        Ends of each arc.
    start, end : int32 days
        When it holds.

    Examples
    --------
    >>> always = np.zeros(3, np.int32)
    >>> list(cycles(np.array([0, 1, 2]), np.array([1, 0, 1]), always, always))
    [[0, 1]]
    """
    arcs = _core(source, target, np.arange(len(source)))
    seen: set[frozenset[int]] = set()
    # A set of arcs that holds on a day holds on the day on which the last of them starts.
    for day in np.unique(start[arcs]).tolist():
        left = _core(source, target, arcs[(start[arcs] <= day) & (day <= end[arcs])])
        for circle in _circles(source, target, left):
            if frozenset(circle) not in seen:
                seen.add(frozenset(circle))
                yield circle


def has_circle(source: Numbers, target: Numbers) -> bool:
    """Whether there is a circle at all, whatever the days.

    Examples
    --------
    >>> has_circle(np.array([0, 1]), np.array([1, 2]))
    False
    """
    return len(_core(source, target, np.arange(len(source)))) > 0


def _core(source: Numbers, target: Numbers, arcs: Any) -> Any:
    """Arcs that remain when what leads nowhere and what comes from nowhere is taken away, again and again."""
    size = int(max(source.max(initial=-1), target.max(initial=-1))) + 1
    while len(arcs):
        leaves = np.zeros(size, np.bool_)
        enters = np.zeros(size, np.bool_)
        leaves[source[arcs]] = True
        enters[target[arcs]] = True
        kept = arcs[leaves[target[arcs]] & enters[source[arcs]]]
        if len(kept) == len(arcs):
            break
        arcs = kept
    return arcs


def _circles(source: Numbers, target: Numbers, arcs: Any) -> Iterator[list[int]]:
    """A circle through each arc that is on one and on none of those already found."""
    leaving: dict[int, list[int]] = {}
    for arc in arcs.tolist():
        leaving.setdefault(int(source[arc]), []).append(arc)
    covered: set[int] = set()
    for arc in arcs.tolist():
        if arc in covered:
            continue
        circle = _way(int(target[arc]), int(source[arc]), leaving, target)
        if circle is not None:
            covered.update((arc, *circle))
            yield [arc, *circle]


def _way(begin: int, goal: int, leaving: dict[int, list[int]], target: Numbers) -> list[int] | None:
    """Arcs of a shortest way from one thing to another."""
    came: dict[int, int] = {begin: -1}
    queue = [begin]
    for node in queue:
        if node == goal:
            break
        for arc in leaving.get(node, ()):
            following = int(target[arc])
            if following not in came:
                came[following] = arc
                queue.append(following)
    if goal not in came:
        return None
    way: list[int] = []
    node = goal
    origin = {arc: node for node, found in leaving.items() for arc in found}
    while came[node] >= 0:
        way.append(came[node])
        node = origin[came[node]]
    return way[::-1]

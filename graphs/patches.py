"""A graph with a few relations changed, at the cost of copying its arrays instead of building it anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from graphs.access import AccessGraph, Arcs, Denials, Flags, Keeping, Nodes
from stakeholders.intervals import Intervals

_DATES = ("start", "end", "known", "newest")


def without_relations(
    graph: AccessGraph, fallen: Collection[int], left: Mapping[int, int], spans: Intervals
) -> AccessGraph:
    """The graph when some relations fall and others hold at other times.

    Parameters
    ----------
    graph : AccessGraph
    fallen : collection of int
        Rows of relations that are gone; what they deny or keep goes with them.
    left : mapping of int to int
        For each relation that is dated anew its row among ``spans``.
    spans : Intervals

    Returns
    -------
    AccessGraph
        Over the same dataset; the texts of its intervals are still those of the old dates.
    """
    gone = np.zeros(len(graph.dataset.relations) + 1, dtype=bool)  # the last for "no holding"
    gone[list(fallen)] = True
    rows, at = np.array([*left.keys()], dtype=np.intp), np.array([*left.values()], dtype=np.intp)
    dates = {}
    for name in _DATES:
        dates[name] = getattr(graph.intervals, name).copy()
        dates[name][rows] = getattr(spans, name)[at]
    intervals = replace(graph.intervals, **dates)
    arcs = _redated(graph.arcs.take(np.flatnonzero(~(gone[graph.arcs.relation] | gone[graph.arcs.holding]))), intervals)
    indptr = np.zeros(graph.n_nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(arcs.target, minlength=graph.n_nodes), out=indptr[1:])
    return replace(
        graph,
        arcs=arcs,
        indptr=indptr,
        denials=_denials(graph.denials, gone, intervals),
        keeping=_keeping(graph.keeping, gone, intervals),
        intervals=intervals,
    )


def _redated(arcs: Arcs, spans: Intervals) -> Arcs:
    """Arcs with the dates of their relations; an implied one needs its holding too."""
    implied = arcs.holding >= 0
    dates = {}
    for name, needing in (("start", np.maximum), ("end", np.minimum), ("known", np.maximum), ("newest", np.minimum)):
        column = getattr(spans, name)
        own = column[arcs.relation]
        dates[name] = np.where(implied, needing(own, column[arcs.holding]), own) if implied.any() else own
    return replace(arcs, **dates)


def _denials(denials: Denials, gone: Flags, spans: Intervals) -> Denials:
    kept: Nodes = np.flatnonzero(~(gone[denials.relation] | gone[denials.denial]))
    relation, denial = denials.relation[kept], denials.denial[kept]
    return Denials(relation, denial, spans.start[denial], spans.end[denial], spans.known[denial])


def _keeping(keeping: Keeping, gone: Flags, spans: Intervals) -> Keeping:
    kept: Nodes = np.flatnonzero(~gone[keeping.relation])
    row = keeping.relation[kept]
    return Keeping(
        keeping.system[kept], keeping.store[kept], keeping.mask[kept], spans.start[row], spans.end[row],
        spans.known[row], row,
    )  # fmt: skip

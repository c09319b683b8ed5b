"""Who reaches which categories, all at once: a category is a bit, a node's word says which it reaches.

``R[u] = own | OR(mask & R[v])`` over the arcs u → v, to its fixpoint. Nodes whose word has grown hand it on against the
arcs, in their order, and what one hands on counts at once: later nodes hand it on in the same round, so that there are
few rounds, and in each the arcs are read from first to last.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphs.access import NO_MASK, STORE, SYSTEM, AccessGraph, Flags, Nodes
from graphs.engines.frontier import arcs_into, counted_arcs, or_at, parts_of
from graphs.engines.kernels import kernels, worth
from graphs.scope import Scope

Words = NDArray[np.uint64]

WORD = 64
_AT_ONCE = WORD  # categories that are carried together


def categories_reached(graph: AccessGraph, scope: Scope, *, compiled: bool | None = None) -> Flags:
    """Which categories each node reaches in some store: bool, nodes × categories.

    Parameters
    ----------
    graph : AccessGraph
    scope : Scope
        Paths of its level and certainty or better; ``stores`` says in which stores, ``bodies`` is left aside.
    compiled : bool, optional
        Whether numba does it; default where it is installed and there is enough to do.
    """
    arcs, count = graph.arcs, len(graph.categories.codes)
    if compiled is None:
        compiled = worth(len(arcs))
    counts = counted_arcs(graph, scope)
    frozen = np.flatnonzero(counts & arcs.terminal)
    counts[frozen] = False
    parts = []
    for first in range(0, count, _AT_ONCE):
        passes = graph.passes[:, first : first + _AT_ONCE]
        passing = _packed(passes)
        words = _held(graph, scope, passing)
        carried = words.take(arcs.target.take(frozen)) & passing.take(arcs.mask.take(frozen))
        np.bitwise_or.at(words, arcs.source.take(frozen), carried)
        if compiled:
            waiting, queue = words != 0, np.empty(graph.n_nodes, dtype=np.int32)
            kernels().carry(words, passing, arcs.mask, counts, graph.indptr, arcs.source, waiting, queue)
        else:
            _carry(graph, words, counts, passing)
        parts.append(_unpacked(words, passes.shape[1]))
    return np.concatenate(parts, axis=1) if parts else np.zeros((graph.n_nodes, 0), dtype=bool)


def _carry(graph: AccessGraph, words: Words, counts: Flags, passing: Words) -> None:
    arcs, waiting = graph.arcs, words != 0
    while len(nodes := np.flatnonzero(waiting)):
        for place in parts_of(graph.indptr, nodes):
            part = nodes[place]
            waiting[part] = False
            rows, sizes = arcs_into(graph.indptr, part)
            sources = arcs.source.take(rows)
            new = np.repeat(words.take(part), sizes)
            new &= ~words.take(sources)
            lacking = np.flatnonzero(new)
            rows = rows.take(lacking)
            new = new.take(lacking) & passing.take(arcs.mask.take(rows))
            live = np.flatnonzero((new != 0) & counts.take(rows))
            sources = sources.take(lacking.take(live))
            or_at(words, sources, new.take(live))
            waiting[sources] = True


def _held(graph: AccessGraph, scope: Scope, passing: Words) -> Words:
    """Which categories are found at each node, as `graphs.views.places_of` has it of one."""
    keeping, own = graph.keeping, passing.copy()
    own[NO_MASK] = 0
    named = own.take(graph.node_masks)
    in_force = (keeping.start <= scope.as_of) & (keeping.end >= scope.as_of) & (keeping.known <= scope.known_by)
    rows: Nodes = np.flatnonzero(in_force)
    known = np.zeros_like(named)
    kept = passing.take(keeping.mask.take(rows)) & named.take(keeping.store.take(rows))
    np.bitwise_or.at(known, keeping.system.take(rows), kept)
    held: Words = np.where(graph.types == STORE, named, np.where(graph.types == SYSTEM, named & ~known, 0))
    if (places := scope.places(graph)) is not None:
        counts = np.zeros(graph.n_nodes, dtype=bool)
        counts[list(places)] = True
        held[~counts] = 0
    return held


def _packed(flags: Flags) -> Words:
    """Rows of at most 64 flags as words."""
    wide = np.zeros((len(flags), WORD), dtype=bool)
    wide[:, : flags.shape[1]] = flags
    return np.packbits(wide, axis=1, bitorder="little").view("<u8").ravel().astype(np.uint64)


def _unpacked(words: Words, count: int) -> Flags:
    little = words.astype("<u8").view(np.uint8).reshape(len(words), WORD // 8)
    return np.unpackbits(little, axis=1, count=count, bitorder="little").view(bool)

"""Who reaches which categories, all at once: a category is a bit, a node's word says which it reaches.

``R[u] = own | OR(mask & R[v])`` over the arcs u → v, to its fixpoint. An arc whose source has all that it could carry
is done with, so that after a few rounds hardly any is left.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from graphs.access import AccessGraph, Flags, Nodes
from graphs.engines.frontier import counted_arcs
from graphs.engines.kernels import kernels, worth
from graphs.scope import Scope
from graphs.views import places_of

Words = NDArray[np.uint64]

WORD = 64


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
    if compiled is None:
        compiled = worth(len(graph.arcs))
    rows = counted_arcs(graph, scope)
    terminal = graph.arcs.terminal.take(rows)
    lasting, frozen = rows[~terminal], rows[terminal]
    parts = []
    for layers in _words_of(len(graph.categories.codes)):
        passing = _packed(graph.passes[:, layers])
        held = np.zeros((graph.n_nodes, len(layers)), dtype=bool)
        for number, layer in enumerate(layers.tolist()):
            held[_places(graph, scope, layer), number] = True
        words = _packed(held)
        own = words.copy()
        masks = passing.take(graph.arcs.mask.take(frozen))
        np.bitwise_or.at(words, graph.arcs.source[frozen], own.take(graph.arcs.target[frozen]) & masks)
        masks = passing.take(graph.arcs.mask.take(lasting))
        if compiled:
            _carry(graph, words, lasting, masks)
        else:
            _sweep(words, graph.arcs.source.take(lasting), graph.arcs.target.take(lasting), masks)
        parts.append(_unpacked(words, len(layers)))
    return np.concatenate(parts, axis=1) if parts else np.zeros((graph.n_nodes, 0), dtype=bool)


def _carry(graph: AccessGraph, words: Words, rows: Nodes, masks: Words) -> None:
    begin = np.zeros(graph.n_nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(graph.arcs.target.take(rows), minlength=graph.n_nodes), out=begin[1:])
    queue = np.argsort(words == 0, kind="stable").astype(np.int32)
    kernels().carry(words, masks, begin, graph.arcs.source.take(rows), np.ones(graph.n_nodes, dtype=bool), queue)


def _sweep(words: Words, source: NDArray[np.int32], target: NDArray[np.int32], masks: Words) -> None:
    order = np.argsort(source, kind="stable")
    source, target, masks = source.take(order), target.take(order), masks.take(order)
    while len(source):
        starts = np.flatnonzero(np.append(True, source[1:] != source[:-1]))
        nodes = source.take(starts)
        before = words.take(nodes)
        after = before | np.bitwise_or.reduceat(words.take(target) & masks, starts)
        if np.array_equal(before, after):
            return
        words[nodes] = after
        # What a source lacks of all that an arc lets through; most soon lack nothing.
        lacking = np.flatnonzero(masks & ~words.take(source))
        source, target, masks = source.take(lacking), target.take(lacking), masks.take(lacking)


def _words_of(count: int) -> Iterator[Nodes]:
    for first in range(0, count, WORD):
        yield np.arange(first, min(first + WORD, count))


def _places(graph: AccessGraph, scope: Scope, layer: int) -> Nodes:
    places = places_of(graph, scope, layer)
    if scope.stores is None:
        return places
    return np.intersect1d(places, [graph.node(name) for name in scope.stores])


def _packed(flags: Flags) -> Words:
    """Rows of at most 64 flags as words."""
    wide = np.zeros((len(flags), WORD), dtype=bool) if flags.shape[1] < WORD else flags
    if wide is not flags:
        wide[:, : flags.shape[1]] = flags
    return np.packbits(wide, axis=1, bitorder="little").view("<u8").ravel().astype(np.uint64)


def _unpacked(words: Words, count: int) -> Flags:
    little = words.astype("<u8").view(np.uint8).reshape(len(words), -1)
    return np.unpackbits(little, axis=1, count=count, bitorder="little").view(bool)

"""Who commands whom: under which thresholds each node gets at some others, in several layers at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphs.access import Nodes
from graphs.engines.arrays import ALL_BITS, Bits, Sweeper
from graphs.engines.supports import Elements, Long, some_of, spread, together
from graphs.views import View

_SCRATCH = 1 << 23  # cells (nodes × nodes looked for) at a time


@dataclass(frozen=True)
class Commands:
    """Which nodes get at which others.

    Attributes
    ----------
    by, over : int arrays
        Of each pair the node that commands, and the position of the other among those that were looked for; every
        one of these commands itself.
    bits : uint16 array, pairs × layers
        The thresholds under which it does.
    """

    by: Long
    over: Long
    bits: Bits


def commands(view: View, layers: Sequence[int], nodes: Nodes) -> Commands:
    """Search backwards from nodes, in each layer by itself, over arcs that need not be the last of a path."""
    sweeper = Sweeper(view, ~view.graph.arcs.terminal[view.arc])
    allowed = sweeper.allowed([(0, layer) for layer in layers])
    by_target = np.argsort(sweeper.target, kind="stable")
    into = np.searchsorted(sweeper.target[by_target], np.arange(sweeper.n_nodes + 1))
    keys: list[Long] = [np.zeros(0, np.int64)]
    words: list[Bits] = [np.zeros((0, len(layers)), np.uint16)]
    n_nodes, width = sweeper.n_nodes, max(1, _SCRATCH // max(1, sweeper.n_nodes * len(layers)))
    for first in range(0, len(nodes), width):
        some = nodes[first : first + width].astype(np.int64)
        state = np.zeros((len(some) * n_nodes, len(layers)), dtype=np.uint16)
        touched = [np.arange(len(some)) * n_nodes + some]
        state[touched[0]] = ALL_BITS
        for column in range(len(layers)):
            found = Elements(np.arange(len(some)), some, np.full(len(some), ALL_BITS))
            while len(found.slot):
                at, arc = spread(into[found.node], into[found.node + 1])
                arc = by_target[arc]
                slot, source = found.slot[at], sweeper.source[arc].astype(np.int64)
                bits = allowed[arc, column] & found.bits[at] & ~state[slot * n_nodes + source, column]
                found = together(some_of(Elements(slot, source, bits), bits != 0), n_nodes)
                key = found.slot * n_nodes + found.node
                state[key, column] |= found.bits
                touched.append(key)
        key = np.unique(np.concatenate(touched))
        keys.append(key + first * n_nodes)
        words.append(state[key])
    key = np.concatenate(keys)
    return Commands(key % n_nodes, key // n_nodes, np.concatenate(words))

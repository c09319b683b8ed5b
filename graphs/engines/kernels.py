"""The searches of the numpy engine, compiled: the extra ``fast``.

Every kernel does exactly what a function of another module does with arrays, and is asked by that function alone, where
numba is installed and there is enough to do. Compiled code is kept beside this file, or where the environment says
(``NUMBA_CACHE_DIR``); where neither can be written it is compiled anew in each process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from graphs.access import TERMINAL

WORTH = 1 << 20  # arcs, from which on the kernels make up for the start of numba
BLOCK = 1 << 12  # arcs that are looked at together, so that what is noted of them stays close to the processor
SHORT = 8  # arcs that are listed without asking how many there are, which costs more

# Numba asks of every signed index whether it counts from the end, and that takes half of a kernel's time. Signed and
# unsigned numbers do not mix: their sum would be a float.
Index = np.uint64
ONE = Index(1)


@dataclass(frozen=True)
class Kernels:
    """Compiled functions; what they take and give is told where they are defined."""

    choose: Callable[..., int]
    expand: Callable[..., int]
    collect: Callable[..., None]
    rank: Callable[..., None]
    arrive: Callable[..., None]
    carry: Callable[..., None]


def worth(arcs: int) -> bool:
    """Whether a graph of so many arcs is searched by compiled code."""
    return arcs >= WORTH and installed()


def installed() -> bool:
    """Whether there is a numba to compile anything."""
    return find_spec("numba") is not None


def compiler() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """What makes a function a compiled one.

    Raises
    ------
    ModuleNotFoundError
        Without numba; it comes with ``accessmap[fast]``.
    """
    try:
        import numba
    except ModuleNotFoundError:
        raise ModuleNotFoundError("numba is not installed; it comes with accessmap[fast]") from None

    def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
        try:
            made: Callable[..., Any] = numba.njit(cache=True, nogil=True)(function)
        except RuntimeError:  # nowhere to keep it
            made = numba.njit(nogil=True)(function)
        return made

    return compiled


@cache
def kernels() -> Kernels:
    """The compiled functions.

    Raises
    ------
    ModuleNotFoundError
        Without numba.
    """
    compiled = compiler()
    return Kernels(
        compiled(_choose), compiled(_expand), compiled(_collect), compiled(_rank), compiled(_arrive), compiled(_carry)
    )


def _choose(  # type: ignore[no-untyped-def]  # noqa: PLR0917  numba infers types, and takes arguments by position
    passing, met, day, known_by, since, indptr, source, kinds, mask, start, end, known, newest, rows, begin, sources,
    bits, terminals,
):  # fmt: skip
    """Fill the last five arrays with the arcs that count, and tell how many they are.

    Block by block: first what a comparison decides, which the processor does for many arcs at once, then what has to be
    looked up. Nothing branches on an arc, since a wrong guess of the processor costs more than all that is done for it.
    Where ``known`` and ``newest`` are empty they are not asked for.
    """
    nodes, size, node, count = len(indptr) - 1, len(source), 0, Index(0)
    met_here, before = np.empty(BLOCK, np.uint16), np.empty(BLOCK, np.uint16)
    kept = np.empty(BLOCK, np.uint16)
    for low in range(0, size, BLOCK):
        high = min(size, low + BLOCK)
        starts, ends, kinds_here = start[low:high], end[low:high], kinds[low:high]
        masks, tails = mask[low:high], source[low:high]
        for at in range(high - low):
            met_here[at] = -(np.uint16(starts[at] <= day) & np.uint16(ends[at] >= day))
        if len(known):
            knowns = known[low:high]
            for at in range(high - low):
                met_here[at] &= -np.uint16(knowns[at] <= known_by)
        if len(newest):
            newests = newest[low:high]
            for at in range(high - low):
                met_here[at] &= -np.uint16(newests[at] >= since)
        here = Index(0)
        for at in range(high - low):
            word = met[Index(kinds_here[at])] & met_here[at] & passing[Index(masks[at])]
            met_here[at], before[at], kept[here] = word, here, at
            here += Index(word != 0)
        first, upto = np.int32(low), count + here
        rows_here, sources_here = rows[count:upto], sources[count:upto]
        bits_here, terminals_here = bits[count:upto], terminals[count:upto]
        for number in range(here):
            at = kept[number]
            rows_here[number], sources_here[number] = first + np.int32(at), tails[Index(at)]
            bits_here[number], terminals_here[number] = met_here[Index(at)], kinds_here[Index(at)] >= TERMINAL
        while indptr[node] < high:
            begin[node] = count + Index(before[indptr[node] - low])
            node += 1
        count = upto
    while node <= nodes:
        begin[node] = count
        node += 1
    return count


def _expand(  # type: ignore[no-untyped-def]  # noqa: PLR0917  numba infers types, and takes arguments by position
    nodes, fresh, widest, indptr, source, bits, found, gathered, reached, marked, ahead, rows
):
    """One round of a search: gather new bits at sources, list the nodes that have some, and tell how many they are.

    A few thousand arcs at a time, in three steps: list the arcs into the next nodes, keep those that bring something,
    and note what they bring. Each step is a loop without a branch for the processor to guess wrong. All goes from the
    last to the first, so that the first arc that is found is what a later one would have been put in place of.
    """
    room, width, whole = BLOCK + SHORT + widest, Index(len(marked)), np.uint16(0)
    for number in range(width):
        whole |= marked[number]
    arcs, carried = np.empty(room, np.int32), np.empty(room, np.uint16)
    others, brought = np.empty(room, np.int32), np.empty(room, np.uint16)
    count, left = Index(0), Index(len(nodes))
    while left:
        listed = Index(0)
        while left and listed < Index(BLOCK):
            left -= ONE
            here, node = fresh[left], Index(nodes[left])
            degree = Index(indptr[node + ONE]) - Index(indptr[node])
            last = np.int32(indptr[node + ONE]) - np.int32(1)
            if degree <= Index(SHORT):
                for at in range(SHORT):
                    arcs[listed + Index(at)] = last - np.int32(at)
                for at in range(SHORT):
                    carried[listed + Index(at)] = here
            else:
                for at in range(degree):
                    arcs[listed + at], carried[listed + at] = last - np.int32(at), here
            listed += degree
        kept = Index(0)
        for at in range(listed):
            arc = Index(arcs[at])
            other = source[arc]
            new = carried[at] & bits[arc] & ~found[Index(other)]
            others[kept], brought[kept], arcs[kept] = other, new, arcs[at]
            kept += Index(new != 0)
        for at in range(kept):
            other = Index(others[at])
            new = brought[at] & ~found[other]
            found[other] |= new
            reached[count] = others[at]
            count += Index((gathered[other] == 0) & (new != 0))
            gathered[other] |= new
            row, base = rows[Index(arcs[at])], other * width
            if new == whole:  # most often, as a node's strongest way tends to be found first
                for number in range(width):
                    ahead[base + number] = row
            else:
                for number in range(width):
                    if new & marked[number]:
                        ahead[base + number] = row
    return count


def _collect(gathered, nodes, fresh):  # type: ignore[no-untyped-def]  # as above
    """Nodes at which bits were gathered, ascending, and these; none stay gathered. There is room to spare."""
    count = Index(0)
    for node in range(len(gathered)):
        nodes[count], fresh[count] = node, gathered[node]
        count += Index(gathered[node] != 0)
        gathered[node] = 0


def _rank(bits, table, wanted, best, needed):  # type: ignore[no-untyped-def]  # as above
    """The best position of every node's bits in a table of all words, and the bit that stands for it."""
    for node in range(len(bits)):
        position = table[Index(bits[node])]
        best[node] = position
        needed[node] = wanted[min(Index(position), Index(len(wanted)) - ONE)]


def _arrive(hops, distance, nodes, fresh, needed):  # type: ignore[no-untyped-def]  # as above
    """Note a distance at the nodes where the bit that they need is among the fresh ones."""
    for at in range(len(nodes)):
        node = Index(nodes[at])
        if fresh[at] & needed[node]:
            hops[node] = distance


def _carry(  # type: ignore[no-untyped-def]  # noqa: PLR0917  as above
    words, passing, mask, counts, indptr, source, waiting, queue
):
    """Hand words on against the arcs until nothing changes, from the nodes that are ``waiting``.

    While many wait, all nodes are gone through in their order; then a queue, with room for every node, takes the few,
    so that a long chain does not cost a look at every node for each of its arcs.
    """
    size, left, head, next_node, in_order = Index(len(words)), Index(0), Index(0), Index(0), True
    while left or in_order:
        if in_order and next_node == size:
            next_node, in_order = Index(0), bool(left > size // Index(32))
            left = Index(0)
            if not in_order:
                for late in range(size):
                    if waiting[late]:
                        queue[left] = late
                        left += ONE
            continue
        if in_order:
            node = next_node
            next_node += ONE
            if not waiting[node]:
                continue
        else:
            node = Index(queue[head])
            head = head + ONE if head + ONE < size else Index(0)
            left -= ONE
        waiting[node] = False
        here = words[node]
        for arc in range(Index(indptr[node]), Index(indptr[node + ONE])):
            other = Index(source[arc])
            new = here & ~words[other]
            if new == Index(0) or not counts[arc]:
                continue
            new &= passing[Index(mask[arc])]
            if new == Index(0):
                continue
            words[other] |= new
            if not waiting[other]:
                waiting[other] = True
                if left < size:  # in order, some are counted twice
                    queue[head + left if head + left < size else head + left - size] = other
                    left += ONE

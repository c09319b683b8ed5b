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

WORTH = 1 << 20  # arcs, from which on the kernels make up for the start of numba


@dataclass(frozen=True)
class Kernels:
    """Compiled functions; what they take and give is told where they are defined."""

    choose: Callable[..., int]
    expand: Callable[..., int]
    carry: Callable[..., None]


def worth(arcs: int) -> bool:
    """Whether a graph of so many arcs is searched by compiled code."""
    return arcs >= WORTH and find_spec("numba") is not None


@cache
def kernels() -> Kernels:
    """The compiled functions.

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

    return Kernels(compiled(_choose), compiled(_expand), compiled(_carry))


def _choose(  # type: ignore[no-untyped-def]  # noqa: PLR0917  numba infers types, and takes arguments by position
    passing, met, day, known_by, forever, stance, weakest, certain, since, disputed, alleged, indptr,
    source, level, certainty, mask, start, end, known, newest, stances, terminal,
    rows, begin, sources, bits, terminals,
):  # fmt: skip
    """Fill the last five arrays with the arcs that count, and tell how many they are."""
    count, at = 0, 0
    asks_known, asks_newest = known_by < forever, since >= 0
    for node in range(len(indptr) - 1):
        begin[node] = count
        for arc in range(indptr[node], indptr[node + 1]):
            sure = certainty[arc]
            if at < len(disputed) and disputed[at] == arc:
                at += 1
                sure = min(sure, alleged)
            # No short cuts: a wrong guess of the processor costs more than the comparison that it saves.
            counts = (
                passing[mask[arc]] & (start[arc] <= day) & (end[arc] >= day) & (stances[arc] <= stance)
                & (level[arc] >= weakest) & (sure >= certain)
            )  # fmt: skip
            if asks_known:
                counts &= known[arc] <= known_by
            if asks_newest:
                counts &= newest[arc] >= since
            rows[count], sources[count], terminals[count] = arc, source[arc], terminal[arc]
            bits[count] = met[level[arc] * 4 + sure]
            count += counts
    begin[len(indptr) - 1] = count
    return count


def _expand(  # type: ignore[no-untyped-def]  # noqa: PLR0917  numba infers types, and takes arguments by position
    nodes, fresh, indptr, source, bits, terminal, later, found, gathered, reached, marked, ahead, rows
):
    """One round of a search: gather new bits at sources, list the nodes that have some, and tell how many they are."""
    count = 0
    every = np.uint16(0)
    for mark in marked:
        every |= mark
    # From the last, so that the first that is found is what a later one would have been put in place of.
    for at in range(len(nodes) - 1, -1, -1):
        here, node = fresh[at], nodes[at]
        for arc in range(indptr[node + 1] - 1, indptr[node] - 1, -1):
            other = source[arc]
            new = here & bits[arc] & ~found[other]
            if new == 0 or (later and terminal[arc]):
                continue
            found[other] |= new
            if gathered[other] == 0:
                reached[count] = other
                count += 1
            gathered[other] |= new
            if new & every:
                for number in range(len(marked)):
                    if new & marked[number]:
                        ahead[other, number] = rows[arc]
    return count


def _carry(words, arcs, indptr, source, waiting, queue):  # type: ignore[no-untyped-def]  # noqa: PLR0917  as above
    """Spread words against the arcs until nothing changes; ``waiting`` are the nodes in the ``queue``, all at first."""
    size = len(words)
    head, count = 0, size
    while count:
        node = queue[head]
        head = head + 1 if head + 1 < size else 0
        count -= 1
        waiting[node] = False
        here = words[node]
        if here == 0:
            continue
        for arc in range(indptr[node], indptr[node + 1]):
            other = source[arc]
            new = here & arcs[arc] & ~words[other]
            if new:
                words[other] |= new
                if not waiting[other]:
                    waiting[other] = True
                    tail = head + count
                    queue[tail if tail < size else tail - size] = other
                    count += 1

"""Timing several sides in one run, turn by turn, so that whatever else the machine does falls on all alike."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True)
class Times:
    """Seconds of one side's turns."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def best(self) -> float:
        return min(self.seconds)


def alternate(
    sides: Mapping[str, Callable[[], object]], *, rounds: int, budget: float = 600.0,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Times]:  # fmt: skip
    """Let every side take its turn, round after round.

    Parameters
    ----------
    sides : mapping of str to callable
    rounds : int
        Turns of each side; at least one, whatever the budget.
    budget : float
        Seconds after which no further round begins.
    clock : callable
        What time is told by: that on the wall, or `time.process_time`, which other work on the machine adds little to.
    """
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    begun = time.perf_counter()
    for number in range(rounds):
        if number and time.perf_counter() - begun > budget:
            break
        for name, side in sides.items():
            gc.collect()
            start = clock()
            side()
            seconds[name].append(clock() - start)
    return {name: Times(tuple(turns)) for name, turns in seconds.items()}


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, the first column to the left, the others to the right."""
    lines = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def seconds_text(seconds: float) -> str:
    """A duration with three digits.

    Examples
    --------
    >>> seconds_text(0.01234), seconds_text(1.5)
    ('12.3 ms', '1.50 s')
    """
    if seconds >= 1:
        return f"{seconds:.2f} s" if seconds < 100 else f"{seconds:.0f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.1f} ms" if milliseconds < 100 else f"{milliseconds:.0f} ms"


def machine(packages: Sequence[str]) -> str:
    """Where and with what it was measured, in one line."""
    versions = ", ".join(f"{name} {version}" for name in packages if (version := _version(name)))
    load = f"; load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{_processor()}, {os.cpu_count()} cores, {_memory()}, {platform.system()}; {python}; {versions}{load}"


def peak_memory() -> int:
    """Most bytes that this process has held.

    The usual ``ru_maxrss`` also counts what its parent held when it started this one.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", maxsplit=1)[1].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    if sys.platform == "win32":
        return "memory unknown"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"

"""How much memory there is, and saying so before a step begins that needs more."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from stakeholders.decoding import LARGE
from stakeholders.errors import AccessMapError

# Bytes of tables that any machine has room for, and memory to a byte of CSV when pyarrow, or Python itself, reads it.
_UNDOUBTED: Final = 1 << 26
_PYARROW: Final = 2
_PYTHON: Final = 10

_MEMINFO = Path("/proc/meminfo")
_LIMITS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")),
    (Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes")),
)


class TooLarge(AccessMapError):
    """What was asked for does not fit this machine."""


def available() -> int:
    """Bytes of memory that are free to be used, within the limits that the system sets us; 0 if it does not tell."""
    found = []
    try:
        fields = dict(line.split(":", 1) for line in _MEMINFO.read_text("ascii").splitlines())
        found.append(int(fields["MemAvailable"].split()[0]) * 1024)
    except (OSError, KeyError, ValueError):
        try:
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
        except (AttributeError, OSError, ValueError):
            return 0
    for most, used in _LIMITS:
        try:
            found.append(int(most.read_text("ascii")) - int(used.read_text("ascii")) + _given_back(used))
        except (OSError, ValueError):  # no such limit
            continue
    return max(min(found), 1)


def _given_back(used: Path) -> int:
    """Bytes among those used that only keep files at hand, and are given back as soon as they are wanted."""
    try:
        told = dict(line.split() for line in used.with_name("memory.stat").read_text("ascii").splitlines())
        return int(told.get("total_inactive_file") or told.get("inactive_file") or 0)
    except (OSError, ValueError):
        return 0


def require(needed: int, what: str, advice: str) -> None:
    """Refuse a step that needs more memory than there is.

    Parameters
    ----------
    needed : int
        Bytes.
    what : str
        What would take them, as the beginning of a sentence.
    advice : str
        What to do instead, as a sentence.

    Raises
    ------
    TooLarge
        If there is less.
    """
    free = available()
    if free and needed > free:
        raise TooLarge(f"{what} takes about {size(needed)} of memory, of which {size(free)} are free. {advice}")


def require_for_tables(paths: Sequence[Path]) -> None:
    """Refuse to read tables that would not fit.

    Parameters
    ----------
    paths : sequence of Path
        CSV and Parquet files; those that are none are left aside.

    Raises
    ------
    TooLarge
        With what to do instead.
    """
    sizes = {path: path.stat().st_size for path in paths if path.is_file()}
    if sum(sizes.values()) < _UNDOUBTED:
        return
    quick = find_spec("pyarrow") is not None
    csv = [path for path in sizes if path.suffix == ".csv"]
    needed = sum(sizes[path] * (_PYARROW if quick and sizes[path] > LARGE else _PYTHON) for path in csv)
    for path in sizes:
        if path.suffix == ".parquet":
            from stakeholders.parquet import pyarrow

            arrow = pyarrow()
            try:
                found = arrow.parquet.ParquetFile(path.absolute()).metadata
            except (arrow.ArrowInvalid, OSError):  # what is wrong with it is said when it is read
                continue
            groups = (found.row_group(number) for number in range(found.num_row_groups))
            needed += sum(group.total_byte_size for group in groups) * 2 + found.num_rows * found.num_columns * 4
    ways = ["read a part of it", "use a larger machine, or a cluster: --engine spark"]
    if csv:
        ways.insert(0, "make it Parquet, which needs about 1 GB for that and less memory and time later: accessmap "
                       f"convert {str(csv[0].parent)!r} NEW")  # fmt: skip
    require(needed, f"Reading {size(sum(sizes.values()))} of tables", f"What helps: {'; '.join(ways)}.")


def size(count: float) -> str:
    """Bytes, as one reads them.

    Examples
    --------
    >>> size(1_250_000_000), size(12_000_000)
    ('1.2 GB', '12 MB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(count / 1e6, 1):.0f} MB"

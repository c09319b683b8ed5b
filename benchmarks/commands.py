"""Whole commands on generated folders of Parquet tables, as processes: processor time and peak memory.

Each is run once on the folder as it is and once with a saved index of it::

    python -m benchmarks.commands [--sizes 10000 100000] [--only who find] [-o FILE]
"""

from __future__ import annotations

import argparse
import datetime
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.cold_start import command
from benchmarks.measuring import machine, markdown, seconds_text

DAY = ("--as-of", "2025-06-30")  # of the generated relations most are in force
PACKAGES = ("accessmap", "numpy", "numba", "scipy", "pyarrow", "rapidfuzz")


class Spent(NamedTuple):
    """What a process took: processor seconds, bytes of memory at most."""

    seconds: float
    peak: int


def questions(body: str, store: str) -> dict[str, tuple[str, ...]]:
    """What is asked, by name."""
    return {
        "who": ("who", "biometric", *DAY),
        "what": ("what", body, *DAY),
        "how": ("how", body, "biometric", *DAY),
        "whynot": ("whynot", body, store, *DAY),
        "chokepoints": ("chokepoints", store, *DAY),
        "cut": ("cut", "face", *DAY),
        "check": ("check", "--pack", "gdpr", *DAY),
        "find": ("find", "entity 0001"),
        "show": ("show", body),
        "map": ("map", "--focus", store, *DAY),
    }


def spent(arguments: Sequence[str], folder: Path) -> Spent:
    """Run a process to its end; what it writes goes into a folder."""
    script = Path(__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(script)}
    with (folder / "said").open("wb") as said:
        started = subprocess.Popen(arguments, stdout=said, stderr=subprocess.STDOUT, cwd=folder, env=environment)
        _, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode not in {0, 1}:
        raise RuntimeError(f"{' '.join(arguments)}: {(folder / 'said').read_text(encoding='utf-8')}")
    return Spent(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def measure(nodes: int, only: Sequence[str] = ()) -> Iterator[list[str]]:
    """A row for each command: without an index, and with one."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "tables"
        spent((sys.executable, "-m", "benchmarks.generate", str(nodes), str(folder), "--parquet"), Path(place))
        body, store = _asked_about(folder)
        asked = {name: words for name, words in questions(body, store).items() if not only or name in only}
        without = {name: _run(words, folder) for name, words in asked.items()}
        index = _run(("index", str(folder)), None, Path(place))
        for name, words in asked.items():
            first, saved = without[name], _run(words, folder)
            shown = " ".join(words).removesuffix(" " + " ".join(DAY))
            yield [f"`{shown}`", f"{nodes:,}", *_told(first), *_told(saved)]
        yield ["`index`", f"{nodes:,}", *_told(index), "", ""]


def _run(words: Sequence[str], folder: Path | None, place: Path | None = None) -> Spent:
    data = ("-d", str(folder)) if folder else ()
    return spent((*command(), *words, *data), place or Path(folder or ".").parent)


def _told(found: Spent) -> list[str]:
    return [seconds_text(found.seconds), f"{found.peak / 1e6:,.0f} MB"]


def _asked_about(folder: Path) -> tuple[str, str]:
    """The first body, and the first store whose data have a category."""
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "entities.parquet", columns=["id", "type", "categories"]).slice(0, 1000).to_pylist()
    body = next(row["id"] for row in table if row["type"] == "body")
    return body, next(row["id"] for row in table if row["type"] == "store" and row["categories"])


def run(sizes: Sequence[int], only: Sequence[str] = ()) -> str:
    """Measure, as a Markdown table."""
    head = ["command", "nodes", "first", "peak", "from a saved index", "peak"]
    return markdown(head, [row for nodes in sizes for row in measure(nodes, only)])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.commands", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=(100_000,), help="nodes of the generated folders")
    parser.add_argument("--only", nargs="+", default=(), choices=sorted(questions("", "")), help="some of the commands")
    parser.add_argument("-o", "--output", type=Path, help="write the table to a file, too")
    options = parser.parse_args(arguments)
    told = (
        f"Processor seconds and peak memory of whole processes, {datetime.date.today().isoformat()}, "
        f"{machine(PACKAGES)}.\n\n{run(options.sizes, options.only)}\n"
    )
    print(told)
    if options.output:
        options.output.write_text(told, encoding="utf-8")


if __name__ == "__main__":
    main()

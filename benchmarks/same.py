"""Same answers from the arrays engine, its compiled kernels and Spark, on generated graphs, at three dates and stances.

``python -m benchmarks.same [--sizes 1000 10000 100000] [--master 'local[2]'] [--category biometric]`` prints Markdown:
for each size, date and stance the digest of the rows of *who can reach it*, whether the three engines gave the same,
and what each took. It needs Java 17.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import psutil

from benchmarks.generate import AS_OF, landscape
from benchmarks.measuring import machine, markdown
from graphs.access import AccessGraph
from graphs.access import build as build_here
from graphs.engines import kernels
from graphs.engines.spark import answers, frames
from graphs.engines.spark.arcs import ClusterGraph, build
from graphs.reachability import who_can_reach
from graphs.scope import Options
from stakeholders.clusters import open_tables, session
from stakeholders.tables import write

SIZES = (1_000, 10_000, 100_000)
DATES = ("2010-01-01", "2018-06-30", AS_OF)
STANCES = ("direct", "documented", "assumed")
BEST = ("body", "store", "verdict", "level", "certainty", "hops", "path")

HEADER = (
    "nodes, date, stance", "rows", "digest of the rows", "all the same", "arrays", "fast", "Spark: search",
    "Spark: rows",
)  # fmt: skip

Result = TypeVar("Result")


def spent() -> float:
    """Processor seconds of this process and of those it started, Java above all."""
    total = 0.0
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        times = process.cpu_times()
        total += times.user + times.system
    return total


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What some work gives, and the processor seconds that it took."""
    begun = spent()
    result = work()
    return result, spent() - begun


def digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 of rows in the order of their bodies."""
    ordered = sorted(rows, key=lambda row: str(row["body"]))
    return hashlib.sha256(json.dumps(ordered, sort_keys=True).encode()).hexdigest()


def best(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of rows only what a search on a cluster tells."""
    return [{name: row[name] for name in BEST} for row in rows]


def with_kernels(graph: AccessGraph, category: str, options: Options, *, compiled: bool) -> list[dict[str, Any]]:
    """Rows by arrays alone, or by compiled kernels, whatever the size."""
    usual, kernels.WORTH = kernels.WORTH, 0 if compiled else sys.maxsize
    try:
        return list(who_can_reach(graph, category, **options).rows)
    finally:
        kernels.WORTH = usual


def compared(here: AccessGraph, there: ClusterGraph, category: str, options: Options) -> list[str]:
    """One line of the table: its cells but the first."""
    plain, plainly = timed(lambda: with_kernels(here, category, options, compiled=False))
    fast, quickly = timed(lambda: with_kernels(here, category, options, compiled=True))
    found, searching = timed(lambda: frames.who_frame(there, category, **options).collect())
    rows, whole = timed(lambda: answers.who_can_reach(there, category, **options).rows)
    expected = digest(plain)
    same = expected == digest(fast) == digest(rows) and digest(best(plain)) == digest(row.asDict() for row in found)
    times = [f"{seconds:.2f} s" for seconds in (plainly, quickly, searching, whole)]
    return [f"{len(plain):,}", f"`{expected[:12]}`", "yes" if same else "**no**", *times]


def kept_bytes(spark: Any) -> int:
    """What Spark keeps, once it has let go of what nobody has any more."""
    context = spark.sparkContext
    context._jvm.System.gc()  # noqa: SLF001  pyspark offers no way of its own
    time.sleep(5)
    stored = context._jsc.sc().getRDDStorageInfo()  # noqa: SLF001  nor one to this
    return sum(each.memSize() + each.diskSize() for each in stored)


def run(
    sizes: Sequence[int], scopes: Sequence[Options], category: str, master: str, settings: Mapping[str, str]
) -> Iterator[list[str]]:
    """Lines of the table, as they come; what each size took beside the questions is told on stderr."""
    begun = time.perf_counter()
    spark, starting = timed(lambda: session(master, settings))
    wall = time.perf_counter() - begun
    print(f"session: {starting:.1f} processor seconds, {wall:.1f} s on the wall", file=sys.stderr, flush=True)
    for nodes in sizes:
        dataset = landscape(nodes)
        with tempfile.TemporaryDirectory() as folder:
            write(dataset, Path(folder), format="parquet")
            here = build_here(dataset)

            def brought(folder: str = folder) -> ClusterGraph:
                graph = build(open_tables(spark, folder))
                for frame in (graph.arcs, graph.denials, graph.keeping):
                    frame.count()
                return graph

            there, building = timed(brought)
            arcs = len(here.arcs)
            print(f"{nodes:,} nodes, {arcs:,} arcs: read and kept in {building:.1f} processor seconds, "
                  f"{kept_bytes(spark) / arcs:.0f} bytes an arc", file=sys.stderr, flush=True)  # fmt: skip
            for options in scopes:
                asked = f"{nodes:,}, {options['as_of']}, {options['stance']}"
                line = [asked, *compared(here, there, category, options)]
                print(" | ".join(line), file=sys.stderr, flush=True)
                yield line


def searches(
    sizes: Iterable[int], category: str, options: Options, master: str = "local[2]"
) -> Iterator[tuple[int, float]]:
    """Arcs of graphs kept on a cluster, and the processor seconds of one search, its rows compared with ours."""
    spark = session(master, {"spark.driver.memory": "6g"})
    for nodes in sizes:
        dataset = landscape(nodes)
        here = build_here(dataset)
        with tempfile.TemporaryDirectory() as folder:
            write(dataset, Path(folder), format="parquet")
            there = build(open_tables(spark, folder))
            there.arcs.count()

            def searched(kept: ClusterGraph = there) -> list[Any]:
                return list(frames.who_frame(kept, category, **options).collect())

            found, seconds = timed(searched)
        expected = digest(best(who_can_reach(here, category, **options).rows))
        assert digest(row.asDict() for row in found) == expected, f"Spark differs at {nodes:,} nodes"
        yield len(here.arcs), seconds
    spark.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.same", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="nodes of the generated graphs")
    parser.add_argument("--dates", nargs="+", default=DATES)
    parser.add_argument("--stances", nargs="+", default=STANCES)
    parser.add_argument("--category", default="biometric")
    parser.add_argument("--master", default="local[2]", help="where Spark runs")
    parser.add_argument("--memory", default="3g", help="of Spark's driver")
    options = parser.parse_args(arguments)
    scopes: list[Options] = [{"as_of": date, "stance": stance} for date in options.dates for stance in options.stances]
    lines = list(run(options.sizes, scopes, options.category, options.master, {"spark.driver.memory": options.memory}))
    day, asked = datetime.date.today().isoformat(), "python -m benchmarks.same"
    print(f"Who can reach {options.category}, measured on {day} with `{asked} --sizes "
          f"{' '.join(map(str, options.sizes))} --master '{options.master}'` on "
          f"{machine(('accessmap', 'numpy', 'numba', 'pyspark'))}. Processor seconds.\n")  # fmt: skip
    print(markdown(HEADER, lines))
    return any("**no**" in line for line in lines)


if __name__ == "__main__":
    sys.exit(main())

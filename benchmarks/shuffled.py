"""What a search on Spark moves: bytes read and shuffled for each arc, as Spark itself has counted them.

``python -m benchmarks.shuffled [--sizes 10000 100000] [--category biometric]`` prints Markdown: for each size what
reading the tables, one search for all categories at once (`frames.matrix_frame`) and one with the best paths
(`frames.who_frame`) took. The figures are those of ``/api/v1/applications/…/stages``. It needs Java 17.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.generate import AS_OF, landscape
from benchmarks.measuring import machine, markdown
from benchmarks.same import timed
from graphs.engines.spark import frames
from graphs.engines.spark.arcs import ClusterGraph, build
from graphs.scope import Options
from stakeholders.clusters import open_tables, session
from stakeholders.tables import write

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SIZES: Final = (10_000, 100_000)
COUNTED: Final = ("inputBytes", "shuffleWriteBytes", "shuffleReadBytes", "diskBytesSpilled")
HEADER: Final = (
    "nodes, step", "arcs", "rounds", "stages", "processor time", "read, bytes an arc", "shuffled, bytes an arc",
    "the same a round", "spilled, bytes an arc",
)  # fmt: skip


class Counter:
    """What the stages of a session have moved since last asked."""

    def __init__(self, spark: Any) -> None:
        context = spark.sparkContext
        self.address = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/stages?status=complete"
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # Spark is on this machine
        self.seen: set[tuple[int, int]] = set()

    def moved(self) -> dict[str, int]:
        time.sleep(2)  # Spark counts a little later than it works
        with self.opener.open(self.address) as answer:
            stages = {(stage["stageId"], stage["attemptId"]): stage for stage in json.load(answer)}
        new = [stage for key, stage in stages.items() if key not in self.seen]
        self.seen |= set(stages)
        return {"stages": len(new), **{name: sum(stage[name] for stage in new) for name in COUNTED}}


def laid(spark: Any, folder: str) -> ClusterGraph:
    """A graph of which all is there."""
    graph = build(open_tables(spark, folder))
    for frame in (graph.arcs, graph.denials, graph.keeping):
        frame.count()
    return graph


def run(sizes: Sequence[int], category: str, stance: str, spark: Any) -> Iterator[list[str]]:
    """Lines of the table, as they come."""
    counter, options = Counter(spark), Options(as_of=AS_OF, stance=stance)
    rounds: list[int] = []

    def watch(step: str, done: int, total: int, unit: str) -> None:
        del step, total, unit
        rounds.append(done)

    for nodes in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write(landscape(nodes), Path(folder), format="parquet")
            graph, reading = timed(partial(laid, spark, folder))
            arcs = graph.arcs.count()
            steps: dict[str, Callable[[], DataFrame] | None] = {
                "read and laid down": None,
                "bodies × categories": partial(frames.matrix_frame, graph, watch=watch, **options),
                f"who can reach {category}": partial(frames.who_frame, graph, category, watch=watch, **options),
            }
            for step, asked in steps.items():
                rounds.clear()
                took = reading if asked is None else timed(partial(counted, asked))[1]
                line = told(f"{nodes:,}, {step}", arcs, len(rounds), took, counter.moved())
                print(" | ".join(line), file=sys.stderr, flush=True)
                yield line


def counted(asked: Callable[[], DataFrame]) -> int:
    return int(asked().count())


def told(step: str, arcs: int, rounds: int, took: float, moved: dict[str, int]) -> list[str]:
    each = [moved[name] / arcs for name in ("inputBytes", "shuffleWriteBytes")]
    a_round = f"{each[1] / rounds:.1f}" if rounds else "–"
    numbers = f"{arcs:,}", str(rounds or "–"), str(moved["stages"]), f"{took:.0f} s"
    return [step, *numbers, *(f"{number:.0f}" for number in each), a_round, f"{moved['diskBytesSpilled'] / arcs:.0f}"]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shuffled", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="nodes of the generated graphs")
    parser.add_argument("--category", default="biometric")
    parser.add_argument("--stance", default="documented")
    parser.add_argument("--master", default="local[2]", help="where Spark runs")
    parser.add_argument("--pieces", type=int, default=2, help="into which Spark divides what it shuffles")
    parser.add_argument("--memory", default="3g", help="of Spark's driver")
    options = parser.parse_args(arguments)
    spark = session(options.master, {
        "spark.driver.memory": options.memory, "spark.sql.shuffle.partitions": str(options.pieces),
        "spark.ui.enabled": "true", "spark.ui.port": "0", "spark.ui.retainedStages": "10000",
        "spark.ui.retainedJobs": "10000",
    })  # fmt: skip
    lines = list(run(options.sizes, options.category, options.stance, spark))
    spark.stop()
    asked = f"python -m benchmarks.shuffled --sizes {' '.join(map(str, options.sizes))} --pieces {options.pieces}"
    print(f"Measured on {datetime.date.today().isoformat()} with `{asked} --master '{options.master}'` on "
          f"{machine(('accessmap', 'pyspark'))}.\n")  # fmt: skip
    print(markdown(HEADER, lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())

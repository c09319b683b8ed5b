"""Measure and print Markdown: ``python -m benchmarks [G1 … G12 map spark] [--sizes 1000 10000] [-o FILE]``."""

from __future__ import annotations

import argparse
import datetime
import gc
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import agreement, cold_start, large, who
from benchmarks.generate import AS_OF, landscape
from benchmarks.large import Figure
from benchmarks.measuring import machine, markdown, seconds_text
from graphs.access import AccessGraph
from graphs.scope import Options

GOALS = ("G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G10", "G11", "G12", "map", "spark")
SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
SIZE, FEW = 1_000_000, 10_000  # of the questions that are asked at one size
MOST_ALIKE = 10_000  # nodes of the largest graph in which all answers are compared
MOST_SPARK = 100_000  # nodes of the largest graph that Spark is asked about on one machine
PACKAGES = (
    "accessmap", "numpy", "scipy", "numba", "igraph", "rustworkx", "duckdb", "networkx", "pandas", "pyarrow", "typer",
    "pyspark",
)  # fmt: skip


class Kept:
    """Generated graphs; the last one is kept, since it takes longer to make than to ask."""

    def __init__(self) -> None:
        self.nodes = 0
        self.graph: AccessGraph | None = None

    def __call__(self, nodes: int) -> AccessGraph:
        if self.graph is None or nodes != self.nodes:
            self.graph = None
            gc.collect()
            self.nodes, self.graph = nodes, who.indexed(landscape(nodes))
        return self.graph


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("goals", nargs="*", metavar="GOAL", help=f"of {', '.join(GOALS)}; default all")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="nodes of the generated graphs (G1, G2)")
    parser.add_argument("--size", type=int, default=SIZE, help="nodes of the one that G3 to G8 and G12 ask")
    parser.add_argument("--rounds", type=int, default=15, help="turns of each command of the cold start")
    parser.add_argument("--patience", type=float, default=who.PATIENCE, help="seconds that another engine may take")
    parser.add_argument("-o", "--output", type=Path, help="write the tables to a file, and plots beside it")
    options = parser.parse_args(arguments)
    goals = options.goals or list(GOALS)
    if unknown := sorted(set(goals) - set(GOALS)):
        parser.error(f"no goal is called {unknown[0]!r}; known: {', '.join(GOALS)}")
    day, asked = datetime.date.today().isoformat(), " ".join(["python -m benchmarks", *_repeated(arguments)])
    opening = f"Measured on {day} with `{asked}` on {machine(PACKAGES)}."
    measured = Measured()

    def text() -> str:
        goals = {"goals": "## Goals\n\n" + large.table(measured.figures)} if measured.figures else {}
        return "\n\n".join([opening, *{**goals, **measured.sections}.values()]) + "\n"

    for _ in _steps(options, goals, measured):
        if options.output:  # so that whoever ends it early keeps what there is
            if measured.outcomes:
                pictures = options.output.parent / "pictures"
                pictures.mkdir(parents=True, exist_ok=True)
                who.plot(measured.outcomes, pictures / "benchmarks-who.png", measured.drawn())
            options.output.write_text("# Benchmarks\n\n" + text(), encoding="utf-8")
    print(text())


def _repeated(arguments: Sequence[str] | None) -> list[str]:
    """What was asked for, without where to write it."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for flag in ("-o", "--output"):
        if flag in words:
            del words[words.index(flag) : words.index(flag) + 2]
    return words


@dataclass
class Measured:
    """What there is so far."""

    figures: list[Figure] = field(default_factory=list)
    sections: dict[str, str] = field(default_factory=dict)
    outcomes: list[who.Outcome] = field(default_factory=list)
    spark: list[tuple[int, float]] = field(default_factory=list)

    def drawn(self) -> Iterator[tuple[str, tuple[int, float]]]:
        """Sides with arcs and seconds, beside the outcomes."""
        for figure in self.figures:
            yield from figure.drawn.items()
        yield from (("Spark, local[2]", point) for point in self.spark)


def _steps(options: argparse.Namespace, goals: Sequence[str], measured: Measured) -> Iterator[None]:
    """Measure one thing after another, and add it to what there is."""
    graphs, figures, sections = Kept(), measured.figures, measured.sections
    if {"G9", "G10", "map"} & set(goals):
        sections["cold"] = "## From the command to the answer\n\n" + cold_start.run(goals, options.rounds)
        yield
    if "G11" in goals:
        sizes = [size for size in options.sizes if size <= MOST_ALIKE]
        sections["alike"] = "## Fast paths, plain ones and networkx\n\n" + agreement.run(sizes, graphs)
        yield
    if {"G1", "G2"} & set(goals):
        for outcome in who.run(options.sizes, graphs, options.patience):
            measured.outcomes.append(outcome)
            sections["who"] = "## Who can reach it, beside other engines\n\n" + who.told(measured.outcomes)
            if options.output:
                sections["who"] += "\n\n![Cost against size](pictures/benchmarks-who.png)"
            figures[:] = _goals(measured.outcomes)
            yield
    for figure in _figures(goals, graphs, options.size):
        figures.append(figure)
        figures.sort(key=lambda each: int(each.goal[1:]))
        yield
    if "spark" in goals:
        graphs.graph = None
        yield from _on_spark([size for size in options.sizes if size <= MOST_SPARK], measured)


def _on_spark(sizes: Sequence[int], measured: Measured) -> Iterator[None]:
    """The same question of a graph that Spark keeps; it needs Java."""
    from benchmarks import same

    scope: Options = {"as_of": AS_OF, "certainty": "reported"}
    for point in same.searches(sizes, who.CATEGORY, scope):
        measured.spark.append(point)
        rows = [[f"{arcs:,}", seconds_text(seconds)] for arcs, seconds in measured.spark]
        measured.sections["spark"] = (
            f"## The same on Spark\n\nWho can reach `{who.CATEGORY}` on {AS_OF}, of a graph that Spark keeps in "
            "`local[2]`: processor time of Python and Java, one search each, its rows compared with ours. More in "
            "[scale.md](scale.md).\n\n" + markdown(["arcs", "Spark"], rows)
        )
        yield


def _goals(outcomes: Sequence[who.Outcome]) -> list[Figure]:
    """G1 of the largest graph, G2 of the one of 100,000 nodes."""
    last, figures = outcomes[-1], []
    plain, fast, read = (last.times[name].median for name in (who.OURS, who.FAST, who.READ))
    figures.append(Figure(
        "G1", f"who, {last.nodes:,} nodes / {last.arcs:,} arcs", "≤ 1.0 s numpy only; fast ≤ 40× reading the arcs once",
        "≤ 10×", f"{seconds_text(plain)}; {seconds_text(fast)} fast ({fast / read:.1f}×)",
        f"reading the arcs once {seconds_text(read)}",
        missed=large.over({"numpy only": (plain, 1), "fast": (fast, 40 * read)}),
    ))  # fmt: skip
    for each in outcomes:
        if each.nodes == 100_000:
            least = {"networkx": (150, 40), "rustworkx": (30, 8), "igraph": (40, 12)}  # with the extra, and without
            ratios = {
                name: [each.times[name].median / each.times[side].median for side in (who.FAST, who.OURS)]
                for name in least
                if name in each.times
            }
            limits = {
                f"{name}{more}": (least[name][at], ratio)
                for name, both in ratios.items()
                for at, (more, ratio) in enumerate(zip(("", ", numpy only"), both, strict=True))
            }
            figures.append(Figure(
                "G2", "who at 100,000 nodes, others' time to ours", "≥ 150× networkx, 30× rustworkx, 40× igraph; "
                "numpy only ≥ 40×, 8×, 12×", "twice that",
                ", ".join(f"{name} {fast:.0f}× ({plain:.0f}×)" for name, (fast, plain) in ratios.items()),
                "in brackets numpy only", missed=large.over(limits),
            ))  # fmt: skip
    return figures


def _said(figures: Iterable[Figure]) -> Iterator[Figure]:
    """Tell each figure as it comes: all of them take a while."""
    for figure in figures:
        print(figure.goal, figure.what, figure.ours, figure.beside, sep=" | ", file=sys.stderr, flush=True)
        yield figure


def _figures(goals: Sequence[str], graphs: Kept, size: int) -> Iterator[Figure]:
    for goal, measure in (
        ("G3", large.matrix), ("G7", large.difference), ("G4", large.node_losses), ("G6", large.cut),
    ):  # fmt: skip
        if goal in goals:
            yield from _said(measure(graphs, size))
    if "G5" in goals:
        yield from _said(large.counted(graphs, size))
        yield from _said(large.pairs(graphs, min(FEW, size)))
    if "G12" in goals:
        graphs.graph = None
        yield from _said(map(large.huge, [size]))
    if "G8" in goals:
        graphs.graph = None
        yield from _said(large.loading(size))


if __name__ == "__main__":
    main()

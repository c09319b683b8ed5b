"""Measure and print Markdown: ``python -m benchmarks [G1 … G12 map] [--sizes 1000 10000] [-o FILE]``."""

from __future__ import annotations

import argparse
import datetime
import gc
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks import agreement, cold_start, large, who
from benchmarks.generate import landscape
from benchmarks.large import Figure
from benchmarks.measuring import machine, seconds_text
from graphs.access import AccessGraph

GOALS = ("G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9", "G10", "G11", "G12", "map")
SIZES = (1_000, 10_000, 100_000, 1_000_000)
SIZE, FEW = 1_000_000, 10_000  # of the questions that are asked at one size
MOST_ALIKE = 10_000  # nodes of the largest graph in which all answers are compared
PACKAGES = (
    "accessmap", "numpy", "scipy", "numba", "igraph", "rustworkx", "duckdb", "networkx", "pandas", "pyarrow", "typer",
)  # fmt: skip


class Kept:
    """Generated graphs; the last one is kept, since it takes longer to make than to ask."""

    def __init__(self) -> None:
        self.nodes, self.graph = 0, None

    def __call__(self, nodes: int) -> AccessGraph:
        if self.graph is None or nodes != self.nodes:
            self.graph = None
            gc.collect()
            self.nodes, self.graph = nodes, who.indexed(landscape(nodes))
        return self.graph

    def given_up(self, nodes: int) -> AccessGraph:
        """A graph that is not kept."""
        graph, self.graph = self(nodes), None
        return graph


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("goals", nargs="*", metavar="GOAL", help=f"of {', '.join(GOALS)}; default all")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="nodes of the generated graphs (G1, G2)")
    parser.add_argument("--size", type=int, default=SIZE, help="nodes of the one that G3 to G8 and G12 ask")
    parser.add_argument("--rounds", type=int, default=15, help="turns of each command of the cold start")
    parser.add_argument("-o", "--output", type=Path, help="write the tables to a file, and plots beside it")
    options = parser.parse_args(arguments)
    goals = options.goals or list(GOALS)
    if unknown := sorted(set(goals) - set(GOALS)):
        parser.error(f"no goal is called {unknown[0]!r}; known: {', '.join(GOALS)}")
    day, asked = datetime.date.today().isoformat(), " ".join(["python -m benchmarks", *options.goals])
    opening = f"Measured on {day} with `{asked}` on {machine(PACKAGES)}."
    figures: list[Figure] = []
    sections: dict[str, str] = {}

    def text() -> str:
        goals = {"goals": "## Goals\n\n" + large.table(figures)} if figures else {}
        return "\n\n".join([opening, *{**goals, **sections}.values()]) + "\n"

    for _ in _steps(options, goals, figures, sections):
        if options.output:  # so that whoever ends it early keeps what there is
            options.output.write_text("# Benchmarks\n\n" + text(), encoding="utf-8")
    print(text())


def _steps(
    options: argparse.Namespace, goals: Sequence[str], figures: list[Figure], sections: dict[str, str]
) -> Iterator[None]:
    """Measure one thing after another, and add it to the figures and sections."""
    graphs = Kept()
    if {"G9", "G10", "map"} & set(goals):
        sections["cold"] = "## From the command to the answer\n\n" + cold_start.run(goals, options.rounds)
        yield
    if {"G1", "G2"} & set(goals):
        outcomes: list[who.Outcome] = []
        for outcome in who.run(options.sizes, graphs):
            outcomes.append(outcome)
            sections["who"] = "## Who can reach it, beside other engines\n\n" + who.told(outcomes)
            if options.output:
                pictures = options.output.parent / "pictures"
                pictures.mkdir(parents=True, exist_ok=True)
                who.plot(outcomes, pictures / "benchmarks-who.png")
                sections["who"] += "\n\n![Cost against size](pictures/benchmarks-who.png)"
            figures[:] = _goals(outcomes)
            yield
    if "G11" in goals:
        sizes = [size for size in options.sizes if size <= MOST_ALIKE]
        sections["alike"] = "## Fast paths, plain ones and networkx\n\n" + agreement.run(sizes, graphs)
        yield
    for figure in _figures(goals, graphs, options.size):
        figures.append(figure)
        figures.sort(key=lambda each: int(each.goal[1:]))
        yield


def _goals(outcomes: Sequence[who.Outcome]) -> list[Figure]:
    """G1 of the largest graph, G2 of the one of 100,000 nodes."""
    last, figures = outcomes[-1], []
    plain, fast, read = (last.times[name].median for name in (who.OURS, who.FAST, who.READ))
    figures.append(Figure(
        "G1", f"who, {last.nodes:,} nodes / {last.arcs:,} arcs", "≤ 1.0 s numpy only; fast ≤ 40× reading the arcs once",
        "≤ 10×", f"{seconds_text(plain)}; {seconds_text(fast)} fast ({fast / read:.1f}×)",
        f"reading the arcs once {seconds_text(read)}",
    ))  # fmt: skip
    for each in outcomes:
        if each.nodes == 100_000:
            ratios = [
                f"{name} {each.times[name].median / each.times[who.FAST].median:.0f}× "
                f"({each.times[name].median / each.times[who.OURS].median:.0f}×)"
                for name in ("networkx", "rustworkx", "igraph")
                if name in each.times
            ]
            figures.append(Figure(
                "G2", "who at 100,000 nodes, others' time to ours", "≥ 150× networkx, 30× rustworkx, 40× igraph; "
                "numpy only ≥ 40×, 8×, 12×", "twice that", ", ".join(ratios), "in brackets numpy only",
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
        yield from _said(large.huge(graphs.given_up(size)))
    if "G8" in goals:
        graphs.graph = None
        yield from _said(large.loading(size))


if __name__ == "__main__":
    main()

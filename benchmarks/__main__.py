"""Measure and print Markdown: ``python -m benchmarks [G1 G2 G9 G10 map] [--sizes 1000 10000] [-o FILE]``."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Sequence
from pathlib import Path

from benchmarks import cold_start, page, who
from benchmarks.measuring import machine

GOALS = ("G1", "G2", "G9", "G10", "map")
SIZES = (1_000, 10_000, 100_000, 1_000_000)
PACKAGES = ("accessmap", "numpy", "scipy", "igraph", "rustworkx", "duckdb", "networkx", "pandas", "typer")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("goals", nargs="*", metavar="GOAL", help=f"of {', '.join(GOALS)}; default all")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="nodes of the generated graphs")
    parser.add_argument("--rounds", type=int, default=15, help="turns of each command of the cold start")
    parser.add_argument("-o", "--output", type=Path, help="write the tables to a file as well")
    options = parser.parse_args(arguments)
    goals = options.goals or list(GOALS)
    if unknown := sorted(set(goals) - {*GOALS, "page"}):
        parser.error(f"no goal is called {unknown[0]!r}; known: {', '.join(GOALS)}, page")
    day, asked = datetime.date.today().isoformat(), " ".join(["python -m benchmarks", *goals])
    sections = [f"Measured on {day} with `{asked}` on {machine(PACKAGES)}."]
    if {"G9", "G10", "map"} & set(goals):
        sections.append("## From the command to the answer\n\n" + cold_start.run(goals, options.rounds))
    if {"G1", "G2"} & set(goals):
        sections.append("## Who can reach it, beside other engines\n\n" + who.run(options.sizes))
    if "page" in goals:  # takes minutes, most of them pyvis's, so only when asked for
        sections.append("## The page\n\n" + page.run())
    text = "\n\n".join(sections) + "\n"
    print(text)
    if options.output:
        options.output.write_text("# Benchmarks\n\n" + text, encoding="utf-8")


if __name__ == "__main__":
    main()

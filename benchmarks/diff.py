"""G7: what a handful of changed relations means for reach, beside one computation of the full reach.

    python -m benchmarks.diff 100000 [--changed 20] [--seed 1] [--write FOLDER]

Full reach is that of every body at every place and category, which is what a difference is about; at sizes where that
takes hours it is measured on an even sample of the columns and multiplied. ``--write`` measures nothing: it leaves both
versions as Parquet tables in FOLDER/before and FOLDER/after, for whole commands to be timed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.generate import AS_OF, landscape, write
from benchmarks.measuring import markdown, seconds_text
from graphs.effects import columns_of, moves, ranks_of
from graphs.increments import moved_pairs
from graphs.reachability import asked_bodies
from graphs.scope import Scope
from graphs.versions import Versions
from stakeholders.columns import EncodedColumn
from stakeholders.dataset import Dataset, Table
from stakeholders.differences import changes_between

SAMPLE = 128  # columns of the full reach that are measured where all would take too long
WHOLE = 3000  # nodes up to which the full reach is measured whole, and the two ways are compared


@dataclass(frozen=True)
class Outcome:
    """Seconds of each part, and how much moved."""

    nodes: int
    relations: int
    columns: int
    rows: float
    graph: float
    moved: float
    full: float
    pairs: int
    sampled: bool

    @property
    def ratio(self) -> float:
        """The whole difference beside one full reach."""
        return (self.rows + self.graph + self.moved) / self.full


def changed(dataset: Dataset, count: int, seed: int) -> Dataset:
    """The dataset with half as many relations gone, and as many again led to another object of the same type."""
    rng = np.random.default_rng(seed)
    table = dataset.relations
    gone = rng.choice(len(table), count // 2, replace=False)
    kept = np.ones(len(table), dtype=bool)
    kept[gone] = False
    types, ids = dataset.entities.column("type"), dataset.entities.column("id")
    fresh = table.select(rng.choice(len(table), count - count // 2, replace=False))
    objects = []
    for old in fresh.column("object"):
        sort = types[dataset.entities.index[old]]
        objects.append(next(ids[n] for n in rng.integers(len(ids), size=1000).tolist() if types[n] == sort))
    plain = {"valid_from": "", "valid_until": "", "status": "reported"}
    for column, cell in plain.items():
        fresh = fresh.with_column(column, (cell,) * len(fresh))
    fresh = fresh.with_column("object", tuple(objects)).with_column("id", tuple(f"new-{n}" for n in range(len(fresh))))
    return replace(dataset, tables={**dataset.tables, "relations": _below(table.select(np.flatnonzero(kept)), fresh)})


def _below(upper: Table, lower: Table) -> Table:
    columns: dict[str, Sequence[str]] = {}
    for name in upper.header:
        column = upper.columns[name]
        if isinstance(column, EncodedColumn):
            values = list(dict.fromkeys((*column.values, *lower.columns[name])))
            place = {value: number for number, value in enumerate(values)}
            codes = np.array([place[cell] for cell in lower.columns[name]], np.int32)
            columns[name] = EncodedColumn(np.concatenate([column.codes, codes]), values)
        else:
            columns[name] = (*column, *lower.columns[name])
    return Table(upper.name, upper.header, columns, [0] * (len(upper) + len(lower)))


def measure(nodes: int, count: int = 20, seed: int = 1) -> Outcome:
    """Time a difference of some changed relations, and one full reach.

    Raises
    ------
    AssertionError
        If what was found from the changes is not what the full reach on both sides says.
    """
    before = landscape(nodes, seed=seed)
    after = changed(before, count, seed + 1)
    start = time.perf_counter()
    found = changes_between(before, after)
    rows = time.perf_counter() - start
    start = time.perf_counter()
    versions = Versions.of(before, after, Scope.of(as_of=AS_OF), found)
    columns = columns_of(versions.before, versions.after)
    graph = time.perf_counter() - start
    bodies = asked_bodies(versions.before.graph, versions.before.scope)
    start = time.perf_counter()
    pairs = list(moved_pairs(versions.before, versions.after, bodies, columns))
    moved = time.perf_counter() - start
    sample = columns if nodes <= WHOLE else columns[:: max(1, len(columns) // SAMPLE)]
    start = time.perf_counter()
    ranks_of(versions.before, sample, bodies)
    full = (time.perf_counter() - start) * len(columns) / len(sample)
    if nodes <= WHOLE:
        both = moves(versions.before, versions.after, columns)
        told = {(int(b), both.columns[int(c)]) for b, c in zip(both.body, both.column, strict=True)}
        assert {(pair.body, pair.column) for pair in pairs} == told
    return Outcome(
        nodes, len(before.relations), len(columns), rows, graph, moved, full, len(pairs), len(sample) < len(columns)
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diff", description=__doc__.splitlines()[0])
    parser.add_argument("nodes", type=int, nargs="+")
    parser.add_argument("--changed", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="leave both versions of the last size there")
    options = parser.parse_args(arguments)
    if options.write:
        before = landscape(options.nodes[-1], seed=options.seed)
        for name, made in (("before", before), ("after", changed(before, options.changed, options.seed + 1))):
            print(write(made, options.write / name, parquet=True))
        return
    header = (
        "nodes", "relations", "places × categories", "compare rows", "one graph of both", "what moved", "pairs moved",
        "one full reach", "ratio",
    )  # fmt: skip
    lines = []
    for nodes in options.nodes:
        got = measure(nodes, options.changed, options.seed)
        mark = " (from a sample)" if got.sampled else ""
        lines.append((
            f"{got.nodes:,}", f"{got.relations:,}", f"{got.columns:,}", seconds_text(got.rows), seconds_text(got.graph),
            seconds_text(got.moved), f"{got.pairs:,}", seconds_text(got.full) + mark, f"{got.ratio:.4f}",
        ))  # fmt: skip
    print(markdown(header, lines))


if __name__ == "__main__":
    main()

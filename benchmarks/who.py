"""G1 and G2: who can reach a category on a day, ours and other engines', the same answers."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.engines import OTHERS, Answer, Engine, Task, ours, read_once, task, walked
from benchmarks.generate import AS_OF, landscape
from benchmarks.measuring import Times, alternate, markdown, seconds_text
from graphs.access import BODY, AccessGraph, build
from graphs.indexes import DERIVED
from stakeholders.dataset import Dataset

CATEGORY = "video"
PATIENCE = 75.0  # seconds that another engine may take for one answer
Graphs = Callable[[int], AccessGraph]
OURS, FAST, READ = "accessmap", "accessmap[fast]", "reading the arcs once"
ROUNDS = {1_000: 15, 10_000: 9, 100_000: 5, 1_000_000: 3}


@dataclass(frozen=True)
class Outcome:
    """What one size came to."""

    nodes: int
    arcs: int
    reached: float
    times: dict[str, Times]
    left_out: dict[str, str] = field(default_factory=dict)


def digest(asked: Task, answer: Answer) -> str:
    """Hash of the level and the hops of every body."""
    bodies = asked.graph.types == BODY
    content = answer.level[bodies].astype(np.int8).tobytes() + answer.hops[bodies].astype(np.int32).tobytes()
    return hashlib.sha256(content).hexdigest()


def indexed(dataset: Dataset) -> AccessGraph:
    """A graph as it stands in memory before it is asked."""
    return ready(build(dataset))


def ready(graph: AccessGraph) -> AccessGraph:
    """The graph, with all that a saved index keeps of it."""
    for name in DERIVED:
        getattr(graph, name)
    return graph


def measure(
    nodes: int, others: Iterable[str] = OTHERS, *, rounds: int | None = None, seed: int = 1, patience: float = PATIENCE,
    graph: AccessGraph | None = None,
) -> Outcome:  # fmt: skip
    """Time every engine on one generated graph; an engine that takes too long is left out, and named.

    Raises
    ------
    AssertionError
        If two engines differ, or a way cannot be walked.
    """
    graph = indexed(landscape(nodes, seed=seed)) if graph is None else graph
    asked = task(graph, CATEGORY, AS_OF)
    answer = ours(asked)
    walked(asked, answer, arcs_ahead=True)
    expected = digest(asked, answer)
    bodies = graph.types == BODY
    reached = float((answer.level[bodies] >= 0).mean())
    fast = partial(ours, asked, compiled=True)
    _tried(lambda _: fast(), asked, expected, FAST, arcs_ahead=True)
    sides: dict[str, Callable[[], object]] = {OURS: partial(ours, asked), FAST: fast, READ: partial(read_once, asked)}
    left_out = {}
    for name in others:
        took = _tried(OTHERS[name], asked, expected, name)
        if took > patience:
            left_out[name] = f"> {patience:.0f} s"
        else:
            sides[name] = partial(OTHERS[name], asked)
    times = alternate(sides, rounds=rounds or ROUNDS.get(nodes, 5), clock=time.process_time)
    return Outcome(nodes, len(graph.arcs), reached, times, left_out)


def _tried(engine: Engine, asked: Task, expected: str, name: str, *, arcs_ahead: bool = False) -> float:
    begun = time.process_time()
    answer = engine(asked)
    took = time.process_time() - begun
    assert digest(asked, answer) == expected, f"{name} differs"
    walked(asked, answer, arcs_ahead=arcs_ahead)
    return took


def table(outcomes: Sequence[Outcome]) -> str:
    """Medians and ratios to ours, a row an engine, a column a size."""
    header = ["engine", *(f"{each.nodes:,} nodes / {each.arcs:,} arcs" for each in outcomes)]
    rows = []
    shown = {OURS: "**accessmap** (numpy only)", FAST: "**accessmap[fast]** (numba)"}
    for name in (OURS, FAST, READ, *OTHERS):
        cells = []
        for each in outcomes:
            if name in each.times:
                ratio = each.times[name].median / each.times[OURS].median
                text = seconds_text(each.times[name].median)
                times = f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}"
                cells.append(text if name == OURS else f"{text} ({times}×)")
            else:
                cells.append(each.left_out.get(name, "–"))
        rows.append([shown.get(name, name), *cells])
    rows.append(["bodies that reach it", *(f"{each.reached:.1%}" for each in outcomes)])
    return markdown(header, rows)


def run(
    sizes: Sequence[int] = (1_000, 10_000, 100_000, 1_000_000), graphs: Graphs | None = None,
    patience: float = PATIENCE,
) -> Iterator[Outcome]:  # fmt: skip
    """Measure all sizes; what took too long at one is not tried at the next."""
    outcomes: list[Outcome] = []
    others = list(OTHERS)
    for nodes in sizes:
        outcome = measure(nodes, others, patience=patience, graph=graphs(nodes) if graphs else None)
        print(table([outcome]), file=sys.stderr, flush=True)
        skipped = {name: "not tried" for name in OTHERS if name not in others}
        outcomes.append(
            Outcome(outcome.nodes, outcome.arcs, outcome.reached, outcome.times, {**skipped, **outcome.left_out})
        )
        # Ten times the size takes at least ten times as long.
        others = [name for name in others if name in outcome.times and outcome.times[name].median * 10 < patience]
        yield outcomes[-1]


def told(outcomes: Sequence[Outcome]) -> str:
    """The table, and what it is a table of."""
    return (
        f"Who can reach `{CATEGORY}` on {AS_OF} (strongest level, fewest arcs, a way for each), reported or better; "
        "medians of processor time, each on one core, every engine's graph built in the query, answers hashed equal, "
        "every way walked. In brackets times the first row.\n\n" + table(outcomes)
    )


def plot(outcomes: Sequence[Outcome], path: Path, further: Iterable[tuple[str, tuple[int, float]]] = ()) -> None:
    """Draw cost against size; ``further``: sides with arcs and seconds that were measured elsewhere."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    more = list(further)
    for name in dict.fromkeys((OURS, FAST, *OTHERS, *(name for name, _ in more))):
        points = [(each.arcs, each.times[name].median) for each in outcomes if name in each.times]
        points += [point for side, point in more if side == name]
        if points:
            style = {"linewidth": 2.5} if name in {OURS, FAST} else {"linewidth": 1, "linestyle": "--"}
            axes.plot(*zip(*points, strict=True), marker="o", label=name, **style)
    axes.set(xscale="log", yscale="log", xlabel="arcs", ylabel="processor seconds",
             title=f"Who can reach {CATEGORY}: the same answer from each")  # fmt: skip
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)

"""G11: every fast path gives what the plain one gives, and networkx; every way is walked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from benchmarks import chokepoints
from benchmarks.engines import ours, task, walked, with_networkx
from benchmarks.generate import AS_OF, CATEGORIES
from benchmarks.measuring import markdown
from benchmarks.who import digest
from graphs.access import BODY, AccessGraph
from graphs.engines import kernels
from graphs.engines.frontier import UNREACHED, Frontier
from graphs.engines.matrix import categories_reached
from graphs.reachability import who_can_reach
from graphs.scope import Scope
from graphs.views import places_of

DAYS = ("2010-01-01", "2018-06-30", AS_OF)
STANCES = ("direct", "documented", "assumed")
FEW_CATEGORIES = CATEGORIES[::6]
MOST_TO_DELETE = 2_000  # nodes of the largest graph in which pairs lost are counted without numba


@contextmanager
def compiled(wanted: bool) -> Iterator[None]:
    """Let size decide for numba, or against it, whatever it is."""
    before = kernels.WORTH
    kernels.WORTH = 0 if wanted else np.iinfo(np.int64).max
    try:
        yield
    finally:
        kernels.WORTH = before


def searches(graph: AccessGraph) -> int:
    """Who reaches each category on each day: by arrays, by kernels, by networkx."""
    count = 0
    for category in CATEGORIES:
        for day in DAYS:
            asked = task(graph, category, day)
            plain, fast = ours(asked), ours(asked, compiled=True)
            assert all(np.array_equal(getattr(plain, name), getattr(fast, name)) for name in ("level", "hops"))
            assert all(np.array_equal(*pair) for pair in zip(plain.ahead, fast.ahead, strict=True))
            walked(asked, plain, arcs_ahead=True)
            other = with_networkx(asked)
            assert digest(asked, other) == digest(asked, plain), f"networkx differs: {category}, {day}"
            count += int((plain.level >= 0).sum())
    return count


def tables(graph: AccessGraph) -> int:
    """All categories at once, by arrays, by kernels, and category by category."""
    count = 0
    for day in DAYS:
        for stance in STANCES:
            scope = Scope.of(as_of=day, stance=stance, certainty="reported")
            plain = categories_reached(graph, scope, compiled=False)
            assert np.array_equal(plain, categories_reached(graph, scope, compiled=True))
            for category in CATEGORIES:
                layer = graph.categories.position[category]
                best, _ = Frontier.of(graph, scope, layer).search(places_of(graph, scope, layer)).best()
                assert np.array_equal((best != UNREACHED)[graph.types == BODY], plain[graph.types == BODY, layer])
            count += int(plain.sum())
    return count


def rows(graph: AccessGraph) -> int:
    """The rows of *who can reach it*, each path walked from the body to the store."""
    count = 0
    relations = graph.dataset.relations
    of_arc: dict[int, set[tuple[int, int]]] = {}
    for row, source, target in zip(graph.arcs.relation, graph.arcs.source, graph.arcs.target, strict=True):
        of_arc.setdefault(int(row), set()).add((int(source), int(target)))
    position = relations.index
    for category in FEW_CATEGORIES:
        for day in DAYS:
            answers = []
            for wanted in (False, True):
                with compiled(wanted):
                    answers.append(who_can_reach(graph, category, as_of=day).rows)
            plain, fast = answers
            assert plain == fast, f"rows differ: {category}, {day}"
            for row in plain:
                here = {graph.position[str(row["body"])]}
                for name in row["path"]:
                    here = {target for source, target in of_arc[position[name]] if source in here}
                assert graph.position[str(row["store"])] in here, row
                assert len(row["path"]) == row["hops"], row
            count += len(plain)
    return count


def trees(graph: AccessGraph) -> int:
    """What every node dominates, by arrays, by semi-NCA, by networkx."""
    asked = chokepoints.task(graph)
    plain = chokepoints.by_forest(asked, compiled=False)
    assert np.array_equal(plain, chokepoints.by_forest(asked, compiled=True))
    assert np.array_equal(plain, chokepoints.by_networkx(asked)), "networkx differs"
    return int((plain > 0).sum())


def pairs_lost(graph: AccessGraph) -> int:
    """Pairs lost without each node, by either."""
    asked = chokepoints.task(graph)
    fast = chokepoints.pairs_lost(asked, compiled=True)
    if graph.n_nodes <= MOST_TO_DELETE:
        assert np.array_equal(fast, chokepoints.pairs_lost(asked, compiled=False))
    return int((fast > 0).sum())


PARTS: dict[str, Callable[[AccessGraph], int]] = {
    "who, by category and day": searches, "bodies × categories": tables, "rows and their ways": rows,
    "dominator trees": trees, "pairs lost": pairs_lost,
}  # fmt: skip


def run(sizes: Sequence[int], graphs: Callable[[int], AccessGraph]) -> str:
    """Compare at all sizes; a table of how many answers were alike.

    Raises
    ------
    AssertionError
        Where something differs.
    """
    counted: dict[str, list[str]] = {name: [] for name in PARTS}
    for size in sizes:
        graph = graphs(size)
        for name, compare in PARTS.items():
            counted[name].append(f"{compare(graph):,}")
    return "Answers found alike by all.\n\n" + markdown(
        ["what", *(f"{size:,} nodes" for size in sizes)], [[name, *each] for name, each in counted.items()]
    )

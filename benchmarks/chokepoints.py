"""G4, G5 and G6: what bodies must pass, exact pairs lost, minimum cuts; ours and other engines', the same answers.

``python -m benchmarks.chokepoints --sizes 1000 10000 100000``
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.generate import AS_OF, landscape
from benchmarks.measuring import alternate, markdown, seconds_text
from graphs.access import AccessGraph, build
from graphs.costs import costs_of
from graphs.engines.dominators import Forest, Tree
from graphs.engines.flows import UNBOUNDED, Network, minimum_cut
from graphs.losses import losses
from graphs.partitions import Partition
from graphs.passages import MOST_WORK
from graphs.reachability import Column, asked_bodies, target_of
from graphs.scope import Scope
from graphs.views import View
from graphs.ways import Ways

CATEGORY = "face"
PATIENCE = 75.0  # seconds that a side may take for one answer
ROUNDS = {1_000: 11, 10_000: 7, 100_000: 3, 1_000_000: 3}
TREES = 8  # of the sides that are too slow to count every place; their time is scaled up
ASKERS = 50

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """One category's arcs, with one node behind all its places."""

    view: View
    columns: list[Column]
    bodies: NDArray[np.intp]
    ways: Ways
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    weight: Numbers

    @property
    def root(self) -> int:
        return len(self.weight) - 1


def task(graph: AccessGraph) -> Task:
    scope = Scope.of(as_of=AS_OF, certainty="reported")
    view = View.of(graph, scope)
    columns, bodies = target_of(view, CATEGORY).columns, asked_bodies(graph, scope, CATEGORY)
    ways = Ways(view, columns, bodies)
    root, places = len(ways.node), np.array([*ways.places], dtype=np.int32)
    source = np.append(ways.source, places)
    target = np.append(np.where(ways.terminal, root, ways.target), np.full(len(places), root)).astype(np.int32)
    return Task(view, columns, bodies, ways, source, target, np.append(ways.asks, 0).astype(np.int64))


# how many bodies lose every pair without each node


def by_forest(asked: Task, *, compiled: bool) -> Numbers:
    frozen = np.zeros(len(asked.source), dtype=bool)
    forest = Forest(len(asked.weight), asked.source, asked.target, frozen, compiled=compiled)
    return forest.tree(asked.root).below(asked.weight)


def by_rustworkx(asked: Task) -> Numbers:
    return summed(rustworkx_dominators(rustworkx_graph(asked), asked.root), asked)


def by_networkx(asked: Task) -> Numbers:
    return summed(networkx_dominators(networkx_graph(asked), asked.root), asked)


def rustworkx_graph(asked: Task) -> object:
    import rustworkx as rx

    graph = rx.PyDiGraph(multigraph=False)
    graph.add_nodes_from(range(len(asked.weight)))
    # Dominators are asked for from the places outwards.
    graph.add_edges_from_no_data(list(zip(asked.target.tolist(), asked.source.tolist(), strict=True)))
    return graph


def rustworkx_dominators(graph: Any, root: int) -> Mapping[int, int]:
    import rustworkx as rx

    found: Mapping[int, int] = rx.immediate_dominators(graph, root)
    return found


def networkx_graph(asked: Task) -> object:
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(asked.weight)))
    graph.add_edges_from(zip(asked.target.tolist(), asked.source.tolist(), strict=True))
    return graph


def networkx_dominators(graph: Any, root: int) -> Mapping[int, int]:
    import networkx as nx

    found: Mapping[int, int] = nx.immediate_dominators(graph, root)
    return found


def summed(parents: Mapping[int, int], asked: Task, root: int | None = None) -> Numbers:
    """What each node dominates, from immediate dominators: the same arrays for both."""
    root = asked.root if root is None else root
    nodes = np.fromiter((node for node in parents if node != root), dtype=np.int64)
    parent = np.full(len(asked.weight), -1, dtype=np.int64)
    parent[nodes] = np.fromiter((parents[node] for node in nodes.tolist()), dtype=np.int64)
    depth = np.full(len(parent), -1, dtype=np.int64)
    depth[root] = 0
    left = nodes
    while len(left):
        known = depth[parent[left]] >= 0
        depth[left[known]] = depth[parent[left[known]]] + 1
        left = left[~known]
    total = np.where(depth >= 0, asked.weight, 0)
    for floor in range(int(depth.max()), 0, -1):
        members = np.flatnonzero(depth == floor)
        np.add.at(total, parent[members], total[members])
    return total


# exact pairs lost without each node


def pairs_lost(asked: Task, *, compiled: bool) -> Numbers:
    found = losses(asked.view, asked.columns, asked.bodies, compiled=compiled).nodes
    lost = np.zeros(asked.view.graph.n_nodes, dtype=np.int64)
    lost[[*found]] = [*found.values()]
    return lost


def pairs_lost_by(
    dominators: Callable[[object, int], Mapping[int, int]], graph: object, asked: Task, places: Sequence[int]
) -> Numbers:
    """Place by place; a terminal arc counts for its own place alone, so the graph is without them but for these."""
    lost = np.zeros(asked.view.graph.n_nodes, dtype=np.int64)
    node = asked.ways.node
    for place in places:
        below = summed(dominators(graph, place), asked, place)[:-1]
        below -= np.where(below > 0, asked.weight[:-1], 0)
        below[place] = 0
        lost[node] += below
    return lost


# minimum cut


def network_of(graph: AccessGraph, asked: Task) -> Network:
    """Some bodies against the category: the bodies that nothing can cut are left out."""
    costs = costs_of(graph)
    some = asked.bodies[:: max(1, len(asked.bodies) // ASKERS)]
    partition = Partition(Ways(asked.view, asked.columns, some), costs)
    plan = partition.network(partition.ways.layers())
    fixed = partition.ways.node[[*plan.fixed()]]
    partition = Partition(Ways(asked.view, asked.columns, some[~np.isin(some, fixed)]), costs)
    return partition.network(partition.ways.layers()).network


def cut_by_ours(network: Network) -> int:
    found = minimum_cut(network)
    assert found is not None
    return found[0]


def capacities(network: Network) -> list[int]:
    boundless = sum(network.costs) + 1
    return [boundless if label == UNBOUNDED else network.costs[label] for label in network.label.tolist()]


def cut_by_networkx(network: Network) -> int:
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from((network.source, network.sink))
    for tail, head, capacity in zip(network.tail.tolist(), network.head.tolist(), capacities(network), strict=True):
        if graph.has_edge(tail, head):
            graph[tail][head]["capacity"] += capacity
        else:
            graph.add_edge(tail, head, capacity=capacity)
    return int(nx.minimum_cut_value(graph, network.source, network.sink))


def cut_by_igraph(network: Network) -> int:
    import igraph

    edges = list(zip(network.tail.tolist(), network.head.tolist(), strict=True))
    graph = igraph.Graph(n=network.n_nodes, edges=edges, directed=True)
    return int(graph.maxflow_value(network.source, network.sink, capacities(network)))


# measuring


def measure(
    nodes: int, *, patience: float = PATIENCE, rounds: int | None = None, skipped: Sequence[str] = ()
) -> dict[str, dict[str, float | None]]:
    """Seconds of every side of every part at one size, all taking turns; ``None`` for a side left out as too slow."""
    graph = build(landscape(nodes))
    asked = task(graph)
    rounds = rounds or ROUNDS.get(nodes, 3)
    found: dict[str, dict[str, float | None]] = {}
    whole: dict[str, Callable[[], object]] = {
        "accessmap, compiled": partial(by_forest, asked, compiled=True),
        "accessmap, numpy only": partial(by_forest, asked, compiled=False),
        "rustworkx": partial(by_rustworkx, asked),
        "networkx": partial(by_networkx, asked),
    }
    found["tree, graph built in the query"] = _timed(whole, rounds, patience, set(skipped))
    frozen = np.zeros(len(asked.source), dtype=bool)
    forests = [Forest(len(asked.weight), asked.source, asked.target, frozen, compiled=flag) for flag in (True, False)]
    ready: dict[str, Callable[[], object]] = {
        "accessmap, compiled": partial(forests[0].tree, asked.root),
        "accessmap, numpy only": partial(forests[1].tree, asked.root),
        "rustworkx": partial(rustworkx_dominators, rustworkx_graph(asked), asked.root),
    }
    if found["tree, graph built in the query"].get("networkx") is not None:
        ready["networkx"] = partial(networkx_dominators, networkx_graph(asked), asked.root)
    found["tree, graph ready"] = _timed(ready, rounds, patience, set(skipped), same=False)
    found["pairs lost, every node, exact"] = _pairs(asked, rounds, patience)
    network = network_of(graph, asked)
    cuts: dict[str, Callable[[], object]] = {
        "accessmap": partial(cut_by_ours, network), "igraph": partial(cut_by_igraph, network),
        "networkx": partial(cut_by_networkx, network),
    }  # fmt: skip
    found["minimum cut"] = _timed(cuts, rounds, patience, set(skipped))
    return found


def _timed(
    sides: Mapping[str, Callable[[], object]], rounds: int, patience: float, skipped: set[str], *, same: bool = True
) -> dict[str, float | None]:
    """Medians, after every side was held to the first side's answer."""
    kept: dict[str, Callable[[], object]] = {}
    expected: object = None
    for name, side in sides.items():
        if name in skipped:
            continue
        begun = time.perf_counter()
        answer = side()
        took = time.perf_counter() - begun
        if isinstance(answer, Tree):
            answer = None
        if same:
            expected = answer if expected is None else expected
            assert np.array_equal(np.asarray(answer), np.asarray(expected)), f"{name} differs"
        if took <= patience:
            kept[name] = side
    times = alternate(kept, rounds=rounds, budget=240)
    return {name: times[name].median if name in times else None for name in sides}


def _pairs(asked: Task, rounds: int, patience: float) -> dict[str, float | None]:
    """Ours counts every place; the others a few, and their time is scaled up."""
    work = len(asked.source) * len(asked.ways.places)
    found: dict[str, float | None] = {}
    ours = {f"accessmap, {name}": flag for name, flag in (("compiled", True), ("numpy only", False))}
    answers = []
    for name, compiled in ours.items():
        if work > MOST_WORK[not compiled]:
            found[name] = None
            continue
        begun = time.perf_counter()
        answers.append(pairs_lost(asked, compiled=compiled))
        found[name] = time.perf_counter() - begun
    assert all(np.array_equal(answers[0], each) for each in answers[1:])
    places = [*asked.ways.places]
    few = places[:: max(1, len(places) // TREES)][:TREES]
    lasting = ~asked.ways.terminal
    plain = Task(
        asked.view,
        asked.columns,
        asked.bodies,
        asked.ways,
        asked.ways.source[lasting],
        asked.ways.target[lasting],
        asked.weight,
    )
    for name, make, dominators in (
        ("rustworkx", rustworkx_graph, rustworkx_dominators),
        ("networkx", networkx_graph, networkx_dominators),
    ):
        graph = make(plain)
        begun = time.perf_counter()
        pairs_lost_by(dominators, graph, plain, few[:1])
        once = time.perf_counter() - begun
        if once * TREES > patience:
            found[name] = once * len(places)
            continue
        turns = alternate({name: partial(pairs_lost_by, dominators, graph, plain, few)}, rounds=min(3, rounds))
        found[name] = turns[name].median * len(places) / len(few)
    return found


def run(sizes: Sequence[int] = (1_000, 10_000, 100_000)) -> str:
    """Measure all sizes, a table for each part."""
    outcomes = {nodes: measure(nodes) for nodes in sizes}
    sections = []
    for part in outcomes[sizes[0]]:
        names = list(outcomes[sizes[0]][part])
        rows = []
        for name in names:
            cells = []
            for nodes in sizes:
                took, ours = outcomes[nodes][part].get(name), outcomes[nodes][part][names[0]]
                if took is None:
                    cells.append("not tried")
                elif name.startswith("accessmap") or ours is None:
                    cells.append(seconds_text(took))
                else:
                    cells.append(f"{seconds_text(took)} ({took / ours:.1f}×)")
            rows.append([name, *cells])
        header = [part, *(f"{nodes:,} nodes" for nodes in sizes)]
        sections.append(markdown(header, rows))
    intro = (
        f"Category `{CATEGORY}` on {AS_OF}, reported or better; medians, all sides in turns, answers compared before "
        f"timing. Pairs lost by others: {TREES} places, scaled up. The cut: {ASKERS} bodies against the category."
    )
    return "\n\n".join([intro, *sections])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chokepoints", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=(1_000, 10_000, 100_000))
    print(run(parser.parse_args(arguments).sizes))


if __name__ == "__main__":
    main()

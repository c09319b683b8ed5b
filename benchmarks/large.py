"""G3 to G8 and G12: what a large graph costs, question by question."""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from operator import attrgetter
from pathlib import Path

import numpy as np

from benchmarks.engines import ours, read_once, task, walked
from benchmarks.generate import AS_OF, CATEGORIES, Numbered, landscape, write
from benchmarks.measuring import alternate, markdown, peak_memory, seconds_text
from benchmarks.who import CATEGORY, FAST, OURS, Graphs, indexed, ready
from graphs.access import BODY, AccessGraph, Arcs, Denials, Keeping, build
from graphs.engines.dominators import Forest
from graphs.engines.flows import UNBOUNDED, Network, minimum_cut
from graphs.engines.frontier import Frontier
from graphs.engines.matrix import categories_reached
from graphs.engines.pairs import Hub, Pairs, counts
from graphs.losses import losses
from graphs.scope import Scope
from graphs.views import View, places_of

Side = Callable[[], object]


@dataclass(frozen=True)
class Figure:
    """One line of the table of goals."""

    goal: str
    what: str
    must: str
    stretch: str
    ours: str
    beside: str = ""
    drawn: Mapping[str, tuple[int, float]] = field(default_factory=dict)  # arcs and seconds of each side
    missed: Sequence[str] = ()  # what of the must is not reached


def over(limits: Mapping[str, tuple[float, float]]) -> tuple[str, ...]:
    """What of some measured figures, each with the most that it may be, is too much; by name."""
    return tuple(name for name, (measured, most) in limits.items() if measured > most)


def matrix(graphs: Graphs, nodes: int, rounds: int = 5) -> Iterator[Figure]:
    graph, scope = graphs(nodes), Scope.of(as_of=AS_OF, certainty="reported")
    sides: dict[str, Side] = {
        OURS: partial(categories_reached, graph, scope, compiled=False),
        FAST: partial(categories_reached, graph, scope, compiled=True),
    }
    plain, fast = (side() for side in sides.values())
    assert np.array_equal(np.asarray(plain), np.asarray(fast))
    times = alternate(sides, rounds=rounds, clock=time.process_time)
    yield Figure("G3", f"bodies × {len(CATEGORIES)} categories, {_size(graph)}", "≤ 2.5 s numpy only; ≤ 0.8 s fast",
                 "≤ 0.3 s", f"{seconds_text(times[OURS].median)}; {seconds_text(times[FAST].median)} fast",
                 missed=over({"numpy only": (times[OURS].median, 2.5), "fast": (times[FAST].median, 0.8)}))  # fmt: skip


def node_losses(graphs: Graphs, nodes: int, rounds: int = 3) -> Iterator[Figure]:
    """One dominator tree of a category from a node before all its places: what every node costs the others."""
    import rustworkx as rx

    graph, scope = graphs(nodes), Scope.of(as_of=AS_OF, certainty="reported")
    layer = graph.categories.position[CATEGORY]
    front, places = Frontier.of(graph, scope, layer, compiled=True), places_of(graph, scope, layer)
    root = graph.n_nodes
    held = np.zeros(root, dtype=bool)
    held[places] = True
    counts_here = ~front.terminal | held[front.target]
    before = places.astype(np.int32)
    source = np.concatenate([front.source[counts_here].astype(np.int32), before])
    target = np.concatenate([front.target[counts_here], np.full(len(before), root, dtype=np.int32)])
    weight = np.append(graph.types == BODY, [False]).astype(np.int64)
    terminal = np.zeros(len(source), dtype=bool)

    def fast() -> object:
        return Forest(root + 1, source, target, terminal, compiled=True).tree(root).below(weight)

    def other() -> object:
        made = rx.PyDiGraph(multigraph=True)
        made.add_nodes_from(range(root + 1))
        made.add_edges_from_no_data(list(zip(target.tolist(), source.tolist(), strict=True)))
        return rx.immediate_dominators(made, root)

    tree = Forest(root + 1, source, target, terminal, compiled=True).tree(root)
    expected = other()
    assert all(int(tree.parent[node]) == above for node, above in expected.items() if node != root)  # type: ignore[attr-defined]  # rustworkx is typed as returning nothing
    times = alternate({FAST: fast, "rustworkx": other}, rounds=rounds, clock=time.process_time)
    ratio = times["rustworkx"].median / times[FAST].median
    yield Figure("G4", f"what each node's removal costs, one category, {_size(graph)}", "≤ 1 s fast; ≥ 5× rustworkx",
                 "≤ 0.3 s", seconds_text(times[FAST].median),
                 f"rustworkx {seconds_text(times['rustworkx'].median)} ({ratio:.1f}×)",
                 missed=over({"fast": (times[FAST].median, 1), "rustworkx": (5, ratio)}))  # fmt: skip


def pairs(graphs: Graphs, nodes: int, rounds: int = 3) -> Iterator[Figure]:
    graph = graphs(nodes)
    scope = Scope.of(as_of=AS_OF, certainty="reported")
    layer = graph.categories.position[CATEGORY]
    columns = [(place, layer) for place in places_of(graph, scope, layer).tolist()]
    bodies = np.flatnonzero(graph.types == BODY)

    def exact() -> object:
        return losses(View.of(graph, scope), columns, bodies)

    exact()
    times = alternate({FAST: exact}, rounds=rounds, clock=time.process_time)
    yield Figure("G5", f"pairs lost without each node and relation, {_size(graph)}", "≤ 3 s", "1 s",
                 seconds_text(times[FAST].median), missed=over({"fast": (times[FAST].median, 3)}))  # fmt: skip


def counted(graphs: Graphs, nodes: int, rounds: int = 3) -> Iterator[Figure]:
    large, scope = graphs(nodes), Scope.of(as_of=AS_OF, certainty="reported")

    def ask() -> object:
        layer = large.categories.position[CATEGORY]
        front = Frontier.of(large, scope, layer)
        made = Pairs(front, Hub.of(front), 0)
        return counts([(made, places_of(large, scope, layer))], np.flatnonzero(large.types == BODY))

    ask()
    times = alternate({FAST: ask}, rounds=rounds, clock=time.process_time)
    yield Figure("G5", f"pairs of body and store, counted exactly, {_size(large)}", "≤ 6 s", "3 s",
                 seconds_text(times[FAST].median), missed=over({"fast": (times[FAST].median, 6)}))  # fmt: skip


def cut(graphs: Graphs, nodes: int, rounds: int = 3) -> Iterator[Figure]:
    """The fewest relations between ten bodies and all places of a category."""
    graph, scope = graphs(nodes), Scope.of(as_of=AS_OF, certainty="reported")
    layer = graph.categories.position[CATEGORY]
    front, places = Frontier.of(graph, scope, layer), places_of(graph, scope, layer)
    best, _ = front.search(places).best()
    askers = np.flatnonzero((graph.types == BODY) & (best != 255))[:: max(1, graph.n_nodes // 100)][:10]
    source, sink = graph.n_nodes, graph.n_nodes + 1
    lasting = np.flatnonzero(~front.terminal)
    tail = np.concatenate([np.full(len(askers), source), front.source[lasting], places])
    head = np.concatenate([askers, front.target[lasting], np.full(len(places), sink)])
    label = np.full(len(tail), UNBOUNDED, dtype=np.int64)
    label[len(askers) : len(askers) + len(lasting)] = np.arange(len(lasting))
    network = Network(sink + 1, source, sink, tail.astype(np.int64), head.astype(np.int64), label,
                      np.ones(len(lasting), dtype=np.int64))  # type: ignore[arg-type]  # 32-bit labels are as good  # fmt: skip
    found = minimum_cut(network)
    assert found is not None
    assert network.is_cut(found[1])
    times = alternate({OURS: partial(minimum_cut, network)}, rounds=rounds, clock=time.process_time)
    yield Figure("G6", f"minimum cut from ten bodies, {found[0]} relations, {_size(graph)}", "≤ 1.5 s", "–",
                 seconds_text(times[OURS].median), missed=over({"ours": (times[OURS].median, 1.5)}))  # fmt: skip


def difference(graphs: Graphs, nodes: int, rounds: int = 3) -> Iterator[Figure]:
    """Whose reach to a category changed, in level or at all, when 20 relations went."""
    before, scope = graphs(nodes), Scope.of(as_of=AS_OF, certainty="reported")
    gone = before.arcs.certainty.copy()
    gone[np.random.default_rng(1).choice(len(gone), 20, replace=False)] = 0
    after = replace(before, arcs=replace(before.arcs, certainty=gone))
    after.__dict__["deniable"] = before.deniable
    _ = after.kinds
    layer = before.categories.position[CATEGORY]

    def changed(compiled: bool) -> object:
        found = []
        for graph in (before, after):
            front = Frontier.of(graph, scope, layer, compiled=compiled).search(places_of(graph, scope, layer))
            found.append(front.best())
        (level, _), (other, _) = found
        return np.flatnonzero(level != other)

    sides: dict[str, Side] = {OURS: partial(changed, compiled=False), FAST: partial(changed, compiled=True)}
    plain, fast = (np.asarray(side()) for side in sides.values())
    assert np.array_equal(plain, fast)
    times = alternate(sides, rounds=rounds, clock=time.process_time)
    yield Figure("G7", f"whose reach to a category differs in two versions, {_size(before)}", "≤ 2 s", "≤ 0.8 s",
                 f"{seconds_text(times[OURS].median)}; {seconds_text(times[FAST].median)} fast",
                 missed=over({"numpy only": (times[OURS].median, 2)}))  # fmt: skip


def loading(nodes: int, rounds: int = 1) -> Iterator[Figure]:
    """Whole processes that read a folder, without the start of Python and the imports."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = landscape(nodes)
        write(made, folder / "csv")
        write(made, folder / "parquet", parquet=True)
        relations = len(made.relations)
        del made
        gc.collect()
        subprocess.run([sys.executable, "-c", _SAVE, str(folder / "parquet")], check=True, env=_environment())
        found = {}
        codes = {"csv": _READ, "parquet": _READ, "parquet, validated": _CHECK, "index": _LOAD}
        for side, code in codes.items():
            place = folder / ("csv" if side == "csv" else "parquet")
            turns = [_process(code, place) for _ in range(rounds if side != "index" else 3)]
            found[side] = min(turns)
    said = [f"{side} {seconds_text(seconds)} ({peak / 1e9:.1f} GB)" for side, (seconds, peak) in found.items()]
    must = "csv 12 s; parquet 3 s; index 0.1 s; ≤ 3 GB"
    most = {"csv": 12, "parquet": 3, "parquet, validated": 3, "index": 0.1}
    limits = {side: (seconds, most[side]) for side, (seconds, _) in found.items()}
    limits |= {f"memory of {side}": (peak, 3e9) for side, (_, peak) in found.items()}
    yield Figure(
        "G8", f"load {nodes:,} entities, {relations:,} relations", must, "8; 1.3; 0.02 s", "; ".join(said),
        "peak of each process in brackets", missed=over(limits),
    )  # fmt: skip


def huge(nodes: int, times: int = 10, rounds: int = 3) -> Figure:
    """A graph several times over, a part of its arcs from one copy to another, in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as alone:  # so that its peak is not that of what ran before
        return alone.submit(_huge, nodes, times, rounds).result()


def _huge(nodes: int, times: int, rounds: int) -> Figure:
    graph = _repeated(indexed(landscape(nodes)), times)
    gc.collect()
    asked = task(graph, CATEGORY, AS_OF)
    walked(asked, ours(asked, compiled=True), arcs_ahead=True)
    sides: dict[str, Side] = {
        FAST: partial(ours, asked, compiled=True), OURS: partial(ours, asked), "read": partial(read_once, asked)
    }  # fmt: skip
    taken = alternate(sides, rounds=rounds, clock=time.process_time)
    peak = peak_memory()
    beside = f"reading the arcs once {seconds_text(taken['read'].median)}; peak of the process {peak / 1e9:.1f} GB"
    return Figure("G12", f"who can reach {CATEGORY}, {_size(graph)}", "≤ 5 s; ≤ 5 GB", "1 s",
                  f"{seconds_text(taken[OURS].median)}; {seconds_text(taken[FAST].median)} fast", beside,
                  {name: (len(graph.arcs), taken[name].median) for name in (OURS, FAST)},
                  over({"numpy only": (taken[OURS].median, 5), "memory": (peak, 5e9)}))  # fmt: skip


def table(figures: Sequence[Figure]) -> str:
    return markdown(
        ["goal", "what", "must", "stretch", "ours", "beside it", "must reached"],
        [
            [
                *attrgetter("goal", "what", "must", "stretch", "ours", "beside")(each),
                f"**not {', '.join(each.missed)}**" if each.missed else "yes",
            ]
            for each in figures
        ],
    )


def _size(graph: AccessGraph) -> str:
    return f"{graph.n_nodes:,} nodes / {len(graph.arcs):,} arcs"


def _repeated(base: AccessGraph, times: int) -> AccessGraph:
    """Copies side by side, every twentieth arc from the one before; without what no search reads."""
    nodes, size = base.n_nodes, len(base.arcs)
    arcs: dict[str, np.ndarray] = {}
    for name in Arcs.__dataclass_fields__:
        column = getattr(base.arcs, name)
        if name in {"known", "newest", "relation", "holding", "word", "feed"}:
            arcs[name] = np.broadcast_to(np.zeros(1, dtype=column.dtype), size * times)
        else:
            arcs[name] = np.tile(column, times)
    for copy in range(times):
        part = slice(copy * size, (copy + 1) * size)
        arcs["source"][part] += copy * nodes
        arcs["target"][part] += copy * nodes
        arcs["source"][part][::20] -= nodes if copy else -nodes * (times - 1)
    empty = {name: np.zeros(0, dtype=np.int32) for name in Denials.__dataclass_fields__}
    keeping = {
        name: np.concatenate([
            getattr(base.keeping, name) + (copy * nodes if name in {"system", "store"} else 0) for copy in range(times)
        ]).astype(np.int32)
        for name in Keeping.__dataclass_fields__
    }  # fmt: skip
    indptr = np.concatenate([[0], *(base.indptr[1:] + copy * size for copy in range(times))])
    small = build(landscape(1_000))  # its relations are not asked for, as no arc is denied
    graph = replace(
        small, passes=base.passes, ids=Numbered("n", nodes * times),
        types=np.tile(base.types, times), node_masks=np.tile(base.node_masks, times),
        arcs=Arcs(**arcs), indptr=indptr, denials=Denials(**empty), keeping=Keeping(**keeping),
    )  # fmt: skip
    graph.__dict__["deniable"] = np.zeros(0, dtype=np.intp)
    return ready(graph)


_READ = """
import sys, time
from benchmarks.measuring import peak_memory
import numpy, pyarrow
from stakeholders.tables import read
begun = time.process_time()
read(sys.argv[1], check=False)
print(time.process_time() - begun, peak_memory())
"""
_CHECK = _READ.replace(", check=False", "")
_LOAD = """
import sys, time
from benchmarks.measuring import peak_memory
from graphs.indexes import load_index
begun = time.process_time()
graph = load_index(sys.argv[1])
print(time.process_time() - begun, peak_memory())
assert graph is not None
"""
_SAVE = "import sys; from graphs.indexes import save_index; save_index(sys.argv[1])"


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}


def _process(code: str, place: Path) -> tuple[float, float]:
    done = subprocess.run([sys.executable, "-c", code, str(place)], check=True, capture_output=True, text=True,
                          env=_environment())  # fmt: skip
    seconds, peak = map(float, done.stdout.split())
    return seconds, peak

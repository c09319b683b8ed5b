"""The generator gives the same dataset for the same seed, of the shape it promises; the measurements run and agree."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks import agreement, cold_start, commands, engines, who
from benchmarks.__main__ import main
from benchmarks.generate import AS_OF, CATEGORIES, landscape, write
from benchmarks.measuring import alternate
from graphs.access import BODY, AccessGraph, Flags, build
from graphs.engines.frontier import UNREACHED, Frontier
from graphs.reachability import who_can_reach
from graphs.scope import Scope
from graphs.views import places_of
from stakeholders.dataset import Dataset
from stakeholders.rules import validate
from stakeholders.tables import read
from stakeholders.vocabulary import PREDICATES, STATUSES

TABLES = ("entities", "relations", "sources")


def cells(dataset: Dataset) -> dict[str, list[dict[str, str]]]:
    return {name: list(getattr(dataset, name).rows()) for name in TABLES}


def test_a_seed_gives_the_same_dataset_each_time() -> None:
    assert cells(landscape(300, seed=7)) == cells(landscape(300, seed=7))
    assert cells(landscape(300, seed=7)) != cells(landscape(300, seed=8))


def test_a_generated_dataset_is_valid() -> None:
    for nodes in (12, 100, 1000):
        assert [str(problem) for problem in validate(landscape(nodes)) if not problem.warning] == []


def test_it_is_the_same_by_way_of_csv_and_of_parquet(tmp_path: Path) -> None:
    made = landscape(400)
    for parquet in (False, True):
        folder = write(made, tmp_path / str(parquet), parquet=parquet)
        found = read(folder)
        assert cells(found) == cells(made)
        answers = [who_can_reach(build(each), "e001", as_of=AS_OF).rows for each in (found, made)]
        assert answers[0] == answers[1]


def test_it_has_the_shape_of_real_ones() -> None:
    made = landscape(5000)
    relations = made.relations
    assert len(relations) == pytest.approx(50_000, rel=0.05)
    assert set(relations.column("predicate")) <= set(PREDICATES)
    assert set(relations.column("status")) == set(STATUSES)
    # A few stores and systems have most of the relations.
    shares = sorted(Counter(relations.column("object")).values(), reverse=True)
    assert sum(shares[:500]) > 0.4 * sum(shares)
    # The hierarchy is six levels deep.
    above = {
        subject: whole
        for subject, predicate, whole in zip(
            relations.column("subject"), relations.column("predicate"), relations.column("object"), strict=True
        )
        if predicate == "part_of"
    }
    depths = Counter(len(chain(above, body)) for body in above)
    assert max(depths) == 6
    # Feeds run in circles.
    import networkx as nx

    feeds = nx.DiGraph(
        (subject, receiver)
        for subject, predicate, receiver in zip(
            relations.column("subject"), relations.column("predicate"), relations.column("object"), strict=True
        )
        if predicate == "feeds"
    )
    assert max(len(circle) for circle in nx.strongly_connected_components(feeds)) > 100


def chain(above: dict[str, str], body: str) -> list[str]:
    found = [body]
    while found[-1] in above:
        found.append(above[found[-1]])
    return found


@pytest.mark.parametrize("openness", [0.2, 0.5, 0.9])
def test_openness_is_the_share_of_pairs_of_body_and_category_that_are_reached(openness: float) -> None:
    graph = build(landscape(3000, openness=openness))
    scope = Scope.of(as_of=AS_OF)
    bodies = graph.types == BODY
    shares = []
    for category in CATEGORIES:
        layer = graph.categories.position[category]
        best, _ = Frontier.of(graph, scope, layer).search(places_of(graph, scope, layer)).best()
        shares.append((best[bodies] != UNREACHED).mean())
    assert np.mean(shares) == pytest.approx(openness, abs=0.06)


def test_other_engines_give_our_answer_and_it_is_the_library_s() -> None:
    graph = build(landscape(600))
    asked = engines.task(graph, "video", AS_OF)
    answer = engines.ours(asked)
    for name, engine in engines.OTHERS.items():
        assert who.digest(asked, engine(asked)) == who.digest(asked, answer), name
    reached = {row["body"] for row in who_can_reach(graph, "video", as_of=AS_OF, certainty="reported").rows}
    bodies = np.flatnonzero((graph.types == BODY) & (answer.level >= 0)).tolist()
    assert {graph.ids[node] for node in bodies} == reached
    assert len(reached) > 100


def test_an_engine_that_differs_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def off_by_one(asked: engines.Task) -> engines.Answer:
        answer = engines.with_scipy(asked)
        return engines.Answer(answer.level, answer.hops + 1, answer.ahead)

    monkeypatch.setitem(engines.OTHERS, "scipy", off_by_one)
    with pytest.raises(AssertionError, match="scipy differs"):
        who.measure(200, ["scipy"], rounds=1)


def test_fast_paths_plain_ones_and_networkx_agree() -> None:
    graph = build(landscape(300, seed=2))
    assert "| dominator trees | " in agreement.run([300], lambda _: graph)


def test_a_fast_path_that_differs_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, plain = build(landscape(300, seed=2)), agreement.categories_reached

    def other(graph: AccessGraph, scope: Scope, *, compiled: bool) -> Flags:
        found = plain(graph, scope, compiled=compiled)
        found[-1] ^= compiled
        return found

    monkeypatch.setattr(agreement, "categories_reached", other)
    with pytest.raises(AssertionError):
        agreement.tables(graph)
    monkeypatch.setattr(agreement, "with_networkx", lambda asked: engines.Answer.empty(asked.graph.n_nodes))
    with pytest.raises(AssertionError, match="networkx differs"):
        agreement.searches(graph)


def test_all_sides_take_turns() -> None:
    turns: list[str] = []
    times = alternate({"a": lambda: turns.append("a"), "b": lambda: turns.append("b")}, rounds=3)
    assert turns == ["a", "b"] * 3
    assert all(len(each.seconds) == 3 for each in times.values())


def test_a_small_run_prints_a_table_with_every_engine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["G1", "--sizes", "200", "-o", str(tmp_path / "table.md")])
    printed = capsys.readouterr().out
    assert printed.strip() in (tmp_path / "table.md").read_text(encoding="utf-8")
    for name in ("accessmap", *engines.OTHERS):
        assert re.search(rf"^\| \**{name}\b.*\d ms", printed, re.MULTILINE), name


def test_the_cold_start_runs_whole_processes() -> None:
    goals = [goal for goal in cold_start.GOALS if goal.name == "G10"]
    times = cold_start.measure(goals, rounds=1)
    assert set(times) == {"G10", "import typer"}
    assert cold_start.imported(("--help",)) == []
    assert "numpy" in cold_start.imported(("who", "biometric"))


def test_whole_commands_are_measured_with_and_without_an_index() -> None:
    lines = commands.run([200], ["who", "find"]).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| `who biometric`", "| `find entity 0001`", "| `index`"]
    assert re.search(r"\| \d+(\.\d+)? m?s \| \d+ MB \| \d+(\.\d+)? m?s \| \d+ MB \|", lines[2])

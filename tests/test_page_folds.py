"""The page folds rows as the command line does, and tells why a comparison moved."""

from __future__ import annotations

import random
from typing import Any

import strategies
from test_page_engine import in_numbers
from test_page_explorer import in_engine

from graphs.access import build
from graphs.map.payload import payload
from graphs.reachability import Reach, who_can_reach
from graphs.scope import Scope
from graphs.views import View
from stakeholders.tables import read

DAY = "2026-11-24"

FOLDS = """(item) => {
  const model = payload.model(item.data);
  const view = engine.view(model, item.options);
  const target = answers.target(model, item.target);
  const id = (node) => model.entities.id[node];
  return Array.from(answers.folds(view, target, answers.byBody(view, target).rows),
    ([body, { way, under }]) => [id(body), way, id(under)]).sort();
}"""

CAUSES = """(item) => {
  const model = payload.model(item.data);
  const [before, after] = item.options.map((options) => engine.view(model, options));
  const target = answers.target(model, item.target);
  const rows = compare.compare(before, after, (view) => engine.columns(view, target));
  return rows.map((row) => ({ before: row.before, after: row.after,
    causes: compare.because(before, after, row).map(({ row: at, what }) => [model.relations.id[at], what]) }));
}"""


def folded(answer: Reach) -> list[list[str]]:
    """Who is folded, how, and under which row that stays."""
    bodies = [row["body"] for row in answer.rows]
    above = {bodies[row]: fold for row, fold in answer.folds.items()}
    found = []
    for body, (way, under) in above.items():
        top = under
        while top in above:
            top = above[top][1]
        found.append([body, way, top])
    return sorted(found)


def test_the_bundled_answers_fold_as_in_the_library() -> None:
    graph = build(read("central-asia"))
    data, cases, expected = payload(graph), [], []
    for target in ("biometric", "face", "communications", "kz-mia", "tax"):
        for stance in ("documented", "assumed"):
            cases.append({"data": data, "target": target, "options": in_numbers({"as_of": DAY, "stance": stance})})
            expected.append(folded(who_can_reach(graph, target, by="body", as_of=DAY, stance=stance)))
    assert in_engine(FOLDS, cases) == expected
    assert any(expected)


def test_random_answers_fold_as_in_the_library() -> None:
    rng, cases, expected = random.Random(20), [], []
    for _ in range(120):
        tables = strategies.random_tables(rng)
        graph = build(strategies.dataset(tables))
        data = payload(graph)
        for target in strategies.random_targets(rng, tables, 3):
            options: dict[str, Any] = {
                "as_of": strategies.random_day(rng, tables),
                "stance": rng.choice(("documented", "assumed")),
            }
            cases.append({"data": data, "target": target, "options": in_numbers(options)})
            expected.append(folded(who_can_reach(graph, target, by="body", **options)))
    assert in_engine(FOLDS, cases) == expected
    assert sum(map(bool, expected)) > 5


def test_causes_of_a_move_are_relations_that_count_on_one_side_only() -> None:
    graph = build(read("central-asia"))
    days = ("2019-06-01", DAY)
    case = {
        "data": payload(graph),
        "target": "biometric",
        "options": [in_numbers({"as_of": day, "stance": "documented"}) for day in days],
    }
    [rows] = in_engine(CAUSES, [case])
    counted = []
    for day in days:
        view = View.of(graph, Scope.of(as_of=day))
        counted.append({graph.relation_id(row) for row in graph.arcs.relation[view.arc].tolist()})
    before, after = counted
    told = [cause for row in rows for cause in row["causes"]]
    assert {what for _, what in told} >= {"gained", "lost"}
    for relation, what in told:
        if what == "gained":
            assert relation in after - before
        if what == "lost":
            assert relation in before - after
    # Who had no path before has one now because something began.
    assert all(any(what != "lost" for _, what in row["causes"]) for row in rows if row["after"] and not row["before"])

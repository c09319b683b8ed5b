"""The page folds rows as the command line does, and tells why a comparison moved."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import strategies
from test_page import Open, map_file, opened
from test_page_engine import in_numbers
from test_page_explorer import in_engine
from worlds import tables as world

from graphs.access import AccessGraph, build
from graphs.changes import between
from graphs.map.page import write_map
from graphs.map.payload import payload
from graphs.reachability import Reach, who_can_reach
from graphs.scope import Scope
from graphs.views import View
from stakeholders.tables import read

__all__ = ["map_file", "opened"]  # fixtures

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


KINDS = """(item) => {
  const model = payload.model(item.data);
  const [before, after] = item.options.map((options) => engine.view(model, options));
  const target = answers.target(model, item.target);
  const rows = compare.compare(before, after, (view) => engine.columns(view, target));
  const id = (node) => model.entities.id[node];
  const keeps = ({ row: at }) => model.relations.predicate[at] === "keeps_data_in";
  return rows.map((row) => [id(row.body), id(row.place), row.change.slice().sort(),
    !row.change.includes("moved") || compare.because(before, after, row).some(keeps)]).sort();
}"""


def told_between(graph: AccessGraph, target: str, days: tuple[Any, Any]) -> list[list[Any]]:
    """What happened to each body and place, as `diff` tells it: what is counted elsewhere nobody gained or lost."""
    asked = graph.dataset.tree.narrower(target)
    kinds: dict[tuple[str, str], set[str]] = {}
    for row in between(graph, *days, also=()).rows:
        if row["category"] in asked:
            change = row["change"] if row["place"] == "both" else "moved"
            kinds.setdefault((row["body"], row["store"]), set()).add(change)
    return [[*pair, sorted(found), True] for pair, found in sorted(kinds.items())]


def test_two_days_are_compared_as_diff_compares_them() -> None:
    cases, expected, rng = [], [], random.Random(5)
    asked: list[tuple[AccessGraph, str, tuple[Any, Any]]] = [
        (build(read("central-asia")), target, ("2019-01-01", DAY)) for target in ("biometric", "video")
    ]
    for _ in range(150):
        tables = strategies.random_tables(rng)
        days = sorted(strategies.random_day(rng, tables) for _ in range(2))
        asked.append((build(strategies.dataset(tables)), "biometric", (days[0], days[1])))
    for graph, target, days in asked:
        options = [in_numbers({"as_of": day}) for day in days]
        cases.append({"data": payload(graph), "target": target, "options": options})
        expected.append(told_between(graph, target, days))
    assert in_engine(KINDS, cases) == expected
    told = {kind for rows in expected for *_, kinds, _ in rows for kind in kinds}
    assert told >= {"gained", "lost", "moved"}


def test_bodies_are_counted_under_each_of_their_changes_as_the_rows_have_it(
    map_file: Path, opened: Open, central_asia_graph: AccessGraph
) -> None:
    answer = between(central_asia_graph, "2020-04-15", "2026-11-24", also=())
    wanted = {*central_asia_graph.categories.narrower("video")}
    ends: dict[str, set[str]] = {}
    for row in answer.rows:
        if row["category"] in wanted and row["place"] == "both":
            ends.setdefault(row["change"].replace("prospective", "planned"), set()).add(row["body"])
    seen = opened(map_file, link="#asof=2026-11-24&between=2020-04-15&target=video")
    deck = seen.page.inner_text("#deck").replace("\u00a0", " ").split(" · moved")[0]
    lead, _, counts = deck.partition(": ")
    assert lead == "Bodies, counted under each of their changes"
    assert counts.split(" · ") == [f"{len(bodies)} {kind}" for kind, bodies in ends.items()]
    assert sum(map(len, ends.values())) > len(set().union(*ends.values())), "some bodies are under several"
    # The sentence of the command counts each body under the best that is new for it, and says so.
    assert "for 6 bodies nothing more than a claim of reach is new" in answer.summary()
    assert len({row["body"] for row in answer.rows if row["change"] == "newly claimed"}) == 10
    seen.go(ask="what", body="kz-mia", lang="ru")
    assert seen.page.inner_text("#deck").startswith("Число мест хранения, по каждому из их изменений:")


def test_data_whose_store_becomes_known_are_not_lost(tmp_path: Path, opened: Open) -> None:
    relations = ("b1 operates y1 valid_from=2018", "y1 keeps_data_in s1 id=kept valid_from=2020")
    graph = build(strategies.dataset(world(*relations)))
    write_map(graph, tmp_path / "map.html", as_of="2021-07-01", target="face")
    seen = opened(tmp_path / "map.html", link="#asof=2021-07-01&between=2019-01-01")
    assert seen.page.inner_text("#provenance").startswith("Data: random. SHA-256 "), "which has no version"
    assert [kind for row in told_between(graph, "face", ("2019-01-01", "2021-07-01")) for kind in row[2]] == [
        "gained", "moved"
    ]  # fmt: skip
    parts = {"en": ("1 gained · 1 counted elsewhere", "Nobody gained or lost reach by it."),
             "ru": ("учтено в другом месте: 1", "Доступ от этого ни у кого не появился и не прекратился."),
             "kk": ("басқа жерде есептелген: 1", "ешкімнің қолжетімділігі")}  # fmt: skip
    for lang, (said, note) in parts.items():
        seen.go(lang=lang)
        assert said in seen.page.inner_text("body")
        assert "−" not in seen.page.inner_text("#sheet tbody")
        seen.page.locator("#sheet tbody button").last.click()
        assert note in seen.page.inner_text("#panel")
        assert "y1 keeps_data_in s1." in seen.page.inner_text("#panel [data-part=because]")

"""What the library worked out for the page is told as the library tells it, and stays told when the reader differs."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import strategies
from playwright.sync_api import Browser
from test_page import READY, Open, map_file, opened
from test_page_engine import in_numbers
from test_page_explorer import MOVES, _ranks, in_engine, packed
from worlds import graph_of

from benchmarks.generate import landscape
from graphs.access import AccessGraph, build
from graphs.answers import Answer
from graphs.cuts import cut
from graphs.exposures import exposure
from graphs.map import findings as module
from graphs.map.findings import DENSEST, DOUBTED, LARGEST, findings
from graphs.map.page import write_map
from graphs.map.payload import decode, payload
from graphs.reachability import asked_bodies, target_of
from graphs.scope import Scope
from graphs.unknowns import gaps
from graphs.views import View
from graphs.withdrawals import sensitivity
from stakeholders.tables import read

__all__ = ["map_file", "opened"]  # fixtures

DAY = "2026-11-24"

QUICK = """({ data, target, options }) => {
  const model = payload.model(data);
  const view = engine.view(model, options);
  return answers.byBody(view, answers.target(model, target)).rows.map((row) => {
    const path = answers.pathOf(view, row);
    return [path, answers.resolve(view, row).facts.path];
  });
}"""


def test_a_path_out_of_one_sweep_is_the_best_path() -> None:
    rng, cases = random.Random(31), []
    for _ in range(80):
        tables = strategies.random_tables(rng, entities=9, relations=18)
        data = payload(build(strategies.dataset(tables)))
        for target in strategies.random_targets(rng, tables, 3):
            question = strategies.random_question(rng, tables)
            options = {"as_of": question.as_of, "stance": question.stance}
            cases.append({"data": data, "target": target, "options": in_numbers(options)})
    rows = [row for answered in in_engine(QUICK, cases) for row in answered]
    assert len(rows) > 100
    assert all(quick == best for quick, best in rows)


def test_what_moved_on_random_graphs_is_what_the_library_ranks() -> None:
    rng, cases, expected = random.Random(32), [], []
    for _ in range(80):
        tables = strategies.random_tables(rng, entities=8, relations=16)
        graph = build(strategies.dataset(tables))
        between = [strategies.random_day(rng, tables), strategies.random_day(rng, tables)]
        for target in strategies.random_targets(rng, tables, 2):
            views = [View.of(graph, Scope.of(as_of=day)) for day in between]
            columns = sorted({column for view in views for column in target_of(view, target).columns})
            bodies = asked_bodies(graph, views[0].scope, target)
            moved = []
            if columns:
                # An entity that is asked about itself is a place on every day.
                ranks = _ranks_at if target in graph.position else _ranks
                was, now = (ranks(view, columns, bodies) for view in views)
                moved = [
                    [int(bodies[i]), *columns[j], packed(int(was[i][j])), packed(int(now[i][j]))]
                    for i in range(len(bodies)) for j in range(len(columns)) if was[i][j] != now[i][j]
                ]  # fmt: skip
            expected.append(moved)
            before, after = (in_numbers({"as_of": day}) for day in between)
            cases.append({"data": payload(graph), "target": target, "before": before, "after": after})
    assert in_engine(MOVES, cases) == expected
    assert sum(map(len, expected)) > 40


def _ranks_at(view: View, columns: list[tuple[int, int]], bodies: Any) -> Any:
    import numpy as np

    from graphs.engines.arrays import Sweeper, best_rank

    ranks = [best_rank(sweep.bits[bodies]) for sweep in Sweeper(view).sweeps(columns)]
    return np.concatenate(ranks, axis=1)


def test_questions_about_gaps_are_the_librarys_in_each_language(
    map_file: Path, opened: Open, central_asia_graph: AccessGraph
) -> None:
    expected = gaps(central_asia_graph, as_of=DAY).rows
    for lang in ("en", "ru", "kk"):
        seen = opened(map_file, link=f"#lang={lang}")
        told = seen.page.evaluate(
            """() => { const { model } = AccessMap.app.internals();
            return model.data.findings.gaps.kind.map((_, i) => AccessMap.findings.question(model, i)); }"""
        )
        # After those of everything stand the few that only an answer about one category has.
        assert told[: len(expected)] == [row["question"].text(lang) for row in expected]


def test_unknowns_of_a_category_are_the_librarys_answer_about_it(
    map_file: Path, opened: Open, central_asia_graph: AccessGraph
) -> None:
    for target in ("health", "genomic"):
        expected = gaps(central_asia_graph, target, as_of=DAY).rows
        seen = opened(map_file, link=f"#target={target}&over=gaps")
        part = seen.page.locator("[data-part=gaps]")
        part.wait_for(timeout=60_000)
        assert f"{len(expected)} questions behind this answer" in seen.page.inner_text("#panel")
        shown = expected[: part.locator(":scope > li").count()]
        assert len(shown) > 10
        assert part.locator(".rank-number").all_text_contents() == [str(row["verdicts_at_stake"]) for row in shown]
        assert part.locator(".name").all_text_contents() == [row["question"].text("en") for row in shown]
    seen.go(target="kz-sergek")
    seen.page.wait_for_selector("[data-part=gaps]", timeout=60_000)
    assert "verdicts of the whole map, not of this answer alone" in seen.page.inner_text("#panel")


def test_exposure_counts_ownership_and_is_told_in_the_librarys_sentences(
    map_file: Path, opened: Open, central_asia_graph: AccessGraph
) -> None:
    answer = exposure(central_asia_graph, "biometric", as_of=DAY)
    seen = opened(map_file, link="#over=exposure")
    part = seen.page.locator("[data-part=exposure]")
    told = part.locator(".sentences > li > p:first-child").all_text_contents()
    assert sorted(told) == sorted(answer.sentence(row) for row in range(len(answer.rows)))
    assert seen.page.locator(".differs").count() == 0
    seen.go(asof="2021-01-01")
    assert seen.page.locator(".differs").count() == 1
    assert "24 November 2026" in seen.page.inner_text("#panel").replace("\u00a0", " ")


@pytest.fixture(scope="module")
def found(map_file: Path) -> dict[str, Any]:
    """What the library worked out, as the file carries it."""
    content = decode(map_file.read_text("utf-8").split('id="payload">')[1].split("<", maxsplit=1)[0])
    carried: dict[str, Any] = content["findings"]
    return carried


def test_the_page_carries_the_librarys_cut_of_every_category(
    found: dict[str, Any], central_asia_graph: AccessGraph
) -> None:
    graph, told = central_asia_graph, found["cuts"]
    relations = graph.dataset.relations.column("id")
    for at, code in enumerate(graph.categories.codes):
        answer = cut(graph, code, as_of=DAY, certainty=found["asked"]["certainty"])
        beside = answer.beside
        assert told["verdicts"]["en"][told["verdict"][at]] == beside["verdict"]
        assert [told["low"][at], told["high"][at]] == [beside["cost_low"], beside["cost_high"]]
        assert [relations[row] for row in told["relations"][at]] == beside["relations"]
        assert sum(told["costs"][at]) == beside["cost"]
        assert [graph.ids[node] for node in told["direct"][at]] == beside["direct_holders"]
        assert [graph.ids[node] for node in told["fixed"][at]] == [path["body"] for path in beside["uncuttable"]]
        assert told["others"][at] == len(beside["alternatives"])
        assert [graph.ids[node] for node in told["still"][at]] == beside["still_reach"]
        assert told["complete"][at] == answer.complete
    assert sum(map(len, told["relations"])) > 100


def test_the_page_carries_the_librarys_sensitivity_to_every_source(
    found: dict[str, Any], central_asia_graph: AccessGraph
) -> None:
    graph, told = central_asia_graph, found["alone"]
    sources = graph.dataset.sources.column("id")
    for at, code in enumerate(graph.categories.codes):
        answer = sensitivity(graph, code, as_of=DAY)
        single = answer.beside["single_source"]
        assert [told["findings"][at], told["single"][at]] == [answer.beside["findings"], len(single)]
        mine = [i for i, place in enumerate(told["category"]) if place == at]
        assert [(sources[told["source"][i]], told["lost"][i], told["changed"][i]) for i in mine] == [
            (row["id"], row["verdicts_lost"], len(row["changes"])) for row in answer.rows if row["kind"] == "source"
        ]
        pairs = {sources[told["source"][i]]: [graph.ids[node] for node in told["pairs"][i]] for i in mine}
        expected: dict[str, list[str]] = {name: [] for name in pairs}
        for pair in single:
            for name in pair["sources"]:
                expected[name] += [pair["body"], pair["store"]]
        assert pairs == expected
        assert all(len(told["pairs"][i]) == 2 * told["lost"][i] for i in mine)
    assert sum(told["lost"]) > 100


def test_the_cheapest_cut_is_shown_under_the_opening_assumptions_alone(
    map_file: Path, opened: Open, central_asia_graph: AccessGraph
) -> None:
    beside = cut(central_asia_graph, "genomic", as_of=DAY, certainty="prospective").beside
    seen = opened(map_file, link="#over=chokepoints&target=genomic")
    part = seen.page.locator("[data-part=cut]")
    part.wait_for(timeout=60_000)
    text = part.inner_text().casefold()
    assert "cannot be cut" in text
    assert f"{len(beside['uncuttable'])} bodies keep their path" in text
    assert f"direct holders among them: {len(beside['direct_holders'])}" in text
    links = part.locator(".ranking button")
    assert links.count() == len(beside["relations"]) == 1
    links.first.click()
    assert seen.page.evaluate("AccessMap.app.state().sel") == f"r:{beside['relations'][0]}"
    assert seen.page.locator("#panel .claim .sources a").count() > 0
    seen.go(sel="", target="voice")
    assert "no path" in part.inner_text().casefold()
    assert part.locator(".ranking, details").count() == 0
    untold = seen.page.locator("[data-untold='accessmap cut']")
    for other in ({"asof": "2021-01-01"}, {"certainty": "reported"}, {"country": "kz"}, {"without": "kz-mia"}):
        assert untold.count() == 0
        seen.go(target="genomic", **other)
        untold.wait_for(timeout=60_000)
        assert "other ones" in untold.inner_text()
        assert part.count() == 0
        seen.go(asof=DAY, certainty="prospective", country="", without="")
        part.wait_for(timeout=60_000)
    seen.go(target="kz-nvms-archive")
    untold.wait_for(timeout=60_000)
    assert "for other questions" in untold.inner_text()


def test_what_rests_on_one_source_is_shown_by_source(
    map_file: Path, opened: Open, central_asia_graph: AccessGraph
) -> None:
    answer = sensitivity(central_asia_graph, "genomic", as_of=DAY)
    expected = [row for row in answer.rows if row["kind"] == "source" and row["verdicts_lost"]]
    seen = opened(map_file, link="#over=gaps&target=genomic")
    part = seen.page.locator("[data-part=alone]")
    part.wait_for(timeout=60_000)
    told = f"{len(answer.beside['single_source'])} findings of {answer.beside['findings']} rest on a single source"
    assert told in part.inner_text()
    counts = part.locator(".ranking > li > .rank-number").all_text_contents()
    assert counts == [str(row["verdicts_lost"]) for row in expected]
    titles = central_asia_graph.dataset.sources
    assert part.locator(".sources a").all_text_contents() == [
        titles.column("title")[titles.index[row["id"]]] for row in expected
    ]
    part.locator("details").first.evaluate("(part) => { part.open = true; }")
    part.locator("details button").first.click()
    body, place = seen.page.evaluate("AccessMap.app.state().sel").split("~")
    assert expected[0]["id"] in next(
        pair["sources"] for pair in answer.beside["single_source"] if (pair["body"], pair["store"]) == (body, place)
    )
    seen.go(sel="", asof="2021-01-01")
    untold = seen.page.locator("[data-untold='accessmap sensitivity']")
    untold.wait_for(timeout=60_000)
    assert part.count() == 0


def test_a_cut_that_is_not_finished_is_told_with_its_bounds(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfinished(*asked: Any, **options: Any) -> Answer:
        answer = cut(*asked, **options)
        return replace(answer, complete=False, beside={**answer.beside, "cost_low": 7, "cost_high": 21})

    monkeypatch.setattr(module, "cut", unfinished)
    write_map(build(read("cabar-2020")), tmp_path / "map.html", as_of=DAY, target="video")
    seen = opened(tmp_path / "map.html", link="#over=chokepoints")
    part = seen.page.locator("[data-part=cut]")
    part.wait_for(timeout=60_000)
    assert "at a cost of 7–21" in part.inner_text()
    assert "between 7 and 21" in part.inner_text()
    assert "cannot be cut" not in part.inner_text().casefold()


def test_who_still_reaches_what_a_cut_makes_a_place_is_told_in_the_librarys_words(opened: Open, tmp_path: Path) -> None:
    feeds = [f"b{number} has_access s1 categories=gait" for number in range(4, 7)]
    held = ("b1 operates y1 categories=face", "b1 part_of b2", "y1 keeps_data_in s0 categories=gait", "y1 feeds s1")
    graph = graph_of(*held, "b3 holds s1", *feeds, categories={"y1": "face;gait", "s0": "gait", "s1": "face"})
    answer = cut(graph, "biometric", as_of=DAY, certainty="prospective")
    assert (answer.beside["new_places"], answer.beside["still_reach"]) == (["y1"], ["b1", "b2"])
    (note,) = (note for note in answer.notes if "places" in note.values)
    write_map(graph, tmp_path / "map.html", as_of=DAY, target="biometric")
    for lang in ("en", "ru", "kk"):
        seen = opened(tmp_path / "map.html", link=f"#over=chokepoints&lang={lang}")
        part = seen.page.locator("[data-part=cut-after]")
        part.wait_for(timeout=60_000)
        assert part.locator("p").first.inner_text() == note.text(lang)
    summary = part.locator("summary")
    summary.focus()
    seen.page.keyboard.press("Enter")
    assert part.get_by_role("button").all_inner_texts() == ["Name of b1", "Name of b2", "Name of y1"]
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Enter")
    assert seen.page.evaluate("AccessMap.app.state().sel") == "e:b1"
    seen.page.goto(f"{(tmp_path / 'map.html').as_uri()}#over=chokepoints&target=face")
    seen.page.locator("[data-part=cut]").wait_for(timeout=60_000)
    assert seen.page.locator("[data-part=cut-after]").count() == 0


def test_a_map_of_some_size_names_the_commands_for_cuts_and_sources(opened: Open, tmp_path: Path) -> None:
    graph = build(landscape(450, degree=2))
    assert DOUBTED < len(graph.dataset.relations) <= DENSEST
    write_map(graph, tmp_path / "map.html", as_of=DAY)
    seen = opened(tmp_path / "map.html", link="#over=chokepoints&target=face")
    untold = seen.page.locator("#panel [data-untold]")
    untold.wait_for(timeout=60_000)
    assert "of this size: accessmap cut" in untold.inner_text()


def test_a_large_map_says_what_was_not_worked_out(opened: Open, tmp_path: Path) -> None:
    graph = build(landscape(LARGEST + 100, degree=2))
    assert findings(graph, as_of=DAY) is None
    dense = build(landscape(300, degree=10))
    assert len(dense.dataset.relations) > DENSEST
    assert findings(dense, as_of=DAY) is None
    write_map(graph, tmp_path / "map.html", as_of=DAY)
    seen = opened(tmp_path / "map.html", link="#over=exposure")
    assert "accessmap exposure" in seen.page.inner_text("#panel")


def test_chokepoints_of_a_large_map_are_counted_in_slices_and_can_be_stopped(opened: Open, tmp_path: Path) -> None:
    write_map(build(landscape(4_000, degree=3)), tmp_path / "map.html", as_of=DAY)
    seen = opened(tmp_path / "map.html", link="#over=chokepoints")
    status = seen.page.locator("#panel [role=status]")
    assert "places done" in status.inner_text()
    seen.page.click("#panel button:has-text('Stop')")
    assert "Stopped" in status.inner_text()
    assert seen.page.locator("#panel .ranking").count() == 0
    seen.page.click("#panel button:has-text('Count again')")
    seen.page.wait_for_selector("#panel .ranking", timeout=120_000)
    alone = seen.page.evaluate(
        """() => { const { result } = AccessMap.app.internals();
        const whole = AccessMap.losses(result.v, result.target, () => true);
        return JSON.stringify(whole) === JSON.stringify(result.chokepoints.value); }"""
    )
    assert alone


def test_what_a_large_map_does_not_know_is_looked_for_in_slices(opened: Open, tmp_path: Path) -> None:
    write_map(build(landscape(3_000, degree=3)), tmp_path / "map.html", as_of=DAY)
    seen = opened(tmp_path / "map.html", link="#over=gaps&target=face")
    assert "places done" in seen.page.locator("#panel [role=status]").inner_text()
    seen.page.wait_for_selector("#panel .ranking", state="attached", timeout=120_000)
    counted, told = seen.page.evaluate(
        """() => { const { result } = AccessMap.app.internals();
        const { arcs, relations } = result.v.model;
        const counted = {};
        for (const row of AccessMap.answers.pairs(result.v, result.target)) {
          const cited = AccessMap.answers.pathOf(result.v, row).map((a) => arcs.relation[a]);
          for (const at of new Set(cited)) if (relations.sources[at].length === 1) counted[at] = (counted[at] || 0) + 1;
        }
        const gaps = result.rests.value.gaps.filter((gap) => gap.kind === "oneSource");
        return [counted, Object.fromEntries(gaps.map((gap) => [gap.key, gap.pairs]))]; }"""
    )
    assert counted == told
    assert len(told) > 50


def test_the_page_is_whole_where_no_name_resolves(map_file: Path, browser: Browser) -> None:
    installed = shutil.which("chromium") or shutil.which("google-chrome")
    flags = ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND"]
    deaf = browser.browser_type.launch(executable_path=installed, args=flags)
    try:
        page = deaf.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("requestfailed", lambda request: asked.append(f"failed {request.url}"))
        page.on("pageerror", lambda error: asked.append(str(error)))
        page.goto(map_file.as_uri())
        page.wait_for_selector(READY)
        for view in ("over=exposure", "over=gaps", "between=2020-01-01", "ask=all", "lang=kk"):
            page.evaluate("(view) => { location.hash = view; }", view)
            page.wait_for_timeout(200)
        assert "can reach" in page.evaluate(
            "() => { AccessMap.app.set({ lang: 'en', ask: 'who' }); "
            "return document.getElementById('headline').textContent; }"
        )
        assert [url for url in asked if url.split("#")[0] != map_file.as_uri() and url[:5] != "data:"] == []
    finally:
        deaf.close()

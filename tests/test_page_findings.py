"""What the library worked out for the page is told as the library tells it, and stays told when the reader differs."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import strategies
from playwright.sync_api import Browser
from test_page import READY, Open, map_file, opened
from test_page_engine import in_numbers
from test_page_explorer import MOVES, _ranks, in_engine, packed

from benchmarks.generate import landscape
from graphs.access import AccessGraph, build
from graphs.exposures import exposure
from graphs.map.findings import DENSEST, LARGEST, findings
from graphs.map.page import write_map
from graphs.map.payload import payload
from graphs.reachability import asked_bodies, target_of
from graphs.scope import Scope
from graphs.unknowns import gaps
from graphs.views import View

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
        assert told == [row["question"].text(lang) for row in expected]


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

"""The page in headless Chromium: it answers as the library does, asks for nothing, and can be used by everyone."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Page

from benchmarks.generate import landscape
from graphs.access import AccessGraph, build
from graphs.map.page import draw_map, write_map
from graphs.map.payload import decode
from graphs.reachability import reachable_from, who_can_reach

DAY = "2026-11-24"
READY = "#main:not([aria-busy])"

ROWS = """() => {
  const { model, state, result } = AccessMap.app.internals();
  return result.rows.map((row) => AccessMap.answers.plain(result.v, row));
}"""

# How many different colours the canvas has, and how much of it is not paper.
INK = """() => {
  const canvas = document.querySelector("#canvas canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  let inked = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (!data[i + 3]) continue;
    seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    if (data[i] + data[i + 1] + data[i + 2] < 600) inked += 1;
  }
  return { colours: seen.size, inked, total: data.length / 4 };
}"""

# A function that draws many lines: how long it takes tells how fast the machine is just now.
LINES = """
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [1000, 700];
  const ctx = canvas.getContext("2d");
  const lines = () => { for (let i = 0; i < 20000; i += 1) {
    ctx.beginPath(); ctx.moveTo(i % 997, i % 691); ctx.lineTo((i * 7) % 997, (i * 5) % 691); ctx.stroke();
  } ctx.getImageData(0, 0, 1, 1); };"""


@dataclass
class Seen:
    """A page, and whatever it did that it should not have."""

    page: Page
    trouble: list[str] = field(default_factory=list)

    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.page.evaluate(ROWS)
        return rows

    def go(self, **state: str) -> None:
        self.page.evaluate("(patch) => AccessMap.app.set(patch)", state)
        self.page.wait_for_selector(READY, timeout=60_000)


Open = Callable[..., Seen]


def refused(dialog: Dialog, trouble: list[str]) -> None:
    """Close a dialog that no page may open, and remember it."""
    trouble.append(dialog.message)
    dialog.dismiss()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Open a file; fails the test if it asks for anything, logs an error or breaks its own policy."""
    pages: list[Seen] = []

    def go(path: Path, *, link: str = "", width: int = 1400, height: int = 900, **context: Any) -> Seen:
        page = browser.new_context(viewport={"width": width, "height": height}, **context).new_page()
        seen = Seen(page)
        pages.append(seen)
        page.on("request", lambda request: seen.trouble.append(request.url) if request.url[:5] != "file:" else None)
        page.on("console", lambda message: seen.trouble.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: seen.trouble.append(str(error)))
        page.on("dialog", lambda dialog: refused(dialog, seen.trouble))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => console.error('policy', e.violatedDirective))"
        )
        page.goto(path.as_uri() + link)
        page.wait_for_selector(READY, timeout=60_000)
        return seen

    yield go
    for seen in pages:
        wrong = [text for text in seen.trouble if not text.startswith(("data:", "blob:"))]
        seen.page.context.close()
        assert not wrong


@pytest.fixture(scope="module")
def map_file(central_asia_graph: AccessGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "access-map.html"
    write_map(central_asia_graph, path, as_of=DAY)
    return path


def test_it_answers_on_opening_as_the_library_does(
    map_file: Path, opened: Open, central_asia_graph: AccessGraph
) -> None:
    seen = opened(map_file)
    answer = who_can_reach(central_asia_graph, "biometric", as_of=DAY)
    assert seen.rows() == list(answer.rows)
    reaching = sum(row["verdict"] == "reaches" for row in answer.rows)
    assert f"{reaching} bodies can reach biometric data" in seen.page.inner_text("#headline")
    first = seen.page.inner_text("#sheet tbody tr:first-child th")
    assert first == central_asia_graph.dataset.name_of(answer.rows[0]["body"])


def test_it_opens_in_a_frame_that_is_not_shown_yet_and_draws_once_it_is(
    browser: Browser, map_file: Path, tmp_path: Path
) -> None:
    host = tmp_path / "host.html"
    host.write_text(f'<iframe src="{map_file.as_uri()}" hidden style="width:1000px;height:800px"></iframe>', "utf-8")
    page = browser.new_page()
    page.goto(host.as_uri())
    frame = page.frames[1]
    frame.wait_for_selector(READY, state="attached", timeout=60_000)
    assert "bodies can reach biometric data" in frame.inner_text("#headline")
    page.evaluate("document.querySelector('iframe').hidden = false")
    frame.wait_for_selector("#canvas canvas")
    frame.wait_for_function(f"({INK})().inked > 1000")
    page.close()


def test_its_policy_lets_no_foreign_script_run_and_nothing_be_fetched(browser: Browser, map_file: Path) -> None:
    page = browser.new_page()
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(map_file.as_uri())
    assert failed == []  # a program that cannot run would never be ready
    page.wait_for_selector(READY, timeout=60_000)
    page.evaluate("""() => {
      window.broken = [];
      addEventListener("securitypolicyviolation", (event) => broken.push(event.effectiveDirective));
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 5000);
      const got = fetch("https://example.org/", { signal: stop.signal });
      got.then(() => { window.fetched = true; }, () => { window.fetched = false; });
    }""")
    # Reports come when the browser has time for them; what is not reported fails here, not by a fixed pause.
    page.wait_for_function("window.fetched !== undefined && broken.length > 1", timeout=30_000)
    told = page.evaluate("[broken.sort(), window.ran === true, window.fetched]")
    page.close()
    assert told == [["connect-src", "script-src-elem"], False, False]


def test_evidence_of_what_is_chosen_in_the_table_comes_into_sight(map_file: Path, opened: Open) -> None:
    page = opened(map_file).page
    page.locator("#sheet tbody button").nth(12).click()
    top = "document.querySelector('#panel').getBoundingClientRect().top"
    page.wait_for_function(f"{top} >= 0 && {top} < innerHeight / 2")


def test_changed_assumptions_change_the_rows_as_in_the_library(
    map_file: Path, opened: Open, central_asia_graph: AccessGraph
) -> None:
    seen = opened(map_file)
    for stance, level, day in (("direct", "granted", "2020-04-15"), ("assumed", "possible", "2023-06-01")):
        seen.go(stance=stance, level=level, asof=day, certainty="alleged", target="face", by="pair")
        expected = who_can_reach(
            central_asia_graph, "face", by="pair", stance=stance, level=level, as_of=day, certainty="alleged"
        )
        assert seen.rows() == list(expected.rows)
    seen.go(ask="what", body="kz-mia", stance="documented", level="possible", certainty="prospective", asof=DAY)
    assert seen.rows() == list(reachable_from(central_asia_graph, "kz-mia", as_of=DAY).rows)


@pytest.mark.parametrize(
    "link", ["", "#ask=all", "#ask=what&body=kz-mia", "#target=kz-sergek-almaty-archive", "#asof=2020-04-15&lang=ru"]
)
def test_there_is_ink_on_the_canvas(map_file: Path, opened: Open, link: str) -> None:
    ink = opened(map_file, link=link).page.evaluate(INK)
    assert ink["colours"] > 30
    assert ink["inked"] > 0.004 * ink["total"]


@pytest.mark.parametrize("width", [1400, 390])
def test_boxes_do_not_overlap_and_every_arc_is_drawn_apart(map_file: Path, opened: Open, width: int) -> None:
    seen = opened(map_file, width=width)
    for state in ({}, {"ask": "all"}, {"ask": "what", "body": "kz-mia"}):
        seen.go(**state)
        scene = seen.page.evaluate(
            "() => { const s = AccessMap.app.internals().picture.scene();"
            " return {boxes: s.boxes.map((b) => [b.x, b.y, b.width, b.height]), curves: s.links.map((l) => l.curve)} }"
        )
        boxes = scene["boxes"]
        assert 1 < len(boxes) <= 120
        for i, (x, y, w, h) in enumerate(boxes):
            for x2, y2, w2, h2 in boxes[:i]:
                assert abs(x - x2) >= (w + w2) / 2 - 0.01 or abs(y - y2) >= (h + h2) / 2 - 0.01
        drawn = [json.dumps(curve) for curve in scene["curves"]]
        assert len(set(drawn)) == len(drawn)


def test_boxes_left_out_are_counted(map_file: Path, opened: Open) -> None:
    seen = opened(map_file)
    counted = seen.page.evaluate(
        "() => { const s = AccessMap.app.internals().picture.scene();"
        " return {shown: s.shown, total: s.total, more: s.boxes.filter((b) => b.more).map((b) => b.label)} }"
    )
    more = sum(int(label.split()[1]) for label in counted["more"])
    assert counted["shown"] + more == counted["total"] == len(seen.rows())


def test_evidence_names_every_step_with_claim_and_sources(
    map_file: Path, opened: Open, central_asia_graph: AccessGraph
) -> None:
    seen = opened(map_file)
    answer = who_can_reach(central_asia_graph, "biometric", as_of=DAY)
    number = next(i for i, row in enumerate(answer.rows) if row["hops"] == 3)
    row = answer.rows[number]
    seen.go(sel=f"{row['body']}~{row['store']}")
    steps = seen.page.locator("#panel .steps > li")
    expected = answer.path(number)
    assert steps.count() == len(expected)
    for i, step in enumerate(expected):
        assert step["claim"] in steps.nth(i).inner_text()
        links = steps.nth(i).locator(".sources a")
        assert links.evaluate_all("(all) => all.map((a) => a.rel)") == ["noopener noreferrer"] * links.count()
        assert links.evaluate_all("(all) => all.map((a) => a.textContent)") == [s["title"] for s in step["sources"]]


def test_the_keyboard_alone_leads_from_search_to_evidence_to_table(map_file: Path, opened: Open) -> None:
    seen = opened(map_file)
    page = seen.page
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.find') !== null"):
            break
    else:
        pytest.fail("Tab never came to the search field")
    page.keyboard.type("hikvis")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "Hikvision" in page.inner_text("#panel-title")
    assert page.evaluate("document.activeElement.id") == "panel"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#sheet tbody') !== null"):
            break
    else:
        pytest.fail("Tab never came to the table")
    name = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    assert page.inner_text("#panel-title").startswith(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sergek almaty", "kz-sergek-almaty"),
        ("Сергек Алматы", "kz-sergek-almaty"),
        ("министерство внутренних", "kz-mia"),
        ("ішкі істер министрлігі", "kz-mia"),
        ("ministerstvo vnutrennikh del", "kz-mia"),
        ("kazakhtelekom", "kz-kazakhtelecom"),
    ],
)
def test_search_finds_names_in_any_alphabet(map_file: Path, opened: Open, text: str, name: str) -> None:
    found = opened(map_file).page.evaluate(
        """(text) => {
          const entries = AccessMap.search.index(AccessMap.app.internals().model);
          return AccessMap.search.find(entries, text).map((entry) => entry.code);
        }""",
        text,
    )
    assert any(code.startswith(name) for code in found[:6]), found[:6]


@pytest.mark.parametrize("text", ["zzzqqq", "zzqq", "ъъъ"])
def test_search_offers_nothing_that_is_not_alike(map_file: Path, opened: Open, text: str) -> None:
    found = opened(map_file).page.evaluate(
        """(text) => AccessMap.search.find(AccessMap.search.index(AccessMap.app.internals().model), text)
          .map((entry) => entry.code)""",
        text,
    )
    assert found == []


VIEWS = [
    "",
    "#ask=all",
    "#ask=what&body=kz-mia&sel=e:kz-mia",
    "#ask=how&body=kz-mia&target=face&sel=kz-mia~kz-digital-dome-astana",
    "#lang=ru&by=pair",
    "#lang=kk&target=kz-no-such-thing",
    "#between=2020-01-01",
    "#without=kz-mia&over=chokepoints",
    "#over=exposure&lang=ru",
    "#over=gaps&lang=kk",
    "#embed=1",
]


@pytest.mark.parametrize("link", VIEWS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(map_file: Path, opened: Open, link: str, scheme: str) -> None:
    seen = opened(map_file, link=link, color_scheme=scheme)
    found = Axe().run(seen.page)
    assert found.violations_count == 0, found.generate_report()


def test_axe_finds_nothing_on_a_phone_and_under_forced_colours(map_file: Path, opened: Open) -> None:
    for width, colours in ((390, "none"), (320, "none"), (1400, "active")):
        seen = opened(map_file, width=width, forced_colors=colours)
        found = Axe().run(seen.page)
        assert found.violations_count == 0, found.generate_report()
        assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_targets_are_large_enough(map_file: Path, opened: Open) -> None:
    small = opened(map_file, link="#sel=e:kz-mia").page.evaluate(
        """() => [...document.querySelectorAll("button, select, input, summary")].filter((node) => {
          const box = node.getBoundingClientRect();
          const small = box.width && (box.height < 23.9 || box.width < 16);
          return small && !node.closest(".hidden") && node.type !== "checkbox";
        }).map((node) => node.outerHTML.slice(0, 120))"""
    )
    assert small == []


def test_the_link_restores_the_view_and_back_works(map_file: Path, opened: Open) -> None:
    seen = opened(map_file)
    page = seen.page
    before = page.inner_text("#headline")
    seen.go(target="face", level="granted", asof="2021-05-01", lang="ru", kinds="abroad", sort="-body")
    text, link, rows = page.inner_text("#headline"), page.evaluate("location.hash"), seen.rows()
    again = opened(map_file, link=link)
    assert again.page.inner_text("#headline") == text
    assert again.rows() == rows
    page.go_back()
    assert page.inner_text("#headline") == before


def test_equal_input_gives_equal_bytes(cabar_graph: AccessGraph, tmp_path: Path) -> None:
    options = {"as_of": "2020-04-15", "target": "video"}
    write_map(cabar_graph, tmp_path / "a.html", **options)
    write_map(cabar_graph, tmp_path / "b.html", **options)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert not list(tmp_path.glob(".*"))


def test_what_it_shows_is_what_it_says(cabar_graph: AccessGraph, tmp_path: Path) -> None:
    shown = write_map(cabar_graph, tmp_path / "map.html", as_of="2020-04-15", target="video")
    assert shown["bytes"] == (tmp_path / "map.html").stat().st_size
    assert shown["bodies"] + shown["systems"] + shown["stores"] == 43


def test_the_bundled_map_is_within_its_size(map_file: Path) -> None:
    assert map_file.stat().st_size < 1_000_000


def test_pyvis_brings_what_the_page_stands_on(cabar_graph: AccessGraph) -> None:
    html = draw_map(cabar_graph, as_of="2020-04-15").html
    packed = html.split('id="library">')[1].split("<")[0]
    library = decode_text(packed)
    assert "@version 9.1.2" in library
    assert "Apache 2.0 License" in library
    nodes = json.loads(html.split('id="overview-nodes">')[1].split("</script")[0])
    edges = json.loads(html.split('id="overview-edges">')[1].split("</script")[0])
    assert len(nodes) == 43
    assert edges


def test_the_overview_of_pyvis_counts_the_arcs_that_the_page_draws(map_file: Path, opened: Open) -> None:
    seen = opened(map_file, link="#ask=all")
    drawn = seen.page.evaluate(
        "() => AccessMap.app.internals().picture.scene().links.map((l) => [l.from, l.to, l.count]).sort()"
    )
    edges = json.loads(map_file.read_text("utf-8").split('id="overview-edges">')[1].split("</script")[0])
    assert sorted(drawn) == sorted([edge["from"], edge["to"], edge["count"]] for edge in edges)


def decode_text(packed: str) -> str:
    return gzip.decompress(base64.b64decode(packed)).decode("utf-8")


def test_the_payload_carries_every_claim(map_file: Path, central_asia_graph: AccessGraph) -> None:
    content = decode(map_file.read_text("utf-8").split('id="payload">')[1].split("<")[0])
    assert content["relations"]["claim"] == list(central_asia_graph.dataset.relations.column("claim"))
    assert content["sources"]["url"] == list(central_asia_graph.dataset.sources.column("url"))


@pytest.fixture(scope="module")
def dense_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As large and as dense as a page is promised for."""
    path = tmp_path_factory.mktemp("dense") / "map.html"
    write_map(build(landscape(10_000, degree=10.0)), path, as_of=DAY)
    return path


@pytest.mark.parametrize(("nodes", "degree", "most"), [(1_000, 2.0, 1_000_000), (1_000, 10.0, 1_000_000)])
def test_generated_maps_are_within_their_sizes(nodes: int, degree: float, most: int, tmp_path: Path) -> None:
    graph = build(landscape(nodes, degree=degree))
    assert write_map(graph, tmp_path / "map.html", as_of=DAY)["bytes"] < most


def test_the_largest_map_is_within_its_size_and_answers_what_if_while_some_pictures_are_drawn(
    dense_file: Path, opened: Open
) -> None:
    assert dense_file.stat().st_size < 2_000_000
    seen = opened(dense_file)
    whatif, unit, lost = seen.page.evaluate(
        f"""async () => {{{LINES}"""
        """
          const { model, result } = AccessMap.app.internals();
          const main = document.getElementById("main");
          const time = async (act) => {
            const from = performance.now();
            act();
            while (main.hasAttribute("aria-busy")) await new Promise((resolve) => setTimeout(resolve, 5));
            return performance.now() - from;
          };
          const spent = await time(() => AccessMap.app.set({ without: model.entities.id[result.rows[0].body] }));
          const units = [await time(lines), await time(lines), await time(lines)];
          return [spent, Math.min(...units), AccessMap.app.internals().result.total];
        }"""
    )
    assert lost > 1000
    assert whatif < 150 * unit, (whatif, unit)


def test_long_work_that_goes_wrong_is_said_and_the_next_question_is_answered(dense_file: Path, opened: Open) -> None:
    seen = opened(dense_file)
    seen.page.evaluate(
        """() => { AccessMap.compare.comparing = function* () {
          for (const end = performance.now() + 200; performance.now() < end;) yield null;
          throw new Error("out of paper");
        }; }"""
    )
    seen.go(between="2022-01-01")
    assert "out of paper" in seen.page.inner_text("#headline")
    assert any("out of paper" in text for text in seen.trouble)
    seen.trouble.clear()
    seen.go(between="", target="face")
    assert "can reach face" in seen.page.inner_text("#headline")


def test_a_changed_question_costs_no_more_than_a_few_drawings(opened: Open, tmp_path: Path) -> None:
    write_map(build(landscape(1_000, degree=2.0)), tmp_path / "map.html", as_of=DAY)
    times = opened(tmp_path / "map.html").page.evaluate(
        f"""() => {{{LINES}"""
        """
          const time = (act) => { const from = performance.now(); act(); return performance.now() - from; };
          const asks = [];
          for (const level of ["granted", "possible", "indirect", "possible", "granted"]) {
            asks.push(time(() => AccessMap.app.set({ level })));
          }
          const unit = Math.min(time(lines), time(lines), time(lines));
          return [asks.sort((a, b) => a - b)[2], unit];
        }"""
    )
    assert times[0] < 12 * times[1], times

"""The page: how fast it opens and answers, at several sizes, beside the page that pyvis makes by itself."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.generate import landscape
from benchmarks.measuring import markdown, seconds_text
from graphs.access import AccessGraph, build
from graphs.map.page import write_map

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = (200, 1_000, 5_000, 10_000)
STOCK = (200, 1_000)  # above, the page of pyvis shows nothing in any time that one would wait
DEGREE = 2.0  # relations a node; the bundled data have 1.6
DAY = "2026-11-24"

# What a reader does, each timed from the change to the picture drawn anew.
_ACTIONS = {
    "level": "A.set({ level: 'granted' })",
    "day": "A.set({ level: 'possible', asof: '2022-01-01' })",
    "question": "A.set({ asof: '2026-11-24', target: 'face' })",
    "what if": "A.set({ without: I().model.entities.id[I().result.rows[0].body] })",
}
_TIMED = """() => {
  const A = AccessMap.app; const I = A.internals; const out = {};
  const time = (name, act) => { const from = performance.now(); act(); out[name] = performance.now() - from; };
  ACTIONS
  const canvas = document.createElement("canvas"); canvas.width = 1000; canvas.height = 700;
  const ctx = canvas.getContext("2d");
  time("canvas", () => { for (let i = 0; i < 20000; i += 1) {
    ctx.beginPath(); ctx.moveTo(i % 997, i % 691); ctx.lineTo((i * 7) % 997, (i * 5) % 691); ctx.stroke(); } });
  out.heap = performance.memory ? performance.memory.usedJSHeapSize : 0;
  return out;
}""".replace("ACTIONS", "\n  ".join(f'time("{name}", () => {act});' for name, act in _ACTIONS.items()))


def run(sizes: Sequence[int] = SIZES, stock: Sequence[int] = STOCK) -> str:
    """Measure, as Markdown tables."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    installed = next((found for name in names if (found := shutil.which(name))), None)
    rows, beside = [], []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=installed, args=["--no-sandbox", "--enable-precise-memory-info"]
        )
        for nodes in sizes:
            graph = build(landscape(nodes, degree=DEGREE))
            path = Path(folder) / f"{nodes}.html"
            size = int(write_map(graph, path, as_of=DAY)["bytes"])
            opened, page = _opened(browser, path)
            times = page.evaluate(_TIMED)
            page.context.close()
            unit = times["canvas"]
            rows.append([
                f"{nodes:,}", f"{size / 1e6:.2f} MB", seconds_text(opened),
                *(f"{seconds_text(times[name] / 1000)} ({times[name] / unit:.1f}×)" for name in _ACTIONS),
                f"{times['heap'] / 1e6:.0f} MB",
            ])  # fmt: skip
            if nodes in stock:
                theirs = _stock(browser, graph, Path(folder) / f"stock-{nodes}.html")
                beside.append([f"{nodes:,}", seconds_text(opened), seconds_text(theirs), f"{theirs / opened:.0f}×"])
        browser.close()
    head = ["nodes", "file", "open", *_ACTIONS, "heap"]
    return (
        f"Generated graphs of {DEGREE:g} relations a node, headless Chromium without a GPU. Open: from nothing to "
        "headline, picture and table. In brackets: against drawing 20,000 lines on a canvas in the same run.\n\n"
        + markdown(head, rows)
        + "\n\nTime to a first picture beside the page that pyvis makes of the same graph:\n\n"
        + markdown(["nodes", "ours", "pyvis", "ratio"], beside)
    )


def _opened(browser: Browser, path: Path) -> tuple[float, Page]:
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    start = time.perf_counter()
    page.goto(path.as_uri())
    page.wait_for_selector("#main:not([aria-busy])", timeout=300_000)
    return time.perf_counter() - start, page


def _stock(browser: Browser, graph: AccessGraph, path: Path) -> float:
    """Seconds until pyvis's own page has taken away its loading bar."""
    from pyvis.network import Network

    network = Network(directed=True, cdn_resources="in_line")
    network.add_nodes(list(range(graph.n_nodes)))
    network.edges.extend(
        {"from": source, "to": target, "arrows": "to"}
        for source, target in zip(graph.arcs.source.tolist(), graph.arcs.target.tolist(), strict=True)
    )
    path.write_text(network.generate_html(notebook=False), encoding="utf-8")
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.route("http**", lambda route: route.abort())  # it would ask for style sheets
    start = time.perf_counter()
    page.goto(path.as_uri(), timeout=900_000)
    page.wait_for_selector("#loadingBar", state="hidden", timeout=900_000)
    seconds = time.perf_counter() - start
    page.context.close()
    return seconds

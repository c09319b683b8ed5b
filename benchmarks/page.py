"""The page: how fast it opens and answers, at several sizes, beside the page that pyvis makes by itself."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.generate import landscape
from benchmarks.measuring import markdown, seconds_text
from graphs.access import AccessGraph, build
from graphs.map.page import write_map

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Nodes, and relations a node: the bundled data have 1.6; ten are far denser than any data that were collected.
SIZES = ((200, 2.0), (1_000, 2.0), (1_000, 10.0), (5_000, 2.0), (5_000, 10.0), (10_000, 2.0), (10_000, 10.0))
STOCK = ((200, 2.0), (1_000, 2.0))  # above, the page of pyvis shows nothing in any time that one would wait
DAY = "2026-11-24"

# What a reader does, each timed from the change to the picture drawn anew.
_ACTIONS = {
    "level": "A.set({ level: 'granted' })",
    "day": "A.set({ level: 'possible', asof: '2022-01-01' })",
    "question": "A.set({ asof: '2026-11-24', target: 'face' })",
    "what if": "A.set({ without: I().model.entities.id[I().result.rows[0].body] })",
    "two dates": "A.set({ without: '', between: '2025-01-01' })",
}
# An act up to the picture drawn anew: the longest time in which the page heard nothing.
_TIMED = """async () => {
  const A = AccessMap.app; const I = A.internals;
  const main = document.getElementById("main");
  let pause = 0;
  const tasks = (list) => { for (const { duration } of list.getEntries()) pause = Math.max(pause, duration); };
  new PerformanceObserver(tasks).observe({ type: "longtask" });
  ACT;
  await new Promise((resolve) => {
    const look = () => (main.hasAttribute("aria-busy") ? setTimeout(look, 5) : requestAnimationFrame(resolve));
    look();
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { pause: pause / 1000, heap: performance.memory ? performance.memory.usedJSHeapSize : 0 };
}"""
_CANVAS = """() => {
  const canvas = document.createElement("canvas"); canvas.width = 1000; canvas.height = 700;
  const ctx = canvas.getContext("2d");
  for (let i = 0; i < 20000; i += 1) {
    ctx.beginPath(); ctx.moveTo(i % 997, i % 691); ctx.lineTo((i * 7) % 997, (i * 5) % 691); ctx.stroke(); }
}"""

Size = tuple[int, float]


def run(sizes: Sequence[Size] = SIZES, stock: Sequence[Size] = STOCK) -> str:
    """Measure, as Markdown tables."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    installed = next((found for name in names if (found := shutil.which(name))), None)
    rows, beside = [], []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=installed, args=["--no-sandbox", "--enable-precise-memory-info"]
        )
        for nodes, degree in sizes:
            graph = build(landscape(nodes, degree=degree))
            path = Path(folder) / f"{nodes}-{degree:g}.html"
            size = int(write_map(graph, path, as_of=DAY)["bytes"])
            opened, spent, page, busy = _opened(browser, path)
            before = busy()
            page.evaluate(_CANVAS)
            unit = busy() - before
            cells, pause, heap = [], 0.0, 0
            for act in _ACTIONS.values():
                before = busy()
                timed = page.evaluate(_TIMED.replace("ACT", act))
                worked = busy() - before
                cells.append(f"{seconds_text(worked)} ({worked / unit:.1f}×)")
                pause, heap = max(pause, timed["pause"]), max(heap, timed["heap"])
            page.context.close()
            rows.append([
                f"{nodes:,}", f"{degree:g}", f"{size / 1e6:.2f} MB", seconds_text(opened), seconds_text(spent), *cells,
                seconds_text(pause), f"{heap / 1e6:.0f} MB",
            ])  # fmt: skip
            if (nodes, degree) in stock:
                theirs, their_busy = _stock(browser, graph, Path(folder) / f"stock-{nodes}.html")
                beside.append([
                    f"{nodes:,}", seconds_text(opened), seconds_text(theirs), f"{theirs / opened:.0f}×",
                    seconds_text(spent), seconds_text(their_busy), f"{their_busy / spent:.0f}×",
                ])  # fmt: skip
        browser.close()
    head = ["nodes", "a node", "file", "open", "of it busy", *_ACTIONS, "pause", "heap"]
    return (
        "Generated graphs by nodes and relations a node, headless Chromium without a GPU. Open: from nothing to "
        "headline, picture and table. From *of it busy* on, processor time of the page's main thread: of opening, then "
        "of each change until the picture is drawn anew, in brackets against drawing 20,000 lines on a canvas in the "
        "same run. Pause: the longest in which the page hears nothing, heap: the most memory of its program.\n\n"
        + markdown(head, rows)
        + "\n\nTime to a first picture beside the page that pyvis makes of the same graph:\n\n"
        + markdown(["nodes", "ours", "pyvis", "ratio", "ours busy", "pyvis busy", "ratio busy"], beside)
    )


def _watched(browser: Browser) -> tuple[Page, Callable[[], float]]:
    """A new page, and what tells the processor time of its main thread in seconds."""
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(float(metric["value"]) for metric in metrics if metric["name"] == "TaskDuration")

    return page, busy


def _opened(browser: Browser, path: Path) -> tuple[float, float, Page, Callable[[], float]]:
    page, busy = _watched(browser)
    start = time.perf_counter()
    page.goto(path.as_uri())
    page.wait_for_selector("#main:not([aria-busy])", timeout=300_000)
    return time.perf_counter() - start, busy(), page, busy


def _stock(browser: Browser, graph: AccessGraph, path: Path) -> tuple[float, float]:
    """Seconds, and processor time, until pyvis's own page has taken away its loading bar."""
    from pyvis.network import Network

    network = Network(directed=True, cdn_resources="in_line")
    network.add_nodes(list(range(graph.n_nodes)))
    network.edges.extend(
        {"from": source, "to": target, "arrows": "to"}
        for source, target in zip(graph.arcs.source.tolist(), graph.arcs.target.tolist(), strict=True)
    )
    path.write_text(network.generate_html(notebook=False), encoding="utf-8")
    page, busy = _watched(browser)
    page.route("http**", lambda route: route.abort())  # it would ask for style sheets
    start = time.perf_counter()
    page.goto(path.as_uri(), timeout=900_000)
    page.wait_for_selector("#loadingBar", state="hidden", timeout=900_000)
    seconds = time.perf_counter() - start
    spent = busy()
    page.context.close()
    return seconds, spent

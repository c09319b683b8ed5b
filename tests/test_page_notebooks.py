"""The page in a notebook: it opens, answers and draws in the frames that JupyterLab and VS Code put it in."""

from __future__ import annotations

import html as markup
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from test_page import INK

from graphs.access import AccessGraph
from graphs.map.page import draw_map

READY = "#main:not([aria-busy])"

# What VS Code writes into the frame of a notebook's outputs, https://github.com/microsoft/vscode (backLayerWebView.ts).
STRICT = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' https: http: data:; font-src 'self' https:; connect-src https:; child-src https: data:;"
)


@pytest.fixture(scope="module")
def shown(cabar_graph: AccessGraph) -> str:
    return draw_map(cabar_graph, as_of="2020-04-15", target="video")._repr_html_()


def within(browser: Browser, folder: Path, shown: str, *, policy: str = "", sandbox: str | None = None) -> Page:
    """A notebook with one output; where `sandbox` is said the output stands in a frame so held."""
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    output = f"<!doctype html><html><head>{meta}</head><body>{shown}</body></html>"
    if sandbox is not None:
        held = f'sandbox="{sandbox}" srcdoc="{markup.escape(output)}"'
        output = f'<iframe id="outer" {held} width="1300" height="950"></iframe>'
    (folder / "notebook.html").write_text(output, "utf-8")
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    page.on("pageerror", lambda error: page.evaluate("(text) => { (window.wrong ||= []).push(text); }", str(error)))
    page.goto((folder / "notebook.html").as_uri())
    return page


@pytest.mark.parametrize("sandbox", [None, "allow-scripts", "allow-scripts allow-same-origin allow-downloads"])
@pytest.mark.parametrize("policy", ["", STRICT])
def test_an_output_answers_draws_and_opens_evidence(
    browser: Browser, tmp_path: Path, shown: str, policy: str, sandbox: str | None
) -> None:
    page = within(browser, tmp_path, shown, policy=policy, sandbox=sandbox)
    frame = (
        page.frame_locator("#outer").frame_locator("iframe") if sandbox is not None else page.frame_locator("iframe")
    )
    frame.locator(READY).wait_for(timeout=20_000)
    assert "can reach video" in frame.locator("#headline").inner_text()
    inner = next(one for one in page.frames if one.url.startswith("about:srcdoc") and one.query_selector("#headline"))
    assert inner.evaluate(INK)["inked"] > 2000
    frame.locator("tbody th button").first.click()
    assert "can reach" in frame.locator("#panel-title").inner_text()
    frame.locator("#time-back").click()
    assert "15" not in frame.locator(".time-day").inner_text()
    inner.evaluate("AccessMap.app.set({ lang: 'ru' })")
    assert "доступ" in frame.locator("#headline").inner_text()
    assert inner.evaluate("location.hash").startswith("#")
    assert page.evaluate("window.wrong || []") == []
    page.context.close()


def test_where_a_frame_is_taken_away_a_sentence_stands(shown: str) -> None:
    """A notebook that is not trusted keeps only what stands between the tags."""
    rest = shown.split("</iframe>", maxsplit=1)[0].rpartition(">")[2]
    assert "Trust this notebook" in rest
    assert "<script" not in shown

"""Nothing that a dataset says runs in the page: a corpus of hostile strings in every field."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from test_page import refused

from graphs.access import build
from graphs.map.page import draw_map
from stakeholders.dataset import Dataset, Table
from stakeholders.schema import HEADERS

CORPUS = (
    "<script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    "<!--<script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    '"><svg onload=window.ran=1>',
    "' onmouseover='window.ran=1' x='",
    "{{ 7*7 }}{% raw %}${window.ran=1}`",
    "href=javascript:window.ran=1",
    "]]>;window.ran=1;//\u2028\u2029",
    '=HYPERLINK("http://evil.example")',
    "\u202egnp.exe\u0000",
    "'; alert(1); var x='",
    "&lt;script&gt;window.ran=1&lt;/script&gt;",
    "</style><style>*{display:none}</style>",
    "constructor", "__proto__", "toString",
)  # fmt: skip
ADDRESSES = (
    "javascript:window.ran=1", "JaVaScRiPt:window.ran=1", "data:text/html,<script>window.ran=1</script>",
    "\tjavascript:window.ran=1",    "vbscript:x", "//evil.example/x", "file:///etc/passwd", 'https://example.org/"onclick="window.ran=1',
)  # fmt: skip
VIEWS = (
    "#", "#ask=all", "#ask=what&body=b0", "#sel=e:b0", "#sel=e:s0", "#by=pair&lang=ru", "#sel=r:r0", "#sel=b0~s0",
    "#lang=<img src=x onerror=window.ran=1>&target=</script>&sel=%00~%00&kinds=__proto__",
    "#sort=constructor&without=__proto__&between=x,y&over=constructor&country=<b>",
)  # fmt: skip


def hostile_dataset() -> Dataset:
    """Every string of the corpus in every free column and in ids; validation, which refuses some of it, is left out."""
    n = len(CORPUS)
    rows: dict[str, list[dict[str, str]]] = {"entities": [], "relations": [], "listings": [], "sources": []}
    for i, text in enumerate(CORPUS):
        free = dict.fromkeys(("name", "name_ru", "name_kk", "aliases", "subjects", "volume", "location", "note"), text)
        body, store = (f"b{i}", f"s{i}") if i == 0 else (f"b{i}{text}", f"s{i}{text}")
        relation = f"r{i}" if i == 0 else f"r{i}{text}"
        rows["entities"] += [
            {
                **free,
                "id": body,
                "type": "body",
                "kind": text if i % 2 else "police",
                "country": "KZ",
                "sources": f"q{i}",
            },
            {**free, "id": store, "type": "store", "categories": "face", "country": text, "sources": f"q{i}"},
        ]
        rows["relations"].append({
            "id": relation, "subject": body, "predicate": "has_access", "object": store, "status": "reported",
            "mode": text, "legal_basis": text, "claim": text, "sources": f"q{i};q{(i + 1) % n}",
        })  # fmt: skip
        rows["listings"].append({
            "id": f"l{i}", "entity": body, "authority": body, "list": text, "program": text, "listed_from": "2020",
            "legal_basis": text, "reference": text, "effect": text, "claim": text, "sources": f"q{i}",
        })  # fmt: skip
        rows["sources"].append({
            "id": f"q{i}", "title": text, "publisher": text, "author": text, "date": "2020",
            "url": ADDRESSES[i % len(ADDRESSES)], "language": text, "kind": "news", "seen": "read", "note": text,
        })  # fmt: skip
    tables = {
        name: Table(name, HEADERS[name], {column: [row.get(column, "") for row in found] for column in HEADERS[name]},
                    [0] * len(found))
        for name, found in rows.items()
    }  # fmt: skip
    package = {"title": CORPUS[0], "version": CORPUS[1], "licenses": [{"title": CORPUS[3]}]}
    return Dataset("</script><script>window.ran=1</script>", tables, package)


@pytest.fixture(scope="module")
def hostile_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = draw_map(
        build(hostile_dataset()),
        title="</title><script>window.ran=1</script>{{7*7}}",
        as_of="2024-01-01",
        target="face",
    )
    path = tmp_path_factory.mktemp("hostile") / "map.html"
    page.save(path)
    return path


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_in_a_dataset_runs(hostile_map: Path, page: Page, view: str) -> None:
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: refused(dialog, wrong))
    page.on("request", lambda request: wrong.append(request.url) if request.url[:5] not in ("file:", "data:") else None)
    page.goto(hostile_map.as_uri() + view)
    page.wait_for_selector("#main:not([aria-busy])")
    page.evaluate("() => document.querySelectorAll('details').forEach((node) => { node.open = true; })")
    page.mouse.move(300, 500)
    assert page.evaluate("window.ran") is None
    assert not wrong
    foreign = page.evaluate(
        "() => [...document.querySelectorAll('a[href]')].map((a) => a.href).filter((h) => !/^(https?|blob):/.test(h))"
    )
    assert foreign == []
    assert page.evaluate("document.querySelectorAll('body script:not([id])').length") == 1
    assert page.evaluate("document.querySelectorAll('img, iframe, object, embed, form').length") == 0


def test_hostile_strings_are_shown_as_they_are(hostile_map: Path, page: Page) -> None:
    page.goto(hostile_map.as_uri() + "#sel=b0~s0")
    page.wait_for_selector("#main:not([aria-busy])")
    assert CORPUS[0] in page.inner_text("#panel")
    assert "{{7*7}}" in page.inner_text("#title")


def test_a_csv_of_the_table_holds_no_formula(hostile_map: Path, page: Page) -> None:
    page.goto(hostile_map.as_uri())
    page.wait_for_selector("#main:not([aria-busy])")
    text = page.evaluate(
        "() => { const { result } = AccessMap.app.internals(); return AccessMap.table.csv(result.v, result.rows); }"
    )
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "@", "-"}]

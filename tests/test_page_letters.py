"""Names in letters from right to left, or with marks that turn a text: they turn nothing that stands around them."""

from __future__ import annotations

from pathlib import Path

import pytest
from strategies import dataset
from test_page import Open, opened
from worlds import tables as world

from graphs.access import build
from graphs.map.page import draw_map

__all__ = ["opened"]  # fixtures

BODY, STORE = "وزارة الداخلية", "قاعدة البيانات"

# Where words stand in an element, from left to right.
PLACES = """([selector, words]) => {
  const host = document.querySelector(selector);
  const walker = document.createTreeWalker(host, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    for (const word of words) {
      const at = walker.currentNode.data.indexOf(word);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + word.length);
      const { left, top } = range.getBoundingClientRect();
      found.push([Math.round(top / 12), left, word]);
    }
  }
  return found.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, , word]) => word);
}"""


@pytest.mark.parametrize(
    ("body", "store"),
    [(BODY, STORE), ("\u202eabcd", "\u202edcba"), ("ab\u2069\u202ecd", "\u2067dc\u202eba"), ("ab\u2067cd", STORE)],
)
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_an_arrow_leads_from_the_one_who_reaches(
    opened: Open, tmp_path: Path, lang: str, body: str, store: str
) -> None:
    told = world("b1 has_access s1", b1={"name": body}, s1={"name": store})
    draw_map(build(dataset(told)), as_of="2020-04-15", target="s1").save(tmp_path / "map.html")
    page = opened(tmp_path / "map.html", link=f"#ask=how&body=b1&target=s1&lang={lang}&sel=b1~s1").page
    between = "→" if lang == "ru" else "can reach"
    head = page.inner_text("#headline")
    assert head.index(body[:2]) < head.index(between) < head.index(store[-2:])
    letters = [body[-2:], between, store[-2:]]
    assert page.evaluate(PLACES, ["#headline", letters]) == letters
    words = page.inner_text("#panel .link-in-words")
    assert words.index(body[-2:]) < words.index(store[-2:])
    assert page.evaluate(PLACES, ["#panel .link-in-words", [body[-2:], store[-2:]]]) == [body[-2:], store[-2:]]


@pytest.mark.parametrize("width", [1400, 390])
def test_a_name_of_ten_thousand_letters_makes_the_page_neither_wide_nor_slow(
    opened: Open, tmp_path: Path, width: int
) -> None:
    long = "W" * 10_000
    told = world("b1 has_access s1", "b2 has_access s1", b1={"name": long}, s1={"name": "</script>" + "x" * 3_000})
    draw_map(build(dataset(told)), as_of="2020-04-15", target="s1").save(tmp_path / "map.html")
    for link in ("#", "#ask=what&body=b1&sel=b1~s1", "#without=b1", "#sel=e:b1"):
        page = opened(tmp_path / "map.html", link=link, width=width).page
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    measured, lines = page.evaluate(
        """(name) => {
          let letters = 0;
          const ctx = { measureText: (text) => { letters += text.length; return { width: text.length * 7 }; } };
          return [AccessMap.paint.lines(ctx, name, 140, 6).length && letters, AccessMap.paint.lines(ctx, name, 140, 6)];
        }""",
        long,
    )
    assert measured < 60 * len(long)
    assert len(lines) == 6
    assert lines[-1].endswith("…")
    sizes = page.evaluate(
        """() => {
          const { picture } = AccessMap.app.internals();
          const texts = { ...AccessMap.app.texts(), headline: "W".repeat(3000) };
          const svg = AccessMap.exports.svgText(picture.scene(), picture.stateOf, texts);
          const drawn = new DOMParser().parseFromString(svg, "image/svg+xml");
          const lines = [...drawn.querySelectorAll("text")];
          const large = lines.filter((line) => line.getAttribute("font-size") === "26");
          return [drawn.documentElement.getAttribute("width"),
            Math.max(...lines.map((line) => line.getAttribute("textLength"))),
            large.map((line) => line.textContent).join("").length];
        }"""
    )
    assert float(sizes[1]) <= float(sizes[0])
    assert sizes[2] == 3000

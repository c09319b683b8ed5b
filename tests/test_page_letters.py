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

"""The evidence of a path, step by step: each relation that a step rests on, with what is said of it and of no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from strategies import dataset
from test_page import Open, opened
from worlds import tables as world

from graphs.access import AccessGraph, build
from graphs.explanations import how
from graphs.map.page import draw_map

__all__ = ["opened"]  # fixtures

CLAIMS = """() => [...document.querySelectorAll("#panel .steps > li > .claim")].map((claim) => ({
  said: claim.querySelector("blockquote").textContent,
  contested: [...claim.querySelectorAll(":scope > .tags .warn")].some((tag) => tag.textContent.includes("contested")),
  denials: claim.querySelectorAll(".denial .claim").length }))"""

TEXT = """() => {
  const { result } = AccessMap.app.internals();
  const row = result.bodies.find(({ body }) => result.v.model.entities.id[body] === "b2");
  return AccessMap.evidence.asText(result.v, AccessMap.answers.resolve(result.v, row), AccessMap.app);
}"""


@pytest.mark.parametrize("denied", ["b1 holds s1", "b1 has_access s2"])
def test_of_an_implied_step_only_the_relation_that_is_denied_is_called_contested(
    opened: Open, tmp_path: Path, denied: str
) -> None:
    claims = ("b1 holds s1", "b1 has_access s2 mode=export", "b2 has_access s1")
    graph = build(dataset(world(*claims, f"{denied} status=denied", categories={"s1": "identity"})))
    draw_map(graph, as_of="2020-04-15", target="s2", stance="assumed").save(tmp_path / "map.html")
    page = opened(tmp_path / "map.html", link="#sel=b2~s2").page
    found = {claim["said"]: (claim["contested"], claim["denials"]) for claim in page.evaluate(CLAIMS)}
    said = ("b2 has_access s1.", "b1 has_access s2.", "b1 holds s1.")
    assert found == {text: (text == f"{denied}.", int(text == f"{denied}.")) for text in said}
    lines = page.evaluate(TEXT).splitlines()
    assert [line for line in lines if "! Denied:" in line and f". {denied}. [denied" in line]
    lines = [line for line in lines if "! Denied:" not in line]
    marked = {text: "contested" in line for line in lines for text in said if f". {text} [" in line}
    assert marked == {text: text == f"{denied}." for text in said}


@pytest.mark.parametrize("code", ["ints", "ragged"])
def test_a_map_whose_category_is_called_as_packed_numbers_are_opens(opened: Open, tmp_path: Path, code: str) -> None:
    told = world(f"b1 has_access s1 categories={code}", categories={"s1": code})
    more = [*told.categories, {**told.categories[0], "code": code, "name": code, "broader": ""}]
    graph = build(dataset(replace(told, categories=more)))
    draw_map(graph, as_of="2020-04-15", target=code).save(tmp_path / "map.html")
    assert "1 body can reach" in opened(tmp_path / "map.html").page.inner_text("#headline")


@pytest.mark.parametrize("day", ["2020-02-19", "2020-04-15"])
def test_a_path_as_text_brings_the_denials_of_its_steps(
    cabar_graph: AccessGraph, opened: Open, tmp_path: Path, day: str
) -> None:
    body, store = "kz-police-almaty", "kz-sergek-almaty-archive"
    answer = how(cabar_graph, body, store, as_of=day)
    (denial,) = [note.values["claim"] for note in answer.notes if "denial" in note.values][:1]
    draw_map(cabar_graph, as_of=day, target=store).save(tmp_path / "map.html")
    page = opened(tmp_path / "map.html", link=f"#sel={body}~{store}").page
    text = page.evaluate(
        """() => {
          const { result } = AccessMap.app.internals();
          const row = result.bodies.find((one) => result.v.model.entities.id[one.body] === "kz-police-almaty");
          return AccessMap.evidence.asText(result.v, AccessMap.answers.resolve(result.v, row), AccessMap.app);
        }"""
    )
    assert denial in text


@pytest.mark.parametrize(
    ("link", "said"),
    [("", ""), ("without=r1", "taken away"), ("without=s1", "taken away"), ("knownby=2014", "not yet known"),
     ("asof=2014-05-01", "not in force"), ("fresh=3y", "no evidence that new")],
)  # fmt: skip
def test_what_is_on_record_and_counts_for_nothing_says_why(opened: Open, tmp_path: Path, link: str, said: str) -> None:
    told = world("b1 has_access s1 sources=on-2015-01-01")
    draw_map(build(dataset(told)), as_of="2020-04-15", target="s1").save(tmp_path / "map.html")
    page = opened(tmp_path / "map.html", link=f"#sel=e:b1&{link}").page
    line = page.locator("#panel .relations > li")
    assert line.get_attribute("class") == ("past" if said else "")
    assert said in line.locator("summary").inner_text()
    assert said or "·" not in line.locator("summary").inner_text()

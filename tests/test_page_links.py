"""What a link may say: nothing that the page does not know changes an answer, or is told as an assumption."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_page import Open, map_file, opened

from graphs.access import AccessGraph
from graphs.map.page import draw_map

__all__ = ["map_file", "opened"]  # fixtures

SAID = "() => [...document.querySelectorAll('#headline, #deck, #assumed')].map((node) => node.textContent)"


@pytest.mark.parametrize(
    "link",
    ["asof=", "asof=2020-13", "knownby=soon", "knownby=2021-02-30", "fresh=soon", "fresh=3", "country=ZZ",
     "kinds=foo,bar", "without=%25", "without=%25ZZ,%25E0%25A4", "level=&certainty=&stance="],
)  # fmt: skip
def test_what_a_link_says_that_is_not_known_leaves_the_answer_of_the_opening(
    map_file: Path, opened: Open, link: str
) -> None:
    plain = opened(map_file).page.evaluate(SAID)
    assert opened(map_file, link=f"#{link}").page.evaluate(SAID) == plain


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("knownby=2020", "Known by: 31 December 2020"),
        ("fresh=%203Y", "Newest evidence: within 3 years"),
        ("fresh=0d", "Newest evidence: within 0 days"),
        ("lang=ru&fresh=3y", "Давность сведений: за 3 года"),
        ("kinds=foo,vendor", "Left out: vendors"),
    ],
)
def test_an_assumption_of_a_link_is_told_as_it_is_taken(map_file: Path, opened: Open, link: str, words: str) -> None:
    page = opened(map_file, link=f"#{link}").page
    told = page.inner_text("#assumed") if page.is_visible("#assumed") else page.evaluate(SAID)[2]
    assert words.lower() in told.replace("\u00a0", " ").lower()


def test_who_asks_is_no_assumption_of_a_question_about_one_body(map_file: Path, opened: Open) -> None:
    page = opened(map_file, link="#ask=what&body=kz-mia&country=CN&kinds=vendor").page
    told = page.evaluate(SAID)[2]
    assert "China" not in told
    assert "Left out" not in told


def test_back_leads_to_the_day_on_which_a_move_of_the_slider_began(map_file: Path, opened: Open) -> None:
    page = opened(map_file, link="#asof=2024-01-01").page
    before, steps = page.evaluate(SAID), page.evaluate("history.length")
    page.focus("#time-slider")
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate(SAID) != before
    assert page.evaluate("history.length") == steps + 1
    page.go_back()
    page.wait_for_function("location.hash === '#asof=2024-01-01'")
    assert page.evaluate(SAID) == before


@pytest.mark.parametrize(("link", "begins"), [("ask=what&body=cn-iflytek", "iFLYTEK"), ("lang=ru", "Биометрические")])
def test_a_headline_leaves_a_name_as_it_is_written(map_file: Path, opened: Open, link: str, begins: str) -> None:
    seen = opened(map_file, link=f"#{link}")
    assert seen.page.inner_text("#headline").startswith(begins)
    assert seen.page.evaluate("AccessMap.app.texts().headline").startswith(begins)
    assert seen.page.title().startswith(begins)


def test_a_day_of_a_link_that_cannot_be_read_is_told_and_leaves_the_address(map_file: Path, opened: Open) -> None:
    page = opened(map_file, link="#target=face&asof=15.04.2020").page
    assert "15.04.2020" in page.inner_text("#notes")
    assert page.evaluate("location.hash") == "#target=face"
    page.evaluate("AccessMap.app.set({ asof: '2020-04-15' })")
    page.wait_for_function("!document.getElementById('notes').textContent.includes('15.04.2020')")


def test_an_answer_that_goes_wrong_leaves_no_earlier_one_under_its_assumptions(map_file: Path, opened: Open) -> None:
    seen = opened(map_file)
    before = seen.page.inner_text("#headline")
    seen.page.evaluate(
        """() => {
          const { view } = AccessMap.engine;
          AccessMap.engine.view = () => { AccessMap.engine.view = view; throw new Error("broken"); };
          try { AccessMap.app.set({ asof: "2021-01-01" }); } catch { /* as a listener's error would be */ }
        }"""
    )
    assert "could not answer: broken" in seen.page.inner_text("#headline")
    assert "could not answer: broken" in seen.page.text_content("#status")
    seen.go(asof="2026-11-24")
    assert seen.page.inner_text("#headline") == before


def test_of_data_that_no_place_has_the_page_says_so_and_promises_nothing(
    cabar_graph: AccessGraph, opened: Open, tmp_path: Path
) -> None:
    draw_map(cabar_graph, target="video", as_of="2020-04-15").save(tmp_path / "map.html")
    deck = opened(tmp_path / "map.html", link="#target=health").page.inner_text("#deck")
    assert "No system or store of this map is recorded with these data" in deck
    assert "may show more" not in deck
    deck = opened(tmp_path / "map.html", link="#target=video&asof=1990-01-01").page.inner_text("#deck")
    assert "may show more" in deck

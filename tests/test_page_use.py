"""The page in use: on paper, by keyboard, read aloud, with a link that it cannot take."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_page import Open, map_file, opened

from graphs.access import AccessGraph
from graphs.map.page import draw_map

__all__ = ["map_file", "opened"]  # fixtures


def test_a_print_out_of_a_dark_page_is_dark_on_light(map_file: Path, opened: Open) -> None:
    """Lines of the legend, the chosen row and the addresses of sources: nothing is lost on paper."""
    seen = opened(map_file, link="#sel=kz-mia~kz-digital-dome-astana", color_scheme="dark")
    seen.page.emulate_media(media="print", color_scheme="dark")
    found = seen.page.evaluate(
        """() => {
          const bright = (text) => Math.max(...text.match(/[\\d.]+/g).slice(0, 3).map(Number));
          const style = (selector, part) => getComputedStyle(document.querySelector(selector), part);
          return {
            lines: [...document.querySelectorAll(".line line")].map((line) => bright(getComputedStyle(line).stroke)),
            chosen: bright(style("tr.chosen").backgroundColor), text: bright(style("tr.chosen td").color),
            address: style(".sources a", "::after").content,
          };
        }"""
    )
    assert len(found["lines"]) > 6
    assert max(found["lines"]) < 160
    assert found["chosen"] > 200
    assert found["text"] < 120
    assert "http" in found["address"]


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_what_is_said_of_a_step_is_read_one_by_one(map_file: Path, opened: Open, lang: str) -> None:
    page = opened(map_file, link=f"#lang={lang}&sel=kz-mia~kz-digital-dome-astana").page
    step = page.locator("#panel .steps > li").first
    assert step.locator("ul.tags > li").count() >= 2
    assert page.locator("#panel p.tags").count() == 0


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("target=nonsense", "Nothing on this map goes by “nonsense”"),
        ("ask=what&body=nobody", "Nothing on this map goes by “nobody”"),
        ("ask=what&body=kz-sergek", "is not a body"),
        ("ask=what", "Choose what to ask about"),
        ("ask=how&body=kz-mia&target=nonsense", "Nothing on this map goes by “nonsense”"),
    ],
)
def test_a_question_that_this_map_cannot_take_is_not_answered_with_no_path(
    map_file: Path, opened: Open, link: str, words: str
) -> None:
    page = opened(map_file, link=f"#{link}").page
    assert words in page.inner_text("#headline")
    assert words in page.inner_text("#picture-none")
    assert "no known path" not in page.inner_text("main").lower()


def test_what_is_not_on_the_map_is_not_taken_away(map_file: Path, opened: Open) -> None:
    seen = opened(map_file, link="#without=nothing")
    assert "can reach" in seen.page.inner_text("#headline")
    assert not seen.page.is_visible("#whatif")


@pytest.mark.parametrize("text", ["politsiya almaty", "polisiya almaty", "полиция алматы", "Алматы полиция"])
def test_a_name_is_found_however_its_sounds_are_spelt(map_file: Path, opened: Open, text: str) -> None:
    page = opened(map_file).page
    found = page.evaluate(
        """(text) => { const { model } = AccessMap.app.internals(); const { search } = AccessMap;
        return search.find(search.index(model), text).map((entry) => entry.code); }""",
        text,
    )
    assert "kz-police-almaty" in found


def test_a_keyboard_keeps_its_place_through_every_change(map_file: Path, opened: Open) -> None:
    """What is pressed is drawn anew; the focus must not fall back to the top of the page."""
    seen = opened(map_file, link="#sel=kz-mia~kz-digital-dome-astana")
    page = seen.page
    presses = {
        "#tools button >> nth=1": "Enter",  # language
        "#tools button >> nth=0": "Enter",
        "#tools button >> nth=3": "Enter",  # theme
        "#stage-tools .segments button >> nth=1": "Enter",  # overlay
        "#time-back": "Enter",
        "#time-compare": "Space",
        "#sheet thead button >> nth=1": "Enter",
        "#assumptions select >> nth=1": "ArrowDown",
    }
    for selector, key in presses.items():
        page.focus(selector)
        page.keyboard.press(key)
        page.wait_for_timeout(60)
        page.wait_for_selector("#main:not([aria-busy])")
        assert page.evaluate("document.activeElement.tagName") != "BODY", selector
    seen.go(sel="kz-mia~kz-digital-dome-astana", over="", between="")
    page.focus("#panel button.take >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_selector("#main:not([aria-busy])")
    assert page.evaluate("document.activeElement.closest('#panel') !== null")


def test_a_story_is_read_on_with_one_key(cabar_graph: AccessGraph, opened: Open, tmp_path: Path) -> None:
    steps = [{"title": f"{n}", "text": "Text", "view": "target=video"} for n in range(3)]
    draw_map(cabar_graph, as_of="2020-04-15", target="video", story={"title": "T", "steps": steps}).save(
        tmp_path / "m.html"
    )
    page = opened(tmp_path / "m.html").page
    page.focus("#story button")
    for said in ("1 of 3", "2 of 3", "3 of 3"):
        page.keyboard.press("Enter")
        assert said in page.inner_text("#story")
        assert page.evaluate("document.activeElement.closest('#story') !== null")


@pytest.mark.parametrize(("lang", "words"), [("en", "3 years"), ("ru", "3 года"), ("kk", "3 жыл")])
def test_spans_and_numbers_are_in_the_readers_language(map_file: Path, opened: Open, lang: str, words: str) -> None:
    page = opened(map_file, link=f"#lang={lang}").page
    assert words in page.inner_text("#assumptions").replace("\u00a0", " ")
    number = page.evaluate("AccessMap.words.number(1637)")
    assert number == "1,637" if lang == "en" else re.fullmatch(r"1\s637", number), number
    assert "year" not in page.inner_text("#assumptions") or lang == "en"


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_every_sign_in_the_picture_is_in_the_legend_and_in_the_key_of_exports(
    map_file: Path, opened: Open, lang: str
) -> None:
    seen = opened(map_file, link=f"#lang={lang}")
    views = (
        {"over": "exposure"},
        {"over": "gaps"},
        {"over": "", "between": "2020-01-01"},
        {"between": "", "ask": "all"},
    )
    for state in views:
        seen.go(**state)
        seen.page.wait_for_selector("#main:not([aria-busy])")
        signs, legend, key = seen.page.evaluate(
            """() => { const { picture } = AccessMap.app.internals();
            return [[...new Set(picture.scene().boxes.map((b) => b.mark && b.mark.text).filter(Boolean).map(String))],
              document.querySelector("#legend").textContent, AccessMap.app.texts().key]; }"""
        )
        assert signs, state
        for sign in signs:
            shown = "12" if sign.isdigit() else sign
            assert shown in legend, (state, sign)
            assert shown in key, (state, sign)


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_an_svg_keeps_its_texts_in_place_where_its_fonts_are_missing(
    map_file: Path, opened: Open, tmp_path: Path, lang: str
) -> None:
    seen = opened(map_file, link=f"#lang={lang}&over=exposure")
    svg = seen.page.evaluate(
        """() => { const { picture } = AccessMap.app.internals();
        return AccessMap.exports.svgText(picture.scene(), picture.stateOf, AccessMap.app.texts()); }"""
    )
    told = seen.page.evaluate("AccessMap.app.internals().picture.scene().boxes.map((box) => box.lines.length)")
    (tmp_path / "picture.svg").write_text(svg, "utf-8")
    page = seen.page.context.new_page()
    page.goto((tmp_path / "picture.svg").as_uri())
    wide, over, count = page.evaluate(
        """() => { const all = [...document.querySelectorAll("text")];
        const width = document.documentElement.width.baseVal.value;
        const end = (node) => node.getBBox().x + node.getBBox().width;
        return [width, all.filter((node) => end(node) > width - 20).map((node) => node.textContent), all.length]; }"""
    )
    assert wide > 500
    assert count > sum(told)
    assert over == []
    boxes = page.evaluate(
        """() => [...document.querySelectorAll("text[font-weight='600']")].slice(-40).map((node) => [
          node.getBBox().width, Number(node.getAttribute("textLength"))])"""
    )
    assert all(abs(shown - meant) < 2 for shown, meant in boxes if meant)


@pytest.mark.parametrize("lang", ["en", "kk"])
def test_every_stop_of_the_keyboard_has_a_name(map_file: Path, opened: Open, lang: str) -> None:
    page = opened(map_file, link=f"#lang={lang}&sel=kz-mia~kz-digital-dome-astana").page
    nameless, stops = [], 0
    for _ in range(70):
        page.keyboard.press("Tab")
        name = page.evaluate(
            """() => { const node = document.activeElement; const told = [node.getAttribute("aria-label"),
              document.getElementById(node.getAttribute("aria-labelledby") || "")?.textContent,
              ...[...(node.labels || [])].map((label) => label.textContent),
              node.matches("button, a, summary") ? node.textContent : ""];
            return [told.filter(Boolean).join(" ").trim(), node.outerHTML.slice(0, 90)]; }"""
        )
        stops += 1
        if not name[0]:
            nameless.append(name[1])
    assert stops == 70
    assert nameless == []


def test_only_the_path_that_was_chosen_is_lit(map_file: Path, opened: Open) -> None:
    """A body is drawn with its best path; another of its paths, chosen in the table, is lit alone."""
    seen = opened(map_file, link="#target=video&sel=kz-mia~kz-sergek-almaty-archive")
    lit, path = seen.page.evaluate(
        """() => { const { picture, result, model } = AccessMap.app.internals();
        const [body, place] = ["kz-mia", "kz-sergek-almaty-archive"].map((id) => model.position.get(id));
        const row = AccessMap.answers.resolve(result.v, AccessMap.question.rowOf(result, body, place));
        const lit = picture.scene().links.filter((link) => picture.stateOf("link", link) === "lit");
        return [lit.map((link) => link.arc).sort(), Array.from(row.facts.path).sort()]; }"""
    )
    assert len(path) == 3
    assert lit == path


@pytest.mark.parametrize(
    "link", ["target=biometric", "target=face&lang=ru&by=pair", "lang=kk&between=2024-01-01", "ask=what&body=kz-mia"]
)
def test_a_printed_table_has_all_its_columns_on_a_sheet_of_a4_upright(map_file: Path, opened: Open, link: str) -> None:
    page = opened(map_file, link=f"#{link}").page
    page.emulate_media(media="print")
    for width in (794, 717):  # a sheet without margins, and with those of a browser
        page.set_viewport_size({"width": width, "height": 1123})
        last = "[...document.querySelectorAll('#sheet thead th')].at(-1).getBoundingClientRect().right"
        assert page.evaluate(last) <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width

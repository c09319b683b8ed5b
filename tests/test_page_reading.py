"""The page as it is read: what is chosen, said and drawn agree; nothing is cut off, in any of its languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from itertools import pairwise
from pathlib import Path

import pytest
from test_page import DAY, Open, map_file, opened
from worlds import graph_of

from graphs.access import AccessGraph, build
from graphs.map.page import draw_map, write_map
from graphs.reachability import who_can_reach
from stakeholders.tables import new, read

__all__ = ["map_file", "opened"]  # fixtures

EARLIER = "1999-01-01"


STRINGS: Mapping[str, Mapping[str, str | Mapping[str, str]]] = json.loads(
    resources.files("graphs.map").joinpath("strings.json").read_text("utf-8")
)
INFLECTING = (
    r"\b(?:к|ко|для|от|через|из|у|в|во|на|с|со|по|о|об|за|без|над|под|при)\s+[«“]?"
    r"\{(?!n\}|date\}|day\}|from\}|to\}|span\}|total\})"
)
CAPABLE = re.compile(r"cannot|can not|не может|не могут|алмайды", re.IGNORECASE)
GRANT = re.compile(r"has access|have access|имеет доступ|имеют доступ|получил\w* доступ|рұқсаты бар", re.IGNORECASE)


def sentences(lang: str) -> Iterator[tuple[str, str]]:
    for key, entry in STRINGS.items():
        said = entry[lang]
        for text in [said] if isinstance(said, str) else said.values():
            yield key, text


def test_every_sentence_stands_in_every_language_with_the_same_gaps() -> None:
    for key, entry in STRINGS.items():
        assert set(entry) == {"en", "ru", "kk"}, key
        gaps = {
            lang: {gap for k, text in sentences(lang) if k == key for gap in re.findall(r"\{(\w+)\}", text)}
            for lang in entry
        }
        assert gaps["en"] | {"n"} == gaps["ru"] | {"n"} == gaps["kk"] | {"n"}, key


def test_no_russian_word_before_a_name_would_inflect_it() -> None:
    assert [(key, text) for key, text in sentences("ru") if re.search(INFLECTING, text)] == []
    asked = [text for key, text in sentences("ru") if key in ("askWho", "askWhat", "askHow")]
    assert all(text.endswith(":") for text in asked)


def test_a_plural_form_for_many_numbers_says_which() -> None:
    """In Russian the form called "one" also stands for 21, 31 and 101."""
    for key, entry in STRINGS.items():
        said = entry["ru"]
        if not isinstance(said, str) and "one" in said:
            assert "{n}" in said["one"], key


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_reach_is_not_called_access_and_nobody_is_said_to_be_unable(lang: str) -> None:
    assert [key for key, text in sentences(lang) if CAPABLE.search(text)] == []
    assert [key for key, text in sentences(lang) if GRANT.search(text)] == ["hint2"]


def test_a_russian_answer_leaves_names_as_they_are(map_file: Path, opened: Open) -> None:
    seen = opened(map_file, link="#lang=ru")
    assert re.search(r"^Биометрические данные: .* доступ, мест хранения: \d+$", seen.page.inner_text("#headline"))
    seen.go(ask="how", body="kz-mia", target="face", sel="kz-mia~kz-digital-dome-astana")
    assert seen.page.inner_text("#panel-title").startswith(
        "Министерство внутренних дел: есть возможность получить доступ ("
    )
    assert "внутренних дел – эксплуатирует: «Цифровой" in seen.page.inner_text("#panel .link-in-words")


@pytest.fixture(scope="module")
def ended_path(central_asia_graph: AccessGraph) -> tuple[str, str]:
    """A body and a place with a path today and none earlier, when the body had a path to another place."""
    now, then = (
        {
            (row["body"], row["store"])
            for row in who_can_reach(central_asia_graph, "biometric", by="pair", as_of=day).rows
        }
        for day in (DAY, EARLIER)
    )
    still = {body for body, _ in then}
    return min(pair for pair in now - then if pair[0] in still)


def test_a_path_chosen_that_another_day_does_not_support_is_said_to_be_unknown_and_lights_nothing(
    map_file: Path, opened: Open, ended_path: tuple[str, str]
) -> None:
    seen = opened(map_file, link=f"#sel={'~'.join(ended_path)}")
    lit = """() => { const { picture } = AccessMap.app.internals(); const { links, boxes } = picture.scene();
        return [...links.map((l) => picture.stateOf("link", l)), ...boxes.map((b) => picture.stateOf("box", b))]; }"""
    assert "lit" in seen.page.evaluate(lit)
    seen.go(asof=EARLIER)
    assert set(seen.page.evaluate(lit)) == {"plain"}
    assert "o known path" in seen.page.inner_text("#panel-title")
    seen.go(asof=DAY)
    assert "lit" in seen.page.evaluate(lit)


def test_no_path_is_said_only_of_what_was_asked(map_file: Path, opened: Open, ended_path: tuple[str, str]) -> None:
    seen = opened(map_file, link=f"#sel={'~'.join(ended_path)}&asof={EARLIER}")
    seen.go(kinds="abroad,outside,state,vendor,agency,operator")
    assert "known path" not in seen.page.inner_text("#panel")


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("#asof=1901-01-01&target=voice", "no known path"),
        ("#asof=1901-01-01&target=voice&lang=ru", "путь неизвестен"),
        ("#asof=1901-01-01&target=voice&lang=kk", "белгілі жол жоқ"),
        (f"#between={DAY}", "no path changes"),
    ],
)
def test_a_picture_of_nothing_says_so(map_file: Path, opened: Open, link: str, words: str) -> None:
    page = opened(map_file, link=link).page
    assert words in page.inner_text("#picture-none")
    box, frame = (page.locator(name).bounding_box() for name in ("#picture-none", "#canvas"))
    assert box is not None
    assert frame is not None
    assert box["y"] >= frame["y"]
    assert page.evaluate("document.querySelector('#main').innerText").count(words) >= 1
    page.evaluate(f"AccessMap.app.set({{ asof: '{DAY}', between: '', target: 'biometric' }})")
    assert not page.is_visible("#picture-none")


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_the_whole_table_is_in_sight_on_a_desk(map_file: Path, opened: Open, lang: str) -> None:
    page = opened(map_file, link=f"#lang={lang}").page
    wide, shown = page.evaluate(
        "(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector('.scroller'))"
    )
    assert wide <= shown


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize("ask", ["who", "how", "all"])
def test_nothing_is_wider_than_a_phone(map_file: Path, opened: Open, lang: str, ask: str) -> None:
    page = opened(map_file, link=f"#lang={lang}&ask={ask}&body=kz-mia", width=390, height=844).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_table_wider_than_its_frame_shows_an_edge(map_file: Path, opened: Open) -> None:
    page = opened(map_file, link="#lang=ru", width=720, height=844).page
    edge = "getComputedStyle(document.querySelector('.scroller')).backgroundImage"
    assert page.evaluate(edge).count("gradient") == 4


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("Департамент", ["Де", "пар", "та", "мент"]),
        ("Государственная", ["Го", "су", "дар", "ст", "вен", "ная"]),
        ("больница", ["боль", "ни", "ца"]),
        ("район", []),
        ("министрлігі", ["ми", "нис", "тр", "лі", "гі"]),
        ("techno", ["tech", "no"]),
        ("Усть-Каменогорск", ["Усть-", "Ка", "ме", "но", "горск"]),
        ("1990-01-01", []),
    ],
)
def test_words_are_broken_between_syllables(map_file: Path, opened: Open, word: str, parts: list[str]) -> None:
    found = opened(map_file).page.evaluate("(word) => AccessMap.paint.breaks(word)", word)
    ends = [0, *found, len(word)] if found else [0, len(word)]
    assert [word[a:b] for a, b in pairwise(ends)] == (parts or [word])


@pytest.mark.parametrize("lang", ["ru", "kk"])
def test_no_line_in_a_box_on_a_phone_ends_within_a_syllable(map_file: Path, opened: Open, lang: str) -> None:
    broken = opened(map_file, link=f"#lang={lang}", width=390, height=844).page.evaluate(
        """() => {
          const out = [];
          for (const box of AccessMap.app.internals().picture.scene().boxes.filter((b) => !b.more)) {
            out.push([box.label, box.lines]);
          }
          return out;
        }"""
    )
    ends = [(line, after) for label, lines in broken for line, after in pairwise(lines) if line.endswith("-")]
    assert ends
    vowel = re.compile(r"[аеёиоуыэюяәіөұүaeiouy]", re.IGNORECASE)
    for line, after in ends:
        assert vowel.search(line.split()[-1])
        assert vowel.search(after.split()[0]) or after.endswith("…")
        assert after[0].lower() not in "ьъй"


NAMES = """() => {
  const { picture } = AccessMap.app.internals();
  const scene = picture.scene();
  const ctx = document.createElement("canvas").getContext("2d");
  const { boxes } = scene;
  const wide = (box) => { ctx.font = `600 ${box.text}px ${AccessMap.paint.SANS}`;
    return Math.max(...box.lines.map((line) => ctx.measureText(line).width)); };
  const edge = (box) => (box.more ? 8 : box.strip + box.side + (box.mark ? 12 : 2));
  return {
    count: boxes.length,
    cut: boxes.filter((box) => box.lines.some((line) => line.endsWith("…"))).map((box) => box.label),
    outside: boxes.filter((box) => wide(box) + edge(box) > box.width || box.lines.length * (box.text + 2) > box.height)
      .map((box) => box.label),
    small: Math.min(...boxes.map((box) => box.text)) * picture.network.getScale(),
    heads: scene.heads.flatMap((head) => AccessMap.paint.headLines(ctx, head, scene)).filter((line) => /…$/.test(line)),
  };
}"""


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize(("width", "least"), [(1400, 12.5), (390, 11), (320, 11)])
def test_no_name_is_cut_and_every_name_is_in_its_box(
    map_file: Path, opened: Open, lang: str, width: int, least: float
) -> None:
    seen = opened(map_file, link=f"#lang={lang}", width=width, height=900)
    for link in ("target=biometric", "target=face&between=2019-01-01", "ask=all", "ask=what&body=kz-mia"):
        seen.page.evaluate("(link) => { location.hash = link; }", f"lang={lang}&{link}")
        seen.page.wait_for_timeout(150)
        seen.page.wait_for_selector("#main:not([aria-busy])")
        found = seen.page.evaluate(NAMES)
        assert found["count"] > 10, link
        assert found["cut"] == found["outside"] == found["heads"] == [], link
        assert found["small"] >= least, link


@pytest.mark.parametrize("link", ["between=2020-01-01", "target=kz-sergek-almaty-archive"])
def test_signs_on_links_do_not_cover_each_other(map_file: Path, opened: Open, link: str) -> None:
    apart = opened(map_file, link=f"#{link}").page.evaluate(
        """() => {
          const { picture } = AccessMap.app.internals();
          const placed = [];
          const told = { arc: (x, y, r) => { if (r === 7.5) placed.push([x, y]); }, measureText: () => ({ width: 1 }) };
          const ctx = new Proxy({}, { get: (_, key) => told[key] || (() => {}), set: () => true });
          AccessMap.paint.draw(ctx, picture.scene(), AccessMap.paint.LIGHT, picture.stateOf);
          let close = 0;
          const near = ([x, y], [a, b]) => Math.hypot(a - x, b - y) < 15;
          placed.forEach((one, i) => { close += placed.slice(i + 1).filter((other) => near(one, other)).length; });
          return [placed.length, close];
        }"""
    )
    assert apart[1] <= apart[0] // 20


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_on_a_phone_a_row_is_a_card_and_still_a_row(map_file: Path, opened: Open, lang: str) -> None:
    page = opened(map_file, link=f"#lang={lang}", width=390, height=844).page
    assert (
        page.evaluate(
            "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.scroller'))"
        )
        <= 0
    )
    tall = page.evaluate("Math.max(...[...document.querySelectorAll('tbody tr')].map((row) => row.offsetHeight))")
    assert tall < 330
    assert page.get_by_role("table").count() == 1
    assert page.get_by_role("columnheader").count() == 13
    assert page.get_by_role("rowheader").count() > 40
    first = page.get_by_role("row").nth(1)
    assert first.get_by_role("cell").count() == 12


TOLD = {
    "en": {
        "since 2020-02-19": "since 19 February 2020", "since 2020-02": "since February 2020",
        "lastEvidence 2020": "last known 2020", "since 2020-13": "since 2020-13",
    },
    "ru": {
        "since 2020-02-19": "с 19 февраля 2020 г.", "since 2020-02": "с февраля 2020 г.", "until 2020": "по 2020 года",
        "lastEvidence 2020-02": "последние сведения: февраль 2020 г.",
        "lastEvidence 2020": "последние сведения: 2020 год",
    },
    "kk": {
        "since 2020-02-19": "басталуы: 2020 жылғы 19 ақпан", "lastEvidence 2020-02": "соңғы дерек: 2020 жылғы ақпан",
    },
}  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_a_date_in_a_sentence_is_told_in_its_language(map_file: Path, opened: Open, lang: str) -> None:
    page = opened(map_file, link=f"#lang={lang}").page
    for asked, told in TOLD[lang].items():
        said = page.evaluate("([key, date]) => AccessMap.words.t(key, { date })", asked.split())
        assert said.replace("\u00a0", " ") == told


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_a_path_taken_along_as_text_says_what_it_rests_on(map_file: Path, opened: Open, lang: str) -> None:
    """Status, dates, doubt, legal basis, sources with addresses, assumptions and the data's version: all of it."""
    seen = opened(map_file, link=f"#lang={lang}&target=video&asof=2020-01-15&by=pair&stance=documented")
    text, words = seen.page.evaluate(
        """() => {
          const { model, result } = AccessMap.app.internals();
          const { answers, evidence, words } = AccessMap;
          const rows = result.rows.map((row) => answers.resolve(result.v, row));
          const row = rows.find((one) => one.facts.contested && one.facts.path.length > 1);
          const at = row.facts.path.map((a) => model.arcs.relation[a]);
          return [evidence.asText(result.v, row, AccessMap.app), {
            claims: at.map((r) => model.relations.claim[r]),
            urls: at.flatMap((r) => model.relations.sources[r]).map((s) => model.sources.url[s]).filter(Boolean),
            doubt: words.t("contested"), stance: words.term("stance", "documented"),
            version: model.data.dataset.version }];
        }"""
    )
    lines = text.splitlines()
    for number, claim in enumerate(words["claims"], start=1):
        assert [line for line in lines if line.startswith(f"{number}. ") and claim in line]
    assert all(url in text for url in words["urls"])
    assert words["doubt"] in lines[0]
    assert words["stance"] in lines[-2]
    assert words["version"] in lines[-1]


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_no_date_is_broken_between_two_lines(map_file: Path, opened: Open, lang: str) -> None:
    page = opened(map_file, link=f"#lang={lang}&sel=e:kz-mia&between=2019-01-01", width=390, height=844).page
    broken = page.evaluate(
        """() => {
          document.querySelectorAll("details").forEach((node) => { node.open = true; });
          const walker = document.createTreeWalker(document.querySelector("#main"), NodeFilter.SHOW_TEXT);
          const out = [];
          let seen = 0;
          while (walker.nextNode()) {
            const node = walker.currentNode;
            for (const match of node.data.matchAll(/\\d{4}-\\d{2}(-\\d{2})?|\\S*\\d\u00a0\\S+/g)) {
              const range = document.createRange();
              range.setStart(node, match.index);
              range.setEnd(node, match.index + match[0].length);
              seen += 1;
              const tops = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
              if (tops.size > 1) out.push(node.parentElement.outerHTML.slice(0, 120));
            }
          }
          return [seen, out];
        }"""
    )
    assert broken[0] > 40
    assert broken[1] == []


@pytest.mark.parametrize(
    ("lang", "power", "of_places"),
    [
        ("en", "command, ownership, membership or legal power", ("place", "store", "its data")),
        ("ru", "подчинение, собственность, членство или право обязать", ("мест", "хранилищ", "имеющиеся там данные")),
        ("kk", "бағыныс, меншік, мүшелік не міндеттеу құқығы", ("орны", "жерде", "дерекқор")),
    ],
)
def test_a_body_that_is_asked_about_is_no_place(
    map_file: Path, opened: Open, lang: str, power: str, of_places: tuple[str, ...]
) -> None:
    links = ("target=cn-hikvision", "ask=how&body=cn-cetc&target=cn-hikvision", "target=cn-hikvision&over=chokepoints")
    for link in links:
        seen = opened(map_file, link=f"#{link}&lang={lang}")
        sheet = seen.page.inner_text("#sheet thead") + seen.page.inner_text("#sheet .sheet-bar")
        told = seen.page.inner_text("#headline")
        if "over" in link:
            told += seen.page.inner_text("#panel p")
        assert power in told
        assert not [word for word in of_places if word in (told + sheet).casefold()]
    # And of a body that is only claimed to be within reach the page does not say that it is.
    seen = opened(map_file, link=f"#ask=how&body=cn-mss&target=cn-hikvision&sel=cn-mss~cn-hikvision&lang={lang}")
    assert power not in seen.page.inner_text("#headline")
    head = seen.page.inner_text("#panel-title")
    assert power in head
    assert not [word for word in of_places if word in head]


def test_a_sign_of_two_lines_is_one_box_and_no_sentence_ends_twice(map_file: Path, opened: Open) -> None:
    seen = opened(map_file, link="#sel=e:cn-hikvision&lang=ru", width=390, height=844)
    boxes = seen.page.evaluate(
        "() => [...document.querySelectorAll('#panel .tag')].map((x) => [x.offsetHeight, x.getClientRects().length])"
    )
    assert max(height for height, _ in boxes) > 30
    assert {rects for _, rects in boxes} == {1}
    assert ".." not in seen.page.inner_text("#provenance")


def test_data_without_a_licence_are_told_without_a_gap(opened: Open, tmp_path: Path) -> None:
    write_map(build(read(new(tmp_path / "own")[0].parent)), tmp_path / "map.html", as_of=DAY)
    for lang in ("en", "ru", "kk"):
        said = opened(tmp_path / "map.html", link=f"#lang={lang}").page.inner_text("#provenance")
        assert "own 0.1" in said
        assert not re.search(r",\s*[.,;]", said), said


def test_a_licence_is_told_beside_the_version(map_file: Path, opened: Open) -> None:
    said = opened(map_file).page.inner_text("#provenance")
    assert re.search(r"2026\.11, [A-Z][\w ./-]+\. SHA", said.replace("\xa0", " ")), said


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", r"joined by (\d+) recorded links? in force that can pass access on"),
        ("ru", r"(\d+) действующ\w+ связ\w+, по котор\w+ передаётся доступ"),
        ("kk", r"қолжетімділік өтетін қолданыстағы (\d+) байланыс"),
    ],
)
def test_the_whole_map_counts_the_links_that_pass_access_on(opened: Open, tmp_path: Path, lang: str, said: str) -> None:
    graph = graph_of("b1 holds s1", "b2 supervises b1", "b3 owns b1 percent=25..60", "b1 holds s1 status=denied")
    write_map(graph, tmp_path / "map.html", as_of=DAY)
    head = (
        opened(tmp_path / "map.html", link=f"#ask=all&lang={lang}").page.inner_text("#headline").replace("\xa0", " ")
    )
    assert re.search(said, head)[1] == "1", head


def test_the_ring_of_a_field_in_focus_leaves_its_label_free(map_file: Path, opened: Open) -> None:
    page = opened(map_file).page
    page.focus("#ask-mode")
    checked = 0
    for _ in range(20):
        page.keyboard.press("Tab")
        gap = page.evaluate(
            """() => {
              const field = document.activeElement;
              const label = field.closest("label, .combobox")?.querySelector(".field-label");
              if (!label || !field.matches("select, input")) return null;
              const range = document.createRange();
              range.selectNodeContents(label);
              const ring = getComputedStyle(field);
              const text = range.getBoundingClientRect();
              if (label.offsetWidth < 2) return null;
              const wide = parseFloat(ring.outlineOffset) + parseFloat(ring.outlineWidth);
              return field.getBoundingClientRect().top - wide - text.bottom;
            }"""
        )
        if gap is not None:
            checked += 1
            assert gap >= 0
    assert checked > 5


def test_the_title_is_in_the_readers_language_unless_it_was_given(
    map_file: Path, opened: Open, central_asia_graph: AccessGraph, cabar_graph: AccessGraph
) -> None:
    seen = opened(map_file)
    english = seen.page.inner_text("#title")
    assert english == central_asia_graph.dataset.title
    seen.go(lang="ru")
    assert "персональные данные" in seen.page.inner_text("#title")
    assert "персональные данные" in seen.page.title()
    assert "персональные данные" in seen.page.evaluate("AccessMap.app.texts().source")
    seen.go(lang="kk")
    assert "жеке деректерді" in seen.page.inner_text("#title")
    options = {"as_of": "2020-04-15", "target": "video", "lang": "ru"}
    assert "<title>Культура защиты персональных данных" in draw_map(cabar_graph, **options).html
    assert '<h1 id="title">Ours</h1>' in draw_map(cabar_graph, title="Ours", **options).html


def test_titles_of_bundled_data_are_those_that_are_translated(
    central_asia_graph: AccessGraph, cabar_graph: AccessGraph
) -> None:
    for graph in (central_asia_graph, cabar_graph):
        assert STRINGS[f"title_{graph.dataset.name}"]["en"] == graph.dataset.title

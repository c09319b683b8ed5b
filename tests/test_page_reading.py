"""The page as it is read: what is chosen, said and drawn agree; nothing is cut off, in any of its languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

import pytest
from test_page import DAY, Open, map_file, opened

from graphs.access import AccessGraph
from graphs.reachability import who_can_reach

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

"""The page as it is read: what is chosen, said and drawn agree; nothing is cut off, in any of its languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_page import DAY, Open, map_file, opened

from graphs.access import AccessGraph
from graphs.reachability import who_can_reach

__all__ = ["map_file", "opened"]  # fixtures

EARLIER = "1999-01-01"


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

"""The pictures in docs/pictures: each view of the page in each language, size and theme.

Run it after a change of the page, look at what changed, and commit it: ``python -m benchmarks.pictures [WORD ...]``;
words choose pictures by part of their name (``python -m benchmarks.pictures who-en``). Needs Chromium.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from graphs.access import build
from graphs.map.page import write_map
from stakeholders.tables import read

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
DAY = "2026-11-24"
COLOURS = 48  # enough for tints, lines and the edges of letters; a third of the bytes

# Each view as what stands after # in the page's address; on a phone the part of the page that it is about.
VIEWS = {
    "who": ("", ""),
    "what": ("ask=what&body=kz-mia", ""),
    "how": ("ask=how&body=kz-mia&target=video", ""),
    "evidence": ("target=video&sel=kz-mia~kz-sergek-almaty-archive", "#panel"),
    "compare": ("between=2020-01-01", "#canvas"),
    "whatif": ("target=video&without=kz-sergek", ""),
    "chokepoints": ("over=chokepoints", "#panel"),
    "exposure": ("over=exposure", "#panel"),
    "gaps": ("over=gaps", "#panel"),
    "whole": ("ask=all", ""),
    "table": ("", "#sheet"),
}
LANGUAGES = ("en", "ru", "kk")
SIZES = {"desk": (1400, 900), "phone": (390, 844)}
THEMES = ("light", "dark")


def renew(words: list[str]) -> int:
    """Write the pictures whose name has one of the words, all if there are none; returns how many."""
    names = ("chromium", "chromium-browser", "google-chrome")
    installed = next((found for name in names if (found := shutil.which(name))), None)
    count = 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = Path(folder) / "map.html"
        write_map(build(read("central-asia")), page, as_of=DAY)
        browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        for view in VIEWS:
            for lang in LANGUAGES:
                for size in SIZES:
                    for theme in THEMES:
                        name = f"{view}-{lang}-{size}-{theme}"
                        if not words or any(word in name for word in words):
                            (FOLDER / f"{name}.png").write_bytes(_picture(browser, page, name))
                            count += 1
        browser.close()
    return count


def _picture(browser: Browser, file: Path, name: str) -> bytes:
    view, lang, size, theme = name.split("-")
    width, height = SIZES[size]
    link, part = VIEWS[view]
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme="dark" if theme == "dark" else "light"
    )
    page.goto(f"{file.as_uri()}#{link}&lang={lang}")
    page.wait_for_selector("#main:not([aria-busy])")
    page.wait_for_function("() => !document.querySelector('#main progress')")
    if part and (size == "phone" or part == "#sheet"):
        page.evaluate("(part) => document.querySelector(part).scrollIntoView({ block: 'start' })", part)
    page.wait_for_timeout(250)
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    out = io.BytesIO()
    shot.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.stdout.write(f"{renew(sys.argv[1:])} pictures\n")

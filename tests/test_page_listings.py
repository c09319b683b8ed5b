"""Which listings the page counts on a day, as far as they are known: the library's own, beside it in Chromium."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from test_page import Open, opened

import stakeholders
from graphs.access import build
from graphs.map.page import draw_map
from stakeholders.dataset import Dataset
from stakeholders.listings import listings
from stakeholders.removal import without
from stakeholders.tables import read

__all__ = ["opened"]  # fixtures

COUNTED = """([asof, knownby, gone]) => {
  const { model } = AccessMap.app.internals();
  const { lastDay } = AccessMap.dates;
  const options = { asOf: lastDay(asof), without: gone, ...(knownby ? { knownBy: lastDay(knownby) } : {}) };
  const view = AccessMap.engine.view(model, options);
  const { listingsOf } = AccessMap.overlays;
  return model.entities.id.flatMap((_, node) => listingsOf(view, node).map((row) => model.listings.id[row])).sort();
}"""


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The bundled data with some listings that say no first day, or only a last one."""
    folder = tmp_path_factory.mktemp("data") / "edited"
    shutil.copytree(Path(stakeholders.__file__).parent / "data" / "central-asia", folder)
    with (folder / "listings.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        names, rows = list(reader.fieldnames or ()), list(reader)
    for number, row in enumerate(rows):
        if number % 3 < 2:
            row["listed_from"] = ""
        if number % 3 == 1:
            row["listed_until"] = "2021"
    with (folder / "listings.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return read(folder)


def test_listings_on_a_day_are_the_librarys(edited: Dataset, opened: Open, tmp_path: Path) -> None:
    draw_map(build(edited), as_of="2026-11-24").save(tmp_path / "map.html")
    page = opened(tmp_path / "map.html").page
    cited = sorted({name for cell in edited.listings.column("sources") for name in cell.split(";")})
    found = set()
    for gone in ([], cited[::2], [edited.listings.column("entity")[0]]):
        left = without(edited, gone) if gone else edited
        for day in ("2015", "2019-10-08", "2020", "2021-06", "2022", "2024", "2026-11-24"):
            for known in (None, "2018", "2021", "2023-05"):
                expected = sorted(one.id for one in listings(left, as_of=day, known_by=known))
                assert page.evaluate(COUNTED, [day, known, gone]) == expected, (day, known, gone)
                found.add(tuple(expected))
    assert len(found) > 10

"""The datasets that come with accessmap are held to the same standard as its code."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stakeholders.dataset import Dataset, split
from stakeholders.dates import first_day, last_day
from stakeholders.tables import DATA, bundled, read, write
from stakeholders.vocabulary import KINDS, MODES_OF, PREDICATES, STATUSES
from stakeholders.writing import table_bytes

NAMES = ("cabar-2020", "central-asia")
CLAIMING = ("entities", "relations", "listings", "statistics")
TABLES = (*CLAIMING, "sources", "categories")

# Fewest and most rows. A table that shrinks has lost facts by accident; one that outgrows its bound asks for a look.
ROWS = {
    "cabar-2020": {
        "entities": (43, 80), "relations": (31, 80), "listings": (2, 20), "sources": (18, 60), "statistics": (18, 40),
        "categories": (27, 40),
    },
    "central-asia": {
        "entities": (583, 900), "relations": (905, 1500), "listings": (183, 400), "sources": (552, 1000),
        "statistics": (59, 200), "categories": (27, 40),
    },
}  # fmt: skip

# Entities that no relation, listing or authority names: each is sourced and worth knowing, but nothing is known of its
# access. The list may only get shorter.
UNCONNECTED = {
    "cabar-2020": {
        "cn-prc", "cn-qihoo360", "kg-command-centre-bishkek", "kz-caiss", "kz-carica", "kz-egov", "kz-nvms",
        "kz-omc-network", "kz-president", "ru-kaspersky", "tj-safe-city-dushanbe", "uz-safe-city",
    },
    "central-asia": {
        "kz-almatv", "kz-amanat", "kz-arfr", "kz-atomic-agency", "kz-bin-register", "kz-caiss", "kz-carica",
        "kz-iin-register", "kz-kazpost", "kz-medelement", "kz-securixy", "kz-smart-bridge", "kz-zerde",
    },
}  # fmt: skip


@pytest.fixture(scope="module", params=NAMES)
def dataset(request: pytest.FixtureRequest) -> Dataset:
    return read(str(request.param))


def table_rows(dataset: Dataset, *tables: str) -> Iterator[tuple[str, dict[str, str]]]:
    for table in tables:
        for row in getattr(dataset, table).rows():
            yield f"{table} {row.get('id') or row.get('code') or row.get('measure')}", row


def test_these_datasets_are_bundled() -> None:
    assert tuple(bundled()) == NAMES


def test_every_table_has_about_as_many_rows_as_it_should(dataset: Dataset) -> None:
    for table, (fewest, most) in ROWS[dataset.name].items():
        assert fewest <= len(getattr(dataset, table)) <= most, table


def test_every_claim_has_a_source_that_is_known(dataset: Dataset) -> None:
    known = set(dataset.sources.index)
    for place, row in table_rows(dataset, *CLAIMING):
        assert split(row["sources"]), place
        assert set(split(row["sources"])) <= known, place
        assert len(set(split(row["sources"]))) == len(split(row["sources"])), place


def test_every_relation_and_listing_states_its_claim_in_a_sentence(dataset: Dataset) -> None:
    for place, row in table_rows(dataset, "relations", "listings", "statistics"):
        assert re.fullmatch(r"\S.*[.!?)”\"]", row["claim"]), f"{place}: {row['claim']}"


def test_every_source_is_used(dataset: Dataset) -> None:
    used = {source for _, row in table_rows(dataset, *CLAIMING) for source in split(row["sources"])}
    assert set(dataset.sources.index) == used


def test_every_source_can_be_looked_up(dataset: Dataset) -> None:
    for place, row in table_rows(dataset, "sources"):
        assert re.fullmatch(r"https?://[^\s/]+\.[^\s/]+(/\S*)?", row["url"]), place
        assert row["title"], place
        assert row["publisher"], place


def test_no_entity_stands_alone_but_those_known_to(dataset: Dataset) -> None:
    connected = {row[end] for _, row in table_rows(dataset, "relations") for end in ("subject", "object")}
    connected |= {row[end] for _, row in table_rows(dataset, "listings") for end in ("entity", "authority")}
    assert set(dataset.entities.index) - connected == UNCONNECTED[dataset.name]


def test_every_id_that_a_row_names_exists_once(dataset: Dataset) -> None:
    known = dataset.entities.index
    for place, row in table_rows(dataset, "relations"):
        assert row["subject"] in known, place
        assert row["object"] in known, place
        assert row["subject"] != row["object"], place
    for place, row in table_rows(dataset, "listings"):
        assert row["entity"] in known, place
        assert row["authority"] in known, place
    for table in ("entities", "relations", "listings", "sources"):
        ids = list(getattr(dataset, table).column("id"))
        assert ids == sorted(set(ids)), table


def test_no_two_relations_say_the_same_of_the_same_time(dataset: Dataset) -> None:
    said = Counter(
        tuple(row[cell] for cell in ("subject", "predicate", "object", "categories", "mode", "status", "valid_from"))
        for _, row in table_rows(dataset, "relations")
    )
    assert [relation for relation, times in said.items() if times > 1] == []


def test_every_term_is_in_its_vocabulary(dataset: Dataset) -> None:
    categories = set(dataset.tree.codes)
    for place, row in table_rows(dataset, "entities"):
        assert row["kind"] in (KINDS if row["type"] == "body" else {""}), place
        assert set(split(row["categories"])) <= categories, place
        assert not (row["type"] == "body" and row["categories"]), place
    types = dict(zip(dataset.entities.column("id"), dataset.entities.column("type"), strict=True))
    for place, row in table_rows(dataset, "relations"):
        predicate = PREDICATES[row["predicate"]]
        assert types[row["subject"]] in predicate.subjects, place
        assert types[row["object"]] in predicate.objects, place
        assert row["status"] in STATUSES, place
        assert set(split(row["mode"])) <= set(MODES_OF.get(row["predicate"], ())), place
        assert set(split(row["categories"])) <= categories, place


def test_every_interval_starts_before_it_ends(dataset: Dataset) -> None:
    for place, row in table_rows(dataset, "entities", "relations", "listings"):
        start = row.get("valid_from") or row.get("listed_from")
        end = row.get("valid_until") or row.get("listed_until")
        for text in filter(None, (start, end)):
            assert re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text), place
            assert first_day(text) <= last_day(text), place
        if start and end:
            assert first_day(start) <= last_day(end), place


def test_every_stake_is_a_percentage_or_a_range(dataset: Dataset) -> None:
    for place, row in table_rows(dataset, "relations"):
        if row["percent"]:
            assert row["predicate"] == "owns", place
            bounds = [float(part) for part in row["percent"].split("..")]
            assert len(bounds) <= 2, place
            assert 0 <= bounds[0] <= bounds[-1] <= 100, place


def test_no_cell_has_stray_blanks_or_line_breaks(dataset: Dataset) -> None:
    for place, row in table_rows(dataset, *TABLES):
        for column, cell in row.items():
            assert cell == " ".join(cell.split()), f"{place}: {column}"


@pytest.mark.parametrize("name", NAMES)
def test_the_data_package_describes_its_tables(name: str) -> None:
    package = json.loads((DATA / name / "datapackage.json").read_bytes())
    assert package["name"] == name
    assert [entry["name"] for entry in package["licenses"]] == ["CC-BY-4.0"]
    assert {entry["path"] for entry in package["resources"]} == {path.name for path in (DATA / name).glob("*.csv")}
    for resource in package["resources"]:
        header, *rows = csv.reader(io.StringIO((DATA / name / resource["path"]).read_text("utf-8"), newline=""))
        fields = resource["schema"]["fields"]
        assert header == [field["name"] for field in fields]
        for field, cells in zip(fields, zip(*rows, strict=True), strict=True):
            assert violations(field.get("constraints", {}), cells) == [], f"{resource['path']}: {field['name']}"


def violations(constraints: dict[str, Any], cells: tuple[str, ...]) -> list[str]:
    """Cells that break what a Frictionless field promises of them."""
    filled = [cell for cell in cells if cell]
    wrong = [cell for cell in cells if constraints.get("required") and not cell]
    wrong += [cell for cell in filled if cell not in constraints.get("enum", [cell])]
    wrong += [cell for cell in filled if not re.fullmatch(constraints.get("pattern", ".*"), cell)]
    if constraints.get("unique"):
        wrong += [cell for cell, times in Counter(filled).items() if times > 1]
    return wrong


def test_reading_and_writing_changes_no_byte(dataset: Dataset, tmp_path: Path) -> None:
    write(dataset, tmp_path / "copy")
    original = {path.name: path.read_bytes() for path in (DATA / dataset.name).iterdir() if path.is_file()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "copy").iterdir()} == original


def test_a_table_written_anew_from_its_cells_is_the_same_file(dataset: Dataset) -> None:
    for name, table in dataset.tables.items():
        assert table_bytes(replace(table, raw=None)) == (DATA / dataset.name / f"{name}.csv").read_bytes(), name


def test_both_datasets_share_their_categories() -> None:
    first, second = ((DATA / name / "categories.csv").read_bytes() for name in NAMES)
    assert first == second

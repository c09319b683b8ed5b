"""What is recorded on one thing: everything that names it, and nothing else."""

from __future__ import annotations

import pytest

from graphs.entries import collection, entry, search
from stakeholders.dataset import Dataset, split
from stakeholders.errors import UnknownId


def test_an_entity_brings_each_relation_and_listing_that_names_it(central_asia: Dataset) -> None:
    for entity in ("kz-mia", "cn-dahua", "us-dod", "kz-sergek"):
        answer = entry(central_asia, entity)
        relations = [row["id"] for row in central_asia.relations.rows() if entity in (row["subject"], row["object"])]
        listings = [row["id"] for row in central_asia.listings.rows() if entity in (row["entity"], row["authority"])]
        assert [row["id"] for row in answer.rows] == relations + listings
        assert answer.rows
        assert answer.beside["kind"] == "entity"
        assert answer.beside["entry"]["name"] == central_asia.name_of(entity)


def test_a_category_brings_what_bears_it_or_a_narrower_one(central_asia: Dataset) -> None:
    found = {row["id"] for row in entry(central_asia, "biometric").rows}
    narrow = {row["id"] for row in entry(central_asia, "face").rows}
    assert narrow < found
    assert all("face" in row["categories"] for row in entry(central_asia, "face").rows)


def test_a_source_brings_every_row_that_rests_on_it(cabar: Dataset) -> None:
    for source in cabar.sources.column("id"):
        found = {(row["kind"], row["id"]) for row in entry(cabar, source).rows}
        expected = {
            (kind, row["id"])
            for kind, table in (("entity", cabar.entities), ("relation", cabar.relations), ("listing", cabar.listings))
            for row in table.rows()
            if source in split(row["sources"])
        }
        assert found == expected


def test_a_relation_and_a_listing_bring_their_claim_and_sources(cabar: Dataset) -> None:
    for table in (cabar.relations, cabar.listings):
        for cells in table.rows():
            (row,) = entry(cabar, cells["id"]).rows
            assert row["claim"] == cells["claim"]
            assert [source["id"] for source in row["sources"]] == list(split(cells["sources"]))
            assert all(source["title"] for source in row["sources"])


def test_a_name_is_as_good_as_an_id(cabar: Dataset) -> None:
    assert entry(cabar, "Сергек").to_dict() == entry(cabar, "kz-sergek").to_dict()


def test_what_is_called_nothing_is_refused_with_what_comes_near(cabar: Dataset) -> None:
    with pytest.raises(UnknownId) as refusal:
        entry(cabar, "kz-sergik")
    assert "kz-sergek" in refusal.value.suggestions


def test_a_search_says_whether_there_is_more(central_asia: Dataset) -> None:
    few, many = search(central_asia, "Аитова xyz"), search(central_asia, "sergek", limit=5)
    assert few.complete
    assert not many.complete
    assert len(many.rows) == 5
    assert many.notes
    whole = search(central_asia, "sergek", limit=0)
    assert many.rows == whole.rows[:5]
    assert whole.complete
    assert not whole.notes
    assert f"{len(whole.rows) - 5} more" in many.notes[0].text()


def test_sizes_of_a_collection_are_those_of_the_tables(cabar: Dataset) -> None:
    (row,) = collection([cabar]).rows
    assert row["bodies"] + row["systems"] + row["stores"] == len(cabar.entities)
    assert (row["relations"], row["sources"]) == (len(cabar.relations), len(cabar.sources))
    assert row["newest_source"] == max(cabar.sources.column("date"))

"""FollowTheMoney lines: entities, and their listings, which stand elsewhere in the file or inside."""

from __future__ import annotations

import json
from pathlib import Path

from stakeholders.formats.followthemoney import read_followthemoney, read_listings
from stakeholders.formats.list_files import PERSON, ListFile


def written(tmp_path: Path, *entities: dict) -> Path:
    path = tmp_path / "entities.ftm.json"
    path.write_text("\n".join(json.dumps(entity, ensure_ascii=False) for entity in entities), encoding="utf-8")
    return path


COMPANY = {
    "id": "NK-1",
    "schema": "Company",
    "caption": "Example",
    "referents": ["ofac-30946", "other-1"],
    "properties": {
        "name": ["Example", "Пример"], "alias": ["Ex"], "uscCode": ["91330000733796106P"], "country": ["cn"],
        "jurisdiction": ["cn"], "programId": ["US-BIS-EL"], "notes": ["x"],
    },
}  # fmt: skip
SANCTION = {
    "id": "s-1",
    "schema": "Sanction",
    "properties": {
        "entity": ["NK-1"], "authority": ["Bureau"], "programId": ["US-BIS-EL"], "listingDate": ["2019-10-09"],
        "sourceUrl": ["https://example.org"],
    },
}  # fmt: skip


def test_entities_and_links_are_told_apart(tmp_path: Path) -> None:
    link = {"id": "l", "schema": "Ownership", "properties": {"owner": ["a"]}}
    person = {"id": "p", "schema": "Person", "properties": {"name": ["P"]}}
    with ListFile(written(tmp_path, SANCTION, COMPANY, link, person)) as file:
        company, other = read_followthemoney(file)
    assert other.kind == PERSON
    assert company.names == ("Example", "Пример", "Ex")
    assert company.identifiers == ("91330000733796106P", "ofac-30946")
    assert company.countries == ("CN",)
    assert company.line == 2
    assert [listed.name for listed in company.listed] == ["US-BIS-EL"]


def test_a_kpp_identifies_nobody(tmp_path: Path) -> None:
    numbers = {"innCode": ["7705051215"], "kppCode": ["770501001"]}
    with ListFile(written(tmp_path, {**COMPANY, "referents": [], "properties": {"name": ["A"], **numbers}})) as file:
        (company,) = read_followthemoney(file)
    assert company.identifiers == ("7705051215",)


def test_listings_of_chosen_entries_are_found_in_a_second_pass(tmp_path: Path) -> None:
    other = {**SANCTION, "id": "s-2", "properties": {**SANCTION["properties"], "entity": ["NK-2"]}}
    with ListFile(written(tmp_path, COMPANY, SANCTION, other)) as file:
        ((entry, listed),) = read_listings(file, {"NK-1"})
    assert entry == "NK-1"
    assert (listed.name, listed.since, listed.url) == ("US-BIS-EL", "2019-10-09", "https://example.org")


def test_nested_listings_are_read_where_they_stand(tmp_path: Path) -> None:
    nested = {**COMPANY, "properties": {**COMPANY["properties"], "sanctions": [SANCTION]}}
    with ListFile(written(tmp_path, nested)) as file:
        (company,) = read_followthemoney(file)
    assert [(listed.name, listed.since) for listed in company.listed] == [("US-BIS-EL", "2019-10-09")]


def test_properties_of_other_shapes_are_left_aside(tmp_path: Path) -> None:
    odd = {"id": 7, "schema": "Company", "properties": {"name": "One", "alias": {"x": 1}, "country": [None, 3, "kz"]}}
    with ListFile(written(tmp_path, odd)) as file:
        (company,) = read_followthemoney(file)
    assert (company.id, company.names, company.countries) == ("7", ("One",), ("KZ",))

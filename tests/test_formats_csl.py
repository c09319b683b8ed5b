"""The Consolidated Screening List: names, lists, dates and numbers of its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from stakeholders.formats.csl import countries_of, identifiers_of, read_csl
from stakeholders.formats.list_files import AIRCRAFT, ORGANISATION, PERSON, VESSEL, ListEntry, ListFile

# Header of June 2025; older files lack _id.
HEADER = (
    "_id,source,entity_number,type,programs,name,title,addresses,federal_register_notice,start_date,end_date,"
    "standard_order,license_requirement,license_policy,call_sign,vessel_type,gross_tonnage,gross_registered_tonnage,"
    "vessel_flag,vessel_owner,remarks,source_list_url,alt_names,citizenships,dates_of_birth,nationalities,"
    "places_of_birth,source_information_url,ids"
)


def row(**cells: str) -> str:
    return ",".join(f'"{cells.get(name, "")}"' for name in HEADER.split(","))


def entry(tmp_path: Path, text: str) -> ListEntry:
    path = tmp_path / "consolidated.csv"
    path.write_text(text, encoding="utf-8")
    with ListFile(path) as file:
        (found,) = read_csl(file)
    return found


def test_an_entry_of_the_entity_list(tmp_path: Path) -> None:
    text = row(
        _id="99ed", source="Entity List (EL) - Bureau of Industry and Security", name="Example Technology Co., Ltd.",
        addresses="1 Example Road, Hangzhou, CN; 2 Example Street, Beijing, CN", federal_register_notice="84 FR 1",
        start_date="2019-10-09", source_list_url="https://example.org/el", alt_names="Example Tech; Exmpl; and EXT.",
    )  # fmt: skip
    found = entry(tmp_path, f"{HEADER}\n{text}\n")
    assert found.id == "99ed"
    assert found.kind == ORGANISATION
    assert found.names == ("Example Technology Co., Ltd.", "Example Tech", "Exmpl", "EXT")
    assert found.countries == ("CN",)
    assert found.line == 2
    (listed,) = found.listed
    assert (listed.name, listed.authority) == ("EL", "Bureau of Industry and Security")
    assert (listed.since, listed.until, listed.reference) == ("2019-10-09", "", "84 FR 1")


@pytest.mark.parametrize(
    ("source", "short"),
    [
        ("Military End User (MEU) List - Bureau of Industry and Security", "MEU"),
        ("Non-SDN Menu-Based Sanctions List (NS-MBS List) - Treasury Department", "NS-MBS"),
        ("ITAR Debarred (DTC) - State Department", "DTC"),
        ("A List of Its Own", "A List of Its Own"),
    ],
)
def test_a_list_is_called_by_its_abbreviation(tmp_path: Path, source: str, short: str) -> None:
    found = entry(tmp_path, f"{HEADER}\n{row(_id='1', source=source, name='A')}\n")
    assert [each.name for each in found.listed] == [short]


def test_an_entry_of_the_treasury_carries_its_number(tmp_path: Path) -> None:
    text = row(
        _id="30946", source="Non-SDN Chinese Military-Industrial Complex Companies List (CMIC) - Treasury Department",
        entity_number="30946", programs="CMIC-EO13959", name="HANGZHOU HIKVISION", type="Entity",
        ids="Unified Social Credit Code (USCC), 91330000733796106P, CN; Target Type, Public Company",
    )  # fmt: skip
    found = entry(tmp_path, f"{HEADER}\n{text}\n")
    assert found.identifiers == ("OFAC 30946", "91330000733796106P")
    assert found.listed[0].reference == "OFAC 30946"
    assert found.listed[0].program == "CMIC-EO13959"


def test_a_kpp_identifies_nobody() -> None:
    assert identifiers_of("KPP, 770501001, RU; Tax ID No., 7705051215, RU") == ("7705051215",)


def test_persons_vessels_and_aircraft_are_said_to_be_such(tmp_path: Path) -> None:
    for word, kind in (("Individual", PERSON), ("Vessel", VESSEL), ("Aircraft", AIRCRAFT), ("Entity", ORGANISATION)):
        source = "Specially Designated Nationals (SDN) - Treasury Department"
        found = entry(tmp_path, f"{HEADER}\n{row(type=word, name='VEGA', source=source)}\n")
        assert found.kind == kind
        assert found.listed[0].name == "SDN"


def test_older_files_without_ids_of_their_own(tmp_path: Path) -> None:
    header = "source,entity_number,name,start_date,source_list_url,alt_names"
    found = entry(tmp_path, f"{header}\nEntity List (EL) - Bureau of Industry and Security,,A Ltd.,,,\n")
    assert found.id == "EL:A Ltd."


def test_numbers_are_told_from_what_only_looks_like_one() -> None:
    cell = (
        "Registration ID, C122790; Email Address, a@example12345.org; Public Registration Number, 1027739108649; "
        "SWIFT/BIC, RUDVRUMM; Phone Number, 123456789; Passport, 836238033, KP; V.A.T. Number, CHE-267.936.404, CH; "
        "Secondary sanctions risk:, North Korea Sanctions Regulations, sections 510.201 and 510.210"
    )
    assert identifiers_of(cell) == ("C122790", "1027739108649", "CHE-267.936.404")


def test_countries_are_the_ends_of_addresses() -> None:
    assert countries_of("Elenion Building 5, Nicosia, 1066, CY; Pyongyang, KP; CN; Somewhere") == ("CY", "KP", "CN")

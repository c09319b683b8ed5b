"""OpenSanctions' table of targets, in its present and its older form."""

from __future__ import annotations

from pathlib import Path

from stakeholders.formats.list_files import ORGANISATION, VESSEL, ListFile
from stakeholders.formats.opensanctions import read_opensanctions, several

HEADER = (
    "id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,phones,emails,program_ids,dataset,"
    "first_seen,last_seen,last_change"
)


def entries(tmp_path: Path, text: str) -> list:
    path = tmp_path / "targets.simple.csv"
    path.write_text(text, encoding="utf-8")
    with ListFile(path) as file:
        return list(read_opensanctions(file))


def test_a_target(tmp_path: Path) -> None:
    row = (
        'NK-1,Company,Example,"Пример;""One; Two""",,cn;hk,,91330000733796106P;XY,,,,US-BIS-EL;US-NS-CMIC,'
        "BIS Entity List,2020-01-01,2026-01-01,2026-01-01"
    )
    (found,) = entries(tmp_path, f"{HEADER}\n{row}\n")
    assert (found.id, found.kind, found.countries) == ("NK-1", ORGANISATION, ("CN", "HK"))
    assert found.names == ("Example", "Пример", "One; Two")
    assert found.identifiers == ("91330000733796106P", "XY")
    assert [listed.name for listed in found.listed] == ["US-BIS-EL", "US-NS-CMIC"]
    assert {listed.since for listed in found.listed} == {""}, "first seen is no day of listing"
    assert found.listed[0].url == "https://www.opensanctions.org/entities/NK-1/"


def test_a_file_without_program_ids_and_in_another_order(tmp_path: Path) -> None:
    text = "dataset,name,schema,id,aliases,identifiers,countries\nX,Vega,Vessel,v-1,,,\n"
    (found,) = entries(tmp_path, text)
    assert (found.id, found.kind, found.listed) == ("v-1", VESSEL, ())


def test_values_of_a_cell() -> None:
    assert several("") == ()
    assert several("a;; b ") == ("a", "b")
    assert several('"a;b";c') == ("a;b", "c")

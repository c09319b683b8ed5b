"""Registry numbers: their check digits, and texts that hold them among other numbers."""

from __future__ import annotations

import pytest
from registers import entity, listing, register

from stakeholders.identifiers import Identifier, identifier_of, identifiers_in, identifiers_of

VALID = {
    "USCC": ["91110000100010249W", "914403001922038216", "91330000733796106P"],
    "INN": ["7705051215", "7415020254"],
    "OGRN": ["1027739108649"],
    "ISIN": ["CNE100000PM8", "US0378331005"],
    "LEI": ["5493001KJTIIGC8Y1R12"],
    "BIN": ["940140000385"],
}


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in VALID.items() for value in values])
def test_numbers_are_known_by_their_check_digits(kind: str, value: str) -> None:
    assert identifier_of(value) == Identifier(kind, value)
    last = value[-1]
    wrong = value[:-1] + ("1" if last != "1" else "2")
    assert identifier_of(wrong) == Identifier("number", wrong)


def test_a_short_number_identifies_nobody() -> None:
    assert identifier_of("123456") is None
    assert identifier_of("1234567") == Identifier("number", "1234567")


def test_only_labelled_or_checked_numbers_of_a_text_count() -> None:
    assert identifiers_in("Call 7705051216 before 2019-10-09, ticker 002415.") == ()
    assert identifiers_in("ИНН 7705051215; tax number 123 456 789") == (
        Identifier("INN", "7705051215"),
        Identifier("number", "123456789"),
    )
    assert identifiers_in("OFAC entry 30502") == (Identifier("OFAC", "30502"),)


def test_bodies_are_found_by_notes_aliases_further_columns_and_references() -> None:
    dataset = register(
        entities=[
            entity("a", note="Unified social credit code 91110000100010249W."),
            entity("b", aliases="B Ltd.;INN 7705051215"),
        ],
        listed=[listing("b", ("us-ofac", "SDN"), reference="OFAC 41066; General License 2")],
    )
    found = identifiers_of(dataset)
    assert found[Identifier("USCC", "91110000100010249W")] == ("a",)
    assert found[Identifier("INN", "7705051215")] == ("b",)
    assert found[Identifier("OFAC", "41066")] == ("b",)
    assert found[Identifier("id", "a")] == ("a",)


def test_a_column_of_identifiers_is_read(tmp_path) -> None:
    from stakeholders.tables import read_files

    files = {
        "entities.csv": b"id,type,name,LEI,sources\na,body,A,5493001KJTIIGC8Y1R12; XY12345678,s\n",
        "relations.csv": b"id,subject,predicate,object,status,claim,sources\n",
        "sources.csv": b"id,title\ns,S\n",
    }
    found = identifiers_of(read_files("x", files, check=False))
    assert found[Identifier("LEI", "5493001KJTIIGC8Y1R12")] == ("a",)
    assert found[Identifier("number", "XY12345678")] == ("a",)

"""The US Consolidated Screening List as CSV: SDN, NS-CMIC, Entity List, Military End-User List and others in one file.

Cells hold several values joined by ``; ``; ``source`` names the list with its abbreviation in brackets, as in
"Entity List (EL) - Bureau of Industry and Security" or "Military End User (MEU) List - …". The header has changed over
time, so columns are read by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from stakeholders.formats.list_files import AIRCRAFT, ORGANISATION, PERSON, VESSEL, ListedAs, ListEntry, ListFile

NEEDED: Final = ("source", "name", "alt_names", "start_date", "source_list_url")

# The agencies behind the lists, by the ids that the bundled datasets give them.
AUTHORITIES: Final = {
    "Bureau of Industry and Security": "us-bis",
    "Treasury Department": "us-ofac",
    "State Department": "us-state",
}

_KINDS: Final = {"individual": PERSON, "vessel": VESSEL, "aircraft": AIRCRAFT}
_SOURCE: Final = re.compile(
    r"(?P<name>.*?)\s*(?:\((?P<short>[A-Z][A-Z-]*)(?:\s+List)?\)(?:\s+List)?)?(?:\s+-\s+(?P<agency>.+))?"
)
_COUNTRY: Final = re.compile(r"(?:^|,\s*)([A-Z]{2})$")

# Of the ``ids`` cell: what identifies nobody.
_NO_IDENTIFIER: Final = re.compile(
    r"website|e-?mail|phone|fax|secondary|sanctions|transactions|directive|gender|target type|effective date|"
    r"listing date|issuer|divestment|additional|ticker|passport|nationality|organization|\bKPP\b",
    re.IGNORECASE,
)


def read_csl(file: ListFile) -> Iterator[ListEntry]:
    """Entries of a Consolidated Screening List, in file order.

    Raises
    ------
    AccessMapError
        If the file is no such list, or is damaged; with its line.
    """
    for row in file.csv_rows(NEEDED):
        names = (row["name"].strip(), *_several(row["alt_names"]))
        number = row.get("entity_number", "").strip()
        found = _SOURCE.fullmatch(row["source"].strip())
        short = (found["short"] if found else None) or row["source"].strip()
        agency = (found["agency"] if found else None) or ""
        treasury = AUTHORITIES.get(agency) == "us-ofac" and number.isdigit()
        yield ListEntry(
            id=row.get("_id", "").strip() or number or f"{short}:{names[0]}",
            kind=_KINDS.get(row.get("type", "").strip().casefold(), ORGANISATION),
            names=tuple(dict.fromkeys(name for name in names if name)),
            identifiers=((f"OFAC {number}",) if treasury else ()) + identifiers_of(row.get("ids", "")),
            countries=countries_of(row.get("addresses", "")),
            listed=(
                ListedAs(
                    name=short,
                    authority=agency,
                    program=row.get("programs", "").strip(),
                    since=row["start_date"].strip(),
                    until=row.get("end_date", "").strip(),
                    reference=_reference(number if treasury else "", row.get("federal_register_notice", "").strip()),
                    url=row["source_list_url"].strip(),
                ),
            ),
            line=file.line,
        )


def identifiers_of(cell: str) -> tuple[str, ...]:
    """Numbers in an ``ids`` cell, whichever side of the label they stand on.

    Examples
    --------
    >>> identifiers_of("Tax ID No., 5030056754, RU; Website, www.example.org")
    ('5030056754',)
    >>> identifiers_of("US, 80-0890696, Tax ID No.")
    ('80-0890696',)
    """
    found = []
    for piece in _several(cell):
        parts = [part.strip() for part in piece.split(",")]
        if any(_NO_IDENTIFIER.search(part) for part in parts):
            continue
        found += [part for part in parts if sum(letter.isdigit() for letter in part) >= 5]
    return tuple(dict.fromkeys(found))


def countries_of(cell: str) -> tuple[str, ...]:
    """Country codes at the ends of addresses.

    Examples
    --------
    >>> countries_of("P. Rassudovo, Moscow, 143396, RU; CN")
    ('RU', 'CN')
    """
    found = (_COUNTRY.search(address) for address in _several(cell))
    return tuple(dict.fromkeys(match[1] for match in found if match))


def _reference(number: str, notice: str) -> str:
    return "; ".join(part for part in (f"OFAC {number}" if number else "", notice) if part)


def _several(cell: str) -> list[str]:
    # Some entries write "A; B; and C".
    parts = (part.strip().removeprefix("and ").strip().rstrip(".") for part in cell.split(";"))
    return [part for part in parts if part]

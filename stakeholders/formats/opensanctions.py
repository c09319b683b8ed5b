"""OpenSanctions' ``targets.simple.csv``: one row a target, its values joined by ``;``.

The data are licensed CC BY-NC 4.0 and do not come with this package: point to a file of your own. Older files lack
``program_ids``, so columns are read by name.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Final

from stakeholders.formats.list_files import AIRCRAFT, ORGANISATION, PERSON, VESSEL, ListedAs, ListEntry, ListFile

NEEDED: Final = ("id", "schema", "name", "aliases", "countries", "identifiers", "dataset")

KINDS: Final = {"Person": PERSON, "Vessel": VESSEL, "Airplane": AIRCRAFT}
ENTITY_URL: Final = "https://www.opensanctions.org/entities/"


def read_opensanctions(file: ListFile) -> Iterator[ListEntry]:
    """Targets of a ``targets.simple.csv``, in file order.

    The table says that a target was first seen on a day, not since when it has been listed: ``since`` stays empty.

    Raises
    ------
    AccessMapError
        If the file is no such table, or is damaged; with its line.
    """
    for row in file.csv_rows(NEEDED):
        name, entry = row["name"].strip(), row["id"].strip()
        url = f"{ENTITY_URL}{entry}/"
        yield ListEntry(
            id=entry,
            kind=KINDS.get(row["schema"].strip(), ORGANISATION),
            names=tuple(dict.fromkeys(each for each in (name, *several(row["aliases"])) if each)),
            identifiers=several(row["identifiers"]),
            countries=tuple(code.upper() for code in several(row["countries"])),
            listed=tuple(ListedAs(program, url=url) for program in several(row.get("program_ids", ""))),
            line=file.line,
        )


def several(cell: str) -> tuple[str, ...]:
    """Values of a cell; one that contains a semicolon is quoted.

    Examples
    --------
    >>> several('"One; Two";Three')
    ('One; Two', 'Three')
    """
    if not cell:
        return ()
    values = next(csv.reader([cell], delimiter=";")) if '"' in cell else cell.split(";")
    return tuple(value for each in values if (value := each.strip()))

"""FollowTheMoney entities, one JSON object a line: ``entities.ftm.json`` and ``targets.nested.json`` of OpenSanctions.

An entity's listings are entities of their own (schema ``Sanction``) that point to it, in the same file but not next to
it; in the nested form they stand inside. So the lines are read twice where listings are wanted.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from stakeholders.formats.list_files import ORGANISATION, ListedAs, ListEntry, ListFile
from stakeholders.formats.opensanctions import ENTITY_URL, KINDS

# Schemata of things that can be listed; the others are links between them, addresses and the like.
TARGETS: Final = frozenset(
    ("LegalEntity", "Organization", "Company", "PublicBody", "Asset", "Security", "Person", "Vessel", "Airplane")
)
LISTINGS: Final = frozenset(("Sanction", "Risk"))

_NAMES: Final = ("name", "alias", "previousName", "weakAlias", "abbreviation")
# Not kppCode: it names a tax office and a reason of registration, and many bodies share it.
_IDENTIFIERS: Final = (
    "registrationNumber", "taxNumber", "innCode", "ogrnCode", "uscCode", "leiCode", "isin", "idNumber", "vatCode",
    "okpoCode", "dunsCode", "uniqueEntityId", "cageCode", "bikCode", "swiftBic", "npiCode",
)  # fmt: skip


def read_followthemoney(file: ListFile) -> Iterator[ListEntry]:
    """Entities that can be listed, in file order; listings only where they are nested inside.

    Raises
    ------
    AccessMapError
        If a line is no entity; with its number.
    """
    for entity in _entities(file):
        if entity["schema"] not in TARGETS:
            continue
        properties = entity["properties"]
        nested = [each for name in ("sanctions", "sanctionEntity") for each in _objects(properties.get(name))]
        caption = entity.get("caption")
        names = [caption] if isinstance(caption, str) else []
        names += [value for key in _NAMES for value in texts(properties, key)]
        numbers = [value for key in _IDENTIFIERS for value in texts(properties, key)]
        numbers += [each for each in texts(entity, "referents") if each.startswith("ofac-")]
        countries = [code for key in ("country", "jurisdiction", "mainCountry") for code in texts(properties, key)]
        programs = texts(properties, "programId") if not nested else ()
        yield ListEntry(
            id=str(entity["id"]),
            kind=KINDS.get(str(entity["schema"]), ORGANISATION),
            names=tuple(dict.fromkeys(name for name in names if name)),
            identifiers=tuple(dict.fromkeys(numbers)),
            countries=tuple(dict.fromkeys(code.upper() for code in countries)),
            listed=(
                *(_listed(each, str(entity["id"])) for each in nested),
                *(ListedAs(program, url=f"{ENTITY_URL}{entity['id']}/") for program in programs),
            ),
            line=file.line,
        )


def read_listings(file: ListFile, entries: Collection[str]) -> Iterator[tuple[str, ListedAs]]:
    """Listings of some entries: the id of the entry, and the listing.

    Raises
    ------
    AccessMapError
        If a line is no entity; with its number.
    """
    for entity in _entities(file):
        if entity["schema"] in LISTINGS:
            for target in texts(entity["properties"], "entity"):
                if target in entries:
                    yield target, _listed(entity, target)


def texts(properties: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Values of a property that are text, stripped.

    Examples
    --------
    >>> texts({"name": ["One ", 2], "alias": "Two"}, "name"), texts({"alias": "Two"}, "alias")
    (('One',), ('Two',))
    """
    values = properties.get(key, ())
    values = [values] if isinstance(values, str) else values
    if not isinstance(values, list | tuple):
        return ()
    return tuple(value.strip() for value in values if isinstance(value, str) and value.strip())


def _listed(listing: Mapping[str, Any], target: str) -> ListedAs:
    properties = listing.get("properties")
    found = properties if isinstance(properties, Mapping) else {}

    def first(*keys: str) -> str:
        return next((value for key in keys for value in texts(found, key)), "")

    return ListedAs(
        name=first("programId", "program"),
        authority=first("authority"),
        program=first("program"),
        since=first("listingDate", "startDate"),
        until=first("endDate"),
        reference=first("authorityId", "recordId"),
        url=first("sourceUrl", "programUrl") or f"{ENTITY_URL}{target}/",
    )


def _entities(file: ListFile) -> Iterator[dict[str, Any]]:
    for line in file.lines():
        try:
            entity = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise file.error(f"no valid JSON: {error}") from None
        if not isinstance(entity, dict) or not isinstance(entity.get("properties"), dict):
            raise file.error("no entity of FollowTheMoney: an object with id, schema and properties is expected")
        if not entity.get("id") or not isinstance(entity.get("schema"), str):
            raise file.error("an entity needs an id and a schema")
        yield entity


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []

"""A small dataset to start from: valid, answerable, and meant to be overwritten by its reader's own facts.

Everything in it is invented, and its addresses lead to ``example.org``.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Final

from stakeholders.schema import HEADERS, file_name
from stakeholders.vocabulary import KINDS, MODES_OF, PREDICATES, SEEN, SOURCE_KINDS, STATUSES, TYPES

_ROWS: Final[dict[str, list[dict[str, str]]]] = {
    "entities": [
        {
            "id": "interior-ministry", "type": "body", "kind": "ministry", "name": "Ministry of the Interior",
            "name_ru": "Министерство внутренних дел", "name_kk": "Ішкі істер министрлігі", "aliases": "MIA;МВД",
            "sources": "example-law",
        },
        {
            "id": "city-police", "type": "body", "kind": "police", "name": "City police",
            "name_ru": "Полиция города", "name_kk": "Қала полициясы", "location": "Example City",
            "sources": "example-news",
        },
        {
            "id": "camera-company", "type": "body", "kind": "operator", "name": "Camera company",
            "name_ru": "Компания, ведущая камеры", "name_kk": "Камера компаниясы", "sources": "example-news",
        },
        {
            "id": "camera-maker", "type": "body", "kind": "manufacturer", "name": "Camera maker",
            "name_ru": "Производитель камер", "name_kk": "Камера өндірушісі", "sources": "example-news",
        },
        {
            "id": "street-cameras", "type": "system", "name": "Street cameras",
            "name_ru": "Уличные камеры", "name_kk": "Көше камералары", "categories": "face;vehicle_plate;video",
            "subjects": "people and vehicles in public places", "volume": "100 cameras", "location": "Example City",
            "sources": "example-news",
        },
        {
            "id": "camera-archive", "type": "store", "name": "Archive of the street cameras",
            "name_ru": "Архив уличных камер", "name_kk": "Көше камераларының мұрағаты",
            "categories": "face;vehicle_plate;video", "location": "Example City", "sources": "example-news",
        },
    ],
    "relations": [
        {
            "id": "city-police-part-of-interior-ministry", "subject": "city-police", "predicate": "part_of",
            "object": "interior-ministry", "status": "confirmed",
            "claim": "The law places the police of every city under the ministry.", "sources": "example-law",
        },
        {
            "id": "camera-company-operates-street-cameras", "subject": "camera-company", "predicate": "operates",
            "object": "street-cameras", "status": "reported", "valid_from": "2023",
            "claim": "The newspaper names the company that runs the cameras since 2023.", "sources": "example-news",
        },
        {
            "id": "camera-company-holds-camera-archive", "subject": "camera-company", "predicate": "holds",
            "object": "camera-archive", "status": "reported", "valid_from": "2023",
            "claim": "The newspaper writes that the archive stands in the company's server room.",
            "sources": "example-news",
        },
        {
            "id": "street-cameras-keeps-data-in-camera-archive", "subject": "street-cameras",
            "predicate": "keeps_data_in", "object": "camera-archive", "status": "reported", "valid_from": "2023",
            "claim": "The newspaper writes that recordings are kept for 30 days.", "sources": "example-news",
        },
        {
            "id": "city-police-has-access-camera-archive", "subject": "city-police", "predicate": "has_access",
            "object": "camera-archive", "categories": "video", "mode": "archive", "status": "confirmed",
            "valid_from": "2024-03-01", "legal_basis": "Police Act, article 12",
            "claim": "The order gives the police access to the recordings from 1 March 2024.",
            "sources": "example-law;example-news",
        },
        {
            "id": "camera-maker-supplies-street-cameras", "subject": "camera-maker", "predicate": "supplies",
            "object": "street-cameras", "status": "alleged",
            "claim": "A reader recognised the make of the cameras on a photograph.", "sources": "example-news",
        },
    ],
    "sources": [
        {
            "id": "example-law", "title": "[Invented] Police Act", "publisher": "Official gazette",
            "date": "2024-02-15", "url": "https://example.org/police-act", "language": "en", "kind": "law",
            "seen": "read",
        },
        {
            "id": "example-news", "title": "[Invented] Cameras on every corner", "publisher": "A newspaper",
            "author": "A. Reporter", "date": "2024-06", "url": "https://example.org/cameras", "language": "en",
            "kind": "news", "seen": "read",
        },
    ],
    "listings": [],
}  # fmt: skip

_REQUIRED: Final = {
    "entities": ("id", "type", "name", "sources"),
    "relations": ("id", "subject", "predicate", "object", "status", "claim", "sources"),
    "listings": ("id", "entity", "authority", "list", "claim", "sources"),
    "sources": ("id", "title", "publisher", "url", "kind", "seen"),
}

_ENUMS: Final = {
    ("entities", "type"): TYPES,
    ("entities", "kind"): KINDS,
    ("entities", "collective"): ("true",),
    ("relations", "predicate"): PREDICATES,
    ("relations", "status"): STATUSES,
    ("sources", "kind"): SOURCE_KINDS,
    ("sources", "seen"): SEEN,
}

_SLUG: Final = "[a-z0-9]+(-[a-z0-9]+)*"
_DATE: Final = r"\d{4}(-\d{2}(-\d{2})?)?"

_LISTS: Final = "values separated by semicolons"
_SAID: Final = {
    "aliases": _LISTS,
    "categories": f"data categories, {_LISTS}",
    "subjects": f"whose data, {_LISTS}",
    "location": _LISTS,
    "collective": "true: stands for many; empty: for one",
    "country": "ISO 3166-1 alpha-2 code; empty: none or several",
    "mode": "; ".join(f"of {predicate}: {', '.join(modes)}" for predicate, modes in MODES_OF.items()),
    "percent": "of owns: a number or a range a..b; empty: unknown",
    "sources": f"ids of sources.csv, {_LISTS}",
    "valid_from": "first day, month or year",
    "valid_until": "last day, month or year, included",
}


def starter(name: str) -> dict[str, bytes]:
    """Files of a dataset to start from, by name.

    Examples
    --------
    >>> sorted(starter("my-city"))
    ['datapackage.json', 'entities.csv', 'listings.csv', 'relations.csv', 'sources.csv']
    """
    files = {file_name(table): _csv(table, rows) for table, rows in _ROWS.items()}
    return {"datapackage.json": (json.dumps(described(name), ensure_ascii=False, indent=2) + "\n").encode(), **files}


def described(name: str, title: str = "") -> dict[str, object]:
    """A data package for tables with their standard columns.

    Examples
    --------
    >>> described("my-city")["profile"]
    'tabular-data-package'
    """
    return {
        "profile": "tabular-data-package",
        "name": name,
        "title": title or f"Who can reach personal data: {name}",
        "version": "0.1",
        "resources": [_resource(table) for table in _ROWS],
    }


def _resource(table: str) -> dict[str, object]:
    schema: dict[str, object] = {"fields": [_field(table, column) for column in HEADERS[table]]}
    keys = {"relations": ("subject", "object"), "listings": ("entity", "authority")}
    if table in keys:
        reference = {"resource": "entities", "fields": "id"}
        schema["foreignKeys"] = [{"fields": column, "reference": reference} for column in keys[table]]
    return {
        "profile": "tabular-data-resource",
        "name": table,
        "path": file_name(table),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {**schema, "primaryKey": "id", "missingValues": [""]},
    }


def _field(table: str, column: str) -> dict[str, object]:
    constraints: dict[str, object] = {}
    if column in _REQUIRED[table]:
        constraints["required"] = True
    if column == "id":
        constraints |= {"unique": True, "pattern": _SLUG}
    if words := _ENUMS.get((table, column)):
        constraints["enum"] = list(words)
    if column in {"date", "valid_from", "valid_until", "listed_from", "listed_until"}:
        constraints["pattern"] = _DATE
    field: dict[str, object] = {"name": column, "type": "string"}
    if column in _SAID:
        field["description"] = _SAID[column]
    return {**field, "constraints": constraints} if constraints else field


def _csv(table: str, rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADERS[table], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()

"""The tables of a dataset: their files, their standard columns, in the order in which they are written.

A table may have further columns, which are kept; ``name_<lang>`` columns are names in that language.
"""

from __future__ import annotations

from typing import Final

HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "entities": (
        "id", "type", "kind", "name", "name_ru", "name_kk", "country", "aliases", "collective", "categories",
        "subjects", "volume", "location", "valid_from", "valid_until", "note", "sources",
    ),
    "relations": (
        "id", "subject", "predicate", "object", "categories", "mode", "status", "valid_from", "valid_until",
        "percent", "legal_basis", "claim", "sources",
    ),
    "listings": (
        "id", "entity", "authority", "list", "program", "listed_from", "listed_until", "legal_basis", "reference",
        "effect", "claim", "sources",
    ),
    "sources": ("id", "title", "publisher", "author", "date", "url", "language", "kind", "seen", "note"),
    "categories": ("code", "name", "name_ru", "name_kk", "broader", "dpv", "special"),
    "statistics": ("country", "measure", "value", "unit", "year", "claim", "sources"),
}  # fmt: skip

TABLES: Final = tuple(HEADERS)

# A folder without one of these is no dataset; the other tables may be absent.
REQUIRED_TABLES: Final = ("entities", "relations", "sources")

# Columns that a table cannot do without: a row without them says nothing.
REQUIRED_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "entities": ("id", "type", "name", "sources"),
    "relations": ("id", "subject", "predicate", "object", "status", "claim", "sources"),
    "listings": ("id", "entity", "authority", "list", "claim", "sources"),
    "sources": ("id", "title"),
    "categories": ("code", "name"),
    "statistics": ("measure", "value", "unit", "year", "claim", "sources"),
}

# Files of the folder that belong to the dataset beside its tables.
COMPANIONS: Final = ("checks.toml", "regimes.toml", "matches.csv", "baseline.json")

# All files of the folder but its tables.
FILES: Final = ("datapackage.json", "rules.toml", *COMPANIONS)


def file_name(table: str) -> str:
    """Name of a table's file.

    Examples
    --------
    >>> file_name("entities")
    'entities.csv'
    """
    return f"{table}.csv"

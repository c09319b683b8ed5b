"""Who and what, on which evidence: claims, their sources, the words for them, reading and writing."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stakeholders.accepted import import_listings
    from stakeholders.categories import Category, CategoryTree
    from stakeholders.dataset import Dataset, Table
    from stakeholders.errors import (
        AccessMapError,
        DatasetNotFound,
        IncompleteAnswer,
        InvalidDataset,
        Problem,
        UnknownId,
        UnknownTerm,
    )
    from stakeholders.lookup import Target, resolve
    from stakeholders.ownership import ownership_verdicts
    from stakeholders.retrieval import Hit, find
    from stakeholders.screening import screen
    from stakeholders.selectors import select
    from stakeholders.tables import bundled, inspect, new, read, read_files, write

__version__ = "0.1.0"

__all__ = [
    "AccessMapError",
    "Category",
    "CategoryTree",
    "Dataset",
    "DatasetNotFound",
    "Hit",
    "IncompleteAnswer",
    "InvalidDataset",
    "Problem",
    "Table",
    "Target",
    "UnknownId",
    "UnknownTerm",
    "bundled",
    "find",
    "import_listings",
    "inspect",
    "new",
    "ownership_verdicts",
    "read",
    "read_files",
    "resolve",
    "screen",
    "select",
    "write",
]

_HOMES = {
    "accepted": ("import_listings",),
    "categories": ("Category", "CategoryTree"),
    "dataset": ("Dataset", "Table"),
    "errors": (
        "AccessMapError",
        "DatasetNotFound",
        "IncompleteAnswer",
        "InvalidDataset",
        "Problem",
        "UnknownId",
        "UnknownTerm",
    ),
    "lookup": ("Target", "resolve"),
    "ownership": ("ownership_verdicts",),
    "retrieval": ("Hit", "find"),
    "screening": ("screen",),
    "selectors": ("select",),
    "tables": ("bundled", "inspect", "new", "read", "read_files", "write"),
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, when it is asked for: most commands need little of the package."""
    for module, names in _HOMES.items():
        if name in names:
            found = getattr(importlib.import_module(f"stakeholders.{module}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

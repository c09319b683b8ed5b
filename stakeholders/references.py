"""Ids in cells that must be defined somewhere, of entities, sources or data categories, and what comes near them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from stakeholders import cells
from stakeholders.dataset import Table, split
from stakeholders.errors import nearest

if TYPE_CHECKING:
    from stakeholders.categories import CategoryTree

# Suggestions cost a search each, so a column gets this many.
_SUGGESTED: Final = 500


def names(entities: Table) -> dict[str, str]:
    """Ids by name, for those who wrote a name where an id belongs; large tables go without."""
    if len(entities) > 50_000:
        return {}
    ids = entities.column("id")
    columns = [name for name in entities.header if name == "name" or name.startswith("name_")]
    return {
        cell.casefold(): entity
        for column in columns
        for cell, entity in zip(entities.column(column), ids, strict=True)
        if cell
    }


def defined(known: Mapping[str, int], by_name: Mapping[str, str]) -> cells.Check:
    """A cell with the id of an entity."""
    choices = tuple(known)
    left = [_SUGGESTED]

    def check(cell: str) -> str:
        if cell in known and cell:
            return ""
        if not cell.strip():
            return "is empty"
        left[0] -= 1
        named = by_name.get(cell.strip().casefold())
        near = (named,) if named else nearest(cell.strip().casefold(), choices, 2) if left[0] >= 0 else ()
        hint = f" (did you mean {' or '.join(repr(choice) for choice in near)}?)" if near else ""
        return f"{cells.shown(cell)} is defined nowhere{hint}"

    return check


def sourced(known: Mapping[str, int] | None, what: str) -> cells.Check:
    """A list of sources, not empty and none of them unknown; without known ones only the first is asked."""
    search = defined(known or {}, {})

    def check(cell: str) -> str:
        values = split(cell)
        if not values:
            return f"{what} needs at least one source"
        return "; ".join(message for value in values if (message := one(value)))

    def one(value: str) -> str:
        if known is None or value in known:
            return ""
        if "," in value and all(part.strip() in known for part in value.split(",")):
            better = ";".join(part.strip() for part in value.split(","))
            return f"{cells.shown(value)}: values are parted by semicolons (did you mean {better!r}?)"
        if value.startswith(("http://", "https://")):
            return f"{cells.shown(value)} is an address; give it a row in sources.csv and write that row's id here"
        return search(value)

    return check


def listed(tree: CategoryTree) -> cells.Check:
    """A list of categories, none of them unknown."""
    by_name = {category.name.casefold(): code for code, category in tree.categories.items()}

    def one(value: str) -> str:
        if value in tree:
            return ""
        if "," in value and all(part.strip() in tree for part in value.split(",")):
            better = ";".join(part.strip() for part in value.split(","))
            return f"{cells.shown(value)}: values are parted by semicolons (did you mean {better!r}?)"
        named = by_name.get(value.casefold())
        hint = f" (did you mean {named!r}?)" if named else cells.did_you_mean(value, tree.codes)
        return f"{cells.shown(value)} is no known category{hint}"

    return cells.each(one)

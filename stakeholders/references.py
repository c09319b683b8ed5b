"""Ids in cells that must be defined somewhere, of entities, sources or data categories, and what comes near them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from stakeholders import cells
from stakeholders.dataset import Table, split
from stakeholders.errors import nearest

if TYPE_CHECKING:
    from stakeholders.categories import CategoryTree

# Suggestions cost a search each, so a column gets this many.
_SUGGESTED: Final = 500

# Names of more entities than this are not searched.
_NAMES: Final = 50_000


def defined(entities: Table) -> cells.Check:
    """A cell that should hold the id of an entity and does not."""
    choices = cache(lambda: tuple(entities.index))  # a sound table never asks
    by_name = cache(lambda: _by_name(entities))
    left = [_SUGGESTED]

    def check(cell: str) -> str:
        if not cell.strip():
            return "is empty"
        left[0] -= 1
        named = by_name().get(cell.strip().casefold())
        near = (named,) if named else nearest(cell, choices(), 2) if left[0] >= 0 else ()
        return f"{cells.shown(cell)} is defined nowhere{_hint(cell, near, entities.file)}"

    return check


def _by_name(entities: Table) -> dict[str, str]:
    """Ids by name, for those who wrote a name where an id belongs; large tables go without."""
    if len(entities) > _NAMES:
        return {}
    ids = entities.column("id")
    columns = [name for name in entities.header if name == "name" or name.startswith("name_")]
    return {
        cell.casefold(): entity
        for column in columns
        for cell, entity in zip(entities.column(column), ids, strict=True)
        if cell
    }


def sourced(sources: Table | None, what: str) -> cells.Check:
    """A list of sources that must not be empty, and each of them defined; without a table of them any is."""
    known = cache(lambda: sources.index if sources is not None and len(sources) else {})
    left = [_SUGGESTED]

    def check(cell: str) -> str:
        values = split(cell)
        if not values:
            return f"{what} needs at least one source"
        return "; ".join(message for value in values if (message := one(value)))

    def one(value: str) -> str:
        if sources is None or value in known():
            return ""
        if "," in value and all(part.strip() in known() for part in value.split(",")):
            better = ";".join(part.strip() for part in value.split(","))
            return f"{cells.shown(value)}: values are parted by semicolons (did you mean {better!r}?)"
        if value.startswith(("http://", "https://")):
            return f"{cells.shown(value)} is an address; give it a row in sources.csv and write that row's id here"
        left[0] -= 1
        near = nearest(value, tuple(known()), 2) if left[0] >= 0 else ()
        return f"{cells.shown(value)} is defined nowhere{_hint(value, near, sources.file)}"

    return check


def _hint(cell: str, near: Sequence[str], file: str) -> str:
    """What comes near a cell; ids that are defined with spaces around them are shown as they should be."""
    if any(choice != cell and choice.strip() == cell for choice in near):
        return f" ({file} has it with spaces around it)"
    return f" (did you mean {' or '.join(repr(choice.strip()) for choice in near)}?)" if near else ""


def listed(tree: CategoryTree) -> cells.Check:
    """A list of categories, none of them unknown."""
    by_name = {
        name.casefold(): code
        for code, category in tree.categories.items()
        for name in (category.name, *category.names.values())
    }

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

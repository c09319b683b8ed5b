"""Selectors: an id, or tests of fields that must all hold; several selectors mean any of them.

``kind=police``, ``country!=KZ``, ``kind=manufacturer,country=CN``, ``category=face``, ``listed=us-bis-entity-list``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stakeholders.dataset import split
from stakeholders.errors import AccessMapError, UnknownId, UnknownTerm
from stakeholders.lookup import resolve
from stakeholders.vocabulary import KINDS, TYPES

if TYPE_CHECKING:
    from stakeholders.dataset import Dataset

    Chosen = np.ndarray[Any, np.dtype[np.bool_]]

_TEST = re.compile(r"\s*(?P<field>[\w-]+)\s*(?P<sign>!?=)\s*(?P<value>.*?)\s*", re.DOTALL)

# A comma parts two tests only where a test follows: names may hold commas.
_BETWEEN = re.compile(r",(?=\s*[\w-]+\s*!?=)")

# Fields that hold lists are asked for one value at a time.
_SINGULAR: Final = {"alias": "aliases", "source": "sources", "subject": "subjects"}

# Words that are right even where no entity of the dataset has them.
_VOCABULARY: Final[Mapping[str, Collection[str]]] = {"type": TYPES, "kind": KINDS, "collective": ("true",)}


def select(dataset: Dataset, selectors: Sequence[str], as_of: date | str | None = None) -> list[str]:
    """Entities that any of the selectors means, in the order of the table.

    Parameters
    ----------
    dataset : Dataset
    selectors : sequence of str
        Each an id or name of an entity, or tests ``field=value`` or ``field!=value`` joined by commas. A field is a
        column of ``entities`` (one that holds a list has a value if any of its values is it), ``category`` (narrower
        ones count), or ``listed`` (id, list, program or authority of a listing, or authority and list joined as in
        ``us-bis-entity-list``).
    as_of : date or str, optional
        Day on which a listing must be in force; default today.

    Raises
    ------
    UnknownId
        If an id or name means nothing.
    UnknownTerm
        If a field or value is unknown; the error says what comes near.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> dataset = read("cabar-2020")
    >>> select(dataset, ["kind=manufacturer,listed=us-bis-entity-list"])
    ['cn-dahua', 'cn-hikvision']
    >>> select(dataset, ["kind=foreign_state", "kz-sergek"])
    ['cn-prc', 'kz-sergek']
    """
    chosen = np.zeros(len(dataset.entities), np.bool_)
    for selector in selectors:
        chosen |= _selected(dataset, selector, as_of)
    ids = dataset.entities.column("id")
    return [ids[row] for row in np.flatnonzero(chosen).tolist()]


def _selected(dataset: Dataset, selector: str, as_of: date | str | None) -> Chosen:
    if "=" not in selector:
        chosen = np.zeros(len(dataset.entities), np.bool_)
        chosen[dataset.entities.index[_named(dataset, selector)]] = True
        return chosen
    chosen = np.ones(len(dataset.entities), np.bool_)
    for part in _BETWEEN.split(selector):
        match = _TEST.fullmatch(part)
        if match is None:
            raise AccessMapError(f"{part.strip()!r} is no test; write field=value or field!=value")
        # A column of the dataset's own may have capitals in its name.
        field = match["field"] if match["field"] in dataset.entities.columns else match["field"].lower()
        passes = _passing(dataset, field, match["value"], as_of)
        chosen &= passes if match["sign"] == "=" else ~passes
    return chosen


def _named(dataset: Dataset, selector: str) -> str:
    """The id of the one entity that a selector names."""
    try:
        return resolve(dataset, selector, "entity").id
    except UnknownId:
        parts = [part.strip() for part in selector.split(",")]
        if len(parts) > 1 and all(part in dataset.entities.index for part in parts):
            told = f"{selector!r} names {len(parts)} entities: give each by itself ({' and '.join(map(repr, parts))})"
            raise UnknownId(f"{told}; on a command line repeat the option.", parts) from None
        raise


def _passing(dataset: Dataset, field: str, value: str, as_of: date | str | None) -> Chosen:
    if field == "category":
        return _with_category(dataset, value)
    if field == "listed":
        return _listed(dataset, value, as_of)
    column = _SINGULAR.get(field, field)
    if column not in dataset.entities.columns:
        raise UnknownTerm("field of a selector", field, [*dataset.entities.header, "category", "listed"])
    return _with_value(dataset, column, value)


def _with_value(dataset: Dataset, column: str, value: str) -> Chosen:
    wanted = value.casefold()
    chosen = _matching(dataset, column, lambda cell: _has(cell, wanted))
    known = _VOCABULARY.get(column, ())
    if chosen.any() or wanted in known or not wanted:
        return chosen
    values = sorted({part for cell in dataset.entities.codes(column)[1] for part in split(cell)} | set(known))
    raise UnknownTerm(f"{column} of any entity", value, values)


def _has(cell: str, wanted: str) -> bool:
    if not wanted:
        return not cell
    return cell.casefold() == wanted or (";" in cell and any(part.casefold() == wanted for part in split(cell)))


def _with_category(dataset: Dataset, value: str) -> Chosen:
    tree = dataset.tree
    if not value:
        return _matching(dataset, "categories", lambda cell: not cell)
    wanted = tree.closed([resolve(dataset, value, "category").id])
    return _matching(dataset, "categories", lambda cell: not wanted.isdisjoint(split(cell)))


def _listed(dataset: Dataset, value: str, as_of: date | str | None) -> Chosen:
    from stakeholders.listings import listings

    if not value:
        raise AccessMapError("'listed=' needs a list, a program, an authority or a listing's id")
    day = date.today() if as_of is None else as_of
    found = {listing.entity for listing in listings(dataset, as_of=day, lists=[value])}
    return _matching(dataset, "id", found.__contains__)


def _matching(dataset: Dataset, column: str, test: Callable[[str], bool]) -> Chosen:
    codes, cells = dataset.entities.codes(column)
    return np.array([test(cell) for cell in cells], np.bool_)[codes]

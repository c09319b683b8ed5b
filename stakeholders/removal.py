"""What if: a dataset with some of it taken away, or with another laid over it."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from stakeholders.columns import ArrowColumn, EncodedColumn, joined
from stakeholders.dataset import Dataset, Table, split
from stakeholders.errors import UnknownId, nearest
from stakeholders.schema import HEADERS

_REMOVABLE = ("entities", "relations", "listings", "sources")


def without(dataset: Dataset, ids: Iterable[str]) -> Dataset:
    """See :meth:`stakeholders.dataset.Dataset.without`."""
    gone = tuple(dict.fromkeys(ids))
    found = {name: {one for one in gone if one in dataset.tables[name].index} for name in _present(dataset)}
    for one in gone:
        if not any(one in members for members in found.values()):
            raise _unknown(dataset, one)
    entities, sources = found.get("entities", set()), found.get("sources", set())
    ends = {"relations": ("subject", "object"), "listings": ("entity", "authority")}
    changed = {}
    for name, table in dataset.tables.items():
        kept = ~_among(table, table.header[0], found.get(name, ())) if name in _REMOVABLE else _all(table)
        for column in ends.get(name, ()):
            kept &= ~_among(table, column, entities)
        if sources and name != "sources":
            table, bereft = _unsourced(table, sources)  # noqa: PLW2901  the same table, less its sources
            kept &= ~bereft if name != "entities" else True
        changed[name] = table.where(kept)
    return replace(dataset, tables=changed)


def overlay(dataset: Dataset, other: Dataset) -> Dataset:
    """See :meth:`stakeholders.dataset.Dataset.overlay`."""
    tables = dict(dataset.tables)
    for name, table in other.tables.items():
        if not len(table):
            continue
        tables[name] = _laid(tables[name], table) if name in tables and len(tables[name]) else table
    return replace(
        dataset,
        tables=tables,
        rules={**dataset.rules, **other.rules},
        extras={**dataset.extras, **{name: raw for name, raw in other.extras.items() if name != "datapackage.json"}},
    )


def _present(dataset: Dataset) -> list[str]:
    return [name for name in _REMOVABLE if name in dataset.tables]


def _unknown(dataset: Dataset, one: str) -> UnknownId:
    known = [each for name in _present(dataset) for each in dataset.tables[name].index]
    near = nearest(one, known)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return UnknownId(f"no entity, relation, listing or source is called {one!r}.{hint}", near)


def _all(table: Table) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.ones(len(table), np.bool_)


def _among(table: Table, column: str, ids: Collection[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows whose cell in a column is one of the ids."""
    if not ids:
        return np.zeros(len(table), np.bool_)
    cells = table.column(column)
    if column == table.header[0] and isinstance(cells, ArrowColumn):
        chosen = np.zeros(len(table), np.bool_)
        chosen[[table.index[one] for one in ids]] = True
        return chosen
    codes, distinct = table.codes(column)
    return np.array([cell in ids for cell in distinct], np.bool_)[codes]


def _unsourced(table: Table, gone: Collection[str]) -> tuple[Table, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """A table without some sources in its cells, and the rows that lose their last one."""
    codes, cells = table.codes("sources")
    left = [";".join(one for one in split(cell) if one not in gone) for cell in cells]
    touched = [not set(split(cell)).isdisjoint(gone) for cell in cells]
    if not any(touched):
        return table, np.zeros(len(table), np.bool_)
    new = [after if hit else before for before, after, hit in zip(cells, left, touched, strict=True)]
    bereft = np.array([hit and not after for after, hit in zip(left, touched, strict=True)], np.bool_)[codes]
    column = table.columns["sources"]
    large = isinstance(column, EncodedColumn | ArrowColumn)
    cells_left = EncodedColumn(codes, new) if large else tuple([new[code] for code in codes.tolist()])
    return table.with_column("sources", cells_left), bereft


def _laid(base: Table, other: Table) -> Table:
    """Rows of two tables; of two with one id the other's, in the place of the first."""
    header = (*base.header, *(column for column in other.header if column not in base.columns))
    # A statistic has no id, so it is another's double only if all its cells are the same.
    key = HEADERS[base.name][:1] if base.name != "statistics" else header
    first = base.columns.get(key[0])
    if isinstance(first, ArrowColumn) and len(key) == 1 and key[0] in other.columns and first.all_distinct():
        return _laid_large(base, other, header, first)
    columns = {column: list(base.column(column)) for column in header}
    lines = list(base.lines)
    places = {cells: row for row, cells in enumerate(zip(*(columns[column] for column in key), strict=True))}
    added = [other.column(column) for column in header]
    for cells, line in zip(zip(*added, strict=True), other.lines, strict=True):
        row = dict(zip(header, cells, strict=True))
        place = places.get(tuple(row[column] for column in key))
        if place is None:
            lines.append(line)
            for column, cell in row.items():
                columns[column].append(cell)
        else:
            lines[place] = line
            for column, cell in row.items():
                columns[column][place] = cell
    cells_of = {column: tuple(cells) for column, cells in columns.items()}
    return replace(base, header=header, columns=cells_of, lines=lines, raw=None)


def _laid_large(base: Table, other: Table, header: tuple[str, ...], ids: ArrowColumn) -> Table:
    """The same without a Python object for each cell."""
    places = ArrowColumn.of(other.columns[HEADERS[base.name][0]]).places_in(ids)
    rows = np.arange(len(base))
    doubles = places >= 0
    rows[places[doubles]] = len(base) + np.flatnonzero(doubles)
    rows = np.concatenate([rows, len(base) + np.flatnonzero(~doubles)])
    columns = {name: joined(_column(base, name), _column(other, name)).take(rows) for name in header}
    known = [table.lines if len(table.lines) else np.zeros(len(table), np.int64) for table in (base, other)]
    lines = np.concatenate([np.asarray(each, np.int64) for each in known])[rows]
    return replace(base, header=header, columns=columns, lines=array("q", lines.tolist()), raw=None)


def _column(table: Table, name: str) -> Sequence[str]:
    if name in table.columns:
        return table.columns[name]
    return EncodedColumn(np.zeros(len(table), np.int32), [""])

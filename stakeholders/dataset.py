"""A dataset: its tables, column by column, never changed.

What a cut at a day, a removal or an addition makes of it is a new dataset.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from stakeholders.categories import Category, CategoryTree
from stakeholders.columns import ArrowColumn, EncodedColumn, encoded, looked_up, taken
from stakeholders.dates import day_asked
from stakeholders.errors import AccessMapError
from stakeholders.files import Stored
from stakeholders.schema import HEADERS

if TYPE_CHECKING:
    from datetime import date

    import numpy as np
    import pandas as pd

    from stakeholders.citations import Citations
    from stakeholders.columns import Codes


class Style(NamedTuple):
    """How a table's file is written: its line ends, whether it starts with a byte order mark, its format."""

    newline: str = "\n"
    bom: bool = False
    format: str = "csv"


CSV: Final = Style()
PARQUET: Final = Style(format="parquet")


@lru_cache(maxsize=65536)
def split(cell: str) -> tuple[str, ...]:
    """Values of a cell that holds a list.

    Examples
    --------
    >>> split("face; voice;")
    ('face', 'voice')
    """
    return tuple(part for piece in cell.split(";") if (part := piece.strip()))


@dataclass(frozen=True, eq=False)
class Table:
    """One table, column by column.

    Parameters
    ----------
    name : str
        Such as ``"entities"``.
    header : tuple of str
        Column names in file order.
    columns : mapping of str to sequence of str
        The cells of each column.
    lines : sequence of int
        Line of the file on which each row starts, counted from 1; 0 for a row that comes from no file.
    raw : bytes or Stored, optional
        The file as it was read, or where a large one lies; ``None`` once the table differs from it.
    style : Style
        How the file is written.
    """

    name: str
    header: tuple[str, ...]
    columns: Mapping[str, Sequence[str]] = field(repr=False)
    lines: Sequence[int] = field(default=(), repr=False)
    raw: bytes | Stored | None = field(default=None, repr=False)
    style: Style = CSV

    def __len__(self) -> int:
        return len(self.columns[self.header[0]]) if self.header else 0

    def column(self, name: str) -> Sequence[str]:
        """Cells of a column; empty ones when the table has no such column."""
        found = self.columns.get(name)
        return found if found is not None else ("",) * len(self)

    def row(self, number: int) -> dict[str, str]:
        """Cells of one row by column name."""
        return {name: self.columns[name][number] for name in self.header}

    def rows(self) -> Iterator[dict[str, str]]:
        """Every row, in file order."""
        for cells in zip(*(self.columns[name] for name in self.header), strict=True):
            yield dict(zip(self.header, cells, strict=True))

    @property
    def content(self) -> bytes | None:
        """The file as it was read; ``None`` once the table differs from it."""
        return self.raw.read() if isinstance(self.raw, Stored) else self.raw

    @property
    def file(self) -> str:
        """Name of the table's file."""
        return f"{self.name}.{self.style.format}"

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Row of each value of the first column, in file order; of several rows with one value the first."""
        column = self.columns[self.header[0]]
        places = dict(zip(column, range(len(column)), strict=True))
        if len(places) < len(column):
            places.clear()
            for row, value in enumerate(column):
                places.setdefault(value, row)
        return places

    def places(self, keys: Sequence[str]) -> Codes:
        """The same for some values, -1 for one that no row has; of a large table no index is made."""
        import numpy as np

        column = self.columns[self.header[0]]
        if isinstance(column, ArrowColumn):
            return ArrowColumn.of(keys).places_in(column)
        return np.array([self.index.get(key, -1) for key in keys], np.int32)

    def codes(self, name: str) -> tuple[Codes, list[str]]:
        """A column as numbers: for each row the place of its cell in a list of distinct cells, and that list."""
        found = self._codes.get(name)
        if found is None:
            column = self.encoded(name).tight()
            values = column.values if isinstance(column.values, list) else list(column.values)
            found = self._codes[name] = column.codes, values
        return found

    def encoded(self, name: str) -> EncodedColumn:
        """The same, its distinct cells in whatever sequence they came, which for a large table is no Python list.

        They may be more than the rows have, where these were taken out of a larger table.
        """
        found = self._encoded.get(name)
        if found is None:
            found = self._encoded[name] = encoded(self.column(name))
        return found

    def select(self, rows: Sequence[int] | np.ndarray[Any, np.dtype[np.signedinteger]]) -> Table:
        """Table of some rows, in the order given."""
        columns = {name: taken(column, rows) for name, column in self.columns.items()}
        return replace(self, columns=columns, lines=_lines_of(self.lines, rows), raw=None)

    def where(self, kept: np.ndarray[Any, np.dtype[np.bool_]]) -> Table:
        """Table of the rows that are kept; the same table if all are."""
        import numpy as np

        return self if kept.all() else self.select(np.flatnonzero(kept))

    def with_column(self, name: str, cells: Sequence[str]) -> Table:
        """Table with the cells of one column replaced, or with the column added last."""
        header = self.header if name in self.header else (*self.header, name)
        return replace(self, header=header, columns={**self.columns, name: cells}, raw=None)

    @cached_property
    def _encoded(self) -> dict[str, EncodedColumn]:
        return {}

    @cached_property
    def _codes(self) -> dict[str, tuple[Codes, list[str]]]:
        return {}


def _lines_of(lines: Sequence[int], rows: Sequence[int] | np.ndarray[Any, np.dtype[np.signedinteger]]) -> Sequence[int]:
    if not len(lines):
        return ()
    if isinstance(lines, range):  # as in a Parquet file, where they may be millions
        import numpy as np

        chosen = array("q")
        chosen.frombytes((np.asarray(rows, np.int64) * lines.step + lines.start).tobytes())
        return chosen
    return array("q", [lines[row] for row in rows])


def empty_table(name: str) -> Table:
    """Table of a name with its standard columns and no row."""
    return Table(name, HEADERS[name], dict.fromkeys(HEADERS[name], ()))


@dataclass(frozen=True, eq=False)
class Dataset:
    """Entities, relations between them, listings and the sources of all of it.

    Read one with :func:`stakeholders.tables.read`. Nothing in it changes: every operation gives a new dataset.
    """

    name: str
    tables: Mapping[str, Table] = field(repr=False)
    package: Mapping[str, Any] = field(default_factory=dict, repr=False)
    rules: Mapping[str, Any] = field(default_factory=dict, repr=False)
    extras: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    folder: Path | None = None

    @property
    def title(self) -> str:
        """Title of the dataset, its name if it has none."""
        return str(self.package.get("title") or self.name)

    @property
    def version(self) -> str:
        """Version that the dataset gives itself, empty if none."""
        return str(self.package.get("version") or "")

    @property
    def entities(self) -> Table:
        """Bodies, systems and stores."""
        return self._table("entities")

    @property
    def relations(self) -> Table:
        """Who does what to whom."""
        return self._table("relations")

    @property
    def listings(self) -> Table:
        """Sanctions and export-control listings."""
        return self._table("listings")

    @property
    def sources(self) -> Table:
        """What the claims rest on."""
        return self._table("sources")

    @property
    def categories(self) -> Table:
        """The dataset's own data categories."""
        return self._table("categories")

    @property
    def statistics(self) -> Table:
        """Figures about countries."""
        return self._table("statistics")

    def _table(self, name: str) -> Table:
        return self.tables.get(name) or empty_table(name)

    @cached_property
    def tree(self) -> CategoryTree:
        """The data categories: the standard ones, and those that the dataset adds or redefines."""
        from stakeholders.tables import standard_categories

        return CategoryTree.of([*standard_categories(), *categories_of(self.categories)])

    @cached_property
    def sha256(self) -> str:
        """Digest of the tables and what else belongs to the dataset, by name and bytes."""
        from stakeholders.writing import digest_parts

        digest = hashlib.sha256()
        for name, parts in digest_parts(self):
            content = hashlib.sha256()
            for part in parts:
                content.update(part)
            digest.update(f"{name} {content.hexdigest()}\n".encode())
        return digest.hexdigest()

    def name_of(self, entity: str, lang: str = "en") -> str:
        """Name of an entity in a language, else its ``name``; an unknown id names itself."""
        found = self._named.get(lang)
        if found is None:
            table = self.entities
            names = [table.columns[name] for name in (f"name_{lang}", "name") if name in table.columns]
            found = self._named[lang] = table.index, names
        rows, columns = found
        row = rows.get(entity)
        if row is None:
            return entity
        for column in columns:
            if name := column[row]:
                return name
        return entity

    @cached_property
    def _named(self) -> dict[str, tuple[Mapping[str, int], list[Sequence[str]]]]:
        return {}

    def type_of(self, entity: str) -> str:
        """``body``, ``system`` or ``store``; empty for an unknown id."""
        row = self.entities.index.get(entity)
        return "" if row is None else self.entities.column("type")[row]

    def is_body(self, entity: str) -> bool:
        """Whether an entity is a body."""
        return self.type_of(entity) == "body"

    def entity_rows(self, table: str, column: str) -> Codes:
        """For each row of a table the row of ``entities`` whose id stands in a column; -1 where there is none."""
        return looked_up(self.entity_places(table, column), self._table(table).encoded(column).codes)

    def entity_places(self, table: str, column: str) -> Codes:
        """The same for each distinct cell of a column, in the order of ``Table.encoded``."""
        import numpy as np

        found = self._entity_places.get((table, column))
        if found is None:
            cells, ids = self._table(table).encoded(column).values, self.entities.column("id")
            if isinstance(ids, ArrowColumn):
                found = ArrowColumn.of(cells).places_in(ids)
            else:
                index = self.entities.index
                found = np.array([index.get(cell, -1) for cell in cells], np.int32)
            self._entity_places[table, column] = found
        return found

    @cached_property
    def _entity_places(self) -> dict[tuple[str, str], Codes]:
        return {}

    def citations(self, table: str) -> Citations:
        """Which sources each row of a table cites, as numbers."""
        found = self._citations.get(table)
        if found is None:
            from stakeholders.citations import citations

            found = self._citations[table] = citations(self, self._table(table))
        return found

    @cached_property
    def _citations(self) -> dict[str, Citations]:
        return {}

    def as_of(self, day: date | str) -> Dataset:
        """What is in force on a day: entities, relations and listings; sources stay.

        A partial date means its last day.
        """
        from stakeholders.intervals import entity_intervals, listing_intervals, relation_intervals

        number = _ordinal(day)
        start, end = entity_intervals(self)
        return self._where(
            entities=(start <= number) & (number <= end),
            relations=relation_intervals(self).in_force(number),
            listings=listing_intervals(self).in_force(number),
        )

    def known_by(self, day: date | str) -> Dataset:
        """What sources of a day could tell: relations and listings with an undated source or one not later.

        Only whole rows go; what is known keeps all its sources, so that its start stays what it was.
        """
        from stakeholders.intervals import listing_intervals, relation_intervals

        number = _ordinal(day)
        return self._where(
            relations=relation_intervals(self).known <= number, listings=listing_intervals(self).known <= number
        )

    def _where(self, **kept: np.ndarray[Any, np.dtype[np.bool_]]) -> Dataset:
        """The dataset with only some rows of some tables."""
        return self.with_tables(
            **{name: self.tables[name].where(rows) for name, rows in kept.items() if name in self.tables}
        )

    def without(self, ids: Iterable[str]) -> Dataset:
        """What would be left if entities, relations, listings or sources were gone.

        An entity takes its relations and listings along. A relation, listing or statistic falls when its last source
        goes; an entity does not, even if no source speaks of it any more.

        Raises
        ------
        UnknownId
            If the dataset has nothing of an id.

        Examples
        --------
        >>> from stakeholders.tables import read
        >>> dataset = read("cabar-2020")
        >>> len(dataset.relations) - len(dataset.without(["kz-sergek"]).relations)
        6
        """
        from stakeholders.removal import without

        return without(self, [ids] if isinstance(ids, str) else ids)

    def overlay(self, other: Dataset) -> Dataset:
        """The dataset with another's rows added; where both have an id, the other's row counts."""
        from stakeholders.removal import overlay

        return overlay(self, other)

    def with_tables(self, **tables: Table) -> Dataset:
        """The dataset with some tables replaced."""
        return replace(self, tables={**self.tables, **tables})

    def frame(self, table: str) -> pd.DataFrame:
        """A table as a pandas DataFrame of text, one column a column."""
        import pandas as pd

        found = self._table(table)
        return pd.DataFrame({name: list(found.columns[name]) for name in found.header}, dtype=object)


def categories_of(table: Table) -> list[Category]:
    """Categories that a ``categories`` table defines."""
    languages = [name for name in table.header if name.startswith("name_")]
    return [
        Category(
            row["code"],
            row.get("name", ""),
            split(row.get("broader", "")),
            split(row.get("dpv", "")),
            row.get("special", ""),
            {name.removeprefix("name_"): row[name] for name in languages if row[name]},
        )
        for row in table.rows()
        if row.get("code")
    ]


def _ordinal(day: date | str) -> int:
    try:
        return day_asked(day)
    except ValueError as error:
        raise AccessMapError(str(error)) from None

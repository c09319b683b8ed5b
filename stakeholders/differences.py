"""Two versions of a dataset, row by row: what was added, removed and changed, exactly enough to make one of the other.

A change is a plain mapping, ready for JSON: ``table``, ``id``, ``change`` (``added``, ``removed``, ``changed``),
``before`` and ``after``. For a row these are its cells by column: of a changed row those that differ, of any other
those that are not empty. A change without an id is about the file as a whole: its columns, the order of its rows, how
its lines end. Further keys say what cells cannot: ``at``, the place of a row in its file, and ``text``, how it is
written there if otherwise than expected. So nothing is lost: :func:`apply` gives the other version byte for byte.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stakeholders.columns import ArrowColumn, encoded, joined, looked_up, numbers_of
from stakeholders.dataset import Dataset, Style, Table
from stakeholders.errors import AccessMapError
from stakeholders.schema import TABLES
from stakeholders.tables import read_files
from stakeholders.writing import quoted, table_bytes

if TYPE_CHECKING:
    from stakeholders.columns import Codes

Change = dict[str, Any]
Places = np.ndarray[Any, np.dtype[np.intp]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

# A figure about a country has no id; these columns tell one from another.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {"statistics": ("country", "measure", "year")}


def changes_between(before: Dataset, after: Dataset) -> list[Change]:
    """Every row, table and file in which two datasets differ.

    Parameters
    ----------
    before, after : Dataset

    Returns
    -------
    list of dict
        Table by table; first the table's own change, then removed, added and changed rows, each in file order; other
        files last. Empty if and only if the datasets are written alike.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> dataset = read("cabar-2020")
    >>> [change["id"] for change in changes_between(dataset, dataset.without(["cn-dahua-supplies-kz-sergek"]))]
    ['cn-dahua-supplies-kz-sergek']
    """
    found: list[Change] = []
    for name in TABLES:
        found += _of_table(name, before.tables.get(name), after.tables.get(name))
    for name in sorted({*before.extras, *after.extras}):
        found += _of_file(name, before.extras.get(name), after.extras.get(name))
    return found


def apply(before: Dataset, changes: Iterable[Mapping[str, Any]]) -> Dataset:
    """The dataset that some changes make of another.

    Parameters
    ----------
    before : Dataset
    changes : iterable of mappings
        As :func:`changes_between` gives them.

    Returns
    -------
    Dataset
        Written, it is the AFTER of the changes byte for byte.

    Raises
    ------
    AccessMapError
        If the changes were not made from this dataset.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> before = read("cabar-2020")
    >>> after = before.without(["cn-dahua-supplies-kz-sergek"])
    >>> apply(before, changes_between(before, after)).sha256 == after.sha256
    True
    """
    of: dict[str, list[Mapping[str, Any]]] = {}
    for change in changes:
        of.setdefault(change["table"], []).append(change)
    tables = dict(before.tables)
    files = dict(before.extras)
    for name, found in of.items():
        if name in TABLES:
            made = _table_of(name, tables.pop(name, None), found)
            tables |= {} if made is None else {name: made}
        else:
            files.pop(name, None)
            content = _as_bytes(found[-1]["after"] or {})
            files |= {} if content is None else {name: content}
    rest = read_files(before.name, files, before.folder, check=False)
    return replace(rest, tables={name: tables[name] for name in TABLES if name in tables})


def row_keys(table: Table) -> Sequence[str]:
    """What each row of a table is called: its id; where an id comes again, the id and a number. All are distinct.

    Examples
    --------
    >>> row_keys(Table("sources", ("id",), {"id": ("a", "b", "a")}))
    ['a', 'b', 'a#2']
    """
    if not table.header:
        return []
    named = [name for name in KEYS.get(table.name, ()) if name in table.header] or [table.header[0]]
    if len(named) == 1:
        column = table.columns[named[0]]
        if isinstance(column, ArrowColumn) and column.all_distinct():
            return column
        keys = list(column)
    else:
        keys = [" / ".join(cells) for cells in zip(*(table.columns[name] for name in named), strict=True)]
    if len(taken := set(keys)) == len(keys):
        return keys
    seen: dict[str, int] = {}
    unique = []
    for key in keys:
        seen[key] = count = seen.get(key, 0) + 1
        while count > 1 and f"{key}#{count}" in taken:
            seen[key] = count = count + 1
        unique.append(key if count == 1 else f"{key}#{count}")
    return unique


# -------------------------------------------------------------------------------------------------- how it is written


@dataclass(frozen=True)
class _Script:
    """How a table is written: the text of its head and of each row."""

    table: Table

    @cached_property
    def pieces(self) -> list[str] | None:
        """Text of the head and of each row, blank lines with the row before them; ``None`` where that is the usual."""
        table = self.table
        if table.raw is None or table.style.format != "csv":
            return None
        try:
            text = (table.content or b"").decode("utf-8-sig" if table.style.bom else "utf-8")
        except UnicodeDecodeError:
            return None
        physical = list(io.StringIO(text, newline=""))
        starts = [0, *(line - 1 for line in table.lines), len(physical)]
        return ["".join(physical[first:last]) for first, last in pairwise(starts)]

    def piece(self, number: int) -> str:
        """Text of a row, of the head if the number is -1."""
        return self.usual(number) if self.pieces is None else self.pieces[number + 1]

    def usual(self, number: int) -> str:
        """Text of a row as any table is written."""
        header = self.table.header
        return _line(header if number < 0 else [self.table.columns[name][number] for name in header], self.table.style)


def _line(cells: Sequence[str], style: Style) -> str:
    line = ",".join(map(quoted, cells))
    return (line or '""') + style.newline  # an empty line would be no row


def _expected(old: _Script, new: _Script, before: int, after: int) -> str:
    """Text of a row that kept its cells: as it was, if it was unusual and what surrounds it is the same."""
    was = old.piece(before)
    same = old.table.header == new.table.header and old.table.style == new.table.style
    return was if same and was != old.usual(before) else new.usual(after)


# --------------------------------------------------------------------------------------------------------- comparing


def _of_table(name: str, before: Table | None, after: Table | None) -> list[Change]:
    if before is after:
        return []
    was, now = (Table(name, (), {}) if table is None else table for table in (before, after))
    if was.raw is not None and was.content == now.content:
        return []
    match = _Match.of(was, now)
    found, whole = _rows(match), _whole(match)
    if before is None:
        whole |= {"change": "added", "before": None, "after": _layout(now) | whole["after"]}
    if after is None:
        whole |= {"change": "removed", "before": _layout(was), "after": None}
    if after is not None and (was.raw is not None or now.raw is not None):
        rebuilt = _table_of(name, before, [whole, *found])
        if rebuilt is None or _written(rebuilt) != _written(after):
            # Nothing but the whole file will do: it is no text, or its lines are not where its rows are.
            whole["after"] |= _as_text(_written(after))
    return [whole, *found] if whole["before"] or whole["after"] else found


def _written(table: Table) -> bytes:
    return table_bytes(replace(table, style=table.style._replace(format="csv")))


def _layout(table: Table) -> dict[str, Any]:
    style = table.style
    return {"header": list(table.header), "newline": style.newline, "bom": style.bom, "format": style.format}


@dataclass(frozen=True)
class _Match:
    """Which row of one version is which of the other."""

    before: Table
    after: Table
    old_keys: Sequence[str]
    new_keys: Sequence[str]
    origin: Codes  # of each row after its row before, -1 if it is new

    @classmethod
    def of(cls, before: Table, after: Table) -> _Match:
        old, new = row_keys(before), row_keys(after)
        if isinstance(old, ArrowColumn) or isinstance(new, ArrowColumn):
            origin = ArrowColumn.of(new).places_in(ArrowColumn.of(old))
        else:
            place_of = {key: place for place, key in enumerate(old)}
            origin = np.array([place_of.get(key, -1) for key in new], dtype=np.int32)
        return cls(before, after, old, new, origin)

    @cached_property
    def kept(self) -> Places:
        """Rows after that were there before."""
        return np.flatnonzero(self.origin >= 0)

    @cached_property
    def was(self) -> Codes:
        """Where those were before."""
        return self.origin[self.kept]

    @cached_property
    def removed(self) -> Places:
        """Rows before that are no more."""
        left = np.ones(len(self.before), dtype=bool)
        left[self.was] = False
        return np.flatnonzero(left)

    @cached_property
    def unmoved(self) -> bool:
        """Whether every row is where it was."""
        return len(self.before) == len(self.after) == len(self.kept) and self.in_order

    @cached_property
    def in_order(self) -> bool:
        """Whether the rows that stay follow each other as they did."""
        return bool((self.was[1:] > self.was[:-1]).all())


def _whole(match: _Match) -> Change:
    """What changes in a file beside its rows."""
    before, after = match.before, match.after
    was, now = _layout(before), _layout(after)
    if not match.in_order:
        was["order"], now["order"] = list(match.old_keys), list(match.new_keys)
    old, new = _Script(before), _Script(after)
    if (old.pieces or new.pieces) and new.piece(-1) != _expected(old, new, -1, -1):
        now["head"] = new.piece(-1)
    moved = [key for key in now if was.get(key) != now[key]]
    return {
        "table": after.name,
        "id": None,
        "change": "changed",
        "before": {key: was[key] for key in moved if key in was},
        "after": {key: now[key] for key in moved},
    }


def _rows(match: _Match) -> list[Change]:
    """Rows removed, added and changed, each in the order of its file."""
    before, after, origin = match.before, match.after, match.origin
    old, new = _Script(before), _Script(after)
    scripted = old.pieces is not None or new.pieces is not None
    found: list[Change] = []

    def tell(key: str, change: str, *sides: Mapping[str, str] | None, at: int = -1, text: str | None = None) -> None:
        told: Change = {"table": after.name, "id": key, "change": change, "before": sides[0], "after": sides[1]}
        told |= {"at": at} if at >= 0 else {}
        found.append(told if text is None else told | {"text": text})

    for place in match.removed.tolist():
        tell(match.old_keys[place], "removed", _cells(before, place), None, at=place)
    for place in np.flatnonzero(origin < 0).tolist():
        odd = scripted and new.piece(place) != new.usual(place)
        text = new.piece(place) if odd else None
        tell(match.new_keys[place], "added", None, _cells(after, place), at=place, text=text)
    differing = _differing(match)
    for place in match.kept.tolist() if scripted else sorted(differing):
        was, columns = int(origin[place]), differing.get(place, [])
        expected = new.usual(place) if columns else _expected(old, new, was, place)
        odd = scripted and new.piece(place) != expected
        if columns or odd:
            sides = (
                {name: _cell(table, name, row) for name in columns} for table, row in ((before, was), (after, place))
            )
            tell(match.new_keys[place], "changed", *sides, text=new.piece(place) if odd else None)
    return found


def _cells(table: Table, place: int) -> dict[str, str]:
    return {name: cell for name in table.header if (cell := table.columns[name][place])}


def _cell(table: Table, column: str, place: int) -> str:
    return table.columns[column][place] if column in table.columns else ""


def _differing(match: _Match) -> dict[int, list[str]]:
    """Columns in which a kept row differs, by its place in AFTER; a column that is not there counts as empty."""
    before, after = match.before, match.after
    keys = match.old_keys, match.new_keys
    found: dict[int, list[str]] = {}
    for name in dict.fromkeys((*after.header, *before.header)) if len(match.kept) else ():
        columns = before.columns.get(name), after.columns.get(name)
        if columns[0] is columns[1] and match.unmoved:
            continue
        if columns[0] is keys[0] and columns[1] is keys[1]:
            continue  # by these they were found
        if isinstance(columns[0], ArrowColumn) and isinstance(columns[1], ArrowColumn):
            differ = _unlike(columns[0], columns[1], match)
        else:
            old, new = before.encoded(name), after.encoded(name)
            was, now = _numbered_alike(old.values, new.values)
            differ = looked_up(was, old.codes)[match.was] != looked_up(now, new.codes)[match.kept]
        for place in match.kept[differ].tolist():
            found.setdefault(place, []).append(name)
    return found


def _unlike(old: ArrowColumn, new: ArrowColumn, match: _Match) -> Flags:
    """Which kept rows have another text than they had."""
    import pyarrow.compute as pc

    if not match.unmoved:
        old, new = old.take(match.was), new.take(match.kept)
    found: Flags = numbers_of(pc.not_equal(old.array, new.array.cast(old.array.type)).cast("uint8")) != 0
    return found


def _numbered_alike(one: Sequence[str], other: Sequence[str]) -> tuple[Codes, Codes]:
    """A number for each text of two lists, the same for the same text."""
    if isinstance(one, ArrowColumn) or isinstance(other, ArrowColumn):
        both: Sequence[str] = joined(ArrowColumn.of(one), ArrowColumn.of(other))
    else:
        both = (*one, *other)
    codes = encoded(both).codes
    return codes[: len(one)], codes[len(one) :]


def _of_file(name: str, before: bytes | None, after: bytes | None) -> list[Change]:
    if before == after:
        return []
    change = "added" if before is None else "removed" if after is None else "changed"
    sides = [None if content is None else _as_text(content) for content in (before, after)]
    return [{"table": name, "id": None, "change": change, "before": sides[0], "after": sides[1]}]


def _as_text(content: bytes) -> dict[str, Any]:
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def _as_bytes(side: Mapping[str, Any]) -> bytes | None:
    if "base64" in side:
        return base64.b64decode(side["base64"])
    return side["text"].encode() if "text" in side else None


# ---------------------------------------------------------------------------------------------------------- applying


def _table_of(name: str, before: Table | None, found: Sequence[Mapping[str, Any]]) -> Table | None:
    """A table after its changes; ``None`` if it is no more."""
    whole = next((change for change in found if change["id"] is None), None)
    if whole is not None and whole["change"] == "removed":
        return None
    base = before if before is not None else Table(name, (), {})
    layout = _layout(base) | (whole["after"] if whole is not None else {})
    style = Style(layout["newline"], layout["bom"], layout["format"])
    if (raw := _as_bytes(layout)) is not None:
        return replace(read_files("", {f"{name}.csv": raw}, check=False).tables[name], style=style)

    rows = {change["id"]: change for change in found if change["id"] is not None and change["change"] != "removed"}
    gone = {change["id"] for change in found if change["change"] == "removed"}
    place_of = {key: place for place, key in enumerate(row_keys(base))}
    for key in (*gone, *(key for key, change in rows.items() if change["change"] == "changed")):
        if key not in place_of:
            raise AccessMapError(f"the changes were made from another dataset: its table {name} has no row {key!r}")
    order = layout.get("order") or _order([key for key in place_of if key not in gone], list(rows.values()))
    columns: dict[str, tuple[str, ...]] = {}
    for column in layout["header"]:
        cells = []
        for key in order:
            change = rows.get(key)
            if change is not None and column in change["after"]:
                cells.append(change["after"][column])
            else:
                cells.append("" if change and change["change"] == "added" else _cell(base, column, place_of[key]))
        columns[column] = tuple(cells)
    made = Table(name, tuple(layout["header"]), columns, style=style)
    exact = base.raw is not None or "head" in layout or any("text" in change for change in rows.values())
    return _as_written(base, made, order, rows, layout.get("head")) if exact and style.format == "csv" else made


def _order(left: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Keys of all rows in order: those that stay, with each added one at its place."""
    added = {change["at"]: change["id"] for change in rows if change["change"] == "added"}
    stay = iter(left)
    return [added[place] if place in added else next(stay) for place in range(len(left) + len(added))]


def _as_written(
    base: Table, made: Table, order: Sequence[str], rows: Mapping[str, Mapping[str, Any]], head: str | None
) -> Table:
    """A table with its file: the rows that did not change as they stood, the others as the changes or the usual say."""
    old, new = _Script(base), _Script(made)
    place_of = {key: place for place, key in enumerate(row_keys(base))}
    pieces = [_expected(old, new, -1, -1) if head is None else head]
    for place, key in enumerate(order):
        change = rows.get(key)
        if change is None:
            pieces.append(_expected(old, new, place_of[key], place))
        else:
            pieces.append(change.get("text", new.usual(place)))
    lines, line = [], 1
    for piece in pieces:
        lines.append(line)
        line += len(list(io.StringIO(piece, newline="")))
    return replace(made, raw="".join(pieces).encode("utf-8-sig" if made.style.bom else "utf-8"), lines=lines[1:])

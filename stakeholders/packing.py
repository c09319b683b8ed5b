"""A dataset as arrays, and arrays as a dataset: what `stakeholders.snapshots` keeps on disk."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from stakeholders.columns import ArrowColumn, EncodedColumn, numbers_of
from stakeholders.dataset import Dataset, Style, Table

if TYPE_CHECKING:
    from stakeholders.columns import Codes
    from stakeholders.snapshots import Array, Mapped, Snapshot

_BATCH = 1 << 16
_FEW = 100  # a look-up costs as much as so many entries of a dictionary
_MANY = 4  # so many texts are read one after another in the time that one by itself takes


class StoredTexts(ArrowColumn):
    """Texts that lie one after another in an array, for all to use that is made for a column of Arrow."""

    __slots__ = ("_asked", "_ends", "_listed", "_made", "_text")

    def __init__(self, ends: Array | Mapped, text: Array | Mapped) -> None:
        self._ends, self._text, self._made = ends, text, None
        self._asked = 0
        self._listed: list[str] | None = None  # all of them, once it would have been cheaper to read them at once

    @property
    def array(self) -> Any:
        """The same as an Arrow array, over the same bytes."""
        if self._made is None:
            import pyarrow as pa

            kind = pa.string() if self._ends.dtype == np.int32 else pa.large_string()
            buffers = [None, pa.py_buffer(np.asarray(self._ends)), pa.py_buffer(np.asarray(self._text))]
            self._made = pa.Array.from_buffers(kind, len(self), buffers)
        return self._made

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        if isinstance(row, slice):
            return tuple(self[number] for number in range(*row.indices(len(self))))
        if self._listed is not None:
            return self._listed[row]
        size = len(self._ends) - 1
        if not -size <= row < size:
            raise IndexError(row)
        self._asked += 1
        if self._asked * _MANY > size:
            self._listed = list(self)
        place = row % size
        return self._text[self._ends[place] : self._ends[place + 1]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _BATCH):
            ends = self._ends[start : start + _BATCH + 1].tolist()
            text = self._text[ends[0] : ends[-1]].tobytes()
            first = ends[0]
            yield from (text[a - first : b - first].decode() for a, b in pairwise(ends))

    def __reversed__(self) -> Iterator[str]:
        return (self[row] for row in range(len(self) - 1, -1, -1))


class StoredCodes(EncodedColumn):
    """A column of codes that lie in an array of a snapshot; for a few rows only those are read."""

    __slots__ = ("_mapped",)

    def __init__(self, mapped: Mapped, values: Sequence[str]) -> None:
        self._mapped, self.values = mapped, values

    def __getattr__(self, name: str) -> Codes:
        if name != "codes":
            raise AttributeError(name)
        self.codes = np.asarray(self._mapped)
        return self.codes

    def __len__(self) -> int:
        return len(self._mapped)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        if isinstance(row, slice):
            return tuple(self.values[code] for code in self._mapped[row].tolist())
        return self.values[int(self._mapped[row])]


class Sorted(Mapping[str, int]):
    """The row of each of some distinct texts, found by halving, so that no dictionary has to be made for a few.

    Parameters
    ----------
    texts : sequence of str
    order : int array
        Rows in the order of their texts; empty if that is the order they are in.
    """

    def __init__(self, texts: Sequence[str], order: Array | Mapped) -> None:
        self._texts, self._order = texts, order
        self._asked = 0
        self._rows: dict[str, int] | None = None

    def __getitem__(self, text: str) -> int:
        if self._rows is None and self._asked * _FEW > len(self._texts):
            self._rows = dict(zip(self._texts, range(len(self._texts)), strict=True))
        if self._rows is not None:
            return self._rows[text]
        self._asked += 1
        low, high = 0, len(self._texts)
        while low < high:
            middle = (low + high) // 2
            if self._texts[self._row(middle)] < text:
                low = middle + 1
            else:
                high = middle
        if low == len(self._texts) or self._texts[self._row(low)] != text:
            raise KeyError(text)
        return self._row(low)

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def _row(self, place: int) -> int:
        return int(self._order[place]) if len(self._order) else place


def packed(name: str, texts: Sequence[str]) -> dict[str, Array]:
    """Texts as the two arrays that ``texts_of`` reads."""
    if isinstance(texts, ArrowColumn) and not isinstance(texts, StoredTexts) and len(texts):
        _, ends, text = texts.array.buffers()
        wide = np.int64 if str(texts.array.type) == "large_string" else np.int32
        ends = np.frombuffer(ends, wide)[texts.array.offset :][: len(texts) + 1]
        whole = np.frombuffer(text, np.uint8) if text is not None else np.zeros(0, np.uint8)
        return {f"{name}.ends": ends - ends[0], f"{name}.text": whole[ends[0] : ends[-1]]}
    pieces, lengths = [], []
    for start in range(0, len(texts), _BATCH):
        piece = [text.encode() for text in texts[start : start + _BATCH]]
        pieces.append(b"".join(piece))
        lengths.append(np.fromiter(map(len, piece), np.int64, len(piece)))
    ends = np.zeros(len(texts) + 1, np.int64)
    if lengths:
        np.cumsum(np.concatenate(lengths), out=ends[1:])
    text = np.frombuffer(b"".join(pieces), np.uint8)
    return {f"{name}.ends": ends.astype(np.int32) if len(text) < 1 << 31 else ends, f"{name}.text": text}


def texts_of(snapshot: Snapshot, name: str) -> Sequence[str]:
    """Texts as they were packed."""
    found = StoredTexts(snapshot.mapped(f"{name}.ends"), snapshot.mapped(f"{name}.text"))
    return found if find_spec("pyarrow") else tuple(found)


def pack(dataset: Dataset) -> tuple[dict[str, Any], dict[str, Array]]:
    """A dataset as what ``save`` takes: what JSON holds of it, and arrays."""
    arrays: dict[str, Array] = {}
    tables = {}
    for name, table in dataset.tables.items():
        lines = table.lines if isinstance(table.lines, range) else None
        tables[name] = {
            "header": table.header,
            "style": table.style,
            "lines": [lines.start, lines.stop] if lines is not None else None,
        }
        if lines is None:
            arrays[f"{name}.lines"] = np.array(table.lines, np.int64)
        for number, column in enumerate(table.header):
            cells, place = table.columns[column], f"{name}.{number}"
            if isinstance(cells, EncodedColumn):
                arrays[f"{place}.codes"] = cells.codes
                cells = cells.values
            arrays |= packed(place, cells)
        if table.header and (order := _order(table.columns[table.header[0]])) is not None:
            arrays[f"{name}.order"] = order
    for name, content in dataset.extras.items():
        arrays[f"extras.{name}"] = np.frombuffer(content, np.uint8)
    about = {"name": dataset.name, "sha256": dataset.sha256, "tables": tables, "extras": sorted(dataset.extras)}
    return about, arrays


def unpack(snapshot: Snapshot, about: Mapping[str, Any], folder: Path | None = None) -> Dataset:
    """The dataset that ``pack`` packed, its columns mapped."""
    tables = {}
    for name, told in about["tables"].items():
        columns = {column: _column(snapshot, f"{name}.{number}") for number, column in enumerate(told["header"])}
        lines: Any = range(*told["lines"]) if told["lines"] is not None else snapshot.array(f"{name}.lines")
        tables[name] = Table(name, tuple(told["header"]), columns, lines, None, Style(*told["style"]))
        if f"{name}.order" in snapshot:
            first = columns[told["header"][0]]
            tables[name].__dict__["index"] = Sorted(first, snapshot.mapped(f"{name}.order"))
    extras = {name: snapshot.array(f"extras.{name}").tobytes() for name in about["extras"]}
    package = json.loads(extras.get("datapackage.json", b"{}"))
    rules = tomllib.loads(extras.get("rules.toml", b"").decode())
    title = package.get("name")  # a folder may have been renamed since
    name = title if isinstance(title, str) and title else folder.resolve().name if folder else about["name"]
    dataset = Dataset(name, tables, package, rules, extras, folder)
    dataset.__dict__["sha256"] = about["sha256"]
    return dataset


def _column(snapshot: Snapshot, place: str) -> Sequence[str]:
    texts = texts_of(snapshot, place)
    return StoredCodes(snapshot.mapped(f"{place}.codes"), texts) if f"{place}.codes" in snapshot else texts


def _order(cells: Sequence[str]) -> Array | None:
    """Rows in the order of their texts, empty if they are in it; none if a text occurs twice."""
    if isinstance(cells, ArrowColumn):
        import pyarrow.compute as pc

        texts = cells.array
        if len(texts) < 2 or pc.all(pc.less(texts[:-1], texts[1:])).as_py():
            return np.zeros(0, np.int32)
        places = pc.sort_indices(texts)
        texts = texts.take(places)
        order: Array = numbers_of(places).astype(np.int32)
        return None if pc.any(pc.equal(texts[:-1], texts[1:])).as_py() else order
    listed = list(cells)
    if all(one < other for one, other in pairwise(listed)):
        return np.zeros(0, np.int32)
    rows = sorted(range(len(listed)), key=listed.__getitem__)
    if any(listed[one] == listed[other] for one, other in pairwise(rows)):
        return None
    return np.array(rows, np.int32)

"""What the page carries: the access graph and its evidence, column by column, gzipped into text.

The arrays are those of the access graph, so that the page reckons with the very numbers that the library does.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphs.access import AccessGraph
from graphs.map.layout import columns, families
from stakeholders.columns import ArrowColumn, EncodedColumn, arrow_numbers, looked_up
from stakeholders.dataset import Dataset, Table
from stakeholders.progress import unwatched
from stakeholders.vocabulary import (
    CERTAINTY_LABELS,
    DATE_WORDS,
    KINDS,
    LEVEL_LABELS,
    MODES,
    PREDICATES,
    STANCE_LABELS,
    STATUSES,
    TYPES,
    VERDICT_LABELS,
    Label,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

LANGUAGES = ("en", "ru", "kk")

_MANY = 64  # numbers from which a list is worth putting aside
_LARGE = 4 << 20  # bytes from which the hardest compression takes ten times as long for a fiftieth less
_PIECE = 1 << 20
_DIGITS = 18  # of a number that surely fits into 64 bits

_ENTITY_TEXTS = ("kind", "country", "collective", "valid_from", "valid_until", "aliases", "subjects", "volume", "note")
_RELATION_TEXTS = ("mode", "status", "valid_from", "valid_until", "percent", "legal_basis", "claim", "categories")
_LISTING_TEXTS = (
    "id", "authority", "list", "program", "listed_from", "listed_until", "legal_basis", "reference", "effect", "claim",
)  # fmt: skip
_SOURCE_TEXTS = ("id", "title", "publisher", "author", "date", "url", "language", "kind", "seen")

Json = dict[str, Any]
Numbers = NDArray[np.integer[Any]]


class Ragged(NamedTuple):
    """Whole numbers, and lists of them, as two arrays.

    Attributes
    ----------
    lengths : int array
        0 for a number alone, one more than its length for a list.
    numbers : int array
        All of them, one after another.
    """

    lengths: Numbers
    numbers: Numbers

    def listed(self) -> list[int | list[int]]:
        """The numbers and lists.

        Examples
        --------
        >>> Ragged(np.array([0, 3, 1]), np.array([7, 8, 9])).listed()
        [7, [8, 9], []]
        """
        rest = iter(self.numbers.tolist())
        return [[next(rest) for _ in range(length - 1)] if length else next(rest) for length in self.lengths.tolist()]


def payload(graph: AccessGraph) -> Json:
    """Everything that the page's engine and its evidence panel need, as plain columns: `columnar`, JSON-ready.

    Parameters
    ----------
    graph : AccessGraph

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> payload(build(read("cabar-2020")))["relations"]["subject"][:3]
    [0, 0, 1]
    """
    plain: Json = _plain(columnar(graph))
    return plain


def _plain(value: Any) -> Any:
    """The same with lists in place of arrays."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.listed() if isinstance(value, Ragged) else value


def columnar(graph: AccessGraph) -> Json:
    """Everything that the page's engine and its evidence panel need, as columns that `encode` takes.

    Parameters
    ----------
    graph : AccessGraph

    Returns
    -------
    dict
        A text column is a list of cells, ``values`` and ``codes`` where cells repeat, or ``first``, ``width`` and
        ``count`` where they are numbered. Columns of numbers may be arrays or `Ragged`. References between tables are
        row numbers. What follows from other columns is left out: the dates of a relation, and the ends and the strength
        of its arc.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> sorted(columnar(build(read("cabar-2020"))))[:4]
    ['arcs', 'categories', 'dataset', 'dates']
    """
    dataset = graph.dataset
    entities, relations, listings, sources = (
        dataset.entities, dataset.relations, dataset.listings, dataset.sources,
    )  # fmt: skip
    tree, spans = graph.categories, graph.intervals
    family = families(graph)
    position = tree.position
    return {
        "dataset": {
            "name": dataset.name,
            "title": dataset.title,
            "version": dataset.version,
            "sha256": dataset.sha256,
            "licence": _licence(dataset.package),
        },
        "entities": {
            **_texts(entities, ("id",)),
            "type": graph.types,
            "family": family,
            "column": columns(graph, family),
            **_names(entities),
            **_texts(entities, _ENTITY_TEXTS),
            **_texts(entities, ("location",)),
            "sources": _references(dataset, "entities"),
        },
        "relations": {
            **_texts(relations, ("id",)),
            "subject": dataset.entity_rows("relations", "subject"),
            **_texts(relations, ("predicate",)),
            "object": dataset.entity_rows("relations", "object"),
            **_texts(relations, _RELATION_TEXTS),
            "sources": _references(dataset, "relations"),
        },
        "listings": {
            "entity": dataset.entity_rows("listings", "entity"),
            **_texts(listings, _LISTING_TEXTS),
            "sources": _references(dataset, "listings"),
        },
        "sources": _texts(sources, _SOURCE_TEXTS),
        "categories": {
            "code": list(tree.codes),
            **{f"name_{lang}": [tree.name_of(code, lang) for code in tree.codes] for lang in LANGUAGES},
            "narrower": [[position[other] for other in tree.narrower(code)] for code in tree.codes],
            "broader": [position.get(tree.broader(code) or "", -1) for code in tree.codes],
            "special": [tree.special(code) for code in tree.codes],
        },
        "passes": [[] if mask == 0 else np.flatnonzero(row).tolist() for mask, row in enumerate(graph.passes)],
        "node_masks": graph.node_masks,
        "dates": {
            "text": spans.texts,
        },
        "arcs": _arcs(graph),
        "denials": {name: getattr(graph.denials, name) for name in ("relation", "denial")},
        "keeping": graph.keeping.relation,
        "rules": sorted(graph.rules.changed),
        "unruled": dict(sorted(graph.unruled.items())),
    }  # fmt: skip


def _arcs(graph: AccessGraph) -> Json:
    """Arcs by relation: how many each has, what kind they are, and for implied arcs the holding.

    The kind of an arc follows from predicate, mode, status and the types of its relation's ends; what it passes follows
    from the relation's categories.
    """
    arcs, relations, types = graph.arcs, graph.dataset.relations, graph.types
    order = np.argsort(arcs.relation, kind="stable")
    arcs = arcs.take(order)
    plain = np.flatnonzero(arcs.holding < 0)
    rows = arcs.relation[plain]
    codes = {name: relations.codes(name) for name in ("predicate", "mode", "status", "categories")}
    position = graph.dataset.entity_rows("relations", "subject")
    reverse = looked_up(position, rows) != arcs.source[plain]
    subject = np.where(reverse, arcs.target[plain], arcs.source[plain])
    target = np.where(reverse, arcs.source[plain], arcs.target[plain])
    columns = [
        *(looked_up(codes[name][0], rows) for name in ("predicate", "mode", "status")), types[subject], types[target],
        reverse, arcs.level[plain], arcs.certainty[plain], arcs.stance[plain], arcs.terminal[plain], arcs.feed[plain],
    ]  # fmt: skip
    words = [codes[name][1] for name in ("predicate", "mode", "status")]
    cells, masks = codes["categories"]
    mask_of = np.full(len(masks), -1, dtype=np.int64)
    mask_of[looked_up(cells, arcs.relation)] = arcs.mask
    mask_of[cells[graph.keeping.relation]] = graph.keeping.mask
    return {
        "count": np.bincount(arcs.relation, minlength=len(relations)),
        "kinds": [[*(word[code] for word, code in zip(words, kind, strict=False)), *kind[3:]]
                  for kind in _distinct(columns)],
        "masks": dict(sorted((masks[cell], int(mask_of[cell])) for cell in np.flatnonzero(mask_of >= 0).tolist())),
        "implied": np.flatnonzero(arcs.holding >= 0),
        "holding": arcs.holding[arcs.holding >= 0],
    }  # fmt: skip


def _distinct(columns: Sequence[NDArray[Any]]) -> list[list[int]]:
    """The distinct rows of some columns of numbers from 0 on, in their order; as one number each, they sort at once."""
    sizes = [int(column.max(initial=0)) + 1 for column in columns]
    keys = np.zeros(len(columns[0]), dtype=np.int64)
    for column, size in zip(columns, sizes, strict=True):
        keys *= size
        keys += column
    found: list[list[int]] = np.stack(np.unravel_index(np.unique(keys), sizes), axis=1).tolist()
    return found


def words() -> Json:
    """The vocabulary's terms in each language, for the page."""
    groups: dict[str, Mapping[str, Label]] = {
        "type": TYPES,
        "kind": KINDS,
        "predicate": {name: predicate.label for name, predicate in PREDICATES.items()},
        "status": STATUSES,
        "mode": MODES,
        "level": LEVEL_LABELS,
        "certainty": CERTAINTY_LABELS,
        "verdict": VERDICT_LABELS,
        "stance": STANCE_LABELS,
        "date": DATE_WORDS,
    }
    return {
        lang: {group: {term: label.of(lang) for term, label in terms.items()} for group, terms in groups.items()}
        for lang in LANGUAGES
    }


def encode(content: Json) -> str:
    """Gzip a JSON object, or `columnar` ones, into base64; equal objects give equal text.

    Long lists and arrays of whole numbers stand behind the JSON, byte by byte: first the lowest byte of each, then the
    next. That packs better than digits and is faster to read.

    Examples
    --------
    >>> decode(encode({"a": [1, "ә"], "b": list(range(300))}))["b"][298:]
    [298, 299]
    """
    numbers = bytearray()
    text = json.dumps(_folded(content, numbers), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return _packed_bytes(len(text).to_bytes(4, "little") + text + bytes(numbers))


def pack(text: str) -> str:
    """Gzip a text into base64."""
    return _packed_bytes(text.encode("utf-8"))


def _packed_bytes(content: bytes) -> str:
    """Gzipped without the time of day that gzip would add."""
    packing = zlib.compressobj(9 if len(content) < _LARGE else 6, zlib.DEFLATED, wbits=31)
    pieces = []
    for start in range(0, len(content), _PIECE):
        unwatched("packing the page", start, len(content), "bytes")
        pieces.append(packing.compress(content[start : start + _PIECE]))
    return base64.b64encode(b"".join((*pieces, packing.flush()))).decode("ascii")


def decode(text: str) -> Json:
    """The JSON object inside an encoded text."""
    content = gzip.decompress(base64.b64decode(text))
    end = 4 + int.from_bytes(content[:4], "little")
    unfolded: Json = _unfolded(json.loads(content[4:end]), content[end:])
    return unfolded


def _folded(value: Any, numbers: bytearray) -> Any:
    """Long lists of numbers put aside, for each ``{"ints": [offset, count, bytes a number]}``.

    A list that also has lists of numbers in it becomes ``{"ragged": [lengths, numbers]}``: 0 for a number alone, one
    more than its length for a list.
    """
    if isinstance(value, dict):
        return {key: _folded(one, numbers) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return _aside(value, numbers) if len(value) >= _MANY and value.min() >= 0 else value.tolist()
    if isinstance(value, Ragged):
        return {"ragged": [_aside(value.lengths, numbers), _aside(value.numbers, numbers)]}
    if not isinstance(value, list) or not value:
        return value
    kinds = set(map(type, value)) if len(value) >= _MANY else set()
    if kinds == {int} and min(value) >= 0:
        return _aside(value, numbers)
    if kinds == {int, list} and all(type(one) is int for cell in value if type(cell) is list for one in cell):
        lengths = [len(cell) + 1 if isinstance(cell, list) else 0 for cell in value]
        flat = [one for cell in value for one in (cell if isinstance(cell, list) else (cell,))]
        if min(flat) >= 0:
            return {"ragged": [_aside(lengths, numbers), _aside(flat, numbers)]}
    if isinstance(value[0], (list, dict)):
        return [_folded(one, numbers) for one in value]
    return value


def _aside(values: Sequence[int] | Numbers, numbers: bytearray) -> Json:
    column = np.asarray(values, dtype="<i8")
    offset, width = len(numbers), max(1, (int(column.max()).bit_length() + 7) // 8)
    for plane in column.view(np.uint8).reshape(-1, 8).T[:width]:
        numbers += plane.tobytes()
    return {"ints": [offset, len(column), width]}


def _unfolded(value: Any, numbers: bytes) -> Any:
    if isinstance(value, list):
        return [_unfolded(one, numbers) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"ints"} and isinstance(value["ints"], list):  # a category may bear that name too
        offset, count, width = value["ints"]
        planes = np.frombuffer(numbers, np.uint8, count * width, offset).reshape(width, count).astype(np.int64)
        return sum(planes[byte] << (8 * byte) for byte in range(width)).tolist()
    if value.keys() == {"ragged"} and isinstance(value["ragged"], list):
        return Ragged(*(np.array(_unfolded(part, numbers)) for part in value["ragged"])).listed()
    return {key: _unfolded(one, numbers) for key, one in value.items()}


def _licence(package: Mapping[str, Any]) -> str:
    names = [str(entry.get("title") or entry.get("name") or "") for entry in package.get("licenses") or []]
    return ", ".join(name for name in names if name)


def _names(table: Table) -> Json:
    """The name column, and one for each language that the table has names in."""
    columns = ["name", *(name for name in table.header if name.startswith("name_"))]
    return {name: list(table.column(name)) for name in columns}


def _texts(table: Table, names: Iterable[str]) -> Json:
    return {name: _packed(table, name) for name in names}


def _packed(table: Table, name: str) -> Any:
    """A column of cells; by distinct cells and their places where that is shorter."""
    if found := _numbered(table.column(name)):
        return found
    column = table.encoded(name) if name in table.columns else EncodedColumn(np.zeros(len(table), np.int32), [""])
    size, values = len(column), list(column.values)
    # Of a place that is written to again and again the last value stays: here the first row.
    first = np.full(len(values), size, dtype=np.int64)
    first[column.codes[::-1]] = np.arange(size - 1, -1, -1)
    order = np.argsort(first, kind="stable")[: np.count_nonzero(first < size)]
    if len(order) * 2 >= size:
        return list(table.column(name))
    places = np.zeros(len(values), dtype=np.int32)
    places[order] = np.arange(len(order))
    return {"values": [values[place] for place in order.tolist()], "codes": looked_up(places, column.codes)}


def _numbered(cells: Sequence[str]) -> Json | None:
    """Ids that are one prefix and a running number of fixed width, by their first; ``None`` for any others."""
    found = re.fullmatch(r"(.*?)([0-9]+)", cells[0]) if cells else None
    if found is None:
        return None
    prefix, number = found[1], found[2]
    start, width, size = int(number), len(number), len(cells)
    if cells[size - 1] != f"{prefix}{start + size - 1:0{width}d}":
        return None
    if isinstance(cells, ArrowColumn) and width <= _DIGITS:
        import pyarrow as pa
        import pyarrow.compute as pc

        numbers = pc.cast(arrow_numbers(np.arange(start, start + size)), pa.string())
        ids = pc.binary_join_element_wise(prefix, pc.utf8_lpad(numbers, width, "0"), "")
        alike = cells.array.cast(pa.string()).equals(ids)
    else:
        alike = all(cell == f"{prefix}{start + row:0{width}d}" for row, cell in enumerate(cells))
    return {"prefix": prefix, "first": start, "width": width, "count": size} if alike else None


def _references(dataset: Dataset, table: str) -> Any:
    """For each row the rows of the sources that it cites; where it is one, without brackets."""
    cites = dataset.citations(table)
    known = cites.cited >= 0
    first = np.concatenate([[0], np.cumsum(known)])[cites.first]
    counts = looked_up(np.diff(first), cites.codes)
    starts = looked_up(first[:-1], cites.codes)
    # The citations of a row stand one after another, from its start on.
    steps = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = cites.cited[known][np.repeat(starts, counts) + steps]
    if (counts == 1).all():
        return rows
    found = Ragged(np.where(counts == 1, 0, counts + 1), rows)
    return found if len(counts) >= _MANY and (counts == 1).any() else found.listed()

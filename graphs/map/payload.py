"""What the page carries: the access graph and its evidence, column by column, gzipped into text.

The arrays are those of the access graph, so that the page reckons with the very numbers that the library does.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphs.access import AccessGraph
from graphs.map.layout import columns, families
from stakeholders.dataset import Table, split
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

_ENTITY_TEXTS = ("kind", "country", "collective", "valid_from", "valid_until", "aliases", "subjects", "volume", "note")
_RELATION_TEXTS = ("mode", "status", "valid_from", "valid_until", "percent", "legal_basis", "claim", "categories")
_LISTING_TEXTS = (
    "id", "authority", "list", "program", "listed_from", "listed_until", "legal_basis", "reference", "effect", "claim",
)  # fmt: skip
_SOURCE_TEXTS = ("id", "title", "publisher", "author", "date", "url", "language", "kind", "seen")

Json = dict[str, Any]


def payload(graph: AccessGraph) -> Json:
    """Everything that the page's engine and its evidence panel need, as plain columns.

    Parameters
    ----------
    graph : AccessGraph

    Returns
    -------
    dict
        JSON-ready. A text column is a list of cells, ``values`` and ``codes`` where cells repeat, or ``first``,
        ``width`` and ``count`` where they are numbered. References between tables are row numbers. What follows from
        other columns is left out: the dates of a relation, and the ends and the strength of its arc.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> sorted(payload(build(read("cabar-2020"))))[:4]
    ['arcs', 'categories', 'dataset', 'dates']
    """
    dataset = graph.dataset
    entities, relations, listings, sources = (
        dataset.entities, dataset.relations, dataset.listings, dataset.sources,
    )  # fmt: skip
    tree, spans = graph.categories, graph.intervals
    family = families(graph)
    node, source = dataset.entities.index, sources.index
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
            "id": _packed(graph.ids),
            "type": graph.types.tolist(),
            "family": family,
            "column": columns(graph, family),
            **_names(entities),
            **_texts(entities, _ENTITY_TEXTS),
            "location": _packed(entities.column("location")),
            "sources": _references(entities, "sources", source),
        },
        "relations": {
            "id": _packed(relations.column("id")),
            "subject": [node[cell] for cell in relations.column("subject")],
            "predicate": _packed(relations.column("predicate")),
            "object": [node[cell] for cell in relations.column("object")],
            **_texts(relations, _RELATION_TEXTS),
            "sources": _references(relations, "sources", source),
        },
        "listings": {
            "entity": [node.get(cell, -1) for cell in listings.column("entity")],
            **_texts(listings, _LISTING_TEXTS),
            "sources": _references(listings, "sources", source),
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
        "node_masks": graph.node_masks.tolist(),
        "dates": {
            "text": spans.texts,
        },
        "arcs": _arcs(graph),
        "denials": {name: getattr(graph.denials, name).tolist() for name in ("relation", "denial")},
        "keeping": graph.keeping.relation.tolist(),
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
    position = np.array([graph.position[name] for name in relations.column("subject")], dtype=np.int64)
    reverse = (position[rows] != arcs.source[plain]).astype(np.int64)
    subject = np.where(reverse == 1, arcs.target[plain], arcs.source[plain])
    target = np.where(reverse == 1, arcs.source[plain], arcs.target[plain])
    columns = [
        *(codes[name][0][rows] for name in ("predicate", "mode", "status")), types[subject], types[target],
        reverse, arcs.level[plain], arcs.certainty[plain], arcs.stance[plain], arcs.terminal[plain], arcs.feed[plain],
    ]  # fmt: skip
    kinds = np.unique(np.stack([column.astype(np.int64) for column in columns], axis=1), axis=0).tolist()
    words = [codes[name][1] for name in ("predicate", "mode", "status")]
    cells, masks = codes["categories"]
    mask_of = {masks[cell]: mask for cell, mask in zip(cells[arcs.relation].tolist(), arcs.mask.tolist(), strict=True)}
    for cell, mask in zip(cells[graph.keeping.relation].tolist(), graph.keeping.mask.tolist(), strict=True):
        mask_of[masks[cell]] = mask
    return {
        "count": np.bincount(arcs.relation, minlength=len(relations)).tolist(),
        "kinds": [[*(word[code] for word, code in zip(words, kind, strict=False)), *kind[3:]] for kind in kinds],
        "masks": dict(sorted(mask_of.items())),
        "implied": np.flatnonzero(arcs.holding >= 0).tolist(),
        "holding": arcs.holding[arcs.holding >= 0].tolist(),
    }


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
    """Gzip a JSON object into base64; equal objects give equal text.

    Long lists of whole numbers stand behind the JSON, byte by byte: first the lowest byte of each, then the next. That
    packs better than digits and is faster to read.

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
    return base64.b64encode(gzip.compress(content, compresslevel=9, mtime=0)).decode("ascii")


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


def _aside(values: Sequence[int], numbers: bytearray) -> Json:
    offset, width = len(numbers), max(1, (max(values).bit_length() + 7) // 8)
    column = np.array(values, dtype=np.int64)
    for byte in range(width):
        numbers += ((column >> (8 * byte)) & 255).astype(np.uint8).tobytes()
    return {"ints": [offset, len(values), width]}


def _unfolded(value: Any, numbers: bytes) -> Any:
    if isinstance(value, list):
        return [_unfolded(one, numbers) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"ints"}:
        offset, count, width = value["ints"]
        planes = np.frombuffer(numbers, np.uint8, count * width, offset).reshape(width, count).astype(np.int64)
        return sum(planes[byte] << (8 * byte) for byte in range(width)).tolist()
    if value.keys() == {"ragged"}:
        lengths, flat = (_unfolded(part, numbers) for part in value["ragged"])
        rest = iter(flat)
        return [[next(rest) for _ in range(length - 1)] if length else next(rest) for length in lengths]
    return {key: _unfolded(one, numbers) for key, one in value.items()}


def _licence(package: Mapping[str, Any]) -> str:
    names = [str(entry.get("title") or entry.get("name") or "") for entry in package.get("licenses") or []]
    return ", ".join(name for name in names if name)


def _names(table: Table) -> Json:
    """The name column, and one for each language that the table has names in."""
    columns = ["name", *(name for name in table.header if name.startswith("name_"))]
    return {name: list(table.column(name)) for name in columns}


def _texts(table: Table, names: Iterable[str]) -> Json:
    return {name: _packed(table.column(name)) for name in names}


def _packed(cells: Sequence[str]) -> Any:
    """A column of cells; by distinct cells and their places where that is shorter."""
    places: dict[str, int] = {}
    codes = [places.setdefault(cell, len(places)) for cell in cells]
    if len(places) * 2 < len(codes):
        return {"values": list(places), "codes": codes}
    return _numbered(cells) or list(cells)


def _numbered(cells: Sequence[str]) -> Json | None:
    """Ids that are one prefix and a running number of fixed width, by their first; ``None`` for any others."""
    found = re.fullmatch(r"(.*?)([0-9]+)", cells[0]) if cells else None
    if found is None:
        return None
    prefix, number = found[1], found[2]
    start, width = int(number), len(number)
    if any(cell != f"{prefix}{start + row:0{width}d}" for row, cell in enumerate(cells)):
        return None
    return {"prefix": prefix, "first": start, "width": width, "count": len(cells)}


def _references(table: Table, column: str, index: Mapping[str, int]) -> list[int | list[int]]:
    """For each row the rows of another table; where it is one, without brackets."""
    rows = ([index[name] for name in split(cell) if name in index] for cell in table.column(column))
    return [found[0] if len(found) == 1 else found for found in rows]

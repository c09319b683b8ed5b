"""What the page carries: the access graph and its evidence, column by column, gzipped into text.

The arrays are those of the access graph, so that the page reckons with the very numbers that the library does.
"""

from __future__ import annotations

import base64
import gzip
import json
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
        JSON-ready. A text column is a list of cells, or ``values`` and ``codes`` where cells repeat. References between
        tables are row numbers; days are ordinals.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> sorted(payload(build(read("cabar-2020"))))[:4]
    ['arcs', 'categories', 'dataset', 'dates']
    """
    dataset, arcs = graph.dataset, graph.arcs
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
            "id": list(graph.ids),
            "type": graph.types.tolist(),
            "family": family,
            "column": columns(graph, family),
            **_names(entities),
            **_texts(entities, _ENTITY_TEXTS),
            "location": _packed(entities.column("location")),
            "sources": _references(entities, "sources", source),
        },
        "relations": {
            "id": list(relations.column("id")),
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
            "start": spans.start.tolist(),
            "end": spans.end.tolist(),
            "known": spans.known.tolist(),
            "word": spans.word.tolist(),
            "since": spans.since_code.tolist(),
            "newest": spans.newest_code.tolist(),
        },
        "arcs": {
            name: getattr(arcs, name).astype(np.int64).tolist()
            for name in (
                "source", "target", "level", "certainty", "mask", "relation", "holding", "stance", "terminal", "feed",
            )
        },
        "denials": {name: getattr(graph.denials, name).tolist() for name in ("relation", "denial")},
        "keeping": {name: getattr(graph.keeping, name).tolist() for name in ("system", "store", "mask", "relation")},
        "rules": sorted(graph.rules.changed),
        "unruled": dict(sorted(graph.unruled.items())),
    }  # fmt: skip


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

    Examples
    --------
    >>> decode(encode({"a": [1, "ә"]}))
    {'a': [1, 'ә']}
    """
    return pack(json.dumps(content, ensure_ascii=False, separators=(",", ":")))


def pack(text: str) -> str:
    """Gzip a text into base64, without the time of day that gzip would add."""
    return base64.b64encode(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)).decode("ascii")


def decode(text: str) -> Json:
    """The JSON object inside an encoded text."""
    content: Json = json.loads(gzip.decompress(base64.b64decode(text)))
    return content


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
    return {"values": list(places), "codes": codes} if len(places) * 2 < len(codes) else list(cells)


def _references(table: Table, column: str, index: Mapping[str, int]) -> list[list[int]]:
    return [[index[name] for name in split(cell) if name in index] for cell in table.column(column)]

"""Reach by brute force: the meaning of the answers, written as plainly as it can be said.

Nothing here is clever and nothing is shared with the library. The tables are lists of dict rows as in the CSV files.
Every simple path is enumerated, judged, and the best is taken by sorting; so it is for small datasets only.
Read it as the contract of ``who``, ``what``, ``how`` and ``whynot``: when the library and this file differ, one of them
misreads the semantics. The arcs and the places are in ``oracle_arcs.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oracle_arcs import (
    CERTAINTIES,
    LEVELS,
    VERDICTS,
    WORDS,
    Arc,
    Layer,
    Question,
    Row,
    Tables,
    all_layers,
    arcs,
    cell,
    first_day,
    in_force,
    interval,
    last_day,
    layers,
    older,
    places,
    store_known,
)

__all__ = [
    "CERTAINTIES",
    "LEVELS",
    "VERDICTS",
    "WORDS",
    "Arc",
    "Layer",
    "Path",
    "Question",
    "Row",
    "Tables",
    "all_layers",
    "arcs",
    "cell",
    "closed",
    "first_day",
    "how",
    "in_force",
    "interval",
    "last_day",
    "layers",
    "order",
    "passing",
    "paths_by_layer",
    "places",
    "simple_paths",
    "what",
    "who",
    "without",
]


@dataclass(frozen=True)
class Path:
    """A simple path of arcs from a body to a place, judged."""

    arcs: tuple[Arc, ...]
    collective: bool

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(arc.relation for arc in self.arcs)

    @property
    def store(self) -> str:
        return self.arcs[-1].target

    @property
    def level(self) -> str:
        """A path is as strong as its weakest arc."""
        return min((arc.level for arc in self.arcs), key=LEVELS.index)

    @property
    def certainty(self) -> str:
        """A path is as certain as its least certain arc."""
        return min((arc.certainty for arc in self.arcs), key=CERTAINTIES.index)

    @property
    def verdict(self) -> str:
        return {"confirmed": "reaches", "reported": "reaches", "alleged": "claimed", "prospective": "prospective"}[
            self.certainty
        ]

    @property
    def contested(self) -> bool:
        return any(arc.contested for arc in self.arcs)

    @property
    def at(self) -> str:
        """The node before the first feed or leak arc; the place itself where there is none."""
        return next((arc.source for arc in self.arcs if arc.feed or arc.leak), self.store)

    @property
    def since(self) -> str | None:
        """The latest start among the arcs, as written in the data."""
        _, _, text = max((arc.dated.start, len(arc.dated.since), arc.dated.since) for arc in self.arcs)
        return text or None

    @property
    def word(self) -> str:
        return max((arc.dated.word for arc in self.arcs), key=WORDS.index)

    @property
    def last_evidence(self) -> str | None:
        """The oldest of the arcs' newest source dates; none if any arc has no dated source."""
        return older(*(arc.newest for arc in self.arcs)) or None

    @property
    def key(self) -> tuple[int, int, int, int, tuple[str, ...], tuple[str, ...]]:
        """Best verdict, then highest level, then highest certainty, then fewest arcs, then smallest ids."""
        return (
            -VERDICTS.index(self.verdict),
            -LEVELS.index(self.level),
            -CERTAINTIES.index(self.certainty),
            len(self.arcs),
            self.ids,
            tuple(arc.holding for arc in self.arcs),
        )


# Paths and the best of them -------------------------------------------------------------------------------------------


def passing(every: Sequence[Arc], category: str | None) -> list[Arc]:
    """The arcs that pass a category; without one, those that name none."""
    return [arc for arc in every if arc.passes is None or (category is not None and category in arc.passes)]


def simple_paths(usable: Sequence[Arc], body: str, found_at: set[str]) -> Iterator[tuple[Arc, ...]]:
    """Every path from a body to a place that visits no node twice; a leak can only be its last arc."""
    walks: list[tuple[Arc, ...]] = [(arc,) for arc in usable if arc.source == body]
    while walks:
        walk = walks.pop()
        end = walk[-1].target
        if end in found_at:
            yield walk
        if walk[-1].leak:
            continue
        visited = {body, *(arc.target for arc in walk)}
        walks += [(*walk, arc) for arc in usable if arc.source == end and arc.target not in visited]


def paths_by_layer(
    tables: Tables, body: str, asked: Sequence[Layer], question: Question
) -> list[tuple[str | None, list[Path]]]:
    every = arcs(tables, question)
    found = []
    for category, found_at in asked:
        paths = [
            Path(walk, any(tables.entity(node)["collective"] for node in {body, *(arc.target for arc in walk)}))
            for walk in simple_paths(passing(every, category), body, found_at - {body})
            if question.stores is None or walk[-1].target in question.stores
        ]
        found.append((category, paths))
    return found


def rows_of_body(tables: Tables, body: str, asked: Sequence[Layer], question: Question) -> list[dict[str, Any]]:
    """A row for each place that a body reaches."""
    by_layer = paths_by_layer(tables, body, asked, question)
    rows = []
    for store in sorted({path.store for _, paths in by_layer for path in paths}):
        here = [(category, path) for category, paths in by_layer for path in paths if path.store == store]
        best = min((path for _, path in here), key=lambda path: path.key)
        # Layers whose best verdict is the row's: as the row's is the best of all, those with any path of that verdict.
        categories = sorted({category for category, path in here if category and path.verdict == best.verdict})
        also: list[dict[str, Any]] = []
        strongest = LEVELS.index(best.level)
        for verdict in ("claimed", "prospective"):
            weaker = [path for _, path in here if path.verdict == verdict]
            if VERDICTS.index(verdict) < VERDICTS.index(best.verdict) and weaker:
                path = min(weaker, key=lambda path: path.key)
                if LEVELS.index(path.level) > strongest:
                    strongest = LEVELS.index(path.level)
                    also.append(
                        {
                            "level": path.level,
                            "certainty": path.certainty,
                            "verdict": path.verdict,
                            "path": list(path.ids),
                        }
                    )
        unknown = any(
            tables.entity(store)["type"] == "system" and not store_known(tables, store, category, question)
            for category in categories
        )
        rows.append(
            {
                "body": body,
                "store": store,
                "stores": 1,
                "categories": categories,
                "at": best.at,
                "store_unknown": unknown,
                "verdict": best.verdict,
                "level": best.level,
                "certainty": best.certainty,
                "contested": best.contested,
                "hops": len(best.arcs),
                "since": best.since,
                "date": best.word,
                "last_evidence": best.last_evidence,
                "collective": best.collective,
                "also": also,
                "path": list(best.ids),
            }
        )
    return rows


def order(row: Mapping[str, Any]) -> tuple[int, int, int, int, str, str]:
    """Verdict, level, certainty, hops, body id, store id."""
    return (
        -VERDICTS.index(row["verdict"]),
        -LEVELS.index(row["level"]),
        -CERTAINTIES.index(row["certainty"]),
        row["hops"],
        row["body"],
        row["store"],
    )


# The questions --------------------------------------------------------------------------------------------------------


def who(tables: Tables, target: str, question: Question, by: str = "body") -> list[dict[str, Any]]:
    """Who can reach a target: a row for each body and place, or each body's first with the number of its places."""
    asked = layers(tables, target, question)
    pairs: list[dict[str, Any]] = []
    for body in tables.bodies():
        if body != target and (question.bodies is None or body in question.bodies):
            pairs += rows_of_body(tables, body, asked, question)
    pairs.sort(key=order)
    if by == "pair":
        return pairs
    first: dict[str, dict[str, Any]] = {}
    for row in pairs:
        if row["body"] in first:
            first[row["body"]]["stores"] += 1
        else:
            first[row["body"]] = dict(row)
    return list(first.values())


def what(tables: Tables, body: str, question: Question) -> list[dict[str, Any]]:
    """What a body can reach: a row for each place."""
    return sorted(rows_of_body(tables, body, all_layers(tables, question), question), key=order)


def how(tables: Tables, body: str, target: str, question: Question) -> list[Path]:
    """Every path from a body to a target, the best first. One path may serve several categories."""
    by_layer = paths_by_layer(tables, body, layers(tables, target, question), question)
    best = {path.key: path for _, paths in by_layer for path in paths}
    distinct: dict[tuple[str, ...], Path] = {}
    for _, path in sorted(best.items()):
        distinct.setdefault(path.ids, path)
    return list(distinct.values())


def closed(tables: Tables, body: str, target: str, question: Question) -> set[str]:
    """All that a body reaches over arcs that pass an asked category; from a frozen copy no arc leads on."""
    found = {body}
    for category, _ in layers(tables, target, question):
        usable = passing(arcs(tables, question), category)
        inside = {body}
        while more := {arc.target for arc in usable if arc.source in inside and not arc.leak} - inside:
            inside |= more
        found |= inside | {arc.target for arc in usable if arc.source in inside}
    return found


def without(tables: Tables, ids: Iterable[str]) -> Tables:
    """The dataset with entities, relations and sources gone: a relation falls when its last source does."""
    gone = set(ids)

    def spared(text: str) -> str:
        return ";".join(source for source in cell(text) if source not in gone)

    entities = [{**row, "sources": spared(row["sources"])} for row in tables.entities if row["id"] not in gone]
    relations = [
        {**row, "sources": spared(row["sources"])}
        for row in tables.relations
        if not {row["id"], row["subject"], row["object"]} & gone and spared(row["sources"])
    ]
    sources = [row for row in tables.sources if row["id"] not in gone]
    return Tables(entities, relations, sources, tables.categories)

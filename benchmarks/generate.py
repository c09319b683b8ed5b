"""Datasets of any size with the shape of real ones, from a seed.

Bodies stand in a hierarchy of six levels, systems and stores have a power-law share of the relations, vendors supply
systems, feeds and exchanges run in circles; every relation has a status, most a start, some an end and a category mask.

The same seed and sizes give the same dataset, in memory (``landscape``) or as a folder of CSV or Parquet (``write``)::

    python -m benchmarks.generate 100000 folder [--parquet] [--openness 0.9] [--degree 10] [--seed 1]
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from stakeholders import tables
from stakeholders.columns import EncodedColumn
from stakeholders.dataset import Dataset, Table
from stakeholders.schema import HEADERS

Codes = NDArray[np.int32]

BODY, SYSTEM, STORE, VENDOR = range(4)
TYPES = ("body", "system", "store", "body")
KINDS = ("agency", "", "", "manufacturer")
SHARES = (0.40, 0.25, 0.25, 0.10)
LEVELS = 6
BRANCHING = 5
AS_OF = "2025-06-30"  # most relations are in force, some are over, some not yet begun

CATEGORIES = (
    "address", "administrative_offence", "civil_status", "communications_content", "communications_metadata",
    "criminal", "education", "electoral", "employment", "face", "financial", "fingerprint", "genomic", "health",
    "identity", "iris", "location", "property", "social", "tax", "travel", "vehicle_plate", "video", "voice",
)  # fmt: skip

# Predicate, the types that it joins, relations a node at degree 10, and how steep the share of the objects is.
BLUEPRINT = (
    ("holds", BODY, STORE, 0.5, 1.5),
    ("operates", BODY, SYSTEM, 0.5, 1.5),
    ("keeps_data_in", SYSTEM, STORE, 0.9, 2.0),
    ("collects_for", SYSTEM, BODY, 0.2, 2.0),
    ("has_access", BODY, STORE, 2.2, 3.0),
    ("has_access", BODY, SYSTEM, 1.0, 3.0),
    ("feeds", STORE, STORE, 0.9, 3.0),
    ("feeds", SYSTEM, STORE, 0.8, 2.0),
    ("feeds", STORE, SYSTEM, 0.4, 3.0),
    ("feeds", SYSTEM, SYSTEM, 0.4, 3.0),
    ("controls", BODY, BODY, 0.1, 1.0),
    ("owns", VENDOR, VENDOR, 0.2, 1.5),
    ("can_compel", BODY, BODY, 0.05, 1.0),
    ("member_of", BODY, BODY, 0.05, 1.0),
    ("supplies", VENDOR, SYSTEM, 0.5, 2.0),
    ("maintains", VENDOR, SYSTEM, 0.4, 2.0),
    ("integrates", VENDOR, SYSTEM, 0.3, 2.0),
    ("governs", BODY, SYSTEM, 0.1, 2.0),
    ("leaked_to", STORE, BODY, 0.05, 1.0),
    ("partner_of", VENDOR, BODY, 0.05, 1.0),
)
HIERARCHY = 0.4  # part_of relations a node: one for each body but the roots
DEGREE = HIERARCHY + sum(rate for *_, rate, _ in BLUEPRINT)

PREDICATES = tuple(sorted({predicate for predicate, *_ in BLUEPRINT} | {"part_of"}))
STATUSES = ("confirmed", "reported", "alleged", "planned", "under_review", "denied")
MODES = ("", "live", "archive", "search", "export", "query")
PERCENTS = ("", "25", "50", "68.5", "100", "50..100")
CLOSED_SIZE = 16  # nodes of a closed circle, which shares nothing with the rest
OPEN_SHARE, CLOSED_SHARE = 0.99, 0.08  # body × category pairs reached in the open part, and in a closed circle


class Numbered(Sequence[str]):
    """Ids made of a letter and a number, none of which is kept."""

    def __init__(self, prefix: str, count: int) -> None:
        self.prefix, self.size = prefix, count
        self.digits = len(str(count))

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[str]: ...
    def __getitem__(self, row: int | slice) -> str | Sequence[str]:
        if isinstance(row, slice):
            return [self._text(number) for number in range(*row.indices(self.size))]
        if not -self.size <= row < self.size:
            raise IndexError(row)
        return self._text(int(row) % self.size)

    def __iter__(self) -> Iterator[str]:
        return map(self._text, range(self.size))

    def _text(self, number: int) -> str:
        return f"{self.prefix}{number:0{self.digits}}"


@dataclass(frozen=True)
class Nodes:
    """What there is: types, circles (0 is the open part, the others are closed) and who can be found in each."""

    kind: NDArray[np.int8]
    circle: Codes
    order: Codes  # nodes by circle and type
    first: NDArray[np.int64]  # circle × type → where in the order its nodes start
    count: NDArray[np.int64]

    @classmethod
    def of(cls, rng: np.random.Generator, nodes: int, openness: float) -> Nodes:
        kind = rng.permutation(np.repeat(np.arange(4, dtype=np.int8), _parts(nodes)))
        closed = round(nodes * min(max((OPEN_SHARE - openness) / (OPEN_SHARE - CLOSED_SHARE), 0.0), 1.0))
        circle = np.zeros(nodes, dtype=np.int32)
        # Dealt out type by type, so that each circle has its part of every type.
        for code in range(4):
            members = np.flatnonzero(kind == code)
            chosen = rng.permutation(members)[: round(closed * len(members) / nodes)]
            circle[chosen] = 1 + np.arange(len(chosen), dtype=np.int32) % max(1, closed // CLOSED_SIZE)
        circles = int(circle.max()) + 1
        key = circle.astype(np.int64) * 4 + kind
        order = rng.permutation(nodes).astype(np.int32)
        order = order[np.argsort(key[order], kind="stable")]
        count = np.bincount(key, minlength=circles * 4).reshape(circles, 4)
        first = (np.cumsum(count.ravel()) - count.ravel()).reshape(circles, 4)
        return cls(kind, circle, order, first, count)

    def pick(self, rng: np.random.Generator, circles: Codes, kind: int, steepness: float) -> Codes:
        """A node of a type in each circle asked for, -1 where there is none; the steeper, the more for the few."""
        count = self.count[circles, kind]
        place = (count * rng.random(len(circles)) ** steepness).astype(np.int64)
        chosen = self.order[np.minimum(self.first[circles, kind] + place, len(self.order) - 1)]
        return np.where(count > 0, chosen, -1).astype(np.int32)


def landscape(nodes: int, *, degree: float = 10.0, openness: float = 0.99, seed: int = 1) -> Dataset:
    """A dataset in memory, its columns encoded, so that a million entities are made in seconds.

    Parameters
    ----------
    nodes : int
        Entities.
    degree : float
        Relations a node.
    openness : float
        Share of the pairs of body and category where the body reaches the category, about: from 0.1 to 0.99.
    seed : int
    """
    rng = np.random.default_rng(seed)
    world = Nodes.of(rng, nodes, openness)
    collective = rng.random(nodes) < 0.02
    claims = _relations(rng, world, collective, nodes * degree / DEGREE)
    sources = Numbered("s", max(20, len(claims[0]) // 20))
    name = f"generated-{nodes}-{degree:g}-{openness:g}-{seed}"
    made = {
        "entities": _entities(rng, world, collective, sources[0]),
        "relations": _claims(rng, world, claims, sources),
        "sources": _sources(rng, sources),
        "listings": Table("listings", HEADERS["listings"], dict.fromkeys(HEADERS["listings"], ())),
    }
    package = {"name": name, "title": "Generated for benchmarks", "version": "1"}
    dataset = Dataset(name, made, package)
    # What identifies it is how it was made; hashing ten million rows would only measure the hash.
    dataset.__dict__["sha256"] = hashlib.sha256(name.encode()).hexdigest()
    return dataset


def write(dataset: Dataset, folder: Path, *, parquet: bool = False) -> Path:
    """The dataset as a folder of CSV, or Parquet, tables."""
    import pyarrow as pa
    import pyarrow.csv

    if parquet:
        tables.write(dataset, folder, format="parquet")
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "datapackage.json").write_text(json.dumps(dict(dataset.package), indent=2) + "\n", encoding="utf-8")
    for name in ("entities", "relations", "sources"):
        table = dataset.tables[name]
        arrow = pa.table({column: _arrow(table.column(column)) for column in table.header})
        with (folder / f"{name}.csv").open("wb") as file:
            file.write((",".join(table.header) + "\n").encode())
            options = pa.csv.WriteOptions(include_header=False, quoting_style="needed")
            pa.csv.write_csv(arrow, file, options)
    return folder


def _parts(nodes: int) -> NDArray[np.int64]:
    parts = np.maximum((np.array(SHARES) * nodes).astype(np.int64), 1)
    parts[BODY] += nodes - parts.sum()
    return parts


def _relations(
    rng: np.random.Generator, world: Nodes, collective: NDArray[np.bool_], scale: float
) -> tuple[Codes, Codes, Codes]:
    subjects, predicates, targets = [], [], []

    def add(predicate: str, subject: Codes, target: Codes) -> None:
        fine = (target >= 0) & (subject != target)
        subjects.append(subject[fine])
        targets.append(target[fine])
        predicates.append(np.full(int(fine.sum()), PREDICATES.index(predicate), dtype=np.int32))

    child, parent = _hierarchy(rng, world)
    add("part_of", child, parent)
    for predicate, kind, other, rate, steepness in BLUEPRINT:
        members = np.flatnonzero(world.kind == kind).astype(np.int32)
        subject = rng.choice(members, round(scale * rate))
        target = world.pick(rng, world.circle[subject], other, steepness)
        if predicate == "member_of":
            target = np.where(collective[target], target, -1)
        add(predicate, subject, target)
    return np.concatenate(subjects), np.concatenate(predicates), np.concatenate(targets)


def _hierarchy(rng: np.random.Generator, world: Nodes) -> tuple[Codes, Codes]:
    """Every body's superior one level up, in the open part; in a closed circle its first body."""
    open_bodies = world.order[world.first[0, BODY] : world.first[0, BODY] + world.count[0, BODY]]
    sizes = BRANCHING ** np.arange(LEVELS, dtype=np.float64)
    edges = np.maximum(np.cumsum(sizes / sizes.sum() * len(open_bodies)).astype(np.int64), np.arange(1, LEVELS + 1))
    edges = np.minimum(np.append(0, edges), len(open_bodies))
    children, parents = [], []
    for level in range(1, LEVELS):
        above, here = open_bodies[edges[level - 1] : edges[level]], open_bodies[edges[level] : edges[level + 1]]
        if len(above) and len(here):
            children.append(here)
            parents.append(rng.choice(above, len(here)))
    closed = np.flatnonzero((world.kind == BODY) & (world.circle > 0)).astype(np.int32)
    heads = world.order[np.minimum(world.first[world.circle[closed], BODY], len(world.order) - 1)]
    return np.concatenate([*children, closed]), np.concatenate([*parents, heads])


def _entities(rng: np.random.Generator, world: Nodes, collective: NDArray[np.bool_], source: str) -> Table:
    nodes = len(world.kind)
    cells = ["", *_cells(rng, 600, 3)]
    codes = rng.integers(1, len(cells), nodes, dtype=np.int32)
    # A closed circle is about two categories only.
    pairs = _cells(rng, 200, 2, least=2)
    closed = world.circle > 0
    codes[closed] = len(cells) + world.circle[closed] % len(pairs)
    codes[(world.kind == BODY) | (world.kind == VENDOR)] = 0
    return _table(
        "entities",
        nodes,
        id=Numbered("e", nodes),
        type=_encoded(world.kind, TYPES),
        kind=_encoded(world.kind, KINDS),
        name=Numbered("Entity ", nodes),
        country=_encoded(rng.integers(0, 3, nodes), ("KZ", "CN", "RU")),
        collective=_encoded(collective & (world.kind != VENDOR), ("", "true")),
        categories=EncodedColumn(codes, [*cells, *pairs]),
        sources=EncodedColumn(np.zeros(nodes, np.int32), [source]),
    )


def _claims(
    rng: np.random.Generator, world: Nodes, claims: tuple[Codes, Codes, Codes], sources: Sequence[str]
) -> Table:
    subject, predicate, target = claims
    dates = [""] + [f"{y}{m}" for y in range(2005, 2027) for m in ("", *(f"-{n:02}" for n in range(1, 13)))]
    # Some claims are denied: a second row of the same ends.
    denied = rng.choice(len(subject), len(subject) // 500, replace=False)
    subject, predicate, target = (np.append(part, part[denied]) for part in (subject, predicate, target))
    count = len(subject)
    status = rng.choice(5, count, p=(0.24, 0.68, 0.04, 0.02, 0.02))
    status[count - len(denied) :] = STATUSES.index("denied")
    # A start for most, of a year's or a month's exactness; an end some years later for a few of those.
    start = np.where(rng.random(count) < 0.6, rng.integers(1, len(dates), count), 0)
    year = (start - 1) // 13 + rng.integers(1, 12, count)
    years = ["", *(str(2005 + number) for number in range(34))]
    end = np.where((start > 0) & (rng.random(count) < 0.2), year + 1, 0)
    masks = ["", *_cells(rng, 1000, 8)]
    mask = np.where(rng.random(count) < 0.45, 0, rng.integers(1, len(masks), count))
    mask[world.circle[subject] > 0] = 0
    mode = np.zeros(count, dtype=np.int64)
    access, feeds = PREDICATES.index("has_access"), PREDICATES.index("feeds")
    mode[predicate == access] = rng.choice(
        (0, 1, 2, 3, 4), int((predicate == access).sum()), p=(0.3, 0.2, 0.2, 0.28, 0.02)
    )
    mode[predicate == feeds] = rng.choice((0, 5), int((predicate == feeds).sum()), p=(0.6, 0.4))
    owns = predicate == PREDICATES.index("owns")
    percent = np.where(owns, rng.integers(0, len(PERCENTS), count), 0)
    number = len(sources)
    pairs = [f"{sources[a]};{sources[b]}" for a, b in rng.integers(0, number, (number // 5, 2)).tolist() if a != b]
    cited = np.minimum((number * rng.random(count) ** 2).astype(np.int64), number - 1)
    double = rng.random(count) < 0.2
    cited[double] = number + rng.integers(0, len(pairs), int(double.sum()))
    # In no order: files seldom come sorted by what a graph needs.
    rows = rng.permutation(count)
    entities = Numbered("e", len(world.kind))
    return _table(
        "relations",
        count,
        id=Numbered("r", count),
        subject=EncodedColumn(subject[rows].astype(np.int32), entities),
        predicate=_encoded(predicate[rows], PREDICATES),
        object=EncodedColumn(target[rows].astype(np.int32), entities),
        categories=_encoded(mask[rows], masks),
        mode=_encoded(mode[rows], MODES),
        status=_encoded(status[rows], STATUSES),
        valid_from=_encoded(start[rows], dates),
        valid_until=_encoded(end[rows], years),
        percent=_encoded(percent[rows], PERCENTS),
        claim=EncodedColumn(np.zeros(count, np.int32), ["Generated."]),
        sources=_encoded(cited[rows], [*sources, *pairs]),
    )


def _sources(rng: np.random.Generator, ids: Sequence[str]) -> Table:
    count = len(ids)
    days = ["", *(f"{y}-{m:02}-{d:02}" for y in range(2005, 2026) for m in range(1, 13) for d in (1, 9, 17, 25))]
    return _table(
        "sources",
        count,
        id=ids,
        title=EncodedColumn(np.zeros(count, np.int32), ["Generated"]),
        publisher=EncodedColumn(np.zeros(count, np.int32), ["Nobody"]),
        date=_encoded(np.where(rng.random(count) < 0.1, 0, rng.integers(1, len(days), count)), days),
        url=EncodedColumn(np.zeros(count, np.int32), ["https://example.org/"]),
        kind=EncodedColumn(np.zeros(count, np.int32), ["dataset"]),
    )


def _cells(rng: np.random.Generator, count: int, most: int, least: int = 1) -> list[str]:
    """Distinct cells of a few categories each."""
    found = {
        ";".join(sorted(rng.choice(CATEGORIES, int(rng.integers(least, most + 1)), replace=False).tolist()))
        for _ in range(count)
    }
    return sorted(found)


def _table(table: str, count: int, /, **columns: Sequence[str]) -> Table:
    empty = EncodedColumn(np.zeros(count, np.int32), [""])
    return Table(
        table, HEADERS[table], {column: columns.get(column, empty) for column in HEADERS[table]}, range(2, count + 2)
    )


def _encoded(codes: NDArray[Any], values: Sequence[str]) -> EncodedColumn:
    return EncodedColumn(codes.astype(np.int32), values)


def _arrow(column: Sequence[str]) -> Any:
    import pyarrow as pa

    if isinstance(column, EncodedColumn):
        values = pa.array(list(column.values), pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(column.codes), values).cast(pa.string())
    return pa.array(list(column), pa.string())


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__.splitlines()[0])
    parser.add_argument("nodes", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--degree", type=float, default=10.0)
    parser.add_argument("--openness", type=float, default=0.99)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parquet", action="store_true")
    options = parser.parse_args(arguments)
    made = landscape(options.nodes, degree=options.degree, openness=options.openness, seed=options.seed)
    print(write(made, options.folder, parquet=options.parquet))


if __name__ == "__main__":
    main()

"""What a dataset says of one thing: an entity with its relations and listings, a category, a relation, a source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from graphs.answers import Answer, Note, Row, stamp
from stakeholders.dataset import Dataset, Table, split
from stakeholders.lookup import resolve
from stakeholders.retrieval import found
from stakeholders.vocabulary import Label

_CITED = ("title", "publisher", "date", "url")


def entry(dataset: Dataset, name: str) -> Answer:
    """One entry of a dataset, with everything that is recorded about it.

    Parameters
    ----------
    dataset : Dataset
    name : str
        Id of an entity, relation, listing or source, code of a data category, or a name that means one of these.

    Returns
    -------
    Answer
        ``beside`` holds the entry's own cells as ``entry`` and its kind as ``kind``. Rows are, for an entity, its
        relations and then its listings; for a category the entities that bear it or a narrower one; for a source
        whatever rests on it; for a relation or listing the row itself. Each has its ``kind``; relations and listings
        bring their claim and sources. In file order.

    Raises
    ------
    UnknownId
        If it means nothing, or several things.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> answer = entry(read("cabar-2020"), "kz-police-atyrau")
    >>> [(row["predicate"], row["object"]) for row in answer.rows]
    [('has_access', 'kz-sergek-atyrau-archive'), ('part_of', 'kz-mia')]
    """
    cells: Mapping[str, str]
    if name in dataset.entities.index:
        kind, cells = "entity", dataset.entities.row(dataset.entities.index[name])
        rows = [*_relations(dataset, (name,), ("subject", "object")), *_listings(dataset, (name,))]
    elif name in dataset.tree:
        kind, cells = "category", _category(dataset, name)
        narrower = set(dataset.tree.narrower(name))
        rows = [_entity(row) for row in dataset.entities.rows() if not narrower.isdisjoint(split(row["categories"]))]
    elif name in dataset.relations.index:
        kind, cells = "relation", dataset.relations.row(dataset.relations.index[name])
        rows = _relations(dataset, (name,), ("id",))
    elif name in dataset.listings.index:
        kind, cells = "listing", dataset.listings.row(dataset.listings.index[name])
        rows = _listings(dataset, (name,), ("id",))
    elif name in dataset.sources.index:
        kind, cells = "source", dataset.sources.row(dataset.sources.index[name])
        rows = _resting_on(dataset, name)
    else:
        return entry(dataset, resolve(dataset, name).id)
    return Answer(
        command="show",
        question={"id": name},
        dataset=stamp(dataset),
        rows=tuple(rows),
        beside={"kind": kind, "entry": {key: value for key, value in cells.items() if value}},
    )


def search(dataset: Dataset, text: str, *, limit: int = 20) -> Answer:
    """What the words of a text find, in any alphabet, spelling mistakes allowed.

    Parameters
    ----------
    dataset : Dataset
    text : str
    limit : int
        How many rows at most, 0 for all; the answer is ``complete`` when there are no more, else it says how many.

    Returns
    -------
    Answer
        Rows ``id``, ``table``, ``name``, ``score`` (0 to 100), ``why`` (the column that answers); best first.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> search(read("cabar-2020"), "прокуратура").rows[0]["id"]
    'kz-gpo'
    """
    shown, count = found(dataset, text, limit or None)
    more = count - len(shown)
    return Answer(
        command="find",
        question={"text": text},
        dataset=stamp(dataset),
        rows=tuple(hit._asdict() for hit in shown),
        complete=not more,
        notes=(Note(_MORE, {"count": len(shown), "more": more}),) if more else (),
    )


_MORE = Label(
    "The {count} best are shown; {more} more fit less well (limit 0 shows all).",
    "Показаны лучшие: {count}; менее подходящих ещё {more} (все – с limit 0).",
    "Ең жақындары көрсетілді: {count}; сәйкестігі төменірек тағы {more} бар (бәрі – limit 0).",
)


def collection(datasets: Iterable[Dataset]) -> Answer:
    """Datasets side by side, with their sizes.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> collection([read("cabar-2020")]).rows[0]["relations"]
    31
    """
    rows = [
        {"name": dataset.name, "version": dataset.version, "title": dataset.title, **sizes(dataset),
         "sha256": dataset.sha256}
        for dataset in datasets
    ]  # fmt: skip
    return Answer(command="datasets", question={}, dataset={}, rows=tuple(rows))


def sizes(dataset: Dataset) -> Row:
    """How many bodies, systems, stores, relations, listings and sources there are, and the newest source's date."""
    types = list(dataset.entities.column("type"))
    return {
        **{name: types.count(kind) for name, kind in (("bodies", "body"), ("systems", "system"), ("stores", "store"))},
        **{name: len(getattr(dataset, name)) for name in ("relations", "listings", "sources")},
        "newest_source": max(dataset.sources.column("date"), default="") or None,
    }


def cited(dataset: Dataset, cell: str) -> list[Row]:
    """The sources of a cell, each as an answer cites it."""
    table = dataset.sources
    rows = ((name, table.index.get(name)) for name in split(cell))
    return [
        {"id": name, **{key: (table.column(key)[row] or None) if row is not None else None for key in _CITED}}
        for name, row in rows
    ]


def _relations(dataset: Dataset, names: Sequence[str], columns: Sequence[str]) -> list[Row]:
    return [_relation(dataset, dataset.relations.row(row)) for row in _where(dataset.relations, names, columns)]


def _listings(dataset: Dataset, names: Sequence[str], columns: Sequence[str] = ("entity", "authority")) -> list[Row]:
    return [_listing(dataset, dataset.listings.row(row)) for row in _where(dataset.listings, names, columns)]


def _where(table: Table, names: Sequence[str], columns: Sequence[str]) -> list[int]:
    """Rows in which one of the columns holds one of the names."""
    held = [table.column(column) for column in columns]
    return [row for row in range(len(table)) if any(column[row] in names for column in held)]


def _relation(dataset: Dataset, cells: Mapping[str, str]) -> Row:
    return {
        "kind": "relation",
        "id": cells["id"],
        **{key: cells[key] for key in ("subject", "predicate", "object", "status")},
        **{key: cells.get(key) or None for key in ("mode", "valid_from", "valid_until", "percent", "legal_basis")},
        "categories": list(split(cells.get("categories", ""))),
        "claim": cells.get("claim", ""),
        "sources": cited(dataset, cells["sources"]),
    }


def _listing(dataset: Dataset, cells: Mapping[str, str]) -> Row:
    keys = ("program", "listed_from", "listed_until", "legal_basis", "reference", "effect")
    return {
        "kind": "listing",
        "id": cells["id"],
        **{key: cells[key] for key in ("entity", "authority", "list")},
        **{key: cells.get(key) or None for key in keys},
        "claim": cells.get("claim", ""),
        "sources": cited(dataset, cells["sources"]),
    }


def _entity(cells: Mapping[str, str]) -> Row:
    return {
        "kind": "entity",
        "id": cells["id"],
        "type": cells["type"],
        "categories": list(split(cells["categories"])),
    }


def _category(dataset: Dataset, code: str) -> Mapping[str, str]:
    category = dataset.tree[code]
    return {
        "id": code,
        "name": category.name,
        **{f"name_{lang}": name for lang, name in category.names.items()},
        "broader": ";".join(category.broader),
        "narrower": ";".join(dataset.tree.narrower(code)[1:]),
        "dpv": ";".join(category.dpv),
        "special": category.special,
    }


def _resting_on(dataset: Dataset, source: str) -> list[Row]:
    def citing(table: Table) -> list[Mapping[str, str]]:
        cells = table.column("sources")
        return [table.row(row) for row in range(len(table)) if source in split(cells[row])]

    return [
        *(_entity(row) for row in citing(dataset.entities)),
        *(_relation(dataset, row) for row in citing(dataset.relations)),
        *(_listing(dataset, row) for row in citing(dataset.listings)),
    ]

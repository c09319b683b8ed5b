"""What began and ended when: the dated changes of a dataset, or of one entity's relations and listings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from graphs.answers import Answer, Note, Row, stamp
from graphs.entries import cited
from stakeholders.dataset import Dataset, Table, split
from stakeholders.dates import first_day, last_day
from stakeholders.errors import UnknownId
from stakeholders.intervals import UNDATED, WORDS, listing_intervals, relation_intervals
from stakeholders.vocabulary import Label

_UNDATED = Label(
    "Relations and listings without any date, which therefore do not appear: {count}.",
    "Связи и записи в списках без какой-либо даты, поэтому не показаны: {count}.",
    "Ешқандай күні жоқ, сондықтан көрсетілмеген байланыстар мен тізім жазбалары: {count}.",
)


def timeline(dataset: Dataset, entity: str | None = None) -> Answer:
    """Dates at which relations, listings and entities begin or end.

    Parameters
    ----------
    dataset : Dataset
    entity : str, optional
        Only what has this entity at one of its ends; default everything.

    Returns
    -------
    Answer
        A row for each beginning and end: ``date`` as written in the data, ``change`` (``begins`` or ``ends``), ``word``
        (``known``, or ``assumed`` where the earliest source gives the date), ``table``, ``id``, ``subject``,
        ``predicate``, ``object``, ``status``, ``claim``, ``sources``. By day; on one day, which belongs to both,
        what begins comes first, then by table and id. A relation bounded by its ends' own dates is told by its own.

    Raises
    ------
    UnknownId
        If the dataset has no such entity.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> answer = timeline(read("cabar-2020"), "kz-sergek-almaty-archive")
    >>> [(row["date"], row["change"], row["status"]) for row in answer.rows if row["predicate"] == "has_access"][1:]
    [('2020-02-19', 'begins', 'denied'), ('2020-02-19', 'ends', 'denied')]
    """
    if entity is not None and entity not in dataset.entities.index:
        raise UnknownId(f"no entity has the id {entity!r}; `accessmap find` searches names")
    found: list[_Change] = []
    undated = 0
    for table, ends, until, spans in (
        (dataset.relations, ("subject", "object"), "valid_until", relation_intervals(dataset)),
        (dataset.listings, ("authority", "entity"), "listed_until", listing_intervals(dataset)),
    ):
        for row in _rows_of(dataset, table, ends, entity):
            cells = table.row(row)
            start = spans.since(row) if spans.word[row] != UNDATED else ""
            told = _told(dataset, table, cells, ends)
            dated = list(_dated(start, cells.get(until, ""), WORDS[spans.word[row]], told))
            undated += not dated
            found += dated
    for row in _rows_of(dataset, dataset.entities, (), entity):
        cells = dataset.entities.row(row)
        until = cells.get("valid_until", "")
        found += _dated(cells.get("valid_from", ""), until, "known", _existence(dataset, cells))
    found.sort(key=lambda change: change[:-1])
    return Answer(
        command="timeline",
        question={"id": entity},
        dataset=stamp(dataset),
        rows=tuple(row for *_, row in found),
        notes=(Note(_UNDATED, {"count": undated}),) if undated else (),
    )


def _rows_of(dataset: Dataset, table: Table, ends: tuple[str, ...], entity: str | None) -> Sequence[int]:
    """Rows of a table that have an entity at one of their ends, or are its own; all without one."""
    if entity is None:
        return range(len(table))
    place = dataset.entities.index[entity]
    if not len(table) or not ends:
        return [place] if table is dataset.entities else []
    found = np.logical_or.reduce([dataset.entity_rows(table.name, end) == place for end in ends])
    rows: list[int] = np.flatnonzero(found).tolist()
    return rows


_Change = tuple[int, bool, str, str, Row]  # day, ends, table, id, row: its order


def _dated(start: str, end: str, word: str, told: Row) -> Iterator[_Change]:
    """The beginning and the end of one thing, where they have a date."""
    key = told["table"], told["id"]
    if start:
        yield first_day(start), False, *key, {"date": start, "change": "begins", "word": word, **told}
    if end:
        yield last_day(end), True, *key, {"date": end, "change": "ends", "word": "known", **told}


def _told(dataset: Dataset, table: Table, cells: Mapping[str, str], ends: tuple[str, str]) -> Row:
    return {
        "table": table.name,
        "id": cells["id"],
        "subject": cells[ends[0]],
        "predicate": cells.get("predicate", "lists"),
        "object": cells[ends[1]],
        "list": cells.get("list"),
        "status": cells.get("status"),
        "categories": list(split(cells.get("categories", ""))),
        "claim": cells.get("claim", ""),
        "sources": cited(dataset, cells["sources"]),
    }


def _existence(dataset: Dataset, cells: Mapping[str, str]) -> Row:
    return {
        "table": "entities",
        "id": cells["id"],
        "subject": cells["id"],
        "predicate": "exists",
        "object": None,
        "list": None,
        "status": None,
        "categories": list(split(cells["categories"])),
        "claim": cells.get("note", ""),
        "sources": cited(dataset, cells["sources"]),
    }

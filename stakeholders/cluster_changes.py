"""Which rows differ between two versions of a dataset whose tables lie on a cluster, and between two days of one.

The cluster compares a digest of each row with that of the row of the same id; only rows that differ, and what their
cells refer to, come to this machine, where `stakeholders.differences` tells of them as of any other. What a file is
beside its rows is not told, since such tables have none of it: their order, their columns, how their lines are written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from stakeholders.clusters import A_ROW, ClusterTables, kept, local, table_of
from stakeholders.dataset import Dataset
from stakeholders.differences import KEYS, Change, changes_between
from stakeholders.memory import require
from stakeholders.schema import HEADERS, TABLES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_COMPARED: Final = ("entities", "relations", "listings", "sources")
_ENDS: Final = {"relations": ("subject", "object"), "listings": ("entity", "authority")}
_WORDS: Final = ("removed", "added", "changed")


@dataclass(frozen=True)
class Moved:
    """What differs, and the rows that it is about.

    Attributes
    ----------
    found : list of dict
        As `stakeholders.differences.changes_between` gives them, without what is about a file as a whole, and with
        ``at`` only where a table is one file; rows by their place there, else by id.
    sides : (Dataset, Dataset)
        The rows that differ, the entities that these join, and the sources that they cite.
    """

    found: list[Change]
    sides: tuple[Dataset, Dataset]


def moved_rows(before: ClusterTables, after: ClusterTables) -> Moved:
    """Every row in which two versions differ.

    Raises
    ------
    TooLarge
        If this machine has no room for them.
    """
    versions = before, after
    ids = {name: kept(_differing(*rows)) for name, rows in _paired(before, after)}
    count = sum(frame.count() for frame in ids.values())
    require(2 * count * A_ROW, f"What differs, {count:,} rows,", "Compare less of the two, or on a larger machine.")
    sides = tuple(_with_figures(tables, tables.part(**_with_ends(tables, ids))) for tables in versions)
    wanted = {name: {row["id"] for row in frame.collect()} for name, frame in ids.items()}
    found = [
        change
        for change in changes_between(sides[0], sides[1])
        if (change["id"] is None) is (change["table"] not in TABLES)
        and (change["id"] is None or change["table"] not in wanted or change["id"] in wanted[change["table"]])
    ]
    return Moved(list(_in_order(found, versions)), (sides[0], sides[1]))


def moved_days(
    tables: ClusterTables, ids: Mapping[str, DataFrame], days: tuple[date, date], known: date | None
) -> Moved:
    """Every row in force on one of two days and not on the other, as `Dataset.as_of` has it.

    Parameters
    ----------
    tables : ClusterTables
    ids : mapping of str to DataFrame
        For ``entities`` and ``relations`` the rows, ``id``, that may be so.
    days : (date, date)
    known : date, optional
        Only what sources of that day could tell.
    """
    chosen = dict(ids)
    if "listings" in tables.frames:
        chosen["listings"] = tables.frames["listings"].select("id")
    part = tables.part(**_with_ends(tables, chosen))
    part = part.known_by(known) if known else part
    found = changes_between(part.as_of(days[0]), part.as_of(days[1]))
    told = [{key: value for key, value in one.items() if key != "at"} for one in found if one["id"] is not None]
    return Moved(list(_in_order(told, (tables, tables))), (part, part))


def _paired(before: ClusterTables, after: ClusterTables) -> Iterator[tuple[str, tuple[DataFrame, DataFrame]]]:
    """Each table of both versions; one that is not there has no rows."""
    for name in _COMPARED:
        found = [tables.frames.get(name) for tables in (before, after)]
        was, now = (local(before.spark, id=[]) if frame is None else frame for frame in found)
        if any(frame is not None for frame in found):
            yield name, (was, now)


def _differing(before: DataFrame, after: DataFrame) -> DataFrame:
    """Ids of the rows that are not the same in two tables: ``id``."""
    columns = sorted({*before.columns, *after.columns})
    was, now = (_digested(frame, columns, name) for frame, name in ((before, "was"), (after, "now")))
    return was.join(now, "id", "full").where("was is null or now is null or was <> now").select("id")


def _digested(frame: DataFrame, columns: list[str], name: str) -> DataFrame:
    from pyspark.sql import functions as sql

    cells = [sql.col(f"`{column}`") if column in frame.columns else sql.lit("") for column in columns]
    return frame.select("id", sql.sha2(sql.to_json(sql.array(*cells)), 256).alias(name))


def _with_ends(tables: ClusterTables, ids: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
    """Rows, and the entities that they join."""
    entities = ids["entities"]
    for name, ends in _ENDS.items():
        if name in ids:
            rows = tables.frames[name].join(ids[name], "id", "left_semi")
            for end in ends:
                entities = entities.union(rows.selectExpr(f"{end} as id"))
    newest = tables.frames["sources"].orderBy("date", ascending=False).limit(1).select("id")  # which reports name
    sources = ids["sources"].union(newest) if "sources" in ids else newest
    return {**ids, "entities": entities.distinct(), "sources": sources.distinct()}


def _with_figures(tables: ClusterTables, part: Dataset) -> Dataset:
    """A part with the figures about countries, which are few."""
    if "statistics" not in tables.frames:
        return part
    return part.with_tables(statistics=table_of("statistics", tables.frames["statistics"]))


def _in_order(found: list[Change], versions: tuple[ClusterTables, ClusterTables]) -> Iterator[Change]:
    """Changes table by table, rows in the order of their file, at their place there, where this is known."""
    for name in dict.fromkeys(change["table"] for change in found):
        those = [change for change in found if change["table"] == name]
        places: dict[str, dict[str, int]] = {}
        for word in _WORDS if name in TABLES else ():
            tables = versions[0 if word == "removed" else 1]
            places[word] = tables.places(name, _key(name), [one["id"] for one in those if one["change"] == word])
        for change in sorted(those, key=lambda one: _rank(one, places)):
            told = {key: value for key, value in change.items() if key not in ("at", "text")}
            at = places.get(change["change"], {}).get(change["id"])
            yield told | ({"at": at} if at is not None and "at" in change else {})


def _rank(change: Change, places: Mapping[str, Mapping[str, int]]) -> tuple[int, int, str]:
    word, key = change["change"], change["id"] or ""
    return _WORDS.index(word), places.get(word, {}).get(key, 0), key


def _key(name: str) -> str:
    """What tells a row of a table from another, as Spark says it."""
    cells = [f"coalesce(cast(`{column}` as string), '')" for column in KEYS.get(name, (HEADERS[name][0],))]
    return f"concat_ws(' / ', {', '.join(cells)})"

"""What changed between two versions on a cluster, and what it means: the answer of `graphs.changes`, row for row.

What moved can only move by a changed relation, or where a place turned: so the cluster finds the places that such
relations lead to and the bodies that lead to them, and everything by which the ones reach the others in any state
between the versions. That comes here, and is compared as any two datasets are. Whoever's reach cannot have moved has
the same part of it on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final, Unpack

import numpy as np

from graphs.access import build as build_here
from graphs.answers import stamp
from graphs.changes import Difference, answer_of, question_between, two_days
from graphs.engines.spark import frames, searches
from graphs.engines.spark.answers import chosen
from graphs.engines.spark.arcs import UNMASKED, ClusterGraph, build
from graphs.movements import LARGE, Sides
from graphs.scope import Options, Scope
from graphs.traversal import rules_of
from graphs.versions import RELEVANT, Versions, overlaid
from stakeholders.cluster_changes import moved_days, moved_rows
from stakeholders.clusters import ClusterTables, kept, local
from stakeholders.dataset import Dataset
from stakeholders.differences import Change
from stakeholders.progress import Watch, unwatched
from stakeholders.schema import HEADERS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_NAMED: Final = ("entities", "relations", "listings", "sources")


def diff(
    before: ClusterTables,
    after: ClusterTables,
    *,
    also: Sequence[str] | None = None,
    watch: Watch = unwatched,
    **options: Unpack[Options],
) -> Difference:
    """As `graphs.changes.diff`, of tables on a cluster.

    Returns
    -------
    Difference
        The same rows, causes and notes. Its ``changes`` tell of rows, not of what a file is beside them; they have the
        place of a row, and its order, where a table is one file.

    Raises
    ------
    UnknownId
        If a body or store that is asked about is on neither side.
    TooLarge
        If what can have moved does not fit this machine.
    """
    scope, moved = Scope.of(**options), moved_rows(before, after)
    unruled = None
    if _comparable(before, after, moved.found):
        graph = build(_united(before, after, moved.found))
        ids = _around(graph, frames.scope_of(graph, options), _moving(graph, moved.found), watch)
        parts, unruled = (before.part(**ids), after.part(**ids)), graph.unruled
    else:
        parts = before.whole(), after.whole()
    versions = Versions.of(*parts, scope, _among(moved.found, parts))
    question = {"before": stamp(parts[0]), "after": stamp(parts[1]), "between": None, **scope.question()}
    known = _Known.of((before, after), also, moved.sides)
    sides = Sides(known.asked or parts, (options, options), known.entities)
    return known.named(answer_of(versions, question, moved.found, also, sides, unruled=unruled))


def between(
    graph: ClusterGraph,
    first: str | date,
    last: str | date,
    *,
    also: Sequence[str] | None = None,
    watch: Watch = unwatched,
    **options: Unpack[Options],
) -> Difference:
    """As `graphs.changes.between`, of a graph on a cluster.

    Raises
    ------
    AccessMapError
        If the last day comes before the first.
    TooLarge
        If what can have moved does not fit this machine.
    """
    asked, scopes = two_days(first, last, options)
    frames.scope_of(graph, options)
    days = date.fromordinal(scopes[0].as_of), date.fromordinal(scopes[1].as_of)
    held, fresh = zip(*(_standing(scope) for scope in scopes), strict=True)
    standing = graph.spans.where(f"known <= {scopes[1].known_by}")
    turned = kept(standing.where(f"({held[0]}) <> ({held[1]})").select("id"))
    stale = standing.where(f"({held[0]}) and ({held[1]}) and ({fresh[0]}) <> ({fresh[1]})").select("id")
    ids = _around(graph, scopes[0], _Moving.of(graph, turned.union(stale)), watch)
    part = graph.tables.part(**ids)
    versions = _in_order(Versions.between(build_here(part), *scopes), scopes, graph.tables)
    lived = [f"born <= {scope.as_of} and until >= {scope.as_of}" for scope in scopes]
    rows = {"relations": turned, "entities": graph.nodes.where(f"({lived[0]}) <> ({lived[1]})").select("id")}
    known = date.fromordinal(scopes[1].known_by) if options.get("known_by") else None
    moved = moved_days(graph.tables, rows, days, known)
    known_here = _Known.of((graph.tables, graph.tables), also, moved.sides)
    question = question_between(part, scopes)
    sides = Sides(known_here.asked or (part, part), asked, known_here.entities)
    return known_here.named(answer_of(versions, question, moved.found, also, sides, unruled=graph.unruled))


# ----------------------------------------------------------------------------------------------------------- what moves


@dataclass(frozen=True)
class _Moving:
    """What may be otherwise in one state between two versions than in another.

    Attributes
    ----------
    relations : DataFrame
        ``id``: relations whose arcs may come, go, or be otherwise.
    places : DataFrame
        ``id``: where data may come to be found, or cease to be.
    """

    relations: DataFrame
    places: DataFrame

    @classmethod
    def of(cls, graph: ClusterGraph, changed: DataFrame, entities: Sequence[str] = ()) -> _Moving:
        """What moves as some relations change, and the categories of some entities."""
        changed, keeping = kept(changed.distinct()), graph.keeping
        denied = graph.denials.join(changed, graph.denials["denial"] == changed["id"], "left_semi")
        kept_anew = keeping.join(changed, keeping["relation"] == changed["id"], "left_semi")
        there = local(graph.tables.spark, id=sorted(entities))
        of_these = [keeping.join(there, keeping[end] == there["id"], "left_semi") for end in ("system", "store")]
        systems = [rows.select("system") for rows in (kept_anew, *of_these)]
        return cls(
            kept(changed.union(denied.select("relation")).distinct()), searches.union([there, *systems]).distinct()
        )


def _moving(graph: ClusterGraph, found: Sequence[Change]) -> _Moving:
    """What moves between two versions: relations that changed, have a changed end, or a source of another date."""
    relations, spark = graph.tables.frames["relations"], graph.tables.spark
    ends = local(spark, id=_changed(found, "entities", RELEVANT["entities"]))
    sources = local(spark, id=_changed(found, "sources", RELEVANT["sources"]))
    citing = _cited(relations).join(sources.withColumnRenamed("id", "source"), "source", "left_semi").select("id")
    joined = [
        relations.join(ends, relations[end] == ends["id"], "left_semi").select("id") for end in ("subject", "object")
    ]
    own = local(spark, id=_relations(found, ("added", "removed", "changed")))
    return _Moving.of(
        graph, searches.union([own, *joined, citing]), _changed(found, "entities", frozenset({"categories"}))
    )


def _standing(scope: Scope) -> tuple[str, str]:
    """Whether a relation holds on a day, and whether its evidence is new enough, as Spark says it."""
    return f"start <= {scope.as_of} and end >= {scope.as_of}", f"newest >= {scope.evidence_since}"


def _changed(found: Iterable[Change], table: str, columns: frozenset[str]) -> list[str]:
    """Ids of the rows of a table that changed in any of some columns."""
    return [
        str(one["id"])
        for one in found
        if one["table"] == table and one["change"] == "changed" and columns & {*one["before"], *one["after"]}
    ]


def _relations(found: Iterable[Change], words: Sequence[str]) -> list[str]:
    """Ids of the relations to which some things happened that bear on reach."""
    changed = set(_changed(found, "relations", RELEVANT["relations"]))
    return [
        str(one["id"])
        for one in found
        if one["table"] == "relations" and one["change"] in words
        and (one["change"] != "changed" or one["id"] in changed)
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------- what is compared here


def _around(graph: ClusterGraph, scope: Scope, moving: _Moving, watch: Watch) -> dict[str, DataFrame]:
    """Ids of the entities, relations and sources by which reach can have moved.

    That is every path, in any state, from a body to a place between which one may lead over what moves; and what counts
    for these paths.
    """
    from pyspark.sql import functions as sql

    arcs = searches.live(graph, scope, moving=moving.relations)
    ahead = kept(arcs.repartition(graph.pieces, "source"), laid=True)
    moved = arcs.where("moving")
    heads = moved.where("not terminal").selectExpr("target as node", "mask as found")
    onward = searches.closed(ahead, _gathered(heads), watch, forwards=True)
    copies = ahead.where("terminal").join(onward.withColumnRenamed("node", "source"), "source")
    met = searches.union([
        onward, moved.where("terminal").selectExpr("target as node", "mask as found"),
        copies.selectExpr("target as node", "mask & found as found"),
    ])  # fmt: skip
    held = f"case when type = 2 and mask = 0 then {searches.word(1 << UNMASKED)} else mask end"
    held_there = graph.nodes.where("type > 0").selectExpr("id as node", f"{held} as held")
    turned = moving.places.selectExpr("id as node", f"{searches.word(_EVERYTHING)} as found")
    places = _gathered(met).join(held_there, "node").selectExpr("node", "found & held as found").union(turned)
    if scope.stores is not None:
        places = places.where(sql.col("node").isin(list(scope.stores)))
    places = kept(_gathered(places).where("found <> 0"))
    leading = arcs.join(searches.closed(arcs, places, watch).withColumnRenamed("node", "target"), "target")
    leading = kept(leading.withColumn("found", sql.expr("mask & found")).where("found <> 0"))
    # Whoever leads to a moving arc, or to a place that turned.
    tails = leading.where("moving").selectExpr("source as node", "found")
    tails = tails.union(places.join(turned.select("node"), "node", "left_semi"))
    asking = searches.closed(arcs, _gathered(tails), watch).join(frames.bodies_of(graph, scope), "node")
    along = searches.closed(ahead, asking, watch, forwards=True).selectExpr("node as source", "found as along")
    between = leading.join(along, "source").withColumn("found", sql.expr("found & along"))
    named = [*(scope.bodies or ()), *(scope.stores or ())]
    nodes, relations = chosen(graph, between, local(graph.tables.spark, id=[]), named)
    # One that changed may have had other ends and sources; and what is no longer cited may still be told otherwise.
    rows = graph.tables.frames["relations"].join(relations, "id", "left_semi")
    ends = [rows.selectExpr(f"{end} as id") for end in ("subject", "object")]
    entities = searches.union([nodes, *ends]).distinct()
    return {"entities": entities, "relations": relations, "sources": _cited(rows).select("source").distinct()}


def _cited(relations: DataFrame) -> DataFrame:
    """``id`` of each relation with each ``source`` that it cites."""
    from pyspark.sql import functions as sql

    each = relations.select("id", sql.explode(sql.split("sources", ";")).alias("source"))
    return each.select("id", sql.trim("source").alias("source"))


_EVERYTHING: Final = (1 << 64) - 1


def _gathered(found: DataFrame) -> DataFrame:
    """One row for each ``node``, with all that is ``found`` there."""
    from pyspark.sql import functions as sql

    return found.groupBy("node").agg(sql.bit_or("found").alias("found"))


def _comparable(before: ClusterTables, after: ClusterTables, found: Iterable[Change]) -> bool:
    """Whether what moves is known by relations: other rules, categories or types bear on nearly everything."""
    rules = [rules_of(tables.rules).predicates for tables in (before, after)]
    return rules[0] == rules[1] and before.tree == after.tree and not _changed(found, "entities", frozenset({"type"}))


def _united(before: ClusterTables, after: ClusterTables, found: Sequence[Change]) -> ClusterTables:
    """The tables with the rows of both versions, as `graphs.versions` has them: relations that changed stand twice."""

    def those(tables: ClusterTables, name: str, ids: Sequence[str]) -> DataFrame:
        return tables.frames[name].select(*HEADERS[name]).join(local(before.spark, id=ids), "id", "left_semi")

    frames_of = dict(after.frames)
    for name in ("entities", "sources"):
        gone = [str(one["id"]) for one in found if one["table"] == name and one["change"] == "removed"]
        frames_of[name] = after.frames[name].select(*HEADERS[name]).union(those(before, name, gone))
    new = _relations(found, ("added", "changed"))
    old = before.frames["relations"].select(*HEADERS["relations"])
    frames_of["relations"] = kept(old.union(those(after, "relations", new)))
    return ClusterTables(before.spark, after.place, frames_of, after.extras)


def _among(found: Iterable[Change], parts: tuple[Dataset, Dataset]) -> list[Change]:
    """Changes of the rows that are here."""
    return [
        one
        for one in found
        if one["table"] not in RELEVANT or any(one["id"] in part.tables[one["table"]].index for part in parts)
    ]


def _in_order(versions: Versions, scopes: tuple[Scope, Scope], tables: ClusterTables) -> Versions:
    """The same with its causes in the order in which their rows stand in their file, where they stand in one."""
    rows = sorted(versions.of_relation)
    ids = [versions.causes[versions.of_relation[row]].id for row in rows]
    places = tables.places("relations", "id", ids)
    order = sorted(range(len(rows)), key=lambda number: places.get(ids[number], number))
    moved = np.array([rows[number] for number in order], dtype=np.intp)
    graph = versions.before.graph
    return Versions.between(graph, *scopes, moved)


@dataclass(frozen=True)
class _Known:
    """What is known here of both sides: all of them, where chokepoints and exposure are compared, else what differs."""

    sides: tuple[Dataset, Dataset]
    whole: bool
    entities: int

    @classmethod
    def of(
        cls,
        tables: tuple[ClusterTables, ClusterTables],
        also: Sequence[str] | None,
        moved: tuple[Dataset, Dataset],
    ) -> _Known:
        """Bring what is asked for."""
        count = max(side.frames["entities"].count() for side in tables)
        if not (count <= LARGE if also is None else also):
            return cls(moved, whole=False, entities=count)
        first = tables[0].whole()
        return cls((first, first if tables[0] is tables[1] else tables[1].whole()), whole=True, entities=count)

    @property
    def asked(self) -> tuple[Dataset, Dataset] | None:
        """Both sides, if all of them is here."""
        return self.sides if self.whole else None

    def named(self, answer: Difference) -> Difference:
        """An answer that knows the names of what it tells of."""
        if (union := answer.union) is None:
            return answer
        for side in self.sides[::-1]:
            union = union.with_tables(**{name: overlaid(side, union, name) for name in _NAMED})
        return replace(answer, union=union)

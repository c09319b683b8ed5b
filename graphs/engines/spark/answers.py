"""The questions of reach asked of a graph on a cluster, with the same rows as the arrays engine gives.

The cluster finds what can matter to a question, which is rarely more than a machine holds; that comes here as an access
graph, and every function of the library answers on it as on the whole. What is too large even so, or is wanted as a
table, is told by `graphs.engines.spark.frames`, from the cluster alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Unpack

from graphs import reachability
from graphs.access import AccessGraph
from graphs.access import build as build_here
from graphs.answers import Answer, Note, Row
from graphs.engines.spark import frames, searches
from graphs.engines.spark.arcs import ClusterGraph
from graphs.reachability import UNRULED, Reach
from graphs.scope import Options, Scope
from stakeholders.clusters import kept
from stakeholders.memory import TooLarge
from stakeholders.progress import Watch, unwatched

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_MOST: Final = 5_000_000  # rows of an answer that one machine is to hold


def reduced(graph: ClusterGraph, target: str, *, watch: Watch = unwatched, **options: Unpack[Options]) -> AccessGraph:
    """What of a graph leads to a target, as a graph on this machine.

    Parameters
    ----------
    graph : ClusterGraph
    target : str
        An entity's id or a category's code.
    watch : Watch
        Told of each round of the search.
    **options : Options
        The assumptions; see `graphs.scope.Options`.

    Returns
    -------
    AccessGraph
        Questions about this target under the same assumptions have the same answers in it as in the whole: who, how,
        chokepoints, cut, sensitivity. Others have not.

    Raises
    ------
    UnknownId
        If the target is neither an entity nor a category.
    TooLarge
        If even that does not fit this machine.
    """
    scope, asked = frames.scope_of(graph, options), frames.asked_of(graph, target)
    if scope.bodies is not None:
        frames.require_bodies(graph, scope.bodies)
    arcs = searches.live(graph, scope)
    found = searches.closed(arcs, frames.places_of(graph, scope, asked), watch)
    # Places that hold only a broader category are told of, though they are not counted.
    broad = asked.layers
    for code in () if asked.entity else graph.tree.wider(target):
        broad |= 1 << graph.tree.position[code]
    there = f"type > 0 and mask & {searches.word(broad)} <> 0"
    named = [target, *(scope.bodies or ()), *(scope.stores or ())]
    return _brought(graph, arcs.join(found.withColumnRenamed("node", "target"), "target"), there, named)


def reduced_from(
    graph: ClusterGraph, body: str, *, watch: Watch = unwatched, **options: Unpack[Options]
) -> AccessGraph:
    """What of a graph a body leads to, as a graph on this machine: for what it can reach, and how.

    Raises
    ------
    UnknownId
        If no body has the id.
    TooLarge
        If even that does not fit this machine.
    """
    frames.require_bodies(graph, [body])
    scope = frames.scope_of(graph, options)
    arcs = searches.live(graph, scope, by="source")
    found = searches.closed(arcs, frames.start_of(graph, body), watch, forwards=True)
    named = [body, *(scope.stores or ())]
    return _brought(graph, arcs.join(found.withColumnRenamed("node", "source"), "source"), "false", named)


def who_can_reach(
    graph: ClusterGraph, target: str, *, by: str = "body", watch: Watch = unwatched, **options: Unpack[Options]
) -> Reach:
    """As `graphs.reachability.who_can_reach`: the same rows, of a graph on a cluster."""
    small = reduced(graph, target, watch=watch, **options)
    return reachability.who_can_reach(small, target, by=by, watch=watch, **options)


def reachable_from(graph: ClusterGraph, body: str, *, watch: Watch = unwatched, **options: Unpack[Options]) -> Reach:
    """As `graphs.reachability.reachable_from`: the same rows, of a graph on a cluster."""
    small = reduced_from(graph, body, watch=watch, **options)
    return reachability.reachable_from(small, body, watch=watch, **options)


def reach_matrix(graph: ClusterGraph, *, watch: Watch = unwatched, **options: Unpack[Options]) -> Answer:
    """As `graphs.matrices.reach_matrix`: the same rows, without its table of true and false."""
    rows = _collected(frames.matrix_frame(graph, watch=watch, **options))
    return Answer(
        command="matrix",
        question=Scope.of(**options).question(),
        dataset=_stamp(graph),
        rows=tuple({"body": row["body"], "categories": list(row["categories"]), "count": row["count"]} for row in rows),
        notes=_unruled(graph),
    )


def matrix_changes(
    before: ClusterGraph, after: ClusterGraph, *, watch: Watch = unwatched, **options: Unpack[Options]
) -> Answer:
    """As `graphs.matrices.matrix_changes`: who gained or lost reach to which categories between two datasets."""
    return _changes((before, options), (after, options), watch)


def changes_between(
    graph: ClusterGraph, first: str, last: str, *, watch: Watch = unwatched, **options: Unpack[Options]
) -> Answer:
    """The same between two days of one dataset."""
    was, now = options.copy(), options.copy()
    was["as_of"], now["as_of"] = first, last
    return _changes((graph, was), (graph, now), watch)


def _changes(before: tuple[ClusterGraph, Options], after: tuple[ClusterGraph, Options], watch: Watch) -> Answer:
    rows = _collected(frames.changes_frame(before, after, watch=watch))
    return Answer(
        command="matrix-changes",
        question={**Scope.of(**before[1]).question(), "before": _stamp(before[0])},
        dataset=_stamp(after[0]),
        rows=tuple({"body": row["body"], "gained": list(row["gained"]), "lost": list(row["lost"])} for row in rows),
        notes=_unruled(after[0]),
    )


def _collected(frame: DataFrame) -> list[Any]:
    rows = frame.limit(_MOST + 1).collect()
    if len(rows) > _MOST:
        raise TooLarge(
            f"There are more than {_MOST:,} rows, too many for one machine to hold. Take them as a DataFrame: "
            "graphs.engines.spark.frames."
        )
    return sorted(rows, key=lambda row: str(row["body"]))


def _brought(graph: ClusterGraph, arcs: DataFrame, there: str, named: list[str]) -> AccessGraph:
    """A graph here of some arcs, and of what else counts for them; see `chosen`."""
    nodes, relations = chosen(graph, arcs, graph.nodes.where(there).select("id"), named)
    return replace(build_here(graph.tables.part(entities=nodes, relations=relations)), unruled=graph.unruled)


def chosen(graph: ClusterGraph, arcs: DataFrame, there: DataFrame, named: Sequence[str]) -> tuple[DataFrame, DataFrame]:
    """Ids of the entities and relations of some arcs, those that pass any category ``found``, and what counts for them.

    That is: what denies their relations; the places ``there``, and what makes the stores of systems known; their ends,
    and the entities ``named``.
    """
    from pyspark.sql import functions as sql

    leading = kept(arcs.where("mask & found <> 0").select("source", "target", "relation", "holding"))
    relations = leading.select(sql.explode(sql.array("relation", "holding")).alias("id"))
    ends = leading.select(sql.explode(sql.array("source", "target")).alias("id"))
    asked = graph.nodes.where(graph.nodes["id"].isin(list(named))).select("id")
    nodes = kept(searches.union([ends, asked, there]).distinct())
    # A relation that denies one of these joins the same ends; a store that keeps a system's data may be no end yet.
    denied = graph.denials.join(relations, graph.denials["relation"] == relations["id"], "left_semi")
    stores = graph.keeping.join(nodes, graph.keeping["system"] == nodes["id"], "left_semi")
    relations = searches.union([relations, denied.select("denial"), stores.select("relation")]).distinct()
    return nodes.union(stores.select("store")).distinct(), relations


def _stamp(graph: ClusterGraph) -> Row:
    """What identifies the dataset; no digest is taken of tables that lie on a cluster."""
    tables = graph.tables
    return {"name": tables.name, "version": str(tables.package.get("version") or ""), "sha256": None}


def _unruled(graph: ClusterGraph) -> tuple[Note, ...]:
    return tuple(Note(UNRULED, {"predicate": name, "count": count}) for name, count in graph.unruled.items())

"""Searches on a cluster: every category and every threshold carried as bits, round by round, until nothing is new.

The arcs that count are chosen first and kept, by the node at which a search meets them. Each round joins what is new to
them: broadcast while it is small, shuffled when it is not. What a round found is written down (a checkpoint), so that
the plan of the next does not grow, and so that it is known whether there is a next.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Final

import numpy as np

from graphs.engines.arrays import bits_of
from graphs.engines.spark.arcs import UNMASKED, ClusterGraph
from graphs.scope import Scope
from graphs.views import ALLEGED
from stakeholders.clusters import kept
from stakeholders.progress import Watch, unwatched
from stakeholders.vocabulary import CERTAINTIES, LEVELS, STANCES

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

ALL_BITS: Final = 0xFFFF
_SMALL: Final = 200_000  # rows up to which what is new goes whole to every worker

# Bits of the thresholds that an arc meets, by level and certainty.
_MET: Final = bits_of(
    np.repeat(np.arange(len(LEVELS), dtype=np.uint8), len(CERTAINTIES)),
    np.tile(np.arange(len(CERTAINTIES), dtype=np.uint8), len(LEVELS)),
).tolist()


def live(graph: ClusterGraph, scope: Scope, *, by: str = "target", moving: DataFrame | None = None) -> DataFrame:
    """The arcs that count in a scope: ends, ``bits``, ``mask``, ``terminal``, ``relation``, ``holding``; kept.

    Parameters
    ----------
    graph : ClusterGraph
    scope : Scope
    by : {'target', 'source'}
        The end at which the search meets them.
    moving : DataFrame, optional
        Relations, ``id``, whose arcs count whatever the day and whatever denies them; ``moving`` then marks these.
    """
    from pyspark.sql import functions as sql

    arcs = graph.arcs.where(f"stance <= {scope.stance} and level >= {scope.level}")
    if moving is not None:
        for column in ("relation", "holding"):
            marks = moving.select(sql.col("id").alias(column), sql.lit(1).alias(f"moving_{column}"))
            arcs = arcs.join(sql.broadcast(marks), column, "left")
    marked = "false" if moving is None else "moving_relation is not null or moving_holding is not null"
    arcs = arcs.withColumn("moving", sql.expr(marked))
    arcs = arcs.where(f"moving or ({_on_the_day(scope)} and newest >= {scope.evidence_since})")
    if graph.denied:
        denied = graph.denials.where(_on_the_day(scope)).select("relation").distinct()
        contested = "denied_relation is not null"
        for column in ("relation", "holding") if scope.stance == STANCES.index("assumed") else ("relation",):
            marks = denied.select(sql.col("relation").alias(column), sql.lit(1).alias(f"denied_{column}"))
            arcs = arcs.join(sql.broadcast(marks), column, "left")
            contested += f" or denied_{column} is not null"
        arcs = arcs.withColumn(
            "certainty",
            sql.expr(f"case when not moving and ({contested}) then least(certainty, {ALLEGED}) else certainty end"),
        )
    met = ", ".join(map(str, _MET))
    arcs = arcs.where(f"certainty >= {scope.certainty}").selectExpr(
        "source", "target", f"array({met})[level * {len(CERTAINTIES)} + certainty] as bits", "mask", "terminal",
        "relation", "holding", *(["moving"] if moving is not None else []),
    )  # fmt: skip
    # By target they lie already, and stay so.
    return kept(arcs if by == "target" else arcs.repartition(graph.pieces, "source"), laid=True)


def places(graph: ClusterGraph, scope: Scope, layers: int, *, bare: bool = False) -> DataFrame:
    """Where data are found: ``node`` and ``found``, a bit for each category found there.

    Parameters
    ----------
    graph : ClusterGraph
    scope : Scope
    layers : int
        Categories that are asked for, a bit each.
    bare : bool
        Whether stores without categories count, in the layer of arcs without a mask.
    """
    known = graph.keeping.where(_on_the_day(scope)).groupBy("system").agg(_or("mask", "known"))
    found = graph.nodes.where("type > 0").join(known.withColumnRenamed("system", "id"), "id", "left")
    without = f"when type = 2 and mask = 0 then {word(1 << UNMASKED)}" if bare else ""
    held = f"case {without} when type = 1 then mask & ~coalesce(known, 0L) & {layers}L else mask & {layers}L end"
    found = found.selectExpr("id as node", f"{held} as found").where("found <> 0")
    return found if scope.stores is None else found.where(found["node"].isin(list(scope.stores)))


def closed(arcs: DataFrame, starts: DataFrame, watch: Watch = unwatched, *, forwards: bool = False) -> DataFrame:
    """Who reaches anything in which categories, all of them at once in a word of bits a node.

    Parameters
    ----------
    arcs : DataFrame
        As `live` gives them.
    starts : DataFrame
        ``node``, ``found``: where which categories are; or where to begin with which.
    watch : Watch
    forwards : bool
        Along the arcs; by default against them, from what is reached to who reaches it.

    Returns
    -------
    DataFrame
        ``node``, ``found``; kept. A search forwards gives what may be passed on: not what only a frozen copy reaches.
    """
    at, onward = ("source", "target") if forwards else ("target", "source")
    state, number = kept(starts.selectExpr("node", "found", "found as fresh")), 0
    while count := state.where("fresh <> 0").count():
        number += 1
        watch("searching", number, 0, "rounds")
        # A frozen copy is only the last arc of a path, so only the first of a search backwards.
        passing = arcs if number == 1 and not forwards else arcs.where("not terminal")
        last = state.where("fresh <> 0").selectExpr("node as here", "fresh")
        met = (
            meeting(passing, at, last, count)
            .selectExpr(f"{onward} as node", "fresh & mask as met", "0L as old")
            .where("met <> 0")
        )
        both = met.union(state.selectExpr("node", "0L as met", "found as old"))
        both = both.groupBy("node").agg(_or("met", "met"), _or("old", "old"))
        state = kept(both.selectExpr("node", "met | old as found", "met & ~old as fresh"))
    return state.select("node", "found")


def spread(arcs: DataFrame, starts: DataFrame, watch: Watch = unwatched, *, forwards: bool = False) -> DataFrame:
    """Best paths under every threshold, all of them in one search, category by category.

    Parameters
    ----------
    arcs : DataFrame
        As `live` gives them.
    starts : DataFrame
        ``node``, ``found``: the places of which categories; or the body that asks, and all categories.
    watch : Watch
    forwards : bool
        Along the arcs, from a body; by default against them, from the places.

    Returns
    -------
    DataFrame
        ``layer``, ``node``, ``fresh`` (thresholds under which a path of fewest arcs is this one), ``hops``, ``place``
        (backwards: the one where it ends) and ``path`` (relation ids from the body's end).

    Notes
    -----
    Of several paths of fewest arcs under a threshold the one to the smallest place counts, then that of the smallest
    ids. All that ways to a place pass, at the same distance from it, have it as their own smallest place, so the
    smallest of a node is found among those that its arcs lead to. Sorting what arrives at a node by place and path, and
    giving each only the thresholds that none before it has, keeps exactly the winners: a window, which spills to disk
    where a list would not fit.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as sql

    at, onward = ("source", "target") if forwards else ("target", "source")
    path = "concat(path, array(relation))" if forwards else "concat(array(relation), path)"
    each = f"explode(filter(sequence(0, {UNMASKED}), n -> shiftright(found, n) & 1 = 1)) as layer"
    place = "cast(null as string)" if forwards else "node"
    begun = starts.selectExpr("node", each, f"{place} as place").selectExpr(
        "layer", "node", "false as ended", f"{ALL_BITS} as fresh", "place", "cast(array() as array<string>) as path"
    )
    rounds = [kept(begun)]
    before = Window.partitionBy("layer", "node", "ended").orderBy("new", "place", "path")
    before = before.rowsBetween(Window.unboundedPreceding, -1)
    while count := rounds[-1].count():
        watch("searching", len(rounds), 0, "rounds")
        last = rounds[-1].where("not ended").withColumnRenamed("node", "here")
        passing = arcs if forwards or len(rounds) == 1 else arcs.where("not terminal")
        joined = meeting(passing, at, last, count).where("shiftright(mask, layer) & 1 = 1")
        # What a frozen copy reaches leads no further, and is no reason not to come there by another way.
        ended = "terminal" if forwards else "false"
        met = joined.selectExpr(
            "layer", f"{onward} as node", f"{ended} as ended", "fresh & bits as met", "place", f"{path} as path",
            "true as new",
        ).where("met <> 0")  # fmt: skip
        old = union(rounds).selectExpr(
            "layer", "node", "ended", "fresh as met", "cast(null as string) as place",
            "cast(null as array<string>) as path", "false as new",
        )  # fmt: skip
        seen = sql.coalesce(sql.bit_or("met").over(before), sql.lit(0))
        won = met.union(old).withColumn("seen", seen).where("new").withColumn("fresh", sql.expr("met & ~seen"))
        rounds.append(kept(won.where("fresh <> 0").select("layer", "node", "ended", "fresh", "place", "path")))
    return union(rounds[1:]).selectExpr("layer", "node", "fresh", "size(path) as hops", "place", "path")


def meeting(arcs: DataFrame, at: str, new: DataFrame, count: int) -> DataFrame:
    """Arcs with what is new at one of their ends, ``here``: it comes to where they lie, whole as long as it is small.

    Parameters
    ----------
    arcs : DataFrame
        As `live` gives them, lying by ``at``: these are never moved.
    at : {'target', 'source'}
    new : DataFrame
    count : int
        Rows of ``new``.
    """
    from pyspark.sql import functions as sql

    moved = sql.broadcast(new) if count <= _SMALL else new
    return arcs.join(moved, arcs[at] == moved["here"])


def word(bits: int) -> str:
    """A set of up to 64 bits, as SQL writes the number that has them."""
    return f"cast('{bits if bits < 1 << 63 else bits - (1 << 64)}' as bigint)"


def union(frames: Sequence[DataFrame]) -> DataFrame:
    """Several DataFrames of the same columns as one."""
    return reduce(lambda one, other: one.union(other), frames)


def _on_the_day(scope: Scope) -> str:
    return f"start <= {scope.as_of} and end >= {scope.as_of} and known <= {scope.known_by}"


def _or(column: str, name: str) -> Column:
    from pyspark.sql import functions as sql

    return sql.bit_or(column).alias(name)

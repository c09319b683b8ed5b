"""Answers about reach as DataFrames, of any size: nothing of them comes to this machine.

``who_frame`` and ``reachable_frame`` tell the best path of each body or place, ``matrix_frame`` who reaches which
categories, ``changes_frame`` what differs between two of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, Unpack

from graphs.access import SYSTEM
from graphs.engines.arrays import RANK_BITS, RANKED, verdict_of
from graphs.engines.spark import searches
from graphs.engines.spark.arcs import UNMASKED, ClusterGraph
from graphs.engines.spark.searches import word
from graphs.scope import Options, Scope, no_place
from stakeholders.errors import AccessMapError, UnknownId
from stakeholders.progress import Watch, unwatched
from stakeholders.vocabulary import CERTAINTIES, LEVELS, VERDICTS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_RANK: Final = " ".join(f"when fresh & {1 << int(bit)} <> 0 then {rank}" for rank, bit in enumerate(RANK_BITS))


class Asked(NamedTuple):
    """What is asked about: categories, a bit each; or one entity, which is then the only place."""

    name: str
    layers: int
    entity: bool


def who_frame(graph: ClusterGraph, target: str, *, watch: Watch = unwatched, **options: Unpack[Options]) -> DataFrame:
    """Every body that can reach a target, with its best path: the best row of each, on the cluster.

    Parameters
    ----------
    graph : ClusterGraph
    target : str
        An entity's id or a category's code.
    watch : Watch
        Told of each round.
    **options : Options
        The assumptions; see `graphs.scope.Options`.

    Returns
    -------
    DataFrame
        ``body``, ``store``, ``verdict``, ``level``, ``certainty``, ``hops``, ``path`` (relation ids), as in the rows of
        `graphs.reachability.who_can_reach`; in no order.
    """
    scope, asked = scope_of(graph, options), asked_of(graph, target)
    found = searches.spread(searches.live(graph, scope), places_of(graph, scope, asked), watch)
    found = found.join(bodies_of(graph, scope), "node")
    if asked.entity:
        found = found.where(found["node"] != target)
    return _told(found, "node").selectExpr("node as body", "best.place as store", *_SHOWN)


def reachable_frame(
    graph: ClusterGraph, body: str, *, watch: Watch = unwatched, **options: Unpack[Options]
) -> DataFrame:
    """Every place that a body can reach, with the best path to each.

    Returns
    -------
    DataFrame
        ``store``, ``verdict``, ``level``, ``certainty``, ``hops``, ``path``, as in the rows of
        `graphs.reachability.reachable_from`; in no order.
    """
    require_bodies(graph, [body])
    scope = scope_of(graph, options)
    arcs = searches.live(graph, scope, by="source")
    everything = (1 << len(graph.tree.codes)) - 1
    found = searches.spread(arcs, start_of(graph, body), watch, forwards=True)
    there = searches.places(graph, scope, everything, bare=True)
    found = found.join(there, "node").where("shiftright(found, layer) & 1 = 1")
    return _told(found, "node").selectExpr("node as store", *_SHOWN)


def matrix_frame(graph: ClusterGraph, *, watch: Watch = unwatched, **options: Unpack[Options]) -> DataFrame:
    """Who can reach which categories.

    Returns
    -------
    DataFrame
        ``body``, ``categories`` (codes), ``count``, as in the rows of `graphs.matrices.reach_matrix`; in no order.
    """
    found = _reached(graph, watch, options).selectExpr("body", f"{_codes(graph, 'found')} as categories")
    return found.selectExpr("body", "categories", "size(categories) as count").where("count > 0")


def changes_frame(
    before: tuple[ClusterGraph, Options], after: tuple[ClusterGraph, Options], *, watch: Watch = unwatched
) -> DataFrame:
    """Who gained or lost reach to which categories between two datasets, or two days of one.

    Parameters
    ----------
    before, after : (ClusterGraph, Options)
        A graph, and the assumptions under which it is asked.
    watch : Watch

    Returns
    -------
    DataFrame
        ``body``, ``gained``, ``lost`` (codes), as in the rows of `graphs.matrices.matrix_changes`; in no order.
    """
    if before[0].tree.codes != after[0].tree.codes:
        raise AccessMapError("only datasets of the same categories can be compared on a cluster.")
    was, now = (_reached(graph, watch, options) for graph, options in (before, after))
    both = was.withColumnRenamed("found", "was").join(now.withColumnRenamed("found", "now"), "body", "full")
    moved = both.selectExpr("body", "coalesce(now, 0L) as now", "coalesce(was, 0L) as was").where("now <> was")
    return moved.selectExpr(
        "body", f"{_codes(after[0], 'now & ~was')} as gained", f"{_codes(after[0], 'was & ~now')} as lost"
    )


# ---------------------------------------------------------------------------------------------------- what they share


def asked_of(graph: ClusterGraph, name: str) -> Asked:
    """What a target asks about.

    Raises
    ------
    UnknownId
        If it is neither an entity nor a category.
    """
    tree = graph.tree
    if name in tree:
        return Asked(name, sum(1 << tree.position[code] for code in tree.narrower(name)), entity=False)
    row = graph.nodes.where(graph.nodes["id"] == name).first()
    if row is None:
        raise UnknownId(f"nothing has the id {name!r}, and no data category the code.")
    return Asked(name, (int(row["mask"]) if row["type"] else 0) or 1 << UNMASKED, entity=True)


def places_of(graph: ClusterGraph, scope: Scope, asked: Asked) -> DataFrame:
    """Where what is asked about is found: ``node``, ``found``."""
    if not asked.entity:
        return searches.places(graph, scope, asked.layers)
    there = graph.nodes.where(graph.nodes["id"] == asked.name).selectExpr(
        "id as node", f"{word(asked.layers)} as found"
    )
    return there if scope.stores is None or asked.name in scope.stores else there.limit(0)


def start_of(graph: ClusterGraph, body: str) -> DataFrame:
    """Where a search from a body begins: ``node``, and in ``found`` every category, and what has none."""
    everything = (1 << len(graph.tree.codes)) - 1 | 1 << UNMASKED
    return graph.nodes.where(graph.nodes["id"] == body).selectExpr("id as node", f"{word(everything)} as found")


def bodies_of(graph: ClusterGraph, scope: Scope) -> DataFrame:
    """Bodies that ask: ``node``."""
    bodies = graph.nodes.where("type = 0").selectExpr("id as node")
    if scope.bodies is None:
        return bodies
    require_bodies(graph, scope.bodies)
    return bodies.where(bodies["node"].isin(list(scope.bodies)))


def scope_of(graph: ClusterGraph, options: Options) -> Scope:
    """What is assumed, with nothing but stores and systems among the stores that count.

    Raises
    ------
    UnknownId
        If no entity has the id of one, or the entity is a body; as `graphs.scope.Scope.places`.
    """
    scope = Scope.of(**options)
    for name, kind in _types(graph, scope.stores or ()).items():
        if not kind:
            raise no_place(name)
    return scope


def require_bodies(graph: ClusterGraph, names: Sequence[str]) -> None:
    """Refuse names that are none of a body.

    Raises
    ------
    UnknownId
        If no entity has such an id, or the entity is no body.
    """
    types = _types(graph, names)
    for name in names:
        if types[name]:
            kind = "system" if types[name] == SYSTEM else "store"
            raise UnknownId(f"{name!r} is a {kind}; a body asks. Who can reach it is the question `who`.")


def _types(graph: ClusterGraph, names: Sequence[str]) -> dict[str, int]:
    """The type of each of some entities."""
    if not names:
        return {}
    found = graph.nodes.where(graph.nodes["id"].isin(list(names))).select("id", "type").collect()
    types = {str(row["id"]): int(row["type"]) for row in found}
    if unknown := [name for name in names if name not in types]:
        raise UnknownId(f"no entity has the id {unknown[0]!r}.")
    return types


def _reached(graph: ClusterGraph, watch: Watch, options: Options) -> DataFrame:
    """``body`` and ``found``, a bit for each category that it reaches."""
    scope = scope_of(graph, options)
    there = searches.places(graph, scope, (1 << len(graph.tree.codes)) - 1)
    found = searches.closed(searches.live(graph, scope), there, watch)
    return found.join(bodies_of(graph, scope), "node").withColumnRenamed("node", "body")


def _codes(graph: ClusterGraph, bits: str) -> str:
    """An expression for the codes of some categories, from an expression of their bits."""
    codes = ", ".join("'" + code.replace("\\", "\\\\").replace("'", "\\'") + "'" for code in graph.tree.codes)
    return f"filter(array({codes}), (code, n) -> shiftright({bits}, n) & 1 = 1)"


def _told(found: DataFrame, of: str) -> DataFrame:
    """The best path of each node: the best rank first, then the fewest arcs, the smallest place and ids."""
    from pyspark.sql import functions as sql

    ranked = found.selectExpr(of, f"struct(case {_RANK} end as rank, hops, place, path) as way")
    return ranked.groupBy(of).agg(sql.min("way").alias("best"))


def _named(words: Sequence[str]) -> str:
    return f"array({', '.join(map(repr, words))})[best.rank]"


_SHOWN: Final = (
    f"{_named([VERDICTS[verdict_of(certainty)] for _, certainty in RANKED])} as verdict",
    f"{_named([LEVELS[level] for level, _ in RANKED])} as level",
    f"{_named([CERTAINTIES[certainty] for _, certainty in RANKED])} as certainty",
    "best.hops as hops",
    "best.path as path",
)

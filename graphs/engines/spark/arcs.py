"""From a dataset's tables to the arcs of its access graph, as `graphs.access` has them, on a cluster.

Cells are looked at by their distinct texts, which come to this machine: it gives each its meaning, and the cluster
joins that to the rows. So both engines make a number of a cell by the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from graphs.access import ASSUMED
from graphs.traversal import Rule, Rules, lowest_percent, rules_of
from stakeholders.categories import CategoryTree
from stakeholders.clusters import kept
from stakeholders.dataset import split
from stakeholders.dates import ALWAYS, FOREVER, first_day, last_day
from stakeholders.errors import AccessMapError, InvalidDataset, Problem
from stakeholders.intervals import STRUCTURAL
from stakeholders.vocabulary import CERTAINTIES, CERTAINTY_OF_STATUS, LEVELS

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from stakeholders.clusters import ClusterTables

UNMASKED: Final = 63  # the layer of arcs without a mask; the others are the positions of categories
ALL: Final = -1  # the mask through which everything passes, that layer too
DENIED: Final = -2
TYPES: Final = {"body": 0, "system": 1, "store": 2}
_A_PIECE: Final = 100_000  # relations that are worth a piece of their own
_ARC: Final = {"none": 0, "forward": 1, "backward": 2}


@dataclass(frozen=True, eq=False)
class ClusterGraph:
    """An access graph on a cluster.

    Attributes
    ----------
    tables : ClusterTables
    rules : Rules
    nodes : DataFrame
        ``id``, ``type``, ``mask`` (categories of its own cell, a bit each).
    arcs : DataFrame
        As `graphs.access.Arcs`, by id: ends, strengths, mask, days as ordinals, ``stance``, ``terminal``, ``relation``
        and ``holding``; partitioned by target once, and kept.
    denials : DataFrame
        ``relation``, ``denial``, and the days of the denial.
    keeping : DataFrame
        As `graphs.access.Keeping`, by id.
    spans : DataFrame
        Every relation, ``id``, with its first and last day, ``start`` and ``end``, that from which it is ``known``, and
        its ``newest`` source's.
    unruled : mapping of str to int
    pieces : int
        How many the arcs lie in.
    """

    tables: ClusterTables
    rules: Rules
    nodes: DataFrame
    arcs: DataFrame
    denials: DataFrame
    keeping: DataFrame
    spans: DataFrame
    unruled: Mapping[str, int]
    pieces: int

    @property
    def tree(self) -> CategoryTree:
        """The dataset's categories."""
        return self.tables.tree

    @cached_property
    def denied(self) -> bool:
        """Whether any relation is denied by another on any day."""
        return not self.denials.isEmpty()


def build(tables: ClusterTables) -> ClusterGraph:
    """Turn the tables of a cluster into an access graph there, by the dataset's own rules.

    Raises
    ------
    InvalidDataset
        If a word is in no vocabulary, a date is none, or an end of a relation is defined nowhere.
    AccessMapError
        If there are more categories than bits in a word.
    """
    return _Builder(tables, rules_of(tables.rules)).graph()


class _Builder:
    def __init__(self, tables: ClusterTables, rules: Rules) -> None:
        from pyspark.sql import functions as sql

        self.tables, self.rules, self.tree, self.spark = tables, rules, tables.tree, tables.spark
        if len(self.tree.codes) > UNMASKED:
            raise AccessMapError(f"the Spark engine knows at most {UNMASKED} data categories.")
        self.problems: list[Problem] = []
        cells = {
            "relations": ("predicate", "mode", "status", "categories", "percent", "valid_from", "valid_until"),
            "entities": ("type", "categories", "valid_from", "valid_until"),
            "sources": ("date",),
        }
        self.cells: dict[tuple[str, str], list[str]] = {}
        for table, columns in cells.items():
            found = tables.frames[table].agg(*(sql.collect_set(name).alias(name) for name in columns)).first()
            for name in columns:
                self.cells[table, name] = sorted(found[name]) if found else []

    def graph(self) -> ClusterGraph:
        nodes = kept(self._nodes())
        relations = kept(self._relations(nodes))
        pieces = self._pieces(relations.count())
        self._check(relations)
        arcs = self._documented(relations).unionByName(self._implied(relations))
        arcs = kept(arcs.repartition(pieces, "target"), laid=True)
        found = relations.where("unruled").groupBy("predicate").count().collect()
        unruled = {row["predicate"]: row["count"] for row in sorted(found, key=lambda row: str(row["predicate"]))}
        denials, keeping = kept(self._denials(relations)), kept(self._keeping(relations))
        spans = relations.select("id", "start", "end", "known", "newest")
        return ClusterGraph(self.tables, self.rules, nodes, arcs, denials, keeping, spans, unruled, pieces)

    def _pieces(self, relations: int) -> int:
        """Into how many pieces arcs are laid: as many as Spark's settings say, unless they would be very small."""
        most = int(str(self.spark.conf.get("spark.sql.shuffle.partitions", "200")))
        return min(most, max(self.spark.sparkContext.defaultParallelism, relations // _A_PIECE))

    # -------------------------------------------------------------------------------------------- meanings of cells

    def _first(self, text: str) -> int:
        return first_day(text) if text else ALWAYS

    def _last(self, text: str) -> int:
        return last_day(text) if text else FOREVER

    def _meanings(self, table: str, column: str, **meanings: tuple[str, Callable[[str], Any]]) -> DataFrame:
        """What each distinct cell of a column means, to be joined to its rows: names of columns, types, functions."""
        import pyarrow as pa
        from pyspark.sql import functions as sql

        cells = self.cells[table, column]
        kinds = {"int": pa.int32(), "long": pa.int64(), "double": pa.float64(), "boolean": pa.bool_()}
        columns = {column: pa.array(cells, pa.string())}
        for name, (kind, meaning) in meanings.items():
            columns[name] = pa.array([self._meaning(table, column, meaning, cell) for cell in cells], kinds[kind])
        return sql.broadcast(self.spark.createDataFrame(pa.table(columns)))

    def _meaning(self, table: str, column: str, meaning: Callable[[str], Any], cell: str) -> Any:
        try:
            return meaning(cell)
        except (KeyError, ValueError):
            self.problems.append(Problem(f"{table}.{column}", 0, "", f"{cell!r} has no meaning here"))
            return None

    def _mask(self, codes: Iterable[str]) -> int:
        return sum(1 << self.tree.position[code] for code in set(codes))

    def _own_mask(self, cell: str) -> int:
        return self._mask(split(cell))

    def _arc_mask(self, cell: str) -> int:
        return self._mask(self.tree.closed(split(cell))) if split(cell) else ALL

    def _kinds(self) -> DataFrame:
        """What a relation's predicate and mode together mean for its arc."""
        import pyarrow as pa
        from pyspark.sql import functions as sql

        rows: list[dict[str, Any]] = []
        for predicate in self.cells["relations", "predicate"]:
            rule = self.rules.predicates.get(predicate)
            for mode in self.cells["relations", "mode"]:
                modes, known = split(mode), rule or Rule("none")
                rows.append({
                    "predicate": predicate, "mode": mode, "unruled": rule is None,
                    "arc": _ARC[known.arc], "level": LEVELS.index(known.level_of(modes)), "feed": known.feed,
                    "keeps": known.keeps, "terminal": known.terminal, "least": known.percent,
                    "implied": bool(set(known.implied_feed_modes) & set(modes)),
                    "copies": bool(rule) and known.copies(modes), "structural": predicate in STRUCTURAL,
                })  # fmt: skip
        schema = pa.schema([
            ("predicate", pa.string()), ("mode", pa.string()), ("unruled", pa.bool_()), ("arc", pa.int32()),
            ("level", pa.int32()), ("feed", pa.bool_()), ("keeps", pa.bool_()), ("terminal", pa.bool_()),
            ("least", pa.float64()), ("implied", pa.bool_()), ("copies", pa.bool_()), ("structural", pa.bool_()),
        ])  # fmt: skip
        return sql.broadcast(self.spark.createDataFrame(pa.Table.from_pylist(rows, schema)))

    # -------------------------------------------------------------------------------------------- tables with meaning

    def _nodes(self) -> DataFrame:
        types = self._meanings("entities", "type", kind=("int", TYPES.__getitem__))
        masks = self._meanings("entities", "categories", mask=("long", self._own_mask))
        first = self._meanings("entities", "valid_from", born=("int", self._first))
        last = self._meanings("entities", "valid_until", until=("int", self._last))
        plain = self.tables.frames["entities"].select("id", "type", "categories", "valid_from", "valid_until")
        joined = plain.join(types, "type").join(masks, "categories").join(first, "valid_from").join(last, "valid_until")
        return joined.selectExpr("id", "kind as type", "mask", "born", "until")

    def _cited(self) -> DataFrame:
        """For each distinct cell of sources the earliest and the newest date, and the day from which it is known."""
        from pyspark.sql import functions as sql

        days = self._meanings("sources", "date", day=("int", self._first))
        dated = self.tables.frames["sources"].select("id", "date").join(days, "date").select("id", "day")
        cells = self.tables.frames["relations"].select("sources").distinct()
        each = cells.select("sources", sql.explode(sql.split("sources", ";")).alias("id"))
        each = each.select("sources", sql.trim("id").alias("id")).where("id <> '' or sources = ''")
        # A source without a date, or defined nowhere, says nothing of when; but the relation is then always known.
        each = each.join(dated, "id", "left").selectExpr("sources", f"coalesce(day, {ALWAYS}) as day")
        return each.groupBy("sources").agg(
            sql.expr(f"coalesce(min(case when day > {ALWAYS} then day end), {ALWAYS})").alias("earliest"),
            sql.max("day").alias("newest"),
            sql.min("day").alias("known"),
        )

    def _relations(self, nodes: DataFrame) -> DataFrame:
        """Every relation with its meaning, its interval as `stakeholders.intervals` has it."""
        from pyspark.sql import functions as sql

        plain = self.tables.frames["relations"].select(
            "id", "subject", "predicate", "object", "categories", "mode", "status", "valid_from", "valid_until",
            "percent", "sources",
        )  # fmt: skip
        joined = plain.join(self._kinds(), ["predicate", "mode"])
        for meaning, column in (
            (self._meanings("relations", "status", certainty=("int", _certainty)), "status"),
            (self._meanings("relations", "categories", mask=("long", self._arc_mask)), "categories"),
            (self._meanings("relations", "percent", share=("double", lowest_percent)), "percent"),
            (self._meanings("relations", "valid_from", own=("int", self._first)), "valid_from"),
            (self._meanings("relations", "valid_until", last=("int", self._last)), "valid_until"),
        ):
            joined = joined.join(meaning, column)
        joined = joined.join(self._cited(), "sources", "left").fillna(ALWAYS, ["earliest", "newest", "known"])
        for end in ("subject", "object"):
            columns = {name: f"{end}_{name}" for name in ("type", "mask", "born", "until")}
            ends = nodes.select(sql.col("id").alias(end), *(sql.col(name).alias(to) for name, to in columns.items()))
            joined = joined.join(ends, end, "left")
        assumed = f"not (structural and certainty <> {DENIED}) and earliest <= last"
        own = f"case when own > {ALWAYS} then own when {assumed} then earliest else {ALWAYS} end"
        return joined.selectExpr(
            "id", "subject", "predicate", "object", "mode", "mask", "certainty", "level", "arc", "feed", "keeps",
            "terminal", "implied", "copies", "unruled", "share", "least", "known", "newest", "subject_type",
            "object_type", "object_mask", f"greatest({own}, subject_born, object_born) as start",
            "least(last, subject_until, object_until) as end",
        )  # fmt: skip

    def _check(self, relations: DataFrame) -> None:
        loose = relations.where("subject_type is null or object_type is null").limit(20)
        for row in loose.select("id", "subject", "object", "subject_type").collect():
            end = "subject" if row["subject_type"] is None else "object"
            self.problems.append(Problem(f"relations[{row['id']}]", 0, end, f"{row[end]!r} is defined nowhere"))
        if self.problems:
            raise InvalidDataset(list(dict.fromkeys(self.problems)))

    # ------------------------------------------------------------------------------------------------------------ arcs

    def _documented(self, relations: DataFrame) -> DataFrame:
        ruled = relations.where(
            "certainty >= 0 and subject <> object and arc > 0 and (least is null or share >= least)"
        )
        between = "((subject_type = 0) <> (object_type = 0) or keeps) and not feed"
        return ruled.selectExpr(
            "case when arc = 1 then subject else object end as source",
            "case when arc = 1 then object else subject end as target",
            "level", "certainty", "mask", "start", "end", "known", "newest", "id as relation", "'' as holding",
            f"case when {between} then 0 else 1 end as stance", "terminal",
        )  # fmt: skip

    def _implied(self, relations: DataFrame) -> DataFrame:
        """Arcs of the stance ``assumed``."""
        grants = relations.where("implied and certainty >= 0").alias("grant")
        holdings = relations.where("predicate = 'holds' and certainty >= 0").alias("held")
        both = grants.join(holdings, "subject").where("grant.object <> held.object")
        return both.selectExpr(
            "held.object as source", "grant.object as target", f"{LEVELS.index('possible')} as level",
            "least(grant.certainty, held.certainty) as certainty", "grant.mask as mask",
            "greatest(grant.start, held.start) as start", "least(grant.end, held.end) as end",
            "greatest(grant.known, held.known) as known", "least(grant.newest, held.newest) as newest",
            "grant.id as relation", "held.id as holding", f"{ASSUMED} as stance", "false as terminal",
        )  # fmt: skip

    def _denials(self, relations: DataFrame) -> DataFrame:
        """Which relations a denial contests, by its categories and modes."""
        from pyspark.sql import functions as sql

        ends = ["subject", "predicate", "object"]
        against = relations.where(f"certainty = {DENIED}").alias("denial")
        stated = relations.where("certainty >= 0").alias("stated")
        pairs = stated.join(sql.broadcast(against), ends).selectExpr(
            "predicate", "stated.id as relation", "denial.id as denial", "stated.mode as mode",
            "denial.mode as denied_mode", "stated.mask as mask", "denial.mask as denied_mask", "denial.start as start",
            "denial.end as end", "denial.known as known",
        )  # fmt: skip
        overlap = f"(mask = {ALL} or denied_mask = {ALL} or (mask & denied_mask) <> 0)"
        defaults = {name: rule.default_mode for name, rule in self.rules.predicates.items() if rule.default_mode}
        told: Column = sql.col("mode")
        for predicate, mode in defaults.items():
            told = sql.when((sql.col("predicate") == predicate) & (sql.col("mode") == ""), mode).otherwise(told)
        listed = [sql.expr(f"transform(split({column}, ';'), x -> trim(x))") for column in ("told", "denied_mode")]
        return (
            pairs.withColumn("told", told)
            .where(overlap)
            .where((sql.col("told") == "") | (sql.col("denied_mode") == "") | sql.arrays_overlap(*listed))
            .select("relation", "denial", "start", "end", "known")
        )

    def _keeping(self, relations: DataFrame) -> DataFrame:
        copying = relations.where("copies and certainty >= 0 and subject_type = 1 and object_type = 2")
        return copying.selectExpr(
            "subject as system",
            "object as store",
            "id as relation",
            "mask & object_mask as mask",
            "start",
            "end",
            "known",
        )


def _certainty(status: str) -> int:
    return DENIED if status == "denied" else CERTAINTIES.index(CERTAINTY_OF_STATUS[status])

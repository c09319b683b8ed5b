"""Tables of a dataset on a cluster: DataFrames of Spark, from any folder that Spark can read.

The extra ``accessmap[spark]`` brings Spark; it needs Java 17 or later. No Python runs on the machines that do the work.
"""

from __future__ import annotations

import json
import os
import tomllib
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stakeholders.addresses import shown
from stakeholders.categories import CategoryTree
from stakeholders.dataset import Dataset, Table, categories_of, empty_table, split
from stakeholders.errors import AccessMapError, DatasetNotFound
from stakeholders.memory import available, require
from stakeholders.parquet import column_of
from stakeholders.schema import COMPANIONS, HEADERS, REQUIRED_TABLES, file_name
from stakeholders.tables import DATA, bundled, standard_categories, warn_of_unread
from stakeholders.writing import finish

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LOCAL: Final = "local[*]"

_ADAPTIVE: Final = "spark.sql.adaptive.enabled"
_SETTINGS: Final = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.cleaner.referenceTracking.cleanCheckpoints": "true",
}
# On one's own machine only: a cluster has settings of its own, and large stages, which are worth adapting.
_AT_HOME: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    _ADAPTIVE: "false",
    "spark.buffer.pageSize": "2m",
}
_DATABASES: Final = ("postgresql", "postgres", "sqlite", "duckdb", "mysql", "mariadb", "mssql", "oracle")
# Spark says eight lines about itself when it starts.
_LOGGING: Final = Path(__file__).with_name("log4j2.properties").as_uri()
_QUIET: Final = {"spark.driver.extraJavaOptions": f'"-Dlog4j2.configurationFile={_LOGGING}"'}
_LOUD: Final = {"spark.log.level": "ERROR"}
_LEAST_MEMORY: Final = 1 << 30

# The questions of reach are answered from the first five; what else there is is compared.
_TABLES: Final = ("entities", "relations", "sources", "listings", "categories", "statistics")
_FILES: Final = ("datapackage.json", "rules.toml", *COMPANIONS)

_WITH_IDS: Final = ("entities", "relations", "sources", "listings")

A_ROW: Final = 600  # bytes that a row takes on this machine, its texts included


@dataclass(frozen=True, eq=False)
class ClusterTables:
    """A dataset's tables as DataFrames of text, empty cells as empty text.

    Attributes
    ----------
    spark : SparkSession
    place : str
    frames : mapping of str to DataFrame
        With at least the standard columns.
    extras : mapping of str to bytes
        The other files of the folder.
    raw : mapping of str to DataFrame
        The tables as they are read.
    """

    spark: SparkSession
    place: str
    frames: Mapping[str, DataFrame]
    extras: Mapping[str, bytes] = field(repr=False)
    raw: Mapping[str, DataFrame] = field(default_factory=dict, repr=False)

    @property
    def package(self) -> dict[str, Any]:
        """What ``datapackage.json`` says."""
        found = json.loads(self.extras.get("datapackage.json", b"{}"))
        return found if isinstance(found, dict) else {}

    @property
    def rules(self) -> dict[str, Any]:
        """What ``rules.toml`` says."""
        return tomllib.loads(self.extras.get("rules.toml", b"").decode())

    @property
    def name(self) -> str:
        """Name of the dataset."""
        return str(self.package.get("name") or self.place.rstrip("/").rpartition("/")[2])

    @cached_property
    def categories(self) -> Table:
        """The dataset's own categories; a small table."""
        frame = self.frames.get("categories")
        return empty_table("categories") if frame is None else table_of("categories", frame)

    @cached_property
    def tree(self) -> CategoryTree:
        """The data categories."""
        return CategoryTree.of([*standard_categories(), *categories_of(self.categories)])

    def part(self, **chosen: DataFrame) -> Dataset:
        """A dataset, on this machine, of the rows of some ids, with the sources that these cite.

        Parameters
        ----------
        **chosen : DataFrame
            For ``entities``, ``relations``, ``listings`` or ``sources`` one column, ``id``, each id once.

        Raises
        ------
        TooLarge
            If this machine has no room for them.
        """
        ids = {name: kept(frame) for name, frame in chosen.items() if name in self.frames}
        count = sum(frame.count() for frame in ids.values())
        require(count * A_ROW, f"What Spark chose, {count:,} rows,", "Ask about fewer places, or on a larger machine.")
        cited = {name: table_of(name, self._those(name, frame)) for name, frame in ids.items() if name != "sources"}
        return self._here(cited, [name for name in ("relations", "listings") if name in ids], ids.get("sources"))

    def whole(self) -> Dataset:
        """The dataset, on this machine.

        Raises
        ------
        TooLarge
            If this machine has no room for it.
        """
        return self.part(**{name: frame.select("id") for name, frame in self.frames.items() if name in _WITH_IDS})

    def names(self) -> Dataset:
        """All entities and listings, on this machine: where names and selectors are looked up.

        Raises
        ------
        TooLarge
            If this machine has no room for them.
        """
        count = self.frames["entities"].count()
        require(count * A_ROW, f"A list of {count:,} entities", "Ask in Python, by ids: graphs.engines.spark.")
        names = ("entities", "listings") if "listings" in self.frames else ("entities",)
        tables = {name: table_of(name, self.frames[name]) for name in names}
        return self._here(tables, ["listings"] if "listings" in tables else [])

    def places(self, name: str, key: str, keys: Collection[str]) -> dict[str, int]:
        """Places of some rows in the file of their table; nothing where it is several files, which have no order.

        Parameters
        ----------
        name : str
            The table.
        key : str
            What tells one row from another, as Spark says it: ``id``.
        keys : collection of str
        """
        from pyspark.sql import functions as sql

        raw = self.raw.get(name)
        if not keys or raw is None or len(files := raw.inputFiles()) != 1:
            return {}
        if files[0].endswith(".parquet"):
            number = sql.col("_metadata.row_index")
        elif raw.rdd.getNumPartitions() == 1:
            number = sql.monotonically_increasing_id()
        else:
            return {}
        wanted = sql.broadcast(local(self.spark, key=sorted(keys)))
        found = raw.select(sql.expr(key).alias("key"), number.alias("at")).join(wanted, "key")
        return {row["key"]: int(row["at"]) for row in found.collect()}

    def _here(self, tables: dict[str, Table], citing: Sequence[str], sources: DataFrame | None = None) -> Dataset:
        """A dataset of some tables, of the sources that some of them cite, and of further ones."""
        cited = {source for name in citing for cell in tables[name].encoded("sources").values for source in split(cell)}
        ids = local(self.spark, id=sorted(cited))
        told = table_of("sources", self._those("sources", ids if sources is None else ids.union(sources).distinct()))
        others = {name: empty_table(name) for name in ("entities", "relations", "listings") if name not in tables}
        tables = {**tables, **others, "sources": told, "categories": self.categories}
        part = Dataset(self.name, tables, self.package, self.rules, self.extras)
        part.__dict__["sha256"] = None  # a digest of the part would identify nothing
        return part

    def _those(self, name: str, ids: DataFrame) -> DataFrame:
        return self.frames[name].join(ids.withColumnRenamed(ids.columns[0], "id"), "id", "left_semi")


def session(
    master: str | None = None,
    settings: Mapping[str, str] | None = None,
    name: str = "accessmap",
    *,
    quiet: bool = False,
) -> SparkSession:
    """A session on a cluster, or on all cores of this machine.

    Parameters
    ----------
    master : str, optional
        As Spark takes it: ``local[2]``, ``spark://host:7077``, ``yarn``, ``k8s://…``.
    settings : mapping of str to str, optional
        Spark's own: ``{"spark.executor.memory": "8g"}``.
    name : str
        Shown by the cluster.
    quiet : bool
        Whether Spark, on this machine, is to say nothing but errors, whatever its own files say.

    Raises
    ------
    AccessMapError
        If Spark or Java is missing, or the cluster does not answer.
    """
    master = master or LOCAL
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of what Spark does with pandas, which is not used here
        try:
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        except ImportError:
            raise AccessMapError(
                "the Spark engine needs pyspark: pip install 'accessmap[spark]'. It needs Java 17 or later, too."
            ) from None
        said = _QUIET if quiet and master.startswith("local") else _LOUD
        builder = SparkSession.builder.appName(name).master(master)
        for key, value in {**_SETTINGS, **said, **_at_home(master), **(settings or {})}.items():
            builder = builder.config(key, value)
        try:
            return builder.getOrCreate()
        except (PySparkException, OSError) as error:
            reason = str(error).strip().splitlines()[0]
            raise AccessMapError(
                f"Spark does not start on {master!r}: {reason} It needs Java 17 or later (Debian: apt-get install "
                "openjdk-17-jre-headless), found on the PATH or by JAVA_HOME."
            ) from None


def _at_home(master: str) -> dict[str, str]:
    """Settings for one machine of so many cores; none for a cluster."""
    if not master.startswith("local"):
        return {}
    cores = master[6:-1].partition(",")[0] if master.startswith("local[") else "1"
    count = int(cores) if cores.isdecimal() else os.cpu_count() or 1
    memory = max(available() // 2, _LEAST_MEMORY)
    return {
        **_AT_HOME,
        # Spark's own 200 pieces are for clusters; more than one a core only cost.
        "spark.sql.shuffle.partitions": str(count),
        "spark.default.parallelism": str(count),
        "spark.driver.memory": f"{memory >> 20}m",
    }


def check_place(place: str | Path) -> None:
    """Refuse what holds no tables for Spark, before it is started, which takes long.

    Raises
    ------
    DatasetNotFound
        If it is a database, a revision of git, or a folder of this machine that is not there.
    """
    text = str(place)
    scheme = text.partition("://")[0].partition("+")[0].casefold()
    if "://" in text and scheme in _DATABASES:
        raise DatasetNotFound(f"{shown(text)!r} is a database, which Spark does not read: leave out --engine spark.")
    if "://" in text or text in bundled() or Path(text).expanduser().is_dir():
        return
    folder, mark, revision = text.partition("@")
    if mark and (folder in bundled() or Path(folder or ".").expanduser().is_dir()):
        raise DatasetNotFound(
            f"{text!r} is a revision of git, which Spark does not read: give a folder of what it holds (git worktree "
            f"add FOLDER {revision}), or leave out --engine spark."
        )
    raise DatasetNotFound(f"there is no folder {text!r}. Bundled: {', '.join(bundled())}.")


def open_tables(spark: SparkSession, place: str | Path) -> ClusterTables:
    """Tables of a folder, wherever Spark can read: a disk, HDFS, an object store; nothing is read yet but its list.

    Parameters
    ----------
    spark : SparkSession
    place : str or Path
        A folder of Parquet or CSV tables, or a bundled dataset's name.

    Raises
    ------
    DatasetNotFound
        If there is no such folder, or it lacks a table.
    """
    root = str(place)
    home = None if "://" in root else (DATA / root if root in bundled() else Path(root).expanduser().resolve())
    root = str(home or root)
    if home is not None:
        finish(home)
    present = (
        _listing(spark, root) if home is None else {path.name for path in home.iterdir()} if home.is_dir() else None
    )
    if present is None:
        raise DatasetNotFound(f"there is no folder {root!r}.")
    warn_of_unread(shown(root), present)
    raw, frames = {}, {}
    for table in _TABLES:
        if f"{table}.parquet" in present:
            found = spark.read.parquet(f"{root}/{table}.parquet")
        elif file_name(table) in present:
            found = spark.read.csv(f"{root}/{file_name(table)}", header=True, multiLine=True, escape='"')
        else:
            continue
        raw[table], frames[table] = found, _filled(found, HEADERS[table])
    if missing := [table for table in REQUIRED_TABLES if table not in frames]:
        raise DatasetNotFound(f"the folder {root!r} has no table {' and no '.join(map(repr, missing))}.")
    extras: dict[str, bytes] = {
        name: (home / name).read_bytes() if home is not None else _content(spark, f"{root}/{name}")
        for name in _FILES
        if name in present
    }
    return ClusterTables(spark, root, frames, extras, raw)


def table_of(name: str, frame: DataFrame) -> Table:
    """A DataFrame as a table on this machine, its rows by their first column."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        arrow = frame.toArrow()
    arrow = arrow.sort_by(HEADERS[name][0])
    header = tuple(arrow.column_names)
    columns = {column: column_of(arrow.column(column)) for column in header}
    return Table(name, header, columns, range(1, len(arrow) + 1))


def local(spark: SparkSession, **columns: Sequence[str]) -> DataFrame:
    """A DataFrame of texts that are on this machine."""
    import pyarrow as pa

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return spark.createDataFrame(pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()}))


def kept(frame: DataFrame, *, laid: bool = False) -> DataFrame:
    """A DataFrame written down when it is first used, so that what is asked of it does not ask again how it came about.

    It lies where Spark was told to put checkpoints, else with its workers; it goes when nothing refers to it any more.

    Parameters
    ----------
    frame : DataFrame
    laid : bool
        Whether Spark is to remember by which column the rows lie together, so that a join by it leaves them there.
    """
    if laid and frame.sparkSession.conf.get(_ADAPTIVE) == "true":
        # Of a plan that may yet change Spark does not note how its rows lie.
        frame.sparkSession.conf.set(_ADAPTIVE, "false")
        try:
            return kept(frame)
        finally:
            frame.sparkSession.conf.set(_ADAPTIVE, "true")
    if frame.sparkSession.sparkContext.getCheckpointDir():
        return frame.checkpoint()  # at once: it would be worked out twice otherwise
    return frame.localCheckpoint(eager=False)


def _listing(spark: SparkSession, root: str) -> set[str]:
    """Names in a folder; a table may itself be a folder of Parquet files."""
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # which has no types of its own
    from pyspark.errors import AnalysisException

    wanted = {*(f"{table}.{ending}" for table in _TABLES for ending in ("csv", "parquet")), *_FILES}
    try:
        files = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(root).inputFiles()
    except AnalysisException:
        raise DatasetNotFound(f"Spark finds no folder {shown(root)!r}.") from None
    except Py4JJavaError as error:
        raise DatasetNotFound(f"Spark cannot read {shown(root)!r}: {_reason(error.java_exception)}") from None
    return {piece for path in files for piece in path.split("/")[-2:] if piece in wanted}


def _reason(thrown: Any) -> str:
    """Why a file system is not to be had: what was thrown first, and what to do where Spark does not know it."""
    while thrown.getCause() is not None:
        thrown = thrown.getCause()
    said, kind = str(thrown.getMessage()).partition("; For more details")[0], thrown.getClass().getSimpleName()
    if kind in ("ClassNotFoundException", "UnsupportedFileSystemException"):
        return f"{said}. Name the package that knows it in Spark's settings, spark.jars.packages (docs/scale.md)."
    return f"{said}."


def _content(spark: SparkSession, path: str) -> bytes:
    return bytes(spark.read.format("binaryFile").load(path).select("content").collect()[0]["content"])


def _filled(frame: DataFrame, header: Sequence[str]) -> DataFrame:
    """All columns as text, in the order of the table, missing ones empty."""
    from pyspark.sql import functions as sql

    names = [*header, *(name for name in frame.columns if name not in header)]
    return frame.select(
        *(
            sql.coalesce(sql.col(f"`{name}`").cast("string"), sql.lit("")).alias(name)
            if name in frame.columns
            else sql.lit("").alias(name)
            for name in names
        )
    )

"""The Spark engine gives the answers of the arrays engine, from the same folder: one session, one merged dataset."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Command, Run
from oracle import Tables
from strategies import dataset, random_tables
from worlds import tables as written

import graphs
from graphs.access import AccessGraph
from graphs.access import build as build_here
from graphs.answers import Answer
from graphs.engines.spark import answers, frames, searches
from graphs.engines.spark.arcs import ClusterGraph, build
from graphs.scope import Options, Scope
from graphs.views import View
from stakeholders import clusters
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, DatasetNotFound, FileNotRead, InvalidDataset, UnknownId
from stakeholders.tables import write

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# All in one process: two sessions would cost more than two processes save.
pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

# A short session gains nothing from a compiler that takes its time.
LEAN = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
SETTINGS = {"spark.driver.memory": "1g", "spark.driver.extraJavaOptions": LEAN}
SEEDS = range(40)
DAY = "2020-02-19"

# Of each trait that an answer depends on at least one, whatever chance deals out.
BY_HAND = written(
    "b-ministry holds s-archive",
    "b-police part_of b-ministry status=reported",
    "s-archive feeds s-copy categories=face",
    "b-lab holds s-copy",
    "b-lab has_access y-hub mode=search;export valid_from=2019-06",
    "y-hub feeds s-copy mode=query categories=gait",
    "s-archive leaked_to b-gang categories=video",
    "b-boss controls b-gang",
    "b-press has_access s-archive sources=on-2019-01-01",
    "b-press has_access s-archive status=denied valid_from=2020-01-01 valid_until=2020-06-30",
    "b-vendor supplies y-hub valid_from=2018 valid_until=2020-02",
    "b-owner owns b-vendor percent=68.5",
    "b-minor owns b-vendor percent=20",
    "b-later has_access s-plain sources=on-2021;src",
    "y-cams keeps_data_in s-archive categories=face status=planned",
    "b-operator operates y-cams",
    categories={
        "s-archive": "face;gait;video", "s-copy": "face", "y-hub": "biometric", "y-cams": "face;video", "s-plain": "",
    },
)  # fmt: skip


def merged(worlds: list[Tables]) -> Dataset:
    """Worlds side by side: a question asks all of them at once. Rows by id, as they come from a cluster."""
    parts: dict[str, list[dict[str, str]]] = {"entities": [], "relations": [], "sources": []}
    for number, world in enumerate(worlds):
        for table, rows in parts.items():
            for row in getattr(world, table):
                told = dict(row)
                for column in ("id", "subject", "object", "sources"):
                    if told.get(column):
                        told[column] = ";".join(f"{number:02}-{cell}" for cell in told[column].split(";"))
                rows.append(told)
    parts = {table: sorted(rows, key=lambda row: row["id"]) for table, rows in parts.items()}
    return dataset(Tables(**parts, categories=worlds[0].categories), "merged")


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    found = clusters.session("local[2]", SETTINGS)
    yield found
    found.stop()


@pytest.fixture(scope="module")
def everything() -> Dataset:
    return merged([BY_HAND, *(random_tables(random.Random(seed)) for seed in SEEDS)])


@pytest.fixture(scope="module")
def here(everything: Dataset) -> AccessGraph:
    return build_here(everything)


@pytest.fixture(scope="module")
def there(spark: SparkSession, everything: Dataset, tmp_path_factory: pytest.TempPathFactory) -> ClusterGraph:
    folder = tmp_path_factory.mktemp("merged")
    write(everything, folder, format="parquet")
    return build(clusters.open_tables(spark, folder.as_uri()))


@pytest.fixture(scope="module")
def article(spark: SparkSession) -> ClusterGraph:
    """A graph built where plans adapt to what they meet, as on a cluster."""
    with adaptive(spark):
        return build(clusters.open_tables(spark, "cabar-2020"))


@contextmanager
def adaptive(spark: SparkSession) -> Iterator[None]:
    spark.conf.set("spark.sql.adaptive.enabled", "true")
    yield
    spark.conf.set("spark.sql.adaptive.enabled", "false")


def told(answer: Answer) -> dict[str, Any]:
    """An answer without what identifies the dataset: no digest is taken of tables on a cluster."""
    return {**answer.to_dict(), "dataset": None}


def best(frame: DataFrame) -> list[dict[str, Any]]:
    """Rows of a DataFrame, by what they are about."""
    rows = [row.asDict() for row in frame.collect()]
    return sorted(rows, key=lambda row: row.get("body", row.get("store")))


def of(rows: tuple[dict[str, Any], ...], *names: str) -> list[dict[str, Any]]:
    chosen = [{name: row[name] for name in (*names, "verdict", "level", "certainty", "hops", "path")} for row in rows]
    return sorted(chosen, key=lambda row: row[names[0]])


SCOPES: tuple[dict[str, Any], ...] = (
    {"as_of": "2019-11-30", "stance": "assumed"},
    {"as_of": DAY},
    {"as_of": "2021-01-01", "stance": "direct", "known_by": "2020-12-31"},
)


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope["as_of"])
def test_who_can_reach_has_the_same_rows_and_notes(
    there: ClusterGraph, here: AccessGraph, scope: dict[str, Any]
) -> None:
    expected = graphs.who_can_reach(here, "biometric", by="pair", **scope)
    assert len(expected.rows) > 20
    assert told(answers.who_can_reach(there, "biometric", by="pair", **scope)) == told(expected)


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope["as_of"])
def test_the_best_paths_found_on_the_cluster_are_the_same(
    there: ClusterGraph, here: AccessGraph, scope: dict[str, Any]
) -> None:
    expected = graphs.who_can_reach(here, "biometric", **scope)
    assert {row["verdict"] for row in expected.rows} == {"reaches", "claimed", "prospective"}
    assert best(frames.who_frame(there, "biometric", **scope)) == of(expected.rows, "body", "store")


def test_the_worked_example_has_each_trait(here: AccessGraph) -> None:
    def rows(target: str, **options: Any) -> dict[str, dict[str, Any]]:
        return {row["body"]: row for row in graphs.who_can_reach(here, target, **options).rows}

    archive = rows("00-s-archive", as_of=DAY)
    assert archive["00-b-press"]["contested"]
    assert not rows("00-s-archive", as_of="2021-01-01")["00-b-press"]["contested"]
    assert archive["00-b-lab"]["categories"] == ["face"]
    assert archive["00-b-boss"]["categories"] == ["gait", "video"]
    assert archive["00-b-operator"]["verdict"] == "prospective"
    assert set(rows("00-y-hub", as_of=DAY)) == {"00-b-lab", "00-b-owner", "00-b-vendor"}
    assert set(rows("00-y-hub", as_of="2021-01-01")) == {"00-b-lab"}
    assert not rows("00-s-plain", as_of=DAY)
    assert rows("00-s-plain", as_of="2021-06-01")["00-b-later"]["date"] == "assumed"


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("00-s-archive", {"as_of": DAY, "level": "indirect", "fresh": "3y"}),
        ("00-b-gang", {"as_of": DAY}),
        ("00-s-plain", {"as_of": "2021-06-01", "certainty": "reported"}),
        ("face", {"as_of": DAY, "bodies": ["00-b-lab", "00-b-press"], "stores": ["00-s-archive"]}),
    ],
)
def test_one_place_and_some_bodies_can_be_asked_about(
    there: ClusterGraph, here: AccessGraph, target: str, options: dict[str, Any]
) -> None:
    expected = graphs.who_can_reach(here, target, **options)
    assert expected.rows
    if "bodies" in options or "fresh" in options:
        assert told(answers.who_can_reach(there, target, **options)) == told(expected)
    assert best(frames.who_frame(there, target, **options)) == of(expected.rows, "body", "store")


def test_what_a_body_can_reach_has_the_same_rows(there: ClusterGraph, here: AccessGraph) -> None:
    counts = {row["body"]: row["count"] for row in graphs.reach_matrix(here, **SCOPES[0]).rows}
    widest = max(counts, key=lambda name: (counts[name], name))
    expected = graphs.reachable_from(here, widest, **SCOPES[0])
    assert told(answers.reachable_from(there, widest, **SCOPES[0])) == told(expected)
    assert best(frames.reachable_frame(there, widest, **SCOPES[0])) == of(expected.rows, "store")


def test_a_frozen_copy_leads_no_further(there: ClusterGraph, here: AccessGraph) -> None:
    expected = graphs.reachable_from(here, "00-b-boss", **SCOPES[0])
    assert [row["store"] for row in expected.rows] == ["00-s-archive"]
    assert best(frames.reachable_frame(there, "00-b-boss", **SCOPES[0])) == of(expected.rows, "store")


def test_the_matrix_of_bodies_and_categories_is_the_same(there: ClusterGraph, here: AccessGraph) -> None:
    assert told(answers.reach_matrix(there, **SCOPES[1])) == told(graphs.reach_matrix(here, **SCOPES[1]))


def test_who_gained_and_lost_between_two_days(there: ClusterGraph, here: AccessGraph) -> None:
    sides = [
        {row["body"]: set(row["categories"]) for row in graphs.reach_matrix(here, as_of=day).rows}
        for day in ("2019-11-30", "2020-12-31")
    ]
    moved = [
        {"body": body, "gained": sorted(now - was), "lost": sorted(was - now)}
        for body in sorted({*sides[0], *sides[1]})
        if (was := sides[0].get(body, set())) != (now := sides[1].get(body, set()))
    ]
    assert any(row["gained"] for row in moved)
    assert any(row["lost"] for row in moved)
    assert list(answers.changes_between(there, "2019-11-30", "2020-12-31").rows) == moved


def test_two_datasets_are_compared(
    everything: Dataset, here: AccessGraph, there: ClusterGraph, article: ClusterGraph
) -> None:
    fewer = build_here(everything.without(["00-r1"]))
    expected = graphs.matrix_changes(here, fewer, as_of=DAY)
    assert expected.rows
    after = replace(there, arcs=there.arcs.where("relation <> '00-r1'"))
    assert answers.matrix_changes(there, after, as_of=DAY).rows == expected.rows
    with pytest.raises(AccessMapError, match="same categories"):
        answers.matrix_changes(there, article, as_of=DAY)


def test_cuts_and_chokepoints_on_the_reduced_graph_are_those_of_the_whole(
    article: ClusterGraph, cabar_graph: AccessGraph
) -> None:
    options: dict[str, Any] = {"as_of": "2020-04-15"}
    small = answers.reduced(article, "video", **options)
    assert 0 < len(small.arcs) < len(cabar_graph.arcs)
    for question in (graphs.chokepoints, graphs.cut):
        expected = question(cabar_graph, "video", **options)
        assert expected.rows
        assert told(question(small, "video", **options)) == told(expected)


def plan(frame: DataFrame, capsys: pytest.CaptureFixture[str]) -> str:
    frame.explain()
    return capsys.readouterr().out


@pytest.mark.parametrize("how", ["BroadcastHashJoin", "SortMergeJoin"])
def test_arcs_are_laid_down_once_and_what_is_new_comes_to_them(
    article: ClusterGraph,
    cabar_graph: AccessGraph,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    rounds: list[DataFrame] = []
    usual = searches.meeting

    def noted(*arguments: Any) -> DataFrame:
        rounds.append(usual(*arguments))
        return rounds[-1]

    monkeypatch.setattr(searches, "_SMALL", 1_000 if how.startswith("Broadcast") else 0)
    monkeypatch.setattr(searches, "meeting", noted)
    options: dict[str, Any] = {"as_of": "2020-04-15", "stance": "assumed"}
    to_video, from_body = (
        graphs.who_can_reach(cabar_graph, "video", **options),
        graphs.reachable_from(cabar_graph, "kz-mia", **options),
    )
    with adaptive(article.tables.spark):
        assert best(frames.who_frame(article, "video", **options)) == of(to_video.rows, "body", "store")
        assert best(frames.reachable_frame(article, "kz-mia", **options)) == of(from_body.rows, "store")
    plans = [plan(frame, capsys) for frame in rounds]
    assert len(plans) > 4
    for told in plans:
        assert how in told
        assert "Exchange hashpartitioning(target" not in told
        assert "Exchange hashpartitioning(source" not in told


def test_only_arcs_that_count_on_the_day_are_searched(there: ClusterGraph, here: AccessGraph) -> None:
    for options in SCOPES:
        scope = Scope.of(**options)
        assert searches.live(there, scope).count() == len(View.of(here, scope)) < len(here.arcs)


def test_one_search_finds_the_paths_of_every_threshold_and_writes_down_each_round(
    there: ClusterGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[tuple[int, str]] = []
    found = frames.who_frame(there, "biometric", watch=lambda *said: told.append((said[1], said[3])), **SCOPES[0])
    longest = max(row["hops"] for row in found.collect())
    # The places are there before the first round, and the last finds nothing.
    assert [number for number, _ in told] == list(range(1, len(told) + 1))
    assert longest < len(told)
    scope = Scope.of(**SCOPES[0])
    places = searches.places(there, scope, (1 << len(there.tree.codes)) - 1)
    assert "Join" not in plan(searches.closed(searches.live(there, scope), places), capsys)


def test_a_file_system_that_only_spark_knows_is_read(
    spark: SparkSession, everything: Dataset, here: AccessGraph, tmp_path: Path
) -> None:
    """Hadoop's ``viewfs`` mounts folders under names that no other program knows."""
    write(everything, tmp_path / "merged", format="parquet")
    (tmp_path / "merged" / "rules.toml").write_text('[predicates.has_access]\narc = "none"\n')
    spark.conf.set("fs.viewfs.mounttable.default.link./registers", tmp_path.as_uri())
    tables = clusters.open_tables(spark, "viewfs:///registers/merged")
    assert tables.frames["relations"].inputFiles() == ["viewfs:///registers/merged/relations.parquet"]
    assert tables.name == "merged"
    assert tables.rules == {"predicates": {"has_access": {"arc": "none"}}}
    assert tables.frames["relations"].count() == len(here.dataset.relations)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("s3a://bucket/folder", r"S3AFileSystem not found. Name the package that knows it .*spark.jars.packages"),
        ("nosuch://me:hush@host/folder", r"'nosuch://me:\*\*\*@host/folder': No FileSystem for scheme"),
        ("webhdfs://127.0.0.1:1/folder", r"Spark cannot read 'webhdfs://127.0.0.1:1/folder': .*Connection refused"),
        ("file:///nowhere/at/all", "Spark finds no folder"),
    ],
)
def test_what_spark_cannot_read_is_told_with_the_reason(spark: SparkSession, place: str, said: str) -> None:
    with pytest.raises(DatasetNotFound, match=said):
        clusters.open_tables(spark, place)


def test_an_unknown_name_is_told(there: ClusterGraph, spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(UnknownId, match="nothing has the id 'faec'"):
        answers.who_can_reach(there, "faec")
    with pytest.raises(UnknownId, match="'00-s-plain' is a store; a body asks"):
        answers.reachable_from(there, "00-s-plain")
    with pytest.raises(UnknownId, match="no entity has the id 'nobody'"):
        answers.who_can_reach(there, "face", bodies=["nobody"])
    with pytest.raises(UnknownId, match="no entity has the id 'nowhere'"):
        answers.who_can_reach(there, "face", stores=["nowhere"])
    with pytest.raises(DatasetNotFound, match="no folder"):
        clusters.open_tables(spark, tmp_path / "nowhere")
    with pytest.raises(DatasetNotFound, match="no table 'entities'"):
        clusters.open_tables(spark, tmp_path)


def test_a_body_is_no_place(there: ClusterGraph) -> None:
    (body,) = there.nodes.where("type = 0").select("id").take(1)
    given: Options = {"stores": [body["id"]]}
    for ask in (
        lambda: answers.reduced(there, "face", **given),
        lambda: answers.reduced_from(there, body["id"], **given),
        lambda: frames.who_frame(there, "face", **given),
        lambda: frames.reachable_frame(there, body["id"], **given),
        lambda: answers.reach_matrix(there, **given),
    ):
        with pytest.raises(UnknownId, match=f"stores: '{body['id']}' is a body; data are in a system or store"):
            ask()


def test_a_csv_table_hidden_by_a_parquet_one_is_told_of(spark: SparkSession, tmp_path: Path) -> None:
    write(dataset(BY_HAND), tmp_path, format="parquet")
    (tmp_path / "sources.csv").write_text("id\n")
    for place in (str(tmp_path), tmp_path.as_uri()):
        with pytest.warns(FileNotRead, match=r"/sources\.csv: is not read, as sources\.parquet stands beside it"):
            assert clusters.open_tables(spark, place).frames["sources"].count() == len(BY_HAND.sources)


def test_what_is_wrong_with_the_tables_is_told(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "entities.csv").write_text("id,type,name\na,body,A\n")
    (tmp_path / "relations.csv").write_text("id,subject,predicate,object,status\nr,a,holds,b,confirmd\n")
    (tmp_path / "sources.csv").write_text("id,title,date\ns,S,soon\n")
    with pytest.raises(InvalidDataset) as caught:
        build(clusters.open_tables(spark, tmp_path))
    said = str(caught.value)
    assert "'confirmd'" in said
    assert "'soon'" in said
    assert "'b' is defined nowhere" in said


def test_the_command_line_gives_the_same_answer(spark: SparkSession, run: Run) -> None:
    asked = ("cut", "kz-sergek-almaty-archive", "--from", "kind=police", "-d", "cabar-2020", "--as-of", "2020-04-15")
    del spark  # which the command finds running
    status, out, err = run(*asked)
    assert (status, err) == (0, "")
    assert run(*asked, "--engine", "spark", "--master", "local[2]")[:2] == (status, out)


def test_as_json_too_but_for_the_digest(spark: SparkSession, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("who", "video", "--from", "kind=police", "-d", "cabar-2020", "--as-of", "2020-04-15", "--format", "json")
    del spark
    monkeypatch.setenv("SPARK_MASTER", "local[2]")
    expected, found = json.loads(run(*asked)[1]), json.loads(run(*asked, "--engine", "spark")[1])
    assert expected["rows"]
    assert found["dataset"].pop("sha256") is None
    del expected["dataset"]["sha256"]
    assert found == expected


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gaps", "--engine", "spark"), "Spark answers who, what, how, chokepoints, cut and diff"),
        (("timeline", "face", "--engine", "spark"), "Spark answers who, what, how, chokepoints, cut and diff"),
        (("check", "--engine", "spark"), "Spark answers who, what, how, chokepoints, cut and diff"),
        (("exposure", "kz-mia", "--engine", "spark"), "Spark answers who, what, how, chokepoints, cut and diff"),
        (("how", "kz-mia", "face", "--support", "--engine", "spark"), "Spark answers who, what, how"),
        (("who", "face", "--engine", "spark", "--without", "kz-mia"), "leave out --engine spark"),
        (("who", "face", "--engine", "sprak"), "'sprak'"),
    ],
)
def test_what_the_engine_does_not_answer_is_told_before_it_starts(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.setattr(clusters, "session", None)
    status, _, err = run(*arguments, "-d", "cabar-2020")
    assert status == 2
    assert said in err


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("postgresql://me:hush@h/x", "'postgresql://me:***@h/x' is a database, which Spark does not read"),
        ("sqlite:///one.db", "is a database, which Spark does not read: leave out --engine spark"),
        ("nowhere", "there is no folder 'nowhere'"),
    ],
)
def test_where_spark_finds_no_tables_it_is_not_started(
    run: Run, monkeypatch: pytest.MonkeyPatch, place: str, said: str
) -> None:
    monkeypatch.setattr(clusters, "session", None)
    status, _, err = run("who", "face", "--engine", "spark", "-d", place)
    assert status == 2
    assert said in err


@pytest.mark.parametrize(
    ("option", "variable", "where"),
    [("spark://one:7077", None, "spark://one:7077"), (None, "yarn", "yarn"), ("local[2]", "yarn", "local[2]")],
)
def test_the_option_or_the_variable_says_where_spark_runs(
    run: Run, monkeypatch: pytest.MonkeyPatch, option: str | None, variable: str | None, where: str
) -> None:
    def asked(master: str | None, **_: Any) -> None:
        raise AccessMapError(f"asked of {master}")

    monkeypatch.setattr(clusters, "session", asked)
    monkeypatch.delenv("SPARK_MASTER", raising=False)
    if variable:
        monkeypatch.setenv("SPARK_MASTER", variable)
    chosen = ["--master", option] if option else []
    assert run("who", "face", "--engine", "spark", *chosen)[2] == f"error: asked of {where}\n"


def test_spark_says_nothing_of_itself_before_an_answer(accessmap: Command) -> None:
    asked = ("who", "face", "-d", "cabar-2020", "--as-of", "2020-04-15", "--engine", "spark", "--master", "local[1]")
    done = accessmap(*asked, SPARK_SUBMIT_OPTS=LEAN)
    assert done.returncode == 0
    # Java's own word on how Spark starts it comes before anything that could be set.
    assert [line for line in done.stderr.splitlines() if "incubator modules" not in line] == []


def test_without_java_it_is_told_what_to_install(accessmap: Command) -> None:
    done = accessmap("who", "face", "--engine", "spark", PATH="", JAVA_HOME="/nowhere")
    assert done.returncode == 2
    assert "openjdk-17-jre-headless" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_pyspark_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pyspark", "pyspark.errors", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(AccessMapError, match=r"pip install 'accessmap\[spark\]'"):
        clusters.session()

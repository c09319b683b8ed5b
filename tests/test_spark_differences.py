"""What changed, and what that means, is the same from tables on a cluster as from datasets on this machine."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import Run
from oracle import Tables
from strategies import dataset, random_tables
from test_changes import edited
from test_spark import SETTINGS, merged
from worlds import tables as written

import graphs
from benchmarks.diff import changed
from benchmarks.generate import AS_OF, landscape
from graphs.changes import Difference
from graphs.engines.spark import arcs, differences
from stakeholders import clusters
from stakeholders.dataset import Dataset
from stakeholders.schema import TABLES
from stakeholders.tables import read, write

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]

SEEDS = range(40)
ON_SPARK = ("--engine", "spark", "--master", "local[2]")


def by_hand(  # noqa: PLR0917  what differs between the two, line by line
    year: str, keeps: str, commands: str, mask: str, scouts: str, born: str, *more: str, **held: str
) -> Tables:
    """What seeds seldom deal out: a place that turns, a copy at a path's end, a body that is there from another day."""
    return written(
        f"b-police has_access s-archive mode=export sources=on-2019 {mask}".strip(),
        f"b-police holds s-copy valid_from={year}",
        "b-lab has_access s-copy sources=src",
        "b-operator operates y-cams",
        f"y-cams keeps_data_in s-archive valid_until={keeps}",
        "b-clerk has_access y-hub",
        f"y-hub feeds s-far categories=face valid_from={year}",
        "s-leak leaked_to b-gang",
        f"b-boss controls b-gang valid_from={commands}",
        "b-new has_access s-new",
        "b-press has_access s-archive sources=on-2019",
        f"b-scout {scouts}",
        *more,
        categories={"s-archive": held["archive"], "s-copy": held["copy"], "y-cams": "face;video", "y-hub": "face"},
        **{"b-new": {"valid_from": born}},
    )


WAS = by_hand("2021", "2019", "2021", "", "has_access s-lone", "2021", archive="face;gait;video", copy="face")
NOW = by_hand(
    "2019", "2022", "2018", "categories=face", "partner_of b-else", "",
    "b-press has_access s-archive status=denied valid_from=2018",
    archive="face;video", copy="face;gait",
)  # fmt: skip
HANDED = {
    ("00-b-boss", "00-s-leak", "gained"), ("00-b-clerk", "00-y-hub", "lost"), ("00-b-new", "00-s-new", "gained"),
    ("00-b-lab", "00-s-copy", "gained"), ("00-b-press", "00-s-archive", "newly claimed"),
    ("00-b-operator", "00-y-cams", "lost"), ("00-b-scout", "00-s-lone", "lost"),
}  # fmt: skip


def shuffled(dataset: Dataset) -> Dataset:
    """The same rows in an order that is not that of their ids."""
    rng = np.random.default_rng(7)
    tables = {name: table.select(rng.permutation(len(table))) for name, table in dataset.tables.items() if len(table)}
    return dataset.with_tables(**tables)


def both(folder: Path, *sides: Dataset) -> Sequence[Path]:
    """Two versions as folders."""
    for name, side in zip(("before", "after"), sides, strict=True):
        write(side, folder / name, format="parquet")
    return folder / "before", folder / "after"


def told(answer: Difference, *, places: bool = True) -> dict[str, Any]:
    """An answer without what tables on a cluster have none of: a digest, and what a file is beside its rows."""
    return without_files(json.loads(json.dumps(answer.to_dict())), places=places)


def without_files(found: dict[str, Any], *, places: bool = True) -> dict[str, Any]:
    for stamp in (found["dataset"], found["question"]["before"], found["question"]["after"]):
        stamp["sha256"] = None
    kept = [one for one in found["changes"] if one["id"] is not None or one["table"] not in TABLES]
    dropped = {"text"} if places else {"text", "at"}
    found["changes"] = [{key: value for key, value in one.items() if key not in dropped} for one in kept]
    return {**found, "summary": None}


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    found = clusters.session("local[2]", SETTINGS)
    yield found
    found.stop()


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """Many small worlds side by side, before and after edits of relations, entities and sources."""
    old = [WAS, *(random_tables(random.Random(seed)) for seed in SEEDS)]
    new = [NOW, *(edited(random.Random(1000 + seed), world) for seed, world in zip(SEEDS, old[1:], strict=True))]
    alike = [Tables(world.entities, world.relations, world.sources, old[0].categories) for world in new]
    sides = (shuffled(merged(worlds)) for worlds in (old, alike))
    return both(tmp_path_factory.mktemp("versions"), *sides)


@pytest.fixture(scope="module")
def here(versions: Sequence[Path]) -> tuple[Dataset, Dataset]:
    before, after = (read(folder, check=False) for folder in versions)
    return before, after


@pytest.fixture(scope="module")
def there(spark: SparkSession, versions: Sequence[Path]) -> tuple[clusters.ClusterTables, clusters.ClusterTables]:
    before, after = (clusters.open_tables(spark, folder) for folder in versions)
    return before, after


SCOPES: tuple[dict[str, Any], ...] = (
    {"as_of": "2020-02-19", "stance": "assumed"},
    {"as_of": "2021-01-01", "known_by": "2020-12-31", "certainty": "reported", "fresh": "3y"},
)


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope["as_of"])
def test_a_difference_has_the_same_effects_causes_and_changes(
    here: tuple[Dataset, Dataset],
    there: tuple[clusters.ClusterTables, clusters.ClusterTables],
    scope: dict[str, Any],
) -> None:
    expected = graphs.diff(*here, **scope)
    assert {(row["body"], row["store"], row["change"]) for row in expected.rows} >= HANDED or "known_by" in scope
    assert any(len(row["because"]) > 1 for row in expected.rows)
    assert {cause["table"] for cause in expected.causes.values()} >= {"relations", "entities"}
    assert {one["change"] for one in expected.changes if "at" in one} == {"added", "removed"}
    assert told(differences.diff(*there, **scope)) == told(expected)


@pytest.mark.parametrize(
    "options",
    [{"stance": "assumed", "known_by": "2020-06-01"}, {"fresh": "2y", "level": "indirect"}],
    ids=lambda options: next(iter(options)),
)
def test_between_two_days_effects_causes_and_changes_are_the_same(
    here: tuple[Dataset, Dataset],
    there: tuple[clusters.ClusterTables, clusters.ClusterTables],
    options: dict[str, Any],
) -> None:
    expected = graphs.between(here[1], "2019-11-30", "2020-12-31", **options)
    assert {row["change"] for row in expected.rows} >= {"gained", "lost"}
    found = differences.between(arcs.build(there[1]), "2019-11-30", "2020-12-31", **options)
    assert told(found) == told(expected, places=False)


def test_categories_in_another_order_bear_on_everything_and_everything_is_compared(
    spark: SparkSession, tmp_path: Path
) -> None:
    before = dataset(written("b-lab has_access s-copy categories=biometric", categories={"s-copy": "face"}))
    table = before.categories
    codes, cells = table.column("code"), table.column("broader")
    broader = tuple("" if code == "face" else cell for code, cell in zip(codes, cells, strict=True))
    sides = both(tmp_path, before, before.with_tables(categories=table.with_column("broader", broader)))
    expected = graphs.diff(*(read(folder, check=False) for folder in sides), as_of="2020-02-19")
    assert [(row["change"], row["because"]) for row in expected.rows] == [("lost", ["categories:face"])]
    found = differences.diff(*(clusters.open_tables(spark, side) for side in sides), as_of="2020-02-19")
    assert told(found) == told(expected)


def test_only_what_can_have_moved_comes_here(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = landscape(2_000, openness=0.5)
    after = changed(before, 6, seed=3)
    sides = both(tmp_path, before, after)
    asked: dict[str, Any] = {"as_of": AS_OF, "also": ()}
    expected = graphs.diff(*(read(folder, check=False) for folder in sides), **asked)
    assert len(expected.rows) > 10
    bodies = sorted({row["body"] for row in expected.rows})[:2]
    parts: list[int] = []
    usual = differences.Versions.of.__func__  # type: ignore[attr-defined]  # a class method has one

    def noted(cls: Any, before: Dataset, *others: Any) -> Any:
        parts.append(len(before.relations))
        return usual(cls, before, *others)

    monkeypatch.setattr(differences.Versions, "of", classmethod(noted))
    tables = [clusters.open_tables(spark, side) for side in sides]
    assert told(differences.diff(*tables, **asked)) == told(expected)
    few = differences.diff(*tables, bodies=bodies, **asked)
    assert list(few.rows) == [row for row in expected.rows if row["body"] in bodies]
    assert 0 < parts[1] < parts[0] < len(before.relations)


def test_the_command_line_compares_the_bundled_versions_alike(spark: SparkSession, run: Run) -> None:
    asked = ("diff", "cabar-2020", "central-asia", "--as-of", "2020-04-15", "--format", "json")
    del spark  # which the command finds running
    status, out, _ = run(*asked)
    expected = json.loads(out)
    assert (status, len(expected["rows"]) > 100, bool(expected["chokepoints"]), bool(expected["exposure"])) == (
        1, True, True, True,
    )  # fmt: skip
    again, told_there, err = run(*asked, *ON_SPARK)
    found = json.loads(told_there)
    assert (again, err, found["summary"]) == (1, "", expected["summary"])
    assert without_files(found) == without_files(expected)


def test_the_command_line_compares_two_days_alike_in_words_too(spark: SparkSession, run: Run) -> None:
    asked = ("diff", "--between", "2020-04-15", "2026-11-01", "--from", "kind=police", "--lang", "ru")
    del spark
    expected = run(*asked)
    assert expected[0] == 1
    assert run(*asked, *ON_SPARK) == expected


def test_the_command_line_tells_bodies_and_categories_alike(spark: SparkSession, run: Run) -> None:
    asked = ("who", "--from", "kind=police", "-d", "cabar-2020", "--as-of", "2020-04-15", "--certainty", "reported")
    del spark
    expected, found = (json.loads(run(*asked, "--format", "json", *engine)[1]) for engine in ((), ON_SPARK))
    assert expected["rows"]
    expected["dataset"]["sha256"] = None
    assert found == expected


def test_where_nothing_differs_it_says_so(spark: SparkSession, run: Run) -> None:
    asked = ("diff", "cabar-2020", "cabar-2020", "--as-of", "2020-04-15", "--in", "kz-sergek-almaty-archive")
    del spark
    status, out, err = run(*asked, *ON_SPARK)
    assert (status, err) == (0, "")
    assert out.startswith("Nothing differs between")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("cabar-2020", "central-asia@HEAD~1"),
            "'central-asia@HEAD~1' is a revision of git, which Spark does not read",
        ),
        (("cabar-2020", "nowhere"), "there is no folder 'nowhere'"),
        (("sqlite:///one.db", "cabar-2020"), "is a database, which Spark does not read: leave out --engine spark"),
        (("cabar-2020", "central-asia", "--without", "kz-mia"), "leave out --engine spark"),
        (("--between", "2020", "2021", "--without", "kz-mia"), "leave out --engine spark"),
    ],
)
def test_what_cannot_be_compared_there_is_told_before_spark_starts(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.setattr(clusters, "session", None)
    status, _, err = run("diff", *arguments, "--engine", "spark")
    assert status == 2
    assert said in err


def test_sides_of_one_name_are_told_apart_without_a_digest(here: tuple[Dataset, Dataset]) -> None:
    answer = graphs.diff(*(replace(side, name="one") for side in here), as_of="2020-02-19", also=())
    for side in ("before", "after"):
        answer.question[side]["sha256"] = None
    assert answer.summary().startswith("From one (1) to one (2): ")

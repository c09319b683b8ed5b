"""Exposure as it is asked for: no wish is left out in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from registers import ENTITY_LIST, SECTION_889, entity, listing, register, relation

from cli import main
from graphs.access import build
from graphs.exposure_views import exposure_view
from stakeholders.errors import AccessMapError, UnknownTerm

SCHEMAS = Path(__file__).resolve().parent.parent / "docs" / "schema"
DAY = "2025-10-15"
RELATIONS = [
    relation("x", "supplies", "s"), relation("y", "supplies", "t"), relation("y", "supplies", "whole"),
    relation("part", "part_of", "whole"), relation("police", "operates", "s"), relation("court", "operates", "t"),
    relation("s", "keeps_data_in", "arch"),
]  # fmt: skip
THINGS = [
    entity("s", "system", categories="video", location="Almaty"),
    entity("t", "system", categories="face", location="Astana"),
    entity("whole", "system", categories="video", location="Aqkol"),
    entity("part", "system", categories="video", location="Aqkol"),
    entity("arch", "store", categories="video"),
]


@pytest.fixture(scope="module")
def graph():
    return build(register(RELATIONS, [listing("x", ENTITY_LIST), listing("y", SECTION_889)], THINGS))


@pytest.mark.parametrize(
    ("wishes", "named"),
    [
        ({"by": "city", "history": True}, "--by and --history"),
        ({"by": "city", "gone": ["SDN"]}, "--by and --cut-off"),
        ({"gone": ["SDN"], "history": True}, "--cut-off and --history"),
        ({"gone": ["SDN"], "lists": ["SDN"]}, "--list and --cut-off"),
    ],
)
def test_views_that_do_not_go_together_are_named(graph, wishes: dict, named: str) -> None:
    with pytest.raises(AccessMapError, match=named):
        exposure_view(graph, as_of=DAY, **wishes)


@pytest.mark.parametrize(
    ("target", "places"),
    [
        ("s", {"s", "arch"}), ("arch", {"arch"}), ("police", {"s", "arch"}), ("video", {"s", "arch", "whole", "part"}),
        ("whole", {"whole", "part"}), ("face", {"t"}), (None, {"s", "t", "whole", "part", "arch"}),
    ],
)  # fmt: skip
def test_a_cut_off_keeps_to_its_target(graph, target: str | None, places: set[str]) -> None:
    answer = exposure_view(graph, target, gone=["Entity List", "Section 889"], as_of=DAY)
    assert {row["entity"] for row in answer.rows} == places
    assert {pair["store"] for pair in [*answer.beside["lost"], *answer.beside["still"]]} <= places | {"arch"}


def test_a_cut_off_keeps_to_its_regime_and_to_the_places_asked_for(graph) -> None:
    lists = ["Entity List", "Section 889"]
    assert {row["entity"] for row in exposure_view(graph, gone=lists, regime="us-bis", as_of=DAY).rows} == {"s", "arch"}
    assert {row["entity"] for row in exposure_view(graph, gone=lists, stores=["arch"], as_of=DAY).rows} == {"arch"}
    exposed = ["arch", "police"]  # among which bodies may be
    assert {row["entity"] for row in exposure_view(graph, gone=lists, stores=exposed, as_of=DAY).rows} == {"arch"}


def test_a_cut_off_of_a_regime_alone(graph) -> None:
    answer = exposure_view(graph, gone=["us-889"], as_of=DAY)
    assert (answer.question["regime"], answer.beside["vendors"]) == ("us-889", ["y"])


def test_a_level_of_a_cut_off_is_that_of_reach_not_of_supply(graph) -> None:
    wide, narrow = (
        exposure_view(graph, gone=["Entity List"], as_of=DAY, level=level) for level in ("possible", "custody")
    )
    assert narrow.rows == wide.rows
    assert {pair["level"] for pair in narrow.beside["still"]} == {"custody"}
    assert narrow.beside["lost"] == []
    assert wide.beside["lost"] != []


@pytest.mark.parametrize("by", ["body", "city", "category", "system", "list"])
def test_grouping_keeps_to_its_target(graph, by: str) -> None:
    every, some = (
        exposure_view(graph, by=by, as_of=DAY),
        exposure_view(graph, "s" if by != "list" else "police", by=by, as_of=DAY),
    )
    assert len(every.rows) > len(some.rows) > 0
    assert all(row in every.rows for row in some.rows) or by == "category"


def test_grouping_by_category_keeps_to_the_categories_asked_for(graph) -> None:
    assert [row["group"] for row in exposure_view(graph, "face", by="category", as_of=DAY).rows] == ["face"]


def test_an_unknown_way_of_grouping_is_told_with_all_of_them(graph) -> None:
    with pytest.raises(UnknownTerm, match="list"):
        exposure_view(graph, by="lists", as_of=DAY)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("exposure --by city --history", "--by and --history"),
        ("exposure --cut-off SDN --list SDN", "--list and --cut-off"),
        ("exposure --level custody", "--level: "),
    ],
)
def test_the_command_line_ends_with_status_2_where_a_wish_cannot_be_met(
    capsys: pytest.CaptureFixture[str], line: str, named: str
) -> None:
    assert main([*line.split(), "-d", "cabar-2020"]) == 2
    assert named in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    [
        "exposure kz-sergek --cut-off us-bis", "exposure --by list", "exposure video --by list --regime us-bis",
        "exposure kz-sergek --by city",
        "exposure kz-smart-aqkol --history", "exposure --cut-off us-889 --level granted",
    ],
)  # fmt: skip
def test_every_view_in_json_is_as_its_schema_says(capsys: pytest.CaptureFixture[str], line: str) -> None:
    assert main([*line.split(), "--as-of", "2026-11-24", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    schemas = {path.name: json.loads(path.read_text("utf-8")) for path in SCHEMAS.glob("*.json")}
    registry = Registry().with_resources(
        (name, Resource.from_contents(schema, default_specification=DRAFT202012)) for name, schema in schemas.items()
    )
    validator = Draft202012Validator(schemas["exposure.json"], registry=registry)
    assert [error.message for error in validator.iter_errors(answer)] == []
    assert answer["rows"]

"""What if: the same answers on a changed copy."""

from __future__ import annotations

import random

import oracle
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import cases, dataset, random_question, random_targets
from worlds import DAY, options, world

from graphs.access import build
from graphs.comparisons import ORDER
from graphs.reachability import who_can_reach
from graphs.scenarios import what_if
from stakeholders.dataset import Dataset
from stakeholders.errors import UnknownId

TODAY = "2026-11-24"
WORSE = {"lost", "no longer claimed", "no longer prospective", "weaker", "less certain", "remains"}


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(cases())
def test_removing_anything_but_a_denial_adds_no_reach(case: tuple[oracle.Tables, random.Random]) -> None:
    tables, rng = case
    data, given = dataset(tables), options(random_question(rng, tables))
    given |= {"bodies": None, "stores": None}
    denied = {
        name
        for row in tables.relations
        if row["status"] == "denied"
        for name in (row["id"], *oracle.cell(row["sources"]))
    }
    keeping = {"keeps_data_in", "feeds"}  # without these a system may become a place of its own
    gone = [row["id"] for row in tables.relations if row["predicate"] not in keeping and row["id"] not in denied]
    gone += [row["id"] for row in tables.entities if row["type"] != "store"]
    for target in random_targets(rng, tables):
        for name in rng.sample(gone, min(3, len(gone))):
            if name != target:
                answer = what_if(data, target, without=[name], **given)
                assert {row["change"] for row in answer.rows} <= WORSE | ({"newly claimed", "newly prospective"} & {
                    row["change"] for row in answer.rows if row["before"]})  # fmt: skip


def test_what_falls_what_remains_and_at_which_level(central_asia: Dataset) -> None:
    gone = ["kz-law-enforcement-has-access-kz-sergek-archives"]
    answer = what_if(central_asia, "kz-sergek-almaty-archive", without=gone, as_of=TODAY)
    before, after = (
        {
            (row["body"], row["store"]): row
            for row in who_can_reach(build(data), "kz-sergek-almaty-archive", by="pair", as_of=TODAY).rows
        }
        for data in (central_asia, central_asia.without(gone))
    )
    told = {(row["body"], row["store"]): row for row in answer.rows}
    assert set(told) == {*before, *after}
    for pair, row in told.items():
        assert (row["before"] is None) == (pair not in before)
        assert (row["after"] is None) == (pair not in after)
        if pair in after:
            assert row["after"]["level"] == after[pair]["level"]
    assert answer.beside["changes"]["lost"] >= 18
    assert [ORDER.index(row["change"]) for row in answer.rows] == sorted(
        ORDER.index(row["change"]) for row in answer.rows
    )


def test_an_overlay_adds_and_takes_precedence() -> None:
    base = world("b1 holds s1", "b2 has_access s1 id=grant status=alleged")
    more = world("b3 holds s1 id=new", "b2 has_access s1 id=grant status=confirmed")
    answer = what_if(base, "s1", add=more, as_of=DAY)
    assert [(row["body"], row["change"]) for row in answer.rows] == [
        ("b2", "no longer claimed"), ("b2", "gained"), ("b3", "gained"), ("b1", "remains"),
    ]  # fmt: skip


def test_what_was_added_can_be_taken_away_again() -> None:
    answer = what_if(world("b1 holds s1"), "s1", add=world("b3 holds s1 id=new"), without=["new"], as_of=DAY)
    assert [row["change"] for row in answer.rows] == ["remains"]


def test_a_target_that_is_taken_away_is_reached_by_nobody() -> None:
    answer = what_if(world("b1 holds s1", "b1 holds s2"), "s1", without=["s1"], as_of=DAY)
    assert [(row["body"], row["change"]) for row in answer.rows] == [("b1", "lost")]


def test_a_body_that_is_taken_away_may_still_be_asked_about() -> None:
    answer = what_if(world("b1 holds s1", "b2 holds s1"), "s1", without=["b1"], bodies=["b1"], as_of=DAY)
    assert [(row["body"], row["change"]) for row in answer.rows] == [("b1", "lost")]


def test_the_dataset_is_never_touched() -> None:
    data = world("b1 holds s1 sources=a")
    before = data.sha256
    what_if(data, "s1", without=["a"], as_of=DAY)
    assert data.sha256 == before


def test_what_no_dataset_knows_is_an_error() -> None:
    with pytest.raises(UnknownId):
        what_if(world("b1 holds s1"), "s1", without=["b9"], as_of=DAY)
    with pytest.raises(UnknownId):
        what_if(world("b1 holds s1"), "s9", as_of=DAY)
    with pytest.raises(UnknownId):
        what_if(world("b1 holds s1"), "s1", bodies=["b9"], as_of=DAY)

"""Answers as a notebook shows them: short, whole columns even where nothing is found, every text escaped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from worlds import world

import graphs
import stakeholders
from graphs import build, who_can_reach
from graphs.answers import Answer, Note
from graphs.headings import headings
from graphs.policies import parse_policies
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError
from stakeholders.vocabulary import Label

DAY = {"as_of": "2020-04-15"}


@pytest.fixture(scope="module")
def some(cabar: Dataset, central_asia: Dataset) -> list[Answer]:
    graph, large = build(cabar), build(central_asia)
    given: Any = DAY
    return [
        who_can_reach(graph, "video", **given), graphs.reachable_from(graph, "kz-mia", **given),
        graphs.how(graph, "kz-mia", "video", **given), graphs.whynot(graph, "kz-mia", "video", **given),
        graphs.chokepoints(graph, "video", **given), graphs.cut(graph, "video", bodies=["kz-mia"], **given),
        graphs.sensitivity(graph, "video", **given), graphs.gaps(graph, **given), graphs.search(cabar, "sergek"),
        graphs.what_if(cabar, "video", without=["kz-mia"], **given), graphs.reach_matrix(graph, **given),
        graphs.between(cabar, "2019-01-01", "2020-04-15"), graphs.check(large, gdpr=True),
        graphs.exposure(large, "video"), graphs.exposure_history(large, "video"),
        graphs.exposure_matrix(large, "video"), graphs.cut_off(large, ["us-bis-entity-list"], "video"),
        graphs.dependence(large, "body", "video"), graphs.timeline(cabar, "kz-mia"),
        graphs.reach_over_time(large, "genomic"), graphs.expiring(large, "30y"),
    ]  # fmt: skip


def test_an_empty_answer_has_the_columns_of_a_full_one(some: list[Answer]) -> None:
    for answer in some:
        assert answer.rows, answer
        columns = tuple(answer.table.columns)
        assert headings(answer.command, answer.question) == columns, answer
        empty = replace(answer, rows=()).table
        assert (tuple(empty.columns), len(empty)) == (columns, 0)


def test_nobody_who_reaches_is_a_column_without_rows() -> None:
    found = who_can_reach(build(world("b1 has_access s1")), "health", as_of="2024-01-01")
    assert (len(found), list(found.table["body"])) == (0, [])


def test_answers_and_graphs_are_shown_short(some: list[Answer], cabar: Dataset) -> None:
    assert all(len(repr(answer)) < 200 for answer in some)
    assert repr(some[0]).startswith("<who video: ")
    assert repr(build(cabar)) == f"<access graph of cabar-2020: 43 nodes, {len(build(cabar).arcs)} arcs>"
    assert len(repr(cabar)) + len(repr(cabar.entities)) < 2000


def test_a_notebook_shows_the_first_rows_and_the_notes(some: list[Answer]) -> None:
    for answer in some:
        html = answer._repr_html_()
        assert len(html) < 60_000
        assert html.count("<tr") == 1 + min(len(answer), 20)
        assert ("more rows" in html) == (len(answer) > 20)


def test_nothing_that_a_notebook_shows_is_read_as_html() -> None:
    bad = "<script>alert('x')</script>&"
    note = Note(Label(bad, bad, bad))
    answer = Answer("who", {"target": bad, "as_of": bad}, {"name": bad}, ({"body": bad, bad: [bad]},), notes=(note,))
    html = answer._repr_html_()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 6


def test_a_shell_offers_what_a_package_exports() -> None:
    assert {*graphs.__all__} <= {*dir(graphs)}
    assert {*stakeholders.__all__} <= {*dir(stakeholders)}


@pytest.mark.parametrize(
    "day",
    [
        np.datetime64("2020-04-15"), np.datetime64("2020-04-15T11:00"), pd.Timestamp("2020-04-15 11:00"),
        datetime(2020, 4, 15, 11, tzinfo=UTC), date(2020, 4, 15),
    ],
)  # fmt: skip
def test_a_day_may_be_one_of_any_library(day: Any, cabar: Dataset) -> None:
    graph = build(cabar)
    assert who_can_reach(graph, "video", as_of=day) == who_can_reach(graph, "video", as_of="2020-04-15")
    assert cabar.as_of(day).sha256 == cabar.as_of("2020-04-15").sha256


@pytest.mark.parametrize("year", [2019, np.int64(2019), np.datetime64("2019")])
def test_a_year_may_be_a_number(year: Any, cabar: Dataset) -> None:
    graph = build(cabar)
    for given in ({"as_of": year}, {"as_of": 2020, "known_by": year}):
        told = who_can_reach(graph, "video", **given)
        assert told == who_can_reach(graph, "video", **{name: str(value) for name, value in given.items()})


@pytest.mark.parametrize("day", [True, 2020.5, pd.NaT, np.datetime64("NaT"), b"2020", [], 20200415])
def test_what_is_no_day_is_refused_in_words(day: Any, cabar: Dataset) -> None:
    with pytest.raises(AccessMapError, match=r"as_of: .* is no date; write 2020, 2020-02 or 2020-02-19"):
        who_can_reach(build(cabar), "video", as_of=day)


def test_one_id_may_be_given_by_itself(cabar: Dataset) -> None:
    graph, given = build(cabar), {"as_of": "2020-04-15"}
    for name, one in (("bodies", "kz-mia"), ("stores", "kz-sergek-almaty-archive")):
        asked: Any = {name: one, **given}
        assert who_can_reach(graph, "video", **asked) == who_can_reach(graph, "video", **{**asked, name: [one]})
        told = graphs.what_if(cabar, "video", without="kz-mia", **asked)
        assert told == graphs.what_if(cabar, "video", without=["kz-mia"], **{**asked, name: [one]})
        assert graphs.between(cabar, "2019", "2020", **{name: one}).rows == (
            graphs.between(cabar, "2019", "2020", **{name: [one]}).rows
        )
    assert cabar.without("kz-mia").sha256 == cabar.without(["kz-mia"]).sha256


def test_a_policy_chooses_on_a_day_that_is_a_year_what_is_listed_then(central_asia: Dataset) -> None:
    rules = parse_policies(
        'rule = [{id = "x", must_not = "reach", who = ["listed=us-bis-entity-list"], what = ["video"]}]', "rules"
    )
    graph = build(central_asia)
    found = graphs.check(graph, [rules], as_of=2021).rows
    assert found
    assert found == graphs.check(graph, [rules], as_of="2021").rows

"""Reach over time: every day as the question asked on that day answers, every change told and explained."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import strategies
from hypothesis import given
from oracle import Question, Tables, who
from worlds import tables

from graphs.access import AccessGraph, build
from graphs.histories import expiring, reach_over_time
from graphs.reachability import who_can_reach
from graphs.reports import render
from stakeholders.errors import AccessMapError
from stakeholders.vocabulary import LANGUAGES

VERDICTS = ("reaches", "claimed", "prospective")


def options(question: Question) -> dict[str, Any]:
    return {
        "stance": question.stance, "known_by": question.known_by, "level": question.level,
        "certainty": question.certainty, "bodies": question.bodies, "stores": question.stores,
    }  # fmt: skip


def best(tables: Tables, target: str, question: Question, day: date) -> dict[str, tuple[str, str, str]]:
    """Each body's best answer on a day, by brute force."""
    rows = who(tables, target, replace(question, as_of=day))
    return {row["body"]: (row["verdict"], row["level"], row["certainty"]) for row in rows}


def shown(side: Mapping[str, Any] | None) -> tuple[str, str, str] | None:
    return None if side is None else (side["verdict"], side["level"], side["certainty"])


@given(strategies.cases())
def test_every_change_of_the_best_answers_is_an_event_on_its_day(case: tuple[Tables, random.Random]) -> None:
    tables, rng = case
    question = replace(strategies.random_question(rng, tables), fresh=None)
    (target,) = strategies.random_targets(rng, tables, 1)
    graph = build(strategies.dataset(tables))
    answer = reach_over_time(graph, target, as_of=question.as_of, **options(question))
    told = {row["date"]: row for row in answer.rows if row["date"]}
    days = {date.fromisoformat(day) for day in told}
    for row in (*tables.relations, *tables.entities):
        for column in ("valid_from", "valid_until"):
            year, *_ = (row[column] or "2018").split("-")
            days |= {date(int(year), month, 1) for month in (1, 2, 3, 12)}
    for day in sorted(day for day in days if day <= question.as_of):
        was, now = (best(tables, target, question, moment) for moment in (day - timedelta(days=1), day))
        events = told.get(day.isoformat(), {"events": []})["events"]
        moved = {event["body"]: (shown(event["before"]), shown(event["after"])) for event in events}
        assert moved == {
            body: (was.get(body), now.get(body)) for body in {*was, *now} if was.get(body) != now.get(body)
        }, day
        before = [row for row in answer.rows if row["date"] is None or row["date"] <= day.isoformat()]
        counts = Counter(verdict for verdict, _, _ in now.values())
        assert {verdict: before[-1][verdict] for verdict in VERDICTS} == {
            verdict: counts[verdict] for verdict in VERDICTS
        }


def test_the_last_day_is_what_the_question_answers(central_asia_graph: AccessGraph) -> None:
    answer = reach_over_time(central_asia_graph, "biometric", as_of="2026-11-01")
    counts = Counter(row["verdict"] for row in who_can_reach(central_asia_graph, "biometric", as_of="2026-11-01").rows)
    assert {verdict: answer.rows[-1][verdict] for verdict in VERDICTS} == dict(counts)
    assert len({row["date"] for row in answer.rows}) == len(answer.rows)


def test_each_event_names_what_happened_on_its_very_day(central_asia_graph: AccessGraph) -> None:
    for row in reach_over_time(central_asia_graph, "video", as_of="2026-11-01").rows:
        for event in row["events"]:
            assert event["because"]
            assert {*event["because"], *(name for names in event["alternatives"] for name in names)} <= {*row["causes"]}
        for cause in row["causes"].values():
            # A partial date stands for the first day of a beginning, and for the last day before what is over.
            assert (row["date"] or "").startswith(cause["date"]) or cause["what"] in ("ended", "denial ended")


def test_days_without_anything_dated_are_told_as_unknown(central_asia_graph: AccessGraph) -> None:
    answer = reach_over_time(central_asia_graph, "kz-sergek-almaty-archive", as_of="2026-11-01")
    assert not answer.rows[0]["known"]
    assert answer.beside["first_known"] == "2020-02-19"
    said = render(answer, dataset=central_asia_graph.dataset)
    assert "nothing dated is known" in said
    assert "\n2020 " in said
    assert "\n2019 " not in said


def test_a_relation_that_begins_and_ends_is_told_as_either_on_its_day(central_asia_graph: AccessGraph) -> None:
    answer = reach_over_time(central_asia_graph, "kz-sergek-almaty-archive", as_of="2026-11-01")
    told = [row["causes"]["kz-mia-has-access-kz-sergek-almaty"]["what"] for row in answer.rows
            if "kz-mia-has-access-kz-sergek-almaty" in row["causes"]]  # fmt: skip
    assert told == ["began", "ended"]


def test_what_ends_within_a_year_is_told_with_its_basis_and_its_last_day(central_asia_graph: AccessGraph) -> None:
    answer = expiring(central_asia_graph, "1y", as_of="2026-01-15")
    ended = {row["body"] for row in answer.rows if "kz-korkem-telecom-operates-kz-sergek-almaty-2" in row["because"]}
    assert ended == {"kz-korkem-telecom", "kz-sergek-group"}
    assert {row["date"] for row in answer.rows if row["body"] == "kz-korkem-telecom"} == {"2026-12-31"}
    assert answer.causes["kz-korkem-telecom-operates-kz-sergek-almaty-2"]["legal_basis"]
    assert not [
        row for row in answer.rows if row["change"] in ("gained", "stronger", "newly claimed", "newly prospective")
    ]
    assert expiring(central_asia_graph, "1y", "genomic", as_of="2026-01-15").rows == ()


@pytest.fixture(scope="module")
def terms() -> AccessGraph:
    """A contested grant whose denial has an end, a holder with a term, a plan with one."""
    return build(strategies.dataset(tables(
        "b1 has_access s1 valid_from=2020", "b1 has_access s1 id=no status=denied valid_from=2021 valid_until=2021-12",
        "b2 holds s1 id=term valid_from=2020 valid_until=2022-03",
        "b3 has_access s1 status=planned valid_until=2022-06",
    )))  # fmt: skip


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ("30d", "Nothing that reach rests on ends within 30 days of 2021-10-01, as far as is recorded."),
        ("100d", "nobody's reach ends or weakens; as denials end, that of 1 body begins or grows."),
        ("7m", "the reach of 1 body ends or weakens; as denials end, that of 1 body begins or grows."),
        ("1y", "that of 1 body begins or grows; for 1 body only what is claimed or planned lapses."),
    ],
)
def test_what_ends_soon_is_counted_by_what_it_changes(terms: AccessGraph, span: str, said: str) -> None:
    answer = expiring(terms, span, as_of="2021-10-01")
    headline = render(answer, dataset=terms.dataset).splitlines()[0]
    assert headline.endswith(said)


def test_of_a_denial_that_ends_no_grant_is_said_to_end(terms: AccessGraph) -> None:
    answer = expiring(terms, "1y", as_of="2021-10-01")
    assert {name: cause["what"] for name, cause in answer.causes.items()} == {
        "no": "denial ends", "term": "ends", "r4": "ends"
    }  # fmt: skip
    assert "2021-12 no longer denied: Name of b1 – has access to – Name of s1" in render(answer, dataset=terms.dataset)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whose_reach_ends_is_said_in_each_language(terms: AccessGraph, lang: str) -> None:
    answer = expiring(terms, "1y", as_of="2021-10-01")
    headline = render(answer, dataset=terms.dataset, lang=lang).splitlines()[0]
    assert headline.count(";") == 2
    assert "{" not in headline


def test_a_span_that_cannot_be_read_is_refused(central_asia_graph: AccessGraph) -> None:
    with pytest.raises(AccessMapError, match="180 days"):
        expiring(central_asia_graph, "180 days and a half")


def test_a_table_of_data_has_a_line_for_each_event(central_asia_graph: AccessGraph) -> None:
    answer = reach_over_time(central_asia_graph, "kz-sergek-almaty-archive", as_of="2026-11-01")
    header, *lines = render(answer, "csv", dataset=central_asia_graph.dataset).splitlines()
    assert {"date", "body", "change", "because", "after_level", "reaches"} <= set(header.split(","))
    assert len(lines) == sum(max(len(row["events"]), 1) for row in answer.rows)

"""The assumptions of a question: words and dates are checked, spans go by the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphs
from graphs.access import AccessGraph
from graphs.policies import parse_policies
from graphs.scope import Scope
from stakeholders.dates import iso
from stakeholders.errors import AccessMapError, UnknownId, UnknownTerm


def test_defaults_are_those_of_the_contract() -> None:
    question = Scope.of().question()
    assert (question["stance"], question["level"], question["certainty"]) == ("documented", "possible", "prospective")
    assert question["as_of"] == date.today().isoformat()
    assert question["known_by"] is None


@pytest.mark.parametrize(
    ("text", "day"), [("2020", "2020-12-31"), ("2020-02", "2020-02-29"), ("2020-02-19", "2020-02-19")]
)
def test_a_partial_date_is_asked_for_as_its_last_day(text: str, day: str) -> None:
    assert iso(Scope.of(as_of=text).as_of) == day


@pytest.mark.parametrize(
    ("as_of", "fresh", "oldest"),
    [
        ("2024-02-29", "1y", "2023-02-28"),
        ("2026-11-24", "3y", "2023-11-24"),
        ("2026-03-31", "1m", "2026-02-28"),
        ("2026-01-15", "18m", "2024-07-15"),
        ("2026-01-15", "2w", "2026-01-01"),
        ("2026-01-15", "10d", "2026-01-05"),
    ],
)
def test_freshness_counts_back_by_the_calendar(as_of: str, fresh: str, oldest: str) -> None:
    assert iso(Scope.of(as_of=as_of, fresh=fresh).evidence_since) == oldest


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1)), st.integers(1, 400), st.sampled_from("dwmy"))
def test_freshness_never_reaches_past_the_day_asked_about(day: date, count: int, unit: str) -> None:
    scope = Scope.of(as_of=day, fresh=f"{count}{unit}")
    assert scope.evidence_since < scope.as_of


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"stance": "document"}, "'document' is no stance. Did you mean 'documented'?"),
        ({"level": "custdy"}, "'custdy' is no level. Did you mean 'custody'?"),
        ({"certainty": "sure"}, "'sure' is no certainty."),
        ({"as_of": "19.02.2020"}, "as_of: '19.02.2020' is no date; write 2020, 2020-02 or 2020-02-19"),
        ({"known_by": "2020-02-30"}, "known_by: '2020-02-30' is no day of the calendar"),
        ({"fresh": "three years"}, "fresh: 'three years' is no span of time; write 90d, 6w, 18m or 3y"),
    ],
)
def test_a_wrong_option_is_named_with_what_would_do(option: dict[str, str], said: str) -> None:
    with pytest.raises((UnknownTerm, AccessMapError)) as error:
        Scope.of(**option)  # type: ignore[arg-type]  # wrong on purpose
    assert str(error.value).startswith(said)


ASKED: dict[str, Callable[..., Any]] = {
    "who": lambda graph, **given: graphs.who_can_reach(graph, "face", **given),
    "what": lambda graph, **given: graphs.reachable_from(graph, "kz-mia", **given),
    "how": lambda graph, **given: graphs.how(graph, "kz-mia", "face", **given),
    "whynot": lambda graph, **given: graphs.whynot(graph, "kz-mia", "genomic", **given),
    "chokepoints": lambda graph, **given: graphs.chokepoints(graph, "face", **given),
    "losses": lambda graph, **given: graphs.pair_losses(graph, "face", **given),
    "cut": lambda graph, **given: graphs.cut(graph, "face", **given),
    "sensitivity": lambda graph, **given: graphs.sensitivity(graph, "face", **given),
    "gaps": graphs.gaps,
    "gaps of a target": lambda graph, **given: graphs.gaps(graph, "face", **given),
    "timeline": lambda graph, **given: graphs.reach_over_time(graph, "face", **given),
    "expiring": lambda graph, **given: graphs.expiring(graph, "180d", **given),
    "matrix": graphs.reach_matrix,
    "check": graphs.check,
    "check of a cell": lambda graph, **given: graphs.check(
        graph, [parse_policies('rule = [{id = "x", must = "have a legal basis"}]')], **given
    ),
    "check by principles": lambda graph, **given: graphs.check(graph, gdpr=True, **given),
    "diff": lambda graph, **given: graphs.diff(graph.dataset, graph.dataset, **given),
    "between": lambda graph, **given: graphs.between(graph, "2020-01-01", "2020-04-15", **given),
    "map": graphs.draw_map,
    "what if": lambda graph, **given: graphs.what_if(graph.dataset, "face", without=["kz-mia"], **given),
}


@pytest.mark.parametrize("question", ASKED)
def test_a_body_is_no_place_for_data_to_be_in(cabar_graph: AccessGraph, question: str) -> None:
    ask = ASKED[question]
    ask(cabar_graph, stores=["kz-sergek-almaty-archive", "kz-sergek"])
    said = "stores: 'kz-police-almaty' is a body; data are in a system or store"
    with pytest.raises(UnknownId, match=said):
        ask(cabar_graph, stores=["kz-sergek-almaty-archive", "kz-police-almaty"])
    if question not in ("diff", "between"):  # where one side may lack it
        with pytest.raises(UnknownId, match="no entity has the id 'kz-sergek-almaty-archives'"):
            ask(cabar_graph, stores=["kz-sergek-almaty-archives"])

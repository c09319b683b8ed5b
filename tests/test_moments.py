"""Days that share their arcs tell what days laid down one by one tell."""

from __future__ import annotations

import random

import pytest
import strategies
from hypothesis import given
from oracle import Tables
from test_changes import options

from graphs import histories
from graphs.access import build
from graphs.histories import History, reach_over_time
from stakeholders.tables import read


def told(history: History) -> tuple[object, ...]:
    """All that an answer about time says."""
    notes = [note.text("en") for note in history.notes]
    return history.rows, history.beside, notes, history.complete


@given(strategies.cases())
def test_days_that_share_their_arcs_tell_what_days_by_themselves_tell(case: tuple[Tables, random.Random]) -> None:
    tables, rng = case
    compare(tables, rng)


# A store that becomes known explains what moves.
@pytest.mark.parametrize("seed", [2138, 2157])
def test_so_do_days_on_which_a_place_comes_or_goes(seed: int) -> None:
    rng = random.Random(seed)
    compare(strategies.random_tables(rng), rng)


def compare(tables: Tables, rng: random.Random) -> None:
    """Some target's days, with what they share and each by itself."""
    question = strategies.random_question(rng, tables)
    (target,) = strategies.random_targets(rng, tables, 1)
    graph = build(strategies.dataset(tables))
    asked = {**options(question), "as_of": question.as_of}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(histories, "LARGE", 1 << 30)
        expected = reach_over_time(graph, target, **asked)
        patch.setattr(histories, "LARGE", 0)
        assert told(reach_over_time(graph, target, **asked)) == told(expected)


def test_a_day_on_which_too_many_move_is_told_by_its_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = build(read("central-asia"))
    whole = reach_over_time(graph, "face", as_of="2026-11-01")
    monkeypatch.setattr(histories, "LARGE", 0)
    monkeypatch.setattr(histories, "_AT_ONCE", 1)
    counted = reach_over_time(graph, "face", as_of="2026-11-01")
    assert [row["reaches"] for row in counted.rows] == [row["reaches"] for row in whole.rows]
    assert any(len(row["events"]) > 1 for row in whole.rows)
    assert max(len({event["body"] for event in row["events"]}) for row in counted.rows) <= 1
    assert whole.complete
    assert not counted.complete
    assert any("--from" in note.text("en") for note in counted.notes)


@pytest.mark.parametrize("most", [1, 10, 22])
def test_a_day_on_which_nobody_moves_is_not_told_once_many_have(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    graph = build(read("central-asia"))
    whole = reach_over_time(graph, "face", as_of="2026-11-01")
    monkeypatch.setattr(histories, "LARGE", 0)
    monkeypatch.setattr(histories, "_MOST_EVENTS", most)
    counted = reach_over_time(graph, "face", as_of="2026-11-01")
    assert not counted.complete
    assert [(row["date"], row["reaches"]) for row in counted.rows] == [
        (row["date"], row["reaches"]) for row in whole.rows
    ]

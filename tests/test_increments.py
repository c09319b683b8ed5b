"""What moved, found from what changed, is what asking everything says; and it costs less."""

from __future__ import annotations

import random

import strategies
from hypothesis import given
from oracle import Tables
from test_changes import edited, options

from benchmarks.diff import measure
from graphs.access import build
from graphs.effects import columns_of, moves
from graphs.increments import FEW, moved_pairs, worth_it
from graphs.reachability import asked_bodies
from graphs.scope import Scope
from graphs.versions import Versions
from stakeholders.differences import changes_between


def versions_of(rng: random.Random, tables: Tables) -> Versions:
    """Two datasets, or one at two dates, under options of every kind."""
    question = strategies.random_question(rng, tables)
    asked = options(question)
    if rng.random() < 0.5:
        last = strategies.random_day(rng, tables)
        graph = build(strategies.dataset(tables))
        return Versions.between(graph, Scope.of(as_of=question.as_of, **asked), Scope.of(as_of=last, **asked))
    before, after = strategies.dataset(tables), strategies.dataset(edited(rng, tables))
    return Versions.of(before, after, Scope.of(as_of=question.as_of, **asked), changes_between(before, after))


@given(strategies.cases())
def test_from_what_changed_the_same_moves_follow_as_from_everything(case: tuple[Tables, random.Random]) -> None:
    tables, rng = case
    versions = versions_of(rng, tables)
    before, after = versions.before, versions.after
    if before.graph is not after.graph:  # another rule or date of a source makes another graph: everything is asked
        assert not worth_it(before, after, columns_of(before, after))
        return
    columns = columns_of(before, after)
    every = moves(before, after, columns)
    cells = zip(every.body, every.column, every.before, every.after, strict=True)
    expected = {(int(body), every.columns[int(at)], int(was), int(now)) for body, at, was, now in cells}
    found = list(moved_pairs(before, after, asked_bodies(before.graph, before.scope), columns))
    assert {(pair.body, pair.column, pair.before, pair.after) for pair in found} == expected
    assert len(found) == len(expected)


def test_twenty_changed_relations_cost_less_than_two_and_a_half_full_reaches() -> None:
    outcome = measure(1000)
    assert outcome.pairs > 0
    assert outcome.ratio < 2.5
    assert FEW >= 20

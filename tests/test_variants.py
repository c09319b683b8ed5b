"""States that share their layers give the ranks, paths and causes of states laid down one by one."""

from __future__ import annotations

import random

import numpy as np
import pytest
import strategies
from hypothesis import assume, given
from oracle import Tables
from test_increments import versions_of

from graphs import changes
from graphs.causes import Witnesses
from graphs.effects import columns_of, ranks_of
from graphs.engines.arrays import UNREACHED
from graphs.reachability import asked_bodies
from graphs.variants import Variants, in_view
from graphs.versions import Choice, Versions


def some_choices(rng: random.Random, versions: Versions) -> list[Choice]:
    """Some choices of the causes, and both ends."""
    numbers = sorted(versions.everything)
    some = [frozenset(rng.sample(numbers, rng.randint(0, len(numbers)))) for _ in range(3)]
    return [frozenset(), *some, versions.everything]


@given(strategies.cases())
def test_each_state_has_the_ranks_and_paths_that_it_has_by_itself(case: tuple[Tables, random.Random]) -> None:
    tables, rng = case
    versions = versions_of(rng, tables)
    assume(versions.one_graph)
    compare(rng, versions)


# A leak that ends a way searched from a body; a change of what an implied feed rests on.
@pytest.mark.parametrize("seed", [28, 43, 1626])
def test_so_has_each_state_that_is_rare(seed: int) -> None:
    rng = random.Random(seed)
    versions = versions_of(rng, strategies.random_tables(rng))
    assert versions.one_graph
    compare(rng, versions)


def compare(rng: random.Random, versions: Versions) -> None:
    """Some states, searched from what they share and each by itself."""
    variants, bodies = Variants.of(versions), asked_bodies(versions.after.graph, versions.after.scope)
    columns = columns_of(versions.before, versions.after)
    for chosen in some_choices(rng, versions):
        state = versions.state(chosen)
        expected = ranks_of(state, columns, bodies)
        asked = [(body, at) for body in range(len(bodies)) for at in range(len(columns)) if rng.random() < 0.7]
        pairs = [(int(bodies[body]), (columns[at],)) for body, at in asked]
        assert variants.ranks(chosen, pairs) == [int(expected[pair]) for pair in asked]
        reached = [pair for pair in asked if expected[pair] < UNREACHED]
        wanted = [(int(bodies[body]), (columns[at],), int(expected[body, at])) for body, at in reached]
        paths = variants.paths(chosen, wanted)
        assert [column for column, _ in paths] == [columns[at] for _, at in reached]
        ways = Witnesses(state, columns)
        found = in_view([path for _, path in paths], state.arc, len(state.graph.arcs))
        assert list(found) == [ways.path(body, column, rank) for body, (column,), rank in wanted]
        # Who falls from one verdict to another is told of twice.
        assert variants.paths(chosen, [*wanted, *wanted]) == [*paths, *paths]


@given(strategies.cases())
def test_several_columns_count_as_their_best(case: tuple[Tables, random.Random]) -> None:
    tables, rng = case
    versions = versions_of(rng, tables)
    assume(versions.one_graph)
    variants, bodies = Variants.of(versions), asked_bodies(versions.after.graph, versions.after.scope)
    columns = columns_of(versions.before, versions.after)
    goal = tuple(sorted(rng.sample(columns, min(len(columns), 4))))
    assume(goal)
    for chosen in some_choices(rng, versions):
        state = versions.state(chosen)
        each = ranks_of(state, goal, bodies)
        expected = each.min(axis=1)
        assert variants.ranks(chosen, [(int(body), goal) for body in bodies]) == expected.tolist()
        reached = np.flatnonzero(expected < UNREACHED).tolist()
        paths = variants.paths(chosen, [(int(bodies[at]), goal, int(expected[at])) for at in reached])
        ways = Witnesses(state, goal)
        for at, (column, path) in zip(reached, paths, strict=True):
            best = [one for one, rank in zip(goal, each[at], strict=True) if rank == expected[at]]
            found = next(in_view([path], state.arc, len(state.graph.arcs)))
            assert (column, found) == ways.best(int(bodies[at]), best, int(expected[at]))


@given(strategies.cases())
def test_effects_have_the_rows_and_causes_that_they_have_state_by_state(case: tuple[Tables, random.Random]) -> None:
    tables, rng = case
    versions = versions_of(rng, tables)
    assume(versions.one_graph)
    every = range(len(versions.causes))
    within = rng.choice([None, frozenset(rng.sample(every, rng.randint(0, len(every))))])
    told = {}
    for shared in (False, True):
        found = getattr(changes, "_told_shared" if shared else "_told")(
            versions, moved_pairs_of(versions, within), within
        )
        told[shared] = found
    assert told[True] == told[False]


def moved_pairs_of(versions: Versions, within: Choice | None) -> list[tuple[tuple[int, int], int, int, int]]:
    """Every column and body whose best answer moves, with its ranks."""
    states = versions.before, versions.after if within is None else versions.state(within)
    columns, bodies = columns_of(*states), asked_bodies(states[0].graph, states[0].scope)
    was, now = (ranks_of(state, columns, bodies) for state in states)
    return [
        (columns[at], int(bodies[body]), int(was[body, at]), int(now[body, at]))
        for at, body in np.argwhere((was != now).T).tolist()
    ]

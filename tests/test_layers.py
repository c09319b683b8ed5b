"""Layer by layer the same ranks and paths are found as by one sweep over all; what takes hours is refused before."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
import strategies
from hypothesis import given
from oracle import Tables
from test_increments import versions_of

from graphs import causes, changes, effects, histories
from graphs.access import build
from graphs.causes import Witnesses
from graphs.changes import between, diff
from graphs.effects import columns_of, ranks_of
from graphs.engines.arrays import UNREACHED
from graphs.histories import reach_over_time
from graphs.layers import Layers, searches
from graphs.reachability import asked_bodies, reachable_from
from stakeholders.memory import TooLarge
from stakeholders.tables import read, read_files


@given(strategies.cases())
def test_layer_by_layer_ranks_and_paths_are_those_of_a_sweep(case: tuple[Tables, random.Random]) -> None:
    tables, rng = case
    state = versions_of(rng, tables).after
    columns, bodies = columns_of(state), asked_bodies(state.graph, state.scope)
    expected, layers = ranks_of(state, columns, bodies), Layers(state)
    for some in (bodies, bodies[:1]):  # from places backwards, and from a body ahead
        assert np.array_equal(ranks_of(state, columns, some, layers), expected[: len(some)])
    reached = [(column, at) for column in range(len(columns)) for at in np.flatnonzero(expected[:, column] < UNREACHED)]
    ways, others = Witnesses(state, columns, layers), Witnesses(state, columns)
    for column, at in reached:
        asked = int(bodies[at]), columns[column], int(expected[at, column])
        assert ways.path(*asked) == others.path(*asked)


def test_searches_are_from_whichever_side_is_fewer() -> None:
    assert searches([(place, 0) for place in range(9)], bodies=4) == 4
    assert searches([(place, 0) for place in range(3)], bodies=4) == 3


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for module in (causes, effects, histories):
        monkeypatch.setattr(module, "LARGE", 0)
    monkeypatch.setattr(changes, "LARGE_GRAPH", 0)
    return monkeypatch


def test_what_is_told_of_a_large_graph_is_told_of_a_small_one(small_is_large: pytest.MonkeyPatch) -> None:
    before, after = read("cabar-2020"), read("central-asia")
    told = diff(before, after, as_of="2020-04-15", also=()).rows
    over_time = reach_over_time(build(after), "face", as_of="2026-11-01").rows
    small_is_large.undo()
    assert told == diff(before, after, as_of="2020-04-15", also=()).rows
    assert over_time == reach_over_time(build(after), "face", as_of="2026-11-01").rows


def test_a_comparison_that_takes_hours_is_refused_with_a_way_to_ask_for_less(
    small_is_large: pytest.MonkeyPatch,
) -> None:
    before, after = read("cabar-2020"), read("central-asia")
    small_is_large.setattr(effects, "MOST_STEPS", 1)
    with pytest.raises(TooLarge, match="--from"):
        diff(before, after, as_of="2020-04-15", also=())


def test_more_moves_than_anybody_reads_are_refused(small_is_large: pytest.MonkeyPatch) -> None:
    small_is_large.setattr(effects, "MOST_MOVES", 3)
    with pytest.raises(TooLarge, match="cases"):
        diff(read("cabar-2020"), read("central-asia"), as_of="2020-04-15", also=())


def test_a_history_that_takes_hours_is_refused_with_a_way_to_ask_for_less(small_is_large: pytest.MonkeyPatch) -> None:
    small_is_large.setattr(histories, "_MOST_DAYS", 1)
    with pytest.raises(TooLarge, match="--dated"):
        reach_over_time(build(read("cabar-2020")), "face", as_of="2020-04-15")


@pytest.mark.parametrize("large", [1 << 30, 0])
def test_a_way_may_be_longer_than_python_goes_deep(monkeypatch: pytest.MonkeyPatch, large: int) -> None:
    for module, name in ((effects, "LARGE"), (causes, "LARGE"), (changes, "LARGE_GRAPH")):
        monkeypatch.setattr(module, name, large)
    bodies = [f"b{number}" for number in range(1100)]
    files = {
        "entities.csv": [
            "id,type,name,categories,sources",
            "archive,store,V,video,s",
            *(f"{b},body,B,,s" for b in bodies),
        ],
        "relations.csv": [
            "id,subject,predicate,object,status,valid_from,valid_until,claim,sources",
            "holds,b0,holds,archive,confirmed,2020,2023,c,s",
            *(f"{b}-over,{b},controls,{a},confirmed,2020,,c,s" for a, b in pairwise(bodies)),
        ],
        "sources.csv": ["id,title,date", "s,S,2020"],
    }
    graph = build(read_files("chain", {name: "\n".join([*lines, ""]).encode() for name, lines in files.items()}))
    path = [*(f"{body}-over" for body in reversed(bodies[1:])), "holds"]
    (row,) = reachable_from(graph, bodies[-1], as_of="2022").rows
    assert row["path"] == path
    (lost,) = between(graph, "2022", "2025", also=(), bodies=[bodies[-1]]).rows
    assert (lost["path_before"], lost["because"]) == (path, ["holds"])

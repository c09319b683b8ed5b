"""Compiled or not, a search finds the same, down to the arcs that it marks."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import strategies
from worlds import options

from benchmarks.generate import AS_OF, landscape
from graphs.access import AccessGraph, build
from graphs.engines import frontier, kernels
from graphs.engines.arrays import threshold
from graphs.engines.frontier import Frontier
from graphs.scope import Scope
from graphs.views import NO_CATEGORY, places_of

MARKED = tuple(threshold(level, 2) for level in (3, 2, 1, 0))


def same(graph: AccessGraph, scope: Scope, layer: int, places: np.ndarray[Any, Any]) -> int:
    """Compare all that the two engines find; gives how many bits that is."""
    ours, plain = (Frontier.of(graph, scope, layer, compiled=compiled) for compiled in (True, False))
    assert ours.compiled
    assert not plain.compiled
    for name in ("rows", "indptr", "source", "target", "bits", "terminal"):
        assert np.array_equal(getattr(ours, name), getattr(plain, name)), name
    found, expected = ours.search(places, MARKED), plain.search(places, MARKED)
    assert np.array_equal(found.bits, expected.bits)
    assert len(found.rounds) == len(expected.rounds)
    for one, other in zip(found.rounds, expected.rounds, strict=True):
        assert all(np.array_equal(*pair) for pair in zip(one, other, strict=True))
    for mark in MARKED:
        assert np.array_equal(found.ahead[mark], expected.ahead[mark]), mark
    assert all(np.array_equal(*pair) for pair in zip(found.best(), expected.best(), strict=True))
    # Asked about some thresholds alone, a search finds of these what it finds among all.
    asked = np.uint16(sum(1 << mark for mark in MARKED))
    for front in (ours.search(places, MARKED, others=False), plain.search(places, MARKED, others=False)):
        assert np.array_equal(front.bits, expected.bits & asked)
        assert all(np.array_equal(*pair) for pair in zip(front.best(MARKED), expected.best(MARKED), strict=True))
        for mark in MARKED:
            assert np.array_equal(front.ahead[mark], expected.ahead[mark]), mark
    return sum(len(nodes) for nodes, _ in found.rounds)


def test_on_random_datasets() -> None:
    found = 0
    for seed in range(300):
        rng = random.Random(seed)
        tables = strategies.random_tables(rng)
        question = strategies.random_question(rng, tables)
        graph = build(strategies.dataset(tables))
        scope = Scope.of(**{**options(question), "bodies": None, "stores": None})
        for code in ("face_3d", "identity"):
            layer = graph.categories.position[code]
            found += same(graph, scope, layer, places_of(graph, scope, layer))
        found += same(graph, scope, NO_CATEGORY, np.array([0]))
    assert found > 500


@pytest.mark.parametrize("stance", ["direct", "documented", "assumed"])
@pytest.mark.parametrize("day", ["2010-01-01", "2018-06", AS_OF])
def test_on_a_generated_graph(stance: str, day: str) -> None:
    graph = build(landscape(3000, seed=9))
    for given in ({}, {"certainty": "reported"}, {"fresh": "8y", "known_by": "2017", "level": "indirect"}):
        scope = Scope.of(stance=stance, as_of=day, **given)
        layer = graph.categories.position["video"]
        same(graph, scope, layer, places_of(graph, scope, layer))


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_blocks_and_parts_of_any_size_find_the_same(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontier, "_BLOCK", size)
    monkeypatch.setattr(frontier, "_PART", size)
    graph = build(landscape(300, seed=3))
    for given in ({}, {"certainty": "reported"}, {"fresh": "8y", "known_by": "2017"}):
        scope, layer = Scope.of(stance="assumed", as_of=AS_OF, **given), graph.categories.position["video"]
        assert same(graph, scope, layer, places_of(graph, scope, layer))


def test_size_decides_and_without_numba_arrays_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = build(landscape(100))
    scope, layer = Scope.of(as_of=AS_OF), graph.categories.position["video"]
    assert not Frontier.of(graph, scope, layer).compiled
    monkeypatch.setattr(kernels, "WORTH", 10)
    assert Frontier.of(graph, scope, layer).compiled
    monkeypatch.setattr(kernels, "find_spec", {"numba": None}.get)
    assert not Frontier.of(graph, scope, layer).compiled


def test_nowhere_to_keep_compiled_code_is_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
    import numba

    compile_it = numba.njit

    def refusing(*args: Any, **options: Any) -> Any:
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return compile_it(*args, **options)

    monkeypatch.setattr(numba, "njit", refusing)
    made = kernels.kernels.__wrapped__()
    words = np.array([1, 0], dtype=np.uint64)
    # One arc, from the second node to the first.
    made.carry(words, np.array([1], np.uint64), np.array([0], np.int32), np.array([True]), np.array([0, 1, 1]),
               np.array([1], np.int32), np.ones(2, bool), np.empty(2, dtype=np.int32))  # fmt: skip
    assert words.tolist() == [1, 1]
    assert frontier.kernels is kernels.kernels

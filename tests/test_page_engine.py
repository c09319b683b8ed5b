"""The page's engine gives the library's answers, row for row."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import strategies
from playwright._impl._driver import compute_driver_executable

from graphs.access import AccessGraph, build
from graphs.map.page import ENGINE_MODULES
from graphs.map.payload import payload
from graphs.reachability import reachable_from, who_can_reach
from graphs.scope import Scope
from stakeholders.tables import read
from stakeholders.vocabulary import CERTAINTIES, LEVELS, STANCES

Asked = tuple[str, str, dict[str, Any]]  # what is asked, of which target, under which options

# Playwright brings a Node of its own, so no other needs to be installed.
NODE = str(compute_driver_executable()[0])


def in_page(cases: Sequence[tuple[AccessGraph, Sequence[Asked]]]) -> list[list[list[dict[str, Any]]]]:
    """Rows that the page's engine gives for questions about graphs."""
    asked = [
        {
            "data": payload(graph),
            "questions": [
                {"ask": ask, "target": target, "options": in_numbers(options)} for ask, target, options in questions
            ],
        }
        for graph, questions in cases
    ]
    run = subprocess.run(
        [NODE, str(Path(__file__).with_name("page_rows.js")), json.dumps(ENGINE_MODULES)],
        input=json.dumps(asked), capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    answered: list[list[list[dict[str, Any]]]] = json.loads(run.stdout)
    return answered


def in_numbers(options: dict[str, Any]) -> dict[str, Any]:
    scope = Scope.of(**options)
    return {
        "stance": scope.stance,
        "asOf": scope.as_of,
        "knownBy": scope.known_by,
        "level": scope.level,
        "certainty": scope.certainty,
        "evidenceSince": scope.evidence_since,
        "bodies": scope.bodies,
        "stores": scope.stores,
    }


def in_library(graph: AccessGraph, asked: Asked) -> list[dict[str, Any]]:
    ask, target, options = asked
    if ask == "what":
        return list(reachable_from(graph, target, **options).rows)
    return list(who_can_reach(graph, target, by={"who": "body", "pairs": "pair"}[ask], **options).rows)


def random_options(rng: random.Random, tables: Any) -> dict[str, Any]:
    question = strategies.random_question(rng, tables)
    bodies = [row["id"] for row in tables.entities if row["type"] == "body"]
    return {
        "stance": rng.choice(STANCES),
        "as_of": question.as_of,
        "known_by": rng.choice([None, None, strategies.random_day(rng, tables)]),
        "level": rng.choice(("possible", "possible", *LEVELS)),
        "certainty": rng.choice(("prospective", "prospective", *CERTAINTIES)),
        "fresh": rng.choice([None, None, None, "3y"]),
        "bodies": rng.choice([None, None, rng.sample(bodies, min(2, len(bodies)))]),
    }


@pytest.mark.parametrize("seed", range(6))
def test_every_row_of_random_datasets_is_the_librarys(seed: int) -> None:
    rng = random.Random(seed)
    cases = []
    for number in range(60):
        tables = strategies.random_tables(rng, entities=7 + number % 6, relations=10 + number % 12)
        graph = build(strategies.dataset(tables))
        bodies = [name for name, kind in zip(graph.ids, graph.types, strict=True) if kind == 0]
        asked: list[Asked] = []
        for _ in range(4):
            options = random_options(rng, tables)
            targets = [*strategies.CATEGORIES, *rng.sample(list(graph.ids), 3)]
            asked += [(ask, target, options) for ask in ("who", "pairs") for target in targets]
            asked += [("what", body, {**options, "bodies": None}) for body in rng.sample(bodies, min(2, len(bodies)))]
        cases.append((graph, asked))
    found = 0
    for (graph, asked), answered in zip(cases, in_page(cases), strict=True):
        for question, rows in zip(asked, answered, strict=True):
            expected = in_library(graph, question)
            assert rows == expected, question
            found += len(rows)
    assert found > 1000


def test_every_combination_of_assumptions_on_the_bundled_data() -> None:
    graph = build(read("central-asia"))
    days = ("2011-06-01", "2016-01-01", "2018-07-01", "2019-10-09", "2020-04-15", "2021-03-01",
            "2022-01-15", "2023-02-09", "2024-05-01", "2025-01-31", "2025-11-10", "2026-11-24")  # fmt: skip
    asked: list[Asked] = [
        ("who", "biometric", {"stance": stance, "level": level, "certainty": certainty, "as_of": day})
        for stance, level, certainty, day in itertools.product(STANCES, LEVELS, CERTAINTIES, days)
    ]
    for question, rows in zip(asked, in_page([(graph, asked)])[0], strict=True):
        assert rows == in_library(graph, question), question


@pytest.mark.parametrize("name", ["central-asia", "cabar-2020"])
def test_every_category_body_and_place_of_the_bundled_data(name: str) -> None:
    graph = build(read(name))
    options = {"as_of": "2026-11-24"}
    asked: list[Asked] = [("pairs", code, options) for code in graph.categories.codes]
    asked += [
        ("what" if kind == 0 else "pairs", node, options) for node, kind in zip(graph.ids, graph.types, strict=True)
    ]
    for question, rows in zip(asked, in_page([(graph, asked)])[0], strict=True):
        assert rows == in_library(graph, question), question

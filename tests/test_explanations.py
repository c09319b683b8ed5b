"""Why no path is known: a relation that is said to open one by itself does, once nothing shuts it out any more."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
import strategies
from oracle import Tables
from worlds import DAY, graph_of, options

from graphs.access import build
from graphs.explanations import whynot
from graphs.reports.paths import _WHY
from stakeholders.vocabulary import LANGUAGES


def near(*lines: str, body: str = "b1", target: str = "face", **more: Any) -> list[tuple[str, str, bool]]:
    graph = graph_of(*lines, categories=more.pop("categories", None))
    answer = whynot(graph, body, target, as_of=DAY, **more)
    assert not answer.rows
    return [(each["relation"], each["why"], each["leads_to_target"]) for each in answer.beside["near"]]


def test_what_lets_other_data_through_opens_no_path_whenever_it_holds() -> None:
    over = "b1 has_access s1 valid_until=2015 categories=identity"
    assert near(over, categories={"s1": "face;identity"}) == [("r1", "time", False)]
    denied = "b1 has_access s1 status=denied categories=identity"
    assert near(denied, categories={"s1": "face;identity"}) == [("r1", "denied", False)]
    only = "b1 has_access s1 categories=identity"
    assert near(only, categories={"s1": "face;identity"}) == [("r1", "category", True)]


def test_a_leak_leads_on_from_no_copy() -> None:
    held = {"s1": "face", "s2": "identity"}
    lines = "s2 leaked_to b1 status=planned", "s2 feeds y1", "y1 keeps_data_in s1 id=kept"
    assert near("y1 leaked_to b1 valid_until=2015", "y1 keeps_data_in s1", categories={"s1": "face", "y1": ""}) == [
        ("r1", "time", False)
    ]
    assert near(*lines, certainty="reported", categories={**held, "y1": ""})[0][1:] == ("certainty", False)


@pytest.mark.parametrize(
    ("percent", "why"),
    [("", "unknown stake"), ("30..60", "unknown stake"), ("0..50", "minority stake"), ("49", "minority stake")],
)
def test_a_stake_of_unknown_size_is_not_called_a_minority_s(percent: str, why: str) -> None:
    assert near(f"b1 owns b2 percent={percent}", "b2 holds s1") == [("r1", why, True)]


def test_every_reason_has_its_words() -> None:
    assert all(label.of(lang) for label in _WHY.values() for lang in LANGUAGES)


LIFTED = (
    "time", "certainty", "denied", "category", "not yet known", "evidence too old", "minority stake", "unknown stake"
)  # fmt: skip


@pytest.mark.parametrize("seed", range(150))
def test_what_opens_a_path_by_itself_does_so_once_it_counts(seed: int) -> None:
    rng = random.Random(seed)
    tables = strategies.random_tables(rng)
    question = replace(strategies.random_question(rng, tables), stance="documented", level="possible")
    (target,) = strategies.random_targets(rng, tables, 1)
    for body in sorted(tables.bodies())[:3]:
        asked = options(question) | {"bodies": None, "stores": None}
        answer = whynot(build(strategies.dataset(tables)), body, target, **asked)
        for each in answer.beside.get("near", ()):
            if each["why"] in LIFTED:
                lifted = build(strategies.dataset(counted(tables, each["relation"], each["why"])))
                opened = bool(whynot(lifted, body, target, **asked).rows)
                assert opened or not each["leads_to_target"], (body, target, each)


def counted(tables: Tables, name: str, why: str) -> Tables:
    """The tables with one relation that nothing shuts out but its categories, unless it was these that did."""
    (claim,) = (row for row in tables.relations if row["id"] == name)
    ends = {claim["subject"], claim["object"]}
    share = "100" if claim["predicate"] == "owns" else ""
    sure = {**claim, "status": "confirmed", "valid_from": "1000", "valid_until": "", "percent": share, "sources": "now"}
    sure["categories"] = "" if why == "category" else claim["categories"]
    denied = {
        row["id"] for row in tables.relations if row["status"] == "denied" and row["id"] != name
        and all(row[part] == claim[part] for part in ("subject", "predicate", "object"))
    }  # fmt: skip
    told = [sure if row["id"] == name else row for row in tables.relations if row["id"] not in denied]
    things = [{**row, "valid_from": "", "valid_until": ""} if row["id"] in ends else row for row in tables.entities]
    now = [{**tables.sources[0], "id": f"now{day}", "date": day} for day in ("", "2999")]
    sure["sources"] = ";".join(row["id"] for row in now)
    return replace(tables, entities=things, relations=told, sources=[*tables.sources, *now])

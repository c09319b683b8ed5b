"""Answers about reach against a brute force that shares nothing with them, on random small datasets; and their laws."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import oracle
import pytest
import strategies
from hypothesis import given
from oracle import Question, Tables
from worlds import DAY, world

from graphs.access import AccessGraph, build
from graphs.explanations import how, whynot
from graphs.reachability import reachable_from, who_can_reach
from stakeholders.tables import read_files

Case = tuple[Tables, Question, list[str], str]
Pairs = set[tuple[str, str]]

SWEEP = range(1200)


def options(question: Question) -> dict[str, Any]:
    """The question as keyword options of the library."""
    return {
        "stance": question.stance,
        "as_of": question.as_of,
        "known_by": question.known_by,
        "level": question.level,
        "certainty": question.certainty,
        "fresh": f"{question.fresh}y" if question.fresh else None,
        "bodies": question.bodies,
        "stores": question.stores,
    }


def of_one_body(question: Question) -> tuple[Question, dict[str, Any]]:
    """The same question about a body: it asks itself, so nobody else is selected."""
    given_options = options(question)
    del given_options["bodies"]
    return replace(question, bodies=None), given_options


def case_of_seed(seed: int) -> Case:
    """A case of its own for each number; every tenth with loops, which only an unchecked dataset can have."""
    rng = random.Random(seed)
    return case_about(strategies.random_tables(rng, loops=seed % 10 == 0), rng)


def case_about(tables: Tables, rng: random.Random) -> Case:
    """A random question about a dataset, with two targets and a body to ask about."""
    question, targets = strategies.random_question(rng, tables), strategies.random_targets(rng, tables)
    return tables, question, targets, rng.choice(tables.bodies())


def differences_who(case: Case, by: str) -> Iterator[tuple[Any, Any]]:
    tables, question, targets, _ = case
    graph = graph_of(tables)
    for target in targets:
        answer = who_can_reach(graph, target, by=by, **options(question))
        yield list(answer.rows), oracle.who(tables, target, question, by)


def differences_what(case: Case) -> Iterator[tuple[Any, Any]]:
    tables, question, _, body = case
    asked, given_options = of_one_body(question)
    yield list(reachable_from(graph_of(tables), body, **given_options).rows), oracle.what(tables, body, asked)


def differences_how(case: Case) -> Iterator[tuple[Any, Any]]:
    tables, question, targets, body = case
    asked, given_options = of_one_body(question)
    for target in targets:
        answer = how(graph_of(tables), body, target, paths=10_000, **given_options)
        expected = [
            {
                "path": list(path.ids),
                "store": path.store,
                "at": path.at,
                "verdict": path.verdict,
                "level": path.level,
                "certainty": path.certainty,
                "contested": path.contested,
                "hops": len(path.arcs),
                "since": path.since,
                "date": path.word,
                "last_evidence": path.last_evidence,
                "collective": path.collective,
            }
            for path in oracle.how(tables, body, target, asked)
        ]
        found = [{key: row[key] for key in expected[0]} for row in answer.rows] if expected else list(answer.rows)
        yield found, expected


def differences_whynot(case: Case) -> Iterator[tuple[Any, Any]]:
    tables, question, targets, body = case
    asked, given_options = of_one_body(question)
    for target in targets:
        answer = whynot(graph_of(tables), body, target, **given_options)
        paths = oracle.how(tables, body, target, asked)
        yield bool(answer.rows), bool(paths)
        if not paths:
            yield answer.beside["closed"], sorted(oracle.closed(tables, body, target, asked))


QUESTIONS: dict[str, Callable[[Case], Iterator[tuple[Any, Any]]]] = {
    "who by pair": lambda case: differences_who(case, "pair"),
    "who by body": lambda case: differences_who(case, "body"),
    "what": differences_what,
    "how": differences_how,
    "whynot": differences_whynot,
}


def graph_of(tables: Tables) -> AccessGraph:
    return build(strategies.dataset(tables))


def assert_same(question: str, case: Case, seed: int | None = None) -> None:
    """Fail with the smallest dataset that still tells the two apart."""
    check = QUESTIONS[question]
    if all(found == expected for found, expected in check(case)):
        return
    _, *rest = case

    def fails(tables: Tables) -> bool:
        try:
            return any(found != expected for found, expected in check((tables, *rest)))
        except (StopIteration, KeyError):
            return False  # what was asked about has gone

    small = strategies.smallest(case[0], fails)
    found, expected = next(pair for pair in check((small, *rest)) if pair[0] != pair[1])
    pytest.fail(
        f"{question}, seed {seed}: {rest}\n{strategies.shown(small)}\nlibrary:     {found}\nbrute force: {expected}"
    )


def test_the_datasets_are_valid() -> None:
    """Loops apart, what is asked about is what the library would read."""
    for seed in range(200):
        tables = strategies.random_tables(random.Random(seed))
        assert read_files("random", strategies.files(tables)).name == "random"


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_is_that_of_brute_force(question: str) -> None:
    for seed in SWEEP:
        assert_same(question, case_of_seed(seed), seed)


@given(strategies.cases())
def test_every_answer_is_that_of_brute_force_on_what_hypothesis_finds(drawn: tuple[Tables, random.Random]) -> None:
    case = case_about(*drawn)
    for question in QUESTIONS:
        assert_same(question, case)


def test_the_sweep_meets_every_kind_of_answer() -> None:
    """The comparison is worth what its datasets are: each trait of an answer occurs, and not just once."""
    met: dict[tuple[str, Any], int] = {}
    for seed in SWEEP:
        tables, question, targets, _ = case_of_seed(seed)
        for row in oracle.who(tables, targets[0], question, "pair"):
            traits = {
                "verdict": row["verdict"],
                "level": row["level"],
                "certainty": row["certainty"],
                "date": row["date"],
                "stance": question.stance,
                "contested": row["contested"],
                "collective": row["collective"],
                "store_unknown": row["store_unknown"],
                "also": bool(row["also"]),
                "elsewhere": row["at"] != row["store"],
                "several categories": len(row["categories"]) > 1,
                "long": row["hops"] > 2,
                "last_evidence": row["last_evidence"] is None,
            }
            for trait in traits.items():
                met[trait] = met.get(trait, 0) + 1
    wanted = [
        *(("verdict", verdict) for verdict in oracle.VERDICTS),
        *(("level", level) for level in oracle.LEVELS),
        *(("certainty", certainty) for certainty in oracle.CERTAINTIES),
        *(("date", word) for word in oracle.WORDS),
        *(("stance", stance) for stance in ("direct", "documented", "assumed")),
        *((trait, True) for trait in ("contested", "collective", "store_unknown", "also", "elsewhere", "long")),
        ("several categories", True),
        ("last_evidence", False),
    ]
    assert {trait: met.get(trait, 0) for trait in wanted if met.get(trait, 0) < 5} == {}


# Laws: what must hold whatever the answers are ----------------------------------------------------------------------


def asked(seed: int, **changes: Any) -> tuple[Tables, AccessGraph, Question, str]:
    tables, question, targets, _ = case_of_seed(seed)
    return tables, graph_of(tables), replace(question, **changes), targets[0]


def pairs(graph: AccessGraph, target: str, question: Question) -> Pairs:
    answer = who_can_reach(graph, target, by="pair", **options(question))
    return {(row["body"], row["store"]) for row in answer.rows}


LAWS = range(2000, 2300)


def test_a_weaker_stance_only_adds_pairs() -> None:
    for seed in LAWS:
        _, graph, question, target = asked(seed)
        direct, documented, assumed = (
            pairs(graph, target, replace(question, stance=stance)) for stance in ("direct", "documented", "assumed")
        )
        assert direct <= documented <= assumed, seed


def test_a_lower_threshold_only_adds_pairs() -> None:
    for seed in LAWS:
        _, graph, question, target = asked(seed)
        for option, words in (("level", oracle.LEVELS), ("certainty", oracle.CERTAINTIES)):
            nested = [pairs(graph, target, replace(question, **{option: word})) for word in words]
            assert all(stricter <= looser for looser, stricter in pairwise(nested)), (seed, option)


def test_removing_what_is_no_denial_adds_no_reach_to_a_store() -> None:
    """But it may make a system a place of its own, whose store is then no longer known; and a withdrawn source may
    leave a claim undated, which holds longer."""
    for seed in LAWS:
        tables, graph, question, target = asked(seed)
        before = best_of_stores(tables, graph, target, question)
        rng = random.Random(seed)
        rows = [*(row for row in tables.relations if row["status"] != "denied"), *tables.entities]
        removed = rng.choice(rows)["id"]
        if removed == target or removed in {*(question.bodies or ()), *(question.stores or ())}:
            continue
        after = best_of_stores(tables, build(strategies.dataset(tables).without([removed])), target, question)
        assert all(pair in before and before[pair] <= rank for pair, rank in after.items()), (seed, removed)


def test_removing_a_denial_loses_no_reach() -> None:
    tried = 0
    for seed in LAWS:
        tables, graph, question, target = asked(seed)
        denials = [row["id"] for row in tables.relations if row["status"] == "denied"]
        if not denials:
            continue
        tried += 1
        before = best_of_stores(tables, graph, target, question)
        after = best_of_stores(tables, build(strategies.dataset(tables).without(denials)), target, question)
        assert all(pair in after and after[pair] <= rank for pair, rank in before.items()), seed
    assert tried > 50


def best_of_stores(
    tables: Tables, graph: AccessGraph, target: str, question: Question
) -> dict[tuple[str, str], tuple[int, int, int]]:
    """For each body and store (no system) how good the answer is, the smaller the better."""
    stores = {row["id"] for row in tables.entities if row["type"] == "store"}
    answer = who_can_reach(graph, target, by="pair", **options(question))
    return {(row["body"], row["store"]): oracle.order(row)[:3] for row in answer.rows if row["store"] in stores}


def test_what_was_removed_answers_as_if_it_had_never_been() -> None:
    for seed in LAWS:
        tables, _, question, target = asked(seed)
        question = replace(question, bodies=None, stores=None)
        rng = random.Random(seed)
        rows = [*tables.entities, *tables.relations, *tables.sources]
        gone = [row["id"] for row in rng.sample(rows, 2) if row["id"] != target]
        graph = build(strategies.dataset(tables).without(gone))
        answer = who_can_reach(graph, target, by="pair", **options(question))
        assert list(answer.rows) == oracle.who(oracle.without(tables, gone), target, question, "pair"), (seed, gone)


def test_every_witness_walks() -> None:
    """Arcs that exist, each where the last one ended, the weakest as strong as the row says, as many as it says."""
    walked = 0
    for seed in LAWS:
        tables, graph, question, target = asked(seed)
        arcs = {(arc.relation, arc.source, arc.target) for arc in oracle.arcs(tables, question)}
        answer = who_can_reach(graph, target, by="pair", **options(question))
        for number, row in enumerate(answer.rows):
            steps = answer.path(number)
            assert [step["relation"] for step in steps] == row["path"]
            assert len(steps) == row["hops"]
            assert (steps[0]["source"], steps[-1]["target"]) == (row["body"], row["store"])
            assert all(one["target"] == other["source"] for one, other in pairwise(steps))
            assert len({row["body"], *(step["target"] for step in steps)}) == len(steps) + 1
            assert all((step["relation"], step["source"], step["target"]) in arcs for step in steps)
            assert min((step["level"] for step in steps), key=oracle.LEVELS.index) == row["level"]
            assert min((step["certainty"] for step in steps), key=oracle.CERTAINTIES.index) == row["certainty"]
            assert any(step["contested"] for step in steps) == row["contested"]
            assert all(step["claim"] and step["sources"] for step in steps)
            walked += 1
    assert walked > 150


def test_a_broad_category_asks_for_its_narrower_ones() -> None:
    for seed in LAWS:
        tables, graph, question, _ = asked(seed)
        together: Pairs = set()
        for code in sorted(tables.narrower("biometric")):
            asked_alone = who_can_reach(graph, code, by="pair", **options(question))
            together |= {(row["body"], row["store"]) for row in asked_alone.rows}
        assert pairs(graph, "biometric", question) == together, seed


def test_a_selection_only_selects() -> None:
    for seed in LAWS:
        tables, graph, question, target = asked(seed, bodies=None, stores=None)
        rng = random.Random(seed)
        every = who_can_reach(graph, target, by="pair", **options(question)).rows
        bodies = tuple(rng.sample(tables.bodies(), 1))
        stores = tuple(row["id"] for row in tables.entities if row["type"] != "body")[:2]
        some = who_can_reach(graph, target, by="pair", **options(replace(question, bodies=bodies, stores=stores))).rows
        assert some == tuple(row for row in every if row["body"] in bodies and row["store"] in stores), seed


def test_cutting_a_dataset_at_a_day_first_changes_no_answer_of_that_day() -> None:
    for seed in LAWS:
        tables, graph, question, target = asked(seed, bodies=None, stores=None)
        cut = strategies.dataset(tables).as_of(question.as_of)
        if target not in {*cut.entities.column("id"), *cut.tree.codes}:
            continue
        once, twice = (
            who_can_reach(which, target, by="pair", **options(question)).rows for which in (build(cut), graph)
        )
        assert once == twice, seed


def test_forgetting_what_was_not_known_first_changes_no_answer_of_that_knowledge() -> None:
    day = datetime.date(2020, 2, 19)
    for seed in LAWS:
        tables, graph, question, target = asked(seed, known_by=day)
        cut = build(strategies.dataset(tables).known_by(day))
        once, twice = (who_can_reach(which, target, by="pair", **options(question)).rows for which in (cut, graph))
        assert once == twice, seed


def test_the_order_of_rows_in_the_files_changes_no_answer() -> None:
    for seed in LAWS:
        tables, graph, question, target = asked(seed)
        rng = random.Random(seed)
        shuffled = Tables(
            *(rng.sample(rows, len(rows)) for rows in (tables.entities, tables.relations, tables.sources)),
            tables.categories,
        )
        once, twice = (
            who_can_reach(which, target, by="pair", **options(question)).rows for which in (graph, graph_of(shuffled))
        )
        assert once == twice, seed


# -------------------------------------------------------------------------------------------------- what notes tell


def notes(graph: AccessGraph, target: str = "face") -> list[str]:
    return [note.text() for note in who_can_reach(graph, target, as_of=DAY).notes]


def test_places_that_hold_only_something_broader_are_named_for_each_category_it_is_part_of() -> None:
    graph = build(world("b1 has_access s1", "b1 has_access s2", categories={"s1": "video", "s2": "biometric"}))
    assert [text.split(";")[0] for text in notes(graph, "gait")] == [
        "s2 hold only the broader biometric", "s1 hold only the broader video",
    ]  # fmt: skip


def test_a_denial_without_a_beginning_is_told_without_one() -> None:
    graph = build(world("b1 has_access s1", "b1 has_access s1 id=d status=denied valid_until=2019"))
    (text,) = notes(graph)
    assert text.startswith("Earlier denied, until 2019-12-31: ")


def test_a_denial_of_a_predicate_of_the_dataset_s_own_is_told_in_its_word() -> None:
    rules = {"predicates": {"spies_on": {"arc": "forward", "level": "indirect"}}}
    dataset = replace(world("b1 spies_on s1", "b1 spies_on s1 id=d status=denied"), rules=rules)
    assert any("Name of b1 – spies_on – Name of s1" in text for text in notes(build(dataset)))

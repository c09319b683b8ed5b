"""Gaps: which there are, what is at stake against trying both worlds, and the questions as people read them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import oracle
import oracle_arcs as evidence
import pytest
from hypothesis import HealthCheck, given, settings
from oracle import Question, Tables
from strategies import CATEGORIES, blank, cases, dataset, random_question, random_tables, random_targets
from worlds import DAY, graph_of, options

from graphs.access import AccessGraph, build
from graphs.answers import Row
from graphs.unknowns import GAPS, gaps
from stakeholders.vocabulary import LANGUAGES

TODAY = "2026-11-24"
Ranks = Mapping[tuple[str, str], tuple[int, ...]]


def layers_of(tables: Tables, question: Question, target: str | None) -> list[oracle.Layer]:
    """The places of each category, of all or of those that are asked for; none of a target that is not there."""
    if target is None:
        return list(oracle.all_layers(tables, question))
    there = target in CATEGORIES or any(row["id"] == target for row in tables.entities)
    return list(oracle.layers(tables, target, question)) if there else []


def all_ranks(tables: Tables, question: Question, layers: Iterable[oracle.Layer], target: str | None = None) -> Ranks:
    """The best answer of every body and place: verdict, level, certainty."""
    asked = [(code, {p for p in found if question.stores is None or p in question.stores}) for code, found in layers]
    present = {row["id"] for row in tables.entities}
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    for body in tables.bodies() if question.bodies is None else question.bodies:
        if body not in present or body == target:
            continue
        for _, paths in oracle.paths_by_layer(tables, body, asked, question):
            for path in paths:
                pair = (body, path.store)
                found[pair] = min(found.get(pair, (9,)), path.key[:3])
    return found


def at(found: Ranks, place: str) -> Ranks:
    return {pair: rank for pair, rank in found.items() if pair[1] == place}


def moved(one: Ranks, other: Ranks) -> int:
    return sum(one.get(pair) != other.get(pair) for pair in {*one, *other})


def with_rows(tables: Tables, relations: list[dict[str, str]]) -> Tables:
    return Tables(tables.entities, relations, tables.sources, tables.categories)


def confirmed(tables: Tables, relation: str, question: Question) -> Tables:
    """The world in which a doubtful relation is certain."""
    row = next(row for row in tables.relations if row["id"] == relation)
    return with_rows(tables, [
        {**other, "status": "confirmed"} if other is row else dict(other)
        for other in tables.relations if not evidence.contests(tables, other, row, question)
    ])  # fmt: skip


def at_stake(tables: Tables, row: Row, question: Question, target: str | None = None) -> int | None:
    def ranks(tables: Tables, question: Question, layers: Iterable[oracle.Layer] | None = None) -> Ranks:
        return all_ranks(tables, question, layers_of(tables, question, target) if layers is None else layers, target)

    base = ranks(tables, question)
    kind, name = row["gap"], row["entity"] or row["relation"]
    if kind == "store_unknown":
        return sum(place == name for _, place in base)
    if kind == "collective":
        layers = layers_of(tables, question, target)
        return moved(base, ranks(oracle.without(tables, [name]), question, layers))
    if kind == "no_holder":
        place = tables.entity(name)
        same = [body for body in tables.entities if body["type"] == "body" and body["country"] == place["country"]]
        predicate = "holds" if place["type"] == "store" else "operates"
        new = {**blank("relations"), "id": "new", "predicate": predicate, "object": name, "status": "confirmed",
               "sources": "timeless"}  # fmt: skip
        worlds = (with_rows(tables, [*map(dict, tables.relations), {**new, "subject": body["id"]}]) for body in same)
        return max(moved(at(base, name), at(ranks(world, question), name)) for world in worlds)
    if kind == "open_question":
        twins = [other for other in tables.relations if other["status"] != "denied" and other["id"] != name and all(
            other[end] == tables_row(tables, name)[end] for end in ("subject", "predicate", "object"))]  # fmt: skip
        # A denial that contests two relations cannot be taken away from one of them in a table.
        if twins:
            return None
        base = ranks(confirmed(tables, name, question), question)
    return moved(base, ranks(oracle.without(tables, [name]), question))


def tables_row(tables: Tables, relation: str) -> Mapping[str, str]:
    return next(row for row in tables.relations if row["id"] == relation)


def expected(tables: Tables, question: Question) -> set[tuple[str, str]]:
    """Every gap that there is, by kind and id."""
    found = set()
    present = {
        row["id"] for row in tables.entities
        if (not row["valid_from"] or evidence.first_day(row["valid_from"]) <= question.as_of)
        and (not row["valid_until"] or evidence.last_day(row["valid_until"]) >= question.as_of)
    }  # fmt: skip
    layers = layers_of(tables, question, None)
    base = all_ranks(tables, question, layers)
    for row in tables.entities:
        name = row["id"]
        here = any(name in places for _, places in layers) and (question.stores is None or name in question.stores)
        if name in present and row["collective"]:
            found.add(("collective", name))
        if name in present and here:
            custody = {pair for pair, rank in base.items() if rank[1] == -3 and rank[2] <= -1}
            if not any(place == name for _, place in custody):
                found.add(("no_holder", name))
            if row["type"] == "system":
                found.add(("store_unknown", name))
    for row in tables.relations:
        dated = evidence.interval(tables, row)
        known = evidence.is_known(tables, row, question.known_by)
        if row["status"] == "denied" or not known or not evidence.in_force(dated, question.as_of):
            continue
        denials = [other for other in tables.relations if evidence.contests(tables, other, row, question)]
        year, three = (evidence.years_before(question.as_of, years) for years in (1, 3))
        newest = evidence.newer(*evidence.source_dates(tables, row))
        if row["predicate"] == "has_access" and not row["legal_basis"]:
            found.add(("no_legal_basis", row["id"]))
        if dated.word == "undated" and row["predicate"] not in ("part_of", "member_of"):
            found.add(("undated", row["id"]))
        plan = row["status"] in ("planned", "under_review")
        starts = [evidence.interval(tables, denial).start for denial in denials] + [dated.start] * plan
        if min(starts, default=year) < year:
            found.add(("open_question", row["id"]))
        if not plan and newest and evidence.first_day(newest) < three:
            found.add(("old_evidence", row["id"]))
        if len(oracle.cell(row["sources"])) == 1:
            found.add(("single_source", row["id"]))
    return found


def timeless(tables: Tables) -> Tables:
    """With a source that has no date, for what is added to them."""
    source = {**blank("sources"), "id": "timeless", "title": "Undated", "publisher": "Press", "kind": "news",
              "seen": "read", "language": "en", "url": "https://example.org/"}  # fmt: skip
    return Tables(tables.entities, tables.relations, [*tables.sources, source], tables.categories)


def denied_holders(tables: Tables, rng: random.Random) -> Tables:
    """With it denied of some bodies that they hold what nobody may be known to hold."""
    bodies, places = ([row for row in tables.entities if (row["type"] == "body") == body] for body in (True, False))
    rows = []
    for number in range(3 if bodies and places else 0):
        place = rng.choice(places)
        rows.append({
            **blank("relations"), "id": f"denied-{number}", "subject": rng.choice(bodies)["id"], "object": place["id"],
            "predicate": "holds" if place["type"] == "store" else "operates", "status": "denied", "sources": "timeless",
            "valid_until": rng.choice(["", "", "2018"]), "claim": "No.",
        })  # fmt: skip
    return with_rows(tables, [*map(dict, tables.relations), *rows])


def check(tables: Tables, rng: random.Random) -> None:
    tables = denied_holders(timeless(tables), rng)
    # What is added holds whatever the question thinks of old evidence.
    question = replace(random_question(rng, tables), fresh=None, known_by=None)
    answer = gaps(build(dataset(tables)), **options(question))
    told = {(row["gap"], row["entity"] or row["relation"]) for row in answer.rows}
    assert told == expected(tables, question)
    for row in answer.rows:
        stake = at_stake(tables, row, question)
        assert stake is None or row["verdicts_at_stake"] == stake, (row["gap"], row["entity"] or row["relation"])
    for target in random_targets(rng, tables, 1):
        for row in gaps(build(dataset(tables)), target, **options(question)).rows:
            stake = at_stake(tables, row, question, target)
            about = target, row["gap"], row["entity"] or row["relation"]
            assert stake is None or row["verdicts_at_stake"] == stake > 0, about


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25)
@given(cases())
def test_gaps_and_stakes_are_those_of_trying_both_worlds(case: tuple[Tables, random.Random]) -> None:
    check(*case)


@pytest.mark.parametrize("seed", range(25))
def test_gaps_and_stakes_are_those_of_trying_both_worlds_in_others(seed: int) -> None:
    rng = random.Random(f"gaps {seed}")
    check(random_tables(rng, entities=9, relations=12), rng)


def found(graph: AccessGraph, **given: Any) -> dict[tuple[str, str], int]:
    rows = gaps(graph, as_of=DAY, **given).rows
    return {(row["gap"], row["entity"] or row["relation"]): row["verdicts_at_stake"] for row in rows}


def test_a_store_that_nobody_is_known_to_hold_is_a_gap_and_an_alleged_holder_ends_it() -> None:
    assert ("no_holder", "s1") in found(graph_of("b1 has_access s1"))
    assert ("no_holder", "s1") not in found(graph_of("b1 has_access s1", "b2 holds s1 status=alleged"))
    assert ("no_holder", "s1") in found(graph_of("b1 has_access s1", "b2 holds s1 status=planned"))


def test_the_most_that_one_holder_of_the_same_country_could_change_is_at_stake() -> None:
    lines = ("b1 has_access s1", "b2 part_of b3", "b3 part_of b4", "b5 part_of b6")
    kz, kg = {"country": "KZ"}, {"country": "KG"}
    graph = graph_of(*lines, s1=kg, b1=kz, b2=kz, b3=kz, b4=kz, b5=kg, b6=kg)
    assert found(graph)["no_holder", "s1"] == 2


def test_of_whom_it_stands_denied_that_it_holds_a_store_would_hold_it_by_a_contested_claim() -> None:
    lines = ("b1 has_access s1", "b2 part_of b3", "b2 holds s1 status=denied")
    kz, kg = {"country": "KZ"}, {"country": "KG"}
    graph = graph_of(*lines, s1=kz, b1=kg, b2=kz, b3=kg)
    assert found(graph)["no_holder", "s1"] == 2
    assert found(graph, certainty="reported")["no_holder", "s1"] == 0
    assert found(graph, certainty="alleged")["no_holder", "s1"] == 2
    once = graph_of(*lines[:2], f"{lines[2]} valid_until=2018", s1=kz, b1=kg, b2=kz, b3=kg)
    assert found(once, certainty="reported")["no_holder", "s1"] == 2


def test_a_holder_of_a_system_is_weighed_by_the_data_whose_store_is_not_known() -> None:
    graph = graph_of(
        "y1 keeps_data_in s1 categories=video", "b1 part_of b2 categories=video", "b3 holds s1",
        categories={"y1": "face;video", "s1": "video"},
    )  # fmt: skip
    assert found(graph)["no_holder", "y1"] == 1


def test_where_one_store_is_asked_about_no_system_becomes_a_place() -> None:
    lines = ("b1 operates y1", "y1 keeps_data_in s1", "b1 holds s2")
    assert found(graph_of(*lines), target="face")["single_source", "r2"] == 2
    assert ("single_source", "r2") not in found(graph_of(*lines), target="s2")


def test_a_system_is_at_stake_with_the_pairs_that_stand_at_it() -> None:
    assert found(graph_of("b1 operates y1", "b1 part_of b2"))["store_unknown", "y1"] == 2


def test_a_plan_is_a_question_once_it_is_a_year_old() -> None:
    old, young = "b1 holds s1 status=planned valid_from=2019-04-14", "b1 holds s1 status=planned valid_from=2019-04-16"
    assert found(graph_of(old, "b1 part_of b2"))["open_question", "r1"] == 2
    assert ("open_question", "r1") not in found(graph_of(young))


def test_of_a_plan_it_is_not_asked_whether_it_is_still_so() -> None:
    graph = graph_of("b1 holds s1 status=planned sources=on-2015-01-01", "b2 holds s1 sources=on-2015-01-01")
    kinds = {"old_evidence", "open_question"}
    assert {key for key in found(graph) if key[0] in kinds} == {("open_question", "r1"), ("old_evidence", "r2")}


def test_a_denial_of_over_a_year_ago_is_an_open_question() -> None:
    graph = graph_of("b1 holds s1", "b1 holds s1 status=denied valid_from=2018")
    assert found(graph)["open_question", "r1"] == 1


def test_for_a_target_only_what_bears_on_it_is_asked() -> None:
    graph = graph_of("b1 holds s1", "b2 holds s2", categories={"s1": "face", "s2": "identity"})
    assert set(found(graph, target="face")) == {("undated", "r1"), ("single_source", "r1")}


# what people read


def questions(graph: AccessGraph, lang: str = "en") -> dict[str, str]:
    """The first question of each kind."""
    rows = gaps(graph, as_of=DAY).rows
    return {row["gap"]: row["question"].text(lang) for row in reversed(rows)}


def test_every_kind_of_gap_asks_its_question() -> None:
    graph = graph_of(
        "b1 has_access s1 status=reported sources=on-2016-01-01", "b2 operates y1 status=planned valid_from=2018",
        s1={"name": "The “old” archive"}, b1={"collective": "true"},
    )  # fmt: skip
    asked = questions(graph)
    assert asked["no_holder"] == "Which body holds the store “The ‘old’ archive”, and under which legal act?"
    assert asked["store_unknown"].startswith("Where are the data of the system “Name of y1” kept")
    assert asked["no_legal_basis"].startswith(
        "On which legal basis does “Name of b1” have access to “The ‘old’ archive”"
    )
    assert asked["collective"].startswith("Which bodies exactly does “Name of b1” stand for?")
    assert asked["old_evidence"].startswith("Is it still so that “Name of b1” has access to “The ‘old’ archive”?")
    assert asked["open_question"] == (
        "A plan on record since 2018: “Name of b2” operates “Name of y1”. "
        "Has it been carried out, dropped or replaced, and when?"
    )
    assert asked["single_source"].endswith("So far one source says so: on-2016-01-01 – Press, 2016-01-01.")


def test_a_leak_is_asked_about_as_what_happened() -> None:
    asked = questions(graph_of("s1 leaked_to b1 sources=on-2016-01-01", "b2 holds s1"))
    assert asked["old_evidence"] == (
        "Has it been established whether “Name of s1” leaked to “Name of b1”? The newest evidence is of 2016-01-01."
    )
    assert questions(graph_of("s1 leaked_to b1"))["undated"] == (
        "When did it happen that “Name of s1” leaked to “Name of b1”?"
    )


# How a question takes for granted that a relation holds, and what tells how the relation stands instead.
AS_FACT = {
    "en": "basis does|been so that|still so that|says so|right that|When did",
    "ru": "предоставлен доступ и|действует следующее|Действует ли|Верно ли следующее|^Когда|^Установлено",
    "kk": "негізде берілген|бастап күшінде|әлі күшінде|мәлімет дұрыс|^Мынау қашан|^Мынау анықталды",
}
AS_IT_STANDS = {
    "planned": {"en": "plan", "ru": "план", "kk": "жоспар"},
    "under_review": {"en": "review", "ru": "рассм", "kk": "қарал"},
    "alleged": {"en": "is alleged", "ru": "Утверждается", "kk": "мәлімделген"},
    "reported": {"en": "stated, and denied", "ru": "заявлял.* отрицал", "kk": "мәлімделген әрі жоққа"},
}


@pytest.mark.parametrize("status", AS_IT_STANDS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_planned_reviewed_alleged_or_denied_is_asked_about_as_that(lang: str, status: str) -> None:
    ends = [("b1", "has_access", "s1"), ("b2", "operates", "y1"), ("s1", "leaked_to", "b3")]
    lines = [
        f"{subject} {predicate} {target} status={status}{sources}"
        for subject, predicate, target in ends for sources in ("", " sources=on-2016-01-01")
    ]  # fmt: skip
    denials = [f"{' '.join(each)} status=denied valid_from=2018" for each in ends] * (status == "reported")
    rows = [row for row in gaps(graph_of(*lines, *denials), as_of=DAY).rows if row["relation"]]
    assert {row["gap"] for row in rows} >= {"no_legal_basis", "undated", "single_source"}
    for row in rows:
        text = row["question"].text(lang)
        assert re.search(AS_IT_STANDS[status][lang], text, re.IGNORECASE), text
        assert not re.search(AS_FACT[lang], text), text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_reported_is_asked_about_as_a_fact(lang: str) -> None:
    graph = graph_of("b1 has_access s1", "b1 has_access s2 sources=on-2016-01-01", "s1 leaked_to b3")
    rows = [row for row in gaps(graph, as_of=DAY).rows if row["relation"]]
    assert all(re.search(AS_FACT[lang], row["question"].text(lang)) for row in rows)


def test_a_plan_is_asked_about_in_whole_sentences() -> None:
    asked = questions(graph_of("b1 has_access s1 status=planned sources=on-2016-01-01"))
    assert asked["no_legal_basis"] == (
        "It is planned that “Name of b1” will have access to “Name of s1”. Has this begun, and on which legal basis, "
        "and to which data, is or will access be given?"
    )
    assert asked["single_source"] == (
        "Is it planned, or has it begun, that “Name of b1” has access to “Name of s1”? So far one source tells of the "
        "plan: on-2016-01-01 – Press, 2016-01-01."
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_question_has_a_placeholder_or_a_doubled_stop_left(central_asia_graph: AccessGraph, lang: str) -> None:
    rows = gaps(central_asia_graph, as_of=TODAY).rows
    assert {row["gap"] for row in rows} == set(GAPS)
    for row in rows:
        text = row["question"].text(lang)
        assert not {"{", "}"} & set(text), text
        assert "  " not in text, text
        assert not {".?", "?.", "!."} & {text[at : at + 2] for at in range(len(text))}, text
        assert ".." not in text, text
        assert text[-1] in "?.", text


def test_rows_come_by_what_is_at_stake(central_asia_graph: AccessGraph) -> None:
    rows = gaps(central_asia_graph, as_of=TODAY).rows
    keys = [(-row["verdicts_at_stake"], GAPS.index(row["gap"]), row["entity"] or row["relation"]) for row in rows]
    assert keys == sorted(keys)
    assert sum(gaps(central_asia_graph, as_of=TODAY).beside["counts"].values()) == len(rows)


def test_a_source_named_twice_is_one() -> None:
    found = gaps(graph_of("b1 holds s1 sources=src;src"), as_of=DAY).rows
    assert ("single_source", "r1") in {(row["gap"], row["relation"]) for row in found}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_question_names_no_day_that_is_not_known(lang: str) -> None:
    lines = [f"b{n} has_access s{n} id=r{n} status={status}" for n, status in ((1, "planned"), (2, "under_review"))]
    graph = graph_of(*lines, "b3 has_access s3 id=r3", "b3 has_access s3 id=r4 status=denied")
    told = [row["question"].text(lang) for row in gaps(graph, as_of=DAY).rows if row["gap"] == "open_question"]
    assert len(told) == 3
    assert not any("()" in text or "  " in text or " ," in text or "since :" in text for text in told)

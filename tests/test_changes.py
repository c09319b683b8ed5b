"""What a difference means: effects by brute force, causes that suffice and none too many, changes that can be applied."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import strategies
from hypothesis import given
from oracle import (
    CERTAINTIES,
    LEVELS,
    VERDICTS,
    Question,
    Row,
    Tables,
    all_layers,
    cell,
    in_force,
    interval,
    paths_by_layer,
)

from graphs.changes import Difference, between, diff
from graphs.effects import KINDS, REVERSED
from stakeholders.dataset import Dataset
from stakeholders.differences import apply, changes_between
from stakeholders.tables import digest_parts

Answer = tuple[str, str, str]  # verdict, level, certainty
Key = tuple[str, str, str | None]  # body, store, category
Effect = tuple[str, str, str | None, str]

# ------------------------------------------------------------------------------------------------ the plain meaning


def full_reach(tables: Tables, question: Question) -> dict[Key, Answer]:
    """The best answer of every body for every store and category, by enumeration of paths."""
    found: dict[Key, Answer] = {}
    layers = all_layers(tables, question)
    for body in tables.bodies():
        for category, paths in paths_by_layer(tables, body, layers, question):
            for store in {path.store for path in paths}:
                best = min((path for path in paths if path.store == store), key=lambda path: path.key)
                found[body, store, category] = (best.verdict, best.level, best.certainty)
    return found


def meaning(before: Answer | None, after: Answer | None) -> set[str]:
    """What it is called that the best answer moved."""
    if before == after:
        return set()
    if before is None or after is None or before[0] != after[0]:
        over = {"reaches": "lost", "claimed": "no longer claimed", "prospective": "no longer prospective"}
        begun = {"reaches": "gained", "claimed": "newly claimed", "prospective": "newly prospective"}
        return ({over[before[0]]} if before else set()) | ({begun[after[0]]} if after else set())
    words = set()
    if before[1] != after[1]:
        words.add("stronger" if LEVELS.index(after[1]) > LEVELS.index(before[1]) else "weaker")
    if before[2] != after[2]:
        words.add("more certain" if CERTAINTIES.index(after[2]) > CERTAINTIES.index(before[2]) else "less certain")
    return words


def holds(change: str, before: Answer | None, after: Answer | None, now: Answer | None) -> bool:
    """Whether an effect that was found between two answers shows in a third."""
    if change in ("gained", "newly claimed", "newly prospective"):
        return now is not None and after is not None and now[0] == after[0]
    if change in ("lost", "no longer claimed", "no longer prospective"):
        return now is None or before is None or now[0] != before[0]
    if now is None or after is None or now[0] != after[0]:
        return False
    scale, place = (LEVELS, 1) if change in ("stronger", "weaker") else (CERTAINTIES, 2)
    far = scale.index(now[place]) - scale.index(after[place])
    return far >= 0 if change in ("stronger", "more certain") else far <= 0


def expected(before: Mapping[Key, Answer], after: Mapping[Key, Answer]) -> set[Effect]:
    return {(*key, change) for key in {*before, *after} for change in meaning(before.get(key), after.get(key))}


def effects(answer: Difference) -> set[Effect]:
    return {(row["body"], row["store"], row["category"], row["change"]) for row in answer.rows}


# --------------------------------------------------------------------------------------------------- pairs of versions


def edited(rng: random.Random, tables: Tables) -> Tables:
    """Another version: relations dropped, added, restated, re-dated; entities, sources and categories changed."""
    relations = [dict(row) for row in tables.relations]
    entities = [dict(row) for row in tables.entities]
    sources = [dict(row) for row in tables.sources]
    categories = [dict(row) for row in tables.categories]
    temper = strategies.Temper.of(rng)
    for _ in range(rng.choice((1, 2, 3, 5, 8))):
        what = rng.random()
        if what < 0.25 and relations:
            relations.pop(rng.randrange(len(relations)))
        elif what < 0.55:
            row = strategies._relation(rng, entities, relations, sources, temper=temper, loops=False)
            if row:
                used = {other["id"] for other in (*tables.relations, *relations)}
                relations.append({**row, "id": next(f"n-{n}" for n in range(99) if f"n-{n}" not in used)})
        elif what < 0.62 and relations:
            denial = strategies._denial(rng, rng.choice(relations), sources, temper)
            used = {other["id"] for other in (*tables.relations, *relations)}
            relations.append({**denial, "id": next(f"d-{n}" for n in range(99) if f"d-{n}" not in used)})
        elif what < 0.82 and relations:
            row = rng.choice(relations)
            column = rng.choice(("status", "categories", "valid_from", "valid_until", "sources", "mode", "claim"))
            row[column] = {
                "status": rng.choice(("confirmed", "reported", "alleged", "planned", "denied")),
                "categories": strategies._mask(rng, temper),
                "valid_from": rng.choice(("", "2019", "2021")),
                "valid_until": rng.choice(("", "2019-11", "2022")) if row["valid_from"] < "2019-11" else "",
                "sources": strategies._cited(rng, sources),
                "mode": strategies._mode(rng, row["predicate"]),
                "claim": "Said otherwise.",
            }[column]
        elif what < 0.92:
            row = rng.choice([row for row in entities if row["type"] != "body"] or entities)
            if rng.random() < 0.5 and row["type"] != "body":
                row["categories"] = strategies._codes(rng, temper, rng.choice((0, 1, 2)))
            else:
                row["valid_from"], row["valid_until"] = rng.choice(
                    (("", ""), ("2019", ""), ("", "2020-02"), ("2021", ""))
                )
        elif what < 0.97:
            rng.choice(sources)["date"] = rng.choice(("", *strategies.DATES))
        else:
            rng.choice(categories)["broader"] = rng.choice(("", "biometric"))
            for row in categories:
                if row["code"] == "biometric":
                    row["broader"] = ""
    return Tables(entities, relations, sources, categories)


def mixed(before: Tables, after: Tables, chosen: Iterable[str]) -> Tables:
    """The version before with some causes taken over from the one after; what no cause names is there in both."""
    taken = set(chosen)

    def rows(table: str, key: str = "id") -> list[Row]:
        old = {row[key]: row for row in getattr(before, table)}
        new = {row[key]: row for row in getattr(after, table)}
        found = []
        for name in dict.fromkeys((*old, *new)):
            now = new if (name if table == "relations" else f"{table}:{name}") in taken else old
            other = old if now is new else new
            if name in now:
                found.append(now[name])
            elif table != "relations":
                found.append(other[name])
        return found

    return Tables(rows("entities"), rows("relations"), rows("sources"), rows("categories", "code"))


def clocked(tables: Tables, first: date, last: date, chosen: Iterable[str]) -> Tables:
    """A dataset in which each relation holds for ever or not at all, as on the first day or, if chosen, on the last."""
    taken = set(chosen)
    relations = [
        {**row, "valid_from": "1900", "valid_until": ""}
        for row in tables.relations
        if in_force(interval(tables, row), last if row["id"] in taken else first)
    ]
    entities = [{**row, "valid_from": "", "valid_until": ""} for row in tables.entities]
    return Tables(entities, relations, tables.sources, tables.categories)


def check_causes(answer: Difference, reach: Callable[[Iterable[str]], Mapping[Key, Answer]], every: set[str]) -> None:
    """Each set of causes suffices and has none too many; without a cause the effect goes, or an alternative stays."""
    before, after = reach(()), reach(every)
    for row in answer.rows:
        key = (row["body"], row["store"], row["category"])

        def shows(chosen: Iterable[str], key: Key = key, row: dict[str, Any] = row) -> bool:
            return holds(row["change"], before.get(key), after.get(key), reach(chosen).get(key))

        for causes in (row["because"], *row["alternatives"]):
            assert causes, row
            assert shows(causes), (causes, row)
            for cause in causes if len(causes) > 1 else ():
                assert not shows(set(causes) - {cause}), (cause, row)
        for cause in row["because"]:
            if shows(every - {cause}):
                assert any(cause not in causes for causes in row["alternatives"]), (cause, row)


def options(question: Question) -> dict[str, Any]:
    return {
        "stance": question.stance, "known_by": question.known_by, "level": question.level,
        "certainty": question.certainty, "fresh": question.fresh and f"{question.fresh}y",
        "bodies": question.bodies, "stores": question.stores,
    }  # fmt: skip


def memoised(
    function: Callable[[frozenset[str]], Mapping[Key, Answer]],
) -> Callable[[Iterable[str]], Mapping[Key, Answer]]:
    known: dict[frozenset[str], Mapping[Key, Answer]] = {}

    def asked(chosen: Iterable[str]) -> Mapping[Key, Answer]:
        names = frozenset(chosen)
        if names not in known:
            known[names] = function(names)
        return known[names]

    return asked


def within(question: Question, found: Mapping[Key, Answer]) -> dict[Key, Answer]:
    return {key: value for key, value in found.items() if question.bodies is None or key[0] in question.bodies}


def check_diff(rng: random.Random, tables: Tables) -> None:
    later = edited(rng, tables)
    question = strategies.random_question(rng, tables)
    before, after = strategies.dataset(tables), strategies.dataset(later)
    answer = diff(before, after, as_of=question.as_of, also=(), **options(question))
    reach = memoised(lambda chosen: within(question, full_reach(mixed(tables, later, chosen), question)))
    every = {one if table == "relations" else f"{table}:{one}" for table, one in changed(tables, later)}
    old, new = (within(question, full_reach(side, question)) for side in (tables, later))
    assert effects(answer) == expected(old, new)
    check_causes(answer, reach, every)
    back = diff(after, before, as_of=question.as_of, also=(), **options(question))
    assert effects(back) == {(*key, REVERSED[change]) for *key, change in effects(answer)}


def changed(before: Tables, after: Tables) -> Iterator[tuple[str, str]]:
    for table, key in (("entities", "id"), ("relations", "id"), ("sources", "id"), ("categories", "code")):
        old = {row[key]: row for row in getattr(before, table)}
        new = {row[key]: row for row in getattr(after, table)}
        yield from ((table, name) for name in {*old, *new} if old.get(name) != new.get(name))


def check_between(rng: random.Random, tables: Tables) -> None:
    question = strategies.random_question(rng, tables)
    first, last = question.as_of, strategies.random_day(rng, tables)
    plain = replace(question, fresh=None)
    answer = between(strategies.dataset(tables), first, last, also=(), **options(plain))
    at = [within(plain, full_reach(tables, replace(plain, as_of=day))) for day in (first, last)]
    assert effects(answer) == expected(*at)
    every = {row["id"] for row in tables.relations}
    reach = memoised(
        lambda chosen: within(plain, full_reach(clocked(tables, first, last, chosen), replace(plain, as_of=last)))
    )
    check_causes(answer, reach, every)


@given(strategies.cases())
def test_effects_are_the_difference_of_full_reach_and_causes_are_irreducible(
    case: tuple[Tables, random.Random],
) -> None:
    tables, rng = case
    check_diff(rng, tables)


@given(strategies.cases())
def test_between_two_dates_relations_that_began_or_ended_explain(case: tuple[Tables, random.Random]) -> None:
    tables, rng = case
    check_between(rng, tables)

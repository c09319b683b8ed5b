"""What a difference means: effects by brute force, causes that suffice and none too many, known answers, reports."""

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
    Question,
    Row,
    Tables,
    all_layers,
    in_force,
    interval,
    paths_by_layer,
)

from graphs.access import build
from graphs.changes import Difference, apply, between, diff
from graphs.effects import REVERSED
from graphs.passages import chokepoints
from graphs.reports import render
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, UnknownTerm

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
    for one, other in (("before", "after"), ("path_before", "path")):
        sides = [{(row["body"], row["store"], row["category"]): (row[first], row[last]) for row in found.rows}
                 for found, first, last in ((answer, one, other), (back, other, one))]  # fmt: skip
        assert sides[0] == sides[1]


def changed(before: Tables, after: Tables) -> Iterator[tuple[str, str]]:
    for table, key in (("entities", "id"), ("relations", "id"), ("sources", "id"), ("categories", "code")):
        old = {row[key]: row for row in getattr(before, table)}
        new = {row[key]: row for row in getattr(after, table)}
        yield from ((table, name) for name in {*old, *new} if old.get(name) != new.get(name))


def check_between(rng: random.Random, tables: Tables) -> None:
    question = strategies.random_question(rng, tables)
    first, last = sorted((question.as_of, strategies.random_day(rng, tables)))
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


# ------------------------------------------------------------------------------------------------------- known answers


@pytest.fixture(scope="module")
def years(central_asia: Dataset) -> Difference:
    """What changed in Central Asia from the article of 2020 to November 2026."""
    return between(central_asia, "2020-04-15", "2026-11-01")


def rows_of(answer: Difference, body: str, store: str) -> list[dict[str, Any]]:
    return [row for row in answer.rows if (row["body"], row["store"]) == (body, store)]


def test_nothing_differs_from_itself(cabar: Dataset) -> None:
    answer = diff(cabar, cabar, as_of="2020-04-15")
    assert (answer.rows, list(answer.changes), answer.beside["chokepoints"], answer.beside["exposure"]) == (
        (),
        [],
        [],
        [],
    )
    assert not answer.found
    assert answer.summary().startswith("Nothing differs")


def test_almaty_police_gained_what_had_only_been_planned(years: Difference) -> None:
    rows = rows_of(years, "kz-police-almaty", "kz-sergek-almaty-archive")
    assert {(row["category"], row["change"]) for row in rows} == {
        (category, change) for category in ("video", "vehicle_plate") for change in ("gained", "no longer prospective")
    }
    (plate,) = (row for row in rows if (row["category"], row["change"]) == ("vehicle_plate", "gained"))
    assert (plate["before"]["verdict"], plate["after"]["verdict"], plate["after"]["level"]) == (
        "prospective", "reaches", "granted",
    )  # fmt: skip
    assert plate["because"] == ["kz-police-almaty-has-access-kz-sergek-almaty"]
    assert plate["path"][0] == "kz-police-almaty-has-access-kz-sergek-almaty"


def test_that_presight_runs_the_cameras_of_astana_is_newly_claimed_since_it_is_denied(years: Difference) -> None:
    rows = rows_of(years, "ae-presight", "kz-sergek-astana-archive")
    assert {(row["category"], row["change"]) for row in rows} == {
        ("video", "newly claimed"), ("vehicle_plate", "newly claimed"),
    }  # fmt: skip
    for row in rows:
        assert row["after"]["contested"]
        assert row["because"] == ["ae-presight-operates-kz-sergek-astana", "ae-presight-operates-kz-sergek-astana-2"]
    assert years.causes["ae-presight-operates-kz-sergek-astana-2"]["what"] == "denied"
    lost = {row["change"] for row in rows_of(years, "kz-korkem-telecom", "kz-sergek-astana-archive")}
    assert lost == {"lost"}


def test_atyrau_police_had_it_before_and_others_gained_it(years: Difference) -> None:
    assert rows_of(years, "kz-police-atyrau", "kz-sergek-atyrau-archive") == []
    (row,) = rows_of(years, "kz-police-almaty", "kz-sergek-atyrau-archive")
    assert (row["change"], row["after"]["level"]) == ("gained", "possible")
    assert row["because"] == ["kz-law-enforcement-has-access-kz-sergek-archives"]


def test_face_recognition_of_2024_came_with_one_grant_to_all_of_law_enforcement(years: Difference) -> None:
    rows = [row for row in years.rows if row["store"] == "kz-facerec-2024" and row["category"] == "face"]
    assert {row["change"] for row in rows} == {"gained"}
    assert {tuple(row["because"]) for row in rows} == {("kz-law-enforcement-has-access-kz-facerec-2024",)}
    levels = {row["body"]: row["after"]["level"] for row in rows}
    assert levels["kz-law-enforcement"] == "granted"
    assert levels["kz-police-atyrau"] == "possible"


def test_the_anti_corruption_service_moved_to_the_security_committee(years: Difference) -> None:
    lost = rows_of(years, "kz-anticorruption-agency", "kz-sio-pso")
    gained = rows_of(years, "kz-nsc-anticorruption", "kz-sio-pso")
    assert {row["change"] for row in lost} == {"lost"}
    assert {row["change"] for row in gained} == {"gained"}
    assert {row["category"] for row in lost} == {row["category"] for row in gained} == {"criminal", "identity"}
    for row, what in ((lost[0], "ended"), (gained[0], "began")):
        assert [years.causes[name]["what"] for name in row["because"]] == [what]
        assert years.causes[row["because"][0]]["date"] == "2025-06-30"


def test_a_system_whose_store_became_known_is_not_told_as_lost_reach(years: Difference) -> None:
    (row,) = rows_of(years, "kz-mdd", "kz-egov")
    assert (row["change"], row["place"]) == ("lost", "before")
    said = render(years, "md")
    lost = said[said.index("## Lost reach") : said.index("## Stronger")]
    moved = said[said.index("## Where the data are") : said.index("## Chokepoints")]
    assert "Military register" not in lost
    assert "Military register" in moved


def test_the_rows_that_began_and_ended_lead_from_one_day_to_the_other(years: Difference, central_asia: Dataset) -> None:
    first, last = (central_asia.as_of(day) for day in (date(2020, 4, 15), date(2026, 11, 1)))
    assert apply(first, json.loads(json.dumps(years.changes))).sha256 == last.sha256


def test_exposure_and_chokepoints_that_moved_are_told(years: Difference) -> None:
    moved = {(row["listed_entity"], row["list"], row["change"]) for row in years.beside["exposure"]}
    assert ("cn-hikvision", "Covered List", "newly exposed") in moved
    assert ("cn-dahua", "Entity List", "no longer exposed") in moved
    top = years.beside["chokepoints"][0]
    assert (top["id"], top["lost_before"]) == ("kz-law-enforcement", 0)
    assert top["lost_after"] > 100


def test_chokepoints_that_moved_have_the_figures_of_the_chokepoints_of_either_day(
    years: Difference, central_asia: Dataset
) -> None:
    graph, compared = build(central_asia), 0
    for side, day in (("before", "2020-04-15"), ("after", "2026-11-01")):
        figures = {row["id"]: row for row in chokepoints(graph, "biometric", as_of=day).rows}
        for row in years.beside["chokepoints"]:
            if row["target"] == "biometric" and row["id"] in figures:
                told = figures[row["id"]]["pairs_lost"], figures[row["id"]]["pairs_total"]
                assert (row[f"lost_{side}"], row[f"pairs_{side}"]) == told
                compared += told[1] < years.beside["chokepoints"][0][f"pairs_{side}"]
    assert compared


# ------------------------------------------------------------------------------------------------------- kinds of cause


def with_cell(dataset: Dataset, table: str, name: str, column: str, cell: str) -> Dataset:
    """The dataset with one cell changed."""
    old = dataset.tables[table]
    cells = [
        cell if key == name else was for key, was in zip(old.column(old.header[0]), old.column(column), strict=True)
    ]
    return replace(dataset, tables={**dataset.tables, table: old.with_column(column, tuple(cells))})


GRANT = "kz-police-atyrau-has-access-kz-sergek-atyrau-archive"
ATYRAU = {"bodies": ["kz-police-atyrau"], "stores": ["kz-sergek-atyrau-archive"], "also": ()}


def test_a_gain_by_mere_redating_is_said_to_be_one(cabar: Dataset) -> None:
    before = with_cell(cabar, "relations", GRANT, "valid_from", "2020-06")
    answer = diff(before, cabar, as_of="2020-04-15", **ATYRAU)
    assert {(row["change"], tuple(row["because"])) for row in answer.rows} == {("gained", (GRANT,))}
    cause = answer.causes[GRANT]
    assert (cause["what"], cause["fields"], cause["before"]) == ("re-dated", ["valid_from"], {"valid_from": "2020-06"})
    assert "only re-dated" in render(answer)


def test_a_source_whose_date_changed_is_named_itself(cabar: Dataset) -> None:
    undated = with_cell(cabar, "relations", GRANT, "valid_from", "")
    sources = cabar.relations.row(cabar.relations.index[GRANT])["sources"].split(";")
    late = undated
    for source in sources:
        late = with_cell(late, "sources", source, "date", "2021-01-01")
    answer = diff(undated, late, as_of="2020-04-15", **ATYRAU)
    assert {row["change"] for row in answer.rows} == {"lost"}
    assert {name for row in answer.rows for name in row["because"]} <= {f"sources:{source}" for source in sources}
    assert {cause["what"] for cause in answer.causes.values()} == {"re-dated"}


def test_a_gain_by_mere_resourcing_is_said_to_be_one(cabar: Dataset) -> None:
    undated = with_cell(cabar, "relations", GRANT, "valid_from", "")
    late = with_cell(undated, "relations", GRANT, "sources", "comparitech-2019-10")
    late = with_cell(late, "sources", "comparitech-2019-10", "date", "2021-05-05")
    undated = with_cell(undated, "sources", "comparitech-2019-10", "date", "2021-05-05")
    answer = diff(late, undated, as_of="2020-04-15", **ATYRAU)
    assert {(row["change"], tuple(row["because"])) for row in answer.rows} == {("gained", (GRANT,))}
    assert answer.causes[GRANT]["what"] == "re-sourced"


def test_a_changed_rule_is_a_cause(cabar: Dataset) -> None:
    after = replace(cabar, rules={"predicates": {"has_access": {"arc": "none"}}})
    answer = diff(cabar, after, as_of="2020-04-15", **ATYRAU)
    assert {(row["change"], tuple(row["because"])) for row in answer.rows} == {("lost", ("rules:has_access",))}
    assert any("has_access" in note.text() for note in answer.notes)
    assert render(answer)


def test_an_entity_that_got_another_category_is_a_cause(cabar: Dataset) -> None:
    after = with_cell(cabar, "entities", "kz-sergek-atyrau-archive", "categories", "vehicle_plate")
    answer = diff(cabar, after, as_of="2020-04-15", **{**ATYRAU, "bodies": None})
    lost = [row for row in answer.rows if row["category"] == "video"]
    assert {row["change"] for row in lost if row["before"]["verdict"] == "reaches"} == {"lost"}
    assert {tuple(row["because"]) for row in lost} == {("entities:kz-sergek-atyrau-archive",)}
    assert {row["place"] for row in lost} == {"before"}


def test_a_changed_claim_changes_no_reach_but_is_a_change(cabar: Dataset) -> None:
    answer = diff(cabar, with_cell(cabar, "relations", GRANT, "claim", "Otherwise."), as_of="2020-04-15")
    assert answer.rows == ()
    assert answer.found
    assert [change["after"] for change in answer.changes] == [{"claim": "Otherwise."}]
    assert "nobody's reach does" in answer.summary()


def test_a_date_among_the_options_of_between_is_refused(cabar: Dataset) -> None:
    with pytest.raises(AccessMapError, match="as_of"):
        between(cabar, "2019", "2020", as_of="2020")


@pytest.mark.parametrize(("first", "last"), [("2026-01-01", "2020-01-01"), (date(2020, 3, 1), "2020-02")])
def test_days_the_wrong_way_round_are_refused_with_the_right_one(
    cabar: Dataset, first: str | date, last: str | date
) -> None:
    with pytest.raises(AccessMapError, match=f"`--between {last} {first}`"):
        between(cabar, first, last, also=())


def test_a_month_holds_the_days_in_it(cabar: Dataset) -> None:
    assert between(cabar, "2020-02-01", "2020-02", also=()).question["between"] == ["2020-02-01", "2020-02-29"]


def test_what_to_compare_must_be_known(cabar: Dataset) -> None:
    with pytest.raises(UnknownTerm, match="chokepoints"):
        diff(cabar, cabar, also=["chokepoint"])

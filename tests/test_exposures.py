"""Exposure: the cases of the contract, routes, dates, sentences, and how it came about over time."""

from __future__ import annotations

import datetime

import pytest
from registers import CMIC, ENTITY_LIST, EU, SDN, UK, entity, listing, owns, register, relation

from graphs.access import build
from graphs.exposures import exposure, exposure_history, exposure_matrix
from stakeholders.errors import AccessMapError, UnknownId, UnknownTerm

COLUMNS = [
    "entity", "listed_entity", "listing", "authority", "list", "effect", "since", "date", "listing_date", "rule",
    "share", "route", "categories", "sole_supplier",
]  # fmt: skip


def system(name: str, categories: str = "video", **cells: str) -> dict[str, str]:
    return entity(name, "system", categories=categories, **cells)


def store(name: str, categories: str = "video", **cells: str) -> dict[str, str]:
    return entity(name, "store", categories=categories, **cells)


def rows(relations: list, listed: list, entities: list, target: str | None = None, **options) -> list[dict]:
    options.setdefault("as_of", "2025-10-15")
    return list(exposure(build(register(relations, listed, entities)), target, **options).rows)


X = [listing("x", ENTITY_LIST)]


# The cases of the contract -------------------------------------------------------------------------------------------


def test_cabar_has_no_exposure_the_day_before_the_listing(cabar_graph) -> None:
    assert exposure(cabar_graph, as_of="2019-10-08").rows == ()


def test_sergek_is_exposed_through_dahua_on_the_day_of_the_listing(cabar_graph) -> None:
    answer = exposure(cabar_graph, as_of="2019-10-09")
    (row,) = [row for row in answer.rows if row["entity"] == "kz-sergek"]
    assert (row["listed_entity"], row["since"], row["rule"]) == ("cn-dahua", "2019-10-09", "listed")
    assert row["route"] == ["cn-dahua-supplies-kz-sergek"]
    assert row["effect"].startswith("export control")
    assert any("without a date of its own" in note.text() for note in answer.notes)


def test_rows_have_the_columns_of_the_contract(central_asia_graph) -> None:
    answer = exposure(central_asia_graph, as_of="2026-11-24")
    assert all(list(row) == COLUMNS for row in answer.rows)
    assert answer.command == "exposure"
    assert len(answer.rows) > 100


def test_hikvision_is_under_the_investment_ban_and_dahua_is_not(central_asia_graph) -> None:
    answer = exposure(central_asia_graph, lists=["NS-CMIC"], as_of="2026-11-24")
    behind = {row["listed_entity"] for row in answer.rows}
    assert "cn-hikvision" in behind
    assert "cn-dahua" not in behind
    assert {row["effect"].partition(":")[0] for row in answer.rows} == {"investment ban"}
    assert exposure(central_asia_graph, "cn-hikvision", lists=["NS-CMIC"], as_of="2026-11-24").rows
    assert exposure(central_asia_graph, "cn-dahua", lists=["NS-CMIC"], as_of="2026-11-24").rows == ()


@pytest.mark.parametrize("target", ["ae-presight", "kz-smart-city-astana"])
def test_presight_and_g42_are_said_to_have_no_listing_here(central_asia_graph, target: str) -> None:
    answer = exposure(central_asia_graph, target, as_of="2026-11-24")
    assert answer.rows == ()
    said = [note.text() for note in answer.notes]
    assert said[0].startswith("No listing in this dataset (central-asia): ")
    assert "Presight AI" in said[0]
    assert "G42" in said[0]
    assert not any(
        "sanction" in note.text(lang) or "санкци" in note.text(lang)
        for note in answer.notes
        for lang in ("en", "ru", "kk")
    )


def test_the_command_centre_rests_on_one_blocked_vendor_alone(central_asia_graph) -> None:
    answer = exposure(central_asia_graph, "kg-command-centre-bishkek", as_of="2026-11-24")
    (row,) = answer.rows
    assert (row["listed_entity"], row["list"], row["since"], row["sole_supplier"]) == (
        "cn-ceiec", "SDN", "2020-11-30", True,
    )  # fmt: skip
    assert row["categories"] == ["face", "video"]
    (step,) = answer.path(0)
    assert step["predicate"] == "supplies"
    assert step["sources"][0]["url"].startswith("https://")


def test_whether_the_affiliates_rule_resumed_is_said(central_asia_graph) -> None:
    answer = exposure(central_asia_graph, "cn-ezviz", regime="us-bis", as_of="2026-11-24")
    (row,) = answer.rows
    assert (row["rule"], row["share"], row["since"]) == ("undetermined", [50.0, 100.0], "2026-11-10")
    assert any("not established" in note.text() for note in answer.notes)
    assert "not established" in answer.sentence(0)
    during = exposure(central_asia_graph, "cn-ezviz", regime="us-bis", as_of="2026-11-09")
    assert during.rows == ()
    before = exposure(central_asia_graph, "cn-ezviz", regime="us-bis", as_of="2025-10-01")
    assert [(row["rule"], row["since"]) for row in before.rows] == [("owned", "2025-09-29")]


# Routes --------------------------------------------------------------------------------------------------------------


def test_a_route_goes_on_to_parts_stores_and_operators() -> None:
    relations = [
        relation("x", "supplies", "sys"), relation("part", "part_of", "sys"), relation("part", "keeps_data_in", "arch"),
        relation("police", "operates", "part"), relation("other", "part_of", "whole"),
        relation("sys", "part_of", "whole"),
    ]  # fmt: skip
    things = [system("sys"), system("part"), system("whole"), system("other"), store("arch")]
    found = {row["entity"]: row["route"] for row in rows(relations, X, things)}
    assert found == {
        "sys": ["x-supplies-sys"],
        "part": ["x-supplies-sys", "part-part-of-sys"],
        "arch": ["x-supplies-sys", "part-part-of-sys", "part-keeps-data-in-arch"],
        "police": ["x-supplies-sys", "part-part-of-sys", "police-operates-part"],
    }


def test_an_operator_s_other_systems_are_not_exposed_through_it() -> None:
    relations = [
        relation("x", "supplies", "one"), relation("police", "operates", "one"), relation("police", "operates", "two"),
    ]  # fmt: skip
    found = {row["entity"] for row in rows(relations, X, [system("one"), system("two")])}
    assert found == {"one", "police"}


@pytest.mark.parametrize("predicate", ["supplies", "integrates", "maintains", "operates"])
def test_each_relation_of_supply_counts(predicate: str) -> None:
    assert [row["entity"] for row in rows([relation("x", predicate, "sys")], X, [system("sys")])] == ["sys"]


@pytest.mark.parametrize("predicate", ["governs", "funds", "supervises"])
def test_other_relations_do_not(predicate: str) -> None:
    assert rows([relation("x", predicate, "sys")], X, [system("sys")]) == []


def test_a_partnership_alone_is_weaker_and_stands_apart() -> None:
    relations = [relation("x", "partner_of", "y"), relation("y", "supplies", "sys")]
    answer = exposure(build(register(relations, X, [system("sys")])), as_of="2025-10-15")
    assert answer.rows == ()
    assert [(row["entity"], row["route"]) for row in answer.beside["weaker"]] == [
        ("y", ["x-partner-of-y"]), ("sys", ["x-partner-of-y", "y-supplies-sys"]),
    ]  # fmt: skip
    assert any("weaker" in note.text() for note in answer.notes)
    both = [*relations, relation("x", "supplies", "sys")]
    answer = exposure(build(register(both, X, [system("sys")])), "sys", as_of="2025-10-15")
    assert [row["route"] for row in answer.rows] == [["x-supplies-sys"]]
    assert answer.beside["weaker"] == []


def test_categories_must_get_through() -> None:
    relations = [
        relation("x", "supplies", "sys", categories="video"), relation("sys", "keeps_data_in", "faces"),
        relation("sys", "keeps_data_in", "films"), relation("sys", "keeps_data_in", "bare"),
    ]  # fmt: skip
    things = [system("sys", "video;face"), store("faces", "face"), store("films", "video"), store("bare", "")]
    found = {row["entity"]: row["categories"] for row in rows(relations, X, things)}
    assert found == {"sys": ["video"], "films": ["video"], "bare": []}


def test_a_narrower_category_is_exposure_of_the_broader_place() -> None:
    relations = [relation("x", "supplies", "sys", categories="face")]
    assert [row["categories"] for row in rows(relations, X, [system("sys", "biometric")])] == [["face"]]
    by_category = rows(relations, X, [system("sys", "biometric")], "biometric")
    assert [row["entity"] for row in by_category] == ["sys"]
    assert rows(relations, X, [system("sys", "biometric")], "video") == []


def test_a_sole_supplier_is_the_only_one_that_supplies() -> None:
    alone = [relation("x", "supplies", "sys"), relation("y", "integrates", "sys")]
    assert [row["sole_supplier"] for row in rows(alone, X, [system("sys")])] == [True]
    two = [*alone, relation("z", "supplies", "sys")]
    assert [row["sole_supplier"] for row in rows(two, X, [system("sys")])] == [False]
    above = [relation("x", "supplies", "sys"), relation("sys", "part_of", "whole"), relation("z", "supplies", "whole")]
    found = rows(above, X, [system("sys"), system("whole")], "sys")
    assert [row["sole_supplier"] for row in found] == [False]
    integrator = [relation("x", "integrates", "sys")]
    assert [row["sole_supplier"] for row in rows(integrator, X, [system("sys")])] == [True]


def test_since_is_the_latest_of_listing_stakes_and_supply() -> None:
    things = [system("sys")]
    early = [relation("x", "supplies", "sys", valid_from="2011")]
    assert [row["since"] for row in rows(early, X, things)] == ["2012-01-01"]
    late = [relation("x", "supplies", "sys", valid_from="2013-05")]
    assert [row["since"] for row in rows(late, X, things)] == ["2013-05"]
    owned = [owns("x", "c", "60", valid_from="2026-01"), relation("c", "supplies", "sys")]
    found = rows(owned, [listing("x", SDN)], things, "sys", as_of="2026-06-01")
    assert [(row["since"], row["route"]) for row in found] == [("2026-01", ["x-owns-c", "c-supplies-sys"])]


def test_a_listing_of_unknown_day_has_no_since_however_old_the_supply() -> None:
    sources = [{"id": "undated", "date": ""}]
    listed = [listing("x", ENTITY_LIST, "", sources="undated")]
    graph = build(register([relation("x", "supplies", "sys", valid_from="2013")], listed, [system("sys")], sources))
    answer = exposure(graph, as_of="2025-10-15")
    assert [row["since"] for row in answer.rows] == [None]
    assert "2013" not in answer.sentence(0)
    history = exposure_history(graph, as_of="2025-10-15")
    assert [row["first"] for row in history.rows] == [None]
    both = [*listed, listing("x", SDN)]
    dated = build(register([relation("x", "supplies", "sys")], both, [system("sys")], sources))
    assert exposure_history(dated, as_of="2025-10-15").beside["first_exposed"] == {"sys": "2012-01-01"}


def test_an_undated_supply_is_taken_to_have_been_there_a_dated_one_not() -> None:
    undated = [relation("x", "supplies", "sys", valid_from="")]
    found = rows(undated, [listing("x", ENTITY_LIST, "2009-01-01")], [system("sys")], as_of="2009-06-01")
    assert [row["since"] for row in found] == ["2009-01-01"]
    dated = [relation("x", "supplies", "sys", valid_from="2010")]
    assert rows(dated, [listing("x", ENTITY_LIST, "2009-01-01")], [system("sys")], as_of="2009-06-01") == []
    young = [system("sys", valid_from="2009-03")]
    found = rows(undated, [listing("x", ENTITY_LIST, "2009-01-01")], young, as_of="2009-06-01")
    assert [row["since"] for row in found] == ["2009-03-01"]


def test_denied_supply_does_not_count_and_contested_only_when_asked() -> None:
    supply = relation("x", "supplies", "sys")
    assert rows([{**supply, "status": "denied"}], X, [system("sys")]) == []
    contested = [supply, relation("x", "supplies", "sys", id="no", status="denied")]
    assert rows(contested, X, [system("sys")]) == []
    answer = exposure(build(register(contested, X, [system("sys")])), as_of="2025-10-15", certainty="alleged")
    assert len(answer.rows) == 1
    assert answer.path(0)[0]["contested"]
    assert "(alleged)" in answer.sentence(0)


def test_owners_under_the_threshold_give_no_row_and_several_give_one_each() -> None:
    things = [system("sys")]
    supply = relation("c", "supplies", "sys")
    listed = [listing("x", SDN), listing("y", SDN)]
    assert rows([owns("x", "c", "49"), supply], listed, things) == []
    found = rows([owns("x", "c", "30"), owns("y", "c", "25"), supply], listed, things, "sys")
    assert [(row["listed_entity"], row["rule"], row["share"]) for row in found] == [
        ("x", "owned", [55.0, 55.0]), ("y", "owned", [55.0, 55.0]),
    ]  # fmt: skip
    assert rows([owns("x", "c", "100"), supply], [listing("x", CMIC)], things) == []


def test_an_owned_company_is_exposed_itself() -> None:
    found = rows([owns("x", "c", "60")], [listing("x", SDN)], [])
    assert [(row["entity"], row["rule"], row["route"], row["categories"]) for row in found] == [
        ("c", "owned", ["x-owns-c"], [])
    ]


def test_a_listed_body_has_a_row_when_it_is_asked_for() -> None:
    assert rows([], X, []) == []
    assert [(row["entity"], row["rule"], row["route"], row["share"]) for row in rows([], X, [], "x")] == [
        ("x", "listed", [], [])
    ]


def test_a_listing_of_the_company_does_not_hide_another_list_of_its_owner() -> None:
    relations = [owns("x", "c", "60"), relation("c", "supplies", "sys")]
    meu = ("us-bis", "Military End-User List")
    found = rows(relations, [*X, listing("c", meu)], [system("sys")], "sys")
    assert {(row["listed_entity"], row["list"], row["rule"]) for row in found} == {
        ("c", "Military End-User List", "listed"), ("x", "Entity List", "owned"),
    }  # fmt: skip


def test_uk_owners_that_would_count_together_are_named_in_a_note() -> None:
    relations = [owns("x", "c", "30"), owns("y", "c", "25")]
    answer = exposure(build(register(relations, [listing("x", UK), listing("y", UK)])), as_of="2025-10-15")
    assert answer.rows == ()
    assert any("acted jointly" in note.text() and note.text().endswith("C.") for note in answer.notes)


def test_listed_owners_below_the_threshold_are_named_in_a_note() -> None:
    relations = [owns("x", "c", "10"), relation("c", "supplies", "sys")]
    answer = exposure(build(register(relations, [listing("x", SDN)], [system("sys")])), "sys", as_of="2025-10-15")
    assert [note.text() for note in answer.notes] == [
        "No listing in this dataset (register): C. That says nothing of lists that it does not cover.",
        "Listed, but no ownership rule reaches from them to here: X.",
    ]


def test_filters_by_regime_list_listed_body_and_exposed_entity() -> None:
    relations = [relation("x", "supplies", "one"), relation("y", "supplies", "two")]
    listed = [listing("x", ENTITY_LIST), listing("x", SDN), listing("y", EU)]
    things = [system("one"), system("two")]

    def found(**options) -> set[tuple[str, str]]:
        return {(row["entity"], row["list"]) for row in rows(relations, listed, things, **options)}

    assert found() == {("one", "Entity List"), ("one", "SDN"), ("two", "EU asset freeze")}
    assert found(regime="us-ofac") == {("one", "SDN")}
    assert found(lists=["us-bis-entity-list", "EU asset freeze"]) == {
        ("one", "Entity List"),
        ("two", "EU asset freeze"),
    }
    assert found(bodies=["y"]) == {("two", "EU asset freeze")}
    assert found(stores=["one"], regime="us-bis") == {("one", "Entity List")}


def test_errors_name_what_was_asked(cabar_graph) -> None:
    with pytest.raises(UnknownId, match="kz-sergek"):
        exposure(cabar_graph, "kz-sergk")
    with pytest.raises(UnknownTerm, match="us-bs"):
        exposure(cabar_graph, regime="us-bs")
    with pytest.raises(UnknownTerm, match="Entity"):
        exposure(cabar_graph, lists=["Entity"])


# Sentences and views -------------------------------------------------------------------------------------------------


def test_every_row_has_a_sentence_with_its_effect_in_each_language(central_asia_graph) -> None:
    answer = exposure(central_asia_graph, as_of="2026-11-24")
    for number, each in enumerate(answer.exposed):
        for lang in ("en", "ru", "kk"):
            sentence = answer.sentence(number, lang)
            assert each.listing.program.effect.said.of(lang) in sentence
            assert "{" not in sentence
            if lang == "en":
                assert "sanctioned" not in sentence


def test_a_sentence_to_quote(central_asia_graph) -> None:
    answer = exposure(central_asia_graph, "kz-sergek-almaty", lists=["us-bis-entity-list"], as_of="2026-11-24")
    assert answer.sentence(0) == (
        "Sergek, Almaty rests on Dahua Technology (reported). Dahua Technology is listed for export control since "
        "2019-10-09 (Bureau of Industry and Security, US Department of Commerce: Entity List). "
        "Exposed since 2020-01-01."
    )


def test_a_sentence_ends_with_one_full_stop(central_asia_graph) -> None:
    answer = exposure(central_asia_graph, "tj-safe-city-dushanbe", as_of="2026-11-24")
    for lang in ("en", "ru", "kk"):
        assert ".." not in " ".join(answer.sentence(row, lang) for row in range(len(answer.rows)))


def test_what_is_undetermined_is_not_said_to_be_exposed(central_asia_graph) -> None:
    answer = exposure(central_asia_graph, "cn-hikvision-luopu", regime="us-889", as_of="2026-11-24")
    assert answer.rows[0]["rule"] == "undetermined"
    assert "The question stands since 2023" in answer.sentence(0)
    assert "Exposed" not in answer.sentence(0)


def test_an_affiliate_is_not_said_to_be_owned(central_asia_graph) -> None:
    answer = exposure(central_asia_graph, "cn-huawei-affiliates", regime="us-889", as_of="2026-11-24")
    assert answer.rows[0]["rule"] == "owned"
    assert "counts as a subsidiary or affiliate of a listed entity, Huawei" in answer.sentence(0)
    assert "owned" not in answer.sentence(0)
    owned = exposure(central_asia_graph, "cn-ezviz", regime="us-889", as_of="2026-11-24")
    assert "EZVIZ is owned 50–100 % by listed entities" in owned.sentence(0)


def test_a_member_of_a_collective_affiliate_counts_as_one(central_asia_graph) -> None:
    answer = exposure(central_asia_graph, "kz-huawei-affiliate", regime="us-889", as_of="2026-11-24")
    (row,) = answer.rows
    assert (row["rule"], row["listed_entity"]) == ("owned", "cn-huawei")
    assert [step["source"] for step in answer.path(0)] == ["cn-huawei", "cn-huawei-affiliates"]


def test_the_word_of_a_date_tells_a_copy_s_day_from_a_listing_s() -> None:
    day = {"listed_from": "", "sources": "copy"}
    sources = [{"id": "copy", "date": "2025-12-24"}]
    supply = relation("x", "supplies", "s")
    dataset = register([supply], [{**X[0], **day}], [system("s")], sources)
    (row,) = exposure(build(dataset), as_of="2026-01-01").rows
    assert (row["since"], row["date"], row["listing_date"]) == ("2025-12-24", "assumed", "assumed")
    (known,) = rows([supply], X, [system("s")])
    assert (known["date"], known["listing_date"]) == ("known", "known")
    (carried,) = rows([{**supply, "valid_from": ""}], X, [system("s")])
    assert (carried["date"], carried["listing_date"]) == ("assumed", "known")


def test_a_level_is_refused_as_supply_and_listing_have_none(central_asia_graph) -> None:
    for ask in (exposure, exposure_history, exposure_matrix):
        with pytest.raises(AccessMapError, match=r"^level: "):
            ask(central_asia_graph, level="custody")


def test_history_has_a_view_of_its_changes() -> None:
    listed = [listing("x", ENTITY_LIST, "2019-10-09", "2020-01-31")]
    made = build(register([relation("x", "supplies", "s")], listed, [system("s")]))
    answer = exposure_history(made, as_of="2025-01-01")
    assert [(each["date"], each["change"], each["entity"]) for each in answer.beside["changes"]] == [
        ("2019-10-09", "began", "s"), ("2020-01-31", "ended", "s"),
    ]  # fmt: skip


def test_what_is_undetermined_is_not_first_exposed(central_asia_graph) -> None:
    answer = exposure_history(central_asia_graph, "cn-hikvision-luopu", regime="us-889", as_of="2026-11-24")
    assert answer.rows
    assert answer.beside["first_exposed"] == {}


def test_the_matrix_of_bodies_and_lists(central_asia_graph) -> None:
    answer = exposure(central_asia_graph, as_of="2026-11-24")
    cells = {(row["body"], row["list"]): row for row in answer.matrix()}
    guvd = cells["kg-bishkek-guvd", "us-ofac-sdn"]
    assert (guvd["rule"], guvd["since"], guvd["vendors"]) == ("listed", "2020-11-30", ["cn-ceiec"])
    assert ("kg-bishkek-guvd", "us-bis-entity-list") not in cells
    ezviz = cells["cn-ezviz", "us-fcc-equipment-authorisation-ban"]
    assert (ezviz["rule"], ezviz["since"]) == ("owned", "2023-02-06"), "the earlier of two orders"


def test_equal_questions_give_equal_answers(central_asia_graph) -> None:
    one = exposure(central_asia_graph, as_of="2026-11-24").to_dict()
    two = exposure(central_asia_graph, as_of="2026-11-24").to_dict()
    assert one == two


# Over time -----------------------------------------------------------------------------------------------------------


def test_history_says_when_exposure_began_and_ended() -> None:
    relations = [
        relation("x", "supplies", "sys", valid_from="2011", valid_until="2014-06"),
        relation("x", "supplies", "sys", id="again", valid_from="2016"),
    ]
    listed = [listing("x", ENTITY_LIST, "2012-03-04", "2017-01-31")]
    answer = exposure_history(build(register(relations, listed, [system("sys")])), as_of="2020-01-01")
    assert [(row["first"], row["last"], row["route"]) for row in answer.rows] == [
        ("2012-03-04", "2014-06-30", ["x-supplies-sys"]), ("2016-01-01", "2017-01-31", ["again"]),
    ]  # fmt: skip
    assert answer.beside["first_exposed"] == {"sys": "2012-03-04"}


def test_history_asks_for_evidence_as_fresh_on_each_day_as_on_the_last() -> None:
    relations = [relation("x", "supplies", "sys", valid_from="2011")]
    graph = build(register(relations, [listing("x", ENTITY_LIST, "2012-01-01")], [system("sys")]))
    # The source is of 2010: on the day of the listing it was two years old, at the end it is ten.
    assert [row["first"] for row in exposure_history(graph, as_of="2012-06-01", fresh="3y").rows] == ["2012-01-01"]
    answer = exposure_history(graph, as_of="2020-01-01", fresh="3y")
    assert [row["first"] for row in answer.rows] == ["2012-01-01"]
    assert exposure_history(graph, as_of="2020-01-01", fresh="1y").rows == ()


def test_history_agrees_with_each_day_it_names(central_asia_graph) -> None:
    history = exposure_history(central_asia_graph, "uz-safe-city", as_of="2026-11-24")
    assert len(history.rows) > 10
    for row in history.rows:
        for day, held in ((row["first"], True), (row["last"], True), (_next(row["last"]), False)):
            if day:
                on = exposure(central_asia_graph, "uz-safe-city", as_of=day)
                there = [(one["listed_entity"], one["listing"], one["rule"]) for one in on.rows]
                assert ((row["listed_entity"], row["listing"], row["rule"]) in there) == held


def _next(day: str | None) -> str | None:
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days=1)).isoformat() if day else None


def test_the_best_route_is_the_most_certain_then_the_shortest() -> None:
    relations = [
        relation("x", "supplies", "sys", status="reported"), relation("x", "supplies", "whole"),
        relation("sys", "part_of", "whole"),
    ]  # fmt: skip
    (row,) = rows(relations, X, [system("sys"), system("whole")], "sys")
    assert row["route"] == ["x-supplies-whole", "sys-part-of-whole"]


# Notes claim what is known, whatever was asked ------------------------------------------------------------------------


def test_who_was_not_asked_about_is_not_said_to_be_out_of_reach() -> None:
    relations = [relation("x", "supplies", "sys"), relation("z", "supplies", "sys")]
    graph = build(register(relations, [*X, listing("z", ENTITY_LIST)], [system("sys")]))
    answer = exposure(graph, "sys", as_of="2025-10-15", bodies=["x"])
    assert [row["listed_entity"] for row in answer.rows] == ["x"]
    assert answer.notes == ()


def test_a_listing_that_nobody_could_know_yet_is_on_no_other_list() -> None:
    late = [listing("x", ENTITY_LIST, sources="late")]
    dataset = register([relation("x", "supplies", "sys")], late, [system("sys")], [{"id": "late", "date": "2021"}])
    told = [note.text() for note in exposure(build(dataset), "sys", as_of="2025-10-15", known_by="2019").notes]
    assert told == ["Listed in this dataset (register), but by no source known on the day asked about: X."]


@pytest.mark.parametrize(("supply", "listed", "count"), [("2010", "", 0), ("", "2012-01-01", 1), ("", "", 1)])
def test_supply_is_said_to_be_assumed_where_it_is_and_not_where_the_listing_is(
    supply: str, listed: str, count: int
) -> None:
    relations = [relation("x", "supplies", "sys", valid_from=supply)]
    graph = build(register(relations, [listing("x", ENTITY_LIST, listed)], [system("sys")]))
    told = [note.text() for note in exposure(graph, "sys", as_of="2025-10-15").notes]
    assert sum("Supply without a date" in text and text.endswith(f"rows: {count}.") for text in told) == (count > 0)
    assert len(told) == (count > 0)


def test_a_name_is_quoted_letter_by_letter() -> None:
    things = [{**entity("x"), "name": "Foo...Bar Co., Ltd."}, {**system("sys"), "name": "A..B"}]
    answer = exposure(build(register([relation("x", "supplies", "sys")], X, things)), "sys", as_of="2025-10-15")
    assert answer.sentence(0).startswith("A..B rests on Foo...Bar Co., Ltd. Foo...Bar Co., Ltd. is listed for export")
    assert answer.sentence(0).endswith("(US-BIS: Entity List).")


def test_a_place_that_says_only_something_broader_is_named_where_no_row_tells_of_it() -> None:
    things = [system("sys", "biometric"), system("own", "biometric;face")]
    graph = build(register([relation("x", "supplies", "sys"), relation("x", "supplies", "own")], X, things))
    answer = exposure(graph, "face", as_of="2025-10-15")
    assert [row["entity"] for row in answer.rows] == ["own"]
    (note,) = answer.notes
    assert note.text().startswith("sys hold only the broader biometric; whether it includes face is not known")
    assert exposure(graph, "biometric", as_of="2025-10-15").notes == ()

"""Listings: each says what its list forbids; the regimes table covers every list of the bundled data."""

from __future__ import annotations

import re

import pytest
from registers import CMIC, ENTITY_LIST, SDN, listing, register

from stakeholders.dates import first_day, iso
from stakeholders.errors import AccessMapError, UnknownTerm
from stakeholders.listings import day_of, listing_sentence, listings, no_listing_sentence
from stakeholders.regimes import BINDING, regimes_of, shipped_regimes, slug


def test_every_bundled_list_has_a_program_with_its_effect_and_whom_it_binds(central_asia, cabar) -> None:
    table = shipped_regimes()
    for dataset in (central_asia, cabar):
        for row in dataset.listings.rows():
            program = table.programs[row["authority"], row["list"]]
            assert program.binding in BINDING
            assert all(program.forbids)
            assert all(program.binds)
            assert program.ownership in {"", *table.rules}


def test_the_table_s_kind_of_measure_is_that_of_the_data(central_asia) -> None:
    kinds = {
        "asset freeze": "asset_freeze", "export control": "export_control", "export control by China": "export_control",
        "investment ban": "investment_ban", "procurement ban": "procurement_ban", "equipment ban": "equipment_ban",
        "market ban": "authorisation_ban", "subsidy ban": "subsidy_ban", "removal": "removal",
        "closure order": "closure_order", "naming as a military company": "military_company", "naming only": "advisory",
        "criminal charge": "criminal_charge", "unknown": "unknown",
    }  # fmt: skip
    for found in listings(central_asia):
        kind = found.effect.partition(":")[0]
        if found.program.effect.code not in ("ownership_rule", "no_ownership_rule"):
            assert found.program.effect.code == kinds[kind], found.id


def test_every_rule_says_its_text_its_source_and_when_it_was_read() -> None:
    for rule in shipped_regimes().rules.values():
        assert len(rule.text) > 100
        assert rule.source
        assert rule.key == "us-ofac-ssi-50" or first_day(rule.read) >= first_day("2026-11-24")
        assert all(rule.name)


def test_ownership_rules_stand_where_the_regimes_have_them() -> None:
    table = shipped_regimes()
    reached = {(program.authority, program.list): program.ownership for program in table.programs.values()}
    assert reached["us-ofac", "SDN"] == "us-ofac-50"
    assert reached["us-ofac", "NS-CMIC"] == ""
    assert reached["us-bis", "Entity List"] == reached["us-bis", "Military End-User List"] == "us-bis-affiliates"
    assert reached["eu-council", "EU asset freeze"] == "eu-ownership"
    assert reached["eu-council", "Annex IV (export restrictions)"] == ""
    assert reached["uk-fcdo", "UK sanctions list"] == "uk-ownership"
    assert reached["us-dod", "Section 1260H"] == ""


def test_sentences_name_the_measure_and_never_say_sanctioned(central_asia) -> None:
    for lang, word in (("en", "sanctioned"), ("ru", "санкци"), ("kk", "санкци")):
        for found in listings(central_asia):
            sentence = listing_sentence(central_asia, found, lang)
            own = found.list + central_asia.name_of(found.entity, lang) + central_asia.name_of(found.authority, lang)
            assert word not in sentence.casefold() or word in own.casefold()
            assert found.program.effect.said.of(lang) in sentence


def test_the_quotable_sentence_of_dahua(central_asia) -> None:
    (found,) = listings(central_asia, entities=["cn-dahua"], lists=["us-bis-entity-list"])
    assert listing_sentence(central_asia, found) == (
        "Dahua Technology is listed for export control since 2019-10-09 "
        "(Bureau of Industry and Security, US Department of Commerce: Entity List)"
    )
    assert listing_sentence(central_asia, found, "ru").startswith(
        "Dahua Technology — в перечне экспортного контроля с 2019-10-09"
    )
    assert listing_sentence(central_asia, found, "kk").startswith(
        "Dahua Technology 2019-10-09 бастап экспорттық бақылау тізімінде"
    )


def test_a_listing_without_a_day_says_so(central_asia) -> None:
    (found,) = listings(central_asia, entities=["ru-vega"], lists=["SDN"])
    assert "the day of listing is not recorded" in listing_sentence(central_asia, found)
    assert "by 2025-12-24 at the latest" in listing_sentence(central_asia, found)


def test_a_listing_that_ended_says_until_when(central_asia) -> None:
    (found,) = listings(central_asia, entities=["cn-zte"], lists=["Entity List"])
    assert listing_sentence(central_asia, found).endswith("; until 2017-03-29")


def test_cabar_has_no_listing_in_force_before_9_october_2019(cabar) -> None:
    assert listings(cabar, as_of="2019-10-08") == ()
    assert {each.entity for each in listings(cabar, as_of="2019-10-09")} == {"cn-dahua", "cn-hikvision"}


def test_hikvision_is_on_ns_cmic_and_dahua_is_not(central_asia) -> None:
    on = {each.entity for each in listings(central_asia, lists=["NS-CMIC"], as_of="2026-11-24")}
    assert "cn-hikvision" in on
    assert "cn-dahua" not in on


def test_each_xinjiang_subsidiary_has_its_own_day(central_asia) -> None:
    parent = listings(central_asia, entities=["cn-hikvision"], lists=["Entity List"])
    subsidiaries = listings(
        central_asia,
        entities=[f"cn-hikvision-{city}" for city in ("luopu", "moyu", "pishan", "urumqi", "yutian")],
        lists=["Entity List"],
    )
    assert [each.since for each in parent] == ["2019-10-09"]
    assert [each.since for each in subsidiaries] == ["2023-03-28"] * 5


@pytest.mark.parametrize("body", ["ae-presight", "ae-g42", "ru-visionlabs", "cn-citic-group"])
def test_no_listing_is_said_of_the_dataset_not_of_the_body(central_asia, body: str) -> None:
    assert listings(central_asia, entities=[body]) == ()
    for lang in ("en", "ru", "kk"):
        sentence = no_listing_sentence(central_asia, body, lang)
        assert "central-asia" in sentence
        assert "sanction" not in sentence.casefold()
        assert "санкци" not in sentence.casefold()


def test_a_list_is_found_by_its_id_name_authority_program_or_slug(central_asia) -> None:
    for name in ("us-bis-el-cn-dahua", "Entity List", "entity list", "us-bis", "us-bis-entity-list"):
        assert "cn-dahua" in {each.entity for each in listings(central_asia, lists=[name])}
    assert {each.program.regime for each in listings(central_asia, regime="eu")} == {"eu"}


def test_an_unknown_list_or_regime_is_named_with_what_comes_near(central_asia) -> None:
    with pytest.raises(UnknownTerm, match="Entity List"):
        listings(central_asia, lists=["Entity Lst"])
    with pytest.raises(UnknownTerm, match="us-bis"):
        listings(central_asia, regime="us-bs")


def test_a_list_of_the_table_without_entries_is_no_error() -> None:
    dataset = register(listed=[listing("x", SDN)])
    assert listings(dataset, lists=["Military End-User List"]) == ()


def test_a_list_in_no_table_is_a_regime_of_its_own() -> None:
    dataset = register(listed=[listing("x", ("us-treasury", "A new list"), effect="asset freeze: all of it")])
    (found,) = listings(dataset)
    assert (found.program.regime, found.program.effect.code, found.program.ownership) == (
        "us-treasury", "asset_freeze", "",
    )  # fmt: skip
    assert found.effect == "asset freeze: all of it"


def test_a_dataset_s_regimes_are_laid_over_the_table() -> None:
    own = '[[program]]\nauthority = "us-ofac"\nlist = "SDN"\nregime = "us-ofac"\neffect = "advisory"\n'
    dataset = register(listed=[listing("x", SDN), listing("x", CMIC)], extras={"regimes.toml": own})
    effects = {each.list: each.program.effect.code for each in listings(dataset)}
    assert effects == {"SDN": "advisory", "NS-CMIC": "investment_ban"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense = ", "regimes.toml"),
        ('[[program]]\nauthority = "a"\n', "list"),
        ('[[program]]\nauthority = "a"\nlist = "L"\neffect = "freeze"\n', "asset_freeze"),
        ('[[program]]\nauthority = "a"\nlist = "L"\nownership = "us-ofac"\n', "us-ofac-50"),
        ('[[program]]\nauthority = "a"\nlist = "L"\ncolour = "red"\n', "colour"),
        ('[[jointly]]\nowners = ["x"]\nsource = "s"\n', "two ids"),
        ('[[jointly]]\nowners = ["x", "y"]\nfrom = "2020-13"\nsource = "s"\n', "2020-13"),
        ('[effects.new]\nsaid = "x"\n', "name"),
        ("[[rule]]\n", "key"),
    ],
)
def test_errors_in_a_dataset_s_regimes_say_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(AccessMapError, match=re.escape(says)):
        regimes_of(register(extras={"regimes.toml": text}))


def test_listings_known_by_a_day() -> None:
    sources = [{"id": "later", "date": "2021-05-01"}]
    dataset = register(listed=[listing("x", ENTITY_LIST), listing("y", ENTITY_LIST, sources="later")], sources=sources)
    assert [each.entity for each in listings(dataset, known_by="2021-04-30")] == ["x"]
    assert [each.entity for each in listings(dataset, known_by="2021-05-01")] == ["x", "y"]


def test_days_and_slugs() -> None:
    assert iso(day_of("2020-02")) == "2020-02-29"
    with pytest.raises(AccessMapError, match="2020-2"):
        day_of("2020-2")
    assert slug("eu-council", "EU asset freeze") == "eu-council-eu-asset-freeze"

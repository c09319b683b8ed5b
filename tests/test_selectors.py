"""Selectors choose exactly the entities that pass their tests, and name what is wrong with one."""

from __future__ import annotations

import pytest

from stakeholders.dataset import Dataset, split
from stakeholders.errors import AccessMapError, UnknownId, UnknownTerm
from stakeholders.selectors import select


def chosen(dataset: Dataset, **wanted: str) -> list[str]:
    return [row["id"] for row in dataset.entities.rows() if all(row[field] == cell for field, cell in wanted.items())]


def test_a_field_equal_to_a_value(central_asia: Dataset) -> None:
    assert select(central_asia, ["kind=police"]) == chosen(central_asia, kind="police")
    assert select(central_asia, ["type=store"]) == chosen(central_asia, type="store")
    assert select(central_asia, ["collective=true"]) == chosen(central_asia, collective="true")


def test_a_field_unequal_to_a_value_has_the_rest(central_asia: Dataset) -> None:
    inside, outside = select(central_asia, ["country=KZ"]), select(central_asia, ["country!=KZ"])
    assert outside == [entity for entity in central_asia.entities.index if entity not in set(inside)]
    assert {"kz-mia", "cn-hikvision"} & set(outside) == {"cn-hikvision"}


def test_tests_joined_by_commas_must_all_hold(central_asia: Dataset) -> None:
    assert select(central_asia, ["kind=manufacturer,country=CN"]) == chosen(
        central_asia, kind="manufacturer", country="CN"
    )
    assert select(central_asia, [" kind = manufacturer , country != CN "]) == [
        row["id"] for row in central_asia.entities.rows() if row["kind"] == "manufacturer" and row["country"] != "CN"
    ]


def test_several_selectors_mean_any_of_them_in_the_order_of_the_table(cabar: Dataset) -> None:
    assert select(cabar, ["kz-sergek", "kind=foreign_state", "cn-prc"]) == ["cn-prc", "kz-sergek"]
    assert select(cabar, []) == []


def test_a_field_that_holds_a_list_has_each_of_its_values(central_asia: Dataset) -> None:
    in_almaty = [row["id"] for row in central_asia.entities.rows() if "Almaty" in split(row["location"])]
    assert select(central_asia, ["location=almaty"]) == in_almaty
    assert "kz-mia" in select(central_asia, ["alias=МВД"])


def test_a_category_counts_with_all_that_are_narrower(central_asia: Dataset) -> None:
    narrower = {"biometric", "face", "fingerprint", "genomic", "iris", "voice"}
    expected = [row["id"] for row in central_asia.entities.rows() if narrower & set(split(row["categories"]))]
    assert select(central_asia, ["category=biometric"]) == expected
    assert select(central_asia, ["category=Биометрические данные"]) == expected
    exact = [row["id"] for row in central_asia.entities.rows() if "communications_content" in split(row["categories"])]
    assert select(central_asia, ["categories=communications_content"]) == exact
    assert set(exact) < set(select(central_asia, ["category=communications"]))


@pytest.mark.parametrize("name", ["us-bis-entity-list", "Entity List", "entity list"])
def test_listed_goes_by_list_or_authority_and_list(cabar: Dataset, name: str) -> None:
    assert select(cabar, [f"listed={name}"]) == ["cn-dahua", "cn-hikvision"]


def test_listed_goes_by_id_and_authority_too(cabar: Dataset, central_asia: Dataset) -> None:
    assert select(cabar, ["listed=us-bis-el-cn-dahua"]) == ["cn-dahua"]
    assert select(cabar, ["listed=us-bis"]) == ["cn-dahua", "cn-hikvision"]
    assert "cn-prc" in select(cabar, ["listed!=us-bis"])
    assert set(select(central_asia, ["listed=us-bis-entity-list"])) > {"cn-dahua", "cn-hikvision"}


def test_listed_means_on_the_day_asked_about(cabar: Dataset) -> None:
    assert select(cabar, ["listed=us-bis"], "2019-10-08") == []
    assert select(cabar, ["listed=us-bis"], "2019-10-09") == ["cn-dahua", "cn-hikvision"]


def test_a_selector_may_be_a_name_even_with_a_comma(central_asia: Dataset) -> None:
    assert select(central_asia, ["Sergek, Almaty"]) == ["kz-sergek-almaty"]
    assert select(central_asia, ["name=Sergek, Almaty,type=system"]) == ["kz-sergek-almaty"]
    assert select(central_asia, ["МВД"]) == ["kz-mia"]


def test_an_empty_value_means_an_empty_cell(central_asia: Dataset) -> None:
    assert select(central_asia, ["type=body,country="]) == [
        row["id"] for row in central_asia.entities.rows() if row["type"] == "body" and not row["country"]
    ]


def test_a_word_of_the_vocabulary_that_nobody_has_is_no_error(cabar: Dataset) -> None:
    assert select(cabar, ["kind=court"]) == []
    assert len(select(cabar, ["kind!=court"])) == len(cabar.entities)


@pytest.mark.parametrize(
    ("selector", "error", "message"),
    [
        ("knd=police", UnknownTerm, r"'knd' is no field of a selector\. Did you mean 'kind'\?"),
        ("kind=polcie", UnknownTerm, r"'polcie' is no kind of any entity\. Did you mean 'police'\?"),
        ("kind!=polcie", UnknownTerm, r"Did you mean 'police'\?"),
        ("country=KZZ", UnknownTerm, r"'KZZ' is no country of any entity\. Did you mean 'KZ'\?"),
        ("category=fase", UnknownId, r"Did you mean 'face'"),
        ("listed=us-bis-entity-lst", UnknownTerm, r"'us-bis-entity-lst' is no list\."),
        ("listed=", AccessMapError, "needs a list"),
        ("kind=police,country", UnknownTerm, "'police,country' is no kind"),
        ("=police", AccessMapError, "'=police' is no test; write field=value or field!=value"),
        ("kz-sergk", UnknownId, r"no entity is called 'kz-sergk'\. Did you mean 'kz-sergek'"),
    ],
)
def test_a_wrong_selector_says_what_comes_near(
    central_asia: Dataset, selector: str, error: type[AccessMapError], message: str
) -> None:
    with pytest.raises(error, match=message):
        select(central_asia, [selector])


def test_a_column_with_capitals_in_its_name_can_be_asked_for(cabar: Dataset) -> None:
    cells = tuple("North" if name == "kz-mia" else "" for name in cabar.entities.column("id"))
    dataset = cabar.with_tables(entities=cabar.entities.with_column("Region", cells))
    assert select(dataset, ["Region=north"]) == ["kz-mia"]
    assert select(dataset, ["KIND=police,Region!=North"]) == select(cabar, ["kind=police"])


def test_several_ids_in_one_selector_are_told_to_be_given_one_by_one(cabar: Dataset) -> None:
    with pytest.raises(UnknownId, match=r"names 2 entities: give each by itself \('kz-mia' and 'kz-gpo'\); .*repeat"):
        select(cabar, ["kz-mia, kz-gpo"])
    with pytest.raises(UnknownId, match="no entity is called 'kz-mia,nobody'"):
        select(cabar, ["kz-mia,nobody"])

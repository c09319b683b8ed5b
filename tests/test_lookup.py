"""What a user types finds what it means: in any alphabet, half typed, misspelt; and says so when it does not."""

from __future__ import annotations

import pytest

from stakeholders.dataset import Dataset
from stakeholders.errors import UnknownId, UnknownTerm, nearest
from stakeholders.lookup import Target, completions, resolve
from stakeholders.retrieval import find
from stakeholders.transliteration import key, latin


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("kz-mia", "kz-mia"),
        ("KZ-MIA", "kz-mia"),
        (" kz-mia ", "kz-mia"),
        ("Ministry of Internal Affairs", "kz-mia"),
        ("ministry of internal affairs", "kz-mia"),
        ("МВД", "kz-mia"),
        ("мвд", "kz-mia"),
        ("Министерство внутренних дел", "kz-mia"),
        ("Казахтелеком", "kz-kazakhtelecom"),
        ("Министерство внутреных дел", "kz-mia"),
        ("Қазақтелеком", "kz-kazakhtelecom"),
        ("Qazaqtelecom", "kz-kazakhtelecom"),
        ("kazakhtelecom", "kz-kazakhtelecom"),
        ("Korkem Telecom", "kz-korkem-telecom"),
        ("Көркем Телеком", "kz-korkem-telecom"),
        ("Corkem Telecom", "kz-korkem-telecom"),
        ("korkem", "kz-korkem-telecom"),
        ("Qorghau", "kz-korgau"),
        ("қорғау", "kz-korgau"),
        ("Сергек", "kz-sergek"),
        ("Hikvvision", "cn-hikvision"),
        ("Sergek, Almaty", "kz-sergek-almaty"),
        ("kz-sergek-almaty-a", "kz-sergek-almaty-archive"),
    ],
)
def test_a_name_in_any_alphabet_or_its_beginning_means_its_entity(central_asia: Dataset, text: str, meant: str) -> None:
    assert resolve(central_asia, text) == Target("entity", meant)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("biometric", "biometric"),
        ("Biometric", "biometric"),
        ("Biometric data", "biometric"),
        ("биометрические данные", "biometric"),
        ("Бет бейнелері мен үлгілері", "face"),
        ("communications_m", "communications_metadata"),
        ("видео", "video"),
    ],
)
def test_a_category_is_found_by_code_or_name(central_asia: Dataset, text: str, meant: str) -> None:
    assert resolve(central_asia, text) == Target("category", meant)
    assert resolve(central_asia, text, "category") == Target("category", meant)


def test_an_id_wins_over_what_begins_with_it(central_asia: Dataset) -> None:
    assert resolve(central_asia, "kz-sergek").id == "kz-sergek"
    assert any(entity.startswith("kz-sergek-") for entity in central_asia.entities.index)


def test_a_slip_names_what_was_meant(central_asia: Dataset) -> None:
    with pytest.raises(UnknownId) as refused:
        resolve(central_asia, "kz-mja", "entity")
    assert str(refused.value) == ("no entity is called 'kz-mja'. Did you mean 'kz-mia' (Ministry of Internal Affairs)?")
    assert refused.value.suggestions == ("kz-mia",)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Ministry of Internl Affairs", "kz-mia"),
        ("НТехЛаб", "ru-ntechlab"),
        ("kz-sergk", "kz-sergek"),
        ("biometrc", "biometric"),
    ],
)
def test_a_misspelt_name_is_suggested_first(central_asia: Dataset, text: str, meant: str) -> None:
    with pytest.raises(UnknownId) as refused:
        resolve(central_asia, text)
    assert refused.value.suggestions[0] == meant
    assert f"Did you mean {meant!r}" in str(refused.value)


def test_what_could_be_several_things_lists_them(central_asia: Dataset) -> None:
    with pytest.raises(UnknownId) as refused:
        resolve(central_asia, "Safe City, second phase")
    assert str(refused.value) == (
        "'Safe City, second phase' could be 'kg-safe-city-2' (Safe City, second phase) "
        "or 'tj-safe-city-2' (Safe City, second phase). Write the id."
    )
    with pytest.raises(UnknownId, match=r"'kz-police-aktau' .* or \d+ more\. Write the id\."):
        resolve(central_asia, "kz-police")


def test_what_is_nothing_is_not_guessed_at(central_asia: Dataset) -> None:
    with pytest.raises(UnknownId) as refused:
        resolve(central_asia, "zzzzzz")
    assert str(refused.value) == "no entity or data category is called 'zzzzzz'."
    assert refused.value.suggestions == ()
    for nothing in ("", "  "):
        with pytest.raises(UnknownId, match="a name is needed"):
            resolve(central_asia, nothing)


def test_a_thing_of_another_kind_is_said_to_be_one(central_asia: Dataset) -> None:
    assert resolve(central_asia, "kz-mia", "body").id == "kz-mia"
    with pytest.raises(UnknownId, match=r"'kz-sergek' \(Sergek \(all cities\)\) is a system; a body is asked for\."):
        resolve(central_asia, "kz-sergek", "body")
    with pytest.raises(UnknownId, match=r"'kz-mia' \(Ministry of Internal Affairs\) is no data category\."):
        resolve(central_asia, "kz-mia", "category")


def test_find_puts_the_best_first_and_says_where_it_fits(central_asia: Dataset) -> None:
    best = find(central_asia, "sergek")[0]
    assert (best.id, best.table, best.score) == ("kz-sergek", "entities", 100)
    assert find(central_asia, "hikvison")[0].id == "cn-hikvision"
    assert find(central_asia, "лицо", limit=1)[0].id == "face"
    scores = [hit.score for hit in find(central_asia, "police", limit=None)]
    assert scores == sorted(scores, reverse=True)
    assert len(find(central_asia, "police", limit=5)) == 5
    assert find(central_asia, "  ") == find(central_asia, "qqqqqqqq") == []


@pytest.mark.parametrize("nonsense", ["zzzqq", "foobar", "qwerty", "lorem"])
def test_find_makes_nothing_of_what_stands_nowhere(central_asia: Dataset, nonsense: str) -> None:
    assert find(central_asia, nonsense, limit=None) == []


@pytest.mark.parametrize(
    ("slip", "meant"), [("Дахуа", "cn-dahua"), ("prosecutr", "kz-gpo"), ("kaspersy", "ru-kaspersky")]
)
def test_find_forgives_a_slip(central_asia: Dataset, slip: str, meant: str) -> None:
    assert find(central_asia, slip)[0].id == meant


@pytest.mark.parametrize("text", ["face", "Face images and templates", "изображения лиц и шаблоны"])
def test_a_category_where_a_body_belongs_is_named_with_its_question(central_asia: Dataset, text: str) -> None:
    with pytest.raises(UnknownId) as refused:
        resolve(central_asia, text, "body")
    assert str(refused.value) == (
        f"{text!r} is a data category (Face images and templates), no body. To ask who can reach it: who face."
    )
    assert refused.value.suggestions == ("face",)


def test_spaces_around_what_is_unknown_are_not_quoted(central_asia: Dataset) -> None:
    with pytest.raises(UnknownId, match="is called 'kz-sergik'"):
        resolve(central_asia, " kz-sergik ")


def test_find_looks_into_claims_listings_and_sources(central_asia: Dataset) -> None:
    tables = {hit.table for hit in find(central_asia, "hikvision", limit=None)}
    assert {"entities", "listings", "relations", "sources"} <= tables
    hit = next(hit for hit in find(central_asia, "Safe city: 800 cameras") if hit.table == "sources")
    assert (hit.id, hit.why) == ("24kg-129174", "title")


def test_completions_are_ids_that_begin_so(central_asia: Dataset) -> None:
    assert completions(central_asia, "kz-sergek-alm") == [
        ("kz-sergek-almaty", "Sergek, Almaty"),
        ("kz-sergek-almaty-archive", "Sergek video archive, Almaty"),
    ]
    assert completions(central_asia, "KZ-MIA-P", "body")[0][0].startswith("kz-mia-p")
    assert completions(central_asia, "kz-sergek-alm", "body") == []
    entries = dict(completions(central_asia, "", "entry"))
    for table in ("entities", "relations", "listings", "sources"):
        assert set(central_asia.tables[table].index) <= set(entries)
    assert entries["24kg-129174"].startswith("Safe city: 800 cameras")
    assert ("face", "Face images and templates") in completions(central_asia, "fa", "target")
    assert ("face", "Face images and templates") not in completions(central_asia, "fa", "entity")


@pytest.mark.parametrize(
    "spellings",
    [
        ("Көркем", "Korkem", "Corkem", "Kórkem", "көркем", "KORKEM"),
        ("Қорғау", "Qorghau", "Qorğau", "Korgau", "Qorgau"),
        ("Казахтелеком", "Kazakhtelecom", "Kazakhtelekom"),
        ("Сергек", "Sergek"),
        ("Алматы", "Almaty", "Алматы́"),
        ("Шымкент", "Shymkent"),
        ("Жетісу", "Zhetisu", "Jetisu"),
        ("Щербаков", "Shcherbakov"),
        ("ё", "yo", "е", "е\u0308"),
        ("Королёв", "Королев", "КОРОЛЁВ", "Korolyov", "Korolev"),
        ("Самолёт", "Самолет", "Samolyot", "Samolet"),
        ("Токио", "Tokyo"),
        ("Huawei", "huawei"),
    ],
)
def test_spellings_of_one_name_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({key(spelling) for spelling in spellings}) == 1


def test_different_names_keep_different_keys(central_asia: Dataset) -> None:
    assert len({key(name) for name in ("Sergek", "Korkem", "Hikvision", "Dahua", "Алматы", "Астана")}) == 6
    keys = [key(name) for name in dict.fromkeys(central_asia.entities.column("name"))]
    assert len(keys) - len(set(keys)) <= 2


def test_latin_letters_for_every_cyrillic_one() -> None:
    alphabet = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһіӣӯҳҷў"
    for text in (alphabet, alphabet.upper()):
        assert latin(text).isascii()
    assert latin("Щука") == "Shchuka"
    assert latin("Әділет министрлігі") == "Adilet ministrligi"
    assert latin("中国 Hikvision") == "中国 Hikvision"


@pytest.mark.parametrize(
    ("word", "choices", "near"),
    [
        ("opperates", ("operates", "holds"), ("operates",)),
        ("kz-mai", ("kz-mia", "kz-xyz"), ("kz-mia",)),
        ("kz-mja", ("kz-mfa", "kz-mia"), ("kz-mia",)),
        ("Polcie", ("police", "public"), ("police",)),
        ("polise", ("politics", "polices", "police"), ("police", "polices")),
        ("kz-mai", ("kz-maiab", "kz-mia"), ("kz-mia", "kz-maiab")),
        ("xyz", ("operates", "holds"), ()),
        ("", ("operates",), ()),
    ],
)
def test_the_nearest_word_is_the_one_of_fewest_slips(
    word: str, choices: tuple[str, ...], near: tuple[str, ...]
) -> None:
    assert nearest(word, choices) == near


def test_a_word_outside_its_vocabulary_lists_a_few_and_counts_the_rest() -> None:
    error = UnknownTerm("level", "grantd", ("custody", "granted"))
    assert str(error) == "'grantd' is no level. Did you mean 'granted'? Known: custody, granted."
    many = UnknownTerm("thing", "q", [f"n{number}" for number in range(30)])
    assert str(many).endswith("n23 and 6 more.")

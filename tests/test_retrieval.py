"""Searching: what fits a text, the same as if every cell were compared with it."""

from __future__ import annotations

import random
import re

import pytest

from benchmarks.generate import landscape
from stakeholders.dataset import Dataset, split
from stakeholders.lookup import TELLING
from stakeholders.retrieval import Hit, _fit, _of_countries, find, found
from stakeholders.transliteration import key, keys

PLACES = (
    ("entities", 1.0, ("id", "name", "aliases", "note"), "name"),
    ("listings", 0.8, ("id", "list", "program", "claim"), "list"),
    ("sources", 0.7, ("id", "title", "publisher", "author"), "title"),
    ("relations", 0.6, ("id", "claim"), "claim"),
)


def spelt(plain: str, cell: str) -> int:
    """How well a cell answers to a few letters that tell nothing but as they are written."""
    within = re.search(rf"(?<!\w){re.escape(plain)}(?!\w)", cell.casefold())
    return 100 if cell.casefold() == plain else 75 if within else 0


def cell_by_cell(dataset: Dataset, text: str) -> list[Hit]:
    """The same search, every cell compared."""
    wanted, best, plain = key(text), {}, " ".join(text.casefold().split())
    if not plain:
        return []
    too_short = len(wanted) < min(TELLING, len(plain))
    of_countries = [] if too_short else list(_of_countries(text))

    def look(found_at: Hit, cell: str, weight: float, country: str = "") -> None:
        if not cell:
            return
        score = round((_fit(wanted, key(cell)) if not too_short else spelt(plain, cell)) * weight, 1)
        others = [each for of_country, said in of_countries if of_country == country for each in said]
        score = max([score, *(round(_fit(each, key(cell)) * weight * 0.9, 1) for each in others)])
        place = found_at.table, found_at.id
        if score and (place not in best or score > best[place].score):
            best[place] = found_at._replace(score=score)

    tree = dataset.tree
    for code, category in () if too_short else tree.categories.items():
        for each in (code, category.name, *category.names.values()):
            look(Hit(code, "categories", tree.name_of(code), 0, "code" if each == code else "name"), each, 1.0)
    for table, weight, columns, called in PLACES:
        rows = list(dataset.tables[table].rows()) if table in dataset.tables else []
        for column in columns:
            header = [each for each in dataset.tables[table].header if each.startswith("name")] if rows else []
            for searched in header if column == "name" else [column]:
                for row in rows:
                    cell = row.get(searched, "")
                    for part in split(cell) if column == "aliases" else [cell]:
                        of = row["country"] if table == "entities" else ""
                        look(Hit(row["id"], table, row.get(called, ""), 0, searched), part, weight, of)
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.id, hit.table))


def slipped(rng: random.Random, text: str) -> str:
    """A text with a letter wrong, gone, doubled or two exchanged."""
    at = rng.randrange(max(len(text), 1))
    return rng.choice((text[:at] + "o" + text[at + 1 :], text[:at] + text[at + 1 :], text[:at] + "n" + text[at:],
                       text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]))  # fmt: skip


def questions(dataset: Dataset, rng: random.Random, count: int) -> list[str]:
    cells = [
        cell
        for table, _, columns, _ in PLACES
        if table in dataset.tables
        for column in columns
        for cell in list(dataset.tables[table].column(column))[::7]
        if cell
    ]
    asked = []
    for _ in range(count):
        words = rng.choice(cells).split()
        start = rng.randrange(len(words))
        text = " ".join(words[start : start + rng.randint(1, 3)])[:40]
        asked.append(
            rng.choice((text, slipped(rng, text), slipped(rng, slipped(rng, text)), text[: rng.randint(1, 8)]))
        )
    return asked


@pytest.mark.parametrize("seed", range(6))
def test_a_search_finds_what_comparing_every_cell_finds(seed: int, central_asia: Dataset) -> None:
    rng = random.Random(f"search {seed}")
    for dataset in (central_asia, landscape(60, seed=seed)):
        for text in [*questions(dataset, rng, 12), "generatd", "entiti 01", "FCC", "police of Kazakhstan"]:
            expected = cell_by_cell(dataset, text)
            assert find(dataset, text, None) == expected, text
            best, count = found(dataset, text, 5)
            assert (best, count) == (expected[:5], len(expected)), text


def test_keys_of_many_texts_are_those_of_each() -> None:
    rng = random.Random("keys")
    letters = "abcxyzqkhссчщьіїә'’`_-.,; \n\t\u0301É中1122ßİ\u2028\r\x85"
    texts = ["".join(rng.choice(letters) for _ in range(rng.randint(0, 9))) for _ in range(5000)]
    assert keys(texts) == [key(text) for text in texts]
    assert keys([]) == []


def test_of_many_equal_hits_the_first_by_id_are_given_and_all_are_counted() -> None:
    dataset = landscape(300)
    hits, count = found(dataset, "generated", 3)
    ids = [hit.id for hit in find(dataset, "generated", None)]
    assert [hit.id for hit in hits] == ids[:3]
    assert count == len(ids) > 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ҰҚК", "kz-nsc"), ("ІІМ", "kz-mia"), ("FCC", "us-fcc"), ("MSS", "cn-mss"), ("DJI", "cn-dji"), ("iim", "")],
)
def test_an_alias_of_a_few_capitals_is_found_as_it_is_written(text: str, expected: str, central_asia: Dataset) -> None:
    assert next((hit.id for hit in find(central_asia, text) if hit.score == 100), "") == expected


def test_letters_that_tell_nothing_are_found_only_as_words_of_their_own(central_asia: Dataset) -> None:
    hits = {hit.id: hit for hit in find(central_asia, "FCC", None)}
    assert hits["us-fcc-covered-cn-dahua"].score == 60
    assert all("fcc" in str(central_asia.tables[hit.table].row(central_asia.tables[hit.table].index[hit.id])).casefold()
               for hit in hits.values())  # fmt: skip
    assert find(central_asia, "zzzqq") == find(central_asia, "  ") == []


@pytest.mark.parametrize(
    "text",
    [
        "МВД Узбекистана",
        "мвд узбекистана",
        "Министерство внутренних дел Узбекистана",
        "Uzbek Ministry of Internal Affairs",
        "Ministry of Internal Affairs Узбекистан",
    ],
)
def test_a_country_in_any_form_chooses_among_those_called_alike(text: str, central_asia: Dataset) -> None:
    assert find(central_asia, text)[0].id == "uz-mia"

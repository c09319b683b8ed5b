"""The tree of data categories: closed downwards, named in three languages, mapped to DPV and the GDPR."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakeholders.categories import Category, CategoryTree
from stakeholders.dataset import Dataset, Table
from stakeholders.tables import standard_categories

TREE = CategoryTree.of(
    [
        Category("biometric", "Biometric data", (), ("pd:Biometric",), "article 9", {"ru": "Биометрические данные"}),
        Category("face", "Faces", ("biometric",)),
        Category("face_3d", "Faces in 3D", ("face",)),
        Category("gait", "Gait", ("biometric", "video")),
        Category("video", "Video"),
    ]
)


def test_narrower_goes_all_the_way_down_and_starts_with_itself() -> None:
    assert TREE.narrower("biometric") == ("biometric", "face", "gait", "face_3d")
    assert TREE.narrower("video") == ("video", "gait")
    assert TREE.narrower("face_3d") == ("face_3d",)


def test_closing_adds_what_is_narrower_and_nothing_broader() -> None:
    assert TREE.closed(["face"]) == {"face", "face_3d"}
    assert TREE.closed(["video", "face"]) == {"video", "gait", "face", "face_3d"}
    assert TREE.closed([]) == frozenset()


def test_codes_are_sorted_and_know_their_place() -> None:
    assert TREE.codes == ("biometric", "face", "face_3d", "gait", "video")
    assert [TREE.codes[TREE.position[code]] for code in TREE.codes] == list(TREE.codes)
    assert "gait" in TREE
    assert "iris" not in TREE


def test_names_fall_back_to_english_then_to_the_code() -> None:
    assert TREE.name_of("biometric", "ru") == "Биометрические данные"
    assert TREE.name_of("biometric", "kk") == TREE.name_of("biometric") == "Biometric data"
    assert TREE.name_of("iris") == "iris"


def test_what_is_broader_and_special() -> None:
    assert (TREE.broader("face_3d"), TREE.broader("gait"), TREE.broader("video")) == ("face", "biometric", "")
    assert (TREE.special("biometric"), TREE.special("video")) == ("article 9", "")
    assert TREE.dpv("biometric") == ("pd:Biometric",)


def test_a_circle_does_not_hang() -> None:
    tree = CategoryTree.of([Category("a", "A", ("b",)), Category("b", "B", ("a",))])
    assert set(tree.narrower("a")) == {"a", "b"}


def test_a_dataset_without_categories_has_the_standard_ones() -> None:
    tree = Dataset("bare", {}).tree
    assert set(tree.codes) == {category.code for category in standard_categories()}
    assert tree.narrower("biometric") == ("biometric", "face", "fingerprint", "genomic", "iris", "voice")
    assert tree.narrower("communications") == ("communications", "communications_content", "communications_metadata")


def test_a_datasets_own_categories_add_to_the_standard_ones_or_redefine_them() -> None:
    header = ("code", "name", "name_de", "broader")
    rows = (("gait", "Gait", "Gang", "biometric;video"), ("face", "Visages", "", ""))
    columns = {name: tuple(row[place] for row in rows) for place, name in enumerate(header)}
    tree = Dataset("own", {"categories": Table("categories", header, columns)}).tree
    assert tree.name_of("gait", "de") == "Gang"
    assert "gait" in tree.narrower("video")
    assert "face" not in tree.narrower("biometric")
    assert tree.name_of("face", "ru") == "Visages"
    assert "iris" in tree


@pytest.mark.parametrize("category", standard_categories(), ids=lambda category: category.code)
def test_every_standard_category_is_named_and_mapped(category: Category) -> None:
    assert category.name
    assert set(category.names) == {"ru", "kk"}
    assert category.dpv
    assert all(re.fullmatch(r"pd:[A-Z]\w+", term) for term in category.dpv)
    assert category.special in {"", "article 9", "article 10"}


def test_what_the_gdpr_treats_as_special_is_marked() -> None:
    special = {category.code: category.special for category in standard_categories() if category.special}
    assert {code for code, article in special.items() if article == "article 9"} == {
        "biometric", "face", "fingerprint", "genomic", "health", "iris", "voice",
    }  # fmt: skip
    assert special["criminal"] == "article 10"


PARENTS = st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), max_size=2), max_size=8)


@given(PARENTS)
def test_closing_is_closing(parents: dict[int, list[int]]) -> None:
    tree = CategoryTree.of(
        Category(f"c{code}", "", tuple(f"c{above}" for above in parents.get(code, ()))) for code in range(8)
    )
    for code in tree.codes:
        closed = tree.closed([code])
        assert code in closed
        assert tree.closed(closed) == closed
        assert set(tree.narrower(code)) == closed
        assert len(tree.narrower(code)) == len(closed)
        for other in tree.codes:
            inside = any(above in closed for above in tree[other].broader)
            assert (other in closed) == (other == code or inside)


@given(PARENTS)
def test_what_is_wider_is_what_it_is_narrower_than(parents: dict[int, list[int]]) -> None:
    tree = CategoryTree.of(
        Category(f"c{code}", "", tuple(f"c{above}" for above in parents.get(code, ()))) for code in range(8)
    )
    for code in tree.codes:
        wider = tree.wider(code)
        assert len(set(wider)) == len(wider)
        assert set(wider) == {other for other in tree.codes if other != code and code in tree.narrower(other)}

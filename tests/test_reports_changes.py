"""What a difference is told as to people: it fits a comment, speaks three languages, and counts what the rows hold."""

from __future__ import annotations

import pytest
import strategies
from worlds import DAY, tables, world

from graphs.changes import Difference, between, diff
from graphs.effects import KINDS
from graphs.reports import render
from graphs.stories import stories
from stakeholders.dataset import Dataset


@pytest.fixture(scope="module")
def years(central_asia: Dataset) -> Difference:
    """What changed in Central Asia from the article of 2020 to November 2026."""
    return between(central_asia, "2020-04-15", "2026-11-01")


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_a_report_fits_a_comment_and_speaks_three_languages(years: Difference, lang: str) -> None:
    said = render(years, "md", lang=lang)
    assert len(said) < 65_536, "the most that a comment on GitHub may have"
    assert "{" not in said
    headings = [line for line in said.splitlines() if line.startswith("## ")]
    first = {"en": "## Gained reach", "ru": "## Доступ появился", "kk": "## Қолжетімділік пайда болды"}[lang]
    assert headings[0].startswith(first)


def test_a_report_of_two_datasets_with_little_in_common_fits_a_comment_too(
    cabar: Dataset, central_asia: Dataset
) -> None:
    answer = diff(cabar, central_asia, as_of="2020-04-15", also=())
    assert len(render(answer, "md")) < 65_536
    assert "--unfold" in render(answer, "md")


def test_unfolded_every_effect_is_told(years: Difference) -> None:
    said = render(years, unfold=True)
    for name in {name for row in years.rows for name in row["because"]}:
        assert name in said
    union = years.union
    assert union is not None
    for body in {row["body"] for row in years.rows}:
        assert union.name_of(body) in said


def test_folded_bodies_stand_under_the_body_they_reach_through(years: Difference) -> None:
    assert years.union is not None
    told = stories(years.rows, years.union, years.causes)
    (grant,) = (story for story in told if story.because == (("kz-law-enforcement-has-access-kz-facerec-2024",),))
    (party,) = grant.parties
    assert party.body == "kz-law-enforcement"
    assert "kz-police-atyrau" in party.members
    assert party.above == ("kz-government", "kz-president")
    assert sum(story.rows for story in told) <= len(years.rows)


def test_the_summary_counts_what_the_rows_hold(years: Difference) -> None:
    gained = [row for row in years.rows if row["change"] == "gained" and row["place"] == "both"]
    bodies, stores = ({row[key] for row in gained} for key in ("body", "store"))
    assert f"{len(bodies)} bodies gained reach to data in {len(stores)} stores" in years.summary()


def test_the_summary_counts_no_body_twice_for_one_move() -> None:
    world = tables("b1 has_access s1 valid_from=2020", "b1 has_access s1 status=denied valid_from=2021-06",
                   "b2 part_of b1", "b3 has_access s1 status=alleged valid_from=2021-06",
                   "b4 has_access s1 status=planned valid_from=2021-06")  # fmt: skip
    answer = between(strategies.dataset(world), "2021-01-01", "2021-07-01", also=())
    assert answer.summary() == (
        "From 2021-01-01 to 2021-07-01: 1 body lost reach to data in 1 store (for 1 of them it is still claimed); "
        "for 1 body nothing more than a claim of reach is new; for 1 body nothing more than a plan of reach is new."
    )


def test_effects_stand_in_their_order(years: Difference) -> None:
    kinds = [KINDS.index(row["change"]) for row in years.rows]
    assert kinds == sorted(kinds)
    assert [years.rows[0]["change"], years.rows[-1]["change"]] == ["gained", "no longer prospective"]
    assert years.path(0)[0]["claim"]


# ------------------------------------------------------------------------------------------- nobody is told too much of


def report(
    before: list[str], after: list[str], categories: dict[str, str] | None = None, **cells: dict[str, str]
) -> str:
    sides = [world(*lines, categories=categories, **cells) for lines in (before, after)]
    return render(diff(*sides, as_of=DAY), "table", dataset=sides[1])


def test_who_commands_a_body_is_not_said_to_have_gained_what_it_had() -> None:
    """The whole of the body held one of the two stores all along."""
    before = ["b1 part_of b2", "b2 holds s2", "y1 keeps_data_in s1", "y1 keeps_data_in s2", "b3 supplies y1"]
    held = {"y1": "face;identity", "s1": "identity", "s2": "face"}
    text = report(before, [*before, "b1 has_access y1 id=new"], held)
    assert "above it" not in text
    assert "Name of b2: Name of s1 (identity) – indirect, confirmed" in text


def test_what_would_have_done_as_well_is_told_of_effects_beside_others_too() -> None:
    before = ["b2 holds s1", "b3 holds s2", "y2 keeps_data_in s2"]
    after = [*before, "b1 controls b2 id=c1", "b2 has_access s2 id=c2", "b2 operates y2 id=c3"]
    told = report(before, after).partition("c1, c2")[2]
    assert "or else" in told
    assert "Name of b2 – operates – Name of y2" in told


def test_bodies_with_members_of_their_own_are_told_one_by_one() -> None:
    before = ["b5 member_of b1", "b6 member_of b2", "b7 holds s1"]
    after = [*before, "b1 has_access s1 id=n1", "b2 has_access s1 id=n2"]
    text = report(before, after, b1={"collective": "true"}, b2={"collective": "true"})
    assert all(f"and its members (1; possible): Name of {member}" in text for member in ("b5", "b6"))


def test_the_widest_change_is_one_that_no_other_surpasses_and_is_no_majority() -> None:
    before = ["b9 holds s1", "b1 part_of b2", "b5 holds s5"]
    text = report(before, [*before, "b1 has_access s1", *(f"b{n} has_access y{n}" for n in range(3, 8))])
    assert "gained reach" in text
    assert "No other change by itself gave reach to more bodies than this:" in text
    assert "Most bodies" not in text
    several = report(before, [*before, "b3 has_access s1", "b4 has_access s1"])
    assert "No other change" not in several, "two relations are no single change"

"""Since when an ownership rule reaches a company: by the days on which it did, one after another."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pytest
from registers import EU, SDN, UK, Row, entity, listing, owns, register, relation

from graphs.access import build
from graphs.exposures import exposure, exposure_history
from stakeholders.dataset import Dataset
from stakeholders.dates import ALWAYS, first_day
from stakeholders.ownership import ownership_verdicts
from stakeholders.tenures import Tenures

DAY = "2022-01-01"
CITY = entity("city", "system", categories="video")
JOINT = '[[jointly]]\nowners = ["a", "b"]\nfrom = "2018"\nuntil = "2019"\nsource = "agreement"\n'


def since(
    relations: Sequence[Row], listed: Sequence[Row], as_of: str = DAY, extras: Mapping[str, str] | None = None
) -> dict[str, str | None]:
    dataset = register([*relations, relation("v", "supplies", "city")], listed, [CITY], extras=extras)
    return {row["listed_entity"]: row["since"] for row in exposure(build(dataset), "city", as_of=as_of).rows}


def test_two_who_own_half_only_together_expose_since_the_later_of_both() -> None:
    held = [owns("a", "v", "30"), owns("b", "v", "30")]
    listed = [listing("a", SDN, "2016-01-01"), listing("b", SDN, "2021-05-05")]
    assert since(held, listed) == {"a": "2021-05-05", "b": "2021-05-05"}
    held[1] = owns("b", "v", "30", valid_from="2021-07")
    assert since(held, listed) == {"a": "2021-07", "b": "2021-07"}, "as it is written in the data"


def test_one_who_owns_half_alone_exposes_since_its_own_day_whoever_comes_later() -> None:
    held = [owns("a", "v", "60"), owns("b", "v", "30")]
    listed = [listing("a", SDN, "2016-01-01"), listing("b", SDN, "2021-05-05")]
    assert since(held, listed) == {"a": "2016-01-01", "b": "2021-05-05"}


def test_owners_who_act_jointly_expose_since_they_do_and_history_has_the_days() -> None:
    held, listed = [owns("a", "v", "30"), owns("b", "v", "30")], [listing("a", UK), listing("b", UK)]
    found = since(held, listed, "2018-06-01", extras={"regimes.toml": JOINT})
    assert found == {"a": "2018-01-01", "b": "2018-01-01"}
    dataset = register([*held, relation("v", "supplies", "city")], listed, [CITY], extras={"regimes.toml": JOINT})
    spans = {(row["first"], row["last"]) for row in exposure_history(build(dataset), "city", as_of=DAY).rows}
    assert spans == {("2018-01-01", "2019-12-31")}


def test_history_ends_on_the_day_after_which_the_evidence_is_too_old() -> None:
    dataset = register([relation("a", "supplies", "city")], [listing("a", SDN, "2010-02-01")], [CITY])
    (row,) = exposure_history(build(dataset), "city", as_of="2012", fresh="1y").rows
    assert (row["first"], row["last"]) == ("2010-02-01", "2011-01-01")


def test_a_stake_whose_evidence_is_too_old_reaches_nobody() -> None:
    held = owns("a", "v", "60"), relation("v", "supplies", "city", sources="new")
    dataset = register(held, [listing("a", SDN)], [CITY], sources=[{"id": "new", "date": "2021"}])
    assert exposure(build(dataset), "city", as_of=DAY).rows
    assert not exposure(build(dataset), "city", as_of=DAY, fresh="3y").rows


RULES = {"us-ofac-50": SDN, "eu-ownership": EU, "uk-ownership": UK}


@pytest.mark.parametrize("seed", range(40))
def test_since_is_the_first_of_the_days_on_which_it_has_been_so(seed: int) -> None:
    rng = random.Random(seed)
    dataset = random_stakes(rng)
    asked = first_day(f"{rng.choice((2013, 2017, 2022))}-06-15")
    for rule in RULES:
        for company in ("v", "w"):
            now = word(dataset, rule, company, asked)
            found, text = Tenures(dataset, asked).since(rule, company)
            months = (first_day(f"{year}-{month:02}") for year in range(2005, 2023) for month in range(1, 13))
            assert {word(dataset, rule, company, day) for day in months if found <= day <= asked} <= {now}
            if found > ALWAYS:
                assert word(dataset, rule, company, found - 1) != now
                assert first_day(text) == found


def random_stakes(rng: random.Random) -> Dataset:
    """Stakes of listed entities in two companies, one of which may hold something in the other, with years."""
    held, years = [], ("2006", "2009", "2012", "2015", "2019")
    for number in range(rng.randint(2, 7)):
        owner, company = rng.choice(("av", "bv", "cv", "aw", "bw", "wv"))
        since, until = rng.choice(years), rng.choice(("", "", "2016", "2020"))
        held.append(owns(owner, company, rng.choice(("", "20", "30", "50", "60")), id=f"r{number}", valid_from=since,
                         valid_until=until, status=rng.choice(("confirmed", "confirmed", "denied"))))  # fmt: skip
    listed = [
        listing(entity_, place, rng.choice(years) + "-03-05", rng.choice(("", "", "2021-04-01")), id=f"l{entity_}{n}")
        for entity_ in "abcw" for n, place in enumerate(RULES.values()) if rng.random() < 0.5
    ]  # fmt: skip
    held = [row for row in held if row["valid_from"] <= (row["valid_until"] or "9")]
    return register(held, listed, [entity(name) for name in "abcvw"], extras={"regimes.toml": JOINT})


def word(dataset: Dataset, rule: str, company: str, day: int) -> str:
    verdict = ownership_verdicts(dataset, rule, as_of=day).get(company)
    if verdict is not None and verdict.verdict == "listed":
        verdict = verdict.besides
    return "below" if verdict is None else verdict.verdict

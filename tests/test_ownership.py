"""Ownership: the official examples, each regime's threshold at its dates, unknown stakes that never become a guess."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping

import pytest
from registers import CMIC, COVERED, ENTITY_LIST, EU, SDN, SECTION_889, UK, entity, listing, owns, register, relation

from stakeholders.dates import iso
from stakeholders.errors import AccessMapError, UnknownTerm
from stakeholders.ownership import Verdict, ownership_verdicts
from stakeholders.stakes import percent_of

OFAC, BIS, EUROPE, BRITAIN, ACT_889, FCC = (
    "us-ofac-50", "us-bis-affiliates", "eu-ownership", "uk-ownership", "us-889-affiliates", "us-fcc-affiliates"
)  # fmt: skip


def verdict(
    relations: list, listed: list, company: str, rule: str = OFAC, as_of: str = "2024-12-31", **options
) -> Verdict:
    return ownership_verdicts(register(relations, listed), rule, as_of=as_of, **options)[company]


def words(relations: list, listed: list, rule: str = OFAC, as_of: str = "2024-12-31") -> dict[str, str]:
    found = ownership_verdicts(register(relations, listed), rule, as_of=as_of)
    return {entity: each.verdict for entity, each in found.items()}


X, Y = listing("x", SDN), listing("y", SDN)


# OFAC's own examples -------------------------------------------------------------------------------------------------


def test_faq_398_control_without_ownership_blocks_nothing() -> None:
    assert words([relation("x", "controls", "a"), owns("x", "a", "49")], [X])["a"] == "below"


def test_faq_399_stakes_of_two_blocked_persons_are_added_across_programs() -> None:
    listed = [listing("x", SDN, program="CYBER2"), listing("y", SDN, program="GLOMAG")]
    found = verdict([owns("x", "a", "25"), owns("y", "a", "25")], listed, "a")
    assert (found.verdict, found.share, set(found.steps)) == ("owned", (50, 50), {"x", "y"})


def test_faq_401_example_1_half_of_a_half() -> None:
    assert words([owns("x", "a", "50"), owns("a", "b", "50")], [X]) == {"a": "owned", "b": "owned", "x": "listed"}


def test_faq_401_example_2_two_quarters_through_two_halves() -> None:
    stakes = [owns("x", "a", "50"), owns("x", "b", "50"), owns("a", "c", "25"), owns("b", "c", "25")]
    assert words(stakes, [X])["c"] == "owned"


def test_faq_401_example_3_directly_and_through_a_half() -> None:
    found = verdict([owns("x", "a", "50"), owns("x", "b", "10"), owns("a", "b", "40")], [X], "b")
    assert (found.verdict, found.share) == ("owned", (50, 50))


def test_faq_401_example_4_what_is_not_owned_passes_nothing_on() -> None:
    stakes = [owns("x", "a", "50"), owns("x", "b", "25"), owns("a", "c", "25"), owns("b", "c", "25")]
    found = verdict(stakes, [X], "c")
    assert (found.verdict, found.share) == ("below", (25, 25))


def test_faq_401_example_5_two_quarters_of_two_owners_of_halves() -> None:
    stakes = [owns("x", "a", "25"), owns("x", "b", "25"), owns("a", "c", "50"), owns("b", "c", "50")]
    assert words(stakes, [X]) == {"a": "below", "b": "below", "c": "below", "x": "listed"}


def test_faq_402_a_stake_that_was_sold_no_longer_blocks() -> None:
    stakes = [owns("x", "a", "60", valid_until="2020-05"), owns("x", "a", "30", id="later", valid_from="2020-06")]
    assert words(stakes, [X], as_of="2020-05-31")["a"] == "owned"
    assert words(stakes, [X], as_of="2020-06-01")["a"] == "below"


def test_ofac_aggregates_only_from_13_august_2014() -> None:
    alone = [owns("x", "a", "60", valid_from="2000")]
    added = [owns("x", "a", "30", valid_from="2000"), owns("y", "a", "25", valid_from="2000")]
    listed = [listing("x", SDN, "2000"), listing("y", SDN, "2000")]
    days = ("2008-02-13", "2008-02-14", "2014-08-12", "2014-08-13")
    assert [words(alone, listed, as_of=day)["a"] for day in days] == ["below", "owned", "owned", "owned"]
    assert [words(added, listed, as_of=day)["a"] for day in days] == ["below", "below", "below", "owned"]


def test_a_company_that_one_blocked_person_owns_was_blocked_before_stakes_were_added() -> None:
    found = verdict([owns("x", "a", "60")], [X], "a", as_of="2024-12-31")
    assert iso(found.start) == "2008-02-14"
    assert iso(verdict([owns("x", "a", "30"), owns("y", "a", "25")], [X, Y], "a").start) == "2014-08-13"


def test_sectoral_sanctions_reach_owned_companies_apart_from_blocked_ones() -> None:
    sectoral = ("us-ofac", "Sectoral Sanctions Identifications")
    stakes = [owns("x", "a", "30"), owns("y", "a", "25")]
    both = [listing("x", sectoral, "2014-07-16"), listing("y", sectoral, "2014-07-16")]
    assert words(stakes, both, "us-ofac-ssi-50", "2014-08-13")["a"] == "owned"
    assert words(stakes, both, "us-ofac-ssi-50", "2014-08-12")["a"] == "below"
    mixed = [listing("x", sectoral), listing("y", SDN)]
    assert words(stakes, mixed, "us-ofac-ssi-50")["a"] == "below"
    assert words(stakes, mixed, OFAC)["a"] == "below"


# Thresholds and dates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "place", "as_of", "half", "more"),
    [
        (OFAC, SDN, "2024-12-31", "owned", "owned"),
        (BIS, ENTITY_LIST, "2025-09-28", "below", "below"),
        (BIS, ENTITY_LIST, "2025-09-29", "owned", "owned"),
        (BIS, ENTITY_LIST, "2025-11-09", "owned", "owned"),
        (BIS, ENTITY_LIST, "2025-11-10", "below", "below"),
        (BIS, ENTITY_LIST, "2026-11-09", "below", "below"),
        (BIS, ENTITY_LIST, "2026-11-10", "undetermined", "undetermined"),
        (EUROPE, EU, "2024-07-02", "below", "owned"),
        (EUROPE, EU, "2024-07-03", "owned", "owned"),
        (BRITAIN, UK, "2026-01-01", "below", "owned"),
        (ACT_889, SECTION_889, "2024-12-31", "owned", "owned"),
        (FCC, COVERED, "2024-12-31", "owned", "owned"),
    ],
)
def test_exactly_half_and_a_little_more(rule: str, place: tuple[str, str], as_of: str, half: str, more: str) -> None:
    assert words([owns("x", "a", "50")], [listing("x", place)], rule, as_of)["a"] == half
    assert words([owns("x", "a", "50.01")], [listing("x", place)], rule, as_of)["a"] == more
    assert words([owns("x", "a", "49.99")], [listing("x", place)], rule, as_of)["a"] == "below"


def test_whether_the_affiliates_rule_resumed_is_said_to_be_unknown() -> None:
    found = verdict([owns("x", "a", "80")], [listing("x", ENTITY_LIST)], "a", BIS, "2026-11-24")
    assert (found.verdict, found.share) == ("undetermined", (80, 80))
    assert found.reason is not None
    assert "not established" in found.reason.en
    assert all(found.reason)


def test_the_commission_s_example_of_30_and_25_percent() -> None:
    stakes = [owns("x", "a", "30"), owns("y", "a", "25")]
    both = [listing("x", EU), listing("y", EU)]
    assert words(stakes, both, EUROPE, "2022-04-08")["a"] == "owned"


def test_in_britain_each_owner_counts_by_itself() -> None:
    found = verdict([owns("x", "a", "30"), owns("y", "a", "25")], [listing("x", UK), listing("y", UK)], "a", BRITAIN)
    assert (found.verdict, found.share, found.if_joint) == ("below", (30, 30), "owned")


def test_owners_recorded_as_acting_jointly_count_as_one() -> None:
    stakes, both = [owns("x", "a", "30"), owns("y", "a", "25")], [listing("x", UK), listing("y", UK)]
    arrangement = '[[jointly]]\nowners = ["x", "y"]\nfrom = "2020"\nuntil = "2022"\nsource = "src"\n'
    dataset = register(stakes, both, extras={"regimes.toml": arrangement})
    assert ownership_verdicts(dataset, BRITAIN, as_of="2022-12-31")["a"].verdict == "owned"
    assert ownership_verdicts(dataset, BRITAIN, as_of="2023-01-01")["a"].verdict == "below"


def test_an_owner_s_holding_through_its_own_companies_counts_in_britain() -> None:
    stakes = [owns("x", "a", "60"), owns("x", "b", "30"), owns("a", "b", "25")]
    assert words(stakes, [listing("x", UK)], BRITAIN)["b"] == "owned"


def test_only_lists_with_an_ownership_rule_reach_companies() -> None:
    assert "a" not in {
        entity
        for entity, each in ownership_verdicts(
            register([owns("x", "a", "100")], [listing("x", CMIC)]), OFAC, as_of="2024"
        ).items()
        if each.verdict != "below"
    }


def test_the_listing_must_be_in_force() -> None:
    listed = [listing("x", SDN, "2016-03-08", "2017-03-29")]
    stakes = [owns("x", "a", "100")]
    days = ("2016-03-07", "2016-03-08", "2017-03-29", "2017-03-30")
    assert [words(stakes, listed, as_of=day)["a"] for day in days] == ["below", "owned", "owned", "below"]


def test_section_889_reaches_whom_a_named_company_is_said_to_control() -> None:
    ties = [
        relation("x", "controls", "a"),
        relation("b", "part_of", "x"),
        relation("x", "partner_of", "c"),
        owns("x", "d"),
    ]
    found = words(ties, [listing("x", SECTION_889)], ACT_889)
    assert found == {"a": "owned", "b": "owned", "d": "undetermined", "x": "listed"}
    assert words(ties, [listing("x", ENTITY_LIST)], BIS, "2025-10-01")["a"] == "below"


def test_section_889_reaches_a_named_member_of_a_collective_affiliate() -> None:
    ties = [relation("class", "part_of", "x"), relation("a", "member_of", "class"), relation("b", "member_of", "one")]
    ties.append(relation("one", "part_of", "x"))
    dataset = register(ties, [listing("x", SECTION_889)], [entity("class", collective="true"), entity("one")])
    found = ownership_verdicts(dataset, ACT_889, as_of="2024-12-31")
    assert {name: each.verdict for name, each in found.items()} == {
        "a": "owned", "class": "owned", "one": "owned", "x": "listed",
    }  # fmt: skip


# Unknown and contradictory stakes ------------------------------------------------------------------------------------


def test_percent_cells() -> None:
    assert [percent_of(cell) for cell in ("68.5", "50..100", "0..50", "", "..50", "50..")] == [
        (68.5, 68.5), (50, 100), (0, 50), (0, 100), (0, 50), (50, 100)
    ]  # fmt: skip


def test_a_stake_of_unknown_size_is_undetermined_with_its_interval() -> None:
    found = verdict([owns("x", "a")], [X], "a")
    assert (found.verdict, found.share) == ("undetermined", (0, 100))


def test_an_unknown_stake_is_capped_by_what_others_hold() -> None:
    found = verdict([owns("x", "a"), owns("z", "a", "60")], [X], "a")
    assert (found.verdict, found.share) == ("below", (0, 40))
    found = verdict([owns("x", "a", "20"), owns("y", "a"), owns("z", "a", "45")], [X, Y], "a")
    assert (found.verdict, found.share) == ("undetermined", (20, 55))


def test_two_rows_of_one_owner_are_two_claims_about_one_stake() -> None:
    claims = [owns("x", "a", "40"), owns("x", "a", "55", id="other")]
    found = verdict(claims, [X], "a")
    assert (found.verdict, found.share) == ("undetermined", (40, 55))
    (step,) = found.steps["x"]
    assert step.relations == ("other", "x-owns-a")


def test_a_total_contains_what_is_held_through_companies() -> None:
    stakes = [owns("x", "a", "60"), owns("a", "b", "30"), owns("x", "b", "45", mode="total")]
    found = verdict(stakes, [X], "b")
    assert (found.verdict, found.share) == ("below", (45, 45))
    without_mode = [owns("x", "a", "60"), owns("a", "b", "30"), owns("x", "b", "45")]
    assert verdict(without_mode, [X], "b").share == (75, 75)


def test_a_total_is_at_least_what_its_parts_are() -> None:
    stakes = [owns("x", "a", "60"), owns("a", "b", "55"), owns("x", "b", "45", mode="total")]
    assert verdict(stakes, [X], "b").share == (55, 55)


def test_claims_beyond_100_percent_cap_nothing() -> None:
    found = verdict([owns("x", "a", "60"), owns("z", "a", "70")], [X], "a")
    assert (found.verdict, found.share) == ("owned", (60, 60))
    found = verdict([owns("x", "a"), owns("y", "a", "60"), owns("z", "a", "70")], [X], "a")
    assert (found.verdict, found.share) == ("undetermined", (0, 100))


def test_cycles_and_cross_holdings_come_to_rest() -> None:
    assert words([owns("a", "b", "60"), owns("b", "a", "60")], [X])["a"] == "below"
    circle = [owns("x", "a", "40"), owns("a", "b", "60"), owns("b", "a", "20")]
    assert words(circle, [X])["a"] == "below"
    fed = [owns("x", "a", "50"), owns("a", "b", "60"), owns("b", "a", "20")]
    found = verdict(fed, [X], "a")
    assert (found.verdict, found.share) == ("owned", (70, 70))


def test_an_undetermined_owner_leaves_what_it_owns_undetermined() -> None:
    found = words([owns("x", "a"), owns("a", "b", "100"), owns("b", "c", "30")], [X])
    assert found == {"a": "undetermined", "b": "undetermined", "c": "below", "x": "listed"}


def test_steps_lead_from_each_listed_owner_to_the_company() -> None:
    found = verdict([owns("x", "a", "70"), owns("a", "b", "30"), owns("y", "b", "20")], [X, Y], "b")
    chains = {entity: [(step.owner, step.company, step.low) for step in steps] for entity, steps in found.steps.items()}
    assert chains == {"x": [("x", "a", 70), ("a", "b", 30)], "y": [("y", "b", 20)]}


# Evidence ------------------------------------------------------------------------------------------------------------


def test_denied_stakes_never_count_and_contested_ones_are_alleged() -> None:
    assert words([owns("x", "a", "80", status="denied")], [X]).get("a", "below") == "below"
    contested = [owns("x", "a", "80"), owns("x", "a", "80", id="no", status="denied")]
    assert words(contested, [X]).get("a", "below") == "below"
    assert verdict(contested, [X], "a", certainty="alleged").verdict == "owned"


def test_a_verdict_carries_the_certainty_under_which_it_still_stands() -> None:
    mixed = [owns("x", "a", "30"), owns("y", "a", "25", status="reported")]
    assert verdict(mixed, [X, Y], "a").certainty == 2
    sure = [owns("x", "a", "60"), owns("y", "a", "5", status="reported")]
    assert verdict(sure, [X, Y], "a").certainty == 3
    planned = [owns("x", "a", "60", status="planned")]
    assert words(planned, [X]).get("a", "below") == "below"
    assert verdict(planned, [X], "a", certainty="prospective").certainty == 0


def test_only_what_sources_of_a_day_could_tell() -> None:
    source = {"id": "later", "date": "2020-05-01"}
    dataset = register([owns("x", "a", "60", sources="later")], [X], sources=[source])
    assert "a" not in ownership_verdicts(dataset, OFAC, as_of="2024", known_by="2020-04-30")
    assert ownership_verdicts(dataset, OFAC, as_of="2024", known_by="2020-05-01")["a"].verdict == "owned"


def test_the_verdict_is_as_old_as_the_wording_that_gives_it() -> None:
    from stakeholders.dates import ALWAYS

    listed = [listing("x", EU)]
    assert iso(verdict([owns("x", "a", "50")], listed, "a", EUROPE, "2025-01-01").start) == "2024-07-03"
    assert verdict([owns("x", "a", "51")], listed, "a", EUROPE, "2025-01-01").start == ALWAYS


def test_a_dataset_may_bring_its_own_rule() -> None:
    own = """
[[rule]]
key = "house-25"
regime = "house"
name = "A house rule"
text = "A quarter suffices."
source = "src"
read = "2026-01-01"
periods = [{ threshold = 25, together = true }]
[[program]]
authority = "us-ofac"
list = "SDN"
regime = "us-ofac"
effect = "asset_freeze"
ownership = "house-25"
"""
    dataset = register([owns("x", "a", "25")], [X], extras={"regimes.toml": own})
    assert ownership_verdicts(dataset, "house-25", as_of="2024")["a"].verdict == "owned"


def test_errors_name_what_was_asked() -> None:
    with pytest.raises(UnknownTerm, match="us-ofac-51"):
        ownership_verdicts(register(), "us-ofac-51", as_of="2024")
    with pytest.raises(UnknownTerm, match="sure"):
        ownership_verdicts(register(), OFAC, as_of="2024", certainty="sure")
    with pytest.raises(AccessMapError, match="periods"):
        ownership_verdicts(register(extras={"regimes.toml": '[[rule]]\nkey="k"\nregime="r"\nname="n"\ntext="t"\n'
                                            'source="s"\nread="2026"\n'}), OFAC, as_of="2024")  # fmt: skip


# Against every completion of the unknown stakes ----------------------------------------------------------------------

Stakes = dict[tuple[str, str], tuple[int, int]]
Filled = Mapping[tuple[str, str], int]

BODIES = ("a", "b", "c", "d", "x", "y")


def random_stakes(rng: random.Random) -> Stakes:
    """Stakes on a grid of quarters, so that every end and every cap lies on it too."""
    stakes: Stakes = {}
    for _ in range(rng.randint(1, 6)):
        owner, company = rng.choice(BODIES), rng.choice(BODIES[:4])
        if owner != company:
            low = rng.choice((0, 0, 25, 50, 75))
            stakes[owner, company] = rng.choice(((low, low), (low, 100), (0, 100), (0, 50), (50, 100)))
    return stakes


def completions(stakes: Stakes) -> Iterator[Filled]:
    """Every assignment on the grid in which no company is held beyond 100 percent."""
    keys = sorted(stakes)
    grids = [range(low, high + 1, 25) for low, high in (stakes[key] for key in keys)]
    for values in itertools.product(*grids):
        filled = dict(zip(keys, values, strict=True))
        if all(sum(v for (_, c), v in filled.items() if c == company) <= 100 for company in BODIES):
            yield filled


def counted(filled: Filled, listed: set[str], strict: bool) -> tuple[set[str], dict[str, int]]:
    """Who counts when every stake is known, and the percentage of each company that those hold together."""
    counts = set(listed)
    while True:
        shares = {c: sum(v for (o, d), v in filled.items() if d == c and o in counts) for c in BODIES}
        more = {c for c, share in shares.items() if share > 50 or (share == 50 and not strict)} - counts
        if not more:
            return counts, shares
        counts |= more


@pytest.mark.parametrize(
    ("rule", "place", "strict", "together"),
    [(OFAC, SDN, False, True), (BRITAIN, UK, True, False)],
)
def test_verdicts_are_exact_over_every_completion(
    rule: str, place: tuple[str, str], strict: bool, together: bool
) -> None:
    rng = random.Random(4)
    told = dict.fromkeys(("owned", "undetermined", "below"), 0)
    for _ in range(400):
        stakes, listed = random_stakes(rng), {"x", "y"}
        worlds = list(completions(stakes))
        if not worlds:
            continue
        rows = [owns(o, c, f"{low}..{high}" if low != high else str(low)) for (o, c), (low, high) in stakes.items()]
        found = ownership_verdicts(register(rows, [listing(each, place) for each in listed]), rule, as_of="2025-10-01")
        groups = [listed] if together else [{each} for each in sorted(listed)]
        outcomes = [[counted(world, group, strict) for group in groups] for world in worlds]
        for company in {c for _, c in stakes} - listed:
            ours = found[company]
            told[ours.verdict] += 1
            blocked = [any(company in counts for counts, _ in outcome) for outcome in outcomes]
            assert ours.verdict == ("owned" if all(blocked) else "undetermined" if any(blocked) else "below"), stakes
            for outcome in outcomes:
                share = max(shares[company] for _, shares in outcome)
                assert ours.share[0] <= share <= ours.share[1], (stakes, company)
    assert min(told.values()) > 15, told


def test_raising_a_listed_owner_s_percentage_never_clears() -> None:
    rng = random.Random(5)
    order = ["below", "undetermined", "owned", "listed"]
    for _ in range(150):
        stakes = {key: low for key, (low, _) in random_stakes(rng).items()}
        known = [owns(owner, company, str(percent)) for (owner, company), percent in stakes.items()]
        before = words(known, [X, Y])
        for owner, company in stakes:
            if before[company] and owner in "xy":
                raised = [
                    owns(o, c, str(percent + 10 if (o, c) == (owner, company) else percent))
                    for (o, c), percent in stakes.items()
                ]
                after = words(raised, [X, Y])
                assert all(order.index(after[each]) >= order.index(before[each]) for each in before)


def test_one_more_listing_never_clears() -> None:
    rng = random.Random(6)
    order = ["below", "undetermined", "owned", "listed"]
    for _ in range(100):
        rows = [owns(o, c, f"{low}..{high}") for (o, c), (low, high) in random_stakes(rng).items()]
        before, after = words(rows, [X]), words(rows, [X, Y])
        assert all(order.index(after[each]) >= order.index(before[each]) for each in before)


# The bundled data ----------------------------------------------------------------------------------------------------


def test_the_bundled_owners(central_asia) -> None:
    on = "2026-11-24"
    sdn = ownership_verdicts(central_asia, OFAC, as_of=on)
    assert sdn["ru-positive"].verdict == "listed"
    assert sdn["cn-hikvision"].verdict == "below", "CETC is on no blocking list"
    assert ownership_verdicts(central_asia, EUROPE, as_of=on)["ru-positive"].verdict == "owned"
    assert ownership_verdicts(central_asia, EUROPE, as_of="2024-07-02")["ru-positive"].verdict == "undetermined"
    assert ownership_verdicts(central_asia, ACT_889, as_of=on)["cn-ezviz"].verdict == "owned"
    affiliates = ownership_verdicts(central_asia, BIS, as_of=on)["cn-ezviz"]
    assert (affiliates.verdict, affiliates.share) == ("undetermined", (50, 100))

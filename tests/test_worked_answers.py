"""Answers worked out by hand from the rows of the bundled datasets, the reasoning beside each."""

from __future__ import annotations

import csv
import io
from typing import Any, Unpack

import pytest

from graphs.access import AccessGraph, build
from graphs.explanations import how, whynot
from graphs.reachability import reachable_from, who_can_reach
from graphs.reports import render
from graphs.scope import Options
from stakeholders.dataset import Dataset

ARTICLE = "2020-04-15"
TODAY = "2026-11-23"

Row = dict[str, Any]


def answer(graph: AccessGraph, body: str, target: str, day: str, **options: Unpack[Options]) -> list[Row]:
    """The rows of one body, by pair."""
    return list(who_can_reach(graph, target, by="pair", as_of=day, bodies=[body], **options).rows)


def said(row: Row, *columns: str) -> tuple[Any, ...]:
    return tuple(row[column] for column in columns)


# The article of April 2020 --------------------------------------------------------------------------------------------


def test_police_of_three_cities_reach_their_sergek_archive_at_granted(cabar_graph: AccessGraph) -> None:
    for city in ("astana", "ust-kamenogorsk", "atyrau"):
        rows = answer(cabar_graph, f"kz-police-{city}", "video", ARTICLE)
        grant = f"kz-police-{city}-has-access-kz-sergek-{city}-archive"
        assert [said(row, "store", "verdict", "level", "certainty", "hops", "path") for row in rows] == [
            (f"kz-sergek-{city}-archive", "reaches", "granted", "reported", 1, [grant])
        ]
        assert said(rows[0], "since", "date", "at", "contested") == ("2020-02-19", "known", rows[0]["store"], False)
        # Zakon.kz of February and the article of April: the newest source is the article.
        assert rows[0]["last_evidence"] == "2020-04"


def test_police_of_almaty_are_prospective_at_best_with_the_denial_told(cabar_graph: AccessGraph) -> None:
    found = who_can_reach(cabar_graph, "kz-sergek-almaty-archive", as_of=ARTICLE, bodies=["kz-police-almaty"])
    (row,) = found.rows
    assert said(row, "verdict", "level", "certainty", "contested") == ("prospective", "granted", "prospective", False)
    told = " ".join(note.text() for note in found.notes)
    assert "kz-police-almaty-has-access-kz-sergek-almaty-archive-2" in told
    assert "2020-02-19" in told
    assert "does not have access" in told


def test_police_of_almaty_are_contested_on_the_day_of_the_denial(cabar_graph: AccessGraph) -> None:
    (row,) = answer(cabar_graph, "kz-police-almaty", "video", "2020-02-19")
    assert said(row, "verdict", "certainty", "contested") == ("prospective", "prospective", True)
    (after,) = answer(cabar_graph, "kz-police-almaty", "video", "2020-02-20")
    assert not after["contested"]


def test_a_plan_is_no_reach_once_reported_is_asked_for(cabar_graph: AccessGraph) -> None:
    found = whynot(cabar_graph, "kz-police-almaty", "kz-sergek-almaty-archive", as_of=ARTICLE, certainty="reported")
    assert found.rows == ()
    assert found.beside["closed"] == ["kz-police-almaty"]
    assert {near["relation"] for near in found.beside["near"]} == {
        "kz-police-almaty-has-access-kz-sergek-almaty-archive",
        "kz-police-almaty-has-access-kz-sergek-almaty-archive-2",
    }


def test_dahua_reaches_sergek_at_possible(cabar_graph: AccessGraph) -> None:
    (system,) = answer(cabar_graph, "cn-dahua", "kz-sergek", ARTICLE)
    assert said(system, "verdict", "level", "hops", "categories") == ("reaches", "possible", 1, ["video"])
    # And what Sergek keeps: the four archives, each through the system.
    rows = reachable_from(cabar_graph, "cn-dahua", as_of=ARTICLE).rows
    assert [said(row, "store", "level", "hops") for row in rows] == [
        (f"kz-sergek-{city}-archive", "possible", 2) for city in ("almaty", "astana", "atyrau", "ust-kamenogorsk")
    ]


def test_the_ministry_reaches_through_command_over_its_police(cabar_graph: AccessGraph) -> None:
    rows = answer(cabar_graph, "kz-mia", "video", ARTICLE)
    by_store = {row["store"]: said(row, "verdict", "level", "hops") for row in rows}
    # `part_of` is an arc from the whole to its part, indirect; what the police may is then the ministry's.
    assert by_store["kz-sergek-astana-archive"] == ("reaches", "indirect", 2)
    assert by_store["kz-sergek-almaty-archive"] == ("prospective", "indirect", 2)
    # The cameras of the courtyards are the ministry's own plan; nobody is known to store their pictures.
    assert by_store["kz-courtyard-cameras"] == ("prospective", "custody", 1)
    assert [row["store_unknown"] for row in rows if row["store"] == "kz-courtyard-cameras"] == [True]
    # The date of the plan lies behind the year in which it was due.
    assert "kz-courtyard-cameras" not in {row["store"] for row in answer(cabar_graph, "kz-mia", "video", "2023-01-01")}


def test_the_operator_of_sergek_has_custody_of_its_archives(cabar_graph: AccessGraph) -> None:
    rows = answer(cabar_graph, "kz-korkem-telecom", "video", ARTICLE)
    assert {said(row, "level", "hops") for row in rows} == {("custody", 2)}
    # `operates` has no date of its own, so it holds from its earliest source, Caravanserai of December 2019;
    # the archives are known from 2020-02-19, which is later. One hop's date is assumed, so the path's is.
    assert {said(row, "since", "date") for row in rows} == {("2020-02-19", "assumed")}


def test_a_leak_contested_by_a_denial_is_claimed_only(cabar_graph: AccessGraph) -> None:
    rows = answer(cabar_graph, "kz-public", "identity", ARTICLE)
    assert {said(row, "store", "verdict", "level", "contested", "at") for row in rows} == {
        ("kz-gpo-db-2019", "claimed", "indirect", True, "kz-public"),
        ("kz-voter-register", "claimed", "indirect", True, "kz-public"),
    }
    before = answer(cabar_graph, "kz-public", "electoral", "2019-12-31")
    assert [said(row, "verdict", "contested") for row in before] == [("reaches", False)]


def test_direct_leaves_the_ministry_only_what_is_its_own(cabar_graph: AccessGraph) -> None:
    rows = answer(cabar_graph, "kz-mia", "video", ARTICLE, stance="direct")
    assert [row["store"] for row in rows] == ["kz-courtyard-cameras"]


# Central Asia ---------------------------------------------------------------------------------------------------------


def test_police_of_almaty_reach_the_national_video_archive_through_the_system(central_asia_graph: AccessGraph) -> None:
    (row,) = answer(central_asia_graph, "kz-police-almaty", "kz-nvms-archive", TODAY)
    assert row["path"] == ["kz-police-almaty-has-access-kz-nvms", "kz-nvms-keeps-data-in-kz-nvms-archive"]
    # A grant (granted, confirmed) and what the system keeps (custody, confirmed): the weaker counts.
    assert said(row, "verdict", "level", "certainty") == ("reaches", "granted", "confirmed")
    assert row["categories"] == ["face", "vehicle_plate", "video"]
    # In force from the later of 2024-11-20 and 2020-12; the archive was last written of in 2022, the grant in 2024.
    assert said(row, "since", "date", "last_evidence") == ("2024-11-20", "known", "2022")
    day_before = answer(central_asia_graph, "kz-police-almaty", "kz-nvms-archive", "2024-11-19")
    assert all(earlier["level"] != "granted" for earlier in day_before)


def test_planned_access_of_the_emergency_ministry_stays_a_plan(central_asia_graph: AccessGraph) -> None:
    (row,) = answer(central_asia_graph, "kz-mchs", "kz-nvms-archive", TODAY)
    assert said(row, "verdict", "level", "certainty") == ("prospective", "granted", "prospective")
    assert answer(central_asia_graph, "kz-mchs", "kz-nvms-archive", TODAY, certainty="reported") == []


def test_a_stronger_level_under_a_weaker_verdict_is_told_beside(central_asia_graph: AccessGraph) -> None:
    (row,) = answer(central_asia_graph, "kz-mia", "kz-targeteye-watchlist", TODAY)
    assert row["path"] == ["kz-mia-has-access-kz-targeteye", "kz-targeteye-keeps-data-in-kz-targeteye-watchlist"]
    assert said(row, "verdict", "level", "certainty", "contested") == ("reaches", "granted", "reported", False)
    # That the ministry holds the list itself is alleged, and denied.
    assert row["also"] == [
        {
            "level": "custody",
            "certainty": "alleged",
            "verdict": "claimed",
            "path": ["kz-mia-holds-kz-targeteye-watchlist"],
        }
    ]


def test_a_plan_becomes_reach_on_the_day_it_is_met(central_asia_graph: AccessGraph) -> None:
    verdicts = {
        day: [
            said(row, "verdict", "level", "path")
            for row in answer(central_asia_graph, "kz-mia", "fingerprint", day)
            if row["store"] == "kz-fingerprint-db"
        ]
        for day in ("2019-02-19", "2020-04-15", "2023-12-31", "2024-01-01")
    }
    plan = [("prospective", "custody", ["kz-mia-holds-kz-fingerprint-db"])]
    assert verdicts["2019-02-19"] == []
    assert verdicts["2020-04-15"] == verdicts["2023-12-31"] == plan
    assert verdicts["2024-01-01"] == [("reaches", "custody", ["kz-mia-holds-kz-fingerprint-db-2"])]


def test_what_was_leaked_is_met_where_the_copy_is(central_asia_graph: AccessGraph) -> None:
    (row,) = answer(central_asia_graph, "kz-public", "kz-leak-2025-16m", TODAY)
    assert said(row, "at", "level", "certainty", "since") == ("kz-public", "indirect", "confirmed", "2025-06")
    assert row["categories"] == ["address", "communications_metadata", "identity"]
    assert row["collective"]


def test_a_denial_of_a_part_contests_the_whole_claim(central_asia_graph: AccessGraph) -> None:
    # Denied from 2020 is the leak of electoral data; the claim is about addresses and identities too.
    before = answer(central_asia_graph, "kz-public", "kz-voter-register", "2019-12-31")
    after = answer(central_asia_graph, "kz-public", "kz-voter-register", TODAY)
    columns = ("verdict", "certainty", "contested", "categories")
    every = ["address", "electoral", "identity"]
    assert [said(row, *columns) for row in before] == [("reaches", "reported", False, every)]
    assert [said(row, *columns) for row in after] == [("claimed", "alleged", True, every)]


def test_a_removed_denial_contests_no_more(central_asia: Dataset) -> None:
    graph = build(central_asia.without(["kz-voter-register-leaked-to-kz-public-2"]))
    (row,) = answer(graph, "kz-public", "kz-voter-register", TODAY)
    assert said(row, "verdict", "contested") == ("reaches", False)


def test_a_majority_owner_reaches_through_its_company(central_asia_graph: AccessGraph) -> None:
    # 51 % since 2020-09-24; Kazakhtelecom runs the system since 2025.
    (row,) = answer(central_asia_graph, "kz-samruk-kazyna", "kz-nvms-archive", TODAY)
    assert row["path"] == [
        "kz-samruk-kazyna-owns-kz-kazakhtelecom",
        "kz-kazakhtelecom-operates-kz-nvms",
        "kz-nvms-keeps-data-in-kz-nvms-archive",
    ]
    assert said(row, "level", "certainty", "since") == ("indirect", "reported", "2025")


def test_minorities_and_unknown_stakes_give_no_command(central_asia_graph: AccessGraph) -> None:
    found = who_can_reach(central_asia_graph, "ae-presight", as_of=TODAY)
    # G42 has 68.5 % of Presight; Microsoft 0 to 50 % and Mubadala an unknown share of G42.
    assert [said(row, "body", "level", "hops") for row in found.rows] == [("ae-g42", "indirect", 1)]
    near = whynot(central_asia_graph, "us-microsoft", "ae-presight", as_of=TODAY).beside["near"]
    assert ("us-microsoft-owns-ae-g42", "minority stake") in {(each["relation"], each["why"]) for each in near}


def test_a_feed_lets_the_receiver_reach_the_source_as_held_there(central_asia_graph: AccessGraph) -> None:
    (path,) = [
        row
        for row in how(central_asia_graph, "kz-mia", "kz-tson-fingerprint", as_of=TODAY, paths=50).rows
        if row["path"] == ["kz-mia-holds-kz-fingerprint-db-2", "kz-tson-fingerprint-feeds-kz-fingerprint-db-2"]
    ]
    # Custody of the receiving store, a copy from the counters of the service centres: indirect, met in the store.
    assert said(path, "store", "at", "level") == ("kz-tson-fingerprint", "kz-fingerprint-db", "indirect")
    # The holding passes fingerprints only, though the feed and the system are about identities as well.
    assert path["categories"] == ["fingerprint"]
    # By category the system is no place of its own: a store of its fingerprints is known.
    everybody = who_can_reach(central_asia_graph, "fingerprint", by="pair", as_of=TODAY).rows
    assert "kz-tson-fingerprint" not in {row["store"] for row in everybody}


def test_a_member_may_what_its_class_may(central_asia_graph: AccessGraph) -> None:
    (row,) = answer(central_asia_graph, "kz-police-pavlodar", "kz-esvm-almaty-archive", TODAY)
    assert row["path"] == [
        "kz-police-pavlodar-member-of-kz-law-enforcement",
        "kz-law-enforcement-has-access-kz-esvm-almaty-archive",
    ]
    assert said(row, "level", "certainty", "collective") == ("possible", "reported", True)


def test_a_membership_ends_with_its_last_day(central_asia_graph: AccessGraph) -> None:
    class_grant = "kz-law-enforcement-has-access-kz-sergek-archives"
    last, after = (
        [
            row["path"]
            for row in answer(central_asia_graph, "kz-anticorruption-agency", "kz-sergek-archives", day)
            if class_grant in row["path"]
        ]
        for day in ("2025-06-30", "2025-07-01")
    )
    assert last == [["kz-anticorruption-agency-member-of-kz-law-enforcement", class_grant]]
    assert after == []


def test_a_legal_power_that_is_alleged_and_denied_is_claimed(central_asia_graph: AccessGraph) -> None:
    rows = {row["body"]: row for row in who_can_reach(central_asia_graph, "cn-huawei", as_of=TODAY).rows}
    assert said(rows["cn-mss"], "verdict", "level", "contested") == ("claimed", "possible", True)
    # Its ministry's state stands above it (`part_of`), so the claim is the state's as well.
    assert said(rows["cn-prc"], "verdict", "hops") == ("claimed", 2)


def test_an_operator_both_reported_and_denied_is_contested(central_asia_graph: AccessGraph) -> None:
    (row,) = answer(central_asia_graph, "ae-presight", "kz-sergek-astana", TODAY)
    assert said(row, "verdict", "level", "contested") == ("claimed", "custody", True)
    # The plan of February to April 2025 is over.
    assert row["path"] == ["ae-presight-operates-kz-sergek-astana"]


def test_an_old_archive_is_shut_out_by_asking_for_fresh_evidence(central_asia_graph: AccessGraph) -> None:
    # The archive's newest source is of 2022, so more than three years old.
    assert answer(central_asia_graph, "kz-police-almaty", "kz-nvms-archive", TODAY, fresh="3y") == []
    assert answer(central_asia_graph, "kz-police-almaty", "kz-nvms-archive", TODAY, fresh="5y") != []


def test_what_no_source_had_told_yet_is_not_known(central_asia_graph: AccessGraph) -> None:
    # The grant is in force from 2024-11-20 and was written of that day.
    unknown, known = (
        answer(central_asia_graph, "kz-police-astana", "kz-nvms-archive", TODAY, known_by=day)
        for day in ("2024-11-19", "2024-11-20")
    )
    assert all(row["level"] != "granted" for row in unknown)
    assert [row["level"] for row in known] == ["granted"]


def test_a_miss_is_undated_only_where_no_source_has_a_date(central_asia_graph: AccessGraph) -> None:
    found = whynot(central_asia_graph, "kg-cec", "genomic", as_of=TODAY)
    (miss,) = found.beside["near"]
    assert said(miss, "relation", "valid_from", "date") == ("kg-cec-holds-kg-voter-list", None, "assumed")
    (step,) = how(central_asia_graph, "kg-cec", "electoral", as_of=TODAY).rows[0]["steps"]
    assert step["date"] == miss["date"]
    for lang, word in {"en": "date assumed", "ru": "дата предположена", "kk": "күні болжамды"}.items():
        told = render(found, "table", lang=lang, dataset=central_asia_graph.dataset)
        assert f"; {word}; " in told
    assert next(csv.DictReader(io.StringIO(render(found, "csv"))))["date"] == "assumed"


@pytest.mark.parametrize("body", ["kz-president", "kz-kazakhtelecom"])
def test_places_that_are_searched_one_by_one_lead_to_the_same_paths(
    central_asia_graph: AccessGraph, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    together = [how(central_asia_graph, body, target, paths=6, as_of=TODAY).rows for target in ("biometric", "video")]
    monkeypatch.setattr("graphs.engines.arrays._CELLS", 1)
    alone = [how(central_asia_graph, body, target, paths=6, as_of=TODAY).rows for target in ("biometric", "video")]
    assert alone == together

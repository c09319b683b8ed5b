"""Dependence and cut-off: concentration, cameras, what stops without a list and who still reaches what."""

from __future__ import annotations

import random

import pytest
from registers import ENTITY_LIST, SDN, entity, listing, owns, register, relation

from graphs.access import build
from graphs.reachability import who_can_reach
from graphs.reliance import cameras_in, cut_off, dependence
from stakeholders.errors import AccessMapError, UnknownTerm

DAY = "2025-10-15"
X = [listing("x", ENTITY_LIST)]


def system(name: str, **cells: str) -> dict[str, str]:
    return entity(name, "system", **{"categories": "video", **cells})


def store(name: str, **cells: str) -> dict[str, str]:
    return entity(name, "store", **{"categories": "video", **cells})


def graph(relations: list, listed: list, entities: list):
    return build(register(relations, listed, entities))


# Concentration -------------------------------------------------------------------------------------------------------


def test_the_index_of_one_two_and_unequal_suppliers() -> None:
    one = graph([relation("x", "supplies", "s")], X, [system("s")])
    (row,) = dependence(one, "system", as_of=DAY).rows
    assert (row["hhi"], row["sole_supplier"], row["listed_share"]) == (10000, "x", 1.0)
    two = graph([relation("x", "supplies", "s"), relation("y", "supplies", "s")], X, [system("s")])
    (row,) = dependence(two, "system", as_of=DAY).rows
    assert (row["hhi"], row["sole_supplier"], row["listed_share"]) == (5000, None, 0.5)
    things = [system("s", location="Almaty"), system("t", location="Almaty"), system("u", location="Almaty")]
    relations = [relation("x", "supplies", "s"), relation("x", "supplies", "t"), relation("y", "supplies", "u")]
    (row,) = dependence(graph(relations, X, things), "city", as_of=DAY).rows
    assert row["suppliers"] == [
        {"body": "x", "share": 0.6667, "listed": True}, {"body": "y", "share": 0.3333, "listed": False},
    ]  # fmt: skip
    assert row["hhi"] == round((200 / 3) ** 2 + (100 / 3) ** 2)


def test_groups_are_operators_cities_and_categories() -> None:
    relations = [
        relation("x", "supplies", "s"), relation("y", "supplies", "t"), relation("police", "operates", "s"),
        relation("police", "operates", "t"), relation("akimat", "operates", "t"),
    ]  # fmt: skip
    things = [
        system("s", location="Almaty; Astana (Nur-Sultan)", categories="video;face"),
        system("t", location="Almaty", categories="face"),
    ]
    made = graph(relations, X, things)

    def groups(by: str) -> dict[str, int]:
        return {row["group"]: row["systems"] for row in dependence(made, by, as_of=DAY).rows}

    assert groups("body") == {"police": 2, "akimat": 1}
    assert groups("city") == {"Almaty": 2, "Astana": 1}
    assert groups("category") == {"video": 1, "face": 2}
    assert groups("system") == {"s": 1, "t": 1}
    with pytest.raises(UnknownTerm, match="city"):
        dependence(made, "town")


def test_shares_of_stores_and_cameras() -> None:
    relations = [
        relation("x", "supplies", "s"), relation("y", "supplies", "s"), relation("y", "supplies", "t"),
        relation("s", "keeps_data_in", "a"), relation("t", "keeps_data_in", "b"), relation("t", "keeps_data_in", "c"),
        relation("police", "operates", "s"), relation("police", "operates", "t"),
    ]  # fmt: skip
    things = [
        system("s", volume="300 cameras (2024)"), system("t", volume="100 cameras"),
        *(store(name) for name in "abc"),
    ]  # fmt: skip
    (row,) = dependence(graph(relations, X, things), as_of=DAY).rows
    assert (row["stores"], row["listed_stores"], row["store_share"]) == (3, 1, 0.3333)
    assert (row["cameras"], row["listed_cameras"], row["camera_share"]) == (400, 150, 0.375)


def test_an_owned_supplier_counts_as_listed_an_undetermined_one_does_not() -> None:
    relations = [owns("x", "c", "60"), relation("c", "supplies", "s"), owns("x", "d"), relation("d", "supplies", "t")]
    answer = dependence(graph(relations, [listing("x", SDN)], [system("s"), system("t")]), "system", as_of=DAY)
    assert {row["group"]: row["listed_share"] for row in answer.rows} == {"s": 1.0, "t": 0.0}


def test_bundled_shares_add_up(central_asia_graph) -> None:
    for by in ("body", "city", "category", "system"):
        for row in dependence(central_asia_graph, by, as_of="2026-11-24").rows:
            assert sum(one["share"] for one in row["suppliers"]) == pytest.approx(1, abs=0.01)
            assert 0 < row["hhi"] <= 10000
            assert (row["sole_supplier"] is not None) == (len(row["suppliers"]) == 1)
            assert 0 <= row["listed_stores"] <= row["stores"]


@pytest.mark.parametrize(
    ("volume", "cameras"),
    [
        ("", None),
        ("30 days of public-safety video", None),
        ("11,000+ cameras (January 2022); 12,000 (2022); 53,000+ (September 2025)", 53000),
        ("800 city cameras (January 2017); 26,462 cameras (February 2022); 170,000 planned by 2023", 26462),
        ("310,000 of 1,359,000 cameras (2024); 386,000 of 1.4 million (25 June 2025); 400,000 (1 July 2025)", 400000),
        ("about 1.36 million cameras of any owner (November 2024)", None),
        ("2 million cameras (2024)", 2000000),
        ("600 cameras planned", None),
        ("150,000 to 200,000 cameras expected by a deputy prime minister", None),
        ("1,186 of 1,871 kindergartens have cameras (2025)", None),
        ("148 complexes and 402 public cameras (November 2025)", 402),
        ("336 cameras (undated); 410 cameras (April 2020)", 410),
    ],
)  # fmt: skip
def test_cameras_of_a_volume(volume: str, cameras: int | None) -> None:
    assert cameras_in(volume) == cameras


# Cut-off -------------------------------------------------------------------------------------------------------------


def test_what_stops_what_loses_and_what_goes_on() -> None:
    relations = [
        relation("x", "supplies", "alone"), relation("x", "supplies", "shared"), relation("y", "supplies", "shared"),
        relation("y", "supplies", "free"), relation("x", "integrates", "run"), relation("y", "supplies", "run"),
        relation("alone", "keeps_data_in", "dead"), relation("alone", "keeps_data_in", "half"),
        relation("free", "keeps_data_in", "half"), relation("part", "part_of", "alone"),
        relation("x", "operates", "operated"), relation("y", "supplies", "operated"),
        relation("police", "operates", "alone"),
    ]  # fmt: skip
    things = [
        *(system(name) for name in ("alone", "shared", "free", "run", "part", "operated")),
        store("dead"),
        store("half"),
    ]
    answer = cut_off(graph(relations, X, things), ["us-bis-entity-list"], as_of=DAY)
    assert {row["entity"]: (row["state"], row["left"]) for row in answer.rows} == {
        "alone": ("stops", []), "part": ("stops", []), "operated": ("stops", ["y"]), "dead": ("stops", []),
        "shared": ("loses", ["y"]), "run": ("loses", ["y"]), "half": ("loses", ["y"]),
    }  # fmt: skip
    assert answer.beside["vendors"] == ["x"]
    assert [row["state"] for row in answer.rows] == sorted(
        (row["state"] for row in answer.rows), key=["stops", "loses", "keeps"].index
    )


def test_who_still_reaches_what_is_what_who_answers_without_the_vendors() -> None:
    relations = [
        relation("x", "supplies", "s"), relation("police", "operates", "s"), relation("s", "keeps_data_in", "arch"),
        relation("court", "has_access", "arch"),
    ]  # fmt: skip
    made = graph(relations, X, [system("s"), store("arch")])
    answer = cut_off(made, ["Entity List"], as_of=DAY)
    bare = build(made.dataset.without(["x"]))
    expected = {
        (row["body"], row["store"])
        for target in ("s", "arch")
        for row in who_can_reach(bare, target, by="pair", as_of=DAY, certainty="reported").rows
    }
    assert {(row["body"], row["store"]) for row in answer.beside["still"]} == expected
    assert {row["body"] for row in answer.beside["lost"]} == {"x"}
    assert "police" in {row["body"] for row in answer.beside["still"]}


def test_the_bundled_cut_off(central_asia_graph) -> None:
    answer = cut_off(central_asia_graph, ["us-bis-entity-list"], as_of="2026-11-24")
    states = {row["entity"]: row["state"] for row in answer.rows}
    assert states["kz-smart-aqkol"] == "stops", "both of its suppliers are on the list"
    assert states["kz-sergek"] == "loses", "Korkem Telecom supplies it too"
    assert "cn-ezviz" not in answer.beside["vendors"]
    assert any("undetermined" in note.text() for note in answer.notes)
    sdn = cut_off(central_asia_graph, ["SDN"], as_of="2026-11-24")
    assert {row["entity"]: row["state"] for row in sdn.rows} == {
        "kg-command-centre-bishkek": "stops", "kg-safe-city-1": "stops",
    }  # fmt: skip


def test_a_cut_off_needs_a_list() -> None:
    with pytest.raises(AccessMapError, match="name a list"):
        cut_off(graph([], X, []))
    assert cut_off(graph([], X, []), ["Entity List"], as_of=DAY).rows == ()


def test_a_longer_list_never_stops_less() -> None:
    rng = random.Random(9)
    order = ["keeps", "loses", "stops"]
    for _ in range(60):
        relations = [
            relation(
                rng.choice("xyz"), rng.choice(("supplies", "operates", "integrates")), rng.choice("stu"), id=f"r{n}"
            )
            for n in range(rng.randint(2, 7))
        ]
        things = [system(name) for name in "stu"]
        few = cut_off(graph(relations, X, things), ["Entity List"], as_of=DAY)
        more = cut_off(graph(relations, [*X, listing("y", ENTITY_LIST)], things), ["Entity List"], as_of=DAY)
        after = {row["entity"]: row["state"] for row in more.rows}
        for row in few.rows:
            assert order.index(after[row["entity"]]) >= order.index(row["state"])

"""Screening: numbers before names, nothing merged by itself, decisions remembered."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from registers import entity, register

from stakeholders.decisions import decide, decisions_of, keep, with_candidates, with_decision
from stakeholders.errors import AccessMapError, UnknownTerm
from stakeholders.formats.list_files import ListEntry
from stakeholders.screening import Matcher, screen
from stakeholders.tables import DATA, read

HEADER = "_id,source,entity_number,type,programs,name,addresses,start_date,end_date,source_list_url,alt_names,ids"
SDN = "Specially Designated Nationals (SDN) - Treasury Department"
EL = "Entity List (EL) - Bureau of Industry and Security"


def csl(tmp_path: Path, *rows: dict[str, str]) -> Path:
    path = tmp_path / "consolidated.csv"
    lines = [",".join(f'"{row.get(name, "")}"' for name in HEADER.split(",")) for row in rows]
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def found(dataset, path: Path, **options) -> list[tuple[str, str, bool]]:
    return [(each.entity, each.entry.id, each.suggested) for each in screen(dataset, path, **options).candidates]


def test_a_number_is_enough_whatever_the_name(central_asia, tmp_path: Path) -> None:
    path = csl(
        tmp_path,
        {"_id": "1", "source": SDN, "entity_number": "30502", "name": "SOMETHING ELSE"},
        {"_id": "2", "source": EL, "name": "NO SUCH NAME", "ids": "Tax ID No., 7705051215, RU"},
    )
    screening = screen(central_asia, path)
    assert [(each.entity, each.score, each.suggested) for each in screening.candidates] == [
        ("cn-ceiec", 1.0, True),
        ("ru-norsi-trans", 1.0, True),
    ]
    assert [each.reason.text() for each in screening.candidates] == ["same OFAC 30502", "same INN 7705051215"]
    assert screening.candidates[0].reason.text("kk") == "OFAC 30502 сәйкес"


def test_a_bare_number_of_another_country_is_no_identity() -> None:
    matcher = Matcher(register(entities=[entity("a", country="GB", note="Registration number 76543210.")]))
    (abroad,) = matcher.candidates(ListEntry("1", "organisation", ("Zzyzx",), ("76543210",), ("RU",)))
    assert (abroad.score, abroad.suggested) == (0.8, False)
    assert "countries differ: GB / RU" in abroad.reason.text()
    (home,) = matcher.candidates(ListEntry("1", "organisation", ("Zzyzx",), ("76543210",), ("GB",)))
    assert (home.score, home.suggested) == (1.0, True)


def test_namesakes_are_candidates_but_not_suggested(central_asia, tmp_path: Path) -> None:
    path = csl(
        tmp_path,
        {"_id": "nii", "source": EL, "name": "NII Vega", "addresses": "Voronezh, RU"},
        {"_id": "plant", "source": EL, "name": "Vega Pilot Plant", "addresses": "Moscow, RU"},
        {"_id": "ship", "source": SDN, "name": "VEGA", "type": "Vessel"},
        {"_id": "stc", "source": SDN, "name": "SPECIAL TECHNOLOGY CENTER", "alt_names": "STC, LTD", "addresses": "RU"},
        {"_id": "cetc", "source": EL, "name": "China Electronics Technology Group Corporation", "addresses": "CN"},
        {
            "_id": "haishi",
            "source": EL,
            "name": "Urumqi Haishi Xin'an Electronic Technology Co., Ltd.",
            "addresses": "CN",
        },
    )
    screening = screen(central_asia, path, weakest=0.4)
    suggested = {(each.entity, each.entry.id) for each in screening.candidates if each.suggested}
    assert suggested == {
        ("ru-nii-vega", "nii"), ("cn-cetc", "cetc"), ("cn-hikvision-urumqi", "haishi"),
    }  # fmt: skip
    weak = {(each.entity, each.entry.id) for each in screening.candidates if not each.suggested}
    assert {("ru-vega", "nii"), ("ru-vega", "plant"), ("ru-stc", "stc"), ("cn-cec", "cetc")} <= weak
    assert screening.others == {"vessel": 1}
    assert screening.entries == 6


def test_another_country_is_said_and_weighs(central_asia) -> None:
    matcher = Matcher(central_asia)
    here = matcher.candidates(ListEntry("1", "organisation", ("PJSC SBERBANK",), countries=("KZ",)))
    there = matcher.candidates(ListEntry("1", "organisation", ("PJSC SBERBANK",), countries=("RU",)))
    assert [(each.entity, each.suggested) for each in here] == [("kz-sberbank", True)]
    (abroad,) = [each for each in there if each.entity == "kz-sberbank"]
    assert not abroad.suggested
    assert abroad.reason.text().endswith("countries differ: KZ / RU")


def test_common_words_alone_need_the_country(central_asia) -> None:
    matcher = Matcher(central_asia)
    name = ("CHINA ELECTRONICS CORPORATION",)
    (unsure,) = [each for each in matcher.candidates(ListEntry("1", "organisation", name)) if each.entity == "cn-cec"]
    assert not unsure.suggested
    assert "every word is common" in unsure.reason.text()
    (sure,) = [
        each
        for each in matcher.candidates(ListEntry("1", "organisation", name, countries=("CN",)))
        if each.entity == "cn-cec"
    ]
    assert sure.suggested


def test_one_of_an_entry_s_many_names_needs_the_country(central_asia) -> None:
    names = ("SHINING PATH", "PEOPLE'S LIBERATION ARMY")
    (candidate,) = [
        each
        for each in Matcher(central_asia).candidates(ListEntry("4715", "organisation", names))
        if each.entity == "cn-pla"
    ]
    assert not candidate.suggested


def test_of_several_equal_bodies_none_is_suggested(tmp_path: Path) -> None:
    dataset = register(entities=[entity("a", aliases="Zhongyuan Optics"), entity("b", aliases="Zhongyuan Optics")])
    screening = screen(dataset, csl(tmp_path, {"_id": "1", "source": EL, "name": "Zhongyuan Optics"}))
    assert [(each.entity, each.suggested) for each in screening.candidates] == [("a", False), ("b", False)]
    assert "as like to b" in screening.candidates[0].reason.text()


def test_the_legal_form_parts_a_company_from_its_group(central_asia) -> None:
    entry = ListEntry("1", "organisation", ("CHINA MOBILE LIMITED",), countries=("CN",))
    suggested = [each.entity for each in Matcher(central_asia).candidates(entry) if each.suggested]
    assert suggested == ["cn-china-mobile-ltd"]


def test_every_name_of_the_dataset_finds_its_own_body(central_asia) -> None:
    matcher = Matcher(central_asia)
    for row in central_asia.entities.rows():
        if row["type"] == "body":
            for column in ("name", "name_ru", "name_kk"):
                if row[column]:
                    entry = ListEntry("1", "organisation", (row[column],), countries=(row["country"],))
                    assert row["id"] in [each.entity for each in matcher.candidates(entry)], row[column]


def test_nothing_is_merged_and_decisions_are_read_next_time(tmp_path: Path) -> None:
    dataset = register(entities=[entity("a", aliases="Norsi Trans")])
    path = csl(tmp_path, {"_id": "7", "source": EL, "name": "NORSI-TRANS"})
    before = dataset.sha256
    screening = screen(dataset, path)
    assert [each.decision for each in screening.candidates] == [""]
    assert dataset.sha256 == before
    open_rows = register(entities=[entity("a", aliases="Norsi Trans")], extras={})
    kept = with_candidates(open_rows, screening).decode()
    assert kept.splitlines()[1].startswith("csl,7,a,,,,,NORSI-TRANS,")

    def decided(word: str):
        content = with_decision(
            register(extras={"matches.csv": kept}),
            "csl",
            "7",
            "a",
            word,
            who="N. N.",
            when="2026-11-24",
            why="same tax number",
        )
        return register(entities=[entity("a", aliases="Norsi Trans")], extras={"matches.csv": content.decode()})

    accepted = decided("accepted")
    assert [each.decision for each in screen(accepted, path).candidates] == ["accepted"]
    (decision,) = decisions_of(accepted).values()
    assert (decision.who, decision.when, decision.why) == ("N. N.", "2026-11-24", "same tax number")
    assert with_candidates(accepted, screen(accepted, path)) == accepted.extras["matches.csv"], "no second row"
    rejected = decided("rejected")
    assert found(rejected, path) == []
    assert [each.decision for each in screen(rejected, path, rejected=True).candidates] == ["rejected"]


def test_a_decision_is_shown_however_low_its_score(tmp_path: Path) -> None:
    path = csl(
        tmp_path,
        {"_id": "near", "source": EL, "name": "Norsi Trading", "addresses": "Moscow, RU"},
        {"_id": "far", "source": EL, "name": "Quite Another", "alt_names": "Norsi Trading"},
        {"_id": "ship", "source": SDN, "name": "NORSI", "type": "Vessel"},
        {"_id": "blank", "source": EL, "name": ""},
    )
    bodies = [{**entity("a"), "name": "Norsi Trans", "country": "KZ"}, {**entity("b"), "name": "Baltic Zeta"}]
    undecided = register(entities=bodies)
    rejected = decide(undecided, "csl", [], ["near=a", "far=b", "ship=a", "blank=b"], who="N. N.")
    assert screen(rejected, path).candidates == ()
    screening = screen(rejected, path, weakest=0.95, rejected=True)
    assert [(each.entity, each.entry.id, each.decision) for each in screening.candidates] == [
        ("a", "ship", "rejected"), ("a", "near", "rejected"), ("b", "far", "rejected"), ("b", "blank", "rejected"),
    ]  # fmt: skip
    assert not any(each.suggested for each in screening.candidates)
    assert [each.score for each in screening.candidates[2:]] == [0.0, 0.0]
    assert screening.candidates[2].reason.text() == "differs in: Baltic Zeta / Quite Another"
    assert screening.candidates[3].reason.text() == "nothing in common"
    (same,) = [each for each in screen(undecided, path, weakest=0.1).candidates if each.entry.id == "near"]
    assert screening.candidates[1].score == same.score, "a decision changes no score"
    accepted = decide(undecided, "csl", ["near=a"], who="N. N.")
    assert [each.decision for each in screen(accepted, path, weakest=0.95).candidates] == ["accepted"]


def test_of_decisions_none_is_too_many(tmp_path: Path) -> None:
    rows = [{"_id": str(n), "source": EL, "name": f"Rarename Beta{n}"} for n in range(60)]
    dataset = register(entities=[entity("a", aliases="Rarename Alpha")])
    rejected = decide(dataset, "csl", [], [f"{n}=a" for n in range(55)], who="N. N.")
    screening = screen(rejected, csl(tmp_path, *rows), weakest=0.4, rejected=True)
    assert len([each for each in screening.candidates if each.decision]) == 55
    assert (len(screening.candidates), screening.dropped) == (60, 0)


def test_a_decision_without_a_row_adds_one() -> None:
    content = with_decision(register(), "opensanctions", "NK-1", "a", "rejected", who="N. N.")
    dataset = register(extras={"matches.csv": content.decode()})
    (decision,) = decisions_of(dataset).values()
    assert (decision.family, decision.entry, decision.entity, decision.decision) == (
        "opensanctions", "NK-1", "a", "rejected",
    )  # fmt: skip
    assert decision.when


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("list,entry,entity,decision\ncsl,1,a,perhaps\n", "matches.csv:2"),
        ("entry,entity\n", "'list', 'decision'"),
        ("list,entry,entity,decision\ncsl,1,a\n", "matches.csv:2: 3 cells"),
    ],
)
def test_a_damaged_file_of_decisions_is_refused(text: str, says: str) -> None:
    with pytest.raises(AccessMapError, match=says):
        decisions_of(register(extras={"matches.csv": text}))


def test_decisions_are_words_of_two() -> None:
    with pytest.raises(UnknownTerm, match="accepted"):
        with_decision(register(), "csl", "1", "a", "yes", who="N. N.")
    with pytest.raises(UnknownTerm, match="opensanctions"):
        with_decision(register(), "ofac", "1", "a", "accepted", who="N. N.")


def test_further_columns_of_the_decisions_stay() -> None:
    text = "list,entry,entity,decision,colour\ncsl,1,a,accepted,red\n"
    content = with_decision(register(extras={"matches.csv": text}), "csl", "2", "b", "rejected", who="N. N.")
    assert content.decode().splitlines()[0].endswith(",colour")
    assert ",red" in content.decode()


def test_listings_of_another_dataset_are_screened_by_name_and_id(central_asia, tmp_path: Path) -> None:
    (tmp_path / "listings.csv").write_text("id,entity,authority,list\nl1,x-hik,us-bis,Entity List\nl2,cn-dahua,a,b\n")
    (tmp_path / "entities.csv").write_text("id,name,aliases\nx-hik,Hikvision,\n")
    screening = screen(central_asia, tmp_path / "listings.csv")
    assert [(each.entity, each.entry.id, each.score) for each in screening.candidates] == [
        ("cn-dahua", "l2", 1.0), ("cn-hikvision", "l1", 1.0),
    ]  # fmt: skip


def test_the_bundled_listings_screen_to_their_own_bodies(central_asia) -> None:
    screening = screen(central_asia, central_asia.folder / "listings.csv", weakest=0.85)
    own = {row["id"]: row["entity"] for row in central_asia.listings.rows()}
    assert {each.entry.id: each.entity for each in screening.candidates if each.suggested} == own


def test_weak_candidates_beyond_the_best_are_counted_not_kept(tmp_path: Path) -> None:
    dataset = register(entities=[entity("a", aliases="Rarename Alpha")])
    rows = [{"_id": str(n), "source": EL, "name": f"Rarename Beta{n}"} for n in range(60)]
    rows.append({"_id": "best", "source": EL, "name": "Rarename Alpha"})
    screening = screen(dataset, csl(tmp_path, *rows), weakest=0.4)
    assert len(screening.candidates) == 50
    assert screening.dropped == 11
    assert screening.candidates[0].entry.id == "best"


def test_progress_is_told(central_asia, tmp_path: Path) -> None:
    path = csl(tmp_path, {"_id": "1", "source": EL, "name": "A"})
    told: list[tuple[int, int]] = []
    screen(central_asia, path, progress=lambda done, size: told.append((done, size)))
    assert told[-1] == (path.stat().st_size,) * 2


def test_decisions_on_the_command_line_are_pairs_with_a_name() -> None:
    dataset = register(entities=[entity("a")])
    decided = decide(dataset, "csl", ["EL:A=B Ltd.=a"], ["7=a"], who="N. N.", why="seen")
    assert {(each.entry, each.decision) for each in decisions_of(decided).values()} == {
        ("EL:A=B Ltd.", "accepted"), ("7", "rejected"),
    }  # fmt: skip
    for pair, says in (("7", "ENTRY=BODY"), ("=a", "ENTRY=BODY"), ("7=nobody", "no body has the id 'nobody'")):
        with pytest.raises(AccessMapError, match=says):
            decide(dataset, "csl", [pair], who="N. N.")
    with pytest.raises(AccessMapError, match="who made it"):
        decide(dataset, "csl", ["7=a"])


def test_decisions_are_kept_in_a_folder_of_one_s_own(central_asia, tmp_path: Path) -> None:
    with pytest.raises(AccessMapError, match="folder of yours"):
        keep(central_asia)
    shutil.copytree(DATA / "cabar-2020", tmp_path / "mine")
    dataset = read(tmp_path / "mine")
    keep(dataset, screen(dataset, csl(tmp_path, {"_id": "k", "source": EL, "name": "Kaspersky Lab"})))
    (row,) = (tmp_path / "mine" / "matches.csv").read_text("utf-8").splitlines()[1:]
    assert row.startswith("csl,k,ru-kaspersky,,,,,")

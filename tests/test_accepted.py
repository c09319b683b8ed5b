"""Accepted matches become listings: nothing else does, and nothing is written that would not be valid."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from test_screening import EL, SDN, csl

from graphs.candidates import imported
from graphs.reports import render
from stakeholders.accepted import accepted_listings, import_listings
from stakeholders.decisions import with_decision
from stakeholders.errors import AccessMapError, InvalidDataset, UnknownTerm
from stakeholders.listings import listing_sentence, listings
from stakeholders.tables import DATA, inspect, read


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small dataset."""
    copy = tmp_path / "mine"
    shutil.copytree(DATA / "cabar-2020", copy)
    return copy


def decide(folder: Path, entry: str, entity: str, decision: str = "accepted", form: str = "csl") -> None:
    content = with_decision(read(folder), form, entry, entity, decision, who="N. N.", when="2026-11-24")
    (folder / "matches.csv").write_bytes(content)


def state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


QIHOO = {
    "_id": "q", "source": EL, "name": "Qihoo 360 Technology Co. Ltd.", "start_date": "2020-06-05", "addresses": "CN",
    "source_list_url": "https://example.org/el",
}  # fmt: skip


def test_an_accepted_match_becomes_a_listing_with_its_source(folder: Path, tmp_path: Path) -> None:
    path = csl(tmp_path, QIHOO, {"_id": "k", "source": SDN, "entity_number": "9", "name": "Kaspersky Lab"})
    decide(folder, "q", "cn-qihoo360")
    decide(folder, "k", "ru-kaspersky", "rejected")
    imported = import_listings(path, folder, "csl", read_on="2026-11-01")
    assert imported.added == ("us-bis-cn-qihoo360-entity-list",)
    assert imported.refused == ()
    after = read(folder)
    (new,) = listings(after, entities=["cn-qihoo360"])
    assert (new.authority, new.list, new.since, new.program.regime) == ("us-bis", "Entity List", "2020-06-05", "us-bis")
    assert listing_sentence(after, new).startswith("Qihoo 360 is listed for export control since 2020-06-05")
    row = after.listings.row(new.row)
    source = after.sources.row(after.sources.index[row["sources"]])
    assert source["url"] == "https://example.org/el"
    assert source["date"] == "2026-11-01"
    assert source["kind"] == "official"
    assert listings(after, entities=["ru-kaspersky"]) == ()
    assert [problem for problem in inspect(folder) if not problem.warning] == []


def test_each_list_of_the_file_gives_its_own_listing_and_its_end(folder: Path, tmp_path: Path) -> None:
    lists = {
        "m": ("Military End User (MEU) List - Bureau of Industry and Security", "Military End-User List"),
        "p": ("Denied Persons List (DPL) - Bureau of Industry and Security", "Denied Persons (denial order)"),
    }
    for entry in lists:
        decide(folder, entry, "cn-qihoo360")
    entries = [
        {**QIHOO, "_id": entry, "source": source, "end_date": "2030-01-31"} for entry, (source, _) in lists.items()
    ]
    import_listings(csl(tmp_path, *entries), folder, "csl", read_on="2026-11-01")
    found = listings(read(folder), entities=["cn-qihoo360"])
    assert sorted(each.list for each in found) == sorted(name for _, name in lists.values())
    assert {each.program.effect.code for each in found} == {"export_control"}
    assert {each.until for each in found} == {"2030-01-31"}


def test_an_import_leaves_every_other_row_as_it_was(folder: Path, tmp_path: Path) -> None:
    before = state(folder)
    decide(folder, "q", "cn-qihoo360")
    import_listings(csl(tmp_path, QIHOO), folder, "csl", read_on="2026-11-01")
    after = state(folder)
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {"listings.csv", "sources.csv"}
    for name in changed:
        assert after[name].splitlines()[: len(before[name].splitlines())] == before[name].splitlines()


def test_a_second_import_changes_nothing(folder: Path, tmp_path: Path) -> None:
    decide(folder, "q", "cn-qihoo360")
    import_listings(csl(tmp_path, QIHOO), folder, "csl", read_on="2026-11-01")
    before = state(folder)
    again = import_listings(csl(tmp_path, QIHOO), folder, "csl", read_on="2026-11-02")
    assert (again.added, again.known) == ((), ("us-bis-cn-qihoo360-entity-list",))
    assert state(folder) == before


def test_an_end_that_the_file_tells_is_kept_with_its_source(folder: Path, tmp_path: Path) -> None:
    decide(folder, "q", "cn-qihoo360")
    import_listings(csl(tmp_path, QIHOO), folder, "csl", read_on="2026-11-01")
    ended = csl(tmp_path, {**QIHOO, "end_date": "2026-10-31"})
    again = import_listings(ended, folder, "csl", read_on="2026-11-02")
    assert (again.added, again.refused) == ((), ())
    assert again.updated == (("us-bis-cn-qihoo360-entity-list", "2026-10-31"),)
    after = read(folder)
    (listed,) = listings(after, entities=["cn-qihoo360"])
    assert (listed.since, listed.until) == ("2020-06-05", "2026-10-31")
    assert listings(after, entities=["cn-qihoo360"], as_of="2026-11-01") == ()
    sources = after.listings.row(listed.row)["sources"].split(";")
    assert [after.sources.row(after.sources.index[name])["date"] for name in sources] == ["2026-11-01", "2026-11-02"]
    assert import_listings(ended, folder, "csl", read_on="2026-11-02").updated == ()


def test_another_date_is_left_to_a_person(folder: Path, tmp_path: Path) -> None:
    decide(folder, "d", "cn-dahua")
    row = {"_id": "d", "source": EL, "name": "Dahua", "start_date": "2019-10-10"}
    imported = import_listings(csl(tmp_path, row), folder, "csl")
    assert imported.added == ()
    (refused,) = imported.refused
    assert "2019-10-09" in refused.why
    assert "2019-10-10" in refused.why


def test_an_authority_that_the_dataset_lacks_is_added(folder: Path, tmp_path: Path) -> None:
    decide(folder, "30946", "cn-hikvision")
    cmic = "Non-SDN Chinese Military-Industrial Complex Companies List (CMIC) - Treasury Department"
    row = {"_id": "30946", "source": cmic, "entity_number": "30946", "name": "HIKVISION", "programs": "CMIC-EO13959"}
    made = import_listings(csl(tmp_path, row), folder, "csl", read_on="2026-11-01")
    assert made.authorities == ("us-ofac",)
    for lang, said in {"en": "Added to the bodies", "ru": "добавлен орган", "kk": "орган қосылды"}.items():
        assert re.search(f"{said}.* [“«]{re.escape(made.dataset.name_of('us-ofac', lang))}[”»] \\(us-ofac\\)",
                         render(imported(made, "csl"), lang=lang))  # fmt: skip
    after = read(folder)
    assert after.name_of("us-ofac").startswith("Office of Foreign Assets Control")
    (new,) = [each for each in listings(after, entities=["cn-hikvision"]) if each.authority == "us-ofac"]
    assert (new.list, new.program.effect.code) == ("NS-CMIC", "investment_ban")
    assert new.since == "2026-11-01", "without a date the list's copy is the latest day"


def test_a_list_in_no_table_of_regimes_is_of_unstated_kind(folder: Path, tmp_path: Path) -> None:
    decide(folder, "q", "cn-qihoo360")
    source = "Other Parties List (OPL) - Bureau of Industry and Security"
    import_listings(csl(tmp_path, {**QIHOO, "source": source}), folder, "csl", read_on="2026-11-01")
    (new,) = listings(read(folder), entities=["cn-qihoo360"])
    assert (new.list, new.program.effect.code) == ("OPL", "unknown")
    assert "listed for a measure whose kind is not stated" in listing_sentence(read(folder), new)


def test_what_cannot_be_imported_is_said(folder: Path, tmp_path: Path) -> None:
    decide(folder, "gone", "cn-dahua")
    decide(folder, "u", "cn-dahua")
    decide(folder, "q", "no-such-body")
    row = {"_id": "u", "source": "Some List (SOME) - Ministry of Nowhere", "name": "Dahua"}
    imported = import_listings(csl(tmp_path, row, QIHOO), folder, "csl")
    assert {(each.entry, each.why.split(" ")[2]) for each in imported.refused} == {
        ("gone", "has"), ("u", "'SOME'"), ("q", "has"),
    }  # fmt: skip


def test_nothing_is_written_that_would_not_be_valid(folder: Path, tmp_path: Path) -> None:
    decide(folder, "q", "cn-qihoo360")
    wrong = {**QIHOO, "source_list_url": "no address"}
    before = state(folder)
    with pytest.raises(InvalidDataset, match="url"):
        import_listings(csl(tmp_path, wrong), folder, "csl", read_on="2026-11-01")
    assert state(folder) == before


def test_a_file_of_another_format_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(AccessMapError, match="'csl', not 'opensanctions'"):
        import_listings(csl(tmp_path, QIHOO), folder, "opensanctions")
    with pytest.raises(UnknownTerm, match="csl"):
        import_listings(csl(tmp_path, QIHOO), folder, "ofac")


def simple(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "targets.simple.csv"
    header = "id,schema,name,aliases,countries,identifiers,program_ids,dataset"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_programs_of_opensanctions_are_mapped_and_mixed_ones_refused(folder: Path, tmp_path: Path) -> None:
    path = simple(tmp_path, "NK-1,Company,Kaspersky Lab,,ru,,US-FCC;EU-RUS,x")
    decide(folder, "NK-1", "ru-kaspersky", form="opensanctions")
    imported = import_listings(path, folder, "opensanctions", read_on="2026-11-01")
    (new,) = listings(read(folder), entities=["ru-kaspersky"])
    assert (new.authority, new.list) == ("us-fcc", "Covered List")
    assert [each.why for each in imported.refused] == [
        "the list 'EU-RUS' is in no table of regimes; name it in the dataset's regimes.toml"
    ]
    source = read(folder).sources.row(read(folder).sources.index["opensanctions-us-fcc-covered-list-2026-11-01"])
    assert source["url"] == "https://www.opensanctions.org/entities/NK-1/"


def test_listings_of_their_own_in_followthemoney_give_the_dates(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "entities.ftm.json"
    company = {"id": "NK-2", "schema": "Company", "properties": {"name": ["Qihoo 360"], "programId": ["US-BIS-EL"]}}
    sanction = {
        "id": "s", "schema": "Sanction",
        "properties": {
            "entity": ["NK-2"], "programId": ["US-BIS-EL"], "listingDate": ["2020-06-05"],
            "sourceUrl": ["https://example.org/el"],
        },
    }  # fmt: skip
    path.write_text(f"{json.dumps(sanction)}\n{json.dumps(company)}\n")
    decide(folder, "NK-2", "cn-qihoo360", form="opensanctions")
    import_listings(path, folder, "opensanctions", read_on="2026-11-01")
    (new,) = listings(read(folder), entities=["cn-qihoo360"])
    assert new.since == "2020-06-05"


def test_undecided_candidates_give_nothing(cabar, tmp_path: Path) -> None:
    assert accepted_listings(cabar, csl(tmp_path, QIHOO), "csl").dataset is cabar


def test_a_bundled_dataset_is_not_written_to(tmp_path: Path) -> None:
    path = csl(tmp_path, QIHOO)
    with pytest.raises(AccessMapError, match="'cabar-2020' comes with the package and is not written to"):
        import_listings(path, "cabar-2020", "csl")

"""Reports of exposure, reliance, screening and importing: what a person reads, in each language and format."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from registers import EU, SECTION_889, entity, listing, owns, register, relation
from registers import SDN as SDN_LIST
from test_screening import EL, SDN, csl

from graphs.access import build
from graphs.candidates import imported, screened
from graphs.comparisons import compared
from graphs.exposures import exposure, exposure_history, exposure_matrix
from graphs.reliance import cut_off, dependence
from graphs.reports import render
from stakeholders.accepted import accepted_listings
from stakeholders.decisions import decide
from stakeholders.screening import screen

DAY = "2026-11-24"


@pytest.fixture(scope="module")
def answers(central_asia_graph):
    return {
        "all": exposure(central_asia_graph, as_of=DAY),
        "target": exposure(central_asia_graph, "kz-smart-aqkol", as_of=DAY),
        "none": exposure(central_asia_graph, "ae-presight", as_of=DAY),
        "by": dependence(central_asia_graph, "city", as_of=DAY),
        "cut": cut_off(central_asia_graph, ["us-bis-entity-list"], as_of=DAY),
        "history": exposure_history(central_asia_graph, "kz-sergek", as_of=DAY),
        "matrix": exposure_matrix(central_asia_graph, as_of=DAY),
    }


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize("form", ["table", "md", "csv", "json"])
def test_every_answer_reads_in_every_language_and_format(answers, central_asia, lang: str, form: str) -> None:
    for answer in answers.values():
        text = render(answer, form, dataset=central_asia, lang=lang)
        assert text.strip() or not answer.rows
        if form in ("table", "md"):
            assert "{" not in text
        if form == "csv" and answer.rows:
            pairs = sum(len(answer.beside[key]) for key in ("lost", "still") if key in answer.beside)
            assert len(list(csv.DictReader(io.StringIO(text)))) == len(answer.rows) + pairs
        if form == "json":
            assert len(json.loads(text)["rows"]) == len(answer.rows)
        if lang == "en":
            assert "sanctioned" not in text


def test_behind_whom_it_is_not_settled_that_anybody_listed_stands_is_counted_apart(answers, central_asia) -> None:
    rows = answers["matrix"].rows
    sure = {row["body"] for row in rows if row["rule"] != "undetermined"}
    open_ = {row["body"] for row in rows} - sure
    assert sure
    assert open_
    heads = {
        "en": f"Bodies with somebody listed behind them: {len(sure)}; undetermined besides: {len(open_)}; lists: ",
        "ru": f"Организаций, за которыми стоит кто-либо из перечней: {len(sure)}; ещё не определено: {len(open_)}; ",
        "kk": f"Артында тізімге енген біреу тұрған ұйымдар: {len(sure)}; тағы анықталмағаны: {len(open_)}; ",
    }
    for lang, head in heads.items():
        assert render(answers["matrix"], dataset=central_asia, lang=lang).startswith(head)
    settled = replace(answers["matrix"], rows=tuple(row for row in rows if row["rule"] != "undetermined"))
    assert "undetermined" not in render(settled, dataset=central_asia).partition("\n")[0]


def test_a_target_is_told_with_its_lists_effects_and_sentences(answers, central_asia) -> None:
    text = render(answers["target"], dataset=central_asia)
    assert text.startswith("Smart Aqkol: listed entities behind it: 2.\n")
    assert "export control since 2019-10-09 (US: Entity List)" in text
    assert "Smart Aqkol rests on Hikvision (reported). Hikvision is listed for an investment ban" in text


def test_lists_of_one_name_are_told_apart_by_who_keeps_them(answers, central_asia) -> None:
    text = render(answers["all"], dataset=central_asia)
    for country in ("AU", "CA", "SE"):
        assert f"({country}: 5G equipment ban)" in text
    assert "(5G equipment ban)" not in text
    assert "(Council of the European Union: EU asset freeze)" in text


def test_the_day_of_a_list_s_copy_is_not_told_as_the_day_of_listing(answers, central_asia) -> None:
    text = render(answers["all"], dataset=central_asia)
    assert "asset freeze by 2025-12-24 at the latest (US: SDN)" in text
    assert "asset freeze since 2025-12-24" not in text


def test_an_affiliate_is_told_as_one(answers, central_asia) -> None:
    lines = render(answers["all"], dataset=central_asia).splitlines()
    (line,) = [line for line in lines if line.startswith("Huawei affiliates on the BIS Entity List (collectively)")]
    assert "subsidiary or affiliate" in line
    assert "owned by listed" not in line


def test_history_names_the_measure(central_asia_graph, central_asia) -> None:
    answer = exposure_history(central_asia_graph, "kg-safe-city-1", as_of=DAY)
    text = render(answer, dataset=central_asia)
    assert "export control (Council of the European Union: Annex IV (export restrictions))" in text
    assert "~2025-12-24" in text


def test_nobody_listed_is_said_with_who_was_looked_at(answers, central_asia) -> None:
    text = render(answers["none"], dataset=central_asia)
    assert text.startswith("Nobody listed is known to stand behind Presight AI.")
    assert "No listing in this dataset (central-asia): G42 (Group 42)" in text


def test_what_is_undetermined_is_counted_apart(answers, central_asia) -> None:
    headline = render(answers["all"], dataset=central_asia).splitlines()[0]
    sure = {row["entity"] for row in answers["all"].rows if row["rule"] != "undetermined"}
    more = {row["entity"] for row in answers["all"].rows} - sure
    assert headline.startswith(f"Systems, stores and bodies with somebody listed behind them: {len(sure)};")
    assert headline.endswith(f"; undetermined besides: {len(more)}.")
    assert more


def test_the_headline_does_not_say_of_the_merely_owned_that_they_rest_on_somebody(answers, central_asia) -> None:
    by_rule = [{row["entity"] for row in answers["all"].rows if row["rule"] == rule} for rule in ("listed", "owned")]
    headline = render(answers["all"], dataset=central_asia).splitlines()[0]
    assert f"; of them only by ownership: {len(by_rule[1] - by_rule[0])};" in headline
    assert "rest on" not in headline


def test_a_cut_off_names_the_pairs_that_are_lost_and_those_that_stay(answers, central_asia) -> None:
    text = render(answers["cut"], dataset=central_asia)
    lost, still = (answers["cut"].beside[key] for key in ("lost", "still"))
    assert f"Lost: who no longer reaches what  ({len(lost)})" in text
    assert f"Stays: who still reaches what  ({len(still)})" in text
    named = [(central_asia.name_of(pair["store"]), central_asia.name_of(pair["body"])) for pair in [*lost, *still]]
    whole = render(answers["cut"], dataset=central_asia, unfold=True).splitlines()
    for place, body in named:
        assert any(line.startswith(f"· {place}: ") and body in line for line in whole)
    folded = next(line for line in text.splitlines() if line.startswith("· Smart Aqkol: ") and " + " in line)
    assert folded.count(", ") <= 6
    records = list(csv.DictReader(io.StringIO(render(answers["cut"], "csv", dataset=central_asia))))
    pairs = {(one["entity"], one["body"]) for one in records if one["state"] == "lost"}
    assert pairs == {(pair["store"], pair["body"]) for pair in lost}


@pytest.mark.parametrize("form", ["table", "md", "csv", "json"])
def test_bodies_by_lists_stand_in_every_format(answers, central_asia, form: str) -> None:
    text = render(answers["matrix"], form, dataset=central_asia)
    assert "Bishkek" in text or form == "json"
    if form in ("table", "md"):
        assert "Office of Foreign Assets Control, US Department of the Treasury: SDN" in text
        line = next(line for line in text.splitlines() if "EZVIZ" in line)
        assert "2026?" in line
        assert "2022*" in line.replace("\\", "")
    else:
        assert text.count("us-ofac-sdn") == sum(row["list"] == "us-ofac-sdn" for row in answers["matrix"].rows)


def test_a_copy_s_day_is_marked_among_bodies_by_lists(answers, central_asia) -> None:
    line = next(
        line for line in render(answers["matrix"], dataset=central_asia).splitlines()
        if line.startswith("Main Department of Road Safety")
    )  # fmt: skip
    assert "~2025" in line


def test_history_tells_since_when_and_what_changed(answers, central_asia) -> None:
    text = render(answers["history"], dataset=central_asia)
    assert "· Sergek (all cities): first exposed since 2019-12-11" in text
    assert "· 2024-03-20: ended: Sergek (all cities) – Dahua Technology (UA: International sponsors of war)" in text
    assert text.index("2019-12-11: began: ") < text.index("2023-06-05: began: ") < text.index("2024-03-20: ended: ")


def test_cut_off_and_dependence_are_told(answers, central_asia) -> None:
    text = render(answers["cut"], dataset=central_asia)
    assert text.startswith("Without Dahua Technology, Hikvision, Huawei Technologies Co., Ltd.: 4 stop, 14 lose")
    by = render(answers["by"], dataset=central_asia)
    assert "China National Electronics Import and Export Corporation* 100 %" in by


def test_candidates_are_told_with_their_reasons(central_asia, tmp_path: Path) -> None:
    path = csl(
        tmp_path,
        {"_id": "nii", "source": EL, "name": "NII Vega", "addresses": "RU"},
        {"_id": "ship", "source": SDN, "name": "VEGA", "type": "Vessel"},
    )
    answer = screened(central_asia, screen(central_asia, path, weakest=0.5))
    text = render(answer, dataset=central_asia)
    weak = len(answer.rows) - 1
    assert text.startswith(f"1 suggested and {weak} weaker candidate{'' if weak == 1 else 's'} among 2 entries (csl).")
    assert "among 2 entries (csl)" in text
    assert "differs in: NII" in text
    assert "persons: 0, vessels: 1, aircraft: 0" in text
    assert "accept or reject" in text
    russian = render(answer, "json", dataset=central_asia, lang="ru")
    assert "отличается" in json.loads(russian)["rows"][-1]["reason"]


def test_an_import_is_told_with_what_was_refused(cabar, tmp_path: Path) -> None:
    path = csl(tmp_path, {"_id": "q", "source": EL, "name": "Qihoo 360", "start_date": "2020-06-05"})
    decided = decide(cabar, "csl", ["q=cn-qihoo360", "gone=cn-dahua"], who="N. N.")
    answer = imported(accepted_listings(decided, path, "csl", read_on="2026-11-01"), "csl")
    text = render(answer, dataset=cabar)
    assert text.startswith("Listings added: 1; updated: 0; known already: 0; not imported: 1.")
    assert "stands in the list 'Entity List' as entry q, since 2020-06-05." in text
    assert "gone, cn-dahua: the file has no such entry" in text


@pytest.mark.parametrize("narrowed", [{"lists": ["NS-CMIC"]}, {"regime": "eu"}, {"bodies": ["cn-hikvision"]}])
def test_a_narrow_question_is_not_answered_for_everybody(central_asia, central_asia_graph, narrowed) -> None:
    answer = exposure(central_asia_graph, "kz-sergek", as_of=DAY, **narrowed)
    assert not answer.rows
    assert exposure(central_asia_graph, "kz-sergek", as_of=DAY).rows
    text = render(answer, "md", dataset=central_asia)
    assert "Nobody listed is known" not in text
    assert "Nobody of those and of the lists asked about is known to stand behind Sergek" in text
    assert all(
        name in text for values in narrowed.values() for name in ([values] if isinstance(values, str) else values)
    )


def test_under_each_list_the_share_and_the_reason_are_its_own() -> None:
    held = [owns("a", "v", "52"), owns("b", "v", "10"), owns("a", "w", "60"), relation("a", "controls", "u"),
            owns("a", "u", "20"), owns("b", "u", "40")]  # fmt: skip
    listed = [listing("a", SDN_LIST), listing("a", EU), listing("a", SECTION_889), listing("b", SDN_LIST)]
    dataset = register(held, listed, [entity("v")])
    answer = exposure(build(dataset), "v", as_of="2025-01-01")
    lines = [line for line in render(answer, "table", dataset=dataset).splitlines() if line.startswith("V  ")]
    assert {("62 %" in line, "EU asset freeze" in line) for line in lines} == {(True, False), (False, True)}
    affiliate = render(exposure(build(dataset), "u", as_of="2025-01-01"), "table", dataset=dataset)
    (line,) = [line for line in affiliate.splitlines() if "subsidiary or affiliate" in line and line.startswith("U  ")]
    assert "Section 889" in line
    assert "SDN" not in line


@pytest.mark.parametrize("lang", ["ru", "kk"])
def test_what_if_tells_states_in_the_reader_s_language(lang: str) -> None:
    sides = [register([relation("a", "supplies", "y"), *more], [listing("a", SDN_LIST)], [entity("y", "system")])
             for more in ((), [relation("c", "supplies", "y")])]  # fmt: skip
    for view in (cut_off, exposure):
        before, after = (view(build(side), ["us-ofac-sdn"] if view is cut_off else "y", as_of="2025") for side in sides)
        text = render(compared(after, before, after, ([], [])), "table", dataset=sides[1], lang=lang)
        assert not {"stops", "loses", "listed", "owned"} & set(text.replace(";", " ").split())


def test_the_day_of_what_is_undetermined_makes_no_first_day_sure() -> None:
    held = [relation("a", "supplies", "y"), owns("b", "v", ""), relation("v", "supplies", "y")]
    listed = [listing("a", SDN_LIST, "", sources="copy"), listing("b", EU, "2013-01-01")]
    dataset = register(held, listed, [entity("y", "system")], [{"id": "copy", "date": "2013-01-01"}])
    text = render(exposure_history(build(dataset), "y", as_of="2022"), "table", dataset=dataset)
    assert "Y: first exposed by 2013-01-01 at the latest" in text

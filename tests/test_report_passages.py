"""Reports of chokepoints, cuts, sensitivity and gaps: what people see says it all, fits, and leaves nothing unsaid."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from test_cuts import SHARED, triangle
from worlds import DAY, graph_of

import graphs
from cli import main
from graphs.access import AccessGraph
from graphs.answers import Answer
from graphs.reports import render
from stakeholders.vocabulary import LANGUAGES

TODAY = "2026-11-24"
FOLDER = Path(__file__).resolve().parent.parent / "docs" / "schema"
SCHEMAS = {path.name: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(content)) for name, content in SCHEMAS.items()
)
Ask = Callable[[AccessGraph], Answer]

ASKED: dict[str, Ask] = {
    "chokepoints": lambda graph: graphs.chokepoints(graph, "biometric", as_of=TODAY),
    "cut": lambda graph: graphs.cut(graph, "kz-sergek-almaty-archive", as_of=TODAY),
    "cut of what cannot be": lambda graph: graphs.cut(graph, "genomic", as_of=TODAY),
    "sensitivity": lambda graph: graphs.sensitivity(graph, "genomic", as_of=TODAY),
    "gaps": lambda graph: graphs.gaps(graph, as_of=TODAY),
    "how": lambda graph: graphs.with_supports(
        graph, graphs.how(graph, "kz-mia", "genomic", as_of=TODAY, paths=1), as_of=TODAY
    ),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ASKED)
def test_a_report_speaks_each_language_and_fits(central_asia_graph: AccessGraph, name: str, lang: str) -> None:
    shown = render(ASKED[name](central_asia_graph), dataset=central_asia_graph.dataset, lang=lang, width=80)
    assert not {"{", "}"} & set(shown)
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.count("\n") > 5


@pytest.mark.parametrize("name", ASKED)
def test_markdown_and_csv_are_made_of_every_answer(central_asia_graph: AccessGraph, name: str) -> None:
    answer = ASKED[name](central_asia_graph)
    assert render(answer, "md", dataset=central_asia_graph.dataset).strip()
    rows = list(csv.DictReader(io.StringIO(render(answer, "csv", dataset=central_asia_graph.dataset))))
    assert len(rows) == (len(answer.rows) if name != "how" else len(answer.rows[0]["steps"]))


@pytest.mark.parametrize(
    "line",
    [
        "chokepoints biometric", "chokepoints kz-sergek-archives --stance assumed --certainty prospective",
        "chokepoints kz-mia --fresh 3y --lang kk", "cut biometric --from kind=police", "cut genomic -n 0",
        "cut biometric --from kind=manufacturer --nodes", "cut kz-sergek-almaty-archive --stance assumed",
        "sensitivity biometric", "sensitivity kz-mia --known-by 2022", "gaps", "gaps genomic --lang ru",
        "gaps --stance direct --in category=face", "how kz-mia genomic --support", "how cn-dahua genomic --support",
    ],
)  # fmt: skip
def test_an_answer_in_json_is_as_its_schema_says(capsys: pytest.CaptureFixture[str], line: str) -> None:
    assert main([*line.split(), "--as-of", TODAY, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    validator = Draft202012Validator(SCHEMAS[f"{answer['command']}.json"], registry=REGISTRY)
    assert [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(answer)] == []
    assert answer["command"] == line.partition(" ")[0]


def test_costs_come_from_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    costs = tmp_path / "costs.toml"
    costs.write_text('[predicate]\nhas_access = "never"\nfeeds = 2.5\n', "utf-8")
    asked = ["cut", "kz-sergek-almaty-archive", "--from", "kz-police-almaty", "--as-of", TODAY, "--costs", str(costs)]
    assert main([*asked, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "cannot be cut"
    costs.write_text("[predicate\n", "utf-8")
    assert main(asked) == 2
    assert "is no TOML" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "column"), [("chokepoints", "sentence"), ("gaps", "question")])
def test_sentences_are_texts_in_the_language_asked_for(central_asia_graph: AccessGraph, name: str, column: str) -> None:
    answer = ASKED[name](central_asia_graph)
    english, russian = (json.loads(render(answer, "json", lang=lang))["rows"][0][column] for lang in ("en", "ru"))
    assert isinstance(english, str)
    assert english.isascii() or "“" in english
    assert russian != english
    assert answer.table[column][0] == english


def text(answer: Answer, graph: AccessGraph, **view: Any) -> str:
    return render(answer, dataset=graph.dataset, **view)


def test_a_cut_is_told_with_its_proof_and_its_others() -> None:
    graph = graph_of("b1 has_access y1", "y1 feeds y2", "s1 feeds y1", categories={"y1": "", "y2": ""})
    shown = text(graphs.cut(graph, "s1", costs={"predicate": {"feeds": 1}}, as_of=DAY), graph)
    assert shown.startswith("Without 1 relation at a cost of 1, no confirmed or reported way leads to Name of s1.")
    assert "“Name of b1” has access to “Name of y1”" in shown
    assert "together they are worth 1, so nothing cheaper will do" in shown
    assert "Other cuts of the same cost" in shown


def test_a_proof_that_falls_short_of_the_cost_says_what_it_proves() -> None:
    graph = triangle()
    whole = text(graphs.cut(graph, "s1", costs=SHARED, as_of=DAY), graph)
    assert "together they are worth 1.5, so no cut can cost less than that" in whole
    assert "nothing cheaper than 2 will do was found by exhausting the combinations" in " ".join(whole.split())
    short = text(graphs.cut(graph, "s1", costs=SHARED, time_limit=1e-9, as_of=DAY), graph)
    assert "Not finished within the time limit: the cheapest cut costs between 1 and 2; one for 2 is shown." in short
    assert "nothing cheaper" not in short


def test_what_cannot_be_cut_is_named_with_its_way() -> None:
    graph = graph_of("b1 holds s1", "b2 has_access s1")
    shown = text(graphs.cut(graph, "s1", as_of=DAY), graph)
    assert shown.startswith("Cannot be cut: 1 body can reach Name of s1 by ways no step of which can be revoked.")
    assert "For all others it takes 1 relation at a cost of 1." in shown
    assert "Name of b1 → Name of s1" in shown


def test_a_cut_that_makes_a_new_place_says_so_at_once() -> None:
    graph = graph_of("b1 operates y1", "y1 keeps_data_in s1")
    costs = {"predicate": {"operates": "never", "keeps_data_in": 1}}
    answer = graphs.cut(graph, "face", costs=costs, as_of=DAY)
    said = " 1 body would then reach it at a place that only comes about so.\n"
    assert said in text(answer, graph)
    assert said not in text(graphs.cut(graph, "s1", costs=costs, as_of=DAY), graph)
    assert "новое место данных" in text(answer, graph, lang="ru").splitlines()[0]
    assert "жаңа дерек орны" in text(answer, graph, lang="kk").splitlines()[0]


@pytest.mark.parametrize(
    ("lang", "power", "told", "column"),
    [
        (
            "en",
            "command, ownership, membership or legal power",
            "Name of b1 is within reach of 2 bodies, by ",
            "Bodies lost",
        ),
        ("ru", "подчинение, собственность, членство или право обязать", "Name of b1: подчинение, ", "Теряют путь"),
        ("kk", "бағыныс, меншік, мүшелік не міндеттеу құқығы", "Name of b1: бағыныс, ", "Жолынан айырылады"),
    ],
)
def test_a_body_that_is_reached_is_no_place(lang: str, power: str, told: str, column: str) -> None:
    graph = graph_of("b1 part_of b2", "b2 part_of b3", "b3 operates y1")
    answer = graphs.chokepoints(graph, "b1", as_of=DAY)
    shown = text(answer, graph, lang=lang)
    assert shown.startswith(told)
    assert column in shown
    assert power in shown
    by_way = graphs.chokepoints(graph_of("b1 part_of b2", "b2 part_of b3", "b2 part_of b4", "b4 part_of b3"), "b1")
    for name in ("place", "pair", "store", " мест", "пар ", "хранилищ", "орын", "жұп", "дерекқор"):
        assert name not in shown
        assert name not in "".join(note.text(lang) for note in by_way.notes)
        assert name not in "".join(row["sentence"].text(lang) for row in by_way.rows)
    cut = graphs.cut(graph, "b1", as_of=DAY)
    assert not any("data" in note.text() or "данны" in note.text("ru") for note in cut.notes)
    assert len(cut.notes) == 2
    headline = text(graphs.how(graph, "b3", "b1", as_of=DAY), graph, lang=lang).partition("\n")[0]
    assert power in headline


def test_nothing_to_cut_and_nothing_reached_say_so() -> None:
    graph = graph_of("b1 holds s1", "b2 supplies y1", categories={"y1": ""})
    assert text(graphs.cut(graph, "s1", bodies=["b2"], as_of=DAY), graph).startswith(
        "No confirmed or reported way leads from those who ask (Name of b2) to Name of s1; there is nothing to cut."
    )
    assert text(graphs.chokepoints(graph, "s1", bodies=["b2"], as_of=DAY), graph).startswith(
        "No confirmed or reported way leads from those who ask (Name of b2) to Name of s1; nothing hangs on anything."
    )
    assert text(graphs.cut(graph, "s1", bodies=["b1"], as_of=DAY), graph).startswith(
        "Cannot be cut: 1 body can reach Name of s1 by ways no step of which can be revoked. "
        "Nobody else of those who ask reaches it."
    )
    planned = graphs.cut(graph, "s1", bodies=["b2"], as_of=DAY, certainty="prospective")
    assert text(planned, graph, lang="ru").startswith(
        "Name of s1: нет ни одного пути, который известен, утверждается или планируется (запрашивают: Name of b2);"
    )
    shown = text(graphs.who_can_reach(graph, "s1", bodies=["b2"], as_of=DAY), graph)
    assert shown.startswith("None of those who ask (Name of b2) is known to reach Name of s1.")


def test_members_of_whom_each_needs_its_own_relation_are_one_line() -> None:
    graph = graph_of("b1 holds s1", *(f"b{number} member_of b1" for number in range(2, 5)), b1={"collective": "true"})
    answer = graphs.chokepoints(graph, "face", as_of=DAY)
    shown = text(answer, graph)
    assert (
        "· Every confirmed or reported way from each of 3 bodies to face data rests on its own relation, … is one of "
        "“Name of b1”: Name of b2, Name of b3, Name of b4.\n" in shown
    )
    assert shown.count("Each of 3: … is one of “Name of b1”") == 1
    assert "“Name of b2” is one of" not in shown
    whole = text(answer, graph, unfold=True)
    assert "“Name of b2” is one of “Name of b1”" in whole
    assert "Each of" not in whole
    doubts = graphs.sensitivity(graph, "face", as_of=DAY)
    assert text(doubts, graph).count("Each of 3: … is one of “Name of b1”") == 1


def test_what_else_hangs_on_a_relation_keeps_it_on_a_line_of_its_own() -> None:
    graph = graph_of("b1 holds s1", "b2 member_of b1", "b3 member_of b1", "b2 part_of b4", b1={"collective": "true"})
    shown = text(graphs.chokepoints(graph, "face", as_of=DAY), graph)
    assert "“Name of b2” is one of “Name of b1”" in shown
    assert "“Name of b3” is one of “Name of b1”" in shown


def test_findings_on_one_source_stand_under_it() -> None:
    graph = graph_of("b1 holds s1 sources=one", "b1 part_of b2 sources=two")
    shown = text(graphs.sensitivity(graph, "s1", as_of=DAY), graph)
    assert shown.startswith(
        "Of 2 findings on Name of s1 at least one would change if any one of 2 sources or 2 relations were withdrawn."
    )
    assert "· Without [one. Press]: 1 – Name of b1\n" in shown
    assert "· Without any one of [one. Press]; [two. Press]: 1 – Name of b2\n" in shown


def test_a_denial_is_told_from_what_it_denies_and_what_rises_without_it_is_not_lost() -> None:
    graph = graph_of("b1 holds s1 status=reported sources=a;b", "b1 holds s1 status=denied sources=press")
    shown = text(graphs.sensitivity(graph, "s1", as_of=DAY), graph)
    told = [line.split() for line in shown.splitlines() if "“Name of b1” holds" in line]
    assert [(line[0], line[-4:]) for line in told] == [
        ("“Name", ["1", "–", "–", "–"]),
        ("the", ["–", "–", "–", "1"]),
    ]


def test_sets_of_sources_are_told_by_title_and_id() -> None:
    graph = graph_of("b1 operates y1 sources=on-2020-01-01", "y1 keeps_data_in s1 sources=b;c")
    answer = graphs.how(graph, "b1", "s1", as_of=DAY)
    shown = text(graphs.with_supports(graph, answer, as_of=DAY), graph)
    assert "· b. Press [b]; on-2020-01-01. Press, 2020-01-01 [on-2020-01-01]\n" in shown
    assert "· c. Press [c]; on-2020-01-01. Press, 2020-01-01 [on-2020-01-01]\n" in shown


def test_entities_to_take_away_are_told_as_such() -> None:
    graph = graph_of("b1 operates y1", "s1 feeds y1", categories={"y1": ""})
    costs = {"predicate": {"feeds": "never"}}
    shown = text(graphs.cut(graph, "s1", costs=costs, nodes=True, as_of=DAY), graph)
    assert "Without 1 entity at a cost of 1" in shown
    assert "the entity Name of y1" in shown


def test_a_withdrawal_that_makes_a_place_names_it() -> None:
    graph = graph_of("b1 operates y1", "y1 keeps_data_in s1 sources=press")
    shown = text(graphs.sensitivity(graph, "face", as_of=DAY), graph)
    assert "what is lost at the store is found at the system: Name of y1" in shown


def test_a_figure_of_a_sample_shows_its_margin() -> None:
    graph = graph_of("b1 holds s1", "b1 part_of b2")
    answer = graphs.chokepoints(graph, "face", as_of=DAY)
    rows = tuple({**row, "margin": 3} for row in answer.rows)
    shown = text(Answer("chokepoints", answer.question, answer.dataset, rows, beside=answer.beside), graph)
    assert "1 ± 3 of 1" in shown


def test_no_gap_and_no_dependence_say_so() -> None:
    graph = graph_of("b1 holds s1 valid_from=2020 sources=on-2020-01-01;on-2020-02-01")
    assert text(graphs.gaps(graph, as_of=DAY), graph).startswith("No gap was found.")
    both = graph_of("b1 holds s1 id=one sources=a", "b1 holds s1 id=two sources=b")
    assert text(graphs.sensitivity(both, "s1", as_of=DAY), both).startswith(
        "No withdrawal of a single source or relation"
    )


def test_plans_are_not_told_as_reached() -> None:
    graph = graph_of("b1 holds s1", "b2 holds s2 status=planned", "b3 part_of b2")
    answer = graphs.chokepoints(graph, "s2", as_of=DAY, certainty="prospective")
    for lang, words in (("en", "only in plans"), ("ru", "только в планах"), ("kk", "тек жоспарда")):
        told = text(answer, graph, lang=lang).splitlines()[0]
        assert words in told
        assert "can reach" not in told


def test_of_a_category_that_no_place_has_it_is_said(cabar_graph: AccessGraph) -> None:
    told = text(graphs.who_can_reach(cabar_graph, "health", as_of="2020-04-15"), cabar_graph)
    assert told.startswith("No body is known to reach health data: no system or store of this dataset is recorded")
    # Here there are places, though nobody is known to hold them.
    told = text(graphs.who_can_reach(cabar_graph, "face", as_of="2020-04-15"), cabar_graph)
    assert told.startswith("No body is known to reach face images and templates.")
    told = text(graphs.who_can_reach(cabar_graph, "video", as_of="1990-01-01"), cabar_graph)
    assert "no system or store" not in told

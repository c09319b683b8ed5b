"""An answer beside the one on unchanged data: what falls, what comes about, what remains, on the command line too."""

from __future__ import annotations

import csv
import io
import json
import random
import shlex
from pathlib import Path
from typing import Any

import oracle
import pytest
from conftest import Run
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from strategies import cases, dataset, random_question, random_targets
from worlds import DAY, asked_bodies, asked_layers, options, pairs, world

import cli
import graphs
from graphs import asking
from graphs.access import build
from graphs.answers import Answer
from graphs.comparisons import COMPARED, OF_REACH, ORDER, REMAINS, compared
from graphs.reports import comparisons, render
from stakeholders.dataset import Dataset
from stakeholders.tables import write
from stakeholders.vocabulary import LANGUAGES

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "schema"
SCHEMAS = {path.name: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(content)) for name, content in SCHEMAS.items()
)
ARTICLE = ("-d", "cabar-2020", "--as-of", "2020-04-15")
TODAY = ("--as-of", "2026-11-24")
FALLS = {"lost", "no longer claimed", "no longer prospective"}
COMES = {"gained", "newly claimed", "newly prospective"}


def side_by_side(before: Dataset, after: Dataset, question: str = "who_can_reach", *about: str, **given: Any) -> Any:
    """What a question says of a change; who is asked by pair."""
    ask = getattr(graphs, question)
    answers = [ask(build(data), *about, **given) for data in (before, after)]
    told = compared(answers[1], answers[0], answers[1], (before.relations.index, after.relations.index)).what_if
    assert told is not None
    return told


def changes(run: Run, *line: str) -> dict[str, Any]:
    status, out, err = run(*line, "--format", "json")
    assert status in (0, 1), err
    answer: dict[str, Any] = json.loads(out)
    return answer


def of(told: Any, *kinds: str) -> set[tuple[str, str]]:
    return {(row["body"], row["store"]) for row in told["rows"] if row["change"] in kinds}


# What falls and what comes about


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(cases())
def test_what_falls_is_before_less_after_and_what_comes_is_after_less_before(
    case: tuple[oracle.Tables, random.Random],
) -> None:
    tables, rng = case
    question = random_question(rng, tables)
    removable = [row["id"] for table in (tables.entities, tables.relations, tables.sources) for row in table]
    for target in random_targets(rng, tables):
        gone = [name for name in rng.sample(removable, min(2, len(removable))) if name != target]
        if set(gone) & {*(question.bodies or ()), *(question.stores or ())}:
            continue
        left = oracle.without(tables, gone)
        was, now = (
            pairs(each, asked_layers(each, target, question), question, asked_bodies(each, target, question))
            for each in (tables, left)
        )
        told = side_by_side(dataset(tables), dataset(left), "who_can_reach", target, by="pair", **options(question))
        ends = {
            pair: {row["change"] for row in told["rows"] if (row["body"], row["store"]) == pair} for pair in was | now
        }
        assert {pair for pair, kinds in ends.items() if kinds <= FALLS} == was - now
        assert {pair for pair, kinds in ends.items() if kinds <= COMES} == now - was
        assert {(row["body"], row["store"]) for row in told["rows"] if row["before"]} == was
        assert {(row["body"], row["store"]) for row in told["rows"] if row["after"]} == now


def test_every_row_of_either_side_is_told_with_what_it_was_and_is(central_asia: Dataset) -> None:
    gone = central_asia.without(["kz-law-enforcement-has-access-kz-sergek-archives"])
    given = {"by": "pair", "as_of": "2026-11-24"}
    told = side_by_side(central_asia, gone, "who_can_reach", "kz-sergek-almaty-archive", **given)
    was, now = (
        {
            row["body"]: {name: row[name] for name in ("verdict", "level", "certainty", "path")}
            for row in graphs.who_can_reach(build(data), "kz-sergek-almaty-archive", **given).rows
        }
        for data in (central_asia, gone)
    )
    assert {row["body"]: row["before"] for row in told["rows"] if row["before"]} == was
    assert {row["body"]: row["after"] for row in told["rows"] if row["after"]} == now
    assert told["counts"]["lost"] == len(set(was) - set(now)) > 10
    assert told["relations"] == {"before": len(central_asia.relations), "after": len(central_asia.relations) - 1}
    assert [ORDER.index(row["change"]) for row in told["rows"]] == sorted(
        ORDER.index(row["change"]) for row in told["rows"]
    )


def test_a_level_a_certainty_and_a_verdict_that_fall_are_told_apart() -> None:
    data = world(
        "b1 holds s1", "b1 has_access s1 id=grant", "b2 has_access s1 id=sure", "b2 has_access s1 status=reported",
        "b3 has_access s1 id=known", "b3 has_access s1 status=alleged", "b4 has_access s1", "b4 has_access s1",
    )  # fmt: skip
    told = side_by_side(data, data.without(["r1", "sure", "known", "r7"]), "who_can_reach", "s1", by="pair", as_of=DAY)
    assert {(row["body"], row["change"]) for row in told["rows"]} == {
        ("b1", "weaker"), ("b2", "less certain"), ("b3", "lost"), ("b3", "newly claimed"), ("b4", "remains"),
    }  # fmt: skip
    assert told["other_way"] == 1


def test_removing_a_denial_makes_reach_certain_again(run: Run, tmp_path: Path) -> None:
    write(world("b1 has_access s1", "b1 has_access s1 id=no status=denied sources=on-2020"), tmp_path / "d")
    told = changes(run, "who", "s1", "-d", str(tmp_path / "d"), "--without", "no", "--as-of", DAY)["what_if"]
    assert told["counts"] == {"no_longer_claimed": 1, "gained": 1}


def test_where_a_store_is_taken_away_what_is_found_at_its_system_is_said_to_be_the_same_data(run: Run) -> None:
    line = ("who", "genomic", *TODAY, "--without", "kz-genomic-db")
    told = changes(run, *line)["what_if"]
    assert told["new_places"] == ["kz-ais-bil", "kz-genomic-collection"]
    assert ("kz-mia", "kz-genomic-db") in of(told, "lost")
    assert ("kz-mia", "kz-ais-bil") in of(told, "gained")
    assert "Where these systems keep their data is then unknown" in run(*line)[1]


# Paths


def test_a_path_that_moves_up_is_not_called_new_nor_one_that_is_crowded_out_lost() -> None:
    data = world(*(f"b1 {verb} s1 id={verb}" for verb in ("holds", "has_access", "governs")))
    fewer, more = data.without(["holds"]), data.overlay(world("b1 holds s1 id=other", "b1 has_access s1 id=has_access"))
    told = side_by_side(data, fewer, "how", "b1", "s1", paths=1, as_of=DAY)
    assert [(row["change"], row["path"]) for row in told["rows"]] == [
        ("lost", ["holds"]),
        ("now shown", ["has_access"]),
    ]
    told = side_by_side(data, more, "how", "b1", "s1", paths=2, as_of=DAY)
    assert [(row["change"], row["path"]) for row in told["rows"]] == [
        ("no longer shown", ["has_access"]), ("gained", ["other"]), ("remains", ["holds"]),
    ]  # fmt: skip


def test_whynot_tells_which_of_what_the_body_reached_it_reaches_no_longer(run: Run, tmp_path: Path) -> None:
    write(world("b1 operates y1", "y2 feeds y1", "b2 holds s1"), tmp_path / "d")
    line = ("whynot", "b1", "s1", "-d", str(tmp_path / "d"), "--as-of", DAY, "--without", "r2")
    told = changes(run, *line)["what_if"]
    assert told["closed"] == {"lost": ["y2"], "gained": []}
    assert told["rows"] == []
    assert "No longer reached: Name of y2." in run(*line)[1]


# Other answers


def test_each_kind_of_answer_is_compared_by_a_key_that_no_two_rows_share(central_asia: Dataset) -> None:
    graph = build(central_asia)
    given = {"as_of": "2026-11-24"}
    answers = [
        graphs.chokepoints(graph, "kz-sergek-archives", **given), graphs.sensitivity(graph, "genomic", **given),
        graphs.gaps(graph, "genomic", **given), graphs.exposure(graph, **given),
        graphs.check(graph, gdpr=True, **given),
        graphs.cut(graph, "kz-sergek-almaty-archive", **given), graphs.exposure_view(graph, by="list", **given),
        graphs.exposure_view(graph, by="city", **given), graphs.exposure_view(graph, history=True, **given),
        graphs.exposure_view(graph, gone=["us-ofac"], **given),
    ]  # fmt: skip
    for answer in answers:
        told = compared(answer, answer, answer, (central_asia.relations.index, central_asia.relations.index)).what_if
        assert told is not None
        assert told["counts"] == {"remains": len(answer.rows)}, answer.command
        assert told["figures"] == {}


def test_chokepoints_gain_and_lose_weight() -> None:
    data = world("b1 holds s1 id=own", "b1 part_of b9", "b2 part_of b9", "b2 has_access s1 id=second", "b3 holds s1")
    told = side_by_side(data, data.without(["second", "r5"]), "chokepoints", "s1", as_of=DAY)
    rows = {row["id"]: row for row in told["rows"]}
    assert (rows["second"]["change"], rows["r5"]["change"]) == ("lost", "lost")
    assert rows["own"]["change"] == "more"  # the body above reached the store by either
    assert (rows["own"]["before"]["pairs_lost"], rows["own"]["after"]["pairs_lost"]) == (1, 2)
    assert told["figures"]["pairs"] == {"before": 4, "after": 2}


def test_a_cut_that_is_carried_out_leaves_nothing_to_cut(run: Run) -> None:
    line = ("cut", "kz-sergek-atyrau-archive", "--from", "kz-police-atyrau", *ARTICLE)
    found = changes(run, *line)
    told = changes(run, *line, *(word for name in found["relations"] for word in ("--without", name)))
    assert told["verdict"] == "no path"
    assert told["what_if"]["figures"]["verdict"] == {"before": "cut", "after": "no path"}
    assert {row["id"] for row in told["what_if"]["rows"]} == set(found["relations"])


# On the command line


@pytest.mark.parametrize(
    "line",
    [
        "who biometric --without kz-mia", "who face --by pair --without kz-nvms",
        "what kz-police-almaty --without kz-nvms",
        "how kz-mia face --without kz-mia-operates-kz-digital-dome-astana", "whynot kz-moh genomic --without kz-nvms",
        "whynot kz-mia face --without kz-nvms", "chokepoints genomic --without kz-mia",
        "cut genomic --from kz-nsc --without kz-ais-bil", "sensitivity genomic --without kz-mia",
        "gaps genomic --without kz-genomic-db", "exposure kz-sergek --without cn-dahua",
        "exposure --by city --without cn-dahua", "exposure --by list --without cn-dahua",
        "exposure --history --without cn-dahua", "exposure --cut-off us-ofac --without ru-vega",
        "check --without cn-dahua", "check --pack gdpr --without cn-dahua",
        "ask 'who can reach face' --without kz-nvms",
    ],
)  # fmt: skip
def test_every_question_tells_what_it_changes_in_every_form(
    run: Run, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    words = (*shlex.split(line), *TODAY)
    shown: list[tuple[asking.Asked, Answer]] = []
    monkeypatch.setattr(cli, "_show", lambda asked, answer: shown.append((asked, answer)))
    assert run(*words)[0] in (0, 1)
    asked, answer = shown[0][0], shown[0][0].stated(shown[0][1])

    def as_form(form: str, lang: str = "en") -> str:
        return render(answer, form, **asked.view() | {"lang": lang})

    told = json.loads(as_form("json"))
    validator = Draft202012Validator(SCHEMAS[f"{told['command']}.json"], registry=REGISTRY)
    assert [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(told)] == []
    assert told["question"]["without"] == [words[words.index("--without") + 1]]
    assert sum(told["what_if"]["counts"].values()) == len(told["what_if"]["rows"])
    table = list(csv.DictReader(io.StringIO(as_form("csv"))))
    assert [row["change"] for row in table] == [row["change"] for row in told["what_if"]["rows"]]
    for lang in LANGUAGES:
        for form in ("table", "md"):
            said = as_form(form, lang)
            assert comparisons._HEADING.of(lang) in said
            assert not {"{", "}"} & set(said)


def test_every_question_that_can_be_compared_is_a_command_that_is_asked() -> None:
    assert set(COMPARED) < set(cli.COMMANDS)
    for name in COMPARED:
        assert cli.COMMANDS[name].function.__annotations__["asked"] is asking.Asked


def test_without_a_change_nothing_is_said_of_one(run: Run) -> None:
    assert "what_if" not in changes(run, "who", "video", *ARTICLE)
    assert "What it changes" not in run("who", "video", *ARTICLE)[1]


def test_the_terminal_tells_what_falls_first_by_words_and_marks(run: Run) -> None:
    _, out, _ = run("who", "kz-sergek-atyrau-archive", *ARTICLE, "--level", "granted", "--without", "kz-police-atyrau")
    assert out == GOLDEN


GOLDEN = """\
1 body can reach Sergek video archive, Atyrau.
As of 2020-04-15; stance: documented; level: granted or stronger; without: kz-police-atyrau; dataset cabar-2020 2026.11, sources up to 2020-04.

What it changes  beside the same question on the unchanged data
Bodies: lost 1; as before 1. Pairs of body and store: lost 1; as before 1. Relations in the data: 31 → 29.

Change  Body                                  Before             After
– lost  Police of Atyrau (itself taken away)  granted, reported  –

What remains
Reaches  custody 1; every step confirmed or reported
Body                 Level    Certainty  Since        Last known
Korkem Telecom LLP*  custody  reported   ~2020-02-19  2020-04

~ date assumed from the earliest source; * through an entity that stands for many
"""  # noqa: E501  as a pipe gets it


def test_a_body_that_keeps_its_best_store_tells_which_others_it_loses(run: Run) -> None:
    _, out, _ = run("who", "biometric", *TODAY, "--without", "kz-mia-operates-kz-digital-dome-astana")
    assert "~ in some stores  Ministry of Internal Affairs  custody, confirmed   custody, confirmed   14 → 14" in out
    assert "  weaker: Digital dome over Astana\n" in out


def test_rows_of_a_folder_are_added_and_replace_those_of_the_same_id(run: Run, tmp_path: Path) -> None:
    write(world("b1 holds s1", "b2 has_access s1 id=grant status=alleged"), tmp_path / "base")
    write(world("b3 holds s1 id=new", "b2 has_access s1 id=grant status=confirmed"), tmp_path / "more")
    line = ("who", "s1", "-d", str(tmp_path / "base"), "--with", str(tmp_path / "more"), "--as-of", DAY)
    answer = changes(run, *line)
    assert answer["question"]["with"] == [str(tmp_path / "more")]
    assert [(row["body"], row["change"]) for row in answer["what_if"]["rows"]] == [
        ("b2", "no longer claimed"), ("b2", "gained"), ("b3", "gained"), ("b1", "remains"),
    ]  # fmt: skip
    told = run(*line)[1]
    assert "with the rows of: " in told
    assert "+ gained" in told


def test_what_is_only_in_the_added_rows_can_be_asked_about(run: Run, tmp_path: Path) -> None:
    write(world("b1 holds s1"), tmp_path / "base")
    write(world("b1 holds s2 id=new", "b5 holds s2 id=newer"), tmp_path / "more")
    line = ("-d", str(tmp_path / "base"), "--with", str(tmp_path / "more"), "--as-of", DAY)
    assert changes(run, "who", "s2", *line)["what_if"]["counts"] == {"gained": 2}
    assert changes(run, "who", "face", *line, "--from", "b5", "--from", "b1")["what_if"]["counts"] == {
        "gained": 2, "remains": 1,
    }  # fmt: skip


def test_what_is_taken_away_may_still_ask_but_not_be_asked_about(run: Run) -> None:
    line = ("kz-sergek-atyrau-archive", *ARTICLE, "--without")
    answer = changes(run, "who", *line, "kz-police-atyrau", "--from", "kz-police-atyrau", "--from", "kz-mia")
    assert {row["body"] for row in answer["rows"]} <= {"kz-mia"}
    assert answer["what_if"]["counts"]["lost"] >= 1
    only = changes(run, "who", *line, "kz-police-atyrau", "--from", "kz-police-atyrau")
    assert (only["rows"], only["what_if"]["counts"]) == ([], {"lost": 1})
    assert run("who", *line, "kz-sergek-atyrau-archive") == (
        2, "", "error: 'kz-sergek-atyrau-archive' is taken away by --without, so nothing can be asked about it\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ["show", "kz-mia"], ["show", "Ministry of Internal Affairs"], ["who", "kz-mia"], ["what", "kz-mia"],
        ["timeline", "kz-mia"], ["map", "kz-mia"], ["export", "mermaid", "kz-mia"], ["how", "kz-president", "МВД"],
    ],
)  # fmt: skip
def test_what_is_taken_away_is_not_taken_for_what_is_called_alike(run: Run, words: list[str], tmp_path: Path) -> None:
    status, out, err = run(*words, "--without", "kz-mia", *(["-o", str(tmp_path / "o")] if words[0] == "map" else []))
    assert (status, out) == (2, "")
    assert err == "error: 'kz-mia' is taken away by --without, so nothing can be asked about it\n"


def test_what_falls_with_a_thing_that_is_taken_away_is_not_shown_and_all_else_is(run: Run) -> None:
    status, _, err = run("show", "kz-mia-part-of-kz-government", "--without", "kz-mia")
    assert (status, err.partition(" is ")[0]) == (2, "error: 'kz-mia-part-of-kz-government'")
    assert run("show", "kz-government", "--without", "kz-mia")[0] == 0
    assert "kz-mia-part-of-kz-government" not in run("show", "kz-government", "--without", "kz-mia")[1]
    # What is called so by itself once the other is gone is still found by less than its id.
    assert run("show", "face images", "--without", "kz-mia")[1].startswith("Face images and templates")


@pytest.mark.parametrize(
    "command", ["who video", "chokepoints video", "gaps", "exposure kz-sergek", "timeline kz-sergek"]
)
def test_an_unknown_id_is_told_with_the_nearest(run: Run, command: str) -> None:
    status, out, err = run(*command.split(), *ARTICLE, "--without", "kz-police-atyra")
    assert (status, out) == (2, "")
    assert err == (
        "error: no entity, relation, listing or source is called 'kz-police-atyra'. Did you mean 'kz-police-atyrau'?\n"
    )


def test_an_answer_that_is_cut_short_says_that_a_missing_row_may_stand() -> None:
    graph = build(world("b1 holds s1"))
    whole = graphs.who_can_reach(graph, "s1", by="pair", as_of=DAY)
    from dataclasses import replace

    short = replace(whole, complete=False)
    told = compared(short, whole, short, ({}, {}))
    assert told.what_if is not None
    assert not told.what_if["complete"]
    assert "may not have fallen" in render(told, dataset=graph.dataset)


def test_words_and_marks_exist_for_each_change() -> None:
    assert set(ORDER) <= set(comparisons._WORDS)
    assert set(ORDER) == set(comparisons._MARKS)
    assert set(OF_REACH) < set(ORDER)
    assert ORDER[-1] == REMAINS


def test_a_system_that_was_added_kept_its_data_nowhere_before(tmp_path: Path, run: Run) -> None:
    added = tmp_path / "added"
    added.mkdir()
    (added / "entities.csv").write_text("id,type,name,categories,sources\nnew-cameras,system,New cameras,video,s\n")
    (added / "relations.csv").write_text(
        "id,subject,predicate,object,status,valid_from,claim,sources\n"
        "r1,kz-mia,operates,new-cameras,confirmed,2020,It does.,s\n"
        "r2,cn-dahua,supplies,new-cameras,confirmed,2020,It does.,s\n"
    )
    (added / "sources.csv").write_text("id,title,publisher\ns,A report,Somebody\n")
    line = ["who", "video", "--with", str(added), "--as-of", "2026-01-01"]
    told = json.loads(run(*line, "--format", "json")[1])["what_if"]
    assert told["new_places"] == []
    assert any(row["store"] == "new-cameras" for row in told["rows"])
    assert "keep their data" not in run(*line)[1]

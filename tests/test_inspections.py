"""Inspections: settings beside the tables are judged as the tables are, all at once, and the command tells it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Command

from graphs.inspections import Inspection, inspected
from stakeholders.dataset import Dataset
from stakeholders.tables import examine, new

RULES = """company_kinds = "x"

[holds]
level = "custody"

[predicates.supplies]
arc = "forwrd"
levl = "granted"
level = "custdy"

[predicates.suplies]
arc = "none"
"""
CHECKS = """[[rule]]
id = "one"
must_not = "reach"
level = "grantd"
untl = "2020"

[[rule]]
id = "one"
must_not = "reech"

[[rule.except]]
who = ["city-police"]

[[rule]]
must_not = "reach"
"""
REGIMES = """[[program]]
authority = "us-bis"
list = "L"
efect = "x"
binding = "lax"

[[jointly]]
owners = ["a"]
source = "s"
"""
MATCHES = "list,entry,entity,decision,who,when,why\ncsl,1,city-polic,acepted,,,\ncsl,2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new(tmp_path / "mine")
    return tmp_path / "mine"


def inspection(folder: Path, **files: str) -> Inspection:
    for name, content in files.items():
        ending = "csv" if name == "matches" else "toml"
        (folder / f"{name}.{ending}").write_text(content, "utf-8")
    return inspected(*examine(folder))


def test_every_fault_of_every_file_of_settings_is_told_with_its_line(folder: Path) -> None:
    found = inspection(folder, rules=RULES, checks=CHECKS, regimes=REGIMES, matches=MATCHES)
    told = [str(problem) for problem in found.problems]
    for said in (
        "checks.toml:4: 'grantd' is no 'level' of rule 'one' in checks.toml. Did you mean 'granted'?",
        "checks.toml:5: 'untl' is no key of rule 'one' in checks.toml. Did you mean 'until'?",
        "checks.toml:7: two rules have the id 'one'",
        "checks.toml:7: 'reech' is no 'must_not' of rule 'one' in checks.toml. Did you mean 'reach'?",
        "checks.toml:11: exception 1 of rule 'one' in checks.toml: reason: is missing",
        "checks.toml:14: rule 3 in checks.toml: id: is missing",
        "matches.csv:2: decision: 'acepted' is no decision. Did you mean 'accepted'?",
        "matches.csv:2: entity: warning: 'city-polic' is defined nowhere (did you mean 'city-police'?)",
        "matches.csv:3: 2 cells under a header of 7",
        "regimes.toml:1: 'lax' is no binding of regimes.toml (program 'L'). Did you mean 'law'?",
        "regimes.toml:4: 'efect' is no key of program 'L'. Did you mean 'effect'?",
        "regimes.toml:7: jointly: owners: write a list of two ids or more",
        "rules.toml:1: company_kinds: write a list of kinds",
        "rules.toml:3: 'holds' is a predicate: write [predicates.holds]",
        "rules.toml:7: 'forwrd' is no arc of rules.toml: predicates.supplies. Did you mean 'forward'?",
        "rules.toml:8: 'levl' is no key of rules.toml: predicates.supplies. Did you mean 'level'?",
        "rules.toml:9: 'custdy' is no level of rules.toml: predicates.supplies. Did you mean 'custody'?",
        "rules.toml:11: warning: predicates.suplies is in no vocabulary, so no relation has it (did you mean",
    ):
        assert sum(one.startswith(said) for one in told) == 1, said
    assert len(told) == 18
    assert len(found.errors) == 16


@pytest.mark.parametrize("name", ["rules", "checks", "regimes"])
def test_what_is_no_toml_is_told_once(folder: Path, name: str) -> None:
    (problem,) = inspection(folder, **{name: "\na = \n"}).problems
    assert str(problem) == f"{name}.toml:2: is no TOML: invalid value"


def test_rules_that_name_what_the_dataset_lacks_are_refused(folder: Path) -> None:
    rule = '[[rule]]\nid = "one"\nmust_not = "reach"\nwhat = ["video"]\n\n'
    wrong = rule.replace("one", "two").replace("video", "vidio") + 'who = ["kind=polise"]'
    found = inspection(folder, checks=rule + wrong)
    who, what = sorted(map(str, found.problems), key=len, reverse=True)
    assert who.startswith("checks.toml:6: rule 'two' in checks.toml: who: 'polise' is no kind of any entity. Did you")
    assert what.startswith("checks.toml:6: rule 'two' in checks.toml: what: ")
    assert "'video'" in what


def test_sound_settings_have_no_problem(folder: Path) -> None:
    found = inspection(
        folder,
        rules='[predicates.supplies]\narc = "none"',
        checks='[[rule]]\nid = "one"\nmust_not = "reach"\nwhat = ["video"]',
        regimes='[[program]]\nauthority = "us-bis"\nlist = "L"\nbinding = "law"',
        matches="list,entry,entity,decision\ncsl,1,city-police,accepted\n",
    )
    assert found.rows == ()
    assert not found.found


def test_bundled_datasets_have_none(cabar: Dataset) -> None:
    assert inspected(cabar).problems == ()


def test_the_command_tells_a_sound_folder_that_nothing_is_wrong(accessmap: Command, folder: Path) -> None:
    said = accessmap("validate", str(folder))
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("No problem found in mine.")


def test_the_command_refuses_what_every_question_would_refuse(accessmap: Command, folder: Path) -> None:
    (folder / "rules.toml").write_text("[holds]\nlevel = 'custody'\n", "utf-8")
    said = accessmap("validate", str(folder))
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == (
        "error: 1 problem in the dataset\n  rules.toml:1: 'holds' is a predicate: write [predicates.holds]\n"
    )
    told = accessmap("validate", str(folder), "--format", "json")
    assert (told.returncode, told.stderr) == (2, "")
    message = "'holds' is a predicate: write [predicates.holds]"
    assert json.loads(told.stdout)["rows"] == [
        {"file": "rules.toml", "line": 1, "column": None, "message": message, "warning": False}
    ]

"""Checks: rules that must hold, their exceptions, a baseline, the GDPR's principles, and what build servers get."""

from __future__ import annotations

import json
import random
import re
from typing import Any
from xml.etree import ElementTree as Tree

import pytest
import strategies
from conftest import ROOT, Command
from hypothesis import given
from oracle import Question, Tables, who

from graphs.access import AccessGraph, build
from graphs.assessments import CRITERIA, assess, gdpr
from graphs.checks import Checked, check, finding_id
from graphs.policies import DEMANDS, pack, packs, parse_policies
from graphs.reports import render
from graphs.scope import Scope
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, UnknownTerm
from stakeholders.vocabulary import LANGUAGES

DAY = "2026-11-24"


def checked(graph: AccessGraph, rules: str, as_of: str = DAY, **options: Any) -> Checked:
    return check(graph, [parse_policies(rules, "rules.toml")], as_of=as_of, **options)


def rule(**cells: Any) -> str:
    """One rule as TOML."""
    return (
        "[[rule]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in {"id": "x", **cells}.items()) + "\n"
    )


def exception(**cells: str) -> str:
    told = {"reason": "Agreed.", "owner": "Desk", **cells}
    return "\n[[rule.except]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in told.items()) + "\n"


def pairs(answer: Checked, verdict: str = "violated") -> set[tuple[str | None, str | None]]:
    return {(row["body"], row["store"]) for row in answer.rows if row["verdict"] == verdict}


# --------------------------------------------------------------------------------------------------------- what holds


@given(strategies.cases())
def test_who_must_not_reach_is_whoever_brute_force_says_does(case: tuple[Tables, random.Random]) -> None:
    tables, rng = case
    (target,) = strategies.random_targets(rng, tables, 1)
    level = rng.choice(("possible", "indirect", "granted"))
    day = strategies.random_day(rng, tables)
    answer = checked(
        build(strategies.dataset(tables)), rule(must_not="reach", what=[target], level=level), day.isoformat(),
    )  # fmt: skip
    expected = who(tables, target, Question(day, level=level, certainty="reported"), by="pair")
    assert pairs(answer) == {(row["body"], row["store"]) for row in expected}


def test_only_those_who_may_reach_do_or_are_found(central_asia_graph: AccessGraph) -> None:
    everybody = pairs(checked(central_asia_graph, rule(must_not="reach", what=["kz-sergek-almaty-archive"])))
    police = pairs(
        checked(central_asia_graph, rule(must_not="reach", what=["kz-sergek-almaty-archive"], who=["kind=police"]))
    )
    others = pairs(
        checked(central_asia_graph, rule(may="reach", what=["kz-sergek-almaty-archive"], who=["kind=police"]))
    )
    assert police
    assert police | others == everybody
    assert not police & others


def test_who_must_reach_and_has_no_known_path_is_found(central_asia_graph: AccessGraph) -> None:
    answer = checked(central_asia_graph, rule(must="reach", who=["kz-police-almaty", "kz-moh"],
                                              what=["kz-sergek-almaty-archive"]))  # fmt: skip
    assert pairs(answer) == {("kz-moh", "kz-sergek-almaty-archive")}
    assert "No known path" in answer.rows[0]["sentence"].text()


def test_a_way_round_what_must_be_passed_is_shown(central_asia_graph: AccessGraph) -> None:
    rules = rule(
        must="pass through", through="kz-law-enforcement", who=["kind=police"], what=["kz-sergek-almaty-archive"]
    )
    answer = checked(central_asia_graph, rules)
    assert pairs(answer) == {("kz-police-almaty", "kz-sergek-almaty-archive")}
    assert not any("law-enforcement" in name for name in answer.rows[0]["path"])
    assert answer.path(0)[0]["claim"]


def test_access_without_a_legal_basis_is_found_relation_by_relation(cabar_graph: AccessGraph) -> None:
    answer = checked(cabar_graph, rule(must="have a legal basis", predicates=["has_access"]), "2020-04-15")
    table = cabar_graph.dataset.relations
    for row in answer.rows:
        cells = table.row(table.index[row["relation"]])
        assert (cells["predicate"], cells["legal_basis"]) == ("has_access", "")
    assert "kz-police-atyrau-has-access-kz-sergek-atyrau-archive" in {row["relation"] for row in answer.rows}


def test_access_that_has_ended_but_goes_on_is_found_with_the_other_way(central_asia_graph: AccessGraph) -> None:
    rules = rule(must_not="outlive its end", predicates=["has_access"], who=["kz-nsc"])
    (row,) = checked(central_asia_graph, rules).rows
    assert (row["relation"], row["store"]) == ("kz-nsc-has-access-kz-subscriber-store", "kz-subscriber-store")
    assert row["path"][0] == "kz-nsc-can-compel-kz-telecom-operators"
    assert "2023-07-13" in row["sentence"].text()
    assert checked(central_asia_graph, rules, "2023-07-13").rows == ()


def test_a_store_that_nobody_oversees_is_found(central_asia_graph: AccessGraph) -> None:
    rules = rule(must="be overseen", by=["kind=prosecutor"], what=["kz-genomic-db", "kz-enpf-db"])
    assert pairs(checked(central_asia_graph, rules)) == {(None, "kz-enpf-db")}


def test_a_step_that_rests_on_too_few_sources_is_found(cabar_graph: AccessGraph) -> None:
    table = cabar_graph.dataset.relations
    answer = checked(cabar_graph, rule(must="rest on sources", sources=2, level="granted"), "2020-04-15")
    assert answer.rows
    for row in answer.rows:
        assert len(table.row(table.index[row["relation"]])["sources"].split(";")) == 1


def test_a_system_that_hangs_on_one_listed_supplier_is_found(central_asia_graph: AccessGraph) -> None:
    rules = rule(must_not="depend on a sole listed supplier")
    found = pairs(checked(central_asia_graph, rules))
    assert ("cn-ceiec", "kg-command-centre-bishkek") in found
    assert not {store for body, store in found if body == "cn-dahua" and store == "kz-sergek"}


def test_abroad_means_in_another_country_than_the_store(central_asia_graph: AccessGraph) -> None:
    answer = checked(central_asia_graph, rule(must_not="reach", what=["biometric"], abroad=True))
    country = dict(zip(*(central_asia_graph.dataset.entities.column(name) for name in ("id", "country")), strict=True))
    assert answer.rows
    assert all(country[row["body"]] != country[row["store"]] for row in answer.rows)


# ------------------------------------------------------------------------------------------------- exceptions and days

DAHUA = rule(must_not="reach", what=["video"], who=["cn-dahua", "cn-hikvision"])


def test_an_exception_excepts_with_its_reason_until_its_day(cabar_graph: AccessGraph) -> None:
    rules = DAHUA + exception(who="cn-dahua", until="2020-06")
    answer = checked(cabar_graph, rules, "2020-06-30")
    assert {body for body, _ in pairs(answer)} == {"cn-hikvision"}
    excepted = [row for row in answer.rows if row["verdict"] == "excepted"]
    assert {(row["body"], row["excepted_until"], row["reason"], row["owner"]) for row in excepted} == {
        ("cn-dahua", "2020-06", "Agreed.", "Desk"),
    }
    assert answer.rows[0]["verdict"] == "violated"
    later = checked(cabar_graph, rules, "2020-07-01")
    assert {body for body, _ in pairs(later)} == {"cn-dahua", "cn-hikvision"}
    assert ["ran out on 2020-06" in note.text() for note in later.notes] == [True]


def test_an_exception_that_excepts_nothing_is_told(cabar_graph: AccessGraph) -> None:
    answer = checked(cabar_graph, DAHUA + exception(who="kz-mia"), "2020-04-15")
    assert ["excepts nothing" in note.text() for note in answer.notes] == [True]


def test_an_exception_by_store_category_or_relation(cabar_graph: AccessGraph) -> None:
    every = pairs(checked(cabar_graph, DAHUA, "2020-04-15"))
    store = min(store for _, store in every if store)
    by_store = checked(cabar_graph, DAHUA + exception(what=store), "2020-04-15")
    assert pairs(by_store, "excepted") == {pair for pair in every if pair[1] == store}
    assert pairs(checked(cabar_graph, DAHUA + exception(what="video"), "2020-04-15")) == set()
    one = checked(cabar_graph, DAHUA + exception(relation="cn-hikvision-supplies-kz-city-cctv"), "2020-04-15")
    assert {body for body, _ in pairs(one, "excepted")} == {"cn-hikvision"}


def test_a_rule_holds_only_on_its_days(cabar_graph: AccessGraph) -> None:
    rules = rule(must_not="reach", what=["video"], **{"from": "2020-05"})
    answer = checked(cabar_graph, rules, "2020-04-30")
    assert (answer.rows, answer.rules) == ((), ())
    assert ["x" in note.text() for note in answer.notes] == [True]
    assert checked(cabar_graph, rules, "2020-05-01").rows


def test_the_id_of_a_finding_outlives_its_path_its_level_and_the_day(central_asia: Dataset) -> None:
    rules = rule(must_not="reach", what=["kz-sergek-almaty-archive"], who=["kz-police-almaty"])
    ids = set()
    for dataset, day in ((central_asia, "2022-01-10"), (central_asia, DAY),
                         (central_asia.without(["kz-police-almaty-has-access-kz-sergek-almaty"]), DAY)):  # fmt: skip
        (row,) = checked(build(dataset), rules, day).rows
        ids.add(row["id"])
    assert ids == {finding_id("x", "kz-police-almaty", "kz-sergek-almaty-archive", None, None)}


# ------------------------------------------------------------------------------------------------------------ baseline


def test_against_itself_nothing_is_new(cabar: Dataset, cabar_graph: AccessGraph) -> None:
    answer = check(cabar_graph, baseline=cabar, as_of="2020-04-15")
    assert (answer.rows, answer.found) == ((), False)


def test_reach_that_the_baseline_lacks_is_found(cabar: Dataset, cabar_graph: AccessGraph) -> None:
    grant = "kz-police-atyrau-has-access-kz-sergek-atyrau-archive"
    answer = check(cabar_graph, baseline=cabar.without([grant]), as_of="2020-04-15")
    assert ("kz-police-atyrau", "kz-sergek-atyrau-archive") in pairs(answer)
    assert {grant in row["path"] for row in answer.rows} == {True}
    assert answer.found
    assert not check(build(cabar.without([grant])), baseline=cabar, as_of="2020-04-15").rows


# ------------------------------------------------------------------------------------------------------ words and files


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rule = [", "rules.toml is no TOML"),
        ("", "rules.toml: it has no rule"),
        ('rules = [{id = "x"}]', "'rules' is no key of rules.toml. Did you mean 'rule'?"),
        (rule(must_nt="reach"), "'must_nt' is no key of rule 'x' in rules.toml. Did you mean 'must_not'?"),
        (rule(must_not="raech"), "'raech' is no 'must_not' of rule 'x' in rules.toml. Did you mean 'reach'?"),
        (
            rule(must_not="reach", level="grantd"),
            "'grantd' is no 'level' of rule 'x' in rules.toml. Did you mean 'granted'?",
        ),
        (rule(must_not="reach", may="reach"), "say one thing that must hold"),
        (rule(must="pass through"), "through: is missing"),
        (rule(must_not="reach", until="soon"), "rule 'x' in rules.toml: until: 'soon' is no date"),
        (rule(must_not="reach", who=5), "rule 'x' in rules.toml: who: write a list of texts"),
        (rule(must_not="reach", severity="fatal"), "'fatal' is no 'severity' of rule 'x'"),
        (
            rule(must_not="reach", predicates=["owms"]),
            "'owms' is no predicate of rule 'x' in rules.toml. Did you mean 'owns'?",
        ),
        (rule(id="X 1", must_not="reach"), "write small Latin letters"),
        (rule(must_not="reach") * 2, "two rules have the id 'x'"),
        (rule(must_not="reach") + exception(reson="x", who="kz-mia"), "'reson' is no key of exception 1 of rule 'x'"),
        (rule(must_not="reach") + "[[rule.except]]\nwho = 'kz-mia'\nowner = 'x'\n", "reason: is missing"),
        (rule(must_not="reach") + exception(), "say whom or what it excepts"),
    ],
)
def test_a_wrong_word_is_told_with_file_rule_and_what_comes_near(text: str, said: str) -> None:
    with pytest.raises(AccessMapError) as caught:
        parse_policies(text, "rules.toml")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rule(must_not="reach", who=["kind=polise"]), "rule 'x' in rules.toml: who: "),
        (rule(must_not="reach", what=["kz-sergek-almty"]), "rule 'x' in rules.toml: what: "),
        (rule(must="pass through", through="kz-nowhere"), "rule 'x' in rules.toml: through: "),
        (rule(must_not="reach") + exception(who="kz-nobody"), "rule 'x' in rules.toml: except: who: "),
    ],
)
def test_what_the_dataset_does_not_know_is_told_with_rule_and_key(
    cabar_graph: AccessGraph, text: str, said: str
) -> None:
    with pytest.raises(AccessMapError) as caught:
        checked(cabar_graph, text, "2020-04-15")
    assert str(caught.value).startswith(said)


def test_a_file_in_another_encoding_is_told() -> None:
    with pytest.raises(AccessMapError, match=r"rules\.toml is not UTF-8"):
        parse_policies("# правила".encode("cp1251"), "rules.toml")


def test_an_unknown_pack_is_told() -> None:
    assert packs() == ["default", "gdpr"]
    with pytest.raises(UnknownTerm, match="default"):
        pack("defualt")


def test_every_rule_of_the_default_pack_finds_something(central_asia_graph: AccessGraph) -> None:
    answer = check(central_asia_graph, as_of=DAY)
    assert {row["rule"] for row in answer.rows} == {rule.id for rule in pack("default").rules}
    assert {each.verb for each in pack("default").rules} <= {verb for verbs in DEMANDS.values() for verb in verbs}
    assert len({row["id"] for row in answer.rows}) == len(answer.rows)


def test_the_rules_and_words_of_the_documentation_exist(central_asia_graph: AccessGraph) -> None:
    page = (ROOT / "docs" / "checks.md").read_text("utf-8")
    (rules,) = re.findall(r"^```toml\n(.*?)^```$", page, re.M | re.S)
    answer = checked(central_asia_graph, rules)
    assert {row["owner"] for row in answer.rows} <= {None, "Security desk"}
    for demand, verbs in DEMANDS.items():
        for verb in verbs:
            assert f'"{verb}"' in page, (demand, verb)
    for principle in gdpr().principles:
        assert f"| {principle.article} |" in page


# ------------------------------------------------------------------------------------------------------------ the GDPR


def test_the_seven_principles_are_asked_of_every_store(central_asia: Dataset, central_asia_graph: AccessGraph) -> None:
    rows = list(assess(central_asia_graph, Scope.of(as_of=DAY)))
    stores = [row["id"] for row in central_asia.entities.rows() if row["type"] == "store"]
    assert len(gdpr().principles) == 7
    assert [row["store"] for row in rows[::7]] == stores
    assert {name for principle in gdpr().principles for name in principle.criteria} == set(CRITERIA)
    assert all(row["score"] is None or 0 <= row["score"] <= 1 for row in rows)


def test_a_score_is_the_mean_of_what_can_be_asked(cabar_graph: AccessGraph) -> None:
    rows = {row["principle"]: row for row in assess(cabar_graph, Scope.of(as_of="2020-04-15"))
            if row["store"] == "kz-sergek-atyrau-archive"}  # fmt: skip
    (grant,) = rows["minimisation"]["criteria"].values() if len(rows["minimisation"]["criteria"]) == 1 else [[1, 1]]
    assert grant[1] >= 1
    for row in rows.values():
        shares = [met / asked for met, asked in row["criteria"].values()]
        assert row["score"] == (round(sum(shares) / len(shares), 2) if shares else None)
    missing = rows["lawfulness"]["missing"]
    assert "kz-police-atyrau-has-access-kz-sergek-atyrau-archive" in missing


def test_a_leak_lowers_integrity_and_only_that(central_asia: Dataset) -> None:
    leak = "kz-enpf-db-leaked-to-cn-isoon"
    scores = []
    for dataset in (central_asia, central_asia.without([leak])):
        graph = build(dataset)
        found = assess(graph, Scope.of(as_of="2024-03-01", stores=["kz-enpf-db"]))
        scores.append({row["principle"]: row["score"] for row in found})
    # The leak is only alleged, and an allegation is on record all the same.
    assert [score["integrity"] for score in scores] == [0.0, None]
    assert {name for name in scores[0] if scores[0][name] != scores[1][name]} == {"integrity"}


def test_scores_come_with_their_article_and_their_limits(central_asia_graph: AccessGraph) -> None:
    answer = check(central_asia_graph, gdpr=True, as_of=DAY)
    assert not answer.found
    assert {row["severity"] for row in answer.rows} == {"note"}
    for lang in LANGUAGES:
        said = render(answer, dataset=central_asia_graph.dataset, lang=lang)
        assert gdpr().limits.of(lang).split(":")[0] in " ".join(said.split())
        assert "GDPR 5(1)(e)" in said


# --------------------------------------------------------------------------------------------------- for build servers


@pytest.fixture(scope="module")
def answer(cabar_graph: AccessGraph) -> Checked:
    rules = DAHUA + exception(who="cn-hikvision", until="2021") + rule(id="fine", must_not="reach", what=["genomic"])
    return checked(cabar_graph, rules, "2020-04-15")


def test_junit_has_a_case_a_rule_and_its_findings(answer: Checked) -> None:
    suites = Tree.fromstring(render(answer, "junit"))
    assert (suites.tag, suites.get("tests"), suites.get("failures")) == ("testsuites", "2", "1")
    (suite,) = suites
    assert (suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("errors")) == (
        "rules.toml",
        "2",
        "1",
        "0",
    )
    cases = {str(case.get("name")).split(":")[0]: case for case in suite}
    failure = cases["x"].find("failure")
    assert failure is not None
    assert "Dahua" in str(failure.text)
    assert "Hikvision" not in str(failure.text)
    assert "Hikvision" in str(cases["x"].findtext("system-out"))
    assert cases["fine"].find("failure") is None


def test_junit_is_well_formed_whatever_the_names_hold(cabar: Dataset) -> None:
    strange = 'A <b> & "c" \x01 ]]> é'
    column = list(cabar.entities.column("name"))
    column[cabar.entities.index["cn-dahua"]] = strange
    from dataclasses import replace

    changed = replace(cabar, tables={**cabar.tables, "entities": cabar.entities.with_column("name", tuple(column))})
    said = render(checked(build(changed), DAHUA, "2020-04-15"), "junit")
    assert 'A <b> & "c"  ]]> é' in str(Tree.fromstring(said).findtext(".//failure"))


def test_sarif_has_what_its_schema_requires(answer: Checked) -> None:
    log = json.loads(render(answer, "sarif"))
    assert (log["version"], set(log)) == ("2.1.0", {"$schema", "version", "runs"})
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "accessmap"
    names = [each["id"] for each in driver["rules"]]
    assert len(run["results"]) == len(answer.rows)
    for result, row in zip(run["results"], answer.rows, strict=True):
        assert result["ruleId"] == names[result["ruleIndex"]] == row["rule"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        assert result["partialFingerprints"] == {"accessmap/v1": row["id"]}
        (place,) = result["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == "relations.csv"
        assert place["physicalLocation"]["region"]["startLine"] >= 2
        assert ("suppressions" in result) == (row["verdict"] == "excepted")


def test_a_sarif_result_points_to_the_line_of_its_relation(answer: Checked, cabar: Dataset) -> None:
    assert cabar.folder is not None
    lines = (cabar.folder / "relations.csv").read_text("utf-8").splitlines()
    result = json.loads(render(answer, "sarif"))["runs"][0]["results"][0]
    line = lines[result["locations"][0]["physicalLocation"]["region"]["startLine"] - 1]
    assert line.startswith(answer.rows[0]["path"][0])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_report_tells_every_rule_and_finding(answer: Checked, cabar: Dataset, lang: str) -> None:
    said = render(answer, "md", dataset=cabar, lang=lang, unfold=True)
    for row in answer.rows:
        assert row["id"] in said
    assert "Agreed." in said
    assert "{" not in said


@pytest.mark.parametrize(("lang", "holds", "broken"), [
    ("en", "The one rule holds.", "1 finding goes against the one rule."),
    ("ru", "Единственное правило соблюдено.", "Единственное правило нарушено; нарушений: 1."),
    ("kk", "Жалғыз ереже сақталған.", "Жалғыз ереже бұзылған; бұзылу саны: 1."),
])  # fmt: skip
def test_one_rule_is_no_number_of_rules(cabar_graph: AccessGraph, lang: str, holds: str, broken: str) -> None:
    for body, said in (("kz-gpo", holds), ("kz-police-atyrau", broken)):
        rules = rule(must_not="reach", what=["kz-sergek-atyrau-archive"], who=[body])
        text = render(checked(cabar_graph, rules, "2020-04-15"), dataset=cabar_graph.dataset, lang=lang)
        assert text.splitlines()[0] == said


def test_several_rules_are_counted(cabar_graph: AccessGraph) -> None:
    told = {"must_not": "reach", "what": ["kz-sergek-atyrau-archive"]}
    one, other = rule(**told, who=["kz-gpo"]), rule(**told, who=["kz-police-atyrau"], id="y")
    said = [render(checked(cabar_graph, text, "2020-04-15"), dataset=cabar_graph.dataset).splitlines()[0]
            for text in (one + rule(**told, who=["kz-gpo"], id="y"), one + other)]  # fmt: skip
    assert said == ["All 2 rules hold.", "1 finding goes against 1 of 2 rules."]


def test_the_command_tells_by_its_status_whether_rules_hold(accessmap: Command, tmp_path: Any) -> None:
    rules = tmp_path / "rules.toml"
    for verb, status in (("genomic", 0), ("video", 1)):
        rules.write_text(rule(must_not="reach", what=[verb], who=["kind=manufacturer"]))
        run = accessmap("check", str(rules), "-d", "cabar-2020", "--as-of", "2020-04-15", "--format", "junit")
        assert (run.returncode, run.stderr) == (status, "")
        Tree.fromstring(run.stdout)
    rules.write_text(rule(must_not="reach", waht=["video"]))
    run = accessmap("check", str(rules), "-d", "cabar-2020")
    assert run.returncode == 2
    assert f"is no key of rule 'x' in {rules}. Did you mean 'what'?" in run.stderr


def test_a_dataset_brings_its_own_rules(accessmap: Command, cabar: Dataset, tmp_path: Any) -> None:
    from stakeholders.tables import write

    write(cabar, tmp_path / "data")
    (tmp_path / "data" / "checks.toml").write_text(rule(id="own-rule", must_not="reach", what=["video"]))
    run = accessmap("check", "-d", str(tmp_path / "data"), "--as-of", "2020-04-15", "-o", "found.sarif", cwd=tmp_path)
    assert (run.returncode, run.stderr, run.stdout) == (1, "", "")
    results = json.loads((tmp_path / "found.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert {result["ruleId"] for result in results} == {"own-rule"}


def test_stolen_data_that_nobody_keeps_lawfully_score_nothing_for_lawfulness(central_asia_graph: AccessGraph) -> None:
    found = assess(central_asia_graph, Scope.of(as_of=DAY, stores=["kz-leak-2025-16m"]))
    scores = {row["principle"]: row["score"] for row in found}
    assert scores["lawfulness"] is None
    assert scores["integrity"] == 0.0


def test_a_sole_listed_supplier_is_told_by_what_the_lists_do(central_asia_graph: AccessGraph) -> None:
    answer = check(central_asia_graph, [pack("default")], as_of=DAY)
    (row,) = [
        row for row in answer.rows if row["rule"] == "sole-listed-supplier" and row["store"] == "tj-safe-city-dushanbe"
    ]
    assert "who is listed for: " in row["sentence"].text("en")
    assert "export control (Bureau of Industry and Security, US Department of Commerce: Entity List)" in row[
        "sentence"
    ].text("en")

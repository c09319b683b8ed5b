"""The traversal rules: the defaults are the method's, a dataset's own are laid over them, errors name the word."""

from __future__ import annotations

import pytest

from graphs.access import build
from graphs.reachability import who_can_reach
from graphs.traversal import default_rules, rules_of
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, UnknownTerm
from stakeholders.tables import read_files
from stakeholders.vocabulary import PREDICATES

METHOD = {
    "holds": ("forward", "custody"),
    "operates": ("forward", "custody"),
    "keeps_data_in": ("forward", "custody"),
    "collects_for": ("backward", "custody"),
    "has_access": ("forward", "granted"),
    "feeds": ("backward", "indirect"),
    "part_of": ("backward", "indirect"),
    "owns": ("forward", "indirect"),
    "controls": ("forward", "indirect"),
    "member_of": ("forward", "possible"),
    "maintains": ("forward", "possible"),
    "integrates": ("forward", "possible"),
    "supplies": ("forward", "possible"),
    "governs": ("forward", "possible"),
    "can_compel": ("forward", "possible"),
    "leaked_to": ("backward", "indirect"),
}
CONTEXT = {"partner_of", "supervises", "funds", "replaces"}


def test_default_rules_are_the_table_of_the_method() -> None:
    rules = default_rules().predicates
    assert {name: (rule.arc, rule.level) for name, rule in rules.items() if rule.arc != "none"} == METHOD
    assert {name for name, rule in rules.items() if rule.arc == "none"} == CONTEXT


def test_every_predicate_of_the_vocabulary_has_a_rule() -> None:
    assert set(default_rules().predicates) == set(PREDICATES)


def test_only_a_leak_is_a_frozen_copy_and_only_a_feed_a_feed() -> None:
    rules = default_rules().predicates
    assert [name for name, rule in rules.items() if rule.terminal] == ["leaked_to"]
    assert [name for name, rule in rules.items() if rule.feed] == ["feeds"]
    assert [name for name, rule in rules.items() if rule.implied_feed_modes] == ["has_access"]


@pytest.mark.parametrize(
    ("modes", "level"),
    [((), "indirect"), (("copy",), "indirect"), (("query",), "possible"), (("query", "copy"), "indirect")],
)
def test_the_strongest_mode_of_a_feed_counts(modes: tuple[str, ...], level: str) -> None:
    assert default_rules().predicates["feeds"].level_of(modes) == level


def test_an_override_changes_one_entry_and_is_reported() -> None:
    rules = rules_of({"predicates": {"supplies": {"arc": "none"}, "holds": {"arc": "forward", "level": "custody"}}})
    assert rules.changed == ("supplies",)
    assert rules.predicates["maintains"] == default_rules().predicates["maintains"]


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"predicate": {}}, "'predicate' is no table of rules.toml. Did you mean 'predicates'?"),
        ({"predicates": {"holds": {"arc": "foward"}}}, "'foward' is no arc of rules.toml: predicates.holds."),
        ({"predicates": {"holds": {"arc": "forward", "level": "custdy"}}}, "Did you mean 'custody'?"),
        ({"predicates": {"holds": {"arc": "forward", "levle": "custody"}}}, "Did you mean 'level'?"),
        ({"predicates": {"feeds": {"arc": "backward", "modes": {"copy": "strong"}}}}, "'strong' is no level"),
        ({"predicates": {"feeds": {"arc": "backward", "feed": "yes"}}}, "feed: write true or false"),
        ({"predicates": {"owns": {"arc": "forward", "percent": "50"}}}, "percent: write a number"),
        ({"predicates": {"owns": "forward"}}, "predicates.owns: write a table"),
        ({"predicates": ["owns"]}, "predicates: write a table of predicates"),
        ({"company_kinds": "telecom"}, "company_kinds: write a list of kinds"),
    ],
)
def test_a_wrong_rule_is_named_with_what_would_do(overrides: dict[str, object], said: str) -> None:
    with pytest.raises((UnknownTerm, AccessMapError)) as error:
        rules_of(overrides)
    assert said in str(error.value)


def test_a_rule_without_arc_takes_its_relations_out_of_every_answer(cabar: Dataset) -> None:
    without = build(cabar, {"predicates": {"supplies": {"arc": "none"}}})
    bodies = {row["body"] for row in who_can_reach(without, "video", as_of="2020-04-15").rows}
    assert "cn-dahua" not in bodies
    assert "kz-korkem-telecom" in bodies


def test_an_answer_under_changed_rules_says_so(cabar: Dataset) -> None:
    answer = who_can_reach(build(cabar, {"predicates": {"supplies": {"arc": "none"}}}), "video", as_of="2020-04-15")
    assert "The dataset changes the traversal rules of: supplies." in [note.text() for note in answer.notes]
    unchanged = who_can_reach(build(cabar), "video", as_of="2020-04-15")
    assert not any("traversal rules" in note.text() for note in unchanged.notes)


TABLES = {
    "entities.csv": b"id,type,kind,name,categories,sources\n"
    b"a,body,agency,A,,s\nb,body,agency,B,,s\nc,store,,C,face,s\n",
    "sources.csv": b"id,title,publisher,date,kind,seen\ns,S,P,2020-01-01,news,read\n",
    "relations.csv": b"id,subject,predicate,object,status,claim,sources\n"
    b"a-holds-c,a,holds,c,confirmed,A holds C.,s\nb-rents-c,b,rents,c,confirmed,B rents C.,s\n",
}


def test_a_relation_without_a_rule_is_reported_and_a_rule_for_it_gives_its_arc() -> None:
    dataset = read_files("rented", {**TABLES, "rules.toml": b'[predicates]\nrents = {arc = "forward"}\n'})
    ruled = build(dataset)
    assert ruled.unruled == {}
    assert [row["body"] for row in who_can_reach(ruled, "face", as_of="2021-01-01").rows] == ["a", "b"]
    unruled = build(Dataset(dataset.name, dataset.tables))
    answer = who_can_reach(unruled, "face", as_of="2021-01-01")
    assert unruled.unruled == {"rents": 1}
    assert [row["body"] for row in answer.rows] == ["a"]
    assert any("rents" in note.text() and "no traversal rule" in note.text() for note in answer.notes)

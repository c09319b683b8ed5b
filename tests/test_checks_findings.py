"""Checks: what a finding claims, and of whom."""

from __future__ import annotations

from typing import Any

import pytest
from registers import SDN, entity, listing, owns, register, relation
from test_checks import checked, pairs, rule

from graphs.access import AccessGraph, build
from graphs.checks import Checked, check
from graphs.policies import chosen_policies, pack, parse_policies
from stakeholders.errors import AccessMapError


def told(answer: Checked) -> list[str]:
    return [row["sentence"].text() for row in answer.rows]


def test_a_rule_about_data_that_nobody_holds_finds_nothing() -> None:
    graph = build(register([relation("a", "holds", "s")], [], [entity("s", "store", categories="video")]))
    assert told(checked(graph, rule(must="be overseen", by=["a"], what=["face"]))) == []
    assert told(checked(graph, rule(must="be overseen", by=["a"], what=["video"])))


def test_a_store_that_is_no_more_needs_no_overseer() -> None:
    things = [entity("s", "store"), entity("old", "store", valid_until="2015")]
    graph = build(register([relation("a", "holds", "s"), relation("a", "holds", "old", id="was")], [], things))
    assert pairs(checked(graph, rule(must="be overseen", by=["a"]))) == {(None, "s")}
    assert pairs(checked(graph, rule(must="be overseen", by=["a"]), as_of="2014")) == {(None, "s"), (None, "old")}


@pytest.mark.parametrize("cells", [{"status": "under_review"}, {"status": "alleged"}, {"sources": "late"}])
def test_oversight_that_is_not_there_yet_or_only_alleged_is_none(cells: dict[str, str]) -> None:
    held = [relation("a", "holds", "s"), relation("p", "supervises", "s", **cells)]
    dataset = register(held, [], [entity("s", "store")], [{"id": "late", "date": "2021"}])
    answer = checked(build(dataset), rule(must="be overseen", by=["p"]), as_of="2022", known_by="2019")
    assert told(answer) == ["S: no oversight such as the rule asks for is on record."]


def test_a_path_weaker_than_the_rule_asks_is_not_said_to_be_unknown() -> None:
    held = [relation("m", "supplies", "y"), relation("y", "keeps_data_in", "s"),
            relation("q", "holds", "s", status="alleged"), relation("z", "funds", "m")]  # fmt: skip
    graph = build(
        register(held, [], [entity("y", "system", categories="video"), entity("s", "store", categories="video")])
    )
    granted = checked(graph, rule(must="reach", who=["m", "q", "z"], what=["s"], level="granted"))
    weak = "{} must be able to reach S; the known paths are weaker than the rule asks."
    none = "No known path from Z to S, which it must be able to reach."
    assert told(granted) == [weak.format("M"), weak.format("Q"), none]
    assert told(checked(graph, rule(must="reach", who=["m"], what=["s"]))) == []


def test_nothing_is_said_of_bodies_and_stores_that_were_not_asked_about() -> None:
    things = [entity("s", "store", categories="video"), entity("t", "store", categories="video")]
    graph = build(
        register([relation("a", "holds", "s"), relation("a", "holds", "t"), relation("b", "funds", "a")], [], things)
    )
    demand = rule(must="reach", who=["a", "b"], what=["video"])
    assert pairs(checked(graph, demand)) == {("b", "s"), ("b", "t")}
    assert pairs(checked(graph, demand, stores=["s"])) == {("b", "s")}
    assert pairs(checked(graph, demand, bodies=["a"])) == set()
    assert pairs(checked(graph, rule(must="be overseen", by=["b"]), stores=["s"])) == {(None, "s")}


def test_a_system_whose_store_is_known_is_no_way_around_that_store() -> None:
    things = [entity("y", "system", categories="video"), entity("s", "store", categories="video")]
    held = [relation("o", "operates", "y"), relation("y", "keeps_data_in", "s")]
    demand = rule(must="pass through", through="s", what=["video"])
    assert told(checked(build(register(held, [], things)), demand)) == []
    things.append(entity("z", "store", categories="video"))
    held.append(relation("o", "holds", "z"))
    assert told(checked(build(register(held, [], things)), demand)) == ["O can reach Z without passing S."]


def test_an_owned_sole_supplier_is_told_as_one_and_an_undetermined_one_not() -> None:
    demand = rule(must_not="depend on a sole listed supplier")

    def found(percent: str) -> list[str]:
        held = [owns("p", "v", percent), relation("v", "supplies", "y")]
        return told(checked(build(register(held, [listing("p", SDN)], [entity("y", "system")])), demand))

    (sentence,) = found("60")
    assert sentence.startswith("Y depends on V alone, which counts as owned by P or as its affiliate; P is listed for")
    assert found("") == []
    assert found("40") == []


def test_a_finding_s_steps_are_its_own_under_whatever_stance() -> None:
    held = [
        relation("a", "has_access", "s", mode="export"),
        relation("a", "holds", "t"),
        relation("b", "has_access", "t"),
    ]
    graph = build(register(held, [], [entity("s", "store"), entity("t", "store")]))
    for options in ({"stance": "assumed"}, {}):
        demand = rule(must_not="reach", what=["s"], **({} if options else {"stance": "assumed"}))
        answer = checked(graph, demand, **options)
        ends = [[(step["source"], step["target"]) for step in answer.path(row)] for row in range(len(answer.rows))]
        assert ends == [[("a", "s")], [("b", "t"), ("t", "s")]]


def test_a_contested_relation_is_alleged_to_rules_about_relations_too() -> None:
    held = [relation("a", "has_access", "s"), relation("a", "has_access", "s", id="no", status="denied")]
    graph = build(register(held, [], [entity("s", "store")]))
    demand = rule(must="have a legal basis", predicates=["has_access"])
    assert checked(graph, demand).rows == ()
    assert len(checked(graph, demand, certainty="alleged").rows) == 1


@pytest.mark.parametrize(
    ("cells", "missing"),
    [
        ({"must": "reach", "what": ["s"]}, "who"),
        ({"must": "reach", "who": ["a"]}, "what"),
        ({"may": "reach", "what": ["s"]}, "who"),
        ({"must_not": "outlive its end"}, "predicates"),
    ],
)
def test_a_rule_that_could_never_be_broken_or_kept_is_refused(cells: dict[str, Any], missing: str) -> None:
    with pytest.raises(AccessMapError, match=f"{missing}: is missing"):
        parse_policies(rule(**cells))


def test_two_rules_of_one_id_are_refused_and_a_pack_named_twice_counts_once(central_asia_graph: AccessGraph) -> None:
    demand = parse_policies(rule(must="have a legal basis"), "a.toml")
    with pytest.raises(AccessMapError, match=r"two rules have the id 'x': one in a\.toml, one in b\.toml"):
        check(central_asia_graph, [demand, parse_policies(rule(must="be overseen", by=["kz-mia"]), "b.toml")])
    taken = parse_policies(rule(id="gdpr-accuracy", must="have a legal basis"), "a.toml")
    with pytest.raises(AccessMapError, match="one in accessmap itself"):
        check(central_asia_graph, [taken], gdpr=True)
    assert [source.name for source in chosen_policies(None, names=["default", "default"])] == ["default"]


@pytest.mark.parametrize("lang", ["ru", "kk"])
def test_a_shipped_rule_says_why_in_every_language(lang: str) -> None:
    for each in pack("default").rules:
        assert each.why.of(lang)
        assert each.why.of(lang) != each.why.en


@pytest.mark.parametrize("cells", [{}, {"status": "alleged"}, {"sources": "late"}])
def test_only_what_was_known_and_certain_enough_is_said_to_have_ended(cells: dict[str, str]) -> None:
    held = [relation("a", "has_access", "s", valid_until="2015", **cells), relation("a", "holds", "s")]
    dataset = register(held, [], [entity("s", "store")], [{"id": "late", "date": "2021"}])
    demand = rule(must_not="outlive its end", predicates=["has_access"])
    found = checked(build(dataset), demand, as_of="2022", known_by="2019")
    assert told(found) == ([] if cells else ["A: its relation to S ended on 2015, but it can still reach it: custody."])


def test_a_grant_to_export_rests_on_as_many_sources_as_any_other() -> None:
    held = [relation("a", "has_access", "s", mode="export"), relation("a", "holds", "t")]
    graph = build(register(held, [], [entity("s", "store"), entity("t", "store")]))
    demand = rule(must="rest on sources", level="granted", predicates=["has_access"])
    assert [row["relation"] for row in checked(graph, demand).rows] == ["a-has-access-s"]
    assert checked(graph, rule(must="rest on sources", predicates=["has_access"]), level="custody").rows == ()

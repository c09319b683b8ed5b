"""Cuts: every answer against enumeration, laws, verdicts, costs, the time limit."""

from __future__ import annotations

import datetime
import itertools
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import networkx as nx
import oracle
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import cases, dataset, random_question, random_tables, random_targets
from worlds import DAY, asked_bodies, asked_layers, graph_of, masked, options, pairs

from graphs import cuts
from graphs.access import AccessGraph, build
from graphs.answers import Answer
from graphs.costs import NEVER, costs_of
from graphs.cuts import cut
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, UnknownId, UnknownTerm

TODAY = "2026-11-24"
PRICED = (
    "holds", "operates", "keeps_data_in", "collects_for", "has_access", "feeds", "part_of", "owns", "controls",
    "member_of", "maintains", "supplies", "leaked_to", "can_compel",
)  # fmt: skip
MOST = 12  # things to cut, of which every set is tried


def random_costs(rng: random.Random, tables: oracle.Tables) -> dict[str, dict[str, Any]]:
    return {
        "predicate": {name: rng.choice((1, 1, 2, 1.5, "never")) for name in PRICED if rng.random() < 0.8},
        "relation": {row["id"]: rng.choice((1, 4, "never")) for row in tables.relations if rng.random() < 0.1},
        "entity": {row["id"]: rng.choice((2, 0.5, "never")) for row in tables.entities if rng.random() < 0.2},
    }


def prices(
    tables: oracle.Tables, question: oracle.Question, target: str, table: Any, *, nodes: bool
) -> dict[str, Fraction]:
    """What can be cut, and what it costs: relations on some path, and entities that lie in between."""
    layers, bodies = asked_layers(tables, target, question), asked_bodies(tables, target, question)
    costs = costs_of(build(dataset(tables)), table)
    kinds = {row["id"]: row["kind"] for row in tables.entities}
    used, between = set(), set()
    for category, found in layers:
        for body in bodies:
            for path in oracle.simple_paths(
                oracle.passing(oracle.arcs(tables, question), category), body, found - {body}
            ):
                for arc in path:
                    used |= {arc.relation, arc.holding} - {""}
                between |= {arc.target for arc in path}
                owners = {row["id"]: row["subject"] for row in tables.relations}
                between |= {owners[arc.holding] for arc in path if arc.holding}
    found_prices = {}
    for row in tables.relations:
        if row["id"] in used:
            found_prices[row["id"]] = costs.of_relation(row["id"], row["predicate"], kinds[row["subject"]])
    if nodes:
        ends = {*bodies, *(place for _, found in layers for place in found)}
        found_prices |= {name: costs.of_entity(name) for name in between - ends}
    return {name: price for name, price in found_prices.items() if price is not NEVER}


def check(
    tables: oracle.Tables,
    rng: random.Random,
    question: oracle.Question | None = None,
    targets: Sequence[str] | None = None,
) -> None:
    graph, question = build(dataset(tables)), question or random_question(rng, tables)
    nodes, table = rng.random() < 0.3, random_costs(rng, tables)
    for target in targets or random_targets(rng, tables):
        answer = cut(graph, target, costs=table, nodes=nodes, alternatives=60, **options(question))
        layers, bodies = asked_layers(tables, target, question), asked_bodies(tables, target, question)
        if not pairs(tables, layers, question, bodies):
            assert answer.beside["verdict"] == "no path"
            continue
        priced = prices(tables, question, target, table, nodes=nodes)
        held = {body for body, _ in pairs(oracle.without(tables, priced), layers, question, bodies)}
        assert answer.beside["verdict"] == ("cannot be cut" if held else "cut")
        assert {path["body"] for path in answer.beside["uncuttable"]} == held
        rest = [body for body in bodies if body not in held]
        made = oracle.without(tables, [*answer.beside["relations"], *answer.beside["entities"]])
        still = {body for body, _ in pairs(made, asked_layers(made, target, question), question, rest)}
        assert answer.beside["still_reach"] == sorted(still)
        if len(priced) > MOST:
            continue
        compare(answer, tables, (layers, question, rest), priced)


def compare(answer: Answer, tables: oracle.Tables, asked: Any, priced: dict[str, Fraction]) -> None:
    enders = [
        chosen
        for size in range(len(priced) + 1)
        for chosen in itertools.combinations(sorted(priced), size)
        if not pairs(oracle.without(tables, chosen), *asked)
    ]
    costs = {chosen: sum((priced[name] for name in chosen), Fraction()) for chosen in enders}
    least = min(costs.values())
    best = {chosen for chosen in enders if costs[chosen] == least}
    beside = answer.beside
    shown = tuple(sorted([*beside["relations"], *beside["entities"]]))
    assert answer.complete
    assert beside["cost"] == beside["cost_low"] == beside["cost_high"] == pytest.approx(float(least))
    assert shown in best
    assert len(shown) == min(map(len, best))
    others = {tuple(sorted([*other["relations"], *other["entities"]])) for other in beside["alternatives"]}
    assert others | {shown} == best
    assert beside["proved"] <= beside["cost"] + 1e-5
    load: dict[str, float] = {}
    for path in beside["disjoint_paths"]:
        for relation in path["path"]:
            load[relation] = load.get(relation, 0) + path["amount"]
    assert all(load[name] <= float(priced[name]) + 1e-4 for name in load if name in priced)
    proof(answer, tables, asked)


def proof(answer: Answer, tables: oracle.Tables, asked: Any) -> None:
    """The paths are ways of those who are cut off, worth together what they prove: all of it, where it can be."""
    layers, question, bodies = asked
    arcs = oracle.arcs(tables, question)
    ways = {
        (body, path[-1].target, tuple(arc.relation for arc in path))
        for category, found in layers
        for body in bodies
        for path in oracle.simple_paths(oracle.passing(arcs, category), body, found - {body})
    }
    beside = answer.beside
    shown = {(path["body"], path["store"], tuple(path["path"])) for path in beside["disjoint_paths"]}
    assert shown <= ways
    assert sum(path["amount"] for path in beside["disjoint_paths"]) == pytest.approx(beside["proved"], abs=1e-3)
    if len(layers) == 1 and question.stance != "assumed":  # then each relation is one arc: Menger's theorem
        assert beside["proved"] == pytest.approx(beside["cost"])


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(cases())
def test_a_cut_is_the_cheapest_of_all_sets_that_end_reach(case: tuple[oracle.Tables, random.Random]) -> None:
    check(*case)


@pytest.mark.parametrize("seed", range(60))
def test_a_cut_is_the_cheapest_of_all_sets_in_other_worlds(seed: int) -> None:
    rng = random.Random(f"cuts {seed}")
    check(random_tables(rng, entities=9, relations=14), rng)


@pytest.mark.parametrize("stance", ["documented", "assumed"])
@pytest.mark.parametrize("seed", range(30))
def test_a_cut_is_the_cheapest_of_all_sets_where_categories_matter(seed: int, stance: str) -> None:
    rng = random.Random(f"masks {seed}")
    tables, target = masked(rng, relations=11)
    check(tables, rng, oracle.Question(datetime.date(2020, 4, 15), stance=stance), [target])


def test_a_cut_that_leaves_a_system_without_a_known_store_says_who_reaches_it_then() -> None:
    graph = graph_of("b1 operates y1", "y1 keeps_data_in s1", "b2 part_of b1", "b3 has_access s1")
    costs = {"predicate": {"operates": "never", "keeps_data_in": 1}}
    answer = cut(graph, "face", costs=costs, as_of=DAY)
    assert (answer.beside["verdict"], answer.beside["relations"]) == ("cut", ["r2", "r4"])
    assert (answer.beside["new_places"], answer.beside["still_reach"]) == (["y1"], ["b1"])
    (told,) = (note for note in answer.notes if "places" in note.values)
    assert told.text().startswith("This ends reach to where the data are kept now. Afterwards 1 would still reach them")
    assert "Name of b1" in told.text("ru")
    assert "Name of y1" in told.text("kk")
    # Who does not ask is not told of, and a target that is one place gets no other.
    others = [cut(graph, "face", costs=costs, as_of=DAY, bodies=["b3"]), cut(graph, "s1", costs=costs, as_of=DAY)]
    assert [answer.beside["still_reach"] for answer in others] == [[], []]
    assert not any("places" in note.values for other in others for note in other.notes)


# laws


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("biometric", "police"),
        ("biometric", "manufacturer"),
        ("kz-sergek-almaty-archive", ""),
        ("kz-sergek-archives", ""),
    ],
)
def test_a_cut_leaves_no_reach_and_no_part_of_it_does(
    central_asia: Dataset, central_asia_graph: AccessGraph, target: str, kind: str
) -> None:
    kinds = central_asia.entities.column("kind")
    ids = central_asia.entities.column("id")
    askers = {"bodies": [name for name, of in zip(ids, kinds, strict=True) if of == kind]} if kind else {}
    answer = cut(central_asia_graph, target, as_of=TODAY, **askers)  # type: ignore[arg-type]  # one option of several
    relations = answer.beside["relations"]
    held = {path["body"] for path in answer.beside["uncuttable"]}

    def left(gone: list[str]) -> set[str]:
        again = cut(build(central_asia.without(gone)), target, as_of=TODAY, alternatives=0, **askers)  # type: ignore[arg-type]
        return {path["body"] for path in (*again.beside["uncuttable"], *again.beside["disjoint_paths"])} - held

    assert relations
    assert not left(relations)
    for spared in relations:
        assert left([name for name in relations if name != spared])


def test_the_paths_of_a_proof_are_worth_the_cut(central_asia_graph: AccessGraph) -> None:
    answer = cut(central_asia_graph, "face", as_of=TODAY)
    assert answer.beside["proved"] == answer.beside["cost"] > 50
    assert sum(path["amount"] for path in answer.beside["disjoint_paths"]) == answer.beside["proved"]


@pytest.mark.parametrize(("make", "connectivity"), [(nx.petersen_graph, 3), (nx.icosahedral_graph, 5)])
def test_published_connectivities_hold_for_relations_and_for_entities(make: Any, connectivity: int) -> None:
    graph = make()
    far = next(node for node in graph if node != 0 and not graph.has_edge(0, node))
    name = {node: f"y{node}" for node in graph} | {0: "b0", far: "s9"}
    # Whoever commands y gets at what feeds y.
    lines = [f"b0 has_access {name[node]}" for node in graph[0]]
    lines += [f"s9 feeds {name[node]}" for node in graph[far]]
    for one, other in graph.edges:
        if not {one, other} & {0, far}:
            lines += [f"{name[one]} feeds {name[other]}", f"{name[other]} feeds {name[one]}"]
    world = graph_of(*lines, categories={name[node]: "" for node in graph if node not in (0, far)})
    equal = {"predicate": {"feeds": 1, "has_access": 1}}
    assert cut(world, "s9", costs=equal, as_of=DAY).beside["cost"] == connectivity
    answer = cut(world, "s9", costs={"predicate": {"feeds": "never", "has_access": "never"}}, nodes=True, as_of=DAY)
    assert (answer.beside["cost"], len(answer.beside["entities"])) == (connectivity, connectivity)
    assert len(answer.beside["disjoint_paths"]) == connectivity


def test_a_proof_of_more_paths_than_are_given_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of("b1 has_access s1", "b2 has_access s1", "b3 has_access s1")
    whole = cut(graph, "s1", as_of=DAY)
    assert (len(whole.beside["disjoint_paths"]), whole.beside["proved"], whole.notes) == (3, 3, ())
    monkeypatch.setattr(cuts, "PATHS_SHOWN", 2)
    some = cut(graph, "s1", as_of=DAY)
    assert (len(some.beside["disjoint_paths"]), some.beside["proved"]) == (2, 3)
    assert [note.text() for note in some.notes] == ["Of the paths of the proof 2 are given; all together are worth 3."]


# verdicts


def test_nothing_to_cut_is_no_path() -> None:
    answer = cut(graph_of("b1 holds s1", "b2 supplies y1", categories={"y1": ""}), "s1", bodies=["b2"], as_of=DAY)
    assert (answer.beside["verdict"], answer.rows, answer.beside["cost"]) == ("no path", (), 0)


def test_a_direct_holder_cannot_be_cut_and_the_rest_can() -> None:
    graph = graph_of("b1 holds s1", "b2 has_access s1", "b1 part_of b3", "b4 operates y1", categories={"y1": "face"})
    answer = cut(graph, "face", as_of=DAY)
    assert answer.beside["verdict"] == "cannot be cut"
    # The operator of a system whose store is unknown holds the data directly.
    assert answer.beside["direct_holders"] == ["b1", "b4"]
    assert [path["body"] for path in answer.beside["uncuttable"]] == ["b1", "b4", "b3"]
    assert answer.beside["relations"] == ["r2"]


def test_who_makes_the_rules_of_a_store_is_not_called_its_holder() -> None:
    answer = cut(graph_of("b1 holds s1", "b2 governs s1", "b2 part_of b3"), "s1", as_of=DAY)
    assert answer.beside["direct_holders"] == ["b1", "b2"]
    assert [note.text().partition(" (1)")[0] + " " + note.text().rpartition(": ")[2] for note in answer.notes] == [
        "Direct holders, whose reach no revocation ends Name of b1.",
        "Joined to the data by a relation of their own that cannot be revoked, such as making its rules Name of b2.",
        "Joined to the data by a way no step of which can be revoked, such as command Name of b3.",
    ]


def test_a_company_s_operation_can_be_ended_and_a_state_body_s_cannot() -> None:
    graph = graph_of("b1 operates y1", "y1 keeps_data_in s1", "b2 operates y1", b2={"kind": "operator"})
    assert cut(graph, "s1", bodies=["b1"], as_of=DAY).beside["verdict"] == "cannot be cut"
    answer = cut(graph, "s1", bodies=["b2"], as_of=DAY)
    assert (answer.beside["verdict"], answer.beside["cost"], answer.beside["relations"]) == ("cut", 8, ["r3"])


def test_only_what_lies_in_between_is_taken_away_and_at_its_own_cost() -> None:
    graph = graph_of("b2 controls b1", "b1 has_access y1", "y2 feeds y1", "y2 keeps_data_in s1",
                     categories={"y1": "", "y2": ""})  # fmt: skip
    dear = {"predicate": {"has_access": 9, "feeds": 9}}

    def found(**entity: object) -> tuple[Any, Any]:
        answer = cut(graph, "s1", nodes=True, costs={**dear, "entity": entity}, as_of=DAY)
        return answer.beside["entities"] or answer.beside["relations"], answer.beside["cost"]

    # Neither b1, which asks, nor the place itself would do, cheap as they are.
    assert found(y1=3, y2=2, b1=0.5, s1=0.5) == (["y2"], 2)
    assert found(y1=3, y2="never") == (["y1"], 3)
    assert found(y1="never", y2="never")[1] == 9
    # Nor a place that is passed on the way to another.
    two = graph_of("b1 has_access s1", "s2 feeds s1")
    assert cut(two, "face", nodes=True, costs={**dear, "entity": {"s1": 0.5}}, as_of=DAY).beside["cost"] == 9


def test_parallel_relations_have_to_be_revoked_each() -> None:
    graph = graph_of("b1 has_access s1 mode=live", "b1 has_access s1 mode=archive")
    assert cut(graph, "s1", as_of=DAY).beside["relations"] == ["r1", "r2"]


def test_one_relation_that_serves_two_categories_counts_once() -> None:
    graph = graph_of(
        "b1 has_access y1", "y1 keeps_data_in s1 categories=face", "y1 keeps_data_in s2 categories=gait",
        categories={"s1": "face", "s2": "gait", "y1": ""},
    )  # fmt: skip
    answer = cut(graph, "biometric", as_of=DAY)
    assert (answer.beside["relations"], answer.beside["cost"], answer.beside["proved"]) == (["r1"], 1, 1)


def test_a_grant_under_the_stance_assumed_is_ended_with_what_it_implies() -> None:
    graph = graph_of("b1 holds s1", "b1 has_access s2 mode=export", "b2 has_access s1")
    answer = cut(graph, "s2", stance="assumed", as_of=DAY)
    assert (answer.beside["verdict"], answer.beside["relations"]) == ("cut", ["r2"])


def triangle() -> AccessGraph:
    """Three relations, each shared by two of three categories; each category needs two, the third is free."""
    return graph_of(
        "b1 has_access y1 categories=face;identity", "b1 operates y1 categories=gait",
        "y2 feeds y1 categories=face;gait", "y2 part_of y1 categories=identity",
        "s1 feeds y2 categories=gait;identity", "y2 keeps_data_in s1 categories=face",
        categories={"s1": "face;gait;identity", "y1": "", "y2": ""},
    )  # fmt: skip


SHARED = {"predicate": {"has_access": 1, "feeds": 1}}


def test_what_paths_cannot_prove_is_searched() -> None:
    # Any two of the three relations are a cut and no one is, though half of each would be worth 1.5.
    answer = cut(triangle(), "s1", costs=SHARED, as_of=DAY)
    assert (answer.complete, answer.beside["cost"], answer.beside["proved"]) == (True, 2, 1.5)
    assert len(answer.beside["alternatives"]) == 2
    assert any("exhausting the combinations" in note.text() for note in answer.notes)


def test_a_search_that_runs_out_of_time_says_between_what() -> None:
    answer = cut(triangle(), "s1", costs=SHARED, time_limit=1e-9, as_of=DAY)
    assert not answer.complete
    assert (answer.beside["cost_low"], answer.beside["cost_high"]) == (1, 2)
    assert any("costs between 1 and 2" in note.text() for note in answer.notes)


def test_a_search_for_other_cuts_that_runs_out_of_time_says_so() -> None:
    ways = ("b1 has_access y1", "y2 feeds y1", "s1 feeds y2", "b1 has_access y3", "y4 feeds y3", "s1 feeds y4")
    graph = graph_of(*ways, categories=dict.fromkeys(("y1", "y2", "y3", "y4"), ""))
    for seconds, more in ((30.0, False), (1e-9, True)):
        answer = cut(graph, "s1", costs=SHARED, alternatives=9, time_limit=seconds, as_of=DAY)
        assert (answer.complete, answer.beside["cost"]) == (True, 2)
        assert (len(answer.beside["alternatives"]) < 3 * 3 - 1) == more
        assert any("there may be more" in note.text() for note in answer.notes) == more


def test_other_cuts_of_the_same_cost_are_given_up_to_the_number_asked_for() -> None:
    graph = graph_of("b1 has_access y1", "y1 feeds y2", "s1 feeds y1", categories={"y1": "", "y2": ""})
    costs = {"predicate": {"feeds": 1}}
    assert cut(graph, "s1", costs=costs, as_of=DAY).beside["alternatives"] == [{"relations": ["r3"], "entities": []}]
    assert cut(graph, "s1", costs=costs, alternatives=0, as_of=DAY).beside["alternatives"] == []


# costs


def test_a_relation_s_cost_goes_before_its_subject_s_kind_and_that_before_its_predicate() -> None:
    graph = graph_of(
        "b1 has_access s1", "b2 has_access s1", "b3 has_access s1", b1={"kind": "court"}, b2={"kind": "court"}
    )
    table = {"predicate": {"has_access": 7}, "kind": {"court": 5}, "relation": {"r1": 2.5}}
    answer = cut(graph, "s1", costs=table, as_of=DAY)
    assert {row["id"]: row["cost"] for row in answer.rows} == {"r1": 2.5, "r2": 5, "r3": 7}


def test_the_default_costs_are_those_of_the_contract() -> None:
    costs = costs_of(graph_of("b1 holds s1"))
    expected = {"has_access": 1, "feeds": 2, "maintains": 3, "integrates": 3, "supplies": 5}
    assert {name: costs.of_relation("", name, "agency") for name in expected} == expected
    assert all(costs.of_relation("", name, "agency") is NEVER for name in ("operates", "holds", "part_of", "leaked_to"))
    assert costs.of_relation("", "operates", "integrator") == 8


@pytest.mark.parametrize(
    ("table", "error", "said"),
    [
        ({"predicates": {}}, UnknownTerm, "'predicate'"),
        ({"predicate": {"has_acess": 1}}, UnknownTerm, "has_access"),
        ({"kind": {"polise": 1}}, UnknownTerm, "police"),
        ({"relation": {"row1": 1}}, UnknownId, "r1"),
        ({"entity": {"body1": 1}}, UnknownId, "body1"),
        ({"predicate": {"feeds": 0}}, AccessMapError, "0.001"),
        ({"predicate": {"feeds": "newer"}}, AccessMapError, "never"),
        ({"predicate": {"feeds": True}}, AccessMapError, "number"),
        ({"predicate": 3}, AccessMapError, r"\[predicate\]"),
    ],
)
def test_costs_that_say_nothing_are_refused_with_what_comes_near(table: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        cut(graph_of("b1 holds s1"), "s1", costs=table, as_of=DAY)


def test_a_limit_that_is_none_is_refused() -> None:
    with pytest.raises(AccessMapError, match="some time"):
        cut(graph_of("b1 holds s1"), "s1", time_limit=0, as_of=DAY)

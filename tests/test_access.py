"""The access graph's arrays say what the relations say, and networkx gets the same graph."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from strategies import cases, dataset

from graphs import access
from graphs.access import AccessGraph, build
from graphs.scope import Scope
from graphs.traversal import lowest_percent
from graphs.views import NO_CATEGORY, View, places_of
from stakeholders import memory
from stakeholders.errors import UnknownId
from stakeholders.memory import TooLarge


@given(cases(loops=True))
def test_arcs_are_sorted_by_target_and_point_at_their_relation(case) -> None:  # type: ignore[no-untyped-def]
    tables, _ = case
    graph = build(dataset(tables))
    arcs = graph.arcs
    assert (np.diff(arcs.target) >= 0).all()
    assert (arcs.source != arcs.target).all()
    relations = graph.dataset.relations
    for node in range(graph.n_nodes):
        into = slice(int(graph.indptr[node]), int(graph.indptr[node + 1]))
        assert (arcs.target[into] == node).all()
    for arc in np.flatnonzero(arcs.holding < 0).tolist():
        cells = relations.row(int(arcs.relation[arc]))
        assert {graph.ids[arcs.source[arc]], graph.ids[arcs.target[arc]]} == {cells["subject"], cells["object"]}
        assert cells["status"] != "denied"


@given(cases())
def test_networkx_gets_every_arc_under_its_relation(case) -> None:  # type: ignore[no-untyped-def]
    tables, _ = case
    graph = build(dataset(tables))
    friend = graph.to_networkx()
    assert set(friend) == set(graph.ids)
    assert friend.number_of_edges() == len(graph.arcs)
    for source, target, _, data in friend.edges(keys=True, data=True):
        cells = graph.dataset.relations.row(graph.dataset.relations.index[data["relation"]])
        if data["stance"] != "assumed":
            assert {source, target} == {cells["subject"], cells["object"]}


def test_networkx_users_can_ask_their_own_questions(cabar_graph: AccessGraph) -> None:
    friend = cabar_graph.to_networkx()
    assert nx.has_path(friend, "cn-dahua", "kz-sergek-atyrau-archive")
    assert "kz-police-atyrau" in nx.ancestors(friend, "kz-sergek-atyrau-archive")
    (key,) = friend["kz-police-atyrau"]["kz-sergek-atyrau-archive"]
    assert key == "kz-police-atyrau-has-access-kz-sergek-atyrau-archive"
    edge = friend["kz-police-atyrau"]["kz-sergek-atyrau-archive"][key]
    assert (edge["level"], edge["certainty"], edge["valid_from"]) == ("granted", "reported", "2020-02-19")
    assert edge["claim"]
    assert "valid_until" not in edge


def test_no_relation_of_the_bundled_data_lacks_a_rule(central_asia_graph: AccessGraph) -> None:
    assert central_asia_graph.unruled == {}


@pytest.mark.parametrize(("cell", "least"), [("", 0), ("49.99", 49.99), ("50", 50), ("50..100", 50), ("0..100", 0)])
def test_a_percent_cell_counts_by_the_least_it_can_mean(cell: str, least: float) -> None:
    assert lowest_percent(cell) == least


def test_places_of_one_layer_are_those_of_all_layers(central_asia_graph: AccessGraph) -> None:
    scope = Scope.of(as_of="2026-11-24")
    view = View.of(central_asia_graph, scope)
    for layer in range(len(central_asia_graph.categories.codes)):
        assert places_of(central_asia_graph, scope, layer).tolist() == np.flatnonzero(view.places[:, layer]).tolist()


def test_only_an_empty_cell_passes_the_layer_without_category(cabar_graph: AccessGraph) -> None:
    view = View.of(cabar_graph, Scope.of(as_of="2020-04-15"))
    for arc in np.flatnonzero(view.passing(NO_CATEGORY)).tolist():
        row = int(cabar_graph.arcs.relation[view.arc[arc]])
        assert cabar_graph.dataset.relations.column("categories")[row] == ""


def test_an_unknown_id_is_answered_with_what_comes_near(cabar_graph: AccessGraph) -> None:
    with pytest.raises(UnknownId) as error:
        cabar_graph.node("kz-mja")
    assert error.value.suggestions[0] == "kz-mia"


def test_a_graph_for_which_there_is_no_room_is_refused_before_it_is_built(
    cabar_graph: AccessGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "_MANY", 10)
    assert len(build(cabar_graph.dataset).arcs) == len(cabar_graph.arcs)
    monkeypatch.setattr(memory, "available", lambda: 5000)
    monkeypatch.setattr(access, "_Builder", None)  # nothing is built any more
    with pytest.raises(TooLarge, match=r"^Building the access graph of \d+ relations takes about 1 MB .*--engine"):
        build(cabar_graph.dataset)

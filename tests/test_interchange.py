"""To networkx and back: the same answers on every day and under every stance."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from strategies import cases, dataset
from worlds import world

from graphs.access import AccessGraph, build
from graphs.exposures import exposure
from graphs.interchange import from_networkx, to_networkx
from graphs.reachability import every_column, who_can_reach
from graphs.scope import Scope
from graphs.views import View
from stakeholders.errors import AccessMapError, InvalidDataset

STANCES = ("direct", "documented", "assumed")


def answers(graph: AccessGraph, targets: list[str], day: str) -> list[object]:
    found = []
    for stance in STANCES:
        for target in targets:
            answer = who_can_reach(graph, target, by="pair", stance=stance, as_of=day)
            found.append((answer.rows, sorted(note.text() for note in answer.notes)))
    return found


@settings(max_examples=60)
@given(cases())
def test_there_and_back_the_answers_stay(case) -> None:  # type: ignore[no-untyped-def]
    tables, _ = case
    graph = build(dataset(tables))
    back = from_networkx(graph.to_networkx())
    assert list(back.ids) == list(graph.ids)
    assert len(back.arcs) == len(graph.arcs)
    targets = [*graph.categories.codes[:2], *graph.ids[-2:]]
    for day in ("2015-06-01", "2020-02-15"):
        assert answers(back, targets, day) == answers(graph, targets, day)
        views = [View.of(each, Scope.of(as_of=day)) for each in (graph, back)]
        assert every_column(views[0]) == every_column(views[1])


@pytest.mark.parametrize("name", ["cabar_graph", "central_asia_graph"])
def test_the_bundled_graphs_survive_networkx_and_a_graphml_file(name: str, request: pytest.FixtureRequest) -> None:
    graph: AccessGraph = request.getfixturevalue(name)
    file = io.BytesIO()
    nx.write_graphml(graph.to_networkx(), file)
    file.seek(0)
    for back in (from_networkx(graph.to_networkx()), from_networkx(nx.read_graphml(file, force_multigraph=True))):
        for target in ("biometric", "video"):
            for day in ("2020-02-19", "2020-04-15", "2026-11-01"):
                assert answers(back, [target], day) == answers(graph, [target], day)


def test_what_the_edges_say_counts_not_what_was_worked_out_from_it(cabar_graph: AccessGraph) -> None:
    friend = cabar_graph.to_networkx()
    edge = friend["kz-police-atyrau"]["kz-sergek-atyrau-archive"][
        "kz-police-atyrau-has-access-kz-sergek-atyrau-archive"
    ]
    edge.update(level="custody", certainty="confirmed", predicate="holds", status="alleged", mode=None)
    options = {"as_of": "2020-04-15", "bodies": ["kz-police-atyrau"]}
    (row,) = who_can_reach(from_networkx(friend), "kz-sergek-atyrau-archive", **options).rows
    assert (row["level"], row["certainty"]) == ("custody", "alleged")
    friend.remove_node("kz-police-atyrau")
    assert "kz-police-atyrau" not in from_networkx(friend).ids


def test_a_node_that_is_taken_away_takes_along_what_no_edge_tells(cabar_graph: AccessGraph) -> None:
    friend = cabar_graph.to_networkx()
    friend.remove_node("kz-police-almaty")
    relations = cabar_graph.dataset.relations
    gone = [row for row in relations.rows() if "kz-police-almaty" in {row["subject"], row["object"]}]
    assert {row["status"] for row in gone} > {"denied"}
    left = from_networkx(friend).dataset.relations.index.keys()
    assert left == relations.index.keys() - {row["id"] for row in gone}
    listings = cabar_graph.dataset.listings
    for end in ("entity", "authority"):
        friend = cabar_graph.to_networkx()
        friend.remove_node(name := listings.column(end)[0])
        kept = from_networkx(friend).dataset.listings
        assert list(kept.rows()) == [row for row in listings.rows() if row[end] != name]


def test_a_graph_made_by_hand_needs_predicates_alone() -> None:
    graph = nx.MultiDiGraph()
    graph.add_node("cameras", type="system", categories={"video", "face"}, collective=True)
    graph.add_node("archive", type="store", categories="video; face", area=None)
    graph.add_edge("archive-owner", "archive", key="own", predicate="holds", status="reported", sources=["a", "b"])
    graph.add_edge("archive", "cameras", predicate="feeds", mode="copy", categories=["video"], valid_from=2020)
    graph.add_edge("ministry", "archive-owner", predicate="part_of")
    back = from_networkx(graph)
    assert back.dataset.name == "networkx"
    assert back.dataset.sources.column("id") == ("a", "b")
    assert back.dataset.entities.row(0)["collective"] == "true"
    rows = {(row["body"], row["store"]): row for row in who_can_reach(back, "video", by="pair").rows}
    assert rows["archive-owner", "archive"]["path"] == ["own"]
    assert rows["archive-owner", "archive"]["certainty"] == "reported"
    assert rows["ministry", "archive"]["level"] == "indirect"
    feed = next(row for row in back.dataset.relations.rows() if row["predicate"] == "feeds")
    assert (feed["subject"], feed["object"], feed["categories"]) == ("cameras", "archive", "video")
    simple = from_networkx(nx.DiGraph(graph))
    assert len(simple.arcs) == 3


@pytest.mark.parametrize(
    ("node", "edge", "said"),
    [
        ({}, {}, "the edge 'a' → 'b' has the predicate '', which gives no arc; known: holds, operates, "),
        ({}, {"predicate": "partner_of"}, "has the predicate 'partner_of', which gives no arc"),
        ({}, {"predicate": "opperates"}, "'opperates', which gives no arc (did you mean 'operates'?); known: holds, "),
        (
            {},
            {"predicate": "holds", "level": "custoddy"},
            "the edge 'a' → 'b': level: 'custoddy' is not in the vocabulary (did you mean 'custody'?)",
        ),
        ({}, {"predicate": "holds", "stance": "loose"}, "the edge 'a' → 'b': stance: 'loose' is not in the vocabulary"),
        (
            {},
            {"predicate": "holds", "status": "planned", "certainty": "planed"},
            "certainty: 'planed' is not in the vocabulary",
        ),
        (
            {},
            {"predicate": "holds", "certainty": "alleged"},
            "certainty: how certain it is follows from its status (confirmed, reported, alleged, ",
        ),
    ],
)
def test_what_is_no_access_graph_is_told_where(node: dict[str, str], edge: dict[str, str], said: str) -> None:
    graph = nx.MultiDiGraph()
    graph.add_node("b", **node)
    graph.add_edge("a", "b", **edge)
    with pytest.raises(AccessMapError) as caught:
        from_networkx(graph)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("node", "edge", "said"),
    [
        ({"categories": ["nonsense"]}, {}, "the node 'b': categories: 'nonsense' is no known category"),
        ({"type": "robot"}, {}, "the node 'b': type: 'robot' is not in the vocabulary (one of body, system, store)"),
        (
            {"kind": "ministri"},
            {},
            "the node 'b': kind: 'ministri' is not in the vocabulary (did you mean 'ministry'?)",
        ),
        ({"country": "Kazakhstan"}, {}, "the node 'b': country: "),
        ({"valid_until": "soon"}, {}, "the node 'b': valid_until: 'soon' is no date"),
        ({}, {"categories": "nonsense"}, "the edge 'a' → 'b' (edge-0): categories: 'nonsense' is no known category"),
        ({}, {"valid_from": "soon"}, "the edge 'a' → 'b' (edge-0): valid_from: 'soon' is no date"),
        ({}, {"valid_from": 2020, "valid_until": 2019}, "valid_until: '2019' is earlier than valid_from '2020'"),
        ({}, {"percent": "lots"}, "the edge 'a' → 'b' (edge-0): percent: 'lots' is no percentage"),
        ({}, {"status": "sure"}, "the edge 'a' → 'b' (edge-0): status: 'sure' is not in the vocabulary"),
        (
            {},
            {"predicate": "has_access", "mode": ["live", "serch"]},
            "the edge 'a' → 'b' (edge-0): mode: 'serch' is not in the vocabulary (did you mean 'search'?)",
        ),
        ({}, {"mode": "live"}, "mode: 'live' is no mode of 'holds'; 'holds' has no mode"),
        ({"type": "system"}, {}, "object: 'b' is a system; 'holds' goes from a body to a store"),
    ],
)
def test_a_cell_that_means_nothing_is_told_with_its_node_or_edge(
    node: dict[str, object], edge: dict[str, object], said: str
) -> None:
    graph = nx.MultiDiGraph()
    graph.add_node("b", **{"type": "store", **node})
    graph.add_edge("a", "b", **{"predicate": "holds", **edge})
    with pytest.raises(InvalidDataset) as caught:
        from_networkx(graph)
    assert said in str(caught.value)


def test_what_pandas_leaves_in_a_graph_is_taken_for_what_it_means() -> None:
    graph = nx.MultiDiGraph()
    graph.add_node("Ministry of A", note=float("nan"))
    graph.nodes["Ministry of A"][5] = "no name"
    graph.add_node("b", type="store", categories=["face"])
    began = datetime(2019, 5, 1, tzinfo=UTC)
    graph.add_edge("Ministry of A", "b", predicate="holds", valid_from=began, valid_until=float("nan"))
    back = from_networkx(graph)
    (row,) = who_can_reach(back, "face", as_of="2020-01-01").rows
    assert (row["body"], row["since"]) == ("Ministry of A", "2019-05-01")
    assert not who_can_reach(back, "face", as_of="2019-04-30").rows
    assert back.dataset.entities.row(0)["note"] == ""


@pytest.mark.parametrize("year", [2019.0, np.float64(2019), np.float32(2019), np.int64(2019), 2019])
def test_a_year_of_a_column_with_blanks_is_a_year(year: object) -> None:
    graph = nx.MultiDiGraph()
    graph.add_node("b", type="store", categories=["face"])
    graph.add_edge("a", "b", predicate="holds", valid_from=year, valid_until=float("nan"))
    (row,) = who_can_reach(from_networkx(graph), "face", as_of="2020-01-01").rows
    assert row["since"] == "2019"
    graph.edges["a", "b", 0]["valid_from"] = 2019.5
    with pytest.raises(InvalidDataset, match=r"2019\.5"):
        from_networkx(graph)


@pytest.mark.parametrize("told", ["{broken", "[1]", {"relations": []}])
def test_what_to_networkx_did_not_write_is_no_part_of_a_graph(told: object) -> None:
    with pytest.raises(AccessMapError, match="'accessmap' is not what to_networkx wrote"):
        from_networkx(nx.MultiDiGraph(accessmap=told))


def test_a_graph_without_directions_or_with_one_name_twice_is_refused() -> None:
    with pytest.raises(AccessMapError, match="an edge must say who commands what"):
        from_networkx(nx.Graph())
    graph = nx.MultiDiGraph()
    graph.add_nodes_from([1, "1"])
    with pytest.raises(AccessMapError, match="two nodes are both '1' as text"):
        from_networkx(graph)


def test_an_id_names_one_relation() -> None:
    graph = nx.MultiDiGraph()
    graph.add_node("b", type="store")
    graph.add_edge("a", "b", key="one", predicate="holds")
    graph.add_edge("c", "b", key="one", predicate="holds")
    with pytest.raises(AccessMapError, match="'c' → 'b' has the id 'one' of another edge"):
        from_networkx(graph)


@pytest.mark.parametrize("name", ["cabar_graph", "central_asia_graph"])
def test_nothing_of_a_bundled_dataset_is_lost_on_the_way(name: str, request: pytest.FixtureRequest) -> None:
    graph: AccessGraph = request.getfixturevalue(name)
    back = from_networkx(graph.to_networkx())
    assert (back.dataset.name, back.dataset.title, back.dataset.version) == (
        graph.dataset.name,
        graph.dataset.title,
        graph.dataset.version,
    )
    assert back.dataset.tables.keys() == graph.dataset.tables.keys()
    for table in graph.dataset.tables:
        rows, expected = (sorted(map(sorted_cells, side.dataset.tables[table].rows())) for side in (back, graph))
        assert rows == expected
    assert back.unruled == graph.unruled
    assert sorted(arcs_of(back)) == sorted(arcs_of(graph))
    assert exposure(back, as_of="2026-11-01").rows == exposure(graph, as_of="2026-11-01").rows != ()


def sorted_cells(row: dict[str, str]) -> list[tuple[str, str]]:
    return sorted((name, cell) for name, cell in row.items() if cell)


def arcs_of(graph: AccessGraph) -> list[tuple[object, ...]]:
    arcs = graph.arcs
    return [
        (
            graph.ids[arcs.source[arc]],
            graph.ids[arcs.target[arc]],
            graph.relation_id(int(arcs.relation[arc])),
            arcs.holding[arc] < 0 or graph.relation_id(int(arcs.holding[arc])),
            *(int(getattr(arcs, name)[arc]) for name in ("level", "certainty", "start", "end", "known", "newest")),
            *(int(getattr(arcs, name)[arc]) for name in ("word", "stance", "terminal", "feed")),
            tuple(graph.passes[arcs.mask[arc]].tolist()),
        )
        for arc in range(len(arcs))
    ]


def test_some_arcs_alone_bring_their_nodes_alone(cabar_graph: AccessGraph) -> None:
    friend = to_networkx(cabar_graph, [0, 1], whole=False)
    assert friend.number_of_edges() == 2
    assert set(friend) == {end for edge in friend.edges() for end in edge}
    assert "accessmap" not in friend.graph


@pytest.mark.parametrize(
    "told",
    [
        '{"relations": [{}]}', '{"relations": [1]}', '{"relations": {"a": 1}}', '{"listings": [{"id": "x"}]}',
        '{"rules": [1]}', '{"sources": "x"}', '{"package": [1]}', '{"categories": [{"code": 1}]}',
    ],
)  # fmt: skip
def test_what_is_packed_otherwise_than_by_us_is_refused(told: str) -> None:
    friend: nx.MultiDiGraph[str] = nx.MultiDiGraph(accessmap=told)
    friend.add_node("a", type="body")
    friend.add_node("s", type="store")
    friend.add_edge("a", "s", predicate="holds")
    with pytest.raises(AccessMapError, match="'accessmap' is not what to_networkx wrote; take it away"):
        from_networkx(friend)


def test_an_edge_tells_when_it_was_denied_and_by_which_relations() -> None:
    given = (
        "b1 holds s1 valid_from=2010", "b1 holds s1 id=no status=denied valid_from=2015 valid_until=2016-06",
        "b1 holds s1 id=never status=denied valid_from=2020 sources=on-2020", "b2 has_access s1 valid_from=2010",
    )  # fmt: skip
    graph = build(world(*given))
    network = graph.to_networkx()
    (denied,) = network.get_edge_data("b1", "s1").values()
    assert (denied["denied"], denied["denied_by"]) == ("2015-01-01/2016-06-30;2020-01-01/..", "no;never")
    (undisputed,) = network.get_edge_data("b2", "s1").values()
    assert not {"denied", "denied_by"} & {*undisputed}
    file = io.BytesIO()
    nx.write_graphml(network, file)
    file.seek(0)
    back = from_networkx(nx.read_graphml(file, force_multigraph=True))
    assert not {"denied", "denied_by"} & {*back.dataset.relations.header}
    for day in ("2014-01-01", "2015-06-01", "2018-01-01", "2021-01-01"):
        assert answers(back, ["s1"], day) == answers(graph, ["s1"], day)
    contested = {day: who_can_reach(graph, "s1", as_of=day, bodies=["b1"]).rows[0]["contested"]
                 for day in ("2014-01-01", "2015-06-01", "2018-01-01", "2021-01-01")}  # fmt: skip
    assert [*contested.values()] == [False, True, False, True]

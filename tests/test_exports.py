"""What is exported is what the other programs read, says what the dataset says, and holds whatever is in a cell."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from standards import BODS, FTM, LEADS_TO, OPENGRAPH, triples

from graphs.access import AccessGraph, build
from graphs.exports import FORMATS, exported
from graphs.interchange import from_networkx
from graphs.reachability import who_can_reach
from stakeholders.dataset import Dataset, split
from stakeholders.errors import AccessMapError, UnknownId, UnknownTerm
from stakeholders.tables import read_files
from stakeholders.vocabulary import PREDICATES

ARTICLE = {"as_of": "2020-04-15"}


@pytest.fixture(params=["cabar_graph", "central_asia_graph"])
def graph(request: pytest.FixtureRequest) -> AccessGraph:
    """Each bundled graph."""
    found: AccessGraph = request.getfixturevalue(request.param)
    return found


def denied(dataset: Dataset) -> set[str]:
    return {row["id"] for row in dataset.relations.rows() if row["status"] == "denied"}


# --------------------------------------------------------------------------------------------------------- networks


def test_a_graphml_file_comes_back_with_the_same_answers(graph: AccessGraph, tmp_path: Path) -> None:
    (tmp_path / "a.graphml").write_text(exported(graph, "graphml"), "utf-8")
    back = from_networkx(nx.read_graphml(tmp_path / "a.graphml", force_multigraph=True))
    for target in ("biometric", "video", "identity"):
        rows = who_can_reach(graph, target, by="pair", **ARTICLE).rows
        assert who_can_reach(back, target, by="pair", **ARTICLE).rows == rows
        assert who_can_reach(back, target, stance="direct", as_of="2026-11-01").rows == (
            who_can_reach(graph, target, stance="direct", as_of="2026-11-01").rows
        )


def test_a_gexf_file_has_every_node_with_its_name_and_every_arc(graph: AccessGraph, tmp_path: Path) -> None:
    (tmp_path / "a.gexf").write_text(exported(graph, "gexf"), "utf-8")
    back = nx.read_gexf(tmp_path / "a.gexf")
    assert set(back) == set(graph.ids)
    assert all(back.nodes[name]["label"] == graph.dataset.name_of(name) for name in graph.ids)
    documented = graph.arcs.stance < 2
    assert back.number_of_edges() == int(documented.sum())
    relations = {data["relation"] for *_, data in back.edges(data=True)}
    assert relations == {graph.relation_id(row) for row in graph.arcs.relation[documented].tolist()}


def test_assumptions_choose_the_arcs(cabar_graph: AccessGraph) -> None:
    def edges(**options: Any) -> list[dict[str, Any]]:
        return [data for *_, data in nx.parse_graphml(exported(cabar_graph, "graphml", **options)).edges(data=True)]

    assert len(edges(as_of="2010-01-01")) < len(edges(**ARTICLE)) <= len(edges())
    assert {data["level"] for data in edges(level="granted")} <= {"granted", "custody"}
    assert {data["stance"] for data in edges(stance="direct")} == {"direct"}
    contested = {data["relation"]: data["certainty"] for data in edges(as_of="2020-02-19") if data.get("contested")}
    assert contested
    assert set(contested.values()) <= {"alleged", "prospective"}
    later = {data["relation"] for data in edges(**ARTICLE) if data.get("contested")}
    assert later < set(contested), "one denial ended on that day"


def test_a_target_leaves_what_leads_to_it(central_asia_graph: AccessGraph) -> None:
    target = "kz-sergek-almaty-archive"
    reaching = {row["body"] for row in who_can_reach(central_asia_graph, target, as_of="2026-11-01").rows}
    text = exported(central_asia_graph, "graphml", target=target, as_of="2026-11-01")
    part = nx.parse_graphml(text, force_multigraph=True)
    assert reaching <= set(part)
    assert nx.ancestors(part, target) == set(part) - {target}
    assert len(part) < central_asia_graph.n_nodes / 2
    with pytest.raises(UnknownId):
        exported(central_asia_graph, "mermaid", target="nowhere")


# -------------------------------------------------------------------------------------------------------- opengraph


def test_opengraph_is_as_bloodhound_wants_it_and_says_what_the_arcs_say(graph: AccessGraph) -> None:
    payload = json.loads(exported(graph, "opengraph", stance="assumed"))
    Draft202012Validator(OPENGRAPH).validate(payload)
    nodes, edges = payload["graph"]["nodes"], payload["graph"]["edges"]
    assert [node["id"] for node in nodes] == list(graph.ids)
    assert len(edges) == len(graph.arcs)
    names = {node["id"] for node in nodes}
    assert all({edge["start"]["value"], edge["end"]["value"]} <= names for edge in edges)
    assert not {edge["properties"]["relation"] for edge in edges} & denied(graph.dataset)
    kinds = {kind for edge in edges for kind in [edge["kind"]]}
    assert "HasAccess" in kinds
    first = next(edge for edge in edges if edge["kind"] == "HasAccess")
    cells = graph.dataset.relations.row(graph.dataset.relations.index[first["properties"]["relation"]])
    assert (first["start"]["value"], first["end"]["value"]) == (cells["subject"], cells["object"])


# --------------------------------------------------------------------------------------------------------- drawings


def test_mermaid_draws_each_arc_from_who_reaches_to_what(cabar_graph: AccessGraph) -> None:
    lines = exported(cabar_graph, "mermaid", as_of="2020-02-19").splitlines()
    assert lines[0] == "flowchart LR"
    nodes = dict(match.groups() for line in lines if (match := re.fullmatch(r'  (n\d+)\[*[(]?"(.*?)"[)]?\]+', line)))
    arrows = [
        match.groups() for line in lines if (match := re.fullmatch(r'  (n\d+) (-->|-\.->)\|"(.*)"\| (n\d+)', line))
    ]
    assert len(nodes) + len(arrows) + 1 == len(lines)
    drawn = {(nodes[source], label, nodes[target]): arrow for source, arrow, label, target in arrows}
    dataset = cabar_graph.dataset
    assert (
        drawn[dataset.name_of("kz-police-atyrau"), "has access to", dataset.name_of("kz-sergek-atyrau-archive")]
        == "-->"
    )
    assert "-.->" in drawn.values()
    russian = exported(cabar_graph, "mermaid", lang="ru", as_of="2020-02-19")
    assert dataset.name_of("kz-police-atyrau", "ru") in russian
    assert "имеет доступ к" in russian


def test_dot_is_a_digraph_of_quoted_names(graph: AccessGraph) -> None:
    quoted = r'"(?:[^"\\\n]|\\.)*"'
    head, rank, *lines, end = exported(graph, "dot").splitlines()
    assert re.fullmatch(rf"digraph {quoted} \{{", head)
    assert (rank, end) == ("  rankdir=LR;", "}")
    attribute = rf"[a-z]+={quoted}"
    for line in lines:
        assert re.fullmatch(rf"  {quoted}( -> {quoted})? \[{attribute}(, {attribute})*\];", line), line
    arrows = [line for line in lines if " -> " in line]
    documented = graph.arcs.stance < 2
    predicates = graph.dataset.relations.column("predicate")
    pairs = zip(
        graph.arcs.source[documented], graph.arcs.target[documented], graph.arcs.relation[documented], strict=True
    )
    assert len(arrows) == len({(int(a), int(b), predicates[row]) for a, b, row in pairs})


# ------------------------------------------------------------------------------------------------------------ records


def test_followthemoney_entities_keep_to_their_schemas(graph: AccessGraph) -> None:
    entities = [json.loads(line) for line in exported(graph, "ftm").splitlines()]
    dataset = graph.dataset
    schemas = {entity["id"]: entity["schema"] for entity in entities}
    assert len(schemas) == len(entities) == len(dataset.entities) + len(dataset.relations) + len(dataset.listings)
    for entity in entities:
        assert set(entity["properties"]) <= FTM[entity["schema"]], entity["id"]
        for name, values in entity["properties"].items():
            assert values, (entity["id"], name)
            assert all(isinstance(value, str) and value for value in values)
            if name in LEADS_TO:
                assert {schemas[value] for value in values} <= LEADS_TO[name], entity["id"]
            if name.endswith("Date"):
                assert all(re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", value) for value in values)
            if name == "authorityId":
                assert all(len(value) <= 64 for value in values)
        required = {"Ownership": {"owner", "asset"}, "UnknownLink": {"subject", "object"}, "Sanction": {"entity"}}
        assert required.get(entity["schema"], set()) <= set(entity["properties"])
    roles = {entity["properties"]["role"][0] for entity in entities if entity["schema"] == "UnknownLink"}
    assert roles <= {predicate.label.en for predicate in PREDICATES.values()}


def test_followthemoney_tells_lists_with_legal_force_from_those_without(central_asia_graph: AccessGraph) -> None:
    entities = {entity["id"]: entity for entity in map(json.loads, exported(central_asia_graph, "ftm").splitlines())}
    for cells in central_asia_graph.dataset.listings.rows():
        if cells["list"] == "International sponsors of war":
            assert entities[cells["id"]]["schema"] == "Risk"
        if cells["list"] == "SDN":
            assert entities[cells["id"]]["schema"] == "Sanction"
            assert entities[cells["id"]]["properties"]["authority"]
    owns = next(
        row for row in central_asia_graph.dataset.relations.rows() if row["percent"] and row["predicate"] == "owns"
    )
    stake = entities[owns["id"]]
    assert stake["schema"] == "Ownership"
    assert stake["properties"]["percentage"] == [owns["percent"]]
    assert (stake["properties"]["owner"], stake["properties"]["asset"]) == ([owns["subject"]], [owns["object"]])


def test_bods_is_as_the_standard_wants_it_and_has_every_stake(central_asia_graph: AccessGraph) -> None:
    statements = json.loads(exported(central_asia_graph, "bods"))
    Draft202012Validator(BODS).validate(statements)
    assert len({statement["statementId"] for statement in statements}) == len(statements)
    stakes = {
        row["id"]: row for row in central_asia_graph.dataset.relations.rows()
        if row["predicate"] == "owns" and row["status"] in ("confirmed", "reported", "alleged")
    }  # fmt: skip
    told = set()
    for statement in statements:
        if statement["recordType"] == "entity":
            told.add(statement["recordId"])
            continue
        details = statement["recordDetails"]
        assert {details["subject"], details["interestedParty"]} <= told, "an entity comes before what names it"
        cells = stakes.pop(statement["recordId"].removeprefix("relationship-"))
        assert details["interestedParty"] == f"entity-{cells['subject']}"
        share = details["interests"][0].get("share", {})
        if ".." in cells["percent"]:
            assert [share["minimum"], share["maximum"]] == [float(part) for part in cells["percent"].split("..")]
        else:
            assert share == ({"exact": float(cells["percent"])} if cells["percent"] else {})
        assert statement["annotations"][0]["description"] == f"status: {cells['status']}"
    assert not stakes


def test_dpv_says_which_data_are_where_and_who_has_them(graph: AccessGraph) -> None:
    found = triples(exported(graph, "dpv"))
    dataset = graph.dataset
    assert ("a", "dpv:SpecialCategoryPersonalData") in found[":c-face"]
    assert ("skos:broader", ":c-biometric") in found[":c-face"]
    assert ("skos:closeMatch", "pd:FacialPrint") in found[":c-face"]
    assert ("a", "dpv:PersonalData") in found[":c-criminal"], "special under article 10, which DPV does not call so"
    for cells in dataset.entities.rows():
        facts = found[f":e-{cells['id']}"]
        told = {value for predicate, value in facts if predicate == "dpv:hasPersonalData"}
        assert told == ({f":c-{code}" for code in split(cells["categories"])} if cells["type"] != "body" else set())
    stated = [row for row in dataset.relations.rows() if row["status"] in ("confirmed", "reported")]
    for predicate, said in (("holds", "dpv:isImplementedByEntity"), ("has_access", "dpv:hasRecipient")):
        rows = [row for row in stated if row["predicate"] == predicate]
        assert rows or predicate == "holds"
        assert all((said, f":e-{row['subject']}") in found[f":e-{row['object']}"] for row in rows)


def test_records_are_cut_at_a_day_if_one_is_given(central_asia_graph: AccessGraph) -> None:
    early, late = (
        len(exported(central_asia_graph, "ftm", as_of=day).splitlines()) for day in ("2012-01-01", "2026-11-01")
    )
    everything = len(exported(central_asia_graph, "ftm").splitlines())
    assert early < late < everything
    assert len(exported(central_asia_graph, "ftm", known_by="2019-01-01").splitlines()) < everything
    with pytest.raises(AccessMapError, match="ftm holds what is recorded, not ways to a target"):
        exported(central_asia_graph, "ftm", target="face")


# ------------------------------------------------------------------------------------------------------- whatever comes


HOSTILE = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        '"]; click n0 "javascript:alert(1)"',
        "</data><x>",
        "\\",
        '"',
        "#quot;",
        "a|b",
        "'''",
        "\x00\x08",
        "]]>",
        "%3A:",
        "{",
    ]
)


def written(cell: str) -> bytes:
    return b'"' + cell.replace('"', '""').encode() + b'"'


@given(HOSTILE, HOSTILE)
def test_no_text_breaks_a_file(name: str, claim: str) -> None:
    head = b"id,type,kind,name,categories,sources\n"
    rows = (
        b"a%3A:b,body,ministry," + written("N" + name) + b",,s\n" + b"c,store,," + written("M" + claim) + b",face,s\n"
    )
    relation = b"id,subject,predicate,object,status,claim,sources\nr,a%3A:b,holds,c,confirmed," + written("C" + claim)
    files = {
        "entities.csv": head + rows,
        "relations.csv": relation + b",s\nr2,a%3A:b,owns,a2,reported,x,s\n",
        "sources.csv": b"id,title,url\ns," + written("T" + name) + b',"https://example.org/""<>"\n',
    }
    files["entities.csv"] += b"a2,body,,Two,,s\n"
    graph = build(read_files("h" + name, files, check=False))
    ElementTree.fromstring(exported(graph, "graphml"))
    ElementTree.fromstring(exported(graph, "gexf"))
    Draft202012Validator(OPENGRAPH).validate(json.loads(exported(graph, "opengraph")))
    Draft202012Validator(BODS).validate([
        {**statement, "source": {"type": ["thirdParty"]}} for statement in json.loads(exported(graph, "bods"))
    ])  # fmt: skip
    assert len([json.loads(line) for line in exported(graph, "ftm").splitlines()]) == 5
    assert ":e-a%253A%3Ab" in triples(exported(graph, "dpv"))
    mermaid = exported(graph, "mermaid").split("\n")
    assert [mermaid[0], mermaid[4:]] == ["flowchart LR", ['  n0 -->|"holds"| n1', ""]]
    assert all(re.fullmatch(r'  n\d+(\[+|\[\()"[^"<>`|]*"(\]+|\)\])', line) for line in mermaid[1:4])
    assert len(re.findall(r'"(?:[^"\\]|\\.)*"', exported(graph, "dot"))) == 1 + 3 * 3 + 3


def test_equal_graphs_give_equal_files(cabar_graph: AccessGraph, cabar: Dataset) -> None:
    for name in FORMATS:
        assert exported(cabar_graph, name) == exported(build(cabar), name)


def test_an_unknown_format_says_which_there_are(cabar_graph: AccessGraph) -> None:
    with pytest.raises(UnknownTerm, match=r"'graphlm' is no format of export\. Did you mean 'graphml'"):
        exported(cabar_graph, "graphlm")


def test_the_command_writes_a_file_or_to_the_pipe(
    accessmap: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, cabar_graph: AccessGraph
) -> None:
    run = accessmap("export", "dot", "-d", "cabar-2020", "-o", "map.dot", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert (tmp_path / "map.dot").read_text("utf-8") == exported(cabar_graph, "dot")
    piped = accessmap("export", "mermaid", "video", "-d", "cabar-2020", "--as-of", "2020-04-15", "--lang", "kk")
    assert piped.stdout == exported(cabar_graph, "mermaid", target="video", lang="kk", **ARTICLE)

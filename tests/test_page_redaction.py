"""A redacted map names nobody it should not, and says of everybody what the private one says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_page import Open, opened

from graphs.access import AccessGraph, build
from graphs.map.page import draw_map
from graphs.map.payload import decode
from graphs.map.redaction import redact
from graphs.reachability import reachable_from, who_can_reach
from stakeholders.errors import UnknownId

__all__ = ["opened"]  # a fixture

HIDDEN = ("cn-dahua", "kz-mia", "kz-sergek-almaty")


@pytest.fixture(scope="module")
def html(central_asia_graph: AccessGraph) -> str:
    return draw_map(central_asia_graph, as_of="2026-11-24", redact=HIDDEN).html


def test_no_trace_of_a_redacted_name_is_left_in_the_file(html: str, central_asia_graph: AccessGraph) -> None:
    content = decode(html.split('id="payload">')[1].split("<", maxsplit=1)[0])
    text = repr(content).casefold()
    entities = central_asia_graph.dataset.entities
    for name in HIDDEN:
        row = entities.row(entities.index[name])
        assert f"'{name}'" not in text
        for column in ("name", "name_ru", "name_kk"):
            if len(row[column]) > 3:
                assert row[column].casefold() not in text
    touching = [
        claim for claim, subject, object_ in zip(
            *(central_asia_graph.dataset.relations.column(c) for c in ("claim", "subject", "object")), strict=True
        ) if {subject, object_} & set(HIDDEN)
    ]  # fmt: skip
    assert len(touching) > 20
    assert not [claim for claim in touching if claim in content["relations"]["claim"]]


@pytest.mark.parametrize("day", ["2019-06-01", "2026-11-24"])
def test_every_published_verdict_is_the_private_one(central_asia_graph: AccessGraph, day: str) -> None:
    redaction = redact(central_asia_graph, HIDDEN)

    def told(graph: AccessGraph, code: str, rename: Any) -> list[tuple[object, ...]]:
        return sorted(
            (rename(row["body"]), rename(row["store"]), row["verdict"], row["level"], row["certainty"], row["hops"])
            for row in who_can_reach(graph, code, by="pair", as_of=day).rows
        )

    for code in ("biometric", "video", "identity", "location"):
        ours, theirs = told(central_asia_graph, code, redaction.id_of), told(redaction.graph, code, str)
        assert ours == theirs
        assert ours


def test_redacted_entities_keep_what_decides_and_lose_what_tells(central_asia_graph: AccessGraph) -> None:
    redaction = redact(central_asia_graph, HIDDEN)
    entities = redaction.graph.dataset.entities
    row = entities.row(entities.index[redaction.id_of("cn-dahua")])
    assert (row["type"], row["kind"], row["country"]) == ("body", "manufacturer", "CN")
    assert row["aliases"] == row["note"] == ""
    assert redaction.id_of("cn-dahua") not in list(redaction.graph.dataset.listings.column("entity"))
    private = reachable_from(central_asia_graph, "cn-dahua", as_of="2026-11-24").rows
    assert (
        len(reachable_from(redaction.graph, redaction.id_of("cn-dahua"), as_of="2026-11-24").rows) == len(private) > 0
    )


def test_a_redacted_page_opens_and_answers(html: str, opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text(html, "utf-8")
    seen = opened(path, link="#sel=e:withheld-body-1")
    assert "withheld" in seen.page.inner_text("#panel-title")
    assert len(seen.rows()) > 50


def test_an_unknown_id_is_refused(cabar_graph: AccessGraph) -> None:
    with pytest.raises(UnknownId, match="cn-dahoa"):
        redact(cabar_graph, ["cn-dahoa"])


def test_nothing_to_redact_changes_no_verdict_and_no_name(cabar_graph: AccessGraph) -> None:
    redaction = redact(cabar_graph, [])
    assert list(redaction.graph.ids) == list(cabar_graph.ids)
    assert build(redaction.graph.dataset).n_nodes == cabar_graph.n_nodes

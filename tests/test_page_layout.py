"""Where entities stand on the page: from who, through what, to which data, the whole left of its part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_page import Open, map_file, opened
from worlds import graph_of

from graphs.access import BODY, AccessGraph
from graphs.map.layout import FAMILIES, columns, families, overview

__all__ = ["map_file", "opened"]  # fixtures


def places(graph: AccessGraph) -> dict[str, int]:
    return dict(zip(graph.ids, columns(graph, families(graph)), strict=True))


def test_no_body_of_the_bundled_data_stands_right_of_its_part(central_asia_graph: AccessGraph) -> None:
    graph, arcs = central_asia_graph, central_asia_graph.arcs
    place = np.array(columns(graph, families(graph)))
    predicate = np.array(graph.dataset.relations.column("predicate"))[arcs.relation]
    command = np.isin(predicate, ("part_of", "controls")) & (graph.types[arcs.source] == BODY)
    steps = place[arcs.target[command]] - place[arcs.source[command]]
    assert command.sum() > 100
    assert not (steps < 0).any()
    at = places(graph)
    assert at["kz-president"] <= at["kz-government"] < at["kz-mia"] < at["kz-police-almaty"]
    assert at["kz-mia"] < at["kz-mia-migration"]


def test_systems_and_stores_stand_right_of_all_bodies(central_asia_graph: AccessGraph) -> None:
    family = families(central_asia_graph)
    for number, column in zip(family, columns(central_asia_graph, family), strict=True):
        name = FAMILIES[number]
        assert (column > 2) == (name in ("system", "store"))


def test_a_ladder_of_agencies_has_a_column_for_each_of_its_three_highest_steps() -> None:
    at = places(graph_of("b2 part_of b1", "b3 part_of b2", "b9 holds s1"))
    assert (at["b1"], at["b2"], at["b3"], at["b9"]) == (0, 1, 2, 2)


@pytest.mark.parametrize("lines", [("b1 part_of b1",), ("b1 part_of b2", "b2 part_of b1")])
def test_a_ladder_that_runs_in_a_ring_has_an_end(lines: tuple[str, ...]) -> None:
    assert set(places(graph_of(*lines)).values()) <= {0, 1, 2}


def test_every_entity_is_in_one_box_of_the_overview(central_asia_graph: AccessGraph) -> None:
    family = families(central_asia_graph)
    groups = overview(central_asia_graph, family)
    assert sorted(node for group in groups for node in group.members) == list(range(central_asia_graph.n_nodes))
    at = columns(central_asia_graph, family)
    assert all({at[node] for node in group.members} == {group.column} for group in groups)


@pytest.mark.parametrize("link", ["#target=kz-digital-dome-astana", "#ask=all"])
def test_the_picture_draws_no_command_backwards(map_file: Path, opened: Open, link: str) -> None:
    steps = opened(map_file, link=link).page.evaluate(
        """() => {
          const { model, picture } = AccessMap.app.internals();
          const at = new Map();
          for (const box of picture.scene().boxes) for (const node of box.members || [box.node]) at.set(node, box.x);
          const { relation, source, target } = model.arcs;
          return Array.from(relation, (row, a) => [model.relations.predicate[row], at.get(source[a]), at.get(target[a]),
            model.types[source[a]]]).filter(([word, from, to, type]) => type === 0 && word === "part_of"
              && from !== undefined && to !== undefined).map(([, from, to]) => to - from);
        }"""
    )
    assert max(steps) > 0
    assert min(steps) >= 0

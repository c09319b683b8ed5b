"""The explorer: time, comparison, what if, chokepoints, exports and stories, beside the library and in Chromium."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
import strategies
from test_page import Open, Seen, map_file, opened
from test_page_engine import NODE, in_numbers

from benchmarks.generate import landscape
from graphs.access import AccessGraph, build
from graphs.effects import KINDS, kinds_of
from graphs.engines.arrays import RANKED, UNREACHED, verdict_of
from graphs.losses import losses
from graphs.map.page import ENGINE_MODULES, draw_map, write_map
from graphs.map.payload import payload
from graphs.passages import chokepoints
from graphs.reachability import asked_bodies, target_of, who_can_reach
from graphs.scope import Scope
from graphs.views import View
from stakeholders.errors import AccessMapError
from stakeholders.removal import without
from stakeholders.tables import read, write

__all__ = ["map_file", "opened"]  # fixtures

RUN = Path(__file__).with_name("page_runs.js")
DAY = "2026-11-24"


def in_engine(program: str, cases: list[Any]) -> list[Any]:
    """What a piece of JavaScript gives for each case, with the page's engine around it."""
    run = subprocess.run(
        [NODE, str(RUN), json.dumps(ENGINE_MODULES), program],
        input=json.dumps(cases), capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    answered: list[Any] = json.loads(run.stdout)
    return answered


def packed(rank: int) -> int:
    """A rank of the library as the page packs it; 0 for no path."""
    if rank == UNREACHED:
        return 0
    level, certainty = RANKED[rank]
    return 64 | verdict_of(certainty) << 4 | level << 2 | certainty


def test_what_a_move_means_is_what_the_library_says() -> None:
    ranks = [*range(len(RANKED)), UNREACHED]
    cases = [(a, b) for a in ranks for b in ranks]
    answered = in_engine("([a, b]) => compare.kindsOf(a, b)", [(packed(a), packed(b)) for a, b in cases])
    for (a, b), found in zip(cases, answered, strict=True):
        assert found == [kind.name for kind in kinds_of(a, b)]
    assert len({name for found in answered for name in found}) == len(KINDS)


LOSSES = """({ data, target, options, stores }) => {
  const model = payload.model(data);
  const places = stores && ((place) => stores.includes(model.entities.id[place]));
  const { total, rows } = losses(engine.view(model, options), answers.target(model, target), () => true, places);
  return { total, rows };
}"""


@pytest.mark.parametrize("seed", range(4))
def test_pairs_lost_are_the_librarys(seed: int) -> None:
    rng = random.Random(seed)
    graphs, cases = [], []
    for number in range(60):
        tables = strategies.random_tables(rng, entities=7 + number % 6, relations=10 + number % 12)
        graph = build(strategies.dataset(tables))
        for target in strategies.random_targets(rng, tables, 2):
            question = strategies.random_question(rng, tables)
            options: dict[str, Any] = {
                "as_of": question.as_of,
                "stance": question.stance,
                "certainty": rng.choice(("reported", "prospective")),
            }
            places = [row["id"] for row in tables.entities if row["type"] != "body"]
            stores = rng.sample(places, min(3, len(places))) if rng.random() < 0.4 else None
            graphs.append((graph, target, options | {"stores": stores}))
            case = {"data": payload(graph), "target": target, "options": in_numbers(options), "stores": stores}
            cases.append(case)
    found = 0
    for (graph, target, options), answered in zip(graphs, in_engine(LOSSES, cases), strict=True):
        scope = Scope.of(**options)
        view = View.of(graph, scope)
        expected = losses(view, target_of(view, target).columns, asked_bodies(graph, scope, target))
        assert answered["total"] == expected.pairs
        of_kind = {kind: [row for row in answered["rows"] if row["kind"] == kind] for kind in ("node", "relation")}
        assert {row["key"]: row["lost"] for row in of_kind["node"]} == expected.nodes
        assert {row["key"]: row["lost"] for row in of_kind["relation"]} == expected.relations
        for kind, needed in (("node", expected.needed_by_nodes), ("relation", expected.needed_by_relations)):
            assert {row["key"]: tuple(row["mandatory"]) for row in of_kind[kind] if row["mandatory"]} == needed
        found += len(answered["rows"])
    assert found > 50


REMOVED = """({ data, ask, target, options }) => {
  const model = payload.model(data);
  const view = engine.view(model, options);
  return answers.pairs(view, answers.target(model, target)).map((row) => answers.plain(view, row));
}"""


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_without_something_is_what_the_library_builds_without_it(seed: int) -> None:
    rng = random.Random(100 + seed)
    cases, expected = [], []
    for number in range(70):
        tables = strategies.random_tables(rng, entities=6 + number % 6, relations=8 + number % 12)
        dataset = strategies.dataset(tables)
        ids = [row["id"] for table in (tables.entities, tables.relations, tables.sources) for row in table]
        gone = rng.sample(ids, min(rng.choice((1, 1, 2, 3)), len(ids)))
        data, left = payload(build(dataset)), build(without(dataset, gone))
        question = strategies.random_question(rng, tables)
        options: dict[str, Any] = {"as_of": question.as_of, "stance": question.stance, "known_by": question.known_by}
        for target in (*strategies.CATEGORIES, *left.ids):
            cases.append({"data": data, "target": target, "options": {**in_numbers(options), "without": gone}})
            expected.append(list(who_can_reach(left, target, by="pair", **options).rows))
    answered = in_engine(REMOVED, cases)
    for rows, wanted in zip(answered, expected, strict=True):
        assert rows == wanted
    assert sum(map(len, expected)) > 50


REDATED = """({ data }) => {
  const model = payload.model(data);
  const times = removal.copy(model.times);
  for (const name of ["start", "end", "known", "word", "since", "newest"]) times[name].fill(7);
  model.relations.sources.forEach((sources, row) => removal.redate(model, times, row, sources));
  return ["start", "end", "known", "word", "since", "newest"].map((name) => Array.from(times[name]));
}"""


def test_dates_worked_out_in_the_page_are_the_librarys(central_asia_graph: AccessGraph) -> None:
    rng = random.Random(7)
    graphs = [central_asia_graph, *(build(strategies.dataset(strategies.random_tables(rng))) for _ in range(40))]
    answered = in_engine(REDATED, [{"data": payload(graph)} for graph in graphs])
    for graph, columns in zip(graphs, answered, strict=True):
        for name, found in zip(("start", "end", "known", "word", "since_code", "newest_code"), columns, strict=True):
            assert found == getattr(graph.intervals, name).tolist(), name


ARCS = """({ data }) => {
  const { arcs, keeping } = payload.model(data);
  const rows = (columns) => Array.from(columns[0], (_, i) => columns.map((column) => column[i]));
  return [rows(["relation", "holding", "source", "target", "level", "certainty", "mask", "stance", "terminal", "feed"]
    .map((name) => arcs[name])), rows(["system", "store", "mask", "relation"].map((name) => keeping[name]))];
}"""


def test_arcs_worked_out_in_the_page_are_the_librarys(central_asia_graph: AccessGraph) -> None:
    rng = random.Random(8)
    graphs = [central_asia_graph, *(build(strategies.dataset(strategies.random_tables(rng))) for _ in range(60))]
    answered = in_engine(ARCS, [{"data": payload(graph)} for graph in graphs])
    for graph, (arcs, keeping) in zip(graphs, answered, strict=True):
        names = ("relation", "holding", "source", "target", "level", "certainty", "mask", "stance", "terminal", "feed")
        columns = (getattr(graph.arcs, name).astype(int).tolist() for name in names)
        assert sorted(arcs) == sorted(map(list, zip(*columns, strict=True)))
        kept = (getattr(graph.keeping, name).tolist() for name in ("system", "store", "mask", "relation"))
        assert keeping == list(map(list, zip(*kept, strict=True)))


MOVES = """({ data, target, before, after }) => {
  const model = payload.model(data);
  const [a, b] = [before, after].map((options) => engine.view(model, options));
  const asked = answers.target(model, target);
  const moved = compare.moves(a, b, (view) => engine.columns(view, asked));
  return moved.sort((x, y) => x[0] - y[0] || x[1] - y[1] || x[2] - y[2]);
}"""


@pytest.mark.parametrize(
    "between", [("2019-01-01", "2026-11-24"), ("2020-04-15", "2021-04-15"), ("2024-01-01", "2023-01-01")]
)
def test_what_moved_between_two_dates_is_what_the_library_ranks(
    central_asia_graph: AccessGraph, between: tuple[str, str]
) -> None:
    graph = central_asia_graph
    data, cases, expected = payload(graph), [], []
    for target in ("biometric", "video", "identity"):
        views = [View.of(graph, Scope.of(as_of=day)) for day in between]
        columns = sorted({column for view in views for column in target_of(view, target).columns})
        bodies = asked_bodies(graph, views[0].scope)
        was, now = (_ranks(view, columns, bodies) for view in views)
        moved = [
            [int(bodies[i]), *columns[j], packed(int(was[i][j])), packed(int(now[i][j]))]
            for i in range(len(bodies)) for j in range(len(columns)) if was[i][j] != now[i][j]
        ]  # fmt: skip
        expected.append(moved)
        before, after = (in_numbers({"as_of": day}) for day in between)
        cases.append({"data": data, "target": target, "before": before, "after": after})
    assert in_engine(MOVES, cases) == expected
    assert any(expected)


COMPARED = """({ data, target, before, after }) => {
  const model = payload.model(data);
  const asked = answers.target(model, target);
  const [a, b] = [before, after].map((options) => engine.view(model, options));
  const key = (row) => `${row.body}/${row.place}`;
  const [x, y] = [a, b].map((view) => new Map(answers.pairs(view, asked).map((row) => [key(row), row])));
  const rows = compare.compare(a, b, (view) => engine.columns(view, asked));
  for (const row of rows) {
    const [was, now] = [x, y].map((pairs) => pairs.get(key(row)));
    if (row.before !== (was ? was.best : 0) || row.after !== (now ? now.best : 0)) return "rank";
    if (row.hops !== (now || was).hops) return "hops";
    const path = answers.pathOf(b, row).map((a) => b.model.arcs.relation[a]);
    if (path.length !== row.hops) return "path";
  }
  const order = answers.inOrder(model);
  const first = (row) => compare.KINDS.indexOf(row.change[0]);
  if (rows.some((row, i) => i && (first(rows[i - 1]) - first(row) || order(rows[i - 1], row)) > 0)) return "order";
  return [rows.length, rows.total, compare.moves(a, b, (view) => engine.columns(view, asked)).sort(
    (p, q) => p[0] - q[0] || p[1] - q[1] || p[2] - q[2])];
}"""


@pytest.mark.parametrize("degree", [2.0, 8.0])
def test_states_of_a_large_map_are_compared_as_the_library_ranks_them(degree: float, tmp_path: Path) -> None:
    write(landscape(600, degree=degree), tmp_path / "large")
    graph = build(read(tmp_path / "large"))
    data, cases, expected = payload(graph), [], []
    most = max(range(graph.n_nodes), key=lambda node: int((graph.arcs.source == node).sum()))
    for options, gone in (("2022-01-01", []), (DAY, [graph.ids[most]]), (DAY, [graph.dataset.sources.row(3)["id"]])):
        left = build(without(graph.dataset, gone)) if gone else graph
        views = [View.of(graph, Scope.of(as_of=options)), View.of(left, Scope.of(as_of=DAY))]
        columns = [{(views[k].graph.ids[p], c) for p, c in target_of(views[k], "biometric").columns} for k in (0, 1)]
        found = []
        ranked = [_named_ranks(view, "biometric") for view in views]
        for name, place, layer in sorted(set(ranked[0]) | set(ranked[1])):
            was, now = (rank.get((name, place, layer), UNREACHED) for rank in ranked)
            if was != now:
                assert (place, layer) in columns[0] | columns[1]
                found.append([graph.position[name], graph.position[place], layer, packed(was), packed(now)])
        expected.append(sorted(found))
        cases.append({"data": data, "target": "biometric", "before": in_numbers({"as_of": options}),
                      "after": {**in_numbers({"as_of": DAY}), "without": gone}})  # fmt: skip
    for answered, moved in zip(in_engine(COMPARED, cases), expected, strict=True):
        assert isinstance(answered, list), answered
        assert answered[2] == moved
        assert answered[0] == answered[1] == len({(body, place) for body, place, *_ in moved})
    assert sum(map(len, expected)) > 100


def _named_ranks(view: View, target: str) -> dict[tuple[str, str, int], int]:
    """The rank of every body, place and layer that has one, by ids."""
    graph = view.graph
    columns, bodies = target_of(view, target).columns, asked_bodies(graph, view.scope, target)
    ranks = _ranks(view, columns, bodies)
    return {
        (graph.ids[body], graph.ids[place], layer): int(ranks[i][j])
        for i, body in enumerate(bodies) for j, (place, layer) in enumerate(columns)
        if ranks[i][j] != UNREACHED and body != place
    }  # fmt: skip


def _ranks(view: View, columns: list[tuple[int, int]], bodies: Any) -> Any:
    from graphs.engines.arrays import Sweeper, best_rank

    ranks = [best_rank(sweep.bits[bodies]) for sweep in Sweeper(view).sweeps(columns)]
    there = [bool(view.places[place, layer]) for place, layer in columns]
    import numpy as np

    joined = np.concatenate(ranks, axis=1)
    joined[:, ~np.array(there)] = UNREACHED
    return joined


def shown(seen: Seen, selector: str) -> str:
    return seen.page.inner_text(selector)


def test_taking_a_vendor_away_tells_what_falls(map_file: Path, opened: Open) -> None:
    seen = opened(map_file, link="#target=kz-sergek-almaty")
    seen.go(without="cn-dahua")
    assert "Dahua" in shown(seen, "#headline")
    changes = seen.page.locator("#sheet tbody tr").all_inner_texts()
    assert any("Dahua" in row and "lost" in row for row in changes)
    seen.page.click("#whatif .chip")
    assert "can reach" in shown(seen, "#headline")


def test_two_dates_are_compared_gained_first(map_file: Path, opened: Open) -> None:
    seen = opened(map_file, link="#between=2019-01-01")
    kinds = seen.page.evaluate("() => AccessMap.app.internals().result.effects.map((row) => row.change[0])")
    order = [(*KINDS, "moved").index(kind) for kind in kinds]
    assert order == sorted(order)
    assert kinds[0] == "gained"
    links = seen.page.evaluate("() => AccessMap.app.internals().picture.scene().links.map((link) => link.change)")
    assert "gained" in links


def test_the_slider_moves_the_day_and_the_answer(map_file: Path, opened: Open) -> None:
    seen = opened(map_file)
    before = shown(seen, "#headline")
    seen.page.focus("#time-slider")
    seen.page.keyboard.press("Home")
    assert shown(seen, "#headline") != before
    assert "asof=" in seen.page.evaluate("location.hash")


def test_the_buttons_beside_the_slider_lead_to_the_day_on_which_a_denial_begins_or_ends(
    cabar_graph: AccessGraph, opened: Open, tmp_path: Path
) -> None:
    link = ("kz-police-almaty", "kz-sergek-almaty-archive")
    draw_map(cabar_graph, as_of="2020-02-19", target=link[1]).save(tmp_path / "map.html")
    seen = opened(tmp_path / "map.html", link="#sel=~".replace("~", "~".join(link)))
    for day in ("2020-02-19", "2020-02-20"):
        rows = who_can_reach(cabar_graph, link[1], as_of=day).rows
        assert seen.rows() == list(rows)
        assert seen.page.evaluate("AccessMap.app.state().asof") == day
        seen.page.click("#time-on")
        seen.page.wait_for_selector("#main:not([aria-busy])")


@pytest.mark.parametrize("over", ["chokepoints", "exposure", "gaps"])
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_overlays_mark_the_picture_and_list_beside_it(map_file: Path, opened: Open, over: str, lang: str) -> None:
    seen = opened(map_file, link=f"#over={over}&lang={lang}")
    assert seen.page.locator("#panel .ranking > li").count() > 3
    marks = seen.page.evaluate(
        "() => AccessMap.app.internals().picture.scene().boxes.filter((b) => b.mark && b.mark.text).length"
    )
    assert marks > 0


def test_an_exported_picture_bears_its_title_date_assumptions_and_source(map_file: Path, opened: Open) -> None:
    seen = opened(map_file, link="#level=indirect")
    svg = seen.page.evaluate(
        """() => { const { picture } = AccessMap.app.internals();
        return AccessMap.exports.svgText(picture.scene(), picture.stateOf, AccessMap.app.texts()); }"""
    )
    wellformed = seen.page.evaluate(
        "(text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror') === null", svg
    )
    assert wellformed
    words = seen.page.evaluate(
        """(text) => [...new DOMParser().parseFromString(text, "image/svg+xml").querySelectorAll("text")]
          .map((node) => node.textContent).join(" ")""",
        svg,
    )
    day = "24 November 2026"
    for part in ("bodies can reach biometric data", day, "indirect", "documented", "central-asia 2026.11"):
        assert part in words
    size = seen.page.evaluate(
        """async () => { const { picture } = AccessMap.app.internals();
        const blob = await AccessMap.exports.pngBlob(picture.scene(), picture.stateOf, AccessMap.app.texts());
        const image = await createImageBitmap(blob); return [image.width, image.height, blob.size]; }"""
    )
    assert size[0] > 1500
    assert size[2] > 30_000


def test_embedded_only_the_answer_and_the_picture_remain(map_file: Path, opened: Open) -> None:
    seen = opened(map_file, link="#embed=1", width=800, height=700)
    assert not seen.page.is_visible("#ask")
    assert seen.page.is_visible("#headline")
    assert seen.page.is_visible("#canvas")
    scale = seen.page.evaluate("() => AccessMap.app.internals().picture.network.getScale()")
    seen.page.mouse.move(300, 400)
    seen.page.mouse.wheel(0, 300)
    assert seen.page.evaluate("() => AccessMap.app.internals().picture.network.getScale()") == scale


STORY = {
    "title": {"en": "Faces", "ru": "Лица"},
    "steps": [
        {"title": "Who sees", "text": "One.\n\nTwo.", "view": "target=face"},
        {"title": {"en": "Before", "ru": "Раньше"}, "text": "Then.", "view": "target=face&asof=2019-01-01"},
    ],
}


def test_a_story_leads_through_its_views(cabar_graph: AccessGraph, opened: Open, tmp_path: Path) -> None:
    draw_map(cabar_graph, as_of="2020-04-15", story=STORY).save(tmp_path / "story.html")
    seen = opened(tmp_path / "story.html")
    assert shown(seen, "#story h2") == "Faces"
    seen.page.click("#story button")
    assert shown(seen, "#story h2") == "Who sees"
    seen.page.get_by_role("button", name="Next", exact=True).click()
    assert shown(seen, "#story h2") == "Before"
    assert seen.page.evaluate("AccessMap.app.state().asof") == "2019-01-01"
    assert "step=2" in seen.page.evaluate("location.hash")
    seen.go(lang="ru")
    assert shown(seen, "#story h2") == "Раньше"
    seen.page.go_back()
    seen.page.go_back()
    assert shown(seen, "#story h2") == "Who sees"


@pytest.mark.parametrize(
    "story", [{}, {"steps": []}, {"steps": ["x"]}, {"steps": [{"titel": "x"}]}, {"steps": [{"text": 3}]}]
)
def test_a_story_written_wrong_is_refused(cabar_graph: AccessGraph, story: dict[str, Any]) -> None:
    with pytest.raises(AccessMapError, match="story"):
        draw_map(cabar_graph, as_of="2020-04-15", story=story)


def test_a_page_of_two_dates_opens_comparing_them(cabar_graph: AccessGraph, opened: Open, tmp_path: Path) -> None:
    draw_map(cabar_graph, target="video", between=("2019-01-01", "2020-04-15")).save(tmp_path / "map.html")
    seen = opened(tmp_path / "map.html")
    assert "From 1 January 2019 to 15 April 2020" in shown(seen, "#headline").replace("\u00a0", " ")
    with pytest.raises(AccessMapError, match="2019-01-01 comes before 2020-04-15: give the earlier day first"):
        draw_map(cabar_graph, target="video", between=("2020-04-15", "2019-01-01"))


@pytest.mark.parametrize(
    "view",
    ["target=nope", "body=kz-sergek", "targte=face", "asof=15.04.2020", "between=2020-13", "stance=boldly", "over=gap",
     "without=kz-mia,nope", "sel=e:nope", "sel=kz-mia~nope", "sel=r:nope", "fresh=soon"],
)  # fmt: skip
def test_a_view_of_a_story_that_the_page_could_not_show_is_refused(cabar_graph: AccessGraph, view: str) -> None:
    steps = [{"title": "First", "view": "target=face"}, {"title": "Second", "view": view}]
    with pytest.raises(AccessMapError, match="step 2"):
        draw_map(cabar_graph, as_of="2020-04-15", story={"steps": steps})


def test_a_view_of_a_story_may_be_whatever_a_page_puts_into_its_address(cabar_graph: AccessGraph) -> None:
    relation = cabar_graph.dataset.relations.column("id")[0]
    source = cabar_graph.dataset.sources.column("id")[0]
    view = (
        f"#ask=how&body=kz-mia&target=kz-sergek&stance=assumed&asof=2020-04&knownby=&fresh=3y&without={relation}%2C"
        f"{source}&sel=r%3A{relation}&over=&by=pair&lang=kk&kinds=vendor&country=KZ&sort=-since&embed=1"
    )
    story = {"steps": [{"view": view}]}
    assert draw_map(cabar_graph, as_of="2020-04-15", story=story).html


@pytest.mark.parametrize("name", ["map.pdf", "map.png", "map.json"])
def test_a_page_is_not_written_under_the_name_of_another_format(
    cabar_graph: AccessGraph, tmp_path: Path, name: str
) -> None:
    with pytest.raises(AccessMapError, match=r"end its name in \.html"):
        write_map(cabar_graph, tmp_path / name, as_of="2020-04-15")
    assert not list(tmp_path.iterdir())


def test_of_two_dates_the_earlier_one_comes_first_however_they_are_given(map_file: Path, opened: Open) -> None:
    said = "From 15 April 2020 to 24 November 2026"
    seen = opened(map_file, link="#asof=2020-04-15&between=2026-11-24")
    assert said in shown(seen, "#headline").replace("\u00a0", " ")
    assert seen.page.input_value("#time-earlier") == "2020-04-15"
    seen.go(between="2027-01-01")
    assert "From 24 November 2026 to 1 January 2027" in shown(seen, "#headline").replace("\u00a0", " ")
    # The slider stops at the earlier day, and so does the button that goes back.
    seen.page.focus("#time-slider")
    seen.page.keyboard.press("Home")
    state = seen.page.evaluate("AccessMap.app.state()")
    assert (state["asof"], state["between"]) == ("2026-11-24", "2026-11-24")
    seen.page.click("#time-back")
    assert seen.page.evaluate("AccessMap.app.state().asof") == "2026-11-24"


def test_a_link_to_a_step_of_a_story_shows_its_view_and_what_the_reader_changed_in_it(
    cabar_graph: AccessGraph, opened: Open, tmp_path: Path
) -> None:
    draw_map(cabar_graph, as_of="2020-04-15", story=STORY).save(tmp_path / "story.html")
    seen = opened(tmp_path / "story.html", link="#step=2")
    assert shown(seen, "#story h2") == "Before"
    state = seen.page.evaluate("AccessMap.app.state()")
    assert (state["target"], state["asof"]) == ("face", "2019-01-01")
    # What is as on opening, but not as in the step, is in the link; what is as in the step needs no words.
    opening = seen.page.evaluate("AccessMap.app.opening()")
    seen.go(target=opening["target"])
    link = seen.page.evaluate("location.hash")
    assert link == f"#target={opening['target']}&step=2"
    again = opened(tmp_path / "story.html", link=link).page.evaluate("AccessMap.app.state()")
    assert (again["target"], again["asof"], again["step"]) == (opening["target"], "2019-01-01", "2")


def test_on_a_phone_the_whole_map_is_no_longer_than_two_screens(map_file: Path, opened: Open) -> None:
    heights = {}
    for width in (390, 1400):
        seen = opened(map_file, link="#ask=all", width=width, height=844)
        scene = seen.page.evaluate("AccessMap.app.internals().picture.scene()")
        heights[width] = scene["height"]
        # Whoever is told together is still told: every entity is in one box.
        members = [node for box in scene["boxes"] for node in box["members"]]
        assert sorted(members) == list(range(seen.page.evaluate("AccessMap.app.internals().model.n")))
        assert all(box["label"] for box in scene["boxes"])
    assert heights[390] < 1_000
    seen = opened(map_file, link="#ask=all", width=390, height=844)
    at = seen.page.evaluate(
        """() => { const { picture } = AccessMap.app.internals();
        const box = picture.scene().boxes[0];
        const { x, y } = picture.network.canvasToDOM({ x: box.x, y: box.y });
        const frame = document.querySelector("#canvas").getBoundingClientRect();
        return [x + frame.x, y + frame.y, box.label, box.members.length]; }"""
    )
    seen.page.mouse.click(*at[:2])
    assert shown(seen, "#panel-title") == at[2]


def test_chokepoints_are_counted_at_the_places_of_the_page_and_for_the_body_asked_about(
    cabar_graph: AccessGraph, opened: Open, tmp_path: Path
) -> None:
    stores = ["kz-sergek-almaty-archive"]
    draw_map(cabar_graph, target="video", as_of="2020-04-15", stores=stores).save(tmp_path / "map.html")
    for link, bodies in (("", None), ("&ask=how&body=kz-mia", ["kz-mia"])):
        seen = opened(tmp_path / "map.html", link=f"#over=chokepoints{link}")
        expected = chokepoints(
            cabar_graph, "video", as_of="2020-04-15", stores=stores, bodies=bodies, certainty="prospective"
        )
        value = seen.page.evaluate("AccessMap.app.internals().result.chokepoints.value")
        assert value["total"] == expected.beside["pairs"] > 0
        assert len(value["rows"]) == len(expected.rows)


def test_a_notebook_shows_the_page_in_a_frame_of_its_own(cabar_graph: AccessGraph) -> None:
    page = draw_map(cabar_graph, as_of="2020-04-15", target="video")
    shown = page._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "<script" not in shown


def test_a_page_can_be_limited_to_some_bodies_and_stores(
    cabar_graph: AccessGraph, opened: Open, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"as_of": "2020-04-15", "bodies": ["kz-police-atyrau", "cn-dahua"], "fresh": "3y"}
    draw_map(cabar_graph, target="video", **options).save(tmp_path / "map.html")
    assert opened(tmp_path / "map.html").rows() == list(who_can_reach(cabar_graph, "video", **options).rows)


def test_chokepoints_say_of_how_many_pairs_there_are_only_plans(map_file: Path, opened: Open) -> None:
    seen = opened(map_file, link="#target=biometric&over=chokepoints")
    rows = seen.page.evaluate(
        """() => { const { result } = AccessMap.app.internals(); const { answers, engine } = AccessMap;
        const count = [0, 0, 0];
        for (const row of answers.pairs(result.v, result.target)) count[engine.verdictOf(row.best)] += 1;
        return [count, result.chokepoints.value.verdicts]; }"""
    )
    assert rows[0] == rows[1]
    assert all(rows[1])
    told = shown(seen, "#panel")
    assert f"{rows[1][2]} reached by confirmed or reported steps" in told
    assert f"{rows[1][0]} only in plans" in told
    assert "are reached" not in told

"""A redacted map names nobody it should not, and says of everybody what the private one says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_page import Open, opened

from graphs.access import AccessGraph, build
from graphs.cuts import cut
from graphs.exposures import exposure
from graphs.map import redaction as module
from graphs.map.page import draw_map
from graphs.map.payload import decode
from graphs.map.redaction import redact
from graphs.map.silence import Silence
from graphs.reachability import reachable_from, who_can_reach
from stakeholders.dataset import split
from stakeholders.dates import ALWAYS, FOREVER, iso
from stakeholders.errors import AccessMapError, UnknownId

__all__ = ["opened"]  # a fixture

HIDDEN = ("cn-dahua", "kz-mia", "kz-sergek-almaty")


STORY = {
    "title": {"en": "What Dahua Technology sees", "ru": "Что видит МВД"},
    "steps": [
        {"title": "MIA first", "text": "The Ministry of Internal Affairs asks.", "view": "ask=what&body=kz-mia"},
        {
            "title": "A link",
            "text": "One.",
            "view": "sel=r%3A{relation}&without={relation}%2Ccn-dahua%2Ckz-mia-migration",
        },
    ],
}


def test_a_link_of_a_story_tells_neither_a_source_nor_a_name(central_asia_graph: AccessGraph) -> None:
    dataset = central_asia_graph.dataset
    relations = dataset.relations
    cited: dict[str, set[bool]] = {}
    for cell, *ends in zip(*(relations.column(name) for name in ("sources", "subject", "object")), strict=True):
        for source in split(cell):
            cited.setdefault(source, set()).add(not set(ends).isdisjoint(HIDDEN))
    elsewhere = {name for table in ("entities", "listings") for cell in dataset.tables[table].column("sources")
                 for name in split(cell)}  # fmt: skip
    only = next(source for source, touches in cited.items() if touches == {True} and source not in elsewhere)
    both = next(source for source, touches in cited.items() if touches == {True, False} and "mia" not in source)
    redaction = redact(central_asia_graph, HIDDEN)
    view = f"without={only},{both}%2Ccn-dahua&target=Dahua%20Technology&sel=e%3Akz-mia"
    told = redaction.story({"title": "x", "steps": [{"title": "x", "text": "x", "view": view}]})
    assert told is not None
    said = told["steps"][0]["view"]
    sources = redaction.graph.dataset.sources.index
    first, second, third = said.split("&")[0].removeprefix("without=").replace("%2C", ",").split(",")
    assert first.startswith("withheld-source-")
    assert first in sources
    assert second in sources
    assert third == redaction.id_of("cn-dahua")
    assert said.endswith(f"target=&sel=e%3A{redaction.id_of('kz-mia')}")


@pytest.fixture(scope="module")
def touching(central_asia_graph: AccessGraph) -> list[str]:
    relations = central_asia_graph.dataset.relations
    columns = (relations.column(name) for name in ("id", "subject", "object"))
    return [name for name, *ends in zip(*columns, strict=True) if not set(ends).isdisjoint(HIDDEN)]


@pytest.fixture(scope="module")
def html(central_asia_graph: AccessGraph, touching: list[str]) -> str:
    story = json.loads(json.dumps(STORY).replace("{relation}", touching[0]))
    options = {"as_of": "2026-11-24", "redact": HIDDEN, "story": story}
    return draw_map(central_asia_graph, title="Dahua and the MIA in Kazakhstan", **options).html


def carried(html: str) -> str:
    """Everything in a page that comes from a dataset or an author, as plain text."""
    parts = [json.dumps(decode(html.split('id="payload">')[1].split("<", maxsplit=1)[0]), ensure_ascii=False)]
    for name in ("settings", "overview-nodes", "overview-edges"):
        said = html.split(f'id="{name}">')[1].split("</script>", maxsplit=1)[0]
        parts.append(json.dumps(json.loads(said), ensure_ascii=False))
    parts += re.findall(r"<(?:title|h1)[^>]*>([^<]*)<", html)
    return "\n".join(parts)


def test_no_trace_of_a_redacted_name_is_left_in_the_file(
    html: str, central_asia_graph: AccessGraph, touching: list[str]
) -> None:
    text = carried(html)
    entities = central_asia_graph.dataset.entities
    for name in HIDDEN:
        row = entities.row(entities.index[name])
        names = [row["name"], row["name_ru"], row["name_kk"], *split(row["aliases"])]
        for said in filter(None, names):
            whole = re.compile(rf"(?<!\w){re.escape(said)}(?!\w)", 0 if said.isupper() else re.IGNORECASE)
            assert not whole.search(text), said
        # Neither as an id, nor as a part of the id of anything else, nor in the address of a source.
        assert not re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text)
    assert "dahua" not in text.casefold()
    assert not [name for name in touching if f'"{name}"' in text]
    relations = central_asia_graph.dataset.relations
    claims = [relations.column("claim")[relations.index[name]] for name in touching]
    assert len(claims) > 20
    assert not [claim for claim in claims if claim in text]


def test_cuts_are_those_of_the_redacted_data_and_no_source_is_said_to_stand_alone(
    html: str, central_asia_graph: AccessGraph, opened: Open, tmp_path: Path
) -> None:
    found = decode(html.split('id="payload">')[1].split("<", maxsplit=1)[0])["findings"]
    graph = redact(central_asia_graph, HIDDEN, as_of="2026-11-24").graph
    told, relations = found["cuts"], graph.dataset.relations.column("id")
    for at, code in enumerate(graph.categories.codes):
        shown, private = (
            cut(one, code, as_of="2026-11-24", certainty="prospective") for one in (graph, central_asia_graph)
        )
        assert [relations[row] for row in told["relations"][at]] == shown.beside["relations"]
        assert told["high"][at] == shown.beside["cost"] == private.beside["cost"]
        assert told["verdicts"]["en"][told["verdict"][at]] == private.beside["verdict"]
    assert found["alone"] is None
    path = tmp_path / "map.html"
    path.write_text(html, "utf-8")
    seen = opened(path, link="#over=gaps&target=face")
    untold = seen.page.locator("[data-untold='accessmap sensitivity']")
    untold.wait_for(timeout=60_000)
    assert "sources are withheld" in untold.inner_text()


def test_the_links_of_a_story_lead_to_what_was_meant(html: str, opened: Open, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text(html, "utf-8")
    page = opened(path).page
    views = page.evaluate("JSON.parse(document.getElementById('settings').textContent).story.steps.map((s) => s.view)")
    known = """(view) => { const { model } = AccessMap.app.internals(); const all = new URLSearchParams(view);
        return [(all.get("sel") || "r:").slice(2), ...(all.get("without") || "").split(","), all.get("body")]
          .filter(Boolean).map((id) => [id, model.position.has(id) || model.relationRow.has(id)]); }"""
    found = [pair for view in views for pair in page.evaluate(known, view)]
    assert len(found) == 5
    assert all(there for _, there in found), found
    assert "(withheld)" in page.inner_text("#title")
    assert "3 entities are withheld" in page.inner_text("#notes")


def turning_days(graph: AccessGraph) -> list[str]:
    """Days on which something begins or is over for the first time."""
    days = {*graph.arcs.start.tolist(), *(graph.arcs.end + 1).tolist(), *graph.denials.start.tolist()}
    days |= {*(graph.denials.end + 1).tolist(), *graph.arcs.known.tolist()}
    return [iso(day) or "" for day in sorted(days) if ALWAYS < day < FOREVER]


@pytest.mark.parametrize("hidden", [HIDDEN, ("kz-government", "kz-police-almaty", "cn-hikvision")])
def test_every_published_verdict_is_the_private_one(central_asia_graph: AccessGraph, hidden: tuple[str, ...]) -> None:
    redaction = redact(central_asia_graph, hidden)

    def told(graph: AccessGraph, code: str, rename: Any, **options: Any) -> list[tuple[object, ...]]:
        return sorted(
            (rename(row["body"]), rename(row["store"]), row["verdict"], row["level"], row["certainty"], row["hops"])
            for row in who_can_reach(graph, code, by="pair", **options).rows
        )

    days, rows = turning_days(central_asia_graph), 0
    assert len(days) > 300
    for number, day in enumerate(days[::12]):
        code = ("biometric", "video", "identity", "location")[number % 4]
        options = {"as_of": day, "stance": ("direct", "documented", "assumed")[number % 3]}
        if number % 2:
            options = {"as_of": "2026-11-24", "known_by": day}
        ours = told(central_asia_graph, code, redaction.id_of, **options)
        assert ours == told(redaction.graph, code, str, **options), day
        rows += len(ours)
    assert rows > 1000


def test_a_verdict_that_would_differ_on_some_day_is_refused(
    cabar_graph: AccessGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that ended in 2020 decides nothing today, but it does on a day that the slider offers."""
    over = next(row for row, end in enumerate(cabar_graph.dataset.relations.column("valid_until")) if "" < end < "2021")
    honest = module._Editor._relations

    def longer(editor: Any) -> Any:
        table = honest(editor)
        ends = list(table.column("valid_until"))
        ends[over] = "2021-06-30"
        return table.with_column("valid_until", ends)

    monkeypatch.setattr(module._Editor, "_relations", longer)
    with pytest.raises(AccessMapError, match="differ"):
        redact(cabar_graph, ["cn-dahua"])


OWN_RULE = """
[[rule]]
key = "house-tenth"
regime = "house"
name = "A rule that Dahua Technology would not like"
text = "A tenth suffices, whoever asks the МВД."
source = "https://example.org/dahua"
read = "2026-01-01"
periods = [{ threshold = 10, together = true }]
[[jointly]]
owners = ["cn-dahua", "cn-hikvision"]
source = "example"
[[program]]
authority = "us-ofac"
list = "NS-CMIC"
regime = "us-ofac"
effect = "investment_ban"
ownership = "house-tenth"
"""


def test_a_datasets_own_rules_of_lists_hold_in_the_redacted_one(central_asia_graph: AccessGraph) -> None:
    dataset = replace(central_asia_graph.dataset, extras={"regimes.toml": OWN_RULE.encode()})
    redaction = redact(build(dataset), ["cn-dahua", "kz-mia"], as_of="2026-11-24")
    kept = redaction.graph.dataset.extras["regimes.toml"].decode()
    assert "ahua" not in kept
    assert "МВД" not in kept
    assert redaction.id_of("cn-dahua") in kept

    def rows(graph: AccessGraph) -> set[tuple[str, str]]:
        found = exposure(graph, as_of="2026-11-24").rows
        return {(row["entity"], row["listing"]) for row in found if row["listed_entity"] not in ("cn-dahua", "kz-mia")}

    own, shipped = rows(build(dataset)), rows(central_asia_graph)
    assert own - shipped  # the rule says more than the shipped ones
    assert {entity for entity, _ in rows(redaction.graph)} == {redaction.id_of(entity) for entity, _ in own}


def test_exposure_that_would_differ_is_refused(
    central_asia_graph: AccessGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = replace(central_asia_graph.dataset, extras={"regimes.toml": OWN_RULE.encode()})
    monkeypatch.setattr(module._Editor, "_regimes", lambda *_: b"")
    with pytest.raises(AccessMapError, match="exposure would differ"):
        redact(build(dataset), ["kz-mia"], as_of="2026-11-24")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Министерство внутренних дел", "ответ Министерству внутренних дел"),
        ("Министерство внутренних дел", "с министерством внутренних дел"),
        ("Ішкі істер министрлігі", "Ішкі істер министрлігінің жауабы"),
        ("Korkem Telecom LLP", "built by Korkem Telecom in 2019"),
        ("ТОО «Көркем Телеком»", "компания Көркем Телеком"),
        ("Sergek (all cities)", "Sergek cameras"),
        ("Police of Aktobe (Police Department of Aktobe region)", "the Police Department of Aktobe region said"),
        ("МВД", "письмо МВД"),
        ("Dahua", "the ZhejiangDahua group"),
    ],
)
def test_a_name_is_found_in_the_forms_in_which_it_is_written(name: str, text: str) -> None:
    assert "(withheld)" in Silence((name,)).of(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("МВД", "мвдом"), ("MIA", "Namibia and Miami"), ("Сергек", "Сергей"),
        ("People's Republic (authorities)", "authorities"),
    ],
)  # fmt: skip
def test_a_word_that_is_no_name_stays(name: str, text: str) -> None:
    assert Silence((name,)).of(text) == text


MINISTRY = {"name": "Ministry", "name_ru": "Министерство", "name_kk": "Министрлік", "aliases": "Secret House"}


@pytest.mark.parametrize(("kind", "stays"), [("ministry", True), ("agency", False)])
def test_a_name_that_only_says_the_kind_takes_no_other_name_along(
    central_asia_graph: AccessGraph, kind: str, stays: bool
) -> None:
    dataset = central_asia_graph.dataset
    entities, hidden = dataset.entities, "kz-mfa"
    ids = entities.column("id")
    for column, cell in {**MINISTRY, "kind": kind}.items():
        cells = [cell if name == hidden else old for name, old in zip(ids, entities.column(column), strict=True)]
        entities = entities.with_column(column, cells)
    note = "As the Ministry, called Secret House, says."
    entities = entities.with_column("note", [note if name == "kz-moh" else "" for name in ids])
    graph = build(replace(dataset, tables={**dataset.tables, "entities": entities}))
    redaction = redact(graph, [hidden])
    told = redaction.graph.dataset
    row = told.entities.row(told.entities.index["kz-moh"])
    assert (row["name"] == "Ministry of Health") is stays
    assert (row["name_ru"].startswith("Министерство")) is stays
    # What the kind does not say is withheld as ever, and whoever is hidden bears nothing but the kind.
    assert "Secret House" not in carried(draw_map(graph, as_of="2026-11-24", redact=[hidden]).html)
    assert told.name_of(redaction.id_of(hidden)) == "Body 1 (withheld)"
    assert hidden not in told.entities.index


def test_an_address_that_tells_a_name_is_left_out(central_asia_graph: AccessGraph) -> None:
    silence = Silence(("Dahua Technology", "Dahua", "Көркем Телеком"), ("cn-dahua",))
    assert silence.tells_address("https://example.org/2019/cameras-by-dahua-in-almaty.html")
    assert silence.tells_address(
        "https://example.org/%D0%9A%D3%A9%D1%80%D0%BA%D0%B5%D0%BC%20%D0%A2%D0%B5%D0%BB%D0%B5%D0%BA%D0%BE%D0%BC"
    )
    assert not silence.tells_address("https://example.org/2019/cameras-in-almaty.html")


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


def test_a_name_written_into_every_text_of_a_dataset_is_in_none_of_the_page(cabar_graph: AccessGraph) -> None:
    """Not only where the bundled data have it: in every column that is neither a code nor a reference nor a date."""
    dataset, name = cabar_graph.dataset, "Secretive Agency"
    tables = dict(dataset.tables)
    written = 0
    for table, coded in module._CODED.items():
        filled = tables[table]
        for column in filled.header:
            if column in coded:
                continue
            filled = filled.with_column(column, [f"{cell} {name}".strip() for cell in filled.column(column)])
            written += len(filled)
        tables[table] = filled
    entities = tables["entities"]
    names = [
        name if key == "cn-dahua" else cell for key, cell in zip(*map(entities.column, ("id", "name")), strict=True)
    ]
    tables["entities"] = entities.with_column("name", names).with_column("name_de", [f"bei {name}"] * len(entities))
    links = [f"https://example.org/{number}/secretive-agency" for number in range(len(tables["sources"]))]
    tables["sources"] = tables["sources"].with_column("url", links)
    graph = build(replace(dataset, tables=tables, package={**dataset.package, "title": f"The {name}"}))
    assert written > 500
    private = carried(draw_map(graph, target="video", as_of="2020-04-15").html)
    assert private.casefold().count("secretive") > 200
    published = carried(draw_map(graph, target="video", as_of="2020-04-15", redact=["cn-dahua"]).html)
    assert "secretive" not in published.casefold()


def test_whoever_withholds_an_authority_is_told_that_exposure_would_change(central_asia_graph: AccessGraph) -> None:
    with pytest.raises(AccessMapError, match="exposure would differ"):
        redact(central_asia_graph, ["us-bis"], as_of="2026-11-24")


@pytest.mark.parametrize(
    ("names", "text", "left"),
    [
        (("Huawei",), "«Хуавэй технолоджи», Хуавэем и Хуа Вэй", "«(withheld) технолоджи», (withheld) и (withheld)"),
        (("Huawei",), "Huawey, Hua Wei, Hauwei; khuavey", "(withheld), (withheld), (withheld); (withheld)"),
        (("Dahua",), "Дахуа, Даху́а, Дауа", "(withheld), (withheld), (withheld)"),
        (("Hikvision",), "Хиквижн, Хиквижном; Hikvison", "(withheld), (withheld); (withheld)"),
        (("Cellebrite",), "от Селлебрайта", "от (withheld)"),
        (("Көркем Телеком",), "by Korkem Telecom", "by (withheld)"),
        # Where a name is known in the text's alphabet, what is merely like it is another.
        (("Sergek", "Сергек"), "Сергей и Sergey", "Сергей и Sergey"),
        (("Costar",), "в Костанае", "в Костанае"),
        (("Dahua",), "хорошего духа дома", "хорошего духа дома"),
    ],
)
def test_a_name_is_heard_in_another_alphabet_or_spelling(names: tuple[str, ...], text: str, left: str) -> None:
    assert Silence(names).of(text) == left


def test_no_source_tells_a_name_by_its_sound(central_asia_graph: AccessGraph) -> None:
    titles = central_asia_graph.dataset.sources.column("title")
    assert any("Хуавэй" in title for title in titles)
    redaction = redact(central_asia_graph, ["cn-huawei"], as_of="2026-11-24")
    sources = redaction.graph.dataset.sources
    row = next(row for row, title in enumerate(sources.column("title")) if "устранит недостатки" in title)
    assert "Хуавэй" not in sources.column("title")[row]
    assert sources.column("url")[row] == ""
    assert redaction.taken["heard"] == 1
    assert redaction.taken["texts"] > 5
    silence = Silence(("Huawei",))
    assert silence.tells_address("https://example.org/2014/khuavey-tekhnolodzhi-ustranit")
    assert silence.tells_id("vecherka-khuavey-2014")


def test_what_is_taken_for_a_name_by_its_sound_is_seldom_another_word(central_asia_graph: AccessGraph) -> None:
    dataset = central_asia_graph.dataset
    silence = Silence(("Huawei", "Dahua", "Hikvision", "Costar", "ZTE", "Tiandy", "Uniview"))
    texts = {text for column in ("name", "name_ru", "name_kk", "note") for text in dataset.entities.column(column)}
    texts |= {*dataset.relations.column("claim"), *dataset.sources.column("title")}
    assert [text for text in sorted(texts) if silence.hears(text)] == [
        "«Хуавэй технолоджи» устранит недостатки в проекте «Безопасный город»"
    ]

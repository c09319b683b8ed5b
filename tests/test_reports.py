"""Reports: what people see fits, reads and tells all; what programs get is exact and harmless."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphs
from graphs.access import AccessGraph
from graphs.answers import Answer, Note
from graphs.reports import STYLES, compose, render
from graphs.reports.blocks import Bullets, Column, Entry, Grid, GridRow, Heading, Paragraph, Span
from graphs.reports.markdown import escaped, markdown
from graphs.reports.reach import _LEGEND
from graphs.reports.records import as_csv
from graphs.reports.speech import Speech
from graphs.reports.text import _SINGLE, _Cells, cells, text
from stakeholders.dataset import Dataset
from stakeholders.errors import UnknownTerm
from stakeholders.vocabulary import DATE_WORDS, LANGUAGES, STATUSES, Label

GOLDEN = Path(__file__).parent / "golden"
ARTICLE = "2020-04-15"


def who(graph: AccessGraph, target: str, day: str, **options: Any) -> Answer:
    return graphs.who_can_reach(graph, target, as_of=day, **options)


def whynot(graph: AccessGraph) -> Answer:
    return graphs.whynot(graph, "kz-police-almaty", "kz-sergek-almaty-archive", as_of=ARTICLE, certainty="reported")


# What each file under tests/golden shows: dataset, question, how it is rendered.
SHOWN: dict[str, tuple[str, Callable[[AccessGraph], Answer], dict[str, Any]]] = {
    "who-biometric-80.txt": ("central-asia", lambda g: who(g, "biometric", "2026-11-24"), {"width": 80}),
    "who-biometric-120.txt": ("central-asia", lambda g: who(g, "biometric", "2026-11-24"), {"width": 120}),
    "who-biometric-ru.txt": ("central-asia", lambda g: who(g, "biometric", "2026-11-24"), {"width": 80, "lang": "ru"}),
    "who-biometric-kk.txt": ("central-asia", lambda g: who(g, "biometric", "2026-11-24"), {"width": 80, "lang": "kk"}),
    "who-video-plain.txt": ("cabar-2020", lambda g: who(g, "video", ARTICLE), {}),
    "who-video.md": ("cabar-2020", lambda g: who(g, "video", ARTICLE), {"form": "md"}),
    "who-video.csv": ("cabar-2020", lambda g: who(g, "video", ARTICLE), {"form": "csv"}),
    "who-video-unfolded.txt": ("cabar-2020", lambda g: who(g, "video", ARTICLE), {"unfold": True, "width": 80}),
    "who-pairs.txt": ("cabar-2020", lambda g: who(g, "video", ARTICLE, by="pair"), {"width": 80}),
    "who-contested.txt": ("cabar-2020", lambda g: who(g, "kz-sergek-almaty-archive", "2020-02-19"), {"width": 80}),
    "who-command.txt": ("central-asia", lambda g: who(g, "kz-mia", "2026-11-24"), {"width": 80}),
    "what-dahua.txt": ("cabar-2020", lambda g: graphs.reachable_from(g, "cn-dahua", as_of=ARTICLE), {"width": 80}),
    "what-police-ru.txt": (
        "central-asia", lambda g: graphs.reachable_from(g, "kz-police-almaty", as_of="2026-11-24"),
        {"width": 100, "lang": "ru"},
    ),
    "how-ministry.txt": ("cabar-2020", lambda g: graphs.how(g, "kz-mia", "video", as_of=ARTICLE), {"width": 80}),
    "how-ministry-kk.txt": ("cabar-2020", lambda g: graphs.how(g, "kz-mia", "video", paths=1, as_of=ARTICLE),
                            {"width": 80, "lang": "kk"}),
    "how-ministry.md": ("cabar-2020", lambda g: graphs.how(g, "kz-mia", "video", as_of=ARTICLE), {"form": "md"}),
    "whynot-police.txt": ("cabar-2020", whynot, {"width": 80}),
    "whynot-police-ru.txt": ("cabar-2020", whynot, {"width": 80, "lang": "ru"}),
    "show-dahua.txt": ("cabar-2020", lambda g: graphs.entry(g.dataset, "cn-dahua"), {"width": 80}),
    "show-video-kk.txt": ("cabar-2020", lambda g: graphs.entry(g.dataset, "video"), {"width": 80, "lang": "kk"}),
    "show-source.txt": ("cabar-2020", lambda g: graphs.entry(g.dataset, "zakon-2020-02"), {"width": 80}),
    "timeline-archive-ru.txt": (
        "cabar-2020", lambda g: graphs.timeline(g.dataset, "kz-sergek-almaty-archive"), {"width": 80, "lang": "ru"},
    ),
    "find-sergek.txt": ("cabar-2020", lambda g: graphs.search(g.dataset, "Сергек"), {"width": 80}),
    "datasets.txt": ("cabar-2020", lambda g: graphs.collection([g.dataset]), {"width": 80}),
}  # fmt: skip


@pytest.fixture
def graph_of(cabar_graph: AccessGraph, central_asia_graph: AccessGraph) -> Callable[[str], AccessGraph]:
    return {"cabar-2020": cabar_graph, "central-asia": central_asia_graph}.__getitem__


@pytest.mark.parametrize("name", SHOWN)
def test_what_people_see_is_what_was_read_and_approved(graph_of: Callable[[str], AccessGraph], name: str) -> None:
    dataset, ask, look = SHOWN[name]
    graph = graph_of(dataset)
    shown = render(ask(graph), dataset=graph.dataset, **look)
    if os.environ.get("UPDATE"):
        (GOLDEN / name).write_text(shown, "utf-8")
    assert (GOLDEN / name).read_text("utf-8") == shown


@pytest.mark.parametrize("name", [name for name in SHOWN if name.startswith(("who-", "what-", "how-"))])
def test_every_mark_that_is_explained_stands_somewhere(graph_of: Callable[[str], AccessGraph], name: str) -> None:
    dataset, ask, _ = SHOWN[name]
    graph = graph_of(dataset)
    lines = render(ask(graph), dataset=graph.dataset).splitlines()
    explained = {mark: line for line in lines for mark, label in _LEGEND.items() if label.en in line}
    for mark, legend in explained.items():
        assert any(mark in line for line in lines if line != legend), (mark, legend)


def test_a_table_says_which_columns_have_no_room_and_explains_no_mark_of_theirs(cabar_graph: AccessGraph) -> None:
    def shown(width: int, lang: str = "en") -> str:
        return render(who(cabar_graph, "video", ARTICLE), dataset=cabar_graph.dataset, width=width, lang=lang)

    wide, narrow = shown(140), shown(80)
    assert "Best store" in wide
    assert "left out" not in wide
    assert _LEGEND["°"].en in wide
    assert narrow.endswith("\nColumns left out at this width: Best store.\n")
    assert narrow.count("°") == 0
    assert shown(80, "ru").endswith("При этой ширине опущены столбцы: Лучший доступ.\n")


@pytest.mark.parametrize("width", [24, 40])
def test_where_a_table_has_no_room_it_is_a_list(cabar_graph: AccessGraph, width: int) -> None:
    told = render(who(cabar_graph, "video", ARTICLE), dataset=cabar_graph.dataset, width=width)
    joined = " ".join(told.split())
    assert "Police of Atyrau Level: granted; Certainty: reported; Places: 1; Since: 2020-02-19;" in joined
    assert "Best store: Sergek video archive, Atyrau" in joined
    assert "left out" not in told
    assert all(cells(line) <= width for line in told.splitlines())
    assert not re.search(r"^\s*\w\s*$", told, re.M), "a line of one letter"


def test_a_path_through_an_entity_that_stands_for_many_is_marked(cabar_graph: AccessGraph) -> None:
    answer = graphs.how(cabar_graph, "cn-dahua", "video", as_of=ARTICLE, paths=1)
    assert answer.rows[0]["collective"]
    heading = next(line for line in render(answer, dataset=cabar_graph.dataset).splitlines() if line[:6] == "Path 1")
    assert heading.endswith("*")


@pytest.mark.parametrize(
    ("code", "english", "russian", "kazakh"),
    [
        ("health", "health data", "данные категории «Здоровье»", "«Денсаулық» санатындағы деректер"),
        ("tax", "tax data", "данные категории «Налоги»", "«Салық» санатындағы деректер"),
        ("civil_status", "data on civil status", "данные категории «Гражданское состояние»",
         "«Азаматтық хал» санатындағы деректер"),
        ("vehicle_plate", "data on vehicle plates", "данные категории «Номера транспортных средств»",
         "«Көлік нөмірлері» санатындағы деректер"),
        ("genomic", "genomic data", "геномные данные", "геномдық деректер"),
        ("face", "face images and templates", "изображения лиц и шаблоны", "бет бейнелері мен үлгілері"),
    ],
)  # fmt: skip
def test_what_is_reached_is_data(
    central_asia_graph: AccessGraph, code: str, english: str, russian: str, kazakh: str
) -> None:
    answers = [
        graphs.how(central_asia_graph, "kz-moh", code), graphs.whynot(central_asia_graph, "kz-moh", code),
        graphs.chokepoints(central_asia_graph, code), who(central_asia_graph, code, "2026-11-24"),
        graphs.exposure(central_asia_graph, code, certainty="reported"),
    ]  # fmt: skip
    for lang, said in (("en", english), ("ru", russian), ("kk", kazakh)):
        for answer in answers:
            first = render(answer, lang=lang, dataset=central_asia_graph.dataset).splitlines()[0]
            assert said.casefold() in first.casefold()
            assert first[0] in "«0123456789" or first[0].isupper()


def test_kazakh_tells_an_alleged_fact_from_an_assumed_date() -> None:
    alleged, assumed = STATUSES["alleged"].kk, DATE_WORDS["assumed"].kk
    assert alleged == "мәлімделген"
    assert alleged not in assumed
    strings = json.loads((Path(graphs.__file__).parent / "map" / "strings.json").read_text("utf-8"))
    legend = next(text["kk"] for text in strings.values() if str(text.get("kk")).startswith("Сызықтар: тұтас"))
    assert f"нүктелі – {alleged}" in legend


def test_every_golden_file_is_compared() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(SHOWN)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", [name for name in SHOWN if name.endswith(".txt")])
def test_no_line_is_wider_than_the_terminal_but_for_an_address(
    graph_of: Callable[[str], AccessGraph], name: str, width: int, lang: str
) -> None:
    dataset, ask, _ = SHOWN[name]
    graph = graph_of(dataset)
    for line in render(ask(graph), dataset=graph.dataset, lang=lang, width=width).splitlines():
        assert cells(line) <= width or "http" in line or re.search(r"[\w-]{30,}", line), line


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "name", ["who-biometric-80.txt", "what-police-ru.txt", "how-ministry.txt", "whynot-police.txt"]
)
def test_reports_speak_one_language(graph_of: Callable[[str], AccessGraph], name: str, lang: str) -> None:
    """What is not data stands in the reader's language: no placeholder is left, no English word in a Russian table."""
    dataset, ask, _ = SHOWN[name]
    graph = graph_of(dataset)
    said = render(ask(graph), dataset=graph.dataset, lang=lang)
    assert "{" not in said
    if lang != "en":
        english = "custody|granted|indirect|possible|confirmed|reported|Source|stance|dataset|undated"
        assert not re.search(rf"\b({english})\b:?(?=  |;|$)", said, re.M)


def test_nothing_is_lost_where_bodies_are_folded(central_asia_graph: AccessGraph) -> None:
    answer = who(central_asia_graph, "biometric", "2026-11-24")
    speech = Speech("en", central_asia_graph.dataset)
    rows = [row for block in compose(answer, speech) if isinstance(block, Grid) for row in block.rows]
    told = len(rows)
    for row in rows:
        for line in row.under:
            said = "".join(span.text for span in line)
            if match := re.match(r"and its (\d+|one) member|and above it: ", said):
                more = re.search(r" and (\d+) more$", said)
                named = said.partition(": ")[2].removesuffix(more[0] if more else "")
                folded = sum(named.count(name) > 0 for name in _names(answer, central_asia_graph.dataset, named))
                told += folded + (int(more[1]) if more else 0)
                if match[1] and match[1] != "one":
                    assert int(match[1]) == folded + (int(more[1]) if more else 0)
    assert told == len(answer.rows)
    unfolded = compose(answer, Speech("en", central_asia_graph.dataset, unfold=True))
    assert sum(len(block.rows) for block in unfolded if isinstance(block, Grid)) == len(answer.rows)


def _names(answer: Answer, dataset: Dataset, said: str) -> set[str]:
    """Bodies of an answer that a list names, the longest name first, so that none is taken for part of another."""
    found, rest = set(), said
    for name in sorted({dataset.name_of(row["body"]) for row in answer.rows}, key=len, reverse=True):
        if re.search(rf"(?:^|, ){re.escape(name)}(?:, |$)", rest):
            found.add(name)
    return found


def test_a_headline_counts_each_body_once_under_its_best_verdict(central_asia_graph: AccessGraph) -> None:
    def headline(by: str) -> str:
        answer = who(central_asia_graph, "biometric", "2026-11-24", by=by)
        return render(answer, dataset=central_asia_graph.dataset).splitlines()[0]

    assert headline("body") == headline("pair")


def test_the_marks_are_explained_where_they_stand(graph_of: Callable[[str], AccessGraph]) -> None:
    for dataset, ask, _ in (SHOWN[name] for name in SHOWN if name.startswith(("who", "what"))):
        graph = graph_of(dataset)
        answer = ask(graph)
        said = render(answer, dataset=graph.dataset)
        assert ("! contested" in said) == any(row["contested"] for row in answer.rows)
        assert ("* through" in said) == any(row["collective"] for row in answer.rows)
        assert ("° a system" in said) == any(row["store_unknown"] for row in answer.rows)


def test_without_a_dataset_ids_stand_for_names(cabar_graph: AccessGraph) -> None:
    assert "kz-police-atyrau " in render(who(cabar_graph, "video", ARTICLE))


def test_an_unknown_format_or_language_is_refused(cabar_graph: AccessGraph) -> None:
    answer = who(cabar_graph, "video", ARTICLE)
    with pytest.raises(UnknownTerm):
        render(answer, "xml")
    with pytest.raises(UnknownTerm):
        render(answer, lang="de")


# data


@pytest.mark.parametrize("name", SHOWN)
def test_json_is_the_answer_itself(graph_of: Callable[[str], AccessGraph], name: str) -> None:
    dataset, ask, _ = SHOWN[name]
    answer = ask(graph_of(dataset))
    read = json.loads(render(answer, "json"))
    assert read.pop("accessmap")
    assert read == json.loads(json.dumps(answer.to_dict()))


@pytest.mark.parametrize("name", SHOWN)
def test_csv_has_every_row_with_names_beside_ids(graph_of: Callable[[str], AccessGraph], name: str) -> None:
    dataset, ask, _ = SHOWN[name]
    graph = graph_of(dataset)
    answer = ask(graph)
    read = list(csv.DictReader(io.StringIO(render(answer, "csv", dataset=graph.dataset, lang="ru"))))
    steps = sum(len(row.get("steps", "1")) for row in answer.rows)
    assert len(read) == (steps if answer.rows else len(answer.beside["near"]))
    for row in read:
        if "body" in row:
            assert row["body_name"] == graph.dataset.name_of(row["body"], "ru")


CELL = st.text(alphabet=st.sampled_from(list("=+-@\t\r\n;,\"'ab1 |")), max_size=6)


@given(st.lists(st.fixed_dictionaries({"a": CELL, "b": st.lists(CELL, max_size=2)}), min_size=1, max_size=3))
def test_no_cell_of_a_csv_is_a_formula_and_every_text_comes_back(records: list[dict[str, Any]]) -> None:
    read = list(csv.DictReader(io.StringIO(as_csv(records), newline="")))
    assert len(read) == len(records)
    for record, row in zip(records, read, strict=True):
        for name, value in record.items():
            cell, meant = row[name], value if isinstance(value, str) else ";".join(value)
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
            same = meant.replace("\r\n", "\n").replace("\r", "\n")
            assert cell == (f"'{same}" if meant and meant[0] in "=+-@\t\r" else same)


def test_numbers_and_absent_values_of_a_csv_stay_themselves() -> None:
    assert as_csv([{"n": -1, "x": 0.5, "none": None, "yes": True, "deep": [{"a": 1}]}]) == (
        'n,x,none,yes,deep\n-1,0.5,,true,"[{""a"": 1}]"\n'
    )


HOSTILE = "a|b\n<script>alert(1)</script> [x](javascript:y) *s* _u_ `c` # h \\ &amp; ![i](http://e.vil/p.png)"


@pytest.mark.parametrize("said", ["- a", "+ a", "1. a", "12) a", "-", "2026."])
def test_a_line_that_begins_like_a_list_begins_none(said: str) -> None:
    blocks = [Bullets([[Span(said)]]), Paragraph([Span(said)]), Entry(1, [Span(said)], [[Span(said)]])]
    lines = [line.lstrip() for line in markdown(blocks).splitlines() if line]
    texts = [lines[0].removeprefix("- "), lines[1], lines[2].removeprefix("1. "), lines[3].removeprefix("- ")]
    assert len(set(texts)) == 1
    assert texts[0].replace("\\", "") == said
    assert "\\" in texts[0]


def test_hostile_text_stays_text_in_markdown() -> None:
    grid = Grid([Column("A|"), Column("B")], [GridRow([Span(HOSTILE), Span("2")], [[Span(HOSTILE)]])])
    said = markdown([Paragraph([Span(HOSTILE, "headline")]), Heading(Span(HOSTILE)), grid, Entry(1, [Span(HOSTILE)]),
                     Bullets([[Span(HOSTILE)]])])  # fmt: skip
    assert "<script" not in said
    assert "](" not in said.replace("\\]", "")
    table = [line for line in said.splitlines() if line.startswith("|")]
    assert len(table) == 3
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 3 for line in table)


@given(st.text(max_size=40))
def test_no_text_becomes_markup_in_markdown(piece: str) -> None:
    said = escaped(piece)
    assert "\n" not in said
    assert not re.search(r"<(?!https?://)", said)
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_|\[\]]", re.sub(r"<https?://[^>]*>", "", said))


def test_only_web_addresses_become_links() -> None:
    assert escaped("see https://a.kz/x?b=1&c=2.") == "see <https://a.kz/x?b=1&amp;c=2.>"
    assert "<javascript" not in escaped("javascript:alert(1)")


# layout


def test_widths_count_columns_of_a_terminal_not_characters() -> None:
    assert [cells(piece) for piece in ("abc", "Қазақ", "海康威视", "e\N{COMBINING ACUTE ACCENT}")] == [3, 5, 8, 1]


@given(st.text())
def test_what_is_measured_at_once_is_as_wide_as_its_characters(piece: str) -> None:
    assert cells(piece) == sum(map(cells, piece))


def test_letters_measured_at_once_take_a_column_each() -> None:
    single = [char for char in map(chr, range(0x10000)) if _SINGLE.fullmatch(char)]
    assert {"a", "Қ", "ё", "«", "–"} <= {*single}
    assert not [char for char in single if unicodedata.combining(char) or unicodedata.east_asian_width(char) in "WF"]


@given(
    st.lists(st.tuples(*[st.text(alphabet="ab я海\n\x1b", max_size=30)] * 3), min_size=1, max_size=5),
    st.none() | st.integers(40, 90),
)
def test_a_cell_that_recurs_is_laid_out_as_it_would_be_alone(rows: list[tuple[str, ...]], width: int | None) -> None:
    columns = [Column("First", flexible=True), Column("Second", right=True), Column("Third", flexible=True)]
    styles = ("", "faint", "contested")
    grid = Grid(
        columns, [GridRow([Span(*cell) for cell in zip(row, styles, strict=True)]) for row in (*rows, *rows, "abc")]
    )

    def paint(piece: str, style: str) -> str:
        return f"<{style}>{piece}</>"

    shown = text([grid], width, paint)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Cells, "__missing__", lambda *_: "\n")  # each as if it wrapped
        assert text([grid], width, paint) == shown


WORDS = st.lists(st.text(alphabet="abяқ海 ", min_size=1, max_size=12), min_size=1, max_size=8).map(" ".join)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=4), st.integers(40, 90))
def test_a_table_fits_its_width_and_keeps_every_word(rows: list[tuple[str, str, str]], width: int) -> None:
    columns = [Column("First", flexible=True), Column("Second", flexible=True), Column("Third", flexible=True)]
    grid = Grid(columns, [GridRow([Span(cell) for cell in row]) for row in rows])
    lines = text([grid], width).splitlines()
    assert all(cells(line) <= width for line in lines)
    letters = sorted(char for row in rows for cell in row for char in cell if char != " ")
    assert sorted(char for line in lines[2:] for char in line if char != " ") == letters


def test_columns_of_least_worth_give_way_and_spill() -> None:
    columns = [
        Column("Name", flexible=True),
        Column("Kept"),
        Column("Spilt", rank=1, spills=True),
        Column("Gone", rank=2),
    ]
    grid = Grid(columns, [GridRow([Span("n" * 30), Span("k" * 10), Span("s" * 20), Span("g" * 20)])])
    wide, narrow = text([grid], 120), text([grid], 46)
    assert "g" * 20 in wide
    assert wide.splitlines()[2].index("s" * 20) > 30
    assert "g" * 20 not in narrow
    assert narrow.splitlines()[-3:] == ["  " + "s" * 20, "", "Gone"]
    assert "Gone" not in wide.splitlines()[-1]


@pytest.mark.parametrize(("width", "head"), [
    (None, ["Name  Kept  Spilt"]), (80, ["Name  Kept  Spilt", "─" * 17]), (12, ["Name  Kept", "─" * 10]), (9, []),
])  # fmt: skip
def test_a_table_of_empty_cells_is_laid_out(width: int | None, head: list[str]) -> None:
    columns = [Column("Name", flexible=True), Column("Kept", right=True), Column("Spilt", rank=1, spills=True)]
    rows = [GridRow([Span("")] * 3), GridRow([Span("")] * 3, [[Span("below")]])]
    shown = text([Grid(columns, rows), Paragraph([Span("after")])], width).splitlines()
    assert shown == [*head, "", "", "  below", "", "after"]
    assert text([Grid(columns, [])], width).splitlines() == head


def test_a_table_of_what_is_worth_least_keeps_a_column() -> None:
    columns = [Column("Name"), Column("First", rank=2), Column("Second", rank=1)]
    grid = Grid(columns, [GridRow([Span(""), Span("f" * 30), Span("s" * 30)])])
    assert text([grid], 40).splitlines() == ["Second", "─" * 30, "s" * 30, "", "First"]
    assert "s" * 10 in text([grid], 20)


def test_text_of_a_terminal_cannot_command_it() -> None:
    said = text([Paragraph([Span("a\x1b[31mb\x07\x9b")])], 80)
    assert not any(unicodedata.category(char) == "Cc" and char != "\n" for char in said)


def test_painting_changes_nothing_but_colour(cabar_graph: AccessGraph) -> None:
    answer = who(cabar_graph, "kz-sergek-almaty-archive", "2020-02-19")
    used: set[str] = set()

    def paint(piece: str, style: str) -> str:
        used.add(style)
        return f"\x1b[1m{piece}\x1b[0m"

    painted = render(answer, dataset=cabar_graph.dataset, width=80, paint=paint)
    assert re.sub(r"\x1b\[\dm", "", painted) == render(answer, dataset=cabar_graph.dataset, width=80)
    assert used <= set(STYLES)
    assert {"reaches", "prospective", "contested"} <= used


def test_notes_are_said_in_the_language_of_the_report() -> None:
    answer = Answer("find", {"text": "x"}, {}, (), notes=(Note(Label("one", "два", "үш")),))
    assert [render(answer, lang=lang).split()[-1] for lang in LANGUAGES] == ["one", "два", "үш"]

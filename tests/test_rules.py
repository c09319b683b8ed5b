"""Every problem is found at once: where it is, what it is, what comes near."""

from __future__ import annotations

import csv
import io
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakeholders import rules
from stakeholders.cycles import cycles
from stakeholders.errors import InvalidDataset, Problem
from stakeholders.examination import Combinations
from stakeholders.samples import starter
from stakeholders.schema import HEADERS
from stakeholders.tables import read, read_files

# Rows of the starter: relations.csv 2 part_of, 3 operates, 4 holds, 5 keeps_data_in, 6 has_access, 7 supplies.
Rows = dict[str, list[dict[str, str]]]


def rows() -> Rows:
    return {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(raw.decode(), newline="")))
        for name, raw in starter("city").items()
        if name.endswith(".csv")
    }


def files(tables: Rows) -> dict[str, bytes]:
    made = {}
    for name, content in tables.items():
        text = io.StringIO(newline="")
        header = list(dict.fromkeys([*HEADERS[name], *(column for row in content for column in row)]))
        writer = csv.DictWriter(text, header, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(content)
        made[f"{name}.csv"] = text.getvalue().encode()
    return made


def problems(tables: Rows, *, warnings: bool = False) -> list[Problem]:
    dataset = read_files("city", files(tables), check=False)
    return [problem for problem in rules.validate(dataset) if problem.warning is warnings]


def changed(*edits: tuple[str, int, str, str]) -> list[str]:
    """Problems of the starter with some cells changed: table, line of the file, column, new cell."""
    tables = rows()
    for table, line, column, cell in edits:
        tables[table][line - 2][column] = cell
    return [str(problem) for problem in problems(tables)]


def added(table: str, **cells: str) -> Rows:
    tables = rows()
    tables.setdefault(table, []).append(cells)
    return tables


def relation(**cells: str) -> Rows:
    given = {"id": "new", "status": "confirmed", "claim": "So it is said.", "sources": "example-news", **cells}
    return added("relations", **given)


def test_an_id_with_spaces_around_it_is_no_suggestion() -> None:
    edits = (("entities", 2, "id", " interior-ministry "), ("sources", 2, "id", " example-law "))
    told = [one for one in changed(*edits) if "is defined nowhere" in one]
    nowhere = "is defined nowhere ({}.csv has it with spaces around it)"
    assert f"relations.csv:2: object: 'interior-ministry' {nowhere.format('entities')}" in told
    assert f"relations.csv:6: sources: 'example-law' {nowhere.format('sources')}" in told
    slipped = changed(("entities", 2, "id", " interior-ministry "), ("relations", 2, "object", "interior-ministri"))
    assert any("(did you mean 'interior-ministry'" in one for one in slipped)


def test_the_starter_has_no_problem() -> None:
    assert problems(rows()) == []
    assert problems(rows(), warnings=True) == []


ONE_CELL = [
    ("relations", 3, "predicate", "opperates", "'opperates' is not in the vocabulary (did you mean 'operates'?)"),
    ("relations", 3, "predicate", "", "is empty"),
    ("relations", 3, "subject", "camera-compny", "'camera-compny' is defined nowhere (did you mean 'camera-company'?)"),
    ("relations", 3, "subject", "", "is empty"),
    (
        "relations", 3, "object", "Street cameras",
        "'Street cameras' is defined nowhere (did you mean 'street-cameras'?)",
    ),
    (
        "relations", 3, "object", "Көше камералары",
        "'Көше камералары' is defined nowhere (did you mean 'street-cameras'?)",
    ),
    ("relations", 3, "status", "conffirmed", "'conffirmed' is not in the vocabulary (did you mean 'confirmed'?)"),
    ("relations", 3, "claim", " ", "is empty"),
    ("relations", 3, "sources", "", "a claim needs at least one source"),
    ("relations", 3, "sources", " ; ", "a claim needs at least one source"),
    ("relations", 3, "sources", "example-newz", "'example-newz' is defined nowhere (did you mean 'example-news'?)"),
    (
        "relations", 3, "sources", "example-law,example-news",
        "'example-law,example-news': values are parted by semicolons (did you mean 'example-law;example-news'?)",
    ),
    (
        "relations", 3, "sources", "https://example.org/x",
        "'https://example.org/x' is an address; give it a row in sources.csv and write that row's id here",
    ),
    ("relations", 6, "mode", "archve", "'archve' is not in the vocabulary (did you mean 'archive'?)"),
    (
        "relations", 6, "mode", "archive;copy",
        "'copy' is no mode of 'has_access'; 'has_access' has live, archive, search, export, admin",
    ),
    ("relations", 4, "mode", "live", "'live' is no mode of 'holds'; 'holds' has no mode"),
    ("relations", 6, "categories", "face;vidio", "'vidio' is no known category (did you mean 'video'?)"),
    (
        "relations", 6, "categories", "face,video",
        "'face,video': values are parted by semicolons (did you mean 'face;video'?)",
    ),
    ("relations", 6, "categories", "Видео", "'Видео' is no known category (did you mean 'video'?)"),
    ("relations", 4, "percent", "50", "'50': only 'owns' has a percentage, 'holds' has none"),
    (
        "relations", 3, "valid_from", "43512",
        "'43512' is no date; it looks like a spreadsheet's day number (did you mean '2019-02-16'?)",
    ),
    ("relations", 3, "valid_from", "02.03.2020", "'02.03.2020' is no date (did you mean '2020-03-02'?)"),
    (
        "relations", 3, "valid_from", "02/03/2020",
        "'02/03/2020' is no date (did you mean '2020-03-02' or '2020-02-03'?)",
    ),
    ("relations", 3, "valid_from", "2020-2-9", "'2020-2-9' is no date (did you mean '2020-02-09'?)"),
    ("relations", 3, "valid_from", "20200219", "'20200219' is no date (did you mean '2020-02-19'?)"),
    ("relations", 3, "valid_from", "02.2020", "'02.2020' is no date (did you mean '2020-02'?)"),
    ("relations", 3, "valid_from", "Feb-20", "'Feb-20' is no date (did you mean '2020-02'?)"),
    (
        "relations", 3, "valid_from", "19 февраля 2020 г.",
        "'19 февраля 2020 г.' is no date (did you mean '2020-02-19'?)",
    ),
    ("relations", 3, "valid_from", "2020-13", "'2020-13' is no day of the calendar"),
    ("relations", 3, "valid_from", "2021-02-29", "'2021-02-29' is no day of the calendar"),
    ("relations", 3, "valid_from", "soon", "'soon' is no date; write 2020, 2020-02 or 2020-02-19"),
    ("relations", 3, "valid_from", "２０２０", "'２０２０' is no date; write 2020, 2020-02 or 2020-02-19"),
    ("relations", 3, "valid_until", "2022", "'2022' is earlier than valid_from '2023'"),
    (
        "relations", 3, "id", "Camera Company",
        ("'Camera Company' is no id: small Latin letters, digits and hyphens between them (did you mean "
        "'camera-company'?)"),
    ),
    ("relations", 3, "id", "камера", "'камера' is no id: small Latin letters, digits and hyphens between them"),
    ("relations", 3, "id", "", "is empty"),
    ("relations", 3, "id", "camera-company-holds-camera-archive", None),
    ("entities", 3, "type", "boddy", "'boddy' is not in the vocabulary (did you mean 'body'?)"),
    ("entities", 3, "kind", "polcie", "'polcie' is not in the vocabulary (did you mean 'police'?)"),
    ("entities", 3, "name", "", "is empty"),
    ("entities", 3, "country", "kz", "'kz' is no country code of two capitals, such as KZ (did you mean 'KZ'?)"),
    ("entities", 3, "collective", "TRUE", "'TRUE' is neither 'true' nor empty (did you mean 'true'?)"),
    ("entities", 3, "sources", "", "an entity needs at least one source"),
    ("entities", 6, "categories", "faces", "'faces' is no known category (did you mean 'face'?)"),
    ("entities", 3, "valid_from", "1.2E+05", None),
    (
        "entities", 6, "volume", "1.2E+05",
        "'1.2E+05' is a spreadsheet's short form of a longer number; write all its digits",
    ),
    ("entities", 6, "volume", "#REF!", "'#REF!' is a spreadsheet's error; write again what stood here"),
    ("entities", 6, "note", "a\x00b", "'a\\x00b' holds a NUL character; take it out"),
    ("entities", 6, "note", "a\x1bb", "'a\\x1bb' holds the control character U+001B; take it out"),
    (
        "entities", 6, "note", "Актау\ufffd",
        "'Актау\ufffd' holds '\ufffd', the trace of a letter that was lost; write the letter again",
    ),
    ("entities", 6, "note", "x" * 40_000, "is 40,000 characters long; a spreadsheet cuts a cell after 32,767"),
    (
        "sources", 2, "url", "javascript:alert(1)",
        "'javascript:alert(1)' is no web address; it must start with https:// or http://",
    ),
    (
        "sources", 2, "url", "www.example.org/a",
        ("'www.example.org/a' is no web address; it must start with https:// or http:// (did you mean "
        "'https://www.example.org/a'?)"),
    ),
    (
        "sources", 2, "url", "https://exa mple.org",
        ("'https://exa mple.org' is no web address: it has a space, a quote or another character that none "
        "may have"),
    ),
    ("sources", 2, "url", "https:///path", "'https:///path' is no web address: it names no host"),
    ("sources", 2, "url", "http://[::1", "'http://[::1' is no web address: it names no host"),
    ("sources", 2, "date", "2024-02-30", "'2024-02-30' is no day of the calendar"),
    ("sources", 2, "kind", "newspaper", None),
    ("sources", 2, "seen", "red", "'red' is not in the vocabulary (did you mean 'read'?)"),
    ("sources", 2, "language", "EN", "'EN' is no language code of small letters, such as kk (did you mean 'en'?)"),
    ("sources", 2, "title", "", "is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "line", "column", "cell", "message"), ONE_CELL)
def test_one_wrong_cell_is_one_problem_in_its_place(
    table: str, line: int, column: str, cell: str, message: str | None
) -> None:
    found = changed((table, line, column, cell))
    place = f"{table}.csv:{line}: {column}: "
    assert found
    assert all(problem.startswith((place, f"{table}.csv:")) for problem in found)
    if message is not None:
        assert found == [place + message]


def test_an_id_of_two_rows_names_the_first() -> None:
    assert changed(("entities", 4, "id", "city-police"), ("relations", 3, "subject", "city-police"),
                   ("relations", 4, "subject", "city-police")) == [
        "entities.csv:4: id: 'city-police' is also the id of line 3",
    ]  # fmt: skip


def test_problems_of_all_files_come_together_in_the_order_of_files_lines_and_columns() -> None:
    found = changed(
        ("sources", 3, "url", "example"),
        ("relations", 7, "status", "maybe"),
        ("relations", 3, "valid_until", "2001"),
        ("relations", 3, "predicate", "opperates"),
        ("entities", 2, "type", "bod"),
    )
    assert [problem.split(": ")[0:2] for problem in found] == [
        ["entities.csv:2", "type"],
        ["relations.csv:3", "predicate"],
        ["relations.csv:3", "valid_until"],
        ["relations.csv:7", "status"],
        ["sources.csv:3", "url"],
    ]


def test_reading_refuses_with_every_problem_and_says_how_many() -> None:
    tables = rows()
    tables["relations"][1]["predicate"] = "opperates"
    tables["relations"][2]["sources"] = ""
    with pytest.raises(InvalidDataset) as refused:
        read_files("city", files(tables))
    assert len(refused.value.problems) == 2
    assert str(refused.value) == (
        "2 problems in the dataset\n"
        "  relations.csv:3: predicate: 'opperates' is not in the vocabulary (did you mean 'operates'?)\n"
        "  relations.csv:4: sources: a claim needs at least one source"
    )


@pytest.mark.parametrize("cell", ["0", "100", "68.5", "50..100", "0..0", "41.55", ""])
def test_a_stake_may_be_a_number_or_a_range(cell: str) -> None:
    assert problems(relation(subject="camera-maker", predicate="owns", object="camera-company", percent=cell)) == []


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("120", "'120' is out of 0 to 100"),
        ("-1", "'-1' is out of 0 to 100"),
        ("50..101", "'50..101' is out of 0 to 100"),
        ("60..40", "'60..40' goes from more to less (did you mean '40..60'?)"),
        ("41,55", "'41,55' is no percentage: a number or a range as 50..100 (did you mean '41.55'?)"),
        ("50 %", "'50 %' is no percentage: a number or a range as 50..100 (did you mean '50'?)"),
        ("50-100", "'50-100' is no percentage: a number or a range as 50..100 (did you mean '50..100'?)"),
        ("50…100", "'50…100' is no percentage: a number or a range as 50..100 (did you mean '50..100'?)"),
        ("1..2..3", "'1..2..3' is no percentage: a number or a range as 50..100"),
        ("nan", "'nan' is no percentage: a number or a range as 50..100"),
        ("most", "'most' is no percentage: a number or a range as 50..100"),
    ],
)
def test_a_stake_that_is_no_percentage_is_a_problem(cell: str, message: str) -> None:
    found = problems(relation(subject="camera-maker", predicate="owns", object="camera-company", percent=cell))
    assert [str(problem) for problem in found] == [f"relations.csv:8: percent: {message}"]


@pytest.mark.parametrize(
    ("subject", "predicate", "target", "column", "message"),
    [
        (
            "city-police", "keeps_data_in", "camera-archive", "subject",
            "'city-police' is a body; 'keeps_data_in' goes from a system to a store",
        ),
        (
            "camera-archive", "holds", "city-police", "subject",
            "'camera-archive' is a store; 'holds' goes from a body to a store; are subject and object swapped?",
        ),
        (
            "city-police", "holds", "street-cameras", "object",
            "'street-cameras' is a system; 'holds' goes from a body to a store",
        ),
        (
            "city-police", "has_access", "camera-maker", "object",
            "'camera-maker' is a body; 'has_access' goes from a body to a system or store",
        ),
        (
            "street-cameras", "part_of", "camera-archive", "object",
            "'camera-archive' is a store; a system can only be part of a system",
        ),
        (
            "city-police", "part_of", "street-cameras", "object",
            "'street-cameras' is a system; a body can only be part of a body",
        ),
        ("city-police", "controls", "city-police", "object", "'city-police' cannot be related to itself"),
        (
            "street-cameras", "leaked_to", "city-police", "subject",
            "'street-cameras' is a system; 'leaked_to' goes from a store to a body",
        ),
    ],
)  # fmt: skip
def test_a_predicate_joins_only_the_types_that_it_is_for(
    subject: str, predicate: str, target: str, column: str, message: str
) -> None:
    found = problems(relation(subject=subject, predicate=predicate, object=target))
    assert [str(problem) for problem in found] == [f"relations.csv:8: {column}: {message}"]


def test_a_circle_of_wholes_and_parts_is_named() -> None:
    tables = rows()
    for part, whole in (("interior-ministry", "camera-maker"), ("camera-maker", "city-police")):
        tables["relations"].append({
            "id": f"{part}-part-of-{whole}", "subject": part, "predicate": "part_of", "object": whole,
            "status": "reported", "claim": "So it is said.", "sources": "example-news",
        })  # fmt: skip
    assert [str(problem) for problem in problems(tables)] == [
        (
            "relations.csv:9: object: closes a circle: city-police part of interior-ministry part of "
            "camera-maker part of city-police"
        )
    ]


def test_parts_that_become_wholes_later_are_no_circle() -> None:
    tables = rows()
    tables["relations"][0]["valid_until"] = "2019"
    back = {"subject": "interior-ministry", "predicate": "part_of", "object": "city-police", "status": "reported"}
    said = {"claim": "They changed places.", "sources": "example-news", "id": "back"}
    tables["relations"].append({**back, **said, "valid_from": "2020"})
    assert problems(tables) == []
    tables["relations"][-1]["valid_from"] = "2019-12-31"
    assert [problem.column for problem in problems(tables)] == ["object"]


def test_a_denial_closes_no_circle() -> None:
    tables = relation(subject="interior-ministry", predicate="part_of", object="city-police", status="denied")
    assert problems(tables) == []


def test_categories_must_not_be_broader_than_themselves() -> None:
    tables = rows()
    tables["categories"] = [
        {"code": "gait", "name": "Gait", "broader": "posture"},
        {"code": "posture", "name": "Posture", "broader": "gait"},
        {"code": "gait ", "name": "Gait", "broader": "pose"},
    ]
    assert [str(problem) for problem in problems(tables)] == [
        "categories.csv:3: broader: closes a circle: gait part of posture part of gait",
        (
            "categories.csv:4: code: 'gait ' is no code: small Latin letters, digits and underscores between "
            "them (did you mean 'gait'?)"
        ),
        "categories.csv:4: broader: 'pose' is no known category (did you mean 'posture'?)",
    ]


def test_a_dataset_may_add_categories_to_the_standard_ones() -> None:
    tables = rows()
    tables["categories"] = [{"code": "gait", "name": "Gait", "broader": "biometric"}]
    tables["entities"][4]["categories"] = "gait;face"
    assert problems(tables) == []


def test_missing_and_misspelt_columns_say_what_may_be_meant() -> None:
    made = files(rows())
    made["relations.csv"] = (
        made["relations.csv"].replace(b"subject,", b"Subjekt,").replace(b"valid_until", b"valid_untl")
    )
    dataset = read_files("city", made, check=False)
    assert [str(problem) for problem in rules.validate(dataset)] == [
        "relations.csv:1: subject: this column is missing (is 'Subjekt' meant?)",
        "relations.csv:1: valid_untl: is no known column (did you mean 'valid_until'?)",
    ]


def test_columns_of_ones_own_are_no_problem() -> None:
    tables = rows()
    for row in tables["entities"]:
        row["name_de"], row["budget"], row["website"] = "Name", "1", "none"
    assert problems(tables) == []


def test_what_the_data_package_requires_is_required() -> None:
    made = starter("city")
    package = made["datapackage.json"].decode()
    assert '"name": "volume",\n            "type": "string"' in package
    stricter = '"name": "volume",\n            "type": "string", "constraints": {"required": true}'
    made["datapackage.json"] = package.replace('"name": "volume",\n            "type": "string"', stricter).encode()
    found = rules.validate(read_files("city", made, check=False))
    assert {str(problem) for problem in found} == {
        f"entities.csv:{line}: volume: is empty, which datapackage.json does not allow" for line in (2, 3, 4, 5, 7)
    }


@pytest.mark.parametrize(
    "cell", ['=HYPERLINK("http://evil.example","x")', "=1+2", "@SUM(A1)", "+cmd|' /C calc'!A0", "-A1"]
)
def test_a_cell_that_a_spreadsheet_would_run_is_kept_with_a_warning(cell: str) -> None:
    tables = rows()
    tables["entities"][4]["note"] = cell
    dataset = read_files("city", files(tables))
    assert dataset.entities.column("note")[4] == cell
    (warning,) = problems(tables, warnings=True)
    assert (warning.file, warning.line, warning.column) == ("entities.csv", 6, "note")
    assert str(warning).endswith("would run as a formula in a spreadsheet; it is kept as text")


@pytest.mark.parametrize("cell", ["-", "- none", "–5", "+7 727 000", "-5 cameras", "2+2", "a=b"])
def test_text_that_only_begins_like_a_formula_is_left_in_peace(cell: str) -> None:
    tables = rows()
    tables["entities"][4]["note"] = cell
    assert problems(tables, warnings=True) == []


def test_a_relation_whose_end_is_gone_before_it_starts_gets_a_warning() -> None:
    tables = rows()
    tables["entities"][2]["valid_until"] = "2020"
    (operates, holds) = problems(tables, warnings=True)
    assert (operates.line, holds.line) == (3, 4)
    assert "never holds: it starts on 2023-01-01" in operates.message
    assert problems(tables) == []


def test_statistics_are_checked_too() -> None:
    tables = added("statistics", country="KZ", measure="cameras", value="1 000,5", unit="", year="20", claim="Many.",
                   sources="nobody")  # fmt: skip
    assert [str(problem) for problem in problems(tables)] == [
        "statistics.csv:2: value: '1 000,5' is no number (did you mean '1000.5'?)",
        "statistics.csv:2: unit: is empty",
        "statistics.csv:2: year: '20' is no year",
        "statistics.csv:2: sources: 'nobody' is defined nowhere",
    ]


def test_listings_name_entities_and_authorities_that_exist() -> None:
    tables = added("listings", id="l", entity="camera-makers", authority="", list="Entity List", listed_from="2020",
                   listed_until="2019", claim="Listed.", sources="example-law")  # fmt: skip
    assert [str(problem) for problem in problems(tables)] == [
        "listings.csv:2: entity: 'camera-makers' is defined nowhere (did you mean 'camera-maker'?)",
        "listings.csv:2: authority: is empty",
        "listings.csv:2: listed_until: '2019' is earlier than listed_from '2020'",
    ]


def test_a_flood_of_like_problems_is_counted_not_cut_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stakeholders.examination.LISTED", 3)
    tables = rows()
    for row in tables["relations"]:
        row["status"] = "perhaps"
    found = [str(problem) for problem in problems(tables)]
    assert len(found) == 4
    assert "relations.csv: status: 3 more rows have problems of this kind" in found


@pytest.mark.parametrize("name", ["cabar-2020", "central-asia"])
def test_the_bundled_datasets_satisfy_every_rule(name: str) -> None:
    assert rules.validate(read(name)) == []


Arcs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 3), st.integers(0, 3)), max_size=12)


@given(Arcs)
def test_circles_are_found_exactly_where_a_walk_comes_back_on_one_day(drawn: list[tuple[int, int, int, int]]) -> None:
    arcs = [(a, b, min(s, e), max(s, e)) for a, b, s, e in drawn if a != b]
    columns = [np.array([arc[part] for arc in arcs], np.int32) for part in range(4)]
    found = list(cycles(*columns))
    for circle in found:
        assert all(arcs[one][1] == arcs[two][0] for one, two in zip(circle, [*circle[1:], circle[0]], strict=True))
        assert len({arcs[arc][0] for arc in circle}) == len(circle)
        assert max(arcs[arc][2] for arc in circle) <= min(arcs[arc][3] for arc in circle)
    on_circles = {arc for circle in found for arc in circle}
    for place, (a, b, start, end) in enumerate(arcs):
        if any(_leads(arcs, b, a, day) for day in range(start, end + 1)):
            assert place in on_circles


def _leads(arcs: list[tuple[int, int, int, int]], begin: int, goal: int, day: int) -> bool:
    seen, queue = {begin}, [begin]
    for node in queue:
        for a, b, start, end in arcs:
            if a == node and start <= day <= end and b not in seen:
                seen.add(b)
                queue.append(b)
    return goal in seen


def test_without_sources_csv_a_claim_still_needs_a_source() -> None:
    tables = rows()
    del tables["sources"]
    tables["relations"][1]["sources"] = ""
    assert [str(problem).partition(";")[0] for problem in problems(tables)] == [
        "relations.csv:3: sources: a claim needs at least one source",
        "sources.csv: is missing",
    ]


def test_an_entity_has_no_id_that_is_the_code_of_a_data_category() -> None:
    tables = rows()
    tables["entities"].append({**tables["entities"][0], "id": "face"})
    line = len(tables["entities"]) + 1
    assert [str(each) for each in problems(tables)] == [
        f"entities.csv:{line}: id: 'face' is the code of a data category; give it another id"
    ]


def test_columns_full_of_what_is_no_word_make_no_more_combinations(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    class Counted(Combinations):
        def __init__(self, *columns: tuple[np.ndarray[Any, Any], int]) -> None:
            sizes.append(prod(size for _, size in columns))
            super().__init__(*columns)

    monkeypatch.setattr(rules, "Combinations", Counted)
    ends = [f"e{number}" for number in range(300)]
    files = {
        "entities.csv": ["id,type,name,sources", *(f"{each},{each},E,s" for each in ends)],
        "relations.csv": [
            "id,subject,predicate,object,status,claim,sources",
            *(f"r{each},{each},{each},e0,reported,Said.,s" for each in ends[1:]),
            "loop,e1,holds,e1,reported,Said.,s",
        ],
        "sources.csv": ["id,title", "s,S"],
    }
    dataset = read_files("d", {name: "\n".join([*lines, ""]).encode() for name, lines in files.items()}, check=False)
    found = [str(problem) for problem in rules.validate(dataset)]
    assert sizes
    assert max(sizes) < 10_000
    assert "relations.csv:301: object: 'e1' cannot be related to itself" in found

"""A dataset never changes; cuts, removals and additions give new ones with exactly what they should."""

from __future__ import annotations

import dataclasses
import datetime
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import dataset as dataset_of
from strategies import random_tables

import graphs
from stakeholders.columns import ArrowColumn, EncodedColumn, encoded, taken
from stakeholders.dataset import Dataset, Table, empty_table, split
from stakeholders.dates import ALWAYS, FOREVER, first_day, last_day
from stakeholders.errors import AccessMapError, DatasetNotFound, InvalidDataset, UnknownId
from stakeholders.intervals import WORDS, listing_intervals, relation_intervals
from stakeholders.samples import starter
from stakeholders.tables import read_files, read_over


@pytest.fixture
def city() -> Dataset:
    return read_files("city", starter("city"))


def ids(table: Table) -> list[str]:
    return list(table.column("id"))


# --------------------------------------------------------------------------------------------------------------- tables


def test_a_cell_holds_a_list_between_semicolons() -> None:
    assert split("face; voice;") == ("face", "voice")
    assert split("") == split(" ; ") == ()


def test_a_table_gives_rows_cells_and_lines(city: Dataset) -> None:
    sources = city.sources
    assert sources.row(1)["publisher"] == "A newspaper"
    assert [row["id"] for row in sources.rows()] == ["example-law", "example-news"]
    assert list(sources.lines) == [2, 3]
    assert sources.index == {"example-law": 0, "example-news": 1}
    assert sources.column("nothing") == ("", "")
    assert (len(city.listings), len(city.categories), city.categories.header[0]) == (0, 0, "code")


def test_of_two_rows_with_one_id_the_index_names_the_first() -> None:
    assert list(Table("sources", ("id",), {"id": ("a", "b", "a")}).index.items()) == [("a", 0), ("b", 1)]


def test_codes_number_the_distinct_cells(city: Dataset) -> None:
    codes, cells = city.entities.codes("type")
    assert cells == ["body", "system", "store"]
    assert codes.dtype == np.int32
    assert [cells[code] for code in codes] == list(city.entities.column("type"))
    assert city.entities.codes("nothing") == (pytest.approx(np.zeros(6)), [""])
    assert city.entities.codes("type")[0] is codes


@given(st.lists(st.sampled_from(["", "a", "b", "ж", "a;b"]), max_size=20), st.data())
def test_every_kind_of_column_is_the_same_sequence(cells: list[str], data: st.DataObject) -> None:
    import pyarrow as pa

    plain = tuple(cells)
    for column in (
        encoded(plain),
        ArrowColumn(pa.array(cells, pa.string())),
        ArrowColumn(pa.array(cells, pa.string())).encoded(),
    ):
        assert tuple(column) == plain
        assert tuple(reversed(column)) == plain[::-1]
        assert len(column) == len(plain)
        assert column[1:3] == plain[1:3]
        assert [column[row] for row in range(len(plain))] == cells
        assert encoded(column).codes.tolist() == encoded(plain).codes.tolist()
        assert list(encoded(column).values) == list(encoded(plain).values)
        if cells:
            rows = data.draw(st.lists(st.integers(0, len(cells) - 1), max_size=5))
            assert tuple(taken(column, rows)) == tuple(cells[row] for row in rows)
            assert column[-1] == plain[-1]
    assert ArrowColumn(pa.array(cells, pa.string())).all_distinct() == (len(set(cells)) == len(cells))


def test_places_in_another_column() -> None:
    import pyarrow as pa

    here, there = ArrowColumn(pa.array(["b", "x", "a"])), ArrowColumn(pa.array(["a", "b"]))
    assert here.places_in(there).tolist() == [1, -1, 0]
    assert there.places_in(there).tolist() == [0, 1]


def test_a_dataset_cannot_be_changed(city: Dataset) -> None:
    for thing, field in ((city, "name"), (city.entities, "header"), (city.entities, "columns")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, field, "x")
    before = city.sha256
    city.without(["city-police"]), city.as_of("2020"), city.overlay(city), city.known_by("2020")
    assert replace(city).sha256 == before


def test_the_digest_tells_any_change_and_nothing_else(city: Dataset) -> None:
    again = read_files("another name", starter("city"))
    assert again.sha256 == city.sha256
    note = city.entities.with_column("note", ["", "", "", "", "", "x"])
    assert city.with_tables(entities=note).sha256 != city.sha256
    assert read_files("city", {**starter("city"), "rules.toml": b""}).sha256 != city.sha256


def test_names_come_in_the_language_asked_for_or_in_english(city: Dataset) -> None:
    assert city.name_of("city-police", "ru") == "Полиция города"
    assert city.name_of("city-police", "de") == city.name_of("city-police") == "City police"
    bare = city.with_tables(entities=city.entities.with_column("name_kk", [""] * 6))
    assert bare.name_of("city-police", "kk") == "City police"
    assert city.name_of("nobody") == "nobody"
    assert (city.type_of("city-police"), city.type_of("nobody")) == ("body", "")
    assert city.is_body("city-police")
    assert not city.is_body("camera-archive")


def test_a_frame_has_the_cells_as_text(city: Dataset) -> None:
    frame = city.frame("relations")
    assert list(frame.columns) == list(city.relations.header)
    assert frame["valid_from"].tolist() == list(city.relations.column("valid_from"))
    assert len(city.frame("listings")) == len(city.frame("statistics")) == 0


def test_rows_of_ends_are_found(city: Dataset) -> None:
    relations = city.relations.with_column(
        "object", ["interior-ministry", "nobody", *city.relations.column("object")[2:]]
    )
    rows = city.with_tables(relations=relations).entity_rows("relations", "object").tolist()
    assert rows[:2] == [0, -1]
    assert [ids(city.entities)[row] for row in rows[2:]] == list(city.relations.column("object")[2:])


# ------------------------------------------------------------------------------------------------------------ intervals


def expected_interval(dataset: Dataset, row: dict[str, str]) -> tuple[int, int, str, str, int, str]:
    """Interval, word, since, first known day and newest date of a relation, straight from the rules in words."""
    dates = {source["id"]: source["date"] for source in dataset.sources.rows()}
    cited = [dates.get(source, "") for source in split(row["sources"])]
    dated = sorted((first_day(text), len(text), text) for text in cited if text)
    end = last_day(row["valid_until"]) if row["valid_until"] else FOREVER
    start, since, word = ALWAYS, "", "undated"
    structural = row["predicate"] in {"part_of", "member_of"} and row["status"] != "denied"
    if row["valid_from"]:
        start, since, word = first_day(row["valid_from"]), row["valid_from"], "known"
    elif not structural and dated and dated[0][0] <= end:
        earliest = max(entry for entry in dated if entry[0] == dated[0][0])
        start, since, word = earliest[0], earliest[2], "assumed"
    for side in ("subject", "object"):
        entity = dataset.entities.row(dataset.entities.index[row[side]])
        if entity["valid_from"] and first_day(entity["valid_from"]) > start:
            start, since = first_day(entity["valid_from"]), entity["valid_from"]
        if entity["valid_until"]:
            end = min(end, last_day(entity["valid_until"]))
    known = dated[0][0] if dated and len(dated) == len(cited) else ALWAYS
    return start, end, word, since, known, dated[-1][2] if dated else ""


@given(st.integers(0, 10**9))
def test_intervals_follow_the_rules_to_the_letter(seed: int) -> None:
    dataset = dataset_of(random_tables(random.Random(seed), loops=True))
    spans = relation_intervals(dataset)
    for row, relation in enumerate(dataset.relations.rows()):
        found = (
            int(spans.start[row]), int(spans.end[row]), WORDS[spans.word[row]], spans.since(row),
            int(spans.known[row]), spans.newest_text(row),
        )  # fmt: skip
        assert found == expected_interval(dataset, relation), relation
        assert spans.newest[row] == (first_day(found[5]) if found[5] else ALWAYS)
        assert (spans.since_code[row] > 0) == bool(found[3])
    by_day = [(first_day(text), len(text)) for text in spans.texts[1:]]
    assert by_day == sorted(by_day)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"predicate": "holds", "object": "camera-archive"}, ("2024-02-15", "assumed")),
        ({"predicate": "holds", "object": "camera-archive", "valid_until": "2024-02-14"}, ("", "undated")),
        ({"predicate": "holds", "object": "camera-archive", "valid_until": "2024-02"}, ("2024-02-15", "assumed")),
        ({"predicate": "part_of", "object": "interior-ministry"}, ("", "undated")),
        ({"predicate": "member_of", "object": "interior-ministry"}, ("", "undated")),
        ({"predicate": "part_of", "object": "interior-ministry", "status": "denied"}, ("2024-02-15", "assumed")),
        ({"predicate": "part_of", "object": "interior-ministry", "valid_from": "2020"}, ("2020", "known")),
        ({"predicate": "holds", "object": "camera-archive", "sources": ""}, ("", "undated")),
    ],
)
def test_a_start_comes_from_the_row_or_its_sources_or_stays_open(
    city: Dataset, row: dict[str, str], expected: tuple[str, str]
) -> None:
    cells = {
        "id": "x",
        "subject": "camera-maker",
        "status": "confirmed",
        "claim": "So.",
        "sources": "example-news;example-law",
    }
    header = city.relations.header
    relations = Table("relations", header, {name: ({**cells, **row}.get(name, ""),) for name in header}, (2,))
    spans = relation_intervals(city.with_tables(relations=relations))
    assert (spans.since(0), WORDS[spans.word[0]]) == expected


def test_the_entitys_own_interval_bounds_and_the_relations_text_wins_a_tie(city: Dataset) -> None:
    entities = city.entities.with_column("valid_from", ["", "", "2023-01", "", "2024", ""])
    entities = entities.with_column("valid_until", ["", "", "", "", "2024-06", ""])
    spans = relation_intervals(city.with_tables(entities=entities))
    rows = dict(zip(ids(city.relations), range(6), strict=True))
    holds, operates = rows["camera-company-holds-camera-archive"], rows["camera-company-operates-street-cameras"]
    assert (spans.since(holds), spans.since(operates)) == ("2023", "2024")
    assert (int(spans.end[operates]), int(spans.end[holds])) == (last_day("2024-06"), FOREVER)


def test_listings_start_like_relations(central_asia: Dataset) -> None:
    spans = listing_intervals(central_asia)
    for row, listing in enumerate(central_asia.listings.rows()):
        if listing["listed_from"]:
            assert spans.start[row] == first_day(listing["listed_from"])


def test_intervals_are_the_same_from_parquet(central_asia: Dataset, tmp_path: Path) -> None:
    from stakeholders.tables import read, write

    write(central_asia, tmp_path, format="parquet")
    one, other = relation_intervals(central_asia), relation_intervals(read(tmp_path))
    for field in ("start", "end", "word", "known", "newest", "since_code", "newest_code"):
        assert (getattr(one, field) == getattr(other, field)).all()
    assert one.texts == other.texts


# --------------------------------------------------------------------------------------------------------- cut at a day


@given(st.integers(0, 10**9), st.sampled_from(["2017", "2019", "2020-02", "2020-02-19", "2021", "2022"]))
def test_a_cut_keeps_what_is_in_force_and_known_that_day(seed: int, day: str) -> None:
    dataset = dataset_of(random_tables(random.Random(seed)))
    number = last_day(day)
    cut, known = dataset.as_of(day), dataset.known_by(day)
    rows = list(dataset.relations.rows())
    spans = [expected_interval(dataset, row) for row in rows]
    assert ids(cut.relations) == [
        row["id"] for row, span in zip(rows, spans, strict=True) if span[0] <= number <= span[1]
    ]
    assert ids(known.relations) == [row["id"] for row, span in zip(rows, spans, strict=True) if span[4] <= number]
    assert ids(cut.entities) == [
        row["id"] for row in dataset.entities.rows()
        if (not row["valid_from"] or first_day(row["valid_from"]) <= number)
        and (not row["valid_until"] or last_day(row["valid_until"]) >= number)
    ]  # fmt: skip
    assert ids(known.entities) == ids(dataset.entities)
    assert cut.sources is dataset.sources
    assert {row["subject"] for row in cut.relations.rows()} <= set(ids(cut.entities))
    assert cut.as_of(day).sha256 == cut.sha256


def test_a_cut_takes_a_day_or_a_text_and_says_what_is_no_date(cabar: Dataset) -> None:
    day = datetime.date(2020, 2, 19)
    assert ids(cabar.as_of(day).relations) == ids(cabar.as_of("2020-02-19").relations)
    assert "kz-police-almaty-has-access-kz-sergek-almaty-archive-2" in cabar.as_of(day).relations.index
    assert "kz-police-almaty-has-access-kz-sergek-almaty-archive-2" not in cabar.as_of("2020-02-20").relations.index
    with pytest.raises(AccessMapError, match=r"'19\.02\.2020' is no date"):
        cabar.as_of("19.02.2020")


def test_a_cut_that_loses_nothing_is_the_same_table(city: Dataset) -> None:
    cut = city.as_of("2025")
    assert cut.entities is city.entities
    assert cut.relations is city.relations
    assert set(cut.tables) == set(city.tables)


# -------------------------------------------------------------------------------------------------- removing and adding


def test_an_entity_takes_its_relations_and_listings_along(central_asia: Dataset) -> None:
    left = central_asia.without(["cn-hikvision"])
    assert "cn-hikvision" not in left.entities.index
    for table, ends in (("relations", ("subject", "object")), ("listings", ("entity", "authority"))):
        gone = [
            row["id"] for row in getattr(central_asia, table).rows() if "cn-hikvision" in {row[end] for end in ends}
        ]
        assert gone
        assert ids(getattr(left, table)) == [one for one in ids(getattr(central_asia, table)) if one not in gone]


def test_a_claim_falls_with_its_last_source_and_an_entity_does_not(city: Dataset) -> None:
    left = city.without(["example-news"])
    assert ids(left.relations) == ["city-police-part-of-interior-ministry", "city-police-has-access-camera-archive"]
    assert list(left.relations.column("sources")) == ["example-law", "example-law"]
    assert ids(left.entities) == ids(city.entities)
    assert left.entities.column("sources") == ("example-law", "", "", "", "", "")
    assert ids(left.sources) == ["example-law"]


def test_relations_listings_and_several_things_may_be_removed(central_asia: Dataset) -> None:
    listing, relation = ids(central_asia.listings)[0], ids(central_asia.relations)[0]
    left = central_asia.without([listing, relation, "kz-sergek"])
    assert listing not in left.listings.index
    assert relation not in left.relations.index
    assert "kz-sergek" not in left.entities.index
    assert central_asia.without([]).sha256 == central_asia.sha256


def test_removing_what_is_not_there_says_what_comes_near(city: Dataset) -> None:
    with pytest.raises(UnknownId, match=r"listing or source is called 'city-polcie'\. Did you mean 'city-police'"):
        city.without(["city-polcie"])


def test_removal_works_on_large_columns_too(city: Dataset) -> None:
    import pyarrow as pa

    def large(table: Table) -> Table:
        columns = {name: ArrowColumn(pa.array(list(column), pa.string())) for name, column in table.columns.items()}
        return replace(
            table,
            columns={**columns, "sources": columns["sources"].encoded()} if "sources" in columns else columns,
            raw=None,
        )

    big = replace(city, tables={name: large(table) for name, table in city.tables.items()})
    for gone in (["example-news"], ["camera-archive"], ["camera-maker-supplies-street-cameras"]):
        one, other = city.without(gone), big.without(gone)
        for name in city.tables:
            assert list(one.tables[name].rows()) == list(other.tables[name].rows())
    assert isinstance(big.without(["example-news"]).relations.columns["sources"], EncodedColumn)


def test_rows_of_a_large_table_are_coded_without_the_cells_that_went(city: Dataset) -> None:
    columns = {name: encoded(column) for name, column in city.relations.columns.items()}
    big = replace(city, tables={**city.tables, "relations": replace(city.relations, columns=columns, raw=None)})
    gone, left = "city-police", big.without(["city-police"]).relations
    assert gone in big.relations.codes("subject")[1]
    for name in left.header:
        codes, cells = left.codes(name)
        assert [cells[code] for code in codes.tolist()] == list(left.column(name))
        assert sorted(cells) == sorted(set(left.column(name)))
    assert graphs.build(big.without([gone])).ids == graphs.build(city.without([gone])).ids


def test_an_overlay_adds_rows_and_replaces_those_of_the_same_id(city: Dataset) -> None:
    header = ("id", "type", "name", "sources", "colour")
    rows = [
        ("city-police", "body", "New police", "example-law", "blue"),
        ("fire-brigade", "body", "Fire", "example-law", "red"),
    ]
    columns = {name: tuple(row[place] for row in rows) for place, name in enumerate(header)}
    laid = city.overlay(Dataset("more", {"entities": Table("entities", header, columns, (7, 8))}))
    assert ids(laid.entities) == [*ids(city.entities), "fire-brigade"]
    assert laid.entities.header == (*city.entities.header, "colour")
    police = laid.entities.row(laid.entities.index["city-police"])
    assert (police["name"], police["name_ru"], police["colour"]) == ("New police", "", "blue")
    assert laid.entities.lines[1] == 7
    assert city.name_of("city-police") == "City police"


def test_an_overlay_of_itself_changes_nothing(central_asia: Dataset) -> None:
    assert central_asia.overlay(central_asia).sha256 == central_asia.sha256
    assert central_asia.overlay(Dataset("none", {"entities": empty_table("entities")})).sha256 == central_asia.sha256


def arrowed(table: Table) -> Table:
    """A table with the columns that a large one has."""
    columns = {name: encoded(ArrowColumn.of(cells)) for name, cells in table.columns.items()}
    return replace(table, columns={**columns, table.header[0]: ArrowColumn.of(table.columns[table.header[0]])})


@given(st.randoms(use_true_random=False))
def test_a_large_table_is_laid_over_another_as_a_small_one_is(rng: random.Random) -> None:
    def some(columns: tuple[str, ...], ids: list[str]) -> Table:
        cells = {name: tuple(rng.choice(("", "a", "b", "я", str(rng.random()))) for _ in ids) for name in columns}
        return Table("entities", ("id", *columns), {"id": tuple(ids), **cells}, range(2, len(ids) + 2))

    base = some(("type", "name", "own"), [f"e{number}" for number in rng.sample(range(20), rng.randint(1, 9))])
    over = some(("name", "type", "other"), [f"e{rng.randrange(20)}" for _ in range(rng.randint(1, 9))])
    small = Dataset("d", {"entities": base}).overlay(Dataset("o", {"entities": over})).entities
    for other in (over, arrowed(over)):
        large = Dataset("d", {"entities": arrowed(base)}).overlay(Dataset("o", {"entities": other})).entities
        assert (large.header, list(large.lines)) == (small.header, list(small.lines))
        assert list(large.rows()) == list(small.rows())
        assert all(isinstance(column, ArrowColumn | EncodedColumn) for column in large.columns.values())


def test_a_folder_laid_over_may_name_what_is_below_it(city: Dataset, tmp_path: Path) -> None:
    head = "id,subject,predicate,object,status,claim,sources\n"
    (tmp_path / "relations.csv").write_text(
        head + "x,camera-maker,has_access,camera-archive,planned,A plan.,example-news\n"
    )
    laid = read_over(city, tmp_path)
    assert ids(laid.relations) == [*ids(city.relations), "x"]
    (tmp_path / "relations.csv").write_text(
        head + "x,camera-maker,has_access,camera-archve,planned,A plan.,example-news\n"
    )
    told = r"^1 problem in the rows of '.*', laid over the dataset\n  relations\.csv:2: object: 'camera-archve' is"
    with pytest.raises(InvalidDataset, match=told):
        read_over(city, tmp_path)
    (tmp_path / "relations.csv").unlink()
    with pytest.raises(DatasetNotFound, match="holds none of"):
        read_over(city, tmp_path)


def test_a_name_in_a_language_without_a_column_makes_no_column() -> None:
    class Watched(Mapping[str, Sequence[str]]):
        """Columns of a table so long that nobody may walk over it for one name."""

        def __getitem__(self, name: str) -> Sequence[str]:
            cells = {"id": ("a",), "type": ("body",), "name": ("A",)}[name]
            return cells if name == "id" else _Single(cells[0])

        def __iter__(self) -> Iterator[str]:
            return iter(("id", "type", "name"))

        def __len__(self) -> int:
            return 3

    class _Single(Sequence[str]):
        def __init__(self, cell: str) -> None:
            self.cell = cell

        def __getitem__(self, row: Any) -> Any:
            return self.cell

        def __len__(self) -> int:
            raise AssertionError("somebody looked at all of it")

    table = Table("entities", ("id", "type", "name"), Watched())
    dataset = Dataset("one", {"entities": table})
    assert [dataset.name_of(name, lang) for name, lang in (("a", "en"), ("a", "ru"), ("b", "en"))] == ["A", "A", "b"]

"""Dated changes: every date of the tables appears once, in order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from graphs.timelines import timeline
from stakeholders.dataset import Dataset, Table
from stakeholders.dates import first_day, last_day
from stakeholders.errors import UnknownId
from stakeholders.tables import read


def test_every_date_of_a_relation_or_listing_appears_once(central_asia: Dataset) -> None:
    told = Counter((row["table"], row["id"], row["change"]) for row in timeline(central_asia).rows)
    assert set(told.values()) == {1}
    for table, start, end in (
        (central_asia.relations, "valid_from", "valid_until"),
        (central_asia.listings, "listed_from", "listed_until"),
    ):
        for cells in table.rows():
            assert not cells[start] or (table.name, cells["id"], "begins") in told
            assert bool(cells[end]) == ((table.name, cells["id"], "ends") in told)


def test_changes_come_by_day_what_begins_before_what_ends(central_asia: Dataset) -> None:
    rows = timeline(central_asia).rows
    days = [
        (first_day(row["date"]) if row["change"] == "begins" else last_day(row["date"]), row["change"] == "ends")
        for row in rows
    ]
    assert days == sorted(days)
    assert len(rows) > 500


def test_a_start_taken_from_the_earliest_source_is_said_to_be_assumed(cabar: Dataset) -> None:
    own = dict(zip(cabar.relations.column("id"), cabar.relations.column("valid_from"), strict=True))
    begun = [row for row in timeline(cabar).rows if row["table"] == "relations" and row["change"] == "begins"]
    assert all(row["word"] == ("known" if own[row["id"]] else "assumed") for row in begun)
    assert {row["word"] for row in begun} == {"known", "assumed"}


def test_the_timeline_of_an_entity_is_that_part_of_the_whole(central_asia: Dataset) -> None:
    whole, part = timeline(central_asia), timeline(central_asia, "kz-sergek-almaty")
    assert list(part.rows) == [row for row in whole.rows if "kz-sergek-almaty" in (row["subject"], row["object"])]
    assert part.rows


def test_what_has_no_date_is_counted_in_a_note(central_asia: Dataset) -> None:
    (note,) = timeline(central_asia).notes
    dated = {row["id"] for row in timeline(central_asia).rows if row["table"] != "entities"}
    rows = len(central_asia.relations) + len(central_asia.listings)
    assert note.values["count"] == rows - len(dated)


def test_entities_begin_and_end_by_their_own_dates(cabar: Dataset) -> None:
    table = cabar.entities
    dated = table.with_column("valid_from", ["2018" if name == "kz-mia" else "" for name in table.column("id")])
    changed = replace(cabar, tables={**cabar.tables, "entities": dated})
    (row,) = (row for row in timeline(changed).rows if row["table"] == "entities")
    assert (row["date"], row["change"], row["subject"], row["predicate"]) == ("2018", "begins", "kz-mia", "exists")


def test_an_unknown_entity_is_refused(cabar: Dataset) -> None:
    with pytest.raises(UnknownId, match="kz-nobody"):
        timeline(cabar, "kz-nobody")


def test_the_timeline_of_one_entity_reads_no_row_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = read("cabar-2020")
    read_rows: list[tuple[str, int]] = []
    row_of = Table.row

    def row(table: Table, number: int) -> dict[str, str]:
        read_rows.append((table.name, number))
        return row_of(table, number)

    monkeypatch.setattr(Table, "row", row)
    monkeypatch.setattr(Table, "rows", None)
    answer = timeline(dataset, "kz-sergek-almaty-archive")
    own = {told["id"] for told in answer.rows if told["table"] == "relations"}
    looked = {dataset.relations.column("id")[number] for name, number in read_rows if name == "relations"}
    assert own <= looked
    assert len(looked) < len(dataset.relations) / 4
    assert [number for name, number in read_rows if name == "entities"] == [
        dataset.entities.index["kz-sergek-almaty-archive"]
    ]

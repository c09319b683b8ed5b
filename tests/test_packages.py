"""datapackage.json keeps what it says, and how, when the tables change their files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakeholders.conversion import convert
from stakeholders.dataset import CSV, PARQUET, Table
from stakeholders.packages import described
from stakeholders.samples import starter
from stakeholders.tables import DATA, read, write

TABLES = {form: [Table(name, (), {}, style=style) for name in ("entities", "relations")]
          for form, style in (("csv", CSV), ("parquet", PARQUET))}  # fmt: skip


def again(raw: bytes) -> bytes | None:
    """The file after its tables were made Parquet and CSV again."""
    between = described(raw, json.loads(raw.decode("utf-8-sig")), TABLES["parquet"])
    assert between is not None
    return described(between, json.loads(between.decode("utf-8-sig")), TABLES["csv"])


KEYS = st.fixed_dictionaries(
    {"name": st.sampled_from(["entities", "relations", "other"])},
    optional={
        "encoding": st.sampled_from(["utf-8", "UTF-8"]),
        "dialect": st.just({"delimiter": ",", "resources": [{"path": "x"}]}),
        "schema": st.just({"fields": [{"name": "id", "path": "entities.csv"}]}),
        "title": st.text(max_size=5),
    },
)


@given(st.lists(KEYS, max_size=4), st.sampled_from([None, 1, 4, "\t"]), st.booleans(), st.booleans(), st.randoms())
def test_there_and_back_nothing_has_changed(resources, indent, ascii_only, bom, rng) -> None:  # type: ignore[no-untyped-def]  # what hypothesis gives
    for resource in resources:
        resource["path"] = f"{resource['name']}.csv"
        if rng.random() < 0.5:
            resource |= {"mediatype": "text/csv", "format": "csv"}
        keys = list(resource)
        rng.shuffle(keys)
        for key in keys:
            resource[key] = resource.pop(key)
    package = {"name": 'a "}{[', "resources": resources, "more": [1, {"path": "entities.csv"}]}
    raw = json.dumps(package, indent=indent, ensure_ascii=ascii_only).encode("utf-8-sig" if bom else "utf-8")
    assert again(raw) == raw


def test_only_what_would_be_false_is_replaced_where_it_stands() -> None:
    raw = b"""{ "resources" : [
      {"format":"csv",  "name": "entities", "path" : "entities.csv", "encoding":"utf-8", "mediatype":"text/csv"},
      {"name": "sources", "path": "sources.csv"}, {"name": "relations", "path": ["relations.csv"]}, 3, {"name": "x"}
    ], "title":"\\u041c" }"""
    expected = (
        raw.replace(b'"csv"', b'"parquet"').replace(b'"entities.csv"', b'"entities.parquet"')
        .replace(b'"text/csv"', b'"application/vnd.apache.parquet"')
        .replace(b'["relations.csv"]', b'"relations.parquet"')
    )  # fmt: skip
    assert described(raw, json.loads(raw), TABLES["parquet"]) == expected


def test_a_description_that_somebody_edited_is_written_anew() -> None:
    raw = b'{"name":"a"}'
    assert described(raw, {"name": "a"}, []) is raw
    assert described(raw, {"name": "b"}, []) == b'{\n  "name": "b"\n}\n'
    assert described(None, {}, []) is None
    assert described(b"no JSON", {}, []) == b"no JSON"


@pytest.mark.parametrize("name", ["central-asia", "cabar-2020"])
def test_a_dataset_made_parquet_and_csv_again_is_the_same_byte_for_byte(name: str, tmp_path: Path) -> None:
    convert(name, tmp_path / "parquet")
    convert(tmp_path / "parquet", tmp_path / "csv", format="csv")
    assert (tmp_path / "csv" / "datapackage.json").read_bytes() == (DATA / name / "datapackage.json").read_bytes()


def test_a_title_that_was_edited_is_written_beside_what_must_change(tmp_path: Path) -> None:
    for name, content in starter("city").items():
        (tmp_path / name).write_bytes(content)
    dataset = read(tmp_path)
    write(replace(dataset, package={**dataset.package, "title": "Ж"}), tmp_path / "new", format="parquet")
    found = json.loads((tmp_path / "new" / "datapackage.json").read_text("utf-8"))
    assert found["title"] == "Ж"
    assert {resource["path"] for resource in found.get("resources", ())} <= {
        f"{table}.parquet" for table in dataset.tables
    }

"""Answers as data: JSON exactly as the contract has it, and CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from graphs.answers import Answer, Row
from graphs.reports.speech import Speech
from stakeholders import __version__

Record = Mapping[str, Any]

# Columns that hold an entity's id, beside which a reader wants its name.
_NAMED = ("body", "store", "at", "source", "target", "entity", "listed_entity")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(answer: Answer, lang: str = "en") -> str:
    """An answer as one JSON object; equal input gives equal bytes."""
    return json.dumps({"accessmap": __version__, **answer.to_dict(lang)}, ensure_ascii=False, indent=1) + "\n"


def as_csv(records: Sequence[Record]) -> str:
    """Records as CSV: lists joined by ``;``, nested ones as JSON, absent values empty.

    A text that a spreadsheet would take for a formula gets a leading apostrophe.

    Examples
    --------
    >>> print(as_csv([{"name": "=1+1", "categories": ["face", "iris"], "since": None}]), end="")
    name,categories,since
    '=1+1,face;iris,
    """
    columns = list(dict.fromkeys(name for record in records for name in record))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(record.get(name)) for name in columns] for record in records)
    return out.getvalue()


def records(answer: Answer, speech: Speech) -> list[Row]:
    """An answer's rows for a table of data: a record for each row, or each step of a path, names beside the ids."""
    rows = answer.said(speech.lang)
    if answer.what_if is not None:
        rows = _side_by_side(answer.to_dict(speech.lang)["what_if"]["rows"])
    elif not rows and "near" in answer.beside:
        rows = [{**miss, "sources": [source["id"] for source in miss["sources"]]} for miss in answer.beside["near"]]
    elif rows and "steps" in rows[0]:
        from graphs.reports.paths import step_records

        rows = step_records(rows)
    elif rows and "events" in rows[0]:
        from graphs.reports.histories import event_records

        rows = event_records(rows)
    elif "cut_off" in answer.question:
        from graphs.reports.exposure_views import pair_records

        rows = [*rows, *pair_records(answer)]
    return [_with_names(_flat(row), speech) for row in rows]


def _side_by_side(rows: Sequence[Row]) -> list[Row]:
    """Rows of a what if in which a side that is not there has its cells all the same, empty."""
    names = dict.fromkeys(name for row in rows for side in ("before", "after") for name in row[side] or ())
    return [{**row, **{side: row[side] or dict.fromkeys(names) for side in ("before", "after")}} for row in rows]


def _flat(row: Row) -> Row:
    """A row with the entries of a nested record beside the others: ``before`` and its level as ``before_level``."""
    flat: Row = {}
    for name, value in row.items():
        flat |= {f"{name}_{part}": cell for part, cell in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def _with_names(row: Row, speech: Speech) -> Row:
    if speech.dataset is None:
        return row
    named: Row = {}
    for key, value in row.items():
        named[key] = value
        if key in _NAMED and isinstance(value, str):
            named[f"{key}_name"] = speech.name(value)
    return named


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple):
        simple = all(isinstance(item, str | int | float) for item in value)
        text = ";".join(map(str, value)) if simple else json.dumps(value, ensure_ascii=False)
    elif isinstance(value, dict):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = str(value)
    text = f"'{text}" if text.startswith(_FORMULA) else text
    return text.replace("\r\n", "\n").replace("\r", "\n")  # csv would leave a bare carriage return unquoted

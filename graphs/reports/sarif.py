"""Checks as SARIF 2.1.0, which code hosts show beside the line of the table that a finding begins with."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any, Final

from graphs.answers import Row
from graphs.checks import Checked
from stakeholders import __version__

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(answer: Checked, lang: str = "en") -> str:
    """A check as a SARIF log.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> from graphs.checks import check
    >>> json.loads(as_sarif(check(build(read("cabar-2020")), as_of="2020-04-15")))["version"]
    '2.1.0'
    """
    number = {rule["id"]: place for place, rule in enumerate(answer.rules)}
    results = [_result(answer, row, number[row["rule"]], lang) for row in answer.rows if _told(row)]
    driver = {
        "name": "accessmap",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule, lang) for rule in answer.rules],
    }
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "results": results,
            "properties": {"question": answer.question, "dataset": answer.dataset},
        }],
    }  # fmt: skip
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _told(row: Row) -> bool:
    return row["verdict"] in ("violated", "excepted", "partly", "undocumented")


def _rule(rule: Row, lang: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": rule["id"],
        "shortDescription": {"text": rule["title"].text(lang)},
        "defaultConfiguration": {"level": rule["severity"]},
        "properties": {"policies": rule["policies"]},
    }
    why = rule["why"].text(lang)
    return {**told, "fullDescription": {"text": why}} if why else told


def _result(answer: Checked, row: Row, number: int, lang: str) -> dict[str, Any]:
    file, line = answer.line_of(row)
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(answer, file)}}
    if line:
        place["region"] = {"startLine": line}
    names = [{"fullyQualifiedName": name} for name in (row["relation"], row["body"], row["store"]) if name]
    told: dict[str, Any] = {
        "ruleId": row["rule"],
        "ruleIndex": number,
        "level": row["severity"],
        "message": {"text": row["sentence"].text(lang)},
        "locations": [{"physicalLocation": place, "logicalLocations": names}],
        "partialFingerprints": {"accessmap/v1": row["id"]},
    }
    if row["verdict"] == "excepted":
        said = f"{row['reason']} ({row['owner']}{', ' + row['excepted_until'] if row['excepted_until'] else ''})"
        told["suppressions"] = [{"kind": "external", "status": "accepted", "justification": said}]
    return told


def _uri(answer: Checked, file: str) -> str:
    """Where the table lies: relative to where the dataset was read from, if that was relative."""
    folder = answer.folder
    return file if folder is None or folder.is_absolute() else (PurePath(folder) / file).as_posix()

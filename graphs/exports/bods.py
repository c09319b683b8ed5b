"""Beneficial Ownership Data Standard 0.4: the owners, the companies, and who holds what of whom.

The standard knows no denial and no allegation, so each relationship says in an annotation how well it is evidenced;
denied stakes are left out. Nobody here is a natural person, so no interest is called beneficial ownership.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from graphs.traversal import Rules
from stakeholders.dataset import Dataset, split
from stakeholders.dates import first_day, iso, last_day

Statement = dict[str, Any]

_STATE = {"ministry": "governmentDepartment", "agency": "stateAgency", "committee": "stateAgency"}
_OFFICES = (
    "department",
    "police",
    "security_service",
    "prosecutor",
    "court",
    "election_commission",
    "local_government",
)


def bods(dataset: Dataset, rules: Rules) -> str:
    """A package of statements: each entity before the relationships that name it."""
    writer = _Writer(dataset, rules)
    stakes = [
        cells
        for cells in dataset.relations.rows()
        if cells["predicate"] == "owns" and cells["status"] not in {"denied", "planned", "under_review"}
    ]
    ends = dict.fromkeys(end for cells in stakes for end in (cells["subject"], cells["object"]))
    statements = [*map(writer.entity, ends), *map(writer.relationship, stakes)]
    return json.dumps(statements, ensure_ascii=False, indent=1) + "\n"


class _Writer:
    def __init__(self, dataset: Dataset, rules: Rules) -> None:
        self.dataset, self.companies = dataset, set(rules.company_kinds)
        days = [first_day(text) for text in dataset.sources.column("date") if text]
        self.published = iso(max(days, default=first_day("1970-01-01")))

    def entity(self, name: str) -> Statement:
        row = self.dataset.entities.index.get(name)
        cells = {} if row is None else self.dataset.entities.row(row)
        kind = cells.get("kind", "")
        form: Statement = {"type": "registeredEntity" if kind in self.companies else "legalEntity"}
        if kind == "foreign_state":
            form = {"type": "state"}
        elif kind in _STATE or kind in _OFFICES:
            form = {"type": "stateBody", "subtype": _STATE.get(kind, "other")}
        if kind:
            form["details"] = kind.replace("_", " ")
        details = {"isComponent": False, "entityType": form, "name": cells.get("name") or name}
        names = [cells[column] for column in cells if column.startswith("name_") and cells[column]]
        others = [other for other in (*names, *split(cells.get("aliases", ""))) if other != details["name"]]
        if others:
            details["alternateNames"] = list(dict.fromkeys(others))
        if country := cells.get("country"):
            details["jurisdiction"] = {"name": country, "code": country}
        return self._statement(f"entity-{name}", name, "entity", details, cells)

    def relationship(self, cells: Mapping[str, str]) -> Statement:
        interest: Statement = {
            "type": "shareholding",
            "directOrIndirect": "unknown" if cells.get("mode") == "total" else "direct",
            "beneficialOwnershipOrControl": False,
        }
        if cells.get("claim"):
            interest["details"] = cells["claim"]
        low, _, high = (cells.get("percent") or "").partition("..")
        if high:
            interest["share"] = {"minimum": float(low), "maximum": float(high)}
        elif low:
            interest["share"] = {"exact": float(low)}
        if start := cells.get("valid_from"):
            interest["startDate"] = iso(first_day(start))
        if end := cells.get("valid_until"):
            interest["endDate"] = iso(last_day(end))
        details = {
            "isComponent": False,
            "subject": f"entity-{cells['object']}",
            "interestedParty": f"entity-{cells['subject']}",
            "interests": [interest],
        }
        statement = self._statement(f"relationship-{cells['id']}", cells["object"], "relationship", details, cells)
        statement["annotations"] = [
            {"motivation": "commenting", "statementPointerTarget": "", "description": f"status: {cells['status']}"}
        ]
        return statement

    def _statement(
        self, record: str, subject: str, kind: str, details: Statement, cells: Mapping[str, str]
    ) -> Statement:
        statement: Statement = {
            "statementId": sha256(json.dumps([self.dataset.name, record, details]).encode()).hexdigest(),
            "declarationSubject": f"entity-{subject}",
            "statementDate": self._declared(cells),
            "recordId": record,
            "recordType": kind,
            "recordStatus": "new",
            "recordDetails": details,
            "publicationDetails": {
                "publicationDate": self.published,
                "bodsVersion": "0.4",
                "publisher": {"name": self.dataset.title},
            },
        }
        if source := self._source(cells):
            statement["source"] = source
        return statement

    def _cited(self, cells: Mapping[str, str]) -> list[dict[str, str]]:
        rows = (self.dataset.sources.index.get(name) for name in split(cells.get("sources", "")))
        return [self.dataset.sources.row(row) for row in rows if row is not None]

    def _declared(self, cells: Mapping[str, str]) -> str:
        days = [first_day(source["date"]) for source in self._cited(cells) if source.get("date")]
        return iso(max(days)) if days else self.published

    def _source(self, cells: Mapping[str, str]) -> Statement:
        cited = self._cited(cells)
        if not cited:
            return {}
        source: Statement = {
            "type": ["thirdParty"],
            "description": "; ".join(each["title"] for each in cited if each.get("title")),
            "url": next((each["url"] for each in cited if each.get("url")), ""),
            "assertedBy": [
                {"name": name} for name in dict.fromkeys(each.get("publisher", "") for each in cited) if name
            ],
        }
        return {name: value for name, value in source.items() if value}

"""FollowTheMoney: the dataset as entities, one JSON object a line.

The vocabulary has no schema for a system or a store of data: they become ``Asset``, their categories ``keywords``.
Most relations become ``UnknownLink`` with the predicate as role; a listing without legal force becomes ``Risk``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphs.traversal import Rules
from stakeholders.dataset import Dataset, split
from stakeholders.listings import listings
from stakeholders.vocabulary import PREDICATES

_PUBLIC = (
    "ministry", "committee", "department", "agency", "police", "security_service", "prosecutor", "court",
    "election_commission", "local_government", "foreign_state",
)  # fmt: skip
_GROUPS = ("international_body", "civil_society", "threat_actor")
_LONGEST = 64  # of an identifier
_BREAKS = re.compile("[\x85\u2028\u2029]")  # some programs take these for the end of a line
_MANY = "stands for many"

Entity = dict[str, Any]


def ftm(dataset: Dataset, rules: Rules) -> str:
    """The lines of an ``entities.ftm.json``."""
    writer = _Writer(dataset, rules)
    entities = [*writer.things(), *writer.links(), *writer.listings()]
    return "".join(_BREAKS.sub(_by_number, json.dumps(entity, ensure_ascii=False)) + "\n" for entity in entities)


def _by_number(letter: re.Match[str]) -> str:
    return f"\\u{ord(letter[0]):04x}"


class _Writer:
    def __init__(self, dataset: Dataset, rules: Rules) -> None:
        self.dataset = dataset
        self.companies = set(rules.company_kinds)
        relations = dataset.relations
        owned = zip(relations.column("predicate"), relations.column("object"), strict=True)
        self.owned = {target for predicate, target in owned if predicate == "owns"}
        # One kind of id for all.
        taken = set(dataset.entities.column("id"))
        self.link_ids = {name: f"relation-{name}" for name in relations.column("id") if name in taken}
        taken |= set(relations.column("id"))
        self.listing_ids = {name: f"listing-{name}" for name in dataset.listings.column("id") if name in taken}

    def schema(self, cells: Mapping[str, str]) -> str:
        """What an entity is, in this vocabulary."""
        kind = cells.get("kind", "")
        if cells["type"] != "body":
            return "Asset"
        if kind in self.companies or cells["id"] in self.owned:
            return "Company"
        if kind in _PUBLIC:
            return "PublicBody"
        return "Organization" if kind in _GROUPS else "LegalEntity"

    def things(self) -> Iterator[Entity]:
        names = [column for column in self.dataset.entities.header if column.startswith("name_")]
        for cells in self.dataset.entities.rows():
            schema = self.schema(cells)
            others = [cells[column] for column in names if cells[column] and cells[column] != cells["name"]]
            legal, many = schema != "Asset", cells.get("collective") == "true"
            yield self._entity(cells["id"], schema, {
                "name": [cells["name"]],
                "alias": [*others, *split(cells.get("aliases", ""))],
                "country": [cells.get("country", "").lower()],
                "summary": [cells.get("kind", "").replace("_", " "), _MANY if many else ""],
                "notes": [cells.get("note", "")],
                "keywords": list(split(cells.get("categories", ""))),
                "address": [cells.get("location", "")],
                "incorporationDate": [cells.get("valid_from", "")] if legal else [],
                "dissolutionDate": [cells.get("valid_until", "")] if legal else [],
                "sourceUrl": self._urls(cells),
                "publisher": self._publishers(cells),
            })  # fmt: skip

    def links(self) -> Iterator[Entity]:
        types = {cells["id"]: self.schema(cells) for cells in self.dataset.entities.rows()}
        for cells in self.dataset.relations.rows():
            subject, target, predicate = cells["subject"], cells["object"], cells["predicate"]
            ends: Entity
            if predicate == "owns" and types.get(subject) != "Asset":
                schema, ends = (
                    "Ownership",
                    {"owner": [subject], "asset": [target], "percentage": [cells.get("percent", "")]},
                )
            elif predicate in {"part_of", "member_of"} and {types.get(subject), types.get(target)}.isdisjoint(
                {"Asset", "LegalEntity"}
            ):
                schema, ends = "Membership", {"member": [subject], "organization": [target]}
            elif predicate == "replaces" and "Asset" not in {types.get(subject), types.get(target)}:
                schema, ends = "Succession", {"predecessor": [target], "successor": [subject]}
            else:
                schema, ends = "UnknownLink", {"subject": [subject], "object": [target]}
            name = cells["id"]
            yield self._entity(self.link_ids.get(name, name), schema, {
                **ends,
                "role": [PREDICATES[predicate].label.en if predicate in PREDICATES else predicate],
                "status": [cells.get("status", "").replace("_", " ")],
                "startDate": [cells.get("valid_from", "")],
                "endDate": [cells.get("valid_until", "")],
                "summary": [", ".join(split(cells.get("categories", "")))],
                "description": [cells.get("claim", "")],
                "recordId": [name],
                "sourceUrl": self._urls(cells),
                "publisher": self._publishers(cells),
            })  # fmt: skip

    def listings(self) -> Iterator[Entity]:
        rows = self.dataset.listings
        for listing in listings(self.dataset):
            cells = rows.row(listing.row)
            binding = listing.program.binding != "none"
            reference = cells.get("reference", "")
            yield self._entity(self.listing_ids.get(listing.id, listing.id), "Sanction" if binding else "Risk", {
                "entity": [listing.entity],
                "authority": [self.dataset.name_of(listing.authority)],
                "authorityId": [reference] if binding and len(reference) <= _LONGEST else [],
                "program": [listing.list, cells.get("program", "")],
                "provisions": [listing.effect] if binding else [],
                "reason": [cells.get("claim", "")],
                "listingDate": [listing.since],
                "startDate": [cells.get("listed_from", "")],
                "endDate": [listing.until],
                "recordId": [listing.id],
                "sourceUrl": self._urls(cells),
                "publisher": self._publishers(cells),
            })  # fmt: skip

    def _entity(self, name: str, schema: str, properties: Mapping[str, list[str]]) -> Entity:
        filled = {key: list(dict.fromkeys(value for value in values if value)) for key, values in properties.items()}
        return {
            "id": name,
            "schema": schema,
            "properties": {key: values for key, values in filled.items() if values},
            "datasets": [self.dataset.name],
        }

    def _sources(self, cells: Mapping[str, str], column: str) -> list[str]:
        table = self.dataset.sources
        rows = (table.index.get(name) for name in split(cells.get("sources", "")))
        return [table.column(column)[row] for row in rows if row is not None]

    def _urls(self, cells: Mapping[str, str]) -> list[str]:
        return self._sources(cells, "url")

    def _publishers(self, cells: Mapping[str, str]) -> list[str]:
        return self._sources(cells, "publisher")

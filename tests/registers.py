"""Small datasets of owners, listings and supplies, written in a line each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from strategies import HEADERS

from stakeholders.dataset import Dataset
from stakeholders.schema import HEADERS as STANDARD
from stakeholders.tables import read_files

Row = Mapping[str, str]

SDN = ("us-ofac", "SDN")
CMIC = ("us-ofac", "NS-CMIC")
ENTITY_LIST = ("us-bis", "Entity List")
EU = ("eu-council", "EU asset freeze")
UK = ("uk-fcdo", "UK sanctions list")
SECTION_889 = ("us-congress", "Section 889")
COVERED = ("us-fcc", "Covered List")


def relation(subject: str, predicate: str, target: str, **cells: str) -> dict[str, str]:
    """A confirmed relation from the dated source ``src``; cells say what is otherwise."""
    name = f"{subject}-{predicate.replace('_', '-')}-{target}"
    return {
        "id": name, "subject": subject, "predicate": predicate, "object": target, "status": "confirmed",
        "valid_from": "2010", "claim": f"{subject} {predicate} {target}.", "sources": "src", **cells,
    }  # fmt: skip


def owns(owner: str, company: str, percent: str = "", **cells: str) -> dict[str, str]:
    """A stake; a second row of one owner and company needs an id of its own."""
    return relation(owner, "owns", company, percent=percent, **cells)


def listing(entity: str, place: tuple[str, str], since: str = "2012-01-01", until: str = "", **cells: str) -> Row:
    """A listing by (authority, list)."""
    return {
        "id": f"{place[0]}-{entity}-{place[1].lower().replace(' ', '-')}", "entity": entity, "authority": place[0],
        "list": place[1], "listed_from": since, "listed_until": until, "claim": f"{entity} is on {place[1]}.",
        "sources": "src", **cells,
    }  # fmt: skip


def entity(name: str, kind: str = "body", **cells: str) -> dict[str, str]:
    """A body, unless said otherwise."""
    return {"id": name, "type": kind, "name": name.upper(), "sources": "src", **cells}


def register(
    relations: Sequence[Row] = (),
    listed: Sequence[Row] = (),
    entities: Sequence[Row] = (),
    sources: Sequence[Row] = (),
    extras: Mapping[str, str] | None = None,
) -> Dataset:
    """A dataset of these rows; bodies that only relations and listings name are added."""
    named = {row["id"] for row in entities}
    ends = [end for row in relations for end in (row["subject"], row["object"])]
    ends += [row[column] for row in listed for column in ("entity", "authority")]
    bodies = [entity(name) for name in dict.fromkeys(ends) if name not in named]
    where = {"id": "src", "title": "A register", "publisher": "Press", "url": "https://example.org", "kind": "official"}
    tables: dict[str, Iterable[Row]] = {
        "entities": [*entities, *bodies],
        "relations": relations,
        "listings": listed,
        "sources": [{**where, "date": "2010-01-01"}, *({**where, **row} for row in sources)],
    }
    files = {f"{name}.csv": table(name, rows) for name, rows in tables.items()}
    files.update({name: text.encode() for name, text in (extras or {}).items()})
    return read_files("register", files, check=False)


def table(name: str, rows: Iterable[Row]) -> bytes:
    """Rows as a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADERS.get(name, STANDARD[name]), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()

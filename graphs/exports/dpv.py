"""W3C Data Privacy Vocabulary in Turtle: a process a store or system, with its data, who carries it out, who receives.

Who has custody is said to implement the process, who has a recorded grant to receive the data. Who is the controller
in law is another question, to which the dataset has no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from graphs.traversal import Rules
from stakeholders.dataset import Dataset, split

_PREFIXES = (
    ("dpv", "https://w3id.org/dpv#"),
    ("pd", "https://w3id.org/dpv/pd#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("dct", "http://purl.org/dc/terms/"),
)
_STATED = ("confirmed", "reported")


def dpv(dataset: Dataset, _rules: Rules) -> str:
    """The categories as personal data, the bodies as organisations, the places as processes."""
    lines = [f"@prefix {name}: <{place}> ." for name, place in _PREFIXES]
    lines.append(f"@prefix : <urn:accessmap:{_local(dataset.name)}:> .")
    lines += ["", f"# {_comment(dataset.title)}, version {_comment(dataset.version or 'unknown')}", ""]
    lines += _categories(dataset)
    operators, recipients, keeping = _roles(dataset)
    languages = [column for column in dataset.entities.header if column.startswith("name_")]
    for cells in dataset.entities.rows():
        names = [_text(cells["name"], "en")]
        names += [_text(cells[column], column.removeprefix("name_")) for column in languages if cells[column]]
        facts = [("skos:prefLabel", names)]
        name = cells["id"]
        if cells["type"] == "body":
            lines += _subject(f"e:{name}", "dpv:Organisation", facts)
            continue
        facts += [
            ("dpv:hasPersonalData", [_iri(f"c:{code}") for code in split(cells.get("categories", ""))]),
            ("dpv:isImplementedByEntity", [_iri(f"e:{body}") for body in operators.get(name, ())]),
            ("dpv:hasRecipient", [_iri(f"e:{body}") for body in recipients.get(name, ())]),
            ("dpv:hasProcess", [_iri(f"e:{store}") for store in keeping.get(name, ())]),
            ("dct:source", [f"<{url}>" for url in _urls(dataset, cells.get("sources", ""))]),
        ]
        lines += _subject(f"e:{name}", "dpv:Process", facts)
    return "\n".join(lines)


def _categories(dataset: Dataset) -> list[str]:
    lines = []
    for code in dataset.tree.codes:
        category = dataset.tree[code]
        kind = "dpv:SpecialCategoryPersonalData" if category.special == "article 9" else "dpv:PersonalData"
        named = {"en": category.name, **category.names}
        lines += _subject(f"c:{code}", kind, [
            ("skos:prefLabel", [_text(name, lang) for lang, name in named.items() if name]),
            ("skos:broader", [_iri(f"c:{broader}") for broader in category.broader]),
            ("skos:closeMatch", [term for term in category.dpv if re.fullmatch(r"(dpv|pd):[A-Za-z]+", term)]),
        ])  # fmt: skip
    return lines


def _roles(dataset: Dataset) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, list[str]]]:
    """For each place who has custody, who has a grant, and in which stores it keeps its data; stated facts alone."""
    operators: dict[str, list[str]] = {}
    recipients: dict[str, list[str]] = {}
    keeping: dict[str, list[str]] = {}
    for cells in dataset.relations.rows():
        if cells["status"] not in _STATED:
            continue
        subject, target = cells["subject"], cells["object"]
        if cells["predicate"] in {"holds", "operates"}:
            operators.setdefault(target, []).append(subject)
        elif cells["predicate"] == "collects_for":
            operators.setdefault(subject, []).append(target)
        elif cells["predicate"] == "has_access":
            recipients.setdefault(target, []).append(subject)
        elif cells["predicate"] == "keeps_data_in":
            keeping.setdefault(subject, []).append(target)
    return operators, recipients, keeping


def _subject(name: str, kind: str, facts: Iterable[tuple[str, Iterable[str]]]) -> list[str]:
    filled = [(predicate, list(dict.fromkeys(objects))) for predicate, objects in facts]
    lines = [f"  {predicate} {', '.join(objects)}" for predicate, objects in filled if objects]
    return [f"{_iri(name)} a {kind} ;", *(f"{line} ;" for line in lines[:-1]), f"{lines[-1]} .", ""]


def _iri(name: str) -> str:
    """The name of a thing in the document's own space; kinds of thing have spaces of their own."""
    kind, _, rest = name.partition(":")
    return f":{kind}-{_local(rest)}"


def _local(name: str) -> str:
    """A name as the local part of a prefixed name, where a percent sign and two digits stand for any other letter."""
    return quote(name, safe="").replace(".", "%2E").replace("~", "%7E")


def _text(text: str, lang: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"@{lang}'


def _comment(text: str) -> str:
    return " ".join(text.split())


def _urls(dataset: Dataset, cell: str) -> list[str]:
    rows = (dataset.sources.index.get(name) for name in split(cell))
    urls = (dataset.sources.column("url")[row] for row in rows if row is not None)
    return [url for url in urls if url and not re.search(r'[\x00-\x20<>"{}|^`\\]', url)]

"""Decisions on candidates, kept in a dataset's ``matches.csv``: who accepted or rejected what, when and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from stakeholders.errors import AccessMapError, Problem, UnknownId, UnknownTerm, nearest
from stakeholders.files import write_whole

if TYPE_CHECKING:
    from stakeholders.dataset import Dataset
    from stakeholders.screening import Screening

DECISIONS: Final = ("accepted", "rejected")
MATCHES: Final = "matches.csv"
HEADER: Final = ("list", "entry", "entity", "decision", "who", "when", "why", "name", "score", "reason")

# Formats of the same entries decide together: an id of OpenSanctions is one whichever of its files it stands in.
FAMILIES: Final = {
    "csl": "csl",
    "opensanctions": "opensanctions",
    "followthemoney": "opensanctions",
    "listings": "listings",
}


@dataclass(frozen=True)
class Decision:
    """What somebody decided on a candidate, when, and why."""

    family: str
    entry: str
    entity: str
    decision: str
    who: str = ""
    when: str = ""
    why: str = ""


def decisions_of(dataset: Dataset) -> dict[tuple[str, str, str], Decision]:
    """Decisions in a dataset's ``matches.csv``, by family of lists, entry and body; undecided rows are left out.

    Raises
    ------
    AccessMapError
        If the file is damaged or a decision is neither ``accepted`` nor ``rejected``.
    """
    found = {}
    for line, row in _rows_of(dataset):
        word = row["decision"].strip()
        if not word:
            continue
        if word not in DECISIONS:
            raise UnknownTerm(f"decision ({MATCHES}:{line})", word, DECISIONS)
        decision = Decision(row["list"], row["entry"], row["entity"], word, row["who"], row["when"], row["why"])
        found[decision.family, decision.entry, decision.entity] = decision
    return found


def decision_problems(dataset: Dataset) -> list[Problem]:
    """Everything that is wrong with a dataset's ``matches.csv``; what merely decides nothing is a warning."""
    problems: list[Problem] = []
    families = tuple(dict.fromkeys(FAMILIES.values()))
    try:
        for line, row in _rows_of(dataset, problems):
            for column, what, choices, warning in (
                ("decision", "decision", DECISIONS, False),
                ("list", "list that is screened", families, True),
            ):
                if (word := row[column].strip()) and word not in choices:
                    problems.append(Problem(MATCHES, line, column, str(UnknownTerm(what, word, choices)), warning))
            entity = row["entity"].strip()
            if entity not in dataset.entities.index:
                near = nearest(entity, list(dataset.entities.index))
                hint = f" (did you mean {' or '.join(map(repr, near))}?)" if near else ""
                problems.append(Problem(MATCHES, line, "entity", f"{entity!r} is defined nowhere{hint}", warning=True))
    except AccessMapError as error:
        place, _, message = str(error).partition(": ")
        problems.append(Problem(MATCHES, int(place.partition(":")[2] or 0), "", message))
    return problems


def with_candidates(dataset: Dataset, screening: Screening) -> bytes:
    """A ``matches.csv`` with a row for each candidate not yet in it, its decision left open; other rows stay."""
    rows = [row for _, row in _rows_of(dataset)]
    family = FAMILIES[screening.format]
    known = {(row["list"], row["entry"], row["entity"]) for row in rows}
    for each in screening.candidates:
        if (family, each.entry.id, each.entity) not in known:
            name = each.their_name or (each.entry.names[0] if each.entry.names else "")
            row = dict.fromkeys(HEADER, "")
            row.update(list=family, entry=each.entry.id, entity=each.entity, name=name)
            rows.append({**row, "score": f"{each.score:.3f}", "reason": each.reason.text()})
    return _written(rows)


def with_decision(
    dataset: Dataset,
    form: str,
    entry: str,
    entity: str,
    decision: str,
    *,
    who: str,
    why: str = "",
    when: str | None = None,
) -> bytes:
    """A ``matches.csv`` in which somebody has accepted or rejected a candidate.

    Parameters
    ----------
    dataset : Dataset
    form : str
        Format of the list, see `Screening`.
    entry, entity : str
        Ids of the entry and the body.
    decision : {'accepted', 'rejected'}
    who, why : str
    when : str, optional
        Day of the decision; default today.
    """
    if decision not in DECISIONS:
        raise UnknownTerm("decision", decision, DECISIONS)
    if form not in FAMILIES:
        raise UnknownTerm("format of a sanctions list", form, tuple(FAMILIES))
    made = {"decision": decision, "who": who, "when": when or date.today().isoformat(), "why": why}
    place = {"list": FAMILIES[form], "entry": entry, "entity": entity}
    rows = [row for _, row in _rows_of(dataset)]
    for number, row in enumerate(rows):
        if all(row[name] == value for name, value in place.items()):
            rows[number] = {**row, **made}
            break
    else:
        rows.append({**dict.fromkeys(HEADER, ""), **place, **made})
    return _written(rows)


def decide(
    dataset: Dataset,
    form: str,
    accepted: Sequence[str] = (),
    rejected: Sequence[str] = (),
    *,
    who: str = "",
    why: str = "",
) -> Dataset:
    """A dataset in whose ``matches.csv`` somebody accepted and rejected candidates, each written as ENTRY=BODY.

    Raises
    ------
    AccessMapError
        If nobody is named, or a pair cannot be read or names no body of the dataset.
    """
    for decision, pairs in zip(DECISIONS, (accepted, rejected), strict=True):
        for pair in pairs:
            entry, mark, entity = pair.rpartition("=")
            if not mark or not entry or not entity:
                raise AccessMapError(f"{pair!r} is no decision: write ENTRY=BODY, the entry's id and the body's")
            if dataset.type_of(entity) != "body":
                bodies = [row["id"] for row in dataset.entities.rows() if row["type"] == "body"]
                near = nearest(entity, bodies)
                hint = f" Did you mean {', '.join(map(repr, near))}?" if near else ""
                raise UnknownId(f"no body has the id {entity!r}.{hint}", near)
            if not who:
                raise AccessMapError("a decision needs somebody who made it: --who NAME")
            content = with_decision(dataset, form, entry, entity, decision, who=who, why=why)
            dataset = replace(dataset, extras={**dataset.extras, MATCHES: content})
    return dataset


def keep(dataset: Dataset, screening: Screening | None = None) -> None:
    """Write a dataset's ``matches.csv`` into its folder, with the candidates of a screening that are not yet in it.

    Raises
    ------
    AccessMapError
        If the dataset has no folder of its own, as the bundled ones.
    """
    from stakeholders.tables import DATA

    if dataset.folder is None or DATA in dataset.folder.resolve().parents:
        raise AccessMapError("decisions are kept in a folder of yours: copy the dataset there and name it with -d")
    content = dataset.extras.get(MATCHES, b"") if screening is None else with_candidates(dataset, screening)
    write_whole(dataset.folder / MATCHES, content)


def _rows_of(dataset: Dataset, problems: list[Problem] | None = None) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their lines; one of too many or too few cells is left out and told, or raised."""
    content = dataset.extras.get(MATCHES)
    if not content:
        return
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header = next(reader, [])
        missing = [name for name in HEADER[:4] if name not in header]
        if missing:
            raise AccessMapError(f"{MATCHES}:1: the header has no {', '.join(map(repr, missing))}")
        for cells in reader:
            if cells and len(cells) != len(header):
                message = f"{len(cells)} cells under a header of {len(header)}"
                if problems is None:
                    raise AccessMapError(f"{MATCHES}:{reader.line_num}: {message}")
                problems.append(Problem(MATCHES, reader.line_num, "", message))
            elif cells:
                yield reader.line_num, {**dict.fromkeys(HEADER, ""), **dict(zip(header, cells, strict=True))}
    except (csv.Error, UnicodeDecodeError) as error:
        raise AccessMapError(f"{MATCHES}: cannot be read: {error}") from None


def _written(rows: list[dict[str, str]]) -> bytes:
    header = [*HEADER, *(name for row in rows[:1] for name in row if name not in HEADER)]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()

"""Screening and importing as answers: candidates for a person to decide on, and what accepted ones became."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphs.answers import Answer, Note, Row, stamp
from graphs.naming import name_of, quoted
from stakeholders.dataset import Dataset
from stakeholders.vocabulary import LANGUAGES, Label

if TYPE_CHECKING:
    from stakeholders.accepted import Imported
    from stakeholders.screening import Reason, Screening

_AUTHORITY = Label(
    "Added to the bodies, as it keeps a list: {name} ({id}).",
    "К организациям добавлен орган, который ведёт перечень: {name} ({id}).",
    "Ұйымдарға тізімді жүргізетін орган қосылды: {name} ({id}).",
)
_OTHERS = Label(
    "Left out, as no body can be one; persons: {persons}, vessels: {vessels}, aircraft: {aircraft}.",
    "Не рассматривались, так как организациями быть не могут: лиц {persons}, судов {vessels}, самолётов {aircraft}.",
    "Ұйым бола алмайтындықтан қаралмады: {persons} адам, {vessels} кеме, {aircraft} ұшақ.",
)
_DROPPED = Label(
    "Beyond the fifty best of a body, weak candidates were dropped: {count}.",
    "Сверх пятидесяти лучших на организацию отброшено слабых кандидатов: {count}.",
    "Бір ұйымға ең жақсы елуден артық әлсіз үміткерлер алынып тасталды: {count}.",
)
_UNDECIDED = Label(
    "Nothing is merged by itself: accept or reject candidates, and import what is accepted.",
    "Само собой ничего не объединяется: примите или отклоните кандидатов и импортируйте принятых.",
    "Ештеңе өздігінен біріктірілмейді: үміткерлерді қабылдаңыз не қайтарыңыз, қабылданғандарын импорттаңыз.",
)


def screened(dataset: Dataset, screening: Screening) -> Answer:
    """A screening as an answer.

    Returns
    -------
    Answer
        A row for each candidate, best first: ``entity`` and its ``name``; ``entry`` of the list and ``entry_name``;
        ``lists``; ``score`` from 0 to 1; ``reason``, a sentence; ``suggested``; ``decision``. In ``beside``: the
        ``format``, how many ``entries`` were read, the ``others`` among them, and how many candidates were
        ``dropped``.
    """
    rows: list[Row] = [
        {
            "entity": each.entity,
            "name": each.own_name or dataset.name_of(each.entity),
            "entry": each.entry.id,
            "entry_name": each.their_name or next(iter(each.entry.names), ""),
            "lists": list(dict.fromkeys(listed.name for listed in each.entry.listed)),
            "score": each.score,
            "reason": _said(each.reason),
            "suggested": each.suggested,
            "decision": each.decision,
        }
        for each in screening.candidates
    ]
    others = {name: screening.others.get(kind, 0) for name, kind in _KINDS}
    notes = [Note(_OTHERS, others)] if any(others.values()) else []
    if screening.dropped:
        notes.append(Note(_DROPPED, {"count": screening.dropped}))
    if any(each.suggested and not each.decision for each in screening.candidates):
        notes.append(Note(_UNDECIDED))
    return Answer(
        command="screen",
        question={"format": screening.format},
        dataset=stamp(dataset),
        rows=tuple(rows),
        notes=tuple(notes),
        beside={"entries": screening.entries, "others": dict(screening.others), "dropped": screening.dropped},
    )


def imported(result: Imported, form: str) -> Answer:
    """An import as an answer: a row for each new listing, in ``beside`` the rest.

    ``known`` has the listings that were there already, ``updated`` those of them that got an end, ``refused`` what
    could not be imported, and why.
    """
    table = result.dataset.listings
    rows = [table.row(table.index[name]) for name in result.added]
    shown = ("id", "entity", "authority", "list", "listed_from", "claim", "sources")
    return Answer(
        command="import",
        question={"format": form},
        dataset=stamp(result.dataset),
        rows=tuple({name: row.get(name, "") for name in shown} for row in rows),
        notes=tuple(
            Note(_AUTHORITY, {"name": quoted(name_of(result.dataset, each)), "id": each}) for each in result.authorities
        ),
        beside={
            "known": list(result.known),
            "updated": [{"listing": each.listing, "until": each.until} for each in result.updated],
            "refused": _refused(result.refused),
        },
    )


_KINDS = (("persons", "person"), ("vessels", "vessel"), ("aircraft", "aircraft"))


def _said(reason: Reason) -> Note:
    values: Row = dict(reason.values)
    if reason.inner is not None:
        values["reason"] = {lang: reason.inner.text(lang) for lang in LANGUAGES}
    return Note(reason.template, values)


def _refused(refused: Sequence[tuple[str, str, str]]) -> list[Row]:
    return [{"entity": entity, "entry": entry, "why": why} for entity, entry, why in refused]

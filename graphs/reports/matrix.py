"""Report of who can reach which categories."""

from __future__ import annotations

from graphs.answers import Answer
from graphs.reports.blocks import Block, Bullets, Column, Grid, GridRow, Span
from graphs.reports.reach import counted, opening
from graphs.reports.speech import Speech
from stakeholders.vocabulary import CERTAINTIES, Label

_HEAD = Label(
    "{bodies} can reach data of a known category{kinds}.",
    "Органов и организаций, для которых доступ к данным возможен{kinds}: {bodies}.",
    "Дерекке қолжетімділігі бар органдар мен ұйымдар{kinds}: {bodies}.",
)
_NOBODY = Label(
    "No body is known to reach data of any category{kinds}.",
    "Ни одного пути доступа к данным не известно{kinds}.",
    "Дерекке апаратын белгілі жол жоқ{kinds}.",
)
_ALL_KINDS = Label(
    ", claims and plans included (--certainty reported leaves them out)",
    ", с учётом утверждений и планов (без них: --certainty reported)",
    ", мәлімдемелер мен жоспарларды қоса (оларсыз: --certainty reported)",
)


def matrix(answer: Answer, speech: Speech) -> list[Block]:
    """Each body with the categories that it can reach."""
    weakest = answer.question.get("certainty", CERTAINTIES[0])
    kinds = speech.say(_ALL_KINDS) if CERTAINTIES.index(weakest) < CERTAINTIES.index("reported") else ""
    bodies = counted(speech, len(answer.rows), "body", "bodies")
    blocks: list[Block] = [
        opening(speech.say(_HEAD if answer.rows else _NOBODY, bodies=bodies, kinds=kinds), answer, speech)
    ]
    if answer.rows:
        columns = [
            Column(speech.column("body"), flexible=True), Column("#", right=True, rank=1),
            Column(speech.column("categories"), flexible=True),
        ]  # fmt: skip
        rows = [
            GridRow([Span(speech.name(row["body"])), Span(str(row["count"])), Span(speech.names(row["categories"]))])
            for row in answer.rows
        ]
        blocks.append(Grid(columns, rows))
    if answer.notes:
        blocks.append(Bullets([[Span(note.text(speech.lang))] for note in answer.notes]))
    return blocks

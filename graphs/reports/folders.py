"""Reports of what was written beside or out of a folder: an index, a converted dataset."""

from __future__ import annotations

from graphs.answers import Answer
from graphs.reports.blocks import Block, Bullets, Paragraph, Span
from graphs.reports.speech import Speech
from stakeholders.vocabulary import Label

_INDEX = Label(
    "entities: {entities}; relations: {relations}; arcs: {arcs}; {size} MB. Questions to this folder are now answered "
    "from it, as long as no table changes.",
    "сущностей: {entities}; связей: {relations}; дуг: {arcs}; {size} МБ. Пока таблицы не изменятся, ответы на вопросы "
    "к этой папке берутся отсюда.",
    "нысандар: {entities}; байланыстар: {relations}; доғалар: {arcs}; {size} МБ. Кестелер өзгермейінше осы қалтаға "
    "қойылған сұрақтардың жауабы осыдан алынады.",
)
_GONE = Label("Removed: {count}.", "Удалено: {count}.", "Жойылды: {count}.")
_NEXT = Label(
    "Ask it with: accessmap who TARGET -d {folder}",
    "Вопросы к нему: accessmap who TARGET -d {folder}",
    "Оған сұрақ қою: accessmap who TARGET -d {folder}",
)


def index(answer: Answer, speech: Speech) -> list[Block]:
    """Where the index is and what it holds, or what was removed."""
    if answer.question["clean"]:
        told: list[Block] = [Paragraph([Span(speech.say(_GONE, count=len(answer.rows)))])]
        return [*told, Bullets([[Span(row["path"], "faint")] for row in answer.rows])] if answer.rows else told
    (row,) = answer.rows
    said = speech.say(_INDEX, **{**row, "size": round(row["bytes"] / 1e6, 1)})
    return [Paragraph([Span(row["path"], "headline"), Span("\n"), Span(said)])]


def convert(answer: Answer, speech: Speech) -> list[Block]:
    """The files of the new folder, and how to ask it."""
    written = Bullets([[Span(row["path"])] for row in answer.rows])
    return [written, Paragraph([Span(speech.say(_NEXT, folder=answer.question["folder"]), "faint")])]

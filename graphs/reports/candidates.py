"""Reports of screening and importing."""

from __future__ import annotations

from graphs.answers import Answer
from graphs.reports.blocks import Block, Bullets, Column, Grid, GridRow, Paragraph, Span
from graphs.reports.reach import counted
from graphs.reports.speech import Speech
from stakeholders.vocabulary import Label

_FOUND = Label(
    "{suggested} suggested and {weak} among {entries} ({format}).",
    "Предложено кандидатов: {suggested}, слабее: {weak}; записей в файле: {entries} ({format}).",
    "Ұсынылған үміткерлер: {suggested}, әлсізірек: {weak}; файлдағы жазбалар: {entries} ({format}).",
)
_ADDED = Label(
    "Listings added: {count}; updated: {updated}; known already: {known}; not imported: {refused}.",
    "Добавлено записей о включении в перечни: {count}; обновлено: {updated}; уже было: {known}; "
    "не импортировано: {refused}.",
    "Қосылған тізім жазбалары: {count}; жаңартылғаны: {updated}; бұрыннан бар: {known}; импортталмаған: {refused}.",
)
_ENDED = Label(
    "{listing}: until {until}, as the file has it", "{listing}: до {until}, как сказано в файле",
    "{listing}: {until} дейін, файлда осылай",
)  # fmt: skip
_REFUSED = Label("{entry}, {entity}: {why}", "{entry}, {entity}: {why}", "{entry}, {entity}: {why}")
_TITLES = {
    "score": Label("Score", "Оценка", "Баға"),
    "entity": Label("Body", "Организация", "Ұйым"),
    "entry": Label("Entry", "Запись", "Жазба"),
    "lists": Label("Lists", "Перечни", "Тізімдер"),
    "reason": Label("Reason", "Почему", "Неге"),
    "decision": Label("Decision", "Решение", "Шешім"),
}
_DECISIONS = {
    "": Label("open", "открыто", "ашық"),
    "accepted": Label("accepted", "принято", "қабылданды"),
    "rejected": Label("rejected", "отклонено", "қайтарылды"),
}


def screen(answer: Answer, speech: Speech) -> list[Block]:
    """Candidates, best first."""
    suggested = sum(row["suggested"] for row in answer.rows)
    headline = speech.say(
        _FOUND,
        suggested=suggested,
        weak=counted(speech, len(answer.rows) - suggested, "weaker candidate", "weaker candidates"),
        entries=counted(speech, answer.beside["entries"], "entry", "entries"),
        format=answer.question["format"],
    )
    columns = [
        Column(_TITLES["score"].of(speech.lang), right=True),
        Column(_TITLES["entity"].of(speech.lang), flexible=True),
        Column(_TITLES["entry"].of(speech.lang), flexible=True),
        Column(_TITLES["lists"].of(speech.lang), flexible=True, rank=2),
        Column(_TITLES["reason"].of(speech.lang), flexible=True, spills=True, rank=1),
        Column(_TITLES["decision"].of(speech.lang), rank=3),
    ]
    rows = [
        GridRow(
            [
                Span(f"{row['score']:.2f}", "reaches" if row["suggested"] else "faint"),
                Span(f"{row['name']} ({row['entity']})"),
                Span(f"{row['entry_name']} ({row['entry']})"),
                Span(", ".join(row["lists"])),
                Span(row["reason"]),
                Span(_DECISIONS[row["decision"]].of(speech.lang)),
            ]
        )
        for row in answer.said(speech.lang)
    ]
    blocks: list[Block] = [Paragraph([Span(headline, "headline")])]
    return [*blocks, *([Grid(columns, rows)] if rows else []), *_notes(answer, speech)]


def import_(answer: Answer, speech: Speech) -> list[Block]:
    """Listings that accepted matches became, and what could not be imported."""
    known, updated, refused = (answer.beside[name] for name in ("known", "updated", "refused"))
    sizes = {"known": len(known), "updated": len(updated), "refused": len(refused)}
    headline = speech.say(_ADDED, count=len(answer.rows), **sizes)
    blocks: list[Block] = [Paragraph([Span(headline, "headline")])]
    if answer.rows:
        blocks.append(Bullets([[Span(row["claim"]), Span(f"  {row['id']}", "faint")] for row in answer.rows]))
    if updated:
        blocks.append(Bullets([[Span(speech.say(_ENDED, **row))] for row in updated]))
    if refused:
        blocks.append(Bullets([[Span(speech.say(_REFUSED, **row))] for row in refused]))
    return [*blocks, *_notes(answer, speech)]


def _notes(answer: Answer, speech: Speech) -> list[Block]:
    return [Bullets([[Span(note.text(speech.lang))] for note in answer.notes])] if answer.notes else []

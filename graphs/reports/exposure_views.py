"""Parts of reports of exposure: pairs kept and lost without a list, bodies by lists, what began and ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from graphs.answers import Answer, Row, listed
from graphs.reports.blocks import Block, Bullets, Column, Grid, GridRow, Heading, Line, Span
from graphs.reports.speech import Speech
from stakeholders.listings import listings
from stakeholders.regimes import slug
from stakeholders.vocabulary import Label

LISTS: Final = Label(
    "Bodies with somebody listed behind them: {bodies}{rest}; lists: {lists}.",
    "Организаций, за которыми стоит кто-либо из перечней: {bodies}{rest}; перечней: {lists}.",
    "Артында тізімге енген біреу тұрған ұйымдар: {bodies}{rest}; тізімдер: {lists}.",
)
_LOST = Label("Lost: who no longer reaches what", "Исчезнет: кто больше не получит доступа",
              "Жойылады: кім енді қол жеткізе алмайды")  # fmt: skip
_STILL = Label("Stays: who still reaches what", "Останется: кто по-прежнему имеет доступ",
               "Қалады: кім бұрынғыдай қол жеткізеді")  # fmt: skip
_PAIRS = Label("{store}: {names}", "{store}: {names}", "{store}: {names}")
_BODY = Label("Body", "Организация", "Ұйым")
_MARKS = Label(
    "A year is that of the earliest exposure; ~ by then at the latest; × of unknown day; * only by ownership; "
    "? undetermined.",
    "Год: самое раннее начало; ~ не позднее; × день неизвестен; * только через владение; ? не определено.",
    "Жыл: ең ерте басталуы; ~ ең кешінде; × күні белгісіз; * тек иелік арқылы; ? анықталмаған.",
)
_FIRST = Label("{entity}: first exposed since {since}", "{entity}: впервые с {since}", "{entity}: алғаш {since} бастап")
_BY_LATEST = Label(
    "{entity}: first exposed by {since} at the latest", "{entity}: впервые не позднее {since}",
    "{entity}: алғаш ең кешінде {since} бастап",
)  # fmt: skip
_NO_DAY = Label(
    "{entity}: exposed, since when is not known", "{entity}: подвержена, с какого дня неизвестно",
    "{entity}: ұшыраған, қашаннан екені белгісіз",
)  # fmt: skip
_EXPOSED_SINCE = Label("First exposed", "Впервые", "Алғаш рет")
_CHANGES = Label("What began and ended", "Что началось и закончилось", "Не басталды және не аяқталды")
_ON_DAY = Label("{date}: {told}", "{date}: {told}", "{date}: {told}")
_WORDS = {
    "began": Label("began: {what}", "началось: {what}", "басталды: {what}"),
    "ended": Label("ended: {what}", "закончилось: {what}", "аяқталды: {what}"),
}
_SHOWN = 4
_ACROSS = 8  # lists beside one another


def pair_blocks(answer: Answer, speech: Speech) -> list[Block]:
    """Who no longer reaches what, and who still does: a line for each store, its bodies folded unless asked for."""
    blocks: list[Block] = []
    for title, key in ((_LOST, "lost"), (_STILL, "still")):
        by_store: dict[str, list[str]] = {}
        for pair in answer.beside[key]:
            by_store.setdefault(pair["store"], []).append(speech.name(pair["body"]))
        if by_store:
            lines: list[Line] = [
                [Span(speech.say(_PAIRS, store=speech.name(store), names=_folded(names, speech)))]
                for store, names in by_store.items()
            ]
            blocks += [Heading(Span(title.of(speech.lang), "heading"), f"({len(answer.beside[key])})"), Bullets(lines)]
    return blocks


def _folded(names: Sequence[str], speech: Speech) -> str:
    return listed(names, most=len(names) if speech.unfold else _SHOWN)


def pair_records(answer: Answer) -> Iterator[Row]:
    """The pairs of a cut-off as records beside its rows: ``state`` is ``lost`` or ``still``."""
    for state in ("lost", "still"):
        for pair in answer.beside.get(state, ()):
            yield {"entity": pair["store"], "state": state, **{key: pair[key] for key in ("body", "verdict", "level")}}


def matrix_blocks(answer: Answer, speech: Speech) -> list[Block]:
    """Bodies by lists: numbered columns, some at a time, and what the numbers stand for."""
    names = _lists(speech)
    lists = list(dict.fromkeys(sorted(row["list"] for row in answer.rows)))
    cells = {(row["body"], row["list"]): _cell(row) for row in answer.rows}
    bodies = list(dict.fromkeys(row["body"] for row in answer.rows))
    blocks: list[Block] = []
    for first in range(0, len(lists), _ACROSS):
        across = lists[first : first + _ACROSS]
        numbers = [str(first + place) for place in range(1, len(across) + 1)]
        columns = [Column(_BODY.of(speech.lang), flexible=True), *map(Column, numbers)]
        rows = [
            GridRow([Span(speech.name(body)), *(Span(cells.get((body, name), "")) for name in across)])
            for body in bodies
            if any((body, name) in cells for name in across)
        ]
        legend: list[Line] = [
            [Span(f"{number}: {names.get(name, name)}")] for number, name in zip(numbers, across, strict=True)
        ]
        blocks += [Grid(columns, rows), Bullets(legend)]
    return [*blocks, Bullets([[Span(_MARKS.of(speech.lang))]])] if blocks else []


def _cell(row: Row) -> str:
    since = row["since"][:4] if row["since"] else "×"
    at_latest = "~" if row["since"] and row["listing_date"] == "assumed" else ""
    return at_latest + since + {"listed": "", "owned": "*", "undetermined": "?"}[row["rule"]]


def _lists(speech: Speech) -> dict[str, str]:
    """Lists by their slugs, each with whose it is."""
    if speech.dataset is None:
        return {}
    return {
        slug(each.authority, each.list): f"{speech.name(each.authority)}: {each.list}"
        for each in listings(speech.dataset)
    }


def history_blocks(answer: Answer, speech: Speech, list_of: Callable[[Row], str]) -> list[Block]:
    """Since when each entity is exposed, and what began and ended day by day."""
    first: dict[str, str | None] = answer.beside["first_exposed"]
    lines: list[Line] = [[Span(_first(entity, since, answer, speech))] for entity, since in first.items()]
    days: dict[str, list[Row]] = {}
    for change in answer.beside["changes"]:
        days.setdefault(change["date"], []).append(change)
    told: list[Line] = []
    for day, changes in days.items():
        for word, label in _WORDS.items():
            what = [
                f"{speech.name(each['entity'])} – {speech.name(each['listed_entity'])} ({list_of(each)})"
                for each in changes
                if each["change"] == word
            ]
            if what:
                shown = speech.say(label, what=_folded(what, speech))
                told.append([Span(speech.say(_ON_DAY, date=day, told=shown))])
    blocks: list[Block] = []
    for title, part in ((_EXPOSED_SINCE, lines), (_CHANGES, told)):
        if part:
            blocks += [Heading(Span(title.of(speech.lang), "heading")), Bullets(part)]
    return blocks


def _first(entity: str, since: str | None, answer: Answer, speech: Speech) -> str:
    if since is None:
        return speech.say(_NO_DAY, entity=speech.name(entity))
    # What is undetermined makes no day sure.
    began = [row for row in answer.rows
             if row["entity"] == entity and row["first"] == since and row["rule"] != "undetermined"]  # fmt: skip
    sure = any(row["listing_date"] == "known" for row in began)
    return speech.say(_FIRST if sure else _BY_LATEST, entity=speech.name(entity), since=since)

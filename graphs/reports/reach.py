"""Reports of reach: who can reach a target, what a body can reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from graphs.answers import Answer, Row, listed
from graphs.reachability import Reach
from graphs.reports.blocks import Block, Bullets, Column, Grid, GridRow, Heading, Legend, Line, Paragraph, Span
from graphs.reports.speech import Speech
from stakeholders.dataset import split
from stakeholders.vocabulary import CERTAINTIES, LEVELS, VERDICTS, Label

Cell = Callable[[Row], Span]

FOLDED_SHOWN = 6  # names of folded bodies in one line; the rest is counted

_WHO = Label(
    "{bodies} can reach {target}{places}{rest}.",
    "{target}: доступ возможен{places}. Органов и организаций: {bodies}{rest}.",
    "{target}: қолжетімділік бар{places}. Органдар мен ұйымдар: {bodies}{rest}.",
)
_OVER = Label(
    "{target} is within reach of {bodies}, by command, ownership, membership or legal power{rest}.",
    "{target}: подчинение, собственность, членство или право обязать. Органов и организаций: {bodies}{rest}.",
    "{target}: бағыныс, меншік, мүшелік не міндеттеу құқығы. Органдар мен ұйымдар: {bodies}{rest}.",
)
_NOBODY = Label(
    "No body is known to reach {target}{rest}.",
    "{target}: ни одного пути доступа не известно{rest}.",
    "{target}: белгілі қол жеткізу жолы жоқ{rest}.",
)
_HELD_NOWHERE = Label(
    "No body is known to reach {target}: no system or store of this dataset is recorded with such data, on any day.",
    "{target}: ни одного пути доступа не известно, ведь такие данные не указаны ни у одной системы и ни у одного "
    "хранилища этого набора, ни на какой день.",
    "{target}: белгілі қол жеткізу жолы жоқ, өйткені бұл жинақтағы бірде-бір жүйеде не дерекқорда мұндай деректер "
    "көрсетілмеген, ешбір күнде.",
)
_NONE_ASKING = Label(
    "None of those who ask ({who}) is known to reach {target}{rest}.",
    "{target}: у тех, кто запрашивает ({who}), ни одного пути доступа не известно{rest}.",
    "{target}: сұраушыларда ({who}) белгілі қол жеткізу жолы жоқ{rest}.",
)
_PLACES = Label(" in {count}", " (мест хранения: {count})", " (сақтау орындары: {count})")
_WHAT = Label(
    "{body} can reach data in {stores}{rest}.",
    "{body}: доступ возможен. Мест хранения: {stores}{rest}.",
    "{body}: қолжетімділік бар. Сақтау орындары: {stores}{rest}.",
)
_NOTHING = Label(
    "{body} is not known to reach any data{rest}.",
    "{body}: ни одного пути к данным не известно{rest}.",
    "{body}: дерекке апаратын белгілі жол жоқ{rest}.",
)
_MORE = {
    "claimed": Label(
        "; {count} more only by disputed or unproven claims",
        "; ещё по спорным или недоказанным утверждениям: {count}",
        "; даулы не дәлелденбеген мәлімет бойынша тағы: {count}",
    ),
    "prospective": Label(
        "; {count} more only in plans", "; ещё только в планах: {count}", "; тек жоспарда тағы: {count}"
    ),
}
_HEADINGS = {
    "reaches": (
        Label("Reaches", "Доступ возможен", "Қол жеткізеді"),
        Label(
            "every step confirmed or reported",
            "каждый шаг подтверждён или о нём сообщалось",
            "әр қадамы расталған не хабарланған",
        ),
    ),
    "claimed": (
        Label("Claimed", "По неподтверждённым данным", "Дәлелденбеген мәлімет бойынша"),
        Label(
            "some step only alleged, or contested",
            "есть шаг, который лишь утверждается или оспаривается",
            "мәлімделген не даулы қадамы бар",
        ),
    ),
    "prospective": (
        Label("Prospective", "Только в планах", "Тек жоспарда"),
        Label(
            "some step only planned or under review",
            "есть шаг, который лишь планируется или рассматривается",
            "жоспарланған не қаралып жатқан қадамы бар",
        ),
    ),
}
_FOLDED = {
    "above": Label("and above it: {names}", "и вышестоящие: {names}", "және жоғары тұрғандар: {names}"),
    "member": Label(
        "and its {count} members: {names}",
        "и входящие сюда ({count}): {names}",
        "және құрамындағылар ({count}): {names}",
    ),
}
_ONE_MEMBER = Label("and its one member: {names}", "и входящий сюда: {names}", "және құрамындағы: {names}")
_AND_MORE = Label("{names} and {count} more", "{names} и ещё {count}", "{names} және тағы {count}")
_ALSO = {
    "claimed": Label(
        "also {level}, but only as a claim ({certainty})",
        "также, но лишь по утверждениям ({certainty}): {level}",
        "сондай-ақ, бірақ тек мәлімдеме бойынша ({certainty}): {level}",
    ),
    "prospective": Label(
        "also {level}, but only in plans", "также, но лишь в планах: {level}", "сондай-ақ, бірақ тек жоспарда: {level}"
    ),
}
_HELD_AT = Label("as held at: {name}", "данные находятся здесь: {name}", "дерек мына жерде: {name}")
_LEGEND = {
    "!": Label(
        "! contested: somebody denies a step",
        "! оспаривается: какой-то шаг кем-то опровергается",
        "! даулы: бір қадамын біреу жоққа шығарады",
    ),
    "~": Label(
        "~ date assumed from the earliest source",
        "~ дата предположена по самому раннему источнику",
        "~ күні ең ерте дереккөз бойынша болжанған",
    ),
    "?": Label("? a step has no date", "? у какого-то шага нет даты", "? бір қадамының күні жоқ"),
    "*": Label(
        "* through an entity that stands for many",
        "* через объект, который обозначает многих",
        "* көпті білдіретін нысан арқылы",
    ),
    "°": Label(
        "° a system whose store is not known", "° система, хранилище которой неизвестно", "° дерекқоры белгісіз жүйе"
    ),
}


_UNPROVEN = CERTAINTIES[:2]
_OF_ANY_VERDICT = Label(
    "Places: all of any verdict, those only claimed or planned too",
    "Мест: все, при любом выводе, в том числе только заявленные и лишь в планах",
    "Орын: барлығы, кез келген қорытынды бойынша, тек мәлімделгені мен жоспардағысы да",
)


def counted(speech: Speech, count: int, one: str, many: str) -> str:
    """A number with its noun in English; elsewhere the sentence needs the number alone."""
    if speech.lang != "en":
        return str(count)
    return f"{count} {one if count == 1 else many}"


def who(answer: Answer, speech: Speech) -> list[Block]:
    """Who can reach a target, by verdict; commanded bodies and members under those that they reach through."""
    rows = list(answer.rows)
    folds = answer.folds if isinstance(answer, Reach) and not speech.unfold else {}
    under = _folded(rows, folds)
    columns = _who_columns(answer, speech)
    cells = [cell for _, cell in columns]
    blocks: list[Block] = [opening(_who_headline(answer, speech), answer, speech)]
    for verdict, group in groupby(enumerate(rows), lambda item: item[1]["verdict"]):
        members = list(group)
        shown = [
            GridRow(
                [cell(row) for cell in cells],
                [*_also(row, speech), *_fold_lines(under.get(number, {}), speech)]
                if number in under or row["also"]
                else (),
            )
            for number, row in members
            if number not in folds
        ]
        heading = _heading(verdict, [row for _, row in members], speech)
        blocks += [heading, Grid([column for column, _ in columns], shown)]
    title, said = speech.column("stores"), _OF_ANY_VERDICT.of(speech.lang)
    counting = any(column.title == title for column, _ in columns) and answer.question["certainty"] in _UNPROVEN
    unfolded = [row for number, row in enumerate(rows) if number not in folds]
    return [*blocks, *closing(answer, speech, unfolded, [(title, said)] if counting else ())]


def _who_columns(answer: Answer, speech: Speech) -> list[tuple[Column, Cell]]:
    """Columns and what stands in them; stores only where there can be several."""
    by_pair = answer.question.get("by") == "pair"
    many = not by_pair and {row["store"] for row in answer.rows} != {answer.question["target"]}

    def column(name: str, cell: Cell, **look: Any) -> tuple[Column, Cell]:
        return Column(speech.column(name), **look), cell

    level, certainty, since, last_evidence = _common_cells(speech)
    found = [column("body", lambda row: Span(speech.name(row["body"]) + "*" * row["collective"]), flexible=True)]
    if by_pair:
        store = _remembered(lambda row: Span(speech.store(row)), "store", "store_unknown")
        found.append(column("store", store, flexible=True))
    found += [column("level", level), column("certainty", certainty)]
    if many:
        found.append(column("stores", lambda row: Span(str(row["stores"])), right=True, rank=1))
    found += [column("since", since), column("last_evidence", last_evidence, rank=2 if by_pair else 0)]
    if many:
        store = _remembered(lambda row: Span(speech.store(row), "faint"), "store", "store_unknown")
        found.append(column("best_store", store, flexible=True, rank=3))
    return found


def _common_cells(speech: Speech) -> tuple[Cell, Cell, Cell, Cell]:
    """Level, certainty, beginning and last evidence of a row."""
    return (
        _remembered(lambda row: Span(speech.term(row["level"])), "level"),
        _remembered(speech.certainty, "certainty", "contested"),
        _remembered(lambda row: Span(speech.since(row)), "since", "date"),
        _remembered(lambda row: Span(row["last_evidence"] or "–"), "last_evidence"),
    )


def _remembered(make: Cell, *names: str) -> Cell:
    """A cell made once for all rows that have the same under some names, of which it is made."""
    made: dict[object, Span] = {}
    key_of = itemgetter(*names)

    def cell(row: Row) -> Span:
        key = key_of(row)
        found = made.get(key)
        if found is None:
            found = made[key] = make(row)
        return found

    return cell


def what(answer: Answer, speech: Speech) -> list[Block]:
    """What a body can reach, by verdict."""
    blocks: list[Block] = [opening(_what_headline(answer, speech), answer, speech)]
    columns = [
        Column(speech.column("store"), flexible=True),
        Column(speech.column("categories"), flexible=True, rank=2, spills=True),
        Column(speech.column("level")),
        Column(speech.column("certainty")),
        Column(speech.column("since")),
        Column(speech.column("last_evidence")),
    ]
    cells = _common_cells(speech)
    listed_names: dict[tuple[str, ...], Span] = {}

    def categories(row: Row) -> Span:
        key = tuple(row["categories"])
        found = listed_names.get(key)
        if found is None:
            found = listed_names[key] = Span(speech.names(row["categories"]), "faint")
        return found

    for verdict, group in groupby(answer.rows, lambda row: row["verdict"]):
        members = list(group)
        grid_rows = [
            GridRow(
                [
                    Span(speech.store(row) + "*" * row["collective"]),
                    categories(row),
                    *[cell(row) for cell in cells],
                ],
                [*_also(row, speech), *_held_at(row, speech)] if row["also"] or row["at"] != row["store"] else (),
            )
            for row in members
        ]
        blocks += [_heading(verdict, members, speech), Grid(columns, grid_rows)]
    return [*blocks, *closing(answer, speech, list(answer.rows))]


def opening(headline: str, answer: Answer, speech: Speech) -> Paragraph:
    """The answer in one sentence, and what it assumes."""
    told = speech.begun(headline, answer)
    return Paragraph([Span(told, "headline"), Span("\n"), Span(speech.assumptions(answer), "faint")])


def closing(
    answer: Answer, speech: Speech, rows: Sequence[Row], columns: Sequence[tuple[str, str]] = ()
) -> list[Block]:
    """What the marks mean, and columns whose titles do not say it, and the notes."""
    marks = {
        "!": any(row["contested"] for row in rows),
        "~": any(row["date"] == "assumed" for row in rows),
        "?": any(row["date"] == "undated" and row["since"] for row in rows),
        "*": any(row["collective"] for row in rows),
        "°": any(row["store_unknown"] for row in rows),
    }
    legend = [*((mark, _LEGEND[mark].of(speech.lang)) for mark, used in marks.items() if used), *columns]
    blocks: list[Block] = [Legend(legend)] if legend else []
    if answer.notes:
        blocks.append(Bullets([[Span(note.text(speech.lang))] for note in answer.notes]))
    return blocks


def _heading(verdict: str, rows: Sequence[Row], speech: Speech) -> Heading:
    """A verdict, how many rows there are at which level, and what the verdict means."""
    title, remark = _HEADINGS[verdict]
    found = [row["level"] for row in rows]
    levels = [f"{speech.term(level)} {found.count(level)}" for level in reversed(LEVELS) if level in found]
    return Heading(Span(title.of(speech.lang), verdict), f"{', '.join(levels)}; {remark.of(speech.lang)}")


def more_of(counts: Mapping[str, int], speech: Speech) -> str:
    """What a headline adds to who reaches: how many only by claims, and only in plans."""
    return "".join(
        speech.say(_MORE[verdict], count=counts[verdict]) for verdict in ("claimed", "prospective") if counts[verdict]
    )


def _who_headline(answer: Answer, speech: Speech) -> str:
    name = answer.question["target"]
    target = speech.data(name)
    best: dict[str, str] = {}
    for row in answer.rows:
        best.setdefault(row["body"], row["verdict"])
    bodies = {verdict: list(best.values()).count(verdict) for verdict in VERDICTS}
    if not answer.rows and _held_nowhere(name, speech):
        return speech.say(_HELD_NOWHERE, target=target)
    if not bodies["reaches"]:
        label = _NONE_ASKING if answer.question["from"] else _NOBODY
        who = listed(list(map(speech.name, answer.question["from"])))
        return speech.say(label, target=target, who=who, rest=more_of(bodies, speech))
    count = answer.places if isinstance(answer, Reach) else 0
    places = speech.say(_PLACES, count=counted(speech, count, "place", "places")) if count > 1 else ""
    return speech.say(
        _OVER if speech.is_body(name) else _WHO,
        bodies=counted(speech, bodies["reaches"], "body", "bodies"),
        target=target,
        places=places,
        rest=more_of(bodies, speech),
    )


def _held_nowhere(name: str, speech: Speech) -> bool:
    """Whether a category is asked about that no system and no store of the dataset has, whatever the day."""
    if speech.dataset is None or name not in speech.dataset.tree:
        return False
    asked = {*speech.dataset.tree.narrower(name)}
    entities = speech.dataset.entities
    cells = zip(entities.column("type"), entities.column("categories"), strict=True)
    return all(kind == "body" or asked.isdisjoint(split(cell)) for kind, cell in cells)


def _what_headline(answer: Answer, speech: Speech) -> str:
    body = speech.name(answer.question["body"])
    stores = {verdict: sum(row["verdict"] == verdict for row in answer.rows) for verdict in VERDICTS}
    if not stores["reaches"]:
        return speech.say(_NOTHING, body=body, rest=more_of(stores, speech))
    count = counted(speech, stores["reaches"], "place", "places")
    return speech.say(_WHAT, body=body, stores=count, rest=more_of(stores, speech))


def _also(row: Row, speech: Speech) -> Iterator[Line]:
    for weaker in row["also"]:
        label, level = _ALSO[weaker["verdict"]], speech.term(weaker["level"])
        yield [Span(speech.say(label, level=level, certainty=speech.term(weaker["certainty"])), "faint")]


def _held_at(row: Row, speech: Speech) -> Iterator[Line]:
    if row["at"] != row["store"]:
        yield [Span(speech.say(_HELD_AT, name=speech.name(row["at"])), "faint")]


def _folded(rows: Sequence[Row], folds: Mapping[int, tuple[str, str]]) -> dict[int, dict[str, list[str]]]:
    """For each row that stays the bodies folded under it, by how; who is above one that is folded goes to its row."""
    row_of = {row["body"]: number for number, row in enumerate(rows)}
    under: dict[int, dict[str, list[str]]] = {}
    for number in sorted(folds):
        way, parent = folds[number][0], row_of[folds[number][1]]
        while parent in folds:
            parent = row_of[folds[parent][1]]
        under.setdefault(parent, {}).setdefault(way, []).append(rows[number]["body"])
    return under


def _fold_lines(folded: Mapping[str, list[str]], speech: Speech) -> Iterator[Line]:
    for way in ("above", "member"):
        if bodies := folded.get(way):
            names = ", ".join(speech.name(body) for body in bodies[:FOLDED_SHOWN])
            if len(bodies) > FOLDED_SHOWN:
                names = speech.say(_AND_MORE, names=names, count=len(bodies) - FOLDED_SHOWN)
            label = _ONE_MEMBER if way == "member" and len(bodies) == 1 else _FOLDED[way]
            yield [Span(speech.say(label, names=names, count=len(bodies)), "faint")]

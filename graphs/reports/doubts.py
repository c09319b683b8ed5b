"""Reports of what is doubtful: on which sources findings rest, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphs.answers import Answer, Row
from graphs.naming import relation_of
from graphs.reports.blocks import Block, Bullets, Column, Entry, Grid, GridRow, Heading, Paragraph, Span
from graphs.reports.paths import cited
from graphs.reports.reach import closing, counted, opening
from graphs.reports.speech import Speech
from stakeholders.vocabulary import Label

ROWS_SHOWN = 30
QUESTIONS_SHOWN = 30
FALLEN_SHOWN = 4  # relations that fall with a source; the rest is counted

_CHANGES = Label(
    "{findings} on {target} stand on {rows} whose withdrawal would change one.",
    "{target}: выводов {findings}; источников и связей, отзыв которых изменил бы хоть один: {rows}.",
    "{target}: қорытындылар {findings}; кері алынса кемінде біреуі өзгеретін дереккөздер мен байланыстар: {rows}.",
)
_NONE = Label(
    "No withdrawal of a single source or relation would change a finding on {target}.",
    "{target}: отзыв ни одного источника и ни одной связи не изменил бы выводов.",
    "{target}: бірде-бір дереккөзді не байланысты кері алу қорытындыны өзгертпейді.",
)
_SOURCES = Label("Sources", "Источники", "Дереккөздер")
_RELATIONS = Label("Relations", "Связи", "Байланыстар")
_WITHDRAWN = Label("If withdrawn", "Если отозвать", "Кері алынса")
_LOST = Label("Lost", "Отпадает", "Жойылады")
_WEAKER = Label("Weaker", "Слабее", "Әлсірейді")
_LESS = Label("Less certain", "Менее надёжно", "Сенімділігі кемиді")
_OTHER = Label("Other", "Другое", "Басқа")
_NEW_PLACES = Label(
    "the store of these systems is then unknown, and what is lost there is gained here: {names}",
    "хранилище этих систем тогда неизвестно, и потерянное там находится здесь: {names}",
    "бұл жүйелердің дерекқоры онда белгісіз, онда жойылғаны осында табылады: {names}",
)
_FALLS = Label("falls with it: {names}", "отпадает вместе с ним: {names}", "онымен бірге жойылады: {names}")
_MORE = Label("{names} and {count} more", "{names} и ещё {count}", "{names} және тағы {count}")
_SINGLE = Label(
    "Findings that rest on a single source", "Выводы на единственном источнике",
    "Жалғыз дереккөзге сүйенген қорытындылар",
)  # fmt: skip
_AND_MORE = Label(
    "{count} more are in the data (--format json or csv).",
    "Ещё {count} есть в данных (--format json или csv).",
    "Тағы {count} деректерде бар (--format json немесе csv).",
)

_OPEN = Label(
    "{count} to ask, by the verdicts that an answer could change.",
    "Вопросов: {count}; сначала те, ответы на которые изменили бы больше выводов.",
    "Сұрақтар: {count}; алдымен жауабы көбірек қорытындыны өзгертетіндер.",
)
_NO_GAPS = Label("No gap was found.", "Пробелов не найдено.", "Олқылық табылмады.")
_STAKE = Label("verdicts at stake: {count}", "от ответа зависит выводов: {count}", "жауапқа тәуелді қорытынды: {count}")
_GAPS = {
    "no_holder": Label("holder unknown", "держатель неизвестен", "ұстаушысы белгісіз"),
    "store_unknown": Label("store unknown", "хранилище неизвестно", "дерекқоры белгісіз"),
    "no_legal_basis": Label("no legal basis on record", "основание не указано", "негізі көрсетілмеген"),
    "open_question": Label("open for over a year", "открыто больше года", "бір жылдан астам ашық"),
    "collective": Label("stands for many", "обозначает многих", "көпті білдіреді"),
    "undated": Label("undated", "без даты", "күні жоқ"),
    "old_evidence": Label("evidence over three years old", "сведениям больше трёх лет", "мәліметі үш жылдан ескі"),
    "single_source": Label("one source", "один источник", "бір дереккөз"),
}
_KINDS_HEADING = Label("Kinds of gaps", "Виды пробелов", "Олқылық түрлері")


def sensitivity(answer: Answer, speech: Speech) -> list[Block]:
    """Sources and relations by what their withdrawal would cost."""
    target = speech.data(answer.question["target"])
    rows = list(answer.rows)
    if not rows:
        return [opening(speech.say(_NONE, target=target), answer, speech), *closing(answer, speech, [])]
    headline = speech.say(
        _CHANGES, target=target, findings=counted(speech, answer.beside["findings"], "finding", "findings"),
        rows=counted(speech, len(rows), "source or relation", "sources and relations"),
    )  # fmt: skip
    blocks: list[Block] = [opening(headline, answer, speech)]
    for kind, title in (("source", _SOURCES), ("relation", _RELATIONS)):
        members = [row for row in rows if row["kind"] == kind]
        if members:
            blocks.append(Heading(Span(title.of(speech.lang), "heading"), str(len(members))))
            blocks.append(_withdrawals(members[:ROWS_SHOWN], speech))
            blocks += _rest(len(members) - ROWS_SHOWN, speech)
    if single := answer.beside["single_source"]:
        blocks.append(Heading(Span(_SINGLE.of(speech.lang), "heading"), str(len(single))))
        blocks.append(Bullets([
            [Span(f"{speech.name(each['body'])} → {speech.name(each['store'])}"),
             Span(f"  {', '.join(each['sources'])}", "faint")]
            for each in single[:ROWS_SHOWN]
        ]))  # fmt: skip
        blocks += _rest(len(single) - ROWS_SHOWN, speech)
    return [*blocks, *closing(answer, speech, [])]


def _withdrawals(rows: Sequence[Row], speech: Speech) -> Grid:
    titles = (_LOST, _WEAKER, _LESS, _OTHER)
    columns = [Column(_WITHDRAWN.of(speech.lang), flexible=True)]
    columns += [
        Column(title.of(speech.lang), right=True, rank=rank) for title, rank in zip(titles, (0, 1, 1, 2), strict=True)
    ]
    grid = []
    for row in rows:
        counts = [row["verdicts_lost"], row["weaker"], row["less_certain"]]
        counts.append(len(row["changes"]) - sum(counts))
        under = []
        if row["kind"] == "source" and row["relations"]:
            names = ", ".join(row["relations"][:FALLEN_SHOWN])
            if rest := len(row["relations"][FALLEN_SHOWN:]):
                names = speech.say(_MORE, names=names, count=rest)
            under.append([Span(speech.say(_FALLS, names=names), "faint")])
        if row["new_places"]:
            under.append([Span(speech.say(_NEW_PLACES, names=", ".join(map(speech.name, row["new_places"]))), "faint")])
        grid.append(GridRow([Span(_withdrawn(row, speech)), *(Span(str(count or "–")) for count in counts)], under))
    return Grid(columns, grid)


def _withdrawn(row: Row, speech: Speech) -> str:
    if speech.dataset is None:
        return str(row["id"])
    if row["kind"] == "relation":
        return relation_of(speech.dataset, speech.dataset.relations.index[row["id"]])[speech.lang]
    cells = speech.dataset.sources.row(speech.dataset.sources.index[row["id"]])
    return cited(
        {"id": row["id"], "url": None, **{key: cells.get(key) or None for key in ("title", "publisher", "date")}}
    )


def _rest(count: int, speech: Speech) -> Iterator[Block]:
    if count > 0:
        yield Paragraph([Span(speech.say(_AND_MORE, count=count), "faint")])


def gaps(answer: Answer, speech: Speech) -> list[Block]:
    """The questions, most verdicts at stake first."""
    rows = list(answer.rows)
    if not rows:
        return [opening(_NO_GAPS.of(speech.lang), answer, speech), *closing(answer, speech, [])]
    count = counted(speech, len(rows), "question", "questions")
    blocks: list[Block] = [opening(speech.say(_OPEN, count=count), answer, speech)]
    blocks += [
        Entry(number, [Span(row["question"].text(speech.lang))], [[
            Span(speech.say(_STAKE, count=row["verdicts_at_stake"]), "faint"),
            Span(f"; {_GAPS[row['gap']].of(speech.lang)}  [{row['entity'] or row['relation']}]", "faint"),
        ]])
        for number, row in enumerate(rows[:QUESTIONS_SHOWN], 1)
    ]  # fmt: skip
    blocks += _rest(len(rows) - QUESTIONS_SHOWN, speech)
    counts = [(_GAPS[kind].of(speech.lang), found) for kind, found in answer.beside["counts"].items() if found]
    blocks.append(Heading(Span(_KINDS_HEADING.of(speech.lang), "heading")))
    blocks.append(Paragraph([Span("; ".join(f"{kind} {found}" for kind, found in counts))], indent=2))
    return [*blocks, *closing(answer, speech, [])]

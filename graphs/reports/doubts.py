"""Reports of what is doubtful: on which sources findings rest, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphs.answers import Answer, Row
from graphs.naming import relation_of
from graphs.reports.blocks import Block, Bullets, Column, Entry, Grid, GridRow, Heading, Line, Paragraph, Span
from graphs.reports.passages import EACH_OF, alike, shared
from graphs.reports.paths import cited
from graphs.reports.reach import closing, counted, opening
from graphs.reports.speech import Speech
from stakeholders.vocabulary import Label

ROWS_SHOWN = 30
QUESTIONS_SHOWN = 30
FINDINGS_SHOWN = 6  # of one source; the rest is counted
FALLEN_SHOWN = 4  # relations that fall with a source; the rest is counted

_CHANGES = Label(
    "Of {findings} on {target} at least one would change if any one of {sources} or {relations} were withdrawn.",
    "{target}: выводов {findings}. Хотя бы один из них изменился бы, если отозвать любой из источников ({sources}) или "
    "любую из связей ({relations}), перечисленных ниже.",
    "{target}: қорытындылар {findings}. Төмендегі дереккөздердің ({sources}) не байланыстардың ({relations}) кез "
    "келген бірі кері алынса, олардың кемінде біреуі өзгерер еді.",
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
    "where these systems keep their data is then unknown; what is lost at the store is found at the system: {names}",
    "где эти системы хранят данные, тогда неизвестно, и потерянное в хранилище находится у системы: {names}",
    "бұл жүйелердің деректерді қайда сақтайтыны онда белгісіз, дерекқорда жойылғаны жүйеде табылады: {names}",
)
_DENIAL = Label("the denial that {what}", "отрицание: {what}", "жоққа шығару: {what}")
_FALLS = Label("falls with it: {names}", "отпадает вместе с ним: {names}", "онымен бірге жойылады: {names}")
_MORE = Label("{names} and {count} more", "{names} и ещё {count}", "{names} және тағы {count}")
_SINGLE = Label(
    "Findings that rest on a single source", "Выводы на единственном источнике",
    "Жалғыз дереккөзге сүйенген қорытындылар",
)  # fmt: skip
_ON_ONE = Label("Without {sources}: {count} – ", "Без {sources}: {count} – ", "{sources} болмаса: {count} – ")
_ON_ANY = Label(
    "Without any one of {sources}: {count} – ", "Без любого из {sources}: {count} – ",
    "{sources}: кез келген бірі болмаса: {count} – ",
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
        sources=counted(speech, sum(row["kind"] == "source" for row in rows), "source", "sources"),
        relations=counted(speech, sum(row["kind"] == "relation" for row in rows), "relation", "relations"),
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
        blocks += _singly(single, speech)
    return [*blocks, *closing(answer, speech, [])]


def _singly(single: Sequence[Row], speech: Speech) -> Iterator[Block]:
    """Findings by the source without which each would fall; some would fall with any of several."""
    groups: dict[tuple[str, ...], list[str]] = {}
    several = len({each["store"] for each in single}) > 1
    for each in single:
        ends = speech.name(each["body"]) + (f" → {speech.name(each['store'])}" if several else "")
        groups.setdefault(tuple(each["sources"]), []).append(ends)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    most = len(single) if speech.unfold else FINDINGS_SHOWN
    lines: list[Line] = []
    for sources, findings in ordered[:ROWS_SHOWN]:
        cited_as = "; ".join(f"[{_withdrawn({'id': source, 'kind': 'source'}, speech)}]" for source in sources)
        label = _ON_ONE if len(sources) == 1 else _ON_ANY
        told = speech.say(label, sources=cited_as, count=len(findings))
        rest = f" + {len(findings) - most}" if len(findings) > most else ""
        lines.append([Span(told), Span("; ".join(findings[:most]) + rest, "faint")])
    yield Bullets(lines)
    yield from _rest(sum(len(findings) for _, findings in ordered[ROWS_SHOWN:]), speech)


def _withdrawals(rows: Sequence[Row], speech: Speech) -> Grid:
    titles = (_LOST, _WEAKER, _LESS, _OTHER)
    columns = [Column(_WITHDRAWN.of(speech.lang), flexible=True)]
    columns += [
        Column(title.of(speech.lang), right=True, rank=rank) for title, rank in zip(titles, (0, 1, 1, 2), strict=True)
    ]
    grid = []
    for row, *others in alike(rows, speech, _hanging):
        counts = _counts(row)
        under = []
        if row["kind"] == "source" and row["relations"]:
            names = ", ".join(row["relations"][:FALLEN_SHOWN])
            if rest := len(row["relations"][FALLEN_SHOWN:]):
                names = speech.say(_MORE, names=names, count=rest)
            under.append([Span(speech.say(_FALLS, names=names), "faint")])
        if row["new_places"]:
            under.append([Span(speech.say(_NEW_PLACES, names=", ".join(map(speech.name, row["new_places"]))), "faint")])
        told = speech.say(EACH_OF, count=1 + len(others), what=shared([row], speech)) if others else ""
        grid.append(
            GridRow([Span(told or _withdrawn(row, speech)), *(Span(str(count or "–")) for count in counts)], under)
        )
    return Grid(columns, grid)


def _counts(row: Row) -> list[int]:
    """Findings lost, weaker, less certain, and changed in other ways only."""
    worse = {"weaker", "less certain"}
    changed, told = (
        len({(change["body"], change["store"]) for change in changes})
        for changes in (row["changes"], [change for change in row["changes"] if change["change"] in worse])
    )
    return [row["verdicts_lost"], row["weaker"], row["less_certain"], changed - told - row["verdicts_lost"]]


def _hanging(row: Row, subject: str) -> object:
    """What hangs on a member's own relation: only findings of its own."""
    own = {change["body"] for change in row["changes"]} <= {subject}
    return tuple(_counts(row)) if own and not row["new_places"] else None


def _withdrawn(row: Row, speech: Speech) -> str:
    if speech.dataset is None:
        return str(row["id"])
    if row["kind"] == "relation":
        at = speech.dataset.relations.index[row["id"]]
        what = relation_of(speech.dataset, at)[speech.lang]
        denial = speech.dataset.relations.column("status")[at] == "denied"
        return speech.say(_DENIAL, what=what) if denial else what
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

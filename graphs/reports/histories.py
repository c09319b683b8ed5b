"""Reports of reach over time: a picture by years, then each day with who came, who went and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from graphs.answers import Answer, Row
from graphs.histories import History
from graphs.reports.blocks import Block, Bullets, Column, Entry, Grid, GridRow, Heading, Line, Paragraph, Span
from graphs.reports.causes import AND, cause_sentence, listed_names, strength_words
from graphs.reports.changes import entry_of, heading_of
from graphs.reports.reach import counted, opening
from graphs.reports.speech import Speech
from graphs.stories import Strength, main_rows, stories
from stakeholders.vocabulary import VERDICT_LABELS, Label

BAR: Final = 32  # letters of the longest bar
EIGHTHS: Final = " ▏▎▍▌▋▊▉"

_NOW: Final = Label(
    "On {date}, {bodies} could reach {target}{first}.",
    "{target}: на {date} доступ возможен. Органов и организаций: {bodies}{first}.",
    "{target}: {date} күні қолжетімділік бар. Органдар мен ұйымдар: {bodies}{first}.",
)
_FIRST: Final = Label(
    "; on {date}, when the first dated relation begins, {count}",
    "; на {date}, когда начинается первая датированная связь, – {count}",
    "; күні белгілі бірінші байланыс басталған {date} күні – {count}",
)
_YEAR: Final = Label("Year", "Год", "Жыл")
_UNKNOWN: Final = Label("nothing dated is known", "датированных сведений нет", "күні белгілі мәлімет жоқ")
_ALWAYS: Final = Label("before any date", "до первой даты", "алғашқы күнге дейін")
_SCALE: Final = Label(
    "the most in each year; bars: reaches", "наибольшее за год; полоса: доступ возможен",
    "жылдағы ең көбі; жолақ: қолжетімділік бар",
)  # fmt: skip
_DAYS: Final = Label("Day by day", "По дням", "Күн сайын")
_KINDS: Final = {
    "gained": Label("came: {names}", "появились: {names}", "қосылды: {names}"),
    "lost": Label("went: {names}", "выбыли: {names}", "шықты: {names}"),
    "stronger": Label("stronger: {names}", "сильнее: {names}", "күшейді: {names}"),
    "weaker": Label("weaker: {names}", "слабее: {names}", "әлсіреді: {names}"),
    "more certain": Label("more certain: {names}", "надёжнее: {names}", "сенімдірек: {names}"),
    "less certain": Label("less certain: {names}", "менее надёжно: {names}", "сенімсіздеу: {names}"),
    "newly claimed": Label("newly claimed: {names}", "впервые утверждается: {names}", "алғаш мәлімделді: {names}"),
    "no longer claimed": Label("no longer claimed: {names}", "больше не утверждается: {names}",
                               "енді мәлімделмейді: {names}"),
    "newly prospective": Label("newly planned: {names}", "новое в планах: {names}", "жоспарда жаңа: {names}"),
    "no longer prospective": Label("no longer planned: {names}", "больше не в планах: {names}",
                                   "енді жоспарда жоқ: {names}"),
}  # fmt: skip
_MOVED: Final = Label(
    "no longer counted there, since it became known where the data are kept: {names}",
    "больше не учитываются там, так как стало известно, где хранятся данные: {names}",
    "деректің қайда сақталатыны белгілі болғандықтан, енді ол жерде есептелмейді: {names}",
)
_BECAUSE: Final = Label("because: {causes}", "причина: {causes}", "себебі: {causes}")
_OR: Final = Label("or else: {causes}", "или же: {causes}", "немесе: {causes}")
_COUNTS: Final = Label(
    "{reaches} reach, {claimed} claimed, {prospective} planned",
    "доступ: {reaches}, по утверждениям: {claimed}, в планах: {prospective}",
    "қолжетімділік: {reaches}, мәлімдеме бойынша: {claimed}, жоспарда: {prospective}",
)
_SOON: Final = Label(
    "If what is in force runs out and nothing new begins, within {span} of {date} {parts}.",
    "Если действующее истечёт, а новое не начнётся, то за {span} после {date}: {parts}.",
    "Күшіндегі мерзімдер өтіп, жаңасы басталмаса, {date} кейінгі {span} ішінде: {parts}.",
)
_ENDS: Final = Label(
    "the reach of {bodies} ends or weakens",
    "доступ прекратится или ослабнет (органов и организаций: {bodies})",
    "қолжетімділік тоқтайды не әлсірейді (органдар мен ұйымдар: {bodies})",
)
_NOBODY: Final = Label(
    "nobody's reach ends or weakens",
    "ничей доступ не прекратится и не ослабнет",
    "ешкімнің қолжетімділігі тоқтамайды және әлсіремейді",
)
_DOUBTS: Final = Label(
    "for {bodies} it is less certain",
    "сведения о доступе станут слабее (органов и организаций: {bodies})",
    "қолжетімділік туралы мәлімет әлсірейді (органдар мен ұйымдар: {bodies})",
)
_LAPSES: Final = Label(
    "for {bodies} only what is claimed or planned lapses",
    "отпадёт лишь то, что утверждается или запланировано (органов и организаций: {bodies})",
    "тек мәлімделгені не жоспарланғаны күшін жояды (органдар мен ұйымдар: {bodies})",
)
_RISES: Final = Label(
    "as denials end, that of {bodies} begins or grows",
    "с концом опровержений доступ появится или станет сильнее (органов и организаций: {bodies})",
    "теріске шығару аяқталғанда қолжетімділік пайда болады не күшейеді (органдар мен ұйымдар: {bodies})",
)
# What the headline counts, each with the kinds of change; whose reach ends is not counted again for what goes with it.
_PARTS: Final = (
    (_ENDS, ("lost", "weaker")),
    (_RISES, ("gained", "stronger", "more certain")),
    (_DOUBTS, ("less certain",)),
    (_LAPSES, ("no longer claimed", "no longer prospective")),
)
_NOTHING: Final = Label(
    "Nothing that reach rests on ends within {span} of {date}, as far as is recorded.",
    "За {span} после {date}, насколько записано, ничего из того, на чём держится доступ, не истекает.",
    "{date} кейінгі {span} ішінде, жазылғанына қарағанда, қолжетімділік сүйенетін ештеңе аяқталмайды.",
)


def history(answer: Answer, speech: Speech) -> list[Block]:
    """Reach over time, or what ends soon."""
    if not isinstance(answer, History) or answer.union is None:
        raise TypeError("a report of a history needs the history")
    speech = replace(speech, dataset=answer.union)
    blocks = list(_expiring(answer, speech) if answer.question["expiring"] else _over_time(answer, speech))
    if answer.notes:
        blocks.append(Bullets([[Span(note.text(speech.lang))] for note in answer.notes]))
    return blocks


# ----------------------------------------------------------------------------------------------------------- over time


def _over_time(answer: History, speech: Speech) -> Iterator[Block]:
    last = answer.rows[-1]
    first = next((row for row in answer.rows if row["known"]), None)
    values = {"date": answer.question["as_of"], "target": speech.data(answer.question["target"])}
    since = speech.say(_FIRST, date=first["date"], count=first["reaches"]) if first and first is not last else ""
    bodies = counted(speech, last["reaches"], "body", "bodies")
    yield opening(speech.say(_NOW, **values, bodies=bodies, first=since), answer, speech)
    yield _picture(answer, speech)
    yield Paragraph([Span(speech.say(_SCALE), "faint")])
    told = [row for row in answer.rows if row["events"]]
    if told:
        yield Heading(Span(speech.say(_DAYS), "heading"))
    for number, row in enumerate(told, 1):
        counts = {verdict: row[verdict] for verdict in ("reaches", "claimed", "prospective")}
        yield Entry(number, [Span(row["date"], "heading"), Span(f"  {speech.say(_COUNTS, **counts)}", "faint")],
                    list(_events(row["events"], row["causes"], speech)))  # fmt: skip


def _picture(answer: History, speech: Speech) -> Grid:
    """A line for each year, with the most bodies of that year."""
    columns = [Column(_YEAR.of(speech.lang)), Column(speech.term("reaches"), right=True),
               Column(VERDICT_LABELS["claimed"].of(speech.lang), right=True),
               Column(VERDICT_LABELS["prospective"].of(speech.lang), right=True), Column("")]  # fmt: skip
    rows = answer.rows
    first = next((row["date"] for row in rows if row["date"] and (row["known"] or row["events"])), None)
    years = range(int(first[:4]), int(answer.question["as_of"][:4]) + 1) if first else range(0)
    most = max((row["reaches"] for row in rows), default=0) or 1
    lines = [_bar(speech.say(_ALWAYS), [rows[0]], most, speech)]
    for year in years:
        within = [row for row in rows if (row["date"] or "")[:4] == str(year)]
        before = [row for row in rows if row["date"] is None or row["date"] <= f"{year}-01-01"]
        lines.append(_bar(str(year), [*before[-1:], *within], most, speech))
    return Grid(columns, lines)


def _bar(name: str, rows: Sequence[Row], most: int, speech: Speech) -> GridRow:
    top = {verdict: max(row[verdict] for row in rows) for verdict in ("reaches", "claimed", "prospective")}
    if not any(row["known"] for row in rows):
        bar = Span(f"· {speech.say(_UNKNOWN)}", "faint")
    else:
        full, eighths = divmod(top["reaches"] * BAR * 8 // most, 8)
        bar = Span(("█" * full + EIGHTHS[eighths]).rstrip(), "reaches")
    return GridRow([Span(name), *(Span(str(count)) for count in top.values()), bar])


def _events(events: Sequence[Row], causes: Mapping[str, Any], speech: Speech) -> Iterator[Line]:
    """Who came and who went, those with the same causes together."""
    groups: dict[tuple[str, bool, tuple[str, ...], tuple[tuple[str, ...], ...]], list[Row]] = {}
    for event in _first_halves(events):
        others = tuple(tuple(one) for one in event["alternatives"])
        key = event["change"], event["place"] == "before", tuple(event["because"]), others
        groups.setdefault(key, []).append(event)
    for (change, moved, because, others), found in groups.items():
        names = listed_names([f"{speech.name(event['body'])} ({_how(event, speech)})" for event in found], speech)
        yield [Span(speech.say(_MOVED if moved else _KINDS[change], names=names), _STYLES.get(change, ""))]
        yield [Span(speech.say(_BECAUSE, causes=_said(because, causes, speech)), "faint")]
        for other in others:
            yield [Span(speech.say(_OR, causes=_said(other, causes, speech)), "faint")]


_STYLES: Final = {"gained": "reaches", "newly claimed": "claimed", "newly prospective": "prospective"}
_LATTER: Final = {
    "gained": ("no longer claimed", "no longer prospective"),
    "lost": ("newly claimed", "newly prospective"),
    "newly claimed": ("no longer prospective",),
    "no longer claimed": ("newly prospective",),
    "stronger": ("more certain", "less certain"),
    "weaker": ("more certain", "less certain"),
}


def _first_halves(events: Sequence[Row]) -> Iterator[Row]:
    """Events without those that tell the other half of a move; what was and is stands beside each."""
    of_body: dict[str, set[str]] = {}
    for event in events:
        of_body.setdefault(event["body"], set()).add(event["change"])
    for event in events:
        if not any(event["change"] in _LATTER.get(kind, ()) for kind in of_body[event["body"]]):
            yield event


def _how(event: Row, speech: Speech) -> str:
    return strength_words(Strength.of(event["before"]), Strength.of(event["after"]), speech)[0]


def _said(names: Sequence[str], causes: Mapping[str, Any], speech: Speech) -> str:
    return f"; {speech.say(AND)} ".join(cause_sentence(name, causes[name], speech) for name in names)


# ------------------------------------------------------------------------------------------------------------ ends soon


def _expiring(answer: History, speech: Speech) -> Iterator[Block]:
    asked = answer.question
    values = {"span": speech.span(asked["expiring"]), "date": asked["as_of"]}
    parts = "; ".join(_counts(answer.rows, speech))
    yield opening(speech.say(_SOON, **values, parts=parts) if parts else speech.say(_NOTHING, **values), answer, speech)
    number = 0
    told = stories(answer.rows, answer.union, answer.causes) if answer.union else []
    for change in dict.fromkeys(story.change for story in told):
        yield heading_of(change, speech)
        for story in (story for story in told if story.change == change):
            number += 1
            yield entry_of(number, story, answer, speech)


def _counts(rows: Sequence[Row], speech: Speech) -> Iterator[str]:
    """How many bodies each thing happens to; nobody loses or gains by where data are known to be kept."""
    if not rows:
        return
    found: dict[str, set[str]] = {}
    for row in main_rows([row for row in rows if row["place"] == "both"]):
        found.setdefault(row["change"], set()).add(row["body"])
    falling: set[str] = set()
    for label, kinds in _PARTS:
        bodies = set[str]().union(*(found.get(kind, ()) for kind in kinds))
        if label is not _RISES:
            bodies, falling = bodies - falling, falling | bodies
        if bodies:
            yield speech.say(label, bodies=counted(speech, len(bodies), "body", "bodies"))
        elif label is _ENDS:
            yield speech.say(_NOBODY)


def event_records(rows: Sequence[Row]) -> list[Row]:
    """A record for each event, for tables of data; a day without one has a record of its own."""
    return [
        {"date": row["date"], "known": row["known"], **(event or {}),
         **{verdict: row[verdict] for verdict in ("reaches", "claimed", "prospective")}}
        for row in rows for event in (row["events"] or [None])
    ]  # fmt: skip

"""Reports of checks: rule by rule what goes against it, and stores by principles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from graphs.answers import Answer, Row
from graphs.assessments import gdpr
from graphs.checks import Checked
from graphs.reports.blocks import Block, Bullets, Column, Grid, GridRow, Heading, Line, Paragraph, Span
from graphs.reports.reach import counted, opening
from graphs.reports.speech import Speech
from stakeholders.vocabulary import Label

FINDINGS_SHOWN: Final = 20  # of a rule; the rest is counted

_HOLD: Final = Label("All {rules} rules hold.", "Все правила соблюдены ({rules}).", "Барлық ереже сақталған ({rules}).")
_ONE_HOLDS: Final = Label("The one rule holds.", "Единственное правило соблюдено.", "Жалғыз ереже сақталған.")
_FOUND: Final = Label(
    "{findings} against {broken} of {rules} rules.",
    "Нарушений: {findings}; нарушено правил: {broken} из {rules}.",
    "Бұзылу саны: {findings}; {rules} ереженің {broken} бұзылған.",
)
_ONE_BROKEN: Final = Label(
    "{findings} against the one rule.",
    "Единственное правило нарушено; нарушений: {findings}.",
    "Жалғыз ереже бұзылған; бұзылу саны: {findings}.",
)
_ASKED: Final = Label(
    "{stores}, scored on what is documented of the seven principles of the GDPR.",
    "Хранилищ: {stores}; оценено, что задокументировано по семи принципам GDPR.",
    "Дерекқорлар: {stores}; GDPR жеті қағидаты бойынша не құжатталғаны бағаланды.",
)
VERDICTS: Final = {
    "violated": Label("violated", "нарушено", "бұзылған"),
    "excepted": Label("excepted", "исключение", "ерекшелік"),
    "documented": Label("documented", "задокументировано", "құжатталған"),
    "partly": Label("partly documented", "задокументировано частично", "ішінара құжатталған"),
    "undocumented": Label("not documented", "не задокументировано", "құжатталмаған"),
    "not applicable": Label("nothing to ask of", "вопрос неприменим", "сұрақ қойылмайды"),
}
_EXCEPTED: Final = Label("excepted: {count}", "исключений: {count}", "ерекшелік: {count}")
_HOLDS: Final = Label("holds", "соблюдается", "сақталған")
_SEVERITIES: Final = {
    "error": Label("error", "ошибка", "қате"),
    "warning": Label("warning", "предупреждение", "ескерту"),
    "note": Label("note", "замечание", "ескертпе"),
}
_UNTIL: Final = Label("excepted until {until}", "исключение до {until}", "{until} дейін ерекшелік")
_ALWAYS: Final = Label("excepted", "исключение", "ерекшелік")
_BY: Final = Label("{reason} ({owner})", "{reason} ({owner})", "{reason} ({owner})")
_MORE: Final = Label(
    "{count} more; --unfold tells all.", "Ещё {count}; все: --unfold.", "Тағы {count}; барлығы: --unfold."
)
_MEAN: Final = Label("mean of all stores", "среднее по хранилищам", "дерекқорлар бойынша орташа")
_LEGEND: Final = Label(
    "Share of what is asked that is documented; – nothing on record that could be asked.",
    "Доля задокументированного; – нет сведений, к которым вопрос применим.",
    "Құжатталғанының үлесі; – сұрақ қоюға болатын мәлімет жоқ.",
)


def check(answer: Answer, speech: Speech) -> list[Block]:
    """Rule by rule what goes against it; then the scores."""
    if not isinstance(answer, Checked):
        raise TypeError("a report of a check needs the check")
    rules = [rule for rule in answer.rules if rule["policies"] != "gdpr"]
    scored = [row for row in answer.rows if row["score"] is not None or row["article"] is not None]
    headline = [_headline(rules, speech)] if rules else []
    if scored:
        stores = {row["store"] for row in scored}
        headline.append(speech.say(_ASKED, stores=counted(speech, len(stores), "store", "stores")))
    blocks: list[Block] = [opening(" ".join(headline), answer, speech)]
    for rule in rules:
        blocks += _rule(rule, [row for row in answer.rows if row["rule"] == rule["id"]], speech)
    if scored:
        blocks += _scores(scored, speech)
    if answer.notes:
        blocks.append(Bullets([[Span(note.text(speech.lang))] for note in answer.notes]))
    return blocks


def _headline(rules: Sequence[Row], speech: Speech) -> str:
    broken = [rule for rule in rules if rule["violated"]]
    one = len(rules) == 1
    if not broken:
        return speech.say(_ONE_HOLDS if one else _HOLD, rules=len(rules))
    findings = counted(speech, sum(rule["violated"] for rule in rules), "finding goes", "findings go")
    return speech.say(_ONE_BROKEN if one else _FOUND, findings=findings, broken=len(broken), rules=len(rules))


def _rule(rule: Row, rows: Sequence[Row], speech: Speech) -> Iterator[Block]:
    parts = (
        [speech.say(_SEVERITIES[rule["severity"]]), str(rule["violated"])] if rule["violated"] else [speech.say(_HOLDS)]
    )
    if rule["excepted"]:
        parts.append(speech.say(_EXCEPTED, count=rule["excepted"]))
    style = "reaches" if rule["violated"] and rule["severity"] == "error" else "heading"
    yield Heading(Span(f"{rule['title'].text(speech.lang)}  {rule['id']}", style), "; ".join(parts))
    if rule["violated"] and (why := rule["why"].text(speech.lang)):
        yield Paragraph([Span(why, "faint")])
    most = len(rows) if speech.unfold else FINDINGS_SHOWN
    lines: list[Line] = []
    for row in rows[:most]:
        line = [Span(row["sentence"].text(speech.lang), "faint" if row["verdict"] == "excepted" else ""),
                Span(f"  {row['id']}", "faint")]  # fmt: skip
        if row["verdict"] == "excepted":
            until = speech.say(_UNTIL, until=row["excepted_until"]) if row["excepted_until"] else speech.say(_ALWAYS)
            line.append(Span(f"  [{until}: {speech.say(_BY, reason=row['reason'], owner=row['owner'])}]", "faint"))
        lines.append(line)
    if lines:
        yield Bullets(lines)
    if len(rows) > most:
        yield Paragraph([Span(speech.say(_MORE, count=len(rows) - most), "faint")])


def _scores(rows: Sequence[Row], speech: Speech) -> Iterator[Block]:
    """A grid of stores by principles, and what the columns mean."""
    principles = [f"gdpr-{principle.id}" for principle in gdpr().principles]
    columns = [Column(speech.column("store"), flexible=True),
               *(Column(f"({letter})", right=True) for letter in "abcdefg"[: len(principles)])]  # fmt: skip
    stores: dict[str, dict[str, float | None]] = {}
    for row in rows:
        stores.setdefault(row["store"], {})[row["rule"]] = row["score"]
    order = sorted(stores, key=lambda store: (_mean(list(stores[store].values())), speech.name(store)))
    grid = [
        GridRow([Span(speech.name(store)), *(_score(stores[store].get(name)) for name in principles)])
        for store in order
    ]
    means = [_mean([stores[store].get(name) for store in order]) for name in principles]
    grid.append(GridRow([Span(speech.say(_MEAN), "heading"), *(_score(round(mean, 2)) for mean in means)]))
    yield Grid(columns, grid)
    yield Paragraph([Span(speech.say(_LEGEND), "faint")])
    lines: list[Line] = []
    for letter, principle in zip("abcdefg", gdpr().principles, strict=True):
        lines.append([Span(f"({letter}) {principle.title.of(speech.lang)}, GDPR {principle.article}")])
    yield Bullets(lines)


def _mean(scores: Sequence[float | None]) -> float:
    known = [score for score in scores if score is not None]
    return sum(known) / len(known) if known else 0.0


def _score(score: float | None) -> Span:
    return Span("–", "faint") if score is None else Span(f"{score:.2f}")

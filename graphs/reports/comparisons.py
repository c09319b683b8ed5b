"""Reports of what if: what falls, what comes about and what stays, before and after side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from graphs.answers import Answer, Row
from graphs.comparisons import ORDER, REMAINS, rank_of
from graphs.effects import kinds_of
from graphs.naming import relation_of
from graphs.reports.blocks import Block, Column, Grid, GridRow, Heading, Line, Paragraph, Span
from graphs.reports.paths import cited
from graphs.reports.speech import Speech
from stakeholders.ownership import VERDICT_LABELS
from stakeholders.vocabulary import Label

ROWS_SHOWN: Final = 40
NAMED: Final = 4  # stores under a body's line; the rest is counted

_HEADING: Final = Label("What it changes", "Что меняется", "Не өзгереді")
_REMARK: Final = Label(
    "beside the same question on the unchanged data",
    "по сравнению с тем же вопросом к исходным данным",
    "бастапқы деректерге қойылған дәл сол сұрақпен салыстырғанда",
)
_REMAINS: Final = Label("What remains", "Что остаётся", "Не қалады")
_NOTHING: Final = Label(
    "Nothing: all {count} stay as they were.", "Ничего: всё остаётся как было ({count}).",
    "Ештеңе: бәрі бұрынғыша қалады ({count}).",
)  # fmt: skip
_NONE: Final = Label(
    "Nothing: there was nothing before either.", "Ничего: и раньше ничего не было.",
    "Ештеңе: бұрын да ештеңе болмаған.",
)  # fmt: skip
_NO_WAY: Final = Label(
    "Nothing: no path is known before or after.", "Ничего: пути не известно ни до, ни после.",
    "Ештеңе: дейін де, кейін де белгілі жол жоқ.",
)  # fmt: skip
_BUT_WAYS: Final = Label("{count} of them by another way", "из них другим путём: {count}", "оның басқа жолмен: {count}")
_UNITS: Final[Mapping[str, Label]] = {
    "bodies": Label("Bodies: {counts}.", "Органы и организации: {counts}.", "Органдар мен ұйымдар: {counts}."),
    "pairs": Label(
        "Pairs of body and store: {counts}.", "Пары «орган – хранилище»: {counts}.",
        "«Орган – дерекқор» жұптары: {counts}.",
    ),
    "stores": Label("Stores: {counts}.", "Хранилища: {counts}.", "Дерекқорлар: {counts}."),
    "paths": Label("Paths: {counts}.", "Пути: {counts}.", "Жолдар: {counts}."),
    "chokepoints": Label("Passages: {counts}.", "Звенья: {counts}.", "Буындар: {counts}."),
    "cut": Label("To revoke: {counts}.", "Отозвать: {counts}.", "Кері қайтару: {counts}."),
    "sensitivity": Label(
        "Sources and relations: {counts}.", "Источники и связи: {counts}.", "Дереккөздер мен байланыстар: {counts}."
    ),
    "gaps": Label("Questions: {counts}.", "Вопросы: {counts}.", "Сұрақтар: {counts}."),
    "check": Label("Findings: {counts}.", "Находки: {counts}.", "Табылғандар: {counts}."),
    "exposure": Label("Exposures: {counts}.", "Зависимости: {counts}.", "Тәуелділіктер: {counts}."),
}  # fmt: skip
_UNIT_OF: Final = {"who": "pairs", "what": "stores", "how": "paths", "whynot": "paths"}
_INCOMPLETE: Final = Label(
    "One of the two answers is not complete, so a row that is missing there may not have fallen.",
    "Один из двух ответов неполон: строка, которой там нет, могла и не отпасть.",
    "Екі жауаптың бірі толық емес: онда жоқ жол жойылмаған болуы мүмкін.",
)
_AND_MORE: Final = Label(
    "{count} more changes: --unfold lists all, --format json or csv has before and after.",
    "Ещё изменений: {count}; все: --unfold, до и после: --format json или csv.",
    "Тағы {count} өзгеріс; барлығы: --unfold, дейін және кейін: --format json не csv.",
)
_GONE: Final = Label("{name} (itself taken away)", "{name} (сам объект убран)", "{name} (нысанның өзі алынған)")
_CLOSED: Final[Mapping[str, Label]] = {
    "lost": Label("No longer reached: {names}.", "Больше не достижимо: {names}.", "Енді қолжетімсіз: {names}."),
    "gained": Label("Reached now: {names}.", "Теперь достижимо: {names}.", "Енді қолжетімді: {names}."),
}

_MARKS: Final = {
    **dict.fromkeys(("lost", "no longer claimed", "no longer prospective", "no longer shown"), "–"),
    **dict.fromkeys(("weaker", "less certain", "less", "changed"), "~"),
    **dict.fromkeys(("gained", "newly claimed", "newly prospective", "now shown"), "+"),
    **dict.fromkeys(("stronger", "more certain", "more"), "+"),
    REMAINS: "=",
}  # fmt: skip
_PARTS: Final = "some stores"
_WORDS: Final[Mapping[str, Label]] = {
    "lost": Label("lost", "отпадает", "жойылады"),
    "no longer claimed": Label("no longer claimed", "больше не утверждается", "енді мәлімделмейді"),
    "no longer prospective": Label("no longer planned", "больше не в планах", "енді жоспарда жоқ"),
    "no longer shown": Label(
        "no longer among those shown", "уже не среди показанных", "енді көрсетілгендер арасында жоқ"
    ),
    "weaker": Label("weaker", "слабее", "әлсірейді"),
    "less certain": Label("less certain", "менее надёжно", "сенімділігі кемиді"),
    "less": Label("less", "меньше", "азаяды"),
    "changed": Label("otherwise", "иначе", "өзгереді"),
    _PARTS: Label("in some stores", "в части хранилищ", "кейбір дерекқорда"),
    "gained": Label("gained", "появляется", "пайда болады"),
    "newly claimed": Label("newly claimed", "теперь утверждается", "енді мәлімделеді"),
    "newly prospective": Label("newly planned", "теперь в планах", "енді жоспарда"),
    "now shown": Label("now among those shown", "теперь среди показанных", "енді көрсетілгендер арасында"),
    "stronger": Label("stronger", "сильнее", "күшейеді"),
    "more certain": Label("more certain", "надёжнее", "сенімдірек"),
    "more": Label("more", "больше", "көбейеді"),
    REMAINS: Label("as before", "как было", "бұрынғыша"),
}
_CHANGE: Final = Label("Change", "Изменение", "Өзгеріс")
_BEFORE: Final = Label("Before", "Было", "Бұрын")
_AFTER: Final = Label("After", "Стало", "Енді")
_STORES: Final = Label("Stores", "Мест", "Орын")
_OF: Final = Label("{lost} of {total}", "{lost} из {total}", "{total} ішінен {lost}")
_LISTS: Final = Label("{entity}: {listed}, {list}", "{entity}: {listed}, {list}", "{entity}: {listed}, {list}")
_MOVED: Final = Label(
    "Where these systems keep their data is then unknown; what is lost at the store is found at the system, "
    "by whoever reaches it: {names}.",
    "Где эти системы хранят данные, тогда неизвестно; потерянное в хранилище находится у системы, у тех, кому она "
    "доступна: {names}.",
    "Бұл жүйелердің деректерді қайда сақтайтыны онда белгісіз; дерекқорда жойылғаны жүйеде, оған қолы жететіндерде "
    "табылады: {names}.",
)
_LISTED: Final = Label(
    "{listed} of {stores} stores behind a listed vendor", "за поставщиком из списков хранилищ: {listed} из {stores}",
    "тізімдегі жеткізушіге тәуелді дерекқорлар: {stores} ішінен {listed}",
)  # fmt: skip
_SOLE: Final = Label("sole supplier: {name}", "единственный поставщик: {name}", "жалғыз жеткізуші: {name}")
_FIGURES: Final[Mapping[str, Label]] = {
    "verdict": Label("verdict", "вывод", "қорытынды"),
    "bodies": Label("bodies", "органов и организаций", "органдар мен ұйымдар"),
    "stores": Label("places", "мест хранения", "сақтау орындары"),
    "pairs": Label("pairs", "пар", "жұптар"),
    "size": Label("size", "размер", "көлемі"),
    "cost": Label("cost", "цена", "құны"),
    "findings": Label("findings", "выводов", "қорытындылар"),
    "relations": Label("relations in the data", "связей в данных", "деректердегі байланыстар"),
    "vendors": Label("vendors", "поставщиков", "жеткізушілер"),
    "lost": Label("pairs lost", "пар теряется", "жойылатын жұптар"),
    "still": Label("pairs that stay", "пар остаётся", "қалатын жұптар"),
}
_TITLES: Final[Mapping[str, Label]] = {
    "chokepoints": Label("Without", "Без чего", "Ненің жоқтығында"),
    "cut": Label("To revoke", "Что отозвать", "Нені кері қайтару керек"),
    "sensitivity": Label("If withdrawn", "Если отозвать", "Кері алынса"),
    "gaps": Label("Question", "Вопрос", "Сұрақ"),
    "check": Label("Finding", "Находка", "Табылған"),
    "exposure": Label("Exposed", "Что затронуто", "Не тәуелді"),
    "how": Label("Path", "Путь", "Жол"),
    "whynot": Label("Path", "Путь", "Жол"),
}


class _Told(NamedTuple):
    """A line of the table: what changes, of whom or what, how it was and how it is."""

    changes: tuple[str, ...]
    subject: tuple[str, ...]
    sides: tuple[str, ...]
    under: tuple[Line, ...] = ()


def what_if(answer: Answer, speech: Speech) -> list[Block]:
    """What differs from the same question on the unchanged data; then comes what remains."""
    if (found := answer.what_if) is None:
        return []
    blocks: list[Block] = [Heading(Span(_HEADING.of(speech.lang), "heading"), _REMARK.of(speech.lang))]
    rows = [row for row in found["rows"] if row["change"] != REMAINS]
    by_body = answer.command == "who" and answer.question.get("by") == "body"
    lines = list(_bodies(found["rows"], answer, speech) if by_body else _lines(answer, rows, speech))
    if by_body and len({row["store"] for row in found["rows"]}) < 2:
        lines = [line._replace(sides=line.sides[:2]) for line in lines]
    summed = _summed(answer, lines if by_body else None, speech)
    figures = _figures(found["figures"] | _moved({"relations": found["relations"]}), speech)
    blocks.append(Paragraph([Span(f"{summed} {figures}".rstrip())]))
    changed = [line for line in lines if line.changes != (REMAINS,)]
    if changed:
        most = len(changed) if speech.unfold else ROWS_SHOWN
        blocks.append(_grid(_titles(answer, by_body, speech), changed[:most], speech))
        if rest := len(changed[most:]):
            blocks.append(Paragraph([Span(speech.say(_AND_MORE, count=rest), "faint")]))
    if found["new_places"]:
        blocks.append(Paragraph([Span(speech.say(_MOVED, names=_some(found["new_places"], speech)), "faint")]))
    for way, label in _CLOSED.items():
        if names := found.get("closed", {}).get(way):
            blocks.append(Paragraph([Span(speech.say(label, names=_some(names, speech)))]))
    if not found["complete"]:
        blocks.append(Paragraph([Span(_INCOMPLETE.of(speech.lang), "faint")]))
    remains = answer.rows or answer.command == "whynot"
    return [*blocks, Heading(Span(_REMAINS.of(speech.lang), "heading"))] if remains else blocks


def _grid(titles: Sequence[str], lines: Sequence[_Told], speech: Speech) -> Grid:
    titles = titles[: len(lines[0].subject) + len(lines[0].sides)]
    columns = [Column(_CHANGE.of(speech.lang))]
    columns += [Column(title, flexible=place < len(lines[0].subject)) for place, title in enumerate(titles)]
    return Grid(columns, [
        GridRow([_change(line.changes, speech), *map(Span, line.subject), *map(Span, line.sides)], line.under)
        for line in lines
    ])  # fmt: skip


def _change(changes: Sequence[str], speech: Speech) -> Span:
    """The mark of the first change, and all in words."""
    words = ", ".join(_WORDS[change].of(speech.lang) for change in changes)
    mark = "~" if changes[0] == _PARTS else _MARKS[changes[0]]
    return Span(f"{mark} {words}", {"–": "lost", "+": "gained"}.get(mark, ""))


def _summed(answer: Answer, bodies: Sequence[_Told] | None, speech: Speech) -> str:
    """How much changes in which way, and how much stays."""
    found = answer.what_if or {}
    counts: Mapping[str, int] = {change: found["counts"].get(change.replace(" ", "_"), 0) for change in ORDER}
    if not any(count for change, count in counts.items() if change != REMAINS):
        if not counts[REMAINS]:
            return (_NO_WAY if answer.command in ("how", "whynot") else _NONE).of(speech.lang)
        ways = f" {_ways(found, speech)}." if found["other_way"] else ""
        return speech.say(_NOTHING, count=counts[REMAINS]) + ways[:1] + ways[1:2].upper() + ways[2:]
    unit = _UNIT_OF.get(answer.command, answer.command)
    told = speech.say(
        _UNITS[unit], counts=_counted(counts, speech) + (f" ({_ways(found, speech)})" if found["other_way"] else "")
    )
    if bodies is None:
        return told
    of_bodies = Counter(change for line in bodies for change in line.changes)
    first = speech.say(_UNITS["bodies"], counts=_counted(of_bodies, speech))
    return f"{first} {told}"


def _ways(found: Row, speech: Speech) -> str:
    return speech.say(_BUT_WAYS, count=found["other_way"])


def _counted(counts: Mapping[str, int], speech: Speech) -> str:
    order = (*(change for change in ORDER if change != REMAINS), _PARTS, REMAINS)
    return "; ".join(f"{_WORDS[change].of(speech.lang)} {counts[change]}" for change in order if counts.get(change))


def _moved(figures: Mapping[str, Row]) -> Mapping[str, Row]:
    return {name: sides for name, sides in figures.items() if sides["before"] != sides["after"]}


def _figures(figures: Mapping[str, Row], speech: Speech) -> str:
    told = [
        f"{_FIGURES[name].of(speech.lang)}: {_figure(sides['before'], speech)} → {_figure(sides['after'], speech)}"
        for name, sides in figures.items()
    ]
    line = "; ".join(told)
    return f"{line[:1].upper()}{line[1:]}." if line else ""


def _figure(value: Any, speech: Speech) -> str:
    return "–" if value is None else speech.term(value) if isinstance(value, str) else str(value)


def _some(names: Sequence[str], speech: Speech, most: int = 12) -> str:
    told = ", ".join(speech.name(name) for name in names[: len(names) if speech.unfold else most])
    return told if speech.unfold or len(names) <= most else f"{told} + {len(names) - most}"


# Bodies, each with all its stores.


def _bodies(rows: Sequence[Row], answer: Answer, speech: Speech) -> Iterator[_Told]:
    """A line for each body: how its best store was and is, in how many it is, and what changed in the others."""
    pairs: dict[str, list[Row]] = {}
    for row in rows:
        pairs.setdefault(row["body"], []).append(row)
    told = []
    for body, own in pairs.items():
        was, now = (
            min((row[side] for row in own if row[side]), key=rank_of, default=None) for side in ("before", "after")
        )
        changes = tuple(kind.name for kind in sorted(
            kinds_of(rank_of(was), rank_of(now)), key=lambda kind: ORDER.index(kind.name)))  # fmt: skip
        moved = [row for row in own if row["change"] != REMAINS]
        if not changes:
            changes = (_PARTS,) if moved else (REMAINS,)
        stores = " → ".join(str(len({row["store"] for row in own if row[side]})) for side in ("before", "after"))
        under = tuple(_in_stores(moved, speech)) if changes == (_PARTS,) else ()
        told.append(
            _Told(
                changes,
                (_named(body, answer, speech),),
                (_strength(was, speech), _strength(now, speech), stores),
                under,
            )
        )
    order = [*ORDER[:-1], _PARTS, REMAINS]
    yield from sorted(told, key=lambda line: order.index(line.changes[0]))


def _named(name: str, answer: Answer, speech: Speech) -> str:
    """A name; one that is itself taken away does not lose anything that it could still want."""
    gone = name in answer.question.get("without", ())
    return speech.say(_GONE, name=speech.name(name)) if gone else speech.name(name)


def _in_stores(moved: Sequence[Row], speech: Speech) -> Iterator[Line]:
    for change in ORDER:
        if names := [row["store"] for row in moved if row["change"] == change]:
            yield [Span(f"{_WORDS[change].of(speech.lang)}: {_some(names, speech, NAMED)}", "faint")]


# Rows of any answer.


def _lines(answer: Answer, rows: Sequence[Row], speech: Speech) -> Iterator[_Told]:
    """A line for each row; a verdict that turned into another is one line."""
    by_pair, side = answer.command == "who", _STATES[answer.command]
    subject = _thing if by_pair else _SUBJECTS[answer.command]
    merged: list[tuple[list[str], Row]] = []
    known: dict[str, int] = {}
    for row in rows:
        key = str([value for name, value in row.items() if name not in ("change", "before", "after")])
        if key in known:
            merged[known[key]][0].append(row["change"])
        else:
            known[key] = len(merged)
            merged.append(([row["change"]], row))
    for changes, row in merged:
        sides = tuple("–" if row[when] is None else side(row[when], speech) for when in ("before", "after"))
        named = (_named(row["body"], answer, speech), speech.name(row["store"])) if by_pair else subject(row, speech)
        yield _Told(tuple(changes), named, sides)


def _titles(answer: Answer, by_body: bool, speech: Speech) -> list[str]:
    ends = [_BEFORE.of(speech.lang), _AFTER.of(speech.lang)]
    if answer.command == "who":
        middle = [] if by_body else [speech.column("store")]
        return [speech.column("body"), *middle, *ends, *([_STORES.of(speech.lang)] if by_body else [])]
    if answer.command == "what":
        return [speech.column("store"), *ends]
    return [_TITLES[answer.command].of(speech.lang), *ends]


def _strength(row: Row | None, speech: Speech) -> str:
    return "–" if row is None else f"{speech.term(row['level'])}, {speech.term(row['certainty'])}"


def _thing(row: Row, speech: Speech) -> tuple[str, ...]:
    """An entity, a relation in words, or a source as one cites it."""
    name, dataset = row["id"], speech.dataset
    if dataset is None:
        return (name,)
    if row["kind"] == "relation" and name in dataset.relations.index:
        return (relation_of(dataset, dataset.relations.index[name])[speech.lang],)
    if row["kind"] == "source" and name in dataset.sources.index:
        cells = dataset.sources.row(dataset.sources.index[name])
        told = {key: cells.get(key) or None for key in ("title", "publisher", "date")}
        return (cited({"id": name, "url": None, **told}),)
    return (speech.name(name),)


def _exposed(row: Row, speech: Speech) -> tuple[str, ...]:
    if "listed_entity" in row:
        listed, name = speech.name(row["listed_entity"]), f"{row['list']} ({speech.name(row['authority'])})"
        return (speech.say(_LISTS, entity=speech.name(row["entity"]), listed=listed, list=name),)
    names = [speech.name(row[key]) for key in ("group", "body", "entity", "list") if row.get(key)]
    return (", ".join(names),)


def _group(side: Row, speech: Speech) -> list[str]:
    told = [speech.say(_LISTED, listed=side["listed_stores"], stores=side["stores"])]
    if side["sole_supplier"]:
        told.append(speech.say(_SOLE, name=speech.name(side["sole_supplier"])))
    return told


def _said(word: str, speech: Speech) -> str:
    """A word of an answer, or a name, in the reader's language."""
    from graphs.reports.checks import VERDICTS
    from graphs.reports.exposure import STATES

    label = {**VERDICT_LABELS, **STATES, **VERDICTS}.get(word)
    return label.of(speech.lang) if label is not None else speech.name(word)


def _exposure(side: Row, speech: Speech) -> str:
    parts = _group(side, speech) if "listed_stores" in side else [
        ", ".join(map(speech.name, value)) if isinstance(value, list) and all(isinstance(each, str) for each in value)
        else "–".join(dict.fromkeys(f"{each:g}" for each in value)) + " %" if isinstance(value, list)
        else _said(value, speech) if isinstance(value, str) else str(value)
        for value in side.values()
        if value not in (None, [])
    ]  # fmt: skip
    return "; ".join(parts)


def _first(side: Row, speech: Speech) -> str:  # noqa: ARG001  a figure is the same in every language
    return str(next(iter(side.values())))


_SUBJECTS: Final[Mapping[str, Callable[[Row, Speech], tuple[str, ...]]]] = {
    "what": lambda row, speech: (speech.name(row["store"]),),
    "how": lambda row, speech: (" → ".join(map(speech.name, row["nodes"])),),
    "whynot": lambda row, speech: (" → ".join(map(speech.name, row["nodes"])),),
    "chokepoints": _thing,
    "cut": _thing,
    "sensitivity": _thing,
    "gaps": lambda row, speech: (row["question"].text(speech.lang),),
    "check": lambda row, speech: (row["sentence"].text(speech.lang) if row["sentence"] else row["rule"],),
    "exposure": _exposed,
}
_STATES: Final[Mapping[str, Callable[[Row, Speech], str]]] = {
    **dict.fromkeys(("who", "what", "how", "whynot"), _strength),
    "chokepoints": lambda side, speech: speech.say(_OF, lost=side["pairs_lost"], total=side["pairs_total"]),
    **dict.fromkeys(("cut", "sensitivity", "gaps"), _first),
    "check": lambda side, speech: _said(side["verdict"], speech),
    "exposure": _exposure,
}  # fmt: skip

"""Reports of what is recorded: one entry, a search, the datasets, a timeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from graphs.answers import Answer, Row
from graphs.reports.blocks import Block, Bullets, Column, Entry, Grid, GridRow, Heading, Paragraph, Span
from graphs.reports.paths import cited
from graphs.reports.speech import Speech
from stakeholders.dataset import split
from stakeholders.errors import Problem
from stakeholders.vocabulary import DATE_WORDS, KINDS, TYPES, Label

LONGEST_CLAIM = 80  # letters of a claim that a list of search hits shows

_KINDS = {
    "entity": Label("entity", "объект", "нысан"),
    "category": Label("data category", "категория данных", "дерек санаты"),
    "relation": Label("relation", "связь", "байланыс"),
    "listing": Label("listing", "запись в списке", "тізім жазбасы"),
    "source": Label("source", "источник", "дереккөз"),
}
_FIELDS = {
    "aliases": Label("also called: {text}", "другие названия: {text}", "басқа атаулары: {text}"),
    "country": Label("country: {text}", "страна: {text}", "елі: {text}"),
    "categories": Label("data: {text}", "данные: {text}", "деректер: {text}"),
    "subjects": Label("data subjects: {text}", "чьи данные: {text}", "кімнің деректері: {text}"),
    "volume": Label("volume: {text}", "объём: {text}", "көлемі: {text}"),
    "location": Label("location: {text}", "расположение: {text}", "орналасуы: {text}"),
    "broader": Label("part of: {text}", "входит в категорию: {text}", "кең санаты: {text}"),
    "narrower": Label("includes: {text}", "включает: {text}", "құрамында: {text}"),
    "dpv": Label("W3C DPV: {text}", "W3C DPV: {text}", "W3C DPV: {text}"),
    "special": Label(
        "special under the GDPR, {text}", "особая категория по GDPR: {text}", "GDPR бойынша ерекше санат: {text}"
    ),
    "valid_from": Label("from {text}", "с {text}", "басталуы: {text}"),
    "valid_until": Label("until {text}", "по {text}", "аяқталуы: {text}"),
    "publisher": Label("published by {text}", "издание: {text}", "басылым: {text}"),
    "author": Label("author: {text}", "автор: {text}", "авторы: {text}"),
    "date": Label("dated {text}", "дата: {text}", "күні: {text}"),
    "url": Label("{text}", "{text}", "{text}"),
    "language": Label("language: {text}", "язык: {text}", "тілі: {text}"),
    "legal_basis": Label("legal basis: {text}", "правовое основание: {text}", "құқықтық негізі: {text}"),
    "effect": Label("effect: {text}", "последствие: {text}", "салдары: {text}"),
    "note": Label("{text}", "{text}", "{text}"),
}
_COLLECTIVE = Label("stands for many", "обозначает многих", "көпті білдіреді")
_FROM_HERE = Label("From here", "Отсюда", "Осыдан")
_TO_HERE = Label("To here", "Сюда", "Осыған")
_LISTED = Label("On lists", "В списках", "Тізімдерде")
_LISTS = Label("Lists others", "Вносит в списки", "Тізімге енгізеді")
_BEARERS = Label("Where such data are", "Где есть такие данные", "Мұндай деректер қайда бар")
_CLAIMS = Label("What rests on it", "Что на нём основано", "Неге негіз болады")
_NOTHING = Label("Nothing is recorded about it.", "Сведений о связях нет.", "Байланыстары туралы мәлімет жоқ.")
_FOUND = Label(
    "{count} found for “{text}”.", "Найдено по запросу «{text}»: {count}.", "«{text}» бойынша табылды: {count}."
)
_BEST = Label(
    "The best {count} for “{text}”.", "Лучшее по запросу «{text}»: {count}.", "«{text}» бойынша ең жақындары: {count}."
)
_BUNDLED = Label(
    "{count} datasets come with the package; -d NAME chooses one.",
    "Наборы данных в составе пакета: {count}; выбор: -d NAME.",
    "Бумадағы деректер жинақтары: {count}; таңдау: -d NAME.",
)
_SIZES = Label(
    "bodies: {bodies}; systems: {systems}; stores: {stores}; relations: {relations}; listings: {listings}; "
    "sources: {sources}{newest}",
    "органов и организаций: {bodies}; систем: {systems}; хранилищ: {stores}; связей: {relations}; записей в списках: "
    "{listings}; источников: {sources}{newest}",
    "органдар мен ұйымдар: {bodies}; жүйелер: {systems}; дерекқорлар: {stores}; байланыстар: {relations}; тізім "
    "жазбалары: {listings}; дереккөздер: {sources}{newest}",
)
_SOUND = Label("No problem found in {name}.", "{name}: ошибок не найдено.", "{name}: қате табылмады.")
_FAULTY = Label("Problems in {name}: {count}.", "{name}: ошибок {count}.", "{name}: қателер {count}.")
_KILOBYTES = Label("{size} kB", "{size} кБ", "{size} кБ")
_NEXT = Label(
    "Fill entities.csv and sources.csv, then relations.csv, and check with: accessmap validate {folder}",
    "Заполните entities.csv и sources.csv, затем relations.csv; проверка: accessmap validate {folder}",
    "Алдымен entities.csv мен sources.csv, содан кейін relations.csv толтырыңыз; тексеру: accessmap validate {folder}",
)
_NEWEST = Label(" (newest {date})", " (последний: {date})", " (соңғысы: {date})")
_DATES = Label(
    "Dated changes of {name}: {count}.",
    "Изменения с датами: {name}. Всего: {count}.",
    "Күні белгілі өзгерістер: {name}. Барлығы: {count}.",
)
_LISTS_IT = Label("lists", "вносит в список", "тізімге енгізеді")
_EXISTS = Label("exists", "существует", "бар")


def show(answer: Answer, speech: Speech) -> list[Block]:
    """One entry: what it is, then what is recorded about it."""
    kind, cells = answer.beside["kind"], answer.beside["entry"]
    name = _title(kind, cells, answer.rows, speech)
    spans: list[Span] = [Span(name, "headline"), Span(f"  {cells['id']}", "faint"), Span("\n")]
    spans.append(Span("; ".join(_facts(kind, cells, speech)), "faint"))
    blocks: list[Block] = [Paragraph(spans)]
    if cells.get("note") and kind in ("entity", "source"):
        blocks.append(Paragraph([Span(cells["note"])]))
    if kind == "entity":
        blocks += _of_entity(answer, cells["id"], speech)
    elif kind in ("relation", "listing"):
        blocks += [block for row in answer.rows for block in _claim(row, speech)]
    else:
        blocks += _of_others(answer, _BEARERS if kind == "category" else _CLAIMS, speech)
    return blocks


def find(answer: Answer, speech: Speech) -> list[Block]:
    """What a search found, nearest first."""
    headline = speech.say(_FOUND if answer.complete else _BEST, count=len(answer.rows), text=answer.question["text"])
    columns = [
        Column(speech.column("id")),
        Column(speech.column("name"), flexible=True),
        Column(speech.column("why"), flexible=True, rank=2),
    ]
    rows = [GridRow([Span(row["id"]), Span(_found(row, speech)), Span(row["why"], "faint")]) for row in answer.rows]
    return [Paragraph([Span(headline, "headline")]), *([Grid(columns, rows)] if rows else []), *_notes(answer, speech)]


def _found(row: Row, speech: Speech) -> str:
    if row["table"] in ("entities", "categories"):
        return speech.name(row["id"])
    told = str(row["name"])
    return told if len(told) <= LONGEST_CLAIM else told[:LONGEST_CLAIM].rpartition(" ")[0] + " …"


def datasets(answer: Answer, speech: Speech) -> list[Block]:
    """Datasets and their sizes."""
    blocks: list[Block] = []
    if len(answer.rows) > 1:
        blocks.append(Paragraph([Span(speech.say(_BUNDLED, count=len(answer.rows)), "headline")]))
    for number, row in enumerate(answer.rows, 1):
        newest = speech.say(_NEWEST, date=row["newest_source"]) if row["newest_source"] else ""
        sizes = speech.say(_SIZES, **{**row, "newest": newest})
        version = Span(f"  {row['version']}", "faint")
        blocks.append(
            Entry(number, [Span(row["name"], "heading"), version], [[Span(row["title"])], [Span(sizes, "faint")]])
        )
    return [*blocks, *_notes(answer, speech)]


def validate(answer: Answer, speech: Speech) -> list[Block]:
    """What is wrong with a dataset, or that nothing is, and its sizes."""
    count = sum(not row["warning"] for row in answer.rows)
    headline = speech.say(_FAULTY if count else _SOUND, name=answer.dataset["name"], count=count)
    newest = answer.beside["sizes"]["newest_source"]
    told = speech.say(_NEWEST, date=newest) if newest else ""
    sizes = speech.say(_SIZES, **{**answer.beside["sizes"], "newest": told})
    blocks: list[Block] = [Paragraph([Span(headline, "headline"), Span("\n"), Span(sizes, "faint")])]
    problems = [
        Problem(row["file"], row["line"] or 0, row["column"] or "", row["message"], row["warning"])
        for row in answer.rows
    ]
    return [*blocks, Bullets([[Span(str(problem))] for problem in problems])] if problems else blocks


def _notes(answer: Answer, speech: Speech) -> list[Block]:
    return [Bullets([[Span(note.text(speech.lang))] for note in answer.notes])] if answer.notes else []


def map(answer: Answer, speech: Speech) -> list[Block]:  # noqa: A001  named as its command
    """Where the page is, how large, and what it shows."""
    (row,) = answer.rows
    sizes = speech.say(_SIZES, **{**row, "newest": ""})
    size = speech.say(_KILOBYTES, size=round(row["bytes"] / 1000))
    return [Paragraph([Span(str(row["path"]), "headline"), Span(f"  {size}", "faint"), Span("\n"), Span(sizes)])]


def new(answer: Answer, speech: Speech) -> list[Block]:
    """The files of a new dataset, and what comes next."""
    written = Bullets([[Span(row["path"])] for row in answer.rows])
    return [written, Paragraph([Span(speech.say(_NEXT, folder=answer.question["folder"]), "faint")])]


def timeline(answer: Answer, speech: Speech) -> list[Block]:
    """Beginnings and ends, or reach over time."""
    if "id" not in answer.question:
        from graphs.reports.histories import history

        return history(answer, speech)
    entity = answer.question["id"]
    name = speech.name(entity) if entity else answer.dataset["name"]
    blocks: list[Block] = [Paragraph([Span(speech.say(_DATES, name=name, count=len(answer.rows)), "headline")])]
    columns = [
        Column(speech.column("date")),
        Column(""),
        Column(speech.column("what"), flexible=True),
        Column(speech.column("status")),
    ]
    rows = [
        GridRow(
            [
                Span(("~" if row["word"] == "assumed" else "") + row["date"]),
                Span("+" if row["change"] == "begins" else "–"),
                Span(_happened(row, speech)),
                Span(speech.term(row["status"]) if row["status"] else ""),
            ]
        )
        for row in answer.rows
    ]
    if rows:
        blocks.append(Grid(columns, rows))
    marks = [_BEGINS.of(speech.lang), _ENDS.of(speech.lang)]
    if any(row["word"] == "assumed" for row in answer.rows):
        marks.append(f"~ {DATE_WORDS['assumed'].of(speech.lang)}")
    if answer.rows:
        blocks.append(Paragraph([Span("; ".join(marks), "faint")]))
    return [*blocks, *_notes(answer, speech)]


_BEGINS = Label("+ begins", "+ начало", "+ басталуы")
_ENDS = Label("– ends", "– конец", "– аяқталуы")


def _happened(row: Row, speech: Speech) -> str:
    if row["table"] == "entities":
        return f"{speech.name(row['subject'])}: {_EXISTS.of(speech.lang)}"
    if row["table"] == "listings":
        return (
            f"{speech.name(row['subject'])} {_LISTS_IT.of(speech.lang)}: {speech.name(row['object'])} ({row['list']})"
        )
    return _sentence(row, speech)


def _sentence(row: Row, speech: Speech) -> str:
    return f"{speech.name(row['subject'])} – {speech.predicate(row['predicate'])} – {speech.name(row['object'])}"


def _facts(kind: str, cells: Mapping[str, str], speech: Speech) -> Iterator[str]:
    if kind == "entity":
        yield TYPES[cells["type"]].of(speech.lang)
        if cells.get("kind") in KINDS:
            yield KINDS[cells["kind"]].of(speech.lang)
        if cells.get("collective"):
            yield _COLLECTIVE.of(speech.lang)
    else:
        yield _KINDS[kind].of(speech.lang)
    told_below = ("valid_from", "valid_until", "categories") if kind == "relation" else ()
    for field, label in _FIELDS.items():
        text = cells.get(field, "")
        if not text or field in told_below or (field == "note" and kind in ("entity", "source")):
            continue
        if field in ("categories", "broader", "narrower"):
            text = speech.names(list(split(text)))
        elif field in ("aliases", "dpv", "subjects"):
            text = ", ".join(split(text))
        yield speech.say(label, text=text)


def _of_entity(answer: Answer, name: str, speech: Speech) -> Iterator[Block]:
    relations = [row for row in answer.rows if row["kind"] == "relation"]
    listings = [row for row in answer.rows if row["kind"] == "listing"]
    for label, here, there in ((_FROM_HERE, "subject", "object"), (_TO_HERE, "object", "subject")):
        rows = [row for row in relations if row[here] == name]
        if rows:
            yield Heading(Span(label.of(speech.lang), "heading"), str(len(rows)))
            yield _relations([_relation(row, there, speech) for row in rows], speech)
    for label, here, there in ((_LISTED, "entity", "authority"), (_LISTS, "authority", "entity")):
        rows = [row for row in listings if row[here] == name]
        if rows:
            yield Heading(Span(label.of(speech.lang), "heading"), str(len(rows)))
            yield _relations([_listing(row, there, speech) for row in rows], speech)
    if not answer.rows:
        yield Paragraph([Span(_NOTHING.of(speech.lang))])


def _relations(rows: Sequence[GridRow], speech: Speech) -> Grid:
    columns = [
        Column(speech.column("relation"), flexible=True),
        Column(speech.column("status")),
        Column(speech.column("since")),
        Column(speech.column("until")),
        Column(speech.column("id"), rank=2),
    ]
    return Grid(columns, rows)


def _relation(row: Row, there: str, speech: Speech) -> GridRow:
    other, verb = speech.name(row[there]), speech.predicate(row["predicate"])
    text = f"{verb} {other}" if there == "object" else f"{other} {verb}"
    return GridRow(
        [
            Span(text),
            Span(speech.term(row["status"]), "contested" if row["status"] == "denied" else ""),
            Span(row["valid_from"] or "–"),
            Span(row["valid_until"] or "–"),
            Span(row["id"], "faint"),
        ]
    )


def _listing(row: Row, there: str, speech: Speech) -> GridRow:
    return GridRow(
        [
            Span(f"{speech.name(row[there])}: {row['list']}"),
            Span(""),
            Span(row["listed_from"] or "–"),
            Span(row["listed_until"] or "–"),
            Span(row["id"], "faint"),
        ],
        [[Span(row["effect"], "faint")]] if row["effect"] else [],
    )


def _of_others(answer: Answer, label: Label, speech: Speech) -> Iterator[Block]:
    if not answer.rows:
        return
    yield Heading(Span(label.of(speech.lang), "heading"), str(len(answer.rows)))
    columns = [
        Column(speech.column("name"), flexible=True),
        Column(speech.column("type")),
        Column(speech.column("id"), rank=2),
    ]
    yield Grid(columns, [_other(row, speech) for row in answer.rows])


def _other(row: Row, speech: Speech) -> GridRow:
    kind = TYPES[row["type"]] if row["kind"] == "entity" else _KINDS[row["kind"]]
    if row["kind"] == "entity":
        name = speech.name(row["id"])
    elif row["kind"] == "relation":
        name = _sentence(row, speech)
    else:
        name = _listed(row, speech)
    return GridRow([Span(name), Span(kind.of(speech.lang)), Span(row["id"], "faint")])


def _title(kind: str, cells: Mapping[str, str], rows: Sequence[Row], speech: Speech) -> str:
    if kind in ("entity", "category"):
        return speech.name(cells["id"])
    if kind == "source":
        return cells.get("title") or cells["id"]
    return _sentence(rows[0], speech) if kind == "relation" else _listed(rows[0], speech)


def _listed(row: Row, speech: Speech) -> str:
    return f"{speech.name(row['entity'])} – {speech.name(row['authority'])}: {row['list']}"


def _claim(row: Row, speech: Speech) -> Iterator[Block]:
    """What a relation or listing claims, with its dates, by whom."""
    yield Paragraph([Span(row["claim"])])
    dates = row.get("valid_from") or row.get("listed_from"), row.get("valid_until") or row.get("listed_until")
    facts = [speech.term(row["status"])] if row.get("status") else []
    if any(dates):
        facts.append(f"{dates[0] or '…'} – {dates[1] or '…'}")
    if row.get("categories"):
        facts.append(speech.names(row["categories"]))
    yield Paragraph([Span("; ".join(facts))])
    for number, source in enumerate(row["sources"], 1):
        yield Entry(number, [Span(cited(source), "faint")])

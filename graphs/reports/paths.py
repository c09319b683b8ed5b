"""Reports of paths: how a body reaches a target, or why no path is known; sentences to quote, with their sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphs.answers import Answer, Row
from graphs.reports.blocks import Block, Bullets, Entry, Heading, Line, Paragraph, Span
from graphs.reports.reach import closing, opening
from graphs.reports.speech import UNDATED, Speech
from stakeholders.vocabulary import DATE_WORDS, Label

CLOSED_SHOWN = 40  # names of a closed set; the rest is counted
SUPPORTS_SHOWN = 12
NEAR_SHOWN = 12  # near misses that would not by themselves lead to the target

_HOW = Label(
    "{body} can reach {target}. Strongest path: {level}, {certainty}. Paths shown: {count}.",
    "{body} – {target}: доступ возможен. Самый сильный путь: {level}, {certainty}. Показано путей: {count}.",
    "{body} – {target}: қолжетімділік бар. Ең күшті жол: {level}, {certainty}. Көрсетілген жолдар: {count}.",
)
_HOW_WEAK = {
    "claimed": Label(
        "That {body} can reach {target} is claimed, not established. Strongest path: {level}, {certainty}. "
        "Paths shown: {count}.",
        "{body} – {target}: доступ лишь утверждается или спорен. Самый сильный путь: {level}, {certainty}. "
        "Показано путей: {count}.",
        "{body} – {target}: қолжетімділік тек мәлімделеді не даулы. Ең күшті жол: {level}, {certainty}. "
        "Көрсетілген жолдар: {count}.",
    ),
    "prospective": Label(
        "{body} may come to reach {target}; so far only planned. Strongest path: {level}. Paths shown: {count}.",
        "{body} – {target}: доступ пока только в планах. Самый сильный путь: {level}. Показано путей: {count}.",
        "{body} – {target}: қолжетімділік әзірге тек жоспарда. Ең күшті жол: {level}. Көрсетілген жолдар: {count}.",
    ),
}
# The same of a body that is reached: it is commanded, not read.
_HOW_OVER = {
    "reaches": Label(
        "{target} is within reach of {body}, by command, ownership, membership or legal power. Strongest path: "
        "{level}, {certainty}. Paths shown: {count}.",
        "{body} – {target}: подчинение, собственность, членство или право обязать. Самый сильный путь: {level}, "
        "{certainty}. Показано путей: {count}.",
        "{body} – {target}: бағыныс, меншік, мүшелік не міндеттеу құқығы. Ең күшті жол: {level}, {certainty}. "
        "Көрсетілген жолдар: {count}.",
    ),
    "claimed": Label(
        "That {target} is within reach of {body}, by command, ownership, membership or legal power, is claimed, not "
        "established. Strongest path: {level}, {certainty}. Paths shown: {count}.",
        "{body} – {target}: подчинение, собственность, членство или право обязать лишь утверждаются или спорны. Самый "
        "сильный путь: {level}, {certainty}. Показано путей: {count}.",
        "{body} – {target}: бағыныс, меншік, мүшелік не міндеттеу құқығы тек мәлімделеді не даулы. Ең күшті жол: "
        "{level}, {certainty}. Көрсетілген жолдар: {count}.",
    ),
    "prospective": Label(
        "{target} may come within reach of {body}, by command, ownership, membership or legal power; so far only "
        "planned. Strongest path: {level}. Paths shown: {count}.",
        "{body} – {target}: подчинение, собственность, членство или право обязать пока только в планах. Самый сильный "
        "путь: {level}. Показано путей: {count}.",
        "{body} – {target}: бағыныс, меншік, мүшелік не міндеттеу құқығы әзірге тек жоспарда. Ең күшті жол: {level}. "
        "Көрсетілген жолдар: {count}.",
    ),
}
_NO_PATH = Label(
    "No known path from {body} to {target}.",
    "{body} – {target}: путь неизвестен.",
    "{body} – {target}: белгілі жол жоқ.",
)
_PATH = Label("Path {number}", "Путь {number}", "{number}-жол")
_STEPS = Label("steps: {count}", "шагов: {count}", "қадам саны: {count}")
_SINCE = Label("since {date}", "с {date}", "басталуы: {date}")
_KNOWN = Label("last known {date}", "последние сведения: {date}", "соңғы дерек: {date}")
_HELD = Label(
    "data of {store}, as held at {at}",
    "данные: {store}; находятся здесь: {at}",
    "деректер: {store}; орналасқан жері: {at}",
)
_TO = Label("to {store}", "куда: {store}", "қайда: {store}")
_FROM_UNTIL = Label("{start} to {end}", "{start} – {end}", "{start} – {end}")
_FROM_ON = Label("from {start}", "с {start}", "басталуы: {start}")
_UNTIL = Label("until {end}", "по {end}", "аяқталуы: {end}")
_ONLY = Label("only: {names}", "только: {names}", "тек: {names}")
_BASIS = Label("legal basis: {text}", "правовое основание: {text}", "құқықтық негізі: {text}")
_SOURCE = Label("Source: {text}", "Источник: {text}", "Дереккөз: {text}")
_CONTESTED = Label("contested", "оспаривается", "даулы")
_IMPLIED = Label(
    "assumed: what may be exported is copied into the body's own store ({holding})",
    "допущение: что можно выгрузить, копируется в собственное хранилище ({holding})",
    "болжам: көшіріп алуға болатын дерек өз дерекқорына көшіріледі ({holding})",
)
_CLOSED = Label("What this body reaches", "Что достижимо для этого органа", "Бұл орган не нәрсеге жетеді")
_NEAR = Label("What comes nearest", "Что ближе всего к пути", "Жолға ең жақыны не")
_NEAR_REMARK = Label(
    "relations that lead further, and why they do not count",
    "связи, которые ведут дальше, и почему они не учтены",
    "әрі қарай апаратын байланыстар және олар неге есептелмейді",
)
_BRIDGE = Label(
    "this alone would open a path", "одна эта связь открыла бы путь", "осы бір байланыстың өзі жол ашар еді"
)
_OTHERS = Label(
    "{count} more lead further, but not to the target by themselves.",
    "Есть и другие, что ведут дальше, но сами по себе не к цели: {count}.",
    "Тағы {count} байланыс әрі қарай апарады, бірақ өздігінен мақсатқа жеткізбейді.",
)
_SUPPORTS = Label("Sets of sources that carry it", "Наборы источников, достаточные для вывода",
                  "Қорытындыға жеткілікті дереккөз жиынтықтары")  # fmt: skip
_SUPPORTS_REMARK = Label(
    "each suffices, and none of its sources can be spared", "каждого достаточно, и ни один источник в нём не лишний",
    "әрқайсысы жеткілікті, ондағы ешбір дереккөз артық емес",
)  # fmt: skip
_AND_MORE = Label("and {count} more", "и ещё {count}", "және тағы {count}")
_WHY = {
    "time": Label("not in force on that day", "в тот день не действует", "сол күні күшінде емес"),
    "not yet known": Label("not yet known on that day", "в тот день ещё не известно", "сол күні әлі белгісіз"),
    "stance": Label(
        "counts only under another stance", "учитывается лишь при другом подходе", "басқа ұстанымда ғана есептеледі"
    ),
    "level": Label("too weak a level", "уровень слишком слабый", "деңгейі тым әлсіз"),
    "evidence too old": Label("its evidence is too old", "сведения слишком давние", "мәліметі тым ескі"),
    "certainty": Label("not certain enough", "сведения недостаточно надёжны", "мәліметі жеткілікті сенімді емес"),
    "category": Label("passes other data only", "передаёт только другие данные", "тек басқа деректерді өткізеді"),
    "denied": Label("denied", "отрицается", "жоққа шығарылған"),
    "minority stake": Label("a minority stake", "миноритарная доля", "азшылық үлес"),
    "unknown stake": Label(
        "a stake that is not known to be large enough",
        "доля, о достаточности которой ничего не известно",
        "жеткілікті екені белгісіз үлес",
    ),
    "frozen copy": Label(
        "leads on from a leaked copy, which is frozen",
        "продолжается от утёкшей копии, а она не обновляется",
        "тарап кеткен көшірмеден әрі қарай барады, ал ол жаңартылмайды",
    ),
}


def how(answer: Answer, speech: Speech) -> list[Block]:
    """The paths, each step a sentence with claim, status, dates and sources."""
    if not answer.rows:
        headline = speech.say(_NO_PATH, **_ends(answer, speech))
        return [opening(headline, answer, speech), *closing(answer, speech, [])]
    best = answer.rows[0]
    said = _HOW_OVER if speech.is_body(answer.question["target"]) else _HOW_WEAK
    label = said.get(best["verdict"], _HOW)
    headline = speech.say(
        label,
        **_ends(answer, speech),
        count=len(answer.rows),
        level=speech.term(best["level"]),
        certainty=speech.term(best["certainty"]),
    )
    blocks: list[Block] = [opening(headline, answer, speech)]
    for number, row in enumerate(answer.rows, 1):
        blocks.append(_path_heading(number, row, speech))
        blocks += [
            Entry(place, _lead(step, speech), list(_evidence(step, speech)))
            for place, step in enumerate(row["steps"], 1)
        ]
    return [*blocks, *_supports(answer, speech), *closing(answer, speech, answer.rows)]


def _supports(answer: Answer, speech: Speech) -> Iterator[Block]:
    """The sets of sources that carry the finding, where they were asked for."""
    if sets := answer.beside.get("supports"):
        yield Heading(Span(speech.say(_SUPPORTS), "heading"), speech.say(_SUPPORTS_REMARK))
        titles = {name: named_source(name, speech) for each in sets[:SUPPORTS_SHOWN] for name in each["sources"]}
        yield Bullets([
            [Span("; ".join(titles[name] for name in each["sources"]))] for each in sets[:SUPPORTS_SHOWN]
        ])  # fmt: skip
        if rest := len(sets[SUPPORTS_SHOWN:]):
            yield Paragraph([Span(speech.say(_AND_MORE, count=rest), "faint")])


def whynot(answer: Answer, speech: Speech) -> list[Block]:
    """The path if there is one; else what the body reaches, and what comes nearest."""
    if answer.rows:
        return how(answer, speech)
    headline = speech.say(_NO_PATH, **_ends(answer, speech))
    blocks: list[Block] = [opening(headline, answer, speech)]
    blocks += closing(answer, speech, [])
    near = answer.beside["near"]
    bridges = [miss for miss in near if miss["leads_to_target"]]
    others = [miss for miss in near if not miss["leads_to_target"]]
    shown = bridges or others[:NEAR_SHOWN]
    if shown:
        blocks.append(Heading(Span(speech.say(_NEAR), "heading"), speech.say(_NEAR_REMARK)))
        blocks += [
            Entry(number, _miss(miss, speech), list(_evidence(miss, speech))) for number, miss in enumerate(shown, 1)
        ]
    if rest := len(near) - len(shown):
        blocks.append(Paragraph([Span(speech.say(_OTHERS, count=rest), "faint")]))
    closed = [name for name in answer.beside["closed"] if name != answer.question["body"]]
    if closed:
        names = [speech.name(name) for name in closed[:CLOSED_SHOWN]]
        if len(closed) > CLOSED_SHOWN:
            names.append(speech.say(_AND_MORE, count=len(closed) - CLOSED_SHOWN))
        blocks.append(Heading(Span(speech.say(_CLOSED), "heading"), str(len(closed))))
        blocks.append(Paragraph([Span(", ".join(names))], indent=2))
    return blocks


def _ends(answer: Answer, speech: Speech) -> dict[str, str]:
    return {"body": speech.name(answer.question["body"]), "target": speech.data(answer.question["target"])}


def _path_heading(number: int, row: Row, speech: Speech) -> Heading:
    store = speech.store(row) + "*" * row["collective"]
    parts = [
        speech.term(row["level"]),
        speech.certainty(row).text,
        speech.say(_STEPS, count=row["hops"]),
        speech.say(_SINCE, date=speech.since(row)) if row["since"] else UNDATED.of(speech.lang),
    ]
    if row["last_evidence"]:
        parts.append(speech.say(_KNOWN, date=row["last_evidence"]))
    met = row["at"] != row["store"]
    parts.append(speech.say(_HELD, store=store, at=speech.name(row["at"])) if met else speech.say(_TO, store=store))
    return Heading(Span(speech.say(_PATH, number=number), row["verdict"]), "; ".join(parts))


def _lead(step: Row, speech: Speech) -> Line:
    """Who gets at what by the step, at which level."""
    ends = f"{speech.name(step['source'])} → {speech.name(step['target'])}"
    return [Span(ends, "heading"), Span(f"  {speech.term(step['level'])}", "faint")]


def _miss(miss: Row, speech: Speech) -> Line:
    spans = [
        Span(f"{speech.name(miss['source'])} → {speech.name(miss['target'])}", "heading"),
        Span(f"  {_WHY[miss['why']].of(speech.lang)}", "claimed"),
    ]
    if miss["leads_to_target"]:
        spans.append(Span(f"; {_BRIDGE.of(speech.lang)}", "claimed"))
    return spans


def _evidence(step: Row, speech: Speech) -> Iterator[Line]:
    """What is claimed, with which status and dates, by whom."""
    yield [Span(step["claim"])]
    facts = [Span(speech.term(step["status"]))]
    if step.get("contested"):
        facts.append(Span(f"; {_CONTESTED.of(speech.lang)}", "contested"))
    facts.append(Span(f"; {_dates(step, speech)}"))
    if step["categories"]:
        facts.append(Span("; " + speech.say(_ONLY, names=speech.names(step["categories"]))))
    if step.get("legal_basis"):
        facts.append(Span("; " + speech.say(_BASIS, text=step["legal_basis"])))
    if step.get("holding"):
        facts.append(Span("; " + speech.say(_IMPLIED, holding=step["holding"])))
    yield [*facts, Span(f"  [{step['relation']}]", "faint")]
    for source in step["sources"]:
        yield [Span(speech.say(_SOURCE, text=cited(source)), "faint")]


def _dates(step: Row, speech: Speech) -> str:
    start, end = step["valid_from"], step["valid_until"]
    word = "" if step["date"] == "known" else f" ({DATE_WORDS[step['date']].of(speech.lang)})"
    if start and end:
        return speech.say(_FROM_UNTIL, start=start, end=end) + word
    if start or end:
        return (speech.say(_FROM_ON, start=start) if start else speech.say(_UNTIL, end=end)) + word
    return DATE_WORDS[step["date"]].of(speech.lang)


def cited(source: Row) -> str:
    """A source as one cites it: title, publisher, date, address; its id where nothing else is known.

    Examples
    --------
    >>> cited({"id": "s", "title": "A report", "publisher": "CABAR.asia", "date": "2020-04", "url": None})
    'A report. CABAR.asia, 2020-04'
    """
    imprint = ", ".join(part for part in (source["publisher"], source["date"]) if part)
    parts = [part for part in (source["title"] or source["id"], imprint, source["url"]) if part]
    return " ".join([part if part.endswith((".", "?", "!")) else f"{part}." for part in parts[:-1]] + parts[-1:])


def named_source(name: str, speech: Speech) -> str:
    """A source by its id: as one cites it, without its address, and the id."""
    sources = speech.dataset.sources if speech.dataset is not None else None
    if sources is None or name not in sources.index:
        return name
    cells = sources.row(sources.index[name])
    told = {key: cells.get(key) or None for key in ("title", "publisher", "date")}
    return f"{cited({'id': name, 'url': None, **told})} [{name}]"


def step_records(rows: Sequence[Row]) -> list[Row]:
    """A record for each step, for tables of data."""
    return [
        {
            "path": number,
            "step": place,
            "verdict": row["verdict"],
            "path_level": row["level"],
            **{name: value for name, value in step.items() if name != "sources"},
            "sources": [source["id"] for source in step["sources"]],
        }
        for number, row in enumerate(rows, 1)
        for place, step in enumerate(row["steps"], 1)
    ]

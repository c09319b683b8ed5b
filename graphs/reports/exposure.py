"""Reports of exposure: who listed stands behind what, how much rests on them, what stops without them, since when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby

from graphs.answers import Answer, Row
from graphs.exposures import Exposures
from graphs.reports.blocks import Block, Bullets, Column, Grid, GridRow, Heading, Line, Paragraph, Span
from graphs.reports.exposure_views import LISTS, history_blocks, matrix_blocks, pair_blocks
from graphs.reports.speech import Speech
from stakeholders.dates import first_day, iso
from stakeholders.listings import Listing, listings
from stakeholders.ownership import VERDICT_LABELS
from stakeholders.vocabulary import Label

_EXPOSED = Label(
    "Systems, stores and bodies with somebody listed behind them: {count}{rest}.",
    "Систем, хранилищ и организаций, за которыми стоит кто-либо из перечней: {count}{rest}.",
    "Артында тізімдегі біреу тұрған жүйелер, дерекқорлар мен ұйымдар: {count}{rest}.",
)
_TARGET = Label(
    "{target}: listed entities behind it: {count}{rest}.",
    "{target}: лиц из перечней за этим: {count}{rest}.",
    "{target}: артында тұрған тізімдегі тұлғалар: {count}{rest}.",
)
_OWNED = Label("; of them only by ownership: {count}", "; из них только через владение: {count}",
               "; олардың тек иелік арқылы: {count}")  # fmt: skip
_OPEN = Label("; undetermined besides: {count}", "; ещё не определено: {count}", "; тағы анықталмағаны: {count}")
_NONE = Label(
    "Nobody listed is known to stand behind {target}.",
    "{target}: за этим не известно никого из перечней.",
    "{target}: артында тізімдегі ешкім белгісіз.",
)
_NONE_ASKED = Label(
    "Nobody of those and of the lists asked about is known to stand behind {target}.",
    "{target}: за этим не известно никого из запрошенных лиц и перечней.",
    "{target}: артында сұралған тұлғалар мен тізімдерден ешкім белгісіз.",
)
_ANYTHING = Label("anything", "что-либо", "кез келген нәрсе")
_ON = Label("{effect} since {since} ({list})", "{effect} с {since} ({list})", "{since} бастап {effect} ({list})")
_AT_LATEST = Label(
    "{effect} by {since} at the latest ({list})", "{effect} не позднее {since} ({list})",
    "ең кешінде {since} бастап {effect} ({list})",
)  # fmt: skip
_UNDATED = Label("{effect} ({list})", "{effect} ({list})", "{effect} ({list})")
_AFFILIATE = Label("subsidiary or affiliate", "дочерняя или аффилированная", "еншілес не үлестес")
_SOLE = Label("sole supplier", "единственный поставщик", "жалғыз жеткізуші")
_SENTENCES = Label("To quote", "Для цитаты", "Дәйексөзге")
_WEAKER = Label("Linked by a partnership alone", "Связаны только партнёрством", "Тек серіктестікпен байланысты")
_DEPENDENCE = Label(
    "How much rests on whom, by {by}; groups: {count}.", "Кто от кого зависит: групп {count}, по признаку «{by}».",
    "Кім кімге тәуелді: {count} топ, белгісі: {by}.",
)  # fmt: skip
_BY = {
    "body": Label("operator", "эксплуатант", "пайдаланушы"),
    "city": Label("city", "город", "қала"),
    "category": Label("data category", "категория данных", "дерек санаты"),
    "system": Label("system", "система", "жүйе"),
}
_CUT = Label(
    "Without {vendors}: {stops} stop, {loses} lose a supplier; pairs of body and store: {still} stay, {lost} are lost.",
    "Без {vendors}: прекратят работу {stops}, потеряют поставщика {loses}; "
    "пар организация – хранилище останется {still}, исчезнет {lost}.",
    "{vendors} болмаса: {stops} тоқтайды, {loses} жеткізушісінен айырылады; ұйым – дерекқор жұптары: қалады {still}, "
    "жойылады {lost}.",
)
_UNTOUCHED = Label(
    "Nothing here rests on a vendor of that list.", "Здесь ничто не опирается на поставщиков из этого перечня.",
    "Мұнда ештеңе ол тізімдегі жеткізушілерге сүйенбейді.",
)  # fmt: skip
STATES = {
    "stops": Label("stops", "прекращает работу", "тоқтайды"),
    "loses": Label("loses a supplier", "теряет поставщика", "жеткізушісінен айырылады"),
    "keeps": Label("goes on", "продолжает", "жалғасады"),
}
_HISTORY = Label("Exposure over time; spans: {count}.", "Подверженность во времени: периодов {count}.",
                 "Уақыт бойынша тәуелділік: {count} кезең.")  # fmt: skip
_TITLES = {
    "entity": Label("System, store or body", "Система, хранилище, организация", "Жүйе, дерекқор не ұйым"),
    "listed": Label("Listed entity", "Лицо из перечня", "Тізімдегі тұлға"),
    "lists": Label("Exposed to, since (list)", "Чему подвержена, с (перечень)", "Неге ұшырайды, қашаннан (тізім)"),
    "measure": Label("Exposed to (list)", "Чему подвержена (перечень)", "Неге ұшырайды (тізім)"),
    "rule": Label("How", "Как", "Қалай"),
    "group": Label("Group", "Группа", "Топ"),
    "systems": Label("Systems", "Систем", "Жүйе"),
    "suppliers": Label("Suppliers (listed *)", "Поставщики (из перечней *)", "Жеткізушілер (тізімдегі *)"),
    "hhi": Label("HHI", "HHI", "HHI"),
    "listed_share": Label("Listed", "Из перечней", "Тізімдегі"),
    "stores": Label("Stores", "Хранилищ", "Дерекқор"),
    "cameras": Label("Cameras", "Камер", "Камера"),
    "state": Label("What happens", "Что будет", "Не болады"),
    "gone": Label("Gone", "Исчезнут", "Кетеді"),
    "left": Label("Left", "Останутся", "Қалады"),
    "first": Label("From", "С", "Бастап"),
    "last": Label("Until", "По", "Дейін"),
}

_REACHES = {"listed": "reaches", "owned": "reaches", "undetermined": "claimed"}


def exposure(answer: Answer, speech: Speech) -> list[Block]:
    """Whichever of the views was asked."""
    for key, composer in _COMPOSERS.items():
        if key in answer.question:
            return composer(answer, speech)
    return _exposed(answer, speech)


def _exposed(answer: Answer, speech: Speech) -> list[Block]:
    target = answer.question["target"]
    sure = [row for row in answer.rows if row["rule"] != "undetermined"]
    counted = "listed_entity" if target else "entity"
    found = {row[counted] for row in sure}
    more = len({row[counted] for row in answer.rows} - found)
    supplied = {row[counted] for row in sure if row["rule"] == "listed"}
    rest = speech.say(_OWNED, count=len(found - supplied)) if found - supplied else ""
    rest += speech.say(_OPEN, count=more) if more else ""
    named = speech.data(target) if target else speech.say(_ANYTHING)
    if not answer.rows:
        narrowed = any(answer.question.get(key) for key in ("regime", "lists", "from", "in"))
        headline = speech.say(_NONE_ASKED if narrowed else _NONE, target=named)
    elif target:
        headline = speech.say(_TARGET, target=named, count=len(found), rest=rest)
    else:
        headline = speech.say(_EXPOSED, count=len(found), rest=rest)
    blocks: list[Block] = [_opening(headline, answer, speech)]
    if answer.rows:
        blocks.append(_grid(answer, speech))
    if isinstance(answer, Exposures) and target:
        sentences = [[Span(answer.sentence(number, speech.lang))] for number in range(len(answer.rows))]
        blocks += [Heading(Span(speech.say(_SENTENCES), "heading")), Bullets(sentences)] if sentences else []
    blocks += _weaker(answer, speech) if target or speech.unfold else []
    return [*blocks, *_notes(answer, speech)]


def _grid(answer: Answer, speech: Speech) -> Grid:
    """A row for each entity and listed entity, with all the lists that they share."""
    columns = [
        Column(_title("entity", speech), flexible=True),
        Column(_title("listed", speech), flexible=True),
        Column(_title("rule", speech), rank=1),
        Column(_title("lists", speech), flexible=True, spills=True, rank=2),
    ]
    rows, known = [], _known(speech)
    for (entity, behind, how), group in groupby(_ordered(answer, speech), key=lambda each: each[0]):
        same = [row for _, row in group]
        rows.append(
            GridRow(
                [
                    Span(speech.name(entity)),
                    Span(speech.name(behind)),
                    Span(how, _REACHES[same[0]["rule"]]),
                    Span("; ".join(_on(row, known, speech) for row in same)),
                ]
            )
        )
    return Grid(columns, rows)


_Pair = tuple[str, str, str]


def _ordered(answer: Answer, speech: Speech) -> list[tuple[_Pair, Row]]:
    """Rows by the first appearance of who is exposed to whom and how, so that those which say the same stand together.

    Under two lists the same stakes may come to another share, or count as another's affiliate under one alone.
    """
    told = [((row["entity"], row["listed_entity"], _how(row, answer, speech)), row) for row in answer.rows]
    first: dict[_Pair, int] = {}
    for number, (pair, _) in enumerate(told):
        first.setdefault(pair, number)
    return sorted(told, key=lambda each: first[each[0]])


def _how(row: Row, answer: Answer, speech: Speech) -> str:
    if row["rule"] == "listed":
        sole = [_SOLE.of(speech.lang)] if row["sole_supplier"] else []
        return ", ".join([VERDICT_LABELS["listed"].of(speech.lang), *sole])
    if isinstance(answer, Exposures) and answer.affiliated(row):
        return _AFFILIATE.of(speech.lang)
    low, high = (f"{end:.4f}".rstrip("0").rstrip(".") for end in row["share"])
    share = f"{low} %" if low == high else f"{low}–{high} %"
    return f"{VERDICT_LABELS[row['rule']].of(speech.lang)}, {share}"


def _known(speech: Speech) -> Mapping[str, Listing]:
    """Listings of the dataset by their ids."""
    return {each.id: each for each in listings(speech.dataset)} if speech.dataset is not None else {}


def _on(row: Row, known: Mapping[str, Listing], speech: Speech) -> str:
    """The measure, since when, and whose list it is."""
    listing = known.get(row["listing"])
    at_latest = listing is not None and row["listing_date"] == "assumed" and row["since"] == listing.since
    label = _UNDATED if not row["since"] else _AT_LATEST if at_latest else _ON
    return speech.say(label, effect=_effect(row, listing, speech), since=row["since"], list=_list(row, speech))


def _effect(row: Row, listing: Listing | None, speech: Speech) -> str:
    if listing is None:
        return str(row.get("effect", "")).partition(":")[0]
    return listing.program.effect.name.of(speech.lang)


def _list(row: Row, speech: Speech) -> str:
    """A list with the country that keeps it: several keep lists of one name, and none binds everybody."""
    if speech.dataset is None:
        return f"{row['authority']}: {row['list']}"
    entities = speech.dataset.entities
    place = entities.index.get(row["authority"])
    country = entities.row(place).get("country", "") if place is not None else ""
    return f"{country or speech.name(row['authority'])}: {row['list']}"


def _weaker(answer: Answer, speech: Speech) -> list[Block]:
    pairs = dict.fromkeys((row["entity"], row["listed_entity"]) for row in answer.beside.get("weaker", ()))
    if not pairs:
        return []
    lines: list[Line] = [[Span(f"{speech.name(entity)} – {speech.name(behind)}")] for entity, behind in pairs]
    return [Heading(Span(speech.say(_WEAKER), "heading")), Bullets(lines)]


def _dependence(answer: Answer, speech: Speech) -> list[Block]:
    by = answer.question["dependence"]
    headline = speech.say(_DEPENDENCE, count=len(answer.rows), by=speech.say(_BY[by]))
    columns = [
        Column(_title("group", speech), flexible=True),
        Column(_title("systems", speech), right=True, rank=4),
        Column(_title("suppliers", speech), flexible=True),
        Column(_title("hhi", speech), right=True, rank=1),
        Column(_title("listed_share", speech), right=True),
        Column(_title("stores", speech), right=True, rank=3),
        Column(_title("cameras", speech), right=True, rank=2),
    ]
    rows = [
        GridRow(
            [
                Span(speech.name(row["group"])),
                Span(str(row["systems"])),
                Span(", ".join(_supplier(one, speech) for one in row["suppliers"])),
                Span(str(row["hhi"])),
                Span(_percent(row["listed_share"]), "reaches" if row["listed_share"] else ""),
                Span(_part(row["listed_stores"], row["stores"] or None)),
                Span(_part(row["listed_cameras"], row["cameras"])),
            ]
        )
        for row in answer.rows
    ]
    return [_opening(headline, answer, speech), Grid(columns, rows), *_notes(answer, speech)]


def _supplier(one: Row, speech: Speech) -> str:
    return f"{speech.name(one['body'])}{'*' if one['listed'] else ''} {_percent(one['share'])}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _part(of_listed: int | None, of_all: int | None) -> str:
    return "–" if of_all is None else f"{of_listed or 0:,}/{of_all:,}".replace(",", " ")


def _cut_off(answer: Answer, speech: Speech) -> list[Block]:
    if not answer.rows:
        return [_opening(speech.say(_UNTOUCHED), answer, speech), *_notes(answer, speech)]
    count = {state: sum(row["state"] == state for row in answer.rows) for state in STATES}
    vendors = ", ".join(speech.name(one) for one in answer.beside["vendors"])
    sizes = {name: len(answer.beside[name]) for name in ("still", "lost")}
    headline = speech.say(_CUT, vendors=vendors, **count, **sizes)
    columns = [
        Column(_title("entity", speech), flexible=True),
        Column(_title("state", speech)),
        Column(_title("gone", speech), flexible=True, rank=1),
        Column(_title("left", speech), flexible=True, rank=2),
    ]
    styles = {"stops": "reaches", "loses": "claimed", "keeps": ""}
    rows = [
        GridRow(
            [
                Span(speech.name(row["entity"])),
                Span(speech.say(STATES[row["state"]]), styles[row["state"]]),
                Span(", ".join(map(speech.name, row["gone"]))),
                Span(", ".join(map(speech.name, row["left"])) or "–"),
            ]
        )
        for row in answer.rows
    ]
    pairs = pair_blocks(answer, speech)
    return [_opening(headline, answer, speech), Grid(columns, rows), *pairs, *_notes(answer, speech)]


def _matrix(answer: Answer, speech: Speech) -> list[Block]:
    lists = {row["list"] for row in answer.rows}
    found = {row["body"] for row in answer.rows if row["rule"] != "undetermined"}
    more = len({row["body"] for row in answer.rows} - found)
    rest = speech.say(_OPEN, count=more) if more else ""
    headline = speech.say(LISTS, bodies=len(found), rest=rest, lists=len(lists))
    return [_opening(headline, answer, speech), *matrix_blocks(answer, speech), *_notes(answer, speech)]


def _history(answer: Answer, speech: Speech) -> list[Block]:
    names, known = ("first", "last", "entity", "listed", "rule", "measure"), _known(speech)
    columns = [Column(_title(name, speech), flexible=name not in ("first", "last")) for name in names]
    rows = [
        GridRow(
            [
                Span(_first(row, known)),
                Span(row["last"] or "–"),
                Span(speech.name(row["entity"])),
                Span(speech.name(row["listed_entity"])),
                Span(VERDICT_LABELS[row["rule"]].of(speech.lang)),
                Span(f"{_effect(row, known.get(row['listing']), speech)} ({_list(row, speech)})"),
            ]
        )
        for row in answer.rows
    ]
    headline = speech.say(_HISTORY, count=len(rows))
    told = [*history_blocks(answer, speech, lambda row: _list(row, speech)), *_notes(answer, speech)]
    return [_opening(headline, answer, speech), *([Grid(columns, rows)] if rows else []), *told]


def _first(row: Row, known: Mapping[str, Listing]) -> str:
    """First day of a run, with a mark where it is only the day by which the listing is known."""
    listing, first = known.get(row["listing"]), row["first"]
    if not first:
        return "–"
    assumed = listing is not None and row["listing_date"] == "assumed" and first == iso(first_day(listing.since))
    return f"~{first}" if assumed else str(first)


def _opening(headline: str, answer: Answer, speech: Speech) -> Paragraph:
    told = speech.begun(headline, answer)
    return Paragraph([Span(told, "headline"), Span("\n"), Span(speech.assumptions(answer), "faint")])


def _title(name: str, speech: Speech) -> str:
    return _TITLES[name].of(speech.lang)


def _notes(answer: Answer, speech: Speech) -> list[Block]:
    return [Bullets([[Span(note.text(speech.lang))] for note in answer.notes])] if answer.notes else []


_COMPOSERS: dict[str, Callable[[Answer, Speech], list[Block]]] = {
    "dependence": _dependence,
    "cut_off": _cut_off,
    "history": _history,
    "matrix": _matrix,
}

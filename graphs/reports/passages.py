"""Reports of what reach hangs on: chokepoints, cuts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from graphs.answers import Answer, Row, listed
from graphs.naming import name_of, quoted, ways_of
from graphs.reports.blocks import Block, Bullets, Column, Entry, Grid, GridRow, Heading, Line, Paragraph, Span
from graphs.reports.reach import closing, counted, more_of, opening
from graphs.reports.speech import Speech
from stakeholders.vocabulary import Label

PASSAGES_SHOWN = 12  # sentences on mandatory passages; the table has all
LOSSES_SHOWN = 30
BODIES_NAMED = 6
PATHS_SHOWN = 12

_HANGS = Label(
    "{bodies}{asking} can reach {target} in {places}{rest}: {pairs} of body and store{split}. What these hang on:",
    "{target}: доступ возможен{asking}. Органов и организаций: {bodies}, мест хранения: {places}{rest}. "
    "Пар: {pairs}{split}. На чём они держатся:",
    "{target}: қолжетімділік бар{asking}. Органдар мен ұйымдар: {bodies}, сақтау орындары: {places}{rest}. "
    "Жұптар: {pairs}{split}. Олар неге сүйенеді:",
)
_HANGS_OVER = Label(
    "{target} is within reach of {bodies}{asking}, by command, ownership, membership or legal power{rest}. What that "
    "hangs on:",
    "{target}: подчинение, собственность, членство или право обязать{asking}. Органов и организаций: {bodies}{rest}. "
    "На чём это держится:",
    "{target}: бағыныс, меншік, мүшелік не міндеттеу құқығы{asking}. Органдар мен ұйымдар: {bodies}{rest}. Бұл неге "
    "сүйенеді:",
)
# Where no way is confirmed or reported from end to end.
_UNSURE = Label(
    "No body{asking} is known to reach {target}{rest}: {pairs} of body and store{split}. What these hang on:",
    "{target}: ни одного пути доступа не известно{asking}{rest}. Пар: {pairs}{split}. На чём они держатся:",
    "{target}: белгілі қол жеткізу жолы жоқ{asking}{rest}. Жұптар: {pairs}{split}. Олар неге сүйенеді:",
)
_UNSURE_OVER = Label(
    "No body{asking} is known to reach {target}{rest}. What that hangs on:",
    "{target}: ни одного пути доступа не известно{asking}{rest}. На чём это держится:",
    "{target}: белгілі қол жеткізу жолы жоқ{asking}{rest}. Бұл неге сүйенеді:",
)
_SPLIT = Label(" ({parts})", " ({parts})", " ({parts})")
_PARTS = {
    "reaches": Label("{count} known", "известных: {count}", "белгілісі: {count}"),
    "claimed": Label(
        "{count} only by disputed or unproven claims", "лишь по спорным или недоказанным утверждениям: {count}",
        "тек даулы не дәлелденбеген мәлімет бойынша: {count}",
    ),
    "prospective": Label("{count} only in plans", "только в планах: {count}", "тек жоспарда: {count}"),
}  # fmt: skip
_NOBODY = Label(
    "No {way} leads{asking} to {target}; nothing hangs on anything.",
    "{target}: нет ни одного пути, {way}{asking}.",
    "{target}: {way} жол жоқ{asking}.",
)
_OF_THOSE = Label(" of those who ask ({who})", " (запрашивают: {who})", " (сұраушылар: {who})")
_MANDATORY = Label("Mandatory passages", "Обязательные звенья", "Міндетті буындар")
_MANDATORY_REMARK = Label(
    "where all ways of some body pass, of those that count", "через что проходят все учтённые пути кого-либо",
    "біреудің есепке алынған барлық жолы неден өтеді",
)  # fmt: skip
_EACH_RESTS = Label(
    "Every {ways} from each of {count} bodies to {target} rests on its own relation, … {what}: {names}.",
    "Для каждого из этих органов и организаций ({count}) на его собственной связи … {what} держатся все {ways}: "
    "{names}. Куда: {target}.",
    "Осы органдар мен ұйымдардың ({count}) әрқайсысы үшін {ways} оның өз байланысына сүйенеді: … {what}: {names}. "
    "Қайда: {target}.",
)
EACH_OF = Label("Each of {count}: … {what}", "Каждая из {count}: … {what}", "{count} байланыстың әрқайсысы: … {what}")
_LOST = Label("Pairs lost", "Сколько пар теряется", "Қанша жұп жойылады")
_LOST_REMARK = Label(
    "pairs of body and store without each, of those that count for it", "пары «орган – хранилище» без каждого звена",
    "әр буынсыз жойылатын «орган – дерекқор» жұптары",
)  # fmt: skip
_LOST_OVER = Label("Bodies lost", "Кто теряет путь", "Кім жолынан айырылады")
_LOST_OVER_REMARK = Label(
    "bodies that no longer reach it without each, of those that count for it",
    "органы и организации, чей путь прерывается без каждого звена",
    "әр буынсыз жолы үзілетін органдар мен ұйымдар",
)
_WHAT = Label("Without", "Без чего", "Ненің жоқтығында")
_KIND = Label("Kind", "Вид", "Түрі")
_PAIRS = Label("Pairs lost", "Теряется пар", "Жойылатын жұп")
_BODIES = Label("Bodies lost", "Теряют путь", "Жолынан айырылады")
_NEEDED = Label("Needed by", "Нужно для", "Кімге қажет")
_OF = Label("{lost} of {total}", "{lost} из {total}", "{total} ішінен {lost}")
_KINDS = {
    "node": Label("entity", "объект", "нысан"),
    "relation": Label("relation", "связь", "байланыс"),
}
_AND_MORE = Label(
    "{count} more are in the data (--format json or csv).",
    "Ещё {count} есть в данных (--format json или csv).",
    "Тағы {count} деректерде бар (--format json немесе csv).",
)

_CUT = Label(
    "Without {what}, no {way} leads{asking} to {target}.",
    "{target}: без этого не остаётся ни одного пути, {way}{asking}. Отозвать: {what}.",
    "{target}: мұнсыз {way} бірде-бір жол қалмайды{asking}. Кері қайтару керек: {what}.",
)
# What the note below explains.
_STILL = Label(
    "{what} {bodies} would then reach it at a place that only comes about so.",
    "{what} Но появится новое место данных, куда есть путь (органов и организаций: {bodies}).",
    "{what} Бірақ жолы бар жаңа дерек орны пайда болады (органдар мен ұйымдар: {bodies}).",
)
_NO_PATH = Label(
    "No {way} leads{asking} to {target}; there is nothing to cut.",
    "{target}: нет ни одного пути, {way}{asking}; разрезать нечего.",
    "{target}: {way} жол жоқ{asking}, кесетін ештеңе жоқ.",
)
# Of which kind of way a cut leaves none: one that does not count may well remain.
_WAY = {
    "confirmed": Label("confirmed way", "который подтверждён", "расталған"),
    "reported": Label(
        "confirmed or reported way", "который подтверждён или о котором сообщалось", "расталған не хабарланған"
    ),
    "alleged": Label("known or alleged way", "который известен или утверждается", "белгілі не мәлімделген"),
    "prospective": Label(
        "known, alleged or planned way", "который известен, утверждается или планируется",
        "белгілі, мәлімделген не жоспарланған",
    ),
}  # fmt: skip
_ASKING = Label(" from those who ask ({who})", " (запрашивают: {who})", " (сұраушылар: {who})")
_CANNOT = Label(
    "Cannot be cut: {bodies} can reach {target} by ways no step of which can be revoked.",
    "{target}: разрезать нельзя. Органов и организаций, на чьих путях нельзя отозвать ни одного шага: {bodies}.",
    "{target}: кесуге болмайды. Бірде-бір қадамын кері қайтаруға болмайтын жолы барлар: {bodies}.",
)
_FOR_THE_REST = Label(
    "For all others it takes {what}.", "Для всех остальных достаточно отозвать: {what}.",
    "Қалғандары үшін мынаны кері қайтару жеткілікті: {what}.",
)  # fmt: skip
_NO_OTHERS = Label("Nobody else reaches it.", "Больше ни у кого пути нет.", "Басқа ешкімде жол жоқ.")
_NO_OTHERS_ASK = Label(
    "Nobody else of those who ask reaches it.", "Больше ни у кого из запрашивающих пути нет.",
    "Сұраушылардан басқа ешкімде жол жоқ.",
)  # fmt: skip
_ITEMS = Label("{items} at a cost of {cost}", "{items}, цена {cost}", "{items}, құны {cost}")
_COUNTED = {
    "relations": (Label("{count}", "связей: {count}", "байланыс: {count}"), "relation", "relations"),
    "entities": (Label("{count}", "объектов: {count}", "нысан: {count}"), "entity", "entities"),
}
_REVOKE = Label("To revoke", "Что отозвать", "Нені кері қайтару керек")
_COST = Label("Cost", "Цена", "Құны")
_STATUS = Label("Status", "Статус", "Мәртебесі")
_RELATION = Label("Relation", "Связь", "Байланыс")
_ENTITY = Label("the entity {name}", "объект: {name}", "нысан: {name}")
_PROOF = Label("Proof", "Доказательство", "Дәлел")
_PROOF_REMARK = Label(
    "ways that share no relation beyond its cost; together they are worth {proved}, so nothing cheaper will do",
    "пути, не делящие ни одной связи сверх её цены; вместе они стоят {proved}, дешевле не обойтись",
    "ешқандай байланысты құнынан артық бөліспейтін жолдар; бірге құны {proved}, одан арзаны болмайды",
)
_BOUND_REMARK = Label(
    "ways that share no relation beyond its cost; together they are worth {proved}, so no cut can cost less than that",
    "пути, не делящие ни одной связи сверх её цены; вместе они стоят {proved}, меньше разрез стоить не может",
    "ешқандай байланысты құнынан артық бөліспейтін жолдар; бірге құны {proved}, кесінді одан арзан болмайды",
)
_OTHERS = Label("Other cuts of the same cost", "Другие разрезы той же цены", "Құны дәл сондай басқа кесінділер")
_HELD = Label("What cannot be cut", "Что разрезать нельзя", "Нені кесуге болмайды")


def chokepoints(answer: Answer, speech: Speech) -> list[Block]:
    """What every way must pass, and how many pairs are lost without each."""
    target = speech.data(answer.question["target"])
    if not answer.beside["pairs"]:
        nobody = speech.say(_NOBODY, target=target, **_ways(answer, speech))
        return [opening(nobody, answer, speech), *closing(answer, speech, [])]
    over = speech.is_body(answer.question["target"])
    verdicts = answer.beside["verdicts"]
    known = verdicts["reaches"]
    label = (_HANGS, _HANGS_OVER) if known["pairs"] else (_UNSURE, _UNSURE_OVER)
    headline = speech.say(
        label[over], target=target, asking=_asking(_OF_THOSE, answer, speech),
        bodies=counted(speech, known["bodies"], "body", "bodies"),
        places=counted(speech, known["stores"], "place", "places"),
        rest=more_of({verdict: figures["bodies"] for verdict, figures in verdicts.items()}, speech),
        pairs=counted(speech, answer.beside["pairs"], "pair", "pairs"),
        split=_split({verdict: figures["pairs"] for verdict, figures in verdicts.items()}, speech),
    )  # fmt: skip
    blocks: list[Block] = [opening(headline, answer, speech)]
    rows = list(answer.rows)
    if needed := [row for row in rows if row["mandatory_for"]]:
        groups = sorted(
            alike(needed, speech, _hanging), key=lambda group: -sum(len(row["mandatory_for"]) for row in group)
        )
        shown = groups[:PASSAGES_SHOWN]
        blocks.append(Heading(Span(_MANDATORY.of(speech.lang), "heading"), _MANDATORY_REMARK.of(speech.lang)))
        blocks.append(Bullets([[Span(_passage(group, answer, speech))] for group in shown]))
        blocks += _rest(len(needed) - sum(map(len, shown)), speech)
    if rows:
        lines = alike(rows, speech, _hanging)[:LOSSES_SHOWN]
        title, remark = (_LOST_OVER, _LOST_OVER_REMARK) if over else (_LOST, _LOST_REMARK)
        blocks.append(Heading(Span(title.of(speech.lang), "heading"), remark.of(speech.lang)))
        blocks.append(_losses(lines, _BODIES if over else _PAIRS, speech))
        blocks += _rest(len(rows) - sum(map(len, lines)), speech)
    return [*blocks, *closing(answer, speech, [])]


def _split(pairs: Mapping[str, int], speech: Speech) -> str:
    """Of how many pairs each verdict is, unless all are known."""
    if not pairs["claimed"] and not pairs["prospective"]:
        return ""
    parts = [speech.say(_PARTS[verdict], count=count) for verdict, count in pairs.items() if count]
    return speech.say(_SPLIT, parts=", ".join(parts))


def alike(rows: Sequence[Row], speech: Speech, hangs: Callable[[Row, str], object]) -> list[list[Row]]:
    """Rows of one line: relations that say the same of several subjects, where the same ``hangs`` on each.

    So are told the members of a class, of whom each has its own relation to it and needs it alone. What hangs on a row
    is told with the row's subject; of ``None`` there is no other.
    """
    table = speech.dataset.relations if speech.dataset is not None and not speech.unfold else None
    groups: dict[object, list[Row]] = {}
    for row in rows:
        key: object = row["kind"], row["id"]
        if table is not None and row["kind"] == "relation" and row["id"] in table.index:
            cells = table.row(table.index[row["id"]])
            if (found := hangs(row, cells["subject"])) is not None:
                key = cells["predicate"], cells["object"], found
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _hanging(row: Row, subject: str) -> object:
    needed = row["mandatory_for"]
    return (row["pairs_lost"], row["margin"], bool(needed)) if needed in ([], [subject]) else None


def _passage(group: Sequence[Row], answer: Answer, speech: Speech) -> str:
    if len(group) == 1:
        return str(group[0]["sentence"].text(speech.lang))
    bodies = [speech.name(row["mandatory_for"][0]) for row in group]
    ways = ways_of(answer.question["certainty"], answer.question["level"])[speech.lang]
    told = {"ways": ways, "target": speech.data(answer.question["target"]), "what": shared(group, speech)}
    return speech.say(_EACH_RESTS, **told, count=len(group), names=listed(bodies, BODIES_NAMED))


def shared(group: Sequence[Row], speech: Speech) -> str:
    """What relations say alike: the predicate and the object."""
    if speech.dataset is None:
        return ""
    relations = speech.dataset.relations
    cells = relations.row(relations.index[group[0]["id"]])
    target = quoted(name_of(speech.dataset, cells["object"]))[speech.lang]
    return " ".join((speech.predicate(cells["predicate"]), *(["–"] if speech.lang != "en" else []), target))


def _losses(lines: Sequence[Sequence[Row]], lost: Label, speech: Speech) -> Grid:
    columns = [
        Column(_WHAT.of(speech.lang), flexible=True),
        Column(_KIND.of(speech.lang), rank=2),
        Column(lost.of(speech.lang), right=True),
        Column(_NEEDED.of(speech.lang), right=True, rank=1),
    ]
    return Grid(columns, [
        GridRow([
            Span(_without(group, speech)),
            Span(_KINDS[row["kind"]].of(speech.lang), "faint"),
            Span(speech.say(_OF, lost=_figure(row), total=row["pairs_total"])),
            Span(str(len(row["mandatory_for"]) or "–")),
        ])
        for group in lines for row in group[:1]
    ])  # fmt: skip


def _without(group: Sequence[Row], speech: Speech) -> str:
    row = group[0]
    if len(group) > 1:
        return speech.say(EACH_OF, count=len(group), what=shared(group, speech))
    return speech.name(row["id"]) if row["kind"] == "node" else _phrase(row["id"], speech)


def _figure(row: Row) -> str:
    return f"{row['pairs_lost']} ± {row['margin']}" if row["margin"] else str(row["pairs_lost"])


def _phrase(relation: str, speech: Speech) -> str:
    """A relation in words; its id where no dataset knows it."""
    return speech.relation(relation)


def _rest(count: int, speech: Speech) -> Iterator[Block]:
    if count > 0:
        yield Paragraph([Span(speech.say(_AND_MORE, count=count), "faint")])


def cut(answer: Answer, speech: Speech) -> list[Block]:
    """What to revoke, why nothing cheaper will do, and what cannot be cut."""
    blocks: list[Block] = [opening(_headline(answer, speech), answer, speech)]
    if answer.rows:
        blocks.append(Heading(Span(_REVOKE.of(speech.lang), "heading")))
        blocks.append(_revoked(answer, speech))
    if paths := answer.beside["disjoint_paths"]:
        proved = answer.beside["proved"]
        remark = speech.say(_PROOF_REMARK if proved == answer.beside["cost"] else _BOUND_REMARK, proved=proved)
        blocks.append(Heading(Span(_PROOF.of(speech.lang), "heading"), remark))
        blocks += [Entry(number, *_way(path, speech)) for number, path in enumerate(paths[:PATHS_SHOWN], 1)]
        blocks += _rest(len(paths) - PATHS_SHOWN, speech)
    if others := answer.beside["alternatives"]:
        blocks.append(Heading(Span(_OTHERS.of(speech.lang), "heading")))
        blocks.append(Bullets([[Span("; ".join(_items(other, speech)))] for other in others]))
    if held := answer.beside["uncuttable"]:
        blocks.append(Heading(Span(_HELD.of(speech.lang), "heading"), str(len(held))))
        blocks += [Entry(number, *_way(path, speech)) for number, path in enumerate(held[:PATHS_SHOWN], 1)]
        blocks += _rest(len(held) - PATHS_SHOWN, speech)
    return [*blocks, *closing(answer, speech, [])]


def _ways(answer: Answer, speech: Speech) -> dict[str, str]:
    """Of which ways, and whose, a sentence speaks."""
    way = _WAY[answer.question["certainty"]].of(speech.lang)
    return {"way": way, "asking": _asking(_ASKING, answer, speech)}


def _asking(label: Label, answer: Answer, speech: Speech) -> str:
    who = answer.question.get("from") or []
    return speech.say(label, who=listed(list(map(speech.name, who)))) if who else ""


def _headline(answer: Answer, speech: Speech) -> str:
    told, still = _verdict(answer, speech), len(answer.beside["still_reach"])
    return speech.say(_STILL, what=told, bodies=counted(speech, still, "body", "bodies")) if still else told


def _verdict(answer: Answer, speech: Speech) -> str:
    beside, target = answer.beside, speech.data(answer.question["target"])
    ways = _ways(answer, speech)
    if beside["verdict"] == "no path":
        return speech.say(_NO_PATH, target=target, **ways)
    items = [
        speech.say(label, count=counted(speech, len(beside[name]), *forms))
        for name, (label, *forms) in _COUNTED.items()
        if beside[name]
    ]
    what = speech.say(_ITEMS, items=" + ".join(items), cost=beside["cost"]) if items else ""
    if beside["verdict"] == "cut":
        return speech.say(_CUT, target=target, what=what, **ways)
    bodies = counted(speech, len(beside["uncuttable"]), "body", "bodies")
    rest = (
        speech.say(_FOR_THE_REST, what=what)
        if items
        else (_NO_OTHERS_ASK if ways["asking"] else _NO_OTHERS).of(speech.lang)
    )
    return f"{speech.say(_CANNOT, target=target, bodies=bodies)} {rest}"


def _revoked(answer: Answer, speech: Speech) -> Grid:
    columns = [
        Column(_RELATION.of(speech.lang), flexible=True),
        Column(_COST.of(speech.lang), right=True),
        Column(_STATUS.of(speech.lang), rank=1),
    ]
    return Grid(columns, [
        GridRow([Span(_item(row["id"], speech)), Span(str(row["cost"])),
                 Span(speech.term(row["status"]) if row["status"] else "–")])
        for row in answer.rows
    ])  # fmt: skip


def _items(names: Row, speech: Speech) -> list[str]:
    return [_item(name, speech) for name in (*names["relations"], *names["entities"])]


def _item(name: str, speech: Speech) -> str:
    if speech.dataset is not None and name in speech.dataset.entities.index:
        return speech.say(_ENTITY, name=speech.name(name))
    return _phrase(name, speech)


def _way(path: Row, speech: Speech) -> tuple[Line, list[Line]]:
    ends = [Span(f"{speech.name(path['body'])} → {speech.name(path['store'])}", "heading")]
    if "amount" in path:
        ends.append(Span(f"  {path['amount']}", "faint"))
    return ends, [[Span(_phrase(relation, speech))] for relation in path["path"]]

"""Exposure in sentences to quote: what rests on whom, on which list, with which effect, since when, how certainly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from graphs.access import BODY, AccessGraph
from graphs.answers import Note, listed
from graphs.exposed import Exposure, Search, Wanted
from graphs.reachability import BROADER
from graphs.vendors import FOUND_IN_PLACE
from stakeholders.intervals import ASSUMED
from stakeholders.listings import listing_sentence, listings
from stakeholders.regimes import regimes_of
from stakeholders.stakes import stakes_in_force
from stakeholders.vocabulary import CERTAINTIES, CERTAINTY_LABELS, LANGUAGES, Label

_TWO_STOPS = re.compile(r"(?<!\.)\.\.(?=\s|$)")

_RESTS = Label(
    "{entity} rests on {vendor}{certainty}. {listing}.", "{entity} опирается на {vendor}{certainty}. {listing}.",
    "{entity}: {vendor} ұйымына сүйенеді{certainty}. {listing}.",
)  # fmt: skip
_IS = Label("{listing}.", "{listing}.", "{listing}.")
_OWNED = Label(
    "{vendor} is owned {share} by listed entities, {owner} among them{certainty}: {rule}.",
    "{vendor} принадлежит лицам из перечня на {share}, в их числе {owner}{certainty}: {rule}.",
    "{vendor} {share} тізімдегі тұлғаларға тиесілі, олардың бірі {owner}{certainty}: {rule}.",
)
_AFFILIATED = Label(
    "{vendor} counts as a subsidiary or affiliate of a listed entity, {owner}{certainty}: {rule}.",
    "{vendor} считается дочерней или аффилированной компанией лица из перечня, {owner}{certainty}: {rule}.",
    "{vendor} тізімдегі тұлғаның ({owner}) еншілес не үлестес компаниясы деп есептеледі{certainty}: {rule}.",
)
_OPEN = Label(
    "Whether {vendor} counts as owned by listed entities is undetermined: "
    "{share}, {owner} among them{certainty}: {rule}.",
    "Считается ли {vendor} принадлежащей лицам из перечня, не определено: "
    "{share}, в их числе {owner}{certainty}: {rule}.",
    "{vendor} тізімдегі тұлғаларға тиесілі деп есептеле ме, анықталмаған: "
    "{share}, олардың бірі {owner}{certainty}: {rule}.",
)
_REASON = Label("{sentence} The reason: {reason}.", "{sentence} Причина: {reason}.", "{sentence} Себебі: {reason}.")
_SINCE = Label("Exposed since {since}.", "Так обстоит с {since}.", "{since} бастап осылай.")
_OPEN_SINCE = Label("The question stands since {since}.", "Вопрос стоит с {since}.", "Сұрақ {since} бастап ашық.")
_WEAKER = Label(
    "Only a partnership links {entity} with {vendor}{certainty}; that shows no supply. {listing}.",
    "{entity} и {vendor} связывает только партнёрство{certainty}, оно не доказывает поставки. {listing}.",
    "{entity} мен {vendor} арасында тек серіктестік бар{certainty}, ол жеткізуді дәлелдемейді. {listing}.",
)
_NOT_LISTED = Label(
    "No listing in this dataset ({dataset}): {names}. That says nothing of lists that it does not cover.",
    "В этом наборе данных ({dataset}) нет записи о включении в перечни: {names}. "
    "О не охваченных им перечнях это ничего не говорит.",
    "Бұл деректер жиынында ({dataset}) тізімге енгізу туралы жазба жоқ: {names}. "
    "Ол қамтымаған тізімдер туралы бұл ештеңе айтпайды.",
)
_OTHER_LISTS = Label(
    "Not on the lists asked for, but on others: {names}.", "Нет в запрошенных перечнях, но есть в других: {names}.",
    "Сұралған тізімдерде жоқ, бірақ басқаларында бар: {names}.",
)  # fmt: skip
_BELOW = Label(
    "Listed, but no ownership rule reaches from them to here: {names}.",
    "В перечнях, но ни одно правило владения от них сюда не ведёт: {names}.",
    "Тізімде, бірақ бірде-бір иелік ережесі олардан мұнда жеткізбейді: {names}.",
)
_NOT_THAT_DAY = Label(
    "No listing in force that day, though on others: {names}.",
    "На этот день нет действующей записи в перечнях, хотя в другие дни она есть: {names}.",
    "Бұл күні күшіндегі тізім жазбасы жоқ, басқа күндері бар: {names}.",
)
_NOT_YET_KNOWN = Label(
    "Listed in this dataset ({dataset}), but by no source known on the day asked about: {names}.",
    "Запись в этом наборе данных ({dataset}) есть, но источники, известные на запрошенный день, её не дают: {names}.",
    "Бұл деректер жиынында ({dataset}) жазба бар, бірақ сұралған күні белгілі дереккөздерде болмаған: {names}.",
)
_ASSUMED = Label(
    "Supply without a date of its own is taken to have been in place on every day before its sources; rows: {count}.",
    "Поставка без собственной даты считается существовавшей и до её источников: строк {count}.",
    "Өз күні жоқ жеткізу дереккөздерінен бұрын да болған деп есептеледі: {count} жол.",
)
_BY_PARTNERSHIP = Label(
    "Linked by a partnership alone, which is weaker and stands apart: {count}.",
    "Связаны только партнёрством, это слабее и приводится отдельно: {count}.",
    "Тек серіктестікпен байланысты, бұл әлсізірек және бөлек келтіріледі: {count}.",
)
_UNSURE = Label("Undetermined: {reason} (rows: {count}).", "Не определено: {reason} (строк: {count}).",
                "Анықталмаған: {reason} ({count} жол).")  # fmt: skip
_JOINT = Label(
    "Under {rule} these would count if their listed owners acted jointly, which no record says: {names}.",
    "По правилу «{rule}» эти компании подпадали бы, если бы владельцы из перечня действовали совместно, "
    "чего источники не сообщают: {names}.",
    "«{rule}» бойынша, тізімдегі иелері бірлесіп әрекет етсе, бұлар да жатар еді, "
    "ал дереккөздер ондайды айтпайды: {names}.",
)


def _certain(certainty: int, lang: str) -> str:
    """How certain a link is, where it is not confirmed."""
    return f" ({CERTAINTY_LABELS[CERTAINTIES[certainty]].of(lang)})" if certainty < len(CERTAINTIES) - 1 else ""


def _share(share: tuple[float, float]) -> str:
    low, high = (f"{end:.4f}".rstrip("0").rstrip(".") for end in share)
    return f"{low} %" if low == high else f"{low}–{high} %"


def sentence_of(graph: AccessGraph, each: Exposure, lang: str) -> str:
    """An exposure as a sentence, or two where the vendor is owned rather than listed."""
    dataset = graph.dataset
    told = listing_sentence(dataset, each.listing, lang)
    entity, vendor = (dataset.name_of(name, lang) for name in (each.row["entity"], each.vendor))
    template = _IS if each.route is None else _WEAKER if each.weaker else _RESTS
    supplied = each.route.certainty if each.route is not None else len(CERTAINTIES) - 1
    parts = [template.of(lang).format(entity=entity, vendor=vendor, listing=told, certainty=_certain(supplied, lang))]
    if each.verdict is not None:
        template = _AFFILIATED if each.affiliated else _OWNED if each.row["rule"] == "owned" else _OPEN
        owned = template.of(lang).format(
            vendor=vendor,
            share=_share(each.verdict.share),
            owner=dataset.name_of(each.listing.entity, lang),
            rule=regimes_of(dataset).rules[each.listing.program.ownership].name.of(lang),
            certainty=_certain(each.verdict.certainty, lang),
        )
        if each.verdict.reason is not None:
            owned = _REASON.of(lang).format(sentence=owned, reason=each.verdict.reason.of(lang))
        parts.append(owned)
    since = each.row["since"]
    if since and since != each.listing.since and not each.weaker:
        template = _OPEN_SINCE if each.row["rule"] == "undetermined" else _SINCE
        parts.append(template.of(lang).format(since=since))
    # A name that ends in a full stop, such as "Co., Ltd.", ends the sentence with it.
    return " ".join(_TWO_STOPS.sub(".", part) for part in parts)


def notes_of(
    search: Search,
    wanted: Wanted,
    found: Sequence[Exposure],
    weaker: Sequence[Exposure],
    uncounted: Sequence[Exposure] = (),
) -> Iterator[Note]:
    """What a reader of an answer must know: who is not listed, what is assumed, weaker or undetermined.

    ``uncounted`` are exposures that were not asked about: of them no row tells, nor is anything denied.
    """
    dataset = search.graph.dataset
    yield from _unlisted(search, wanted, [*found, *weaker, *uncounted])
    assumed = sum(_in_place(search.graph, each) for each in found)
    if assumed:
        yield Note(_ASSUMED, {"count": assumed})
    if weaker:
        yield Note(_BY_PARTNERSHIP, {"count": len(weaker)})
    reasons: dict[Label, int] = {}
    for each in found:
        if each.verdict is not None and each.verdict.reason is not None:
            reasons[each.verdict.reason] = reasons.get(each.verdict.reason, 0) + 1
    for reason, count in reasons.items():
        yield Note(_UNSURE, {"reason": _each_language(reason), "count": count})
    for key, verdicts in search.verdicts.items():
        joint = [company for company, verdict in verdicts.items() if verdict.if_joint]
        if joint:
            names = {
                lang: listed([dataset.name_of(one, lang) for one in joint], most=99).removesuffix(".")
                for lang in LANGUAGES
            }
            yield Note(_JOINT, {"rule": _each_language(search.regimes.rules[key].name), "names": names})


def broader_places(graph: AccessGraph, wanted: Wanted, exposed: Sequence[Exposure]) -> Iterator[Note]:
    """Exposed systems and stores that say only something broader than the category asked for, which no row tells of."""
    for broad in graph.categories.wider(wanted.code) if wanted.code else ():
        places = {
            each.row["entity"]
            for each in exposed
            if broad in each.row["categories"] and not wanted.has(each)
            and graph.types[graph.position[each.row["entity"]]] != BODY
        }  # fmt: skip
        if places:
            yield Note(BROADER, {"places": listed(sorted(places)), "category": broad, "asked": wanted.code})


def _in_place(graph: AccessGraph, each: Exposure) -> bool:
    """Whether a row rests on supply that is taken to have been in place before its sources."""
    words, predicates = graph.intervals.word, graph.dataset.relations.column("predicate")
    rows = each.route.relations if each.route is not None else ()
    return any(words[row] == ASSUMED and predicates[row] in FOUND_IN_PLACE for row in rows)


def _unlisted(search: Search, wanted: Wanted, found: Sequence[Exposure]) -> Iterator[Note]:
    """Of a single target: who stands behind it, or owns those who do, without a listing that was asked for."""
    if wanted.node is None:
        return
    graph, vendors = search.graph, search.vendors
    dataset, node = graph.dataset, graph.position[wanted.node]
    behind = {node} if graph.types[node] == BODY else set()
    for body in {source for system in vendors.systems for source in vendors.behind(system)}:
        if node in vendors.routes(body) and not vendors.routes(body)[node].weaker:
            behind.add(body)
    stakes = stakes_in_force(
        dataset,
        search.scope.as_of,
        known_by=search.known_by,
        certainty=CERTAINTIES[search.scope.certainty],
        evidence_since=search.scope.evidence_since,
    )
    names_behind = {graph.ids[body] for body in behind}
    names_behind |= {owner for body in names_behind for owner in stakes.owners_of(body)}
    shown = {name for each in found for name in (each.vendor, each.listing.entity)}
    ever = {each.entity for each in listings(dataset)}
    known = {each.entity for each in listings(dataset, known_by=search.known_by)}
    now = {each.entity for each in listings(dataset, as_of=search.scope.as_of, known_by=search.known_by)}
    asked = {each.entity for each in search.listings}
    rest = sorted(names_behind - shown)
    for template, ids in (
        (_NOT_LISTED, [one for one in rest if one not in ever]),
        (_NOT_YET_KNOWN, [one for one in rest if one in ever and one not in known]),
        (_BELOW, [one for one in rest if one in asked]),
        (_OTHER_LISTS, [one for one in rest if one in now and one not in asked]),
        (_NOT_THAT_DAY, [one for one in rest if one in known and one not in now]),
    ):
        if ids:
            names = {
                lang: listed([dataset.name_of(one, lang) for one in ids], most=99).removesuffix(".")
                for lang in LANGUAGES
            }
            yield Note(template, {"names": names, "dataset": dataset.name})


def _each_language(label: Label) -> Mapping[str, str]:
    return {lang: label.of(lang) for lang in LANGUAGES}

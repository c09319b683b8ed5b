"""Reports of what changed: one paragraph, then each story with its cause, then the rows."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from graphs.answers import Answer, Row
from graphs.changes import Difference
from graphs.histories import History
from graphs.reports.blocks import Block, Bullets, Column, Entry, Grid, GridRow, Heading, Line, Paragraph, Span
from graphs.reports.causes import AND, HAPPENED, cause_sentence, causes_of, listed_names, moved_cells, strength_words
from graphs.reports.digests import paragraph
from graphs.reports.markdown import markdown
from graphs.reports.reach import opening
from graphs.reports.speech import Speech
from graphs.stories import MOVED, Party, Reached, Story, stories, width_of
from stakeholders.dataset import Dataset
from stakeholders.vocabulary import LEVELS, Label

COMMENT = 60_000  # letters that a report may have; a comment on GitHub takes 65,536


class Limits(NamedTuple):
    """How much of each kind is told; what is beyond is counted.

    ``stories`` are told in full, the weightiest; ``lines`` more have a line each; ``rows`` are rows of a table,
    ``letters`` those of a cell.
    """

    stories: int = 15
    lines: int = 150
    rows: int = 12
    chokepoints: int = 12
    letters: int = 400

    def fewer(self) -> Limits:
        """Half of everything."""
        return Limits(*(max(limit // 2, 1) for limit in self))


EVERYTHING: Final = Limits(*[sys.maxsize] * 5)

_KINDS: Final = {
    "gained": (
        Label("Gained reach", "Доступ появился", "Қолжетімділік пайда болды"),
        Label("every step confirmed or reported", "каждый шаг подтверждён или о нём сообщалось",
              "әр қадамы расталған не хабарланған"),
    ),
    "lost": (
        Label("Lost reach", "Доступ прекратился", "Қолжетімділік тоқтады"),
        Label("what was confirmed or reported before", "был подтверждён или о нём сообщалось",
              "бұрын расталған не хабарланған"),
    ),
    "stronger": (Label("Stronger", "Доступ усилился", "Қолжетімділік күшейді"), Label("a higher level", "уровень выше",
                 "деңгейі жоғарылады")),
    "weaker": (Label("Weaker", "Доступ ослаб", "Қолжетімділік әлсіреді"), Label("a lower level", "уровень ниже",
               "деңгейі төмендеді")),
    "more certain": (Label("More certain", "Сведения надёжнее", "Мәлімет сенімдірек"),
                     Label("the same level, better evidence", "уровень тот же, подтверждение лучше",
                           "деңгейі сол күйі, дәлелі жақсырақ")),
    "less certain": (Label("Less certain", "Сведения слабее", "Мәлімет әлсіздеу"),
                     Label("the best way is less certain now", "лучший путь теперь менее достоверен",
                           "ең жақсы жол енді сенімсіздеу")),
    "newly claimed": (
        Label("Newly claimed", "Впервые утверждается", "Алғаш рет мәлімделді"),
        Label("alleged or contested, not established", "утверждается или спорно, не установлено",
              "мәлімделген не даулы, анықталмаған"),
    ),
    "no longer claimed": (Label("No longer claimed", "Больше не утверждается", "Енді мәлімделмейді"),
                          Label("alleged or contested before", "раньше утверждалось или было спорно",
                                "бұрын мәлімделген не даулы болған")),
    "newly prospective": (Label("Newly planned", "Новое в планах", "Жоспарда жаңа"),
                          Label("some step is only planned or under review", "какой-то шаг лишь в планах",
                                "бір қадамы тек жоспарда")),
    "no longer prospective": (Label("No longer planned", "Больше не в планах", "Енді жоспарда жоқ"),
                              Label("planned before, neither done nor planned now",
                                    "было в планах, теперь ни плана, ни доступа",
                                    "бұрын жоспарда болған, енді жоқ")),
    MOVED: (
        Label("Where the data are became known, or unknown", "Стало или перестало быть известно, где данные",
              "Деректің қайда екені белгілі болды не белгісіз болып қалды"),
        Label("counted at their store now, not at the system; nobody lost or gained by it",
              "теперь учитываются по хранилищу, а не по системе; доступ от этого не изменился",
              "енді жүйе емес, дерекқор бойынша есептеледі; қолжетімділік бұдан өзгерген жоқ"),
    ),
}  # fmt: skip
_STYLES: Final = {"gained": "reaches", "newly claimed": "claimed", "newly prospective": "prospective"}
_OR: Final = Label("or else: {causes}", "или же: {causes}", "немесе: {causes}")
_OR_FOR: Final = Label("or else, for {names}: {causes}", "или же ({names}): {causes}", "немесе ({names}): {causes}")
_MEMBERS: Final = Label("and its members ({count}; {levels}): {names}", "и входящие сюда ({count}; {levels}): {names}",
                        "және құрамындағылар ({count}; {levels}): {names}")  # fmt: skip
_ABOVE: Final = Label("and above it ({levels}): {names}", "и вышестоящие ({levels}): {names}",
                      "және жоғары тұрғандар ({levels}): {names}")  # fmt: skip
_WITH: Final = Label("with {causes}: ", "вместе с «{causes}»: ", "«{causes}» арқылы: ")
_SHORT: Final = Label(
    "In short, {count} more of weaker levels or with fewer bodies (--unfold tells them in full):",
    "Коротко ещё {count}: уровень слабее или органов меньше (полностью: --unfold):",
    "Қысқаша тағы {count}: деңгейі әлсіздеу не органы аздау (толығымен: --unfold):",
)
_BESIDES: Final = Label("and {count} more", "и ещё {count}", "және тағы {count}")
_FOLDED: Final = Label(
    "{count} more; --unfold tells all.", "Ещё {count}; все: --unfold.", "Тағы {count}; барлығы: --unfold."
)
_BASIS: Final = Label("ends: {text}", "истекает: {text}", "аяқталады: {text}")
_CHOKEPOINTS: Final = Label("Chokepoints that moved", "Узловые точки: что изменилось", "Түйінді нүктелер: не өзгерді")
_PAIRS: Final = Label(
    "pairs of body and store that are lost without it", "пары «орган – хранилище», которые без неё теряются",
    "онсыз жоғалатын «орган – дерекқор» жұптары",
)  # fmt: skip
_BEFORE: Final = Label("Before", "Раньше", "Бұрын")
_AFTER: Final = Label("After", "Теперь", "Енді")
_OF: Final = Label("{count} of {pairs}", "{count} из {pairs}", "{pairs} ішінен {count}")
_SMALLER: Final = Label(
    "{count} more moved; --unfold lists all.", "Ещё сдвинулось: {count}; все: --unfold.",
    "Тағы {count} өзгерді; барлығы: --unfold.",
)  # fmt: skip
_EXPOSURE: Final = Label(
    "Exposure to listed vendors that moved", "Зависимость от поставщиков из списков: что изменилось",
    "Тізімдегі жеткізушілерге тәуелділік: не өзгерді",
)  # fmt: skip
_EXPOSED: Final = {
    "newly exposed": Label("new", "новое", "жаңа"),
    "no longer exposed": Label("no longer", "больше нет", "енді жоқ"),
    "by another rule": Label("by another rule", "по другому правилу", "басқа ереже бойынша"),
}
_ROWS: Final = Label("What changed in the data", "Что изменилось в данных", "Деректерде не өзгерді")
_IN_FORCE: Final = Label("What came into force and what ended", "Что вступило в силу и что закончилось",
                         "Не күшіне енді, не аяқталды")  # fmt: skip
_COUNTS: Final = Label(
    "{table}: added {added}, removed {removed}, changed {changed}",
    "{table}: добавлено {added}, удалено {removed}, изменено {changed}",
    "{table}: қосылды {added}, алынды {removed}, өзгерді {changed}",
)
_BEGAN: Final = Label(
    "{table}: {added} in force only then, {removed} only before (--unfold lists them)",
    "{table}: действует лишь позже – {added}, лишь раньше – {removed} (список: --unfold)",
    "{table}: тек кейін күшінде – {added}, тек бұрын – {removed} (тізімі: --unfold)",
)
_HIDDEN: Final = Label(
    "{count} more; --unfold lists all, --format json gives every cell.",
    "Ещё {count}; все строки: --unfold, все ячейки: --format json.",
    "Тағы {count}; барлық жолдар: --unfold, барлық ұяшықтар: --format json.",
)
_FILE: Final = Label("the file as a whole: {what}", "файл в целом: {what}", "файл тұтас: {what}")


def diff(answer: Answer, speech: Speech) -> list[Block]:
    """What changed: the paragraph, who gained first, then the rows."""
    if not isinstance(answer, Difference) or answer.union is None:
        raise TypeError("a report of a difference needs the difference")
    speech = replace(speech, dataset=answer.union)
    told = stories(answer.rows, answer.union, answer.causes)
    limits = EVERYTHING if speech.unfold else Limits()
    blocks = list(_report(answer, told, limits, speech))
    while not speech.unfold and max(limits) > 1 and len(markdown(blocks)) > COMMENT:
        limits = limits.fewer()
        blocks = list(_report(answer, told, limits, speech))
    return blocks


def _report(answer: Difference, told: Sequence[Story], limits: Limits, speech: Speech) -> Iterator[Block]:
    yield opening(paragraph(answer, speech.lang), answer, speech)
    number = 0
    for change in _KINDS:
        found = [story for story in told if story.change == change]
        if found:
            yield heading_of(change, speech)
        full = _weightiest(found, limits.stories, answer.union) if answer.union else found
        for story in full:
            number += 1
            yield entry_of(number, story, answer, speech)
        if len(full) < len(found):
            yield from _in_short([story for story in found if story not in full], limits.lines, answer, speech)
    yield from _chokepoints(answer, limits.chokepoints, speech)
    yield from _exposure(answer, limits.lines, speech)
    yield from _rows(answer, limits, speech)
    if answer.notes:
        yield Bullets([[Span(note.text(speech.lang))] for note in answer.notes])


def entry_of(number: int, story: Story, answer: Difference | History, speech: Speech) -> Entry:
    """A story in full: its causes, then everybody who gained or lost."""
    first, *others = causes_of(story, answer.causes, speech)
    lead = [Span(first, "heading"), Span(f"  {_references(story)}", "faint")]
    lines: list[Line] = [[Span(f"{speech.say(AND)} {cause}", "heading")] for cause in others]
    bases = dict.fromkeys(answer.causes[name].get("legal_basis") for name in story.because[0])
    lines += [[Span(speech.say(_BASIS, text=basis), "faint")] for basis in bases if basis]
    lines += [line for party in _alike(story) for line in _party(party, story, answer, speech)]
    return Entry(number, lead, lines)


def heading_of(change: str, speech: Speech) -> Heading:
    """The heading of a kind of change."""
    title, remark = _KINDS[change]
    return Heading(Span(title.of(speech.lang), _STYLES.get(change, "heading")), remark.of(speech.lang))


def _weightiest(found: Sequence[Story], most: int, union: Dataset) -> Sequence[Story]:
    """The stories to tell where there are too many, in the order they came in."""
    heaviest = sorted(range(len(found)), key=lambda place: (-_weight(found[place], union), place))[:most]
    return [found[place] for place in sorted(heaviest)]


def _weight(story: Story, union: Dataset) -> float:
    """How much a story says: the level, data that the GDPR calls special, how many bodies."""
    special = any(
        union.tree.special(code) for party in story.parties for one in party.reached for code in one.categories
    )
    return 2 * story.strongest[1] + 3 * special + min(width_of(story)[0], 10) / 2


def _in_short(found: Sequence[Story], most: int, answer: Difference, speech: Speech) -> Iterator[Block]:
    """Stories of less weight, a line each."""
    yield Paragraph([Span(speech.say(_SHORT, count=len(found)), "faint")])
    columns = [
        Column(speech.column("since")),
        Column(speech.column("body"), flexible=True),
        Column(speech.column("store"), flexible=True),
        Column(speech.column("level"), flexible=True),
    ]
    rows = []
    for story in found[:most]:
        party, one = story.parties[0], story.parties[0].reached[0]
        others = [name for each in story.parties for name in (each.body, *each.members, *each.above)][1:]
        besides = [""] + [f" {speech.say(_BESIDES, count=number)}" for number in (len(others), len(party.reached) - 1)]
        rows.append(GridRow([
            Span(max((answer.causes[name]["date"] or "" for name in story.because[0]), default="") or "–"),
            Span(speech.name(party.body) + besides[1 if others else 0]),
            Span(speech.name(one.stores[0]) + besides[2 if len(party.reached) > 1 else 0]),
            Span(*strength_words(one.before, one.after, speech)),
        ]))  # fmt: skip
    yield Grid(columns, rows)
    if len(found) > most:
        yield Paragraph([Span(speech.say(_FOLDED, count=len(found) - most), "faint")])


def _references(story: Story) -> str:
    """Ids of the causes, for looking them up; of several sets the first, and how many more there are."""
    more = f" (+ {len(story.because) - 1})" if len(story.because) > 1 else ""
    return ", ".join(story.because[0]) + more


def _alike(story: Story) -> Sequence[Party]:
    """The parties to tell; of many who did the same the first stands for all, since the cause names them."""
    return story.parties[:1] if len(story.because) > 1 else story.parties


def _party(party: Party, story: Story, answer: Difference | History, speech: Speech) -> Iterator[Line]:
    for place, one in enumerate(party.reached):
        ends = _ends(one.given or story.because[0], answer)
        lead = "" if place or party.body in ends else f"{speech.name(party.body)}: "
        if one.given:
            causes = "; ".join(cause_sentence(cause, answer.causes[cause], speech) for cause in one.given)
            lead = speech.say(_WITH, causes=causes)
        yield [Span(lead), *_reached(one, speech, ends)]
    if party.members:
        values = {"names": _names(party.members, speech), "levels": _levels(party.members, party, speech)}
        yield [Span(speech.say(_MEMBERS, count=len(party.members), **values))]
    if party.above:
        levels = _levels(party.above, party, speech)
        yield [Span(speech.say(_ABOVE, names=_names(party.above, speech), levels=levels))]
    for instead, categories in party.alternatives:
        sentences = [cause_sentence(cause, answer.causes[cause], speech) for cause in instead]
        said = f"; {speech.say(AND)} ".join(sentences)
        label = speech.say(_OR_FOR, causes=said, names=speech.names(list(categories))) if categories else speech.say(
            _OR, causes=said)  # fmt: skip
        yield [Span(label, "faint")]


def _ends(causes: Sequence[str], answer: Difference | History) -> set[str]:
    """What a single cause joins, and its sentence therefore names."""
    if len(causes) != 1 or answer.union is None or causes[0] not in answer.union.relations.index:
        return set()
    cells = answer.union.relations.row(answer.union.relations.index[causes[0]])
    return {cells["subject"], cells["object"]}


def _levels(bodies: Sequence[str], party: Party, speech: Speech) -> str:
    """The levels at which bodies reach, strongest first."""
    found = {level for body in bodies for level in party.levels.get(body, ())}
    return ", ".join(speech.term(level) for level in reversed(LEVELS) if level in found)


def _names(bodies: Sequence[str], speech: Speech) -> str:
    return listed_names([speech.name(body) for body in bodies], speech)


def _reached(one: Reached, speech: Speech, named: Collection[str]) -> Line:
    categories = speech.names(list(one.categories))
    if set(one.stores) <= set(named) and categories:
        what = categories
    else:
        stores = listed_names([speech.name(store) for store in one.stores], speech)
        what = f"{stores} ({categories})" if categories else stores
    strength, style = strength_words(one.before, one.after, speech)
    return [Span(f"{what} – "), Span(strength, style)]


# ------------------------------------------------------------------------------------------------------------- the rows


def _chokepoints(answer: Difference, most: int, speech: Speech) -> Iterator[Block]:
    moved = [row for row in answer.beside.get("chokepoints", ()) if row["kind"] == "node" or speech.unfold]
    if not moved:
        return
    yield Heading(Span(speech.say(_CHOKEPOINTS), "heading"), speech.say(_PAIRS))
    columns = [Column(speech.column("name"), flexible=True), Column(speech.column("categories"), flexible=True),
               Column(_BEFORE.of(speech.lang), right=True), Column(_AFTER.of(speech.lang), right=True)]  # fmt: skip
    rows = []
    for row in moved[:most]:
        sides = [speech.say(_OF, count=row[f"lost_{side}"], pairs=row[f"pairs_{side}"]) for side in ("before", "after")]
        rows.append(GridRow([Span(speech.name(row["id"])), Span(speech.inline(row["target"])), *map(Span, sides)]))
    yield Grid(columns, rows)
    if len(moved) > most:
        yield Paragraph([Span(speech.say(_SMALLER, count=len(moved) - most), "faint")])


def _exposure(answer: Difference, most: int, speech: Speech) -> Iterator[Block]:
    """Who is exposed to whom under which list now, or no longer: what is behind one listing together."""
    entities: dict[tuple[str, str, str], list[str]] = {}
    for row in answer.beside.get("exposure", ()):
        listing = f"{row['list']} ({speech.name(row['authority'])})"
        entities.setdefault((row["change"], row["listed_entity"], listing), []).append(row["entity"])
    lists: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (change, listed, listing), found in entities.items():
        lists.setdefault((change, listed, tuple(dict.fromkeys(found))), []).append(listing)
    lines: list[Line] = []
    for (change, listed, exposed), listings in lists.items():
        names = listed_names([speech.name(one) for one in exposed], speech, 4)
        lead = f"{speech.say(_EXPOSED[change])}: {speech.name(listed)}, {'; '.join(listings)}"
        lines.append([Span(lead), Span(f" – {names}", "faint")])
    if lines:
        yield Heading(Span(speech.say(_EXPOSURE), "heading"))
        yield Bullets(lines[:most])
    if len(lines) > most:
        yield Paragraph([Span(speech.say(_FOLDED, count=len(lines) - most), "faint")])


def _rows(answer: Difference, limits: Limits, speech: Speech) -> Iterator[Block]:
    changes = answer.changes
    if not changes:
        return
    at_dates = bool(answer.question["between"])
    yield Heading(Span(speech.say(_IN_FORCE if at_dates else _ROWS), "heading"))
    # Between two dates the stories have told what began and what ended.
    most = 0 if at_dates and not speech.unfold else limits.rows
    for table in dict.fromkeys(change["table"] for change in changes):
        found = [change for change in changes if change["table"] == table and change["id"] is not None]
        counts = Counter(change["change"] for change in found)
        numbers = {word: counts[word] for word in ("added", "removed", "changed")}
        if found:
            label = _BEGAN if at_dates else _COUNTS
            yield Paragraph([Span(speech.say(label, table=table, **numbers), "" if at_dates else "heading")])
        lines = [_whole(change, speech) for change in changes if change["table"] == table and change["id"] is None]
        for sign, word in (("+", "added"), ("-", "removed"), ("~", "changed")):
            told = [_row(sign, change, limits.letters) for change in found if change["change"] == word]
            lines += told[:most]
            if 0 < most < len(told):
                lines.append([Span(f"{sign} {speech.say(_HIDDEN, count=len(told) - most)}", "faint")])
        if lines:
            yield Bullets(lines)


def _row(sign: str, change: Row, letters: int) -> Line:
    """A row that was added, removed or changed; long cells are cut."""
    if change["change"] == "changed":
        said = moved_cells(*({name: _cut(cell, letters) for name, cell in change[side].items()}
                             for side in ("before", "after"))) or _cut(change["text"].strip(), letters)  # fmt: skip
    else:
        cells = change["after"] or change["before"]
        said = _cut(cells.get("claim") or cells.get("title") or cells.get("name") or "", letters)
    return [Span(f"{sign} {change['id']}"), *([Span(f": {said}", "faint")] if said else [])]


def _cut(cell: str, letters: int) -> str:
    return cell if len(cell) <= letters else f"{cell[: letters - 1]}…"


def _whole(change: Row, speech: Speech) -> Line:
    sides = {**(change["before"] or {}), **(change["after"] or {})}
    what = ", ".join(sorted(sides)) if change["change"] == "changed" else speech.say(HAPPENED[change["change"]])
    return [Span(f"~ {change['table']}: "), Span(speech.say(_FILE, what=what), "faint")]

"""What happened, in words: a cause as a sentence, how strong a reach is and was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from graphs.answers import Row
from graphs.reports.speech import Speech
from graphs.stories import Story, Strength
from stakeholders.vocabulary import Label

NAMES_SHOWN: Final = 8  # names in one line; the rest is counted

_NOT_LOOKED_FOR: Final = Label("causes not looked for", "причины не выяснялись", "себептері ізделмеді")
AND: Final = Label("together with", "вместе с", "бірге:")
HAPPENED: Final = {
    "began": Label("began", "началось", "басталды"),
    "ended": Label("ended", "закончилось", "аяқталды"),
    "ends": Label("ends", "заканчивается", "аяқталады"),
    "denial ends": Label("no longer denied", "больше не опровергается", "енді жоққа шығарылмайды"),
    "stale": Label("too old now", "сведения устарели", "мәлімет ескірді"),
    "added": Label("recorded", "внесено", "енгізілді"),
    "removed": Label("taken out", "исключено", "алынып тасталды"),
    "changed": Label("restated", "изложено иначе", "басқаша жазылды"),
    "re-dated": Label("only re-dated", "изменены лишь даты", "тек күндері өзгерді"),
    "re-sourced": Label("only re-sourced", "изменены лишь источники", "тек дереккөздері өзгерді"),
    "denied": Label("denied", "опровергнуто", "жоққа шығарылды"),
    "denial ended": Label("no longer denied", "больше не опровергается", "енді жоққа шығарылмайды"),
    "denial withdrawn": Label("denial taken out", "опровержение исключено", "теріске шығару алынып тасталды"),
}
_UNDATED: Final = Label("undated", "без даты", "күні жоқ")
_MORE: Final = Label("{names} and {count} more", "{names} и ещё {count}", "{names} және тағы {count}")
_WAS: Final = {
    "reaches": Label("until then {level}", "до этого: {level}", "бұған дейін: {level}"),
    "claimed": Label("until then only claimed", "до этого лишь утверждалось", "бұған дейін тек мәлімделген"),
    "prospective": Label("until then only planned", "до этого лишь в планах", "бұған дейін тек жоспарда"),
}
_NOW: Final = {
    "claimed": Label("now only claimed", "теперь лишь утверждается", "енді тек мәлімделеді"),
    "prospective": Label("now only planned", "теперь лишь в планах", "енді тек жоспарда"),
}
_CONTESTED: Final = Label("contested", "оспаривается", "даулы")


def causes_of(story: Story, causes: Mapping[str, Row], speech: Speech) -> list[str]:
    """The causes of a story, a sentence each; where several bodies did the same, all are named in it."""
    bodies = [party.body for party in story.parties] if len(story.because) > 1 else []
    if not story.because[0]:
        return [speech.say(_NOT_LOOKED_FOR)]
    return [cause_sentence(name, causes[name], speech, story.parties[0].body, bodies) for name in story.because[0]]


def cause_sentence(name: str, cause: Row, speech: Speech, body: str = "", bodies: Sequence[str] = ()) -> str:
    """What happened, in words: date, what, and the sentence of the relation."""
    what = speech.say(HAPPENED[cause["what"]])
    date = cause["date"] or speech.say(_UNDATED)
    if cause["word"] == "assumed":
        date = f"~{date}"
    if cause["table"] != "relations":
        return f"{what}: {speech.name(cause['id'])}{_fields(cause)}"
    relations = speech.dataset.relations if speech.dataset else None
    cells = relations.row(relations.index[name]) if relations is not None else {}
    ends = [
        listed_names([speech.name(one) for one in bodies], speech)
        if bodies and cells[end] == body
        else speech.name(cells[end])
        for end in ("subject", "object")
    ]
    status = "" if cells["status"] in ("confirmed", "denied") else f" ({speech.term(cells['status'])})"
    sentence = f"{ends[0]} – {speech.predicate(cells['predicate'])} – {ends[1]}{status}"
    return f"{date} {what}: {sentence}{_fields(cause)}"


def _fields(cause: Row) -> str:
    """Cells that differ, as what they were and what they are."""
    cells = moved_cells(cause["before"], cause["after"]) if cause["fields"] else ""
    return f" [{cells}]" if cells else ""


def moved_cells(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Cells of a row that differ, by column.

    Examples
    --------
    >>> moved_cells({"valid_until": ""}, {"valid_until": "2025"})
    'valid_until: – → “2025”'
    """
    sides = ((name, *(f"“{side[name]}”" if side[name] else "–" for side in (before, after))) for name in before)
    return "; ".join(f"{name}: {was} → {now}" for name, was, now in sides)


def listed_names(names: Sequence[str], speech: Speech, most: int = NAMES_SHOWN) -> str:
    """Names in one line, the rest counted; one more is named rather than counted."""
    most = len(names) if speech.unfold or len(names) == most + 1 else most
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else speech.say(_MORE, names=shown, count=len(names) - most)


def strength_words(before: Strength, after: Strength, speech: Speech) -> tuple[str, str]:
    """How it is reached, and how it was where that says something."""
    words = [_words(after, speech)]
    style = ""
    if not after.verdict:
        return _words(before, speech), "faint"
    if after.verdict != before.verdict:
        if before.verdict:
            words.append(speech.say(_WAS[before.verdict], level=speech.term(before.level)))
        if before.verdict == "reaches":
            words = [_words(before, speech), speech.say(_NOW[after.verdict])]
    else:
        words = [f"{_words(before, speech)} → {_words(after, speech)}"]
    if after.contested:
        words.append(speech.say(_CONTESTED))
        style = "contested"
    return "; ".join(words), style


def _words(side: Strength, speech: Speech) -> str:
    return ", ".join(dict.fromkeys((speech.term(side.level), speech.term(side.certainty))))

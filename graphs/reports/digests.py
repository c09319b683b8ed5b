"""A difference in one paragraph, as one would say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graphs.answers import Answer, Row
from graphs.changes import Difference, topmost
from graphs.reports.causes import causes_of
from graphs.reports.reach import counted
from graphs.reports.speech import Speech
from graphs.stories import main_rows, stories, width_of
from stakeholders.vocabulary import Label

_STRENGTHS: Final = {
    "stronger": Label("stronger", "сильнее", "күштірек"),
    "weaker": Label("weaker", "слабее", "әлсіздеу"),
    "more certain": Label("more certain", "надёжнее", "сенімдірек"),
    "less certain": Label("less certain", "менее надёжно", "сенімсіздеу"),
}
_NO_CHANGE: Final = Label(
    "Nothing differs between {before} and {after}.",
    "Различий нет ({before} – {after}).",
    "Айырма жоқ ({before} – {after}).",
)
_NO_EFFECT: Final = Label(
    "The data differ between {before} and {after}, but nobody's reach does.",
    "Данные различаются ({before} – {after}), но доступ ни у кого не изменился.",
    "Деректер әртүрлі ({before} – {after}), бірақ ешкімнің қолжетімділігі өзгерген жоқ.",
)
_HEAD: Final = Label("From {before} to {after}: ", "{before} → {after}: ", "{before} → {after}: ")
_BETWEEN: Final = Label("From {before} to {after}: ", "С {before} по {after}: ", "{before} – {after}: ")
_GAINED: Final = Label(
    "{bodies} gained reach to data in {stores}",
    "доступ появился – органов и организаций: {bodies}, мест хранения: {stores}",
    "қолжетімділік пайда болды – органдар мен ұйымдар: {bodies}, сақтау орындары: {stores}",
)
_SPECIAL: Final = Label(
    ", {bodies} of them to {categories}", "; в том числе {categories}: {bodies}", "; оның ішінде {categories}: {bodies}"
)
_LOST: Final = Label(
    "{bodies} lost reach to data in {stores}",
    "доступ прекратился – органов и организаций: {bodies}, мест хранения: {stores}",
    "қолжетімділік тоқтады – органдар мен ұйымдар: {bodies}, сақтау орындары: {stores}",
)
_STRENGTH: Final = Label(
    "for {bodies} it became {kinds}", "изменилось для органов и организаций: {bodies} ({kinds})",
    "{bodies} орган мен ұйым үшін өзгерді ({kinds})",
)  # fmt: skip
_STILL: Final = {
    "newly claimed": Label(
        " (for {bodies} of them it is still claimed)", " (из них ещё утверждается: {bodies})",
        " (оның ішінде әлі де мәлімделеді: {bodies})",
    ),
    "newly prospective": Label(
        " (for {bodies} of them it is still planned)", " (из них ещё в планах: {bodies})",
        " (оның ішінде әлі де жоспарда: {bodies})",
    ),
}  # fmt: skip
_CLAIMED: Final = Label(
    "for {bodies} nothing more than a claim of reach is new",
    "появилось не больше чем утверждение о доступе – органов и организаций: {bodies}",
    "қолжетімділік туралы мәлімдемеден артық ештеңе пайда болмады – органдар мен ұйымдар: {bodies}",
)  # fmt: skip
_PLANNED: Final = Label(
    "for {bodies} nothing more than a plan of reach is new",
    "появилось не больше чем план доступа – органов и организаций: {bodies}",
    "қолжетімділік жоспарынан артық ештеңе пайда болмады – органдар мен ұйымдар: {bodies}",
)  # fmt: skip
_WIDEST: Final = Label(
    "No other change by itself gave reach to more bodies than this: {cause}.",
    "Ни одна другая перемена сама по себе не дала доступ большему числу органов и организаций, чем эта: {cause}.",
    "Басқа бірде-бір өзгеріс өздігінен бұдан көп орган мен ұйымға қолжетімділік берген жоқ: {cause}.",
)


def paragraph(answer: Difference, lang: str = "en") -> str:
    """What a difference comes to, in a few sentences.

    Examples
    --------
    >>> from graphs.changes import between
    >>> from stakeholders.tables import read
    >>> answer = between(read("central-asia"), "2025-06-29", "2025-07-01")
    >>> paragraph(answer).split(":")[0]
    'From 2025-06-29 to 2025-07-01'
    """
    speech = Speech(lang, answer.union)
    before, after = _sides(answer)
    if not answer.rows:
        label = _NO_EFFECT if answer.changes else _NO_CHANGE
        return speech.say(label, before=before, after=after)
    told = stories(answer.rows, answer.union, answer.causes) if answer.union else []
    counted_rows = [row for row in answer.rows if row["place"] == "both"]
    new = main_rows(counted_rows)  # without what is left where reach was lost
    parts = [part for part in (
        _moved(speech, counted_rows, "gained", _GAINED),
        _moved(speech, counted_rows, "lost", _LOST) + _still(speech, counted_rows),
        _strengths(speech, counted_rows),
        _only(speech, new, "newly claimed", ("gained",), _CLAIMED),
        _only(speech, new, "newly prospective", ("gained", "newly claimed"), _PLANNED),
    ) if part]  # fmt: skip
    head = speech.say(_BETWEEN if answer.question["between"] else _HEAD, before=before, after=after)
    sentence = f"{head}{'; '.join(parts)}." if parts else speech.say(_NO_EFFECT, before=before, after=after)
    alone = [story for story in told if story.change == "gained" and [len(each) for each in story.because] == [1]]
    widest = max(alone, key=width_of, default=None)
    if widest is None or width_of(widest)[0] < 2:
        return sentence
    return f"{sentence} {speech.say(_WIDEST, cause='; '.join(causes_of(widest, answer.causes, speech)))}"


def _sides(answer: Answer) -> tuple[str, str]:
    asked = answer.question
    if asked["between"]:
        return asked["between"][0], asked["between"][1]
    names = [" ".join(filter(None, (asked[side]["name"], asked[side]["version"]))) for side in ("before", "after")]
    if names[0] == names[1]:
        digests = [asked[side]["sha256"] for side in ("before", "after")]
        told = [digest[:8] for digest in digests] if all(digests) else ["1", "2"]  # none is taken on a cluster
        names = [f"{name} ({mark})" for name, mark in zip(names, told, strict=True)]
    return names[0], names[1]


def _moved(speech: Speech, rows: Sequence[Row], change: str, label: Label) -> str:
    found = [row for row in rows if row["change"] == change]
    if not found:
        return ""
    said = speech.say(
        label,
        bodies=counted(speech, len({row["body"] for row in found}), "body", "bodies"),
        stores=counted(speech, len({row["store"] for row in found}), "store", "stores"),
    )
    tree = speech.dataset.tree if speech.dataset else None
    special = [row for row in found if tree and row["category"] in tree and tree.special(row["category"])]
    if tree and special:
        codes = sorted({topmost(tree, row["category"]) for row in special})
        said += speech.say(
            _SPECIAL,
            bodies=len({row["body"] for row in special}),
            categories=speech.names(codes) if len(codes) < 4 else speech.say(_SPECIAL_DATA),
        )
    return said


_SPECIAL_DATA: Final = Label(
    "data that the GDPR calls special", "особые категории по GDPR", "GDPR бойынша ерекше деректер"
)


def _strengths(speech: Speech, rows: Sequence[Row]) -> str:
    kinds = ("stronger", "weaker", "more certain", "less certain")
    found = [row for row in rows if row["change"] in kinds]
    if not found:
        return ""
    words = [_STRENGTHS[kind].of(speech.lang) for kind in kinds if any(row["change"] == kind for row in found)]
    joined = ", ".join(words)
    if speech.lang == "en" and len(words) > 1:
        joined = f"{', '.join(words[:-1])} or {words[-1]}"
    bodies = counted(speech, len({row["body"] for row in found}), "body", "bodies")
    return speech.say(_STRENGTH, bodies=bodies, kinds=joined)


def _still(speech: Speech, rows: Sequence[Row]) -> str:
    """What is left where reach was lost."""
    lost = {(row["body"], row["store"], row["category"]) for row in rows if row["change"] == "lost"}
    left = {
        change: {row["body"] for row in rows
                 if row["change"] == change and (row["body"], row["store"], row["category"]) in lost}
        for change in _STILL
    }  # fmt: skip
    return "".join(speech.say(_STILL[change], bodies=len(bodies)) for change, bodies in left.items() if bodies)


def _only(speech: Speech, rows: Sequence[Row], change: str, better: Sequence[str], label: Label) -> str:
    """Bodies for which nothing better happened."""
    found, others = ({row["body"] for row in rows if row["change"] in kinds} for kinds in ((change,), better))
    bodies = found - others
    return speech.say(label, bodies=counted(speech, len(bodies), "body", "bodies")) if bodies else ""

"""Questions about recorded relations as they stand: a plan, a review or a disputed claim is asked about as no fact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stakeholders.vocabulary import Label

STANDINGS: Final = ("planned", "under_review", "contested", "alleged", "stated")


def standing_of(status: str, *, contested: bool) -> str:
    """How a relation stands, one of `STANDINGS`: a plan first, since even undisputed it is none but a plan.

    Examples
    --------
    >>> standing_of("reported", contested=False), standing_of("confirmed", contested=True)
    ('stated', 'contested')
    >>> standing_of("planned", contested=True)
    'planned'
    """
    if status in ("planned", "under_review"):
        return status
    return "contested" if contested else "alleged" if status == "alleged" else "stated"


def wording(gap: str, standing: str, *, event: bool) -> Label:
    """What is asked of a relation that has a gap.

    Parameters
    ----------
    gap : {'no_legal_basis', 'undated', 'old_evidence', 'single_source'}
    standing : str
        One of `STANDINGS`; for ``old_evidence`` no plan.
    event : bool
        Whether it happened once, as a leak did, rather than lasts.

    Returns
    -------
    Label
        With the places ``what``, ``subject``, ``object`` and ``detail``.

    Examples
    --------
    >>> wording("undated", "planned", event=False).en
    'Since when has it been planned that {what}?'
    """
    return _EVENTS.get((gap, standing), _LASTING[gap][standing]) if event else _LASTING[gap][standing]


_LASTING: Mapping[str, Mapping[str, Label]] = {
    "no_legal_basis": {
        "stated": Label(
            "On which legal basis does {subject} have access to {object}, and to which data?",
            "На каком правовом основании предоставлен доступ и к каким данным? Кому: {subject}. К чему: {object}.",
            "Қолжетімділік қандай құқықтық негізде берілген және қандай деректерге? Кімге: {subject}. Неге: {object}.",
        ),
        "planned": Label(
            "It is planned that {subject} will have access to {object}. Has this begun, and on which legal basis, and "
            "to which data, is or will access be given?",
            "Доступ планируется. Кому: {subject}. К чему: {object}. Предоставлен ли он уже, на каком правовом "
            "основании и к каким данным предоставлен или будет предоставлен?",
            "Қолжетімділік жоспарланған. Кімге: {subject}. Неге: {object}. Ол берілді ме, қандай құқықтық негізде және "
            "қандай деректерге берілген не берілмек?",
        ),
        "under_review": Label(
            "Access of {subject} to {object} is under review. What was decided, and on which legal basis, and to which "
            "data, is or would access be given?",
            "Доступ рассматривается. Кому: {subject}. К чему: {object}. Какое решение принято, на каком правовом "
            "основании и к каким данным доступ предоставлен или был бы предоставлен?",
            "Қолжетімділік қаралуда. Кімге: {subject}. Неге: {object}. Қандай шешім қабылданды, қандай құқықтық "
            "негізде және қандай деректерге қолжетімділік берілген не берілмек?",
        ),
        "contested": Label(
            "It has been stated, and denied, that {subject} has access to {object}. Which is right, and if there is "
            "access, on which legal basis, and to which data?",
            "Доступ заявлялся и отрицался. Кому: {subject}. К чему: {object}. Что верно, и если доступ есть, то на "
            "каком правовом основании и к каким данным?",
            "Қолжетімділік бар деп мәлімделген әрі жоққа шығарылған. Кімге: {subject}. Неге: {object}. Қайсысы дұрыс, "
            "ал қолжетімділік бар болса, қандай құқықтық негізде және қандай деректерге?",
        ),
        "alleged": Label(
            "It is alleged that {subject} has access to {object}. Is it right, and if so, on which legal basis, and to "
            "which data?",
            "Утверждается, что доступ есть. Кому: {subject}. К чему: {object}. Верно ли это, и если да, то на каком "
            "правовом основании и к каким данным?",
            "Қолжетімділік бар деп мәлімделген. Кімге: {subject}. Неге: {object}. Бұл дұрыс па, дұрыс болса, қандай "
            "құқықтық негізде және қандай деректерге?",
        ),
    },
    "undated": {
        "stated": Label(
            "Since when has it been so that {what}?",
            "С какой даты действует следующее: {what}?",
            "Мынау қай күннен бастап күшінде: {what}?",
        ),
        "planned": Label(
            "Since when has it been planned that {what}?",
            "С какой даты планируется следующее: {what}?",
            "Мынау қай күннен бастап жоспарда: {what}?",
        ),
        "under_review": Label(
            "Since when has it been under review whether {what}?",
            "С какой даты рассматривается следующее: {what}?",
            "Мынау қай күннен бастап қаралуда: {what}?",
        ),
        "contested": Label(
            "It has been stated, and denied, that {what}. Which is right, and since when?",
            "Заявлялось и отрицалось: {what}. Что верно и с какой даты?",
            "Мәлімделген әрі жоққа шығарылған: {what}. Қайсысы дұрыс және қай күннен бастап?",
        ),
        "alleged": Label(
            "It is alleged that {what}. Is it right, and since when?",
            "Утверждается: {what}. Верно ли это и с какой даты?",
            "Мәлімделген: {what}. Бұл дұрыс па және қай күннен бастап?",
        ),
    },
    "old_evidence": {
        "stated": Label(
            "Is it still so that {what}? The newest evidence is of {detail}.",
            "Действует ли это по-прежнему: {what}? Последние сведения: {detail}.",
            "Мынау әлі күшінде ме: {what}? Соңғы мәлімет: {detail}.",
        ),
        "contested": Label(
            "It has been stated, and denied, that {what}. Which is right today? The newest evidence is of {detail}.",
            "Заявлялось и отрицалось: {what}. Что верно сегодня? Последние сведения: {detail}.",
            "Мәлімделген әрі жоққа шығарылған: {what}. Бүгін қайсысы дұрыс? Соңғы мәлімет: {detail}.",
        ),
        "alleged": Label(
            "It is alleged that {what}. Was it right, and is it so today? The newest evidence is of {detail}.",
            "Утверждается: {what}. Было ли это верно и верно ли сегодня? Последние сведения: {detail}.",
            "Мәлімделген: {what}. Бұл дұрыс па еді және бүгін солай ма? Соңғы мәлімет: {detail}.",
        ),
    },
    "single_source": {
        "stated": Label(
            "Is it right that {what}? So far one source says so: {detail}.",
            "Верно ли следующее: {what}? Пока об этом говорит один источник: {detail}.",
            "Мына мәлімет дұрыс па: {what}? Әзірге оны бір ғана дереккөз айтады: {detail}.",
        ),
        "planned": Label(
            "Is it planned, or has it begun, that {what}? So far one source tells of the plan: {detail}.",
            "Планируется ли следующее или уже началось: {what}? Пока о плане говорит один источник: {detail}.",
            "Мынау жоспарда ма, әлде басталды ма: {what}? Әзірге жоспар туралы бір ғана дереккөз айтады: {detail}.",
        ),
        "under_review": Label(
            "Is it under review, or decided, whether {what}? So far one source tells of the review: {detail}.",
            "Рассматривается ли следующее или уже решено: {what}? Пока о рассмотрении говорит один источник: {detail}.",
            "Мынау қаралуда ма, әлде шешілді ме: {what}? Әзірге оның қаралуы туралы бір ғана дереккөз айтады: "
            "{detail}.",
        ),
        "contested": Label(
            "It has been stated, and denied, that {what}. Which is right? So far one source states it: {detail}.",
            "Заявлялось и отрицалось: {what}. Что верно? Пока об этом говорит один источник: {detail}.",
            "Мәлімделген әрі жоққа шығарылған: {what}. Қайсысы дұрыс? Әзірге оны бір ғана дереккөз айтады: {detail}.",
        ),
        "alleged": Label(
            "It is alleged that {what}. Is it right? So far one source tells of it: {detail}.",
            "Утверждается: {what}. Верно ли это? Пока об этом говорит один источник: {detail}.",
            "Мәлімделген: {what}. Бұл дұрыс па? Әзірге бұл туралы бір ғана дереккөз айтады: {detail}.",
        ),
    },
}

# Where it is otherwise asked of what happened once.
_EVENTS: Mapping[tuple[str, str], Label] = {
    ("undated", "stated"): Label(
        "When did it happen that {what}?", "Когда это произошло: {what}?", "Мынау қашан болды: {what}?"
    ),
    ("undated", "contested"): Label(
        "It has been stated, and denied, that {what}. Which is right, and when did it happen?",
        "Заявлялось и отрицалось: {what}. Что верно и когда это произошло?",
        "Мәлімделген әрі жоққа шығарылған: {what}. Қайсысы дұрыс және ол қашан болды?",
    ),
    ("undated", "alleged"): Label(
        "It is alleged that {what}. Is it right, and when did it happen?",
        "Утверждается: {what}. Верно ли это и когда это произошло?",
        "Мәлімделген: {what}. Бұл дұрыс па және ол қашан болды?",
    ),
    ("old_evidence", "stated"): Label(
        "Has it been established whether {what}? The newest evidence is of {detail}.",
        "Установлено ли следующее: {what}? Последние сведения: {detail}.",
        "Мынау анықталды ма: {what}? Соңғы мәлімет: {detail}.",
    ),
    ("old_evidence", "contested"): Label(
        "It has been stated, and denied, that {what}. Has it been established? The newest evidence is of {detail}.",
        "Заявлялось и отрицалось: {what}. Установлено ли это? Последние сведения: {detail}.",
        "Мәлімделген әрі жоққа шығарылған: {what}. Бұл анықталды ма? Соңғы мәлімет: {detail}.",
    ),
    ("old_evidence", "alleged"): Label(
        "It is alleged that {what}. Has it been established? The newest evidence is of {detail}.",
        "Утверждается: {what}. Установлено ли это? Последние сведения: {detail}.",
        "Мәлімделген: {what}. Бұл анықталды ма? Соңғы мәлімет: {detail}.",
    ),
}

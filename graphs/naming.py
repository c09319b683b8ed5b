"""Names for sentences, in every language at once, so that a sentence can be said later in any of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from stakeholders.dataset import Dataset
from stakeholders.vocabulary import LANGUAGES, LEVEL_LABELS, LEVELS, PREDICATES, Label

Names = Mapping[str, str]

_MORE = Label("{names} and {count} more", "{names} и ещё {count}", "{names} және тағы {count}")
_OF_CATEGORY = Label("data on {name}", "данные категории {name}", "{name} санатындағы деректер")
_QUOTES: Mapping[str, tuple[str, str, str, str]] = {
    "en": ("“", "”", "‘", "’"),
    "ru": ("«", "»", "„", "“"),
    "kk": ("«", "»", "„", "“"),
}
_AND = Label("{names} and {last}", "{names} и {last}", "{names} және {last}")


# Ways as a sentence tells them, by the weakest certainty that counts: a way that does not count is no exception.
_WAYS: Mapping[str, Label] = {
    "confirmed": Label("confirmed way", "подтверждённые пути", "расталған жолдардың бәрі"),
    "reported": Label(
        "confirmed or reported way", "пути, подтверждённые или о которых сообщалось",
        "расталған не хабарланған жолдардың бәрі",
    ),
    "alleged": Label(
        "known or alleged way", "пути, известные или утверждаемые", "белгілі не мәлімделген жолдардың бәрі"
    ),
    "prospective": Label("known way", "известные пути", "белгілі жолдардың бәрі"),
}  # fmt: skip
_WAYS_AT = Label(
    "{ways} at level {level} or stronger", "{ways}, уровня «{level}» и выше", "деңгейі кемінде «{level}» {ways}"
)


def ways_of(certainty: str, level: str = "possible") -> Names:
    """The ways that count, for a sentence on all of them.

    Examples
    --------
    >>> ways_of("reported", "granted")["en"]
    'confirmed or reported way at level granted or stronger'
    """
    ways = {lang: _WAYS[certainty].of(lang) for lang in LANGUAGES}
    if level == LEVELS[0]:
        return ways
    return {lang: _WAYS_AT.of(lang).format(ways=ways[lang], level=LEVEL_LABELS[level].of(lang)) for lang in LANGUAGES}


def name_of(dataset: Dataset, what: str) -> Names:
    """The name of an entity or a data category in each language; an English category without its capital.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> name_of(read("cabar-2020"), "biometric")["en"]
    'biometric data'
    """
    return {lang: name_in(dataset, what, lang) for lang in LANGUAGES}


def name_in(dataset: Dataset, what: str, lang: str) -> str:
    """The same in one language.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> name_in(read("cabar-2020"), "biometric", "ru")
    'Биометрические данные'
    """
    if what not in dataset.tree:
        return dataset.name_of(what, lang)
    name = dataset.tree.name_of(what, lang)
    return name[:1].lower() + name[1:] if lang == "en" else name


# What says of itself that it is data: it needs no other word where somebody reaches it. In lower case.
_DATA: Mapping[str, re.Pattern[str]] = {
    "en": re.compile(r"data|images|records|files|documents|content|video|fingerprints"),
    "ru": re.compile(r"данны|изображени|файл|документ|содержание|видео|отпечатк"),
    "kk": re.compile(r"дерек|бейне|файл|құжат|мазмұн|саусақ"),
}


def data_of(dataset: Dataset, what: str) -> Names:
    """The name of what is reached, as it stands within a sentence: of a data category, data of it.

    Nobody can reach health or tax; data on them one can. In Russian and Kazakh the category's name stands in quotation
    marks, so that it needs no case.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> dataset = read("cabar-2020")
    >>> [data_of(dataset, code)["en"] for code in ("health", "vehicle_plate", "face")]
    ['health data', 'data on vehicle plates', 'face images and templates']
    >>> data_of(dataset, "health")["ru"]
    'данные категории «Здоровье»'
    """
    names = dict(name_of(dataset, what))
    if what not in dataset.tree:
        return names
    apart = quoted({lang: dataset.tree.name_of(what, lang) for lang in LANGUAGES})
    for lang, name in names.items():
        folded = name.casefold()
        if _DATA[lang].search(folded):
            names[lang] = name if name[1:2].isupper() else name[:1].lower() + name[1:]
        elif lang == "en":
            names[lang] = f"{name} data" if re.fullmatch(r"\S*(?:[^s]|ss)", name) else f"data on {name}"
        else:
            names[lang] = _OF_CATEGORY.of(lang).format(name=apart[lang])
    return names


def names_of(dataset: Dataset, ids: Sequence[str], most: int = 4) -> Names:
    """Several names as a list within a sentence; what is over is counted.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> names_of(read("cabar-2020"), ["kz-mia", "cn-dahua", "cn-hikvision"], most=1)["en"]
    'Ministry of Internal Affairs and 2 more'
    """
    spoken = {}
    for lang in LANGUAGES:
        names = [name_of(dataset, each)[lang] for each in ids[: most if len(ids) > most + 1 else None]]
        if len(ids) > len(names):
            spoken[lang] = _MORE.of(lang).format(names=", ".join(names), count=len(ids) - len(names))
        elif len(names) > 1:
            spoken[lang] = _AND.of(lang).format(names=", ".join(names[:-1]), last=names[-1])
        else:
            spoken[lang] = "".join(names)
    return spoken


def quoted(names: Names) -> Names:
    """Names in the quotation marks of each language, those within them in the inner ones.

    Within quotation marks a name stands as it is: no verb has to agree with it, no case has to be formed of it.

    Examples
    --------
    >>> quoted({"ru": "Архив «Сергек»"})
    {'ru': '«Архив „Сергек“»'}
    """
    return {lang: _in_quotes(name, lang) for lang, name in names.items()}


def _in_quotes(name: str, lang: str) -> str:
    opening, closing, inner, end = _QUOTES[lang]
    for first, last, *_ in _QUOTES.values():
        name = name.replace(first, inner).replace(last, end)
    return f"{opening}{name}{closing}"


def relation_of(dataset: Dataset, row: int) -> Names:
    """A relation as a phrase: its subject, what it does, its object, the names in quotation marks.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> dataset = read("cabar-2020")
    >>> relation_of(dataset, dataset.relations.index["cn-dahua-supplies-kz-sergek"])["en"]
    '“Dahua Technology” supplies “Sergek (all cities)”'
    """
    return {lang: relation_in(dataset, row, lang) for lang in LANGUAGES}


def relation_in(dataset: Dataset, row: int, lang: str) -> str:
    """The same in one language, as a report needs it of many.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> dataset = read("cabar-2020")
    >>> relation_in(dataset, dataset.relations.index["cn-dahua-supplies-kz-sergek"], "ru")
    '«Dahua Technology» – поставляет для – «Сергек»'
    """
    subject, word, target = (dataset.relations.column(name)[row] for name in ("subject", "predicate", "object"))
    predicate = PREDICATES[word].label.of(lang) if word in PREDICATES else word
    ends = (_in_quotes(name_in(dataset, end, lang), lang) for end in (subject, target))
    return (f" {predicate} " if lang == "en" else f" – {predicate} – ").join(ends)

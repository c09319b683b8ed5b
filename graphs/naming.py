"""Names for sentences, in every language at once, so that a sentence can be said later in any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stakeholders.dataset import Dataset
from stakeholders.vocabulary import LANGUAGES, PREDICATES, Label

Names = Mapping[str, str]

_MORE = Label("{names} and {count} more", "{names} и ещё {count}", "{names} және тағы {count}")
_QUOTES: Mapping[str, tuple[str, str, str, str]] = {
    "en": ("“", "”", "‘", "’"),
    "ru": ("«", "»", "„", "“"),
    "kk": ("«", "»", "„", "“"),
}
_AND = Label("{names} and {last}", "{names} и {last}", "{names} және {last}")


def name_of(dataset: Dataset, what: str) -> Names:
    """The name of an entity or a data category in each language; an English category without its capital.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> name_of(read("cabar-2020"), "biometric")["en"]
    'biometric data'
    """
    if what not in dataset.tree:
        return {lang: dataset.name_of(what, lang) for lang in LANGUAGES}
    names = {lang: dataset.tree.name_of(what, lang) for lang in LANGUAGES}
    return names | {"en": names["en"][:1].lower() + names["en"][1:]}


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
    marked = {}
    for lang, name in names.items():
        opening, closing, inner, end = _QUOTES[lang]
        for first, last, *_ in _QUOTES.values():
            name = name.replace(first, inner).replace(last, end)  # noqa: PLW2901  one after another
        marked[lang] = f"{opening}{name}{closing}"
    return marked


def relation_of(dataset: Dataset, row: int) -> Names:
    """A relation as a phrase: its subject, what it does, its object, the names in quotation marks.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> dataset = read("cabar-2020")
    >>> relation_of(dataset, dataset.relations.index["cn-dahua-supplies-kz-sergek"])["en"]
    '“Dahua Technology” supplies “Sergek (all cities)”'
    """
    cells = dataset.relations.row(row)
    subject, target = (quoted(name_of(dataset, cells[end])) for end in ("subject", "object"))
    label = PREDICATES[cells["predicate"]].label if cells["predicate"] in PREDICATES else None
    spoken = {}
    for lang in LANGUAGES:
        predicate = label.of(lang) if label else cells["predicate"]
        joint = " " if lang == "en" else " – "
        spoken[lang] = joint.join((subject[lang], predicate, target[lang]))
    return spoken

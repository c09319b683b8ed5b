"""The words of reports: names of entities and terms in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from graphs.answers import Answer, Row
from graphs.naming import data_of, relation_in
from graphs.reports.blocks import Span
from stakeholders.dataset import Dataset
from stakeholders.vocabulary import (
    CERTAINTY_LABELS,
    LEVEL_LABELS,
    PREDICATES,
    STANCE_LABELS,
    STATUSES,
    VERDICT_LABELS,
    Label,
)

# Column titles; short, since they stand above narrow columns.
COLUMNS: Final = {
    "body": Label("Body", "Орган или организация", "Орган немесе ұйым"),
    "store": Label("Store", "Хранилище", "Дерекқор"),
    "best_store": Label("Best store", "Лучший доступ", "Ең жақсы қолжетімділік"),
    "level": Label("Level", "Уровень", "Деңгейі"),
    "certainty": Label("Certainty", "Сведения", "Мәлімет"),
    "status": Label("Status", "Статус", "Мәртебесі"),
    "stores": Label("Places", "Мест", "Орын"),
    "since": Label("Since", "Начало", "Басталуы"),
    "last_evidence": Label("Last known", "Данные на", "Соңғы дерек"),
    "categories": Label("Categories", "Категории", "Санаттар"),
    "at": Label("Met at", "Где", "Қай жерде"),
    "date": Label("Date", "Дата", "Күні"),
    "id": Label("Id", "Код", "Коды"),
    "name": Label("Name", "Название", "Атауы"),
    "type": Label("Type", "Тип", "Түрі"),
    "why": Label("Found by", "Найдено по", "Неден табылды"),
    "relation": Label("Relation", "Связь", "Байланыс"),
    "what": Label("What", "Что", "Не болды"),
    "field": Label("Field", "Поле", "Өріс"),
    "value": Label("Value", "Значение", "Мәні"),
    "until": Label("Until", "По дату", "Аяқталуы"),
    "version": Label("Version", "Версия", "Нұсқасы"),
    "title": Label("Title", "Заглавие", "Тақырыбы"),
    "entities": Label("Entities", "Объектов", "Нысандар"),
    "relations": Label("Relations", "Связей", "Байланыстар"),
    "sources": Label("Sources", "Источников", "Дереккөздер"),
    "listings": Label("Listings", "Записей в списках", "Тізім жазбалары"),
}  # fmt: skip

# A word means the same in each of these, but for "prospective": in a cell it is a certainty, in headings a verdict.
TERMS: Final = {**VERDICT_LABELS, **LEVEL_LABELS, **STATUSES, **CERTAINTY_LABELS, **STANCE_LABELS}

UNDATED = Label("undated", "без даты", "күні жоқ")


@dataclass(frozen=True)
class Speech:
    """How a report speaks: its language, and the dataset that knows the names."""

    lang: str = "en"
    dataset: Dataset | None = None
    unfold: bool = False

    def say(self, label: Label, **values: Any) -> str:
        """A label in the language, its placeholders filled."""
        return label.of(self.lang).format(**values)

    def term(self, word: str) -> str:
        """A word of the vocabulary."""
        return TERMS[word].of(self.lang) if word in TERMS else word

    def column(self, name: str) -> str:
        """The title of a column."""
        return COLUMNS[name].of(self.lang)

    def is_body(self, name: str) -> bool:
        """Whether something asked about is known to be a body, which is commanded and no place."""
        return self.dataset is not None and self.dataset.is_body(name)

    def predicate(self, word: str) -> str:
        """A predicate as it stands between two names."""
        return PREDICATES[word].label.of(self.lang) if word in PREDICATES else word

    def name(self, what: str) -> str:
        """The name of an entity or a data category."""
        found = self._names.get(what)
        if found is None:
            found = self._names[what] = self._name(what)
        return found

    @cached_property
    def _names(self) -> dict[str, str]:
        return {}

    def _name(self, what: str) -> str:
        if self.dataset is None:
            return what
        if what in self.dataset.tree:
            return self.dataset.tree.name_of(what, self.lang)
        return self.dataset.name_of(what, self.lang)

    def relation(self, name: str) -> str:
        """A relation in words; its id where no dataset knows it."""
        found = self._relations.get(name)
        if found is None:
            row = self.dataset.relations.index.get(name) if self.dataset is not None else None
            found = name if row is None or self.dataset is None else relation_in(self.dataset, row, self.lang)
            self._relations[name] = found
        return found

    @cached_property
    def _relations(self) -> dict[str, str]:
        return {}

    def inline(self, what: str) -> str:
        """The name as it stands within a sentence: a category loses its capital, unless it is an abbreviation."""
        name = self.name(what)
        if self.dataset is not None and what in self.dataset.tree and not name[1:2].isupper():
            return name[:1].lower() + name[1:]
        return name

    def data(self, what: str) -> str:
        """The name of what is reached, within a sentence: an entity's, or data of a category."""
        return data_of(self.dataset, what)[self.lang] if self.dataset is not None else what

    def store(self, row: Row) -> str:
        """The name of a row's store, with a mark where it is a system whose store is unknown."""
        return self.name(row["store"]) + ("°" if row["store_unknown"] else "")

    def names(self, codes: list[str]) -> str:
        """Several names in a list."""
        return ", ".join(self.inline(code) for code in codes)

    def span(self, text: str) -> str:
        """A span of time in words, as it stands after "within".

        Examples
        --------
        >>> [Speech(lang).span(text) for lang in ("en", "ru", "kk") for text in ("1y", "22d")]
        ['1 year', '22 days', '1 год', '22 дня', '1 жыл', '22 күн']
        """
        count, unit = int(text.strip()[:-1]), text.strip().lower()[-1]
        forms = _UNITS[unit].of(self.lang).split("|")
        tens, ones = count % 100 // 10, count % 10
        if self.lang == "ru":
            form = 0 if ones == 1 and tens != 1 else 1 if ones in (2, 3, 4) and tens != 1 else 2
        else:
            form = min(int(count != 1), len(forms) - 1)
        return f"{count} {forms[form]}"

    def certainty(self, row: Row) -> Span:
        """A certainty; contested ones bear an exclamation mark."""
        word = self.term(row["certainty"])
        return Span(f"{word} !", "contested") if row["contested"] else Span(word)

    def since(self, row: Row) -> str:
        """When a path began to hold, with a mark where the date is not a known one."""
        if row["since"] is None:
            return UNDATED.of(self.lang)
        return {"assumed": "~{}", "undated": "{} ?"}.get(row["date"], "{}").format(row["since"])

    def begun(self, sentence: str, answer: Answer) -> str:
        """A sentence with a capital where it begins with data of a category."""
        what = str(answer.question.get("target"))
        data = self.dataset is not None and what in self.dataset.tree and sentence.startswith(self.data(what))
        return sentence[:1].upper() + sentence[1:] if data else sentence

    @cached_property
    def newest_source(self) -> str:
        """Date of the newest source of the dataset."""
        return max(self.dataset.sources.column("date"), default="") if self.dataset is not None else ""

    def assumptions(self, answer: Answer) -> str:
        """The line that names the assumptions an answer stands on."""
        asked = answer.question
        parts = [self.say(_AS_OF, date=asked["as_of"])] if asked.get("as_of") else []
        if asked.get("known_by"):
            parts.append(self.say(_KNOWN_BY, date=asked["known_by"]))
        if "stance" in asked:
            parts.append(self.say(_STANCE, word=self.term(asked["stance"])))
        if asked.get("level", "possible") != "possible":
            parts.append(self.say(_LEVEL, word=self.term(asked["level"])))
        if asked.get("certainty", "prospective") != "prospective":
            parts.append(self.say(_CERTAINTY, word=self.term(asked["certainty"])))
        if asked.get("fresh"):
            parts.append(self.say(_FRESH, span=self.span(asked["fresh"])))
        for label, key in ((_FROM, "from"), (_IN, "in"), (_WITHOUT, "without"), (_WITH, "with")):
            if asked.get(key) and not (key == "from" and "body" in asked):
                parts.append(self.say(label, what=", ".join(asked[key])))
        if lists := [*filter(None, (asked.get("regime"),)), *asked.get("lists", ())]:
            parts.append(self.say(_LISTS, what=", ".join(lists)))
        dataset = " ".join(filter(None, (answer.dataset.get("name"), answer.dataset.get("version"))))
        if dataset:
            newest = self.newest_source
            parts.append(self.say(_DATASET, name=dataset) + (self.say(_SOURCES, date=newest) if newest else ""))
        line = "; ".join(parts)
        return f"{line[:1].upper()}{line[1:]}." if line else ""


# Said by a layout that has no room for all columns.
LEFT_OUT: Final = Label(
    "Columns left out at this width: {names}.",
    "При этой ширине опущены столбцы: {names}.",
    "Бұл енде көрсетілмеген бағандар: {names}.",
)

_AS_OF = Label("as of {date}", "на {date}", "{date} күнгі жағдай бойынша")
_KNOWN_BY = Label("as known on {date}", "по сведениям на {date}", "{date} күніне дейінгі мәлімет бойынша")
_STANCE = Label("stance: {word}", "подход: {word}", "ұстаным: {word}")
_LEVEL = Label("level: {word} or stronger", "уровень не ниже: {word}", "деңгейі кемінде: {word}")
_CERTAINTY = Label("certainty: {word} or better", "сведения не слабее: {word}", "мәлімет кемінде: {word}")
_FRESH = Label("evidence not older than {span}", "давность сведений: за {span}", "мәліметтің ескілігі: {span} ішінде")
# After one, after two, after five.
_UNITS: Final = {
    "d": Label("day|days", "день|дня|дней", "күн"),
    "w": Label("week|weeks", "неделю|недели|недель", "апта"),
    "m": Label("month|months", "месяц|месяца|месяцев", "ай"),
    "y": Label("year|years", "год|года|лет", "жыл"),
}
_FROM = Label("asking: {what}", "запрашивают: {what}", "сұраушылар: {what}")
_IN = Label("in: {what}", "где: {what}", "қайда: {what}")
_WITHOUT = Label("without: {what}", "без: {what}", "алынып тасталған: {what}")
_WITH = Label("with the rows of: {what}", "со строками из: {what}", "мына жолдармен: {what}")
_LISTS = Label("lists: {what}", "перечни: {what}", "тізімдер: {what}")
_DATASET = Label("dataset {name}", "набор данных {name}", "деректер жинағы {name}")
_SOURCES = Label(", sources up to {date}", ", источники по {date}", ", соңғы дереккөз: {date}")

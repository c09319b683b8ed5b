"""Questions in words: English, Russian or Kazakh, turned into a command or refused."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from graphs.mentions import Names
from graphs.phrasebook import (
    AFTER,
    ASKED,
    ATTRIBUTIVE,
    AWAY,
    CUSTODY,
    EMPTY,
    FOREIGN,
    IN,
    INTENTIONS,
    MONTHS,
    NEGATION,
    OF_WHERE,
    OUTSIDE,
    REACH,
    SINCE,
    STATE_COMPANY,
    STRETCH,
    TO,
    UNKNOWN,
    WITHIN,
    kinds_of,
)  # fmt: skip
from graphs.refusals import (
    NEGATED,
    NO_QUESTION,
    NO_REACH,
    NOT_THIS,
    ONE_DATE,
    ONE_DAY,
    SEVERAL,
    TOGETHER,
    WHICH_DATA,
    WHICH_DATES,
    WHOSE,
    WHY_NOT,
)  # fmt: skip
from stakeholders.countries import country_of
from stakeholders.dataset import Dataset
from stakeholders.dates import first_day, iso
from stakeholders.errors import AccessMapError
from stakeholders.vocabulary import LANGUAGES, Label

_FLAGS = {"as_of": "--as-of", "level": "--level", "bodies": "--from", "stores": "--in", "between": "--between"}
_NEEDS_REACH = ("who", "what", "how", "whynot")
_POSITIVE = ("exposure", "chokepoints", "cut", "diff")  # what is so is told, not what is not
_KAZAKH = re.compile(r"[әғқңөұүһі]")


class NotUnderstood(AccessMapError):
    """A question that is no question of ours, or leaves doubt; its text says what was understood."""


@dataclass(frozen=True)
class Meaning:
    """What a question means.

    Attributes
    ----------
    command : str
        The command that answers it.
    arguments : mapping
        The command's own arguments, ids and codes.
    options : mapping
        Options that it shares with others: ``as_of``, ``level``, ``bodies``, ``stores`` (selectors).
    lang : {'en', 'ru', 'kk'}
        The language of the question.
    """

    command: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    lang: str = "en"

    def __str__(self) -> str:
        return shlex.join(self.words)

    @property
    def foreign(self) -> str | None:
        """The language of the question where it is not that of answers anyhow."""
        return self.lang if self.lang != LANGUAGES[0] else None

    @property
    def words(self) -> list[str]:
        """What one would type, word by word."""
        words = [self.command]
        for name, value in {**self.arguments, **self.options}.items():
            if name in ("bodies", "stores"):
                words += [word for selector in value for word in (_FLAGS[name], selector)]
            elif name in _FLAGS:
                words += [_FLAGS[name], *(value if isinstance(value, tuple) else (value,))]
            else:
                words.append(value)
        return words


def understand(dataset: Dataset, question: str) -> Meaning:
    """The command that a question in words means.

    Parameters
    ----------
    dataset : Dataset
        Knows the names that may occur.
    question : str
        In English, Russian or Kazakh.

    Returns
    -------
    Meaning
        Its text is what one would type.

    Raises
    ------
    NotUnderstood
        If a word stays unexplained, a name is missing, or one could mean several things. Nothing is guessed.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> dataset = read("cabar-2020")
    >>> str(understand(dataset, "Who could reach biometric data on 15 April 2020?"))
    'who biometric --as-of 2020-04-15'
    >>> str(understand(dataset, "Почему полиция Алматы не имеет доступа к видео?"))
    'whynot kz-police-almaty video'
    """
    return _Reader(dataset, question).meaning()


class _Reader:
    """Reads one question: takes from it what it recognises, until only names are left."""

    def __init__(self, dataset: Dataset, question: str) -> None:
        self.dataset, self.names = dataset, Names(dataset)
        self.text = " ".join(re.sub(r"[?!.,;:«»“”„\"()]+(?=\s|$)|[«»“”„\"()]", " ", question.replace("’", "'")).split())
        self.low = self.text.casefold()
        self.lang = "kk" if _KAZAKH.search(self.low) else "ru" if re.search(r"[а-яё]", self.low) else "en"
        self.intention = self._intention()
        self.options: dict[str, Any] = {}
        self.stretch = ""
        self.dates = self._take_dates()
        self.selectors = self._take_askers()

    def meaning(self) -> Meaning:
        command = self.intention
        if not command:
            raise self._refusal(NO_QUESTION, askable="; ".join(label.of(self.lang) for label in ASKED.values()))
        if command in _NEEDS_REACH and not (self._says(REACH) or self._says(CUSTODY)):
            raise self._refusal(NO_REACH)
        negated = self._said(NEGATION if self.lang != "kk" else NEGATION[::2])  # in Kazakh the Russian "not" is "what"
        if negated and command in _NEEDS_REACH[:3]:
            raise self._refusal(NEGATED, example=self._example())
        if negated and command in _POSITIVE:
            raise self._refusal(NOT_THIS, said=negated)
        if command in ("who", "what") and self._says(CUSTODY) and not self._says(REACH):
            self.low = re.sub(r"^who stores?\b", "", self.low)
            self.options["level"] = "custody"
        if command == "gaps":
            self.low = re.sub(UNKNOWN, " ", self.low)
        if self.selectors:
            self.options["bodies"] = self.selectors
        readers = {
            "who": self._target, "what": self._body, "how": self._both, "whynot": self._both,
            "gaps": self._maybe_target, "exposure": self._maybe_target, "chokepoints": self._target_from,
            "cut": self._target_from, "diff": self._between,
        }  # fmt: skip
        arguments = readers[command]()
        self._date_option()
        return Meaning(command, arguments, self.options, self.lang)

    # what is asked

    def _intention(self) -> str:
        for command, patterns in INTENTIONS.items():
            if self._says(patterns):
                return command
        return ""

    def _says(self, patterns: Sequence[str]) -> bool:
        return bool(self._said(patterns))

    def _said(self, patterns: Sequence[str]) -> str:
        """The words that fit one of some patterns."""
        return next((match[0] for pattern in patterns if (match := re.search(pattern, self.low))), "")

    # arguments

    def _target(self) -> dict[str, str]:
        return {"target": self._one(self._words(), None)}

    def _body(self) -> dict[str, str]:
        return {"body": self._one(self._words(), "body")}

    def _both(self) -> dict[str, str]:
        body, target = self._two(self._words())
        return {"body": body, "target": target}

    def _maybe_target(self) -> dict[str, str]:
        words = self._words()
        return {"target": self._one(words, None)} if words else {}

    def _target_from(self) -> dict[str, str]:
        words = self._words()
        if target := self._pieced(words):
            return {"target": target}
        if not self.selectors and len(found := self._splits(words)) == 1:
            self.options["bodies"] = [found[0][0]]
            return {"target": found[0][1]}
        return {"target": self._one(words, None)}

    def _pieced(self, words: Sequence[str]) -> str | None:
        """A data category, if the other words say where it is or which kind of body asks; these become options."""
        if not (meant := self.names.meant(words, None)).beside and meant.one and not self._parted(words):
            return None
        others: list[str] = list(words)
        askers: list[str] = []
        if self.intention in ("cut", "chokepoints") and not self.selectors:
            others, askers = self._kinds(others)
        places = [word for word in others if country_of(word) or self.names.places.of(word)]
        category = self.names.meant([word for word in others if word not in places], None)
        if category.one not in self.dataset.tree or not all(map(self._located, places)):
            return None
        if askers and any(map(self._of_askers, places)):
            return None
        cells = [f"location={cell}" for word in places for cell in self.names.places.of(word)]
        countries = [f"country={country}" for word in places if (country := country_of(word))]
        if len(countries) > 1 or not (askers or places):
            return None
        if cells or countries:
            self.options["stores"] = [",".join([cell, *countries]) for cell in dict.fromkeys(cells)] or countries
        if askers:
            self.options["bodies"] = askers
        return category.one

    def _kinds(self, words: list[str]) -> tuple[list[str], list[str]]:
        """Words without a kind of body and its country, and what these are as selectors."""
        tokens = [word.strip("'-–—").removesuffix("'s") for word in self.low.split()]
        places = [place for place, token in enumerate(tokens) if kinds_of(token)]
        if len(places) != 1:
            return words, []
        before = tokens[places[0] - 1] if places[0] else ""
        country = f"country={code}" if (code := country_of(before)) else ""
        country = f"country!={self._home()}" if re.match(FOREIGN, before) else country
        taken = {tokens[places[0]], *([before] if country else [])}
        kinds = kinds_of(tokens[places[0]]) or ()
        left = [word for word in words if word.removesuffix("'s") not in taken]
        return left, [",".join([f"kind={kind}", *([country] if country else [])]) for kind in kinds]

    def _parted(self, words: Sequence[str]) -> bool:
        """Whether words are parted by one that tells who reaches from what is reached: no name holds it."""
        said = self.low.split()
        places = [place for place, word in enumerate(said) if word.strip("'-–—") in words]
        return any(re.fullmatch(TO, word) for word in said[min(places) : max(places)]) if places else False

    def _of_askers(self, place: str) -> bool:
        """Whether a place is said of those who ask: beside their kind, or before what tells what they reach."""
        said = [word.strip("'-–—") for word in self.low.split()]
        said = [word for word in said if re.fullmatch(TO, word) or word not in EMPTY]
        at, kinds = said.index(place), [number for number, word in enumerate(said) if kinds_of(word)]
        return any(abs(at - each) == 1 for each in kinds) or any(re.fullmatch(TO, word) for word in said[at:])

    def _located(self, word: str) -> bool:
        """Whether a place is said to be where the data are: not where from, and not where those are who ask."""
        at = re.search(rf"(?P<before>\S*(?: the| г| городе?)?) ?\b{re.escape(word)}", self.low)
        if at is None or re.match(AWAY, at["before"]):
            return False
        if self.lang == "kk":
            return bool(re.search(ATTRIBUTIVE, word))
        reach = next((found for pattern in REACH if (found := re.search(pattern, self.low))), None)
        if self.intention == "who" and (reach is None or at.end() < reach.start()):
            return False
        return country_of(word) is None or bool(re.match(IN, at["before"]))

    def _between(self) -> dict[str, Any]:
        self._nothing()
        dates, self.dates, self.stretch = self.dates, [], ""
        if len(dates) == 1 and re.search(SINCE, self.text.casefold()):
            # What changed since a year began is asked of the day before.
            whole = len(dates[0]) == len("2020-02-02") or re.search(AFTER, self.text.casefold())
            first = dates[0] if whole else iso(first_day(dates[0]) - 1)
            dates = [first, date.today().isoformat()]
        if len(dates) != 2:
            raise self._refusal(WHICH_DATES)
        return {"between": (dates[0], dates[1])}

    def _nothing(self) -> dict[str, str]:
        if words := self._words():
            raise self._not_this(words)
        return {}

    def _date_option(self) -> None:
        if len(self.dates) > 1:
            raise self._refusal(ONE_DATE, dates=", ".join(self.dates))
        if self.stretch:
            raise self._refusal(ONE_DAY, said=self.stretch)
        if self.dates:
            self.options["as_of"] = self.dates[0]

    # names

    def _words(self) -> list[str]:
        words = [word.strip("'-–—") for word in self.low.split()]
        return [word for word in words if word and word.removesuffix("'s") not in EMPTY]

    def _one(self, words: Sequence[str], kind: str | None) -> str:
        if not words:
            raise self._refusal(WHOSE if kind else WHICH_DATA)
        found = self.names.meant(words, kind)
        meant = (self._pieced(words) if kind is None else None) or found.one
        if meant is None:
            raise self._doubt(words, found.names)
        return meant

    def _two(self, words: Sequence[str]) -> tuple[str, str]:
        found = self._splits(words)
        if len(found) == 1:
            return found[0]
        if found:
            pairs = [f"{self._named(body)} + {self._named(target)}" for body, target in found[:3]]
            raise self._refusal(SEVERAL, said=" ".join(words), found="; ".join(pairs))
        raise self._doubt(words, [])

    def _splits(self, words: Sequence[str]) -> list[tuple[str, str]]:
        """Ways to read words as a body and a target, in the order in which they are said if that will do."""
        for body_first in (True, False):
            found: dict[tuple[str, str], int] = {}
            for place in range(1, len(words)):
                parts = (words[:place], words[place:]) if body_first else (words[place:], words[:place])
                body, target = self.names.meant(parts[0], "body"), self.names.meant(parts[1], None)
                if body.one and target.one and body.one != target.one:
                    found.setdefault((body.one, target.one), body.beside + target.beside)
            if found:
                return [pair for pair, beside in found.items() if beside == min(found.values())]
        return []

    def _doubt(self, words: Sequence[str], found: Sequence[str]) -> NotUnderstood:
        said = " ".join(words)
        if found:
            named = "; ".join([*(self._named(name) for name in found[:4]), *(["…"] if len(found) > 4 else [])])
            return self._refusal(SEVERAL, said=said, found=named)
        return self._not_this(words)

    def _not_this(self, words: Sequence[str]) -> NotUnderstood:
        """That some words are not understood: just those that are not, or how those that are go together."""
        known = {word: self.names.known_as(word) for word in dict.fromkeys(words)}
        if strange := [word for word in words if not known[word]]:
            return self._refusal(NOT_THIS, said=" ".join(strange))
        named = "; ".join(f"“{word}” = {meant}" for word, meant in known.items())
        return self._refusal(TOGETHER, said=" ".join(words), known=named)

    def _example(self) -> str:
        """Of one body and what is asked about why there is no access, in words that are understood."""
        named: dict[str, str] = {}
        readers = {"who": self._target, "what": self._body, "how": self._both}
        with suppress(NotUnderstood):
            named = readers[self.intention]()
        entities, tree = self.dataset.entities, self.dataset.tree
        bodies = (name for name in entities.column("id") if self.dataset.type_of(name) == "body")
        target = named.get("target") or next(iter(sorted(tree.codes)), "")
        body = named.get("body") or next((name for name in bodies if name != target), "")
        return WHY_NOT.of(self.lang).format(body=body, target=target)

    def _refusal(self, label: Label, **values: str) -> NotUnderstood:
        asked = ASKED[self.intention].of(self.lang) if self.intention else ""
        return NotUnderstood(label.of(self.lang).format(text=self.text, asked=asked, **values))

    def _named(self, name: str) -> str:
        tree = self.dataset.tree
        return f"{name!r} ({tree.name_of(name, self.lang) if name in tree else self.dataset.name_of(name, self.lang)})"

    # what is taken out of the text before names are looked for

    def _take_dates(self) -> list[str]:
        """ISO dates, years, and dates with the month in words; each replaced by nothing."""
        found: list[tuple[int, str]] = []

        def taken(match: re.Match[str], day: str = "") -> str:
            found.append((match.start(), day or match[0]))
            around = re.search(STRETCH.replace(r"\0", re.escape(match[0])), self.low)
            self.stretch = self.stretch or (around[0] if around else "")
            return " " * len(match[0])

        def worded(match: re.Match[str]) -> str:
            parts = match.groupdict()
            number = next((n for n, month in enumerate(MONTHS, 1) if month.match(parts["month"])), None)
            if number is None:
                return match[0]
            day = f"-{int(parts['day']):02}" if parts.get("day") else ""
            return taken(match, f"{parts['year']}-{number:02}{day}")

        for pattern, put in ((r"\b\d{4}-\d{2}(?:-\d{2})?\b", taken), *((form, worded) for form in _WORDED),
                             (r"\b(?:19|20)\d{2}\b", taken)):  # fmt: skip
            self.low = re.sub(pattern, put, self.low)
        return [text for _, text in sorted(found)]

    def _take_askers(self) -> list[str]:
        """Selectors of who asks: a country's, abroad, a kind of body, after the question word or "outside"."""
        if self.intention not in ("who", "chokepoints", "cut", "exposure"):
            return []
        countries: list[str] = []
        if (match := re.search(OUTSIDE, self.low)) and (country := country_of(match[1] or match[2])):
            countries.append(f"country!={country}")
            self.low = self.low.replace(match[0], " ")
        if (match := re.search(WITHIN, self.low)) and (country := country_of(match[1])):
            countries.append(f"country={country}")
            self.low = self.low.replace(match[0], "who", 1)
        self.low = re.sub(STATE_COMPANY, "state_company", self.low)
        match = re.search(
            r"\b(?:which|what|any|какие|какая|какой|каким|қай|қандай|who|кто|кім)\b((?: [\w-]+)+)", self.low
        )
        kinds: list[str] | None = None
        if match and self.intention == "who":
            words = match[1].split()
            for place, word in enumerate(words):
                if country := country_of(word):
                    countries.append(f"country={country}")
                elif re.match(FOREIGN, word):
                    countries.append(f"country!={self._home()}")
                elif (kind := kinds_of(word)) is not None and kinds is None:
                    kinds = list(kind)
                else:
                    where = re.match(OF_WHERE, " ".join(words[place:]))
                    if (kinds and kind) or (where and words[place + 1] not in EMPTY):
                        raise self._refusal(NOT_THIS, said=match[0])
                    break
                self.low = self.low.replace(word, " ", 1)
        if kinds:
            return [",".join([f"kind={kind}", *countries]) for kind in kinds]
        return [",".join(countries)] if countries else []

    def _home(self) -> str:
        """The country that most bodies are of."""
        entities = self.dataset.entities
        rows = zip(entities.column("type"), entities.column("country"), strict=True)
        return Counter(country for kind, country in rows if kind == "body" and country).most_common(1)[0][0]


def _forms() -> Iterator[str]:
    month, year, day = r"(?P<month>[^\W\d]{3,})", r"(?P<year>(?:19|20)\d{2})", r"(?P<day>\d{1,2})"
    yield rf"\b{day}(?:st|nd|rd|th)?(?: of)? {month},? {year}\b"
    yield rf"\b{month} {day}(?:st|nd|rd|th)?,? {year}\b"
    yield rf"\b{year} (?:жылғы|жылдың) {day} {month}\w*"
    yield rf"\b{year} (?:жылғы|жылдың) {month}\w*"
    yield rf"\b{month} {year}\b"


_WORDED = tuple(_forms())

"""Screening: candidates between a dataset's bodies and the entries of a sanctions list, for a person to decide on.

Registry numbers are compared first, then names in every alphabet. Nothing is merged by itself: a candidate has a score
and a reason, a decision is a row of ``matches.csv`` with who made it, when and why, and is read next time.
"""

from __future__ import annotations

import csv
import heapq
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stakeholders.dataset import split
from stakeholders.decisions import FAMILIES, decisions_of
from stakeholders.errors import AccessMapError
from stakeholders.formats.csl import NEEDED as CSL_COLUMNS
from stakeholders.formats.csl import read_csl
from stakeholders.formats.followthemoney import read_followthemoney
from stakeholders.formats.list_files import ORGANISATION, ListedAs, ListEntry, ListFile, Progress
from stakeholders.formats.opensanctions import NEEDED as OPENSANCTIONS_COLUMNS
from stakeholders.formats.opensanctions import read_opensanctions
from stakeholders.identifiers import Identifier, identifier_of, identifiers_of
from stakeholders.names import ACCEPTABLE, SPELLING, Likeness, Name, likeness, name_of, variants, word_weight
from stakeholders.vocabulary import Label

if TYPE_CHECKING:
    from stakeholders.dataset import Dataset

NUMBER: Final = Label("same {kind} {value}", "совпадает {kind} {value}", "{kind} {value} сәйкес")
ABROAD: Final = Label("{reason}; countries differ: {countries}", "{reason}; страны разные: {countries}",
                      "{reason}; елдері әртүрлі: {countries}")  # fmt: skip
GENERIC: Final = Label("{reason}; every word is common", "{reason}; все слова общеупотребительны",
                       "{reason}; барлық сөздер жалпы")  # fmt: skip
SEVERAL: Final = Label("{reason}; as like to {others}", "{reason}; так же похоже на {others}",
                       "{reason}; {others} атауына да сондай ұқсас")  # fmt: skip
APART: Final = Label("nothing in common", "ничего общего", "ортақ ештеңе жоқ")

_LISTING_COLUMNS: Final = ("id", "entity", "authority", "list")
_MOST: Final = 50  # candidates kept for each body
_WORST: Final = 0.7
_ALIAS: Final = 0.02  # a main name tells more than one of many other names
_UNSURE: Final = 0.8
_CLOSE: Final = 0.015
_MANY: Final = 60
_LONG: Final = 7


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a candidate is one, said in each language."""

    template: Label
    values: Mapping[str, str] = field(default_factory=dict)
    inner: Reason | None = None

    def text(self, lang: str = "en") -> str:
        """The reason in one language."""
        values = {**self.values, **({"reason": self.inner.text(lang)} if self.inner else {})}
        return self.template.of(lang).format(**values)


@dataclass(frozen=True)
class Candidate:
    """A body and an entry that may be the same.

    Attributes
    ----------
    entity : str
        Id of the body.
    entry : ListEntry
    score : float
        From 0 to 1; 1 for a registry number or the same name.
    reason : Reason
    own_name, their_name : str
        The names that were compared; empty for a number.
    suggested : bool
        Whether it lies at or above the suggested threshold, and nothing speaks against it.
    decision : str
        ``accepted``, ``rejected`` or empty, as ``matches.csv`` says.
    """

    entity: str
    entry: ListEntry
    score: float
    reason: Reason
    own_name: str = ""
    their_name: str = ""
    suggested: bool = False
    decision: str = ""


@dataclass(frozen=True)
class Screening:
    """What a screening found.

    Attributes
    ----------
    format : str
        ``csl``, ``opensanctions``, ``followthemoney`` or ``listings``.
    candidates : tuple of Candidate
        Best first, then by body and entry. What somebody decided on is among them whatever its score.
    entries : int
        How many entries were read.
    others : mapping of str to int
        How many of them were persons, vessels or aircraft, which no body can be.
    dropped : int
        Weak candidates beyond the fifty best of a body, of those on which nobody decided.
    """

    format: str
    candidates: tuple[Candidate, ...]
    entries: int
    others: Mapping[str, int]
    dropped: int = 0


def screen(
    dataset: Dataset,
    path: str | Path,
    *,
    weakest: float = _WORST,
    rejected: bool = False,
    progress: Progress | None = None,
) -> Screening:
    """Candidates between the bodies of a dataset and the entries of a sanctions list.

    Parameters
    ----------
    dataset : Dataset
        Its bodies are compared by their names in every language, aliases and registry numbers.
    path : str or Path
        A file of the US Consolidated Screening List (CSV), OpenSanctions (``targets.simple.csv``,
        ``entities.ftm.json``, ``targets.nested.json``), or a ``listings.csv``; may be compressed with gzip.
    weakest : float
        Lowest score of a candidate on which nobody decided, from 0 to 1.
    rejected : bool
        Whether to give candidates that were rejected before, too.
    progress : callable, optional
        Called now and then with the bytes read and the size of the file.

    Returns
    -------
    Screening

    Raises
    ------
    AccessMapError
        If the file is none of these, or is damaged: with file and line.

    Notes
    -----
    The file is read once, entry by entry; memory depends on the dataset and the number of candidates, not on its size.
    """
    form, entries = open_list(path, progress)
    return _collected(dataset, form, entries, weakest, with_rejected=rejected)


def open_list(path: str | Path, progress: Progress | None = None) -> tuple[str, Iterator[ListEntry]]:
    """The format of a sanctions list, found by looking at its beginning, and its entries.

    Raises
    ------
    AccessMapError
        If it is in none of the formats.
    """
    with ListFile(path) as file:
        start = file.start()
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise AccessMapError(f"{path}:1: the file is UTF-16; save it as UTF-8")
    first = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not first:
        raise AccessMapError(f"{path}:1: the file is empty")
    if first[:1] == b"{":
        return "followthemoney", _pass(path, progress, read_followthemoney)
    header = set(next(csv.reader(io.StringIO(first.partition(b"\n")[0].decode("utf-8", "replace"))), []))
    for form, columns, reader in (
        ("csl", CSL_COLUMNS, read_csl),
        ("opensanctions", OPENSANCTIONS_COLUMNS, read_opensanctions),
        ("listings", _LISTING_COLUMNS, read_listings_table),
    ):
        if header.issuperset(columns):
            return form, _pass(path, progress, reader)
    near = max(
        (("a Consolidated Screening List", CSL_COLUMNS), ("targets.simple.csv", OPENSANCTIONS_COLUMNS)),
        key=lambda item: len(header.intersection(item[1])),
    )
    missing = [column for column in near[1] if column not in header]
    raise AccessMapError(
        f"{path}:1: no sanctions list that can be read: neither lines of JSON nor a known header. "
        f"For {near[0]} it lacks {', '.join(map(repr, missing))}."
    )


def read_listings_table(file: ListFile) -> Iterator[ListEntry]:
    """Listings of another dataset, named by the ``entities.csv`` beside them, else by their ids alone."""
    names = _names_beside(file.path)
    for row in file.csv_rows(_LISTING_COLUMNS):
        yield ListEntry(
            id=row["id"],
            kind=ORGANISATION,
            names=names.get(row["entity"], ()),
            identifiers=(row["entity"], row.get("reference", "")),
            listed=(
                ListedAs(
                    row["list"],
                    row["authority"],
                    row.get("program", ""),
                    row.get("listed_from", ""),
                    row.get("listed_until", ""),
                    row.get("reference", ""),
                ),
            ),
            line=file.line,
        )


class Matcher:
    """A dataset's bodies, ready to be compared with one entry after another.

    Parameters
    ----------
    dataset : Dataset
    weakest : float
        Lowest score that is given.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> matcher = Matcher(read("central-asia"))
    >>> entry = ListEntry("30946", "organisation", ("HANGZHOU HIKVISION DIGITAL TECHNOLOGY CO., LTD.",))
    >>> [(found.entity, found.score) for found in matcher.candidates(entry)]
    [('cn-hikvision', 1.0)]
    """

    def __init__(self, dataset: Dataset, weakest: float = _WORST) -> None:
        self.weakest = weakest
        self._numbers = identifiers_of(dataset)
        self._names: list[tuple[str, Name]] = []
        self._countries: dict[str, str] = {}
        table = dataset.entities
        columns = [name for name in table.header if name == "name" or name.startswith("name_")]
        for row in table.rows():
            if row["type"] == "body":
                self._countries[row["id"]] = row.get("country", "")
                texts = [row[column] for column in columns if row[column]] + list(split(row.get("aliases", "")))
                names = {name.words: name for text in texts for part in variants(text) if (name := name_of(part)).words}
                self._names += [(row["id"], name) for name in names.values()]
        self._by_word: dict[str, list[int]] = {}
        self._by_letters: dict[str, list[int]] = {}
        self._by_frame: dict[str, list[int]] = {}
        for number, (_, name) in enumerate(self._names):
            self._by_letters.setdefault(name.loose, []).append(number)
            for word in dict.fromkeys(name.words):
                self._by_word.setdefault(word, []).append(number)
                if len(word) >= _LONG:
                    for frame in _frames(word):
                        self._by_frame.setdefault(frame, []).append(number)

    def candidates(self, entry: ListEntry, decided: Iterable[str] = ()) -> list[Candidate]:
        """Bodies that an entry may be, each once, with its best reason; of several equally good none is suggested.

        Those on which somebody decided are given however unlike they are.
        """
        best: dict[str, Candidate] = {}
        for written in entry.identifiers:
            numbers = [Identifier("id", written)]
            numbers += [told] if (told := identifier_of(written)) else []
            for found in numbers:
                for entity in self._numbers.get(found, ()):
                    reason = Reason(NUMBER, {"kind": found.kind, "value": found.value})
                    pair = self._numbered(Candidate(entity, entry, 1.0, reason, suggested=True), found)
                    if entity not in best or pair.score > best[entity].score:
                        best[entity] = pair
        for theirs, alias in _names_in(entry):
            self._compare(entry, theirs, best, alias=alias)
        for entity in decided:
            if entity in self._countries and entity not in best:
                best[entity] = self._likest(entry, entity)
        return _alone(sorted(best.values(), key=lambda each: (-each.score, each.entity)))

    def _numbered(self, pair: Candidate, number: Identifier) -> Candidate:
        """A candidate by number; one that no check digit vouches for may stand in two countries' registers."""
        country, countries = self._countries.get(pair.entity, ""), pair.entry.countries
        if number.kind != "number" or not country or not countries or country in countries:
            return pair
        reason = Reason(ABROAD, {"countries": f"{country} / {', '.join(countries)}"}, pair.reason)
        return replace(pair, score=_UNSURE, reason=reason, suggested=False)

    def _compare(self, entry: ListEntry, theirs: Name, best: dict[str, Candidate], *, alias: bool) -> None:
        for number in self._near(theirs):
            entity, ours = self._names[number]
            known = best.get(entity)
            if known is not None and known.score >= 1:
                continue
            found = likeness(ours, theirs, self.weakest)
            if found.score >= self.weakest and (known is None or found.score > known.score):
                judged = self._judged(entry, entity, ours, theirs, found, alias=alias)
                if judged.score >= self.weakest and (known is None or judged.score > known.score):
                    best[entity] = judged

    def _near(self, theirs: Name) -> Iterator[int]:
        """Names of bodies that may be like a name: those that share enough of what its words tell, or nearly a word."""
        near = dict.fromkeys(self._by_letters.get(theirs.loose, ()))
        told: dict[int, float] = {}
        known: list[tuple[int, str, list[int]]] = []
        for word in dict.fromkeys(theirs.words):
            numbers = self._by_word.get(word)
            if numbers is not None:
                known.append((len(numbers), word, numbers))
            elif len(word) >= _LONG:
                found = [number for frame in _frames(word) for number in self._by_frame.get(frame, ())]
                near.update((number, None) for number in found if self._as_long(number, theirs))
        known.sort()
        for count, word, numbers in known:
            weight = word_weight(word)
            if count <= _MANY:
                for number in numbers:
                    told[number] = told.get(number, 0.0) + weight
            elif not told:
                # A word of very many names leads to none of them by itself.
                break
            else:
                told = {number: sum_ + weight * (word in self._names[number][1].words) for number, sum_ in told.items()}
        least = self.weakest - 0.1
        for number, weight in told.items():
            if 2 * weight >= least * (self._names[number][1].weight + theirs.weight):
                near[number] = None
        yield from near

    def _as_long(self, number: int, theirs: Name) -> bool:
        return len(self._names[number][1].words) == len(theirs.words)

    def _likest(self, entry: ListEntry, entity: str) -> Candidate:
        """An entry and a body by the names that are the least unlike."""
        pairs = [
            self._judged(entry, entity, ours, theirs, likeness(ours, theirs), alias=alias)
            for owner, ours in self._names
            if owner == entity
            for theirs, alias in _names_in(entry)
            if theirs.words
        ]
        return max(pairs, key=lambda each: each.score, default=Candidate(entity, entry, 0.0, Reason(APART)))

    def _judged(
        self, entry: ListEntry, entity: str, ours: Name, theirs: Name, found: Likeness, *, alias: bool
    ) -> Candidate:
        """A candidate by name, with what speaks against it."""
        country, countries = self._countries[entity], entry.countries
        score, reason = found.score - _ALIAS * alias, Reason(found.reason, {"words": found.words})
        if country and countries and country not in countries:
            score -= 0.2
            reason = Reason(ABROAD, {"countries": f"{country} / {', '.join(countries)}"}, reason)
        elif country and country in countries:
            pass
        elif ours.generic and score > _UNSURE:
            score, reason = _UNSURE, Reason(GENERIC, {}, reason)
        elif alias or reason.template is SPELLING:
            # Nothing says that the country is the same: then only the main name, as written, is enough.
            score = min(score, _UNSURE)
        score = max(round(score, 3), 0.0)
        return Candidate(entity, entry, score, reason, ours.text, theirs.text, suggested=score >= ACCEPTABLE)


def _collected(
    dataset: Dataset, form: str, entries: Iterable[ListEntry], weakest: float, *, with_rejected: bool
) -> Screening:
    matcher, family = Matcher(dataset, weakest), FAMILIES[form]
    decisions: dict[str, dict[str, str]] = {}
    for each in decisions_of(dataset).values():
        if each.family == family:
            decisions.setdefault(each.entry, {})[each.entity] = each.decision
    found: list[Candidate] = []
    kept: dict[str, list[tuple[float, int, Candidate]]] = {}
    count, dropped, others = 0, 0, dict[str, int]()
    for count, entry in enumerate(entries, start=1):
        if entry.kind != ORGANISATION:
            others[entry.kind] = others.get(entry.kind, 0) + 1
            if entry.id not in decisions:
                continue
        decided = decisions.get(entry.id, {})
        for candidate in matcher.candidates(entry, decided):
            decision = decided.get(candidate.entity)
            if decision is not None:
                if decision != "rejected" or with_rejected:
                    found.append(replace(candidate, decision=decision))
            elif entry.kind == ORGANISATION:
                heap = kept.setdefault(candidate.entity, [])
                heapq.heappush(heap, (candidate.score, -count, candidate))
                if len(heap) > _MOST:
                    heapq.heappop(heap)
                    dropped += 1
    found += [candidate for heap in kept.values() for _, _, candidate in heap]
    found.sort(key=lambda each: (-each.score, each.entity, each.entry.line, each.entry.id))
    return Screening(form, tuple(found), count, dict(sorted(others.items())), dropped)


def _names_in(entry: ListEntry) -> Iterator[tuple[Name, bool]]:
    """Names of an entry, and whether each is one of its other names."""
    for number, text in enumerate(entry.names):
        for part in variants(text) if "(" in text or "[" in text or "（" in text else (text,):
            yield name_of(part), number > 0


def _alone(candidates: list[Candidate]) -> list[Candidate]:
    """Candidates of one entry; of several equally good bodies none is suggested."""
    suggested = [each for each in candidates if each.suggested]
    if len(suggested) < 2:
        return candidates
    best = suggested[0].score
    # A number tells more than any name.
    equal = [each for each in suggested if each.reason.template is NUMBER] or [
        each for each in suggested if each.score > best - _CLOSE
    ]
    if len(equal) == 1:
        return [each if each is equal[0] else replace(each, suggested=False) for each in candidates]
    names = [each.entity for each in equal]
    return [
        replace(
            each,
            suggested=False,
            reason=Reason(SEVERAL, {"others": ", ".join(name for name in names if name != each.entity)}, each.reason),
        )
        if each in equal
        else replace(each, suggested=False)
        for each in candidates
    ]


def _pass(
    path: str | Path, progress: Progress | None, reader: Callable[[ListFile], Iterator[ListEntry]]
) -> Iterator[ListEntry]:
    with ListFile(path, progress) as file:
        yield from reader(file)


def _names_beside(path: Path) -> dict[str, tuple[str, ...]]:
    beside = path.with_name("entities.csv")
    if not beside.is_file():
        return {}
    with ListFile(beside) as file:
        return {
            row["id"]: tuple(
                value
                for column, cell in row.items()
                if column == "name" or column.startswith("name_") or column == "aliases"
                for value in (split(cell) if column == "aliases" else (cell,))
                if value
            )
            for row in file.csv_rows(("id", "name"))
        }


def _frames(word: str) -> tuple[str, str]:
    """Both ends of a long word: one slip in the middle leaves them, one at an end the other."""
    return f"{word[:5]}-", f"-{word[-5:]}"

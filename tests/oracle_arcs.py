"""The first half of the brute force: from rows to the arcs that count on a day, and to the places where the data are.

Read it with ``oracle.py``, which goes on to paths and answers.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

Row = Mapping[str, str]

LEVELS = ("possible", "indirect", "granted", "custody")
CERTAINTIES = ("prospective", "alleged", "reported", "confirmed")
VERDICTS = ("prospective", "claimed", "reaches")
WORDS = ("known", "assumed", "undated")
STATUS_CERTAINTY = {
    "confirmed": "confirmed",
    "reported": "reported",
    "alleged": "alleged",
    "planned": "prospective",
    "under_review": "prospective",
}

# Predicate -> (does the arc run from subject to object, level). A feed's level goes by mode, an owner's arc by percent.
RULES = {
    "holds": (True, "custody"),
    "operates": (True, "custody"),
    "keeps_data_in": (True, "custody"),
    "collects_for": (False, "custody"),
    "has_access": (True, "granted"),
    "feeds": (False, "indirect"),
    "part_of": (False, "indirect"),
    "owns": (True, "indirect"),
    "controls": (True, "indirect"),
    "member_of": (True, "possible"),
    "maintains": (True, "possible"),
    "integrates": (True, "possible"),
    "supplies": (True, "possible"),
    "governs": (True, "possible"),
    "can_compel": (True, "possible"),
    "leaked_to": (False, "indirect"),
}
WITHOUT_ARC = ("partner_of", "supervises", "funds", "replaces")


@dataclass(frozen=True, eq=False)
class Tables:
    """A dataset as its rows. Two are never equal, so that what follows from one can be remembered."""

    entities: Sequence[Row]
    relations: Sequence[Row]
    sources: Sequence[Row]
    categories: Sequence[Row]

    def entity(self, entity_id: str) -> Row:
        return next(row for row in self.entities if row["id"] == entity_id)

    def source(self, source_id: str) -> Row:
        return next(row for row in self.sources if row["id"] == source_id)

    def bodies(self) -> list[str]:
        return [row["id"] for row in self.entities if row["type"] == "body"]

    def narrower(self, code: str) -> set[str]:
        """The category itself and everything narrower, however deep."""
        found = {code}
        while more := {row["code"] for row in self.categories if found & set(cell(row["broader"]))} - found:
            found |= more
        return found

    def closed(self, codes: Iterable[str]) -> set[str]:
        """An arc that names a broad category passes its narrower ones."""
        return {narrow for code in codes for narrow in self.narrower(code)}


@dataclass(frozen=True)
class Question:
    """What is asked: the options that mean the same everywhere."""

    as_of: datetime.date
    stance: Literal["direct", "documented", "assumed"] = "documented"
    known_by: datetime.date | None = None
    level: str = "possible"
    certainty: str = "prospective"
    fresh: int | None = None
    bodies: tuple[str, ...] | None = None
    stores: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Dated:
    """A relation's interval: its days (both inclusive), the text that set the start, and how the start is known."""

    start: datetime.date
    end: datetime.date
    since: str
    word: str


@dataclass(frozen=True)
class Arc:
    """Whoever commands ``source`` can thereby get at ``target``."""

    relation: str
    holding: str
    source: str
    target: str
    level: str
    certainty: str
    contested: bool
    passes: frozenset[str] | None
    dated: Dated
    newest: str
    feed: bool
    leak: bool


# Dates ----------------------------------------------------------------------------------------------------------------


def first_day(text: str) -> datetime.date:
    year, month, day = [int(part) for part in text.split("-")] + [1] * (2 - text.count("-"))
    return datetime.date(year, month, day)


def last_day(text: str) -> datetime.date:
    parts = [int(part) for part in text.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return datetime.date(year, month, parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1])


def older(*dates: str) -> str:
    """The oldest of dates; none if any is missing. Of two that start on one day the shorter text."""
    return "" if "" in dates else min(dates, key=lambda text: (first_day(text), len(text)))


def newer(*dates: str) -> str:
    """The newest of the dates that are there. Of two that start on one day the longer text."""
    return max((text for text in dates if text), key=lambda text: (first_day(text), len(text)), default="")


def years_before(day: datetime.date, years: int) -> datetime.date:
    last = calendar.monthrange(day.year - years, day.month)[1]
    return datetime.date(day.year - years, day.month, min(day.day, last))


def source_dates(tables: Tables, relation: Row) -> list[str]:
    return [tables.source(source)["date"] for source in cell(relation["sources"])]


def is_known(tables: Tables, relation: Row, known_by: datetime.date | None) -> bool:
    """Relations whose every source is dated later are not yet known; undated sources count as known."""
    if known_by is None:
        return True
    return any(not date or first_day(date) <= known_by for date in source_dates(tables, relation))


def own_start(tables: Tables, relation: Row) -> tuple[datetime.date, str, str]:
    """First day, its text and the date word of the relation by itself, whatever its ends."""
    if relation["valid_from"]:
        return first_day(relation["valid_from"]), relation["valid_from"], "known"
    always = (datetime.date.min, "", "undated")
    denial = relation["status"] == "denied"
    if relation["predicate"] in ("part_of", "member_of") and not denial:
        return always
    dates = [date for date in source_dates(tables, relation) if date]
    if not dates:
        return always
    earliest = min(dates, key=lambda text: (first_day(text), -len(text)))
    if relation["valid_until"] and first_day(earliest) > last_day(relation["valid_until"]):
        return always
    return first_day(earliest), earliest, "assumed"


def interval(tables: Tables, relation: Row) -> Dated:
    """When the relation holds: its own interval, bounded by those of both its ends."""
    start, since, word = own_start(tables, relation)
    end = last_day(relation["valid_until"]) if relation["valid_until"] else datetime.date.max
    ends = [tables.entity(relation["subject"]), tables.entity(relation["object"])]
    born = newer(*(entity["valid_from"] for entity in ends))
    if born and first_day(born) > start:
        start, since = first_day(born), born
    for entity in ends:
        if entity["valid_until"]:
            end = min(end, last_day(entity["valid_until"]))
    return Dated(start, end, since, word)


def in_force(dated: Dated, day: datetime.date) -> bool:
    return dated.start <= day <= dated.end


# From relations to arcs -----------------------------------------------------------------------------------------------


def cell(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def modes(relation: Row) -> list[str]:
    """A feed without a mode is a copy."""
    return cell(relation["mode"]) or (["copy"] if relation["predicate"] == "feeds" else [])


def contests(tables: Tables, denial: Row, relation: Row, question: Question) -> bool:
    """Whether a denial stands against a relation on the day of the question."""
    same = all(denial[column] == relation[column] for column in ("subject", "predicate", "object"))
    if not same or denial["status"] != "denied" or not is_known(tables, denial, question.known_by):
        return False
    if not in_force(interval(tables, denial), question.as_of):
        return False
    about, over = cell(denial["categories"]), cell(relation["categories"])
    if about and over and not tables.closed(about) & tables.closed(over):
        return False
    denied, mode = cell(denial["mode"]), modes(relation)
    return not denied or not mode or bool(set(denied) & set(mode))


def majority(percent: str) -> bool:
    """The whole of a percent is 50 or more; unknown is 0 to 100."""
    return bool(percent) and float(percent.split("..", maxsplit=1)[0]) >= 50


def arc_of(tables: Tables, relation: Row, question: Question) -> Arc | None:
    """The arc that a relation gives on the day of the question, or none."""
    predicate = relation["predicate"]
    if predicate in WITHOUT_ARC or relation["status"] == "denied" or relation["subject"] == relation["object"]:
        return None
    if predicate == "owns" and not majority(relation["percent"]):
        return None
    dated = interval(tables, relation)
    if not in_force(dated, question.as_of) or not is_known(tables, relation, question.known_by):
        return None
    forward, level = RULES[predicate]
    if predicate == "feeds" and "copy" not in modes(relation):
        level = "possible"
    certainty = STATUS_CERTAINTY[relation["status"]]
    contested = any(contests(tables, other, relation, question) for other in tables.relations)
    if contested:
        certainty = min(certainty, "alleged", key=CERTAINTIES.index)
    named = cell(relation["categories"])
    source, target = (relation["subject"], relation["object"]) if forward else (relation["object"], relation["subject"])
    return Arc(
        relation=relation["id"],
        holding="",
        source=source,
        target=target,
        level=level,
        certainty=certainty,
        contested=contested,
        passes=frozenset(tables.closed(named)) if named else None,
        dated=dated,
        newest=newer(*source_dates(tables, relation)),
        feed=predicate == "feeds",
        leak=predicate == "leaked_to",
    )


def implied_arcs(tables: Tables, question: Question) -> Iterator[Arc]:
    """Who may export or administer is taken to copy what it can into every store that it holds: an implied feed."""
    for grant in tables.relations:
        if grant["predicate"] != "has_access" or not {"export", "admin"} & set(cell(grant["mode"])):
            continue
        for holding in tables.relations:
            if holding["predicate"] != "holds" or holding["subject"] != grant["subject"]:
                continue
            granted, held = arc_of(tables, grant, question), arc_of(tables, holding, question)
            if granted is None or held is None or held.target == granted.target:
                continue
            later = max((granted.dated, held.dated), key=lambda dated: (dated.start, len(dated.since)))
            yield replace(
                granted,
                holding=holding["id"],
                source=held.target,
                level="possible",
                certainty=min(granted.certainty, held.certainty, key=CERTAINTIES.index),
                contested=granted.contested or held.contested,
                dated=replace(later, word=max(granted.dated.word, held.dated.word, key=WORDS.index)),
                newest=older(granted.newest, held.newest),
                feed=True,
            )


@lru_cache(maxsize=16)
def arcs(tables: Tables, question: Question) -> list[Arc]:
    """Every arc that counts: by stance, day, knowledge, level, certainty and freshness."""
    kept = []
    for relation in tables.relations:
        arc = arc_of(tables, relation, question)
        if arc is None:
            continue
        types = {tables.entity(arc.source)["type"], tables.entity(arc.target)["type"]}
        # Direct: a body's own relations to systems and stores, and what those systems keep.
        if question.stance == "direct" and not (
            ("body" in types and len(types) == 2) or relation["predicate"] == "keeps_data_in"
        ):
            continue
        kept.append(arc)
    if question.stance == "assumed":
        kept += implied_arcs(tables, question)
    return [arc for arc in kept if counts(arc, question)]


def counts(arc: Arc, question: Question) -> bool:
    if LEVELS.index(arc.level) < LEVELS.index(question.level):
        return False
    if CERTAINTIES.index(arc.certainty) < CERTAINTIES.index(question.certainty):
        return False
    if question.fresh is None:
        return True
    return bool(arc.newest) and first_day(arc.newest) >= years_before(question.as_of, question.fresh)


# Where the data is ----------------------------------------------------------------------------------------------------


def store_known(tables: Tables, system: str, category: str, question: Question) -> bool:
    """Whether some store of the category is known for the system, by a relation of any status but denied."""
    return any(
        relation["subject"] == system
        and (
            relation["predicate"] == "keeps_data_in" or (relation["predicate"] == "feeds" and "copy" in modes(relation))
        )
        and relation["status"] != "denied"
        and in_force(interval(tables, relation), question.as_of)
        and is_known(tables, relation, question.known_by)
        and tables.entity(relation["object"])["type"] == "store"
        and category in cell(tables.entity(relation["object"])["categories"])
        and (not cell(relation["categories"]) or category in tables.closed(cell(relation["categories"])))
        for relation in tables.relations
    )


@lru_cache(maxsize=256)
def places(tables: Tables, category: str, question: Question) -> set[str]:
    """Category c is found at every store that holds c, and at every system with c for which no store of c is known."""
    found = set()
    for entity in tables.entities:
        if category in cell(entity["categories"]):
            known = entity["type"] == "system" and store_known(tables, entity["id"], category, question)
            if entity["type"] != "body" and not known:
                found.add(entity["id"])
    return found


# Each layer is a category (None: over arcs without a mask only) and the places where it is found.
Layer = tuple[str | None, set[str]]


def layers(tables: Tables, target: str, question: Question) -> list[Layer]:
    """What a target asks for: a category with its narrower ones, or an entity with each of its categories."""
    if target in {row["code"] for row in tables.categories}:
        return [(code, places(tables, code, question)) for code in sorted(tables.narrower(target))]
    named = cell(tables.entity(target)["categories"])
    if tables.entity(target)["type"] == "body" or not named:
        return [(None, {target})]
    return [(code, {target}) for code in sorted(set(named))]


def all_layers(tables: Tables, question: Question) -> list[Layer]:
    """What ``what`` asks for: every category, and the stores that name none."""
    bare = {row["id"] for row in tables.entities if row["type"] == "store" and not cell(row["categories"])}
    return [(row["code"], places(tables, row["code"], question)) for row in tables.categories] + [(None, bare)]

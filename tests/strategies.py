"""Random small datasets, with every trait that an answer depends on, and a bias that makes reach likely.

One function draws from anything that behaves like ``random.Random``: a seeded generator for bulk runs,
hypothesis's own (which shrinks) for property tests.
"""

from __future__ import annotations

import csv
import datetime
import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import hypothesis.strategies as st
from oracle import Question, Tables, cell, first_day, last_day

from stakeholders.dataset import Dataset
from stakeholders.tables import read_files

HEADERS = {
    "entities": (
        "id", "type", "kind", "name", "name_ru", "name_kk", "country", "aliases", "collective", "categories",
        "subjects", "volume", "location", "valid_from", "valid_until", "note", "sources",
    ),
    "relations": (
        "id", "subject", "predicate", "object", "categories", "mode", "status", "valid_from", "valid_until", "percent",
        "legal_basis", "claim", "sources",
    ),
    "sources": ("id", "title", "publisher", "author", "date", "url", "language", "kind", "seen", "note"),
    "categories": ("code", "name", "name_ru", "name_kk", "broader", "dpv", "special"),
}  # fmt: skip

TYPES = ("body", "system", "store")

# A three-step ladder, a category with two broader ones, and two that stand alone.
CATEGORIES = {
    "biometric": "",
    "face": "biometric",
    "face_3d": "face",
    "gait": "biometric;video",
    "identity": "",
    "video": "",
}

# Which types a predicate joins, and how often it is drawn: what leads to data more often than the rest.
PREDICATES = (
    ("holds", "body", "store", 6),
    ("operates", "body", "system", 6),
    ("keeps_data_in", "system", "store", 6),
    ("collects_for", "system", "body", 3),
    ("has_access", "body", "store", 6),
    ("has_access", "body", "system", 3),
    ("feeds", "system", "store", 3),
    ("feeds", "store", "store", 3),
    ("feeds", "system", "system", 2),
    ("feeds", "store", "system", 2),
    ("part_of", "body", "body", 5),
    ("part_of", "system", "system", 2),
    ("part_of", "store", "store", 2),
    ("owns", "body", "body", 5),
    ("controls", "body", "body", 3),
    ("member_of", "body", "body", 3),
    ("maintains", "body", "system", 2),
    ("integrates", "body", "system", 1),
    ("supplies", "body", "system", 2),
    ("governs", "body", "store", 1),
    ("governs", "body", "system", 1),
    ("can_compel", "body", "body", 2),
    ("leaked_to", "store", "body", 4),
    ("partner_of", "body", "body", 1),
    ("supervises", "body", "store", 1),
    ("funds", "body", "system", 1),
    ("replaces", "system", "system", 1),
)

DATES = (
    "2018", "2019", "2020", "2021", "2019-11", "2020-02", "2020-03", "2020-02-01", "2020-02-19", "2020-02-29",
    "2020-12-31", "2021-01-01",
)  # fmt: skip

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Temper:
    """How often a dataset's rows have a trait. Some datasets have none of it, so that the rest shows."""

    dated: float
    masked: float
    bounded: float
    denied: float
    doubtful: float
    codes: tuple[str, ...]
    plots: int

    @classmethod
    def of(cls, rng: random.Random) -> Temper:
        return cls(
            dated=rng.choice((0.0, 0.1, 0.4)),
            masked=rng.choice((0.0, 0.2, 0.5)),
            bounded=rng.choice((0.0, 0.0, 0.15)),
            denied=rng.choice((0.0, 0.1, 0.2)),
            doubtful=rng.choice((0.0, 0.3, 0.6)),
            codes=tuple(rng.sample(list(CATEGORIES), rng.choice((1, 2, 3, 6)))),
            plots=rng.choice((0, 1, 1, 2)),
        )


def random_tables(rng: random.Random, entities: int = 9, relations: int = 14, loops: bool = False) -> Tables:
    """A dataset of at most so many entities and relations.

    With ``loops`` also what validation refuses: a relation of a thing with itself, a whole that is part of its part.
    """
    temper = Temper.of(rng)
    sources = _sources(rng)
    things = _entities(rng, rng.randint(3, entities), sources, temper)
    claims = [claim for _ in range(temper.plots) for claim in _plot(rng, things, sources, temper)]
    bare = temper.plots and claims and rng.random() < 0.5
    for _ in range(0 if bare else max(rng.randint(2, relations), rng.randint(2, relations))):
        if claims and rng.random() < temper.denied:
            claims.append(_denial(rng, rng.choice(claims), sources, temper))
        else:
            claim = _relation(rng, things, claims, sources, temper=temper, loops=loops)
            claims += [claim] if claim else []
    # Ids in no order that follows the file's, with digits that sort otherwise than their numbers.
    numbers = rng.sample(range(1, 30), len(claims))
    for claim, number in zip(claims, numbers, strict=True):
        claim["id"] = f"{claim['predicate'].replace('_', '-')[:2]}-{number}" if rng.random() < 0.5 else f"r-{number}"
    categories = [
        {**blank("categories"), "code": code, "name": code, "broader": wide} for code, wide in CATEGORIES.items()
    ]
    return Tables(things, claims, sources, categories)


def random_question(rng: random.Random, tables: Tables) -> Question:
    """Options of every kind; half of the time only a date, which lies at an edge of some interval where it can."""
    day = random_day(rng, tables)
    if rng.random() < 0.3:
        return Question(day, stance=rng.choice(("direct", "documented", "assumed")))
    fresh = rng.choice((1, 2, 3)) if rng.random() < 0.3 else None
    dated = [first_day(row["date"]) for row in tables.sources if row["date"]]
    if fresh and dated and rng.random() < 0.5:
        # The day on which some evidence is just fresh, or just too old.
        written = rng.choice(dated)
        if (written.month, written.day) != (2, 29):
            day = written.replace(year=written.year + fresh) + datetime.timedelta(days=rng.choice((0, 0, 1)))
    return Question(
        as_of=day,
        stance=rng.choice(("direct", "documented", "documented", "assumed", "assumed")),
        known_by=random_day(rng, tables) if rng.random() < 0.3 else None,
        level=rng.choice(("possible", "possible", "possible", "possible", "indirect", "granted", "custody")),
        certainty=rng.choice(("prospective", "prospective", "prospective", "alleged", "reported", "confirmed")),
        fresh=fresh,
        bodies=_some(rng, [row["id"] for row in tables.entities if row["type"] == "body"]),
        stores=_some(rng, [row["id"] for row in tables.entities if row["type"] != "body"]),
    )


def random_day(rng: random.Random, tables: Tables) -> datetime.date:
    rows = [*tables.entities, *tables.relations]
    edges = [first_day(row["valid_from"]) for row in rows if row["valid_from"]]
    edges += [last_day(row["valid_until"]) for row in rows if row["valid_until"]]
    edges += [first_day(row["date"]) for row in tables.sources if row["date"]]
    if not edges or rng.random() < 0.6:
        return datetime.date(2020, 4, 15)
    return rng.choice(edges) + datetime.timedelta(days=rng.choice((-1, 0, 0, 1)))


def random_targets(rng: random.Random, tables: Tables, count: int = 2) -> list[str]:
    """A category that some place names, or a broader one, and entities of any type."""
    named = sorted({code for row in tables.entities for code in cell(row["categories"])})
    codes = sorted(set(named) | {wide for code in named for wide in cell(CATEGORIES[code])}) or ["video"]
    return [rng.choice(codes), *(rng.choice(tables.entities)["id"] for _ in range(count - 1))]


def cases(loops: bool = False) -> st.SearchStrategy[tuple[Tables, random.Random]]:
    """A random dataset, and the source of chance with which to go on asking."""

    def draw(rng: random.Random) -> tuple[Tables, random.Random]:
        return random_tables(rng, loops=loops), rng

    return st.randoms(use_true_random=False).map(draw)


def dataset(tables: Tables, name: str = "random") -> Dataset:
    """The library's dataset of such rows, by way of the files; unchecked, since some have what validation refuses."""
    return read_files(name, files(tables), check=False)


def files(tables: Tables) -> dict[str, bytes]:
    """The rows as CSV files."""
    written = {}
    for table, header in HEADERS.items():
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(getattr(tables, table))
        written[f"{table}.csv"] = text.getvalue().encode()
    return written


def smallest(tables: Tables, fails: Callable[[Tables], bool]) -> Tables:
    """The same failure in as few rows and cells as leaving out one at a time allows."""
    changed = True
    while changed:
        changed = False
        for candidate in _smaller(tables):
            if fails(candidate):
                tables, changed = candidate, True
                break
    return tables


def shown(tables: Tables) -> str:
    """The cells that are not empty, one row a line."""
    dull = {"name", "claim", "title", "publisher", "url", "kind", "country"}
    return "\n".join(
        f"{table[:-1]} " + " ".join(f"{name}={value}" for name, value in row.items() if value and name not in dull)
        for table in ("entities", "relations", "sources")
        for row in getattr(tables, table)
    )


def blank(table: str) -> dict[str, str]:
    """A row of a table with nothing in it."""
    return dict.fromkeys(HEADERS[table], "")


def _smaller(tables: Tables) -> Iterator[Tables]:
    for row in tables.relations:
        yield _with(tables, relations=[other for other in tables.relations if other is not row])
    used = {end for row in tables.relations for end in (row["subject"], row["object"])}
    for row in tables.entities:
        if row["id"] not in used:
            yield _with(tables, entities=[other for other in tables.entities if other is not row])
    for table, columns in (
        ("relations", ("categories", "mode", "valid_from", "valid_until")),
        ("entities", ("categories", "collective", "valid_from", "valid_until")),
        ("sources", ("date",)),
    ):
        rows = getattr(tables, table)
        for row in rows:
            for column in columns:
                if row[column]:
                    yield _with(tables, **{table: [{**o, column: ""} if o is row else o for o in rows]})
    for row in tables.relations:
        for source in cell(row["sources"]) if ";" in row["sources"] else []:
            rest = {**row, "sources": ";".join(other for other in cell(row["sources"]) if other != source)}
            yield _with(tables, relations=[rest if other is row else other for other in tables.relations])


def _with(tables: Tables, **changes: Any) -> Tables:
    parts = {name: getattr(tables, name) for name in ("entities", "relations", "sources", "categories")}
    return Tables(**{**parts, **changes})


def _some(rng: random.Random, ids: Sequence[str]) -> tuple[str, ...] | None:
    """Now and then a part of them; else no selection at all."""
    if not ids or rng.random() < 0.85:
        return None
    return tuple(sorted(rng.sample(ids, rng.randint(1, len(ids)))))


def _sources(rng: random.Random) -> Rows:
    dates = ["", *(rng.choice(("", *DATES)) for _ in range(4))]
    return [
        {
            **blank("sources"),
            "id": f"s{number}",
            "title": f"Source {number}",
            "publisher": "Press",
            "date": date,
            "url": f"https://example.org/{number}",
            "language": "en",
            "kind": "news",
            "seen": "read",
        }
        for number, date in enumerate(dates)
    ]


def _entities(rng: random.Random, count: int, sources: Rows, temper: Temper) -> Rows:
    kinds = ["body", "body", "store", *(rng.choice(("body", "body", "system", "store")) for _ in range(count - 3))]
    rows: Rows = []
    for number, kind in enumerate(kinds):
        begin, until = _interval(rng, 0.5) if rng.random() < temper.bounded else ("", "")
        named = "" if kind == "body" else _codes(rng, temper, rng.choice((0, 1, 1, 1, 1, 2, 3)))
        rows.append(
            {
                **blank("entities"),
                "id": f"{kind[:2]}-{number}",
                "type": kind,
                "kind": "agency" if kind == "body" else "",
                "name": f"The {kind} {number}",
                "country": "KZ",
                "collective": "true" if rng.random() < 0.2 else "",
                "categories": named,
                "valid_from": begin,
                "valid_until": until,
                "sources": rng.choice(sources)["id"],
            }
        )
    rng.shuffle(rows)
    return rows


def _relation(
    rng: random.Random, things: Rows, claims: Rows, sources: Rows, *, temper: Temper, loops: bool
) -> dict[str, str] | None:
    if claims and rng.random() < 0.12:
        twin = rng.choice(claims)
        subject, predicate, target = twin["subject"], twin["predicate"], twin["object"]
    else:
        predicate, first, second, _ = rng.choices(PREDICATES, [weight for *_, weight in PREDICATES])[0]
        used = {end for claim in claims for end in (claim["subject"], claim["object"])}
        subject = _end(rng, [row["id"] for row in things if row["type"] == first], used)
        objects = [row for row in things if row["type"] == second and (loops or row["id"] != subject)]
        if predicate == "member_of":
            objects = [row for row in objects if row["collective"]]
        if predicate == "part_of" and not loops:
            objects = [row for row in objects if row["id"] < subject]
        target = _end(rng, [row["id"] for row in objects], used)
        if not subject or not target:
            return None
    return _claim(rng, (subject, predicate, target), sources, temper)


def _claim(rng: random.Random, said: tuple[str, str, str], sources: Rows, temper: Temper) -> dict[str, str]:
    subject, predicate, target = said
    begin, until = _interval(rng, temper.dated)
    percents = ("", "49.9", "50", "68.5", "100", "50..100", "0..50", "30..70")
    sure = rng.random() >= temper.doubtful
    return {
        **blank("relations"),
        "subject": subject,
        "predicate": predicate,
        "object": target,
        "categories": _mask(rng, temper),
        "mode": _mode(rng, predicate),
        "status": rng.choice(("confirmed", "reported") if sure else ("alleged", "planned", "under_review", "denied")),
        "valid_from": begin,
        "valid_until": until,
        "percent": rng.choice(percents) if predicate == "owns" else "",
        "claim": f"{subject} {predicate} {target}.",
        "sources": _cited(rng, sources),
    }


def _plot(rng: random.Random, things: Rows, sources: Rows, temper: Temper) -> Rows:
    """A few relations that belong together, such as chance alone seldom brings together."""
    bodies, systems, stores = ([row["id"] for row in things if row["type"] == kind] for kind in TYPES)
    if len(bodies) < 2 or not systems or len(stores) < 2:
        return []
    one, other = rng.sample(bodies, 2)
    system = rng.choice(systems)
    store, another = rng.sample(stores, 2)
    plots: dict[str, list[tuple[str, str, str]]] = {
        "copied on": [(one, "holds", store), (one, "has_access", another), (other, "has_access", store)],
        "copied on twice": [*2 * [(one, "holds", store)], (one, "has_access", system), (other, "holds", store)],
        "kept": [(system, "keeps_data_in", store), (one, "operates", system), (other, "holds", store)],
        "kept as a copy": [(system, "feeds", store), (one, "has_access", system), (other, "has_access", store)],
        "fed": [(store, "feeds", another), (one, "holds", another), (other, "has_access", another)],
        "leaked": [(store, "leaked_to", one), (another, "feeds", store), (one, "has_access", store)],
    }
    name = rng.choice(sorted(plots))
    plotted = rng.choice((temper, replace(temper, dated=0.6, masked=0.0)))
    claims = [_claim(rng, said, sources, plotted) for said in plots[name]]
    for claim in claims:
        if name.startswith("copied on") and claim["predicate"] == "has_access" and claim["subject"] == one:
            claim["mode"] = rng.choice(("export", "admin", "search;export"))
    if name == "fed":
        # A feed of one mode, or of none said, denied for one mode, or for all.
        claims[0]["mode"] = rng.choice(("", "", "copy", "query"))
        claims.append({**_denial(rng, claims[0], sources, temper), "mode": rng.choice(("", "copy", "query"))})
    return claims


def _end(rng: random.Random, ids: Sequence[str], used: set[str]) -> str:
    """One of the ids, rather one that is in use already, so that paths get longer; empty if there is none."""
    chained = [name for name in ids if name in used]
    if chained and rng.random() < 0.5:
        return rng.choice(chained)
    return rng.choice(ids) if ids else ""


def _denial(rng: random.Random, claim: dict[str, str], sources: Rows, temper: Temper) -> dict[str, str]:
    """A denial of a claim: of all of it or of a part, on its days or on others."""
    begin, until = rng.choice(((claim["valid_from"], claim["valid_until"]), ("", ""), _interval(rng, 0.5)))
    return {
        **claim,
        "status": "denied",
        "categories": rng.choice((claim["categories"], "", _mask(rng, temper))),
        "mode": rng.choice((claim["mode"], "", _mode(rng, claim["predicate"]))),
        "valid_from": begin,
        "valid_until": until,
        "claim": f"It is not so that {claim['claim']}",
        "sources": _cited(rng, sources),
    }


def _interval(rng: random.Random, often: float) -> tuple[str, str]:
    begin = rng.choice(DATES) if rng.random() < often else ""
    until = rng.choice(DATES) if rng.random() < often / 2 else ""
    return (begin, "") if begin and until and first_day(begin) > last_day(until) else (begin, until)


def _mask(rng: random.Random, temper: Temper) -> str:
    return _codes(rng, temper, rng.choice((1, 1, 2, 3))) if rng.random() < temper.masked else ""


def _codes(rng: random.Random, temper: Temper, count: int) -> str:
    return ";".join(rng.sample(temper.codes, min(count, len(temper.codes))))


def _mode(rng: random.Random, predicate: str) -> str:
    if predicate == "has_access":
        return ";".join(rng.sample(("live", "archive", "search", "export", "admin"), rng.choice((0, 1, 1, 2))))
    if predicate == "feeds":
        return rng.choice(("", "copy", "query"))
    return rng.choice(("", "", "total")) if predicate == "owns" else ""


def _cited(rng: random.Random, sources: Rows) -> str:
    return ";".join(rng.sample([row["id"] for row in sources], rng.choice((1, 1, 2, 3))))

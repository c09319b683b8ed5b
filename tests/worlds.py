"""Small worlds written out by hand: a dataset from a few lines of relations."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

import oracle
from strategies import CATEGORIES, blank, dataset

from graphs.access import AccessGraph, build
from stakeholders.dataset import Dataset

TYPES = {"b": "body", "y": "system", "s": "store"}
DAY = "2020-04-15"


def tables(*lines: str, categories: Mapping[str, str] | None = None, **cells: Mapping[str, str]) -> oracle.Tables:
    """Tables of relations written ``"subject predicate object"``, with ``column=value`` after them.

    The first letter of an id tells its type: b body, y system, s store. Relations are ``r1``, ``r2``… in order unless
    they say ``id=…``; each rests on the source ``src`` unless it says otherwise, and is confirmed and undated. Stores
    and systems hold ``face``, or the ``categories`` given for them. ``cells`` are more cells of entities.
    """
    relations: list[dict[str, str]] = []
    names: dict[str, None] = {}
    sources: dict[str, None] = {"src": None}
    for number, line in enumerate(lines, 1):
        subject, predicate, target, *more = line.split()
        claim = {"id": f"r{number}", "subject": subject, "predicate": predicate, "object": target}
        rest = {"status": "confirmed", "sources": "src", "claim": f"{subject} {predicate} {target}."}
        row = {**blank("relations"), **claim, **rest, **dict(part.split("=", 1) for part in more)}
        relations.append(row)
        names |= dict.fromkeys((subject, target))
        sources |= dict.fromkeys(oracle.cell(row["sources"]))
    entities = [
        {**blank("entities"), "id": name, "type": TYPES[name[0]], "kind": "agency" if name[0] == "b" else "",
         "name": f"Name of {name}", "sources": "src",
         "categories": (categories or {}).get(name, "" if name[0] == "b" else "face"), **cells.get(name, {})}
        for name in names
    ]  # fmt: skip
    days = {name: name.removeprefix("on-") if name.startswith("on-") else "" for name in sources}
    rest = {"publisher": "Press", "kind": "news", "seen": "read", "language": "en", "url": "https://example.org/"}
    cited = [{**blank("sources"), "id": name, "title": name, "date": day, **rest} for name, day in days.items()]
    known = [{**blank("categories"), "code": code, "name": code, "broader": wide} for code, wide in CATEGORIES.items()]
    return oracle.Tables(entities, relations, cited, known)


_JOINED = (
    "b part_of b", "b part_of b", "b has_access s", "b has_access y", "b operates y", "b holds s", "y keeps_data_in s",
    "y feeds y", "s feeds y", "y feeds s", "s feeds s", "y part_of y",
)  # fmt: skip


def masked(rng: random.Random, relations: int = 14) -> tuple[oracle.Tables, str]:
    """A dataset in which it matters which data a relation passes, and a store or system of several categories in it.

    Everything is confirmed and without a date, so that nothing but the categories keeps a body from a place.
    """
    codes = ["face", "gait", "identity"]
    lines = [
        " ".join((name(subject, rng), verb, name(other, rng), *rng.choices(["", mask(codes, rng)], (2, 3))))
        for subject, verb, other in (rng.choice(_JOINED).split() for _ in range(relations))
    ]
    lines = [line for line in lines if line.split()[0] != line.split()[2]]
    things = {word for line in lines for word in line.split()[:3:2] if not word.startswith("b")} or {"s1"}
    held = {thing: ";".join(sorted(rng.sample(codes, rng.choice((2, 3))))) for thing in sorted(things)}
    return tables(*lines, "b1 holds s1", categories={"s1": "face;gait", **held}), rng.choice(sorted(things))


def name(letter: str, rng: random.Random) -> str:
    return f"{letter}{rng.randint(1, 4 if letter == 'b' else 3)}"


def mask(codes: list[str], rng: random.Random) -> str:
    return "categories=" + ";".join(rng.sample(codes, rng.choice((1, 2))))


def world(*lines: str, **more: Any) -> Dataset:
    """The dataset of such tables."""
    return dataset(tables(*lines, **more))


def graph_of(*lines: str, **more: Any) -> AccessGraph:
    """Its access graph."""
    return build(world(*lines, **more))


def options(question: oracle.Question) -> dict[str, Any]:
    """A question of the oracle as the library's options."""
    return {
        "stance": question.stance, "as_of": question.as_of, "known_by": question.known_by, "level": question.level,
        "certainty": question.certainty, "fresh": None if question.fresh is None else f"{question.fresh}y",
        "bodies": question.bodies, "stores": question.stores,
    }  # fmt: skip


def asked_layers(tables: oracle.Tables, target: str, question: oracle.Question) -> list[oracle.Layer]:
    """The layers of a target, with the places that count."""
    return [
        (category, {place for place in found if question.stores is None or place in question.stores})
        for category, found in oracle.layers(tables, target, question)
    ]


def asked_bodies(tables: oracle.Tables, target: str, question: oracle.Question) -> list[str]:
    """The bodies that ask."""
    return [body for body in tables.bodies() if body != target and (question.bodies is None or body in question.bodies)]


def pairs(
    tables: oracle.Tables, layers: Iterable[oracle.Layer], question: oracle.Question, bodies: Iterable[str]
) -> set[tuple[str, str]]:
    """Every (body, place) joined by a simple path; bodies that the tables do not have reach nothing."""
    present = {row["id"] for row in tables.entities}
    return {
        (body, path[-1].target)
        for body in bodies
        if body in present
        for category, found in layers
        for path in oracle.simple_paths(oracle.passing(oracle.arcs(tables, question), category), body, found - {body})
    }

"""A difference told to people: effects of one cause together, bodies that reach only through another under it.

What was told row by row becomes stories: one cause, or a few that work only together, with everybody who gained or lost
by it. A body whose way leads through command over, or membership in, another body of the story stands under that body
if it gained or lost the same data in the same stores.
Stories that say the same of other bodies (seventeen akimats, each with its own voter lists) are told once. Nothing is
left out; data output is not folded at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from graphs.answers import Row
from graphs.effects import KINDS
from stakeholders.dataset import Dataset
from stakeholders.vocabulary import CERTAINTIES, LEVELS, VERDICTS

COMMANDS: Final = ("part_of", "owns", "controls")
MEMBERS: Final = "member_of"
MOVED: Final = "moved"

# The other half of a move from one verdict to another; the half that is told names it beside itself.
_HALVES: Final = {
    "gained": ("no longer claimed", "no longer prospective"),
    "lost": ("newly claimed", "newly prospective"),
    "newly claimed": ("no longer prospective",),
    "no longer claimed": ("newly prospective",),
}


class Strength(NamedTuple):
    """How a body reaches, before or after; all empty where there is no path."""

    verdict: str = ""
    level: str = ""
    certainty: str = ""
    contested: bool = False

    @classmethod
    def of(cls, side: Mapping[str, Any] | None) -> Strength:
        """Of one side of a row."""
        if side is None:
            return cls()
        return cls(side["verdict"], side["level"], side["certainty"], side["contested"])

    @property
    def order(self) -> tuple[int, int, int]:
        """Greater for the stronger."""
        if not self.verdict:
            return (-1, -1, -1)
        return VERDICTS.index(self.verdict), LEVELS.index(self.level), CERTAINTIES.index(self.certainty)


class Reached(NamedTuple):
    """Stores with the same categories, reached alike; ``given`` are causes that it takes beside those of the story."""

    stores: tuple[str, ...]
    categories: tuple[str, ...]
    before: Strength
    after: Strength
    given: tuple[str, ...] = ()

    @property
    def told(self) -> Strength:
        """How it is reached afterwards, or was before."""
        return self.after if self.after.verdict else self.before


@dataclass(frozen=True)
class Party:
    """A body of a story, with what it gained or lost and with those who did through it.

    ``members`` belong to it, ``above`` are those who command it; ``levels`` are the levels at which they do or did
    reach, by body. ``alternatives`` are sets of causes that would have done as well, each with the categories for which
    it would, none where it would for all.
    """

    body: str
    reached: tuple[Reached, ...]
    members: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    alternatives: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Story:
    """One thing that happened and what it meant.

    Attributes
    ----------
    change : str
        Kind of the effects; ``moved`` where data are no longer looked for at a place of their own, or are now.
    because : tuple of tuple of str
        Sets of causes; several where the same happened to several bodies.
    parties : tuple of Party
    rows : int
        How many effects it tells.
    """

    change: str
    because: tuple[tuple[str, ...], ...]
    parties: tuple[Party, ...]
    rows: int = field(compare=False)

    @property
    def strongest(self) -> tuple[int, int, int]:
        """The best that anybody in it has, or had."""
        return max(max(one.after, one.before, key=lambda side: side.order).order
                   for party in self.parties for one in party.reached)  # fmt: skip


def stories(rows: Sequence[Row], union: Dataset, causes: Mapping[str, Row]) -> list[Story]:
    """Effects as stories, by kind, then as their causes follow each other in time; undated ones last.

    Parameters
    ----------
    rows : sequence of dict
        Effects, as `graphs.changes.diff` tells them.
    union : Dataset
        Knows the relations of both sides.
    causes : mapping
        What happened to each cause.
    """
    groups: dict[tuple[str, tuple[str, ...]], list[Row]] = {}
    for row in main_rows(rows):
        change = row["change"] if row["place"] == "both" else MOVED
        groups.setdefault((change, tuple(row["because"])), []).append(row)
    told = [Story(change, (because,), tuple(_parties(found, union)), len(found))
            for (change, because), found in groups.items()]  # fmt: skip
    merged = _merged(list(_nested(told)), union, causes)
    return sorted(merged, key=lambda story: _order(story, causes))


def _order(story: Story, causes: Mapping[str, Row]) -> tuple[Any, ...]:
    dates = [causes[name]["date"] or "9999" for name in story.because[0] if name in causes] or ["9999"]
    strongest = tuple(-step for step in story.strongest)
    return (*KINDS, MOVED).index(story.change), max(dates), strongest, -story.rows, story.because


def _nested(told: Sequence[Story]) -> Iterator[Story]:
    """Stories, with what the same bodies gained or lost by the same causes and one or two more told beside it."""
    of_bodies: dict[tuple[str, tuple[str, ...]], list[Story]] = {}
    for story in sorted(told, key=lambda story: (len(story.because[0]), story.because)):
        bodies = tuple(sorted(party.body for party in story.parties))
        found = of_bodies.setdefault((story.change, bodies), [])
        base = next((n for n, other in enumerate(found) if set(other.because[0]) < set(story.because[0])), None)
        # What would have done as well is told with a story, not with what stands beside another.
        if base is None or any(party.alternatives for party in story.parties):
            found.append(story)
            continue
        other = found[base]
        more = {party.body: party for party in story.parties}
        given = tuple(name for name in story.because[0] if name not in other.because[0])
        parties = tuple(
            replace(
                party,
                reached=(*party.reached, *(one._replace(given=given) for one in more[party.body].reached)),
                above=tuple(dict.fromkeys((*party.above, *more[party.body].above))),
                members=tuple(dict.fromkeys((*party.members, *more[party.body].members))),
                levels={**more[party.body].levels, **party.levels},
            )
            for party in other.parties
        )
        found[base] = replace(other, parties=parties, rows=other.rows + story.rows)
    return (story for found in of_bodies.values() for story in found)


def main_rows(rows: Sequence[Row]) -> list[Row]:
    """Rows without those that tell the other half of a move, or of a level that moved with its certainty."""
    of_pair: dict[tuple[str, str, str | None], dict[str, list[str]]] = {}
    for row in rows:
        of_pair.setdefault(_pair(row), {})[row["change"]] = row["because"]

    def told(row: Row) -> bool:
        others = of_pair[_pair(row)]
        if any(row["change"] in _HALVES.get(kind, ()) for kind in others):
            return False
        moved = [kind for kind in ("stronger", "weaker") if others.get(kind) == row["because"]]
        return not (moved and row["change"] in ("more certain", "less certain"))

    return [row for row in rows if told(row)]


def _pair(row: Row) -> tuple[str, str, str | None]:
    return row["body"], row["store"], row["category"]


def _parties(rows: Sequence[Row], union: Dataset) -> Iterator[Party]:
    by_body: dict[str, list[Row]] = {}
    for row in rows:
        by_body.setdefault(row["body"], []).append(row)
    reached = {body: _reached(found) for body, found in by_body.items()}
    pairs = {body: {(row["store"], row["category"]) for row in found} for body, found in by_body.items()}
    under: dict[str, tuple[str, str]] = {}  # body → how it reaches through which other
    for body, found in by_body.items():
        steps = {_first_step(row, union) for row in found}
        if len(steps) == 1:
            predicate, other = next(iter(steps))
            # Who gained or lost more or less than the other did is no mere follower.
            if other in by_body and predicate in {*COMMANDS, MEMBERS} and pairs[body] == pairs[other]:
                under[body] = (predicate, other)
    beneath_of: dict[str, list[str]] = {body: [] for body in by_body if _head(body, under) == body}
    for body in by_body:
        if body not in beneath_of:
            beneath_of[_head(body, under)].append(body)
    for head, beneath in beneath_of.items():
        members = [body for body in beneath if under[body][0] == MEMBERS]
        above = [body for body in beneath if body not in members]
        others = {tuple(one) for row in by_body[head] for one in row["alternatives"]}
        alternatives = tuple((causes, _only_for(causes, by_body[head])) for causes in sorted(others))
        levels = {body: tuple(dict.fromkeys(one.told.level for one in reached[body])) for body in beneath}
        yield Party(head, reached[head], tuple(members), tuple(above), levels, alternatives)


def _only_for(causes: tuple[str, ...], rows: Sequence[Row]) -> tuple[str, ...]:
    """Categories for which some causes are an alternative; none if for all rows."""
    wanted = list(causes)
    fitting = [row for row in rows if wanted in row["alternatives"]]
    return () if len(fitting) == len(rows) else tuple(sorted({row["category"] or "" for row in fitting} - {""}))


def _head(body: str, under: Mapping[str, tuple[str, str]]) -> str:
    """Who a body is told under; itself where nobody, or where two stand above each other."""
    seen = [body]
    while seen[-1] in under:
        other = under[seen[-1]][1]
        if other in seen:
            return min(seen[seen.index(other) :])
        seen.append(other)
    return seen[-1]


def _first_step(row: Row, union: Dataset) -> tuple[str, str]:
    """Predicate of the first relation of a row's path, and whom it joins to the body."""
    relations = union.relations
    if not (row["path"] or row["path_before"]):
        return "", ""
    cells = relations.row(relations.index[(row["path"] or row["path_before"])[0]])
    return cells["predicate"], cells["object"] if cells["subject"] == row["body"] else cells["subject"]


def _reached(rows: Sequence[Row]) -> tuple[Reached, ...]:
    stores: dict[tuple[str, Strength, Strength], list[str]] = {}
    for row in rows:
        key = row["store"], Strength.of(row["before"]), Strength.of(row["after"])
        stores.setdefault(key, []).append(row["category"] or "")
    alike: dict[tuple[tuple[str, ...], Strength, Strength], list[str]] = {}
    for (store, before, after), categories in stores.items():
        alike.setdefault((tuple(sorted(filter(None, categories))), before, after), []).append(store)
    return tuple(
        Reached(tuple(sorted(names)), categories, before, after) for (categories, before, after), names in alike.items()
    )


def _merged(told: Sequence[Story], union: Dataset, causes: Mapping[str, Row]) -> Iterator[Story]:
    """Stories with one party each that differ in nothing but the party are told once."""
    alike: dict[tuple[Any, ...], list[Story]] = {}
    for number, story in enumerate(told):
        alike.setdefault(_likeness(story, union, causes) or (number,), []).append(story)
    for found in alike.values():
        if len(found) == 1:
            yield found[0]
            continue
        found.sort(key=lambda story: story.parties[0].body)
        yield Story(
            found[0].change,
            tuple(story.because[0] for story in found),
            tuple(party for story in found for party in story.parties),
            sum(story.rows for story in found),
        )


def _likeness(story: Story, union: Dataset, causes: Mapping[str, Row]) -> tuple[Any, ...]:
    """What two stories have in common that say the same of two bodies; empty for a story that stands alone."""
    party = story.parties[0]
    if len(story.parties) != 1 or party.alternatives:
        return ()
    signs = []
    for name in story.because[0]:
        cause, place = causes.get(name), union.relations.index.get(name)
        if cause is None or place is None:
            return ()
        cells = union.relations.row(place)
        ends = ["" if cells[end] == party.body else cells[end] for end in ("subject", "object")]
        signs.append((*ends, cells["predicate"], cells["status"], cause["what"], cause["date"]))
    reached = tuple(one._replace(given=()) if set(one.given) <= {*story.because[0]} else one for one in party.reached)
    return story.change, tuple(signs), reached, party.members, party.above


def width_of(story: Story) -> tuple[int, int]:
    """How many bodies a story is about, and how many effects it tells."""
    bodies = {name for party in story.parties for name in (party.body, *party.members, *party.above)}
    return len(bodies), story.rows

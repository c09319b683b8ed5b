"""The assumptions of a question: stance, dates, weakest level and certainty, who asks, what counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from graphs.access import BODY, AccessGraph
from stakeholders.dates import ALWAYS, FOREVER, day_asked, first_day, iso, last_day
from stakeholders.errors import AccessMapError, UnknownId, UnknownTerm
from stakeholders.vocabulary import CERTAINTIES, LEVELS, STANCES

_SPAN = re.compile(r"(\d+)\s*([dwmy])", re.ASCII)


class Options(TypedDict, total=False):
    """Keyword options that every question takes.

    Attributes
    ----------
    stance : {'direct', 'documented', 'assumed'}
        What may be taken for granted; default ``documented``.
    as_of : str or datetime.date or None
        The day asked about; default today. A partial date means its last day. A year may be a number, and a day one of
        numpy or pandas.
    known_by : str or datetime.date or None
        Only relations with an undated source or one of that day or before count.
    level : {'custody', 'granted', 'indirect', 'possible'}
        The weakest level that counts; default ``possible``.
    certainty : {'confirmed', 'reported', 'alleged', 'prospective'}
        The weakest certainty that counts; the default is the question's own.
    fresh : str or None
        How old the newest source of each relation may be: ``90d``, ``6w``, ``18m``, ``3y``.
    bodies : sequence of str or str or None
        Ids of the bodies that ask; default all. One may be given by itself.
    stores : sequence of str or str or None
        Ids of the stores and systems that count; default all. One may be given by itself.
    """

    stance: str
    as_of: str | int | date | None
    known_by: str | int | date | None
    level: str
    certainty: str
    fresh: str | None
    bodies: Sequence[str] | None
    stores: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Options, checked and turned into numbers: days as ordinals, words as their strength."""

    stance: int
    as_of: int
    known_by: int
    level: int
    certainty: int
    evidence_since: int
    fresh: str | None
    bodies: tuple[str, ...] | None
    stores: tuple[str, ...] | None

    @classmethod
    def of(
        cls,
        *,
        stance: str = "documented",
        as_of: str | int | date | None = None,
        known_by: str | int | date | None = None,
        level: str = "possible",
        certainty: str = "prospective",
        fresh: str | None = None,
        bodies: Sequence[str] | None = None,
        stores: Sequence[str] | None = None,
    ) -> Scope:
        """Check options and give them their numbers.

        Raises
        ------
        UnknownTerm
            If a stance, level or certainty is not in the vocabulary.
        AccessMapError
            If a date or a span of time cannot be read.

        Examples
        --------
        >>> iso(Scope.of(as_of="2020-02").as_of)
        '2020-02-29'
        """
        day = _day(as_of, "as_of") if as_of is not None else date.today().toordinal()
        return cls(
            stance=_strength("stance", stance, STANCES),
            as_of=day,
            known_by=_day(known_by, "known_by") if known_by is not None else FOREVER,
            level=_strength("level", level, LEVELS),
            certainty=_strength("certainty", certainty, CERTAINTIES),
            evidence_since=_before(day, fresh) if fresh else -1,
            fresh=fresh or None,
            bodies=None if bodies is None else ids_of(bodies),
            stores=None if stores is None else ids_of(stores),
        )

    def question(self) -> dict[str, object]:
        """The assumptions as they stand in an answer's ``question``."""
        return {
            "stance": STANCES[self.stance],
            "as_of": iso(self.as_of),
            "known_by": iso(self.known_by) or None,
            "level": LEVELS[self.level],
            "certainty": CERTAINTIES[self.certainty],
            "fresh": self.fresh,
            "from": list(self.bodies or ()),
            "in": list(self.stores or ()),
        }

    def places(self, graph: AccessGraph) -> frozenset[int] | None:
        """Nodes of the stores and systems that count; nothing stands for all.

        Raises
        ------
        UnknownId
            If no entity has such an id, or the entity is a body.
        """
        if self.stores is None:
            return None
        nodes = {name: graph.node(name) for name in self.stores}
        for name, node in nodes.items():
            if graph.types[node] == BODY:
                raise no_place(name)
        return frozenset(nodes.values())


def ids_of(names: Sequence[str]) -> tuple[str, ...]:
    """Ids, of which one may be given by itself: a text is no sequence of letters here.

    Examples
    --------
    >>> ids_of("kz-mia"), ids_of(["kz-mia", "kz-nsc"])
    (('kz-mia',), ('kz-mia', 'kz-nsc'))
    """
    return (names,) if isinstance(names, str) else tuple(names)


def no_place(name: str) -> UnknownId:
    """What is wrong with a body where only systems and stores can be meant."""
    return UnknownId(
        f"stores: {name!r} is a body; data are in a system or store. What a body can reach is the question `what`; "
        "to ask of it alone, name it as a body that asks (--from)"
    )


def _strength(what: str, word: str, words: tuple[str, ...]) -> int:
    if word not in words:
        raise UnknownTerm(what, word, words)
    return words.index(word)


def _day(value: str | int | date, name: str) -> int:
    try:
        return day_asked(value)
    except ValueError as error:
        raise AccessMapError(f"{name}: {error}") from None


def later(day: int, span: str, *, back: bool = False) -> int:
    """The day that lies a span of time after another, or before it, months and years by the calendar.

    Raises
    ------
    AccessMapError
        If the span cannot be read.

    Examples
    --------
    >>> iso(later(first_day("2026-01-31"), "1m"))
    '2026-02-28'
    """
    match = _SPAN.fullmatch(span.strip().lower())
    if match is None:
        raise AccessMapError(f"{span!r} is no span of time; write 90d, 6w, 18m or 3y")
    count, unit = int(match[1]) * (-1 if back else 1), match[2]
    if unit in "dw":
        return min(max(day + count * (7 if unit == "w" else 1), ALWAYS), FOREVER)
    end = date.fromordinal(max(day, 1))
    months = end.year * 12 + end.month - 1 + count * (12 if unit == "y" else 1)
    if not 12 <= months < 120_000:
        return ALWAYS if back else FOREVER
    month = f"{months // 12:04}-{months % 12 + 1:02}"
    return min(first_day(month) + end.day - 1, last_day(month))


def _before(day: int, span: str) -> int:
    """The day from which evidence is fresh enough."""
    try:
        return later(day, span, back=True)
    except AccessMapError as error:
        raise AccessMapError(f"fresh: {error}") from None

"""An answer beside the answer to the same question on other data: what falls, what comes about, what remains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from graphs.answers import Answer, Row
from graphs.effects import KINDS, kinds_of
from graphs.engines.arrays import RANKED, UNREACHED
from stakeholders.vocabulary import CERTAINTIES, LEVELS

REMAINS: Final = "remains"
OF_REACH: Final = (*KINDS, REMAINS)

# What falls comes before what comes about, and what stays last.
ORDER: Final = (
    "lost", "no longer claimed", "no longer prospective", "weaker", "less certain", "less", "no longer shown",
    "changed", "gained", "newly claimed", "newly prospective", "stronger", "more certain", "more", "now shown", REMAINS,
)  # fmt: skip

# Which arguments make the rows of a question those that are compared.
FINER: Final[Mapping[str, Mapping[str, str]]] = {"who": {"by": "pair"}}

_STRENGTH: Final = ("verdict", "level", "certainty")
_SIDES: Final = ("before", "after")


class _Kind(NamedTuple):
    """How rows of an answer are compared: by ``key``; ``told`` is what may differ, ``about`` says what it is about.

    What is ``beside`` is told before and after, but no change by itself.
    """

    key: tuple[str, ...]
    told: tuple[str, ...]
    about: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


_PAIRS: Final = _Kind(("body", "store"), _STRENGTH, beside=("path",))
_WAYS: Final = _Kind(("path",), _STRENGTH, ("body", "store", "nodes"))
_KINDS: Final[Mapping[str, _Kind]] = {
    "who": _PAIRS,
    "what": _PAIRS,
    "how": _WAYS,
    "whynot": _WAYS,
    "chokepoints": _Kind(("kind", "id"), ("pairs_lost", "mandatory_for"), beside=("pairs_total",)),
    "cut": _Kind(("kind", "id"), ("cost",)),
    "sensitivity": _Kind(("kind", "id"), ("verdicts_lost", "weaker", "less_certain")),
    "gaps": _Kind(("gap", "entity", "relation"), ("verdicts_at_stake",), ("question",)),
    "check": _Kind(("rule", "id"), ("verdict", "score"), ("sentence",)),
    "exposure": _Kind(("entity", "listed_entity", "listing"), ("rule", "share", "since"), ("authority", "list")),
}
# Views of exposure, by what their question says.
_VIEWS: Final[Mapping[str, _Kind]] = {
    "dependence": _Kind(("group",), ("listed_stores", "stores", "sole_supplier")),
    "matrix": _Kind(("body", "list"), ("rule", "since")),
    "cut_off": _Kind(("entity",), ("state", "gone", "left")),
    "history": _Kind(("entity", "listed_entity", "listing"), ("rule", "first", "last"), ("authority", "list")),
}
# Figures beside the rows that are compared, too.
_FIGURES: Final[Mapping[str, tuple[str, ...]]] = {
    "whynot": ("verdict",),
    "chokepoints": ("bodies", "stores", "pairs"),
    "cut": ("verdict", "size", "cost"),
    "sensitivity": ("findings",),
    "exposure": ("vendors", "lost", "still"),
}
COMPARED: Final = tuple(_KINDS)


def compared(
    answer: Answer,
    before: Answer | None,
    after: Answer,
    relations: tuple[Collection[str], Collection[str]],
    entities: Collection[str] | None = None,
) -> Answer:
    """An answer on changed data that also tells what differs from the answer on the unchanged data.

    Parameters
    ----------
    answer : Answer
        On the changed data.
    before, after : Answer
        To the same question on the unchanged and the changed data, with the arguments in `FINER`. ``before`` is
        ``None`` where the question could not be asked there, since it is about something that was added.
    relations : two collections of str
        Ids of the relations that the unchanged and the changed data have; they tell a way that is new from one that
        has only moved up among the first few.
    entities : collection of str, optional
        Ids of what the unchanged data have: what was added kept its data nowhere before. Default: nothing was added.

    Returns
    -------
    Answer
        Whose ``what_if`` has ``counts`` (of each change), ``other_way`` (how many that remain have another path),
        ``figures`` (those beside the rows that differ, before and after), ``relations`` (how many the data have),
        ``new_places`` (systems whose store is known no more, so that what is lost there is gained here), ``complete``
        (whether both answers are), and ``rows``: each row of either side by its key, with ``change`` (one of `ORDER`),
        ``before`` and ``after`` (``None`` where it is not). What falls comes first, then what comes about, then what
        remains. For a question that is answered by a closed set ``closed`` tells what it lost and gained.
    """
    kind = next((_VIEWS[view] for view in _VIEWS if view in after.question), _KINDS[after.command])
    changes = _changes(kind, _by_key(kind, before), _by_key(kind, after), _doubt(before, after, relations))
    rows = sorted(changes, key=lambda row: ORDER.index(row["change"]))
    counts = Counter(row["change"] for row in rows)
    told: Row = {
        "counts": {change.replace(" ", "_"): counts[change] for change in ORDER if counts[change]},
        "other_way": sum(row["change"] == REMAINS and _another_way(row) for row in rows),
        "figures": _figures(before, after),
        "relations": {"before": len(relations[0]), "after": len(relations[1])},
        "new_places": _new_places(kind, rows, after, entities),
        "complete": (before is None or before.complete or kind is _WAYS) and (after.complete or kind is _WAYS),
        "rows": rows,
    }
    if before is not None and "closed" in before.beside and "closed" in after.beside:
        closed = [each.beside["closed"] or [] for each in (before, after)]
        told["closed"] = {"lost": _less(*closed), "gained": _less(*reversed(closed))}
    return replace(answer, what_if=told)


def pair_changes(before: Iterable[Row], after: Iterable[Row]) -> list[Row]:
    """Rows for each pair of body and store of either side, in the order in which they are told."""
    sides = [{(row["body"], row["store"]): row for row in rows} for rows in (before, after)]
    rows = _changes(_PAIRS, sides[0], sides[1], _undoubted)
    return sorted(rows, key=lambda row: (ORDER.index(row["change"]), row["body"], row["store"]))


def rank_of(row: Row | None) -> int:
    """The rank of a row of reach; nothing reaches nothing."""
    if row is None:
        return UNREACHED
    return RANKED.index((LEVELS.index(row["level"]), CERTAINTIES.index(row["certainty"])))


def _by_key(kind: _Kind, answer: Answer | None) -> dict[Hashable, Row]:
    """Rows by their key; those that share one, such as spans of time, by their number, too."""
    found: dict[Hashable, Row] = {}
    times: Counter[Hashable] = Counter()
    for row in () if answer is None else answer.rows:
        key = tuple(_hashable(row[name]) for name in kind.key)
        found[key, times[key]] = row
        times[key] += 1
    return found


def _hashable(value: Any) -> Hashable:
    return tuple(value) if isinstance(value, list) else value


def _changes(
    kind: _Kind, before: Mapping[Any, Row], after: Mapping[Any, Row], judged: Callable[[str, Row], str]
) -> Iterator[Row]:
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        row = now or was or {}
        about = {name: row[name] for name in kind.key} | {name: _about(row, name) for name in kind.about}
        told = {side: _told(each, (*kind.told, *kind.beside)) for side, each in zip(_SIDES, (was, now), strict=True)}
        for change in _words(kind, was, now):
            yield {"change": judged(change, row), **about, **told}


def _about(row: Row, name: str) -> Any:
    if name == "nodes":
        return [*(step["source"] for step in row["steps"]), row["store"]]
    return row[name]


def _told(row: Row | None, names: Sequence[str]) -> Row | None:
    return None if row is None else {name: row[name] for name in names}


def _words(kind: _Kind, was: Row | None, now: Row | None) -> list[str]:
    """What it means that a row turned into another."""
    if kind.told[:3] == _STRENGTH:
        return [each.name for each in kinds_of(rank_of(was), rank_of(now))] or [REMAINS]
    if was is None or now is None:
        return ["gained" if was is None else "lost"]
    if all(was[name] == now[name] for name in kind.told):
        return [REMAINS]
    first = kind.told[0]
    if isinstance(was[first], int | float) and was[first] != now[first]:
        return ["less" if now[first] < was[first] else "more"]
    return ["changed"]


def _undoubted(change: str, row: Row) -> str:  # noqa: ARG001  where what is missing is known not to be there
    return change


def _doubt(
    before: Answer | None, after: Answer, relations: tuple[Collection[str], Collection[str]]
) -> Callable[[str, Row], str]:
    """Where only the first few ways are told, one that is not among them may be there all the same."""
    if after.command not in ("how", "whynot"):
        return _undoubted

    def judged(change: str, row: Row) -> str:
        if change in ("lost", "no longer claimed", "no longer prospective"):
            return change if after.complete or not _all_in(row["path"], relations[1]) else "no longer shown"
        if change in ("gained", "newly claimed", "newly prospective"):
            whole = before is None or before.complete
            return change if whole or not _all_in(row["path"], relations[0]) else "now shown"
        return change

    return judged


def _all_in(path: Iterable[str], relations: Collection[str]) -> bool:
    return all(relation in relations for relation in path)


def _another_way(row: Row) -> bool:
    was, now = row["before"], row["after"]
    return bool(was.get("path") != now.get("path"))


def _figures(before: Answer | None, after: Answer) -> dict[str, Row]:
    found = {}
    for name in _FIGURES.get(after.command, ()):
        was, now = (None if each is None else _figure(each.beside.get(name)) for each in (before, after))
        if was != now:
            found[name] = {"before": was, "after": now}
    return found


def _figure(value: Any) -> Any:
    return len(value) if isinstance(value, list) else value


def _new_places(kind: _Kind, rows: Sequence[Row], after: Answer, entities: Collection[str] | None) -> list[str]:
    """Systems whose store is known no more: somebody finds there what is lost to them at another place."""
    if kind is not _PAIRS:
        return []
    unknown = {row["store"] for row in after.rows if row["store_unknown"]}
    if entities is not None:
        unknown &= {*entities}
    known = {row["store"] for row in rows if row["before"]}
    losers = {row["body"] for row in rows if row["after"] is None and row["store"] not in unknown}
    found = {row["store"] for row in rows if row["before"] is None and row["body"] in losers}
    return sorted(found & unknown - known)


def _less(some: Sequence[str], others: Sequence[str]) -> list[str]:
    known = set(others)
    return [each for each in some if each not in known]

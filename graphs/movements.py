"""Chokepoints and exposure that moved between two states of the world: what more, or less, hangs on whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from graphs.access import AccessGraph, build
from graphs.answers import Row
from graphs.exposures import exposure, supply_options
from graphs.passages import pair_losses
from graphs.scope import Options, ids_of
from stakeholders.dataset import Dataset

ALSO: Final = ("chokepoints", "exposure")
LARGE: Final = 5_000  # nodes, above which these are compared only if asked for


class Sides(NamedTuple):
    """Both sides as questions of their own, their graphs built once they are asked.

    Attributes
    ----------
    of : pair of Dataset or AccessGraph
    options : pair of Options
    entities : int
        How many there are, if the sides are only a part of them.
    """

    of: tuple[Dataset | AccessGraph, Dataset | AccessGraph]
    options: tuple[Options, Options]
    entities: int = 0

    def large(self) -> bool:
        """Whether one side has very many entities."""
        datasets = (side if isinstance(side, Dataset) else side.dataset for side in self.of)
        return max(self.entities, *(len(dataset.entities) for dataset in datasets)) > LARGE

    def asked(self) -> tuple[AccessGraph, AccessGraph, tuple[Options, Options]]:
        """The graph and the options of each side."""
        first, last = (side if isinstance(side, AccessGraph) else build(side) for side in self.of)
        return first, last, (_without_unknown(first, self.options[0]), _without_unknown(last, self.options[1]))


def _without_unknown(graph: AccessGraph, options: Options) -> Options:
    """Options without the bodies and stores that only the other side has."""
    kept: Options = {**options}
    if (bodies := options.get("bodies")) is not None:
        kept["bodies"] = [name for name in ids_of(bodies) if name in graph.position]
    if (stores := options.get("stores")) is not None:
        kept["stores"] = [name for name in ids_of(stores) if name in graph.position]
    return kept


def moved_chokepoints(
    before: AccessGraph, after: AccessGraph, sides: tuple[Options, Options], targets: Sequence[str]
) -> list[Row]:
    """Entities and relations on which more pairs hang than before, or fewer.

    Parameters
    ----------
    before, after : AccessGraph
    sides : (Options, Options)
        The assumptions on each side.
    targets : sequence of str
        Data categories to ask about, each by itself.

    Returns
    -------
    list of dict
        ``target``, ``id``, ``kind`` (``node`` or ``relation``), ``lost_before``, ``lost_after``, ``pairs_before`` and
        ``pairs_after`` (pairs that count for it, as in `graphs.passages.chokepoints`); the greatest move first.
    """
    rows: list[Row] = []
    for target in targets:
        was, now = (
            pair_losses(graph, target, **options) if target in graph.categories else None
            for graph, options in ((before, sides[0]), (after, sides[1]))
        )
        for kind in ("node", "relation"):
            lost = [dict(getattr(side, f"{kind}s")) if side else {} for side in (was, now)]
            rows += [
                {
                    "target": target, "id": name, "kind": kind,
                    "lost_before": lost[0].get(name, 0), "lost_after": lost[1].get(name, 0),
                    "pairs_before": was.counting(name) if was else 0, "pairs_after": now.counting(name) if now else 0,
                }
                for name in {*lost[0], *lost[1]} if lost[0].get(name, 0) != lost[1].get(name, 0)
            ]  # fmt: skip
    return sorted(
        rows, key=lambda row: (-abs(row["lost_after"] - row["lost_before"]), row["target"], row["kind"], row["id"])
    )


def moved_exposures(before: AccessGraph, after: AccessGraph, sides: tuple[Options, Options]) -> list[Row]:
    """Exposures to listed vendors and owners that began, ended, or now stand by another rule.

    Returns
    -------
    list of dict
        ``entity``, ``listed_entity``, ``listing``, ``authority``, ``list``, ``change`` (``newly exposed``,
        ``no longer exposed``, ``by another rule``), ``before`` and ``after`` (the rule, or nothing), ``since`` and
        ``route`` as they are after, or were; new ones first.
    """
    found: list[dict[tuple[str, str, str], Row]] = []
    for graph, options in ((before, sides[0]), (after, sides[1])):
        rows = exposure(graph, **supply_options(options)).rows
        found.append({(row["entity"], row["listed_entity"], row["listing"]): row for row in rows})
    moved = []
    for place in {*found[0], *found[1]}:
        was, now = (side.get(place) for side in found)
        if was and now and was["rule"] == now["rule"]:
            continue
        told = now or was or {}
        change = "by another rule" if was and now else "newly exposed" if now else "no longer exposed"
        moved.append({
            **{name: told[name] for name in ("entity", "listed_entity", "listing", "authority", "list")},
            "change": change, "before": was and was["rule"], "after": now and now["rule"],
            "since": told["since"], "route": list(told["route"]),
        })  # fmt: skip
    order = ("listed_entity", "list", "entity", "listing")
    return sorted(moved, key=lambda row: (_CHANGES.index(row["change"]), *(row[name] for name in order)))


_CHANGES: Final = ("newly exposed", "no longer exposed", "by another rule")

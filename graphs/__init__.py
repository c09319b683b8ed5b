"""What can be asked: from claims to an access graph to answers, and the answers' pictures.

Every name below is imported when it is first used, so that a program pays only for what it asks.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphs.access import AccessGraph, build
    from graphs.answers import Answer, stamp
    from graphs.candidates import imported, screened
    from graphs.changes import Difference, between, diff
    from graphs.checks import check
    from graphs.cuts import cut
    from graphs.entries import collection, entry, search
    from graphs.evidence import supports, with_supports
    from graphs.explanations import how, whynot
    from graphs.exports import exported
    from graphs.exposure_views import exposure_view
    from graphs.exposures import exposure, exposure_history, exposure_matrix
    from graphs.histories import expiring, history_view, reach_over_time
    from graphs.indexes import clean_index, load_index, save_index
    from graphs.inspections import inspected
    from graphs.interchange import from_networkx
    from graphs.map.page import draw_map, write_map
    from graphs.matrices import matrix_changes, reach_matrix
    from graphs.passages import chokepoints, pair_losses
    from graphs.policies import chosen_policies, pack, parse_policies
    from graphs.questions import understand
    from graphs.reachability import reachable_from, who_can_reach
    from graphs.reliance import cut_off, dependence
    from graphs.scenarios import what_if
    from graphs.timelines import timeline
    from graphs.unknowns import gaps
    from graphs.withdrawals import sensitivity

_HOMES = {
    "AccessGraph": "access",
    "build": "access",
    "Answer": "answers",
    "stamp": "answers",
    "imported": "candidates",
    "screened": "candidates",
    "Difference": "changes",
    "between": "changes",
    "diff": "changes",
    "check": "checks",
    "chosen_policies": "policies",
    "parse_policies": "policies",
    "pack": "policies",
    "exposure": "exposures",
    "exposure_history": "exposures",
    "exposure_matrix": "exposures",
    "exposure_view": "exposure_views",
    "expiring": "histories",
    "history_view": "histories",
    "reach_over_time": "histories",
    "cut": "cuts",
    "collection": "entries",
    "entry": "entries",
    "search": "entries",
    "inspected": "inspections",
    "supports": "evidence",
    "with_supports": "evidence",
    "draw_map": "map.page",
    "write_map": "map.page",
    "chokepoints": "passages",
    "pair_losses": "passages",
    "matrix_changes": "matrices",
    "reach_matrix": "matrices",
    "understand": "questions",
    "timeline": "timelines",
    "exported": "exports",
    "clean_index": "indexes",
    "load_index": "indexes",
    "save_index": "indexes",
    "from_networkx": "interchange",
    "how": "explanations",
    "whynot": "explanations",
    "reachable_from": "reachability",
    "who_can_reach": "reachability",
    "cut_off": "reliance",
    "dependence": "reliance",
    "what_if": "scenarios",
    "gaps": "unknowns",
    "sensitivity": "withdrawals",
}

__all__ = [
    "AccessGraph", "Answer", "Difference", "between", "build", "check", "chokepoints", "chosen_policies", "clean_index",
    "collection", "cut", "cut_off", "dependence", "diff", "draw_map", "entry", "expiring", "exported", "exposure",
    "exposure_history", "exposure_matrix", "exposure_view", "from_networkx", "gaps", "history_view", "how", "imported",
    "inspected", "load_index", "matrix_changes", "pack", "pair_losses", "parse_policies", "reach_matrix",
    "reach_over_time", "reachable_from", "save_index", "screened", "search", "sensitivity", "stamp", "supports",
    "timeline", "understand", "what_if", "who_can_reach", "whynot", "with_supports", "write_map",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'graphs' has no attribute {name!r}")
    return getattr(import_module(f"graphs.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

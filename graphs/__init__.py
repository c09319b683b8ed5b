"""What can be asked: from claims to an access graph to answers, and the answers' pictures.

Every name below is imported when it is first used, so that a program pays only for what it asks.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphs.access import AccessGraph, build
    from graphs.answers import Answer, stamp
    from graphs.changes import Difference, between, diff
    from graphs.entries import collection, entry, search
    from graphs.explanations import how, whynot
    from graphs.map.page import write_map
    from graphs.questions import understand
    from graphs.reachability import reachable_from, who_can_reach
    from graphs.timelines import timeline

_HOMES = {
    "AccessGraph": "access",
    "build": "access",
    "Answer": "answers",
    "stamp": "answers",
    "Difference": "changes",
    "between": "changes",
    "diff": "changes",
    "collection": "entries",
    "entry": "entries",
    "search": "entries",
    "write_map": "map.page",
    "understand": "questions",
    "timeline": "timelines",
    "how": "explanations",
    "whynot": "explanations",
    "reachable_from": "reachability",
    "who_can_reach": "reachability",
}

__all__ = [
    "AccessGraph", "Answer", "Difference", "between", "build", "collection", "diff", "entry", "how", "reachable_from",
    "search", "stamp", "timeline", "understand", "who_can_reach", "whynot", "write_map",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'graphs' has no attribute {name!r}")
    return getattr(import_module(f"graphs.{_HOMES[name]}"), name)

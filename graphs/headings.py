"""The columns that an answer's table has, by its question: an empty answer has them, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_REACH: Final = (
    "body store stores categories store_unknown at verdict level certainty contested hops since date last_evidence "
    "collective also path"
)
_DIFFERENCE: Final = "body store category change place before after because alternatives path path_before"
_COLUMNS: Final[Mapping[str, str]] = {
    "who": _REACH,
    "what": _REACH,
    "how": f"{_REACH} steps",
    "whynot": f"{_REACH} steps",
    "chokepoints": "id kind pairs_lost pairs_total margin mandatory_for sentence",
    "cut": "id kind cost subject predicate object status legal_basis claim categories sources",
    "sensitivity": (
        "id kind relations verdicts_lost gained lost stronger weaker more_certain less_certain newly_claimed "
        "no_longer_claimed newly_prospective no_longer_prospective new_places changes"
    ),
    "gaps": "gap entity relation question verdicts_at_stake",
    "exposure": (
        "entity listed_entity listing authority list effect since date listing_date rule share route categories "
        "sole_supplier"
    ),
    "diff": _DIFFERENCE,
    "check": (
        "id rule severity verdict body store category relation path sentence excepted_until reason owner score article "
        "criteria missing"
    ),
    "find": "id table name score why",
    "matrix": "body categories count",
    "whatif": "change body store before after",
}
# Views of exposure and of a timeline, by what their question says.
_VIEWS: Final[Mapping[tuple[str, str], str]] = {
    ("exposure", "history"): "entity listed_entity listing authority list rule listing_date first last route",
    ("exposure", "matrix"): "body list rule since listing_date vendors",
    ("exposure", "cut_off"): "entity state gone left categories",
    ("exposure", "dependence"): (
        "group systems suppliers hhi sole_supplier listed_share stores listed_stores store_share cameras "
        "listed_cameras camera_share"
    ),
    ("timeline", "id"): "date change word table id subject predicate object list status categories claim sources",
    ("timeline", "target"): "date known reaches claimed prospective events causes",
    ("timeline", "expiring"): f"date {_DIFFERENCE}",
}


def headings(command: str, question: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns of the answer to a question; none where its rows differ from each other.

    Examples
    --------
    >>> headings("gaps", {"target": "face"})
    ('gap', 'entity', 'relation', 'question', 'verdicts_at_stake')
    """
    views = [columns for (of, name), columns in _VIEWS.items() if of == command and question.get(name)]
    return tuple((views[-1] if views else _COLUMNS.get(command, "")).split())

"""What the page does not work out itself: exposure with ownership and dates, and gaps in the library's order.

Both are asked once, when the page is made, under the assumptions that it opens with.
"""

from __future__ import annotations

from typing import Any, Unpack

from graphs.access import AccessGraph
from graphs.exposures import exposure, supply_options
from graphs.scope import Options, Scope
from graphs.unknowns import GAPS, gaps
from stakeholders.dates import iso
from stakeholders.vocabulary import CERTAINTIES, LANGUAGES, STANCES, Label

# Entities and relations up to which asking takes seconds while the page is made; what gaps could change is tried out
# relation by relation, which takes minutes on a dense map.
LARGEST = 1_500
DENSEST = 1_500


def findings(graph: AccessGraph, **options: Unpack[Options]) -> dict[str, Any] | None:
    """Exposures and gaps of a graph as columns for the page; nothing above ``LARGEST`` or ``DENSEST``.

    Parameters
    ----------
    graph : AccessGraph
    **options : Options
        The assumptions that the page opens with.

    Returns
    -------
    dict or None
        ``asked`` (day, stance, certainties), ``exposure`` and ``gaps``: entities, relations and listings by their row.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> found = findings(build(read("cabar-2020")), as_of="2020-04-15")
    >>> found["asked"]["day"], len(found["exposure"]["entity"]) > 0
    ('2020-04-15', True)
    """
    if graph.n_nodes > LARGEST or len(graph.dataset.relations) > DENSEST:
        return None
    scope = Scope.of(**options)
    asked = {
        "day": iso(scope.as_of),
        "stance": STANCES[scope.stance],
        "certainty": CERTAINTIES[scope.certainty],
        "exposure_certainty": options.get("certainty", "reported"),  # its own default
    }
    return {"asked": asked, "exposure": _exposure(graph, options), "gaps": _gaps(graph, options)}


def _exposure(graph: AccessGraph, options: Options) -> dict[str, Any]:
    # A page's bodies and stores are askers and places; here the words mean who is listed and what is exposed.
    asked: Options = {name: value for name, value in options.items() if name not in ("bodies", "stores")}  # type: ignore[assignment]  # a part of Options
    answer = exposure(graph, **supply_options(asked))
    listing, position = graph.dataset.listings.index, graph.position
    relation = graph.dataset.relations.index
    return {
        "entity": [position[row["entity"]] for row in answer.rows],
        "listed": [position[row["listed_entity"]] for row in answer.rows],
        "listing": [listing[row["listing"]] for row in answer.rows],
        "rule": [row["rule"] for row in answer.rows],
        "sole": [int(row["sole_supplier"]) for row in answer.rows],
        "categories": [[graph.categories.position[code] for code in row["categories"]] for row in answer.rows],
        "route": [[relation[name] for name in row["route"]] for row in answer.rows],
        "sentence": {lang: [answer.sentence(row, lang) for row in range(len(answer.rows))] for lang in LANGUAGES},
        "effect": {lang: [answer.effect_of(row["listing"], lang) for row in answer.rows] for lang in LANGUAGES},
        "notes": {lang: [note.text(lang) for note in answer.notes] for lang in LANGUAGES},
    }


def _gaps(graph: AccessGraph, options: Options) -> dict[str, Any]:
    """Each question is a sentence with holes: the page knows the names that fill them."""
    answer = gaps(graph, **options)
    relation = graph.dataset.relations.index
    templates: dict[Label, int] = {}
    return {
        "kind": [GAPS.index(row["gap"]) for row in answer.rows],
        "entity": [-1 if row["entity"] is None else graph.position[row["entity"]] for row in answer.rows],
        "relation": [-1 if row["relation"] is None else relation[row["relation"]] for row in answer.rows],
        "stake": [row["verdicts_at_stake"] for row in answer.rows],
        "question": [templates.setdefault(row["question"].template, len(templates)) for row in answer.rows],
        "detail": [row["question"].values.get("detail", "") for row in answer.rows],
        "questions": {lang: [label.of(lang) for label in templates] for lang in LANGUAGES},
        "kinds": list(GAPS),
    }

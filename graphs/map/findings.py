"""What the page does not work out itself: exposure with ownership, gaps in order, cuts, what rests on one source.

All are asked once, when the page is made, under the assumptions that it opens with.
"""

from __future__ import annotations

from typing import Any, Unpack

from graphs.access import AccessGraph
from graphs.answers import Row
from graphs.cuts import CANNOT, CUT, NO_PATH, STILL, cut
from graphs.exposures import exposure, supply_options
from graphs.scope import Options, Scope
from graphs.unknowns import GAPS, gaps
from graphs.withdrawals import sensitivity
from stakeholders.dates import iso
from stakeholders.vocabulary import CERTAINTIES, LANGUAGES, STANCES, Label

# Entities and relations up to which asking takes seconds while the page is made; what gaps could change is tried out
# relation by relation, which takes minutes on a dense map.
LARGEST = 1_500
DENSEST = 1_500
# Relations up to which a cut of every category, and every source withdrawn for each, take seconds.
DOUBTED = 1_000
SECONDS = 10.0  # for one cut; then there are bounds instead of a least

_VERDICTS = {
    CUT: Label(CUT, "разрез", "кесінді"),
    NO_PATH: Label(NO_PATH, "нет известного пути", "белгілі жол жоқ"),
    CANNOT: Label(CANNOT, "нельзя разорвать", "кесуге болмайды"),
}


def findings(graph: AccessGraph, *, withheld: bool = False, **options: Unpack[Options]) -> dict[str, Any] | None:
    """Exposures, gaps, cuts and sources of a graph as columns for the page; nothing above ``LARGEST`` or ``DENSEST``.

    Parameters
    ----------
    graph : AccessGraph
    withheld : bool
        Whether sources are withheld: one may then stand as two, and what rests on it alone is not told.
    **options : Options
        The assumptions that the page opens with.

    Returns
    -------
    dict or None
        ``asked`` (day, stance, certainties), ``exposure``, ``gaps``, ``cuts`` and ``alone``: categories, entities,
        relations, listings and sources by their row. ``cuts`` has a place for each category, as have the gaps under
        ``asked``, ``alone`` one for each source whose withdrawal changes a verdict about a category; these are nothing
        above ``DOUBTED``.

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
    doubted = len(graph.dataset.relations) <= DOUBTED
    # As the page counts chokepoints: whatever is shown ends, not only what is reported.
    certain: Options = {**options, "certainty": CERTAINTIES[scope.certainty]}
    return {
        "asked": asked,
        "exposure": _exposure(graph, options),
        "gaps": _gaps(graph, options, by_category=doubted),
        "cuts": _cuts(graph, certain) if doubted else None,
        "alone": _alone(graph, certain) if doubted and not withheld else None,
        "withheld": int(withheld),
    }


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


def _gaps(graph: AccessGraph, options: Options, *, by_category: bool) -> dict[str, Any]:
    """Each question is a sentence with holes: the page knows the names that fill them.

    First come the gaps of everything, with what each could change there; ``asked`` has for each category the places
    and figures of the library's answer about it.
    """
    answer = gaps(graph, **options)
    every = list(answer.rows)
    place = {_gap(row): at for at, row in enumerate(every)}
    asked: list[list[list[int]]] = []
    for code in graph.categories.codes if by_category else ():
        rows = gaps(graph, code, **options).rows
        for row in rows:
            if place.setdefault(_gap(row), len(every)) == len(every):
                every.append({**row, "verdicts_at_stake": 0})  # of everything together it could change nothing
        asked.append([[place[_gap(row)] for row in rows], [row["verdicts_at_stake"] for row in rows]])
    relation = graph.dataset.relations.index
    templates: dict[Label, int] = {}
    return {
        "kind": [GAPS.index(row["gap"]) for row in every],
        "entity": [-1 if row["entity"] is None else graph.position[row["entity"]] for row in every],
        "relation": [-1 if row["relation"] is None else relation[row["relation"]] for row in every],
        "stake": [row["verdicts_at_stake"] for row in every],
        "question": [templates.setdefault(row["question"].template, len(templates)) for row in every],
        "detail": [row["question"].values.get("detail", "") for row in every],
        "questions": {lang: [label.of(lang) for label in templates] for lang in LANGUAGES},
        "kinds": list(GAPS),
        "asked": asked if by_category else None,
    }


def _gap(row: Row) -> tuple[str, str | None, str | None]:
    return row["gap"], row["entity"], row["relation"]


def _cuts(graph: AccessGraph, options: Options) -> dict[str, Any]:
    """The least that would end all reach, for each category in turn."""
    position, relation = graph.position, graph.dataset.relations.index
    codes = list(_VERDICTS)
    answers = [cut(graph, code, time_limit=SECONDS, **options) for code in graph.categories.codes]
    told = [answer.beside for answer in answers]
    after = [[note for note in answer.notes if note.template is STILL] for answer in answers]
    return {
        "verdict": [codes.index(each["verdict"]) for each in told],
        "low": [each["cost_low"] for each in told],
        "high": [each["cost_high"] for each in told],
        "relations": [[relation[row["id"]] for row in answer.rows] for answer in answers],
        "costs": [[row["cost"] for row in answer.rows] for answer in answers],
        "direct": [[position[name] for name in each["direct_holders"]] for each in told],
        "fixed": [[position[path["body"]] for path in each["uncuttable"]] for each in told],
        "still": [[position[name] for name in each["still_reach"]] for each in told],
        "places": [[position[name] for name in each["new_places"]] for each in told],
        "after": {lang: [" ".join(note.text(lang) for note in notes) for notes in after] for lang in LANGUAGES},
        "others": [len(each["alternatives"]) for each in told],
        "complete": [int(answer.complete) for answer in answers],
        "verdicts": {lang: [label.of(lang) for label in _VERDICTS.values()] for lang in LANGUAGES},
    }


def _alone(graph: AccessGraph, options: Options) -> dict[str, Any]:
    """What falls or changes without each source, for each category in turn, and the pairs that fall with it."""
    position, source = graph.position, graph.dataset.sources.index
    out: dict[str, Any] = {"findings": [], "single": []}
    columns: dict[str, list[Any]] = {name: [] for name in ("category", "source", "lost", "changed", "pairs")}
    for place, code in enumerate(graph.categories.codes):
        answer = sensitivity(graph, code, kinds=("source",), **options)
        single = answer.beside["single_source"]
        out["findings"].append(answer.beside["findings"])
        out["single"].append(len(single))
        carried: dict[str, list[int]] = {}
        for pair in single:
            for name in pair["sources"]:
                carried.setdefault(name, []).extend((position[pair["body"]], position[pair["store"]]))
        for row in answer.rows:
            name = row["id"]
            cells = (place, source[name], row["verdicts_lost"], len(row["changes"]), carried.get(name, []))
            for column, cell in zip(columns.values(), cells, strict=True):
                column.append(cell)
    return out | columns

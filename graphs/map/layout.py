"""Where an entity stands on the page: its family, its column, and its group in the overview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphs.access import BODY, SYSTEM, AccessGraph
from stakeholders.dataset import split

FAMILIES = ("abroad", "outside", "state", "vendor", "agency", "operator", "system", "store")
COLUMNS = (0, 0, 1, 1, 2, 2, 3, 4)  # of each family, from who through what to which data
ABROAD, ABOVE, BELOW = 0, 1, 2  # columns of bodies
COMMAND = ("part_of", "controls")  # predicates whose arcs lead from a whole to its part

WHOLE = 150  # entities up to which the overview draws each by itself
MOST_GROUPS = 11  # groups that a column of the overview shows; the rest is one more

_FAMILY_OF_KIND = {
    "ministry": "state", "committee": "state", "security_service": "state", "prosecutor": "state", "court": "state",
    "manufacturer": "vendor", "integrator": "vendor", "investor": "vendor",
    "agency": "agency", "department": "agency", "police": "agency", "local_government": "agency",
    "election_commission": "agency",
    "operator": "operator", "state_company": "operator", "telecom": "operator",
    "foreign_state": "abroad",
    "international_body": "outside", "civil_society": "outside", "threat_actor": "outside", "public": "outside",
}  # fmt: skip


@dataclass(frozen=True)
class Group:
    """Entities that the overview draws as one box.

    Attributes
    ----------
    key : str
        Such as ``"vendor/manufacturer/CN"``, an entity's id where each is drawn by itself, ``"abroad/*"`` for the rest.
    family : int
        Place in ``FAMILIES``.
    members : tuple of int
        Nodes.
    column, row : int
        Where the box stands.
    """

    key: str
    family: int
    members: tuple[int, ...]
    column: int
    row: int


def families(graph: AccessGraph) -> list[int]:
    """The family of each node, as places in ``FAMILIES``.

    Notes
    -----
    A body is *abroad* if its country is not one of those that the data are about: those with at least a hundredth of
    all systems and stores.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> graph = build(read("cabar-2020"))
    >>> FAMILIES[families(graph)[graph.node("cn-dahua")]]
    'abroad'
    """
    entities = graph.dataset.entities
    countries, kinds = entities.column("country"), entities.column("kind")
    home = _home(graph, countries)
    found = []
    for node, type_ in enumerate(graph.types.tolist()):
        if type_ != BODY:
            name = "system" if type_ == SYSTEM else "store"
        else:
            name = _FAMILY_OF_KIND.get(kinds[node], "agency")
            if name != "outside" and countries[node] and countries[node] not in home:
                name = "abroad"
        found.append(FAMILIES.index(name))
    return found


def columns(graph: AccessGraph, family: Sequence[int]) -> list[int]:
    """The column of each node: that of its family, but a whole stands left of its part where there is room.

    Notes
    -----
    An agency with parts stands among state bodies, one whose parts have parts (a government, a president) in the first
    column. A state body or vendor that belongs to one of its own column stands a column further.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> graph = build(read("central-asia"))
    >>> place = columns(graph, families(graph))
    >>> [place[graph.node(name)] for name in ("kz-government", "kz-mia", "kz-mia-migration")]
    [0, 1, 2]
    """
    place = [COLUMNS[number] for number in family]
    wholes = _wholes(graph)
    parents = {whole for _, whole in wholes}
    grandparents = {whole for part, whole in wholes if part in parents}
    agency = FAMILIES.index("agency")
    for node in parents:
        if family[node] == agency:
            place[node] = ABROAD if node in grandparents else ABOVE
    beneath = [part for part, whole in wholes if place[part] == ABOVE and place[whole] >= ABOVE]
    for node in beneath:
        if family[node] != agency:
            place[node] = BELOW
    return place


def _wholes(graph: AccessGraph) -> list[tuple[int, int]]:
    """Pairs of bodies, a part and its whole."""
    arcs = graph.arcs
    codes, predicates = graph.dataset.relations.codes("predicate")
    command = [code for code, name in enumerate(predicates) if name in COMMAND]
    counts = np.isin(codes[arcs.relation], command) & (arcs.source != arcs.target)
    counts &= (graph.types[arcs.source] == BODY) & (graph.types[arcs.target] == BODY)
    return sorted(set(zip(arcs.target[counts].tolist(), arcs.source[counts].tolist(), strict=True)))


def overview(graph: AccessGraph, family: Sequence[int]) -> list[Group]:
    """Boxes of the overview: each entity of a small graph, else groups of one kind and country or category.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> graph = build(read("cabar-2020"))
    >>> len(overview(graph, families(graph)))
    43
    """
    whole = graph.n_nodes <= WHOLE
    of_node = columns(graph, family)
    members: dict[int, dict[tuple[int, str], list[int]]] = {column: {} for column in sorted(set(COLUMNS))}
    for node, name in enumerate(graph.ids):
        key = name if whole else _group(graph, node, family[node])
        members[of_node[node]].setdefault((family[node], key), []).append(node)
    groups: list[Group] = []
    for column, of_column in members.items():
        found = list(of_column.items())
        found.sort(key=lambda item: (item[0][0], -len(item[1]), item[0][1]))
        if not whole:
            found = _shortened(found)
        for row, ((number, key), nodes) in enumerate(found):
            groups.append(Group(key, number, tuple(nodes), column, row))
    return groups


def group_arcs(graph: AccessGraph, groups: Sequence[Group], day: int) -> Counter[tuple[int, int]]:
    """How many documented arcs in force on a day lead from group to group; those within one are left out."""
    of_node = np.zeros(graph.n_nodes, dtype=np.int64)
    for number, group in enumerate(groups):
        of_node[list(group.members)] = number
    arcs = graph.arcs
    counts = (arcs.start <= day) & (arcs.end >= day) & (arcs.stance <= 1)
    source, target = of_node[arcs.source[counts]], of_node[arcs.target[counts]]
    pairs = zip(source[source != target].tolist(), target[source != target].tolist(), strict=True)
    return Counter(pairs)


def _home(graph: AccessGraph, countries: Sequence[str]) -> set[str]:
    places = Counter(countries[node] for node in np.flatnonzero(graph.types != BODY).tolist())
    total = sum(places.values())
    return {country for country, count in places.items() if country and count * 100 >= total}


def _group(graph: AccessGraph, node: int, family: int) -> str:
    entities, name = graph.dataset.entities, FAMILIES[family]
    if name in ("system", "store"):
        codes = split(entities.column("categories")[node])
        return f"{name}/{_root(graph, codes[0]) if codes else ''}"
    kind = entities.column("kind")[node]
    return f"{name}/{kind}/{entities.column('country')[node]}" if name == "abroad" else f"{name}/{kind}"


def _root(graph: AccessGraph, code: str) -> str:
    seen: set[str] = set()
    while (broader := graph.categories.broader(code)) and code not in seen:
        seen.add(code)
        code = broader
    return code


def _shortened(found: list[tuple[tuple[int, str], list[int]]]) -> list[tuple[tuple[int, str], list[int]]]:
    """The largest groups of each family, and one group of the rest."""
    kept: list[tuple[tuple[int, str], list[int]]] = []
    for family in dict.fromkeys(place[0] for place, _ in found):
        mine = [item for item in found if item[0][0] == family]
        share = max(2, MOST_GROUPS * len(mine) // len(found))
        kept += mine[:share]
        if rest := [node for _, nodes in mine[share:] for node in nodes]:
            kept.append(((family, f"{FAMILIES[family]}/*"), sorted(rest)))
    return kept

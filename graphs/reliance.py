"""Dependence: how much of what a body, city or data category runs on comes from whom, and what stops without a list.

Shares are counted over systems: each system's suppliers share it equally. Cameras are counted where a ``volume`` names
them; the newest figure that is neither a plan nor a target is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Unpack

from graphs.access import BODY, SYSTEM, AccessGraph, build
from graphs.answers import Answer, Note, Row, listed, stamp
from graphs.exposed import Search, Wanted
from graphs.exposures import refuse_level
from graphs.reachability import who_can_reach
from graphs.scope import Options, Scope
from graphs.vendors import Vendors
from stakeholders.dataset import split
from stakeholders.errors import AccessMapError, UnknownTerm
from stakeholders.listings import Listing
from stakeholders.regimes import regimes_of
from stakeholders.vocabulary import LANGUAGES, Label

GROUPS = ("body", "city", "category", "system")
STATES = ("stops", "loses", "keeps")

_FIGURE = r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)\+?(\s+million)?(?:\s+of\s+[\d.,]+(?:\s+million)?)?"
_CAMERAS = re.compile(rf"{_FIGURE}\s+(?:(?!have|with|and|in\b)[a-z-]+\s+){{0,3}}?cameras?\b", re.IGNORECASE)
# After a figure of cameras the next may leave the word out: "3,000 cameras (2017); 6,335 (April 2018)".
_BARE = re.compile(rf"(?:about\s+|over\s+)?{_FIGURE}\s*(?:\(|$)", re.IGNORECASE)
_DATE = re.compile(r"(?:(\d{1,2})\s+)?([A-Z][a-z]+)?\s*\b((?:19|20)\d{2})\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NOT_ITS_OWN = re.compile(
    r"\b(?:plan\w*|target|due|once|capacity|ordered|expected|by the end|any owner|all kinds|counted)\b", re.IGNORECASE
)
_CITY = re.compile(r"\s*\(.*?\)")

_UNDETERMINED = Label(
    "Not taken away, as whether they count is undetermined: {names}.",
    "Не исключены, так как не определено, подпадают ли они: {names}.",
    "Жатады ма, анықталмағандықтан шығарылмады: {names}.",
)
_ARCHIVES = Label(
    "What a store holds already stays there: who still reaches it is computed without the vendors, but with the store.",
    "То, что в хранилище уже есть, там и остаётся: доступ рассчитан без поставщиков, но с хранилищами.",
    "Қоймада бар деректер сонда қалады: қолжетімділік жеткізушілерсіз, бірақ қоймалармен есептелген.",
)
_NO_VOLUME = Label(
    "Systems at which cameras are counted: {known} of {all}; of the others no figure is given.",
    "Системы, в которых подсчитаны камеры: {known} из {all}; по остальным данных нет.",
    "Камералар {all} жүйенің {known} жүйесінде саналды; қалғандары туралы сан жоқ.",
)


def dependence(
    graph: AccessGraph,
    by: str = "body",
    target: str | None = None,
    *,
    regime: str | None = None,
    lists: Sequence[str] = (),
    **options: Unpack[Options],
) -> Answer:
    """How concentrated supply is, and how much of it is listed, for each body, city, category or system.

    Parameters
    ----------
    graph : AccessGraph
    by : {'body', 'city', 'category', 'system'}
        What to group systems by: who operates them, where they are, whose data they have, or each by itself.
    target : str, optional
        Only the systems of a category, a system and its parts, those that keep data in a store, or those that a body
        operates.
    regime, lists
        Which listings count, as for `graphs.exposures.exposure`.
    **options : Options
        The assumptions; the default of ``certainty`` is ``reported``. ``stores`` are the systems that count.

    Returns
    -------
    Answer
        A row for each group: ``group``; ``systems`` with a known supplier; ``suppliers``, a list of {body, share,
        listed}; ``hhi``, the Herfindahl–Hirschman index of the shares from 0 to 10000; ``sole_supplier``, the only
        one, or ``None``; ``listed_share``, that of listed or owned suppliers, from 0 to 1; ``stores`` and
        ``listed_stores``, those that keep the systems' data and how many of them a listed supplier stands behind;
        ``store_share`` and ``camera_share``, from 0 to 1, or ``None`` where none are known; ``cameras`` and
        ``listed_cameras``. The greatest listed share first, then the most concentrated, then by name.

    Raises
    ------
    UnknownTerm
        If ``by``, a regime or a list is unknown.
    UnknownId
        If nothing has the target's id.
    AccessMapError
        If a level is asked for.

    Notes
    -----
    The index is the sum of squared market shares in percent: Rhoades, S. A. (1993), "The Herfindahl-Hirschman Index",
    Federal Reserve Bulletin 79. A single supplier gives 10000, two equal ones 5000.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = dependence(build(read("central-asia")), "system", as_of="2026-11-24")
    >>> row = next(row for row in answer.rows if row["group"] == "kg-command-centre-bishkek")
    >>> row["sole_supplier"], row["hhi"], row["listed_share"]
    ('cn-ceiec', 10000, 1.0)
    """
    if by not in GROUPS:
        raise UnknownTerm("way of grouping", by, GROUPS)
    refuse_level(options)
    options.setdefault("certainty", "reported")
    scope = Scope.of(**options)
    wanted = Wanted.of(graph, target)
    search = Search(graph, scope, regime, lists)
    vendors = search.vendors
    meant = _systems(vendors, wanted)
    counted = listed_bodies(search, "owned")
    groups: dict[str, set[int]] = {}
    for system in vendors.systems:
        if not vendors.suppliers(system) or (meant is not None and system not in meant):
            continue
        if scope.stores is None or graph.ids[system] in scope.stores:
            for group in _groups(vendors, system, by):
                if by != "category" or wanted.codes is None or group in wanted.codes:
                    groups.setdefault(group, set()).add(system)
    rows = [_concentration(vendors, group, sorted(groups[group]), counted) for group in sorted(groups)]
    rows.sort(key=lambda row: (-row["listed_share"], -row["hhi"], row["group"]))
    systems = {system for members in groups.values() for system in members}
    known = sum(_cameras_of(graph, system) is not None for system in systems)
    return Answer(
        command="exposure",
        question={"dependence": by, "target": target, "regime": regime, "lists": list(lists), **scope.question()},
        dataset=stamp(graph.dataset),
        rows=tuple(rows),
        notes=(Note(_NO_VOLUME, {"known": known, "all": len(systems)}),),
    )


def cut_off(
    graph: AccessGraph,
    lists: Sequence[str] = (),
    target: str | None = None,
    *,
    regime: str | None = None,
    **options: Unpack[Options],
) -> Answer:
    """What stops if every vendor on some lists is gone, and who would still reach what.

    Parameters
    ----------
    graph : AccessGraph
    lists : sequence of str
        Names of lists, as for `graphs.exposures.exposure`; a single one may be the key of a regime.
    target : str, optional
        Only places of a category, a store, a system with its parts and their stores, or those of a body's systems.
    regime : str, optional
        Key of a regime; one of the two must be given, and of both what is on the lists within the regime counts.
    **options : Options
        The assumptions; the default of ``certainty`` is ``reported``. ``stores`` are the systems and stores that
        count; ``bodies`` and ``level`` are those of who reaches them.

    Returns
    -------
    Answer
        A row for each system and store that a vendor on the lists stands behind: ``entity``; ``state``, ``stops``
        (no supplier is left, or nobody to operate it), ``loses`` (some are left), ``keeps`` (only a store, all of whose
        systems go on); ``gone``, the vendors; ``left``, the other suppliers; ``categories``. What stops comes first,
        then by id. In ``beside``: ``vendors``, the bodies taken away; ``lost`` and ``still``, pairs of body and store
        over these entities as {body, store, verdict, level}.

    Raises
    ------
    AccessMapError
        If neither a list nor a regime is given.
    UnknownId, UnknownTerm
        If nothing has the target's id, or a regime or list does not exist.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = cut_off(build(read("central-asia")), ["us-bis-entity-list"], as_of="2026-11-24")
    >>> [row["state"] for row in answer.rows if row["entity"] in ("kz-smart-aqkol", "kz-sergek")]
    ['stops', 'loses']
    """
    if not lists and regime is None:
        raise AccessMapError("cut off: name a list or a regime, such as us-bis-entity-list")
    options.setdefault("certainty", "reported")
    scope = Scope.of(**options)
    wanted = Wanted.of(graph, target)
    if regime is None and len(lists) == 1 and lists[0] in regimes_of(graph.dataset).names:
        regime, lists = lists[0], ()
    # A level is asked of reach; supply and listing have none.
    search = Search(graph, replace(scope, level=0), regime, lists)
    gone = listed_bodies(search, "owned")
    effect = _Effect(search.vendors, frozenset(gone))
    meant = _places(search.vendors, wanted)
    rows = [effect.row(node) for node in effect.concerned() if meant is None or node in meant]
    rows = [row for row in rows if scope.stores is None or row["entity"] in scope.stores]
    rows.sort(key=lambda row: (STATES.index(row["state"]), row["entity"]))
    taken = sorted({graph.ids[body] for body in effect.vendors()})
    before, after = _pairs(graph, graph, rows, options), _pairs(graph, _without(graph, taken), rows, options)
    open_ones = sorted({graph.ids[body] for body in listed_bodies(search, "undetermined") if body not in gone})
    notes = [Note(_ARCHIVES)] if rows else []
    if open_ones:
        names = {lang: listed([graph.dataset.name_of(one, lang) for one in open_ones], most=99) for lang in LANGUAGES}
        notes.insert(0, Note(_UNDETERMINED, {"names": names}))
    return Answer(
        command="exposure",
        question={"cut_off": list(lists), "target": target, "regime": regime, **scope.question()},
        dataset=stamp(graph.dataset),
        rows=tuple(rows),
        notes=tuple(notes),
        beside={
            "vendors": taken,
            "lost": [before[pair] for pair in sorted(before) if pair not in after],
            "still": [after[pair] for pair in sorted(after)],
        },
    )


def _systems(vendors: Vendors, wanted: Wanted) -> frozenset[int] | None:
    """Systems that a target means; nothing stands for all."""
    if wanted.node is not None:
        return vendors.systems_of(vendors.graph.position[wanted.node])
    if wanted.codes is None:
        return None
    categories = vendors.graph.dataset.entities.column("categories")
    return frozenset(system for system in vendors.systems if not wanted.codes.isdisjoint(split(categories[system])))


def _places(vendors: Vendors, wanted: Wanted) -> frozenset[int] | None:
    """Systems and stores that a target means; nothing stands for all."""
    graph = vendors.graph
    if wanted.node is None:
        if wanted.codes is None:
            return None
        categories = graph.dataset.entities.column("categories")
        return frozenset(
            node for node in range(graph.n_nodes)
            if graph.types[node] != BODY and not wanted.codes.isdisjoint(split(categories[node]))
        )  # fmt: skip
    node = graph.position[wanted.node]
    if graph.types[node] not in (BODY, SYSTEM):
        return frozenset((node,))
    systems = vendors.systems_of(node)
    return systems.union(*(vendors.stores(system) for system in systems))


def listed_bodies(search: Search, least: str) -> dict[int, list[Listing]]:
    """Nodes of bodies that are listed or owned, or of those that are undetermined, with their listings."""
    rules = {"owned": ("listed", "owned"), "undetermined": ("undetermined",)}[least]
    found: dict[int, list[Listing]] = {}
    for vendor in search.listed_vendors():
        if vendor.rule in rules:
            found.setdefault(search.graph.position[vendor.body], []).append(vendor.listing)
    return found


@lru_cache(maxsize=4096)
def cameras_in(volume: str) -> int | None:
    """How many cameras a ``volume`` cell names: the newest figure that is no plan and no count of everybody's cameras.

    Examples
    --------
    >>> cameras_in("11,000+ cameras (January 2022); 53,000+ cameras (September 2025); 90,000 cameras planned")
    53000
    >>> cameras_in("30 days of public-safety video") is None
    True
    """
    best: tuple[tuple[int, int, int], int] | None = None
    for part in split(volume):
        match = _CAMERAS.search(part) or (_BARE.match(part) if best else None)
        if match is None or _NOT_ITS_OWN.search(part):
            continue
        figure = round(float(match[1].replace(",", "")) * (1_000_000 if match[2] else 1))
        dated = max((_day(found) for found in _DATE.finditer(part, match.end())), default=(0, 0, 0))
        if best is None or dated > best[0]:
            best = dated, figure
    return None if best is None else best[1]


def _day(found: re.Match[str]) -> tuple[int, int, int]:
    month = (found[2] or "")[:3].casefold()
    return int(found[3]), _MONTHS.index(month) + 1 if month in _MONTHS else 0, int(found[1] or 0)


class _Effect:
    """What the absence of some bodies does to systems and stores."""

    def __init__(self, vendors: Vendors, gone: frozenset[int]) -> None:
        self._vendors, self.gone, self.graph = vendors, gone, vendors.graph

    def vendors(self) -> set[int]:
        """Bodies taken away that stand behind a system at all."""
        return {body for system in self._vendors.systems for body in self._vendors.behind(system) & self.gone}

    def concerned(self) -> list[int]:
        """Systems and stores behind which one of the bodies stands."""
        nodes = {
            node
            for body in self.vendors()
            for node, route in self._vendors.routes(body).items()
            if not route.weaker and self.graph.types[node] != BODY
        }
        return sorted(nodes)

    def state(self, node: int) -> str:
        """What becomes of a system or store."""
        if self.graph.types[node] != SYSTEM:
            states = {self.state(system) for system in self._keepers.get(node, ())}
            return "stops" if states == {"stops"} else "keeps" if states <= {"keeps"} else "loses"
        suppliers, operators = self._vendors.suppliers(node), self._vendors.operators(node)
        if (suppliers and suppliers <= self.gone) or (operators and operators <= self.gone):
            return "stops"
        behind = suppliers | operators | self._vendors.behind(node)
        return "loses" if behind & self.gone else "keeps"

    def row(self, node: int) -> Row:
        """One system or store as it stands in the answer."""
        graph, vendors = self.graph, self._vendors
        systems = [node] if graph.types[node] == SYSTEM else list(self._keepers.get(node, ()))
        behind = frozenset[int]().union(*(vendors.suppliers(each) | vendors.behind(each) for each in systems))
        supplied = frozenset[int]().union(*(vendors.suppliers(each) | vendors.suppliers_at(each) for each in systems))
        operating = behind - supplied
        routes = [vendors.routes(body).get(node) for body in self.vendors()]
        passed = 0
        for route in routes:
            passed |= route.categories if route is not None and not route.weaker else 0
        return {
            "entity": graph.ids[node],
            "state": self.state(node),
            "gone": sorted(graph.ids[body] for body in behind & self.gone),
            "left": sorted(graph.ids[body] for body in behind - self.gone - operating),
            "categories": vendors.categories(node, passed),
        }

    @cached_property
    def _keepers(self) -> Mapping[int, list[int]]:
        found: dict[int, list[int]] = {}
        for system in range(self.graph.n_nodes):
            for store in self._vendors.stores(system) if self.graph.types[system] == SYSTEM else ():
                found.setdefault(store, []).append(system)
        return found


def _concentration(
    vendors: Vendors, group: str, systems: Sequence[int], counted: Mapping[int, Sequence[Listing]]
) -> Row:
    graph = vendors.graph
    shares: dict[int, float] = {}
    stores: set[int] = set()
    listed_stores: set[int] = set()
    cameras = listed_cameras = 0.0
    known = False
    for system in systems:
        suppliers = vendors.suppliers(system)
        part = len(suppliers & counted.keys()) / len(suppliers)
        for body in suppliers:
            shares[body] = shares.get(body, 0.0) + 1 / (len(suppliers) * len(systems))
        stores.update(vendors.stores(system))
        if part:
            listed_stores.update(vendors.stores(system))
        if (figure := _cameras_of(graph, system)) is not None:
            known, cameras, listed_cameras = True, cameras + figure, listed_cameras + figure * part
    ordered = sorted(shares.items(), key=lambda item: (-item[1], graph.ids[item[0]]))
    return {
        "group": group,
        "systems": len(systems),
        "suppliers": [
            {"body": graph.ids[body], "share": round(share, 4), "listed": body in counted} for body, share in ordered
        ],
        "hhi": round(sum((100 * share) ** 2 for _, share in ordered)),
        "sole_supplier": graph.ids[ordered[0][0]] if len(ordered) == 1 else None,
        "listed_share": round(sum(share for body, share in ordered if body in counted), 4),
        "stores": len(stores),
        "listed_stores": len(listed_stores),
        "store_share": round(len(listed_stores) / len(stores), 4) if stores else None,
        "cameras": round(cameras) if known else None,
        "listed_cameras": round(listed_cameras) if known else None,
        "camera_share": round(listed_cameras / cameras, 4) if known and cameras else None,
    }


def _groups(vendors: Vendors, system: int, by: str) -> Iterator[str]:
    graph = vendors.graph
    if by == "system":
        yield graph.ids[system]
    elif by == "body":
        yield from (graph.ids[body] for body in vendors.operators(system))
    elif by == "category":
        yield from split(graph.dataset.entities.column("categories")[system])
    else:
        places = split(graph.dataset.entities.column("location")[system])
        yield from dict.fromkeys(_CITY.sub("", place).strip() for place in places)


def _cameras_of(graph: AccessGraph, system: int) -> int | None:
    return cameras_in(graph.dataset.entities.column("volume")[system])


def _without(graph: AccessGraph, bodies: Sequence[str]) -> AccessGraph:
    return build(graph.dataset.without(bodies)) if bodies else graph


def _pairs(known: AccessGraph, graph: AccessGraph, rows: Sequence[Row], options: Options) -> dict[tuple[str, str], Row]:
    """Who reaches the concerned places in a graph, as pairs of body and store."""
    found: dict[tuple[str, str], Row] = {}
    given: Options = {**options}
    given["stores"] = None  # which are systems and stores exposed, and among the rows already
    for row in rows:
        if row["entity"] in known.position and row["entity"] in graph.position:
            for pair in who_can_reach(graph, row["entity"], by="pair", **given).rows:
                place = (pair["body"], pair["store"])
                found[place] = {name: pair[name] for name in ("body", "store", "verdict", "level")}
    return found

"""The least that would end it: the cheapest set of revocable relations that leaves no way, and its proof."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, islice, repeat
from time import monotonic
from typing import Any, Unpack

import numpy as np

from graphs.access import AccessGraph, Nodes
from graphs.answers import Answer, Note, Row, stamp
from graphs.costs import Costs, costs_of
from graphs.engines.covers import Cover, Coverer, packed
from graphs.engines.flows import decomposed, maximum_flow, minimum_cut
from graphs.naming import names_of
from graphs.partitions import Partition, Plan, Walk
from graphs.patches import without_relations
from graphs.reachability import Target, asked_bodies, caveats, target_of
from graphs.scope import Options, Scope
from graphs.views import View
from graphs.ways import Ways
from stakeholders.columns import taken
from stakeholders.dataset import split
from stakeholders.errors import AccessMapError
from stakeholders.vocabulary import Label

CUT, NO_PATH, CANNOT = "cut", "no path", "cannot be cut"
PATHS_SHOWN = 200  # of a proof; the rest are counted in what it proves


def cut(
    graph: AccessGraph,
    target: str,
    *,
    costs: Mapping[str, Any] | None = None,
    nodes: bool = False,
    alternatives: int = 3,
    time_limit: float = 30.0,
    **options: Unpack[Options],
) -> Answer:
    """The cheapest set of revocable relations without which no asking body reaches a target.

    Parameters
    ----------
    graph : AccessGraph
    target : str
        An entity's id or a category's code.
    costs : mapping, optional
        What it costs to end relations, laid over the defaults; see `graphs.costs.costs_of`.
    nodes : bool
        Also take entities away that lie in between: neither ask nor are a place. Each costs 1 unless ``costs`` says
        otherwise.
    alternatives : int
        How many other cuts of the same cost to look for.
    time_limit : float
        Seconds, after which the answer is the cheapest cut found, between two bounds.
    **options : Options
        The assumptions; ``certainty`` is ``reported`` unless said otherwise, ``bodies`` are those that ask.

    Returns
    -------
    Answer
        A row for each relation (or entity) of the cut: ``id``, ``kind``, ``cost``, and the relation's cells. Beside
        them ``verdict``: ``cut``, ``no path`` (nothing to cut) or ``cannot be cut`` (some bodies, ``uncuttable``
        with a path for each and among them the ``direct_holders``, are joined to the data by relations that cannot be
        revoked; the rest is the cut of the others); ``relations``, ``entities``, ``size``, ``cost``, ``cost_low`` and
        ``cost_high``; ``disjoint_paths``, whose amounts add up to ``proved``: no cut costs less (of very many the first
        200); ``alternatives``; ``new_places`` (systems whose store is no longer known without these relations, so that
        each is then a place of its own) and ``still_reach`` (bodies of the cut that reach one of them).

    Raises
    ------
    UnknownId
        If the target is neither an entity nor a category.
    AccessMapError
        If a cost cannot be read.

    Notes
    -----
    Where every relation runs through one edge of the network, the cut is a minimum cut and the paths a maximum flow
    (Ford and Fulkerson 1956): amounts along paths that use no relation beyond its cost. Over several categories, or
    under ``assumed``, one relation serves several layers and counts once, which is hard in general; then see
    `graphs.engines.covers`. Places are taken as they were before the cut; whoever reaches what becomes one is told.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> graph = build(read("cabar-2020"))
    >>> answer = cut(graph, "kz-sergek-atyrau-archive", as_of="2020-04-15", bodies=["kz-mia"])
    >>> answer.beside["verdict"], answer.beside["relations"], answer.beside["cost"]
    ('cut', ['kz-police-atyrau-has-access-kz-sergek-atyrau-archive'], 1)
    """
    if alternatives < 0 or time_limit <= 0:
        raise AccessMapError("alternatives and time_limit: ask for none or more, and for some time")
    options.setdefault("certainty", "reported")
    scope = Scope.of(**options)
    view = View.of(graph, scope)
    asked = target_of(view, target)
    question = _Question(
        view, asked, costs_of(graph, costs), nodes=nodes, alternatives=alternatives, seconds=time_limit
    )
    return question.answer(asked_bodies(graph, scope, asked.name))


class _Question:
    def __init__(
        self, view: View, asked: Target, costs: Costs, *, nodes: bool, alternatives: int, seconds: float
    ) -> None:
        self.view, self.graph, self.asked, self.costs = view, view.graph, asked, costs
        self.nodes, self.alternatives, self.deadline = nodes, alternatives, monotonic() + seconds

    def answer(self, bodies: Nodes) -> Answer:
        """Set those bodies apart that nothing can cut, then cut the rest."""
        partition = self._partition(bodies, bodies)
        if not partition.ways.asks.any():
            return self._told(NO_PATH, _Found(), partition, [])
        plan = partition.network(partition.ways.layers())
        fixed = [self._path(partition.ways, walk) for walk in plan.fixed().values()]
        if fixed:
            named = np.array([self.graph.position[path["body"]] for path in fixed])
            partition = self._partition(bodies[~np.isin(bodies, named)], bodies)
            plan = partition.network(partition.ways.layers())
        search = Search(partition, plan, alternatives=self.alternatives, deadline=self.deadline)
        found = search.found() if partition.ways.asks.any() else _Found()
        return self._told(CANNOT if fixed else CUT, found, partition, fixed)

    def _partition(self, bodies: Nodes, askers: Nodes) -> Partition:
        spared = None
        if self.nodes:
            spared = np.zeros(self.graph.n_nodes, dtype=bool)
            spared[askers] = True
        return Partition(Ways(self.view, self.asked.columns, bodies), self.costs, spared)

    def _told(self, verdict: str, found: _Found, partition: Partition, fixed: list[Row]) -> Answer:
        names = [self._names(partition, labels) for labels in (found.labels, *found.alternatives)]
        direct = sorted(path["body"] for path in fixed if path["direct"])
        over = self.graph.dataset.is_body(self.asked.name)  # which is commanded, and no data
        own, above = (_OWN_OVER, _ABOVE_OVER) if over else (_OWN, _ABOVE)
        told: dict[Label, list[str]] = {_DIRECT: [], own: [], above: []}
        for path in fixed:
            label = above if not path["direct"] else _DIRECT if self._keeps(path["path"][0]) else own
            told[label].append(path["body"])
        notes = []
        for label, joined in told.items():
            if bodies := sorted(joined):
                notes.append(Note(label, {"bodies": names_of(self.graph.dataset, bodies), "count": len(bodies)}))
        places, still = self._after(partition, found.labels, fixed)
        if still:
            named = {"bodies": names_of(self.graph.dataset, still), "places": names_of(self.graph.dataset, places)}
            notes.append(Note(STILL, {**named, "count": len(still)}))
        low, high = _number(found.low / partition.scale), _number(found.high / partition.scale)
        proved = _number(found.proved / partition.scale)
        if found.low < found.high:
            notes.append(Note(_UNFINISHED, {"low": low, "high": high}))
        elif proved < high:
            notes.append(Note(_SEARCHED, {"proved": proved, "cost": high}))
        if found.interrupted:
            notes.append(Note(_INTERRUPTED, {"count": len(found.alternatives)}))
        if len(found.paths) == PATHS_SHOWN and sum(amount for _, amount in found.paths) < found.proved:
            notes.append(Note(_SOME_PATHS, {"shown": PATHS_SHOWN, "proved": proved}))
        shown = [
            self._path(partition.ways, walk) | {"amount": _number(amount / partition.scale)}
            for walk, amount in sorted(found.paths, key=lambda item: (-item[1], item[0].relations))
        ]
        return Answer(
            command="cut",
            question={"target": self.asked.name, "nodes": self.nodes, **self.view.scope.question()},
            dataset=stamp(self.graph.dataset),
            rows=tuple(self._rows(partition, found.labels)),
            complete=found.low == found.high,
            notes=(*self.asked.notes, *notes, *caveats(self.view, [])),
            beside={
                "verdict": verdict,
                "relations": names[0]["relations"],
                "entities": names[0]["entities"],
                "size": len(found.labels),
                "cost": high,
                "cost_low": low,
                "cost_high": high,
                "new_places": places,
                "still_reach": still,
                "direct_holders": direct,
                "uncuttable": sorted(fixed, key=lambda path: (not path["direct"], path["body"])),
                "disjoint_paths": shown,
                "proved": proved,
                "alternatives": sorted(names[1:], key=lambda each: (each["relations"], each["entities"])),
            },
        )

    def _after(self, partition: Partition, labels: Collection[int], fixed: list[Row]) -> tuple[list[str], list[str]]:
        """Systems that are places only once a cut is made, and bodies that reach them though the cut is to stop them.

        A feed of copies also tells where a system's data are kept: without it the system may be a place of its own.
        """
        graph, keeping = self.graph, self.graph.keeping
        items = [partition.item(label) for label in labels]
        gone = {item.key for item in items if item.kind == "relation"}
        if taken := [item.key for item in items if item.kind == "node"]:
            ends = (graph.dataset.entity_rows("relations", column) for column in ("subject", "object"))
            gone.update(np.flatnonzero(np.logical_or(*(np.isin(end, taken) for end in ends))).tolist())
        if not np.isin(keeping.relation, list(gone)).any():
            return [], []
        left = View.of(without_relations(graph, gone, {}, graph.intervals), self.view.scope)
        known = {*self.asked.columns}
        new = [each for each in target_of(left, self.asked.name).columns if each not in known and each[0] not in taken]
        named = {path["body"] for path in fixed}
        asking = asked_bodies(graph, self.view.scope, self.asked.name).tolist()
        bodies = np.array([body for body in asking if graph.ids[body] not in named and body not in taken], np.intp)
        ways = Ways(left, new, bodies)
        return sorted({graph.ids[place] for place, _ in new}), sorted(graph.ids[node] for node in ways.node[ways.asks])

    def _path(self, ways: Ways, walk: Walk) -> Row:
        return {
            "body": self.graph.ids[int(ways.node[walk.body])],
            "store": self.graph.ids[int(ways.node[walk.place])],
            "path": [self.graph.relation_id(row) for row in walk.relations],
            "direct": len(walk.relations) == 1,
        }

    def _keeps(self, relation: str) -> bool:
        """Whether a relation by itself gives custody."""
        relations = self.graph.dataset.relations
        return self.graph.rules.predicates[relations.row(relations.index[relation])["predicate"]].level == "custody"

    def _ordered(self, partition: Partition, labels: Collection[int]) -> dict[str, list[tuple[str, int]]]:
        """Relations and entities, each by id, with their labels."""
        items = [(label, partition.item(label)) for label in labels]
        ordered = {}
        for kind, ids in (("relation", self.graph.dataset.relations.column("id")), ("node", self.graph.ids)):
            here = [(label, item.key) for label, item in items if item.kind == kind]
            names = taken(ids, [key for _, key in here])
            ordered[kind] = sorted((name, label) for name, (label, _) in zip(names, here, strict=True))
        return ordered

    def _names(self, partition: Partition, labels: Collection[int]) -> dict[str, list[str]]:
        ordered = self._ordered(partition, labels)
        return {
            "relations": [name for name, _ in ordered["relation"]],
            "entities": [name for name, _ in ordered["node"]],
        }

    def _rows(self, partition: Partition, labels: Collection[int]) -> Iterator[Row]:
        """Relations first."""
        ordered = self._ordered(partition, labels)
        keys = [partition.item(label).key for _, label in ordered["relation"]]
        known = chain(self.graph.dataset.relations.select(keys).rows(), repeat(dict[str, str]()))
        items = [(name, label, kind) for kind, found in ordered.items() for name, label in found]
        for (name, label, kind), cells in zip(items, known, strict=False):
            row: Row = {"id": name, "kind": kind, "cost": _number(partition.cost([label]))}
            for column in ("subject", "predicate", "object", "status", "legal_basis", "claim"):
                row[column] = cells.get(column) or None
            for column in ("categories", "sources"):
                row[column] = list(split(cells.get(column, "")))
            yield row


def _number(value: Fraction) -> int | float:
    """A cost as JSON has it: whole where it is whole, else with six digits."""
    return int(value) if value.denominator == 1 else round(float(value), 6)


@dataclass(frozen=True)
class Proof:
    """Amounts along some ways, in the partition's units, and what all of them prove together."""

    paths: list[tuple[Walk, Fraction]] = field(default_factory=list)
    proved: Fraction = Fraction()
    forced: frozenset[int] = frozenset()  # labels of every cut that costs no more than is proved


@dataclass(frozen=True)
class _Found:
    """A cut, its bounds and its proof, in the partition's units."""

    labels: frozenset[int] = frozenset()
    low: Fraction = Fraction()
    high: Fraction = Fraction()
    paths: list[tuple[Walk, Fraction]] = field(default_factory=list)
    proved: Fraction = Fraction()
    alternatives: list[frozenset[int]] = field(default_factory=list)
    interrupted: bool = False  # the search for alternatives, by the time limit


class Search:
    """Looks for the cheapest cut of a network, for its proof, and for others that cost the same."""

    def __init__(self, partition: Partition, plan: Plan, *, alternatives: int, deadline: float) -> None:
        self.partition, self.plan, self.network = partition, plan, plan.network
        self.wanted, self.deadline = alternatives, deadline
        self.coverer = Coverer(plan.network, deadline)

    def found(self) -> _Found:
        """The cheapest cut."""
        if self.network.is_plain:
            cover, proof = self._by_flow(self.plan), self._flow_proof(self.plan)
        else:
            cover, proof = self._by_layers()
        exact = cover.low == cover.high
        others = self._others(cover.labels, proof) if exact and self.wanted else []
        interrupted = exact and len(others) < self.wanted and monotonic() > self.deadline
        bounds = Fraction(cover.low), Fraction(cover.high)
        return _Found(cover.labels, *bounds, proof.paths, proof.proved, others, interrupted)

    def _by_flow(self, plan: Plan) -> Cover:
        found = minimum_cut(plan.network)
        if found is None:
            raise AssertionError("what cannot be cut was to be set apart before")
        return Cover(found[1], found[0], found[0])

    def _by_layers(self) -> tuple[Cover, Proof]:
        """A cut of labels that stand on several edges: between the dearest layer and all layers taken as one."""
        partition = self.partition
        plans = [partition.network([layer]) for layer in partition.ways.layers() if layer[0].any()]
        bounds = [(self._by_flow(plan).low, plan) for plan in plans if plan.network.is_plain]
        low, dearest = max(bounds, key=lambda item: item[0], default=(0, None))
        known = None
        merged = partition.network(partition.merged()).network
        if merged.is_plain and (found := minimum_cut(merged)) is not None:
            known = self.network.pruned(found[1], self.deadline)
        proof = self._flow_proof(dearest) if dearest is not None else Proof()
        if known is not None and self.network.cost(known) == low:
            return Cover(known, low, low), proof
        cover = self.coverer.cheapest(known)
        if cover is None:
            raise AssertionError("what cannot be cut was to be set apart before")
        packing = self._packed()
        better = packing if packing.proved > proof.proved else proof
        return Cover(cover.labels, max(low, cover.low), cover.high), better

    def _flow_proof(self, plan: Plan) -> Proof:
        """A maximum flow, and some of it as paths."""
        network = plan.network
        costs = np.array([*network.costs, sum(network.costs) + 1], dtype=np.int64)
        flow = maximum_flow(network, costs[network.label])
        paths = [(plan.walk(edges), Fraction(amount)) for edges, amount in islice(decomposed(flow), PATHS_SHOWN)]
        return Proof(paths, Fraction(flow.value), flow.in_every_cut)

    def _packed(self) -> Proof:
        """Amounts along the ways that the search met, as much as all labels bear together."""
        ways = self.coverer.ways
        amounts = packed([labels for labels, _ in ways], self.network.costs)
        paths = [
            (self.plan.walk(edges), Fraction(round(amount * 10**6), 10**6))
            for (_, edges), amount in zip(ways, amounts, strict=True)
            if amount > 1e-6
        ]
        return Proof(paths, sum((amount for _, amount in paths), Fraction()))

    def _others(self, best: frozenset[int], proof: Proof) -> list[frozenset[int]]:
        """Other cuts of the same cost: each spares a label of one that is known, and has those before it."""
        cost = self.network.cost(best)
        forced = proof.forced if proof.proved == cost else frozenset()
        found = [best]
        waiting = deque([(frozenset[int](), frozenset[int](), best)])
        while waiting and len(found) <= self.wanted:
            kept, removed, labels = waiting.popleft()
            for label in sorted(labels - removed):
                # What is forced no other cut of this cost spares.
                other = None if label in forced else self._cheapest(kept | {label}, removed)
                if other is not None and other not in found and self.network.cost(other) == cost:
                    found.append(other)
                    waiting.append((kept | {label}, removed, other))
                removed |= {label}
                if monotonic() > self.deadline or len(found) > self.wanted:
                    break
        return found[1:]

    def _cheapest(self, kept: frozenset[int], removed: frozenset[int]) -> frozenset[int] | None:
        if self.network.is_plain:
            found = minimum_cut(self.network, kept, removed)
            return found[1] if found else None
        cover = self.coverer.cheapest(None, kept, removed)
        return cover.labels if cover and cover.low == cover.high else None


_DIRECT = Label(
    "Direct holders, whose reach no revocation ends ({count}): {bodies}.",
    "Сами держат данные, отзывом связи это не прекратить ({count}): {bodies}.",
    "Деректерді өздері ұстайды, байланысты кері қайтару мұны тоқтатпайды ({count}): {bodies}.",
)
_OWN = Label(
    "Joined to the data by a relation of their own that cannot be revoked, such as making its rules ({count}): "
    "{bodies}.",
    "Соединены с данными собственной связью, которую нельзя отозвать, например устанавливают правила ({count}): "
    "{bodies}.",
    "Деректермен кері қайтаруға болмайтын өз байланысы арқылы жалғасқан, мысалы ережелерін белгілейді ({count}): "
    "{bodies}.",
)
_ABOVE = Label(
    "Joined to the data by a way no step of which can be revoked, such as command ({count}): {bodies}.",
    "Соединены с данными путём, ни один шаг которого нельзя отозвать, например через подчинение ({count}): {bodies}.",
    "Деректермен бірде-бір қадамы кері қайтарылмайтын жолмен (мысалы, бағыныштылық) жалғасқан ({count}): {bodies}.",
)
STILL = Label(
    "This ends reach to where the data are kept now. Afterwards {count} would still reach them ({bodies}): without "
    "these relations it is not known where the data of {places} are kept, so that they count as held there.",
    "Это прерывает пути туда, где данные хранятся сейчас. После этого доступ останется ({count}): {bodies}. Без этих "
    "связей неизвестно, где хранят данные эти системы, и местом данных считаются они сами: {places}.",
    "Бұл деректер қазір сақталған жерлерге жолды үзеді. Содан кейін де қолжетімділік қалады ({count}): {bodies}. Бұл "
    "байланыстарсыз мына жүйелердің деректі қайда сақтайтыны белгісіз, деректің орны солардың өзі болып есептеледі: "
    "{places}.",
)
_OWN_OVER = Label(
    "Joined to it by a relation of their own that cannot be revoked, such as controlling it ({count}): {bodies}.",
    "Связаны напрямую связью, которую нельзя отозвать, например контролируют ({count}): {bodies}.",
    "Кері қайтаруға болмайтын өз байланысы бар, мысалы бақылайды ({count}): {bodies}.",
)
_ABOVE_OVER = Label(
    "Joined to it by a way no step of which can be revoked, such as command ({count}): {bodies}.",
    "Связаны путём, ни один шаг которого нельзя отозвать, например через подчинение ({count}): {bodies}.",
    "Бірде-бір қадамы кері қайтарылмайтын жолмен (мысалы, бағыныштылық) байланысқан ({count}): {bodies}.",
)
_UNFINISHED = Label(
    "Not finished within the time limit: the cheapest cut costs between {low} and {high}; one for {high} is shown.",
    "За отведённое время не завершено: самый дешёвый разрез стоит от {low} до {high}; показан разрез за {high}.",
    "Берілген уақытта аяқталмады: ең арзан кесіндінің құны {low} мен {high} аралығында; {high} тұратыны көрсетілді.",
)
_INTERRUPTED = Label(
    "The time limit ended the search for other cuts of the same cost (found: {count}); there may be more.",
    "Поиск других разрезов той же стоимости прерван по времени (найдено: {count}); возможны и другие.",
    "Құны сондай басқа кесінділерді іздеу уақыт шегіне жетіп тоқтады (табылғаны: {count}); басқалары да болуы мүмкін.",
)
_SOME_PATHS = Label(
    "Of the paths of the proof {shown} are given; all together are worth {proved}.",
    "Из путей доказательства приведены {shown}; все вместе стоят {proved}.",
    "Дәлел жолдарының {shown} келтірілген; барлығы бірге {proved} тұрады.",
)
_SEARCHED = Label(
    "Paths that share no relation prove a cost of {proved}; that nothing cheaper than {cost} will do was found by "
    "exhausting the combinations.",
    "Пути без общих связей доказывают стоимость {proved}; что дешевле {cost} не обойтись, установлено перебором "
    "сочетаний.",
    "Ортақ байланысы жоқ жолдар {proved} құнын дәлелдейді; {cost} мәнінен арзаны жоқ екені барлық үйлесімді тексеріп "
    "анықталды.",
)

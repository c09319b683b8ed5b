"""The access graph: an arc u → v where whoever commands u can thereby get at v.

The only module that knows what a node or an arc is. Inside are compact arrays, sorted by the node that is reached;
outside, ``to_networkx()`` gives a graph for everything that networkx's users do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from graphs.traversal import Rule, Rules, lowest_percent, rules_of
from stakeholders.categories import CategoryTree
from stakeholders.columns import taken
from stakeholders.dataset import Dataset, split
from stakeholders.errors import UnknownId, nearest
from stakeholders.intervals import Intervals, relation_intervals
from stakeholders.memory import require
from stakeholders.progress import unwatched
from stakeholders.vocabulary import CERTAINTIES, CERTAINTY_OF_STATUS, LEVELS

if TYPE_CHECKING:
    import networkx as nx

Ints = NDArray[np.int32]
Small = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Nodes = NDArray[np.intp]

BODY, SYSTEM, STORE = 0, 1, 2
DIRECT, DOCUMENTED, ASSUMED = 0, 1, 2
TERMINAL = 3 * 16  # from which kind on an arc is terminal
NO_MASK = 0  # the row of ``passes`` that stands for an empty cell: everything passes

# From so many relations on it matters whether there is room: for each so many bytes, on the way and afterwards.
_MANY = 1 << 18
_RELATION, _ENTITY = 300, 200

_TYPE_CODES = {"body": BODY, "system": SYSTEM, "store": STORE}


@dataclass(frozen=True)
class Denials:
    """Which relations a denial contests, and on which days: one entry a pair of relation and denial.

    Attributes
    ----------
    relation, denial : int32 arrays
        Rows of the relations table.
    start, end : int32 arrays
        First and last day of the denial.
    known : int32 array
        Day from which the denial is known.
    """

    relation: Ints
    denial: Ints
    start: Ints
    end: Ints
    known: Ints


@dataclass(frozen=True)
class Keeping:
    """Which system keeps its data, or a copy, in which store: what makes a system's store a known one.

    All are int arrays of one length; ``mask`` indexes the rows of the graph's ``passes``, ``relation`` those of the
    relations table.
    """

    system: Ints
    store: Ints
    mask: Ints
    start: Ints
    end: Ints
    known: Ints
    relation: Ints


@dataclass(frozen=True)
class Arcs:
    """The arcs of an access graph, column by column, sorted by target.

    Attributes
    ----------
    source, target : int32 arrays
        Nodes; whoever commands the source can get at the target.
    level, certainty : uint8 arrays
        Strength, 0 the weakest, as in ``LEVELS`` and ``CERTAINTIES``; certainty without regard to denials.
    mask : int32 array
        Row of the graph's ``passes``: the categories that the arc lets through.
    start, end : int32 arrays
        First and last day in force, the ends' own intervals included.
    known : int32 array
        Day from which the relation is known.
    newest : int32 array
        Day of the newest source, -1 without a dated one.
    relation, holding : int32 arrays
        Rows of the relations table; ``holding`` is -1 but for an arc that the stance ``assumed`` implies.
    word : uint8 array
        0 known, 1 assumed, 2 undated: how the start is known.
    stance : uint8 array
        0 direct, 1 documented, 2 assumed: the strictest stance under which the arc counts.
    terminal, feed : bool arrays
        A frozen copy, only the last arc of a path; a feed of data, asked for or implied.
    """

    source: Ints
    target: Ints
    level: Small
    certainty: Small
    mask: Ints
    start: Ints
    end: Ints
    known: Ints
    newest: Ints
    relation: Ints
    holding: Ints
    word: Small
    stance: Small
    terminal: Flags
    feed: Flags

    def __len__(self) -> int:
        return len(self.source)

    def take(self, rows: Nodes) -> Arcs:
        """The arcs of the given positions, in that order."""
        return Arcs(**{name: getattr(self, name)[rows] for name in Arcs.__dataclass_fields__})


@dataclass(frozen=True)
class AccessGraph:
    """Who can get at what, for every day and stance at once.

    Attributes
    ----------
    dataset : Dataset
        What the graph was built from; every arc points to its row there.
    rules : Rules
        The traversal rules it was built under.
    ids : sequence of str
        Node ids, in the order of the entities table.
    types : uint8 array
        0 body, 1 system, 2 store.
    node_masks : int32 array
        Row of ``passes`` with the categories of a node's cell, not closed downwards; ``NO_MASK`` for an empty cell.
    passes : bool array, masks × categories
        Distinct sets of categories. Row 0 is the empty cell, through which everything passes. Arc masks are closed
        downwards, since an arc that names a broad category passes its narrower ones.
    arcs : Arcs
    indptr : int64 array
        Arcs into node v are those from ``indptr[v]`` to ``indptr[v + 1]``.
    denials : Denials
    keeping : Keeping
    intervals : Intervals
        Dates of each relation, with their texts.
    unruled : mapping of str to int
        Predicates without a traversal rule, and how many relations have them.
    """

    dataset: Dataset
    rules: Rules
    ids: Sequence[str]
    types: Small
    node_masks: Ints
    passes: Flags
    arcs: Arcs
    indptr: NDArray[np.int64]
    denials: Denials
    keeping: Keeping
    intervals: Intervals
    unruled: Mapping[str, int]

    def __repr__(self) -> str:
        return f"<access graph of {self.dataset.name}: {self.n_nodes} nodes, {len(self.arcs)} arcs>"

    @property
    def categories(self) -> CategoryTree:
        """The dataset's categories; their positions are the columns of ``passes``."""
        return self.dataset.tree

    @property
    def n_nodes(self) -> int:
        """How many nodes there are."""
        return len(self.ids)

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Id → node."""
        return {name: node for node, name in enumerate(self.ids)}

    @cached_property
    def node_categories(self) -> Flags:
        """Which categories each node's own cell names: bool, nodes × categories."""
        rows = self.passes[self.node_masks]
        rows[self.node_masks == NO_MASK] = False
        return rows

    @cached_property
    def deniable(self) -> Nodes:
        """Positions of the arcs whose relation, or holding, some denial contests on some day."""
        denied = np.zeros(len(self.dataset.relations), dtype=bool)
        denied[self.denials.relation] = True
        return np.flatnonzero(denied[self.arcs.relation] | ((self.arcs.holding >= 0) & denied[self.arcs.holding]))

    @cached_property
    def kinds(self) -> Small:
        """All of an arc that does not depend on a day or a category, in one number: uint8, one an arc.

        Certainty, four times the level and sixteen times the stance, and ``TERMINAL`` more if it is. One look-up
        instead of four comparisons where millions of arcs are gone through.
        """
        arcs = self.arcs
        kinds = arcs.terminal * np.uint8(TERMINAL)
        kinds += arcs.stance << 4
        kinds += arcs.level << 2
        kinds += arcs.certainty
        return kinds

    @cached_property
    def holders(self) -> Nodes:
        """Systems and stores that some category is recorded of, ascending: the few that a place is looked for among."""
        return np.flatnonzero((self.types >= SYSTEM) & (self.node_masks != NO_MASK))

    def node(self, name: str) -> int:
        """The node of an id.

        Raises
        ------
        UnknownId
            If no entity has the id.
        """
        try:
            return self.position[name]
        except KeyError:
            near = nearest(name, list(self.ids))
            hint = f" Did you mean {', '.join(map(repr, near))}?" if near else ""
            raise UnknownId(f"no entity has the id {name!r}.{hint}", near) from None

    def relation_id(self, row: int) -> str:
        """The id of a relation by its row."""
        return str(self.dataset.relations.column("id")[row])

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """The graph for networkx: nodes and edges keyed by id, every column an attribute.

        Returns
        -------
        networkx.MultiDiGraph
            An edge's key is its relation's id, or that of an implied arc: the grant's id and the holding's, joined by
            ``+``. Levels, certainties and categories are words, days ISO texts, open ends absent. ``certainty`` is as
            claimed: in the intervals of days ``denied``, by the relations ``denied_by``, it is at most ``alleged``.

        Examples
        --------
        >>> from stakeholders.tables import read
        >>> build(read("cabar-2020")).to_networkx().has_edge("kz-mia", "kz-police-almaty")
        True
        """
        from graphs.interchange import to_networkx  # networkx is heavy, and only its users pay for it

        return to_networkx(self)


def build(dataset: Dataset, rules: Mapping[str, Any] | None = None) -> AccessGraph:
    """Turn a dataset into its access graph.

    Parameters
    ----------
    dataset : Dataset
    rules : mapping, optional
        A parsed ``rules.toml``; default the dataset's own, laid over the defaults either way.

    Returns
    -------
    AccessGraph
        Valid for every day, stance, level and certainty: these are chosen when a question is asked. Relations whose
        predicate has no rule give no arc and are counted in ``unruled``.

    Raises
    ------
    TooLarge
        If there is not the memory for it.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> build(read("cabar-2020"))
    <access graph of cabar-2020: 43 nodes, 26 arcs>
    """
    relations = len(dataset.relations)
    if relations > _MANY:
        require(
            relations * _RELATION + len(dataset.entities) * _ENTITY,
            f"Building the access graph of {relations:,} relations",
            "What helps: a part of the dataset, a larger machine, or a cluster (--engine spark).",
        )
    return _Builder(dataset, rules_of(dataset.rules if rules is None else rules)).graph()


class _Builder:
    """Works on distinct values, so that its cost per relation is a handful of array operations."""

    def __init__(self, dataset: Dataset, rules: Rules) -> None:
        self.dataset, self.rules = dataset, rules
        self.tree = dataset.tree
        self.masks: dict[tuple[str, ...], int] = {(): NO_MASK}
        self.mask_rows: list[Flags] = [np.ones(len(self.tree.codes), dtype=bool)]
        self.ids: Sequence[str] = dataset.entities.column("id")
        self.types = self._coded("entities", "type", _TYPE_CODES.__getitem__, np.uint8)
        self.node_masks = self._coded("entities", "categories", lambda text: self._mask(split(text)), np.int32)
        self.spans = relation_intervals(dataset)
        position = dataset.entities.index
        self.subject = self._coded("relations", "subject", position.__getitem__, np.int32)
        self.object = self._coded("relations", "object", position.__getitem__, np.int32)
        self.mask = self._coded("relations", "categories", self._closed_mask, np.int32)
        self.status = self._coded("relations", "status", _certainty, np.int8)
        self.predicate, self.predicates = dataset.relations.codes("predicate")
        self.mode, modes = dataset.relations.codes("mode")
        self.mode_sets = [split(text) for text in modes]

    def graph(self) -> AccessGraph:
        ruled = [name for name in self.predicates if name in self.rules.predicates]
        pieces = []
        for number, name in enumerate(ruled):
            unwatched("building the graph", number, len(ruled), "predicates")
            pieces.append(self._arcs_of(name))
        arcs = _concatenated([*pieces, self._implied()])
        del pieces  # which take as much again
        arcs = arcs.take(np.argsort(arcs.target, kind="stable"))
        indptr = np.zeros(len(self.ids) + 1, dtype=np.int64)
        np.cumsum(np.bincount(arcs.target, minlength=len(self.ids)), out=indptr[1:])
        counts = np.bincount(self.predicate, minlength=len(self.predicates)).tolist()
        return AccessGraph(
            dataset=self.dataset,
            rules=self.rules,
            ids=self.ids,
            types=self.types,
            node_masks=self.node_masks,
            passes=np.array(self.mask_rows),
            arcs=arcs,
            indptr=indptr,
            denials=self._denials(),
            keeping=self._keeping(),
            intervals=self.spans,
            unruled={name: count for name, count in zip(self.predicates, counts, strict=True) if name not in ruled},
        )

    def _coded(self, table: str, column: str, meaning: Callable[[str], int], dtype: type) -> NDArray[Any]:
        codes, values = self.dataset.tables[table].codes(column)
        return np.array([meaning(value) for value in values], dtype=dtype)[codes]

    def _mask(self, categories: Iterable[str]) -> int:
        key = tuple(sorted(set(categories)))
        if key not in self.masks:
            row = np.zeros(len(self.tree.codes), dtype=bool)
            row[[self.tree.position[code] for code in key]] = True
            self.masks[key] = len(self.mask_rows)
            self.mask_rows.append(row)
        return self.masks[key]

    def _closed_mask(self, text: str) -> int:
        return self._mask(self.tree.closed(split(text)))

    def _per_mode(self, meaning: Callable[[Rule, tuple[str, ...]], bool]) -> Flags:
        """Relations whose rule and mode satisfy a condition, denied ones apart."""
        table = np.zeros((len(self.predicates), len(self.mode_sets)), dtype=bool)
        for code, name in enumerate(self.predicates):
            if rule := self.rules.predicates.get(name):
                table[code] = [meaning(rule, modes) for modes in self.mode_sets]
        return table[self.predicate, self.mode] & (self.status >= 0)

    def _arcs_of(self, predicate: str) -> Arcs:
        rule = self.rules.predicates[predicate]
        wanted = (self.predicate == self.predicates.index(predicate)) & (self.status >= 0)
        wanted &= (self.subject != self.object) & (rule.arc != "none")
        if rule.percent is not None:
            percent, percents = self.dataset.relations.codes("percent")
            wanted &= np.array([lowest_percent(text) >= rule.percent for text in percents], dtype=bool)[percent]
        rows = np.flatnonzero(wanted).astype(np.int32)
        source, target = (self.subject, self.object) if rule.arc == "forward" else (self.object, self.subject)
        source, target = source[rows], target[rows]
        levels = np.array([LEVELS.index(rule.level_of(modes)) for modes in self.mode_sets], dtype=np.uint8)
        between = (self.types[source] == BODY) != (self.types[target] == BODY)
        direct = (between | rule.keeps) & (not rule.feed)
        spans = self.spans
        return Arcs(
            source=source,
            target=target,
            level=levels[self.mode[rows]],
            certainty=self.status[rows].astype(np.uint8),
            mask=self.mask[rows],
            start=spans.start[rows],
            end=spans.end[rows],
            known=spans.known[rows],
            newest=spans.newest[rows],
            relation=rows,
            holding=np.full(len(rows), -1, dtype=np.int32),
            word=spans.word[rows],
            stance=np.where(direct, DIRECT, DOCUMENTED).astype(np.uint8),
            terminal=np.full(len(rows), rule.terminal),
            feed=np.full(len(rows), rule.feed),
        )

    def _implied(self) -> Arcs:
        """Arcs of the stance ``assumed``: from every store that a body holds to what it may export or administer."""
        grants = np.flatnonzero(self._per_mode(lambda rule, modes: not set(rule.implied_feed_modes).isdisjoint(modes)))
        held = self.predicates.index("holds") if "holds" in self.predicates else -1
        holdings = np.flatnonzero((self.predicate == held) & (self.status >= 0))
        holdings = holdings[np.isin(self.subject[holdings], self.subject[grants])]
        # Of several holdings of one store the arc by that of the smallest id comes first, however the rows are ordered.
        names = np.array(taken(self.dataset.relations.column("id"), holdings), dtype=np.str_)
        holdings = holdings[np.lexsort((names, self.subject[holdings]))]
        first = np.searchsorted(self.subject[holdings], self.subject[grants], side="left")
        count = np.searchsorted(self.subject[holdings], self.subject[grants], side="right") - first
        grant = np.repeat(grants, count)
        within = np.arange(len(grant)) - np.repeat(np.cumsum(count) - count, count)
        holding = holdings[np.repeat(first, count) + within]
        apart = self.object[grant] != self.object[holding]
        grant, holding = grant[apart], holding[apart]
        spans, size = self.spans, len(grant)
        return Arcs(
            source=self.object[holding],
            target=self.object[grant],
            level=np.full(size, LEVELS.index("possible"), dtype=np.uint8),
            certainty=np.minimum(self.status[grant], self.status[holding]).astype(np.uint8),
            mask=self.mask[grant],
            start=np.maximum(spans.start[grant], spans.start[holding]),
            end=np.minimum(spans.end[grant], spans.end[holding]),
            known=np.maximum(spans.known[grant], spans.known[holding]),
            newest=np.minimum(spans.newest[grant], spans.newest[holding]),
            relation=grant.astype(np.int32),
            holding=holding.astype(np.int32),
            word=np.maximum(spans.word[grant], spans.word[holding]),
            stance=np.full(size, ASSUMED, dtype=np.uint8),
            terminal=np.zeros(size, dtype=bool),
            feed=np.ones(size, dtype=bool),
        )

    def _denials(self) -> Denials:
        nodes, words = max(len(self.ids), 1), max(len(self.predicates), 1)
        triple = (self.subject.astype(np.int64) * words + self.predicate) * nodes + self.object
        denied = np.flatnonzero(self.status == _DENIED)
        candidates = np.flatnonzero((self.status >= 0) & np.isin(triple, triple[denied]))
        pairs = [
            (relation, denial)
            for denial in denied.tolist()
            for relation in candidates[triple[candidates] == triple[denial]].tolist()
            if self._overlap(relation, denial)
        ]
        relation, denial = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
        spans = self.spans
        return Denials(relation, denial, spans.start[denial], spans.end[denial], spans.known[denial])

    def _overlap(self, relation: int, denial: int) -> bool:
        """Whether a denial's categories and modes touch those of a relation; an empty cell touches all."""
        rule = self.rules.predicates.get(self.predicates[self.predicate[relation]])
        denied, stated = self.mode_sets[self.mode[denial]], self.mode_sets[self.mode[relation]]
        if not stated and rule and rule.default_mode:
            stated = (rule.default_mode,)
        if denied and stated and set(denied).isdisjoint(stated):
            return False
        ours, theirs = self.mask[relation], self.mask[denial]
        return NO_MASK in (ours, theirs) or bool((self.mask_rows[ours] & self.mask_rows[theirs]).any())

    def _keeping(self) -> Keeping:
        lasting = self._per_mode(lambda rule, modes: rule.copies(modes))
        rows = np.flatnonzero(lasting & (self.types[self.subject] == SYSTEM) & (self.types[self.object] == STORE))
        spans = self.spans
        return Keeping(
            system=self.subject[rows],
            store=self.object[rows],
            mask=self.mask[rows],
            start=spans.start[rows],
            end=spans.end[rows],
            known=spans.known[rows],
            relation=rows.astype(np.int32),
        )


_DENIED = -2


def _certainty(status: str) -> int:
    if status == "denied":
        return _DENIED
    return CERTAINTIES.index(CERTAINTY_OF_STATUS[status])


def _concatenated(parts: Sequence[Arcs]) -> Arcs:
    return Arcs(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in Arcs.__dataclass_fields__})

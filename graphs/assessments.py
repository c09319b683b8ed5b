"""Stores scored on what is documented about them: the seven principles of the GDPR as questions to the tables.

A criterion looks at relations in force that touch a store or the systems that keep their data in it, and says how many
satisfy it. A principle's score is the mean over its criteria that apply. What a score can and cannot say stands in the
pack itself and goes with every answer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphs.access import STORE, AccessGraph, Flags
from graphs.answers import Row
from graphs.policies import pack_text
from graphs.scope import Scope, later
from stakeholders.columns import looked_up, taken
from stakeholders.dataset import split
from stakeholders.intervals import listing_intervals
from stakeholders.progress import unwatched
from stakeholders.vocabulary import Label

FRESH: Final = "3y"  # evidence older than this says little about today
_OFTEN: Final = 1000

Counts = NDArray[np.integer[Any]]


class Principle(NamedTuple):
    """One principle: its article, its name, the criteria that it is asked by."""

    id: str
    article: str
    title: Label
    criteria: tuple[str, ...]


class Pack(NamedTuple):
    """A pack of principles, with the limits of what its scores can say."""

    title: Label
    limits: Label
    principles: tuple[Principle, ...]


class Met(NamedTuple):
    """How a criterion is met, for each store: out of how many, by how many, and what stands against it.

    Attributes
    ----------
    asked, met : int array
        A number for each store.
    against : bool array
        Of what is around stores, one by one, whether it stands against the criterion.
    itself : bool array
        Of the stores, whether the store itself does.
    """

    asked: Counts
    met: Counts
    against: Flags
    itself: Flags


@cache
def gdpr() -> Pack:
    """The seven principles of article 5.

    Examples
    --------
    >>> [principle.article for principle in gdpr().principles][:2]
    ['5(1)(a), 6, 9', '5(1)(b)']
    """
    table = tomllib.loads(pack_text("gdpr"))
    principles = (
        Principle(one["id"], one["article"], _label(one, "title"), tuple(one["criteria"])) for one in table["principle"]
    )
    return Pack(_label(table, "title"), _label(table, "limits"), tuple(principles))


def _label(entry: Mapping[str, str], key: str) -> Label:
    return Label(entry[key], entry[f"{key}_ru"], entry[f"{key}_kk"])


def assess(graph: AccessGraph, scope: Scope) -> Iterator[Row]:
    """Every store by every principle.

    Parameters
    ----------
    graph : AccessGraph
    scope : Scope
        Day, knowledge and, where given, the stores to look at.

    Yields
    ------
    dict
        ``store``, ``principle``, ``article``, ``score`` (0 to 1 with two digits, ``None`` where nothing applies),
        ``criteria`` (for each that applies how many of how many), ``missing`` (relations, or the store itself, that
        stand against a criterion; sorted).
    """
    facts = _Facts(graph, scope)
    judged = {name: CRITERIA[name](facts) for each in gdpr().principles for name in each.criteria}
    counts = {name: list(zip(met.met.tolist(), met.asked.tolist(), strict=True)) for name, met in judged.items()}
    missing = [facts.missing([judged[name] for name in each.criteria]) for each in gdpr().principles]
    for number, store in enumerate(facts.names):
        if not number % _OFTEN:
            unwatched("scoring stores", number, len(facts.names), "stores")
        for principle, against in zip(gdpr().principles, missing, strict=True):
            found = {name: counts[name][number] for name in principle.criteria}
            asked = {name: [met, of] for name, (met, of) in found.items() if of}
            score = sum(met / of for met, of in asked.values()) / len(asked) if asked else None
            yield {
                "store": store,
                "principle": principle.id,
                "article": principle.article,
                "score": None if score is None else round(score, 2),
                "criteria": asked,
                "missing": against[number],
            }


_ON_RECORD = ("confirmed", "reported", "alleged")
_TELLING = (
    "holds", "operates", "keeps_data_in", "has_access", "feeds", "leaked_to", "supplies", "maintains", "integrates",
    "supervises",
)  # fmt: skip
_KINDS = {
    "has_access": "access", "holds": "keeping", "operates": "keeping", "feeds": "onward", "leaked_to": "leaks",
    "supplies": "vendors", "maintains": "vendors", "integrates": "vendors",
}  # fmt: skip


class _Facts:
    """What is on record on a day around each store: relations that touch it, or a system that keeps data in it.

    Attributes
    ----------
    names : list of str
        The stores to look at, in the order of the table.
    store, relation : int array
        What is around which store: the store's number, a row of ``relations``; by store, then by the relation's id.
    kind : array of str
        What each is to the store.
    """

    def __init__(self, graph: AccessGraph, scope: Scope) -> None:
        self.graph, self.dataset, self.scope = graph, graph.dataset, scope
        dataset, spans = self.dataset, graph.intervals
        self.fresh_since = later(scope.as_of, FRESH, back=True)
        holds = (spans.start <= scope.as_of) & (spans.end >= scope.as_of) & (spans.known <= scope.known_by)
        holds &= self.cells("status", lambda word: word in _ON_RECORD)
        holds &= self.cells("predicate", lambda word: word in _TELLING)
        self.subject = dataset.entity_rows("relations", "subject")
        self.object = dataset.entity_rows("relations", "object")
        asked = scope.places(graph)
        kept = [node for node in np.flatnonzero(graph.types == STORE).tolist()
                if asked is None or node in asked]  # fmt: skip
        self.nodes = np.array(kept, dtype=np.int64)
        self.names = [graph.ids[node] for node in kept]
        self._number = np.full(graph.n_nodes, -1, dtype=np.int64)
        self._number[self.nodes] = np.arange(len(kept))
        keeps = np.flatnonzero(holds & self.cells("predicate", lambda word: word == "keeps_data_in"))
        keeps = keeps[self._number[self.object[keeps]] >= 0]
        pairs = np.unique(self._number[self.object[keeps]] * graph.n_nodes + self.subject[keeps])
        self._systems = pairs // max(graph.n_nodes, 1), pairs % max(graph.n_nodes, 1)
        self._look_around(np.flatnonzero(holds & self.cells("predicate", lambda word: word in _KINDS)), pairs)
        over = np.flatnonzero(holds & self.cells("predicate", lambda word: word == "supervises"))
        self._watched = np.zeros(graph.n_nodes, dtype=bool)
        self._watched[self.object[over]] = True

    def cells(self, column: str, fine: Callable[[str], bool]) -> Flags:
        """Of each relation, whether its cell is fine."""
        if column not in self.dataset.relations.columns:
            return np.full(len(self.dataset.relations), fine(""), dtype=bool)
        codes, values = self.dataset.relations.codes(column)
        return looked_up(np.array([fine(value) for value in values], dtype=bool), codes)

    def _look_around(self, rows: Counts, pairs: Counts) -> None:
        """Which of some relations stand around which stores."""
        subject, target = self.subject[rows], self.object[rows]
        other = np.flatnonzero(subject != target)
        ends, touching = np.concatenate([subject, target[other]]), np.concatenate([np.arange(len(rows)), other])
        near = [(self._number[ends], touching)]
        order = np.argsort(ends, kind="stable")
        stores, systems = self._systems
        first = np.searchsorted(ends[order], systems)
        counts = np.searchsorted(ends[order], systems, side="right") - first
        steps = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        near.append((np.repeat(stores, counts), touching[order][np.repeat(first, counts) + steps]))
        store, place = (np.concatenate(each) for each in zip(*near, strict=True))
        store, place = store[store >= 0], place[store >= 0]
        used = np.unique(place)
        names = list(taken(self.dataset.relations.column("id"), rows[used]))
        by_name = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
        rank = np.zeros(len(rows), dtype=np.int64)
        rank[used[by_name]] = np.arange(len(used))
        # Both ends of a relation may be around one store, and a system may be told of twice.
        keys = np.unique(store * max(len(used), 1) + rank[place])
        store, ranks = keys // max(len(used), 1), keys % max(len(used), 1)
        relation = rows[used[by_name[ranks]]]
        codes, words = self.dataset.relations.codes("predicate")
        kind = np.array([_KINDS.get(word, "") for word in words], dtype=object)[codes[relation]]
        origin = self.subject[relation].astype(np.int64)
        own = (origin == self.nodes[store]) | np.isin(store * self.graph.n_nodes + origin, pairs)
        counts_here = (kind != "onward") | own
        self.store, self.relation, self.kind = store[counts_here], relation[counts_here], kind[counts_here]
        self._ids = [names[place] for place in by_name[ranks[counts_here]].tolist()]

    def counted(self, among: Flags) -> Counts:
        """How many of what is around each store."""
        return np.bincount(self.store[among], minlength=len(self.names))

    def missing(self, criteria: Sequence[Met]) -> list[list[str]]:
        """For each store the ids of what stands against any of some criteria, sorted."""
        against = np.flatnonzero(np.logical_or.reduce([each.against for each in criteria]))
        itself = np.logical_or.reduce([each.itself for each in criteria])
        bounds = np.searchsorted(self.store[against], np.arange(len(self.names) + 1)).tolist()
        names = [self._ids[place] for place in against.tolist()]
        found = [names[start:end] for start, end in pairwise(bounds)]
        for number in np.flatnonzero(itself).tolist():
            found[number] = sorted({*found[number], self.names[number]})
        return found

    # ------------------------------------------------------------------------------------------------- criteria

    def share(self, kinds: str, fine: Flags) -> Met:
        """How much of what is around each store is fine."""
        among = np.isin(self.kind, kinds.split())
        against = among & ~fine[self.relation]
        asked = self.counted(among)
        return Met(asked, asked - self.counted(against), against, np.zeros(len(self.names), dtype=bool))

    def stated(self, fine: Flags, applies: Flags | None = None) -> Met:
        """Whether something is so of each store to which it applies."""
        asked = np.ones(len(self.names), dtype=bool) if applies is None else applies
        nothing = np.zeros(len(self.store), dtype=bool)
        return Met(asked.astype(np.int64), (asked & fine).astype(np.int64), nothing, asked & ~fine)

    def leaks(self) -> Met:
        """Leaks only ever count against a store: that none is known documents no protection."""
        against = self.kind == "leaks"
        known = (self.counted(against) > 0).astype(np.int64)
        return Met(known, np.zeros_like(known), against, np.zeros(len(self.names), dtype=bool))

    def kept(self) -> Flags:
        """Of each store, whether anybody keeps it."""
        return self.counted(self.kind == "keeping") > 0

    def used(self) -> Flags:
        """Of each store, whether anybody keeps it or has access to it."""
        return self.kept() | (self.counted(self.kind == "access") > 0)

    def named(self) -> Flags:
        """Of each store, whether the people in its data are named."""
        cells = taken(self.dataset.entities.column("subjects"), self.nodes)
        return np.array([bool(cell) for cell in cells], dtype=bool)

    def overseen(self) -> Flags:
        """Of each store, whether it, a system that keeps data in it or a keeper is supervised."""
        found = self._watched[self.nodes]
        stores, systems = self._systems
        found[stores[self._watched[systems]]] = True
        keeping = self.kind == "keeping"
        found[self.store[keeping & self._watched[self.subject[self.relation]]]] = True
        return found

    def uncontested(self) -> Flags:
        """Of each relation, whether nobody denies it that day."""
        denials, day = self.graph.denials, self.scope.as_of
        holds = (denials.start <= day) & (denials.end >= day) & (denials.known <= self.scope.known_by)
        found = np.ones(len(self.dataset.relations), dtype=bool)
        found[denials.relation[holds]] = False
        return found

    def unlisted(self) -> Flags:
        """Of each relation, whether its subject is on no list that day, as far as was known."""
        spans = listing_intervals(self.dataset)
        on = spans.in_force(self.scope.as_of) & (spans.known <= self.scope.known_by)
        listed = self.dataset.entity_rows("listings", "entity")[on]
        found = np.ones(self.graph.n_nodes, dtype=bool)
        found[listed[listed >= 0]] = False
        return found[self.subject]


Criterion = Callable[[_Facts], Met]

CRITERIA: Final[Mapping[str, Criterion]] = {
    "access_has_legal_basis": lambda facts: facts.share("access", facts.cells("legal_basis", bool)),
    "keeping_has_legal_basis": lambda facts: facts.share("keeping", facts.cells("legal_basis", bool)),
    # Of data that nobody is on record to keep or use lawfully, to name the people in them documents nothing lawful.
    "subjects_are_named": lambda facts: facts.stated(facts.named(), facts.used()),
    "onward_feeds_have_legal_basis": lambda facts: facts.share("onward", facts.cells("legal_basis", bool)),
    "access_says_how": lambda facts: facts.share("access", facts.cells("mode", bool)),
    "access_is_to_named_categories": lambda facts: facts.share("access", facts.cells("categories", bool)),
    "no_bulk_access": lambda facts: facts.share(
        "access", facts.cells("mode", lambda mode: not {"export", "admin"} & set(split(mode)))
    ),
    "nothing_is_contested": lambda facts: facts.share("access keeping onward", facts.uncontested()),
    "evidence_is_recent": lambda facts: facts.share(
        "access keeping onward", facts.graph.intervals.newest >= facts.fresh_since
    ),
    "access_ends": lambda facts: facts.share("access", facts.cells("valid_until", bool)),
    "onward_feeds_keep_nothing": lambda facts: facts.share(
        "onward", facts.cells("mode", lambda mode: split(mode) == ("query",))
    ),
    "no_leak_is_known": lambda facts: facts.leaks(),
    "no_listed_vendor_is_behind": lambda facts: facts.share("vendors", facts.unlisted()),
    "keeper_is_known": lambda facts: facts.stated(facts.kept()),
    "oversight_is_known": lambda facts: facts.stated(facts.overseen()),
}

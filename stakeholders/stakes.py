"""Stakes: who holds how much of which company on a day, as far as the rows of ``owns`` say.

A stake is an interval of percent. Several rows of one owner and one company are claims about one stake: the interval
of their values, never their sum. A row of mode ``total`` says what is held together with what is held through
companies; other rows are direct stakes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from stakeholders.dataset import split
from stakeholders.dates import FOREVER
from stakeholders.intervals import Intervals, relation_intervals
from stakeholders.listings import Day, day_of
from stakeholders.vocabulary import CERTAINTIES, CERTAINTY_OF_STATUS

if TYPE_CHECKING:
    from stakeholders.dataset import Dataset

WHOLE: Final = 100.0

_ALLEGED: Final = CERTAINTIES.index("alleged")


@dataclass(frozen=True, slots=True)
class Stake:
    """What one owner holds in one company, as all rows in force together claim it.

    Attributes
    ----------
    owner, company : str
    low, high : float
        Percent held directly; the hull of the rows' claims.
    total_low, total_high : float
        Percent held with what is held through companies; -1 where no row of mode ``total`` says it.
    relations : tuple of str
        Ids of the rows, sorted.
    certainty : int
        The strongest row's, as a position in ``CERTAINTIES``.
    contested : bool
        Whether every row is contested by a denial.
    start : int
        Day since when a row has held.
    since : str
        The same day as written in the data.
    """

    owner: str
    company: str
    low: float
    high: float
    total_low: float
    total_high: float
    relations: tuple[str, ...]
    certainty: int
    contested: bool
    start: int
    since: str

    @property
    def share(self) -> tuple[float, float]:
        """Percent held in all."""
        if self.total_high < 0:
            return self.low, self.high
        if self.high < 0:
            return self.total_low, self.total_high
        low = max(self.low, self.total_low)
        return low, max(self.high, self.total_high, low)


@dataclass(frozen=True, slots=True)
class Tie:
    """A relation by which a body is recorded as another's affiliate.

    It is controlled by it, part of it, or one of the many that a collective entity stands for.
    """

    owner: str
    company: str
    relation: str
    certainty: int
    start: int
    since: str


@dataclass(frozen=True)
class Stakes:
    """Stakes and ties of a day, by company and by owner."""

    by_company: Mapping[str, Mapping[str, Stake]]
    ties: Mapping[str, tuple[Tie, ...]]

    @cached_property
    def by_owner(self) -> Mapping[str, tuple[str, ...]]:
        """Companies that each owner holds something in, or is tied to."""
        found: dict[str, set[str]] = {}
        for company, owners in self.by_company.items():
            for owner in owners:
                found.setdefault(owner, set()).add(company)
        for company, ties in self.ties.items():
            for tie in ties:
                found.setdefault(tie.owner, set()).add(company)
        return {owner: tuple(sorted(companies)) for owner, companies in found.items()}

    @cached_property
    def companies(self) -> tuple[str, ...]:
        """Every company with a recorded owner or tie, sorted."""
        return tuple(sorted({*self.by_company, *self.ties}))

    def owned_by(self, owner: str) -> frozenset[str]:
        """Companies in which an owner holds something, itself or through others."""
        if owner not in self._owned:
            found, queue = set(), [owner]
            while queue:
                for company in self.by_owner.get(queue.pop(), ()):
                    if company not in found:
                        found.add(company)
                        queue.append(company)
            self._owned[owner] = frozenset(found)
        return self._owned[owner]

    def owners_of(self, company: str) -> frozenset[str]:
        """Who holds something in a company, itself or through others."""
        found, queue = set[str](), [company]
        while queue:
            at = queue.pop()
            for owner in (*self.by_company.get(at, ()), *(tie.owner for tie in self.ties.get(at, ()))):
                if owner not in found:
                    found.add(owner)
                    queue.append(owner)
        return frozenset(found)

    @cached_property
    def _owned(self) -> dict[str, frozenset[str]]:
        return {}


def stakes_in_force(
    dataset: Dataset,
    as_of: Day,
    *,
    known_by: Day | None = None,
    certainty: str = "reported",
    evidence_since: int = -1,
) -> Stakes:
    """Stakes of a day: rows of ``owns`` in force, not denied, certain enough; and who is recorded as an affiliate.

    A row without ``percent`` says that something is held, not how much: 0 to 100. Rows whose newest source is of a day
    before ``evidence_since`` are left out.
    """
    limit = FOREVER if known_by is None else day_of(known_by)
    return _stakes(dataset, day_of(as_of), limit, CERTAINTIES.index(certainty), evidence_since)


def percent_of(cell: str) -> tuple[float, float]:
    """A ``percent`` cell as an interval; empty is unknown.

    Examples
    --------
    >>> percent_of("68.5"), percent_of("50..100"), percent_of("")
    ((68.5, 68.5), (50.0, 100.0), (0.0, 100.0))
    """
    low, dots, high = cell.strip().partition("..")
    if not low and not high:
        return 0.0, WHOLE
    ends = float(low or 0), float((high or WHOLE) if dots else low)
    return min(ends), max(ends)


@lru_cache(maxsize=16)
def _stakes(dataset: Dataset, day: int, limit: int, weakest: int, evidence_since: int) -> Stakes:
    """Stakes of a day, kept while one rule after another asks for them."""
    spans, table = _spans(dataset), dataset.relations
    in_force = spans.in_force(day) & (spans.newest >= evidence_since)
    rows: dict[tuple[str, str], list[tuple[int, int, bool]]] = {}
    ties: dict[str, list[Tie]] = {}
    denied = _denials(dataset, day, limit)
    predicates, subjects, objects = (table.column(name) for name in ("predicate", "subject", "object"))
    statuses, modes = table.column("status"), table.column("mode")
    for row in _rows_of(dataset, ("owns", "controls", "part_of", "member_of")):
        status, key = statuses[row], (subjects[row], predicates[row], objects[row])
        if status == "denied" or not in_force[row] or spans.known[row] > limit or key[0] == key[2]:
            continue
        strength = CERTAINTIES.index(CERTAINTY_OF_STATUS.get(status, "prospective"))
        contested = any(not mode or not modes[row] or mode == modes[row] for mode in denied.get(key, ()))
        strength = min(strength, _ALLEGED) if contested else strength
        if strength < weakest:
            continue
        if key[1] == "owns":
            rows.setdefault((key[0], key[2]), []).append((row, strength, contested))
        elif key[1] == "member_of" and not _collective(dataset, key[2]):
            continue
        elif dataset.is_body(key[0]) and dataset.is_body(key[2]):
            owner, company = (key[0], key[2]) if key[1] == "controls" else (key[2], key[0])
            tie = Tie(owner, company, table.column("id")[row], strength, int(spans.start[row]), spans.since(row))
            ties.setdefault(company, []).append(tie)
    by_company: dict[str, dict[str, Stake]] = {}
    for (owner, company), claims in sorted(rows.items()):
        by_company.setdefault(company, {})[owner] = _stake(dataset, owner, company, claims)
    return Stakes(by_company, {company: tuple(sorted(found, key=_tie_order)) for company, found in ties.items()})


@lru_cache(maxsize=4)
def _spans(dataset: Dataset) -> Intervals:
    """Intervals of a dataset's relations, kept while rules, certainties and days are asked for one after another."""
    return relation_intervals(dataset)


def _stake(dataset: Dataset, owner: str, company: str, claims: Sequence[tuple[int, int, bool]]) -> Stake:
    table, spans = dataset.relations, _spans(dataset)
    percents, modes = table.column("percent"), table.column("mode")
    direct = [percent_of(percents[row]) for row, _, _ in claims if "total" not in split(modes[row])]
    total = [percent_of(percents[row]) for row, _, _ in claims if "total" in split(modes[row])]
    first = min((row for row, _, _ in claims), key=lambda row: (spans.start[row], spans.since_code[row]))
    return Stake(
        owner,
        company,
        *_hull(direct),
        *_hull(total),
        relations=tuple(sorted(table.column("id")[row] for row, _, _ in claims)),
        certainty=max(strength for _, strength, _ in claims),
        contested=all(contested for _, _, contested in claims),
        start=int(spans.start[first]),
        since=spans.since(first),
    )


def _collective(dataset: Dataset, entity: str) -> bool:
    """Whether an entity stands for many: what counts of the class counts of whoever is named in it."""
    row = dataset.entities.index.get(entity)
    return row is not None and dataset.entities.column("collective")[row] == "true"


def _hull(claims: Sequence[tuple[float, float]]) -> tuple[float, float]:
    if not claims:
        return -1.0, -1.0
    return min(low for low, _ in claims), max(high for _, high in claims)


def _denials(dataset: Dataset, day: int, limit: int) -> dict[tuple[str, str, str], list[str]]:
    """Modes of the denials in force and known, by what they deny."""
    spans, table = _spans(dataset), dataset.relations
    codes, words = table.codes("status")
    if "denied" not in words:
        return {}
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in (codes == words.index("denied")).nonzero()[0].tolist():
        if spans.start[row] <= day <= spans.end[row] and spans.known[row] <= limit:
            key = (table.column("subject")[row], table.column("predicate")[row], table.column("object")[row])
            found.setdefault(key, []).append(table.column("mode")[row])
    return found


def _rows_of(dataset: Dataset, predicates: Sequence[str]) -> list[int]:
    import numpy as np

    codes, words = dataset.relations.codes("predicate")
    wanted = [words.index(word) for word in predicates if word in words]
    rows: list[int] = np.flatnonzero(np.isin(codes, wanted)).tolist()
    return rows


def _tie_order(tie: Tie) -> tuple[int, str]:
    return -tie.certainty, tie.relation

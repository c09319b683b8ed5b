"""Tenures: since when an ownership rule has made of a company what it makes of it on the asked day.

One owner who holds enough has a day of its own: the later of its listing and of its stake. Several who hold enough only
together have another, on which the last of them came in; and a company may count since owners are recorded as acting
jointly. So the days before the asked one are looked at, back to the last on which the verdict was another.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from stakeholders.dates import ALWAYS, iso
from stakeholders.intervals import Intervals, listing_intervals, relation_intervals
from stakeholders.ownership import ownership_verdicts
from stakeholders.regimes import regimes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stakeholders.dataset import Dataset

# From which end of a relation command or ownership runs to the other.
_ENDS = {"owns": ("subject", "object"), "controls": ("subject", "object"),
         "part_of": ("object", "subject"), "member_of": ("object", "subject")}  # fmt: skip


class Tenures:
    """Ownership verdicts of a day, followed back in time.

    Parameters
    ----------
    dataset : Dataset
    as_of : int
        The asked day.
    known_by : int, optional
        Only what a source of that day could tell of.
    certainty : {'confirmed', 'reported', 'alleged', 'prospective'}
        The weakest relation that counts.
    evidence_since : int
        Day from which a relation's newest source is fresh enough; negative for any.

    Examples
    --------
    >>> from stakeholders.dates import first_day
    >>> from stakeholders.tables import read
    >>> tenures = Tenures(read("central-asia"), first_day("2025-10-15"))
    >>> tenures.since("us-bis-affiliates", "cn-ezviz")
    (739523, '2025-09-29')
    """

    def __init__(
        self,
        dataset: Dataset,
        as_of: int,
        *,
        known_by: int | None = None,
        certainty: str = "reported",
        evidence_since: int = -1,
    ) -> None:
        self.dataset, self.as_of = dataset, as_of
        self.known_by, self.certainty, self.evidence_since = known_by, certainty, evidence_since
        self._known: dict[tuple[str, str], tuple[int, str]] = {}

    def since(self, rule: str, company: str) -> tuple[int, str]:
        """First day of the run up to the asked day on which a rule's verdict on a company is the same.

        ``ALWAYS`` where it has been so on every earlier day; with the day as written in the data, where it is.
        """
        place = rule, company
        if place not in self._known:
            self._known[place] = self._since(rule, company)
        return self._known[place]

    def _since(self, rule: str, company: str) -> tuple[int, str]:
        rows, owners = self._above(company)
        part = self.dataset.with_tables(relations=self.dataset.relations.select(rows))
        now = self._word(part, rule, company, self.as_of)
        for day in sorted(self._turning(rows, owners, rule), reverse=True):
            if self._word(part, rule, company, day - 1) != now:
                return day, self._written(rows, owners, day)
        return ALWAYS, ""

    def _written(self, rows: list[int], owners: set[str], day: int) -> str:
        """The day as the latest relation or listing that begins on it has it."""
        spans, listed = self._spans
        entities = self.dataset.listings.column("entity")
        texts = [spans.since(row) for row in rows if spans.start[row] == day]
        texts += [listed.since(row) for row, each in enumerate(entities) if each in owners and listed.start[row] == day]
        return max(texts, key=len, default=iso(day))

    def _word(self, part: Dataset, rule: str, company: str, day: int) -> str:
        verdicts = ownership_verdicts(
            part, rule, as_of=day, known_by=self.known_by, certainty=self.certainty, evidence_since=self.evidence_since
        )
        verdict = verdicts.get(company)
        if verdict is not None and verdict.verdict == "listed":
            verdict = verdict.besides
        return "below" if verdict is None else verdict.verdict

    def _above(self, company: str) -> tuple[list[int], set[str]]:
        """Relations through which anybody ever held something in a company, and who."""
        rows, met, queue = list[int](), {company}, [company]
        while queue:
            for row, owner in self._into.get(queue.pop(), ()):
                rows.append(row)
                if owner not in met:
                    met.add(owner)
                    queue.append(owner)
        return sorted(rows), met

    @cached_property
    def _into(self) -> Mapping[str, list[tuple[int, str]]]:
        table = self.dataset.relations
        columns = {name: table.column(name) for name in ("subject", "object")}
        found: dict[str, list[tuple[int, str]]] = {}
        codes, words = table.codes("predicate")
        for code, word in enumerate(words):
            if word in _ENDS:
                owner, company = (columns[end] for end in _ENDS[word])
                for row in (codes == code).nonzero()[0].tolist():
                    found.setdefault(company[row], []).append((row, owner[row]))
        return found

    def _turning(self, rows: list[int], owners: set[str], rule: str) -> set[int]:
        """Days up to the asked one on which something that bears on a verdict begins, or has just ended."""
        spans, listed = self._spans
        entities = self.dataset.listings.column("entity")
        regimes = regimes_of(self.dataset)
        days = {day for row in rows for day in (int(spans.start[row]), int(spans.end[row]) + 1)}
        for row, entity in enumerate(entities):
            if entity in owners:
                days |= {int(listed.start[row]), int(listed.end[row]) + 1}
        days |= {day for each in regimes.rules[rule].periods for day in (each.start, each.end + 1)}
        days |= {day for each in regimes.jointly if each.owners & owners for day in (each.start, each.end + 1)}
        return {day for day in days if ALWAYS < day <= self.as_of}

    @cached_property
    def _spans(self) -> tuple[Intervals, Intervals]:
        return relation_intervals(self.dataset), listing_intervals(self.dataset)

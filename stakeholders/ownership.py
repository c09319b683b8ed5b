"""Ownership: what a regime does to companies that its listed entities own, on a day, from stakes that may be unknown.

A stake is an interval of percent. Several rows of one owner and one company are claims about one stake: their hull,
never their sum. An unknown stake is capped by 100 less what others are known to hold. From these intervals two sets
are grown to a fixpoint: companies that count whatever the unknown stakes are, and companies that count for some
values of them. Between the two lies ``undetermined``. Percentages are never multiplied: a company that is owned by
the threshold counts, and all that it holds counts in the next step.

The rules themselves are data, see :mod:`stakeholders.regimes`; their texts, sources and dates of reading stand there
and in ``docs/sanctions.md``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from stakeholders.dates import ALWAYS
from stakeholders.errors import UnknownTerm
from stakeholders.listings import Day, Listing, day_of, listings
from stakeholders.regimes import OwnershipRule, Period, Regimes, regimes_of
from stakeholders.stakes import WHOLE, Stake, Stakes, stakes_in_force
from stakeholders.vocabulary import CERTAINTIES, Label

if TYPE_CHECKING:
    from stakeholders.dataset import Dataset

VERDICTS: Final = ("below", "undetermined", "owned", "listed")
VERDICT_LABELS: Final = {
    "listed": Label("listed", "в перечне", "тізімде"),
    "owned": Label("owned by listed entities", "принадлежит лицам из перечня", "тізімдегі тұлғаларға тиесілі"),
    "undetermined": Label("undetermined", "не определено", "анықталмаған"),
    "below": Label("below the threshold", "ниже порога", "шектен төмен"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of ownership: who holds what in which company, on which relations."""

    owner: str
    company: str
    low: float
    high: float
    relations: tuple[str, ...]
    certainty: int
    start: int
    since: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule makes of a company on a day.

    Attributes
    ----------
    entity : str
    verdict : {'listed', 'owned', 'undetermined', 'below'}
    share : (float, float)
        Percent held by listed entities and by companies that count with them: what it is at least and at most.
    steps : mapping of str to tuple of Step
        For each listed entity that contributes, how its ownership leads to the company.
    reason : Label or None
        Why an answer is undetermined, where it is not the unknown stakes.
    start : int
        First day, back from the asked one, of the wordings of the rule under which the verdict is the same.
    certainty : int
        The most that can be asked of the relations without changing the verdict, as a position in ``CERTAINTIES``.
    besides : Verdict or None
        Of a listed entity: what others that are listed own of it, where that counts too.
    if_joint : str
        Under a rule that takes each owner by itself: the stronger verdict if its listed owners acted jointly, which
        no record says; else empty.
    tied : bool
        Whether it counts only as a recorded affiliate: what is held in it would not suffice.
    """

    entity: str
    verdict: str
    share: tuple[float, float]
    steps: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    reason: Label | None = None
    start: int = ALWAYS
    certainty: int = len(CERTAINTIES) - 1
    besides: Verdict | None = None
    if_joint: str = ""
    tied: bool = False


def ownership_verdicts(
    dataset: Dataset,
    rule: str,
    *,
    as_of: Day,
    known_by: Day | None = None,
    certainty: str = "reported",
    lists: Sequence[str] = (),
    evidence_since: int = -1,
) -> dict[str, Verdict]:
    """Verdict of an ownership rule on every listed entity and every company with a recorded owner.

    Parameters
    ----------
    dataset : Dataset
    rule : str
        Key of an ownership rule, such as ``"us-ofac-50"``.
    as_of : int, str or date
        The day asked about; of a partial date its last day.
    known_by : int, str or date, optional
        Only relations and listings that a source of that day could tell of.
    certainty : {'confirmed', 'reported', 'alleged', 'prospective'}
        The weakest that counts. Denied relations never do.
    lists : sequence of str
        Only listings on these lists; default every list that the rule is attached to.
    evidence_since : int
        Day from which the newest source of a relation is fresh enough to count; negative for any.

    Returns
    -------
    dict of str to Verdict
        By entity id, sorted. Companies under ``below`` are included.

    Raises
    ------
    UnknownTerm
        If there is no such rule, list or certainty.

    Notes
    -----
    The rules in force, as read on 2026-11-24 (texts and sources in ``regimes.toml`` and ``docs/sanctions.md``): OFAC 50
    percent or more, from 2008-02-14 each blocked owner by itself, from 2014-08-13 together; BIS affiliates rule 50
    percent or more, listed owners together, from 2025-09-29 to 2025-11-09, and whether again from 2026-11-10 is not
    established; EU more than 50 percent, from 2024-07-03 50 or more, together; UK more than 50 percent, each owner by
    itself unless acting jointly; section 889 and FCC half or more, or recorded as controlled or as part. Each cascades;
    no percentage is multiplied.

    Examples
    --------
    EZVIZ is said to be a subsidiary of Hikvision; under section 889 that suffices, on the Entity List it depends on a
    rule that was suspended.

    >>> from stakeholders.tables import read
    >>> dataset = read("central-asia")
    >>> ownership_verdicts(dataset, "us-889-affiliates", as_of="2026-11-01")["cn-ezviz"].verdict
    'owned'
    >>> ownership_verdicts(dataset, "us-bis-affiliates", as_of="2026-11-01")["cn-ezviz"].verdict
    'below'
    """
    regimes = regimes_of(dataset)
    if rule not in regimes.rules:
        raise UnknownTerm("ownership rule", rule, tuple(regimes.rules))
    if certainty not in CERTAINTIES:
        raise UnknownTerm("certainty", certainty, CERTAINTIES)
    day, weakest = day_of(as_of), CERTAINTIES.index(certainty)
    found = listings(dataset, as_of=day, known_by=known_by, lists=lists)
    listed = {listing.entity for listing in found if listing.program.ownership == rule}
    asked: dict[str, Verdict] = {}
    for strength in range(weakest, len(CERTAINTIES)):
        stakes = stakes_in_force(
            dataset, day, known_by=known_by, certainty=CERTAINTIES[strength], evidence_since=evidence_since
        )
        verdicts = Ownership(regimes, regimes.rules[rule], day, listed, stakes).verdicts()
        for entity, verdict in (verdicts if strength == weakest else asked).items():
            here = verdicts[entity].verdict if entity in verdicts else "below"
            if verdict.verdict == "below":
                asked[entity] = verdict
            elif here == verdict.verdict:
                besides = verdict.besides and replace(verdict.besides, certainty=strength)
                asked[entity] = replace(verdict, certainty=strength, besides=besides)
    return asked


class Ownership:
    """An ownership rule on a day, over the stakes of that day.

    Parameters
    ----------
    regimes : Regimes
        Whose arrangements say which owners act jointly.
    rule : OwnershipRule
    day : int
    listed : collection of str
        Entities that are themselves on a list of the rule.
    stakes : Stakes
    """

    def __init__(
        self, regimes: Regimes, rule: OwnershipRule, day: int, listed: Collection[str], stakes: Stakes
    ) -> None:
        self.regimes, self.rule, self.day, self.stakes = regimes, rule, day, stakes
        self.listed = frozenset(listed)
        self.arrangements = [each for each in regimes.jointly if each.start <= day <= each.end]

    def verdicts(self) -> dict[str, Verdict]:
        """Verdict on every listed entity and every company, by id."""
        period = self.rule.on(self.day)
        found = {company: _nothing(company) for company in self.stakes.companies}
        found.update(self._companies(period) if period is not None else {})
        for entity in sorted(self.listed):
            besides = None
            if period is not None:
                # Who counts only through the entity itself is no owner of it, hence a look without it.
                others = Ownership(self.regimes, self.rule, self.day, self.listed - {entity}, self.stakes)
                besides = others.verdict(entity, period)
            besides = besides if besides is not None and besides.verdict != "below" else None
            found[entity] = Verdict(entity, "listed", (WHOLE, WHOLE), besides=besides)
        return {entity: found[entity] for entity in sorted(found)}

    def verdict(self, company: str, period: Period) -> Verdict:
        """Verdict on one company that is not listed."""
        if not self.listed.intersection(self.stakes.owners_of(company)):
            return _nothing(company)
        return self._companies(period).get(company, _nothing(company))

    def _companies(self, period: Period) -> dict[str, Verdict]:
        """Verdicts on the companies that somebody who may count holds something in."""
        verdicts = self._under(period)
        starts = dict.fromkeys(verdicts, period.start)
        # A change of wording that leaves the verdict as it was does not make it younger.
        while (earlier := self.rule.on(period.start - 1)) is not None and period.start > ALWAYS:
            before = self._under(earlier)
            for company, verdict in verdicts.items():
                same = before.get(company, _nothing(company)).verdict == verdict.verdict
                if same and starts[company] == period.start:
                    starts[company] = earlier.start
            period = earlier
        return {
            company: each if each.verdict == "below" else replace(each, start=starts[company])
            for company, each in verdicts.items()
        }

    def _under(self, period: Period) -> dict[str, Verdict]:
        groups = [self.listed] if period.together else self._groups()
        verdicts: dict[str, Verdict] = {}
        for group in groups:
            for company, verdict in self._of_group(group, period):
                verdicts[company] = _stronger(verdicts.get(company), verdict)
        if not period.together:
            for company, verdict in self._of_group(self.listed, period):
                alone = verdicts.get(company, _nothing(company))
                if VERDICTS.index(verdict.verdict) > VERDICTS.index(alone.verdict):
                    verdicts[company] = replace(alone, if_joint=verdict.verdict)
        return verdicts

    def _groups(self) -> list[frozenset[str]]:
        """Listed entities each by itself, and those that are recorded as acting jointly."""
        joint = [each.owners & self.listed for each in self.arrangements]
        alone = (frozenset((entity,)) for entity in sorted(self.listed))
        return [*alone, *(group for group in joint if len(group) > 1)]

    def _of_group(self, group: frozenset[str], period: Period) -> Iterator[tuple[str, Verdict]]:
        """Verdicts on every company that some listed entities hold something in, together."""
        surely, perhaps = set(group), set(group)
        touched = {company for entity in group for company in self.stakes.by_owner.get(entity, ())} - group
        queue, waiting = deque(sorted(touched)), set(touched)
        while queue:
            company = queue.popleft()
            waiting.discard(company)
            low, high = self.share(company, surely, perhaps)
            grown = False
            for counted, percent in ((surely, low), (perhaps, high)):
                tied = period.affiliates and self._tied(company, counted)
                if company not in counted and (tied or period.meets(percent)):
                    counted.add(company)
                    grown = True
            if grown:
                # Only what it holds something in may change for it.
                more = {each for each in self.stakes.by_owner.get(company, ()) if each not in group} - waiting
                queue.extend(sorted(more))
                waiting |= more
                touched |= more
        for company in sorted(touched):
            low, high = self.share(company, surely, perhaps)
            # Recorded as an affiliate, it counts whatever is held in it.
            share = (low, WHOLE) if period.affiliates and self._tied(company, perhaps) else (low, high)
            counts, may = company in surely, company in perhaps
            verdict = "owned" if counts and period.established else "undetermined" if may else "below"
            steps = self._steps(company, group, surely if counts else perhaps, period) if may else {}
            reason = period.reason if may and not period.established else None
            tied = counts and not period.meets(low)
            yield company, Verdict(company, verdict, share, steps, reason, tied=tied)

    def _tied(self, company: str, counted: Collection[str]) -> bool:
        return any(tie.owner in counted for tie in self.stakes.ties.get(company, ()))

    def share(self, company: str, surely: Collection[str], perhaps: Collection[str]) -> tuple[float, float]:
        """Percent of a company held by some owners together: at least by those that surely count, at most by all.

        Every assignment of unknown stakes in which no company is held beyond 100 percent lies in the interval, and
        for direct stakes its ends are reached.
        """
        owners = self.stakes.by_company.get(company, {})
        low = min(self._held(owners, surely), WHOLE)
        known = self._held(owners, owners)
        rest = {owner for owner in owners if owner not in perhaps}
        others = self._apart(owners, rest, perhaps)
        # Claims that exceed 100 percent together contradict each other and can cap nothing.
        cap = WHOLE - others if known <= WHOLE else WHOLE
        high = min(self._held(owners, perhaps, most=True), cap)
        return low, max(low, high)

    def _held(self, owners: Mapping[str, Stake], counted: Collection[str], *, most: bool = False) -> float:
        """Sum over some owners, what is in an owner's total counted once."""
        held, covered = 0.0, set[str]()
        inside = [owner for owner in owners if owner in counted]
        for owner in self._totals(owners, inside):
            below = self.stakes.owned_by(owner)
            parts = [each for each in inside if (each == owner or each in below) and each not in covered]
            covered.update(parts)
            direct = sum(max(owners[each].high if most else owners[each].low, 0.0) for each in parts)
            held += max(owners[owner].total_high if most else owners[owner].total_low, direct)
        return held + sum(
            max(owners[each].high if most else owners[each].low, 0.0) for each in inside if each not in covered
        )

    def _totals(self, owners: Mapping[str, Stake], inside: Iterable[str]) -> list[str]:
        """Owners with a total stake that no other such owner stands above."""
        totals = [owner for owner in inside if owners[owner].total_high >= 0]
        above: list[str] = []
        for owner in sorted(totals, key=lambda each: (-len(self.stakes.owned_by(each)), each)):
            if not any(owner in self.stakes.owned_by(each) for each in above):
                above.append(owner)
        return above

    def _apart(self, owners: Mapping[str, Stake], rest: set[str], perhaps: Collection[str]) -> float:
        """What other owners hold at least, and certainly apart from those that may count."""
        counted = [owner for owner in owners if owner in perhaps]
        hidden = set[str]()
        for owner in counted:
            if owners[owner].total_high >= 0:  # part of what they hold may be in this total
                hidden |= rest & self.stakes.owned_by(owner)
        apart = rest - hidden
        held, covered = 0.0, set[str]()
        for owner in self._totals(owners, sorted(apart)):
            below = self.stakes.owned_by(owner)
            parts = {each for each in apart if (each == owner or each in below) and each not in covered}
            covered |= parts
            direct = sum(max(owners[each].low, 0.0) for each in parts)
            within = sum(max(owners[each].share[1], 0.0) for each in counted if each in below)
            held += max(owners[owner].total_low - within, direct)
        return held + sum(max(owners[each].low, 0.0) for each in apart - covered)

    def _steps(
        self, company: str, group: Collection[str], counted: set[str], period: Period
    ) -> dict[str, tuple[Step, ...]]:
        """For each listed entity that contributes, the shortest chain of counting companies down to the company."""
        found: dict[str, tuple[Step, ...]] = {}
        queue: list[tuple[str, tuple[Step, ...]]] = [(company, ())]
        seen = {company}
        while queue:
            at, steps = queue.pop(0)
            for step in self._telling(at, counted, period):
                if step.owner not in counted or step.owner in seen:
                    continue
                seen.add(step.owner)
                chain = (step, *steps)
                if step.owner in group:
                    found[step.owner] = chain
                else:
                    queue.append((step.owner, chain))
        return {entity: found[entity] for entity in sorted(found)}

    def _telling(self, company: str, counted: Collection[str], period: Period) -> list[Step]:
        """Steps into a company that make it count: of one that counts as an affiliate alone, no stakes that do not."""
        steps = self._into(company, period)
        held = self._held(self.stakes.by_company.get(company, {}), counted)
        if not period.affiliates or period.meets(held):
            return steps
        ties = {each.relation for each in self.stakes.ties.get(company, ()) if each.owner in counted}
        return [step for step in steps if ties.issuperset(step.relations)] if ties else steps

    def _into(self, company: str, period: Period) -> list[Step]:
        """Steps that end in a company, strongest first."""
        steps = [
            Step(each.owner, company, *each.share, each.relations, each.certainty, each.start, each.since)
            for each in self.stakes.by_company.get(company, {}).values()
            if each.share[1] > 0
        ]
        if period.affiliates:
            steps += [
                Step(each.owner, company, 0.0, WHOLE, (each.relation,), each.certainty, each.start, each.since)
                for each in self.stakes.ties.get(company, ())
            ]
        return sorted(steps, key=lambda step: (-step.certainty, -step.low, step.owner, step.relations))


def rules_of(dataset: Dataset, found: Iterable[Listing]) -> dict[str, list[Listing]]:
    """Listings by the ownership rule of their list; lists without one are left out."""
    rules = regimes_of(dataset).rules
    by_rule: dict[str, list[Listing]] = {}
    for listing in found:
        if listing.program.ownership in rules:
            by_rule.setdefault(listing.program.ownership, []).append(listing)
    return by_rule


def _nothing(company: str) -> Verdict:
    return Verdict(company, "below", (0.0, 0.0))


def _stronger(one: Verdict | None, two: Verdict) -> Verdict:
    """The stronger of two verdicts on one company, with the contributors of both where they agree."""
    if one is None:
        return two
    better, other = sorted((one, two), key=lambda each: (-VERDICTS.index(each.verdict), -each.share[0], -each.share[1]))
    low, high = max(one.share[0], two.share[0]), max(one.share[1], two.share[1])
    steps = {**better.steps, **({} if other.verdict == "below" else other.steps), **better.steps}
    return Verdict(
        better.entity, better.verdict, (low, high), dict(sorted(steps.items())), better.reason, tied=better.tied
    )

"""Everything that is wrong with a dataset: in its tables, and in the settings beside them that questions read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from graphs.answers import Answer, stamp
from graphs.entries import sizes
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, Problem

RULES, CHECKS, REGIMES = "rules.toml", "checks.toml", "regimes.toml"


@dataclass(frozen=True)
class Inspection(Answer):
    """What is wrong with a dataset; ``problems`` are the rows as they are told."""

    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that forbid to use it."""
        return tuple(problem for problem in self.problems if not problem.warning)

    @property
    def found(self) -> bool:
        """Whether there are any."""
        return bool(self.errors)


def inspected(dataset: Dataset, problems: Iterable[Problem] = ()) -> Inspection:
    """What is wrong with a dataset and the settings that came with it.

    Parameters
    ----------
    dataset : Dataset
        As far as it could be read.
    problems : iterable of Problem
        What `stakeholders.tables.examine` found wrong with its files.

    Returns
    -------
    Inspection
        Rows ``file``, ``line`` (null where the whole file is meant), ``column`` (null where the row is), ``message``,
        ``warning``; in the order of files, lines and columns.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> inspected(read("cabar-2020")).rows
    ()
    """
    from stakeholders.decisions import decision_problems
    from stakeholders.rules import in_order

    found = [*problems, *_settings(dataset), *decision_problems(dataset)]
    if not any(not problem.warning for problem in found):
        found += _refused(dataset)
    ordered = tuple(in_order(dataset, found))
    rows = tuple(
        {"file": each.file, "line": each.line or None, "column": each.column or None, "message": each.message,
         "warning": each.warning}
        for each in ordered
    )  # fmt: skip
    return Inspection("validate", {}, stamp(dataset), rows, beside={"sizes": sizes(dataset)}, problems=ordered)


def _settings(dataset: Dataset) -> Iterator[Problem]:
    from graphs.policies import policy_problems
    from graphs.traversal import rule_problems
    from stakeholders.regimes import regime_problems

    for file, judge in ((RULES, rule_problems), (CHECKS, policy_problems), (REGIMES, regime_problems)):
        if file in dataset.extras:
            yield from judge(dataset.extras[file])


def _refused(dataset: Dataset) -> Iterator[Problem]:
    """Rules of a sound file that name what the dataset does not have; only asking them tells."""
    content = dataset.extras.get(CHECKS)
    if content is None:
        return
    from graphs.access import build
    from graphs.checks import check
    from graphs.policies import parse_policies
    from stakeholders.settings import Settings

    graph, policies = build(dataset), parse_policies(content.decode("utf-8-sig"), CHECKS)
    settings = Settings(CHECKS, content)
    for place, rule in enumerate(policies.rules, 1):
        # Whom a rule names and what it is about are judged by themselves too, once it is refused.
        for part in (rule, replace(rule, what=()), replace(rule, who=())):
            try:
                check(graph, [replace(policies, rules=(part,))])
            except AccessMapError as error:
                yield Problem(CHECKS, settings.line("rule", place), "", str(error).removeprefix(f"{CHECKS}: "))
            else:
                if part is rule:
                    break

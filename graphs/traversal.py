"""The traversal rules: which relation gives which arc, and how strong a reach.

The rules are data. The defaults stand in ``rules.toml`` beside this module; a dataset's own ``rules.toml`` changes
them entry by entry. They are assumptions, so an answer that rests on changed ones says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

from stakeholders.errors import AccessMapError, Problem, UnknownTerm, nearest
from stakeholders.settings import Settings
from stakeholders.vocabulary import LEVELS

ARCS = ("forward", "backward", "none")


@dataclass(frozen=True, slots=True)
class Rule:
    """What one predicate means for reach; the fields are explained in ``rules.toml``."""

    arc: str
    level: str = "possible"
    feed: bool = False
    keeps: bool = False
    terminal: bool = False
    percent: float | None = None
    default_mode: str = ""
    modes: Mapping[str, str] = field(default_factory=dict)
    implied_feed_modes: tuple[str, ...] = ()

    def level_of(self, modes: tuple[str, ...]) -> str:
        """The level of an arc whose relation has these modes: the strongest that any of them gives.

        Examples
        --------
        >>> default_rules().predicates["feeds"].level_of(("query",))
        'possible'
        """
        if not self.modes:
            return self.level
        levels = [self.modes.get(mode, self.level) for mode in modes or (self.default_mode,)]
        return max(levels, key=LEVELS.index)

    def copies(self, modes: tuple[str, ...]) -> bool:
        """Whether the arc's head keeps a lasting copy of the data: what makes its store a known one."""
        return self.keeps or (self.feed and "copy" in (modes or (self.default_mode,)))


@dataclass(frozen=True, slots=True)
class Rules:
    """All traversal rules of a graph.

    Attributes
    ----------
    predicates : mapping of str to Rule
    company_kinds : tuple of str
        Kinds of body that count as companies.
    changed : tuple of str
        Entries in which a dataset departs from the defaults, sorted.
    """

    predicates: Mapping[str, Rule]
    company_kinds: tuple[str, ...]
    changed: tuple[str, ...] = ()


@cache
def default_rules() -> Rules:
    """The rules that are shipped.

    Examples
    --------
    >>> default_rules().predicates["holds"].level
    'custody'
    """
    import tomllib

    text = resources.files("graphs").joinpath("rules.toml").read_text(encoding="utf-8")
    return replace(_parse(tomllib.loads(text), Rules({}, ())), changed=())


def rules_of(overrides: Mapping[str, Any]) -> Rules:
    """The default rules with a dataset's own laid over them.

    Parameters
    ----------
    overrides : mapping
        A parsed ``rules.toml``; empty for none.

    Raises
    ------
    UnknownTerm, AccessMapError
        If a table, key or word is none of those that rules know.

    Examples
    --------
    >>> rules_of({"predicates": {"supplies": {"arc": "none"}}}).changed
    ('supplies',)
    """
    return _parse(overrides, default_rules()) if overrides else default_rules()


def lowest_percent(text: str) -> float:
    """The least that a percent cell can mean: a number, the low end of a range, 0 for an empty cell.

    Examples
    --------
    >>> lowest_percent("50..100"), lowest_percent("68.5"), lowest_percent("")
    (50.0, 68.5, 0.0)
    """
    return float(text.split("..", maxsplit=1)[0]) if text else 0.0


def rule_problems(content: bytes) -> list[Problem]:
    r"""Everything that is wrong with a dataset's ``rules.toml``.

    Examples
    --------
    >>> print(*rule_problems(b"[holds]\nlevel = 'custody'"))
    rules.toml:1: 'holds' is a predicate: write [predicates.holds]
    """
    problems: list[Problem] = []
    settings = Settings("rules.toml", content, problems)
    for key, value in settings.table.items():
        entries = value if key == "predicates" and isinstance(value, Mapping) else {}
        with settings.at(key):
            _parse({key: {} if entries else value}, default_rules())
        for predicate, entry in entries.items():
            if not isinstance(entry, Mapping) or "arc" not in entry:
                with settings.at(key, predicate):
                    _rule(predicate, entry)
            # Each key by itself, so that one fault hides no other.
            for name, said in entry.items() if isinstance(entry, Mapping) else ():
                with settings.at(key, predicate, name):
                    _rule(predicate, {"arc": ARCS[0], name: said})
            if predicate not in default_rules().predicates:
                near = nearest(predicate, tuple(default_rules().predicates))
                hint = f" (did you mean {' or '.join(map(repr, near))}?)" if near else ""
                said = f"predicates.{predicate} is in no vocabulary, so no relation has it{hint}"
                problems.append(Problem(settings.file, settings.line(key, predicate), "", said, warning=True))
    return list(dict.fromkeys(problems))


def _parse(table: Mapping[str, Any], base: Rules) -> Rules:
    for key in table:
        if key in base.predicates:
            raise AccessMapError(f"rules.toml: {key!r} is a predicate: write [predicates.{key}]")
        if key not in ("predicates", "company_kinds"):
            raise UnknownTerm("table of rules.toml", key, ("predicates", "company_kinds"))
    predicates = dict(base.predicates)
    kinds = tuple(table.get("company_kinds", base.company_kinds))
    if not isinstance(table.get("company_kinds", []), list) or not all(isinstance(kind, str) for kind in kinds):
        raise AccessMapError("rules.toml: company_kinds: write a list of kinds")
    changed = {"company_kinds"} if kinds != base.company_kinds else set()
    entries = table.get("predicates", {})
    if not isinstance(entries, Mapping):
        raise AccessMapError("rules.toml: predicates: write a table of predicates")
    for predicate, entry in entries.items():
        rule = _rule(predicate, entry)
        if predicates.get(predicate) != rule:
            changed.add(predicate)
        predicates[predicate] = rule
    return Rules(predicates, kinds, tuple(sorted(changed)))


def _rule(predicate: str, entry: object) -> Rule:
    where = f"rules.toml: predicates.{predicate}"
    if not isinstance(entry, Mapping):
        raise AccessMapError(f'{where}: write a table such as {{ arc = "forward", level = "granted" }}')
    known = tuple(Rule.__dataclass_fields__)
    for key in entry:
        if key not in known:
            raise UnknownTerm(f"key of {where}", key, known)
    if entry.get("arc") not in ARCS:
        raise UnknownTerm(f"arc of {where}", str(entry.get("arc", "")), ARCS)
    modes = entry.get("modes", {})
    if not isinstance(modes, Mapping):
        raise AccessMapError(f"{where}: modes: write a table of levels")
    for level in (entry.get("level", "possible"), *modes.values()):
        if level not in LEVELS:
            raise UnknownTerm(f"level of {where}", str(level), LEVELS)
    for flag in ("feed", "keeps", "terminal"):
        if not isinstance(entry.get(flag, False), bool):
            raise AccessMapError(f"{where}: {flag}: write true or false")
    percent = entry.get("percent")
    if percent is not None and (isinstance(percent, bool) or not isinstance(percent, int | float)):
        raise AccessMapError(f"{where}: percent: write a number")
    implied = entry.get("implied_feed_modes", [])
    if not isinstance(implied, list):
        raise AccessMapError(f"{where}: implied_feed_modes: write a list of modes")
    return Rule(**{**entry, "implied_feed_modes": tuple(implied), "modes": dict(modes)})

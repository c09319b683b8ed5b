"""Regimes: what each list forbids and to whom, and what it does to companies that listed entities own.

All of it is data, in ``regimes.toml`` beside this module, because the rules are those of the authorities, change with
the day, and may be read otherwise: a dataset brings its own ``regimes.toml`` to change or add entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from stakeholders.dates import ALWAYS, FOREVER, first_day, last_day
from stakeholders.errors import AccessMapError, Problem, UnknownTerm
from stakeholders.settings import Settings
from stakeholders.vocabulary import LANGUAGES, Label

if TYPE_CHECKING:
    from stakeholders.dataset import Dataset

BINDING: Final = ("law", "instruction", "none", "unknown")
UNKNOWN: Final = "unknown"

_TABLES: Final = ("effects", "rule", "program", "jointly")
_RULE_KEYS: Final = ("key", "regime", "name", "text", "source", "also", "read", "periods")
_PROGRAM_KEYS: Final = (
    "key", "authority", "list", "regime", "effect", "binding", "ownership", "forbids", "binds", "csl", "opensanctions",
    "read",
)  # fmt: skip
_JOINT_KEYS: Final = ("owners", "from", "until", "source")

_NOT_STATED: Final = Label("not stated", "не указано", "көрсетілмеген")
_NO_REASON: Final = Label("", "", "")


@dataclass(frozen=True, slots=True)
class Effect:
    """A kind of measure: its code, its name, and how a sentence says it of a company."""

    code: str
    name: Label
    said: Label


@dataclass(frozen=True, slots=True)
class Period:
    """One wording of an ownership rule, and the days on which it held; the fields are explained in ``regimes.toml``."""

    start: int
    end: int
    threshold: float
    strict: bool = False
    together: bool = True
    affiliates: bool = False
    established: bool = True
    reason: Label = _NO_REASON

    def meets(self, percent: float) -> bool:
        """Whether a stake is large enough.

        Examples
        --------
        >>> Period(ALWAYS, FOREVER, 50.0, strict=True).meets(50.0)
        False
        """
        return percent > self.threshold if self.strict else percent >= self.threshold


@dataclass(frozen=True, slots=True)
class OwnershipRule:
    """What a regime does to companies that its listed entities own.

    Attributes
    ----------
    key, regime : str
    name : Label
    text : str
        The rule in our words.
    source : str
        Where it, or the report of it that was read, stands; ``also`` has further places.
    read : str
        Day of reading; empty where the rule was written down without reading it anew.
    periods : tuple of Period
        In order of time; outside them the rule reaches nobody.
    """

    key: str
    regime: str
    name: Label
    text: str
    source: str
    also: tuple[str, ...]
    read: str
    periods: tuple[Period, ...]

    def on(self, day: int) -> Period | None:
        """The wording in force on a day."""
        return next((period for period in self.periods if period.start <= day <= period.end), None)


@dataclass(frozen=True, slots=True)
class Program:
    """One list of one authority: what it forbids, whom it binds, and whether it reaches owned companies.

    ``csl`` and ``opensanctions`` are the names under which those collections have it. ``read`` is the day on which the
    list's own text was read, empty where it was not; ``None`` where a dataset's listings tell of it.
    """

    key: str
    authority: str
    list: str
    regime: str
    effect: Effect
    binding: str
    ownership: str
    forbids: Label
    binds: Label
    csl: tuple[str, ...] = ()
    opensanctions: tuple[str, ...] = ()
    read: str | None = None


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Owners that act jointly, as a source says: under a rule that takes each owner by itself they count as one.

    Attributes
    ----------
    owners : frozenset of str
    start, end : int
        Days.
    source : str
    """

    owners: frozenset[str]
    start: int
    end: int
    source: str


@dataclass(frozen=True)
class Regimes:
    """Every effect, program and ownership rule that a dataset's listings are read by."""

    effects: Mapping[str, Effect]
    programs: Mapping[tuple[str, str], Program]
    rules: Mapping[str, OwnershipRule]
    jointly: tuple[Arrangement, ...] = ()
    _derived: dict[tuple[str, str, str], Program] = field(default_factory=dict, repr=False, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Keys of the regimes that have a program, sorted."""
        return tuple(sorted({program.regime for program in self.programs.values()}))

    def program(self, authority: str, name: str, effect: str = "") -> Program:
        """The program of a list.

        A list that is in no table is a regime of its own with its authority's id: its kind of measure is read from the
        beginning of the listing's ``effect``, and owning or being owned changes nothing.
        """
        found = self.programs.get((authority, name))
        if found is not None:
            return found
        key = (authority, name, effect)
        if key not in self._derived:
            kind = effect.partition(":")[0].strip().casefold()
            measure = next((each for each in self.effects.values() if each.name.en == kind), self.effects[UNKNOWN])
            said = Label(*(effect,) * len(LANGUAGES)) if effect else _NOT_STATED
            self._derived[key] = Program(
                slug(authority, name), authority, name, authority, measure, UNKNOWN, "", said, _NOT_STATED
            )
        return self._derived[key]

    def rule_of(self, program: Program) -> OwnershipRule | None:
        """The ownership rule of a program, if owning changes anything under it."""
        return self.rules.get(program.ownership)


def slug(*words: str) -> str:
    """Words as one id.

    Examples
    --------
    >>> slug("us-bis", "Entity List")
    'us-bis-entity-list'
    """
    return re.sub(r"[^a-z0-9]+", "-", " ".join(words).casefold()).strip("-")


@cache
def shipped_regimes() -> Regimes:
    """The table that comes with the package.

    Examples
    --------
    >>> shipped_regimes().program("us-ofac", "NS-CMIC").effect.name.en
    'investment ban'
    """
    content = resources.files("stakeholders").joinpath("regimes.toml").read_bytes()
    return _parse(content, Regimes({}, {}, {}))


def regimes_of(dataset: Dataset) -> Regimes:
    """The shipped table with a dataset's own ``regimes.toml`` laid over it.

    Raises
    ------
    AccessMapError
        If the dataset's file cannot be read or says something that no regime has.
    """
    own = dataset.extras.get("regimes.toml")
    return _overlaid(own) if own else shipped_regimes()


@lru_cache(maxsize=8)
def _overlaid(content: bytes) -> Regimes:
    return _parse(content, shipped_regimes())


def regime_problems(content: bytes) -> list[Problem]:
    r"""Everything that is wrong with a dataset's ``regimes.toml``.

    Examples
    --------
    >>> print(*regime_problems(b'[[program]]\nauthority = "a"\nlist = "L"\nefect = "none"'))
    regimes.toml:4: 'efect' is no key of program 'L'. Did you mean 'effect'? Known: ...
    """
    problems: list[Problem] = []
    _parse(content, shipped_regimes(), problems)
    return problems


def _parse(content: bytes, base: Regimes, problems: list[Problem] | None = None) -> Regimes:
    """Regimes as a file says them; its faults are gathered, or the first is raised."""
    settings = Settings("regimes.toml", content, problems)
    table = settings.table
    for key in table:
        with settings.at(key):
            _known({key: None}, _TABLES, "table of regimes.toml")
    effects = dict(base.effects)
    with settings.at("effects"):
        for code, entry in _table(table.get("effects", {}), "effects").items():
            where = f"effects.{code}"
            with settings.at("effects", code):
                name = _label(_table(entry, where).get("name"), f"{where}: name")
                effects[code] = Effect(code, name, _label(entry.get("said", entry["name"]), f"{where}: said"))
    rules = dict(base.rules)
    for place, entry in _entries(settings, "rule", _RULE_KEYS):
        with settings.at("rule", place):
            rule = _rule(entry)
            rules[rule.key] = rule
    programs = dict(base.programs)
    for place, entry in _entries(settings, "program", _PROGRAM_KEYS):
        with settings.at("program", place):
            program = _program(entry, effects, rules)
            programs[program.authority, program.list] = program
    jointly = list(base.jointly)
    for place, entry in _entries(settings, "jointly", _JOINT_KEYS):
        with settings.at("jointly", place):
            jointly.append(_arrangement(entry))
    return Regimes(effects, programs, rules, tuple(jointly))


def _arrangement(entry: Mapping[str, Any]) -> Arrangement:
    where = "jointly"
    owners = entry.get("owners")
    if not isinstance(owners, list) or len(set(map(str, owners))) < 2:
        raise AccessMapError(f"regimes.toml: {where}: owners: write a list of two ids or more")
    start, end = _span(entry, where)
    return Arrangement(frozenset(map(str, owners)), start, end, _text(entry, "source", where))


def _span(entry: Mapping[str, Any], where: str) -> tuple[int, int]:
    try:
        start = first_day(entry["from"]) if "from" in entry else ALWAYS
        end = last_day(entry["until"]) if "until" in entry else FOREVER
    except (TypeError, ValueError) as error:
        raise AccessMapError(f"regimes.toml: {where}: {error}") from None
    return start, end


def _rule(entry: Mapping[str, Any]) -> OwnershipRule:
    where = f"rule {entry.get('key', '')!r}"
    return OwnershipRule(
        key=_text(entry, "key", where),
        regime=_text(entry, "regime", where),
        name=_label(entry.get("name"), f"{where}: name"),
        text=_text(entry, "text", where),
        source=_text(entry, "source", where),
        also=tuple(map(str, entry.get("also", ()))),
        read=str(entry.get("read", "")),
        periods=_periods(entry.get("periods"), where),
    )


def _periods(entries: object, where: str) -> tuple[Period, ...]:
    if not isinstance(entries, list) or not entries:
        raise AccessMapError(f"regimes.toml: {where}: periods: write at least one")
    periods = []
    for entry in entries:
        _known(
            entry,
            ("from", "until", "threshold", "strict", "together", "affiliates", "established", "reason"),
            f"key of a period of {where}",
        )
        threshold = entry.get("threshold")
        if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0 <= threshold <= 100:
            raise AccessMapError(f"regimes.toml: {where}: threshold: write a percentage")
        start, end = _span(entry, where)
        flags = {name: entry[name] for name in ("strict", "together", "affiliates", "established") if name in entry}
        if not all(isinstance(flag, bool) for flag in flags.values()):
            raise AccessMapError(f"regimes.toml: {where}: {', '.join(flags)}: write true or false")
        reason = _label(entry["reason"], f"{where}: reason") if "reason" in entry else _NO_REASON
        periods.append(Period(start, end, float(threshold), **flags, reason=reason))
    periods.sort(key=lambda period: period.start)
    if any(one.end >= two.start for one, two in pairwise(periods)):
        raise AccessMapError(f"regimes.toml: {where}: two periods share a day")
    return tuple(periods)


def _program(entry: Mapping[str, Any], effects: Mapping[str, Effect], rules: Iterable[str]) -> Program:
    where = f"program {entry.get('key', entry.get('list', ''))!r}"
    authority, name = _text(entry, "authority", where), _text(entry, "list", where)
    effect, binding, ownership = entry.get("effect", UNKNOWN), entry.get("binding", UNKNOWN), entry.get("ownership", "")
    for what, word, choices in (
        ("effect", effect, tuple(effects)),
        ("binding", binding, BINDING),
        ("ownership rule", ownership, ("", *rules)),
    ):
        if word not in choices:
            raise UnknownTerm(f"{what} of regimes.toml ({where})", str(word), choices)
    return Program(
        key=str(entry.get("key") or slug(authority, name)),
        authority=authority,
        list=name,
        regime=str(entry.get("regime") or authority),
        effect=effects[effect],
        binding=binding,
        ownership=ownership,
        forbids=_label(entry["forbids"], f"{where}: forbids") if "forbids" in entry else _NOT_STATED,
        binds=_label(entry["binds"], f"{where}: binds") if "binds" in entry else _NOT_STATED,
        csl=tuple(map(str, entry.get("csl", ()))),
        opensanctions=tuple(map(str, entry.get("opensanctions", ()))),
        read=str(entry["read"]) if "read" in entry else None,
    )


def _entries(settings: Settings, name: str, keys: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The entries of a list of tables, by their place, without the keys that are refused."""
    entries: Any = settings.table.get(name, [])
    sound = isinstance(entries, list) and all(isinstance(entry, Mapping) for entry in entries)
    tables = entries if sound else ()
    with settings.at(name):
        if not sound:
            raise AccessMapError(f"regimes.toml: {name}: write [[{name}]] before each")
    for place, entry in enumerate(tables, 1):
        where = f"{name} {entry.get('key', entry.get('list', ''))!r}" if name != "jointly" else name
        for key in entry:
            with settings.at(name, place, key):
                _known({key: None}, keys, f"key of {where}")
        yield place, {key: value for key, value in entry.items() if key in keys}


def _table(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise AccessMapError(f"regimes.toml: {where}: write a table")
    return value


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise AccessMapError(f"regimes.toml: {where}: {key}: write a text")
    return value


def _label(value: object, where: str) -> Label:
    """A text in each language; a plain text, or a missing language, is read as English for all."""
    if isinstance(value, str):
        return Label(value, value, value)
    if not isinstance(value, Mapping) or not isinstance(value.get("en"), str):
        raise AccessMapError(f'regimes.toml: {where}: write a text, or {{ en = "…" }} with other languages')
    return Label(*(str(value.get(lang, value["en"])) for lang in LANGUAGES))


def _known(entry: object, keys: tuple[str, ...], what: str) -> None:
    if not isinstance(entry, Mapping):
        raise AccessMapError(f"regimes.toml: {what}: write a table")
    for key in entry:
        if key not in keys:
            raise UnknownTerm(what, key, keys)

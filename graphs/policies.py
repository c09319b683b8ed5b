"""Policies: rules that must hold, as TOML says them, checked word by word before anything is asked.

A rule says who (selectors, see `stakeholders.selectors`) ``must``, ``must_not`` or ``may`` do what to which data, at
which level and certainty, on which days, and who is excepted until when, for which reason, on whose responsibility::

    [[rule]]
    id = "no-foreign-biometrics"
    title = "No body outside the country reaches biometric data at granted or better"
    who = ["country!=KZ"]
    must_not = "reach"
    what = ["biometric"]
    level = "granted"

    [[rule.except]]
    who = ["ae-presight"]
    until = "2027-06-30"
    reason = "Handover of the cameras under the contract of 2025"
    owner = "Security desk"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from stakeholders.dates import first_day, last_day
from stakeholders.errors import AccessMapError, Problem, UnknownTerm
from stakeholders.settings import Settings
from stakeholders.vocabulary import CERTAINTIES, LEVELS, PREDICATES, STANCES, Label

SEVERITIES: Final = ("error", "warning", "note")

# What can be asked of reach and of relations; each verb with the keys that it needs and those that it may have.
DEMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "must": ("reach", "pass through", "have a legal basis", "have an end date", "be overseen", "rest on sources"),
    "must_not": ("reach", "outlive its end", "depend on a sole listed supplier"),
    "may": ("reach",),
}
# What a demand cannot be judged without; a rule that lacks it would hold whatever the data say, or never.
_NEEDS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("must", "pass through"): ("through",),
    ("must", "be overseen"): ("by",),
    ("must", "reach"): ("who", "what"),
    ("may", "reach"): ("who",),
    ("must_not", "outlive its end"): ("predicates",),
}
_KEYS: Final = (
    "id", "title", "title_ru", "title_kk", "why", "why_ru", "why_kk", "who", "must", "must_not", "may", "what", "level",
    "certainty", "stance", "fresh", "from", "until", "abroad", "through", "by", "sources", "predicates", "regime",
    "severity", "except",
)  # fmt: skip
_EXCEPTION_KEYS: Final = ("who", "what", "relation", "until", "reason", "owner")
_NOT_SAID: Final = Label("", "", "")
_FILE_KEYS: Final = ("title", "title_ru", "title_kk", "rule")
_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Exemption:
    """Who is excepted from a rule: until when, why, and who answers for it."""

    reason: str
    owner: str
    who: tuple[str, ...] = ()
    what: tuple[str, ...] = ()
    relation: str = ""
    until: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule; ``demand`` is ``must``, ``must_not`` or ``may``, ``verb`` one of its words in `DEMANDS`."""

    id: str
    title: Label
    demand: str
    verb: str
    who: tuple[str, ...] = ()
    what: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    since: str = ""
    until: str = ""
    abroad: bool = False
    through: str = ""
    by: tuple[str, ...] = ()
    sources: int = 2
    predicates: tuple[str, ...] = ()
    regime: str = ""
    severity: str = "error"
    why: Label = _NOT_SAID
    exemptions: tuple[Exemption, ...] = ()

    def holds_on(self, day: int) -> bool:
        """Whether the rule is in force on a day."""
        return (not self.since or first_day(self.since) <= day) and (not self.until or day <= last_day(self.until))


@dataclass(frozen=True)
class Policies:
    """The rules of one file or pack, which ``name`` names."""

    name: str
    title: Label
    rules: tuple[Rule, ...]


def parse_policies(text: str | bytes, name: str = "checks.toml") -> Policies:
    """Policies as a TOML file says them.

    Parameters
    ----------
    text : str or bytes
        The file's content; bytes must be UTF-8.
    name : str
        Name of the file, for messages.

    Raises
    ------
    UnknownTerm
        If a key or word is unknown; the error says where it stands and what comes near.
    AccessMapError
        If the file is no TOML, or a rule lacks something.

    Examples
    --------
    >>> rules = 'rule = [{id = "x", must_not = "reach", what = ["face"]}]'
    >>> parse_policies(rules).rules[0].what
    ('face',)
    >>> parse_policies('rule = [{id = "x", must_nt = "reach"}]')
    Traceback (most recent call last):
    stakeholders.errors.UnknownTerm: 'must_nt' is no key of rule 'x' in checks.toml. Did you mean 'must_not'?...
    """
    try:
        table = tomllib.loads(text if isinstance(text, str) else text.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise AccessMapError(f"{name} is no TOML: {error}") from None
    except UnicodeDecodeError:
        raise AccessMapError(f"{name} is not UTF-8; save it as UTF-8") from None
    _known(table, _FILE_KEYS, name)
    entries = table.get("rule", [])
    _rules(entries, name)
    rules = [_rule(entry, place, name) for place, entry in enumerate(entries, 1)]
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise AccessMapError(f"{name}: two rules have the id {rule.id!r}")
        seen.add(rule.id)
    return Policies(name, _label(table, "title", name, name), tuple(rules))


def policy_problems(content: bytes, name: str = "checks.toml") -> list[Problem]:
    r"""Everything that is wrong with the words of a file of policies.

    Examples
    --------
    >>> print(*policy_problems(b'[[rule]]\nid = "x"\nmust_not = "reach"\nlevel = "custdy"'))
    checks.toml:4: 'custdy' is no 'level' of rule 'x' in checks.toml. Did you mean 'custody'? Known: ...
    """
    problems: list[Problem] = []
    settings = Settings(name, content, problems)
    if problems and not settings.table:
        return problems
    for key in settings.table:
        with settings.at(key):
            _known({key: None}, _FILE_KEYS, name)
    entries = settings.table.get("rule", [])
    with settings.at("rule"):
        _rules(entries, name)
    ids: dict[str, int] = {}
    for place, entry in enumerate(entries if isinstance(entries, list) else (), 1):
        with settings.at("rule", place):
            if ids.setdefault(rule_id := _id(entry, f"rule {place} in {name}"), place) != place:
                raise AccessMapError(f"{name}: two rules have the id {rule_id!r}")
        known = _one_by_one(settings, entry, place)
        with settings.at("rule", place):
            _rule(known, place, name)
    return list(dict.fromkeys(problems))


def _one_by_one(settings: Settings, entry: Any, place: int) -> Any:
    """A rule without what is refused in it, each key judged by itself, so that one fault hides no other."""
    sound = {}
    for key, said in entry.items() if isinstance(entry, Mapping) else ():
        if key == "id" or key in DEMANDS:
            sound[key] = said
            continue
        alone = {"id": entry.get("id"), "must_not": "reach"}
        if key == "except" and isinstance(said, list):
            for number, one in enumerate(said, 1):
                with settings.at("rule", place, key, number):
                    _exemption(one, number, f"rule {entry.get('id')!r} in {settings.file}")
            continue
        with settings.at("rule", place, key):
            _rule({**alone, key: said}, place, settings.file)
            sound[key] = said
    return sound if isinstance(entry, Mapping) else entry


def packs() -> list[str]:
    """Names of the packs that are shipped.

    Examples
    --------
    >>> packs()
    ['default', 'gdpr']
    """
    return sorted(path.name.removesuffix(".toml") for path in resources.files("graphs").joinpath("packs").iterdir()
                  if path.name.endswith(".toml"))  # fmt: skip


def pack_text(name: str) -> str:
    """The TOML of a pack.

    Raises
    ------
    UnknownTerm
        If no pack has the name.
    """
    if name not in packs():
        raise UnknownTerm("pack", name, packs())
    return resources.files("graphs").joinpath("packs", f"{name}.toml").read_text(encoding="utf-8")


@cache
def pack(name: str) -> Policies:
    """The rules of a pack; ``default`` is what any dataset is checked against unless other rules are given.

    Examples
    --------
    >>> [rule.id for rule in pack("default").rules][:2]
    ['foreign-biometrics', 'grant-without-legal-basis']
    """
    return parse_policies(pack_text(name), name)


# -------------------------------------------------------------------------------------------------------- reading TOML


def chosen_policies(own: bytes | None, file: Path | None = None, names: Sequence[str] = ()) -> list[Policies]:
    """The policies that are asked for: a file of them and packs by name; a dataset's own only where neither is named.

    The pack ``gdpr`` is left out: it has no rules, see `graphs.checks.check`.

    Examples
    --------
    >>> [source.name for source in chosen_policies(b"", names=["default", "gdpr"])]
    ['default']
    >>> chosen_policies(None)
    []
    """
    if own and not (file or names):
        return [parse_policies(own, "checks.toml")]
    given = [parse_policies(file.read_bytes(), str(file))] if file else []
    return given + [pack(name) for name in dict.fromkeys(names) if name != "gdpr"]


def _rules(entries: Any, name: str) -> None:
    if not isinstance(entries, list) or not entries:
        raise AccessMapError(f"{name}: it has no rule; start one with a line [[rule]]")


def _id(entry: Any, where: str) -> str:
    if not isinstance(entry, Mapping):
        raise AccessMapError(f"{where}: write a table; start it with a line [[rule]]")
    name = _text(entry, "id", where)
    if not _ID.fullmatch(name):
        raise AccessMapError(
            f"{where}: id: write small Latin letters, digits and hyphens, such as 'no-foreign-biometrics'"
        )
    return name


def _rule(entry: Any, place: int, file: str) -> Rule:
    name = _id(entry, f"rule {place} in {file}")
    where = f"rule {name!r} in {file}"
    _known(entry, _KEYS, where)
    demands = [key for key in DEMANDS if key in entry]
    if len(demands) != 1:
        raise AccessMapError(f"{where}: say one thing that must hold: must, must_not or may")
    demand = demands[0]
    verb = _word(entry, demand, DEMANDS[demand], where)
    for key in _NEEDS.get((demand, verb), ()):
        if not entry.get(key):
            raise AccessMapError(f"{where}: {key}: is missing; '{demand} {verb}' needs it")
    options = {}
    for key, words in (("level", LEVELS), ("certainty", CERTAINTIES), ("stance", STANCES)):
        if key in entry:
            options[key] = _word(entry, key, words, where)
    if "fresh" in entry:
        options["fresh"] = _text(entry, "fresh", where)
    sources = entry.get("sources", 2)
    if isinstance(sources, bool) or not isinstance(sources, int) or sources < 1:
        raise AccessMapError(f"{where}: sources: write how many, such as 2")
    predicates = _texts(entry, "predicates", where)
    for word in predicates:
        if word not in PREDICATES:
            raise UnknownTerm(f"predicate of {where}", word, tuple(PREDICATES))
    exceptions = entry.get("except", [])
    if not isinstance(exceptions, list):
        raise AccessMapError(f"{where}: except: start each one with a line [[rule.except]]")
    return Rule(
        id=name,
        title=_label(entry, "title", where, name),
        demand=demand,
        verb=verb,
        who=_texts(entry, "who", where),
        what=_texts(entry, "what", where),
        options=options,
        since=_date(entry, "from", where),
        until=_date(entry, "until", where),
        abroad=_flag(entry, "abroad", where),
        through=_text(entry, "through", where) if "through" in entry else "",
        by=_texts(entry, "by", where),
        sources=sources,
        predicates=predicates,
        regime=_text(entry, "regime", where) if "regime" in entry else "",
        severity=_word(entry, "severity", SEVERITIES, where) if "severity" in entry else "error",
        why=_label(entry, "why", where, "") if "why" in entry else _NOT_SAID,
        exemptions=tuple(_exemption(each, number, where) for number, each in enumerate(exceptions, 1)),
    )


def _exemption(entry: Any, place: int, where: str) -> Exemption:
    where = f"exception {place} of {where}"
    if not isinstance(entry, Mapping):
        raise AccessMapError(f"{where}: write a table; start it with a line [[rule.except]]")
    _known(entry, _EXCEPTION_KEYS, where)
    if not {"who", "what", "relation"} & set(entry):
        raise AccessMapError(f"{where}: say whom or what it excepts: who, what or relation")
    return Exemption(
        reason=_text(entry, "reason", where),
        owner=_text(entry, "owner", where),
        who=_texts(entry, "who", where),
        what=_texts(entry, "what", where),
        relation=_text(entry, "relation", where) if "relation" in entry else "",
        until=_date(entry, "until", where),
    )


def _known(entry: Mapping[str, Any], keys: Collection[str], where: str) -> None:
    for key in entry:
        if key not in keys:
            raise UnknownTerm(f"key of {where}", key, tuple(keys))


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise AccessMapError(f"{where}: {key}: {'is missing' if value is None else 'write a text in quotes'}")
    return value.strip()


def _texts(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) and one.strip() for one in values):
        raise AccessMapError(f'{where}: {key}: write a list of texts, such as ["kind=police", "kz-mia"]')
    return tuple(one.strip() for one in values)


def _word(entry: Mapping[str, Any], key: str, words: tuple[str, ...], where: str) -> str:
    word = _text(entry, key, where)
    if word not in words:
        raise UnknownTerm(f"'{key}' of {where}", word, words)
    return word


def _flag(entry: Mapping[str, Any], key: str, where: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise AccessMapError(f"{where}: {key}: write true or false")
    return value


def _date(entry: Mapping[str, Any], key: str, where: str) -> str:
    if key not in entry:
        return ""
    value = entry[key]
    text = value if isinstance(value, str) else str(value)  # TOML has dates of its own
    try:
        first_day(text)
    except ValueError as error:
        raise AccessMapError(f"{where}: {key}: {error}") from None
    return text


def _label(entry: Mapping[str, Any], key: str, where: str, default: str) -> Label:
    said = _text(entry, key, where) if key in entry else default
    return Label(
        said, *(_text(entry, f"{key}_{lang}", where) if f"{key}_{lang}" in entry else said for lang in ("ru", "kk"))
    )

"""What it costs to end a relation, and what cannot be ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from graphs.access import AccessGraph
from stakeholders.errors import AccessMapError, UnknownId, UnknownTerm, nearest
from stakeholders.vocabulary import KINDS

NEVER = None  # the cost of what cannot be ended
Cost = Fraction | None

TABLES = ("predicate", "kind", "relation", "entity")
DEFAULTS: Mapping[str, Cost] = MappingProxyType(
    {name: Fraction(cost) for name, cost in
     {"has_access": 1, "feeds": 2, "maintains": 3, "integrates": 3, "supplies": 5}.items()}
)  # fmt: skip
_BY_A_COMPANY = Fraction(8)  # for a company's ``operates``; a state body's cannot be ended
_ENTITY = Fraction(1)


@dataclass(frozen=True)
class Costs:
    """Costs by relation, kind of the subject, predicate, in that order of precedence; and of entities.

    Attributes
    ----------
    predicate, kind, relation, entity : mappings of str to Fraction or None
        ``None``: cannot be ended. Predicates that are not named here have their defaults.
    company_kinds : frozenset of str
        Kinds of body whose ``operates`` can be ended by default.
    """

    predicate: Mapping[str, Cost] = field(default_factory=dict)
    kind: Mapping[str, Cost] = field(default_factory=dict)
    relation: Mapping[str, Cost] = field(default_factory=dict)
    entity: Mapping[str, Cost] = field(default_factory=dict)
    company_kinds: frozenset[str] = frozenset()

    def of_relation(self, relation: str, predicate: str, subject_kind: str) -> Cost:
        """What it costs to end a relation.

        Examples
        --------
        >>> Costs(kind={"police": None}).of_relation("r1", "has_access", "police") is NEVER
        True
        """
        if relation in self.relation:
            return self.relation[relation]
        if subject_kind in self.kind:
            return self.kind[subject_kind]
        if predicate in self.predicate:
            return self.predicate[predicate]
        if predicate == "operates":
            return _BY_A_COMPANY if subject_kind in self.company_kinds else NEVER
        return DEFAULTS.get(predicate, NEVER)

    def of_entity(self, entity: str) -> Cost:
        """What it costs to take an entity away."""
        return self.entity.get(entity, _ENTITY)


def costs_of(graph: AccessGraph, table: Mapping[str, Any] | None = None) -> Costs:
    """The default costs with others laid over them.

    Parameters
    ----------
    graph : AccessGraph
        Knows the ids and the kinds of company.
    table : mapping, optional
        A parsed file of costs: tables ``predicate``, ``kind`` (of a relation's subject), ``relation`` and ``entity``,
        of numbers from 0.001 up, or ``"never"``.

    Raises
    ------
    UnknownTerm, UnknownId, AccessMapError
        If a table, word, id or number is none.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> costs = costs_of(build(read("cabar-2020")), {"predicate": {"holds": 20, "feeds": "never"}})
    >>> costs.of_relation("any", "holds", "police"), costs.of_relation("any", "feeds", "")
    (Fraction(20, 1), None)
    """
    read: dict[str, dict[str, Cost]] = {}
    for name, entries in (table or {}).items():
        if name not in TABLES:
            raise UnknownTerm("table of costs", name, TABLES)
        if not isinstance(entries, Mapping):
            raise AccessMapError(f"costs: {name}: write a table, such as [{name}]")
        known = _known(graph, name)
        for key, value in entries.items():
            if key not in known:
                raise _unknown(name, key, known)
            read.setdefault(name, {})[key] = _cost(f"costs: {name}.{key}", value)
    return Costs(**read, company_kinds=frozenset(graph.rules.company_kinds))


def _known(graph: AccessGraph, table: str) -> Collection[str]:
    dataset = graph.dataset
    if table == "predicate":
        return graph.rules.predicates
    if table == "kind":
        return sorted({*KINDS, *dataset.entities.codes("kind")[1]} - {""})
    return dataset.relations.index if table == "relation" else dataset.entities.index


def _unknown(table: str, key: str, known: Collection[str]) -> AccessMapError:
    if table in ("predicate", "kind"):
        return UnknownTerm(f"{table} of costs", key, tuple(known))
    near = nearest(key, list(known))
    hint = f" Did you mean {', '.join(map(repr, near))}?" if near else ""
    return UnknownId(f"costs: no {table} has the id {key!r}.{hint}", near)


def _cost(where: str, value: object) -> Cost:
    if value == "never":
        return NEVER
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.001 <= value < float("inf"):
        raise AccessMapError(f'{where}: {value!r} is no cost; write a number from 0.001 up, or "never"')
    return Fraction(str(value)).limit_denominator(1000)

"""What a dataset must satisfy: one function a rule, each yielding the problems that it finds.

A column is looked at by its distinct cells, so that a table of millions of rows costs as little as its vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stakeholders import cells, references
from stakeholders.columns import ArrowColumn
from stakeholders.cycles import cycles
from stakeholders.dataset import Dataset, Table, split
from stakeholders.dates import first_day, iso, last_day
from stakeholders.errors import Problem, nearest
from stakeholders.intervals import ASSUMED, entity_intervals, relation_intervals
from stakeholders.schema import HEADERS, REQUIRED_COLUMNS, REQUIRED_TABLES, TABLES, file_name
from stakeholders.vocabulary import KINDS, MODES_OF, PREDICATES, SEEN, SOURCE_KINDS, STATUSES, TYPES

if TYPE_CHECKING:
    from stakeholders.columns import Codes

# Problems of one column that differ in nothing but their line are listed up to here, then counted.
LISTED: Final = 100_000

_DATE: Final = cells.partial_date

_CHECKS: Final[Mapping[str, Mapping[str, cells.Check]]] = {
    "entities": {
        "id": cells.slug,
        "type": cells.one_of(TYPES),
        "kind": cells.optional(cells.one_of(KINDS)),
        "name": cells.required,
        "country": cells.country,
        "collective": cells.flag,
        "valid_from": _DATE,
        "valid_until": _DATE,
    },
    "relations": {
        "id": cells.slug,
        "predicate": cells.one_of(PREDICATES),
        "status": cells.one_of(STATUSES),
        "valid_from": _DATE,
        "valid_until": _DATE,
        "percent": cells.percent,
        "claim": cells.required,
    },
    "listings": {
        "id": cells.slug,
        "list": cells.required,
        "listed_from": _DATE,
        "listed_until": _DATE,
        "claim": cells.required,
    },
    "sources": {
        "id": cells.slug,
        "title": cells.required,
        "date": _DATE,
        "url": cells.url,
        "language": cells.language,
        "kind": cells.optional(cells.one_of(SOURCE_KINDS)),
        "seen": cells.optional(cells.one_of(SEEN)),
    },
    "categories": {
        "code": cells.code,
        "name": cells.required,
        "special": cells.optional(cells.one_of(("article 9", "article 10"))),
    },
    "statistics": {
        "country": cells.country,
        "measure": cells.required,
        "value": cells.number,
        "unit": cells.required,
        "year": cells.year,
        "claim": cells.required,
    },
}

# Columns that hold ids of entities.
_ENTITIES: Final = {"relations": ("subject", "object"), "listings": ("entity", "authority")}

# Columns that hold lists of categories.
_CATEGORIES: Final = {"entities": ("categories",), "relations": ("categories",), "categories": ("broader",)}

_PERIODS: Final = {
    "entities": ("valid_from", "valid_until"),
    "relations": ("valid_from", "valid_until"),
    "listings": ("listed_from", "listed_until"),
}


@dataclass(frozen=True)
class _Scope:
    """A dataset under examination, rows whose cells may have shifted, and how closely large tables are looked at."""

    dataset: Dataset
    damaged: Mapping[str, Collection[int]]
    thorough: bool

    def has(self, table: str, column: str) -> bool:
        return table in self.dataset.tables and column in self.dataset.tables[table].columns

    def problems(
        self, table: Table, column: str, codes: Codes, messages: Mapping[int, str], *, warning: bool = False
    ) -> Iterator[Problem]:
        """A problem for each row whose code has a message."""
        if not messages:
            return
        bad = np.isin(codes, np.fromiter(messages, np.int64, len(messages)))
        if damaged := self.damaged.get(table.name):
            bad[list(damaged)] = False
        rows = np.flatnonzero(bad)
        file = table.file
        for row in rows[:LISTED].tolist():
            yield Problem(file, table.lines[row], column, messages[int(codes[row])], warning)
        if len(rows) > LISTED:
            yield Problem(file, 0, column, f"{len(rows) - LISTED:,} more rows have problems of this kind", warning)

    def by_cell(
        self, table: Table, column: str, check: Callable[[str], str], *, warning: bool = False
    ) -> Iterator[Problem]:
        """A problem for each row whose cell does not pass a check."""
        if _is_large(table, column):
            if self.thorough:
                yield from self._by_text(table, column, check, warning)
            return
        codes, distinct = table.codes(column)
        messages = {place: message for place, cell in enumerate(distinct) if (message := check(cell))}
        yield from self.problems(table, column, codes, messages, warning=warning)

    def _by_text(self, table: Table, column: str, check: Callable[[str], str], warning: bool) -> Iterator[Problem]:
        """The same for a large column, a batch at a time."""
        found = 0
        for row, cell in enumerate(table.columns[column]):
            if message := check(cell):
                found += 1
                if found <= LISTED:
                    yield Problem(table.file, table.lines[row], column, message, warning)
        if found > LISTED:
            yield Problem(table.file, 0, column, f"{found - LISTED:,} more rows have problems of this kind", warning)

    def by_cells(
        self, table: Table, columns: tuple[str, str], place: str, check: Callable[..., str]
    ) -> Iterator[Problem]:
        """A problem for each row whose cells in several columns do not go together, reported at one of them."""
        coded = [table.codes(column) for column in columns]
        joint = np.zeros(len(table), np.int64)
        for codes, distinct in coded:
            joint = joint * max(len(distinct), 1) + codes
        keys, first, inverse = np.unique(joint, return_index=True, return_inverse=True)
        messages = {
            number: message
            for number, row in zip(range(len(keys)), first.tolist(), strict=True)
            if (message := check(*(distinct[codes[row]] for codes, distinct in coded)))
        }
        yield from self.problems(table, place, inverse.astype(np.int32), messages)


def validate(
    dataset: Dataset, damaged: Mapping[str, Collection[int]] | None = None, *, thorough: bool = False
) -> list[Problem]:
    """Everything that is wrong with a dataset, in the order of its files, lines and columns.

    Parameters
    ----------
    dataset : Dataset
        What to look at.
    damaged : mapping of str to collection of int, optional
        Rows of tables whose cells may have shifted (found while reading); their cells are not judged again.
    thorough : bool
        Whether to look into every text of a large Parquet table too (ids, names, claims), which takes seconds for
        millions of rows. Such tables come from programs; what refers to what is checked either way.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> [problem for problem in validate(read("cabar-2020")) if not problem.warning]
    []
    """
    scope = _Scope(dataset, damaged or {}, thorough)
    found = [problem for rule in RULES for problem in rule(scope)]
    return in_order(dataset, found)


def in_order(dataset: Dataset, problems: Iterable[Problem]) -> list[Problem]:
    """Problems in the order of the files, their lines and columns, each once."""
    files = {name: place for place, name in enumerate(TABLES)}
    columns = {
        (table.file, column): place for table in dataset.tables.values() for place, column in enumerate(table.header)
    }
    return sorted(
        dict.fromkeys(problems),
        key=lambda problem: (
            files.get(problem.file.rpartition(".")[0], len(files)),
            problem.file,
            problem.line,
            columns.get((problem.file, problem.column), -1),
            problem.message,
        ),
    )


def _tables(scope: _Scope) -> Iterator[Problem]:
    """The tables that no dataset can do without."""
    for name in REQUIRED_TABLES:
        if name not in scope.dataset.tables:
            yield Problem(file_name(name), 0, "", "is missing; it should start with " + ",".join(HEADERS[name]))


def _columns(scope: _Scope) -> Iterator[Problem]:
    """The columns that a table cannot do without, and names that miss a standard column by a letter or two."""
    for name, table in scope.dataset.tables.items():
        if not table.header:
            continue
        absent = [column for column in HEADERS[name] if column not in table.columns]
        spare = [column for column in table.header if column not in HEADERS[name] and not column.startswith("name_")]
        for column in absent:
            plain = {other.strip().casefold().replace(" ", "_"): other for other in spare}
            near = nearest(column, tuple(plain), 1)
            needed = column in REQUIRED_COLUMNS[name]
            if needed:
                hint = f" (is {plain[near[0]]!r} meant?)" if near else ""
                yield Problem(table.file, 1, column, f"this column is missing{hint}")
            elif near and _alike(near[0], column):
                yield Problem(table.file, 1, plain[near[0]], f"is no known column (did you mean {column!r}?)")


def _alike(word: str, other: str) -> bool:
    """Whether two names differ by a letter or two at most."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, word, other).ratio() >= 0.85


def _single_cells(scope: _Scope) -> Iterator[Problem]:
    """Cells that are wrong whatever stands beside them."""
    for name, checks in _CHECKS.items():
        for column, check in checks.items():
            if scope.has(name, column):
                yield from scope.by_cell(scope.dataset.tables[name], column, check)


def _declared(scope: _Scope) -> Iterator[Problem]:
    """What the dataset's own ``datapackage.json`` requires beyond the standard: cells, words, patterns."""
    for name, table in scope.dataset.tables.items():
        known = {*_CHECKS[name], *_ENTITIES.get(name, ()), "sources"}
        for column, constraints in _constraints(scope.dataset, name).items():
            if column in table.columns and column not in known:
                yield from scope.by_cell(table, column, _constraint(column in HEADERS[name], constraints))


def _constraints(dataset: Dataset, table: str) -> dict[str, Mapping[str, Any]]:
    resources = dataset.package.get("resources")
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, dict) and resource.get("name") == table and isinstance(resource.get("schema"), dict):
            fields = resource["schema"].get("fields") or ()
            return {
                str(each["name"]): each["constraints"]
                for each in fields
                if isinstance(each, dict) and "name" in each and isinstance(each.get("constraints"), dict)
            }
    return {}


def _constraint(standard: bool, constraints: Mapping[str, Any]) -> cells.Check:
    words = constraints.get("enum")

    def check(cell: str) -> str:
        if not cell:
            return "is empty, which datapackage.json does not allow" if constraints.get("required") is True else ""
        if isinstance(words, list) and not standard and cell not in words:
            return f"{cells.shown(cell)} is none of the words in datapackage.json" + cells.did_you_mean(cell, words)
        return ""

    return check


def _spreadsheets(scope: _Scope) -> Iterator[Problem]:
    """What spreadsheets and editors did to the text of any cell, and what a spreadsheet would run."""
    for table in scope.dataset.tables.values():
        for column in table.header:
            yield from scope.by_cell(table, column, cells.damage)
            yield from scope.by_cell(table, column, cells.formula, warning=True)


def _ids(scope: _Scope) -> Iterator[Problem]:
    """Ids that two rows have."""
    for name, table in scope.dataset.tables.items():
        key = HEADERS[name][0]
        if name == "statistics" or not scope.has(name, key):
            continue
        if _is_large(table, key) and _all_distinct(table.columns[key]):
            continue
        codes, distinct = table.codes(key)
        counts = np.bincount(codes, minlength=len(distinct))
        first: dict[int, int] = {}
        for row in np.flatnonzero(counts[codes] > 1).tolist():
            code = int(codes[row])
            if code in first and distinct[code].strip():
                message = f"{cells.shown(distinct[code])} is also the {key} of line {table.lines[first[code]]}"
                yield Problem(table.file, table.lines[row], key, message)
            first.setdefault(code, row)


def _references(scope: _Scope) -> Iterator[Problem]:
    """Ids of entities, sources and categories that are defined nowhere."""
    entities = scope.dataset.entities
    for name, ends in _ENTITIES.items():
        for column in ends:
            if scope.has(name, column) and scope.has("entities", "id"):
                check = references.defined(entities.index, references.names(entities))
                yield from scope.by_cell(scope.dataset.tables[name], column, check)
    known = scope.dataset.sources.index if scope.has("sources", "id") else None
    for name, table in scope.dataset.tables.items():
        if "sources" in table.columns:
            what = "an entity" if name == "entities" else "a listing" if name == "listings" else "a claim"
            yield from scope.by_cell(table, "sources", references.sourced(known, what))
    for name, listed in _CATEGORIES.items():
        for column in listed:
            if scope.has(name, column):
                check = references.listed(scope.dataset.tree)
                yield from scope.by_cell(scope.dataset.tables[name], column, check)


def _periods(scope: _Scope) -> Iterator[Problem]:
    """Periods that end before they start."""

    def check(start: str, end: str) -> str:
        if not start or not end or cells.partial_date(start) or cells.partial_date(end):
            return ""
        late = first_day(start) > last_day(end)
        return f"{end!r} is earlier than {columns[0]} {start!r}" if late else ""

    for name, columns in _PERIODS.items():
        if scope.has(name, columns[0]) and scope.has(name, columns[1]):
            yield from scope.by_cells(scope.dataset.tables[name], columns, columns[1], check)


def _modes(scope: _Scope) -> Iterator[Problem]:
    """Modes that do not fit their predicate, and percentages of what is no stake."""
    if not scope.has("relations", "predicate"):
        return
    every = sorted({mode for modes in MODES_OF.values() for mode in modes})

    def mode(predicate: str, cell: str) -> str:
        fitting = MODES_OF.get(predicate, ())
        wrong = [value for value in split(cell) if value not in fitting] if predicate in PREDICATES else []
        return "; ".join(_unfit(predicate, value, fitting, every) for value in wrong)

    def percent(predicate: str, cell: str) -> str:
        misplaced = cell and predicate in PREDICATES and predicate != "owns"
        return f"{cells.shown(cell)}: only 'owns' has a percentage, {predicate!r} has none" if misplaced else ""

    relations = scope.dataset.relations
    for column, check in (("mode", mode), ("percent", percent)):
        if scope.has("relations", column):
            yield from scope.by_cells(relations, ("predicate", column), column, check)


def _unfit(predicate: str, mode: str, fitting: tuple[str, ...], every: list[str]) -> str:
    if mode in every:
        has = f"{predicate!r} has {', '.join(fitting)}" if fitting else f"{predicate!r} has no mode"
        return f"{mode!r} is no mode of {predicate!r}; {has}"
    return f"{cells.shown(mode)} is not in the vocabulary{cells.did_you_mean(mode, fitting or every)}"


def _ends(scope: _Scope) -> Iterator[Problem]:
    """Relations to themselves, and between things that their predicate does not join."""
    if not all(scope.has("relations", column) for column in ("subject", "predicate", "object")):
        return
    relations = scope.dataset.relations
    subject, target = (scope.dataset.entity_rows("relations", column) for column in ("subject", "object"))
    file = relations.file
    damaged = set(scope.damaged.get("relations", ()))
    for row in np.flatnonzero((subject == target) & (subject >= 0)).tolist():
        if row not in damaged:
            message = f"{cells.shown(relations.column('object')[row])} cannot be related to itself"
            yield Problem(file, relations.lines[row], "object", message)
    if not scope.has("entities", "type"):
        return
    types, names = scope.dataset.entities.codes("type")
    codes, predicates = relations.codes("predicate")
    lookup = np.append(types, len(names))
    width = len(names) + 1
    joint = (codes.astype(np.int64) * width + lookup[subject]) * width + lookup[target]
    for key in np.unique(joint).tolist():
        predicate, ends = predicates[key // (width * width)], ((key // width) % width, key % width)
        if predicate not in PREDICATES or any(end == len(names) or names[end] not in TYPES for end in ends):
            continue
        column, message = _unfit_ends(predicate, names[ends[0]], names[ends[1]])
        if not column:
            continue
        for row in np.flatnonzero(joint == key)[:LISTED].tolist():
            if row not in damaged:
                cell = relations.column(column)[row]
                yield Problem(file, relations.lines[row], column, f"{cells.shown(cell)} {message}")


def _unfit_ends(predicate: str, subject: str, target: str) -> tuple[str, str]:
    """Column of the end that does not fit, and why; empty if both do."""
    term = PREDICATES[predicate]
    goes = f"{predicate!r} goes from a {' or '.join(term.subjects)} to a {' or '.join(term.objects)}"
    fits = subject in term.subjects, target in term.objects
    if all(fits):
        if predicate == "part_of" and subject != target:
            return "object", f"is a {target}; a {subject} can only be part of a {subject}"
        return "", ""
    swapped = "; are subject and object swapped?" if subject in term.objects and target in term.subjects else ""
    if not fits[0]:
        return "subject", f"is a {subject}; {goes}{swapped}"
    return "object", f"is a {target}; {goes}{swapped}"


def _circles(scope: _Scope) -> Iterator[Problem]:
    """Wholes that are part of their own parts, categories that are broader than themselves."""
    if all(scope.has("relations", column) for column in ("subject", "predicate", "object")):
        relations = scope.dataset.relations
        codes, predicates = relations.codes("predicate")
        statuses, words = relations.codes("status")
        wanted = np.isin(codes, [place for place, word in enumerate(predicates) if word == "part_of"])
        wanted &= ~np.isin(statuses, [place for place, word in enumerate(words) if word == "denied"])
        rows = np.flatnonzero(wanted)
        subject, target = (scope.dataset.entity_rows("relations", column)[rows] for column in ("subject", "object"))
        sound = (subject >= 0) & (target >= 0) & (subject != target)
        rows, subject, target = rows[sound], subject[sound], target[sound]
        if len(rows):
            intervals = relation_intervals(scope.dataset)
            for circle in cycles(subject, target, intervals.start[rows], intervals.end[rows]):
                row = int(rows[max(circle)])
                names = [scope.dataset.entities.column("id")[int(subject[arc])] for arc in circle]
                chain = " part of ".join([*names, names[0]])
                yield Problem(relations.file, relations.lines[row], "object", f"closes a circle: {chain}")
    tree = scope.dataset.tree
    if not scope.has("categories", "broader"):
        return
    table = scope.dataset.categories
    arcs = [
        (tree.position[code], tree.position[broader])
        for code in tree.codes
        for broader in tree[code].broader
        if broader in tree
    ]
    if arcs:
        subject, target = (np.array(side, np.int32) for side in zip(*arcs, strict=True))
        always = np.zeros(len(arcs), np.int32)
        for circle in cycles(subject, target, always, always):
            names = [tree.codes[arcs[arc][0]] for arc in circle]
            row = max(table.index.get(name, 0) for name in names)
            chain = " part of ".join([*names, names[0]])
            yield Problem(table.file, table.lines[row], "broader", f"closes a circle: {chain}")


def _never(scope: _Scope) -> Iterator[Problem]:
    """A warning about relations that never hold, as one of their ends is not there at the time."""
    if not all(scope.has("relations", column) for column in ("subject", "predicate", "object")):
        return
    first, last = entity_intervals(scope.dataset)
    if not (first > 0).any() and (last == last.max(initial=0)).all():
        return
    relations = scope.dataset.relations
    intervals = relation_intervals(scope.dataset)
    period = relations.column("valid_from"), relations.column("valid_until")
    for row in np.flatnonzero(intervals.start > intervals.end)[:LISTED].tolist():
        if period[0][row] and period[1][row] and first_day_or(period[0][row]) > first_day_or(period[1][row], 10**9):
            continue  # said of the period itself
        why = "the date of its source, " if intervals.word[row] == ASSUMED else ""
        message = (
            f"never holds: it starts on {iso(int(intervals.start[row]))} ({why}or the start of one of its ends), "
            f"and ends on {iso(int(intervals.end[row]))}"
        )
        yield Problem(relations.file, relations.lines[row], "valid_from", message, warning=True)


def first_day_or(text: str, default: int = 0) -> int:
    """First day of a partial date, or a default for what is none."""
    try:
        return first_day(text)
    except ValueError:
        return default


def _is_large(table: Table, column: str) -> bool:
    """Whether a column holds so many distinct texts that they must not become Python objects."""
    return isinstance(table.columns[column], ArrowColumn) and len(table) > 200_000


def _all_distinct(column: Any) -> bool:
    return isinstance(column, ArrowColumn) and column.distinct() == len(column)


RULES: Final = (
    _tables, _columns, _single_cells, _declared, _spreadsheets, _ids, _references, _periods, _modes, _ends, _circles,
    _never,
)  # fmt: skip

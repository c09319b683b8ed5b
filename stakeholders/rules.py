"""What a dataset must satisfy: one function a rule, each yielding the problems that it finds.

A column is looked at by its distinct cells, so that a table of millions of rows costs as little as its vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stakeholders import cells, references
from stakeholders.columns import ArrowColumn, looked_up
from stakeholders.cycles import cycles, has_circle
from stakeholders.dataset import Dataset, split
from stakeholders.dates import first_day, iso, last_day
from stakeholders.errors import Problem, nearest
from stakeholders.examination import LISTED, Combinations, Examination
from stakeholders.intervals import ASSUMED, entity_intervals, relation_intervals
from stakeholders.progress import unwatched
from stakeholders.schema import HEADERS, REQUIRED_COLUMNS, REQUIRED_TABLES, TABLES, file_name
from stakeholders.vocabulary import KINDS, MODES_OF, PREDICATES, SEEN, SOURCE_KINDS, STATUSES, TYPES

if TYPE_CHECKING:
    Flags = np.ndarray[Any, np.dtype[np.bool_]]

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
    seen = Examination(dataset, damaged or {}, thorough)
    found: list[Problem] = []
    for number, rule in enumerate(RULES):
        unwatched("checking the tables", number, len(RULES), "rules")
        found += rule(seen)
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


def _tables(seen: Examination) -> Iterator[Problem]:
    """The tables that no dataset can do without."""
    tables = seen.dataset.tables
    # An optional table may be CSV beside Parquet ones, or the other way round.
    formats = {tables[name].style.format for name in REQUIRED_TABLES if name in tables}
    for name in REQUIRED_TABLES:
        if name not in tables and formats == {"parquet"}:
            yield Problem(f"{name}.parquet", 0, "", "is missing; its columns should be " + ", ".join(HEADERS[name]))
        elif name not in tables:
            yield Problem(file_name(name), 0, "", "is missing; it should start with " + ",".join(HEADERS[name]))


def _columns(seen: Examination) -> Iterator[Problem]:
    """The columns that a table cannot do without, and names that miss a standard column by a letter or two."""
    for name, table in seen.dataset.tables.items():
        if not table.header:
            continue
        absent = [column for column in HEADERS[name] if column not in table.columns]
        line = 0 if table.style.format == "parquet" or tuple(table.lines[:1]) == (1,) else 1  # where its header stands
        spare = [column for column in table.header if column not in HEADERS[name] and not column.startswith("name_")]
        for column in absent:
            plain = {other.strip().casefold().replace(" ", "_"): other for other in spare}
            near = nearest(column, tuple(plain), 1)
            needed = column in REQUIRED_COLUMNS[name]
            if needed:
                hint = f" (is {plain[near[0]]!r} meant?)" if near else ""
                yield Problem(table.file, line, column, f"this column is missing{hint}")
            elif near and _alike(near[0], column):
                yield Problem(table.file, line, plain[near[0]], f"is no known column (did you mean {column!r}?)")


def _alike(word: str, other: str) -> bool:
    """Whether two names differ by a letter or two at most."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, word, other).ratio() >= 0.85


def _single_cells(seen: Examination) -> Iterator[Problem]:
    """Cells that are wrong whatever stands beside them."""
    for name, checks in _CHECKS.items():
        for column, check in checks.items():
            if seen.has(name, column):
                yield from seen.by_cell(seen.dataset.tables[name], column, check)
    if seen.has("relations", "predicate"):
        # A dataset may have predicates of its own if its rules.toml says what they mean for reach.
        own = seen.dataset.rules.get("predicates")
        words = [*PREDICATES, *(own if isinstance(own, Mapping) else ())]
        yield from seen.by_cell(seen.dataset.relations, "predicate", cells.one_of(words))


def _declared(seen: Examination) -> Iterator[Problem]:
    """What the dataset's own ``datapackage.json`` requires beyond the standard: cells, words, patterns."""
    for name, table in seen.dataset.tables.items():
        known = {*_CHECKS[name], *_ENTITIES.get(name, ()), "sources", "predicate"}
        for column, constraints in _constraints(seen.dataset, name).items():
            if column in table.columns and column not in known:
                yield from seen.by_cell(table, column, _constraint(column in HEADERS[name], constraints))


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


def _spreadsheets(seen: Examination) -> Iterator[Problem]:
    """What spreadsheets and editors did to the text of any cell, and what a spreadsheet would run."""
    for table in seen.dataset.tables.values():
        for column in table.header:
            yield from seen.by_cell(table, column, cells.damage)
            yield from seen.by_cell(table, column, cells.formula, warning=True)


def _ids(seen: Examination) -> Iterator[Problem]:
    """Ids that two rows have."""
    for name, table in seen.dataset.tables.items():
        key = HEADERS[name][0]
        if name == "statistics" or not seen.has(name, key):
            continue
        column = table.columns[key]
        if isinstance(column, ArrowColumn) and column.all_distinct():
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


def _codes(seen: Examination) -> Iterator[Problem]:
    """Entities with the code of a data category for an id: a question about one would be answered for the other."""
    if not seen.has("entities", "id"):
        return
    entities, tree = seen.dataset.entities, seen.dataset.tree
    for row in entities.places(tree.codes).tolist() if len(entities) else ():
        if row >= 0:
            message = f"{cells.shown(entities.column('id')[row])} is the code of a data category; give it another id"
            yield Problem(entities.file, entities.lines[row], "id", message)


def _references(seen: Examination) -> Iterator[Problem]:
    """Ids of entities, sources and categories that are defined nowhere."""
    dataset = seen.dataset
    for name, ends in _ENTITIES.items():
        for column in ends:
            if seen.has(name, column) and seen.has("entities", "id"):
                cells_of = dataset.tables[name].column(column)
                check = references.defined(dataset.entities)
                missing = dataset.entity_places(name, column) < 0
                # An id that is empty is defined nowhere, whatever the table of entities says.
                if missing.any():
                    rows = looked_up(missing, dataset.tables[name].encoded(column).codes)
                    yield from seen.problems(dataset.tables[name], column, rows, _saying(check, cells_of))
    for name, table in dataset.tables.items():
        if "sources" in table.columns:
            what = {"entities": "an entity", "listings": "a listing"}.get(name, "a claim")
            check = references.sourced(dataset.sources if seen.has("sources", "id") else None, what)
            cites = dataset.citations(name)
            sound = cites.least(cites.cited, -1) >= (0 if seen.has("sources", "id") else -1)
            sound &= np.diff(cites.first) > 0
            if not sound.all():
                rows = looked_up(~sound, cites.codes)
                yield from seen.problems(table, "sources", rows, _saying(check, table.column("sources")))
    for name, listed in _CATEGORIES.items():
        for column in listed:
            if seen.has(name, column):
                check = references.listed(seen.dataset.tree)
                yield from seen.by_cell(seen.dataset.tables[name], column, check)


def _saying(check: cells.Check, column: Sequence[str]) -> Callable[[int], str]:
    """What a check says of a row's cell; said once for rows that share it."""
    said: dict[str, str] = {}

    def say(row: int) -> str:
        cell = column[row]
        if cell not in said:
            said[cell] = check(cell)
        return said[cell]

    return say


def _periods(seen: Examination) -> Iterator[Problem]:
    """Periods that end before they start."""

    def check(start: str, end: str) -> str:
        if not start or not end or cells.partial_date(start) or cells.partial_date(end):
            return ""
        late = first_day(start) > last_day(end)
        return f"{end!r} is earlier than {columns[0]} {start!r}" if late else ""

    for name, columns in _PERIODS.items():
        if seen.has(name, columns[0]) and seen.has(name, columns[1]):
            yield from seen.by_cells(seen.dataset.tables[name], columns, columns[1], check)


def _modes(seen: Examination) -> Iterator[Problem]:
    """Modes that do not fit their predicate, and percentages of what is no stake."""
    if not seen.has("relations", "predicate"):
        return
    every = sorted({mode for modes in MODES_OF.values() for mode in modes})

    def mode(predicate: str, cell: str) -> str:
        fitting = MODES_OF.get(predicate, ())
        wrong = [value for value in split(cell) if value not in fitting] if predicate in PREDICATES else []
        return "; ".join(_unfit(predicate, value, fitting, every) for value in wrong)

    def percent(predicate: str, cell: str) -> str:
        misplaced = cell and predicate in PREDICATES and predicate != "owns"
        return f"{cells.shown(cell)}: only 'owns' has a percentage, {predicate!r} has none" if misplaced else ""

    relations = seen.dataset.relations
    for column, check in (("mode", mode), ("percent", percent)):
        if seen.has("relations", column):
            yield from seen.by_cells(relations, ("predicate", column), column, check)


def _unfit(predicate: str, mode: str, fitting: tuple[str, ...], every: list[str]) -> str:
    if mode in every:
        has = f"{predicate!r} has {', '.join(fitting)}" if fitting else f"{predicate!r} has no mode"
        return f"{mode!r} is no mode of {predicate!r}; {has}"
    return f"{cells.shown(mode)} is not in the vocabulary{cells.did_you_mean(mode, fitting or every)}"


def _ends(seen: Examination) -> Iterator[Problem]:
    """Relations to themselves, and between things that their predicate does not join."""
    if not all(seen.has("relations", column) for column in ("subject", "predicate", "object")):
        return
    relations = seen.dataset.relations
    subject, target = (seen.dataset.entity_rows("relations", column) for column in ("subject", "object"))
    objects = relations.column("object")
    itself = (subject == target) & (subject >= 0)
    yield from seen.problems(relations, "object", itself, _saying(_followed_by("cannot be related to itself"), objects))
    if not seen.has("entities", "type"):
        return
    words, kinds = list(PREDICATES), list(TYPES)
    types, names = seen.dataset.entities.codes("type")
    codes, predicates = relations.codes("predicate")
    # The last is that of an entity which is defined nowhere.
    kind = np.append(looked_up(_numbered(names, kinds), types), np.uint8(len(kinds)))
    rows = Combinations(
        (looked_up(_numbered(predicates, words), codes), len(words) + 1),
        (looked_up(kind, subject), len(kinds) + 1),
        (looked_up(kind, target), len(kinds) + 1),
    )
    for found in rows.occurring():
        if found[0] == len(words) or len(kinds) in found[1:]:
            continue
        column, message = _unfit_ends(words[found[0]], kinds[found[1]], kinds[found[2]])
        if not column:
            continue
        cells_of = relations.column(column)
        yield from seen.problems(relations, column, rows.having([found]), _saying(_followed_by(message), cells_of))


def _numbered(distinct: Sequence[str], words: Sequence[str]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The place of each cell among some words; what is none of them is behind the last."""
    places = {word: place for place, word in enumerate(words)}
    return np.array([places.get(cell, len(words)) for cell in distinct], np.uint8)


def _followed_by(message: str) -> cells.Check:
    return lambda cell: f"{cells.shown(cell)} {message}"


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


def _circles(seen: Examination) -> Iterator[Problem]:
    """Wholes that are part of their own parts, categories that are broader than themselves."""
    if all(seen.has("relations", column) for column in ("subject", "predicate", "object")):
        relations = seen.dataset.relations
        codes, predicates = relations.codes("predicate")
        statuses, words = relations.codes("status")
        wanted = looked_up(np.array([word == "part_of" for word in predicates], np.bool_), codes)
        wanted &= looked_up(np.array([word != "denied" for word in words], np.bool_), statuses)
        rows = np.flatnonzero(wanted)
        subject, target = (
            looked_up(seen.dataset.entity_places("relations", column), relations.encoded(column).codes[rows])
            for column in ("subject", "object")
        )
        sound = (subject >= 0) & (target >= 0) & (subject != target)
        rows, subject, target = rows[sound], subject[sound], target[sound]
        if has_circle(subject, target):
            intervals = relation_intervals(seen.dataset)
            for circle in cycles(subject, target, intervals.start[rows], intervals.end[rows]):
                row = int(rows[max(circle)])
                names = [seen.dataset.entities.column("id")[int(subject[arc])] for arc in circle]
                chain = " part of ".join([*names, names[0]])
                yield Problem(relations.file, relations.lines[row], "object", f"closes a circle: {chain}")
    tree = seen.dataset.tree
    if not seen.has("categories", "broader"):
        return
    table = seen.dataset.categories
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


def _never(seen: Examination) -> Iterator[Problem]:
    """A warning about relations that never hold, as one of their ends is not there at the time."""
    if not all(seen.has("relations", column) for column in ("subject", "predicate", "object")):
        return
    first, last = entity_intervals(seen.dataset)
    if not (first > 0).any() and (last == last.max(initial=0)).all():
        return
    relations = seen.dataset.relations
    intervals = relation_intervals(seen.dataset)
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


RULES: Final = (
    _tables, _columns, _single_cells, _declared, _spreadsheets, _ids, _codes, _references, _periods, _modes, _ends,
    _circles, _never,
)  # fmt: skip

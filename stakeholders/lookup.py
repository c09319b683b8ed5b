"""From what a user types to what it means: ids, categories, names in any alphabet, aliases, beginnings of these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from stakeholders.dataset import split
from stakeholders.errors import UnknownId, nearest
from stakeholders.transliteration import key
from stakeholders.vocabulary import TYPES

if TYPE_CHECKING:
    from stakeholders.dataset import Dataset

# How many candidates an error names before it only counts the rest.
_NAMED: Final = 5

# So many letters of a spelling tell it from others.
_TELLING: Final = 3

# A resemblance below this is chance; a search, which nobody asked to guess, wants more of it than a suggestion.
_RESEMBLES: Final = 72
_FOUND: Final = 80

# So many letters of a word searched for may bear one slip.
_PER_SLIP: Final = 4


# So many ways of reading a text, the surest ones, take it as the whole of a name.
_EXACT: Final = 3


class Target(NamedTuple):
    """What a text means: an entity, or a data category (``kind`` says which), by its id or code."""

    kind: str
    id: str


class Hit(NamedTuple):
    """Something that a search found: where it stands, its name, how well it fits (0 to 100), and in which column."""

    id: str
    table: str
    name: str
    score: float
    why: str


class _Name(NamedTuple):
    target: Target
    text: str
    column: str


def resolve(dataset: Dataset, text: str, kind: str | None = None) -> Target:
    """The one thing that a text means.

    Tried in turn: an id or code; the same in other letters (capitals, another alphabet); a name in any language or an
    alias; the beginning of one of these that no other shares.

    Parameters
    ----------
    dataset : Dataset
    text : str
    kind : {"entity", "category", "body", "system", "store"}, optional
        What it may be; default an entity or a category.

    Raises
    ------
    UnknownId
        If it means nothing, or more than one thing; the error says what comes near.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> dataset = read("cabar-2020")
    >>> resolve(dataset, "сергек"), resolve(dataset, "biom")
    (Target(kind='entity', id='kz-sergek'), Target(kind='category', id='biometric'))
    >>> resolve(dataset, "kz-sergik")
    Traceback (most recent call last):
    ...
    stakeholders.errors.UnknownId: no entity or data category is called 'kz-sergik'. Did you mean 'kz-sergek' ...?
    """
    wanted = text.strip()
    if wanted in dataset.entities.index and kind != "category":
        return _of_kind(dataset, Target("entity", wanted), kind)
    if wanted in dataset.tree and kind in {None, "category"}:
        return Target("category", wanted)
    if not wanted:
        raise UnknownId(f"a name is needed: {_what(kind)}")
    names = list(_names(dataset, kind))
    for found in _attempts(names, wanted):
        targets = list(dict.fromkeys(name.target for name in found))
        if len(targets) == 1:
            return targets[0]
        if targets:
            raise _ambiguous(dataset, text, targets)
    raise _unknown(dataset, text, kind, names)


def find(dataset: Dataset, text: str, limit: int | None = 20) -> list[Hit]:
    """What fits a text, best first: entities, categories, listings, sources and relations.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> [hit.id for hit in find(read("cabar-2020"), "прокуратура", limit=1)]
    ['kz-gpo']
    """
    wanted = key(text)
    # Letters that all fall together, as those of "zzzqq", tell nothing from anything.
    if not wanted or len(wanted) < min(_TELLING, len(text.strip())):
        return []
    best: dict[tuple[str, str], Hit] = {}
    fit = lru_cache(maxsize=4096)(lambda cell: _fit(wanted, key(cell)))  # claims of large tables are often the same
    for table, weight, rows in _searched(dataset):
        for entry, name, column, cell in rows:
            score = round(fit(cell) * weight, 1)
            if score and score > best.get((table, entry), _NOTHING).score:
                best[table, entry] = Hit(entry, table, name, score, column)
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.id, hit.table))[:limit]


def completions(dataset: Dataset, incomplete: str, kind: str = "entity") -> list[tuple[str, str]]:
    """Ids that begin with what has been typed, with their names: for a shell to offer.

    Parameters
    ----------
    dataset : Dataset
    incomplete : str
    kind : {"entity", "body", "system", "store", "target", "entry"}
        ``target`` adds the codes of data categories, ``entry`` also relations, listings and sources.
    """
    begun = incomplete.casefold()
    types = dataset.entities.column("type")
    found = [
        (entity, dataset.name_of(entity))
        for entity, row in dataset.entities.index.items()
        if entity.startswith(begun) and kind in {"entity", "target", "entry", types[row]}
    ]
    if kind in {"target", "entry"}:
        found += [(code, dataset.tree.name_of(code)) for code in dataset.tree.codes if code.startswith(begun)]
    if kind == "entry":
        for table, told in ((dataset.relations, "claim"), (dataset.listings, "claim"), (dataset.sources, "title")):
            says = table.column(told)
            found += [(entry, says[row]) for entry, row in table.index.items() if entry.startswith(begun)]
    return sorted(found)


_NOTHING: Final = Hit("", "", "", 0, "")


def _of_kind(dataset: Dataset, target: Target, kind: str | None) -> Target:
    if kind in TYPES and dataset.type_of(target.id) != kind:
        name = dataset.name_of(target.id)
        raise UnknownId(f"{target.id!r} ({name}) is a {dataset.type_of(target.id)}; a {kind} is asked for.")
    return target


def _names(dataset: Dataset, kind: str | None) -> Iterator[_Name]:
    """Everything that entities and categories go by, ids first."""
    entities = dataset.entities
    if kind != "category":
        types, ids = entities.column("type"), entities.column("id")
        for column in ("id", *_naming(entities.header), "aliases"):
            for entity, of_type, cell in zip(ids, types, entities.column(column), strict=True):
                if cell and kind in {None, "entity", of_type}:
                    target = Target("entity", entity)
                    for text in split(cell) if column == "aliases" else (cell,):
                        yield _Name(target, text, column)
    if kind in {None, "category"}:
        for code, category in dataset.tree.categories.items():
            target = Target("category", code)
            for text in dict.fromkeys((code, category.name, *category.names.values())):
                if text:
                    yield _Name(target, text, "code" if text == code else "name")


def _naming(header: Iterable[str]) -> list[str]:
    return [column for column in header if column == "name" or column.startswith("name_")]


def _attempts(names: list[_Name], wanted: str) -> Iterator[list[_Name]]:
    """Names that a text may stand for, the surest way of reading it first."""
    folded, plain = wanted.casefold(), key(wanted)
    yield [name for name in names if name.column in {"id", "code"} and name.text.casefold() == folded]
    yield [name for name in names if name.text.casefold() == folded]
    if not plain:
        return
    keys = [(name, key(name.text)) for name in names]
    yield [name for name, text in keys if text == plain]
    yield [name for name in names if name.text.casefold().startswith(folded)]
    # What a spelling has in common with others may be too little to begin anything with.
    if len(plain) >= _TELLING:
        yield [name for name, text in keys if text.startswith(plain)]


def _what(kind: str | None) -> str:
    return {None: "an entity or data category", "category": "a data category", "entity": "an entity"}.get(
        kind, f"a {kind}"
    )


def _named(dataset: Dataset, target: Target) -> str:
    if target.kind == "category":
        return f"{target.id!r} ({dataset.tree.name_of(target.id)}, a data category)"
    return f"{target.id!r} ({dataset.name_of(target.id)})"


def _either(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


def _ambiguous(dataset: Dataset, text: str, targets: list[Target]) -> UnknownId:
    shown = [_named(dataset, target) for target in targets[:_NAMED]]
    if len(targets) > _NAMED:
        shown.append(f"{len(targets) - _NAMED} more")
    return UnknownId(f"{text!r} could be {_either(shown)}. Write the id.", [target.id for target in targets])


def _unknown(dataset: Dataset, text: str, kind: str | None, names: list[_Name]) -> UnknownId:
    text = text.strip()
    meant = next(_other_kinds(dataset, text, kind, exactly=True), None)
    if meant is not None and meant.kind == "category":
        name, code = dataset.tree.name_of(meant.id), meant.id
        return UnknownId(
            f"{text!r} is a data category ({name}), no {_bare(kind)}. To ask who can reach it: who {code}.", [code]
        )
    near = _resembling(text, names)
    hint = f" Did you mean {_either([_named(dataset, target) for target in near])}?" if near else ""
    if not near:
        other = next(_other_kinds(dataset, text, kind), None)
        if other is not None:
            return UnknownId(f"{_named(dataset, other)} is no {_bare(kind)}.", [other.id])
    return UnknownId(f"no {_bare(kind)} is called {text!r}.{hint}", [target.id for target in near])


def _bare(kind: str | None) -> str:
    return _what(kind).split(maxsplit=1)[1]


def _other_kinds(dataset: Dataset, text: str, kind: str | None, *, exactly: bool = False) -> Iterator[Target]:
    """What the text would mean if any kind were asked for; beginnings of names are no exact ones."""
    if kind is None:
        return
    for found in islice(_attempts(list(_names(dataset, None)), text), _EXACT if exactly else None):
        if found:
            yield found[0].target
            return


def _resembling(text: str, names: list[_Name]) -> list[Target]:
    """Up to three things whose ids, names or aliases resemble a text, nearest first."""
    ids = [name.text for name in names if name.column in {"id", "code"}]
    by_id = {name.text: name.target for name in names if name.column in {"id", "code"}}
    near = [by_id[found] for found in nearest(text.strip().casefold(), ids)]
    plain = key(text)
    scored = sorted(
        ((-_resemblance(plain, key(name.text)), place) for place, name in enumerate(names) if name.column != "id"),
    )
    close = [names[place].target for score, place in scored[: 3 * _NAMED] if -score >= _RESEMBLES]
    # A name typed nearly right says more than an id that happens to look alike.
    spelt = [*near, *close] if "-" in text or "_" in text else [*close, *near]
    return list(dict.fromkeys(spelt))[:3]


def _resemblance(one: str, other: str) -> float:
    from rapidfuzz import fuzz

    return max(float(fuzz.ratio(one, other)), 0.95 * float(fuzz.token_sort_ratio(one, other)))


def _searched(dataset: Dataset) -> Iterator[tuple[str, float, Iterator[tuple[str, str, str, str]]]]:
    """Tables that a search looks into, what a hit there weighs, and their entries with a cell to compare."""
    yield "entities", 1.0, _cells(dataset, "entities", ("id", "name", "aliases", "note"))
    tree = dataset.tree
    yield (
        "categories",
        1.0,
        (
            (code, tree.name_of(code), "code" if text == code else "name", text)
            for code, category in tree.categories.items()
            for text in (code, category.name, *category.names.values())
        ),
    )
    yield "listings", 0.8, _cells(dataset, "listings", ("id", "list", "program", "claim"), name="list")
    yield "sources", 0.7, _cells(dataset, "sources", ("id", "title", "publisher", "author"), name="title")
    yield "relations", 0.6, _cells(dataset, "relations", ("id", "claim"), name="claim")


def _cells(
    dataset: Dataset, table: str, columns: tuple[str, ...], name: str = "name"
) -> Iterator[tuple[str, str, str, str]]:
    found = dataset.tables.get(table)
    if found is None or not len(found):
        return
    ids, names = found.columns[found.header[0]], found.column(name)
    for column in columns:
        for searched in _naming(found.header) if column == "name" else (column,):
            for entry, shown, cell in zip(ids, names, found.column(searched), strict=True):
                for text in split(cell) if column == "aliases" else (cell,):
                    if text:
                        yield entry, shown, searched, text


def _fit(wanted: str, text: str) -> float:
    """How well a text answers to a search, 0 to 100; both are keys."""
    if wanted == text:
        return 100
    if len(wanted) < _TELLING - 1:
        return 0
    if text.startswith(wanted):
        return 90 + 5 * len(wanted) / len(text)
    words, asked = text.split(), wanted.split()
    if all(any(word.startswith(part) for word in words) for part in asked):
        # The more of the text was asked for, the better.
        return 75 + 15 * min(1.0, len(wanted) / len(text))
    if wanted in text:
        return 70
    if len(text) > 80 or len(wanted) < 4:
        return 0
    whole = _resemblance(wanted, text)
    word = max((_resemblance(wanted, word) for word in words if _a_slip_away(wanted, word)), default=0.0)
    return max((0.8 * whole if whole >= _FOUND else 0), (0.7 * word if word >= _FOUND else 0))


def _a_slip_away(one: str, other: str) -> bool:
    """Whether words differ by no more slips than their length allows."""
    from rapidfuzz.distance import OSA

    most = max(1, len(one) // _PER_SLIP)
    return abs(len(one) - len(other)) <= most and OSA.distance(one, other, score_cutoff=most) <= most

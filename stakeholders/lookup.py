"""From what a user types to what it means: ids, categories, names in any alphabet, aliases, beginnings of these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import nsmallest
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from stakeholders.dataset import split
from stakeholders.errors import UnknownId, nearest
from stakeholders.transliteration import key, keys
from stakeholders.vocabulary import TYPES

if TYPE_CHECKING:
    from stakeholders.dataset import Dataset

# How many candidates an error names before it only counts the rest.
_NAMED: Final = 5

# So many letters of a spelling tell it from others.
TELLING: Final = 3

# A resemblance below this is chance.
_RESEMBLES: Final = 72

# So many ways of reading a text, the surest ones, take it as the whole of a name.
_EXACT: Final = 3


class Target(NamedTuple):
    """What a text means: an entity, or a data category (``kind`` says which), by its id or code."""

    kind: str
    id: str


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
        for column in ("id", *naming(entities.header), "aliases"):
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


def naming(header: Iterable[str]) -> list[str]:
    """Columns that hold names."""
    return [column for column in header if column == "name" or column.startswith("name_")]


def _attempts(names: list[_Name], wanted: str) -> Iterator[list[_Name]]:
    """Names that a text may stand for, the surest way of reading it first."""
    folded, plain = wanted.casefold(), key(wanted)
    yield [name for name in names if name.column in {"id", "code"} and name.text.casefold() == folded]
    yield [name for name in names if name.text.casefold() == folded]
    if not plain:
        return
    spelt = list(zip(names, keys([name.text for name in names]), strict=True))
    yield [name for name, text in spelt if text == plain]
    yield [name for name in names if name.text.casefold().startswith(folded)]
    # What a spelling has in common with others may be too little to begin anything with.
    if len(plain) >= TELLING:
        yield [name for name, text in spelt if text.startswith(plain)]


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
    named = [place for place, name in enumerate(names) if name.column != "id"]
    spelt = zip(keys([names[place].text for place in named]), named, strict=True)
    scored = nsmallest(3 * _NAMED, ((-resemblance(plain, text), place) for text, place in spelt))
    close = [names[place].target for score, place in scored if -score >= _RESEMBLES]
    # A name typed nearly right says more than an id that happens to look alike.
    found = [*near, *close] if "-" in text or "_" in text else [*close, *near]
    return list(dict.fromkeys(found))[:3]


def resemblance(one: str, other: str) -> float:
    """How alike two keys are, 0 to 100, in whatever order their words stand."""
    from rapidfuzz import fuzz

    return max(float(fuzz.ratio(one, other)), 0.95 * float(fuzz.token_sort_ratio(one, other)))

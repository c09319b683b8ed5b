"""A map without some names: pseudonyms for entities, their texts and sources withheld, every verdict as it was.

What is withheld is withheld from the file, not only from sight. What stays is what the verdicts rest on: kinds,
countries, categories, statuses and dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import unquote

import numpy as np

from graphs.access import AccessGraph, build
from graphs.exposures import exposure
from graphs.map.silence import WITHHELD, Silence, slug, spoken, without_country
from stakeholders.dataset import Dataset, Table, split
from stakeholders.errors import AccessMapError, UnknownId, nearest
from stakeholders.vocabulary import KINDS

# Of a redacted entity only these cells stay: they decide who reaches what, or are shared by too many to tell.
_KEPT: Final = frozenset({"type", "kind", "country", "collective", "categories", "valid_from", "valid_until"})
# Of a relation with a redacted end, these do not stay.
_CLAIM_TEXTS: Final = ("claim", "legal_basis")
# Cells that are codes, dates and references. Every other cell is a text in which a name may stand.
_CODED: Final[Mapping[str, frozenset[str]]] = {
    "entities": _KEPT | {"id", "sources"},
    "relations": frozenset({
        "id", "subject", "predicate", "object", "categories", "mode", "status", "valid_from", "valid_until", "percent",
        "sources",
    }),
    "listings": frozenset({"id", "entity", "authority", "list", "listed_from", "listed_until", "sources"}),
    "sources": frozenset({"id", "date", "url", "language", "kind", "seen"}),
    "categories": frozenset({"code", "broader", "dpv", "special"}),
}  # fmt: skip
_REFERRING: Final[Mapping[str, Sequence[str]]] = {
    "entities": ("sources",),
    "relations": ("subject", "object", "sources"),
    "listings": ("entity", "authority", "sources"),
}
_SAID: Final = {"en": "withheld", "ru": "не раскрывается", "kk": "ашылмайды"}
_TYPE: Final = {
    "body": {"en": "Body", "ru": "Орган", "kk": "Орган"},
    "system": {"en": "System", "ru": "Система", "kk": "Жүйе"},
    "store": {"en": "Store", "ru": "Хранилище", "kk": "Дерекқор"},
}
_NEUTRAL: Final = {"entities": "entity", "relations": "relation", "listings": "listing", "sources": "source"}
REGIMES: Final = "regimes.toml"
# Values of regimes.toml that are names of other things in it, or in the listings.
_REGIME_CODES: Final = re.compile(
    r"\s*(?:key|authority|list|regime|effect|binding|ownership|csl|opensanctions|read|from|until)\s*="
)
_TOKEN: Final = re.compile(r"(%(?:25)*(?:2C|7E|3A|26|3D)|[=&~:,#])", re.IGNORECASE)

Cells = dict[str, list[str]]


@dataclass(frozen=True)
class Redaction:
    """A redacted graph.

    Attributes
    ----------
    graph : AccessGraph
        Built anew from the redacted dataset.
    pseudonyms : mapping of str to str
        New id of each redacted entity.
    renamed : mapping of str to str
        New ids of everything else that has one: what touches a redacted entity, and what would tell it by its id.
    silence : Silence
        Takes the names out of any other text.
    taken : mapping of str to int
        From how many ``texts`` of what is not withheld itself names were taken, in how many of these for their sound
        alone (``heard``), and how many ``addresses`` of sources were left out.
    """

    graph: AccessGraph
    pseudonyms: Mapping[str, str]
    renamed: Mapping[str, str] = field(repr=False)
    silence: Silence = field(repr=False)
    taken: Mapping[str, int] = field(default_factory=dict)

    def id_of(self, name: str) -> str:
        """How an id is called in the redacted graph."""
        return self.pseudonyms.get(name) or self.renamed.get(name, name)

    def text(self, text: str) -> str:
        """A text of the author's without the names."""
        return self.silence.of(text)

    def story(self, story: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """A story whose views bear the new ids and whose texts lack the names."""
        if story is None:
            return None
        steps = story.get("steps")
        told: dict[str, Any] = {key: self._told(text) for key, text in story.items() if key != "steps"}
        if not isinstance(steps, list):
            return {**told, **({"steps": steps} if "steps" in story else {})}
        return {**told, "steps": [self._step(step) if isinstance(step, Mapping) else step for step in steps]}

    def _step(self, step: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self._view(str(text)) if key == "view" else self._told(text) for key, text in step.items()}

    def _view(self, view: str) -> str:
        return "".join(piece if _TOKEN.fullmatch(piece) else self._named(piece) for piece in _TOKEN.split(view))

    def _named(self, piece: str) -> str:
        """A piece of an address with its new id; nothing if it would tell a name and is no id that the map knows."""
        plain = _plain(piece)
        if (new := self.id_of(plain)) != plain:
            return new
        return "" if self.silence.tells_id(plain) or self.silence.of(plain) != plain else piece

    def _told(self, text: Any) -> Any:
        if isinstance(text, Mapping):
            return {lang: self._told(said) for lang, said in text.items()}
        return self.silence.of(text) if isinstance(text, str) else text


def _plain(piece: str) -> str:
    """An id out of an address, in which it may have been packed twice."""
    while (once := unquote(piece)) != piece:
        piece = once
    return piece


def redact(graph: AccessGraph, ids: Iterable[str], *, as_of: str | int | date | None = None) -> Redaction:
    """Give entities pseudonyms, withhold what would name them, and check that no verdict changed.

    Parameters
    ----------
    graph : AccessGraph
    ids : iterable of str
        Entities.
    as_of : str, int or date, optional
        Day for which sanction exposure is compared; default today. Verdicts are compared for every day.

    Raises
    ------
    UnknownId
        If no entity has an id.
    AccessMapError
        If a published verdict, on any day, were not the private one, or an exposure that rests on nobody withheld.

    Notes
    -----
    Verdicts follow from the arrays of an access graph alone. So equal arrays, arc by arc with their days, categories,
    levels, certainties and denials, are equal verdicts for every day, stance and assumption: that is what is compared.
    Of several equally good paths the redacted map may show another, for that goes by ids.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> redaction = redact(build(read("cabar-2020")), ["cn-dahua"])
    >>> redaction.graph.dataset.name_of(redaction.id_of("cn-dahua"))
    'Body 1 (withheld)'
    """
    chosen = set(ids)
    for name in sorted(chosen - set(graph.position)):
        near = nearest(name, list(graph.ids))
        raise UnknownId(f"no entity has the id {name!r}.", near)
    editor = _Editor(graph.dataset, [name for name in graph.ids if name in chosen])
    redacted = build(editor.dataset())
    redaction = Redaction(redacted, editor.pseudonyms, editor.renamed, editor.silence, editor.taken_out)
    _check_verdicts(graph, redaction.graph)
    _check_exposure(graph, redaction, as_of)
    return redaction


class _Editor:
    """Rewrites the tables of a dataset, one after another."""

    def __init__(self, dataset: Dataset, chosen: Sequence[str]) -> None:
        self.source = dataset
        self.pseudonyms: dict[str, str] = {}
        self.names: dict[str, dict[str, str]] = {}
        self.withheld: dict[str, str] = {}  # source → its stand-in
        self.taken = {name for table in _NEUTRAL for name in dataset.tables[table].column("id")}
        for name in chosen:
            type_ = dataset.type_of(name)
            number = sum(dataset.type_of(other) == type_ for other in self.pseudonyms) + 1
            self.pseudonyms[name] = self._free(f"withheld-{type_}-{number}")
            self.names[name] = {lang: f"{_TYPE[type_][lang]} {number} ({_SAID[lang]})" for lang in _SAID}
        self.taken_out = {"texts": 0, "heard": 0, "addresses": 0}
        self.silence = self._silence()
        self.renamed = self._renamed()

    def _free(self, name: str) -> str:
        while name in self.taken:
            name += "-x"
        return name

    def _silence(self) -> Silence:
        entities = self.source.entities
        columns = [column for column in entities.header if column == "name" or column.startswith("name_")]
        said: list[str] = []
        plain: list[str] = []
        for name in self.pseudonyms:
            row = entities.index[name]
            # That it is a "Ministry" its kind says, which stays: as a name the word would take other ministries along.
            kind = KINDS.get(entities.column("kind")[row])
            common = {word.casefold() for word in kind or ()}
            names = [*(entities.column(column)[row] for column in columns), *split(entities.column("aliases")[row])]
            said += [cell for cell in names if cell.strip().casefold() not in common]
            if without_country(name) in {slug(word) for word in common} - {""}:
                plain.append(name)
        return Silence(spoken(said), tuple(self.pseudonyms), tuple(plain))

    def _renamed(self) -> dict[str, str]:
        """Ids that touch a redacted entity, or have its id or name as a part; pseudonyms are not among them."""
        found: dict[str, str] = {}
        for table in _NEUTRAL:
            for row, name in enumerate(self.source.tables[table].column("id")):
                if name not in self.pseudonyms and self.silence.tells_id(name):
                    found[name] = self._free(f"{_NEUTRAL[table]}-{row + 1}")
        for row in self._touching():
            name = self.source.relations.column("id")[row]
            found[name] = self._free(f"withheld-relation-{row + 1}")
        return found

    def _touching(self) -> list[int]:
        ends = zip(*(self.source.relations.column(column) for column in ("subject", "object")), strict=True)
        return [row for row, pair in enumerate(ends) if not self.pseudonyms.keys().isdisjoint(pair)]

    def dataset(self) -> Dataset:
        if not self.pseudonyms:
            return self.source
        tables: dict[str, Table] = {
            "relations": self._relations(),
            "entities": self._entities(),
            "listings": self._listings(),
            "categories": self._edited("categories"),
        }
        tables["sources"] = self._sources(tables)
        # What else a dataset may carry is not in a page, and may name anyone; the rules of lists decide an answer.
        regimes = self.source.extras.get(REGIMES)
        extras = {REGIMES: self._regimes(regimes)} if regimes is not None else {}
        package = {**self.source.package, "title": self.silence.of(self.source.title)}
        name = self.source.name
        return replace(
            self.source, name="redacted" if self.silence.tells_id(name) or self.silence.of(name) != name else name,
            tables=tables, package=package, extras=extras, folder=None,
        )  # fmt: skip

    def _id(self, name: str) -> str:
        return self.pseudonyms.get(name) or self.renamed.get(name, name)

    def _cells(self, name: str) -> Cells:
        table = self.source.tables[name]
        coded, referring = _CODED[name], {*_REFERRING.get(name, ()), "id"}
        cells: Cells = {}
        for column in table.header:
            texts = table.column(column)
            if column in referring and name in _NEUTRAL:
                cells[column] = [";".join(map(self._id, split(text))) for text in texts]
            else:
                cells[column] = [*texts] if column in coded else [*map(self.silence.of, texts)]
        return cells

    def _edited(self, name: str) -> Table:
        cells = self._cells(name)
        self._count(name, cells, range(len(self.source.tables[name])))
        return _table(self.source.tables[name], cells)

    def _count(self, name: str, cells: Cells, rows: Iterable[int]) -> None:
        """Count the texts of some rows from which a name was taken."""
        table = self.source.tables[name]
        texts = [(table.column(column), cells[column]) for column in table.header if column not in _CODED[name]]
        for row in rows:
            for old in (olds[row] for olds, news in texts if olds[row] != news[row]):
                self.taken_out["texts"] += 1
                self.taken_out["heard"] += self.silence.hears(old)

    def _entities(self) -> Table:
        table = self.source.entities
        cells = self._cells("entities")
        self._count("entities", cells, (row for name, row in table.index.items() if name not in self.pseudonyms))
        for name, pseudonym in self.pseudonyms.items():
            row = table.index[name]
            for column in table.header:
                if column not in _KEPT:
                    cells[column][row] = ""
            cells["id"][row] = pseudonym
            cells["name"][row] = self.names[name]["en"]
            for lang in ("ru", "kk"):
                if f"name_{lang}" in cells:
                    cells[f"name_{lang}"][row] = self.names[name][lang]
            cells["sources"][row] = self._stand_ins(table.column("sources")[row])
        return _table(table, cells)

    def _relations(self) -> Table:
        table = self.source.relations
        cells = self._cells("relations")
        touching = self._touching()
        self._count("relations", cells, sorted({*range(len(table))}.difference(touching)))
        for row in touching:
            for column in table.header:
                if column in _CLAIM_TEXTS or column not in _CODED["relations"]:
                    cells[column][row] = WITHHELD if cells[column][row] and column in _CLAIM_TEXTS else ""
            cells["sources"][row] = self._stand_ins(table.column("sources")[row])
        return _table(table, cells)

    def _listings(self) -> Table:
        """Listings of a redacted entity say who it is, so they go; they bear on no verdict about reach."""
        table = self.source.listings
        kept = [row for row, name in enumerate(table.column("entity")) if name not in self.pseudonyms]
        every = self._cells("listings")
        self._count("listings", every, kept)
        cells = {name: [column[row] for row in kept] for name, column in every.items()}
        return _table(table, cells)

    def _stand_ins(self, cell: str) -> str:
        names = split(cell)
        for name in names:
            self.withheld.setdefault(name, self._free(f"withheld-source-{len(self.withheld) + 1}"))
        return ";".join(self.withheld[name] for name in names)

    def _sources(self, tables: Mapping[str, Table]) -> Table:
        """Sources still cited, and for each that is withheld one with its date and nothing else."""
        table = self.source.sources
        cells = self._cells("sources")
        cited = {name for one in _REFERRING for cell in tables[one].column("sources") for name in split(cell)}
        texts = [column for column in table.header if column not in _CODED["sources"]]
        rows = [row for row, name in enumerate(cells["id"]) if name in cited]
        self._count("sources", cells, rows)
        out: Cells = {name: [column[row] for row in rows] for name, column in cells.items()}
        for at, row in enumerate(rows):
            said = any(cells[column][row] != table.column(column)[row] for column in texts)
            if out.get("url", [""] * len(rows))[at] and (said or self.silence.tells_address(table.column("url")[row])):
                self.taken_out["addresses"] += 1
                out["url"][at] = ""  # its address would tell what its title no longer does
        for name, stand_in in self.withheld.items():
            old = table.index.get(name)
            if self._id(name) not in cited:
                self.renamed[name] = stand_in
            blank = {
                "id": stand_in,
                "title": WITHHELD,
                "date": table.column("date")[old] if old is not None else "",
            }
            for column, values in out.items():
                values.append(blank.get(column, ""))
        return _table(table, out)

    def _regimes(self, content: bytes) -> bytes:
        """The dataset's own rules of lists: ids replaced, names taken out of what is text."""
        return "".join(map(self._regimes_line, content.decode("utf-8").splitlines(keepends=True))).encode("utf-8")

    def _regimes_line(self, line: str) -> str:
        renamed = re.sub(r"""(["'])([^"']+)\1""", lambda found: f"{found[1]}{self._id(found[2])}{found[1]}", line)
        return renamed if line.lstrip().startswith("[") or _REGIME_CODES.match(line) else self.silence.of(renamed)


def _table(table: Table, cells: Cells) -> Table:
    return Table(table.name, table.header, cells, [0] * len(next(iter(cells.values()), [])))


def _check_verdicts(private: AccessGraph, published: AccessGraph) -> None:
    for name in ("types", "node_masks", "passes", "indptr", "arcs", "denials", "keeping", "unruled"):
        if not _equal(getattr(private, name), getattr(published, name)):
            raise AccessMapError(f"redact: a published answer would differ from the private one ({name} of the graph)")
    if _dates(private) != _dates(published):
        raise AccessMapError("redact: a published answer would bear other dates than the private one")


def _dates(graph: AccessGraph) -> list[tuple[object, ...]]:
    """Of each relation its days, and the dates as they are written."""
    spans = graph.intervals
    texts = [[spans.texts[code] for code in codes.tolist()] for codes in (spans.since_code, spans.newest_code)]
    days = [column.tolist() for column in (spans.start, spans.end, spans.word, spans.known, spans.newest)]
    return list(zip(*days, *texts, strict=True))


def _equal(one: Any, other: Any) -> bool:
    if is_dataclass(one):
        return all(_equal(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    return bool(np.array_equal(one, other)) if isinstance(one, np.ndarray) else bool(one == other)


def _check_exposure(private: AccessGraph, redaction: Redaction, as_of: str | int | date | None) -> None:
    """Compare exposure with that of the private data without the listings that are withheld."""
    dataset = private.dataset
    listed = dataset.listings.column("entity")
    if not redaction.pseudonyms or not len(dataset.listings):
        return
    shown = dataset.listings.select([row for row, name in enumerate(listed) if name not in redaction.pseudonyms])
    rest = build(replace(dataset, tables={**dataset.tables, "listings": shown}))
    if _exposed(rest, as_of, redaction.id_of) != _exposed(redaction.graph, as_of, str):
        raise AccessMapError("redact: the published sanction exposure would differ from the private one")


def _exposed(graph: AccessGraph, as_of: str | int | date | None, rename: Callable[[str], str]) -> list[tuple[str, ...]]:
    named = ("entity", "listed_entity", "listing")
    plain = ("rule", "share", "since", "sole_supplier", "categories")
    rows = exposure(graph, as_of=as_of).rows
    return sorted((*(rename(row[key]) for key in named), *(str(row[key]) for key in plain)) for row in rows)

"""A map without some names: pseudonyms for entities, their texts and sources withheld, every verdict as it was.

What is withheld is withheld from the file, not only from sight. What stays is what the verdicts rest on: kinds,
countries, categories, statuses and dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphs.access import AccessGraph, build
from graphs.answers import Row
from graphs.reachability import who_can_reach
from stakeholders.dataset import Dataset, Table, split
from stakeholders.errors import AccessMapError, UnknownId, nearest

# Of a redacted entity only these cells stay: they decide who reaches what, or are shared by too many to tell.
_KEPT = frozenset({"type", "kind", "country", "collective", "categories", "valid_from", "valid_until"})
# Of a relation with a redacted end, these do not stay.
_CLAIM_TEXTS = ("claim", "legal_basis")
# Texts elsewhere in which a redacted name may stand.
_TEXTS: Mapping[str, Sequence[str]] = {
    "entities": ("note", "aliases"),
    "relations": ("claim", "legal_basis"),
    "listings": ("claim", "legal_basis", "reference", "program"),
    "sources": ("title", "note", "author", "publisher"),
}
_WITHHELD = {"en": "withheld", "ru": "не раскрывается", "kk": "ашылмайды"}
_TYPE = {
    "body": {"en": "Body", "ru": "Орган", "kk": "Орган"},
    "system": {"en": "System", "ru": "Система", "kk": "Жүйе"},
    "store": {"en": "Store", "ru": "Хранилище", "kk": "Дерекқор"},
}
_CARRIED: tuple[str, ...] = ("entities", "relations", "listings", "sources", "categories")
_CITING = ("entities", "relations", "listings")
_SHORTEST = 4  # letters that a name needs before it is looked for in other texts

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
    """

    graph: AccessGraph
    pseudonyms: Mapping[str, str]

    def id_of(self, name: str) -> str:
        """How an id is called in the redacted graph."""
        return self.pseudonyms.get(name, name)

    def story(self, story: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """A story whose views bear the new ids; its texts are the author's own."""
        if story is None or not isinstance(story.get("steps"), list):
            return story
        steps = [
            {**step, "view": re.sub(r"[^=&~:,#]+", lambda found: self.id_of(found[0]), str(step["view"]))}
            if isinstance(step, Mapping) and "view" in step
            else step
            for step in story["steps"]
        ]
        return {**story, "steps": steps}


def redact(graph: AccessGraph, ids: Iterable[str]) -> Redaction:
    """Give entities pseudonyms, withhold what would name them, and check that no verdict changed.

    Parameters
    ----------
    graph : AccessGraph
    ids : iterable of str
        Entities.

    Raises
    ------
    UnknownId
        If no entity has an id.
    AccessMapError
        If a published verdict were not the private one.

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
    redaction = Redaction(build(editor.dataset()), editor.pseudonyms)
    _check(graph, redaction)
    return redaction


class _Editor:
    """Rewrites the tables of a dataset, one after another."""

    def __init__(self, dataset: Dataset, chosen: Sequence[str]) -> None:
        self.source = dataset
        self.pseudonyms: dict[str, str] = {}
        self.names: dict[str, dict[str, str]] = {}
        self.withheld: dict[str, str] = {}  # source → its stand-in
        taken = set(dataset.entities.column("id"))
        for name in chosen:
            type_ = dataset.type_of(name)
            number = sum(dataset.type_of(other) == type_ for other in self.pseudonyms) + 1
            pseudonym = f"withheld-{type_}-{number}"
            while pseudonym in taken:
                pseudonym += "-x"
            self.pseudonyms[name] = pseudonym
            self.names[name] = {lang: f"{_TYPE[type_][lang]} {number} ({_WITHHELD[lang]})" for lang in _WITHHELD}
        self.hide = self._hider()

    def _hider(self) -> Callable[[str], str]:
        """A function that takes the names out of a text.

        A name may be part of another's ("Ministry of Justice of …"), so nothing is put in its place that would say who.
        """
        entities = self.source.entities
        columns = [column for column in entities.header if column == "name" or column.startswith("name_")]
        spoken: set[str] = set()
        for row in (entities.index[name] for name in self.pseudonyms):
            said = [entities.column(column)[row] for column in columns] + [*split(entities.column("aliases")[row])]
            spoken |= {text for text in said if len(text) >= _SHORTEST}
        if not spoken:
            return lambda text: text
        pattern = re.compile(
            "|".join(map(re.escape, sorted(spoken, key=lambda text: (-len(text), text)))), re.IGNORECASE
        )
        return lambda text: pattern.sub("(withheld)", text)

    def dataset(self) -> Dataset:
        tables: dict[str, Table] = {
            **self.source.tables,
            "relations": self._relations(),
            "entities": self._entities(),
            "listings": self._listings(),
        }
        tables["sources"] = self._sources(tables)
        # What else a dataset may carry is not in a page, and may name anyone.
        kept: dict[str, Table] = {name: tables[name] for name in _CARRIED if name in tables}
        return replace(self.source, tables=kept, extras={}, folder=None)

    def _cells(self, table: Table) -> Cells:
        telling = {*_TEXTS.get(table.name, ())}
        if table.name == "entities":
            telling |= {name for name in table.header if name.startswith("name")}
        return {
            name: [self.hide(text) if name in telling else text for text in table.column(name)] for name in table.header
        }

    def _entities(self) -> Table:
        table = self.source.entities
        cells = self._cells(table)
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
        return _edited(table, cells)

    def _relations(self) -> Table:
        table = self.source.relations
        cells = self._cells(table)
        touching = {
            row for column in ("subject", "object") for row, name in enumerate(cells[column]) if name in self.pseudonyms
        }
        for row in sorted(touching):
            for column in ("subject", "object"):
                cells[column][row] = self.pseudonyms.get(cells[column][row], cells[column][row])
            for column in _CLAIM_TEXTS:
                if cells[column][row]:
                    cells[column][row] = "(withheld)"
            cells["id"][row] = f"withheld-relation-{row + 1}"
            cells["sources"][row] = self._stand_ins(cells["sources"][row])
        return _edited(table, cells)

    def _listings(self) -> Table:
        """Listings of a redacted entity say who it is, so they go; they bear on no verdict about reach."""
        table = self.source.listings
        kept = [row for row, name in enumerate(table.column("entity")) if name not in self.pseudonyms]
        cells = {name: [column[row] for row in kept] for name, column in self._cells(table).items()}
        if "authority" in cells:
            cells["authority"] = [self.pseudonyms.get(name, name) for name in cells["authority"]]
        return Table(table.name, table.header, cells, [0] * len(kept))

    def _stand_ins(self, cell: str) -> str:
        return ";".join(
            self.withheld.setdefault(name, f"withheld-source-{len(self.withheld) + 1}") for name in split(cell)
        )

    def _sources(self, tables: Mapping[str, Table]) -> Table:
        """Sources still cited, and for each that is withheld one with its date and nothing else."""
        table = self.source.sources
        cells = self._cells(table)
        cited = {name for one in _CITING for cell in tables[one].column("sources") for name in split(cell)}
        texts = [name for name in _TEXTS["sources"] if name in cells]
        telling = {row for row in range(len(table)) if any(cells[c][row] != table.column(c)[row] for c in texts)}
        rows = [row for row, name in enumerate(table.column("id")) if name in cited]
        out: Cells = {name: [column[row] for row in rows] for name, column in cells.items()}
        for at, row in enumerate(rows):
            if row in telling:
                out["url"][at] = ""  # its address would tell what its title no longer does
        for name, stand_in in self.withheld.items():
            old = table.index.get(name)
            blank = {
                "id": stand_in,
                "title": "(withheld)",
                "date": table.column("date")[old] if old is not None else "",
            }
            for column, values in out.items():
                values.append(blank.get(column, ""))
        return Table(table.name, table.header, out, [0] * len(out["id"]))


def _edited(table: Table, cells: Cells) -> Table:
    return Table(table.name, table.header, cells, [0] * len(table))


def _check(private: AccessGraph, redaction: Redaction) -> None:
    """Compare every verdict about every category, for each stance."""
    for stance in ("direct", "documented", "assumed"):
        for code in private.categories.codes:
            ours = {
                (redaction.id_of(row["body"]), redaction.id_of(row["store"])): _verdict(row)
                for row in who_can_reach(private, code, by="pair", stance=stance).rows
            }
            theirs = {
                (row["body"], row["store"]): _verdict(row)
                for row in who_can_reach(redaction.graph, code, by="pair", stance=stance).rows
            }
            if ours != theirs:
                raise AccessMapError(f"redact: the published answer about {code!r} would differ from the private one")


def _verdict(row: Row) -> tuple[object, ...]:
    # Which of several equal paths is shown goes by ids, and so may what is said of the path alone.
    return tuple(row[name] for name in ("verdict", "level", "certainty", "hops", "categories", "store_unknown"))

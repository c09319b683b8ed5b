"""Accepted matches become listings: rows with their sources, checked before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from stakeholders.addresses import require_folder
from stakeholders.dataset import Dataset, Table, empty_table, split
from stakeholders.dates import first_day
from stakeholders.decisions import FAMILIES, decisions_of
from stakeholders.errors import AccessMapError, InvalidDataset, UnknownTerm
from stakeholders.formats.csl import AUTHORITIES
from stakeholders.formats.followthemoney import read_listings
from stakeholders.formats.list_files import ListedAs, ListEntry, ListFile, Progress
from stakeholders.regimes import Program, Regimes, regimes_of, slug
from stakeholders.screening import open_list

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMATS: Final = ("csl", "opensanctions")

_TITLES: Final = {
    "csl": ("Consolidated Screening List", "International Trade Administration, US Department of Commerce", "official"),
    "opensanctions": ("OpenSanctions", "OpenSanctions", "dataset"),
}
# What a table of listings says where no table of regimes has the list: the name of the unknown effect, and why.
_UNSTATED: Final = "measure of unstated kind: the file does not say what the list forbids"
_WIDER: Final = "central-asia"  # where an authority that a dataset lacks is described


class Refused(NamedTuple):
    """An accepted match that gave no listing, and why."""

    entity: str
    entry: str
    why: str


class Updated(NamedTuple):
    """A listing that the dataset has, and the last day that the file gives it."""

    listing: str
    until: str


@dataclass(frozen=True)
class Imported:
    """What an import made of the accepted matches.

    Attributes
    ----------
    dataset : Dataset
        With the new rows.
    added : tuple of str
        Ids of the new listings.
    known : tuple of str
        Ids of listings that the dataset has already.
    refused : tuple of Refused
    updated : tuple of Updated
        Known listings that were open, or ended on another day, and now end when the file says.
    authorities : tuple of str
        Ids of new bodies: authorities of lists, that the dataset lacked.
    """

    dataset: Dataset
    added: tuple[str, ...]
    known: tuple[str, ...]
    refused: tuple[Refused, ...]
    updated: tuple[Updated, ...] = ()
    authorities: tuple[str, ...] = ()


def import_listings(
    path: str | Path,
    folder: str | Path,
    form: str,
    *,
    read_on: str | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Write the accepted matches of a list into a dataset's folder, as listings with their sources.

    Parameters
    ----------
    path : str or Path
        The sanctions list.
    folder : str or Path
        A dataset whose ``matches.csv`` has decisions.
    form : {'csl', 'opensanctions'}
        ``opensanctions`` stands for its table and for its FollowTheMoney lines.
    read_on : str, optional
        Day of the copy, which dates the source; default the file's own.
    progress : callable, optional
        Called now and then with the bytes read and the size of the file.

    Returns
    -------
    Imported

    Raises
    ------
    AccessMapError
        If the file is of another format, or damaged, or the folder is a bundled dataset or a database.
    InvalidDataset
        If the folder would not be valid with the new rows; then nothing is written.
    """
    from stakeholders.tables import bundled, read, write

    if form not in FORMATS:
        raise UnknownTerm("format of a sanctions list", form, FORMATS)
    require_folder(folder)
    if str(folder) in bundled() and not Path(folder).is_dir():
        raise AccessMapError(
            f"{str(folder)!r} comes with the package and is not written to; make it a folder of your own: "
            f"accessmap convert {folder} NEW --to csv"
        )
    dataset = read(Path(folder))
    imported = accepted_listings(dataset, path, form, read_on=read_on, progress=progress)
    if imported.added or imported.updated:
        from stakeholders.rules import validate

        problems = [problem for problem in validate(imported.dataset) if not problem.warning]
        if problems:
            raise InvalidDataset(problems)
        write(imported.dataset, folder)
    return imported


def accepted_listings(
    dataset: Dataset,
    path: str | Path,
    form: str,
    *,
    read_on: str | None = None,
    progress: Progress | None = None,
) -> Imported:
    """A dataset with the accepted matches of a list as listings; nothing is written. See `import_listings`."""
    found, entries = open_list(path, progress)
    if FAMILIES[found] != form:
        raise AccessMapError(f"{path}: this is a file of the format {FAMILIES[found]!r}, not {form!r}")
    accepted: dict[str, list[str]] = {}
    for decision in decisions_of(dataset).values():
        if decision.family == form and decision.decision == "accepted":
            accepted.setdefault(decision.entry, []).append(decision.entity)
    chosen = {entry.id: entry for entry in entries if entry.id in accepted}
    further: dict[str, list[ListedAs]] = {}
    if found == "followthemoney" and chosen:
        with ListFile(path) as file:
            for entry_id, listed in read_listings(file, chosen):
                further.setdefault(entry_id, []).append(listed)
    day = read_on or datetime.fromtimestamp(Path(path).stat().st_mtime, UTC).date().isoformat()
    rows = _Rows(dataset, form, day)
    for entry_id in sorted(accepted):
        for entity in sorted(accepted[entry_id]):
            if entry_id not in chosen:
                rows.refused.append(Refused(entity, entry_id, "the file has no such entry"))
            elif dataset.type_of(entity) != "body":
                rows.refused.append(Refused(entity, entry_id, "the dataset has no such body"))
            else:
                entry = chosen[entry_id]
                # The entities of their own tell more than what the entry says of its programs.
                rows.add(entity, entry, further.get(entry_id) or entry.listed)
    return rows.imported()


class _Rows:
    """New rows of a dataset, gathered entry by entry."""

    def __init__(self, dataset: Dataset, form: str, day: str) -> None:
        self.dataset, self.form, self.day = dataset, form, day
        self.regimes = regimes_of(dataset)
        self.refused: list[Refused] = []
        self._known: list[str] = []
        self._ended: dict[str, tuple[str, str]] = {}
        self._new: dict[str, list[dict[str, str]]] = {"entities": [], "listings": [], "sources": []}
        self._ids = {name: set(dataset.tables[name].index) for name in self._new if name in dataset.tables}
        self._added: set[tuple[str, str, str, str]] = set()
        self._listed: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
        for row in dataset.listings.rows():
            place = (row["entity"], row["authority"], row["list"])
            self._listed.setdefault(place, []).append((row["id"], row.get("listed_from", "")))

    def add(self, entity: str, entry: ListEntry, listed: Sequence[ListedAs]) -> None:
        """Listings of an entry, as rows of a body."""
        if not listed:
            self.refused.append(Refused(entity, entry.id, "the file does not say on which list it is"))
        for each in listed:
            program, name = program_of(self.regimes, self.form, each)
            authority = program.authority if program else AUTHORITIES.get(each.authority, "")
            if not authority:
                why = f"the list {each.name!r} is in no table of regimes; name it in the dataset's regimes.toml"
                self.refused.append(Refused(entity, entry.id, why))
                continue
            place = (entity, authority, program.list if program else name)
            since, until = _date(each.since), _date(each.until)
            if place in self._listed and self._same(place, entity, entry, since):
                self._end(place, each, since, until)
                continue
            if (*place, since) in self._added:
                continue
            self._added.add((*place, since))
            self._listing(place, program, entry, each, (since, until))

    def _same(self, place: tuple[str, str, str], entity: str, entry: ListEntry, since: str) -> bool:
        """Whether the dataset has the listing, perhaps with another date, which is then said."""
        for known, date_there in self._listed[place]:
            if not since or not date_there or since.startswith(date_there):
                self._known.append(known)
                return True
        known, date_there = self._listed[place][0]
        why = f"the dataset has it as {known!r} since {date_there}, the file since {since}; settle it by hand"
        self.refused.append(Refused(entity, entry.id, why))
        return True

    def _end(self, place: tuple[str, str, str], listed: ListedAs, since: str, until: str) -> None:
        """Keep the last day that the file gives a listing which the dataset has."""
        table = self.dataset.listings
        same = (name for name, there in self._listed[place] if not (since and there) or since.startswith(there))
        known = next(same, None)
        if known is not None and until and until != table.row(table.index[known]).get("listed_until", ""):
            self._ended[known] = (until, self._source(place[1], place[2], listed.url))

    def _listing(
        self,
        place: tuple[str, str, str],
        program: Program | None,
        entry: ListEntry,
        listed: ListedAs,
        dates: tuple[str, str],
    ) -> None:
        entity, authority, name = place
        source = self._source(authority, name, listed.url)
        self._authority(authority, source)
        row_id = self._free("listings", slug(authority, entity, name))
        words = f"{entry.names[0] if entry.names else entity} stands in the list {name!r} as entry {entry.id}"
        effect = f"{program.effect.name.en}: {program.forbids.en}" if program else _UNSTATED
        self._new["listings"].append(
            {
                "id": row_id,
                "entity": entity,
                "authority": authority,
                "list": name,
                "program": "" if listed.program == listed.name else listed.program,
                "listed_from": dates[0],
                "listed_until": dates[1],
                "reference": listed.reference,
                "effect": effect,
                "claim": f"{words}, since {dates[0]}." if dates[0] else f"{words}; the file gives no date.",
                "sources": source,
            }
        )

    def _source(self, authority: str, name: str, url: str) -> str:
        title, publisher, kind = _TITLES[self.form]
        source = slug(self.form, authority, name, self.day)
        if source not in self._ids["sources"]:
            self._ids["sources"].add(source)
            self._new["sources"].append(
                {
                    "id": source,
                    "title": f"{title}: {name}",
                    "publisher": publisher,
                    "date": self.day,
                    "url": url,
                    "language": "en",
                    "kind": kind,
                    "seen": "read",
                }
            )
        return source

    def _authority(self, authority: str, source: str) -> None:
        """The body that keeps the list, from the wider dataset if this one lacks it."""
        if authority in self._ids["entities"]:
            return
        from stakeholders.tables import read

        wider = read(_WIDER).entities
        row = wider.index.get(authority)
        cells = wider.row(row) if row is not None else {"name": authority, "kind": "agency", "country": ""}
        kept = {name: cells.get(name, "") for name in ("kind", "name", "name_ru", "name_kk", "country", "aliases")}
        self._ids["entities"].add(authority)
        self._new["entities"].append({"id": authority, "type": "body", **kept, "sources": source})

    def _free(self, table: str, wanted: str) -> str:
        taken = self._ids.setdefault(table, set())
        number, free = 1, wanted
        while free in taken:
            number += 1
            free = f"{wanted}-{number}"
        taken.add(free)
        return free

    def imported(self) -> Imported:
        """The dataset with the rows."""
        tables = dict(self.dataset.tables)
        for name, rows in self._new.items():
            if rows:
                tables[name] = _extended(tables.get(name) or empty_table(name), rows)
        if self._ended:
            tables["listings"] = _with_ends(tables["listings"], self._ended)
        return Imported(
            replace(self.dataset, tables=tables) if self._ended or any(self._new.values()) else self.dataset,
            tuple(row["id"] for row in self._new["listings"]),
            tuple(dict.fromkeys(self._known)),
            tuple(self.refused),
            tuple(Updated(name, until) for name, (until, _) in self._ended.items()),
            tuple(row["id"] for row in self._new["entities"]),
        )


def program_of(regimes: Regimes, form: str, listed: ListedAs) -> tuple[Program | None, str]:
    """The program that a file means, and the list's name as the file has it.

    Examples
    --------
    >>> from stakeholders.regimes import shipped_regimes
    >>> program_of(shipped_regimes(), "opensanctions", ListedAs("US-BIS-EL"))[0].key
    'us-bis-entity-list'
    """
    for program in regimes.programs.values():
        if listed.name in (program.csl if form == "csl" else program.opensanctions):
            return program, program.list
    return None, listed.name


def _extended(table: Table, rows: Iterable[Mapping[str, str]]) -> Table:
    """A table with rows at its end; columns that it lacks are added."""
    new = list(rows)
    header = (*table.header, *dict.fromkeys(name for row in new for name in row if name not in table.header))
    columns = {name: (*table.column(name), *(row.get(name, "") for row in new)) for name in header}
    return replace(table, header=header, columns=columns, lines=[*table.lines, *(0 for _ in new)], raw=None)


def _with_ends(table: Table, ends: Mapping[str, tuple[str, str]]) -> Table:
    """A table of listings in which some end on a day that a further source tells."""
    rows = [table.row(number) for number in range(len(table))]
    for name, (until, source) in ends.items():
        row = rows[table.index[name]]
        row["listed_until"] = until
        row["sources"] = ";".join(dict.fromkeys((*split(row["sources"]), source)))
    header = table.header if "listed_until" in table.header else (*table.header, "listed_until")
    columns = {name: tuple(row.get(name, "") for row in rows) for name in header}
    return replace(table, header=header, columns=columns, raw=None)


def _date(text: str) -> str:
    """A date as the tables write it; what cannot be read as one is left out."""
    wanted = text.strip()[:10]
    try:
        first_day(wanted)
    except ValueError:
        return ""
    return wanted

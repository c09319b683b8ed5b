"""Listings: who is on which sanctions or export-control list, since when, and what that list forbids.

*Listing* is the umbrella word; what it means depends on the list, so every sentence names the measure: "listed for
export control since 2019-10-09", never "sanctioned" alone. That a dataset has no listing of a body says something
about the dataset, not about the body.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from stakeholders.dates import ALWAYS, FOREVER, day_asked
from stakeholders.errors import AccessMapError, UnknownTerm
from stakeholders.intervals import ASSUMED, KNOWN, UNDATED, listing_intervals
from stakeholders.regimes import Program, Regimes, regimes_of, slug
from stakeholders.vocabulary import Label

if TYPE_CHECKING:
    from stakeholders.dataset import Dataset

Day = int | str | date

PHRASES: Final = {
    KNOWN: Label(
        "{name} is {said} since {since} ({authority}: {list})",
        "{name} — {said} с {since} ({authority}: {list})",
        "{name} {since} бастап {said} ({authority}: {list})",
    ),
    ASSUMED: Label(
        "{name} is {said}, by {since} at the latest ({authority}: {list}; the day of listing is not recorded)",
        "{name} — {said} не позднее {since} ({authority}: {list}; день включения не указан)",
        "{name} ең кешінде {since} бастап {said} ({authority}: {list}; тізімге енгізілген күні көрсетілмеген)",
    ),
    UNDATED: Label(
        "{name} is {said} ({authority}: {list}; the day of listing is not recorded)",
        "{name} — {said} ({authority}: {list}; день включения не указан)",
        "{name} {said} ({authority}: {list}; тізімге енгізілген күні көрсетілмеген)",
    ),
}
ENDED: Final = Label("{sentence}; until {until}", "{sentence}; до {until}", "{sentence}; {until} дейін")
NO_LISTING: Final = Label(
    "{name}: no listing in this dataset ({dataset})",
    "{name}: в этом наборе данных нет записи о включении в перечни ({dataset})",
    "{name}: бұл деректер жиынында тізімге енгізу туралы жазба жоқ ({dataset})",
)


@dataclass(frozen=True, slots=True)
class Listing:
    """One entity on one list.

    Attributes
    ----------
    id, entity, authority, list : str
        As in the ``listings`` table.
    program : Program
        What the list forbids, to whom, and what it does to owned companies.
    start, end : int
        First and last day.
    word : int
        Whether the start is known, assumed (the earliest source) or undated; see :mod:`stakeholders.intervals`.
    since, until : str
        The same days as written in the data; empty where open.
    effect : str
        The dataset's own words on the effect, else the program's.
    row : int
        Row of the ``listings`` table.
    """

    id: str
    entity: str
    authority: str
    list: str
    program: Program
    start: int
    end: int
    word: int
    since: str
    until: str
    effect: str
    row: int

    def answers_to(self, name: str) -> bool:
        """Whether a list name means this listing.

        It may be the listing's id, list, program or authority, the program's key, or the slug of authority and list.
        """
        wanted = name.strip().casefold()
        names = (self.id, self.list, self.authority, self.program.key, slug(self.authority, self.list))
        return any(wanted == each.casefold() for each in names)


def listings(
    dataset: Dataset,
    *,
    as_of: Day | None = None,
    known_by: Day | None = None,
    entities: Collection[str] | None = None,
    regime: str | None = None,
    lists: Sequence[str] = (),
) -> tuple[Listing, ...]:
    """Listings of a dataset, in the order of its table.

    Parameters
    ----------
    dataset : Dataset
    as_of : int, str or date, optional
        Only those in force on that day (a partial date means its last day); default all, past ones too.
    known_by : int, str or date, optional
        Only those that a source of that day could tell of.
    entities : collection of str, optional
        Ids of the listed entities; default all.
    regime : str, optional
        Key of a regime, such as ``"us-bis"``.
    lists : sequence of str
        Names of lists, see :meth:`Listing.answers_to`; several mean any of them.

    Returns
    -------
    tuple of Listing

    Raises
    ------
    UnknownTerm
        If no regime, or no list of the table or the dataset, has the name.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> [listing.entity for listing in listings(read("cabar-2020"), as_of="2019-10-09")]
    ['cn-dahua', 'cn-hikvision']
    >>> listings(read("cabar-2020"), as_of="2019-10-08")
    ()
    """
    found = list(_all(dataset))
    table = regimes_of(dataset)
    if regime is not None:
        known = sorted({*table.names, *(listing.program.regime for listing in found)})
        if regime not in known:
            raise UnknownTerm("regime", regime, known)
        found = [listing for listing in found if listing.program.regime == regime]
    if lists:
        _check_lists(lists, _all(dataset), table)
        found = [listing for listing in found if any(listing.answers_to(name) for name in lists)]
    if as_of is not None:
        day = day_of(as_of)
        found = [listing for listing in found if listing.start <= day <= listing.end]
    if known_by is not None:
        known_days, limit = listing_intervals(dataset).known, day_of(known_by)
        found = [listing for listing in found if known_days[listing.row] <= limit]
    if entities is not None:
        found = [listing for listing in found if listing.entity in entities]
    return tuple(found)


def listing_sentence(dataset: Dataset, listing: Listing, lang: str = "en") -> str:
    """What a listing means, in one sentence that names the measure and since when.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> dataset = read("central-asia")
    >>> (listing,) = listings(dataset, entities=["cn-dahua"], lists=["Entity List"])
    >>> listing_sentence(dataset, listing).partition(" (")[0]
    'Dahua Technology is listed for export control since 2019-10-09'
    """
    sentence = (
        PHRASES[listing.word]
        .of(lang)
        .format(
            name=dataset.name_of(listing.entity, lang),
            said=listing.program.effect.said.of(lang),
            since=listing.since,
            authority=dataset.name_of(listing.authority, lang),
            list=listing.list,
        )
    )
    if listing.end < FOREVER and listing.until:
        return ENDED.of(lang).format(sentence=sentence, until=listing.until)
    return sentence


def no_listing_sentence(dataset: Dataset, entity: str, lang: str = "en") -> str:
    """That the dataset has no listing of an entity, which is all that can be said.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> no_listing_sentence(read("central-asia"), "ae-presight")
    'Presight AI: no listing in this dataset (central-asia)'
    """
    return NO_LISTING.of(lang).format(name=dataset.name_of(entity, lang), dataset=dataset.name)


def day_of(value: Day) -> int:
    """Ordinal of a day; of a partial date its last day.

    Raises
    ------
    AccessMapError
        If a text is no date.

    Examples
    --------
    >>> day_of("2020-02") == day_of("2020-02-29")
    True
    """
    if isinstance(value, int):
        return value
    try:
        return day_asked(value)
    except ValueError as error:
        raise AccessMapError(str(error)) from None


@lru_cache(maxsize=4)
def _all(dataset: Dataset) -> tuple[Listing, ...]:
    table, spans, regimes = dataset.listings, listing_intervals(dataset), regimes_of(dataset)
    found = []
    for row, cells in enumerate(table.rows()):
        program = regimes.program(cells["authority"], cells["list"], cells.get("effect", ""))
        found.append(
            Listing(
                id=cells["id"],
                entity=cells["entity"],
                authority=cells["authority"],
                list=cells["list"],
                program=program,
                start=int(spans.start[row]),
                end=int(spans.end[row]),
                word=int(spans.word[row]),
                since=spans.since(row) if spans.start[row] > ALWAYS else "",
                until=cells.get("listed_until", ""),
                effect=cells.get("effect", "") or program.forbids.en,
                row=row,
            )
        )
    return tuple(found)


def _check_lists(names: Sequence[str], found: Iterable[Listing], table: Regimes) -> None:
    found = list(found)
    programs = table.programs.values()
    for name in names:
        wanted = name.strip().casefold()
        shipped = {text.casefold() for each in programs for text in (each.key, each.list, each.authority)}
        shipped |= {slug(each.authority, each.list) for each in programs}
        if wanted not in shipped and not any(listing.answers_to(name) for listing in found):
            raise UnknownTerm("list", name, sorted({listing.list for listing in found}))

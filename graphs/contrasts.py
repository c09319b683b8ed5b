"""Two versions, or two days, compared by whatever searches: arrays on this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stakeholders.errors import AccessMapError

if TYPE_CHECKING:
    from graphs.asking import Asked
    from graphs.changes import Difference
    from stakeholders.dataset import Dataset


def contrast(
    asked: Asked,
    before: str | None,
    after: str | None,
    days: tuple[str, str] | None,
    read: Callable[[str], Dataset],
) -> Difference:
    """What changed between two versions, or two days of the data that are asked, and what it means.

    Parameters
    ----------
    asked : Asked
        What is assumed, and what searches; of two versions its data become those of both.
    before, after : str
        Names, folders or, for arrays, revisions.
    days : (str, str)
        Instead of these.
    read : callable
        Makes a dataset of a version.

    Raises
    ------
    AccessMapError
        If neither is given, or both.
    DatasetNotFound
        If there is no such version, or none that a cluster can read.
    """
    if days and not before:
        return _between_days(asked, *days)
    if days or not (before and after) or asked.overlay or asked.without:
        raise AccessMapError(
            "give either BEFORE and AFTER, or --between and two dates of one dataset (-d, --with, --without)"
        )
    return _between_versions(asked, before, after, read)


def _between_versions(asked: Asked, before: str, after: str, read: Callable[[str], Dataset]) -> Difference:
    if asked.engine != "spark":
        from graphs.changes import diff

        sides = read(before), read(after)
        vars(asked).update(data=sides[0].overlay(sides[1]))  # selectors may mean what only one side has
        return diff(*sides, **asked.options)
    from graphs.engines.spark.differences import diff as diff_there
    from stakeholders.clusters import check_place

    for place in (before, after):  # before Spark is started, which takes long
        check_place(place)
    tables = asked.opener(before, asked.master), asked.opener(after, asked.master)
    if asked.bodies or asked.stores:
        vars(asked).update(data=tables[0].names().overlay(tables[1].names()))
    return _named(asked, diff_there(*tables, **asked.options))


def _between_days(asked: Asked, first: str, last: str) -> Difference:
    if asked.cluster is None:
        from graphs.changes import between

        return between(asked.graph, first, last, **asked.options)
    from graphs.engines.spark.differences import between as between_there

    return _named(asked, between_there(asked.cluster, first, last, **asked.options))


def _named(asked: Asked, answer: Difference) -> Difference:
    """An answer that names what it tells of: the names of all else are not here."""
    vars(asked).update(whole=answer.union)
    return answer

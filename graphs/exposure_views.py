"""Exposure as it is asked for: which of its views answers, and which wishes do not go together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Unpack

from graphs.access import AccessGraph
from graphs.answers import Answer
from graphs.exposures import exposure, exposure_history, exposure_matrix
from graphs.reliance import GROUPS, cut_off, dependence
from graphs.scope import Options
from stakeholders.errors import AccessMapError, UnknownTerm

MATRIX: Final = "list"
VIEWS: Final = (*GROUPS, MATRIX)


def exposure_view(
    graph: AccessGraph,
    target: str | None = None,
    *,
    regime: str | None = None,
    lists: Sequence[str] = (),
    gone: Sequence[str] = (),
    by: str | None = None,
    history: bool = False,
    **options: Unpack[Options],
) -> Answer:
    """The view of exposure that is asked for; what it cannot take is refused, never left out.

    Parameters
    ----------
    graph : AccessGraph
    target, regime, lists, **options
        As for `graphs.exposures.exposure`.
    gone : sequence of str
        Lists whose vendors are taken away, see `graphs.reliance.cut_off`.
    by : {'body', 'city', 'category', 'system', 'list'}, optional
        How much rests on whom, see `graphs.reliance.dependence`; or bodies by lists, see
        `graphs.exposures.exposure_matrix`.
    history : bool
        Over time, see `graphs.exposures.exposure_history`.

    Raises
    ------
    AccessMapError
        If two views are asked for at once, or a level or list where it means nothing.
    UnknownTerm
        If ``by``, a regime or a list is unknown.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> exposure_view(build(read("cabar-2020")), by="city", history=True)
    Traceback (most recent call last):
    stakeholders.errors.AccessMapError: --by and --history cannot be combined: each is a view of its own
    """
    asked = [name for name, wish in (("--by", by), ("--cut-off", gone), ("--history", history)) if wish]
    if len(asked) > 1:
        raise AccessMapError(f"{' and '.join(asked)} cannot be combined: each is a view of its own")
    if gone:
        if lists:
            raise AccessMapError("--list and --cut-off cannot be combined: name the lists after --cut-off alone")
        return cut_off(graph, gone, target, regime=regime, **options)
    if history:
        return exposure_history(graph, target, regime=regime, lists=lists, **options)
    if by == MATRIX:
        return exposure_matrix(graph, target, regime=regime, lists=lists, **options)
    if by is not None:
        if by not in GROUPS:
            raise UnknownTerm("way of grouping", by, VIEWS)
        return dependence(graph, by, target, regime=regime, lists=lists, **options)
    return exposure(graph, target, regime=regime, lists=lists, **options)

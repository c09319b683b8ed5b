"""Who can reach which categories: one table of all bodies and all categories."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

import numpy as np

from graphs.access import AccessGraph, Flags, Nodes
from graphs.answers import Answer, Note, stamp
from graphs.engines.matrix import categories_reached
from graphs.reachability import asked_bodies, caveats
from graphs.scope import Options, Scope
from graphs.views import View
from stakeholders.columns import taken

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Matrix(Answer):
    """Who can reach which categories.

    Attributes
    ----------
    reached : bool array, rows × categories
        In the order of ``rows`` and of ``columns``.
    columns : tuple of str
        Category codes.
    """

    reached: Flags = field(default_factory=lambda: np.zeros((0, 0), dtype=bool), compare=False, repr=False)
    columns: tuple[str, ...] = ()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The table: bodies down, categories across, true where a path is known."""
        import pandas as pd

        return pd.DataFrame(self.reached, index=[row["body"] for row in self.rows], columns=list(self.columns))


def reach_matrix(graph: AccessGraph, **options: Unpack[Options]) -> Matrix:
    """All bodies and all categories at once: which body can reach which category.

    Parameters
    ----------
    graph : AccessGraph
    **options : Options
        The assumptions; see `graphs.scope.Options`. ``level`` and ``certainty`` are the weakest that count.

    Returns
    -------
    Matrix
        A row for each body that reaches something: ``body``, ``categories`` (codes), ``count``; by id. Its ``frame`` is
        the same as a table of true and false. A broad category stands for itself: one who reaches only `face` does not
        reach `biometric` here, though the question `who` asks for all narrower ones.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> answer = reach_matrix(build(read("cabar-2020")), as_of="2020-04-15", level="granted")
    >>> bool(answer.frame.loc["kz-police-atyrau", "video"])
    True
    """
    scope = Scope.of(**options)
    bodies = asked_bodies(graph, scope)
    reached = categories_reached(graph, scope)[bodies]
    some = np.flatnonzero(reached.any(axis=1))
    names = np.array(taken(graph.ids, bodies[some]), dtype=np.str_)
    order: Nodes = some[np.argsort(names, kind="stable")]
    codes = graph.categories.codes
    distinct, number = np.unique(reached[order], axis=0, return_inverse=True)
    sets = [[codes[at] for at in np.flatnonzero(row).tolist()] for row in distinct]
    rows = tuple(
        {"body": name, "categories": list(sets[at]), "count": len(sets[at])}
        for name, at in zip(taken(graph.ids, bodies[order]), number.ravel().tolist(), strict=True)
    )
    notes: tuple[Note, ...] = caveats(View.of(graph, scope), [])
    return Matrix(
        command="matrix",
        question=scope.question(),
        dataset=stamp(graph.dataset),
        rows=rows,
        notes=notes,
        reached=reached[order],
        columns=tuple(codes),
    )


def matrix_changes(before: AccessGraph, after: AccessGraph, **options: Unpack[Options]) -> Answer:
    """Which bodies gained or lost reach to which categories between two versions, whatever their size.

    Parameters
    ----------
    before, after : AccessGraph
        Of one category tree.
    **options : Options
        The assumptions, the same for both.

    Returns
    -------
    Answer
        A row for each body with a difference: ``body``, ``gained`` and ``lost`` (category codes); by id. The paths
        behind it are told by `graphs.changes.diff`.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> dataset = read("cabar-2020")
    >>> fewer = build(dataset.without(["kz-sergek-atyrau-archive"]))
    >>> [row["body"] for row in matrix_changes(build(dataset), fewer, as_of="2020-04-15").rows]
    ['kz-police-atyrau']
    """
    tables = [reach_matrix(graph, **options) for graph in (before, after)]
    codes = sorted({code for table in tables for code in table.columns})
    names = [np.array([row["body"] for row in table.rows], dtype=np.str_) for table in tables]
    everyone = np.union1d(*names)
    wide = np.zeros((2, len(everyone), len(codes)), dtype=bool)
    for number, (table, bodies) in enumerate(zip(tables, names, strict=True)):
        columns = [codes.index(code) for code in table.columns]
        wide[number][np.ix_(np.searchsorted(everyone, bodies), np.array(columns, dtype=np.intp))] = table.reached
    rows = []
    for at in np.flatnonzero((wide[0] != wide[1]).any(axis=1)).tolist():
        gained, lost = (np.flatnonzero(wide[new, at] & ~wide[1 - new, at]).tolist() for new in (1, 0))
        rows.append({
            "body": str(everyone[at]), "gained": [codes[n] for n in gained], "lost": [codes[n] for n in lost],
        })  # fmt: skip
    return Answer(
        command="matrix-changes",
        question={**tables[0].question, "before": tables[0].dataset},
        dataset=tables[1].dataset,
        rows=tuple(rows),
        notes=tables[1].notes,
    )

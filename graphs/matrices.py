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

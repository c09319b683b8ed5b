"""What if: a question asked of a changed copy of a dataset, what falls and what remains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from graphs.access import AccessGraph, build
from graphs.answers import Answer, Row, stamp
from graphs.comparisons import OF_REACH, pair_changes
from graphs.reachability import who_can_reach
from graphs.scope import Options, Scope, ids_of
from stakeholders.dataset import Dataset


def what_if(
    dataset: Dataset,
    target: str,
    *,
    without: Sequence[str] = (),
    add: Dataset | None = None,
    **options: Unpack[Options],
) -> Answer:
    """What falls, what remains and what comes about if some of the evidence were gone, or more were added.

    Parameters
    ----------
    dataset : Dataset
        Is not touched: the question is asked of a changed copy.
    target : str
        An entity's id or a category's code.
    without : sequence of str
        Ids of entities, relations and sources that are taken away. A relation falls with its last source.
    add : Dataset, optional
        Rows laid over the dataset first; of two with one id these hold.
    **options : Options
        The assumptions.

    Returns
    -------
    Answer
        A row for each body and store with a verdict before or after: ``body``, ``store``, ``change``, ``before``,
        ``after`` (each with verdict, level, certainty and path, or ``None``). What falls comes first, then what comes
        about, then what ``remains``. A verdict that turns into another is two changes, as in a diff. Beside the rows a
        count of each change.

    Raises
    ------
    UnknownId
        If nothing has an id that is to be taken away, or nothing answers to the target.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> dataset = read("cabar-2020")
    >>> answer = what_if(dataset, "kz-sergek-atyrau-archive", without=["kz-police-atyrau"], as_of="2020-04-15")
    >>> [(row["body"], row["change"]) for row in answer.rows[:2]]
    [('kz-mia', 'lost'), ('kz-police-atyrau', 'lost')]
    """
    gone, changed = ids_of(without), dataset if add is None else dataset.overlay(add)
    changed = changed.without(gone) if gone else changed
    scope = Scope.of(**options)
    graphs = build(dataset), build(changed)
    before, after = (_pairs(graph, target, options, graphs) for graph in graphs)
    rows = pair_changes(before, after)
    counts = {kind: sum(row["change"] == kind for row in rows) for kind in OF_REACH}
    return Answer(
        command="whatif",
        question={"target": target, **scope.question(), "without": [*gone], "with": add.name if add else None},
        dataset=stamp(dataset),
        rows=tuple(rows),
        beside={"changes": {kind.replace(" ", "_"): count for kind, count in counts.items()}},
    )


def _pairs(graph: AccessGraph, target: str, options: Options, graphs: Sequence[AccessGraph]) -> tuple[Row, ...]:
    """A row a pair. What only the other graph has is no error here, but no answer either."""

    def elsewhere(name: str) -> bool:
        return name not in graph.position and any(name in other.position for other in graphs)

    if elsewhere(target) and target not in graph.categories:
        return ()
    given: Options = {**options}
    if (bodies := options.get("bodies")) is not None:
        given["bodies"] = [each for each in ids_of(bodies) if not elsewhere(each)]
    if (stores := options.get("stores")) is not None:
        given["stores"] = [each for each in ids_of(stores) if not elsewhere(each)]
    return who_can_reach(graph, target, by="pair", **given).rows

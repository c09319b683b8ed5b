"""What an answer would change: verdicts at stake if a relation held, did not hold, or a missing one existed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache, cached_property

import numpy as np

from graphs.access import AccessGraph, Flags, Nodes, Small
from graphs.engines.arrays import ALL_BITS, UNREACHED, Bits, Sweeper, best_rank, bits_of
from graphs.patches import without_relations
from graphs.reachability import Column
from graphs.verdicts import Verdicts
from graphs.views import ALLEGED, NO_CATEGORY, View
from stakeholders.vocabulary import CERTAINTIES, LEVELS

_CONFIRMED = CERTAINTIES.index("confirmed")
_CUSTODY, _ALLEGED = (np.array([code], np.uint8) for code in (LEVELS.index("custody"), ALLEGED))


class Stakes:
    """Counts the pairs of body and place whose best answer depends on something.

    Parameters
    ----------
    view : View
    columns : sequence of (place, layer)
    bodies : int array
        Nodes of the bodies that ask.
    growing : bool
        Whether a system whose store is no longer known counts as a place too; it does where a category is asked for,
        not where one store or system is.
    """

    def __init__(self, view: View, columns: Sequence[Column], bodies: Nodes, *, growing: bool = True) -> None:
        self.view, self.graph, self.bodies = view, view.graph, bodies
        self.verdicts = Verdicts(view, columns, bodies)
        self.layers = {layer for _, layer in columns}
        self.growing = self.layers if growing else set()
        self.place = {place: number for number, place in enumerate(self.verdicts.places)}
        self.without_relation = cache(self._without_relation)

    def at_place(self, place: int) -> int:
        """How many bodies reach a place."""
        return int((self._ranks_at(place) != UNREACHED).sum())

    def _ranks_at(self, place: int) -> Small:
        if place not in self.place:
            return np.full(len(self.bodies), UNREACHED, dtype=np.uint8)
        ranks: Small = self.verdicts.ranks[:, self.place[place]]
        return ranks

    def _without_relation(self, row: int) -> int:
        """Pairs whose answer is another one if a relation does not hold."""
        return _moved_without(self.verdicts, row, self.growing)

    def without_node(self, node: int) -> int:
        """Pairs whose answer is another one if an entity is none: its own, and those that lead through it."""
        view, arcs = self.view, self.graph.arcs
        subject = self.graph.dataset.entity_rows("relations", "subject")
        holding = arcs.holding[view.arc]
        gone = (view.source == node) | (view.target == node) | ((holding >= 0) & (subject[holding] == node))
        return len(self.verdicts.without(np.flatnonzero(gone).tolist()))

    def settled(self, row: int) -> int:
        """Pairs whose answer depends on whether a doubtful relation holds: confirmed, or not at all."""
        view = View.of(_confirmed(self.graph, row), self.view.scope)
        ahead = _ahead(view, set(self._targets(row)))
        keeping = self.graph.keeping
        ahead[keeping.system[keeping.relation == row]] = True  # without the relation they may be places themselves
        columns = [column for column in self.verdicts.columns if ahead[column[0]]]
        return _moved_without(Verdicts(view, columns, self.bodies), row, self.growing)

    def _targets(self, row: int) -> list[int]:
        arcs = self.graph.arcs
        targets: list[int] = arcs.target[(arcs.relation == row) | (arcs.holding == row)].tolist()
        return targets

    def with_holder(self, place: int, candidates: Nodes, denied: Collection[int] = ()) -> int:
        """The most pairs with a place whose answer would be another one if some body turned out to hold it.

        The body reaches the place then, and so does whoever commands it, as far as the arcs pass the place's data.
        Where it stands ``denied`` that the body holds it, its holding would be contested, and so no more than alleged.
        """
        layers = sorted({layer for node, layer in self.verdicts.columns if node == place})
        doubted = bits_of(_CUSTODY, _ALLEGED) if _ALLEGED[0] >= self.view.scope.certainty else np.uint16(0)
        most = 0
        for first in range(0, len(candidates), _WIDTH):
            some = candidates[first : first + _WIDTH]
            bits = np.bitwise_or.reduce([self._commanding(layer, tuple(some.tolist())) for layer in layers])
            bits = np.where(np.isin(some, list(denied)), bits & doubted, bits)
            better = best_rank(bits) < self._ranks_at(place)[:, None]
            most = max(most, int(better.sum(axis=0).max(initial=0)))
        return most

    @cached_property
    def _lasting(self) -> Flags:
        lasting: Flags = ~self.graph.arcs.terminal[self.view.arc]
        return lasting

    @cached_property
    def _commands(self) -> dict[tuple[int, tuple[int, ...]], Bits]:
        return {}

    def _commanding(self, layer: int, candidates: tuple[int, ...]) -> Bits:
        """Thresholds under which the asking bodies reach candidates, themselves included: bodies × candidates."""
        key = (layer, candidates)
        if key not in self._commands:
            sweep = Sweeper(self.view, self._lasting).sweep([(node, layer) for node in candidates])
            bits = sweep.bits[self.bodies]
            bits[np.equal.outer(self.bodies, candidates)] = ALL_BITS
            self._commands[key] = bits
        return self._commands[key]


_WIDTH = 512  # candidates looked at together


def _moved_without(verdicts: Verdicts, row: int, asked: set[int]) -> int:
    view, graph = verdicts.view, verdicts.view.graph
    arcs, moved = graph.arcs, set[tuple[int, int]]()
    if row in verdicts.resting:
        gone = (arcs.relation[view.arc] == row) | (arcs.holding[view.arc] == row)
        moved = {(move.body, move.place) for move in verdicts.without(np.flatnonzero(gone).tolist())}
    if (graph.keeping.relation == row).any():
        moved |= _new_places(verdicts, row, asked)
    return len(moved)


def _new_places(verdicts: Verdicts, row: int, asked: set[int]) -> set[tuple[int, int]]:
    """Pairs whose answer changes because without a relation the store of a system is no longer known."""
    before = verdicts.view
    after = View.of(without_relations(before.graph, [row], {}, before.graph.intervals), before.scope)
    systems = np.flatnonzero((after.places & ~before.places)[:, sorted(asked - {NO_CATEGORY})].any(axis=1)).tolist()
    if before.scope.stores is not None:
        systems = [node for node in systems if before.graph.ids[node] in before.scope.stores]
    columns = [column for column in after.columns(sorted(asked - {NO_CATEGORY})) if column[0] in systems]
    ranks, at = Verdicts(after, columns, verdicts.bodies).ranks, {place: n for n, place in enumerate(verdicts.places)}
    found = set()
    for number, place in enumerate(sorted(systems)):
        old = verdicts.ranks[:, at[place]] if place in at else np.full(len(verdicts.bodies), UNREACHED)
        found |= {(int(verdicts.bodies[body]), place) for body in np.flatnonzero(ranks[:, number] != old).tolist()}
    return found


def _confirmed(graph: AccessGraph, row: int) -> AccessGraph:
    """The graph in which a relation is confirmed and nobody denies it."""
    arcs = graph.arcs
    own = np.full(len(graph.dataset.relations) + 1, _CONFIRMED, dtype=np.uint8)
    plain = arcs.holding < 0
    own[arcs.relation[plain]] = arcs.certainty[plain]
    own[row] = own[-1] = _CONFIRMED
    touched = (arcs.relation == row) | (arcs.holding == row)
    certainty = np.where(touched, np.minimum(own[arcs.relation], own[arcs.holding]), arcs.certainty)
    denials = graph.denials
    kept = np.flatnonzero(denials.relation != row)
    return replace(
        graph,
        arcs=replace(arcs, certainty=certainty),
        denials=replace(denials, **{name: getattr(denials, name)[kept] for name in denials.__dataclass_fields__}),
    )


def _ahead(view: View, nodes: Collection[int]) -> Flags:
    """Nodes that some nodes may lead to, categories left aside, these included."""
    ahead = np.zeros(view.graph.n_nodes, dtype=bool)
    ahead[list(nodes)] = True
    while len(more := view.target[ahead[view.source] & ~ahead[view.target]]):
        ahead[more] = True
    return ahead

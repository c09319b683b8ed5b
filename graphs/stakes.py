"""What an answer would change: verdicts at stake if a relation held, did not hold, or a missing one existed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache, cached_property

import numpy as np

from graphs.access import Nodes, Small
from graphs.engines.arrays import UNREACHED, best_rank, bits_of
from graphs.engines.commands import Commands, commands
from graphs.reachability import Column
from graphs.verdicts import Verdicts
from graphs.views import ALLEGED, View
from graphs.weights import Weights
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
        self.verdicts = Verdicts(view, columns, bodies, chunked=True)
        self.layers = {layer for _, layer in columns}
        self.growing = self.layers if growing else set()
        self._commands = cache(self._by_candidates)
        self.place = {place: number for number, place in enumerate(self.verdicts.places)}

    @property
    def ranks(self) -> Small:
        """Best ranks, bodies × places; known once all is weighed."""
        return self._weights.ranks

    def at_place(self, place: int) -> int:
        """How many bodies reach a place."""
        return int((self._ranks_at(place) != UNREACHED).sum())

    def _ranks_at(self, place: int) -> Small:
        if place not in self.place:
            return np.full(len(self.bodies), UNREACHED, dtype=np.uint8)
        ranks: Small = self.ranks[:, self.place[place]]
        return ranks

    def without_relation(self, row: int) -> int:
        """Pairs whose answer is another one if a relation does not hold."""
        return self._weights.without[row]

    def without_node(self, node: int) -> int:
        """Pairs whose answer is another one if an entity is none: its own, and those that lead through it."""
        return self._weights.nodes[node]

    def settled(self, row: int) -> int:
        """Pairs whose answer depends on whether a doubtful relation holds: confirmed, or not at all."""
        return self._weights.settled[row]

    def weigh(self, relations: Sequence[int], doubtful: Sequence[int], nodes: Sequence[int]) -> None:
        """Look at what is asked about later, all of it together.

        Parameters
        ----------
        relations : sequence of int
            Rows of relations that may not hold.
        doubtful : sequence of int
            Rows of relations, of these, that may be settled.
        nodes : sequence of int
            Nodes of entities that may be none.
        """
        self._weights = Weights(self.verdicts, self.growing, relations, doubtful, nodes)

    def with_holder(self, place: int, candidates: Nodes, denied: Collection[int] = ()) -> int:
        """The most pairs with a place whose answer would be another one if some body turned out to hold it.

        The body reaches the place then, and so does whoever commands it, as far as the arcs pass the place's data.
        Where it stands ``denied`` that the body holds it, its holding would be contested, and so no more than alleged.
        """
        layers, number = self._layers[place], self.place[place]
        doubted = bits_of(_CUSTODY, _ALLEGED) if _ALLEGED[0] >= self.view.scope.certainty else np.uint16(0)
        known = self._commands(tuple(candidates.tolist()))
        bits = np.bitwise_or.reduce(known.bits[:, layers], axis=1)
        if denied:
            bits = np.where(np.isin(candidates[known.over], list(denied)), bits & doubted, bits)
        better = best_rank(bits) < self.ranks[known.by, number]
        return int(np.bincount(known.over[better], minlength=1).max())

    @cached_property
    def _layers(self) -> dict[int, list[int]]:
        """The layers of each place, as positions in ``_sorted_layers``."""
        layers: dict[int, list[int]] = {}
        for place, layer in self.verdicts.columns:
            layers.setdefault(place, []).append(self._sorted_layers.index(layer))
        return layers

    @cached_property
    def _sorted_layers(self) -> list[int]:
        return sorted(self.layers)

    def _by_candidates(self, candidates: tuple[int, ...]) -> Commands:
        """Which asking bodies, by position, command which candidates."""
        found = commands(self.view, self._sorted_layers, np.array(candidates, dtype=np.intp))
        position = np.full(self.graph.n_nodes, -1, dtype=np.int64)
        position[self.bodies] = np.arange(len(self.bodies))
        by = position[found.by]
        return Commands(by[by >= 0], found.over[by >= 0], found.bits[by >= 0])

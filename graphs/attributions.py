"""Causes of many effects in a large graph: the reasoning of `graphs.causes` over states that share their layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from graphs.access import Nodes
from graphs.causes import Effect, Explainer
from graphs.engines.arrays import UNREACHED
from graphs.paths import Path
from graphs.reachability import Column
from graphs.variants import Asked, Variants
from graphs.versions import Choice


@dataclass(frozen=True)
class Attributor(Explainer):
    """Finds the causes of many effects together; the arcs of its paths are positions in ``graph.arcs``.

    Attributes
    ----------
    variants : Variants
        The states of the versions.
    """

    variants: Variants

    def know(self, chosen: Choice, effects: Sequence[Effect]) -> None:
        """Take the ranks of effects afterwards as found."""
        self._of.setdefault(chosen, {}).update(((effect.body, effect.columns), effect.after) for effect in effects)

    @cached_property
    def _of(self) -> dict[Choice, dict[Asked, int]]:
        return {}

    def _shown(self, chosen: Choice, effects: Sequence[Effect]) -> list[bool]:
        known = self._of.setdefault(chosen, {})
        asked = list({(effect.body, effect.columns): None for effect in effects if effect[:2] not in known})
        if asked:
            known.update(zip(asked, self.variants.ranks(chosen, asked), strict=True))
        return [effect.kind.shown[known[effect.body, effect.columns]] for effect in effects]

    def _paths(self, chosen: Choice, effects: Sequence[Effect]) -> list[Path | None]:
        known = self._of[chosen]
        ranks = [known[effect.body, effect.columns] for effect in effects]
        reached = [number for number, rank in enumerate(ranks) if rank != UNREACHED]
        wanted = [(effects[number].body, effects[number].columns, ranks[number]) for number in reached]
        found: list[Path | None] = [None] * len(effects)
        for number, (_, path) in zip(reached, self.variants.paths(chosen, wanted), strict=True):
            found[number] = path
        return found

    def _unlike(self, chosen: Choice, path: Path, columns: Sequence[Column], other: Choice, *, nearest: bool) -> Choice:
        variants, arcs = self.variants, self.variants.graph.arcs
        place, found = int(arcs.target[path.arcs[-1]]), []
        layers = [
            layer for at, layer in columns
            if at == place and variants.pool.passing(np.array(path.arcs), layer).all()
        ]  # fmt: skip
        if not any(variants.is_column(other, place, layer) for layer in layers):
            found.append(self._of_place(variants.graph, place))
        for arc in reversed(path.arcs):
            number = self._number.get(arc)
            if number is None or (nearest and found):
                continue
            rows = int(arcs.relation[arc]), int(arcs.holding[arc])
            candidates = self._candidates(variants.graph, tuple(row for row in rows if row >= 0))
            if candidates and not self._has_alike(chosen, number, layers, other):
                found.append(candidates)
        return frozenset().union(*found[:1] if nearest else found)

    @cached_property
    def _number(self) -> dict[int, int]:
        """Arcs that causes bear on, with their numbers among these."""
        return {arc: number for number, arc in enumerate(self.variants.volatile.tolist())}

    def _has_alike(self, chosen: Choice, number: int, layers: Sequence[int], other: Choice) -> bool:
        """Whether another state has an arc like one of this: of the same relation, as strong, as sure."""
        variants = self.variants
        (_, certainty), (strength, there) = variants.strengths(chosen), variants.strengths(other)
        alike = self._siblings(number)
        alike = alike[(strength[alike] != 0) & (there[alike] == certainty[number])]
        if self._masked and len(alike):
            alike_arcs = variants.volatile[alike]
            for layer in layers:
                alike_arcs = alike_arcs[variants.pool.passing(alike_arcs, layer)]
            return len(alike_arcs) > 0
        return len(alike) > 0

    def _siblings(self, number: int) -> Nodes:
        """Arcs of the same ends, level and relation, in whatever version of it; those of all others never change."""
        if number not in self._sibling:
            variants, arcs = self.variants, self.variants.graph.arcs
            volatile, one, names = variants.volatile, int(variants.volatile[number]), variants.names
            same = np.ones(len(volatile), dtype=bool)
            for column in (arcs.source, arcs.target, arcs.level):
                same &= column[volatile] == column[one]

            def said(arc: int) -> list[str]:
                return [names[int(row)] if row >= 0 else "" for row in (arcs.relation[arc], arcs.holding[arc])]

            own = said(one)
            self._sibling[number] = np.array(
                [at for at in np.flatnonzero(same).tolist() if said(int(volatile[at])) == own], dtype=np.intp
            )
        return self._sibling[number]

    @cached_property
    def _sibling(self) -> dict[int, Nodes]:
        return {}

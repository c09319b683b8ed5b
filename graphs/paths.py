"""Paths: which arcs in which order, what they amount to, and the evidence for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graphs.access import SYSTEM, AccessGraph
from graphs.answers import Row
from graphs.engines.arrays import RANK_BITS, Sweep, bits_of, verdict_of
from graphs.views import NO_CATEGORY, View
from stakeholders.dataset import split
from stakeholders.vocabulary import CERTAINTIES, DATE_WORDS, LEVELS, VERDICTS

Arc = int  # position in a view

_DATE_WORDS = tuple(DATE_WORDS)


@dataclass(frozen=True, slots=True, order=True)
class Path:
    """A path of arcs from a body to a place.

    Attributes
    ----------
    arcs : tuple of int
        Positions in the view, from the body's end.
    relations : tuple of str
        The arcs' relation ids; an implied arc bears its grant's.
    """

    arcs: tuple[Arc, ...]
    relations: tuple[str, ...]

    def preceded(self, arc: Arc, relation: str) -> Path:
        """The path that begins with an arc and goes on so."""
        return Path((arc, *self.arcs), (relation, *self.relations))


class Walker:
    """Finds witness paths in a view.

    Parameters
    ----------
    view : View
    barred : set of int
        Arcs that no path may use.
    """

    def __init__(self, view: View, barred: frozenset[Arc] = frozenset()) -> None:
        self.view, self.barred = view, barred
        self._bits = bits_of(view.level, view.certainty).tolist()
        self._passing: dict[int, list[bool]] = {}
        self._found: dict[tuple[int, int, int, int], Path] = {}

    @cached_property
    def _out(self) -> Mapping[int, list[tuple[str, int, Arc]]]:
        """Arcs out of each node as (relation id, target, arc), by relation id."""
        graph, view = self.view.graph, self.view
        names = graph.dataset.relations.column("id")
        rows = graph.arcs.relation[view.arc].tolist()
        out: dict[int, list[tuple[str, int, Arc]]] = {}
        for arc, (source, target, row) in enumerate(zip(view.source.tolist(), view.target.tolist(), rows, strict=True)):
            if arc not in self.barred:
                out.setdefault(source, []).append((names[row], target, arc))
        for arcs in out.values():
            arcs.sort()
        return out

    def walk(self, sweep: Sweep, column: int, node: int, rank: int, hops: int) -> Path:
        """The path of fewest arcs, then of smallest relation ids, from a node to a column's place.

        Parameters
        ----------
        sweep : Sweep
            A search over the same view that found the node.
        column : int
            Position among the sweep's columns.
        node : int
        rank : int
            Threshold that every arc must meet, as a position in ``RANKED``.
        hops : int
            Fewest arcs under that threshold.
        """
        path = Path((), ())
        passed: list[tuple[tuple[int, int, int, int], str, Arc]] = []
        for left in range(hops, 0, -1):
            key = (id(sweep), column, rank, node)
            if key in self._found:
                path = self._found[key]
                break
            name, ways = self._onward(sweep, column, node, rank, left)
            if len(ways) > 1:  # arcs of one relation, which an implied feed may have
                ends = [(arc, self.walk(sweep, column, target, rank, left - 1)) for target, arc in ways]
                arc, path = min(ends, key=lambda end: end[1].relations)
                path = self._found[key] = path.preceded(arc, name)
                break
            passed.append((key, name, ways[0][1]))
            node = ways[0][0]
        for key, name, arc in reversed(passed):
            path = self._found[key] = path.preceded(arc, name)
        return path

    def _onward(self, sweep: Sweep, column: int, node: int, rank: int, hops: int) -> tuple[str, list[tuple[int, Arc]]]:
        """The smallest relation that leads nearer, and where by which arcs."""
        layer = sweep.columns[column][1]
        if layer not in self._passing:
            self._passing[layer] = self.view.passing(layer).tolist()
        passing, bit = self._passing[layer], int(RANK_BITS[rank])
        nearer = sweep.rounds[hops - 1][:, column]
        terminal = self.view.graph.arcs.terminal
        first, ways = "", list[tuple[int, Arc]]()
        for name, target, arc in self._out.get(node, ()):
            if ways and name > first:
                break
            if not (passing[arc] and self._bits[arc] >> bit & 1 and int(nearer[target]) >> bit & 1):
                continue
            if hops > 1 and terminal[self.view.arc[arc]]:
                continue
            first = name
            ways.append((target, arc))
        if not ways:
            raise AssertionError(f"a search and its witness disagree at node {node}")
        return first, ways


def summary(view: View, path: Path, body: int, place: int) -> Row:
    """What a path amounts to: its weakest arc, its dates, where the body meets the data."""
    arcs, graph = list(path.arcs), view.graph
    rows = view.arc[arcs]
    level, certainty = int(view.level[arcs].min()), int(view.certainty[arcs].min())
    spans = graph.intervals
    since = max(_since_code(graph, int(row)) for row in rows)
    newest = [_newest_code(graph, int(row)) for row in rows]
    met = place
    for arc, row in zip(arcs, rows.tolist(), strict=True):
        if graph.arcs.feed[row] or graph.arcs.terminal[row]:
            met = int(view.source[arc])
            break
    nodes = [body, *view.target[arcs].tolist()]
    collective = graph.dataset.entities.column("collective")
    return {
        "at": graph.ids[met],
        "verdict": VERDICTS[verdict_of(certainty)],
        "level": LEVELS[level],
        "certainty": CERTAINTIES[certainty],
        "contested": bool(view.contested[arcs].any()),
        "hops": len(arcs),
        "since": spans.texts[since] or None,
        "date": _DATE_WORDS[int(graph.arcs.word[rows].max())],
        "last_evidence": spans.texts[min(newest)] or None,
        "collective": any(collective[node] == "true" for node in nodes),
    }


def _since_code(graph: AccessGraph, arc: int) -> int:
    spans, relation, holding = graph.intervals, graph.arcs.relation[arc], graph.arcs.holding[arc]
    code = int(spans.since_code[relation])
    return max(code, int(spans.since_code[holding])) if holding >= 0 else code


def _newest_code(graph: AccessGraph, arc: int) -> int:
    spans, relation, holding = graph.intervals, graph.arcs.relation[arc], graph.arcs.holding[arc]
    code = int(spans.newest_code[relation])
    return min(code, int(spans.newest_code[holding])) if holding >= 0 else code


def steps(view: View, path: Path) -> list[Row]:
    """The hops of a path, each with its claim, status, dates and sources, from the body's end."""
    graph, dataset = view.graph, view.graph.dataset
    hops = []
    for arc in path.arcs:
        position = int(view.arc[arc])
        cells = dataset.relations.row(int(graph.arcs.relation[position]))
        sources = split(cells["sources"])
        step: Row = {
            "relation": cells["id"],
            "source": graph.ids[int(view.source[arc])],
            "target": graph.ids[int(view.target[arc])],
            "predicate": cells["predicate"],
            "level": LEVELS[int(view.level[arc])],
            "certainty": CERTAINTIES[int(view.certainty[arc])],
            "status": cells["status"],
            "contested": bool(view.contested[arc]),
            "valid_from": cells.get("valid_from") or None,
            "valid_until": cells.get("valid_until") or None,
            "date": _DATE_WORDS[int(graph.arcs.word[position])],
            "categories": list(split(cells.get("categories", ""))),
            "legal_basis": cells.get("legal_basis") or None,
            "claim": cells.get("claim", ""),
        }
        if (holding := int(graph.arcs.holding[position])) >= 0:
            held = dataset.relations.row(holding)
            step["holding"] = held["id"]
            sources = tuple(dict.fromkeys((*sources, *split(held["sources"]))))
        step["sources"] = [source_of(graph, name) for name in sources]
        hops.append(step)
    return hops


def source_of(graph: AccessGraph, name: str) -> Row:
    """A source as an answer cites it."""
    table = graph.dataset.sources
    row = table.index.get(name)
    cells = {} if row is None else table.row(row)
    return {"id": name, **{key: cells.get(key) or None for key in ("title", "publisher", "date", "url")}}


def ordered(paths: Sequence[tuple[tuple[int, int], Path]]) -> tuple[tuple[int, int], Path]:
    """The best of several (rank and hops, path): better rank, fewer arcs, smaller relation ids."""
    return min(paths, key=lambda item: (item[0], item[1].relations))


def store_unknown(view: View, place: int, layers: Sequence[int]) -> bool:
    """Whether a place stands for itself because no store is known of one of the categories reached there."""
    named = [layer for layer in layers if layer != NO_CATEGORY]
    return bool(view.graph.types[place] == SYSTEM and view.places[place, named].any())

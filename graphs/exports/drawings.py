"""Drawings as text: Mermaid and Graphviz. Bodies are boxes, systems double boxes, stores drums."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graphs.access import BODY, STORE, SYSTEM
from graphs.exports.selection import Selection
from stakeholders.vocabulary import CERTAINTIES, PREDICATES

_MERMAID = {BODY: ('["', '"]'), SYSTEM: ('[["', '"]]'), STORE: ('[("', '")]')}
_DOT = {BODY: "box", SYSTEM: 'box", peripheries="2', STORE: "cylinder"}
_REPORTED = CERTAINTIES.index("reported")


class _Line(NamedTuple):
    """An arrow: its ends, what it says, and whether it stands on allegations or plans alone."""

    source: int
    target: int
    label: str
    weak: bool


def mermaid(selection: Selection) -> str:
    """A flowchart; what is only alleged, contested or planned is dotted."""
    number = {node: place for place, node in enumerate(selection.nodes.tolist())}
    lines = ["flowchart LR"]
    for node, place in number.items():
        before, after = _MERMAID[int(selection.graph.types[node])]
        lines.append(f"  n{place}{before}{_mermaid_text(selection.name(node))}{after}")
    for line in _lines(selection):
        arrow = "-.->" if line.weak else "-->"
        lines.append(f'  n{number[line.source]} {arrow}|"{_mermaid_text(line.label)}"| n{number[line.target]}')
    return "\n".join(lines) + "\n"


def dot(selection: Selection) -> str:
    """A digraph for Graphviz; what is only alleged, contested or planned is dashed."""
    name = _dot_text(selection.graph.dataset.title)
    lines = [f'digraph "{name}" {{', "  rankdir=LR;"]
    for node in selection.nodes.tolist():
        shape, label = _DOT[int(selection.graph.types[node])], _dot_text(selection.name(node))
        lines.append(f'  "{_dot_text(selection.graph.ids[node])}" [label="{label}", shape="{shape}"];')
    for line in _lines(selection):
        source, target = (_dot_text(selection.graph.ids[end]) for end in (line.source, line.target))
        style = ', style="dashed"' if line.weak else ""
        lines.append(f'  "{source}" -> "{target}" [label="{_dot_text(line.label)}"{style}];')
    return "\n".join([*lines, "}"]) + "\n"


def _lines(selection: Selection) -> Iterator[_Line]:
    """One arrow for each pair of ends and predicate, however many relations say so; weak if all of them are."""
    found: dict[tuple[int, int, str], bool] = {}
    for arc, certainty in zip(selection.arcs.tolist(), selection.certainty.tolist(), strict=True):
        source, target = selection.ends(arc)
        key = (source, target, selection.cells(arc)["predicate"])
        found[key] = found.get(key, True) and certainty < _REPORTED
    for (source, target, predicate), weak in sorted(found.items()):
        known = PREDICATES.get(predicate)
        label = known.label.of(selection.lang) if known else predicate
        yield _Line(source, target, label, weak)


def _mermaid_text(text: str) -> str:
    """A text within quotes; Mermaid has no escapes but the numbers of letters."""
    return "".join(
        letter if letter.isprintable() and letter not in '"#;<>\\`|' else f"#{ord(letter)};" for letter in text
    )


def _dot_text(text: str) -> str:
    """A text within quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in escaped)

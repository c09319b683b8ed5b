"""What a report is made of: paragraphs, tables and numbered entries, before anybody decides what they look like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """A piece of text and what it is: ``headline``, ``heading``, ``column``, ``faint``, ``contested``, a verdict."""

    text: str
    style: str = ""


Line = Sequence[Span]


class Paragraph(NamedTuple):
    """Running text."""

    spans: Line
    indent: int = 0


class Legend(NamedTuple):
    """What marks mean, each with its sentence; where columns are left out, only marks that still stand are told."""

    marks: Sequence[tuple[str, str]]

    def line(self, told: str | None = None) -> list[Span]:
        """The sentences of marks that a text holds, of all without one."""
        return [Span("; ".join(said for mark, said in self.marks if told is None or mark in told), "faint")]


class Heading(NamedTuple):
    """The name of what follows, with a remark."""

    title: Span
    remark: str = ""


class Column(NamedTuple):
    """A column of a grid.

    ``rank`` tells what to leave out first where room is scarce: the highest; 1 only in need, 0 never. A ``flexible``
    column wraps. What ``spills`` goes under its row when it is left out.
    """

    title: str
    flexible: bool = False
    rank: int = 0
    right: bool = False
    spills: bool = False


class GridRow(NamedTuple):
    """Cells, and lines that belong under them across all columns."""

    cells: Sequence[Span]
    under: Sequence[Line] = ()


class Grid(NamedTuple):
    """A table."""

    columns: Sequence[Column]
    rows: Sequence[GridRow]


class Entry(NamedTuple):
    """A numbered sentence, with what stands behind it, line by line."""

    number: int
    lead: Line
    lines: Sequence[Line] = ()


class Bullets(NamedTuple):
    """Sentences of equal rank."""

    lines: Sequence[Line]


Block = Paragraph | Legend | Heading | Grid | Entry | Bullets


def plain(line: Line) -> str:
    """The text of a line.

    Examples
    --------
    >>> plain([Span("can "), Span("reach", "reaches")])
    'can reach'
    """
    return "".join(span.text for span in line)


def lines_of(spans: Line) -> Iterator[list[Span]]:
    """Lines of a paragraph, parted where a span is a line break."""
    current: list[Span] = []
    for span in spans:
        if span.text == "\n":
            yield current
            current = []
        else:
            current.append(span)
    yield current

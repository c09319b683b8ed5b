"""Reports as text: fitted to a width and painted, or one line a row, for a pipe."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from graphs.reports.blocks import (
    Block,
    Bullets,
    Column,
    Entry,
    Grid,
    Heading,
    Legend,
    Line,
    Paragraph,
    Span,
    lines_of,
    plain,
)

Paint = Callable[[str, str], str]
GAP = 2  # between columns
NARROWEST = 14  # of a column that wraps
TIGHTEST = 10  # below which a table becomes a list
READABLE = 26  # of the one that matters most, for which others give way
WIDEST = 100  # for running text, beyond which the eye loses the line

_WORDS = re.compile(r"\S+|\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Latin and Cyrillic letters and the punctuation between them: a column each.
_SINGLE = re.compile(r"[\x00-\u02ff\u0400-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u21ff]*")


def text(
    blocks: Sequence[Block], width: int | None = None, paint: Paint | None = None, left_out: str = "{names}"
) -> str:
    """A report as text.

    Parameters
    ----------
    blocks : sequence of Block
    width : int, optional
        Columns of the terminal; without it nothing is wrapped and nothing left out.
    paint : callable, optional
        Colours a piece of text by the name of its style.
    left_out : str
        How to say which columns there was no room for.
    """
    paint = paint or (lambda piece, _: piece)
    lines: list[str] = []
    before: Block | None = None
    missing: dict[str, None] = {}
    for block in blocks:
        if isinstance(block, Legend) and not plain(block.line("".join(lines))):
            continue
        if before is not None and not isinstance(before, Heading) and not _close(before, block):
            lines.append("")
        if isinstance(block, Legend):
            lines.extend(_lines(Paragraph(block.line("".join(lines))), width, paint))
        elif isinstance(block, Grid):
            kept, widths = _fitted(block, width)
            missing |= dict.fromkeys(_left_out(block, kept, widths))
            lines.extend(_grid(block, kept, widths, width, paint))
        else:
            lines.extend(_lines(block, width, paint))
        before = block
    if missing:
        told = Paragraph([Span(left_out.format(names=", ".join(missing)), "faint")])
        lines += ["", *_lines(told, width, paint)]
    return "".join(line.rstrip() + "\n" for line in lines)


def _close(before: Block, block: Block) -> bool:
    """Whether two blocks stand together: entries of one line."""
    return isinstance(before, Entry) and isinstance(block, Entry) and not (before.lines or block.lines)


def _lines(block: Paragraph | Heading | Entry | Bullets, width: int | None, paint: Paint) -> Iterator[str]:
    running = None if width is None else min(width, WIDEST)
    if isinstance(block, Paragraph):
        for part in lines_of(block.spans):
            yield from _flow(part, running, paint, block.indent, block.indent)
    elif isinstance(block, Heading):
        remark = (Span(f"  {block.remark}", "faint"),) if block.remark else ()
        yield from _flow((block.title, *remark), running, paint, 0, 2)
    elif isinstance(block, Bullets):
        for line in block.lines:
            yield from _flow((Span("· "), *line), running, paint, 0, 2)
    else:
        mark = f"{block.number}. "
        yield from _flow((Span(mark.rjust(4)), *block.lead), running, paint, 0, 4)
        for line in block.lines:
            yield from _flow(line, running, paint, 4, 4)


def cells(piece: str) -> int:
    """How many columns of a terminal a text takes.

    Examples
    --------
    >>> cells("Қазақ"), cells("海康")
    (5, 4)
    """
    if piece.isascii() or _SINGLE.fullmatch(piece):
        return len(piece)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in piece
    )


def _flow(line: Line, width: int | None, paint: Paint, first: int, rest: int) -> list[str]:
    """A line broken at spaces to fit a width, its spans painted."""
    room = width
    text = "".join([span.text for span in line])
    plain = text and text == text.strip() and not _CONTROL.search(text) and "\n" not in text
    if plain and (room is None or max(first, rest) + cells(text) <= room):  # as most do
        return [" " * first + _painted([span for span in line if span.text], paint)]
    done: list[str] = []
    current: list[Span] = []
    used, indent = first, first

    def close() -> None:
        nonlocal current, used, indent
        while current and not current[-1].text.strip():
            current.pop()
        done.append(" " * indent + _painted(current, paint))
        current, used, indent = [], rest, rest

    for span in line:
        for word in _WORDS.findall(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", span.text.replace("\n", " "))):
            for piece in _pieces(word, None if room is None else max(room - rest, 1)):
                size = cells(piece)
                if room is not None and used + size > room and piece.strip():
                    close()
                if piece.strip() or current:
                    current.append(Span(piece, span.style))
                    used += size
    close()
    return done


def _pieces(word: str, room: int | None) -> list[str]:
    """A word, broken where it is wider than a line; an address stays whole, so that it can be clicked and copied."""
    if room is None or cells(word) <= room or not word.strip() or word.startswith(("http://", "https://")):
        return [word]
    pieces, current, used = [], "", 0
    for char in word:
        size = cells(char)
        if used + size > room:
            pieces.append(current)
            current, used = "", 0
        current += char
        used += size
    return [*pieces, current]


def _painted(line: Sequence[Span], paint: Paint) -> str:
    """Neighbours of one style are painted together."""
    parts: list[Span] = []
    for span in line:
        if parts and parts[-1].style == span.style:
            parts[-1] = Span(parts[-1].text + span.text, span.style)
        else:
            parts.append(span)
    return "".join(paint(part.text, part.style) if part.style else part.text for part in parts)


class _Cells(dict[Span, str]):
    """The cells of one column as they stand there, padded and painted; a line break for one of several lines."""

    def __init__(self, column: Column, size: int, paint: Paint) -> None:
        self.column, self.size, self.paint = column, size, paint

    def __missing__(self, cell: Span) -> str:
        text = cell.text
        lines = [text]
        # What is printable has neither control characters nor spaces other than plain ones.
        if not text.isprintable() or text[:1] == " " or text[-1:] == " " or cells(text) > self.size:
            lines = _flow([Span(text)], self.size, _bare, 0, 0)
        found = self[cell] = self.padded(lines[0], cell.style) if len(lines) == 1 else "\n"
        return found

    def padded(self, piece: str, style: str) -> str:
        """One line of a cell."""
        blank = " " * (self.size - cells(piece))
        painted = self.paint(piece, style) if style and piece else piece
        return blank + painted if self.column.right else painted + blank


def _grid(grid: Grid, kept: Sequence[int], widths: Sequence[int], width: int | None, paint: Paint) -> Iterator[str]:
    if width is not None and not widths:
        yield from _listed(grid, width, paint)
        return
    looks = [_Cells(grid.columns[number], size, paint) for number, size in zip(kept, widths, strict=True)]
    yield from _wrapped([Span(look.column.title, "column") for look in looks], looks)
    if width is not None:
        yield paint("─" * (sum(widths) + GAP * (len(widths) - 1)), "faint")
    shown = zip(*([row.cells[number] for row in grid.rows] for number in kept), strict=True)
    pieces = zip(
        *(map(look.__getitem__, [row.cells[number] for row in grid.rows])
          for number, look in zip(kept, looks, strict=True)), strict=True,
    )  # fmt: skip
    spilling = [number for number, column in enumerate(grid.columns) if column.spills and number not in kept]
    for row, cells_shown, parts in zip(grid.rows, shown, pieces, strict=True):
        if "\n" in parts:
            yield from _wrapped(cells_shown, looks)
        else:
            yield (" " * GAP).join(parts)
        for line in (*([row.cells[number]] for number in spilling if row.cells[number].text), *row.under):
            yield from _flow(line, width, paint, 2, 4)


def _listed(grid: Grid, width: int, paint: Paint) -> Iterator[str]:
    """A table too wide for its room: each row as its first cell, and the others below it by their titles."""
    for row in grid.rows:
        first, *others = row.cells
        yield from _flow([first], width, paint, 0, 2)
        facts: list[Span] = []
        for cell, column in zip(others, grid.columns[1:], strict=True):
            if cell.text:
                if facts:
                    facts[-1:] = [Span(f"{facts[-1].text};", facts[-1].style), Span(" ")]
                facts += [*([Span(f"{column.title}: ", "column")] if column.title else []), cell]
        for line in (*([facts] if facts else []), *row.under):
            yield from _flow(line, width, paint, 2, 4)


def _left_out(grid: Grid, kept: Sequence[int], widths: Sequence[int]) -> Iterator[str]:
    """Titles of the columns that there is no room for, neither beside nor below the others."""
    for number, column in enumerate(grid.columns):
        if widths and number not in kept and not column.spills and any(row.cells[number].text for row in grid.rows):
            yield column.title


def _wrapped(row: Sequence[Span], looks: Sequence[_Cells]) -> Iterator[str]:
    """A row of which some cell may take several lines."""
    wrapped = [_flow([Span(cell.text)], look.size, _bare, 0, 0) for cell, look in zip(row, looks, strict=True)]
    for number in range(max(len(lines) for lines in wrapped)):
        parts = [
            look.padded(lines[number] if number < len(lines) else "", cell.style)
            for cell, lines, look in zip(row, wrapped, looks, strict=True)
        ]
        yield (" " * GAP).join(parts)


def _bare(piece: str, _: str) -> str:
    return piece


def _fitted(grid: Grid, width: int | None) -> tuple[list[int], list[int]]:
    """Columns that fit, and their widths: columns of high rank are left out first, flexible ones share what is left.

    Without widths there is no room for a table.
    """
    texts = [{row.cells[number].text for row in grid.rows} for number in range(len(grid.columns))]
    natural = [max(map(cells, (column.title, *found))) for column, found in zip(grid.columns, texts, strict=True)]
    kept = [number for number, found in enumerate(texts) if any(found)] or list(range(len(texts)))  # of empty cells
    if width is None:
        return kept, [natural[number] for number in kept]

    def least(number: int, readable: int) -> int:
        column = grid.columns[number]
        longest = readable if column.rank == 0 else min(readable, NARROWEST)
        return min(natural[number], longest) if column.flexible else natural[number]

    while len(kept) > 1:
        spare = max(kept, key=lambda number: grid.columns[number].rank)
        rank = grid.columns[spare].rank
        readable = READABLE if rank > 1 else NARROWEST
        if not rank or sum(least(number, readable) for number in kept) + GAP * (len(kept) - 1) <= width:
            break
        kept.remove(spare)
    if sum(least(number, TIGHTEST) for number in kept) + GAP * (len(kept) - 1) > width:
        return kept, []
    flexible = [number for number in kept if grid.columns[number].flexible]
    fixed = sum(natural[number] for number in kept if number not in flexible)
    room = width - fixed - GAP * (len(kept) - 1)
    sizes = {number: natural[number] for number in kept}
    sizes |= dict(zip(flexible, _shared([natural[number] for number in flexible], room), strict=True))
    return kept, [sizes[number] for number in kept]


def _shared(wanted: Sequence[int], room: int) -> list[int]:
    """Room dealt out so that nobody gets more than wanted, and whoever must do with less gets as much as the others."""
    sizes = [0] * len(wanted)
    for place, number in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        sizes[number] = max(min(wanted[number], room // (len(wanted) - place)), 1)
        room -= sizes[number]
    return sizes

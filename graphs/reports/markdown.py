"""Reports as Markdown, for a pull request, a wiki or a paper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from graphs.reports.blocks import Block, Bullets, Entry, Grid, Heading, Legend, Line, Paragraph, lines_of, plain

_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~])")
_LIST = re.compile(r"^(\s*\d*)([-+.)])(?=\s|$)")
_ADDRESS = re.compile(r"https?://[^\s<>\"'|\\`]+")


def markdown(blocks: Sequence[Block]) -> str:
    """A report as GitHub-flavoured Markdown; nothing in the data can become markup or HTML."""
    return "\n\n".join("\n".join(_lines(block)) for block in _joined(blocks)) + "\n"


def _joined(blocks: Sequence[Block]) -> Iterator[Block | list[Entry]]:
    """Blocks, with entries that follow each other as one list."""
    run: list[Entry] = []
    for block in blocks:
        if isinstance(block, Entry):
            run.append(block)
            continue
        if run:
            yield run
            run = []
        yield block
    if run:
        yield run


def _lines(block: Block | list[Entry]) -> Iterator[str]:
    if isinstance(block, Entry):
        block = [block]
    if isinstance(block, Legend):
        block = Paragraph(block.line())
    if isinstance(block, Paragraph):
        for number, line in enumerate(lines_of(block.spans)):
            bold = any(span.style == "headline" for span in line)
            yield ("" if number == 0 else "\n") + (_bold(line) if bold else _line(line))
    elif isinstance(block, Heading):
        yield f"## {escaped(block.title.text)}" + (f" ({escaped(block.remark)})" if block.remark else "")
    elif isinstance(block, Grid):
        yield _cells([column.title for column in block.columns])
        yield "|" + "|".join(" ---: " if column.right else " --- " for column in block.columns) + "|"
        for row in block.rows:
            head, *rest = [cell.text for cell in row.cells]
            under = "".join(f"<br>{escaped(plain(line))}" for line in row.under)
            yield f"| {escaped(head)}{under} " + _cells(rest)
    elif isinstance(block, Bullets):
        yield from (f"- {_line(line)}" for line in block.lines)
    else:
        for entry in block:
            yield f"{entry.number}. {_line(entry.lead)}"
            yield from (f"   - {_line(line)}" for line in entry.lines)


def _cells(texts: Sequence[str]) -> str:
    return "| " + " | ".join(escaped(text) for text in texts) + " |"


def _bold(line: Line) -> str:
    return "".join(f"**{escaped(span.text)}**" if span.style == "headline" else escaped(span.text) for span in line)


def _line(line: Line) -> str:
    # At the beginning of a line these would start a list.
    return _LIST.sub(r"\1\\\2", escaped(plain(line)))


def escaped(text: str) -> str:
    r"""Text that Markdown and HTML take for text, web addresses for links.

    Examples
    --------
    >>> print(escaped("a|b\n<b>*c*"))
    a\|b &lt;b&gt;\*c\*
    """
    parts, end = [], 0
    for match in _ADDRESS.finditer(text):
        parts += [_escaped(text[end : match.start()]), f"<{match[0].replace('&', '&amp;')}>"]
        end = match.end()
    return "".join([*parts, _escaped(text[end:])])


def _escaped(text: str) -> str:
    text = " ".join(text.split("\n")).replace("\r", " ").replace("\t", " ")
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", text)

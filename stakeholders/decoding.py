"""From the bytes of one CSV file to its columns, with every fault of the file itself.

What a file should be: UTF-8 (a byte order mark is accepted and kept), cells parted by commas, quoted with ``"`` where
they must be, lines ended by LF or CRLF. What is wrong is reported and read on as best it can be, so that one pass finds
every problem.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Final, NamedTuple

from stakeholders.dataset import Style
from stakeholders.errors import Problem

_BOM = b"\xef\xbb\xbf"
_SAVE: Final = "save the file as UTF-8 (a spreadsheet calls it 'CSV UTF-8')"
# A file of more bytes is read by pyarrow, if that is there and reads it the same.
LARGE: Final = 1 << 24

_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}


class Parsed(NamedTuple):
    """What a CSV file holds: its header, its cells by column, the line of each row, how it is written, its faults.

    ``damaged`` are the rows whose cells may stand in the wrong columns.
    """

    header: tuple[str, ...]
    columns: dict[str, Sequence[str]]
    lines: Sequence[int]
    style: Style
    problems: list[Problem]
    damaged: frozenset[int] = frozenset()


_CYRILLIC: Final = {
    "cp1251": "CP1251 (Windows Cyrillic)",
    "koi8-r": "KOI8-R (Unix Cyrillic)",
    "cp866": "CP866 (DOS Cyrillic)",
}

# Letters of CP1251 outside its upper quarter: ё, and those of Kazakh, Ukrainian and Belarusian.
_OF_CP1251: Final = b"\xa8\xb8\x8d\x9d\xa1\xa2\xa3\xaa\xaf\xb2\xb3\xba\xbd\xbe\xbf"

_OTHERS: Final = {
    b"PK\x03\x04": "is a workbook or a ZIP archive, no CSV: save the sheet as 'CSV UTF-8'",
    b"\xd0\xcf\x11\xe0": "is a workbook of an old spreadsheet, no CSV: save the sheet as 'CSV UTF-8'",
    b"\x1f\x8b": "is packed by gzip: unpack it",
    b"PAR1": "is a Parquet file: let its name end in .parquet",
    b"SQLite format 3\0": "is a database: name it as sqlite:///FILE",
    b"%PDF": "is a PDF, no table",
    b"<<<<<<<": "starts with git's mark of a conflict: settle it",
    b"version https://git-lfs": "is a pointer of Git LFS: fetch the file with 'git lfs pull'",
}

# They make two thirds of a Russian text.
_FREQUENT: Final = frozenset("оеаинтсрвлк")
_ODD_CAPITAL: Final = re.compile(r"[а-яё][А-ЯЁ]")


def parse(file: str, raw: bytes) -> Parsed:
    r"""Columns of a CSV file.

    Examples
    --------
    >>> parsed = parse("entities.csv", b"id,type\nkz-mia,body\nkz-sergek\n")
    >>> parsed.columns["id"], parsed.lines
    (('kz-mia', 'kz-sergek'), [2, 3])
    >>> print(*parsed.problems)
    entities.csv:3: has 1 cell, the header has 2
    """
    if len(raw) > LARGE:
        from stakeholders.streams import parse_large

        if (sound := parse_large(raw)) is not None:
            return sound
    if other := _other_format(raw):
        return Parsed((), {}, [], Style(), [Problem(file, 0, "", other)])
    text, problems = decoded(file, raw)
    separator, skipped = _separator(file, text, problems)
    if skipped:
        text = text.split("\n", 1)[-1]
    style = Style(_newline(text), raw.startswith(_BOM))
    with _long_cells():
        rows, lines, broken = _rows(file, text, separator, skipped, problems)
    if not rows:
        problems.append(Problem(file, 0, "", "is empty; its first line should name the columns"))
        return Parsed((), {}, [], style, problems)
    header = tuple(rows[0])
    head = lines[0]
    del rows[0], lines[0]
    width = len(header)
    damaged = {number for number, line in enumerate(lines) if line in broken} if broken else set()
    if any(len(row) != width for row in rows):
        damaged |= {number for number, row in enumerate(rows) if len(row) != width}
        problems += [
            Problem(file, line, "", _ragged(row, width, line))
            for row, line in zip(rows, lines, strict=True)
            if len(row) != width and line not in broken
        ]
        rows = [row if len(row) == width else [*row, *[""] * width][:width] for row in rows]
    names = _names(file, header, head, problems)
    cells = list(zip(*rows, strict=True)) if rows else [()] * width
    columns: dict[str, Sequence[str]] = {name: cells[place] for place, name in names}
    return Parsed(tuple(columns), columns, lines, style, problems, frozenset(damaged))


def decoded(file: str, raw: bytes) -> tuple[str, list[Problem]]:
    r"""Text of a file, without its byte order mark, in the encoding that it looks to be in.

    Examples
    --------
    >>> text, problems = decoded("sources.csv", "id,title\nkz-1,Закон".encode("cp1251"))
    >>> print(*problems)
    sources.csv:2: is not UTF-8; it looks like CP1251 (Windows Cyrillic): save the file as UTF-8 ...
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        encoding, name = _guess(raw)
        line = raw.count(b"\n", 0, error.start) + 1 if not encoding.startswith(("utf-16", "utf-32")) else 0
        looks = f"; it looks like {name}" if name else f" (byte {raw[error.start]:#04x})"
        return raw.decode(encoding, "replace").lstrip("\ufeff"), [
            Problem(file, line, "", f"is not UTF-8{looks}: {_SAVE}"),
        ]
    wide = _wide(raw)
    if wide:
        return raw.decode(wide, "replace").lstrip("\ufeff"), [
            Problem(file, 0, "", f"is not UTF-8; it looks like {wide[:6].upper()}: {_SAVE}"),
        ]
    return text, []


def _guess(raw: bytes) -> tuple[str, str]:
    """Encoding to read a file in that is not UTF-8, and its name if we can tell."""
    wide = _wide(raw)
    if wide:
        return wide, wide[:6].upper()
    high = [byte for byte in raw[: 1 << 20] if byte >= 0x80]
    lenient = raw.decode("utf-8", "replace")
    broken = lenient.count("\ufffd")
    if broken * 4 < len(high):  # mostly sound, so a few damaged letters
        return "utf-8", ""
    # In Latin text such letters stand alone among plain ones, in Cyrillic text they make whole words.
    words = re.findall(rb"[A-Za-z\x80-\xff]+", raw[: 1 << 20])
    if sum(len(word) for word in words if re.search(rb"[\x80-\xff]", word)) > 2 * len(high):
        return "cp1252", "CP1252 (Windows Western)"
    # In CP866 most letters lie below 0xb0, where the others have few.
    if sum(0x80 <= byte < 0xB0 or 0xE0 <= byte < 0xF2 for byte in high) > 0.8 * len(high) and (
        sum(0x80 <= byte < 0xB0 for byte in high) > 0.4 * len(high)
    ):
        return "cp866", _CYRILLIC["cp866"]
    # The other two fill the same upper half, each with its letters in other places, and small where the other has
    # capitals: what is text in one is rare letters and misplaced capitals in the other.
    if sum(byte >= 0xC0 or byte in _OF_CP1251 for byte in high) > 0.8 * len(high):
        codec = max(("cp1251", "koi8-r"), key=lambda codec: _likeness(raw[: 1 << 20].decode(codec, "replace")))
        return codec, _CYRILLIC[codec]
    return "cp1251", ""


def _likeness(text: str) -> int:
    """How much a text looks like one in Cyrillic letters: frequent letters, few capitals after small ones."""
    return sum(letter in _FREQUENT for letter in text.casefold()) - 2 * len(_ODD_CAPITAL.findall(text))


def _wide(raw: bytes) -> str:
    """The UTF-16 or UTF-32 codec for bytes that are so, with or without their mark; empty if they are not."""
    if raw.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    # In Latin and Cyrillic text the high byte of every UTF-16 unit is 0 or 4, and UTF-32 has two more zeros.
    head = raw[:2000]
    for codec, first, other in (("utf-32-le", 2, 3), ("utf-32-be", 0, 1)):
        if len(head) > 3 and not any(head[first::4]) and not any(head[other::4]):
            return codec
    for codec, high in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if high.count(0) and (high.count(0) + high.count(4)) > 0.8 * len(high):
            return codec
    return ""


def _other_format(raw: bytes) -> str:
    """What a file is that is no text at all, or text for a program, and what to do; empty if it may be a table."""
    start = raw[:512].lstrip()
    found = next((said for mark, said in _OTHERS.items() if raw.startswith(mark)), "")
    if found or not start.startswith((b"<", b"{", b"[{")):
        return found
    return "is a web page or XML, no table" if start.startswith(b"<") else "is JSON, no table"


def _separator(file: str, text: str, problems: list[Problem]) -> tuple[str, int]:
    """What parts the cells, and how many lines to skip before the header."""
    first = text.split("\n", 1)[0].rstrip("\r")
    skipped = 0
    if re.fullmatch(r'"?sep=.?"?', first):
        problems.append(Problem(file, 1, "", f"{first!r} is a spreadsheet's own line; take it out"))
        first, skipped = text.split("\n", 2)[1] if "\n" in text else "", 1
    if "," not in first:
        for separator, name in _SEPARATORS.items():
            if separator in first:
                message = f"its cells are parted by {name}; part them by commas (docs/data.md says how in Excel)"
                problems.append(Problem(file, 1 + skipped, "", message))
                return separator, skipped
    return ",", skipped


def _newline(text: str) -> str:
    """How the first line ends."""
    place = text.find("\n")
    if place < 0:
        return "\r" if "\r" in text else "\n"
    return "\r\n" if text[:place].endswith("\r") else "\n"


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let the csv module read cells of any length, as its limit would hide what follows one."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _rows(
    file: str, text: str, separator: str, skipped: int, problems: list[Problem]
) -> tuple[list[list[str]], list[int], set[int]]:
    """Every row that is not blank, the line on which it starts, and the lines whose quotes are out of place."""
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    try:
        for row in reader:
            if row:
                rows.append(row)
                lines.append(before + 1 + skipped)
            before = reader.line_num
    except csv.Error:
        return _rows_with_faults(file, text, separator, skipped, problems)
    return rows, lines, set()


def _rows_with_faults(
    file: str, text: str, separator: str, skipped: int, problems: list[Problem]
) -> tuple[list[list[str]], list[int], set[int]]:
    """As ``_rows`` where a quote is out of place: that line is reported and read by itself, then the next."""
    rows: list[list[str]] = []
    lines: list[int] = []
    physical = list(io.StringIO(text, newline=""))
    broken: set[int] = set()
    start = 0
    while start < len(physical):
        reader = csv.reader(islice(physical, start, None), delimiter=separator, strict=True)
        try:
            row = next(reader, [])
        except csv.Error:
            fault, offset = _fault("".join(physical[start : start + reader.line_num]), separator, start + 1 + skipped)
            broken.add(start + 1 + skipped)
            problems.append(Problem(file, start + offset + 1 + skipped, "", fault))
            row = next(csv.reader([physical[start]], delimiter=separator), [])
            rows.append(row)
            lines.append(start + 1 + skipped)
            start += offset + 1
            continue
        if row:
            rows.append(row)
            lines.append(start + 1 + skipped)
        start += reader.line_num
    return rows, lines, broken


def _fault(record: str, separator: str, line: int) -> tuple[str, int]:
    """What is wrong with the quotes of a record that starts on a line, and how many lines further the cell starts."""
    quoted, fresh, cell, opened, place = False, True, 1, 0, 0
    while place < len(record):
        letter = record[place]
        if quoted and letter == '"':
            follows = record[place + 1 : place + 2]
            if follows == '"':
                place += 1
            elif follows in {separator, "\n", "\r", ""}:
                quoted = False
            else:
                return _misplaced(cell, line, record, opened, place)
        elif not quoted and letter == '"' and fresh:
            quoted, opened = True, place
        elif not quoted and letter == separator:
            cell += 1
        fresh = not quoted and letter == separator
        place += 1
    return f'a quote (") opened in cell {cell} is never closed', record.count("\n", 0, opened)


def _misplaced(cell: int, line: int, record: str, opened: int, place: int) -> tuple[str, int]:
    offset = record.count("\n", 0, opened)
    spans = record.count("\n", opened, place)
    where = f" on line {line + offset + spans}" if spans else ""
    return (
        f'a quote (") opened in cell {cell} closes{where} before the end of the cell; '
        'write a quote inside a cell twice ("")'
    ), offset


def _ragged(row: list[str], width: int, line: int) -> str:
    """What is wrong with a row that has more or fewer cells than the header."""
    message = f"has {len(row)} cell{'s' if len(row) != 1 else ''}, the header has {width}"
    if row[0].startswith(("<<<<<<<", "=======", ">>>>>>>")):
        return f"{row[0][:7]!r} is git's mark of a conflict; settle it"
    if len(row) > width and not any(row[width:]):
        return message + "; the ones too many are empty"
    if len(row) > width:
        return message + '; a cell with a comma in it must stand in quotes (")'
    spans = sum(cell.count("\n") for cell in row)
    return message + (f"; a quote opened on line {line} closes only on line {line + spans}" if spans else "")


def _names(file: str, header: tuple[str, ...], line: int, problems: list[Problem]) -> list[tuple[int, str]]:
    """Place and name of each column that can be told from the others."""
    names: dict[str, int] = {}
    for place, name in enumerate(header):
        if not name.strip():
            problems.append(Problem(file, line, "", f"column {place + 1} has no name"))
        elif name in names:
            problems.append(Problem(file, line, name, f"is the name of columns {names[name] + 1} and {place + 1}"))
        else:
            names[name] = place
    return [(place, name) for name, place in names.items()]

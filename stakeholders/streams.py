"""Large CSV files, through pyarrow, with the meaning that they have when Python's own csv module reads them.

That module takes most of a minute for ten million rows. What pyarrow reads the same is left to pyarrow, the rest is
not: a scan of every byte finds whether each quote stands where the stricter of the two wants it.
"""

from __future__ import annotations

import csv
import io
import os
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from stakeholders.dataset import Style
from stakeholders.decoding import Parsed
from stakeholders.files import Stored
from stakeholders.parquet import FEW, column_of
from stakeholders.progress import Watch, carried, unwatched

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK: Final = 1 << 24
_PARSED: Final = 1 << 21  # bytes parsed at a time; the larger, the more memory the pieces take before they are joined
_BOM: Final = b"\xef\xbb\xbf"
_HEAD: Final = 1 << 16  # bytes in which a header ends
_CACHED: Final = 1 << 18  # bytes scanned at a time
_ALL: Final = np.uint64(2**64 - 1)

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Words = np.ndarray[Any, np.dtype[np.uint64]]
Lines = np.ndarray[Any, np.dtype[np.int32]]


class Scan:
    r"""What the bytes of a CSV file tell before it is parsed; fed block by block, then closed.

    Attributes
    ----------
    sound : bool
        Whether pyarrow and Python's csv module would read the same.
    spanning : bool
        Whether a cell holds a line end.
    rows : int
        Rows, blank lines and the header apart.

    Examples
    --------
    >>> scan = Scan()
    >>> scan.feed(b'id,name\na,"A"\n')
    >>> scan.close()
    >>> scan.sound, scan.rows, list(scan.lines())
    (True, 1, [2])
    >>> scan = Scan()
    >>> scan.feed(b'id,name\na,"A" B\n')
    >>> scan.close()
    >>> scan.sound
    False
    """

    def __init__(self) -> None:
        self.sound, self.spanning, self.rows = True, False, -1  # the header is none
        self._first = True
        self._ends = 0  # lines ended so far
        # What the last byte so far was, each 0 or 1: inside quotes, one beside which a quote may stand, and so on.
        self._inside = self._closing = self._return = 0
        self._beside = self._ended = 1
        self._lines: list[tuple[int, int] | Lines] = []

    def feed(self, block: bytes | memoryview) -> None:
        """Look at the next bytes."""
        data = np.frombuffer(block, np.uint8)
        for start in range(0, len(data), _CACHED):
            if self.sound:
                self._look(data[start : start + _CACHED])

    def close(self) -> None:
        """There are no more bytes."""
        self.sound &= not self._inside and not self._return

    def lines(self) -> Sequence[int]:
        """Line on which each row starts, counted from 1."""
        found: list[range | Lines] = []
        for piece in self._lines:
            if not isinstance(piece, tuple):
                found.append(piece)
            elif found and isinstance(found[-1], range) and found[-1].stop == piece[0]:
                found[-1] = range(found[-1].start, piece[1])
            else:
                found.append(range(*piece))
        if len(found) == 1 and isinstance(found[0], range):
            return found[0][1:]  # without the header
        joined: Lines = np.concatenate([np.asarray(piece, np.int32) for piece in found])[1:]
        if len(joined) and joined[-1] - joined[0] == len(joined) - 1:
            return range(int(joined[0]), int(joined[-1]) + 1)
        return array("q", joined.tolist())

    def _look(self, data: Bytes) -> None:
        """The same of so many bytes as a processor keeps at hand, of which a word of bits tells 64 at a time."""
        size = len(data)
        if not data.min():  # a zero byte
            self.sound = False
            return
        if size % 64:
            data = np.concatenate([data, np.zeros(-size % 64, np.uint8)])
        within = np.full(len(data) // 64, _ALL, np.uint64)
        within[-1] >>= np.uint64(-size % 64)
        quote, comma, end, back = (_bits(data == letter) for letter in b'",\n\r')
        inside = _in_quotes(quote, self._inside)
        opening, ends = quote & inside, end & ~inside
        closing, beside = quote ^ opening, quote | comma | end | back
        starts = _after(ends, self._ended) & within
        blank = starts & (end | back)
        self.sound = not (
            (opening & ~_after(beside, self._beside)).any()  # what opens a cell follows a comma or line end,
            or (_after(closing, self._closing) & ~beside & within).any()  # what closes it precedes one,
            or (_after(back, self._return) & ~end & within).any()  # each CR is followed by a LF,
            or (self._first and int(blank[0]) & 1)  # and a blank line before the header is a matter of opinion
        )
        spanning = bool((end & inside).any())
        self.spanning |= spanning
        if spanning or blank.any():
            places = np.flatnonzero(_flags(starts & ~blank))
            lines = np.searchsorted(np.flatnonzero(_flags(end)), places) + self._ends + 1
            self._lines.append(lines.astype(np.int32))
            self.rows += len(places)
        elif count := int(np.bitwise_count(starts).sum()):
            line = self._ends + (1 if self._ended else 2)
            self._lines.append((line, line + count))
            self.rows += count
        self._ends += int(np.bitwise_count(end).sum())
        last = np.uint64((size - 1) % 64)
        self._inside, self._beside, self._closing, self._return, self._ended = (
            int(bits[-1] >> last) & 1 for bits in (inside, beside, closing, back, ends)
        )
        self._first = False


def _bits(flags: Any) -> Words:
    """Flags as the bits of words, the first the lowest."""
    return np.packbits(flags, bitorder="little").view(np.uint64)


def _flags(words: Words) -> Any:
    return np.unpackbits(words.view(np.uint8), bitorder="little")


def _after(words: Words, before: int) -> Words:
    """The flags one place further, the first as it was before."""
    moved = words << np.uint64(1)
    moved[0] |= np.uint64(before)
    moved[1:] |= words[:-1] >> np.uint64(63)
    return moved


def _in_quotes(quotes: Words, before: int) -> Words:
    """Flags of what lies in quotes, the one that opens them among it: whether there are odd quotes up to there."""
    inside = quotes.copy()
    for places in (1, 2, 4, 8, 16, 32):
        inside ^= inside << np.uint64(places)
    odd = np.bitwise_xor.accumulate(inside >> np.uint64(63)) ^ np.uint64(before)
    inside[0] ^= _ALL * np.uint64(before)
    inside[1:] ^= _ALL * odd[:-1]
    return inside


def parse_large(raw: bytes) -> Parsed | None:
    """What `stakeholders.decoding.parse` gives for a sound file, sooner; ``None`` where that had better be asked."""
    if find_spec("pyarrow") is None:
        return None
    import pyarrow as pa

    scan = Scan()
    text = memoryview(raw)[len(_BOM) * raw.startswith(_BOM) :]
    for start in range(0, len(text), _BLOCK):
        scan.feed(text[start : start + _BLOCK])
    scan.close()
    return _parsed(raw[:_HEAD], pa.BufferReader(text), scan)


def read_large(path: Path, watch: Watch = unwatched) -> tuple[Parsed, Stored] | None:
    """The same of a file that is never in memory as a whole, and the file, should its bytes be asked for.

    Raises
    ------
    AccessMapError
        If the file changes meanwhile.
    """
    if find_spec("pyarrow") is None:
        return None
    import pyarrow as pa

    stored = Stored.of(path)
    with path.open("rb") as file:
        start = file.read(_HEAD)
    scan = scan_file(path, watch)
    with path.open("rb") as file:
        file.seek(len(_BOM) * start.startswith(_BOM))
        parsed = _parsed(start, pa.PythonFile(_Told(file, f"reading {path.name}", carried(watch)), "r"), scan)
    stored.require_unchanged()
    return None if parsed is None else (parsed, stored)


class _Told(io.BufferedIOBase):
    """A file that tells a watch how much of it was read."""

    def __init__(self, file: BinaryIO, step: str, watch: Watch) -> None:
        self._file, self._step, self._watch = file, step, watch
        self._size = os.fstat(file.fileno()).st_size

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        found = self._file.read(-1 if size is None else size)
        self._watch(self._step, self._file.tell(), self._size, "bytes")
        return found


def _parsed(start: bytes, text: Any, scan: Scan) -> Parsed | None:
    """Columns of a file that was scanned, of which the start is given too."""
    import pyarrow as pa
    import pyarrow.csv

    header = header_of(start)
    if header is None or not scan.sound:
        return None
    try:
        read = pa.csv.read_csv(text, **_options(header, scan.spanning, {*FEW, *_repeated(start)}))
    except pa.ArrowInvalid:
        return None
    if read.column_names != header or len(read) != scan.rows:
        return None
    columns: dict[str, Sequence[str]] = {}
    for name in header:
        columns[name] = column_of(read.column(name))
        read = read.drop_columns([name])  # its pieces take as much as the whole
    style = Style("\r\n" if start[: start.index(b"\n")].endswith(b"\r") else "\n", start.startswith(_BOM))
    return Parsed(tuple(header), columns, scan.lines(), style, [])


def _repeated(start: bytes) -> set[str]:
    """Columns in which the first rows have few different cells, such as one claim for all."""
    import pyarrow as pa
    import pyarrow.csv

    try:
        sample = pa.csv.read_csv(pa.BufferReader(start[: start.rindex(b"\n") + 1]))
    except pa.ArrowInvalid:  # it ends within a cell
        return set()
    return {name for name in sample.column_names if len(sample.column(name).unique()) * 8 <= len(sample)}


def scan_file(path: Path, watch: Watch = unwatched) -> Scan:
    """A scan of a file, a block at a time."""
    scan, total = Scan(), path.stat().st_size
    with path.open("rb") as file:
        skipped = file.read(len(_BOM))
        scan.feed(skipped if skipped != _BOM else b"")
        while block := file.read(_BLOCK):
            scan.feed(block)
            watch(f"checking {path.name}", file.tell(), total, "bytes")
    scan.close()
    return scan


def batches(path: Path, header: Sequence[str], spanning: bool) -> Iterator[pa.RecordBatch]:
    """The rows of a sound file as text, some thousand at a time.

    Raises
    ------
    pyarrow.ArrowInvalid
        If a row has more or fewer cells than the header, or a byte is no UTF-8.
    """
    import pyarrow as pa
    import pyarrow.csv

    with pa.csv.open_csv(path, **_options(header, spanning, few=())) as reader:
        yield from reader


def header_of(start: bytes) -> list[str] | None:
    r"""Column names in the first bytes of a CSV file; ``None`` if it is not plain what they are, or goes on there.

    Examples
    --------
    >>> header_of(b'id,"name"\nkz-mia,...')
    ['id', 'name']
    """
    line, end, _ = start.removeprefix(_BOM).partition(b"\n")
    if not end:
        return None
    line = line.removesuffix(b"\r")
    try:
        names = next(csv.reader([line.decode()], strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return None
    plain = len(names) > 1 and len(set(names)) == len(names) and all(name.strip() for name in names)
    return names if plain else None


def _options(header: Iterable[str], spanning: bool, few: Collection[str]) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.csv

    codes = pa.dictionary(pa.int32(), pa.string())
    types = {name: codes if name in few else pa.string() for name in header}
    return {
        "read_options": pa.csv.ReadOptions(block_size=_PARSED),
        "parse_options": pa.csv.ParseOptions(newlines_in_values=spanning),
        "convert_options": pa.csv.ConvertOptions(column_types=types, strings_can_be_null=False),
    }

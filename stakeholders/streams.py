"""Large CSV files, through pyarrow, with the meaning that they have when Python's own csv module reads them.

That module takes most of a minute for ten million rows. What pyarrow reads the same is left to pyarrow, the rest is
not: a scan of every byte finds whether each quote stands where the stricter of the two wants it.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stakeholders.dataset import Style
from stakeholders.decoding import Parsed
from stakeholders.parquet import FEW, column_of
from stakeholders.progress import Watch, unwatched

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK: Final = 1 << 24
_PARSED: Final = 1 << 21  # bytes parsed at a time; the larger, the more memory the pieces take before they are joined
_BOM: Final = b"\xef\xbb\xbf"
_QUOTE, _LF, _CR = b'"\n\r'
_BESIDE_QUOTE = np.zeros(256, np.bool_)
_BESIDE_QUOTE[list(b'",\n\r')] = True


class Scan:
    r"""What the bytes of a CSV file tell before it is parsed; fed block by block, then closed.

    Attributes
    ----------
    sound : bool
        Whether pyarrow and Python's csv module would read the same.
    spanning : bool
        Whether a cell holds a line end.

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
        self.sound, self.spanning = True, False
        self._quotes = self._ends = 0  # so far
        self._last = -1  # the byte before the block
        self._fresh = True  # whether a row starts with the block
        self._starts: list[np.ndarray[Any, np.dtype[np.int32]]] = []

    def feed(self, block: bytes | memoryview) -> None:
        """Look at the next bytes."""
        data = np.frombuffer(block, np.uint8)
        if not len(data) or not self.sound:
            return
        quotes = np.flatnonzero(data == _QUOTE)
        self.sound = self._quotes_fit(data, quotes) and self._returns_fit(data) and not (data == 0).any()
        ends = np.flatnonzero(data == _LF)
        outside = (np.searchsorted(quotes, ends) + self._quotes) & 1 == 0
        self.spanning |= not outside.all()
        starts, lines = ends[outside] + 1, np.flatnonzero(outside) + 1
        if self._fresh:
            starts, lines = np.append(0, starts), np.append(0, lines)
        self._fresh = bool(len(starts)) and int(starts[-1]) == len(data)
        if self._fresh:
            starts, lines = starts[:-1], lines[:-1]
        blank = (data[starts] == _LF) | (data[starts] == _CR)
        # A blank line before the header is a matter of opinion.
        self.sound &= not (self._last < 0 and blank[0])
        self._starts.append((lines[~blank] + self._ends + 1).astype(np.int32))
        self._quotes += len(quotes)
        self._ends += len(ends)
        self._last = int(data[-1])

    def close(self) -> None:
        """There are no more bytes."""
        self.sound &= not self._quotes & 1 and self._last != _CR

    @property
    def rows(self) -> int:
        """Rows, blank lines and the header apart."""
        return sum(map(len, self._starts)) - 1

    def lines(self) -> Sequence[int]:
        """Line on which each row starts, counted from 1."""
        rows = np.concatenate(self._starts)[1:]
        if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
            return range(int(rows[0]), int(rows[-1]) + 1)
        return array("q", rows.tolist())

    def _quotes_fit(self, data: Any, quotes: Any) -> bool:
        """Whether what opens a cell follows a comma or line end, and what closes it precedes one."""
        opening, closing = quotes[self._quotes & 1 :: 2], quotes[1 - (self._quotes & 1) :: 2]
        if self._last == _QUOTE and not self._quotes & 1 and not _BESIDE_QUOTE[data[0]]:
            return False
        if len(opening) and opening[0] == 0:
            if self._last >= 0 and not _BESIDE_QUOTE[self._last]:
                return False
            opening = opening[1:]
        if len(closing) and closing[-1] == len(data) - 1:  # judged by the next block
            closing = closing[:-1]
        return bool(_BESIDE_QUOTE[data[opening - 1]].all() and _BESIDE_QUOTE[data[closing + 1]].all())

    def _returns_fit(self, data: Any) -> bool:
        """Whether each CR is followed by a LF."""
        if self._last == _CR and data[0] != _LF:
            return False
        returns = np.flatnonzero(data == _CR)
        if len(returns) and returns[-1] == len(data) - 1:
            returns = returns[:-1]
        return bool((data[returns + 1] == _LF).all())


def parse_large(raw: bytes) -> Parsed | None:
    """What `stakeholders.decoding.parse` gives for a sound file, sooner; ``None`` where that had better be asked."""
    try:
        import pyarrow as pa
        import pyarrow.csv
    except ImportError:
        return None
    header = header_of(raw[: 1 << 16])
    if header is None or b"\n" not in raw:
        return None
    scan = Scan()
    text = memoryview(raw)[len(_BOM) * raw.startswith(_BOM) :]
    for start in range(0, len(text), _BLOCK):
        scan.feed(text[start : start + _BLOCK])
    scan.close()
    if not scan.sound:
        return None
    try:
        read = pa.csv.read_csv(pa.py_buffer(text), **_options(header, scan.spanning))
    except pa.ArrowInvalid:
        return None
    if read.column_names != header or len(read) != scan.rows:
        return None
    columns: dict[str, Sequence[str]] = {}
    for name in header:
        columns[name] = column_of(read.column(name))
        read = read.drop_columns([name])  # its pieces take as much as the whole
    style = Style("\r\n" if raw[: raw.index(b"\n")].endswith(b"\r") else "\n", raw.startswith(_BOM))
    return Parsed(tuple(header), columns, scan.lines(), style, [])


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
    r"""Column names in the first bytes of a CSV file; ``None`` if it is not plain what they are.

    Examples
    --------
    >>> header_of(b'id,"name"\nkz-mia,...')
    ['id', 'name']
    """
    line = start.removeprefix(_BOM).split(b"\n", 1)[0].removesuffix(b"\r")
    try:
        names = next(csv.reader([line.decode()], strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return None
    plain = len(names) > 1 and len(set(names)) == len(names) and all(name.strip() for name in names)
    return names if plain else None


def _options(header: Iterable[str], spanning: bool, few: Sequence[str] = FEW) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.csv

    codes = pa.dictionary(pa.int32(), pa.string())
    types = {name: codes if name in few else pa.string() for name in header}
    return {
        "read_options": pa.csv.ReadOptions(block_size=_PARSED),
        "parse_options": pa.csv.ParseOptions(newlines_in_values=spanning),
        "convert_options": pa.csv.ConvertOptions(column_types=types, strings_can_be_null=False),
    }

"""Sanctions lists as others publish them: read one entry at a time, in bounded memory, whatever the size of the file.

Each format has a module of its own; this one has what they share: the entry, the open file with its progress, and the
errors, which name file and line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from stakeholders.addresses import shown
from stakeholders.errors import AccessMapError

Progress = Callable[[int, int], None]

# What an entry is. Anything that is no organisation cannot be a body of a dataset.
ORGANISATION: Final = "organisation"
PERSON: Final = "person"
VESSEL: Final = "vessel"
AIRCRAFT: Final = "aircraft"

_LONGEST: Final = 1 << 24  # a cell or a line that is longer is an unclosed quote, not data
_OFTEN: Final = 4096  # rows between two reports of progress


@dataclass(frozen=True, slots=True)
class ListedAs:
    """One listing of an entry, in the words of the file.

    Attributes
    ----------
    name : str
        The list or program as the file calls it.
    authority : str
        Whose list it is, as the file says; empty if it does not.
    program : str
    since, until : str
        Dates as in the file, empty if not given.
    reference : str
    url : str
    """

    name: str
    authority: str = ""
    program: str = ""
    since: str = ""
    until: str = ""
    reference: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry of a sanctions list.

    Attributes
    ----------
    id : str
        The file's own id of the entry.
    kind : str
        ``organisation``, ``person``, ``vessel`` or ``aircraft``.
    names : tuple of str
        The main name first, then the others.
    identifiers : tuple of str
        Registry numbers and the like, as written.
    countries : tuple of str
        ISO 3166-1 alpha-2 codes, capital.
    listed : tuple of ListedAs
    line : int
        Line of the file.
    """

    id: str
    kind: str
    names: tuple[str, ...]
    identifiers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    listed: tuple[ListedAs, ...] = ()
    line: int = 0


class ListFile:
    """A sanctions list on disk, perhaps compressed with gzip, opened for one pass.

    Parameters
    ----------
    path : str or Path
    progress : callable, optional
        Called now and then with the bytes read so far and the file's size.
    """

    def __init__(self, path: str | Path, progress: Progress | None = None) -> None:
        self.path = Path(path)
        self.line = 0
        self._progress = progress
        self._rows = 0

    def __enter__(self) -> Self:
        try:
            self._raw = self.path.open("rb")
        except OSError as error:
            raise AccessMapError(f"{shown(self.path)}: {error.strerror or error}") from None
        self.size = self.path.stat().st_size
        self._packed = self._raw.peek(2)[:2] == b"\x1f\x8b"
        self._stream = self._unpacked()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        self._raw.close()

    def csv_rows(self, needed: Sequence[str]) -> Iterator[dict[str, str]]:
        """Rows of a CSV file by column name; ``line`` is where each starts.

        Raises
        ------
        AccessMapError
            If the file is not UTF-8, lacks a needed column, or a row does not fit the header.
        """
        csv.field_size_limit(_LONGEST)
        text = io.TextIOWrapper(self._stream, encoding="utf-8-sig", newline="")
        reader = csv.reader(text, strict=True)
        try:
            header = next(reader, [])
            missing = [column for column in needed if column not in header]
            if missing:
                raise self.error(f"the header has no {', '.join(map(repr, missing))}; it has {_listed(header)}", 1)
            self.line = reader.line_num + 1
            for cells in reader:
                if cells:
                    if len(cells) != len(header):
                        raise self.error(f"{len(cells)} cells under a header of {len(header)}")
                    self._count()
                    yield dict(zip(header, cells, strict=True))
                self.line = reader.line_num + 1
        except csv.Error as error:
            raise self.error(f"no valid CSV: {error}; is a quote left open?") from None
        except UnicodeDecodeError:
            raise self._not_utf8() from None
        except (OSError, EOFError) as error:
            raise self.error(f"cannot be read: {error}") from None
        self._report()

    def lines(self) -> Iterator[bytes]:
        """Lines that are not empty, without their ends; ``line`` is the number of each."""
        try:
            while raw := self._stream.readline(_LONGEST):
                self.line += 1
                if len(raw) == _LONGEST and not raw.endswith(b"\n"):
                    raise self.error(f"the line is longer than {_LONGEST >> 20} MB; one entry a line is expected")
                if self.line == 1:
                    raw = raw.removeprefix(b"\xef\xbb\xbf")
                if content := raw.strip():
                    self._count()
                    yield content
        except (OSError, EOFError) as error:
            raise self.error(f"cannot be read: {error}") from None
        self._report()

    def start(self, size: int = 65536) -> bytes:
        """The beginning of the content, which the pass then reads again; for telling formats apart."""
        try:
            return self._stream.peek(size)[:size]
        except (OSError, EOFError) as error:
            raise self.error(f"cannot be read: {error}") from None

    def error(self, what: str, line: int | None = None) -> AccessMapError:
        """An error that says where."""
        return AccessMapError(f"{self.path}:{self.line if line is None else line}: {what}")

    def _unpacked(self) -> io.BufferedReader:
        if not self._packed:
            return self._raw
        import gzip

        return io.BufferedReader(gzip.GzipFile(fileobj=self._raw))

    def _count(self) -> None:
        self._rows += 1
        if self._rows % _OFTEN == 0:
            self._report()

    def _report(self) -> None:
        if self._progress is not None:
            self._progress(min(self._raw.tell(), self.size), self.size)

    def _not_utf8(self) -> AccessMapError:
        """The error of a file in another encoding, with the line found by a second look."""
        self._raw.seek(0)
        stream = self._unpacked()
        start = stream.read(2)
        if start in {b"\xff\xfe", b"\xfe\xff"}:
            return self.error("the file is UTF-16; save it as UTF-8", 1)
        line, rest = 1, start
        while raw := rest + stream.readline(_LONGEST):
            try:
                raw.decode()
            except UnicodeDecodeError as error:
                byte = raw[error.start]
                return self.error(f"the file is not UTF-8 (byte 0x{byte:02x}); save it as UTF-8", line)
            line, rest = line + 1, b""
        return self.error("the file is not UTF-8; save it as UTF-8")


def _listed(header: Sequence[str]) -> str:
    shown = ", ".join(header[:8])
    return f"{shown}, …" if len(header) > 8 else shown or "nothing"

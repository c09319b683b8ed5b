"""Files written whole or not at all; files of settings read with the place of what is wrong in them."""

from __future__ import annotations

import errno
import os
import signal
import stat
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any, Final

from stakeholders.errors import AccessMapError, FileNotRead

_PIECE: Final = 1 << 24


class Stored:
    """A file that was read, whose bytes are read again if they are asked for, and only if they are still the same.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.csv"
    ...     path.write_bytes(b"id")
    ...     Stored.of(path).read()
    2
    b'id'
    """

    def __init__(self, path: Path, mark: list[int]) -> None:
        self.path, self._mark = path, mark

    @classmethod
    def of(cls, path: Path) -> Stored:
        """A file as it is now."""
        return cls(path, mark_of(path.stat()))

    def read(self) -> bytes:
        """All bytes of it.

        Raises
        ------
        AccessMapError
            If it is not what it was.
        """
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """The same, some million at a time."""
        try:
            with self.path.open("rb") as file:
                while piece := file.read(_PIECE):
                    yield piece
        except FileNotFoundError:
            pass
        self.require_unchanged()

    def require_unchanged(self) -> None:
        """Refuse to go on if it is not what it was."""
        if not self.lies_at(self.path):
            raise AccessMapError(f"{str(self.path)!r} changed since it was read; run it again.")

    def lies_at(self, path: Path) -> bool:
        """Whether that is the file, and it is what it was."""
        try:
            return mark_of(path.stat()) == self._mark
        except FileNotFoundError:
            return False


def mark_of(status: os.stat_result) -> list[int]:
    """What changes with a file's content: whoever sets its time back changes the third."""
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step: a reader meets the old content or the new, and a failure leaves the old.

    Parameters
    ----------
    path : Path
        A link stays a link, what it leads to is written. A device or a pipe is written to as it is: whoever waits there
        could not be given another one.
    content : bytes

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder) / "a.txt", b"whole")
    ...     [(path.name, path.read_bytes()) for path in Path(folder).iterdir()]
    [('a.txt', b'whole')]
    """
    if is_stream(path):
        path.write_bytes(content)
        return
    place = Path(os.path.realpath(path))
    part = part_of(place)
    try:
        part.write_bytes(content)
        if place.exists():
            part.chmod(place.stat().st_mode)
        part.replace(place)
    except OSError as error:
        # The hidden file beside it is no name that anybody gave.
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def is_stream(path: Path) -> bool:
    """Whether a path leads to a device, a pipe or a socket, as ``/dev/stdout`` does, whatever that is at the time.

    Examples
    --------
    >>> is_stream(Path(os.devnull)), is_stream(Path("no-such-file"))
    (True, False)
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) or path.parent == Path("/dev")


def read_toml(path: Path) -> Mapping[str, Any]:
    """The tables of a TOML file.

    Raises
    ------
    AccessMapError
        If it is no TOML, or no UTF-8; says where.
    """
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AccessMapError(f"{path}: is no TOML: {error}") from None


def read_json(path: Path) -> Any:
    """What a JSON file holds.

    Raises
    ------
    AccessMapError
        If it is no JSON, or no UTF-8; says where.
    """
    import json

    try:
        return json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise AccessMapError(f"{path}: is no JSON: {error}") from None


def part_of(path: Path) -> Path:
    """Where to write what will be renamed to a path when it is complete: beside it, hidden, this process's own."""
    import platform

    return path.with_name(f".{path.name}.{platform.node()}.{os.getpid()}.part")


def clear_parts(path: Path) -> None:
    """Remove what processes that were killed left where ``part_of`` told them to write."""
    import platform
    import shutil

    start, end = f".{path.name}.{platform.node()}.", ".part"
    for left in path.parent.iterdir():
        process = left.name.removeprefix(start).removesuffix(end)
        if left.name != f"{start}{process}{end}" or not process.isdecimal() or runs(process):
            continue
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


@contextmanager
def held_back() -> Iterator[None]:
    """A step that Ctrl-C does not end in the middle: it takes effect when the step is done."""
    if current_thread() is not main_thread() or (before := signal.getsignal(signal.SIGINT)) is None:
        yield
        return
    met: list[tuple[int, Any]] = []
    signal.signal(signal.SIGINT, lambda number, frame: met.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if met and callable(before):
            before(*met[0])


def reason(error: OSError) -> str:
    """What the system says is wrong, in small letters."""
    return (error.strerror or str(error)).lower()


def settle(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    if os.name == "nt" and path.is_dir():  # Windows opens no folders
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some file systems, of a network above all, know no such thing of a folder.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP} or not path.is_dir():
            raise
    finally:
        os.close(handle)


def runs(process: str | int) -> bool:
    """Whether another process of this machine still runs."""
    if os.name == "nt":  # where asking would end it
        return True
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return int(process) != os.getpid()


@contextmanager
def telling(tell: Callable[[str], None]) -> Iterator[None]:
    """Files that are not read are told to somebody, each once, instead of being warned of as Python does.

    Examples
    --------
    >>> with telling(print):
    ...     warnings.warn(FileNotRead("my/sources.csv: is not read"))
    my/sources.csv: is not read
    """
    told: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("always", FileNotRead)
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if not issubclass(category, FileNotRead):
                others(message, category, *where, **more)
            elif (text := str(message)) not in told:
                told.add(text)
                tell(text)

        warnings.showwarning = show
        yield

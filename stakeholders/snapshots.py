"""A dataset kept on disk as it is in memory, with whatever was worked out from it, so that it need not be read again.

A snapshot is one file in ``.accessmap`` beside the tables: a header in JSON, then arrays that are mapped into memory as
they stand. It is named after a digest of the files that it was made of and of what made it, so what was made of other
files is not found. It is written under another name and renamed when complete: however many processes read and write,
and whenever one is killed, a reader meets a whole snapshot or none.

Bytes that changed on the disk since are noticed where they are used: the header when a snapshot is opened, the arrays
block by block (256 KiB) before anything in one is first used, by its CRC-32. That tells every change within 32
neighbouring bits, blocks that changed places, and all but one in four thousand million of other damage; it is no
protection against somebody who wants to deceive. What no question uses is not compared, and a block that was found
sound is not compared again. A snapshot that is damaged is removed and not met again.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import shlex
import shutil
import time
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from stakeholders.addresses import is_address, shown
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, DamagedIndex, DatasetNotFound
from stakeholders.files import clear_parts, mark_of, part_of, reason, write_whole
from stakeholders.memory import size
from stakeholders.progress import Watch, unwatched
from stakeholders.schema import FILES, TABLES
from stakeholders.tables import bundled, read, warn_of_unread

Array = np.ndarray[Any, np.dtype[Any]]

FOLDER: Final = ".accessmap"
_ENDING: Final = ".index"
_SEEN: Final = "seen.json"
_MAGIC: Final = b"accessmap index 2\n".ljust(24)
_ALIGNED: Final = 64
_BLOCK: Final = 1 << 18
_PIECE: Final = 1 << 24

# A file that changed so shortly before it was looked at may have changed again within the same tick of its clock.
_SETTLED: Final = 2_000_000_000

# Damaged snapshots that cannot be removed, and are passed over.
_DROPPED: Final[set[Path]] = set()


# -------------------------------------------------------------------------------------------- what it is made of


@dataclass(frozen=True)
class Inputs:
    """The files that a dataset is read from, and what is in them.

    Attributes
    ----------
    folder : Path
    files : mapping of str to mapping
        By the name of each file its ``sha256``, the ``mark`` that it bore then, and when that was (``at``).
    """

    folder: Path
    files: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, folder: Path, watch: Watch = unwatched) -> Inputs:
        """The inputs as they are now; a file that is as it was when it was last looked at is not read again."""
        names = [*(f"{table}.{ending}" for table in TABLES for ending in ("csv", "parquet")), *FILES]
        seen, files = _seen(folder), {}
        for name in sorted(name for name in names if (folder / name).is_file()):
            known, mark = seen.get(name, {}), mark_of((folder / name).stat())
            settled = known.get("mark") == mark and max(mark[1:3]) + _SETTLED < known["at"]
            files[name] = known if settled else _looked_at(folder / name, watch)
        found = cls(folder, files)
        if files != seen:
            found.note()
        return found

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of each file by its name."""
        return {name: str(file["sha256"]) for name, file in self.files.items()}

    def note(self) -> None:
        """Keep what was found, so that the files need not be read for it again."""
        if (self.folder / FOLDER).is_dir():
            with suppress(OSError):  # a folder that one may only read is looked through each time
                write_whole(self.folder / FOLDER / _SEEN, json.dumps(self.files, indent=1).encode())

    def key(self, maker: str) -> str:
        """Name of what a maker makes of these inputs."""
        digest = hashlib.sha256(_MAGIC + maker.encode())
        for name, content in sorted(self.digests.items()):
            digest.update(f"\n{name} {content}".encode())
        return digest.hexdigest()


def own_folder(place: str | Path) -> Path:
    """The folder that a place is.

    Raises
    ------
    AccessMapError
        If it is a bundled dataset, a database or nothing.
    """
    if place in bundled() or is_address(place):
        raise AccessMapError(f"{shown(place)!r} is no folder; only a folder's index can be saved.")
    folder = Path(place).expanduser()
    if not folder.is_dir():
        raise DatasetNotFound(f"there is no folder {str(place)!r}.")
    return folder


def read_settled(place: str | Path, watch: Watch = unwatched) -> tuple[Dataset, Inputs]:
    """A folder's dataset, and the inputs that it was read from.

    Raises
    ------
    AccessMapError
        If a file changed while it was read, or the place is no folder of one's own.
    """
    folder = own_folder(place)
    before = Inputs.of(folder, watch)
    dataset = read(folder)
    present = {name: folder / name for name in before.files if (folder / name).is_file()}
    after = Inputs(folder, {name: _looked_at(path, watch) for name, path in present.items()})
    if after.digests != before.digests or Inputs.of(folder).digests != before.digests:
        raise AccessMapError(f"the folder {str(place)!r} changed while it was read; run it again.")
    return dataset, after


def _seen(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / FOLDER / _SEEN).read_bytes())
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    kinds = {"mark": list, "at": int, "sha256": str}
    return {
        name: told
        for name, told in found.items()
        if isinstance(told, dict) and all(isinstance(told.get(key), kind) for key, kind in kinds.items())
    }


def _looked_at(path: Path, watch: Watch) -> dict[str, Any]:
    """SHA-256 of a file's content, what the file was like while it was read, and when that was."""
    digest, done, now = hashlib.sha256(), 0, time.time_ns()
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        while piece := file.read(_PIECE):
            digest.update(piece)
            done += len(piece)
            watch(f"checking {path.name}", done, before.st_size, "bytes")
        after = os.fstat(file.fileno())
    # Of a file that changed meanwhile the digest is nobody's: a mark that no file has lets it be read again.
    mark = mark_of(after) if mark_of(before) == mark_of(after) else [-1, 0, 0, 0]
    return {"mark": mark, "at": now, "sha256": digest.hexdigest()}


# --------------------------------------------------------------------------------------------------- writing it


def save(
    inputs: Inputs, maker: str, about: Mapping[str, Any], arrays: Mapping[str, Array], watch: Watch = unwatched
) -> Path:
    """Write a snapshot; older ones of the folder go.

    Parameters
    ----------
    inputs : Inputs
        What it was made of.
    maker : str
        What made it: another maker's snapshots are not found.
    about : mapping
        Whatever else JSON can hold.
    arrays : mapping of str to array
    watch : Watch

    Raises
    ------
    AccessMapError
        If the folder cannot be written to, or the disk has no room.
    """
    kept = inputs.folder / FOLDER
    path = kept / f"{inputs.key(maker)}{_ENDING}"
    places: dict[str, tuple[str, list[int], int]] = {}
    end = 0
    for name, array in arrays.items():
        places[name] = (array.dtype.str, list(array.shape), end)
        end += -(-array.nbytes // _ALIGNED) * _ALIGNED
    header = json.dumps({"about": about, "arrays": places, "size": end}).encode()
    header = _MAGIC + len(header).to_bytes(8, "little") + header
    header = header.ljust(-(-len(header) // _ALIGNED) * _ALIGNED)
    total = len(header) + end + _blocks(end) * 4 + 4
    part = part_of(kept / f"new{_ENDING}")
    try:
        if shutil.disk_usage(inputs.folder).free < total:
            raise AccessMapError(f"the index takes {size(total)}, for which the disk has no room.")
        kept.mkdir(exist_ok=True)
        clear_parts(kept / f"new{_ENDING}")
        clear_parts(kept / _SEEN)
        write_whole(kept / ".gitignore", b"*\n")
        with part.open("wb") as file:
            file.write(header)
            sums = _Sums()
            for array in arrays.values():
                for piece in _pieces(np.ascontiguousarray(array)):
                    file.write(piece)
                    sums.add(piece)
                    watch("writing the index", file.tell(), total, "bytes")
            digests = np.array(sums.blocks(), "<u4").tobytes()
            file.write(digests + _seal(header, digests))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _DROPPED.discard(path)
        inputs.note()
        _forget(kept, besides=path)
    except OSError as error:
        raise AccessMapError(f"cannot write {str(kept)!r}: {reason(error)}.") from None
    finally:
        with suppress(OSError):  # of a disk that takes nothing it was said already
            part.unlink(missing_ok=True)
    return path


def clean(place: str | Path) -> list[Path]:
    """Remove what is kept of a folder; the paths that are gone."""
    kept = Path(place).expanduser() / FOLDER
    if not kept.is_dir():
        return []
    gone = sorted(
        path for path in kept.iterdir() if path.name == ".gitignore" or _ENDING in path.name or _SEEN in path.name
    )
    try:
        for path in gone:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise AccessMapError(f"cannot remove {str(kept)!r}: {reason(error)}.") from None
    with suppress(OSError):  # something else lies in it
        kept.rmdir()
    return gone


class _Sums:
    """The CRC-32 of each block of what is added."""

    def __init__(self) -> None:
        self._done: list[int] = []
        self._sum = self._length = 0

    def add(self, content: memoryview) -> None:
        """Take the next bytes."""
        while len(content):
            piece = content[: _BLOCK - self._length]
            self._sum, self._length = zlib.crc32(piece, self._sum), self._length + len(piece)
            if self._length == _BLOCK:
                self._done.append(self._sum)
                self._sum = self._length = 0
            content = content[len(piece) :]

    def blocks(self) -> list[int]:
        """The sums, the last of what is left over."""
        return [*self._done, self._sum] if self._length else self._done


def _blocks(length: int) -> int:
    return -(-length // _BLOCK)


def _seal(header: bytes, digests: bytes) -> bytes:
    """What tells whether the header and the digests are as they were written."""
    return zlib.crc32(digests, zlib.crc32(header)).to_bytes(4, "little")


def _pieces(array: Array) -> Iterable[memoryview]:
    """The bytes of an array, and zeros up to where the next one may begin."""
    content: Any = array.reshape(-1).view(np.uint8)
    for start in range(0, len(content), _PIECE):
        yield memoryview(content[start : start + _PIECE])
    yield memoryview(bytes(-len(content) % _ALIGNED))


def _forget(kept: Path, besides: Path) -> None:
    """Remove snapshots of what the folder was before."""
    for path in kept.iterdir():
        if path.name.endswith(_ENDING) and path != besides:
            path.unlink(missing_ok=True)


# --------------------------------------------------------------------------------------------------- reading it


class Mapped:
    """An array of one dimension in a snapshot; no byte of it is used before its block was compared with its digest.

    ``numpy.asarray`` gives all of it, an index or a slice a part of it.
    """

    __slots__ = ("_offset", "_snapshot", "_whole", "dtype")

    def __init__(self, snapshot: Snapshot, whole: Array, offset: int) -> None:
        self._snapshot, self._whole, self._offset = snapshot, whole, offset
        self.dtype = whole.dtype

    def __len__(self) -> int:
        return len(self._whole)

    def __getitem__(self, place: int | slice) -> Any:
        size = len(self._whole)
        first, last, _ = place.indices(size) if isinstance(place, slice) else (place % size, place % size + 1, 1)
        width = self.dtype.itemsize
        self._snapshot.require_sound(self._offset + first * width, self._offset + last * width)
        return self._whole[place]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        self._snapshot.require_sound(self._offset, self._offset + self._whole.nbytes)
        return np.array(self._whole, dtype, copy=True) if copy else self._whole.astype(dtype or self.dtype, copy=False)


class Snapshot:
    """A snapshot, mapped into memory: nothing is read before it is used.

    Attributes
    ----------
    about : dict
        What was saved with it.

    Raises
    ------
    DamagedIndex
        Here, or when an array is used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if os.fstat(file.fileno()).st_size else b""
        start = len(_MAGIC) + 8
        length = int.from_bytes(whole[len(_MAGIC) : start], "little")
        begin = -(-(start + length) // _ALIGNED) * _ALIGNED
        if begin > len(whole):
            raise self._dropped()
        head = whole[:begin]
        try:
            header = json.loads(head[start : start + length])
            end = begin + header["size"]
            digests, seal = whole[end:-4], whole[-4:]
        except (ValueError, KeyError, TypeError):
            raise self._dropped() from None
        if head[: len(_MAGIC)] != _MAGIC or len(digests) != _blocks(end - begin) * 4 or seal != _seal(head, digests):
            raise self._dropped()
        self.about: dict[str, Any] = header["about"]
        self._places: Mapping[str, Any] = header["arrays"]
        self._content = memoryview(whole)[begin:end]
        self._digests = np.frombuffer(digests, "<u4").tolist()
        self._sound = bytearray(len(self._digests))

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def array(self, name: str) -> Array:
        """An array as it was saved; it cannot be written to."""
        found, offset = self._placed(name)
        self.require_sound(offset, offset + found.nbytes)
        return found

    def mapped(self, name: str) -> Mapped:
        """The same of an array of which a part is used, or that may not be used at all."""
        return Mapped(self, *self._placed(name))

    def require_sound(self, start: int, end: int) -> None:
        """Compare the blocks of some bytes with their digests, unless that was done before."""
        first, last = start // _BLOCK, _blocks(end)
        if start < end and self._sound.find(0, first, last) >= 0:
            for block in range(first, last):
                if not self._sound[block]:
                    content = self._content[block * _BLOCK : (block + 1) * _BLOCK]
                    if zlib.crc32(content) != self._digests[block]:
                        raise self._dropped()
                    self._sound[block] = 1

    def _placed(self, name: str) -> tuple[Array, int]:
        kind, shape, offset = self._places[name]
        dtype = np.dtype(kind)
        count = int(np.prod(shape, dtype=np.int64))
        if not count:
            return np.zeros(shape, dtype), 0
        return np.frombuffer(self._content, dtype, count, offset).reshape(shape), offset

    def _dropped(self) -> DamagedIndex:
        """Remove it; what to say."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            _DROPPED.add(self._path)
        folder = str(self._path.parent.parent)
        return DamagedIndex(f"the saved index of {folder!r} is damaged and is not used; save it again: "
                            f"accessmap index {shlex.quote(folder)}")  # fmt: skip


def find(place: str | Path, maker: str) -> Snapshot | None:
    """The snapshot of a folder as it is now, if there is one.

    Raises
    ------
    DamagedIndex
        If it is damaged; the next time there is none.
    """
    if isinstance(place, str) and (place in bundled() or "://" in place):
        return None
    folder = Path(place).expanduser()
    if not (folder / FOLDER).is_dir():
        return None
    path = folder / FOLDER / f"{Inputs.of(folder).key(maker)}{_ENDING}"
    try:
        found = Snapshot(path) if path not in _DROPPED else None
    except OSError:  # none, or gone in the meantime
        return None
    if found is not None:
        warn_of_unread(folder)  # who reads the tables instead will
    return found

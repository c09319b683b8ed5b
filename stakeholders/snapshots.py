"""A dataset kept on disk as it is in memory, with whatever was worked out from it, so that it need not be read again.

A snapshot is one file in ``.accessmap`` beside the tables: a header in JSON, then arrays that are mapped into memory as
they stand. It is named after a digest of the files that it was made of and of what made it, so it is either right or
not found. It is written under another name and renamed when complete: however many processes read and write, and
whenever one is killed, a reader meets a whole snapshot or none.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from stakeholders.addresses import is_address, shown
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, DatasetNotFound
from stakeholders.files import clear_parts, mark_of, part_of, write_whole
from stakeholders.memory import size
from stakeholders.progress import Watch, unwatched
from stakeholders.schema import FILES, TABLES
from stakeholders.tables import bundled, read

Array = np.ndarray[Any, np.dtype[Any]]

FOLDER: Final = ".accessmap"
_ENDING: Final = ".index"
_SEEN: Final = "seen.json"
_MAGIC: Final = b"accessmap index 1\n".ljust(24)
_ALIGNED: Final = 64
_PIECE: Final = 1 << 24

# A file that changed so shortly before it was looked at may have changed again within the same tick of its clock.
_SETTLED: Final = 2_000_000_000


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
    return {name: told for name, told in found.items() if isinstance(told, dict)} if isinstance(found, dict) else {}


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
    part = part_of(kept / f"new{_ENDING}")
    try:
        kept.mkdir(exist_ok=True)
        clear_parts(kept / f"new{_ENDING}")
        clear_parts(kept / _SEEN)
        write_whole(kept / ".gitignore", b"*\n")
        if shutil.disk_usage(kept).free < len(header) + end:
            raise AccessMapError(f"the index takes {size(len(header) + end)}, for which the disk has no room.")
        with part.open("wb") as file:
            file.write(header)
            for name, array in arrays.items():
                _write(file, np.ascontiguousarray(array), watch, len(header) + end)
                file.write(bytes(len(header) + places[name][2] - file.tell() + -(-array.nbytes // _ALIGNED) * _ALIGNED))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        inputs.note()
        _forget(kept, besides=path)
    except OSError as error:
        raise AccessMapError(f"cannot write {str(kept)!r}: {(error.strerror or str(error)).lower()}.") from None
    finally:
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
    for path in gone:
        path.unlink(missing_ok=True)
    with suppress(OSError):  # something else lies in it
        kept.rmdir()
    return gone


def _write(file: Any, array: Array, watch: Watch, total: int) -> None:
    content: Any = array.reshape(-1).view(np.uint8)
    for start in range(0, len(content), _PIECE):
        file.write(memoryview(content[start : start + _PIECE]))
        watch("writing the index", file.tell(), total, "bytes")


def _forget(kept: Path, besides: Path) -> None:
    """Remove snapshots of what the folder was before."""
    for path in kept.iterdir():
        if path.name.endswith(_ENDING) and path != besides:
            path.unlink(missing_ok=True)


# --------------------------------------------------------------------------------------------------- reading it


class Snapshot:
    """A snapshot, mapped into memory: nothing is read before it is used.

    Attributes
    ----------
    about : dict
        What was saved with it.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        start = len(_MAGIC) + 8
        length = int.from_bytes(whole[len(_MAGIC) : start], "little")
        if whole[: len(_MAGIC)] != _MAGIC:
            raise ValueError("another format")
        header = json.loads(whole[start : start + length])
        self._start = -(-(start + length) // _ALIGNED) * _ALIGNED
        if len(whole) != self._start + header["size"]:
            raise ValueError("cut short")
        self.about: dict[str, Any] = header["about"]
        self._places, self._whole = header["arrays"], whole

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def array(self, name: str) -> Array:
        """An array as it was saved; it cannot be written to."""
        kind, shape, offset = self._places[name]
        dtype = np.dtype(kind)
        count = int(np.prod(shape, dtype=np.int64))
        if not count:
            return np.zeros(shape, dtype)
        return np.frombuffer(self._whole, dtype, count, self._start + offset).reshape(shape)


def find(place: str | Path, maker: str) -> Snapshot | None:
    """The snapshot of a folder as it is now, if there is one."""
    if isinstance(place, str) and (place in bundled() or "://" in place):
        return None
    folder = Path(place).expanduser()
    if not (folder / FOLDER).is_dir():
        return None
    try:
        return Snapshot(folder / FOLDER / f"{Inputs.of(folder).key(maker)}{_ENDING}")
    except (OSError, ValueError, KeyError, TypeError):  # none, or gone in the meantime, or no index at all
        return None

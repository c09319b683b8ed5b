"""A dataset as it stood in a revision of git, read without checking anything out."""

from __future__ import annotations

import os
import subprocess
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, DatasetNotFound, FileNotRead
from stakeholders.schema import COMPANIONS, REQUIRED_TABLES, TABLES, file_name
from stakeholders.tables import DATA, bundled, read, read_files

_FILES: Final = frozenset({*map(file_name, TABLES), "datapackage.json", "rules.toml", *COMPANIONS})
_PARQUET: Final = frozenset(f"{table}.parquet" for table in TABLES)
_POINTER: Final = b"version https://git-lfs.github.com/spec/"


def read_version(place: str, *, check: bool = True) -> Dataset:
    """Dataset of a bundled name, a folder, or ``folder@revision``.

    Parameters
    ----------
    place : str
        A folder whose own name holds an ``@`` is found before a revision is looked for.
    check : bool
        Whether to look for every problem, as :func:`stakeholders.tables.read` does.

    Raises
    ------
    DatasetNotFound
        If there is no such dataset, folder or revision.
    InvalidDataset
        If something is wrong with it.

    Examples
    --------
    >>> read_version("cabar-2020").name
    'cabar-2020'
    """
    if "@" not in place or "://" in place or Path(place).expanduser().exists():
        return read(place, check=check)
    # A revision may hold an @ of its own, as HEAD@{1} does.
    cuts = [cut for cut, letter in enumerate(place) if letter == "@"]
    cut = next((cut for cut in cuts if place[:cut] in bundled() or Path(place[:cut]).expanduser().is_dir()), cuts[0])
    return read_revision(place[:cut] or ".", place[cut + 1 :], check=check)


def read_revision(place: str | Path, revision: str, *, check: bool = True) -> Dataset:
    """Dataset of a folder as it stood in a revision of the git repository that the folder lies in.

    Parameters
    ----------
    place : str or Path
        A folder, or a bundled name where the package itself is a git checkout. The folder need not exist any more.
    revision : str
        A branch, tag, commit, ``HEAD~1``, or anything else that git takes for a commit.
    check : bool
        Whether to look for every problem, as :func:`stakeholders.tables.read` does.

    Raises
    ------
    DatasetNotFound
        If the folder lies in no repository, or the revision has no dataset there.

    Warns
    -----
    FileNotRead
        If the revision has Parquet tables: those in CSV alone are read.
    """
    folder = (DATA / place if isinstance(place, str) and place in bundled() else Path(place).expanduser()).resolve()
    near = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
    if not revision or revision.startswith("-"):
        raise DatasetNotFound(f"{revision!r} is no revision of git; write one such as HEAD~1, a tag or a commit.")
    root = Path(os.fsdecode(_git(near, "rev-parse", "--show-toplevel").rstrip(b"\n"))).resolve()
    try:
        commit = _git(near, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
    except AccessMapError:
        raise DatasetNotFound(f"git knows no revision {revision!r} in {str(root)!r}.") from None
    inside = folder.relative_to(root).as_posix()
    tree = commit if inside == "." else f"{commit}:{inside}"
    try:
        listed = _git(root, "ls-tree", "-z", tree)
    except AccessMapError:
        raise DatasetNotFound(f"in revision {revision!r} there is no folder {inside!r}.") from None
    blobs: dict[str, str] = {}
    unread: list[str] = []
    for entry in listed.split(b"\0")[:-1]:
        about, _, name = entry.partition(b"\t")
        _, kind, blob = about.decode().split()
        if kind == "blob" and os.fsdecode(name) in _FILES:
            blobs[os.fsdecode(name)] = blob
        elif kind == "blob" and os.fsdecode(name) in _PARQUET:
            unread.append(os.fsdecode(name))
    for file in unread:
        message = f"{place}@{revision}/{file}: is not read; of a revision only tables in CSV are"
        warnings.warn(FileNotRead(message), stacklevel=2)
    if not {file_name(table) for table in REQUIRED_TABLES} & set(blobs):
        files = ", ".join(map(file_name, REQUIRED_TABLES))
        raise DatasetNotFound(f"in revision {revision!r} the folder {inside!r} is no dataset: it has none of {files}.")
    # Unlike `git show`, this runs no filter and no textconv that a repository may have set up.
    contents = {file: _git(root, "cat-file", "blob", blobs[file]) for file in sorted(blobs)}
    for file, stored in contents.items():
        if stored.startswith(_POINTER):
            raise DatasetNotFound(f"{file!r} in revision {revision!r} is kept by Git LFS and is not here.")
    return read_files(folder.name, contents, check=check)


def _git(folder: Path, *arguments: str) -> bytes:
    """What git prints; no shell reads the arguments, and nothing is written."""
    command: Sequence[str] = ("git", "--no-pager", "--no-replace-objects", "-C", str(folder), *arguments)
    environment = {
        name: value for name, value in os.environ.items() if name not in {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}
    }
    try:
        done = subprocess.run(  # noqa: S603  no shell, and the revision is no option
            command,
            capture_output=True,
            check=False,
            env={**environment, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise AccessMapError("git is not installed, and a revision can be read through it alone.") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        if "not a git repository" in said:
            raise DatasetNotFound(f"the folder {str(folder)!r} lies in no git repository.")
        raise AccessMapError(f"git: {said or 'it failed'}")
    return done.stdout

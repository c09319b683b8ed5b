"""Files written whole or not at all; files of settings read with the place of what is wrong in them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stakeholders.errors import AccessMapError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step: a reader meets the old content or the new, and a failure leaves the old.

    Parameters
    ----------
    path : Path
        A link stays a link, what it leads to is written.
    content : bytes

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder) / "a.txt", b"whole")
    ...     [(path.name, path.read_bytes()) for path in Path(folder).iterdir()]
    [('a.txt', b'whole')]
    """
    place = Path(os.path.realpath(path))
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        if place.exists():
            part.chmod(place.stat().st_mode)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


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

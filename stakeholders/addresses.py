"""Addresses of databases among the places that are given, and how they are shown: without their passwords."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stakeholders.errors import AccessMapError

if TYPE_CHECKING:
    from sqlalchemy import URL

# A path with two slashes in a row keeps one of them; a single letter before the colon is a disk.
_SCHEME: Final = re.compile(r"[A-Za-z][\w+.-]+:/")

_MISTYPED: Final = re.compile(r"(sqlite|duckdb|postgresql|postgres)(?::/*|//+)(.+)")

_USER: Final = re.compile(r"(?<=[/:])([^:@/?]*):.*@")
_NAMED: Final = r"[^=&]*(?:password|passwd|pwd|token|secret)[^=&]*"
_SECRET: Final = re.compile(rf"(?i)([?&]{_NAMED}=)[^&]*")


def is_address(place: str | Path) -> bool:
    """Whether a place is written as the address of a database.

    Examples
    --------
    >>> is_address("sqlite:///file.db"), is_address(Path("sqlite:///file.db")), is_address("central-asia")
    (True, True, False)
    """
    return "://" in str(place) or bool(_SCHEME.match(str(place)))


def shown(address: str | Path | URL) -> str:
    """An address, as text, without its passwords.

    Examples
    --------
    >>> shown("postgresql://me:secret@host/x?password=secret")
    'postgresql://me:***@host/x?password=***'
    """
    text = address if isinstance(address, str | Path) else address.render_as_string(hide_password=True)
    return _SECRET.sub(r"\1***", _USER.sub(r"\1:***@", str(text)))


def meant_address(place: str) -> str:
    """The address, without passwords, that may be meant by what is none; empty if none may.

    Examples
    --------
    >>> meant_address("sqlite:file.db"), meant_address("file.duckdb"), meant_address("folder")
    ('sqlite:///file.db', 'duckdb:///file.duckdb', '')
    """
    if found := _MISTYPED.fullmatch(place):
        slashes = "://" if found[1].startswith("postgres") else ":///"
        return shown(f"{found[1]}{slashes}{found[2]}")
    for backend, ending in (("sqlite", "(?:db|db3|sqlite|sqlite3)"), ("duckdb", "duckdb")):
        if re.fullmatch(rf".+\.{ending}", place):
            return f"{backend}:///{place}"
    return ""


def is_secret(option: str) -> bool:
    """Whether an option of an address, by its name, holds what nobody else should read."""
    return bool(re.fullmatch(_NAMED, option, re.IGNORECASE))


def require_folder(place: str | Path) -> None:
    """Refuse to write to an address.

    Raises
    ------
    AccessMapError
        If it is one.

    Examples
    --------
    >>> require_folder("sqlite:///file.db")
    Traceback (most recent call last):
    stakeholders.errors.AccessMapError: 'sqlite:///file.db' is an address; name a folder: databases are only read.
    """
    if is_address(place):
        raise AccessMapError(f"{shown(place)!r} is an address; name a folder: databases are only read.")

"""What a dataset says of itself in ``datapackage.json``, and what must change there when its tables change their files.

Only the values that would be false are replaced, each where it stands: whatever else the file holds, and how it is laid
out, stays. A table that is made Parquet and CSV again leaves it as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stakeholders.dataset import Table
from stakeholders.decoding import decoded
from stakeholders.errors import Problem

PACKAGE: Final = "datapackage.json"

_BOM: Final = b"\xef\xbb\xbf"
_GAP: Final = re.compile(r"[\s,:]*")
_VALUE: Final = json.JSONDecoder()
_MEDIA: Final = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}

# The keys and numbers that lead to the value of a resource: its list, which it is, the name of the value.
_DEEP: Final = 3

_Way = tuple[str | int, ...]


def package_of(raw: bytes, problems: list[Problem]) -> dict[str, Any]:
    """What the file says; faults are added to the problems."""
    text, faults = decoded(PACKAGE, raw)
    problems += faults
    try:
        package = json.loads(text)
    except json.JSONDecodeError as error:
        problems.append(Problem(PACKAGE, error.lineno, "", f"is no JSON: {error.msg} at column {error.colno}"))
        return {}
    except (RecursionError, ValueError):  # a number may have more digits than Python takes
        package = None
    if not isinstance(package, dict):
        problems.append(Problem(PACKAGE, 0, "", 'should be one object: {"name": …, "title": …}'))
        return {}
    return package


def described(raw: bytes | None, package: Mapping[str, Any], tables: Sequence[Table]) -> bytes | None:
    """The file in which the resources name the tables' files as they are written.

    Parameters
    ----------
    raw : bytes, optional
        The file as it was read.
    package : mapping
        What it should say; another than it says if somebody edited it.
    tables : sequence of Table

    Returns
    -------
    bytes or None
        The file as it was read if nothing in it is false; ``None`` if there is none, and nothing to say.

    Examples
    --------
    >>> from stakeholders.dataset import PARQUET
    >>> raw = b'{"resources": [{"name": "sources",  "path": "sources.csv", "encoding": "utf-8"}]}'
    >>> described(raw, json.loads(raw), [Table("sources", (), {}, style=PARQUET)]).decode()
    '{"resources": [{"name": "sources",  "path": "sources.parquet", "encoding": "utf-8"}]}'
    """
    if raw is None or package_of(raw, []) != package:
        if not package:
            return raw
        raw = (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()
    changes = _changes(package, tables)
    if not changes:
        return raw
    text = decoded(PACKAGE, raw)[0]
    places = {way: (start, end) for way, start, end in _places(text, _gap(text, 0)) if way in changes}
    for way, (start, end) in sorted(places.items(), key=lambda found: found[1], reverse=True):
        text = text[:start] + json.dumps(changes[way], ensure_ascii=False) + text[end:]
    return _BOM * raw.startswith(_BOM) + text.encode()


def _changes(package: Mapping[str, Any], tables: Sequence[Table]) -> dict[_Way, str]:
    """What the resources should say instead, by the way to it."""
    files = {table.name: table for table in tables}
    resources = package.get("resources")
    changes: dict[_Way, str] = {}
    for number, resource in enumerate(resources if isinstance(resources, list) else ()):
        table = files.get(str(resource.get("name"))) if isinstance(resource, dict) else None
        if table is None or resource.get("path") in (None, table.file):
            continue
        right = {"path": table.file}
        if not str(resource["path"]).endswith(f".{table.style.format}"):
            right |= {"format": table.style.format, "mediatype": _MEDIA[table.style.format]}
        changes |= {("resources", number, name): value for name, value in right.items() if name in resource}
    return changes


def _places(text: str, start: int, way: _Way = ()) -> Iterator[tuple[_Way, int, int]]:
    """Where the values in a value stand that starts at a place of a sound JSON text, and at last the value itself."""
    end = start + 1
    if text[start] in "{[" and len(way) < _DEEP:
        named, number, end = text[start] == "{", 0, _gap(text, end)
        while text[end] not in "}]":
            name: str | int = number
            if named:
                name, end = _VALUE.raw_decode(text, end)
                end = _gap(text, end)
            for found in _places(text, end, (*way, name)):
                yield found
                end = found[2]
            end, number = _gap(text, end), number + 1
        end += 1
    else:
        end = _VALUE.raw_decode(text, start)[1]
    yield way, start, end


def _gap(text: str, place: int) -> int:
    """The next place at which something stands."""
    found = _GAP.match(text, place)
    return found.end() if found else place

"""Files of settings beside the tables: TOML, with the line of what is refused in it, raised at once or gathered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final

from stakeholders.decoding import decoded
from stakeholders.errors import AccessMapError, Problem

Step = str | int

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY: Final = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


class Settings:
    r"""A file of settings.

    Parameters
    ----------
    file : str
        Its name, for messages.
    raw : bytes
    problems : list of Problem, optional
        Takes what is wrong with it; without it the first fault is raised.

    Examples
    --------
    >>> found = []
    >>> settings = Settings("rules.toml", b"a = 1\n[b]\nc = 2", found)
    >>> with settings.at("b", "c"):
    ...     raise AccessMapError("rules.toml: b: c: write a text")
    >>> print(*found)
    rules.toml:3: b: c: write a text
    """

    def __init__(self, file: str, raw: bytes, problems: list[Problem] | None = None) -> None:
        self.file, self._problems = file, problems
        faults: list[Problem] = []
        self._text, self.table = _parsed(file, raw, faults)
        if faults and problems is None:
            raise AccessMapError(str(faults[0]))
        if problems is not None:
            problems += faults

    @contextmanager
    def at(self, *path: Step) -> Iterator[None]:
        """While a place of the file is judged; entries of a list are counted from 1."""
        try:
            yield
        except AccessMapError as error:
            if self._problems is None:
                raise
            message = str(error).removeprefix(f"{self.file}: ")
            self._problems.append(Problem(self.file, self.line(*path), "", message))

    def line(self, *path: Step) -> int:
        """Line on which a place, or the nearest place around it, begins; 0 if none does."""
        return next((line for end in range(len(path), 0, -1) if (line := self._lines.get(path[:end]))), 0)

    @cached_property
    def _lines(self) -> dict[tuple[Step, ...], int]:
        found: dict[tuple[Step, ...], int] = {}
        counts: Counter[tuple[Step, ...]] = Counter()
        where: tuple[Step, ...] = ()
        for number, text in enumerate(self._text.splitlines(), 1):
            if header := _HEADER.fullmatch(text):
                where, names = (), _names(header[2])
                for name in names:
                    where = (*where, name)
                    if counts[where] and name is not names[-1]:
                        where = (*where, counts[where])
                if header[1] == "[[":
                    counts[where] += 1
                    where = (*where, counts[where])
                found.setdefault(where, number)
            elif key := _KEY.match(text):
                found.setdefault((*where, *_names(key[1])), number)
        return found


def toml_of(file: str, raw: bytes, problems: list[Problem]) -> dict[str, Any]:
    """The tables of a TOML file; none, and a problem, if it is no TOML."""
    return _parsed(file, raw, problems)[1]


def _parsed(file: str, raw: bytes, problems: list[Problem]) -> tuple[str, dict[str, Any]]:
    import tomllib

    text, faults = decoded(file, raw)
    problems += faults
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        message = str(error)[: place.start()] if place else str(error)
        problems.append(Problem(file, line, "", f"is no TOML: {message[:1].lower()}{message[1:]}"))
    except RecursionError:
        problems.append(Problem(file, 0, "", "is no TOML: it is nested too deeply"))
    return text, {}


def _names(dotted: str) -> tuple[str, ...]:
    """The names of a dotted key, without their quotation marks."""
    return tuple(part.strip().strip("\"'") for part in re.findall(r""""[^"]*"|'[^']*'|[^.]+""", dotted))

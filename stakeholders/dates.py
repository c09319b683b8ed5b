"""Partial dates: a year, a month or a day, each meaning its whole period.

Days are proleptic Gregorian ordinals (``datetime.date.toordinal``), so intervals compare as integers.
``ALWAYS`` and ``FOREVER`` stand for an open start and an open end.
"""

from __future__ import annotations

import calendar
import re
from datetime import date
from functools import lru_cache
from operator import index
from typing import SupportsIndex

ALWAYS = 0
FOREVER = date.max.toordinal() + 1

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@lru_cache(maxsize=65536)
def first_day(text: str) -> int:
    """First day of the period that a partial date names.

    Raises
    ------
    ValueError
        If the text is no date of the forms ``2020``, ``2020-02`` or ``2020-02-19``.

    Examples
    --------
    >>> first_day("2020-02") == date(2020, 2, 1).toordinal()
    True
    """
    year, month, day = _parts(text)
    return date(year, month or 1, day or 1).toordinal()


@lru_cache(maxsize=65536)
def last_day(text: str) -> int:
    """Last day of the period that a partial date names, itself included.

    Examples
    --------
    >>> last_day("2020-02") == date(2020, 2, 29).toordinal()
    True
    """
    year, month, day = _parts(text)
    month = month or 12
    return date(year, month, day or calendar.monthrange(year, month)[1]).toordinal()


def day_asked(value: object) -> int:
    """The day that somebody asks about: a date of whatever library, a year as a number, or the last day of a text.

    Raises
    ------
    ValueError
        If it is none of these.

    Examples
    --------
    >>> day_asked(2020) == day_asked("2020") == day_asked(date(2020, 12, 31))
    True
    """
    if isinstance(value, str):
        return last_day(value)
    if isinstance(value, date) and value == value:  # noqa: PLR0124  NaT of pandas is a date that is none
        return value.toordinal()
    if isinstance(value, SupportsIndex) and not isinstance(value, bool):
        return last_day(str(index(value)))
    if getattr(getattr(value, "dtype", None), "kind", "") == "M":  # numpy's, to whatever part of a second
        return last_day(str(value).partition("T")[0])
    raise ValueError(f"{value!r} is no date; write 2020, 2020-02 or 2020-02-19")


def iso(day: int) -> str:
    """ISO 8601 text of an ordinal day, empty for an open end.

    Examples
    --------
    >>> iso(first_day("2020"))
    '2020-01-01'
    >>> iso(FOREVER)
    ''
    """
    return "" if day <= ALWAYS or day >= FOREVER else date.fromordinal(day).isoformat()


def _parts(text: str) -> tuple[int, int, int]:
    match = _PARTIAL.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no date; write 2020, 2020-02 or 2020-02-19")
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        date(year, month if match[2] else 1, day if match[3] else 1)
    except ValueError:
        raise ValueError(f"{text!r} is no day of the calendar") from None
    return year, month, day

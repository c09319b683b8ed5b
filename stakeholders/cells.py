"""What one cell must look like: each check gives a sentence about what is wrong, or nothing.

Spreadsheets damage tables in known ways: dates become day numbers or ``02.03.2020``, long numbers ``1.2E+05``, ``true``
becomes ``TRUE``. The checks recognise these and say what to write instead.

A cell that a spreadsheet would run as a formula (``=HYPERLINK(…)``) is text like any other: it is kept, written back as
it is and never run, but a warning says that it is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from stakeholders.dates import first_day
from stakeholders.errors import nearest

Check = Callable[[str], str]

LONGEST: Final = 32_767  # what a cell of a spreadsheet can hold: what is longer is cut when somebody saves the table

_FEW = 32  # words that an error names all, where none comes near: kinds of bodies, data categories are no more
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_SCIENTIFIC = re.compile(r"-?\d(?:[.,]\d+)?[Ee][+-]?\d+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LOST = ("#REF!", "#NAME?", "#VALUE!", "#N/A", "#DIV/0!", "#NULL!", "#NUM!", "#ССЫЛКА!", "#ИМЯ?", "#ЗНАЧ!", "#Н/Д")
_FORMULA = re.compile(r"[=@](?=\S)|[+-](?=[^\d\s–—-])|[+-]\d[\d.]*[*/(!]")
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})(?:[./-](\d{1,2}))?(?:[T ].*)?")
_MONTH_FIRST = re.compile(r"(\d{1,2})[./](\d{4})")
_MONTHS: Final = (
    ("jan", "янв", "қаң"), ("feb", "фев", "ақп"), ("mar", "мар", "нау"), ("apr", "апр", "сәу"),
    ("may", "май", "мая", "мам"), ("jun", "июн", "мау"), ("jul", "июл", "шіл"), ("aug", "авг", "там"),
    ("sep", "сен", "қыр"), ("oct", "окт", "қаз"), ("nov", "ноя", "қар"), ("dec", "дек", "жел"),
)  # fmt: skip


def shown(cell: str) -> str:
    """A cell as a message quotes it: short, in quotes, with nothing invisible in it.

    Examples
    --------
    >>> shown("kz mia")
    "'kz mia'"
    """
    return repr(cell if len(cell) <= 60 else cell[:57] + "…")


def damage(cell: str) -> str:
    """What a program did to a cell's text, whatever the column.

    Examples
    --------
    >>> damage("1.2E+05")
    "'1.2E+05' is a spreadsheet's short form of a longer number; write all its digits"
    """
    if len(cell) > LONGEST:
        return f"is {len(cell):,} characters long; a spreadsheet cuts a cell after {LONGEST:,}"
    if "\x00" in cell:
        return f"{shown(cell)} holds a NUL character; take it out"
    control = _CONTROL.search(cell)
    if control:
        return f"{shown(cell)} holds the control character U+{ord(control[0]):04X}; take it out"
    if "\ufffd" in cell:
        return f"{shown(cell)} holds '\ufffd', the trace of a letter that was lost; write the letter again"
    if cell.startswith(_LOST):
        return f"{shown(cell)} is a spreadsheet's error; write again what stood here"
    if _SCIENTIFIC.fullmatch(cell):
        return f"{shown(cell)} is a spreadsheet's short form of a longer number; write all its digits"
    return ""


def formula(cell: str) -> str:
    r"""A warning about a cell that a spreadsheet would run.

    Examples
    --------
    >>> formula('=HYPERLINK("http://x")')
    '\'=HYPERLINK("http://x")\' would run as a formula in a spreadsheet; it is kept as text'
    >>> formula("-5 cameras")
    ''
    """
    return f"{shown(cell)} would run as a formula in a spreadsheet; it is kept as text" if _FORMULA.match(cell) else ""


def required(cell: str) -> str:
    """A cell that must not be empty."""
    return "" if cell.strip() else "is empty"


def slug(cell: str) -> str:
    """An id: small Latin letters, digits, hyphens.

    Examples
    --------
    >>> slug("KZ MIA")
    "'KZ MIA' is no id: small Latin letters, digits and hyphens between them (did you mean 'kz-mia'?)"
    """
    if _SLUG.fullmatch(cell):
        return ""
    if not cell.strip():
        return "is empty"
    better = re.sub(r"[^a-z0-9]+", "-", cell.casefold()).strip("-")
    hint = f" (did you mean {better!r}?)" if better and not re.search(r"[^\x00-\x7f]", cell.strip()) else ""
    return f"{shown(cell)} is no id: small Latin letters, digits and hyphens between them{hint}"


def code(cell: str) -> str:
    """A category's code: small Latin letters, digits, underscores."""
    if _CODE.fullmatch(cell):
        return ""
    if not cell.strip():
        return "is empty"
    better = re.sub(r"[^a-z0-9]+", "_", cell.casefold()).strip("_")
    hint = f" (did you mean {better!r}?)" if _CODE.fullmatch(better) else ""
    return f"{shown(cell)} is no code: small Latin letters, digits and underscores between them{hint}"


def one_of(words: Iterable[str]) -> Check:
    """A cell that holds a word of a vocabulary.

    Examples
    --------
    >>> one_of(["holds", "operates"])("opperates")
    "'opperates' is not in the vocabulary (did you mean 'operates'?)"
    """
    known = tuple(words)

    def check(cell: str) -> str:
        if cell in known:
            return ""
        return f"{shown(cell)} is not in the vocabulary{did_you_mean(cell, known)}" if cell else "is empty"

    return check


def each(check: Check) -> Check:
    """The check for every value of a cell that holds a list; an empty list passes."""

    def check_all(cell: str) -> str:
        from stakeholders.dataset import split

        return "; ".join(message for value in split(cell) if (message := check(value)))

    return check_all


def optional(check: Check) -> Check:
    """The check for a cell that may be empty."""
    return lambda cell: check(cell) if cell else ""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """The nearest right words, in brackets, or all if they are not many; empty if nothing comes near.

    Examples
    --------
    >>> did_you_mean("lives", ["live", "archive"])
    " (did you mean 'live'?)"
    """
    known = tuple(choices)
    near = nearest(word.strip().casefold().replace(" ", "_"), known, 2) or nearest(word, known, 2)
    if near:
        return f" (did you mean {' or '.join(repr(choice) for choice in near)}?)"
    return f" (one of {', '.join(known)})" if len(known) <= _FEW else ""


@lru_cache(maxsize=65536)
def partial_date(cell: str) -> str:
    """A year, a month or a day; empty is no date.

    Examples
    --------
    >>> partial_date("43512")
    "'43512' is no date; it looks like a spreadsheet's day number (did you mean '2019-02-16'?)"
    >>> partial_date("02.03.2020")
    "'02.03.2020' is no date (did you mean '2020-03-02'?)"
    """
    if not cell:
        return ""
    try:
        first_day(cell)
    except ValueError as error:
        better = [text for text in _dates_like(cell.strip()) if _is_date(text)]
        if not better:
            return str(error)
        number = "; it looks like a spreadsheet's day number" if cell.strip().split(".")[0].isdigit() else ""
        number = number if re.fullmatch(r"\d{5}(\.\d+)?", cell.strip()) else ""
        meant = " or ".join(repr(text) for text in dict.fromkeys(better))
        return f"{shown(cell)} is no date{number} (did you mean {meant}?)"
    return ""


def _is_date(text: str) -> bool:
    try:
        first_day(text)
    except ValueError:
        return False
    return True


def _dates_like(cell: str) -> list[str]:
    """What may have been meant by a text that is no date, likeliest first."""
    if re.fullmatch(r"\d{5}(\.\d+)?", cell):
        return [(date(1899, 12, 30) + timedelta(days=int(cell[:5]))).isoformat()]
    if re.fullmatch(r"(19|20)\d{6}", cell):
        return [f"{cell[:4]}-{cell[4:6]}-{cell[6:]}"]
    if match := _DAY_FIRST.fullmatch(cell):
        day, month, year = (int(part) for part in match.groups())
        found = [f"{year:04}-{month:02}-{day:02}"]
        # With slashes either may come first; with dots the day does.
        return found + ([f"{year:04}-{day:02}-{month:02}"] if "/" in cell else [])
    if match := _YEAR_FIRST.fullmatch(cell):
        parts = [match[1], *(f"{int(part):02}" for part in match.groups()[1:] if part)]
        return ["-".join(parts)]
    if match := _MONTH_FIRST.fullmatch(cell):
        return [f"{match[2]}-{int(match[1]):02}"]
    return _dates_in_words(cell.casefold())


def _dates_in_words(cell: str) -> list[str]:
    month = next((number for number, names in enumerate(_MONTHS, 1) if any(name in cell for name in names)), 0)
    numbers = re.findall(r"\d+", cell)
    year = next((number for number in numbers if len(number) == 4), "")
    if not month or not (year or len(numbers) == 1):
        return [year] if year and not month else []
    day = next((int(number) for number in numbers if len(number) <= 2), 0)
    if not year:  # "Feb-20" is February 2020
        return [f"20{day:02}-{month:02}"]
    return [f"{year}-{month:02}-{day:02}" if day else f"{year}-{month:02}"]


def percent(cell: str) -> str:
    """A percentage or a range of them; empty is unknown.

    Examples
    --------
    >>> percent("50..100"), percent("120")
    ('', "'120' is out of 0 to 100")
    >>> percent("41,55")
    "'41,55' is no percentage: a number or a range as 50..100 (did you mean '41.55'?)"
    """
    if not cell:
        return ""
    bounds = cell.split("..") if ".." in cell else [cell]
    if len(bounds) > 2 or not all(_NUMBER.fullmatch(bound) for bound in bounds):
        better = re.sub(r"\s*(?:\.\.+|…|[–—]|(?<=\d)\s*-)\s*", "..", re.sub(r"[%\s]", "", cell).replace(",", "."))
        hint = f" (did you mean {better!r}?)" if better != cell and not percent(better) else ""
        return f"{shown(cell)} is no percentage: a number or a range as 50..100{hint}"
    numbers = [float(bound) for bound in bounds]
    if not all(0 <= number <= 100 for number in numbers):
        return f"{shown(cell)} is out of 0 to 100"
    if numbers[0] > numbers[-1]:
        return f"{shown(cell)} goes from more to less (did you mean '{bounds[1]}..{bounds[0]}'?)"
    return ""


def url(cell: str) -> str:
    """A web address that a reader can open; empty is none.

    Examples
    --------
    >>> url("javascript:alert(1)")
    "'javascript:alert(1)' is no web address; it must start with https:// or http://"
    """
    if not cell:
        return ""
    if not re.match(r"https?://", cell, re.IGNORECASE):
        host = re.match(r"(www\.)?[\w-]+(\.[\w-]+)+(/|$)", cell)
        hint = f" (did you mean 'https://{cell}'?)" if host else ""
        return f"{shown(cell)} is no web address; it must start with https:// or http://{hint}"
    if re.search(r'[\s<>"\\^`{|}\x00-\x1f\x7f]', cell):
        return f"{shown(cell)} is no web address: it has a space, a quote or another character that none may have"
    try:
        host_name = urlsplit(cell).hostname or ""
    except ValueError:
        host_name = ""
    if "." not in host_name.strip("."):
        return f"{shown(cell)} is no web address: it names no host"
    return ""


def country(cell: str) -> str:
    """A country's code of two capitals; empty is none or several."""
    if not cell or re.fullmatch("[A-Z]{2}", cell):
        return ""
    hint = f" (did you mean {cell.strip().upper()!r}?)" if re.fullmatch("[A-Za-z]{2}", cell.strip()) else ""
    return f"{shown(cell)} is no country code of two capitals, such as KZ{hint}"


def language(cell: str) -> str:
    """A language's code of two or three small letters; empty is unknown."""
    if not cell or re.fullmatch("[a-z]{2,3}", cell):
        return ""
    hint = f" (did you mean {cell.strip().lower()!r}?)" if re.fullmatch("[A-Za-z]{2,3}", cell.strip()) else ""
    return f"{shown(cell)} is no language code of small letters, such as kk{hint}"


def flag(cell: str) -> str:
    """``true``, or nothing."""
    if cell in {"", "true"}:
        return ""
    return f"{shown(cell)} is neither 'true' nor empty" + (
        " (did you mean 'true'?)" if cell.strip().casefold() in {"true", "yes", "1", "истина", "да", "иә", "x"} else ""
    )


def number(cell: str) -> str:
    """A number with a point for its fraction."""
    if _NUMBER.fullmatch(cell):
        return ""
    better = re.sub(r"[\s\u00a0]", "", cell).replace(",", ".")
    hint = f" (did you mean {better!r}?)" if _NUMBER.fullmatch(better) else ""
    return f"{shown(cell)} is no number{hint}" if cell else "is empty"


def year(cell: str) -> str:
    """A year of four digits."""
    return "" if re.fullmatch(r"\d{4}", cell) else (f"{shown(cell)} is no year" if cell else "is empty")

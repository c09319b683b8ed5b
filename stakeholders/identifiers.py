"""Registry numbers in free text: the surest way to tell two bodies of one name apart.

A number counts only where its own check digits hold or a word beside it says what it is, so that a telephone number or
a date never becomes an identity.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from stakeholders.dataset import Dataset

_USCC: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_INN: Final = ((2, 4, 10, 3, 5, 9, 4, 6, 8), (7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))

# Columns beside the standard ones in which a dataset may keep numbers.
_COLUMNS: Final = re.compile(
    r"identifiers?|uscc|inn|bin|iin|ogrn|lei|isin|ofac|duns|registration|tax|number", re.IGNORECASE
)

_LABELLED: Final = re.compile(
    r"(?:tax (?:number|id)|taxpayer number|registration (?:number|no)|INN|ИНН|OGRN|ОГРН|BIN|БИН|БСН|DUNS)"
    r"[\s.:№#]*(\d[\d\-\s]{6,18}\d)",
    re.IGNORECASE,
)
_OFAC: Final = re.compile(r"\bOFAC(?:\s+(?:entry|entries|id|number))?[\s#:-]*(\d{3,6})\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[0-9A-Za-z]{10,20}")


class Identifier(NamedTuple):
    """A number and its kind: USCC, INN, BIN, OGRN, LEI, ISIN, OFAC, ``number`` or ``id``."""

    kind: str
    value: str


def identifiers_in(text: str) -> tuple[Identifier, ...]:
    """Registry numbers that a text names.

    Examples
    --------
    >>> identifiers_in("Unified social credit code 91110000100010249W.")
    (Identifier(kind='USCC', value='91110000100010249W'),)
    >>> identifiers_in("Maker of SORM equipment; tax number 7705051215. On the list since 2019-10-09.")
    (Identifier(kind='INN', value='7705051215'),)
    >>> identifiers_in("Supplier; OFAC entry 30502."), identifiers_in("call 7705051216")
    ((Identifier(kind='OFAC', value='30502'),), ())
    """
    found = [Identifier("OFAC", match[1].lstrip("0")) for match in _OFAC.finditer(text)]
    for match in _LABELLED.finditer(text):
        value = re.sub(r"\D", "", match[1])
        found.append(_checked(value) or Identifier("number", value))
    checked = (_checked(match[0].upper()) for match in _WORD.finditer(text))
    return tuple(dict.fromkeys((*found, *(each for each in checked if each))))


def identifier_of(value: str) -> Identifier | None:
    """A value of a list's own column of identifiers: what it is by its check digits, else a plain number.

    Examples
    --------
    >>> identifier_of("91330000733796106P"), identifier_of("ofac-30946"), identifier_of("12")
    (Identifier(kind='USCC', value='91330000733796106P'), Identifier(kind='OFAC', value='30946'), None)
    """
    text = value.strip()
    if match := _OFAC.fullmatch(text):
        return Identifier("OFAC", match[1].lstrip("0"))
    plain = re.sub(r"[^0-9A-Za-z]", "", text).upper()
    if len(plain) < 7 or not any(letter.isdigit() for letter in plain):
        return None
    return _checked(plain) or Identifier("number", plain)


def identifiers_of(dataset: Dataset) -> dict[Identifier, tuple[str, ...]]:
    """Bodies of a dataset by the numbers in their aliases, notes and further columns, and in references of listings.

    Every body's own id stands among them too.
    """
    found: dict[Identifier, dict[str, None]] = {}
    entities = dataset.entities
    columns = [name for name in entities.header if name in ("aliases", "note") or _COLUMNS.fullmatch(name)]
    for row in entities.rows():
        if row["type"] != "body":
            continue
        found.setdefault(Identifier("id", row["id"]), {})[row["id"]] = None
        for column in columns:
            numbers = identifiers_in(row[column])
            if column not in ("aliases", "note"):
                listed = (identifier_of(value) for value in row[column].split(";"))
                numbers = (*numbers, *(each for each in listed if each))
            for number in numbers:
                found.setdefault(number, {})[row["id"]] = None
    for listing in dataset.listings.rows():
        # Only numbers of the entry itself: a reference may name a notice or a case with numbers of their own.
        for match in _OFAC.finditer(listing.get("reference", "")):
            found.setdefault(Identifier("OFAC", match[1].lstrip("0")), {})[listing["entity"]] = None
    return {number: tuple(bodies) for number, bodies in found.items()}


def _checked(value: str) -> Identifier | None:
    for kind, holds in _CHECKS:
        if holds(value):
            return Identifier(kind, value)
    return None


def _uscc(value: str) -> bool:
    """Unified social credit code of China, GB 32100-2015: a weighted sum modulo 31."""
    if len(value) != 18 or any(letter not in _USCC for letter in value) or not value[2:8].isdigit():
        return False
    total = sum(_USCC.index(letter) * pow(3, place, 31) for place, letter in enumerate(value[:17]))
    return _USCC[-total % 31] == value[17]


def _inn(value: str) -> bool:
    """Taxpayer number of Russia: ten digits of a body, the last a check digit."""
    if len(value) != 10 or not value.isdigit() or value == "0" * 10:
        return False
    return _digit(value, _INN[0]) == int(value[9])


def _ogrn(value: str) -> bool:
    """Registration number of Russia: thirteen digits, the last the remainder by eleven."""
    return len(value) == 13 and value.isdigit() and value[0] in "15" and int(value[:12]) % 11 % 10 == int(value[12])


def _bin(value: str) -> bool:
    """Business number of Kazakhstan: year and month of registration, kind of body, serial number, check digit."""
    if len(value) != 12 or not value.isdigit() or not 1 <= int(value[2:4]) <= 12 or value[4] not in "456":
        return False
    first = sum(int(digit) * weight for digit, weight in zip(value, range(1, 12), strict=False)) % 11
    if first == 10:
        weights = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
        first = sum(int(digit) * weight for digit, weight in zip(value, weights, strict=False)) % 11
    return first == int(value[11])


def _lei(value: str) -> bool:
    """Legal entity identifier, ISO 17442: the remainder by 97 is 1."""
    if len(value) != 20 or not value.isalnum() or not value[18:].isdigit() or value.isdigit():
        return False
    return int("".join(str(int(letter, 36)) for letter in value)) % 97 == 1


def _isin(value: str) -> bool:
    """Security identifier, ISO 6166: country letters, and a Luhn check over the digits."""
    if len(value) != 12 or not value[:2].isalpha() or not value.isalnum() or not value[11].isdigit():
        return False
    digits = [int(digit) for letter in value for digit in str(int(letter, 36))]
    doubled = [digit * 2 if place % 2 else digit for place, digit in enumerate(reversed(digits))]
    return sum(digit // 10 + digit % 10 for digit in doubled) % 10 == 0


def _digit(value: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(value, weights, strict=False)) % 11 % 10


_CHECKS: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    ("USCC", _uscc),
    ("LEI", _lei),
    ("ISIN", _isin),
    ("OGRN", _ogrn),
    ("BIN", _bin),
    ("INN", _inn),
)

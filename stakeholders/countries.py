"""Words for countries, in English, Russian and Kazakh, by what all their forms begin with."""

from __future__ import annotations

import re
from typing import Final

# Patterns are matched at the beginning of a word in small letters; one that ends in ``$`` is the whole word.
COUNTRIES: Final = {
    "CN": r"chin|китай|қытай",
    "RU": r"russia|росси|ресей",
    "KZ": r"kazakh|казах|қазақ",
    "UZ": r"uzbek|узбек|өзбек",
    "KG": r"kyrgyz|киргиз|кыргыз|қырғыз",
    "TJ": r"tajik|таджик|тәжік",
    "TM": r"turkmen|туркмен|түрікмен",
    "US": r"americ|us$|u\.s|сша|америк|ақш",
    "AE": r"emirat|uae|эмират|оаэ|әмірлік",
}


def country_of(word: str) -> str | None:
    """The code of the country that a word is of.

    Examples
    --------
    >>> country_of("chinese"), country_of("police")
    ('CN', None)
    """
    return next((code for code, pattern in COUNTRIES.items() if re.match(pattern, word)), None)

"""Data categories: which is part of which, their names, their DPV terms, whether the GDPR treats them as special."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Category:
    """One data category as a row of ``categories.csv``.

    ``names`` maps a language to a name; ``special`` names the article of the GDPR, empty for ordinary data.
    """

    code: str
    name: str
    broader: tuple[str, ...] = ()
    dpv: tuple[str, ...] = ()
    special: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CategoryTree:
    """The categories of a dataset and what is narrower than what.

    Examples
    --------
    >>> tree = CategoryTree.of([Category("biometric", "Biometric data"), Category("face", "Faces", ("biometric",))])
    >>> tree.codes
    ('biometric', 'face')
    >>> tree.narrower("biometric")
    ('biometric', 'face')
    """

    categories: Mapping[str, Category]

    @classmethod
    def of(cls, categories: Iterable[Category]) -> CategoryTree:
        """Tree of the categories given; of two with one code the later counts."""
        return cls({category.code: category for category in categories})

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """All codes, sorted."""
        return tuple(sorted(self.categories))

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Place of each code in ``codes``."""
        return {code: place for place, code in enumerate(self.codes)}

    def __contains__(self, code: object) -> bool:
        return code in self.categories

    def __getitem__(self, code: str) -> Category:
        return self.categories[code]

    def broader(self, code: str) -> str:
        """Code of the category that this one is part of, empty for a topmost one; the first if there are several."""
        broader = self.categories[code].broader
        return broader[0] if broader else ""

    def wider(self, code: str) -> tuple[str, ...]:
        """Everything that a category is part of, at any depth, nearest first."""
        found = [code]
        for child in found:  # grows while it is walked
            above = dict.fromkeys(self.categories[child].broader)
            found += [broad for broad in above if broad in self and broad not in found]
        return tuple(found[1:])

    def narrower(self, code: str) -> tuple[str, ...]:
        """The category itself, then everything that is part of it, at any depth."""
        found = [code]
        for parent in found:  # grows while it is walked
            found += [child for child in self._children.get(parent, ()) if child not in found]
        return tuple(found)

    def closed(self, codes: Iterable[str]) -> frozenset[str]:
        """The categories given and everything narrower; unknown codes stay as they are."""
        return frozenset(narrow for code in codes for narrow in self.narrower(code))

    def special(self, code: str) -> str:
        """Article of the GDPR that treats the category as special (``article 9``), empty if none does."""
        return self.categories[code].special

    def dpv(self, code: str) -> tuple[str, ...]:
        """Terms of the W3C Data Privacy Vocabulary nearest to the category."""
        return self.categories[code].dpv

    def name_of(self, code: str, lang: str = "en") -> str:
        """Name of a category in a language, else its English name; an unknown code names itself."""
        category = self.categories.get(code)
        if category is None:
            return code
        return category.names.get(lang) or category.name or code

    @cached_property
    def _children(self) -> Mapping[str, Sequence[str]]:
        children: dict[str, list[str]] = {}
        for code in self.codes:
            for parent in dict.fromkeys(self.categories[code].broader):
                children.setdefault(parent, []).append(code)
        return children

"""Every error a user can meet: what was asked, what is wrong, where, what comes near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# An error names so many right words; of more it counts the rest.
_NAMED = 24

# Letters taken for one another.
_LOOKS = str.maketrans("jlqcw0_ ", "iikkvo--")


class AccessMapError(Exception):
    """Base of all errors that a user can act on; its text is complete and needs no traceback."""


class DatasetNotFound(AccessMapError):
    """No bundled dataset and no folder answers to the name."""


class UnknownTerm(AccessMapError):
    """A word outside its vocabulary: a level, a stance, a field, a format.

    Parameters
    ----------
    what : str
        What the word should have been, such as ``"level"``.
    word : str
        The word given.
    choices : sequence of str
        The words that would do.
    """

    def __init__(self, what: str, word: str, choices: Sequence[str]) -> None:
        self.word = word
        self.choices = tuple(choices)
        self.suggestions = nearest(word, choices)
        near = f" Did you mean {_or(self.suggestions)}?" if self.suggestions else ""
        more = f" and {len(choices) - _NAMED} more" if len(choices) > _NAMED else ""
        super().__init__(f"{word!r} is no {what}.{near} Known: {', '.join(self.choices[:_NAMED])}{more}.")


class UnknownId(AccessMapError):
    """Nothing in the dataset goes by the name, or several things do.

    Parameters
    ----------
    message : str
        The whole sentence, suggestions included.
    suggestions : sequence of str
        Ids that come near, nearest first.
    """

    def __init__(self, message: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.suggestions = tuple(suggestions)


class DamagedIndex(AccessMapError):
    """A saved index is not what was written; it is gone, and whoever asks again is answered from the tables."""


class IncompleteAnswer(AccessMapError):
    """The answer could not be completed within the limits that were given."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a dataset, and where.

    ``column`` is empty when the whole row or file is meant; ``line`` is 0 when the whole file is. A ``warning`` is
    worth a look but makes no dataset invalid.
    """

    file: str
    line: int
    column: str
    message: str
    warning: bool = False

    def __str__(self) -> str:
        place = self.file + (f":{self.line}" if self.line else "")
        message = f"warning: {self.message}" if self.warning else self.message
        return f"{place}: {self.column}: {message}" if self.column else f"{place}: {message}"


class FileNotRead(UserWarning):
    """A file of a dataset that is not read, as another says the same: nothing is wrong, but one may have edited it."""


class InvalidDataset(AccessMapError):
    """A dataset that does not satisfy its rules; ``problems`` lists every one, in file order."""

    def __init__(self, problems: Sequence[Problem], where: str = "the dataset") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in {where}\n{lines}")


def nearest(word: str, choices: Sequence[str], limit: int = 3) -> tuple[str, ...]:
    """Choices that resemble a word, nearest first.

    Examples
    --------
    >>> nearest("opperates", ["operates", "holds"])
    ('operates',)
    """
    from rapidfuzz import fuzz, process  # only errors pay for it
    from rapidfuzz.distance import OSA

    folded = word.strip().casefold()
    alike = process.extract(folded, choices, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=60, limit=50)
    # A letter wrong, missing, added, or two exchanged are one slip each; one for a letter that looks alike is none.
    slips = {choice: OSA.distance(folded, choice.casefold()) for choice, _, _ in alike}
    plain = {choice: OSA.distance(folded.translate(_LOOKS), choice.casefold().translate(_LOOKS)) for choice in slips}
    fewest, plainest = min(slips.values(), default=0), min(plain.values(), default=0)
    near = [found for found in alike if slips[found[0]] <= fewest + 1 and (plainest > 0 or plain[found[0]] == plainest)]
    near.sort(key=lambda found: (slips[found[0]], plain[found[0]], -found[1], found[0]))
    return tuple(choice for choice, _, _ in near[:limit])


def _or(words: Sequence[str]) -> str:
    quoted = [repr(word) for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"

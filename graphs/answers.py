"""What every question gives back: rows in a fixed order, the assumptions they hold under, and a witness for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from graphs.headings import headings
from stakeholders.vocabulary import Label

if TYPE_CHECKING:
    import pandas as pd

    from stakeholders.dataset import Dataset

Row = dict[str, Any]

# Rows, and letters of a cell, that a notebook shows.
_SHOWN = 20
_WIDEST = 120


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence beside an answer, kept as a template so that it can be said in each language.

    Attributes
    ----------
    template : Label
        Sentence with ``{placeholders}``.
    values : mapping
        What goes into the placeholders. A mapping of languages to texts is resolved when the note is said.
    """

    template: Label
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: str = "en") -> str:
        """The sentence in one language.

        Examples
        --------
        >>> Note(Label("{n} rows", "строк: {n}", "жол саны: {n}"), {"n": 3}).text("ru")
        'строк: 3'
        """
        said = {
            name: value.get(lang, value.get("en", "")) if isinstance(value, Mapping) else value
            for name, value in self.values.items()
        }
        return self.template.of(lang).format(**said)


@dataclass(frozen=True)
class Answer:
    """One answer, complete unless it says that it is not.

    Attributes
    ----------
    command : str
        The question's name, as on the command line.
    question : dict
        What was asked, and under which assumptions.
    dataset : dict
        Name, version and SHA-256 of the dataset.
    rows : tuple of dict
        As documented under ``docs/schema``, in the contract's order.
    complete : bool
        False where a stated limit cut the answer short; a note then says how.
    notes : tuple of Note
    beside : dict
        Fields that stand beside the rows.
    what_if : dict, optional
        What differs from the same question on the unchanged data, see `graphs.comparisons.compared`.
    """

    command: str
    question: Row
    dataset: Row
    rows: tuple[Row, ...]
    complete: bool = True
    notes: tuple[Note, ...] = ()
    beside: Row = field(default_factory=dict)
    what_if: Row | None = None
    _steps: Callable[[int], list[Row]] | None = field(default=None, repr=False, compare=False)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__repr__ = Answer.__repr__  # type: ignore[method-assign]  # or each dataclass gets one of all its fields

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        about = " ".join(str(self.question[name]) for name in ("body", "target") if self.question.get(name))
        day, count = self.question.get("as_of"), len(self.rows)
        parts = [f"{count} row{'s' * (count != 1)}", *([f"as of {day}"] if day else []), self.dataset.get("name", "")]
        parts += [] if self.complete else ["not complete"]
        return f"<{self.command}{about and ' '}{about}: {', '.join(filter(None, parts))}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the first rows and the notes, every text escaped."""
        from html import escape

        lines = [f"<p>{escape(repr(self)[1:-1])}</p>"]
        first = replace(self, rows=self.rows[:_SHOWN]).table
        if len(first.columns):
            lines.append(first.map(_shown).to_html(border=0))
        if len(self.rows) > _SHOWN:
            lines.append(f"<p>… {len(self.rows) - _SHOWN} more rows</p>")
        lines += [f"<p>{escape(note.text())}</p>" for note in self.notes]
        return "\n".join(lines)

    @property
    def table(self) -> pd.DataFrame:
        """The rows as a DataFrame, in the same order; lists stay lists, absent values are ``None``.

        Where nothing was found it has the columns that rows would have.
        """
        import pandas as pd

        if not self.rows:
            return pd.DataFrame(columns=list(headings(self.command, self.question)), dtype=object)
        return pd.DataFrame(self.said(), dtype=object)

    def said(self, lang: str = "en") -> list[Row]:
        """The rows with their sentences in one language."""
        return _said(self.rows, lang)

    def path(self, row: int) -> list[Row]:
        """The witness of a row: its steps from body to store, each with claim, dates and sources.

        Raises
        ------
        IndexError
            If there is no such row.
        """
        if not 0 <= row < len(self.rows):
            raise IndexError(f"no row {row}: the answer has {len(self.rows)}")
        return self._steps(row) if self._steps is not None else []

    def to_dict(self, lang: str = "en") -> Row:
        """The answer as one JSON object; equal input gives equal bytes."""
        return {
            "command": self.command,
            "question": self.question,
            "dataset": self.dataset,
            "complete": self.complete,
            "rows": self.said(lang),
            "notes": [note.text(lang) for note in self.notes],
            **self.beside,
            **({"what_if": {**self.what_if, "rows": _said(self.what_if["rows"], lang)}} if self.what_if else {}),
        }


def _shown(value: Any) -> str:
    """A cell as a notebook shows it."""
    text = "" if value is None else "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _said(rows: Sequence[Row], lang: str) -> list[Row]:
    """Rows with their sentences in one language."""
    return [{key: value.text(lang) if isinstance(value, Note) else value for key, value in row.items()} for row in rows]


def stamp(dataset: Dataset) -> Row:
    """What identifies a dataset in an answer."""
    return {"name": dataset.name, "version": dataset.version, "sha256": dataset.sha256}


def listed(words: Sequence[str], most: int = 6) -> str:
    """Words joined for a sentence, the rest counted.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b + 1'
    """
    shown = ", ".join(words[:most])
    return shown if len(words) <= most else f"{shown} + {len(words) - most}"

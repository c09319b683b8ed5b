"""Any answer as a table for people, as Markdown, as JSON or CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from keyword import iskeyword
from typing import Any, Final, cast

from graphs.answers import Answer
from graphs.reports.blocks import Block
from graphs.reports.speech import LEFT_OUT, Speech
from graphs.reports.text import Paint
from stakeholders.dataset import Dataset
from stakeholders.errors import UnknownTerm
from stakeholders.vocabulary import LANGUAGES

FORMATS: Final = ("table", "json", "csv", "md")
BUILD_FORMATS: Final = ("junit", "sarif")  # of checks alone

# What stands out in a table for people, and how.
_BOLD: Final[Mapping[str, Any]] = {"bold": True}
_DIM: Final[Mapping[str, Any]] = {"dim": True}
STYLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "headline": _BOLD,
    "heading": _BOLD,
    "column": _DIM,
    "faint": _DIM,
    "reaches": {"fg": "red", "bold": True},
    "claimed": {"fg": "yellow", "bold": True},
    "contested": {"fg": "yellow", "bold": True},
    "prospective": {"fg": "cyan", "bold": True},
    "lost": {"fg": "magenta"},
    "gained": {"fg": "red"},
}

Composer = Callable[[Answer, Speech], list[Block]]

# Command → the module that reports it; the function is named as the command.
_MODULES: Final[Mapping[str, str]] = {
    "who": "reach",
    "what": "reach",
    "matrix": "matrix",
    "how": "paths",
    "whynot": "paths",
    "chokepoints": "passages",
    "cut": "passages",
    "sensitivity": "doubts",
    "gaps": "doubts",
    "exposure": "exposure",
    "screen": "candidates",
    "import": "candidates",
    "diff": "changes",
    "check": "checks",
    "show": "entries",
    "find": "entries",
    "datasets": "entries",
    "timeline": "entries",
    "map": "entries",
    "new": "entries",
    "validate": "entries",
    "index": "folders",
    "convert": "folders",
}


def render(
    answer: Answer,
    form: str = "table",
    *,
    dataset: Dataset | None = None,
    lang: str = "en",
    unfold: bool = False,
    width: int | None = None,
    paint: Paint | None = None,
) -> str:
    """An answer as text in one of the formats.

    Parameters
    ----------
    answer : Answer
    form : {'table', 'json', 'csv', 'md'}
        For people, or as data. Data are complete: nothing in them is folded. A check also as ``junit`` or ``sarif``.
    dataset : Dataset, optional
        Knows the names; without it ids stand in their place.
    lang : {'en', 'ru', 'kk'}
        Language of names and sentences.
    unfold : bool
        Give each body a line of its own, also one above, or a member of, another that is listed.
    width : int, optional
        Columns to fit a table into; without it each row is one line.
    paint : callable, optional
        Colours a text by the name of its style, one of `STYLES`.

    Raises
    ------
    UnknownTerm
        If the format or the language is none of these.

    Examples
    --------
    >>> from graphs.access import build
    >>> from graphs.reachability import who_can_reach
    >>> from stakeholders.tables import read
    >>> graph = build(read("cabar-2020"))
    >>> answer = who_can_reach(graph, "kz-sergek-atyrau-archive", as_of="2020-04-15", level="granted")
    >>> print(render(answer, dataset=graph.dataset).splitlines()[0])
    2 bodies can reach Sergek video archive, Atyrau.
    """
    if lang not in LANGUAGES:
        raise UnknownTerm("language", lang, LANGUAGES)
    if form == "json":
        from graphs.reports.records import as_json

        return as_json(answer, lang)
    if form == "csv":
        from graphs.reports.records import as_csv, records

        return as_csv(records(answer, Speech(lang, dataset)))
    if form in BUILD_FORMATS and answer.command == "check":
        return _for_build_servers(answer, form, lang)
    blocks = compose(answer, Speech(lang, dataset, unfold))
    if form == "md":
        from graphs.reports.markdown import markdown

        return markdown(blocks)
    if form != "table":
        raise UnknownTerm("format", form, (*FORMATS, *(BUILD_FORMATS if answer.command == "check" else ())))
    from graphs.reports.text import text

    return text(blocks, width, paint, LEFT_OUT.of(lang))


def _for_build_servers(answer: Answer, form: str, lang: str) -> str:
    from graphs.checks import Checked
    from graphs.reports.junit import as_junit
    from graphs.reports.sarif import as_sarif

    if not isinstance(answer, Checked):
        raise TypeError("a report of a check needs the check")
    return as_junit(answer, lang) if form == "junit" else as_sarif(answer, lang)


def compose(answer: Answer, speech: Speech) -> list[Block]:
    """What a report of an answer says, before it is laid out."""
    module: Any = import_module(f"graphs.reports.{_MODULES[answer.command]}")
    name = f"{answer.command}_" if iskeyword(answer.command) else answer.command
    blocks = cast("Composer", getattr(module, name))(answer, speech)
    if answer.what_if is None:
        return blocks
    from graphs.reports.comparisons import what_if

    return [blocks[0], *what_if(answer, speech), *blocks[1:]]

"""A story's steps, checked before a page is made of them: what an author writes wrong is said, not shown to readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from graphs.access import BODY, AccessGraph
from graphs.scope import Scope
from stakeholders.errors import AccessMapError, UnknownId, UnknownTerm, nearest
from stakeholders.vocabulary import CERTAINTIES, LANGUAGES, LEVELS, STANCES

_FORM: Final = 'story: write {"title": …, "steps": [{"title": …, "text": …, "view": "target=face"}, …]}'
_KEYS: Final = ("title", "text", "view")
# What the address of a page may say in words of its own; the other keys are told apart below.
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "ask": ("who", "what", "how", "all"),
    "stance": tuple(STANCES),
    "level": tuple(LEVELS),
    "certainty": tuple(CERTAINTIES),
    "by": ("body", "pair"),
    "lang": tuple(LANGUAGES),
    "over": ("", "chokepoints", "exposure", "gaps"),
}
_PLAIN: Final = ("kinds", "country", "sort", "step", "embed")


def checked_story(story: Mapping[str, Any], graph: AccessGraph) -> dict[str, Any]:
    """A story whose steps have only what they may have, and whose views ask about what the map knows.

    Parameters
    ----------
    story : mapping
        ``title`` and ``steps``: see `graphs.map.page.draw_map`.
    graph : AccessGraph
        The one that its views are about, before anything in it is withheld.

    Raises
    ------
    UnknownId
        If a view names what the graph has not.
    UnknownTerm
        If a word is not in its vocabulary.
    AccessMapError
        If the story has another form, or a view a date that cannot be read.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> graph = build(read("cabar-2020"))
    >>> len(checked_story({"steps": [{"title": "Who sees", "view": "target=video"}]}, graph)["steps"])
    1
    >>> checked_story({"steps": [{"view": "target=vidoe"}]}, graph)
    Traceback (most recent call last):
    ...
    stakeholders.errors.UnknownId: story: step 1: target: no entity or category is called 'vidoe'. Did you mean ...?
    """
    steps = story.get("steps")
    if not isinstance(steps, list) or not steps:
        raise AccessMapError(_FORM)
    checked = []
    for number, step in enumerate(steps, 1):
        if not isinstance(step, Mapping):
            raise AccessMapError(f"story: step {number}: write an object with title, text and view")
        for key, value in step.items():
            if key not in _KEYS:
                raise UnknownTerm(f"key of step {number} of the story", str(key), _KEYS)
            texts = value.values() if isinstance(value, Mapping) and key != "view" else (value,)
            if not all(isinstance(text, str) for text in texts):
                raise AccessMapError(f"story: step {number}: {key}: write a text, or one for each language")
        _check_view(step.get("view", ""), f"story: step {number}", graph)
        checked.append({key: step[key] for key in _KEYS if key in step})
    return {"title": story.get("title", ""), "steps": checked}


def _check_view(view: str, where: str, graph: AccessGraph) -> None:
    """Refuse what the page would leave out or could not find."""
    checks: dict[str, Callable[[str, str], None]] = {
        **{key: partial(_of_words, words=words) for key, words in _WORDS.items()},
        **dict.fromkeys(("asof", "between", "knownby"), _a_day),
        **dict.fromkeys(_PLAIN, _anything),
        "fresh": _a_span,
        "target": partial(_known, names={*graph.ids, *graph.categories.codes}, what="entity or category"),
        "body": partial(_known, names=set(_bodies(graph)), what="body"),
        "without": partial(_all_known, names=_removable(graph)),
        "sel": partial(_selected, graph=graph),
    }
    for key, value in parse_qsl(view.removeprefix("#"), keep_blank_values=True):
        if key not in checks:
            raise UnknownTerm(f"{where}: key of the view", key, tuple(checks))
        if value:
            checks[key](f"{where}: {key}", value)


def _anything(_where: str, _value: str) -> None:
    """The page leaves out what it does not know of it."""


def _of_words(where: str, value: str, *, words: tuple[str, ...]) -> None:
    if value not in words:
        raise UnknownTerm(where, value, words)


def _a_day(where: str, value: str) -> None:
    try:
        Scope.of(as_of=value)
    except AccessMapError as error:
        raise AccessMapError(f"{where}: {error}") from error


def _a_span(where: str, value: str) -> None:
    try:
        Scope.of(fresh=value)
    except AccessMapError as error:
        raise AccessMapError(f"{where}: {error}") from error


def _known(where: str, value: str, *, names: set[str], what: str) -> None:
    if value not in names:
        near = nearest(value, sorted(names))
        hint = f" Did you mean {', '.join(map(repr, near))}?" if near else ""
        raise UnknownId(f"{where}: no {what} is called {value!r}.{hint}", near)


def _all_known(where: str, value: str, *, names: set[str]) -> None:
    for name in value.split(","):
        _known(where, unquote(name), names=names, what="entity, relation or source")


def _selected(where: str, value: str, *, graph: AccessGraph) -> None:
    kind, _, name = value.partition(":")
    if kind == "r":
        _known(where, name, names={*graph.dataset.relations.column("id")}, what="relation")
        return
    for end in (name,) if kind == "e" else value.split("~"):
        _known(where, end, names={*graph.ids}, what="entity")


def _bodies(graph: AccessGraph) -> Iterator[str]:
    return (name for name, type_ in zip(graph.ids, graph.types.tolist(), strict=True) if type_ == BODY)


def _removable(graph: AccessGraph) -> set[str]:
    dataset = graph.dataset
    return {*graph.ids, *dataset.relations.column("id"), *dataset.sources.column("id")}

"""An access graph, or the dataset behind it, in the formats of other programs: one module a family of formats.

Graph formats take the arcs that count under the assumptions given, on a day or on all days; the others take what the
dataset records. Equal input gives equal bytes.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final, NamedTuple, Unpack

from graphs.access import AccessGraph
from graphs.exports.selection import Selection
from graphs.scope import Options, Scope
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, UnknownTerm


class Format(NamedTuple):
    """A format: the module that writes it, how its files end, what it is for."""

    module: str
    ending: str
    title: str


FORMATS: Final[dict[str, Format]] = {
    "graphml": Format("networks", ".graphml", "GraphML, for Gephi, yEd, Cytoscape and networkx"),
    "gexf": Format("networks", ".gexf", "GEXF 1.2, for Gephi"),
    "opengraph": Format("opengraph", ".json", "BloodHound OpenGraph"),
    "mermaid": Format("drawings", ".mmd", "a Mermaid flowchart"),
    "dot": Format("drawings", ".dot", "Graphviz"),
    "ftm": Format("followthemoney", ".ftm.json", "FollowTheMoney entities, one a line"),
    "bods": Format("bods", ".json", "Beneficial Ownership Data Standard 0.4: who owns whom"),
    "dpv": Format("dpv", ".ttl", "W3C Data Privacy Vocabulary, in Turtle"),
}

# These hold what is recorded, not what follows from it.
RECORDS: Final = ("ftm", "bods", "dpv")


def exported(
    graph: AccessGraph,
    format: str,  # noqa: A002  its name
    *,
    target: str | None = None,
    lang: str = "en",
    **options: Unpack[Options],
) -> str:
    """A graph in another program's format.

    Parameters
    ----------
    graph : AccessGraph
    format : {'graphml', 'gexf', 'opengraph', 'mermaid', 'dot', 'ftm', 'bods', 'dpv'}
        The last three write what the dataset records, not arcs.
    target : str, optional
        An id or category code: only arcs on some way to it, of graph formats alone.
    lang : {'en', 'ru', 'kk'}
        Language of names in drawings.
    **options : Options
        The assumptions. Without ``as_of`` everything of all days is exported, each thing with its dates; a target
        without ``as_of`` means today.

    Returns
    -------
    str
        The file's text.

    Raises
    ------
    UnknownTerm
        If the format is none of these.
    UnknownId
        If the target is neither an entity nor a category.

    Examples
    --------
    >>> from graphs.access import build
    >>> from stakeholders.tables import read
    >>> graph = build(read("cabar-2020"))
    >>> print(exported(graph, "mermaid", target="kz-sergek-atyrau-archive", as_of="2020-04-15", level="granted"))
    flowchart LR
      n0["Korkem Telecom LLP"]
      n1["Police of Atyrau"]
    ...
    """
    if format not in FORMATS:
        raise UnknownTerm("format of export", format, tuple(FORMATS))
    made = FORMATS[format]
    writer: Any = getattr(import_module(f"graphs.exports.{made.module}"), format)
    if format not in RECORDS:
        text = writer(Selection.of(graph, target, lang, **options))
    elif target is not None:
        raise AccessMapError(f"{format} holds what is recorded, not ways to a target; leave the target out.")
    else:
        text = writer(
            _recorded(graph.dataset, Scope.of(**options), dated=options.get("as_of") is not None), graph.rules
        )
    return str(text)


def _recorded(dataset: Dataset, scope: Scope, *, dated: bool) -> Dataset:
    from datetime import date

    from stakeholders.dates import FOREVER

    if scope.known_by < FOREVER:
        dataset = dataset.known_by(date.fromordinal(scope.known_by))
    return dataset.as_of(date.fromordinal(scope.as_of)) if dated else dataset

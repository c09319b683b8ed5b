"""The interactive page: one offline HTML file. The only module that imports pyvis.

pyvis's ``Network`` holds the overview and brings its vis-network; everything that reaches the file goes through our own
template with escaping on. Of pyvis 0.3.2 that uses ``nodes``, ``edges``, ``options``, ``path``, ``templateEnv``,
``generate_html`` and the folder ``templates/lib``; a test fails if any of it moves.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from graphs.access import STORE, SYSTEM, AccessGraph
from graphs.map.findings import findings
from graphs.map.layout import FAMILIES, families, group_arcs, overview
from graphs.map.payload import LANGUAGES, columnar, encode, pack, words
from graphs.scope import Options, Scope
from stakeholders.dates import iso
from stakeholders.errors import AccessMapError, UnknownId, UnknownTerm, nearest
from stakeholders.vocabulary import CERTAINTIES, LEVELS, STANCES

if TYPE_CHECKING:
    from pyvis.network import Network

# The engine needs no document and runs outside a browser too; tests rely on that.
ENGINE_MODULES = (
    "dates.js",
    "inflate.js",
    "payload.js",
    "removal.js",
    "engine.js",
    "together.js",
    "closure.js",
    "answers.js",
    "compare.js",
    "losses.js",
)
PAGE_MODULES = (
    "words.js", "dom.js", "work.js", "search.js", "scene.js", "choice.js", "sights.js", "paint.js", "svg.js",
    "export.js", "picture.js", "combobox.js", "whatif.js", "evidence.js", "table.js", "assumptions.js", "legend.js",
    "timeline.js", "findings.js", "overlays.js", "story.js", "ask.js", "link.js", "question.js", "app.js",
)  # fmt: skip

_ENDINGS = ("", ".html", ".htm")
LARGEST = 20_000  # entities up to which a page is useful

# What goes from the page to a browser is nothing; what it may run is exactly what was built into it.
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; img-src data: blob:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)

_FONTS = (
    ("Source Sans 3", "sans-latin", "400 700", "U+20-7E, U+A0-FF, U+2013-2026, U+2212, U+20AC"),
    ("Source Sans 3", "sans-latin-ext", "400 700", "U+100-17F"),
    ("Source Sans 3", "sans-cyrillic", "400 700", "U+400-45F, U+490-491, U+4B0-4B1, U+2116"),
    ("Source Sans 3", "sans-cyrillic-ext", "400 700", "U+460-48F, U+492-4AF, U+4B2-4FF"),
    ("Source Serif 4", "serif-latin", "600", "U+20-7E, U+A0-FF, U+2013-2026, U+2212, U+20AC"),
    ("Source Serif 4", "serif-latin-ext", "600", "U+100-17F"),
    ("Source Serif 4", "serif-cyrillic", "600", "U+400-45F, U+490-491, U+4B0-4B1, U+2116"),
    ("Source Serif 4", "serif-cyrillic-ext", "600", "U+460-48F, U+492-4AF, U+4B2-4FF"),
)


@dataclass(frozen=True)
class Page:
    """A page in memory; shows itself in a notebook.

    Attributes
    ----------
    html : str
        The whole file.
    shows : mapping of str to int
        How many bodies, systems, stores, relations, listings and sources it carries.
    """

    html: str = field(repr=False)
    shows: Mapping[str, int]

    def save(self, path: str | Path) -> int:
        """Write the file as UTF-8 in one step, so that no reader meets half of it; returns its size in bytes."""
        content = self.html.encode("utf-8")
        target = Path(path)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).chmod(0o644)
            Path(name).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
        return len(content)

    def _repr_html_(self) -> str:
        import html

        return (
            f'<iframe srcdoc="{html.escape(self.html)}" title="accessmap" width="100%" height="900" '
            'style="border:1px solid #ccc" allowfullscreen>'
            # All that is left of it where outputs are cleaned.
            "The access map is shown only in a trusted notebook. Trust this notebook, or save the map to a file: "
            "page.save(&quot;map.html&quot;).</iframe>"
        )


def write_map(graph: AccessGraph, path: str | Path, **options: Any) -> dict[str, Any]:
    """Write the interactive page of a graph.

    Parameters
    ----------
    graph : AccessGraph
    path : str or Path
        The file, replaced in one step.
    **options
        As for `draw_map`.

    Returns
    -------
    dict
        ``path``, ``bytes``, and what the page carries: ``bodies``, ``systems``, ``stores``, ``relations``,
        ``listings``, ``sources``.

    Examples
    --------
    >>> import tempfile
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> folder = tempfile.mkdtemp()
    >>> write_map(build(read("cabar-2020")), f"{folder}/map.html", as_of="2020-04-15", target="video")["bodies"]
    23
    """
    ending = Path(path).suffix
    if ending.lower() not in _ENDINGS:
        raise AccessMapError(f"{path}: the map is a page of HTML: end its name in .html, not {ending}")
    page = draw_map(graph, **options)
    size = page.save(path)
    return {"path": str(path), "bytes": size, **page.shows}


def draw_map(
    graph: AccessGraph,
    *,
    title: str | None = None,
    lang: str = "en",
    target: str = "biometric",
    focus: str | None = None,
    between: tuple[str, str] | None = None,
    story: Mapping[str, Any] | None = None,
    redact: Sequence[str] = (),
    **options: Unpack[Options],
) -> Page:
    """The interactive page of a graph: on opening it answers who can reach a target.

    Parameters
    ----------
    graph : AccessGraph
    title : str, optional
        Default the dataset's.
    lang : {'en', 'ru', 'kk'}
        Language in which the page opens; it carries all three.
    target : str
        Id or category code that the opening question is about; where the dataset knows no such category, its first.
    focus : str, optional
        An entity's id or a category to open on instead: what a body can reach, who can reach anything else.
    between : (str, str), optional
        Two dates: the page opens with what changed from the earlier to the later.
    story : mapping, optional
        Steps through the map: ``title`` and ``steps``, a list of ``title``, ``text`` and ``view`` (the part of a link
        after ``#``). Texts may be one text, or one for each language.
    redact : sequence of str
        Ids of entities that the page must not name: see `graphs.map.redaction.redact`. All other ids stay.
    **options : Options
        The assumptions that it opens under; they can be changed in it, but for ``bodies`` and ``stores``.

    Returns
    -------
    Page
        Equal input gives equal bytes.

    Raises
    ------
    UnknownId
        If ``target`` or ``focus`` names nothing.
    UnknownTerm
        If a word is not in its vocabulary.
    AccessMapError
        If a date, a span of time or the story cannot be read, or the later of two days is said first.

    Examples
    --------
    >>> from stakeholders.tables import read
    >>> from graphs.access import build
    >>> page = draw_map(build(read("cabar-2020")), as_of="2020-04-15")
    >>> page.html.startswith("<!doctype html>"), page.shows["systems"]
    (True, 10)
    """
    if lang not in LANGUAGES:
        raise UnknownTerm("language of the page", lang, LANGUAGES)
    between = between and _in_order(*between)
    taken: Mapping[str, int] = {}
    if story is not None:
        from graphs.map.steps import checked_story  # most pages tell none

        story = checked_story(story, graph)
    if redact:
        from graphs.map.redaction import redact as redacted  # most pages name everybody

        redaction = redacted(graph, redact, as_of=between[1] if between else options.get("as_of"))
        taken = redaction.taken
        graph, target, focus = redaction.graph, redaction.id_of(target), focus and redaction.id_of(focus)
        for name in ("bodies", "stores"):
            if options.get(name) is not None:
                options[name] = [redaction.id_of(one) for one in options[name] or ()]
        story, title = redaction.story(story), title and redaction.text(title)
    if between is not None:
        options = {**options, "as_of": between[1]}
    scope = Scope.of(**options)
    scope.places(graph)  # refused here, as the page asks later
    settings = {
        "titles": _titles(graph, title),
        "lang": lang,
        "asOf": iso(scope.as_of),
        "knownBy": iso(scope.known_by),
        "stance": STANCES[scope.stance],
        "level": LEVELS[scope.level],
        "certainty": CERTAINTIES[scope.certainty],
        "fresh": scope.fresh,
        "between": iso(Scope.of(as_of=between[0]).as_of) if between is not None else None,
        "bodies": scope.bodies,
        "stores": scope.stores,
        "opening": _opening(graph, target, focus),
        "families": FAMILIES,
        "large": graph.n_nodes > LARGEST,
        "story": story,
        "withheld": len(set(redact)),
        "taken": taken,
    }
    content = {**columnar(graph), "findings": findings(graph, withheld=bool(redact), **options)}
    html = _render(_network(graph, scope.as_of), content, settings)
    dataset, types = graph.dataset, graph.types
    systems, stores = int((types == SYSTEM).sum()), int((types == STORE).sum())
    shows = {
        "bodies": graph.n_nodes - systems - stores,
        "systems": systems,
        "stores": stores,
        "relations": len(dataset.relations),
        "listings": len(dataset.listings),
        "sources": len(dataset.sources),
    }
    return Page(html, shows)


def _in_order(first: str, last: str) -> tuple[str, str]:
    """Two days, refused where the later one is said first, as `graphs.changes.between` does."""
    if Scope.of(as_of=first).as_of > Scope.of(as_of=last).as_of:
        raise AccessMapError(f"{last} comes before {first}: give the earlier day first, `--between {last} {first}`")
    return first, last


def _titles(graph: AccessGraph, title: str | None) -> dict[str, str]:
    """The title in each language: the one asked for, else the dataset's own; those of bundled data are translated."""
    own = graph.dataset.title
    strings = _strings()
    key = next((key for key, text in strings["en"].items() if key.startswith("title_") and text == own), None)
    if title or key is None:
        return dict.fromkeys(LANGUAGES, title or own)
    return {lang: strings[lang][key] for lang in LANGUAGES}


def _opening(graph: AccessGraph, target: str, focus: str | None) -> dict[str, str]:
    """The question that the page opens with."""
    name = focus or target
    tree = graph.categories
    if name in tree:
        held = graph.node_categories[graph.types != 0].any(axis=0)
        asked = [tree.position[code] for code in tree.narrower(name)]
        if focus is None and not held[asked].any() and held.any():
            name = next(code for code in tree.codes if held[tree.position[code]])
        return {"ask": "who", "target": name}
    if name not in graph.position:
        near = nearest(name, [*tree.codes, *graph.ids])
        hint = f" Did you mean {', '.join(map(repr, near))}?" if near else ""
        raise UnknownId(f"nothing has the id {name!r}, and no data category the code.{hint}", near)
    if focus is not None and graph.types[graph.position[name]] == 0:
        return {"ask": "what", "body": name}
    return {"ask": "who", "target": name}


def _network(graph: AccessGraph, day: int) -> Network:
    """The overview as pyvis's network: a box for each group, an arc for each pair of groups."""
    from pyvis.network import Network

    network = Network(directed=True, cdn_resources="in_line")
    groups = overview(graph, families(graph))
    # Its own add_node and add_edge look up every earlier one; appending does not.
    network.nodes.extend(
        {
            "id": number, "key": group.key, "family": group.family, "members": _steps(group.members),
            "column": group.column, "row": group.row,
        }
        for number, group in enumerate(groups)
    )  # fmt: skip
    network.edges.extend(
        {"from": source, "to": target, "count": count}
        for (source, target), count in sorted(group_arcs(graph, groups, day).items())
    )
    network.options = {
        "autoResize": True,
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False, "randomSeed": 1},
        "interaction": {
            "dragNodes": False, "hover": True, "zoomView": False, "selectConnectedEdges": False, "multiselect": False,
            "keyboard": {"enabled": False},
        },
        "nodes": {"shape": "custom", "chosen": False, "physics": False},
        "edges": {"smooth": False, "chosen": False, "physics": False},
    }  # fmt: skip
    return network


def _steps(rows: Sequence[int]) -> list[int]:
    """The first of some row numbers, then how far it is from each to the next: shorter to write than the numbers."""
    return [row - before for row, before in zip(rows, (0, *rows), strict=False)]


def _render(network: Network, content: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    style = _fonts() + _asset("style.css") + _library_style()
    library, program = _bundled("vis-network.min.js"), _program()
    environment = Environment(
        loader=PackageLoader("graphs.map", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    strings = _strings()
    environment.globals.update(
        policy=_POLICY.format(scripts=f"{_hash(library)} {_hash(program)}", styles=_hash(style)),
        style=style,
        library=_packed_library(),
        program=program,
        payload=encode(dict(content)),
        settings=settings,
        strings=encode({lang: {"ui": strings[lang], **words()[lang]} for lang in LANGUAGES}),
        text=strings[str(settings["lang"])],
        licence=_asset("fonts/OFL.txt"),
    )
    network.templateEnv = environment
    network.path = "template.html"
    html: str = network.generate_html(name="map.html", notebook=False)
    return html


@cache
def _asset(name: str) -> str:
    return resources.files("graphs.map").joinpath(name).read_text(encoding="utf-8")


@cache
def _strings() -> Mapping[str, Mapping[str, Any]]:
    """Sentences of the page: for each language, by key. A plural sentence is an object of its forms."""
    table: dict[str, dict[str, Any]] = json.loads(_asset("strings.json"))
    return {lang: {key: entry[lang] for key, entry in table.items()} for lang in LANGUAGES}


@cache
def _program() -> str:
    return "\n".join(_asset(f"js/{name}") for name in (*ENGINE_MODULES, *PAGE_MODULES))


@cache
def _packed_library() -> str:
    """vis-network as pyvis bundles it, licence notice included."""
    return pack(_bundled("vis-network.min.js"))


@cache
def _library_style() -> str:
    """vis-network's rules without the pictures of its editing buttons, which are nine tenths of them."""
    rules = _bundled("vis-network.css")
    return re.sub(r"[^{}]*\{[^{}]*url\([^{}]*\}", "", rules)


@cache
def _bundled(name: str) -> str:
    import pyvis

    return (Path(pyvis.__file__).parent / "templates" / "lib" / "vis-9.1.2" / name).read_text(encoding="utf-8")


@cache
def _fonts() -> str:
    rules = []
    for family, name, weight, characters in _FONTS:
        data = resources.files("graphs.map").joinpath(f"fonts/{name}.woff2").read_bytes()
        rules.append(
            f'@font-face{{font-family:"{family}";font-weight:{weight};font-display:block;unicode-range:{characters};'
            f"src:url(data:font/woff2;base64,{base64.b64encode(data).decode('ascii')}) format('woff2')}}\n"
        )
    return "".join(rules)


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"

"""The command line: parse, load, call, show."""

import gc
import inspect
import io
import operator
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from stakeholders.errors import AccessMapError, UnknownTerm
from stakeholders.files import read_toml, write_whole
from stakeholders.guard import check_own_graphs
from stakeholders.vocabulary import CERTAINTIES, LANGUAGES, LEVELS, STANCES

if TYPE_CHECKING:
    import graphs
    from graphs import AccessGraph, Answer
    from stakeholders.dataset import Dataset
else:

    class _Graphs:
        """The package of that name, imported at its first use: by then the guard has seen that it is ours."""

        def __getattr__(self, name):
            return getattr(import_module("graphs"), name)

    graphs = _Graphs()

FORMATS = {".txt": "table", ".json": "json", ".csv": "csv", ".md": "md"}
BUILDS = {".xml": "junit", ".sarif": "sarif"}  # for build servers: of checks alone
SECTIONS = ("Ask", "Look up", "Show", "Datasets")
OWN, DATA, COUNTS, OUTPUT = PANELS = ("Options", "Data", "What counts", "Output")
DATASET = "central-asia"
KEYWORD = inspect.Parameter.KEYWORD_ONLY

# ------------------------------------------------------------------------------------- options that commands share


def _ids(kind: str) -> Callable[[typer.Context, str], list[tuple[str, str]]]:
    """Completion of ids of a kind, with their names, from the dataset that the command line names."""

    def complete(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        from stakeholders.lookup import completions
        from stakeholders.tables import bundled, read

        if kind == "dataset":
            return [(name, "") for name in bundled() if name.startswith(incomplete)]
        return completions(read(ctx.params.get("place") or DATASET), incomplete, kind)

    return complete


def _option(panel: str, names: str, what: str | Sequence[str], say: str, default: bool = False, **more: Any) -> Any:
    """An option in a panel of the help; ``what`` is its placeholder, or the words that it takes."""
    if not isinstance(what, str):
        words = what
        more["autocompletion"] = lambda incomplete: [word for word in words if word.startswith(incomplete)]
        what = "|".join(words)
    return typer.Option(*names.split(), metavar=what, help=say, rich_help_panel=panel, show_default=default, **more)


def _argument(name: str, say: str, kind: str = "") -> Any:
    return typer.Argument(metavar=name, help=say, autocompletion=_ids(kind) if kind else None)


# fmt: off
Text = str | None
Texts = list[str] | None
Folder = Annotated[Path, _argument("FOLDER", "A folder of tables.")]
Body = Annotated[str, _argument("BODY", "A body: its id, name or alias.", "body")]
Target = Annotated[str, _argument("TARGET", "A category, store, system or body: code, id, name or alias.", "target")]


class Shown:
    """How an answer is shown. Its annotated attributes, and those of its children, are options."""

    form: Annotated[Text, _option(OUTPUT, "--format", tuple(FORMATS.values()), "Form of the answer: by default a "
                                  "table, coloured on a terminal and plain in a pipe.")] = None
    output: Annotated[Path | None, _option(OUTPUT, "-o --output", "FILE", "Write to a file, whole or not at all; its "
                                           "ending (.json, .csv, .md, .txt) gives the format.")] = None
    lang: Annotated[Text, _option(OUTPUT, "--lang", LANGUAGES, "Language of the answer; by default en.")] = None

    def __init__(self, **given: Any) -> None:
        vars(self).update(given)

    @classmethod
    def parameters(cls) -> list[inspect.Parameter]:
        """The options as parameters of a function."""
        own = {name: what for kind in reversed(cls.__mro__) for name, what in inspect.get_annotations(kind).items()}
        return [inspect.Parameter(name, KEYWORD, default=getattr(cls, name), annotation=own[name]) for name in own]

    def show(self, answer: "Answer", **view: Any) -> None:
        """Write an answer where and as asked."""
        from graphs.reports import STYLES, render

        ending = self.output.suffix.lower() if self.output else ".txt"
        if not (form := self.form or {**FORMATS, **BUILDS}.get(ending)):
            raise UnknownTerm("ending of a file that tells its format", ending, (*FORMATS, *BUILDS))
        terminal = not self.output and (sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR")))
        if terminal:
            view["width"] = typer.get_terminal_size().columns
            if not os.environ.get("NO_COLOR"):
                view["paint"] = lambda piece, style: typer.style(piece, **STYLES[style])
        text = render(answer, form, lang=self.lang or "en", **view)
        if self.output:
            # Spreadsheets read a CSV file as UTF-8 only if it starts with a byte order mark.
            write_whole(self.output, text.encode("utf-8-sig" if form == "csv" else "utf-8"))
        else:
            typer.echo(text, nl=False, color=terminal)


class Looked(Shown):
    """Which data are looked at."""

    place: Annotated[str, _option(DATA, "-d --dataset", "NAME|FOLDER", "A bundled dataset or a folder.", default=True,
        is_eager=True, envvar="ACCESSMAP_DATASET", autocompletion=_ids("dataset"))] = DATASET
    overlay: Annotated[Texts, _option(DATA, "--with", "FOLDER", "What if the rows of a folder were added.")] = None
    without: Annotated[Texts, _option(DATA, "--without", "ID", "What if an entity, relation or source were gone; "
                                      "repeat for more.", autocompletion=_ids("entity"))] = None

    @cached_property
    def data(self) -> "Dataset":
        """The dataset, with what is added and taken away."""
        from stakeholders.tables import read, read_over

        dataset = read(self.place)
        for folder in self.overlay or ():
            dataset = read_over(dataset, folder)
        return dataset.without(self.without) if self.without else dataset

    @cached_property
    def graph(self) -> "AccessGraph":
        """The access graph of the data."""
        return graphs.build(self.data)

    def id_of(self, text: str, kind: str | None = None) -> str:
        """The id or category code that a text means."""
        from stakeholders.lookup import resolve

        return resolve(self.data, text, kind).id

    def show(self, answer: "Answer", **view: Any) -> None:
        super().show(answer, dataset=self.data, **view)


class Assumed(Looked):
    """What is assumed of day, stance and evidence."""

    as_of: Annotated[Text, _option(DATA, "--as-of", "DATE", "The day asked about; by default today.")] = None
    known_by: Annotated[Text, _option(COUNTS, "--known-by", "DATE", "Only what sources of that day could tell.")] = None
    stance: Annotated[str, _option(COUNTS, "--stance", STANCES, "What is taken for granted.", True)] = "documented"
    level: Annotated[str, _option(COUNTS, "--level", LEVELS[::-1], "Weakest level that counts.", True)] = "possible"
    certainty: Annotated[Text, _option(COUNTS, "--certainty", CERTAINTIES[::-1], "Weakest certainty to count.")] = None

    @property
    def options(self) -> dict[str, Any]:
        """The assumptions that were given, as the library takes them."""
        names = ("as_of", "known_by", "stance", "level", "certainty", "fresh")
        return {name: value for name in names if (value := getattr(self, name, None)) is not None}


class Asked(Assumed):
    """Who asks, and what counts."""

    fresh: Annotated[Text, _option(COUNTS, "--fresh", "SPAN", "Newest evidence required: 90d, 6w, 18m, 3y.")] = None
    bodies: Annotated[Texts, _option(COUNTS, "--from", "SELECTOR", "Bodies that ask: an id, or tests such as "
                                     "kind=police,country!=KZ; repeat for 'or'.", autocompletion=_ids("body"))] = None
    stores: Annotated[Texts, _option(COUNTS, "--in", "SELECTOR", "Stores that count: an id, or tests such as "
                                     "category=face; repeat for 'or'.", autocompletion=_ids("entity"))] = None
    unfold: Annotated[bool, typer.Option("--unfold", help="Give each body a line of its own, also those above or among "
                                         "others.", rich_help_panel=OUTPUT)] = False

    @property
    def options(self) -> dict[str, Any]:
        from stakeholders.selectors import select

        found = super().options
        for name, tests, sort in (("bodies", self.bodies, "type=body"), ("stores", self.stores, "type!=body")):
            if tests:
                found[name] = select(self.data, [f"{t},{sort}" if "=" in t else t for t in tests], self.as_of)
        return found

    def show(self, answer: "Answer", **view: Any) -> None:
        asked = {"from": self.bodies or [], "in": self.stores or [], "without": self.without or []}
        super().show(replace(answer, question={**answer.question, **asked}), unfold=self.unfold, **view)
# fmt: on


# --------------------------------------------------------------------------------------------- how a command is made

Function = Callable[..., "Answer | None"]


class Command(NamedTuple):
    """A command: its function, its section in the help, its examples."""

    function: Function
    section: str
    examples: Sequence[str]

    def runner(self) -> Callable[..., None]:
        """What Typer calls: the options that ``asked`` stands for spread out, and the answer shown."""
        own = dict(inspect.signature(self.function).parameters)
        gathered: type[Shown] = own.pop("asked").annotation

        def run(**values: Any) -> None:
            asked = gathered(**{name: value for name, value in values.items() if name not in own})
            if (answer := self.function(asked=asked, **{name: values[name] for name in own})) is not None:
                asked.show(answer)
                if getattr(answer, "found", False):
                    raise typer.Exit(1)

        merged = [*(parameter.replace(kind=KEYWORD) for parameter in own.values()), *gathered.parameters()]
        run.__signature__ = inspect.Signature(merged)  # type: ignore[attr-defined]  # where inspect looks first
        return run


COMMANDS: dict[str, Command] = {}


def command(section: str, *examples: str) -> Callable[[Function], Function]:
    """Make a function a command; what it returns is shown. Its parameter ``asked`` brings the options of its class."""

    def register(function: Function) -> Function:
        COMMANDS[function.__name__.strip("_")] = Command(function, section, examples)
        return function

    return register


def _eased(parameter: Any) -> Any:
    """A parameter that loads pydantic, which judges values for Typer, only where one is to be turned or refused."""
    judged, kind = parameter.process_value, parameter.type_descriptor.annotation

    def process_value(ctx: Any, value: Any) -> Any:
        if value is None and not parameter.required:
            value = () if parameter.multiple else None
        elif type(value) is not kind and (kind != list[str] or not value):
            return judged(ctx, value)
        return parameter.callback(ctx, parameter, value) if parameter.callback else value

    if "process_value" not in vars(parameter):
        parameter.process_value = process_value
    return parameter


class _Command(TyperCommand):
    """A command whose help has a section for each panel, and ends with examples."""

    def get_params(self, ctx: Any) -> list[Any]:
        return [_eased(parameter) for parameter in super().get_params(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        sections: dict[str, list[Any]] = {panel: [] for panel in ("Arguments", *PANELS)}
        for parameter in self.get_params(ctx):
            panel = "Arguments" if parameter.param_type_name == "argument" else OWN
            name, text = parameter.get_help_record(ctx) or ("", "")
            sections[getattr(parameter, "rich_help_panel", None) or panel].append((name.partition(" <")[0], text))
        for panel, records in filter(operator.itemgetter(1), sections.items()):
            with formatter.section(panel):
                formatter.write_dl(records)
        with formatter.section("Examples"):
            formatter.write("".join(f"  accessmap {example}\n" for example in COMMANDS[str(self.name)].examples))


class _Commands(TyperGroup):
    """All commands; each is built only when it is asked for, since a process needs one."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{**given, "commands": dict.fromkeys(COMMANDS)})

    def get_params(self, ctx: Any) -> list[Any]:
        return [_eased(parameter) for parameter in super().get_params(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in COMMANDS and self.commands[cmd_name] is None:
            made = COMMANDS[cmd_name]
            single = typer.Typer(add_completion=False, rich_markup_mode=None)
            single.command(cmd_name, cls=_Command, help=inspect.getdoc(made.function))(made.runner())
            self.commands[cmd_name] = get_command(single)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        for section in SECTIONS:
            made = [(name, str(made.function.__doc__)) for name, made in COMMANDS.items() if made.section == section]
            with formatter.section(section):
                formatter.write_dl([(name, text.partition("\n")[0]) for name, text in made])


app = typer.Typer(cls=_Commands, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def about(ctx: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print it.")] = False) -> None:
    """Who can reach whose personal data, on which evidence.

    Start with: accessmap map, or accessmap who biometric. Each command explains itself: accessmap who --help.
    """
    if version or ctx.invoked_subcommand is None:
        from stakeholders import __version__

        typer.echo(f"accessmap {__version__}" if version else ctx.get_help())


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal's error stream, moved on by how much of how much is done."""
    with typer.progressbar(length=1000, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield lambda done, size: bar.update(1000 * done // max(size, 1) - bar.pos)


# --------------------------------------------------------------------------------------------------------- commands


class Drawn(Assumed):
    """What the map opens under, and where it goes."""

    output: Annotated[Path, _option(OUTPUT, "-o --output", "FILE", "The page.", True)] = Path("access-map.html")
    between: Annotated[tuple[str, str] | None, _option(OWN, "--between", "DATE DATE", "Open on two days compared.")] = (
        None
    )
    story: Annotated[Path | None, _option(OWN, "--story", "FILE", "Steps through the map, in JSON (docs/page.md).")] = (
        None
    )
    redact: Annotated[Texts, _option(OWN, "--redact", "SELECTOR", "Whom the page must not name; repeatable.")] = None

    def opening(self) -> dict[str, Any]:
        """What the page begins with, beside the question."""
        import json

        from stakeholders.selectors import select

        try:
            told = json.loads(self.story.read_text(encoding="utf-8")) if self.story else None
        except ValueError as error:
            raise AccessMapError(f"{self.story}: is not JSON: {error}") from None
        hidden = select(self.data, self.redact, self.as_of) if self.redact else []
        return {"between": self.between, "story": told, "redact": hidden}


@command("Show", "map", "map face -d cabar-2020 --as-of 2020-04-15 --lang ru -o cabar.html")
def map_(
    asked: Drawn,
    target: Annotated[str, _argument("[TARGET]", "What the page asks about first.", "target")] = "biometric",
    title: Annotated[Text, _option(OWN, "--title", "TEXT", "Heading of the page.")] = None,
    focus: Annotated[Text, _option(OWN, "--focus", "ID", "Open on an entity or category instead.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> "Answer":
    """The interactive map: one HTML file that answers offline."""
    path = asked.output
    vars(asked).update(output=None)  # which is the page's; what is said of it goes to the terminal
    opening = {"target": asked.id_of(target), "focus": asked.id_of(focus) if focus else None}
    written = graphs.write_map(
        asked.graph, path, title=title, lang=asked.lang or "en", **opening, **asked.opening(), **asked.options
    )
    if open_:
        typer.launch(path.resolve().as_uri())
    return graphs.Answer("map", opening | asked.options, graphs.stamp(asked.data), (written,))


@command("Ask", "who biometric", "who face --from country!=KZ --level granted", "who kz-sergek-almaty --by pair")
def who(
    target: Target,
    asked: Asked,
    by: Annotated[str, _option(OWN, "--by", ("body", "pair"), "A row for each body, or each body and store.")] = "body",
) -> "Answer":
    """Who can reach a data category, store, system or body."""
    return graphs.who_can_reach(asked.graph, asked.id_of(target), by=by, **asked.options)


@command("Ask", "what kz-police-almaty", "what cn-dahua --stance direct")
def what(body: Body, asked: Asked) -> "Answer":
    """What a body can reach, store by store."""
    return graphs.reachable_from(asked.graph, asked.id_of(body, "body"), **asked.options)


@command("Ask", "how kz-mia face", "how cn-dahua kz-sergek-almaty-archive -n 1 --as-of 2020-04-15")
def how(
    body: Body,
    target: Target,
    asked: Asked,
    paths: Annotated[int, typer.Option("-n", "--paths", min=1, metavar="COUNT", help="How many paths at most.")] = 3,
    support: Annotated[bool, typer.Option("--support", help="Also the sets of sources that carry it.")] = False,
) -> "Answer":
    """How a body reaches a target: the paths, with their sources."""
    answer = graphs.how(asked.graph, asked.id_of(body, "body"), asked.id_of(target), paths=paths, **asked.options)
    return graphs.with_supports(asked.graph, answer, **asked.options) if support else answer


@command("Ask", "whynot kz-moh genomic", "whynot kz-police-almaty kz-sergek-almaty-archive --as-of 2020-04-15")
def whynot(body: Body, target: Target, asked: Asked) -> "Answer":
    """Why no path is known, and what comes nearest."""
    return graphs.whynot(asked.graph, asked.id_of(body, "body"), asked.id_of(target), **asked.options)


@command("Ask", "diff --between 2020-04-15 2026-11-01", "diff cabar-2020 central-asia --as-of 2020-04-15 --format md")
def diff(
    asked: Asked,
    before: Annotated[Text, _argument("[BEFORE]", "A dataset, a folder, or FOLDER@REVISION of git.", "dataset")] = None,
    after: Annotated[Text, _argument("[AFTER]", "The same, later.", "dataset")] = None,
    between: Annotated[tuple[str, str] | None, _option(OWN, "--between", "DATE DATE", "Two days of one dataset, which "
                                                       "-d names, instead.")] = None,
) -> "Answer":  # fmt: skip
    """What changed and what it means: who gained or lost reach."""
    if between:
        if before:
            raise AccessMapError("give either two datasets, or --between and two dates of one (-d)")
        return graphs.between(asked.graph, *between, **asked.options)
    if not (before and after):
        raise AccessMapError("give BEFORE and AFTER, or --between and two dates")
    from stakeholders.revisions import read_version

    sides = [read_version(side) for side in (before, after)]
    asked.data = sides[0].overlay(sides[1])  # selectors may mean what only one side has
    return graphs.diff(*sides, **asked.options)


@command("Ask", "check", "check --pack gdpr", "check --baseline cabar-2020 --as-of 2020-04-15 --format sarif")
def check(
    asked: Asked,
    policies: Annotated[Path | None, _argument("[POLICIES]", "A file of rules; by default the dataset's own.")] = None,
    pack: Annotated[Texts, _option(OWN, "--pack", ("default", "gdpr"), "Shipped rules; repeat for more.")] = None,
    baseline: Annotated[Text, _option(OWN, "--baseline", "DATASET", "No reach that it does not have: a name, a folder, "
                                      "or FOLDER@REVISION.")] = None,
) -> "Answer":  # fmt: skip
    """Rules that must hold; junit and sarif are formats too."""
    from stakeholders.revisions import read_version

    own = asked.data.extras.get("checks.toml")
    rules = [graphs.parse_policies(policies.read_text("utf-8"), str(policies))] if policies else []
    rules += [graphs.pack(name) for name in pack or () if name != "gdpr"]
    if own and not (policies or pack or baseline):
        rules.append(graphs.parse_policies(own.decode(), "checks.toml"))
    before = read_version(baseline) if baseline else None
    return graphs.check(asked.graph, rules or None, baseline=before, gdpr="gdpr" in (pack or ()), **asked.options)


@command("Ask", "chokepoints biometric", "chokepoints kz-sergek-archives --from kind=police --lang ru")
def chokepoints(target: Target, asked: Asked) -> "Answer":
    """What reach hangs on: passages, and pairs lost without each."""
    return graphs.chokepoints(asked.graph, asked.id_of(target), **asked.options)


@command("Ask", "cut kz-sergek-almaty-archive --from kind=police", "cut biometric --from kind=manufacturer --nodes")
def cut(
    target: Target,
    asked: Asked,
    *,
    costs: Annotated[Path | None, _option(OWN, "--costs", "FILE", "What revoking costs: a TOML file.")] = None,
    nodes: Annotated[bool, typer.Option("--nodes", help="Entities in between may be taken away too.")] = False,
    others: Annotated[int, typer.Option("-n", "--alternatives", min=0, metavar="COUNT", help="Other cuts.")] = 3,
    limit: Annotated[float, typer.Option("--time-limit", min=0.1, metavar="SECONDS", help="When to stop.")] = 30,
) -> "Answer":
    """The cheapest relations whose end ends reach, with proof."""
    given: dict[str, Any] = {"costs": read_toml(costs) if costs else None, "nodes": nodes}
    given |= {"alternatives": others, "time_limit": limit}
    return graphs.cut(asked.graph, asked.id_of(target), **given, **asked.options)


@command("Ask", "sensitivity genomic", "sensitivity kz-sergek-almaty-archive --certainty reported")
def sensitivity(target: Target, asked: Asked) -> "Answer":
    """Which sources and relations findings rest on."""
    return graphs.sensitivity(asked.graph, asked.id_of(target), **asked.options)


@command("Ask", "gaps", "gaps biometric --lang kk")
def gaps(
    asked: Asked, target: Annotated[Text, _argument("[TARGET]", "Only what bears on it.", "target")] = None
) -> "Answer":
    """What is not known: questions to send, ranked by weight."""
    return graphs.gaps(asked.graph, asked.id_of(target) if target else None, **asked.options)


@command("Ask", "exposure", "exposure kz-sergek --list us-bis-entity-list", "exposure --cut-off SDN")
def exposure(
    asked: Asked,
    *,
    target: Annotated[Text, _argument("[TARGET]", "What may be exposed; default everything.", "target")] = None,
    regime: Annotated[Text, _option(OWN, "--regime", "REGIME", "us-ofac, us-bis, us-889, us-fcc, eu, uk, …")] = None,
    lists: Annotated[Texts, _option(OWN, "--list", "LIST", "A list by name, authority or id; repeat for more.")] = None,
    cut_off: Annotated[Texts, _option(OWN, "--cut-off", "LIST", "What stops if every vendor on it is gone.")] = None,
    by: Annotated[Text, _option(OWN, "--by", ("body", "city", "category", "system"), "How much rests on whom.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Since when and until when, over time.")] = False,
) -> "Answer":  # fmt: skip
    """Listed vendors and owners behind systems, stores and bodies."""
    given: dict[str, Any] = {"regime": regime, "lists": lists or (), **asked.options}
    if cut_off:
        return graphs.cut_off(asked.graph, cut_off, **asked.options)
    if by:
        return graphs.dependence(asked.graph, by, **given)
    ask_for = graphs.exposure_history if history else graphs.exposure
    return ask_for(asked.graph, asked.id_of(target) if target else None, **given)


@command("Ask", 'ask "who can reach biometric data"', 'ask "кто имеет доступ к отпечаткам пальцев"')
def ask(question: Annotated[str, _argument("QUESTION", "A question in words.")], asked: Asked) -> "Answer | None":
    """The questions above in words: English, Russian or Kazakh."""
    meant = graphs.understand(asked.data, question)
    typer.echo(f"accessmap {meant}", err=True)
    vars(asked).update(meant.options, lang=asked.lang or meant.lang)
    return COMMANDS[meant.command].function(**meant.arguments, asked=asked)


@command("Look up", "show kz-mia", "show face", "show kz-mia-part-of-kz-government")
def show(entry: Annotated[str, _argument("ID", "Id, name or alias.", "target")], asked: Looked) -> "Answer":
    """What is recorded on an entity, category, relation or source."""
    return graphs.entry(asked.data, entry)


@command("Look up", "find sergek", "find полиция --lang ru")
def find(text: Annotated[str, _argument("TEXT", "Words, in any alphabet.")], asked: Looked) -> "Answer":
    """Search ids, names, aliases and claims."""
    return graphs.search(asked.data, text)


@command("Look up", "timeline face", "timeline kz-sergek-almaty --dated", "timeline --expiring 180d")
def timeline(
    asked: Asked,
    target: Annotated[
        Text, _argument("[TARGET]", "A category, store or system; a body for its dates.", "target")
    ] = None,
    expiring: Annotated[
        Text, _option(OWN, "--expiring", "SPAN", "Who loses reach as terms run out: 180d, 18m.")
    ] = None,
    dated: Annotated[bool, typer.Option("--dated", help="Only what began and ended around it.")] = False,
) -> "Answer":
    """Reach over time: who came, who went, why; or dated changes."""
    named = asked.id_of(target) if target else None
    if expiring:
        return graphs.expiring(asked.graph, expiring, named, **asked.options)
    if dated or named is None or asked.data.is_body(named):
        return graphs.timeline(asked.data, named)
    return graphs.reach_over_time(asked.graph, named, **asked.options)


@command("Datasets", "datasets")
def datasets(asked: Shown) -> "Answer":
    """The datasets that come with the package."""
    from stakeholders.tables import bundled, read

    return graphs.collection([read(name) for name in bundled()])


@command("Datasets", "validate my-dataset")
def validate(folder: Folder, asked: Shown) -> "Answer":
    """Check a folder: every problem, with file, line and column."""
    from stakeholders.tables import inspect, read

    return graphs.collection([read(folder)], warnings=inspect(folder))


@command("Datasets", "new my-dataset")
def new(folder: Folder, asked: Shown) -> "Answer":
    """Start a dataset: a folder with a small example to edit."""
    from stakeholders import tables

    return graphs.Answer("new", {"folder": str(folder)}, {}, tuple({"path": str(path)} for path in tables.new(folder)))


@command("Datasets", "screen consolidated.csv", "screen consolidated.csv -d my-dataset --save")
def screen(
    asked: Looked,
    *,
    file: Annotated[Path, _argument("LIST_FILE", "OpenSanctions (CSV, FtM), US CSL, or a listings.csv.")],
    least: Annotated[float, typer.Option("--least", min=0, max=1, metavar="SCORE", help="Weakest candidate.")] = 0.7,
    accept: Annotated[Texts, _option(OWN, "--accept", "ENTRY=BODY", "They are the same; kept in matches.csv.")] = None,
    reject: Annotated[Texts, _option(OWN, "--reject", "ENTRY=BODY", "They are not; not shown again.")] = None,
    who: Annotated[Text, _option(OWN, "--who", "NAME", "Who decides.")] = None,
    why: Annotated[Text, _option(OWN, "--why", "TEXT", "Why.")] = None,
    save: Annotated[bool, typer.Option("--save", help="Write candidates into matches.csv, to decide there.")] = False,
    again: Annotated[bool, typer.Option("--rejected", help="Show what was rejected, too.")] = False,
) -> "Answer":  # fmt: skip
    """Candidates between the bodies and a sanctions list, and why."""
    from stakeholders import decisions, screening

    form = screening.open_list(file)[0]
    asked.data = decisions.decide(asked.data, form, accept or (), reject or (), who=who or "", why=why or "")
    with _progress(file.name) as step:
        found = screening.screen(asked.data, file, weakest=least, rejected=again, progress=step)
    if save or accept or reject:
        decisions.keep(asked.data, found if save else None)
    return graphs.screened(asked.data, found)


@command("Datasets", "import csl consolidated.csv my-dataset")
def import_(
    kind: Annotated[str, _argument("FORMAT", "csl, or opensanctions (CSV or FtM lines).")],
    file: Annotated[Path, _argument("SOURCE", "The sanctions list.")],
    folder: Folder,
    asked: Shown,
) -> "Answer":
    """Accepted matches of a list become listings with their sources."""
    from stakeholders.accepted import import_listings

    with _progress(file.name) as step:
        return graphs.imported(import_listings(file, folder, kind, progress=step), kind)


# ------------------------------------------------------------------------------------------------------ the process


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Exit status: 0, 1 for findings or differences, 2 for trouble."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
            stream.reconfigure(encoding="utf-8")
    # Nothing here multiplies matrices, for which numpy would start a thread a core, and little here becomes garbage.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(100_000)
    try:
        check_own_graphs()
        return int(get_command(app)(args=argv, prog_name="accessmap", standalone_mode=False) or 0)
    except (AccessMapError, typer.TyperException) as error:
        message = error.format_message().rstrip(".") if isinstance(error, typer.TyperException) else str(error)
        context = getattr(error, "ctx", None)
        typer.echo(f"error: {message}" + (f"; see {context.command_path} --help" if context else ""), err=True)
    except OSError as error:
        typer.echo(f"error: {error.filename or 'the system'}: {error.strerror}", err=True)
    return 2


if __name__ == "__main__":
    sys.exit(main())

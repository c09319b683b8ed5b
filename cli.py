"""The command line: parse, load, call, show."""

try:
    import functools
    import gc
    import inspect
    import io
    import operator
    import os
    import shlex
    import sys
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

    import typer
    from typer.core import TyperCommand, TyperGroup
    from typer.main import get_command

    from stakeholders.errors import AccessMapError, DamagedIndex, InvalidDataset
    from stakeholders.files import is_stream, read_toml, telling, write_whole
    from stakeholders.guard import ForeignPackage, check_own_graphs

    try:
        check_own_graphs()  # before anything of that name can run
        import graphs
        from graphs import asking
        from graphs.asking import DEFAULT, OWN, PANELS, Asked, Drawn, Exported, Looked, Shown
    except ForeignPackage as intruder:
        typer.echo(f"error: {intruder}", err=True)
        raise SystemExit(2) from None
except KeyboardInterrupt:  # one may change one's mind before anything has begun
    raise SystemExit(130) from None

if TYPE_CHECKING:
    from graphs import Answer
    from stakeholders.clusters import ClusterTables
    from stakeholders.dataset import Dataset
    from stakeholders.progress import Meter

SECTIONS = ("Ask", "Look up", "Show", "Datasets")
KEYWORD = inspect.Parameter.KEYWORD_ONLY


def _read(place: str, over: Sequence[str]) -> "Dataset":
    from stakeholders.tables import read, read_over

    return functools.reduce(read_over, over, read(place))


def _open(place: str, master: str | None) -> "ClusterTables":
    from stakeholders.clusters import check_place, open_tables, session

    check_place(place)
    # Who has set Spark up has said what it may say.
    quiet = not {"SPARK_CONF_DIR", "SPARK_HOME"} & set(os.environ)
    return open_tables(session(master, quiet=quiet), place)


Looked.reader, Looked.opener = staticmethod(_read), staticmethod(_open)

Function = Callable[..., "Answer | None"]


def _completed(said: asking.Flag | asking.Place) -> Callable[[typer.Context, str], list[tuple[str, str]]] | None:
    """What a shell offers for an option or argument: its words, or ids with their names."""
    words = getattr(said, "what", "")

    def complete(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        from stakeholders.lookup import completions
        from stakeholders.tables import bundled, read

        if said.completes and said.completes != "dataset":
            with telling(lambda _: None):  # it would stand in the line that is typed
                return completions(read(ctx.params.get("place") or DEFAULT), incomplete, said.completes)
        return [(word, "") for word in (bundled() if said.completes else words) if word.startswith(incomplete)]

    return complete if said.completes or not isinstance(words, str) else None


def _typed(parameter: inspect.Parameter) -> inspect.Parameter:
    """A parameter whose annotation says to Typer what it said to us."""
    said, complete = parameter.annotation.__metadata__[0], _completed(parameter.annotation.__metadata__[0])
    if isinstance(said, asking.Place):
        told: Any = typer.Argument(metavar=said.name, help=said.say, autocompletion=complete)
    else:
        what = said.what if isinstance(said.what, str) else "|".join(said.what)
        told = typer.Option(
            *said.names.split(), metavar=what or None, help=said.say, rich_help_panel=said.panel, min=said.least,
            show_default=said.shown, envvar=said.variable or None, is_eager=bool(said.variable), max=said.most,
            autocompletion=complete,
        )  # fmt: skip
    return parameter.replace(kind=KEYWORD, annotation=Annotated[parameter.annotation.__origin__, told])


class Command(NamedTuple):
    """A command: its function, its section in the help, its examples."""

    function: Function
    section: str
    examples: Sequence[str]

    def runner(self) -> Callable[..., None]:
        """What Typer calls: the options that ``asked`` stands for spread out, and the answer shown."""
        own = dict(inspect.signature(self.function).parameters)
        gathered: type[Shown] = own.pop("asked").annotation

        def note(text: str) -> None:
            typer.echo(f"\r\x1b[2Knote: {text}" if sys.stderr.isatty() else f"note: {text}", err=True)

        def run(**values: Any) -> None:
            asked = gathered(**{name: value for name, value in values.items() if name not in own})
            with _watching(), telling(note):
                answer = asked.answered(self.function, {name: values[name] for name in own})
            if answer is not None:
                _show(asked, answer)
                if getattr(answer, "found", False):
                    raise typer.Exit(2 if getattr(answer, "errors", ()) else 1)

        merged = [_typed(parameter) for parameter in (*own.values(), *gathered.parameters())]
        run.__signature__ = inspect.Signature(merged)  # type: ignore[attr-defined]  # where inspect looks first
        return run


def _show(asked: Shown, answer: "Answer") -> None:
    """Write an answer where and as asked."""
    from graphs.reports import STYLES, render

    view, form = asked.view(), asked.chosen_form
    forced = bool(os.environ.get("FORCE_COLOR"))
    terminal = not asked.output and (sys.stdout.isatty() or forced)
    if terminal:
        view["width"] = typer.get_terminal_size().columns
        if not os.environ.get("NO_COLOR") and (forced or os.environ.get("TERM") != "dumb"):
            view["paint"] = lambda piece, style: typer.style(piece, **STYLES[style])
    text = render(asked.stated(answer), form, **view)
    if asked.output:
        # Spreadsheets read a CSV file as UTF-8 only if it starts with a byte order mark; a pipe gets none.
        marked = form == "csv" and not is_stream(asked.output)
        write_whole(asked.output, text.encode("utf-8-sig" if marked else "utf-8"))
    else:
        typer.echo(text, nl=False, color=terminal)


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
        elif kind is Path:
            value = Path(value)
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


def _watching() -> "Meter":
    """On a terminal's error stream how far a long step is, how fast, how long yet."""
    from stakeholders.progress import Meter

    shown = sys.stderr.isatty()
    return Meter(lambda line: typer.echo(f"\r\x1b[2K{line}", nl=False, err=True) if shown else None)


# --------------------------------------------------------------------------------------------------------- commands


@command("Show", "map", "map video -d cabar-2020 --as-of 2020-04-15 --lang ru -o cabar.html")
def map_(asked: Drawn, target: asking.FirstTarget = "biometric", open_: asking.Open = False) -> "Answer":
    """The interactive map: one HTML file that answers offline."""
    path = asked.output
    vars(asked).update(output=None)  # which is the page's; what is said of it goes to the terminal
    opening = {"target": asked.id_of(target), "focus": asked.id_of(asked.focus) if asked.focus else None}
    written = graphs.write_map(asked.graph, path, **asked.page, **opening, **asked.options)
    if open_:
        typer.launch(path.resolve().as_uri())
    return graphs.Answer("map", opening | asked.options, graphs.stamp(asked.data), (written,))


@command("Ask", "who biometric", "who", "who face --from country!=KZ --level granted", "who kz-sergek --by pair")
def who(asked: Asked, target: asking.OneOrAll = None, by: asking.By = "body") -> "Answer":
    """Who can reach a target; or, without one, which categories."""
    if target is None:
        return asked.matrix(by)
    return graphs.who_can_reach(asked.graph_to(target), asked.id_of(target), by=by, **asked.options)


@command("Ask", "what kz-police-almaty", "what cn-dahua --stance direct")
def what(body: asking.Body, asked: Asked) -> "Answer":
    """What a body can reach, store by store."""
    return graphs.reachable_from(asked.graph_from(body), asked.id_of(body, "body"), **asked.options)


@command("Ask", "how kz-mia face", "how cn-dahua kz-sergek-almaty-archive -n 1 --as-of 2020-04-15")
def how(
    body: asking.Body, target: asking.Target, asked: Asked, paths: asking.Paths = 3, support: asking.Support = False
) -> "Answer":
    """How a body reaches a target: the paths, with their sources."""
    graph = asked.graph_to(target)
    answer = graphs.how(graph, asked.id_of(body, "body"), asked.id_of(target), paths=paths, **asked.options)
    return graphs.with_supports(asked.graph, answer, **asked.options) if support else answer


@command("Ask", "whynot kz-moh genomic", "whynot kz-police-almaty kz-sergek-almaty-archive --as-of 2020-04-15")
def whynot(body: asking.Body, target: asking.Target, asked: Asked) -> "Answer":
    """Why no path is known, and what comes nearest."""
    return graphs.whynot(asked.graph, asked.id_of(body, "body"), asked.id_of(target), **asked.options)


@command("Ask", "diff --between 2020-04-15 2026-11-01", "diff cabar-2020 central-asia --as-of 2020-04-15 --format md")
def diff(
    asked: Asked, before: asking.Before = None, after: asking.After = None, between: asking.Between = None
) -> "Answer":
    """What changed and what it means: who gained or lost reach."""
    from graphs.contrasts import contrast
    from stakeholders.revisions import read_version

    return contrast(asked, before, after, between, read_version)


@command("Ask", "check", "check --pack gdpr", "check --baseline cabar-2020 --as-of 2020-04-15 --format sarif")
def check(
    asked: Asked, policies: asking.Policies = None, pack: asking.Pack = None, baseline: asking.Baseline = None
) -> "Answer":
    """Rules that must hold; junit and sarif are formats too."""
    from stakeholders.revisions import read_version

    before = read_version(baseline) if baseline else None
    own = None if before else asked.data.extras.get("checks.toml")
    rules = graphs.chosen_policies(own, policies, pack or ())
    return graphs.check(asked.graph, rules or None, baseline=before, gdpr="gdpr" in (pack or ()), **asked.options)


@command("Ask", "chokepoints biometric", "chokepoints kz-sergek-archives --from kind=police --lang ru")
def chokepoints(target: asking.Target, asked: Asked) -> "Answer":
    """What reach hangs on: passages, and pairs lost without each."""
    return graphs.chokepoints(asked.graph_to(target), asked.id_of(target), **asked.options)


@command("Ask", "cut kz-sergek-almaty-archive --from kind=police", "cut biometric --from kind=manufacturer --nodes")
def cut(
    target: asking.Target, asked: Asked, *, costs: asking.Costs = None, nodes: asking.Nodes = False,
    others: asking.Alternatives = 3, limit: asking.TimeLimit = 30,
) -> "Answer":  # fmt: skip
    """The cheapest relations whose end ends reach, with proof."""
    given: dict[str, Any] = {"costs": read_toml(costs) if costs else None, "nodes": nodes}
    given |= {"alternatives": others, "time_limit": limit}
    return graphs.cut(asked.graph_to(target), asked.id_of(target), **given, **asked.options)


@command("Ask", "sensitivity genomic", "sensitivity kz-sergek-almaty-archive --certainty reported")
def sensitivity(target: asking.Target, asked: Asked) -> "Answer":
    """Which sources and relations findings rest on."""
    return graphs.sensitivity(asked.graph, asked.id_of(target), **asked.options)


@command("Ask", "gaps", "gaps biometric --lang kk")
def gaps(asked: Asked, target: asking.AnyTarget = None) -> "Answer":
    """What is not known: questions to send, ranked by weight."""
    return graphs.gaps(asked.graph, asked.id_of(target) if target else None, **asked.options)


@command("Ask", "exposure", "exposure kz-sergek --list us-bis-entity-list", "exposure --cut-off SDN")
def exposure(
    asked: Asked, *, target: asking.AnyTarget = None, regime: asking.Regime = None, lists: asking.Lists = None,
    cut_off: asking.CutOff = None, by: asking.Reliance = None, history: asking.History = False,
) -> "Answer":  # fmt: skip
    """Listed vendors and owners behind systems, stores and bodies."""
    given: dict[str, Any] = {"regime": regime, "lists": lists or (), "gone": cut_off or (), "by": by}
    named = asked.id_of(target) if target else None
    return graphs.exposure_view(asked.graph, named, history=history, **given, **asked.options)


@command("Ask", 'ask "who can reach biometric data"', 'ask "кто имеет доступ к отпечаткам пальцев"')
def ask(question: asking.Question, asked: Asked) -> "Answer | None":
    """The questions above in words: English, Russian or Kazakh."""
    meant = graphs.understand(asked.data, question)
    vars(asked).update(meant.options, lang=asked.lang or meant.foreign)
    vars(asked).pop("unchanged", None)  # it was made before the question was known
    typer.echo(f"accessmap {shlex.join([*meant.words, *asked.typed(meant.options)])}", err=True)
    return asked.answered(COMMANDS[meant.command].function, meant.arguments)


@command("Look up", "show kz-mia", "show face", "show kz-mia-part-of-kz-government")
def show(entry: asking.Entry, asked: Looked) -> "Answer":
    """What is recorded on an entity, category, relation or source."""
    return graphs.entry(asked.data, asked.entry_of(entry))


@command("Look up", "find sergek", "find полиция --lang ru")
def find(text: asking.Words, asked: Looked, limit: asking.Hits = 20) -> "Answer":
    """Search ids, names, aliases and claims."""
    return graphs.search(asked.data, text, limit=limit)


@command("Look up", "timeline face", "timeline kz-sergek-almaty --dated", "timeline --expiring 180d")
def timeline(
    asked: Asked, target: asking.AnyTarget = None, expiring: asking.Expiring = None, dated: asking.Dated = False
) -> "Answer":
    """Reach over time: who came, who went, why; or dated changes."""
    named = asked.id_of(target) if target else None
    return graphs.history_view(asked.graph, named, expires=expiring, dated=dated, **asked.options)


@command("Datasets", "datasets")
def datasets(asked: Shown) -> "Answer":
    """The datasets that come with the package."""
    from stakeholders.tables import bundled, read

    return graphs.collection([read(name) for name in bundled()])


@command("Datasets", "validate my-dataset")
def validate(folder: asking.Examined, asked: Shown) -> "Answer":
    """Check a folder: every problem, with file, line and column."""
    from stakeholders.tables import examine

    answer = graphs.inspected(*examine(folder))
    if answer.errors and not (asked.form or asked.output):
        raise InvalidDataset(answer.errors)
    return answer


@command("Datasets", "new my-dataset")
def new(folder: asking.Folder, asked: Shown) -> "Answer":
    """Start a dataset: a folder with a small example to edit."""
    from stakeholders import tables

    return graphs.Answer("new", {"folder": str(folder)}, {}, tuple({"path": str(path)} for path in tables.new(folder)))


@command("Datasets", "screen consolidated.csv", "screen consolidated.csv -d my-dataset --save")
def screen(
    asked: Looked, *, file: asking.ListFile, least: asking.Least = 0.7, accept: asking.Accept = None,
    reject: asking.Reject = None, who: asking.Who = None, why: asking.Why = None, save: asking.Save = False,
    again: asking.Rejected = False,
) -> "Answer":  # fmt: skip
    """Candidates between the bodies and a sanctions list, and why."""
    from stakeholders import decisions, screening

    form = screening.open_list(file)[0]
    asked.data = decisions.decide(asked.data, form, accept or (), reject or (), who=who or "", why=why or "")
    with _watching() as watch:
        step = watch.counting(file.name)
        found = screening.screen(asked.data, file, weakest=least, rejected=again, progress=step)
    if save or accept or reject:
        decisions.keep(asked.data, found if save else None)
    return graphs.screened(asked.data, found)


@command("Datasets", "import csl consolidated.csv my-dataset")
def import_(kind: asking.ListFormat, file: asking.ListSource, folder: asking.Folder, asked: Shown) -> "Answer":
    """Accepted matches of a list become listings with their sources."""
    from stakeholders.accepted import import_listings

    with _watching() as watch:
        return graphs.imported(import_listings(file, folder, kind, progress=watch.counting(file.name)), kind)


@command("Datasets", "convert my-dataset new-folder", "convert cabar-2020 csv-folder --to csv")
def convert(source: asking.Source, folder: asking.NewFolder, asked: Shown, to: asking.To = "parquet") -> "Answer":
    """Make a dataset Parquet, or CSV: of any size, whole or not."""
    from stakeholders import conversion
    from stakeholders.addresses import shown

    with _watching() as watch:
        made = conversion.convert(source, folder, format=to, watch=watch)
    question = {"source": shown(source), "folder": folder, "to": to}
    return graphs.Answer("convert", question, {}, tuple({"path": str(path)} for path in made))


@command("Datasets", "index my-dataset", "index my-dataset --clean")
def index(folder: asking.OwnFolder, asked: Shown, clean: asking.Clean = False) -> "Answer":
    """Save a large folder's graph, so that answers come at once."""
    with _watching() as watch:
        return graphs.clean_index(folder) if clean else graphs.save_index(folder, watch=watch)


@command("Datasets", "export mermaid kz-sergek-almaty", "export ftm -d cabar-2020")
def export(kind: asking.ExportFormat, asked: Exported, target: asking.WaysTo = None) -> None:
    """Write the graph, or its records, for another program."""
    named = asked.id_of(target) if target else None
    text = graphs.exported(asked.graph, kind, target=named, lang=asked.lang or "en", **asked.options)
    if asked.output:
        write_whole(asked.output, text.encode())
    else:
        typer.echo(text, nl=False)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Exit status: 0, 1 for findings or differences, 2 for trouble."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
                stream.reconfigure(encoding="utf-8")
        # Nothing here multiplies matrices, for which numpy would start a thread a core, and little becomes garbage.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        gc.set_threshold(100_000)
        return int(get_command(app)(args=argv, prog_name="accessmap", standalone_mode=False) or 0)
    except KeyboardInterrupt:
        return 130
    except DamagedIndex as error:
        typer.echo(f"note: {error}", err=True)
        return main(argv)  # from the tables
    except (AccessMapError, typer.TyperException) as error:
        if isinstance(error, typer.TyperException):
            message = error.format_message().rstrip(".")
        else:
            message = asking.as_typed(str(error), argv or sys.argv)
        context = getattr(error, "ctx", None)
        typer.echo(f"error: {message}" + (f"; see {context.command_path} --help" if context else ""), err=True)
    except OSError as error:
        typer.echo(f"error: {asking.place_of(error)}: {error.strerror}", err=True)
    return 2


if __name__ == "__main__":
    sys.exit(main())

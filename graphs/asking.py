"""What may be said with a question: each option and argument once, with its words; and what they amount to together.

Nothing here knows who asks, a terminal or a form. An option is an annotation, ``Annotated[type, Flag(…)]``, so that a
function's parameter and a class's attribute can bear the same one. Annotations are read at run time: no module that
declares them may postpone their evaluation.
"""

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, NamedTuple, Protocol

from stakeholders.errors import AccessMapError, UnknownId, UnknownTerm
from stakeholders.files import is_stream
from stakeholders.vocabulary import CERTAINTIES, LANGUAGES, LEVELS, STANCES

if TYPE_CHECKING:
    from graphs.access import AccessGraph
    from graphs.answers import Answer
    from graphs.engines.spark.arcs import ClusterGraph
    from stakeholders.clusters import ClusterTables
    from stakeholders.dataset import Dataset

FORMATS: Final = {".txt": "table", ".json": "json", ".csv": "csv", ".md": "md"}
BUILDS: Final = {".xml": "junit", ".sarif": "sarif"}  # for build servers: of checks alone
DEFAULT: Final = "central-asia"
ENGINES: Final = ("arrays", "spark")

# What a cluster is asked; ask comes to one of them.
_ON_SPARK: Final = ("who", "what", "how", "chokepoints", "cut", "diff", "ask")
_NOT_ON_SPARK: Final = "Spark answers who, what, how, chokepoints, cut and diff; leave out --engine spark for this"

# Groups of options, in the order in which a reader looks for them.
OWN, DATA, COUNTS, OUTPUT = PANELS = ("Options", "Data", "What counts", "Output")


class Flag(NamedTuple):
    """An option: its group, its spellings, what follows it, what it means.

    ``what`` is a placeholder or the words that may follow, nothing for a switch. ``completes`` says of what it takes
    the ids: ``dataset``, ``entity``, ``body``, ``target``, ``entry``. ``shown`` tells whether the help names the
    default.
    """

    panel: str
    names: str
    what: str | Sequence[str]
    say: str
    shown: bool = False
    completes: str = ""
    variable: str = ""
    least: float | None = None
    most: float | None = None


class Opener(Protocol):
    """Opens the tables of a folder on a cluster."""

    def __call__(self, place: str, master: str | None) -> "ClusterTables": ...


class Reader(Protocol):
    """Makes a dataset of a name or folder, and of folders laid over it."""

    def __call__(self, place: str, over: Sequence[str]) -> "Dataset": ...


class Place(NamedTuple):
    """An argument by its place: its name, what it means, of what it takes the ids."""

    name: str
    say: str
    completes: str = ""


Text = str | None
Texts = list[str] | None

# Arguments.
Body = Annotated[str, Place("BODY", "A body: its id, name or alias.", "body")]
Target = Annotated[str, Place("TARGET", "A category, store, system or body: code, id, name or alias.", "target")]
AnyTarget = Annotated[Text, Place("[TARGET]", "A category, store, system or body; by default everything.", "target")]
OneOrAll = Annotated[Text, Place("[TARGET]", "A category, store, system or body; by default every category.", "target")]
FirstTarget = Annotated[str, Place("[TARGET]", "What the page asks about first.", "target")]
Entry = Annotated[str, Place("ID", "Id, name or alias.", "entry")]
Words = Annotated[str, Place("TEXT", "Words, in any alphabet.")]
Question = Annotated[str, Place("QUESTION", "A question in words.")]
Before = Annotated[Text, Place("[BEFORE]", "A dataset, a folder, or FOLDER@REVISION of git.", "dataset")]
After = Annotated[Text, Place("[AFTER]", "The same, later.", "dataset")]
Policies = Annotated[Path | None, Place("[POLICIES]", "A file of rules; by default the dataset's own.")]
Folder = Annotated[str, Place("FOLDER", "A folder of tables.")]
Examined = Annotated[str, Place("FOLDER", "A folder of tables, or a database's address.")]
ListFile = Annotated[Path, Place("LIST_FILE", "OpenSanctions (CSV, FtM), US CSL, or a listings.csv.")]
ListFormat = Annotated[str, Place("FORMAT", "csl, or opensanctions (CSV or FtM lines).")]
OwnFolder = Annotated[str, Place("FOLDER", "A folder of tables, not a bundled dataset.")]
Source = Annotated[str, Place("SOURCE", "A folder, a bundled dataset, or a database's address.", "dataset")]
NewFolder = Annotated[str, Place("FOLDER", "The folder to make.")]
ExportFormat = Annotated[str, Place("FORMAT", "graphml, gexf, opengraph, mermaid, dot, ftm, bods or dpv.")]
WaysTo = Annotated[Text, Place("[TARGET]", "Only what leads to a category, store, system or body.", "target")]
ListSource = Annotated[Path, Place("SOURCE", "The sanctions list.")]

# Options of single questions.
# fmt: off
By = Annotated[str, Flag(OWN, "--by", ("body", "pair"), "A row for each body, or each body and store.", shown=True)]
Paths = Annotated[int, Flag(OWN, "-n --paths", "COUNT", "How many paths at most.", shown=True, least=1)]
Hits = Annotated[int, Flag(OWN, "-n --limit", "COUNT", "How many at most; 0 for all.", shown=True, least=0)]
Support = Annotated[bool, Flag(OWN, "--support", "", "Also the sets of sources that carry it.")]
Between = Annotated[tuple[str, str] | None, Flag(OWN, "--between", "DATE DATE", "Two days of one dataset, which -d "
                                                 "names, instead.")]
Pack = Annotated[Texts, Flag(OWN, "--pack", ("default", "gdpr"), "Shipped rules; repeat for more.")]
Baseline = Annotated[Text, Flag(OWN, "--baseline", "DATASET", "No reach that it does not have: a name, a folder, or "
                                "FOLDER@REVISION.")]
Costs = Annotated[Path | None, Flag(OWN, "--costs", "FILE", "What revoking costs: a TOML file.")]
Nodes = Annotated[bool, Flag(OWN, "--nodes", "", "Entities in between may be taken away too.")]
Alternatives = Annotated[int, Flag(OWN, "-n --alternatives", "COUNT", "Other cuts.", shown=True, least=0)]
TimeLimit = Annotated[float, Flag(OWN, "--time-limit", "SECONDS", "When to stop.", shown=True, least=0.1)]
Regime = Annotated[Text, Flag(OWN, "--regime", "REGIME", "us-ofac, us-bis, us-889, us-fcc, eu, uk, …")]
Lists = Annotated[Texts, Flag(OWN, "--list", "LIST", "A list by name, authority or id; repeat for more.")]
CutOff = Annotated[Texts, Flag(OWN, "--cut-off", "LIST", "What stops if every vendor on it, or of a regime, is gone.")]
Reliance = Annotated[Text, Flag(OWN, "--by", ("body", "city", "category", "system", "list"), "How much rests "
                                  "on whom; list: bodies by lists.")]
History = Annotated[bool, Flag(OWN, "--history", "", "Since when and until when, over time.")]
Expiring = Annotated[Text, Flag(OWN, "--expiring", "SPAN", "Who loses reach as terms run out: 180d, 18m.")]
Dated = Annotated[bool, Flag(OWN, "--dated", "", "Only what began and ended around it.")]
Least = Annotated[float, Flag(OWN, "--least", "SCORE", "Weakest candidate.", shown=True, least=0, most=1)]
Accept = Annotated[Texts, Flag(OWN, "--accept", "ENTRY=BODY", "They are the same; kept in matches.csv.")]
Reject = Annotated[Texts, Flag(OWN, "--reject", "ENTRY=BODY", "They are not; not shown again.")]
Who = Annotated[Text, Flag(OWN, "--who", "NAME", "Who decides.")]
Why = Annotated[Text, Flag(OWN, "--why", "TEXT", "Why.")]
Save = Annotated[bool, Flag(OWN, "--save", "", "Write candidates into matches.csv, to decide there.")]
Rejected = Annotated[bool, Flag(OWN, "--rejected", "", "Show what was rejected, too.")]
Clean = Annotated[bool, Flag(OWN, "--clean", "", "Remove what is saved instead.")]
To = Annotated[str, Flag(OWN, "--to", ("parquet", "csv"), "Format of the tables.", shown=True)]
Open = Annotated[bool, Flag(OWN, "--open", "", "Open the page in a browser.")]


class Shown:
    """How an answer is shown. Its annotated attributes, and those of its children, are options."""

    command = ""  # which is run

    form: Annotated[Text, Flag(OUTPUT, "--format", tuple(FORMATS.values()), "Form of the answer: by default a table, "
                               "coloured on a terminal and plain in a pipe.")] = None
    output: Annotated[Path | None, Flag(OUTPUT, "-o --output", "FILE", "Write to a file, whole or not at all; its "
                                        "ending (.json, .csv, .md, .txt) gives the format.")] = None
    lang: Annotated[Text, Flag(OUTPUT, "--lang", LANGUAGES, "Language of the answer; by default en.")] = None

    def __init__(self, **given: Any) -> None:
        vars(self).update(given)

    @classmethod
    def parameters(cls) -> list[inspect.Parameter]:
        """The options as parameters of a function."""
        own = {name: what for kind in reversed(cls.__mro__) for name, what in inspect.get_annotations(kind).items()
               if hasattr(what, "__metadata__")}  # fmt: skip
        keyword = inspect.Parameter.KEYWORD_ONLY
        return [inspect.Parameter(name, keyword, default=getattr(cls, name), annotation=own[name]) for name in own]

    def typed(self, beside: Collection[str] = ()) -> list[str]:
        """The options that are not at their defaults as one types them, but for those that are said already."""
        from stakeholders.addresses import shown

        words = []
        for each in self.parameters():
            flag, value = each.annotation.__metadata__[0].names.split()[0], getattr(self, each.name)
            if each.name in beside or not value or value == each.default:
                continue
            if value is True:
                words.append(flag)
            for text in value if isinstance(value, list | tuple) else () if value is True else (value,):
                words += [flag, shown(str(text))]
        return words

    @property
    def chosen_form(self) -> str:
        """The form of the answer: as named, or as the ending of the file tells it."""
        ending = self.output.suffix.lower() if self.output else ".txt"
        forms = FORMATS | (BUILDS if self.command == "check" else {})
        if form := self.form or forms.get(ending):
            return form
        if self.output and is_stream(self.output):
            return forms[".txt"]
        if not ending:
            known = ", ".join(forms)
            raise AccessMapError(f"{self.output}: add an ending that tells its format ({known}), or --format.")
        raise UnknownTerm("ending of a file that tells its format", ending, tuple(forms))

    def view(self) -> dict[str, Any]:
        """What a report is to be told beside the answer."""
        return {"lang": self.lang or "en"}

    def stated(self, answer: "Answer") -> "Answer":
        """An answer whose question says what was asked for in the asker's words."""
        return answer

    def answered(self, question: Callable[..., Any], arguments: Mapping[str, Any]) -> "Answer | None":
        """What a question answers."""
        self.command = question.__name__
        answer: Answer | None = question(asked=self, **arguments)
        return answer


class Looked(Shown):
    """Which data are looked at."""

    # Set by whoever may open files.
    reader: ClassVar["Reader"]
    opener: ClassVar["Opener"]

    place: Annotated[str, Flag(DATA, "-d --dataset", "NAME|FOLDER", "A bundled dataset, a folder, or a database "
                               "(postgresql://…, sqlite:///…, duckdb:///…).", shown=True,
                               completes="dataset", variable="ACCESSMAP_DATASET")] = DEFAULT
    overlay: Annotated[Texts, Flag(DATA, "--with", "FOLDER", "What if the rows of a folder were added; of two "
                                   "rows with one id the folder's counts.")] = None
    without: Annotated[Texts, Flag(DATA, "--without", "ID", "What if an entity, relation, listing or source were gone; "
                                   "repeat for more.", completes="entity")] = None

    @cached_property
    def data(self) -> "Dataset":
        """The dataset, with what is added and taken away."""
        return self.whole.without(self.without) if self.without else self.whole

    @cached_property
    def whole(self) -> "Dataset":
        """The dataset with what is added, before anything is taken away."""
        over = self.overlay or ()
        return self.saved.dataset if self.saved and not over else self.reader(self.place, over)

    @cached_property
    def graph(self) -> "AccessGraph":
        """The access graph of the data."""
        from graphs.access import build

        return self.saved if self.saved and self.saved.dataset is self.data else build(self.data)

    @cached_property
    def saved(self) -> "AccessGraph | None":
        """The graph of the folder as it is now, if there is an index of it."""
        if not (Path(self.place) / ".accessmap").is_dir():
            return None
        from graphs.indexes import load_index

        return load_index(self.place)

    def id_of(self, text: str, kind: str | None = None) -> str:
        """The id or category code that a text means; it does not mean another thing when its own is taken away."""
        from stakeholders.lookup import resolve

        data = self.data
        if self.without:
            try:
                meant = resolve(self.whole, text, kind).id
            except UnknownId:
                meant = ""
            self._require(meant, "entities")
        return resolve(data, text, kind).id

    def entry_of(self, text: str) -> str:
        """The id of an entry that a text means: of an entity or category, else of a row of another table."""
        tables = ("entities", "relations", "listings", "sources")
        table = next((name for name in tables if text in getattr(self.whole, name).index), "entities")
        if table == "entities":
            return self.id_of(text)
        self._require(text, table)
        return text

    def _require(self, name: str, table: str) -> None:
        """Refuse what is taken away."""
        if name in getattr(self.whole, table).index and name not in getattr(self.data, table).index:
            raise UnknownId(f"{name!r} is taken away by --without, so nothing can be asked about it")

    def view(self) -> dict[str, Any]:
        return {**super().view(), "dataset": self.data}


class Assumed(Looked):
    """What is assumed of day, stance and evidence."""

    as_of: Annotated[Text, Flag(DATA, "--as-of", "DATE", "The day asked about; by default today.")] = None
    known_by: Annotated[Text, Flag(COUNTS, "--known-by", "DATE", "Only what sources of that day could tell.")] = None
    stance: Annotated[str, Flag(COUNTS, "--stance", STANCES, "What is taken for granted.", shown=True)] = "documented"
    level: Annotated[str, Flag(COUNTS, "--level", LEVELS[::-1], "Weakest level that counts.", shown=True)] = "possible"
    certainty: Annotated[Text, Flag(COUNTS, "--certainty", CERTAINTIES[::-1], "Weakest certainty to count.")] = None

    @property
    def options(self) -> dict[str, Any]:
        """The assumptions that were given, as the library takes them."""
        names = ("as_of", "known_by", "stance", "level", "certainty", "fresh")
        return {name: value for name in names if (value := getattr(self, name, None)) is not None}


class Drawn(Assumed):
    """What the map opens under, what it shows and hides, and where it goes."""

    title: Annotated[Text, Flag(OWN, "--title", "TEXT", "Heading of the page.")] = None
    focus: Annotated[Text, Flag(OWN, "--focus", "ID", "Open on an entity or category instead.",
                                completes="target")] = None
    between: Annotated[tuple[str, str] | None, Flag(OWN, "--between", "DATE DATE", "Open on two days compared.")] = None
    story: Annotated[Path | None, Flag(OWN, "--story", "FILE", "Steps through the map, in JSON "
                                       "(docs/page.md).")] = None
    redact: Annotated[Texts, Flag(OWN, "--redact", "SELECTOR", "Whom the page must not name; repeatable.")] = None
    output: Annotated[Path, Flag(OUTPUT, "-o --output", "FILE", "The page.", shown=True)] = Path("access-map.html")

    @property
    def page(self) -> dict[str, Any]:
        """What the page is to be told beside what it opens on."""
        from stakeholders.files import read_json
        from stakeholders.selectors import select

        told = {"title": self.title, "lang": self.lang or "en", "between": self.between}
        hidden = select(self.data, self.redact, self.as_of) if self.redact else []
        return {**told, "story": read_json(self.story) if self.story else None, "redact": hidden}


class Exported(Assumed):
    """What is exported, and where to; without a day all days."""

    output: Annotated[Path | None, Flag(OUTPUT, "-o --output", "FILE", "Write to a file, whole or not at all.")] = None


class Asked(Assumed):
    """Who asks, and what counts."""

    other: "Asked | None" = None  # the same on the data as they are without, or with, what is changed
    settled: dict[str, Any] | None = None  # the options, once only a part of the data they choose from is here

    fresh: Annotated[Text, Flag(COUNTS, "--fresh", "SPAN", "Newest evidence required: 90d, 6w, 18m, 3y.")] = None
    bodies: Annotated[Texts, Flag(COUNTS, "--from", "SELECTOR", "Bodies that ask: an id, or tests such as "
                                  "kind=police,country!=KZ; repeat for 'or'.", completes="body")] = None
    stores: Annotated[Texts, Flag(COUNTS, "--in", "SELECTOR", "Stores that count: an id, or tests such as "
                                  "category=face; repeat for 'or'.", completes="entity")] = None
    unfold: Annotated[bool, Flag(OUTPUT, "--unfold", "", "Give each body a line of its own, also those above or among "
                                 "others.")] = False

    engine: Annotated[str, Flag(DATA, "--engine", ENGINES, "What searches: arrays on this machine, or Spark (who, "
                                "what, how, chokepoints, cut, diff; docs/scale.md).", shown=True)] = "arrays"
    master: Annotated[Text, Flag(DATA, "--master", "URL", "Where Spark runs: local[2], spark://HOST:7077, yarn; by "
                                 "default here, on all cores.", variable="SPARK_MASTER")] = None

    @cached_property
    def cluster(self) -> "ClusterGraph | None":
        """The access graph on a cluster, if that is where to search."""
        if self.engine not in ENGINES:
            raise UnknownTerm("engine", self.engine, ENGINES)
        if self.engine == "arrays":
            return None
        if self.without or self.overlay:
            raise AccessMapError("--with and --without change tables of this machine: leave out --engine spark")
        from graphs.engines.spark.arcs import build

        return build(self.opener(self.place, self.master))

    @cached_property
    def whole(self) -> "Dataset":
        return super().whole if self.cluster is None else self.cluster.tables.names()

    @cached_property
    def graph(self) -> "AccessGraph":
        if self.engine == "spark":
            raise AccessMapError(_NOT_ON_SPARK)
        return super().graph

    def matrix(self, by: str) -> "Answer":
        """Who can reach which categories."""
        if by != "body":
            raise AccessMapError(f"--by {by} is about one TARGET: name it, or leave out --by")
        if self.cluster is None:
            from graphs.matrices import reach_matrix

            return reach_matrix(self.graph, **self.options)
        from graphs.engines.spark import answers

        return answers.reach_matrix(self.cluster, **self.options)

    def graph_to(self, target: str) -> "AccessGraph":
        """The graph to ask about a target: the whole, or what of a cluster's leads there."""
        if self.cluster is None:
            return self.graph
        from graphs.engines.spark.answers import reduced

        return self._brought(reduced(self.cluster, self.id_of(target), **self.options))

    def graph_from(self, body: str) -> "AccessGraph":
        """The graph to ask about a body: the whole, or what of a cluster's it leads to."""
        if self.cluster is None:
            return self.graph
        from graphs.engines.spark.answers import reduced_from

        given = {name: value for name, value in self.options.items() if name != "bodies"}
        return self._brought(reduced_from(self.cluster, self.id_of(body, "body"), **given))

    def _brought(self, small: "AccessGraph") -> "AccessGraph":
        self.settled = self.options
        vars(self).update(data=small.dataset, whole=small.dataset)
        return small

    @property
    def options(self) -> dict[str, Any]:
        from stakeholders.selectors import select

        if self.settled is not None:
            return dict(self.settled)
        found = super().options
        for name, tests, sort in (("bodies", self.bodies, "type=body"), ("stores", self.stores, "type!=body")):
            if tests:
                here = [f"{t},{sort}" if "=" in t else t for t in tests if not self._elsewhere(t)]
                found[name] = select(self.data, here, self.as_of)
                if name == "stores" and self.command != "exposure":  # bodies are exposed, too
                    self._require_places(select(self.data, [test for test in here if "=" not in test]))
        return found

    def _require_places(self, names: Sequence[str]) -> None:
        """Refuse bodies where only systems and stores can be meant."""
        from graphs.scope import no_place

        for name in names:
            if self.data.is_body(name):
                raise no_place(name)  # before a graph is built

    def _elsewhere(self, selector: str) -> bool:
        """Whether a selector is an entity that only the data with, or without, the change have."""
        if "=" in selector or self.other is None:
            return False
        here, there = (
            selector in data.entities.index or selector.casefold() in data.entities.index
            for data in (self.data, self.other.data)
        )
        return there and not here

    def view(self) -> dict[str, Any]:
        # What is taken away has a name, too.
        return {**super().view(), "unfold": self.unfold, "dataset": self.whole}

    def stated(self, answer: "Answer") -> "Answer":
        asked = {"from": self.bodies or [], "in": self.stores or []}
        changed = {"without": self.without or [], "with": self.overlay or []}
        return replace(answer, question={**answer.question, **asked, **changed})

    @cached_property
    def unchanged(self) -> "Asked | None":
        """The same without what is added and taken away, if anything is."""
        if not (self.without or self.overlay):
            return None
        given = {each.name: getattr(self, each.name) for each in self.parameters()}
        before = type(self)(**given | {"without": None, "overlay": None})
        if not self.overlay:  # then the data have been read
            vars(before).update(whole=self.whole, saved=self.saved)
        before.other, self.other = self, before
        return before

    def answered(self, question: Callable[..., Any], arguments: Mapping[str, Any]) -> "Answer | None":
        """What a question answers; on changed data also what differs from its answer on the unchanged data."""
        from graphs.comparisons import COMPARED, FINER, compared

        if self.engine == "spark" and (question.__name__ not in _ON_SPARK or arguments.get("support")):
            raise AccessMapError(_NOT_ON_SPARK)  # before it is started, which takes long
        before, name = self.unchanged, question.__name__
        if before is not None:
            before.command = name
        answer = super().answered(question, arguments)
        if before is None or answer is None or name not in COMPARED or answer.command == "matrix":
            return answer
        finer = {**arguments, **FINER.get(name, {})}
        after = answer if finer == arguments else question(asked=self, **finer)
        try:
            earlier = question(asked=before, **finer)
        except UnknownId:  # it is about what was added
            earlier = None
        relations = before.data.relations.index, self.data.relations.index
        return compared(answer, earlier, after, relations, before.data.entities.index)
# fmt: on


def place_of(error: OSError) -> str:
    """Where the system was of no help; somebody may have given an address for a file, which may hold a password."""
    from stakeholders.addresses import shown

    return shown(str(error.filename or "the system"))


def as_typed(message: str, words: Sequence[str]) -> str:
    """An error in which an assumption bears the name of its option, among the words of a command line.

    Examples
    --------
    >>> as_typed("as_of: 'soon' is no date", ["who", "face", "--as-of", "soon"])
    "--as-of: 'soon' is no date"
    """
    name, mark, rest = message.partition(": ")
    flags = {each.name: each.annotation.__metadata__[0] for each in Asked.parameters()}
    if not mark or name not in flags:
        return message
    # Two days of one dataset are each a day asked about.
    between = name == "as_of" and "--between" in words and "--as-of" not in words
    return f"{'--between' if between else flags[name].names.split()[-1]}: {rest}"

"""The command line: every command helps, errs and answers as documented."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Command, Run
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import graphs
from cli import COMMANDS, SECTIONS
from graphs.access import AccessGraph
from stakeholders import __version__
from stakeholders.dataset import Dataset
from stakeholders.schema import HEADERS
from stakeholders.tables import read, write

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "commands.md"
SCHEMAS = {path.name: json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "docs" / "schema").glob("*.json"))}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(content)) for name, content in SCHEMAS.items()
)
EXAMPLES = [pytest.param(shlex.split(line), id=line) for made in COMMANDS.values() for line in made.examples]
ARTICLE = ("-d", "cabar-2020", "--as-of", "2020-04-15")

AFTERWORD = """
Absent values are `null`, lists stay lists, nothing is folded. Equal questions give equal bytes.

## CSV

A line for each row; for `how` and `whynot` a line for each step of each path. Lists are joined by `;`, absent values
are empty, and beside an id stands its name in the language of `--lang`. A text that a spreadsheet would take for a
formula (it begins with `=`, `+`, `-`, `@`, a tab or a carriage return) gets a leading apostrophe. A file written with
`-o` begins with a byte order mark, by which spreadsheets know UTF-8; a pipe gets none.

## Exit status

0: done. 1: `diff` or `check` found something. 2: trouble, told on standard error.

## Environment

`ACCESSMAP_DATASET` names the dataset when `-d` does not. `NO_COLOR` takes the colours from a terminal, `FORCE_COLOR`
gives a pipe what a terminal gets; `COLUMNS` is the width that tables are fitted to.
"""


def reference() -> str:
    """The text of docs/commands.md."""
    lines = ["# Commands", "", "What `accessmap COMMAND --help` prints, for every command. Generated: run", "",
             "    UPDATE=1 python -m pytest tests/test_cli.py -k reference", ""]  # fmt: skip
    for words in ([], *([name] for name in COMMANDS)):
        title = " ".join(["accessmap", *words])
        lines += [f"## {title}", "", "```text", helped(*words).rstrip("\n"), "```", ""]
    lines += ["## JSON", "", "The answers with `--format json`, one JSON Schema a command:", ""]
    lines += [f"- [{name}](schema/{name})" for name in SCHEMAS]
    return "\n".join(lines) + "\n" + AFTERWORD


def helped(*words: str) -> str:
    """What a command's help prints at 80 columns."""
    environment = {**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    code = "import sys; from cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, *words, "--help"],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    # Which shell completion is offered depends on the machine.
    return re.sub(r"  --(install|show)-completion(?:.*\n)(?: {20,}.*\n)*", "", done.stdout)


# help


def test_the_reference_is_what_the_help_prints() -> None:
    text = reference()
    if os.environ.get("UPDATE"):
        REFERENCE.write_text(text, "utf-8")
    assert REFERENCE.read_text("utf-8") == text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_in_one_line_what_it_does_and_shows_examples(name: str) -> None:
    made = COMMANDS[name]
    first = str(made.function.__doc__).partition("\n")[0]
    assert first.endswith(".")
    assert len(first) <= 62, "it must stand on one line of the list of commands"
    assert made.section in SECTIONS
    assert made.examples
    assert all(example.split()[0] == name for example in made.examples)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_documents_every_option_and_argument(name: str) -> None:
    text = helped(name)
    assert all(f"  accessmap {example}\n" in text for example in COMMANDS[name].examples)
    for record in re.findall(r"^  (-[^\n]*|[A-Z\[\]]{2,}\b[^\n]*)\n( {8,}[^\n]*)?", text, re.M):
        assert len(re.split(r" {2,}", record[0])) > 1 or record[1].strip(), record


@pytest.mark.parametrize("arguments", EXAMPLES)
def test_an_example_of_the_help_runs(run: Run, arguments: list[str]) -> None:
    if "my-dataset" in arguments and arguments[0] != "new":
        assert run("new", "my-dataset")[0] == 0
    if "consolidated.csv" in arguments:
        columns = "source,name,alt_names,start_date,source_list_url"
        Path("consolidated.csv").write_text(f"{columns}\nEntity List (EL),Dahua Technology,,2019-10-09,\n", "utf-8")
    status, out, err = run(*arguments)
    # As diff(1) and a linter do, these two tell by their status that they found something.
    assert status in ((0, 1) if arguments[0] in ("diff", "check") else (0,)), err
    assert out.strip()


def test_help_and_version_need_no_command(run: Run) -> None:
    status, out, err = run()
    assert (status, err) == (0, "")
    assert all(re.search(rf"^  {name} ", out, re.M) for name in COMMANDS)
    assert run("--version") == (0, f"accessmap {__version__}\n", "")


# a start pays for what it needs


def modules(*words: str) -> set[str]:
    """Names of all modules that a command loads."""
    code = (
        f"import sys; sys.argv = {['accessmap', *words]!r}; from cli import main; main();"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [["--help"], ["who", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    found = modules(*words)
    heavy = {"pydantic", "numpy", "pandas", "networkx", "scipy", "rich", "pyvis", "rapidfuzz"}
    assert not {name.partition(".")[0] for name in found} & heavy
    # Of graphs the help needs what may be said with a question, and the package's own list of names; nothing that
    # builds or answers.
    assert {name for name in found if name.partition(".")[0] == "graphs"} == {"graphs", "graphs.asking"}


def test_an_answer_needs_numpy_alone() -> None:
    found = {name.partition(".")[0] for name in modules("who", "biometric")}
    assert "numpy" in found
    assert not found & {"pydantic", "pandas", "networkx", "scipy", "rich", "pyvis", "rapidfuzz", "pyarrow", "numba"}


def test_a_file_to_write_to_needs_no_judge_of_values(tmp_path: Path) -> None:
    found = {name.partition(".")[0] for name in modules("who", "biometric", "-o", str(tmp_path / "who.csv"))}
    assert (tmp_path / "who.csv").is_file()
    assert "pydantic" not in found


# errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["whoo"], "No such command 'whoo'. Did you mean 'who'"),
        (["what"], "Missing argument 'BODY'; see accessmap what --help"),
        (["who", "face", "--stanse", "direct"], "--stance"),
        (["who", "kz-sergik"], "Did you mean 'kz-sergek'"),
        (["who", "face", "--stance", "narrow"], "'narrow' is no stance. Known: direct, documented, assumed."),
        (["who", "face", "--level", "grantd"], "Did you mean 'granted'?"),
        (["who", "face", "--certainty", "sure"], "confirmed"),
        (["who", "face", "--by", "store"], "body, pair"),
        (["who", "face", "--as-of", "15.04.2020"], "error: --as-of: '15.04.2020' is no date; write 2020, 2020-02 or"),
        (["who", "face", "--known-by", "soon"], "error: --known-by: 'soon' is no date"),
        (["diff", "--between", "2020", "soon"], "error: --between: 'soon' is no date"),
        (["who", "face", "--fresh", "long"], "error: --fresh: 'long' is no span of time"),
        (["who", "face", "--lang", "de"], "'de' is no language. Known: en, ru, kk."),
        (["who", "face", "--format", "xml"], "'xml' is no format. Known: table, json, csv, md."),
        (["who", "face", "-o", "face.pdf"], "Known: .txt, .json, .csv, .md.\n"),
        (["who", "face", "-o", "face.xlsx"], "format. Known: .txt, .json, .csv, .md.\n"),
        (["who", "face", "-o", "face.xml"], "'.xml' is no ending of a file that tells its format. Known: .txt, "),
        (["check", "-o", "face.pdf"], "Known: .txt, .json, .csv, .md, .xml, .sarif.\n"),
        (["check", "--format", "xml"], "'xml' is no format. Known: table, json, csv, md, junit, sarif.\n"),
        (["who", "face", "-d", "nowhere"], "nowhere"),
        (["who", "face", "--from", "kind=polise"], "Did you mean 'police'?"),
        (["who", "face", "--without", "kz-nobody"], "kz-nobody"),
        (["what", "kz-sergek"], "is a system; a body is asked for"),
        (["how", "kz-mia", "face", "-n", "0"], "greater than or equal to 1; see accessmap how --help"),
        (["show", "kz-mja"], "kz-mia"),
        (["who", "face", "-o", "missing/face.json"], "error: missing/face.json: No such file or directory"),
        (["new", "."], "is not empty"),
    ],
)
def test_trouble_is_told_on_stderr_with_what_to_do(run: Run, arguments: list[str], said: str) -> None:
    Path("here").touch()  # for `new .`
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert said in err
    assert "Traceback" not in err
    assert not {"Error", "Exception", "UnknownTerm"} & set(err.replace(":", " ").split()), "a class is named"


@pytest.mark.parametrize(
    "words",
    [
        "who face", "what kz-mia", "how kz-mia face", "whynot kz-mia genomic", "chokepoints face", "cut face",
        "sensitivity face", "gaps", "timeline face", "check", "diff --between 2020 2021",
        "ask 'who can reach video'", "who face --without kz-mia",
    ],
)  # fmt: skip
def test_a_body_is_no_place_for_data_to_be_in(run: Run, words: str) -> None:
    status, out, err = run(*shlex.split(words), "-d", "cabar-2020", "--in", "kz-police-almaty")
    assert (status, out) == (2, "")
    assert "error: --in: 'kz-police-almaty' is a body; data are in a system or store." in err


def test_a_body_may_be_among_what_is_exposed(run: Run) -> None:
    body = "kg-bishkek-guvd"
    _, out, _ = run("exposure", "--in", body, "--format", "json")
    assert {row["entity"] for row in json.loads(out)["rows"]} == {body}


def test_validate_names_every_problem_with_its_place(run: Run) -> None:
    assert run("new", "mine")[0] == 0
    header = ",".join(HEADERS["relations"]) + "\n"
    Path("mine/relations.csv").write_text(header + "r1,a,opperates,b,,,confirmed,,,,,Claim.,\n", "utf-8")
    status, out, err = run("validate", "mine")
    assert (status, out) == (2, "")
    assert "relations.csv:2: predicate: 'opperates'" in err
    assert "relations.csv:2: subject: 'a'" in err
    assert "relations.csv:2: sources" in err


def test_find_shows_as_many_as_asked_for_and_says_how_many_more(run: Run) -> None:
    def found(*options: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(run("find", "sergek", "--format", "json", *options)[1])
        return answer

    everything = found("--limit", "0")
    assert everything["complete"]
    assert found("-n", "7")["rows"] == everything["rows"][:7]
    assert len(found()["rows"]) == 20
    assert f"{len(everything['rows']) - 20} more" in found()["notes"][0]
    assert run("find", "sergek", "-n", "7")[1].startswith("The best 7 for")


# data and assumptions


def test_options_are_the_assumptions_of_the_library(run: Run, cabar_graph: AccessGraph) -> None:
    options = (
        "--stance",
        "assumed",
        "--level",
        "indirect",
        "--certainty",
        "reported",
        "--fresh",
        "3y",
        "--known-by",
        "2020-04",
    )
    _, out, _ = run(
        "who", "video", *ARTICLE, *options, "--from", "kind=police", "--in", "type=store", "--format", "json"
    )
    answer = json.loads(out)
    expected = graphs.who_can_reach(
        cabar_graph, "video", as_of="2020-04-15", stance="assumed", level="indirect", certainty="reported", fresh="3y",
        known_by="2020-04", bodies=[e for e in cabar_graph.ids if e.startswith("kz-police")],
        stores=[e for e in cabar_graph.ids if cabar_graph.dataset.type_of(e) == "store"],
    )  # fmt: skip
    assert answer["rows"] == list(expected.rows)
    assert answer["rows"]
    assert answer["question"] == {
        **expected.question, "from": ["kind=police"], "in": ["type=store"], "without": [], "with": [],
    }  # fmt: skip


def test_names_in_any_language_mean_their_ids(run: Run) -> None:
    by_id = run("how", "kz-mia", "kz-sergek-almaty", "--as-of", "2020-04-15")
    assert by_id[0] == 0
    assert run("how", "Министерство внутренних дел", "Сергек, Алматы", "--as-of", "2020-04-15") == by_id


def test_the_dataset_is_an_option_or_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def used(*options: str) -> str:
        return str(json.loads(run("who", "video", "--format", "json", *options)[1])["dataset"]["name"])

    assert used() == "central-asia"
    monkeypatch.setenv("ACCESSMAP_DATASET", "cabar-2020")
    assert used() == "cabar-2020"
    assert used("-d", "central-asia") == "central-asia"


def test_a_folder_is_a_dataset(run: Run, cabar: Dataset) -> None:
    write(cabar, Path("copy"))
    from_folder = run("who", "video", "-d", "copy", "--as-of", "2020-04-15", "--format", "json")
    assert from_folder == run("who", "video", *ARTICLE, "--format", "json")


def test_what_if_a_thing_were_gone_or_added(run: Run) -> None:
    def granted(*options: str) -> set[str]:
        _, out, _ = run("who", "video", *ARTICLE, "--level", "granted", "--format", "json", *options)
        return {row["body"] for row in json.loads(out)["rows"]}

    gone = "kz-police-atyrau-has-access-kz-sergek-atyrau-archive"
    assert granted() - granted("--without", gone) == {"kz-police-atyrau"}
    Path("more").mkdir()
    with Path("more/relations.csv").open("w", encoding="utf-8") as file:
        file.write(",".join(HEADERS["relations"]) + "\n")
        file.write("added,kz-gpo,has_access,kz-sergek-atyrau-archive,,,confirmed,2019,,,,An added claim.,cabar-2020\n")
    assert granted("--with", "more") - granted() == {"kz-gpo"}


# forms of the answer


@pytest.mark.parametrize("ending", ["json", "csv", "md", "txt"])
def test_a_file_gets_the_format_of_its_ending_and_what_a_pipe_gets(run: Run, ending: str) -> None:
    form = "table" if ending == "txt" else ending
    _, piped, _ = run("who", "video", *ARTICLE, "--format", form)
    assert run("who", "video", *ARTICLE, "-o", f"answer.{ending}") == (0, "", "")
    raw = Path(f"answer.{ending}").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") == (ending == "csv")
    assert raw.decode("utf-8-sig") == piped
    assert [path.name for path in Path().iterdir()] == [f"answer.{ending}"]


def test_a_file_that_cannot_be_written_stays_as_it_was(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("answer.json").write_text("old", "utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "answer.json")

    monkeypatch.setattr(Path, "replace", full)
    status, _, err = run("who", "video", *ARTICLE, "-o", "answer.json")
    assert (status, err) == (2, "error: answer.json: No space left on device\n")
    assert Path("answer.json").read_text("utf-8") == "old"
    assert [path.name for path in Path().iterdir()] == ["answer.json"]


def test_output_is_utf8_whatever_the_locale(accessmap: Command) -> None:
    said = accessmap("show", "kz-mia", "--lang", "kk", PYTHONIOENCODING="cp1251", LC_ALL="C")
    assert said.returncode == 0
    assert "Ішкі істер министрлігі" in said.stdout


def test_data_fold_nothing_and_unfold_gives_all_to_people(run: Run) -> None:
    arguments = ("who", "biometric", "--as-of", "2026-11-24")
    rows = json.loads(run(*arguments, "--format", "json")[1])["rows"]
    folded, unfolded = run(*arguments)[1], run(*arguments, "--unfold")[1]
    assert "and above it:" in folded
    assert "and above it:" not in unfolded
    assert len(run(*arguments, "--format", "csv")[1].splitlines()) == len(rows) + 1
    dataset = read("central-asia")
    assert all(re.search(rf"^{re.escape(dataset.name_of(row['body']))}\*? ", unfolded, re.M) for row in rows)


def test_equal_questions_give_equal_bytes(accessmap: Command) -> None:
    said = {
        accessmap("who", "face", "--as-of", "2026-11-24", "--format", "json", PYTHONHASHSEED=seed).stdout
        for seed in "123"
    }
    assert len(said) == 1


# JSON Schema


def test_the_schemas_are_schemas_and_every_command_has_one() -> None:
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)
    assert set(SCHEMAS) == {
        "common.json",
        "matrix.json",
        *(f"{name}.json" for name in COMMANDS if name not in ("ask", "export")),
    }


@pytest.mark.parametrize(
    "line",
    [
        "who biometric --as-of 2026-11-24", "who biometric --by pair --stance assumed", "who kz-mia --fresh 3y",
        "who video -d cabar-2020 --as-of 2020-02-19 --from kind=police --without kz-mia",
        "who --level granted", "what kz-mia", "what cn-dahua --known-by 2020",
        "how kz-mia biometric -n 5 --stance assumed",
        "how cn-dahua video --lang ru", "whynot kz-moh genomic", "whynot kz-mia face",
        "whynot kz-police-almaty kz-sergek-almaty-archive --as-of 2020-04-15 --certainty reported",
        "show cn-dahua", "show biometric", "show zakon-2020-02", "show kz-mia-part-of-kz-government",
        "show us-bis-el-cn-dahua", "find sergek", "find xyzzy", "timeline", "timeline cn-dahua", "datasets",
        "timeline face --as-of 2026-11-24", "timeline --expiring 1y --as-of 2024-12-01",
        "timeline kz-sergek-almaty --dated", "check", "check --pack gdpr --pack default --lang ru",
        "check --baseline cabar-2020 --as-of 2020-04-15",
        "diff --between 2020-04-15 2026-11-01", "diff cabar-2020 central-asia --as-of 2020-04-15",
        "diff cabar-2020 cabar-2020",
        "exposure --as-of 2026-11-24", "exposure kz-sergek --lang kk", "exposure --by city", "exposure --cut-off SDN",
        "exposure kz-sergek --history", "exposure ae-presight", "exposure face --regime us-bis --certainty alleged",
        "map -o page.html", "new mine", "validate cabar-2020", "convert cabar-2020 other",
        "ask 'who can reach fingerprints'",
    ],
)  # fmt: skip
def test_an_answer_in_json_is_as_its_schema_says(run: Run, line: str) -> None:
    status, out, err = run(*shlex.split(line), "--format", "json")
    assert status in (0, 1), err
    answer = json.loads(out)
    validator = Draft202012Validator(
        SCHEMAS[f"{answer['command']}.json"], registry=REGISTRY, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    assert [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(answer)] == []


# ask


def test_a_question_in_words_says_its_command_and_answers_as_it(run: Run) -> None:
    status, out, err = run("ask", "who could reach video on 15 April 2020", "-d", "cabar-2020")
    assert (status, err) == (0, "accessmap who video --as-of 2020-04-15 -d cabar-2020\n")
    assert out == run("who", "video", *ARTICLE)[1]


def test_a_question_is_answered_in_its_language_unless_another_is_asked_for(run: Run) -> None:
    question = "кто имеет доступ к отпечаткам пальцев"
    _, russian, _ = run("who", "fingerprint", "--lang", "ru")
    _, kazakh, _ = run("who", "fingerprint", "--lang", "kk")
    assert run("ask", question)[1] == russian
    assert run("ask", question, "--lang", "kk")[1] == kazakh


@pytest.mark.parametrize(
    ("question", "command"),
    [
        ("what can Dahua reach", "what"),
        ("how does Dahua reach video", "how"),
        ("can Dahua reach fingerprints", "whynot"),
        ("through whom does access to video pass", "chokepoints"),
        ("what would cut Dahua off from video", "cut"),
        ("which listed vendors stand behind Sergek", "exposure"),
        ("what changed between 2020-02-19 and 2020-04-15", "diff"),
        ("what is not known", "gaps"),
    ],
)
def test_every_question_in_words_is_answered_by_its_command(run: Run, question: str, command: str) -> None:
    status, out, err = run("ask", question, "-d", "cabar-2020", "--format", "json")
    assert err.startswith(f"accessmap {command}")
    assert status in (0, 1)
    assert json.loads(out)["command"] == command


def test_a_question_in_doubt_runs_nothing(run: Run) -> None:
    status, out, err = run("ask", "who can reach police data")
    assert (status, out) == (2, "")
    assert "kz-police-atyrau" in err


# completion


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("who biom", {"biometric"}),
        ("who kz-sergek-alm", {"kz-sergek-almaty", "kz-sergek-almaty-archive"}),
        ("what kz-sergek", {"kz-sergek-group", "kz-sergek-shygys"}),
        ("who -d cabar-2020 kz-sergek-alm", {"kz-sergek-almaty-archive"}),
        ("who face -d ca", {"cabar-2020"}),
        ("show kz-mia-part-of", {"kz-mia-part-of-kz-government"}),
        ("show 24kg-12917", {"24kg-129174"}),
        ("show us-bis-el-cn-dahua", {"us-bis-el-cn-dahua"}),
        ("who face --stance d", {"direct", "documented"}),
        ("who face --format ", {"table", "json", "csv", "md"}),
        ("who face --lang r", {"ru"}),
        ("wh", {"who", "what", "whynot"}),
    ],
)
def test_the_shell_completes_ids_categories_and_words(accessmap: Command, typed: str, offered: set[str]) -> None:
    words = typed.split(" ")
    said = accessmap(_ACCESSMAP_COMPLETE="complete_bash", COMP_WORDS=f"accessmap {typed}", COMP_CWORD=str(len(words)))
    assert set(said.stdout.split()) == offered, said.stderr

"""What the documentation says is so: commands run, transcripts are what they print, links lead somewhere."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Command

from cli import COMMANDS
from stakeholders.categories import CategoryTree
from stakeholders.cells import one_of
from stakeholders.references import listed
from stakeholders.tables import read, standard_categories
from stakeholders.vocabulary import KINDS, PREDICATES, TYPES

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> Iterator[str]:
    for found, content in BLOCK.findall(page.read_text("utf-8")):
        if found == language:
            yield content


def commands(page: Path) -> Iterator[list[str]]:
    """Arguments of each `accessmap …` line that a page shows, comments dropped."""
    for content in blocks(page, "sh"):
        for line in content.splitlines():
            words = shlex.split(line, comments=True)
            if words and Path(words[0]).name == "accessmap":
                yield words[1:]


def transcripts(page: Path) -> Iterator[tuple[str, str]]:
    """Commands shown with their output: the line after ``$``, and the lines up to the next."""
    for content in blocks(page, "console"):
        yield from re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", content, re.M)


SHOWN = [pytest.param(arguments, id=" ".join(arguments)) for page in PAGES for arguments in commands(page)]
SPOKEN = [pytest.param(*pair, id=pair[0]) for page in PAGES for pair in transcripts(page)]


@pytest.mark.parametrize("arguments", SHOWN)
def test_a_command_that_the_documentation_shows_runs(accessmap: Command, tmp_path: Path, arguments: list[str]) -> None:
    if "my-dataset" in arguments and arguments[0] != "new":
        assert accessmap("new", "my-dataset", cwd=tmp_path).returncode == 0
    if arguments == ["--install-completion"]:  # would change the shell's set-up
        arguments = ["--help"]
    run = accessmap(*arguments, cwd=tmp_path)
    assert run.returncode in ({0, 1} if arguments[0] in {"diff", "check"} else {0}), run.stderr


@pytest.mark.parametrize(("command", "output"), SPOKEN)
def test_a_transcript_is_what_the_command_prints(accessmap: Command, tmp_path: Path, command: str, output: str) -> None:
    program, *arguments = shlex.split(command)
    assert program == "accessmap"
    said = accessmap(*arguments, cwd=tmp_path).stdout
    # A line that is only an ellipsis stands for any number of lines.
    pattern = re.escape(output.rstrip("\n")).replace(re.escape("\n…"), r"(?:\n.*)*?")
    assert re.fullmatch(pattern, re.sub(r"[ \t]+$", "", said, flags=re.M).rstrip("\n")), said


def test_the_readme_shows_commands_and_what_they_print() -> None:
    assert len(list(transcripts(ROOT / "README.md"))) >= 2


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)|src=\"([^\"]+)\"", page.read_text("utf-8")):
        link = target[0] or target[1]
        assert "://" in link or (page.parent / link).exists(), link


def test_the_readme_lists_every_command() -> None:
    listed = set(re.findall(r"^\| `([a-z]+)", (ROOT / "README.md").read_text("utf-8"), re.M))
    assert set(COMMANDS) == listed


def test_the_readme_counts_what_is_bundled() -> None:
    dataset = read("central-asia")
    said = re.search(r"(\d+) bodies, systems and stores, (\d+) relations, (\d+)\s+public\s+sources",
                     (ROOT / "README.md").read_text("utf-8"))  # fmt: skip
    assert said
    assert [int(count) for count in said.groups()] == [
        len(table) for table in (dataset.entities, dataset.relations, dataset.sources)
    ]


def test_every_make_target_that_is_mentioned_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for page in PAGES:
        mentioned = re.findall(r"`make ([a-z]+)", page.read_text("utf-8"))
        mentioned += re.findall(r"^make ([a-z]+)", page.read_text("utf-8"), re.M)
        assert set(mentioned) <= targets, page.name


def test_the_extras_that_the_documentation_lists_exist() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    table = (ROOT / "docs" / "install.md").read_text("utf-8").partition("## Extras")[2].partition("\n## ")[0]
    listed = {name for row in re.findall(r"^\| (`.*?) \|", table, re.M) for name in re.findall(r"`(\w+)`", row)}
    assert listed == set(extras)


def rows_under(heading: str) -> list[list[str]]:
    """Rows of the table with a heading on the page about datasets, without marks of code."""
    table = (ROOT / "docs" / "data.md").read_text("utf-8").partition(f"{heading}\n|---")[2].partition("\n\n")[0]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in table.splitlines()[1:]]


def test_the_predicates_are_all_told_with_the_types_that_they_join() -> None:
    assert rows_under("| predicate | says that the subject | subject | object |") == [
        [word, predicate.label.en, *("any" if len(ends) == len(TYPES) else " or ".join(ends)
                                     for ends in (predicate.subjects, predicate.objects))]
        for word, predicate in PREDICATES.items()
    ]  # fmt: skip


def test_the_data_categories_are_all_told_where_one_writes_them_and_where_one_errs() -> None:
    tree = CategoryTree.of(standard_categories())
    assert rows_under("| code | name | broader |") == [
        [code, tree.name_of(code), ", ".join(tree.categories[code].broader)] for code in tree.codes
    ]
    assert listed(tree)("passport") == f"'passport' is no known category (one of {', '.join(tree.codes)})"


def test_the_kinds_of_bodies_are_all_named_where_one_writes_them_and_where_one_errs() -> None:
    (told,) = re.findall(r"^\| `kind` \| for bodies: (.*) \|$", (ROOT / "docs" / "data.md").read_text("utf-8"), re.M)
    assert re.findall(r"`(\w+)`", told) == list(KINDS)
    said = one_of(KINDS)("state")
    assert said == f"'state' is not in the vocabulary (one of {', '.join(KINDS)})"
    assert one_of(KINDS)("polise") == "'polise' is not in the vocabulary (did you mean 'police'?)"

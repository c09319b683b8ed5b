"""Questions in words on the command line: the command that is said answers alike, and hints are questions that work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from conftest import Run

from graphs.asking import Asked
from stakeholders.tables import read, write


@pytest.mark.parametrize(
    "words",
    [
        ("can Dahua reach fingerprints", "-d", "cabar-2020"),
        ("почему КНБ не имеет доступа к геномным данным", "--as-of", "2025-01-01"),
        ("Dahua бейнежазбаларға қалай қол жеткізеді", "--lang", "en", "--format", "json"),
        ("who can reach video", "--level", "granted", "--from", "kind=police", "--from", "kind=ministry,country!=KZ",
         "--certainty", "reported", "--known-by", "2024", "--stance", "direct", "--fresh", "8y", "--unfold"),
        ("who holds video", "--in", "category=face", "--level", "granted", "--without", "kz-mia"),
    ],
)  # fmt: skip
def test_the_command_that_a_question_says_answers_alike(run: Run, words: tuple[str, ...]) -> None:
    status, out, err = run("ask", *words)
    name, *command = shlex.split(err)
    assert name == "accessmap"
    assert run(*command) == (status, out, "")


def test_the_command_that_a_question_says_has_names_for_a_shell_and_no_password(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "my data; rm"
    write(read("cabar-2020"), folder)
    question = ("ask", "who can reach video", "-d", str(folder), "-o", str(tmp_path / "it's.json"))
    _, _, err = run(*question)
    assert shlex.split(err)[1:] == ["who", "video", "-o", question[-1], "-d", str(folder)]
    asked = Asked(place="postgresql://me:secret@localhost/x")
    assert asked.typed() == ["-d", "postgresql://me:***@localhost/x"]


@pytest.mark.parametrize("place", ["central-asia", "cabar-2020"])
@pytest.mark.parametrize(
    "question",
    [
        "who cannot reach video", "what can kz-mia not reach", "who has no access to unicorns",
        "кто не имеет доступа к видео", "кім бейнежазбаларға қол жеткізе алмайды",
    ],
)  # fmt: skip
def test_who_asks_for_no_access_is_told_a_question_that_works(run: Run, place: str, question: str) -> None:
    status, _, err = run("ask", question, "-d", place)
    assert status == 2
    example = re.findall("[“«]([^”»]*)[”»]", err)[-1]
    assert example != question
    status, _, err = run("ask", example, "-d", place)
    assert status == 0
    assert err.startswith("accessmap whynot ")
    assert ("video" in err) == ("unicorn" not in question and "kz-mia" not in question)

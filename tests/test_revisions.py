"""Datasets of git revisions: as they stood, with nothing checked out and nothing that a shell could read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Command, Run

from graphs.changes import diff
from stakeholders.dataset import Dataset
from stakeholders.errors import AccessMapError, DatasetNotFound, FileNotRead, InvalidDataset
from stakeholders.revisions import read_revision, read_version
from stakeholders.tables import write

GRANT = "kz-police-atyrau-has-access-kz-sergek-atyrau-archive"
Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Run git in a repository of its own."""
    names = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
             for what, value in (("NAME", "A"), ("EMAIL", "a@example.org"))}  # fmt: skip
    environment = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout

    run("init", "-q", "-b", "main")
    return run


@pytest.fixture
def twice(git: Git, cabar: Dataset, tmp_path: Path) -> Path:
    """A folder committed twice: whole, then without a grant."""
    folder = tmp_path / "data"
    for dataset, message in ((cabar, "whole"), (cabar.without([GRANT]), "less")):
        write(dataset, folder)
        git("add", ".")
        git("commit", "-q", "-m", message)
    return folder


def test_a_revision_is_read_as_it_stood(twice: Path, cabar: Dataset) -> None:
    before = read_version(f"{twice}@HEAD~1")
    assert before.sha256 == cabar.sha256
    assert read_version(f"{twice}@main").sha256 == read_version(str(twice)).sha256 != before.sha256
    (change,) = diff(before, read_version(str(twice)), also=()).changes
    assert (change["id"], change["change"]) == (GRANT, "removed")


def test_nothing_is_checked_out(twice: Path, git: Git) -> None:
    (twice / "entities.csv").write_bytes(b"changed by hand")
    read_revision(twice, "HEAD~1")
    assert (twice / "entities.csv").read_bytes() == b"changed by hand"
    assert git("status", "--porcelain") == " M data/entities.csv\n"


def test_a_folder_that_is_gone_can_be_read(twice: Path, git: Git, cabar: Dataset) -> None:
    git("rm", "-q", "-r", "data")
    git("commit", "-q", "-m", "gone")
    assert not twice.exists()
    assert read_version(f"{twice}@HEAD~2").sha256 == cabar.sha256


def test_a_revision_with_an_at_of_its_own(twice: Path) -> None:
    assert read_version(f"{twice}@HEAD@{{0}}").sha256 == read_version(str(twice)).sha256


def test_a_folder_whose_name_has_an_at_is_a_folder(tmp_path: Path, cabar: Dataset) -> None:
    write(cabar, tmp_path / "data@home")
    assert read_version(str(tmp_path / "data@home")).sha256 == cabar.sha256


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ("nowhere", "no revision 'nowhere'"),
        ("", "is no revision"),
        ("--output=stolen", "is no revision"),
        ("HEAD; touch stolen", "no revision"),
        ("$(touch stolen)", "no revision"),
        ("HEAD:../", "no revision"),
        ("HEAD..HEAD~1", "no revision"),
    ],
)
def test_what_is_no_revision_is_refused_and_runs_nothing(twice: Path, revision: str, said: str) -> None:
    with pytest.raises(DatasetNotFound, match=said.replace("$(", r"\$\(")):
        read_version(f"{twice}@{revision}")
    assert not list(twice.parent.rglob("stolen"))


def test_a_textconv_of_the_repository_is_not_run(twice: Path, git: Git, cabar: Dataset) -> None:
    git("config", "diff.evil.textconv", f"touch {twice.parent / 'stolen'};")
    (twice.parent / ".gitattributes").write_text("*.csv diff=evil\n")
    assert read_version(f"{twice}@HEAD~1").sha256 == cabar.sha256
    assert not (twice.parent / "stolen").exists()


def test_a_folder_outside_of_git_is_told(tmp_path: Path, cabar: Dataset) -> None:
    write(cabar, tmp_path / "data")
    with pytest.raises(DatasetNotFound, match="no git repository"):
        read_version(f"{tmp_path / 'data'}@HEAD")


def test_a_folder_that_was_no_dataset_is_told(twice: Path, git: Git) -> None:
    (twice.parent / "notes").mkdir()
    (twice.parent / "notes" / "a.txt").write_text("a")
    git("add", ".")
    git("commit", "-q", "-m", "notes")
    with pytest.raises(DatasetNotFound, match=r"is no dataset: it has none of entities\.csv"):
        read_version(f"{twice.parent / 'notes'}@HEAD")
    with pytest.raises(DatasetNotFound, match="no folder"):
        read_version(f"{twice.parent / 'notes'}@HEAD~1")


def test_a_pointer_of_git_lfs_is_no_table(twice: Path, git: Git) -> None:
    (twice / "sources.csv").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    git("add", ".")
    git("commit", "-q", "-m", "lfs")
    with pytest.raises(DatasetNotFound, match="Git LFS"):
        read_version(f"{twice}@HEAD")


def test_parquet_tables_of_a_revision_are_told_to_be_left_aside(twice: Path, git: Git, run: Run) -> None:
    (twice / "sources.parquet").write_bytes(b"PAR1")
    git("add", ".")
    git("commit", "-q", "-m", "another")
    with pytest.warns(FileNotRead, match=r"data@HEAD/sources\.parquet: is not read; of a revision only tables in CSV"):
        assert read_version(f"{twice}@HEAD").sha256 == read_version(f"{twice}@HEAD~1").sha256
    status, _, err = run("diff", f"{twice}@HEAD~2", f"{twice}@HEAD")
    assert (status, err) == (
        1, f"note: {twice}@HEAD/sources.parquet: is not read; of a revision only tables in CSV are\n"
    )  # fmt: skip


def test_an_invalid_revision_is_refused_with_its_problems(twice: Path, git: Git) -> None:
    with (twice / "relations.csv").open("a") as file:
        file.write("x,nobody,has_access,nothing,,,confirmed,,,,,A claim.,nowhere\n")
    git("commit", "-q", "-a", "-m", "broken")
    with pytest.raises(InvalidDataset) as caught:
        read_version(f"{twice}@HEAD")
    assert {problem.column for problem in caught.value.problems} >= {"subject", "object", "sources"}
    assert len(read_revision(twice, "HEAD", check=False).relations) > 0


def test_without_git_it_says_so(twice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AccessMapError, match="git is not installed"):
        read_version(f"{twice}@HEAD")


def test_the_command_compares_revisions_and_tells_by_its_status(twice: Path, accessmap: Command) -> None:
    run = accessmap("diff", f"{twice}@HEAD~1", str(twice), "--as-of", "2020-04-15")
    assert (run.returncode, run.stderr) == (1, "")
    assert "Lost reach" in run.stdout
    assert GRANT in run.stdout
    same = accessmap("diff", f"{twice}@HEAD", str(twice))
    assert (same.returncode, same.stderr) == (0, "")
    assert same.stdout.startswith("Nothing differs")
    trouble = accessmap("diff", f"{twice}@nowhere", str(twice))
    assert (trouble.returncode, trouble.stdout) == (2, "")
    assert trouble.stderr.startswith("error: git knows no revision 'nowhere'")


def test_the_recipes_for_git_work_as_the_documentation_has_them(twice: Path, git: Git, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "diff.md").read_text("utf-8")
    (script,) = (block for block in re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S) if "sys.argv" in block)
    (tmp_path / "cells.py").write_text(script, "utf-8")
    for name, command in re.findall(r'^git config (diff\.\S+) "(.*)"$', page, re.M):
        git("config", name, command.replace("python3", sys.executable))
    (alias,) = re.findall(r"^git config alias\.meaning '(.*)'$", page, re.M)
    git("config", "alias.meaning", alias)
    shim = tmp_path / "bin" / "accessmap"
    shim.parent.mkdir()
    code = "import sys; from cli import main; sys.exit(main())"
    shim.write_text(f"#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -c '{code}' \"$@\"\n")
    shim.chmod(0o755)
    path = {**os.environ, "PATH": f"{shim.parent}{os.pathsep}{os.environ['PATH']}"}

    def said(*arguments: str) -> str:
        command = ["git", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=path, capture_output=True, text=True, check=False).stdout

    (tmp_path / ".gitattributes").write_text("*.csv diff=accessmap\n")
    assert "-  claim: " in said("diff", "HEAD~1", "--", "data/relations.csv")
    git("checkout", "-q", "HEAD~1", "--", "data")
    (tmp_path / ".gitattributes").write_text("*.csv diff=accessmap\nrelations.csv diff=accessmap-meaning\n")
    assert "Gained reach" in said("diff", "HEAD", "--", "data/relations.csv")
    assert "Lost reach" in said("meaning", "HEAD~1")

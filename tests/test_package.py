"""What gets installed is whole: both packages, the command, the data, the page's parts, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = {"__pycache__"}


def build(folder: Path, kind: str, source: Path = ROOT) -> Path:
    program = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(program, cwd=source, check=True, capture_output=True)
    return next(folder.glob("*.whl" if kind == "wheel" else "*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, where nothing of the checkout is in reach."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def shipped() -> set[str]:
    """Every file of the checkout that should be installed."""
    files = {"cli.py"}
    for package in ("graphs", "stakeholders"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and not LEFT_OUT & set(path.parts):
                files.add(path.relative_to(ROOT).as_posix())
    return files


def test_the_wheel_holds_what_the_checkout_has_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == shipped()


def test_the_wheel_holds_the_command_the_data_and_the_page(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert "cli.py" in names
    for dataset in ("cabar-2020", "central-asia"):
        for table in ("entities", "relations", "listings", "sources"):
            assert f"stakeholders/data/{dataset}/{table}.csv" in names
    assert any(name.startswith("graphs/map/") and name.endswith(".html") for name in names)
    assert any(name.startswith("graphs/map/") and name.endswith(".js") for name in names)
    assert any(name.startswith("graphs/map/") and name.endswith(".css") for name in names)


def test_the_wheel_says_what_it_is(installed: Path) -> None:
    record = next(installed.glob("*.dist-info"))
    said = Parser().parsestr((record / "METADATA").read_text("utf-8"))
    assert said["Name"] == "accessmap"
    assert said["Requires-Python"] == ">=3.11"
    assert said["License-Expression"] == "Apache-2.0 AND CC-BY-4.0"
    assert "accessmap = cli:main" in (record / "entry_points.txt").read_text("utf-8")
    assert "Apache License" in (record / "licenses" / "LICENSE").read_text("utf-8")
    assert "Attribution 4.0 International" in (record / "licenses" / "LICENSE-DATA").read_text("utf-8")


def test_the_command_works_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    program = "import cli, sys; assert cli.__file__.startswith(sys.argv.pop(1)); sys.exit(cli.main())"
    run = subprocess.run(
        [sys.executable, "-P", "-c", program, str(installed), "map", "-o", "page.html"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(installed)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "page.html").read_text("utf-8").lower().startswith("<!doctype html>")


def test_the_source_archive_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(build(tmp_path / "sdist", "sdist")) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    source = next((tmp_path / "unpacked").iterdir())
    assert {"Makefile", "constraints.txt", "tests", ".ci"} <= {path.name for path in source.iterdir()}
    again = build(tmp_path / "again", "wheel", source)
    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(again) as second:
        assert {entry.filename: entry.CRC for entry in first.infolist()} == {
            entry.filename: entry.CRC for entry in second.infolist()
        }

"""What several test files share: the bundled datasets, the command line, a browser."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from graphs.access import AccessGraph, build
from stakeholders.dataset import Dataset
from stakeholders.tables import read

ROOT = Path(__file__).resolve().parent.parent

# A shell that runs the tests in the background has them ignore the keyboard, and so would every process they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run: what fails in one place fails in all. More of them: HYPOTHESIS_PROFILE=thorough.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(scope="session")
def central_asia() -> Dataset:
    """The default dataset."""
    return read("central-asia")


@pytest.fixture(scope="session")
def cabar() -> Dataset:
    """The dataset of the article of 2020."""
    return read("cabar-2020")


@pytest.fixture(scope="session")
def central_asia_graph(central_asia: Dataset) -> AccessGraph:
    """Access graph of the default dataset."""
    return build(central_asia)


@pytest.fixture(scope="session")
def cabar_graph(cabar: Dataset) -> AccessGraph:
    """Access graph of the article of 2020."""
    return build(cabar)


Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def accessmap() -> Command:
    """Run the command in a process of its own, as a user would: ``accessmap("who", "face", cwd=folder)``."""

    def run(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        bare = {name: value for name, value in os.environ.items() if not name.startswith("ACCESSMAP_")}
        return subprocess.run(
            [sys.executable, "-c", "import sys; from cli import main; sys.exit(main())", *arguments],
            cwd=cwd,
            env={**bare, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", **environment},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=300,
        )

    return run


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command line in this process, in an empty folder, and get its status, output and errors."""
    for name in ("ACCESSMAP_DATASET", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)

    from cli import main

    def call(*arguments: str) -> tuple[int, str, str]:
        status = main(list(arguments))
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium: an installed one, else Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    installed = next((found for name in names if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root, and containers give it little shared memory.
        flags = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else [])]
        chromium = playwright.chromium.launch(executable_path=installed, args=flags)
        yield chromium
        chromium.close()

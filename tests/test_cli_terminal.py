"""The command line at a terminal: colours, the keyboard's signal, a reader that leaves; pipes and devices."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from conftest import ROOT, Command, Run

import graphs
from stakeholders.errors import AccessMapError

ARTICLE = ("-d", "cabar-2020", "--as-of", "2020-04-15")


def test_an_interrupted_command_ends_quietly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("graphs.entries.search", interrupted)
    assert run("find", "sergek") == (130, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_signal_from_the_keyboard_leaves_no_traceback() -> None:
    code = "import os; from cli import main; import graphs.entries as e"
    code += "; e.search = lambda *_, **__: os.kill(os.getpid(), 2)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; raise SystemExit(main(['find', 'a']))"],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (128 + signal.SIGINT, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
@pytest.mark.parametrize("module", ["typer", "stakeholders.errors", "graphs.asking"])
def test_a_signal_while_modules_are_read_leaves_no_traceback(module: str) -> None:
    code = f"""
import os, sys
class Slow:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), 2)
sys.meta_path.insert(0, Slow())
import cli
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (128 + signal.SIGINT, "")


@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe is told otherwise on Windows")
def test_a_reader_that_leaves_early_is_no_trouble() -> None:
    code = "import sys; from cli import main; sys.exit(main(['timeline']))"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode != 2


def test_a_pipe_gets_plain_lines_a_terminal_colours(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _, plain, _ = run("who", "video", *ARTICLE)
    assert "\x1b" not in plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    _, coloured, _ = run("who", "video", *ARTICLE)
    assert "\x1b[31m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    _, bare, _ = run("who", "video", *ARTICLE)
    assert "\x1b" not in bare
    assert bare == re.sub(r"\x1b\[\d*m", "", coloured)
    assert all(len(line) <= 80 for line in bare.splitlines())
    assert bare != plain


def test_a_dumb_terminal_gets_no_colours(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    _, bare, _ = run("who", "video", *ARTICLE)
    monkeypatch.setenv("TERM", "xterm")
    _, coloured, _ = run("who", "video", *ARTICLE)
    assert "\x1b[31m" in coloured
    assert bare == re.sub(r"\x1b\[\d*m", "", coloured)


def test_a_question_says_on_a_terminal_how_far_it_is_and_takes_it_back(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stakeholders.progress import Meter, unwatched

    def slow(*_: object, **__: object) -> None:
        for done in (1, 2):
            unwatched("thinking hard", done, 4, "bodies")
        raise AccessMapError("not found")

    monkeypatch.setattr(graphs, "who_can_reach", slow)
    monkeypatch.setattr(Meter, "AFTER", 0.0)
    assert run("who", "video") == (2, "", "error: not found\n")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    status, out, err = run("who", "video")
    assert (status, out) == (2, "")
    assert "\r\x1b[2Kthinking hard: 50 % (2 of 4 bodies)" in err
    assert err.endswith("left\r\x1b[2Kerror: not found\n")

    def interrupted(*_: object, **__: object) -> None:
        unwatched("thinking hard", 1, 4, "bodies")
        raise KeyboardInterrupt

    monkeypatch.setattr(graphs, "who_can_reach", interrupted)
    assert run("who", "video")[:2] == (130, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_pipe_is_written_to_and_stays_one(run: Run) -> None:
    os.mkfifo("answer.csv")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(Path("answer.csv").read_bytes()), daemon=True)
    reader.start()
    assert run("who", "video", *ARTICLE, "-o", "answer.csv")[0] == 0
    reader.join(10)
    assert read[0].startswith(b"body,")  # and no byte order mark
    assert Path("answer.csv").is_fifo()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such devices")
def test_a_device_is_written_to_and_stays_one(accessmap: Command) -> None:
    shown = accessmap("who", "video", *ARTICLE).stdout
    assert shown
    assert accessmap("who", "video", *ARTICLE, "-o", "/dev/stdout").stdout == shown
    assert accessmap("who", "video", *ARTICLE, "--format", "csv", "-o", os.devnull).stdout == ""
    assert Path(os.devnull).is_char_device()


def test_a_file_without_an_ending_is_told_of_as_one(run: Run) -> None:
    status, _, err = run("who", "video", *ARTICLE, "-o", "answer")
    assert (status, err) == (
        2, "error: answer: add an ending that tells its format (.txt, .json, .csv, .md), or --format.\n"
    )  # fmt: skip

"""G9, G10 and the map: how long a whole process takes, beside what its imports alone would cost."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.measuring import Times, alternate, markdown, seconds_text

COMMAND = (sys.executable, "-c", "import sys; from cli import main; sys.exit(main())")
HEAVY = ("numpy", "pandas", "networkx")


@dataclass(frozen=True)
class Goal:
    """A command, and how many times as long as an import it may take."""

    name: str
    arguments: tuple[str, ...]
    module: str
    must: float
    stretch: float | None


GOALS = (
    Goal("G9", ("who", "biometric"), "pandas", 1.0, 0.5),
    Goal("G10", ("--help",), "typer", 2.0, 1.3),
    Goal("map", ("map", "-o", "access-map.html"), "pandas", 4.0, None),
)


def command() -> tuple[str, ...]:
    """The installed command, else the same from the source."""
    name = "accessmap.exe" if os.name == "nt" else "accessmap"
    installed = Path(sys.executable).with_name(name)
    return (str(installed),) if installed.is_file() else COMMAND


def imported(arguments: Sequence[str], modules: Sequence[str] = HEAVY) -> list[str]:
    """Which modules a command imports."""
    script = (
        "import sys\nfrom cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sorted(set(sys.modules) & set(sys.argv[-1].split(','))), file=sys.stderr)"
    )
    # The names travel in an environment variable of their own, so that the command sees its own arguments alone.
    script = script.replace("sys.argv[-1]", "__import__('os').environ['WATCHED']")
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "WATCHED": ",".join(modules)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr.split()


def measure(goals: Sequence[Goal] = GOALS, rounds: int = 15) -> dict[str, Times]:
    """Time each command and each import, in turn, after one turn of each that is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        sides: dict[str, Callable[[], object]] = {}
        for goal in goals:
            sides[goal.name] = partial(_process, (*command(), *goal.arguments), folder)
            sides[f"import {goal.module}"] = partial(_process, (sys.executable, "-c", f"import {goal.module}"), folder)
        for side in sides.values():
            side()
        return alternate(sides, rounds=rounds)


def run(names: Sequence[str] = ("G9", "G10", "map"), rounds: int = 15) -> str:
    """Measure the goals named, as a Markdown table."""
    goals = [goal for goal in GOALS if goal.name in names]
    times = measure(goals, rounds)
    rows = []
    for goal in goals:
        ours, base = times[goal.name].median, times[f"import {goal.module}"].median
        stretch = f"{goal.stretch:g}×" if goal.stretch else "–"
        shown = f"`accessmap {' '.join(goal.arguments)}`"
        rows.append([f"{goal.name} {shown}", seconds_text(ours), f"`import {goal.module}` {seconds_text(base)}",
                     f"{ours / base:.2f}×", f"{goal.must:g}×", stretch])  # fmt: skip
    note = ""
    if any(goal.name == "G10" for goal in goals):
        heavy = imported(("--help",))
        note = f"\n\n`accessmap --help` imports {', '.join(heavy)}." if heavy else (
            "\n\n`accessmap --help` imports none of " + ", ".join(HEAVY) + ".")  # fmt: skip
    return (
        f"Whole processes on the bundled data, medians of {rounds} turns.\n\n"
        + markdown(["goal", "ours", "beside it", "ratio", "must", "stretch"], rows)
        + note
    )


def _process(arguments: Sequence[str], folder: str) -> None:
    subprocess.run(arguments, cwd=folder, capture_output=True, check=True)

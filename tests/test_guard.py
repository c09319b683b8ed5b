"""A foreign package called `graphs` is named, not imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stakeholders.guard import ForeignPackage, check_own_graphs

ROOT = Path(__file__).resolve().parent.parent


def test_our_own_package_passes() -> None:
    check_own_graphs()


def test_a_package_that_comes_first_on_the_path_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = tmp_path / "graphs"
    foreign.mkdir()
    (foreign / "__init__.py").write_text("raise SystemExit('foreign code ran')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ForeignPackage, match=r"graphs/__init__\.py comes first") as caught:
        check_own_graphs()
    assert "an environment of its own" in str(caught.value)


def test_a_package_written_over_ours_is_named_with_its_distribution(tmp_path: Path) -> None:
    """The folder as pip leaves it after `pip install graphs`: our modules, their `__init__.py`."""
    (tmp_path / "graphs").mkdir()
    (tmp_path / "graphs" / "__init__.py").write_text("raise SystemExit('foreign code ran')")
    (tmp_path / "graphs" / "access.py").write_text("")
    record = tmp_path / "graphs-0.1.3.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: graphs\nVersion: 0.1.3\n")
    (record / "top_level.txt").write_text("graphs\n")
    (tmp_path / "stakeholders").symlink_to(ROOT / "stakeholders")
    program = (
        "from pathlib import Path\nfrom stakeholders.guard import ForeignPackage, check_own_graphs\n"
        "try:\n    check_own_graphs(Path.cwd())\nexcept ForeignPackage as error:\n    print(error)"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"'graphs' 0.1.3 has overwritten it in {tmp_path / 'graphs'}." in run.stdout


def test_a_missing_package_is_said_to_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(ForeignPackage, match="is missing"):
        check_own_graphs(tmp_path)


def test_the_command_starts_with_the_check(tmp_path: Path) -> None:
    (tmp_path / "graphs.py").write_text("raise SystemExit('foreign code ran')")
    program = f"import sys\nsys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]\nfrom cli import main\nsys.exit(main())"
    run = subprocess.run([sys.executable, "-c", program, "datasets"], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr.startswith("error: the Python package 'graphs'")

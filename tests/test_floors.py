"""The three floors hold: cli stands on graphs, graphs on stakeholders; and a start pays only for what it uses."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted([ROOT / "cli.py", *(ROOT / "graphs").rglob("*.py"), *(ROOT / "stakeholders").rglob("*.py")])
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
HEAVY = {
    "duckdb", "matplotlib", "networkx", "numba", "pandas", "pyarrow", "pyspark", "pyvis", "rapidfuzz", "scipy",
    "sqlalchemy",
}  # fmt: skip
# Modules that exist for one heavy package and are themselves imported only where they are used.
DEDICATED = {"graphs/interchange.py": {"networkx"}}


def name_of(module: Path) -> str:
    return module.relative_to(ROOT).as_posix()


def imported(tree: ast.AST) -> set[str]:
    """Top-level packages that the statements of a tree import."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def on_import(tree: ast.Module) -> set[str]:
    """Top-level packages that get imported as soon as a module is."""

    class Outermost(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST | None:
            inner = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            typing_only = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            return None if inner or typing_only else self.generic_visit(node)

    return imported(Outermost().visit(tree) or ast.Module([], []))


def loaded_by(statement: str) -> set[str]:
    """Top-level packages in memory after a statement, in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}}, file=sys.__stdout__)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.split("\n")[-2].split())


def test_the_import_contracts_of_the_project_are_kept() -> None:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in run.stdout


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_imports_heavy_packages_only_where_it_uses_them(module: Path) -> None:
    heavy = on_import(ast.parse(module.read_text("utf-8"))) & HEAVY
    assert heavy <= DEDICATED.get(name_of(module), set())


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_no_module_is_longer_than_500_lines(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= 500


@pytest.mark.parametrize("module", [module for module in MODULES if module.name != "cli.py"], ids=name_of)
def test_the_library_neither_prints_nor_exits_nor_reads_the_environment(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attributes = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not names & {"print", "exit", "quit", "input"}
    allowed = {"os.environ"} if module.name == "revisions.py" else set()  # what git gets, less what would mislead it
    assert not attributes & {"sys.exit", "sys.stdout", "sys.stderr", "os.environ", "os.getenv"} - allowed
    assert not imported(tree) & {"requests", "socket", "http", "httpx", "webbrowser"}
    assert "urllib.request" not in attributes


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_is_a_noun_that_its_package_does_not_export_as_a_function(module: Path) -> None:
    package = module.parent / "__init__.py"
    if module.name == "__init__.py" or not package.exists():
        return
    outermost = ast.parse(package.read_text("utf-8")).body
    lazily = [node for block in outermost if isinstance(block, ast.If) for node in block.body]
    exported = {
        alias.asname or alias.name
        for node in (*outermost, *lazily)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert module.stem not in exported
    assert module.stem not in {"utils", "util", "common", "core", "helpers", "misc"}


def test_help_loads_none_of_numpy_pandas_networkx() -> None:
    loaded = loaded_by("import io, sys\nsys.argv = ['accessmap', '--help']\nsys.stdout = io.StringIO()\n"
                       "from cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass")  # fmt: skip
    assert "typer" in loaded
    assert not loaded & (HEAVY | {"numpy", "IPython"})


def test_pyvis_is_imported_by_the_page_alone() -> None:
    users = {name_of(module) for module in MODULES if "pyvis" in imported(ast.parse(module.read_text("utf-8")))}
    assert users <= {"graphs/map/page.py"}


def test_a_question_about_a_bundled_dataset_loads_no_heavy_package() -> None:
    loaded = loaded_by(
        "from graphs.access import build\nfrom graphs.reachability import who_can_reach\n"
        "from stakeholders.tables import read\nassert who_can_reach(build(read('cabar-2020')), 'video').rows"
    )
    assert "graphs" in loaded
    assert not loaded & HEAVY

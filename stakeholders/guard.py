"""Tells when another package took the place of ours: PyPI has a `graphs` whose install overwrites the folder."""

from __future__ import annotations

from importlib.machinery import PathFinder
from pathlib import Path

from stakeholders.errors import AccessMapError

HOME = Path(__file__).resolve().parent.parent
# A line that our graphs/__init__.py has and no other package's has reason to.
MARK = b"from graphs.access import"


class ForeignPackage(AccessMapError):
    """The package ``graphs`` that Python finds is not the one that accessmap brings."""


def check_own_graphs(home: Path = HOME) -> None:
    """Make sure that ``import graphs`` finds the package beside this one, whole.

    Nothing is imported: a foreign package's code does not run.

    Parameters
    ----------
    home : Path
        Folder that holds our packages.

    Raises
    ------
    ForeignPackage
        Names the intruder, where it lies, and what to do.

    Examples
    --------
    >>> check_own_graphs()
    """
    spec = PathFinder.find_spec("graphs")
    found = Path(spec.origin) if spec and spec.origin else None
    ours = home / "graphs" / "__init__.py"
    if found and found.resolve() == ours and MARK in found.read_bytes():
        return
    raise ForeignPackage(
        f"the Python package 'graphs' that accessmap needs is not there: {_intruder(found, ours)}\n"
        "accessmap wants an environment of its own; uvx and pipx make one (docs/install.md)."
    )


def _intruder(found: Path | None, ours: Path) -> str:
    """Who stands in the way, in words."""
    if found is None:
        return f"{ours.parent} is missing."
    from importlib.metadata import distribution, packages_distributions  # slow, and only an error needs it

    others = [name for name in packages_distributions().get("graphs", []) if name != "accessmap"]
    named = " and ".join(f"'{name}' {distribution(name).version}" for name in sorted(set(others)))
    if found.resolve() == ours:
        return f"{named or 'another distribution'} has overwritten it in {ours.parent}."
    return f"{found} comes first" + (f", installed by {named}." if named else ".")

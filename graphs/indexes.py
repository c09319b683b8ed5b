"""The saved index of a folder: its access graph and dataset, ready to be mapped into memory.

Reading a million entities and ten million relations takes seconds; mapping them takes none. What is saved where, and
what is done lest an answer come from a wrong or damaged index, is told in `stakeholders.snapshots`.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from graphs.access import AccessGraph, Arcs, Denials, Keeping, build
from graphs.answers import Answer, stamp
from graphs.traversal import rules_of
from stakeholders.intervals import Intervals
from stakeholders.packing import Sorted, pack, packed, texts_of, unpack
from stakeholders.progress import Watch, unwatched
from stakeholders.snapshots import Array, Snapshot, clean, find, own_folder, read_settled, save

_PARTS = {"arcs": Arcs, "denials": Denials, "keeping": Keeping}
_OWN = ("types", "node_masks", "passes", "indptr")
DERIVED = ("deniable", "kinds", "holders")  # what a graph keeps of itself once it is asked for
_DATES = ("start", "end", "word", "known", "newest", "since_code", "newest_code")


def save_index(place: str | Path, *, watch: Watch = unwatched) -> Answer:
    """Read a folder, build its access graph, and save both beside it.

    Parameters
    ----------
    place : str or Path
        A folder of one's own, not a bundled dataset or a database.
    watch : Watch
        Told how far it is.

    Returns
    -------
    Answer
        One row: ``path``, ``entities``, ``relations``, ``arcs``, ``bytes``.

    Raises
    ------
    AccessMapError
        If the folder changes meanwhile, or cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from stakeholders.tables import read, write
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = write(read("cabar-2020"), folder)
    ...     _ = save_index(folder)
    ...     load_index(folder).n_nodes
    43
    """
    dataset, inputs = read_settled(place, watch)
    graph = build(dataset)
    about, arrays = pack(dataset)
    for name, part in _PARTS.items():
        arrays |= {f"{name}.{field.name}": getattr(getattr(graph, name), field.name) for field in fields(part)}
    arrays |= {f"graph.{name}": getattr(graph, name) for name in _OWN}
    arrays |= {f"intervals.{name}": getattr(graph.intervals, name) for name in _DATES}
    arrays |= packed("intervals.texts", graph.intervals.texts)
    arrays |= {f"graph.{name}": getattr(graph, name) for name in DERIVED}
    told = {"dataset": about, "unruled": dict(graph.unruled)}
    path = save(inputs, _maker(), told, arrays, watch)
    counts = {"entities": graph.n_nodes, "relations": len(dataset.relations), "arcs": len(graph.arcs)}
    row = {"path": str(path), **counts, "bytes": path.stat().st_size}
    return Answer("index", {"folder": str(place), "clean": False}, stamp(dataset), (row,))


def clean_index(place: str | Path) -> Answer:
    """Remove what is saved of a folder; a row for each ``path`` that is gone."""
    rows = tuple({"path": str(path)} for path in clean(own_folder(place)))
    return Answer("index", {"folder": str(place), "clean": True}, {}, rows)


def load_index(place: str | Path) -> AccessGraph | None:
    """The access graph of a folder from its saved index; ``None`` if there is none of the folder as it is now.

    Raises
    ------
    DamagedIndex
        If the index is damaged: at once, or when what is damaged is first used. It is then gone.
    """
    snapshot = find(place, _maker())
    if snapshot is None:
        return None
    array = snapshot.array
    dataset = unpack(snapshot, snapshot.about["dataset"], Path(place).expanduser())
    parts: dict[str, Any] = {
        "arcs": _saved(_Arcs, snapshot, "arcs"),
        "denials": _saved(_Denials, snapshot, "denials"),
        "keeping": _saved(_Keeping, snapshot, "keeping"),
        "intervals": _saved(_Intervals, snapshot, "intervals"),
    }
    parts["intervals"].__dict__["texts"] = list(texts_of(snapshot, "intervals.texts"))
    parts |= {name: array(f"graph.{name}") for name in _OWN}
    graph = AccessGraph(
        dataset=dataset,
        rules=rules_of(dataset.rules),
        ids=dataset.entities.column("id"),
        unruled=snapshot.about["unruled"],
        **parts,
    )
    graph.__dict__.update({name: array(f"graph.{name}") for name in DERIVED})
    if isinstance(dataset.entities.index, Sorted):
        graph.__dict__["position"] = dataset.entities.index
    return graph


class _Lazy:
    """Arrays that are compared with what was saved when they are first asked for."""

    def __getattr__(self, name: str) -> Array:
        stored = self.__dict__.get("stored")
        if stored is None or f"{stored[1]}.{name}" not in stored[0]:
            raise AttributeError(name)
        found: Array = stored[0].array(f"{stored[1]}.{name}")
        self.__dict__[name] = found
        return found


class _Arcs(_Lazy, Arcs): ...


class _Denials(_Lazy, Denials): ...


class _Keeping(_Lazy, Keeping): ...


class _Intervals(_Lazy, Intervals): ...


_Part = TypeVar("_Part", bound=_Lazy)


def _saved(kind: type[_Part], snapshot: Snapshot, name: str) -> _Part:
    part = kind.__new__(kind)
    part.__dict__["stored"] = snapshot, name
    return part


def _maker() -> str:
    """A digest of the program that turns a folder into an index: another version's index is not ours."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    there = here.parent / "stakeholders"
    sources = [here / "access.py", here / "indexes.py", here / "traversal.py", here / "rules.toml", *there.glob("*.py")]
    for path in sorted((*sources, there / "data" / "central-asia" / "categories.csv"), key=str):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()

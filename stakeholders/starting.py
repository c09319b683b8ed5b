"""The first files of a new dataset."""

from __future__ import annotations

from pathlib import Path

from stakeholders.dataset import Dataset, empty_table
from stakeholders.errors import AccessMapError
from stakeholders.tables import write


def start(folder: Path) -> list[Path]:
    """Write a dataset's tables, each with its columns and no row, into a new or empty folder.

    Parameters
    ----------
    folder : Path
        Its name becomes the dataset's.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    AccessMapError
        If there is something in the folder already.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     sorted(path.name for path in start(Path(place) / "mine"))
    ['datapackage.json', 'entities.csv', 'listings.csv', 'relations.csv', 'sources.csv']
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AccessMapError(f"'{folder}' is not empty; a dataset starts in a folder of its own")
    name = folder.resolve().name
    required = ("entities", "relations", "listings", "sources")
    tables = {table: empty_table(table) for table in required}
    return write(Dataset(name, tables, {"name": name, "title": name, "version": "0.1"}), folder)

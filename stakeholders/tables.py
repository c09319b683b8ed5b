"""Reading and writing a dataset's folder."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from stakeholders.categories import Category
from stakeholders.dataset import Dataset, Style, Table, categories_of
from stakeholders.errors import DatasetNotFound
from stakeholders.schema import COMPANIONS, TABLES, file_name

DATA = Path(__file__).parent / "data"


def bundled() -> list[str]:
    """Names of the datasets that come with the package, sorted."""
    return sorted(path.name for path in DATA.iterdir() if (path / "entities.csv").is_file())


def read(place: str | Path) -> Dataset:
    """Dataset of a folder, or a bundled one by its name."""
    folder = DATA / place if isinstance(place, str) and place in bundled() else Path(place)
    if not folder.is_dir():
        raise DatasetNotFound(f"no dataset or folder is called {str(place)!r}. Bundled: {', '.join(bundled())}.")
    names = [*(file_name(table) for table in TABLES), "datapackage.json", "rules.toml", *COMPANIONS]
    files = {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}
    return read_files(folder.name, files, folder=folder)


def read_files(name: str, files: Mapping[str, bytes], folder: Path | None = None) -> Dataset:
    """Dataset of files given as bytes."""
    tables = {table: _table(table, files[file_name(table)]) for table in TABLES if file_name(table) in files}
    package: dict[str, Any] = json.loads(files["datapackage.json"]) if "datapackage.json" in files else {}
    rules: dict[str, Any] = {}
    if "rules.toml" in files:
        import tomllib

        rules = tomllib.loads(files["rules.toml"].decode())
    extras = {
        name: content
        for name, content in files.items()
        if name.removesuffix(".csv") not in TABLES and name != "datapackage.json"
    }
    return Dataset(str(package.get("name") or name), tables, package, rules, extras, folder)


def table_bytes(table: Table) -> bytes:
    """A table's file: as it was read if it was not edited."""
    if table.raw is not None:
        return table.raw
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=table.style.newline)
    writer.writerow(table.header)
    writer.writerows(zip(*(table.columns[name] for name in table.header), strict=True))
    return text.getvalue().encode("utf-8-sig" if table.style.bom else "utf-8")


@lru_cache(maxsize=1)
def standard_categories() -> list[Category]:
    """The data categories that every dataset has."""
    content = (DATA / "central-asia" / "categories.csv").read_bytes()
    return categories_of(_table("categories", content))


def _table(name: str, raw: bytes) -> Table:
    text = raw.decode("utf-8-sig")
    reader = csv.reader(io.StringIO(text, newline=""))
    header = tuple(next(reader, ()))
    rows, lines, line = [], [], reader.line_num
    for row in reader:
        if row:
            rows.append(row)
            lines.append(line + 1)
        line = reader.line_num
    columns = dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else {column: () for column in header}
    newline = "\r\n" if "\r\n" in text[:65536] else "\n"
    return Table(name, header, columns, lines, raw, Style(newline, raw.startswith(b"\xef\xbb\xbf")))

"""Reading and writing a folder: nothing lost, nothing half-written, every fault of a file found."""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakeholders import tables, writing
from stakeholders.dataset import Style, Table
from stakeholders.decoding import parse
from stakeholders.errors import AccessMapError, DatasetNotFound, InvalidDataset, UnknownTerm
from stakeholders.samples import starter
from stakeholders.schema import HEADERS
from stakeholders.tables import DATA, bundled, inspect, new, read, read_files, write
from stakeholders.writing import table_bytes

NAMES = ("cabar-2020", "central-asia")
HEAD = b"id,type,name,note,sources\n"


def entities(raw: bytes) -> dict[str, bytes]:
    return {
        **starter("city"),
        "relations.csv": b"id,subject,predicate,object,status,claim,sources\n",
        "entities.csv": raw,
    }


def found(raw: bytes) -> list[str]:
    """Problems of a dataset whose entities.csv holds these bytes, and which is sound otherwise."""
    dataset = tables._read_files("city", entities(raw))
    return [str(problem) for problem in tables._problems(dataset, thorough=True) if not problem.warning]


def folder_of(path: Path, **changes: bytes | None) -> Path:
    """A folder with the starter's files, some replaced or left out."""
    path.mkdir(exist_ok=True)
    for name, raw in starter("city").items():
        content = changes.get(name.replace(".", "_"), raw)
        if content is not None:
            (path / name).write_bytes(content)
    return path


# ---------------------------------------------------------------------------------------------------------- the way in


def test_bundled_datasets_go_by_name_and_folders_by_path(tmp_path: Path) -> None:
    assert bundled() == list(NAMES)
    assert read("cabar-2020").name == "cabar-2020"
    copy = tmp_path / "other"
    write(read("cabar-2020"), copy)
    assert read(copy).name == "cabar-2020"
    assert read(str(copy)).folder == copy


def test_a_name_that_is_nothing_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match=r"'central-asai'\. Did you mean 'central-asia'\? Bundled: cabar-2020, "):
        read("central-asai")
    (tmp_path / "entities.csv").write_bytes(HEAD)
    with pytest.raises(DatasetNotFound, match="is a file; name the folder"):
        read(tmp_path / "entities.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetNotFound, match=r"is no dataset: it has none of entities\.csv, relations\.csv, sources"):
        inspect(tmp_path / "empty")


def test_a_missing_table_is_a_problem_and_the_others_are_checked(tmp_path: Path) -> None:
    sources = starter("city")["sources.csv"].replace(b"https://example.org/cameras", b"nowhere")
    folder = folder_of(tmp_path / "d", relations_csv=None, sources_csv=sources)
    assert [str(problem) for problem in inspect(folder)] == [
        "relations.csv: is missing; it should start with " + ",".join(HEADERS["relations"]),
        "sources.csv:3: url: 'nowhere' is no web address; it must start with https:// or http://",
    ]


@pytest.mark.parametrize(
    ("name", "hint"), [("Relations.CSV", "rename it"), ("relations.xlsx", "save it as 'CSV UTF-8'")]
)
def test_a_table_under_another_name_is_recognised(tmp_path: Path, name: str, hint: str) -> None:
    folder = folder_of(tmp_path / "d", relations_csv=None)
    (folder / name).write_bytes(b"id\n")
    assert [str(problem) for problem in inspect(folder)] == [f"relations.csv: is missing; there is {name!r}: {hint}"]


def test_a_file_that_cannot_be_read_is_a_problem_among_others(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "d", relations_csv=None, sources_csv=None)
    (folder / "relations.csv").symlink_to(folder / "gone.csv")
    (folder / "sources.csv").mkdir()
    (folder / "listings.csv").unlink()
    (folder / "listings.csv").symlink_to("listings.csv")
    messages = [str(problem) for problem in inspect(folder)]
    assert "relations.csv: cannot be read: no such file or directory" in messages
    assert "sources.csv: cannot be read: is a directory" in messages
    assert "listings.csv: cannot be read: too many levels of symbolic links" in messages


def test_a_file_without_permission_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path / "d")
    read_bytes = Path.read_bytes

    def refusing(path: Path) -> bytes:  # nothing is forbidden to root, who may run the tests
        if path.name == "sources.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refusing)
    assert "sources.csv: cannot be read: permission denied" in [str(problem) for problem in inspect(folder)]


def test_files_given_as_bytes_make_a_dataset() -> None:
    dataset = read_files("revision", starter("city"))
    assert (dataset.name, len(dataset.relations), dataset.folder) == ("city", 6, None)
    with pytest.raises(InvalidDataset):
        read_files("revision", {**starter("city"), "sources.csv": b"id,title\n"})
    assert len(read_files("revision", {**starter("city"), "sources.csv": b"id,title\n"}, check=False).sources) == 0


# ------------------------------------------------------------------------------------------------ faults of the files


def test_bytes_of_other_encodings_are_named_and_still_checked() -> None:
    text = HEAD.decode() + 'a,body,Полиция города,"Закон, принятый в Алматы",example-news\nb,bod,Б,,example-news\n'
    wrong = "entities.csv:3: type: 'bod' is not in the vocabulary (did you mean 'body'?)"
    save = "save the file as UTF-8 (a spreadsheet calls it 'CSV UTF-8')"
    for codec, name in (("cp1251", "CP1251 (Windows"), ("cp866", "CP866 (DOS"), ("koi8-r", "KOI8-R (Unix")):
        told = f"entities.csv:2: is not UTF-8; it looks like {name} Cyrillic): {save}"
        assert found(text.encode(codec)) == [told, wrong]
    for codec in ("utf-16", "utf-16-le", "utf-16-be"):
        assert found(text.encode(codec)) == [f"entities.csv: is not UTF-8; it looks like UTF-16: {save}", wrong]


def test_the_line_of_a_damaged_letter_is_told() -> None:
    raw = (HEAD.decode() + "a,body,Алматы,,example-news\nb,body,Астана қаласы,,example-news\n").encode()
    broken = raw[: raw.index("қ".encode())] + raw[raw.index("қ".encode()) + 1 :]
    assert found(broken) == [
        "entities.csv:3: is not UTF-8 (byte 0x9b): save the file as UTF-8 (a spreadsheet calls it 'CSV UTF-8')",
        "entities.csv:3: name: 'Астана �аласы' holds '�', the trace of a letter that was lost; write the letter again",
    ]


def test_a_byte_order_mark_and_crlf_are_accepted_and_kept() -> None:
    raw = b"\xef\xbb\xbf" + HEAD.replace(b"\n", b"\r\n") + "a,body,Ә,,example-news\r\n".encode()
    assert found(raw) == []
    table = read_files("city", entities(raw)).entities
    assert table.header[0] == "id"
    assert table.style == Style("\r\n", bom=True)
    assert table_bytes(table) == raw
    edited = table.with_column("note", ["x"])
    assert table_bytes(edited) == raw.replace("Ә,,".encode(), "Ә,x,".encode())


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (b"a,body,A\n", "has 3 cells, the header has 5"),
        (b"a,body,A,,example-news,\n", "has 6 cells, the header has 5; the ones too many are empty"),
        (
            b"a,body,A, B,,example-news\n",
            'has 6 cells, the header has 5; a cell with a comma in it must stand in quotes (")',
        ),
        (
            b'a,body,"A\nb,body",B\n',
            "has 4 cells, the header has 5; a quote opened on line 2 closes only on line 3",
        ),
    ],
)
def test_a_ragged_row_is_one_problem(rows: bytes, message: str) -> None:
    assert found(HEAD + rows + b"z,body,Z,,example-news\n") == [f"entities.csv:2: {message}"]


def test_a_quote_that_is_never_closed_is_told_where_it_opens_and_hides_nothing() -> None:
    raw = HEAD + b'a,body,A,"long\nnote",example-news\nb,body,B,"open,example-news\nc,bod,C,,example-news\n'
    assert found(raw) == [
        'entities.csv:4: a quote (") opened in cell 4 is never closed',
        "entities.csv:5: type: 'bod' is not in the vocabulary (did you mean 'body'?)",
    ]


def test_a_quote_that_swallows_lines_is_told_where_it_opens_and_hides_nothing() -> None:
    raw = HEAD + b'a,body,"A,,example-news\nb,bod,B,,example-news\nc,body,"C",,example-news\n'
    assert found(raw) == [
        (
            'entities.csv:2: a quote (") opened in cell 3 closes on line 4 before the end of the cell; '
            'write a quote inside a cell twice ("")'
        ),
        "entities.csv:3: type: 'bod' is not in the vocabulary (did you mean 'body'?)",
    ]


def test_ids_of_rows_with_shifted_cells_still_count_as_defined() -> None:
    files = starter("city")
    files["entities.csv"] = files["entities.csv"].replace(b"Camera company", b"Camera, company")
    dataset = tables._read_files("city", files)
    assert [str(problem) for problem in tables._problems(dataset)] == [
        'entities.csv:4: has 18 cells, the header has 17; a cell with a comma in it must stand in quotes (")'
    ]


def test_lines_are_those_of_the_file_even_where_rows_span_several() -> None:
    raw = HEAD + b'a,body,"A\nA",,example-news\n\nb,body,B,,example-news\nb,body,B,,example-news\n'
    table = parse("entities.csv", raw)
    assert table.lines == [2, 5, 6]
    assert found(raw) == ["entities.csv:6: id: 'b' is also the id of line 5"]


def test_headers_must_have_names_of_their_own() -> None:
    assert found(b"id,type,name,,id,sources\na,body,A,,b,example-news\n") == [
        "entities.csv:1: column 4 has no name",
        "entities.csv:1: id: is the name of columns 1 and 5",
    ]


def test_an_empty_file_says_what_should_be_in_it() -> None:
    for raw in (b"", b"\n\n", b"\xef\xbb\xbf"):
        assert found(raw)[0] == "entities.csv: is empty; its first line should name the columns"


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators_are_named_and_read_on(separator: str, name: str) -> None:
    raw = (HEAD + b"a,bod,A,,example-news\n").replace(b",", separator.encode())
    assert found(raw) == [
        f"entities.csv:1: its cells are parted by {name}; part them by commas (docs/data.md says how in Excel)",
        "entities.csv:2: type: 'bod' is not in the vocabulary (did you mean 'body'?)",
    ]
    marked = f"sep={separator}\n".encode() + raw
    assert found(marked)[0] == f"entities.csv:1: {'sep=' + separator!r} is a spreadsheet's own line; take it out"
    assert found(marked)[-1].startswith("entities.csv:3: type")


def test_damage_to_the_other_files_is_told_with_its_line() -> None:
    broken = {"datapackage.json": b'{\n "name": "city",\n}', "rules.toml": b"[holds]\nlevel = custody\n"}
    files = {**starter("city"), **broken}
    messages = [str(problem) for problem in tables._problems(tables._read_files("city", files))]
    assert messages[0].startswith("datapackage.json:3: is no JSON: ")
    assert messages[1].startswith("rules.toml:2: is no TOML: invalid value")
    assert read_files("city", {**starter("city"), "rules.toml": b"[a]\nb = 1"}).rules == {"a": {"b": 1}}
    for odd in (b"[]", b"[" * 100_000, b'{"name": ' + b"9" * 5000 + b"}"):
        listed = tables._read_files("c", {**starter("c"), "datapackage.json": odd})
        (message,) = (str(problem) for problem in listed.problems)
        assert message.startswith("datapackage.json: should be one object")


# -------------------------------------------------------------------------------------------------------- the way back


@pytest.mark.parametrize("name", NAMES)
def test_a_bundled_dataset_is_written_back_byte_for_byte(name: str, tmp_path: Path) -> None:
    dataset = read(name)
    written = write(dataset, tmp_path)
    assert {path.name for path in written} == {path.name for path in (DATA / name).iterdir()}
    for path in (DATA / name).iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    assert read(tmp_path).sha256 == dataset.sha256


@pytest.mark.parametrize("name", NAMES)
def test_written_anew_a_bundled_dataset_is_still_the_same(name: str) -> None:
    for table in read(name).tables.values():
        assert table_bytes(replace(table, raw=None)) == table.raw


def test_odd_but_sound_files_are_written_back_byte_for_byte(tmp_path: Path) -> None:
    odd = b'\xef\xbb\xbf"id",type,name,sources,zzz\r\n\r\n"a",body,"A","example-news",\r\n'
    bare = b"id,subject,predicate,object,status,claim,sources"
    folder = folder_of(tmp_path / "in", entities_csv=odd, relations_csv=bare)
    (folder / "README.md").write_text("mine")
    write(read(folder), tmp_path / "out")
    assert (tmp_path / "out" / "entities.csv").read_bytes() == odd
    assert not (tmp_path / "out" / "README.md").exists()


def test_only_the_edited_table_changes_and_strangers_are_left_alone(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "d")
    (folder / "notes.txt").write_text("mine")
    (folder / "checks.toml").write_text("[rule]\n")
    dataset = read(folder)
    assert dataset.extras["checks.toml"] == b"[rule]\n"
    edited = dataset.with_tables(entities=dataset.entities.with_column("note", ["x"] * len(dataset.entities)))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write(edited, folder)
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {name for name in before if before[name] != after[name]} == {"entities.csv"}
    assert set(before) == set(after)
    assert read(folder).entities.column("note") == ("x",) * 6


def test_a_failure_leaves_every_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path / "d")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    dataset = read(folder)
    edited = dataset.with_tables(
        entities=dataset.entities.with_column("note", ["x"] * 6),
        sources=dataset.sources.with_column("note", ["x"] * 2),
    )
    store = writing._store

    def failing(part: Path, path: Path, pieces: Iterable[bytes]) -> None:
        if path.name == "sources.csv":
            part.write_bytes(b"id,title")
            raise OSError(28, "No space left on device", str(path))
        store(part, path, pieces)

    monkeypatch.setattr(writing, "_store", failing)
    with pytest.raises(AccessMapError, match="no space left on device"):
        write(edited, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_links_and_permissions_survive_writing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "d")
    target = tmp_path / "elsewhere.csv"
    (folder / "entities.csv").rename(target)
    (folder / "entities.csv").symlink_to(target)
    target.chmod(0o640)
    dataset = read(folder)
    write(dataset.with_tables(entities=dataset.entities.with_column("note", ["x"] * 6)), folder)
    assert (folder / "entities.csv").is_symlink()
    assert b",x," in target.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_tables_that_would_be_mixed_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "d")
    dataset = read("cabar-2020")
    less = replace(dataset, tables={name: table for name, table in dataset.tables.items() if name != "listings"})
    with pytest.raises(AccessMapError, match=r"holds 'listings\.csv', which would be mixed"):
        write(less, folder)
    with pytest.raises(AccessMapError, match=r"holds 'entities\.csv', which would be mixed"):
        write(dataset, folder, format="parquet")
    with pytest.raises(UnknownTerm, match="'xlsx' is no format of tables"):
        write(dataset, tmp_path / "x", format="xlsx")


CELLS = st.text(
    st.one_of(
        st.characters(exclude_categories=("Cs",)),
        st.sampled_from(list(';,"\r\n\t\0 =+-@\u202e\u200f\u0627\u05d0\u0301\ufeff\u2028\x85\x1cқӘ€')),
    ),
    max_size=12,
)
HOSTILE = st.sampled_from([
    '=HYPERLINK("http://evil","x")', '"', '""', '"\n', "\r", "\n", "a\rb", "\ufeffid", "'", "\\", "\\n", " lead",
        "tail ",
    "\0", ";", ",", "\u202eabc", "א", "<script>", "NULL", "None", "nan", "1e5", "0x10", "true", "",
])  # fmt: skip


@given(
    st.lists(st.tuples(*[st.one_of(CELLS, HOSTILE)] * 3), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_any_cell_survives_writing_and_reading(rows: list[tuple[str, ...]], newline: str, bom: bool) -> None:
    header = ("id", "note", "name_zz")
    columns = {name: tuple(row[place] for row in rows) for place, name in enumerate(header)}
    raw = table_bytes(Table("entities", header, columns, style=Style(newline, bom)))
    parsed = parse("entities.csv", raw)
    assert parsed.problems == []
    assert parsed.header == header
    assert parsed.columns == columns
    assert parsed.style == Style(newline if rows or newline == "\r\n" else "\n", bom)
    # Another program's reader must see the same cells.
    assert list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))[1:] == [list(row) for row in rows]


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise_anything_but_problems(raw: bytes) -> None:
    read_one = tables._read_files(
        "city", {**starter("city"), "entities.csv": raw, "rules.toml": raw, "datapackage.json": raw}
    )
    assert tables._problems(read_one, thorough=True)


@given(st.lists(st.sampled_from(["a", '"', ",", "\n", "\r\n", "é", "\x00"]), max_size=30).map("".join))
def test_no_arrangement_of_quotes_loses_a_line_without_a_word(text: str) -> None:
    raw = ("id,note\n" + text).encode()
    parsed = parse("f.csv", raw)
    assert len(parsed.lines) == len(set(parsed.lines)) == len(parsed.columns["id"])
    if not parsed.problems:
        assert [list(row) for row in zip(*parsed.columns.values(), strict=True)] == [
            row for row in csv.reader(io.StringIO(raw.decode(), newline="")) if row
        ][1:]


# ---------------------------------------------------------------------------------------------------------------- new


def test_a_new_dataset_is_sound_and_says_what_was_written(tmp_path: Path) -> None:
    written = new(tmp_path / "Моя область")
    assert sorted(path.name for path in written) == sorted(starter("x"))
    assert inspect(tmp_path / "Моя область") == []
    dataset = read(tmp_path / "Моя область")
    assert dataset.name == "moya-oblast"
    assert len(dataset.relations) >= 5


@pytest.mark.parametrize("taken", ["entities.csv", "README.md"])
def test_a_new_dataset_overwrites_nothing(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_text("mine")
    with pytest.raises(AccessMapError, match="is not empty; a dataset starts in a folder of its own"):
        new(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text() == "mine"


def test_a_new_dataset_may_start_in_a_fresh_repository_but_not_in_a_file(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    new(tmp_path)
    assert inspect(tmp_path) == []
    with pytest.raises(AccessMapError, match=r"cannot write to .*: file exists"):
        new(tmp_path / "entities.csv")

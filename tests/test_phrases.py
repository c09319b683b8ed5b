"""Counted phrases: in Russian no noun follows a number in a form of other numbers, in Kazakh none is plural."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphs.reports.speech import Speech

ROOT = Path(__file__).resolve().parent.parent
STRINGS = ROOT / "graphs" / "map" / "strings.json"
NUMBERS = ("all", "counted", "count", "findings", "known", "lost", "most", "n", "pairs", "single", "steps", "stores",
           "total")  # fmt: skip

# Words after a number that do not depend on it.
FREE = ("в", "вместо", "есть", "и", "из", "на", "по", "с")
RUSSIAN = re.compile(rf"\{{(?:{'|'.join(NUMBERS)})\}}[\s\u00a0](?!(?:{'|'.join(FREE)})\b)[а-яё]+")
# What ends as a plural does, or, being "in data", counts nothing.
KAZAKH = re.compile(
    rf"\{{(?:{'|'.join(NUMBERS)})\}}[\s\u00a0](?!(?:деректерде|қатар)\b)"
    r"\w{2,}(?:лар|лер|дар|дер|тар|тер)(?:ы|і|ға|ге|қа|ке|да|де|дан|ден|дың|дің|ды|ді)?\b"
)


def labels() -> Iterator[tuple[str, str, str]]:
    """Where every label of three languages stands, with its Russian and its Kazakh."""
    for path in sorted((*ROOT.glob("graphs/**/*.py"), *ROOT.glob("stakeholders/**/*.py"))):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Label":
                texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
                if len(texts) == 3:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", str(texts[1]), str(texts[2])


def test_no_number_in_a_report_decides_the_form_of_a_word() -> None:
    found = list(labels())
    assert len(found) > 500
    assert not [(place, russian) for place, russian, _ in found if RUSSIAN.search(russian)]
    assert not [(place, kazakh) for place, _, kazakh in found if KAZAKH.search(kazakh)]


def test_a_number_on_the_page_has_the_forms_of_the_word_after_it() -> None:
    strings = json.loads(STRINGS.read_text("utf-8"))
    told = {key: entry["ru"] if isinstance(entry["ru"], dict) else {"other": entry["ru"]}
            for key, entry in strings.items()}  # fmt: skip
    bare = [key for key, forms in told.items() if RUSSIAN.search(forms["other"]) and "one" not in forms]
    assert not bare
    # After two, three and four: what stands after five only where it is said so.
    assert [key for key, forms in told.items() if RUSSIAN.search(forms["other"]) and "few" not in forms] == [
        "listingsTitle", "only_bodies",
    ], "cases that are the same after two and after five"  # fmt: skip
    kazakh = [text for entry in strings.values() for text in
              (entry["kk"].values() if isinstance(entry["kk"], dict) else (entry["kk"],))]  # fmt: skip
    assert not [text for text in kazakh if KAZAKH.search(text)]


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ("1d", "1 день"), ("2d", "2 дня"), ("5d", "5 дней"), ("11d", "11 дней"), ("14d", "14 дней"), ("21d", "21 день"),
        ("22d", "22 дня"), ("111d", "111 дней"), ("180d", "180 дней"), ("1w", "1 неделю"), ("3w", "3 недели"),
        ("6W", "6 недель"), ("18m", "18 месяцев"), ("1 m", "1 месяц"), ("1y", "1 год"), (" 3y", "3 года"),
        ("25y", "25 лет"),
    ],
)  # fmt: skip
def test_a_span_of_time_is_said_in_the_form_that_its_number_asks_for(span: str, words: str) -> None:
    assert Speech("ru").span(span) == words
    count = words.split(maxsplit=1)[0]
    assert Speech("kk").span(span).startswith(f"{count} ")
    assert Speech("en").span(span).endswith("s") is (count != "1")

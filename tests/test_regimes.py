"""The documentation tells every rule and every list as the table has them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stakeholders.accepted import program_of
from stakeholders.dates import iso
from stakeholders.formats.list_files import ListedAs
from stakeholders.names import ACCEPTABLE
from stakeholders.regimes import shipped_regimes

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "sanctions.md").read_text("utf-8")


def test_the_page_tells_each_rule_with_its_source_and_day_of_reading() -> None:
    for rule in shipped_regimes().rules.values():
        start = PAGE.index(f"### {rule.name.en}\n")
        section = PAGE[start : re.compile(r"^(?:Read on|Not read anew)", re.MULTILINE).search(PAGE, start).end() + 500]
        assert rule.text in section
        assert (f"Read on {rule.read}: " if rule.read else "Not read anew; ") in section
        assert rule.source in section
        for period in rule.periods:
            assert f"| {iso(period.start) or '–'} | {iso(period.end) or '–'} | " in section
            assert period.reason.en in section


def test_the_page_tells_each_list_with_its_effect() -> None:
    for program in shipped_regimes().programs.values():
        (line,) = [
            line for line in PAGE.splitlines() if line.startswith(f"| `{program.authority}` | {program.list} | ")
        ]
        assert f" | {program.effect.name.en} | {program.binding} | {program.forbids.en} | {program.binds.en} | " in line


def test_the_page_names_each_list_whose_text_was_not_read() -> None:
    start = PAGE.index("without reading the lists' own texts:")
    sentence = " ".join(PAGE[start : PAGE.index(".", start)].split())
    unread = [program.list for program in shipped_regimes().programs.values() if program.read == ""]
    assert len(unread) == 7
    assert all(name in sentence for name in unread)


@pytest.mark.parametrize("name", ["SSI", "NS-MBS", "FSE", "CAP", "ISN", "DTC", "UVL"])
def test_each_list_of_the_consolidated_screening_list_is_in_the_table(name: str) -> None:
    program, _ = program_of(shipped_regimes(), "csl", ListedAs(name))
    assert program is not None
    assert program.forbids.en != "not stated"


def test_a_rule_that_does_not_apply_is_not_said_to_cover_anybody() -> None:
    table = shipped_regimes()
    for place in (("us-ofac", "50 Percent Rule (not for NS-CMIC)"), ("us-bis", "Affiliates Rule (suspended)")):
        program = table.programs[place]
        assert program.forbids.en.startswith("nothing")
        assert program.effect.name.en == "no rule on owned companies"
        assert "no rule" in program.effect.said.en


def test_the_page_tells_the_threshold() -> None:
    assert f"from {ACCEPTABLE} up they are *suggested*" in PAGE

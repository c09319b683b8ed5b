"""The documentation tells every rule and every list as the table has them."""

from __future__ import annotations

from pathlib import Path

from stakeholders.dates import iso
from stakeholders.names import ACCEPTABLE
from stakeholders.regimes import shipped_regimes

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "sanctions.md").read_text("utf-8")


def test_the_page_tells_each_rule_with_its_source_and_day_of_reading() -> None:
    for rule in shipped_regimes().rules.values():
        start = PAGE.index(f"### {rule.name.en}\n")
        section = PAGE[start : PAGE.index("Read on", start) + 500]
        assert rule.text in section
        assert f"Read on {rule.read}: " in section
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


def test_the_page_tells_the_threshold() -> None:
    assert f"from {ACCEPTABLE} up they are *suggested*" in PAGE

"""Settings: a place in a TOML file is found by its path, whichever way the file is written."""

from __future__ import annotations

import pytest

from stakeholders.errors import AccessMapError, Problem
from stakeholders.settings import Settings, toml_of

TEXT = b"""# a comment = 1
title = "x"
a.b = 2

[predicates.holds]  # why
"level" = "custody"

[[rule]]
id = "one"

[[rule]]
id = "two"
[[rule.except]]
who = []
[[rule.except]]
who = []
[rule.more]
deep = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2), (("a", "b"), 3), (("predicates", "holds"), 5), (("predicates", "holds", "level"), 6),
        (("rule", 1), 8), (("rule", 1, "id"), 9), (("rule", 2, "id"), 12), (("rule", 2, "except", 1, "who"), 14),
        (("rule", 2, "except", 2), 15), (("rule", 2, "more", "deep"), 18), (("rule", 2, "absent"), 11),
        (("nothing",), 0),
    ],
)  # fmt: skip
def test_a_place_or_the_nearest_around_it_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert Settings("checks.toml", TEXT).line(*path) == line


def test_without_a_place_to_gather_the_first_fault_is_raised() -> None:
    settings = Settings("checks.toml", TEXT)
    with pytest.raises(AccessMapError, match="wrong"), settings.at("title"):
        raise AccessMapError("wrong")
    with pytest.raises(AccessMapError, match=r"^checks.toml:1: is no TOML: "):
        Settings("checks.toml", b"a")


def test_nesting_too_deep_is_a_fault_and_no_crash() -> None:
    found: list[Problem] = []
    assert toml_of("rules.toml", b"a = " + b"[" * 100_000, found) == {}
    assert [str(one) for one in found] == ["rules.toml: is no TOML: it is nested too deeply"]

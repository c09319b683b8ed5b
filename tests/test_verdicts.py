"""Verdicts at stake: what is too large is said before it begins, with what to do instead."""

from __future__ import annotations

import pytest

from graphs import verdicts, weights
from graphs.access import AccessGraph
from graphs.unknowns import gaps
from graphs.withdrawals import sensitivity
from stakeholders import memory
from stakeholders.memory import TooLarge

DAY = "2020-04-15"


@pytest.mark.parametrize("question", ["gaps", "sensitivity"])
def test_what_needs_more_memory_than_there_is_is_refused_before_any_search(
    question: str, cabar_graph: AccessGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> object:
        return gaps(cabar_graph, "biometric", as_of=DAY) if question == "gaps" else (
            sensitivity(cabar_graph, "biometric", as_of=DAY)
        )  # fmt: skip

    expected = ask()
    monkeypatch.setattr(verdicts, "_FEW_CELLS", 10)
    assert ask() == expected
    monkeypatch.setattr(memory, "available", lambda: 5000)
    for module in (verdicts, weights):
        monkeypatch.setattr(module, "Sweeper", None)  # nothing is searched any more
    with pytest.raises(TooLarge, match=r"best answer of each of \d+ bodies at each of \d+ places .* takes about 1 MB"):
        ask()
    monkeypatch.setattr(memory, "available", lambda: 0)  # where the system does not tell
    with pytest.raises(TypeError):
        ask()


@pytest.mark.parametrize("question", [gaps, sensitivity])
def test_what_takes_hours_is_refused_with_what_to_do(
    question: object, cabar_graph: AccessGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(question)
    with monkeypatch.context() as patch:
        patch.setattr(verdicts, "_MOST_PAIRS", 1)
        with pytest.raises(TooLarge, match=r"takes hours\. Ask about a single store or system \(TARGET\), or for some"):
            question(cabar_graph, "biometric", as_of=DAY)
    monkeypatch.setattr(verdicts, "_MOST_STEPS", 100)
    with pytest.raises(TooLarge, match=r"in turn, \d+ times over \d+ relations, takes hours\. .*`chokepoints STORE`"):
        question(cabar_graph, "biometric", as_of=DAY)


@pytest.mark.parametrize("question", [gaps, sensitivity])
def test_where_less_of_the_question_is_too_much_as_well_no_less_is_proposed(
    question: object, cabar_graph: AccessGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(question)
    monkeypatch.setattr(verdicts, "_MOST_STEPS", 100)
    for limit in ("_MOST_STEPS", "_MOST_PAIRS", "_MOST_AT_ONCE"):
        monkeypatch.setattr(verdicts, limit, 1)
        with pytest.raises(TooLarge, match="takes hours") as caught:
            question(cabar_graph, "biometric", as_of=DAY)
        assert "--from" not in str(caught.value)
        assert "`who STORE --without ID`" in str(caught.value)


def test_sensitivity_says_how_far_it_is(cabar_graph: AccessGraph) -> None:
    told: list[tuple[str, int, int, str]] = []
    answer = sensitivity(cabar_graph, "biometric", as_of=DAY, watch=lambda *step: told.append(step))
    steps = [(done, total) for step, done, total, _ in told if step == "withdrawing"]
    assert len(steps) >= len(answer.rows) > 0
    assert steps == [(number, len(steps)) for number in range(len(steps))]

"""Columns of codes and of Arrow text answer as plain lists would."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stakeholders import columns, examination
from stakeholders.columns import ArrowColumn, EncodedColumn, looked_up
from stakeholders.examination import Combinations

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d", "ж", ""]), max_size=12)


@given(TEXTS, TEXTS, st.sampled_from([1, 2, 100]))
@example(["b", "b"], ["a", "b", "c", "b", "d", "a"], 2)  # the few are looked for from the other side
def test_a_text_is_found_at_its_first_place(here: list[str], there: list[str], fewer: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_FEWER", fewer)
        found = ArrowColumn(pa.array(here, pa.string())).places_in(ArrowColumn(pa.array(there, pa.string())))
    if here != there:
        assert found.tolist() == [there.index(text) if text in there else -1 for text in here]
    assert found.dtype == np.int32


@given(st.lists(st.integers(-1, 4), max_size=20), st.sampled_from([1, 3, 64]))
def test_values_are_looked_up_as_numpy_would(places: list[int], batch: int) -> None:
    values = np.array([5, 6, 7, 8, 9], np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_BATCH", batch)
        found = looked_up(values, np.array(places, np.int32))
    assert found.dtype == np.uint8
    assert found.tolist() == [int(values[place]) for place in places]


@given(st.lists(st.integers(0, 3), max_size=20), st.sampled_from([1, 3, 64]))
def test_a_tight_column_has_no_cell_that_no_row_has(codes: list[int], batch: int) -> None:
    column = EncodedColumn(np.array(codes, np.int32), ["a", "b", "c", "d"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_BATCH", batch)
        tight = column.tight()
    assert list(tight) == list(column)
    assert set(tight.values) == set(column)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=20), st.sampled_from([1, 3, 64]), st.booleans()
)
def test_combinations_are_those_that_a_row_has(rows: list[tuple[int, int]], piece: int, counted: bool) -> None:
    one, other = (np.array([row[side] for row in rows], np.int32) for side in (0, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examination, "_PIECE", piece)
        patch.setattr(examination, "_COUNTED", 1 << 20 if counted else 0)
        found = Combinations((one, 3), (other, 4))
        assert found.occurring() == sorted(set(rows))
        assert found.having([(1, 2), (0, 0)]).tolist() == [row in {(1, 2), (0, 0)} for row in rows]

"""Values of Arrow's types as the text that a CSV table would hold, as `stakeholders.databases` has it for Python's."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def texts_of(name: str, values: pa.Array) -> pa.Array:
    """Values of a column as Arrow strings; what is null stays so.

    Parameters
    ----------
    name : str
        Of the column: ``collective`` is true or empty.
    values : pyarrow.Array

    Raises
    ------
    pyarrow.ArrowInvalid
        If they are bytes that are no UTF-8.
    pyarrow.ArrowNotImplementedError
        If they are of a type that is no text.

    Examples
    --------
    >>> import pyarrow as pa
    >>> texts_of("percent", pa.array([50.0, float("nan"), 68.5, 1e10])).to_pylist()
    ['50', None, '68.5', '10000000000']
    >>> texts_of("sources", pa.array([["a", "b"], []])).to_pylist()
    ['a;b', '']
    >>> texts_of("collective", pa.array([True, False])).to_pylist()
    ['true', '']
    """
    import pyarrow as pa

    kinds, kind = pa.types, values.type
    if kinds.is_string(kind) or kinds.is_large_string(kind):
        return values
    if kinds.is_dictionary(kind):
        return texts_of(name, values.cast(kind.value_type))
    if kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind):
        return _joined(name, values)
    if kinds.is_timestamp(kind) or kinds.is_date(kind):
        return _days(values).cast(pa.string())
    if kinds.is_decimal(kind) or kinds.is_floating(kind):
        return _numbers(values)
    if kinds.is_boolean(kind) or kinds.is_integer(kind):
        found = values.cast(pa.string())
        return _flags(found) if name == "collective" else found
    if isinstance(kind, pa.UuidType):
        return pa.array([None if value is None else str(value) for value in values.to_pylist()], pa.string())
    views = kinds.is_string_view(kind) or kinds.is_binary_view(kind)
    if not (kinds.is_null(kind) or kinds.is_binary(kind) or kinds.is_large_binary(kind) or views):
        if not kinds.is_fixed_size_binary(kind):
            raise pa.ArrowNotImplementedError(str(kind))
        values = values.cast(pa.binary())
    return values.cast(pa.string())


def _joined(name: str, lists: pa.Array) -> pa.Array:
    """Values of each list, parted as in a cell."""
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = lists.cast(pa.large_list(lists.type.value_type))
    texts = texts_of(name, plain.values).fill_null("").cast(pa.large_string())
    joined = pc.binary_join(pa.LargeListArray.from_arrays(plain.offsets, texts), pa.scalar(";", texts.type))
    return pc.if_else(plain.is_valid(), joined, None).cast(pa.string())


def _days(times: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    if getattr(times.type, "tz", None):
        times = pc.local_timestamp(times)
    return times.cast(pa.date32(), safe=False)


def _numbers(numbers: pa.Array) -> pa.Array:
    """As short as may be: 50 for 50.00, and nothing for what is no number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(numbers.type):
        numbers = pc.if_else(pc.is_nan(numbers), None, numbers)
    texts = numbers.cast(pa.string())
    far = pc.match_substring_regex(texts, "[eE]")  # 1e+10
    if pc.any(far, min_count=0).as_py():
        digits = [f"{Decimal(text):f}" for text in texts.filter(far).to_pylist()]
        texts = pc.replace_with_mask(texts, far, pa.array(digits, pa.string()))
    return pc.replace_substring_regex(texts, r"^(-?\d+)(?:\.0*|(\.\d*[1-9])0*)$", r"\1\2")


def _flags(words: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    yes, no = (pc.match_substring_regex(words, f"^({either})$") for either in ("true|1", "false|0"))
    return pc.case_when(pc.make_struct(yes, no), "true", "", words)

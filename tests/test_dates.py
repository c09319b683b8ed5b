"""A partial date means its whole period."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakeholders.cells import partial_date
from stakeholders.dates import ALWAYS, FOREVER, first_day, iso, last_day


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2021-02", date(2021, 2, 1), date(2021, 2, 28)),
        ("1900-02", date(1900, 2, 1), date(1900, 2, 28)),
        ("2000-02", date(2000, 2, 1), date(2000, 2, 29)),
        ("2020-02-19", date(2020, 2, 19), date(2020, 2, 19)),
        ("0001", date(1, 1, 1), date(1, 12, 31)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_a_period_has_its_first_and_its_last_day(text: str, first: date, last: date) -> None:
    assert (first_day(text), last_day(text)) == (first.toordinal(), last.toordinal())


@pytest.mark.parametrize(
    "text",
    ["", "20", "2020-", "2020-2", "2020-02-", "2020-00", "2020-13", "2020-02-30", "2021-02-29", "2020-04-31", "0000",
     "02.03.2020", "43512", "2020-02-19T00:00", " 2020", "2020\n", "-2020", "٢٠٢٠", "20200219"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    for function in (first_day, last_day):
        with pytest.raises(ValueError):
            function(text)


@given(st.dates())
def test_a_day_starts_and_ends_on_itself(day: date) -> None:
    assert first_day(day.isoformat()) == last_day(day.isoformat()) == day.toordinal()
    assert iso(day.toordinal()) == day.isoformat()
    assert ALWAYS < day.toordinal() < FOREVER


@given(st.dates(max_value=date(9998, 12, 31)))
def test_months_and_years_follow_each_other_without_a_gap(day: date) -> None:
    month, year = f"{day:%Y-%m}".zfill(7), f"{day.year:04}"
    for text in (month, year):
        after = date.fromordinal(last_day(text)) + timedelta(days=1)
        following = f"{after.year:04}-{after.month:02}" if text == month else f"{after.year:04}"
        assert first_day(following) == last_day(text) + 1
        assert first_day(text) <= day.toordinal() <= last_day(text)


def test_open_ends_have_no_text() -> None:
    assert iso(ALWAYS) == iso(FOREVER) == ""


@given(st.dates(min_value=date(1955, 1, 1), max_value=date(2064, 12, 31)))
def test_a_spreadsheets_day_number_is_turned_back_into_its_day(day: date) -> None:
    number = (day - date(1899, 12, 30)).days
    assert f"did you mean '{day.isoformat()}'" in partial_date(str(number))


FORMS = ("{0.day}.{0.month}.{0.year}", "{0:%d.%m.%Y}", "{0.year}/{0.month}/{0.day}")


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(FORMS))
def test_a_day_written_otherwise_is_turned_back(day: date, form: str) -> None:
    assert f"did you mean '{day.isoformat()}'" in partial_date(form.format(day))


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_has_a_message_that_suggests_only_dates(text: str) -> None:
    message = partial_date(text)
    if not message and text:
        assert first_day(text) <= last_day(text)
    for suggestion in message.split("did you mean '")[1:]:
        assert first_day(suggestion.split("'")[0])

"""Periods in SDMX writing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.core.periods import InvalidPeriodError, last_ended, parse_period

years = st.integers(1900, 2100).map(str)
codes = st.one_of(
    years,
    st.builds("{}-S{}".format, years, st.integers(1, 2)),
    st.builds("{}-Q{}".format, years, st.integers(1, 4)),
    st.builds("{}-{:02d}".format, years, st.integers(1, 12)),
)


@pytest.mark.parametrize(
    ("code", "kind", "first", "last"),
    [
        ("2023", "year", date(2023, 1, 1), date(2023, 12, 31)),
        ("2023-S2", "half", date(2023, 7, 1), date(2023, 12, 31)),
        ("2023-Q1", "quarter", date(2023, 1, 1), date(2023, 3, 31)),
        ("2024-02", "month", date(2024, 2, 1), date(2024, 2, 29)),
        ("2021/2025", "span", date(2021, 1, 1), date(2025, 12, 31)),
    ],
)
def test_reads_each_kind(code, kind, first, last):
    period = parse_period(code)
    assert (period.code, period.kind, period.first_day, period.last_day) == (code, kind, first, last)


@pytest.mark.parametrize(
    "text", ["", "23", "2023-Q5", "2023-13", "2023-S3", "2025/2021", "0000", "2023 -Q1", "2023-q1"]
)
def test_refuses_what_is_none(text):
    with pytest.raises(InvalidPeriodError):
        parse_period(text)


@given(codes)
def test_the_year_before_has_the_same_kind_and_ends_before(code):
    period = parse_period(code)
    before = period.year_before()
    assert before.kind == period.kind
    assert before.year == period.year - 1
    assert before.last_day < period.first_day


@given(codes, codes)
def test_containment_is_an_order(one, other):
    first, second = parse_period(one), parse_period(other)
    if first.contains(second) and second.contains(first):
        assert first == second


def test_a_year_holds_its_parts():
    year = parse_period("2023")
    assert all(year.contains(parse_period(code)) for code in ("2023-S1", "2023-Q4", "2023-12"))
    assert not year.contains(parse_period("2024-01"))


@pytest.mark.parametrize(
    ("kind", "day", "code"),
    [
        ("year", date(2024, 1, 20), "2023"),
        ("quarter", date(2024, 1, 20), "2023-Q4"),
        ("quarter", date(2023, 10, 1), "2023-Q3"),
        ("quarter", date(2023, 9, 30), "2023-Q2"),
        ("half", date(2024, 6, 30), "2023-S2"),
        ("half", date(2024, 7, 1), "2024-S1"),
        ("month", date(2024, 1, 31), "2023-12"),
        ("month", date(2024, 3, 1), "2024-02"),
    ],
)
def test_the_last_that_ended(kind, day, code):
    assert last_ended(kind, day).code == code

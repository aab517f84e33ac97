"""Vietnamese numbers: examples, and properties over all numbers."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.format_vi import (
    MONEY_SCALES,
    format_date,
    format_money,
    format_number,
    inside_sentence,
    join_words,
    round_half_up,
    sentence_case,
)

amounts = st.decimals(min_value=-(10**13), max_value=10**13, allow_nan=False, allow_infinity=False, places=4)
whole_vnd = st.integers(min_value=-(10**14), max_value=10**14).map(Decimal)


def read_vietnamese(text: str) -> Decimal:
    """The reader's way back: dots group, a comma marks decimals."""
    return Decimal(text.replace(".", "").replace(",", "."))


@pytest.mark.parametrize(
    ("value", "decimals", "trim", "text"),
    [
        ("1234567", None, False, "1.234.567"),
        ("1.68", None, False, "1,68"),
        ("470.00", None, False, "470"),
        ("1E+3", None, False, "1.000"),
        ("5.2", 2, False, "5,20"),
        ("5.2", 2, True, "5,2"),
        ("100.00", 2, True, "100"),
        ("0.125", 2, False, "0,13"),
        ("-0.004", 2, False, "0,00"),
        ("-1234.5", 1, False, "-1.234,5"),
        ("0", 2, True, "0"),
    ],
)
def test_format_number(value: str, decimals: int | None, trim: bool, text: str) -> None:
    assert format_number(Decimal(value), decimals, trim=trim) == text


@given(amounts)
def test_number_without_rounding_reads_back_equal(value: Decimal) -> None:
    assert read_vietnamese(format_number(value)) == value


@given(amounts, st.integers(0, 4), st.booleans())
def test_rounded_number_reads_back_rounded(value: Decimal, decimals: int, trim: bool) -> None:
    expected = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    text = format_number(value, decimals, trim=trim)
    assert read_vietnamese(text) == expected
    assert not text.startswith("-0") or any(digit in text for digit in "123456789")
    if not trim:
        assert len(text.partition(",")[2]) == decimals


@given(amounts)
def test_groups_are_of_three_digits(value: Decimal) -> None:
    first, *groups = format_number(value, 0).lstrip("-").split(".")
    assert 1 <= len(first) <= 3
    assert all(len(group) == 3 for group in groups)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0 đồng"),
        ("999999", "999.999 đồng"),
        ("1000000", "1 triệu đồng"),
        ("820499999", "820,5 triệu đồng"),
        ("999940000", "999,9 triệu đồng"),
        ("999960000", "1 tỷ đồng"),
        ("16726000000", "16,73 tỷ đồng"),
        ("-7600000000", "-7,6 tỷ đồng"),
        ("1234567890123", "1.234,57 tỷ đồng"),
    ],
)
def test_format_money(value: str, text: str) -> None:
    assert format_money(Decimal(value)) == text


@given(whole_vnd)
def test_money_is_within_half_of_the_last_digit_shown(value: Decimal) -> None:
    number, name = format_money(value).split(" ", 1)
    scale = next(scale for scale in MONEY_SCALES if scale.name == name)
    error = abs(read_vietnamese(number) * scale.factor - value)
    assert error <= scale.factor.scaleb(-scale.decimals) / 2


@given(whole_vnd)
def test_money_never_shows_a_thousand_of_a_smaller_word(value: Decimal) -> None:
    number, name = format_money(value).split(" ", 1)
    if name == "triệu đồng":
        assert 1 <= abs(read_vietnamese(number)) < 1000
    if name == "tỷ đồng":
        assert abs(read_vietnamese(number)) >= 1


def test_round_half_up_rounds_away_from_zero() -> None:
    assert round_half_up(Decimal("2.5"), 0) == 3
    assert round_half_up(Decimal("-2.5"), 0) == -3


def test_join_words() -> None:
    assert join_words([], 3, "") == ""
    assert join_words(["A"], 3, "") == "A"
    assert join_words(["A", "B", "C"], 3, "") == "A, B và C"
    assert join_words(["A", "B", "C", "D"], 2, "và {count} đơn vị khác") == "A, B và 2 đơn vị khác"


def test_words_and_dates() -> None:
    assert format_date(date(2024, 1, 5)) == "05/01/2024"
    assert inside_sentence("Huyện Đắk Mil") == "huyện Đắk Mil"
    assert sentence_case("đến hạn") == "Đến hạn"

"""Single cells in every way in which a figure is written."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.forms.rules import vietnamese_number
from ingest.readers.spreadsheet.cells import choose_reading, read_cell, read_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("470", "470"),
        ("2.439.117", "2439117"),
        ("2,439,117", "2439117"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1 234", "1234"),
        ("1\u00a0234\u202f567", "1234567"),
        ("1'234", "1234"),
        ("12 345,5", "12345.5"),
        ("1,68", "1.68"),
        ("1.68", "1.68"),
        ("0,5", "0.5"),
        ("0.123", "0.123"),
        ("1.2345", "1.2345"),
        ("-12", "-12"),
        ("(1.234.000)", "-1234000"),
        ("+7", "7"),
        ("'008", "8"),
        ("  15 ", "15"),
        ("không", "0"),
        ("Không có", "0"),
        ("12.", "12"),
    ],
)
def test_numbers_as_text(text: str, value: str) -> None:
    cell = read_text(text)
    assert (cell.kind, cell.value) == ("number", Decimal(value))
    assert cell.raw == text


@pytest.mark.parametrize("text", ["", "-", "–", "x", "X", "…", "...", " ", "\u00a0", "n/a"])
def test_absent_is_not_zero(text: str) -> None:
    cell = read_cell(text)
    assert (cell.kind, cell.value) == ("blank", None)


@pytest.mark.parametrize(
    "text",
    ["chưa có", "12/5", "1.23.4", "1,23,4", "12-15a", "(5", "5)", "1 23", "1.234.56", "1,2.3,4", "=1+1", "--5", "∞"],
)
def test_what_is_no_number_is_text(text: str) -> None:
    cell = read_text(text)
    assert cell.kind == "text" or cell.word, cell


@pytest.mark.parametrize(
    ("text", "value", "word"),
    [
        ("12 hộ", "12", "ho"),
        ("470 Hộ.", "470", "ho"),
        ("1,68%", "1.68", "%"),
        ("5 triệu", "5", "trieu"),
        ("12hộ", "12", "ho"),
    ],
)
def test_a_word_after_the_number_is_kept(text: str, value: str, word: str) -> None:
    cell = read_text(text)
    assert (cell.value, cell.word) == (Decimal(value), word)


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        (">12", "over"),
        ("< 5", "under"),
        ("khoảng 100", "about"),
        ("gần 50", "almost"),
        ("trên 30", "over"),
        ("7", "exact"),
    ],
)
def test_the_sign_before_the_number_is_kept(text: str, qualifier: str) -> None:
    assert read_text(text).qualifier == qualifier


def test_one_separator_before_three_digits_has_two_readings() -> None:
    cell = read_text("1.234")
    assert (cell.value, cell.other) == (Decimal(1234), Decimal("1.234"))
    assert choose_reading(cell, None) == 1234
    assert choose_reading(cell, "vietnamese") == 1234
    assert choose_reading(cell, "english") == Decimal("1.234")
    cell = read_text("1,234")
    assert choose_reading(cell, "vietnamese") == Decimal("1.234")
    assert choose_reading(cell, "english") == 1234


@pytest.mark.parametrize(
    ("text", "style"),
    [("1.234,5", "vietnamese"), ("12,5", "vietnamese"), ("1.234.567", "vietnamese"), ("1,234.5", "english")],
)
def test_a_writer_shows_a_style(text: str, style: str) -> None:
    assert read_text(text).style == style


def test_values_as_the_spreadsheet_holds_them() -> None:
    assert read_cell(470.0).raw == "470"
    assert read_cell(0.1 + 0.2).value == Decimal("0.3")
    assert read_cell(7244309123.0).value == 7244309123
    assert read_cell(True).kind == "boolean"
    assert read_cell(date(2023, 5, 1)).kind == "date"
    assert read_cell(datetime.fromisoformat("2023-05-01T12:00")).kind == "date"
    assert read_cell(float("nan")).kind == "text"
    assert read_cell(float("inf")).kind == "text"
    assert read_cell(None).kind == "blank"


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=3).filter(lambda d: d != d.to_integral_value()))
def test_what_is_written_in_vietnamese_is_read_again(number: Decimal) -> None:
    cell = read_text(vietnamese_number(number))
    assert choose_reading(cell, "vietnamese") == number


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    cell = read_cell(text)
    assert cell.kind in ("number", "blank", "text")
    assert len(cell.raw) <= 200

"""Single cells of a list: numbers, dates, identity numbers, accounts, names, communes."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers.payment_list.communes import Communes
from ingest.readers.payment_list.field_values import (
    ABSENT,
    DIGITS_LOST,
    MALFORMED,
    NINE,
    NINE_RESTORED,
    NO_DATE,
    NONE,
    TWELVE,
    TWELVE_RESTORED,
    UNKNOWN,
    UNREADABLE_DATE,
    Words,
    account_number,
    decode_date,
    decode_number,
    identity_number,
    name_key,
    years,
)


@pytest.mark.parametrize(
    ("cell", "year", "month"),
    [
        ("15/03/1970", 1970, 3),
        ("5-3-1970", 1970, 3),
        ("05.03.1970", 1970, 3),
        ("1970-03-05", 1970, 3),
        ("1970-03-05 00:00:00", 1970, 3),
        ("'05/03/1970", 1970, 3),
        ("00/00/1940", 1940, 0),
        ("00/07/1940", 1940, 7),
        ("../../1940", 1940, 0),
        ("7/1940", 1940, 7),
        ("Tháng 7/1940", 1940, 7),
        ("1940", 1940, 0),
        (1940, 1940, 0),
        (1940.0, 1940, 0),
        (25633.0, 1970, 3),
        ("25633", 1970, 3),
        (date(1970, 3, 5), 1970, 3),
        (datetime(1970, 3, 5, 12, tzinfo=UTC), 1970, 3),
    ],
)
def test_dates_in_every_usual_writing(cell, year, month):
    assert decode_date(cell) == year * 16 + month


@pytest.mark.parametrize("cell", ["", None, "-", "x", "không", "chưa có"])
def test_no_date_is_none(cell):
    assert decode_date(cell) == NO_DATE


@pytest.mark.parametrize("cell", ["12/5/45", "năm con rồng", "32/13", 12.5, True, -4.0, 1e9, "99999999999"])
def test_what_is_no_date_is_unreadable(cell):
    assert decode_date(cell) == UNREADABLE_DATE


def test_a_day_that_the_calendar_has_not_keeps_its_year():
    decoded = decode_date("30/02/1950")
    assert decoded < UNREADABLE_DATE
    assert years(np.array([decoded, NO_DATE, UNREADABLE_DATE], dtype=np.int32)).tolist() == [1950, 0, 0]


@given(st.dates(min_value=date(1880, 1, 1), max_value=date(2030, 12, 31)))
def test_a_date_is_read_alike_however_it_is_written(day):
    written = {day.strftime("%d/%m/%Y"), f"{day.day}-{day.month}-{day.year}", day.isoformat()}
    assert {decode_date(text) for text in written} == {day.year * 16 + day.month} == {decode_date(day)}


@pytest.mark.parametrize(
    ("cell", "digits", "kind"),
    [
        ("067170000001", "067170000001", TWELVE),
        ("067 170 000 001", "067170000001", TWELVE),
        ("'067170000001", "067170000001", TWELVE),
        ("245123456", "245123456", NINE),
        (67170000001.0, "067170000001", TWELVE_RESTORED),
        (1170000001.0, "001170000001", TWELVE_RESTORED),
        (24512345.0, "024512345", NINE_RESTORED),
        (245123456.0, "245123456", NINE),
        ("", "", ABSENT),
        (None, "", ABSENT),
        (0.0, "", ABSENT),
        ("Chưa có", "", ABSENT),
        ("6,7170E+10", "", DIGITS_LOST),
        ("6.7E+10", "", DIGITS_LOST),
        (6.71700000015e10, "067170000001", DIGITS_LOST),
        (math.nan, "", DIGITS_LOST),
        (1e15, "", DIGITS_LOST),
        ("06717000001", "06717000001", MALFORMED),
        ("B1234567", "B1234567", MALFORMED),
        ("người này", "", MALFORMED),
        (True, "", MALFORMED),
    ],
)
def test_identity_numbers(cell, digits, kind):
    found = identity_number(cell, may_restore=False)
    assert found[1] == kind
    if kind != DIGITS_LOST:
        assert found[0] == digits


def test_a_text_file_keeps_no_leading_zeros():
    assert identity_number("67170000001", may_restore=True) == ("067170000001", TWELVE_RESTORED)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (540000.0, 540_000),
        (540000, 540_000),
        ("540.000", 540_000),
        ("540,000", 540_000),
        ("540 000 đ", 540_000),
        ("1.080.000đ", 1_080_000),
        ("0", 0),
    ],
)
def test_numbers(cell, expected):
    assert decode_number(cell) == expected if not isinstance(cell, float) else cell == expected


@pytest.mark.parametrize("cell", ["", None, "-", "…"])
def test_blank_numbers_are_nan(cell):
    assert math.isnan(decode_number(cell))


@pytest.mark.parametrize("cell", ["nhiều", date(2023, 1, 1), True, "1" * 100])
def test_what_is_no_number_is_infinite(cell):
    assert math.isinf(decode_number(cell))


def test_names_compare_without_diacritics_case_and_punctuation():
    assert name_key("Lý  Thị\nHòa") == name_key("LÝ THỊ HOÀ") == "ly thi hoa"
    assert name_key("H' Lan Niê - Kđăm") == "h lan nie kdam"
    assert name_key(12.0) == name_key("(2)") == name_key("") == ""


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("6310 205 000 001", "6310205000001"),
        (6310205000001.0, "6310205000001"),
        ("ab-12345", "AB12345"),
        ("Tiền mặt", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_accounts(cell, expected):
    assert account_number(cell) == expected


def test_words_forgive_typing_errors_but_not_other_words():
    words = Words({"nguoi khuyet tat nang": 0, "nguoi khuyet tat dac biet nang": 1})
    cells = [
        "Người khuyết tật nặng",
        "nguoi khuyet tat nangg",
        "NGƯỜI KHUYẾT TẬT ĐẶC BIỆT NẶNG",
        "Người cao tuổi",
        "",
        5.0,
    ]
    assert words.decode(cells).tolist() == [0, 0, 1, UNKNOWN, NONE, UNKNOWN]


def test_a_column_of_garbage_is_soon_given_up():
    words = Words({f"doi tuong so {number}": number for number in range(50)})
    assert set(words.decode([f"rác {number} khác" for number in range(5_000)]).tolist()) == {UNKNOWN}


def test_communes_in_every_spelling(catalogue):
    district = catalogue.unit_by_code("663", date(2023, 9, 30))
    communes = Communes(district, date(2023, 9, 30), catalogue)
    sak = next(index for index, unit in enumerate(communes.units) if unit.name == "Xã Đắk Sắk")
    cells = ["Xã Đắk Sắk", "đắk sắk", "X. Dak Sak", "Xã Đắc Sắk", "", "Xã Chưa Từng Có"]
    found = communes.decode(cells).tolist()
    assert found[:4] == [sak] * 4
    assert found[4] == NONE
    assert found[5] <= UNKNOWN
    assert communes.decode_addresses(["Thôn 3, xã Đắk Sắk", "thôn 5 - Đắk Sắk", "Thôn 3"]).tolist() == [
        sak,
        sak,
        UNKNOWN,
    ]

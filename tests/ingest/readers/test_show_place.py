"""A place in a file, shown to a person."""

from __future__ import annotations

import io

import openpyxl
import pytest

from ingest.readers.show_place import NOT_SHOWN, show_place

TEXT = "Báo cáo\nToàn huyện có 470 hộ nghèo.\n".encode()


@pytest.fixture(scope="module")
def book() -> bytes:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].title = "Biểu 1"
    workbook.worksheets[0].append(["1", "Xã Đắk Lao", 31])
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def test_words_of_a_line_are_marked():
    assert show_place(TEXT, "bao-cao.txt", "L2:14-17") == "Toàn huyện có «470» hộ nghèo."


def test_a_long_line_is_shown_in_part():
    data = (("trước " * 100) + "470 hộ" + (" sau" * 100)).encode()
    shown = show_place(data, "a.txt", "L1:600-603")
    assert "«470»" in shown
    assert shown.startswith("…") and shown.endswith("…")
    assert len(shown) < 400


def test_a_cell_comes_with_what_its_row_is_about(book):
    assert show_place(book, "a.xlsx", "Biểu 1!C1") == "1 | Xã Đắk Lao | «31»"


@pytest.mark.parametrize("ref", ["Biểu 1!Z99", "Không có!A1", "L99:1-2", "row 3", ""])
def test_a_place_that_is_not_there_is_no_error(book, ref):
    assert show_place(book, "a.xlsx", ref) == NOT_SHOWN
    assert show_place(TEXT, "a.txt", ref) == NOT_SHOWN

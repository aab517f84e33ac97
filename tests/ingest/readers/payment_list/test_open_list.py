"""Whether a file holds a list of persons is told by its headings, before anything of it is quoted."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from ingest.readers.payment_list.open_list import column_words, is_list, open_list_book
from ingest.readers.spreadsheet.labels import label_key
from tests.made_lines import COLUMNS, HEADING_ROW, TITLE, book_of, list_book, people, sheet_rows


def csv_of(rows: list[list[object]], delimiter: str, encoding: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def test_a_list_is_opened_from_bytes_and_from_a_path_alike(tmp_path: Path) -> None:
    data = list_book(people(3))
    path = tmp_path / "anything.bin"
    path.write_bytes(data)
    for source in (data, path):
        book = open_list_book(source, "anything.bin")
        assert book is not None
        (sheet,) = book.sheets
        rows = list(sheet.rows(HEADING_ROW + 1))
        assert [row[0] for row in rows if row] == [1, 2, 3]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_in_a_text_file_is_one(delimiter: str, encoding: str) -> None:
    book = open_list_book(csv_of(sheet_rows(people(3)), delimiter, encoding), "danh-sach.csv")
    assert book is not None
    assert book.kind == "csv"
    assert len([row for row in book.sheets[0].rows(HEADING_ROW + 1) if any(row)]) == 3


def test_all_sheets_come_with_a_book_of_which_one_holds_a_list() -> None:
    book = open_list_book(book_of({"Bìa": [["Kính gửi"]], "Tháng 9": sheet_rows(people(1))}), "a.xlsx")
    assert book is not None
    assert [sheet.name for sheet in book.sheets] == ["Bìa", "Tháng 9"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\0" * 200,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"%PDF-1.7",
        list_book(people(2))[:-40],
        book_of({"Biểu": [["Biểu 01"], ["Xã", "Hộ nghèo"], ["Xã Đắk Sắk", 12]]}),
    ],
    ids=["empty", "zip magic", "zip of zeros", "ole of zeros", "pdf", "cut off", "a form"],
)
@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a"])
def test_what_is_none_or_cannot_be_opened_is_left_to_the_reader_of_workbooks(data: bytes, name: str) -> None:
    assert open_list_book(data, name) is None


@pytest.mark.parametrize(
    ("texts", "is_one"),
    [
        (list(COLUMNS.values()), True),
        ([*TITLE, *COLUMNS.values()], True),
        ([heading.upper() for heading in COLUMNS.values()], True),
        (["list_social_assistance"], True),
        (["STT", "Xã, phường, thị trấn", "Hộ nghèo", "Tổng số tiền"], False),
        (["Họ và tên"], False),
        ([], False),
    ],
)
def test_headings_of_persons_make_a_list(texts: list[str], is_one: bool) -> None:
    assert is_list(texts) is is_one


def test_every_heading_of_persons_money_and_place_is_a_column_of_its_own() -> None:
    words = column_words()
    found = [words.get(label_key(heading)) for key, heading in COLUMNS.items() if key not in ("number", "method")]
    assert None not in found
    assert len(set(found)) == len(found)

"""Small lists of social assistance of the district Đắk Mil for September 2023; nobody in them exists."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import xlsxwriter

from ingest.core.model import ReadSubmission

COLUMNS: Mapping[str, str] = {
    "number": "STT",
    "name": "Họ và tên",
    "birth": "Ngày, tháng, năm sinh",
    "sex": "Giới tính",
    "identity": "Số CCCD",
    "commune": "Xã, phường, thị trấn",
    "category": "Đối tượng",
    "coefficient": "Hệ số",
    "monthly": "Mức trợ cấp",
    "months": "Số tháng",
    "arrears": "Truy lĩnh",
    "recovery": "Truy thu",
    "amount": "Tổng số tiền",
    "method": "Phương thức chi trả",
    "account": "Số tài khoản",
}
TITLE = (
    "Đơn vị báo cáo: Huyện Đắk Mil",
    "DANH SÁCH ĐỐI TƯỢNG NHẬN TRỢ CẤP XÃ HỘI HẰNG THÁNG",
    "Kỳ báo cáo: Tháng 9 năm 2023",
)
# The heading is in row 5, so the first line is row 6.
HEADING_ROW = 4
FIRST_LINE = HEADING_ROW + 2

Line = Mapping[str, Any]


def person(who: int = 1, /, **differs: Any) -> dict[str, Any]:
    """A line in which everything is in order: somebody severely disabled, paid 540,000 dong by bank."""
    return {
        "number": who,
        "name": f"Lý Thị Thử {'ABCDEFGHIKLMNOPQRSTUVXY'[who % 23]}",
        "birth": f"15/03/{1970 + who % 20}",
        "sex": "Nữ",
        "identity": f"0671{70 + who % 20}{who:06d}",
        "commune": "Xã Đắk Sắk",
        "category": "Người khuyết tật nặng",
        "coefficient": 1.5,
        "monthly": 540_000,
        "months": 1,
        "arrears": "",
        "recovery": "",
        "amount": 540_000,
        "method": "Tài khoản ngân hàng",
        "account": f"6310205{who:06d}",
        **differs,
    }


def people(count: int) -> list[dict[str, Any]]:
    """So many lines in order, of people who differ."""
    return [person(number) for number in range(1, count + 1)]


def cells_of(lines: Iterable[Line | Sequence[Any]], columns: Mapping[str, str] = COLUMNS) -> list[list[Any]]:
    """Heading and lines as rows of cells; a line given as a sequence is a row as it stands."""
    below = ([line.get(key, "") for key in columns] if isinstance(line, Mapping) else list(line) for line in lines)
    return [list(columns.values()), *below]


def sheet_rows(
    lines: Iterable[Line | Sequence[Any]], columns: Mapping[str, str] = COLUMNS, title: Sequence[str] = TITLE
) -> list[list[Any]]:
    """A whole sheet: title, a blank row, heading, lines."""
    return [*([text] for text in title), *[[] for _ in range(HEADING_ROW - len(title))], *cells_of(lines, columns)]


def book_of(sheets: Mapping[str, Sequence[Sequence[Any]]], edit: Callable[[Any], None] | None = None) -> bytes:
    """A workbook of the given sheets; `edit` may change its first sheet (hide, merge, write formulas)."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        made = []
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            made.append(sheet)
            for row, values in enumerate(rows):
                for column, value in enumerate(values):
                    if isinstance(value, str):
                        if value:
                            sheet.write_string(row, column, value)
                    elif value is not None:
                        sheet.write(row, column, value)
        if edit is not None:
            edit(made[0])
    return target.getvalue()


def list_book(lines: Iterable[Line | Sequence[Any]], columns: Mapping[str, str] = COLUMNS, **options: Any) -> bytes:
    """A workbook with one list."""
    edit = options.pop("edit", None)
    return book_of({"Danh sách": sheet_rows(lines, columns, **options)}, edit)


def lines_of(submission: ReadSubmission) -> list[list[str | None]]:
    """The lines as they go to the database, nulls as None."""
    assert submission.payment_lines is not None
    text = b"".join(submission.payment_lines.blocks(7)).decode()
    return [[None if field == "\\N" else field for field in line.split("\t")] for line in text.splitlines()]


def rules_of(submission: ReadSubmission) -> set[str]:
    """The rules that were broken."""
    return {finding.rule_id for finding in submission.findings}

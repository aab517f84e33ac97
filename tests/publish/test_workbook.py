"""The workbook: its text against a golden file, and what a reader of the file itself would see."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from publish.definition import ReportDefinition
from publish.model import ReportData, ReportedFinding, UnitFigure
from publish.revisions import changed_figures
from publish.workbook import write_workbook

D = Decimal
Golden = Callable[[str, str], None]


def written(path: Path, data: ReportData, definition: ReportDefinition, number: int = 1) -> Workbook:
    write_workbook(path / "book.xlsx", data, definition, number)
    return openpyxl.load_workbook(path / "book.xlsx")


def is_on_one_page(sheet: Worksheet) -> bool:
    assert sheet.sheet_properties.pageSetUpPr is not None
    return bool(sheet.sheet_properties.pageSetUpPr.fitToPage)


def cell_text(value: object) -> str:
    return "" if value is None else str(value)


def text_of(book: Workbook) -> str:
    lines = []
    for sheet in book.worksheets:
        lines.append(f"## {sheet.title}")
        rows = (" | ".join(map(cell_text, row)).rstrip(" |") for row in sheet.iter_rows(values_only=True))
        lines.extend(row for row in rows if row)
    return "\n".join(lines) + "\n"


def test_text_is_as_agreed(tmp_path: Path, data: ReportData, definition: ReportDefinition, golden: Golden) -> None:
    golden("provincial_year.xlsx.txt", text_of(written(tmp_path, data, definition)))


def test_numbers_are_numbers_in_the_unit_the_row_names(
    tmp_path: Path, data: ReportData, definition: ReportDefinition
) -> None:
    sheet = written(tmp_path, data, definition)["Toàn bộ chỉ tiêu"]
    rows = {row[1].value: row for row in sheet.iter_rows(min_row=6)}
    money = rows["Kinh phí chi trợ giúp xã hội (Trợ cấp, phụ cấp hằng tháng)"]
    assert money[2].value == "Triệu đồng"
    assert money[3].value == pytest.approx(73456.789)
    assert money[3].number_format == "[$-42A]#,##0.0"
    rate = rows["Tỷ lệ hộ nghèo"]
    assert rate[3].value == pytest.approx(3.104)
    assert rate[3].number_format == "[$-42A]#,##0.00"
    assert rate[6].value is None  # no percent of a percentage
    assert rows["Số hộ nghèo"][3].number_format == "[$-42A]#,##0"


def test_category_stands_indented_below_its_indicator(
    tmp_path: Path, data: ReportData, definition: ReportDefinition
) -> None:
    sheet = written(tmp_path, data, definition)["Giảm nghèo"]
    names = [(sheet.cell(row, 1).value, sheet.cell(row, 1).alignment.indent) for row in range(6, 11)]
    assert names == [
        ("Số hộ nghèo", 0),
        ("Kinh", 1),
        ("Dân tộc thiểu số", 1),
        ("Dân tộc thiểu số tại chỗ", 2),
        ("Số nhân khẩu nghèo", 0),
    ]


def test_row_is_as_high_as_its_text_needs(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    long = replace(data.findings[0], message_vi="một hai ba bốn " * 20)
    sheet = written(tmp_path, replace(data, findings=(long,)), definition)["Đối chiếu"]
    assert sheet.row_dimensions[6].height >= 4 * 15


def test_incomplete_sum_is_not_a_number(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    book = written(tmp_path, data, definition)
    (row,) = (
        row for row in book["Toàn bộ chỉ tiêu"].iter_rows() if row[1].value == "Số lao động được giải quyết việc làm"
    )
    assert row[3].value == "Chưa đủ (2/3)"
    assert row[10].value == "2/3"
    province = book["Lao động, việc làm"]["C6"]
    assert province.value == "Chưa đủ (2/3)"
    assert "4321" in text_of(book)  # told as the reporting units' sum, on the sheet of completeness only
    assert all("4321" not in text_of_sheet(sheet) for sheet in book.worksheets if sheet.title != "Tiến độ báo cáo")


def text_of_sheet(sheet: Worksheet) -> str:
    return " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)


HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "http://example.org",
    "a\x0bb\x00c",
    "x" * 40_000,
)


def test_nothing_from_data_becomes_a_formula(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    hostile = replace(
        data,
        figures=tuple(replace(f, indicator_name_vi=text) for f, text in zip(data.figures, HOSTILE, strict=True)),
        findings=tuple(ReportedFinding("X-001", text, 11, text, text, text) for text in HOSTILE),
        dues=tuple(replace(data.dues[0], form_name_vi=text, unit_name=text, state=text) for text in HOSTILE),
        sources=tuple(replace(data.sources[0], file_name=text) for text in HOSTILE),
    )
    book = written(tmp_path, hostile, definition)
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}
    marked = [c for c in book["Đối chiếu"]["E"] if str(c.value).strip().startswith(("=", "+", "-", "@"))]
    assert len(marked) == 5
    assert all(cell.quotePrefix for cell in marked)
    with zipfile.ZipFile(tmp_path / "book.xlsx") as package:
        for name in package.namelist():
            assert not re.search(rb"<f[ >]|<hyperlink", package.read(name)), name


def test_sheets_print_on_a4_landscape_with_their_head_on_every_page(
    tmp_path: Path, data: ReportData, definition: ReportDefinition
) -> None:
    for sheet in written(tmp_path, data, definition).worksheets:
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows == "$5:$5"
        assert sheet.freeze_panes is not None
        assert is_on_one_page(sheet)
        assert sheet.oddFooter is not None
        assert sheet.oddFooter.left.text == "Lần phát hành số 1; số liệu tính đến ngày 15/01/2024"


def test_many_units_run_over_several_pages_with_the_names_repeated(
    tmp_path: Path, data: ReportData, definition: ReportDefinition
) -> None:
    units = tuple(replace(data.units[0], unit_id=f"c{n}", name=f"Xã {n}") for n in range(124))
    values = tuple(UnitFigure(unit.unit_id, "poor_households", "", D(1)) for unit in units)
    sheet = written(tmp_path, replace(data, units=units, unit_figures=values), definition)["Giảm nghèo"]
    assert sheet.max_column == 3 + 124
    assert not is_on_one_page(sheet)
    assert sheet.print_title_cols == "$A:$C"
    assert [page.id for page in sheet.col_breaks.brk][:2] == [13, 23]


def test_revisions_have_a_sheet_of_their_own(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    assistance = data.figures[-1]
    assert assistance.value is not None
    new = replace(data, figures=(*data.figures[:-1], replace(assistance, value=assistance.value + 10**9)))
    write_workbook(tmp_path / "book.xlsx", new, definition, 2, changed_figures(data, new))
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["Điều chỉnh"]
    (row,) = sheet.iter_rows(min_row=6, values_only=True)
    assert row[1:5] == ("Tỉnh Đắk Nông", assistance.label_vi, "Thực hiện kỳ này", "Triệu đồng")
    assert row[5:] == (73456.789, 74456.789, 1000)
    assert "Điều chỉnh" not in written(tmp_path, data, definition).sheetnames


def test_empty_tables_say_so(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    bare = replace(data, findings=(), dues=(), sources=(), unit_figures=(), figures=data.figures[:1])
    book = written(tmp_path, bare, definition)
    assert book["Đối chiếu"]["A6"].value == "Không có."
    assert book["Tiến độ báo cáo"]["A6"].value == "Không có."


def test_where_a_due_return_stands(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    dues = (replace(data.dues[0], state="quarantined"), replace(data.dues[2], state=""))
    sheet = written(tmp_path, replace(data, dues=dues), definition)["Tiến độ báo cáo"]
    assert [sheet.cell(row, 7).value for row in (6, 7)] == ["Trả lại để sửa", "Chưa nhận được"]


def test_same_edition_gives_the_same_bytes(tmp_path: Path, data: ReportData, definition: ReportDefinition) -> None:
    files = [tmp_path / "a.xlsx", tmp_path / "b.xlsx"]
    for path in files:
        write_workbook(path, data, definition, 1)
    assert files[0].read_bytes() == files[1].read_bytes()
    with zipfile.ZipFile(files[0]) as package:
        assert {info.date_time[0] for info in package.infolist()} == {1980}
        assert b"2024-01-15T03:30:00Z" in package.read("docProps/core.xml")

"""The answer to whoever submitted a file: a workbook of findings, in Vietnamese with English beside it."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from ingest.core.atomic_file import replacing
from ingest.core.catalogue import Catalogue
from ingest.core.model import Finding, ReadFile, ReadSubmission
from ingest.core.periods import parse_period
from ingest.core.row_heights import row_height
from ingest.forms import load_forms

_SEVERITY = {"error": ("Lỗi", "Error"), "warning": ("Cảnh báo", "Warning"), "info": ("Ghi chú", "Note")}
_ORDER = {"error": 0, "warning": 1, "info": 2}
_COLUMNS = (
    ("Mức độ", 12),
    ("Vị trí", 22),
    ("Nội dung và cách sửa", 70),
    ("Số trong tệp", 16),
    ("Số đối chiếu", 16),
    ("Chênh lệch", 14),
    ("What is wrong and how to mend it", 70),
    ("Mã quy tắc", 12),
)


def write_feedback(result: ReadFile, path: Path, source_path: str, catalogue: Catalogue) -> None:
    """Writes the feedback workbook for a file; the same reading always gives the same bytes' content."""
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with replacing(path) as temporary, xlsxwriter.Workbook(temporary, options) as book:
        _write_sheet(book, result, source_path, catalogue)


def _write_sheet(book: xlsxwriter.Workbook, result: ReadFile, source_path: str, catalogue: Catalogue) -> None:
    sheet = book.add_worksheet("Phản hồi")
    title = book.add_format({"bold": True, "font_size": 14})
    bold = book.add_format({"bold": True})
    heading = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center", "border": 1, "bg_color": "#D9E2EC"}
    )
    styles = {
        severity: book.add_format({"text_wrap": True, "valign": "top", "border": 1, "bg_color": colour})
        for severity, colour in (("error", "#FBE3E1"), ("warning", "#FFF6DA"), ("info", "#FFFFFF"))
    }
    numbers = {
        severity: book.add_format({"num_format": "#,##0.######", "valign": "top", "border": 1, "bg_color": colour})
        for severity, colour in (("error", "#FBE3E1"), ("warning", "#FFF6DA"), ("info", "#FFFFFF"))
    }
    for column, (_, width) in enumerate(_COLUMNS):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, "PHẢN HỒI VỀ TỆP BÁO CÁO", title)
    sheet.write_string(1, 0, f"Tệp: {source_path}")
    row = 3
    if not result.submissions:
        sheet.write_string(row, 0, "Không sử dụng được tệp này; số liệu cũ (nếu có) được giữ nguyên.", bold)
        row = _write_findings(sheet, row + 1, result.findings, heading, styles, numbers)
    elif result.findings:
        sheet.write_string(row, 0, "Về toàn bộ tệp", bold)
        row = _write_findings(sheet, row + 1, result.findings, heading, styles, numbers) + 1
    for submission in result.submissions:
        sheet.write_string(row, 0, _headline(submission, catalogue), bold)
        received_by = _receiver(submission, catalogue)
        if received_by:
            row += 1
            sheet.write_string(row, 0, received_by)
        row = _write_findings(sheet, row + 1, submission.findings, heading, styles, numbers) + 1
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _headline(submission: ReadSubmission, catalogue: Catalogue) -> str:
    form = load_forms().get(submission.form_code)
    unit = catalogue.units.get(submission.reporting_unit_id)
    verdict = (
        f"ĐƯỢC TIẾP NHẬN ({len(submission.observations)} số liệu)"
        if submission.is_acceptable
        else "CHƯA ĐƯỢC TIẾP NHẬN: hãy sửa các lỗi dưới đây và gửi lại"
    )
    name = form.head.name_vi if form else submission.form_code
    return f"{name} – {unit.name if unit else submission.reporting_unit_id} – kỳ {submission.period}: {verdict}"


def _receiver(submission: ReadSubmission, catalogue: Catalogue) -> str:
    """The department whose subject a submission is, in its period."""
    form = load_forms().get(submission.form_code)
    agency = catalogue.agency_of(form.head.domain, parse_period(submission.period).last_day) if form else None
    return f"Cơ quan nhận báo cáo: {agency.name_vi} | Received by: {agency.name_en}" if agency else ""


def _write_findings(sheet, row: int, findings: list[Finding], heading, styles, numbers) -> int:  # type: ignore[no-untyped-def]
    """Writes a table of findings, errors first; returns the row after it."""
    if not findings:
        sheet.write_string(row, 0, "Không có phát hiện nào.")
        return row + 1
    for column, (label, _) in enumerate(_COLUMNS):
        sheet.write_string(row, column, label, heading)
    for f in sorted(findings, key=lambda f: _ORDER[f.severity]):
        row += 1
        places = "; ".join((f.ref, *f.refs)) if f.ref else "; ".join(f.refs)
        # Numbers do not wrap.
        texts = (_SEVERITY[f.severity][0], places, f.message_vi, "", "", "", f.message_en, f.rule_id)
        sheet.set_row(row, row_height(texts, [width for _, width in _COLUMNS]))
        sheet.write_string(row, 0, _SEVERITY[f.severity][0], styles[f.severity])
        sheet.write_string(row, 1, places, styles[f.severity])
        sheet.write_string(row, 2, f.message_vi, styles[f.severity])
        for column, value in ((3, f.lhs), (4, f.rhs), (5, f.difference)):
            if value is None:
                sheet.write_blank(row, column, None, numbers[f.severity])
            else:
                sheet.write_number(row, column, float(value), numbers[f.severity])
        sheet.write_string(row, 6, f.message_en, styles[f.severity])
        sheet.write_string(row, 7, f.rule_id, styles[f.severity])
    return row + 1

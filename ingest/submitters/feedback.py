"""The answer to whoever submitted a file.

For a form in an .xlsx the sender's own workbook with the findings in it; for a written report a .docx with comments
beside the workbook of findings; else, and always for a list of persons, the workbook of findings alone.
"""

from __future__ import annotations

import logging
from pathlib import Path, PurePosixPath

import xlsxwriter

from ingest.core.atomic_file import replacing
from ingest.core.catalogue import Catalogue
from ingest.core.model import Finding, ReadFile
from ingest.core.row_heights import row_height
from ingest.submitters.answer_texts import headline, receiver
from ingest.submitters.marked_workbook import UnmarkableBookError, marked_workbook

logger = logging.getLogger(__name__)

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


def write_feedback(
    result: ReadFile, path: Path, source_path: str, catalogue: Catalogue, original: Path | None = None
) -> None:
    """Writes the answer to a file; the same reading always gives the same content.

    Args:
        result: what was read.
        path: the workbook to write (.xlsx); a marked report goes beside it as .docx.
        source_path: the name under which the file came.
        catalogue: names of units.
        original: the file itself, to be marked; without it there is only the workbook of findings.
    """
    name = PurePosixPath(source_path).name
    kinds = {submission.source_kind for submission in result.submissions}
    if original is not None and kinds and not _holds_persons(result):
        data = original.read_bytes()
        if kinds == {"form"} and data.startswith(b"PK\x03\x04"):
            try:
                marked = marked_workbook(data, result, name, catalogue)
            except UnmarkableBookError as problem:
                logger.info("%s is answered by a workbook of its own: %s", source_path, problem)
            else:
                with replacing(path) as temporary:
                    Path(temporary).write_bytes(marked)
                return
        elif kinds == {"report"}:
            _write_marked_report(data, result, path, name, catalogue)
    _write_findings_book(result, path, source_path, catalogue)


def _holds_persons(result: ReadFile) -> bool:
    """Whether a file holds data on persons: then nothing of its text goes into an answer."""
    is_list = any(submission.source_kind == "list" for submission in result.submissions)
    return is_list or any(one.rule_id.startswith("LST-") for one in result.all_findings)


def _write_marked_report(data: bytes, result: ReadFile, path: Path, name: str, catalogue: Catalogue) -> None:
    # Documents are opened by a library that a check of forms does not need.
    from ingest.submitters.marked_report import UnmarkableReportError, marked_report

    try:
        marked = marked_report(data, result, name, catalogue)
    except UnmarkableReportError as problem:
        logger.info("%s can't be marked: %s", name, problem)
        return
    with replacing(path.with_suffix(".docx")) as temporary:
        Path(temporary).write_bytes(marked)


def _write_findings_book(result: ReadFile, path: Path, source_path: str, catalogue: Catalogue) -> None:
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
        sheet.write_string(row, 0, headline(submission, catalogue), bold)
        received_by = receiver(submission, catalogue)
        if received_by:
            row += 1
            sheet.write_string(row, 0, received_by)
        row = _write_findings(sheet, row + 1, submission.findings, heading, styles, numbers) + 1
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


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

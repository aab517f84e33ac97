"""The sender's own workbook or report, with the findings in it."""

from __future__ import annotations

import io
import time
import zipfile
from decimal import Decimal
from pathlib import Path

import docx
import openpyxl
import pytest
import xlsxwriter

from ingest.core.catalogue import load_catalogue
from ingest.core.model import Finding, Observation, ReadFile, ReadSubmission, SourceKind
from ingest.submitters.feedback import write_feedback
from ingest.submitters.marked_workbook import UnmarkableBookError, marked_workbook


def sent_book() -> bytes:
    """A workbook with what programs lose: a chart, a picture, a comment, a validation, a name of one sheet."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        first, second = book.add_worksheet("Biểu 01"), book.add_worksheet("It's 02")
        bold = book.add_format({"bold": True, "bg_color": "#EEEEEE", "num_format": "#,##0"})
        for row in range(12):
            first.write_number(row, 1, 100 + row, bold)
        first.write_formula(12, 1, "=SUM(B1:B12)", bold, 1266)
        first.write_comment("B2", "của đơn vị")
        first.data_validation("C1", {"validate": "list", "source": ["a", "b"]})
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "='Biểu 01'!$B$1:$B$12"})
        first.insert_chart("E2", chart)
        first.insert_image("E20", "x.png", {"image_data": io.BytesIO(_png())})
        second.write_number("A1", 5)
        second.print_area("A1:B2")
        second.activate()
    return target.getvalue()


def _png() -> bytes:
    import matplotlib.pyplot as plt

    target = io.BytesIO()
    figure = plt.figure(figsize=(0.2, 0.2))
    figure.savefig(target, format="png")
    plt.close(figure)
    return target.getvalue()


def found(ref: str, severity: str = "error", **changes) -> Finding:
    return Finding("POV-002", severity, ref, f"Sai ở {ref}", f"wrong at {ref}", **changes)  # type: ignore[arg-type]


def reading(*findings: Finding, kind: SourceKind = "form") -> ReadFile:
    figure = Observation("Biểu 01!B1", "100", Decimal(100), "person", "poor_persons", "663@base", "2023")
    return ReadFile(
        [ReadSubmission("poverty_review", "v01", kind, "663@base", "2023", findings=list(findings),
                        observations=[figure])]
    )  # fmt: skip


def mark(*findings: Finding, data: bytes | None = None) -> bytes:
    return marked_workbook(data or sent_book(), reading(*findings), "bieu.xlsx", load_catalogue())


def test_cells_are_coloured_and_commented_and_listed_with_a_link():
    wrong = found("Biểu 01!B3", refs=("Biểu 01!B4",), lhs=Decimal(7), right=Decimal(9))
    book = openpyxl.load_workbook(io.BytesIO(mark(wrong, found("It's 02!C9"))))
    first, sent, other = book.worksheets
    assert book.sheetnames == ["Phản hồi", "Biểu 01", "It's 02"]
    assert book.active is first
    assert "Sai ở Biểu 01!B3" in sent["B3"].comment.text
    assert sent["B3"].fill.fgColor.rgb != sent["B5"].fill.fgColor.rgb
    assert sent["B3"].font.bold
    assert sent["B3"].number_format == sent["B5"].number_format
    assert "Biểu 01!B3" in sent["B4"].comment.text
    assert "Sai ở It's 02!C9" in other["C9"].comment.text
    links = {cell.value: cell.hyperlink.location for row in first.iter_rows() for cell in row if cell.hyperlink}
    assert links == {"Biểu 01!B3": "'Biểu 01'!B3", "It's 02!C9": "'It''s 02'!C9"}
    shown = [str(cell.value) for row in first.iter_rows() for cell in row]
    assert any("CHƯA ĐƯỢC TIẾP NHẬN" in text for text in shown)
    assert any("14/12/2023" in text for text in shown)


def test_what_is_not_marked_is_kept_byte_by_byte():
    sent, marked = (zipfile.ZipFile(io.BytesIO(data)) for data in (sent_book(), mark(found("Biểu 01!B3"))))
    kept = [name for name in sent.namelist() if name.startswith(("xl/charts", "xl/media", "xl/drawings/drawing"))]
    assert len(kept) >= 3
    assert all(sent.read(name) == marked.read(name) for name in kept)
    book = openpyxl.load_workbook(io.BytesIO(mark(found("Biểu 01!B3"))))
    assert book["Biểu 01"]["B13"].value == "=SUM(B1:B12)"
    assert book["Biểu 01"].data_validations.count == 1
    assert book["Biểu 01"]["B2"].comment.text == "của đơn vị"
    assert book["It's 02"].print_area == "'It''s 02'!$A$1:$B$2"


def test_a_senders_own_comment_is_kept_above():
    comment = openpyxl.load_workbook(io.BytesIO(mark(found("Biểu 01!B2"))))["Biểu 01"]["B2"].comment
    assert comment.text.startswith("của đơn vị")
    assert "Sai ở Biểu 01!B2" in comment.text


def test_accepted_says_so_in_one_line():
    book = openpyxl.load_workbook(io.BytesIO(mark()))
    lines = [str(row[0].value) for row in book.worksheets[0].iter_rows() if row[0].value]
    assert len(lines) == 4
    assert "ĐƯỢC TIẾP NHẬN, lấy 1 số liệu" in lines[2]


def test_an_answer_that_comes_back_is_answered_anew():
    once = mark(found("Biểu 01!B3"))
    book = openpyxl.load_workbook(io.BytesIO(mark(found("Biểu 01!B5"), data=once)))
    assert book.sheetnames == ["Phản hồi", "Biểu 01", "It's 02"]
    assert book["Biểu 01"]["B3"].comment is None
    assert "Sai ở Biểu 01!B5" in book["Biểu 01"]["B5"].comment.text
    assert book["Biểu 01"]["B3"].fill.fgColor.rgb != book["Biểu 01"]["B5"].fill.fgColor.rgb


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "<script>&", "\x00\x07 chuông", "x" * 50_000])
def test_what_is_quoted_is_text(text):
    data = marked_workbook(
        sent_book(), reading(Finding("WB-017", "error", "Biểu 01!B3", text, text)), text[:100], load_catalogue()
    )
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert not [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04broken", b"%PDF-1.4"])
def test_what_is_no_workbook_can_not_be_marked(data):
    with pytest.raises(UnmarkableBookError):
        marked_workbook(data, reading(), "x.xlsx", load_catalogue())


def test_two_hundred_findings_are_shown_within_a_second():
    findings = [found(f"Biểu 01!{letter}{row}") for letter in "BCDEFGHI" for row in range(1, 26)]
    sent = sent_book()
    mark(found("Biểu 01!B3"), data=sent)
    started = time.process_time()
    book = mark(*findings, data=sent)
    assert time.process_time() - started < 1
    assert openpyxl.load_workbook(io.BytesIO(book)).worksheets[0].max_row > 200


def test_a_list_is_never_sent_back_with_its_names(tmp_path: Path):
    original, answer = tmp_path / "list.xlsx", tmp_path / "answer.xlsx"
    original.write_bytes(sent_book())
    result = reading(found("row 3"), kind="list")
    write_feedback(result, answer, "list.xlsx", load_catalogue(), original)
    assert openpyxl.load_workbook(answer).sheetnames == ["Phản hồi"]


def test_a_report_comes_back_with_comments_at_its_sentences(tmp_path: Path):
    document = docx.Document()
    document.add_paragraph("Mở đầu")
    document.add_paragraph("Toàn huyện có 470 hộ nghèo.")
    table = document.add_table(rows=2, cols=2)
    table.cell(1, 1).text = "131"
    original, answer = tmp_path / "report.docx", tmp_path / "answer.xlsx"
    document.save(str(original))
    result = reading(found("P2:15-18", "warning"), found("T1!B2", "warning"), kind="report")
    write_feedback(result, answer, "report.docx", load_catalogue(), original)
    marked = docx.Document(str(answer.with_suffix(".docx")))
    said = [comment.text for comment in marked.comments]
    assert any("ĐƯỢC TIẾP NHẬN" in text for text in said)
    assert "Sai ở P2:15-18" in said
    assert "Sai ở T1!B2" in said
    assert [p.text for p in marked.paragraphs] == [p.text for p in document.paragraphs]


def test_a_text_comes_back_as_a_document(tmp_path: Path):
    original, answer = tmp_path / "report.txt", tmp_path / "answer.xlsx"
    original.write_text("HUYỆN ĐẮK MIL\n\nToàn huyện có 470 hộ nghèo năm 2023.\n", encoding="utf-8")
    write_feedback(reading(found("L3:14-17", "warning"), kind="report"), answer, "r.txt", load_catalogue(), original)
    marked = docx.Document(str(answer.with_suffix(".docx")))
    assert "Toàn huyện có 470 hộ nghèo năm 2023." in [p.text for p in marked.paragraphs]
    assert "Sai ở L3:14-17" in [comment.text for comment in marked.comments]

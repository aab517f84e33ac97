"""Reports as .docx, .pdf and text: lines with their places, and files that are no such thing."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import docx
import matplotlib as mpl
import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pytest
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure

from ingest.core.catalogue import load_catalogue
from ingest.narrative.segments import segment
from ingest.readers.report.open_document import document_lines
from ingest.readers.report.pdf_lines import can_ocr
from ingest.readers.report.read_report import read_report
from ingest.readers.show_place import show_place
from jobs.extraction import extraction_rows

LINES = (
    "ỦY BAN NHÂN DÂN HUYỆN ĐẮK MIL",
    "BÁO CÁO",
    "Kết quả công tác giảm nghèo năm 2023",
    "Đến cuối năm 2023, toàn huyện có 470 hộ nghèo với 2.439 khẩu, tỷ lệ hộ nghèo là 1,68%.",
)


def docx_report() -> bytes:
    document = docx.Document()
    for line in LINES:
        document.add_paragraph(line)
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Gộp"
    table.cell(1, 1).text = "Ô B2"
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def pdf_report(lines: tuple[str, ...]) -> bytes:
    figure = Figure(figsize=(11, 6))
    target = io.BytesIO()
    with mpl.rc_context({"pdf.fonttype": 42}):
        for place, line in enumerate(lines):
            figure.text(0.05, 0.9 - 0.1 * place, line)
        if not lines:
            figure.add_axes((0, 0, 1, 1)).imshow([[0, 1], [1, 0]])
            figure.axes[0].axis("off")
        FigureCanvasPdf(figure).print_pdf(target)
    return target.getvalue()


def poor_households(data: bytes, name: str):
    result = read_report(data, name, load_catalogue())
    (submission,) = result.submissions
    return next(o for o in submission.observations if o.indicator_code == "poor_households")


@pytest.mark.parametrize(
    ("data", "name", "line"),
    [
        (docx_report(), "bao-cao.docx", "P4"),
        (pdf_report(LINES), "bao-cao.pdf", "p1L4"),
        ("\n".join(LINES).encode(), "bao-cao.txt", "L4"),
        ("\n".join(LINES).encode("utf-16"), "bao-cao.txt", "L4"),
    ],
    ids=["docx", "pdf", "utf-8", "utf-16"],
)
def test_every_kind_of_report_reads_alike(data, name, line):
    found = poor_households(data, name)
    assert found.value == 470
    assert found.ref.startswith(f"{line}:")
    assert "toàn huyện có «470" in show_place(data, name, found.ref)


def test_folders_are_the_last_hint():
    text = "Toàn huyện có 470 hộ nghèo với 2.439 khẩu.".encode()
    hinted = read_report(text, "a.txt", load_catalogue(), "67/663/2023/a.txt")
    assert [(s.reporting_unit_id, s.period) for s in hinted.submissions] == [("663@base", "2023")]
    unknown = read_report(text, "663_2023.txt", load_catalogue(), "663_2023.txt")
    assert {f.rule_id for f in unknown.findings} == {"TXT-002", "TXT-003"}


def test_cells_have_places_and_a_merged_one_is_read_once():
    cells = {line.place: line.text for line in document_lines(docx_report()) if line.kind == "cell"}
    assert cells == {"T1!A1": "Gộp", "T1!A2": "", "T1!B2": "Ô B2"}


# What a document knows beside its text


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def made_docx(body: str, **parts: str) -> bytes:
    """A document of hand-written XML; parts by their name in the folder `word`."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return target.getvalue()


def paragraph(text: str, properties: str = "", end: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space='preserve'>{text}</w:t></w:r>{end}</w:p>"


HEAD = "".join(map(paragraph, LINES[:3]))


def read_as(data: bytes, name: str = "bao-cao.docx"):
    """What is read, by ref: value, indicator, breakdown."""
    (submission,) = read_report(data, name, load_catalogue()).submissions
    return {o.ref: (o.value, o.indicator_code, o.breakdown) for o in submission.observations}


def test_a_footnote_belongs_to_the_number_it_is_marked_at():
    mark = '<w:r><w:footnoteReference w:id="7"/></w:r>'
    body = HEAD + paragraph("Toàn huyện có 470 hộ nghèo", end=mark) + paragraph("II. Nhiệm vụ năm 2024")
    note = f'<w:footnote w:id="7">{paragraph("Dân tộc thiểu số 315 hộ; Kinh 155 hộ.")}</w:footnote>'
    read = read_as(made_docx(body, footnotes=f"<w:footnotes {W}>{note}</w:footnotes>"))
    assert read["P4:14-26"] == (470, "poor_households", "")
    assert read["N1:17-23"] == (315, "poor_households", "ethnicity=minority")


def test_paragraphs_stay_apart_and_numbered_ones_are_items():
    numbered = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    numbering = (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>'
        '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )
    body = HEAD + paragraph("Giải quyết việc làm cho 300 lao động. Trong đó:")
    body += paragraph("Đi làm việc ngoại tỉnh: 200 người", numbered) + paragraph(
        "Xuất khẩu lao động: 100 người", numbered
    )
    body += paragraph("Đào tạo nghề cho 50 học viên")
    passages = segment(document_lines(made_docx(body, numbering=numbering))).passages
    assert [(p.text[:12], p.kind) for p in passages[-3:]] == [
        ("Đi làm việc ", "item"), ("Xuất khẩu la", "item"), ("Đào tạo nghề", "paragraph"),
    ]  # fmt: skip
    read = read_as(made_docx(body, numbering=numbering))
    assert [found[1:] for found in read.values()] == [
        ("jobs_created", ""), ("jobs_created", "channel=out_of_province"), ("jobs_created", "channel=labour_export"),
        ("trainees", ""),
    ]  # fmt: skip


def test_text_boxes_and_tables_within_tables_are_read():
    box = f"<w:p><w:r><w:pict><w:txbxContent>{paragraph('HỘP CHỮ')}</w:txbxContent></w:pict><w:t>Thân</w:t></w:r></w:p>"
    cell = "<w:tc>{}</w:tc>".format
    inner = f"<w:tbl><w:tr>{cell(paragraph('trong'))}</w:tr></w:tbl>"
    table = f"<w:tbl><w:tr>{cell(inner)}</w:tr><w:tr>{cell(paragraph('sau'))}</w:tr></w:tbl>"
    lines = {line.place: line.text for line in document_lines(made_docx(box + table)) if line.place}
    assert lines == {"P1": " HỘP CHỮ Thân", "T1!A1": "trong", "T1!A2": "sau"}


def test_a_cell_is_shown_with_its_row():
    assert show_place(docx_report(), "a.docx", "T1!B2") == "«Ô B2»"


# What only the places of a PDF's letters tell


def test_a_pdfs_paragraphs_end_where_a_line_had_room():
    lines = (
        *LINES[:3],
        "Trong năm, toàn huyện giải quyết việc làm cho 300 lao động, kết quả này có được là nhờ sự phối hợp của",
        "Ngân hàng Chính sách xã hội.",
        "Ngoài ra đã đào tạo nghề cho",
        "Đối tượng khác chưa được thống kê",
    )
    passages = segment(document_lines(pdf_report(lines))).passages
    assert [p.text[:10] for p in passages[-3:]] == ["Trong năm,", "Ngoài ra đ", "Đối tượng "]


def test_raised_digits_of_a_pdf_are_marks_and_no_part_of_a_number():
    lines = (*LINES[:3], "Đến cuối năm 2023$^{8}$ toàn huyện có 470 hộ$^{9}$ nghèo.")
    (text,) = (line.text for line in document_lines(pdf_report(lines)) if "470" in line.text)
    assert text == "Đến cuối năm 2023⁸ toàn huyện có 470 hộ⁹ nghèo."


def scan_of(lines: tuple[str, ...], *, with_text_page: bool = False) -> bytes:
    """A PDF of a page's picture, after a page with text if asked for."""
    with pdfium.PdfDocument(pdf_report(lines)) as drawn, pdfium.PdfDocument.new() as made:
        if with_text_page:
            made.import_pages(drawn)
        picture = io.BytesIO()
        drawn[0].render(scale=200 / 72).to_pil().convert("RGB").save(picture, "JPEG")
        page = made.new_page(792, 432)
        image = pdfium.PdfImage.new(made)
        image.load_jpeg(picture)
        image.set_matrix(pdfium.PdfMatrix().scale(792, 432))
        page.insert_obj(image)
        page.gen_content()
        target = io.BytesIO()
        made.save(target)
    return target.getvalue()


def test_a_scan_is_read_where_tesseract_is_installed():
    if not can_ocr():
        pytest.skip("NOT TESTED: tesseract with Vietnamese (tesseract-ocr, tesseract-ocr-vie) is not installed")
    result = read_report(scan_of(LINES), "quet.pdf", load_catalogue())
    (submission,) = result.submissions
    assert [f.rule_id for f in submission.findings] == ["TXT-007"]
    found = next(o for o in submission.observations if o.indicator_code == "poor_households")
    typed = poor_households(pdf_report(LINES), "a.pdf")
    assert found.value == 470
    assert found.ref.startswith("p1L")
    assert found.confidence < typed.confidence
    assert "«470 hộ" in show_place(scan_of(LINES), "quet.pdf", found.ref)
    # A page of specks is a scan with nothing to read.
    empty = read_report(pdf_report(()), "quet.pdf", load_catalogue())
    assert ([f.rule_id for f in empty.findings], empty.submissions) == (["TXT-005"], [])


def test_pictures_among_pages_of_text_are_not_passed_over_in_silence(monkeypatch):
    monkeypatch.setenv("PATH", "")  # No tesseract, installed or not.
    (submission,) = read_report(scan_of(LINES, with_text_page=True), "a.pdf", load_catalogue()).submissions
    (told,) = submission.findings
    assert told.rule_id == "TXT-012"
    assert "2" in told.message_en
    assert any(o.value == 470 for o in submission.observations)


# What is no report


def zip_bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (100 * 1024 * 1024))
    return target.getvalue()


def with_entity() -> bytes:
    """A document whose text names a file of the machine as an entity."""
    source, target = io.BytesIO(docx_report()), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "word/document.xml":
                data = data.replace(b"?>", b'?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>', 1)
                data = data.replace("BÁO CÁO".encode(), "BÁO CÁO &x;".encode())
            new.writestr(entry, data)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"PK\x03\x04 broken", "TXT-004"),
        (b"%PDF-1.7 broken", "TXT-004"),
        (zip_bomb(), "TXT-004"),
        (pdf_report(()), "TXT-005"),
        ("Báo cáo".encode("cp1258", "ignore") + bytes(range(128, 255)), "TXT-004"),
        (b"x" * (6 * 1024 * 1024), "TXT-001"),
    ],
    ids=["broken zip", "broken pdf", "zip bomb", "scan", "no encoding", "too long"],
)
def test_what_cannot_be_read_is_a_finding(data, rule, monkeypatch):
    monkeypatch.setenv("PATH", "")  # No tesseract, installed or not.
    result = read_report(data, "bao-cao", load_catalogue())
    assert (result.submissions, [f.rule_id for f in result.findings]) == ([], [rule])


def test_an_entity_of_a_document_is_not_followed():
    secret = Path("/etc/hostname").read_text(encoding="utf-8").strip()
    result = read_report(with_entity(), "bao-cao.docx", load_catalogue())
    assert (result.submissions, [f.rule_id for f in result.findings]) == ([], ["TXT-004"])
    assert secret not in result.findings[0].message_en


def test_a_report_that_does_not_say_of_when_it_is_shows_its_figures_and_is_no_submission():
    text = "\n".join((LINES[0], "BÁO CÁO", "Kết quả công tác giảm nghèo", "Toàn huyện có 470 hộ nghèo với 2.439 khẩu."))
    catalogue = load_catalogue()
    read = read_report(text.encode(), "a.txt", catalogue)
    assert read.submissions == []
    assert [f.rule_id for f in read.all_findings] == ["TXT-003"]
    rows = extraction_rows(read, catalogue)
    assert [(row["indicator"], row["value"], row["unit_code"], row["period"]) for row in rows] == [
        ("poor_households", 470, "663", ""),
        ("poor_persons", 2439, "663", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        " " * 300_000 + "470 hộ nghèo" + "\t" * 300_000,
        "(" * 100_000,
        "1." * 100_000,
        "9" * 300_000,
        "trong đó " * 40_000,
    ],
    ids=["blanks", "brackets", "dots", "digits", "words"],
)
def test_hostile_texts_cost_little(text):
    started = time.process_time()
    read_report("\n".join((*LINES, text)).encode(), "a.txt", load_catalogue())
    # Seconds where it grows with the text, minutes where with its square.
    assert time.process_time() - started < 15


def test_a_document_names_the_outside_in_vain():
    """Relationships that lead out of the package are never followed: no part but the text's own is opened."""
    outside = 'Target="http://192.0.2.1/x.dotm" TargetMode="External"'
    relations = f'<Relationships><Relationship Id="rId1" Type="attachedTemplate" {outside}/></Relationships>'
    body = "".join(map(paragraph, LINES)) + '<w:altChunk id="rId1"/>'
    assert read_as(made_docx(body, **{"_rels/document.xml": relations})) == read_as(made_docx(body))


def test_an_empty_document_says_so():
    result = read_report(made_docx("<w:p/>"), "a.docx", load_catalogue())
    assert ([f.rule_id for f in result.findings], result.submissions) == (["TXT-004"], [])

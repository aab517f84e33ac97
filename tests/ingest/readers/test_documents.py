"""Reports as .docx, .pdf and text: lines with their places, and files that are no such thing."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import matplotlib as mpl
import pytest
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure

from ingest.catalogue import load_catalogue
from ingest.extraction import extraction_rows
from ingest.readers.documents import document_lines
from ingest.readers.places import show_place
from ingest.readers.report import read_report

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

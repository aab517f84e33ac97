"""The sample reports in prose: texts of our own with figures, as a Word document or as plain text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from ingest.core.catalogue import Catalogue
from samples.model import figures_of
from samples.packing import packed, parts_of

TEXTS = Path(__file__).parent / "texts"

_MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")


@dataclass(frozen=True, slots=True)
class SampleReport:
    """A written report in the samples' inbox; `text` names its text in `texts`."""

    path: str
    unit_id: str
    period: str
    text: str


REPORTS = (
    SampleReport("67/663/2023/bao-cao-nam-2023.docx", "663@base", "2023", "dak_mil_2023.md"),
    SampleReport("67/666/2023/bao-cao-nam-2023.txt", "666@base", "2023", "dak_rlap_2023.md"),
)


def report_bytes(report: SampleReport, catalogue: Catalogue) -> bytes:
    """The report in the format that its name tells."""
    text = (TEXTS / report.text).read_text(encoding="utf-8")
    if "{" in text:
        text = text.format(**told_figures(report.unit_id, catalogue))
    return _document(text) if report.path.endswith(".docx") else _plain(text)


def told_figures(unit_id: str, catalogue: Catalogue) -> dict[str, str]:
    """The figures of 2023 that a generated report tells, in Vietnamese writing."""
    review = _numbers("poverty_review", unit_id, "2023", catalogue)
    before = _numbers("poverty_review", unit_id, "2022", catalogue)
    jobs = _numbers("employment", unit_id, "2023", catalogue)
    training = _numbers("vocational_training", unit_id, "2023", catalogue)
    assistance = _numbers("social_protection", unit_id, "2023", catalogue)
    merit = _numbers("merit_subsidy", unit_id, "2023", catalogue)
    households, poor, near_poor = (
        _summed(review, column) for column in ("total_households", "poor_households", "near_poor_households")
    )
    july = {row for row, _ in merit if row.startswith("wid_")}
    exports = {row for row, _ in jobs if row.startswith("jobs_export")}
    numbers = {
        "poor_households": poor,
        "poor_persons": _summed(review, "poor_persons"),
        "poor_rate": round(100 * poor / households, 2),
        "poor_fall": _summed(before, "poor_households") - poor,
        "poor_kinh": _summed(review, "poor_kinh_households"),
        "poor_minority": _summed(review, "poor_minority_households"),
        "poor_local": _summed(review, "poor_local_minority_households"),
        "near_poor_households": near_poor,
        "near_poor_persons": _summed(review, "near_poor_persons"),
        "near_poor_rate": round(100 * near_poor / households, 2),
        "jobs": _summed(jobs, "jobs_created"),
        "jobs_female": _summed(jobs, "jobs_created_female"),
        "jobs_export": _summed(jobs, "persons", exports),
        **{row: jobs[row, "persons"] for row in ("jobs_out_of_province", "jobs_enterprise", "jobs_loan")},
        "labour_force": _summed(jobs, "labour_force"),
        "trainees": _summed(training, "trainees"),
        "trainees_short": training["level_under_3_months", "trainees"],
        "trained_labour_rate": training["trained_labour_rate", "figure"],
        "merit_recipients": _summed(merit, "recipients"),
        "merit_turns": _summed(merit, "turns"),
        "merit_amount": _summed(merit, "amount", {row for row, column in merit if column == "recipients"}),
        "wid_gifts": _summed(merit, "gifts", july),
        "wid_amount": _summed(merit, "gift_amount", july),
        "sa_beneficiaries": _summed(assistance, "beneficiaries"),
        "sa_amount": _summed(assistance, "amount", {row for row, column in assistance if column == "turns"}),
        "funeral_cases": assistance["funeral", "count"],
        "funeral_amount": assistance["funeral", "amount"],
    }
    return {told: vietnamese(number) for told, number in numbers.items()}


def _summed(numbers: dict[tuple[str, str], Decimal], column: str, rows: set[str] | None = None) -> Decimal:
    return sum((v for (row, its), v in numbers.items() if its == column and (rows is None or row in rows)), Decimal(0))


def _numbers(form: str, unit_id: str, period: str, catalogue: Catalogue) -> dict[tuple[str, str], Decimal]:
    values = figures_of(form, catalogue.units[unit_id], period, catalogue)
    return {place: Decimal(value) for place, value in values.items() if not isinstance(value, str)}


def vietnamese(number: Decimal) -> str:
    """A number with dots between thousands and a comma before decimals."""
    text = f"{number.normalize():,f}" if number % 1 else f"{int(number):,}"
    return text.translate(str.maketrans(",.", ".,"))


@dataclass(frozen=True, slots=True)
class _Line:
    kind: str
    text: str


def _lines(text: str) -> Iterator[_Line]:
    for line in text.splitlines():
        marks, _, rest = line.partition(" ")
        if marks in ("#", "##", "###"):
            yield _Line(marks, rest)
        elif marks == "-":
            yield _Line("item", line)
        elif line.strip():
            yield _Line("paragraph", line)


def _plain(text: str) -> bytes:
    without_marks = (line.lstrip("# ") if line.startswith("#") else line for line in text.splitlines())
    return ("\r\n".join(without_marks) + "\r\n").encode()


def _document(text: str) -> bytes:
    """A Word document with the letterhead that official reports have."""
    document = Document()
    document.styles["Normal"].font.name = "Times New Roman"
    document.styles["Normal"].font.size = Pt(13)
    letterhead, _, body = text.partition("# ")
    *office, dated = [line for line in letterhead.splitlines() if line.strip()]
    cells = document.add_table(rows=1, cols=2).rows[0].cells
    for cell, lines in zip(cells, (office, [*_MOTTO, dated]), strict=True):
        cell.text = "\n".join(lines)
        cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    for line in _lines("# " + body):
        paragraph = document.add_paragraph()
        run = paragraph.add_run(line.text)
        run.bold = line.kind.startswith("#")
        if line.kind == "#":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif line.kind in ("paragraph", "item"):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    properties = document.core_properties
    properties.author, properties.last_modified_by, properties.comments = "", "", "Văn bản minh họa"
    properties.created = properties.modified = datetime(2024, 1, 9)  # noqa: DTZ001 - Office keeps no zone
    out = io.BytesIO()
    document.save(out)
    return packed(parts_of(out.getvalue()))

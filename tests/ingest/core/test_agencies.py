"""What a unit gets and sends says which department it is for, by date."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from ingest.forms import load_forms
from ingest.readers.form.read_form import read_workbook
from ingest.store.due_reports import Missing
from ingest.submitters.feedback import write_feedback
from ingest.submitters.form_template import write_template
from ingest.submitters.reminders import write_reminders

LABOUR, HEALTH = "Sở Lao động - Thương binh và Xã hội", "Sở Y tế"
FARMING, HOME = "Sở Nông nghiệp và Môi trường", "Sở Nội vụ"
BEFORE, SINCE = date(2025, 2, 28), date(2025, 12, 31)


@pytest.mark.parametrize(
    ("form", "since"),
    [
        ("poverty_review", FARMING),
        ("programme_budget", FARMING),
        ("social_protection", HEALTH),
        ("list_social_assistance", HEALTH),
        ("children", HEALTH),
        ("employment", HOME),
        ("merit_subsidy", HOME),
        ("list_merit_subsidy", HOME),
        ("written_report", HOME),
    ],
)
def test_communes_report_to_several_departments(catalogue, form, since):
    domain = load_forms()[form].head.domain
    assert [catalogue.agency_of(domain, day).name_vi for day in (BEFORE, SINCE)] == [LABOUR, since]


def test_each_form_has_one_department_on_each_day(catalogue):
    for form in load_forms().values():
        of_form = [r for r in catalogue.responsibilities if r.domain == form.head.domain and not r.indicator_prefix]
        assert of_form, form.code
        for one in of_form:
            assert sum(r.valid_from <= one.valid_from < r.valid_to for r in of_form) == 1


@pytest.mark.parametrize(
    ("form", "unit", "period", "agency", "act"),
    [
        ("social_protection", "663", "2023-Q3", LABOUR, "Nghị định 20/2021/NĐ-CP"),
        ("social_protection", "24664", "2026-Q3", HEALTH, "Nghị định 20/2021/NĐ-CP"),
        ("social_protection", "24664", "2026-Q4", HEALTH, "Nghị định 335/2026/NĐ-CP"),
        ("list_social_assistance", "24664", "2026-10", HEALTH, "Nghị định 335/2026/NĐ-CP"),
        ("list_merit_subsidy", "24664", "2026-09", HOME, "Nghị định 75/2021/NĐ-CP"),
        ("poverty_review", "24664", "2025", FARMING, "Thông tư 07/2021/TT-BLĐTBXH"),
    ],
)
def test_a_template_names_department_and_act_of_its_period(catalogue, tmp_path, form, unit, period, agency, act):
    day = date(int(period[:4]), 12, 31) if len(period) == 4 else date(int(period[:4]), 7, 1)
    path = tmp_path / "book.xlsx"
    write_template(load_forms()[form], catalogue.unit_by_code(unit, day), period, path, catalogue)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    head = [str(cell) for row in sheet.iter_rows(max_row=8, values_only=True) for cell in row if cell]
    assert f"Cơ quan nhận báo cáo: {agency}" in head
    (basis,) = [text for text in head if text.startswith(("Biểu do địa phương", "Theo biểu số"))]
    assert act in basis
    replaced = {"Nghị định 335/2026/NĐ-CP": "20/2021/NĐ-CP", "Nghị định 20/2021/NĐ-CP": "335/2026/NĐ-CP"}
    assert replaced.get(act, "never") not in basis


def test_feedback_names_the_department_of_the_period(catalogue, tmp_path):
    unit = catalogue.unit_by_code("24664", SINCE)
    book, answer = tmp_path / "book.xlsx", tmp_path / "answer.xlsx"
    write_template(load_forms()["poverty_review"], unit, "2025", book, catalogue, {("24664", "poor_households"): 3})
    read = read_workbook(book.read_bytes(), book.name, catalogue, load_forms())
    assert read.submissions
    write_feedback(read, answer, book.name, catalogue)
    said = [row[0] for row in openpyxl.load_workbook(answer).worksheets[0].iter_rows(values_only=True) if row[0]]
    assert f"Cơ quan nhận báo cáo: {FARMING} | Received by: Department of Agriculture and Environment" in said


def test_a_reminder_names_the_department_of_the_period(catalogue, tmp_path):
    missing = [
        Missing("24664@2025-07-01", "employment", "2025-Q4", date(2026, 1, 10), None),
        Missing("24664@2025-07-01", "poverty_review", "2025", date(2025, 12, 14), None),
    ]
    (path, _) = write_reminders(tmp_path, missing, catalogue, load_forms(), date(2026, 1, 20))
    rows = list(openpyxl.load_workbook(path).worksheets[0].iter_rows(min_row=5, values_only=True))
    assert [str(row[-1]).split("\n")[0] for row in rows if row[1]] == [HOME, FARMING]


def test_a_department_has_one_name_symbol_and_letterhead(catalogue):
    agencies = {one.agency for one in catalogue.responsibilities}
    assert len(agencies) == len({agency.code for agency in agencies})
    for agency in agencies:
        assert " ".join(agency.letterhead) == agency.name_vi

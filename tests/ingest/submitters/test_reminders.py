"""Who owes what is looked up in a real registry and written to workbooks that open."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ingest.core.model import Finding, ReadSubmission
from ingest.store import load, registry
from ingest.store.due_reports import DAYS_AHEAD, DAYS_BACK, Missing, missing_submissions
from ingest.submitters import calendar
from ingest.submitters.calendar import expect_last_periods
from ingest.submitters.reminders import SUMMARY, write_reminders

DAK_MIL, CU_JUT = "663@base", "662@base"
DUE = date(2023, 12, 14)
ERROR = Finding("POV-001", "error", "Biểu!C9", "Tổng không khớp.", "The total does not agree.")
_numbers = itertools.count(1)


@pytest.fixture
def connection(database):
    with database.connect("ingest") as opened:
        opened.autocommit = True
        yield opened


def submit(connection, unit_id: str, form: str = "poverty_review", period: str = "2023", findings=()) -> str:
    digest = f"{next(_numbers):064}"
    with connection.transaction():
        registry.register_delivery(
            connection, sha256=digest, size_bytes=1, archive_path=Path(digest), source_path=digest, channel="inbox"
        )
    made = ReadSubmission(form, "v01", "form", unit_id, period, findings=list(findings))
    return load.load_submission(connection, digest, made, "1")


def owed(connection, day: date) -> dict[tuple[str, str], Missing]:
    return {(m.unit_id, m.form_code): m for m in missing_submissions(connection, day)}


@pytest.fixture
def due(connection, catalogue, forms):
    calendar.write_calendar(connection, catalogue, forms, period="2023", province_code="67")
    return connection


@pytest.mark.database
def test_what_never_came_or_was_refused_is_owed_and_what_was_accepted_is_not(due):
    assert submit(due, DAK_MIL) == "accepted"
    assert submit(due, CU_JUT, findings=[ERROR]) == "quarantined"
    found = owed(due, DUE + timedelta(days=1))
    assert (DAK_MIL, "poverty_review") not in found
    assert found[CU_JUT, "poverty_review"] == Missing(CU_JUT, "poverty_review", "2023", DUE, "quarantined")
    assert found["660@base", "poverty_review"].state is None


@pytest.mark.database
def test_a_refused_correction_leaves_what_was_accepted_before(due):
    submit(due, DAK_MIL)
    assert submit(due, DAK_MIL, findings=[ERROR]) == "quarantined"
    assert (DAK_MIL, "poverty_review") not in owed(due, DUE)


@pytest.mark.database
def test_it_is_named_a_week_before_and_for_a_year(due):
    key = (DAK_MIL, "poverty_review")
    assert key not in owed(due, DUE - timedelta(days=DAYS_AHEAD + 1))
    assert key in owed(due, DUE - timedelta(days=DAYS_AHEAD))
    assert key in owed(due, DUE + timedelta(days=DAYS_BACK))
    assert key not in owed(due, DUE + timedelta(days=DAYS_BACK + 1))


@pytest.mark.database
def test_the_last_periods_of_forms_in_use_are_expected_before_anybody_has_reported(connection, catalogue, forms):
    assert expect_last_periods(connection, catalogue, forms, date(2024, 1, 31)) == 0
    submit(connection, DAK_MIL, form="employment", period="2023-Q2")
    assert expect_last_periods(connection, catalogue, forms, date(2024, 1, 31)) > 0
    scopes = "select distinct form_code, period from registry.calendar order by period"
    # By quarters, as it was sent: nobody has sent it for a year.
    assert connection.execute(scopes).fetchall() == [("employment", "2023-Q4")]
    every = "select form_code, reporting_unit_id, period, due_on from registry.calendar order by 1, 2, 3"
    before = connection.execute(every).fetchall()
    expect_last_periods(connection, catalogue, forms, date(2024, 1, 31))
    assert connection.execute(every).fetchall() == before
    # Nothing before the first use, and nothing of a province that has been merged since.
    assert expect_last_periods(connection, catalogue, forms, date(2023, 2, 1)) == 0
    assert expect_last_periods(connection, catalogue, forms, date(2026, 2, 1)) == 0


MISSING = [
    Missing(CU_JUT, "poverty_review", "2023", DUE, "quarantined"),
    Missing(CU_JUT, "employment", "2023-Q4", date(2024, 1, 10), None),
    Missing(DAK_MIL, "employment", "2023-Q4", date(2024, 1, 10), None),
]


def rows_of(path) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return [row for row in sheet.iter_rows(min_row=5, values_only=True) if row[0]]


def test_each_unit_gets_its_own_workbook_and_the_province_all(tmp_path, catalogue, forms):
    paths = write_reminders(tmp_path, MISSING, catalogue, forms, date(2024, 1, 9))
    assert [path.name for path in paths] == [f"nhac-nop-{CU_JUT}.xlsx", f"nhac-nop-{DAK_MIL}.xlsx", SUMMARY]
    refused, coming = rows_of(paths[0])
    assert refused[:2] == ("Huyện Cư Jút", "poverty_review")
    assert refused[3:6] == ("Năm 2023", refused[4], 26)
    assert refused[4].date() == DUE
    assert "Đã nhận nhưng chưa được tiếp nhận" in refused[6]
    assert "mend what the feedback names" in refused[6]
    assert coming[3] == "Quý IV năm 2023"
    assert coming[5] == 0
    assert len(rows_of(paths[2])) == 3


def test_the_same_debts_on_the_same_day_give_the_same_bytes(tmp_path, catalogue, forms):
    first = [p.read_bytes() for p in write_reminders(tmp_path, MISSING, catalogue, forms, date(2024, 1, 9))]
    second = [p.read_bytes() for p in write_reminders(tmp_path, MISSING, catalogue, forms, date(2024, 1, 9))]
    assert first == second


def test_the_reminder_of_who_owes_nothing_any_more_goes_and_other_files_stay(tmp_path, catalogue, forms):
    (tmp_path / "notes.xlsx").write_bytes(b"somebody's own")
    write_reminders(tmp_path, MISSING, catalogue, forms, date(2024, 1, 9))
    write_reminders(tmp_path, MISSING[2:], catalogue, forms, date(2024, 1, 9))
    assert {path.name for path in tmp_path.iterdir()} == {f"nhac-nop-{DAK_MIL}.xlsx", SUMMARY, "notes.xlsx"}
    write_reminders(tmp_path, [], catalogue, forms, date(2024, 1, 9))
    assert {path.name for path in tmp_path.iterdir()} == {SUMMARY, "notes.xlsx"}
    assert rows_of(tmp_path / SUMMARY) == []

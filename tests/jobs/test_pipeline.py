"""From an inbox to committed observations: real files, a real database, the whole code path."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from ingest.core.catalogue import load_catalogue
from ingest.forms import load_forms
from ingest.store import load
from ingest.submitters.form_template import write_template
from jobs import pipeline

pytestmark = pytest.mark.database

REPORT = """
ỦY BAN NHÂN DÂN HUYỆN ĐẮK MIL

Đắk Mil, ngày 05 tháng 01 năm 2024

BÁO CÁO
Kết quả công tác giảm nghèo năm 2023

Đến cuối năm 2023, toàn huyện có 470 hộ nghèo với 2.439 khẩu, tỷ lệ hộ nghèo là 1,68%.
"""


@pytest.fixture
def connection(database):
    with database.connect("ingest") as opened:
        opened.autocommit = True
        yield opened


@pytest.fixture
def inbox(database):
    folder = database.settings.home / "inbox"
    folder.mkdir()
    return folder


def write_form(path, poor: dict[str, int], period: str = "2023") -> None:
    """A poverty review of district 663 in which each named commune has so many poor households."""
    catalogue = load_catalogue()
    unit = catalogue.unit_by_code("663", date(2023, 12, 31))
    assert unit is not None
    values = {(code, "poor_households"): count for code, count in poor.items()}
    values |= {(code, "total_households"): 1000 for code in poor}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_template(load_forms()["poverty_review"], unit, period, path, catalogue, values)


def ingest(connection, database, inbox) -> pipeline.BatchOutcome:
    """What the DAG's two tasks do."""
    pipeline.register_inbox(connection, database.settings, str(inbox))
    total = pipeline.BatchOutcome()
    for batch in pipeline.plan_batches(connection):
        outcome = pipeline.process_batch(connection, database.settings, batch)
        total.files += outcome.files
        total.submissions += outcome.submissions
    return total


def counts(connection) -> dict[str, int]:
    tables = (
        "registry.file",
        "registry.delivery",
        "registry.submission",
        "registry.submission_event",
        "registry.check_result",
        "staging.observation",
        "staging.quantity",
    )
    return {table: connection.execute(f"select count(*) from {table}").fetchone()[0] for table in tables}


def poor_households(connection, source_kind: str = "form") -> dict[str, int]:
    rows = connection.execute(
        "select unit_id, value from staging.observation join registry.submission using (submission_id)"
        " where state = 'accepted' and indicator_code = 'poor_households' and source_kind = %s",
        (source_kind,),
    )
    return {unit_id.split("@")[0]: int(value) for unit_id, value in rows}


def test_a_form_and_a_report_become_observations(connection, database, inbox):
    write_form(inbox / "663" / "poverty.xlsx", {"24664": 12, "24667": 31})
    (inbox / "663" / "report.txt").write_text(REPORT, encoding="utf-8")
    assert ingest(connection, database, inbox).submissions == {"accepted": 2}
    assert poor_households(connection) == {"24664": 12, "24667": 31, "663": 43}
    assert poor_households(connection, "report") == {"663": 470}
    (ref,) = connection.execute(
        "select ref from staging.observation join registry.submission using (submission_id)"
        " where indicator_code = 'poor_households' and source_kind = 'report'"
    ).fetchone()
    line, offsets = ref.removeprefix("L").split(":")
    start, end = (int(part) for part in offsets.split("-"))
    assert "470" in REPORT.split("\n")[int(line) - 1][start:end]


def test_doing_it_again_changes_nothing(connection, database, inbox):
    write_form(inbox / "663" / "poverty.xlsx", {"24664": 12})
    (inbox / "unusable.xlsx").write_bytes(b"PK\x03\x04 broken")
    ingest(connection, database, inbox)
    before = counts(connection)
    assert ingest(connection, database, inbox).files == 0
    assert counts(connection) == before


def test_a_corrected_file_replaces_its_scope(connection, database, inbox):
    write_form(inbox / "663" / "poverty.xlsx", {"24664": 12, "24667": 31})
    ingest(connection, database, inbox)
    write_form(inbox / "663" / "poverty.xlsx", {"24664": 13})
    assert ingest(connection, database, inbox).submissions == {"accepted": 1}
    assert poor_households(connection) == {"24664": 13, "663": 13}


def test_a_wrong_total_is_quarantined_and_answered(connection, database, inbox):
    path = inbox / "663" / "poverty.xlsx"
    write_form(path, {"24664": 12, "24667": 31})
    book = openpyxl.load_workbook(path)
    sheet = book["POV01"]
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("=SUM("):
                cell.value = 99
    book.save(path)
    assert ingest(connection, database, inbox).submissions == {"quarantined": 1}
    assert poor_households(connection) == {}
    findings = connection.execute(
        "select rule_id, ref, message_vi, message_en from registry.check_result where severity = 'error'"
    ).fetchall()
    assert findings
    assert all(ref and vi and en for _, ref, vi, en in findings)
    answer = openpyxl.load_workbook(database.settings.outbox / "feedback" / "663" / "poverty.xlsx.phan-hoi.xlsx")
    text = "\n".join(str(cell.value) for row in answer.worksheets[0].iter_rows() for cell in row if cell.value)
    assert "CHƯA ĐƯỢC TIẾP NHẬN" in text
    assert findings[0][2] in text


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("empty.xlsx", b"", "FILE-001"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(50), "FILE-002"),
    ],
)
def test_an_unusable_file_is_kept_and_told(connection, database, inbox, name, content, rule):
    (inbox / name).write_bytes(content)
    ingest(connection, database, inbox)
    assert connection.execute("select rule_id, outcome from registry.check_result").fetchall() == [(rule, "fail")]
    (archive_path,) = connection.execute("select archive_path from registry.file").fetchone()
    assert (database.settings.archive / archive_path).read_bytes() == content


def test_a_link_out_of_the_inbox_is_a_finding_once(connection, database, inbox, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text(REPORT)
    (inbox / "report.txt").symlink_to(secret)
    ingest(connection, database, inbox)
    ingest(connection, database, inbox)
    rows = connection.execute("select rule_id, source_path from registry.check_result").fetchall()
    assert rows == [("FILE-004", "report.txt")]
    assert connection.execute("select count(*) from registry.file").fetchone() == (0,)


def test_a_crash_between_submissions_is_completed_by_the_next_run(connection, database, inbox, monkeypatch):
    write_form(inbox / "663" / "a.xlsx", {"24664": 12})
    write_form(inbox / "663" / "b.xlsx", {"24664": 14}, period="2022")
    real, calls = load._write, []

    def power_cut(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise SystemExit("power cut")
        return real(*arguments)

    monkeypatch.setattr(load, "_write", power_cut)
    with pytest.raises(SystemExit):
        ingest(connection, database, inbox)
    assert connection.execute("select count(*) from registry.submission").fetchone() == (1,)
    monkeypatch.undo()
    ingest(connection, database, inbox)
    states = connection.execute("select period, state from registry.submission order by period").fetchall()
    assert states == [("2022", "accepted"), ("2023", "accepted")]
    values = connection.execute("select value from staging.observation where unit_id = '24664@base'")
    assert sorted(int(value) for (value,) in values) == [12, 14, 1000, 1000]


def test_a_defect_in_a_reader_sets_one_file_aside(connection, database, inbox, monkeypatch):
    write_form(inbox / "a.xlsx", {"24664": 12})
    (inbox / "b.txt").write_text(REPORT, encoding="utf-8")

    def defect(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("ingest.readers.dispatch.read_report", defect)
    ingest(connection, database, inbox)
    assert poor_households(connection) == {"24664": 12, "663": 12}
    assert connection.execute("select rule_id from registry.check_result where outcome = 'fail'").fetchall() == [
        ("SYS-001",)
    ]

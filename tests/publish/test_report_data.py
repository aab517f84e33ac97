"""Loading: the marts and the registry read back as the report's values."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import psycopg
import pytest

from ingest.core.periods import InvalidPeriodError
from publish.definition import ReportDefinition
from publish.model import ReportData
from publish.report_data import NothingToPublishError, load_report_data

if TYPE_CHECKING:
    from tests.conftest import Database

pytestmark = pytest.mark.database


def load(database: Database, definition: ReportDefinition, province: str = "67", period: str = "2023") -> ReportData:
    with database.connect("publish") as connection:
        return load_report_data(connection, definition, province_code=province, period=period)


def test_what_the_marts_hold_is_what_the_report_shows(
    filled: Database, definition: ReportDefinition, data: ReportData
) -> None:
    loaded = load(filled, definition)
    assert loaded.figures == data.figures
    assert sorted(loaded.unit_figures, key=repr) == sorted(data.unit_figures, key=repr)
    assert loaded.sources == data.sources
    assert loaded.findings == data.findings
    assert (loaded.province_unit_id, loaded.province_name) == ("67@base", "Tỉnh Đắk Nông")


def test_every_unit_of_the_province_is_shown_whether_it_reported_or_not(
    filled: Database, definition: ReportDefinition
) -> None:
    names = [unit.name for unit in load(filled, definition).units]
    assert len(names) == 8
    assert names[0] == "Thành phố Gia Nghĩa"
    assert "Huyện Krông Nô" in names


def test_what_was_due_and_did_not_come_is_told(filled: Database, definition: ReportDefinition) -> None:
    # The example's returns are of another form, so none of the employment returns arrived.
    dues = load(filled, definition).dues
    assert [(due.state, due.received_on) for due in dues] == [("", None)] * 3
    with filled.connect("ingest") as connection:
        connection.execute(
            """
            insert into registry.calendar values
                ('poverty_review', '663@base', '2023', '2023-12-14'),
                ('poverty_review', '663@base', '2022', '2022-12-14'),
                ('poverty_review', '001@base', '2023', '2023-12-14')
            """
        )
    (due,) = (due for due in load(filled, definition).dues if due.form_code == "poverty_review")
    assert due.is_accepted
    # Accepted at 20:29 UTC on the 14th.
    assert due.received_on == date(2024, 1, 15)
    assert due.form_name_vi == "Kết quả rà soát hộ nghèo, hộ cận nghèo"


def test_figure_that_only_units_state_is_shown_without_a_total(filled: Database, definition: ReportDefinition) -> None:
    with filled.connect("transform") as connection:
        connection.execute("delete from marts.rpt_provincial_year where indicator_code = 'sa_payment_amount'")
    loaded = load(filled, definition)
    figure = loaded.figure("sa_payment_amount", "support_kind=monthly")
    assert figure is not None
    assert figure.total is None
    assert len(loaded.by_unit("sa_payment_amount", "support_kind=monthly")) == 3


def test_notes_of_no_consequence_and_passes_stay_out(filled: Database, definition: ReportDefinition) -> None:
    with filled.connect("ingest") as connection:
        for outcome, severity in (("pass", "error"), ("fail", "info")):
            connection.execute(
                "insert into registry.check_result (sha256, submission_id, rule_id, outcome, severity)"
                " values (%s, 11, 'X-001', %s, %s)",
                ("1" * 64, outcome, severity),
            )
    assert [found.rule_id for found in load(filled, definition).findings] == ["TXT-001"]


def test_accepted_submission_of_another_period_or_province_stays_out(
    filled: Database, definition: ReportDefinition, data: ReportData
) -> None:
    with filled.connect("ingest") as connection:
        for number, (unit, period) in enumerate((("663@base", "2022"), ("001@base", "2023"), ("663@base", "2023-Q2"))):
            connection.execute(
                """
                insert into registry.submission (sha256, part, form_code, form_version, reader_version, source_kind,
                    reporting_unit_id, period, status, state, accepted_at)
                values (%s, %s, 'employment', 'v01', '1', 'form', %s, %s, 'official', 'accepted', now())
                """,
                ("1" * 64, str(number), unit, period),
            )
    added = set(load(filled, definition).sources) - set(data.sources)
    assert [source.period for source in added] == ["2023-Q2"]


def test_role_sees_no_staging_of_persons_and_writes_no_mart(filled: Database) -> None:
    with filled.connect("publish") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("delete from marts.rpt_provincial_year")


@pytest.mark.parametrize(
    ("province", "period", "message"),
    [
        ("67", "2022", "no figure"),
        ("67", "2023-Q1", "report of a year"),
        # Đắk Nông joined Lâm Đồng on 1 July 2025.
        ("67", "2025", "no province 67"),
        ("663", "2023", "no province 663"),
    ],
)
def test_nothing_to_publish_says_why(
    filled: Database, definition: ReportDefinition, province: str, period: str, message: str
) -> None:
    with pytest.raises(NothingToPublishError, match=message):
        load(filled, definition, province, period)


def test_text_that_is_no_period(filled: Database, definition: ReportDefinition) -> None:
    with pytest.raises(InvalidPeriodError):
        load(filled, definition, period="last year")


def test_nested_categories_are_found_by_the_catalogue(
    filled: Database, definition: ReportDefinition, data: ReportData
) -> None:
    nested = [figure.breakdown for figure in load(filled, definition).figures if figure.is_nested]
    assert nested == ["ethnicity=local_minority"]
    assert data.figures[3].is_nested

"""A small province's year, invented: three districts, one of which owes a return on employment."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Connection, sql

from publish.definition import ReportDefinition, load_definition
from publish.model import Due, Figure, ReportData, ReportedFinding, ReportingUnit, Source, Target, UnitFigure

if TYPE_CHECKING:
    from tests.conftest import Database

D = Decimal
UNITS = (
    ReportingUnit("660@base", "660", "Thành phố Gia Nghĩa", "Gia Nghĩa"),
    ReportingUnit("663@base", "663", "Huyện Đắk Mil", "Đắk Mil"),
    ReportingUnit("667@base", "667", "Huyện Tuy Đức", "Tuy Đức"),
)
POOR = Figure(
    domain="poverty",
    indicator_code="poor_households",
    indicator_name_vi="Số hộ nghèo",
    indicator_name_en="Poor households",
    unit_of_measure="household",
    unit_of_measure_name_vi="hộ",
    value=D(2170),
    value_prior=D(2800),
    change=D(-630),
    change_pct=D("-22.5"),
    target=Target(D(2200), "Nghị quyết 12/NQ-HĐND", D("101.38"), True),
    units_reported=3,
    units_expected=3,
    sort_order=1,
)
PERSONS = replace(
    POOR,
    indicator_code="poor_persons",
    indicator_name_vi="Số nhân khẩu nghèo",
    unit_of_measure="person",
    unit_of_measure_name_vi="người; khẩu",
    value=D(9876),
    value_prior=None,
    change=None,
    change_pct=None,
    target=None,
    sort_order=5,
)
KINH = replace(
    POOR,
    breakdown="ethnicity=kinh",
    breakdown_name_vi="Kinh",
    value=D(970),
    value_prior=None,
    change=None,
    change_pct=None,
    target=None,
    sort_order=2,
)
MINORITY = replace(
    KINH, breakdown="ethnicity=minority", breakdown_name_vi="Dân tộc thiểu số", value=D(1200), sort_order=3
)
LOCAL_MINORITY = replace(
    KINH,
    breakdown="ethnicity=local_minority",
    breakdown_name_vi="Dân tộc thiểu số tại chỗ",
    value=D(800),
    is_nested=True,
    sort_order=4,
)
RATE = replace(
    POOR,
    indicator_code="poor_household_rate",
    indicator_name_vi="Tỷ lệ hộ nghèo",
    unit_of_measure="percent",
    unit_of_measure_name_vi="%",
    value=D("3.104"),
    value_prior=D("4.07"),
    change=D("-0.966"),
    change_pct=D("-23.7"),
    target=Target(D("3.2"), "", D("103.1"), True),
    basis="recomputed",
    sort_order=6,
)
JOBS = replace(
    POOR,
    domain="employment",
    indicator_code="jobs_created",
    indicator_name_vi="Số lao động được giải quyết việc làm",
    unit_of_measure="person",
    unit_of_measure_name_vi="người",
    value=None,
    value_partial=D(4321),
    value_prior=D(6000),
    change=None,
    change_pct=None,
    target=Target(D(6500), "Tỉnh giao"),
    units_reported=2,
    is_complete=False,
    units_missing=("Huyện Tuy Đức",),
    sort_order=10,
)
ASSISTANCE = replace(
    POOR,
    domain="social_protection",
    indicator_code="sa_payment_amount",
    indicator_name_vi="Kinh phí chi trợ giúp xã hội",
    breakdown="support_kind=monthly",
    breakdown_name_vi="Trợ cấp, phụ cấp hằng tháng",
    unit_of_measure="vnd",
    unit_of_measure_name_vi="đồng (triệu, tỷ đồng quy ra đồng)",
    value=D("73456789000"),
    value_prior=D("70000000000"),
    change=D("3456789000"),
    change_pct=D("4.938270"),
    target=None,
    sort_order=20,
)


def _by_unit(figure: Figure, *values: str, prior: tuple[str, ...] = ()) -> tuple[UnitFigure, ...]:
    """A figure's values in the order of `UNITS`; an empty text is a unit that did not report."""
    prior = prior or ("",) * len(values)
    return tuple(
        UnitFigure(
            unit_id=unit.unit_id,
            indicator_code=figure.indicator_code,
            breakdown=figure.breakdown,
            value=D(value),
            value_prior=D(before) if before else None,
            change=D(value) - D(before) if before else None,
            submission_id=10 + number,
            observation_id=100 * number + figure.sort_order,
            source_kind="form",
            ref=f"HN!C{6 + figure.sort_order}",
        )
        for number, (unit, value, before) in enumerate(zip(UNITS, values, prior, strict=True))
        if value
    )


def _source(number: int, unit: ReportingUnit) -> Source:
    return Source(
        submission_id=10 + number,
        sha256=f"{number}" * 64,
        file_name=f"ra_soat_{unit.code}.xlsx",
        form_code="poverty_review",
        form_name_vi="Kết quả rà soát hộ nghèo, hộ cận nghèo",
        unit_name=unit.name,
        period="2023",
        status="official",
        # 20:30 UTC on the 14th is the 15th in Việt Nam.
        accepted_at=datetime(2024, 1, 14, 20, 30 - number, tzinfo=UTC),
    )


def _due(unit: ReportingUnit, state: str) -> Due:
    return Due(
        form_code="employment",
        form_name_vi="Lao động và giải quyết việc làm",
        unit_name=unit.name,
        period="2023",
        due_on=date(2023, 12, 20),
        state=state,
        received_on=date(2023, 12, 18) if state else None,
    )


@pytest.fixture(scope="session")
def definition() -> ReportDefinition:
    """The yearly report as it ships."""
    return load_definition("provincial_year")


@pytest.fixture
def data() -> ReportData:
    """The example as an edition would show it."""
    return ReportData(
        report_code="provincial_year",
        province_unit_id="67@base",
        province_code="67",
        province_name="Tỉnh Đắk Nông",
        period_code="2023",
        units=UNITS,
        figures=(POOR, KINH, MINORITY, LOCAL_MINORITY, PERSONS, RATE, JOBS, ASSISTANCE),
        unit_figures=(
            *_by_unit(POOR, "120", "470", "1580", prior=("150", "650", "2000")),
            *_by_unit(RATE, "0.6", "1.68", "8.1", prior=("0.75", "2.33", "10.3")),
            *_by_unit(JOBS, "2221", "2100", ""),
            *_by_unit(ASSISTANCE, "20000000000", "33456789000", "20000000000"),
        ),
        sources=tuple(_source(number, unit) for number, unit in enumerate(UNITS)),
        findings=(
            ReportedFinding(
                rule_id="TXT-001",
                severity="warning",
                submission_id=11,
                unit_name="Huyện Đắk Mil",
                ref="L53:12-30",
                message_vi="Các phần cộng lại là 468, không bằng tổng số 470. Hãy kiểm tra lại.",
                lhs=D(468),
                rhs=D(470),
                difference=D(-2),
            ),
        ),
        dues=(
            _due(UNITS[0], "accepted"),
            _due(UNITS[1], "accepted"),
            _due(UNITS[2], ""),
        ),
    )


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares a text with a file in `golden/`; ANSINH_UPDATE_GOLDEN=1 writes the file first, to be read in review."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if os.environ.get("ANSINH_UPDATE_GOLDEN"):
            path.write_text(text, encoding="utf-8")
        assert text.splitlines() == path.read_text(encoding="utf-8").splitlines()

    return compare


# The columns that publish reads of the reporting marts, as dbt_project/models/reports promises them.
MARTS = """
create table marts.rpt_provincial_{grain} (
    province_unit_id text, province_code text, province_name text, period text, domain text, indicator_code text,
    indicator_name_vi text, indicator_name_en text, breakdown text, breakdown_name_vi text, breakdown_name_en text,
    unit_of_measure text, unit_of_measure_name_vi text, value numeric, value_partial numeric, value_prior numeric,
    change numeric, change_pct numeric, target_value numeric, target_issuer text, target_attainment_pct numeric,
    is_target_met boolean, units_reported integer, units_expected integer, is_complete boolean, units_missing text,
    basis text, sort_order integer
);
create table marts.rpt_unit_{grain} (
    unit_id text, unit_code text, unit_name text, unit_sort_key text, province_unit_id text, period text, domain text,
    indicator_code text, indicator_name_vi text, breakdown text, breakdown_name_vi text, unit_of_measure text,
    value numeric, value_prior numeric, change numeric, submission_id bigint, observation_id bigint, ref text,
    source_kind text, sort_order integer
);
grant select on marts.rpt_provincial_{grain}, marts.rpt_unit_{grain} to publish;
"""


@pytest.fixture
def filled(database: Database, data: ReportData) -> Database:
    """A warehouse whose registry and marts hold the example."""
    with database.connect("transform") as connection:
        connection.execute(MARTS.replace("{grain}", "year"))
    fill_marts(database, data)
    with database.connect() as connection:
        fill_registry(connection, data)
    return database


def fill_marts(database: Database, data: ReportData) -> None:
    """Makes the marts say what the example says, as a build does: all rows anew."""
    figures = {figure.key: figure for figure in data.figures}
    units = {unit.unit_id: unit for unit in data.units}
    with database.connect("transform") as connection:
        connection.execute("truncate marts.rpt_provincial_year, marts.rpt_unit_year")
        for figure in data.figures:
            target = figure.target or Target(None)  # type: ignore[arg-type]
            row = {
                "province_unit_id": data.province_unit_id,
                "province_code": data.province_code,
                "province_name": data.province_name,
                "period": data.period_code,
                **asdict(figure),
                "breakdown_name_vi": figure.breakdown_name_vi or "Tổng số",
                "target_value": target.value,
                "target_issuer": target.issuer or None,
                "target_attainment_pct": target.attainment_pct,
                "is_target_met": target.is_met,
                "units_missing": "; ".join(figure.units_missing),
            }
            insert(
                connection, "marts.rpt_provincial_year", {k: row[k] for k in row if k not in ("target", "is_nested")}
            )
        for value in data.unit_figures:
            figure, unit = figures[value.key], units[value.unit_id]
            row = {
                **asdict(value),
                "unit_code": unit.code,
                "unit_name": unit.name,
                "unit_sort_key": unit.code,
                "province_unit_id": data.province_unit_id,
                "period": data.period_code,
                "domain": figure.domain,
                "indicator_name_vi": figure.indicator_name_vi,
                "breakdown_name_vi": figure.breakdown_name_vi or "Tổng số",
                "unit_of_measure": figure.unit_of_measure,
                "sort_order": figure.sort_order,
            }
            insert(connection, "marts.rpt_unit_year", row)


def fill_registry(connection: Connection, data: ReportData) -> None:
    """Registers the example's files, submissions, findings and deadlines."""
    codes = {unit.name: unit.unit_id for unit in data.units}
    for source in data.sources:
        insert(connection, "registry.file", {"sha256": source.sha256, "size_bytes": 1, "archive_path": "x"})
        delivered = {"sha256": source.sha256, "source_path": f"2023/{source.file_name}", "channel": "inbox"}
        insert(connection, "registry.delivery", {**delivered, "delivered_at": source.accepted_at})
        submission = {
            "submission_id": source.submission_id,
            "sha256": source.sha256,
            "form_code": source.form_code,
            "form_version": "v01",
            "reader_version": "1",
            "source_kind": "form",
            "reporting_unit_id": codes[source.unit_name],
            "period": source.period,
            "status": source.status,
            "state": "accepted",
            "accepted_at": source.accepted_at,
        }
        insert(connection, "registry.submission", submission)
    digests = {source.submission_id: source.sha256 for source in data.sources}
    for found in data.findings:
        row = asdict(found) | {"sha256": digests[found.submission_id], "outcome": "fail"}
        del row["unit_name"]
        insert(connection, "registry.check_result", row)
    for due in data.dues:
        row = {"form_code": due.form_code, "reporting_unit_id": codes[due.unit_name]}
        insert(connection, "registry.calendar", {**row, "period": due.period, "due_on": due.due_on})


def insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    """Inserts one row; numbers of identity columns are kept as given."""
    query = sql.SQL("insert into {} ({}) overriding system value values ({})").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(sql.Placeholder() * len(row)),
    )
    connection.execute(query, list(row.values()))

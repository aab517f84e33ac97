"""A small province's year, invented: three districts, one of which owes a return on employment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from publish.definition import ReportDefinition, load_definition
from publish.model import Contradiction, Due, Figure, ReportData, ReportingUnit, Source, Target, UnitFigure

D = Decimal
UNITS = (
    ReportingUnit("u1", "660", "Thành phố Gia Nghĩa", "Gia Nghĩa", "district"),
    ReportingUnit("u2", "663", "Huyện Đắk Mil", "Đắk Mil", "district"),
    ReportingUnit("u3", "667", "Huyện Tuy Đức", "Tuy Đức", "district"),
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
    target=Target(D(2200), "Nghị quyết 12/NQ-HĐND", D("98.636364"), True),
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
    sort_order=2,
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
    sort_order=3,
)
MINORITY = replace(
    KINH, breakdown="ethnicity=minority", breakdown_name_vi="Dân tộc thiểu số", value=D(1200), sort_order=4
)
LOCAL_MINORITY = replace(
    KINH,
    breakdown="ethnicity=local_minority",
    breakdown_name_vi="Dân tộc thiểu số tại chỗ",
    value=D(800),
    is_nested=True,
    sort_order=5,
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
        figures=(POOR, PERSONS, KINH, MINORITY, LOCAL_MINORITY, RATE, JOBS, ASSISTANCE),
        unit_figures=(
            *_by_unit(POOR, "120", "470", "1580", prior=("150", "650", "2000")),
            *_by_unit(RATE, "0.6", "1.68", "8.1", prior=("0.75", "2.33", "10.3")),
            *_by_unit(JOBS, "2221", "2100", ""),
            *_by_unit(ASSISTANCE, "20000000000", "33456789000", "20000000000"),
        ),
        sources=tuple(_source(number, unit) for number, unit in enumerate(UNITS)),
        contradictions=(
            Contradiction(
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


def _due(unit: ReportingUnit, state: str) -> Due:
    return Due(
        form_code="employment_training",
        form_name_vi="Lao động, việc làm và giáo dục nghề nghiệp",
        unit_name=unit.name,
        period="2023",
        due_on=date(2023, 12, 20),
        state=state,
        received_on=date(2023, 12, 18) if state else None,
    )

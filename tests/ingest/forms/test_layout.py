"""A form laid out for a unit and a period."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import parse_period
from ingest.forms.layout import FormCell, FormNotAskedError, cells_of, complete, lay_out, version_for
from ingest.forms.schema import Form


def _cell(form: Form, unit: Unit, period: str, catalogue: Catalogue, row: str, column: str) -> FormCell:
    return next(c for c in cells_of(form, unit, period, catalogue) if (c.row, c.column) == (row, column))


def test_rows_are_the_units_below_and_a_total(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue) -> None:
    table = forms["poverty_reasons"].versions[0].tables[0]
    laid_out = lay_out(table, dak_mil, parse_period("2023"), catalogue)
    assert [row.unit.parent_code for row in laid_out.rows[:-1]] == ["663"] * 10
    assert laid_out.rows[-1].is_total
    assert laid_out.rows[-1].unit == dak_mil


def test_a_commune_reports_itself_in_one_row(forms: Mapping[str, Form], catalogue: Catalogue) -> None:
    commune = catalogue.unit_by_code("24670", date(2026, 1, 1))
    assert commune is not None
    laid_out = lay_out(forms["poverty_reasons"].versions[0].tables[0], commune, parse_period("2026"), catalogue)
    assert [(row.key, row.unit) for row in laid_out.rows] == [("24670", commune)]


def test_each_unit_has_every_line(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue) -> None:
    cells = cells_of(forms["poverty_changes"], dak_mil, "2023", catalogue)
    lines = {cell.row: cell.indicator_code for cell in cells if cell.column == "poor_new"}
    assert lines["24664/households"] == "poor_households"
    assert lines["24664/persons"] == "poor_persons"
    assert lines["total/persons"] == "poor_persons"


def test_the_reform_changes_who_reports(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue) -> None:
    commune = catalogue.unit_by_code("24670", date(2025, 12, 31))
    assert commune is not None
    form = forms["employment"]
    assert version_for(form, dak_mil, parse_period("2025-Q2")).version == "v01"
    with pytest.raises(FormNotAskedError, match="reported by the commune"):
        version_for(form, dak_mil, parse_period("2025-Q3"))
    assert version_for(form, commune, parse_period("2025-Q3")).version == "v01"


def test_the_version_of_the_periods_last_day_is_used(forms: Mapping[str, Form], catalogue: Catalogue) -> None:
    form = forms["social_protection"]
    assert form.version_on(date(2025, 6, 30)).version == "v01"  # type: ignore[union-attr]
    assert form.version_on(date(2025, 7, 1)).version == "v02"  # type: ignore[union-attr]


def test_a_rhythm_that_is_not_asked_for_is_refused(
    forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue
) -> None:
    with pytest.raises(FormNotAskedError, match="asked for by year"):
        cells_of(forms["poverty_review"], dak_mil, "2023-Q3", catalogue)


@pytest.mark.parametrize(
    ("form", "period", "due"),
    [
        ("poverty_review", "2023", date(2023, 12, 14)),
        ("employment", "2023-Q1", date(2023, 4, 10)),
        ("employment", "2023", date(2024, 1, 15)),
        ("merit_subsidy", "2023", date(2023, 12, 31)),
        ("poverty_review", "2023-Q1", None),
    ],
)
def test_due_days(forms: Mapping[str, Form], form: str, period: str, due: date | None) -> None:
    assert forms[form].due_on(parse_period(period)) == due


def test_flows_are_since_january_and_stocks_are_not(
    forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue
) -> None:
    form = forms["social_protection"]
    assert _cell(form, dak_mil, "2023-Q3", catalogue, "sa5c", "amount").accumulation == "since_january"
    assert _cell(form, dak_mil, "2023-Q3", catalogue, "sa5c", "beneficiaries").accumulation == "point"
    assert _cell(form, dak_mil, "2023", catalogue, "sa5c", "amount").accumulation == "period"


def test_rows_and_columns_mean_together(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue) -> None:
    cell = _cell(forms["merit_subsidy"], dak_mil, "2023", catalogue, "convalescence_home", "count")
    assert (cell.indicator_code, cell.breakdown) == ("merit_convalescence_persons", "support_kind=convalescence_home")
    cell = _cell(forms["merit_subsidy"], dak_mil, "2023", catalogue, "convalescence_home", "amount")
    assert (cell.indicator_code, cell.breakdown) == ("merit_payment_amount", "support_kind=convalescence_home")
    cell = _cell(forms["assigned_targets"], dak_mil, "2023", catalogue, "target_jobs_export", "target_province")
    assert (cell.measure, cell.breakdown) == ("target", "channel=labour_export; plan_level=province")


def test_money_asked_for_in_millions_has_its_factor(
    forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue
) -> None:
    form = forms["programme_budget"]
    assert _cell(form, dak_mil, "2023", catalogue, "p2", "disbursed").factor == 1_000_000
    assert _cell(form, dak_mil, "2023", catalogue, "p2", "households").factor == 1


def test_computed_cells_follow_from_others(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue) -> None:
    form, table = forms["employment"], forms["employment"].versions[0].tables[0]
    laid_out = lay_out(table, dak_mil, parse_period("2023"), catalogue)
    given = {
        ("24664", "employed"): Decimal(97),
        ("24664", "unemployed"): Decimal(3),
        ("24667", "employed"): Decimal(100),
    }
    filled = complete(given, form, laid_out, catalogue)
    assert filled["24664", "labour_force"] == 100
    assert filled["24664", "unemployment_rate"] == Decimal("3.00")
    assert filled["total", "employed"] == 197
    assert ("24664", "jobs_created") not in filled

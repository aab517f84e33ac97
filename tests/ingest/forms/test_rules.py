"""The kinds of rules that a form may have."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from bench.made_forms import consistent_values
from ingest.core.catalogue import Catalogue, Unit
from ingest.core.model import Finding
from ingest.core.periods import parse_period
from ingest.forms.layout import cells_of, lay_out, version_for
from ingest.forms.rules import CheckOutcome, Figure, check_figures, vietnamese_number
from ingest.forms.schema import Form


class Checked:
    """A form of a district with consistent figures, some of which a test replaces."""

    def __init__(self, form: Form, unit: Unit, catalogue: Catalogue, seed: int = 3) -> None:
        from random import Random

        self.form, self.catalogue = form, catalogue
        version = version_for(form, unit, parse_period("2023"))
        self.tables = [lay_out(table, unit, parse_period("2023"), catalogue) for table in version.tables]
        units = {(c.row, c.column): (c.unit_of_measure, c.factor) for c in cells_of(form, unit, "2023", catalogue)}
        values = consistent_values(form, unit, "2023", catalogue, Random(seed))
        self.figures = {
            (row, column): Figure(value * units[row, column][1], f"{row}|{column}", units[row, column][0])
            for (row, column), value in values.items()
        }

    def set(self, row: str, column: str, value: str | None) -> None:
        """Replaces a figure; None takes it away."""
        old = self.figures.pop((row, column))
        if value is not None:
            self.figures[row, column] = Figure(Decimal(value), old.ref, old.unit_of_measure)

    def check(self) -> CheckOutcome:
        """Applies the form's rules."""
        return check_figures(self.form, self.tables, self.figures, self.catalogue)


@pytest.fixture
def poverty(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue) -> Checked:
    """The poverty review."""
    return Checked(forms["poverty_review"], dak_mil, catalogue)


def naming(rule_id: str, outcome: CheckOutcome) -> list[Finding]:
    """The findings that name a rule, first or among what the same mistake breaks."""
    return [finding for finding in outcome.findings if rule_id in (finding.rule_id, *finding.also)]


def test_consistent_figures_pass_every_rule(poverty: Checked) -> None:
    outcome = poverty.check()
    assert outcome.findings == []
    # Rows that are compared with each other have to be several.
    few = {rule.id for rule in poverty.form.rules if rule.kind == "alike"}
    assert set(outcome.passed) | few == {rule.id for rule in poverty.form.rules}


def test_a_total_row_that_is_not_the_sum(poverty: Checked) -> None:
    right = poverty.figures["total", "total_households"].value
    poverty.set("total", "total_households", str(right + 7))
    (finding,) = [f for f in poverty.check().findings if f.rule_id == "POV-002"]
    assert (finding.lhs, finding.rhs, finding.difference) == (right + 7, right, Decimal(7))
    assert finding.ref == "total|total_households"
    assert len(finding.refs) == 10
    assert "Tổng số hộ" in finding.message_vi
    assert finding.severity == "error"


def test_parts_that_are_not_the_whole_across_tables(poverty: Checked) -> None:
    right = poverty.figures["24664", "poor_households"].value
    poverty.set("24664", "poor_households", str(right + 1))
    (finding,) = naming("POV-003", poverty.check())
    assert finding.ref == "24664|poor_households"
    assert finding.right == right
    assert "Thị trấn Đắk Mil" in finding.message_vi


def test_an_absent_part_is_not_zero(poverty: Checked) -> None:
    poverty.set("24664", "poor_minority_households", None)
    assert not naming("POV-003", poverty.check())


def test_parts_above_the_whole_are_wrong_whatever_is_missing(poverty: Checked) -> None:
    poverty.set("24664", "poor_minority_households", None)
    whole = poverty.figures["24664", "poor_households"].value
    poverty.set("24664", "poor_kinh_households", str(whole + 1))
    assert naming("POV-003", poverty.check())


@pytest.mark.parametrize("value", ["-1", "2.5"])
def test_a_count_is_whole_and_not_negative(poverty: Checked, value: str) -> None:
    poverty.set("24664", "poor_female_head_households", value)
    assert naming("POV-001", poverty.check())


def test_a_part_above_its_whole(poverty: Checked) -> None:
    whole = poverty.figures["24664", "poor_minority_households"].value
    poverty.set("24664", "poor_local_minority_households", str(whole + 3))
    (finding,) = naming("POV-007", poverty.check())
    assert finding.ref == "24664|poor_local_minority_households"


def test_a_rate_is_recomputed_with_tolerance(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue) -> None:
    employment = Checked(forms["employment"], dak_mil, catalogue)
    row = next(row for row, column in employment.figures if column == "unemployment_rate" and row != "total")
    rate = employment.figures[row, "unemployment_rate"].value
    employment.set(row, "unemployment_rate", str(rate + Decimal("0.004")))
    assert not employment.check().findings
    employment.set(row, "unemployment_rate", str(rate + Decimal("0.1")))
    assert [finding.rule_id for finding in employment.check().findings] == ["EMP-012"]


def test_a_balance(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue) -> None:
    changes = Checked(forms["poverty_changes"], dak_mil, catalogue)
    closing = changes.figures["24667/persons", "poor_closing"].value
    changes.set("24667/persons", "poor_closing", str(closing - 2))
    (finding,) = naming("PCH-003", changes.check())
    assert (finding.ref, finding.right) == ("24667/persons|poor_closing", closing)


def test_sums_along_rows(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue) -> None:
    merit = Checked(forms["merit_subsidy"], dak_mil, catalogue)
    merit.set("war_invalid_group", "amount", "1")
    (finding,) = naming("MER-003", merit.check())
    assert finding.ref == "war_invalid_group|amount"


def test_figures_that_go_together_warn(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue) -> None:
    social = Checked(forms["social_protection"], dak_mil, catalogue)
    social.set("method_cash_post", "method_beneficiaries", "5")
    social.set("method_cash_post", "method_amount", "0")
    assert naming("SOC-008", social.check())


def test_a_range(forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue) -> None:
    training = Checked(forms["vocational_training"], dak_mil, catalogue)
    training.set("trained_labour_rate", "figure", "141")
    assert [finding.rule_id for finding in training.check().findings] == ["TRN-005"]


def test_numbers_in_messages_are_vietnamese() -> None:
    assert vietnamese_number(Decimal("1234567.50")) == "1.234.567,5"
    assert vietnamese_number(Decimal(-470)) == "-470"

"""The figures: published ones hold, sums and quarters agree, money follows from rates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from ingest.core.catalogue import Catalogue
from samples.books import COMMUNES_2025, DISTRICTS
from samples.model import figures_of
from samples.model.money import rate
from samples.model.sources import rows_of, unit_years

Stated = Callable[[str, str, str], dict[tuple[str, str, str, str, str], Decimal]]

DAK_MIL = "663@base"
QUARTERLY = ("employment", "vocational_training", "social_protection", "merit_subsidy")
YEARLY = ("poverty_review", *QUARTERLY, "programme_budget")


def numbers_of(form: str, unit_id: str, period: str, catalogue: Catalogue) -> dict[tuple[str, str], Decimal]:
    """The numbers of a form's model, without its texts, by row and column."""
    figures = figures_of(form, catalogue.units[unit_id], period, catalogue)
    return {place: Decimal(value) for place, value in figures.items() if not isinstance(value, str)}


# The report says them of the whole; no form asks for the whole of these.
NOT_IN_A_FORM = {("sa_payment_turns", "")}
# Published without the category that the form asks for.
ASKED_WITH = {("merit_convalescence_persons", ""): "support_kind=convalescence"}


@pytest.mark.parametrize(
    "row",
    [row for row in rows_of("published") if (row["indicator"], row["breakdown"]) not in NOT_IN_A_FORM],
    ids=lambda row: f"{row['indicator']} {row['breakdown']}",
)
def test_dak_mils_workbooks_hold_what_it_published(row: dict[str, str], stated: Stated) -> None:
    what = row["indicator"], row["breakdown"]
    breakdown = ASKED_WITH.get(what, row["breakdown"])
    found = [
        value
        for form in YEARLY
        for (unit_id, indicator, its_breakdown, measure, _), value in stated(form, DAK_MIL, row["period"]).items()
        if (unit_id, indicator, its_breakdown) == (DAK_MIL, row["indicator"], breakdown)
        and measure in ("actual", "plan")
    ]
    assert found
    assert set(found) == {Decimal(row["value"])}


def test_dak_mils_households_explain_the_rates_that_it_published(stated: Stated) -> None:
    review = stated("poverty_review", DAK_MIL, "2023")

    def of(indicator: str, breakdown: str = "") -> Decimal:
        return review[DAK_MIL, indicator, breakdown, "actual", "point"]

    def rate_of(indicator: str, group: str, base: str) -> Decimal:
        return round(100 * of(indicator, group) / of("total_households", base), 2)

    kinh, minority, local = (f"ethnicity={group}" for group in ("kinh", "minority", "local_minority"))
    poor = {(g, b): rate_of("poor_households", g, b) for g in ("", kinh, minority, local) for b in ("", g)}
    near_poor = {(g, b): rate_of("near_poor_households", g, b) for g in ("", kinh, minority, local) for b in ("", g)}
    as_published = {
        ("", ""): ("1.68", "3.38"),
        (kinh, ""): ("0.55", "1.35"),
        (kinh, kinh): ("0.68", "1.66"),
        (minority, ""): ("1.13", "2.03"),
        (minority, minority): ("6.04", "10.88"),
        (local, ""): ("0.65", "1.23"),
        (local, local): ("8.42", "15.96"),
    }
    assert {group: (str(poor[group]), str(near_poor[group])) for group in as_published} == as_published
    assert rate_of("avg_living_agri_households", "", "") == Decimal("2.75")
    before = stated("poverty_review", DAK_MIL, "2022")
    rate_before = round(
        100
        * before[DAK_MIL, "poor_households", "", "actual", "point"]
        / before[DAK_MIL, "total_households", "", "actual", "point"],
        2,
    )
    assert rate_before - Decimal("1.68") == Decimal("0.47")


def test_the_turns_of_dak_mils_report_are_those_of_its_workbook(stated: Stated) -> None:
    paid = stated("social_protection", DAK_MIL, "2023")
    turns = [
        paid[DAK_MIL, "sa_payment_turns", f"support_kind={kind}", "actual", "period"]
        for kind in ("monthly", "care", "arrears", "recovery")
    ]
    assert sum(turns) + paid[DAK_MIL, "sa_funeral_cases", "", "actual", "period"] == 25_200


@pytest.mark.parametrize("unit_id", DISTRICTS)
def test_poverty_falls_and_communes_have_no_more_poor_than_households(
    unit_id: str, catalogue: Catalogue, stated: Stated
) -> None:
    by_year = {
        year: stated("poverty_review", unit_id, year)[unit_id, "poor_households", "", "actual", "point"]
        for year in ("2022", "2023")
    }
    assert by_year["2023"] < by_year["2022"]
    figures = figures_of("poverty_review", catalogue.units[unit_id], "2023", catalogue)
    for commune in {row for row, _ in figures}:
        for group in ("kinh", "minority", "local_minority"):
            households, persons = (int(figures[commune, f"{group}_{what}"]) for what in ("households", "persons"))
            poor, near_poor = (int(figures[commune, f"{kind}_{group}_households"]) for kind in ("poor", "near_poor"))
            poor_persons = int(figures[commune, f"poor_{group}_persons"])
            near_poor_persons = int(figures[commune, f"near_poor_{group}_persons"])
            assert poor + near_poor <= households <= persons
            assert poor <= poor_persons
            assert poor_persons + near_poor_persons <= persons


def test_the_province_is_of_the_right_order(stated: Stated) -> None:
    for year, low, high in (("2022", 7, 10), ("2023", 5, 7)):
        households, poor = (
            sum(stated("poverty_review", unit_id, year)[unit_id, what, "", "actual", "point"] for unit_id in DISTRICTS)
            for what in ("total_households", "poor_households")
        )
        assert 165_000 < households < 175_000
        assert low < 100 * poor / households < high


@pytest.mark.parametrize("form", QUARTERLY)
@pytest.mark.parametrize("unit_id", DISTRICTS)
def test_quarters_lead_to_the_year(form: str, unit_id: str, catalogue: Catalogue, stated: Stated) -> None:
    quarters = [stated(form, unit_id, f"2023-Q{number}") for number in range(1, 5)]
    flows = {quantity for quantity in quarters[3] if quantity[4] == "since_january"}
    assert flows
    for quantity in flows:
        path = [quarter[quantity] for quarter in quarters]
        assert path == sorted(path), (quantity, path)
    year = stated(form, unit_id, "2023")
    as_of_the_year = {(*q[:4], "period" if q[4] == "since_january" else q[4]): v for q, v in quarters[3].items()}
    assert as_of_the_year == year


@pytest.mark.parametrize("unit_id", DISTRICTS)
def test_the_form_states_the_jobs_of_both_its_tables_alike(unit_id: str, catalogue: Catalogue) -> None:
    for period in ("2022", "2023-Q1", "2023-Q2", "2023-Q3", "2023"):
        figures = numbers_of("employment", unit_id, period, catalogue)
        for by_commune, by_channel in (("jobs_created", "persons"), ("jobs_created_female", "persons_female")):
            sums = [sum(v for (_, column), v in figures.items() if column == name) for name in (by_commune, by_channel)]
            assert sums[0] == sums[1]


def test_social_assistance_is_paid_at_the_legal_rates(catalogue: Catalogue) -> None:
    figures = numbers_of("social_protection", "662@base", "2023", catalogue)
    standard = rate(catalogue, "sa_standard", date(2023, 1, 1))
    severe = rate(catalogue, "sa_monthly_coefficient", date(2023, 1, 1), "sa6_s")
    assert figures["sa6_s", "turns"] > 0
    assert figures["sa6_s", "amount"] == figures["sa6_s", "turns"] * severe * standard
    assert figures["funeral", "amount"] == figures["funeral", "count"] * 20 * 360_000
    paid = sum(v for (_, column), v in figures.items() if column == "method_amount")
    assert paid == sum(v for (row, column), v in figures.items() if column == "amount" and (row, "turns") in figures)


def test_merit_allowances_rise_with_the_standard_of_july_2023(catalogue: Catalogue) -> None:
    half, nine_months = (numbers_of("merit_subsidy", "662@base", f"2023-Q{q}", catalogue) for q in (2, 3))
    before = half["mr_martyr", "amount"] / half["mr_martyr", "turns"]
    after = (nine_months["mr_martyr", "amount"] - half["mr_martyr", "amount"]) / (
        nine_months["mr_martyr", "turns"] - half["mr_martyr", "turns"]
    )
    assert [before, after] == [1_624_000, 2_055_000]


@pytest.mark.parametrize("unit_id", COMMUNES_2025)
def test_after_the_reform_the_oldest_get_the_social_pension_instead(unit_id: str, catalogue: Catalogue) -> None:
    figures = numbers_of("social_protection", unit_id, "2025", catalogue)
    assert figures["sa5c", "beneficiaries"] == 0
    assert 0 < figures["sa5c", "turns"] <= 6 * unit_years()[unit_id[:5], 2025].sa_beneficiaries
    assert figures["sa5c", "amount"] == figures["sa5c", "turns"] * 500_000


def test_the_districts_shares_of_the_provinces_targets_add_up(catalogue: Catalogue) -> None:
    def target(unit_id: str, row: str) -> Decimal:
        value = figures_of("assigned_targets", catalogue.units[unit_id], "2023", catalogue)[row, "target_province"]
        assert isinstance(value, Decimal)
        return value

    for row in ("target_poor_reduction", "target_jobs", "target_jobs_export", "target_trainees"):
        assert sum(target(unit_id, row) for unit_id in DISTRICTS) == target("67@base", row)

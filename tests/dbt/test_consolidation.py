"""From submissions to the province's report: sums, rates, gaps, targets, and what is missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hand_made import DAK_NONG, DISTRICTS, Stated, Warehouse

from ingest.catalogue import load_catalogue
from runtime import dbt
from runtime.database import connect

pytestmark = pytest.mark.dbt

POOR_2022 = [100, 200, 300, 400, 500, 600, 700, 800]
POOR_2023 = [90, 150, 310, 350, 470, 500, 690, 640]
ALL = [1000, 8000, 9000, 10000, 28000, 11000, 12000, 13000]


@pytest.fixture(scope="module")
def consolidated(module_warehouse: Warehouse) -> Warehouse:
    w = module_warehouse
    for unit, poor_2022, poor_2023, households in zip(DISTRICTS, POOR_2022, POOR_2023, ALL, strict=True):
        w.submit(unit, "2022", [Stated("poor_households", poor_2022), Stated("total_households", households)])
        figures = [Stated("poor_households", poor_2023), Stated("total_households", households)]
        # Tuy Đức says nothing of the near-poor.
        if unit != "667@base":
            figures.append(Stated("near_poor_households", 10))
        figures += [
            Stated("poor_households", poor_2023 / 10, "ethnicity=minority"),
            Stated("total_households", households / 5, "ethnicity=minority"),
            Stated("poor_household_reduction", 12, "plan_level=province", measure="target"),
        ]
        w.submit(unit, "2023", figures)

        for quarter, cumulated in enumerate((10, 25, 45, 70), start=1):
            # Đắk Mil's second quarter never came.
            if (unit, quarter) != ("663@base", 2):
                stated = [Stated("jobs_created", cumulated, accumulation="since_january")]
                w.submit(unit, f"2023-Q{quarter}", stated, form="employment")

    w.submit(
        DAK_NONG,
        "2023",
        [
            Stated("poor_household_rate_reduction", 0.3, measure="target", issuer="HĐND tỉnh"),
            Stated("poor_household_rate_reduction", 0.6, measure="target", issuer="UBND tỉnh"),
            Stated("poor_household_rate", 3.5, measure="target", period="2021/2025", issuer="HĐND tỉnh"),
            Stated("labour_force", 400_000),
        ],
        form="written_report",
        kind="report",
    )

    # Đắk Mil lists trainees by commune without a total; Cư Jút leaves one commune out.
    catalogue = load_catalogue()
    for code in ("662", "663"):
        district = catalogue.units[f"{code}@base"]
        communes = [u for u in catalogue.units.values() if u.parent_code == code and u.is_valid_on(date(2023, 12, 31))]
        if code == "662":
            communes = communes[1:]
        stated = [Stated("trainees", 5, unit=commune.unit_id) for commune in communes]
        w.submit(district.unit_id, "2023", stated, form="vocational_training")
    w.build()
    return w


def test_stock_is_summed_over_all_districts(consolidated: Warehouse) -> None:
    poor = consolidated.province("2023", "poor_households")
    assert (poor["value"], poor["basis"], poor["is_complete"]) == (sum(POOR_2023), "summed", True)
    assert (poor["units_reported"], poor["units_expected"], poor["units_missing"]) == (8, 8, "")
    assert poor["value_prior"] == sum(POOR_2022)
    assert poor["change"] == sum(POOR_2023) - sum(POOR_2022)


def test_rate_is_recomputed_and_not_averaged(consolidated: Warehouse) -> None:
    rate = consolidated.province("2023", "poor_household_rate")
    assert rate["basis"] == "recomputed"
    assert rate["value"] == round(Decimal(100) * sum(POOR_2023) / sum(ALL), 6)
    average = sum(100 * poor / every for poor, every in zip(POOR_2023, ALL, strict=True)) / 8
    assert abs(float(rate["value"]) - average) > 0.5
    assert rate["change_pct"] is None


def test_rate_of_a_group_and_share_of_a_group_differ(consolidated: Warehouse) -> None:
    within = consolidated.province("2023", "poor_household_rate", "ethnicity=minority")
    share = consolidated.province("2023", "poor_household_share", "ethnicity=minority")
    assert within["value"] == round(Decimal(100) * sum(POOR_2023) / 10 / (Decimal(sum(ALL)) / 5), 6)
    assert share["value"] == round(Decimal(100) * sum(POOR_2023) / 10 / sum(ALL), 6)


def test_incomplete_sum_is_not_shown_as_the_total(consolidated: Warehouse) -> None:
    near_poor = consolidated.province("2023", "near_poor_households")
    assert near_poor["value"] is None
    assert near_poor["value_partial"] == 70
    assert (near_poor["units_reported"], near_poor["units_expected"], near_poor["is_complete"]) == (7, 8, False)
    assert near_poor["units_missing"] == "Huyện Tuy Đức"


def test_rate_of_an_incomplete_sum_is_not_shown_either(consolidated: Warehouse) -> None:
    rate = consolidated.province("2023", "near_poor_household_rate")
    assert rate["value"] is None
    assert rate["value_partial"] == round(Decimal(7000) / sum(ALL[:7]), 6)


def test_what_only_the_province_states_counts(consolidated: Warehouse) -> None:
    force = consolidated.province("2023", "labour_force")
    assert (force["value"], force["basis"], force["is_complete"]) == (400_000, "stated", False)


def test_quarter_is_the_difference_of_cumulated_values(consolidated: Warehouse) -> None:
    values = [consolidated.unit("660@base", f"2023-Q{q}", "jobs_created")["value"] for q in (1, 2, 3, 4)]
    assert values == [10, 15, 20, 25]
    assert consolidated.unit("660@base", "2023", "jobs_created")["value"] == 70


def test_missing_quarter_leaves_gaps_and_no_guess(consolidated: Warehouse) -> None:
    values = [consolidated.unit("663@base", f"2023-Q{q}", "jobs_created")["value"] for q in (1, 2, 3, 4)]
    assert values == [10, None, None, 25]
    second = consolidated.province("2023-Q2", "jobs_created")
    assert (second["value"], second["value_partial"], second["units_missing"]) == (None, 105, "Huyện Đắk Mil")
    assert consolidated.province("2023-Q1", "jobs_created")["value"] == 80
    assert consolidated.province("2023", "jobs_created")["value"] == 560


def test_fall_is_recomputed_and_the_strictest_target_is_taken(consolidated: Warehouse) -> None:
    fall = consolidated.province("2023", "poor_household_rate_reduction")
    before, after = (consolidated.province(year, "poor_household_rate")["value"] for year in ("2022", "2023"))
    assert fall["value"] == before - after
    assert (fall["target_value"], fall["target_issuer"]) == (Decimal("0.6"), "UBND tỉnh")
    assert fall["is_target_met"] is (before - after >= Decimal("0.6"))


def test_annual_target_of_a_span_and_a_rate_that_should_be_low(consolidated: Warehouse) -> None:
    rate = consolidated.province("2023", "poor_household_rate")
    assert rate["target_value"] == Decimal("3.5")
    assert rate["is_target_met"] is (rate["value"] <= Decimal("3.5"))
    assert rate["target_attainment_pct"] == round(100 * Decimal("3.5") / rate["value"], 2)


def test_targets_that_the_province_set_for_every_district_add_up(consolidated: Warehouse) -> None:
    fall = consolidated.province("2023", "poor_household_reduction")
    assert (fall["target_value"], fall["target_issuer"]) == (96, "Tỉnh giao")
    assert fall["value"] == sum(POOR_2022) - sum(POOR_2023)


def test_district_without_a_total_counts_as_its_communes_if_all_are_there(consolidated: Warehouse) -> None:
    assert consolidated.unit("663@base", "2023", "trainees")["value"] == 50
    assert not consolidated.rows(
        "select from marts.rpt_unit_year where unit_id = '662@base' and indicator_code = 'trainees'"
    )


def test_figure_of_a_unit_leads_to_its_cell(consolidated: Warehouse) -> None:
    poor = consolidated.unit("663@base", "2023", "poor_households")
    fact = consolidated.row(
        "select ref, submission_id, unit_key, is_counted from marts.fct_poverty where observation_id = %s",
        poor["observation_id"],
    )
    assert fact == {
        "ref": "Sheet1!C1",
        "submission_id": poor["submission_id"],
        "unit_key": "663@base",
        "is_counted": True,
    }


def test_every_accepted_statement_is_in_one_fact(consolidated: Warehouse) -> None:
    facts = consolidated.rows(
        "select table_name from information_schema.tables where table_schema = 'marts' and table_name like 'fct\\_%%'"
        " and table_name not like '%%\\_history' and table_name != 'fct_superseded'"
    )
    total = sum(consolidated.row(f"select count(*) from marts.{fact['table_name']}")["count"] for fact in facts)
    with connect("ingest", consolidated.url) as connection:
        assert connection.execute("select count(*) from staging.observation").fetchone() == (total,)


def test_every_rule_holds_in_its_unit_test(consolidated: Warehouse) -> None:
    results = dbt.run_unit_tests(consolidated.url)
    assert {result.outcome for result in results} == {"pass"}
    assert len(results) >= 8


def test_outcome_of_every_node_is_kept(consolidated: Warehouse) -> None:
    with connect("publish", consolidated.url) as connection:
        kept: dict[str, str] = dict(connection.execute("select node_id, outcome from registry.build_result").fetchall())
    assert kept["model.ansinh.fct_poverty"] == "success"
    assert set(kept.values()) == {"success", "pass"}

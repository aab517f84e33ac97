"""From submissions to the province's report: sums, rates, gaps, targets, and what is missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ingest.core.catalogue import load_catalogue
from runtime.settings import load_settings
from runtime.warehouse import dbt
from runtime.warehouse.connect import connect
from tests.dbt.hand_made import DAK_NONG, DISTRICTS, Paid, Stated, Warehouse
from tests.dbt.metrics import sql_of

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
    hand_in_reports(w)
    w.build()
    return w


def hand_in_reports(w: Warehouse) -> None:
    """What the reports of money, lists, differences and quality show."""
    # The district's total is not what its communes add up to, nor the province's what its districts do.
    communes = [
        Stated("labour_force", 10, unit=unit.unit_id)
        for unit in load_catalogue().children_of(load_catalogue().units["664@base"], date(2023, 12, 31))
    ]
    w.submit("664@base", "2023", [Stated("labour_force", 100), *communes], form="employment")
    w.submit(DAK_NONG, "2022", [Stated("poor_households", 3601)], form="written_report", kind="report")

    # Money of the poverty programme: given for the year, paid out by quarters.
    for unit in DISTRICTS:
        paid_out = [
            Stated("ntp_budget_allocated", 1000, "programme=p3_1", measure="plan", period="2023"),
            Stated("ntp_budget_disbursed", 400, "programme=p3_1", accumulation="since_january"),
        ]
        w.submit(unit, "2023-S1", paid_out, form="programme_budget")

    # Lists of three months, and a summary form that says otherwise.
    here, there = "24664@base", "24640@base"
    for month, persons in (("2023-07", 2), ("2023-08", 2), ("2023-09", 3)):
        stated = [Stated("sa_monthly_beneficiaries", persons), Stated("sa_payment_turns", persons)]
        payments = [
            Paid("An, 1940", here, "sa5c", 360_000, identity="1"),
            Paid("Bình, 1941", here, "sa5c", 350_000, identity="2"),
            Paid("Chi, 1942", here, "sa5c", 720_000, arrears_vnd=360_000, identity="3"),
            Paid("Dung, 1943", here, "sa5c", 500_000),
            Paid("Dung, 1943", here, "sa8", 540_000),
        ]
        w.submit(
            "663@base", month, stated, form="list_social_assistance", kind="list", payments=payments[: persons + 2]
        )
    summary = [Stated("sa_monthly_beneficiaries", 4), Stated("sa_payment_turns", 7)]
    w.submit("663@base", "2023-Q3", summary, form="social_protection")
    # The same person is paid in another district in one of these months.
    w.submit(
        "662@base",
        "2023-09",
        [Stated("sa_monthly_beneficiaries", 1)],
        form="list_social_assistance",
        kind="list",
        payments=[Paid("An, 1940", there, "sa5c", 360_000, identity="1")],
    )
    w.submit("662@base", "2023-Q3", [], form="vocational_training", is_rejected=True)


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
        "select table_name from information_schema.columns where table_schema = 'marts' and table_name like 'fct\\_%%'"
        " and column_name = 'is_counted'"
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


def test_completeness_tells_expected_received_and_accepted(consolidated: Warehouse) -> None:
    review = consolidated.row(
        "select * from marts.rpt_completeness where province_unit_id = %s and period = '2023'"
        " and form_code = 'poverty_review'",
        DAK_NONG,
    )
    assert (review["units_expected"], review["units_received"], review["units_accepted"]) == (8, 8, 8)
    assert (review["due_on"], review["units_on_time"]) == (date(2023, 12, 14), 0), "they came today"
    training = consolidated.row(
        "select * from marts.rpt_completeness where period = '2023-Q3' and form_code = 'vocational_training'"
    )
    assert (training["units_received"], training["units_accepted"], training["units_not_accepted"]) == (
        1,
        0,
        "Huyện Cư Jút",
    )
    assert "Huyện Đắk Mil" in training["units_not_received"]
    assert not consolidated.rows("select from marts.rpt_completeness where form_code = 'children'"), "nobody uses it"


def test_quality_names_the_rule_that_failed(consolidated: Warehouse) -> None:
    (failed,) = consolidated.rows("select * from marts.rpt_data_quality where checks_failed > 0")
    assert (failed["rule_id"], failed["severity"], failed["state"]) == ("T-001", "error", "quarantined")
    assert (failed["unit_name"], failed["first_message_en"]) == ("Huyện Cư Jút", "Wrong.")


def test_differences_between_levels_lists_and_forms_are_told(consolidated: Warehouse) -> None:
    rows = consolidated.rows("select * from marts.rpt_reconciliation order by rule_id, unit_id, period, indicator_code")
    found = [(r["rule_id"], r["unit_id"], r["period"], r["value_counted"], r["value_other"]) for r in rows]
    communes = len(load_catalogue().children_of(load_catalogue().units["664@base"], date(2023, 12, 31)))
    assert ("LVL-001", "664@base", "2023", 100, 10 * communes) in found
    assert ("LVL-002", DAK_NONG, "2022", sum(POOR_2022), 3601) in found
    assert ("LST-200", "663@base", "2023-Q3", 4, 3) in found, "persons of the last month"
    assert {r["indicator_code"] for r in rows if r["rule_id"] == "LST-200"} == {"sa_monthly_beneficiaries"}, (
        "turns add up"
    )


def test_programme_money_is_measured_by_the_years_allotment(consolidated: Warehouse) -> None:
    rows = consolidated.rows(
        "select * from marts.rpt_programme_disbursement where unit_id = any(%s) and period = '2023-Q2'"
        " order by unit_id",
        [DAK_NONG, "663@base"],
    )
    money = [(r["unit_id"], r["allocated_vnd"], r["disbursed_vnd"], r["remaining_vnd"]) for r in rows]
    assert money == [("663@base", 1000, 400, 600), (DAK_NONG, 8000, 3200, 4800)]
    assert {(r["programme_code"], r["disbursed_pct"]) for r in rows} == {("p3_1", 40)}


def test_target_is_measured_for_whoever_set_it(consolidated: Warehouse) -> None:
    rows = consolidated.rows(
        "select * from marts.rpt_target_attainment where unit_id = %s and period = '2023'"
        " and indicator_code = 'poor_household_rate_reduction' order by target_value",
        DAK_NONG,
    )
    assert [(r["issuer"], r["target_value"]) for r in rows] == [
        ("HĐND tỉnh", Decimal("0.3")),
        ("UBND tỉnh", Decimal("0.6")),
    ]
    assert all(r["is_met"] is (r["actual_value"] >= r["target_value"]) for r in rows)
    years = consolidated.rows(
        "select year from marts.rpt_target_attainment where is_of_span and indicator_code = 'poor_household_rate'"
    )
    assert sorted(r["year"] for r in years) == [2021, 2022, 2023, 2024, 2025]


def test_profile_is_one_row_per_unit_and_year(consolidated: Warehouse) -> None:
    province = consolidated.row("select * from marts.rpt_unit_profile where unit_id = %s and year = 2023", DAK_NONG)
    assert (province["poor_households"], province["near_poor_households"]) == (sum(POOR_2023), None)
    district = consolidated.row("select * from marts.rpt_unit_profile where unit_id = '660@base' and year = 2023")
    assert (district["poor_households"], district["poor_household_rate_pct"]) == (90, 9)


def test_person_paid_twice_is_a_group_across_units_without_a_pseudonym(consolidated: Warehouse) -> None:
    rows = consolidated.rows("select * from marts.rpt_payment_duplicates where period = '2023-09' order by amount_vnd")
    across = [r for r in rows if r["match_kind"] == "identity"]
    assert {r["unit_id"] for r in across} == {"24664@base", "24640@base"}
    assert {r["group_id"] for r in across} == {across[0]["group_id"]}
    assert (across[0]["payments_in_group"], across[0]["units_in_group"], across[0]["is_across_units"]) == (2, 2, True)
    by_name = [r for r in rows if r["match_kind"] == "name_and_birth"]
    assert [(r["category_code"], r["categories_in_group"]) for r in by_name] == [("sa5c", 2), ("sa8", 2)]
    with connect(None, consolidated.url) as connection:
        hashes = connection.execute(
            "select table_schema, table_name from information_schema.columns"
            " where column_name like '%hash' and table_schema in ('marts', 'warehouse')"
        ).fetchall()
    assert hashes == []


def test_payments_are_measured_by_the_rate_in_force_without_arrears(consolidated: Warehouse) -> None:
    rate = consolidated.row(
        "select * from marts.rpt_rate_compliance where unit_id = '24664@base' and period = '2023-09'"
        " and category_code = 'sa5c'"
    )
    assert (rate["legal_amount_vnd"], rate["national_amount_vnd"], rate["rate_basis"]) == (360_000, 360_000, "national")
    assert (rate["payments"], rate["payments_below"], rate["payments_equal"], rate["payments_above"]) == (4, 1, 2, 1)
    assert (rate["arrears_vnd"], rate["shortfall_vnd"]) == (360_000, 10_000)


def test_semantic_layer_gives_the_headline_figures(consolidated: Warehouse) -> None:
    manifest = load_settings().dbt / "target" / "semantic_manifest.json"
    asked = ["poor_households", "near_poor_households", "poor_household_rate_pct"]
    rows = consolidated.rows(sql_of(manifest, asked, ["metric_time__year", "unit_year__province_name"]))
    of_2023 = next(r for r in rows if r["metric_time__year"].year == 2023)
    assert (of_2023["unit_year__province_name"], of_2023["poor_households"]) == ("Tỉnh Đắk Nông", sum(POOR_2023))
    assert of_2023["near_poor_households"] is None, "an incomplete sum is no total here either"
    assert round(of_2023["poor_household_rate_pct"], 6) == round(Decimal(100) * sum(POOR_2023) / sum(ALL), 6)
    here = ["{{ Dimension('unit_year__unit_code') }} = '663'"]
    (unit, *_) = consolidated.rows(sql_of(manifest, ["unit_poor_households"], ["metric_time__year"], here))[1:]
    assert unit["unit_poor_households"] == POOR_2023[3]

"""Series on the map of another day, forward and back, in a real build."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ingest.core.catalogue import Unit, load_catalogue
from ingest.core.catalogue_files import SEEDS
from tests.dbt.hand_made import DAK_NONG, DISTRICTS, Stated, Warehouse

pytestmark = pytest.mark.dbt

TODAY, BEFORE_THE_REFORM = date(2026, 6, 30), date(2025, 6, 30)
KON_TUM, THUA_THIEN_HUE = "62@base", "46@base"
HUE_CITY_OF_OLD, THUAN_HOA = "474@base", "474@2025-01-01"
LAM_DONG, LAM_DONG_OF_OLD, BINH_THUAN = "68@2025-07-01", "68@base", "60@base"
QUANG_NGAI, QUANG_NGAI_OF_OLD, HUE = "51@2025-07-01", "51@base", "46@2025-01-01"


def poverty(poor: float, households: float) -> list[Stated]:
    return [Stated("poor_households", poor), Stated("total_households", households)]


@pytest.fixture(scope="module")
def recast(module_warehouse: Warehouse) -> Warehouse:
    w = module_warehouse
    catalogue = load_catalogue()
    for year, poor in (("2022", 100), ("2023", 80)):
        day = date(int(year), 12, 31)
        # Đắk Nông, Kon Tum and Thừa Thiên Huế by their districts; Quảng Ngãi and Bình Thuận as they state themselves.
        for number, district in enumerate(DISTRICTS):
            w.submit(district, year, poverty(poor + number, 1000))
        for province in (KON_TUM, THUA_THIEN_HUE):
            for unit in catalogue.children_of(catalogue.units[province], day):
                w.submit(unit.unit_id, year, poverty(poor, 2000))
        w.submit(QUANG_NGAI_OF_OLD, year, poverty(5000, 300_000), form="written_report", kind="report")
        w.submit(BINH_THUAN, year, poverty(3000, 300_000), form="written_report", kind="report")
    # In 2022 the old Lâm Đồng is there as well.
    w.submit(LAM_DONG_OF_OLD, "2022", poverty(4000, 350_000), form="written_report", kind="report")
    # Of the city of Huế, which was split in 2025, every commune too.
    for commune in catalogue.children_of(catalogue.units[HUE_CITY_OF_OLD], date(2023, 12, 31)):
        w.submit(commune.unit_id, "2023", poverty(3, 100), form="poverty_groups")
    # Every commune of what was Đắk Nông reports the year of the reform.
    for commune in catalogue.children_of(catalogue.units[LAM_DONG], date(2025, 12, 31)):
        if lay_in(commune, "67"):
            w.submit(commune.unit_id, "2025", poverty(10, 500))
    w.build()
    return w


def lay_in(commune: Unit, province_code: str) -> bool:
    """Whether every commune that went into a new one lay in a province, by the crosswalk's own rows."""
    with (SEEDS / "admin_unit_changes.csv").open(encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["new_code"] == commune.code and row["effective_date"] == "2025-07-01"
        ]
    return {row["old_province_code"] for row in rows} == {province_code}


def figure(w: Warehouse, map_date: date, unit: str, period: str, indicator: str = "poor_households") -> dict[str, Any]:
    return w.row(
        "select * from marts.rpt_series_recast where map_date = %s and unit_id = %s and period = %s"
        " and indicator_code = %s and breakdown = ''",
        map_date,
        unit,
        period,
        indicator,
    )


def parts(w: Warehouse, unit: str, period: str) -> dict[str, dict[str, Any]]:
    rows = w.rows(
        "select * from marts.rpt_series_recast_part where map_date = %s and unit_id = %s and period = %s"
        " and indicator_code = 'poor_households' and breakdown = ''",
        TODAY,
        unit,
        period,
    )
    return {row["source_unit_id"]: row for row in rows}


@pytest.mark.parametrize(("year", "poor"), [("2022", 100), ("2023", 80)])
def test_poverty_of_the_old_provinces_on_the_map_of_today(recast: Warehouse, year: str, poor: int) -> None:
    dak_nong = 8 * poor + sum(range(8))
    of_lam_dong = parts(recast, LAM_DONG, year)[DAK_NONG]
    assert (of_lam_dong["value"], of_lam_dong["how"], of_lam_dong["source_name"]) == (
        dak_nong,
        "whole",
        "Tỉnh Đắk Nông",
    )

    quang_ngai = figure(recast, TODAY, QUANG_NGAI, year)
    kon_tum = parts(recast, QUANG_NGAI, year)[KON_TUM]
    assert (quang_ngai["value"], quang_ngai["basis"], quang_ngai["is_complete"]) == (10 * poor + 5000, "summed", True)
    assert kon_tum["share_pct"] == round(Decimal(100) * 10 * poor / (10 * poor + 5000), 2)

    hue = figure(recast, TODAY, HUE, year)
    assert (hue["value"], hue["basis"], hue["parts_expected"]) == (9 * poor, "same", 1)


def test_total_is_there_when_every_part_is_and_says_what_part_each_is(recast: Warehouse) -> None:
    total = figure(recast, TODAY, LAM_DONG, "2022")
    assert (total["value"], total["parts_reported"], total["parts_missing"]) == (828 + 3000 + 4000, 3, "")
    shares = {unit: part["share_pct"] for unit, part in parts(recast, LAM_DONG, "2022").items() if part["is_counted"]}
    assert shares == {
        DAK_NONG: round(Decimal(82800) / 7828, 2),
        BINH_THUAN: round(Decimal(300_000) / 7828, 2),
        LAM_DONG_OF_OLD: round(Decimal(400_000) / 7828, 2),
    }
    rate = figure(recast, TODAY, LAM_DONG, "2022", "poor_household_rate")
    assert (rate["value"], rate["basis"]) == (round(Decimal(100) * 7828 / 658_000, 6), "recomputed")


def test_missing_part_leaves_no_total_and_is_named(recast: Warehouse) -> None:
    total = figure(recast, TODAY, LAM_DONG, "2023")
    assert (total["value"], total["value_partial"]) == (None, 668 + 3000)
    assert (total["parts_reported"], total["parts_expected"], total["parts_missing"]) == (2, 3, "Tỉnh Lâm Đồng")
    dak_nong = parts(recast, LAM_DONG, "2023")[DAK_NONG]
    assert (dak_nong["share_pct"], dak_nong["share_of_reported_pct"]) == (None, round(Decimal(66800) / 3668, 2))


def test_district_that_ended_lies_in_its_province_and_is_not_counted_twice(recast: Warehouse) -> None:
    district = parts(recast, LAM_DONG, "2023")["663@base"]
    assert (district["value"], district["is_counted"], district["source_level"]) == (83, False, "district")


def test_reports_of_communes_go_back_to_the_province_of_old(recast: Warehouse) -> None:
    back = figure(recast, BEFORE_THE_REFORM, DAK_NONG, "2025")
    assert (back["value"], back["source_level"], back["parts_expected"]) == (280, "commune", 28)
    assert figure(recast, BEFORE_THE_REFORM, DAK_NONG, "2023")["value"] == 668
    assert recast.province("2025", "poor_households", province=LAM_DONG)["value_partial"] == 280


def test_split_unit_stands_at_the_lowest_level_at_which_it_is_exact(recast: Warehouse) -> None:
    """The city of Huế became two districts: its own figure is neither's; its communes' figures are."""
    thuan_hoa = figure(recast, BEFORE_THE_REFORM, THUAN_HOA, "2023")
    assert (thuan_hoa["source_level"], thuan_hoa["is_estimated"], thuan_hoa["is_complete"]) == ("commune", False, True)
    assert thuan_hoa["value"] == 3 * thuan_hoa["parts_expected"]
    assert not recast.rows("select from marts.rpt_series_recast where unit_id = %s and period = '2022'", THUAN_HOA), (
        "in 2022 only the city spoke"
    )
    assert figure(recast, BEFORE_THE_REFORM, HUE, "2022")["value"] == 900


def test_old_figures_are_as_they_were(recast: Warehouse) -> None:
    assert recast.province("2023", "poor_households")["value"] == 668
    assert recast.unit("663@base", "2023", "poor_households")["value"] == 83


def test_correction_of_an_old_district_reaches_the_map_of_today(recast: Warehouse) -> None:
    recast.submit("663@base", "2022", poverty(1003, 1000))
    recast.build()
    assert figure(recast, TODAY, LAM_DONG, "2022")["value"] == 7828 + 900
    assert parts(recast, LAM_DONG, "2022")["663@base"]["value"] == 1003

"""Units by date and by every spelling; indicators and lists that agree with each other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ingest.core.catalogue import load_catalogue, unit_name_key

BEFORE, AFTER = date(2023, 12, 31), date(2025, 12, 31)


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


def test_counts_of_units_before_and_after_the_reform(catalogue):
    def count(level, day):
        return sum(1 for unit in catalogue.units.values() if unit.level == level and unit.is_valid_on(day))

    assert [count(level, BEFORE) for level in ("province", "district", "commune")] == [63, 705, 10_598]
    assert [count(level, AFTER) for level in ("province", "district", "commune")] == [34, 0, 3_321]


def test_a_reused_code_is_told_apart_by_date(catalogue):
    assert catalogue.unit_by_code("68", BEFORE).unit_id == "68@base"
    assert catalogue.unit_by_code("68", AFTER).unit_id == "68@2025-07-01"
    assert catalogue.unit_by_code("67", AFTER) is None


def test_units_below_and_above(catalogue):
    district = catalogue.unit_by_code("663", BEFORE)
    assert len(catalogue.children_of(district, BEFORE)) == 10
    assert catalogue.province_of(district, BEFORE).unit_id == "67@base"
    assert len(catalogue.children_of(catalogue.unit_by_code("68", AFTER), AFTER)) == 124


@pytest.mark.parametrize(
    ("name", "day", "unit_id", "how"),
    [
        ("Huyện Đắk Mil", BEFORE, "663@base", "exact"),
        ("huyện Đăk Mil", BEFORE, "663@base", "alias"),
        ("HUYỆN ĐẮK MIL", BEFORE, "663@base", "exact"),
        ("H. Dak Mil", BEFORE, "663@base", "alias"),
        ("TP. Gia Nghĩa", BEFORE, "660@base", "alias"),
        ("huyện Đăk R Lấp", BEFORE, "666@base", "folded"),
        ("Huyện Đắk Min", BEFORE, "663@base", "fuzzy"),
        ("Thừa Thiên Huế", BEFORE, "46@base", "exact"),
        ("tỉnh Lâm Đồng", AFTER, "68@2025-07-01", "exact"),
    ],
)
def test_finds_a_unit_as_it_is_written(catalogue, name, day, unit_id, how):
    match = catalogue.find_unit(name, day)
    assert (match.unit and match.unit.unit_id, match.how) == (unit_id, how)


def test_a_name_of_two_units_is_not_guessed(catalogue):
    match = catalogue.find_unit("Châu Thành", BEFORE, level="district")
    assert (match.unit, match.how) == (None, "ambiguous")
    assert len(match.nearest) > 1


def test_an_unknown_commune_comes_with_the_nearest(catalogue):
    district = catalogue.unit_by_code("663", BEFORE)
    match = catalogue.find_unit("Xã Đắk Gần Lao", BEFORE, within=district)
    assert match.unit is None
    assert match.nearest


def test_a_former_name_is_told_as_such(catalogue):
    assert catalogue.find_unit("Huyện Đắk Mil", AFTER).how == "former"


@pytest.mark.parametrize("name", ["Xã Đắk Sắk", "xã Đăk Săk", "X. Dak Sak", "ĐẮK SẮK", "  xã   Đắk\nSắk "])
def test_spellings_share_a_key(name):
    assert unit_name_key(name) == "dak sak"


def test_indicators_name_what_exists(catalogue):
    units_of_measure = set(catalogue.code_lists["unit"])
    domains = set(catalogue.code_lists["domain"])
    for indicator in catalogue.indicators.values():
        assert indicator.unit_of_measure in units_of_measure, indicator.code
        assert indicator.domain in domains, indicator.code
        assert set(indicator.breakdown_lists) <= set(catalogue.code_lists), indicator.code
        if indicator.numerator:
            assert indicator.numerator in catalogue.indicators, indicator.code


def test_code_lists_are_trees(catalogue):
    for codes in catalogue.code_lists.values():
        for code in codes.values():
            seen, current = {code.code}, code
            while current.parent:
                current = codes[current.parent]
                assert current.code not in seen, f"{code.list_name}: {code.code} is below itself"
                seen.add(current.code)
    assert catalogue.descendants("ethnicity", "minority") > {"local_minority", "tay"}


def test_rates_by_date(catalogue):
    assert catalogue.rate_on("sa_standard", date(2023, 6, 1)).value == 360_000
    assert catalogue.rate_on("sa_standard", date(2024, 7, 1)).value == 500_000
    assert catalogue.rate_on("sa_standard", date(2009, 1, 1)) is None


@pytest.mark.parametrize(
    ("code", "day", "before", "since"),
    [
        ("22", date(2026, 9, 1), "Tỉnh Quảng Ninh", "Thành phố Quảng Ninh"),
        ("24", date(2026, 9, 20), "Tỉnh Bắc Ninh", "Thành phố Bắc Ninh"),
        ("09193", date(2026, 9, 20), "Xã Yên Phong", "Phường Yên Phong"),
    ],
)
def test_a_unit_of_another_kind_keeps_its_code_and_what_lies_below(catalogue, code, day, before, since):
    old, new = catalogue.unit_by_code(code, day - timedelta(days=1)), catalogue.unit_by_code(code, day)
    assert (old.name, new.name) == (before, since)
    assert catalogue.successors_of(old, day) == [new]
    assert catalogue.former_names(new, day)[-1] == old
    below = [[unit.code for unit in catalogue.children_of(unit, day)] for unit in (old, new)]
    assert below[0] == below[1]

"""Periods as Vietnamese headings write them."""

from __future__ import annotations

import pytest

from ingest.core.period_labels import find_periods, period_label
from ingest.core.periods import parse_period


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Kỳ báo cáo: Năm 2023", ["2023"]),
        ("NĂM 2023", ["2023"]),
        ("Quý III năm 2023", ["2023-Q3"]),
        ("quý 3/2023", ["2023-Q3"]),
        ("Kết quả quý IV, năm 2022 (lũy kế từ ngày 01/01)", ["2022-Q4"]),
        ("6 tháng đầu năm 2023", ["2023-S1"]),
        ("6 tháng cuối năm 2023", ["2023-S2"]),
        ("9 tháng năm 2023", ["2023-Q3"]),
        ("Báo cáo 12 tháng năm 2023", ["2023"]),
        ("Tháng 9 năm 2023", ["2023-09"]),
        ("tháng 09/2023", ["2023-09"]),
        ("Kỳ: 2023-Q3", ["2023-Q3"]),
        ("Giai đoạn 2021-2025", ["2021/2025"]),
        ("năm 2023 theo chuẩn nghèo giai đoạn 2022-2025", ["2022/2025", "2023"]),
        ("Theo biểu số 01, Thông tư 07/2021/TT-BLĐTBXH", []),
        ("Đắk Mil, ngày 05 tháng 01 năm 2024", []),
        ("ngày 12/12/2023", []),
        ("Quyết định 24/2021/QĐ-TTg", []),
        ("470 hộ", []),
    ],
)
def test_periods_are_found(text: str, codes: list[str]) -> None:
    assert [period.code for period in find_periods(text)] == codes


@pytest.mark.parametrize(
    "code", ["2023", "2023-S1", "2023-S2", "2023-Q1", "2023-Q4", "2023-02", "2023-12", "2021/2025"]
)
def test_a_label_is_found_again(code: str) -> None:
    assert [period.code for period in find_periods(period_label(parse_period(code)))] == [code]

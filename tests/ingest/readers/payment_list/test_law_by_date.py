"""A list is measured by the law of its month: what rose for the past, what was worked out, what nobody has read."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ingest.core.catalogue import Catalogue
from ingest.core.catalogue_files import SEEDS
from ingest.core.periods import parse_period
from ingest.readers.payment_list.legal_amounts import LegalRates
from ingest.readers.payment_list.list_schema import load_lists
from tests.made_lines import COLUMNS, FIRST_LINE, TITLE, list_book, person, rules_of

MERIT_TITLE = "DANH SÁCH CHI TRẢ TRỢ CẤP ƯU ĐÃI NGƯỜI CÓ CÔNG"
PLACE = {"commune": "Xã Đức Lập"}
ARREARS = {**COLUMNS, "arrears_months": "Số tháng truy lĩnh"}


def of(month: str, title: str = TITLE[1]) -> tuple[str, str, str]:
    year, number = month.split("-")
    return "Đơn vị báo cáo: Xã Đức Lập, tỉnh Lâm Đồng", title, f"Kỳ báo cáo: Tháng {int(number)} năm {year}"


def severe(standard: int, paid: float = 1.5, **differs: object):
    amount = int(standard * paid)
    return person(1, **PLACE, **{"coefficient": paid, "monthly": amount, "amount": amount, **differs})


def test_a_list_of_october_2026_that_pays_severe_disability_at_one_is_refused(read_one):
    submission = read_one(list_book([severe(540_000, 1.0)], title=of("2026-10")))
    assert [(f.rule_id, f.severity, f.ref, f.rhs) for f in submission.findings] == [
        ("LST-053", "error", f"row {FIRST_LINE}", Decimal("1.5"))
    ]
    assert not submission.is_acceptable


@pytest.mark.parametrize("standard", [540_000, 500_000])
@pytest.mark.parametrize("monthly", [True, False])
def test_so_is_one_whose_amount_alone_says_it(read_one, standard, monthly):
    line = severe(standard, 1.0, coefficient="", **({} if monthly else {"monthly": ""}))
    submission = read_one(list_book([line], title=of("2026-10")))
    assert [(f.rule_id, f.severity, f.lhs, f.rhs) for f in submission.findings] == [
        ("LST-130", "error", 1, Decimal("1.5"))
    ]


@pytest.mark.parametrize("month", ["2026-07", "2026-10", "2026-12", "2027-03"])
def test_the_new_rate_is_right_since_july(read_one, month):
    assert rules_of(read_one(list_book([severe(540_000)], title=of(month)))) == set()


@pytest.mark.parametrize(
    ("month", "rules"),
    [("2026-06", set()), ("2026-07", {"LST-133"}), ("2026-10", {"LST-133"}), ("2026-11", {"LST-051"})],
)
def test_the_former_rate_is_right_until_the_decree_came_into_force(read_one, month, rules):
    submission = read_one(list_book([severe(500_000)], title=of(month)))
    assert rules_of(submission) == rules
    assert submission.is_acceptable


@pytest.mark.parametrize("month", ["2026-10", "2026-11"])
def test_arrears_of_the_difference_are_not_wrong(read_one, month):
    """Three months at 1.5 × (540,000 − 500,000)."""
    line = severe(540_000, arrears=180_000, arrears_months=3, amount=990_000)
    assert rules_of(read_one(list_book([line], ARREARS, title=of(month)))) == set()


def test_arrears_of_whole_months_are_not_wrong_either(read_one):
    line = severe(540_000, arrears=2_430_000, arrears_months=3, amount=3_240_000)
    assert rules_of(read_one(list_book([line], ARREARS, title=of("2026-10")))) == set()


def test_arrears_below_the_difference_are_told(read_one):
    line = severe(540_000, arrears=120_000, arrears_months=3, amount=930_000)
    (found,) = read_one(list_book([line], ARREARS, title=of("2026-11"))).findings
    assert (found.rule_id, found.lhs, found.rhs) == ("LST-050", 930_000, 990_000)


def merit(month: str, amount: int, category: str = "Bà mẹ Việt Nam anh hùng"):
    line = person(
        1, **PLACE, category=category, coefficient="", monthly="", amount=amount, birth="1935", identity="067135000001"
    )
    columns = {**COLUMNS, "coefficient": "Tỷ lệ thương tật"}
    return list_book([line], columns, title=of(month, MERIT_TITLE))


@pytest.mark.parametrize(
    ("amount", "rules"),
    [
        (9_036_000, set()),
        (9_035_000, set()),  # what was worked out may be off by a thousand
        (8_367_000, {"LST-134"}),  # the former amount, the day of the new one being uncertain
        (8_000_000, {"LST-132"}),
    ],
)
def test_an_amount_that_was_worked_out_is_no_law(read_one, amount, rules):
    submission = read_one(merit("2026-11", amount))
    assert rules_of(submission) == rules
    for found in submission.findings:
        assert found.severity == "warning"
        assert "luật định" not in found.message_vi
        assert "legal" not in found.message_en


def test_from_2027_the_former_amount_of_merit_is_told(read_one):
    assert rules_of(read_one(merit("2027-02", 8_367_000))) == {"LST-132"}


@pytest.fixture
def catalogue_of(tmp_path):
    """A catalogue whose rates are changed row by row."""

    def made(change):
        for path in SEEDS.glob("*.csv"):
            if path.name != "rates.csv":
                (tmp_path / path.name).symlink_to(path)
        with (SEEDS / "rates.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with (tmp_path / "rates.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(change(row) for row in rows)
        return Catalogue(tmp_path)

    return made


@pytest.mark.parametrize("code", ["sa_monthly_coefficient", "sa_standard"])
def test_a_rate_that_nobody_has_read_is_not_passed_over(catalogue_of, code):
    def forget(row):
        is_it = row["rate_code"] == code and row["valid_from"] == "2026-07-01"
        return {**row, "value": "", "verified_in": "not_known"} if is_it else row

    layout = load_lists()["list_social_assistance"][-1].layout
    known, unread = Catalogue(), catalogue_of(forget)
    before, since = parse_period("2026-06"), parse_period("2026-08")

    def legal_of(rates: LegalRates) -> Decimal:
        due = rates.due("sa6_s", None, None, 1)
        assert due is not None
        return due.legal

    assert legal_of(LegalRates(layout, since, known)) == 810_000
    rates = LegalRates(layout, since, unread)
    assert rates.due("sa6_s", None, None, 1) is None
    unknown = rates.unknown_since("sa6_s")
    assert unknown is not None
    assert unknown.valid_from == date(2026, 7, 1)
    assert legal_of(LegalRates(layout, before, unread)) == 750_000
    assert LegalRates(layout, before, unread).unknown_since("sa6_s") is None


def test_what_was_not_read_is_said_and_counted(read_with, catalogue_of):
    unread = catalogue_of(
        lambda row: (
            {**row, "value": "", "verified_in": "not_known"}
            if (row["rate_code"], row["category_code"], row["valid_from"])
            == ("sa_monthly_coefficient", "sa6_s", "2026-07-01")
            else row
        )
    )
    line = severe(540_000, 1.0, coefficient="")
    submission = read_with(unread, list_book([line], title=of("2026-10")))
    (found,) = submission.findings
    assert (found.rule_id, found.severity) == ("LST-135", "info")
    assert "Không kiểm tra được 1 dòng" in found.message_vi
    assert found.message_en.startswith("Not checked: 1 lines")
    assert "2026-07-01" in found.message_en
    assert not {"LST-050", "LST-051", "LST-130"} & set(submission.checks_passed)


def test_students_have_no_age_limit_since_the_decree_of_2026(read_one):
    student: dict[str, Any] = {
        "category": "Mồ côi từ 16 đến 22 tuổi đang đi học",
        "birth": "15/03/2001",
        "identity": "",
    }
    before = read_one(list_book([severe(540_000, **student)], title=of("2026-09")))
    since = read_one(list_book([severe(540_000, **student)], title=of("2026-10")))
    assert "LST-064" in rules_of(before)
    assert "LST-064" not in rules_of(since)

"""Every check of a list fires on what it is for, at its row, and keeps quiet otherwise."""

from __future__ import annotations

from datetime import date

import pytest

from tests.made_lines import COLUMNS, FIRST_LINE, TITLE, list_book, people, person, rules_of

MERIT_TITLE = (TITLE[0], "DANH SÁCH CHI TRẢ TRỢ CẤP ƯU ĐÃI NGƯỜI CÓ CÔNG", TITLE[2])
MERIT_COLUMNS = {**COLUMNS, "coefficient": "Tỷ lệ thương tật"}


@pytest.mark.parametrize(
    ("differs", "rule_id"),
    [
        ({"amount": ""}, "LST-020"),
        ({"amount": "chưa rõ"}, "LST-021"),
        ({"amount": -540_000}, "LST-022"),
        ({"amount": 0}, "LST-023"),
        ({"amount": 540_000.4}, "LST-024"),
        ({"name": ""}, "LST-027"),
        ({"arrears": "một ít"}, "LST-028"),
        ({"commune": "Xã Chưa Từng Có"}, "LST-030"),
        ({"commune": ""}, "LST-031"),
        ({"category": "Người thích câu cá"}, "LST-032"),
        ({"category": ""}, "LST-033"),
        ({"method": "Bồ câu đưa thư"}, "LST-034"),
        ({"sex": "?"}, "LST-035"),
        ({"months": 0}, "LST-036"),
        ({"months": 500}, "LST-036"),
        ({"identity": "06717000000"}, "LST-040"),
        ({"identity": "6.7E+10"}, "LST-041"),
        ({"identity": "003172000002"}, "LST-042"),
        ({"identity": "067972000002"}, "LST-043"),
        ({"identity": "067072000002"}, "LST-044"),
        ({"identity": "067173000002"}, "LST-045"),
        ({"identity": 67172000002}, "LST-046"),
        ({"monthly": "", "amount": 500_000}, "LST-050"),
        ({"monthly": "", "months": 3, "amount": 1_080_000}, "LST-050"),
        ({"monthly": 500_000, "amount": 500_000}, "LST-051"),
        ({"monthly": 5_400_000, "amount": 5_400_000}, "LST-052"),
        ({"coefficient": 1.0}, "LST-053"),
        ({"amount": 600_000}, "LST-054"),
        ({"birth": "năm con rồng"}, "LST-060"),
        ({"birth": "30/02/1972"}, "LST-061"),
        ({"birth": "01/10/2023", "identity": "067323000002"}, "LST-062"),
        ({"birth": "1890", "identity": ""}, "LST-063"),
        ({"category": "Người từ đủ 80 tuổi trở lên", "coefficient": 1}, "LST-064"),
        ({"category": "Trẻ em khuyết tật nặng", "coefficient": 2}, None),
        ({"monthly": 810_000, "amount": 810_000}, None),  # a province may pay above the national rate
        ({"arrears": 540_000, "amount": 1_080_000}, None),
        ({"recovery": 140_000, "amount": 400_000}, None),
        ({"months": 2, "amount": 1_080_000}, None),
        ({"identity": "245123456"}, None),
        ({"birth": "1972"}, None),
        ({"birth": "00/00/1972"}, None),
        ({"method": "", "account": ""}, None),
        ({"sex": ""}, None),
    ],
)
def test_one_odd_line_has_one_finding_at_its_row(read_one, differs, rule_id):
    if differs.get("category", "").startswith("Trẻ em"):
        differs = {**differs, "monthly": 720_000, "amount": 720_000}
    submission = read_one(list_book([person(1), person(2, **differs), person(3)]))
    said = [(f.rule_id, f.ref) for f in submission.findings if f.rule_id != "LST-047"]
    if rule_id == "LST-022":
        said = [one for one in said if one[0] != "LST-054"]
    assert said == ([(rule_id, f"row {FIRST_LINE + 1}")] if rule_id else [])
    assert rule_id not in submission.checks_passed


def test_a_list_in_order_passes_every_check(read_one):
    submission = read_one(list_book(people(20)))
    assert submission.findings == []
    assert {"LST-020", "LST-040", "LST-045", "LST-050", "LST-054", "LST-064", "LST-070", "LST-080"} <= set(
        submission.checks_passed
    )


def test_a_check_that_could_not_be_applied_did_not_pass(read_one):
    columns = {key: label for key, label in COLUMNS.items() if key not in ("identity", "monthly")}
    passed = read_one(list_book(people(3), columns)).checks_passed
    assert not {"LST-040", "LST-051", "LST-054"} & set(passed)


def test_amounts_are_compared_with_the_rate_of_the_list_s_month(read_one):
    after = (TITLE[0], TITLE[1], "Kỳ báo cáo: Tháng 7 năm 2024")
    line = person(1, monthly="", coefficient="")
    assert rules_of(read_one(list_book([line]))) == set()
    submission = read_one(list_book([line], title=after))
    (found,) = submission.findings
    assert (found.rule_id, found.lhs, found.rhs) == ("LST-050", 540_000, 750_000)


def test_arrears_are_owed_at_the_rates_of_their_months(read_one):
    """In July 2024 the standard rose from 360,000 to 500,000: two months are 1.5 × (500,000 + 360,000)."""
    title = (TITLE[0], TITLE[1], "Kỳ báo cáo: Tháng 7 năm 2024")
    enough = person(1, monthly="", coefficient="", months=2, amount=1_290_000)
    short = person(2, monthly="", coefficient="", months=2, amount=1_289_000)
    submission = read_one(list_book([enough, short], title=title))
    (found,) = submission.findings
    assert (found.rule_id, found.ref, found.rhs) == ("LST-050", f"row {FIRST_LINE + 1}", 1_290_000)


def test_a_category_without_a_rate_is_bound_by_its_coefficient(read_one):
    local = {"category": "Đối tượng do HĐND tỉnh quy định", "monthly": ""}
    submission = read_one(
        list_book(
            [person(1, **local, coefficient=1, amount=360_000), person(2, **local, coefficient=1, amount=300_000)]
        )
    )
    assert [(f.rule_id, f.ref, f.rhs) for f in submission.findings] == [("LST-050", f"row {FIRST_LINE + 1}", 360_000)]


def test_what_has_no_known_rate_is_counted(read_one):
    local = {"category": "Đối tượng do HĐND tỉnh quy định", "coefficient": "", "monthly": ""}
    submission = read_one(list_book([person(1), person(2, **local), person(3, **local)]))
    (found,) = submission.findings
    assert found.rule_id == "LST-055"
    assert found.message_en.startswith("2 lines")


@pytest.mark.parametrize(
    ("category", "share", "amount", "least"),
    [
        ("Thương binh", 61, 3_000_000, 4_020_000),
        ("Thương binh", "", 3_000_000, None),
        ("Bệnh binh", 65, 3_000_000, 3_406_000),
        ("Bệnh binh", 65, 3_406_000, None),
        ("Nhiễm chất độc hóa học", 85, 4_000_000, 4_685_000),
        ("Bà mẹ Việt Nam anh hùng", "", 6_000_000, 6_165_000),
        ("Thân nhân liệt sĩ", "", 2_055_000, None),
        ("Người có công giúp đỡ cách mạng", "", 800_000, None),
    ],
)
def test_merit_allowances_by_share_of_bodily_injury(read_one, catalogue, category, share, amount, least):
    if category == "Thương binh" and least is not None:
        day = date(2023, 9, 1)
        least = catalogue.rate_on("merit_war_invalid_amount", day, f"war_{share:03d}").value
    line = person(
        1, category=category, coefficient=share, monthly="", amount=amount, birth="1940", identity="067140000001"
    )
    submission = read_one(list_book([line], MERIT_COLUMNS, title=MERIT_TITLE))
    assert submission.form_code == "list_merit_subsidy"
    said = [(f.rule_id, f.rhs) for f in submission.findings if f.rule_id != "LST-055"]
    assert said == ([("LST-050", least)] if least is not None else [])


def test_the_same_person_twice_in_one_category(read_one):
    submission = read_one(list_book([person(1), person(2), person(1, number=3, name="Lý Thị Khác Tên")]))
    assert [(f.rule_id, f.ref) for f in submission.findings] == [("LST-070", f"row {FIRST_LINE + 2}")]
    assert submission.observations[0].value == 2


def test_the_same_person_in_two_categories(read_one):
    elderly = {"category": "Người khuyết tật đặc biệt nặng", "coefficient": 2, "monthly": 720_000, "amount": 720_000}
    submission = read_one(list_book([person(1), person(1, **elderly)]))
    assert rules_of(submission) == {"LST-071"}


def test_a_single_parent_is_paid_beside_another_category(read_one):
    parent = {"category": "Người đơn thân nghèo đang nuôi con", "coefficient": 1, "monthly": 360_000, "amount": 360_000}
    assert rules_of(read_one(list_book([person(1), person(1, **parent)]))) == set()


def test_without_identity_numbers_the_same_name_year_and_commune_are_suspicious(read_one):
    one, other = person(1, identity=""), person(1, identity="", account="")
    elsewhere = person(1, identity="", commune="Xã Đức Mạnh")
    submission = read_one(list_book([one, other, elsewhere]))
    assert [(f.rule_id, f.ref) for f in submission.findings if f.rule_id != "LST-047"] == [
        ("LST-072", f"row {FIRST_LINE + 1}")
    ]


def test_a_payment_without_a_person_is_an_error(read_one):
    stray: list[str | int] = [""] * len(COLUMNS)
    stray[list(COLUMNS).index("amount")] = 123_000
    submission = read_one(list_book([person(1), stray, person(2)]))
    assert [(f.rule_id, f.ref, f.severity) for f in submission.findings] == [
        ("LST-081", f"row {FIRST_LINE + 1}", "error")
    ]


def test_a_sum_without_a_word_is_a_sum(read_one):
    total: list[str | int] = [""] * len(COLUMNS)
    total[list(COLUMNS).index("amount")] = 1_080_000
    assert read_one(list_book([person(1), person(2), total])).findings == []


def test_many_findings_of_a_kind_are_cut_short_and_counted(read_one):
    lines = [person(n, identity="123") for n in range(1, 351)]
    lines[300] = person(301)
    submission = read_one(list_book(lines))
    listed = [f for f in submission.findings if f.rule_id == "LST-040"]
    assert [f.ref for f in listed] == [f"row {FIRST_LINE + n}" for n in range(100)]
    (summary,) = [f for f in submission.findings if f.rule_id == "LST-090"]
    assert "249" in summary.message_vi
    assert "LST-040" in summary.message_vi
    assert (summary.ref, *summary.refs) == (
        f"row {FIRST_LINE + 100}-{FIRST_LINE + 299}",
        f"row {FIRST_LINE + 301}-{FIRST_LINE + 349}",
    )


def test_section_sums(read_one):
    def row(label, amount):
        cells = [""] * len(COLUMNS)
        cells[1], cells[list(COLUMNS).index("amount")] = label, amount
        return cells

    def line(number):
        return person(number, commune="")

    right = [
        row("Xã Đắk Sắk", 1_080_000), line(1), line(2),
        row("Xã Đức Mạnh", 540_000), line(3), row("Cộng xã Đức Mạnh", 540_000),
        row("Tổng cộng", 1_620_000),
    ]  # fmt: skip
    assert read_one(list_book(right)).findings == []
    wrong = [row("Xã Đắk Sắk", 1_080_001), *right[1:]]
    found = read_one(list_book(wrong)).findings
    assert [(f.rule_id, f.ref, f.rhs) for f in found] == [("LST-080", f"row {FIRST_LINE}", 1_080_000)]

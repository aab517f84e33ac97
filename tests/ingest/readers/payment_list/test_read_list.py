"""Lists as districts send them: found by their headings, read line by line, in whatever shape they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ingest.readers.payment_list import read_payment_list
from ingest.readers.payment_list.line_columns import LINE_COLUMNS
from tests.made_lines import (
    COLUMNS,
    FIRST_LINE,
    HEADING_ROW,
    TITLE,
    book_of,
    lines_of,
    list_book,
    people,
    person,
    rules_of,
    sheet_rows,
)


def field(line, name):
    return line[1 + LINE_COLUMNS.index(name)]


def fields(submission, name):
    return [field(line, name) for line in lines_of(submission)]


def test_a_list_in_order_has_its_lines_and_no_findings(read_one, catalogue):
    submission = read_one(list_book(people(3)))
    assert submission.findings == []
    assert (submission.form_code, submission.form_version, submission.source_kind) == (
        "list_social_assistance", "v01", "list",
    )  # fmt: skip
    assert catalogue.units[submission.reporting_unit_id].name == "Huyện Đắk Mil"
    assert (submission.period, submission.status, submission.is_nil) == ("2023-09", "official", False)
    line = dict(zip(("submission_id", *LINE_COLUMNS), lines_of(submission)[1], strict=True))
    hashes = {name: line.pop(name) for name in ("person_hash", "identity_hash", "account_hash")}
    assert all(value and value.startswith("\\\\x") and len(value) == 3 + 64 for value in hashes.values())
    assert len(set(hashes.values())) == 3
    sak = next(unit for unit in catalogue.units.values() if unit.name == "Xã Đắk Sắk" and unit.is_valid_on(DAY))
    assert line == {
        "submission_id": "7",
        "line_number": "2",
        "ref": f"row {FIRST_LINE + 1}",
        "unit_id": sak.unit_id,
        "period": "2023-09",
        "key_id": line["key_id"],
        "birth_year": "1972",
        "sex": "female",
        "category_code": "sa6_s",
        "coefficient": "1.5",
        "months": "1",
        "arrears_vnd": None,
        "amount_vnd": "540000",
        "payment_method": "bank_account",
    }


DAY = date(2023, 9, 30)


def test_one_person_has_one_pseudonym_in_every_list(read_one):
    first = read_one(list_book([person(5)]))
    other = read_one(list_book([person(9), person(5, name="LÝ THỊ THỬ  F", account="6310 205 000 005")]))
    for name in ("person_hash", "identity_hash", "account_hash"):
        assert fields(first, name)[0] == fields(other, name)[1] != fields(other, name)[0]


def test_a_book_of_forms_is_none_of_its(catalogue):
    rows: list[list[str | int]] = [["Biểu 01"], ["Xã", "Hộ nghèo", "Số tiền"], ["Xã Đắk Sắk", 12, 5000]]
    assert read_payment_list(book_of({"Biểu": rows}), "bieu.xlsx", catalogue) is None
    assert read_payment_list(b"PK\x03\x04 broken", "x.xlsx", catalogue) is None
    assert read_payment_list(b"", "x.csv", catalogue) is None


# Columns


def test_columns_may_stand_in_any_order_with_others_between(read_one):
    expected = lines_of(read_one(list_book(people(5))))
    shuffled = sorted(COLUMNS, key=lambda key: COLUMNS[key][::-1])
    columns = {**{key: COLUMNS[key] for key in shuffled[:6]}, "extra": "Cột riêng của huyện"}
    columns |= {key: COLUMNS[key] for key in shuffled[6:]}
    submission = read_one(list_book([{**line, "extra": "ghi thêm"} for line in people(5)], columns))
    assert lines_of(submission) == expected
    assert rules_of(submission) == {"LST-005"}
    assert submission.findings[0].ref == f"Danh sách!G{HEADING_ROW + 1}"


@pytest.mark.parametrize(
    "labels",
    [
        {
            "name": "Họ tên đối tượng",
            "identity": "Số CMND/CCCD",
            "amount": "Số tiền được nhận",
            "method": "Hình thức chi trả",
        },
        {"name": "HỌ VÀ\nTÊN", "identity": "SỐ  CCCD ", "amount": "Tổng số tiền\n(đồng)", "category": "Loại đối tượng"},
        {"name": "Ho va ten", "identity": "So CCCD", "amount": "Tong so tien", "category": "Doi tuong"},
        {"name": "(2) Họ và tên", "amount": "13. Tổng số tiền", "category": "Nhóm đối tuợng"},
    ],
)
def test_headings_in_other_wordings(read_one, labels):
    submission = read_one(list_book(people(3), {**COLUMNS, **labels}))
    assert submission.findings == []
    assert fields(submission, "amount_vnd") == ["540000"] * 3


def merged_headings():
    """Headings over two rows: the year of birth by sex, arrears by months and money."""
    top = ["STT", "Họ và tên", "Năm sinh", "", "Số CCCD", "Xã, phường, thị trấn", "Đối tượng", "Mức hưởng",
           "Truy lĩnh", "", "Số tiền được nhận", "Ký nhận"]  # fmt: skip
    below = ["", "", "Nam", "Nữ", "", "", "", "", "Số tháng", "Số tiền", "", ""]
    numbers = ["A", "B", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]
    lines = [
        [
            1,
            "Lý Văn Thử",
            1970,
            "",
            "067070000001",
            "Xã Đắk Sắk",
            "Người khuyết tật nặng",
            540_000,
            2,
            1_080_000,
            1_620_000,
        ],
        [2, "Lý Thị Thử", "", 1971, "067171000002", "Xã Đắk Sắk", "Người khuyết tật nặng", 540_000, "", "", 540_000],
    ]
    return [*([text] for text in TITLE), [], top, below, numbers, *lines]


@pytest.mark.parametrize("is_merged", [True, False])
def test_headings_merged_over_two_rows(read_one, is_merged):
    def merge(sheet):
        if is_merged:
            sheet.merge_range(4, 2, 4, 3, "Năm sinh")
            sheet.merge_range(4, 8, 4, 9, "Truy lĩnh")
            for column, text in ((0, "STT"), (1, "Họ và tên"), (10, "Số tiền được nhận")):
                sheet.merge_range(4, column, 5, column, text)

    submission = read_one(book_of({"DS": merged_headings()}, merge))
    assert submission.findings == []
    assert fields(submission, "sex") == ["male", "female"]
    assert fields(submission, "birth_year") == ["1970", "1971"]
    assert fields(submission, "arrears_vnd") == ["1080000", None]
    arrears = [
        o for o in submission.observations if o.breakdown == "support_kind=arrears" and o.unit_id.startswith("663")
    ]
    assert [o.value for o in arrears] == [Decimal(1_080_000)]


def test_a_missing_required_column_is_said_and_nothing_is_read(read):
    found = read(list_book(people(2), {key: label for key, label in COLUMNS.items() if key != "amount"}))
    assert [f.rule_id for f in found.findings] == ["LST-001"]
    assert "Tổng số tiền" in found.findings[0].message_vi
    assert found.submissions == []


def test_a_list_of_persons_that_nobody_asked_for_is_refused(read):
    title = ("Huyện Đắk Mil", "DANH SÁCH HỖ TRỢ CHI PHÍ MAI TÁNG TRỢ GIÚP XÃ HỘI", "Tháng 9 năm 2023")
    found = read(list_book(people(2), title=title))
    assert [f.rule_id for f in found.findings] == ["LST-002"]
    assert found.submissions == []


def test_money_in_thousands_is_brought_to_dong(read_one):
    lines = [person(n, monthly=540, amount=540) for n in (1, 2)]
    heading = {**COLUMNS, "monthly": "Mức trợ cấp (nghìn đồng)", "amount": "Tổng số tiền (1.000 đồng)"}
    assert fields(read_one(list_book(lines, heading)), "amount_vnd") == ["540000"] * 2
    title = (*TITLE, "Đơn vị tính: nghìn đồng")
    submission = read_one(list_book(lines, title=title))
    assert submission.findings == []
    assert fields(submission, "amount_vnd") == ["540000"] * 2


def test_amounts_written_as_text(read_one):
    submission = read_one(list_book([person(1, amount="540.000"), person(2, amount="540,000 đ", monthly="540 000")]))
    assert submission.findings == []
    assert fields(submission, "amount_vnd") == ["540000"] * 2


# Rows


def test_sections_hold_for_the_lines_below_them(read_one, catalogue):
    def line(number):
        return person(number, commune="", category="")

    rows: list[Mapping[str, Any] | Sequence[Any]] = [
        ["I", "Xã Đắk Sắk"],
        ["1", "Người khuyết tật nặng"],
        line(1),
        line(2),
        ["2", "Người khuyết tật đặc biệt nặng"],
        person(3, commune="", category="", coefficient=2, monthly=720_000, amount=720_000),
        ["II", "Xã Đức Mạnh"],
        ["1", "Người khuyết tật nặng"],
        line(4),
    ]
    submission = read_one(list_book(rows))
    assert submission.findings == []
    names = [catalogue.units[unit_id].name for unit_id in fields(submission, "unit_id")]
    assert names == ["Xã Đắk Sắk"] * 3 + ["Xã Đức Mạnh"]
    assert fields(submission, "category_code") == ["sa6_s", "sa6_s", "sa6_es", "sa6_s"]


def test_a_merged_cell_holds_for_all_its_rows(read_one, catalogue):
    lines = [person(n, commune="Xã Đắk Sắk" if n == 1 else "") for n in range(1, 401)]
    column = list(COLUMNS).index("commune")

    def merge(sheet):
        sheet.merge_range(HEADING_ROW + 1, column, HEADING_ROW + 400, column, "Xã Đắk Sắk")

    submission = read_one(list_book(lines, edit=merge))
    assert submission.findings == []
    assert {catalogue.units[unit_id].name for unit_id in fields(submission, "unit_id")} == {"Xã Đắk Sắk"}


def test_rows_that_are_no_lines_are_told_from_lines(read_one):
    width = len(COLUMNS)
    money = list(COLUMNS).index("amount")

    def total(label, amount, at=1):
        row = [""] * width
        row[at], row[money] = label, amount
        return row

    rows = [
        ["A", "B", *range(1, width - 1)],
        total("Tổng cộng", 4 * 540_000),
        person(1),
        person(2),
        list(COLUMNS.values()),  # the heading of the next page
        person(3),
        [],
        person(4),
        total("Cộng:", 4 * 540_000, at=0),
        ["", "(Bằng chữ: hai triệu một trăm sáu mươi nghìn đồng)"],
        [],
        ["", "Người lập biểu", "", "", "", "", "", "", "Thủ trưởng đơn vị"],
        ["", "Lê Thị Người Ký", "", "", "", "", "", "", "Phạm Văn Ký Thay"],
    ]
    submission = read_one(list_book(rows))
    assert submission.findings == []
    assert len(lines_of(submission)) == 4
    assert "LST-080" in submission.checks_passed


def test_a_surname_like_a_total_is_a_person(read_one):
    submission = read_one(list_book([person(1, name="Tống Thị Cộng"), person(2, name="Công Thị Tổng")]))
    assert submission.findings == []
    assert len(lines_of(submission)) == 2


def test_a_wrong_total_is_an_error_with_both_numbers(read_one):
    total: list[str | int] = [""] * len(COLUMNS)
    total[1], total[list(COLUMNS).index("amount")] = "Tổng cộng", 1_500_000
    submission = read_one(list_book([*people(3), total]))
    (found,) = submission.findings
    assert (found.rule_id, found.ref) == ("LST-080", f"row {FIRST_LINE + 3}")
    assert (found.lhs, found.rhs, found.difference) == (1_500_000, 1_620_000, -120_000)
    assert not submission.is_acceptable


def test_a_note_among_the_lines_is_said(read_one):
    submission = read_one(list_book([person(1), ["", "Tạm dừng chi trả"], person(2)]))
    assert [(f.rule_id, f.ref) for f in submission.findings] == [("LST-082", f"row {FIRST_LINE + 1}")]
    assert "Tạm dừng" not in submission.findings[0].message_vi


def test_hidden_rows_columns_and_sheets_are_read_and_said(read_one):
    def hide(sheet):
        sheet.set_row(HEADING_ROW + 2, None, None, {"hidden": True})
        sheet.set_column(8, 8, None, None, {"hidden": True})

    submission = read_one(list_book(people(3), edit=hide))
    assert [(f.rule_id, f.ref) for f in submission.findings] == [
        ("LST-008", f"row {FIRST_LINE + 1}"),
        ("LST-009", f"Danh sách!I{HEADING_ROW + 1}"),
    ]
    assert len(lines_of(submission)) == 3


def test_a_formula_without_a_result_is_told_from_a_blank(read_one):
    def formula(sheet):
        sheet.write_formula(HEADING_ROW + 2, 12, "=I7*J7", None, "")

    submission = read_one(list_book([person(1), person(2, amount=""), person(3, amount="")], edit=formula))
    assert [(f.rule_id, f.ref) for f in submission.findings] == [
        ("LST-025", f"row {FIRST_LINE + 1}"),
        ("LST-020", f"row {FIRST_LINE + 1}"),
        ("LST-020", f"row {FIRST_LINE + 2}"),
    ]


# As districts deform them


def few(heading, *lines, below=(), title=TITLE):
    """A sheet with another heading than usual; each line is the cells of one person."""
    return [*([text] for text in title), [], list(heading), *map(list, below), *map(list, lines)]


REST = ("067170000001", "Xã Đắk Sắk", "Người khuyết tật nặng", 540_000)
REST_HEADINGS = ("Số CCCD", "Xã", "Đối tượng", "Số tiền")


def test_a_list_with_few_columns_is_a_list(read_one):
    submission = read_one(book_of({"DS": few(("TT", "Họ tên", *REST_HEADINGS), (1, "Lý Thị Thử", *REST))}))
    assert submission.findings == []
    assert fields(submission, "amount_vnd") == ["540000"]


def test_sex_ticked_in_two_columns(read_one):
    heading = ("STT", "Họ và tên", "Ngày sinh", "Giới tính", "", *REST_HEADINGS)
    below = [("", "", "", "Nam", "Nữ")]
    lines = [
        (1, "Lý Văn Thử", "15/03/1970", "x", "", "067070000001", *REST[1:]),
        (2, "Lý Thị Thử", "15/03/1970", "", "X", "067170000002", *REST[1:]),
    ]
    submission = read_one(book_of({"DS": few(heading, *lines, below=below)}))
    assert submission.findings == []
    assert fields(submission, "sex") == ["male", "female"]
    assert fields(submission, "birth_year") == ["1970", "1970"]


def test_a_birth_in_three_columns(read_one):
    heading = ("STT", "Họ và tên", "Ngày sinh", "", "", *REST_HEADINGS)
    lines = [(1, "Lý Thị Thử", 15, 3, 1970, *REST), (2, "Lý Thị Thử B", "", "", 1970, "067170000002", *REST[1:])]
    submission = read_one(book_of({"DS": few(heading, *lines, below=[("", "", "Ngày", "Tháng", "Năm")])}))
    assert submission.findings == []
    assert fields(submission, "birth_year") == ["1970", "1970"]
    assert fields(submission, "sex") == [None, None]


@pytest.mark.parametrize(
    "heading", [("STT", "Họ và tên đệm", "Tên"), ("STT", "Họ và tên", ""), ("STT", "Họ đệm", "Tên")]
)
def test_a_name_in_two_columns_is_one_name(read_one, heading):
    def merge(sheet):
        if not heading[2]:
            sheet.merge_range(HEADING_ROW, 1, HEADING_ROW, 2, heading[1])

    whole = read_one(book_of({"DS": few(("STT", "Họ và tên", *REST_HEADINGS), (1, "Lý Thị Thử", *REST))}))
    halves = read_one(book_of({"DS": few((*heading, *REST_HEADINGS), (1, "Lý Thị", "Thử", *REST))}, merge))
    assert halves.findings == []
    assert fields(halves, "person_hash") == fields(whole, "person_hash")


@pytest.mark.parametrize(
    "row",
    [
        ["XÃ ĐỨC MẠNH"], ["", "Xã: Đức Mạnh"], ["II", "Xã Đức Mạnh (2 người)"], ["UBND XÃ ĐỨC MẠNH"], ["2", "Đức Mạnh"],
        ["Danh sách chi trả xã Đức Mạnh"], ["", "2. Xã Đức Mạnh"], ["Đơn vị: Xã Đức Mạnh - tháng 9 năm 2023"],
    ],
)  # fmt: skip
def test_a_commune_heads_its_section_in_any_wording(read_one, catalogue, row):
    columns = {key: label for key, label in COLUMNS.items() if key != "commune"}
    submission = read_one(list_book([["I", "Xã Đắk Sắk"], person(1), row, person(2), person(3)], columns))
    assert submission.findings == []
    names = [catalogue.units[unit_id].name for unit_id in fields(submission, "unit_id")]
    assert names == ["Xã Đắk Sắk", "Xã Đức Mạnh", "Xã Đức Mạnh"]


def test_a_note_that_mentions_a_commune_heads_no_section(read_one, catalogue):
    columns = {key: label for key, label in COLUMNS.items() if key != "commune"}
    note = ["", "Chuyển từ xã Đức Mạnh đến"]
    submission = read_one(list_book([["I", "Xã Đắk Sắk"], person(1), note, person(2)], columns))
    assert rules_of(submission) == {"LST-082"}
    assert {catalogue.units[unit_id].name for unit_id in fields(submission, "unit_id")} == {"Xã Đắk Sắk"}


@pytest.mark.parametrize("commune", ["X. Đắk Sắk", "dak sak", "Đăk Săk", "Xã Đắk Sắk, huyện Đắk Mil", "24679"])
def test_communes_in_every_spelling(read_one, catalogue, commune):
    submission = read_one(list_book([person(1, commune=commune)]))
    assert submission.findings == []
    assert [catalogue.units[unit_id].name for unit_id in fields(submission, "unit_id")] == ["Xã Đắk Sắk"]


def test_thousands_that_are_not_said_are_an_error(read_one):
    submission = read_one(list_book([person(n, amount=540, monthly=540) for n in (1, 2, 3)]))
    assert "LST-056" in rules_of(submission)
    assert not submission.is_acceptable


@pytest.mark.parametrize("amount", ["540 nghìn đồng", "0,54 triệu", "540k"])
def test_an_amount_in_a_scale_of_its_own_is_not_guessed(read_one, amount):
    submission = read_one(list_book([person(1), person(2, amount=amount)]))
    assert [(f.rule_id, f.ref) for f in submission.findings] == [("LST-021", f"row {FIRST_LINE + 1}")]


def test_two_lists_side_by_side_are_an_error(read_one):
    rows = [[*left, "", *right] for left, right in zip(sheet_rows(people(2)), sheet_rows(people(4)[2:]), strict=False)]
    submission = read_one(book_of({"DS": rows}))
    assert "LST-015" in rules_of(submission)
    assert not submission.is_acceptable


def test_a_sheet_whose_heading_is_missing_is_said(read):
    sheets = {"Trang 1": sheet_rows(people(2)), "Trang 2": sheet_rows([person(3), person(4)])[HEADING_ROW + 1 :]}
    found = read(book_of(sheets))
    assert [(f.rule_id, f.ref) for f in found.findings] == [("LST-002", "Trang 2!A1")]
    assert [len(lines_of(s)) for s in found.submissions] == [2]


def test_every_row_is_told(read_one):
    rows: list[Mapping[str, Any] | Sequence[Any]] = [
        ["I", "Xã Đắk Sắk"],
        person(1),
        [],
        ["", "ghi chú"],
        person(2),
        list(COLUMNS.values()),
        person(3),
        [],
        ["Ký"],
    ]
    assert "LST-083" in read_one(list_book(rows)).checks_passed


# Form, unit, period


def test_a_sheet_per_commune_is_one_list(read_one, catalogue):
    columns = {key: label for key, label in COLUMNS.items() if key != "commune"}
    sheets = {
        "Đắk Sắk": sheet_rows([person(1), person(2)], columns),
        "Đức Mạnh": sheet_rows([person(3)], columns, ("Xã Đức Mạnh",)),
    }
    submission = read_one(book_of(sheets))
    assert submission.findings == []
    assert [catalogue.units[unit_id].name for unit_id in fields(submission, "unit_id")] == [
        "Xã Đắk Sắk", "Xã Đắk Sắk", "Xã Đức Mạnh",
    ]  # fmt: skip
    assert fields(submission, "ref") == ["Đắk Sắk!row 6", "Đắk Sắk!row 7", "Đức Mạnh!row 6"]
    whole = submission.observations[0]
    assert (whole.value, whole.ref, whole.refs) == (3, "Đắk Sắk!row 6-7", ("Đức Mạnh!row 6",))


def test_two_lists_in_one_book_are_two_submissions(read):
    merit = [person(1, category="Bệnh binh", coefficient="", monthly=3_000_000, amount=3_000_000)]
    title = (TITLE[0], "DANH SÁCH CHI TRẢ TRỢ CẤP ƯU ĐÃI NGƯỜI CÓ CÔNG", TITLE[2])
    found = read(book_of({"BTXH": sheet_rows(people(2)), "NCC": sheet_rows(merit, title=title)}))
    assert [(s.form_code, s.part) for s in found.submissions] == [
        ("list_social_assistance", "BTXH"),
        ("list_merit_subsidy", "NCC"),
    ]
    assert [len(lines_of(s)) for s in found.submissions] == [2, 1]


HIDDEN = [
    ["form_code", "form_version", "unit_code", "period", "table", "sheet"],
    ["list_social_assistance", "v01", "663", "2023-09", "DANH_SACH", "Danh sách"],
]


def test_the_hidden_sheet_goes_first(read_one):
    sheets = {"Danh sách": sheet_rows(people(2), title=("Danh sách",)), "_ansinh": HIDDEN}
    submission = read_one(book_of(sheets))
    assert (submission.form_code, submission.period) == ("list_social_assistance", "2023-09")
    assert fields(submission, "ref")[0] == f"row {FIRST_LINE}"


def test_a_title_that_contradicts_the_hidden_sheet_is_said(read):
    title = ("Huyện Đắk Song", "DANH SÁCH CHI TRẢ TRỢ CẤP ƯU ĐÃI NGƯỜI CÓ CÔNG", "Tháng 8 năm 2023")
    sheets = {"Danh sách": sheet_rows(people(2), title=title), "_ansinh": HIDDEN}
    (submission,) = read(book_of(sheets)).submissions
    assert sorted(f.rule_id for f in submission.findings) == ["FORM-004", "FORM-004", "LST-003"]
    assert not submission.is_acceptable


def test_the_folder_is_the_last_source(read_one, catalogue):
    book = list_book(people(2), title=("Danh sách chi trả",))
    submission = read_one(book, path_hint="list_social_assistance/663/2023-09/ds.xlsx")
    assert (submission.form_code, submission.period) == ("list_social_assistance", "2023-09")
    assert catalogue.units[submission.reporting_unit_id].code == "663"


def test_without_a_title_the_categories_tell_the_form(read_one):
    submission = read_one(list_book(people(2), title=("Huyện Đắk Mil", "Danh sách chi trả tháng 9/2023")))
    assert submission.form_code == "list_social_assistance"


@pytest.mark.parametrize(
    ("title", "rule_id"),
    [
        (("DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI", "Tháng 9 năm 2023"), "FORM-002"),
        (("Huyện Đắk Mil", "DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI"), "FORM-003"),
        (("Huyện Đắk Mil", "DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI", "Quý III năm 2023"), "FORM-003"),
    ],
)
def test_what_cannot_be_told_is_a_finding(read, title, rule_id):
    found = read(list_book(people(2), title=title))
    assert [f.rule_id for f in found.findings] == [rule_id]
    assert found.submissions == []


def test_a_commune_reports_itself_since_july_2025(read_one, catalogue):
    title = ("Đơn vị báo cáo: Xã Đắk Mil, tỉnh Lâm Đồng", TITLE[1], "Kỳ báo cáo: Tháng 9 năm 2025")
    columns = {key: label for key, label in COLUMNS.items() if key != "commune"}
    lines = [person(n, monthly=750_000, amount=750_000) for n in (1, 2)]
    submission = read_one(list_book(lines, columns, title=title))
    assert submission.findings == []
    unit = catalogue.units[submission.reporting_unit_id]
    assert (unit.name, unit.level) == ("Xã Đắk Mil", "commune")
    assert fields(submission, "unit_id") == [unit.unit_id] * 2


def test_a_nil_return(read_one):
    submission = read_one(list_book([], title=(*TITLE, "Không phát sinh")))
    assert submission.is_nil
    assert submission.findings == []
    assert lines_of(submission) == []


def test_an_empty_list_is_no_nil_return(read_one):
    submission = read_one(list_book([]))
    assert (submission.is_nil, rules_of(submission)) == (False, {"LST-011"})


def test_a_nil_return_with_lines_contradicts_itself(read_one):
    assert "LST-012" in rules_of(read_one(list_book(people(2), title=(*TITLE, "Không phát sinh"))))


# Formats


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "utf-8-sig"), (",", "utf-8"), ("\t", "utf-16")])
def test_text_files(read_one, delimiter, encoding):
    lines = [person(n, identity=67170000000 + n, birth="15/03/1970", coefficient="1,5") for n in range(1, 4)]
    rows = sheet_rows(lines)
    text = "\r\n".join(delimiter.join(f'"{value}"' if value != "" else "" for value in row) for row in rows)
    submission = read_one(text.encode(encoding), "danh-sach.csv")
    assert rules_of(submission) == {"LST-046"}
    assert fields(submission, "identity_hash") == fields(
        read_one(list_book([person(n, identity=f"067170{n:06d}") for n in range(1, 4)])), "identity_hash"
    )


def test_ten_thousand_lines_are_read_in_portions(read_one):
    submission = read_one(list_book(people(10_000)))
    assert len(submission.payment_lines and lines_of(submission)) == 10_000
    assert fields(submission, "line_number") == [str(n) for n in range(1, 10_001)]
    assert fields(submission, "ref")[-1] == f"row {FIRST_LINE + 9_999}"
    assert submission.observations[0].value == 10_000


@pytest.mark.parametrize("name", ["list.xlsx", "list", "list.xls", "list.csv"])
def test_a_book_is_read_where_it_lies_whatever_it_is_called(name, catalogue, tmp_path):
    path = tmp_path / name
    path.write_bytes(list_book(people(3)))
    read = read_payment_list(path, "list.xlsx", catalogue)
    assert read is not None
    assert len(lines_of(read.submissions[0])) == 3

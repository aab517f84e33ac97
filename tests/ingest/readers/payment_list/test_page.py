"""Payment lists as offices send them: every kind of thing that is no payment of the month is refused, told or asked."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.made_lines import (
    COLUMNS,
    FIRST_LINE,
    HEADING_ROW,
    book_of,
    lines_of,
    list_book,
    people,
    person,
    rules_of,
    sheet_rows,
)

SEVERE = "Người khuyết tật nặng"
WIDTH = len(COLUMNS)
AT = {key: position for position, key in enumerate(COLUMNS)}
UNIT, PERIOD = "Đơn vị báo cáo: Huyện Đắk Mil", "Kỳ báo cáo: Tháng 9 năm 2023"


def row_of(**cells: Any) -> list[Any]:
    """A row with only these cells."""
    row: list[Any] = [""] * WIDTH
    for key, value in cells.items():
        row[AT[key]] = value
    return row


# Titles


@pytest.mark.parametrize(
    "title",
    [
        "DANH SÁCH ĐỐI TƯỢNG DỪNG HƯỞNG TRỢ CẤP XÃ HỘI",
        "DANH SÁCH ĐỐI TƯỢNG BTXH THÔI HƯỞNG TRỢ CẤP DO TỪ TRẦN",
        "DANH SÁCH ĐỐI TƯỢNG GIẢM TRỢ CẤP XÃ HỘI",
        "DANH SÁCH ĐỀ NGHỊ HƯỞNG TRỢ CẤP XÃ HỘI HẰNG THÁNG",
        "DANH SÁCH DỰ KIẾN CHI TRẢ TRỢ CẤP XÃ HỘI",
        "DANH SÁCH HỒ SƠ XIN HƯỞNG TRỢ GIÚP XÃ HỘI",
        "DANH SÁCH ĐỐI TƯỢNG CHƯA NHẬN TIỀN TRỢ CẤP XÃ HỘI",
        "DANH SÁCH ĐỐI TƯỢNG BẢO TRỢ XÃ HỘI TĂNG MỚI",
        "DANH SÁCH BỔ SUNG ĐỐI TƯỢNG HƯỞNG TRỢ CẤP XÃ HỘI",
        "DANH SÁCH TRUY LĨNH TRỢ CẤP XÃ HỘI",
        "DANH SÁCH HỒ SƠ ĐIỀU CHỈNH TRỢ CẤP XÃ HỘI",
        "danh sach doi tuong thoi huong tro cap xa hoi",
    ],
)
@pytest.mark.parametrize("is_split", [False, True])
def test_a_list_of_another_kind_never_stands_for_the_months(read, title, is_split):
    head, _, rest = title.partition(" ĐỐI TƯỢNG ")
    lines = [f"{head} ĐỐI TƯỢNG", rest] if is_split and rest else [title]
    if len(lines) > 1 and len(lines) + 2 > HEADING_ROW:
        lines = [" ".join(lines)]
    found = read(list_book(people(3), title=(UNIT, *lines, PERIOD)))
    assert [f.rule_id for f in found.findings] == ["LST-110"]
    assert not found.submissions


@pytest.mark.parametrize(
    "title",
    [
        "DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI (BAO GỒM TRUY LĨNH)",
        "Danh sách chi trả trợ cấp và truy lĩnh cho đối tượng bảo trợ xã hội",
        "DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI (kèm theo Quyết định điều chỉnh số 12)",
        "Danh sách chi trả trợ cấp xã hội theo mức điều chỉnh",
    ],
)
def test_words_of_other_lists_in_an_ordinary_title(read_one, title):
    assert read_one(list_book(people(3), title=(UNIT, title, PERIOD))).findings == []


def test_the_folder_does_not_make_another_list_the_months(read):
    book = list_book(people(3), title=(UNIT, "DANH SÁCH MAI TÁNG PHÍ", PERIOD))
    found = read(book, path_hint="inbox/list_social_assistance/663/2023-09/ds.xlsx")
    assert not found.submissions
    assert [f.rule_id for f in found.findings] == ["LST-002"]


def test_a_folder_that_contradicts_the_paper_is_said(read_one):
    submission = read_one(list_book(people(3)), path_hint="inbox/67/662/2023-08/ds.xlsx")
    assert [f.rule_id for f in submission.findings] == ["FORM-011", "FORM-011"]


def test_a_hidden_sheet_of_last_month_is_an_error(read):
    last = (UNIT, "DANH SÁCH ĐỐI TƯỢNG NHẬN TRỢ CẤP XÃ HỘI", "Kỳ báo cáo: Tháng 8 năm 2023")
    book = openpyxl.load_workbook(
        io.BytesIO(book_of({"T9": sheet_rows(people(3)), "T8": sheet_rows(people(2), title=last)}))
    )
    book["T8"].sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    shown = {s.period: s for s in read(target.getvalue()).submissions}
    assert not shown["2023-08"].is_acceptable
    assert shown["2023-09"].is_acceptable


@pytest.mark.parametrize("second", ["Tháng 10 năm 2023", "Kỳ chi trả: tháng 8/2023", "DANH SÁCH CHI TRẢ THÁNG 8/2023"])
def test_another_month_below_is_an_error(read_one, second):
    submission = read_one(list_book([*people(2), [], ["", second], list(COLUMNS.values()), person(3)]))
    assert [f.ref for f in submission.findings if f.rule_id == "LST-119"] == [f"row {FIRST_LINE + 3}"]
    assert not submission.is_acceptable


def test_columns_of_three_months_are_an_error(read_one):
    columns = {**COLUMNS, "t7": "Tháng 7", "t8": "Tháng 8", "t9": "Tháng 9"}
    lines = [person(n, amount=1_620_000, months=3, t7=540_000, t8=540_000, t9=540_000) for n in (1, 2, 3)]
    assert "LST-120" in rules_of(read_one(list_book(lines, columns)))


@pytest.mark.parametrize("period", ["Tháng 7, 8 năm 2023", "Tháng 7 và tháng 8 năm 2023", "Quý III năm 2023"])
def test_several_months_in_the_title_are_asked_about(read, period):
    found = read(list_book(people(2), title=(UNIT, "DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI", period)))
    assert not found.submissions
    assert {f.rule_id for f in found.findings} <= {"FORM-003", "FORM-009"}


# Rows


SUMS = (
    "Mang sang", "Chuyển sang trang sau", "Lũy kế từ đầu năm", "TC", "T.C", "Còn lại", "Cộng trang 1", "Thôn Đức Lộc",
    "Xóm 3", "Bon Bu Đắk", "Tổ dân phố 5", "Cộng thôn 2", "Nhóm người cao tuổi", "Tổng số tiền bằng chữ",
    "Kinh phí chi",    "Đợt chi thứ nhất", "Phần ngân sách tỉnh", "Ba mươi người", "Hết trang",
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    labels=st.lists(st.sampled_from(SUMS), min_size=1, max_size=3),
    number=st.sampled_from(["", "I", "II", "A", 1, 12]),
    count=st.sampled_from(["", 3, "3", "x"]),
    seed=st.integers(0, 99),
)
def test_a_row_that_sums_is_nobody(read_one, labels, number, count, seed):
    random = Random(seed)
    rows: list[Any] = [person(n) for n in range(1, 7)]
    for label in labels:
        place = random.randrange(1, len(rows) + 1)
        above = sum(isinstance(row, dict) for row in rows[:place])
        cells = {random.choice(("birth", "sex", "months")): count}
        rows.insert(place, row_of(number=number, name=label, amount=540_000 * above, **cells))
    submission = read_one(list_book(rows))
    assert len(lines_of(submission)) == 6
    assert total(submission) == 6 * 540_000


def test_an_amount_without_a_person_that_is_no_sum_is_asked_about(read_one):
    submission = read_one(list_book([*people(3), row_of(name="Đợt chi bổ trợ", amount=777_000)]))
    assert "LST-081" in rules_of(submission)
    assert len(lines_of(submission)) == 3


@pytest.mark.parametrize(
    "differs",
    [
        {"identity": "", "birth": "", "account": "", "sex": "", "method": ""},
        {"identity": "", "birth": ""},
        {"identity": "", "name": "H'Bing Niê"},
    ],
)
def test_a_person_of_whom_little_is_known_is_a_person(read_one, differs):
    assert len(lines_of(read_one(list_book([person(1), person(2, **differs), person(3)])))) == 3


def test_a_surname_like_a_place_is_a_person(read_one):
    names = ("Bàn Văn Thử", "Tô Thị Thử", "Đội Văn Thử", "Khúc Thị Thử", "Lang Văn Thử")
    assert len(lines_of(read_one(list_book([person(n, name=name) for n, name in enumerate(names, start=1)])))) == 5


# Amounts


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amount=st.sampled_from(["540.000", "540000", "1.080.000"]),
    behind=st.sampled_from(
        [
            " x 2",
            " + 60.000",
            " (chưa nhận)",
            " (đã thu hồi 100.000)",
            "\n60.000",
            "  60.000",
            " và quà",
            "/2",
            " - 40.000",
        ]
    ),
)
def test_a_number_with_something_beside_it_is_asked_about(read_one, amount, behind):
    submission = read_one(list_book([person(1), person(2, amount=amount + behind), person(3)]))
    assert ("LST-021", f"row {FIRST_LINE + 1}") in [(f.rule_id, f.ref) for f in submission.findings]


@pytest.mark.parametrize("amount", ["khoảng 540.000", "+ 540.000", "~540.000", "thu hồi 540.000"])
def test_a_number_with_something_before_it_is_asked_about(read_one, amount):
    assert "LST-021" in rules_of(read_one(list_book([person(1), person(2, amount=amount)])))


@pytest.mark.parametrize("amount", ["540.000", "540.000 đ", "540.000 đồng", "540,000 VNĐ", "540 000"])
def test_a_unit_behind_an_amount_changes_nothing(read_one, amount):
    assert read_one(list_book([person(1), person(2, amount=amount)])).findings == []


@pytest.mark.parametrize("remark", ["chưa nhận", "Đã thu hồi T8", "Đã chết 02/9", "Tạm dừng"])
def test_a_remark_that_money_was_not_taken_is_told(read_one, remark):
    columns = {**COLUMNS, "remark": "Ghi chú"}
    submission = read_one(list_book([person(1), person(2, remark=remark), person(3, remark="nhận thay")], columns))
    assert [(f.rule_id, f.ref) for f in submission.findings] == [("LST-118", f"row {FIRST_LINE + 1}")]


@pytest.mark.parametrize(
    ("column", "look", "rule_id"),
    [
        ("name", {"font_strikeout": True}, "LST-122"),
        ("amount", {"font_strikeout": True}, "LST-122"),
        ("amount", {"font_color": "#FFFFFF"}, "LST-123"),
        ("amount", {"num_format": "#,##0,"}, "LST-125"),
        ("amount", {"num_format": ";;;"}, "LST-125"),
        ("amount", {"num_format": "0.000"}, "LST-125"),
        ("amount", {"num_format": '0"000"'}, "LST-125"),
    ],
)
def test_what_the_page_shows_otherwise_is_asked_about(read_one, column, look, rule_id):
    data = looked_at([person(1), person(2), person(3)], 1, column, look)
    submission = read_one(data)
    assert [(f.rule_id, f.ref) for f in submission.findings] == [(rule_id, f"row {FIRST_LINE + 1}")]
    assert not submission.is_acceptable


def looked_at(lines: Sequence[dict[str, Any]], which: int, column: str, look: dict[str, Any]) -> bytes:
    """A list in which one cell of a line looks otherwise."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("Danh sách")
        style = book.add_format(look)
        for row, values in enumerate(sheet_rows(lines)):
            for at, value in enumerate(values):
                is_it = row == HEADING_ROW + 1 + which and at == AT[column]
                if value != "":
                    sheet.write(row, at, value, style if is_it else None)
    return target.getvalue()


# Persons twice


@pytest.mark.parametrize(
    ("differs", "rule_id"),
    [
        ({"identity": "245123456"}, "LST-111"),
        ({"identity": "245123456", "commune": "Xã Đức Mạnh"}, "LST-111"),
        ({"identity": ""}, "LST-112"),
        ({"identity": "", "commune": "Xã Thuận An"}, "LST-112"),
        ({"identity": "067171000091"}, "LST-113"),
        ({"identity": "067171876543"}, "LST-114"),
        ({"identity": "067171876543", "birth": "20/03/1971"}, "LST-114"),
        ({"identity": "067171876543", "birth": "15/07/1971"}, None),
        ({"identity": "067171876543", "name": "Lý Văn Khác"}, None),
        ({"identity": "", "category": "Người khuyết tật đặc biệt nặng", "coefficient": 2, "monthly": 720_000,
          "amount": 720_000}, None),
    ],
)  # fmt: skip
def test_one_person_twice_is_asked_about(read_one, differs, rule_id):
    submission = read_one(list_book([person(1), person(2), person(1, **{"number": 3, "account": "", **differs})]))
    said = {(f.rule_id, f.ref) for f in submission.findings if f.rule_id != "LST-047"}
    assert said == ({(rule_id, f"row {FIRST_LINE + 2}")} if rule_id else set())
    assert all("Thử" not in f.message_vi for f in submission.findings)


@pytest.mark.parametrize("identity", [67_171_000_000, 67_171_230_000, "067171000000", "6.7171E+10", "6,7E+10"])
def test_digits_of_identity_numbers_that_were_lost_are_told(read_one, identity):
    submission = read_one(list_book([person(1), person(2, identity=identity, birth="15/03/1971")]))
    assert ("LST-041", f"row {FIRST_LINE + 1}") in [(f.rule_id, f.ref) for f in submission.findings]
    identity_hash = 7
    assert lines_of(submission)[1][identity_hash] is None


@pytest.mark.parametrize("account", ["1.02E+13", "1,02E+13", "1.02345E+12", 1.2345678901234568e18, 1.02e14])
def test_digits_of_accounts_that_were_lost_are_told(read_one, account):
    submission = read_one(list_book([person(1), person(2, account=account)]))
    assert [(f.rule_id, f.ref) for f in submission.findings] == [("LST-115", f"row {FIRST_LINE + 1}")]


def test_many_persons_on_one_account_are_told(read_one):
    lines = [person(n, account="63102050001") for n in range(1, 21)]
    (found,) = [f for f in read_one(list_book(lines)).findings if f.rule_id == "LST-116"]
    assert "20 dòng" in found.message_vi


def test_a_few_persons_on_one_account_are_usual(read_one):
    assert read_one(list_book([person(n, account="63102050001") for n in (1, 2, 3)])).findings == []


# Lists as systems print them


def total(submission: Any, kind: str = "monthly") -> Decimal:
    (value,) = [
        o.value
        for o in submission.observations
        if o.breakdown == f"support_kind={kind}" and o.unit_id == submission.reporting_unit_id
    ]
    return Decimal(value)


def printed(
    headings: Sequence[Sequence[str]], rows: Sequence[Sequence[Any]], title: str, merges: Sequence[tuple[int, ...]]
) -> bytes:
    """A sheet with headings in one or two rows; merges count from the first of them."""
    top = HEADING_ROW
    sheet = [[UNIT], [title], [PERIOD], [], *map(list, headings), *map(list, rows)]

    def merge(made: Any) -> None:
        for first_row, first, last_row, last in merges:
            made.merge_range(top + first_row, first, top + last_row, last, headings[first_row][first])

    return book_of({"Danh sách": sheet}, merge)


def test_money_not_drawn_last_month_is_not_this_months(read_one):
    heads = (
        ["STT", "Họ tên", "Năm sinh", "Số quyết định hưởng", "Số sổ lĩnh tiền", "Tiền trợ cấp tháng này",
         "Chưa trả tháng trước", "", "Tổng số tiền trợ cấp", "Đối tượng", "Xã"],
        ["", "", "", "", "", "", "Số tháng", "Số tiền", "", "", ""],
    )  # fmt: skip
    rows = [
        [1, "Lý Thị Thử A", 1971, "12", "34", 540_000, 1, 540_000, 1_080_000, "Người khuyết tật nặng", "Xã Đắk Sắk"],
        [2, "Lý Thị Thử B", 1972, "13", "35", 540_000, "", "", 540_000, "Người khuyết tật nặng", "Xã Đắk Sắk"],
        ["", "Tổng cộng", "", "", "", 1_080_000, "", 540_000, 1_620_000, "", ""],
    ]
    merges = [(0, 6, 0, 7), *((0, n, 1, n) for n in (0, 1, 2, 3, 4, 5, 8, 9, 10))]
    submission = read_one(printed(heads, rows, "DANH SÁCH CHI TRẢ TRỢ CẤP HÀNG THÁNG", merges))
    assert total(submission) == 1_080_000
    assert not [f for f in submission.findings if f.severity == "error"]
    assert "LST-117" in rules_of(submission)


def test_money_drawn_late_beside_arrears(read_one):
    heads = (
        [
            "STT",
            "Họ tên",
            "Năm sinh",
            "",
            "Số QĐ",
            "Nhóm",
            "Số tiền trợ cấp",
            "Phường",
            "Truy lĩnh",
            "",
            "Chậm lĩnh",
            "",
        ],
        ["", "", "Nam", "Nữ", "", "", "", "", "Tháng", "Tiền", "Tháng", "Tiền"],
    )
    rows = [
        [1, "Lý Thị Thử A", "", 1971, "12", "Người khuyết tật nặng", 540_000, "Xã Đắk Sắk", "", "", "", ""],
        [2, "Lý Văn Thử B", 1972, "", "13", "Người khuyết tật nặng", 1_080_000, "Xã Đắk Sắk", "", "", 1, 540_000],
    ]
    merges = [(0, 2, 0, 3), (0, 8, 0, 9), (0, 10, 0, 11), *((0, n, 1, n) for n in (0, 1, 4, 5, 6, 7))]
    submission = read_one(printed(heads, rows, "DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI", merges))
    assert total(submission) == 1_080_000


def test_what_is_paid_in_all_goes_before_a_months_money(read_one):
    heads = (
        ["STT", "Họ và tên", "Địa chỉ", "Năm sinh", "Hệ số", "Số tiền", "Số tháng truy lĩnh", "Số tiền truy lĩnh",
         "Số tiền thực lĩnh", "Trạng thái", "Đối tượng"],
    )  # fmt: skip
    rows = [
        [
            1,
            "Lý Thị Thử A",
            "Thôn 1, xã Đắk Sắk",
            1971,
            1.5,
            540_000,
            1,
            540_000,
            1_080_000,
            "Đã chi",
            "Người khuyết tật nặng",
        ],
        [
            2,
            "Lý Thị Thử B",
            "Thôn 1, xã Đắk Sắk",
            1972,
            1.5,
            540_000,
            "",
            "",
            540_000,
            "Đã chi",
            "Người khuyết tật nặng",
        ],
    ]
    submission = read_one(printed(heads, rows, "DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI", []))
    assert total(submission) == 1_080_000
    assert total(submission, "arrears") == 540_000
    assert not [f for f in submission.findings if f.severity == "error"]

"""Books that an office typed from scratch: the official columns, no hidden sheet, its own habits.

Nothing here knows how a template looks. Every book gives the same figures, or a finding says what was not read.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

import openpyxl
import pytest

from ingest.core.catalogue import Catalogue
from ingest.core.model import ReadFile
from ingest.forms.schema import Form
from ingest.readers.form.read_form import read_workbook

COMMUNES: Mapping[str, str] = {
    "24664": "Thị trấn Đắk Mil",
    "24667": "Xã Đắk Lao",
    "24670": "Xã Đắk R'La",
    "24673": "Xã Đắk Gằn",
    "24676": "Xã Đức Mạnh",
    "24677": "Xã Đắk N'Drót",
    "24678": "Xã Long Sơn",
    "24679": "Xã Đắk Sắk",
    "24682": "Xã Thuận An",
    "24685": "Xã Đức Minh",
}
INDICATORS = (
    "total_households", "total_population", "poor_households", "near_poor_households", "avg_living_agri_households",
    "poor_persons", "near_poor_persons", "avg_living_agri_persons",
)  # fmt: skip
TITLE = ("UBND TỈNH ĐẮK NÔNG", "UBND HUYỆN ĐẮK MIL", "", "KẾT QUẢ RÀ SOÁT HỘ NGHÈO, HỘ CẬN NGHÈO NĂM 2023", "")

# Text, first row, first column, last row, last column.
Heading = tuple[str, int, int, int, int]
OFFICIAL: tuple[Heading, ...] = (
    ("STT", 0, 0, 2, 0), ("Phường/Xã", 0, 1, 2, 1), ("Tổng số hộ", 0, 2, 2, 2), ("Tổng số nhân khẩu", 0, 3, 2, 3),
    ("Kết quả rà soát", 0, 4, 0, 9), ("Số hộ", 1, 4, 1, 6), ("Số nhân khẩu", 1, 7, 1, 9),
    ("Hộ nghèo", 2, 4, 2, 4), ("Hộ cận nghèo", 2, 5, 2, 5), ("Hộ NLNN có mức sống trung bình", 2, 6, 2, 6),
    ("Khẩu nghèo", 2, 7, 2, 7), ("Khẩu cận nghèo", 2, 8, 2, 8), ("Khẩu hộ NLNN", 2, 9, 2, 9),
)  # fmt: skip
DTTS: tuple[Heading, ...] = (
    ("STT", 0, 0, 1, 0), ("Phường/Xã", 0, 1, 1, 1), ("Kinh", 0, 2, 0, 3), ("DTTS", 0, 4, 0, 5),
    ("DTTS tại chỗ", 0, 6, 0, 7), ("CSCC", 0, 8, 1, 8), ("KCKNLĐ", 0, 9, 1, 9), ("Chủ hộ là nữ", 0, 10, 1, 10),
    *((label, 1, c + i, 1, c + i) for c in (2, 4, 6) for i, label in enumerate(("Số hộ", "Số khẩu"))),
)  # fmt: skip
SHORTAGES: tuple[Heading, ...] = (
    ("STT", 0, 0, 1, 0), ("Phường/Xã", 0, 1, 1, 1), ("Tổng số hộ nghèo", 0, 2, 1, 2),
    ("Tổng số thiếu hụt", 0, 3, 1, 3), ("Chỉ số thiếu hụt", 0, 4, 0, 15),
    *((str(n), 1, 3 + n, 1, 3 + n) for n in range(1, 13)),
)  # fmt: skip

Figures = dict[tuple[str, str, str], Decimal]


@dataclass
class Typed:
    """A table as somebody types it; `rows` are the communes' figures, the total is added."""

    rows: list[list[object]]
    title: Sequence[str] = TITLE
    headings: Sequence[Heading] = OFFICIAL
    labels: list[str] = field(default_factory=lambda: list(COMMUNES.values()))
    total: str | None = "TỔNG CỘNG"
    on_top: bool = False
    below: Sequence[tuple[int, str]] = ((8, "Ngày 20 tháng 12 năm 2023"), (8, "TRƯỞNG PHÒNG"))

    def totals(self) -> list[object]:
        """The sums of the columns, where they are numbers."""
        return [sum(v for v in column if isinstance(v, int | float)) for column in zip(*self.rows, strict=True)]

    def write(self, book: openpyxl.Workbook, name: str = "Biểu 1") -> None:
        """Writes it on a sheet of its own."""
        sheet = book.create_sheet(name)
        for number, text in enumerate(self.title, start=1):
            sheet.cell(number, 1, text or None)
        top, depth = len(self.title) + 1, 1 + max((heading[3] for heading in self.headings), default=-1)
        for text, first_row, first, last_row, last in self.headings:
            sheet.cell(top + first_row, first + 1, text)
            if (first_row, first) != (last_row, last):
                sheet.merge_cells(
                    start_row=top + first_row, start_column=first + 1, end_row=top + last_row, end_column=last + 1
                )
        lines = [(str(n), label, row) for n, (label, row) in enumerate(zip(self.labels, self.rows, strict=True), 1)]
        if self.total is not None:
            lines.insert(0 if self.on_top else len(lines), ("", self.total, self.totals()))
        for at, (place, label, values) in enumerate(lines, start=top + depth):
            for column, value in enumerate((place, label, *values), start=1):
                sheet.cell(at, column, None if value == "" else value)
        for at, (column, text) in enumerate(self.below, start=top + depth + len(lines) + 1):
            sheet.cell(at, column, text)


def _bytes(*tables: Typed) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, table in enumerate(tables, start=1):
        table.write(book, f"Trang {number}")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _review_rows() -> list[list[object]]:
    random = Random(7)
    rows: list[list[object]] = []
    for _ in COMMUNES:
        poor, near = random.randrange(20, 300), random.randrange(20, 300)
        rows.append([3_000, 12_000, poor, near, 9, 4 * poor, 4 * near, 36])
    return rows


def _expected(rows: Sequence[Sequence[object]], with_total: bool = True) -> Figures:
    lines = dict(zip(COMMUNES, rows, strict=True))
    if with_total:
        lines["663"] = [sum(row[i] for row in rows) for i in range(len(INDICATORS))]  # type: ignore[misc]
    return {
        (code, indicator, ""): Decimal(str(value))
        for code, row in lines.items()
        for indicator, value in zip(INDICATORS, row, strict=True)
    }


def _read(data: bytes, catalogue: Catalogue, forms: Mapping[str, Form], path: str = "") -> tuple[Figures, list[str]]:
    read: ReadFile = read_workbook(data, "poverty_review_999_1999.xlsx", catalogue, forms, path)
    figures = {
        (o.unit_id.split("@")[0], o.indicator_code, o.breakdown): o.value
        for submission in read.submissions
        for o in submission.observations
    }
    return figures, sorted({f.rule_id for f in read.all_findings if f.rule_id != "WB-009"})


def _grouped(text: object) -> object:
    return f"{text:,}".replace(",", ".") if isinstance(text, int) else text


def _with_text(table: Typed, change: Callable[[str], str]) -> None:
    table.headings = [(change(text), *place) for text, *place in table.headings]  # type: ignore[misc]


CHANGES: Mapping[str, tuple[Callable[[Typed], object], list[str]]] = {
    "as the form has it": (lambda t: None, []),
    "the units' column has another name": (
        lambda t: _with_text(t, lambda text: "Tên đơn vị hành chính" if text == "Phường/Xã" else text), []),
    "the total is named after the district": (lambda t: t.__dict__.update(total="HUYỆN ĐẮK MIL", on_top=True), []),
    "the total says how many it sums": (lambda t: t.__dict__.update(total="Cộng toàn huyện (10 xã, thị trấn)"), []),
    "numbers are text with dots": (
        lambda t: t.__dict__.update(rows=[[_grouped(v) for v in row] for row in t.rows]), ["WB-016"]),
    "names are short, without marks, run together": (
        lambda t: t.__dict__.update(labels=["TT Đắk Mil", "Dak Lao", "Đăk Rla", "X. Đắk Gằn", "Đức Mạnh",
                                            "Đăk NDrót", "LONG SƠN", "Đăk Săk", "5. Thuận An", "xã  Đức Minh "]), []),
    "the year is in every heading": (
        lambda t: _with_text(t, lambda text: text if text in ("STT", "Phường/Xã") else f"{text} năm 2023"), []),
    "units of measure stand in the headings": (lambda t: _with_text(t, lambda text: f"{text}\n(hộ, khẩu)"), []),
    "a telephone number stands below": (lambda t: t.__dict__.update(below=[(1, ""), (2, "ĐT: 0261")]), []),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_habits_change_nothing(name: str, catalogue: Catalogue, forms: Mapping[str, Form]) -> None:
    change, allowed = CHANGES[name]
    rows = _review_rows()
    table = Typed(rows)
    change(table)
    if allowed:
        table.total = None
    figures, rules = _read(_bytes(table), catalogue, forms)
    assert figures == _expected(rows, with_total=table.total is not None)
    assert rules == allowed


def test_a_table_goes_on_without_headings(catalogue: Catalogue, forms: Mapping[str, Form]) -> None:
    rows = _review_rows()
    whole = Typed(rows)
    first = Typed(rows[:6], labels=whole.labels[:6], total=None, below=())
    second = Typed([*rows[6:], whole.totals()], (), (), [*whole.labels[6:], "Cộng"], total=None, below=())
    figures, rules = _read(_bytes(first, second), catalogue, forms)
    assert figures == _expected(rows)
    assert rules == ["WB-035"]


def test_groups_of_households_and_persons_may_be_the_other_way_round(
    catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    """Poor and near-poor above, households, rate and persons below, as many offices print it."""
    rows = _review_rows()
    headings: list[Heading] = [("TT", 0, 0, 1, 0), ("Xã", 0, 1, 1, 1), ("Tổng số hộ dân", 0, 2, 1, 2)]
    for left, group in ((3, "Hộ nghèo"), (6, "Hộ cận nghèo")):
        headings.append((group, 0, left, 0, left + 2))
        headings += [(text, 1, left + i, 1, left + i) for i, text in enumerate(("Số hộ", "Tỷ lệ (%)", "Số khẩu"))]
    typed = [[r[0], r[2], 1.5, r[5], r[3], 2.5, r[6]] for r in rows]
    figures, rules = _read(_bytes(Typed(typed, headings=headings)), catalogue, forms)
    asked = {"total_households", "poor_households", "near_poor_households", "poor_persons", "near_poor_persons"}
    assert figures == {key: value for key, value in _expected(rows).items() if key[1] in asked}
    assert rules == ["WB-007", "WB-010"]


def test_last_year_is_not_this_year(catalogue: Catalogue, forms: Mapping[str, Form]) -> None:
    rows = _review_rows()
    headings = [*OFFICIAL, ("Hộ nghèo năm 2022", 0, 10, 2, 10)]
    figures, rules = _read(_bytes(Typed([[*row, 77] for row in rows], headings=headings)), catalogue, forms)
    assert figures == _expected(rows)
    assert rules == ["WB-010"]


def _dtts(title: str) -> bytes:
    rows: list[list[object]] = [[5, 20, 9, 36, 4, 16, 1, 2, 3] for _ in COMMUNES]
    return _bytes(Typed(rows, ("UBND HUYỆN ĐẮK MIL", title), DTTS))


@pytest.mark.parametrize(
    ("title", "indicator"),
    [
        ("KẾT QUẢ HỘ NGHÈO THEO DÂN TỘC NĂM 2023", "poor_households"),
        ("BIỂU HỘ CẬN NGHÈO CHIA THEO THÀNH PHẦN DÂN TỘC NĂM 2023", "near_poor_households"),
        ("Biểu số 13 - năm 2023", "near_poor_households"),
    ],
)
def test_of_two_tables_with_the_same_headings_the_title_tells(
    title: str, indicator: str, catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    figures, rules = _read(_dtts(title), catalogue, forms)
    assert figures["24667", indicator, "ethnicity=kinh"] == 5
    assert len(figures) == 99
    assert rules == []


def test_of_two_tables_with_the_same_headings_none_is_guessed(catalogue: Catalogue, forms: Mapping[str, Form]) -> None:
    assert _read(_dtts("NĂM 2023"), catalogue, forms) == ({}, ["WB-037"])


def _shortages(title: str) -> bytes:
    rows: list[list[object]] = [[100, 240, *range(10, 130, 10)] for _ in COMMUNES]
    rows = [[100, 240, *(20,) * 12] for _ in rows]
    return _bytes(Typed(rows, ("UBND HUYỆN ĐẮK MIL", title), SHORTAGES))


def test_columns_may_bear_only_their_numbers(catalogue: Catalogue, forms: Mapping[str, Form]) -> None:
    title = "MỨC ĐỘ THIẾU HỤT CÁC DỊCH VỤ XÃ HỘI CƠ BẢN CỦA HỘ NGHÈO NĂM 2023"
    figures, rules = _read(_shortages(title), catalogue, forms)
    assert figures["663", "poor_households", "poverty_factor=d12"] == 200
    assert len(figures) == 143
    assert rules == ["WB-038"]


def test_rates_of_the_same_headings_are_not_taken_for_counts(catalogue: Catalogue, forms: Mapping[str, Form]) -> None:
    title = "MỨC ĐỘ THIẾU HỤT CÁC DỊCH VỤ XÃ HỘI CƠ BẢN CỦA HỘ NGHÈO (TỶ LỆ) NĂM 2023"
    assert _read(_shortages(title), catalogue, forms) == ({}, ["WB-040"])


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        ("67/663/2023/a.xlsx", []),
        ("67/2023/12/a.xlsx", []),
        ("67/664/2023/a.xlsx", ["FORM-011"]),
        ("67/663/2022/a.xlsx", ["FORM-011"]),
    ],
)
def test_a_folder_that_says_otherwise_is_said(
    path: str, rules: list[str], catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    rows = _review_rows()
    assert _read(_bytes(Typed(rows)), catalogue, forms, path) == (_expected(rows), rules)


def test_what_is_left_of_last_year_on_a_hidden_sheet_takes_nobodys_place(
    catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    rows = _review_rows()
    old = Typed(rows, [text.replace("2023", "2022") for text in TITLE])
    book = openpyxl.load_workbook(io.BytesIO(_bytes(Typed(rows), old)))
    book["Trang 2"].sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    read = read_workbook(buffer.getvalue(), "x.xlsx", catalogue, forms)
    assert {s.period: s.is_acceptable for s in read.submissions} == {"2023": True, "2022": False}


PAID: tuple[Heading, ...] = (
    ("TT", 0, 0, 1, 0), ("Đối tượng", 0, 1, 1, 1), ("Số đối tượng", 0, 2, 0, 3), ("Tổng", 1, 2, 1, 2),
    ("Nữ", 1, 3, 1, 3), ("Lượt người", 0, 4, 1, 4), ("Số tiền", 0, 5, 1, 5),
)  # fmt: skip


def _paid(heading: str, amount: object, above: str = "") -> bytes:
    headings = [(heading if text == "Số tiền" else text, *place) for text, *place in PAID]
    title = ("UBND HUYỆN ĐẮK MIL", "KẾT QUẢ CHI TRẢ TRỢ CẤP XÃ HỘI HẰNG THÁNG QUÝ III NĂM 2023", above)
    row: list[object] = [200, 90, 600, amount]
    return _bytes(Typed([row], title, headings, ["Người khuyết tật"], total=None))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("heading", "amount", "above", "rule"),
    [
        ("Kinh phí (đồng)", 324_000_000, "", ""),
        ("Kinh phí, nghìn đồng", 324_000, "", ""),
        ("Kinh phí (ĐVT: 1.000 đồng)", "324.000", "", ""),
        ("Số tiền", 324, "ĐVT: người, triệu đồng", ""),
        ("Kinh phí (tỷ đồng)", 0.324, "", ""),
        ("Số tiền", "324.000.000đ", "", ""),
        ("Số tiền", "324,0 triệu đồng", "", ""),
        ("Số tiền", 324_000_000, "", "CELL-009"),
        # Wrong scales: some finding must keep them from being counted.
        ("Số tiền", 324, "", "CELL-010"),
        ("Số tiền", 324_000, "", "SOC-009"),
        ("Kinh phí (đồng)", 324, "", "CELL-012"),
        ("Kinh phí (đồng)", 324_000, "", "SOC-009"),
        ("Kinh phí (triệu đồng)", 324_000_000, "", "SOC-009"),
    ],
)
def test_money_has_a_unit(
    heading: str, amount: object, above: str, rule: str, catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    figures, rules = _read(_paid(heading, amount, above), catalogue, forms)
    found = figures.get(("663", "sa_payment_amount", "sa_category=sa6; support_kind=monthly"))
    assert rule in rules or not rule
    if rule in ("", "CELL-009"):
        assert found == 324_000_000
        assert not {"CELL-010", "CELL-012", "SOC-009"} & set(rules)

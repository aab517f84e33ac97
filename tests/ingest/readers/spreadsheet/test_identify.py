"""Whose workbook it is: what the hidden sheet, the titles and the folders say, and which of them counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import Period, parse_period
from ingest.forms.schema import Form
from ingest.readers.spreadsheet.identify import (
    HIDDEN_HEADINGS,
    HiddenEntry,
    Stated,
    choose_period,
    choose_unit,
    path_contradictions,
    read_hidden,
    read_path,
    read_status,
    read_titles,
    states_nil,
    units_in,
)
from ingest.readers.spreadsheet.open_book import Book, Sheet

DAY = date(2023, 12, 31)


@pytest.fixture(scope="module")
def review(forms: Mapping[str, Form]) -> Form:
    return forms["poverty_review"]


def titles(*texts: str) -> Stated:
    rows: list[list[object]] = [[text] for text in texts]
    return read_titles(Sheet("S1", rows), 0, len(rows))


def periods(*codes: str) -> list[Period]:
    return [parse_period(code) for code in codes]


# The hidden sheet


def test_the_hidden_sheet_is_known_by_its_headings_whatever_its_name() -> None:
    entry = ("poverty_review", "v01", "663", "2023", "POV01", "Biểu 1")
    hidden = Sheet("xyz", [list(HIDDEN_HEADINGS), list(entry), ["", "", "", "", "", ""]])
    assert read_hidden(Book([Sheet("Biểu 1", [["Biểu"]]), hidden], "xlsx")) == ([HiddenEntry(*entry)], hidden)


def test_a_book_without_one_has_no_entries() -> None:
    assert read_hidden(Book([Sheet("Biểu 1", [["form_code", "form_version"]]), Sheet("leer", [])], "xlsx")) == (
        [],
        None,
    )


# Titles


@pytest.mark.parametrize(
    "texts",
    [
        ("UBND HUYỆN ĐẮK MIL", "KẾT QUẢ RÀ SOÁT HỘ NGHÈO NĂM 2023"),
        ("Đơn vị báo cáo: Huyện Đắk Mil", "Kỳ báo cáo: Năm 2023"),
        ("Đơn vị: huyện Đắk Mil (tỉnh Đắk Nông)", "(Số liệu năm 2023)"),
        ("ĐƠN VỊ BÁO CÁO: ĐẮK MIL", "Kỳ số liệu: năm 2023"),
    ],
)
def test_a_title_says_whose_table_it_is_and_of_when(
    texts: tuple[str, ...], review: Form, dak_mil: Unit, catalogue: Catalogue
) -> None:
    said = titles(*texts)
    assert choose_period(review, None, [said], Stated(), "S1") == (parse_period("2023"), [])
    assert choose_unit(review, DAY, None, [said], Stated(), "S1", catalogue) == (dak_mil, [])


def test_a_label_may_stand_in_a_cell_of_its_own(review: Form, dak_mil: Unit, catalogue: Catalogue) -> None:
    rows: list[list[object]] = [["Đơn vị báo cáo:", "", "Huyện Đắk Mil"], ["Kỳ báo cáo", "Năm 2023"]]
    said = read_titles(Sheet("S1", rows), 0, 2)
    assert said.labelled_units(DAY, catalogue) == [dak_mil]
    assert said.labelled_periods == periods("2023")


def test_only_the_rows_asked_for_are_read() -> None:
    sheet = Sheet("S1", [["Năm 2021"], ["Năm 2022"], ["Năm 2023"]])
    assert read_titles(sheet, 1, 2).periods == periods("2022")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("huyen dak mil, tinh dak nong", ["Huyện Đắk Mil", "Tỉnh Đắk Nông"]),
        ("ubnd thi xa gia nghia", ["Thành phố Gia Nghĩa"]),  # what it was called before 2020
        ("thanh pho gia nghia", ["Thành phố Gia Nghĩa"]),
        ("huyen khong co that", []),
        ("dak mil", []),
    ],
)
def test_units_are_found_by_kind_and_name(text: str, names: list[str], catalogue: Catalogue) -> None:
    assert [unit.name for unit in units_in(text, DAY, catalogue)] == names


# Folders


@pytest.mark.parametrize(
    ("path", "codes", "named"),
    [
        ("663/2023/a.xlsx", ["663"], ["2023"]),
        ("663_2023-Q3\\b.xls", ["663"], ["2023-Q3"]),
        ("67/663/24664/2023-09/c.xlsx", ["67", "663", "24664"], ["2023-09"]),
        ("2023/09/d.xlsx", [], ["2023"]),
        ("inbox/663-2023.xlsx", [], []),
        ("e.xlsx", [], []),
    ],
)
def test_folders_name_units_and_periods_and_a_files_own_name_does_not(
    path: str, codes: list[str], named: list[str]
) -> None:
    said = read_path(path)
    assert said.unit_codes == codes
    assert [period.code for period in said.periods] == named


@pytest.mark.parametrize(
    ("path", "period", "rules"),
    [
        ("663/2023/a.xlsx", "2023", []),
        ("67/2023/a.xlsx", "2023", []),  # the province's folder
        ("663/2023/a.xlsx", "2023-Q2", []),  # a quarter in its year's folder
        ("663/2022/a.xlsx", "2023", ["FORM-011"]),
        ("660/2023/a.xlsx", "2023", ["FORM-011"]),
        ("660/2022/a.xlsx", "2023", ["FORM-011", "FORM-011"]),
    ],
)
def test_a_folder_that_says_something_else_is_a_finding(
    path: str, period: str, rules: list[str], dak_mil: Unit, catalogue: Catalogue
) -> None:
    found = path_contradictions(parse_period(period), dak_mil, read_path(path), "S1", catalogue)
    assert [one.rule_id for one in found] == rules


# Which source counts


@pytest.mark.parametrize(
    ("hidden", "said", "folder", "chosen", "rules"),
    [
        ("2023", ["2023"], [], "2023", []),
        ("2023", ["2022"], [], "2023", ["FORM-004"]),
        (None, ["2022"], ["2023"], "2022", []),
        (None, [], ["2023"], "2023", []),
        (None, ["2023-09"], ["2023"], "2023", []),  # no period of this form
        (None, [], [], None, ["FORM-003"]),
        (None, ["2022", "2023"], [], None, ["FORM-009"]),
    ],
)
def test_the_first_source_that_names_a_period_decides(
    review: Form, hidden: str | None, said: Sequence[str], folder: Sequence[str], chosen: str | None, rules: list[str]
) -> None:
    known = parse_period(hidden) if hidden else None
    stated = Stated(periods=periods(*said))
    period, found = choose_period(review, known, [stated], Stated(periods=periods(*folder)), "S1")
    assert (period.code if period else None) == chosen
    assert [one.rule_id for one in found] == rules


def test_a_hidden_unit_counts_and_a_title_that_names_another_is_a_finding(
    review: Form, dak_mil: Unit, catalogue: Catalogue
) -> None:
    unit, found = choose_unit(review, DAY, dak_mil, [titles("UBND HUYỆN CƯ JÚT")], Stated(), "S1", catalogue)
    assert unit == dak_mil
    assert [one.rule_id for one in found] == ["FORM-004"]


def test_of_two_units_that_might_report_none_is_taken(review: Form, catalogue: Catalogue) -> None:
    said = titles("HUYỆN ĐẮK MIL, HUYỆN CƯ JÚT")
    unit, found = choose_unit(review, DAY, None, [said], Stated(), "S1", catalogue)
    assert unit is None
    assert [one.rule_id for one in found] == ["FORM-010"]


# Status and nil


@pytest.mark.parametrize(
    ("text", "status"),
    [("Tình trạng số liệu: Sơ bộ", "preliminary"), ("Tình trạng số liệu: chính thức", "official"), ("Sơ lược", None)],
)
def test_a_status_is_read_where_it_is_written(text: str, status: str | None) -> None:
    assert read_status(Sheet("S1", [["", text]]), 0, 1) == status


@pytest.mark.parametrize(
    ("text", "is_nil"), [("Không phát sinh", True), ("Phát sinh trong kỳ: Không phát sinh", True), ("Có", False)]
)
def test_that_nothing_happened_is_read_where_it_is_written(text: str, is_nil: bool) -> None:
    assert states_nil(Sheet("S1", [[text]]), 0, 1) is is_nil

"""What a worksheet's XML tells beside its values, as several programs write it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from random import Random

import openpyxl
import pytest
import xlsxwriter

from ingest.readers.spreadsheet.sheet_details import SheetDetails, xlsx_details

FORMATS = {"0.00%": True, "0%": True, "#,##0": False, "0.0": False, "dd/mm/yyyy": False}


def details_of(book: bytes) -> SheetDetails:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return xlsx_details(archive.read("xl/worksheets/sheet1.xml"), archive.read("xl/styles.xml"))


def by_xlsxwriter(hidden_rows: set[int], hidden_columns: set[int], formats: dict[tuple[int, int], str]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for row in range(12):
            for column in range(6):
                chosen = formats.get((row, column))
                sheet.write_number(
                    row, column, row + column, book.add_format({"num_format": chosen}) if chosen else None
                )
        for row in hidden_rows:
            sheet.set_row(row, None, None, {"hidden": True})
        for column in hidden_columns:
            sheet.set_column(column, column, None, None, {"hidden": True})
    return target.getvalue()


def by_openpyxl(hidden_rows: set[int], hidden_columns: set[int], formats: dict[tuple[int, int], str]) -> bytes:
    book, target = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in range(12):
        for column in range(6):
            sheet.cell(row + 1, column + 1, row + column).number_format = formats.get((row, column), "General")
    for row in hidden_rows:
        sheet.row_dimensions[row + 1].hidden = True
    for column in hidden_columns:
        sheet.column_dimensions["ABCDEF"[column]].hidden = True
    book.save(target)
    return target.getvalue()


Write = Callable[[set[int], set[int], dict[tuple[int, int], str]], bytes]


@pytest.mark.parametrize("write", [by_xlsxwriter, by_openpyxl])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_hidden_and_how_numbers_are_shown_is_known(write: Write, seed: int) -> None:
    drawn = Random(seed)
    rows = {drawn.randrange(12) for _ in range(3)}
    columns = {drawn.randrange(6) for _ in range(2)}
    formats = {(drawn.randrange(12), drawn.randrange(6)): drawn.choice(list(FORMATS)) for _ in range(8)}
    found = details_of(write(rows, columns, formats))
    assert (found.hidden_rows, found.hidden_columns) == (rows, columns)
    for row in range(12):
        for column in range(6):
            assert found.number_format(row, column).lower() == formats.get((row, column), "General").lower()
    if any(FORMATS[chosen] for chosen in formats.values()):
        assert found.may_hold_percent
    assert (found.errors, found.uncalculated) == ({}, set())


def test_a_formula_without_result_is_no_figure_and_one_with_an_empty_text_was_calculated() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        sheet.write_formula("A1", "=1+1", None, 2)
        sheet.write_formula("A3", "=1/0", None, "#DIV/0!")
    found = details_of(target.getvalue())
    assert (found.uncalculated, found.errors) == (set(), {(2, 0): "#DIV/0!"})

    empty_text = b'<sheetData><row r="1"><c r="A1" t="str"><f>IF(1,"","")</f><v></v></c></row></sheetData>'
    assert xlsx_details(empty_text, b"").uncalculated == set()

    typed, target = openpyxl.Workbook(), io.BytesIO()
    typed.worksheets[0]["B4"] = "=SUM(A1:A3)"
    typed.save(target)
    assert details_of(target.getvalue()).uncalculated == {(3, 1)}


@pytest.mark.parametrize("xml", [b"", b"<", b"<row hidden='1' r='x'>", b"\xff" * 50, b"<sheetData><c r='A1' t='e'><v>"])
def test_broken_xml_tells_nothing_and_harms_nobody(xml: bytes) -> None:
    found = xlsx_details(xml, b"<styleSheet")
    assert (found.errors, found.uncalculated, found.hidden_columns) == ({}, set(), set())

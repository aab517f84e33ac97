"""The workbook of a payment list: a row per person paid, with drop-down lists and computed amounts.

Beside the forms' templates (`form_template.py`), whose hidden sheet it shares. The heading words
are those of the list's definition, so the reader of lists knows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.period_labels import period_label
from ingest.core.periods import Period, parse_period
from ingest.forms.layout import version_for
from ingest.forms.schema import Column, Form
from ingest.readers.payment_list.list_schema import PaymentListForm, load_lists
from ingest.submitters.template_parts import HEADING_COLOUR, Styles, write_hidden

# Rows that are ready to be filled in; more are made by copying one.
LINES = 300

# What a district fills in, in the order of the definition; other headings are only read where they are sent.
_COLUMNS = {
    "number": 6, "name": 26, "birth": 13, "sex": 9, "identity": 17, "commune": 20, "category": 34, "injury_pct": 12,
    "start": 12, "coefficient": 8, "monthly": 14, "months": 8, "arrears": 14, "amount": 16, "payment_method": 20,
    "account": 18,
}  # fmt: skip
_TEXTS = ("name", "birth", "identity", "start", "account")
_MONEY = ("monthly", "arrears", "amount")
_SEXES = ("Nam", "Nữ")
# Where the drop-down lists stand on the hidden sheet, right of what it says about the book.
_FIRST_LIST_COLUMN = 8


def write_list_template(form: Form, unit: Unit, period: str, out: Path, catalogue: Catalogue) -> None:
    """Writes the empty workbook of a payment list for a unit and period.

    Raises:
        FormNotAskedError: the list is not asked of that unit for that period.
        InvalidPeriodError: the period is none.
    """
    when = parse_period(period)
    version = version_for(form, unit, when)
    definition = next(one for one in load_lists()[form.code] if one.version.version == version.version)
    columns = _columns(definition)
    with xlsxwriter.Workbook(str(out), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime.combine(when.last_day, time())})
        styles = Styles(book)
        sheet = book.add_worksheet("Danh sách")
        first = _write_head(sheet, styles, form, definition, columns, unit, when, catalogue)
        hidden = write_hidden(
            book, [(form.code, version.version, unit.code, period, definition.table.code, sheet.name)]
        )
        ranges = _write_choices(hidden, definition, unit, period, catalogue)
        _write_lines(sheet, styles, columns, first, ranges)
        for number, column in enumerate(columns):
            sheet.set_column(number, number, _COLUMNS[column.key])
        sheet.freeze_panes(first, 2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(first - 2, first - 1)
        sheet.set_footer('&L&"Times New Roman"&9' + f'{form.code} {version.version}&R&"Times New Roman"&9Trang &P/&N')
        sheet.hide_gridlines(2)


def _columns(definition: PaymentListForm) -> list[Column]:
    found: dict[str, Column] = {}
    for column in definition.table.leaves:
        if len(column.path) == 1 and column.key in _COLUMNS:
            found.setdefault(column.key, column)
    return list(found.values())


def _write_head(
    sheet: Worksheet,
    styles: Styles,
    form: Form,
    definition: PaymentListForm,
    columns: Sequence[Column],
    unit: Unit,
    period: Period,
    catalogue: Catalogue,
) -> int:
    """Title block and headings; returns the first row of lines."""
    last = len(columns) - 1
    centred = styles(align="center", italic=True)
    sheet.write_string(0, 0, f"ỦY BAN NHÂN DÂN {unit.name.upper()}", styles(bold=True))
    agency = catalogue.agency_of(form.head.domain, period.last_day)
    if agency is not None:
        sheet.write_string(1, 0, f"Cơ quan nhận báo cáo: {agency.name_vi}", styles(italic=True, font_size=9))
    sheet.merge_range(2, 0, 2, last, "", styles(bold=True, font_size=14, align="center"))
    sheet.write_string(2, 0, definition.layout.title_vi.upper(), styles(bold=True, font_size=14, align="center"))
    for row, text in ((3, f"Kỳ báo cáo: {period_label(period)}"), (4, f"Đơn vị báo cáo: {unit.name}")):
        sheet.merge_range(row, 0, row, last, "", centred)
        sheet.write_string(row, 0, text, centred)
    basis = f"Biểu do địa phương thiết kế. Căn cứ: {'; '.join(form.head.acts_on(period.last_day))}"
    sheet.write_string(5, 0, basis, styles(italic=True, font_size=9))
    heading = styles(bold=True, border=1, align="center", valign="vcenter", text_wrap=True, bg_color=HEADING_COLOUR)
    for number, column in enumerate(columns):
        label = column.path[0] + (" (đồng)" if column.key in _MONEY else "")
        sheet.write_string(7, number, label, heading)
        sheet.write_number(8, number, number + 1, styles(border=1, align="center", italic=True, font_size=9))
    sheet.set_row(7, 48)
    return 9


def _write_choices(
    hidden: Worksheet, definition: PaymentListForm, unit: Unit, period: str, catalogue: Catalogue
) -> dict[str, str]:
    """The choices of each drop-down list on the hidden sheet; returns their ranges by column."""
    day = parse_period(period).last_day
    methods = catalogue.code_lists["payment_method"]
    choices = {
        "sex": list(_SEXES),
        "commune": [below.name for below in catalogue.children_of(unit, day)] or [unit.name],
        "category": [category.words[0] for category in definition.layout.categories.values()],
        "payment_method": [methods[code].name_vi for code in ("bank_account", "cash_post", "cash_direct", "e_wallet")],
    }
    ranges = {}
    for number, (key, texts) in enumerate(choices.items(), start=_FIRST_LIST_COLUMN):
        for row, text in enumerate(texts, start=1):
            hidden.write_string(row, number, text)
        letter = xl_col_to_name(number)
        ranges[key] = f"='{hidden.name}'!${letter}$2:${letter}${len(texts) + 1}"
    return ranges


def _write_lines(
    sheet: Worksheet, styles: Styles, columns: Sequence[Column], first: int, ranges: dict[str, str]
) -> None:
    """Empty rows with formats and choices, and the total above the first: the list may grow downwards."""
    place = {column.key: number for number, column in enumerate(columns)}
    last = first + LINES
    total = styles(border=1, bold=True, bg_color="#EDEDED")
    for number in range(len(columns)):
        sheet.write_blank(first, number, None, total)
    sheet.write_string(first, place["name"], "Tổng cộng", total)
    for key in ("arrears", "amount"):
        top, bottom = xl_rowcol_to_cell(first + 1, place[key]), xl_rowcol_to_cell(last, place[key])
        money = styles(border=1, bold=True, num_format="#,##0", bg_color="#EDEDED")
        sheet.write_formula(first, place[key], f"=SUM({top}:{bottom})", money, 0)
    for key, number in place.items():
        sheet_style = styles(**_format_of(key))
        for row in range(first + 1, last + 1):
            sheet.write_blank(row, number, None, sheet_style)
        for rule in _rules_of(key, ranges):
            sheet.data_validation(first + 1, number, last, number, rule)


def _format_of(key: str) -> dict[str, Any]:
    style: dict[str, Any] = {"border": 1, "valign": "vcenter"}
    if key in _TEXTS:
        # Numbers of twelve digits and dates stay as they are typed.
        return {**style, "num_format": "@"}
    if key in _MONEY:
        return {**style, "num_format": "#,##0", "align": "right"}
    return {**style, "text_wrap": True} if key in ("commune", "category") else style


def _rules_of(key: str, ranges: dict[str, str]) -> list[dict[str, Any]]:
    if key in ranges:
        message = "Hãy chọn trong danh sách."
        return [{"validate": "list", "source": ranges[key], "error_title": "Không có trong danh mục",
                 "error_message": message, "error_type": "warning"}]  # fmt: skip
    if key in _MONEY:
        return [{"validate": "decimal", "criteria": ">=", "value": 0, "error_title": "Số liệu không hợp lệ",
                 "error_message": "Số tiền là số không âm, tính bằng đồng."}]  # fmt: skip
    return []

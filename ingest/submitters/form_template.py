"""Workbooks that officers fill in, written from the forms' definitions.

A book holds one sheet per table and a hidden sheet `_ansinh` that says which form, version, unit
and period it was made for. Figures that follow from others are formulas on locked cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.model import Status
from ingest.core.period_labels import period_label
from ingest.core.periods import Period, parse_period
from ingest.forms.labels import money_labels, unit_labels
from ingest.forms.layout import (
    RATIO_DECIMALS,
    FormNotAskedError,
    LaidOutTable,
    Meaning,
    Ratio,
    Sum,
    cell_at,
    complete,
    computed_cells,
    lay_out,
    version_for,
)
from ingest.forms.schema import COUNT_FREE_UNITS, Column, Form, Table, Version
from ingest.submitters.list_template import write_list_template
from ingest.submitters.template_parts import COMPUTED_COLOUR, FONT, HEADING_COLOUR, INPUT_COLOUR, Styles, write_hidden

STATUS_LABEL = "Tình trạng số liệu:"
STATUS_CHOICES: Mapping[Status, str] = {"official": "Chính thức", "preliminary": "Sơ bộ"}
NIL_LABEL = "Phát sinh trong kỳ:"
NIL_CHOICES = ("Có phát sinh", "Không phát sinh")

Values = Mapping[tuple[str, str], Decimal | int | str]


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form with the values to write into it.

    `values` are keyed by row and column (see `ingest.forms.layout`): `("24667", "poor_households"): 31`
    in a table of units, `("total", "poor_households"): 470` in its total row,
    `("sa5c", "amount"): 918_000_000` in a table of categories, `("target_jobs", "issuer_province"):
    "Quyết định 12/QĐ-UBND"` for a text. Money is in the scale in which the form asks for it. A
    computed cell needs no value; one that is given and differs is written as it is, without formula.
    """

    form: Form
    values: Values | None = None
    status: Status = "official"
    is_nil: bool = False


def write_template(
    form: Form, unit: Unit, period: str, out: Path, catalogue: Catalogue, values: Values | None = None
) -> None:
    """Writes the workbook of one form for a unit and period, empty or filled (`FilledForm.values`); lists are empty.

    Raises:
        FormNotAskedError: the form is not asked of that unit for that period.
        InvalidPeriodError: the period is none.
    """
    if form.head.source_kind == "list":
        write_list_template(form, unit, period, out, catalogue)
        return
    write_book([FilledForm(form, values)], unit, period, out, catalogue)


def write_templates_all(
    forms: Mapping[str, Form], unit: Unit, period: str, folder: Path, catalogue: Catalogue
) -> list[Path]:
    """Writes a workbook per form that is asked of the unit for the period, and returns their paths.

    Raises:
        InvalidPeriodError: the period is none.
    """
    when = parse_period(period)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for form in forms.values():
        try:
            version = version_for(form, unit, when)
        except FormNotAskedError:
            continue
        if version.tables or form.head.source_kind == "list":
            path = folder / f"{form.code}_{unit.code}_{period.replace('/', '-')}.xlsx"
            write_template(form, unit, period, path, catalogue)
            written.append(path)
    return written


def write_book(filled: Sequence[FilledForm], unit: Unit, period: str, out: Path, catalogue: Catalogue) -> None:
    """Writes one workbook with the sheets of several forms for a unit and period.

    Raises:
        FormNotAskedError: a form is not asked of that unit for that period, or has no table.
        InvalidPeriodError: the period is none.
    """
    when = parse_period(period)
    versions = [version_for(one.form, unit, when) for one in filled]
    for one, version in zip(filled, versions, strict=True):
        if not version.tables:
            raise FormNotAskedError(f"{one.form.code} is a written report; it has no workbook")
    # Neither the clock nor the machine leaves a trace: the same call writes the same bytes.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(out), options) as book:
        book.set_properties({"created": datetime.combine(when.last_day, time())})
        styles = Styles(book)
        hidden_rows: list[tuple[str, ...]] = []
        for one, version in zip(filled, versions, strict=True):
            for index, table in enumerate(version.tables):
                writer = _SheetWriter(book, styles, one, version, table, unit, when, catalogue)
                writer.write(is_first=index == 0)
                hidden_rows.append((one.form.code, version.version, unit.code, period, table.code, writer.sheet.name))
        write_hidden(book, hidden_rows)


class _SheetWriter:
    """Writes one table on one sheet."""

    def __init__(
        self,
        book: Workbook,
        styles: Styles,
        filled: FilledForm,
        version: Version,
        table: Table,
        unit: Unit,
        period: Period,
        catalogue: Catalogue,
    ) -> None:
        self.form, self.filled, self.version, self.table = filled.form, filled, version, table
        self.unit, self.period, self.catalogue = unit, period, catalogue
        self.styles = styles
        self.sheet: Worksheet = book.add_worksheet(table.code)
        self.laid_out: LaidOutTable = lay_out(table, unit, period, catalogue)
        self.has_lines = table.has_unit_rows and bool(table.row_list)
        self.first_value_column = 3 if self.has_lines else 2
        self.column_of = {leaf.key: self.first_value_column + i for i, leaf in enumerate(table.leaves)}
        self.last_column = max(self.first_value_column + len(table.leaves) - 1, 3)
        self.header_depth = max(len(leaf.path) for leaf in table.leaves)

    def write(self, is_first: bool) -> None:
        """Writes title block, headings, rows and signature."""
        top = self._write_title(is_first)
        first_row = self._write_headings(top)
        last_row = self._write_rows(first_row)
        self._write_foot(last_row + 1)
        self._set_up_page(top, first_row)

    # Title block

    def _write_title(self, is_first: bool) -> int:
        middle = self.last_column // 2
        style = self.styles
        self._across(0, 0, middle, f"ỦY BAN NHÂN DÂN {self.unit.name.upper()}", style(bold=True, text_wrap=True))
        self._across(0, middle + 1, self.last_column, f"Biểu {self.table.code}", style(bold=True, align="right"))
        origin = style(italic=True, font_size=9, align="right", valign="top", text_wrap=True)
        self._across(1, middle + 1, self.last_column, self._origin(), origin)
        agency = self.catalogue.agency_of(self.form.head.domain, self.period.last_day)
        receiver = f"Cơ quan nhận báo cáo: {agency.name_vi}" if agency else ""
        self._across(1, 0, middle, receiver, style(italic=True, font_size=9, valign="top", text_wrap=True))
        widths = self._widths()
        halves = ((receiver, sum(widths[: middle + 1])), (self._origin(), sum(widths[middle + 1 :])))
        self.sheet.set_row(1, 13 * max(1 + int(len(text) * 0.85) // half for text, half in halves))
        title = style(bold=True, font_size=14, align="center", valign="vcenter", text_wrap=True)
        self._across(3, 0, self.last_column, self.table.title_vi.upper(), title)
        self.sheet.set_row(3, 20 * (1 + len(self.table.title_vi) // max(30, self._page_width())))
        when = period_label(self.period)
        if self._holds_flows() and self.period.kind not in ("year", "span"):
            when += " (lũy kế từ ngày 01/01)" if self.version.flows == "since_january" else ""
        self._across(4, 0, self.last_column, f"Kỳ báo cáo: {when}", style(align="center", italic=True))
        self._across(5, 0, self.last_column, f"Đơn vị báo cáo: {self.unit.name}", style(align="center"))
        row = 6
        if is_first:
            chosen = STATUS_CHOICES[self.filled.status]
            self._choice(row, STATUS_LABEL, chosen, list(STATUS_CHOICES.values()))
            self._choice(row + 1, NIL_LABEL, NIL_CHOICES[self.filled.is_nil], list(NIL_CHOICES))
            row += 2
        unit_words = style(italic=True, align="right")
        self._across(row, 0, self.last_column, f"Đơn vị tính: {', '.join(self._unit_words())}", unit_words)
        return row + 1

    def _origin(self) -> str:
        acts = self.form.head.acts_on(self.period.last_day)
        if self.form.layout_of(self.table) == "official":
            return f"Theo biểu số {self.table.official_code}, {acts[0]}"
        return f"Biểu do địa phương thiết kế, không phải mẫu ban hành. Căn cứ: {'; '.join(acts)}"

    def _across(self, row: int, first: int, last: int, text: str, style: Any) -> None:
        if first == last:
            self.sheet.write_string(row, first, text, style)
        else:
            self.sheet.merge_range(row, first, row, last, "", style)
            self.sheet.write_string(row, first, text, style)

    def _choice(self, row: int, label: str, chosen: str, choices: list[str]) -> None:
        self.sheet.write_string(row, 1, label, self.styles(align="right"))
        style = self.styles(border=1, locked=False, bg_color=INPUT_COLOUR, align="center")
        self.sheet.write_string(row, 2, chosen, style)
        self.sheet.data_validation(row, 2, row, 2, {"validate": "list", "source": choices})

    def _unit_words(self) -> list[str]:
        words: list[str] = []
        for row in self.laid_out.rows:
            for column in self.table.leaves:
                cell = cell_at(self.version, self.table, row, column, self.period, self.catalogue)
                if cell is not None and (word := _unit_word(cell)) not in words:
                    words.append(word)
        return words

    def _holds_flows(self) -> bool:
        cells = (
            cell_at(self.version, self.table, row, column, self.period, self.catalogue)
            for row in self.laid_out.rows
            for column in self.table.leaves
        )
        return any(cell is not None and cell.accumulation != "point" for cell in cells)

    # Headings

    def _write_headings(self, top: int) -> int:
        style = self.styles(
            bold=True, border=1, align="center", valign="vcenter", text_wrap=True, bg_color=HEADING_COLOUR
        )
        bottom = top + self.header_depth - 1
        self._block(top, bottom, 0, 0, "STT", style)
        self._block(top, bottom, 1, 1, self.table.rows.label, style)
        if self.has_lines:
            self._block(top, bottom, 2, 2, self.table.rows.lines_label, style)  # type: ignore[union-attr]
        for row, last_row, column, last_column, label in self._heading_blocks(top, bottom):
            self._block(row, last_row, column, last_column, label, style)
        for row in range(top, bottom + 1):
            self.sheet.set_row(row, 48 if row == bottom else 32)
        numbers = self.styles(border=1, align="center", italic=True, font_size=9, bg_color=HEADING_COLOUR)
        for column in range(self.first_value_column):
            self.sheet.write_string(bottom + 1, column, "ABC"[column], numbers)
        for number, leaf in enumerate(self.table.leaves, start=1):
            self.sheet.write_number(bottom + 1, self.column_of[leaf.key], number, numbers)
        return bottom + 2

    def _heading_blocks(self, top: int, bottom: int) -> list[tuple[int, int, int, int, str]]:
        """Rectangles of the headings: groups span their columns, columns reach down to the last row."""
        blocks = []
        leaves = self.table.leaves
        for depth in range(self.header_depth):
            index = 0
            while index < len(leaves):
                path = leaves[index].path
                if len(path) <= depth:
                    index += 1
                    continue
                last = index
                if len(path) > depth + 1:
                    while last + 1 < len(leaves) and leaves[last + 1].path[: depth + 1] == path[: depth + 1]:
                        last += 1
                is_leaf = len(path) == depth + 1
                label = path[depth] + (self._heading_unit(leaves[index]) if is_leaf else "")
                last_row = bottom if is_leaf else top + depth
                columns = self.first_value_column + index, self.first_value_column + last
                blocks.append((top + depth, last_row, *columns, label))
                index = last + 1
        return blocks

    def _heading_unit(self, leaf: Column) -> str:
        cells = [
            cell_at(self.version, self.table, row, leaf, self.period, self.catalogue) for row in self.laid_out.rows
        ]
        words = {_unit_word(cell) for cell in cells if cell is not None}
        is_money = any(cell is not None and cell.indicator.unit_of_measure == "vnd" for cell in cells)
        return f" ({words.pop()})" if is_money and len(words) == 1 else ""

    def _block(self, row: int, last_row: int, column: int, last_column: int, text: str, style: Any) -> None:
        if (row, column) != (last_row, last_column):
            self.sheet.merge_range(row, column, last_row, last_column, "", style)
        self.sheet.write_string(row, column, text, style)

    # Rows

    def _write_rows(self, first_row: int) -> int:
        given: dict[tuple[str, str], Decimal] = {}
        texts: dict[tuple[str, str], str] = {}
        for place, value in (self.filled.values or {}).items():
            if isinstance(value, str):
                texts[place] = value
            else:
                given[place] = Decimal(value)
        formulas = computed_cells(self.form, self.laid_out, self.catalogue)
        without_computed = {place: value for place, value in given.items() if place not in formulas}
        computed = complete(without_computed, self.form, self.laid_out, self.catalogue)
        values = complete(given, self.form, self.laid_out, self.catalogue)
        row_of = {row.key: first_row + index for index, row in enumerate(self.laid_out.rows) if row.key}

        label_width = self._widths()[1]
        for index, row in enumerate(self.laid_out.rows):
            at = first_row + index
            # Wrapped labels need their height said: it is not worked out when the file is opened.
            lines = -(-(len(row.label) + 3 * row.depth + 2) // label_width)
            self.sheet.set_row(at, 18 * max(1, lines))
            is_strong = row.is_total or row.is_heading or (not self.table.has_unit_rows and row.depth == 0)
            label = self.styles(border=1, bold=is_strong, text_wrap=True, valign="vcenter", indent=1 + row.depth)
            number = self.styles(border=1, bold=is_strong, align="center", valign="vcenter")
            self.sheet.write_string(at, 0, row.number, number)
            self.sheet.write_string(at, 1, row.label, label)
            if self.has_lines and row.line is not None:
                self.sheet.write_string(at, 2, row.line.label, self.styles(border=1, valign="vcenter", indent=1))
            for leaf in self.table.leaves:
                column, place = self.column_of[leaf.key], (row.key, leaf.key)
                cell = cell_at(self.version, self.table, row, leaf, self.period, self.catalogue)
                if leaf.role == "unit":
                    unit_label = row.line.unit_label if row.line else None
                    centred = self.styles(border=1, align="center", valign="vcenter")
                    self.sheet.write_string(at, column, unit_label or "", centred)
                elif leaf.role == "issuer" and not row.is_heading:
                    style = self.styles(border=1, locked=False, text_wrap=True)
                    self.sheet.write_string(at, column, texts.get(place, ""), style)
                elif cell is None:
                    crossed = self.styles(border=1, bg_color=COMPUTED_COLOUR, align="center")
                    self.sheet.write_string(at, column, "" if row.is_heading else "x", crossed)
                elif place in texts:
                    self.sheet.write_string(at, column, texts[place], self._number_style(cell, is_strong, False))
                elif place in formulas and values.get(place) == computed.get(place):
                    style = self._number_style(cell, is_strong, True)
                    # An empty result would look like a formula that was never calculated; a blank does not.
                    result = float(values[place]) if place in values else " "
                    self.sheet.write_formula(at, column, self._formula(formulas[place], row_of), style, result)
                else:
                    style = self._number_style(cell, is_strong, False)
                    if place in values:
                        self.sheet.write_number(at, column, float(values[place]), style)
                    else:
                        self.sheet.write_blank(at, column, None, style)
                    self._validate_input(at, column, cell)
        return first_row + len(self.laid_out.rows) - 1

    def _number_style(self, cell: Meaning, is_strong: bool, is_computed: bool) -> Any:
        unit = cell.indicator.unit_of_measure
        number_format = "#,##0.00" if unit in ("percent", "percentage_point") or cell.factor > 1 else "#,##0"
        return self.styles(
            border=1,
            bold=is_strong,
            align="right",
            valign="vcenter",
            num_format=number_format,
            locked=is_computed,
            bg_color=COMPUTED_COLOUR if is_computed else INPUT_COLOUR,
        )

    def _formula(self, formula: Sum | Ratio, row_of: Mapping[str, int]) -> str:
        def at(place: tuple[str, str]) -> str:
            return str(xl_rowcol_to_cell(row_of[place[0]], self.column_of[place[1]]))

        if isinstance(formula, Ratio):
            numerator, denominators = at(formula.numerator), f"SUM({self._ranges(list(map(at, formula.denominators)))})"
            return f'=IF({denominators}=0,"",ROUND(100*{numerator}/{denominators},{RATIO_DECIMALS}))'
        parts = self._ranges([at(place) for place in formula.parts])
        minus = self._ranges([at(place) for place in formula.minus])
        total = f"SUM({parts})" + (f"-SUM({minus})" if minus else "")
        counted = f"{parts},{minus}" if minus else parts
        return f'=IF(COUNT({counted})=0,"",{total})'

    @staticmethod
    def _ranges(cells: list[str]) -> str:
        """Cells as a list of ranges: neighbours below one another become one."""
        ranges: list[list[str]] = []
        for cell in cells:
            column, row = cell.rstrip("0123456789"), int(cell[len(cell.rstrip("0123456789")) :])
            if ranges and ranges[-1][-1] == f"{column}{row - 1}":
                ranges[-1].append(cell)
            else:
                ranges.append([cell])
        return ",".join(run[0] if len(run) == 1 else f"{run[0]}:{run[-1]}" for run in ranges)

    def _validate_input(self, row: int, column: int, cell: Meaning) -> None:
        unit = cell.indicator.unit_of_measure
        rule: dict[str, Any] = {"validate": "decimal", "criteria": ">=", "value": 0}
        message = "Ô này là số không âm."
        if unit == "percent":
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 100_000}
            message = "Tỷ lệ phần trăm, ví dụ 1,68."
        elif unit == "percentage_point":
            rule = {"validate": "decimal", "criteria": "between", "minimum": -100, "maximum": 100}
            message = "Điểm phần trăm, ví dụ 0,47."
        elif unit not in COUNT_FREE_UNITS:
            rule["validate"] = "integer"
            message = "Ô này là số nguyên không âm."
        self.sheet.data_validation(
            row, column, row, column, {**rule, "error_title": "Số liệu không hợp lệ", "error_message": message}
        )

    # Foot and page

    def _write_foot(self, row: int) -> None:
        style = self.styles(italic=True, font_size=9, text_wrap=True, valign="top")
        note = "Ghi chú: để trống ô chưa có số liệu, ghi 0 nếu không phát sinh; ô màu xám được tính tự động."
        self._across(row, 0, self.last_column, note, style)
        middle = self.last_column // 2
        centred = self.styles(align="center")
        bold = self.styles(align="center", bold=True)
        self._across(
            row + 2,
            middle + 1,
            self.last_column,
            "……, ngày …… tháng …… năm ……",
            self.styles(align="center", italic=True),
        )
        self._across(row + 3, 0, middle, "NGƯỜI LẬP BIỂU", bold)
        self._across(row + 3, middle + 1, self.last_column, "THỦ TRƯỞNG ĐƠN VỊ", bold)
        self._across(row + 4, 0, middle, "(Ký, ghi rõ họ tên)", centred)
        self._across(row + 4, middle + 1, self.last_column, "(Ký, đóng dấu)", centred)

    def _widths(self) -> list[int]:
        label = 26 if self.table.has_unit_rows else 48
        widths = [6, label] + ([12] if self.has_lines else [])
        for leaf in self.table.leaves:
            if leaf.role == "issuer":
                widths.append(26)
            elif self._heading_unit(leaf):
                widths.append(18)
            else:
                widths.append(14)
        return widths + [14] * (self.last_column + 1 - len(widths))

    def _page_width(self) -> int:
        return sum(self._widths())

    def _set_up_page(self, top: int, first_row: int) -> None:
        sheet = self.sheet
        for column, width in enumerate(self._widths()):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(first_row, self.first_value_column)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top, first_row - 1)
        sheet.center_horizontally()
        font = f'&"{FONT}"&9'
        sheet.set_footer(f"&L{font}{self.form.code} {self.version.version}&R{font}Trang &P/&N")
        sheet.protect("", {"format_columns": True, "format_rows": True, "format_cells": True})
        sheet.hide_gridlines(2)


def _unit_word(cell: Meaning) -> str:
    unit = cell.indicator.unit_of_measure
    return money_labels()[cell.factor] if unit == "vnd" else unit_labels().get(unit, unit)

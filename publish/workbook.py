"""The report as a workbook: every figure with its comparison, by unit, and back to its place in a file.

Written by XlsxWriter from a frozen `ReportData` alone, so that the same edition gives the same
bytes. Nothing from data ever becomes a formula or a link: texts go in as texts, and those that
look like a formula are marked as text for the next program that edits the cell.

Cell formats carry the language tag of Vietnamese (42A): LibreOffice then writes 1.234,5 everywhere,
Excel follows the separators of the machine, which in Việt Nam are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from publish.definition import ReportDefinition, Section
from publish.format_vi import format_date
from publish.model import Due, Figure, ReportData
from publish.prose import MILLION, Speaker
from publish.revisions import Revision
from runtime.settings import OFFICE_TIMEZONE

A4 = 9
MAX_TEXT = 32_000  # a cell holds 32,767 characters
# As many unit columns as stay readable across one landscape page.
UNITS_PER_PAGE = 10

FORMULA_LIKE = re.compile(r"[=+\-@\t\r]")

NUMBER_FORMATS = {"count": "[$-42A]#,##0", "money": "[$-42A]#,##0.0", "rate": "[$-42A]#,##0.00"}
NUMBER_FORMATS["points"] = NUMBER_FORMATS["rate"]
FRACTION_FORMAT = "[$-42A]#,##0.##"
SHARE_FORMAT = "[$-42A]#,##0.0"
DATE_FORMAT = "dd/mm/yyyy"

Cell = str | int | Decimal | date | None
Row = tuple[Cell, ...]

SUMMARY_COLUMNS = (
    ("number", 5),
    ("indicator", 40),
    ("unit_of_measure", 11),
    ("value", 13),
    ("prior", 12),
    ("change", 11),
    ("change_pct", 9),
    ("target", 11),
    ("attainment", 9),
    ("judgement", 10),
    ("coverage", 11),
    ("issuer", 22),
)
CENTRED_COLUMNS = frozenset({"number", "unit_of_measure", "judgement", "coverage", "period", "rule", "severity"})
LINE_HEIGHT = 15.0


def write_workbook(
    path: Path,
    data: ReportData,
    definition: ReportDefinition,
    edition_number: int,
    revisions: Sequence[Revision] = (),
) -> None:
    """Writes the workbook of an edition.

    Raises:
        OSError: the file cannot be written.
    """
    with xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    ) as book:
        created = data.data_at.astimezone(OFFICE_TIMEZONE).replace(tzinfo=None)
        subject = definition.subject.format(**Speaker(data, definition).common)
        book.set_properties({"title": subject, "author": data.province_name, "created": created})
        _Book(book, data, definition, edition_number).write(revisions)


class _Book:
    """The workbook in the making: the library's object, and the formats all sheets share."""

    def __init__(
        self, book: xlsxwriter.Workbook, data: ReportData, definition: ReportDefinition, edition_number: int
    ) -> None:
        self.book = book
        self.data = data
        self.definition = definition
        self.wording = definition.wording
        self.speaker = Speaker(data, definition)
        self.edition_note = self.speaker.phrase(
            "edition", edition=str(edition_number), data_on=format_date(data.data_on)
        )
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def write(self, revisions: Sequence[Revision]) -> None:
        sheets = self.wording.sheets
        self._write_figures(sheets.summary, "summary_title", [("", self.speaker.headline())])
        self._write_figures(
            sheets.figures,
            "figures_title",
            [(section.title, list(self.data.figures_of(section.domains))) for section in self.definition.sections],
        )
        for section in self.definition.sections:
            self._write_section(section)
        self._write_completeness()
        self._write_findings()
        self._write_sources()
        if revisions:
            self._write_revisions(revisions)

    # The province's figures

    def _write_figures(self, name: str, title: str, groups: Sequence[tuple[str, Sequence[Figure]]]) -> None:
        sheet = self._sheet(name, title, SUMMARY_COLUMNS)
        number = 0
        for heading, figures in groups:
            if heading and figures:
                sheet.heading(heading)
            for figure, label in _row_labels(figures):
                number += 1
                sheet.row(self._figure_row(number, figure, label), self._figure_formats(figure))
        sheet.finish(self.wording.phrases["basis_note"])

    def _figure_row(self, number: int, figure: Figure, label: str) -> Row:
        target = figure.target
        unit = self.speaker.unit_words(figure)
        coverage = f"{figure.units_reported}/{figure.units_expected}" if figure.units_expected else ""
        total = figure.total
        return (
            number,
            label,
            unit.column,
            self.speaker.incomplete_cell(figure) if total is None else self._scaled(figure, total),
            self._scaled(figure, figure.value_prior),
            self._scaled(figure, figure.change),
            figure.change_pct if unit.kind in ("count", "money") else None,
            self._scaled(figure, target.value) if target else None,
            target.attainment_pct if target and self.speaker.attainment(figure) else None,
            self.speaker.judgement_word(figure),
            coverage,
            target.issuer if target else "",
        )

    def _figure_formats(self, figure: Figure) -> dict[int, str]:
        number_format = self._number_format(figure)
        return {
            3: number_format,
            4: number_format,
            5: number_format,
            6: SHARE_FORMAT,
            7: number_format,
            8: SHARE_FORMAT,
        }

    def _scaled(self, figure: Figure, value: Decimal | None) -> Decimal | None:
        return None if value is None else self.speaker.table_value(figure, value)

    def _number_format(self, figure: Figure) -> str:
        kind = self.speaker.unit_words(figure).kind
        values = (figure.value, figure.value_prior, figure.value_partial)
        is_whole = all(value is None or value == value.to_integral_value() for value in values)
        return NUMBER_FORMATS[kind] if kind != "count" or is_whole else FRACTION_FORMAT

    # By unit

    def _write_section(self, section: Section) -> None:
        figures = list(self.data.figures_of(section.domains))
        if not figures:
            return
        by_unit = {figure.key: self.data.by_unit(*figure.key) for figure in figures}
        units = self.data.units_shown(by_unit.values())
        columns = [("indicator", 40), ("unit_of_measure", 11), ("province_total", 13), *((u.name, 12) for u in units)]
        agency = self._responsible(section)
        sheet = self._sheet(section.sheet_name, section.title.upper(), columns, note=agency)
        for figure, label in _row_labels(figures):
            number_format = self._number_format(figure)
            unit_values = (by_unit[figure.key].get(unit.unit_id) for unit in units)
            total = figure.total
            row: Row = (
                label,
                self.speaker.unit_words(figure).column,
                self.speaker.incomplete_cell(figure) if total is None else self._scaled(figure, total),
                *(
                    self.wording.phrases["absent_cell"]
                    if value is None or value.value is None
                    else self._scaled(figure, value.value)
                    for value in unit_values
                ),
            )
            sheet.row(row, dict.fromkeys(range(2, len(row)), number_format))
        sheet.finish(self.wording.phrases["basis_note"], frozen_columns=3, pages_wide=len(units) <= UNITS_PER_PAGE)

    def _responsible(self, section: Section) -> str:
        day = self.data.period.last_day
        agencies = (self.definition.responsible_agency(domain, day) for domain in section.domains)
        names = dict.fromkeys(agency.name for agency in agencies if agency)
        return f"{self.wording.labels['responsible']}: {', '.join(names)}" if names else ""

    # Completeness, findings, sources, revisions

    def _write_completeness(self) -> None:
        columns = (
            ("number", 5),
            ("form", 44),
            ("reporting_unit", 28),
            ("period", 10),
            ("due_on", 12),
            ("received_on", 12),
            ("state", 22),
        )
        sheet = self._sheet(self.wording.sheets.completeness, "completeness_title", columns)
        for number, due in enumerate(self.data.dues, 1):
            sheet.row(
                (
                    number,
                    due.form_name_vi,
                    due.unit_name,
                    due.period,
                    due.due_on,
                    due.received_on,
                    due_state(due, self.wording.states),
                )
            )
        sheet.nothing_if_empty()
        gaps = [figure for figure in self.data.figures if figure.total is None]
        sheet.second_table(
            "completeness_figures_title", ("number", "indicator", "missing", "coverage", "partial", "unit_of_measure")
        )
        for number, figure in enumerate(gaps, 1):
            partial = figure.value_partial if figure.is_sum else None
            sheet.row(
                (
                    number,
                    figure.label_vi,
                    "; ".join(figure.units_missing),
                    f"{figure.units_reported}/{figure.units_expected}",
                    self._scaled(figure, partial),
                    self.speaker.unit_words(figure).column,
                ),
                {4: self._number_format(figure)},
            )
        sheet.nothing_if_empty()
        sheet.finish()

    def _write_findings(self) -> None:
        columns = (
            ("number", 5),
            ("reporting_unit", 22),
            ("file", 30),
            ("ref", 16),
            ("message", 70),
            ("stated", 13),
            ("expected", 13),
            ("difference", 12),
            ("severity", 10),
            ("rule", 12),
            ("submission", 9),
        )
        sheet = self._sheet(self.wording.sheets.findings, "findings_title", columns)
        files = {source.submission_id: source.file_name for source in self.data.sources}
        for number, found in enumerate(self.data.findings, 1):
            sheet.row(
                (
                    number,
                    found.unit_name,
                    files.get(found.submission_id, ""),
                    found.ref,
                    found.message_vi,
                    found.lhs,
                    found.rhs,
                    found.difference,
                    self.wording.severities.get(found.severity, found.severity),
                    found.rule_id,
                    found.submission_id,
                ),
                dict.fromkeys((5, 6, 7), FRACTION_FORMAT),
            )
        sheet.nothing_if_empty()
        sheet.finish()

    def _write_sources(self) -> None:
        columns = (
            ("number", 5),
            ("reporting_unit", 26),
            ("indicator", 52),
            ("value", 15),
            ("unit_of_measure", 12),
            ("submission", 10),
            ("file", 40),
            ("ref", 20),
        )
        sheet = self._sheet(self.wording.sheets.sources, "sources_title", columns)
        figures = {figure.key: figure for figure in self.data.figures}
        units = {unit.unit_id: unit.name for unit in self.data.units}
        units[self.data.province_unit_id] = self.data.province_name
        files = {source.submission_id: source.file_name for source in self.data.sources}
        for number, value in enumerate(self.data.unit_figures, 1):
            figure = figures[value.key]
            sheet.row(
                (
                    number,
                    units[value.unit_id],
                    figure.label_vi,
                    self._scaled(figure, value.value),
                    self.speaker.unit_words(figure).column,
                    value.submission_id,
                    files.get(value.submission_id, "") if value.submission_id is not None else "",
                    value.ref,
                ),
                {3: self._number_format(figure)},
            )
        sheet.nothing_if_empty()
        sheet.second_table(
            "files_title",
            ("submission", "reporting_unit", "form", "period", "status", "accepted_at", "file", "sha256"),
        )
        for source in self.data.sources:
            sheet.row(
                (
                    source.submission_id,
                    source.unit_name,
                    source.form_name_vi,
                    source.period,
                    self.wording.statuses.get(source.status, source.status),
                    source.accepted_at.astimezone(OFFICE_TIMEZONE).date(),
                    source.file_name,
                    source.sha256,
                )
            )
        sheet.nothing_if_empty()
        sheet.finish()

    def _write_revisions(self, revisions: Sequence[Revision]) -> None:
        columns = (
            ("number", 5),
            ("reporting_unit", 26),
            ("indicator", 52),
            ("aspect", 18),
            ("unit_of_measure", 12),
            ("old", 14),
            ("new", 14),
            ("difference", 14),
        )
        sheet = self._sheet(self.wording.sheets.revisions, "revisions_title", columns)
        for number, revision in enumerate(revisions, 1):
            unit = self.wording.units.get(revision.unit_of_measure)
            is_money = unit is not None and unit.kind == "money"
            numbers = [
                value / MILLION if value is not None and is_money else value
                for value in (revision.old, revision.new, revision.difference)
            ]
            sheet.row(
                (
                    number,
                    revision.unit_name,
                    revision.name_vi,
                    self.wording.aspects[revision.aspect],
                    unit.column if unit else revision.unit_of_measure,
                    *numbers,
                ),
                dict.fromkeys((5, 6, 7), FRACTION_FORMAT),
            )
        sheet.finish()

    # Sheets and formats

    def _sheet(self, name: str, title: str, columns: Sequence[tuple[str, int]], note: str = "") -> _Sheet:
        worksheet = self.book.add_worksheet(name)
        return _Sheet(self, worksheet, self.label(title), columns, note)

    def label(self, key: str) -> str:
        """A label of the wording; a text that is none (a unit's name) stands for itself."""
        text = self.wording.labels.get(key)
        return key if text is None else text.format(**self.speaker.common)

    def format(self, **properties: Any) -> Format:
        """A cell format, made once for each set of properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
            self._formats[key] = self.book.add_format(base | properties)
        return self._formats[key]


class _Sheet:
    """A printable sheet: titles, a head that repeats on every page, rows, a note."""

    def __init__(
        self, book: _Book, sheet: Worksheet, title: str, columns: Sequence[tuple[str, int]], note: str
    ) -> None:
        self.book, self.sheet, self.columns = book, sheet, columns
        speaker = book.speaker
        agency = book.definition.consolidating_agency(book.data.period.last_day)
        place = f"{book.data.province_name} - {speaker.common['period']}"
        sheet.write_string(0, 0, agency.name.upper(), book.format(bold=True))
        sheet.write_string(1, 0, title, book.format(bold=True, font_size=14))
        sheet.write_string(2, 0, f"{place}. {book.edition_note}.", book.format(italic=True))
        sheet.write_string(3, 0, note, book.format(italic=True))
        self.next_row = 4
        for index, (_, width) in enumerate(columns):
            sheet.set_column(index, index, width)
        self._widths = [width for _, width in columns]
        self._head([key for key, _ in columns])
        self.head_rows = self.next_row
        sheet.repeat_rows(self.head_rows - 1)
        self.rows_since_head = 0

    def _head(self, keys: Sequence[str]) -> None:
        head = self.book.format(bold=True, border=1, text_wrap=True, align="center", bg_color="#E7E6E6")
        self._keys = keys
        self.sheet.set_row(self.next_row, 3 * LINE_HEIGHT)
        for index, key in enumerate(keys):
            self.sheet.write_string(self.next_row, index, self.book.label(key), head)
        self.next_row += 1
        self.rows_since_head = 0

    def second_table(self, title: str, keys: Sequence[str]) -> None:
        """Begins another table under the first, in columns of the same widths."""
        self.sheet.write_string(self.next_row + 1, 0, self.book.label(title), self.book.format(bold=True, font_size=14))
        self.next_row += 2
        self._head(keys)

    def heading(self, text: str) -> None:
        """A line across the table that names the rows below it."""
        cell = self.book.format(bold=True, border=1, bg_color="#F2F2F2")
        self.sheet.merge_range(self.next_row, 0, self.next_row, len(self.columns) - 1, "", cell)
        self.sheet.write_string(self.next_row, 0, text, cell)
        self.next_row += 1

    def row(self, cells: Row, number_formats: dict[int, str] | None = None) -> None:
        """A row; numbers without a format of their own are written as they are."""
        formats = number_formats or {}
        # Excel fits rows to their text when it opens a file, other programs do not.
        widths = zip(cells, self._widths, strict=False)
        lines = max(_lines(cell, width) for cell, width in widths if isinstance(cell, str))
        self.sheet.set_row(self.next_row, LINE_HEIGHT * lines)
        for index, cell in enumerate(cells):
            if cell is None or cell == "":
                self.sheet.write_blank(self.next_row, index, None, self.book.format(border=1))
            elif isinstance(cell, str):
                self._text(index, cell, is_number_column=index in formats)
            elif isinstance(cell, Decimal | int):
                number_format = formats.get(index, "0")
                self.sheet.write_number(self.next_row, index, float(cell), self._number_cell(index, number_format))
            else:
                self.sheet.write_datetime(
                    self.next_row,
                    index,
                    datetime.combine(cell, datetime.min.time()),
                    self.book.format(border=1, num_format=DATE_FORMAT, align="center"),
                )
        self.next_row += 1
        self.rows_since_head += 1

    def _text(self, column: int, text: str, *, is_number_column: bool) -> None:
        properties: dict[str, Any] = {"border": 1, "text_wrap": True}
        indent = len(text) - len(text.lstrip(" "))
        if indent:
            properties["indent"] = indent // 3
        if is_number_column:
            properties |= {"align": "right", "italic": True}
        elif self._is_centred(column):
            properties["align"] = "center"
        if FORMULA_LIKE.match(text.strip(" ")):
            properties["quote_prefix"] = True
        self.sheet.write_string(self.next_row, column, text.strip(" ")[:MAX_TEXT], self.book.format(**properties))

    def _is_centred(self, column: int) -> bool:
        return self._keys[column] in CENTRED_COLUMNS

    def _number_cell(self, column: int, number_format: str) -> Format:
        properties = {"border": 1, "num_format": number_format}
        return (
            self.book.format(**properties, align="center")
            if self._is_centred(column)
            else self.book.format(**properties)
        )

    def nothing_if_empty(self) -> None:
        """Says so where the table has no row."""
        if not self.rows_since_head:
            self.sheet.write_string(self.next_row, 0, self.book.label("nothing"), self.book.format(italic=True))
            self.next_row += 1

    def finish(self, note: str = "", frozen_columns: int = 2, *, pages_wide: bool = True) -> None:
        """The note below, and how the sheet is shown and printed."""
        if note:
            last = max(len(self.columns) - 1, 1)
            cell = self.book.format(italic=True, text_wrap=True, valign="top")
            self.sheet.merge_range(self.next_row + 1, 0, self.next_row + 1, last, "", cell)
            self.sheet.write_string(self.next_row + 1, 0, note, cell)
            self.sheet.set_row(self.next_row + 1, 36)
        sheet = self.sheet
        sheet.freeze_panes(self.head_rows, frozen_columns)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        sheet.set_footer(f"&L{_footer_text(self.book.edition_note)}&R&P/&N")
        if pages_wide:
            sheet.fit_to_pages(1, 0)
        else:
            sheet.repeat_columns(0, frozen_columns - 1)
            sheet.set_v_pagebreaks(range(frozen_columns + UNITS_PER_PAGE, len(self.columns), UNITS_PER_PAGE))


def _row_labels(figures: Sequence[Figure]) -> Iterator[tuple[Figure, str]]:
    """Each figure with its row's name: a category below its indicator is named alone and indented."""
    above = ""
    for figure in figures:
        if figure.indicator_code == above and figure.breakdown_name_vi:
            yield figure, ("      " if figure.is_nested else "   ") + figure.breakdown_name_vi
        else:
            yield figure, figure.label_vi
        above = figure.indicator_code


def _lines(text: str, width: int) -> int:
    """About how many lines a text takes in a column; Times New Roman is narrower than the width's unit, a digit."""
    return max(1, sum(ceil(len(line) * 0.8 / width) for line in text[:MAX_TEXT].splitlines()))


def due_state(due: Due, states: dict[str, str]) -> str:
    """The word for where a due return stands."""
    return states.get(due.state, due.state) if due.state else states["missing"]


def _footer_text(text: str) -> str:
    return text.replace("&", "&&")

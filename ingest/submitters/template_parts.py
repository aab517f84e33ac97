"""What the templates of forms and of payment lists share: the hidden sheet, fonts and colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ingest.readers.spreadsheet.identify import HIDDEN_HEADINGS

HIDDEN_SHEET = "_ansinh"
INPUT_COLOUR, COMPUTED_COLOUR, HEADING_COLOUR = "#FFFFFF", "#EDEDED", "#DCE6F1"
FONT = "Times New Roman"


def write_hidden(book: Workbook, rows: Sequence[tuple[str, ...]]) -> Worksheet:
    """The hidden sheet: a row per table with form, version, unit, period, table and sheet."""
    sheet = book.add_worksheet(HIDDEN_SHEET)
    for number, row in enumerate([HIDDEN_HEADINGS, *rows]):
        for column, text in enumerate(row):
            sheet.write_string(number, column, text)
    sheet.hide()
    return sheet


class Styles:
    """The cell formats of a book, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **properties: Any) -> Any:
        """The format with these properties of xlsxwriter, in the font of all templates."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_name": FONT, "font_size": 11, **properties})
        return self._made[key]

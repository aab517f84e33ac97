"""Books as plain grids that a test can deform, written back as .xlsx.

openpyxl does not move merged ranges when rows are inserted, so the grids here are moved by hand.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass, field

import openpyxl
import xlsxwriter

Cell = tuple[int, int]

# A picture of one pixel, to be made as large as wanted.
_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
Merge = tuple[int, int, int, int]


@dataclass(frozen=True)
class Formula:
    """A formula with the result that a spreadsheet program stored, None where none ever did."""

    text: str
    result: object = None


@dataclass(frozen=True)
class Rich:
    """A text of several parts, each with how its letters look (`xlsxwriter`'s properties of a format)."""

    parts: tuple[tuple[str, tuple[tuple[str, object], ...]], ...]


@dataclass
class Grid:
    """A sheet: values by row and column from 0, number formats and looks, merged ranges, pictures, what is hidden.

    `heading`, `data` and `value_columns` are where the template put heading, rows and figures; they move
    along with the cells.
    """

    name: str
    cells: dict[Cell, object] = field(default_factory=dict)
    formats: dict[Cell, str] = field(default_factory=dict)
    looks: dict[Cell, tuple[tuple[str, object], ...]] = field(default_factory=dict)
    pictures: list[tuple[Cell, float, float]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    narrow_columns: set[int] = field(default_factory=set)
    is_hidden: bool = False
    heading: range = range(0)
    data: range = range(0)
    numbering_row: int | None = None
    label_column: int = 1
    line_column: int | None = None
    value_columns: list[int] = field(default_factory=list)
    _is_of_units: bool = False

    @property
    def height(self) -> int:
        """One more than the last row that holds a value."""
        return 1 + max((row for row, _ in self.cells), default=-1)

    @property
    def width(self) -> int:
        """One more than the last column that holds a value."""
        return 1 + max((column for _, column in self.cells), default=-1)

    @property
    def is_of_units(self) -> bool:
        """Whether the template's rows are units."""
        return self._is_of_units

    def find_structure(self) -> None:
        """Finds heading, rows and columns in the order in which a template is written."""

        def row_with(text: str) -> int:
            return next(row for row in range(self.height) if str(self.cells.get((row, 0), "")).startswith(text))

        self.numbering_row = row_with("A")
        self.heading = range(row_with("STT"), self.numbering_row)
        self.data = range(self.numbering_row + 1, row_with("Ghi chú"))
        numbers = {column: self.cells.get((self.numbering_row, column)) for column in range(1, self.width)}
        self.value_columns = [column for column, value in numbers.items() if isinstance(value, int | float)]
        self._is_of_units = str(self.cells.get((self.heading.start, 1), "")).startswith("Xã, phường")
        self.line_column = 2 if numbers.get(2) == "C" else None

    def move(self, rows: Callable[[int], int | None], columns: Callable[[int], int | None] = lambda c: c) -> None:
        """Moves every row and column to where the functions say; None deletes it."""

        def moved(cell: Cell) -> Cell | None:
            row, column = rows(cell[0]), columns(cell[1])
            return None if row is None or column is None else (row, column)

        def moved_range(old: range) -> range:
            kept = [row for one in old if (row := rows(one)) is not None]
            return range(min(kept), max(kept) + 1) if kept else range(0)

        self.cells = {to: value for cell, value in self.cells.items() if (to := moved(cell)) is not None}
        self.formats = {to: value for cell, value in self.formats.items() if (to := moved(cell)) is not None}
        self.looks = {to: value for cell, value in self.looks.items() if (to := moved(cell)) is not None}
        merges = []
        for top, left, bottom, right in self.merges:
            kept_rows = [r for row in range(top, bottom + 1) if (r := rows(row)) is not None]
            kept_columns = [c for column in range(left, right + 1) if (c := columns(column)) is not None]
            if kept_rows and kept_columns and (len(kept_rows) > 1 or len(kept_columns) > 1):
                merges.append((min(kept_rows), min(kept_columns), max(kept_rows), max(kept_columns)))
        self.merges = merges
        self.heading, self.data = moved_range(self.heading), moved_range(self.data)
        self.value_columns = [c for column in self.value_columns if (c := columns(column)) is not None]
        self.label_column = columns(self.label_column) or 0
        self.line_column = columns(self.line_column) if self.line_column is not None else None
        self.numbering_row = rows(self.numbering_row) if self.numbering_row is not None else None
        self.hidden_rows = {r for row in self.hidden_rows if (r := rows(row)) is not None}
        self.hidden_columns = {c for column in self.hidden_columns if (c := columns(column)) is not None}

    def insert_rows(self, at: int, count: int = 1) -> None:
        """Inserts empty rows above a row."""
        self.move(lambda row: row + count if row >= at else row)

    def insert_columns(self, at: int, count: int = 1) -> None:
        """Inserts empty columns left of a column."""
        self.move(lambda row: row, lambda column: column + count if column >= at else column)

    def delete_rows(self, doomed: range) -> None:
        """Deletes rows and closes the gap."""
        self.move(lambda r: None if r in doomed else r - len(doomed) if r >= doomed.stop else r)

    def row(self, row: int) -> dict[int, object]:
        """The values of a row by column."""
        return {column: value for (r, column), value in self.cells.items() if r == row}

    def set_row(self, row: int, values: dict[int, object]) -> None:
        """Replaces the values of a row."""
        self.cells = {cell: value for cell, value in self.cells.items() if cell[0] != row}
        self.cells.update({(row, column): value for column, value in values.items()})

    def map_text(self, change: Callable[[str], str], where: Callable[[Cell], bool] = lambda _: True) -> None:
        """Changes every text where a function says so."""
        for cell, value in self.cells.items():
            if isinstance(value, str) and where(cell):
                self.cells[cell] = change(value)


@dataclass
class Book:
    """The grids of a workbook, the hidden sheet last."""

    grids: list[Grid]

    @property
    def tables(self) -> list[Grid]:
        """The grids that hold tables."""
        return [grid for grid in self.grids if not grid.name.startswith("_")]

    def drop_hidden(self) -> None:
        """Removes the hidden sheet that says what the book was made for."""
        self.grids = self.tables


def read_book(data: bytes) -> Book:
    """A book as grids; formulas become their results."""
    workbook = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    grids = []
    for sheet in workbook.worksheets:
        grid = Grid(sheet.title, is_hidden=sheet.sheet_state != "visible")
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None and cell.value != " ":
                    grid.cells[cell.row - 1, cell.column - 1] = cell.value
                    if cell.number_format != "General":
                        grid.formats[cell.row - 1, cell.column - 1] = cell.number_format
        if not grid.name.startswith("_"):
            grid.find_structure()
        grid.merges = [(m.min_row - 1, m.min_col - 1, m.max_row - 1, m.max_col - 1) for m in sheet.merged_cells.ranges]
        grids.append(grid)
    return Book(grids)


def write_book(book: Book) -> bytes:
    """The grids as .xlsx."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "nan_inf_to_errors": True}) as workbook:
        made: dict[object, object] = {}

        def style_of(code: str | None, look: tuple[tuple[str, object], ...]) -> object | None:
            if code is None and not look:
                return None
            if (code, look) not in made:
                properties = {**dict(look), **({"num_format": code} if code is not None else {})}
                made[code, look] = workbook.add_format(properties)
            return made[code, look]

        for grid in book.grids:
            sheet = workbook.add_worksheet(grid.name)
            for top, left, bottom, right in grid.merges:
                sheet.merge_range(top, left, bottom, right, "")
            for (row, column), value in grid.cells.items():
                style = style_of(grid.formats.get((row, column)), grid.looks.get((row, column), ()))
                if isinstance(value, Rich):
                    pieces: list[object] = []
                    for text, look in value.parts:
                        pieces += [style_of(None, look), text] if look else [text]
                    sheet.write_rich_string(row, column, *pieces, *([style] if style is not None else []))
                elif isinstance(value, Formula):
                    sheet.write_formula(row, column, value.text, style, "" if value.result is None else value.result)
                elif isinstance(value, str):
                    sheet.write_string(row, column, value, style)
                else:
                    sheet.write(row, column, value, style)
            for row in grid.hidden_rows:
                sheet.set_row(row, None, None, {"hidden": True})
            for column in grid.hidden_columns:
                sheet.set_column(column, column, None, None, {"hidden": True})
            for (row, column), wide, high in grid.pictures:
                scales = {"x_scale": wide, "y_scale": high}
                sheet.insert_image(row, column, "picture.png", {"image_data": io.BytesIO(_PICTURE), **scales})
            for column in grid.narrow_columns:
                sheet.set_column(column, column, 0.01)
            if grid.is_hidden:
                sheet.hide()
    return buffer.getvalue()

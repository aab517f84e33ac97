"""What happens to a template between the department and its return: each deformation by itself.

A deformation changes a book in place and says whether the figures must still arrive (`SAME`) or whether
what it does can't be read, so that a finding must say so (`SAID`).
"""

from __future__ import annotations

import copy
import string
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any, Literal

from ingest.core.text import fold
from ingest.readers import encodings
from tests.ingest.readers.sheets import Book, Formula, Grid

Promise = Literal["same", "said"]
SAME: Promise = "same"
SAID: Promise = "said"


@dataclass(frozen=True)
class Mutation:
    """A deformation with its promise."""

    name: str
    promise: Promise
    apply: Callable[[Book, Random], None]


MUTATIONS: dict[str, Mutation] = {}

# Of each group at most one can happen to a book: the second would change what the first one wrote.
EXCLUSIVE: tuple[frozenset[str], ...] = (
    frozenset(
        {"numbers_as_vietnamese_text", "numbers_as_english_text", "numbers_with_blanks", "some_numbers_as_text",
         "numbers_with_units", "formula_calculated", "rates_as_fractions", "rates_formatted_as_percent",
         "rates_as_text", "money_in_other_scale", "money_in_thousands"}
    ),
    frozenset({"hidden_sheet_lost", "title_written_freely", "title_rows_deleted"}),
    frozenset(
        {"sheets_renamed", "sheets_reordered", "rows_split_over_sheets", "tables_on_one_sheet", "sheet_hidden",
         "continued_without_headings", "heading_repeated_on_next_page"}
    ),
    # A sheet without headings has none that could be changed, and its first rows are no title.
    *(
        frozenset({"continued_without_headings", other})
        for other in ("title_rows_deleted", "extra_column_of_notes", "extra_column_of_numbers",
                      "heading_spread_over_more_rows", "column_numbers_deleted")
    ),
    # These move units by the pair, and know nothing of a row between them.
    *(frozenset({"group_headings_added", other})
      for other in ("rows_split_over_sheets", "continued_without_headings", "heading_repeated_on_next_page",
                    "total_row_at_top", "units_in_another_order")),
    # Reordering rows moves no merged ranges, and texts in an old font are no longer those that others look for.
    frozenset({"heading_repeated_on_next_page", "total_row_at_top", "units_in_another_order"}),
    frozenset({"in_a_tcvn3_font", "in_a_vni_font", "decomposed_letters", "headings_without_diacritics",
               "units_without_diacritics", "category_labels_without_diacritics"}),
    *(frozenset({font, other}) for font in ("in_a_tcvn3_font", "in_a_vni_font")
      for other in ("title_written_freely", "hidden_sheet_lost", "typing_errors_in_headings", "units_misspelled",
                    "category_labels_retyped", "money_in_other_scale", "money_in_thousands", "row_labels_numbered",
                    "headings_in_capitals", "units_in_capitals", "units_with_short_kind", "units_without_kind",
                    "total_row_named_otherwise", "total_row_at_top", "rates_as_fractions",
                    "rates_formatted_as_percent", "rates_as_text", "numbers_with_units", "year_in_headings",
                    "parts_of_units_added", "subtotals_added", "group_headings_added", "notes_below",
                    "telephone_below")),
    frozenset({"tables_on_one_sheet", "foot_deleted"}),
    frozenset({"units_without_kind", "units_with_short_kind", "units_misspelled"}),
)  # fmt: skip


def may_follow(name: str, others: list[str]) -> bool:
    """Whether a deformation makes sense in a book that went through others."""
    return name not in others and not any(name in group and group & set(others) for group in EXCLUSIVE)


def mutation(promise: Promise) -> Callable[[Callable[[Book, Random], None]], Callable[[Book, Random], None]]:
    """Registers a function as a deformation under its own name."""

    def register(function: Callable[[Book, Random], None]) -> Callable[[Book, Random], None]:
        MUTATIONS[function.__name__] = Mutation(function.__name__, promise, function)
        return function

    return register


def _figures(grid: Grid) -> list[tuple[int, int]]:
    return [
        (row, column)
        for row in grid.data
        for column in grid.value_columns
        if isinstance(grid.cells.get((row, column)), int | float)
    ]


def _labels(grid: Grid) -> list[tuple[int, int]]:
    column = grid.label_column
    return [(row, column) for row in grid.data if isinstance(grid.cells.get((row, column)), str)]


def _headings(grid: Grid) -> list[tuple[int, int]]:
    return [cell for cell in grid.cells if cell[0] in grid.heading and cell[1] in grid.value_columns]


def _is_of_units(grid: Grid) -> bool:
    return grid.is_of_units


# Around the table


@mutation(SAME)
def rows_inserted_above(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.insert_rows(random.randrange(0, grid.heading.start + 1), random.randrange(1, 6))


@mutation(SAME)
def columns_inserted_left(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.insert_columns(0, random.randrange(1, 4))


@mutation(SAME)
def title_rows_deleted(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.delete_rows(range(random.randrange(1, 4)))


@mutation(SAME)
def column_numbers_deleted(book: Book, random: Random) -> None:
    for grid in book.tables:
        if grid.numbering_row is not None:
            grid.delete_rows(range(grid.numbering_row, grid.numbering_row + 1))


@mutation(SAME)
def notes_below(book: Book, random: Random) -> None:
    for grid in book.tables:
        row = grid.height + 1
        grid.cells[row, 1] = "Ghi chú: số liệu tính đến ngày 31/12, đã rà soát 12 xã."
        grid.cells[row + 1, 3] = "Ngày 05 tháng 01 năm 2024"
        grid.cells[row + 2, 3] = "TRƯỞNG PHÒNG"


@mutation(SAME)
def foot_deleted(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.delete_rows(range(grid.data.stop, grid.height))


@mutation(SAME)
def sheets_renamed(book: Book, random: Random) -> None:
    for number, grid in enumerate(book.tables):
        grid.name = f"Sheet{number + 1}"


@mutation(SAME)
def sheets_reordered(book: Book, random: Random) -> None:
    random.shuffle(book.grids)


@mutation(SAME)
def hidden_sheet_lost(book: Book, random: Random) -> None:
    book.drop_hidden()


@mutation(SAME)
def tables_on_one_sheet(book: Book, random: Random) -> None:
    first, *others = book.tables
    for grid in others:
        gap = first.height + 3
        first.cells.update({(row + gap, column): value for (row, column), value in grid.cells.items()})
        first.formats.update({(row + gap, column): value for (row, column), value in grid.formats.items()})
        first.merges += [(top + gap, left, bottom + gap, right) for top, left, bottom, right in grid.merges]
    book.grids = [first, *(grid for grid in book.grids if grid.name.startswith("_"))]


@mutation(SAME)
def rows_split_over_sheets(book: Book, random: Random) -> None:
    for grid in list(book.tables):
        if not _is_of_units(grid) or len(grid.data) < 4:
            continue
        middle = grid.data.start + len(grid.data) // 2
        if grid.line_column is not None and (middle - grid.data.start) % 2:
            middle += 1
        second = copy.deepcopy(grid)
        second.name = f"{grid.name} (2)"[-31:]
        second.delete_rows(range(grid.data.start, middle))
        grid.delete_rows(range(middle, grid.data.stop))
        book.grids.insert(book.grids.index(grid) + 1, second)


@mutation(SAME)
def continued_without_headings(book: Book, random: Random) -> None:
    for grid in list(book.tables):
        if _is_of_units(grid) and len(grid.data) >= 4 and grid.line_column is None:
            middle = grid.data.start + len(grid.data) // 2
            second = copy.deepcopy(grid)
            second.name = f"{grid.name} (tt)"[-31:]
            second.delete_rows(range(middle))
            second.delete_rows(range(second.data.stop, second.height))
            second.merges = []
            grid.delete_rows(range(middle, grid.data.stop))
            book.grids.insert(book.grids.index(grid) + 1, second)


@mutation(SAME)
def telephone_below(book: Book, random: Random) -> None:
    for grid in book.tables:
        if len(grid.value_columns) > 2:
            row = grid.height + 2
            grid.cells[row, grid.label_column] = "Điện thoại liên hệ"
            grid.cells[row, grid.value_columns[0]] = 905_123_456


# Columns


@mutation(SAME)
def empty_columns_inside(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.insert_columns(random.choice(grid.value_columns))


@mutation(SAME)
def extra_column_of_notes(book: Book, random: Random) -> None:
    for grid in book.tables:
        column = random.choice(grid.value_columns[1:] or grid.value_columns)
        heading, data = grid.heading, grid.data
        grid.insert_columns(column)
        grid.cells[heading.stop - 1, column] = "Ghi chú của xã"
        for row in data:
            if random.random() < 0.3:
                grid.cells[row, column] = "đã kiểm tra"


@mutation(SAME)
def extra_column_of_numbers(book: Book, random: Random) -> None:
    for grid in book.tables:
        column = random.choice(grid.value_columns[1:] or grid.value_columns)
        heading, data = grid.heading, grid.data
        grid.insert_columns(column)
        grid.cells[heading.stop - 1, column] = "Số liệu năm 2019 để so sánh"
        for row in data:
            grid.cells[row, column] = random.randrange(1, 500)


@mutation(SAID)
def column_deleted(book: Book, random: Random) -> None:
    grid = random.choice(book.tables)
    doomed = random.choice(grid.value_columns)
    grid.move(lambda row: row, lambda c: None if c == doomed else c - 1 if c > doomed else c)


@mutation(SAID)
def column_copied(book: Book, random: Random) -> None:
    grid = random.choice(book.tables)
    column, edge = random.choice(grid.value_columns), grid.width
    for row in (*grid.heading, *grid.data):
        if (row, column) in grid.cells:
            grid.cells[row, edge] = grid.cells[row, column]
    top = grid.heading.start
    if (grid.heading.stop - 1, edge) not in grid.cells:
        grid.merges.append((top, edge, grid.heading.stop - 1, edge))


# Headings


@mutation(SAME)
def headings_unmerged(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.merges = []


@mutation(SAME)
def heading_spread_over_more_rows(book: Book, random: Random) -> None:
    for grid in book.tables:
        top = grid.heading.start
        merges = [merge for merge in grid.merges if merge[0] == top or merge[2] == top]
        grid.insert_rows(top + 1)
        for merge in merges:
            if merge[2] == top:
                grid.merges.remove(merge)
                grid.merges.append((top, merge[1], top + 1, merge[3]))


@mutation(SAME)
def line_breaks_in_labels(book: Book, random: Random) -> None:
    for grid in book.tables:
        cells = {*_headings(grid), *_labels(grid)}
        grid.map_text(
            lambda text: text.replace(" ", random.choice(("\n", "  ", " \n", "\u00a0")), 2), cells.__contains__
        )


@mutation(SAME)
def numbered_headings(book: Book, random: Random) -> None:
    for grid in book.tables:
        for number, cell in enumerate(sorted(_headings(grid)), start=1):
            grid.cells[cell] = random.choice((f"{number}. ", f"({number}) ", f"{'abcdefghijk'[number % 11]}) ")) + str(
                grid.cells[cell]
            )


@mutation(SAME)
def headings_in_capitals(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.map_text(str.upper, set(_headings(grid)).__contains__)


@mutation(SAME)
def headings_without_diacritics(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.map_text(fold, set(_headings(grid)).__contains__)


@mutation(SAME)
def year_in_headings(book: Book, random: Random) -> None:
    for grid in book.tables:
        bottom = [cell for cell in _headings(grid) if cell[0] == grid.heading.stop - 1]
        grid.map_text(lambda text: text if text.endswith(")") else f"{text} năm 2023", set(bottom).__contains__)


def _typing_error(text: str, random: Random) -> str:
    """One letter left out, doubled, exchanged or replaced in a long word."""
    places = [i for i in range(1, len(text) - 1) if text[i - 1 : i + 2].isalpha()]
    if len(text) < 8 or not places:
        return text
    i = random.choice(places)
    return random.choice(
        (
            text[:i] + text[i + 1 :],
            text[:i] + text[i] + text[i:],
            text[:i] + text[i + 1] + text[i] + text[i + 2 :],
            text[:i] + random.choice(string.ascii_lowercase) + text[i + 1 :],
        )
    )


@mutation(SAME)
def typing_errors_in_headings(book: Book, random: Random) -> None:
    for grid in book.tables:
        cells = [cell for cell in _headings(grid) if len(str(grid.cells[cell])) >= 8]
        for cell in random.sample(cells, min(2, len(cells))):
            grid.cells[cell] = _typing_error(str(grid.cells[cell]), random)


@mutation(SAME)
def heading_repeated_on_next_page(book: Book, random: Random) -> None:
    for grid in book.tables:
        rows = len(grid.heading)
        if not _is_of_units(grid) or len(grid.data) < 4:
            continue
        at = grid.data.start + len(grid.data) // 2
        if grid.line_column is not None and (at - grid.data.start) % 2:
            at += 1
        heading = {(row, column): value for (row, column), value in grid.cells.items() if row in grid.heading}
        merges = [merge for merge in grid.merges if merge[0] in grid.heading]
        top = grid.heading.start
        grid.insert_rows(at, rows)
        grid.cells.update({(row - top + at, column): value for (row, column), value in heading.items()})
        grid.merges += [(t - top + at, left, b - top + at, right) for t, left, b, right in merges]


# Rows


@mutation(SAME)
def empty_rows_inside(book: Book, random: Random) -> None:
    for grid in book.tables:
        for _ in range(2):
            grid.insert_rows(random.choice(grid.data[1:] or grid.data))


@mutation(SAME)
def row_labels_numbered(book: Book, random: Random) -> None:
    for grid in book.tables:
        for number, cell in enumerate(_labels(grid), start=1):
            if _is_of_units(grid) and not str(grid.cells[cell]).lower().startswith(("tổng", "tong")):
                grid.cells[cell] = random.choice((f"{number}. ", f"{number}) ", "- ")) + str(grid.cells[cell])


@mutation(SAME)
def among_rows_added(book: Book, random: Random) -> None:
    for grid in book.tables:
        row = random.choice(grid.data[1:] or grid.data)
        if not _is_of_units(grid):
            grid.insert_rows(row)
            grid.cells[row, grid.label_column] = "Trong đó:"


def _total_row(grid: Grid) -> list[int]:
    return [row for row in grid.data if fold(str(grid.cells.get((row, grid.label_column)))).startswith("tong cong")]


@mutation(SAME)
def total_row_at_top(book: Book, random: Random) -> None:
    for grid in book.tables:
        if (rows := _total_row(grid)) and _is_of_units(grid):
            order = [*rows, *(row for row in grid.data if row not in rows)]
            values = [grid.row(row) for row in order]
            for row, one in zip(grid.data, values, strict=True):
                grid.set_row(row, one)


@mutation(SAID)
def total_row_missing(book: Book, random: Random) -> None:
    grid = random.choice(book.tables)
    if rows := _total_row(grid):
        grid.delete_rows(range(rows[0], rows[-1] + 1))


@mutation(SAME)
def total_row_named_otherwise(book: Book, random: Random) -> None:
    for grid in book.tables:
        for row in _total_row(grid):
            grid.cells[row, grid.label_column] = random.choice(
                ("Tổng số", "CỘNG", "Toàn huyện", "Tổng cộng toàn huyện", "Tổng cộng:")
            )


@mutation(SAME)
def units_in_another_order(book: Book, random: Random) -> None:
    for grid in book.tables:
        if _is_of_units(grid):
            lines = 1 if grid.line_column is None else 2
            rows = [row for row in grid.data if row not in _total_row(grid)]
            groups = [[grid.row(row) for row in rows[i : i + lines]] for i in range(0, len(rows), lines)]
            random.shuffle(groups)
            for row, values in zip(rows, (values for group in groups for values in group), strict=True):
                grid.set_row(row, values)


def _change_units(book: Book, change: Callable[[str], str]) -> None:
    for grid in book.tables:
        if _is_of_units(grid):
            total = {(row, grid.label_column) for row in _total_row(grid)}
            cells = set(_labels(grid)) - total
            grid.map_text(change, cells.__contains__)


@mutation(SAME)
def units_without_kind(book: Book, random: Random) -> None:
    def change(name: str) -> str:
        for kind in ("Xã ", "Phường ", "Thị trấn ", "Đặc khu "):
            name = name.removeprefix(kind)
        return name

    _change_units(book, change)


@mutation(SAME)
def units_with_short_kind(book: Book, random: Random) -> None:
    _change_units(
        book,
        lambda n: n.replace("Thị trấn ", random.choice(("TT. ", "TT "))).replace("Xã ", "X. ").replace("Phường ", "P."),
    )


@mutation(SAME)
def units_without_diacritics(book: Book, random: Random) -> None:
    _change_units(book, lambda name: fold(name).title())


@mutation(SAME)
def units_in_capitals(book: Book, random: Random) -> None:
    _change_units(book, str.upper)


@mutation(SAME)
def units_misspelled(book: Book, random: Random) -> None:
    def change(name: str) -> str:
        return _typing_error(name, random) if random.random() < 0.3 else name

    _change_units(book, change)


@mutation(SAID)
def unknown_unit_added(book: Book, random: Random) -> None:
    for grid in book.tables:
        if _is_of_units(grid):
            row = random.choice(grid.data)
            values = dict[int, Any](dict.fromkeys(grid.value_columns, 5))
            if grid.line_column is not None:
                values[grid.line_column] = "Hộ"
            grid.insert_rows(row)
            grid.set_row(row, {grid.label_column: "Xã Hòa Bình Mới", **values})
            return


@mutation(SAID)
def unit_copied(book: Book, random: Random) -> None:
    for grid in book.tables:
        if _is_of_units(grid):
            row = grid.data.start
            values = {c: v + 1 if isinstance(v, int | float) else v for c, v in grid.row(row).items()}
            grid.insert_rows(row)
            grid.set_row(row, values)
            return


@mutation(SAME)
def category_labels_retyped(book: Book, random: Random) -> None:
    for grid in book.tables:
        if not _is_of_units(grid):
            cells = [cell for cell in _labels(grid) if len(str(grid.cells[cell])) > 12]
            for cell in random.sample(cells, min(2, len(cells))):
                grid.cells[cell] = _typing_error(str(grid.cells[cell]), random)


@mutation(SAME)
def category_labels_without_diacritics(book: Book, random: Random) -> None:
    for grid in book.tables:
        if not _is_of_units(grid):
            grid.map_text(fold, set(_labels(grid)).__contains__)


@mutation(SAME)
def parts_of_units_added(book: Book, random: Random) -> None:
    for grid in book.tables:
        if _is_of_units(grid) and grid.line_column is None:
            row = random.choice(grid.data[1:])
            for label in random.sample(("Thôn 5", "- Bon Bu Đắk", "Trong đó: hộ mới", "Tổ dân phố 3"), 2):
                grid.insert_rows(row)
                grid.set_row(row, {grid.label_column: label, **dict.fromkeys(grid.value_columns, 1)})


@mutation(SAME)
def subtotals_added(book: Book, random: Random) -> None:
    for grid in book.tables:
        if _is_of_units(grid) and grid.line_column is None:
            row = grid.data.start
            grid.insert_rows(row)
            label = random.choice(("I. Khu vực thành thị", "Khu vực nông thôn", "Cộng các xã"))
            grid.set_row(row, {grid.label_column: label, **dict.fromkeys(grid.value_columns, 3)})


GROUPS = (
    "I. Khu vực thành thị",
    "II. Khu vực nông thôn",
    "A. Các xã đặc biệt khó khăn",
    "Cụm xã phía Bắc",
    "Vùng 3",
    "Xã",
)


@mutation(SAME)
def group_headings_added(book: Book, random: Random) -> None:
    """Rows with nothing but a heading above the first units and further down, with and without merges."""
    for grid in book.tables:
        if _is_of_units(grid):
            lines = 1 if grid.line_column is None else 2
            for at in (grid.data.start + len(grid.data) // lines // 2 * lines, grid.data.start):
                grid.insert_rows(at)
                column = random.choice((0, grid.label_column))
                grid.cells[at, column] = random.choice(GROUPS)
                last = random.choice((column, grid.label_column, grid.value_columns[-1]))
                if last > column:
                    grid.merges.append((at, column, at, last))


@mutation(SAID)
def stray_row_without_label(book: Book, random: Random) -> None:
    grid = random.choice(book.tables)
    row = grid.data.stop
    grid.insert_rows(row)
    for column in grid.value_columns:
        grid.cells[row, column] = 7


# Hidden things


@mutation(SAME)
def rows_hidden(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.hidden_rows = set(random.sample(list(grid.data), 1))


@mutation(SAME)
def columns_hidden(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.hidden_columns = {random.choice(grid.value_columns)}


@mutation(SAME)
def sheet_hidden(book: Book, random: Random) -> None:
    if len(book.tables) > 1:
        book.tables[-1].is_hidden = True


# Cells


def _english(value: float) -> str:
    """A number as text without losing a digit."""
    return f"{Decimal(str(value)):,f}".removesuffix(".0")


def _vietnamese(value: float) -> str:
    return _english(value).translate(str.maketrans(",.", ".,"))


def _retype(book: Book, change: Callable[[float], object], share: float, random: Random) -> None:
    for grid in book.tables:
        for cell in _figures(grid):
            if random.random() < share:
                grid.cells[cell] = change(grid.cells[cell])  # type: ignore[arg-type]


@mutation(SAME)
def numbers_as_vietnamese_text(book: Book, random: Random) -> None:
    _retype(book, _vietnamese, 1.0, random)


@mutation(SAME)
def numbers_as_english_text(book: Book, random: Random) -> None:
    _retype(book, _english, 1.0, random)


@mutation(SAME)
def numbers_with_blanks(book: Book, random: Random) -> None:
    _retype(book, lambda v: _vietnamese(v).replace(".", random.choice((" ", "\u00a0", "\u202f"))), 0.5, random)


@mutation(SAME)
def some_numbers_as_text(book: Book, random: Random) -> None:
    _retype(book, lambda v: f" {_vietnamese(v)} ", 0.2, random)


@mutation(SAME)
def numbers_with_units(book: Book, random: Random) -> None:
    words = {"hộ": "hộ", "người": "người"}
    for grid in book.tables:
        for row, column in _figures(grid):
            heading = " ".join(str(grid.cells.get((r, column), "")) for r in grid.heading).lower()
            word = next((w for key, w in words.items() if f"số {key}" in heading), None)
            if word and "khẩu" not in heading and grid.line_column is None:
                grid.cells[row, column] = f"{_vietnamese(grid.cells[row, column])} {word}"  # type: ignore[arg-type]


@mutation(SAME)
def blanks_marked(book: Book, random: Random) -> None:
    for grid in book.tables:
        for row in grid.data:
            for column in grid.value_columns:
                if (row, column) not in grid.cells and isinstance(grid.cells.get((row, grid.label_column)), str):
                    grid.cells[row, column] = random.choice(("-", "x", "…", " ", "–", "..."))


@mutation(SAME)
def decomposed_letters(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.map_text(lambda text: unicodedata.normalize("NFD", text))


@mutation(SAID)
def text_instead_of_a_number(book: Book, random: Random) -> None:
    grid = random.choice(book.tables)
    if cells := _figures(grid):
        grid.cells[random.choice(cells)] = "chưa có báo cáo"


@mutation(SAID)
def date_instead_of_a_number(book: Book, random: Random) -> None:
    grid = random.choice(book.tables)
    if cells := _figures(grid):
        cell = random.choice(cells)
        grid.cells[cell] = date(2023, 5, 1)
        grid.formats[cell] = "dd/mm/yyyy"


@mutation(SAID)
def error_instead_of_a_number(book: Book, random: Random) -> None:
    grid = random.choice(book.tables)
    if cells := _figures(grid):
        grid.cells[random.choice(cells)] = Formula("=#REF!+1", "#REF!")


@mutation(SAID)
def formula_never_calculated(book: Book, random: Random) -> None:
    grid = random.choice(book.tables)
    if cells := _figures(grid):
        grid.cells[random.choice(cells)] = Formula("=A1+1")


@mutation(SAME)
def formula_calculated(book: Book, random: Random) -> None:
    for grid in book.tables:
        for cell in _figures(grid):
            grid.cells[cell] = Formula("=1+1", grid.cells[cell])


@mutation(SAID)
def total_changed(book: Book, random: Random) -> None:
    for grid in book.tables:
        for row in _total_row(grid):
            for column in grid.value_columns:
                if isinstance(value := grid.cells.get((row, column)), int | float):
                    grid.cells[row, column] = value + 1
                    return


@mutation(SAME)
def money_in_other_scale(book: Book, random: Random) -> None:
    for grid in book.tables:
        for column in grid.value_columns:
            cell = (grid.heading.stop - 1, column)
            top = next(((r, column) for r in grid.heading if (r, column) in grid.cells), cell)
            for place in (cell, top):
                text = str(grid.cells.get(place, ""))
                if "(đồng)" in text:
                    grid.cells[place] = text.replace("(đồng)", "(triệu đồng)")
                    for row in grid.data:
                        if isinstance(value := grid.cells.get((row, column)), int | float):
                            grid.cells[row, column] = value / 1_000_000
                            grid.formats[row, column] = "#,##0.000"
                    break


def _rates(grid: Grid) -> list[int]:
    return [c for c in grid.value_columns if any("%" in str(grid.cells.get((r, c), "")) for r in grid.heading)]


@mutation(SAME)
def rates_as_fractions(book: Book, random: Random) -> None:
    for grid in book.tables:
        for column in _rates(grid):
            for row in grid.data:
                if isinstance(value := grid.cells.get((row, column)), int | float):
                    grid.cells[row, column] = round(value / 100, 6)
                    grid.formats.pop((row, column), None)


@mutation(SAME)
def rates_formatted_as_percent(book: Book, random: Random) -> None:
    for grid in book.tables:
        for column in _rates(grid):
            for row in grid.data:
                if isinstance(value := grid.cells.get((row, column)), int | float):
                    grid.cells[row, column] = round(value / 100, 6)
                    grid.formats[row, column] = "0.00%"


@mutation(SAME)
def rates_as_text(book: Book, random: Random) -> None:
    for grid in book.tables:
        for column in _rates(grid):
            for row in grid.data:
                if isinstance(value := grid.cells.get((row, column)), int | float):
                    grid.cells[row, column] = f"{_vietnamese(value)}%"


@mutation(SAME)
def money_in_thousands(book: Book, random: Random) -> None:
    for grid in book.tables:
        for column in grid.value_columns:
            for place in ((row, column) for row in grid.heading):
                if "(đồng)" in str(grid.cells.get(place, "")):
                    grid.cells[place] = str(grid.cells[place]).replace(" (đồng)", ", nghìn đồng")
                    for row in grid.data:
                        if isinstance(value := grid.cells.get((row, column)), int | float):
                            grid.cells[row, column] = value / 1_000


def in_old_font(text: str, name: str) -> str:
    """A text as it would be typed in an old font: the decoder's table the other way round."""
    if name == "TCVN3":
        table = {letter: chr(place) for place, letter in encodings.TCVN3_LETTERS.items()}
        small = {letter.upper(): place for letter, place in table.items() if letter.upper() not in table}
        return "".join(table.get(c) or small.get(c) or c for c in text)
    marks = {unicodedata.normalize("NFD", mark): typed for typed, mark in encodings.VNI_MARKS.items()}
    letters = {unicodedata.normalize("NFC", meant): typed for typed, meant in encodings.VNI_LETTERS.items()}
    typed = []
    for letter in text:
        if letter.lower() in letters:
            found = letters[letter.lower()]
        else:
            base, *rest = list(unicodedata.normalize("NFD", letter.lower()))
            horn = [mark for mark in rest if mark == encodings._HORN]
            order = [mark for mark in rest if mark != encodings._HORN]
            stem = {"o": "ô", "u": "ö"}.get(base, base) if horn else base
            found = stem + (marks["".join(order)] if order else "")
        typed.append(found.upper() if letter.isupper() else found)
    return "".join(typed)


@mutation(SAME)
def in_a_tcvn3_font(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.map_text(lambda text: in_old_font(text, "TCVN3"))


@mutation(SAME)
def in_a_vni_font(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.map_text(lambda text: in_old_font(text, "VNI"))


@mutation(SAID)
def date_as_text(book: Book, random: Random) -> None:
    grid = random.choice(book.tables)
    if cells := _figures(grid):
        grid.cells[random.choice(cells)] = random.choice(("31/12/2023", "31-12-2023", "ngày 31 tháng 12", "12/2023"))


@mutation(SAID)
def counts_formatted_as_percent(book: Book, random: Random) -> None:
    for grid in book.tables:
        # In a table of categories a row may well ask for a rate.
        cells = [(r, c) for r, c in _figures(grid) if c not in _rates(grid)]
        if cells and _is_of_units(grid):
            cell = random.choice(cells)
            grid.cells[cell], grid.formats[cell] = 0.25, "0%"
            return


@mutation(SAID)
def figures_merged(book: Book, random: Random) -> None:
    for grid in book.tables:
        cells = [(r, c) for r, c in _figures(grid) if (r + 1, c) in grid.cells and r + 1 in grid.data]
        if cells:
            row, column = random.choice(cells)
            del grid.cells[row + 1, column]
            grid.merges.append((row, column, row + 1, column))
            return


@mutation(SAID)
def numbers_beside_the_table(book: Book, random: Random) -> None:
    grid = random.choice(book.tables)
    column = grid.width + 1
    for row in grid.data:
        grid.cells[row, column] = random.randrange(1, 99)


# Whose and when


@mutation(SAID)
def period_in_title_contradicts(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.map_text(lambda text: text.replace("2023", "2022") if text.startswith("Kỳ báo cáo") else text)


@mutation(SAID)
def unit_in_title_contradicts(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.map_text(lambda text: "Đơn vị báo cáo: Huyện Cư Jút" if text.startswith("Đơn vị báo cáo") else text)


@mutation(SAID)
def nothing_says_when(book: Book, random: Random) -> None:
    book.drop_hidden()
    for grid in book.tables:
        grid.map_text(lambda text: "" if text.startswith("Kỳ báo cáo") else text)


@mutation(SAID)
def nothing_says_who(book: Book, random: Random) -> None:
    book.drop_hidden()
    for grid in book.tables:
        grid.map_text(lambda text: "" if ("Đắk Mil" in text and "báo cáo" in text) or "NHÂN DÂN" in text else text)


@mutation(SAME)
def title_written_freely(book: Book, random: Random) -> None:
    book.drop_hidden()
    for grid in book.tables:
        grid.map_text(lambda t: "(Kèm theo báo cáo của UBND huyện Đắk Mil)" if t.startswith("Đơn vị báo cáo") else t)
        grid.map_text(lambda t: t.replace("Kỳ báo cáo: ", "") if t.startswith("Kỳ báo cáo") else t)
        grid.map_text(lambda t: "PHÒNG LAO ĐỘNG - TB&XH" if t.startswith("ỦY BAN") else t)

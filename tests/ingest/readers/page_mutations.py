"""Deformations of what a page shows, of what its title says and of how offices name rows: each by itself.

Registered beside those of `mutations.py`, with the same promises.
"""

from __future__ import annotations

import copy
from random import Random

from tests.ingest.readers.mutations import (
    SAID,
    SAME,
    _change_units,
    _figures,
    _headings,
    _is_of_units,
    _labels,
    _rates,
    _total_row,
    mutation,
)
from tests.ingest.readers.sheets import Book, Grid, Rich

_STRUCK = (("font_strikeout", True),)
_RAISED = (("font_script", 1),)
_WHITE = (("font_color", "#FFFFFF"),)


def _whole(grid: Grid) -> list[tuple[int, int]]:
    return [cell for cell in _figures(grid) if isinstance(grid.cells[cell], int) and grid.cells[cell]]


def _any_whole(book: Book, random: Random) -> tuple[Grid, tuple[int, int]] | None:
    grids = [grid for grid in book.tables if _whole(grid)]
    if not grids:
        return None
    grid = random.choice(grids)
    return grid, random.choice(_whole(grid))


# What the page shows


@mutation(SAME)
def old_figure_struck_beside_the_new(book: Book, random: Random) -> None:
    if (found := _any_whole(book, random)) is not None:
        grid, cell = found
        grid.cells[cell] = Rich(((str(random.randrange(2, 99)), _STRUCK), (f" {grid.cells[cell]}", ())))


@mutation(SAME)
def raised_mark_behind_a_figure(book: Book, random: Random) -> None:
    if (found := _any_whole(book, random)) is not None:
        grid, cell = found
        mark = random.choice(("1", "2", "(1)", "*", "1)"))
        grid.cells[cell] = Rich(((str(grid.cells[cell]), ()), (mark, _RAISED)))


@mutation(SAME)
def raised_mark_behind_a_label(book: Book, random: Random) -> None:
    for grid in book.tables:
        cells = [cell for cell in (*_headings(grid), *_labels(grid)) if isinstance(grid.cells[cell], str)]
        for cell in random.sample(cells, min(3, len(cells))):
            grid.cells[cell] = Rich(((str(grid.cells[cell]), ()), (random.choice(("1", "(2)", "*")), _RAISED)))


@mutation(SAID)
def figure_struck(book: Book, random: Random) -> None:
    if (found := _any_whole(book, random)) is not None:
        grid, cell = found
        grid.looks[cell] = _STRUCK


@mutation(SAID)
def row_struck(book: Book, random: Random) -> None:
    grid = random.choice(book.tables)
    if cells := _figures(grid):
        row = random.choice(cells)[0]
        grid.looks.update({cell: _STRUCK for cell in grid.cells if cell[0] == row})


@mutation(SAID)
def figures_in_white(book: Book, random: Random) -> None:
    grid = random.choice(book.tables)
    for cell in random.sample(_whole(grid), min(3, len(_whole(grid)))):
        grid.looks[cell] = _WHITE


@mutation(SAID)
def figures_hidden_by_a_format(book: Book, random: Random) -> None:
    grid = random.choice(book.tables)
    for cell in random.sample(_whole(grid), min(3, len(_whole(grid)))):
        grid.formats[cell] = ";;;"


@mutation(SAID)
def counts_with_three_decimals(book: Book, random: Random) -> None:
    for grid in book.tables:
        money = [c for c in grid.value_columns if _is_money(grid, c)]
        cells = [cell for cell in _whole(grid) if cell[1] not in money and cell[1] not in _rates(grid)]
        if cells and _is_of_units(grid):
            column = random.choice(cells)[1]
            grid.formats.update({cell: "0.000" for cell in cells if cell[1] == column})
            return


@mutation(SAID)
def zeros_written_by_a_format(book: Book, random: Random) -> None:
    if (found := _any_whole(book, random)) is not None:
        grid, cell = found
        grid.formats[cell] = '0"000"'


@mutation(SAID)
def two_figures_in_two_lines(book: Book, random: Random) -> None:
    if (found := _any_whole(book, random)) is not None:
        grid, cell = found
        grid.cells[cell] = f"{grid.cells[cell]}\n{random.randrange(100, 999)}"


@mutation(SAID)
def something_behind_a_figure(book: Book, random: Random) -> None:
    if (found := _any_whole(book, random)) is not None:
        grid, cell = found
        behind = random.choice((" x 2", " + 60", " (chưa duyệt)", " (đã thu hồi 3)", "/2", " - 5", " = 12"))
        grid.cells[cell] = f"{grid.cells[cell]}{behind}"


@mutation(SAME)
def columns_without_width(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.narrow_columns = {random.choice(grid.value_columns)}


def _is_money(grid: Grid, column: int) -> bool:
    return any("(đồng)" in str(grid.cells.get((row, column), "")) for row in grid.heading)


@mutation(SAME)
def format_divides_under_thousands(book: Book, random: Random) -> None:
    for grid in book.tables:
        for column in grid.value_columns:
            for place in ((row, column) for row in grid.heading):
                if "(đồng)" in str(grid.cells.get(place, "")):
                    grid.cells[place] = str(grid.cells[place]).replace("(đồng)", "(nghìn đồng)")
                    for row in grid.data:
                        if isinstance(grid.cells.get((row, column)), int | float):
                            grid.formats[row, column] = "#,##0,"


@mutation(SAME)
def percent_sign_only_written(book: Book, random: Random) -> None:
    code = random.choice(('0.00"%"', "0.00\\%", '#,##0.00" %"'))
    for grid in book.tables:
        for column in _rates(grid):
            for row in grid.data:
                if isinstance(grid.cells.get((row, column)), int | float):
                    grid.formats[row, column] = code


@mutation(SAME)
def invisible_letters_in_labels(book: Book, random: Random) -> None:
    marks = ("\u200b", "\u00ad", "\ufeff", "\u200e", "\u2060")
    for grid in book.tables:
        cells = {*_headings(grid), *_labels(grid)}
        grid.map_text(lambda t: t[: len(t) // 2] + random.choice(marks) + t[len(t) // 2 :], cells.__contains__)


@mutation(SAME)
def look_alikes_in_labels(book: Book, random: Random) -> None:
    alike = str.maketrans("aeopcxyTHKMBEOC", "аеорсхуТНКМВЕОС")
    for grid in book.tables:
        cells = {*_headings(grid), *_labels(grid)}
        grid.map_text(lambda t: t.translate(alike) if random.random() < 0.5 else t, cells.__contains__)


@mutation(SAID)
def table_pasted_as_a_picture(book: Book, random: Random) -> None:
    if len(book.tables) > 1:
        grid = random.choice(book.tables)
        grid.cells = {cell: value for cell, value in grid.cells.items() if cell[0] < grid.heading.start}
        grid.merges = [merge for merge in grid.merges if merge[2] < grid.heading.start]
        grid.formats, grid.pictures = {}, [((grid.heading.start, 0), 600.0, 200.0)]


@mutation(SAME)
def seal_on_the_sheet(book: Book, random: Random) -> None:
    for grid in book.tables:
        grid.pictures = [((grid.height, 3), 110.0, 110.0)]


@mutation(SAID)
def second_table_to_the_right(book: Book, random: Random) -> None:
    grid = random.choice([grid for grid in book.tables if len(grid.data) > 2] or book.tables)
    right = grid.width + 1
    for row in (*grid.heading, *grid.data):
        grid.cells[row, right] = grid.cells.get((row, grid.label_column), "Tên đơn vị")
        grid.cells[row, right + 1] = random.randrange(1, 99) if row in grid.data else "Số vụ"


# Whose, when and what kind of paper


def _period_line(book: Book, text: str) -> None:
    for grid in book.tables:
        grid.map_text(lambda t: text if t.startswith("Kỳ báo cáo") else t)


@mutation(SAID)
def quarters_in_the_title(book: Book, random: Random) -> None:
    book.drop_hidden()
    words = ("Quý I, II, III năm 2023", "Quý I - III năm 2023", "quý II và quý III năm 2023", "quý 1, 2, 3/2023")
    _period_line(book, random.choice(words))


@mutation(SAID)
def months_in_the_title(book: Book, random: Random) -> None:
    book.drop_hidden()
    _period_line(book, random.choice(("Tháng 7 và tháng 8 năm 2023", "Từ tháng 1 đến tháng 9 năm 2023")))


@mutation(SAID)
def plan_in_the_title(book: Book, random: Random) -> None:
    for grid in book.tables:
        row = grid.heading.start - 1
        grid.insert_rows(row)
        grid.cells[row, 0] = random.choice(("KẾ HOẠCH NĂM 2023", "(Số dự kiến)", "Dự báo năm 2023"))


@mutation(SAME)
def words_of_plans_in_the_title(book: Book, random: Random) -> None:
    for grid in book.tables:
        row = grid.heading.start - 1
        grid.insert_rows(row)
        grid.cells[row, 0] = random.choice(
            (
                "(Kèm theo Kế hoạch số 12/KH-UBND ngày 05/01/2023)",
                "Kết quả thực hiện kế hoạch",
                "Theo kế hoạch được giao",
            )
        )


@mutation(SAID)
def estimate_in_the_title(book: Book, random: Random) -> None:
    for grid in book.tables:
        row = grid.heading.start - 1
        grid.insert_rows(row)
        grid.cells[row, 0] = random.choice(("(Ước thực hiện)", "SỐ LIỆU SƠ BỘ", "Ước cả năm", "(số liệu ước)"))


@mutation(SAID)
def counted_up_to_half_the_year(book: Book, random: Random) -> None:
    for grid in book.tables:
        words = ("Số liệu tính đến ngày 30/6/2023", "(Tính đến 30/6)", "Số liệu đến hết tháng 6 năm 2023")
        where = random.choice((grid.heading.start - 1, grid.height))
        if where < grid.heading.start:
            grid.insert_rows(where)
        grid.cells[where, 0] = random.choice(words)


@mutation(SAID)
def part_of_the_units_only(book: Book, random: Random) -> None:
    for grid in book.tables:
        if _is_of_units(grid):
            lines = 1 if grid.line_column is None else 2
            kept = grid.data.start + lines * random.randrange(1, max(2, len(grid.data) // lines - 2))
            total = min(_total_row(grid), default=grid.data.stop)
            grid.delete_rows(range(kept, total))


# Rows and headings as offices write them


@mutation(SAME)
def column_numbers_out_of_order(book: Book, random: Random) -> None:
    for grid in book.tables:
        if grid.numbering_row is not None and len(grid.value_columns) > 2:
            numbers = [grid.cells[grid.numbering_row, c] for c in grid.value_columns]
            random.shuffle(numbers)
            for column, number in zip(grid.value_columns, numbers, strict=True):
                grid.cells[grid.numbering_row, column] = number


@mutation(SAME)
def column_numbers_with_formulas(book: Book, random: Random) -> None:
    for grid in book.tables:
        if grid.numbering_row is not None:
            for n, column in enumerate(grid.value_columns, start=1):
                text = f"({n})" if n < 3 else random.choice((f"{n}={n - 1}/1*100", f"({n})=({n - 1})+({n - 2})"))
                grid.cells[grid.numbering_row, column] = text


@mutation(SAME)
def sums_of_some_units(book: Book, random: Random) -> None:
    words = (
        "Cộng cụm 1",
        "Cộng các xã phía Bắc",
        "Cộng mục I",
        "Tổng cụm số 2",
        "Cộng khu vực II",
        "Tổng số các phường",
    )
    for grid in book.tables:
        if _is_of_units(grid) and grid.line_column is None:
            row = random.choice(grid.data[1:])
            grid.insert_rows(row)
            grid.set_row(row, {grid.label_column: random.choice(words), **dict.fromkeys(grid.value_columns, 3)})


@mutation(SAME)
def total_row_in_short(book: Book, random: Random) -> None:
    for grid in book.tables:
        for row in _total_row(grid):
            if _is_of_units(grid):
                grid.cells[row, grid.label_column] = random.choice(("TC", "T.C", "Tổng huyện", "Huyện Đắk Mil"))


@mutation(SAME)
def total_row_twice(book: Book, random: Random) -> None:
    for grid in book.tables:
        rows = _total_row(grid)
        if rows and _is_of_units(grid) and grid.line_column is None:
            values = copy.deepcopy(grid.row(rows[0]))
            grid.insert_rows(grid.data.start)
            grid.set_row(grid.data.start - 1, {**values, grid.label_column: "Toàn huyện"})


@mutation(SAME)
def codes_before_units(book: Book, random: Random) -> None:
    _change_units(book, lambda name: f"{random.randrange(24640, 24760)} {random.choice(('', '- '))}{name}")


@mutation(SAME)
def words_behind_units(book: Book, random: Random) -> None:
    behind = (" (12 thôn)", " (huyện Đắk Mil)", " - huyện Đắk Mil", " (xã ĐBKK)", ", huyện Đắk Mil")
    _change_units(book, lambda name: name + random.choice(behind))


@mutation(SAID)
def unit_of_another_district(book: Book, random: Random) -> None:
    for grid in book.tables:
        if _is_of_units(grid):
            cells = [cell for cell in _labels(grid) if cell[0] not in _total_row(grid)]
            cell = random.choice(cells)
            grid.cells[cell] = f"{grid.cells[cell]} (huyện Cư Jút)"
            return


@mutation(SAME)
def money_scale_in_short(book: Book, random: Random) -> None:
    for grid in book.tables:
        for column in grid.value_columns:
            for place in ((row, column) for row in grid.heading):
                if "(đồng)" in str(grid.cells.get(place, "")):
                    scale = random.choice(("(Triệu VNĐ)", "(tr)", "(tr.đ)", "(triệu vnd)"))
                    grid.cells[place] = str(grid.cells[place]).replace("(đồng)", scale)
                    for row in grid.data:
                        if isinstance(value := grid.cells.get((row, column)), int | float):
                            grid.cells[row, column] = value / 1_000_000


@mutation(SAME)
def merges_below_the_table(book: Book, random: Random) -> None:
    for grid in book.tables:
        below = grid.height + random.randrange(1, 9)
        grid.merges += [(below, 0, below + 2, 3), (below, 5, below, 9)]

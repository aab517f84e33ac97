"""Deformations of cells, of how numbers are typed, and of what a sheet says of unit and period: each by itself.

Registered beside those of `mutations.py`, with the same promises.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random

from ingest.readers import encodings
from tests.ingest.readers.mutations import SAID, SAME, _figures, _is_of_units, _total_row, mutation
from tests.ingest.readers.sheets import Book, Formula, Grid

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

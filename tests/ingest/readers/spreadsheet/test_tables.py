"""A form's tables are found on a sheet by their labels, wherever and in whatever order these stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.forms.schema import Form
from ingest.readers.spreadsheet.open_book import Sheet
from ingest.readers.spreadsheet.table_labels import TableLabels, table_labels
from ingest.readers.spreadsheet.tables import Block, continued_block, find_blocks

# The two lines of a heading: group, column; a label above a blank is merged with it.
HEADING: tuple[tuple[str, str], ...] = (
    ("TT", ""),
    ("Xã, phường", ""),
    ("Tổng số hộ", ""),
    ("Tổng số nhân khẩu", ""),
    ("Số hộ", "Hộ nghèo"),
    ("Số hộ", "Hộ cận nghèo"),
    ("Số nhân khẩu", "Khẩu nghèo"),
    ("Số nhân khẩu", "Khẩu cận nghèo"),
)
KEYS = (
    "", "", "total_households", "total_population", "poor_households", "near_poor_households", "poor_persons",
    "near_poor_persons",
)  # fmt: skip
TITLE = "KẾT QUẢ RÀ SOÁT HỘ NGHÈO, HỘ CẬN NGHÈO"


@pytest.fixture(scope="module")
def tables(forms: Mapping[str, Form]) -> list[TableLabels]:
    return table_labels(forms.values())


def sheet_of(
    heading: Sequence[tuple[str, str]] = HEADING, *, above: int = 2, left: int = 0, rows: int = 3, name: str = "S1"
) -> Sheet:
    """A typed sheet: a title, a heading of two rows whose groups are merged, rows of communes."""
    blank: list[object] = [""] * left
    lines: list[list[object]] = [[] for _ in range(above)]
    if lines:
        lines[0] = [*blank, TITLE]
    lines += [[*blank, *(group for group, _ in heading)], [*blank, *(column for _, column in heading)]]
    lines += [[*blank, n, f"Xã {n}", *range(100 * n, 100 * n + len(heading) - 2)] for n in range(1, rows + 1)]
    merged, at = [], 0
    while at < len(heading):
        group, column = heading[at]
        end = at
        while column and end + 1 < len(heading) and heading[end + 1][0] == group and heading[end + 1][1]:
            end += 1
        merged.append((above, left + at, above + (not column), left + end))
        at = end + 1
    return Sheet(name, lines, merged=merged)


def meant(block: Block) -> dict[int, str]:
    return {at: column.key for at, column in block.columns.items() if column.role == "value"}


@given(above=st.integers(0, 12), left=st.integers(0, 5), order=st.permutations(range(2, len(HEADING))))
def test_columns_are_told_by_their_labels_wherever_they_stand(
    tables: list[TableLabels], above: int, left: int, order: Sequence[int]
) -> None:
    order = [0, 1, *order]
    (block,) = find_blocks(sheet_of([HEADING[i] for i in order], above=above, left=left), tables)
    assert block.labels.name == ("poverty_review", "POV01")
    assert (block.top, block.bottom, block.last_row) == (above, above + 1, above + 5)
    assert meant(block) == {left + at: KEYS[i] for at, i in enumerate(order) if KEYS[i]}


def test_a_label_with_typing_errors_is_the_one_that_was_meant(tables: list[TableLabels]) -> None:
    wrong = {"Hộ cận nghèo": "Hộ cận ngèo", "Tổng số nhân khẩu": "Tổng số nhân khầu"}
    heading = [(wrong.get(group, group), wrong.get(column, column)) for group, column in HEADING]
    (block,) = find_blocks(sheet_of(heading), tables)
    assert meant(block) == {at: key for at, key in enumerate(KEYS) if key}


def test_a_column_that_no_form_has_is_left_out(tables: list[TableLabels]) -> None:
    heading = [*HEADING, ("Màu mái nhà", "")]
    (block,) = find_blocks(sheet_of(heading), tables)
    assert len(HEADING) not in meant(block)
    assert len(meant(block)) == len(HEADING) - 2


def test_two_tables_on_a_sheet_end_where_the_next_begins(tables: list[TableLabels]) -> None:
    first, second = sheet_of(rows=3), sheet_of(rows=2)
    height = len(first.rows)
    merged = [*first.merged, *((t + height, le, b + height, r) for t, le, b, r in second.merged)]
    blocks = find_blocks(Sheet("S1", [*first.rows, *second.rows], merged=merged), tables)
    assert [(block.top, block.last_row) for block in blocks] == [(2, height + 2), (height + 2, height + 6)]
    assert meant(blocks[0]) == meant(blocks[1])


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [[""]],
        [["Lịch trực tháng 12"], ["Ngày", "Người trực"], [1, "An"], [2, "Bình"]],
        [[1, 2, 3], [4, 5, 6]],
    ],
)
def test_a_sheet_without_a_forms_labels_holds_no_table(tables: list[TableLabels], rows: list[list[object]]) -> None:
    assert find_blocks(Sheet("S1", rows), tables) == []


def test_a_sheet_of_rows_alone_goes_on_where_the_one_before_ended(tables: list[TableLabels]) -> None:
    (before,) = find_blocks(sheet_of(), tables)
    following = Sheet("S2", [[4, "Xã 4", 1, 2, 3, 4, 5, 6], [5, "Xã 5", 1, 2, 3, 4, 5, 6]])
    block = continued_block(following, before)
    assert block is not None
    assert (block.sheet, block.bottom, block.last_row) == (following, -1, 2)
    assert meant(block) == meant(before)


@pytest.mark.parametrize(
    "rows",
    [
        [[4, "Xã 4", 1, 2, "nhiều", 4, 5, 6]],
        [["", "", 1, 2, 3, 4, 5, 6]],
        [["Ghi chú"]],
    ],
)
def test_a_sheet_with_anything_else_does_not(tables: list[TableLabels], rows: list[list[object]]) -> None:
    (before,) = find_blocks(sheet_of(), tables)
    assert continued_block(Sheet("S2", rows), before) is None

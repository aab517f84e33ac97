"""Rows are as high as their fullest cell."""

from __future__ import annotations

import pytest

from ingest.core.row_heights import HIGHEST_POINTS, LINE_POINTS, row_height


@pytest.mark.parametrize(
    ("texts", "lines"),
    [
        (("", ""), 1),
        (("x" * 10, ""), 1),
        (("x" * 11, ""), 2),
        (("", "x" * 61), 4),
        (("one\ntwo\n", "x"), 3),
        (("x" * 25 + "\n" + "y", ""), 4),
    ],
)
def test_the_fullest_cell_decides(texts, lines):
    assert row_height(texts, (10, 20)) == lines * LINE_POINTS


def test_no_row_is_higher_than_a_workbook_allows():
    assert row_height(["x" * 100_000], [10]) == HIGHEST_POINTS

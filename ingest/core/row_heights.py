"""How high a row has to be for what wraps in it: not every program fits rows to their text when it opens a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

LINE_POINTS = 16
# No row of a workbook may be higher.
HIGHEST_POINTS = 409


def row_height(texts: Sequence[str], widths: Sequence[float]) -> int:
    """The height in points of a row whose fullest cell is to be seen whole.

    Args:
        texts: what stands in the cells; may hold line ends.
        widths: of their columns, in characters as a workbook counts them.
    """
    lines = max(wrapped_lines(text, width) for text, width in zip(texts, widths, strict=True))
    return min(LINE_POINTS * lines, HIGHEST_POINTS)


def wrapped_lines(text: str, width: float) -> int:
    """How many lines a text takes in a column of so many letters."""
    return sum(max(1, ceil(len(line) / width)) for line in text.split("\n"))

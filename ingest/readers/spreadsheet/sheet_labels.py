"""A sheet's texts as label keys, with merged ranges spread out: what stands over each column."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from functools import lru_cache

from ingest.readers.spreadsheet.cells import cell_text, load_vocabulary
from ingest.readers.spreadsheet.labels import label_key
from ingest.readers.spreadsheet.open_book import Sheet

# Rows with fewer labels than this are no heading.
SEVERAL = 3
LONG_TITLE = 15
MAX_LABEL_LENGTH = 240
_MAX_MERGED_CELLS = 2_000


class SheetLabels:
    """A sheet's text cells as label keys, with merged ranges spread out.

    The reporting year in a label ("Hộ nghèo năm 2023") is left out where the titles name that year: it says
    nothing then. Another year stays, so that last year's column is no column of the form.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.rows: list[dict[int, str]] = [{} for _ in sheet.rows]
        for row, column, text in sheet.texts():
            if len(text) <= MAX_LABEL_LENGTH and (key := label_key(text)):
                self.rows[row][column] = key
        self.spread: dict[tuple[int, int], tuple[int, int]] = {}
        self.widths: dict[tuple[int, int], int] = {}
        for top, left, bottom, right in sheet.merged:
            # A merged range over a whole sheet is no heading, and would cost its every cell.
            if (bottom - top + 1) * (right - left + 1) <= _MAX_MERGED_CELLS:
                self.widths[top, left] = right - left + 1
                for row in range(top, bottom + 1):
                    for column in range(left, right + 1):
                        self.spread[row, column] = (top, left)
        self._years: set[tuple[int, int]] = set()
        self._leave_out_year()
        self._name_numbered_columns()
        self._paths: dict[tuple[int, int], dict[int, tuple[str, ...]]] = {}

    def _leave_out_year(self) -> None:
        dated = [(n, column, key) for n, row in enumerate(self.rows) for column, key in row.items() if "20" in key]
        titles = (key for number, _, key in dated if len(self.rows[number]) < SEVERAL)
        # The date of a signature says nothing of the period.
        named = (_YEAR_IN_TITLE.search(key) for key in titles if "ngay" not in key)
        years = {match[1] for match in named if match is not None}
        if len(years) != 1:
            return
        year = years.pop()
        heading = next((number for number, row in enumerate(self.rows) if len(row) >= SEVERAL), len(self.rows))
        for number, column, key in dated:
            row = self.rows[number]
            if number < heading or not key.endswith(year) or (len(row) < 2 and len(key) > LONG_TITLE):
                continue
            row[column] = _without_year(key)
            if not row[column]:
                self._years.add((number, column))

    def _name_numbered_columns(self) -> None:
        """Columns that are only numbered under their group ("Chỉ số thiếu hụt": 1, 2, 3 …) get the group's name.

        Not the numbering of a whole heading, which goes on beside the group.
        """
        for (top, left), width in self.widths.items():
            # A merged range may lie below the last value.
            key, below = self.rows[top].get(left) if top < len(self.rows) else None, top + 1
            if not key or width < SEVERAL or below >= len(self.rows) or self.spread.get((below, left)) == (top, left):
                continue
            if _small_number(self.sheet.value(below, left)) != 1:
                continue
            numbers = [_small_number(self.sheet.value(below, left + offset)) for offset in range(width)]
            if numbers == list(range(1, width + 1)):
                values = self.sheet.rows[below]
                others = [value for c, value in enumerate(values) if not left <= c < left + width and value != ""]
                if not any(_small_number(value) for value in others):
                    self.rows[below].update({left + n - 1: f"{key} {n}" for n in range(1, width + 1)})

    def paths(self, top: int, bottom: int, corrected: Mapping[str, str]) -> dict[int, tuple[str, ...]]:
        """The labels of each sheet column in a window, from top to bottom.

        Where merges were lost, a label also stands for the empty cells to its right, as long as a row
        below names something there.
        """
        if corrected:
            return self._worked_out(top, bottom, corrected)
        if (top, bottom) not in self._paths:
            self._paths[top, bottom] = self._worked_out(top, bottom, corrected)
        return self._paths[top, bottom]

    def _worked_out(self, top: int, bottom: int, corrected: Mapping[str, str]) -> dict[int, tuple[str, ...]]:
        window = range(top, min(bottom + 1, len(self.rows)))
        width = max((len(self.sheet.rows[row]) for row in window), default=0)
        among = load_vocabulary().among_labels
        paths: list[list[str]] = [[] for _ in range(width)]
        merged_into: list[tuple[int, int] | None] = [None] * width
        # A column of which only the group's heading is known is no column of its own: it was inserted there.
        lengths: dict[tuple[int, int], int] = {}
        spread = self.spread
        for row in window:
            keys = self.rows[row]
            named_below = {column for below in range(row + 1, window.stop) for column in self.rows[below]}
            carried, is_merged = "", False
            for column in range(width):
                origin = spread.get((row, column))
                key = keys.get(column, "")
                if not key and origin is not None:
                    key = self.rows[origin[0]].get(origin[1], "")
                if key:
                    carried, is_merged = key, origin is not None
                elif is_merged or origin is not None:
                    carried = ""
                elif carried and column in named_below:
                    key = carried
                if not key:
                    continue
                key = corrected.get(key, key)
                if key not in among and (not paths[column] or paths[column][-1] != key):
                    paths[column].append(key)
                    merged_into[column] = origin
        for row in window:
            for column in range(width):
                if (origin := spread.get((row, column))) is not None:
                    lengths[origin] = max(lengths.get(origin, 0), len(paths[column]))
        years = {column for row, column in self._years if row in window}
        goes_on = self._goes_on_below(window.stop)
        return {
            column: tuple(path)
            for column, path in enumerate(paths)
            if path
            and (column in years or len(path) >= lengths.get(merged_into[column] or (-1, -1), 0))
            and not (goes_on and self._is_group(merged_into[column], goes_on))
        }

    def _goes_on_below(self, row: int) -> frozenset[int]:
        """The columns of a row that bear labels, if it looks like one more row of a heading."""
        if row >= len(self.rows):
            return frozenset()
        named = frozenset(column for column, key in self.rows[row].items() if _LABEL.match(key) and len(key) > 2)
        return named if len(named) >= SEVERAL else frozenset()

    def _is_group(self, origin: tuple[int, int] | None, below: Container[int]) -> bool:
        """Whether a heading has headings below it, of which the window knows nothing."""
        width = self.widths.get(origin, 1) if origin is not None else 1
        if width == 1 or origin is None:
            return False
        return sum(other in below for other in range(origin[1], origin[1] + width)) > 1


_YEAR_IN_TITLE = re.compile(r"\b(?:nam|quy [1-4ivx]{1,3}|thang \d{1,2}) ?/?(20\d\d)\b")
_YEAR_AT_END = re.compile(
    r"(?:^| )(?:(cuoi|dau) nam|(?:tinh )?den (?:het )?(?:ngay )?31/12/|nam|trong nam)?[ ]?20\d\d$"
)
_LABEL = re.compile(r"[a-z]")


@lru_cache(maxsize=8_192)
def _without_year(key: str) -> str:
    """A key without the year at its end: `ho ngheo nam 2023` → `ho ngheo`, `cuoi nam 2023` → `cuoi nam`."""
    match = _YEAR_AT_END.search(key)
    if match is None:
        return key
    return f"{key[: match.start()]} {match[1]} nam".strip() if match[1] else key[: match.start()].strip()


def _small_number(value: object) -> int:
    """A number from 1 to 99 as it numbers columns (`3`, `(3)`); 0 for anything else."""
    if isinstance(value, float) and not 0 < value < 100:
        return 0
    text = cell_text(value).strip("()[] ")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0

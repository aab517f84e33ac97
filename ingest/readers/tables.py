"""Finding a form's tables on a sheet by their labels, wherever they stand.

A heading block is a window of one to six rows in which the labels of a table's columns are found. Of
every sheet column in it the labels from top to bottom (merged ranges spread out) are its path, which is
compared with the paths of the table's columns. Below the block the rows are told by the label column.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from ingest.forms.schema import Column, Form, Row, Table, Version
from ingest.readers.book import Sheet
from ingest.readers.cells import cell_text, load_vocabulary
from ingest.readers.labels import best_match, label_key, similarity

MAX_HEADING_ROWS = 6
_MIN_COLUMN_SCORE = 0.8
_MAX_HEADING_LABEL = 240
_TITLE_BONUS = 0.1


@dataclass(frozen=True, eq=False)
class TableLabels:
    """A table of a form's version with its labels made comparable."""

    form: Form
    version: Version
    table: Table

    @cached_property
    def leaves(self) -> tuple[tuple[Column, tuple[frozenset[str], ...]], ...]:
        """Each column with the keys that each part of its path may have, from the top down."""
        found = []
        for column in self.table.leaves:
            parts = zip(column.path, column.path_variants, strict=True)
            found.append((column, tuple(frozenset(map(label_key, (label, *others))) for label, others in parts)))
        return tuple(found)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every key of a column or group."""
        return frozenset(key for _, path in self.leaves for keys in path for key in keys)

    @cached_property
    def leaf_keys(self) -> Mapping[str, int]:
        """How many columns each key of a column may mean."""
        counted: dict[str, int] = defaultdict(int)
        for _, path in self.leaves:
            for key in path[-1]:
                counted[key] += 1
        return counted

    @cached_property
    def title_keys(self) -> frozenset[str]:
        """The keys of its titles."""
        return frozenset(map(label_key, (self.table.title_vi, *self.table.title_variants)))

    @cached_property
    def row_keys(self) -> Mapping[str, list[Row]]:
        """The rows of a table of categories, or lines of one of units, by the keys of their labels."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.table.row_list:
            for key in {label_key(label) for label in (row.label, *row.variants)}:
                found[key].append(row)
        return found


@dataclass
class Block:
    """A table found on a sheet: its heading rows, and which sheet column holds which column.

    `last_row` is the last row that may belong to it (exclusive), set when all blocks are known.
    """

    labels: TableLabels
    sheet: Sheet
    top: int
    bottom: int
    columns: dict[int, Column]
    paths: dict[int, tuple[str, ...]]
    score: float
    last_row: int = 0
    twice: dict[int, Column] = field(default_factory=dict)

    @property
    def missing(self) -> list[Column]:
        """The table's columns that were not found."""
        found = {column.key for column in (*self.columns.values(), *self.twice.values())}
        return [column for column in self.labels.table.leaves if column.key not in found]


class SheetLabels:
    """A sheet's text cells as label keys, with merged ranges spread out."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.rows: list[dict[int, str]] = []
        for values in sheet.rows:
            keys = {}
            for column, value in enumerate(values):
                if isinstance(value, str) and value and len(value) <= _MAX_HEADING_LABEL and (key := label_key(value)):
                    keys[column] = key
            self.rows.append(keys)
        self.spread: dict[tuple[int, int], tuple[int, int]] = {}
        for top, left, bottom, right in sheet.merged:
            # A merged range over a whole sheet is no heading, and would cost its every cell.
            if (bottom - top + 1) * (right - left + 1) <= 2_000:
                for row in range(top, bottom + 1):
                    for column in range(left, right + 1):
                        self.spread[row, column] = (top, left)

    def key(self, row: int, column: int) -> str:
        """The key of a cell, or of the merged range that it lies in."""
        row, column = self.spread.get((row, column), (row, column))
        return self.rows[row].get(column, "") if row < len(self.rows) else ""

    def paths(self, top: int, bottom: int, corrected: Mapping[str, str]) -> dict[int, tuple[str, ...]]:
        """The labels of each sheet column in a window, from top to bottom.

        Where merges were lost, a label also stands for the empty cells to its right, as long as the
        row below names something there.
        """
        width = max((len(self.sheet.rows[row]) for row in range(top, min(bottom + 1, len(self.sheet.rows)))), default=0)
        among = load_vocabulary().among_labels
        paths: dict[int, list[str]] = {column: [] for column in range(width)}
        for row in range(top, bottom + 1):
            carried, merged_from = "", None
            for column in range(width):
                key = self.key(row, column)
                origin = self.spread.get((row, column))
                if key:
                    carried, merged_from = key, origin
                elif carried and merged_from is None and origin is None and self._is_named_below(row, bottom, column):
                    key = carried
                elif merged_from is not None:
                    carried = ""
                key = corrected.get(key, key)
                if key and key not in among and (not paths[column] or paths[column][-1] != key):
                    paths[column].append(key)
        return {column: tuple(path) for column, path in paths.items() if path}

    def _is_named_below(self, row: int, bottom: int, column: int) -> bool:
        return any(self.rows[r].get(column) for r in range(row + 1, bottom + 1) if r < len(self.rows))


def find_blocks(sheet: Sheet, tables: Sequence[TableLabels], hinted: Container[str] = ()) -> list[Block]:
    """The tables on a sheet from top to bottom, each with its best heading block.

    `hinted` are codes of tables that the sheet is said to hold: they are preferred where others fit as well.
    """
    labels = SheetLabels(sheet)
    candidates: list[Block] = []
    for table in tables:
        bonus = 0.05 if table.table.code in hinted else 0.0
        for block in _candidates(labels, table):
            block.score += bonus + (_TITLE_BONUS if _has_title(labels, table, block.top) else 0.0)
            candidates.append(block)
    chosen: list[Block] = []
    for block in sorted(candidates, key=lambda b: (-b.score, b.bottom - b.top)):
        if all(block.bottom < other.top or block.top > other.bottom for other in chosen):
            chosen.append(block)
    chosen.sort(key=lambda b: b.top)
    for number, block in enumerate(chosen, start=1):
        block.last_row = chosen[number].top if number < len(chosen) else len(sheet.rows)
    return chosen


def _has_title(labels: SheetLabels, table: TableLabels, top: int) -> bool:
    """Whether one of the table's titles stands above a row, with or without more words around it."""
    return any(
        title == key or (len(title) > 15 and title in key)
        for row in labels.rows[max(0, top - 15) : top]
        for key in row.values()
        for title in table.title_keys
    )


def _candidates(labels: SheetLabels, table: TableLabels) -> list[Block]:
    hits = {
        row: count for row, keys in enumerate(labels.rows) if (count := sum(key in table.keys for key in keys.values()))
    }
    # A heading full of typing errors has no exact hit: then look at every row that has several labels.
    rows = sorted(hits) or [row for row, keys in enumerate(labels.rows[:200]) if len(keys) >= 3]
    corrected = _corrections(labels, table, rows)
    blocks = []
    for top in rows:
        for bottom in rows:
            if top <= bottom < top + MAX_HEADING_ROWS:
                block = _match(labels, table, top, bottom, corrected)
                if block is not None:
                    blocks.append(block)
    return blocks


def _corrections(labels: SheetLabels, table: TableLabels, rows: Iterable[int]) -> dict[str, str]:
    """Typing errors in the headings near the given rows: the key as it was meant, by the key as written."""
    near = {row + offset for row in rows for offset in (-1, 0, 1)}
    found: dict[str, str] = {}
    for row in near:
        for key in labels.rows[row].values() if 0 <= row < len(labels.rows) else ():
            if key not in table.keys and key not in found and (meant := best_match(key, table.keys)) is not None:
                found[key] = meant
    return found


def _match(
    labels: SheetLabels, table: TableLabels, top: int, bottom: int, corrected: Mapping[str, str]
) -> Block | None:
    paths = labels.paths(top, bottom, corrected)
    scored = []
    for sheet_column, path in paths.items():
        for index, (_, expected) in enumerate(table.leaves):
            score = _path_score(path, expected, table.leaf_keys)
            if score >= _MIN_COLUMN_SCORE:
                scored.append((score, -abs(index - sheet_column), sheet_column, index))
    scored.sort(reverse=True)
    columns: dict[int, Column] = {}
    twice: dict[int, Column] = {}
    taken: dict[int, float] = {}
    total = 0.0
    for score, _, sheet_column, index in scored:
        column = table.leaves[index][0]
        if sheet_column in columns or sheet_column in twice:
            continue
        if index in taken:
            if score == taken[index]:
                twice[sheet_column] = column
            continue
        columns[sheet_column] = column
        taken[index] = score
        total += score
    if not columns or len(columns) < min(2, len(table.leaves)):
        return None
    return Block(table, labels.sheet, top, bottom, columns, paths, total / len(table.leaves), twice=twice)


def _path_score(path: tuple[str, ...], expected: tuple[frozenset[str], ...], leaf_keys: Mapping[str, int]) -> float:
    """How well a sheet column's path fits a column's: the last label first, then the headings above it."""
    *groups, leaf = expected
    if path[-1] in leaf:
        if not groups:
            # Headings above a column that has none of its own tell nothing, unless they belong to others.
            return 1.0 if len(path) == 1 else 0.95
        above = path[:-1]
        found = sum(any(key in group for key in above) for group in groups)
        if found == len(groups):
            return 1.0
        # Without its group a label that several columns share can mean any of them.
        return 0.9 if leaf_keys[path[-1]] == 1 and not above else 0.85 if leaf_keys[path[-1]] == 1 else 0.5
    if len(path) >= len(expected):
        return 0.0
    # Group and column written into one heading.
    joined = " ".join(path)
    return 0.95 * max((similarity(joined, " ".join(parts)) for parts in _spellings(expected)), default=0.0)


@lru_cache(maxsize=8_192)
def _spellings(expected: tuple[frozenset[str], ...]) -> tuple[tuple[str, ...], ...]:
    """Every way to write a path in one line."""
    paths: list[tuple[str, ...]] = [()]
    for keys in expected:
        paths = [(*path, key) for path in paths for key in sorted(keys)]
        if len(paths) > 200:
            break
    return tuple(path for path in paths if len(path) == len(expected))


def table_labels(forms: Iterable[Form]) -> list[TableLabels]:
    """The labels of every table of every version of the forms."""
    return [
        TableLabels(form, version, table) for form in forms for version in form.versions for table in version.tables
    ]


def row_text(sheet: Sheet, row: int, columns: Iterable[int]) -> list[tuple[int, str]]:
    """The texts of a row in some columns, left to right, without empty ones."""
    return [(column, text) for column in columns if (text := cell_text(sheet.value(row, column)))]

"""Finding a form's tables on a sheet by their labels, wherever they stand.

A heading block is a window of one to six rows in which the labels of a table's columns are found. Of
every sheet column in it the labels from top to bottom (merged ranges spread out) are its path, which is
compared with the paths of the table's columns. Below the block the rows are told by the label column.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ingest.forms.schema import Column, Form, Row, Table, Version
from ingest.readers.book import Sheet
from ingest.readers.cells import load_vocabulary
from ingest.readers.labels import best_match, label_key, similarity

MAX_HEADING_ROWS = 6

# A column whose headings fit less well than this is not the form's column.
_MIN_COLUMN_SCORE = 0.8
# A table of which fewer labels than this share of its columns stand on a sheet is not looked for.
_MIN_KNOWN_SHARE = 0.25
# What tells apart tables with the same headings: rows, title, the hidden sheet.
_ROWS_WEIGHT = 0.4
_MANY_ROWS = 0.5
_TITLE_BONUS = 0.1
_HINT_BONUS = 0.05
_CERTAIN = 0.95

# A heading has a few rows; a sheet full of labels must not cost more for it.
_MAX_GAP = 2
_MAX_CLUSTER = 16
_MAX_CLUSTERS = 50

_TITLE_ROWS = 15
_LONG_TITLE = 15
_FAR_DOWN = 200
_SEVERAL = 3
_MAX_LABEL_LENGTH = 240
_MAX_MERGED_CELLS = 2_000
_MAX_SPELLINGS = 200


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
    def keys(self) -> Mapping[str, frozenset[tuple[int, int]]]:
        """Every key of a column or group, with the columns and levels at which it may stand."""
        found: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for index, (_, path) in enumerate(self.leaves):
            for level, keys in enumerate(path):
                for key in keys:
                    found[key].add((index, level))
        return {key: frozenset(places) for key, places in found.items()}

    @cached_property
    def leaves_of(self) -> Mapping[str, tuple[int, ...]]:
        """The columns that each key of a column's own label may mean."""
        found: dict[str, tuple[int, ...]] = defaultdict(tuple)
        for index, (_, path) in enumerate(self.leaves):
            for key in path[-1]:
                found[key] += (index,)
        return dict(found)

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
    twice: dict[int, Column]
    score: float
    last_row: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether every column of the table was found."""
        return len(self.columns) == len(self.labels.table.leaves)


class SheetLabels:
    """A sheet's text cells as label keys, with merged ranges spread out."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.rows: list[dict[int, str]] = [
            {
                column: key
                for column, value in enumerate(values)
                if isinstance(value, str) and value and len(value) <= _MAX_LABEL_LENGTH and (key := label_key(value))
            }
            for values in sheet.rows
        ]
        self.spread: dict[tuple[int, int], tuple[int, int]] = {}
        for top, left, bottom, right in sheet.merged:
            # A merged range over a whole sheet is no heading, and would cost its every cell.
            if (bottom - top + 1) * (right - left + 1) <= _MAX_MERGED_CELLS:
                for row in range(top, bottom + 1):
                    for column in range(left, right + 1):
                        self.spread[row, column] = (top, left)

    def paths(self, top: int, bottom: int, corrected: Mapping[str, str]) -> dict[int, tuple[str, ...]]:
        """The labels of each sheet column in a window, from top to bottom.

        Where merges were lost, a label also stands for the empty cells to its right, as long as a row
        below names something there.
        """
        window = range(top, min(bottom + 1, len(self.rows)))
        width = max((len(self.sheet.rows[row]) for row in window), default=0)
        among = load_vocabulary().among_labels
        paths: list[list[str]] = [[] for _ in range(width)]
        merged_into: list[tuple[int, int] | None] = [None] * width
        for row in window:
            carried, is_merged = "", False
            for column in range(width):
                origin = self.spread.get((row, column))
                key = self.rows[row].get(column, "")
                if not key and origin is not None:
                    key = self.rows[origin[0]].get(origin[1], "")
                if key:
                    carried, is_merged = key, origin is not None
                elif is_merged or origin is not None:
                    carried = ""
                elif carried and any(self.rows[below].get(column) for below in range(row + 1, window.stop)):
                    key = carried
                key = corrected.get(key, key)
                if key and key not in among and (not paths[column] or paths[column][-1] != key):
                    paths[column].append(key)
                    merged_into[column] = origin
        # A column of which only the group's heading is known is no column of its own: it was inserted there.
        lengths: dict[tuple[int, int], int] = {}
        for row in window:
            for column in range(width):
                if (origin := self.spread.get((row, column))) is not None:
                    lengths[origin] = max(lengths.get(origin, 0), len(paths[column]))
        return {
            column: tuple(path)
            for column, path in enumerate(paths)
            if path and len(path) >= lengths.get(merged_into[column] or (-1, -1), 0)
        }


def find_blocks(sheet: Sheet, tables: Sequence[TableLabels], hinted: Container[str] = ()) -> list[Block]:
    """The tables on a sheet from top to bottom, each with its best heading block.

    `hinted` are codes of tables that the sheet is said to hold: they are preferred where others fit as well.
    """
    labels = SheetLabels(sheet)
    likely = []
    for table in tables:
        rows = [row for row, keys in enumerate(labels.rows) if any(key in table.keys for key in keys.values())]
        known = {key for row in rows for key in labels.rows[row].values() if key in table.keys}
        share = max(len(known) / len(table.leaves), _rows_share(labels, table, -1))
        likely.append((table.table.code in hinted, share, table, rows))
    likely.sort(key=lambda one: (-one[0], -one[1]))

    candidates: list[Block] = []
    settled: set[int] = set()
    for is_hinted, share, table, rows in likely:
        # Rows in which a hinted table was found whole are not searched for other tables.
        left = [row for row in rows if row not in settled]
        if share < _MIN_KNOWN_SHARE and not is_hinted:
            continue
        for block in _candidates(labels, table, left):
            has_title = _has_title(labels, table, block.top)
            block.score += (_HINT_BONUS if is_hinted else 0) + (_TITLE_BONUS if has_title else 0)
            candidates.append(block)
            if is_hinted and block.is_whole and block.score > _CERTAIN:
                settled.update(range(block.top, block.bottom + 1))
    return _without_overlaps(candidates, len(sheet.rows))


def _without_overlaps(candidates: list[Block], height: int) -> list[Block]:
    """The best blocks that share no row, from top to bottom, each ending where the next begins."""
    chosen: list[Block] = []
    for block in sorted(candidates, key=lambda b: (-b.score, b.bottom - b.top)):
        if all(block.bottom < other.top or block.top > other.bottom for other in chosen):
            chosen.append(block)
    chosen.sort(key=lambda b: b.top)
    for number, block in enumerate(chosen, start=1):
        block.last_row = chosen[number].top if number < len(chosen) else height
    return chosen


def _has_title(labels: SheetLabels, table: TableLabels, top: int) -> bool:
    """Whether one of the table's titles stands above a row, with or without more words around it."""
    return any(
        title == key or (len(title) > _LONG_TITLE and title in key)
        for row in labels.rows[max(0, top - _TITLE_ROWS) : top]
        for key in row.values()
        for title in table.title_keys
    )


def _candidates(labels: SheetLabels, table: TableLabels, rows: Sequence[int]) -> list[Block]:
    """The best block of each cluster of rows in which labels of a table stand."""
    # A heading full of typing errors has no exact hit: then look at every row that has several labels.
    rows = rows or [row for row, keys in enumerate(labels.rows[:_FAR_DOWN]) if len(keys) >= _SEVERAL]
    blocks = []
    for cluster in _clusters(rows):
        best: Block | None = None
        corrected: dict[str, str] = {}
        for attempt in range(2):
            for top, bottom in _windows(cluster):
                block = _match(labels, table, top, bottom, corrected)
                if block is not None and (best is None or block.score > best.score):
                    best = block
                if best is not None and best.is_whole:
                    break
            if best is not None and best.is_whole:
                break
            # Exact labels are not all there: look for typing errors.
            if attempt == 0 and not (corrected := _corrections(labels, table, cluster)):
                break
        if best is not None:
            blocks.append(best)
    return blocks


def _clusters(rows: Sequence[int]) -> list[list[int]]:
    """Rows grouped where no more than one row lies between them; of a long group only its beginning."""
    clusters: list[list[int]] = []
    last = -_MAX_GAP
    for row in rows:
        if row - last > _MAX_GAP:
            clusters.append([])
        if len(clusters[-1]) < _MAX_CLUSTER:
            clusters[-1].append(row)
        last = row
    return clusters[:_MAX_CLUSTERS]


def _windows(cluster: Sequence[int]) -> list[tuple[int, int]]:
    """Windows of up to six rows in a cluster: from its first row down, the lowest first.

    Not the highest first, since a row of figures may bear the label of a column ("Tổng số").
    """
    return [(top, bottom) for top in cluster for bottom in cluster if top <= bottom < top + MAX_HEADING_ROWS]


def _corrections(labels: SheetLabels, table: TableLabels, rows: Iterable[int]) -> dict[str, str]:
    """Typing errors in the headings near the given rows: the key as it was meant, by the key as written."""
    found: dict[str, str] = {}
    for row in sorted({row + offset for row in rows for offset in (-1, 0, 1)}):
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
        scored += [
            (_path_score(path, table.leaves[index][1], table), -abs(index - sheet_column), sheet_column, index)
            for index in table.leaves_of.get(path[-1], ())
        ]
        if path[-1] not in table.leaves_of:
            scored += [
                (score, 0, sheet_column, index)
                for index, (_, expected) in enumerate(table.leaves)
                if len(path) < len(expected) and (score := _flat_score(path, expected)) > 0
            ]
    scored.sort(reverse=True)
    columns: dict[int, Column] = {}
    twice: dict[int, Column] = {}
    taken: dict[int, float] = {}
    for score, _, sheet_column, index in scored:
        if score < _MIN_COLUMN_SCORE or sheet_column in columns or sheet_column in twice:
            continue
        column = table.leaves[index][0]
        if index not in taken:
            columns[sheet_column] = column
            taken[index] = score
        elif score == taken[index]:
            twice[sheet_column] = column
    rows_share = _rows_share(labels, table, bottom)
    if not columns or (len(columns) < min(2, len(table.leaves)) and rows_share < _MANY_ROWS):
        return None
    score = sum(taken.values()) / len(table.leaves)
    if not table.table.has_unit_rows:
        # Tables of categories often share their column headings; their rows tell them apart.
        score = (1 - _ROWS_WEIGHT) * score + _ROWS_WEIGHT * rows_share
    return Block(table, labels.sheet, top, bottom, columns, paths, twice, score)


def _path_score(path: tuple[str, ...], expected: tuple[frozenset[str], ...], table: TableLabels) -> float:
    """How well the headings above a column's own label fit; its own label is one of the expected ones."""
    groups, above = expected[:-1], path[:-1]
    if all(any(key in group for key in above) for group in groups):
        # Headings above a column that has none of its own are no reason against it.
        return 1.0 if groups or not above else 0.95
    # Without its group, a label that several columns share can mean any of them.
    return 0.85 if len(table.leaves_of[path[-1]]) == 1 else 0.0


@lru_cache(maxsize=32_768)
def _flat_score(path: tuple[str, ...], expected: tuple[frozenset[str], ...]) -> float:
    """How well a heading fits into which group and column were written together."""
    joined = " ".join(path)
    return 0.95 * max((similarity(joined, " ".join(spelling)) for spelling in _spellings(expected)), default=0.0)


def _rows_share(labels: SheetLabels, table: TableLabels, bottom: int) -> float:
    """What share of a table of categories' rows stands below a row."""
    if table.table.has_unit_rows:
        return 0.0
    found = {key for row in labels.rows[bottom + 1 :] for key in row.values() if key in table.row_keys}
    lines = {line for key in found for line in table.row_keys[key]}
    return len(lines) / len(table.table.row_list)


@lru_cache(maxsize=8_192)
def _spellings(expected: tuple[frozenset[str], ...]) -> tuple[tuple[str, ...], ...]:
    """Every way to write a path in one line."""
    paths: list[tuple[str, ...]] = [()]
    for keys in expected:
        paths = [(*path, key) for path in paths for key in sorted(keys)][:_MAX_SPELLINGS]
    return tuple(paths)


def table_labels(forms: Iterable[Form]) -> list[TableLabels]:
    """The labels of every table of every version of the forms."""
    return [
        TableLabels(form, version, table) for form in forms for version in form.versions for table in version.tables
    ]

"""Finding a form's tables on a sheet by their labels, wherever they stand.

A heading block is a window of one to six rows in which the labels of a table's columns are found. Of
every sheet column in it the labels from top to bottom (merged ranges spread out) are its path, which is
compared with the paths of the table's columns. Below the block the rows are told by the label column.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ingest.forms.schema import Column
from ingest.readers.spreadsheet.cells import folded, read_cell
from ingest.readers.spreadsheet.labels import best_match, label_key, similarity
from ingest.readers.spreadsheet.open_book import Sheet
from ingest.readers.spreadsheet.sheet_labels import LONG_TITLE, MAX_LABEL_LENGTH, SEVERAL, SheetLabels
from ingest.readers.spreadsheet.table_labels import TableLabels

MAX_HEADING_ROWS = 6
_LABEL = re.compile(r"[a-z]")

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
_FAR_DOWN = 200
_MAX_SPELLINGS = 200


@dataclass
class Block:
    """A table found on a sheet: its heading rows, and which sheet column holds which column.

    `last_row` is the last row that may belong to it (exclusive), set when all blocks are known. `rivals`
    are codes of tables that the same headings fit as well, when nothing tells which is meant. `beside` are the
    columns of other tables under the same headings.
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
    rivals: tuple[str, ...] = ()
    continues: Block | None = None
    is_titled: bool = False
    beside: frozenset[int] = frozenset()

    @property
    def heading(self) -> Block:
        """The block whose headings are its own: the one that it continues on another sheet, if it does."""
        return self.continues or self

    @property
    def is_whole(self) -> bool:
        """Whether every column of the table was found."""
        return len(self.columns) == len(self.labels.table.leaves)


def find_blocks(sheet: Sheet, tables: Sequence[TableLabels], hinted: Container[str] = ()) -> list[Block]:
    """The tables on a sheet from top to bottom, each with its best heading block.

    `hinted` are codes of tables that the sheet is said to hold: they are preferred where others fit as well.
    """
    labels = SheetLabels(sheet)
    candidates: list[Block] = []
    settled: set[int] = set()
    for is_hinted in (True, False):
        # Rows in which a hinted table was found whole are not searched for other tables; where it holds all that
        # looks like a heading, nothing is.
        open_rows = [row for row, keys in enumerate(labels.rows) if len(keys) >= SEVERAL and row not in settled]
        if settled and not open_rows:
            break
        likely = []
        of_kind = [table for table in tables if (table.table.code in hinted) is is_hinted]
        for table in of_kind:
            rows = [row for row, keys in enumerate(labels.rows) if not table.keys.keys().isdisjoint(keys.values())]
            share = 1.0
            # The only one that is hinted at is looked for whatever its share.
            if not is_hinted or len(of_kind) > 1:
                known = {key for row in rows for key in labels.rows[row].values() if key in table.keys}
                share = max(len(known) / table.width, _rows_share(labels, table, -1))
            likely.append((share, table, rows))
        likely.sort(key=lambda one: -one[0])
        for share, table, rows in likely:
            left = [row for row in rows if row not in settled]
            if (share < _MIN_KNOWN_SHARE and not is_hinted) or (rows and not left):
                continue
            for block in _candidates(labels, table, left):
                block.is_titled = _has_title(labels, table, block.top)
                block.score += (_HINT_BONUS if is_hinted else 0) + (_TITLE_BONUS if block.is_titled else 0)
                candidates.append(block)
                if is_hinted and block.is_whole and block.score > _CERTAIN:
                    settled.update(range(block.top, block.bottom + 1))
    return _without_overlaps(labels, candidates)


def _without_overlaps(labels: SheetLabels, candidates: list[Block]) -> list[Block]:
    """The best blocks that share no row, from top to bottom, each ending where the next begins."""
    chosen: list[Block] = []
    for block in sorted(candidates, key=lambda b: (-b.score, b.bottom - b.top)):
        if all(_are_apart(block, other) or _stand_together(block, other) for other in chosen):
            chosen.append(_settled(labels, block, candidates))
    chosen.sort(key=lambda b: (b.top, min(b.columns)))
    for block in chosen:
        below = [other.top for other in chosen if other.top > block.bottom]
        block.last_row = min(below, default=len(labels.rows))
        same = [other for other in chosen if other is not block and not _are_apart(block, other)]
        block.beside = frozenset(column for other in same for column in (*other.columns, *other.twice))
    return chosen


def _are_apart(one: Block, other: Block) -> bool:
    return one.bottom < other.top or one.top > other.bottom


def _stand_together(one: Block, other: Block) -> bool:
    """Whether two tables stand under one heading, each with columns of its own that are certainly its own."""
    return (
        not one.columns.keys() & other.columns.keys()
        and not one.twice
        and one.labels.form is other.labels.form
        and one.labels.name != other.labels.name
        and one.is_whole
        and one.score > _CERTAIN
    )


def continued_block(sheet: Sheet, before: Block) -> Block | None:
    """A sheet without headings as the continuation of the table that the sheet before it ended with.

    Only where it holds nothing but rows of that table: each row with figures has a label where the table
    before had its labels, and nothing but figures stands in the table's columns.
    """
    value_columns = [column for column, meant in before.columns.items() if meant.role == "value"]
    first = min(before.columns)
    labelled = 0
    for values in sheet.rows:
        cells = [read_cell(values[column]) for column in value_columns if column < len(values)]
        if any(cell.kind not in ("number", "blank") for cell in cells):
            return None
        if any(cell.kind == "number" for cell in cells):
            labels = [value for value in values[:first] if isinstance(value, str) and _LABEL.search(label_key(value))]
            if not labels and not (labelled and before.labels.table.row_list):
                return None
            labelled += bool(labels)
    if not labelled:
        return None
    headed = before.heading
    return Block(before.labels, sheet, 0, -1, dict(before.columns), {}, {}, before.score, len(sheet.rows), (), headed)


def _settled(labels: SheetLabels, block: Block, candidates: Sequence[Block]) -> Block:
    """Of the tables that the same headings fit equally well, the one that the words around them name."""
    equal = [block] + [
        other
        for other in candidates
        if other is not block
        and other.score > block.score - _MARGIN
        and other.bottom >= block.top
        and other.top <= block.bottom
        and other.labels.name != block.labels.name
        and other.columns.keys() == block.columns.keys()
    ]
    if len(equal) == 1:
        return block
    first = max(0, block.top - _TITLE_ROWS)
    above = [key for row in labels.rows[first : block.top] for key in row.values()]
    texts = [value for row in labels.sheet.rows[first : block.top] for value in row if isinstance(value, str)]
    for one in equal:
        others = [other.labels for other in equal if other.labels.name != one.labels.name]
        if all(_is_named(one.labels, other, above, texts, labels.sheet.name) for other in others):
            return one
    # A table that only repeats another one's figures needs to be named to be it.
    left = [one for one in equal if not one.labels.is_derived]
    if left and len({one.labels.name for one in left}) == 1:
        return left[0]
    block.rivals = tuple(dict.fromkeys(one.labels.table.code for one in left or equal))
    return block


def _is_named(
    one: TableLabels, other: TableLabels, above: Sequence[str], texts: Sequence[str], sheet_name: str
) -> bool:
    """Whether the words above a table (as keys and as they stand there), or the sheet's name, mean one table."""
    places = [*above, label_key(sheet_name)]
    numbers = official_numbers([*texts, sheet_name])
    codes = {table: bool(numbers & table.numbers) or table.code_key in places for table in (one, other)}
    if codes[one] != codes[other]:
        return codes[one]
    lengths = {
        table: max((len(title) for title in table.title_keys if any(title in text for text in above)), default=0)
        for table in (one, other)
    }
    if lengths[one] and lengths[one] != lengths[other]:
        return lengths[one] > lengths[other]
    pairs = {pair for text in above for pair in pairwise(text.split())}
    return bool(pairs & (one.title_pairs - other.title_pairs)) and not pairs & (other.title_pairs - one.title_pairs)


# `Biểu số 12`, `Biểu 01/BC`, `B12`: the number of an official table; `Mẫu số 7.6` is the sixth of annex VII.
_OFFICIAL_NUMBER = re.compile(r"\b(?:bieu|mau|b)(?: mau)?(?: so)?\s*:?\s*((?:\d{1,2}\.)*)0?(\d{1,2})(?![\d.]*\d)")


def official_numbers(texts: Iterable[str]) -> set[int]:
    """The numbers of official tables that some texts name."""
    return {int(match[2]) for text in texts for match in _OFFICIAL_NUMBER.finditer(folded(text[:MAX_LABEL_LENGTH]))}


# Tables that differ less than this in how well a heading fits them fit it equally well.
_MARGIN = 0.02


def _has_title(labels: SheetLabels, table: TableLabels, top: int) -> bool:
    """Whether one of the table's titles stands above a row, with or without more words around it."""
    return any(
        title == key or (len(title) > LONG_TITLE and title in key)
        for row in labels.rows[max(0, top - _TITLE_ROWS) : top]
        for key in row.values()
        for title in table.title_keys
    )


def _candidates(labels: SheetLabels, table: TableLabels, rows: Sequence[int]) -> list[Block]:
    """The best block of each cluster of rows in which labels of a table stand."""
    # A heading full of typing errors has no exact hit: then look at every row that has several labels.
    rows = rows or [row for row, keys in enumerate(labels.rows[:_FAR_DOWN]) if len(keys) >= SEVERAL]
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
    last = -_MAX_GAP - 1
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
        fitting = _fitting(path, table)
        scored += [(score, -abs(index - sheet_column), sheet_column, index) for score, index in fitting]
    scored.sort(reverse=True)
    columns: dict[int, Column] = {}
    twice: dict[int, Column] = {}
    taken: dict[str, float] = {}
    for score, _, sheet_column, index in scored:
        if score < _MIN_COLUMN_SCORE or sheet_column in columns or sheet_column in twice:
            continue
        column = table.leaves[index][0]
        if (at := f"{column.key} {column.path}") not in taken:
            columns[sheet_column] = column
            taken[at] = score
        elif score == taken[at]:
            twice[sheet_column] = column
    rows_share = _rows_share(labels, table, bottom)
    if not columns or (len(columns) < min(2, table.width) and rows_share < _MANY_ROWS):
        return None
    score = sum(taken.values()) / table.width
    if not table.table.has_unit_rows:
        # Tables of categories often share their column headings; their rows tell them apart.
        score = (1 - _ROWS_WEIGHT) * score + _ROWS_WEIGHT * rows_share
    return Block(table, labels.sheet, top, bottom, columns, paths, twice, score)


@lru_cache(maxsize=65_536)
def _fitting(path: tuple[str, ...], table: TableLabels) -> list[tuple[float, int]]:
    """The columns of a table that a sheet column's headings may mean, each with how well they fit."""
    found = _by_last(path, table)
    if max((score for score, _ in found), default=0) < _MIN_COLUMN_SCORE and len(path) > 1:
        # Group and column the other way round: "Hộ nghèo - Số hộ" for "Số hộ - Hộ nghèo".
        found += [(score - 0.05, index) for score, index in _by_last(path[::-1], table) if score == 1]
    if path[-1] not in table.leaves_of:
        joined = " ".join(path)
        for index, (_, expected) in enumerate(table.leaves):
            if len(path) < len(expected) and (score := _flat_score(path, expected)) > 0:
                found.append((score, index))
            elif len(path) > 1 and joined in expected[-1]:
                found.append((0.95, index))
    return found


def _by_last(path: tuple[str, ...], table: TableLabels) -> list[tuple[float, int]]:
    """The columns whose own label is the last of a path, each with how well the headings above it fit."""
    found = []
    alone = table.named_alone.get(path[-1])
    for index in table.leaves_of.get(path[-1], ()):
        groups, above = table.leaves[index][1][:-1], path[:-1]
        if index >= table.width and above and not groups:
            # Another heading of a column stands for it only by itself: "Số hộ" below "Hộ nghèo" is of the poor.
            continue
        if all(any(key in group for key in above) for group in groups):
            # Headings above a column that has none of its own are no reason against it.
            found.append((1.0 if groups or not above else 0.95, index))
        else:
            # Without its group, a label that several columns share can mean any of them.
            found.append((0.85 if index == alone else 0.0, index))
    if not found and alone is not None:
        groups, above = table.leaves[alone][1][:-2], path[:-1]
        if all(any(key in group for key in above) for group in groups):
            found.append((0.85, alone))
    return found


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

"""Finding a form's tables on a sheet by their labels, wherever they stand.

A heading block is a window of one to six rows in which the labels of a table's columns are found. Of
every sheet column in it the labels from top to bottom (merged ranges spread out) are its path, which is
compared with the paths of the table's columns. Below the block the rows are told by the label column.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from ingest.forms.schema import Column, Form, Row, Table, Version
from ingest.readers.spreadsheet.cells import cell_text, folded, load_vocabulary, read_cell
from ingest.readers.spreadsheet.labels import best_match, label_key, similarity
from ingest.readers.spreadsheet.open_book import Sheet

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
    is_derived: bool = False

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
        return _by_key((index, path[-1]) for index, (_, path) in enumerate(self.leaves))

    @cached_property
    def named_alone(self) -> Mapping[str, int]:
        """The one column that a key means without the group above it.

        A label that several columns share means the one that is so called in the form; the heading of a
        group that stands for itself means the group's total.
        """
        first = _by_key((i, {label_key(column.path[-1])}) for i, (column, _) in enumerate(self.leaves))
        totals = _by_key(
            (i, path[-2]) for i, (_, path) in enumerate(self.leaves) if len(path) > 1 and path[-1] & _TOTALS
        )
        found = {key: columns[0] for key, columns in totals.items() if len(columns) == 1 and key not in self.leaves_of}
        for key, columns in self.leaves_of.items():
            meant = columns if len(columns) == 1 else first.get(key, ())
            if len(meant) == 1:
                found[key] = meant[0]
        return found

    @cached_property
    def title_keys(self) -> frozenset[str]:
        """The keys of its titles."""
        return frozenset(map(label_key, (self.table.title_vi, *self.table.title_variants)))

    @cached_property
    def title_pairs(self) -> frozenset[tuple[str, str]]:
        """The pairs of neighbouring words in its titles."""
        return frozenset(pair for title in self.title_keys for pair in pairwise(title.split()))

    @property
    def name(self) -> tuple[str, str]:
        """Form and table, whatever the version."""
        return self.form.code, self.table.code

    @property
    def numbers(self) -> frozenset[int]:
        """The number of the official table, if there is one."""
        code = self.table.official_code
        return frozenset({int(code)}) if code.isdigit() else frozenset()

    @cached_property
    def code_key(self) -> str:
        """The table's code as a label."""
        return label_key(self.table.code)

    @cached_property
    def row_keys(self) -> Mapping[str, list[Row]]:
        """The rows of a table of categories, or lines of one of units, by the keys of their labels."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.table.row_list:
            for key in {label_key(label) for label in (row.label, *row.variants)}:
                found[key].append(row)
        return found

    @lru_cache(maxsize=16_384)  # noqa: B019 - tables are made once and stay
    def row_meant(self, key: str) -> str | None:
        """The key of a row that a key with typing errors was meant to be."""
        return best_match(key, self.row_keys)


def _by_key(named: Iterable[tuple[int, Iterable[str]]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = defaultdict(tuple)
    for index, keys in named:
        for key in keys:
            found[key] += (index,)
    return dict(found)


# What the first column of a group is called when it holds the whole group.
_TOTALS = frozenset({"tong so", "tong", "tong cong", "chung"})


@dataclass
class Block:
    """A table found on a sheet: its heading rows, and which sheet column holds which column.

    `last_row` is the last row that may belong to it (exclusive), set when all blocks are known. `rivals`
    are codes of tables that the same headings fit as well, when nothing tells which is meant.
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

    @property
    def heading(self) -> Block:
        """The block whose headings are its own: the one that it continues on another sheet, if it does."""
        return self.continues or self

    @property
    def is_whole(self) -> bool:
        """Whether every column of the table was found."""
        return len(self.columns) == len(self.labels.table.leaves)


class SheetLabels:
    """A sheet's text cells as label keys, with merged ranges spread out.

    The reporting year in a label ("Hộ nghèo năm 2023") is left out where the titles name that year: it says
    nothing then. Another year stays, so that last year's column is no column of the form.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.rows: list[dict[int, str]] = [{} for _ in sheet.rows]
        for row, column, text in sheet.texts():
            if len(text) <= _MAX_LABEL_LENGTH and (key := label_key(text)):
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
        titles = (key for number, _, key in dated if len(self.rows[number]) < _SEVERAL)
        # The date of a signature says nothing of the period.
        named = (_YEAR_IN_TITLE.search(key) for key in titles if "ngay" not in key)
        years = {match[1] for match in named if match is not None}
        if len(years) != 1:
            return
        year = years.pop()
        heading = next((number for number, row in enumerate(self.rows) if len(row) >= _SEVERAL), len(self.rows))
        for number, column, key in dated:
            row = self.rows[number]
            if number < heading or not key.endswith(year) or (len(row) < 2 and len(key) > _LONG_TITLE):
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
            if not key or width < _SEVERAL or below >= len(self.rows) or self.spread.get((below, left)) == (top, left):
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
        return named if len(named) >= _SEVERAL else frozenset()

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
        open_rows = [row for row, keys in enumerate(labels.rows) if len(keys) >= _SEVERAL and row not in settled]
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
                share = max(len(known) / len(table.leaves), _rows_share(labels, table, -1))
            likely.append((share, table, rows))
        likely.sort(key=lambda one: -one[0])
        for share, table, rows in likely:
            left = [row for row in rows if row not in settled]
            if (share < _MIN_KNOWN_SHARE and not is_hinted) or (rows and not left):
                continue
            for block in _candidates(labels, table, left):
                has_title = _has_title(labels, table, block.top)
                block.score += (_HINT_BONUS if is_hinted else 0) + (_TITLE_BONUS if has_title else 0)
                candidates.append(block)
                if is_hinted and block.is_whole and block.score > _CERTAIN:
                    settled.update(range(block.top, block.bottom + 1))
    return _without_overlaps(labels, candidates)


def _without_overlaps(labels: SheetLabels, candidates: list[Block]) -> list[Block]:
    """The best blocks that share no row, from top to bottom, each ending where the next begins."""
    chosen: list[Block] = []
    for block in sorted(candidates, key=lambda b: (-b.score, b.bottom - b.top)):
        if all(block.bottom < other.top or block.top > other.bottom for other in chosen):
            chosen.append(_settled(labels, block, candidates))
    chosen.sort(key=lambda b: b.top)
    for number, block in enumerate(chosen, start=1):
        block.last_row = chosen[number].top if number < len(chosen) else len(labels.rows)
    return chosen


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
    return {int(match[2]) for text in texts for match in _OFFICIAL_NUMBER.finditer(folded(text[:_MAX_LABEL_LENGTH]))}


# Tables that differ less than this in how well a heading fits them fit it equally well.
_MARGIN = 0.02


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


def table_labels(forms: Iterable[Form]) -> list[TableLabels]:
    """The labels of every table of every version of the forms."""
    return [labels for form in forms for version in form.versions for labels in labels_of(form, version)]


@lru_cache(maxsize=256)
def labels_of(form: Form, version: Version) -> tuple[TableLabels, ...]:
    """The labels of the tables of a form's version, derived ones last, made comparable once."""
    asked = [TableLabels(form, version, table) for table in version.tables]
    return (*asked, *(TableLabels(form, version, table, is_derived=True) for table in version.derived_tables))

"""From the cells of a found table to figures: scale, percent, style of writing, and what can't be read."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from ingest.core.catalogue import Catalogue
from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.core.periods import Period
from ingest.forms.layout import LaidOutTable, Meaning, TableRow, meaning_of
from ingest.forms.schema import Column, Form, Version
from ingest.readers.form.shown_figures import ShownFigures
from ingest.readers.spreadsheet.cells import (
    Cell,
    Style,
    cell_text,
    choose_reading,
    folded,
    load_vocabulary,
    read_cell,
    read_number,
)
from ingest.readers.spreadsheet.labels import UNIT_BEHIND
from ingest.readers.spreadsheet.open_book import Sheet
from ingest.readers.spreadsheet.shown import shown_format
from ingest.readers.spreadsheet.tables import Block

_ASIDE = re.compile(r"\(([^()]*)\)")
_UNIT_LINE = re.compile(r"(?:don vi(?: tinh)?|dvt)\s*(?:tinh)?\s*:\s*(.+)")


class FigureRead(NamedTuple):
    """A figure of the form, in the catalogue's unit of measure, with its place and what was written there."""

    row: TableRow
    column: Column
    meaning: Meaning
    value: Decimal
    qualifier: str
    issuer: str
    ref: str
    raw: str


@dataclass
class FiguresRead:
    """The figures of one block, and what was noticed."""

    figures: list[FigureRead] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class _Pending(NamedTuple):
    row: TableRow
    column: Column
    meaning: Meaning
    cell: Cell
    at: tuple[int, int]
    unit: str
    factor: Decimal | int = 1
    is_scale_said: bool = True


def read_figures(
    block: Block,
    laid_out: LaidOutTable,
    rows: Mapping[int, TableRow],
    form: Form,
    version: Version,
    period: Period,
    catalogue: Catalogue,
) -> FiguresRead:
    """The figures that stand where a block's rows and columns meet."""
    sheet, found, table = block.sheet, FiguresRead(), laid_out.table
    units_above = _units_above(block.heading)
    table_factor = _only_factor(units_above)
    is_of_rates = units_above == {"%"}
    has_percent_formats = sheet.details is not None and sheet.details.may_hold_percent
    merged = _merged_figures(block, rows, found)
    by_column: dict[int, list[_Pending]] = defaultdict(list)
    # What texts prove about how their columns are written.
    styles: dict[int, set[Style]] = defaultdict(set)
    rates: set[int] = set()
    columns = [(at, column) for at, column in block.columns.items() if column.role == "value"]
    has_rates = _names_rates(block.heading)
    headed_as_rates = {at for at, _ in columns if _is_headed_as_rate(block.heading, at)} if has_rates else set()
    unit_column = next((at for at, column in block.columns.items() if column.role == "unit"), None)
    heading_factors: dict[int, int | None] = {}
    page = ShownFigures.of(block)
    struck = page.struck_rows(rows) if page is not None else set()
    for sheet_row, row in rows.items():
        if sheet_row in struck:
            continue
        row_factor = _row_factor(sheet, sheet_row, unit_column) if unit_column is not None else None
        values = sheet.rows[sheet_row]
        for sheet_column, column in columns:
            at = sheet_row, sheet_column
            if at in merged:
                continue
            value = values[sheet_column] if sheet_column < len(values) else ""
            cell = read_number(value) if isinstance(value, float) else _cell(sheet, at, value, found)
            if cell is None:
                continue
            meaning = None if row.is_heading else meaning_of(version, table, row.line, column, period.code, catalogue)
            if meaning is None:
                if cell.kind == "number" and cell.value:
                    where = sheet.ref(sheet_row, sheet_column)
                    heading = column.path[-1]
                    found.findings.append(finding("CELL-008", where, raw=cell.raw, row=row.label, column=heading))
                continue
            unit = meaning.indicator.unit_of_measure
            divides = 0
            if page is not None:
                cell, divides = page.read(at, value, cell, unit)
                if cell is None:
                    continue
            if cell.kind == "blank":
                if meaning.blank_is_zero:
                    zero = cell._replace(kind="number", value=Decimal(0))
                    by_column[sheet_column].append(_Pending(row, column, meaning, zero, at, unit))
                continue
            if cell.kind != "number":
                rule = "CELL-007" if cell.kind == "date" else "CELL-001"
                where = sheet.ref(sheet_row, sheet_column)
                found.findings.append(finding(rule, where, raw=cell.raw, row=row.label, column=column.path[-1]))
                continue
            is_rate = is_of_rates or sheet_column in headed_as_rates
            if (
                (is_rate or has_percent_formats)
                and unit not in _RATES
                and (is_rate or "%" in (sheet.number_format(sheet_row, sheet_column) or ""))
            ):
                if sheet_column not in rates:
                    where = sheet.ref(sheet_row, sheet_column)
                    found.findings.append(finding("CELL-011", where, raw=cell.raw, expected=unit))
                rates.add(sheet_column)
                continue
            if cell.style is not None:
                styles[sheet_column].add(cell.style)
            if unit != "vnd":
                by_column[sheet_column].append(_Pending(row, column, meaning, cell, at, unit))
                continue
            if sheet_column not in heading_factors:
                heading_factors[sheet_column] = _heading_factor(block.heading, sheet_column)
            # The nearest word counts: beside the number, over the column, in the row, over the table.
            factors = (heading_factors[sheet_column], row_factor, table_factor)
            said = next((f for f in factors if f is not None), None)
            is_said = said is not None or cell.word != ""
            factor = said or meaning.factor
            if page is not None and (
                (divides and not page.divided(at, cell.raw, divides, factor))
                or page.has_odd_decimals(at, cell.raw, factor)
            ):
                continue
            by_column[sheet_column].append(_Pending(row, column, meaning, cell, at, unit, factor, is_said))
    if page is not None:
        found.findings += page.findings()
    _decide(by_column, styles, block, form, found)
    return found


_RATE_HEADING = re.compile(r"(?:\(?\d*[.)]?\s*)?ty le\b|.*\(\s*%\s*\)\s*$|%$")


def _names_rates(block: Block) -> bool:
    """Whether some heading of a table speaks of rates; those of most tables do not."""
    rows = block.sheet.rows[max(block.top, 0) : block.bottom + 1]
    return any(isinstance(v, str) and ("%" in v or "ty le" in folded(v)) for row in rows for v in row)


def _is_headed_as_rate(block: Block, column: int) -> bool:
    """Whether a heading over a column says that it holds rates: "Tỷ lệ …", "… (%)"."""
    return any(_RATE_HEADING.match(folded(text)) for text in _heading_texts(block, column))


_RATES = frozenset({"percent", "percentage_point"})


def _merged_figures(block: Block, rows: Mapping[int, TableRow], found: FiguresRead) -> set[tuple[int, int]]:
    """The places of figures over which a number was merged: it can't be told whose it is."""
    places: set[tuple[int, int]] = set()
    for top, left, bottom, right in block.sheet.merged:
        if bottom <= block.bottom or top >= block.last_row:
            continue
        columns = [c for c, column in block.columns.items() if left <= c <= right and column.role == "value"]
        covered = [(row, column) for row in rows if top <= row <= bottom for column in columns]
        if len(covered) > 1 and (cell := read_cell(block.sheet.value(top, left))).kind == "number":
            found.findings.append(finding("WB-039", block.sheet.ref(top, left), raw=cell.raw))
            places.update(covered)
    return places


def _cell(sheet: Sheet, at: tuple[int, int], value: object, found: FiguresRead) -> Cell | None:
    """A cell that holds no plain number; None where there is an error instead of a value."""
    error = sheet.errors.get(at)
    if error is not None:
        found.findings.append(finding("CELL-002", sheet.ref(*at), raw=error))
        return None
    if at in sheet.uncalculated:
        found.findings.append(finding("CELL-003", sheet.ref(*at)))
        return None
    if isinstance(value, str) and value.startswith("#") and value.rstrip("!?/0AN").upper() in _ERRORS:
        found.findings.append(finding("CELL-002", sheet.ref(*at), raw=value))
        return None
    return read_cell(value)


_ERRORS = frozenset({"#REF", "#DIV", "#N", "#NAME", "#VALUE", "#NUM", "#NULL", "#"})


def _decide(
    by_column: Mapping[int, list[_Pending]],
    styles_of: Mapping[int, set[Style]],
    block: Block,
    form: Form,
    found: FiguresRead,
) -> None:
    """Decides readings and scales, column by column, and turns what is pending into figures."""
    sheet = block.sheet
    sheet_styles: set[Style] = set().union(*styles_of.values())
    decided: list[tuple[_Pending, Decimal]] = []
    for at, cells in by_column.items():
        styles = styles_of.get(at) or sheet_styles
        for one in cells:
            # A number that was no text has one reading.
            cell = one.cell
            value = cell.value if cell.other is None and not cell.word else _value(one, styles, sheet, found)
            if value is not None:
                decided.append((one, value))
    percent_scales = _percent_scales(decided, block, form, found)
    issuers = {at: column for at, column in block.columns.items() if column.role == "issuer"}
    no_money = _columns_of_unsaid_scale(decided, sheet, found)
    for one, value in decided:
        row, column, meaning, cell, place, unit, factor, _ = one
        if place[1] in no_money:
            continue
        if unit == "vnd":
            value = value * factor
            if 0 < abs(value) < _LEAST_AMOUNT_VND:
                where, heading = sheet.ref(*place), column.path[-1]
                found.findings.append(
                    finding("CELL-012", where, raw=cell.raw, value=str(value), row=row.label, column=heading)
                )
                continue
        elif unit == "percent":
            scale = percent_scales[place]
            if scale is None:
                continue
            value = value * scale
        issuer = (_issuer(block, one, issuers) if issuers else "") or meaning.issuer
        found.figures.append(
            FigureRead(row, column, meaning, value, cell.qualifier, issuer, sheet.ref(*place), cell.raw)
        )


def _value(one: _Pending, styles: Iterable[Style | None], sheet: Sheet, found: FiguresRead) -> Decimal | None:
    """The number that a text means, in the reading that its column proves."""
    cell, unit = one.cell, one.unit
    at = sheet.ref(*one.at)
    proven = set(styles)
    style: Style | None = next(iter(proven)) if len(proven) == 1 else None
    value = choose_reading(cell, style)
    if cell.other is not None:
        if unit in ("percent", "percentage_point"):
            # 1.234 % as one thousand two hundred is no rate.
            value = cell.other
        elif unit not in ("vnd", "kg"):
            # Persons and households have no decimals.
            value = cell.value
        elif style is None and (one.factor != 1 or len(proven) > 1):
            readings = f"{cell.value} / {cell.other}"
            found.findings.append(finding("CELL-004", at, raw=cell.raw, readings=readings, value=str(value)))
    if value is None or not cell.word:
        return value
    return _with_word(value, one, at, found)


def _with_word(value: Decimal, one: _Pending, at: str, found: FiguresRead) -> Decimal | None:
    """A number followed by a word: the word must be a unit of what is asked for."""
    words, unit, word = load_vocabulary(), one.unit, one.cell.word
    if unit == "vnd" and word in words.money_factors:
        return value * words.money_factors[word] / one.factor
    named = words.unit_words.get(word)
    if named is None:
        column = one.column.path[-1]
        found.findings.append(finding("CELL-001", at, raw=one.cell.raw, row=one.row.label, column=column))
        return None
    if unit not in named:
        found.findings.append(finding("CELL-006", at, raw=one.cell.raw, word=word, expected=unit))
        return None
    return value


def _percent_scales(
    decided: list[tuple[_Pending, Decimal]], block: Block, form: Form, found: FiguresRead
) -> dict[tuple[int, int], Decimal | None]:
    """What each rate is to be multiplied by: 1 where it is written as 1,68, 100 where as 0,0168.

    A cell's own format or % sign tells; else the whole column is decided from the counts that it is
    computed from, or because a value is above one. None where nothing tells.
    """
    scales: dict[tuple[int, int], Decimal | None] = {}
    undecided: dict[int, list[tuple[_Pending, Decimal]]] = defaultdict(list)
    rates = [(one, value) for one, value in decided if one.unit == "percent"]
    for one, value in rates:
        if "%" in one.cell.word:
            scales[one.at] = Decimal(1)
            continue
        number_format = block.sheet.number_format(*one.at)
        shown = shown_format(number_format, float(value)) if number_format is not None else None
        if shown is not None and shown.has_literal_percent:
            # The sign is only written: 0.55 is shown as 0.55 %.
            scales[one.at] = Decimal(1)
        elif shown is not None and shown.is_percent and one.cell.style is None:
            scales[one.at] = Decimal(100)
        elif number_format is not None and _shows_all(number_format, value):
            scales[one.at] = Decimal(1)
        else:
            undecided[one.at[1]].append((one, value))
    values = {(one.row.key, one.column.key): value for one, value in decided} if undecided else {}
    for column, cells in undecided.items():
        of_column = [(one, value) for one, value in rates if one.at[1] == column and "%" not in one.cell.word]
        votes: Counter[Decimal] = Counter()
        for one, value in of_column:
            computed = _recomputed(one, values, form)
            if computed is not None and value:
                votes[_nearer(value, computed)] += 1
        scale = Decimal(1) if any(value > 1 for _, value in of_column) else None
        if votes:
            scale = votes.most_common(1)[0][0]
        for one, value in cells:
            scales[one.at] = scale if value else Decimal(1)
            if scales[one.at] is None:
                at = block.sheet.ref(*one.at)
                found.findings.append(finding("CELL-005", at, raw=one.cell.raw, percent=str(value * 100)))
    return scales


def _shows_all(number_format: str, value: Decimal) -> bool:
    """Whether an explicit format with decimals shows the whole value: 0.55 under `0.00`, but not 0.0168."""
    match = re.search(r"0\.(0+)", number_format.split(";")[0])
    return match is not None and "%" not in number_format and round(value, len(match[1])) == value


def _recomputed(one: _Pending, values: Mapping[tuple[str, str], Decimal], form: Form) -> Decimal | None:
    for rule in form.rules:
        key = one.row.key if rule.along == "rows" else one.column.key
        if rule.kind == "ratio" and rule.value == key and rule.numerator and rule.denominator:

            def value_at(key: str) -> Decimal | None:
                is_along_rows = rule.along == "rows"  # noqa: B023
                return values.get((key, one.column.key) if is_along_rows else (one.row.key, key))

            numerator = value_at(rule.numerator)
            denominator = sum((value for key in rule.denominator if (value := value_at(key))), Decimal(0))
            if numerator and denominator:
                return 100 * numerator / denominator
    return None


def _nearer(value: Decimal, computed: Decimal) -> Decimal:
    """The scale that brings a written rate nearer to the computed one."""
    return Decimal(1) if abs(value - computed) <= abs(100 * value - computed) else Decimal(100)


def _issuer(block: Block, one: _Pending, issuers: Mapping[int, Column]) -> str:
    """Who set the figure: the text column of the same group, else the one that belongs to no group."""
    groups = one.column.path[:-1]
    for sheet_column, column in issuers.items():
        if column.path[:-1] in (groups, ()):
            text = cell_text(block.sheet.value(one.at[0], sheet_column))
            if text:
                return text[:300]
    return ""


# Scales of money


def _heading_factor(block: Block, sheet_column: int) -> int | None:
    factors = {factor for text in _heading_texts(block, sheet_column) if (factor := money_factor(text)) is not None}
    return factors.pop() if len(factors) == 1 else None


def _heading_texts(block: Block, sheet_column: int) -> list[str]:
    """The texts of the headings over a column, from the top down, merged ones spread out."""
    texts = []
    for row in range(block.top, block.bottom + 1):
        for top, left, bottom, right in block.sheet.merged:
            if top <= row <= bottom and left <= sheet_column <= right:
                texts.append(cell_text(block.sheet.value(top, left)))
                break
        else:
            texts.append(cell_text(block.sheet.value(row, sheet_column)))
    return texts


def _row_factor(sheet: Sheet, row: int, unit_column: int) -> int | None:
    return load_vocabulary().money_factors.get(folded(cell_text(sheet.value(row, unit_column))))


def _units_above(block: Block) -> set[str]:
    """The units that a line such as "Đơn vị tính: người, triệu đồng" above the table names."""
    vocabulary = load_vocabulary()
    for row in range(block.top - 1, max(-1, block.top - 12), -1):
        for value in block.sheet.rows[row]:
            if isinstance(value, str) and (match := _UNIT_LINE.search(folded(value))):
                whole = match[1].strip(" .()")
                words = {whole} | {word.strip(" .()") for word in re.split(r"[,;/+]| va ", whole)}
                if known := {
                    word for word in words if word in vocabulary.money_factors or word in vocabulary.unit_words
                }:
                    return known
    return set()


def _only_factor(units: Iterable[str]) -> int | None:
    """The scale of money among some units; None where there is none, or several."""
    factors = {factor for word in units if (factor := load_vocabulary().money_factors.get(word)) is not None}
    return factors.pop() if len(factors) == 1 else None


# No payment is smaller, no sum of a province larger.
_LEAST_AMOUNT_VND = 1_000
_LEAST_COLUMN_VND = 100_000
_LARGEST_VND = 50_000_000_000_000
_SCALE_NAMES = {1: "đồng", 10**3: "nghìn đồng", 10**6: "triệu đồng", 10**9: "tỷ đồng"}


def _columns_of_unsaid_scale(decided: Iterable[tuple[_Pending, Decimal]], sheet: Sheet, found: FiguresRead) -> set[int]:
    """Says which columns of money do not say their unit; those that can't be in the form's unit are left out."""
    largest: dict[int, tuple[Decimal, _Pending]] = {}
    for one, value in decided:
        if not one.is_scale_said and value and abs(value) > largest.get(one.at[1], (Decimal(0), one))[0]:
            largest[one.at[1]] = abs(value), one
    left_out = set()
    for column, (value, one) in largest.items():
        at, heading, scale = sheet.ref(*one.at), one.column.path[-1], _SCALE_NAMES[int(one.factor)]
        if _LEAST_COLUMN_VND <= value * one.factor <= _LARGEST_VND:
            found.findings.append(finding("CELL-009", at, column=heading, scale=scale))
        else:
            found.findings.append(finding("CELL-010", at, column=heading, value=str(value), scale=scale))
            left_out.add(column)
    return left_out


@lru_cache(maxsize=8_192)
def money_factor(heading: str) -> int | None:
    """The scale of money that a heading names: in brackets, or as a word such as "triệu đồng"."""
    plain = folded(heading)
    factors = load_vocabulary().money_factors
    for aside in _ASIDE.findall(plain):
        word = aside.removeprefix("don vi tinh").removeprefix("dvt").strip(" :.")
        if word in factors:
            return factors[word]
    behind = UNIT_BEHIND.search(plain)
    if behind is not None and behind["unit"].strip(" .") in factors:
        return factors[behind["unit"].strip(" .")]
    for word in sorted(factors, key=len, reverse=True):
        # A bare "đồng" is also in "hội đồng", "cộng đồng"; only words with a scale stand for themselves.
        if factors[word] > 1 and " " in word and re.search(rf"(?<![a-z0-9.]){re.escape(word)}(?![a-z])", plain):
            return factors[word]
    return None

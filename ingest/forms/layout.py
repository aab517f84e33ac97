"""A form laid out for one unit and period: its rows, its cells and what each cell means.

Templates, readers and checks all work on this, so they agree on keys:

- a row is named by the unit's code in a table of units (`24664`, with lines `24664/persons`, the
  total `total` or `total/persons`) and by the row's own key in a table of categories;
- a column is named by its key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ingest.core.catalogue import Catalogue, Indicator, Unit
from ingest.core.model import Accumulation, breakdown_key
from ingest.core.periods import Period, parse_period
from ingest.forms.schema import MONEY_FACTORS, Column, Form, FormRule, Row, Table, Version

TOTAL = "total"


class FormNotAskedError(ValueError):
    """The form is not asked of that unit for that period."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row as it stands on paper.

    `unit` is whom its figures are about; `line` is the category row or the unit's line, None for a
    unit's only line.
    """

    key: str
    label: str
    number: str
    depth: int
    unit: Unit
    line: Row | None
    is_total: bool = False
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class FormCell:
    """A cell that holds a figure, and what the figure is.

    `factor` turns the figure as asked for into the catalogue's unit of measure (million dong: 10⁶).
    `is_computed` says that the template fills it with a formula.
    """

    table: str
    row: str
    column: str
    unit_id: str
    indicator_code: str
    breakdown: str
    measure: str
    accumulation: Accumulation
    issuer: str
    unit_of_measure: str
    factor: int
    is_computed: bool


@dataclass(frozen=True)
class LaidOutTable:
    """A table with the rows that one unit's submission for one period has."""

    table: Table
    rows: tuple[TableRow, ...]

    @property
    def total_rows(self) -> tuple[TableRow, ...]:
        """The rows that sum the units."""
        return tuple(row for row in self.rows if row.is_total)

    def unit_rows(self, line: Row | None) -> tuple[TableRow, ...]:
        """The units' rows of one line, without the total."""
        return tuple(row for row in self.rows if not row.is_total and row.line is line)


def version_for(form: Form, unit: Unit, period: Period) -> Version:
    """The version that a unit fills in for a period.

    Raises:
        FormNotAskedError: another level reports it, or it is not asked for at that rhythm or time.
    """
    day = period.last_day
    if period.kind not in form.head.frequency:
        asked = ", ".join(form.head.frequency)
        raise FormNotAskedError(f"{form.code} is asked for by {asked}, not for {period.code}")
    if not form.may_come_from(unit.level, day):
        level = form.reporter_on(day)
        raise FormNotAskedError(f"{form.code} for {period.code} is reported by the {level}, not by a {unit.level}")
    version = form.version_on(day)
    if version is None:
        raise FormNotAskedError(f"{form.code} has no version for {period.code}")
    return version


def lay_out(table: Table, unit: Unit, period: Period, catalogue: Catalogue) -> LaidOutTable:
    """The rows of a table for a unit on the period's last day."""
    if not table.has_unit_rows:
        return LaidOutTable(
            table,
            tuple(
                TableRow(row.key, row.label, row.number, row.depth, unit, row, is_heading=row.is_heading)
                for row in table.row_list
            ),
        )
    lines: tuple[Row | None, ...] = table.row_list or (None,)
    below = catalogue.children_of(unit, period.last_day)
    units = below or [unit]
    rows = [
        TableRow(unit_row_key(about.code, line), about.name, str(number), 0, about, line)
        for number, about in enumerate(units, start=1)
        for line in lines
    ]
    if below:
        rows += [TableRow(unit_row_key(TOTAL, line), "Tổng cộng", "", 0, unit, line, is_total=True) for line in lines]
    return LaidOutTable(table, tuple(rows))


def unit_row_key(code: str, line: Row | None) -> str:
    """The key of a unit's row, with the line's key where units have several lines."""
    return f"{code}/{line.key}" if line else code


def cells_of(form: Form, unit: Unit, period: str, catalogue: Catalogue) -> list[FormCell]:
    """Every figure that the form asks of a unit for a period, computed ones included.

    Raises:
        FormNotAskedError: the form is not asked of that unit for that period.
        InvalidPeriodError: the period is none.
    """
    when = parse_period(period)
    version = version_for(form, unit, when)
    found = []
    for table in version.tables:
        laid_out = lay_out(table, unit, when, catalogue)
        computed = set(computed_cells(form, laid_out, catalogue))
        for row in laid_out.rows:
            for column in table.leaves:
                cell = cell_at(version, table, row, column, when, catalogue)
                if cell is not None:
                    is_computed = (row.key, column.key) in computed
                    found.append(_form_cell(cell, table, row, column, is_computed))
    return found


def _form_cell(cell: Meaning, table: Table, row: TableRow, column: Column, is_computed: bool) -> FormCell:
    return FormCell(
        table=table.code,
        row=row.key,
        column=column.key,
        unit_id=row.unit.unit_id,
        indicator_code=cell.indicator.code,
        breakdown=cell.breakdown,
        measure=cell.measure,
        accumulation=cell.accumulation,
        issuer=cell.issuer,
        unit_of_measure=cell.indicator.unit_of_measure,
        factor=cell.factor,
        is_computed=is_computed,
    )


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a cell's figure is, whoever it is about."""

    indicator: Indicator
    breakdown: str
    measure: str
    accumulation: Accumulation
    issuer: str
    factor: int
    blank_is_zero: bool


def quantity_of(meaning: Meaning, unit_id: str, issuer: str = "") -> tuple[str, ...]:
    """What a figure is a figure of: two of one form that agree in it have to be equal."""
    return (meaning.indicator.code, unit_id, meaning.breakdown, meaning.measure, meaning.accumulation, issuer)


def cell_at(
    version: Version, table: Table, row: TableRow, column: Column, period: Period, catalogue: Catalogue
) -> Meaning | None:
    """What the cell means; None where there is no figure (a heading, a text column, a crossed-out cell)."""
    if row.is_heading or column.role != "value":
        return None
    return meaning_of(version, table, row.line, column, period.code, catalogue)


@lru_cache(maxsize=65_536)
def meaning_of(
    version: Version, table: Table, line: Row | None, column: Column, period: str, catalogue: Catalogue
) -> Meaning | None:
    """What the cells of a line and a column of figures mean; None where they are crossed out."""
    facets = table.facets(line, column)
    if facets is None or facets.indicator is None:
        return None
    indicator = catalogue.indicators[facets.indicator]
    return Meaning(
        indicator=indicator,
        breakdown=breakdown_key(facets.breakdown),
        measure=facets.measure or "actual",
        accumulation=facets.accumulation or indicator.accumulation(version.flows, period),
        issuer=facets.issuer or "",
        factor=MONEY_FACTORS[facets.money or "dong"] if indicator.unit_of_measure == "vnd" else 1,
        blank_is_zero=facets.blank == "zero",
    )


@lru_cache(maxsize=65_536)
def is_additive(column: Column, row: Row | None, table: Table, catalogue: Catalogue) -> bool:
    """Whether the figures of a column may be summed over units."""
    facets = table.facets(row, column)
    if column.role != "value" or facets is None or facets.indicator is None:
        return False
    return catalogue.indicators[facets.indicator].agg_units == "sum"


@dataclass(frozen=True, slots=True)
class Sum:
    """A figure that others make up: the sum of `parts` less the sum of `minus` (row and column keys)."""

    parts: tuple[tuple[str, str], ...]
    minus: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure that is 100 × numerator / sum of denominators, to as many decimals as the template shows."""

    numerator: tuple[str, str]
    denominators: tuple[tuple[str, str], ...]


RATIO_DECIMALS = 2


def computed_cells(form: Form, laid_out: LaidOutTable, catalogue: Catalogue) -> dict[tuple[str, str], Sum | Ratio]:
    """The cells of a table that follow from others of the same table, by the form's rules."""
    table = laid_out.table
    column_keys = {column.key for column in table.leaves}
    found: dict[tuple[str, str], Sum | Ratio] = {}
    for rule in form.rules:
        if rule.severity == "error" and rule.kind in ("sum", "ratio"):
            found.update(_by_rule(rule, laid_out, column_keys))
    for total in laid_out.total_rows:
        units = laid_out.unit_rows(total.line)
        for column in table.leaves:
            if is_additive(column, total.line, table, catalogue):
                found[total.key, column.key] = Sum(tuple((row.key, column.key) for row in units))
    return found


def _by_rule(
    rule: FormRule, laid_out: LaidOutTable, column_keys: set[str]
) -> Iterator[tuple[tuple[str, str], Sum | Ratio]]:
    row_keys = {row.key for row in laid_out.rows if not row.is_heading}
    if not set(rule.keys) <= (row_keys if rule.along == "rows" else column_keys):
        return
    for across in rule_positions(rule, laid_out):

        def place(key: str | None, across: str = across) -> tuple[str, str]:
            return (key or "", across) if rule.along == "rows" else (across, key or "")

        if rule.kind == "sum":
            yield place(rule.whole), Sum(tuple(map(place, rule.parts)), tuple(map(place, rule.minus)))
        else:
            yield place(rule.value), Ratio(place(rule.numerator), tuple(map(place, rule.denominator)))


def rule_positions(rule: FormRule, laid_out: LaidOutTable) -> list[str]:
    """Where a rule is applied in a table: keys of rows, or of columns for a rule along rows."""
    table = laid_out.table
    if rule.along == "columns":
        columns = {column.key: column for column in table.leaves}
        named = [columns[key] for key in rule.keys if key in columns]
        return [
            row.key
            for row in laid_out.rows
            if not row.is_heading and all(table.facets(row.line, column) is not None for column in named)
        ]
    rows = {row.key: row for row in laid_out.rows}
    named_rows = [rows[key] for key in rule.keys if key in rows]
    return [
        column.key
        for column in table.leaves
        if column.role == "value"
        and (not rule.columns or column.key in rule.columns)
        and all(table.facets(row.line, column) is not None for row in named_rows)
    ]


def complete(
    values: dict[tuple[str, str], Decimal], form: Form, laid_out: LaidOutTable, catalogue: Catalogue
) -> dict[tuple[str, str], Decimal]:
    """The values with the computed ones filled in where they are not given and can be computed."""
    formulas = computed_cells(form, laid_out, catalogue)
    filled = dict(values)

    def value_of(place: tuple[str, str], seen: frozenset[tuple[str, str]]) -> Decimal | None:
        if place in filled:
            return filled[place]
        if place not in formulas or place in seen:
            return None
        result = _compute(formulas[place], lambda other: value_of(other, seen | {place}))
        if result is not None:
            filled[place] = result
        return result

    for place in formulas:
        value_of(place, frozenset())
    return filled


def _compute(formula: Sum | Ratio, value_of: Callable[[tuple[str, str]], Decimal | None]) -> Decimal | None:
    if isinstance(formula, Ratio):
        numerator = value_of(formula.numerator)
        denominators = [value for place in formula.denominators if (value := value_of(place)) is not None]
        denominator = sum(denominators, Decimal(0))
        if numerator is None or not denominator:
            return None
        return round(100 * numerator / denominator, RATIO_DECIMALS)
    parts = [value for place in formula.parts if (value := value_of(place)) is not None]
    minus = [value for place in formula.minus if (value := value_of(place)) is not None]
    return sum(parts, Decimal(0)) - sum(minus, Decimal(0)) if parts or minus else None

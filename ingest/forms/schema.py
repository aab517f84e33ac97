"""What a form's definition may say, and the errors that name file and line when it says otherwise.

A form is a folder of three kinds of YAML files: `form.yml` (who reports it, when, on what legal
ground), `vNN.yml` (the tables of one version) and `rules.yml` (the checks). `README.md` beside
this module tells how to write one.

A cell of a table means what its row and its column say together: each may give an indicator,
categories of a breakdown, a measure, an issuer; a group hands down what it says to its members.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ingest.core.catalogue import Level
from ingest.core.model import Accumulation, Severity, SourceKind
from ingest.core.periods import Period, PeriodKind

Measure = Literal["actual", "target", "plan", "change", "prior"]
MoneyScale = Literal["dong", "thousand", "million", "billion"]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$")]

MONEY_FACTORS: Mapping[MoneyScale, int] = {"dong": 1, "thousand": 10**3, "million": 10**6, "billion": 10**9}
COUNT_FREE_UNITS = frozenset({"vnd", "percent", "percentage_point", "kg"})


class _Strict(BaseModel):
    """Unknown fields are errors: a field written wrongly must not be passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Facets(_Strict):
    """What a row, a column or a single cell says about its value.

    `money` is the scale in which the form asks for what is money; values are stored in dong. `blank` says
    what an empty cell means: nothing stated (`absent`) or none (`zero`).
    """

    indicator: str | None = None
    breakdown: dict[str, str] = {}
    measure: Measure | None = None
    accumulation: Accumulation | None = None
    issuer: str | None = None
    money: MoneyScale | None = None
    blank: Literal["absent", "zero"] | None = None

    def over(self, outer: Facets) -> Facets:
        """These facets where they say something, else the outer ones; categories are joined."""
        return Facets(
            indicator=self.indicator or outer.indicator,
            breakdown={**outer.breakdown, **self.breakdown},
            measure=self.measure or outer.measure,
            accumulation=self.accumulation or outer.accumulation,
            issuer=self.issuer or outer.issuer,
            money=self.money or outer.money,
            blank=self.blank or outer.blank,
        )


def _as_facets(node: Facets) -> Facets:
    return Facets(**{name: getattr(node, name) for name in Facets.model_fields})


class ColumnNode(Facets):
    """A column, or a heading over several columns (`columns`).

    `role` is `value` for figures; `issuer` for a text column that names who set the figures of the
    same group, `unit` for one that names the unit of measure of its row, `skip` for a column of an
    official form that no indicator of the catalogue covers: it is printed, and reading says that it is
    passed over.
    `variants` are other usual wordings of the label. `also` are other ways in which official tables head the
    same column, whole from the top heading down: `Tổng số hộ nghèo > Kinh`.
    """

    key: Key | None = None
    label: str
    variants: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    role: Literal["value", "issuer", "unit", "skip"] = "value"
    optional: bool = False
    columns: tuple[ColumnNode, ...] = ()

    @model_validator(mode="after")
    def _is_group_or_column(self) -> Self:
        if bool(self.key) == bool(self.columns):
            raise ValueError("a column needs a key, a group needs columns, and neither needs both")
        return self


class RowNode(Facets):
    """A row of a table of categories, with the rows that stand under it.

    Without a `key` it is a heading that holds no figures. `number` is the numbering printed before
    the label. `cells` says what differs in single columns: other facets, or null where the cell is
    crossed out and asks for nothing.
    """

    key: Key | None = None
    label: str
    number: str = ""
    variants: tuple[str, ...] = ()
    unit: str | None = None
    cells: dict[str, Facets | None] = {}
    rows: tuple[RowNode, ...] = ()


class UnitLine(Facets):
    """One of several lines that each unit has, such as households and persons; `cells` as in a `RowNode`."""

    key: Key
    label: str
    variants: tuple[str, ...] = ()
    cells: dict[str, Facets | None] = {}


class UnitRows(_Strict):
    """A row per unit below the reporting one (a commune reports itself in one row), then the total."""

    kind: Literal["units"]
    label: str = "Xã, phường, thị trấn"
    lines: tuple[UnitLine, ...] = ()
    lines_label: str = "Phân tổ"


class CategoryRows(_Strict):
    """Rows that the form itself names; every figure is about the reporting unit."""

    kind: Literal["categories"]
    label: str = "Chỉ tiêu"
    rows: tuple[RowNode, ...] = Field(min_length=1)


@dataclass(frozen=True, eq=False)
class Column:
    """A column without groups above it: `path` are the labels from the top heading down."""

    key: str
    role: str
    path: tuple[str, ...]
    path_variants: tuple[tuple[str, ...], ...]
    facets: Facets
    is_optional: bool
    also: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Row:
    """A row of a table of categories, or a line of a table of units, without the tree around it."""

    key: str
    label: str
    number: str
    variants: tuple[str, ...]
    depth: int
    parent: str
    facets: Facets
    unit_label: str | None
    cells: Mapping[str, Facets | None] = field(default_factory=dict)

    @property
    def is_heading(self) -> bool:
        """Whether it holds no figures."""
        return not self.key


class Table(Facets):
    """A table on one sheet. `layout` says whether its columns are those of an official form."""

    # Definitions are read once and compared by identity, so that what is worked out of them can be remembered.
    __hash__ = object.__hash__
    __eq__ = object.__eq__

    code: Annotated[str, Field(pattern=r"^[A-Z0-9_-]+$", max_length=31)]
    title_vi: str
    title_en: str
    title_variants: tuple[str, ...] = ()
    layout: Literal["official", "own"] | None = None
    official_code: str = ""
    rows: Annotated[UnitRows | CategoryRows, Field(discriminator="kind")]
    columns: tuple[ColumnNode, ...] = Field(min_length=1)

    @cached_property
    def leaves(self) -> tuple[Column, ...]:
        """The columns from left to right, each with what the headings above it say."""
        return tuple(_leaves(self.columns, (), (), _as_facets(self)))

    @cached_property
    def row_list(self) -> tuple[Row, ...]:
        """The rows of a table of categories from top to bottom; the lines of one of units."""
        if isinstance(self.rows, CategoryRows):
            return tuple(_rows(self.rows.rows, Facets(), 0, ""))
        return tuple(
            Row(line.key, line.label, "", line.variants, 0, "", _as_facets(line), None, line.cells)
            for line in self.rows.lines
        )

    @property
    def has_unit_rows(self) -> bool:
        """Whether its rows are units (else categories)."""
        return isinstance(self.rows, UnitRows)

    def facets(self, row: Row | None, column: Column) -> Facets | None:
        """What the cell of a row (None: a unit's only line) and a column means; None where it is crossed out."""
        if row is None:
            return column.facets
        if column.key in row.cells and row.cells[column.key] is None:
            return None
        joined = row.facets.over(column.facets)
        special = row.cells.get(column.key)
        return special.over(joined) if special is not None else joined


class DerivedTable(_Strict):
    """An official table whose figures all follow from those of another one (`of`): rates of its counts.

    It has the other one's rows and columns. It is recognised where it is sent, but neither asked for nor read.
    """

    code: Annotated[str, Field(pattern=r"^[A-Z0-9_-]+$", max_length=31)]
    title_vi: str
    title_en: str
    title_variants: tuple[str, ...] = ()
    official_code: str = ""
    of: str


def _leaves(
    nodes: tuple[ColumnNode, ...], path: tuple[str, ...], variants: tuple[tuple[str, ...], ...], outer: Facets
) -> Iterator[Column]:
    for node in nodes:
        facets = _as_facets(node).over(outer)
        below = (*path, node.label)
        below_variants = (*variants, node.variants)
        if node.key:
            also = tuple(tuple(part.strip() for part in one.split(" > ")) for one in node.also)
            yield Column(node.key, node.role, below, below_variants, facets, node.optional, also)
        else:
            yield from _leaves(node.columns, below, below_variants, facets)


def _rows(nodes: tuple[RowNode, ...], outer: Facets, depth: int, parent: str) -> Iterator[Row]:
    for node in nodes:
        facets = _as_facets(node).over(outer)
        yield Row(node.key or "", node.label, node.number, node.variants, depth, parent, facets, node.unit, node.cells)
        yield from _rows(node.rows, facets, depth + 1, node.key or parent)


class Version(_Strict):
    """The tables of a form from one day (inclusive) to another (exclusive).

    `flows` says whether money and events are those of the period alone or since 1 January. `derived` are
    tables that follow from the others.
    """

    __hash__ = object.__hash__
    __eq__ = object.__eq__

    version: Annotated[str, Field(pattern=r"^v\d{2}$")]
    valid_from: date
    valid_to: date = date.max
    flows: Literal["period", "since_january"] = "since_january"
    tables: tuple[Table, ...] = ()
    derived: tuple[DerivedTable, ...] = ()

    @model_validator(mode="after")
    def _derives_from_its_tables(self) -> Self:
        for derived in self.derived:
            if self.table(derived.of) is None:
                raise ValueError(f'{derived.code} is derived from "{derived.of}", which is no table of this version')
        return self

    @cached_property
    def derived_tables(self) -> tuple[Table, ...]:
        """The derived tables with the rows and columns that they share with others."""
        return tuple(
            self.table(one.of).model_copy(update=one.model_dump(exclude={"of"}))  # type: ignore[union-attr]
            for one in self.derived
        )

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_to <= self.valid_from:
            raise ValueError("valid_to must be later than valid_from")
        return self

    def is_valid_on(self, day: date) -> bool:
        """Whether this version is to be used on that day."""
        return self.valid_from <= day < self.valid_to

    def table(self, code: str) -> Table | None:
        """The table of that code."""
        return next((table for table in self.tables if table.code == code), None)

    def table_of_column(self, key: str) -> Table | None:
        """The table of units that has a column of that key."""
        return next((t for t in self.tables if t.has_unit_rows and any(c.key == key for c in t.leaves)), None)

    def table_of_row(self, key: str) -> Table | None:
        """The table of categories that has a row of that key."""
        return next((t for t in self.tables if not t.has_unit_rows and any(r.key == key for r in t.row_list)), None)


class Reporter(_Strict):
    """Which level reports the form from one day to another, both inclusive."""

    level: Level
    from_: date = Field(default=date.min, alias="from")
    until: date = date.max


def _month_day(text: object) -> object:
    if isinstance(text, str) and re.fullmatch(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", text):
        month, day = text.split("-")
        date(2023, int(month), int(day))
        return text
    raise ValueError(f'"{text}" is not a day of the year; write "12-14" for 14 December')


class DueRule(_Strict):
    """When a period's form is due: on a fixed day of the year (`day`) or days after the period ends."""

    period: PeriodKind
    days_after: int | None = None
    day: Annotated[str, BeforeValidator(_month_day)] | None = None
    years_later: int = 0

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.days_after is None) == (self.day is None):
            raise ValueError("give either days_after or day")
        return self

    def due_on(self, period: Period) -> date:
        """The last day on which the period's form is in time (Asia/Ho_Chi_Minh)."""
        if self.day is not None:
            month, day = (int(part) for part in self.day.split("-"))
            return date(period.last_day.year + self.years_later, month, day)
        return period.last_day + timedelta(days=self.days_after or 0)


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


RuleKind = Literal[
    "total_row", "sum", "part", "ratio", "count", "range", "per", "together", "equal", "rate", "same", "alike"
]
# What a rule does where a side that it names was not read: it is not applied, or the missing figure counts as zero.
Missing = Literal["skip", "zero"]


class RateBounds(_Strict):
    """Which legal rates bound what is paid for one case in some rows: `rate` of `catalogue/seeds/rates.csv`.

    `categories` are those of the rate, or beginnings of their codes (`war_*`); without them the row's own category
    of the code list `category_list` is looked up. `times` is the rate that it multiplies, `multiple` a plain
    factor. `plus` are supplements that may come on top; `up_to` says how many times the amount one case may get.
    `least_only` says that the law sets only the least. Months before the first known amount are taken in
    proportion to `in_proportion_to`.
    """

    rows: tuple[str, ...] = ()
    rate: str
    categories: tuple[str, ...] = ()
    category_list: str | None = None
    times: str | None = None
    multiple: Decimal = Decimal(1)
    plus: tuple[str, ...] = ()
    up_to: dict[str, Decimal] = {}
    least_only: bool = False
    in_proportion_to: str | None = None


class RuleHead(_Strict):
    """What every rule of the register says of itself, whatever engine applies it. The id is never given again.

    `mend_vi`, `mend_en` tell how to mend; without them the texts of the rule's kind do. `tolerance` is the largest
    difference that is let through, in the catalogue's unit of measure; `tolerance_pct` the same relative to the
    right side; `decimals` that both sides are compared as they are shown. `missing` says what a side means that was
    not read.
    """

    id: Annotated[str, Field(pattern=r"^[A-Z]{2,6}-\d{3}$")]
    name_vi: str
    name_en: str
    severity: Severity = "error"
    mend_vi: str | None = None
    mend_en: str | None = None
    tolerance: Decimal = Field(default=Decimal(0), ge=0)
    tolerance_pct: Decimal = Field(default=Decimal(0), ge=0)
    decimals: int | None = None
    missing: Missing = "skip"
    valid_from: date = date.min
    valid_to: date = date.max
    legal_basis: str = ""

    @model_validator(mode="after")
    def _is_valid_for_some_time(self) -> Self:
        if self.valid_to <= self.valid_from:
            raise ValueError("valid_to must be later than valid_from")
        if (self.mend_vi is None) != (self.mend_en is None):
            raise ValueError("give mend_vi and mend_en, or neither")
        return self

    def is_valid_on(self, day: date) -> bool:
        """Whether the rule is in force on a day: for a submission, the last one of its period."""
        return self.valid_from <= day < self.valid_to


class FormRule(RuleHead):
    """A check of a form's figures.

    Kinds (keys are columns of tables of units, applied in each row but `except_rows`; with `along: rows` they are rows
    of a table of categories, applied in each column that the rows share, or in `columns`):

    - `total_row`: the total row is the sum of the units' rows, in every column that can be summed.
    - `sum`: `whole` = sum of `parts` less sum of `minus`.
    - `part`: each of `parts` is at most `whole`.
    - `ratio`: `value` = 100 × `numerator` / `denominator` (one key, or several that are added up).
    - `count`: every count is a whole number not below zero; money has no fractions of a dong and is not below zero,
      percentages are not below zero.
    - `range`: each of `parts` lies from `min` to `max`.
    - `per`: `numerator` / `denominator` lies from `min` to `max`, such as money per turn paid: what lies outside was
      written in another unit of money. With `per_month` the bounds are for one month and grow with the months that
      the figures cover; `slack` is what the denominator may be off by.
    - `together`: the two `parts` are both zero or both above it.
    - `equal`: the sum of the cells `left` is that of the cells `right`, which may stand in other tables. A cell is
      `row.column`; the row `total` is that of a table of units (a commune's only row where there is no total).
    - `rate`: `numerator` / `denominator` is what the law pays for one case (`rates`), in each row that has a rate.
    - `same`: cells of the form that mean the same, wherever they stand, hold the same.
    - `alike`: `numerator` / `denominator` is in no row more than `max` times, or less than one `max`th of, that of
      the middle row.
    """

    # Definitions are read once and compared by identity, so that what is worked out of them can be remembered.
    __hash__ = object.__hash__
    __eq__ = object.__eq__

    kind: RuleKind
    along: Literal["columns", "rows"] = "columns"
    columns: tuple[str, ...] = ()
    except_rows: tuple[str, ...] = ()
    whole: str | None = None
    parts: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    value: str | None = None
    numerator: str | None = None
    denominator: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    min: Decimal | None = None
    max: Decimal | None = None
    per_month: bool = False
    slack: Decimal = Field(default=Decimal(0), ge=0)
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    rates: tuple[RateBounds, ...] = ()

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        needed: dict[str, tuple[str, ...]] = {
            "sum": ("whole", "parts"),
            "part": ("whole", "parts"),
            "ratio": ("value", "numerator", "denominator"),
            "range": ("parts",),
            "per": ("numerator", "denominator"),
            "together": ("parts",),
            "equal": ("left", "right"),
            "rate": ("numerator", "denominator", "rates"),
            "alike": ("numerator", "denominator", "max"),
        }
        missing = [name for name in needed.get(self.kind, ()) if not getattr(self, name)]
        if missing:
            raise ValueError(f"a rule of kind {self.kind} needs {', '.join(missing)}")
        if self.kind == "together" and len(self.parts) != 2:
            raise ValueError("a rule of kind together needs exactly two parts")
        if self.kind in ("range", "per") and self.min is None and self.max is None:
            raise ValueError(f"a rule of kind {self.kind} needs min or max")
        return self

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Every column or row that the rule names."""
        named = (self.whole, *self.parts, *self.minus, self.value, self.numerator, *self.denominator)
        return tuple(key for key in named if key)

    @cached_property
    def cells(self) -> tuple[tuple[str, str], ...]:
        """Every single cell that a rule of kind `equal` names, as row and column."""
        return tuple(cell_of(name) for name in (*self.left, *self.right))


def cell_of(name: str) -> tuple[str, str]:
    """The row and the column of a cell named `row.column`."""
    row, _, column = name.rpartition(".")
    return row, column


class LegalBasis(_Strict):
    """An act on which a form rests, from `valid_from` until before `valid_to`; a text alone stands for always."""

    act: str
    valid_from: date = date.min
    valid_to: date = date.max

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"act": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_to <= self.valid_from:
            raise ValueError("valid_to must be later than valid_from")
        return self

    def is_valid_on(self, day: date) -> bool:
        """Whether the form rests on it on that day."""
        return self.valid_from <= day < self.valid_to


class FormHead(_Strict):
    """`form.yml`: what does not change with the tables' versions.

    `rank` orders the forms that state the same quantity: the lowest counts. `also_from` are levels
    that may submit the form though it is not due from them.
    """

    code: Key
    name_vi: str
    name_en: str
    domain: str
    source_kind: SourceKind = "form"
    layout: Literal["official", "own"]
    rank: int = 100
    reporters: tuple[Reporter, ...] = Field(min_length=1)
    also_from: tuple[Level, ...] = ()
    frequency: tuple[PeriodKind, ...] = Field(min_length=1)
    due: tuple[DueRule, ...] = Field(min_length=1)
    legal_basis: tuple[LegalBasis, ...] = Field(min_length=1)

    def acts_on(self, day: date) -> tuple[str, ...]:
        """The acts on which the form rests on a day: for a period, on its last day."""
        return tuple(basis.act for basis in self.legal_basis if basis.is_valid_on(day))


@dataclass(frozen=True, eq=False)
class Form:
    """A form with all its versions and rules. A written report is one without tables."""

    head: FormHead
    versions: tuple[Version, ...]
    rules: tuple[FormRule, ...]

    @property
    def code(self) -> str:
        """The form's code, which is its folder's name."""
        return self.head.code

    def version_on(self, day: date) -> Version | None:
        """The version to be used on a day: for a period, on its last day."""
        return next((version for version in self.versions if version.is_valid_on(day)), None)

    def version(self, name: str) -> Version | None:
        """The version of that name (`v01`)."""
        return next((version for version in self.versions if version.version == name), None)

    def reporter_on(self, day: date) -> Level | None:
        """Which level owes the form on a day."""
        return next((r.level for r in self.head.reporters if r.from_ <= day <= r.until), None)

    def may_come_from(self, level: Level, day: date) -> bool:
        """Whether a unit of that level may submit the form on a day."""
        return level == self.reporter_on(day) or level in self.head.also_from

    def due_on(self, period: Period) -> date | None:
        """The last day on which that period's form is in time; None for a kind of period it is not asked for."""
        return next((rule.due_on(period) for rule in self.head.due if rule.period == period.kind), None)

    def layout_of(self, table: Table) -> str:
        """`official` or `own`, as the table says or else the form."""
        return table.layout or self.head.layout

"""A form's own rules applied to the figures of one submission.

Rules are data (`rules.yml` of each form); the kinds they may be of are here, once for all forms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import yaml

from ingest.core.catalogue import Catalogue
from ingest.core.catalogue_files import RULES
from ingest.core.model import Finding
from ingest.forms.layout import LaidOutTable, TableRow, is_additive
from ingest.forms.schema import COUNT_FREE_UNITS, Form, FormRule, RuleKind

TEXTS_FILE = RULES / "rule_texts.yml"

Place = tuple[str, str]


class Figure(NamedTuple):
    """A figure that was read: its value in the catalogue's unit of measure and its place in the file."""

    value: Decimal
    ref: str
    unit_of_measure: str


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The findings of a form's rules, and the ids of the rules that were applied and held everywhere."""

    findings: list[Finding]
    passed: list[str]


class _Broken(NamedTuple):
    """Where a rule does not hold, and what was compared."""

    where: Place
    others: tuple[Place, ...] = ()
    lhs: Decimal | None = None
    rhs: Decimal | None = None
    bound: str = ""


# What is said of one row's or column's values by key: the keys that break a rule, the first of them the place of
# the finding, with what was compared.
_Values = Mapping[str, Decimal]
_Compared = tuple[tuple[str, ...], Decimal, Decimal | None]


@lru_cache(maxsize=1)
def _texts() -> Mapping[RuleKind, Mapping[str, str]]:
    return yaml.load(TEXTS_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # type: ignore[no-any-return]


def check_figures(
    form: Form, tables: Sequence[LaidOutTable], figures: Mapping[Place, Figure], catalogue: Catalogue
) -> CheckOutcome:
    """Applies every rule of a form wherever the figures that it names were read.

    A rule that names a figure that is absent can't be judged there: nothing is said, except that parts
    which already exceed their whole are wrong whatever the missing ones are.
    """
    findings: list[Finding] = []
    passed: list[str] = []
    by_row: dict[str, dict[str, Decimal]] = defaultdict(dict)
    by_column: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for (row, column), figure in figures.items():
        by_row[row][column] = by_column[column][row] = figure.value
    rows = [row.key for one in tables for row in one.rows if row.key in by_row and not row.is_heading]
    columns = [column.key for one in tables for column in one.table.leaves if column.key in by_column]
    lines = {
        "columns": [(key, by_row[key]) for key in dict.fromkeys(rows)],
        "rows": [(key, by_column[key]) for key in dict.fromkeys(columns)],
    }
    for rule in form.rules:
        if rule.kind == "count":
            applied, broken = _counts(rule, figures)
        elif rule.kind == "total_row":
            applied, broken = _totals(rule, tables, by_column, catalogue)
        # Most rules of a form are about rows, columns or tables that hold no figure here.
        elif (by_row if rule.along == "rows" else by_column).keys().isdisjoint(rule.keys):
            continue
        else:
            applied, broken = _along(rule, lines[rule.along])
        findings += [_finding(rule, one, tables, figures) for one in broken]
        if applied and not broken:
            passed.append(rule.id)
    return CheckOutcome(findings, passed)


def _along(rule: FormRule, lines: Iterable[tuple[str, _Values]]) -> tuple[bool, list[_Broken]]:
    """Applies a rule in each row (or column, for a rule along rows); whether it could be, and where it is broken."""
    is_applied, broken = False, []
    is_along_rows, judge = rule.along == "rows", _JUDGES[rule.kind]
    for across, values in lines:
        if is_along_rows and rule.columns and across not in rule.columns:
            continue
        compared = judge(rule, values)
        if compared is None:
            continue
        is_applied = True
        for keys, lhs, rhs in compared:
            where, *others = ((key, across) if is_along_rows else (across, key) for key in keys)
            broken.append(_Broken(where, tuple(others), lhs, rhs, _bound(rule)))
    return is_applied, broken


def _counts(rule: FormRule, figures: Mapping[Place, Figure]) -> tuple[bool, list[_Broken]]:
    is_applied, broken = False, []
    for place, figure in figures.items():
        if rule.columns and place[1] not in rule.columns:
            continue
        is_applied = True
        value, unit = figure.value, figure.unit_of_measure
        # A change of a rate may be below zero; nothing else may.
        is_negative = value < 0 and unit != "percentage_point"
        if is_negative or (unit not in COUNT_FREE_UNITS and value != value.to_integral_value()):
            broken.append(_Broken(place, lhs=value))
    return is_applied, broken


def _totals(
    rule: FormRule, tables: Sequence[LaidOutTable], by_column: Mapping[str, _Values], catalogue: Catalogue
) -> tuple[bool, list[_Broken]]:
    is_applied, broken = False, []
    for laid_out in tables:
        for total in laid_out.total_rows:
            units = [row.key for row in laid_out.unit_rows(total.line)]
            for column in laid_out.table.leaves:
                if column.key not in by_column or (rule.columns and column.key not in rule.columns):
                    continue
                if not is_additive(column, total.line, laid_out.table, catalogue):
                    continue
                compared = _sum(by_column[column.key], total.key, units, (), rule.tolerance)
                is_applied = is_applied or compared is not None
                for keys, lhs, rhs in compared or ():
                    where, *others = ((key, column.key) for key in keys)
                    broken.append(_Broken(where, tuple(others), lhs, rhs))
    return is_applied, broken


# Each judges a rule by the values of one row or column: None where what it names is not there, else what breaks it.


def _sum(
    values: _Values, whole: str, parts: Sequence[str], minus: Sequence[str], tolerance: Decimal
) -> Sequence[_Compared] | None:
    stated = values.get(whole)
    found = [key for key in parts if key in values]
    if stated is None or not found:
        return None
    taken = [key for key in minus if key in values]
    total = sum([values[key] for key in found], _ZERO)
    for key in taken:
        total -= values[key]
    if len(found) == len(parts) and len(taken) == len(minus):
        holds = abs(stated - total) <= tolerance
    elif minus:
        return None
    else:
        # Parts which already exceed their whole are wrong whatever the missing ones are.
        holds = total - stated <= tolerance
    return () if holds else [((whole, *found, *taken), stated, total)]


def _judge_sum(rule: FormRule, values: _Values) -> Sequence[_Compared] | None:
    return _sum(values, rule.whole or "", rule.parts, rule.minus, rule.tolerance)


def _judge_parts(rule: FormRule, values: _Values) -> Sequence[_Compared] | None:
    whole = rule.whole or ""
    stated = values.get(whole)
    found = [part for part in rule.parts if part in values]
    if stated is None or not found:
        return None
    return [((part, whole), values[part], stated) for part in found if values[part] - stated > rule.tolerance]


def _judge_ratio(rule: FormRule, values: _Values) -> Sequence[_Compared] | None:
    value, numerator = rule.value or "", rule.numerator or ""
    denominator = sum([values[key] for key in rule.denominator if key in values], _ZERO)
    if value not in values or numerator not in values or not denominator:
        return None
    computed = round(100 * values[numerator] / denominator, 4)
    stated = values[value]
    if abs(stated - computed) <= rule.tolerance:
        return ()
    return [((value, numerator, *rule.denominator), stated, computed)]


def _judge_range(rule: FormRule, values: _Values) -> Sequence[_Compared] | None:
    found = [part for part in rule.parts if part in values]
    return [((part,), values[part], None) for part in found if not _is_within(rule, values[part])] if found else None


def _judge_per(rule: FormRule, values: _Values) -> Sequence[_Compared] | None:
    numerator, denominator = rule.numerator or "", rule.denominator[0]
    if not values.get(numerator) or not values.get(denominator):
        return None
    quotient = round(values[numerator] / values[denominator], 2)
    return () if _is_within(rule, quotient) else [((numerator, denominator), quotient, None)]


def _judge_together(rule: FormRule, values: _Values) -> Sequence[_Compared] | None:
    first, second = rule.parts
    if first not in values or second not in values:
        return None
    lhs, rhs = values[first], values[second]
    return () if (lhs == 0) == (rhs == 0) else [((first, second), lhs, rhs)]


_ZERO = Decimal(0)
_JUDGES: Mapping[RuleKind, Callable[[FormRule, _Values], Sequence[_Compared] | None]] = {
    "sum": _judge_sum,
    "part": _judge_parts,
    "ratio": _judge_ratio,
    "range": _judge_range,
    "per": _judge_per,
    "together": _judge_together,
}


def _is_within(rule: FormRule, value: Decimal) -> bool:
    return (rule.min is None or value >= rule.min) and (rule.max is None or value <= rule.max)


def _bound(rule: FormRule) -> str:
    low, high = ("" if one is None else vietnamese_number(one) for one in (rule.min, rule.max))
    return f"{low} … {high}"


def _finding(
    rule: FormRule, result: _Broken, tables: Sequence[LaidOutTable], figures: Mapping[Place, Figure]
) -> Finding:
    texts = _texts()[rule.kind]
    difference = result.lhs - result.rhs if result.lhs is not None and result.rhs is not None else None
    row, column = _names(result.where, tables)
    names = {"row": row, "column": column, "bound": result.bound}
    numbers = {"lhs": result.lhs, "rhs": result.rhs, "difference": difference}
    vietnamese = {key: vietnamese_number(value) for key, value in numbers.items() if value is not None}
    english = {key: f"{value:,f}" for key, value in numbers.items() if value is not None}
    return Finding(
        rule_id=rule.id,
        severity=rule.severity,
        ref=figures[result.where].ref,
        refs=tuple(figures[place].ref for place in result.others if place in figures),
        lhs=result.lhs,
        rhs=result.rhs,
        difference=difference,
        message_vi=texts["vi"].format_map({"rule": rule.name_vi, **names, **vietnamese}),
        message_en=texts["en"].format_map({"rule": rule.name_en, **names, **english}),
    )


def _names(place: Place, tables: Sequence[LaidOutTable]) -> tuple[str, str]:
    """The labels of a place's row and column."""
    rows = [row for laid_out in tables for row in laid_out.rows if row.key == place[0]]
    columns = [
        column
        for laid_out in tables
        if any(row.key == place[0] for row in laid_out.rows)
        for column in laid_out.table.leaves
        if column.key == place[1]
    ]
    return _label(rows[0]) if rows else place[0], " - ".join(columns[0].path) if columns else place[1]


def _label(row: TableRow) -> str:
    is_line_of_unit = row.line is not None and row.line.label != row.label
    return f"{row.label}, {row.line.label}" if row.line is not None and is_line_of_unit else row.label


def vietnamese_number(value: Decimal) -> str:
    """A number as Vietnamese offices write it: `1.234,5`."""
    text = f"{value:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,"))

"""A form's own rules applied to the figures of one submission.

Rules are data (`rules.yml` of each form); the kinds they may be of are here, once for all forms.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import yaml

from ingest.catalogue import Catalogue
from ingest.forms.layout import LaidOutTable, TableRow, is_additive
from ingest.forms.schema import COUNT_FREE_UNITS, Form, FormRule, RuleKind
from ingest.model import Finding

TEXTS_FILE = Path(__file__).parent / "rule_texts.yml"

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that was read: its value in the catalogue's unit of measure and its place in the file."""

    value: Decimal
    ref: str
    unit_of_measure: str


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The findings of a form's rules, and the ids of the rules that were applied and held everywhere."""

    findings: list[Finding]
    passed: list[str]


@dataclass(frozen=True, slots=True)
class _Result:
    """One application of a rule: whether it held, and what was compared."""

    holds: bool
    where: Place
    others: tuple[Place, ...] = ()
    lhs: Decimal | None = None
    rhs: Decimal | None = None
    bound: str = ""


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
    # Most rules of a form are about rows, columns or tables that hold no figure here.
    rows, columns = {row for row, _ in figures}, {column for _, column in figures}
    for rule in form.rules:
        named, across = (rows, columns) if rule.along == "rows" else (columns, rows)
        if rule.keys and named.isdisjoint(rule.keys):
            continue
        results = list(_apply(rule, tables, figures, across, catalogue))
        broken = [result for result in results if not result.holds]
        findings += [_finding(rule, result, tables, figures) for result in broken]
        if results and not broken:
            passed.append(rule.id)
    return CheckOutcome(findings, passed)


def _apply(
    rule: FormRule,
    tables: Sequence[LaidOutTable],
    figures: Mapping[Place, Figure],
    stated: Container[str],
    catalogue: Catalogue,
) -> Iterator[_Result]:
    if rule.kind == "count":
        yield from _counts(rule, figures)
    elif rule.kind == "total_row":
        yield from _totals(rule, tables, figures, catalogue)
    else:
        for across in _positions(rule, tables):
            if across not in stated:
                continue

            def place(key: str | None, across: str = across) -> Place:
                return (key or "", across) if rule.along == "rows" else (across, key or "")

            if rule.kind == "sum":
                yield from _sum(rule, place(rule.whole), map(place, rule.parts), map(place, rule.minus), figures)
            elif rule.kind == "part":
                yield from _part(rule, place(rule.whole), map(place, rule.parts), figures)
            elif rule.kind == "ratio":
                denominators = tuple(map(place, rule.denominator))
                yield from _ratio(rule, place(rule.value), place(rule.numerator), denominators, figures)
            elif rule.kind == "range":
                yield from _range(rule, map(place, rule.parts), figures)
            elif rule.kind == "per":
                yield from _per(rule, place(rule.numerator), place(rule.denominator[0]), figures)
            elif rule.kind == "together":
                yield from _together(tuple(map(place, rule.parts)), figures)


def _positions(rule: FormRule, tables: Sequence[LaidOutTable]) -> list[str]:
    """The rows (or columns, for a rule along rows) in which a rule's keys are looked up; none twice."""
    if rule.along == "rows":
        columns = [column.key for laid_out in tables for column in laid_out.table.leaves]
        return list(dict.fromkeys(key for key in columns if not rule.columns or key in rule.columns))
    return list(dict.fromkeys(row.key for laid_out in tables for row in laid_out.rows if not row.is_heading))


def _counts(rule: FormRule, figures: Mapping[Place, Figure]) -> Iterator[_Result]:
    for place, figure in figures.items():
        if rule.columns and place[1] not in rule.columns:
            continue
        is_count = figure.unit_of_measure not in COUNT_FREE_UNITS
        # A change of a rate may be below zero; nothing else may.
        is_negative = figure.value < 0 and figure.unit_of_measure != "percentage_point"
        is_broken = is_count and figure.value != figure.value.to_integral_value()
        yield _Result(not (is_negative or is_broken), place, lhs=figure.value)


def _totals(
    rule: FormRule, tables: Sequence[LaidOutTable], figures: Mapping[Place, Figure], catalogue: Catalogue
) -> Iterator[_Result]:
    for laid_out in tables:
        for total in laid_out.total_rows:
            units = laid_out.unit_rows(total.line)
            for column in laid_out.table.leaves:
                if (not rule.columns or column.key in rule.columns) and is_additive(
                    column, total.line, laid_out.table, catalogue
                ):
                    parts = ((row.key, column.key) for row in units)
                    yield from _sum(rule, (total.key, column.key), parts, (), figures)


def _sum(
    rule: FormRule,
    whole: Place,
    parts: Iterator[Place],
    minus: Iterator[Place] | tuple[()],
    figures: Mapping[Place, Figure],
) -> Iterator[_Result]:
    named_parts, named_minus = tuple(parts), tuple(minus)
    if whole not in figures:
        return
    found = [place for place in named_parts if place in figures]
    taken = [place for place in named_minus if place in figures]
    if not found:
        return
    total = sum((figures[place].value for place in found), Decimal(0))
    total -= sum((figures[place].value for place in taken), Decimal(0))
    stated = figures[whole].value
    if len(found) == len(named_parts) and len(taken) == len(named_minus):
        holds = abs(stated - total) <= rule.tolerance
    elif named_minus:
        return
    else:
        holds = total - stated <= rule.tolerance
    yield _Result(holds, whole, (*found, *taken), stated, total)


def _part(rule: FormRule, whole: Place, parts: Iterator[Place], figures: Mapping[Place, Figure]) -> Iterator[_Result]:
    for part in parts:
        if whole in figures and part in figures:
            lhs, rhs = figures[part].value, figures[whole].value
            yield _Result(lhs - rhs <= rule.tolerance, part, (whole,), lhs, rhs)


def _ratio(
    rule: FormRule, value: Place, numerator: Place, denominators: tuple[Place, ...], figures: Mapping[Place, Figure]
) -> Iterator[_Result]:
    stated_denominators = [figures[place].value for place in denominators if place in figures]
    denominator = sum(stated_denominators, Decimal(0))
    if value not in figures or numerator not in figures or not denominator:
        return
    computed = round(100 * figures[numerator].value / denominator, 4)
    stated = figures[value].value
    yield _Result(abs(stated - computed) <= rule.tolerance, value, (numerator, *denominators), stated, computed)


def _range(rule: FormRule, parts: Iterator[Place], figures: Mapping[Place, Figure]) -> Iterator[_Result]:
    for part in parts:
        if part in figures:
            yield _within(rule, part, (), figures[part].value)


def _per(rule: FormRule, numerator: Place, denominator: Place, figures: Mapping[Place, Figure]) -> Iterator[_Result]:
    if numerator in figures and denominator in figures and figures[numerator].value and figures[denominator].value:
        quotient = round(figures[numerator].value / figures[denominator].value, 2)
        yield _within(rule, numerator, (denominator,), quotient)


def _within(rule: FormRule, where: Place, others: tuple[Place, ...], value: Decimal) -> _Result:
    low, high = rule.min, rule.max
    low_text, high_text = ("" if one is None else vietnamese_number(one) for one in (low, high))
    holds = (low is None or value >= low) and (high is None or value <= high)
    return _Result(holds, where, others, lhs=value, bound=f"{low_text} … {high_text}")


def _together(parts: tuple[Place, ...], figures: Mapping[Place, Figure]) -> Iterator[_Result]:
    first, second = parts
    if first in figures and second in figures:
        lhs, rhs = figures[first].value, figures[second].value
        yield _Result((lhs == 0) == (rhs == 0), first, (second,), lhs, rhs)


def _finding(
    rule: FormRule, result: _Result, tables: Sequence[LaidOutTable], figures: Mapping[Place, Figure]
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

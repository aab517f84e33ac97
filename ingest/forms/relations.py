"""What a form's rules say of the figures of one submission: relations between cells.

A rule is written once for all rows or columns; a relation is the rule at one place, with the cells that it compares.
Checking and finding the cell to mend both work on relations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from ingest.core.catalogue import Catalogue
from ingest.core.periods import Period
from ingest.forms.layout import TOTAL, LaidOutTable, is_additive, unit_row_key
from ingest.forms.legal_bounds import RateRange, bounds_of_rate
from ingest.forms.schema import COUNT_FREE_UNITS, Form, FormRule, cell_of

Place = tuple[str, str]
# A sum of cells, each with its sign.
Slot = tuple[tuple[Place, int], ...]
Shape = Literal["sum", "ratio", "per", "together", "value", "whole_number"]

_ZERO = Decimal(0)


class Figure(NamedTuple):
    """A figure that was read: its value in the catalogue's unit of measure and its place in the file.

    `quantity` says what it is a figure of; two figures of one quantity have to be equal.
    """

    value: Decimal
    ref: str
    unit_of_measure: str
    quantity: tuple[str, ...] = ()


class Relation(NamedTuple):
    """A rule at one place.

    - `sum`: the only slot lies from `low` to `high`;
    - `value`: the same of a single cell;
    - `whole_number`: the single cell has no fraction;
    - `ratio`: the first slot is 100 times the second over the third, up to `high`;
    - `per`: the first slot over the second lies from `low` to `high`, `slack` off the second;
    - `together`: both slots are zero or both are not.

    `at` is the place that is named where the relation stands alone; `sides` are the cells whose sums are shown.
    """

    rule: FormRule
    shape: Shape
    at: Place
    slots: tuple[Slot, ...]
    low: Decimal | None = None
    high: Decimal | None = None
    slack: Decimal = _ZERO
    sides: tuple[Slot, Slot] | None = None

    @property
    def places(self) -> list[Place]:
        """Every cell that is compared, the one that is named first in front."""
        return list(dict.fromkeys([self.at, *(place for slot in self.slots for place, _ in slot)]))

    def is_defining(self) -> bool:
        """Whether it says how a template's formula computes its place."""
        return self.shape == "sum" and self.rule.kind in ("sum", "total_row") and self.high is not None


_OF_ONE_SLOT = frozenset({"sum", "value", "whole_number"})
ValueOf = Callable[[Place], Decimal]


def slot_value(slot: Slot, value_of: ValueOf) -> Decimal:
    """The sum of a slot's cells."""
    total = _ZERO
    for place, sign in slot:
        total = total + value_of(place) if sign > 0 else total - value_of(place)
    return total


def holds(relation: Relation, value_of: ValueOf) -> bool:
    """Whether the cells agree."""
    shape, slots = relation.shape, relation.slots
    if shape in _OF_ONE_SLOT:
        # By far the most, so without detours.
        first = slots[0]
        value = value_of(first[0][0]) if len(first) == 1 else slot_value(first, value_of)
        if shape == "whole_number":
            return value == value.to_integral_value()
        return (relation.low is None or value >= relation.low) and (relation.high is None or value <= relation.high)
    values = [slot_value(slot, value_of) for slot in slots]
    match shape:
        case "ratio":
            stated, numerator, denominator = values
            return not denominator or abs(stated - round(100 * numerator / denominator, 4)) <= (relation.high or _ZERO)
        case "per":
            numerator, denominator = values
            if not numerator or not denominator:
                return True
            low, high, slack = relation.low, relation.high, relation.slack
            return (low is None or numerator >= low * (denominator - slack)) and (
                high is None or numerator <= high * (denominator + slack)
            )
        case _:
            return (values[0] == 0) == (values[1] == 0)


def relations_of(
    form: Form,
    of_every_form: Sequence[FormRule],
    tables: Sequence[LaidOutTable],
    figures: Mapping[Place, Figure],
    catalogue: Catalogue,
    period: Period | None = None,
) -> Iterator[Relation]:
    """Every relation that can be judged by the figures that were read.

    A rule that names a figure that is absent can't be judged there, except that parts which already exceed their
    whole are wrong whatever the missing ones are. Without a period nothing is compared with the law.
    """
    rows = [row.key for one in tables for row in one.rows if not row.is_heading]
    columns = [column.key for one in tables for column in one.table.leaves]
    present_rows: dict[str, list[str]] = defaultdict(list)
    for row, column in figures:
        present_rows[column].append(row)
    across = {
        "columns": list(dict.fromkeys(rows)),
        "rows": [key for key in dict.fromkeys(columns) if key in present_rows],
    }
    with_rows = {row for row, _ in figures}
    for rule in (*form.rules, *of_every_form):
        if period is not None and not rule.is_valid_on(period.last_day):
            continue
        match rule.kind:
            case "count":
                yield from _counts(rule, figures)
            case "total_row":
                yield from _totals(rule, tables, figures, present_rows, catalogue)
            case "equal":
                yield from _equal(rule, tables, figures)
            case "same":
                yield from _same(rule, figures)
            case "alike":
                yield from _alike(rule, tables, figures)
            case "rate":
                if period is not None:
                    yield from _rates(rule, tables, figures, period, catalogue)
            case _:
                # Most rules of a form are about rows, columns or tables that hold no figure here.
                named = with_rows if rule.along == "rows" else present_rows
                if any(key in named for key in rule.keys):
                    yield from _along(rule, across[rule.along], figures, period)


def _counts(rule: FormRule, figures: Mapping[Place, Figure]) -> Iterator[Relation]:
    for place, figure in figures.items():
        if rule.columns and place[1] not in rule.columns:
            continue
        unit = figure.unit_of_measure
        slots = (((place, 1),),)
        # A change of a rate may be below zero; nothing else may.
        if unit != "percentage_point":
            yield Relation(rule, "value", place, slots, low=_ZERO)
        if unit not in COUNT_FREE_UNITS or unit == "vnd":
            yield Relation(rule, "whole_number", place, slots)


def _totals(
    rule: FormRule,
    tables: Sequence[LaidOutTable],
    figures: Mapping[Place, Figure],
    present_rows: Mapping[str, object],
    catalogue: Catalogue,
) -> Iterator[Relation]:
    for laid_out in tables:
        for total in laid_out.total_rows:
            units = [row.key for row in laid_out.unit_rows(total.line)]
            for column in laid_out.table.leaves:
                key = column.key
                if key not in present_rows or (rule.columns and key not in rule.columns):
                    continue
                if is_additive(column, total.line, laid_out.table, catalogue):
                    yield from _sum(rule, (total.key, key), [(unit, key) for unit in units], (), figures)


def _sum(
    rule: FormRule, whole: Place, parts: Iterable[Place], minus: Iterable[Place], figures: Mapping[Place, Figure]
) -> Iterator[Relation]:
    if whole not in figures:
        return
    parts, minus = list(parts), list(minus)
    found, taken = [one for one in parts if one in figures], [one for one in minus if one in figures]
    if not found:
        return
    made_of: Slot = (*((one, 1) for one in found), *((one, -1) for one in taken))
    slot: Slot = ((whole, 1), *((place, -sign) for place, sign in made_of))
    is_complete = (len(found) == len(parts) and len(taken) == len(minus)) or rule.missing == "zero"
    if is_complete:
        high = rule.tolerance
    elif minus:
        return
    else:
        # Parts which already exceed their whole are wrong whatever the missing ones are.
        high = None
    yield Relation(rule, "sum", whole, (slot,), -rule.tolerance, high, sides=(((whole, 1),), made_of))


def _along(
    rule: FormRule, across: Iterable[str], figures: Mapping[Place, Figure], period: Period | None
) -> Iterator[Relation]:
    is_along_rows, expand = rule.along == "rows", _EXPANSIONS[rule.kind]
    months = _months(period) if rule.per_month else Decimal(1)
    for key in across:
        if (is_along_rows and rule.columns and key not in rule.columns) or key in rule.except_rows:
            continue

        def place(named: str | None, key: str = key) -> Place:
            return (named or "", key) if is_along_rows else (key, named or "")

        for relation in expand(rule, place, figures):
            yield relation if months == 1 else _scaled(relation, months)


def _months(period: Period | None) -> Decimal:
    """How many months figures cover that are cumulated from January."""
    return Decimal(period.last_day.month) if period is not None else Decimal(12)


def _scaled(relation: Relation, months: Decimal) -> Relation:
    low, high = (None if bound is None else bound * months for bound in (relation.low, relation.high))
    return relation._replace(low=low, high=high)


def _expand_sum(
    rule: FormRule, place: Callable[[str | None], Place], figures: Mapping[Place, Figure]
) -> Iterator[Relation]:
    yield from _sum(rule, place(rule.whole), map(place, rule.parts), map(place, rule.minus), figures)


def _expand_part(
    rule: FormRule, place: Callable[[str | None], Place], figures: Mapping[Place, Figure]
) -> Iterator[Relation]:
    whole = place(rule.whole)
    if whole in figures:
        for part in map(place, rule.parts):
            if part in figures:
                slot: Slot = ((whole, 1), (part, -1))
                sides: tuple[Slot, Slot] = (((part, 1),), ((whole, 1),))
                yield Relation(rule, "sum", part, (slot,), low=-rule.tolerance, sides=sides)


def _expand_ratio(
    rule: FormRule, place: Callable[[str | None], Place], figures: Mapping[Place, Figure]
) -> Iterator[Relation]:
    value, numerator = place(rule.value), place(rule.numerator)
    denominator = tuple((one, 1) for one in map(place, rule.denominator) if one in figures)
    if value in figures and numerator in figures and any(figures[one].value for one, _ in denominator):
        yield Relation(
            rule, "ratio", value, (((value, 1),), ((numerator, 1),), denominator), Decimal(0), rule.tolerance
        )


def _expand_range(
    rule: FormRule, place: Callable[[str | None], Place], figures: Mapping[Place, Figure]
) -> Iterator[Relation]:
    for part in map(place, rule.parts):
        if part in figures:
            yield Relation(rule, "value", part, (((part, 1),),), rule.min, rule.max)


def _expand_per(
    rule: FormRule, place: Callable[[str | None], Place], figures: Mapping[Place, Figure]
) -> Iterator[Relation]:
    numerator, denominator = place(rule.numerator), place(rule.denominator[0])
    if numerator in figures and denominator in figures and figures[numerator].value and figures[denominator].value:
        slots = (((numerator, 1),), ((denominator, 1),))
        share = rule.tolerance_pct / 100
        low, high = rule.min, rule.max
        low = None if low is None else low * (1 - share)
        high = None if high is None else high * (1 + share)
        yield Relation(rule, "per", numerator, slots, low, high, rule.slack)


def _expand_together(
    rule: FormRule, place: Callable[[str | None], Place], figures: Mapping[Place, Figure]
) -> Iterator[Relation]:
    first, second = map(place, rule.parts)
    if first in figures and second in figures:
        yield Relation(rule, "together", first, (((first, 1),), ((second, 1),)))


_EXPANSIONS = {
    "sum": _expand_sum,
    "part": _expand_part,
    "ratio": _expand_ratio,
    "range": _expand_range,
    "per": _expand_per,
    "together": _expand_together,
}


def _equal(rule: FormRule, tables: Sequence[LaidOutTable], figures: Mapping[Place, Figure]) -> Iterator[Relation]:
    left, right = ([(resolved(cell_of(name), tables), 1) for name in side] for side in (rule.left, rule.right))
    if rule.missing == "zero":
        left, right = ([one for one in side if one[0] in figures] for side in (left, right))
    if not left or not right or any(place not in figures for place, _ in (*left, *right)):
        return
    slot: Slot = (*left, *((place, -1) for place, _ in right))
    at = left[0][0]
    yield Relation(rule, "sum", at, (slot,), -rule.tolerance, rule.tolerance, sides=(tuple(left), tuple(right)))


def _same(rule: FormRule, figures: Mapping[Place, Figure]) -> Iterator[Relation]:
    """Two cells of a form that mean the same hold the same."""
    first: dict[tuple[str, ...], Place] = {}
    for place, figure in figures.items():
        if figure.quantity:
            other = first.setdefault(figure.quantity, place)
            if other is not place:
                slot: Slot = ((place, 1), (other, -1))
                yield Relation(rule, "sum", place, (slot,), _ZERO, _ZERO, sides=(((place, 1),), ((other, 1),)))


_FEW_ALIKE = 5


def _alike(rule: FormRule, tables: Sequence[LaidOutTable], figures: Mapping[Place, Figure]) -> Iterator[Relation]:
    """A quotient is in no row many times that of the middle row."""
    numerator, denominator = rule.numerator or "", rule.denominator[0]
    units = {row.key for one in tables for row in one.rows if not row.is_total and not row.is_heading}
    found = [
        ((row, numerator), (row, denominator))
        for row in dict.fromkeys(row for row, column in figures if column == numerator)
        if row in units and (row, denominator) in figures
        if figures[row, numerator].value and figures[row, denominator].value
    ]
    if len(found) < _FEW_ALIKE or not rule.max:
        return
    quotients = sorted(figures[one].value / figures[other].value for one, other in found)
    middle = quotients[len(quotients) // 2]
    for one, other in found:
        slots = (((one, 1),), ((other, 1),))
        yield Relation(rule, "per", one, slots, middle / rule.max, middle * rule.max, rule.slack)


def resolved(cell: Place, tables: Sequence[LaidOutTable]) -> Place:
    """A cell as it is named in these tables: the total of a commune's own table is its only row."""
    row, column = cell
    if row.split("/")[0] != TOTAL:
        return cell
    for laid_out in tables:
        if laid_out.table.has_unit_rows and any(leaf.key == column for leaf in laid_out.table.leaves):
            if any(one.key == row for one in laid_out.rows) or not laid_out.rows:
                return cell
            line = next((one.line for one in laid_out.rows if one.line and f"{TOTAL}/{one.line.key}" == row), None)
            return unit_row_key(laid_out.rows[0].unit.code, line), column
    return cell


def _rates(
    rule: FormRule,
    tables: Sequence[LaidOutTable],
    figures: Mapping[Place, Figure],
    period: Period,
    catalogue: Catalogue,
) -> Iterator[Relation]:
    numerator, denominator = rule.numerator or "", rule.denominator[0]
    found = []
    for row in (row for one in tables if not one.table.has_unit_rows for row in one.rows if not row.is_heading):
        paid, cases = (row.key, numerator), (row.key, denominator)
        if paid in figures and cases in figures and figures[paid].value and figures[cases].value:
            bounds = bounds_of_rate(rule, row, period, catalogue)
            if bounds is not None:
                found.append((paid, cases, bounds))
    above = _paid_above_the_least(found, figures)
    share = rule.tolerance_pct / 100
    for paid, cases, bounds in found:
        low, high = bounds.low * (1 - share), None if bounds.high is None else bounds.high * above * (1 + share)
        yield Relation(rule, "per", paid, (((paid, 1),), ((cases, 1),)), low, high)


# A province's council may set more than the country's least; no province sets this many times it.
_MOST_ABOVE = Decimal("1.4")
_FEW_ROWS = 4


def _paid_above_the_least(found: Sequence[tuple[Place, Place, RateRange]], figures: Mapping[Place, Figure]) -> Decimal:
    """How many times the country's amounts the unit pays, by the median of its rows: 1 where it pays just these."""
    times = sorted(
        figures[paid].value / figures[cases].value / bounds.high for paid, cases, bounds in found if bounds.high
    )
    if len(times) < _FEW_ROWS:
        return _MOST_ABOVE
    return min(max(times[len(times) // 2], Decimal(1)), _MOST_ABOVE)

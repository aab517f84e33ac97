"""Mistakes planted into filled forms: what persons do wrong when they type, copy and calculate.

Each kind takes a form's right figures and says which cells it changed. Kinds in `CLOSED` are measured but are never
looked at one by one while rules or hints are changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from random import Random

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import Period, parse_period
from ingest.forms import load_forms
from ingest.forms.layout import (
    TOTAL,
    FormCell,
    LaidOutTable,
    cells_of,
    complete,
    computed_cells,
    lay_out,
    version_for,
)
from ingest.forms.relations import Figure, Place
from ingest.forms.schema import Form
from samples.books import SampleBook, figures_in

Values = dict[Place, Decimal]


@dataclass(frozen=True)
class FilledForm:
    """A form's right figures, in the scale in which it asks for them, and which cells a template computes."""

    name: str
    form: Form
    unit: Unit
    period: Period
    tables: tuple[LaidOutTable, ...]
    cells: Mapping[Place, FormCell]
    right: Values
    computed: frozenset[Place]
    catalogue: Catalogue

    def figures(self, values: Mapping[Place, Decimal]) -> dict[Place, Figure]:
        """Values as a reader hands them to the rules; the place in the file is the cell's keys."""
        found = {}
        for place, value in values.items():
            cell = self.cells[place]
            key = (cell.indicator_code, cell.unit_id, cell.breakdown, cell.measure, cell.accumulation, cell.issuer)
            found[place] = Figure(value * cell.factor, "\t".join(place), cell.unit_of_measure, key)
        return found

    def calculated(self, typed: Mapping[Place, Decimal]) -> Values:
        """Typed values with what the template's formulas make of them."""
        done = {place: value for place, value in typed.items() if place not in self.computed}
        for laid_out in self.tables:
            done = complete(done, self.form, laid_out, self.catalogue)
        return {place: value for place, value in done.items() if place in self.cells}


def filled_forms(book: SampleBook, catalogue: Catalogue) -> Iterator[FilledForm]:
    """The forms of a sample book with their right figures."""
    unit, when = catalogue.units[book.unit_id], parse_period(book.period)
    for code, values in figures_in(book, catalogue).items():
        form = load_forms()[code]
        cells = {(cell.row, cell.column): cell for cell in cells_of(form, unit, book.period, catalogue)}
        version = version_for(form, unit, when)
        tables = tuple(lay_out(table, unit, when, catalogue) for table in version.tables)
        typed = {
            place: Decimal(value) for place, value in values.items() if place in cells and not isinstance(value, str)
        }
        computed = {place for table in tables for place in computed_cells(form, table, catalogue)}
        filled = FilledForm(
            f"{code} {unit.code} {book.period}", form, unit, when, tables, cells, {}, frozenset(), catalogue
        )
        right = filled.calculated(typed)
        stated = frozenset(place for place in computed if place in right and place not in typed)
        yield FilledForm(filled.name, form, unit, when, tables, cells, right, stated, catalogue)


Planted = tuple[Values, list[Place]]
Kind = Callable[[FilledForm, Random], Planted | None]


def _one(change: Callable[[Decimal, Random], Decimal | None], *, of: str = "any") -> Kind:
    """A kind that changes the figure of one cell: any, one of money, one that is typed as a total."""

    def plant(filled: FilledForm, random: Random) -> Planted | None:
        places = [p for p in sorted(filled.right) if filled.right[p] >= 12 and _is(of, filled, p)]
        random.shuffle(places)
        for place in places[:20]:
            changed = change(filled.right[place], random)
            if changed is not None and changed != filled.right[place]:
                return {**filled.right, place: changed}, [place]
        return None

    return plant


def _is(of: str, filled: FilledForm, place: Place) -> bool:
    if of == "money":
        return filled.cells[place].unit_of_measure == "vnd"
    if of == "total":
        return place in filled.computed
    if of == "count":
        return filled.cells[place].unit_of_measure not in ("vnd", "percent") and place not in filled.computed
    return place not in filled.computed


def _named(*names: tuple[str, str], factor: str = "1", add: int = 0, is_computed: bool = False) -> Kind:
    """A kind that changes one cell of some columns or rows by a factor or an amount."""

    def plant(filled: FilledForm, random: Random) -> Planted | None:
        places = [
            place
            for place in sorted(filled.right)
            if (place not in filled.computed or is_computed) and filled.right[place] >= 40
            if any((not row or place[0] == row) and (not column or place[1] == column) for row, column in names)
        ]
        if not places:
            return None
        place = random.choice(places)
        changed = Decimal(int(filled.right[place] * Decimal(factor))) + add
        return ({**filled.right, place: changed}, [place]) if changed != filled.right[place] else None

    return plant


def _swapped(value: Decimal, random: Random) -> Decimal | None:
    digits = str(int(value))
    at = [i for i in range(len(digits) - 1) if digits[i] != digits[i + 1]]
    if not at:
        return None
    i = random.choice(at)
    return Decimal(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :])


def _dropped(value: Decimal, random: Random) -> Decimal | None:
    digits = str(int(value))
    i = random.randrange(len(digits))
    return Decimal(digits[:i] + digits[i + 1 :] or "0")


def _added(value: Decimal, random: Random) -> Decimal | None:
    digits = str(int(value))
    i = random.randrange(len(digits) + 1)
    return Decimal(digits[:i] + str(random.randrange(10)) + digits[i:])


def _one_digit(value: Decimal, random: Random) -> Decimal | None:
    digits = str(int(value))
    i = random.randrange(len(digits))
    return Decimal(digits[:i] + str(random.randrange(10)) + digits[i + 1 :])


def _lines(filled: FilledForm) -> Iterator[tuple[list[str], list[str]]]:
    """Rows and columns of each table that hold typed figures."""
    for laid_out in filled.tables:
        columns = [leaf.key for leaf in laid_out.table.leaves]
        yield [row.key for row in laid_out.rows if not row.is_total], columns


def _pair(direction: str, *, is_copied: bool) -> Kind:
    """Two neighbours of a row or a column changed over, or one written over the other."""

    def plant(filled: FilledForm, random: Random) -> Planted | None:
        pairs = []
        for rows, columns in _lines(filled):
            for r, row in enumerate(rows):
                for c, column in enumerate(columns):
                    beside = (row, columns[c + 1]) if direction == "row" and c + 1 < len(columns) else None
                    if direction == "column" and r + 1 < len(rows):
                        beside = (rows[r + 1], column)
                    if beside is not None:
                        pairs.append(((row, column), beside))
        pairs = [
            (one, other)
            for one, other in pairs
            if one in filled.right and other in filled.right
            if not {one, other} & filled.computed
            if filled.right[one] != filled.right[other] and min(filled.right[one], filled.right[other]) > 3
            if filled.cells[one].unit_of_measure == filled.cells[other].unit_of_measure
        ]
        if not pairs:
            return None
        one, other = random.choice(pairs)
        if is_copied:
            return {**filled.right, one: filled.right[other]}, [one]
        return {**filled.right, one: filled.right[other], other: filled.right[one]}, [one, other]

    return plant


def _shifted(direction: str) -> Kind:
    """The figures of a row (or column) from some cell on stand a cell too far; the first of them stays."""

    def plant(filled: FilledForm, random: Random) -> Planted | None:
        lines = []
        for rows, columns in _lines(filled):
            if direction == "row":
                lines += [[(row, column) for column in columns] for row in rows]
            else:
                lines += [[(row, column) for row in rows] for column in columns]
        typed = [[p for p in line if p in filled.right and p not in filled.computed] for line in lines]
        typed = [line for line in typed if len(line) > 3 and sum(filled.right[p] > 0 for p in line) > 3]
        if not typed:
            return None
        line = random.choice(typed)
        moved = dict(zip(line[1:], (filled.right[p] for p in line), strict=False))
        changed = [place for place, value in moved.items() if value != filled.right[place]]
        return ({**filled.right, **moved}, changed) if changed else None

    return plant


def _columns_swapped(filled: FilledForm, random: Random) -> Planted | None:
    found = []
    for rows, columns in _lines(filled):
        for one, other in pairwise(columns):
            places = [((row, one), (row, other)) for row in rows]
            places = [
                pair
                for pair in places
                if all(p in filled.right and p not in filled.computed for p in pair)
                and filled.right[pair[0]] != filled.right[pair[1]]
            ]
            if len(places) > 3:
                found.append(places)
    if not found:
        return None
    values, changed = dict(filled.right), []
    for first, second in random.choice(found):
        values[first], values[second] = filled.right[second], filled.right[first]
        changed += [first, second]
    return values, changed


def _scaled_column(factor: str) -> Kind:
    def plant(filled: FilledForm, random: Random) -> Planted | None:
        columns = sorted({p[1] for p in filled.right if filled.cells[p].unit_of_measure == "vnd"})
        if not columns:
            return None
        column = random.choice(columns)
        places = [p for p in filled.right if p[1] == column and p not in filled.computed and filled.right[p]]
        return {**filled.right, **{p: filled.right[p] * Decimal(factor) for p in places}}, places

    return plant


def _two(first: Kind, second: Kind) -> Kind:
    """Two mistakes in one form."""

    def plant(filled: FilledForm, random: Random) -> Planted | None:
        one, other = first(filled, random), second(filled, random)
        if one is None or other is None or set(one[1]) & set(other[1]):
            return None
        values = {**one[0], **{place: other[0][place] for place in other[1]}}
        return values, [*one[1], *other[1]]

    return plant


def _women_above_all(filled: FilledForm, random: Random) -> Planted | None:
    pairs = [
        ((row, "jobs_created_female"), (row, "jobs_created"))
        for row, column in sorted(filled.right)
        if column == "jobs_created_female" and row != TOTAL
    ]
    pairs += [
        ((row, "beneficiaries_female"), (row, "beneficiaries"))
        for row, column in sorted(filled.right)
        if column == "beneficiaries_female" and (row, column) not in filled.computed
    ]
    pairs = [(one, whole) for one, whole in pairs if filled.right.get(whole, Decimal(0)) > 10]
    if not pairs:
        return None
    one, whole = random.choice(pairs)
    return {**filled.right, one: filled.right[whole] + random.randrange(2, 30)}, [one]


def _zeroed(filled: FilledForm, random: Random) -> Planted | None:
    places = [p for p in sorted(filled.right) if p not in filled.computed and filled.right[p] >= 40]
    if not places:
        return None
    place = random.choice(places)
    return {**filled.right, place: Decimal(0)}, [place]


_METHOD_PERSONS = ("", "method_beneficiaries")
_METHOD_AMOUNT = ("", "method_amount")
_CLOSING = (("", "poor_closing"), ("", "near_poor_closing"))

KINDS: Mapping[str, Kind] = {
    "swap_digits": _one(_swapped),
    "digit_dropped": _one(_dropped),
    "digit_added": _one(_added),
    "one_digit_wrong": _one(_one_digit),
    "times_10": _one(lambda value, _: value * 10),
    "times_100": _one(lambda value, _: value * 100),
    "divided_by_10": _one(lambda value, _: Decimal(int(value / 10))),
    "times_1000": _one(lambda value, _: value * 1000, of="money"),
    "thousand_as_decimal": _one(lambda value, _: value / 1000 if value > 999 else None, of="money"),
    "in_million": _one(lambda value, _: Decimal(int(value / 10**6)) if value >= 10**7 else None, of="money"),
    "sign": _one(lambda value, _: -value),
    "fraction": _one(lambda value, _: value + Decimal("0.5"), of="count"),
    "total_swapped": _one(_swapped, of="total"),
    "total_digit_dropped": _one(_dropped, of="total"),
    "total_off_by_some": _one(lambda value, random: value + random.randrange(1, 9), of="total"),
    "off_by_some": _one(lambda value, random: value + random.randrange(1, 9)),
    "neighbour_right_copied": _pair("row", is_copied=True),
    "neighbour_below_copied": _pair("column", is_copied=True),
    "row_neighbours_swapped": _pair("row", is_copied=False),
    "two_communes_changed_over": _pair("column", is_copied=False),
    "row_shifted": _shifted("row"),
    "column_shifted": _shifted("column"),
    "columns_swapped": _columns_swapped,
    "column_in_thousands": _scaled_column("0.001"),
    "column_in_millions": _scaled_column("0.000001"),
    "women_above_all": _women_above_all,
    "two_tables_differ": _named(("jobs_total", "persons"), ("jobs_enterprise", "persons"), add=7),
    "payment_methods_differ": _named(_METHOD_PERSONS, add=5),
    "payment_amounts_differ": _named(_METHOD_AMOUNT, add=540_000),
    "amount_halved": _named(("", "amount"), factor="0.5"),
    "amount_half_more": _named(("", "amount"), factor="1.5"),
    "turns_times_10": _named(("", "turns"), factor="10"),
    "beneficiaries_times_10": _named(("", "beneficiaries"), ("", "recipients"), factor="10"),
    "closing_wrong": _named(*_CLOSING, add=4, is_computed=True),
    "persons_without_a_digit": _named(("", "kinh_persons"), ("", "minority_persons"), factor="0.1"),
    "households_times_10": _named(("", "poor_minority_households"), ("", "kinh_households"), factor="10"),
    "zeroed": _zeroed,
    "two_mistakes": _two(_one(_swapped), _one(lambda value, _: value * 10)),
}
CLOSED = frozenset(
    {"digit_added", "neighbour_below_copied", "column_shifted", "times_100", "zeroed", "total_digit_dropped",
     "amount_half_more", "households_times_10"}
)  # fmt: skip

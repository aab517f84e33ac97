"""Form workbooks made up for measurements and tests: random values, mended until they break no rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import parse_period
from ingest.forms import load_forms
from ingest.forms.layout import (
    TOTAL,
    FormCell,
    LaidOutTable,
    Ratio,
    Sum,
    cells_of,
    complete,
    computed_cells,
    lay_out,
    version_for,
)
from ingest.forms.relations import Relation, slot_value
from ingest.forms.rules import Figure, broken_relations
from ingest.forms.schema import Form
from ingest.submitters.form_template import write_template

Place = tuple[str, str]

PROVINCE = "67"
YEAR = 2023


def write_year(folder: Path, catalogue: Catalogue, seed: int = 1) -> list[Path]:
    """The form workbooks that the districts of a province sent for a year, filled in without a fault.

    Every form for the year, those asked for by quarter for each quarter, those by half year for the first
    half (the second is the year's). They lie as in an inbox: `67/663/2023/`.
    """
    written = []
    for unit, form, period in _asked(catalogue):
        path = folder / PROVINCE / unit.code / str(YEAR) / f"{form.code}_{period}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        chance = Random(f"{seed} {unit.code} {form.code} {period}")  # noqa: S311 - made up, the same every time
        write_template(form, unit, period, path, catalogue, consistent_values(form, unit, period, catalogue, chance))
        written.append(path)
    return written


def _asked(catalogue: Catalogue) -> Iterator[tuple[Unit, Form, str]]:
    day = date(YEAR, 12, 31)
    province = catalogue.unit_by_code(PROVINCE, day)
    assert province is not None
    periods = {"year": [str(YEAR)], "quarter": [f"{YEAR}-Q{n}" for n in range(1, 5)], "half": [f"{YEAR}-S1"]}
    for unit in catalogue.children_of(province, day):
        for form in load_forms().values():
            if form.versions[0].tables and form.head.source_kind == "form":
                for kind in form.head.frequency:
                    yield from ((unit, form, period) for period in periods.get(kind, ()))


def consistent_values(
    form: Form, unit: Unit, period: str, catalogue: Catalogue, random: Random
) -> dict[Place, Decimal]:
    """Every figure that the form asks for, computed ones included, such that all its rules hold.

    Figures are in the scale in which the form asks for them.
    """
    cells = {(cell.row, cell.column): cell for cell in cells_of(form, unit, period, catalogue)}
    when = parse_period(period)
    version = version_for(form, unit, when)
    tables = [lay_out(table, unit, when, catalogue) for table in version.tables]
    values = _drawn([cell for cell in cells.values() if not cell.is_computed], random)
    formulas = {
        place: formula for laid_out in tables for place, formula in computed_cells(form, laid_out, catalogue).items()
    }
    sums = {place: formula for place, formula in formulas.items() if isinstance(formula, Sum)}
    ratios = {place: formula for place, formula in formulas.items() if isinstance(formula, Ratio)}
    for _ in range(500):
        done = _completed(values, form, tables, catalogue)
        figures = {
            place: Figure(value * cells[place].factor, "\t".join(place), cells[place].unit_of_measure)
            for place, value in done.items()
        }
        broken = [one for one in broken_relations(form, tables, figures, catalogue, when) if one.rule.kind != "same"]
        same = _stated_twice(done, cells)
        if not broken and not same and not (over := _over_the_whole(done, ratios)):
            return done
        # A total row follows its units: it is mended by itself only when nothing else is left.
        of_units = [one for one in broken if not _is_total(one.at)]
        for relation in of_units or broken[:1]:
            _mend(relation, values, done, cells, sums, random)
        if not broken and same:
            lower, difference = next((one for one in same if not _is_total(one[0])), same[0])
            _raise(lower, difference, values, sums)
        elif not broken:
            for ratio in over:
                excess = done[ratio.numerator] - sum((done[place] for place in ratio.denominators), Decimal(0))
                _raise(ratio.denominators[0], excess, values, sums)
    raise AssertionError(
        f"no consistent values found for {form.code}: {[(one.rule.id, one.at) for one in broken[:3]]}, {same[:3]}"
    )


def _mend(
    relation: Relation,
    values: dict[Place, Decimal],
    done: Mapping[Place, Decimal],
    cells: Mapping[Place, FormCell],
    sums: Mapping[Place, Sum],
    random: Random,
) -> None:
    """Changes what a relation compares so that it holds; mostly upwards, or one rule would undo another."""
    rule, place = relation.rule, relation.at
    sides = [slot_value(slot, lambda one: done[one] * cells[one].factor) for slot in relation.slots]
    match relation.shape:
        case "per":
            _mend_per(relation, values, done, cells, sums, random)
        case "together":
            for one in (one for slot in relation.slots for one, _ in slot):
                if not done.get(one):
                    _raise(one, Decimal(1), values, sums)
        case "value" if rule.kind == "range":
            low, high = rule.min or Decimal(0), rule.max or Decimal(100)
            values[place] = low + (high - low) * random.randrange(10, 90) / 100
        case "value" | "whole_number":
            if place in sums:
                _raise(sums[place].parts[0], -sides[0] / cells[place].factor, values, sums)
        case "ratio":
            pass
        case "sum" if rule.kind == "equal" and relation.sides is not None:
            parts, whole = relation.sides
            total = sum((done[one] for one, _ in whole), Decimal(0))
            for one, _ in parts[:-1]:
                values[one] = Decimal(int(total / len(parts)))
            values[parts[-1][0]] = total - sum((values[one] for one, _ in parts[:-1]), Decimal(0))
        case _:
            # The slot is the whole less its parts: what is too low is raised.
            (slot,) = relation.slots
            lower = next(one for one, sign in slot if (sign > 0) == (sides[0] < 0))
            if lower in sums and relation.rule.kind in ("sum", "equal"):
                lower = next((one for one, sign in slot if (sign > 0) == (sides[0] < 0) and one not in sums), lower)
            _raise(lower, abs(sides[0]) / cells[lower].factor, values, sums)


def _mend_per(
    relation: Relation,
    values: dict[Place, Decimal],
    done: Mapping[Place, Decimal],
    cells: Mapping[Place, FormCell],
    sums: Mapping[Place, Sum],
    random: Random,
) -> None:
    """Sets what is paid to the middle of what so many cases may get; a sum by its parts."""
    (paid, _), (count, _) = (slot[0] for slot in relation.slots)
    least = relation.low or Decimal(0)
    each = (least + (relation.high if relation.high is not None else 3 * least)) / 2

    def set_paid(paid: Place, count: Place) -> None:
        if paid in values:
            wanted = done[count] * each / cells[paid].factor
            is_whole = cells[paid].unit_of_measure != "vnd" or cells[paid].factor == 1
            values[paid] = Decimal(round(wanted)) if is_whole else wanted
        elif paid in sums and count in sums:
            for part, of_part in zip(sums[paid].parts, sums[count].parts, strict=True):
                set_paid(part, of_part)

    # What is too much may be kept by other rules: then there were more cases.
    is_too_much = done[paid] * cells[paid].factor > done[count] * each
    if is_too_much and cells[paid].unit_of_measure != "vnd" and random.random() < 0.5:
        _raise(count, Decimal(int(done[paid] / each)) + 1 - done[count], values, sums)
    else:
        set_paid(paid, count)


def _stated_twice(done: Mapping[Place, Decimal], cells: Mapping[Place, FormCell]) -> list[tuple[Place, Decimal]]:
    """Places that state a quantity lower than another place of the form states it, and by how much."""
    first: dict[tuple[str, ...], Place] = {}
    found = []
    for place, value in done.items():
        cell = cells[place]
        key = (cell.unit_id, cell.indicator_code, cell.breakdown, cell.measure, cell.accumulation, cell.issuer)
        other = first.setdefault(key, place)
        if done[other] != value:
            found.append((place, done[other] - value) if value < done[other] else (other, value - done[other]))
    return found


def _drawn(cells: list[FormCell], random: Random) -> dict[Place, Decimal]:
    """A random figure for each cell; in a table of units each column is much the same share of every unit."""
    of_unit: dict[str, Decimal] = {}
    of_column: dict[tuple[str, str], Decimal] = {}
    drawn = {}
    for cell in cells:
        code, _, line = cell.row.partition("/")
        value = _random_value(cell, random)
        if code.isdigit() and cell.unit_of_measure not in ("vnd", "percent", "percentage_point"):
            size = of_unit.setdefault(code, Decimal(random.randrange(80, 120)) / 100)
            share = of_column.setdefault((cell.column, line), value)
            value = Decimal(round(share * size * random.randrange(90, 110) / 100))
        drawn[cell.row, cell.column] = value
    return drawn


def _random_value(cell: FormCell, random: Random) -> Decimal:
    if cell.unit_of_measure in ("percent", "percentage_point"):
        return Decimal(random.randrange(0, 10_000)) / 100
    if cell.unit_of_measure == "vnd":
        return Decimal(random.randrange(0, 500)) * (1_000_000 if cell.factor == 1 else Decimal("0.5"))
    return Decimal(random.choice((0, random.randrange(0, 20), random.randrange(0, 3_000))))


def _over_the_whole(done: Mapping[Place, Decimal], ratios: Mapping[Place, Ratio]) -> list[Ratio]:
    """The rates that come to more than 100 %."""
    return [ratio for place, ratio in ratios.items() if done.get(place, Decimal(0)) > 100]


def _completed(
    values: dict[Place, Decimal], form: Form, tables: list[LaidOutTable], catalogue: Catalogue
) -> dict[Place, Decimal]:
    done = dict(values)
    for laid_out in tables:
        done = complete(done, form, laid_out, catalogue)
    return done


def _is_total(place: Place) -> bool:
    return place[0].split("/")[0] == TOTAL


def _raise(place: Place, by: Decimal, values: dict[Place, Decimal], sums: Mapping[Place, Sum]) -> None:
    """Raises a figure; a computed one by raising the first of its parts."""
    while place in sums:
        place = sums[place].parts[0]
    if place in values:
        values[place] += by


def _place(ref: str) -> Place:
    row, column = ref.split("\t")
    return row, column

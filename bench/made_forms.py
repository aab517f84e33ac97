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
from ingest.forms.rules import Figure, check_figures
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
    values = {place: _random_value(cell, random) for place, cell in cells.items() if not cell.is_computed}
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
        broken = check_figures(form, tables, figures, catalogue).findings
        same = _stated_twice(done, cells)
        if not broken and not same and not (over := _over_the_whole(done, ratios)):
            return done
        rules = {rule.id: rule for rule in form.rules}
        # A total row follows its units: it is mended by itself only when nothing else is left.
        of_units = [finding for finding in broken if not _is_total(_place(finding.ref))]
        for finding in of_units or broken[:1]:
            rule, place = rules[finding.rule_id], _place(finding.ref)
            if rule.kind == "range":
                low, high = rule.min or Decimal(0), rule.max or Decimal(100)
                values[place] = low + (high - low) * random.randrange(10, 90) / 100
            elif rule.kind == "per":
                count_place = _place(finding.refs[0])
                wanted = done[count_place] * Decimal(500_000) / cells[place].factor
                if done[place] < wanted:
                    _raise(place, wanted - done[place], values, sums)
                else:
                    more = done[place] * cells[place].factor / Decimal(500_000) - done[count_place]
                    _raise(count_place, Decimal(int(more) + 1), values, sums)
            elif rule.kind == "sum" and place in values:
                # Always upwards, or the next rule would undo what the last one did.
                difference = (finding.difference or Decimal(0)) / cells[place].factor
                lower = place if difference < 0 else _place(finding.refs[0])
                _raise(lower, abs(difference), values, sums)
            elif rule.kind == "together":
                for ref in (finding.ref, *finding.refs):
                    if not done.get(_place(ref)):
                        _raise(_place(ref), Decimal(1), values, sums)
            elif rule.kind == "count" and place not in values:
                formula = sums[place]
                _raise(formula.parts[0], -(finding.lhs or Decimal(0)) / cells[place].factor, values, sums)
            elif finding.difference:
                whole = _place(finding.refs[0])
                _raise(whole, finding.difference / cells[whole].factor, values, sums)
        if not broken and same:
            lower, difference = next((one for one in same if not _is_total(one[0])), same[0])
            _raise(lower, difference, values, sums)
        elif not broken:
            for ratio in over:
                excess = done[ratio.numerator] - sum((done[place] for place in ratio.denominators), Decimal(0))
                _raise(ratio.denominators[0], excess, values, sums)
    raise AssertionError(
        f"no consistent values found for {form.code}: {[f.message_en for f in broken[:3]]}, {same[:3]}"
    )


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

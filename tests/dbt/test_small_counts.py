"""What is published gives no small count away: neither read nor worked out from totals, other parts, rates or falls."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator

import numpy as np
import psycopg
import pytest

from runtime.warehouse.connect import connect
from tests.dbt.hand_made import DAK_NONG, DISTRICTS, Stated, Warehouse

pytestmark = pytest.mark.dbt

THRESHOLD = 5
SEXES = ("male", "female")
FORMS = ("compulsory", "voluntary", "substitution")
Leaf = tuple[str, str, str]
Cell = tuple[str, str]
POOR = dict(zip(DISTRICTS, (3, 400, 250, 90, 60, 75, 120, 300), strict=True))


def persons(seed: int) -> dict[Leaf, int]:
    """Persons in rehabilitation by district, form and sex: mostly few, sometimes none."""
    draw = random.Random(seed)
    return {
        (unit, form, sex): draw.choice((0, 0, 1, 2, 3, 4, 6, 9, 15, 40))
        for unit, form, sex in itertools.product(DISTRICTS, FORMS, SEXES)
    }


def breakdowns() -> Iterator[tuple[str, set[tuple[str, str]]]]:
    """Every breakdown that is stated, with the categories that make it up."""
    yield "", set(itertools.product(FORMS, SEXES))
    for sex in SEXES:
        yield f"sex={sex}", {(form, sex) for form in FORMS}
    for form in FORMS:
        yield f"rehab_form={form}", {(form, sex) for sex in SEXES}
        for sex in SEXES:
            yield f"rehab_form={form}; sex={sex}", {(form, sex)}


PARTS = dict(breakdowns())


@pytest.fixture(scope="module")
def published(module_warehouse: Warehouse) -> Warehouse:
    for year in (2022, 2023):
        leaves = persons(year)
        for unit in DISTRICTS:
            module_warehouse.submit(
                unit,
                str(year),
                [
                    Stated("drug_rehab_persons", sum(leaves[unit, *part] for part in parts), breakdown)
                    for breakdown, parts in PARTS.items()
                ],
                form="social_evils",
            )
            poor = POOR[unit] if year == 2023 else 500
            figures = [
                Stated("poor_households", poor),
                Stated("total_households", 10_000),
                Stated("near_poor_households", 1000),
            ]
            module_warehouse.submit(unit, str(year), figures)
    module_warehouse.build()
    return module_warehouse


def shown(warehouse: Warehouse, year: int) -> dict[Cell, int | None]:
    rows = warehouse.rows(
        "select unit_id, breakdown, value from marts.rpt_public_year where year = %s"
        " and indicator_code = 'drug_rehab_persons'",
        year,
    )
    return {(r["unit_id"], r["breakdown"]): None if r["value"] is None else int(r["value"]) for r in rows}


def made_of(cell: Cell) -> set[Leaf]:
    unit_id, breakdown = cell
    units = DISTRICTS if unit_id == DAK_NONG else [unit_id]
    return {(unit, *part) for unit in units for part in PARTS[breakdown]}


def worked_out(visible: Iterable[Cell], wanted: Iterable[Cell], leaves: dict[Leaf, int]) -> list[Cell]:
    """The wanted cells that follow from the visible ones: sums and differences of them, whatever the values are."""
    places = {leaf: place for place, leaf in enumerate(leaves)}

    def as_row(cell: Cell) -> list[float]:
        row = [0.0] * len(places)
        for leaf in made_of(cell):
            row[places[leaf]] = 1.0
        return row

    known = np.array([as_row(cell) for cell in visible])
    found = []
    for cell in wanted:
        row = np.array(as_row(cell))
        weights, *_ = np.linalg.lstsq(known.T, row, rcond=None)
        if np.allclose(known.T @ weights, row, atol=1e-8):
            found.append(cell)
    return found


@pytest.mark.parametrize("year", [2022, 2023])
def test_no_small_count_is_read_or_worked_out(published: Warehouse, year: int) -> None:
    leaves = persons(year)
    cells = shown(published, year)
    assert set(cells) == set(itertools.product([*DISTRICTS, DAK_NONG], PARTS))
    truth = {cell: sum(leaves[leaf] for leaf in made_of(cell)) for cell in cells}
    small = [cell for cell, value in truth.items() if 0 < value < THRESHOLD]
    visible = [cell for cell, value in cells.items() if value is not None]
    assert len(small) > 10
    assert {cell: cells[cell] for cell in visible} == {cell: truth[cell] for cell in visible}, "nothing is changed"
    assert not set(small) & set(visible)
    naive = [cell for cell in cells if cell not in small]
    assert worked_out(naive, small, leaves), "blank small cells alone would not have been enough"
    assert worked_out(visible, small, leaves) == []


@pytest.mark.parametrize("year", [2022, 2023])
def test_what_the_hidden_units_add_up_to_is_no_small_count(published: Warehouse, year: int) -> None:
    leaves = persons(year)
    cells = shown(published, year)
    for breakdown in PARTS:
        hidden = [unit for unit in DISTRICTS if cells[unit, breakdown] is None]
        if hidden and cells[DAK_NONG, breakdown] is not None:
            together = sum(leaves[leaf] for unit in hidden for leaf in made_of((unit, breakdown)))
            assert len(hidden) > 1
            assert together == 0 or together >= THRESHOLD


def test_something_is_left_to_publish(published: Warehouse) -> None:
    cells = shown(published, 2023)
    assert cells[DAK_NONG, ""] == sum(persons(2023).values())
    assert sum(value is not None for value in cells.values()) > len(cells) / 4


def test_rates_and_falls_do_not_give_a_small_count_away(published: Warehouse) -> None:
    rows = published.rows(
        "select unit_id, indicator_code, value, is_suppressed from marts.rpt_public_year"
        " where year = 2023 and breakdown = '' and indicator_code in"
        " ('poor_households', 'poor_household_rate', 'poor_household_reduction', 'poor_household_rate_reduction',"
        " 'near_poor_households', 'total_households')"
    )
    by_unit: dict[str, dict[str, bool]] = {}
    for row in rows:
        assert row["is_suppressed"] == (row["value"] is None)
        by_unit.setdefault(row["unit_id"], {})[row["indicator_code"]] = row["is_suppressed"]
    few, smallest_other, another = DISTRICTS[0], DISTRICTS[4], DISTRICTS[1]
    for unit in (few, smallest_other):
        assert all(
            by_unit[unit][code]
            for code in (
                "poor_households",
                "poor_household_rate",
                "poor_household_reduction",
                "poor_household_rate_reduction",
            )
        ), unit
    for unit in (few, another, DAK_NONG):
        assert not by_unit[unit]["total_households"]
        assert not by_unit[unit]["near_poor_households"]
    assert not any(by_unit[another].values())
    assert not any(by_unit[DAK_NONG].values())


def test_a_correction_of_one_year_hides_the_fall_to_the_next(published: Warehouse) -> None:
    fall = (
        "select is_suppressed from marts.rpt_public_year where unit_id = %s and year = 2023"
        " and indicator_code = 'poor_household_reduction'"
    )
    assert not published.row(fall, DISTRICTS[7])["is_suppressed"]
    published.submit(DISTRICTS[7], "2022", [Stated("poor_households", 2), Stated("total_households", 10_000)])
    published.build()
    assert published.row(fall, DISTRICTS[7])["is_suppressed"]


def test_a_login_without_units_reads_what_is_published(published: Warehouse) -> None:
    with connect(None, published.url) as owner:
        owner.execute("create role bi_open_data login password 'open' in role bi_reader")
        owner.commit()
        try:
            with psycopg.connect(published.url, user="bi_open_data", password="open") as connection:  # noqa: S106
                counts = [
                    connection.execute(f"select count(*) from marts.{name}").fetchall()[0][0]
                    for name in ("rpt_public_year", "rpt_unit_year")
                ]
        finally:
            owner.execute("drop role bi_open_data")
    assert counts[0] > 100
    assert counts[1] == 0

"""The figures that were not drawn: sizes chosen per unit and year, published figures, and how those were split."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

FIGURES = Path(__file__).resolve().parent.parent / "figures"


@dataclass(frozen=True, slots=True)
class UnitYear:
    """How large things are in a unit at the end of a year (`figures/units.csv`).

    Rates are in percent, of all households or of the labour force. What a unit does not report is 0.
    """

    unit_code: str
    year: int
    households: int
    household_size: float
    minority_pct: float
    local_minority_pct: float
    poor_pct: float
    near_poor_pct: float
    avg_living_agri_pct: float
    labour_force: int
    unemployment_pct: float
    jobs: int
    labour_export: int
    trainees: int
    trained_labour_pct: float
    institutions: int
    sa_beneficiaries: int
    merit_recipients: int


def _converted(text: str, kind: str) -> str | int | float:
    if kind == "str":
        return text
    return int(text or 0) if kind == "int" else float(text or 0)


@lru_cache(maxsize=1)
def unit_years() -> dict[tuple[str, int], UnitYear]:
    """Every unit and year that the samples cover."""
    rows = (
        UnitYear(**{f.name: _converted(row[f.name], str(f.type)) for f in fields(UnitYear)})  # type: ignore[arg-type]
        for row in rows_of("units")
    )
    return {(row.unit_code, row.year): row for row in rows}


@lru_cache(maxsize=1)
def _published() -> dict[tuple[str, str, str, str], int]:
    return {
        (row["unit_code"], row["period"], row["indicator"], row["breakdown"]): int(row["value"])
        for row in rows_of("published")
    }


def published(unit_code: str, year: int, indicator: str, breakdown: str = "") -> int | None:
    """A figure that the unit itself has published for the year, if it has."""
    return _published().get((unit_code, str(year), indicator, breakdown))


@lru_cache(maxsize=1)
def _chosen() -> dict[tuple[str, str, str, str, str], int]:
    return {
        (row["unit_code"], row["period"], row["form"], row["row"], row["column"]): int(row["value"])
        for row in rows_of("chosen")
    }


def chosen(unit_code: str, year: int, form: str, row: str, column: str) -> int | None:
    """The year's figure of one cell of a form, where it was set by hand so that published sums hold."""
    return _chosen().get((unit_code, str(year), form, row, column))


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a file in `figures`."""
    with (FIGURES / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))

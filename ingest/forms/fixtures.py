"""The filled example that each version of a form carries: `fixtures/v01_663_2023.csv`.

A row per figure with the keys of its row and column (see `layout.py`); unit and period stand in the file's name.
An example breaks no rule of its form: it goes into a template and comes back without a finding.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

COLUMNS = ("row", "column", "value")


@dataclass(frozen=True, slots=True)
class Fixture:
    """A filled form: whose and when, and its figures in the scale in which the form asks for them."""

    version: str
    unit_code: str
    period: str
    values: Mapping[tuple[str, str], Decimal]


def fixtures_of(folder: Path) -> list[Fixture]:
    """The examples in a form's folder, by their files' names."""
    found = []
    for path in sorted((folder / "fixtures").glob("v[0-9][0-9]_*.csv")):
        version, unit_code, period = path.stem.split("_")
        with path.open(encoding="utf-8", newline="") as handle:
            values = {(row["row"], row["column"]): Decimal(row["value"]) for row in csv.DictReader(handle)}
        found.append(Fixture(version, unit_code, period, values))
    return found


def write_fixture(fixture: Fixture, folder: Path) -> Path:
    """Writes an example into a form's folder."""
    path = folder / "fixtures" / f"{fixture.version}_{fixture.unit_code}_{fixture.period}.csv"
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((row, column, f"{value:f}") for (row, column), value in fixture.values.items())
    return path

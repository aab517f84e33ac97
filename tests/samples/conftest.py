"""What the samples state, for the tests beside this."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache

import pytest

from ingest.core.catalogue import Catalogue, load_catalogue
from ingest.core.periods import parse_period
from ingest.forms import load_forms
from ingest.forms.layout import cell_at, complete, lay_out, version_for
from samples.model import figures_of

# Whom a figure is about, its indicator, breakdown, measure and accumulation.
Quantity = tuple[str, str, str, str, str]
Stated = Callable[[str, str, str], dict[Quantity, Decimal]]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="session")
def stated(catalogue: Catalogue) -> Stated:
    """What a unit of the samples states on a form for a period, sums included, by quantity."""

    @cache
    def of(form_code: str, unit_id: str, period: str) -> dict[Quantity, Decimal]:
        form, unit, when = load_forms()[form_code], catalogue.units[unit_id], parse_period(period)
        version = version_for(form, unit, when)
        figures = figures_of(form_code, unit, period, catalogue)
        given = {place: Decimal(value) for place, value in figures.items() if not isinstance(value, str)}
        found: dict[Quantity, Decimal] = {}
        for table in version.tables:
            laid_out = lay_out(table, unit, when, catalogue)
            known = complete(given, form, laid_out, catalogue)
            for row in laid_out.rows:
                for column in table.leaves:
                    meaning = cell_at(version, table, row, column, when, catalogue)
                    if meaning is None or (row.key, column.key) not in known:
                        continue
                    key = (
                        row.unit.unit_id,
                        meaning.indicator.code,
                        meaning.breakdown,
                        meaning.measure,
                        meaning.accumulation,
                    )
                    found[key] = known[row.key, column.key] * meaning.factor
        return found

    return of

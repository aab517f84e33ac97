"""Targets that were assigned for a year (`figures/targets.csv`)."""

from __future__ import annotations

from decimal import Decimal

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import Period
from ingest.submitters.form_template import Values
from samples.model.sources import rows_of


def figures(unit: Unit, period: Period, catalogue: Catalogue) -> Values:
    """The cells of `assigned_targets` for a unit and year: what the province and the unit itself set."""
    del catalogue
    values: dict[tuple[str, str], Decimal | str] = {}
    for row in rows_of("targets"):
        if (row["unit_code"], row["period"]) == (unit.code, period.code):
            values[row["row"], f"target_{row['plan_level']}"] = Decimal(row["value"])
            if row["issuer"]:
                values[row["row"], f"issuer_{row['plan_level']}"] = row["issuer"]
    return values

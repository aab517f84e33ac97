"""Of the poor and near-poor households of the review, how many lack each basic service, by commune."""

from __future__ import annotations

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import Period
from ingest.submitters.form_template import Values
from samples.model import poverty
from samples.model.splitting import between

FORM = "poverty_deprivation"

# Share of poor households with each of the twelve deprivations, in the form's order; near-poor ones have fewer.
_SHARES = (0.45, 0.30, 0.14, 0.38, 0.33, 0.07, 0.48, 0.26, 0.31, 0.58, 0.36, 0.29)
_NEAR_POOR = 0.7


def figures(unit: Unit, period: Period, catalogue: Catalogue) -> Values:
    """The cells of `poverty_deprivation` for a unit and year; the households are those of the review."""
    review = poverty.figures(unit, period, catalogue)
    values: dict[tuple[str, str], int] = {}
    for (commune, column), count in review.items():
        if column not in ("poor_households", "near_poor_households"):
            continue
        kind = column.removesuffix("_households")
        values[commune, f"{kind}_total"] = households = int(count)
        for number, share in enumerate(_SHARES, start=1):
            usual = share * (_NEAR_POOR if kind == "near_poor" else 1)
            drawn = between(0.7, 1.3, FORM, kind, number, commune, period.code)
            values[commune, f"{kind}_d{number:02}"] = round(households * usual * drawn)
    return values

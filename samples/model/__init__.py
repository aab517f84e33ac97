"""What the samples' workbooks say: for a form, a unit and a period, the figure of each cell.

Figures are keyed by row and column as `ingest.forms.layout` names them. Sums are left out: the
workbook computes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import Period, parse_period
from ingest.submitters.form_template import Values
from samples.model import (
    deprivation,
    employment,
    merit,
    poverty,
    poverty_changes,
    programme,
    social_protection,
    targets,
    training,
)

MODELS: Mapping[str, Callable[[Unit, Period, Catalogue], Values]] = {
    "poverty_review": poverty.figures,
    "poverty_changes": poverty_changes.figures,
    "poverty_deprivation": deprivation.figures,
    "programme_budget": programme.figures,
    "employment": employment.figures,
    "vocational_training": training.figures,
    "social_protection": social_protection.figures,
    "merit_subsidy": merit.figures,
    "assigned_targets": targets.figures,
}


def figures_of(form_code: str, unit: Unit, period: str, catalogue: Catalogue) -> Values:
    """The figures that a unit reports on a form for a period.

    Raises:
        KeyError: the samples hold nothing for that form, unit or year.
    """
    return MODELS[form_code](unit, parse_period(period), catalogue)

"""How the poor and near-poor households of one year's review became those of the next, by commune."""

from __future__ import annotations

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import Period, parse_period
from ingest.submitters.form_template import Values
from samples.model import poverty
from samples.model.splitting import between

FORM = "poverty_changes"

_PERSONS = 4.6


def figures(unit: Unit, period: Period, catalogue: Catalogue) -> Values:
    """The cells of `poverty_changes` for a unit and year: from the review of the year before to that of the year."""
    before = poverty.figures(unit, parse_period(str(period.year - 1)), catalogue)
    after = poverty.figures(unit, period, catalogue)
    values: dict[tuple[str, str], int] = {}
    for commune in dict.fromkeys(row for row, _ in after):

        def at(review: Values, column: str, commune: str = commune) -> int:
            return int(review[commune, column])

        poor, near_poor = _movements(
            commune,
            (at(before, "poor_households"), at(after, "poor_households")),
            (at(before, "near_poor_households"), at(after, "near_poor_households")),
        )
        for kind, movements in (("poor", poor), ("near_poor", near_poor)):
            households = {"opening": at(before, f"{kind}_households"), **movements}
            persons = {name: round(count * _PERSONS) for name, count in movements.items()}
            persons["opening"] = at(before, f"{kind}_persons")
            # Births, deaths and moves within the households that stayed.
            missing = at(after, f"{kind}_persons") - _closing(persons)
            persons["other_increase"] += max(missing, 0)
            persons["other_decrease"] += max(-missing, 0)
            for line, counts in (("households", households), ("persons", persons)):
                values |= {(f"{commune}/{line}", f"{kind}_{name}"): count for name, count in counts.items()}
    return values


_ENTRIES = ("from_near_poor", "from_poor", "relapse", "new", "other_increase")


def _closing(counts: dict[str, int]) -> int:
    return sum(count if name == "opening" or name in _ENTRIES else -count for name, count in counts.items())


def _movements(
    commune: str, poor: tuple[int, int], near_poor: tuple[int, int]
) -> tuple[dict[str, int], dict[str, int]]:
    """Households that came and went, poor and near-poor, so that each class ends with what it has."""
    (poor_opening, poor_closing), (near_opening, near_closing) = poor, near_poor
    fallen = round(near_opening * between(0.0, 0.03, FORM, "fallen", commune))
    relapse = round(poor_opening * between(0.0, 0.02, FORM, "relapse", commune))
    new = round(poor_opening * between(0.01, 0.05, FORM, "new", commune))
    left = poor_opening + fallen + relapse + new - poor_closing
    new, left = new + max(-left, 0), max(left, 0)
    gone = min(left, round(poor_opening * between(0.0, 0.01, FORM, "gone", commune)))
    risen = round((left - gone) * between(0.5, 0.65, FORM, "risen", commune))
    of_poor = {
        "to_near_poor": risen,
        "above_near_poor": left - gone - risen,
        "other_decrease": gone,
        "from_near_poor": fallen,
        "relapse": relapse,
        "new": new,
        "other_increase": 0,
    }
    near_new = round(near_opening * between(0.01, 0.06, FORM, "near new", commune))
    near_left = near_opening + risen + near_new - fallen - near_closing
    near_new, near_left = near_new + max(-near_left, 0), max(near_left, 0)
    of_near_poor = {
        "to_poor": fallen,
        "above_near_poor": near_left,
        "other_decrease": 0,
        "from_poor": risen,
        "relapse": 0,
        "new": near_new,
        "other_increase": 0,
    }
    return of_poor, of_near_poor

"""Vocational training by level, support paid for it, and workers with training."""

from __future__ import annotations

from decimal import Decimal
from math import ceil

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import Period
from ingest.submitters.form_template import Values
from samples.model.employment import labour_force
from samples.model.quarters import quarter_of, quarter_shares, reached, reached_of
from samples.model.sources import UnitYear, published, unit_years
from samples.model.splitting import apportion, between, spread

FORM = "vocational_training"

# Row, category, usual share, share of women, persons in a class. Only the province's town has a college.
_LEVELS = (
    ("level_college", "college", 0.0, 0.48, 30),
    ("level_intermediate", "intermediate", 0.14, 0.42, 32),
    ("level_elementary", "elementary", 0.46, 0.45, 33),
    ("level_under_3_months", "under_3_months", 0.40, 0.55, 34),
)
_TOWN = "660"
_TOWN_SHARES = (0.22, 0.34, 0.26, 0.18)

# Share of the trainees of short courses, and dong for each person and course. The sums are those of
# Decision 46/2015/QĐ-TTg as remembered; the catalogue holds no rates for training.
_SUPPORT = (
    ("support_poor", 0.16, 3_000_000),
    ("support_near_poor", 0.11, 2_500_000),
    ("support_newly_escaped", 0.08, 2_000_000),
    ("support_disabled", 0.015, 6_000_000),
    ("support_merit", 0.01, 3_000_000),
    ("support_discharged_youth", 0.05, 12_000_000),
)
_TUITION_VND = 7_300_000


def figures(unit: Unit, period: Period, catalogue: Catalogue) -> Values:
    """The cells of `vocational_training` for a unit and a year, or cumulated from January to a quarter's end."""
    del catalogue
    quarter = quarter_of(period)
    size = unit_years()[unit.code, period.year]
    shares = quarter_shares(FORM, unit.code, period.year)
    values: dict[tuple[str, str], int | Decimal] = {}
    for row, trainees, women, minority, in_class in _levels(size):
        by_quarter = apportion(trainees, shares)
        women_by_quarter, _ = spread([women, trainees - women], by_quarter)
        minority_by_quarter = apportion(minority, by_quarter, by_quarter)
        so_far = reached(by_quarter, quarter)
        graduates = round(trainees * between(0.78, 0.9, FORM, row, "graduates", unit.code))
        values |= {
            (row, "classes"): ceil(so_far / in_class),
            (row, "trainees"): so_far,
            (row, "trainees_female"): reached(women_by_quarter, quarter),
            (row, "trainees_minority"): reached(minority_by_quarter, quarter),
            (row, "graduates"): reached_of(graduates, (0.0, 0.25, 0.35, 0.4), quarter),
        }
    values |= _support(size, quarter, shares)
    values |= _trained_labour(unit.code, period.year, quarter)
    return values


def _levels(size: UnitYear) -> list[tuple[str, int, int, int, int]]:
    """Row, trainees of the year, women, persons of ethnic minorities, persons in a class."""
    code, year = size.unit_code, size.year
    stated = {row: published(code, year, "trainees", f"training_level={level}") for row, level, *_ in _LEVELS}
    usual = _TOWN_SHARES if code == _TOWN else tuple(share for _, _, share, *_ in _LEVELS)
    weights = [
        share * between(0.85, 1.15, FORM, row, code) if stated[row] is None else 0.0
        for (row, *_), share in zip(_LEVELS, usual, strict=True)
    ]
    known = [stated[row] or 0 for row, *_ in _LEVELS]
    others = apportion(size.trainees - sum(known), weights)
    found = []
    for (row, _, _, women_share, in_class), known_part, part in zip(_LEVELS, known, others, strict=True):
        trainees = known_part + part
        women = round(trainees * women_share * between(0.9, 1.1, FORM, row, "women", code))
        minority = round(trainees * min(0.9, size.minority_pct / 100 * between(1.0, 1.4, FORM, row, "minority", code)))
        found.append((row, trainees, women, minority, in_class))
    return found


def _support(size: UnitYear, quarter: int, shares: list[float]) -> dict[tuple[str, str], int]:
    code, year = size.unit_code, size.year
    values: dict[tuple[str, str], int] = {}
    for row, share, each in _SUPPORT:
        persons = round(size.trainees * share * between(0.8, 1.2, FORM, row, code))
        so_far = reached_of(persons, shares, quarter)
        values[row, "supported"], values[row, "amount"] = so_far, so_far * each
    students = published(code, year, "tuition_support_students") or round(
        size.trainees * between(0.1, 0.15, FORM, "tuition", code)
    )
    amount = published(code, year, "tuition_support_amount") or students * _TUITION_VND
    by_quarter = apportion(students, shares)
    values["tuition", "supported"] = reached(by_quarter, quarter)
    values["tuition", "amount"] = reached_of(amount, by_quarter, quarter)
    return values


def _trained_labour(unit_code: str, year: int, quarter: int) -> dict[tuple[str, str], int | Decimal]:
    size, before = unit_years()[unit_code, year], unit_years().get((unit_code, year - 1))
    start = before.trained_labour_pct if before else size.trained_labour_pct
    share = start + (size.trained_labour_pct - start) * quarter / 4
    workers = labour_force(unit_code, year, quarter)
    trained = round(workers * share / 100)
    return {
        ("trained_workers", "figure"): trained,
        ("trained_labour_rate", "figure"): round(Decimal(100 * trained) / workers, 2),
        ("institutions", "figure"): size.institutions,
    }

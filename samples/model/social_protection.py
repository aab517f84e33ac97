"""Monthly social assistance at the legal rates, other support, and how it was paid out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import Period
from ingest.submitters.form_template import Values
from samples.model.money import health_insurance_premium, rate
from samples.model.quarters import quarter_of, reached, reached_of
from samples.model.sources import UnitYear, chosen, published, unit_years
from samples.model.splitting import apportion, between

FORM = "social_protection"


@dataclass(frozen=True, slots=True)
class _Category:
    """A row of the form: its category of the allowance in the rates, its share of all, of women."""

    row: str
    rate_category: str
    share: float
    women: float
    is_pension_from_july_2025: bool = False


# Of a row with several coefficients the usual one is taken: HIV from the age of 4, elderly below 80.
_CATEGORIES = (
    _Category("sa1_u4", "sa1_u4", 0.0012, 0.48),
    _Category("sa1_4p", "sa1_4p", 0.018, 0.48),
    _Category("sa2", "sa2", 0.005, 0.5),
    _Category("sa3", "sa3_4p", 0.0009, 0.45),
    _Category("sa4", "sa4", 0.014, 0.93),
    _Category("sa5a", "sa5a_60", 0.015, 0.66),
    _Category("sa5b", "sa5b", 0.022, 0.6, is_pension_from_july_2025=True),
    _Category("sa5c", "sa5c", 0.37, 0.62, is_pension_from_july_2025=True),
    _Category("sa5d", "sa5d", 0.001, 0.6),
    _Category("sa6_es", "sa6_es", 0.065, 0.43),
    _Category("sa6_es_ce", "sa6_es_ce", 0.042, 0.47),
    _Category("sa6_s", "sa6_s", 0.29, 0.42),
    _Category("sa6_s_ce", "sa6_s_ce", 0.14, 0.48),
    _Category("sa7", "sa7", 0.012, 0.49),
    _Category("sa8", "sa8", 0.0025, 0.35),
)
_METHODS_PCT = (
    ("method_bank_account", 9.0),
    ("method_e_wallet", 2.0),
    ("method_cash_post", 84.0),
    ("method_cash_direct", 5.0),
)
_ORDINARY_FUNERAL = "ordinary"


def figures(unit: Unit, period: Period, catalogue: Catalogue) -> Values:
    """The cells of `social_protection` for a unit and a year, or cumulated from January to a quarter's end."""
    size = unit_years()[unit.code, period.year]
    quarter = quarter_of(period)
    months = [date(period.year, month, 1) for month in range(1, 3 * quarter + 1)]
    values: dict[tuple[str, str], int] = {("sa_local", c): 0 for c in ("beneficiaries", "beneficiaries_female")}
    values |= {("sa_local", "turns"): 0, ("sa_local", "amount"): 0}
    at_end, amount = 0, 0
    for category, before, now in zip(_CATEGORIES, _beneficiaries(size, -1), _beneficiaries(size, 0), strict=True):
        monthly = _turns_by_month(category, size, before, now)[: len(months)]
        persons = before + (now - before) * quarter // 4
        if category.is_pension_from_july_2025 and months[-1] >= date(2025, 7, 1):
            persons = 0
        coefficient = rate(catalogue, "sa_monthly_coefficient", months[0], category.rate_category)
        money = sum(
            turns * coefficient * rate(catalogue, "sa_standard", month)
            for turns, month in zip(monthly, months, strict=True)
        )
        values |= {
            (category.row, "beneficiaries"): persons,
            (category.row, "beneficiaries_female"): round(
                persons * min(1.0, category.women * between(0.93, 1.07, FORM, category.row, "women", unit.code))
            ),
            (category.row, "turns"): sum(monthly),
            (category.row, "amount"): int(money),
        }
        at_end, amount = at_end + persons, amount + int(money)
    values |= _other_support(size, quarter, months, catalogue, at_end)
    values |= _by_method(size, at_end, amount, int(rate(catalogue, "sa_standard", months[0])) // 2)
    return values


def _beneficiaries(size: UnitYear, years_later: int) -> list[int]:
    """Persons on monthly assistance by category at the end of the year, or of the one before (-1)."""
    year = size.year + years_later
    stated = [chosen(size.unit_code, year, FORM, c.row, "beneficiaries") for c in _CATEGORIES]
    if any(value is not None for value in stated):
        return [value or 0 for value in stated]
    at = unit_years().get((size.unit_code, year))
    # The year before the first: a little fewer.
    total = at.sa_beneficiaries if at else round(size.sa_beneficiaries * 0.95)
    return apportion(total, [c.share * between(0.8, 1.2, FORM, c.row, size.unit_code) for c in _CATEGORIES])


def _turns_by_month(category: _Category, size: UnitYear, before: int, now: int) -> list[int]:
    """Persons paid in each month of the year, on the way from the year before's number to the year's."""
    path = [before + (now - before) * month / 12 for month in range(1, 13)]
    stated = chosen(size.unit_code, size.year, FORM, category.row, "turns")
    if stated is not None:
        return apportion(stated, path)
    if category.is_pension_from_july_2025 and size.year == 2025:
        path[6:] = [0.0] * 6
    return [int(persons + 0.5) for persons in path]


def _other_support(
    size: UnitYear, quarter: int, months: list[date], catalogue: Catalogue, beneficiaries: int
) -> dict[tuple[str, str], int]:
    code, year = size.unit_code, size.year

    def standard_at(in_quarter: int) -> Decimal:
        return rate(catalogue, "sa_standard", date(year, 3 * in_quarter - 2, 1))

    def yearly(row: str, low: float, high: float) -> list[int]:
        """Cases by quarter: a share of the persons on monthly assistance."""
        total = chosen(code, year, FORM, row, "count")
        if total is None:
            total = round(size.sa_beneficiaries * between(low, high, FORM, row, code, year))
        return apportion(total, [between(0.8, 1.2, FORM, row, code, year, q) for q in range(1, 5)])

    def paid(cases: list[int], multiple: Decimal | int) -> int:
        return int(sum(cases[q - 1] * multiple * standard_at(q) for q in range(1, quarter + 1)))

    families = round(size.sa_beneficiaries * between(0.008, 0.012, FORM, "care", code))
    care_turns = chosen(code, year, FORM, "care", "count")
    care = apportion(families * 12 if care_turns is None else care_turns, [1.0] * 12)[: len(months)]
    care_coefficient = rate(catalogue, "sa_care_coefficient", months[0], "care_d_fam")
    funerals = yearly("funeral", 0.038, 0.05)
    stated_cases = published(code, year, "sa_funeral_cases")
    if stated_cases is not None:
        funerals = apportion(stated_cases, [float(cases) for cases in funerals])
    funeral_multiple = rate(catalogue, "sa_funeral_multiple", months[0], _ORDINARY_FUNERAL)
    funeral_amount = paid(funerals, funeral_multiple)
    stated_amount = published(code, year, "sa_payment_amount", "support_kind=funeral")
    if stated_amount is not None:
        funeral_amount = reached_of(stated_amount, funerals, quarter)
    arrears, recovery = yearly("arrears", 0.006, 0.014), yearly("recovery", 0.002, 0.005)
    emergency = yearly("emergency", 0.002, 0.008)
    cards = round(beneficiaries * between(0.9, 0.96, FORM, "insurance", code))
    return {
        ("funeral", "count"): reached(funerals, quarter),
        ("funeral", "amount"): funeral_amount,
        ("care", "count"): sum(care),
        ("care", "amount"): int(
            sum(
                turns * care_coefficient * rate(catalogue, "sa_standard", month)
                for turns, month in zip(care, months, strict=True)
            )
        ),
        ("arrears", "count"): reached(arrears, quarter),
        ("arrears", "amount"): paid(arrears, Decimal("1.5")),
        ("recovery", "count"): reached(recovery, quarter),
        ("recovery", "amount"): paid(recovery, 1),
        ("emergency", "count"): reached(emergency, quarter),
        ("emergency", "amount"): paid(emergency, rate(catalogue, "sa_injury_multiple", months[0])),
        ("insurance", "count"): cards,
        ("insurance", "amount"): sum(cards * health_insurance_premium(catalogue, month) for month in months),
    }


def _by_method(size: UnitYear, persons: int, amount: int, smallest: int) -> dict[tuple[str, str], int]:
    """Persons and money by way of payment; every allowance is a multiple of half the standard."""
    weights = [
        share
        * between(0.6, 1.4, FORM, row, size.unit_code)
        * (1.5 if size.year > 2022 and row != "method_cash_post" else 1)
        for row, share in _METHODS_PCT
    ]
    by_persons = apportion(persons, weights)
    by_money = [part * smallest for part in apportion(amount // smallest, weights)]
    values: dict[tuple[str, str], int] = {}
    for (row, _), its_persons, its_money in zip(_METHODS_PCT, by_persons, by_money, strict=True):
        values[row, "method_beneficiaries"], values[row, "method_amount"] = its_persons, its_money
    return values

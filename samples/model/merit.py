"""Monthly merit allowances person by person at the legal amounts, other benefits, gifts, gratitude work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import Period
from ingest.submitters.form_template import Values
from samples.model.money import health_insurance_premium, rate
from samples.model.quarters import quarter_of, quarter_shares, reached, reached_of
from samples.model.sources import UnitYear, chosen, published, unit_years
from samples.model.splitting import apportion, between, draw

FORM = "merit_subsidy"

# The catalogue's table of monthly amounts begins here; earlier ones follow the standard amount.
_AMOUNTS_BEGIN = date(2023, 7, 1)


@dataclass(frozen=True, slots=True)
class _Category:
    """A row of the form, its share of all recipients, and the amounts of which each person gets one."""

    row: str
    share: float
    amounts: tuple[str, ...]
    extra: str = ""


_CATEGORIES = (
    # War invalids get the amount of their loss of ability to work, drawn from 21 to 60 %.
    _Category("m07", 0.37, ()),
    _Category("m08", 0.07, ("m_sick_41", "m_sick_51", "m_sick_61", "m_sick_71")),
    _Category("m09", 0.17, ("m_ao_21", "m_ao_41", "m_ao_41", "m_ao_61")),
    _Category("mr_ao_child", 0.07, ("m_ao_child_61", "m_ao_child_81")),
    _Category("m01", 0.002, ("m_pre45_local",)),
    _Category("m02", 0.003, ("m_1945",)),
    _Category("m04", 0.008, ("m_mother",), extra="m_mother_extra"),
    _Category("m05", 0.003, ("m_hero",)),
    _Category("m10", 0.06, ("m_prisoner",)),
    _Category("m12", 0.04, ("m_helper_order",)),
    _Category("mr_martyr", 0.21, ("m_martyr_1",)),
)
_NONE_IN_THE_SAMPLES = ("m06", "mr", "md_62")

# Each of them for a year: cases per recipient of a monthly allowance, and on which quarters they fall.
_AT_TET, _ALL_YEAR, _IN_JULY = (1.0, 0.0, 0.0, 0.0), (0.2, 0.3, 0.25, 0.25), (0.0, 0.0, 1.0, 0.0)
_IN_SUMMER, _AT_SCHOOL = (0.0, 0.5, 0.4, 0.1), (0.4, 0.1, 0.3, 0.2)
# Dong for each case where the catalogue holds no rate.
_ORTHOPAEDIC_VND, _GRAVE_VISIT_VND = 1_250_000, 3_000_000
_FUNERAL_BASE_SALARIES = 10

# Row, gifts per recipient of a monthly allowance, dong for each.
_GIVERS = (
    ("province", 1.0, 500_000),
    ("district", 1.0, 300_000),
    ("commune", 0.35, 200_000),
    ("socialised", 0.2, 350_000),
)
_PRESIDENTS_GIFTS, _HIGHER_SHARE = 2.6, 0.06


def figures(unit: Unit, period: Period, catalogue: Catalogue) -> Values:
    """The cells of `merit_subsidy` for a unit and a year, or cumulated from January to a quarter's end."""
    size = unit_years()[unit.code, period.year]
    quarter = quarter_of(period)
    values = {**_monthly_allowances(size, quarter, catalogue), **_other_benefits(size, quarter, catalogue)}
    for occasion, quarters, day in (
        ("tet", _AT_TET, date(period.year, 1, 15)),
        ("wid", _IN_JULY, date(period.year, 7, 27)),
    ):
        values |= _gifts(size, occasion, quarter, quarters, day, catalogue)
    return {**values, **_gratitude(size, quarter)}


def _monthly_allowances(size: UnitYear, quarter: int, catalogue: Catalogue) -> dict[tuple[str, str], int]:
    values: dict[tuple[str, str], int] = {}
    before, now = _recipients(size, size.year - 1), _recipients(size, size.year)
    for category in _CATEGORIES:
        path = [before[category.row] + (now[category.row] - before[category.row]) * m / 12 for m in range(1, 13)]
        persons = [int(at + 0.5) for at in path]
        money = [
            sum(_amount(category, k, size, date(size.year, month, 1), catalogue) for k in range(in_month))
            for month, in_month in enumerate(persons, start=1)
        ]
        turns = chosen(size.unit_code, size.year, FORM, category.row, "turns")
        if turns is not None:
            persons = apportion(turns, path)
        amount = chosen(size.unit_code, size.year, FORM, category.row, "amount")
        if amount is not None:
            money = apportion(amount, money)
        values |= {
            (category.row, "recipients"): persons_at(before[category.row], now[category.row], quarter),
            (category.row, "turns"): sum(persons[: 3 * quarter]),
            (category.row, "amount"): sum(money[: 3 * quarter]),
        }
    if any(chosen(size.unit_code, size.year, FORM, c.row, "recipients") is not None for c in _CATEGORIES):
        # Nothing is said about the others, which is not the same as none.
        return {place: value for place, value in values.items() if value or now[place[0]]}
    return values | {(row, column): 0 for row in _NONE_IN_THE_SAMPLES for column in ("recipients", "turns", "amount")}


def persons_at(before: int, now: int, quarter: int) -> int:
    """A stock at a quarter's end, on the way from the year before's to the year's."""
    return before + (now - before) * quarter // 4


def _recipients(size: UnitYear, year: int) -> dict[str, int]:
    """Recipients of monthly allowances by category at a year's end."""
    stated = {c.row: chosen(size.unit_code, year, FORM, c.row, "recipients") for c in _CATEGORIES}
    if any(value is not None for value in stated.values()):
        return {row: value or 0 for row, value in stated.items()}
    if (size.unit_code, year) not in unit_years():
        # The year before the first: a few more, since there are fewer every year.
        return {row: round(persons * 1.015) for row, persons in _recipients(size, year + 1).items()}
    weights = [c.share * between(0.8, 1.2, FORM, c.row, size.unit_code) for c in _CATEGORIES]
    total = unit_years()[size.unit_code, year].merit_recipients
    return dict(zip((c.row for c in _CATEGORIES), apportion(total, weights), strict=True))


def _amount(category: _Category, person: int, size: UnitYear, on: date, catalogue: Catalogue) -> int:
    """Dong a month for one person."""
    luck = draw(FORM, category.row, size.unit_code, person)
    if not category.amounts:
        return int(rate(catalogue, "merit_war_invalid_amount", on, f"war_{21 + int(luck * luck * 40):03d}"))
    named = [category.amounts[int(luck * len(category.amounts))], category.extra]
    return sum(_named_amount(name, on, catalogue) for name in named if name)


def _named_amount(name: str, on: date, catalogue: Catalogue) -> int:
    if on >= _AMOUNTS_BEGIN:
        return int(rate(catalogue, "merit_monthly_amount", on, name))
    first = rate(catalogue, "merit_monthly_amount", _AMOUNTS_BEGIN, name)
    risen = rate(catalogue, "merit_standard", _AMOUNTS_BEGIN) / rate(catalogue, "merit_standard", on)
    return int(round(first / risen, -3))


def _other_benefits(size: UnitYear, quarter: int, catalogue: Catalogue) -> dict[tuple[str, str], int]:
    code, year = size.unit_code, size.year
    recipients = sum(_recipients(size, year).values())
    standard = [rate(catalogue, "merit_standard", date(year, 3 * q - 2, 1)) for q in range(1, 5)]
    base_salary = [rate(catalogue, "base_salary", date(year, 3 * q - 2, 1)) for q in range(1, 5)]
    rest_base = rate(catalogue, "merit_convalescence_base", date(year, 12, 31))
    at_home, in_centre = (
        rate(catalogue, "merit_convalescence_multiple", date(year, 12, 31), f"conv_{where}")
        for where in ("home", "centre")
    )
    school = rate(catalogue, "merit_education_multiple", date(year, 12, 31), "school")
    per_year = rate(catalogue, "merit_lump_sum_multiple", date(year, 12, 31), "resistance_year")
    years_served = [Decimal(3 + int(draw(FORM, "years", code, year, q) * 5)) for q in range(4)]
    worship = rate(catalogue, "merit_worship_martyr", date(year, 12, 31))
    kinds: tuple[tuple[str, float, tuple[float, ...], list[Decimal]], ...] = (
        ("lump_sum", 0.3, _ALL_YEAR, [s * per_year * y for s, y in zip(standard, years_served, strict=True)]),
        ("convalescence_centre", 0.1, _IN_SUMMER, [rest_base * in_centre] * 4),
        ("convalescence_home", 0.3, _IN_SUMMER, [rest_base * at_home] * 4),
        ("education", 0.05, _AT_SCHOOL, [s * school for s in standard]),
        ("funeral", 0.012, _ALL_YEAR, [b * _FUNERAL_BASE_SALARIES for b in base_salary]),
        ("worship", 0.45, _IN_JULY, [worship] * 4),
        ("orthopaedic", 0.03, _ALL_YEAR, [Decimal(_ORTHOPAEDIC_VND)] * 4),
        ("grave_visit", 0.02, _IN_JULY, [Decimal(_GRAVE_VISIT_VND)] * 4),
    )
    values: dict[tuple[str, str], int] = {}
    is_chosen = chosen(code, year, FORM, "lump_sum", "count") is not None
    for row, per_recipient, when, each in kinds:
        cases = chosen(code, year, FORM, row, "count")
        if cases is None and is_chosen:
            continue
        if cases is None:
            cases = round(recipients * per_recipient * between(0.8, 1.2, FORM, row, code, year))
        by_quarter = apportion(cases, when)
        money = chosen(code, year, FORM, row, "amount")
        values[row, "count"] = reached(by_quarter, quarter)
        values[row, "amount"] = (
            int(sum(c * e for c, e in zip(by_quarter[:quarter], each[:quarter], strict=True)))
            if money is None
            else reached_of(money, by_quarter, quarter)
        )
    cards = round(recipients * between(2.2, 2.8, FORM, "insurance", code))
    months = [date(year, month, 1) for month in range(1, 3 * quarter + 1)]
    values["insurance", "count"] = cards
    values["insurance", "amount"] = sum(cards * health_insurance_premium(catalogue, month) for month in months)
    return values


def _gifts(
    size: UnitYear, occasion: str, quarter: int, quarters: tuple[float, ...], day: date, catalogue: Catalogue
) -> dict[tuple[str, str], int]:
    """Gifts on one occasion by giver; every gift goes to one person."""
    code, year = size.unit_code, size.year
    recipients = sum(_recipients(size, year).values())
    higher = round(recipients * _PRESIDENTS_GIFTS * _HIGHER_SHARE)
    lower = round(recipients * _PRESIDENTS_GIFTS) - higher
    of_president = int(
        higher * rate(catalogue, "president_gift", day, "higher")
        + lower * rate(catalogue, "president_gift", day, "lower")
    )
    by_giver = {"president": (higher + lower, of_president)}
    for giver, per_recipient, each in _GIVERS:
        count = round(recipients * per_recipient * between(0.85, 1.15, FORM, occasion, giver, code, year))
        by_giver[giver] = (count, count * each)
    values: dict[tuple[str, str], int] = {}
    is_past = reached([round(q) for q in quarters], quarter) > 0
    for giver, (count, amount) in by_giver.items():
        row = f"{occasion}_{giver}"
        gifts = chosen(code, year, FORM, row, "gifts")
        worth = chosen(code, year, FORM, row, "gift_amount")
        gifts, worth = (count if gifts is None else gifts), (amount if worth is None else worth)
        values |= {
            (row, "gifts"): gifts * is_past,
            (row, "gift_recipients"): gifts * is_past,
            (row, "gift_amount"): worth * is_past,
        }
    return values


def _gratitude(size: UnitYear, quarter: int) -> dict[tuple[str, str], int]:
    code, year = size.unit_code, size.year
    shares = quarter_shares(FORM, "fund", code, year)
    contributors = published(code, year, "gratitude_fund_contributors") or int(
        between(15, 45, FORM, "fund", code, year)
    )
    raised = (
        published(code, year, "gratitude_fund_raised")
        or contributors * int(between(15, 40, FORM, "gift to the fund", code, year)) * 100_000
    )
    houses = int(between(1, 6, FORM, "houses", code, year))
    by_quarter = apportion(contributors, shares)
    return {
        ("fund_raised", "figure"): reached_of(raised, by_quarter, quarter),
        ("fund_contributors", "figure"): reached(by_quarter, quarter),
        ("gratitude_houses", "figure"): reached_of(houses, _IN_SUMMER, quarter),
        ("heroic_mothers", "figure"): _recipients(size, year)["m04"],
    }

"""The money of the target programme on poverty reduction by project: allotted, approved, paid out; million dong."""

from __future__ import annotations

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import Period
from ingest.submitters.form_template import Values
from samples.model.sources import published
from samples.model.splitting import apportion, between

FORM = "programme_budget"

_MILLION = 1_000_000
# Districts on the list of poor districts have projects 1 and 5 and several times as much money.
_POOR_DISTRICTS = frozenset({"661", "667"})
# Project, share of the money, share of it for investment, of poor districts only, for households.
_PROJECTS = (
    ("p1_1", 0.46, 1.0, True, False),
    ("p1_2", 0.04, 1.0, True, False),
    ("p2", 0.24, 0.0, False, True),
    ("p3_1", 0.13, 0.0, False, True),
    ("p3_2", 0.06, 0.0, False, False),
    ("p4_1", 0.22, 0.4, False, False),
    ("p4_2", 0.02, 0.0, False, False),
    ("p4_3", 0.05, 0.0, False, False),
    ("p5", 0.10, 0.0, True, True),
    ("p6_1", 0.07, 0.0, False, False),
    ("p6_2", 0.05, 0.0, False, False),
    ("p7_1", 0.10, 0.0, False, False),
    ("p7_2", 0.06, 0.0, False, False),
)
_OWN_SHARE = 0.22
_MILLION_PER_HOUSEHOLD = 24


def figures(unit: Unit, period: Period, catalogue: Catalogue) -> Values:
    """The cells of `programme_budget` for a unit and a year, in million dong."""
    del catalogue
    code, year = unit.code, period.year
    is_poor = code in _POOR_DISTRICTS
    projects = [project for project in _PROJECTS if is_poor or not project[3]]
    allocated = _published(code, year, "ntp_budget_allocated") or round(
        between(9_000, 21_000, FORM, "allocated", code, year) * (5 if is_poor else 1)
    )
    disbursed = _published(code, year, "ntp_budget_disbursed") or round(
        allocated * between(0.45, 0.8, FORM, "disbursed", code, year)
    )
    money = apportion(allocated, [share * between(0.8, 1.2, FORM, key, code) for key, share, *_ in projects])
    paces = [between(0.6, 1.4, FORM, key, "paid", code) for key, *_ in projects]
    paid = apportion(disbursed, [m * pace for m, pace in zip(money, paces, strict=True)], money)
    values: dict[tuple[str, str], int] = {}
    for (key, _, investment, _, for_households), amount, spent in zip(projects, money, paid, strict=True):
        to_invest, spent_on_investment = round(amount * investment), round(spent * investment)
        values |= {
            (key, "carried_over"): 0,
            (key, "allocated_investment"): to_invest,
            (key, "allocated_recurrent"): amount - to_invest,
            (key, "disbursed_investment"): spent_on_investment,
            (key, "disbursed_recurrent"): spent - spent_on_investment,
        }
        if for_households:
            values |= {
                (key, "approved_state"): spent,
                (key, "approved_own"): round(spent * _OWN_SHARE),
                (key, "households"): round(spent / _MILLION_PER_HOUSEHOLD),
            }
    return values


def _published(code: str, year: int, indicator: str) -> int | None:
    amount = published(code, year, indicator, "programme=poverty_reduction")
    return None if amount is None else amount // _MILLION

"""What the law says that one month, or several, have to be at least."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache

from ingest.core.catalogue import Catalogue, Rate
from ingest.core.periods import Period
from ingest.readers.payment_list.list_schema import ListVersion, RateRule

# Nobody is paid ten years of arrears; a larger number is a slip that is said elsewhere.
MAX_MONTHS = 120


class LegalRates:
    """The legal rates that bind the lines of a list for a month.

    Months paid in one go count back from the list's own: arrears are owed at the rates of their time, and
    where two months are paid ahead of Tết the bound is no stricter than the month before.
    """

    def __init__(self, layout: ListVersion, period: Period, catalogue: Catalogue) -> None:
        self._layout = layout
        self._month = period.first_day
        self._rates: dict[tuple[str, str], list[Rate]] = defaultdict(list)
        for rate in catalogue.rates:
            self._rates[rate.rate_code, rate.category_code].append(rate)
        self.least = lru_cache(maxsize=None)(self._least)

    def _least(self, category: str, injury_pct: int | None, coefficient: float | None, months: int) -> Decimal | None:
        """The least that so many months are worth in dong; None where the law's rate is not known.

        Without a rate of its own a category is worth the coefficient that the list states.
        """
        sums = [
            total
            for rule, rate_category in self._candidates(category, injury_pct)
            if (total := self._sum(rule, rate_category, months)) is not None
        ]
        if sums:
            return min(sums)
        if coefficient is None or self._layout.coefficient_of is None:
            return None
        standards = [self._rate(self._layout.coefficient_of, "", day) for day in self._days(months)]
        if any(standard is None for standard in standards):
            return None
        return sum((standard for standard in standards if standard is not None), Decimal(0)) * Decimal(str(coefficient))

    def coefficient(self, category: str) -> Decimal | None:
        """The least legal coefficient of a category in the list's month; None where it has none."""
        found = [
            value
            for rule, rate_category in self._candidates(category, None)
            if rule.times is not None and (value := self._rate(rule.rate, rate_category, self._month)) is not None
        ]
        return min(found, default=None)

    def _candidates(self, category: str, injury_pct: int | None) -> Iterator[tuple[RateRule, str]]:
        """The rates that may bind a category, those of another share of bodily injury left out."""
        for rule in self._layout.rates:
            if rule.category not in (None, category):
                continue
            first, last = rule.injury_pct or (0, 0)
            if rule.injury_pct is not None and injury_pct is not None and not first <= injury_pct <= last:
                continue
            if rule.rate_category is None:
                own = [category] if rule.category is None else [name for code, name in self._rates if code == rule.rate]
                yield from ((rule, name) for name in own)
            elif "{" in rule.rate_category:
                shares = range(first, last + 1) if injury_pct is None else (injury_pct,)
                yield from ((rule, rule.rate_category.format(injury_pct=share)) for share in shares)
            else:
                yield rule, rule.rate_category

    def _sum(self, rule: RateRule, rate_category: str, months: int) -> Decimal | None:
        total = Decimal(0)
        for day in self._days(months):
            value = self._rate(rule.rate, rate_category, day)
            standard = self._rate(rule.times, "", day) if rule.times is not None else Decimal(1)
            if value is None or standard is None:
                return None
            total += value * standard
        return total

    def _days(self, months: int) -> Iterator[date]:
        """The first days of so many months, from the list's own backwards."""
        for back in range(min(months, MAX_MONTHS)):
            year, month = divmod(self._month.year * 12 + self._month.month - 1 - back, 12)
            yield date(year, month + 1, 1)

    def _rate(self, rate_code: str, category: str, day: date) -> Decimal | None:
        rates = self._rates.get((rate_code, category), ())
        return next((rate.value for rate in rates if rate.valid_from <= day < rate.valid_to), None)

"""What the law says that one month, or several, have to be at least."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from ingest.core.catalogue import Catalogue, Rate, UnknownRate
from ingest.core.periods import Period
from ingest.readers.payment_list.list_schema import ListVersion, RateRule

# Nobody is paid ten years of arrears; a larger number is a slip that is said elsewhere.
MAX_MONTHS = 120


@dataclass(frozen=True, slots=True)
class Due:
    """What is due for so many months, in dong.

    `legal` is the amount of the law, or one worked out by a rule (`is_derived`) where the law was not read. `least` is
    the same less what it may be off by, and of arrears of a rate that rose for the past the difference alone.
    `accepted` is the least that is not wrong: `least` at the rates before, where the new ones came into force after the
    months they are due for or their day is uncertain (not `is_certain`). `since` is the day from which the new rate is
    due, where the one before it is accepted as well.
    """

    legal: Decimal
    least: Decimal
    accepted: Decimal
    is_derived: bool = False
    is_certain: bool = True
    since: date | None = None


@dataclass(frozen=True, slots=True)
class _Value:
    """A rate of a day, or a coefficient times a standard: what it is and what it was before."""

    value: Decimal
    former: Decimal
    low: Decimal
    is_derived: bool
    is_certain: bool
    since: date | None

    def times(self, other: _Value) -> _Value:
        return _Value(
            self.value * other.value,
            self.former * other.former,
            self.low * other.low,
            self.is_derived or other.is_derived,
            self.is_certain and other.is_certain,
            max(filter(None, (self.since, other.since)), default=None),
        )


_ONE = _Value(Decimal(1), Decimal(1), Decimal(1), False, True, None)


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
        self._unknown: dict[tuple[str, str], list[UnknownRate]] = defaultdict(list)
        for unknown in catalogue.unknown_rates:
            self._unknown[unknown.rate_code, unknown.category_code].append(unknown)
        self.due = lru_cache(maxsize=None)(self._due)
        self.implied_coefficient = lru_cache(maxsize=10_000)(self._implied_coefficient)

    def _due(
        self, category: str, injury_pct: int | None, coefficient: float | None, months: int, arrears_months: int = 0
    ) -> Due | None:
        """What so many months and, beside them, months of arrears are worth; None where the law's rate is not known.

        Of several rates that may bind a category the lowest does. Without a rate of its own a category is worth the
        coefficient that the list states.
        """
        sums = [
            due
            for rule, rate_category in self._candidates(category, injury_pct)
            if (due := self._sum(rule, rate_category, months, arrears_months)) is not None
        ]
        if sums:
            return min(sums, key=lambda due: (due.accepted, due.legal))
        if coefficient is None or self._layout.coefficient_of is None:
            return None
        standards = [self._value(self._layout.coefficient_of, "", day) for day in self._days(months + arrears_months)]
        return _add(standards, months, Decimal(str(coefficient)))

    def coefficient(self, category: str) -> Decimal | None:
        """The least legal coefficient of a category in the list's month; None where it has none."""
        found = [
            rate.value
            for rule, rate_category in self._candidates(category, None)
            if rule.times is not None and (rate := self._rate(rule.rate, rate_category, self._month)) is not None
        ]
        return min(found, default=None)

    def _implied_coefficient(self, monthly: Decimal) -> Decimal | None:
        """The round coefficient (1.0, 1.5 ...) that makes an amount of a month out of the standard, if one does."""
        standard = self._value(self._layout.coefficient_of, "", self._month) if self._layout.coefficient_of else None
        if standard is None:
            return None
        for base in dict.fromkeys((standard.value, standard.former)):
            halves, rest = divmod(monthly * 2, base)
            if halves >= 1 and not rest:
                return halves / 2
        return None

    def unknown_since(self, category: str, months: int = 1) -> UnknownRate | None:
        """A rate of a category that is in force in one of these months and was not read by anybody."""
        for rule, rate_category in self._candidates(category, None):
            for day in self._days(months):
                for code, of in ((rule.rate, rate_category), (rule.times, "")):
                    if code is not None and self._rate(code, of, day) is None:
                        found = next((u for u in self._unknown.get((code, of), ()) if u.is_valid_on(day)), None)
                        if found is not None:
                            return found
        return None

    def _candidates(self, category: str, injury_pct: int | None) -> Iterator[tuple[RateRule, str]]:
        """The rates that may bind a category, those of another share of bodily injury left out."""
        for rule in self._layout.rates:
            if rule.category not in (None, category):
                continue
            first, last = rule.injury_pct or (0, 0)
            if rule.injury_pct is not None and injury_pct is not None and not first <= injury_pct <= last:
                continue
            if rule.rate_category is None:
                known = (*self._rates, *self._unknown)
                own = [category] if rule.category is None else [name for code, name in known if code == rule.rate]
                yield from ((rule, name) for name in dict.fromkeys(own))
            elif "{" in rule.rate_category:
                shares = range(first, last + 1) if injury_pct is None else (injury_pct,)
                yield from ((rule, rule.rate_category.format(injury_pct=share)) for share in shares)
            else:
                yield rule, rule.rate_category

    def _sum(self, rule: RateRule, rate_category: str, months: int, arrears_months: int) -> Due | None:
        values = []
        for day in self._days(months + arrears_months):
            value = self._value(rule.rate, rate_category, day)
            standard = self._value(rule.times, "", day) if rule.times is not None else _ONE
            values.append(None if value is None or standard is None else value.times(standard))
        return _add(values, months)

    def _days(self, months: int) -> Iterator[date]:
        """The first days of so many months, from the list's own backwards."""
        for back in range(min(months, MAX_MONTHS)):
            year, month = divmod(self._month.year * 12 + self._month.month - 1 - back, 12)
            yield date(year, month + 1, 1)

    def _value(self, rate_code: str, category: str, day: date) -> _Value | None:
        rate = self._rate(rate_code, category, day)
        if rate is None:
            return None
        former = self._rate(rate_code, category, day, before=rate.valid_from) if day < rate.former_until else None
        return _Value(
            value=rate.value,
            former=former.value if former is not None else rate.value,
            low=rate.value - rate.tolerance,
            is_derived=rate.is_derived,
            is_certain=rate.is_certain,
            since=rate.valid_from if former is not None else None,
        )

    def _rate(self, rate_code: str, category: str, day: date, before: date | None = None) -> Rate | None:
        """The rate in force on a day, or (`before` its first day) the one that ended when it began."""
        rates = self._rates.get((rate_code, category), ())
        if before is not None:
            return next((rate for rate in rates if rate.valid_to == before), None)
        return next((rate for rate in rates if rate.is_valid_on(day)), None)


def _add(values: Sequence[_Value | None], months: int, coefficient: Decimal = Decimal(1)) -> Due | None:
    """Months and, after them, months of arrears put together; None where the rate of one is not known.

    Whoever is paid in or after the month in which the new rate may be asked for is owed it; arrears may be the
    difference between new and former rate alone.
    """
    known = [value for value in values if value is not None]
    if len(known) != len(values) or not known:
        return None
    regular, arrears = known[:months], known[months:]
    # The list's own month comes first: is what it is paid by the new rate alone?
    is_former_right = known[0].since is not None
    owed = sum((v.low if v.since is None else max(v.low - v.former, Decimal(0)) for v in arrears), Decimal(0))
    least = sum((v.low for v in regular), Decimal(0)) + owed
    accepted = sum((min(v.low, v.former) for v in regular), Decimal(0)) + owed if is_former_right else least
    since = [value.since for value in known if value.since is not None]
    return Due(
        legal=sum((value.value for value in known), Decimal(0)) * coefficient,
        least=least * coefficient,
        accepted=accepted * coefficient,
        is_derived=any(value.is_derived for value in known),
        is_certain=all(value.is_certain for value in known),
        since=min(since) if since and is_former_right else None,
    )

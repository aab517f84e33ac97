"""What the law pays for one case in the months that a figure covers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from ingest.core.catalogue import Catalogue, Rate
from ingest.core.periods import Period
from ingest.forms.layout import TableRow
from ingest.forms.schema import FormRule, RateBounds

_RatesByCode = Mapping[str, Mapping[str, tuple[Rate, ...]]]


class RateRange(NamedTuple):
    """The least and the most that one case is paid, in dong; no most where the law sets only the least."""

    low: Decimal
    high: Decimal | None


@lru_cache(maxsize=4)
def _rates(catalogue: Catalogue) -> _RatesByCode:
    found: dict[str, dict[str, list[Rate]]] = defaultdict(lambda: defaultdict(list))
    for rate in catalogue.rates:
        found[rate.rate_code][rate.category_code].append(rate)
    return {code: {name: tuple(rates) for name, rates in by_name.items()} for code, by_name in found.items()}


@lru_cache(maxsize=4_096)
def bounds_of_rate(rule: FormRule, row: TableRow, period: Period, catalogue: Catalogue) -> RateRange | None:
    """What a rule's rates say of a row; None where the row has no rate, or no amount is known for some month."""
    entry = next((one for one in rule.rates if _is_for(one, row)), None)
    if entry is None:
        return None
    by_month = [_in_month(entry, row, day, catalogue) for day in _months(period)]
    known = [one for one in by_month if one is not None]
    if not known or len(known) < len(by_month):
        return None
    low = min(one.low for one in known)
    highest = [one.high for one in known if one.high is not None]
    return RateRange(low, max(highest) if highest else None)


def _is_for(entry: RateBounds, row: TableRow) -> bool:
    return row.key in entry.rows or (not entry.rows and _own_category(entry, row) is not None)


def _own_category(entry: RateBounds, row: TableRow) -> str | None:
    return row.line.facets.breakdown.get(entry.category_list or "") if row.line is not None else None


def _months(period: Period) -> Iterator[date]:
    """The first days of the months from January to the period's last: what is paid is cumulated."""
    for month in range(1, period.last_day.month + 1):
        yield date(period.last_day.year, month, 1)


def _in_month(entry: RateBounds, row: TableRow, day: date, catalogue: Catalogue) -> RateRange | None:
    of_rate = _rates(catalogue).get(entry.rate, {})
    if entry.categories:
        patterns = entry.categories
        names = [name for name in of_rate if any(_fits(name, pattern) for pattern in patterns)]
    else:
        own = _own_category(entry, row) or ""
        names = [own] if own in of_rate else [name for name in of_rate if own and name.startswith(own)]
    values = [value for name in names if (value := _value(entry, of_rate[name], day, catalogue)) is not None]
    if not values:
        return None
    factor = entry.multiple
    if entry.times is not None:
        standard = _at(_rates(catalogue).get(entry.times, {}).get("", ()), day)
        if standard is None:
            return None
        factor *= standard
    extra = [
        value for name in entry.plus if (value := _value(entry, of_rate.get(name, ()), day, catalogue)) is not None
    ]
    high = max(values) * entry.up_to.get(row.key, Decimal(1)) + sum(extra, Decimal(0))
    return RateRange(min(values) * factor, None if entry.least_only else high * factor)


def _fits(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def _value(entry: RateBounds, rates: tuple[Rate, ...], day: date, catalogue: Catalogue) -> Decimal | None:
    value = _at(rates, day)
    if value is not None or entry.in_proportion_to is None or not rates:
        return value
    first = min(rates, key=lambda rate: rate.valid_from)
    standards = _rates(catalogue).get(entry.in_proportion_to, {}).get("", ())
    then, now = _at(standards, first.valid_from), _at(standards, day)
    if day >= first.valid_from or then is None or now is None:
        return None
    return first.value * now / then


def _at(rates: tuple[Rate, ...], day: date) -> Decimal | None:
    return next((rate.value for rate in rates if rate.valid_from <= day < rate.valid_to), None)

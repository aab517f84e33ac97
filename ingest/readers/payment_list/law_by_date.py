"""The checks of a list's money against the law: coefficients, amounts of a month and of the whole, by date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.core.catalogue import Catalogue, UnknownRate
from ingest.core.periods import Period
from ingest.readers.payment_list.legal_amounts import MAX_MONTHS, Due, LegalRates
from ingest.readers.payment_list.line_findings import DONG, CategoryName, Found, Numbers, names_of
from ingest.readers.payment_list.list_lines import Lines
from ingest.readers.payment_list.list_schema import ListVersion

# No monthly payment is as small; thousands of dong are.
_LEAST_USUAL_VND = 20_000
# What cannot be said to hold where a rate was not read.
_OF_THE_LAW = ("LST-050", "LST-051", "LST-052", "LST-053", "LST-130", "LST-131", "LST-132")


def check_rates(
    lines: Lines,
    found: Found,
    layout: ListVersion,
    categories: Sequence[CategoryName],
    period: Period,
    catalogue: Catalogue,
    columns: frozenset[str],
) -> None:
    """Applies every check of money that the list's columns allow."""
    rates = LegalRates(layout, period, catalogue)
    months = _count_months(lines.months, default=1)
    arrears_months = _count_months(lines.arrears_months, default=0)
    one = np.ones(len(lines), dtype=np.int64)
    month = _bounds(lines, rates, categories, one, one - 1)
    whole = _bounds(lines, rates, categories, months, arrears_months)
    paid = np.where(np.isfinite(lines.recovery), lines.amount + lines.recovery, lines.amount)
    is_paid = np.isfinite(paid) & (lines.amount > 0)
    multiple = layout.plausible_multiple

    def names(i: int) -> dict[str, Any]:
        return {
            **names_of(categories, lines.category[i]),
            "months": int(months[i] + arrears_months[i]),
            "multiple": f"{multiple:g}",
        }

    # A line is accused once: of its coefficient, else of its month, else of its amount.
    is_low = _check_coefficients(lines, found, rates, categories, columns, is_paid, names)
    if "monthly" in columns:
        is_low_month = np.isfinite(lines.monthly) & (lines.monthly < month.accepted - DONG) & ~is_low
        _below(found, ("LST-051", "LST-131"), is_low_month, month, lines.monthly, names)
        is_low = is_low | is_low_month
    is_low_amount = is_paid & (paid < whole.accepted - DONG) & ~is_low
    _below(found, ("LST-050", "LST-132"), is_low_amount, whole, paid, names)
    found.at_lines("LST-052", is_paid & (paid > multiple * whole.legal), lhs=paid, rhs=whole.legal, values=names)
    is_former = is_paid & (paid < whole.least - DONG) & ~is_low & ~is_low_amount
    _check_former(found, is_former, whole)
    _check_arithmetic(lines, found, columns, months, arrears_months)
    positive = lines.amount[is_paid]
    if positive.size and float(np.median(positive)) < _LEAST_USUAL_VND:
        found.once("LST-056", int(positive.size), limit=f"{_LEAST_USUAL_VND:,}".replace(",", "."))
    else:
        found.hold("LST-056")
    _check_unknown(lines, found, rates, categories, period, np.isnan(month.legal))


def _count_months(values: Numbers, default: int) -> NDArray[np.int64]:
    """Whole months; the default where nothing plausible is stated."""
    is_plausible = np.isfinite(values) & (values >= default) & (values <= MAX_MONTHS)
    return np.where(is_plausible, values, default).astype(np.int64)


class _Bounds:
    """What the law makes due to each line: a `legal_amounts.Due`, column by column; NaN where it is not known."""

    def __init__(self, dues: Sequence[Due | None], inverse: NDArray[np.int64]) -> None:
        def numbers(of: Callable[[Due], Decimal]) -> Numbers:
            return np.array([np.nan if due is None else float(of(due)) for due in dues], dtype=np.float64)[inverse]

        def flags(of: Callable[[Due], bool]) -> NDArray[np.bool_]:
            return np.array([due is not None and of(due) for due in dues], dtype=np.bool_)[inverse]

        self.legal = numbers(lambda due: due.legal)
        self.least = numbers(lambda due: due.least)
        self.accepted = numbers(lambda due: due.accepted)
        self.is_derived = flags(lambda due: due.is_derived)
        self.is_certain = flags(lambda due: due.is_certain)
        self.is_former_accepted = flags(lambda due: due.since is not None)
        self.since = min((due.since for due in dues if due is not None and due.since is not None), default=None)


def _bounds(
    lines: Lines,
    rates: LegalRates,
    categories: Sequence[CategoryName],
    months: NDArray[np.int64],
    arrears_months: NDArray[np.int64],
) -> _Bounds:
    """What is due to each line for its months; each combination looked up once."""
    is_share = np.isfinite(lines.injury_pct) & (lines.injury_pct >= 1) & (lines.injury_pct <= 100)
    share = np.where(is_share, lines.injury_pct, 0).astype(np.int64)
    has_coefficient = np.isfinite(lines.coefficient) & (lines.coefficient > 0) & (lines.coefficient < 100)
    coefficient = np.where(has_coefficient, np.rint(lines.coefficient * 1_000), 0).astype(np.int64)
    keys = (((lines.category.astype(np.int64) * 101 + share) * 128 + months) * 128 + arrears_months) * 100_000
    keys = np.where(lines.category >= 0, keys + coefficient, -1)
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    dues = [
        rates.due(
            categories[lines.category[i]].code,
            int(share[i]) or None,
            int(coefficient[i]) / 1_000 or None,
            int(months[i]),
            int(arrears_months[i]),
        )
        if lines.category[i] >= 0
        else None
        for i in first.tolist()
    ]
    return _Bounds(dues, inverse)


def _check_coefficients(
    lines: Lines,
    found: Found,
    rates: LegalRates,
    categories: Sequence[CategoryName],
    columns: frozenset[str],
    is_paid: NDArray[np.bool_],
    names: Callable[[int], dict[str, Any]],
) -> NDArray[np.bool_]:
    """The coefficient that a line states, or else that its amount of a month is made of, against the law's least.

    A province may set higher ones, never lower.
    """
    legal = np.array([float(c) if (c := rates.coefficient(name.code)) is not None else 0.0 for name in categories])
    legal_of = np.where(lines.category >= 0, legal[np.maximum(lines.category, 0)], 0.0)
    is_low: NDArray[np.bool_] = np.isfinite(lines.coefficient) & (lines.coefficient < legal_of - 1e-9)
    if "coefficient" in columns:
        found.at_lines("LST-053", is_low, lhs=lines.coefficient, rhs=legal_of, values=names)
    if not legal.any():
        return is_low
    is_plain = (lines.months == 1) | np.isnan(lines.months)
    for extra in (lines.arrears, lines.arrears_months, lines.recovery):
        is_plain &= np.isnan(extra) | (extra == 0)
    monthly = np.where(np.isfinite(lines.monthly), lines.monthly, np.where(is_plain, lines.amount, np.nan))
    is_open = is_paid & (legal_of > 0) & np.isnan(lines.coefficient) & np.isfinite(monthly)
    # Few amounts occur, and often.
    amounts, inverse = np.unique(np.where(is_open, monthly, np.nan), return_inverse=True)
    made_of = [rates.implied_coefficient(Decimal(str(one))) if np.isfinite(one) else None for one in amounts.tolist()]
    implied = np.array([np.nan if one is None else float(one) for one in made_of], dtype=np.float64)[inverse]
    is_implied: NDArray[np.bool_] = np.isfinite(implied) & (implied < legal_of - 1e-9)
    found.at_lines("LST-130", is_implied, lhs=implied, rhs=legal_of, values=names)
    return np.logical_or(is_low, is_implied)


def _below(
    found: Found,
    rule_ids: tuple[str, str],
    is_low: NDArray[np.bool_],
    bounds: _Bounds,
    stated: Numbers,
    names: Callable[[int], dict[str, Any]],
) -> None:
    """Lines below what is due: by the law, or by a rule that stands in for a law nobody has read yet."""
    of_law, of_rule = rule_ids
    found.at_lines(of_law, is_low & ~bounds.is_derived, lhs=stated, rhs=bounds.least, values=names)
    if bounds.is_derived.any():
        found.at_lines(of_rule, is_low & bounds.is_derived, lhs=stated, rhs=bounds.least, values=names)


def _check_former(found: Found, is_former: NDArray[np.bool_], bounds: _Bounds) -> None:
    """Lines paid at the rate before, while that is not wrong: a note, or a warning where the day is uncertain."""
    if bounds.since is None:
        return
    values = {"since_vi": f"{bounds.since:%d/%m/%Y}", "since_en": f"{bounds.since:%Y-%m-%d}"}
    is_former = is_former & bounds.is_former_accepted
    found.once("LST-133", int(np.count_nonzero(is_former & bounds.is_certain)), **values)
    found.once("LST-134", int(np.count_nonzero(is_former & ~bounds.is_certain)), **values)


def _check_unknown(
    lines: Lines,
    found: Found,
    rates: LegalRates,
    categories: Sequence[CategoryName],
    period: Period,
    is_open: NDArray[np.bool_],
) -> None:
    """Counts what could not be compared: the law has no rate, or it has one that nobody has read."""
    without = np.unique(lines.category[(lines.category >= 0) & is_open], return_counts=True)
    unread: list[tuple[int, int, UnknownRate]] = []
    nothing = 0
    for category, count in zip(*(column.tolist() for column in without), strict=True):
        rate = rates.unknown_since(categories[category].code)
        if rate is None:
            nothing += count
        else:
            unread.append((category, count, rate))
    found.once("LST-055", nothing, period=period.code)
    if unread or is_open.all():
        found.withhold(*_OF_THE_LAW)
    for category, count, rate in unread:
        found.once(
            "LST-135",
            count,
            **names_of(categories, category),
            period=period.code,
            basis=rate.legal_basis or "-",
            since_vi=f"{rate.valid_from:%d/%m/%Y}",
            since_en=f"{rate.valid_from:%Y-%m-%d}",
        )


def _check_arithmetic(
    lines: Lines,
    found: Found,
    columns: frozenset[str],
    months: NDArray[np.int64],
    arrears_months: NDArray[np.int64],
) -> None:
    """The total against its parts, where the list has them.

    Offices count arrears into the months or beside them, so either way of adding up will do.
    """
    if "monthly" not in columns:
        return
    arrears = np.where(np.isfinite(lines.arrears), lines.arrears, 0)
    recovery = np.where(np.isfinite(lines.recovery), lines.recovery, 0)
    regular = lines.monthly * months
    ways = (regular, regular + arrears, lines.monthly + arrears, lines.monthly * (months + arrears_months))
    holds = np.zeros(len(lines), dtype=bool)
    for way in ways:
        holds |= np.abs(way - recovery - lines.amount) <= DONG
    is_stated = np.isfinite(lines.monthly) & np.isfinite(lines.amount) & (lines.amount != 0)
    found.at_lines("LST-054", is_stated & ~holds, lhs=lines.amount, rhs=regular + arrears - recovery)

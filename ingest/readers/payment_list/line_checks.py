"""The checks of a list's lines, over whole columns: digits, rates, dates, persons twice, sums.

A finding names a row and what is wrong with it, never what stands in it: that may be a person's name or
number. Of many findings of one kind a hundred places are listed and the rest is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.core.catalogue import Catalogue
from ingest.core.findings import finding
from ingest.core.periods import Period
from ingest.readers.payment_list.field_values import (
    DIGITS_LOST,
    HIDDEN,
    MALFORMED,
    NINE_RESTORED,
    NONE,
    TWELVE_RESTORED,
    UNKNOWN,
    UNREADABLE,
    UNREADABLE_DATE,
    years,
)
from ingest.readers.payment_list.law_by_date import check_rates
from ingest.readers.payment_list.legal_amounts import MAX_MONTHS
from ingest.readers.payment_list.line_findings import (
    DONG,
    LISTED_PLACES,
    CategoryName,
    Found,
    Numbers,
    decimal_of,
    names_of,
)
from ingest.readers.payment_list.list_lines import NUMBER_COLUMNS, Lines, RowsRead, SumRow
from ingest.readers.payment_list.list_schema import ListVersion
from ingest.readers.payment_list.same_person import MOST_PER_ACCOUNT, crowded_accounts, find_same_persons

_OLDEST = 120


def check_lines(
    lines: Lines,
    found: Found,
    layout: ListVersion,
    categories: Sequence[CategoryName],
    period: Period,
    catalogue: Catalogue,
    *,
    columns: frozenset[str],
    nearest_commune: Callable[[int], str],
    unit_name: str,
) -> None:
    """Applies every check that the list's columns allow.

    Args:
        lines: the list's lines.
        found: takes findings and passes.
        layout: the list's definition.
        categories: what the positions in `lines.category` stand for.
        period: the list's month.
        catalogue: rates and codes of provinces.
        columns: the columns that the list has.
        nearest_commune: the names most like an unknown wording, by its value in `lines.unit`.
        unit_name: the unit whose communes the lines may name.
    """
    _check_cells(lines, found, layout, categories, columns, nearest_commune, unit_name)
    if "identity" in columns:
        _check_identities(lines, found, catalogue)
    _check_dates(lines, found, layout, categories, period, columns)
    check_rates(lines, found, layout, categories, period, catalogue, columns)
    _check_persons(lines, found, layout, categories)


# Cells


def _check_cells(
    lines: Lines,
    found: Found,
    layout: ListVersion,
    categories: Sequence[CategoryName],
    columns: frozenset[str],
    nearest_commune: Callable[[int], str],
    unit_name: str,
) -> None:
    amount = lines.amount
    found.at_lines("LST-020", np.isnan(amount))
    found.at_lines("LST-021", amount == UNREADABLE)
    is_known = np.isfinite(amount)
    known = np.where(is_known, amount, 0.0)
    found.at_lines("LST-022", known < 0, lhs=amount)
    found.at_lines("LST-023", is_known & (amount == 0))
    found.at_lines("LST-024", np.abs(known - np.rint(known)) > 0.005, lhs=amount)
    found.at_lines("LST-027", ~lines.has_name)
    found.at_lines("LST-118", lines.is_unpaid)
    found.once("LST-117", int(np.count_nonzero(lines.late)), money=f"{lines.late.sum():,.0f}".replace(",", "."))
    headings = _headings(layout)
    for key in NUMBER_COLUMNS:
        if key in columns:
            found.at_lines("LST-029", getattr(lines, key) == HIDDEN, values=_named(headings.get(key, key)))
    for key in ("monthly", "arrears", "recovery", "coefficient", "months", "arrears_months", "injury_pct"):
        if key in columns:
            found.at_lines("LST-028", getattr(lines, key) == UNREADABLE, values=_named(headings.get(key, key)))
    found.at_lines(
        "LST-030",
        lines.unit <= UNKNOWN,
        values=lambda i: {"unit": unit_name, "nearest": nearest_commune(int(lines.unit[i])) or "-"},
    )
    found.at_lines("LST-031", lines.unit == NONE)
    example = categories[0]
    found.at_lines(
        "LST-032",
        lines.category == UNKNOWN,
        values=lambda _: {"example_vi": example.name_vi, "example_en": example.name_en},
    )
    found.at_lines("LST-033", lines.category == NONE)
    if "payment_method" in columns:
        found.at_lines("LST-034", lines.method == UNKNOWN)
    if "sex" in columns:
        found.at_lines("LST-035", lines.sex == UNKNOWN)
    for key, least in (("months", 1), ("arrears_months", 0)):
        if key in columns:
            months = getattr(lines, key)
            is_odd = np.isfinite(months) & ((months < least) | (months > MAX_MONTHS) | (months != np.rint(months)))
            found.at_lines("LST-036", is_odd, lhs=months, values=_named(headings.get(key, key)))


def _named(column: str) -> Callable[[int], Mapping[str, Any]]:
    """The values of a finding that names a column."""
    return lambda _: {"column": column}


def _headings(layout: ListVersion) -> dict[str, str]:
    """What findings call a column."""
    found: dict[str, str] = {}
    for column in layout.columns:
        for leaf in column.columns or (column,):
            if leaf.key is not None:
                found.setdefault(leaf.key, leaf.label if leaf is column else f"{column.label} - {leaf.label}")
    return found


# Identity numbers


def _check_identities(lines: Lines, found: Found, catalogue: Catalogue) -> None:
    """What the digits say, against the catalogue and against the line's own columns.

    Source: decree 137/2015/NĐ-CP, art. 13; the codes of provinces are those of the administrative units.
    """
    kind, year = lines.identity_kind, lines.identity_year
    found.at_lines("LST-040", kind == MALFORMED)
    found.at_lines("LST-041", kind == DIGITS_LOST)
    # Numbers of provinces that were merged since stay valid.
    known = [int(unit.code) for unit in catalogue.units.values() if unit.level == "province"]
    found.at_lines("LST-042", (lines.identity_province >= 0) & ~np.isin(lines.identity_province, known))
    found.at_lines("LST-043", year == UNKNOWN)
    found.at_lines("LST-044", (lines.identity_sex >= 0) & (lines.sex >= 0) & (lines.identity_sex != lines.sex))
    born = years(lines.birth)
    found.at_lines("LST-045", (year > 0) & (born > 0) & (year != born))
    found.at_lines("LST-046", (kind == TWELVE_RESTORED) | (kind == NINE_RESTORED))
    found.once("LST-047", int(np.count_nonzero(lines.identity_code == 0)))


# Dates


def _check_dates(
    lines: Lines,
    found: Found,
    layout: ListVersion,
    categories: Sequence[CategoryName],
    period: Period,
    columns: frozenset[str],
) -> None:
    year, month = period.last_day.year, period.last_day.month
    if columns & {"birth", "birth_male", "birth_female"}:
        birth, born = lines.birth, years(lines.birth)
        found.at_lines("LST-060", birth == UNREADABLE_DATE)
        found.at_lines("LST-061", birth < UNREADABLE_DATE)
        found.at_lines("LST-062", (born > 0) & (np.abs(birth) > year * 16 + month))
        found.at_lines("LST-063", (born > 0) & (born < year - _OLDEST))
        # With the year alone a person may be one year younger or older than the difference.
        ages = [layout.categories[c.code].ages_on(period.last_day) for c in categories]
        from_age = np.array([one.from_age or 0 for one in ages])
        below_age = np.array([one.below_age or 10_000 for one in ages])
        has_both = (born > 0) & (born <= year) & (lines.category >= 0)
        category = np.where(has_both, lines.category, 0)
        age = year - born
        found.at_lines(
            "LST-064",
            has_both & ((age < from_age[category]) | (age - 1 >= below_age[category])),
            values=lambda i: names_of(categories, lines.category[i]),
        )
    if "start" in columns:
        found.at_lines("LST-066", lines.start == UNREADABLE_DATE)
        found.at_lines("LST-065", lines.start > year * 16 + month)


# Persons twice


def _check_persons(lines: Lines, found: Found, layout: ListVersion, categories: Sequence[CategoryName]) -> None:
    has_identity = lines.identity_code != 0
    same_category = _seen_before(has_identity, lines.identity_code, lines.category)
    found.at_lines("LST-070", same_category)
    if layout.sole_category:
        added = [n for n, category in enumerate(categories) if category.code in layout.added_to_others]
        counts = has_identity & ~np.isin(lines.category, added) & ~same_category
        found.at_lines("LST-071", _seen_before(counts, lines.identity_code))
    is_alike = ~has_identity & lines.has_name & (years(lines.birth) > 0)
    found.at_lines("LST-072", _seen_before(is_alike, lines.person_code, lines.unit, lines.category))
    same = find_same_persons(lines)
    found.at_lines("LST-111", same.other_card)
    found.at_lines("LST-112", same.no_number)
    found.at_lines("LST-113", same.nearly)
    found.at_lines("LST-114", same.other_number)
    found.at_lines("LST-115", lines.is_account_lost)
    crowded = crowded_accounts(lines)
    accounts = len(np.unique(lines.account_code[crowded]))
    found.once("LST-116", int(np.count_nonzero(crowded)), accounts=accounts, most=MOST_PER_ACCOUNT)


def _seen_before(chosen: NDArray[np.bool_], *keys: NDArray) -> NDArray[np.bool_]:  # type: ignore[type-arg]
    """The chosen lines whose keys an earlier chosen line has as well."""
    places = np.flatnonzero(chosen)
    repeated = np.zeros(len(chosen), dtype=bool)
    if places.size:
        # A stable sort keeps equal lines in their order, so the first of each run is the one seen first.
        order = places[np.lexsort([places, *(key[places] for key in reversed(keys))])]
        is_same = np.ones(len(order) - 1, dtype=bool)
        for key in keys:
            is_same &= key[order[1:]] == key[order[:-1]]
        repeated[order[1:][is_same]] = True
    return repeated


# Sums


def check_sums(lines: Lines, rows: RowsRead, found: Found) -> None:
    """Every row that states a sum against the lines that it may sum, and rows that turn out to be none."""
    # A sum below holds what was not drawn before as well.
    paid = np.concatenate([[0.0], np.cumsum(np.where(np.isfinite(lines.amount), lines.amount + lines.late, 0.0))])
    nameless = set(rows.nameless)
    wrong: list[tuple[SumRow, float]] = []
    strays: list[tuple[int, int]] = []
    totals = [row for row in rows.sums if row.kind == "total"]
    for row in rows.sums:
        sums = _possible_sums(row, totals, rows.sections, lines, paid)
        if any(abs(row.amount - total) <= DONG for total in sums):
            continue
        if (row.sheet, row.row) in nameless:
            strays.append((row.sheet, row.row))
        else:
            wrong.append((row, sums[0]))
    found.at_rows("LST-081", strays)
    if not wrong:
        found.hold("LST-080")
    for row, total in wrong[:LISTED_PLACES]:
        found.findings.append(
            finding("LST-080", found.refs(row.sheet, row.row), lhs=decimal_of(row.amount), rhs=decimal_of(total))
        )


def check_count(lines: Lines, rows: RowsRead, found: Found) -> None:
    """Every row below the headings is a line or something else that is known: none was lost."""
    told = len(lines) + rows.others.total()
    if told == rows.seen:
        found.hold("LST-083")
    else:
        found.findings.append(finding("LST-083", "", rows=rows.seen, told=told))


def _possible_sums(
    row: SumRow, totals: Sequence[SumRow], sections: Sequence[SumRow], lines: Lines, paid: Numbers
) -> list[float]:
    """What a row may sum, the likeliest first."""
    here, end = row.lines_before, len(lines)
    of_sheet = int(np.searchsorted(lines.sheet, row.sheet, side="left"))
    sheet_end = int(np.searchsorted(lines.sheet, row.sheet, side="right"))
    after = [other.lines_before for other in sections if other.lines_before > here or other.row > row.row]
    if row.kind != "total":
        same = [o.lines_before for o in sections if o.kind == row.kind and o.row > row.row and o.sheet == row.sheet]
        ends = [min(same, default=sheet_end), min((n for n in after if n > here), default=sheet_end), sheet_end]
        return [float(paid[stop] - paid[here]) for stop in ends]
    starts = [other.lines_before for other in sections if other.lines_before < here]
    before = [other.lines_before for other in totals if other.lines_before < here]
    if here == of_sheet:
        # At the top of its sheet it sums what follows.
        following = [other.lines_before for other in totals if other.lines_before > here]
        stops = [sheet_end, end, *following, *(n for n in after if n > here)]
        return [float(paid[stop] - paid[here]) for stop in stops] + [float(paid[end])]
    return [float(paid[here] - paid[start]) for start in (of_sheet, 0, *reversed(starts), *reversed(before))]

"""Times and cited documents in prose: which dates, months, years and spans a passage names, and where."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ingest.core.periods import Period, parse_period
from ingest.narrative.text.patterns import Patterns, compiled_patterns

Precision = Literal["day", "month", "quarter", "half", "months", "year", "span", "range"]

SAYS = Patterns("times")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_IN_WORDS = {"hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "chín": 9, "mười": 10, "mười hai": 12}


@dataclass(frozen=True, slots=True)
class Time:
    """A time named in a passage. `period` is its SDMX period; `day` is set where a date is named.

    `has_year` is false where the year is the report's: `đến hết tháng 11`, `lũy kế 9 tháng`, `cả năm`.
    """

    start: int
    end: int
    precision: Precision
    period: Period | None
    day: date | None = None
    is_second_half: bool = False
    has_year: bool = True


@dataclass(frozen=True, slots=True)
class Citation:
    """A cited document: `Quyết định số 1493/QĐ-UBND`, with who issued it where that is said."""

    start: int
    end: int
    name: str
    authority: str


def citations(text: str) -> list[Citation]:
    """The documents that a passage cites by number."""
    found = []
    for match in SAYS.citation.finditer(text):
        by = (match["by"] or "").split("của ", 1)[-1].strip() if match["by"] else ""
        number = re.sub(r"\s", "", match["number"])
        found.append(Citation(match.start(), match.end(), f"{match['type'].capitalize()} số {number}", by))
    return found


def times(text: str, cited: list[Citation], default_year: int | None = None) -> list[Time]:
    """The times that a passage names, in order, leaving out the dates of cited documents."""
    if not any(c.isdigit() for c in text) and "năm" not in text.lower():
        return []
    taken = [(citation.start, citation.end) for citation in cited]
    found: list[Time] = []
    for name, pattern in compiled_patterns("times").items():
        if name == "citation":
            continue
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < last and first < end for first, last in taken):
                continue
            time = _time(name, match, default_year)
            if time is not None:
                found.append(time)
                taken.append((start, end))
    return sorted(found, key=lambda time: time.start)


def _time(name: str, match: re.Match[str], default_year: int | None) -> Time | None:
    precision = name.split("_")[0]
    parts = match.groupdict()
    if precision == "range":
        return _range(match)
    written_year = parts.get("y") or parts.get("y2")
    year = int(written_year) if written_year else default_year
    start, end = match.span()
    if year is None:
        return None
    has_year = written_year is not None
    if precision == "day":
        day, month = int(parts["d"]), int(parts["m"])
        if not (1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
            return None
        return Time(start, end, "day", parse_period(f"{year}-{month:02d}"), date(year, month, day), has_year=has_year)
    if name == "span_of_past_years":
        count = _count(parts["n"])
        if written_year or not 1 < count <= 20:
            return None
        return Time(start, end, "span", parse_period(f"{year - count + 1}/{year}"), has_year=False)
    if precision == "span":
        last = int(parts["last"])
        if last < year:
            return None
        return Time(start, end, "span", parse_period(f"{year}/{last}"))
    if precision == "months":
        return _first_months(match, year, has_year, is_alone=name == "months_alone")
    if precision == "quarter":
        quarter = _ROMAN[(parts.get("q") or parts.get("q2") or "").lower()]
        return Time(start, end, "quarter", parse_period(f"{year}-Q{quarter}"), has_year=has_year)
    if precision == "month":
        month = int(parts.get("m") or parts.get("m2") or 0)
        if not 1 <= month <= 12:
            return None
        return Time(start, end, "month", parse_period(f"{year}-{month:02d}"), has_year=has_year)
    return Time(start, end, "year", parse_period(str(year)), has_year=has_year)


def _count(written: str) -> int:
    """A small number in figures or in words."""
    return int(written) if written.isdigit() else _IN_WORDS.get(" ".join(written.lower().split()), 0)


def _range(match: re.Match[str]) -> Time | None:
    """`từ 01/7/2025 đến 31/12/2025`: the half, quarter, months or years that begin and end with it."""
    parts = match.groupdict()
    last_year = int(parts["y2"])
    first_year = int(parts.get("y1") or parts.get("y3") or last_year)
    first_month, last_month = int(parts.get("m1") or 1), int(parts["m2"])
    if not (1 <= first_month <= 12 and 1 <= last_month <= 12) or first_year > last_year:
        return None
    # Reports of a half year often close some days before its end: from 15 December to 15 June.
    first_day, last_day = int(parts.get("d1") or 1), int(parts.get("d2") or 31)
    if first_day > 10 and first_month == 12 and first_year == last_year - 1:
        first_year, first_month = last_year, 1
    is_cut = last_day < 10
    code = period_between(first_year, first_month, last_year, last_month - is_cut if last_month > is_cut else 1)
    return Time(match.start(), match.end(), "range", parse_period(code)) if code else None


def period_between(first_year: int, first_month: int, last_year: int, last_month: int) -> str:
    """The code of the period from one month to another: empty if none is meant by them.

    What begins in January and ends within the year is counted up to its last month.
    """
    if first_year < last_year:
        return f"{first_year}/{last_year}"
    if first_month > last_month:
        return ""
    known = {(1, 12): "", (1, 6): "-S1", (7, 12): "-S2", (1, 3): "-Q1", (4, 6): "-Q2", (7, 9): "-Q3", (10, 12): "-Q4"}
    part = known.get((first_month, last_month))
    if part is not None:
        return f"{last_year}{part}"
    is_counted = first_month in (1, last_month)
    return f"{last_year}-{last_month:02d}" if is_counted else str(last_year)


def _first_months(match: re.Match[str], year: int, has_year: bool, *, is_alone: bool) -> Time | None:
    """`6 tháng đầu năm`, `9 tháng`: a half year, or everything from January up to a month."""
    count, part = _count(match["n"]), (match["part"] or "").lower()
    start, end = match.start(), match.start() + len(match[0].rstrip())
    if not part and "năm" not in match[0].lower() and not is_alone:
        return None
    if part == "cuối":
        later = {6: ("half", f"{year}-S2"), 3: ("quarter", f"{year}-Q4")}.get(count)
        if later is None:
            return None
        precision, code = later
        return Time(start, end, precision, parse_period(code), is_second_half=True, has_year=has_year)  # type: ignore[arg-type]
    if count == 6:
        return Time(start, end, "half", parse_period(f"{year}-S1"), has_year=has_year)
    if count == 12:
        return Time(start, end, "year", parse_period(str(year)), has_year=has_year)
    if count == 3:
        return Time(start, end, "quarter", parse_period(f"{year}-Q1"), has_year=has_year)
    return Time(start, end, "months", parse_period(f"{year}-{count:02d}"), has_year=has_year)

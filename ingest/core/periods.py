"""Periods in SDMX writing: `2023`, `2023-S1`, `2023-Q3`, `2023-09`, and spans `2021/2025`.

Source: SDMX 2.1 technical notes, section 4 (standard time periods). A period always comes
from a submission or a parameter, never from the clock.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

PeriodKind = Literal["month", "quarter", "half", "year", "span"]

_PATTERN = re.compile(r"(?P<year>\d{4})(?:-(?P<part>S[12]|Q[1-4]|0[1-9]|1[0-2])|/(?P<last>\d{4}))?")


class InvalidPeriodError(ValueError):
    """The text is not a period in SDMX writing."""


@dataclass(frozen=True, slots=True)
class Period:
    """A period with its first and last day."""

    code: str
    kind: PeriodKind
    first_day: date
    last_day: date

    @property
    def year(self) -> int:
        """The year in which the period ends."""
        return self.last_day.year

    def contains(self, other: Period) -> bool:
        """Whether the other period lies wholly inside this one."""
        return self.first_day <= other.first_day and other.last_day <= self.last_day

    def year_before(self) -> Period:
        """The same period one year earlier, for comparison."""
        if self.kind == "span":
            raise InvalidPeriodError(f"{self.code}: a span has no same period of the year before")
        return parse_period(f"{self.year - 1}{self.code[4:]}")


def parse_period(code: str) -> Period:
    """Reads a period.

    Raises:
        InvalidPeriodError: the text is none, or a span ends before it begins.
    """
    match = _PATTERN.fullmatch(code.strip())
    if match is None:
        raise InvalidPeriodError(f"{code!r} is not a period; write 2023, 2023-S1, 2023-Q3, 2023-09 or 2021/2025")
    year, part, last = int(match["year"]), match["part"], match["last"]
    if year < 1:
        raise InvalidPeriodError(f"{code!r}: there is no year 0")
    if last is not None:
        if int(last) < year:
            raise InvalidPeriodError(f"{code!r}: the span ends before it begins")
        return Period(match[0], "span", date(year, 1, 1), date(int(last), 12, 31))
    if part is None:
        return Period(match[0], "year", date(year, 1, 1), date(year, 12, 31))
    if part[0] == "S":
        return _months(match[0], "half", year, 6 * (int(part[1]) - 1) + 1, 6)
    if part[0] == "Q":
        return _months(match[0], "quarter", year, 3 * (int(part[1]) - 1) + 1, 3)
    return _months(match[0], "month", year, int(part), 1)


def last_ended(kind: str, before: date) -> Period:
    """The last month, quarter, half or year that ended before a day.

    Raises:
        InvalidPeriodError: another kind was asked for.
    """
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12}.get(kind)
    if months is None:
        raise InvalidPeriodError(f"There is no last ended {kind}; ask for a month, quarter, half or year")
    # Parts are counted through the years.
    year, part = divmod((12 * before.year + before.month - 1) // months - 1, 12 // months)
    names = {"month": f"{year:04}-{part + 1:02}", "quarter": f"{year:04}-Q{part + 1}", "half": f"{year:04}-S{part + 1}"}
    return parse_period(names.get(kind, f"{year:04}"))


def _months(code: str, kind: PeriodKind, year: int, first: int, count: int) -> Period:
    last = first + count - 1
    return Period(code, kind, date(year, first, 1), date(year, last, monthrange(year, last)[1]))

"""Periods as Vietnamese headings write them: `Quý III năm 2023`, `6 tháng đầu năm 2023`, `Kỳ: 09/2023`."""

from __future__ import annotations

import re
from functools import lru_cache

from ingest.core.periods import Period, parse_period
from ingest.core.text import fold

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_QUARTER_NAMES = ("I", "II", "III", "IV")

# The end of "9 months" is the end of the third quarter, so cumulated figures of it are those of Q3.
_MONTHS_FROM_JANUARY = {3: "Q1", 6: "S1", 9: "Q3", 12: ""}

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_FIRST_YEAR = r"(?P<first>(?:19|20)\d\d)"
_QUARTER, _MONTH = r"\b(?:iv|iii|ii|i|[1-4])\b", r"\b(?:1[0-2]|0?[1-9])\b"
# What joins several of a kind, "đến" and dashes everything between them too.
_AND = r"\s*(?:[,;+&/–-]|va\b|den\b(?:\s*het\b)?)\s*"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("code", r"\b(?P<code>(?:19|20)\d\d-(?:s[12]|q[1-4]|0[1-9]|1[0-2]))\b"),
        ("span", rf"\b(?:giai doan|tu nam)\s*{_FIRST_YEAR}\s*(?:-|–|/|den(?: nam)?)\s*{_YEAR}"),
        ("span", rf"\b{_FIRST_YEAR}/{_YEAR}\b"),
        ("years", rf"\bnam\s*{_FIRST_YEAR}{_AND}(?:nam\s*)?{_YEAR}\b"),
        ("quarters", rf"\bquy\s*(?P<list>{_QUARTER}(?:{_AND}(?:quy\s*)?{_QUARTER})+)\b(?:[,/\s-]|cua|nam)*{_YEAR}"),
        ("quarter", rf"\bquy\s*(?P<number>iv|iii|ii|i|[1-4])\b(?:[,/\s-]|nam)*{_YEAR}"),
        ("half", rf"\b6\s*thang\s*(?P<half>dau|cuoi)\s*nam\s*{_YEAR}"),
        ("months", rf"\b(?P<number>3|6|9|12)\s*thang(?:\s*dau)?(?:\s*nam)?\s*{_YEAR}"),
        ("list", rf"\bthang\s*(?P<list>{_MONTH}(?:{_AND}(?:thang\s*)?{_MONTH})+)\b(?:[,/\s-]|cua|nam)*{_YEAR}"),
        ("month", rf"\bthang\s*(?P<number>1[0-2]|0?[1-9])\s*(?:/|-|nam|\s)\s*{_YEAR}"),
        ("month", rf"^\s*(?:ky(?: bao cao)?\s*:\s*)?(?P<number>1[0-2]|0?[1-9])/{_YEAR}\s*$"),
        ("year", rf"\bnam\s*:?\s*{_YEAR}\b"),
        ("year", rf"^\s*(?:ky(?: bao cao)?\s*:\s*)?{_YEAR}\s*$"),
    )
)
# A date of signing, of a document or of a count is no period.
_DATES = re.compile(
    r"\bngay\s*[\d.…]*\s*(?:thang|[/.-])\s*[\d.…]*\s*(?:nam|[/.-])?\s*(?:(?:19|20)\d\d)?"
    r"|\b\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d\d"
    r"|\d+/(?:19|20)\d\d/[a-z]"
)


def period_label(period: Period) -> str:
    """The period as a heading writes it."""
    year = period.year
    if period.kind == "span":
        return f"Giai đoạn {period.first_day.year}-{year}"
    if period.kind == "quarter":
        return f"Quý {_QUARTER_NAMES[int(period.code[-1]) - 1]} năm {year}"
    if period.kind == "half":
        return f"6 tháng {'đầu' if period.code.endswith('S1') else 'cuối'} năm {year}"
    if period.kind == "month":
        return f"Tháng {int(period.code[-2:])} năm {year}"
    return f"Năm {year}"


@lru_cache(maxsize=8_192)
def find_periods(text: str) -> tuple[Period, ...]:
    """The periods that a heading names, the most exactly worded first; none twice."""
    plain = _DATES.sub(" ", fold(text))
    found: list[Period] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            several = _several(kind, match) if kind in _SEVERAL else (_period(kind, match),)
            found += [period for period in several if period is not None and period not in found]
        # What was read as a span or a quarter is not read again as the year in it.
        plain = pattern.sub(" ", plain)
    return tuple(found)


_SEVERAL = frozenset({"years", "quarters", "list"})


def _several(kind: str, match: re.Match[str]) -> list[Period]:
    """Every period of a list such as "Quý I, II và III năm 2023" or "tháng 7 đến tháng 9 năm 2023"."""
    year = match["year"]
    if kind == "years":
        return [parse_period(match["first"]), parse_period(year)]
    parts = re.findall(_QUARTER if kind == "quarters" else _MONTH, match["list"])
    numbers = [_ROMAN.get(part) or int(part) for part in parts]
    if re.search(r"[–-]|\bden\b", match["list"]) and len(numbers) == 2 and numbers[0] < numbers[1]:
        numbers = list(range(numbers[0], numbers[1] + 1))
    return [parse_period(f"{year}-Q{n}" if kind == "quarters" else f"{year}-{n:02d}") for n in numbers]


def _period(kind: str, match: re.Match[str]) -> Period | None:
    if kind == "code":
        return parse_period(match["code"].upper())
    year = match["year"]
    if kind == "span":
        return parse_period(f"{match['first']}/{year}") if match["first"] <= year else None
    if kind == "quarter":
        number = _ROMAN.get(match["number"]) or int(match["number"])
        return parse_period(f"{year}-Q{number}")
    if kind == "half":
        return parse_period(f"{year}-S{1 if match['half'] == 'dau' else 2}")
    if kind == "months":
        part = _MONTHS_FROM_JANUARY[int(match["number"])]
        return parse_period(f"{year}-{part}" if part else year)
    if kind == "month":
        return parse_period(f"{year}-{int(match['number']):02d}")
    return parse_period(year)

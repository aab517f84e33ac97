"""Times and cited documents in prose: which dates, months, years and spans a passage names, and where."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ingest.periods import Period, parse_period

Precision = Literal["day", "month", "quarter", "half", "months", "year", "span"]

_D, _M, _Y = r"(?P<d>\d{1,2})", r"(?P<m>\d{1,2})", r"(?P<y>(?:19|20)\d\d)"
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_TIMES: tuple[tuple[Precision, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.I))  # type: ignore[misc]
    for kind, pattern in (
        ("day", rf"(?<![\d/])(?:ngày\s+)?{_D}\s?[/.-]\s?{_M}\s?[/.-]\s?{_Y}(?![\d/])"),
        ("day", rf"\bngày\s+{_D}\s+tháng\s+{_M}(?:,?\s+năm\s+{_Y})?"),
        ("day", rf"(?:(?<=đến )|(?<=hết )|(?<=đến hết )|(?<=tới ))(?:ngày\s+)?{_D}\s?/\s?{_M}(?![\d/])"),
        ("span", (rf"(?<![\d.,/])(?:từ\s+(?:năm\s+)?)?{_Y}\s?"
         rf"(?:[-–]|đến(?:\s+(?:hết\s+)?năm)?)\s?(?P<last>(?:19|20)\d\d)(?![\d/])")),
        ("months", rf"(?<!\d)(?P<n>0?[369]|1[0-2]|0?[1-9])\s+tháng\s+(?P<part>đầu|cuối)?\s*(?:năm(?:\s+{_Y})?)?"),
        ("months", (r"(?:(?<=^)|(?<=[(;:–+] )|(?<=[(;:])|(?<=kế )|(?<=dồn )|(?<=, )|(?<=\. ))"
         r"(?P<n>0?[3-9]|1[01])\s+tháng(?P<part>)"
         r"(?=\s*:|\s+(?!tuổi|đầu|cuối|liên|kể|trở|sau)[^\W\d]|\s+[\d(])")),
        ("quarter", (rf"\bquý\s+(?P<q>i{{1,3}}|iv|[1-4])(?:\s?/\s?|\s+(?:năm\s+)?){_Y}|"
         rf"\bquý\s+(?P<q2>i{{1,3}}|iv|[1-4])\b")),
        ("month", (rf"\btháng\s+{_M}\s?(?:[/-]\s?|\s+năm\s+|\s*,\s*năm\s+){_Y}|"
         rf"(?<![\d/]){_M.replace('<m>', '<m2>')}\s?/\s?{_Y.replace('<y>', '<y2>')}(?!\d)")),
        ("month", (r"(?:(?<=đến )|(?<=hết )|(?<=cuối )|(?<=tới )|(?<=trong )|(?<=tác )|(?<=quả )|(?<=cấp )|"
         r"(?<=phí )|(?<=trả )|(?<=tiền )|(?<=^)|(?<=^[-+*] )|(?<=[.;] ))"
         rf"tháng\s+{_M}(?!\s?[/-]\s?\d|\s*,?\s+năm|\d)")),
        ("year", (rf"\b(?:năm|NĂM)\s+{_Y}(?!\d|\s?[-–]\s?(?:19|20)\d\d)|"
         rf"(?<![\d.,/-]){_Y.replace('<y>', '<y2>')}(?![\d.,/%-]\S|\d)(?=[\s,.;:)]|$)")),
        ("year", r"\b(?:cả|cuối|hết)\s+năm\b(?!\s+(?:19|20)\d\d)"),
    )
)  # fmt: skip

_BARE_MONTHS = next(pattern for kind, pattern in _TIMES if kind == "months" and "(?P<part>)" in pattern.pattern)
_DOC_WORDS = (
    r"nghị quyết|quyết định|nghị định|thông tư|công văn|kế hoạch|chỉ thị|tờ trình|báo cáo|hướng dẫn|thông báo|kết luận|"
    r"luật|pháp lệnh|quy trình|công điện|văn bản|đề án|chương trình"
)
_AUTHORITY = (
    r"(?:UBND|HĐND|Ủy ban nhân dân|Uỷ ban nhân dân|Ủy ban nhân|Hội đồng nhân dân|Ban Chấp hành Đảng bộ|Ban chấp hành|"
    r"Tỉnh ủy|Huyện ủy|Thành ủy|Thị ủy|Đảng ủy|Thủ tướng Chính phủ|Chính phủ|Bộ|Sở|Quốc hội|Phòng|Chủ tịch|"
    r"Tổng cục|Cục)"
)
_CITATION = re.compile(
    rf"(?P<type>{_DOC_WORDS})\s+(?:liên tịch\s+)?(?:số\s*:?\s*)?(?P<number>\d{{1,5}}[a-z]?(?:\s?/\s?\d{{4}})?\s?[-/]\s?"
    r"[A-ZĐ][\wĐđ&.]*(?:\s?[-–/&]\s?[A-ZĐ][\wĐđ&.]*)*)"
    r"(?P<date>,?\s*(?:ngày\s+)?(?:\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{4}|\d{1,2}\s+tháng\s+\d{1,2}\s+năm\s+\d{4}))?"
    rf"(?P<by>,?\s*của\s+(?:{_AUTHORITY})[^,;.()]*?(?=\s+(?:về|quy định|phê duyệt|ban hành|giao)\b|[,;.()]|$))?",
    re.I,
)


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
    for match in _CITATION.finditer(text):
        by = (match["by"] or "").split("của ", 1)[-1].strip() if match["by"] else ""
        number = re.sub(r"\s", "", match["number"])
        found.append(Citation(match.start(), match.end(), f"{match['type'].capitalize()} số {number}", by))
    return found


def times(text: str, cited: list[Citation], default_year: int | None = None) -> list[Time]:
    """The times that a passage names, in order, leaving out the dates of cited documents."""
    if not any(c.isdigit() for c in text) and not re.search(r"(?i)\bquý\b|\bnăm\b", text):
        return []
    taken = [(citation.start, citation.end) for citation in cited]
    found: list[Time] = []
    for precision, pattern in _TIMES:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < last and first < end for first, last in taken):
                continue
            time = _time(precision, match, default_year)
            if time is not None:
                found.append(time)
                taken.append((start, end))
    return sorted(found, key=lambda time: time.start)


def _time(precision: Precision, match: re.Match[str], default_year: int | None) -> Time | None:
    parts = match.groupdict()
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
        return Time(
            start, end, precision, parse_period(f"{year}-{month:02d}"), date(year, month, day), has_year=has_year
        )
    if precision == "span":
        last = int(parts["last"])
        if last < year:
            return None
        return Time(start, end, precision, parse_period(f"{year}/{last}"))
    if precision == "months":
        return _first_months(match, year, has_year)
    if precision == "quarter":
        quarter = _ROMAN[(parts.get("q") or parts.get("q2") or "").lower()]
        return Time(start, end, precision, parse_period(f"{year}-Q{quarter}"), has_year=has_year)
    if precision == "month":
        month = int(parts.get("m") or parts.get("m2") or 0)
        if not 1 <= month <= 12:
            return None
        return Time(start, end, precision, parse_period(f"{year}-{month:02d}"), has_year=has_year)
    return Time(start, end, precision, parse_period(str(year)), has_year=has_year)


def _first_months(match: re.Match[str], year: int, has_year: bool) -> Time | None:
    """`6 tháng đầu năm`, `9 tháng`: a half year, or everything from January up to a month."""
    count, part = int(match["n"]), (match["part"] or "").lower()
    start, end = match.start(), match.start() + len(match[0].rstrip())
    if not part and "năm" not in match[0].lower() and match.re is not _BARE_MONTHS:
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

"""What a report says about itself: who reports, for which period, when, and how final it is."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.model import Status
from ingest.core.periods import Period, parse_period
from ingest.narrative.meaning.who_reports import Evidence, who_reports
from ingest.narrative.text.patterns import Patterns
from ingest.narrative.text.segments import Document, Passage
from ingest.narrative.text.times import Time, citations, times

SAYS = Patterns("report_head")
_NAME = r"[A-ZĐÀ-ỸƠƯĂÂÊÔ][\w'’]*(?:(?:\s?[-–]\s?|\s+)[A-ZĐÀ-ỸƠƯĂÂÊÔ][\w'’]*){0,4}"
_PLACE_AND_DATE = re.compile(
    rf"(?:^|\s)(?P<name>{_NAME}),\s*ngày\s*(?P<d>\d{{0,2}})\s*tháng\s*(?P<m>\d{{0,2}})\s*năm\s*(?P<y>\d{{4}})", re.I
)
_TITLE_START = re.compile(r"^báo cáo\b", re.I)
_FUTURE = re.compile(r"\b(?:phương hướng|nhiệm vụ trọng tâm|nhiệm vụ|kế hoạch|dự kiến|giải pháp)\b", re.I)
_HEAD = 30
_SECTION_NUMBER = re.compile(r"^(?:I|A|Phần\s+(?:I|thứ nhất))\b[.\s]", re.I)


@dataclass(frozen=True, slots=True)
class ReportContext:
    """Who reports, for which period. `unit` or `period` is None where the report does not tell.

    `steps` say where each came from; `title` is the report's own. `is_period_told` is false where the period is but
    the year of the only dates that the text shows: enough to read by, too little to file by.
    """

    unit: Unit | None
    period: Period | None
    dated: date | None
    status: Status
    title: str
    is_cumulative: bool
    steps: tuple[str, ...]
    is_period_told: bool = True

    @property
    def day(self) -> date:
        """A day on which the units of the report are to be looked up."""
        if self.period is not None:
            return self.period.last_day
        return self.dated or date(2024, 1, 1)


def read_context(
    document: Document,
    catalogue: Catalogue,
    *,
    unit_hint: Unit | None = None,
    period_hint: Period | None = None,
    home: Unit | None = None,
) -> ReportContext:
    """Reads a report's own head. A hint (from a calendar or a path) holds where the report is silent.

    `home` is the province of the installation: of several units of one name, one inside it is meant.
    """
    head = [p for p in document.passages[:_HEAD] if p.kind != "row"]
    title_at, title = _title(head)
    steps: list[str] = []
    place, dated = _place_and_date(head)
    period, is_cumulative, step = _period(title, head[title_at:])
    if step:
        steps.append(step)
    if period is None and period_hint is not None:
        period = period_hint
        steps.append(f"period {period.code}: given from outside")
    is_told = period is not None
    if period is None and (period := _year_shown(document)) is not None:
        steps.append(f"period {period.code}: no period is told, the year is that of the text's dates")
    day = period.last_day if period else (dated or date(2024, 1, 1))
    unit, step = who_reports(Evidence(document, title_at, title, place, day, catalogue, home))
    if unit is None and unit_hint is not None:
        unit, step = unit_hint, f"unit {unit_hint.name}: given from outside"
    if step:
        steps.append(step)
    status: Status = "preliminary" if re.search(r"\b(?:sơ bộ|ước thực hiện)\b", title, re.I) else "official"
    return ReportContext(unit, period, dated, status, title, is_cumulative, tuple(steps), is_told)


def _title(head: list[Passage]) -> tuple[int, str]:
    """The report's title: what stands from `BÁO CÁO` to the first long paragraph or numbered heading."""
    for index, passage in enumerate(head):
        if _TITLE_START.match(passage.text) and len(passage.text) < 400:
            parts = [passage.text]
            for following in head[index + 1 : index + 5]:
                text = following.text
                if (
                    following.rank < 15
                    or following.kind == "item"
                    or len(text) > 350
                    or (len(text) > 60 and text.endswith((".", ":", ";")))
                    or re.match(r"(?i)kính gửi|thực hiện|căn cứ", text)
                ):
                    break
                parts.append(text)
            return index, " ".join(parts)
    return 0, ""


def _place_and_date(head: list[Passage]) -> tuple[str, date | None]:
    for passage in head:
        match = _PLACE_AND_DATE.search(passage.text)
        if match:
            try:
                return match["name"], date(int(match["y"]), int(match["m"]), int(match["d"]))
            except ValueError:
                return match["name"], None
    return "", None


def _period(title: str, head: list[Passage]) -> tuple[Period | None, bool, str]:
    """The first time that the title names and that is not its outlook; else that of the opening sentences."""
    first = next((p.text for p in head if p.text.strip()), "")
    headline = first if not title and len(first) < 200 and first[-1:] not in ".;:," else ""
    opening = [p.text for p in head[:8] if not SAYS.date_alone.fullmatch(p.text)]
    for text, source in [(title or headline, "title"), *((text, "opening") for text in opening)]:
        found = _reported_time(text, is_title=source == "title")
        if found is not None and found.period is not None:
            return found.period, found.precision == "months", f"period {found.period.code}: {source}"
    for text in opening[:6]:
        for time in times(text, citations(text)):
            if time.precision == "day" and time.has_year and time.period and SAYS.up_to_a_day.search(
                text[max(0, time.start - 40) : time.start]
            ):  # fmt: skip
                return time.period, True, f"period {time.period.code}: counted up to a day of it, as the opening says"
    return None, False, ""


def _year_shown(document: Document) -> Period | None:
    """The year of the date that stands alone at the text's beginning or end, else the latest of the days it names."""
    edges = [*document.passages[:6], *document.passages[-4:]]
    for passage in edges:
        if SAYS.date_alone.fullmatch(passage.text) or SAYS.date_line.match(passage.text):
            years = [int(y) for y in SAYS.year.findall(passage.text)]
            if years:
                return parse_period(str(years[-1]))
    named: Counter[int] = Counter()
    for passage in document.passages[:40]:
        for time in times(passage.text, citations(passage.text)):
            if not time.has_year or time.precision not in ("day", "month", "year") or time.period is None:
                continue
            if not SAYS.founded.search(passage.text[max(0, time.start - 40) : time.start]):
                named[time.period.year] += 1
    return parse_period(str(max(named))) if named else None


_MONTH_OF_TITLE = re.compile(r"\btháng\s+(\d{1,2})(?![\d/-]|\s*,?\s*năm)", re.I)
_MONTHS_OF_TITLE = re.compile(r"(?<![\d/])(0?[3-9]|1[0-2])\s+tháng\b(?!\s+(?:cuối|tuổi))", re.I)


def _reported_time(text: str, *, is_title: bool = False) -> Time | None:
    cited = citations(text)
    every = times(text, cited)
    ranges = [t for t in every if t.precision == "range"]
    if is_title and ranges:
        return ranges[0]
    years = [t for t in every if t.precision not in ("day", "span", "range") and t.has_year]
    if is_title and not years:
        spans = [t for t in every if t.precision == "span" and t.has_year]
        return next((t for t in spans if not SAYS.standard.search(text[max(0, t.start - 70) : t.start])), None)
    years = [t for t in years if not any(r.start <= t.start < r.end for r in ranges)]
    default = years[0].period.year if years and years[0].period else None
    outlook = _FUTURE.search(text)
    found = [t for t in times(text, cited, default) if t.precision not in ("day", "span", "range")]
    if any(not t.is_second_half for t in found):
        found = [t for t in found if not t.is_second_half or outlook is None]
    for month in _MONTH_OF_TITLE.finditer(text[:400]):
        if default is not None and 1 <= int(month[1]) <= 12:
            period = parse_period(f"{default}-{int(month[1]):02d}")
            found.append(Time(month.start(), month.end(), "month", period, has_year=False))
    if default is not None and not any(t.precision in ("months", "half", "quarter") for t in found):
        for months in _MONTHS_OF_TITLE.finditer(text[:400]):
            named = times(f"{months[0]} đầu năm {default}", [])
            found += [replace(t, start=months.start(), end=months.end()) for t in named]
    found = [
        t
        for t in found
        if (t.has_year or t.precision != "year") and not SAYS.background.search(text[max(0, t.start - 14) : t.start])
    ]
    inside = [t for t in found if outlook is None or t.start < outlook.start() or outlook.start() < 12]
    ranked = sorted(inside or found[:1], key=lambda t: (t.precision == "year", t.precision == "month", t.start))
    if not ranked:
        return None
    # `quý III và 9 tháng`: what is not said of the quarter is counted from January.
    whole = (t for t in inside if t.precision == "months" and t.period and ranked[0].period)
    return next((t for t in whole if t.period.last_day == ranked[0].period.last_day), ranked[0])  # type: ignore[union-attr]


def period_of(text: str) -> Period | None:
    """The period that a text names first, in words (`6 tháng đầu năm 2023`) or in SDMX writing."""
    try:
        return parse_period(text)
    except ValueError:
        found = _reported_time(text, is_title=True)
        return found.period if found else None

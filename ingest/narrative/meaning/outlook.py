"""Sections that look ahead, and how final what a report states is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ingest.core.model import Status
from ingest.core.periods import Period, parse_period
from ingest.narrative.meaning.reading import Reading
from ingest.narrative.meaning.report_head import ReportContext
from ingest.narrative.text.patterns import Patterns
from ingest.narrative.text.times import Time, times

SAYS = Patterns("period")


@dataclass(frozen=True, slots=True)
class Outlook:
    """That a section looks ahead: its figures are targets, for `period` where its title names one."""

    period: Period | None


def outlook_of(reading: Reading) -> Outlook | None:
    """Whether the section of a quantity looks ahead, by the titles above it."""
    passage, head = reading.passage, reading.report.head
    found: Outlook | None = None
    label = max(
        SAYS.plan_label.finditer(passage.text, 0, reading.quantity.start), key=lambda m: m.start(), default=None
    )
    if label is not None and head.period is not None and int(label[1]) > head.period.year:
        return Outlook(parse_period(label[1]))
    for above in (passage, *passage.parents):
        title = above.title
        if not title or (above is passage and (not above.title_end or len(title) > 80)):
            continue
        named = named_time(title, head)
        if (_is_later(named, head) and SAYS.ahead.search(title)) or (named is not None and named.is_second_half):
            return Outlook(named.period if named is not None else None)
        if SAYS.ahead.search(title) and not SAYS.back.search(title) and above is not passage and found is None:
            found = Outlook(following(head.period)) if SAYS.opens_ahead.match(title) else None
    return found


def _is_later(named: Time | None, head: ReportContext) -> bool:
    period = named.period if named is not None else None
    if period is None or head.period is None:
        return False
    return period.first_day > head.period.first_day and period.last_day > head.period.last_day


def following(period: Period | None) -> Period | None:
    """The year after a year, the second half after the first; None for others."""
    if period is None:
        return None
    if period.kind == "year":
        return parse_period(str(period.year + 1))
    if period.kind == "half" and period.first_day.month == 1:
        return parse_period(f"{period.year}-S2")
    return None


@lru_cache(maxsize=1024)
def title_times(title: str, year: int | None) -> tuple[Time, ...]:
    """The times that a title names; `year` is the report's."""
    return tuple(times(title, [], year))


def named_time(title: str, head: ReportContext) -> Time | None:
    """The time that a title names first, a month without its year among them."""
    year = head.period.year if head.period is not None else None
    named = [t for t in title_times(title, year) if t.period is not None and t.precision not in ("day", "span")]
    bare = SAYS.bare_month.search(title)
    if bare is not None and year is not None and 1 <= int(bare[1]) <= 12:
        period = parse_period(f"{year}-{int(bare[1]):02d}")
        named.append(Time(bare.start(), bare.end(), "month", period, has_year=False))
    return min(named, key=lambda t: t.start, default=None)


def status_of(reading: Reading) -> Status:
    """Whether a figure is called preliminary, in its sentence or above its list."""
    page, window = reading.page, reading.window
    here = any(window.sentence_start <= m.start < window.sentence_end for m in page.mentions.marks("preliminary"))
    lead = reading.passage.lead
    above = [p for p in (lead, *reading.passage.parents) if p is not None and p.rank >= 70]
    titled = any(SAYS.preliminary.search(p.text) for p in above)
    return "preliminary" if here or titled else reading.report.head.status

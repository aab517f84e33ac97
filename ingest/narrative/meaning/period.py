"""Of which time a number is: its own time, that of what it hangs on, one said before, the section's or the report's."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date

from ingest.core.model import Accumulation
from ingest.core.periods import InvalidPeriodError, Period, parse_period
from ingest.narrative.meaning.outlook import title_times
from ingest.narrative.meaning.own_time import OPENING, counted_up_to, own_time
from ingest.narrative.meaning.reading import Reading
from ingest.narrative.meaning.report_head import ReportContext
from ingest.narrative.meaning.rules import Rule, first_answer
from ingest.narrative.text.patterns import Patterns
from ingest.narrative.text.segments import Passage
from ingest.narrative.text.times import Time

SAYS = Patterns("period")


@dataclass(frozen=True, slots=True)
class Dating:
    """The period of a number, the day up to which it counts, and how it is accumulated.

    `measure` is what the time makes of it, if that is another than it was: an earlier year's value is a prior one.
    """

    period: Period
    as_of: date | None = None
    accumulation: Accumulation = "period"
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A time said of a quantity, kept for what follows it in its section without a time of its own."""

    passage: Passage
    dating: Dating


# The times said so far, by the family of indicators they were said of; "" is of whatever follows in its passage.
Told = dict[str, Said]


def date_reading(reading: Reading, told: Told) -> None:
    """Gives a reading its period; `told` are the times said before it, which it may use and change."""
    if reading.report.head.period is None:
        return
    up_to, own = counted_up_to(reading), own_time(reading)
    if up_to is not None and own is not None and own.start > up_to.start:
        up_to = None
    reading.times = (up_to, own)
    dating = first_answer("period", DATINGS, reading)
    if dating is None and up_to is None and own is None:
        dating = _recalled(reading, told)
    dating = dating or base(reading)
    reading.period, reading.as_of, reading.accumulation = dating.period, dating.as_of, dating.accumulation
    reading.measure = dating.measure or reading.measure
    _keep(reading, up_to or own, told)
    _after(reading)


def base(reading: Reading) -> Dating:
    """The period of a number of which no time is said: that of its section, else the report's own."""
    head = reading.report.head
    assert head.period is not None
    accumulation: Accumulation = "since_january" if head.is_cumulative else "period"
    outlook = reading.outlook
    if outlook is not None and outlook.period is not None and reading.measure in ("target", "plan", "actual"):
        return Dating(outlook.period, accumulation=accumulation)
    if reading.measure == "target" and head.period.kind in ("month", "quarter", "half"):
        return Dating(_year(head.period.year))
    if outlook is None or outlook.period is None:
        return Dating(titled_period(reading.passage, head) or head.period, accumulation=accumulation)
    return Dating(head.period, accumulation=accumulation)


def _year(year: int) -> Period:
    return parse_period(str(year))


def titled_period(passage: Passage, head: ReportContext) -> Period | None:
    """The part of the report's own period that a title above names: `I. Kết quả tháng 3` in a quarter's report."""
    assert head.period is not None
    for above in passage.parents:
        if not above.is_heading or len(above.title) > 120:
            continue
        named = [
            t.period for t in title_times(above.title, head.period.year)
            if t.period is not None and t.precision in ("month", "quarter", "half", "months")
        ]  # fmt: skip
        if len(named) == 1:
            is_part = head.period.contains(named[0]) or named[0].last_day == head.period.last_day
            return named[0] if is_part else None
    return None


# Rules


def column_of_a_table(reading: Reading) -> Dating | None:
    """The year that a column's head names."""
    if reading.passage.kind != "row":
        return None
    start, head = base(reading), reading.report.head.period
    assert head is not None
    match = SAYS.year_of_a_column.search(reading.head)
    if match is None or (int(match[1]) == head.year and head.kind != "year" and reading.measure == "actual"):
        return start
    is_before = int(match[1]) < head.first_day.year and reading.measure == "actual"
    return replace(start, period=_year(int(match[1])), measure="prior" if is_before else "")


def item_of_a_series(reading: Reading) -> Dating | None:
    """An item of an enumeration is of the time of its first."""
    series = reading.series
    if series is None or series.period is None or series.measure != reading.measure:
        return None
    return _of(series)


def _of(other: Reading) -> Dating:
    assert other.period is not None
    return Dating(other.period, other.as_of, other.accumulation)


def earlier_year(reading: Reading) -> Dating | None:
    """What is compared with: the same time a year before, or the year named, or the last."""
    if reading.measure != "prior":
        return None
    page, window, quantity, link = reading.page, reading.window, reading.quantity, reading.link
    head = reading.report.head.period
    assert head is not None
    of = link.period if link is not None and link.period is not None else head
    named = [
        t.period for t in page.times
        if window.sentence_start <= t.start and t.end <= quantity.start and t.precision == "year"
        and t.has_year and t.period is not None
    ]  # fmt: skip
    behind = next((t for t in page.times if t.start >= quantity.end and t.precision == "year" and t.has_year), None)
    is_earlier = behind is not None and behind.period is not None and behind.period.year < head.last_day.year
    if behind is not None and behind.period and is_earlier:
        is_its_own = SAYS.directly.fullmatch(page.text(quantity.end, behind.start))
        if is_its_own:
            return Dating(behind.period)
    left = page.text(max(window.sentence_start, quantity.start - 60), quantity.start)
    is_same_time = SAYS.same_period.search(left) is not None
    accumulation: Accumulation = link.accumulation if is_same_time and link is not None else "period"
    try:
        before = of.year_before()
    except InvalidPeriodError:
        return None
    if not named:
        return Dating(before if is_same_time else _year(head.year - 1), accumulation=accumulation)
    year = named[-1]
    if is_same_time and year.year == before.year:
        as_of = link.as_of if link is not None else None
        if as_of is not None:
            as_of = date(before.year, as_of.month, min(as_of.day, monthrange(before.year, as_of.month)[1]))
        return Dating(before, as_of, accumulation)
    return Dating(year if year.year < head.last_day.year else _year(year.year - 1), accumulation=accumulation)


def span_of_a_target(reading: Reading) -> Dating | None:
    """A yearly target of a plan of several years, and a target of such a plan, take the plan's span."""
    if reading.measure != "target":
        return None
    page, window, quantity, link = reading.page, reading.window, reading.quantity, reading.link
    spans = [t for t in page.times if t.precision == "span" and window.sentence_start <= t.start < window.sentence_end]
    if any(window.left <= m.start and m.end <= quantity.start for m in page.mentions.marks("yearly")):
        chosen = [t for t in spans if t.end <= quantity.start][-1:] or spans[:1]
        period = chosen[0].period if chosen else None
        return replace(base(reading), period=period) if period is not None else None
    if (
        link is not None
        and link.period is not None
        and link.period.kind == "span"
        and link.measure == "target"
        and reading.link_kind in ("pair", "follow", "beside", "part")
        and link.window.sentence_start == window.sentence_start
    ):
        return replace(base(reading), period=link.period)
    before = [t for t in spans if window.left <= t.start and t.end <= quantity.start and t.period is not None]
    if not before or not SAYS.stage.search(reading.before):
        return None
    if any(t.precision == "year" and before[-1].start < t.start and t.end <= quantity.start for t in page.times):
        return None
    period = before[-1].period
    return replace(base(reading), period=period) if period is not None else None


def goes_on_from_targets(reading: Reading) -> Dating | None:
    """What is aimed at `cũng`, as well, is aimed at for the same time."""
    before = reading.sentence_ahead
    if reading.measure != "target" or before is None or before.measure != "target" or before.period is None:
        return None
    has_own = any(reading.times) or (reading.link is not None and reading.link.measure != "target")
    if has_own or not SAYS.also.search(reading.sentence_before):
        return None
    return _of(before)


def year_of_a_pairs_target(reading: Reading) -> Dating | None:
    """`1.250/2.000 lao động`: what was to be done was to be done in the year."""
    head = reading.report.head.period
    if reading.role != "denominator" or reading.measure != "target" or head is None:
        return None
    return Dating(_year(head.year))


def day_counted_up_to(reading: Reading) -> Dating | None:
    """A value as of a date inside the year takes that date's month; as of the period's last day, the period."""
    time = reading.times[0]
    if time is None or time.period is None:
        return None
    head, start = reading.report.head, base(reading)
    assert head.period is not None
    day = time.day or time.period.last_day
    is_year_end = (day.month, day.day) == (12, 31)
    if reading.measure == "target":
        if day <= head.period.last_day:
            return start
        return replace(start, period=_year(day.year) if is_year_end else time.period)
    if day == head.period.last_day:
        return replace(start, period=head.period, as_of=day)
    if is_year_end:
        return replace(start, period=_year(day.year), as_of=day)
    if head.period.kind == "month" and head.period.code == time.period.code and not head.is_cumulative:
        return replace(start, as_of=day)
    return Dating(parse_period(f"{day.year}-{day.month:02d}"), day, "since_january")


def time_of_its_own(reading: Reading) -> Dating | None:
    """The year, quarter, half year or months said of the number itself."""
    time = reading.times[1]
    if time is None or time.period is None:
        return None
    head, start, named = reading.report.head.period, base(reading), time.period
    assert head is not None
    text = reading.passage.text
    if time.precision == "span":
        return Dating(named)
    if named.contains(head) and reading.measure not in ("target", "plan"):
        is_review = SAYS.review.search(text[max(0, time.start - 40) : time.start]) is not None
        around = text[max(0, time.start - 12) : reading.quantity.start]
        if named.code != head.code and (is_review or SAYS.whole_year.search(around)):
            return Dating(named)
        return start
    if named.code == head.code:
        return replace(start, period=named)
    if named.last_day < head.first_day:
        is_review = SAYS.reviewed.search(text[reading.window.sentence_start : time.end + 30]) is not None
        # The review of a year's end holds until the next one.
        is_review |= head.kind != "year" and SAYS.at_the_end_of.search(text[: time.start]) is not None
        is_standing = is_review and time.start < reading.window.left + OPENING
        is_prior = reading.measure == "actual" and not is_standing
        return replace(start, period=named, measure="prior" if is_prior else "")
    return replace(
        start, period=named, accumulation="since_january" if time.precision == "months" else start.accumulation
    )


def time_of_what_it_hangs_on(reading: Reading) -> Dating | None:
    """What a number hangs on lends it its time, if that is not the report's own."""
    link, kind = reading.link, reading.link_kind
    if link is None or link.period is None or any(reading.times):
        return None
    if (
        link.as_of is not None
        and kind in ("follow", "pair", "bracket", "part", "beside")
        and link.window.sentence_start == reading.window.sentence_start
        and link.measure != "prior"
        and reading.measure != "target"
    ):
        return _of(link)
    is_same = link.measure == reading.measure or (kind in ("pair", "part") and link.measure != "prior")
    if kind not in ("pair", "follow", "bracket", "part") or not is_same:
        return None
    return _of(link) if link.period != reading.report.head.period else None


DATINGS: tuple[Rule[Dating], ...] = (
    column_of_a_table,
    item_of_a_series,
    earlier_year,
    span_of_a_target,
    goes_on_from_targets,
    year_of_a_pairs_target,
    day_counted_up_to,
    time_of_its_own,
    time_of_what_it_hangs_on,
)


# Times said before


def _recalled(reading: Reading, told: Told) -> Dating | None:
    """The time said before of the same matter in this section, or at the head of this passage."""
    head = reading.report.head
    if reading.measure not in ("actual", "change"):
        return None
    if base(reading).period not in (head.period, titled_period(reading.passage, head)):
        return None
    family = reading.wording.family if reading.wording is not None else ""
    if SAYS.afresh.search(reading.sentence_before):
        told.pop("", None)
        told.pop(family, None)
        return None
    of_family, here = told.get(family) if family else None, told.get("")
    said = None
    if of_family is not None and _is_same_section(of_family.passage, reading.passage):
        said = of_family
    elif here is not None and here.passage is reading.passage:
        said = here
    if said is None:
        return None
    reading.steps.append(f"period {said.dating.period.code}: said before in this section")
    return said.dating


def _is_same_section(before: Passage, after: Passage) -> bool:
    if before is after or before in after.parents:
        return True
    return before.parents[:1] == after.parents[:1] and before.rank == after.rank


def _keep(reading: Reading, time: Time | None, told: Told) -> None:
    """Keeps a time that opens a sentence for what follows."""
    if (
        time is None
        or time.precision == "span"
        or reading.period is None
        or reading.measure not in ("actual", "change")
    ):
        return
    if reading.passage.kind == "row" or reading.series is not None or time.end > reading.quantity.start:
        return
    opening = max(reading.window.sentence_start, reading.passage.title_end)
    if time.start - opening >= OPENING:
        return
    said = Said(reading.passage, Dating(reading.period, reading.as_of, reading.accumulation))
    if reading.wording is not None:
        told[reading.wording.family] = said
    if reading.as_of is not None and reading.window.sentence_start == reading.passage.sentences[0].start:
        told[""] = said


def _after(reading: Reading) -> None:
    """What is of a year stays of the year; what lies after the report's own period is planned, not done."""
    wording, head = reading.wording, reading.report.head.period
    if reading.period is None or head is None:
        return
    if wording is not None and wording.annual and reading.period.kind in ("month", "quarter", "half"):
        reading.period, reading.as_of, reading.accumulation = _year(reading.period.year), None, "period"
    if reading.measure == "actual" and reading.period.first_day > head.last_day:
        is_outcome = wording is not None and "plan_level" in wording.lists
        reading.measure = "target" if is_outcome else "plan"

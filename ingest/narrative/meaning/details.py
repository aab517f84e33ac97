"""What else a quantity says: breakdown, measure, period, whom it is about, who set a target, how final it is.

Works on readings that have their indicator (`attach`), in reading order, because a later quantity takes
over what an earlier one in its sentence said.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ingest.catalogue import Catalogue, Unit, unit_name_key
from ingest.model import Accumulation, Status
from ingest.narrative.meaning.breakdown import BESIDE, Report, breakdown_of, is_bracketed_off, share_with_recipients
from ingest.narrative.meaning.changes import is_plan_value
from ingest.narrative.meaning.reading import Reading
from ingest.narrative.meaning.report_head import ReportContext
from ingest.narrative.meaning.windows import Page
from ingest.narrative.text.lexicon import Lexicon, Mention, Wording
from ingest.narrative.text.segments import Passage
from ingest.narrative.text.slips import is_slip
from ingest.narrative.text.times import Time, times
from ingest.periods import InvalidPeriodError, Period, parse_period


@dataclass(frozen=True, slots=True)
class Outlook:
    """That a section looks ahead: its figures are targets, for `period` where its title names one."""

    period: Period | None


def complete(
    readings: list[Reading], pages: dict[int, Page], context: ReportContext, lexicon: Lexicon, catalogue: Catalogue
) -> None:
    """Fills in what the readings say beyond their indicator, then carries restated targets' plan level over."""
    units = _units_inside(context, catalogue)
    first = list(pages.values())[:20]
    title_pages = [page for page in first if page.passage.text and page.passage.text in context.title]
    report = Report(context, pages, title_pages, lexicon)
    told: Told = {}
    for reading in sorted(readings, key=lambda r: (r.link_kind == "ahead", r.index)):
        outlook = _outlook(reading.passage, reading.quantity.start, context)
        wording = lexicon.wordings.get(reading.indicator)
        reading.status = _status(reading, context)
        reading.unit, reading.other_units = _unit(reading, context, units)
        _measure(reading, wording, outlook)
        _period(reading, wording, outlook, context, told)
        if wording is not None:
            reading.breakdown = breakdown_of(reading, wording, report)
            _target_source(reading, wording)
        _after_period(reading, wording, context)
        _take_run_rate(reading, lexicon)
    share_with_recipients(readings, lexicon)
    _carry_plan_level(readings)
    _find_clashes(readings)


def _take_run_rate(reading: Reading, lexicon: Lexicon) -> None:
    """What is paid every month costs its run rate in one: `Tháng 11 chi trả cho …, số tiền …`."""
    wording = lexicon.wordings.get(reading.indicator)
    is_of_a_month = reading.period is not None and reading.period.kind == "month" and reading.accumulation == "period"
    if wording is None or not wording.of_one_month or not is_of_a_month or reading.as_of is not None:
        return
    if set(reading.breakdown.items()) <= {("support_kind", "monthly")}:
        reading.indicator, reading.breakdown = wording.of_one_month, {}
        reading.steps.append(f"{wording.of_one_month}: the amount of one month")


def _find_clashes(readings: list[Reading]) -> None:
    """Marks readings of one fact with different values: one of them says something the lexicon does not know.

    `trong đó BHXH bắt buộc 268.115` has no category of its own and looks like the total once more. A figure that
    a slip of the pen tells from the other is that one restated; `arithmetic` tells of it.
    """
    stated: dict[tuple[object, ...], list[Reading]] = {}
    for r in readings:
        if r.indicator and r.period is not None:
            unit = r.unit.unit_id if r.unit else ""
            key = (r.indicator, tuple(sorted(r.breakdown.items())), r.measure, r.period.code, unit, r.issuer)
            stated.setdefault(key, []).append(r)
    for same in stated.values():
        # So many of one figure are a list, not statements to be compared each with each.
        for r in same if len(same) <= _MOST_STATED else ():
            value = r.quantity.value
            others = [o for o in same if o.quantity.value != value and not is_slip(o.quantity.value, value)]
            here = [o for o in others if o.page is r.page]
            if any(o.quantity.start < r.quantity.start for o in here):
                r.clash = "before"
            elif here:
                r.clash = "after"
            elif others:
                r.clash = "elsewhere"


_MOST_STATED = 60


# Sections that look ahead

_AHEAD = re.compile(r"(?i)\b(?:phương hướng|nhiệm vụ|mục tiêu|chỉ tiêu|kế hoạch|giải pháp|dự kiến)\b")
_BACK = re.compile(r"(?i)\b(?:kết quả|tình hình|đánh giá|thực hiện các chỉ tiêu|kết quả thực hiện|công tác chỉ đạo)\b")
_LABEL = re.compile(
    r"(?i)(?:^|[.;]\s+)(?:chỉ tiêu|nhiệm vụ|phương hướng|mục tiêu|kế hoạch|KH)[^.:;]{0,60}?(?:năm\s+)?(20\d\d)\s*:"
)
_BARE_MONTH = re.compile(r"(?i)\btháng\s+(\d{1,2})(?![\d/]|\s*năm)")


def _outlook(passage: Passage, start: int, context: ReportContext) -> Outlook | None:
    found: Outlook | None = None
    label = max(_LABEL.finditer(passage.text, 0, start), key=lambda m: m.start(), default=None)
    if label is not None and context.period is not None and int(label[1]) > context.period.year:
        return Outlook(parse_period(label[1]))
    for above in (passage, *passage.parents):
        title = above.title
        if not title or (above is passage and not above.title_end):
            continue
        if above is passage and len(title) > 80:
            continue
        named = _named_time(title, context)
        period = named.period if named is not None else None
        is_later = (
            period is not None
            and context.period is not None
            and period.first_day > context.period.first_day
            and (period.last_day > context.period.last_day)
        )
        if (is_later and _AHEAD.search(title)) or (named is not None and named.is_second_half):
            return Outlook(period)
        if _AHEAD.search(title) and not _BACK.search(title) and above is not passage and found is None:
            found = _bare_outlook(title, context)
    return found


def _bare_outlook(title: str, context: ReportContext) -> Outlook | None:
    """A title that looks ahead without a year (`Mục tiêu, chỉ tiêu`, `Phương hướng`)."""
    if re.match(r"(?i)\s*(?:phương hướng|nhiệm vụ(?:,| và)? giải pháp|nhiệm vụ trọng tâm|mục tiêu|kế hoạch)", title):
        return Outlook(_following(context.period))
    return None


def _following(period: Period | None) -> Period | None:
    if period is None:
        return None
    if period.kind == "year":
        return parse_period(str(period.year + 1))
    if period.kind == "half" and period.first_day.month == 1:
        return parse_period(f"{period.year}-S2")
    return None


@lru_cache(maxsize=1024)
def _title_times(title: str, year: int | None) -> tuple[Time, ...]:
    return tuple(times(title, [], year))


def _named_time(title: str, context: ReportContext) -> Time | None:
    """The time that a title names first, a month without its year among them."""
    year = context.period.year if context.period is not None else None
    named = [t for t in _title_times(title, year) if t.period is not None and t.precision not in ("day", "span")]
    bare = _BARE_MONTH.search(title)
    if bare is not None and year is not None and 1 <= int(bare[1]) <= 12:
        period = parse_period(f"{year}-{int(bare[1]):02d}")
        named.append(Time(bare.start(), bare.end(), "month", period, has_year=False))
    return min(named, key=lambda t: t.start, default=None)


# Status


def _status(reading: Reading, context: ReportContext) -> Status:
    page, window = reading.page, reading.window
    here = any(window.sentence_start <= m.start < window.sentence_end for m in page.mentions.marks("preliminary"))
    lead = reading.passage.lead
    above = [p for p in (lead, *reading.passage.parents) if p is not None and p.rank >= 70]
    titled = any(re.search(r"(?i)\bsơ bộ\b", p.text) for p in above)
    return "preliminary" if here or titled else context.status


# Measure


def _marks(page: Page, names: tuple[str, ...], start: int, end: int) -> list[Mention]:
    return [m for m in page.mentions.marks(*names) if start <= m.start and m.end <= end]


_PRIOR_BEFORE = re.compile(
    r"(?:so với|so|cùng kỳ|năm trước)(?![^();]*(?:giao|kế hoạch|chỉ tiêu|nghị quyết|\bKH\b))"
    r"[^();]{0,40}\(\s*(?:là\s*|:\s*)?$|"
    r"(?:cùng kỳ|năm trước|kỳ trước|quý trước|tháng trước|năm ngoái)"
    r"(?:\s+năm\s+\d{4}|\s+năm\s+trước)?\s*(?:là|có|đạt|chỉ|:|\(|chiếm)?\s*$",
    re.I,
)
# What there was at the year's beginning, said of itself and not compared with.
_OPENING_STOCK = re.compile(r"(?i)(?<!so với )(?<!từ )(?<!so )\bđầu năm\b(?:[^,;.()]{0,20},?[^,;.()]{0,40})$")
_FROM = re.compile(r"(?:\btừ|giảm từ|tăng từ)\s*$", re.I)
_TO = re.compile(r"[^,;.]{0,40}?\b(?:xuống|lên|còn|đến|thành)\b", re.I)
_PLAN_HEAD = re.compile(r"(?i)\b(?:chỉ tiêu|kế hoạch|mục tiêu|KH|phấn đấu|giao)\b")
_DONE_HEAD = re.compile(r"(?i)\b(?:thực hiện|kết quả|ước|TH|đạt được)\b")


def _measure(reading: Reading, wording: Wording | None, outlook: Outlook | None) -> None:
    page, window, quantity = reading.page, reading.window, reading.quantity
    default = wording.measure if wording is not None else "actual"
    series = reading.link if reading.link_kind == "series" and not reading.is_change else None
    if series is not None and series.indicator == reading.indicator and series.measure not in ("change", "prior"):
        reading.measure = series.measure
        return
    left = page.text(window.left, quantity.start)
    if reading.role == "denominator":
        is_to_be_reached = (
            wording is not None and reading.link is not None and reading.indicator == reading.link.indicator
        )
        is_target = (
            is_to_be_reached and quantity.unit != "house" and wording is not None and wording.over != wording.code
        )
        reading.measure = "target" if is_target else "plan" if wording is not None else "actual"
        return
    if page.passage.kind == "row":
        reading.measure = _row_measure(reading, wording, outlook)
        return
    target = _is_target(reading, outlook)
    spoken = page.text(max(window.sentence_start, quantity.start - 90), quantity.start)
    if reading.is_change:
        reading.measure = "target" if target else "change"
        return
    if wording is not None and wording.rate_kind == "plan":
        reading.measure = "actual"
        return
    if (
        _PRIOR_BEFORE.search(spoken)
        or (_OPENING_STOCK.search(left) and wording is not None and "movement" in wording.lists)
        or (
            _FROM.search(left)
            and quantity.link != "range"
            and _TO.match(page.passage.text, quantity.end)
            and not re.match(r"\s*trở lên", page.passage.text[quantity.end :])
        )
    ):
        reading.measure = "prior"
        return
    if target:
        is_foreseen = quantity.unit == "vnd" and re.search(r"(?i)\b(?:dự kiến|dự toán|nhu cầu)\b", left)
        reading.measure = "plan" if quantity.unit == "vnd" and (default == "plan" or is_foreseen) else "target"
        if wording is not None and wording.measure == "plan":
            reading.measure = "plan"
        return
    if wording is not None and wording.is_change:
        reading.measure = "change"
        return
    if reading.link_kind in ("pair", "follow") and reading.link is not None and reading.link.measure == "prior":
        reading.measure = "prior"
        return
    if default == "actual" and re.search(r"(?i)\b(?:dự kiến|nội dung hỗ trợ|dự trù)\b[^;.]*$", left):
        reading.measure = "plan"
        return
    reading.measure = default


def _row_measure(reading: Reading, wording: Wording | None, outlook: Outlook | None) -> str:
    head = reading.head
    default = wording.measure if wording is not None else "actual"
    if wording is not None and wording.rate_kind == "plan":
        return "actual"
    if _PLAN_HEAD.search(head) and not _DONE_HEAD.search(head):
        return "target"
    if _DONE_HEAD.search(head):
        return "change" if wording is not None and wording.is_change else default
    return "target" if outlook is not None else default


_RESET = ("reset",)


def _is_target(reading: Reading, outlook: Outlook | None) -> bool:
    """Whether a quantity is to be reached: said so before it in its sentence and not taken back since."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    text = page.passage.text
    if outlook is not None and not re.search(
        r"(?i)\b(?:năm|đã|kết quả)\b[^,;.]{0,30}\bđã\b", text[window.left : quantity.start]
    ):
        return True
    marks = _marks(page, ("target",), window.left, quantity.start)
    if window.opens_bracket and re.search(
        r"(?i)\b(?:chỉ tiêu|kế hoạch|KH|mục tiêu)\b[^();]{0,40}\(\s*$", text[: quantity.start]
    ):
        return True
    marks = [
        m
        for m in marks
        if not re.search(r"(?i)\b(?:các|những|số)\s*$|\bthực hiện\s+(?:các\s+)?$", text[max(0, m.start - 14) : m.start])
    ]
    resets = _marks(page, _RESET, window.left, quantity.start)
    if marks:
        return not any(r.start > marks[-1].start for r in resets)
    if is_plan_value(reading) and re.search(r"[/(]\s*(?:KH|kế hoạch|chỉ tiêu)?[^\d(]{0,24}$", text[: quantity.start]):
        return True
    if (
        re.match(r"\s*(?:/năm)?\s*(?:theo|tại)\s+(?:Kế hoạch|Nghị quyết|Quyết định)", text[quantity.end :])
        and reading.is_change
    ):
        return True
    if re.search(
        r"(?i)(?:/|\(|,)\s*(?:KH|kế hoạch)\s*(?:là|năm|giao|:)?\s*(?:\d{4}\s*(?:là|:)?)?\s*$",
        text[window.sentence_start : quantity.start],
    ):
        return True
    link = reading.link
    if link is None or resets or reading.link_kind not in BESIDE or link.role:
        return False
    if link.measure != "target" or link.window.sentence_start != window.sentence_start:
        return False
    between = text[link.quantity.end : quantity.start]
    return not re.search(r"(?i)\b(?:đạt|kết quả|thực hiện|đã|vượt|bằng)\b|\)", between)


# Period


@dataclass(frozen=True, slots=True)
class Said:
    """A time said of a quantity, kept for what follows it in its section without a time of its own."""

    passage: Passage
    period: Period
    as_of: date | None
    accumulation: Accumulation


# The times said so far, by the family of indicators they were said of; "" is of whatever follows in its passage.
Told = dict[str, Said]


def _period(
    reading: Reading, wording: Wording | None, outlook: Outlook | None, context: ReportContext, told: Told
) -> None:
    page, window = reading.page, reading.window
    reading.period = context.period
    if context.period is None:
        return
    reading.accumulation = "since_january" if context.is_cumulative else "period"
    if outlook is not None and outlook.period is not None and reading.measure in ("target", "plan", "actual"):
        reading.period = outlook.period
    elif reading.measure == "target" and context.period.kind in ("month", "quarter", "half"):
        reading.period, reading.accumulation = parse_period(str(context.period.year)), "period"
    elif (titled := _titled_period(page.passage, context)) is not None:
        reading.period = titled
    if page.passage.kind == "row":
        _row_period(reading, context)
        return
    series = reading.link if reading.link_kind == "series" and not reading.is_change else None
    if series is not None and series.period is not None and series.measure == reading.measure:
        reading.period, reading.as_of, reading.accumulation = series.period, series.as_of, series.accumulation
        return
    own = _own_time(reading, context)
    dated = _as_of(reading)
    if dated is not None and own is not None and own.start > dated.start:
        dated = None
    if dated is not None:
        _take_as_of(reading, dated, context)
    link = reading.link
    if (
        dated is None
        and own is None
        and link is not None
        and link.as_of is not None
        and reading.link_kind in ("follow", "pair", "bracket", "part", "beside")
        and link.window.sentence_start == window.sentence_start
        and link.measure != "prior"
        and reading.measure != "target"
    ):
        reading.as_of, reading.period, reading.accumulation = link.as_of, link.period, link.accumulation
    if reading.measure == "prior":
        _prior_period(reading, context)
        return
    if reading.measure == "target" and _yearly_span(reading):
        return
    if reading.role == "denominator" and reading.measure == "target":
        reading.period, reading.accumulation = parse_period(str(context.period.year)), "period"
        return
    if own is not None and dated is None:
        _take_time(reading, own, context)
    elif (
        dated is None
        and reading.link_kind in ("pair", "follow", "bracket", "part")
        and link is not None
        and link.period is not None
        and (link.measure == reading.measure or (reading.link_kind in ("pair", "part") and link.measure != "prior"))
    ):
        reading.period, reading.as_of, reading.accumulation = link.period, link.as_of, link.accumulation
    if own is None and dated is None:
        _recall(reading, wording, context, told)
    elif reading.measure in ("actual", "change") and reading.period is not None:
        _keep(reading, wording, dated or own, told)


def _titled_period(passage: Passage, context: ReportContext) -> Period | None:
    """The part of the report's own period that a title above names: `I. Kết quả tháng 3` in a quarter's report."""
    assert context.period is not None
    for above in passage.parents:
        if not above.is_heading or len(above.title) > 120:
            continue
        named = [
            t.period for t in _title_times(above.title, context.period.year)
            if t.period is not None and t.precision in ("month", "quarter", "half", "months")
        ]  # fmt: skip
        if len(named) == 1:
            is_part = context.period.contains(named[0]) or named[0].last_day == context.period.last_day
            return named[0] if is_part else None
    return None


_AFRESH = re.compile(r"(?i)\b(?:trong năm|năm nay|hiện nay|hiện có|hiện còn|hiện tại|trong kỳ|trong quý|trong tháng)\b")


def _keep(reading: Reading, wording: Wording | None, time: Time | None, told: Told) -> None:
    """Keeps a time that opens a sentence for what follows."""
    if time is None or reading.period is None or time.end > reading.quantity.start:
        return
    said = Said(reading.passage, reading.period, reading.as_of, reading.accumulation)
    opening = max(reading.window.sentence_start, reading.passage.title_end)
    if time.start - opening >= _OPENING:
        return
    if wording is not None:
        told[wording.family] = said
    if reading.as_of is not None and reading.window.sentence_start == reading.passage.sentences[0].start:
        told[""] = said


def _recall(reading: Reading, wording: Wording | None, context: ReportContext, told: Told) -> None:
    """Takes over the time said before of the same matter in this section, or at the head of this passage."""
    if reading.measure not in ("actual", "change") or reading.as_of is not None:
        return
    if reading.period not in (context.period, _titled_period(reading.passage, context)):
        return
    page, window = reading.page, reading.window
    if _AFRESH.search(page.text(window.sentence_start, reading.quantity.start)):
        told.pop("", None)
        told.pop(wording.family if wording is not None else "", None)
        return
    here = told.get("")
    of_family = told.get(wording.family) if wording is not None else None
    said = None
    if of_family is not None and _is_same_section(of_family.passage, reading.passage):
        said = of_family
    elif here is not None and here.passage is reading.passage:
        said = here
    if said is not None:
        reading.period, reading.as_of, reading.accumulation = said.period, said.as_of, said.accumulation
        reading.steps.append(f"period {said.period.code}: said before in this section")


def _is_same_section(before: Passage, after: Passage) -> bool:
    if before is after or before in after.parents:
        return True
    return before.parents[:1] == after.parents[:1] and before.rank == after.rank


# How far from a sentence's beginning a time may stand and still be said of all of it.
_OPENING = 45


def _as_of(reading: Reading) -> Time | None:
    """The date or month up to which a quantity is counted, where its sentence says so before it."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    text = page.passage.text
    found = None
    for time in page.times:
        if time.period is None or time.precision not in ("day", "month"):
            continue
        before = text[max(0, time.start - 30) : time.start].lower()
        is_opening = time.start - max(window.sentence_start, page.passage.title_end) < _OPENING
        in_left = (
            (window.clause_start <= time.start or (window.sentence_start <= time.start and is_opening))
            and time.end <= quantity.start
            and not is_bracketed_off(text, time.end, quantity.start)
        )
        in_right = quantity.end <= time.start < window.right
        if not (in_left or in_right):
            continue
        if re.search(
            r"(?:tính đến|đến|tới|đến hết|hết|đến ngày|đến hết ngày|tại thời điểm|"
            r"thời điểm|lũy kế đến|(?:đến|tới) (?:hết|cuối)|cuối|đến thời điểm)\s*(?:ngày\s*)?$",
            before,
        ):
            if re.search(r"(?<!đến )(?<!tới )cuối\s*$", before) and not 0 <= quantity.start - time.end < 25:
                continue
            if re.search(r"(?:từ|kể từ)\s[^;.]{0,40}$", before) or re.search(r"(?i)trước\s*$", before):
                continue
            found = time
        elif (
            in_left
            and time.start >= window.left
            and re.search(r"(?:xảy ra|vào)\s*(?:vào\s*)?(?:ngày\s*)?$", before)
            and "xảy ra" in text[window.left : quantity.start].lower()
        ):
            found = time
    return found


def _take_as_of(reading: Reading, time: Time, context: ReportContext) -> None:
    """A value as of a date inside the year takes that date's month; as of the period's last day, the period."""
    assert time.period is not None
    assert context.period is not None
    day = time.day or time.period.last_day
    if reading.measure == "target":
        if day > context.period.last_day:
            is_year_end = (day.month, day.day) == (12, 31)
            reading.period = parse_period(str(day.year) if is_year_end else f"{day.year}-{day.month:02d}")
        return
    reading.as_of = day
    if day == context.period.last_day:
        reading.period = context.period
    elif day.month == 12 and day.day == 31:
        reading.period = parse_period(str(day.year))
    elif not (context.period.kind == "month" and context.period.code == time.period.code and not context.is_cumulative):
        reading.period = parse_period(f"{day.year}-{day.month:02d}")
        reading.accumulation = "since_january"


def _prior_period(reading: Reading, context: ReportContext) -> None:
    page, window, quantity = reading.page, reading.window, reading.quantity
    assert context.period is not None
    base = reading.link.period if reading.link is not None and reading.link.period is not None else context.period
    named = [
        t
        for t in page.times
        if window.sentence_start <= t.start and t.end <= quantity.start and t.precision == "year" and t.has_year
    ]
    text = page.passage.text
    left = text[max(window.sentence_start, quantity.start - 60) : quantity.start].lower()
    same = left.rfind("cùng kỳ") > max(left.rfind("cuối năm"), left.rfind("đầu năm"), left.rfind("so với năm"), -1)
    reading.as_of = None
    try:
        before = base.year_before()
    except InvalidPeriodError:
        return
    if named and named[-1].period is not None:
        year = named[-1].period
        if same and year.year == before.year:
            reading.period = before
            as_of = reading.link.as_of if reading.link is not None else None
            if as_of is not None:
                reading.as_of = date(before.year, as_of.month, min(as_of.day, monthrange(before.year, as_of.month)[1]))
        elif year.year < context.period.last_day.year:
            reading.period = year
        else:
            reading.period = parse_period(str(year.year - 1))
    elif same:
        reading.period = before
    else:
        reading.period = parse_period(str(context.period.year - 1))
    reading.accumulation = reading.link.accumulation if same and reading.link is not None else "period"


def _yearly_span(reading: Reading) -> bool:
    """An annual target of a plan of several years takes the plan's span."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    yearly = _marks(page, ("yearly",), window.left, quantity.start)
    link = reading.link
    if not yearly:
        if (
            link is not None
            and link.period is not None
            and link.period.kind == "span"
            and link.measure == "target"
            and reading.link_kind in ("pair", "follow", "beside", "part")
            and link.window.sentence_start == window.sentence_start
        ):
            reading.period = link.period
            return True
        spans = [t for t in page.times if t.precision == "span" and window.left <= t.start and t.end <= quantity.start]
        if (
            spans
            and spans[-1].period is not None
            and re.search(r"(?i)(?<!chuẩn )(?<!nghèo )\bgiai đoạn\b", page.text(window.left, quantity.start))
        ):
            own = [
                t for t in page.times if t.precision == "year" and t.start > spans[-1].start and t.end <= quantity.start
            ]
            if not own:
                reading.period = spans[-1].period
                return True
        return False
    spans = [t for t in page.times if t.precision == "span" and window.sentence_start <= t.start < window.sentence_end]
    before = [t for t in spans if t.end <= quantity.start]
    chosen = before[-1:] or spans[:1]
    if chosen and chosen[0].period is not None:
        reading.period = chosen[0].period
        return True
    return False


# A time right behind a number is that number's: `15,49% cuối năm 2021 xuống còn 12,30%`.
_DIRECTLY = re.compile(r"[\s,(]*(?:cuối|đầu|của|trong|vào)?\s*")
_COMPARED = re.compile(
    r"(?:so sánh với(?:\s+số liệu)?|so với|so|cùng kỳ|chuyển sang|từ|nguồn vốn|nguồn kinh phí|kinh phí giao|hơn)"
    r"\s*(?:cùng kỳ|cuối|đầu|chỉ tiêu|kế hoạch|giao)?\s*$",
    re.I,
)


# `kinh phí tháng 11: 742 triệu đồng`, `Tháng 11, chi trả cho …`
_OF_ONE_MONTH = re.compile(r"(?i)(?:^|[.;]\s+|^[-+*]\s|\b(?:phí|trả|tiền)\s+)$")


def _own_time(reading: Reading, context: ReportContext) -> Time | None:
    """The year, quarter, half year or months that are said of a quantity itself."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    text = page.passage.text
    is_year_report = context.period is not None and context.period.kind == "year"

    def is_own(time: Time) -> bool:
        if time.period is None or time.precision in ("day", "span"):
            return False
        before = text[max(0, time.start - 28) : time.start]
        if not time.has_year and (
            (time.precision == "month" and not _OF_ONE_MONTH.search(before))
            or (time.precision == "year" and is_year_report)
        ):
            return False
        before_it = page.quantities_between(max(0, time.start - 40), time.start)
        if (
            before_it
            and before_it[-1].end <= time.start < quantity.start
            and _DIRECTLY.fullmatch(text[before_it[-1].end : time.start])
        ):
            return False
        after = text[time.end : time.end + 30].lower()
        if (
            _COMPARED.search(before)
            or re.search(r"(?i)\b(?:sinh|SN)\b[^.;]*$", before)
            or re.match(r"\s*(?:chuyển|chưa thực hiện|kéo dài)", after)
        ):
            return False
        if time.end <= quantity.start and is_bracketed_off(text, time.end, quantity.start):
            return False
        if time.precision != "month" and re.search(r"(?i)(?:nguồn|vốn|kinh phí|ngân sách)[^,;.]{0,25}$", before):
            return False
        return not re.search(
            r"(?i)(?:kế hoạch|chương trình|đề án|quyết định|tháng hành động)[^,;.]{0,60}$", before
        ) or (time.start >= window.left and reading.measure == "target")

    right = [t for t in page.times if quantity.end <= t.start < window.right and is_own(t)]
    left = [t for t in page.times if window.left <= t.start and t.end <= quantity.start and is_own(t)]
    if left:
        return left[-1]
    if right:
        return right[0]
    clause = [t for t in page.times if window.clause_start <= t.start < window.left and is_own(t)]
    if clause and not clause[-1].has_year:
        return clause[-1]
    sentence = [t for t in page.times if window.sentence_start <= t.start < window.left and is_own(t)]
    opening_at = max(window.sentence_start, page.passage.title_end)
    opening = [t for t in sentence if t.start - opening_at < _OPENING]
    if opening and reading.link_kind not in ("bracket",):
        return opening[0]
    return None


_REVIEWED = re.compile(r"(?i)\b(?:rà soát|điều tra|công nhận|phê duyệt kết quả|kết quả)\b")
_WHOLE_YEAR = re.compile(r"(?i)\b(?:ước|cả năm|cuối năm|hết năm|dự kiến|dự ước)\b")


def _take_time(reading: Reading, time: Time, context: ReportContext) -> None:
    assert time.period is not None
    assert context.period is not None
    named = time.period
    text = reading.passage.text
    if named.contains(context.period) and reading.measure not in ("target", "plan"):
        around = text[max(0, time.start - 12) : reading.quantity.start]
        is_review = re.search(r"(?i)\brà soát\b[^.;]*$", text[max(0, time.start - 40) : time.start]) is not None
        if named.code != context.period.code and (is_review or _WHOLE_YEAR.search(around)):
            reading.period, reading.accumulation = named, "period"
        return
    if named.code == context.period.code:
        reading.period = named
        return
    if named.last_day < context.period.first_day:
        is_review = _REVIEWED.search(text[reading.window.sentence_start : time.end + 30]) is not None
        # The review of a year's end holds until the next one.
        is_review |= context.period.kind != "year" and re.search(r"(?i)\bcuối\s*$", text[: time.start]) is not None
        if reading.measure == "actual" and not (is_review and time.start < reading.window.left + _OPENING):
            reading.measure = "prior"
        reading.period = named
        return
    reading.period = named
    if time.precision == "months":
        reading.accumulation = "since_january"


def _row_period(reading: Reading, context: ReportContext) -> None:
    match = re.search(r"(?<!\d)((?:19|20)\d\d)(?!\d)", reading.head)
    if match is None or context.period is None:
        return
    year = int(match[1])
    if year == context.period.year and context.period.kind != "year" and reading.measure == "actual":
        return
    reading.period = parse_period(match[1])
    if year < context.period.first_day.year and reading.measure == "actual":
        reading.measure = "prior"


def _after_period(reading: Reading, wording: Wording | None, context: ReportContext) -> None:
    """What is of a year stays of the year; what lies after the report's own period is planned, not done."""
    if reading.period is None or context.period is None:
        return
    if wording is not None and wording.annual and reading.period.kind in ("month", "quarter", "half"):
        reading.period, reading.as_of, reading.accumulation = parse_period(str(reading.period.year)), None, "period"
    if reading.measure == "actual" and reading.period.first_day > context.period.last_day:
        is_outcome = wording is not None and "plan_level" in wording.lists
        reading.measure = "target" if is_outcome else "plan"


# Units


def _units_inside(context: ReportContext, catalogue: Catalogue) -> dict[str, list[Unit]]:
    """The units below the reporting one by the key of their names."""
    found: dict[str, list[Unit]] = {}
    if context.unit is None:
        return found
    below = catalogue.children_of(context.unit, context.day)
    for unit in [*below, *(g for child in below for g in catalogue.children_of(child, context.day))]:
        found.setdefault(unit_name_key(unit.name), []).append(unit)
    return found


def _unit(
    reading: Reading, context: ReportContext, inside: dict[str, list[Unit]]
) -> tuple[Unit | None, tuple[Unit, ...]]:
    page, window, quantity = reading.page, reading.window, reading.quantity
    own = context.unit
    if not inside or own is None:
        return own, ()
    known = {unit.unit_id for units in inside.values() for unit in units}
    named = [
        (start, end, unit)
        for start, end, candidates in page.units
        for unit in candidates
        if unit.unit_id in known and window.left <= start and end <= quantity.start
    ]
    if quantity.is_zero:
        listed = _listed_units(page.text(window.left, quantity.start), inside)
        if listed:
            return listed[0], tuple(listed[1:])
    if named:
        start, end, unit = named[-1]
        gap = page.text(end, quantity.start)
        before = page.text(max(0, start - 12), start).lower()
        if len(gap) <= 60 and not re.search(r"(?i)\b(?:UBND|HĐND|ủy ban)\s*$", before) and not re.search(r"[;.]", gap):
            return unit, ()
    bare = _NAME_BEFORE.search(page.text(window.left, quantity.start))
    if bare is not None:
        units = inside.get(unit_name_key(bare[1]), [])
        if len(units) == 1:
            return units[0], ()
    kind = re.search(r"(?i)(?:^|[\s(])(thành phố|thị xã)\s*:?\s*$", page.text(window.left, quantity.start))
    if kind:
        only = [
            u
            for us in inside.values()
            for u in us
            if u.name.lower().startswith(kind[1].lower()) and u.parent_code == own.code
        ]
        if len(only) == 1:
            return only[0], ()
    link = reading.link
    if link is not None and link.unit is not None and link.unit is not own and reading.link_kind in ("pair", "follow"):
        return link.unit, ()
    if page.passage.kind == "row":
        start, end = next(
            (
                (s, e)
                for s, e in page.passage.cells
                if page.text(s, e).strip() and not page.text(s, e).strip().isdigit()
            ),
            (0, 0),
        )
        units = inside.get(unit_name_key(page.text(start, end)), [])
        if len(units) == 1:
            return units[0], ()
    return own, ()


# A unit's bare name right before its number: `Nậm Nhùn 34,87%`, `Pác Nặm còn 43,85%`.
_NAME_BEFORE = re.compile(
    r"(?:^|[,;:(–-]|\bvà|\briêng|\bnhư)\s*([A-ZĐÀ-ỸƠƯĂÂÊÔ][\w'’]*(?:\s[A-ZĐÀ-ỸƠƯĂÂÊÔ][\w'’]*){0,3})\s*"
    r"(?:[:(.]*|còn|chỉ còn|có|là|đạt|với)\s*$"
)


def _listed_units(text: str, inside: dict[str, list[Unit]]) -> list[Unit]:
    """The units of a list such as `huyện Nam Đông, Quảng Điền và thị xã Hương Trà`."""
    listed: list[Unit] = []
    for part in re.split(r",|\bvà\b|\briêng\b", text):
        units = inside.get(unit_name_key(part.strip()), [])
        if len(units) == 1 and units[0] not in listed:
            listed.append(units[0])
    return listed


# Targets

_ISSUERS = {"province": "tỉnh", "district": "huyện", "central": "trung ương", "party": "cấp ủy", "council": "HĐND"}


def _target_source(reading: Reading, wording: Wording) -> None:
    """Who set a target: the plan level, and the document cited for it."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    if reading.measure not in ("target", "plan") and wording.rate_kind != "plan":
        return
    text = page.passage.text
    if reading.measure == "target" or reading.measure == "plan":
        before = [c for c in page.citations if window.sentence_start <= c.start and c.end <= quantity.start]
        after = [c for c in page.citations if quantity.end <= c.start < quantity.end + 60]
        at_hand = [c for c in after if re.match(r"[^,;]{0,20}\b(?:tại|theo|của)\s*$", text[quantity.end : c.start])]
        cited = at_hand[:1] or before[-1:]
        if cited:
            reading.issuer = cited[0].name
    if "plan_level" not in wording.lists:
        return
    if wording.rate_kind == "plan":
        stretch = (quantity.end, min(window.right + 40, window.clause_end))
        marks = [m for m in page.mentions.categories("plan_level") if stretch[0] <= m.start < stretch[1]]
        if marks:
            reading.breakdown["plan_level"] = marks[0].code
        return
    if reading.measure != "target":
        return
    code = _plan_level(reading)
    if code is not None:
        reading.breakdown["plan_level"] = code
        reading.issuer = reading.issuer or _ISSUERS.get(code, "")
    elif reading.link is not None and reading.link_kind in ("pair", "follow", "bracket", "beside", "part"):
        text = page.text(reading.link.quantity.end, quantity.start)
        carried = reading.link.breakdown.get("plan_level") if not _LEVEL_AFTER.search(text) else None
        if carried and reading.link.measure == "target" and reading.link.window.sentence_start == window.sentence_start:
            reading.breakdown["plan_level"] = carried
            reading.issuer = reading.issuer or reading.link.issuer


# A level named behind one target is that target's alone.
_LEVEL_AFTER = re.compile(r"(?i)\b(?:giao|đề ra|nghị quyết|kế hoạch của|theo kế hoạch)\b")


def _plan_level(reading: Reading) -> str | None:
    page, window, quantity = reading.page, reading.window, reading.quantity
    text = page.passage.text
    found = page.mentions.categories("plan_level")
    near = [m for m in found if window.left <= m.start and m.end <= quantity.start]
    after = re.match(r"[^,;.]{0,20}\b(?:tại|theo|do|của)\b", text[quantity.end : quantity.end + 40])
    if after:
        right = [m for m in found if quantity.end <= m.start < quantity.end + 130]
        if right:
            return right[0].code
    authors = [m for m in near if _sets_targets(m, page)]
    if authors:
        last = authors[-1]
        rivals = {m.code for m in authors if re.fullmatch(r"[\s,]*(?:và\s*)?", text[m.end : last.start])}
        return last.code if rivals <= {last.code} else None
    if near:
        return near[-1].code if re.search(r"(?i)\bgiao\b", text[near[-1].end : quantity.start]) else None
    earlier = [m for m in found if window.sentence_start <= m.start < window.left and _sets_targets(m, page)]
    if earlier and reading.link_kind not in ("pair", "follow", "bracket", "beside", "part", "series"):
        return earlier[-1].code
    return None


def _sets_targets(mention: Mention, page: Page) -> bool:
    """Whether an authority is named as the one who sets a target: it assigns, it issues, a cited plan is its own."""
    text = page.passage.text
    if re.match(r"(?i)[^,;.]{0,30}\b(?:giao|ban hành|đề ra)\b", text[mention.start : mention.end + 30]):
        return True
    if any(c.start <= mention.start and mention.end <= c.end + 1 for c in page.citations):
        return True
    return bool(re.search(r"(?i)\b(?:kế hoạch|chỉ tiêu|nghị quyết)\s+(?:của\s+)?$", text[: mention.start][-24:]))


def _carry_plan_level(readings: list[Reading]) -> None:
    """A target stated without who set it takes that of its restatement elsewhere in the report."""
    known: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
    for r in readings:
        level = r.breakdown.get("plan_level")
        if r.measure == "target" and level and r.period is not None:
            known.setdefault((r.indicator, str(r.quantity.value), r.period.code), set()).add((level, r.issuer))
    for r in readings:
        if r.measure != "target" or "plan_level" in r.breakdown or r.period is None:
            continue
        if not re.search(r"(?i)\bgiao\b", r.page.text(r.window.left, r.quantity.end + 25)):
            continue
        sources = known.get((r.indicator, str(r.quantity.value), r.period.code), set())
        if len({level for level, _ in sources}) == 1:
            level, issuer = next(iter(sources))
            r.breakdown["plan_level"], r.issuer = level, r.issuer or issuer
            r.steps.append("plan level taken from the target's restatement")

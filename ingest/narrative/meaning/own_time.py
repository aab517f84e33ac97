"""Which of the times in a passage are said of a quantity itself."""

from __future__ import annotations

from ingest.narrative.meaning.own_category import is_bracketed_off
from ingest.narrative.meaning.reading import Reading
from ingest.narrative.text.patterns import Patterns
from ingest.narrative.text.times import Time

SAYS = Patterns("period")

# How far from a sentence's beginning a time may stand and still be said of all of it.
OPENING = 45


def counted_up_to(reading: Reading) -> Time | None:
    """The date or month up to which a quantity is counted, where its sentence says so before it."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    text = page.passage.text
    found = None
    for time in page.times:
        if time.period is None or time.precision not in ("day", "month"):
            continue
        before = text[max(0, time.start - 60) : time.start]
        is_opening = time.start - max(window.sentence_start, page.passage.title_end) < OPENING
        in_left = (
            (window.clause_start <= time.start or (window.sentence_start <= time.start and is_opening))
            and time.end <= quantity.start
            and not is_bracketed_off(text, time.end, quantity.start)
        )
        if not (in_left or quantity.end <= time.start < window.right):
            continue
        if SAYS.counted_up_to.search(before):
            if SAYS.bare_end.search(before) and not 0 <= quantity.start - time.end < 25:
                continue
            if SAYS.since.search(before):
                continue
            found = time
        elif (
            in_left
            and time.start >= window.left
            and SAYS.happened_on.search(before)
            and SAYS.happened.search(text, window.left, quantity.start)
        ):
            found = time
    return found


def own_time(reading: Reading) -> Time | None:
    """The year, quarter, half year or months that are said of a quantity itself."""
    page, window, quantity = reading.page, reading.window, reading.quantity

    def own_between(start: int, end: int) -> list[Time]:
        return [t for t in page.times if start <= t.start < end and _is_own(t, reading)]

    left = [t for t in own_between(window.left, quantity.start) if t.end <= quantity.start]
    if left:
        return left[-1]
    right = own_between(quantity.end, window.right) or _of_what_is_joined(reading)
    if right:
        return right[0]
    clause = own_between(window.clause_start, window.left)
    if clause and not clause[-1].has_year:
        return clause[-1]
    opening_at = max(window.sentence_start, page.passage.title_end)
    opening = [t for t in own_between(window.sentence_start, window.left) if t.start - opening_at < OPENING]
    return opening[0] if opening and reading.link_kind != "bracket" else None


def _of_what_is_joined(reading: Reading) -> list[Time]:
    """`97 hộ nghèo và 139 hộ cận nghèo năm 2024`: the year is of both."""
    page, quantity = reading.page, reading.quantity
    pairs = zip(page.quantities, page.windows, strict=True)
    other, window = next(((q, w) for q, w in pairs if q.start >= quantity.end), (None, None))
    if other is None or window is None or not SAYS.joined.fullmatch(page.text(quantity.end, other.start)):
        return []
    end, right = other.end, window.right
    return [t for t in page.times if end <= t.start < right and t.precision == "year" and _is_own(t, reading)]


def _is_own_span(time: Time, reading: Reading) -> bool:
    """Whether several years are those in which something was done, not those of a plan, a programme or a standard."""
    text, start = reading.passage.text, reading.quantity.start
    if reading.measure in ("target", "plan", "prior"):
        return False
    before = text[max(0, time.start - 90) : time.start]
    if time.end <= start and (
        is_bracketed_off(text, time.end, start) or SAYS.afresh.search(text, time.end, start) is not None
    ):
        return False
    is_from = text[time.start : time.start + 2].lower() == "từ"
    is_term = SAYS.term.search(before) is not None or not time.has_year or is_from
    return is_term and SAYS.name_with_years.search(before) is None


def _is_own(time: Time, reading: Reading) -> bool:
    page, window, quantity = reading.page, reading.window, reading.quantity
    text = page.passage.text
    if time.period is None or time.precision == "day":
        return False
    if time.precision == "span":
        return _is_own_span(time, reading)
    before = text[max(0, time.start - 28) : time.start]
    if not time.has_year:
        head = reading.report.head.period
        is_year_report = head is not None and head.kind == "year"
        if (time.precision == "month" and not SAYS.of_one_month.search(before)) or (
            time.precision == "year" and is_year_report
        ):
            return False
    # A time right behind a number is that number's: `15,49% cuối năm 2021 xuống còn 12,30%`.
    others = page.quantities_between(max(0, time.start - 40), time.start)
    is_between = bool(others) and others[-1].end <= time.start < quantity.start
    if is_between and SAYS.directly.fullmatch(text[others[-1].end : time.start]):
        return False
    if SAYS.compared_with.search(before) or SAYS.born_in.search(before) or SAYS.left_over.match(text, time.end):
        return False
    if time.end <= quantity.start and is_bracketed_off(text, time.end, quantity.start):
        return False
    if time.precision != "month" and SAYS.money_of.search(before):
        return False
    is_target_here = time.start >= window.left and reading.measure == "target"
    return is_target_here or not SAYS.name_of_a_plan.search(before)

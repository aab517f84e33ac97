"""What a quantity says beyond its indicator, in reading order: a later one takes over what an earlier one said."""

from __future__ import annotations

from itertools import pairwise

from ingest.narrative.meaning.breakdown import breakdown_of, share_with_recipients
from ingest.narrative.meaning.measure import measure_of
from ingest.narrative.meaning.outlook import outlook_of, status_of
from ingest.narrative.meaning.period import Told, date_reading
from ingest.narrative.meaning.reading import Reading
from ingest.narrative.meaning.target_source import carry_plan_levels, tell_target_source
from ingest.narrative.meaning.unit import units_of
from ingest.narrative.text.slips import is_slip


def interpret(readings: list[Reading]) -> None:
    """Fills in what the readings say beyond their indicator."""
    told: Told = {}
    _know_the_sentence_before(readings)
    for reading in sorted(readings, key=lambda r: (r.link_kind == "ahead", r.index)):
        reading.outlook = outlook_of(reading)
        reading.status = status_of(reading)
        reading.unit, reading.other_units = units_of(reading)
        reading.measure = measure_of(reading)
        date_reading(reading, told)
        if reading.wording is not None:
            reading.breakdown = breakdown_of(reading)
            tell_target_source(reading)
        _take_run_rate(reading)
    share_with_recipients(readings)
    carry_plan_levels(readings)
    _find_clashes(readings)


def _know_the_sentence_before(readings: list[Reading]) -> None:
    for before, reading in pairwise(readings):
        if before.page is not reading.page:
            continue
        if before.window.sentence_start == reading.window.sentence_start:
            reading.previous = before
        is_next = before.window.sentence_start < reading.window.sentence_start
        reading.sentence_ahead = before if is_next else before.sentence_ahead


def _take_run_rate(reading: Reading) -> None:
    """What is paid every month costs its run rate in one: `Tháng 11 chi trả cho …, số tiền …`."""
    wording, period = reading.wording, reading.period
    is_of_a_month = period is not None and period.kind == "month" and reading.accumulation == "period"
    if wording is None or not wording.of_one_month or not is_of_a_month or reading.as_of is not None:
        return
    if set(reading.breakdown.items()) <= {("support_kind", "monthly")}:
        reading.indicator, reading.breakdown = wording.of_one_month, {}
        reading.steps.append(f"{wording.of_one_month}: the amount of one month")


# So many of one figure are a list, not statements to be compared each with each.
_MOST_STATED = 60


def _find_clashes(readings: list[Reading]) -> None:
    """Marks readings of one fact with different values: one of them says something the lexicon does not know.

    `trong đó BHXH bắt buộc 268.115` has no category of its own and looks like the total once more. A figure that
    a slip of the pen tells from the other is that one restated; the audit tells of it.
    """
    stated: dict[tuple[object, ...], list[Reading]] = {}
    for r in readings:
        if r.indicator and r.period is not None:
            unit = r.unit.unit_id if r.unit else ""
            key = (r.indicator, tuple(sorted(r.breakdown.items())), r.measure, r.period.code, unit, r.issuer)
            stated.setdefault(key, []).append(r)
    for same in stated.values():
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

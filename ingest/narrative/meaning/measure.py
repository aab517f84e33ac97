"""Whether a number is done, to be reached, planned, a change or an earlier value."""

from __future__ import annotations

from ingest.narrative.meaning.breakdown import BESIDE
from ingest.narrative.meaning.changes import is_plan_value
from ingest.narrative.meaning.opening import is_opening
from ingest.narrative.meaning.reading import Reading
from ingest.narrative.meaning.rules import Rule, first_answer
from ingest.narrative.text.lexicon import Mention
from ingest.narrative.text.patterns import Patterns

SAYS = Patterns("measure")


def measure_of(reading: Reading) -> str:
    """The measure of a reading whose indicator and outlook are known."""
    return first_answer("measure", MEASURES, reading) or default_measure(reading)


def default_measure(reading: Reading) -> str:
    """What a bare statement of the indicator is."""
    wording = reading.wording
    return wording.measure if wording is not None else "actual"


def item_of_a_series(reading: Reading) -> str | None:
    """An item of an enumeration is what its first is."""
    series = reading.series
    if series is None or series.indicator != reading.indicator or series.measure in ("change", "prior"):
        return None
    return series.measure


def second_of_a_pair(reading: Reading) -> str | None:
    """The second number of `done/total`: what was to be done of the same is a target, what there is a plan."""
    if reading.role != "denominator":
        return None
    wording, link = reading.wording, reading.link
    if wording is None:
        return "actual"
    is_of_the_same = link is not None and reading.indicator == link.indicator
    if not is_of_the_same and reading.report.catalogue.indicators[wording.code].measure_type == "stock":
        return default_measure(reading)
    return "target" if is_of_the_same and reading.quantity.unit != "house" and wording.over != wording.code else "plan"


def column_of_a_table(reading: Reading) -> str | None:
    """A table says in its columns' heads what is planned and what was done."""
    if reading.passage.kind != "row":
        return None
    wording, head, default = reading.wording, reading.head, default_measure(reading)
    if wording is not None and wording.rate_kind == "plan":
        return "actual"
    if SAYS.plan_column.search(head) and not SAYS.done_column.search(head):
        return "target"
    if SAYS.done_column.search(head):
        return "change" if wording is not None and wording.is_change else default
    return "target" if reading.outlook is not None else default


def change_to_be_reached(reading: Reading) -> str | None:
    """By how much something is to rise or fall."""
    return "target" if reading.is_change and is_target(reading) else None


def change(reading: Reading) -> str | None:
    """By how much something rose or fell."""
    return "change" if reading.is_change else None


def share_of_a_plan(reading: Reading) -> str | None:
    """How far a plan was fulfilled is known, not planned."""
    return "actual" if reading.wording is not None and reading.wording.rate_kind == "plan" else None


def earlier_value(reading: Reading) -> str | None:
    """What is compared with: `so với cùng kỳ (412 hộ)`."""
    start = max(reading.window.sentence_start, reading.quantity.start - 90)
    return "prior" if SAYS.earlier_value.search(reading.page.text(start, reading.quantity.start)) else None


def earlier_year_in_brackets(reading: Reading) -> str | None:
    """`214 hộ (năm 2023: 251 hộ)`."""
    named, head = SAYS.earlier_year_named.search(reading.sentence_before), reading.report.head.period
    return "prior" if named is not None and head is not None and int(named[1]) < head.year else None


def opening_of_the_year(reading: Reading) -> str | None:
    """`đầu năm 2022, toàn tỉnh còn 9.091 hộ`: the year's opening stock, by its own name a figure of that year."""
    return default_measure(reading) if is_opening(reading) else None


def opening_stock(reading: Reading) -> str | None:
    """What there was when the year began."""
    wording = reading.wording
    has_movements = wording is not None and "movement" in wording.lists
    return "prior" if has_movements and SAYS.opening_stock.search(reading.before) else None


def start_of_a_way(reading: Reading) -> str | None:
    """`từ 7,2% xuống còn 6,0%`: the first is what it was."""
    text, end = reading.passage.text, reading.quantity.end
    if reading.quantity.link == "range" or not SAYS.from_.search(reading.before):
        return None
    return "prior" if SAYS.down_or_up_to.match(text, end) and not SAYS.and_more.match(text, end) else None


def to_be_reached(reading: Reading) -> str | None:
    """A target; money that is foreseen, and what is only ever allotted, is a plan."""
    if not is_target(reading):
        return None
    default = default_measure(reading)
    if default == "plan":
        return "plan"
    is_foreseen = reading.quantity.unit == "vnd" and SAYS.foreseen_money.search(reading.before)
    return "plan" if is_foreseen else "target"


def change_by_name(reading: Reading) -> str | None:
    """An indicator that is a rise or fall."""
    return "change" if reading.wording is not None and reading.wording.is_change else None


def beside_an_earlier_value(reading: Reading) -> str | None:
    """What hangs on an earlier value is as old, but not what it fell or rose to."""
    link = reading.link
    if reading.link_kind not in ("pair", "follow") or link is None:
        return None
    if SAYS.down_or_up_to.match(reading.page.text(link.quantity.end, reading.quantity.start)):
        return None
    return "prior" if link.measure == "prior" else None


def approved(reading: Reading) -> str | None:
    """What is approved or allotted is planned, where the indicator counts what is done with it."""
    wording = reading.wording
    if wording is None or wording.is_of_approvals or default_measure(reading) != "actual":
        return None
    if reading.report.catalogue.indicators[wording.code].measure_type != "flow":
        return None
    told = SAYS.approved.search(reading.sentence_before)
    text = reading.sentence_before
    if told is None or SAYS.carried_out.search(text, told.start()) or SAYS.paid_out.search(text, told.start()):
        return None
    return "plan"


def goes_on_from_a_plan(reading: Reading) -> str | None:
    """The sum allotted, told again or by parts in the sentence that follows, is allotted as well."""
    before, wording = reading.sentence_ahead, reading.wording
    if before is None or wording is None or before.wording is None or before.measure != "plan":
        return None
    if "plan" in (wording.measure, before.wording.measure) or before.wording.family != wording.family:
        return None
    return None if SAYS.carried_out.search(reading.sentence_before) else "plan"


def beside_a_plan(reading: Reading) -> str | None:
    """The persons for whom a sum was allotted, the sum allotted for them, and what is part of it."""
    link = reading.link
    if link is None or link.measure != "plan" or reading.link_kind not in BESIDE:
        return None
    if link.wording is None or link.wording.measure == "plan" or default_measure(reading) != "actual":
        return None
    return None if SAYS.carried_out.search(reading.page.text(link.quantity.end, reading.quantity.start)) else "plan"


def intended(reading: Reading) -> str | None:
    """What is intended is a plan."""
    return "plan" if default_measure(reading) == "actual" and SAYS.intended.search(reading.before) else None


MEASURES: tuple[Rule[str], ...] = (
    item_of_a_series,
    second_of_a_pair,
    column_of_a_table,
    change_to_be_reached,
    change,
    share_of_a_plan,
    earlier_value,
    earlier_year_in_brackets,
    opening_of_the_year,
    opening_stock,
    start_of_a_way,
    to_be_reached,
    change_by_name,
    beside_an_earlier_value,
    intended,
    approved,
    goes_on_from_a_plan,
    beside_a_plan,
)


# Targets


def is_target(reading: Reading) -> bool:
    """Whether a quantity is to be reached."""
    return bool(first_answer("target", TARGETS, reading))


def section_looks_ahead(reading: Reading) -> bool | None:
    """All of a section that looks ahead, but for what it says was done."""
    if reading.outlook is None or SAYS.done_already.search(reading.before):
        return None
    return True


def plan_in_bracket(reading: Reading) -> bool | None:
    """`đạt kế hoạch giao (5.000)`."""
    if reading.window.opens_bracket and SAYS.plan_in_bracket.search(reading.passage.text[: reading.quantity.start]):
        return True
    return None


def item_of_a_list_of_targets(reading: Reading) -> bool | None:
    """`nghị quyết với 20 chỉ tiêu chủ yếu là: … đạt 81%`: all that follows to the sentence's end."""
    text = reading.sentence_before
    opened = max(SAYS.list_of_targets.finditer(text), key=lambda m: m.end(), default=None)
    if opened is None or SAYS.list_of_results.search(text):
        return None
    return True if reading.wording is None or "plan_level" in reading.wording.lists or opened[0][-1] == ":" else None


def aim_of_the_sentence(reading: Reading) -> bool | None:
    """`xã đặt mục tiêu giảm 1,5% hộ nghèo; …; tỷ lệ lao động qua đào tạo đạt 68%`: to the end of the list."""
    wording = reading.wording
    is_aimed_at = wording is None or "plan_level" in wording.lists or reading.report.catalogue.indicators[
        wording.code
    ].measure_type in ("flow", "change", "rate")  # fmt: skip
    return True if is_aimed_at and SAYS.aims.search(reading.sentence_before) else None


def goes_on_from_targets(reading: Reading) -> bool | None:
    """`Huyện cũng đào tạo nghề cho 380 người` after what is aimed at is aimed at as well."""
    before = reading.sentence_ahead
    if before is None or not SAYS.also.search(reading.page.text(reading.window.sentence_start, reading.quantity.start)):
        return None
    return True if before.measure == "target" and not SAYS.already.search(reading.sentence_before) else None


def said_before(reading: Reading) -> bool | None:
    """A word of aiming before the number, not taken back since by one of doing."""
    page, window, start = reading.page, reading.window, reading.quantity.start
    text = page.passage.text
    marks = [
        m for m in page.mentions.marks("target")
        if window.left <= m.start and m.end <= start
        and not SAYS.several_targets.search(text[max(0, m.start - 14) : m.start])
    ]  # fmt: skip
    if not marks:
        return None
    return not any(reset.start > marks[-1].start for reset in _resets(reading))


def _resets(reading: Reading) -> list[Mention]:
    window, start = reading.window, reading.quantity.start
    return [m for m in reading.page.mentions.marks("reset") if window.left <= m.start and m.end <= start]


def beside_what_was_done(reading: Reading) -> bool | None:
    """`412/KH 500`, `83 hộ (chỉ tiêu 60 hộ)`."""
    text = reading.passage.text[: reading.quantity.start]
    return True if is_plan_value(reading) and SAYS.beside_what_was_done.search(text) else None


def change_by_a_document(reading: Reading) -> bool | None:
    """`giảm 2% theo Nghị quyết số …`."""
    return True if reading.is_change and SAYS.by_a_document.match(reading.passage.text, reading.quantity.end) else None


def plan_named(reading: Reading) -> bool | None:
    """`…, kế hoạch năm 2024 là 500`."""
    return True if SAYS.plan_named.search(reading.sentence_before) else None


def beside_a_target(reading: Reading) -> bool | None:
    """What goes on after a target without a word of doing between."""
    link = reading.link
    if link is None or _resets(reading) or reading.link_kind not in BESIDE or link.role:
        return None
    if link.measure != "target" or link.window.sentence_start != reading.window.sentence_start:
        return None
    between = reading.page.text(link.quantity.end, reading.quantity.start)
    return None if SAYS.done_between.search(between) else True


TARGETS: tuple[Rule[bool], ...] = (
    section_looks_ahead,
    plan_in_bracket,
    item_of_a_list_of_targets,
    said_before,
    aim_of_the_sentence,
    goes_on_from_targets,
    beside_what_was_done,
    change_by_a_document,
    plan_named,
    beside_a_target,
)

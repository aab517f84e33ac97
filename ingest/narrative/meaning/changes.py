"""Rises, falls, plans and their shares: whether a number says by how much, or what was meant to be."""

from __future__ import annotations

import re

from ingest.core.catalogue import Catalogue
from ingest.narrative.meaning.reading import LINK_WEIGHT, LinkKind, Reading, Vote
from ingest.narrative.meaning.windows import (
    Page,
    Window,
)
from ingest.narrative.text.lexicon import Lexicon
from ingest.narrative.text.quantities import Quantity


def says_change(page: Page, quantity: Quantity, window: Window) -> bool:
    """Whether a quantity says by how much something rose or fell, not what it rose or fell to."""
    if page.passage.kind == "row":
        return any(m.end <= quantity.start for m in page.mentions.marks("fall"))
    text = page.passage.text
    marks = [
        m for m in page.mentions.marks("fall", "rise") if window.left <= m.start and m.end <= quantity.start
    ]  # fmt: skip
    if not marks:
        return False
    last = marks[-1]
    between = text[last.end : quantity.start]
    if re.search(r"[,;:](?=\s)(?!\s*(?:bình quân|tương))", between):
        return False
    if any(m.start >= last.start and m.end <= quantity.start for m in page.mentions.marks("level")):
        return False
    after = re.sub(r"(?i)trở lên|trở xuống", "", text[quantity.end : quantity.end + 40])
    return not (re.search(r"(?i)\btừ\s*$", between) and re.match(r"(?i)[^,;.]{0,25}\b(?:xuống|lên|còn)\b", after))


def says_level(reading: Reading) -> bool:
    """Whether a number is what something fell or rose to: `số hộ nghèo giảm còn 980 hộ`."""
    if reading.page.passage.kind == "row":
        return False
    start, left = reading.quantity.start, reading.window.left
    levels = [m for m in reading.page.mentions.marks("level") if left <= m.start and m.end <= start]
    return bool(levels) and bool(_TO_LEVEL.fullmatch(reading.page.text(levels[-1].end, start)))


_TO_LEVEL = re.compile(r"(?i)\s*(?:khoảng|gần|hơn|trên|dưới|là|mức|còn|lại|:|\s)*")


def equals_change(reading: Reading, before: list[Reading]) -> bool:
    """Whether a rate restates the change before it: `giảm 417 hộ, tương đương 1,09%`."""
    if not before or not before[-1].is_change or before[-1].window.sentence_start != reading.window.sentence_start:
        return False
    between = reading.page.text(before[-1].quantity.end, reading.quantity.start)
    if reading.quantity.unit in _RATES and _is_bracketed_with(reading, before[-1], between):
        return True
    if before[-1].quantity.unit == reading.quantity.unit and _AND.fullmatch(between):
        return True
    return bool(_EQUALS.fullmatch(between)) and before[-1].quantity.unit != reading.quantity.unit


# `giảm 3% hộ nghèo và 1,2% hộ cận nghèo`
_AND = re.compile(r"(?i)(?!.*\b(?:còn|là|đạt|có|xuống|lên)\b)[^,;.()]{0,40}\bvà\s*")


def _is_bracketed_with(reading: Reading, change: Reading, between: str) -> bool:
    """`giảm 1.432 hộ nghèo (1,95%)`; `(tăng 137 hộ so với đầu năm, chiếm tỷ lệ 0,04%)`."""
    if reading.window.opens_bracket:
        return bool(re.fullmatch(r"[^();,.]{0,20}\(\s*", between))
    is_one_bracket = reading.window.depth > 0 and reading.window.opener == change.window.opener
    return is_one_bracket and bool(re.fullmatch(r"(?i)[^();.]{0,40},?\s*(?:chiếm|tỷ lệ|tương ứng|là|\s)+", between))


_EQUALS = re.compile(r"(?i)[\s,(]*(?:tương đương|tương ứng|tức|bằng)(?:\s+(?:với|là|mức|tỷ lệ))*\s*(?:giảm|tăng)?\s*")


def is_over_target(page: Page, quantity: Quantity, window: Window) -> bool:
    """Whether a quantity says by how much a target was passed (`vượt 0,52% so với chỉ tiêu`, `vượt 40 hộ`)."""
    text = page.passage.text
    if re.search(r"(?i)\bvượt(?:\s+(?:trên|hơn|gần|thêm))?\s*$", text[window.left : quantity.start]):
        return True
    return bool(re.search(r"(?i)\bcao hơn\s*$", text[window.left : quantity.start])) and bool(
        re.match(r"(?i)\s*(?:so\s+)?(?:với\s+)?(?:chỉ tiêu|kế hoạch|KH|mục tiêu|nghị quyết)", text[quantity.end :])
    )


_RATES = frozenset(("percent", "percentage_point"))


def planned_fall(reading: Reading, before: list[Reading], lexicon: Lexicon) -> str:
    """The indicator of the fall whose plan this is: `giảm 83 hộ nghèo (chỉ tiêu 60 hộ)`."""
    quantity, page = reading.quantity, reading.page
    if not is_plan_value(reading):
        return ""
    for fall in reversed(before[-3:]):
        if fall.window.sentence_start != reading.window.sentence_start or fall.base != reading.base:
            continue
        is_same = fall.quantity.unit == quantity.unit or {fall.quantity.unit, quantity.unit} <= _RATES
        if not is_same or not fall.is_change or fall.indicator != lexicon.fall_of.get(fall.base):
            return ""
        between = page.text(fall.quantity.end, quantity.start)
        return "" if re.search(r"(?i)[;:]|\b(?:còn|xuống|dưới|duy trì)\b", between) else fall.indicator
    return ""


_OF_PLAN_AFTER = re.compile(
    r"\s*(?:\(?so(?:\s+với)?\s+|của\s+|theo\s+|trên\s+)?"
    r"(?:KH\b|kế hoạch|chỉ tiêu|dự toán|mục tiêu|nghị quyết|chỉ tiêu kế hoạch)",
    re.I,
)
_OF_PLAN_BEFORE = re.compile(
    r"(?:kế hoạch|chỉ tiêu|KH)\s*(?:năm|được|đề ra|giao|\d|[^\W\d]){0,4}\s*(?:đạt|bằng|là|:)?\s*$", re.I
)
_PLAN_HEAD = re.compile(
    r"(?:%|tỷ lệ|đạt|so sánh).*(?:KH|kế hoạch|chỉ tiêu)|(?:TH|thực hiện)\s*/\s*KH|"
    r"^\s*(?:tỷ lệ\s+)?(?:đạt|hoàn thành)\s*\(?\s*%",
    re.I,
)


def says_share_of_plan(page: Page, quantity: Quantity, window: Window, head: str) -> bool:
    """Whether a per cent sign is of a plan fulfilled (`đạt 100,2% so với kế hoạch`)."""
    text = page.passage.text
    if head:
        return bool(_PLAN_HEAD.search(head))
    left = text[window.left : quantity.start]
    if re.search(r"(?i)\bvượt\s*$", left):
        return False
    if _OF_PLAN_AFTER.match(text, quantity.end):
        return True
    return bool(re.search(r"(?i)\b(?:đạt|bằng|hoàn thành)\s*$", left) and _OF_PLAN_BEFORE.search(left))


def of_plan_votes(
    allowed: list[Vote], links: list[tuple[LinkKind, Reading]], lexicon: Lexicon, catalogue: Catalogue
) -> list[Vote]:
    """What a share of a plan may be: the completion of the plan of what it hangs on, or a rate of that."""
    near = sorted(links, key=lambda item: LINK_WEIGHT[item[0]], reverse=True)
    for kind, other in near:
        code = lexicon.completion_of.get(other.base or other.indicator)
        if code is not None:
            return [Vote(code, link=LINK_WEIGHT[kind] + 0.1, reading=other, kind=kind)]
        rates = [v for v in allowed if other.indicator and catalogue.indicators[v.code].numerator == other.indicator]
        if rates:
            return rates
    return [v for v in allowed if lexicon.wordings[v.code].rate_kind == "plan"] or allowed


def follows_plan(reading: Reading, before: list[Reading]) -> bool:
    """Whether a rate follows a value with its plan: `2.148 lao động/KH 2.500 lao động, đạt 85,92%`."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    if not before or before[-1].quantity.start < window.sentence_start:
        return False
    last = before[-1]
    if not re.fullmatch(
        r"(?i)[\s,;()]*(?:KH|kế hoạch|chỉ tiêu)?[\s,;()]*(?:đạt|bằng|=|tương ứng|tương đương)(?:\s+tỷ lệ)?\s*",
        page.text(last.quantity.end, quantity.start),
    ):
        return False
    return is_plan_value(last) or last.role == "denominator"


# … `/KH 2.500`, `(kế hoạch giao 5.000)`, `so Nghị quyết HĐND huyện giao (3.400)`, `/400 KH`.
_PLAN_BEFORE = re.compile(
    r"(?i)(?:\bKH|kế hoạch|chỉ tiêu)\b[^;,.()]{0,24}\(?\s*$|"
    r"(?:nghị quyết|chỉ tiêu|kế hoạch)[^;,.()]{0,40}\bgiao\s*\(\s*$"
)
_PLAN_AFTER = re.compile(r"\s*(?:KH\b|kế hoạch(?!\s+(?:đạt|số)))")


def is_plan_value(reading: Reading) -> bool:
    """Whether a quantity is the plan that stands beside what was done: `/KH 2.500`, `(kế hoạch giao 5.000)`."""
    start, end = reading.quantity.start, reading.quantity.end
    ahead = reading.page.text(max(reading.window.sentence_start, start - 60), start)
    return bool(_PLAN_BEFORE.search(ahead)) or bool(_PLAN_AFTER.match(reading.page.passage.text, end))


def may_be_change(vote: Vote, near: set[int], lexicon: Lexicon, catalogue: Catalogue) -> bool:
    """A fall's indicator needs a fall: the word before the number, or its own name right beside it."""
    if catalogue.indicators[vote.code].measure_type != "change" or lexicon.wordings[vote.code].needs:
        return True
    fall = lexicon.term("$fall")
    return any(fall not in cue.terms and set(cue.terms) <= near for cue in lexicon.wordings[vote.code].cues)


def take_change(reading: Reading, lexicon: Lexicon) -> None:
    """A fall has an indicator of its own; a rise is a change of the same one."""
    reading.measure = "change"
    indicator = lexicon.catalogue.indicators[reading.indicator]
    if indicator.measure_type == "change":
        reading.base = indicator.numerator
        return
    text = reading.page.text(reading.window.left, reading.quantity.start).lower()
    if "tăng" not in text and "giảm" not in text:
        text = reading.page.text(reading.window.sentence_start, reading.quantity.start).lower()
    if text.rfind("tăng") > text.rfind("giảm") or "giảm" not in text:
        return
    if (code := lexicon.fall_of.get(reading.indicator)) is not None:
        reading.indicator = code
        reading.steps.append(f"a fall of {reading.base}: {code}")
        return
    if reading.page.passage.kind != "row":
        reading.steps.append(f"a fall of {reading.base}, which has no indicator")
        reading.indicator = ""

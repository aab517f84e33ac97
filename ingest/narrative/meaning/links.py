"""On which quantity a quantity hangs: a part on its whole, a sum on the persons counted, a note on its mark."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.narrative.meaning.changes import is_plan_value
from ingest.narrative.meaning.reading import LinkKind, Reading
from ingest.narrative.meaning.windows import (
    TRANSPARENT,
    Page,
    Window,
)
from ingest.narrative.text.lexicon import Lexicon, Mention
from ingest.narrative.text.patterns import Patterns
from ingest.narrative.text.quantities import Quantity
from ingest.narrative.text.segments import Passage

SAYS = Patterns("breakdown")


@dataclass(slots=True)
class NoteAnchor:
    """Where a footnote's mark stands: the page, the offset, and the quantity just before it if there is one."""

    page: Page
    offset: int
    reading: Reading | None
    sentence: list[Reading]


def marked(pages: list[Page]) -> dict[str, tuple[Page, int]]:
    """Where each footnote's mark stands first."""
    marked: dict[str, tuple[Page, int]] = {}
    for page in pages:
        if page.passage.kind != "footnote":
            for offset, number in page.passage.marks:
                marked.setdefault(number, (page, offset))
    return marked


def note_anchor(
    note: Page, marked: dict[str, tuple[Page, int]], readings_of: dict[int, list[Reading]]
) -> NoteAnchor | None:
    """The number that a footnote's mark stands behind."""
    if note.passage.number not in marked:
        return None
    page, offset = marked[note.passage.number]
    readings = readings_of.get(id(page.passage), [])
    sentence = next((s for s in page.passage.sentences if s.start <= offset <= s.end), None)
    before = [r for r in readings if sentence and sentence.start <= r.quantity.start < offset]
    near = before[-1] if before and offset - before[-1].quantity.end <= 25 else None
    if near is None and before and not re.search(r"[;.]", page.text(before[-1].quantity.end, offset)):
        near = before[-1]
    return NoteAnchor(page, offset, near, before)


def lend_anchor_terms(page: Page, anchor: NoteAnchor) -> None:
    """A footnote explains the words before its mark, so they count for it as a lead does."""
    passage = anchor.page.passage
    start = next((s.start for s in passage.sentences if s.start <= anchor.offset <= s.end), 0)
    cut = max(passage.text.rfind(";", start, anchor.offset) + 1, start)
    for mention in anchor.page.mentions.between(start, anchor.offset):
        weight = 0.55 if mention.start >= cut else 0.4
        page.above[mention.term] = max(page.above.get(mention.term, 0.0), weight)


# A quantity hangs on none that stands further back than so many others.
_BEFORE = 40


def links_of(
    reading: Reading,
    before: list[Reading],
    readings_of: dict[int, list[Reading]],
    anchor: NoteAnchor | None,
    lexicon: Lexicon,
) -> list[tuple[LinkKind, Reading]]:
    """The quantities on which this one may hang, each with how."""
    window, quantity, page = reading.window, reading.quantity, reading.page
    links: list[tuple[LinkKind, Reading]] = []
    same = [
        r for r in before[-_BEFORE:]
        if r.quantity.start >= window.sentence_start
        and r.quantity.unit not in TRANSPARENT
        and (r.role == "" or quantity.link or r is before[-1])
        and page.passage.kind != "row"
    ]  # fmt: skip
    if same:
        last = same[-1]
        if quantity.link in ("pair", "ratio", "range"):
            return [("pair", last)]
        between = page.text(last.quantity.end, quantity.start)
        if re.fullmatch(r"[^;.()]{0,60}/\s*", between):
            return [("pair", last)]
        level = [r for r in same if r.window.depth == window.depth and r.window.opener == window.opener]
        if window.opens_bracket:
            is_comparison = re.search(
                r"(?i)(?:so với|so|cùng kỳ|năm trước)[^();]{0,40}\([^()]{0,15}$",
                page.text(window.sentence_start, quantity.start),
            )
            links.append(("pair" if is_comparison else "bracket", same[-1]))
        elif level:
            peer = level[-1]
            is_rate = quantity.unit in ("vnd", "percent", "percentage_point")
            is_apart = ";" in page.text(peer.quantity.end, quantity.start)
            was_rate = peer.quantity.unit in ("vnd", "percent", "percentage_point")
            counted = [r for r in reversed(level) if r.quantity.unit not in ("vnd", "percent", "percentage_point")]
            if is_rate and not (was_rate and peer.quantity.unit == quantity.unit):
                links.append(("apart" if is_apart else "follow", peer))
            elif is_rate:
                links.append(("beside", peer))
            else:
                counts = [r for r in reversed(level) if r.quantity.unit not in ("vnd", "percent", "percentage_point")]
                peer = next((r for r in counts if not is_plan_value(r)), peer)
                links.append((_count_after_count(reading, peer, last, lexicon), peer))
            if is_rate and was_rate and counted and ";" not in page.text(counted[0].quantity.end, quantity.start):
                links.append(("follow", counted[0]))
    wholes = _wholes(reading, same, before, readings_of)
    if wholes:
        reading.wholes = wholes
        links += [("part", r) for r in wholes]
    elif not same and page.passage.kind != "row":
        earlier = [r for r in before[-_BEFORE:] if r.quantity.start < window.sentence_start]
        if earlier and earlier[-1].window.sentence_end >= window.sentence_start - 1:
            first = next(r for r in earlier if r.window.sentence_start == earlier[-1].window.sentence_start)
            links += [("sentence", earlier[-1]), ("sentence", first)]
        links += [("item", r) for r in _lead_readings(page.passage, readings_of)]
    if anchor is not None:
        if anchor.reading is not None:
            if not reading.wholes:
                links += [("footnote", anchor.reading)]
                reading.wholes = [anchor.reading]
        else:
            links += [("beside", r) for r in anchor.sentence[-1:]]
    return links


def _count_after_count(reading: Reading, peer: Reading, last: Reading, lexicon: Lexicon) -> LinkKind:
    """How a count hangs on the count before it; `last` is the quantity that stands right before."""
    between = reading.page.text(last.quantity.end, reading.quantity.start)
    if peer is last and peer.quantity.unit not in ("vnd", "percent") and _FOR.match(between):
        return "for"
    return "series" if _is_series(reading, peer, between, lexicon) else "beside"


_FOR = re.compile(
    r"(?i)(?!.*trong đó)"
    r"(?!.*,\s*(?:tạo|giải quyết|đào tạo|hỗ trợ|cấp|chi|mở|xây|tặng|trao|giới thiệu|đưa)\b)[^;.()]{0,60}"
    r"\b(?:cho|đến|tới|với)\b(?!\s+(?:cuối|hết|nay|năm|ngày|tháng|thời))[^;,.()]{0,24}$"
)


def _is_series(reading: Reading, peer: Reading, between: str, lexicon: Lexicon) -> bool:
    """Whether two counts are items of one enumeration by categories or units: `karaoke 254, massage: 30`."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    wording = lexicon.wordings.get(peer.base or peer.indicator)
    if wording is None or (peer.quantity.unit != quantity.unit and peer.quantity.units and quantity.units):
        return False
    if (
        len(between) > 60
        or re.search(r"(?i)[;.]\s*(?:có|còn)\b", between)
        or not re.search(r"[,;]|\bvà\b", between)
        or re.search(
            r"(?i)\b(?:đã|được|tổ chức|thực hiện|giải quyết|trong đó|tăng|giảm|so với|còn|đạt|hỗ trợ|cấp|tặng|trao)\b",
            between,
        )
    ):
        return False
    has_category = any(
        m.kind == "category" and m.name in wording.lists
        for m in page.mentions.between(window.left, max(window.right, quantity.end))
    )
    return has_category or any(window.left <= start and end <= quantity.start for start, end, _ in page.units)


def _wholes(
    reading: Reading,
    same: list[Reading],
    before: list[Reading],
    readings_of: dict[int, list[Reading]],
) -> list[Reading]:
    """The quantities of which this is a part: those before the nearest `trong đó`."""
    page, window, quantity = reading.page, reading.window, reading.quantity
    marks = [
        m
        for m in page.mentions.marks("parts")
        if window.sentence_start <= m.start and m.end <= quantity.start and _is_open(m, page, quantity)
    ]
    if not marks and (listed := _opens_a_list(reading, same)) is not None:
        return [listed]
    if marks:
        mark = marks[-1]
        group = [r for r in same if r.quantity.end <= mark.start]
        if group:
            depth = min(r.window.depth for r in group[-3:])
            stop = max(
                page.passage.text.rfind(";", window.sentence_start, group[-1].quantity.start), window.sentence_start
            )
            stop = max([stop, *(m.end for m in marks[:-1] if m.end <= group[-1].quantity.start)])
            return [r for r in group if r.quantity.start >= stop and r.window.depth == depth][-4:]
    head = [
        m for m in page.mentions.marks("parts")
        if m.end <= quantity.start and _starts_sentence(m, page.passage)
    ]  # fmt: skip
    if head and not _has_whole(page, window, quantity):
        start = head[-1].start
        group = [r for r in before[-_BEFORE:] if r.quantity.end <= start]
        if group:
            first = group[-1].window.sentence_start
            return [r for r in group if r.window.sentence_start == first and r.window.depth == 0][:4]
        return _lead_readings(page.passage, readings_of)
    lead = page.passage.lead
    if lead is not None and not same and re.search(r"(?i)(trong đó|gồm|cụ thể|như sau)[^.;]{0,20}:?\s*$", lead.text):
        return _lead_readings(page.passage, readings_of)
    return []


def _opens_a_list(reading: Reading, same: list[Reading]) -> Reading | None:
    """The count whose parts a colon lists: `40 học viên: người mù 16 học viên, người dân tộc thiểu số 22 học viên`."""
    text, start = reading.passage.text, reading.quantity.start
    for whole in reversed(same):
        if ";" in text[whole.quantity.end : start]:
            return None
        unit = whole.quantity.unit
        is_alike = bool(unit) and unit == reading.quantity.unit and unit not in ("vnd", "percent", "percentage_point")
        if is_alike and SAYS.list_opens.match(text, whole.quantity.end):
            return whole
    return None


def _is_open(mark: Mention, page: Page, quantity: Quantity) -> bool:
    """Whether a `trong đó` still governs a quantity: not if the bracket it stands in has closed."""
    between = page.text(mark.end, quantity.start)
    if re.search(r"(?i);\s*(?:hiện\s+|toàn \w+\s+)?có\b", between) and not re.match(r"[\s,:]*có\b", between, re.I):
        return False
    return between.count(")") <= between.count("(")


def _starts_sentence(mark: Mention, passage: Passage) -> bool:
    return any(0 <= mark.start - s.start <= 2 for s in passage.sentences)


def _has_whole(page: Page, window: Window, quantity: Quantity) -> bool:
    return any(window.left <= m.start < quantity.start for m in page.mentions.marks("whole")) and window.depth == 0


def _lead_readings(passage: Passage, readings_of: dict[int, list[Reading]]) -> list[Reading]:
    """The quantities of what introduces this passage: the bullet above or the paragraph before the list."""
    for above in (*[p for p in passage.parents if p.rank >= 70 and p.rank < passage.rank], passage.lead):
        if above is None:
            continue
        readings = readings_of.get(id(above), [])
        if readings:
            start = readings[-1].window.sentence_start
            return [r for r in readings if r.window.sentence_start == start and r.window.depth == 0][:4]
    return []

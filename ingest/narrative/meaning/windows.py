"""What stands near a quantity: the words just left and right of it, its clause, its sentence, the titles above.

A wording counts the more the nearer it stands. Nothing here knows indicators.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

from ingest.core.catalogue import Catalogue, Unit
from ingest.narrative.meaning.report_head import ReportContext
from ingest.narrative.meaning.unit_names import named_units
from ingest.narrative.text.lexicon import Lexicon, Mention, Mentions
from ingest.narrative.text.phrases import Tokens, tokenise
from ingest.narrative.text.quantities import Quantity, read_quantities, zeros
from ingest.narrative.text.segments import Passage
from ingest.narrative.text.times import Citation, Time, citations, times

# How much a wording counts by where it stands.
NEAR, CLAUSE, TAIL, SENTENCE, RUN_IN, LEAD, EARLIER = 1.0, 0.55, 0.35, 0.42, 0.55, 0.5, 0.2
TITLES = (0.42, 0.3, 0.22, 0.16, 0.12)
DOCUMENT_TITLE, SUBJECT_TITLE = 0.12, 0.4

_MONEY_HEAD = re.compile(
    r"(?:,?\s*(?:và\s+)?(?:với\s+)?(?:tổng\s+)?(?:kinh phí|số tiền|trị giá|giá trị|số vốn|nguồn vốn|"
    r"mức hỗ trợ)|(?:,|với)\s+tiền)\b",
    re.I,
)
_RATE_HEAD = re.compile(r",?\s*(?:và\s+)?(?:chiếm|đạt|bằng|tương ứng|tương đương|tỷ lệ|tỉ lệ|tăng|giảm|vượt)\b", re.I)
_COMMA = re.compile(r",(?=\s)|\s(?:và|cùng)\s|\s[-–]\s")
_JOINT = re.compile(r"\s(?:với|cho|có|tại|trong đó|gồm|bao gồm|cụ thể)\s", re.I)
_HARD = re.compile(r"[;()|/]|(?<![.…,])\.\s(?=[A-ZĐ])|\s–\s(?=[A-ZĐ])")
_CLOSED_BRACKET = re.compile(r"\([^()]*\)")


def kind_of(quantity: Quantity) -> str:
    """What sort of quantity: `vnd`, `rate` or `count`."""
    if quantity.unit in ("percent", "percentage_point"):
        return "rate"
    return "vnd" if quantity.unit == "vnd" else "count"


# A number of groups or programmes (`4.206 trẻ em thuộc 14 nhóm …`) parts no words from the count before it.
TRANSPARENT = ("item", "programme")


@dataclass(slots=True)
class Window:
    """The surroundings of one quantity as bounds in its passage.

    `left`–`quantity.start` and `quantity.end`–`right` are the words that belong to it; `clause_start`
    and `clause_end` bound its clause, `sentence_start` and `sentence_end` its sentence; `depth` is in
    how many brackets it stands and `opener` where the innermost of them opens. `head` is where the noun
    begins that a count is of, -1 if it is not named.
    """

    left: int
    right: int
    clause_start: int
    clause_end: int
    sentence_start: int
    sentence_end: int
    depth: int = 0
    opener: int = -1
    opens_bracket: bool = False
    head: int = -1


@dataclass(slots=True)
class Page:
    """A passage with everything found in it."""

    passage: Passage
    tokens: Tokens
    mentions: Mentions
    quantities: list[Quantity]
    windows: list[Window]
    times: list[Time]
    citations: list[Citation]
    units: list[tuple[int, int, tuple[Unit, ...]]]
    above: dict[int, float] = field(default_factory=dict)
    subjects: frozenset[str] | None = None
    asides: list[tuple[int, int]] = field(default_factory=list)

    def quantities_between(self, start: int, end: int) -> list[Quantity]:
        """The quantities that begin in a stretch."""
        first = bisect_left(self.quantities, start, key=lambda q: q.start)
        return self.quantities[first : bisect_left(self.quantities, end, key=lambda q: q.start)]

    def next_alike(self, quantity: Quantity) -> int | None:
        """Where the words begin that belong to the next quantity of this one's kind, if one follows.

        Its money and its rates say more about a count; the next count begins something else.
        """
        kind = kind_of(quantity)
        first = bisect_left(self.quantities, quantity.end, key=lambda q: q.start)
        for following, window in zip(self.quantities[first : first + 8], self.windows[first : first + 8], strict=True):
            if kind_of(following) in (kind, "count") and window.left >= quantity.end:
                return window.left
        return None

    def text(self, start: int, end: int) -> str:
        """A stretch of the passage."""
        return self.passage.text[start:end]


def read_page(passage: Passage, context: ReportContext, lexicon: Lexicon, catalogue: Catalogue) -> Page:
    """Finds quantities, wordings, times, cited documents and units in a passage."""
    text = passage.text
    tokens = tokenise(text)
    start = _after_ordinal(passage)
    found, blotted = read_quantities(text, lexicon, start=start, tokens=tokens)
    cited = citations(text)
    year = context.period.year if context.period else None
    named = named_units(text, catalogue, context.day)
    mentions = lexicon.mentions(tokens, [(q.number_end, q.end) for q in found if text[q.end : q.end + 1] in (",", ";")])
    found = sorted([*found, *zeros(text, lexicon, tokens, start)], key=lambda q: q.start)
    if found and found[0].start < passage.title_end:
        passage.title_end = 0
    return Page(
        passage,
        tokens,
        mentions,
        found,
        _windows(passage, blotted, found, mentions),
        times(text, cited, year),
        cited,
        named,
        asides=[pair for s in passage.sentences for pair in _brackets(text, s.start, s.end)] if "(" in text else [],
    )


# No sentence of a report has more brackets open at once.
_DEEPEST = 6
_ORDINAL_HEAD = re.compile(r"^\s*(?:s?tt|số\s*tt|số thứ tự|stt\.?|tt\.?|no\.?)\s*$", re.I)
_ORDINAL_CELL = re.compile(r"^\s*(?:\d{1,2}(?:\.\d{1,2})*|[ivxlc]+|[a-zđ])?[.)]?\s*$", re.I)


def _after_ordinal(passage: Passage) -> int:
    """Where a row's contents begin after a column that only numbers the rows."""
    if passage.kind != "row" or len(passage.cells) < 2:
        return passage.body_start
    start, end = passage.cells[0]
    if not _ORDINAL_CELL.match(passage.text[start:end]):
        return 0
    head = passage.head
    is_ordinal = head is None or not head.cells
    if head is not None and head.cells:
        first = head.text[head.cells[0][0] : head.cells[0][1]]
        is_ordinal = bool(_ORDINAL_HEAD.match(first)) or not first.strip() or bool(_ORDINAL_CELL.match(first))
    return passage.cells[1][0] if is_ordinal else 0


def _windows(passage: Passage, text: str, found: list[Quantity], mentions: Mentions) -> list[Window]:
    if passage.kind == "row":
        return [_row_window(quantity) for quantity in found]
    windows: list[Window] = []
    for sentence in passage.sentences:
        brackets = _brackets(text, sentence.start, sentence.end)
        inside = [index for index, q in enumerate(found) if sentence.start <= q.start < sentence.end]
        previous: Quantity | None = None
        for position, index in enumerate(inside):
            quantity = found[index]
            following = next((found[i] for i in inside[position + 1 :] if found[i].unit not in TRANSPARENT), None)
            left = _left(text, previous, quantity, sentence.start, mentions)
            left = _before_bracket(text, previous, quantity, sentence.start, left)
            right = _right(text, quantity, following, sentence.end, mentions, brackets)
            depth, bracket = _depth(brackets, quantity.start)
            opener = bracket
            opens = bracket >= 0 and (previous is None or previous.start < bracket)
            clause_start = max(text.rfind(";", sentence.start, quantity.start) + 1, sentence.start, bracket + 1)
            clause_end = min(_first(text, ";", quantity.end, sentence.end), sentence.end)
            windows.append(
                Window(
                    left,
                    right,
                    clause_start,
                    clause_end,
                    sentence.start,
                    sentence.end,
                    depth,
                    opener,
                    opens,
                    _head(text, left, quantity.start),
                )
            )
            if quantity.unit not in TRANSPARENT:
                previous = quantity
    for quantity, window, other in zip(found, windows, windows[1:], strict=False):
        if quantity.is_ratio_head:
            window.right = other.right
    return windows


_HEAD_NOUN = re.compile(r"(?:^|(?<!thiểu)[\s,;:(–-])(?:tổng\s+)?(?:số|tỷ lệ|tỉ lệ|mức|tổng)\s+(?=[^\W\d])", re.I)


def _head(text: str, left: int, right: int) -> int:
    """Where the noun begins that a count is of (`Số người tái nghiện trong thời gian …: 01`), -1 if unsaid."""
    heads = list(_HEAD_NOUN.finditer(text, left, right))
    heads = [
        h
        for h in heads
        if not re.search(r"(?i)\b(?:số tiền|số vốn|dân tộc thiểu)\b", text[max(left, h.start() - 9) : h.end() + 5])
    ]
    return heads[-1].end() if heads and not re.search(r"[,;]\s", text[heads[-1].end() : right]) else -1


def _row_window(quantity: Quantity) -> Window:
    return Window(0, quantity.end, 0, quantity.start, 0, quantity.start)


def _first(text: str, sign: str, start: int, end: int) -> int:
    at = text.find(sign, start, end)
    return end if at < 0 else at


_BRACKET = re.compile(r"[()]")


def _brackets(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The bracketed stretches of a sentence; a bracket that is never closed runs to its end."""
    pairs, stack = [], []
    for match in _BRACKET.finditer(text, start, end):
        if match[0] == "(":
            stack.append(match.start())
        elif stack:
            pairs.append((stack.pop(), match.start()))
    pairs.extend((opened, end) for opened in stack[-_DEEPEST:])
    return sorted(pairs)


def _depth(brackets: list[tuple[int, int]], position: int) -> tuple[int, int]:
    """In how many brackets a position lies, and where the innermost opens (-1: in none)."""
    open_at = [start for start, end in brackets if start < position < end]
    return len(open_at), (max(open_at) if open_at else -1)


def _left(text: str, previous: Quantity | None, quantity: Quantity, start: int, mentions: Mentions) -> int:
    """Where the words begin that lead up to a quantity."""
    if previous is None:
        before = _CLOSED_BRACKET.sub(lambda m: "\x00" * len(m[0]), text[start : quantity.start])
        hard = [m.end() for m in re.finditer(r"[;(|]", before)]
        return start + (hard[-1] if hard else 0)
    return _cut(text, previous, quantity, mentions)[1]


def _before_bracket(text: str, previous: Quantity | None, quantity: Quantity, start: int, left: int) -> int:
    """Where the words begin that a bracket with nothing but a number counts: `Nhật Bản (391 người)`."""
    opener = text.rfind("(", start, quantity.start)
    if opener < 0 or not _QUALIFIED.fullmatch(text, opener + 1, quantity.start):
        return left
    if not re.compile(r"\s?\)").match(text, quantity.end) or quantity.unit in ("percent", "percentage_point", "vnd"):
        return left
    first = previous.end if previous is not None else start
    if opener - first < 4:
        return left
    borders = [m.end() for m in re.compile(r"[,;:)]\s|\bvà\s").finditer(text, first, opener)]
    return max([first, *borders])


_QUALIFIED = re.compile(r"\s*(?:gần|hơn|trên|khoảng|dưới)?\s*", re.I)


def _right(
    text: str,
    quantity: Quantity,
    following: Quantity | None,
    end: int,
    mentions: Mentions,
    brackets: list[tuple[int, int]],
) -> int:
    """Where the words end that belong to a quantity on its right."""
    after = quantity.end
    opening = re.compile(r"\s?\(").match(text, after)
    if opening:
        close = next((last for first, last in brackets if first == opening.end() - 1), after)
        if following is None or following.start > close:
            return min(close, end)
        return after
    if following is not None:
        return _cut(text, quantity, following, mentions)[0]
    for stop in re.finditer(r"[;().]|,(?=\s)", text[after:end]):
        at = after + stop.start()
        if stop[0] == "," and (
            _is_coordination(at, mentions) or any(after <= m.start < at for m in mentions.touching(at, at + 1))
        ):
            continue
        if stop[0] == "." and text[at + 1 : at + 2].isalnum():
            continue
        return at
    return end


def _cut(text: str, before: Quantity, after: Quantity, mentions: Mentions) -> tuple[int, int]:
    """Between two quantities: where the words of the first end, and where those of the second begin.

    A bracket that opens and closes between them is no border.
    """
    start, end = before.end, after.start
    between = _CLOSED_BRACKET.sub(lambda m: "\x00" * len(m[0]), text[start:end])
    colon = between.find(": ")
    colon = start + colon if colon >= 0 else end
    hard = list(_HARD.finditer(between))
    if hard:
        first, last = start + hard[0].start(), start + hard[-1].end()
        soft = _soft_border(between[: hard[0].start()], start, after, mentions)
        return min(colon, soft if soft is not None else first), last
    border = _soft_border(between, start, after, mentions)
    if border is not None:
        return min(colon, border), border
    joint = _JOINT.search(between)
    if joint:
        is_for = joint[0].strip().lower() == "cho"
        return min(colon, start + joint.start()), start if is_for else start + joint.start()
    return min(colon, end), start


def _soft_border(between: str, start: int, after: Quantity, mentions: Mentions) -> int | None:
    """The first comma that joins no categories, or the words that lead up to a sum of money or a rate."""
    head = None
    if after.unit == "vnd":
        head = max(_MONEY_HEAD.finditer(between), key=lambda m: m.start(), default=None)
    elif after.unit in ("percent", "percentage_point"):
        head = _RATE_HEAD.search(between)
    borders = [start + head.start()] if head is not None else []
    for comma in _COMMA.finditer(between):
        at = start + comma.start()
        if _is_coordination(at, mentions) or any(start <= m.start < at for m in mentions.touching(at, at + 1)):
            continue
        borders.append(at)
        break
    return min(borders) if borders else None


def _is_coordination(at: int, mentions: Mentions) -> bool:
    """Whether a comma joins two categories of one list (hộ nghèo, hộ cận nghèo) rather than two clauses."""
    before = {m.name for m in mentions.touching(at - 1, at) if m.kind == "category" and 0 <= at - m.end <= 1}
    if not before:
        return False
    return any(m.name in before for m in mentions.between(at + 1, at + 6) if m.kind == "category")


def locality(mention: Mention, quantity: Quantity, window: Window) -> float:
    """How much a wording of the same passage counts for a quantity, 0 for not at all."""
    if mention.start >= quantity.number_end:
        if mention.start < window.right:
            return (
                NEAR if mention.start <= quantity.end + 2 else max(0.7, 0.97 - 0.003 * (mention.start - quantity.end))
            )
        if mention.start < window.clause_end:
            return TAIL
        return 0.15 if mention.start < window.sentence_end else 0.0
    if mention.end <= quantity.start:
        gap = quantity.start - mention.end
        if mention.start >= window.left:
            if (window.head >= 0 and abs(mention.start - window.head) <= 8) or (
                0 <= window.head - mention.start <= 12 and mention.end > window.head
            ):
                return NEAR + 0.08
            return max(0.7, NEAR - 0.0025 * gap - (0.12 if window.head >= 0 and mention.start > window.head else 0.0))
        if mention.start >= window.clause_start:
            return CLAUSE
        if mention.start >= window.sentence_start:
            return SENTENCE
        return EARLIER
    return 0.0


def titles_above(page_of: Callable[[Passage], Page | None], passage: Passage) -> list[tuple[Page, int, int, float]]:
    """The stretches above a passage that lend it their topic: page, start, end and how much they count."""
    found: list[tuple[Page, int, int, float]] = []
    lead = passage.lead
    lead_page = page_of(lead) if lead is not None else None
    if lead is not None and lead_page is not None and lead not in passage.parents:
        last = lead.sentences[-1] if lead.sentences else None
        if last is not None:
            start = lead.sentences[-2].start if len(lead.sentences) > 1 and last.end - last.start < 30 else last.start
            found.append((lead_page, start, len(lead.text), LEAD))
    for depth, parent in enumerate(passage.parents[: len(TITLES)]):
        page = page_of(parent)
        if page is None or not parent.title:
            continue
        end = len(parent.text) if parent.is_heading else parent.title_end
        found.append((page, parent.body_start, end, TITLES[depth]))
    return found

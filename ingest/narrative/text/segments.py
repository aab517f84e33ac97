"""From lines to passages: paragraphs, headings, list items, table rows and footnotes, each with its place.

A passage is a run of clean text: markup and footnote marks are taken out, letters composed, blanks
squeezed, and paragraphs that a page break tore apart are joined again. Every character still knows
the line and column it came from.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

Kind = Literal["paragraph", "item", "row", "footnote"]

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,40}>|[*_`\\]+")
_SUPERSCRIPT = re.compile(r"[⁰¹²³⁴-⁹]+")
_WRITTEN_MARK = re.compile(r"\[\^?(\d{1,3})\]|(?<=[^\W\d_])\((\d{1,2})\)(?=[\s,.;:)]|$)")
# Blanks that are more than the one plain blank between two words.
_BLANKS = re.compile(r"(?:\s|[\u200b\ufeff]){2,}|[^\S ]|[\u200b\ufeff]")
_HEADING_SIGN = re.compile(r"\s*(#{1,6})\s+")
_TABLE_RULE = re.compile(r"[\s|:\-+=]+")
_FOOTNOTE_LABEL = re.compile(r"\s*(?:([⁰¹²³⁴-⁹]{1,3})|\[\^?(\d{1,3})\]:?)\s*")

# What may stand before a heading or a list item, from the outermost to the innermost.
_ENUMERATORS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (10, re.compile(r"(?:phần|chương)\s+(?:thứ\s+)?(?:[ivxlc]+|\d{1,2}|nhất|hai|ba|tư|một)\b[\s.:\-–]*", re.I)),
    (20, re.compile(r"(?=[IVX])(?!V/v)(?:X{0,2})(?:IX|IV|V?I{0,3})\s?[.)/\-–]\s*")),
    (40, re.compile(r"[A-Z]\.\d{1,2}(?:\.\d{1,2})*[a-zđ]?[.)/:]?\s+(?=\D)")),
    (20, re.compile(r"[A-E]\s?[.)/]\s*(?=\S)")),
    (40, re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}\.?\)?\s+(?=\D)")),
    (30, re.compile(r"\d{1,2}\s?[.)/]\s*(?=[^\d\s])|\d{1,2}[.)]\s+(?=\S)|\d{1,2}\s?[-–]\s+(?=[^\W\d])")),
    (50, re.compile(r"\(?[a-zđ]\s?[.)]\s*(?=\S)")),
    (60, re.compile(r"\((?:\d{1,2}|[ivx]{1,4})\)\s*(?=\S)")),
    (70, re.compile(r"[-–—•▪●▫‣]\s*(?=[^\s\d]|\d)")),
    (80, re.compile(r"[+○o◦](?:\s+|(?=[^\W\d]))(?=\S)")),
)
_ENDS = ".:;!?…"
# What follows the list of recipients is signatures, until an appendix or another report begins.
_RECIPIENTS = re.compile(r"nơi nhận\s*:?\s*$|nơi nhận\s*:", re.I)
_APPENDIX = re.compile(
    r"(?:phụ lục|phụ biểu|biểu|bảng|danh mục|báo cáo|phần|chương)\b|[ivx]{1,4}\s*[.)]|[a-e]\s*[.)]\s", re.I
)
_PAGE_NUMBER = re.compile(r"[-–]?\s?\d{1,3}\s?[-–]?")

UNNUMBERED_HEADING_RANK = 15
BULLET_RANK = 70
PARAGRAPH_RANK = 90
ROW_RANK = 100


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line as it came: its place (`L53`, `P12`, `T2!B3`, `N4`, `p3L14`) and its text.

    `kind` tells what the container knows about it: a table's cells carry table and row, a footnote its
    number, a styled heading its level, an automatically numbered paragraph the rank of its numbering.
    `marks` are footnote marks (offset, number) that do not stand in the text itself. `goes_on` says that the line
    before was full, so that this one is its paragraph's next. `doubts` are stretches (start, end) that a machine
    recognised and how sure it is of them, up to 1.
    """

    place: str
    text: str
    kind: Literal["text", "cell", "footnote"] = "text"
    number: str = ""
    row: int = 0
    table: int = 0
    heading: int = 0
    rank: int = 0
    marks: tuple[tuple[int, str], ...] = ()
    goes_on: bool = False
    doubts: tuple[tuple[int, int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence's bounds in its passage."""

    start: int
    end: int


@dataclass(slots=True)
class Passage:
    """A paragraph, heading, list item, table cell or footnote, cleaned.

    `title_end` is where its run-in title ends (0 if it has none); `rank` is how deep its
    enumerator stands; `parents` are the passages it stands under, innermost first; `marks` are
    the footnote marks by the offset at which they stood.
    """

    text: str
    kind: Kind
    rank: int
    pieces: list[tuple[int, int, int]]
    body_start: int = 0
    title_end: int = 0
    parents: tuple[Passage, ...] = ()
    lead: Passage | None = None
    marks: list[tuple[int, str]] = field(default_factory=list)
    number: str = ""
    head: Passage | None = None
    cells: list[tuple[int, int]] = field(default_factory=list)
    is_heading: bool = False
    sentences: list[Sentence] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What this passage says as a heading: its run-in title, or all of a heading's text."""
        if self.is_heading:
            return self.text[self.body_start :]
        return self.text[self.body_start : self.title_end]

    def origin(self, offset: int) -> tuple[int, int]:
        """The line (index into the source) and column of a character."""
        index = bisect_right(self.pieces, offset, key=lambda piece: piece[0]) - 1
        start, line, column = self.pieces[max(index, 0)]
        return line, column + offset - start

    def offset_of(self, column: int) -> int:
        """Where a column of the passage's first line lies in its text."""
        first = self.pieces[0][1]
        offset = 0
        for start, line, at in self.pieces:
            if line == first and at <= column:
                offset = start + column - at
        return min(offset, len(self.text))


@dataclass(frozen=True, slots=True)
class Document:
    """A report in passages. `lines` are the source's; `end` is the passage where its tail begins."""

    lines: tuple[SourceLine, ...]
    passages: tuple[Passage, ...]

    def ref(self, passage: Passage, start: int, end: int) -> str:
        """The place of a span, as `L53:12-30`; only its part on the first line if it runs over two."""
        line, column = passage.origin(start)
        last_line, last_column = passage.origin(end - 1)
        source = self.lines[line]
        if source.kind == "cell":
            return source.place
        if last_line != line:
            last_column = len(source.text.rstrip()) - 1
        return f"{source.place}:{column}-{last_column + 1}"

    def certainty(self, passage: Passage, start: int, end: int) -> float:
        """How sure it is that the words of a span were recognised as they stand on the page; 1 for typed ones."""
        line, column = passage.origin(start)
        last = column + end - start
        doubts = self.lines[line].doubts
        return min((sure for first, stop, sure in doubts if first < last and column < stop), default=1.0)


def lines_of(text: str) -> tuple[SourceLine, ...]:
    """The lines of a plain text; they end at a line feed, a carriage return before it is dropped."""
    return tuple(SourceLine(f"L{n}", line.rstrip("\r")) for n, line in enumerate(text.split("\n"), start=1))


def segment(lines: Iterable[SourceLine]) -> Document:
    """Cuts a report into passages and hangs each under its headings and the list it belongs to."""
    source = tuple(lines)
    passages: list[Passage] = []
    open_text: Passage | None = None
    after_blank = True
    in_recipients = in_note = False
    width = _width(source)
    index = -1
    while index + 1 < len(source):
        index += 1
        line = source[index]
        if not line.text.strip():
            after_blank = True
            continue
        bare = _MARKUP.sub("", line.text).strip(" #-\t")
        if line.kind == "text" and _RECIPIENTS.match(bare):
            in_recipients = True
        if in_recipients and line.kind != "footnote":
            in_recipients = not (_APPENDIX.match(bare) and after_blank)
            if in_recipients:
                after_blank = False
                continue
        if line.kind == "text" and _PAGE_NUMBER.fullmatch(line.text.strip()) and _stands_alone(source, index):
            after_blank = True
            continue
        if _is_table_line(line):
            rows, following = _rows(source, index)
            passages.extend(_row_passages(source, rows))
            index, after_blank = following - 1, True
            continue
        made = _passages_of(index, line)
        if not made:
            continue
        first = made[0]
        if in_note and not after_blank and first.kind == "paragraph":
            # The next line of a footnote that runs over several.
            _append(passages[-1], first)
            continue
        in_note = first.kind == "footnote" and line.kind == "text"
        if line.goes_on and not after_blank and open_text is not None and _may_go_on(open_text, first):
            rest = _clean(index, line.text, 0, len(line.text), "paragraph", PARAGRAPH_RANK, "")
            _append(open_text, rest)
            continue
        if (
            open_text is not None
            and len(open_text.text) < PASSAGE_LIMIT
            and first.kind == "paragraph"
            and _continues(open_text, first, after_blank, width)
        ):
            _append(open_text, first)
        else:
            passages.extend(made)
            if first.kind in ("paragraph", "item"):
                open_text = first
        after_blank = False
    passages = [part for passage in passages for part in _bounded(passage)]
    for passage in passages:
        _finish(passage)
    _hang(passages)
    return Document(source, tuple(passages))


# No paragraph or sentence of a report is as long; what is longer is cut, so that the work stays bounded.
PASSAGE_LIMIT = 12_000
SENTENCE_LIMIT = 4_000


def _bounded(passage: Passage) -> list[Passage]:
    """A passage cut into stretches of bounded length, at blanks."""
    if len(passage.text) <= PASSAGE_LIMIT:
        return [passage]
    parts: list[Passage] = []
    start = 0
    while start < len(passage.text):
        end = min(start + PASSAGE_LIMIT, len(passage.text))
        blank = passage.text.rfind(" ", start + PASSAGE_LIMIT // 2, end) if end < len(passage.text) else -1
        end = blank + 1 if blank > 0 else end
        first = bisect_right(passage.pieces, start, key=lambda piece: piece[0]) - 1
        last = bisect_right(passage.pieces, end - 1, key=lambda piece: piece[0])
        pieces = [(at - start, line, column) for at, line, column in passage.pieces[first:last]]
        _, line, column = passage.pieces[first]
        pieces[0] = (0, line, column + start - passage.pieces[first][0])
        marks = [(at - start, number) for at, number in passage.marks if start <= at < end]
        kind: Kind = "paragraph" if passage.kind == "row" else passage.kind
        rank = PARAGRAPH_RANK if start or passage.kind == "row" else passage.rank
        body = passage.body_start if not start else 0
        parts.append(
            Passage(passage.text[start:end], kind, rank, pieces, body_start=body, marks=marks, number=passage.number)
        )
        start = end
    return parts


def _stands_alone(source: tuple[SourceLine, ...], index: int) -> bool:
    """Whether a line stands between blank lines or at a page's edge, as a page number does."""
    page = source[index].place.split("L")[0]
    before = source[index - 1] if index else None
    after = source[index + 1] if index + 1 < len(source) else None
    return all(
        other is None or not other.text.strip() or other.place.split("L")[0] != page for other in (before, after)
    ) or (
        bool(page)
        and (before is None or after is None or page not in (before.place.split("L")[0], after.place.split("L")[0]))
    )


def _passages_of(index: int, line: SourceLine) -> list[Passage]:
    if line.kind == "footnote":
        return [_clean(index, line.text, 0, len(line.text), "footnote", PARAGRAPH_RANK, line.number)]
    text = line.text
    label = _FOOTNOTE_LABEL.match(text)
    if label and label.end() < len(text):
        number = (label[1] or label[2]).translate(SUPERSCRIPTS)
        return [_clean(index, text, label.end(), len(text), "footnote", PARAGRAPH_RANK, number)]
    sign = _HEADING_SIGN.match(text)
    start = sign.end() if sign else 0
    passage = _clean(index, text, start, len(text), "paragraph", PARAGRAPH_RANK, "")
    if not passage.text:
        return []
    for rank, pattern in _ENUMERATORS:
        match = pattern.match(passage.text)
        if match:
            passage.rank, passage.kind, passage.body_start = rank, "item", match.end()
            break
    if line.rank and passage.kind == "paragraph":
        passage.rank, passage.kind = line.rank, "item"
    for offset, number in line.marks:
        passage.marks.append((passage.offset_of(offset), number))
    passage.is_heading = bool(sign or line.heading)
    return [passage]


def _rows(source: tuple[SourceLine, ...], index: int) -> tuple[list[list[tuple[int, int, int]]], int]:
    """The table that begins at a line: its rows of cells (line, start, end), and the line after it."""
    rows: list[list[tuple[int, int, int]]] = []
    first = source[index]
    if first.kind == "cell":
        while index < len(source) and source[index].kind == "cell" and source[index].table == first.table:
            if not rows or source[index].row != source[index - 1].row:
                rows.append([])
            rows[-1].append((index, 0, len(source[index].text)))
            index += 1
        return rows, index
    width = 0
    while index < len(source):
        text = source[index].text
        if not text.strip():
            index += 1
            continue
        if not _is_table_line(source[index]):
            break
        bars = [m.start() for m in re.finditer(r"\|", text)]
        if not text.lstrip().startswith("|"):
            bars.insert(0, -1)
        if len(text.rstrip()) > bars[-1] + 1:
            bars.append(len(text))
        cells = [(index, left + 1, right) for left, right in pairwise(bars)]
        if not _TABLE_RULE.fullmatch(text):
            if width and len(cells) != width:
                break
            width = len(cells)
            rows.append(cells)
        index += 1
    return rows, index


def _is_table_line(line: SourceLine) -> bool:
    if line.kind == "cell" or (line.text.lstrip().startswith("|") and line.text.count("|") >= 2):
        return True
    return line.kind == "text" and len(_INNER_BAR.findall(line.text)) >= 2 and len(line.text) < 300


_INNER_BAR = re.compile(r"(?<=\S)\s+\|(?=\s)|(?<=\|)\s+\|(?=\s)")


def _row_passages(source: tuple[SourceLine, ...], rows: list[list[tuple[int, int, int]]]) -> list[Passage]:
    """A passage for each row: its cells with bars between; all but the head row know their columns' heads."""
    made: list[Passage] = []
    for row in rows:
        passage = Passage("", "row", ROW_RANK, [])
        for column, (line, start, end) in enumerate(row):
            cell = _clean(line, source[line].text, start, end, "row", ROW_RANK, "")
            if column:
                passage.pieces.append((len(passage.text), line, start))
                passage.text += " | "
            shift = len(passage.text)
            passage.cells.append((shift, shift + len(cell.text)))
            passage.text += cell.text
            passage.pieces.extend((at + shift, place, col) for at, place, col in cell.pieces)
            passage.marks.extend((at + shift, number) for at, number in cell.marks)
        if made:
            passage.head = made[0]
        made.append(passage)
    return made


def _clean(index: int, raw: str, start: int, end: int, kind: Kind, rank: int, number: str) -> Passage:
    """Takes out markup and marks, squeezes blanks, composes letters, and keeps every character's column."""
    text: list[str] = []
    pieces: list[tuple[int, int, int]] = []
    marks: list[tuple[int, str]] = []
    length = 0

    def put(chunk: str, column: int) -> None:
        nonlocal length
        text.append(chunk)
        pieces.append((length, index, column))
        length += len(chunk)

    def put_words(chunk: str, column: int) -> None:
        for position, part in _composed(chunk):
            last = 0
            for blank in _BLANKS.finditer(part):
                put_run(part[last : blank.start()], column + position + last)
                put_run(" ", column + position + blank.start())
                last = blank.end()
            put_run(part[last:], column + position + last)

    def put_run(run: str, column: int) -> None:
        """Puts words with plain blanks between; no blank follows another, none begins the text."""
        if run[:1] == " " and (not length or text[-1][-1] == " "):
            run, column = run[1:], column + 1
        if run:
            put(run, column)

    position = start
    for found in _special(raw, start, end):
        put_words(raw[position : found.start()], position)
        if found[0][0] not in "<*_`\\":
            digits = next((g for g in found.groups() if g), found[0]) if found.groups() else found[0]
            marks.append((length, digits.translate(SUPERSCRIPTS)))
        position = found.end()
    put_words(raw[position:end], position)
    joined = "".join(text)
    kept = joined.rstrip()
    return Passage(kept, kind, rank, pieces or [(0, index, start)], marks=marks, number=number)


def _special(raw: str, start: int, end: int) -> list[re.Match[str]]:
    """Markup and footnote marks in order, without overlaps."""
    found = sorted(
        (m for p in (_MARKUP, _SUPERSCRIPT, _WRITTEN_MARK) for m in p.finditer(raw, start, end)),
        key=lambda m: m.start(),
    )
    kept: list[re.Match[str]] = []
    for match in found:
        if not kept or match.start() >= kept[-1].end():
            kept.append(match)
    return kept


def _composed(chunk: str) -> list[tuple[int, str]]:
    """The text in composed letters (NFC) with the source offset of each part."""
    if unicodedata.is_normalized("NFC", chunk):
        return [(0, chunk)] if chunk else []
    parts: list[tuple[int, str]] = []
    start = 0
    for position in range(1, len(chunk) + 1):
        if position == len(chunk) or not unicodedata.combining(chunk[position]):
            parts.append((start, unicodedata.normalize("NFC", chunk[start:position])))
            start = position
    return parts


# A line that ends sooner was ended by its writer, not by the page's width: a letterhead, an item.
_SHORT_LINE = 45
# A page of text has no wider lines.
_WIDEST = 130


def _width(source: Sequence[SourceLine]) -> int:
    """How long a line is that the page's width broke; 0 if whole paragraphs stand on a line."""
    lengths = sorted(len(line.text) for line in source if line.kind == "text" and len(line.text) > _SHORT_LINE)
    width = lengths[len(lengths) * 9 // 10] if lengths else 0
    return width if width <= _WIDEST else 0


# A date or an hour on a line of its own is when a page was written.
_DATE_ALONE = re.compile(r"[\W_]*(?:\d{1,2}\s?[/.:-]\s?)+\d{2,4}(?:[\s,|-]+\d{1,2}\s?[:h]\s?\d{2})?[\W_]*")


def _continues(before: Passage, after: Passage, after_blank: bool, width: int) -> bool:
    """Whether a paragraph is the rest of the one before, torn off by a page's or a line's end."""
    if before.is_heading or after.is_heading or not after.text or _DATE_ALONE.fullmatch(after.text):
        return False
    end, first = before.text[-1:], after.text[0]
    if after_blank:
        return end not in _ENDS and (first.islower() or end == "," or (first.isdigit() and end not in ')”"'))
    if first.islower() or end == ",":
        return True
    return end not in _ENDS and width > 0 and _last_line(before) >= max(_SHORT_LINE, width * 7 // 10)


def _last_line(passage: Passage) -> int:
    """How many characters of a passage its last line holds."""
    last = passage.pieces[-1][1]
    return len(passage.text) - next(start for start, line, _ in passage.pieces if line == last)


def _may_go_on(before: Passage, after: Passage) -> bool:
    """Whether a line may be the next of a paragraph: a sentence's end and then a list's mark are a new item."""
    if after.kind == "footnote" or before.is_heading or len(before.text) >= PASSAGE_LIMIT:
        return False
    return after.kind == "paragraph" or before.text[-1:] not in (*_ENDS, ";")


def _append(before: Passage, after: Passage) -> None:
    joint = 0 if before.text.endswith(("-", "/")) and not before.text.endswith(" -") else 1
    shift = len(before.text) + joint
    if joint:
        line, column = before.origin(len(before.text) - 1)
        before.pieces.append((len(before.text), line, column + 1))
    before.text += " " * joint + after.text
    before.pieces.extend((start + shift, line, column) for start, line, column in after.pieces)
    before.marks.extend((offset + shift, number) for offset, number in after.marks)


_SENTENCE_END = re.compile(r"(?:[!?…]+|\.{3,}|(?<!\d)\.|(?<=\d)\.(?=\s+[^\W\d]))\s+(?=[\"“(\[]?(?:[^\W\d_]|\d))")
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:tp|tx|tt|ts|gs|pgs|ths|bs|đ/c|v\.v|đt)\.$", re.I)


def _finish(passage: Passage) -> None:
    """Finds the sentences and the run-in title of a passage."""
    text, start = passage.text, passage.body_start
    for match in _SENTENCE_END.finditer(text, start):
        before = text[start : match.end()].rstrip()
        following = text[match.end() : match.end() + 1]
        if _ABBREVIATION.search(before) or (following.islower() and before.endswith((".", "…"))):
            continue
        passage.sentences.append(Sentence(start, match.end()))
        start = match.end()
    passage.sentences.append(Sentence(start, len(text)))
    passage.sentences = [part for sentence in passage.sentences for part in _cut_sentence(sentence, text)]
    if passage.kind in ("paragraph", "item"):
        passage.title_end = _title_end(passage)
        if not passage.is_heading:
            passage.is_heading = _looks_like_heading(passage)


def _cut_sentence(sentence: Sentence, text: str) -> list[Sentence]:
    parts = []
    start = sentence.start
    while sentence.end - start > SENTENCE_LIMIT:
        blank = text.rfind(" ", start + SENTENCE_LIMIT // 2, start + SENTENCE_LIMIT)
        end = blank + 1 if blank > 0 else start + SENTENCE_LIMIT
        parts.append(Sentence(start, end))
        start = end
    return [*parts, Sentence(start, sentence.end)]


_TITLE_MAX = 160


def _title_end(passage: Passage) -> int:
    """Where a run-in title ends: at the first colon near the start, with no figure before it."""
    colon = passage.text.find(":", passage.body_start, passage.body_start + _TITLE_MAX)
    if colon < 0:
        return 0
    return colon + 1


def _looks_like_heading(passage: Passage) -> bool:
    text = passage.text[passage.body_start :]
    if not text or len(text) > 220:
        return False
    letters = [c for c in text if c.isalpha()]
    if len(letters) > 3 and sum(c.isupper() for c in letters) > 0.8 * len(letters):
        return True
    if passage.rank < BULLET_RANK:
        return text[-1] == ":" or (len(text) <= 160 and text[-1] not in ".;,")
    return False


def _hang(passages: list[Passage]) -> None:
    """Gives each passage what it stands under: outline headings, a list's lead, a topic's bullet."""
    stack: list[Passage] = []
    lead: Passage | None = None
    for passage in passages:
        if passage.kind in ("row", "footnote"):
            passage.parents = tuple(reversed(stack))
            passage.lead = lead if passage.kind == "row" else None
            continue
        if passage.is_heading and passage.rank == PARAGRAPH_RANK:
            passage.rank = UNNUMBERED_HEADING_RANK
        if passage.rank < PARAGRAPH_RANK:
            while stack and stack[-1].rank >= passage.rank:
                stack.pop()
        else:
            while stack and stack[-1].rank >= BULLET_RANK and not _opens_topic(stack[-1]):
                stack.pop()
        passage.parents = tuple(reversed(stack))
        if BULLET_RANK <= passage.rank < PARAGRAPH_RANK:
            passage.lead = lead
        else:
            passage.lead = lead if _is_part_list(passage) else None
            lead = passage
        if passage.rank < PARAGRAPH_RANK:
            stack.append(passage)


def _opens_topic(bullet: Passage) -> bool:
    """Whether a bullet is the first paragraph of a topic rather than one of a list's short items."""
    return bullet.title_end > 0 and len(bullet.text) > 200


def _is_part_list(passage: Passage) -> bool:
    return passage.text[passage.body_start :].lower().startswith(("trong đó", "cụ thể", "bao gồm", "gồm"))

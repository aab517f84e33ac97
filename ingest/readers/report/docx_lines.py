"""Word documents as lines with their places: paragraphs `P12`, table cells `T2!B3`, footnotes `N4`.

Reads the parts of the package directly: bounded in size before anything is unpacked, and with a parser
that refuses entities and external references (ECMA-376, WordprocessingML).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from ingest.narrative.text.segments import SourceLine
from ingest.readers.unreadable import BROKEN_ZIP, UnreadableDocumentError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

# Word's XML is some fifty times its text; a report of 2,000 pages stays below.
PART_LIMIT = 96 * 1024 * 1024
RATIO_LIMIT = 200

# How deep a numbered paragraph stands, by the kind of its numbering (see `segments`).
_NUMBER_RANKS = {
    "upperRoman": 20,
    "upperLetter": 20,
    "decimal": 30,
    "decimalZero": 30,
    "lowerLetter": 50,
    "lowerRoman": 60,
}
_BULLET_RANK = 70


@dataclass(slots=True)
class _Reader:
    """The state of one walk through a document."""

    numbering: dict[tuple[str, str], str]
    headings: dict[str, int]
    notes: dict[str, str]
    paragraphs: int = 0
    tables: int = 0
    order: list[str] = field(default_factory=list)
    told: int = 0

    def new_notes(self) -> Iterator[SourceLine]:
        """The notes whose marks were met since the last call: they belong to the section they are marked in."""
        for number, key in enumerate(self.order[self.told :], start=self.told + 1):
            text = self.notes.get(key, "")
            if text.strip():
                yield SourceLine(f"N{number}", text, "footnote", number=str(number))
        self.told = len(self.order)


def docx_lines(data: bytes) -> list[SourceLine]:
    """The lines of a .docx in reading order, footnotes after what they are marked in, blank lines between paragraphs.

    Raises:
        UnreadableDocumentError: it is broken, too large unpacked, or holds a DTD or entities.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            body = _part(archive, "word/document.xml")
            notes = _part(archive, "word/footnotes.xml")
            ends = _part(archive, "word/endnotes.xml")
            numbering = _part(archive, "word/numbering.xml")
            styles = _part(archive, "word/styles.xml")
    except UnreadableDocumentError:
        raise
    except BROKEN_ZIP as problem:
        raise UnreadableDocumentError("broken") from problem
    if body is None:
        raise UnreadableDocumentError("broken")
    texts = {**_notes(notes, "footnote"), **_notes(ends, "endnote")}
    reader = _Reader(_numbering(numbering), _headings(styles), texts)
    content = body.find(f"{_W}body")
    return list(_blocks(content, reader)) if content is not None else []


def _part(archive: zipfile.ZipFile, name: str) -> Element | None:
    try:
        info = archive.getinfo(name)
    except KeyError:
        return None
    if info.file_size > PART_LIMIT or info.file_size > RATIO_LIMIT * max(info.compress_size, 4096):
        raise UnreadableDocumentError("too large once unpacked")
    with archive.open(info) as handle:
        content = handle.read(PART_LIMIT + 1)
    if len(content) > PART_LIMIT:
        raise UnreadableDocumentError("too large once unpacked")
    try:
        return fromstring(content, forbid_dtd=True)  # type: ignore[no-any-return]
    except DefusedXmlException as problem:
        raise UnreadableDocumentError("it declares entities") from problem
    except ParseError as problem:
        raise UnreadableDocumentError("broken") from problem


def _notes(part: Element | None, name: str) -> dict[str, str]:
    """The text of each foot- or endnote by its id; separators are none."""
    found: dict[str, str] = {}
    for note in part.iter(f"{_W}{name}") if part is not None else ():
        if note.get(f"{_W}type") in (None, "normal"):
            texts = ("".join(text for text, _ in _runs(p)) for p in note.iter(f"{_W}p"))
            found[f"{name}{note.get(f'{_W}id')}"] = " ".join(texts)
    return found


def _numbering(part: Element | None) -> dict[tuple[str, str], str]:
    """The number format of each (list, level)."""
    if part is None:
        return {}
    formats: dict[tuple[str, str], str] = {}
    for abstract in part.iter(f"{_W}abstractNum"):
        for level in abstract.iter(f"{_W}lvl"):
            form = level.find(f"{_W}numFmt")
            key = (abstract.get(f"{_W}abstractNumId", ""), level.get(f"{_W}ilvl", "0"))
            formats[key] = form.get(f"{_W}val", "") if form is not None else ""
    found = {}
    for num in part.iter(f"{_W}num"):
        link = num.find(f"{_W}abstractNumId")
        for (abstract_id, depth), written in formats.items():
            if link is not None and link.get(f"{_W}val") == abstract_id:
                found[num.get(f"{_W}numId", ""), depth] = written
    return found


def _headings(part: Element | None) -> dict[str, int]:
    """The outline level of each heading style, from 1."""
    found: dict[str, int] = {}
    for style in part.iter(f"{_W}style") if part is not None else ():
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        if outline is not None:
            found[style.get(f"{_W}styleId", "")] = _number(outline.get(f"{_W}val")) + 1
    return found


def _blocks(container: Element, reader: _Reader) -> Iterator[SourceLine]:
    for child in container:
        if child.tag == f"{_W}p":
            reader.paragraphs += 1
            yield _paragraph(child, f"P{reader.paragraphs}", reader)
            yield from reader.new_notes()
            yield SourceLine("", "")
        elif child.tag == f"{_W}tbl":
            reader.tables += 1
            yield from _table(child, reader.tables, reader)
            yield from reader.new_notes()
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml", f"{_W}smartTag"):
            yield from _blocks(child, reader)


def _paragraph(paragraph: Element, place: str, reader: _Reader) -> SourceLine:
    text, marks = _text(paragraph, reader)
    heading, rank = 0, 0
    properties = paragraph.find(f"{_W}pPr")
    if properties is not None:
        style = properties.find(f"{_W}pStyle")
        heading = reader.headings.get(style.get(f"{_W}val", ""), 0) if style is not None else 0
        rank = _rank(properties, reader)
    return SourceLine(place, text, heading=heading, rank=rank, marks=marks)


def _rank(properties: Element, reader: _Reader) -> int:
    number = properties.find(f"{_W}numPr/{_W}numId")
    level = properties.find(f"{_W}numPr/{_W}ilvl")
    if number is None or number.get(f"{_W}val") in (None, "0"):
        return 0
    depth = level.get(f"{_W}val", "0") if level is not None else "0"
    form = reader.numbering.get((number.get(f"{_W}val", ""), depth), "bullet")
    return _NUMBER_RANKS.get(form, _BULLET_RANK) + min(_number(depth), 9)


def _text(paragraph: Element, reader: _Reader) -> tuple[str, tuple[tuple[int, str], ...]]:
    parts: list[str] = []
    marks: list[tuple[int, str]] = []
    length = 0
    for text, note in _runs(paragraph):
        if note:
            if note not in reader.order:
                reader.order.append(note)
            marks.append((length, str(reader.order.index(note) + 1)))
        parts.append(text)
        length += len(text)
    return "".join(parts), tuple(marks)


def _runs(element: Element) -> Iterator[tuple[str, str]]:
    """The visible text of a paragraph piece by piece; the second is the id of a foot- or endnote's mark."""
    for child in element:
        name = child.tag.removeprefix(_W)
        if name == "t":
            yield child.text or "", ""
        elif name in ("tab", "br", "cr"):
            yield " ", ""
        elif name == "txbxContent":
            # A text box: paragraphs of their own, in the midst of the one it is anchored in.
            for inner in child.iter(f"{_W}p"):
                yield " ", ""
                yield from _runs(inner)
            yield " ", ""
        elif name == "noBreakHyphen":
            yield "-", ""
        elif name in ("footnoteReference", "endnoteReference"):
            yield "", f"{name.removesuffix('Reference')}{child.get(f'{_W}id')}"
        elif name not in ("del", "pPr", "rPr", "instrText", "moveFrom") and child.tag != _FALLBACK:
            yield from _runs(child)


def _table(table: Element, number: int, reader: _Reader) -> Iterator[SourceLine]:
    wrappers = (f"{_W}sdt/{_W}sdtContent/{_W}tr", f"{_W}ins/{_W}tr", f"{_W}tr")
    own = {id(row) for path in wrappers for row in table.findall(path)}
    for row_number, row in enumerate((row for row in table.iter(f"{_W}tr") if id(row) in own), start=1):
        column = 0
        for cell in row.findall(f"{_W}tc") + row.findall(f"{_W}sdt/{_W}sdtContent/{_W}tc"):
            texts = [_text(p, reader)[0] for p in cell.iter(f"{_W}p")]
            place = f"T{number}!{_letters(column)}{row_number}"
            yield SourceLine(place, " ".join(t for t in texts if t), "cell", row=row_number, table=number)
            span = cell.find(f"{_W}tcPr/{_W}gridSpan")
            column += max(_number(span.get(f"{_W}val")), 1) if span is not None else 1


def _number(text: str | None) -> int:
    """A count of a document; 0 where it is none, or more than any document has."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 6 else 0


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters

"""From a document's bytes to lines that know their places: .docx, .pdf with text, plain text.

Places: `P12` a paragraph and `T2!B3` a table's cell in a document, `N4` one of its footnotes,
`p3L14` a line of a PDF's page, `L53` a line of a text.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import docx
import pypdfium2  # type: ignore[import-untyped]
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree  # type: ignore[import-untyped]

from ingest.narrative.segments import SourceLine, lines_of
from ingest.text import squeeze

# A report of 200 pages unpacks to about 5 MB; what goes far beyond is made to fill the memory.
UNPACKED_LIMIT_BYTES = 60 * 1024 * 1024
PAGES_LIMIT = 1000
_HEADING = re.compile(r"(?:heading|tiêu đề|đề mục)\s*(\d)", re.IGNORECASE)
# Entities are never resolved: a report needs none, and they can name files or grow without end.
_XML_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


class UnreadableDocumentError(ValueError):
    """The document cannot be opened; the message says why, without quoting it."""


class ScannedDocumentError(ValueError):
    """The PDF holds pictures of pages and no text."""


def document_lines(data: bytes) -> tuple[SourceLine, ...]:
    """The lines of whatever kind of report the bytes are.

    Raises:
        UnreadableDocumentError: broken, locked, too large once unpacked, or in no Unicode encoding.
        ScannedDocumentError: a PDF without text.
    """
    if data.startswith(b"PK\x03\x04"):
        return tuple(_docx_lines(data))
    if data.lstrip()[:5] == b"%PDF-":
        return tuple(_pdf_lines(data))
    return lines_of(_decoded(data))


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableDocumentError("not Unicode") from None


def _docx_lines(data: bytes) -> Iterator[SourceLine]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_LIMIT_BYTES:
                raise UnreadableDocumentError("too large once unpacked")
        document = docx.Document(io.BytesIO(data))
    except UnreadableDocumentError:
        raise
    except Exception as problem:  # noqa: BLE001 - python-docx raises whatever its parts raise for a broken file
        raise UnreadableDocumentError(type(problem).__name__) from None
    paragraphs = tables = 0
    for element in document.element.body.iterchildren():
        if element.tag == qn("w:p"):
            paragraphs += 1
            paragraph = Paragraph(element, document)
            yield SourceLine(f"P{paragraphs}", _one_line(paragraph.text), heading=_heading(paragraph))
        elif element.tag == qn("w:tbl"):
            tables += 1
            yield from _table_lines(Table(element, document), tables)
    yield from _footnote_lines(document)


def _heading(paragraph: Paragraph) -> int:
    match = _HEADING.search(paragraph.style.name or "") if paragraph.style is not None else None
    return int(match[1]) if match else 0


def _table_lines(table: Table, number: int) -> Iterator[SourceLine]:
    seen = set()
    for row, cells in enumerate(table.rows, start=1):
        for column, cell in enumerate(cells.cells):
            # A merged cell is given once for each place that it covers.
            if cell._tc in seen:
                continue
            seen.add(cell._tc)
            text = _one_line(" ".join(paragraph.text for paragraph in cell.paragraphs))
            place = f"T{number}!{_letters(column)}{row}"
            yield SourceLine(place, text, kind="cell", row=row, table=number)


def _footnote_lines(document: Document) -> Iterator[SourceLine]:
    try:
        part = document.part.part_related_by(RELATIONSHIP_TYPE.FOOTNOTES)
    except KeyError:
        return
    root = etree.fromstring(part.blob, _XML_PARSER)
    # Word keeps the lines that separate footnotes from the text as footnotes of a type of their own.
    notes = [note for note in root.iter(qn("w:footnote")) if note.get(qn("w:type")) is None]
    for number, note in enumerate(notes, start=1):
        text = "".join(piece.text or "" for piece in note.iter(qn("w:t")))
        yield SourceLine(f"N{number}", _one_line(text), kind="footnote", number=str(number))


def _pdf_lines(data: bytes) -> Iterator[SourceLine]:
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        raise UnreadableDocumentError("locked or broken") from None
    with pdf:
        if len(pdf) > PAGES_LIMIT:
            raise UnreadableDocumentError(f"more than {PAGES_LIMIT} pages")
        pages = [pdf[index].get_textpage().get_text_bounded() for index in range(len(pdf))]
    if not any(squeeze(page) for page in pages):
        raise ScannedDocumentError
    for page, text in enumerate(pages, start=1):
        for line, words in enumerate(text.splitlines(), start=1):
            yield SourceLine(f"p{page}L{line}", _one_line(words))


def _one_line(text: str) -> str:
    """Breaks inside a paragraph become blanks, one for one, so that offsets stay."""
    return re.sub(r"[\n\r\t\v\f\u2028\u00a0]", " ", text)


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters

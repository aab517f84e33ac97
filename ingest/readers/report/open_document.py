"""From a report's bytes to lines that know their places: .docx, .pdf, plain text.

Places: `P12` a paragraph and `T2!B3` a table's cell in a document, `N4` one of its footnotes,
`p3L14` a line of a PDF's page, `L53` a line of a text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from charset_normalizer import from_bytes

from ingest.narrative.text.lexicon import load_lexicon
from ingest.narrative.text.segments import SourceLine, lines_of
from ingest.readers.encodings import DECODERS, WORD, legacy_encoding
from ingest.readers.report.docx_lines import docx_lines
from ingest.readers.report.pdf_lines import BLANK, can_ocr, ocr_lines, pdf_lines
from ingest.readers.unreadable import ScannedDocumentError, UnreadableDocumentError

# Broken characters up to this share are a slip in a text, beyond it a wrong encoding.
_BROKEN_SHARE = 0.005
_SAMPLE_LINES = 400
# Fewer letters than these on all pages of a scan are specks.
_LEAST_LETTERS = 40
_PAGE = re.compile(r"p(\d+)L")


@dataclass(frozen=True, slots=True)
class Opened:
    """A report's lines, and how they were come by.

    Converted from `encoding`; `broken` characters; `recognised` off pictures of these pages; `unread` are pages that
    show a picture and were not read.
    """

    lines: Sequence[SourceLine]
    encoding: str = ""
    broken: int = 0
    recognised: Sequence[int] = ()
    unread: Sequence[int] = ()


def document_lines(data: bytes) -> tuple[SourceLine, ...]:
    """The lines of whatever kind of report the bytes are; raises as `open_document` does."""
    return tuple(open_document(data).lines)


def open_document(data: bytes) -> Opened:
    """Opens whatever kind of report the bytes are.

    Raises:
        UnreadableDocumentError: broken, locked, hostile, too large once unpacked, or in no known encoding.
        ScannedDocumentError: a PDF without text, and no tesseract to read its pages.
    """
    if data.startswith(b"PK\x03\x04"):
        return _unicode(docx_lines(data))
    if data.lstrip()[:5] == b"%PDF-":
        return _open_pdf(data)
    return _open_text(data)


def _open_pdf(data: bytes) -> Opened:
    lines, pictures = pdf_lines(data)
    if not pictures:
        return _unicode(lines)
    has_text = any(line.text.strip() for line in lines)
    if not can_ocr():
        if not has_text:
            raise ScannedDocumentError
        return replace(_unicode(lines), unread=pictures)
    read, unread = ocr_lines(data, pictures)
    if not has_text and sum(c.isalpha() for line in read for c in line.text) < _LEAST_LETTERS:
        raise ScannedDocumentError
    typed = _unicode(lines)
    pages = _by_page(typed.lines)
    pages.update({number: made for number, made in _by_page(read).items() if made})
    together = [line for number in sorted(pages) for line in (*pages[number], BLANK)]
    return replace(typed, lines=together, recognised=[n for n in pictures if n not in unread], unread=unread)


def _by_page(lines: Iterable[SourceLine]) -> dict[int, list[SourceLine]]:
    """Lines by the page they are read with: their own, or the page before for what hangs over."""
    pages: dict[int, list[SourceLine]] = defaultdict(list)
    page = 1
    for line in lines:
        if match := _PAGE.match(line.place):
            page = max(page, int(match[1]))
        pages[page].append(line)
    return pages


def _open_text(data: bytes) -> Opened:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
    else:
        text = data.decode("utf-8-sig", errors="replace")
    broken = text.count("\ufffd")
    if broken <= len(text) * _BROKEN_SHARE:
        opened = _unicode(lines_of(text))
        return replace(opened, broken=broken)
    # Not UTF-8: letters of an old Vietnamese font, or of a code page.
    opened = _unicode(lines_of(data.decode("cp1252", errors="replace")))
    if opened.encoding:
        return opened
    best = from_bytes(data[:100_000], cp_isolation=["cp1258", "utf_16_le", "utf_16_be"]).best()
    lines = lines_of(data.decode(best.encoding, errors="replace")) if best is not None else ()
    if best is None or not _makes_sense(lines):
        raise UnreadableDocumentError("not Unicode")
    return Opened(lines, encoding=best.encoding)


def _unicode(lines: Sequence[SourceLine]) -> Opened:
    """Lines typed in a font of before Unicode (TCVN3, VNI) or misread, converted where that makes sense of them."""
    encoding = legacy_encoding((line.text for line in lines[:_SAMPLE_LINES]), load_lexicon().vocabulary)
    if encoding is None:
        return Opened(lines)
    decode = DECODERS[encoding]
    return Opened([replace(line, text=decode(line.text)) for line in lines], encoding=encoding)


def _makes_sense(lines: Sequence[SourceLine]) -> bool:
    vocabulary = load_lexicon().vocabulary
    words = [word.lower() for line in lines[:_SAMPLE_LINES] for word in WORD.findall(line.text)]
    return len(words) >= 10 and sum(word in vocabulary for word in words) >= len(words) * 0.4

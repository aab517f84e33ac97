"""PDF as lines with their places, `p3L14`: its text where it has any, else what tesseract reads, where installed."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from pathlib import Path

import pypdfium2 as pdfium  # type: ignore[import-untyped]

from ingest.narrative.segments import SourceLine
from ingest.readers.unreadable import UnreadableDocumentError

PAGE_LIMIT = 400
TEXT_LIMIT = 2 * 1024 * 1024
# A page with fewer letters than this is a picture.
_LETTERS_OF_A_PAGE = 40
_OCR_PAGES = 60
_OCR_SECONDS_A_PAGE = 60


def pdf_lines(data: bytes) -> tuple[list[SourceLine], bool]:
    """The lines of a PDF's text, and whether it is a scan: pages without text.

    Raises:
        UnreadableDocumentError: it is broken, locked by a password, or has too many pages or too much text.
    """
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as problem:
        raise UnreadableDocumentError(
            "locked by a password" if "password" in str(problem).lower() else "broken"
        ) from problem
    with document:
        if len(document) > PAGE_LIMIT:
            raise UnreadableDocumentError("too many pages or too much text")
        pages: list[str] = []
        for page in document:
            text_page = page.get_textpage()
            pages.append(text_page.get_text_bounded())
            text_page.close()
            page.close()
            if sum(map(len, pages)) > TEXT_LIMIT:
                raise UnreadableDocumentError("too many pages or too much text")
    letters = sum(sum(c.isalpha() for c in page) for page in pages)
    return _lines(pages), letters < _LETTERS_OF_A_PAGE * max(len(pages), 1)


def _lines(pages: list[str]) -> list[SourceLine]:
    return [
        SourceLine(f"p{number}L{line}", text)
        for number, page in enumerate(pages, start=1)
        for line, text in enumerate(page.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1)
    ]


def can_ocr() -> bool:
    """Whether tesseract and its Vietnamese data are installed."""
    if shutil.which("tesseract") is None:
        return False
    languages = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, timeout=20, check=False)
    return "vie" in languages.stdout.split()


def ocr_lines(data: bytes) -> list[SourceLine]:
    """The lines that tesseract reads off a scan's pages (the first 60)."""
    pages: list[str] = []
    with pdfium.PdfDocument(data) as document, tempfile.TemporaryDirectory() as folder:
        for index in range(min(len(document), _OCR_PAGES)):
            picture = io.BytesIO()
            document[index].render(scale=200 / 72).to_pil().save(picture, "PNG")
            path = Path(folder) / "page.png"
            path.write_bytes(picture.getvalue())
            command = ["tesseract", str(path), "stdout", "-l", "vie", "--psm", "4"]
            try:
                read = subprocess.run(command, capture_output=True, text=True, timeout=_OCR_SECONDS_A_PAGE, check=False)
            except subprocess.TimeoutExpired:
                pages.append("")
                continue
            pages.append(read.stdout)
    return _lines(pages)

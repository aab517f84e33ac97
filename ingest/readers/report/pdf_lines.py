"""PDF as lines with their places, `p3L14`: its text where it has any, else what tesseract reads, where installed."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from statistics import median

import pypdfium2 as pdfium  # type: ignore[import-untyped]

from ingest.narrative.segments import SourceLine
from ingest.readers.unreadable import UnreadableDocumentError
from runtime.process_environment import child_environment

PAGE_LIMIT = 400
TEXT_LIMIT = 2 * 1024 * 1024
# A page with fewer letters than this is a picture, if it shows one.
_LETTERS_OF_A_PAGE = 40
# A page takes tesseract some seconds. What is not read within these bounds is said.
OCR_PAGES = 60
OCR_SECONDS = 600
_OCR_SECONDS_A_PAGE = 60
# Dots per inch at which tesseract reads best; a page larger than A3 is drawn smaller.
_OCR_DPI, _OCR_PIXELS = 200, 4000
# No word that a machine recognised is as sure as one that was typed.
_OCR_CERTAINTY = 0.9


def pdf_lines(data: bytes) -> tuple[list[SourceLine], list[int]]:
    """The lines of a PDF's text, and the numbers (from 1) of the pages that are pictures without text.

    Raises:
        UnreadableDocumentError: it is broken, locked by a password, or has too many pages or too much text.
    """
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as problem:
        raise UnreadableDocumentError(
            "locked by a password" if "password" in str(problem).lower() else "broken"
        ) from problem
    try:
        return _document_lines(document)
    except pdfium.PdfiumError as problem:
        raise UnreadableDocumentError("broken") from problem


def _document_lines(document: pdfium.PdfDocument) -> tuple[list[SourceLine], list[int]]:
    with document:
        if len(document) > PAGE_LIMIT:
            raise UnreadableDocumentError("too many pages or too much text")
        pages: list[list[_Line]] = []
        bare: list[int] = []
        pictures: list[int] = []
        size = 0
        for number, page in enumerate(document, start=1):
            text_page = page.get_textpage()
            pages.append(_lines_of_page(text_page))
            text_page.close()
            if sum(c.isalpha() for line in pages[-1] for c in line.text) < _LETTERS_OF_A_PAGE:
                bare.append(number)
                pictures += [number] if _shows_picture(page) else []
            page.close()
            size += sum(len(line.text) for line in pages[-1])
            if size > TEXT_LIMIT:
                raise UnreadableDocumentError("too many pages or too much text")
    # Where no page has text, its letters may be drawn as lines.
    return _joined(pages), (bare if len(bare) == len(pages) else pictures)


def _shows_picture(page: pdfium.PdfPage) -> bool:
    """Whether a picture covers most of a page."""
    area = page.get_width() * page.get_height()
    for shown in page.get_objects(filter=(pdfium.raw.FPDF_PAGEOBJ_IMAGE,), max_depth=2):
        left, bottom, right, top = shown.get_bounds()
        if (right - left) * (top - bottom) > area / 3:
            return True
    return False


# A page tells where its lines end, but not where its paragraphs do, nor that a raised digit is a footnote's mark.
# Both are seen from where the letters stand.


@dataclass(slots=True)
class _Line:
    """A line of a page: its text, where it begins and ends from the left, how wide its first word is, how high it is.

    Points; all 0 where the page does not tell.
    """

    text: str
    left: float = 0.0
    right: float = 0.0
    first_word: float = 0.0
    base: float = 0.0
    height: float = 0.0


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_RAISED_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
# Bullets of symbol fonts, which have no Unicode letter of their own.
_BULLETS = str.maketrans(dict.fromkeys("\uf02d\uf06e\uf076\uf0a7\uf0b7\uf0d8\uf0fc", "•"))
# By how much of a letter's height a footnote's mark is raised at least.
_RAISED = 0.22
_SAMPLE = 24
_LINE_END = re.compile(r"\r\n|\r|\n")


def _lines_of_page(page: pdfium.PdfTextPage) -> list[_Line]:
    text = page.get_text_range()
    if len(text) != page.count_chars():
        return [_Line(line.translate(_BULLETS)) for line in _LINE_END.split(page.get_text_bounded())]
    lines: list[_Line] = []
    start = 0
    for end in [*_LINE_END.finditer(text), None]:
        stop = end.start() if end is not None else len(text)
        line = _line(page, text, start, stop)
        # A raised digit breaks a line in two or three.
        if lines and _is_label(lines[-1], line):
            label = lines.pop()
            mark = label.text.strip().translate(_SUPERSCRIPTS)
            line = replace(line, text=mark + _gap(label, line) + line.text, left=label.left)
        if lines and _is_same_line(lines[-1], line):
            lines[-1].text += _gap(lines[-1], line) + line.text
            lines[-1].right = line.right
        else:
            lines.append(line)
        start = end.end() if end is not None else stop
    return lines


def _is_same_line(line: _Line, following: _Line) -> bool:
    is_level = abs(line.base - following.base) < 0.3 * max(line.height, following.height)
    return bool(line.height and following.height) and is_level and following.left >= line.right - 1.0


def _gap(line: _Line, following: _Line) -> str:
    """The blank between two pieces of a line, where the page shows one and the text does not."""
    is_apart = following.left - line.right > 0.25 * max(line.height, following.height)
    has_blank = line.text[-1:].isspace() or following.text[:1].isspace()
    return " " if is_apart and not has_blank else ""


def _is_label(line: _Line, following: _Line) -> bool:
    """Whether a line is nothing but the raised number of the footnote that follows it on the same height."""
    text = line.text.strip()
    raised = line.base - following.base
    return (
        text.isdecimal()
        and len(text) <= 3
        and bool(following.height)
        and _RAISED * following.height < raised < 1.5 * following.height
        and -1.0 <= following.left - line.right < 3 * following.height
    )


def _line(page: pdfium.PdfTextPage, text: str, start: int, stop: int) -> _Line:
    line = text[start:stop]
    words = list(re.finditer(r"\S+", line))
    made = _Line(line.translate(_BULLETS))
    if not words:
        return made
    first, last = words[0], words[-1]
    made.left = page.get_charbox(start + first.start())[0]
    made.right = page.get_charbox(start + last.end() - 1)[2]
    made.first_word = page.get_charbox(start + first.end() - 1)[2] - made.left
    letters = [at for at, letter in enumerate(line) if letter.isalpha() and letter not in "gjpqyQ"][:_SAMPLE]
    boxes = [page.get_charbox(start + at) for at in letters or [first.start()]]
    made.base, made.height = median(box[1] for box in boxes), median(box[3] - box[1] for box in boxes)
    if letters:
        for match in re.finditer(r"\d+", line):
            limit = made.base + _RAISED * made.height
            raised = [page.get_charbox(start + at)[1] > limit for at in range(match.start(), match.end())]
            # A mark stands close to its word, or begins the line; a table's number may stand higher than its label.
            if all(raised) and match.start() > first.start() and line[match.start() - 1].isspace():
                continue
            # In `năm 2023⁸` the year is none of the mark, in `⁹221 hộ` the number is none.
            digits = "".join(
                digit.translate(_SUPERSCRIPTS) if is_up else digit
                for digit, is_up in zip(match[0], raised, strict=True)
            )
            made.text = made.text[: match.start()] + digits + made.text[match.end() :]
    return made


BLANK = SourceLine("", "")


def _joined(pages: list[list[_Line]]) -> list[SourceLine]:
    """The lines with their places: a blank one where a paragraph ends, a page's footnotes after the paragraph."""
    found: list[SourceLine] = []
    notes: list[SourceLine] = []
    margin = _right_margin(pages)
    before: _Line | None = None
    for number, page in enumerate(pages, start=1):
        first_note = _first_note(page)
        for place, line in enumerate(page, start=1):
            source = SourceLine(f"p{number}L{place}", line.text)
            if not line.text.strip() or _is_page_number(page, place, number):
                continue
            if place > first_note:
                notes.append(source)
                continue
            ends = _ends_paragraph(before, line, margin) if before is not None else None
            if ends:
                found += [BLANK, *notes, BLANK] if notes else [BLANK]
                notes = []
            found.append(replace(source, goes_on=ends is False))
            before = line
    return [*found, BLANK, *notes]


def _first_note(page: list[_Line]) -> int:
    """After how many lines of a page its footnotes begin: at the first line that a raised number begins."""
    return next((at for at, line in enumerate(page) if line.text.lstrip()[:1] in tuple(_RAISED_DIGITS)), len(page))


def _is_page_number(page: list[_Line], place: int, number: int) -> bool:
    """Whether a line at a page's edge is nothing but its number, or one near it: a cover may not count."""
    text = page[place - 1].text.strip(" -–")
    is_edge = not any(line.text.strip() for line in page[: place - 1]) or not any(
        line.text.strip() for line in page[place:]
    )
    return is_edge and text.isdecimal() and len(text) <= 3 and abs(int(text) - number) <= 2


def _right_margin(pages: list[list[_Line]]) -> float:
    """Where full lines end: most lines of running text end there."""
    ends = sorted(line.right for page in pages for line in page if len(line.text) > 40)
    return ends[len(ends) * 9 // 10] if ends else 0.0


def _ends_paragraph(line: _Line, following: _Line, margin: float) -> bool | None:
    """Whether the next line's first word would still have stood on a line, had the paragraph gone on.

    None where the page does not tell.
    """
    if not line.right or not following.right or not margin:
        return None
    blank = max(following.first_word / max(len(following.text.split(maxsplit=1)[0]), 1), 2.0)
    return line.right + blank + following.first_word < margin


def can_ocr() -> bool:
    """Whether tesseract and its Vietnamese data are installed."""
    if shutil.which("tesseract") is None:
        return False
    languages = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, timeout=20, check=False)
    return "vie" in languages.stdout.split()


def ocr_lines(data: bytes, numbers: Sequence[int]) -> tuple[list[SourceLine], list[int]]:
    """The lines that tesseract reads off some pages (from 1), each with how sure it is of its numbers.

    Also the pages that were not read: beyond the first 60, when the time was up, or which cannot be drawn.
    """
    lines: list[SourceLine] = []
    unread = list(numbers[OCR_PAGES:])
    deadline = time.monotonic() + OCR_SECONDS
    with pdfium.PdfDocument(data) as document, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.png"
        for number in numbers[:OCR_PAGES]:
            seconds = min(_OCR_SECONDS_A_PAGE, deadline - time.monotonic())
            if seconds <= 0 or not _draw(document, number, path):
                unread.append(number)
                continue
            words = _recognise(path, seconds)
            if words is None:
                unread.append(number)
                continue
            lines += _lines_of_words(words, number)
    return lines, sorted(unread)


def _draw(document: pdfium.PdfDocument, number: int, path: Path) -> bool:
    """Draws a page as a picture; false where it cannot be drawn."""
    try:
        page = document[number - 1]
        scale = min(_OCR_DPI / 72, _OCR_PIXELS / max(page.get_width(), page.get_height(), 1))
        page.render(scale=scale).to_pil().save(path, "PNG")
    except pdfium.PdfiumError:
        return False
    return True


def _recognise(picture: Path, seconds: float) -> str | None:
    """What tesseract reads off a picture, a word a line (its TSV); None where it fails or takes too long."""
    command = ["tesseract", str(picture), "stdout", "-l", "vie", "--psm", "4", "tsv"]
    # One thread a page: a batch of reports has other work for the other processors.
    environment = child_environment({"OMP_THREAD_LIMIT": "1"})
    try:
        read = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, check=False, env=environment, errors="replace"
        )
    except subprocess.TimeoutExpired:
        return None
    return read.stdout if read.returncode == 0 else None


def _lines_of_words(tsv: str, page: int) -> list[SourceLine]:
    """Lines of words as tesseract tells them: a blank one between paragraphs, doubts at words with digits."""
    lines: list[SourceLine] = []
    paragraph: tuple[str, ...] = ()
    rows = csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE)
    words = [row for row in rows if row.get("level") == "5" and (row.get("text") or "").strip()]
    grouped = groupby(words, key=lambda row: (row["block_num"], row["par_num"], row["line_num"]))
    for count, ((block, par, _), group) in enumerate(grouped, start=1):
        text, doubts = "", []
        for row in group:
            text += " " if text else ""
            start, text = len(text), text + row["text"].strip()
            if any(letter.isdigit() for letter in row["text"]):
                certainty = min(max(float(row["conf"]), 0.0) / 100, _OCR_CERTAINTY)
                doubts.append((start, len(text), certainty))
        if (block, par) != paragraph and lines:
            lines.append(BLANK)
        paragraph = (block, par)
        lines.append(SourceLine(f"p{page}L{count}", text, doubts=tuple(doubts)))
    return lines

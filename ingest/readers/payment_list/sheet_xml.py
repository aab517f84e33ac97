"""What calamine does not tell about a sheet of a large .xlsx, found in one pass over its XML.

A list has a hundred megabytes of XML: it is read in blocks, and only blocks that hold something unusual are
looked at closely. The pass goes before calamine, which keeps a sheet as a full rectangle and ends the whole
process when one stray value at the far corner asks for more memory than there is.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO

from ingest.readers.spreadsheet import open_book
from ingest.readers.spreadsheet.sheet_details import columns_without_width, rows_without_height, xlsx_looks
from ingest.readers.spreadsheet.shown import Looks, shown_strings

_BLOCK_BYTES = 1 << 18
# A row that fills more than this is no row of a list; it is looked at in pieces.
_LONGEST_ROW_BYTES = 1 << 22
_MAX_PLACES = 1_000

# Cells are looked at one by one only where there is a column beyond Z. The pattern begins with plain letters,
# which makes the search three times as fast.
_FAR = re.compile(rb'r="[A-Z][A-Z]')
_ROW = re.compile(rb'row r="(\d{1,7})"')
_CELL = re.compile(rb"""\br=["']([A-Z]{0,3})(\d{1,7})["']""")
_HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\s(?=[^>]*\bhidden=["'](?:1|true)["'])[^>]*?\br=["'](\d{1,7})["']""")
_HIDDEN_COLUMN = re.compile(rb"""<(?:\w+:)?col\s([^>]*\bhidden=["'](?:1|true)["'][^>]*)>""")
_FIRST_AND_LAST = re.compile(rb"""\b(min|max)=["'](\d{1,5})["']""")
_NO_RESULT = (b"</f></c>", b"</f><v></v>", b"</f><v/>", b"</f><v />", b"/></c>")
_UNCALCULATED = re.compile(
    rb"""<(?:\w+:)?c\s((?:(?!\bt=["']str)[^>])*)><(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"""
    rb"""(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"""
)
_ERROR = re.compile(rb"""<(?:\w+:)?c\s([^>]*\bt=["']e["'][^>]*)>""")


@dataclass
class SheetScan:
    """Rows and columns are counted from 0; `cells` is the area from A1 to the farthest cell.

    `uncalculated` and `errors` hold at most a thousand places each.
    """

    cells: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)
    uncalculated: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    struck: list[tuple[int, int]] = field(default_factory=list)
    unseen: list[tuple[int, int]] = field(default_factory=list)
    left_out: list[tuple[int, int]] = field(default_factory=list)
    odd_formats: list[tuple[int, int, str]] = field(default_factory=list)


@dataclass(frozen=True)
class BookLooks:
    """What makes cells of a book look otherwise: styles by number, and shared texts of which only a part counts."""

    styles: Looks = field(default_factory=Looks)
    strings: frozenset[int] = frozenset()

    @cached_property
    def cell(self) -> re.Pattern[bytes] | None:
        """A cell of one of the styles: letters and digits of its place, the style."""
        numbers = sorted({*self.styles.looks, *self.styles.odd_formats}, reverse=True)
        if not numbers:
            return None
        any_of = b"|".join(b"%d" % number for number in numbers)
        return re.compile(
            rb"""<(?:\w+:)?c\s[^>]*?\br=["']([A-Z]{1,3})(\d{1,7})["'][^>]*?\bs=["'](""" + any_of + rb""")["']"""
        )


_STRINGS_BYTES = 64 * 2**20


def book_looks(archive: zipfile.ZipFile) -> BookLooks:
    """What the styles and texts of an .xlsx make of its cells."""
    names = set(archive.namelist())
    styles = archive.read("xl/styles.xml") if "xl/styles.xml" in names else b""
    strings: frozenset[int] = frozenset()
    if "xl/sharedStrings.xml" in names and _has_marked_runs(archive):
        strings = frozenset(shown_strings(archive.read("xl/sharedStrings.xml")))
    return BookLooks(xlsx_looks(styles), strings)


def _has_marked_runs(archive: zipfile.ZipFile) -> bool:
    """Whether some text may be struck or raised in part; a text larger than any list's is not looked through."""
    if archive.getinfo("xl/sharedStrings.xml").file_size > _STRINGS_BYTES:
        return False
    rest = b""
    with archive.open("xl/sharedStrings.xml") as stream:
        while read := stream.read(_BLOCK_BYTES):
            if b"<strike" in rest + read or b"superscript" in rest + read:
                return True
            rest = read[-20:]
    return False


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The archive's entry of each sheet of an .xlsx by the sheet's name, in the book's order."""
    named = open_book.sheet_parts(archive.read("xl/workbook.xml"), archive.read("xl/_rels/workbook.xml.rels"))
    return {name: part for name, part in named.items() if part}


def scan_sheet(stream: IO[bytes], looks: BookLooks | None = None) -> SheetScan:
    """Looks through a sheet's XML once."""
    looks = looks or BookLooks()
    scan, last_row, last_column = SheetScan(), 0, 26
    for block in _blocks(stream):
        if _FAR.search(block) or b"'" in block:
            for letters, digits in _CELL.findall(block):
                last_row = max(last_row, int(digits))
                if len(letters) > 1:
                    last_column = max(last_column, _column(letters) + 1)
        else:
            last = _ROW.match(block, max(0, block.rfind(b'row r="')))
            last_row = max(last_row, int(last[1]) if last is not None else 0)
        if _has(block, b"h", b"hidden="):
            scan.hidden_rows += [int(row) - 1 for row in _HIDDEN_ROW.findall(block)]
            for attributes in _HIDDEN_COLUMN.findall(block):
                bounds = {name: int(number) for name, number in _FIRST_AND_LAST.findall(attributes)}
                scan.hidden_columns.update(range(bounds.get(b"min", 1) - 1, min(bounds.get(b"max", 1), 16_384)))
        if looks.cell is not None or looks.strings:
            _add_looks(scan, block, looks)
        if b'width="0' in block or b'ht="0' in block:
            scan.hidden_columns |= columns_without_width(block)
            scan.hidden_rows += sorted(rows_without_height(block))
        if len(scan.uncalculated) < _MAX_PLACES and _may_lack_results(block):
            scan.uncalculated += _places(_UNCALCULATED, block)
        if _has(block, b"e", b't="e"') and len(scan.errors) < _MAX_PLACES:
            scan.errors += _places(_ERROR, block)
    scan.cells = last_row * last_column
    return scan


_MAX_LOOKS = 100_000
_TEXT_CELL = re.compile(
    rb"""<(?:\w+:)?c\s[^>]*?\br=["']([A-Z]{1,3})(\d{1,7})["'][^>]*\bt=["']s["'][^>]*>\s*<(?:\w+:)?v>(\d{1,9})<"""
)


def _add_looks(scan: SheetScan, block: bytes, looks: BookLooks) -> None:
    if looks.cell is not None and len(scan.struck) + len(scan.unseen) + len(scan.odd_formats) < _MAX_LOOKS:
        for letters, digits, style in looks.cell.findall(block):
            row, column, number = int(digits) - 1, _column(letters), int(style)
            look = looks.styles.looks.get(number)
            if look is not None:
                (scan.struck if look == "struck" else scan.unseen).append((row, column))
            if number in looks.styles.odd_formats:
                scan.odd_formats.append((row, column, looks.styles.odd_formats[number]))
    if looks.strings:
        for letters, digits, string in _TEXT_CELL.findall(block):
            if int(string) in looks.strings:
                scan.left_out.append((int(digits) - 1, _column(letters)))


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """Blocks that end where a row ends."""
    rest = b""
    while read := stream.read(_BLOCK_BYTES):
        rest += read
        end = rest.rfind(b"row>") + 4
        if end > 4:
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > _LONGEST_ROW_BYTES:
            yield rest
            rest = b""
    yield rest


def _has(block: bytes, letter: bytes, word: bytes) -> bool:
    """Whether a word stands in a block: a letter that plain cells do not have is found ten times as fast."""
    return letter in block and word in block


def _may_lack_results(block: bytes) -> bool:
    """Whether the exact search, which is slow, is worth it: most formulas of a list were calculated."""
    return _has(block, b"f", b"<f") and any(mark in block for mark in _NO_RESULT)


def _places(pattern: re.Pattern[bytes], block: bytes) -> list[tuple[int, int]]:
    found = []
    for attributes in pattern.findall(block):
        cell = _CELL.search(attributes)
        if cell is not None and cell[1]:
            found.append((int(cell[2]) - 1, _column(cell[1])))
    return found


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1

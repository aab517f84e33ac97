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
from typing import IO

from ingest.readers.spreadsheet import open_book

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


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The archive's entry of each sheet of an .xlsx by the sheet's name, in the book's order."""
    named = open_book.sheet_parts(archive.read("xl/workbook.xml"), archive.read("xl/_rels/workbook.xml.rels"))
    return {name: part for name, part in named.items() if part}


def scan_sheet(stream: IO[bytes]) -> SheetScan:
    """Looks through a sheet's XML once."""
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
        if len(scan.uncalculated) < _MAX_PLACES and _may_lack_results(block):
            scan.uncalculated += _places(_UNCALCULATED, block)
        if _has(block, b"e", b't="e"') and len(scan.errors) < _MAX_PLACES:
            scan.errors += _places(_ERROR, block)
    scan.cells = last_row * last_column
    return scan


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

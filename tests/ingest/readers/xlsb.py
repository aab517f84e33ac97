"""Grids written as .xlsb, which no program at hand writes: the records of [MS-XLSB] that hold values, and no more."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable

from tests.ingest.readers.sheets import Book, Formula, Grid

# [MS-XLSB] 2.3: the numbers of the records used here.
ROW, REAL, BOOLEAN, TEXT = 0, 5, 4, 6
BEGIN_SHEET, END_SHEET, BEGIN_BOOK, END_BOOK = 129, 130, 131, 132
BEGIN_SHEETS, END_SHEETS, BEGIN_DATA, END_DATA = 143, 144, 145, 146
DIMENSION, SHEET, MERGE, BEGIN_MERGES, END_MERGES = 148, 156, 176, 177, 178

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_EXCEL = "application/vnd.ms-excel"


def write_xlsb(book: Book) -> bytes:
    """The grids as .xlsb: texts, numbers, truth values, results of formulas, merged ranges, hidden sheets."""
    buffer = io.BytesIO()
    numbers = range(1, len(book.grids) + 1)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        kinds = [("/xl/workbook.bin", "sheet.binary.macroEnabled.main")]
        kinds += [(f"/xl/worksheets/sheet{number}.bin", "worksheet") for number in numbers]
        overrides = "".join(f'<Override PartName="{part}" ContentType="{_EXCEL}.{kind}"/>' for part, kind in kinds)
        rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types">{rels}{overrides}</Types>')
        archive.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.bin")]))
        sheets = [("worksheet", f"worksheets/sheet{number}.bin") for number in numbers]
        archive.writestr("xl/_rels/workbook.bin.rels", _relations(sheets))
        archive.writestr("xl/workbook.bin", _workbook(book))
        for number, grid in zip(numbers, book.grids, strict=True):
            archive.writestr(f"xl/worksheets/sheet{number}.bin", _worksheet(grid))
    return buffer.getvalue()


def _relations(targets: Iterable[tuple[str, str]]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


def _record(kind: int, data: bytes = b"") -> bytes:
    """A record: its number and its length in groups of seven bits, the lowest first."""
    return _sevens(kind) + _sevens(len(data)) + data


def _sevens(number: int) -> bytes:
    found = bytearray()
    while number >= 128:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return struct.pack("<I", len(encoded) // 2) + encoded


def _workbook(book: Book) -> bytes:
    sheets = b"".join(
        _record(SHEET, struct.pack("<II", int(grid.is_hidden), number) + _text(f"rId{number}") + _text(grid.name))
        for number, grid in enumerate(book.grids, start=1)
    )
    return b"".join(map(_record, (BEGIN_BOOK, BEGIN_SHEETS))) + sheets + b"".join(map(_record, (END_SHEETS, END_BOOK)))


def _worksheet(grid: Grid) -> bytes:
    height, width = max(grid.height - 1, 0), max(grid.width - 1, 0)
    parts = [_record(BEGIN_SHEET), _record(DIMENSION, struct.pack("<IIII", 0, height, 0, width)), _record(BEGIN_DATA)]
    for row in sorted({row for row, _ in grid.cells}):
        # Row, style, height in twentieths of a point, flags, one span of columns.
        parts.append(_record(ROW, struct.pack("<IIHBHIII", row, 0, 300, 0, 0, 1, 0, width)))
        parts += [_cell(column, value) for column, value in sorted(grid.row(row).items())]
    parts.append(_record(END_DATA))
    if grid.merges:
        merges = [
            _record(MERGE, struct.pack("<IIII", top, bottom, left, right)) for top, left, bottom, right in grid.merges
        ]
        parts += [_record(BEGIN_MERGES, struct.pack("<I", len(merges))), *merges, _record(END_MERGES)]
    return b"".join([*parts, _record(END_SHEET)])


def _cell(column: int, value: object) -> bytes:
    if isinstance(value, Formula):
        value = value.result
    place = struct.pack("<II", column, 0)
    if isinstance(value, bool):
        return _record(BOOLEAN, place + bytes([value]))
    if isinstance(value, int | float):
        return _record(REAL, place + struct.pack("<d", value))
    return _record(TEXT, place + _text(str(value)))

"""Opening a workbook: from bytes to sheets of plain values, whatever the format.

Values come from calamine, which keeps a sheet as a full rectangle: a few bytes can ask for any amount of memory.
What is read here is read behind the door (`ingest/readers/door.py`), where that ends nothing but this file's reading.
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath

import python_calamine

from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.readers.spreadsheet.pictures import large_pictures
from ingest.readers.spreadsheet.sheet_details import (
    SheetDetails,
    column_letters,
    ods_details,
    xls_details,
    xls_is_locked,
    xlsx_details,
    xml_attributes,
)
from ingest.readers.unreadable import BROKEN_ZIP

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"

# A form has some thousand cells and unpacks to less than a megabyte. What is larger is unpacked part by part,
# and of a huge sheet only the beginning is looked through for what is hidden.
UNPACKED_LIMIT_BYTES = 200 * 2**20
LARGE_BYTES = 8 * 2**20
HUGE_BYTES = 64 * 2**20
CSV_LIMIT_BYTES = 20 * 2**20
ENTRY_LIMIT = 2_000
SHEET_LIMIT = 200
# Rows of a sheet that are looked at, and its cells with values. Lists of persons have a reader of their own.
ROW_LIMIT = 20_000
CELL_LIMIT = 200_000
# Its cells with words: labels and notes. The largest form, all communes of the country, has some ten thousand.
WORD_LIMIT = 30_000
# Characters of a text: no program lets a cell hold more.
TEXT_LIMIT = 32_767
# Rows of formatting below the last value that are passed over in silence.
EMPTY_ROW_LIMIT = 2_000

# Cells of all sheets of an .xlsx that has cells far out, from A1 to the farthest: what a list may have.
FAR_LIMIT = 10_500_000


@dataclass
class Sheet:
    """A sheet's values from A1 on, and what is known about how they are shown.

    Merged ranges are top, left, bottom, right from 0. `details` is None where the format tells nothing
    about hidden rows, errors, formulas without result and number formats.
    """

    name: str
    rows: list[list[object]]
    is_hidden: bool = False
    merged: Sequence[tuple[int, int, int, int]] = ()
    details: SheetDetails | None = None
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncalculated: set[tuple[int, int]] = field(default_factory=set)
    pictures: list[tuple[int, int]] = field(default_factory=list)
    _texts: tuple[object, list[tuple[int, int, str]]] = field(default=((), []), repr=False, compare=False)

    def texts(self) -> list[tuple[int, int, str]]:
        """The cells that hold text, row by row: row, column, text."""
        # Rows are replaced as a whole, as by texts in another encoding.
        if self._texts[0] is not self.rows:
            found = [
                (row, column, value)
                for row, values in enumerate(self.rows)
                for column, value in enumerate(values)
                if value and isinstance(value, str)
            ]
            self._texts = self.rows, found
        return self._texts[1]

    def value(self, row: int, column: int) -> object:
        """The value of a cell; empty text beyond the sheet's edge."""
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return ""

    def ref(self, row: int, column: int) -> str:
        """The place of a cell: `Sheet!C7`."""
        return f"{self.name}!{column_name(column)}{row + 1}"

    def number_format(self, row: int, column: int) -> str | None:
        """The number format of a cell (`General` where none was set); None where the format can't tell."""
        return self.details.number_format(row, column) if self.details is not None else None

    def add_details(self, details: SheetDetails | None) -> None:
        """Takes over what the file tells beside its values."""
        self.details = details
        if details is not None:
            self.hidden_rows, self.hidden_columns = details.hidden_rows, details.hidden_columns
            self.errors, self.uncalculated = details.errors, details.uncalculated
            for (row, column), shown in details.left_out.items():
                # Where nothing is left the whole cell was taken back: what it said stays, to be asked about.
                if shown.text and isinstance(self.value(row, column), str) and self.value(row, column):
                    self.rows[row] = [*self.rows[row][:column], shown.text, *self.rows[row][column + 1 :]]


@dataclass
class Book:
    """A workbook's sheets in their order; `kind` is its format: xlsx, xlsb, xls, ods or csv."""

    sheets: list[Sheet]
    kind: str
    findings: list[Finding] = field(default_factory=list)


class UnusableBookError(Exception):
    """The file can't be read as a workbook; `finding` says why."""

    def __init__(self, why: Finding) -> None:
        super().__init__(why.message_en)
        self.finding = why


@lru_cache(maxsize=1_024)
def column_name(column: int) -> str:
    """The letters of a column (from 0): 0 → A, 27 → AB."""
    return column_letters(column)


def ordinary_book(data: bytes, name: str) -> Book | None:
    """An .xlsx of a form's size with all that it holds; None where it is anything else, or can't be used."""
    if not data.startswith(ZIP_MAGIC):
        return None
    try:
        return _open_zip(data, name, only_ordinary=True)
    except UnusableBookError:
        return None


def open_book(data: bytes, name: str, opened: Book | None = None) -> Book:
    """Reads a workbook's sheets, with findings that do not stop its use.

    `opened` is what `ordinary_book` made of the same bytes.

    Raises:
        UnusableBookError: the bytes are no workbook, or one that must not be opened.
    """
    suffix = PurePosixPath(name.lower()).suffix
    book = opened
    if book is None and data.startswith(ZIP_MAGIC):
        book = _open_zip(data, name)
    elif book is None and data.startswith(OLE_MAGIC):
        book = _open_ole(data, name)
    elif book is None and suffix in (".csv", ".tsv", ".txt"):
        book = _open_csv(data, name)
    if book is None:
        raise UnusableBookError(finding("WB-001", "", name=name, suffix=suffix or "?"))
    if book.kind not in ("csv", suffix.removeprefix(".")):
        book.findings.append(finding("WB-006", "", name=name, kind=book.kind))
    _bound(book)
    return book


_LETTER = re.compile(r"[^\W\d_]")


def _bound(book: Book) -> None:
    """Leaves out what no form has, and says so."""
    if len(book.sheets) > SHEET_LIMIT:
        book.findings.append(finding("WB-025", "", count=len(book.sheets), limit=SHEET_LIMIT))
        del book.sheets[SHEET_LIMIT:]
    for sheet in book.sheets:
        _shorten(book, sheet)
        cells = sum(len(row) - row.count("") for row in sheet.rows)
        # Words are counted only where there may be too many of them.
        texts = (value for row in sheet.rows for value in row if isinstance(value, str)) if cells > WORD_LIMIT else ()
        words = sum(_LETTER.search(text) is not None for text in texts)
        for count, limit in ((cells, CELL_LIMIT), (words, WORD_LIMIT)):
            if count > limit:
                book.findings.append(finding("WB-026", sheet.ref(0, 0), sheet=sheet.name, count=count, limit=limit))
                sheet.rows = []
                break


def _shorten(book: Book, sheet: Sheet) -> None:
    """Cuts texts that are longer than a cell's may be, which would be folded and compared as a whole."""
    long = [(row, column) for row, column, text in sheet.texts() if len(text) > TEXT_LIMIT]
    if long:
        rows = [list(row) for row in sheet.rows]
        for row, column in long:
            rows[row][column] = str(rows[row][column])[:TEXT_LIMIT]
        sheet.rows = rows
        at, *others = (sheet.ref(row, column) for row, column in long[:50])
        book.findings.append(finding("FILE-010", at, refs=tuple(others), limit=TEXT_LIMIT))


# Zip: .xlsx, .xlsb, .ods

_ROW_NUMBER = re.compile(rb"\br=[\"'](\d{1,7})[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]{0,200}?\br=[\"'](\d{1,7})[\"']")
# Begins with letters of its own, for which is searched quickly.
_FAR_CELL = re.compile(rb'r="(?:[A-Z]{3}\d|[A-Z]*\d{5})')
_FAR_CELL_OTHERWISE = re.compile(rb"r='(?:[A-Z]{3}\d|[A-Z]*\d{5})")
_CELL = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml")


def _open_zip(data: bytes, name: str, *, only_ordinary: bool = False) -> Book | None:
    """The book; None where only an ordinary one is wanted and it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            _check_entries(entries, name)
            if "xl/workbook.xml" in entries:
                return _open_xlsx(data, name, entries, only_ordinary=only_ordinary)
            if only_ordinary:
                return None
            kind = "xlsb" if "xl/workbook.bin" in entries else "ods"
            book = _opened(data, name, kind)
            if kind == "ods" and "content.xml" in entries:
                with archive.open("content.xml") as content:
                    _add_details(book, ods_details(content, ROW_LIMIT))
            return book
    except BROKEN_ZIP as error:
        raise UnusableBookError(finding("WB-005", "", name=name, problem=type(error).__name__)) from None


def _check_entries(entries: dict[str, zipfile.ZipInfo], name: str) -> None:
    unpacked = sum(entry.file_size for entry in entries.values())
    if unpacked > UNPACKED_LIMIT_BYTES or len(entries) > ENTRY_LIMIT:
        size_mb, limit_mb = unpacked // 2**20, UNPACKED_LIMIT_BYTES // 2**20
        raise UnusableBookError(finding("WB-004", "", name=name, size_mb=size_mb, limit_mb=limit_mb))
    if any(posixpath.basename(entry).lower() == "vbaproject.bin" for entry in entries):
        raise UnusableBookError(finding("WB-003", "", name=name))
    if any(entry.flag_bits & 1 for entry in entries.values()):
        raise UnusableBookError(finding("WB-002", "", name=name))


def _open_xlsx(data: bytes, name: str, entries: dict[str, zipfile.ZipInfo], *, only_ordinary: bool) -> Book | None:
    if sum(entry.file_size for entry in entries.values()) > LARGE_BYTES:
        return None if only_ordinary else _open_large_xlsx(data, name, entries)
    # Every part that calamine will unpack is unpacked here first: its real size, not what it claims.
    parts = {
        entry_name: _unpacked(data, entry, name)
        for entry_name, entry in entries.items()
        if entry_name.startswith("xl/")
        and not entry_name.startswith("xl/theme/")
        and entry_name.endswith((".xml", ".rels"))
    }
    is_far = any(
        _FAR_CELL.search(xml) or (b"'" in xml and _FAR_CELL_OTHERWISE.search(xml))
        for part, xml in parts.items()
        if _WORKSHEET.fullmatch(part)
    )
    if is_far and only_ordinary:
        return None
    if is_far and sum(_area(xml) for part, xml in parts.items() if _WORKSHEET.fullmatch(part)) > FAR_LIMIT:
        raise UnusableBookError(finding("WB-027", "", name=name))
    book = _opened(data, name, "xlsx")
    styles = parts.get("xl/styles.xml", b"")
    targets = sheet_parts(parts.get("xl/workbook.xml", b""), parts.get("xl/_rels/workbook.xml.rels", b""))
    for sheet in book.sheets:
        if (xml := parts.get(targets.get(sheet.name, ""))) is not None:
            sheet.add_details(xlsx_details(xml, styles, parts.get("xl/sharedStrings.xml", b"")))
            sheet.pictures = large_pictures(targets[sheet.name], parts)
            _tell_of_empty_rows(book, sheet, xml)
    return book


def _area(sheet_xml: bytes) -> int:
    """The cells from A1 to the farthest of a worksheet part."""
    last_row = last_column = 0
    for letters, digits in _CELL.findall(sheet_xml):
        last_row = max(last_row, int(digits))
        last_column = max(last_column, int.from_bytes(letters.rjust(3, b"@"), "big"))
    first, second, third = (byte - 64 for byte in last_column.to_bytes(3, "big")) if last_column else (0, 0, 0)
    return last_row * ((first * 26 + second) * 26 + third)


def _open_large_xlsx(data: bytes, name: str, entries: dict[str, zipfile.ZipInfo]) -> Book:
    """The same for a book that may be too large: its parts are unpacked one by one, of a huge one the beginning."""
    book = _opened(data, name, "xlsx")
    workbook, relations, styles = (
        _unpacked(data, entries[part], name, LARGE_BYTES) if part in entries else b""
        for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml")
    )
    targets = sheet_parts(workbook, relations)
    for sheet in book.sheets:
        entry = entries.get(targets.get(sheet.name, ""))
        if entry is None:
            continue
        xml = _unpacked(data, entry, name, HUGE_BYTES)
        sheet.add_details(xlsx_details(_with_values(xml, len(sheet.rows)), styles))
        if entry.file_size > HUGE_BYTES:
            size_mb, limit_mb, at = entry.file_size // 2**20, HUGE_BYTES // 2**20, sheet.ref(0, 0)
            book.findings.append(finding("WB-042", at, sheet=sheet.name, size_mb=size_mb, limit_mb=limit_mb))
        else:
            _tell_of_empty_rows(book, sheet, xml)
    return book


def _with_values(sheet_xml: bytes, rows: int) -> bytes:
    """A worksheet part without the rows below the last that holds a value: a million formats interest nobody."""
    for match in _ROW.finditer(sheet_xml):
        if int(match[1]) > rows:
            return sheet_xml[: match.start()]
    return sheet_xml


def _tell_of_empty_rows(book: Book, sheet: Sheet, sheet_xml: bytes) -> None:
    last_row = _last_row(sheet_xml)
    if last_row > len(sheet.rows) + EMPTY_ROW_LIMIT:
        at, empty = sheet.ref(len(sheet.rows), 0), last_row - len(sheet.rows)
        book.findings.append(finding("WB-031", at, sheet=sheet.name, count=empty))


def _last_row(sheet_xml: bytes) -> int:
    """The number of the last row that a worksheet part mentions, empty or not."""
    at = sheet_xml.rfind(b"<row ")
    at = at if at >= 0 else sheet_xml.rfind(b":row ")
    match = _ROW_NUMBER.search(sheet_xml, at, at + 200) if at >= 0 else None
    return int(match[1]) if match is not None else 0


def _unpacked(data: bytes, entry: zipfile.ZipInfo, name: str, most: int | None = None) -> bytes:
    """An entry's bytes, or its first ones; refused when they are more than the archive's directory says."""
    header = data[entry.header_offset : entry.header_offset + 30]
    start = entry.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    packed = data[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        return packed[:most]
    size = entry.file_size + 1 if most is None else min(entry.file_size + 1, most)
    unpacked = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size)
    if len(unpacked) > entry.file_size:
        raise UnusableBookError(finding("WB-005", "", name=name, problem="BadZipFile"))
    return unpacked


_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)/?>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)/?>")


_SMALL_BYTES = 64 * 2**10


def sheet_parts(workbook_xml: bytes, relations_xml: bytes) -> Mapping[str, str]:
    """The part of each sheet of an .xlsx by the sheet's name, in the book's order."""
    # Books of a form are alike, and these parts of them the same.
    is_small = len(workbook_xml) + len(relations_xml) < _SMALL_BYTES
    return (_sheet_parts if is_small else _sheet_parts.__wrapped__)(workbook_xml, relations_xml)


@lru_cache(maxsize=64)
def _sheet_parts(workbook_xml: bytes, relations_xml: bytes) -> Mapping[str, str]:
    targets = {}
    for match in _RELATION.finditer(relations_xml):
        # Those of a book's other parts name themes, styles, texts.
        if b"sheet" not in match[1]:
            continue
        named = xml_attributes(match[1])
        target = named.get("Target", "")
        is_absolute = target.startswith("/")
        targets[named.get("Id", "")] = target[1:] if is_absolute else posixpath.normpath(posixpath.join("xl", target))
    found = {}
    for match in _SHEET.finditer(workbook_xml):
        named = xml_attributes(match[1])
        relation = next((value for key, value in named.items() if key.endswith(":id")), "")
        found[named.get("name", "")] = targets.get(relation, "")
    return found


# OLE: .xls, and locked .xlsx


def _open_ole(data: bytes, name: str) -> Book:
    # Imported here: only old and locked files need it.
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            streams = {"/".join(path).lower() for path in container.listdir(streams=True, storages=True)}
            if "encryptedpackage" in streams:
                raise UnusableBookError(finding("WB-002", "", name=name))
            if any(part in stream for stream in streams for part in ("_vba_project", "vba/dir")):
                raise UnusableBookError(finding("WB-003", "", name=name))
            stream = next((one for one in ("workbook", "book") if one in streams), None)
            if stream is None:
                raise UnusableBookError(finding("WB-001", "", name=name, suffix=PurePosixPath(name).suffix or "?"))
            records = container.openstream(stream).read()
    except (OSError, ValueError, IndexError, TypeError, AttributeError, MemoryError) as error:
        raise UnusableBookError(finding("WB-005", "", name=name, problem=type(error).__name__)) from None
    if xls_is_locked(records):
        raise UnusableBookError(finding("WB-002", "", name=name))
    book = _opened(data, name, "xls")
    _add_details(book, xls_details(records))
    return book


def _add_details(book: Book, details: Mapping[str, SheetDetails]) -> None:
    for sheet in book.sheets:
        sheet.add_details(details.get(sheet.name))


# Values


def _opened(data: bytes, name: str, kind: str) -> Book:
    book = Book([], kind)
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            for meta in workbook.sheets_metadata:
                if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                    continue
                sheet = workbook.get_sheet_by_name(meta.name)
                rows: list[list[object]] = sheet.to_python(skip_empty_area=False, nrows=ROW_LIMIT)  # type: ignore[assignment]
                is_hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
                merged = _merged(sheet.merged_cell_ranges or (), len(rows))
                book.sheets.append(Sheet(meta.name, rows, is_hidden, merged))
                height = sheet.total_height + (sheet.start[0] if sheet.start else 0)
                if height > ROW_LIMIT:
                    at = book.sheets[-1].ref(ROW_LIMIT, 0)
                    book.findings.append(finding("WB-028", at, sheet=meta.name, count=height, limit=ROW_LIMIT))
    except python_calamine.PasswordError:
        raise UnusableBookError(finding("WB-002", "", name=name)) from None
    except MemoryError:
        raise UnusableBookError(finding("WB-027", "", name=name)) from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise UnusableBookError(finding("WB-005", "", name=name, problem=type(error).__name__)) from None
    return book


_MERGE_LIMIT = 5_000


def _merged(ranges: Sequence[Sequence[Sequence[int]]], height: int) -> list[tuple[int, int, int, int]]:
    """Merged ranges that hold anything: those below the last value are left out."""
    return [(top, left, bottom, right) for (top, left), (bottom, right) in ranges[:_MERGE_LIMIT] if top < height]


# Text files


def _open_csv(data: bytes, name: str) -> Book:
    if len(data) > CSV_LIMIT_BYTES:
        size_mb, limit_mb = len(data) // 2**20, CSV_LIMIT_BYTES // 2**20
        raise UnusableBookError(finding("WB-004", "", name=name, size_mb=size_mb, limit_mb=limit_mb))
    text = decode_text(data)
    if "\x00" in text:
        raise UnusableBookError(finding("WB-001", "", name=name, suffix=PurePosixPath(name).suffix))
    sample = text[:20_000].splitlines()[:50]
    delimiter = max(";\t,|", key=lambda mark: (_steadiness(sample, mark), sum(line.count(mark) for line in sample)))
    rows: list[list[object]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(list(row))
            if len(rows) >= ROW_LIMIT:
                break
    except csv.Error as error:
        raise UnusableBookError(finding("WB-005", "", name=name, problem=str(error))) from None
    book = Book([Sheet(PurePosixPath(name).stem[:31] or "CSV", rows)], "csv")
    if len(rows) >= ROW_LIMIT:
        at = book.sheets[0].ref(ROW_LIMIT, 0)
        book.findings.append(finding("WB-028", at, sheet=book.sheets[0].name, count=len(rows), limit=ROW_LIMIT))
    return book


def _steadiness(sample: Sequence[str], mark: str) -> int:
    """How many lines have the most usual number of that mark: a delimiter stands equally often in each."""
    counts = [line.count(mark) for line in sample if mark in line]
    return max((counts.count(number) for number in set(counts)), default=0)


def decode_text(data: bytes) -> str:
    """Text of a file in Unicode or, failing that, as Windows-1252 (old encodings are told by their words)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1").translate(_WINDOWS_1252)


# Latin-1 keeps the bytes for which Windows-1252 has no letter, so that old encodings can still be told.
_WINDOWS_1252 = {byte: letter for byte in range(128, 160) if (letter := bytes([byte]).decode("cp1252", "ignore"))}

"""Opening a workbook: from bytes to sheets of plain values, whatever the format.

Values come from calamine. What it does not tell (hidden rows and columns, errors, formulas that were
never calculated, number formats) is read from the file's own XML where the format has one.
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from xml.sax.saxutils import unescape

import python_calamine

from ingest.checks.findings import finding
from ingest.model import Finding

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"

# Unpacked size of a whole book, and cells of one sheet between its first and last value. A form has
# some thousand cells; calamine holds a sheet as a full rectangle, so one stray value at the far corner
# would ask for billions.
UNPACKED_LIMIT_BYTES = 300 * 1024 * 1024
CELL_LIMIT = 4_000_000

# A form's sheet ends well before this row; what lies beyond is formatting that was dragged down.
ROW_LIMIT = 20_000


@dataclass
class Sheet:
    """A sheet's values from A1 on, and what is known about how they are shown.

    `errors` and `uncalculated` are cells (row, column from 0) that hold an error or a formula without
    a result; `knows_details` says whether the format told about those and about hidden rows.
    """

    name: str
    rows: list[list[object]]
    is_hidden: bool = False
    merged: Sequence[tuple[int, int, int, int]] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncalculated: frozenset[tuple[int, int]] = frozenset()
    knows_details: bool = False
    formats: _Formats | None = None

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
        return self.formats.of(row, column) if self.formats is not None else None


@dataclass
class Book:
    """A workbook's sheets in their order."""

    sheets: list[Sheet]
    kind: str

    def sheet(self, name: str) -> Sheet | None:
        """The sheet of that name."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


class UnusableBookError(Exception):
    """The file can't be read as a workbook; `finding` says why."""

    def __init__(self, why: Finding) -> None:
        super().__init__(why.message_en)
        self.finding = why


def column_name(column: int) -> str:
    """The letters of a column (from 0): 0 → A, 27 → AB."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def open_book(data: bytes, name: str) -> tuple[Book, list[Finding]]:
    """Reads a workbook's sheets, with findings that do not stop its use.

    Raises:
        UnusableBookError: the bytes are no workbook, or one that must not be opened.
    """
    suffix = PurePosixPath(name.lower()).suffix
    if data.startswith(ZIP_MAGIC):
        return _open_zip(data, name, suffix)
    if data.startswith(OLE_MAGIC):
        return _open_ole(data, name), []
    if suffix in (".csv", ".tsv", ".txt"):
        return _open_csv(data, name), []
    raise UnusableBookError(finding("WB-001", "", name=name, suffix=suffix or "?"))


def _open_zip(data: bytes, name: str, suffix: str) -> tuple[Book, list[Finding]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            unpacked = sum(entry.file_size for entry in entries.values())
            if unpacked > UNPACKED_LIMIT_BYTES:
                limit_mb = UNPACKED_LIMIT_BYTES // 2**20
                raise UnusableBookError(finding("WB-004", "", name=name, size_mb=unpacked // 2**20, limit_mb=limit_mb))
            if any(posixpath.basename(entry).lower() == "vbaproject.bin" for entry in entries):
                raise UnusableBookError(finding("WB-003", "", name=name))
            details = _xlsx_details(archive, entries) if "xl/workbook.xml" in entries else {}
    except UnusableBookError:
        raise
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError, KeyError) as error:
        raise UnusableBookError(finding("WB-005", "", name=name, problem=type(error).__name__)) from None
    kind = "xlsx" if details else "xlsb" if "xl/workbook.bin" in entries else "ods"
    book = _calamine_book(data, name, kind)
    for sheet in book.sheets:
        known = details.get(sheet.name)
        if known is not None:
            sheet.hidden_rows, sheet.hidden_columns = known.hidden_rows, known.hidden_columns
            sheet.errors, sheet.uncalculated = known.errors, known.uncalculated
            sheet.formats, sheet.knows_details = known.formats, True
    findings = []
    if suffix not in (f".{kind}", ".xlsx", ".xlsm"):
        findings.append(finding("WB-006", "", name=name, kind=kind))
    return book, findings


def _open_ole(data: bytes, name: str) -> Book:
    # Imported here: only old and encrypted files need it.
    import msoffcrypto
    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as container:
        streams = {"/".join(path).lower() for path in container.listdir(streams=True, storages=True)}
    if "encryptedpackage" in streams:
        raise UnusableBookError(finding("WB-002", "", name=name))
    if any(part in stream for stream in streams for part in ("_vba_project", "vba/dir")):
        raise UnusableBookError(finding("WB-003", "", name=name))
    if "workbook" not in streams and "book" not in streams:
        raise UnusableBookError(finding("WB-001", "", name=name, suffix=".xls"))
    if msoffcrypto.OfficeFile(io.BytesIO(data)).is_encrypted():
        raise UnusableBookError(finding("WB-002", "", name=name))
    return _calamine_book(data, name, "xls")


def _calamine_book(data: bytes, name: str, kind: str) -> Book:
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            return Book([_calamine_sheet(workbook, index) for index in range(len(workbook.sheet_names))], kind)
    except python_calamine.PasswordError:
        raise UnusableBookError(finding("WB-002", "", name=name)) from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise UnusableBookError(finding("WB-005", "", name=name, problem=type(error).__name__)) from None


def _calamine_sheet(workbook: python_calamine.CalamineWorkbook, index: int) -> Sheet:
    meta = workbook.sheets_metadata[index]
    is_hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
    if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
        return Sheet(meta.name, [], is_hidden)
    sheet = workbook.get_sheet_by_index(index)
    merged = [(top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
    rows: list[list[object]] = sheet.to_python(skip_empty_area=False, nrows=ROW_LIMIT)  # type: ignore[assignment]
    return Sheet(meta.name, rows, is_hidden, merged)


# What calamine does not tell, from the XML of .xlsx

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)/?>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)/?>")
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s([^>]*\bhidden=[\"'](?:1|true)[^>]*)>")
_HIDDEN_COLUMN = re.compile(rb"<(?:\w+:)?col\s([^>]*\bhidden=[\"'](?:1|true)[^>]*)>")
_ERROR_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^>]*\bt=[\"']e[\"'][^>]*)>(?:<(?:\w+:)?f[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?"
    rb"<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>"
)
_UNCALCULATED = re.compile(
    rb"<(?:\w+:)?c\s((?:(?!\bt=[\"']str)[^>])*)><(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_FAR_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>/]*>")
_REF = re.compile(rb"([A-Z]{1,3})(\d{1,7})")


@dataclass
class _Details:
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    errors: dict[tuple[int, int], str]
    uncalculated: frozenset[tuple[int, int]]
    formats: _Formats


class _Formats:
    """Number formats of a sheet's cells, parsed only when somebody asks."""

    def __init__(self, sheet_xml: bytes, styles_xml: bytes) -> None:
        self._sheet_xml, self._styles_xml = sheet_xml, styles_xml

    def of(self, row: int, column: int) -> str:
        """The number format of a cell; `General` where none was set."""
        return self._format_of_style.get(self._style_of_cell.get((row, column), 0), "General")

    @cached_property
    def _style_of_cell(self) -> dict[tuple[int, int], int]:
        found = {}
        for match in re.finditer(rb"<(?:\w+:)?c\s([^>]*)>", self._sheet_xml):
            attributes = _attributes(match[1])
            place = _place(attributes.get("r", ""))
            if place is not None and attributes.get("s", "").isdigit():
                found[place] = int(attributes["s"])
        return found

    @cached_property
    def _format_of_style(self) -> dict[int, str]:
        custom = {}
        for match in re.finditer(rb"<(?:\w+:)?numFmt\s([^>]*)/?>", self._styles_xml):
            attributes = _attributes(match[1])
            custom[attributes.get("numFmtId", "")] = attributes.get("formatCode", "General")
        styles = re.search(rb"<(?:\w+:)?cellXfs[\s>].*?</(?:\w+:)?cellXfs>", self._styles_xml, re.DOTALL)
        found = {}
        for index, match in enumerate(re.finditer(rb"<(?:\w+:)?xf\s([^>]*)>", styles[0] if styles else b"")):
            number = _attributes(match[1]).get("numFmtId", "0")
            found[index] = custom.get(number) or _BUILT_IN_FORMATS.get(number, "General")
        return found


# ECMA-376 part 1, 18.8.30: the number formats that have no definition in the file.
_BUILT_IN_FORMATS = {
    "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00", "9": "0%", "10": "0.00%", "11": "0.00E+00",
    "14": "mm-dd-yy", "37": "#,##0", "38": "#,##0", "39": "#,##0.00", "40": "#,##0.00", "49": "@",
}  # fmt: skip


def _xlsx_details(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> dict[str, _Details]:
    targets = {}
    for match in _RELATION.finditer(archive.read("xl/_rels/workbook.xml.rels")):
        attributes = _attributes(match[1])
        target = attributes.get("Target", "")
        targets[attributes.get("Id", "")] = (
            target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        )
    styles = archive.read("xl/styles.xml") if "xl/styles.xml" in entries else b""
    found = {}
    for match in _SHEET.finditer(archive.read("xl/workbook.xml")):
        attributes = _attributes(match[1])
        relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        target = targets.get(relation, "")
        if target in entries:
            found[attributes.get("name", "")] = _sheet_details(archive.read(target), styles)
    return found


def _sheet_details(xml: bytes, styles: bytes) -> _Details:
    hidden_columns: set[int] = set()
    for match in _HIDDEN_COLUMN.finditer(xml):
        attributes = _attributes(match[1])
        first, last = int(attributes.get("min", 1)), int(attributes.get("max", 1))
        hidden_columns.update(range(first - 1, min(last, 16_384)))
    hidden_rows = (int(_attributes(match[1]).get("r", 0)) - 1 for match in _HIDDEN_ROW.finditer(xml))
    errors = {}
    for match in _ERROR_CELL.finditer(xml):
        place = _place(_attributes(match[1]).get("r", ""))
        if place is not None:
            errors[place] = match[2].decode("utf-8", "replace")
    uncalculated = (_place(_attributes(match[1]).get("r", "")) for match in _UNCALCULATED.finditer(xml))
    return _Details(
        frozenset(row for row in hidden_rows if row >= 0),
        frozenset(hidden_columns),
        errors,
        frozenset(place for place in uncalculated if place is not None),
        _Formats(xml, styles),
    )


def _attributes(text: bytes) -> dict[str, str]:
    return {
        match[1].decode(): unescape(
            (match[2] if match[2] is not None else match[3]).decode("utf-8", "replace"), {"&quot;": '"', "&apos;": "'"}
        )
        for match in _ATTRIBUTE.finditer(text)
    }


def _place(ref: str) -> tuple[int, int] | None:
    match = _REF.fullmatch(ref.encode())
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + letter - 64
    return int(match[2]) - 1, column - 1


# Text files


def _open_csv(data: bytes, name: str) -> Book:
    text = decode_text(data)
    if "\x00" in text:
        raise UnusableBookError(finding("WB-001", "", name=name, suffix=".csv"))
    sample = "\n".join(text.splitlines()[:50])
    delimiter = max(";\t,|", key=lambda mark: (_steadiness(sample, mark), sample.count(mark)))
    rows: list[list[object]] = []
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        rows.append(list(row))
        if len(rows) >= ROW_LIMIT:
            break
    return Book([Sheet(PurePosixPath(name).stem[:31] or "CSV", rows)], "csv")


def _steadiness(sample: str, mark: str) -> int:
    """How many lines have the most usual number of that mark: a delimiter stands equally often in each."""
    counts = [line.count(mark) for line in sample.splitlines() if mark in line]
    return max((counts.count(number) for number in set(counts)), default=0)


def decode_text(data: bytes) -> str:
    """Text of a file in Unicode or, failing that, as Windows-1252 (old encodings are told by their words)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")

"""What calamine does not tell of a sheet: what is hidden, errors, formulas without result, number formats.

Read from the file itself, per format: XML of .xlsx by patterns (it is read for every book, so it must
be quick), XML of .ods by a parser, records of .xls. Nothing here raises for what a file holds: what
can't be read is not known.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html import unescape
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

from ingest.readers.spreadsheet.shown import Looks, ShownText, format_sections, looks_of, shown_inline, shown_strings

Place = tuple[int, int]

# ECMA-376 part 1, 18.8.30: the number formats that have no definition in the file.
BUILT_IN_FORMATS = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    14: "mm-dd-yy", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 49: "@",
}  # fmt: skip

LAST_COLUMN = 16_384


@dataclass
class SheetDetails:
    """Rows and columns from 0. `number_format` gives `General` where none was set.

    `may_hold_percent` is false where no cell is formatted as a percentage: then nobody needs to ask; so is
    `has_odd_formats` where no format shows anything else than the value. `struck` and `unseen` are cells whose
    letters are struck through or white on white; `left_out` are texts of which only a part counts.
    """

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: dict[Place, str] = field(default_factory=dict)
    uncalculated: set[Place] = field(default_factory=set)
    number_format: Callable[[int, int], str] = lambda _row, _column: "General"
    may_hold_percent: bool = False
    has_odd_formats: bool = False
    struck: set[Place] = field(default_factory=set)
    unseen: set[Place] = field(default_factory=set)
    left_out: dict[Place, ShownText] = field(default_factory=dict)
    sheet_xml: bytes = field(default=b"", repr=False)

    @cached_property
    def formulas(self) -> frozenset[str]:
        """The cells that hold a formula (`C7`); none where the format does not tell."""
        return frozenset(match[1].decode() for match in _FORMULA_CELL.finditer(self.sheet_xml))


# .xlsx

_FORMULA_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Z]{1,3}\d{1,7})[\"'][^>]*>\s*<(?:\w+:)?f[\s>/]")

_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s([^>]*\bhidden=[\"'](?:1|true)[^>]*)>")
_HIDDEN_COLUMN = re.compile(rb"<(?:\w+:)?col\s([^>]*\bhidden=[\"'](?:1|true)[^>]*)>")
_ERROR_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^>]*\bt=[\"']e[\"'][^>]*)>(?:<(?:\w+:)?f[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?"
    rb"<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>"
)
_WITHOUT_RESULT = re.compile(
    rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_PERCENT_FORMAT = re.compile(rb"formatCode=[\"'][^\"']*%|numFmtId=[\"'](?:9|10)[\"']")
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')
_REF = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def xlsx_details(sheet_xml: bytes, styles_xml: bytes, shared_xml: bytes = b"") -> SheetDetails:
    """The details of a worksheet part, with the book's styles and shared texts."""
    formats = _XlsxFormats(sheet_xml, styles_xml)
    details = SheetDetails(
        number_format=formats.of, may_hold_percent=_may_hold_percent(styles_xml), sheet_xml=sheet_xml
    )
    looks = xlsx_looks(styles_xml)
    details.has_odd_formats = bool(looks.odd_formats)
    if looks.looks:
        _add_looks(details, formats.styles(), looks)
    _add_left_out(details, sheet_xml, shared_xml)
    # Most sheets have none of these: a plain search is quicker than any pattern.
    if any(mark in sheet_xml for mark in _ZERO_SIZES) or (b"'" in sheet_xml and b"='0" in sheet_xml):
        _add_without_size(details, sheet_xml)
    if b"hidden=" in sheet_xml:
        for match in _HIDDEN_COLUMN.finditer(sheet_xml):
            named = xml_attributes(match[1])
            first, last = _number(named.get("min")), _number(named.get("max"))
            details.hidden_columns.update(range(max(first, 1) - 1, min(last, LAST_COLUMN)))
        for match in _HIDDEN_ROW.finditer(sheet_xml):
            details.hidden_rows.add(_number(xml_attributes(match[1]).get("r")) - 1)
    if b't="e"' in sheet_xml or (b"'" in sheet_xml and b"t='e'" in sheet_xml):
        for match in _ERROR_CELL.finditer(sheet_xml):
            if (place := _place(xml_attributes(match[1]).get("r"))) is not None:
                details.errors[place] = match[2].decode("utf-8", "replace")
    if not _all_have_results(sheet_xml):
        for match in _WITHOUT_RESULT.finditer(sheet_xml):
            start = max(sheet_xml.rfind(b"<c ", 0, match.start()), sheet_xml.rfind(b":c ", 0, match.start()))
            named = xml_attributes(sheet_xml[start : match.start()])
            # A formula whose result is an empty text was calculated.
            if named.get("t") != "str" and (place := _place(named.get("r"))) is not None:
                details.uncalculated.add(place)
    return details


_ZERO_SIZES = (b' width="0', b' ht="0')
_COLUMN = re.compile(rb"<(?:\w+:)?col\s([^>]*)>")
_SIZED_ROW = re.compile(rb"<(?:\w+:)?row\s([^>]*\bht=[^>]*)>")
# A column or row narrower than this shows nothing.
_LEAST_WIDTH, _LEAST_HEIGHT = 0.2, 1.0
_SHARED_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*\bt=[\"']s[\"'][^>]*)>\s*<(?:\w+:)?v>(\d{1,9})</")


def xlsx_looks(styles_xml: bytes) -> Looks:
    """What the styles of a book make of its cells."""
    return looks_of(styles_xml, tuple(_formats_of_styles(styles_xml).items()))


def _add_looks(details: SheetDetails, styles: dict[Place, int], looks: Looks) -> None:
    for place, style in styles.items():
        look = looks.looks.get(style)
        if look == "struck":
            details.struck.add(place)
        elif look == "unseen":
            details.unseen.add(place)


def _add_left_out(details: SheetDetails, sheet_xml: bytes, shared_xml: bytes) -> None:
    """The cells of which the page shows or means only a part of the text."""
    strings = _shown_strings(shared_xml) if shared_xml else {}
    if strings:
        for match in _SHARED_CELL.finditer(sheet_xml):
            shown = strings.get(int(match[2]))
            if shown is not None and (place := _place(xml_attributes(match[1]).get("r"))) is not None:
                details.left_out[place] = shown
    for attributes, shown in shown_inline(sheet_xml):
        if (place := _place(xml_attributes(attributes).get("r"))) is not None:
            details.left_out[place] = shown


_shown_strings = lru_cache(maxsize=4)(shown_strings)


def _add_without_size(details: SheetDetails, sheet_xml: bytes) -> None:
    """Columns without width and rows without height are hidden, whatever the file calls them."""
    details.hidden_columns |= columns_without_width(sheet_xml)
    details.hidden_rows |= rows_without_height(sheet_xml)


def columns_without_width(sheet_xml: bytes) -> set[int]:
    """The columns that are too narrow to show anything."""
    found: set[int] = set()
    for match in _COLUMN.finditer(sheet_xml):
        named = xml_attributes(match[1])
        if "width" in named and _size(named["width"]) < _LEAST_WIDTH:
            first, last = _number(named.get("min")), _number(named.get("max"))
            found.update(range(max(first, 1) - 1, min(last, LAST_COLUMN)))
    return found


def rows_without_height(sheet_xml: bytes) -> set[int]:
    """The rows that are too low to show anything."""
    named = (xml_attributes(match[1]) for match in _SIZED_ROW.finditer(sheet_xml))
    return {_number(one["r"]) - 1 for one in named if one.get("r") and _size(one.get("ht", "")) < _LEAST_HEIGHT}


def _size(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1e9


def _all_have_results(sheet_xml: bytes) -> bool:
    """Whether a value follows every formula of a worksheet part; false where it is written in an unusual way."""
    end = sheet_xml.rfind(b"</sheetData>")
    behind = sheet_xml[: max(end, 0)].split(b"</f>")
    # A formula that is an empty element makes the numbers differ; where elements have a prefix there is no end.
    return (
        end >= 0
        and len(behind) - 1 == sheet_xml.count(b"<f", 0, end)
        and all(text.startswith(b"<v>") and not text.startswith(b"<v><") for text in behind[1:])
    )


class _XlsxFormats:
    """Number formats of a worksheet's cells, worked out only when somebody asks.

    A few cells are looked up one by one; who asks for many gets all of them read at once.
    """

    _FEW = 40

    def __init__(self, sheet_xml: bytes, styles_xml: bytes) -> None:
        self._sheet_xml, self._styles_xml = sheet_xml, styles_xml
        self._asked = 0

    def of(self, row: int, column: int) -> str:
        self._asked += 1
        few = self._asked <= self._FEW and "_style_of_cell" not in self.__dict__
        style = self._looked_up(row, column) if few else self._style_of_cell.get((row, column))
        return _formats_of_styles(self._styles_xml).get(style or 0, "General")

    def styles(self) -> dict[Place, int]:
        """The style of every cell that has one."""
        return self._style_of_cell

    def _looked_up(self, row: int, column: int) -> int | None:
        at = self._sheet_xml.find(f'r="{column_letters(column)}{row + 1}"'.encode())
        if at < 0:
            # Written otherwise than by the usual programs, or not there.
            return self._style_of_cell.get((row, column))
        start, end = self._sheet_xml.rfind(b"<", 0, at), self._sheet_xml.find(b">", at)
        return _number(xml_attributes(self._sheet_xml[start:end]).get("s"))

    @cached_property
    def _style_of_cell(self) -> dict[Place, int]:
        found = {}
        for match in re.finditer(rb"<(?:\w+:)?c\s([^>]*)>", self._sheet_xml):
            named = xml_attributes(match[1])
            if (place := _place(named.get("r"))) is not None and "s" in named:
                found[place] = _number(named["s"])
        return found


@lru_cache(maxsize=16)
def _formats_of_styles(styles_xml: bytes) -> dict[int, str]:
    """The number format of each style of a book; those of a period have the same styles."""
    custom = {}
    for match in re.finditer(rb"<(?:\w+:)?numFmt\s([^>]*)/?>", styles_xml):
        named = xml_attributes(match[1])
        custom[_number(named.get("numFmtId"))] = named.get("formatCode", "General")
    styles = re.search(rb"<(?:\w+:)?cellXfs[\s>].*?</(?:\w+:)?cellXfs>", styles_xml, re.DOTALL)
    found = {}
    for index, match in enumerate(re.finditer(rb"<(?:\w+:)?xf\s([^>]*)>", styles[0] if styles else b"")):
        number = _number(xml_attributes(match[1]).get("numFmtId"))
        found[index] = custom.get(number) or BUILT_IN_FORMATS.get(number, "General")
    return found


@lru_cache(maxsize=16)
def _may_hold_percent(styles_xml: bytes) -> bool:
    return _PERCENT_FORMAT.search(styles_xml) is not None


def xml_attributes(text: bytes) -> dict[str, str]:
    """The attributes of an element, from the text between its name and its end."""
    return {
        match[1].decode("utf-8", "replace"): unescape(
            (match[2] if match[2] is not None else match[3]).decode("utf-8", "replace")
        )
        for match in _ATTRIBUTE.finditer(text)
    }


def column_letters(column: int) -> str:
    """The letters of a column (from 0): 0 → A, 27 → AB."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _place(ref: str | None) -> Place | None:
    match = _REF.fullmatch(ref or "")
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


# .ods

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE_NS = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_NUMBER = "{urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_CALC_EXT = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def ods_details(content: IO[bytes], row_limit: int) -> dict[str, SheetDetails]:
    """The details of each sheet of a `content.xml`, up to a number of rows."""
    try:
        return dict(_ods_sheets(content, row_limit))
    except (SyntaxError, ValueError, OSError, EOFError, zlib.error):
        # The reader of values says that the file is broken; here there is just nothing to tell.
        return {}


def _ods_sheets(content: IO[bytes], row_limit: int) -> Iterator[tuple[str, SheetDetails]]:
    name, details = "", SheetDetails()
    formats: dict[Place, str] = {}
    styles = _OdsStyles()
    row = column_count = 0
    for event, element in iterparse(content, events=("start", "end")):
        if event == "start":
            if element.tag == f"{_TABLE}table":
                name, details, formats = element.get(f"{_TABLE}name", ""), SheetDetails(), {}
                row = column_count = 0
            continue
        if element.tag in (f"{_NUMBER}number-style", f"{_STYLE_NS}style"):
            styles.add(element)
        elif element.tag == f"{_TABLE}table-column":
            repeated = min(_repeated(element, "columns"), LAST_COLUMN)
            if element.get(f"{_TABLE}visibility") in ("collapse", "filter"):
                details.hidden_columns.update(range(column_count, column_count + repeated))
            column_count += repeated
        elif element.tag == f"{_TABLE}table-row":
            repeated = _repeated(element, "rows")
            if element.get(f"{_TABLE}visibility") in ("collapse", "filter"):
                details.hidden_rows.update(range(row, min(row + repeated, row_limit)))
            if row < row_limit:
                _ods_cells(element, row, details, formats, styles)
            row += repeated
            element.clear()
        elif element.tag == f"{_TABLE}table":
            known = dict(formats)
            details.may_hold_percent = any("%" in code for code in known.values())
            details.has_odd_formats = any(one.is_odd for code in known.values() for one in format_sections(code))
            details.number_format = lambda r, c, known=known: known.get((r, c), "General")  # type: ignore[misc]
            yield name, details
            element.clear()


class _OdsStyles:
    """The styles of an .ods that make cells or parts of their texts look otherwise."""

    def __init__(self) -> None:
        self.looks: dict[str, str] = {}
        self.formats: dict[str, str] = {}
        self._codes: dict[str, str] = {}

    def add(self, element: Element) -> None:
        """Takes in a style of cells or letters, or a number format, as a format of a spreadsheet writes it."""
        name = element.get(f"{_STYLE_NS}name", "")
        if element.tag == f"{_NUMBER}number-style":
            number = element.find(f"{_NUMBER}number")
            if number is not None:
                factor = _number(number.get(f"{_NUMBER}display-factor"))
                decimals = min(_number(number.get(f"{_NUMBER}decimal-places")), 30)
                texts = "".join(one.text or "" for one in element.iter(f"{_NUMBER}text")).replace('"', "")
                code = "0" + ("." + "0" * decimals if decimals else "")
                code += "," * ((len(str(factor)) - 1) // 3 if factor >= 1000 else 0)
                self._codes[name] = code + (f'"{texts}"' if texts else "")
            return
        data_style = element.get(f"{_STYLE_NS}data-style-name", "")
        if data_style in self._codes:
            self.formats[name] = self._codes[data_style]
        letters = element.find(f"{_STYLE_NS}text-properties")
        if letters is None:
            return
        cell = element.find(f"{_STYLE_NS}table-cell-properties")
        ground = cell.get(f"{_FO}background-color", "transparent") if cell is not None else "transparent"
        if letters.get(f"{_STYLE_NS}text-line-through-style", "none") != "none":
            self.looks[name] = "struck"
        elif letters.get(f"{_FO}color", "").lower() == "#ffffff" and ground.lower() in ("transparent", "#ffffff"):
            self.looks[name] = "unseen"
        elif letters.get(f"{_STYLE_NS}text-position", "").startswith("super"):
            self.looks[name] = "raised"

    def shown(self, cell: Element) -> ShownText | None:
        """What of a cell's text counts, where some of its letters are struck or raised."""
        spans = [span for span in cell.iter(f"{_TEXT}span") if span.get(f"{_TEXT}style-name", "") in self.looks]
        if not spans:
            return None
        looks = {self.looks[span.get(f"{_TEXT}style-name", "")] for span in spans}
        marked = [id(span) for span in spans if self.looks[span.get(f"{_TEXT}style-name", "")] != "unseen"]
        kept = "".join(_texts_without(cell, marked)).strip()
        return ShownText(kept, "struck" if "struck" in looks else "unseen" if "unseen" in looks else "raised")


def _texts_without(element: Element, left_out: list[int]) -> Iterator[str]:
    """The texts of an element and all below it, those of some elements aside."""
    if id(element) not in left_out:
        yield element.text or ""
        for child in element:
            yield from _texts_without(child, left_out)
            yield child.tail or ""


def _ods_cells(
    row_element: Element, row: int, details: SheetDetails, formats: dict[Place, str], styles: _OdsStyles
) -> None:
    column = 0
    for cell in row_element:
        if cell.tag not in _CELLS:
            continue
        text = "".join(cell.itertext())
        if cell.get(f"{_CALC_EXT}value-type") == "error" or text.startswith(("#REF", "#DIV", "#NAME", "Err:")):
            details.errors[row, column] = text or "Err"
        # A result that is an empty text has no type, but a paragraph, which is empty.
        elif (
            cell.get(f"{_TABLE}formula")
            and not cell.get(f"{_OFFICE}value-type")
            and not text
            and cell.find(f"{_TEXT}p") is None
        ):
            details.uncalculated.add((row, column))
        style = cell.get(f"{_TABLE}style-name", "")
        if cell.get(f"{_OFFICE}value-type") == "percentage":
            formats[row, column] = "0.00%"
        elif style in styles.formats and cell.get(f"{_OFFICE}value-type") == "float":
            formats[row, column] = styles.formats[style]
        if text and styles.looks:
            if (look := styles.looks.get(style)) in ("struck", "unseen"):
                (details.struck if look == "struck" else details.unseen).add((row, column))
            if (shown := styles.shown(cell)) is not None:
                details.left_out[row, column] = shown
        column += _repeated(cell, "columns")


def _repeated(element: Element, what: str) -> int:
    return max(1, _number(element.get(f"{_TABLE}number-{what}-repeated", "1")))


# .xls: [MS-XLS] 2.4, records of BIFF8

_BOUNDSHEET, _BOF, _EOF, _ROW, _COLINFO, _XF, _FORMAT = 0x85, 0x809, 0x0A, 0x208, 0x7D, 0xE0, 0x41E
_FORMULA, _BOOLERR, _NUMBER_RECORD, _RK, _MULRK, _FILEPASS = 0x06, 0x205, 0x203, 0x27E, 0xBD, 0x2F
_FONT, _LABEL_SST, _STRUCK_FONT = 0x31, 0xFD, 0x08
_XLS_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def xls_is_locked(stream: bytes) -> bool:
    """Whether a `Workbook` stream is encrypted."""
    try:
        return any(kind == _FILEPASS for kind, _, _ in _records(stream, 0))
    except struct.error:
        return False


def xls_details(stream: bytes) -> dict[str, SheetDetails]:
    """The details of each sheet of a `Workbook` stream; empty for BIFF5 and older."""
    try:
        return _xls_sheets(stream)
    except (struct.error, IndexError, UnicodeDecodeError):
        return {}


def _xls_sheets(stream: bytes) -> dict[str, SheetDetails]:
    if len(stream) < 6 or struct.unpack_from("<HHH", stream)[2] != 0x0600:
        return {}
    names: list[tuple[str, int]] = []
    format_of_xf: list[int] = []
    font_of_xf: list[int] = []
    struck: list[bool] = []
    custom: dict[int, str] = {}
    for kind, at, length in _records(stream, 0):
        if kind == _BOUNDSHEET:
            position, _state, _type, count, is_wide = struct.unpack_from("<IBBBB", stream, at)
            text = stream[at + 8 : at + 8 + count * (2 if is_wide & 1 else 1)]
            names.append((text.decode("utf-16-le" if is_wide & 1 else "latin-1"), position))
        elif kind == _FONT:
            struck.append(bool(struct.unpack_from("<HH", stream, at)[1] & _STRUCK_FONT))
        elif kind == _XF:
            font, number = struct.unpack_from("<HH", stream, at)
            format_of_xf.append(number)
            # There is no font 4: the fifth record is number 5.
            font_of_xf.append(font - (font > 4))
        elif kind == _FORMAT and length >= 5:
            number, count, is_wide = struct.unpack_from("<HHB", stream, at)
            text = stream[at + 5 : at + 5 + count * (2 if is_wide & 1 else 1)]
            custom[number] = text.decode("utf-16-le" if is_wide & 1 else "latin-1")
    formats = [custom.get(number) or BUILT_IN_FORMATS.get(number, "General") for number in format_of_xf]
    is_struck = {xf for xf, font in enumerate(font_of_xf) if font < len(struck) and struck[font]}
    return {name: _xls_sheet(stream, position, formats, is_struck) for name, position in names}


def _xls_sheet(stream: bytes, position: int, formats: list[str], struck: set[int]) -> SheetDetails:
    details = SheetDetails(has_odd_formats=any(one.is_odd for code in formats for one in format_sections(code)))
    style_of: dict[Place, int] = {}
    for kind, at, length in _records(stream, position):
        if kind == _ROW:
            row = struct.unpack_from("<H", stream, at)[0]
            if struct.unpack_from("<H", stream, at + 12)[0] & 0x20:
                details.hidden_rows.add(row)
        elif kind == _COLINFO:
            first, last, _width, _xf, flags = struct.unpack_from("<HHHHH", stream, at)
            if flags & 1:
                details.hidden_columns.update(range(first, min(last, 255) + 1))
        elif kind == _LABEL_SST:
            row, column, xf = struct.unpack_from("<HHH", stream, at)
            style_of[row, column] = xf
        elif kind in (_NUMBER_RECORD, _RK, _FORMULA, _BOOLERR):
            row, column, xf = struct.unpack_from("<HHH", stream, at)
            style_of[row, column] = xf
            if kind == _BOOLERR and stream[at + 7]:
                details.errors[row, column] = _XLS_ERRORS.get(stream[at + 6], "#ERR")
            # A formula's result: two bytes FFFF tell that it is no number, the first which kind of thing.
            elif kind == _FORMULA and stream[at + 12 : at + 14] == b"\xff\xff" and stream[at + 6] == 2:
                details.errors[row, column] = _XLS_ERRORS.get(stream[at + 8], "#ERR")
        elif kind == _MULRK:
            row, first = struct.unpack_from("<HH", stream, at)
            for index in range((length - 6) // 6):
                style_of[row, first + index] = struct.unpack_from("<H", stream, at + 4 + 6 * index)[0]

    def number_format(row: int, column: int) -> str:
        xf = style_of.get((row, column))
        return formats[xf] if xf is not None and xf < len(formats) else "General"

    details.number_format = number_format
    details.may_hold_percent = any("%" in one for one in formats)
    if struck:
        details.struck = {place for place, xf in style_of.items() if xf in struck}
    return details


def _records(stream: bytes, position: int) -> Iterator[tuple[int, int, int]]:
    """Kind, place of the data and length of each record of the substream that begins at a position."""
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        if kind == _EOF:
            return
        yield kind, position + 4, length
        position += 4 + length

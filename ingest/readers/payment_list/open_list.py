"""Which workbooks hold payment lists, and their rows one by one.

A list must be recognised before the reader of forms sees the book: that one keeps whole sheets in memory
and puts cells into its findings, and a list's cells are names and numbers of persons.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

import python_calamine

from ingest.readers.encodings import DECODERS, WORD, Decoder, is_foreign, legacy_encoding
from ingest.readers.payment_list.list_schema import PERSONAL_COLUMNS, is_passed_over, load_lists
from ingest.readers.payment_list.sheet_xml import SheetScan, book_looks, scan_sheet, sheet_parts
from ingest.readers.spreadsheet.labels import label_key
from ingest.readers.spreadsheet.open_book import OLE_MAGIC, ZIP_MAGIC, Book, Sheet, decode_text
from ingest.readers.unreadable import BROKEN_ZIP

# A file's bytes, or where they lie.
Source = bytes | Path

# Titles and headings stand within these rows; the rest are lines.
HEAD_ROWS = 60
# Cells of all sheets together, each 32 bytes in calamine: 200,000 lines of 30 columns and some room.
CELL_LIMIT = 10_500_000

# 200,000 lines of 25 columns unpack to some 290 MB. What is larger goes to the reader of workbooks, which says so.
UNPACKED_LIMIT_BYTES = 400 * 2**20
_MOST_DECODED = 50_000
_PEEK_BYTES = 128 * 1024
# A cell with a text takes at least 27 bytes of a sheet's XML: `<c r="A1" t="s"><v>0</v></c>`.
_PEEK_TEXTS = _PEEK_BYTES // 27
_SHARED_BYTES = 64 * 1024 * 1024
_MAX_SHEETS = 400
_LEAST_COLUMNS = 3
_TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".md")

_SHARED_CELL = re.compile(rb"""\bt=["']s["'][^>]*>\s*<(?:\w+:)?v>(\d{1,9})</""")
_SHARED_STRING = re.compile(rb"<(?:\w+:)?si(?:>|\s[^>]*>)")
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]{1,400})</")
_REPEATED_VALUES = re.compile(
    rb"""table:number-rows-repeated="\d{5,}"[^>]*>(?:(?!</table:table-row>).)*?office:value-type"""
    rb"""|table:number-columns-repeated="\d{4,}"[^>]*office:value-type""",
    re.DOTALL,
)


class TooLargeError(Exception):
    """A sheet is larger than any list; `cells` is its area."""

    def __init__(self, cells: int) -> None:
        super().__init__(f"{cells} cells")
        self.cells = cells


@dataclass
class ListSheet:
    """A sheet of a book with its first rows; `scan` is None where the format does not tell."""

    head: Sheet
    scan: SheetScan | None = None
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    _source: python_calamine.CalamineSheet | str = ""
    _delimiter: str = ","
    _decode: dict[object, object] | None = None

    @property
    def name(self) -> str:
        """The sheet's name, as it may be shown."""
        return self.head.name

    def decode_from(self, encoding: str) -> None:
        """Turns texts in an encoding older than Unicode into Unicode."""
        self._decode = _TextDecoder(DECODERS[encoding])
        self.head.rows = [list(map(self._decode.__getitem__, row)) for row in self.head.rows]

    def release(self) -> None:
        """Gives back the memory that the rows take, which can't be read after this."""
        self._source = ""

    def rows(self, first: int) -> Iterator[list[object]]:
        """The rows from the given one on, each from column A."""
        rows: Iterator[list[object]]
        if isinstance(self._source, str):
            text = io.StringIO(self._source, newline="")
            rows = islice(csv.reader(text, delimiter=self._delimiter), first, None)  # type: ignore[arg-type]
        else:
            before: list[object] = [""] * (self._source.start or (0, 0))[1]
            rows = islice(self._source.iter_rows(), first, None)  # type: ignore[arg-type]
            if before:
                rows = (before + row for row in rows)
        if self._decode is not None:
            decode = self._decode.__getitem__
            rows = (list(map(decode, row)) for row in rows)
        return rows


class _TextDecoder(dict[object, object]):
    """Decodes each text once; other values stay what they are."""

    def __init__(self, decode: Decoder) -> None:
        super().__init__()
        self._decode_text = decode

    def __missing__(self, value: object) -> object:
        decoded = self._decode_text(value) if isinstance(value, str) and is_foreign(value) else value
        if len(self) < _MOST_DECODED:
            self[value] = decoded
        return decoded


@dataclass
class ListBook:
    """A book that holds at least one list, with all its sheets; `encoding` is that of its texts where not Unicode."""

    kind: str
    sheets: list[ListSheet]
    encoding: str | None = None

    def __post_init__(self) -> None:
        self.encoding = _encoding(text for sheet in self.sheets for text in _texts(sheet.head))
        if self.encoding is not None:
            for sheet in self.sheets:
                sheet.decode_from(self.encoding)


def open_list_book(source: Source, name: str) -> ListBook | None:
    """The book when it holds a list; None when it holds none or can't be opened.

    What can't be opened is left to the reader of workbooks, which says why.

    Raises:
        TooLargeError: it holds a list and a sheet that is too large to be opened.
    """
    try:
        with _opened(source) as file:
            magic = file.read(len(OLE_MAGIC))
        if magic.startswith(ZIP_MAGIC):
            return _open_zip(source)
        if magic == OLE_MAGIC:
            return _open_ole(source)
    except (python_calamine.CalamineError, ParseError, *BROKEN_ZIP):
        return None
    return _open_csv(bytes_of(source), name) if PurePosixPath(name.lower()).suffix in _TEXT_SUFFIXES else None


def bytes_of(source: Source) -> bytes:
    """All bytes of a file."""
    return source.read_bytes() if isinstance(source, Path) else source


def _opened(source: Source) -> BinaryIO:
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def _open_zip(source: Source) -> ListBook | None:
    with _opened(source) as file, zipfile.ZipFile(file) as archive:
        entries = archive.namelist()
        unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > UNPACKED_LIMIT_BYTES or any(entry.lower().endswith("vbaproject.bin") for entry in entries):
            return None
        if "xl/workbook.xml" not in entries:
            if "content.xml" in entries and _REPEATED_VALUES.search(archive.read("content.xml")):
                return None
            kind = "ods" if "content.xml" in entries else "xlsb"
            book = _calamine_book(source, kind, {})
            return book if any(is_list(_texts(sheet.head)) for sheet in book.sheets) else None
        parts = dict(islice(sheet_parts(archive).items(), _MAX_SHEETS))
        if not any(is_list(texts) for texts in _peek(archive, parts.values())):
            return None
        scans = {}
        looks = book_looks(archive)
        for sheet, part in parts.items():
            with archive.open(part) as stream:
                scans[sheet] = scan_sheet(stream, looks)
    cells = sum(scan.cells for scan in scans.values())
    if cells > CELL_LIMIT:
        raise TooLargeError(cells)
    return _calamine_book(source, "xlsx", scans)


def _open_ole(source: Source) -> ListBook | None:
    # Imported here: only old files need it.
    import olefile

    with _opened(source) as file, olefile.OleFileIO(file) as container:
        streams = {"/".join(path).lower() for path in container.listdir(streams=True, storages=True)}
    if not streams & {"workbook", "book"} or any("vba" in stream for stream in streams):
        return None
    book = _calamine_book(source, "xls", {})
    return book if any(is_list(_texts(sheet.head)) for sheet in book.sheets) else None


def _calamine_book(source: Source, kind: str, scans: dict[str, SheetScan]) -> ListBook:
    sheets = []
    # Bytes are copied there, a path is not; but its ending decides, where it has one, and names lie.
    if isinstance(source, Path) and source.suffix.lower() not in ("", f".{kind}"):
        source = source.read_bytes()
    with python_calamine.load_workbook(source if isinstance(source, Path) else io.BytesIO(source)) as workbook:
        for index, meta in enumerate(workbook.sheets_metadata[:_MAX_SHEETS]):
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            values = workbook.get_sheet_by_index(index)
            merged = [(top, left, bottom, right) for (top, left), (bottom, right) in values.merged_cell_ranges or ()]
            rows: list[list[object]] = values.to_python(skip_empty_area=False, nrows=HEAD_ROWS)  # type: ignore[assignment]
            head = Sheet(
                meta.name,
                rows,
                meta.visible != python_calamine.SheetVisibleEnum.Visible,
                [area for area in merged if area[2] < HEAD_ROWS],
            )
            sheets.append(ListSheet(head, scans.get(meta.name), merged, values))
    return ListBook(kind, sheets)


def _open_csv(data: bytes, name: str) -> ListBook | None:
    first = decode_text(data[:_PEEK_BYTES]).splitlines()[:HEAD_ROWS]
    delimiter = max(";\t,|", key=lambda mark: sum(line.count(mark) for line in first))
    head = Sheet(PurePosixPath(name).stem[:31] or "CSV", [list(row) for row in csv.reader(first, delimiter=delimiter)])
    if not is_list(_texts(head)):
        return None
    text = decode_text(data)
    if "\x00" in text:
        return None
    return ListBook("csv", [ListSheet(head, None, [], text, delimiter)])


# Recognition


@lru_cache(maxsize=1)
def column_words() -> dict[str, str]:
    """The columns that lists have by the keys of their headings."""
    words: dict[str, str] = {}
    for versions in load_lists().values():
        for one in versions:
            for column in one.table.leaves:
                if not is_passed_over(column.key):
                    for label in (column.path[-1], *column.path_variants[-1]):
                        words.setdefault(label_key(label), column.key)
    return words


def holds_list(book: Book) -> bool:
    """Whether a sheet of an opened book may be a list; `open_list_book` says it for sure.

    So many texts of each sheet are looked at as stand in the part of its XML that `open_list_book` looks at.
    """
    return any(is_list(islice(_texts(sheet), _PEEK_TEXTS)) for sheet in book.sheets)


def is_list(texts: Iterable[str]) -> bool:
    """Whether texts near the top of a sheet are the headings of a list of persons, or name a list's form."""
    texts = list(texts)
    encoding = _encoding(texts)
    return _are_headings(texts) or (encoding is not None and _are_headings(map(DECODERS[encoding], texts)))


def _encoding(texts: Iterable[str]) -> str | None:
    """The encoding of texts older than Unicode; None where they make sense as they are."""
    foreign = [text for text in texts if is_foreign(text)]
    return legacy_encoding(foreign, _known_words()) if foreign else None


@lru_cache(maxsize=1)
def _known_words() -> frozenset[str]:
    """The words of all lists' titles, headings and categories, in small letters."""
    texts = ["Đơn vị báo cáo, kỳ báo cáo, huyện, thị xã, thành phố, xã, phường, thị trấn, tỉnh, năm, quý, tháng, nữ"]
    for versions in load_lists().values():
        for one in versions:
            texts += [one.layout.title_vi, *one.layout.title_words]
            texts += [label for column in one.table.leaves for label in column.path]
            texts += [word for category in one.layout.categories.values() for word in category.words]
    return frozenset(WORD.findall(" ".join(texts).lower()))


def _are_headings(texts: Iterable[str]) -> bool:
    words, lists, found = column_words(), load_lists(), set()
    for text in texts:
        key = text if text in lists else words.get(label_key(text))
        if key is not None:
            found.add(key)
            if key in lists or (len(found) >= _LEAST_COLUMNS and found & PERSONAL_COLUMNS):
                return True
    return False


def _texts(sheet: Sheet) -> Iterator[str]:
    return (text for _, _, text in sheet.texts() if len(text) <= 200)


def _peek(archive: zipfile.ZipFile, parts: Iterable[str]) -> Iterator[list[str]]:
    """The texts at the top of each sheet of an .xlsx, without opening the whole."""
    indexes: list[list[int]] = []
    texts: list[list[str]] = []
    for part in parts:
        with archive.open(part) as stream:
            top = stream.read(_PEEK_BYTES)
        indexes.append(list(dict.fromkeys(int(index) for index in _SHARED_CELL.findall(top))))
        texts.append([_unescaped(text) for text in _TEXT.findall(top)])
    needed = {index for one in indexes for index in one}
    shared = _shared_strings(archive, needed) if needed and "xl/sharedStrings.xml" in archive.namelist() else {}
    for numbers, inline in zip(indexes, texts, strict=True):
        yield inline + [shared[number] for number in numbers if number in shared]


def _shared_strings(archive: zipfile.ZipFile, needed: set[int]) -> dict[int, str]:
    """The shared strings of the given numbers, read no further than needed."""
    found: dict[int, str] = {}
    number, rest = 0, b""
    with archive.open("xl/sharedStrings.xml") as stream:
        for _ in range(_SHARED_BYTES // _PEEK_BYTES):
            read = stream.read(_PEEK_BYTES)
            # What stands before the first mark is the file's opening, or nothing.
            _, *strings = _SHARED_STRING.split(rest + read)
            if read:
                rest = b"<si>" + strings.pop() if strings else rest + read
            for string in strings:
                if number in needed:
                    found[number] = "".join(map(_unescaped, _TEXT.findall(string)))
                number += 1
            if not read or len(found) == len(needed):
                break
    return found


def _unescaped(text: bytes) -> str:
    return unescape(text.decode("utf-8", "replace"))

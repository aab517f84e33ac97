"""Small files, one of each format, that end the reader of whoever opens them without bounds, or can't be read."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """Parts in a zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def relations(*targets: tuple[str, str]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{entries}</Relationships>'


def xlsx_of(sheet_data: str) -> bytes:
    """A book of one sheet, given as the inside of its `sheetData`."""
    sheet = '<sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets>'
    return packed({
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{sheet}</workbook>',
        "xl/_rels/workbook.xml.rels": relations(("worksheet", "worksheets/sheet1.xml")),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{sheet_data}</sheetData></worksheet>',
    })  # fmt: skip


def far_xlsx() -> bytes:
    """Two values, at the two ends of a sheet: as a rectangle, 500 GB."""
    first = '<row r="1"><c r="A1"><v>1</v></c></row>'
    return xlsx_of(f'{first}<row r="1048576"><c r="XFD1048576"><v>3</v></c></row>')


def xlsb_without_relations() -> bytes:
    """A binary book whose sheet names a relation that is not there: calamine panics."""

    def record(kind: int, data: bytes = b"") -> bytes:
        number = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
        return number + bytes([len(data)]) + data

    def text(value: str) -> bytes:
        return struct.pack("<I", len(value)) + value.encode("utf-16-le")

    sheet = struct.pack("<II", 0, 1) + text("rId9") + text("A")
    book = record(131) + record(143) + record(156, sheet) + record(144) + record(132)
    return packed({
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": relations(("officeDocument", "xl/workbook.bin")),
        "xl/workbook.bin": book,
        "xl/_rels/workbook.bin.rels": relations(),
    })  # fmt: skip


def ole(stream: bytes, name: str = "Workbook") -> bytes:
    """A container of one stream ([MS-CFB], sectors of 512 bytes)."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    chain = [*range(3, sectors + 2), 0xFFFFFFFE]
    table = [0xFFFFFFFD, 0xFFFFFFFE, *chain]
    table += [0xFFFFFFFF] * (128 - len(table))
    assert len(table) == 128

    def entry(label: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = label.encode("utf-16-le")
        head = raw.ljust(64, b"\0") + struct.pack(
            "<HBBIII", len(raw) + 2 if label else 0, kind, 1, *[0xFFFFFFFF] * 2, child
        )
        return head + bytes(36) + struct.pack("<IQ", start, size)

    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff" * (4 * 108)
    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry(name, 2, 0xFFFFFFFF, 2, len(stream))
    folder += 2 * entry("", 0, 0xFFFFFFFF, 0, 0)
    return header + struct.pack("<128I", *table) + folder + stream


def xls_of(cells: Mapping[tuple[int, int], float]) -> bytes:
    """Numbers as an .xls (BIFF8)."""

    def record(kind: int, data: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def begin(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x0600, kind, 0, 1996, 0, 6))

    numbers = b"".join(
        record(0x203, struct.pack("<HHHd", row, column, 0, value)) for (row, column), value in sorted(cells.items())
    )
    style = record(0xE0, bytes(20))
    place = len(begin(5) + style + record(0x85, bytes(6) + b"\x01\0A")) + 4
    book = begin(5) + style + record(0x85, struct.pack("<IBB", place, 0, 0) + b"\x01\0A") + record(0x0A)
    return ole(book + begin(16) + numbers + record(0x0A))


def far_xls() -> bytes:
    """Two values at the two ends of an old sheet: as a rectangle, half a gigabyte and more."""
    return xls_of({(0, 0): 1.0, (65535, 255): 3.0})


def repeating_ods() -> bytes:
    """A few hundred bytes that claim seventeen thousand million cells."""
    spaces = "".join(
        f' xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for key, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    table = f'<table:table table:name="A">{row}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    return packed({
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": f"<office:document-content{spaces}>{body}</office:document-content>",
        "META-INF/manifest.xml": "<manifest/>",
    })  # fmt: skip


def deep_docx(depth: int = 30_000) -> bytes:
    """Text inside insertions inside insertions."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    inside = "<w:ins>" * depth + "<w:p/>" + "</w:ins>" * depth
    return packed({"word/document.xml": f"<w:document {space}><w:body>{inside}</w:body></w:document>"})


def broken_pdf() -> bytes:
    """A page tree that is its own child."""
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2147483647>>",
    ]
    body = "".join(f"{number} 0 obj{content}endobj\n" for number, content in enumerate(objects, start=1))
    return f"%PDF-1.7\n{body}trailer<</Root 1 0 R/Size 3>>\n%%EOF".encode()


# By the ending of a name: all of them are refused, and none may stop anything else.
POISON: dict[str, Callable[[], bytes]] = {
    ".xlsx": far_xlsx,
    ".xls": far_xls,
    ".xlsb": xlsb_without_relations,
    ".ods": repeating_ods,
    ".csv": lambda: b"a" * 5_000_000,
    ".docx": deep_docx,
    ".pdf": broken_pdf,
    ".txt": lambda: b"so lieu 12 ho ngheo. " * 500_000,
}

"""Files that are not what they say, are locked, broken, or meant to do harm: a finding, in bounded time and memory."""

from __future__ import annotations

import io
import os
import resource
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from bench.made_forms import consistent_values
from ingest.core.catalogue import Catalogue, Unit
from ingest.core.model import ReadFile
from ingest.forms.schema import Form
from ingest.readers.dispatch import read_file
from ingest.readers.form.read_form import read_workbook
from ingest.readers.spreadsheet.open_book import UnusableBookError, column_name, open_book
from ingest.readers.spreadsheet.sheet_details import ods_details, xls_details, xls_is_locked
from ingest.submitters.form_template import write_template
from tests.ingest.readers.sheets import Formula, read_book, write_book

SHEET1 = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def sound(
    forms: Mapping[str, Form], dak_mil: Unit, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> bytes:
    """A filled poverty review with nothing wrong."""
    path = tmp_path_factory.mktemp("sound") / "sound.xlsx"
    form = forms["poverty_review"]
    write_template(
        form, dak_mil, "2023", path, catalogue, consistent_values(form, dak_mil, "2023", catalogue, Random(1))
    )
    return path.read_bytes()


def _changed(
    data: bytes, parts: Mapping[str, Callable[[bytes], bytes]] | None = None, added: Mapping[str, bytes] | None = None
) -> bytes:
    """A workbook with some of its parts changed and others added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            change = (parts or {}).get(entry.filename, lambda content: content)
            new.writestr(entry.filename, change(old.read(entry)))
        for name, content in (added or {}).items():
            new.writestr(name, content)
    return buffer.getvalue()


FAR_ROW = b'<row r="1048576"><c r="XFD1048576"><v>3</v></c></row>'
DEEP_ROW = b'<row r="1048576"><c><v>3</v></c></row>'


def _many_words() -> bytes:
    return b"\n".join(b",".join(b"chu %d %d" % (i, j) for j in range(9)) for i in range(19_000))


def _with_rows(xml: bytes) -> Callable[[bytes], bytes]:
    return lambda sheet: sheet.replace(b"</sheetData>", xml + b"</sheetData>")


def _rules(read: ReadFile) -> list[str]:
    return [finding.rule_id for finding in read.all_findings]


def _locked(data: bytes) -> bytes:
    buffer = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt("secret", buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "rule"),
    [
        ("locked.xlsx", _locked, "WB-002"),
        ("macros.xlsm", lambda data: _changed(data, added={"xl/vbaProject.bin": b"x"}), "WB-003"),
        ("truncated.xlsx", lambda data: data[: len(data) // 2], "WB-005"),
        ("noise.xlsx", lambda data: b"PK\x03\x04" + os.urandom(5_000), "WB-005"),
        ("half_an_ole.xls", lambda data: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + os.urandom(600), "WB-005"),
        ("page.xls", lambda data: b"<html><table><tr><td>1</td></tr></table></html>", "WB-001"),
        ("report.xlsx", lambda data: b"%PDF-1.4 ...", "WB-001"),
        ("picture.xlsx", lambda data: b"\x89PNG\r\n\x1a\n....", "WB-001"),
        ("nothing.csv", lambda data: b"a,b\x00c\n", "WB-001"),
        ("line.csv", lambda data: b"a" * 5_000_000, "WB-005"),
        ("zip.xlsx", lambda data: _changed(data, {"xl/workbook.xml": lambda xml: b""}), "WB-005"),
    ],
)
def test_what_is_no_usable_workbook(
    name: str, make: Callable[[bytes], bytes], rule: str, sound: bytes, catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    read = read_workbook(make(sound), name, catalogue, forms)
    assert read.submissions == []
    assert _rules(read) == [rule]
    assert read.findings[0].severity == "error"
    assert name in read.findings[0].message_vi


@pytest.mark.parametrize("content", [b"%PDF-1.7 ...", b"PK\x03\x04word/document.xml"], ids=["pdf", "broken zip"])
def test_a_renamed_document_is_no_workbook(content: bytes, catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "renamed.xlsx"
    path.write_bytes(content)
    read = read_file(path, path.name, catalogue)
    assert read.submissions == []
    assert _rules(read)[0] in ("WB-001", "WB-005")


def test_a_workbook_without_any_form(catalogue: Catalogue, forms: Mapping[str, Form]) -> None:
    read = read_workbook(b"ten;so\nA;1\nB;2\n", "x.csv", catalogue, forms)
    assert _rules(read) == ["FORM-001"]


def test_every_truncation_is_survived(sound: bytes, catalogue: Catalogue, forms: Mapping[str, Form]) -> None:
    for length in range(0, len(sound), len(sound) // 40):
        read = read_workbook(sound[:length], "x.xlsx", catalogue, forms)
        assert read.findings
        assert not read.submissions


def test_changed_bytes_are_survived(sound: bytes, catalogue: Catalogue, forms: Mapping[str, Form]) -> None:
    random = Random(0)
    for _ in range(60):
        data = bytearray(sound)
        for _ in range(random.randrange(1, 30)):
            data[random.randrange(len(data))] = random.randrange(256)
        read_workbook(bytes(data), "x.xlsx", catalogue, forms)


_MEASURE = """
import resource, sys
from ingest.core.catalogue import load_catalogue
from ingest.forms import load_forms
from ingest.readers.form.read_form import read_workbook
catalogue, forms = load_catalogue(), load_forms()
catalogue.units
data = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF)
read = read_workbook(data, sys.argv[1].rsplit("/")[-1], catalogue, forms)
own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = own.ru_utime + own.ru_stime - before.ru_utime - before.ru_stime + children.ru_utime + children.ru_stime
# Not this process's ru_maxrss, which begins with that of whoever started it.
own_peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(seconds, max(own_peak, children.ru_maxrss) / 1024, *(finding.rule_id for finding in read.all_findings))
"""


def _measured(data: bytes, name: str, folder: Path) -> tuple[float, float, list[str]]:
    """Processor seconds, peak megabytes and findings of reading a file in a process of its own."""
    path = folder / name
    path.write_bytes(data)
    done = subprocess.run([sys.executable, "-c", _MEASURE, str(path)], capture_output=True, text=True, check=True)
    seconds, megabytes, *rules = done.stdout.split()
    return float(seconds), float(megabytes), rules


def _empty_rows(count: int) -> bytes:
    rows = bytearray()
    for number in range(200, 200 + count):
        cells = "".join(f'<c r="{column_name(column)}{number}" s="3"/>' for column in range(20))
        rows += f'<row r="{number}">{cells}</row>'.encode()
    return bytes(rows)


def _spaces(megabytes: int) -> bytes:
    """So much white space."""
    return b" " * (megabytes << 20)


def _lying(data: bytes) -> bytes:
    """A workbook one of whose parts unpacks to 300 MB, though the archive's directory says 30 kB."""
    packed = bytearray(_changed(data, {SHEET1: _with_rows(_spaces(300))}))
    at = packed.find(b"PK\x01\x02")
    while at >= 0:
        length, header = struct.unpack_from("<H", packed, at + 28)[0], struct.unpack_from("<I", packed, at + 42)[0]
        if bytes(packed[at + 46 : at + 46 + length]) == SHEET1.encode():
            struct.pack_into("<I", packed, at + 24, 30_000)
            struct.pack_into("<I", packed, header + 22, 30_000)
        at = packed.find(b"PK\x01\x02", at + 4)
    return bytes(packed)


def _ods_of_repeats(_: bytes) -> bytes:
    """An .ods of a few hundred bytes that claims seventeen thousand million cells."""
    spaces = "".join(
        f' xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for key, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    table = f'<table:table table:name="A">{row}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<office:document-content{spaces}>{body}</office:document-content>")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "make", "rule"),
    [
        ("rows.xlsx", lambda data: _changed(data, {SHEET1: _with_rows(_empty_rows(100_000))}), "WB-031"),
        ("huge.xlsx", lambda data: _changed(data, {SHEET1: _with_rows(_empty_rows(2_000) + _spaces(90))}), "WB-042"),
        ("far.xlsx", lambda data: _changed(data, {SHEET1: _with_rows(FAR_ROW)}), "WB-027"),
        ("deep.xlsx", lambda data: _changed(data, {SHEET1: _with_rows(DEEP_ROW)}), "WB-028"),
        ("bomb.xlsx", lambda data: _changed(data, added={"xl/media/x.bin": bytes(400 << 20)}), "WB-004"),
        ("lying.xlsx", _lying, "WB-005"),
        ("repeats.ods", _ods_of_repeats, "WB-005"),
        ("words.csv", lambda data: _many_words(), "WB-026"),
    ],
)  # fmt: skip
def test_hostile_files_cost_no_more_than_is_allowed(
    name: str, make: Callable[[bytes], bytes], rule: str, sound: bytes, tmp_path: Path
) -> None:
    seconds, megabytes, rules = _measured(make(sound), name, tmp_path)
    assert rule in rules
    assert seconds < 10
    assert megabytes < 500


def test_of_a_huge_sheet_the_beginning_is_looked_through_and_that_is_said(
    sound: bytes, catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    book = read_book(sound)
    grid = book.tables[0]
    grid.hidden_rows = {grid.data.start}
    data = _changed(write_book(book), {SHEET1: _with_rows(_empty_rows(2_000) + _spaces(70))})
    assert grid.data.start in open_book(data, "x.xlsx").sheets[0].hidden_rows
    read = read_workbook(data, "x.xlsx", catalogue, forms)
    assert len(read.submissions[0].observations) == 352
    huge = next(finding for finding in read.all_findings if finding.rule_id == "WB-042")
    assert huge.ref == f"{grid.name}!A1"
    assert "takes 70 MB, more than 64 MB" in huge.message_en
    assert "chiếm 70 MB, quá 64 MB" in huge.message_vi and "Hãy xóa các dòng, cột trống" in huge.message_vi
    # That the format does not tell would not be true.
    assert "WB-030" not in _rules(read)


def test_rows_of_unknown_units_share_a_finding(sound: bytes, catalogue: Catalogue, forms: Mapping[str, Form]) -> None:
    book = read_book(sound)
    grid = book.tables[0]
    first = grid.data.start
    grid.insert_rows(first, 2_000)
    for number in range(2_000):
        grid.set_row(first + number, {1: f"Xã Không Có {number}", 2: 5})
    rules = _rules(read_workbook(write_book(book), "x.xlsx", catalogue, forms))
    assert rules.count("WB-012") == 50
    assert rules.count("WB-032") == 1


def test_a_format_under_another_name_is_read_and_said(
    sound: bytes, catalogue: Catalogue, forms: Mapping[str, Form]
) -> None:
    read = read_workbook(sound, "x.xls", catalogue, forms)
    assert _rules(read) == ["WB-006"]
    assert len(read.submissions[0].observations) == 352


def test_errors_and_formulas_without_result_are_told_from_blanks(sound: bytes) -> None:
    book = read_book(sound)
    grid = book.tables[0]
    row = grid.data.start
    grid.cells[row, 2], grid.cells[row, 3] = Formula("=1/0", "#DIV/0!"), Formula("=A1+1")
    grid.cells[row, 4] = Formula("=1+1", 2)
    grid.hidden_rows, grid.hidden_columns = {row + 1}, {5}
    sheet = open_book(write_book(book), "x.xlsx").sheets[0]
    assert sheet.errors == {(row, 2): "#DIV/0!"}
    assert sheet.uncalculated == {(row, 3)}
    assert sheet.value(row, 4) == 2
    assert row + 1 in sheet.hidden_rows
    assert 5 in sheet.hidden_columns


def test_an_empty_result_of_a_formula_in_an_ods_is_told_from_none() -> None:
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    content = f"""<table:table xmlns:table="{office}table:1.0" xmlns:text="{office}text:1.0" table:name="S">
        <table:table-row>
            <table:table-cell table:formula="of:=IF(COUNT([.A2:.A9])=0;&quot;&quot;;1)"><text:p/></table:table-cell>
            <table:table-cell table:formula="of:=[.A2]+1"/>
        </table:table-row>
    </table:table>"""
    assert ods_details(io.BytesIO(content.encode()), 100)["S"].uncalculated == {(0, 1)}


def test_number_formats_are_known(sound: bytes) -> None:
    book = read_book(sound)
    grid = book.tables[0]
    grid.cells[0, 20], grid.formats[0, 20] = 0.0168, "0.00%"
    grid.cells[1, 20] = 5
    sheet = open_book(write_book(book), "x.xlsx").sheets[0]
    assert sheet.number_format(0, 20) == "0.00%"
    assert sheet.number_format(1, 20) == "General"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Xã;Số hộ\nĐắk Lao;1.234,5\n", [["Xã", "Số hộ"], ["Đắk Lao", "1.234,5"]]),
        ('Xã,Số hộ\n"Đắk Lao","1,234"\n', [["Xã", "Số hộ"], ["Đắk Lao", "1,234"]]),
        ("Xã\tSố hộ\nĐắk Lao\t5\n", [["Xã", "Số hộ"], ["Đắk Lao", "5"]]),
        ("Xã|Số hộ\nĐắk Lao|5\n", [["Xã", "Số hộ"], ["Đắk Lao", "5"]]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiter_and_encoding_of_text_files_are_found(text: str, expected: list[list[str]], encoding: str) -> None:
    assert open_book(text.encode(encoding), "x.csv").sheets[0].rows == expected


def test_columns_have_letters() -> None:
    assert [column_name(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def test_a_locked_xls_is_told_by_its_record() -> None:
    start = _record(0x809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    assert xls_is_locked(start + _record(0x2F, b"\x01\x00") + _record(0x0A, b""))
    assert not xls_is_locked(start + _record(0x0A, b""))


def test_what_xls_records_tell() -> None:
    head = _record(0x809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    formats = _record(0x41E, struct.pack("<HHB", 164, 5, 0) + b"0.00%")
    styles = _record(0xE0, struct.pack("<HH", 0, 0) + bytes(16)) + _record(0xE0, struct.pack("<HH", 0, 164) + bytes(16))
    size = len(head) + len(formats) + len(styles) + len(_record(0x85, bytes(8) + b"A")) + 4
    sheet_name = _record(0x85, struct.pack("<IBBBB", size, 0, 0, 1, 0) + b"A")
    row = _record(0x208, struct.pack("<HHHHHHI", 7, 0, 1, 0, 0, 0, 0x20))
    column = _record(0x7D, struct.pack("<HHHHHH", 2, 3, 0, 0, 1, 0))
    error = _record(0x205, struct.pack("<HHHBB", 4, 1, 0, 23, 1))
    number = _record(0x203, struct.pack("<HHHd", 5, 1, 1, 0.5))
    body = _record(0x809, struct.pack("<HHHHII", 0x0600, 16, 0, 0, 0, 0)) + column + row + error + number
    details = xls_details(head + formats + styles + sheet_name + _record(0x0A, b"") + body + _record(0x0A, b""))["A"]
    assert details.hidden_rows == {7}
    assert details.hidden_columns == {2, 3}
    assert details.errors == {(4, 1): "#REF!"}
    assert details.number_format(5, 1) == "0.00%"
    assert details.number_format(9, 9) == "General"


def test_a_directory_that_lies_is_refused(sound: bytes) -> None:
    with pytest.raises(UnusableBookError, match="broken"):
        open_book(_lying(sound), "x.xlsx")


def test_this_process_is_not_bounded_by_the_worker(sound: bytes) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    open_book(_changed(sound, {SHEET1: _with_rows(_empty_rows(20_000))}), "x.xlsx")
    assert resource.getrlimit(resource.RLIMIT_AS) == before

"""Payment lists, good and bad, in which names and numbers are planted, and the search for them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
from psycopg import Connection, sql

from ingest.core.catalogue import load_catalogue
from ingest.forms import load_forms
from ingest.readers.encodings import TCVN3_LETTERS
from ingest.submitters.form_template import write_template
from tests.made_lines import COLUMNS, HEADING_ROW, TITLE, book_of, list_book, person, sheet_rows

# Nothing else in the project looks like these. The numbers are long enough not to stand in a hash by chance.
NAME, IDENTITY, ACCOUNT = "Nguyễn Thị Kimoanhx", "067170919191", "6310205919191"
# Without diacritics, so that no encoding or escape of a text hides them.
NEEDLES = (b"kimoanhx", b"919191")
LETTERS = "ABCDEGHIKL"


def planted(who: int = 1, /, **differs: object) -> dict[str, object]:
    """Somebody whose name and numbers are planted; eight of them have names of their own."""
    mine = {"name": f"{NAME} {LETTERS[who]}", "identity": f"06717{who}919191", "birth": f"15/03/197{who}"}
    return person(who, **{**mine, "account": f"631020{who}919191", **differs})


def people() -> list[dict[str, object]]:
    return [planted(number) for number in range(1, 9)]


def values() -> list[list[object]]:
    return [[line[key] for key in COLUMNS] for line in people()]


def in_tcvn3(value: object) -> object:
    font = {letter: chr(code) for code, letter in TCVN3_LETTERS.items()}
    return "".join(font.get(c, font.get(c.lower(), c)) for c in value) if isinstance(value, str) else value


def faulty() -> Iterator[tuple[str, bytes]]:
    """A list per column and kind of personal data that strayed into it, and lists whose columns were shifted."""
    for key in COLUMNS:
        for number, stray in enumerate((NAME, IDENTITY, int(IDENTITY), int(ACCOUNT), 245919191)):
            yield f"stray-{key}-{number}.xlsx", list_book([planted(1), planted(2, **{key: stray}), planted(3)])
    right = [*([text] for text in TITLE), [], list(COLUMNS.values())]
    yield "shifted-right.xlsx", book_of({"DS": [*right, *[["", *row] for row in values()]]})
    yield "shifted-left.xlsx", book_of({"DS": [*right, *[row[1:] for row in values()]]})
    swapped = [{**line, "identity": line["amount"], "amount": int(str(line["identity"]))} for line in people()]
    yield "swapped.xlsx", list_book(swapped)


def odd() -> Iterator[tuple[str, bytes]]:
    """Lists in odd places and shapes."""
    merit = (TITLE[0], "DANH SÁCH CHI TRẢ TRỢ CẤP ƯU ĐÃI NGƯỜI CÓ CÔNG", TITLE[2])
    yield "good.xlsx", list_book(people())
    yield "sheets.xlsx", book_of({NAME: sheet_rows(people()), IDENTITY[-6:]: sheet_rows(people(), title=merit)})
    yield "titles.xlsx", list_book(people(), title=(f"Đơn vị báo cáo: Xã {NAME}", TITLE[1], f"Kỳ báo cáo: {NAME}"))
    yield "headings.xlsx", list_book([{**one, "x": NAME} for one in people()], {**COLUMNS, "x": NAME})
    notes: list[Mapping[str, Any] | Sequence[Any]] = [
        planted(1),
        ["", f"{NAME} đã chết"],
        *people()[1:],
        ["", NAME],
        ["", f"Người lập: {NAME}"],
    ]
    yield "notes.xlsx", list_book(notes)
    yield (
        "unknown-headings.xlsx",
        list_book(people(), {"number": "No", "name": "Tên", "identity": "Mã", "amount": "Tiền"}),
    )
    yield "no-headings.xlsx", book_of({"DS": [["Sổ"], *values()]})
    yield "tcvn3.xlsx", book_of({"DS": [[in_tcvn3(v) for v in row] for row in sheet_rows(people())]})
    text = "\n".join(";".join(map(str, row)) for row in sheet_rows(people()))
    for name in ("list.csv", "list.txt", "list.md", "renamed.xlsx", "unknown.dat"):
        yield name, text.encode()
    yield "tail.csv", text.encode()[text.encode().index(b"Kimoanhx") :]
    yield "broken.xlsx", list_book(people())[:-300]
    yield "prose.txt", f"HUYỆN ĐẮK MIL\n\nBÁO CÁO năm 2023\n\nÔng {NAME}, CCCD {IDENTITY}, có 470 hộ nghèo.\n".encode()
    document = docx.Document()
    document.add_paragraph("HUYỆN ĐẮK MIL: Danh sách chi trả tháng 9 năm 2023")
    table = document.add_table(rows=0, cols=len(COLUMNS))
    for row in sheet_rows(people())[HEADING_ROW:]:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = str(value)
    target = io.BytesIO()
    document.save(target)
    yield "list.docx", target.getvalue()


def with_forms(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Workbooks of a form with a list on another sheet, or with persons in place of communes."""
    catalogue, path = load_catalogue(), folder / "form.xlsx"
    unit = catalogue.unit_by_code("663", date(2023, 12, 31))
    assert unit is not None
    numbers = {("24664", "poor_households"): 12, ("24664", "total_households"): 100}
    write_template(load_forms()["poverty_review"], unit, "2023", path, catalogue, numbers)

    def edited(edit) -> bytes:
        book = openpyxl.load_workbook(path)
        edit(book)
        target = io.BytesIO()
        book.save(target)
        return target.getvalue()

    def add_list(book):
        sheet = book.create_sheet("Danh sách")
        for row in sheet_rows(people()):
            sheet.append(row)

    def add_persons(book):
        sheet = book.create_sheet("ghi chú")
        for line in people():
            sheet.append([line["name"], int(str(line["identity"])), "Đắk Sắk", 100])

    def name_rows(book):
        communes = [cell for sheet in book for row in sheet.iter_rows() for cell in row
                    if isinstance(cell.value, str) and cell.value.startswith(("Xã", "Thị trấn"))]  # fmt: skip
        for number, cell in enumerate(communes):
            cell.value = f"{NAME} {LETTERS[number % 10]}"

    yield "form-and-list.xlsx", edited(add_list)
    yield "form-and-persons.xlsx", edited(add_persons)
    yield "form-of-persons.xlsx", edited(name_rows)


def shows(data: bytes) -> bool:
    """Whether bytes, or what is packed in them, hold a needle."""
    if data.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return any(shows(archive.read(entry)) for entry in archive.namelist())
        except zipfile.BadZipFile:
            return False
    small = data.lower()
    return any(needle in small for needle in NEEDLES)


def rows_of_tables(connection: Connection) -> Mapping[str, bytes]:
    """Every row of every table and view of every schema of a database as text."""
    tables = connection.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_schema not in ('pg_catalog', 'information_schema')"
    ).fetchall()
    found = {}
    for schema, table in tables:
        query = sql.SQL("select t::text from {} as t").format(sql.Identifier(schema, table))
        found[f"{schema}.{table}"] = "\n".join(row for (row,) in connection.execute(query)).encode()
    return found


def places_that_show(places: Mapping[str, bytes]) -> list[str]:
    """The names of the places in whose contents, or in whose own name, a needle is found."""
    return [name for name, data in places.items() if shows(data) or shows(name.encode())]

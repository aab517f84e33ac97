"""A place in a file, shown to a person: the line with the words marked, the cell with its row."""

from __future__ import annotations

import io
import re

from python_calamine import CalamineError, CalamineWorkbook

from ingest.readers.dispatch import behind_door
from ingest.readers.report.read_report import open_report
from ingest.readers.unreadable import ReaderDefectError, RefusedFileError

# `T2!B3` in a document has no offsets of its own; a sheet may well be called T2.
_TEXT_REF = re.compile(r"^(?P<line>(?:L|P|N|p\d+L)\d+|T\d+![A-Z]+\d+):(?P<start>\d+)-(?P<end>\d+)$")
_TABLE_REF = re.compile(r"^T\d+![A-Z]+\d+$")
_CELL_REF = re.compile(r"^(?P<sheet>.+)!(?P<column>[A-Z]{1,3})(?P<row>\d+)$")
_CONTEXT_CHARACTERS = 160
NOT_SHOWN = "(the place cannot be shown for this kind of file)"


def show_place(data: bytes, name: str, ref: str) -> str:
    """What stands at a `ref` of a file's bytes, the referred words between « and »; looked up behind the door."""
    try:
        return behind_door(lambda: _shown(data, name, ref), len(data), name)
    except (RefusedFileError, ReaderDefectError):
        return NOT_SHOWN


def _shown(data: bytes, name: str, ref: str) -> str:
    if match := _TEXT_REF.match(ref):
        lines = {line.place: line.text for line in open_report(data, name).lines}
        text = lines.get(match["line"])
        return _marked(text, int(match["start"]), int(match["end"])) if text is not None else NOT_SHOWN
    if _TABLE_REF.match(ref) and (row := _table_row(data, name, ref)):
        return row
    if match := _CELL_REF.match(ref):
        return _cell(data, match["sheet"], match["column"], int(match["row"]))
    return NOT_SHOWN


def _table_row(data: bytes, name: str, ref: str) -> str:
    """A cell of a document's table with the cells before it in its row; empty where the file has no such table."""
    if not data.startswith(b"PK\x03\x04"):
        return ""
    lines = list(open_report(data, name).lines)
    cell = next((line for line in lines if line.place == ref), None)
    if cell is None:
        return ""
    row = [line for line in lines if (line.table, line.row) == (cell.table, cell.row) and line.kind == "cell"]
    labels = [line.text.strip() for line in row[: row.index(cell)] if line.text.strip()]
    return " | ".join([*labels, f"«{cell.text.strip()}»"])


def _marked(line: str, start: int, end: int) -> str:
    left, right = max(0, start - _CONTEXT_CHARACTERS), end + _CONTEXT_CHARACTERS
    before = ("…" if left else "") + line[left:start]
    after = line[end:right] + ("…" if right < len(line) else "")
    return f"{before}«{line[start:end]}»{after}"


def _cell(data: bytes, sheet: str, column: str, row: int) -> str:
    """The cell and the text cells of its row, which name what it is about."""
    try:
        rows = (
            CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        )
    except (CalamineError, ValueError, OSError):
        return NOT_SHOWN
    index = _column_index(column)
    if row > len(rows) or index >= len(rows[row - 1]):
        return NOT_SHOWN
    cells = rows[row - 1]
    labels = [cell.strip() for cell in cells[:index] if isinstance(cell, str) and cell.strip()]
    value = cells[index]
    shown = int(value) if isinstance(value, float) and value.is_integer() else value
    return " | ".join([*labels, f"«{shown}»"])


def _column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = 26 * index + ord(letter) - ord("A") + 1
    return index - 1

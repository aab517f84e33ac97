"""Readers: from a file's bytes to submissions and findings.

What a file is, its content says, not its name: names lie. The name only decides between kinds
of plain text, which look alike.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path, PurePosixPath
from typing import Literal

from ingest.catalogue import Catalogue
from ingest.checks.findings import finding
from ingest.forms import load_forms
from ingest.model import Finding, ReadFile
from ingest.narrative.learned import Phrasings
from ingest.readers.book import ordinary_book
from ingest.readers.persons import without_personal_numbers
from ingest.readers.report import read_report
from ingest.readers.workbook import read_workbook

# Raised by one whenever a reader reads differently: submissions record it, and stored files can
# be read again.
READER_VERSION = "4"

# The largest file that is opened. A province's list of 200,000 payments has about 20 MB.
SIZE_LIMIT_BYTES = 100 * 1024 * 1024

FileKind = Literal["workbook", "report", "unknown"]

_WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")

_TEXT_KINDS: dict[str, FileKind] = {
    ".csv": "workbook",
    ".tsv": "workbook",
    ".txt": "report",
    ".md": "report",
}
_DIRECTORY_BYTES = 4_096
_OLD_WORD_SUFFIXES = (".doc", ".dot", ".ppt", ".msg")


def read_file(
    path: Path, source_path: str, catalogue: Catalogue, phrasings: Phrasings | None = None, home_code: str = ""
) -> ReadFile:
    """Reads whatever lies at a path.

    Args:
        path: where the bytes are (usually the archive).
        source_path: the path under which the file came; its name is shown in findings, and
            readers may take it as the last hint for unit and period.
        catalogue: gives units, indicators and code lists.
        phrasings: wordings of written reports that persons confirmed.
        home_code: the code of the province that runs the installation, where units of one name are meant inside it.

    Never raises for what a file holds: what cannot be used is a finding.
    """
    name = PurePosixPath(source_path).name
    problem = unreadable(path, name)
    if problem is not None:
        return ReadFile(findings=[problem])
    data = path.read_bytes()
    match kind_of(data, name):
        case "workbook":
            # Lists first: the reader of forms keeps sheets whole and quotes cells. Imported here since numpy
            # comes along.
            from ingest.lists import holds_list, read_payment_list

            opened = ordinary_book(data, name)
            if opened is None or holds_list(opened):
                # A list may be large: neither its bytes nor what was opened is held while it is read.
                opened, data = None, b""
                lists = read_payment_list(path, name, catalogue, source_path)
                if lists is not None:
                    return lists
                data = path.read_bytes()
            return read_workbook(data, name, catalogue, load_forms(), source_path, opened=opened)
        case "report":
            suffix = PurePosixPath(name.lower()).suffix
            if suffix in _WORKBOOK_SUFFIXES:
                # A form that was printed to a PDF and renamed is no prose, and its figures are no sentences.
                return ReadFile(findings=[finding("WB-001", "", name=name, suffix=suffix)])
            lists = _read_list_as_text(data, name, catalogue, source_path)
            return lists or without_personal_numbers(
                read_report(data, name, catalogue, source_path, phrasings, home_code), name
            )
        case _:
            kind = PurePosixPath(name).suffix or "?"
            return ReadFile(findings=[finding("FILE-002", "", name=name, kind=kind)])


def _read_list_as_text(data: bytes, name: str, catalogue: Catalogue, source_path: str) -> ReadFile | None:
    """A list that a spreadsheet saved as plain text; None where the file is prose."""
    if _TEXT_KINDS.get(PurePosixPath(name.lower()).suffix) != "report":
        return None
    from ingest.lists import read_payment_list

    return read_payment_list(data, name, catalogue, source_path)


def unreadable(path: Path, name: str) -> Finding | None:
    """Why a file is not even opened: it is empty, or too large."""
    size = path.stat().st_size
    if size == 0:
        return finding("FILE-001", "", name=name)
    if size > SIZE_LIMIT_BYTES:
        limit_mb = SIZE_LIMIT_BYTES // 2**20
        return finding("FILE-003", "", name=name, size_mb=size // 2**20, limit_mb=limit_mb)
    return None


def kind_of(data: bytes, name: str) -> FileKind:
    """Which reader a file belongs to, by its content."""
    suffix = PurePosixPath(name.lower()).suffix
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_zip(data, suffix)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        # An OLE container: .xls, an encrypted .xlsx, or one of the old Office formats.
        return "unknown" if suffix in _OLD_WORD_SUFFIXES else "workbook"
    if data.lstrip()[:5] == b"%PDF-":
        return "report"
    if suffix in _WORKBOOK_SUFFIXES:
        # Broken, or something else that was renamed: the workbook reader says which.
        return "workbook"
    if suffix in (".docx", ".pdf"):
        return "report"
    return _TEXT_KINDS.get(suffix, "unknown")


def _kind_of_zip(data: bytes, suffix: str) -> FileKind:
    # Nearly every file is an .xlsx, and its archive's directory, at the end, says so in plain bytes.
    if b"xl/workbook.xml" in data[-_DIRECTORY_BYTES:]:
        return "workbook"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()[:10_000]
            mimetype = archive.read("mimetype")[:100] if "mimetype" in names[:3] else b""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError):
        return "report" if suffix == ".docx" else "workbook"
    if any(name.startswith("xl/") for name in names) or b"spreadsheet" in mimetype:
        return "workbook"
    if any(name.startswith("word/") for name in names):
        return "report"
    return "unknown"

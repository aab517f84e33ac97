"""Readers: from a file's bytes to submissions and findings, behind the door (`door.py`).

What a file is, its content says, not its name: names lie. The name only decides between kinds
of plain text, which look alike.
"""

from __future__ import annotations

import io
import logging
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Literal, TypeVar

from ingest.core.catalogue import Catalogue
from ingest.core.findings import finding
from ingest.core.model import Finding, ReadFile
from ingest.forms import load_forms
from ingest.narrative.learned import Phrasings
from ingest.readers.door import Door, Passed
from ingest.readers.form.read_form import read_workbook
from ingest.readers.personal_data import without_personal_numbers
from ingest.readers.report.read_report import read_report
from ingest.readers.spreadsheet.open_book import ordinary_book
from ingest.readers.unreadable import BROKEN_ZIP, ReaderDefectError, RefusedFileError
from runtime.errors import OurFaultError

logger = logging.getLogger(__name__)
T = TypeVar("T")

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
    """Reads whatever lies at a path, in a process of its own with limits of memory and time.

    Args:
        path: where the bytes are (usually the archive).
        source_path: the path under which the file came; its name is shown in findings, and
            readers may take it as the last hint for unit and period.
        catalogue: gives units, indicators and code lists.
        phrasings: wordings of written reports that persons confirmed.
        home_code: the code of the province that runs the installation, where units of one name are meant inside it.

    Never raises for what a file holds: what cannot be used is a finding.

    Raises:
        runtime.errors.OurFaultError: a fault of ours, which says nothing about the file.
        runtime.errors.SetupError: a setting is missing, such as the key of the pseudonyms.
    """
    with reading_door(catalogue, phrasings, home_code) as door:
        return taken_file(door.read(path, source_path), source_path)


@contextmanager
def reading_door(catalogue: Catalogue, phrasings: Phrasings | None = None, home_code: str = "") -> Iterator[Door]:
    """A door that reads many files as `read_file` does; what it passes goes to `taken_file`."""
    # Looked up here, so that every worker has what is loaded once.
    load_forms()

    def read(path: Path, source_path: str) -> ReadFile:
        return read_here(path, source_path, catalogue, phrasings, home_code)

    with Door(read) as door:
        yield door


def taken_file(passed: Passed, source_path: str) -> ReadFile:
    """What was made of a file, or the finding that says why nothing was; raises as `read_file` does."""
    try:
        read: ReadFile = passed.taken()
    except (RefusedFileError, ReaderDefectError) as problem:
        return ReadFile(findings=[why_refused(problem, source_path)])
    return read


def why_refused(problem: RefusedFileError | ReaderDefectError, source_path: str) -> Finding:
    """What is said of a file that nothing was made of; of a defect the place in the code goes to the log."""
    if isinstance(problem, RefusedFileError):
        return problem.finding
    logger.error("Reading %s failed: %s\n%s", source_path, problem.problem, problem.frames)
    return finding("SYS-001", "", name=PurePosixPath(source_path).name, problem=problem.problem)


def behind_door(work: Callable[[], T], size_bytes: int, name: str) -> T:
    """Does something with one file of a size and name behind the door.

    Raises:
        ingest.readers.unreadable.RefusedFileError: the file ended it, or asked for more than a file may.
        ingest.readers.unreadable.ReaderDefectError: it failed.
        runtime.errors.SetupError: as `read_file`.
    """
    with Door(lambda _path, _name: work()) as door:
        done: T = door.read(Path(name), name, size_bytes).taken()
        return done


def read_here(
    path: Path, source_path: str, catalogue: Catalogue, phrasings: Phrasings | None = None, home_code: str = ""
) -> ReadFile:
    """`read_file` in this very process: nothing bounds what it takes, and a library may end it."""
    name = PurePosixPath(source_path).name
    problem = unreadable(path, name)
    if problem is not None:
        return ReadFile(findings=[problem])
    data = file_bytes(path)
    match kind_of(data, name):
        case "workbook":
            # Lists first: the reader of forms keeps sheets whole and quotes cells. Imported here since numpy
            # comes along.
            from ingest.readers.payment_list import holds_list, read_payment_list

            opened = ordinary_book(data, name)
            if opened is None or holds_list(opened):
                # A list may be large: neither its bytes nor what was opened is held while it is read.
                opened, data = None, b""
                lists = read_payment_list(path, name, catalogue, source_path)
                if lists is not None:
                    return lists
                data = file_bytes(path)
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


def file_bytes(path: Path) -> bytes:
    """All bytes of a file.

    Raises:
        runtime.errors.OurFaultError: they cannot be had, whatever they are.
    """
    try:
        return path.read_bytes()
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise OurFaultError(f"{path.name} could not be read here ({reason}); it waits and is tried again.") from None


def _read_list_as_text(data: bytes, name: str, catalogue: Catalogue, source_path: str) -> ReadFile | None:
    """A list that a spreadsheet saved as plain text; None where the file is prose."""
    if _TEXT_KINDS.get(PurePosixPath(name.lower()).suffix) != "report":
        return None
    from ingest.readers.payment_list import read_payment_list

    return read_payment_list(data, name, catalogue, source_path)


def unreadable(path: Path, name: str) -> Finding | None:
    """Why a file is not even opened: it is no regular file, empty, or too large."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        return no_file(found.st_mode, name)
    return wrong_size(found.st_size, name)


_KINDS: tuple[tuple[Callable[[int], bool], str, str], ...] = (
    (stat.S_ISDIR, "một thư mục", "a folder"),
    (stat.S_ISFIFO, "một đường ống (FIFO)", "a named pipe"),
    (stat.S_ISSOCK, "một socket", "a socket"),
    (stat.S_ISLNK, "một liên kết không dẫn tới đâu", "a link that leads nowhere"),
    (lambda _mode: True, "một thiết bị", "a device"),
)


def no_file(mode: int, name: str) -> Finding:
    """What is said of something that is no regular file; `mode` as the file system tells it."""
    kind_vi, kind_en = next((vi, en) for is_kind, vi, en in _KINDS if is_kind(mode))
    return finding("FILE-009", "", name=name, kind_vi=kind_vi, kind_en=kind_en)


def wrong_size(size_bytes: int, name: str) -> Finding | None:
    """What is said of a file that is empty or too large."""
    if size_bytes == 0:
        return finding("FILE-001", "", name=name)
    if size_bytes > SIZE_LIMIT_BYTES:
        limit_mb = SIZE_LIMIT_BYTES // 2**20
        return finding("FILE-003", "", name=name, size_mb=size_bytes // 2**20, limit_mb=limit_mb)
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
            mimetype = b""
            if "mimetype" in names[:3]:
                with archive.open("mimetype") as entry:
                    mimetype = entry.read(100)
    except BROKEN_ZIP:
        return "report" if suffix == ".docx" else "workbook"
    if any(name.startswith("xl/") for name in names) or b"spreadsheet" in mimetype:
        return "workbook"
    if any(name.startswith("word/") for name in names):
        return "report"
    return "unknown"

"""Writes the samples' inbox: `ansinh samples [FOLDER]`.

The same call writes the same content, on any day and machine. Files that say what they should are left
alone. Two books are sent in formats of other programs; those need LibreOffice when they change.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from python_calamine import CalamineError, CalamineWorkbook

from ingest.core.catalogue import Catalogue, load_catalogue
from samples.books import book_bytes, sample_books
from samples.packing import parts_of
from samples.reports import REPORTS, report_bytes

INBOX = Path(__file__).parent / "inbox"

_BODY = "word/document.xml"
_ZIP_START = b"PK\x03\x04"


class NoLibreOfficeError(RuntimeError):
    """A book has to be converted, and LibreOffice is not installed."""


def sample_files(catalogue: Catalogue) -> Iterator[tuple[str, bytes]]:
    """The path below the inbox and the content of every sample; what is still to be converted as .xlsx."""
    for book in sample_books(catalogue):
        yield book.path, book_bytes(book, catalogue)
    for report in REPORTS:
        yield report.path, report_bytes(report, catalogue)


def write_samples(folder: Path) -> list[Path]:
    """Writes what is missing or differs, removes what is no sample, and returns what was written or removed.

    Raises:
        NoLibreOfficeError: an .xls or .ods has to be made and LibreOffice is not installed.
    """
    changed = []
    expected = set()
    for path, content in sample_files(load_catalogue()):
        target = folder / path
        expected.add(target)
        if target.exists() and has_content(target.read_bytes(), content, target.suffix):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(converted(content, target.suffix) if target.suffix in (".xls", ".ods") else content)
        changed.append(target)
    for left_over in {path for path in folder.rglob("*") if path.is_file()} - expected:
        left_over.unlink()
        changed.append(left_over)
    return changed


def has_content(data: bytes, content: bytes, suffix: str) -> bool:
    """Whether a file says what it should: its cells, its paragraphs, its text; fonts and widths are not compared."""
    if suffix == ".docx":
        return parts_of(data)[_BODY] == parts_of(content)[_BODY]
    if suffix == ".txt":
        return data == content
    if not is_workbook(content):
        # Broken off on purpose. Where exactly depends on how well the machine compresses.
        return data.startswith(_ZIP_START) and not is_workbook(data)
    return is_workbook(data) and cells_of_book(data) == cells_of_book(content)


def is_workbook(data: bytes) -> bool:
    """Whether the bytes can be opened as a workbook."""
    try:
        CalamineWorkbook.from_filelike(BytesIO(data))
    except CalamineError:
        return False
    return True


def cells_of_book(data: bytes) -> dict[str, list[list[object]]]:
    """The cells of each sheet, hidden ones included."""
    book = CalamineWorkbook.from_filelike(BytesIO(data))
    return {name: [list(row) for row in book.get_sheet_by_name(name).to_python()] for name in book.sheet_names}


def converted(data: bytes, suffix: str) -> bytes:
    """A workbook in the format of another program.

    Raises:
        NoLibreOfficeError: LibreOffice is not installed.
    """
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        raise NoLibreOfficeError(f"LibreOffice is needed to write {suffix}: install libreoffice-calc")
    with TemporaryDirectory() as folder:
        source = Path(folder) / "book.xlsx"
        source.write_bytes(data)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        arguments = [office, profile, "--headless", "--convert-to", suffix[1:], "--outdir", folder, str(source)]
        subprocess.run(arguments, check=True, capture_output=True, timeout=120)
        return source.with_suffix(suffix).read_bytes()


def main() -> None:
    """Writes the samples and tells what changed."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else INBOX
    changed = write_samples(folder)
    for path in changed:
        print(("wrote " if path.exists() else "removed ") + str(path.relative_to(folder)))
    print(f"{len(changed)} files changed in {folder}")


if __name__ == "__main__":
    main()

"""Why a document cannot be read."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib

from ingest.core.model import Finding

# What reading a zip file that is in memory raises where its bytes are broken, locked or packed in an unknown way.
BROKEN_ZIP = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, RuntimeError, NotImplementedError,
    ValueError, KeyError,
)  # fmt: skip


class UnreadableDocumentError(ValueError):
    """The document cannot be opened; the message says why, without quoting it."""


class ScannedDocumentError(ValueError):
    """The PDF holds pictures of pages and no text."""


class RefusedFileError(Exception):
    """The file ended what was reading it, or asked for more than a file may; `finding` says how."""

    def __init__(self, why: Finding) -> None:
        super().__init__(why.message_en)
        self.finding = why


class ReaderDefectError(Exception):
    """A reader failed over a file.

    `problem` is the kind of error and `frames` its place in the code; what was being read is in neither.
    """

    def __init__(self, problem: str, frames: str) -> None:
        super().__init__(problem)
        self.problem, self.frames = problem, frames

"""The lines of a list on their way to the database: blocks of COPY text that hold pseudonyms only.

A batch may hold many lists, so what a reader returns must stay small: beyond a few lines the blocks
wait in an unnamed temporary file. Nothing in them names a person.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import IO

# The columns of a block's rows, in order; `submission_id` is put before each row when it is known.
LINE_COLUMNS = (
    "line_number", "ref", "unit_id", "period", "key_id", "person_hash", "identity_hash", "account_hash", "birth_year",
    "sex", "category_code", "coefficient", "months", "arrears_vnd", "amount_vnd", "payment_method",
)  # fmt: skip
NULL = "\\N"

_IN_MEMORY_BYTES = 256 * 1024
_BLOCK_BYTES = 1024 * 1024


class PaymentLines:
    """Rows for `staging.payment_line` in Postgres' text format, to be read as often as needed."""

    def __init__(self) -> None:
        # Lives as long as this.
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115
        self._bytes = self.count = 0

    @classmethod
    def of(cls, content: bytes | int, count: int) -> PaymentLines:
        """The lines that another process read, from their `content`; an open file is taken over."""
        lines = cls()
        if isinstance(content, bytes):
            lines.add(content.decode(), count)
        else:
            lines._file = os.fdopen(content, "r+b")
            lines.count = count
        return lines

    def content(self) -> bytes | int:
        """All rows, or where they are many the number of the open file that holds them."""
        if self._bytes > _IN_MEMORY_BYTES:
            self._file.flush()
            return self._file.fileno()
        self._file.seek(0)
        return self._file.read()

    def add(self, rows: str, count: int) -> None:
        """Appends whole rows, each ended by a line break."""
        encoded = rows.encode()
        self._file.write(encoded)
        self._bytes += len(encoded)
        self.count += count

    def blocks(self, submission_id: int) -> Iterator[bytes]:
        """The rows with the submission's number before each."""
        prefix = b"%d\t" % submission_id
        self._file.seek(0)
        rest = b""
        while read := self._file.read(_BLOCK_BYTES):
            whole, mark, rest = (rest + read).rpartition(b"\n")
            if mark:
                yield prefix + whole.replace(b"\n", b"\n" + prefix) + b"\n"


def escape(text: str) -> str:
    """A text as a field of Postgres' text format."""
    return text.replace("\x00", "").replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")

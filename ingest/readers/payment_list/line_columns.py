"""The lines of a list on their way to the database: blocks of COPY text that hold pseudonyms only.

A batch may hold many lists, so what a reader returns must stay small: beyond a few lines the blocks
wait in an unnamed temporary file. Nothing in them names a person.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

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
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - lives as long as this
        self.count = 0

    def add(self, rows: str, count: int) -> None:
        """Appends whole rows, each ended by a line break."""
        self._file.write(rows.encode())
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

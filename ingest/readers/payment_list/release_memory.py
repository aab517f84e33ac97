"""Memory of a large book, given back to the system when the book has been read."""

from __future__ import annotations

import ctypes
from functools import lru_cache


def release_freed_memory() -> None:
    """Gives what was freed back to the system, where the C library can (glibc); 20 ms after a large book.

    A book's cells are millions of small pieces. Freed, they would stay with the process, and the next book, whose
    pieces have other sizes, would need more besides: the peak would grow with the number of books.
    """
    if (trim := _trim()) is not None:
        trim(0)


@lru_cache(maxsize=1)
def _trim() -> ctypes._NamedFuncPointer | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return None

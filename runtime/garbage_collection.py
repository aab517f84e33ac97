"""Python's garbage collector, where it would look for cycles again and again and find none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def few_collections() -> Iterator[None]:
    """Has the garbage collector look for cycles once in 100,000 new objects, not in 700.

    For work that keeps what it makes until its end, such as a batch that is read and then loaded, or a build:
    looking through it takes a tenth of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)

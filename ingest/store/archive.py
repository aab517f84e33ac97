"""Whether the archive still holds what every figure is traced back to, byte for byte."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

from psycopg import Connection

# Generated pages of a batch are made for whoever mends it; what was found stays in the registry.
DAYS_OF_DOCS = 366


class ArchiveDamagedError(Exception):
    """Files of the archive are no longer what came; the message names them by SHA-256."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A registered file that is not there, or whose bytes are others; `path` lies below the archive."""

    sha256: str
    path: str
    how: Literal["missing", "changed"]


def find_damage(connection: Connection, archive: Path) -> Iterator[Damage]:
    """Reads every registered file of the archive and gives those that are missing or changed, by SHA-256.

    Args:
        connection: acts as a role that reads the registry.
        archive: the folder of original files.

    Raises:
        OSError: a file that is there cannot be read.
    """
    files = connection.execute("select sha256, archive_path from registry.file order by sha256").fetchall()
    for sha256, path in files:
        try:
            with (archive / path).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            yield Damage(sha256, path, "missing")
        else:
            if found != sha256:
                yield Damage(sha256, path, "changed")


def remove_old_docs(folder: Path, day: date) -> int:
    """Removes the generated pages of batches that were written more than a year before a day; returns how many."""
    before = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=DAYS_OF_DOCS)
    old = [
        batch
        for batch in (folder.iterdir() if folder.is_dir() else ())
        if batch.is_dir() and not batch.is_symlink() and batch.stat().st_mtime < before.timestamp()
    ]
    for batch in old:
        shutil.rmtree(batch)
    return len(old)

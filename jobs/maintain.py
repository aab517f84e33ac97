"""The upkeep of archive and documentation: the tasks of the DAG `maintain_warehouse`."""

from __future__ import annotations

from datetime import date

from jobs.connection import connected
from runtime.settings import load_settings


def check_archive() -> dict[str, int]:
    """Compares every registered file with the archive; returns how many are missing.

    A file may be missing by the department's own retention rule; its name stands in the log.

    Raises:
        ingest.store.archive.ArchiveDamagedError: bytes have changed.
    """
    import logging

    from ingest.store.archive import ArchiveDamagedError, find_damage

    archive = load_settings().archive
    with connected("ingest") as connection:
        damage = list(find_damage(connection, archive))
    for file in damage:
        logging.getLogger(__name__).warning("%s is %s", archive / file.path, file.how)
    changed = [file.sha256 for file in damage if file.how == "changed"]
    if changed:
        raise ArchiveDamagedError(f"{len(changed)} files of the archive have changed: {', '.join(changed[:10])}")
    return {"missing": len(damage)}


def remove_old_docs(day: str) -> int:
    """Removes the Data Docs of batches of more than a year before a day; returns how many."""
    from ingest.store.archive import remove_old_docs

    return remove_old_docs(load_settings().data_docs, date.fromisoformat(day))

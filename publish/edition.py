"""Editions: the figures of a report frozen in the database, and the files made from what was frozen.

Publishing what is already published changes nothing and gives the edition there is; its files are
made again where they are missing or were tampered with. A changed figure makes the next edition,
which says what changed. Nothing of an edition is ever altered.
"""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from psycopg import Connection
from psycopg.types.json import Jsonb

from publish.definition import ReportDefinition, load_definition
from publish.document import write_document
from publish.frozen import Row, content_sha256, freeze, thaw, thaw_definition
from publish.model import ReportData
from publish.report_data import load_report_data
from publish.revisions import Revision, changed_figures
from publish.workbook import write_workbook
from runtime.settings import Settings
from runtime.warehouse.connect import connect

logger = logging.getLogger(__name__)

FileWriter = Callable[[Path, ReportData, ReportDefinition, int, Sequence[Revision]], None]
WRITERS: dict[str, FileWriter] = {".xlsx": write_workbook, ".docx": write_document}


class UnknownEditionError(LookupError):
    """There is no edition of that number."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A publication: `files` are where it was asked for, `is_new` whether this call made it."""

    edition_id: int
    report_code: str
    unit_id: str
    period: str
    edition_number: int
    content_sha256: str
    reason: str
    approved_by: str
    published_at: datetime
    files: tuple[Path, ...] = ()
    revisions: tuple[Revision, ...] = ()
    is_new: bool = False


def publish_edition(
    settings: Settings,
    database_url: str,
    report_code: str,
    province_code: str,
    period: str,
    approved_by: str,
    out_dir: Path | None = None,
    reason: str = "",
) -> Edition:
    """Freezes the figures of a province and period and writes the workbook and the document.

    Args:
        settings: say where reports go unless `out_dir` does (`<outbox>/reports`).
        database_url: the warehouse; everything is done under role `publish`.
        report_code: a definition in `catalogue/reports`.
        province_code: official code, of the province in force on the period's last day.
        period: the period that is reported (2023, 2023-Q3).
        approved_by: who released it; kept with the edition and printed nowhere.
        out_dir: folder for the files; it is made where it is missing.
        reason: why there is a new edition, in the publisher's words.

    Returns:
        The new edition, or the newest one as it is where its content is the same.

    Raises:
        publish.definition.DefinitionError: no such report, or its definition is wrong.
        publish.report_data.NothingToPublishError: nothing in the marts for that scope.
        OSError: a file cannot be written; the edition is then not made.
    """
    folder = out_dir or settings.outbox / "reports"
    definition = load_definition(report_code)
    with connect("publish", database_url) as writing, connect("publish", database_url) as reading:
        # Whoever publishes the same report meanwhile waits here, and then finds this edition.
        writing.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{report_code}|{province_code}|{period}",)
        )
        data = load_report_data(reading, definition, province_code=province_code, period=period)
        rows = freeze(data, definition)
        editions = _editions(writing, report_code, data.province_unit_id, data.period_code)
        newest = editions[0] if editions else None
        if newest is not None and newest.content_sha256 == content_sha256(rows):
            return _with_files(writing, newest, folder)
        edition = _insert(writing, data, rows, newest, approved_by, reason)
        revisions = _revisions(writing, edition, data)
        digests = _write_files(folder, data, definition, edition.edition_number, revisions)
        writing.cursor().executemany(
            "insert into publication.edition_file (edition_id, path, sha256) values (%s, %s, %s)",
            [(edition.edition_id, path, digest) for path, digest in digests.items()],
        )
        return dataclasses.replace(edition, files=_paths(folder, digests), revisions=tuple(revisions), is_new=True)


def list_editions(
    database_url: str, report_code: str | None = None, unit_id: str | None = None, period: str | None = None
) -> list[Edition]:
    """The editions there are, the newest of each report first; each filter may be left out."""
    with connect("publish", database_url) as connection:
        return _editions(connection, report_code, unit_id, period)


def show_edition(database_url: str, edition_id: int) -> tuple[Edition, ReportData]:
    """An edition and the figures it froze.

    Raises:
        UnknownEditionError: there is none of that number.
    """
    with connect("publish", database_url) as connection:
        edition = _by_id(connection, edition_id)
        return edition, thaw(_frozen_rows(connection, edition_id))


def diff_editions(database_url: str, old_id: int, new_id: int) -> list[Revision]:
    """The figures that the new edition states otherwise than the old one.

    Raises:
        UnknownEditionError: there is no such edition, or they are of different reports, provinces or periods.
    """
    with connect("publish", database_url) as connection:
        old, new = _by_id(connection, old_id), _by_id(connection, new_id)
        if (old.report_code, old.unit_id, old.period) != (new.report_code, new.unit_id, new.period):
            raise UnknownEditionError(f"Editions {old_id} and {new_id} are not of the same report, province and period")
        return changed_figures(thaw(_frozen_rows(connection, old_id)), thaw(_frozen_rows(connection, new_id)))


def restore_files(database_url: str, edition_id: int, out_dir: Path) -> Edition:
    """Makes an edition's files where they are missing or differ from what was published.

    Raises:
        UnknownEditionError: there is none of that number.
        OSError: a file cannot be written.
    """
    with connect("publish", database_url) as connection:
        return _with_files(connection, _by_id(connection, edition_id), out_dir)


# Rows of an edition


def _insert(
    connection: Connection, data: ReportData, rows: Sequence[Row], before: Edition | None, approved_by: str, reason: str
) -> Edition:
    connection.execute(
        """
        insert into publication.edition
            (report_code, unit_id, period, edition_number, content_sha256, reason, approved_by)
        values (%s, %s, %s, %s, %s, %s, %s)
        """,
        (
            data.report_code,
            data.province_unit_id,
            data.period_code,
            before.edition_number + 1 if before else 1,
            content_sha256(rows),
            reason,
            approved_by,
        ),
    )
    edition = _editions(connection, data.report_code, data.province_unit_id, data.period_code)[0]
    with connection.cursor().copy(
        "copy publication.edition_figure (edition_id, row_number, figure) from stdin"
    ) as copy:
        copy.set_types(["int8", "int4", "jsonb"])
        for row_number, row in enumerate(rows, 1):
            copy.write_row((edition.edition_id, row_number, Jsonb(row)))
    return edition


def _editions(
    connection: Connection,
    report_code: str | None = None,
    unit_id: str | None = None,
    period: str | None = None,
    edition_id: int | None = None,
) -> list[Edition]:
    """The editions that fit, those of one report together, the newest first; what is None restricts nothing."""
    rows = connection.execute(
        """
        select
            edition_id, report_code, unit_id, period, edition_number, content_sha256, reason, approved_by, published_at
        from publication.edition
        where report_code = coalesce(%s, report_code) and unit_id = coalesce(%s, unit_id)
            and period = coalesce(%s, period) and edition_id = coalesce(%s, edition_id)
        order by report_code, unit_id, period, edition_number desc
        """,
        (report_code, unit_id, period, edition_id),
    ).fetchall()
    return [Edition(*row) for row in rows]


def _by_id(connection: Connection, edition_id: int) -> Edition:
    found = _editions(connection, edition_id=edition_id)
    if not found:
        raise UnknownEditionError(f"There is no edition {edition_id}; `ansinh edition list` shows those there are")
    return found[0]


def _frozen_rows(connection: Connection, edition_id: int) -> list[Row]:
    rows = connection.execute(
        "select figure from publication.edition_figure where edition_id = %s order by row_number", (edition_id,)
    ).fetchall()
    return [row for (row,) in rows]


def _revisions(connection: Connection, edition: Edition, data: ReportData) -> list[Revision]:
    """What the edition states otherwise than the one before it; nothing for a first edition."""
    before = connection.execute(
        """
        select edition_id from publication.edition
        where (report_code, unit_id, period, edition_number) = (%s, %s, %s, %s)
        """,
        (edition.report_code, edition.unit_id, edition.period, edition.edition_number - 1),
    ).fetchone()
    return changed_figures(thaw(_frozen_rows(connection, before[0])), data) if before else []


# Files of an edition


def _with_files(connection: Connection, edition: Edition, folder: Path) -> Edition:
    """The edition with its files in a folder, made again from what was frozen where they are not as published."""
    rows = _frozen_rows(connection, edition.edition_id)
    data = thaw(rows)
    revisions = _revisions(connection, edition, data)
    recorded: dict[str, str] = dict(
        connection.execute(
            "select path, sha256 from publication.edition_file where edition_id = %s", (edition.edition_id,)
        ).fetchall()
    )
    if any(_sha256(folder / name) != digest for name, digest in recorded.items()):
        made = _write_files(folder, data, _definition_of(edition, rows), edition.edition_number, revisions)
        for name in made.keys() & recorded.keys():
            if made[name] != recorded[name]:
                logger.warning(
                    "%s was made again from the frozen figures, but not byte for byte as published: "
                    "the software has changed since",
                    name,
                )
    return dataclasses.replace(edition, files=_paths(folder, recorded), revisions=tuple(revisions))


def _definition_of(edition: Edition, rows: Sequence[Row]) -> ReportDefinition:
    """The definition the edition was written with, or today's where the software has outgrown that one."""
    try:
        return thaw_definition(rows)
    except ValueError:
        logger.warning("Edition %s: its wording cannot be used any more, today's is used", edition.edition_id)
        return load_definition(edition.report_code)


def _paths(folder: Path, names: Iterable[str]) -> tuple[Path, ...]:
    return tuple(folder / name for name in sorted(names))


def _write_files(
    folder: Path, data: ReportData, definition: ReportDefinition, edition_number: int, revisions: Sequence[Revision]
) -> dict[str, str]:
    """Writes every file of an edition; returns their names with the SHA-256 of their bytes.

    A file appears under its name when it is whole: a crash leaves the old one or none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    digests = {}
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as unfinished:
        for suffix, write in WRITERS.items():
            name = f"{data.report_code}_{data.province_code}_{data.period_code}_edition_{edition_number}{suffix}"
            path = Path(unfinished) / name
            write(path, data, definition, edition_number, revisions)
            digests[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        for name in digests:
            (Path(unfinished) / name).replace(folder / name)
    return digests


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None

"""Puts the lines of stored lists under the present key: `ansinh rekey`.

After the key was changed (docs/pseudonyms.md): every list whose lines bear another `key_id` is read again
from the archive and its lines are replaced, each list in a transaction of its own. Nothing else changes;
doing it twice changes nothing. Acts as the owner of the database, since nobody else may delete lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from psycopg import Connection

from ingest.core.catalogue import Catalogue
from ingest.core.model import LineBlocks
from ingest.readers.payment_list.line_columns import LINE_COLUMNS
from ingest.readers.payment_list.pseudonyms import load_pseudonyms
from ingest.readers.payment_list.read_list import ListReadError, read_payment_list
from runtime.settings import Settings

_STALE = """
select
    submission.submission_id, submission.form_code, submission.reporting_unit_id, submission.period,
    submission.status, submission.part, file.archive_path, delivery.source_path,
    (select count(*) from staging.payment_line where payment_line.submission_id = submission.submission_id)
from registry.submission as submission
join registry.file as file using (sha256)
join lateral (
    select source_path from registry.delivery
    where delivery.sha256 = submission.sha256
    order by delivery_id
    limit 1
) as delivery on true
where submission.source_kind = 'list' and exists (
    select from staging.payment_line as line
    where line.submission_id = submission.submission_id and line.key_id <> %s
)
order by submission.submission_id
"""


@dataclass(slots=True)
class Rekeyed:
    """What became of the lists under other keys: how many were replaced, and which could not be, with the reason."""

    replaced: int = 0
    failed: dict[int, str] = field(default_factory=dict)


def rekey_lines(connection: Connection, settings: Settings, catalogue: Catalogue) -> Rekeyed:
    """Replaces all lines that were made under another key than the present one.

    Args:
        connection: acts as the owner of the database, outside any transaction.
        settings: where the archive lies.
        catalogue: what lists are read with.
    """
    outcome = Rekeyed()
    for submission_id, *scope, archive_path, source_path, count in connection.execute(
        _STALE, (load_pseudonyms().key_id,)
    ).fetchall():
        lines, reason = _read_again(settings, archive_path, source_path, scope, catalogue)
        if lines is None or lines.count != count:
            # A reader that reads differently by now makes a new submission (`ansinh reread`), never another old one.
            outcome.failed[submission_id] = reason or "the present reader finds another number of lines"
            continue
        columns = ", ".join(("submission_id", *LINE_COLUMNS))
        with connection.transaction():
            connection.execute("delete from staging.payment_line where submission_id = %s", (submission_id,))
            with connection.cursor().copy(f"copy staging.payment_line ({columns}) from stdin") as copy:
                for block in lines.blocks(submission_id):
                    copy.write(block)
        outcome.replaced += 1
    return outcome


def _read_again(
    settings: Settings, archive_path: str, source_path: str, scope: list[str], catalogue: Catalogue
) -> tuple[LineBlocks | None, str]:
    """The lines of one scope of a stored file, or why there are none."""
    path = settings.archive / archive_path
    try:
        read = read_payment_list(path, PurePosixPath(source_path).name, catalogue, source_path)
    except (OSError, ListReadError) as error:
        return None, type(error).__name__
    for submission in read.submissions if read is not None else ():
        found = [
            submission.form_code, submission.reporting_unit_id, submission.period, submission.status, submission.part,
        ]  # fmt: skip
        if found == scope:
            return submission.payment_lines, ""
    return None, "the stored file does not hold the list any more"

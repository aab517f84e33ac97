"""Submissions and their life, as rows: files, deliveries, events, states.

Files are identified by the SHA-256 of their bytes and kept as they came. A delivery is the
arrival of bytes at a path; what counts for a scope is decided from deliveries alone
(`settle_scope`), so the order in which files happen to be processed does not matter and doing
it again changes nothing. Events and deliveries only grow.

All functions take an open connection and leave the transaction to the caller.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal, LiteralString, NamedTuple

from psycopg import Connection, Cursor

Channel = Literal["inbox", "command_line"]
CHUNK_BYTES = 1 << 20

# The advisory lock's number has no meaning beyond being this project's own.
EVENT_LOCK = 6_719_450_001
# Held by the session of the one build that may run.
BUILD_LOCK = 6_719_450_017


class Scope(NamedTuple):
    """What a submission answers, and what a newer one replaces as a whole."""

    form_code: str
    reporting_unit_id: str
    period: str
    status: str


@dataclass(frozen=True, slots=True)
class PendingFile:
    """A registered file that waits to be read."""

    sha256: str
    archive_path: str
    source_path: str


class UnknownSubmissionError(LookupError):
    """There is no submission of that number in a state that allows what was asked."""


class StillArrivingError(Exception):
    """The file was changed while it was copied."""


class UnreadableSourceError(Exception):
    """The bytes of an arriving file cannot be read; its cause says why."""


def archive_file(source: BinaryIO, archive: Path, is_whole: Callable[[], bool] = lambda: True) -> tuple[str, int, Path]:
    """Keeps a file under its SHA-256, write-once; returns the digest, the size in bytes and the path.

    A copy that was cut off leaves only a temporary file: the name appears when all bytes are on disk.
    `is_whole` is asked when all bytes are copied.

    Raises:
        UnreadableSourceError: the source cannot be read.
        StillArrivingError: it is not whole.
        OSError: the archive cannot be written.
    """
    archive.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=archive, prefix=".arriving-", delete=False) as target:
        try:
            for chunk in _chunks(source):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
            if not is_whole():
                raise StillArrivingError
            target.flush()
            os.fsync(target.fileno())
            path = archive / digest.hexdigest()[:2] / digest.hexdigest()
            path.parent.mkdir(exist_ok=True)
            arrived = Path(target.name)
            if path.exists():
                arrived.unlink()
            else:
                arrived.chmod(0o440)
                arrived.replace(path)
        except BaseException:
            Path(target.name).unlink(missing_ok=True)
            raise
    return digest.hexdigest(), size, path


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while True:
        try:
            chunk = source.read(CHUNK_BYTES)
        # Stores have errors of their own.
        except Exception as problem:
            raise UnreadableSourceError from problem
        if not chunk:
            return
        yield chunk


_DELIVER = """
with news as materialized (
    select exists (select from registry.delivery where sha256 = %(sha256)s) as was_delivered
    where %(sha256)s::text is distinct from (
        select sha256 from registry.delivery
        where source_path = %(source_path)s
        order by delivery_id desc
        limit 1
    ) or (%(is_asked)s::boolean and exists (
        select from registry.submission
        where sha256 = %(sha256)s and state in ('superseded', 'withdrawn')
    ))
), delivered as (
    insert into registry.delivery (sha256, source_path, channel)
    select %(sha256)s::text, %(source_path)s::text, %(channel)s::text from news
), locked as materialized (
    select was_delivered, pg_advisory_xact_lock_shared(%(lock)s) from news
), noted as (
    insert into registry.submission_event (sha256, event, reason)
    select
        %(sha256)s::text, case when was_delivered then 'delivered_again' else 'received' end,
        %(source_path)s::text
    from locked
)
select was_delivered from news
"""


def register_delivery(
    connection: Connection,
    *,
    sha256: str,
    size_bytes: int,
    archive_path: Path,
    source_path: str,
    channel: Channel,
) -> bool:
    """Records that bytes arrived at a path; returns whether this is news.

    It is none when the newest delivery at that path brought the same bytes, unless they were
    superseded or withdrawn since and are handed in again on the command line.
    """
    with connection.pipeline():
        # A statement of its own: it waits for whoever registers the same bytes, and the next one sees what they did.
        connection.execute(
            "insert into registry.file (sha256, size_bytes, archive_path) values (%s, %s, %s) on conflict do nothing",
            (sha256, size_bytes, str(archive_path)),
        )
        delivering = connection.execute(
            _DELIVER,
            {
                "sha256": sha256,
                "source_path": source_path,
                "channel": channel,
                "is_asked": channel != "inbox",
                "lock": EVENT_LOCK,
            },
        )
    row = delivering.fetchone()
    if row is None:
        return False
    if row[0]:
        reinstate(connection, sha256)
    return True


# What was seen in an inbox, so that what has not changed is not opened again.


class Look(NamedTuple):
    """What lay at a path when the inbox was last looked through, and since when it is like that."""

    signature: str
    outcome: Literal["taken", "refused", "arriving"]
    seen_at: datetime


def looks(connection: Connection, inbox: str) -> Mapping[str, Look]:
    """The looks at an inbox by path."""
    rows = connection.execute(
        "select source_path, signature, outcome, seen_at from registry.inbox_look where inbox = %s", (inbox,)
    ).fetchall()
    return {path: Look(*rest) for path, *rest in rows}


def note_look(
    connection: Connection, inbox: str, source_path: str, signature: str, outcome: str, sha256: str | None = None
) -> None:
    """Notes what was seen at a path and what was done."""
    connection.execute(
        "insert into registry.inbox_look as look (inbox, source_path, signature, outcome, sha256)"
        " values (%s, %s, %s, %s, %s) on conflict (inbox, source_path) do update set"
        " signature = excluded.signature, outcome = excluded.outcome, sha256 = excluded.sha256,"
        " seen_at = case when look.signature = excluded.signature then look.seen_at else now() end",
        (inbox, source_path, signature, outcome, sha256),
    )


def forget_looks(connection: Connection, inbox: str, present: Sequence[str]) -> None:
    """Forgets the looks at paths where nothing lies any more."""
    connection.execute(
        "delete from registry.inbox_look where inbox = %s and source_path <> all(%s)", (inbox, list(present))
    )


def take_again(connection: Connection, sha256: str) -> None:
    """Has bytes that are missing in the archive taken anew where they still lie in an inbox."""
    connection.execute("delete from registry.inbox_look where sha256 = %s", (sha256,))


def record_event(
    connection: Connection, event: str, *, sha256: str, submission_id: int | None = None, reason: str = ""
) -> None:
    """Appends to the event log.

    The shared lock lets a build wait until every event below the one it notes is committed.
    """
    # One statement: the lock is taken before the event gets its number.
    connection.execute(
        "with locked as materialized (select pg_advisory_xact_lock_shared(%s))"
        " insert into registry.submission_event (sha256, submission_id, event, reason)"
        " select %s::text, %s::bigint, %s::text, %s::text from locked",
        (EVENT_LOCK, sha256, submission_id, event, reason),
    )


# Files that were not read to their end yet, or are to be read again, by first delivery.
_PENDING: LiteralString = """
select file.sha256, file.archive_path, delivery.source_path
from registry.file as file
join lateral (
    select source_path, delivery_id
    from registry.delivery
    where delivery.sha256 = file.sha256
    order by delivery_id
    limit 1
) as delivery on true
where (%(digests)s::text[] is null or file.sha256 = any(%(digests)s)) and not exists (
    select from registry.submission_event as event
    where event.sha256 = file.sha256 and event.submission_id is null
        and event.event in ('read', 'quarantined')
        and event.event_id > coalesce(
            (
                select max(again.event_id) from registry.submission_event as again
                where again.sha256 = file.sha256 and again.event = 'reread'
            ),
            0
        )
)
order by delivery.delivery_id
"""


def pending_files(connection: Connection, digests: Sequence[str] | None = None) -> list[PendingFile]:
    """Files that wait to be read, or to be read again, by first delivery; of some only, where they are named."""
    named = list(digests) if digests is not None else None
    return [PendingFile(*row) for row in connection.execute(_PENDING, {"digests": named}).fetchall()]


def files_by_sha256(connection: Connection, digests: Sequence[str]) -> list[PendingFile]:
    """The named files, in the order of their first delivery."""
    rows = connection.execute(
        """
        select distinct on (delivery.sha256) file.sha256, file.archive_path, delivery.source_path, delivery.delivery_id
        from registry.file as file
        join registry.delivery as delivery on delivery.sha256 = file.sha256
        where file.sha256 = any(%s)
        order by delivery.sha256, delivery.delivery_id
        """,
        (list(digests),),
    ).fetchall()
    return [PendingFile(*row[:3]) for row in sorted(rows, key=lambda row: row[3])]


def lock_scope(connection: Connection, scope: Scope) -> None:
    """Makes other transactions that would decide over this scope wait until this one ends."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", ("|".join(scope),))


# Of a scope's submissions that passed their checks and were not withdrawn, makes either the first, by its last
# delivery, the accepted one or all others superseded, says so in the event log, and gives the number of the first.
_SETTLE_SCOPE = """
with ranked as (
    select
        submission_id, state,
        row_number() over (
            order by
                (select max(delivery_id) from registry.delivery where delivery.sha256 = submission.sha256) desc,
                submission_id desc
        ) = 1 as is_first
    from registry.submission
    where form_code = %(form_code)s and reporting_unit_id = %(reporting_unit_id)s
        and period = %(period)s and status = %(status)s and state in ('read', 'accepted', 'superseded')
), locked as materialized (
    select pg_advisory_xact_lock_shared(%(lock)s)
), changed as (
    update registry.submission set
        state = %(state)s,
        accepted_at = case when %(state)s = 'accepted' then now() else accepted_at end,
        superseded_at = case when %(state)s = 'superseded' then now() end
    from ranked
    where submission.submission_id = ranked.submission_id and ranked.state <> %(state)s
        and is_first = (%(state)s = 'accepted')
    returning sha256, submission.submission_id, ranked.state as state_before
), noted as (
    insert into registry.submission_event (sha256, submission_id, event)
    select
        sha256, submission_id,
        case when %(state)s = 'accepted' and state_before = 'superseded' then 'reinstated' else %(state)s end
    from locked cross join changed
)
select submission_id from ranked where is_first
"""


def settle_scope(connection: Connection, scope: Scope) -> Cursor:
    """Makes the submission that counts for a scope the accepted one, and says what changed.

    That is the one whose bytes were delivered last among those that passed their checks and were
    not withdrawn; of two readings of the same bytes, the later one. Call it under `lock_scope`.
    Its number is what the cursor holds, nothing where there is none.
    """
    # The one that counted goes first: two accepted ones are refused by a unique index.
    values = scope._asdict() | {"lock": EVENT_LOCK}
    connection.execute(_SETTLE_SCOPE, values | {"state": "superseded"})
    return connection.execute(_SETTLE_SCOPE, values | {"state": "accepted"})


def reinstate(connection: Connection, sha256: str) -> None:
    """Lets the submissions of bytes that arrived again compete for their scopes anew."""
    rows = connection.execute(
        "select form_code, reporting_unit_id, period, status from registry.submission"
        " where sha256 = %s and state in ('superseded', 'withdrawn') order by submission_id",
        (sha256,),
    ).fetchall()
    scopes = [Scope(*row) for row in dict.fromkeys(rows)]
    for scope in scopes:
        lock_scope(connection, scope)
    connection.execute(
        "update registry.submission set state = 'superseded' where sha256 = %s and state = 'withdrawn'", (sha256,)
    )
    for scope in scopes:
        settle_scope(connection, scope)


def withdraw(connection: Connection, submission_id: int, reason: str) -> None:
    """Takes an accepted submission back; the one before it in its scope counts again.

    It is the bytes that are taken back: no earlier reading of them comes back in its place, and no later one
    (`load.load_submission`) counts until they are handed in again.

    Raises:
        UnknownSubmissionError: there is no accepted submission of that number.
    """
    row = connection.execute(
        "select sha256, part, form_code, reporting_unit_id, period, status from registry.submission"
        " where submission_id = %s and state = 'accepted'",
        (submission_id,),
    ).fetchone()
    if row is None:
        raise UnknownSubmissionError(f"There is no accepted submission {submission_id}")
    sha256, part, scope = row[0], row[1], Scope(*row[2:])
    lock_scope(connection, scope)
    connection.execute(
        "update registry.submission set state = 'withdrawn', superseded_at = now()"
        " where sha256 = %(sha256)s and part = %(part)s and form_code = %(form_code)s and period = %(period)s"
        " and reporting_unit_id = %(reporting_unit_id)s and status = %(status)s"
        " and state in ('accepted', 'superseded')",
        {"sha256": sha256, "part": part, **scope._asdict()},
    )
    record_event(connection, "withdrawn", sha256=sha256, submission_id=submission_id, reason=reason)
    settle_scope(connection, scope)


def has_unbuilt_changes(connection: Connection) -> bool:
    """Whether a submission was loaded, replaced, withdrawn or rejected since what the last successful build saw.

    A rejection changes no figure, but what the marts tell of completeness and quality.
    """
    row = connection.execute(
        """
        select exists (
            select from registry.submission_event
            where event in ('accepted', 'quarantined', 'superseded', 'reinstated', 'withdrawn')
                and submission_id is not null
                and event_id > coalesce(
                    (select max(last_event_id) from registry.build where outcome = 'success'), 0
                )
        )
        """
    ).fetchone()
    return bool(row and row[0])


def lock_builds(connection: Connection) -> bool:
    """Takes the lock of which each warehouse has one, unless another build holds it; it goes with the session.

    Returns whether it was taken.
    """
    row = connection.execute("select pg_try_advisory_lock(%s)", (BUILD_LOCK,)).fetchone()
    assert row is not None
    return bool(row[0])


def await_builds(connection: Connection) -> None:
    """Takes the same lock, however long the build that holds it takes."""
    connection.execute("select pg_advisory_lock(%s)", (BUILD_LOCK,))


def begin_build(connection: Connection) -> int:
    """Notes that a build starts and the last event it can see; returns the build's number."""
    connection.execute("select pg_advisory_xact_lock(%s)", (EVENT_LOCK,))
    row = connection.execute(
        "insert into registry.build (last_event_id)"
        " select coalesce(max(event_id), 0) from registry.submission_event returning build_id"
    ).fetchone()
    assert row is not None
    return int(row[0])


def end_build(connection: Connection, build_id: int, *, is_success: bool) -> None:
    """Notes how a build ended."""
    connection.execute(
        "update registry.build set outcome = %s, finished_at = now() where build_id = %s",
        ("success" if is_success else "failed", build_id),
    )


def request_reread(connection: Connection, sha256: str, reason: str) -> None:
    """Makes a stored file pending again, to be read by the present reader and forms."""
    record_event(connection, "reread", sha256=sha256, reason=reason)


def has_finding(connection: Connection, source_path: str, rule_id: str) -> bool:
    """Whether a finding about a file that could not be opened is written already."""
    row = connection.execute(
        "select exists (select from registry.check_result where source_path = %s and rule_id = %s)",
        (source_path, rule_id),
    ).fetchone()
    return bool(row and row[0])

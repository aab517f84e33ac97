"""Loading: one submission, one transaction."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from itertools import groupby
from typing import Any

import msgspec
import psycopg
from psycopg import Connection, Cursor, sql

from ingest.core.catalogue import load_catalogue
from ingest.core.model import Finding, LineBlocks, Observation, ReadSubmission
from ingest.readers.payment_list.line_columns import LINE_COLUMNS
from ingest.store import registry
from ingest.store.registry import Scope

# The columns that are filled from an observation and from a finding are named as their fields.
OBSERVATION_COLUMNS = Observation._fields
QUANTITY_COLUMNS = ("ref", "raw", "value", "unit_of_measure", "qualifier", "indicator_code", "confidence")
# What else the same mistake breaks and the value that would fit are for the answer alone.
_NOT_STORED = frozenset({"also", "right"})
FINDING_COLUMNS = tuple(each.name for each in fields(Finding) if each.name not in _NOT_STORED)
# A cell or a sentence fragment; what is longer is somebody's essay in a number's place.
RAW_LIMIT = 500
MESSAGE_LIMIT = 4000

_ENCODE = msgspec.json.Encoder().encode
# NUL, which Postgres stores nowhere, and the separators of information, by which the warehouse packs texts together.
_LEFT_OUT = re.compile("[\x00\x1d-\x1f]")
_LEFT_OUT_IN_JSON = re.compile(rb"\\u00(?:00|1[def])")


def _insert(table: str, columns: Sequence[str], rows: str, source: str, constants: Mapping[str, str]) -> sql.Composed:
    """Inserts the rows of a parameter (`rows_json`), beside the columns that are the same for all of them.

    Args:
        table: with its schema. It says the types of the columns, which the rows bear by name.
        columns: of the table, by which the fields of the rows are named.
        rows: the parameter.
        source: what the constants are taken from, of one row at most; without one nothing is inserted.
        constants: columns and the expressions that give them.
    """
    return sql.SQL("""
    insert into {table} ({constant_columns}, {columns})
    select {constants}, {fields}
    from {source} cross join json_populate_recordset(null::{table}, {rows}) as given
    """).format(
        table=sql.Identifier(*table.split(".")),
        constant_columns=sql.SQL(", ").join(map(sql.Identifier, constants)),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        constants=sql.SQL(", ").join(map(sql.SQL, constants.values())),
        fields=sql.SQL(", ").join(sql.Identifier("given", column) for column in columns),
        source=sql.SQL(source),
        rows=sql.Placeholder(rows),
    )


def _insert_findings(submission: str) -> sql.Composed:
    constants = {
        "sha256": "%(sha256)s::text",
        "source_path": "%(source_path)s::text",
        "submission_id": "of_submission.submission_id",
        "outcome": "'fail'",
    }
    return _insert("registry.check_result", FINDING_COLUMNS, "findings", f"{submission} as of_submission", constants)


_INSERT_FINDINGS = _insert_findings("(select %(submission_id)s::bigint as submission_id)").as_string()

_OF_ADDED = {"submission_id": "added.submission_id"}
_ADD_SUBMISSION = (
    sql.SQL("""
with hurried as materialized (
    select set_config('synchronous_commit', 'off', true)
), added as (
    insert into registry.submission (
        sha256, part, form_code, form_version, reader_version, source_kind, reporting_unit_id, period, status, is_nil,
        state
    )
    select
        %(sha256)s::text, %(part)s::text, %(form_code)s::text, %(form_version)s::text, %(reader_version)s::text,
        %(source_kind)s::text, %(reporting_unit_id)s::text, %(period)s::text, %(status)s::text, %(is_nil)s::boolean,
        case
            when not %(is_acceptable)s::boolean then 'quarantined'
            -- Read anew is not handed in again: what was taken back stays so.
            when exists (
                select from registry.submission as before
                where before.sha256 = %(sha256)s and before.part = %(part)s and before.form_code = %(form_code)s
                    and before.reporting_unit_id = %(reporting_unit_id)s and before.period = %(period)s
                    and before.status = %(status)s and before.state = 'withdrawn'
            ) then 'withdrawn'
            else 'read'
        end
    from hurried
    on conflict do nothing
    returning submission_id, state
), observed as ({observations}
), counted as ({quantities}
), passed as (
    insert into registry.check_result (sha256, submission_id, rule_id, outcome, severity)
    select %(sha256)s::text, submission_id, unnest(%(checks_passed)s::text[]), 'pass', 'info'
    from added
), failed as ({findings}
), locked as materialized (
    select submission_id, pg_advisory_xact_lock_shared({event_lock}) from added
), noted as (
    insert into registry.submission_event (sha256, submission_id, event, reason)
    select %(sha256)s::text, submission_id, event, reason
    from locked cross join unnest(%(events)s::text[], %(reasons)s::text[]) as told (event, reason)
)
select submission_id, state from added
""")
    .format(
        observations=_insert("staging.observation", OBSERVATION_COLUMNS, "observations", "added", _OF_ADDED),
        quantities=_insert("staging.quantity", QUANTITY_COLUMNS, "quantities", "added", _OF_ADDED),
        findings=_insert_findings("added"),
        event_lock=registry.EVENT_LOCK,
    )
    .as_string()
)


def load_submission(connection: Connection, sha256: str, submission: ReadSubmission, reader_version: str) -> str:
    """Loads one submission as `load_in_turns` does; returns its state."""
    (state,) = load_submissions(connection, [(sha256, submission)], reader_version)
    return state


def load_submissions(
    connection: Connection, submissions: Sequence[tuple[str, ReadSubmission]], reader_version: str
) -> list[str]:
    """Loads submissions as `load_in_turns` does, with nothing in between; returns their states."""
    turns = load_in_turns(connection, submissions, reader_version)
    while True:
        try:
            next(turns)
        except StopIteration as end:
            states: list[str] = end.value
            return states


def load_in_turns(
    connection: Connection, submissions: Sequence[tuple[str, ReadSubmission]], reader_version: str
) -> Generator[None, None, list[str]]:
    """Writes submissions with their figures and check results, and settles their scopes; returns their states.

    A submission is a transaction: all of it or nothing. It lasts through a power cut once the file is finished
    (`finish_file`). One that an earlier, interrupted run has written already is left as it is.
    Each turn sends one submission to the server and does not wait for it: while the server is at work, the caller can
    read the next file. A payment list takes its turn to its end. Where one fails, those before it are written, those
    after it are not.

    Args:
        connection: commits by itself and is in no transaction; belongs to the turns until they end or are closed.
        submissions: each with the SHA-256 of its file.
        reader_version: of what read them.

    Raises:
        psycopg.Error: the database refused one, perhaps some turns before.
    """
    written: list[_Written] = []
    try:
        for is_list, some in groupby(submissions, key=lambda one: _has_lines(one[1])):
            if is_list:
                for sha256, submission in some:
                    with connection.transaction():
                        written.append(_write(connection, sha256, submission, reader_version))
                    yield
            else:
                # Left when all that was sent is answered.
                with connection.pipeline():
                    for sha256, submission in some:
                        connection.execute("begin")
                        written.append(_write(connection, sha256, submission, reader_version))
                        connection.execute("commit")
                        yield
    except BaseException:
        # Whatever ended it in the middle of one: that one is not left open. A connection that is gone has nothing open.
        with suppress(psycopg.Error):
            connection.rollback()
        raise
    return [one.state() for one in written]


@dataclass(frozen=True, slots=True)
class _Written:
    """A submission whose statements were sent. The cursors hold its number and state, and what counts now."""

    adding: Cursor
    settling: Cursor

    def state(self) -> str:
        added = self.adding.fetchone()
        if added is None:
            return "known"
        number, state = added
        if state != "read":
            return str(state)
        return "accepted" if self.settling.fetchone() == (number,) else "superseded"


def _has_lines(submission: ReadSubmission) -> bool:
    return submission.payment_lines is not None and submission.payment_lines.count > 0


def _write(connection: Connection, sha256: str, submission: ReadSubmission, reader_version: str) -> _Written:
    """Sends what makes a submission. But for a list's lines, nothing is asked that a later statement depends on."""
    scope = Scope(submission.form_code, submission.reporting_unit_id, submission.period, submission.status)
    # A statement of its own: the next one sees what those did who held the scope until then.
    registry.lock_scope(connection, scope)
    adding = _add_submission(connection, sha256, submission, reader_version)
    if _has_lines(submission) and (added := adding.fetchone()) is not None:
        adding.scroll(0, "absolute")
        _write_lines(connection, sha256, added[0], submission, scope)
    return _Written(adding, registry.settle_scope(connection, scope))


def _add_submission(connection: Connection, sha256: str, submission: ReadSubmission, reader_version: str) -> Cursor:
    """Writes a submission whose scope is locked, its figures, its checks, and that it was read.

    The number of the submission and its state are what the cursor holds, nothing where it was known. One statement.
    The lock of the event log comes last: who waits for a scope must not hold it. The transaction will not wait for
    the disk: `finish_file` does, for everything before it, and until then nobody is told anything. What a power cut
    takes with it is read again.
    """
    is_acceptable, is_report = submission.is_acceptable, submission.source_kind == "report"
    errors = sorted({f.rule_id for f in submission.findings if f.severity == "error"})
    return connection.execute(
        _ADD_SUBMISSION,
        {
            "sha256": sha256,
            "part": submission.part,
            "form_code": submission.form_code,
            "form_version": submission.form_version,
            "reader_version": reader_version + submission.read_with,
            "source_kind": submission.source_kind,
            "reporting_unit_id": submission.reporting_unit_id,
            "period": submission.period,
            "status": submission.status,
            "is_nil": submission.is_nil,
            "is_acceptable": is_acceptable,
            "observations": rows_json(_observations(o for o in submission.observations if o.indicator_code)),
            "quantities": rows_json(_observations(submission.observations) if is_report else []),
            "checks_passed": submission.checks_passed,
            "source_path": None,
            "findings": rows_json(_findings(submission.findings)),
            "events": ["read"] if is_acceptable else ["read", "quarantined"],
            "reasons": [""] if is_acceptable else ["", "; ".join(errors)],
        },
    )


def finish_file(connection: Connection, sha256: str, findings: Sequence[Finding], *, has_submission: bool) -> None:
    """Notes that a file was read to its end, with the findings that concern the file as a whole."""
    with connection.transaction():
        write_check_results(connection, sha256=sha256, submission_id=None, findings=findings)
        reason = "; ".join(sorted({f.rule_id for f in findings}))
        event = "read" if has_submission else "quarantined"
        registry.record_event(connection, event, sha256=sha256, reason=reason)


def write_check_results(
    connection: Connection,
    *,
    sha256: str | None,
    submission_id: int | None,
    findings: Sequence[Finding],
    source_path: str | None = None,
) -> None:
    """Writes findings as check results."""
    if findings:
        connection.execute(
            _INSERT_FINDINGS,
            {
                "sha256": sha256,
                "source_path": source_path,
                "submission_id": submission_id,
                "findings": rows_json(_findings(findings)),
            },
        )


def _persons_elsewhere(connection: Connection, submission_id: int, scope: Scope) -> list[Finding]:
    # Imported here: only lists need numpy, which comes along.
    from ingest.readers.payment_list.pseudonyms import load_pseudonyms
    from ingest.store.persons_elsewhere import persons_elsewhere

    return persons_elsewhere(connection, submission_id, scope, load_pseudonyms().key_id, load_catalogue())


def _write_lines(
    connection: Connection, sha256: str, submission_id: int, submission: ReadSubmission, scope: Scope
) -> None:
    """Copies a list's lines under its number and says who of it is paid elsewhere."""
    assert submission.payment_lines is not None
    _copy_payment_lines(connection, submission_id, submission.payment_lines)
    if submission.is_acceptable:
        elsewhere = _persons_elsewhere(connection, submission_id, scope)
        write_check_results(connection, sha256=sha256, submission_id=submission_id, findings=elsewhere)
        submission.findings += elsewhere


def _copy_payment_lines(connection: Connection, submission_id: int, lines: LineBlocks) -> None:
    # The trigger that looks for the submission is given all lines at once: in memory, not on disk.
    connection.execute("set local work_mem = '64MB'")
    columns = ", ".join(("submission_id", *LINE_COLUMNS))
    with connection.cursor().copy(f"copy staging.payment_line ({columns}) from stdin") as copy:
        for block in lines.blocks(submission_id):
            copy.write(block)


def _observations(observations: Iterable[Observation]) -> list[dict[str, Any]]:
    """Observations by the names of their fields, which are those of the columns."""
    return [(_shortened(o) if _is_long(o) else o)._asdict() for o in observations]


def _is_long(o: Observation) -> bool:
    longest_ref = max(map(len, o.refs)) if o.refs else 0
    return len(o.raw) > RAW_LIMIT or len(o.ref) > RAW_LIMIT or longest_ref > RAW_LIMIT


def _shortened(o: Observation) -> Observation:
    return o._replace(raw=o.raw[:RAW_LIMIT], ref=o.ref[:RAW_LIMIT], refs=tuple(ref[:RAW_LIMIT] for ref in o.refs))


def _findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings by the names of their fields, which are those of the columns."""
    return [
        asdict(f)
        | {
            "ref": f.ref[:RAW_LIMIT],
            "refs": [ref[:RAW_LIMIT] for ref in f.refs],
            "message_vi": f.message_vi[:MESSAGE_LIMIT],
            "message_en": f.message_en[:MESSAGE_LIMIT],
        }
        for f in findings
    ]


def rows_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as one JSON text, in which numbers are text, so that all their digits arrive.

    Characters that no text needs are left out of the fields: NUL, and those that separate information (0x1D to 0x1F).
    """
    text = _ENCODE(rows)
    if _LEFT_OUT_IN_JSON.search(text):
        text = _ENCODE([{name: _clean(value) for name, value in row.items()} for row in rows])
    return text.decode()


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _LEFT_OUT.sub("", value)
    return [_clean(each) for each in value] if isinstance(value, tuple | list) else value

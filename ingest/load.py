"""Loading: one submission, one transaction, by COPY."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from psycopg import Connection

from ingest import registry
from ingest.catalogue import load_catalogue
from ingest.lists.lines import LINE_COLUMNS
from ingest.model import Finding, Observation, ReadSubmission
from ingest.registry import Scope

OBSERVATION_COLUMNS = (
    "submission_id, unit_id, period, as_of, accumulation, status, indicator_code, breakdown, measure, issuer,"
    " value, unit_of_measure, qualifier, confidence, ref, refs, raw"
)
# A cell or a sentence fragment; what is longer is somebody's essay in a number's place.
RAW_LIMIT = 500
MESSAGE_LIMIT = 4000


def load_submission(connection: Connection, sha256: str, submission: ReadSubmission, reader_version: str) -> str:
    """Writes a submission with its figures and check results, and settles its scope; returns its state.

    All or nothing: the caller's connection must not be inside a transaction, this opens its own. It lasts through a
    power cut once the file is finished (`finish_file`).
    A submission that an earlier, interrupted run has written already is left as it is.
    """
    scope = Scope(submission.form_code, submission.reporting_unit_id, submission.period, submission.status)
    with connection.transaction():
        state = "read" if submission.is_acceptable else "quarantined"
        submission_id = _add_submission(connection, sha256, submission, reader_version, scope, state)
        if submission_id is None:
            return "known"
        _copy_observations(connection, submission_id, submission)
        if _copy_payment_lines(connection, submission_id, submission) and submission.is_acceptable:
            submission.findings += _persons_elsewhere(connection, submission_id, scope)
        write_check_results(
            connection,
            sha256=sha256,
            submission_id=submission_id,
            findings=submission.findings,
        )
        if submission.is_acceptable:
            return "accepted" if registry.settle_scope(connection, scope) == submission_id else "superseded"
        reason = "; ".join(sorted({f.rule_id for f in submission.findings if f.severity == "error"}))
        registry.record_event(connection, "quarantined", sha256=sha256, submission_id=submission_id, reason=reason)
        return state


def _add_submission(
    connection: Connection, sha256: str, submission: ReadSubmission, reader_version: str, scope: Scope, state: str
) -> int | None:
    """Locks a submission's scope, writes the submission, that it was read and which rules held.

    Returns its number, None where it was known. One statement. The lock of the event log comes last: who waits for a
    scope must not hold it. The transaction will not wait for the disk: `finish_file` does, for everything before it,
    and until then nobody is told anything. What a power cut takes with it is read again.
    """
    row = connection.execute(
        """
        with scope as materialized (
            select set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock(hashtextextended(%s, 0))
        ), added as (
            insert into registry.submission (
                sha256, part, form_code, form_version, reader_version, source_kind,
                reporting_unit_id, period, status, is_nil, state
            )
            select %s::text, %s::text, %s::text, %s::text, %s::text, %s::text, %s::text, %s::text, %s::text,
                %s::boolean, %s::text
            from scope
            on conflict do nothing
            returning submission_id
        ), locked as materialized (
            select submission_id, pg_advisory_xact_lock_shared(%s) from added
        ), noted as (
            insert into registry.submission_event (sha256, submission_id, event)
            select %s::text, submission_id, 'read' from locked
        ), passed as (
            insert into registry.check_result (sha256, submission_id, rule_id, outcome, severity)
            select %s::text, submission_id, unnest(%s::text[]), 'pass', 'info' from added
        )
        select submission_id from added
        """,
        (
            "|".join(scope),
            sha256,
            submission.part,
            submission.form_code,
            submission.form_version,
            reader_version + submission.read_with,
            submission.source_kind,
            submission.reporting_unit_id,
            submission.period,
            submission.status,
            submission.is_nil,
            state,
            registry.EVENT_LOCK,
            sha256,
            sha256,
            submission.checks_passed,
        ),
    ).fetchone()
    return int(row[0]) if row is not None else None


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
    if not findings:
        return
    with connection.cursor().copy(
        "copy registry.check_result (sha256, source_path, submission_id, rule_id, outcome, severity, ref, refs,"
        " lhs, rhs, difference, message_vi, message_en) from stdin"
    ) as copy:
        for f in findings:
            copy.write_row(
                (
                    sha256,
                    source_path,
                    submission_id,
                    f.rule_id,
                    "fail",
                    f.severity,
                    _storable(f.ref),
                    [_storable(ref) for ref in f.refs],
                    f.lhs,
                    f.rhs,
                    f.difference,
                    _storable(f.message_vi, MESSAGE_LIMIT),
                    _storable(f.message_en, MESSAGE_LIMIT),
                )
            )


def _copy_observations(connection: Connection, submission_id: int, submission: ReadSubmission) -> None:
    rows = [_row(submission_id, observation) for observation in submission.observations if observation.indicator_code]
    with connection.cursor().copy(f"copy staging.observation ({OBSERVATION_COLUMNS}) from stdin") as copy:
        copy.write(copy_text(rows))
    if submission.source_kind == "report":
        with connection.cursor().copy(
            "copy staging.quantity (submission_id, ref, raw, value, unit_of_measure, qualifier, indicator_code,"
            " confidence) from stdin"
        ) as copy:
            for o in submission.observations:
                copy.write_row(
                    (
                        submission_id,
                        _storable(o.ref),
                        _storable(o.raw),
                        o.value,
                        o.unit_of_measure,
                        o.qualifier,
                        o.indicator_code,
                        o.confidence,
                    )
                )


def _persons_elsewhere(connection: Connection, submission_id: int, scope: Scope) -> list[Finding]:
    # Imported here: only lists need numpy, which comes along.
    from ingest.lists.across import persons_elsewhere
    from ingest.lists.pseudonyms import load_pseudonyms

    return persons_elsewhere(connection, submission_id, scope, load_pseudonyms().key_id, load_catalogue())


def _copy_payment_lines(connection: Connection, submission_id: int, submission: ReadSubmission) -> bool:
    """Copies a list's lines; whether there were any."""
    if submission.payment_lines is not None and submission.payment_lines.count:
        # The trigger that looks for the submission is given all lines at once: in memory, not on disk.
        connection.execute("set local work_mem = '64MB'")
        columns = ", ".join(("submission_id", *LINE_COLUMNS))
        with connection.cursor().copy(f"copy staging.payment_line ({columns}) from stdin") as copy:
            for block in submission.payment_lines.blocks(submission_id):
                copy.write(block)
        return True
    return False


def _row(submission_id: int, o: Observation) -> tuple[str, ...]:
    return (
        str(submission_id),
        o.unit_id,
        o.period,
        o.as_of.isoformat() if o.as_of is not None else MISSING,
        o.accumulation,
        o.status,
        o.indicator_code,
        o.breakdown,
        o.measure,
        o.issuer,
        str(o.value),
        o.unit_of_measure,
        o.qualifier,
        str(o.confidence),
        o.ref[:RAW_LIMIT],
        _array(o.refs) if o.refs else "{}",
        o.raw[:RAW_LIMIT],
    )


# Control characters that no text needs; while rows are put together they stand for what Postgres' format means.
_FIELD_END, _ROW_END, MISSING = "\x1f", "\x1e", "\x1d"
_MARKS = re.compile("[\x1d-\x1f]")


def copy_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows in Postgres' text format; a field that is `MISSING` is null.

    Put together first and escaped as a whole, which takes a fraction of the time of field by field.
    """
    text = _ROW_END.join(map(_FIELD_END.join, rows))
    expected = (len(rows) - 1, sum(map(len, rows)) - len(rows), sum(row.count(MISSING) for row in rows))
    if rows and tuple(map(text.count, (_ROW_END, _FIELD_END, MISSING))) != expected:
        clean = ([field if field == MISSING else _MARKS.sub("", field) for field in row] for row in rows)
        text = _ROW_END.join(map(_FIELD_END.join, clean))
    for mark, written in (("\x00", ""), ("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(mark, written)
    text = text.replace(_FIELD_END, "\t").replace(_ROW_END, "\n").replace(MISSING, "\\N")
    return f"{text}\n" if rows else ""


def _array(texts: Iterable[str]) -> str:
    """Texts as an array of Postgres."""
    quoted = (text[:RAW_LIMIT].replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def _storable(text: str, limit: int = RAW_LIMIT) -> str:
    """Postgres stores no NUL, and a cell may hold a novel."""
    return text.replace("\x00", "")[:limit]

"""Loading: one submission, one transaction, by COPY."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg import Connection

from ingest import registry
from ingest.catalogue import load_catalogue
from ingest.lists.lines import LINE_COLUMNS
from ingest.model import Finding, ReadSubmission
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

    All or nothing: the caller's connection must not be inside a transaction, this opens its own.
    A submission that an earlier, interrupted run has written already is left as it is.
    """
    scope = Scope(submission.form_code, submission.reporting_unit_id, submission.period, submission.status)
    with connection.transaction():
        registry.lock_scope(connection, scope)
        state = "read" if submission.is_acceptable else "quarantined"
        row = connection.execute(
            """
            insert into registry.submission (
                sha256, part, form_code, form_version, reader_version, source_kind,
                reporting_unit_id, period, status, is_nil, state
            )
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            on conflict do nothing
            returning submission_id
            """,
            (
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
            ),
        ).fetchone()
        if row is None:
            return "known"
        submission_id = int(row[0])
        registry.record_event(connection, "read", sha256=sha256, submission_id=submission_id)
        _copy_observations(connection, submission_id, submission)
        if _copy_payment_lines(connection, submission_id, submission) and submission.is_acceptable:
            submission.findings += _persons_elsewhere(connection, submission_id, scope)
        write_check_results(
            connection,
            sha256=sha256,
            submission_id=submission_id,
            findings=submission.findings,
            rules_passed=submission.checks_passed,
        )
        if submission.is_acceptable:
            return "accepted" if registry.settle_scope(connection, scope) == submission_id else "superseded"
        reason = "; ".join(sorted({f.rule_id for f in submission.findings if f.severity == "error"}))
        registry.record_event(connection, "quarantined", sha256=sha256, submission_id=submission_id, reason=reason)
        return state


def finish_file(connection: Connection, sha256: str, findings: Sequence[Finding], *, has_submission: bool) -> None:
    """Notes that a file was read to its end, with the findings that concern the file as a whole."""
    with connection.transaction():
        write_check_results(connection, sha256=sha256, submission_id=None, findings=findings, rules_passed=())
        reason = "; ".join(sorted({f.rule_id for f in findings}))
        event = "read" if has_submission else "quarantined"
        registry.record_event(connection, event, sha256=sha256, reason=reason)


def write_check_results(
    connection: Connection,
    *,
    sha256: str | None,
    submission_id: int | None,
    findings: Iterable[Finding],
    rules_passed: Iterable[str],
    source_path: str | None = None,
) -> None:
    """Writes check results, passes included."""
    passed, failed = list(rules_passed), list(findings)
    if passed:
        connection.execute(
            "insert into registry.check_result (sha256, submission_id, rule_id, outcome, severity)"
            " select %s::text, %s::bigint, unnest(%s::text[]), 'pass', 'info'",
            (sha256, submission_id, passed),
        )
    if not failed:
        return
    with connection.cursor().copy(
        "copy registry.check_result (sha256, source_path, submission_id, rule_id, outcome, severity, ref, refs,"
        " lhs, rhs, difference, message_vi, message_en) from stdin"
    ) as copy:
        for f in failed:
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
    with connection.cursor().copy(f"copy staging.observation ({OBSERVATION_COLUMNS}) from stdin") as copy:
        for o in submission.observations:
            if o.indicator_code:
                copy.write_row(
                    (
                        submission_id,
                        o.unit_id,
                        o.period,
                        o.as_of,
                        o.accumulation,
                        o.status,
                        o.indicator_code,
                        o.breakdown,
                        o.measure,
                        o.issuer,
                        o.value,
                        o.unit_of_measure,
                        o.qualifier,
                        o.confidence,
                        _storable(o.ref),
                        [_storable(ref) for ref in o.refs],
                        _storable(o.raw),
                    )
                )
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


def _storable(text: str, limit: int = RAW_LIMIT) -> str:
    """Postgres stores no NUL, and a cell may hold a novel."""
    return text.replace("\x00", "")[:limit]

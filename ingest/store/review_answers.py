"""Answers about reports in the registry: kept with who and when, given to every later reading of the report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as the registry keeps it."""

    sha256: str
    review_id: int
    place: str
    verdict: str
    figure: str
    reviewed_by: str
    reviewed_at: datetime


def current_answers(connection: Connection, digests: Sequence[str]) -> dict[str, list[StoredAnswer]]:
    """The answers that count for some reports, by the reports' SHA-256: the latest about each number."""
    with connection.cursor(row_factory=class_row(StoredAnswer)) as cursor:
        rows = cursor.execute(
            """
            select distinct on (review.sha256, answer.place)
                review.sha256, review.review_id, answer.place, answer.verdict, answer.figure::text as figure,
                review.reviewed_by, review.reviewed_at
            from registry.review as review
            join registry.review_answer as answer using (review_id)
            where review.sha256 = any(%s)
            order by review.sha256, answer.place, review.review_id desc
            """,
            (list(digests),),
        ).fetchall()
    found: dict[str, list[StoredAnswer]] = defaultdict(list)
    for row in rows:
        found[row.sha256].append(row)
    return dict(found)


def hold_report(connection: Connection, sha256: str) -> None:
    """Keeps others from answering about the same report until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 1))", (sha256,))


def report_states(connection: Connection, sha256: str) -> set[str]:
    """The states of the submissions that were read from a report."""
    rows = connection.execute(
        "select distinct state from registry.submission where sha256 = %s and source_kind = 'report'", (sha256,)
    ).fetchall()
    return {row[0] for row in rows}


def add_review(
    connection: Connection, sha256: str, answers: Iterable[Mapping[str, str]], by: str, book_name: str, book_sha256: str
) -> int:
    """Writes a person's answers about a report; returns the review's number.

    Args:
        connection: inside a transaction.
        sha256: the report's.
        answers: for each its `place`, `verdict`, `figure` and `proposal` (JSON), `words`, `under`, `unit`, `note`.
        by: who answers.
        book_name: the workbook's file name.
        book_sha256: the workbook's own SHA-256.
    """
    row = connection.execute(
        "insert into registry.review (sha256, reviewed_by, book_name, book_sha256) values (%s, %s, %s, %s)"
        " returning review_id",
        (sha256, by, book_name, book_sha256),
    ).fetchone()
    assert row is not None
    review_id = int(row[0])
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into registry.review_answer (review_id, place, verdict, figure, proposal, words, under, unit, note)"
            " values (%(review_id)s, %(place)s, %(verdict)s, %(figure)s, %(proposal)s, %(words)s, %(under)s, %(unit)s,"
            " %(note)s)",
            [{"review_id": review_id, **answer} for answer in answers],
        )
    return review_id

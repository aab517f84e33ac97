"""Answers about reports in the registry: kept with who and when, given to every later reading of the report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from psycopg import Connection
from psycopg.rows import class_row

from ingest.core.findings import finding
from ingest.core.model import Finding, Observation, ReadFile
from ingest.narrative.learned import Phrasing, Phrasings, PhrasingsError, load_phrasings, remember
from ingest.review.answers import Answer, AnswerBook, meanings
from ingest.review.proposals import observation_from, observation_text, unique_places
from ingest.store import registry


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


@dataclass(slots=True)
class Applied:
    """What became of a workbook: answers that are new, wordings that are remembered, findings."""

    answers: list[Answer] = field(default_factory=list)
    remembered: list[Phrasing] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


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


def apply_to_reading(result: ReadFile, answers: Sequence[StoredAnswer] | None, phrasings: Phrasings) -> None:
    """Puts a person's answers in the place of what was read, and notes what the reading rests on.

    An answer about a number that the present reader no longer finds is a figure all the same: a person saw it.
    """
    for submission in result.submissions:
        if submission.source_kind != "report":
            continue
        submission.read_with = phrasings.version
        if not answers:
            continue
        submission.read_with += f"+review{max(answer.review_id for answer in answers)}"
        said = {answer.place: observation_from(answer.figure) for answer in answers}
        places = unique_places(submission.observations)
        kept = [
            said.pop(place, observation) for place, observation in zip(places, submission.observations, strict=True)
        ]
        submission.observations = [*kept, *(figure for figure in said.values() if figure.indicator_code)]


def apply_answers(
    connection: Connection, book: AnswerBook, by: str, book_name: str, book_sha256: str, phrasings: Path
) -> Applied:
    """Keeps the answers of a workbook, remembers their wordings, and asks for the report to be read again.

    One transaction; the wordings' file is written at its end. Applying a workbook again changes nothing.

    Args:
        connection: acts as role `ingest`, outside any transaction.
        book: without errors among its findings.
        by: who answers; kept for ever.
        book_name: the workbook's file name.
        book_sha256: the workbook's own SHA-256.
        phrasings: the file of confirmed wordings.
    """
    applied = Applied(findings=list(book.findings))
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 1))", (book.sha256,))
        problem = _unusable(connection, book)
        if problem is not None:
            applied.findings.append(problem)
            return applied
        before = {answer.place: answer for answer in current_answers(connection, [book.sha256]).get(book.sha256, [])}
        applied.answers = [answer for answer in book.answers if not _is_known(answer, before.get(answer.place))]
        if not applied.answers:
            applied.findings.append(finding("REV-006", ""))
            return applied
        for answer in applied.answers:
            earlier = before.get(answer.place)
            if earlier is not None and earlier.reviewed_by != by:
                at = f"{earlier.reviewed_at:%Y-%m-%d %H:%M}"
                applied.findings.append(finding("REV-021", answer.ref, before=earlier.reviewed_by, at=at))
        review_id = _insert(connection, book, applied.answers, by, book_name, book_sha256)
        registry.request_reread(connection, book.sha256, f"review {review_id} by {by}")
        applied.remembered = _remember(book, applied, by, phrasings)
    return applied


def _unusable(connection: Connection, book: AnswerBook) -> Finding | None:
    """Why the answers are of no use: their report is not here, or counts no more."""
    if not registry.files_by_sha256(connection, [book.sha256]):
        return finding("REV-003", "", name=book.name, sha256=book.sha256[:12])
    rows = connection.execute(
        "select distinct state from registry.submission where sha256 = %s and source_kind = 'report'", (book.sha256,)
    ).fetchall()
    states = {row[0] for row in rows}
    if states and states <= {"superseded", "withdrawn"}:
        return finding("REV-004", "", name=book.name)
    return None


def _is_known(answer: Answer, stored: StoredAnswer | None) -> bool:
    return (
        stored is not None
        and stored.verdict == answer.verdict
        and observation_from(stored.figure) == answer.figure
    )  # fmt: skip


def _insert(
    connection: Connection, book: AnswerBook, answers: Iterable[Answer], by: str, book_name: str, book_sha256: str
) -> int:
    row = connection.execute(
        "insert into registry.review (sha256, reviewed_by, book_name, book_sha256) values (%s, %s, %s, %s)"
        " returning review_id",
        (book.sha256, by, book_name, book_sha256),
    ).fetchone()
    assert row is not None
    review_id = int(row[0])
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into registry.review_answer (review_id, place, verdict, figure, proposal, words, under, unit, note)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    review_id,
                    answer.place,
                    answer.verdict,
                    observation_text(answer.figure),
                    observation_text(answer.proposal),
                    answer.words.words,
                    answer.words.under,
                    answer.words.unit,
                    answer.note,
                )
                for answer in answers
            ],
        )
    return review_id


def _remember(book: AnswerBook, applied: Applied, by: str, path: Path) -> list[Phrasing]:
    """Remembers the wordings of new answers, but for those that mean several things in this report or before."""
    meant: Mapping[tuple[str, str, str], set[tuple[str, str, str]]] = defaultdict(set)
    for words, figure in meanings(book):
        if figure.indicator_code:
            meant[words.key].add(_meaning(figure))
    now = datetime.now(UTC).replace(microsecond=0)
    known = load_phrasings(path)
    new: list[Phrasing] = []
    for answer in applied.answers:
        meaning = _meaning(answer.figure)
        others = meant[answer.words.key] | {entry.meaning for entry in known.of(answer.words)}
        if others - {meaning}:
            applied.findings.append(finding("REV-022", answer.ref, words=answer.words.words))
            continue
        indicator, breakdown, measure = meaning
        new.append(
            Phrasing(
                words=answer.words.words,
                under=answer.words.under,
                unit=answer.words.unit,
                indicator=indicator,
                breakdown=breakdown,
                measure=measure,
                confirmed_by=by,
                confirmed_at=now,
                sha256=book.sha256,
                ref=answer.figure.ref,
            )
        )
    try:
        return remember(path, new)
    except PhrasingsError as problem:
        applied.findings.append(finding("TXT-011", "", problem=str(problem)))
        return []


def _meaning(figure: Observation) -> tuple[str, str, str]:
    return (figure.indicator_code, figure.breakdown, figure.measure) if figure.indicator_code else ("", "", "actual")

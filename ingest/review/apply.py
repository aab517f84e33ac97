"""What becomes of a person's answers about a report: they replace what was read, and their wordings are remembered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from psycopg import Connection

from ingest.core.findings import finding
from ingest.core.model import Finding, Observation, ReadFile
from ingest.narrative.learned import Phrasing, Phrasings, PhrasingsError, load_phrasings, remember
from ingest.review.answers import Answer, AnswerBook, meanings
from ingest.review.proposals import observation_from, observation_text, unique_places
from ingest.store import registry
from ingest.store.review_answers import StoredAnswer, add_review, current_answers, hold_report, report_states


@dataclass(slots=True)
class Applied:
    """What became of a workbook: answers that are new, wordings that are remembered, findings."""

    answers: list[Answer] = field(default_factory=list)
    remembered: list[Phrasing] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


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
        hold_report(connection, book.sha256)
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
        written = [_as_row(answer) for answer in applied.answers]
        review_id = add_review(connection, book.sha256, written, by, book_name, book_sha256)
        registry.request_reread(connection, book.sha256, f"review {review_id} by {by}")
        applied.remembered = _remember(book, applied, by, phrasings)
    return applied


def _unusable(connection: Connection, book: AnswerBook) -> Finding | None:
    """Why the answers are of no use: their report is not here, or counts no more."""
    if not registry.files_by_sha256(connection, [book.sha256]):
        return finding("REV-003", "", name=book.name, sha256=book.sha256[:12])
    states = report_states(connection, book.sha256)
    if states and states <= {"superseded", "withdrawn"}:
        return finding("REV-004", "", name=book.name)
    return None


def _is_known(answer: Answer, stored: StoredAnswer | None) -> bool:
    return (
        stored is not None
        and stored.verdict == answer.verdict
        and observation_from(stored.figure) == answer.figure
    )  # fmt: skip


def _as_row(answer: Answer) -> dict[str, str]:
    return {
        "place": answer.place,
        "verdict": answer.verdict,
        "figure": observation_text(answer.figure),
        "proposal": observation_text(answer.proposal),
        "words": answer.words.words,
        "under": answer.words.under,
        "unit": answer.words.unit,
        "note": answer.note,
    }


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

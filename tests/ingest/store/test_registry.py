"""The life of submissions, on a real database: what counts is decided from deliveries alone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from ingest.core.model import Finding, Observation, ReadSubmission
from ingest.store import load, registry
from ingest.store.registry import Channel

pytestmark = pytest.mark.database

UNIT = "663@base"


@pytest.fixture
def connection(database):
    with database.connect("ingest") as opened:
        opened.autocommit = True
        yield opened


def digest(name: str) -> str:
    return name.encode().hex().ljust(64, "0")


def deliver(connection, name: str, path: str = "663/poverty.xlsx", channel: Channel = "inbox") -> bool:
    with connection.transaction():
        return registry.register_delivery(
            connection, sha256=digest(name), size_bytes=1, archive_path=Path(name), source_path=path, channel=channel
        )


def submission(*values: int, **changes) -> ReadSubmission:
    observations = [
        Observation(
            ref=f"Biểu!C{number}",
            raw=str(value),
            value=Decimal(value),
            unit_of_measure="household",
            indicator_code="poor_households",
            unit_id=f"2466{number}@base",
            period="2023",
        )
        for number, value in enumerate(values)
    ]
    made = ReadSubmission("poverty_review", "v01", "form", UNIT, "2023", observations=observations)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


ERROR = Finding("POV-001", "error", "Biểu!C9", "Tổng không khớp.", "The total does not agree.")


def counting(connection) -> list[int]:
    rows = connection.execute(
        "select value from staging.observation join registry.submission using (submission_id)"
        " where state = 'accepted' order by observation_id"
    ).fetchall()
    return [int(value) for (value,) in rows]


def events(connection) -> list[str]:
    return [event for (event,) in connection.execute("select event from registry.submission_event order by event_id")]


def test_accepts_what_has_no_error(connection):
    deliver(connection, "a")
    assert load.load_submission(connection, digest("a"), submission(5, 7), "1") == "accepted"
    assert counting(connection) == [5, 7]
    assert events(connection) == ["received", "read", "accepted"]


def test_same_bytes_at_the_same_path_are_no_news(connection):
    assert deliver(connection, "a")
    assert not deliver(connection, "a")
    assert events(connection) == ["received"]


def test_loading_twice_writes_once(connection):
    deliver(connection, "a")
    load.load_submission(connection, digest("a"), submission(5), "1")
    assert load.load_submission(connection, digest("a"), submission(5), "1") == "known"
    assert counting(connection) == [5]


def test_a_correction_replaces_the_scope_with_its_vanished_rows(connection):
    deliver(connection, "a")
    load.load_submission(connection, digest("a"), submission(5, 7), "1")
    deliver(connection, "b")
    load.load_submission(connection, digest("b"), submission(6), "1")
    assert counting(connection) == [6]


def test_the_order_of_processing_does_not_decide(connection):
    deliver(connection, "a")
    deliver(connection, "b")
    load.load_submission(connection, digest("b"), submission(6), "1")
    assert load.load_submission(connection, digest("a"), submission(5), "1") == "superseded"
    assert counting(connection) == [6]


def test_a_rejected_correction_leaves_the_old_figures(connection):
    deliver(connection, "a")
    load.load_submission(connection, digest("a"), submission(5), "1")
    deliver(connection, "b")
    state = load.load_submission(connection, digest("b"), submission(99, findings=[ERROR]), "1")
    assert state == "quarantined"
    assert counting(connection) == [5]


def test_a_nil_return_empties_the_scope(connection):
    deliver(connection, "a")
    load.load_submission(connection, digest("a"), submission(5), "1")
    deliver(connection, "b")
    load.load_submission(connection, digest("b"), submission(is_nil=True), "1")
    assert counting(connection) == []


def test_superseded_bytes_that_arrive_again_are_reinstated(connection):
    deliver(connection, "a")
    load.load_submission(connection, digest("a"), submission(5), "1")
    deliver(connection, "b")
    load.load_submission(connection, digest("b"), submission(6), "1")
    assert deliver(connection, "a")
    assert counting(connection) == [5]
    assert events(connection)[-3:] == ["delivered_again", "superseded", "reinstated"]


def withdraw_newest(connection) -> int:
    newest = int(connection.execute("select max(submission_id) from registry.submission").fetchone()[0])
    with connection.transaction():
        registry.withdraw(connection, newest, "sent by mistake")
    return newest


def test_a_withdrawal_brings_the_one_before_back(connection):
    deliver(connection, "a")
    load.load_submission(connection, digest("a"), submission(5), "1")
    deliver(connection, "b")
    load.load_submission(connection, digest("b"), submission(6), "1")
    newest = withdraw_newest(connection)
    assert counting(connection) == [5]
    with pytest.raises(registry.UnknownSubmissionError), connection.transaction():
        registry.withdraw(connection, newest, "again")


def test_withdrawn_bytes_that_are_handed_in_again_count_again(connection):
    deliver(connection, "a")
    load.load_submission(connection, digest("a"), submission(5), "1")
    (number,) = connection.execute("select submission_id from registry.submission").fetchone()
    with connection.transaction():
        registry.withdraw(connection, number, "wrong year")
    assert counting(connection) == []
    # Lying in the inbox is not handing in again.
    assert not deliver(connection, "a", channel="inbox")
    assert deliver(connection, "a", channel="command_line")
    assert counting(connection) == [5]


def test_a_later_reading_of_the_same_bytes_counts(connection):
    deliver(connection, "a")
    load.load_submission(connection, digest("a"), submission(5), "1")
    load.finish_file(connection, digest("a"), [], has_submission=True)
    assert registry.pending_files(connection) == []
    with connection.transaction():
        registry.request_reread(connection, digest("a"), "the reader was mended")
    assert [file.sha256 for file in registry.pending_files(connection)] == [digest("a")]
    load.load_submission(connection, digest("a"), submission(6), "2")
    assert counting(connection) == [6]


def read_again(connection, name: str, value: int, reader_version: str) -> str:
    with connection.transaction():
        registry.request_reread(connection, digest(name), "the reader was mended")
    return load.load_submission(connection, digest(name), submission(value), reader_version)


def test_a_withdrawal_takes_back_every_reading_of_the_bytes(connection):
    deliver(connection, "a")
    load.load_submission(connection, digest("a"), submission(5), "1")
    deliver(connection, "b")
    load.load_submission(connection, digest("b"), submission(6), "1")
    assert read_again(connection, "b", 7, "2") == "accepted"
    withdraw_newest(connection)
    assert counting(connection) == [5], "not what an older reader made of the same bytes"


def test_withdrawn_bytes_that_are_read_again_stay_withdrawn_until_they_are_handed_in(connection):
    deliver(connection, "a")
    load.load_submission(connection, digest("a"), submission(5), "1")
    deliver(connection, "b")
    load.load_submission(connection, digest("b"), submission(6), "1")
    withdraw_newest(connection)
    assert read_again(connection, "b", 7, "2") == "withdrawn"
    assert counting(connection) == [5]
    assert deliver(connection, "b", channel="command_line")
    assert counting(connection) == [7]
    assert events(connection)[-3:] == ["delivered_again", "superseded", "reinstated"], "nothing in between"


def test_preliminary_and_official_stand_side_by_side(connection):
    deliver(connection, "a")
    load.load_submission(connection, digest("a"), submission(5, status="preliminary"), "1")
    deliver(connection, "b")
    load.load_submission(connection, digest("b"), submission(6), "1")
    assert counting(connection) == [5, 6]


def test_a_fault_in_the_middle_of_loading_leaves_nothing(connection):
    deliver(connection, "a")
    broken = submission(5, 7)
    broken.observations[1] = broken.observations[1]._replace(measure="no such measure")
    with pytest.raises(psycopg.errors.CheckViolation):
        load.load_submission(connection, digest("a"), broken, "1")
    assert events(connection) == ["received"]
    assert connection.execute("select count(*) from staging.observation").fetchone() == (0,)
    # The next run completes it.
    assert load.load_submission(connection, digest("a"), submission(5, 7), "1") == "accepted"


def load_all(connection, *submissions: tuple[str, ReadSubmission]) -> list[str]:
    return load.load_submissions(connection, [(digest(name), made) for name, made in submissions], "1")


def test_of_submissions_in_turns_those_before_a_fault_are_written_and_the_next_run_writes_the_others(connection):
    good = [("a", submission(5)), ("b", submission(6, period="2022")), ("c", submission(7, period="2021"))]
    for name, _ in good:
        deliver(connection, name)
    broken = submission(99, period="2022")
    broken.observations[0] = broken.observations[0]._replace(measure="no such measure")
    with pytest.raises(psycopg.errors.CheckViolation):
        load_all(connection, good[0], ("b", broken), good[2])
    assert counting(connection) == [5]
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert load_all(connection, *good) == ["known", "accepted", "accepted"]
    assert sorted(counting(connection)) == [5, 6, 7]


def test_turns_that_are_given_up_leave_whole_submissions_only(connection):
    for name in "abc":
        deliver(connection, name, f"{name}.xlsx")
    turns = load.load_in_turns(connection, [(digest(name), submission(5, 7)) for name in "abc"], "1")
    next(turns)
    next(turns)
    turns.close()
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert counting(connection) == [5, 7]
    states = connection.execute("select sha256, state from registry.submission order by submission_id").fetchall()
    assert states == [(digest("a"), "superseded"), (digest("b"), "accepted")]


def test_texts_arrive_whatever_they_hold(connection):
    deliver(connection, "a")
    texts = [
        "tab\tin",
        "line\nbreak\r\n",
        "back\\slash \\N \\.",
        'quote " {a,b}',
        "",
        "NULL",
        "\\N",
        "nul\x00",
        "a\x1d\x1e\x1fb",
    ]
    made = submission(*range(len(texts)))
    made.observations = [
        o._replace(raw=text, ref=f"S!{text}", issuer=text, refs=(text, "S!B2"))
        for o, text in zip(made.observations, texts, strict=True)
    ]
    assert load.load_submission(connection, digest("a"), made, "1") == "accepted"
    rows = connection.execute("select raw, ref, issuer, refs, as_of from staging.observation order by 1").fetchall()
    kept = sorted(text.translate({0: None, 0x1D: None, 0x1E: None, 0x1F: None}) for text in texts)
    assert [row[0] for row in rows] == kept
    assert all(row[1:] == (f"S!{row[0]}", row[0], [row[0], "S!B2"], None) for row in rows)


def test_logs_only_grow(connection, database):
    deliver(connection, "a")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("delete from registry.submission_event")
    with database.connect() as owner, pytest.raises(psycopg.errors.RaiseException, match="only grows"):
        owner.execute("update registry.submission_event set reason = 'changed'")


def test_changes_wait_for_a_build_that_succeeds(connection, database):
    assert not registry.has_unbuilt_changes(connection)
    deliver(connection, "a")
    assert not registry.has_unbuilt_changes(connection)
    load.load_submission(connection, digest("a"), submission(5), "1")
    assert registry.has_unbuilt_changes(connection)
    with database.connect("transform") as builder:
        failed = registry.begin_build(builder)
        registry.end_build(builder, failed, is_success=False)
        builder.commit()
        assert registry.has_unbuilt_changes(connection)
        succeeded = registry.begin_build(builder)
        registry.end_build(builder, succeeded, is_success=True)
        builder.commit()
    assert not registry.has_unbuilt_changes(connection)


def test_two_transactions_over_one_scope_leave_one_accepted(connection, database):
    deliver(connection, "a")
    deliver(connection, "b")
    with database.connect("ingest") as other, connection.transaction():
        registry.lock_scope(connection, registry.Scope("poverty_review", UNIT, "2023", "official"))
        other.execute("set lock_timeout = '200ms'")
        other.commit()
        other.autocommit = True
        with pytest.raises(psycopg.errors.LockNotAvailable):
            load.load_submission(other, digest("b"), submission(6), "1")
    load.load_submission(connection, digest("a"), submission(5), "1")
    assert counting(connection) == [5]

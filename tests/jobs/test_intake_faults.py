"""What goes wrong while files are taken in: one file stops no other, and what is ours is never the sender's fault."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from ingest.core.catalogue import load_catalogue
from ingest.forms import load_forms
from ingest.readers import dispatch
from ingest.store import registry
from ingest.store.inbox import look_at
from ingest.submitters.form_template import write_template
from jobs import arrivals, pipeline
from jobs import ingest as job
from jobs.answers import feedback_path
from runtime.errors import SetupError
from tests.made_lines import list_book, people
from tests.poison import POISON

pytestmark = pytest.mark.database

DISTRICTS = ("660", "661", "662", "663", "664", "665", "666")


@pytest.fixture
def connection(database):
    with database.connect("ingest") as opened:
        opened.autocommit = True
        yield opened


@pytest.fixture
def inbox(database):
    folder = database.settings.home / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def without_expectations(monkeypatch):
    """The pages that Great Expectations writes are larger than what is left of the disk."""
    monkeypatch.setattr(pipeline, "validate_batch", lambda *_, **__: None)


def write_form(path: Path, poor: int, year: int, district: str = "663") -> None:
    """A poverty review of a district: one of its communes."""
    catalogue, day = load_catalogue(), date(year, 12, 31)
    unit = catalogue.unit_by_code(district, day)
    assert unit is not None
    commune = next(u.code for u in catalogue.units.values() if u.parent_code == district and u.is_valid_on(day))
    values = {(commune, "poor_households"): poor, (commune, "total_households"): 1000}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_template(load_forms()["poverty_review"], unit, str(year), path, catalogue, values)


def ingest(connection, database, inbox) -> pipeline.BatchOutcome:
    pipeline.register_inbox(connection, database.settings, str(inbox))
    return process(connection, database)


def process(connection, database) -> pipeline.BatchOutcome:
    batches = {str(number): batch for number, batch in enumerate(pipeline.plan_batches(connection))}
    return pipeline.process_batches(connection, database.settings, batches)


def rules(connection) -> dict[str, str]:
    """The rule of each finding about a file as a whole, by the file's path."""
    return dict(
        connection.execute(
            "select coalesce(result.source_path, delivery.source_path), rule_id"
            " from registry.check_result as result left join registry.delivery using (sha256)"
            " where submission_id is null and outcome = 'fail'"
        ).fetchall()
    )


def accepted(connection) -> int:
    return connection.execute("select count(*) from registry.submission where state = 'accepted'").fetchone()[0]


def answer_text(source_path: str, database) -> str:
    book = openpyxl.load_workbook(feedback_path(source_path, database.settings))
    return "\n".join(str(cell.value) for row in book.active.iter_rows() for cell in row if cell.value)


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    """Within, nothing this process or its workers write may be larger: as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_poison_of_each_format_stops_none_of_twenty_good_files(connection, database, inbox):
    for number in range(20):
        write_form(inbox / f"{number:02}.xlsx", number, 2021 + number % 3, DISTRICTS[number // 3])
    poison = {f"{number:02}-poison{suffix}" for number, suffix in enumerate(POISON)}
    for name in poison:
        (inbox / name).write_bytes(POISON[Path(name).suffix]())
    outcome = ingest(connection, database, inbox)
    assert outcome.submissions == {"accepted": 20}
    assert outcome.unusable_files == len(poison)
    told = rules(connection)
    assert told.keys() == poison
    assert told["01-poison.xls"] == "FILE-007"
    assert told["02-poison.xlsb"] == "FILE-008"
    assert "Không sử dụng được tệp này" in answer_text("02-poison.xlsb", database)
    # Nothing of it is met again.
    assert ingest(connection, database, inbox).files == 0
    write_form(inbox / "later.xlsx", 5, 2024)
    assert ingest(connection, database, inbox).submissions == {"accepted": 1}


def test_a_file_that_ended_its_reader_twice_waits_for_a_steward(connection, database, inbox, monkeypatch):
    write_form(inbox / "a.xlsx", 1, 2022)
    write_form(inbox / "b.xlsx", 2, 2023)
    real = dispatch.read_here

    def ended(path, source_path, *others):
        if source_path == "a.xlsx":
            os.kill(os.getpid(), signal.SIGKILL)
        return real(path, source_path, *others)

    monkeypatch.setattr(dispatch, "read_here", ended)
    assert ingest(connection, database, inbox).submissions == {"accepted": 1}
    assert rules(connection) == {"a.xlsx": "FILE-007"}
    assert "hai lần" in answer_text("a.xlsx", database)
    events = "select sha256, reason from registry.submission_event where event = 'reader_ended'"
    ((sha256, how), (_, again)) = connection.execute(events).fetchall()
    assert how == again == "SIGKILL"
    assert ingest(connection, database, inbox).files == 0
    monkeypatch.undo()
    with connection.transaction():
        registry.request_reread(connection, sha256, "the reader is mended")
    assert process(connection, database).submissions == {"accepted": 1}


def test_a_reader_that_is_killed_from_outside_is_replaced(connection, database, inbox, monkeypatch, tmp_path):
    write_form(inbox / "a.xlsx", 1, 2022)
    write_form(inbox / "b.xlsx", 2, 2023)
    real, begun = dispatch.read_here, tmp_path / "begun"

    def slow(path, source_path, *others):
        if source_path == "b.xlsx" and not begun.exists():
            begun.write_text(str(os.getpid()))
            time.sleep(60)
        return real(path, source_path, *others)

    def kill():
        while not (begun.exists() and begun.read_text()):
            time.sleep(0.05)
        os.kill(int(begun.read_text()), signal.SIGKILL)

    monkeypatch.setattr(dispatch, "read_here", slow)
    killer = threading.Thread(target=kill)
    killer.start()
    assert ingest(connection, database, inbox).submissions == {"accepted": 2}
    killer.join()
    assert rules(connection) == {}


def test_what_is_no_file_is_told_once_and_stops_nothing(connection, database, inbox, caplog):
    os.mkfifo(inbox / "pipe.xlsx")
    (inbox / "link.xlsx").symlink_to("/etc/passwd")
    write_form(inbox / "a.xlsx", 1, 2023)
    assert ingest(connection, database, inbox).submissions == {"accepted": 1}
    assert rules(connection) == {"pipe.xlsx": "FILE-009", "link.xlsx": "FILE-004"}
    assert "pipe.xlsx: FILE-009" in caplog.text
    assert "(FIFO)" in answer_text("pipe.xlsx", database)
    count = "select count(*) from registry.check_result where source_path is not null"
    found = connection.execute(count).fetchone()
    again = pipeline.register_inbox(connection, database.settings, str(inbox))
    assert (again.refused, connection.execute(count).fetchone()) == ({}, found)
    # Another pipe in its place is another thing to say.
    (inbox / "pipe.xlsx").unlink()
    pipeline.register_inbox(connection, database.settings, str(inbox))
    os.mkfifo(inbox / "pipe.xlsx")
    assert pipeline.register_inbox(connection, database.settings, str(inbox)).refused.keys() == {"pipe.xlsx"}


def test_a_pipe_that_is_handed_in_by_name_is_refused(connection, database, inbox):
    os.mkfifo(inbox / "pipe.xlsx")
    files = [look_at(inbox / "pipe.xlsx")]
    found = pipeline.register_files(connection, database.settings, files, channel="command_line", inbox=None)
    assert [line.partition(" ")[0] for line in found.told()] == ["pipe.xlsx:"]
    assert rules(connection) == {"pipe.xlsx": "FILE-009"}


def test_a_growing_file_waits_until_it_is_whole(connection, database, inbox, tmp_path, monkeypatch):
    monkeypatch.setattr(arrivals, "QUIET_SECONDS", 0.5)
    write_form(tmp_path / "whole.xlsx", 1, 2023)
    data = (tmp_path / "whole.xlsx").read_bytes()
    stopped = threading.Event()

    def write_slowly():
        with (inbox / "growing.xlsx").open("wb", buffering=0) as file:
            for start in range(0, len(data) - 50, 10):
                file.write(data[start : start + 10])
                if stopped.wait(0.05):
                    file.write(data[start + 10 :])
                    return

    writer = threading.Thread(target=write_slowly)
    writer.start()
    write_form(inbox / "ready.xlsx", 3, 2022)
    os.utime(inbox / "ready.xlsx", (1e9, 1e9))
    while not (inbox / "growing.xlsx").exists():
        time.sleep(0.01)
    found = pipeline.register_inbox(connection, database.settings, str(inbox))
    assert (found.deliveries, found.arriving) == (1, ["growing.xlsx"])
    assert "still arriving" in found.told()[0]
    stopped.set()
    writer.join()
    # It has just been finished: looked at twice, it is the same.
    assert pipeline.register_inbox(connection, database.settings, str(inbox)).deliveries == 1
    assert process(connection, database).submissions == {"accepted": 2}


def test_a_file_that_is_changed_while_it_is_copied_is_not_taken(connection, database, inbox, monkeypatch):
    (inbox / "a.txt").write_text("one")
    real = registry.archive_file

    def meanwhile(source, archive, is_whole):
        with (inbox / "a.txt").open("a") as file:
            file.write(" two")
        return real(source, archive, is_whole)

    monkeypatch.setattr(registry, "archive_file", meanwhile)
    found = pipeline.register_inbox(connection, database.settings, str(inbox))
    assert (found.deliveries, found.arriving) == (0, ["a.txt"])
    assert [path for path in database.settings.archive.rglob("*") if path.is_file()] == []
    monkeypatch.undo()
    assert pipeline.register_inbox(connection, database.settings, str(inbox)).deliveries == 1


def test_a_full_archive_is_not_the_senders_fault(connection, database, inbox, without_expectations):
    write_form(inbox / "a.xlsx", 1, 2023)
    (inbox / "large.csv").write_bytes(b"x" * 200_000)
    with files_of_at_most(100_000):
        found = pipeline.register_inbox(connection, database.settings, str(inbox))
        assert found.faults.keys() == {"large.csv"}
        assert "archive cannot be written: File too large" in found.faults["large.csv"]
        assert process(connection, database).submissions == {"accepted": 1}
    assert rules(connection) == {}
    assert not feedback_path("large.csv", database.settings).exists()
    assert pipeline.register_inbox(connection, database.settings, str(inbox)).deliveries == 1


def test_a_full_temporary_folder_leaves_a_list_waiting(connection, database, inbox, without_expectations):
    (inbox / "list.xlsx").write_bytes(list_book(people(4_000)))
    write_form(inbox / "a.xlsx", 1, 2023)
    pipeline.register_inbox(connection, database.settings, str(inbox))
    with files_of_at_most(300_000), pytest.raises(SetupError, match=r"1 of 2 files wait to be read: .*File too large"):
        process(connection, database)
    assert (accepted(connection), rules(connection)) == (1, {})
    assert not feedback_path("list.xlsx", database.settings).exists()
    assert process(connection, database).submissions == {"accepted": 1}


def test_what_the_archive_lost_waits_and_is_taken_anew(connection, database, inbox):
    write_form(inbox / "a.xlsx", 1, 2022)
    write_form(inbox / "b.xlsx", 2, 2023)
    pipeline.register_inbox(connection, database.settings, str(inbox))
    (path,) = connection.execute(
        "select archive_path from registry.file join registry.delivery using (sha256) where source_path = 'a.xlsx'"
    ).fetchone()
    (database.settings.archive / path).unlink()
    with pytest.raises(SetupError, match=r"a\.xlsx"):
        process(connection, database)
    assert (accepted(connection), rules(connection)) == (1, {})
    assert ingest(connection, database, inbox).submissions == {"accepted": 1}
    assert accepted(connection) == 2


def test_an_archive_that_is_away_keeps_everything_waiting(connection, database, inbox):
    write_form(inbox / "a.xlsx", 1, 2022)
    pipeline.register_inbox(connection, database.settings, str(inbox))
    away = database.settings.archive.rename(database.settings.home / "elsewhere")
    with pytest.raises(SetupError):
        process(connection, database)
    assert rules(connection) == {}
    shutil.rmtree(database.settings.archive, ignore_errors=True)
    away.rename(database.settings.archive)
    assert process(connection, database).submissions == {"accepted": 1}


def test_an_answer_that_cannot_be_written_leaves_its_file_waiting(connection, database, inbox):
    write_form(inbox / "a.xlsx", 1, 2022)
    write_form(inbox / "b.xlsx", 2, 2023)
    in_its_place = feedback_path("a.xlsx", database.settings)
    (in_its_place / "something").mkdir(parents=True)
    with pytest.raises(SetupError, match="an answer cannot be written"):
        ingest(connection, database, inbox)
    assert feedback_path("b.xlsx", database.settings).is_file()
    shutil.rmtree(in_its_place)
    assert process(connection, database).submissions == {"known": 1}
    assert feedback_path("a.xlsx", database.settings).is_file()
    assert accepted(connection) == 2


@pytest.mark.parametrize("ending", ["", "_", "__"])
def test_no_name_of_a_sender_stands_where_an_answer_goes(connection, database, inbox, ending):
    write_form(inbox / "a.xlsx", 1, 2022)
    write_form(inbox / f"a.xlsx.phan-hoi.xlsx{ending}" / "b.xlsx", 2, 2023)
    write_form(inbox / f"A.XLSX.PHAN-HOI.XLSX{ending}" / "c.xlsx.phan-hoi.xlsx", 3, 2021)
    assert ingest(connection, database, inbox).submissions == {"accepted": 3}
    assert len(list(database.settings.outbox.rglob("*.phan-hoi.xlsx"))) == 3


def test_looking_through_an_inbox_where_nothing_is_new_opens_nothing(connection, database, inbox, monkeypatch):
    for number in range(30):
        (inbox / f"{number}.txt").write_text(f"report {number}")
    assert pipeline.register_inbox(connection, database.settings, str(inbox)).deliveries == 30

    def opened(file):
        raise AssertionError(file)

    monkeypatch.setattr(arrivals, "open_file", opened)
    assert pipeline.register_inbox(connection, database.settings, str(inbox)) == arrivals.Arrivals()
    # One that was taken away is forgotten.
    (inbox / "3.txt").unlink()
    pipeline.register_inbox(connection, database.settings, str(inbox))
    assert connection.execute("select count(*) from registry.inbox_look").fetchone() == (29,)


def test_what_arrives_again_after_it_was_replaced_counts_again(connection, database, inbox):
    write_form(inbox / "a.xlsx", 1, 2023)
    first = (inbox / "a.xlsx").read_bytes()
    ingest(connection, database, inbox)
    write_form(inbox / "a.xlsx", 2, 2023)
    ingest(connection, database, inbox)
    (inbox / "a.xlsx").write_bytes(first)
    assert pipeline.register_inbox(connection, database.settings, str(inbox)).deliveries == 1
    assert accepted(connection) == 1


def test_the_run_says_what_did_not_go_through_after_the_rest(connection, database, inbox, monkeypatch):
    write_form(inbox / "a.xlsx", 1, 2023)
    (inbox / "large.csv").write_bytes(b"x" * 200_000)
    monkeypatch.setattr(job, "load_settings", lambda: database.settings)
    with files_of_at_most(100_000):
        registered = job.register_deliveries()
    outcomes = [job.load_batch(batch, "run") for batch in registered["batches"]]
    assert job.has_unbuilt_changes()
    with pytest.raises(SetupError, match=r"1 not registered: large\.csv"):
        job.report_failures(registered["batches"], registered["faults"], outcomes)
    with pytest.raises(SetupError, match="1 of 1 batches did not go through"):
        job.report_failures(registered["batches"], [], [])
    job.report_failures(registered["batches"], [], outcomes)
    with pytest.raises(SetupError, match="register_deliveries"):
        job.report_failures(None, [], [])


def test_a_batch_that_is_tried_again_reads_only_what_waits(connection, database, inbox, without_expectations):
    (inbox / "list.xlsx").write_bytes(list_book(people(4_000)))
    (inbox / "nothing.txt").touch()
    pipeline.register_inbox(connection, database.settings, str(inbox))
    (batch,) = pipeline.plan_batches(connection)
    with files_of_at_most(300_000), pytest.raises(SetupError):
        pipeline.process_batch(connection, database.settings, batch)
    assert pipeline.process_batch(connection, database.settings, batch).files == 1
    assert len(connection.execute("select 1 from registry.check_result where submission_id is null").fetchall()) == 1

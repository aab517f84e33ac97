"""Names of files that would break a log, a path, a database or a spreadsheet."""

from __future__ import annotations

import logging
import os

import openpyxl
import pytest

from jobs import pipeline

pytestmark = pytest.mark.database

REPORT = "HUYỆN ĐẮK MIL\n\nBÁO CÁO\nNăm 2023\n\nToàn huyện có 470 hộ nghèo.\n"
NAMES = [
    b"line\nINFO forged: accepted.txt",
    b"back\rspace\x1b[31m.txt",
    b"not utf-8 \xff\xfe.txt",
    "dài ".encode() * 40 + b".txt",
    b"x" * 250 + b".txt",
    b'=HYPERLINK("http:..evil").txt',
    b"-2+3+cmd.txt",
    "chiều \u202eexe.txt".encode(),
]


@pytest.fixture
def connection(database):
    with database.connect("ingest") as opened:
        opened.autocommit = True
        yield opened


def ingest(connection, settings, inbox):
    pipeline.register_inbox(connection, settings, str(inbox))
    for batch in pipeline.plan_batches(connection):
        pipeline.process_batch(connection, settings, batch)


def test_a_hostile_name_harms_nothing_and_stops_nobody(connection, database, caplog):
    caplog.set_level(logging.INFO)
    inbox, outbox = database.settings.home / "inbox", database.settings.outbox
    inbox.mkdir()
    names = NAMES
    for number, name in enumerate(names):
        (inbox / os.fsdecode(name)).write_bytes(REPORT.replace("470", str(470 + number)).encode())
    ingest(connection, database.settings, inbox)
    (read,) = connection.execute("select count(*) from registry.submission").fetchone()
    assert read == len(names)
    # One line of the log a file, and no character that a terminal obeys.
    lines = [record.getMessage() for record in caplog.records if record.name == "jobs.pipeline"]
    assert len(lines) == len(names)
    assert not [line for line in lines if any(ord(c) < 32 or c in "\x7f\u2028\u202e" for c in line)]
    answers = list(outbox.rglob("*.phan-hoi.xlsx"))
    assert len(answers) == len(names)
    assert all(path.resolve().is_relative_to(outbox.resolve()) for path in answers)
    for path in answers:
        for row in openpyxl.load_workbook(path).worksheets[0].iter_rows():
            assert not [cell.coordinate for cell in row if cell.data_type == "f" or cell.hyperlink]
    before = connection.execute("select count(*) from registry.delivery").fetchone()
    ingest(connection, database.settings, inbox)
    assert connection.execute("select count(*) from registry.delivery").fetchone() == before


@pytest.mark.parametrize("path", ["../../etc/x.xlsx", "/etc/passwd", "a/../../b.csv", "....//x.xlsx", "./x.xlsx"])
def test_an_answer_stays_below_the_outbox(database, path):
    answer = pipeline.feedback_path(path, database.settings)
    assert ".." not in answer.parts
    assert answer.resolve().is_relative_to((database.settings.outbox / "feedback").resolve())

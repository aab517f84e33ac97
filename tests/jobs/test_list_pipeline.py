"""Lists on their whole way: loaded once, replaced as a whole, never half, under one key."""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import contextmanager
from typing import Any

import pytest

from ingest.core.catalogue import load_catalogue
from ingest.readers.payment_list.line_columns import PaymentLines
from ingest.readers.payment_list.pseudonyms import load_pseudonyms
from ingest.store import load, registry
from ingest.submitters import feedback
from jobs import pipeline
from jobs.rekey import rekey_lines
from runtime.errors import SetupError
from tests.made_lines import COLUMNS, TITLE, list_book, person

pytestmark = pytest.mark.database

DAK_SONG = ("Đơn vị báo cáo: Huyện Đắk Song", *TITLE[1:])


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
    """Great Expectations takes a second a batch, and these tests have dozens."""
    monkeypatch.setattr(pipeline, "validate_batch", lambda *_, **__: None)


def people(*numbers, **differs):
    return [person(number, **differs) for number in numbers]


def ingest(connection, database, inbox):
    """What the DAG's two tasks do; the states of what was read."""
    pipeline.register_inbox(connection, database.settings, str(inbox))
    states: dict[str, Any] = {}
    for batch in pipeline.plan_batches(connection):
        outcome = pipeline.process_batch(connection, database.settings, batch)
        states = {state: states.get(state, 0) + count for state, count in outcome.submissions.items()}
    return states


def state_of(connection) -> dict[str, list[tuple[Any, ...]]]:
    """What counts: the lines and figures of accepted lists, and what is stored at all."""
    lines = connection.execute(
        "select reporting_unit_id, line_number, identity_hash, amount_vnd from staging.payment_line"
        " join registry.submission using (submission_id) where state = 'accepted' order by 1, 2"
    ).fetchall()
    figures = connection.execute(
        "select observation.unit_id, indicator_code, breakdown, value from staging.observation"
        " join registry.submission using (submission_id) where state = 'accepted' order by 1, 2, 3"
    ).fetchall()
    return {"lines": lines, "figures": figures}


def counts(connection) -> list[int]:
    tables = ("registry.delivery", "registry.submission", "registry.submission_event", "registry.check_result",
              "staging.observation", "staging.payment_line")  # fmt: skip
    return [connection.execute(f"select count(*) from {table}").fetchone()[0] for table in tables]


def amounts(connection) -> list[int]:
    return [amount for _, _, _, amount in state_of(connection)["lines"]]


def findings(connection, rule_id):
    return connection.execute(
        "select ref, refs, message_vi from registry.check_result where rule_id = %s and outcome = 'fail'", (rule_id,)
    ).fetchall()


def test_the_same_list_again_changes_nothing(connection, database, inbox):
    (inbox / "list.xlsx").write_bytes(list_book(people(1, 2, 3)))
    assert ingest(connection, database, inbox) == {"accepted": 1}
    before = counts(connection)
    assert ingest(connection, database, inbox) == {}
    assert counts(connection) == before


def test_a_corrected_list_replaces_all_of_the_old_one_vanished_lines_too(
    connection, database, inbox, without_expectations
):
    (inbox / "list.xlsx").write_bytes(list_book(people(1, 2, 3)))
    ingest(connection, database, inbox)
    (inbox / "list.xlsx").write_bytes(list_book([*people(1), *people(4, monthly=810_000, amount=810_000)]))
    assert ingest(connection, database, inbox) == {"accepted": 1}
    assert amounts(connection) == [540_000, 810_000]
    (persons,) = connection.execute(
        "select value from staging.observation join registry.submission using (submission_id)"
        " where state = 'accepted' and indicator_code = 'sa_monthly_beneficiaries' and breakdown = ''"
        " and staging.observation.unit_id like '663@%'"
    ).fetchone()
    assert persons == 2


def test_a_rejected_correction_leaves_the_old_lines(connection, database, inbox, without_expectations):
    (inbox / "list.xlsx").write_bytes(list_book(people(1, 2)))
    ingest(connection, database, inbox)
    (inbox / "list.xlsx").write_bytes(list_book([*people(1), *people(2, amount="")]))
    assert ingest(connection, database, inbox) == {"quarantined": 1}
    assert amounts(connection) == [540_000, 540_000]


# Crashes


class PowerCut(BaseException):
    """Nothing catches it, as nothing catches the end of a process."""


@contextmanager
def cut(owner, name, *, after=False):
    """Within, the named function dies before its work or after it."""
    real = getattr(owner, name)

    def dying(*arguments, **options):
        if after:
            real(*arguments, **options)
        raise PowerCut

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, dying)
        yield


def half_the_lines(self, submission_id):
    yield b"".join(REAL_BLOCKS(self, submission_id)).partition(b"\n")[0] + b"\n"
    raise PowerCut


REAL_BLOCKS = PaymentLines.blocks


@pytest.mark.parametrize(
    ("owner", "name", "after"),
    [
        (registry, "archive_file", True),
        (registry, "register_delivery", False),
        (pipeline, "taken_file", True),
        (pipeline, "check_batch", True),
        (load, "_add_submission", True),
        (load, "_copy_payment_lines", True),
        (load, "write_check_results", True),
        (registry, "settle_scope", False),
        (registry, "settle_scope", True),
        (load, "_write", True),
        (feedback, "write_feedback", True),
        (load, "finish_file", False),
        (load, "finish_file", True),
        (PaymentLines, "blocks", None),
    ],
)
def test_a_crash_anywhere_leaves_the_old_list_or_the_new_one_and_is_completed(
    connection, database, inbox, without_expectations, owner, name, after
):
    (inbox / "list.xlsx").write_bytes(list_book(people(1, 2, 3)))
    ingest(connection, database, inbox)
    old = state_of(connection)
    (inbox / "list.xlsx").write_bytes(list_book(people(1, 4, amount=1_080_000, months=2)))
    with pytest.MonkeyPatch.context() as patch:
        if after is None:
            patch.setattr(PaymentLines, "blocks", half_the_lines)
        with cut(owner, name, after=after) if after is not None else _nothing(), pytest.raises(PowerCut):
            ingest(connection, database, inbox)
    left = state_of(connection)
    assert left == old or [line[3] for line in left["lines"]] == [1_080_000, 1_080_000]
    ingest(connection, database, inbox)
    done = state_of(connection)
    assert [line[3] for line in done["lines"]] == [1_080_000, 1_080_000]
    assert connection.execute("select count(*) from registry.submission where source_kind = 'list'").fetchone() == (2,)
    assert ingest(connection, database, inbox) == {}
    assert state_of(connection) == done


@contextmanager
def _nothing():
    yield


def ingest_and_be_killed(inbox):
    """In a process of its own: is killed while the lines are on their way."""
    from jobs import pipeline
    from runtime.settings import load_settings
    from runtime.warehouse.connect import connect

    def killed(self, submission_id):
        yield next(REAL_BLOCKS(self, submission_id))
        os.kill(os.getpid(), signal.SIGKILL)

    PaymentLines.blocks = killed  # type: ignore[method-assign] # the process ends here, nobody is left to restore it
    settings = load_settings()
    with connect("ingest", settings.database_url) as opened:
        opened.autocommit = True
        pipeline.register_inbox(opened, settings, inbox)
        for batch in pipeline.plan_batches(opened):
            pipeline.process_batch(opened, settings, batch)


def test_a_killed_process_leaves_no_line(connection, database, inbox):
    (inbox / "list.xlsx").write_bytes(list_book(people(1, 2, 3)))
    process = multiprocessing.get_context("spawn").Process(target=ingest_and_be_killed, args=(str(inbox),))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    assert connection.execute("select count(*) from staging.payment_line").fetchone() == (0,)
    assert ingest(connection, database, inbox) == {"accepted": 1}
    assert amounts(connection) == [540_000] * 3


# The key


def test_without_a_key_lists_wait_and_the_rest_goes_through(connection, database, inbox, monkeypatch, caplog):
    (inbox / "list.xlsx").write_bytes(list_book(people(1, 2)))
    (inbox / "report.txt").write_text("HUYỆN ĐẮK MIL\n\nBÁO CÁO\nNăm 2023\n\nToàn huyện có 470 hộ nghèo.\n")
    monkeypatch.setenv("ANSINH_PSEUDONYM_KEY", "too short")
    load_pseudonyms.cache_clear()
    with pytest.raises(SetupError, match="1 of 2 files wait to be read: the key of the pseudonyms has 9 bytes"):
        ingest(connection, database, inbox)
    assert connection.execute("select source_kind from registry.submission").fetchall() == [("report",)]
    assert "too short" not in caplog.text
    monkeypatch.setenv("ANSINH_PSEUDONYM_KEY", "k" * 40)
    load_pseudonyms.cache_clear()
    assert ingest(connection, database, inbox) == {"accepted": 1}
    assert amounts(connection) == [540_000] * 2


def test_a_changed_key_is_changed_in_all_lines(connection, database, inbox, without_expectations, monkeypatch):
    (inbox / "list.xlsx").write_bytes(list_book(people(1, 2)))
    (inbox / "other").mkdir()
    (inbox / "other" / "list.xlsx").write_bytes(list_book(people(1, commune="Xã Nâm N'Jang"), title=DAK_SONG))
    ingest(connection, database, inbox)
    rows = (
        "select submission_id, line_number, identity_hash, key_id, amount_vnd from staging.payment_line order by 1, 2"
    )
    before = connection.execute(rows).fetchall()
    monkeypatch.setenv("ANSINH_PSEUDONYM_KEY", "another key, as long as it has to be")
    load_pseudonyms.cache_clear()
    with database.connect() as owner:
        owner.autocommit = True
        outcome = rekey_lines(owner, database.settings, load_catalogue())
        assert (outcome.replaced, outcome.failed) == (2, {})
        assert rekey_lines(owner, database.settings, load_catalogue()).replaced == 0
    after = connection.execute(rows).fetchall()
    assert {key for _, _, _, key, _ in after} == {load_pseudonyms().key_id}
    assert [(s, n, amount) for s, n, _, _, amount in after] == [(s, n, amount) for s, n, _, _, amount in before]
    assert not {identity for _, _, identity, _, _ in after} & {identity for _, _, identity, _, _ in before}
    # Who was one person is one person still.
    assert after[0][2] == after[2][2]


# Several lists


def test_a_person_in_two_units_lists_is_told_with_the_later_one(connection, database, inbox, without_expectations):
    (inbox / "1.xlsx").write_bytes(list_book(people(1, 2)))
    ingest(connection, database, inbox)
    (inbox / "2.xlsx").write_bytes(list_book(people(7, 2, 1, commune="Xã Nâm N'Jang"), title=DAK_SONG))
    assert ingest(connection, database, inbox) == {"accepted": 1}
    ((ref, refs, message),) = findings(connection, "LST-073")
    assert (ref, refs) == ("row 7", ["row 8"])
    assert message.startswith("2 người cũng có trong danh sách cùng kỳ của Huyện Đắk Mil")
    # A later month is another payment.
    october = (*DAK_SONG[:2], "Kỳ báo cáo: Tháng 10 năm 2023")
    (inbox / "3.xlsx").write_bytes(list_book(people(1, commune="Xã Nâm N'Jang"), title=october))
    ingest(connection, database, inbox)
    assert len(findings(connection, "LST-073")) == 1


def test_lists_under_another_key_are_said_not_to_be_compared(
    connection, database, inbox, without_expectations, monkeypatch
):
    (inbox / "1.xlsx").write_bytes(list_book(people(1)))
    ingest(connection, database, inbox)
    monkeypatch.setenv("ANSINH_PSEUDONYM_KEY", "k" * 40)
    load_pseudonyms.cache_clear()
    (inbox / "2.xlsx").write_bytes(list_book(people(1, commune="Xã Nâm N'Jang"), title=DAK_SONG))
    ingest(connection, database, inbox)
    assert findings(connection, "LST-073") == []
    assert len(findings(connection, "LST-075")) == 1


def test_every_column_of_the_made_list_is_stored_or_hashed(connection, database, inbox, without_expectations):
    """What stays is what the design says, and nothing beside it."""
    (inbox / "list.xlsx").write_bytes(list_book(people(1)))
    ingest(connection, database, inbox)
    columns = [name for (name,) in connection.execute(
        "select column_name from information_schema.columns where table_name = 'payment_line' order by 1")]  # fmt: skip
    assert columns == [
        "account_hash", "amount_vnd", "arrears_vnd", "birth_year", "category_code", "coefficient", "identity_hash",
        "key_id", "line_number", "months", "payment_method", "period", "person_hash", "ref", "sex", "submission_id",
        "unit_id",
    ]  # fmt: skip
    assert set(COLUMNS) >= {"name", "identity", "account"}

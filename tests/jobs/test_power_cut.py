"""The database's server is gone from one moment to the next: what was not finished is read again, nothing twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg
import pytest

from bench.own_warehouse import own_warehouse
from ingest.core.catalogue import load_catalogue
from ingest.forms import load_forms
from ingest.store.catalogue_load import load_catalogue_tables
from ingest.submitters.form_template import write_template
from jobs import pipeline
from runtime.local import embedded_postgres
from runtime.settings import Settings
from runtime.waiting import comes_about
from runtime.warehouse.connect import connect

pytestmark = pytest.mark.database

PERIODS = ("2021", "2022", "2023")
POOR = {"24664": 12, "24667": 31}


@dataclass(slots=True)
class Office:
    """A home with a server of its own, as durable as in an office, whose power can be cut."""

    settings: Settings
    url: str

    def connect(self) -> psycopg.Connection:
        connection = connect("ingest", self.url)
        connection.autocommit = True
        return connection

    def cut_power(self) -> None:
        """Ends every process of the server at once, and starts it anew from what is on its disk."""
        data = self.settings.postgres.resolve() / "data"
        os.kill(int((data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGQUIT)
        has_ended = comes_about(lambda: not embedded_postgres.is_running(self.settings), seconds=30, pause=0.05)
        assert has_ended, "the server does not end"
        self.url = embedded_postgres.ensure_running(self.settings)

    def figures(self) -> list[tuple[str, str, int]]:
        """What counts: unit, period and number of poor households, each as often as it is there."""
        with self.connect() as connection:
            return connection.execute(
                "select unit_id, observation.period, value::integer from staging.observation"
                " join registry.submission using (submission_id)"
                " where state = 'accepted' and indicator_code = 'poor_households' order by 1, 2, 3"
            ).fetchall()


@pytest.fixture
def office() -> Iterator[Office]:
    with own_warehouse() as (settings, url):
        with connect("ingest", url) as connection:
            load_catalogue_tables(connection)
        yield Office(settings, url)


def send_reviews(office: Office) -> Path:
    """Puts a poverty review of each year into an inbox."""
    catalogue, inbox = load_catalogue(), office.settings.home / "inbox"
    inbox.mkdir()
    unit = catalogue.unit_by_code("663", date(2023, 12, 31))
    assert unit is not None
    values = {(code, "poor_households"): count for code, count in POOR.items()}
    values |= {(code, "total_households"): 1000 for code in POOR}
    for period in PERIODS:
        write_template(load_forms()["poverty_review"], unit, period, inbox / f"{period}.xlsx", catalogue, values)
    return inbox


def test_what_a_power_cut_takes_is_read_again_and_what_is_finished_lasts(office: Office) -> None:
    inbox = send_reviews(office)
    with office.connect() as connection:
        pipeline.register_inbox(connection, office.settings, str(inbox))
        (digests,) = pipeline.plan_batches(connection)
        for batch in pipeline.load_batches(connection, office.settings, {"cut": digests}):
            assert batch.states == [["accepted"]] * len(PERIODS)
            # Loaded, and nobody told: the power goes before the files are finished.
            office.cut_power()
    with office.connect() as connection:
        (again,) = pipeline.plan_batches(connection)
        assert sorted(again) == sorted(digests), "every file still waits"
        outcome = pipeline.process_batch(connection, office.settings, again)
        assert outcome.submissions.keys() <= {"accepted", "known"}
        assert outcome.submissions.total() == len(PERIODS)
        # Told: from here on it has to last.
        office.cut_power()
    with office.connect() as connection:
        assert pipeline.plan_batches(connection) == []
    units = {"24664@base": 12, "24667@base": 31, "663@base": 43}
    assert office.figures() == sorted((unit, period, count) for unit, count in units.items() for period in PERIODS)

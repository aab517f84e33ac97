"""`make demo` as a newcomer sees it: once, again, and cut short."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner

from jobs import pipeline
from jobs.cli.main import app
from runtime.airflow import configuration
from runtime.local import embedded_postgres
from runtime.settings import PROJECT, Settings
from runtime.warehouse.connect import connect, prepare
from tests.made_lines import list_book
from tests.planted import NAME, faulty, odd, people, places_that_show, rows_of_tables, with_forms

pytestmark = pytest.mark.end_to_end
COMMAND = [str(Path(sys.executable).with_name("ansinh")), "demo"]


@pytest.fixture(scope="module")
def environment(environment: dict[str, str]) -> dict[str, str]:
    """The environment of an installation that may read lists."""
    return environment | {"ANSINH_PSEUDONYM_KEY": "a key for tests, which is long enough for HMAC"}


@pytest.fixture(scope="module")
def first_run(environment, tmp_path_factory) -> subprocess.CompletedProcess[str]:
    """The first demo of a home in which lists with planted names and numbers wait to be read."""
    inbox = tmp_path_factory.mktemp("inbox")
    for name, data in [*list(faulty())[::6], *odd(), *with_forms(tmp_path_factory.mktemp("forms"))]:
        # In a folder of its own each: a list that counts is not to be superseded by the next.
        path = inbox / "planted" / name.replace(".", "-") / name
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    settings = settings_of(environment)
    with connect("ingest", prepare(settings)) as connection:
        connection.autocommit = True
        pipeline.register_inbox(connection, settings, str(inbox))
    embedded_postgres.stop(settings)
    return subprocess.run(COMMAND, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False)


def settings_of(environment: dict[str, str]) -> Settings:
    home, port = Path(environment["ANSINH_HOME"]), int(environment["ANSINH_POSTGRES_PORT"])
    return Settings(home=home, database_url=None, postgres_port=port)


def contents(environment: dict[str, str]) -> dict[str, str | None]:
    """A digest of every row of every table of the warehouse."""
    settings = settings_of(environment)
    with psycopg.connect(embedded_postgres.ensure_running(settings)) as connection:
        tables = connection.execute(
            """
            select schemaname, tablename from pg_tables
            where schemaname not in ('pg_catalog', 'information_schema')
            """
        ).fetchall()
        digests: dict[str, str | None] = {}
        for schema, table in tables:
            query = sql.SQL("select md5(string_agg(t::text, '|' order by t::text)) from {} as t")
            row = connection.execute(query.format(sql.Identifier(schema, table))).fetchone()
            digests[f"{schema}.{table}"] = row[0] if row else None
    embedded_postgres.stop(settings)
    return digests


def test_the_first_time_makes_the_report_and_the_second_changes_nothing(first_run, environment, home, processes_of):
    first = first_run
    assert first.returncode == 0, first.stdout + first.stderr
    for expected in ("build_marts.build_models  success", "submissions accepted", "findings: error", "fct_poverty"):
        assert expected in first.stdout
    reports = [Path(line) for line in first.stdout.splitlines() if line.endswith((".xlsx", ".docx"))]
    assert {path.suffix for path in reports} == {".xlsx", ".docx"}
    assert all(path.is_file() and path.is_relative_to(home) for path in reports)
    assert processes_of(home) == []
    before = contents(environment)
    assert before["marts.fct_poverty"] is not None

    second = subprocess.run(COMMAND, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "nothing to build" in second.stdout
    assert [line for line in second.stdout.splitlines() if line.endswith((".xlsx", ".docx"))] == [
        str(path) for path in reports
    ]
    assert contents(environment) == before
    assert processes_of(home) == []


class Places:
    """Where planted names could have got to after a run of everything; the archive, which holds them, is none."""

    def __init__(self, settings: Settings, screen: str) -> None:
        self.settings, self.screen = settings, screen
        self.warehouse = embedded_postgres.ensure_running(settings)
        self.airflow = embedded_postgres.airflow_url(settings)
        with psycopg.connect(self.warehouse) as connection:
            facts = connection.execute(
                """
                select fact.observation_id, delivery.source_path
                from warehouse.int_observations__counted as fact
                join registry.submission as submission using (submission_id)
                join registry.delivery as delivery using (sha256)
                where delivery.source_path like 'planted/%'
                order by fact.observation_id
                """
            ).fetchall()
        # The first and the last of each file: what they show of it differs by their place only.
        last_of = {path: fact for fact, path in facts}
        first_of = {path: fact for fact, path in reversed(facts)}
        self.facts = sorted({*last_of.values(), *first_of.values()})

    def files(self) -> dict[str, bytes]:
        """Everything written below the home: dbt's target and logs, Airflow's, answers, listings, publications."""
        home = self.settings.home
        hidden = (self.settings.archive, (home / "postgres").resolve())
        paths = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
        kept = [path for path in paths if not any(path.is_relative_to(folder) for folder in hidden)]
        return {path.relative_to(home).as_posix(): path.read_bytes() for path in kept}

    def outputs(self) -> dict[str, bytes]:
        """What the demo and the command line print."""
        commands = [("status",), ("status", "--format", "csv"), *(("trace", str(fact)) for fact in self.facts)]
        told = {" ".join(command): CliRunner().invoke(app, command) for command in commands}
        return {"screen": self.screen.encode(), **{name: result.output.encode() for name, result in told.items()}}


def test_planted_names_and_numbers_are_in_nothing_that_airflow_dbt_and_publishing_keep(
    first_run, environment, monkeypatch
):
    """See also `test_planted.py` of payment lists, which knows more ways of planting and less machinery."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    places = Places(settings_of(environment), first_run.stdout + first_run.stderr)
    with psycopg.connect(places.airflow) as metadata, psycopg.connect(places.warehouse) as warehouse:
        tables = {**rows_of_tables(metadata), **rows_of_tables(warehouse)}
        files, outputs = places.files(), places.outputs()

        # What is searched is there, and tells of the planted files.
        assert b"load_batch" in tables["public.xcom"]
        for table in ("marts.fct_social_protection_payment", "publication.edition_figure", "registry.check_result"):
            assert tables[table], table
        for beginning in ("dbt/target/", "dbt/logs/", "logs/airflow/", "outbox/reports/", "outbox/feedback/planted/"):
            assert any(name.startswith(beginning) for name in files), beginning
        assert b"broken.xlsx" in outputs["status --format csv"]
        told = b"".join(data for name, data in outputs.items() if name.startswith("trace"))
        assert b"planted/" in told
        assert places_that_show({**tables, **files, **outputs}) == []

        # The search is not blind: what is put there is found, and found there alone.
        metadata.execute("update xcom set value = to_jsonb(%s::text)", [json.dumps({"name": NAME})])
        warehouse.execute("update registry.check_result set message_vi = %s", [NAME])
        assert places_that_show(rows_of_tables(metadata)) == ["public.xcom"]
        assert "registry.check_result" in places_that_show(rows_of_tables(warehouse))
        metadata.rollback()
        warehouse.rollback()
        logs = sorted(name for name in files if name.startswith(("dbt/logs/", "logs/airflow/")))
        written = [logs[0], logs[-1], "dbt/target/compiled.sql", "outbox/reports/report.xlsx", "outbox/feedback/a.txt"]
        for name in written:
            with (places.settings.home / name).open("ab") as file:
                file.write(list_book(people()) if name.endswith(".xlsx") else NAME.upper().encode())
        assert sorted(places_that_show(places.files())) == sorted(written)
        with a_name_beside_a_figure(warehouse, places):
            assert places_that_show(places.outputs()) == [f"trace {places.facts[0]}"]
    embedded_postgres.stop(places.settings)


def test_reminders_are_written_by_their_dag_and_again_the_same(first_run, environment, home):
    settings = settings_of(environment)
    services = configuration.environment(settings, embedded_postgres.ensure_running(settings))
    command = [sys.executable, "-m", "airflow", "dags", "test", "remind_missing", "--conf", '{"day": "2024-01-31"}']
    written = []
    for _ in range(2):
        done = subprocess.run(command, env=services, cwd=PROJECT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        written.append({path.name: path.read_bytes() for path in (home / "outbox" / "reminders").iterdir()})
    embedded_postgres.stop(settings)
    assert written[0] == written[1]
    assert "tong-hop.xlsx" in written[0]
    assert len(written[0]) > 2


@contextmanager
def a_name_beside_a_figure(warehouse: psycopg.Connection, places: Places) -> Iterator[None]:
    """The archive as if a name stood in the row of a form's cell, which is the first fact that is traced."""
    fact = warehouse.execute(
        """
        select statement.observation_id, statement.ref, file.archive_path
        from warehouse.int_observations__counted as statement
        join registry.submission as submission using (submission_id)
        join registry.file as file using (sha256)
        where statement.source_kind = 'form' and statement.ref ~ '^[A-Za-z0-9_]+![A-Z][0-9]+$'
        limit 1
        """
    ).fetchone()
    assert fact is not None
    sheet, _, cell = fact[1].partition("!")
    book = openpyxl.Workbook()
    only = book.worksheets[0]
    only.title = sheet
    only[f"A{cell[1:]}"] = NAME
    only[cell] = 1
    archived = places.settings.archive / fact[2]
    archived.rename(archived.with_suffix(".aside"))
    places.facts.insert(0, fact[0])
    try:
        book.save(archived.with_suffix(".xlsx"))
        archived.with_suffix(".xlsx").rename(archived)
        yield
    finally:
        archived.unlink()
        archived.with_suffix(".aside").rename(archived)


@pytest.mark.slow  # Airflow is started and ended three times.
@pytest.mark.parametrize(
    ("number", "moment"),
    [(signal.SIGINT, "Postgres"), (signal.SIGTERM, "Airflow: "), (signal.SIGINT, "register_deliveries  ")],
)
def test_cut_short_it_leaves_nothing_running(environment, home, processes_of, number, moment):
    process = subprocess.Popen(
        COMMAND, env=environment, cwd=PROJECT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if moment in line:
            time.sleep(0.3)
            os.killpg(process.pid, number)
            break
    rest = process.stdout.read()
    assert process.wait() == 130
    assert "done" not in rest
    assert processes_of(home) == []

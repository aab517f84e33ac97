"""`make demo` as a newcomer sees it: once, again, and cut short."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from runtime import postgres
from runtime.settings import PROJECT, load_settings

pytestmark = pytest.mark.end_to_end
COMMAND = [sys.executable, "-m", "runtime.demo"]


def settings_of(environment: dict[str, str]):
    home, port = Path(environment["ANSINH_HOME"]), int(environment["ANSINH_POSTGRES_PORT"])
    return replace(load_settings(), home=home, database_url=None, postgres_port=port)


def contents(environment: dict[str, str]) -> dict[str, str]:
    """A digest of every row of every table of the warehouse."""
    settings = settings_of(environment)
    with psycopg.connect(postgres.ensure_running(settings)) as connection:
        tables = connection.execute(
            """
            select schemaname, tablename from pg_tables
            where schemaname not in ('pg_catalog', 'information_schema')
            """
        ).fetchall()
        digests = {}
        for schema, table in tables:
            query = sql.SQL("select md5(string_agg(t::text, '|' order by t::text)) from {} as t")
            row = connection.execute(query.format(sql.Identifier(schema, table))).fetchone()
            digests[f"{schema}.{table}"] = row and row[0]
    postgres.stop(settings)
    return digests


def test_the_first_time_makes_the_report_and_the_second_changes_nothing(environment, home, processes_of):
    first = subprocess.run(COMMAND, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False)
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

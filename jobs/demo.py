"""`ansinh demo`: the whole path over the samples, run by Airflow, and its result on the screen.

Everything it starts it stops again, whatever happens. A second run finds nothing new: it ingests
nothing, builds nothing and publishes the edition that is there.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import LiteralString

import httpx
import psycopg
from psycopg import sql
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from publish.definition import load_definition
from runtime.airflow import configuration
from runtime.airflow.api import FINISHED, AirflowApi, TaskState
from runtime.errors import SetupError
from runtime.local import home, services
from runtime.settings import PROJECT, Settings, load_settings
from runtime.waiting import comes_about
from runtime.warehouse import connect

SAMPLES = PROJECT / "samples" / "inbox"
PROVINCE, PERIOD = "67", "2023"
INGEST, BUILD, CONSOLIDATE = "ingest_submissions", "build_marts", "consolidate_year"
# Nothing waits for a person in the demo, so nothing needs the triggerer.
SERVICES = ("api-server", "scheduler", "dag-processor")
# Nothing runs but what the demo starts.
ENVIRONMENT = {"ANSINH_INGEST_SCHEDULE": "", "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True"}
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
RUN_SECONDS = 900
POLL_SECONDS = 1.0
LOG_LINES = 30


class TaskFailedError(Exception):
    """A task of a run failed; `log` holds the end of its log."""

    def __init__(self, dag_id: str, task: TaskState, log: list[str]) -> None:
        super().__init__(f"{dag_id}.{task.name} failed after {task.try_number} tries")
        self.log = log


class Screen:
    """What the demo says while it works: a line per event, with the seconds since the start."""

    def __init__(self) -> None:
        # In a log nothing has to be folded to the width of a terminal that is not there.
        self.console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
        self._started = time.monotonic()

    def say(self, text: str) -> None:
        """Prints a line."""
        self.console.print(f"[dim]{time.monotonic() - self._started:6.1f} s[/dim]  {escape(text)}", soft_wrap=True)


def main() -> int:
    """Runs the demo; 0 when the report is there, 1 with the reason when it is not."""
    settings = load_settings().changed(inbox=str(SAMPLES))
    screen = Screen()
    for number in ENDING_SIGNALS:
        signal.signal(number, _interrupt)
    if services.is_up(settings):
        print("error: Airflow runs already for this ANSINH_HOME; `make down` stops it", file=sys.stderr)
        return 1
    try:
        with _stopped_afterwards(settings, screen):
            reports = run(settings, screen)
            tables = summary(connect.warehouse_url(settings))
    except SetupError as error:
        return _failed(settings, error)
    except httpx.HTTPError as error:
        log = settings.logs / "api-server.log"
        return _failed(settings, f"Airflow's API failed ({error}); see {log}")
    except TaskFailedError as error:
        print(*error.log, sep="\n", file=sys.stderr)
        return _failed(settings, f"{error}; the end of its log stands above")
    except KeyboardInterrupt:
        print("interrupted; nothing is left running", file=sys.stderr)
        return 130
    screen.say("done")
    for table in tables:
        screen.console.print(table)
    for path in reports:
        print(path)
    return 0


def _failed(settings: Settings, failure: object) -> int:
    print(f"error: {home.cause_of(failure, settings)}", file=sys.stderr)
    return 1


def run(settings: Settings, screen: Screen) -> list[str]:
    """Starts everything, runs the three DAGs and gives the paths of the report's files.

    Raises:
        SetupError: something of the machine is not as needed.
        TaskFailedError: a task failed.
    """
    services.stop(settings)  # What a demo that was killed left behind.
    services.check_web_port(settings)
    screen.say("Postgres and the warehouse's schema")
    warehouse_url = connect.prepare(settings)
    screen.say("Airflow's metadata")
    environment = configuration.environment(settings, warehouse_url, extra=ENVIRONMENT)
    configuration.migrate_metadata(environment)
    screen.say(f"Airflow: {', '.join(SERVICES)}")
    started_at = datetime.now(UTC)
    services.start(settings, environment, SERVICES)
    with AirflowApi(configuration.base_url(settings), configuration.USER, configuration.password(settings)) as api:
        services.wait_until_healthy(settings, api)
        screen.say("Airflow is healthy; reading the DAGs")
        dag_ids = (INGEST, BUILD, CONSOLIDATE)
        services.wait_for_dags(settings, api, dag_ids, started_at)
        for dag_id in dag_ids:
            api.unpause(dag_id)
        runs = Runs(settings, api, screen)
        with runs.ended_on_error():
            ingestion = runs.trigger(INGEST, {})
            runs.watch(INGEST, ingestion)
            builds = runs.runs_started_by_assets(INGEST, ingestion)
            if not builds:
                screen.say("nothing new in the samples: nothing to build")
            for dag_id, run_id in builds:
                runs.watch(dag_id, run_id)
            conf = {"period": PERIOD, "province": PROVINCE, "auto_approve": True}
            consolidation = runs.trigger(CONSOLIDATE, conf)
            runs.watch(CONSOLIDATE, consolidation)
        published = api.returned_value(CONSOLIDATE, consolidation, "publish_edition")
        return list(published["files"])


class Runs:
    """DAG runs of the demo, shown while they run."""

    def __init__(self, settings: Settings, api: AirflowApi, screen: Screen) -> None:
        self._settings = settings
        self._api = api
        self._screen = screen
        self._logs = settings.logs
        self._unfinished: list[tuple[str, str]] = []

    def trigger(self, dag_id: str, conf: dict[str, object]) -> str:
        """Starts a run; gives its id."""
        # A run that an interrupted demo left behind would keep this one waiting.
        for run_id in self._api.unfinished_runs(dag_id):
            self._api.fail_run(dag_id, run_id, "left behind by an interrupted run")
        run_id = self._api.trigger(dag_id, conf)
        self._unfinished.append((dag_id, run_id))
        return run_id

    def watch(self, dag_id: str, run_id: str) -> None:
        """Shows each task's state as it changes, until the run has ended.

        Raises:
            TaskFailedError: a task failed for good.
            SetupError: a service ended, or the run took too long.
        """
        shown: dict[tuple[str, int], str | None] = {}

        def has_ended() -> bool:
            services.check_alive(self._settings)
            tasks = self._api.task_states(dag_id, run_id)
            for task in tasks:
                key = (task.task_id, task.map_index)
                if task.state and shown.get(key) != task.state:
                    shown[key] = task.state
                    self._screen.say(f"{dag_id}.{task.name}  {task.state}")
            # Each question costs the api-server some work on the cores that the tasks need.
            return all(task.is_finished for task in tasks) and self._is_finished(dag_id, run_id, tasks)

        if not comes_about(has_ended, seconds=RUN_SECONDS, pause=POLL_SECONDS):
            raise SetupError(f"{dag_id} did not end in {RUN_SECONDS} seconds; see the logs in {self._logs}.")

    def _is_finished(self, dag_id: str, run_id: str, tasks: list[TaskState]) -> bool:
        state = self._api.run_state(dag_id, run_id)
        if state not in FINISHED:
            return False
        self._unfinished = [each for each in self._unfinished if each != (dag_id, run_id)]
        for task in tasks:
            if task.state == "failed":
                raise TaskFailedError(dag_id, task, self._api.log_lines(dag_id, run_id, task)[-LOG_LINES:])
        if state == "failed":
            raise SetupError(f"{dag_id} failed without a failed task; see the logs in {self._logs}.")
        return True

    def runs_started_by_assets(self, dag_id: str, run_id: str) -> list[tuple[str, str]]:
        """The runs that a finished run started by the assets it updated; empty where it updated none."""
        found: list[list[tuple[str, str]]] = []

        def have_all_started() -> bool:
            found[:] = self._api.asset_updates(dag_id, run_id)
            return all(found)

        if not comes_about(have_all_started, seconds=RUN_SECONDS, pause=POLL_SECONDS):
            raise SetupError(f"No DAG started on the asset that {dag_id} updated; see the logs in {self._logs}.")
        runs = [run for runs in found for run in runs]
        self._unfinished += runs
        return runs

    @contextlib.contextmanager
    def ended_on_error(self) -> Iterator[None]:
        """Marks what still runs as failed when the demo is cut short, so that the next one need not wait for it."""
        try:
            yield
        except BaseException:
            with contextlib.suppress(httpx.HTTPError):
                for dag_id, run_id in self._unfinished:
                    self._api.fail_run(dag_id, run_id, "the demo was interrupted")
            raise


def summary(url: str) -> list[Table]:
    """What the demo ends with, read from the warehouse: what came in, the facts, the headline figures."""
    with connect.connect(url=url) as connection:
        return [_what_came_in(connection), _facts(connection), _headline(connection)]


def _what_came_in(connection: psycopg.Connection) -> Table:
    table = _table("What came in", "number")
    states = "select state, count(*) from registry.submission group by state order by state"
    for state, count in connection.execute(states):
        table.add_row(f"submissions {state}", _number(count))
    unusable = """
        select count(*) from registry.file
        where not exists (select from registry.submission where submission.sha256 = file.sha256)
    """
    table.add_row("files that hold no submission", _number(_only(connection, unusable)))
    findings = """
        select severity, count(*) from registry.check_result
        where outcome = 'fail' group by severity order by severity
    """
    for severity, count in connection.execute(findings):
        table.add_row(f"findings: {severity}", _number(count))
    return table


def _facts(connection: psycopg.Connection) -> Table:
    table = _table("Fact", "rows")
    facts = r"select tablename from pg_tables where schemaname = 'marts' and tablename like 'fct\_%' order by tablename"
    for (name,) in connection.execute(facts).fetchall():
        query = sql.SQL("select count(*) from {}").format(sql.Identifier("marts", name))
        table.add_row(name, _number(_only(connection, query)))
    return table


def _headline(connection: psycopg.Connection) -> Table:
    figures = {
        (indicator, breakdown): rest
        for indicator, breakdown, *rest in connection.execute(
            """
            select
                indicator_code, breakdown, indicator_name_en, breakdown_name_en, unit_of_measure,
                value, value_prior, target_value, target_attainment_pct
            from marts.rpt_provincial_year
            where province_code = %s and period = %s
            """,
            (PROVINCE, PERIOD),
        )
    }
    table = _table(f"Province {PROVINCE}, {PERIOD}", PERIOD, "year before", "target", "attained %")
    for figure in load_definition("provincial_year").headline:
        if figure.key in figures:
            name, breakdown, unit, *values = figures[figure.key]
            label = f"{name}{f' ({breakdown})' if figure.breakdown else ''}, {unit}"
            table.add_row(label, *map(_number, values))
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _only(connection: psycopg.Connection, query: LiteralString | sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def _number(value: Decimal | int | None) -> str:
    """A number for the screen: two decimals at most, none that are zero."""
    if value is None:
        return ""
    text = f"{round(value, 2):,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _interrupt(*_: object) -> None:
    """A request to end, from whomever, is a Ctrl-C."""
    raise KeyboardInterrupt


@contextlib.contextmanager
def _stopped_afterwards(settings: Settings, screen: Screen) -> Iterator[None]:
    """Stops the services and Postgres at the end, in peace: further signals are not heard meanwhile."""
    try:
        yield
    finally:
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        screen.say("stopping Airflow and Postgres")
        services.down(settings)

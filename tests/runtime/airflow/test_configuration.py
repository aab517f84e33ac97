"""Airflow's services and DAG runs, on a real Airflow with small DAGs of the tests' own."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from jobs.demo import Runs, Screen, TaskFailedError
from runtime.airflow import configuration
from runtime.airflow.api import AirflowApi
from runtime.errors import SetupError
from runtime.local import embedded_postgres, services
from runtime.local.ports import HOST
from runtime.settings import Settings, load_settings
from runtime.waiting import comes_about

pytestmark = pytest.mark.airflow
DAGS = Path(__file__).parent / "dags"
IDS = ("consume", "produce", "wait")


@pytest.fixture(scope="module")
def settings(environment: dict[str, str]) -> Iterator[Settings]:
    """The settings of an installation whose Postgres runs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("ANSINH_", "AIRFLOW_"))]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        chosen = load_settings()
        embedded_postgres.ensure_running(chosen, durable=False)
        try:
            yield chosen
        finally:
            embedded_postgres.remove(chosen)


@pytest.fixture(scope="module")
def api(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowApi]:
    """A session with a running Airflow that has read the tests' DAGs."""
    dags = tmp_path_factory.mktemp("dags")
    for path in DAGS.glob("*.py"):
        (dags / path.name).write_text(path.read_text())
    # New files are looked for every second.
    hasty = {"AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "1", "DAGS_OF_THE_TEST": str(dags)}
    environment = configuration.environment(settings, embedded_postgres.ensure_running(settings), dags, hasty)
    configuration.migrate_metadata(environment)
    started_at = datetime.now(UTC)
    try:
        services.start(settings, environment, ("api-server", "scheduler", "dag-processor"))
        with AirflowApi(
            configuration.base_url(settings), configuration.USER, configuration.password(settings)
        ) as session:
            services.wait_until_healthy(settings, session)
            services.wait_for_dags(settings, session, IDS, started_at)
            for dag_id in IDS:
                session.unpause(dag_id)
            yield session
    finally:
        services.stop(settings)


@pytest.fixture
def runs(settings: Settings, api: AirflowApi) -> Runs:
    return Runs(settings, api, Screen())


def test_a_run_is_shown_and_what_it_causes_is_found_and_a_failure_is_told_with_its_log(runs, api, capsys):
    run_id = runs.trigger("produce", {})
    runs.watch("produce", run_id)
    shown = capsys.readouterr().out
    assert "produce.make" in shown
    assert "success" in shown
    assert api.returned_value("produce", run_id, "make") == {"files": ["a", "b"]}

    (caused,) = runs.runs_started_by_assets("produce", run_id)
    assert caused[0] == "consume"
    with pytest.raises(TaskFailedError, match=r"consume\.use failed") as failure:
        runs.watch(*caused)
    assert any("the product is not as it should be" in line for line in failure.value.log)


def test_a_run_that_updates_no_asset_causes_nothing(runs):
    run_id = runs.trigger("consume", {})
    with pytest.raises(TaskFailedError):
        runs.watch("consume", run_id)
    assert runs.runs_started_by_assets("consume", run_id) == []


def test_a_run_cut_short_is_ended_and_one_left_behind_makes_way(runs, api):
    started = []

    def cut_short() -> None:
        with runs.ended_on_error():
            started.append(runs.trigger("wait", {}))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_short()
    assert api.run_state("wait", started[0]) == "failed"

    left_behind = api.trigger("wait", {})
    run_id = runs.trigger("wait", {})
    assert api.run_state("wait", left_behind) == "failed"
    api.fail_run("wait", run_id, "the test is over")


def test_a_dag_file_that_cannot_be_read_is_named_with_its_error(settings, api):
    folder = Path(_environment_of_a_service(settings)["DAGS_OF_THE_TEST"])
    broken = folder / "broken.py"
    broken.write_text('raise RuntimeError("no DAG here")  # airflow dag\n')
    try:
        with pytest.raises(SetupError, match=r"broken\.py cannot be read: RuntimeError: no DAG here"):
            services.wait_for_dags(settings, api, ["broken"], datetime.now(UTC))
    finally:
        broken.unlink()


def test_a_second_migration_of_the_metadata_is_quick(settings):
    environment = configuration.environment(settings, embedded_postgres.ensure_running(settings))
    started = time.monotonic()
    configuration.migrate_metadata(environment)
    assert time.monotonic() - started < 2


def test_a_taken_web_port_is_one_line_with_the_variable_to_set(settings):
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        taken = settings.changed(web_port=other.getsockname()[1], home=settings.home / "other")
        with pytest.raises(SetupError, match="set ANSINH_WEB_PORT to a free one") as caught:
            services.start(taken, {}, services.ALL)
    assert "\n" not in str(caught.value)
    assert not services.is_up(taken)


def test_a_shell_cannot_lead_the_services_astray(settings, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", "/elsewhere")
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "7")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    environment = configuration.environment(settings, "postgresql://warehouse")
    assert environment["AIRFLOW__CORE__DAGS_FOLDER"].endswith("/dags")
    assert environment["AIRFLOW__CORE__PARALLELISM"] == "7"
    assert environment["NO_PROXY"] == "intranet.example,127.0.0.1,localhost"
    assert environment["ANSINH_DATABASE_URL"] == "postgresql://warehouse"


def test_metadata_of_ones_own_is_used(settings, monkeypatch):
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql+psycopg2://a:b@db.example/airflow")
    environment = configuration.environment(settings, "postgresql://warehouse")
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "postgresql+psycopg2://a:b@db.example/airflow"


def test_secrets_are_readable_by_their_owner_alone(settings):
    configuration.environment(settings, "postgresql://warehouse")
    secrets = {path.name: path for path in (settings.home / "secrets" / "airflow").iterdir()}
    assert secrets.keys() >= {"password", "passwords.json", "fernet_key", "jwt_secret", "api_secret_key"}
    assert {path.stat().st_mode & 0o777 for path in secrets.values()} == {0o600}


def test_a_service_that_dies_is_named_and_stopping_leaves_nothing(settings, api, processes_of):
    """The last test of this file: it takes Airflow down, with a task in flight."""
    run_id = api.trigger("wait", {})

    def is_running() -> bool:
        return any(task.state == "running" for task in api.task_states("wait", run_id))

    assert comes_about(is_running, seconds=60, pause=0.5), "the task did not start"
    services.check_alive(settings)
    victim = _service(settings, "dag-processor")
    os.kill(victim, signal.SIGKILL)
    assert comes_about(lambda: not services.is_up(settings), seconds=10, pause=0.1)
    with pytest.raises(SetupError, match=r"dag-processor stopped .*dag-processor\.log"):
        services.check_alive(settings)
    services.stop(settings)
    assert [command for command in processes_of(settings.home) if "postgres" not in command] == []


def _service(settings: Settings, name: str) -> int:
    return next(service.pid for service in services.started_services(settings) if service.name == name)


def _environment_of_a_service(settings: Settings) -> dict[str, str]:
    return psutil.Process(_service(settings, "scheduler")).environ()

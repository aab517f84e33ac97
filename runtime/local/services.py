"""Airflow's services as processes of this machine: `ansinh services up|down|remove`.

Each service leads a session of its own, so a Ctrl-C reaches the one who started it and nobody else,
and everything that a service ever forked is found by its session when it is stopped. Which sessions
are ours stands in `<home>/run/services.json`, with the time each leader started, so that a number
that another program carries by now is never taken for ours.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

from runtime.airflow import configuration
from runtime.airflow.api import AirflowApi
from runtime.errors import SetupError
from runtime.local import embedded_postgres
from runtime.local.ports import check_port
from runtime.settings import Settings
from runtime.waiting import comes_about
from runtime.warehouse import connect

ALL = ("api-server", "scheduler", "dag-processor", "triggerer")
READY_SECONDS = 180
STOP_SECONDS = 10
# A process's start is told by the clock, which may be set right while it runs.
_CLOCK_SECONDS = 2
# Task logs are read from the same disk, so nobody has to serve them on ports of their own.
_ARGUMENTS = {"scheduler": ["--skip-serve-logs"], "triggerer": ["--skip-serve-logs"]}


@dataclass(frozen=True, slots=True)
class Service:
    """A started service: the process that leads its session, and when that started (seconds since 1970)."""

    name: str
    pid: int
    started_at: float

    @property
    def is_alive(self) -> bool:
        """Whether the leader itself still runs."""
        process = _process_of(self)
        return process is not None and not _is_dead(process)


def up(settings: Settings) -> None:
    """Starts Postgres and all services and lets every DAG run; does nothing where they are up already.

    Raises:
        SetupError: a port is taken, or a service does not come up.
    """
    if is_up(settings):
        return
    try:
        stop(settings)
        check_web_port(settings)
        warehouse_url = connect.prepare(settings)
        if "://" not in settings.inbox:
            Path(settings.inbox).mkdir(parents=True, exist_ok=True)
        environment = configuration.environment(settings, warehouse_url)
        configuration.migrate_metadata(environment)
        started_at = datetime.now(UTC)
        start(settings, environment, ALL)
        with AirflowApi(configuration.base_url(settings), configuration.USER, configuration.password(settings)) as api:
            wait_until_healthy(settings, api)
            dag_ids = configuration.dag_ids()
            wait_for_dags(settings, api, dag_ids, started_at)
            # Not before now: a task that starts while the api-server is still loading fails.
            for dag_id in dag_ids:
                api.unpause(dag_id)
    except BaseException:
        down(settings)
        raise


def down(settings: Settings) -> None:
    """Stops the services and the embedded Postgres; fine where nothing runs."""
    stop(settings)
    embedded_postgres.stop(settings)


def remove(settings: Settings) -> None:
    """Stops everything and deletes the embedded Postgres with its data."""
    stop(settings)
    embedded_postgres.remove(settings)


def is_up(settings: Settings) -> bool:
    """Whether services were started and all of them still run."""
    services = started_services(settings)
    return bool(services) and all(service.is_alive for service in services)


def started_services(settings: Settings) -> list[Service]:
    """The services that were started and not stopped since, whether they still run or not."""
    try:
        return [Service(**each) for each in json.loads(_state(settings).read_text())]
    except (OSError, ValueError, TypeError):
        return []


def check_web_port(settings: Settings) -> None:
    """Raises SetupError where the port of the web interface is taken; worth asking before anything slow."""
    check_port(settings.web_port, "Airflow's web interface", "ANSINH_WEB_PORT")


def start(settings: Settings, environment: Mapping[str, str], names: Sequence[str]) -> None:
    """Starts services, each with a log of its own in `Settings.logs`.

    Raises:
        SetupError: the port of the web interface is taken.
    """
    check_web_port(settings)
    services: list[Service] = []
    for name in names:
        log = _log(settings, name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "airflow", name, *_ARGUMENTS.get(name, [])],
                env=dict(environment),
                cwd=settings.home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        services.append(Service(name, process.pid, psutil.Process(process.pid).create_time()))
        _store(settings, services)


def wait_until_healthy(settings: Settings, api: AirflowApi) -> None:
    """Waits until every service has given a sign of life, and logs `api` in.

    Raises:
        SetupError: a service ended, or it took longer than three minutes.
    """
    names = [service.name for service in started_services(settings)]

    def are_healthy() -> bool:
        # Until the api-server listens, and while it starts, calls fail.
        with contextlib.suppress(httpx.HTTPError):
            health = api.health()
            if all(health.get(name.replace("-", "_"), "healthy") == "healthy" for name in names):
                api.log_in()
                return True
        return False

    _wait(settings, "the services", are_healthy)


def wait_for_dags(settings: Settings, api: AirflowApi, dag_ids: Collection[str], parsed_since: datetime) -> None:
    """Waits until the files of DAGs have been read, after a time.

    Raises:
        SetupError: a DAG file cannot be read, a service ended, or it took longer than three minutes.
    """

    def are_parsed() -> bool:
        times = {dag["dag_id"]: dag["last_parsed_time"] for dag in api.dags() if not dag["is_stale"]}
        parsed = {name for name, at in times.items() if at and datetime.fromisoformat(at) >= parsed_since}
        if parsed.issuperset(dag_ids):
            return True
        for name, error in api.import_errors().items():
            raise SetupError(f"The DAG file {name} cannot be read: {error.strip().splitlines()[-1]}")
        return False

    _wait(settings, f"the DAGs {', '.join(dag_ids)}", are_parsed)


def check_alive(settings: Settings) -> None:
    """Raises SetupError where a service that was started has ended."""
    for service in started_services(settings):
        if not service.is_alive:
            log = _log(settings, service.name)
            raise SetupError(f"Airflow's {service.name} stopped ({_last_line(log)}); see {log}.")


def stop(settings: Settings) -> None:
    """Ends the services and everything they started; a task in flight gets ten seconds to finish."""
    # Where a leader has ended, its number may be another program's by now; else the session still bears it.
    sessions = {
        service.pid
        for service in started_services(settings)
        if not psutil.pid_exists(service.pid) or _process_of(service) is not None
    }
    _signal(sessions, signal.SIGTERM)
    if not comes_about(lambda: not _members(sessions), seconds=STOP_SECONDS, pause=0.1):

        def are_killed() -> bool:
            members = _members(sessions)
            _signal(members, signal.SIGKILL)
            return not members

        comes_about(are_killed, seconds=math.inf, pause=0.1)
    _state(settings).unlink(missing_ok=True)


def _wait(settings: Settings, waiting_for: str, is_ready: Callable[[], bool]) -> None:
    """Asks twice a second, as long as all services run, for three minutes at most."""

    def is_ready_now() -> bool:
        check_alive(settings)
        return is_ready()

    if not comes_about(is_ready_now, seconds=READY_SECONDS, pause=0.5):
        raise SetupError(
            f"Airflow was not ready after {READY_SECONDS} seconds (still waiting for {waiting_for}); "
            f"see the logs in {settings.logs}."
        )


# Processes


def _process_of(service: Service) -> psutil.Process | None:
    """The process that was started as a service; None where it is gone, or its number is another program's by now."""
    try:
        process = psutil.Process(service.pid)
        is_ours = abs(process.create_time() - service.started_at) < _CLOCK_SECONDS
    except psutil.NoSuchProcess:
        return None
    return process if is_ours else None


def _is_dead(process: psutil.Process) -> bool:
    try:
        # While other threads still run, the kernel calls a process a zombie as soon as its first thread has ended.
        return process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1
    except psutil.NoSuchProcess:
        return True


def _members(sessions: Collection[int]) -> list[int]:
    """The running processes of some sessions; a zombie of our own is buried on the way."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError):
            if os.getsid(process.pid) not in sessions:
                continue
            if not _is_dead(process):
                found.append(process.pid)
            else:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(process.pid, os.WNOHANG)
    return found


def _signal(pids: Collection[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


# What is remembered


def _state(settings: Settings) -> Path:
    return settings.run / "services.json"


def _store(settings: Settings, services: Sequence[Service]) -> None:
    path = _state(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(service) for service in services]))


def _log(settings: Settings, name: str) -> Path:
    return settings.logs / f"{name}.log"


def _last_line(log: Path) -> str:
    with contextlib.suppress(OSError):
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"
    return "its log cannot be read"

"""Airflow's services as processes of this machine: `python -m runtime.local.services up|down|remove`.

Each service leads a session of its own, so a Ctrl-C reaches the one who started it and nobody else,
and everything that a service ever forked is found by its session when it is stopped. Which sessions
are ours stands in `<home>/run/services.json`, with the time each leader started, so that a number
that another program carries by now is never taken for ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from runtime.airflow import configuration
from runtime.airflow.api import AirflowApi
from runtime.errors import SetupError
from runtime.local import embedded_postgres, home
from runtime.local.ports import check_port
from runtime.settings import Settings, load_settings
from runtime.warehouse import connect

ALL = ("api-server", "scheduler", "dag-processor", "triggerer")
READY_SECONDS = 180
STOP_SECONDS = 10
# Task logs are read from the same disk, so nobody has to serve them on ports of their own.
_ARGUMENTS = {"scheduler": ["--skip-serve-logs"], "triggerer": ["--skip-serve-logs"]}


@dataclass(frozen=True, slots=True)
class Service:
    """A started service: the process that leads its session, and when that started (clock ticks since boot)."""

    name: str
    pid: int
    started: int

    @property
    def is_alive(self) -> bool:
        """Whether the leader itself still runs."""
        process = _read_process(self.pid)
        return process is not None and process.started == self.started and not process.is_dead


@dataclass(frozen=True, slots=True)
class _Process:
    """What the kernel says about a process."""

    pid: int
    is_dead: bool
    session: int
    started: int


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
    """Starts services, each with a log of its own in `<home>/logs`.

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
        read = _read_process(process.pid)
        services.append(Service(name, process.pid, read.started if read else 0))
        _store(settings, services)


def wait_until_healthy(settings: Settings, api: AirflowApi) -> None:
    """Waits until every service has given a sign of life, and logs `api` in.

    Raises:
        SetupError: a service ended, or it took longer than three minutes.
    """
    names = [service.name for service in started_services(settings)]
    for _ in _while_alive(settings, "the services"):
        # Until the api-server listens, and while it starts, calls fail.
        with contextlib.suppress(httpx.HTTPError):
            health = api.health()
            if all(health.get(name.replace("-", "_"), "healthy") == "healthy" for name in names):
                api.log_in()
                return


def wait_for_dags(settings: Settings, api: AirflowApi, dag_ids: Collection[str], parsed_since: datetime) -> None:
    """Waits until the files of DAGs have been read, after a time.

    Raises:
        SetupError: a DAG file cannot be read, a service ended, or it took longer than three minutes.
    """
    for _ in _while_alive(settings, f"the DAGs {', '.join(dag_ids)}"):
        times = {dag["dag_id"]: dag["last_parsed_time"] for dag in api.dags() if not dag["is_stale"]}
        parsed = {name for name, at in times.items() if at and datetime.fromisoformat(at) >= parsed_since}
        if parsed.issuperset(dag_ids):
            return
        for name, error in api.import_errors().items():
            raise SetupError(f"The DAG file {name} cannot be read: {error.strip().splitlines()[-1]}")


def check_alive(settings: Settings) -> None:
    """Raises SetupError where a service that was started has ended."""
    for service in started_services(settings):
        if not service.is_alive:
            log = _log(settings, service.name)
            raise SetupError(f"Airflow's {service.name} stopped ({_last_line(log)}); see {log}.")


def stop(settings: Settings) -> None:
    """Ends the services and everything they started; a task in flight gets ten seconds to finish."""
    services = [service for service in started_services(settings) if not _is_reused(service)]
    for service in services:
        _signal(service.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while members := _members({service.pid for service in services}):
        if time.monotonic() > deadline:
            for pid in members:
                _signal(pid, signal.SIGKILL)
        time.sleep(0.1)
    _state(settings).unlink(missing_ok=True)


def main(arguments: Sequence[str]) -> int:
    """The command line: `up`, `down`, or `remove`, which deletes the embedded Postgres and its data as well."""
    settings = load_settings()
    try:
        if arguments == ["down"]:
            down(settings)
        elif arguments == ["remove"]:
            stop(settings)
            embedded_postgres.remove(settings)
        elif arguments == ["up"]:
            print("==> starting Postgres and Airflow", flush=True)
            up(settings)
            print(
                f"==> {configuration.base_url(settings)}"
                f"  user: {configuration.USER}  password: {configuration.password(settings)}"
            )
            print(f"    inbox: {settings.inbox}  logs: {settings.home / 'logs'}  stop it with `make down`")
        else:
            print("usage: python -m runtime.local.services up|down|remove", file=sys.stderr)
            return 2
    except SetupError as error:
        print(f"error: {home.cause_of(error, settings)}", file=sys.stderr)
        return 1
    return 0


def _while_alive(settings: Settings, waiting_for: str) -> Iterator[None]:
    """Yields twice a second as long as all services run, for three minutes at most."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        check_alive(settings)
        yield
        time.sleep(0.5)
    raise SetupError(
        f"Airflow was not ready after {READY_SECONDS} seconds (still waiting for {waiting_for}); "
        f"see the logs in {settings.home / 'logs'}."
    )


# Processes


def _read_process(pid: int) -> _Process | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name in parentheses may hold anything; the fields are counted from behind it (man 5 proc).
    fields = text.rpartition(")")[2].split()
    state, session, threads, started = fields[0], int(fields[3]), int(fields[17]), int(fields[19])
    # While other threads still run, the kernel calls a process a zombie as soon as its first thread has ended.
    return _Process(pid, is_dead=state == "Z" and threads <= 1, session=session, started=started)


def _members(sessions: Collection[int]) -> list[int]:
    """The running processes of some sessions; a zombie of our own is buried on the way."""
    found = []
    for entry in Path("/proc").iterdir():
        process = _read_process(int(entry.name)) if entry.name.isdigit() else None
        if process is None or process.session not in sessions:
            continue
        if not process.is_dead:
            found.append(process.pid)
        else:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process.pid, os.WNOHANG)
    return found


def _is_reused(service: Service) -> bool:
    """Whether the number of a service that ended belongs to somebody else by now."""
    process = _read_process(service.pid)
    return process is not None and process.started != service.started


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


# What is remembered


def _state(settings: Settings) -> Path:
    return settings.home / "run" / "services.json"


def _store(settings: Settings, services: Sequence[Service]) -> None:
    path = _state(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(service) for service in services]))


def _log(settings: Settings, name: str) -> Path:
    return settings.home / "logs" / f"{name}.log"


def _last_line(log: Path) -> str:
    with contextlib.suppress(OSError):
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"
    return "its log cannot be read"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

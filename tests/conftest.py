"""Databases and installations for tests: a real Postgres, and a fresh migrated database for whoever asks.

Each pytest process (each xdist worker too) starts one embedded Postgres the first time a test asks
for a database, on a free port, in a folder of its own, and deletes it at the end. A migrated database
serves as the template from which `database` and `module_database` are copied in some 50 ms.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from hypothesis import settings as hypothesis_settings
from psycopg import errors, sql
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_fixed

from runtime.local import embedded_postgres
from runtime.local.ports import free_port
from runtime.settings import Settings
from runtime.warehouse import migrate
from runtime.warehouse.connect import Role, connect

_numbers = itertools.count(1)

# How long an example takes says what else the machine does, not whether the code is right.
hypothesis_settings.register_profile("ansinh", deadline=None)
hypothesis_settings.load_profile("ansinh")


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated, otherwise empty warehouse of a test's own.

    Attributes:
        url: libpq URL.
        settings: settings whose `database_url` is `url` and whose `home` is a folder of the test's own.
    """

    url: str
    settings: Settings

    def connect(self, role: Role | None = None) -> psycopg.Connection:
        """A connection acting under a role; the test closes it (`with database.connect("ingest") as c:`)."""
        return connect(role, self.url)


@dataclass(frozen=True, slots=True)
class Server:
    """The embedded Postgres of this pytest process; `template` is a migrated database nobody connects to."""

    settings: Settings
    url: str
    template: str


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """An embedded Postgres without fsync, for the session."""
    # Not pytest's tmp_path: its folders are closed to the system user under which root runs Postgres.
    with tempfile.TemporaryDirectory(prefix="ansinh-test-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        settings = _settings(home, postgres_port=free_port())
        url = embedded_postgres.ensure_running(settings, durable=False)
        try:
            migrate.upgrade(url)
            yield Server(settings, url, embedded_postgres.WAREHOUSE)
        finally:
            embedded_postgres.remove(settings)


@pytest.fixture
def database(
    postgres_server: Server, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """A migrated empty database for one test; `load_settings()` leads to it as well."""
    with _fresh_database(postgres_server, tmp_path_factory, monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def module_database(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated empty database for the tests of one module; `load_settings()` leads to it as well."""
    with pytest.MonkeyPatch.context() as patch, _fresh_database(postgres_server, tmp_path_factory, patch) as made:
        yield made


@contextmanager
def _fresh_database(server: Server, folders: pytest.TempPathFactory, patch: pytest.MonkeyPatch) -> Iterator[Database]:
    name = f"test_{next(_numbers)}"
    url = server.url.removesuffix(server.template) + name
    home = folders.mktemp("home")
    with psycopg.connect(
        server.url.removesuffix(server.template) + embedded_postgres.AIRFLOW, autocommit=True
    ) as admin:
        admin.execute(sql.SQL("create database {} template {}").format(*map(sql.Identifier, (name, server.template))))
        patch.setenv("ANSINH_HOME", str(home))
        patch.setenv("ANSINH_DATABASE_URL", url)
        patch.delenv("ANSINH_INBOX", raising=False)
        # A test's files are whole when it hands them in; those that tell of growing ones say so.
        patch.setattr("jobs.arrivals.QUIET_SECONDS", 0.0)
        try:
            yield Database(url, _settings(home, database_url=url))
        finally:
            _drop(admin, name)


def _drop(admin: psycopg.Connection, name: str) -> None:
    """Drops a database; one that autovacuum is just looking at can be dropped a moment later only."""
    is_looked_at = retry_if_exception_type((errors.InsufficientPrivilege, errors.ObjectInUse))
    drop = Retrying(retry=is_looked_at, stop=stop_after_attempt(20), wait=wait_fixed(0.5), reraise=True)
    drop(admin.execute, sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def _settings(home: Path, **others: Any) -> Settings:
    own: dict[str, Any] = {"home": home, "inbox": str(home / "inbox"), "database_url": None}
    return Settings(**own | others)


# An installation of its own, for tests that start programs.


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder for ANSINH_HOME that the system user under which root runs Postgres may enter."""
    with tempfile.TemporaryDirectory(prefix="ansinh-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    """The environment of an installation of its own, on free ports."""
    own = {
        "ANSINH_HOME": str(home),
        "ANSINH_POSTGRES_PORT": str(free_port()),
        "ANSINH_WEB_PORT": str(free_port()),
    }
    return {name: value for name, value in os.environ.items() if not name.startswith(("ANSINH_", "AIRFLOW_"))} | own


@pytest.fixture(scope="session")
def processes_of() -> Callable[[Path], list[str]]:
    """Gives the command lines of all running processes that belong to a home.

    By environment, argument or working directory: a process that names itself, as Airflow's do, writes over the first
    two.
    """

    def look(home: Path) -> list[str]:
        found = []
        for process in psutil.process_iter():
            if process.pid == os.getpid():
                continue
            try:
                variables, command = process.environ(), " ".join(process.cmdline())
                works_in = Path(process.cwd())
            except (psutil.Error, OSError):
                continue
            if variables.get("ANSINH_HOME") == str(home) or str(home) in command or works_in.is_relative_to(home):
                found.append(command)
        return found

    return look

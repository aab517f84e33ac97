"""Airflow's settings for this project, and its metadata database."""

from __future__ import annotations

import base64
import importlib.metadata
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from runtime.errors import SetupError
from runtime.local import embedded_postgres
from runtime.local.ports import HOST
from runtime.process_environment import child_environment
from runtime.secret_files import kept_secret
from runtime.settings import PROJECT, Settings

USER = "admin"
_METADATA = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
_DRIVER = "postgresql+psycopg2://"

_DAGS = PROJECT / "dags"

# What a person may set otherwise; measured for a machine of two cores.
_TUNING = {
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__CORE__PARALLELISM": "4",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "2",
    # The first call of a task waits until the api-server has loaded its half for tasks.
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
    # A task whose machine went down is noticed after a minute, not after five.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
}


def base_url(settings: Settings) -> str:
    """Where Airflow's web interface and API are."""
    return f"http://{HOST}:{settings.web_port}"


def password(settings: Settings) -> str:
    """The generated password of the web interface's user `admin`."""
    return kept_secret(settings.secrets, "airflow/password")


def dag_ids() -> list[str]:
    """The project's DAGs: one in each file that `.airflowignore` does not name, called like the file."""
    ignored = (_DAGS / ".airflowignore").read_text().split()
    return sorted(path.stem for path in _DAGS.glob("*.py") if path.name not in ignored)


def environment(
    settings: Settings, warehouse_url: str, dags: Path = _DAGS, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment in which Airflow's services run; starts the embedded Postgres for the metadata.

    `AIRFLOW__DATABASE__SQL_ALCHEMY_CONN` puts the metadata elsewhere. What concerns the identity and
    the safety of this installation is set here whatever the shell says; the rest of Airflow's
    variables are taken from the shell.

    Args:
        settings: where the project keeps things.
        warehouse_url: libpq URL of the warehouse, for the tasks.
        dags: the folder of DAG files.
        extra: more variables for the services and the tasks.

    Raises:
        SetupError: the embedded Postgres cannot be started.
    """
    url, secret_files = base_url(settings), settings.secrets
    inherited = child_environment()
    metadata = inherited.get(_METADATA) or embedded_postgres.airflow_url(settings).replace("postgresql://", _DRIVER, 1)
    own = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{inherited.get('PATH', os.defpath)}",
        "ANSINH_HOME": str(settings.home),
        "ANSINH_INBOX": settings.inbox,
        "ANSINH_DATABASE_URL": warehouse_url,
        "AIRFLOW_HOME": str(settings.airflow),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": kept_secret(secret_files, "airflow/fernet_key", _fernet_key),
        "AIRFLOW__CORE__AUTH_MANAGER": (
            "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_password_file(settings)),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(settings.web_port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__SECRET_KEY": kept_secret(secret_files, "airflow/api_secret_key"),
        "AIRFLOW__API_AUTH__JWT_SECRET": kept_secret(
            settings.secrets, "airflow/jwt_secret", lambda: secrets.token_hex(64)
        ),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(settings.logs / "airflow"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "GX_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # The services talk to one another on this machine, never through an office's proxy.
        "NO_PROXY": _with_local_hosts(inherited.get("NO_PROXY")),
        "no_proxy": _with_local_hosts(inherited.get("no_proxy")),
    }
    return {**_TUNING, **inherited, **own, **(extra or {})}


def migrate_metadata(services_environment: Mapping[str, str]) -> None:
    """Brings Airflow's metadata database to the installed version's schema; quick where it is there already.

    Raises:
        SetupError: Airflow could not; its own message is on the screen.
    """
    url = services_environment[_METADATA]
    version = importlib.metadata.version("apache-airflow-core")
    # On a database of another make nothing can be noted; the migration then looks for itself, in five seconds.
    libpq_url = re.sub(r"^postgresql(\+\w+)?://", "postgresql://", url) if url.startswith("postgresql") else None
    if libpq_url is not None and _migrated_version(libpq_url) == version:
        return
    done = subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"],
        env=dict(services_environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        print(done.stdout + done.stderr, file=sys.stderr)
        raise SetupError(f"Airflow could not migrate its metadata database; check {_METADATA} if you have set it.")
    if libpq_url is not None:
        with psycopg.connect(libpq_url) as connection:
            connection.execute(sql.SQL("comment on table alembic_version is {}").format(sql.Literal(version)))


def _migrated_version(url: str) -> str | None:
    """The Airflow version that migrated a database; `migrate_metadata` writes it on Airflow's version table."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            query = "select obj_description(to_regclass('alembic_version'), 'pg_class')"
            row = connection.execute(query).fetchone()
    except psycopg.Error as error:
        raise SetupError(f"Airflow's metadata database cannot be reached; check {_METADATA} ({error}).") from error
    return row[0] if row else None


def _password_file(settings: Settings) -> Path:
    """The simple auth manager's own format: user -> password."""
    kept_secret(settings.secrets, "airflow/passwords.json", lambda: json.dumps({USER: password(settings)}))
    return settings.secrets / "airflow" / "passwords.json"


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _with_local_hosts(hosts: str | None) -> str:
    return ",".join(filter(None, (hosts, HOST, "localhost")))

"""Ways to the warehouse database."""

from __future__ import annotations

from typing import Literal

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from runtime.local import embedded_postgres, home
from runtime.settings import Settings, load_settings
from runtime.warehouse import migrate

Role = Literal["ingest", "transform", "publish", "bi_reader"]


def prepare(settings: Settings | None = None) -> str:
    """Makes the warehouse ready for use (server started, schema migrated) and gives its libpq URL.

    Raises:
        runtime.errors.SetupError: no usable server.
    """
    url = warehouse_url(settings)
    migrate.upgrade(url)
    return url


def warehouse_url(settings: Settings | None = None) -> str:
    """The libpq URL of the warehouse; the embedded server is started where it is the one.

    Raises:
        runtime.errors.SetupError: no usable server, or no usable home.
    """
    settings = settings or load_settings()
    home.claim(settings)
    return embedded_postgres.ensure_running(settings)


def connect(role: Role | None = None, url: str | None = None) -> psycopg.Connection:
    """A connection to the warehouse which acts under a role, in UTC, with a transaction per `commit`.

    The login behind it has to be a member of the role, which `runtime.warehouse.migrate` sees to. Without
    `role` it acts as the login itself, the owner of the database. `url` defaults to the settings'.

    Raises:
        runtime.errors.SetupError: no usable server.
        psycopg.Error: the connection or the role is refused.
    """
    connection = psycopg.connect(url or warehouse_url(), autocommit=True)
    try:
        connection.execute("set timezone to 'UTC'")
        if role is not None:
            connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    except psycopg.Error:
        connection.close()
        raise
    connection.autocommit = False
    return connection


def libpq_environment(url: str) -> dict[str, str]:
    """A URL taken apart into libpq's environment variables (PGHOST, PGPORT, ...), as dbt's profile reads them."""
    parts = conninfo_to_dict(url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    defaults = {"host": "localhost", "port": "5432"}
    return {variable: str(parts.get(key) or defaults.get(key, "")) for key, variable in names.items()}

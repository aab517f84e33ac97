"""Brings a warehouse database to the newest schema."""

from __future__ import annotations

from pathlib import Path

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
# The advisory lock that lets one migration of a database at a time through; any constant of our own.
_LOCK = 7_310_567_001


def upgrade(url: str) -> None:
    """Runs the migrations that a database has not seen; concurrent calls wait for one another.

    Args:
        url: libpq URL or connection string of the warehouse database. Its login needs the right to
            create schemas in the database, and to create roles or membership in those that exist.

    Raises:
        sqlalchemy.exc.DBAPIError: the database refused a statement.
    """
    if _is_current(url):
        return
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=sqlalchemy.NullPool
    )
    with engine.begin() as connection:
        # Held until the transaction ends: whoever waited here then finds the version the first one wrote.
        connection.execute(sqlalchemy.text(f"select pg_advisory_xact_lock({_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _is_current(url: str) -> bool:
    with psycopg.connect(url) as connection:
        if connection.execute("select to_regclass('public.alembic_version')").fetchone() == (None,):
            return False
        found = {revision for (revision,) in connection.execute("select version_num from public.alembic_version")}
    return found == set(ScriptDirectory(str(_MIGRATIONS)).get_heads())

"""The schema, its roles and its guards, on a real Postgres."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from runtime import migrate, postgres

pytestmark = pytest.mark.database

ROLES = ("ingest", "transform", "publish", "bi_reader")


def test_a_second_upgrade_changes_nothing(database):
    migrate.upgrade(database.url)
    with database.connect() as connection:
        assert connection.execute("select count(*) from public.alembic_version").fetchone() == (1,)


def test_concurrent_upgrades_of_an_empty_database_wait_for_one_another(postgres_server):
    admin_url = postgres_server.url.removesuffix(postgres_server.template) + postgres.AIRFLOW
    url = postgres_server.url.removesuffix(postgres_server.template) + "concurrent"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("create database concurrent")
        try:
            with ThreadPoolExecutor(4) as threads:
                for future in [threads.submit(migrate.upgrade, url) for _ in range(4)]:
                    future.result()
            with psycopg.connect(url) as connection:
                assert connection.execute("select count(*) from public.alembic_version").fetchone() == (1,)
                assert connection.execute("select to_regclass('staging.observation')").fetchone() != (None,)
        finally:
            admin.execute("drop database concurrent with (force)")


@pytest.mark.parametrize("role", ROLES)
def test_a_connection_keeps_its_role_after_a_rollback(database, role):
    with database.connect(role) as connection:
        connection.execute("select 1")
        connection.rollback()
        assert connection.execute("select current_user, current_setting('timezone')").fetchone() == (role, "UTC")


@pytest.mark.parametrize(
    ("role", "table"),
    [
        ("bi_reader", "registry.submission"),
        ("bi_reader", "staging.observation"),
        ("bi_reader", "publication.edition"),
    ],
)
def test_a_role_reads_nothing_beyond_its_rights(database, role, table):
    with database.connect(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(sql.SQL("select 1 from {}").format(sql.SQL(table)))


@pytest.mark.parametrize("statement", ["update {} set sha256 = sha256", "delete from {}", "truncate {} cascade"])
@pytest.mark.parametrize("table", ["registry.delivery", "registry.submission_event"])
def test_the_event_log_only_grows(database, table, statement):
    with database.connect() as connection, pytest.raises(psycopg.errors.RaiseException, match="only grows"):
        connection.execute(sql.SQL(statement).format(sql.SQL(table)))

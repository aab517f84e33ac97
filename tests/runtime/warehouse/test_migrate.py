"""The schema, its roles and its guards, on a real Postgres."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from ingest.store.catalogue_load import load_catalogue_tables
from runtime.local import embedded_postgres
from runtime.warehouse import bi_logins, migrate

pytestmark = pytest.mark.database

ROLES = ("ingest", "transform", "publish", "bi_reader")


def test_a_second_upgrade_changes_nothing(database):
    migrate.upgrade(database.url)
    with database.connect() as connection:
        assert connection.execute("select count(*) from public.alembic_version").fetchone() == (1,)


def test_concurrent_upgrades_of_an_empty_database_wait_for_one_another(postgres_server):
    admin_url = postgres_server.url.removesuffix(postgres_server.template) + embedded_postgres.AIRFLOW
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


def test_logins_of_before_are_put_into_the_groups_of_their_units(database):
    units = {"bi_old_province": ["68@2025-07-01"], "bi_old_mixed": ["663@base", "67@base"], "bi_old_all": ["*"]}
    with database.connect("ingest") as connection:
        load_catalogue_tables(connection)
    with database.connect() as owner:
        for name, unit_ids in units.items():
            bi_logins.add_login(owner, name, unit_ids, "a password of this test")
        before = groups(owner)
        for name, group_names in before.items():
            for group in group_names:
                owner.execute(sql.SQL("revoke {} from {}").format(sql.Identifier(group), sql.Identifier(name)))
        owner.execute("insert into registry.reader_scope (role_name, unit_id) values ('bi_old_dropped', '663@base')")
        owner.execute("drop policy own_lines on registry.reader_scope")
        owner.execute("update public.alembic_version set version_num = '0011'")
        assert groups(owner) == {}
    try:
        migrate.upgrade(database.url)
        with database.connect() as owner:
            assert groups(owner) == before
            assert before == {
                "bi_old_province": ["reader_of_provinces"],
                "bi_old_mixed": ["reader_of_districts", "reader_of_provinces"],
                "bi_old_all": ["reader_of_everything"],
            }
    finally:
        with database.connect() as owner:
            for name in units:
                bi_logins.remove_login(owner, name)


def groups(owner: psycopg.Connection) -> dict[str, list[str]]:
    """The groups of readers that each login of this test is in."""
    rows = owner.execute(
        "select login.rolname, array_agg(groups.rolname::text order by groups.rolname)"
        " from pg_auth_members inner join pg_roles as login on login.oid = member"
        " inner join pg_roles as groups on groups.oid = roleid"
        " where login.rolname like 'bi_old_%' and groups.rolname like 'reader_of_%' group by login.rolname"
    )
    return {name: list(found) for name, found in rows}

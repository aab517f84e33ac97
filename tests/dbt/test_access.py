"""Who reads what of the marts: roles, logins of one district, and that nothing is open for want of a policy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from runtime.warehouse import bi_logins, dbt
from runtime.warehouse.connect import connect
from tests.dbt.hand_made import DAK_NONG, DISTRICTS, Stated, Warehouse

pytestmark = pytest.mark.dbt

DAK_MIL, CU_JUT = "663@base", "662@base"
OTHER_PROVINCE = "66@base"
PASSWORD = "a password of this test"  # noqa: S105 - of databases that end with the test
# Marts of units that everybody may read; each one is a decision that stands in docs/.
PUBLIC = {"rpt_public_year"}
UNIT_COLUMNS = ("unit_id", "district_unit_id", "province_unit_id")
RELATIONS = """
    select relname, array(
        select attname::text from pg_attribute
        where attrelid = pg_class.oid and attname = any(%s) and not attisdropped
    ) as unit_columns
    from pg_class
    where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v', 'm', 'p', 'f')
    order by relname
"""


def as_login(warehouse: Warehouse, name: str) -> psycopg.Connection:
    return psycopg.connect(warehouse.url, user=name, password=PASSWORD, autocommit=True)


def submit_all(warehouse: Warehouse, poor: int) -> None:
    for unit in DISTRICTS:
        for period in ("2022", "2023"):
            figures = [Stated("poor_households", poor), Stated("total_households", 1000)]
            warehouse.submit(unit, period, figures)
        warehouse.submit(unit, "2023-Q1", [Stated("jobs_created", poor)], form="employment")
    warehouse.submit(DAK_NONG, "2023", [Stated("labour_force", 4000)], form="written_report", kind="report")


@pytest.fixture(scope="module")
def read(module_warehouse: Warehouse) -> Iterator[Warehouse]:
    submit_all(module_warehouse, 70)
    submit_all(module_warehouse, 80)  # So that something is superseded.
    module_warehouse.build()
    logins = {"bi_dak_mil": [DAK_MIL], "bi_dak_nong": [DAK_NONG], "bi_all": ["*"]}
    with connect(None, module_warehouse.url) as connection:
        for name, unit_ids in logins.items():
            bi_logins.add_login(connection, name, unit_ids, PASSWORD)
        connection.execute(
            sql.SQL("create role bi_unlisted login password {} in role bi_reader").format(sql.Literal(PASSWORD))
        )
    yield module_warehouse
    with connect(None, module_warehouse.url) as connection:
        for name in logins:
            bi_logins.remove_login(connection, name)
        connection.execute("drop role bi_unlisted")


def relations(warehouse: Warehouse) -> list[tuple[str, list[str]]]:
    with connect(None, warehouse.url) as connection:
        return connection.execute(RELATIONS, (list(UNIT_COLUMNS),)).fetchall()


def assert_each_login_sees_its_rows(warehouse: Warehouse) -> None:
    found = relations(warehouse)
    assert len(found) > 25
    of_units = {
        name: columns for name, columns in found if columns and not name.startswith("dim_") and name not in PUBLIC
    }
    expected = {"fct_poverty", "fct_superseded", "fct_poverty_history", "rpt_unit_year", "rpt_provincial_year"}
    assert expected <= set(of_units)
    for login, unit_id in (("bi_dak_mil", DAK_MIL), ("bi_dak_nong", DAK_NONG)):
        with as_login(warehouse, login) as connection:
            for name, columns in of_units.items():
                is_own = sql.SQL(" or ").join(
                    sql.SQL("coalesce({} = {}, false)").format(sql.Identifier(c), sql.Literal(unit_id)) for c in columns
                )
                foreign = connection.execute(
                    sql.SQL("select count(*) from marts.{} where not ({})").format(sql.Identifier(name), is_own)
                ).fetchone()
                assert foreign == (0,), f"{login} reads rows of others in {name}"
            for name in ("fct_poverty", "fct_superseded", "fct_poverty_history", "rpt_unit_year"):
                assert count(connection, name) > 0, f"{login} reads nothing of its own in {name}"
    with as_login(warehouse, "bi_unlisted") as connection:
        assert {name: count(connection, name) for name in of_units} == dict.fromkeys(of_units, 0)
        assert count(connection, "dim_unit") > 10_000, "dimensions are open to every reader"
    with as_login(warehouse, "bi_all") as connection, connect(None, warehouse.url) as owner:
        owner.execute("set role transform")
        for name in of_units:
            assert count(connection, name) == count(owner, name), name


def count(connection: psycopg.Connection, name: str) -> int:
    row = connection.execute(sql.SQL("select count(*) from marts.{}").format(sql.Identifier(name))).fetchone()
    assert row is not None
    return int(row[0])


def test_each_login_sees_the_rows_of_its_units_after_a_build_and_a_build_of_changes(read: Warehouse) -> None:
    assert_each_login_sees_its_rows(read)
    submit_all(read, 90)
    read.build()
    assert_each_login_sees_its_rows(read)


def test_a_login_gains_nothing_by_acting_as_the_group(read: Warehouse) -> None:
    with as_login(read, "bi_dak_mil") as connection:
        assert count(connection, "fct_poverty") > 0
        connection.execute("set role bi_reader")
        assert count(connection, "fct_poverty") == 0, "which has no units of its own"
        connection.execute("set role reader_of_districts")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            count(connection, "fct_poverty")
        connection.execute("reset role")
        for role in ("transform", "publish", "ingest", "reader_of_everything", "reader_of_provinces"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))


def test_what_a_login_may_read_changes_without_a_build(read: Warehouse) -> None:
    with connect(None, read.url) as owner, as_login(read, "bi_dak_mil") as connection:
        before = count(connection, "fct_poverty")
        bi_logins.add_login(owner, "bi_dak_mil", [DAK_MIL, CU_JUT], PASSWORD)
        owner.commit()
        assert count(connection, "fct_poverty") == 2 * before
        bi_logins.add_login(owner, "bi_dak_mil", [DAK_MIL], PASSWORD)
        owner.commit()
        assert count(connection, "fct_poverty") == before


@pytest.mark.parametrize("plans", ["force_generic_plan", "force_custom_plan"])
def test_a_session_loses_at_once_what_is_taken_from_its_login(read: Warehouse, plans: str) -> None:
    """Postgres keeps a plan, with the policies in it, when a login leaves a group."""
    wide = {"everything": ["*"], "province": [DAK_NONG], "other district": [CU_JUT]}
    with connect(None, read.url) as owner:
        for name, unit_ids in wide.items():
            bi_logins.add_login(owner, "bi_narrowed", unit_ids, PASSWORD)
            owner.commit()
            with as_login(read, "bi_narrowed") as connection:
                connection.execute(sql.SQL("set plan_cache_mode = {}").format(sql.Identifier(plans)))
                connection.execute("prepare kept as select distinct unit_id from marts.fct_poverty")
                before = connection.execute("execute kept").fetchall()
                bi_logins.add_login(owner, "bi_narrowed", [DAK_MIL], PASSWORD)
                owner.commit()
                after = connection.execute("execute kept").fetchall()
            assert before not in ([], [(DAK_MIL,)]), name
            assert set(after) <= {(DAK_MIL,)}, name
            with as_login(read, "bi_narrowed") as connection:
                assert connection.execute("select distinct unit_id from marts.fct_poverty").fetchall() == [(DAK_MIL,)]
        bi_logins.remove_login(owner, "bi_narrowed")


def test_units_of_several_levels_are_read_together(read: Warehouse) -> None:
    with connect(None, read.url) as owner:
        bi_logins.add_login(owner, "bi_mixed", [DAK_MIL, OTHER_PROVINCE], PASSWORD)
        owner.commit()
        with as_login(read, "bi_mixed") as connection:
            assert connection.execute("select distinct unit_id from marts.fct_poverty").fetchall() == [(DAK_MIL,)]
        bi_logins.add_login(owner, "bi_mixed", [DAK_MIL, DAK_NONG], PASSWORD)
        owner.commit()
        with as_login(read, "bi_mixed") as connection:
            assert count(connection, "rpt_provincial_year") > 0
            assert count(connection, "fct_poverty") > 0
        bi_logins.remove_login(owner, "bi_mixed")


def test_logins_are_listed_and_mistakes_are_refused(read: Warehouse) -> None:
    with connect(None, read.url) as owner:
        listed = bi_logins.list_logins(owner)
        assert listed["bi_dak_mil"] == [DAK_MIL]
        assert listed["bi_unlisted"] == []
        assert "ansinh" not in listed
        with pytest.raises(bi_logins.UnknownUnitError, match="66399@base"):
            bi_logins.add_login(owner, "bi_wrong", ["66399@base"], PASSWORD)
        for name in ("transform", "bi_reader", "ansinh", "postgres"):
            with pytest.raises(bi_logins.UnknownLoginError):
                bi_logins.add_login(owner, name, ["*"], PASSWORD)
        with pytest.raises(bi_logins.UnknownLoginError):
            bi_logins.remove_login(owner, "transform")


@pytest.mark.parametrize("login", ["bi_dak_mil", "bi_all"])
def test_a_reader_reaches_nothing_but_the_marts(read: Warehouse, login: str) -> None:
    with as_login(read, login) as connection:
        schemas = connection.execute(
            "select nspname from pg_namespace where has_schema_privilege(oid, 'usage')"
            " and nspname !~ '^pg_' and nspname != 'information_schema' order by nspname"
        ).fetchall()
        assert schemas == [("marts",), ("public",)]
        readable_elsewhere = connection.execute(
            "select relnamespace::regnamespace::text, relname from pg_class"
            " where relkind in ('r', 'v', 'm', 'p', 'f', 'S') and relnamespace::regnamespace::text !~ '^pg_'"
            " and relnamespace not in ('information_schema'::regnamespace, 'marts'::regnamespace)"
            " and (has_any_column_privilege(oid, 'select') or has_table_privilege(oid, 'select'))"
        ).fetchall()
        of_policies = [("registry", "readable_unit"), ("registry", "reader_scope")]
        assert sorted(readable_elsewhere) == of_policies, "which the policies ask in a reader's name"
        for schema, name in of_policies:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.SQL("select unit_id from {}").format(sql.Identifier(schema, name)))
        writable = connection.execute(
            "select relname from pg_class where relnamespace = 'marts'::regnamespace"
            " and has_table_privilege(oid, 'insert, update, delete, truncate, references, trigger')"
        ).fetchall()
        assert writable == []
        for schema in ("marts", "public"):
            assert connection.execute("select has_schema_privilege(%s, 'create')", (schema,)).fetchone() == (False,)
        own_functions = connection.execute(
            "select proname from pg_proc where pronamespace::regnamespace::text !~ '^pg_'"
            " and pronamespace != 'information_schema'::regnamespace and has_function_privilege(oid, 'execute')"
        ).fetchall()
        assert own_functions == [("readable_units",)], "which gives a login its own units and no others"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select registry.readable_units()")


def test_statistics_tell_a_login_nothing_of_rows_that_it_may_not_read(read: Warehouse) -> None:
    with connect("transform", read.url) as owner:
        owner.execute("analyze marts.fct_poverty")
    with connect(None, read.url) as owner:
        owner.execute("analyze registry.reader_scope")
    with as_login(read, "bi_dak_mil") as connection:
        of_tables = "select tablename from pg_stats where tablename in ('fct_poverty', 'reader_scope')"
        assert connection.execute(of_tables).fetchall() == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from pg_statistic")
        connection.execute("set row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            count(connection, "fct_poverty")


def test_a_table_whose_policy_cannot_be_made_is_not_swapped_in(read: Warehouse) -> None:
    """A build of everything stops between swap and policy: the old table stays, with its own."""
    with connect("transform", read.url) as connection:
        connection.execute("update registry.built_project set fingerprint = 'of another project'")
    with connect(None, read.url) as owner:
        owner.execute("alter table registry.reader_scope rename to mislaid")
        owner.commit()
        try:
            with pytest.raises(dbt.BuildFailedError) as caught:
                read.build()
        finally:
            owner.execute("alter table registry.mislaid rename to reader_scope")
            owner.commit()
    # Every fact stands on what was set aside, the first table with a policy that a build makes.
    assert "fct_set_aside" in {r.name for r in caught.value.results if r.outcome in dbt.FAILED}
    with as_login(read, "bi_dak_mil") as connection:
        assert 0 < count(connection, "fct_poverty") < 10
    read.build()
    assert_each_login_sees_its_rows(read)


REFUSED: dict[str, Any] = {
    "rpt_nobody_said_whose": ("table", "select 1 as figure"),
    "rpt_owners_view": ("view", "select unit_id, value from {{ ref('fct_poverty') }}"),
    "rpt_copied": ("materialized_view", "select unit_id, value from {{ ref('fct_poverty') }}"),
}


def test_a_new_model_without_a_policy_is_refused(
    read: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(dbt.DBT_PROJECT, project)
    shutil.copytree(dbt.SEEDS, tmp_path / "catalogue" / "seeds")
    for name, (materialized, query) in REFUSED.items():
        settings = f"{{{{ config(materialized='{materialized}', contract={{'enforced': false}}) }}}}\n"
        (project / "models" / "reports" / f"{name}.sql").write_text(settings + query)
    monkeypatch.setattr(dbt, "DBT_PROJECT", project)
    with pytest.raises(dbt.BuildFailedError) as caught:
        dbt.build(read.url, select=" ".join(REFUSED))
    assert {r.name for r in caught.value.results if r.outcome == "error"} == set(REFUSED)
    with connect("bi_reader", read.url) as connection:
        for name in REFUSED:
            assert connection.execute("select to_regclass(%s)", (f"marts.{name}",)).fetchone() == (None,), name

"""Logins for BI tools, each of which reads the rows of the units that are listed for it and no others.

`ansinh logins add bi_dak_mil 663@base` makes one, `logins list` shows them, `logins remove` takes one away.
What a login may read is held by the row policies of the marts (`dbt_project/macros/access/row_policies.sql`), which
look up `registry.reader_scope` at every query: a change holds from the next one on, without a build. Which policies
ask is settled by the groups of a login, one for each level of units: a login of provinces is not asked for districts.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import Connection, sql

EVERYTHING = "*"
# A query that never ends would hold up the swap of the table that it reads.
STATEMENT_TIMEOUT = "2min"
# A transaction that is left open holds it up as well.
IDLE_TIMEOUT = "1min"
LIMITS = {"statement_timeout": STATEMENT_TIMEOUT, "idle_in_transaction_session_timeout": IDLE_TIMEOUT}
# The groups whose policies ask for units of a level (dbt_project/macros/access/row_policies.sql).
_GROUP_OF_EVERYTHING = "reader_of_everything"
_GROUPS_OF_LEVELS = {
    "province": "reader_of_provinces",
    "district": "reader_of_districts",
    "commune": "reader_of_communes",
}
_RESERVED = frozenset({"ingest", "transform", "publish", "bi_reader"})


class UnknownUnitError(LookupError):
    """A unit that the catalogue does not have: the login would silently read nothing of it."""


class UnknownLoginError(LookupError):
    """There is no such login, or the name belongs to a role of another kind."""


def add_login(connection: Connection, name: str, unit_ids: Sequence[str], password: str) -> None:
    """Makes a login that reads the rows of some units, or sets anew what an existing one reads and its password.

    Args:
        connection: of the database's owner, who may make roles.
        name: of the login, in ASCII.
        unit_ids: provinces, districts or communes (`663@base`), each with everything below it on the last day of
            the period of a row; `*` is everything. A unit that was merged is another unit than its successor: who
            is to read both is given both.
        password: of the login.

    Raises:
        UnknownUnitError: a unit is not in the catalogue.
        UnknownLoginError: the name is a role's that is no such login.
        psycopg.Error: the login behind the connection may not make roles.
    """
    levels: dict[str, str] = dict(
        connection.execute(
            "select unit_id, level from catalogue.admin_unit where unit_id = any(%s)", (list(unit_ids),)
        ).fetchall()
    )
    unknown = sorted(set(unit_ids) - set(levels) - {EVERYTHING})
    if unknown or not unit_ids:
        raise UnknownUnitError(f"No unit of the catalogue: {', '.join(unknown) or '(none given)'}; e.g. 663@base")
    with connection.transaction():
        if _is_role(connection, name):
            _require_login(connection, name)
        else:
            connection.execute(sql.SQL("create role {} in role bi_reader").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("alter role {} login password {}").format(sql.Identifier(name), sql.Literal(password))
        )
        for setting, limit in LIMITS.items():
            connection.execute(
                sql.SQL("alter role {} set {} = {}").format(
                    sql.Identifier(name), sql.Identifier(setting), sql.Literal(limit)
                )
            )
        groups = {_GROUPS_OF_LEVELS[level] for level in levels.values()}
        if EVERYTHING in unit_ids:
            groups.add(_GROUP_OF_EVERYTHING)
        for group in sorted(groups):
            # Never taken out of one: another database of the cluster may have lines of this login that need it.
            connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), sql.Identifier(name)))
        connection.execute("delete from registry.reader_scope where role_name = %s", (name,))
        connection.cursor().executemany(
            "insert into registry.reader_scope (role_name, unit_id) values (%s, %s)",
            [(name, unit_id) for unit_id in sorted(set(unit_ids))],
        )


def remove_login(connection: Connection, name: str) -> None:
    """Deletes a login and what it might read; it reads nothing from that moment on.

    Raises:
        UnknownLoginError: there is no such login.
    """
    with connection.transaction():
        _require_login(connection, name)
        connection.execute("delete from registry.reader_scope where role_name = %s", (name,))
        connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def list_logins(connection: Connection) -> dict[str, list[str]]:
    """Each login of a BI tool, with its units; one without any reads nothing."""
    rows = connection.execute(
        """
        select role.rolname, coalesce(array_agg(scope.unit_id order by scope.unit_id) filter (
            where scope.unit_id is not null
        ), '{}')
        from pg_roles as role
        left join registry.reader_scope as scope on scope.role_name = role.rolname
        where role.rolcanlogin and not role.rolsuper and pg_has_role(role.oid, 'bi_reader', 'member')
            and not pg_has_role(role.oid, 'transform', 'member')
        group by role.rolname
        order by role.rolname
        """
    )
    return {name: list(unit_ids) for name, unit_ids in rows}


def _is_role(connection: Connection, name: str) -> bool:
    return connection.execute("select from pg_roles where rolname = %s", (name,)).fetchone() is not None


def _require_login(connection: Connection, name: str) -> None:
    if name in _RESERVED or name not in list_logins(connection):
        raise UnknownLoginError(f"{name} is no login of a BI tool")

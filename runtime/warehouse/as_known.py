"""The marts as they were known at an instant, in schemas beside the real ones.

`ansinh as-known build 2024-03-01T00:00:00+07:00` builds every fact and report from what had been accepted and not
withdrawn by then, into `marts_at_20240229t170000z`; `list` shows such schemas, `remove` drops them.
The real marts, and what the next build has to do in them, stay untouched. For one fact no build is needed: its history
has `known_from` and `known_to`, and the macro `as_known_at` asks it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from psycopg import sql

from runtime.warehouse import dbt
from runtime.warehouse.connect import connect

_PREFIX = "_at_"
_SCHEMAS = ("warehouse", "marts")


class InvalidInstantError(ValueError):
    """The text is no instant: a date, a time and their distance from UTC."""


def suffix_of(instant: datetime) -> str:
    """What is added to the schemas' names for an instant."""
    return f"{_PREFIX}{instant.astimezone(UTC):%Y%m%dt%H%M%Sz}"


def parse_instant(text: str) -> datetime:
    """Reads an instant in ISO 8601.

    Raises:
        InvalidInstantError: it is none, or does not say its distance from UTC.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise InvalidInstantError(f"{text!r} is no instant; write 2024-03-01T00:00:00+07:00")
    return instant


def build_as_known_at(database_url: str, instant: datetime) -> str:
    """Builds facts and reports as known at an instant, for the same readers; gives the suffix of their schemas.

    Raises:
        runtime.warehouse.dbt.BuildFailedError: a model or test failed.
    """
    suffix = suffix_of(instant)
    dbt.build(database_url, variables={"known_at": instant.isoformat()}, schema_suffix=suffix)
    with connect("transform", database_url) as connection:
        connection.execute(
            sql.SQL("grant usage on schema {} to bi_reader, publish").format(sql.Identifier(f"marts{suffix}"))
        )
    return suffix


def list_suffixes(database_url: str) -> list[str]:
    """The suffixes of what was built as known at an instant, the oldest instant first."""
    with connect("transform", database_url) as connection:
        rows = connection.execute(
            "select substr(nspname, 6) from pg_namespace where starts_with(nspname, 'marts' || %s) order by 1",
            (_PREFIX,),
        )
        return [suffix for (suffix,) in rows]


def remove(database_url: str, suffix: str) -> None:
    """Drops the schemas of an instant.

    Raises:
        LookupError: there are none of that suffix.
    """
    if suffix not in list_suffixes(database_url):
        raise LookupError(f"Nothing was built under {suffix!r}")
    with connect("transform", database_url) as connection:
        for schema in _SCHEMAS:
            connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema + suffix)))
        connection.execute("delete from registry.built_project where schema_suffix = %s", (suffix,))

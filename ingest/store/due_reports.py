"""What is due and what of it came: `registry.calendar` beside `registry.submission`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import LiteralString

from psycopg import Connection

from ingest.core.catalogue import Catalogue
from ingest.core.periods import InvalidPeriodError, parse_period

# Form, unit, period, last day in time.
Due = tuple[str, str, str, date]

# What is due within these days is named before it is late; what is later than a year is a matter of `ansinh status`.
DAYS_AHEAD = 7
DAYS_BACK = 366

# Of several submissions of one scope the accepted one counts, else the newest.
_MISSING: LiteralString = """
select calendar.reporting_unit_id, calendar.form_code, calendar.period, calendar.due_on, latest.state
from registry.calendar
left join lateral (
    select submission.state
    from registry.submission
    where (submission.form_code, submission.reporting_unit_id, submission.period)
        = (calendar.form_code, calendar.reporting_unit_id, calendar.period)
    order by (submission.state = 'accepted') desc, submission.submission_id desc
    limit 1
) as latest on true
where calendar.due_on between %(first)s and %(last)s
    and coalesce(latest.state, 'missing') in ('missing', 'quarantined', 'withdrawn')
order by calendar.reporting_unit_id, calendar.due_on, calendar.form_code, calendar.period
"""
_SUBMITTED: LiteralString = "select distinct reporting_unit_id, form_code, period from registry.submission"
_WRITTEN: LiteralString = "select distinct reporting_unit_id, form_code, period from registry.calendar"


@dataclass(frozen=True, slots=True)
class Missing:
    """A report that is due and not accepted; `state` is that of what came last, None where nothing came."""

    unit_id: str
    form_code: str
    period: str
    due_on: date
    state: str | None


def missing_submissions(connection: Connection, day: date) -> list[Missing]:
    """What is owed on a day: late by up to a year, or due within a week; by unit and due date.

    Args:
        connection: acts as a role that reads the registry.
        day: in the calendar of Viet Nam.
    """
    within = {"first": day - timedelta(days=DAYS_BACK), "last": day + timedelta(days=DAYS_AHEAD)}
    return [Missing(*row) for row in connection.execute(_MISSING, within).fetchall()]


def write_due(connection: Connection, rows: Sequence[Due]) -> int:
    """Writes what is due where it is not written yet; returns the number of rows given."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into registry.calendar (form_code, reporting_unit_id, period, due_on) values (%s, %s, %s, %s)"
            " on conflict do nothing",
            rows,
        )
    return len(rows)


def submitted_scopes(connection: Connection, catalogue: Catalogue) -> set[tuple[str, str, str, date]]:
    """(code of the province on the period's last day, form, period, that day) of each unit, form and period sent."""
    return _scopes(connection, catalogue, _SUBMITTED)


def calendar_scopes(connection: Connection, catalogue: Catalogue) -> set[tuple[str, str, str, date]]:
    """As `submitted_scopes`, of what the calendar holds."""
    return _scopes(connection, catalogue, _WRITTEN)


def _scopes(connection: Connection, catalogue: Catalogue, query: LiteralString) -> set[tuple[str, str, str, date]]:
    found = set()
    for unit_id, form_code, period in connection.execute(query):
        unit = catalogue.units.get(unit_id)
        try:
            last_day = parse_period(period).last_day
        except InvalidPeriodError:
            continue
        province = catalogue.province_of(unit, last_day) if unit is not None else None
        if province is not None and province.is_valid_on(last_day):
            found.add((province.code, form_code, period, last_day))
    return found

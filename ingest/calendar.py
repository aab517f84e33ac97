"""What is due from whom and when, from the forms' own rules."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import Connection

from ingest.catalogue import Catalogue, Unit
from ingest.forms.schema import Form
from ingest.periods import Period, parse_period


class UnknownProvinceError(LookupError):
    """There is no province of that code in that period."""


def reporting_units(catalogue: Catalogue, form: Form, period: Period, province_code: str) -> list[Unit]:
    """The units of a province that owe a form for a period: those in force on its last day, by code.

    Raises:
        UnknownProvinceError: the province did not exist on that day.
    """
    day = period.last_day
    province = catalogue.unit_by_code(province_code, day)
    if province is None or province.level != "province":
        raise UnknownProvinceError(f"There is no province {province_code} on {day}")
    level = form.reporter_on(day)
    if level == "province":
        return [province]
    below = catalogue.children_of(province, day)
    if level == "commune":
        # Communes lie directly below the province since 1 July 2025, below a district before.
        below += [commune for unit in below for commune in catalogue.children_of(unit, day)]
    return sorted((unit for unit in below if unit.level == level), key=lambda unit: unit.code)


def write_calendar(
    connection: Connection,
    catalogue: Catalogue,
    forms: Mapping[str, Form],
    *,
    period: str,
    province_code: str,
) -> int:
    """Writes what is due for a period where it is not written yet; returns how many rows it has.

    A due date that was written is kept: a form's rule may change later, a deadline of the past not.

    Raises:
        ingest.periods.InvalidPeriodError: the period is none.
        UnknownProvinceError: the province did not exist then.
    """
    asked = parse_period(period)
    due = [
        (form.code, unit.unit_id, asked.code, due_on)
        for form in forms.values()
        if asked.kind in form.head.frequency and (due_on := form.due_on(asked)) is not None
        for unit in reporting_units(catalogue, form, asked, province_code)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into registry.calendar (form_code, reporting_unit_id, period, due_on) values (%s, %s, %s, %s)"
            " on conflict do nothing",
            due,
        )
    return len(due)

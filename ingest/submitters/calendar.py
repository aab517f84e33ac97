"""What is due from whom and when, from the forms' own rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeVar

from psycopg import Connection

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import Period, last_ended, parse_period
from ingest.forms import load_forms
from ingest.forms.schema import Form
from ingest.store.due_reports import Due, calendar_scopes, submitted_scopes, write_due


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
        ingest.core.periods.InvalidPeriodError: the period is none.
        UnknownProvinceError: the province did not exist then.
    """
    asked = parse_period(period)
    return write_due(
        connection, [row for form in forms.values() for row in _due(catalogue, form, asked, province_code)]
    )


def complete_calendar(connection: Connection, catalogue: Catalogue) -> int:
    """Writes what is due of the forms that a province uses, for the periods of which one of its units has spoken.

    So that what is missing shows as soon as the first unit has reported, whoever asks for it. A form is due from
    the first period for which a unit of the province sent it; one that nobody ever sent is not in use. Returns
    how many rows were written.
    """
    spoken = submitted_scopes(connection, catalogue)
    written = {(province, form, period) for province, form, period, _ in calendar_scopes(connection, catalogue)}
    first_use = _earliest(((province, form_code), last_day) for province, form_code, _, last_day in spoken)
    wanted = sorted(
        (province, form_code, period)
        for province, period, last_day in {(province, period, last_day) for province, _, period, last_day in spoken}
        for (user, form_code), first_day in first_use.items()
        if user == province and first_day <= last_day and (province, form_code, period) not in written
    )
    forms = load_forms() if wanted else {}
    rows = [
        row
        for province, form_code, period in wanted
        if form_code in forms
        for row in _due(catalogue, forms[form_code], parse_period(period), province)
    ]
    return write_due(connection, rows)


def expect_last_periods(connection: Connection, catalogue: Catalogue, forms: Mapping[str, Form], day: date) -> int:
    """Writes what is due of the forms in use for the last period of each kind that ended before a day.

    So that what is missing shows while nobody has reported yet. A form is in use by the kinds of period for which a
    unit of the province has sent it. Of a province that was merged since nothing is due. Returns how many rows were
    written or there already.
    """
    first_use = _earliest(
        ((province, form_code, parse_period(code).kind), last_day)
        for province, form_code, code, last_day in submitted_scopes(connection, catalogue)
    )
    rows: list[Due] = []
    for (province, form_code, kind), first_day in sorted(first_use.items()):
        if kind == "span" or form_code not in forms:
            continue
        period = last_ended(kind, day)
        is_there = catalogue.unit_by_code(province, period.last_day) is not None
        if is_there and first_day <= period.last_day:
            rows += _due(catalogue, forms[form_code], period, province)
    return write_due(connection, rows)


_Use = TypeVar("_Use")


def _earliest(used: Iterable[tuple[_Use, date]]) -> dict[_Use, date]:
    """The first day of each use."""
    first: dict[_Use, date] = {}
    for use, day in used:
        first[use] = min(day, first.get(use, day))
    return first


def _due(catalogue: Catalogue, form: Form, period: Period, province_code: str) -> list[Due]:
    """Form, unit, period, last day in time; nothing where the form is not asked for a period of that kind."""
    due_on = form.due_on(period) if period.kind in form.head.frequency else None
    if due_on is None:
        return []
    units = reporting_units(catalogue, form, period, province_code)
    return [(form.code, unit.unit_id, period.code, due_on) for unit in units]

"""Who has submitted what, and what became of it."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from ingest.core.catalogue import Catalogue
from ingest.core.periods import parse_period
from ingest.forms import load_forms
from runtime.settings import OFFICE_TIMEZONE

STATUS_COLUMNS = (
    "period",
    "unit_code",
    "unit_name",
    "form_code",
    "status",
    "state",
    "due_on",
    "received_on",
    "errors",
    "warnings",
    "source_path",
    "submission_id",
    "agency_code",
)

# What was due and never came stands beside what came, and files that hold nothing usable after both.
_QUERY = """
with counts as (
    select
        sha256, submission_id, source_path,
        count(*) filter (where severity = 'error') as errors,
        count(*) filter (where severity = 'warning') as warnings
    from registry.check_result
    where outcome = 'fail'
    group by sha256, submission_id, source_path
),

first_delivery as (
    select distinct on (sha256) sha256, source_path, delivered_at
    from registry.delivery
    order by sha256, delivery_id
),

stated as (
    select
        coalesce(submission.period, calendar.period) as period,
        coalesce(submission.reporting_unit_id, calendar.reporting_unit_id) as unit_id,
        coalesce(submission.form_code, calendar.form_code) as form_code,
        submission.status,
        coalesce(submission.state, 'missing') as state,
        calendar.due_on,
        (first_delivery.delivered_at at time zone %(office_timezone)s)::date as received_on,
        coalesce(counts.errors, 0) as errors,
        coalesce(counts.warnings, 0) as warnings,
        first_delivery.source_path,
        submission.submission_id
    from registry.submission
    full join registry.calendar
        on (calendar.form_code, calendar.reporting_unit_id, calendar.period)
            = (submission.form_code, submission.reporting_unit_id, submission.period)
    left join first_delivery on first_delivery.sha256 = submission.sha256
    left join counts on counts.submission_id = submission.submission_id
),

unusable as (
    select
        null as period, null as unit_id, null as form_code, null as status, 'unusable' as state, null::date as due_on,
        (first_delivery.delivered_at at time zone %(office_timezone)s)::date as received_on,
        counts.errors, counts.warnings,
        coalesce(first_delivery.source_path, counts.source_path) as source_path,
        null::bigint as submission_id
    from counts
    left join first_delivery on first_delivery.sha256 = counts.sha256
    where counts.submission_id is null
        and not exists (select from registry.submission where submission.sha256 = counts.sha256)
)

select * from stated where %(period)s::text is null or period = %(period)s
union all
select * from unusable where %(period)s::text is null
order by period nulls last, unit_id, form_code, submission_id
"""


def status_rows(connection: Connection, catalogue: Catalogue, period: str | None) -> list[dict[str, Any]]:
    """A row per submission, per form that is due and missing, and per unusable file.

    Args:
        connection: acts as a role that reads the registry.
        catalogue: gives the units' names, and the departments that answer for the forms.
        period: only this one; None is all.
    """
    rows, forms = [], load_forms()
    for found in connection.execute(_QUERY, {"period": period, "office_timezone": OFFICE_TIMEZONE.key}).fetchall():
        period_code, unit_id, form_code, *rest = found
        unit, form = catalogue.units.get(unit_id), forms.get(form_code)
        agency = catalogue.agency_of(form.head.domain, parse_period(period_code).last_day) if form else None
        named = (
            period_code,
            unit.code if unit else unit_id,
            unit.name if unit else "",
            form_code,
            *rest,
            agency.code if agency else None,
        )
        rows.append(dict(zip(STATUS_COLUMNS, named, strict=True)))
    return rows

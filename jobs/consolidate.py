"""From marts to a frozen edition: the tasks of the DAGs `consolidate_quarter` and `consolidate_year`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jobs.connection import connected
from jobs.days import day_of
from runtime.settings import load_settings


def choose_period(kind: str, given: str | None, run_at: datetime) -> str:
    """The period to consolidate: the given one, else the last of its kind that ended before the run's time.

    Raises:
        ingest.core.periods.InvalidPeriodError: what was given is no period of that kind.
    """
    from ingest.core.periods import InvalidPeriodError, last_ended, parse_period

    if given is None:
        return last_ended(kind, day_of(run_at)).code
    period = parse_period(given)
    if period.kind != kind:
        raise InvalidPeriodError(f"{given} is a {period.kind}, not a {kind}")
    return period.code


def expect_submissions(period: str, province_code: str) -> int:
    """Writes down what is due from whom for a period; returns how many submissions are expected."""
    from ingest.core.catalogue import load_catalogue
    from ingest.forms import load_forms
    from ingest.submitters.calendar import write_calendar

    with connected("ingest") as connection, connection.transaction():
        return write_calendar(connection, load_catalogue(), load_forms(), period=period, province_code=province_code)


def publish_edition(report_code: str, period: str, province_code: str, approved_by: str) -> dict[str, Any]:
    """Freezes and writes the consolidated report; the newest edition itself when nothing changed."""
    from publish import edition
    from runtime.warehouse.connect import warehouse_url

    settings = load_settings()
    published = edition.publish_edition(
        settings,
        warehouse_url(settings),
        report_code=report_code,
        province_code=province_code,
        period=period,
        approved_by=approved_by,
        out_dir=settings.reports,
    )
    return {"edition_number": published.edition_number, "files": [str(path) for path in published.files]}

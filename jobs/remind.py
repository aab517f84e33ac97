"""Who owes a report: the tasks of the DAG `remind_missing`."""

from __future__ import annotations

from datetime import date, datetime

from jobs.connection import connected
from jobs.days import day_of
from runtime.settings import load_settings


def choose_day(given: str | None, run_at: datetime) -> str:
    """The day of a run in Viet Nam, as YYYY-MM-DD: the given one, else that of the run's time.

    Raises:
        ValueError: what was given is no day.
    """
    return (date.fromisoformat(given) if given else day_of(run_at)).isoformat()


def expect_last_periods(day: str) -> int:
    """Writes down what is due for the periods that ended last before a day; returns how many submissions."""
    from ingest.core.catalogue import load_catalogue
    from ingest.forms import load_forms
    from ingest.submitters.calendar import expect_last_periods

    with connected("ingest") as connection, connection.transaction():
        return expect_last_periods(connection, load_catalogue(), load_forms(), date.fromisoformat(day))


def write_reminders(day: str) -> dict[str, int]:
    """Writes who owes what on a day to `<outbox>/reminders`; returns how many reports and units."""
    from ingest.core.catalogue import load_catalogue
    from ingest.forms import load_forms
    from ingest.store.due_reports import missing_submissions
    from ingest.submitters.reminders import write_reminders

    as_of = date.fromisoformat(day)
    with connected("ingest") as connection:
        missing = missing_submissions(connection, as_of)
    write_reminders(load_settings().reminders, missing, load_catalogue(), load_forms(), as_of)
    return {"reports": len(missing), "units": len({owed.unit_id for owed in missing})}

"""The work of the DAGs' tasks and of the command line: settings and connections in, plain values out.

Each function opens what it needs and closes it again. Everything heavier than the standard
library is imported where it is used, so that a DAG file that names these functions stays light.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from runtime.settings import load_settings

if TYPE_CHECKING:
    from psycopg import Connection

    from runtime.warehouse.connect import Role


@contextmanager
def connected(role: Role | None) -> Iterator[Connection]:
    """A connection under a role, outside any transaction; closed at the end."""
    from runtime.warehouse.connect import connect

    connection = connect(role)
    try:
        connection.autocommit = True
        yield connection
    finally:
        connection.close()


def register_deliveries() -> list[list[str]]:
    """Registers what arrived in the inbox; returns the batches (SHA-256 each) that wait to be read."""
    from jobs import pipeline

    settings = load_settings()
    with connected("ingest") as connection:
        pipeline.register_inbox(connection, settings, settings.inbox)
        return pipeline.plan_batches(connection)


def load_batch(digests: Sequence[str], batch_name: str) -> dict[str, Any]:
    """Reads, checks and loads one batch; returns counts."""
    from jobs import pipeline

    with connected("ingest") as connection:
        outcome = pipeline.process_batch(connection, load_settings(), digests, batch_name=batch_name)
    return outcome.as_dict()


def has_unbuilt_changes() -> bool:
    """Whether what counts has changed since the last successful build."""
    from ingest.store import registry

    with connected("ingest") as connection:
        return registry.has_unbuilt_changes(connection)


def build_models(select: str | None = None) -> dict[str, int]:
    """Copies the catalogue's large tables where they changed, writes down what is due and builds the dbt project.

    Returns counts by outcome.

    Raises:
        runtime.warehouse.dbt.BuildFailedError: a model or test failed; the message names each.
    """
    from collections import Counter

    from ingest.core.catalogue import load_catalogue
    from ingest.store import registry
    from ingest.store.catalogue_load import load_catalogue_tables
    from ingest.submitters.calendar import complete_calendar
    from runtime.warehouse import dbt
    from runtime.warehouse.connect import warehouse_url

    with connected("ingest") as connection:
        load_catalogue_tables(connection)
        with connection.transaction():
            complete_calendar(connection, load_catalogue())
    with connected("transform") as connection:
        with connection.transaction():
            build_id = registry.begin_build(connection)
        is_success = False
        try:
            results = dbt.build(warehouse_url(), select=select)
            # Only a build of everything has dealt with all that changed.
            is_success = select is None
        finally:
            with connection.transaction():
                registry.end_build(connection, build_id, is_success=is_success)
    return dict(Counter(result.outcome for result in results))


def choose_period(kind: str, given: str | None, run_at: datetime) -> str:
    """The period to consolidate: the given one, else the last of its kind that ended before the run's time.

    Raises:
        ingest.core.periods.InvalidPeriodError: what was given is no period of that kind.
    """
    from ingest.core.periods import InvalidPeriodError, last_ended, parse_period

    if given is None:
        return last_ended(kind, _day_of(run_at)).code
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


def choose_day(given: str | None, run_at: datetime) -> str:
    """The day of a run in Viet Nam, as YYYY-MM-DD: the given one, else that of the run's time.

    Raises:
        ValueError: what was given is no day.
    """
    return (date.fromisoformat(given) if given else _day_of(run_at)).isoformat()


def _day_of(run_at: datetime) -> date:
    from zoneinfo import ZoneInfo

    return run_at.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()


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
    from ingest.submitters.reminders import missing_submissions, write_reminders

    as_of = date.fromisoformat(day)
    with connected("ingest") as connection:
        missing = missing_submissions(connection, as_of)
    write_reminders(load_settings().outbox / "reminders", missing, load_catalogue(), load_forms(), as_of)
    return {"reports": len(missing), "units": len({owed.unit_id for owed in missing})}


def check_archive() -> dict[str, int]:
    """Compares every registered file with the archive; returns how many are missing.

    A file may be missing by the department's own retention rule; its name stands in the log.

    Raises:
        ingest.store.archive.ArchiveDamagedError: bytes have changed.
    """
    import logging

    from ingest.store.archive import ArchiveDamagedError, find_damage

    archive = load_settings().archive
    with connected("ingest") as connection:
        damage = list(find_damage(connection, archive))
    for file in damage:
        logging.getLogger(__name__).warning("%s is %s", archive / file.path, file.how)
    changed = [file.sha256 for file in damage if file.how == "changed"]
    if changed:
        raise ArchiveDamagedError(f"{len(changed)} files of the archive have changed: {', '.join(changed[:10])}")
    return {"missing": len(damage)}


def remove_old_docs(day: str) -> int:
    """Removes the Data Docs of batches of more than a year before a day; returns how many."""
    from ingest.store.archive import remove_old_docs

    return remove_old_docs(load_settings().docs / "great_expectations", date.fromisoformat(day))


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
        out_dir=settings.outbox / "reports",
    )
    return {"edition_number": published.edition_number, "files": [str(path) for path in published.files]}

"""Publishes the province's annual report as a frozen edition."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag
from wiring import DEFAULT_ARGS, TIMEZONE, consolidate, consolidation_params

DOC = """
### Consolidate year

Writes down what was due from whom, waits for a person's approval unless `auto_approve` is set, and publishes
the annual report of a province as workbook and document in `outbox/reports`, frozen as an edition.

* **Time:** the period. By itself on 20 January for the year before; by hand for any year (`period`, `province`).
* **Safe to run again:** yes. Unchanged figures give the edition that is there; changed ones a new one.
* **When `publish_edition` fails:** nothing of that edition was published. Mend, then clear the task.
"""


@dag(
    # Otherwise the first thing it does is to make up for the last date before it was let run.
    schedule=CronTriggerTimetable("0 6 20 1 *", timezone=TIMEZONE, run_immediately=timedelta(hours=1)),
    catchup=False,
    # One that waits for approval keeps no other waiting; two of the same report take turns in the database.
    max_active_runs=16,
    params=consolidation_params(r"^\d{4}$", "2023"),
    default_args=DEFAULT_ARGS,
    tags=["tier:2", "layer:publication"],
    doc_md=DOC,
)
def consolidate_year() -> None:
    """Marts to the annual report."""
    consolidate("provincial_year", "year")


consolidate_year()

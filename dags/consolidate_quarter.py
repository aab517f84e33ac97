"""Publishes the province's quarterly report as a frozen edition."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag
from wiring import DEFAULT_ARGS, TIMEZONE, consolidate, consolidation_params

DOC = """
### Consolidate quarter

Writes down what was due from whom, waits for a person's approval unless `auto_approve` is set, and publishes
the quarterly report of a province as workbook and document in `outbox/reports`, frozen as an edition.

* **Time:** the period. By itself on the 20th after each quarter for the quarter before; by hand for any
  (`period`, `province`).
* **Safe to run again:** yes. Unchanged figures give the edition that is there; changed ones a new one.
* **When `publish_edition` fails:** nothing of that edition was published. Mend, then clear the task.
"""


@dag(
    # Otherwise the first thing it does is to make up for the last date before it was let run.
    schedule=CronTriggerTimetable("0 6 20 1,4,7,10 *", timezone=TIMEZONE, run_immediately=timedelta(hours=1)),
    catchup=False,
    # One that waits for approval keeps no other waiting; two of the same report take turns in the database.
    max_active_runs=16,
    params=consolidation_params(r"^\d{4}-Q[1-4]$", "2023-Q3"),
    default_args=DEFAULT_ARGS,
    tags=["tier:2", "layer:publication"],
    doc_md=DOC,
)
def consolidate_quarter() -> None:
    """Marts to the quarterly report."""
    consolidate("provincial_quarter", "quarter")


consolidate_quarter()

"""Publishes the province's quarterly report as a frozen edition."""

from __future__ import annotations

import pendulum
from airflow.sdk import dag
from wiring import DEFAULT_ARGS, TIMEZONE, consolidate, consolidation_params

DOC = """
### Consolidate quarter

Writes down what was due from whom, waits for a person's approval unless `auto_approve` is set, and publishes
the quarterly report of a province as workbook and document in `outbox/reports`, frozen as an edition.

* **Time:** the period. By itself on the 20th after each quarter for the quarter before; by hand for any (`period`, `province`).
* **Safe to run again:** yes. Unchanged figures give the edition that is there; changed ones a new one.
* **When `publish_edition` fails:** nothing of that edition was published. Mend, then clear the task.
"""


@dag(
    schedule="0 6 20 1,4,7,10 *",
    start_date=pendulum.datetime(2026, 1, 1, tz=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    params=consolidation_params(r"^\d{4}-Q[1-4]$", "2023-Q3"),
    default_args=DEFAULT_ARGS,
    tags=["tier:2", "layer:publication"],
    doc_md=DOC,
)
def consolidate_quarter():
    """Marts to the quarterly report."""
    consolidate("provincial_quarter", "quarter")


consolidate_quarter()

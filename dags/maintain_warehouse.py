"""Looks after what the warehouse rests on."""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task
from wiring import DEFAULT_ARGS, TIMEZONE

DOC = """
### Maintain warehouse

Reads every file of the archive and compares it with the SHA-256 under which it came, so that every figure can still
be traced; removes the Data Docs of batches of more than a year ago.

* **Time:** now. On Sundays at 3:00 by itself, or by hand.
* **Safe to run again:** yes.
* **When `check_archive` fails:** a file's bytes have changed; the error names its SHA-256. Restore it from the backup.
  Files that are missing do not fail it (a retention rule may have removed them); the log names them.
"""


@dag(
    schedule=CronTriggerTimetable("0 3 * * 0", timezone=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["tier:3", "layer:registry"],
    doc_md=DOC,
)
def maintain_warehouse() -> None:
    """The archive and generated pages."""

    @task
    def check_archive() -> dict[str, int]:
        from jobs import maintain

        return maintain.check_archive()

    @task
    def remove_old_docs() -> int:
        from jobs import maintain, remind

        run: Any = get_current_context()["dag_run"]
        return maintain.remove_old_docs(remind.choose_day(None, run.run_after))

    check_archive()
    remove_old_docs()


maintain_warehouse()

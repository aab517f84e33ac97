"""Takes in what districts and communes have put into the inbox."""

from __future__ import annotations

from typing import Any

import pendulum
from airflow.exceptions import AirflowSkipException
from airflow.sdk import dag, get_current_context, task
from wiring import DEFAULT_ARGS, OBSERVATIONS, TIMEZONE

from runtime.settings import load_settings

DOC = """
### Ingest submissions

Registers every file that arrived in the inbox (`ANSINH_INBOX`), reads and checks it, and loads each
submission in a transaction of its own. Files that cannot be used are quarantined; the answer to the
submitter lies in `outbox/feedback`.

* **Time:** now. It takes whatever is there; the period of a figure comes from the submission.
* **Safe to run again:** yes. The same bytes change nothing; a run that was cut off is completed by the next.
* **When `load_batch` fails:** read its log; no file makes it fail (what ends its reader is set aside, finding
  `FILE-007`), so it is the database, the disk or a setting. What waits is tried again by the next run.
* **When `report_failures` fails:** it names what did not go through; everything else did.
* **After it:** `build_marts`, by the asset, and only when something that counts has changed.
"""


@dag(
    # Set but empty: only by hand.
    schedule=load_settings().ingest_schedule or None,
    start_date=pendulum.datetime(2026, 1, 1, tz=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["tier:1", "layer:staging"],
    doc_md=DOC,
)
def ingest_submissions() -> None:
    """Inbox to staging."""

    @task
    def register_deliveries() -> list[list[str]]:
        from jobs import ingest

        registered = ingest.register_deliveries()
        get_current_context()["ti"].xcom_push("faults", registered["faults"])
        return registered["batches"]

    @task(max_active_tis_per_dag=4)
    def load_batch(batch: list[str]) -> dict[str, Any]:
        from jobs import ingest

        instance = get_current_context()["ti"]
        return ingest.load_batch(batch, f"{instance.run_id}_{instance.map_index}")

    # Runs after whatever went through, also when nothing arrived: an earlier change may wait for a build that failed.
    @task(outlets=[OBSERVATIONS], trigger_rule="all_done")
    def announce_changes() -> None:
        from jobs import ingest

        if not ingest.has_unbuilt_changes():
            raise AirflowSkipException("Nothing that counts has changed since the last build")

    # The run is as good as its last tasks: this one fails where anything before it did.
    @task(trigger_rule="all_done", retries=1)
    def report_failures(batches: Any, outcomes: Any) -> None:
        from jobs import ingest

        faults = get_current_context()["ti"].xcom_pull(task_ids="register_deliveries", key="faults")
        ingest.report_failures(batches, list(faults or ()), list(outcomes or ()))

    batches: Any = register_deliveries()
    outcomes: Any = load_batch.expand(batch=batches)
    outcomes >> announce_changes()
    report_failures(batches, outcomes)


ingest_submissions()

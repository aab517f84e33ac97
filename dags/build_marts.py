"""Builds the warehouse when something that counts has changed."""

from __future__ import annotations

import pendulum
from airflow.sdk import dag, task
from wiring import DEFAULT_ARGS, MARTS, OBSERVATIONS, TIMEZONE

DOC = """
### Build marts

`dbt build` of the whole project: seeds, models, tests. The task's log names each model with its outcome
and seconds; the same stands in `registry.build_result` for every build there ever was.

* **Time:** whenever `ingest_submissions` has changed what counts, or by hand.
* **Safe to run again:** yes; tables are swapped in whole, readers see the old one until then.
* **When `build_models` fails:** the error names the models and tests. Mend, then clear the task. What it has
  not built is remembered, and the next ingestion asks for it again.
"""


@dag(
    schedule=[OBSERVATIONS],
    start_date=pendulum.datetime(2026, 1, 1, tz=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["tier:1", "layer:marts"],
    doc_md=DOC,
)
def build_marts() -> None:
    """Staging to marts."""

    @task(outlets=[MARTS])
    def build_models() -> dict[str, int]:
        from jobs import build

        return build.build_models()

    build_models()


build_marts()

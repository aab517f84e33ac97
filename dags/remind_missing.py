"""Reminds the units that owe a report."""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, get_current_context, task
from wiring import DEFAULT_ARGS, TIMEZONE

DOC = """
### Remind missing

Writes down what is due for the periods that ended last, and for each unit that owes a report a workbook in
`outbox/reminders`: what is missing or was refused, since when, and what to do. `tong-hop.xlsx` holds all of them.

* **Time:** the day. Every morning by itself; by hand for any (`day`).
* **Safe to run again:** yes. Reminders are replaced; that of a unit which owes nothing any more goes.
* **When `write_reminders` fails:** the folder cannot be written. Mend, then clear the task.
"""


@dag(
    schedule=CronTriggerTimetable("30 6 * * *", timezone=TIMEZONE),
    catchup=False,
    max_active_runs=1,
    params={
        "day": Param(None, type=["null", "string"], format="date", description="As of this day; empty: the run's"),
    },
    default_args=DEFAULT_ARGS,
    tags=["tier:3", "layer:registry"],
    doc_md=DOC,
)
def remind_missing() -> None:
    """The calendar to reminders."""

    @task
    def choose_day() -> str:
        from jobs import remind

        context = get_current_context()
        return remind.choose_day(context["params"]["day"], context["dag_run"].run_after)

    @task
    def list_expected(day: str) -> int:
        from jobs import remind

        return remind.expect_last_periods(day)

    @task
    def write_reminders(day: str) -> dict[str, int]:
        from jobs import remind

        return remind.write_reminders(day)

    day: Any = choose_day()
    list_expected(day) >> write_reminders(day)


remind_missing()

"""Takes long."""

from __future__ import annotations

import time

from airflow.sdk import dag, task


@dag(schedule=None)
def wait():
    """One task that nobody waits for to the end."""

    @task
    def sleep() -> None:
        time.sleep(600)

    sleep()


wait()
